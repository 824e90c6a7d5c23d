//! The first screen: what came since the last visit, where the money is at any moment, what is
//! expected.

use backoffice::home::home;
use backoffice::import::ImportOptions;
use backoffice::ledger::trial_balance;
use backoffice::lists::{money_map, money_total};
use backoffice::payouts::payouts_since;
use practice::Options;
use std::collections::BTreeMap;
use support::{BOTH, PracticeShop, import_with, new_book, payouts, reader};

const FIRST_MS: i64 = 1_776_600_000_000;
const SECOND_MS: i64 = FIRST_MS + 86_400_000;

#[test]
fn the_first_screen_has_the_payouts_that_came_since_the_last_visit() {
    let shop = PracticeShop::write(&Options { days: 40, size: 6, ..Options::default() });
    let files = shop.files();
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        let at = |now_ms| ImportOptions { now_ms, ..ImportOptions::default() };
        import_with(book, &files[..files.len() / 2], &at(FIRST_MS));
        let early: Vec<String> = payouts(book).into_iter().map(|payout| payout.row.id).collect();
        import_with(book, &files[files.len() / 2..], &at(SECOND_MS));
        let all = payouts(book);

        let first = home(&mut reader(book), None).expect("the first screen");
        assert_eq!((first.new_count, first.payouts.len()), (None, 8), "nobody looked before");
        let whole = home(&mut reader(book), Some(FIRST_MS - 1)).expect("the first screen");
        assert_eq!(whole.new_count, Some(all.len() as i64));
        let none = home(&mut reader(book), Some(SECOND_MS)).expect("the first screen");
        assert_eq!((none.new_count, none.payouts), (Some(0), first.payouts), "the newest of all");

        let (count, rows) = payouts_since(&mut reader(book), FIRST_MS, 1_000).expect("payouts");
        assert_eq!(count as usize, rows.len());
        assert!(count > 0 && (count as usize) < all.len(), "{count} of {}", all.len());
        assert!(rows.iter().all(|row| !early.contains(&row.id)), "they were known before");
        assert!(rows.is_sorted_by(|one, next| (one.day, &one.id) > (next.day, &next.id)));
    }
}

#[test]
fn the_money_map_adds_up_to_everything_the_shop_has_at_any_moment() {
    let shop = PracticeShop::write(&Options { days: 40, size: 6, ..Options::default() });
    for kind in BOTH {
        let test = new_book(kind);
        import_with(&test.book, &shop.files(), &ImportOptions::default());
        let reader = &mut reader(&test.book);
        let days = trial_days(reader);
        let mut told = Vec::new();
        for until in [None, Some(days.0), Some((days.0 + days.1) / 2), Some(days.1 + 900)] {
            let mut owned: BTreeMap<String, i64> = BTreeMap::from([("CNY".to_owned(), 0)]);
            for row in trial_balance(reader, until).expect("the trial balance") {
                if row.account.starts_with("assets:") {
                    *owned.entry(row.currency).or_default() += row.balance_minor;
                }
            }
            let total = money_total(&money_map(reader, until).expect("the money map"));
            let total: BTreeMap<String, i64> =
                total.into_iter().map(|sum| (sum.currency, sum.amount_minor)).collect();
            assert_eq!(total, owned, "at the end of {until:?}");
            told.push(total);
        }
        assert_eq!(told[0], told[3], "nothing is booked after the last day");
        assert_ne!(told[0], told[1], "the season earned something");
    }
}

/// First and last day of the payouts.
fn trial_days(reader: &mut backoffice::Reader) -> (i32, i32) {
    let days = backoffice::statements::payout_days(reader).expect("the days");
    let (from, to) = days.expect("the season has payouts");
    (from.days(), to.days())
}
