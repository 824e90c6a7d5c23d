//! Recorded answers of the four platforms, the rude ones too, and a shop that shifts while it is
//! read.

use super::*;
use crate::bill::{Fact, FileKind, FileProblem, Row};
use crate::error::{Act, Moved};
use crate::http::HttpAnswer;
use archive::{FORMAT, Head, Kept, VERSION};
use domain::OrderStatus;
use secrets::Secret;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

const VENDURE: &[u8] = include_bytes!("../../fixtures/shops/vendure_orders.json");
const MEDUSA: &[u8] = include_bytes!("../../fixtures/shops/medusa_orders.json");
const WOO: &[u8] = include_bytes!("../../fixtures/shops/woocommerce_orders.json");
const WOO_REFUNDS: &[u8] = include_bytes!("../../fixtures/shops/woocommerce_refunds.json");
const SHOPIFY: &[u8] = include_bytes!("../../fixtures/shops/shopify_orders.json");

fn answer(status: u16, body: &[u8]) -> HttpAnswer {
    HttpAnswer { status, headers: Vec::new(), body: body.to_vec() }
}

fn setup(platform: Platform) -> Setup {
    let names = ["api_key", "consumer_key", "consumer_secret", "access_token"];
    let keys = names.map(|name| (name.to_owned(), Secret::from("CANARY")));
    Setup::new(platform, "https://shop.example", &BTreeMap::from(keys)).expect("a set-up")
}

fn list(platform: Platform, answer: &HttpAnswer) -> Result<Page, CallError> {
    let window = Window::default();
    match platform {
        Platform::Vendure => vendure::read_list(answer, &window),
        Platform::Medusa => medusa::read_list(answer, &window),
        Platform::WooCommerce => woocommerce::read_list(answer, &window),
        Platform::Shopify => shopify::read_list(answer, &window),
    }
}

fn recorded(platform: Platform) -> &'static [u8] {
    match platform {
        Platform::Vendure => VENDURE,
        Platform::Medusa => MEDUSA,
        Platform::WooCommerce => WOO,
        Platform::Shopify => SHOPIFY,
    }
}

fn orders(platform: Platform) -> Vec<Found> {
    list(platform, &answer(200, recorded(platform))).expect("a page").orders
}

fn refunds_of(platform: Platform, order: &str) -> &'static str {
    let apart = platform == Platform::WooCommerce && woocommerce::has_refunds(order);
    let text = std::str::from_utf8(WOO_REFUNDS).expect("text");
    if apart { text.trim() } else { "" }
}

fn sales(platform: Platform, terms: &Terms) -> Vec<Sale> {
    let read = |order: &Found| {
        let refunds = refunds_of(platform, &order.json);
        platform.read_order(terms, &order.json, refunds).expect("an order")
    };
    orders(platform).iter().map(read).collect()
}

fn rows(sale: &Sale, terms: &Terms) -> (Vec<domain::Order>, Vec<domain::ShopRefund>) {
    let (mut orders, mut refunds) = (Vec::new(), Vec::new());
    for fact in facts_of("shop.example", terms, sale) {
        match fact {
            Fact::Order(order) => orders.push(order),
            Fact::Refund(refund) => refunds.push(refund),
            other => panic!("{other:?}"),
        }
    }
    (orders, refunds)
}

#[test]
fn a_vendure_order_that_was_modified_and_refunded_is_read_by_its_payments() {
    let terms = Terms { decimals: Some(2), ..Terms::default() };
    let sales = sales(Platform::Vendure, &terms);
    // Its total has sunk to 0; 30.00 was taken, and 5.25 + 2.00 + 12.50 given back.
    assert_eq!((sales[0].total.minor, sales[0].captured_minor()), (0, 3000));
    assert_eq!(sales[0].refunded_minor(), 525 + 200 + 1250);
    let words: Vec<&str> =
        sales[0].payments[0].refunds.iter().map(|refund| refund.word.as_str()).collect();
    assert_eq!(words, ["Settled", "Failed", "Settled", "Settled"], "oldest first");
    let (orders, refunds) = rows(&sales[0], &terms);
    assert_eq!((orders[0].amount_minor, orders[0].status), (3000, OrderStatus::Paid));
    assert_eq!(orders[0].merchant_order_id, sales[0].number);
    assert_eq!(refunds.len(), 4);
    assert!(refunds[0].extra.contains(&("reason".to_owned(), "broken".to_owned())));
    assert!(!sales[1].is_open(), "delivered, and its money settled");
    assert_eq!(sales[1].fulfilments[0].way, "SF SF1");
    let taken = sales[0].payments[0].captured_at_ms().expect("from the history");
    assert!(taken > sales[0].placed_at_ms - 1_000);
}

#[test]
fn a_vendure_refund_below_zero_or_of_half_a_cent_is_shown_and_not_booked() {
    let terms = Terms { decimals: Some(2), ..Terms::default() };
    let order = &orders(Platform::Vendure)[0].json;
    for (from, to, code) in [
        ("\"total\": 525", "\"total\": -5", "negative_amount"),
        ("\"total\": 525", "\"total\": 1.5", "bad_amount"),
        ("\"currencyCode\": \"CNY\"", "\"currencyCode\": \"YUAN\"", "bad_currency"),
        ("\"state\": \"Settled\"", "\"state\": 7", "bad_row"),
    ] {
        assert!(order.contains(from), "{from}");
        let changed = order.replace(from, to);
        let read = Platform::Vendure.read_order(&terms, &changed, "");
        assert_eq!(read.expect_err(to).code, code);
    }
    // A state of the shop's own is neither taken nor refused.
    let own = order.replace("\"state\": \"Settled\"", "\"state\": \"OnReview\"");
    let sale = Platform::Vendure.read_order(&terms, &own, "").expect("an order");
    assert_eq!(sale.payments[0].state, MoneyState::Unknown);
    assert_eq!((sale.captured_minor(), sale.refunded_minor()), (0, 0));
    let (rows, _) = rows(&sale, &terms);
    assert_eq!(rows[0].status, OrderStatus::Unknown);
}

#[test]
fn medusas_amounts_keep_their_exact_text_and_a_cancelled_order_its_refund() {
    let terms = Terms::default();
    let sales = sales(Platform::Medusa, &terms);
    assert_eq!((sales[0].captured_minor(), sales[0].refunded_minor()), (2475, 525));
    let (orders, refunds) = rows(&sales[0], &terms);
    assert_eq!((orders[0].amount_minor, orders[0].status), (2475, OrderStatus::Paid));
    assert!(orders[0].extra.contains(&("captured_exact".to_owned(), "14.752".to_owned())));
    assert_eq!(refunds[0].merchant_refund_id, "1-Rref_01M7XXFCHM");
    assert!(sales[0].is_open(), "one of two is still to come");
    // Dinars have three places; the automatic refund of a cancelled order is the whole of it.
    assert_eq!(sales[1].captured_minor(), 61505);
    let (orders, _) = rows(&sales[1], &terms);
    assert_eq!((orders[0].status, orders[0].amount_minor), (OrderStatus::Refunded, 61505));
    assert_eq!(orders[0].channel, Some(Channel::Stripe));
    let by_payment = Terms { numbers: Numbers::Payment, ..Terms::default() };
    let (orders, refunds) = rows(&sales[1], &by_payment);
    assert_eq!(orders[0].merchant_order_id, "pi_3QX");
    assert_eq!(refunds[0].merchant_order_id, "pi_3QX");
}

#[test]
fn a_woocommerce_order_is_paid_from_its_paid_date_and_asked_for_its_refunds() {
    let terms = Terms::default();
    let sales = sales(Platform::WooCommerce, &terms);
    assert_eq!((sales[0].captured_minor(), sales[0].refunded_minor()), (12850, 2000));
    let (orders, refunds) = rows(&sales[0], &terms);
    assert_eq!(orders[0].merchant_order_id, "WC-727");
    assert_eq!(orders[0].channel, Some(Channel::WechatPay));
    assert_eq!((refunds[0].amount_minor, refunds[0].status_text.as_str()), (2000, "refunded"));
    let (orders, _) = rows(&sales[1], &terms);
    assert_eq!((orders[0].status, orders[0].amount_minor), (OrderStatus::Unpaid, 4200));
    let mut counted = answer(200, WOO);
    counted.headers.push(("x-wp-total".into(), "3".into()));
    let page = list(Platform::WooCommerce, &counted).expect("a page");
    assert!(page.hidden && !page.more, "an order the key may not read is no reason to go on");
}

#[test]
fn shopifys_transactions_say_what_moved_and_a_refund_without_one_moved_nothing() {
    let terms = Terms::default();
    let found = &sales(Platform::Shopify, &terms)[0];
    assert_eq!((found.captured_minor(), found.refunded_minor()), (10_000, 2_000));
    assert_eq!((found.payments.len(), found.payments[0].captures.len()), (1, 1));
    assert_eq!(found.payments[0].refunds[0].reason, "damaged");
    let terms = Terms { presentment: true, ..Terms::default() };
    let paid = &sales(Platform::Shopify, &terms)[0];
    assert_eq!((paid.currency.code(), paid.captured_minor()), ("CNY", 71_230));
    let page = list(Platform::Shopify, &answer(200, SHOPIFY)).expect("a page");
    assert_eq!((page.more, page.after.as_deref()), (true, Some("eyJsYXN0")));
}

#[test]
fn an_order_whose_lists_came_cut_is_asked_for_with_more_room_or_set_aside() {
    use serde_json::{Value, json};
    let terms = Terms::default();
    let order: Value = serde_json::from_str(&orders(Platform::Shopify)[0].json).expect("JSON");
    let read = |order: &Value| Platform::Shopify.read_order(&terms, &order.to_string(), "");
    assert!(!shopify::is_cut(&order.to_string()) && read(&order).is_ok());
    let parcel = json!({"id": "gid://shopify/Fulfillment/1"});
    let refund = json!({"id": "gid://shopify/Refund/1"});
    let more = json!({"hasNextPage": true});
    let mut moves = refund.clone();
    moves["transactions"] = json!({"nodes": [], "pageInfo": more});
    let spoilt = [
        ("transactions", "transactions", vec![order["transactions"][0].clone(); 50].into()),
        ("refunds", "refunds", vec![refund; 50].into()),
        ("refunds", "refunds.transactions", json!([moves])),
        ("lineItems", "lineItems", json!({"nodes": [], "pageInfo": more})),
        ("fulfillments", "fulfillments", vec![parcel; 20].into()),
    ];
    for (field, said, value) in spoilt {
        let mut cut = order.clone();
        cut[field] = value;
        assert!(shopify::is_cut(&cut.to_string()), "{said}");
        let error = read(&cut).expect_err("set aside");
        assert_eq!((error.code, error.detail.as_str()), ("list_cut", said));
        // Asked for by itself it has more room, and what says that it goes on is cut even there.
        cut["asked_long"] = "Order".into();
        assert!(!shopify::is_cut(&cut.to_string()), "it is asked for once");
        let goes_on = cut.to_string().contains("\"hasNextPage\":true");
        assert_eq!(read(&cut).is_err(), goes_on, "{said}");
    }
    let asked = shopify::whole_request(&setup(Platform::Shopify), "gid://shopify/Order/1");
    let body = String::from_utf8_lossy(&asked.expect("an id").body).into_owned();
    assert!(body.contains("transactions(first:250)") && body.contains("asked_long"), "{body}");
}

#[test]
fn woocommerces_refunds_are_read_page_by_page_to_their_end() {
    let page = |count: usize, total: Option<usize>, skip| {
        let one = r#"{"id":1}"#;
        let total = total.map(|total| ("x-wp-total".to_owned(), total.to_string()));
        let body = format!("[{}]", vec![one; count].join(",")).into_bytes();
        let answer = HttpAnswer { status: 200, headers: total.into_iter().collect(), body };
        woocommerce::read_refunds(&answer, skip).map(|page| (page.refunds.len(), page.more))
    };
    assert_eq!(page(100, Some(130), 0), Ok((100, true)));
    assert_eq!(page(30, Some(130), 100), Ok((30, false)));
    // A host that drops the header: a full page may have another behind it.
    assert_eq!(page(100, None, 0), Ok((100, true)));
    assert_eq!(page(0, None, 100), Ok((0, false)));
    assert!(page(30, Some(130), 0).is_err(), "fewer than there are");
    let asked = woocommerce::refunds_request(&setup(Platform::WooCommerce), "7", 100);
    assert!(asked.expect("an id").url.contains("per_page=100&offset=100"));
}

#[test]
fn shopifys_payouts_are_explained_by_the_moves_of_the_balance() {
    let payouts = include_bytes!("../../fixtures/shops/shopify_payouts.json");
    let (payouts, next) = shopify::read_payouts(&answer(200, payouts)).expect("payouts");
    let moves = include_bytes!("../../fixtures/shops/shopify_moves.json");
    let (mut moves, _) = shopify::read_moves(&answer(200, moves)).expect("moves");
    assert_eq!((payouts.len(), next), (2, None));
    assert_eq!(shopify::explain(&payouts[0], &moves), Ok(0));
    assert!(payouts[1].withdrawal);
    assert_eq!(shopify::explain(&payouts[1], &moves), Ok(-500), "nothing explains it");
    moves.remove(1);
    assert_eq!(shopify::explain(&payouts[0], &moves), Ok(-2000));
    let none = br#"{"data":{"shopifyPaymentsAccount":null}}"#;
    assert_eq!(shopify::read_payouts(&answer(200, none)), Ok((Vec::new(), None)));
}

#[test]
fn what_is_no_list_of_orders_ends_in_its_class() {
    let page = b"<html><body>503</body></html>";
    for platform in Platform::ALL {
        for (status, class, act) in [
            (200, "outcome_unknown", Act::AskAgain),
            (401, "rejected", Act::FixAccount),
            (403, "rejected", Act::FixAccount),
            (404, "rejected", Act::FixAccount),
            (301, "rejected", Act::FixAccount),
            (429, "outcome_unknown", Act::SlowDown),
            (500, "outcome_unknown", Act::AskAgain),
            (503, "outcome_unknown", Act::AskAgain),
        ] {
            let error = list(platform, &answer(status, page)).expect_err("no list");
            assert_eq!((error.class(), error.act()), (class, act), "{platform} {status}");
            assert_eq!(error.moved(), Moved::No);
        }
        let recorded = recorded(platform);
        for end in [1, recorded.len() / 2, recorded.len() - 3] {
            let error = list(platform, &answer(200, &recorded[..end])).expect_err("cut");
            assert_eq!(error.class(), "outcome_unknown", "{platform} {end}");
        }
        let empty = list(platform, &answer(200, b"")).expect_err("empty");
        assert_eq!(empty.class(), "outcome_unknown");
    }
}

#[test]
fn every_error_a_platform_was_seen_to_give_is_known() {
    let says = |platform, status, body: &str| {
        let error = list(platform, &answer(status, body.as_bytes())).expect_err(body);
        (error.class(), error.act())
    };
    let vendure = |code: &str| {
        let body = format!(
            r#"{{"errors":[{{"message":"m","extensions":{{"code":"{code}"}}}}],"data":null}}"#
        );
        says(Platform::Vendure, 200, &body)
    };
    assert_eq!(vendure("FORBIDDEN"), ("rejected", Act::FixAccount));
    assert_eq!(vendure("USER_INPUT_ERROR"), ("rejected", Act::FixRequest));
    assert_eq!(vendure("ENTITY_NOT_FOUND"), ("rejected", Act::FixRequest));
    assert_eq!(vendure("SOMETHING_NEW"), ("outcome_unknown", Act::AskAgain));
    let database = r#"{"errors":[{"message":"NOT NULL constraint failed"}],"data":null}"#;
    assert_eq!(says(Platform::Vendure, 200, database), ("outcome_unknown", Act::AskAgain));
    let query = r#"{"errors":[{"message":"m","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#;
    assert_eq!(says(Platform::Vendure, 400, query), ("rejected", Act::FixRequest));
    let throttled = r#"{"errors":[{"message":"m","extensions":{"code":"THROTTLED"}}]}"#;
    assert_eq!(says(Platform::Shopify, 200, throttled), ("outcome_unknown", Act::SlowDown));
    let medusa = |status, body| says(Platform::Medusa, status, body);
    assert_eq!(medusa(401, r#"{"message":"Unauthorized"}"#), ("rejected", Act::FixAccount));
    let unknown = r#"{"type":"unknown_error","message":"An unknown error occurred."}"#;
    assert_eq!(medusa(400, unknown), ("outcome_unknown", Act::AskAgain));
    let data = r#"{"type":"invalid_data","message":"Unrecognized fields"}"#;
    assert_eq!(medusa(400, data), ("rejected", Act::FixRequest));
    let woo = r#"{"code":"woocommerce_rest_cannot_view","message":"no","data":{"status":401}}"#;
    assert_eq!(says(Platform::WooCommerce, 401, woo), ("rejected", Act::FixAccount));
    // A list that announces more and gives nothing would never end.
    let endless = r#"{"orders":[],"count":9,"offset":0,"limit":50}"#;
    assert_eq!(medusa(200, endless).0, "contract");
}

#[test]
fn a_list_is_asked_for_by_the_time_of_placing_and_never_says_a_key_in_its_address() {
    let window = Window { from_ms: 1_763_690_000_000, skip: 50, ..Window::default() };
    for platform in Platform::ALL {
        let setup = setup(platform);
        let request = match platform {
            Platform::Vendure => vendure::list_request(&setup, &window),
            Platform::Medusa => medusa::list_request(&setup, &window),
            Platform::WooCommerce => woocommerce::list_request(&setup, &window),
            Platform::Shopify => shopify::list_request(&setup, &window),
        };
        assert!(
            !request.url.contains("CANARY") && !format!("{request:?}{setup:?}").contains("CANARY")
        );
        assert_eq!(request.effect, crate::http::Effect::Reads, "a lost answer may be asked again");
        let body = String::from_utf8_lossy(&request.body).into_owned();
        assert!(!body.contains("CANARY"));
        assert!(!request.url.contains("updated_at[") && !body.contains("\"updatedAt\":{"));
    }
    let vendure = vendure::list_request(&setup(Platform::Vendure), &window);
    let body = String::from_utf8_lossy(&vendure.body).into_owned();
    assert!(body.contains("\"active\":{\"eq\":false}"), "open carts are orders too");
    let key = medusa::list_request(&setup(Platform::Medusa), &window);
    assert!(key.header("authorization").is_some_and(|value| value.starts_with("Basic ")));
    assert!(key.url.contains("offset=50"));
    for bad in ["", "1 or 1=1", "../x", "a\"b"] {
        let ids = [bad.to_owned()];
        assert!(vendure::again_request(&setup(Platform::Vendure), &ids).is_err(), "{bad}");
        assert!(woocommerce::refunds_request(&setup(Platform::WooCommerce), bad, 0).is_err());
    }
}

#[test]
fn a_set_up_names_what_is_wrong_with_it() {
    let with = |pairs: &[(&str, &str)], base: &str| {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), Secret::from(*value)));
        Setup::new(Platform::Vendure, base, &pairs.collect()).map(|setup| setup.terms)
    };
    let https = "https://shop.example";
    assert_eq!(with(&[], https), Err(SetupProblem::Missing("api_key")));
    assert_eq!(with(&[("api_key", "a\nb")], https), Err(SetupProblem::Invalid("api_key")));
    assert_eq!(with(&[("api_key", "k")], "http://10.0.0.5"), Err(SetupProblem::Address));
    let inside = with(&[("api_key", "k"), ("intranet", "true")], "http://10.0.0.5");
    assert_eq!(inside, Ok(Terms::default()));
    let wrong = with(&[("api_key", "k"), ("numbers", "both")], https);
    assert_eq!(wrong, Err(SetupProblem::Invalid("numbers")));
    let prefixed = with(&[("api_key", "k"), ("prefix", "WC-"), ("decimals", "3")], https);
    assert_eq!(prefixed.map(|terms| (terms.prefix, terms.decimals)), Ok(("WC-".into(), Some(3))));
}

fn head(platform: Platform) -> Head {
    Head {
        format: FORMAT.to_owned(),
        version: VERSION,
        platform: platform.code().to_owned(),
        shop: "shop.example".to_owned(),
        fetched_at_ms: 1_763_700_000_000,
        from_ms: Some(1_763_568_000_000),
        until_ms: Some(1_763_740_800_000),
        terms: Terms { decimals: Some(2), ..Terms::default() },
    }
}

fn file(platform: Platform) -> Vec<u8> {
    let kept = |order: Found| {
        let refunds = refunds_of(platform, &order.json).to_owned();
        Kept { order: order.json, refunds }
    };
    let kept: Vec<Kept> = orders(platform).into_iter().map(kept).collect();
    archive::write(platform, &head(platform), &kept, &[])
}

fn read(bytes: &[u8]) -> (Vec<Row>, Result<crate::bill::Closing, FileProblem>) {
    let mut rows = Vec::new();
    let entries = crate::open_bytes("orders.jsonl", bytes.to_vec()).expect("a plain file");
    let closing = crate::read_entry(&entries[0], &crate::Options::default(), &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    });
    (rows, closing)
}

#[test]
fn a_file_of_fetched_orders_gives_every_row_a_line_of_its_own_and_the_same_facts() {
    for platform in Platform::ALL {
        let bytes = file(platform);
        let entries = crate::open_bytes("orders.jsonl", bytes.clone()).expect("a plain file");
        assert!(matches!(entries[0].kind, Ok(FileKind::ShopOrders)), "{platform}");
        let (rows, closing) = read(&bytes);
        let closing = closing.expect("a whole file");
        let terms = head(platform).terms;
        let sales = sales(platform, &terms);
        let expected: Vec<Fact> =
            sales.iter().flat_map(|sale| facts_of("shop.example", &terms, sale)).collect();
        let found: Vec<Fact> = rows.iter().map(|row| row.fact.clone().expect("a fact")).collect();
        assert_eq!(found, expected, "{platform}");
        assert!(rows.windows(2).all(|pair| pair[0].line_no < pair[1].line_no));
        assert_eq!(closing.issued_at_ms, Some(1_763_700_000_000));
        assert!(closing.checks.iter().all(crate::bill::Check::holds));
        let days = closing.days.expect("whole days");
        assert_eq!(days.1.plus_days(-1), days.0, "two whole days");
    }
}

#[test]
fn a_file_of_fetched_orders_that_was_cut_or_mended_by_hand_is_not_booked_in_part() {
    let bytes = file(Platform::Vendure);
    let text = String::from_utf8(bytes.clone()).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    for end in 1..lines.len() {
        let (_, closing) = read(lines[..end].join("\n").as_bytes());
        assert!(matches!(closing, Err(FileProblem::Truncated { .. })), "{end} lines");
    }
    let cut = &bytes[..bytes.len() - 4];
    assert!(read(cut).1.is_err());
    // A refund's line taken out: the order with its refunds is shown to a person.
    let without: Vec<&str> = lines.iter().copied().filter(|l| *l != "{\"refund\":\"2\"}").collect();
    let (rows, closing) = read(without.join("\n").as_bytes());
    assert!(closing.is_ok() && without.len() + 1 == lines.len());
    assert_eq!(rows[0].fact.as_ref().expect_err("a person looks").code, "bad_row");
    let fewer: Vec<&str> = lines.iter().copied().filter(|l| !l.contains("\"Delivered\"")).collect();
    let closing = read(fewer.join("\n").as_bytes()).1.expect("read to its end");
    assert!(closing.checks.iter().any(|check| !check.holds()), "an order is missing");
}

#[test]
fn a_cursor_reads_each_day_again_and_old_orders_less_and_less() {
    const DAY: i64 = 86_400_000;
    let start = domain::BusinessDate::from_ymd(2026, 11, 1).expect("a day").start_ms();
    let mut cursor = Cursor::starting(start);
    assert!(cursor.is_new_due(start));
    let noon = start + DAY / 2;
    cursor.read_until((start, noon), true, noon, 90);
    assert!(!cursor.is_new_due(noon + 1_000) && cursor.is_new_due(noon + 60_000));
    assert_eq!(cursor.due_day(noon), None);
    cursor.read_until((noon, start + DAY), true, start + DAY, 90);
    let mut read = Vec::new();
    for hour in 0..24 * 120 {
        let now = start + DAY + hour * 3_600_000;
        if let Some(day) = cursor.due_day(now) {
            read.push(hour);
            cursor.day_was_read(day, now, 90);
        }
    }
    assert_eq!(read, [2, 72, 240, 720, 1440, 2160]);
    let text = serde_json::to_string(&cursor).expect("plain");
    assert_eq!(serde_json::from_str::<Cursor>(&text).expect("the same"), cursor);
}
