//! Orders fetched from a shop's own system: the latest word on each counts, in whatever order the
//! files come.

use backoffice::import::{FileState, ImportReport};
use backoffice::orders::{OrderFilter, list_orders, story};
use backoffice::proof::{all_hold, state_hash, verify};
use connectors::shops::archive::{FORMAT, Head, Kept, VERSION, write};
use connectors::shops::{Platform, Terms};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::path::{Path, PathBuf};
use store::testing::TestBook;
use support::{BOTH, Kind, breaks, import_paths, new_book, reader};

const PLACED: &str = "2026-03-05T02:13:53.063Z";
const FETCHED_MS: i64 = 1_772_700_000_000;

/// An order of Vendure as it stood at some time: what was taken, and what became of its refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stand {
    paid: bool,
    refund: Option<&'static str>,
    shipped: bool,
}

const STANDS: [Stand; 5] = [
    Stand { paid: false, refund: None, shipped: false },
    Stand { paid: true, refund: None, shipped: false },
    Stand { paid: true, refund: None, shipped: true },
    Stand { paid: true, refund: Some("Pending"), shipped: true },
    Stand { paid: true, refund: Some("Settled"), shipped: true },
];

fn order(no: usize, stand: Stand) -> Kept {
    let refunds = stand.refund.map(|state| {
        // The payment service's number comes with the money.
        let reference = (state == "Settled").then_some("pr_1");
        serde_json::json!([{ "id": no.to_string(), "createdAt": PLACED, "state": state,
            "total": 500, "method": "card", "reason": "broken", "transactionId": reference }])
    });
    let order = serde_json::json!({
        "id": no.to_string(), "code": format!("CODE{no}"),
        "state": if stand.shipped { "Shipped" } else { "PaymentSettled" },
        "active": false, "orderPlacedAt": PLACED, "currencyCode": "CNY", "totalWithTax": 3000,
        "customer": { "firstName": "Ada", "lastName": "Peer" }, "lines": [],
        "payments": [{ "id": no.to_string(), "createdAt": PLACED, "method": "wechat",
            "amount": 3000, "state": if stand.paid { "Settled" } else { "Authorized" },
            "transactionId": format!("pp_{no}"),
            "refunds": refunds.unwrap_or_else(|| serde_json::json!([])) }],
    });
    Kept { order: order.to_string(), refunds: String::new() }
}

/// A file fetched at the `at`th minute; `stands` by order number.
fn file(folder: &Path, at: i64, stands: &[Option<usize>]) -> PathBuf {
    file_over(folder, at, None, stands, &[])
}

/// The same, of every order placed in a span.
fn file_over(
    folder: &Path,
    at: i64,
    span: Option<(i64, i64)>,
    stands: &[Option<usize>],
    gone: &[String],
) -> PathBuf {
    let head = Head {
        format: FORMAT.to_owned(),
        version: VERSION,
        platform: "vendure".to_owned(),
        shop: "shop.example".to_owned(),
        fetched_at_ms: FETCHED_MS + at * 60_000,
        from_ms: span.map(|(from, _)| from),
        until_ms: span.map(|(_, until)| until),
        terms: Terms { decimals: Some(2), ..Terms::default() },
    };
    let orders: Vec<Kept> = (1..)
        .zip(stands)
        .filter_map(|(no, stand)| stand.map(|stand| order(no, STANDS[stand])))
        .collect();
    let path = folder.join(format!("shop_orders_{at}.jsonl"));
    std::fs::write(&path, write(Platform::Vendure, &head, &orders, gone)).expect("a file");
    path
}

/// Orders that count: number, status, words.
fn standing(book: &TestBook) -> Vec<(String, i64, String, String)> {
    let mut rows = Vec::new();
    reader(&book.book)
        .query(
            "select order_id, status, status_text, extra from shop_order o where not exists \
             (select 1 from superseded s where s.line_id = o.id) order by order_id",
            &[],
            |row| {
                let texts = [row.text(0)?, row.text(2)?, row.text(3)?].map(str::to_owned);
                let [number, words, extra] = texts;
                rows.push((number, row.int(1)?, words, extra));
                Ok(())
            },
        )
        .expect("a query");
    rows
}

/// Refunds that count: number, words.
fn refunds(book: &TestBook) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    reader(&book.book)
        .query(
            "select merchant_refund_id, status_text from shop_refund r where not exists \
             (select 1 from superseded s where s.line_id = r.id) order by order_id",
            &[],
            |row| {
                rows.push((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
                Ok(())
            },
        )
        .expect("a query");
    rows
}

fn counts(report: &ImportReport) -> (u64, u64, u64) {
    let sum = |of: fn(&backoffice::import::FileReport) -> u64| report.files.iter().map(of).sum();
    (sum(|f| f.rows_new), sum(|f| f.rows_known), sum(|f| f.rows_changed))
}

#[test]
fn a_later_fetch_of_an_order_is_counted_as_changed_and_counts_from_then_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = file(folder.path(), 0, &[Some(1), Some(3)]);
    let second = file(folder.path(), 5, &[Some(2), Some(4)]);
    let same = file(folder.path(), 9, &[Some(2), Some(4)]);
    for kind in BOTH {
        let book = new_book(kind);
        let report = import_paths(&book.book, std::slice::from_ref(&first));
        assert_eq!(report.files[0].kind, "shop_orders");
        assert_eq!((report.files[0].state, counts(&report)), (FileState::Booked, (3, 0, 0)));
        assert_eq!(refunds(&book), [("CODE2-R2".to_owned(), "Pending".to_owned())]);
        let report = import_paths(&book.book, std::slice::from_ref(&second));
        assert_eq!(counts(&report), (0, 0, 3), "two orders, and a refund that got its number");
        assert_eq!(refunds(&book), [("pr_1".to_owned(), "Settled".to_owned())]);
        assert_eq!(standing(&book)[0].2, "Shipped");
        assert_eq!(counts(&import_paths(&book.book, std::slice::from_ref(&same))), (0, 3, 0));
        assert!(breaks(&book.book).is_empty(), "nothing is missing: no bill covers the day");
        let found = verify(&mut reader(&book.book)).expect("a proof");
        assert!(all_hold(&found), "{found:?}");
    }
}

#[test]
fn the_latest_fetch_counts_in_any_order_of_the_files() {
    for (kind, cases) in [(Kind::Sqlite, 24), (Kind::Postgres, 3)] {
        let mut runner = TestRunner::new(Config { cases, ..Config::default() });
        let stands = proptest::collection::vec(prop::option::weighted(0.7, 0..STANDS.len()), 4);
        let files = proptest::collection::vec(stands, 2..5);
        let strategy = files.prop_flat_map(|files| {
            let order: Vec<usize> = (0..2 * files.len()).collect();
            (Just(files), Just(order).prop_shuffle())
        });
        runner
            .run(&strategy, |(files, order)| {
                latest_counts(kind, &files, &order);
                Ok(())
            })
            .expect("the latest fetch counts");
    }
}

/// Imports every file twice in the given order, and once as they were fetched.
fn latest_counts(kind: Kind, files: &[Vec<Option<usize>>], order: &[usize]) {
    let folder = tempfile::tempdir().expect("a folder");
    let paths: Vec<PathBuf> =
        (0..).zip(files).map(|(at, stands)| file(folder.path(), at, stands)).collect();
    let in_turn = new_book(kind);
    import_paths(&in_turn.book, &paths);
    let shuffled = new_book(kind);
    for at in order {
        import_paths(&shuffled.book, &paths[at % paths.len()..=at % paths.len()]);
    }
    for book in [&in_turn, &shuffled] {
        let found = standing(book);
        for no in 0..4 {
            let last = files.iter().rev().find_map(|stands| stands[no]);
            let row = found.iter().find(|row| row.0 == format!("CODE{}", no + 1));
            let wanted =
                last.map(|stand| if STANDS[stand].shipped { "Shipped" } else { "PaymentSettled" });
            assert_eq!(row.map(|row| row.2.as_str()), wanted, "order {no} of {files:?}");
            let unpaid = last.map(|stand| !STANDS[stand].paid);
            assert_eq!(row.map(|row| row.1 == 0), unpaid, "order {no} of {files:?}");
        }
        let proof = verify(&mut reader(&book.book)).expect("a proof");
        assert!(all_hold(&proof), "{proof:?}");
    }
    assert_eq!(standing(&in_turn), standing(&shuffled));
    assert_eq!(refunds(&in_turn), refunds(&shuffled));
    let hash = |book: &TestBook| state_hash(&mut reader(&book.book)).expect("a hash");
    assert_eq!(hash(&in_turn), hash(&shuffled), "{files:?} in the order {order:?}");
}

#[test]
fn a_day_read_for_one_of_two_shops_says_nothing_of_what_the_other_sold() {
    use store::bulk::{Cell, Writer};
    use support::bills::{Sale, alipay_trade, write as write_bill};
    for kind in BOTH {
        let made = new_book(kind);
        let folder = tempfile::tempdir().expect("a folder");
        let day = backoffice::BusinessDate::parse("2026-03-05").expect("a day");
        let shop = |id: i64, until: Option<i64>| {
            let mut writer = Writer::open(&made.book).expect("it can be written");
            let mut loader = writer.begin().expect("nobody else writes");
            let number = format!("shop-{id}");
            let cells = [Cell::Int(id), Cell::Text(&number), Cell::Int(i64::from(day.days()))];
            let sql = "insert into connection (id, kind, account_no, name, base, \
                       from_day, added_at_ms, added_by) \
                       values ($1, 'vendure', $2, '', '', $3, 0, '') on conflict do nothing";
            loader.execute(sql, &cells).expect("it is connected");
            if let Some(until) = until {
                let cells = [Cell::Int(id), Cell::Int(day.start_ms()), Cell::Int(until)];
                let sql = "insert into coverage (connection_id, stream, from_ms, until_ms, \
                           taken_at_ms, proof) values ($1, 'orders', $2, $3, $3, 'pages')";
                loader.execute(sql, &cells).expect("it was read");
            }
            loader.commit().expect("it is kept");
        };
        let end = day.plus_days(1).start_ms();
        shop(1, Some(end));
        shop(2, None);
        // A payment of the second shop's order, and orders of the first.
        let bill = alipay_trade(&[Sale { no: 1, minor: 1007, fee: 6 }], 3);
        import_paths(&made.book, &[write_bill(folder.path(), "bill.csv", &bill)]);
        let span = Some((day.start_ms(), end));
        import_paths(&made.book, &[file_over(folder.path(), 0, span, &[Some(1)], &[])]);
        let unknown = || {
            let found = breaks(&made.book);
            found.iter().filter(|found| found.kind == "payment_without_order").count()
        };
        assert_eq!(unknown(), 0, "{kind:?}: nobody knows what the other shop sold");
        shop(2, Some(end));
        backoffice::reconciliation::reconcile(&made.book).expect("it is compared");
        assert_eq!(unknown(), 1, "{kind:?}: both were read, and neither has the order");
    }
}

#[test]
fn an_order_its_shop_no_longer_gives_out_keeps_its_words_and_is_marked_until_it_is_back() {
    let day = backoffice::BusinessDate::parse("2026-03-05").expect("a day");
    let whole = Some((day.start_ms(), day.plus_days(1).start_ms()));
    for kind in BOTH {
        let made = new_book(kind);
        let folder = tempfile::tempdir().expect("a folder");
        let import = |path: PathBuf| drop(import_paths(&made.book, &[path]));
        let gone = || {
            let mut reader = reader(&made.book);
            let page = list_orders(&mut reader, &OrderFilter::default(), None, 10).expect("a list");
            let mut rows: Vec<_> = page
                .rows
                .into_iter()
                .map(|row| (row.order_id, row.status, row.gone_at_ms))
                .collect();
            rows.sort();
            rows
        };
        let row = |no: usize, at: Option<i64>| {
            (format!("CODE{no}"), Some("paid"), at.map(|at| FETCHED_MS + at * 60_000))
        };
        let steps = || {
            let told = story(&mut reader(&made.book), "CODE2").expect("an order");
            told.steps.into_iter().filter(|step| step.what == "shop_gone").count()
        };
        import(file(folder.path(), 0, &[Some(1), Some(2)]));
        assert_eq!((gone(), steps()), (vec![row(1, None), row(2, None)], 0), "{kind:?}");
        // Asked for by its number.
        import(file_over(folder.path(), 5, None, &[], &["2".to_owned()]));
        assert_eq!((gone(), steps()), (vec![row(1, None), row(2, Some(5))], 1), "{kind:?}");
        // It is back, as it was.
        import(file(folder.path(), 9, &[None, Some(2)]));
        assert_eq!((gone(), steps()), (vec![row(1, None), row(2, None)], 0), "{kind:?}");
        // The whole day is read, and it is not in it.
        import(file_over(folder.path(), 12, whole, &[Some(1)], &[]));
        assert_eq!((gone(), steps()), (vec![row(1, None), row(2, Some(12))], 1), "{kind:?}");
        // Another word on it.
        import(file(folder.path(), 15, &[None, Some(4)]));
        assert_eq!(gone()[1].2, None, "{kind:?}");
        let found = verify(&mut reader(&made.book)).expect("a proof");
        assert!(all_hold(&found), "{found:?}");
    }
}
