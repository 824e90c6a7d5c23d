//! Money taken at the counter against the bill of its day: what a channel's answers told and what
//! its bill tells have to agree, and where they do not, a break says so until they do.

use store::Book;
use store::bulk::{Cell, Writer};
use support::bills::{Sale, alipay_trade, write};
use support::{BOTH, breaks, import_paths, new_book};

const ACCOUNT: &str = "20882112345678900156";
/// 5 March 2026, 12:00 in the channel's zone.
const NOON_MS: i64 = 1_772_683_200_000;

/// A number as the counter makes them.
fn number(letter: char) -> String {
    format!("C20260305{}", letter.to_string().repeat(20))
}

/// What the book keeps of a collection once the channel has said what became of it.
fn collected(book: &Book, letter: char, amount_minor: i64, state: &str) {
    let mut writer = Writer::open(book).expect("it can be written");
    let mut loader = writer.begin().expect("nobody else writes");
    let order_no = number(letter);
    let paid = if state == "paid" { Cell::Int(NOON_MS) } else { Cell::Null };
    let sql = "insert into collection (id, nonce, order_no, connection_id, channel, account_no, \
               currency, amount_minor, note, state, made_at_ms, made_by, expires_at_ms, \
               paid_at_ms) values ($1, $2, $2, 1, 'alipay', $3, 'CNY', $4, '', $5, $6, '', $6, $7)";
    let cells = [
        Cell::Int(i64::from(u32::from(letter))),
        Cell::Text(&order_no),
        Cell::Text(ACCOUNT),
        Cell::Int(amount_minor),
        Cell::Text(state),
        Cell::Int(NOON_MS),
        paid,
    ];
    loader.execute(sql, &cells).expect("it is kept");
    loader.commit().expect("it is kept");
}

/// A bill whose sales were collected under these numbers, exported at `hour` of the next day.
fn bill(sales: &[(char, i64)], hour: u32) -> String {
    let rows: Vec<Sale> = sales
        .iter()
        .map(|(letter, minor)| Sale { no: u32::from(*letter), minor: *minor, fee: 6 })
        .collect();
    let mut text = alipay_trade(&rows, hour);
    for (letter, _) in sales {
        let own = format!("R20260305220014000105{:08}", u32::from(*letter));
        text = text.replace(&own, &number(*letter));
    }
    text
}

fn told(book: &Book) -> Vec<(String, String, i64)> {
    let found = breaks(book).into_iter().map(|found| {
        let record = found.records.first().cloned().unwrap_or_default();
        (found.kind, record, found.effect_minor)
    });
    let mut found: Vec<_> = found.collect();
    found.sort();
    found
}

#[test]
fn what_the_counter_was_told_and_what_the_bill_tells_differ_until_one_of_them_is_put_right() {
    for kind in BOTH {
        let made = new_book(kind);
        let folder = tempfile::tempdir().expect("a folder");
        collected(&made.book, 'A', 1000, "paid");
        collected(&made.book, 'B', 2000, "paid");
        collected(&made.book, 'D', 4000, "closed");
        collected(&made.book, 'E', 5000, "paid");
        // B is missing and the bill agrees with itself; nobody here asked for F; E is another sum.
        let first = bill(&[('A', 1000), ('D', 4000), ('E', 5010), ('F', 6000)], 3);
        import_paths(&made.book, &[write(folder.path(), "first.csv", &first)]);
        let order = |letter| format!("order:{}", number(letter));
        let payment = |letter| format!("payment:20260305220014000105{:08}", u32::from(letter));
        let differs = |kind: &str, record: String, minor| (kind.to_owned(), record, minor);
        let rest = [
            differs("amount_mismatch", order('E'), 10),
            differs("paid_after_close", order('D'), 4000),
            differs("payment_without_order", payment('F'), 6000),
        ];
        let only = |found: Vec<(String, String, i64)>| -> Vec<_> {
            let ours = |one: &(String, String, i64)| !one.0.starts_with("missing");
            found.into_iter().filter(ours).collect()
        };
        let mut all = vec![differs("order_without_payment", order('B'), -2000)];
        all.extend(rest.clone());
        all.sort();
        assert_eq!(only(told(&made.book)), all, "{kind:?}");

        // The channel's later bill has the row, and somebody finds out who asked for F.
        collected(&made.book, 'F', 6000, "paid");
        let sales = [('A', 1000), ('B', 2000), ('D', 4000), ('E', 5010), ('F', 6000)];
        import_paths(&made.book, &[write(folder.path(), "later.csv", &bill(&sales, 5))]);
        assert_eq!(only(told(&made.book)), rest[..2], "{kind:?}");
    }
}
