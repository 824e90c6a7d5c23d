//! A run that goes on from an earlier one finds what a run from the first day finds.

use backoffice::proof::derived_hash;
use backoffice::reconciliation::reconcile;
use practice::{Kind as Planted, Options, Plant};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::path::{Path, PathBuf};
use store::bulk::Cell;
use support::{Kind, PracticeShop, import_paths, new_book, reader};

/// What a run stores and the hash of derived data leaves out: matches and balances.
fn beside(book: &store::Book) -> Vec<String> {
    let mut rows = Vec::new();
    for sql in [
        "select account_id, day, pairs, bytes from match_pack order by account_id, day",
        "select account_id, day, rows, closing_minor from account_state order by account_id, day",
        "select account_id, fee_rate_ppm, 0, 0 from account_term order by account_id",
    ] {
        let taken = reader(book).query(sql, &[], |row| {
            let cells: Vec<Cell<'_>> = (0..4).map(|at| row.cell(at)).collect::<Result<_, _>>()?;
            rows.push(format!("{cells:?}"));
            Ok(())
        });
        taken.expect("the book can be read");
    }
    rows
}

fn found(book: &store::Book) -> (String, Vec<String>) {
    (derived_hash(&mut reader(book)).expect("the book can be read"), beside(book))
}

/// How many states of earlier runs the book keeps.
fn states(book: &store::Book) -> i64 {
    let mut count = 0;
    let taken = reader(book).query("select count(*) from run_state", &[], |row| {
        count = row.int(0)?;
        Ok(())
    });
    taken.expect("the book can be read");
    count
}

/// The last date in a file's name, so that files stand about as they came.
fn date(path: &Path) -> String {
    let name = path.to_string_lossy();
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    digits.rfind("2026").map(|at| digits[at..].to_owned()).unwrap_or_default()
}

fn shop(planted: Plant) -> PracticeShop {
    PracticeShop::write(&Options { days: 75, size: 5, planted, ..Options::default() })
}

/// Files in the order of their days, some of them late, in portions.
fn portions(files: Vec<PathBuf>) -> impl Strategy<Value = Vec<Vec<PathBuf>>> {
    let mut files = files;
    files.sort_by_key(|file| date(file));
    let count = files.len();
    let late = proptest::collection::vec((prop::bool::weighted(0.06), 1..90_usize), count);
    let sizes = proptest::collection::vec(1..40_usize, 8..30);
    (late, sizes).prop_map(move |(late, sizes)| {
        let mut order: Vec<(usize, usize)> = late
            .iter()
            .enumerate()
            .map(|(at, (late, by))| (if *late { at + by } else { at }, at))
            .collect();
        order.sort_unstable();
        let mut left = order.into_iter().map(|(_, at)| files[at].clone());
        let mut portions: Vec<Vec<PathBuf>> =
            sizes.iter().map(|size| left.by_ref().take(*size).collect()).collect();
        portions.push(left.collect());
        portions.retain(|portion| !portion.is_empty());
        portions
    })
}

#[test]
fn runs_that_go_on_find_what_a_run_from_the_first_day_finds() {
    let shop = shop(Plant::All);
    for (kind, cases) in [(Kind::Sqlite, 5), (Kind::Postgres, 1)] {
        let mut runner =
            TestRunner::new(Config { cases, rng_seed: RngSeed::Fixed(11), ..Config::default() });
        runner
            .run(&portions(shop.files()), |portions| {
                let test = new_book(kind);
                for (at, portion) in portions.iter().enumerate() {
                    import_paths(&test.book, portion);
                    if at % 4 == 3 || at + 1 == portions.len() {
                        let going_on = found(&test.book);
                        reconcile(&test.book).expect("the book can be reconciled");
                        prop_assert_eq!(going_on, found(&test.book), "after portion {}", at);
                    }
                }
                prop_assert!(states(&test.book) >= 2);
                Ok(())
            })
            .expect("both find the same");
    }
}

#[test]
fn a_second_payment_weeks_later_is_a_duplicate_for_a_run_that_goes_on() {
    let shop = shop(Plant::Only(vec![Planted::DuplicatePayment]));
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let test = new_book(kind);
        let mut files = shop.files();
        files.sort_by_key(|file| date(file));
        for portion in files.chunks(12) {
            import_paths(&test.book, portion);
        }
        crate::practice_shop::agrees_with_the_truth(&shop, &test.book);
    }
}
