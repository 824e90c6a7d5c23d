//! Benchmarks: our work beside a peer or a physical floor, measured in the same run.
//!
//! `bench [orders a day] [days]`; without arguments a small shop, to see that it runs. The year of
//! `docs/performance.md` is `bench 2740 365`. Prints a table, never a verdict.

mod peers;

use anyhow::{Context, Result};
use backoffice::payouts::{PayoutFilter, list_payouts};
use backoffice::transactions::{TransactionFilter, list_transactions};
use backoffice::{ledger, proof, reconciliation};
use practice::{Options, Plant};
use std::time::{Duration, Instant};
use support::{Kind, PracticeShop, import_with, new_book, reader};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1).filter(|arg| !arg.starts_with("--"));
    let size = args.next().map_or(Ok(100), |text| text.parse()).context("orders a day")?;
    let days = args.next().map_or(Ok(30), |text| text.parse()).context("days")?;
    let options = Options { size, days, planted: Plant::None, ..Options::default() };
    let (shop, wrote) = timed(|| PracticeShop::write(&options));
    row("practice shop written", wrote, "");

    let test = new_book(Kind::Sqlite);
    let skip = backoffice::import::ImportOptions { skip_reconcile: true, ..Default::default() };
    let (report, imported) = timed(|| import_with(&test.book, &shop.files(), &skip));
    let rows: u64 = report.files.iter().map(|file| file.rows_new).sum();
    let (copied, floor) = peers::raw_insert(&test.book)?;
    let ratio = imported.as_secs_f64() / floor.as_secs_f64();
    row("import", imported, &format!("{rows} rows, {} MiB peak", peak_mib()));
    row("  floor: raw encrypted insert", floor, &format!("{copied} rows, ratio {ratio:.2}"));

    let (summary, reconciled) = timed(|| reconciliation::reconcile(&test.book));
    let summary = summary?;
    row(
        "reconcile, results stored",
        reconciled,
        &format!(
            "{} matched, {} payouts, {} MiB peak",
            summary.matched,
            summary.payouts,
            peak_mib()
        ),
    );
    match peers::duckdb(&shop.path())? {
        Some(peer) => {
            let ratio = reconciled.as_secs_f64() / peer.as_secs_f64();
            row("  peer: DuckDB, the same join from CSV", peer, &format!("ratio {ratio:.2}"));
        }
        None => println!("  peer: DuckDB is not installed (pip install duckdb)"),
    }
    reads(&test.book)
}

/// Lists, look-ups and reports, through the whole core.
fn reads(book: &store::Book) -> Result<()> {
    let mut reader = reader(book);
    let (balances, took) = timed(|| ledger::trial_balance(&mut reader, None));
    row("trial balance", took, &format!("{} accounts", balances?.len()));
    let (hash, took) = timed(|| proof::state_hash(&mut reader));
    row("state hash", took, &hash?[..12]);
    let mut pages = Vec::new();
    let mut cursor = None;
    let filter = TransactionFilter::default();
    let mut sample = String::new();
    for _ in 0..200 {
        let (page, took) = timed(|| list_transactions(&mut reader, &filter, cursor.as_deref(), 50));
        let page = page?;
        pages.push(took);
        sample = page.rows.last().map_or(sample, |row| row.payment_id.clone());
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    row("page of 50 transactions, p95", p95(&mut pages), "");
    let by_number = TransactionFilter { number: Some(sample), ..TransactionFilter::default() };
    let mut finds: Vec<Duration> =
        (0..50).map(|_| timed(|| list_transactions(&mut reader, &by_number, None, 50)).1).collect();
    row("find by number, p95", p95(&mut finds), "");
    let all = PayoutFilter::default();
    let mut lists: Vec<Duration> =
        (0..50).map(|_| timed(|| list_payouts(&mut reader, &all, None, 50)).1).collect();
    row("page of 50 payouts, p95", p95(&mut lists), "");
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

fn row(what: &str, took: Duration, note: &str) {
    println!("{what:<44} {:>10.3} ms   {note}", took.as_secs_f64() * 1000.0);
}

fn p95(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() * 95 / 100).copied().unwrap_or_default()
}

/// Peak memory of this process, MiB; 0 where the system does not tell.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    let kib = line.split_whitespace().nth(1).and_then(|text| text.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}
