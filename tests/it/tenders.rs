//! One order paid with several tenders, on both databases: what makes its amount is no duplicate,
//! what is more is.

use crate::till::{Shop, about, cash, paid};
use backoffice::orders::story;
use backoffice::reconciliation::reconcile;
use backoffice::till::{Act, Tender, Wanted};
use support::{BOTH, Kind, breaks, import_paths, reader};

const ORDERS: &str = "订单号,下单时间,支付时间,关闭时间,状态,应付金额,币种,支付渠道,商品,买家\n\
     5001,2026-03-05 11:50:00,2026-03-05 12:00:00,,已支付,128.50,CNY,现金,拿铁,顾客1\n\
     5002,2026-03-05 11:55:00,2026-03-05 12:00:00,,已支付,30.00,CNY,现金,拿铁,顾客2\n\
     5003,2026-03-05 11:56:00,2026-03-05 12:00:00,,已支付,30.00,CNY,现金,拿铁,顾客3\n";

fn shop(kind: Kind) -> Shop {
    let shop = Shop::new(kind);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, ORDERS).expect("the file can be written");
    import_paths(shop.book(), &[path]);
    shop
}

fn of(order: &str, wanted: Wanted) -> Wanted {
    Wanted { order: order.to_owned(), ..wanted }
}

fn by_card(nonce: &str, amount: i64) -> Wanted {
    paid(nonce, Tender::PosSlip, amount, &[("batch", "000123"), ("last4", "1234")])
}

/// Kind, field, expected, found and effect of every break; found again by a run from the start.
fn found(shop: &Shop) -> Vec<(String, String, String, String, i64)> {
    let all = || -> Vec<_> {
        let rows = breaks(shop.book()).into_iter();
        rows.map(|b| (b.kind, b.field, b.expected, b.found, b.effect_minor)).collect()
    };
    let going_on = all();
    reconcile(shop.book()).expect("the book can be reconciled");
    assert_eq!(going_on, all(), "a run from the beginning finds the same");
    going_on
}

fn nothing(shop: &Shop) {
    let found = found(shop);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn an_order_paid_in_cash_and_by_card_is_paid_once_and_its_page_shows_both() {
    for kind in BOTH {
        let shop = shop(kind);
        shop.does(&of("5001", cash("a", 8_850)));
        assert_eq!(found(&shop).len(), 1, "a part is not all of it");
        shop.does(&of("5001", by_card("b", 4_000)));
        nothing(&shop);
        let told = story(&mut reader(shop.book()), "5001").expect("the order");
        let parts: Vec<(&str, Option<i64>)> = told
            .steps
            .iter()
            .filter(|step| step.what == "paid")
            .map(|step| (step.by.as_str(), step.amount_minor))
            .collect();
        assert_eq!(parts, [("cash", Some(8_850)), ("pos_slip", Some(4_000))]);
        assert_eq!((told.orders[0].payments, told.orders[0].paid_minor), (2, 12_850));
        assert!(told.breaks.is_empty() && told.orders[0].owed.is_none());
        shop.holds();
    }
}

#[test]
fn a_prepaid_card_that_is_short_is_made_up_in_cash() {
    for kind in BOTH {
        let shop = shop(kind);
        let card = [("card", "8801")];
        let mut sold = Wanted { act: Act::Card, ..cash("s", 2_000) };
        sold.facts.insert("card".to_owned(), "8801".to_owned());
        shop.does(&sold);
        shop.does(&of("5002", paid("a", Tender::PrepaidCard, 2_000, &card)));
        shop.does(&of("5002", cash("b", 1_000)));
        nothing(&shop);
        shop.holds();
    }
}

#[test]
fn what_is_paid_beyond_the_order_is_a_duplicate_of_just_that() {
    for kind in BOTH {
        let shop = shop(kind);
        shop.does(&of("5002", cash("a", 2_000)));
        let more = shop.does(&of("5002", by_card("b", 2_500)));
        let text = |text: &str| text.to_owned();
        let (kind, field) = (text("duplicate_payment"), text("amount"));
        assert_eq!(found(&shop), [(kind, field, text("1000"), text("2500"), 1_500)]);
        let told = story(&mut reader(shop.book()), "5002").expect("the order");
        assert_eq!(told.orders[0].owed.as_ref().map(|owed| owed.amount_minor), Some(1_500));
        // What was too much is given back.
        shop.does(&Wanted { amount_minor: Some(1_500), ..about("r", Act::Refund, &more) });
        nothing(&shop);
        // Paid in full already: all of a third payment is too much.
        shop.does(&of("5003", cash("c", 1_000)));
        shop.does(&of("5003", by_card("d", 2_000)));
        shop.does(&of("5003", cash("e", 700)));
        let field = text("payments");
        let kind = text("duplicate_payment");
        assert_eq!(found(&shop), [(kind, field, text("2"), text("3"), 700)]);
        shop.holds();
    }
}

#[test]
fn a_part_that_was_recorded_wrongly_leaves_the_order_short_until_another_makes_it_up() {
    for kind in BOTH {
        let shop = shop(kind);
        shop.does(&of("5003", cash("a", 1_000)));
        let wrong = shop.does(&of("5003", by_card("b", 2_000)));
        shop.does(&about("x", Act::Reversal, &wrong));
        let short = found(&shop);
        let effects: Vec<(&str, i64)> =
            short.iter().map(|(kind, .., effect)| (kind.as_str(), *effect)).collect();
        assert_eq!(effects, [("amount_mismatch", -2_000)]);
        shop.does(&of("5003", cash("c", 2_000)));
        nothing(&shop);
        // The first of two that are one too many is the wrong one.
        let first = shop.does(&of("5002", cash("d", 3_000)));
        shop.does(&of("5002", by_card("e", 3_000)));
        assert_eq!(found(&shop).len(), 1);
        shop.does(&about("y", Act::Reversal, &first));
        nothing(&shop);
        shop.holds();
    }
}
