//! Benchmarks: our work beside a peer or a physical floor, measured in the same run.
//!
//! `bench [orders a day] [days]`; without arguments a small shop, to see that it runs. The year of
//! `docs/performance.md` is `bench 1500 365`. Prints a table, never a verdict. `--first` measures
//! the first import alone (P1), `--growth` growth alone (P3 and P10), `--reads` reading alone (P4
//! and P5), `--sync` a sync beside an import.

mod fetch;
mod growth;
mod peers;
mod postgres;
mod reads;

use anyhow::{Context, Result, ensure};
use backoffice::import::ImportOptions;
use backoffice::reconciliation;
use practice::{Options, Plant};
use std::time::{Duration, Instant};
use support::{Kind, PracticeShop, import_with, new_book};

fn main() -> Result<()> {
    let only = |part: &str| std::env::args().any(|arg| arg == part);
    let mut args = std::env::args().skip(1).filter(|arg| !arg.starts_with("--"));
    let size = args.next().map_or(Ok(100), |text| text.parse()).context("orders a day")?;
    let days = args.next().map_or(Ok(30), |text| text.parse()).context("days")?;
    let options = Options { size, days, planted: Plant::None, ..Options::default() };
    println!("{:<48} {:>13}   beside", "what", "took");
    if only("--sync") {
        return fetch::run(&options);
    }
    let (shop, wrote) = timed(|| PracticeShop::write(&options));
    row("practice shop written", wrote, "");

    let test = new_book(Kind::Sqlite);
    let before = process();
    let (imported, rows) = first_import(&test.book, &shop);
    let (peak, work) = (peak_mib(), process().saturating_sub(before).as_millis());
    let note = format!("{rows} rows, processor {work} ms, {peak} MiB peak; goal 300 MiB");
    row("P1 first import", imported, &note);
    let whole = !only("--growth") && !only("--reads");
    if whole {
        let (copied, floor) = peers::raw_insert(&test.book)?;
        beside("raw encrypted insert", floor, imported, &format!("{copied} rows; goal 1.5"));
    }

    if only("--first") {
        return Ok(());
    }

    let (summary, reconciled) = timed(|| reconciliation::reconcile(&test.book));
    let summary = summary?;
    settle(&test.book);
    let note = format!("{} matched, {} payouts", summary.matched, summary.payouts);
    row("P2 reconcile, results stored", reconciled, &note);
    match if whole { peers::duckdb(&shop.path())? } else { None } {
        Some((peer, joined)) => {
            let here = peers::joined_here(&test.book)?;
            ensure!(joined == here, "DuckDB read {joined:?}, the book has {here:?}");
            let note = format!("the same {} rows; goal 1.0", here.trade + here.fund + here.orders);
            beside("DuckDB, its join from CSV", peer, reconciled, &note);
        }
        None if whole => println!("  DuckDB is not installed (pip install duckdb)"),
        None => {}
    }
    if !only("--growth") {
        reads::run(&test.book)?;
    }
    if only("--reads") {
        return Ok(());
    }
    let small = growth::run(&options, &test.book, imported + reconciled, rows)?;
    if !whole {
        return Ok(());
    }
    reads::journal(&small.book)?;
    postgres::run(&options)
}

/// Imports a shop into an empty book and leaves the reconciliation; the time and the new rows.
fn first_import(book: &store::Book, shop: &PracticeShop) -> (Duration, u64) {
    let later = ImportOptions { skip_reconcile: true, ..ImportOptions::default() };
    let (report, took) = timed(|| {
        let report = import_with(book, &shop.files(), &later);
        settle(book);
        report
    });
    (took, report.files.iter().map(|file| file.rows_new).sum())
}

/// Waits for pages that are put in their place beside, so that they burden no other measurement.
fn settle(book: &store::Book) {
    book.settled().expect("the pages of the book find their place");
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

fn row(what: &str, took: Duration, note: &str) {
    println!("{what:<48} {:>10.3} ms   {note}", took.as_secs_f64() * 1000.0);
}

/// A peer or a floor, and our time as a multiple of it.
fn beside(what: &str, peer: Duration, ours: Duration, note: &str) {
    let ratio = ours.as_secs_f64() / peer.as_secs_f64();
    row(&format!("   beside {what}"), peer, &format!("ratio {ratio:.2}; {note}"));
}

/// Times of the same work done again and again. On a busy machine the processor's own time tells
/// more than the clock on the wall.
#[derive(Default)]
struct Times {
    walls: Vec<Duration>,
    works: Vec<Duration>,
}

impl Times {
    fn take<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let before = worked();
        let (done, took) = timed(work);
        self.works.push(worked().saturating_sub(before));
        self.walls.push(took);
        done
    }

    /// Wall and processor time that so many of a hundred stay under.
    fn under(&mut self, percent: usize) -> (Duration, Duration) {
        let pick = |times: &mut Vec<Duration>| {
            times.sort_unstable();
            times.get(times.len() * percent / 100).copied().unwrap_or_default()
        };
        (pick(&mut self.walls), pick(&mut self.works))
    }

    /// One row of the table: the 95th percentile.
    fn row(mut self, what: &str, note: &str) {
        let (wall, work) = self.under(95);
        let work = work.as_secs_f64() * 1000.0;
        row(what, wall, &format!("processor {work:.3} ms; {note}"));
    }
}

/// Processor time of this thread.
fn worked() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(now).unwrap_or_default()
}

/// Processor time of this process, all threads.
fn process() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(now).unwrap_or_default()
}

/// Peak memory of this process, MiB; 0 where the system does not tell.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    let kib = line.split_whitespace().nth(1).and_then(|text| text.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}
