//! The `#` lines around the rows: account, days, markers, control totals.

use super::Text;
use crate::bill::{Closing, FileProblem};
use crate::cells;
use domain::BusinessDate;
use domain::money::parse_minor;

/// What stands above the rows.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) account_no: Option<String>,
    /// First and last day inside.
    pub(crate) days: Option<(BusinessDate, BusinessDate)>,
    /// True when the announced span begins or ends within a day.
    pub(crate) part_of_day: bool,
    /// Column header line.
    pub(crate) header: String,
}

/// A control total: `#交易合计：3笔，商家实收共134.40元，商家优惠共1.00元`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    /// `交易合计`.
    pub(crate) name: String,
    pub(crate) count: i64,
    /// `(商家实收, 13440)`; the name is empty where the line gives none.
    pub(crate) sums: Vec<(String, i64)>,
}

impl Total {
    /// The sum under a name.
    pub(crate) fn sum(&self, name: &str) -> Option<i64> {
        self.sums.iter().find(|(known, _)| known == name).map(|(_, sum)| *sum)
    }
}

/// One line under the head.
pub(crate) enum Item<'t> {
    /// A data line.
    Row(u32, &'t str),
    /// The rows are over.
    End,
}

/// Reads up to and including the column header.
///
/// # Errors
/// [`FileProblem::Unknown`] when the first line is not `title`, [`FileProblem::Truncated`].
pub(crate) fn head(text: &mut Text<'_>, title: &str) -> Result<Head, FileProblem> {
    let mut head = Head::default();
    let mut first = true;
    loop {
        let last = text.line_no();
        let Some((_, line)) = text.next()? else {
            return Err(if first {
                FileProblem::Unknown { hint: None }
            } else {
                FileProblem::Truncated { line_no: last }
            });
        };
        if std::mem::take(&mut first) {
            if !line.contains(title) {
                return Err(FileProblem::Unknown { hint: None });
            }
            continue;
        }
        let Some(comment) = comment(line) else {
            head.header = line.to_string();
            return Ok(head);
        };
        let comment = cells::normal(comment);
        if comment.starts_with("账号") {
            head.account_no = bracketed(&comment).map(cells::text).filter(|no| !no.is_empty());
        } else if comment.starts_with("起始日期") {
            head.days = days(&comment);
            head.part_of_day = comment.matches("00:00:00").count() != 2;
        }
    }
}

/// The next row, or the end of the rows.
///
/// # Errors
/// [`FileProblem::Truncated`] when the file ends without an end marker.
pub(crate) fn next<'t>(text: &'t mut Text<'_>) -> Result<Item<'t>, FileProblem> {
    let last = text.line_no();
    match text.next()? {
        None => Err(FileProblem::Truncated { line_no: last }),
        Some((_, line)) if comment(line).is_some_and(|line| line.contains("列表结束")) => {
            Ok(Item::End)
        }
        Some((line_no, line)) => Ok(Item::Row(line_no, line)),
    }
}

/// What stands under the end marker.
#[derive(Debug, Default)]
pub(crate) struct Foot {
    pub(crate) totals: Vec<Total>,
    /// 导出时间, UTC ms.
    pub(crate) issued_at_ms: Option<i64>,
}

/// Reads what stands under the end marker: the control totals and the time of the export.
///
/// # Errors
/// [`FileProblem::Truncated`] for a total that cannot be read: its line is cut.
/// [`FileProblem::Damaged`] for rows after the end marker.
pub(crate) fn foot(text: &mut Text<'_>) -> Result<Foot, FileProblem> {
    let mut foot = Foot::default();
    let totals = &mut foot.totals;
    let mut ends_in_total = false;
    while let Some((line_no, line)) = text.next()? {
        let Some(comment) = comment(line) else {
            if line.trim_matches([',', ' ', '\t']).is_empty() {
                continue;
            }
            let detail = format!("line {line_no} stands after the end marker");
            return Err(FileProblem::Damaged { detail });
        };
        if comment.starts_with("导出时间") {
            foot.issued_at_ms = bracketed(comment).and_then(issued);
        }
        let comment = cells::normal(comment);
        ends_in_total = comment.contains("合计:");
        if ends_in_total {
            totals.push(total(&comment).ok_or(FileProblem::Truncated { line_no })?);
            // A channel prints two; more would only fill the memory.
            if totals.len() > 16 {
                return Err(FileProblem::Damaged { detail: "too many control totals".into() });
            }
        }
    }
    // A total without a line end may have lost its last sum.
    if ends_in_total && !text.terminated() {
        return Err(FileProblem::Truncated { line_no: text.line_no() });
    }
    Ok(foot)
}

/// `2026年03月06日 05:46:49`.
fn issued(text: &str) -> Option<i64> {
    let plain = text.replace(['年', '月'], "-").replace('日', "");
    domain::parse_channel_time(plain.trim())
}

/// Adds account and days to a closing.
pub(crate) fn finish(
    closing: &mut Closing,
    head: Head,
    issued_at_ms: Option<i64>,
    seen: Option<(BusinessDate, BusinessDate)>,
) {
    closing.account_no = head.account_no;
    closing.issued_at_ms = issued_at_ms;
    closing.part_of_day = head.part_of_day;
    closing.header = head.header;
    super::set_days(closing, head.days, seen);
}

/// The text of a `#` line without its padding; `None` for any other line.
fn comment(line: &str) -> Option<&str> {
    let line = super::trim(line).trim_matches('"');
    line.strip_prefix('#').map(|text| text.trim_matches([',', ' ', '\t', '-']))
}

fn bracketed(text: &str) -> Option<&str> {
    Some(text.split_once('[')?.1.split_once(']')?.0)
}

/// `起始日期:[2026年03月05日00:00:00]终止日期:[2026年03月06日00:00:00]`; the end is exclusive.
fn days(line: &str) -> Option<(BusinessDate, BusinessDate)> {
    let from = bracketed(line)?;
    let (_, rest) = line.split_once(']')?;
    let until = bracketed(rest)?;
    let day = |text: &str| {
        let date = text.split_once('日')?.0.replace(['年', '月'], "-");
        BusinessDate::parse(&date)
    };
    let (first, end) = (day(from)?, day(until)?);
    let last = if until.ends_with("00:00:00") { end.plus_days(-1) } else { end };
    (first <= last).then_some((first, last))
}

/// `交易合计:3笔,商家实收共134.40元,商家优惠共1.00元`, normalised.
fn total(line: &str) -> Option<Total> {
    let (name, rest) = line.split_once(':')?;
    let mut parts = rest.split(',');
    let count = parse_minor(parts.next()?.strip_suffix('笔')?, 0).ok()?;
    let mut sums = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let (name, amount) = part.split_once('共')?;
        sums.push((name.to_string(), parse_minor(amount.strip_suffix('元')?, 2).ok()?));
    }
    // A total without an amount is a line cut after its count.
    (!sums.is_empty()).then(|| Total { name: name.to_string(), count, sums })
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn control_totals_are_read_in_every_spelling() {
        let read = |line: &str| total(&cells::normal(line));
        let found = read("交易合计：3笔，商家实收共134.40元，商家优惠共1.00元").unwrap();
        assert_eq!(
            (found.count, found.sum("商家实收"), found.sum("商家优惠")),
            (3, Some(13440), Some(100))
        );
        let found = read("支出合计:6笔,共-1052.80元").unwrap();
        assert_eq!((found.name.as_str(), found.sum("")), ("支出合计", Some(-105_280)));
        for cut in ["支出合计:6笔,共-1052.8", "支出合计:6笔", "支出合计:6", "支出合计:"]
        {
            assert_eq!(read(cut), None, "{cut}");
        }
    }

    #[test]
    fn the_time_of_the_export_is_beijing_time() {
        // 2026-03-05T21:46:49Z.
        assert_eq!(issued("2026年03月06日 05:46:49"), Some(1_772_747_209_000));
        assert_eq!(issued("yesterday"), None);
    }

    #[test]
    fn the_end_date_is_the_day_after_the_last() {
        let line = "起始日期：[2026年03月05日 00:00:00]   终止日期：[2026年03月06日 00:00:00]";
        let (first, last) = days(&cells::normal(line)).unwrap();
        assert_eq!(
            (first.to_string(), last.to_string()),
            ("2026-03-05".into(), "2026-03-05".into())
        );
    }
}
