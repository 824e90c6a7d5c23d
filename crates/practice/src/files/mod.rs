//! The files: true formats, written day by day.

mod alipay;
mod alipay_account;
mod bank;
mod list;
mod out;
mod span;
mod wechat;
mod write;
mod zip;

pub(crate) use alipay_account::log_item as alipay_log_item;
pub use bank::bank_statement;
pub use write::{Summary, WriteError, write};
pub(crate) use zip::Zip;

use crate::model::{FundRow, TradeLine};
use crate::options::{Layout, TradeBill};
use std::io::{self, Cursor};

/// A WeChat trade bill of these rows; `None` when there is none of them, as the channel then
/// answers that no statement exists. Not compressed.
pub fn wechat_trade_bill(lines: &[TradeLine], bill: TradeBill, layout: &Layout) -> Option<Vec<u8>> {
    let mut file = wechat::TradeFile::new(Vec::new(), bill, layout);
    lines.iter().try_for_each(|line| file.line(line)).ok()?;
    if file.rows() == 0 { None } else { file.finish().ok() }
}

/// A WeChat fund bill; `None` when nothing moved. Not compressed.
pub fn wechat_fund_bill(rows: &[FundRow], layout: &Layout) -> Option<Vec<u8>> {
    if rows.is_empty() {
        return None;
    }
    let mut file = wechat::FundFile::new(Vec::new(), layout);
    rows.iter().try_for_each(|row| file.row(row)).ok()?;
    file.finish().ok()
}

/// Alipay's ZIP of business details and their summary, for the days from `from` until before
/// `until` (days since 1970-01-01); `None` when there is no row.
pub fn alipay_trade_bill(lines: &[TradeLine], from: i32, until: i32) -> Option<Vec<u8>> {
    trade_bill_made_at(alipay::HOUR, lines, from, until)
}

/// The same of one day, made an hour before the one that is right.
pub(crate) fn early_alipay_trade_bill(lines: &[TradeLine], day: i32) -> Option<Vec<u8>> {
    trade_bill_made_at(alipay::EARLY, lines, day, day + 1)
}

fn trade_bill_made_at(
    hour: &'static str,
    lines: &[TradeLine],
    from: i32,
    until: i32,
) -> Option<Vec<u8>> {
    zipped(|out| {
        let mut file = alipay::TradeFile::new(out, from, until)?.made_at(hour);
        lines.iter().try_for_each(|line| file.line(line))?;
        file.finish()
    })
    .filter(|_| !lines.is_empty())
}

/// Alipay's ZIP of account details and their summary; `None` when nothing moved.
pub fn alipay_account_bill(
    rows: &[FundRow],
    from: i32,
    until: i32,
    layout: &Layout,
) -> Option<Vec<u8>> {
    account_bill_made_at(alipay::HOUR, rows, (from, until), layout)
}

/// The same of one day, made an hour before the one that is right.
pub(crate) fn early_alipay_account_bill(
    rows: &[FundRow],
    day: i32,
    layout: &Layout,
) -> Option<Vec<u8>> {
    account_bill_made_at(alipay::EARLY, rows, (day, day + 1), layout)
}

fn account_bill_made_at(
    hour: &'static str,
    rows: &[FundRow],
    (from, until): (i32, i32),
    layout: &Layout,
) -> Option<Vec<u8>> {
    zipped(|out| {
        let file = alipay_account::AccountFile::new(out, from, until, layout)?;
        let mut file = file.made_at(hour);
        rows.iter().try_for_each(|row| file.row(row))?;
        file.finish()
    })
    .filter(|_| !rows.is_empty())
}

type Memory = Cursor<Vec<u8>>;

fn zipped(make: impl FnOnce(Memory) -> io::Result<Memory>) -> Option<Vec<u8>> {
    // Writing to memory cannot fail.
    make(Cursor::new(Vec::new())).ok().map(Cursor::into_inner)
}
