//! Stripe and UnionPay as channels: what their protocols give is booked, and every payout is
//! explained by it.

use backoffice::dto::StatementView;
use backoffice::entries::{Figure, entries};
use backoffice::evidence::evidence;
use backoffice::lists::money_map;
use backoffice::payouts::{Payout, payout_lines};
use backoffice::proof::{all_hold, derived_hash, state_hash, verify};
use backoffice::statements::{Format, Subject, make, page};
use backoffice::{BusinessDate, Currency, Lang, Period};
use connectors::stripe::archive::Archive;
use practice::Options;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use store::Book;
use support::{BOTH, Kind, PracticeShop, breaks, import_paths, new_book, payouts, reader};

/// Midnight of 2026-03-03 in Beijing.
const DAY_0: i64 = 1_772_467_200;
const DAY: i64 = 86_400;

/// A balance transaction as Stripe sends it.
fn row(id: &str, at: i64, kinds: &str, (amount, fee): (i64, i64), source: Value) -> Value {
    let (kind, category) = kinds.split_once('/').expect("type/category");
    json!({
        "id": id, "object": "balance_transaction", "amount": amount, "fee": fee,
        "net": amount - fee, "currency": "usd", "created": DAY_0 + at, "available_on": DAY_0,
        "type": kind, "reporting_category": category, "source": source, "status": "available",
        "description": format!("about {id}"), "exchange_rate": null, "fee_details": [],
    })
}

fn charge(id: &str, order: &str) -> Value {
    json!({
        "id": id, "object": "charge", "metadata": {"order_id": order},
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}},
    })
}

fn payout(id: &str, at: i64, amount: i64, own_row: &str, automatic: bool) -> Value {
    json!({
        "id": id, "object": "payout", "amount": amount, "currency": "usd",
        "created": DAY_0 + at, "arrival_date": DAY_0 + at + 2 * DAY, "automatic": automatic,
        "status": "paid", "balance_transaction": own_row,
        "reconciliation_status": if automatic { "completed" } else { "not_applicable" },
    })
}

fn list(items: &[Value]) -> Vec<u8> {
    json!({"object": "list", "has_more": false, "data": items}).to_string().into_bytes()
}

/// The worked example of the channel's document, and what comes after it: the payout fails, its
/// money is paid again; an instant payout takes some in advance; a debit.
struct Season {
    rows: Vec<Value>,
    payouts: Vec<Value>,
    lists: Vec<(&'static str, Vec<&'static str>)>,
}

impl Season {
    fn new() -> Self {
        let refund = json!({"id": "re_B1", "object": "refund", "charge": "ch_B",
            "status": "succeeded", "metadata": {}});
        let dispute = json!({"id": "dp_old", "object": "dispute", "charge": "ch_old"});
        let po_1 = payout("po_1", DAY + 900, 8116, "txn_P", true);
        let po_2 = payout("po_2", 3 * DAY, 1000, "txn_I", false);
        let po_3 = payout("po_3", 4 * DAY, 12_826, "txn_Q", true);
        let po_4 = payout("po_4", 5 * DAY, -500, "txn_N", true);
        let rows = vec![
            row("txn_A", 3600, "charge/charge", (10_000, 320), charge("ch_A", "1001")),
            row("txn_B", 7200, "payment/charge", (2550, 104), charge("ch_B", "1002")),
            row("txn_C", 9000, "refund/refund", (-1000, 0), refund),
            row("txn_D", 9100, "adjustment/dispute", (-1500, 1500), dispute),
            row("txn_E", 9200, "stripe_fee/fee", (-10, 0), Value::Null),
            row("txn_P", DAY + 900, "payout/payout", (-8116, 0), po_1.clone()),
            row("txn_R", 2 * DAY, "payout_failure/payout_reversal", (8116, 0), po_1.clone()),
            row("txn_F", 2 * DAY + 60, "charge/charge", (6000, 190), charge("ch_F", "1003")),
            row("txn_I", 3 * DAY, "payout/payout", (-1000, 0), po_2.clone()),
            row("txn_X", 3 * DAY, "stripe_fee/fee", (-100, 0), po_2.clone()),
            row("txn_Q", 4 * DAY, "payout/payout", (-12_826, 0), po_3.clone()),
            row("txn_G", 4 * DAY + 5, "adjustment/dispute", (-500, 0), Value::Null),
            row("txn_N", 5 * DAY, "payout/payout", (500, 0), po_4.clone()),
        ];
        let lists = vec![
            ("po_1", vec!["txn_A", "txn_B", "txn_C", "txn_D", "txn_E", "txn_P"]),
            ("po_3", vec!["txn_R", "txn_F", "txn_I", "txn_X", "txn_Q"]),
            ("po_4", vec!["txn_G", "txn_N"]),
        ];
        Self { rows, payouts: vec![po_1, po_2, po_3, po_4], lists }
    }

    /// What a sync of the days from `from` to `until` keeps, asked for at `fetched`.
    fn archive(&self, folder: &Path, (from, until): (i64, i64), fetched: i64) -> Vec<PathBuf> {
        let seconds = |day: i64| DAY_0 + day * DAY;
        let mut archive = Archive::new("acct_1", seconds(from), seconds(until), seconds(fetched));
        let made = |object: &Value| object["created"].as_i64().expect("a time");
        let inside = |object: &&Value| (seconds(from)..seconds(until)).contains(&made(object));
        let rows: Vec<Value> = self.rows.iter().filter(inside).rev().cloned().collect();
        archive.rows(&list(&rows)).expect("a list");
        let payouts: Vec<Value> = self.payouts.iter().filter(inside).rev().cloned().collect();
        archive.payouts(&list(&payouts)).expect("a list");
        for payout in &payouts {
            let id = payout["id"].as_str().expect("an id");
            let Some((_, own)) = self.lists.iter().find(|(of, _)| *of == id) else { continue };
            let named = |row: &&Value| own.iter().any(|id| row["id"] == *id);
            let rows: Vec<Value> = self.rows.iter().filter(named).rev().cloned().collect();
            archive.payout_rows(id, &list(&rows)).expect("a list");
        }
        let keep = |file: connectors::stripe::archive::ArchiveFile| {
            let path = folder.join(format!("{from}-{until}-{fetched}-{}", file.name));
            std::fs::write(&path, file.bytes).expect("the file can be written");
            path
        };
        archive.finish().into_iter().map(keep).collect()
    }
}

fn said(payout: &Payout) -> String {
    let parts = payout.components.iter().map(|part| format!("{} {}", part.name, part.amount_minor));
    let parts: Vec<String> = parts.collect();
    let row = &payout.row;
    format!(
        "{} {} {} {}: {}",
        row.number,
        row.currency,
        row.amount_minor,
        row.state,
        parts.join(", ")
    )
}

fn holds(book: &Book) {
    let findings = verify(&mut reader(book)).expect("the book can be read");
    assert!(all_hold(&findings), "{findings:#?}");
}

#[test]
fn every_payout_of_stripe_is_explained_by_its_own_list() {
    let season = Season::new();
    let folder = tempfile::tempdir().expect("a folder");
    let files = season.archive(folder.path(), (0, 7), 7);
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        let report = import_paths(book, &files);
        assert!(report.files.iter().all(|file| file.is_whole()), "{report:#?}");
        let kinds: Vec<&str> = report.files.iter().map(|file| file.kind.as_str()).collect();
        assert_eq!(kinds, ["stripe_trade", "stripe_balance"]);
        let found: Vec<String> = payouts(book).iter().map(said).collect();
        assert_eq!(
            found,
            [
                "po_1 USD 8116 returned: sales 12550, refunds -1000, fees -1924, \
             account_charges -10, adjustments -1500, unexplained 0",
                "po_2 USD 1000 in_transit: carried_out 1000, unexplained 0",
                "po_3 USD 12826 in_transit: sales 6000, fees -190, adjustments 8116, \
             carried_in -1000, payout_fee -100, unexplained 0",
                "po_4 USD -500 in_transit: adjustments -500, unexplained 0",
            ]
        );
        let all: Vec<(String, String)> =
            breaks(book).into_iter().map(|found| (found.kind, found.currency)).collect();
        assert_eq!(all, [("payout_returned".to_owned(), "USD".to_owned())]);
        lines_lead_home(book);
        holds(book);
    }
}

/// What a statement of March says, of one currency or of none in particular.
fn of_march(book: &Book, currency: Option<&str>) -> StatementView {
    let subject = march(currency);
    page(&mut reader(book), &subject, Lang::En, "Tea", true).expect("a statement")
}

fn march(currency: Option<&str>) -> Subject {
    let day = |text| BusinessDate::parse(text).expect("a day");
    let period = Period { from: day("2026-03-01"), until: day("2026-04-01") };
    let currency = currency.map(|code| Currency::from_code(code).expect("a currency"));
    Subject::Period { period, channel: None, currency }
}

#[test]
fn a_statement_of_days_paid_in_two_currencies_is_of_one_and_names_the_other() {
    let season = Season::new();
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = season.archive(folder.path(), (0, 7), 7);
    let shop = PracticeShop::write(&Options::default());
    files.extend(shop.files());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &files);
        let paid = |code: &str| -> Vec<i64> {
            let all = payouts(book).into_iter().map(|payout| payout.row).filter(|row| {
                let day = BusinessDate::from_days(row.day).to_string();
                row.currency == code && day.starts_with("2026-03")
            });
            all.map(|row| row.amount_minor).collect()
        };
        let (yuan, dollars) = (paid("CNY"), paid("USD"));
        assert!(yuan.len() > 20 && dollars == [8116, 1000, 12_826, -500], "{yuan:?} {dollars:?}");
        let said = of_march(book, None);
        assert_eq!(said.currencies, ["CNY", "USD"]);
        for (said, code, wanted) in
            [(said, "CNY", &yuan), (of_march(book, Some("USD")), "USD", &dollars)]
        {
            assert_eq!((&*said.total.currency, said.total.minor), (code, wanted.iter().sum()));
            let rows: Vec<i64> = said.payouts.iter().map(|row| row.amount.minor).collect();
            assert_eq!(rows, *wanted, "{code}");
            let parts: i64 = said.parts.iter().map(|part| part.amount.minor).sum();
            assert_eq!(parts, said.total.minor, "{code}");
            if code == "USD" {
                let carried = said.parts.iter().filter(|part| part.name.starts_with("carried"));
                let carried: i64 = carried.map(|part| part.amount.minor).sum();
                let lines: i64 = said.lines.iter().map(|line| line.net.minor).sum();
                assert_eq!(lines + carried, parts, "every line is of the currency");
            }
        }
        one_names_the_other(book, yuan.iter().sum());
    }
}

/// What was paid in the other currency is told, and in no sum.
fn one_names_the_other(book: &Book, yuan: i64) {
    let elsewhere = |said: &StatementView| -> Vec<String> {
        let notes = said.notes.iter().filter(|note| note.code == "other_currency");
        notes.map(|note| note.detail.clone()).collect()
    };
    assert_eq!(elsewhere(&of_march(book, None)), ["USD 214.42"]);
    let dollars = of_march(book, Some("USD"));
    let whole = format!("CNY {}.{:02}", yuan / 100, yuan % 100);
    assert_eq!(elsewhere(&dollars), [whole]);
    for format in [Format::Pdf, Format::Xlsx, Format::Csv] {
        let file = make(&mut reader(book), &march(Some("USD")), Lang::En, "Tea", format);
        assert!(file.is_ok(), "{format:?}: {:?}", file.err());
    }
    let euros = of_march(book, Some("EUR"));
    assert!(euros.total.minor == 0 && euros.payouts.is_empty(), "nothing was paid in euros");
    assert_eq!(elsewhere(&euros).len(), 2);
}

/// The lines behind a payout are those of its list, and each stands in the document.
fn lines_lead_home(book: &Book) {
    let id = &payouts(book)[0].row.id;
    assert_eq!(id, "stripe-acct_1-usd-po_1");
    let page = payout_lines(&mut reader(book), id, None, None, 50).expect("lines");
    let sum: i64 = page.rows.iter().map(|line| line.amount_minor).sum();
    assert_eq!(sum, 8116, "{page:#?}");
    let sale = page.rows.iter().find(|line| line.channel_ref == "ch_A").expect("a sale");
    assert_eq!((sale.order_id.as_str(), sale.fee_minor), ("1001", Some(-320)));
    let home = evidence(&mut reader(book), sale.document, sale.line_no).expect("its line");
    assert!(home.text.contains("\"row\":{") && home.text.contains("txn_A"), "{home:?}");
}

#[test]
fn what_stripe_keeps_against_its_risk_is_frozen_and_what_a_payout_leaves_is_held() {
    let rows = vec![
        row("txn_A", 3600, "charge/charge", (10_000, 320), charge("ch_A", "1001")),
        row("txn_H", 3700, "reserve_hold/risk_reserved_funds", (-2000, 0), Value::Null),
        row("txn_M", 3800, "payout_minimum_balance_hold/", (-500, 0), Value::Null),
        row("txn_U", 3900, "reserve_release/risk_reserved_funds", (700, 0), Value::Null),
    ];
    let season = Season { rows, payouts: Vec::new(), lists: Vec::new() };
    let folder = tempfile::tempdir().expect("a folder");
    let files = season.archive(folder.path(), (0, 2), 2);
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &files);
        let map = money_map(&mut reader(book), None).expect("the money map");
        let of = |name: &str| -> Vec<(String, i64)> {
            let place = map.iter().filter(|place| place.place == name);
            let sums = place.flat_map(|place| &place.amounts).filter(|sum| sum.amount_minor != 0);
            sums.map(|sum| (sum.currency.clone(), sum.amount_minor)).collect()
        };
        assert_eq!(of("frozen"), [("USD".to_owned(), 1300)]);
        assert_eq!(of("held"), [("USD".to_owned(), 500)]);
        assert_eq!(of("available"), [("USD".to_owned(), 10_000 - 320 - 1300 - 500)]);
        let account = "assets:frozen:stripe:acct_1:usd".to_owned();
        let figure = Figure { account, ..Figure::default() };
        let page = entries(&mut reader(book), &figure, None, 50).expect("entries");
        let mut moved: Vec<i64> = page.rows.iter().map(|entry| entry.amount_minor).collect();
        moved.sort_unstable();
        assert_eq!(moved, [-700, 2000], "each leads to its line: {page:#?}");
        holds(book);
    }
}

#[test]
fn archives_of_stripe_in_any_order_and_repetition_give_the_same_book() {
    let season = Season::new();
    let folder = tempfile::tempdir().expect("a folder");
    // Two nights, each read again later, the lists once early and once late.
    let spans = [((0, 2), 2), ((1, 3), 3), ((2, 6), 6), ((0, 6), 7)];
    let files: Vec<PathBuf> =
        spans.iter().flat_map(|(days, at)| season.archive(folder.path(), *days, *at)).collect();
    let mut found = Vec::new();
    for turn in 0..files.len() {
        let test = new_book(Kind::Sqlite);
        let mut order = files.clone();
        order.rotate_left(turn);
        for portion in order.chunks(1 + turn % 2).chain([&order[..]]) {
            import_paths(&test.book, portion);
        }
        order.reverse();
        import_paths(&test.book, &order);
        holds(&test.book);
        let reader = &mut reader(&test.book);
        found.push((state_hash(reader).expect("a hash"), derived_hash(reader).expect("a hash")));
    }
    assert!(found.windows(2).all(|two| two[0] == two[1]), "{found:#?}");
}

#[test]
fn a_payout_without_a_list_waits_and_is_explained_by_the_balance_meanwhile() {
    let mut season = Season::new();
    season.lists.clear();
    for payout in &mut season.payouts {
        payout["reconciliation_status"] = json!("in_progress");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let files = season.archive(folder.path(), (0, 2), 2);
    let test = new_book(Kind::Sqlite);
    import_paths(&test.book, &files);
    let found = payouts(&test.book);
    assert_eq!(found[0].row.unexplained_minor, 0);
    assert_eq!(found[0].row.status(), "waiting", "Stripe has not said what is in it");
}

#[test]
fn yen_have_no_decimals_and_a_balance_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut yen = row("txn_Y", 60, "charge/charge", (500, 18), charge("ch_Y", "2001"));
    yen["currency"] = json!("jpy");
    let usd = row("txn_A", 60, "charge/charge", (500, 18), charge("ch_A", "2002"));
    let mut archive = Archive::new("acct_1", DAY_0, DAY_0 + DAY, DAY_0 + DAY);
    archive.rows(&list(&[usd, yen])).expect("a list");
    let mut paths = Vec::new();
    for file in archive.finish() {
        paths.push(folder.path().join(&file.name));
        std::fs::write(&paths[paths.len() - 1], file.bytes).expect("written");
    }
    let test = new_book(Kind::Sqlite);
    import_paths(&test.book, &paths);
    let rows = backoffice::ledger::trial_balance(&mut reader(&test.book), None).expect("rows");
    let of = |account: &str, code: &str| {
        let own = |row: &&backoffice::ledger::AccountBalance| {
            row.account == account && row.currency == code
        };
        rows.iter().find(own).map(|row| row.balance_minor)
    };
    assert_eq!(of("assets:balance:stripe:acct_1:jpy", "JPY"), Some(482));
    assert_eq!(of("assets:balance:stripe:acct_1:usd", "USD"), Some(482));
    assert_eq!(of("assets:pending:stripe:acct_1:usd", "USD").unwrap_or(0), 0);
    holds(&test.book);
}

/// A line of UnionPay's file; amounts in fen, signed as they clear.
fn zm(
    time: &str,
    id: &str,
    order: &str,
    (kind, amount, fee): (&str, i64, i64),
    of: &str,
) -> String {
    let lettered = |minor: i64| format!("{}{:012}", if minor < 0 { 'D' } else { 'C' }, minor.abs());
    let mut line = vec![b' '; 607];
    let mut put =
        |at: usize, text: &str| line[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, if kind == "01" { "S22" } else { "S30" });
    put(4, "48021000");
    put(28, "123456");
    put(35, &time[4..]);
    put(46, "621626*********0018");
    put(66, &format!("{:012}", amount.abs()));
    put(79, "5411 07");
    put(87, id);
    put(112, order);
    put(166, &lettered(fee));
    put(180, &lettered(amount + fee));
    put(194, "0001");
    put(215, kind);
    put(218, "01 000201");
    put(271, of);
    put(293, "777290058110048");
    put(374, &lettered(amount + fee));
    put(509, &lettered(amount));
    String::from_utf8(line).expect("ASCII")
}

fn zm_file(folder: &Path, day: &str, lines: &[String]) -> PathBuf {
    let path = folder.join(format!("INN{day}88ZM_777290058110048"));
    std::fs::write(&path, lines.join("\r\n") + "\r\n").expect("written");
    path
}

/// Two clearing days; the second begins at 23:00 of the first, over a new year.
fn clearing_days(folder: &Path) -> Vec<PathBuf> {
    let first = [
        zm("20251231080000", "202512310800001234567", "SHOP1001", ("01", 1000, -6), ""),
        zm(
            "20251231152003",
            "202512311520031234568",
            "RF1001",
            ("04", -300, 2),
            "202512310800001234567",
        ),
    ];
    let second = [
        zm("20251231231000", "202512312310001234569", "SHOP1002", ("01", 2000, -12), ""),
        zm("20260101090000", "202601010900001234570", "SHOP1003", ("01", 500, -3), ""),
    ];
    vec![zm_file(folder, "251231", &first), zm_file(folder, "260101", &second)]
}

#[test]
fn unionpay_pays_the_net_of_each_clearing_day_and_a_weekend_in_one_sum() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = clearing_days(folder.path());
    let paid = [("20260105", 696 + 2485, "中国银联 清算款")];
    let bank = support::bills::ofx(("20251230", "20260110"), &paid);
    files.push(support::bills::write(folder.path(), "bank.ofx", &bank));
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        let report = import_paths(book, &files);
        assert!(report.files.iter().all(|file| file.is_whole()), "{report:#?}");
        let found: Vec<String> = payouts(book).iter().map(said).collect();
        assert_eq!(
            found,
            [
                "20251231 CNY 696 paid: sales 1000, refunds -300, fees -6, fees_returned 2, \
             unexplained 0",
                "20260101 CNY 2485 paid: sales 2500, fees -15, unexplained 0",
            ]
        );
        assert!(payouts(book).iter().all(|payout| payout.row.verdict == "complete"));
        let open: Vec<String> =
            breaks(book).into_iter().map(|b| b.kind).filter(|kind| kind != "cut_off").collect();
        assert_eq!(open, Vec::<String>::new());
        let id = &payouts(book)[1].row.id;
        assert_eq!(id, "union_pay-777290058110048-20260101");
        let page = payout_lines(&mut reader(book), id, None, None, 50).expect("lines");
        assert_eq!(page.rows.iter().map(|line| line.amount_minor).sum::<i64>(), 2485);
        holds(book);
    }
}

#[test]
fn a_row_of_unionpay_that_does_not_prove_itself_is_set_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = zm("20251231080000", "202512310800001234567", "SHOP1001", ("01", 1000, -6), "");
    let bad = good.replace("C000000000994 0001", "C000000000999 0001").replace("4567", "4568");
    let file = zm_file(folder.path(), "251231", &[good, bad]);
    let test = new_book(Kind::Sqlite);
    let report = import_paths(&test.book, &[file]);
    assert!(report.files.iter().all(|file| file.quarantined == 1), "{report:#?}");
    assert_eq!(payouts(&test.book)[0].row.verdict, "incomplete");
}

#[test]
fn clearing_files_in_any_order_and_repetition_give_the_same_book() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = clearing_days(folder.path());
    let back: Vec<PathBuf> = files.iter().rev().cloned().collect();
    let hashes = [&files, &back].map(|order| {
        let test = new_book(Kind::Sqlite);
        for file in order.iter().chain(order) {
            import_paths(&test.book, std::slice::from_ref(file));
        }
        let reader = &mut reader(&test.book);
        (state_hash(reader).expect("a hash"), derived_hash(reader).expect("a hash"))
    });
    assert_eq!(hashes[0], hashes[1]);
}
