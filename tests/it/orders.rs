//! Orders: one list of what the shop says and what only bills know, the money that is owed, and
//! the whole way of an order's money to the bank.

use backoffice::orders::{OrderFilter, OrderRow, OrderSource, list_orders, order_totals, story};
use backoffice::{Channel, Error, Sort};
use domain::OrderStatus;
use practice::Options;
use std::collections::HashSet;
use store::bulk::Reader;
use store::testing::TestBook;
use support::{BOTH, Kind, PracticeShop, breaks, import_paths, new_book, reader};

fn shop(kind: Kind) -> TestBook {
    let shop = PracticeShop::write(&Options { days: 40, size: 6, ..Options::default() });
    let test = new_book(kind);
    import_paths(&test.book, &shop.files());
    test
}

/// The bills of the shop alone, without its own lists.
fn bills_only(kind: Kind) -> TestBook {
    let shop = PracticeShop::write(&Options { days: 40, size: 6, ..Options::default() });
    let test = new_book(kind);
    let mut files = shop.files();
    let shops_own = shop.path().join("shop");
    files.retain(|file| !file.starts_with(&shops_own));
    import_paths(&test.book, &files);
    test
}

/// The shop with every third row of its own lists missing: most of those orders stand in bills.
fn part_of_the_list(kind: Kind) -> TestBook {
    let shop = PracticeShop::write(&Options { days: 40, size: 6, ..Options::default() });
    let shops_own = shop.path().join("shop");
    for entry in std::fs::read_dir(&shops_own).expect("the shop's own lists") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("its text");
        let kept = text.lines().enumerate().filter(|(at, _)| at % 3 != 2);
        let kept: Vec<&str> = kept.map(|(_, line)| line).collect();
        std::fs::write(&path, kept.join("\n") + "\n").expect("written");
    }
    let test = new_book(kind);
    import_paths(&test.book, &shop.files());
    test
}

fn all(reader: &mut Reader, filter: &OrderFilter, at_once: u32) -> Vec<OrderRow> {
    let (mut rows, mut cursor): (Vec<OrderRow>, Option<String>) = (Vec::new(), None);
    loop {
        let page = list_orders(reader, filter, cursor.as_deref(), at_once).expect("a page");
        rows.extend(page.rows);
        cursor = page.next;
        if cursor.is_none() {
            return rows;
        }
    }
}

fn filters() -> Vec<OrderFilter> {
    let all = OrderFilter::default;
    let day = backoffice::BusinessDate::parse("2026-01-20").expect("a day").days();
    vec![
        all(),
        OrderFilter { source: Some(OrderSource::Shop), ..all() },
        OrderFilter { source: Some(OrderSource::Bill), ..all() },
        OrderFilter { status: Some(OrderStatus::Unpaid), ..all() },
        OrderFilter { channel: Some(Channel::Alipay), ..all() },
        OrderFilter { from_day: Some(day), until_day: Some(day + 5), ..all() },
        OrderFilter { min_minor: Some(3000), max_minor: Some(9000), ..all() },
        OrderFilter { owed: true, ..all() },
    ]
}

#[test]
fn pages_of_orders_stand_still_under_any_order_and_filter_and_add_up() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        for filter in filters() {
            for sort in Sort::ALL {
                let filter = OrderFilter { sort, ..filter.clone() };
                let rows = all(&mut reader, &filter, 7);
                assert_eq!(rows, all(&mut reader, &filter, 100_000), "{filter:?}");
                let unique: HashSet<i64> = rows.iter().map(|row| row.id).collect();
                assert_eq!(unique.len(), rows.len(), "{filter:?}");
                let keys: Vec<(i64, i64, i64)> = rows
                    .iter()
                    .map(|row| match sort {
                        Sort::Newest | Sort::Oldest => (i64::from(row.day), row.at_ms, row.id),
                        Sort::Largest | Sort::Smallest => (row.amount_minor, 0, row.id),
                    })
                    .collect();
                let ordered = match sort {
                    Sort::Newest | Sort::Largest => keys.is_sorted_by(|a, b| a > b),
                    Sort::Oldest | Sort::Smallest => keys.is_sorted_by(|a, b| a < b),
                };
                assert!(ordered, "{filter:?}");
                let sum: i64 = rows.iter().map(|row| row.amount_minor).sum();
                let told = order_totals(&mut reader, &filter).expect("sums");
                // Of each currency apart; together they are the rows of the list.
                let count: i64 = told.iter().map(|sum| sum.count).sum();
                let total: i64 = told.iter().map(|sum| sum.amount_minor).sum();
                assert_eq!((count, total), (rows.len() as i64, sum), "{filter:?}");
            }
        }
    }
}

#[test]
fn orders_of_both_sources_stand_in_one_list_without_a_gap() {
    for kind in BOTH {
        let test = part_of_the_list(kind);
        let mut reader = reader(&test.book);
        for sort in [Sort::Newest, Sort::Oldest] {
            for filter in filters() {
                let filter = OrderFilter { sort, ..filter };
                let whole = all(&mut reader, &filter, 100_000);
                let time = |row: &OrderRow| (row.day, row.at_ms, row.id);
                let ordered = match sort {
                    Sort::Newest => whole.is_sorted_by(|a, b| time(a) > time(b)),
                    _ => whole.is_sorted_by(|a, b| time(a) < time(b)),
                };
                assert!(ordered, "whatever each is known from, they stand by time: {filter:?}");
                for at_once in [3, 20] {
                    assert_eq!(all(&mut reader, &filter, at_once), whole, "{filter:?}");
                }
                for skipped in [1, 20, whole.len() / 2, whole.len() - 1, whole.len()] {
                    let found = list_orders(&mut reader, &filter, Some(&format!("@{skipped}")), 3);
                    let rest = &whole[skipped.min(whole.len())..];
                    assert_eq!(
                        found.expect("a page").rows,
                        rest[..rest.len().min(3)],
                        "{filter:?}"
                    );
                }
            }
            let filter = OrderFilter { sort, ..OrderFilter::default() };
            let whole = all(&mut reader, &filter, 100_000);
            let of = |source| {
                let filter = OrderFilter { source: Some(source), ..filter.clone() };
                whole.iter().filter(|row| row.source == source).count()
                    == all(&mut support::reader(&test.book), &filter, 50).len()
            };
            assert!(of(OrderSource::Shop) && of(OrderSource::Bill));
            let bills = whole.iter().filter(|row| row.source == OrderSource::Bill).count();
            assert!(bills > 40 && bills < whole.len() / 2, "{bills} of {}", whole.len());
            // By amount the same rows come in another order: it is looked for another way.
            let other = OrderFilter { sort: Sort::Largest, ..OrderFilter::default() };
            let mut ids: Vec<i64> = whole.iter().map(|row| row.id).collect();
            let mut by_amount: Vec<i64> =
                all(&mut reader, &other, 30).iter().map(|row| row.id).collect();
            ids.sort_unstable();
            by_amount.sort_unstable();
            assert_eq!(ids, by_amount);
        }
    }
}

#[test]
fn every_order_for_which_money_is_owed_is_found_with_its_difference() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        let filter = OrderFilter { owed: true, ..OrderFilter::default() };
        let rows = all(&mut reader, &filter, 50);
        let owed = ["canceled_but_paid", "paid_after_close", "duplicate_payment"];
        let mut expected: Vec<(String, i64)> = breaks(&test.book)
            .into_iter()
            .filter(|found| owed.contains(&found.kind.as_str()))
            .map(|found| (found.id, found.effect_minor))
            .collect();
        let mut found: Vec<(String, i64)> = rows
            .iter()
            .filter_map(|row| row.owed.as_ref())
            .map(|owed| (owed.break_id.clone(), owed.amount_minor))
            .collect();
        expected.sort();
        found.sort();
        assert!(expected.len() >= 3, "the season plants each of them: {expected:?}");
        assert_eq!(found, expected);
        assert!(rows.iter().all(|row| row.owed.is_some() && row.paid_minor > row.refunded_minor));
    }
}

#[test]
fn an_order_leads_from_the_shop_over_payment_and_payout_to_the_bank() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        let filter = OrderFilter {
            status: Some(OrderStatus::Paid),
            channel: Some(Channel::WechatPay),
            sort: Sort::Oldest,
            ..OrderFilter::default()
        };
        let rows = list_orders(&mut reader, &filter, None, 20).expect("a page").rows;
        let row = rows.iter().find(|row| row.payments == 1 && row.refunded_minor == 0);
        let row = row.expect("an order that was simply paid");
        let found = story(&mut reader, &row.order_id).expect("its story");
        assert_eq!(found.orders.as_slice(), std::slice::from_ref(row));
        assert!(!found.goods.is_empty());
        let whats: Vec<&str> = found.steps.iter().map(|step| step.what).collect();
        for what in ["ordered", "paid", "booked", "paid_out", "in_bank"] {
            assert!(whats.contains(&what), "no {what} in {whats:?}");
        }
        let at = |what| whats.iter().position(|each| *each == what);
        assert!(at("ordered") < at("paid"), "{whats:?}");
        assert!(at("paid") < at("paid_out"), "{whats:?}");
        assert!(at("paid_out") < at("in_bank"), "{whats:?}");
        for step in &found.steps {
            let line = backoffice::evidence::evidence(&mut reader, step.document, step.line_no);
            assert!(!line.expect("its line").text.is_empty(), "{step:?}");
        }
    }
}

#[test]
fn without_a_list_of_the_shop_orders_are_known_from_bills() {
    for kind in BOTH {
        let with = shop(kind);
        let test = bills_only(kind);
        let mut reader = reader(&test.book);
        let rows = all(&mut reader, &OrderFilter::default(), 30);
        assert!(rows.len() > 150, "{}", rows.len());
        assert!(rows.iter().all(|row| row.source == OrderSource::Bill && row.payments > 0));
        let numbers: HashSet<&str> = rows.iter().map(|row| row.order_id.as_str()).collect();
        assert_eq!(numbers.len(), rows.len(), "an order that was paid twice stands once");
        // A page of payments may hold a second one of an order; then it is shorter, and its cursor
        // goes on behind it all the same.
        for skipped in 0..rows.len() {
            let at = format!("@{skipped}");
            let filter = OrderFilter::default();
            let page = list_orders(&mut reader, &filter, Some(&at), 20).expect("a page");
            let (count, rest) = (page.rows.len(), &rows[skipped..]);
            assert!(count > 0 && page.rows == rest[..count], "{skipped}");
            if let Some(next) = page.next {
                let page = list_orders(&mut reader, &filter, Some(&next), 20).expect("a page");
                assert_eq!(page.rows, rest[count..count + page.rows.len()], "{skipped}");
            }
        }
        for channel in [Channel::WechatPay, Channel::Alipay] {
            let filter = OrderFilter { channel: Some(channel), ..OrderFilter::default() };
            let own = all(&mut reader, &filter, 30);
            let told = order_totals(&mut reader, &filter).expect("sums");
            assert_eq!(told.iter().map(|sum| sum.count).sum::<i64>(), own.len() as i64);
        }
        let found = story(&mut reader, &rows[0].order_id).expect("its story");
        assert_eq!(found.orders.len(), 1);
        assert!(found.steps.iter().all(|step| step.by != "shop"));
        // The shop's list knows nearly all of them.
        let mut reader = support::reader(&with.book);
        let filter = OrderFilter { source: Some(OrderSource::Bill), ..OrderFilter::default() };
        let only = all(&mut reader, &filter, 30);
        assert!(only.len() < 10, "{}", only.len());
    }
}

#[test]
fn a_number_nobody_knows_is_no_order() {
    let test = shop(Kind::Sqlite);
    let mut reader = reader(&test.book);
    let found = story(&mut reader, "NOBODY-0000");
    assert!(matches!(found, Err(Error::NotFound { what: "order", .. })), "{found:?}");
    let filter = OrderFilter { number: Some("NOBODY-0000".to_owned()), ..OrderFilter::default() };
    assert!(all(&mut reader, &filter, 10).is_empty());
}

#[test]
fn payments_are_told_apart_by_scene_by_bank_and_by_what_was_given_back() {
    use backoffice::transactions::{
        Back, Source, TransactionFilter, list_transactions, payment_words, totals,
    };
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        let payments = |change: &dyn Fn(&mut TransactionFilter)| {
            let mut filter =
                TransactionFilter { kind: Some("payment".to_owned()), ..Default::default() };
            change(&mut filter);
            filter
        };
        let mut rows = |filter: &TransactionFilter| {
            let page = list_transactions(&mut reader, filter, None, 100_000).expect("a page");
            let told = totals(&mut reader, Source::Trade, filter).expect("sums");
            let sum: i64 = page.rows.iter().map(|row| row.settled_minor).sum();
            let told: Vec<_> = told.iter().map(|sum| (sum.count, sum.amount_minor)).collect();
            let some = !page.rows.is_empty();
            let expected: Vec<_> =
                some.then_some((page.rows.len() as i64, sum)).into_iter().collect();
            assert_eq!(told, expected, "{filter:?}");
            page.rows
        };
        let all = rows(&payments(&|_| {}));
        let mut parts = 0;
        for back in [Back::Nothing, Back::Part, Back::Whole] {
            let found = rows(&payments(&|filter| filter.back = Some(back)));
            parts += found.len();
            for row in &found {
                assert_eq!(Back::of(row.order_minor, row.back_minor), back, "{row:?}");
            }
        }
        assert_eq!(parts, all.len(), "each payment is one of the three");
        let native = rows(&payments(&|filter| filter.scene = Some("NATIVE".to_owned())));
        assert!(!native.is_empty() && native.iter().all(|row| row.scene == "NATIVE"));
        assert_eq!(native.len(), all.iter().filter(|row| row.scene == "NATIVE").count());
        let words = payment_words(&mut reader).expect("words");
        assert!(words.scenes.contains(&"NATIVE".to_owned()), "{words:?}");
        assert!(words.banks.contains(&"ICBC_DEBIT".to_owned()), "{words:?}");
    }
}
