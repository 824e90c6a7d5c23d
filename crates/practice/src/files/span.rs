//! Which days share a file.

use crate::options::Span;
use crate::time::{civil, compact_date, date_text, day_of};
use chrono::NaiveDate;

/// The first day of the file that holds `day`, and the first day after it; inside the run.
pub(super) fn around(day: i32, span: Span, (first, last): (i32, i32)) -> (i32, i32) {
    let (from, until) = match span {
        Span::Day => (day, day + 1),
        Span::Month => {
            let (year, month, _) = civil(day);
            let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            let start = |(year, month)| NaiveDate::from_ymd_opt(year, month, 1).map(day_of);
            (start((year, month)).unwrap_or(first), start(next).unwrap_or(last + 1))
        }
        Span::All => (first, last + 1),
    };
    (from.max(first), until.min(last + 1))
}

/// `2026-04-14`, `2026-04`, `2026-01-15_2026-04-15`.
pub(super) fn label((from, until): (i32, i32), span: Span) -> String {
    match span {
        Span::Day => date_text(from),
        Span::Month => date_text(from)[..7].into(),
        Span::All => format!("{}_{}", date_text(from), date_text(until - 1)),
    }
}

/// `20260414`, `202604`, `20260115_20260415`.
pub(super) fn compact_label((from, until): (i32, i32), span: Span) -> String {
    match span {
        Span::Day => compact_date(from),
        Span::Month => compact_date(from)[..6].into(),
        Span::All => format!("{}_{}", compact_date(from), compact_date(until - 1)),
    }
}
