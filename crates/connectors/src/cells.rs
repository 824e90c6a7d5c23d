//! Cells of a channel's bill as values, and what to say when one is wrong.

use crate::bill::RowProblem;
use domain::money::parse_minor;
use domain::{BusinessDate, parse_channel_time};

/// Characters of a row kept for mending.
const RAW_LIMIT: usize = 4_000;
/// Characters of a problem's detail.
const DETAIL_LIMIT: usize = 200;

/// A row problem that still lacks its raw line.
pub(crate) type CellProblem = (&'static str, String);

/// Text of a cell: blanks around it and control or direction-changing characters are taken off.
/// Everything else stays as printed; a cell that looks like a formula is text too.
pub(crate) fn text(cell: &str) -> String {
    let cell = cell.trim();
    if cell.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
        return cell.to_string();
    }
    cell.chars().filter(|c| is_shown(*c)).collect()
}

fn is_shown(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// An amount in yuan as fen. `0.04000` is 4.
///
/// # Errors
/// `bad_amount` with column and value.
pub(crate) fn amount(column: &str, cell: &str) -> Result<i64, CellProblem> {
    if let Some(minor) = plain_amount(cell.as_bytes()) {
        return Ok(minor);
    }
    parse_minor(cell, 2).map_err(|_| bad("bad_amount", column, cell))
}

/// As [`amount`], but an empty cell is zero.
pub(crate) fn amount_or_zero(column: &str, cell: &str) -> Result<i64, CellProblem> {
    if cell.trim().is_empty() { Ok(0) } else { amount(column, cell) }
}

/// The layout of nearly every cell, `-123.45` with any number of further zeros; `None` leaves
/// the cell to the careful reader.
fn plain_amount(cell: &[u8]) -> Option<i64> {
    let (negative, digits) = match cell {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, cell),
    };
    let point = digits.iter().take(12).position(|byte| *byte == b'.')?;
    let part = &digits[point + 1..];
    if point == 0 || part.len() < 2 || part[2..].iter().any(|byte| *byte != b'0') {
        return None;
    }
    let mut minor = 0i64;
    for byte in digits[..point].iter().chain(&part[..2]) {
        if !byte.is_ascii_digit() {
            return None;
        }
        minor = minor * 10 + i64::from(byte - b'0');
    }
    Some(if negative { -minor } else { minor })
}

/// A channel's wall clock as UTC milliseconds.
///
/// # Errors
/// `bad_time` with column and value.
pub(crate) fn time(column: &str, cell: &str) -> Result<i64, CellProblem> {
    parse_channel_time(cell).ok_or_else(|| bad("bad_time", column, cell))
}

/// As [`time`], but an empty cell is no time.
pub(crate) fn optional_time(column: &str, cell: &str) -> Result<Option<i64>, CellProblem> {
    if cell.trim().is_empty() { Ok(None) } else { time(column, cell).map(Some) }
}

/// A problem of one cell.
pub(crate) fn bad(code: &'static str, column: &str, cell: &str) -> CellProblem {
    (code, format!("{column}: {}", cell.trim()))
}

/// The problem with its row, both cut to their limits.
pub(crate) fn row_problem((code, detail): CellProblem, raw: &str) -> RowProblem {
    RowProblem {
        code,
        detail: detail.chars().filter(|c| is_shown(*c)).take(DETAIL_LIMIT).collect(),
        raw: raw.chars().take(RAW_LIMIT).collect(),
    }
}

/// A header or word in the form used for comparing: full-width signs narrowed, blanks dropped.
pub(crate) fn normal(header: &str) -> String {
    header
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{FEFF}')
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            '＋' => '+',
            '－' | '—' => '-',
            '：' => ':',
            '，' => ',',
            '；' => ';',
            other => other,
        })
        .collect()
}

/// Widens a span of days by one instant.
pub(crate) fn widen(days: &mut Option<(BusinessDate, BusinessDate)>, at_ms: i64) {
    let day = BusinessDate::of_ms(at_ms);
    match days {
        Some((first, last)) => {
            *first = (*first).min(day);
            *last = (*last).max(day);
        }
        None => *days = Some((day, day)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_formula_and_a_hidden_character_stay_harmless_text() {
        assert_eq!(text("=1+cmd|'/c calc'!A0"), "=1+cmd|'/c calc'!A0");
        assert_eq!(text("\t拿\u{0}铁\u{202E}\u{7} "), "拿铁");
    }

    proptest! {
        #[test]
        fn the_quick_reader_never_disagrees_with_the_careful_one(
            cell in "-?[0-9]{0,14}\\.?[0-9x]{0,5}",
        ) {
            if let Some(minor) = plain_amount(cell.as_bytes()) {
                prop_assert_eq!(parse_minor(&cell, 2), Ok(minor));
            }
        }
    }
}
