//! How fast statements are made: `speed [rounds]`. Prints time, size and peak memory.

mod samples;

use documents::{Statement, render_csv, render_pdf, render_xlsx};
use domain::Channel;
use messages::Lang;
use samples::{golden_payout, period};
use std::time::Instant;

fn main() {
    let rounds: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(3);
    let short = golden_payout(Lang::Zh);
    // 29 lines stand on a page.
    let long = period(Lang::Zh, Some(Channel::WechatPay), 29_000);
    let rows = period(Lang::Zh, Some(Channel::WechatPay), 100_000);
    let base = peak_kib();
    measure("pdf, a payout", rounds * 20, &short, |s| render_pdf(s).expect("a sample"));
    measure("pdf, 1000 pages", rounds, &long, |s| render_pdf(s).expect("a sample"));
    println!("peak memory of the PDFs above the data: {} KiB", peak_kib() - base);
    let base = peak_kib();
    measure("csv, 100000 rows", rounds, &rows, |s| render_csv(s).expect("a sample"));
    measure("xlsx, 100000 rows", rounds, &rows, |s| render_xlsx(s).expect("a sample"));
    measure("xlsx, the writer alone", rounds, &rows, writer_alone);
    println!("peak memory of the tables above that: {} KiB", peak_kib() - base);
}

fn measure(name: &str, rounds: u32, statement: &Statement, make: fn(&Statement) -> Vec<u8>) {
    let mut best = u128::MAX;
    let mut size = 0;
    for _ in 0..rounds {
        let start = Instant::now();
        size = make(statement).len();
        best = best.min(start.elapsed().as_micros());
    }
    println!("{name}: best of {rounds} {best} µs, {size} bytes");
}

/// The same cells with nothing around them: the floor of the workbook.
fn writer_alone(statement: &Statement) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let amount = rust_xlsxwriter::Format::new().set_num_format("#,##0.00");
    let time = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let sheet = book.add_worksheet_with_constant_memory().expect("a sheet");
    for (row, line) in (0..).zip(&statement.lines) {
        let at = rust_xlsxwriter::ExcelDateTime::from_timestamp(line.at_ms / 1000).expect("a time");
        sheet.write_datetime_with_format(row, 0, at, &time).expect("a cell");
        let texts = [line.kind.code(), &line.order_no, &line.channel_no, &line.goods];
        for (column, text) in (1..).zip(texts) {
            sheet.write_string(row, column, text).expect("a cell");
        }
        for (column, minor) in (5..).zip([line.gross_minor, line.fee_minor, line.net_minor]) {
            let number = minor as f64 / 100.0;
            sheet.write_number_with_format(row, column, number, &amount).expect("a cell");
        }
        sheet.write_string(row, 8, &line.evidence_file).expect("a cell");
        sheet.write_number(row, 9, line.evidence_line).expect("a cell");
    }
    book.save_to_buffer().expect("a workbook")
}

/// Peak resident memory of this process; 0 where the system does not tell.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
