//! What growth costs: a row of a small book beside one of a big book, one more day in each.

use crate::{Times, beside, first_import, row, settle, timed};
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
        settle(&test.book);
        let each = cost(imported + reconciled, rows);
        let growth = big_row.as_secs_f64() / each.as_secs_f64();
        let note = format!("{rows} rows; the big book's row {growth:.2} of it, goal 1.15");
        row(&format!("P10 import and reconcile a row, 1/{part} of the days"), each, &note);
        small.get_or_insert((test, days));
    }
    row("P10 import and reconcile a row, all days", big_row, &format!("{rows} rows"));
    let (small, days) = small.expect("the loop ran");
    let in_small = next_days(options, days, &small.book);
    let in_big = next_days(options, options.days, big);
    row("P3 one more day into the big book", in_big.0, "goal 300 ms");
    beside("the same into a tenth of it", in_small.0, in_big.0, "goal 1.2");
    row("P3 the same in processor time", in_big.1, "");
    beside("processor time into a tenth of it", in_small.1, in_big.1, "");
    Ok(small)
}

fn cost(took: Duration, rows: u64) -> Duration {
    took / u32::try_from(rows.max(1)).unwrap_or(u32::MAX)
}

/// Days imported one after another; of their times the median counts, since every eighth merges
/// parts of the search index.
const DAYS: u32 = 7;

/// Imports the days after the book's last one by one, with everything that follows from each;
/// median of wall and of processor time.
fn next_days(options: &Options, days: u32, book: &store::Book) -> (Duration, Duration) {
    let mut from = options.from;
    for _ in 0..days {
        from = from.succ_opt().unwrap_or(from);
    }
    let mut times = Times::default();
    for _ in 0..DAYS {
        let day = PracticeShop::write(&Options { from, days: 1, ..options.clone() });
        let files = day.files();
        times.take(|| import_paths(book, &files));
        settle(book);
        from = from.succ_opt().unwrap_or(from);
    }
    times.under(50)
}
