//! What growth costs: a row of a small book beside one of a big book, one more day in each.

use crate::{beside, first_import, row, timed};
use anyhow::Result;
use backoffice::reconciliation;
use practice::Options;
use std::time::Duration;
use store::testing::TestBook;
use support::{Kind, PracticeShop, import_paths, new_book};

/// P10 and P3. The answer is the book of a tenth of the days.
pub fn run(options: &Options, big: &store::Book, took: Duration, rows: u64) -> Result<TestBook> {
    let big_row = cost(took, rows);
    let mut small = None;
    for part in [10, 100] {
        let days = (options.days / part).max(2);
        let fewer = Options { days, ..options.clone() };
        let shop = PracticeShop::write(&fewer);
        let test = new_book(Kind::Sqlite);
        let (imported, rows) = first_import(&test.book, &shop);
        let (summary, reconciled) = timed(|| reconciliation::reconcile(&test.book));
        summary?;
        let each = cost(imported + reconciled, rows);
        let growth = big_row.as_secs_f64() / each.as_secs_f64();
        let note = format!("{rows} rows; the big book's row {growth:.2} of it, goal 1.15");
        row(&format!("P10 import and reconcile a row, 1/{part} of the days"), each, &note);
        small.get_or_insert((test, days));
    }
    row("P10 import and reconcile a row, all days", big_row, &format!("{rows} rows"));
    let (small, days) = small.expect("the loop ran");
    let in_small = one_more_day(options, days, &small.book);
    let in_big = one_more_day(options, options.days, big);
    row("P3 one more day into the big book", in_big, "goal 300 ms");
    beside("the same into a tenth of it", in_small, in_big, "goal 1.2");
    Ok(small)
}

fn cost(took: Duration, rows: u64) -> Duration {
    took / u32::try_from(rows.max(1)).unwrap_or(u32::MAX)
}

/// Imports the day after the book's last, with everything that follows from it.
fn one_more_day(options: &Options, days: u32, book: &store::Book) -> Duration {
    let mut from = options.from;
    for _ in 0..days {
        from = from.succ_opt().unwrap_or(from);
    }
    let day = PracticeShop::write(&Options { from, days: 1, ..options.clone() });
    timed(|| import_paths(book, &day.files())).1
}
