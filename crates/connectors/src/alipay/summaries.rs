//! The two summaries: 业务明细(汇总) and 账务汇总. Control totals without facts.

use super::frame::{self, Item};
use super::surplus::{Anchors, RowCells};
use super::{Columns, Text};
use crate::bill::{Check, Closing, FileProblem};
use crate::cells;
use std::io::BufRead;

/// First line of the business summary.
pub(crate) const TRADE_TITLE: &str = "支付宝业务汇总查询";
/// First line of the account summary.
pub(crate) const ACCOUNT_TITLE: &str = "支付宝账务汇总查询";

/// A numeric column of a summary.
struct Sum {
    /// Spellings of the header, unit taken off.
    names: &'static [&'static str],
    /// Name of the total; the same as in the details' closing where both have it.
    total: &'static str,
    /// True for a count, false for yuan.
    count: bool,
}

const fn sum(names: &'static [&'static str], total: &'static str, count: bool) -> Sum {
    Sum { names, total, count }
}

const TRADE: &[Sum] = &[
    sum(&["交易订单总笔数"], "payments_count", true),
    sum(&["退款订单总笔数"], "refunds_count", true),
    sum(&["订单金额"], "order_amount", false),
    sum(&["商家实收"], "received", false),
    sum(&["支付宝优惠"], "alipay_discounts", false),
    sum(&["商家优惠"], "own_discounts", false),
    sum(&["卡消费金额"], "card_amount", false),
    sum(&["服务费"], "all_fees", false),
    sum(&["分润"], "royalties", false),
    sum(&["实收净额"], "net", false),
];

const ACCOUNT: &[Sum] = &[
    sum(&["收入笔数"], "in_count", true),
    sum(&["收入金额", "收入"], "in_amount", false),
    sum(&["支出笔数"], "out_count", true),
    sum(&["支出金额", "支出"], "out_amount", false),
    sum(&["总金额"], "net_amount", false),
];

/// Reads a business summary. No rows; totals (fen or counts): `payments_count`,
/// `refunds_count`, `order_amount`, `received`, `alipay_discounts`, `own_discounts`,
/// `card_amount`, `all_fees`, `royalties`, `net`. Checks: each column against its 合计.
///
/// # Errors
/// [`FileProblem::Truncated`] without the 合计 row or the end marker, and those of the details.
pub fn read_trade(reader: &mut dyn BufRead) -> Result<Closing, FileProblem> {
    read(reader, TRADE_TITLE, TRADE)
}

/// Reads an account summary. No rows; totals: `in_count`, `in_amount`, `out_count`,
/// `out_amount` (negative), `net_amount`, and for each 业务类型 `net_amount:<type>`. Checks:
/// each column against its 合计.
///
/// # Errors
/// As [`read_trade`].
pub fn read_account(reader: &mut dyn BufRead) -> Result<Closing, FileProblem> {
    read(reader, ACCOUNT_TITLE, ACCOUNT)
}

/// Compares details with the summary of the same account and day: one check for each total
/// both have, its code `summary:<total>`. A failing `summary:net` of business details whose
/// `net_as_printed` would agree asks for [`super::FeeSigns::AsPrinted`].
pub fn compare(details: &Closing, summary: &Closing) -> Vec<Check> {
    let of = |closing: &Closing, name: &str| {
        closing.totals.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    };
    summary
        .totals
        .iter()
        .filter_map(|(name, expected)| {
            let found = of(details, name)?;
            let code = format!("summary:{name}");
            Some(Check::yuan(code, *expected, found))
        })
        .collect()
}

fn read(
    reader: &mut dyn BufRead,
    title: &str,
    sums: &'static [Sum],
) -> Result<Closing, FileProblem> {
    let mut text = Text::new(reader);
    let head = frame::head(&mut text, title)?;
    let names: Vec<&[&str]> = sums.iter().map(|sum| sum.names).collect();
    let columns = Columns::find(&head.header, &names);
    let mut cells = RowCells::default();
    let mut found = vec![0i64; sums.len()];
    let mut announced: Option<Vec<i64>> = None;
    let mut totals = Vec::new();
    while let Item::Row(line_no, line) = frame::next(&mut text)? {
        let anchors = Anchors { width: columns.width, free: &[], fits: &|_, _| true };
        // A summary that cannot be read proves nothing, so it is refused rather than mended.
        cells.split(line, &anchors).map_err(|width| FileProblem::Damaged {
            detail: format!("line {line_no} has {width} columns instead of {}", columns.width),
        })?;
        let numbers = numbers(line_no, line, &cells, &columns, sums)?;
        let first = cells::text(cells.get(line, Some(0)));
        if first == "合计" {
            announced = Some(numbers);
            continue;
        }
        if let (Some(net), true) = (numbers.last(), title == ACCOUNT_TITLE && totals.len() < 256) {
            totals.push((format!("net_amount:{first}"), *net));
        }
        for (sum, number) in found.iter_mut().zip(&numbers) {
            *sum = sum.saturating_add(*number);
        }
    }
    let line_no = text.line_no();
    let foot = frame::foot(&mut text)?;
    let announced = announced.ok_or(FileProblem::Truncated { line_no })?;
    let mut closing = Closing::default();
    for (place, sum) in sums.iter().enumerate().filter(|(place, _)| columns.at[*place].is_some()) {
        closing.totals.push((sum.total.to_string(), announced[place]));
        let code = format!("{}:{}", if sum.count { "count" } else { "sum" }, sum.names[0]);
        closing.checks.push(Check::yuan(code, announced[place], found[place]));
    }
    closing.totals.extend(totals);
    frame::finish(&mut closing, head, foot.issued_at_ms, None);
    Ok(closing)
}

fn numbers(
    line_no: u32,
    line: &str,
    cells: &RowCells,
    columns: &Columns,
    sums: &[Sum],
) -> Result<Vec<i64>, FileProblem> {
    let number = |(sum, at): (&Sum, &Option<usize>)| {
        let cell = cells.get(line, *at);
        let decimals = if sum.count { 0 } else { 2 };
        let text = if cell.is_empty() { "0" } else { cell };
        domain::money::parse_minor(text, decimals).map_err(|error| FileProblem::Damaged {
            detail: format!("line {line_no}, {}: {error}", sum.names[0]),
        })
    };
    sums.iter().zip(&columns.at).map(number).collect()
}
