//! Text tables: aligned by what is seen, so that Chinese text keeps its columns.

use crate::output::Output;
use crate::problem::Problem;
use backoffice::sums::Sum;
use backoffice::{BusinessDate, dto};
use unicode_width::UnicodeWidthStr;

/// Longest cell of a free text, in columns of the terminal.
const CELL_WIDTH: usize = 48;

/// Which side a column's cells keep to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Amounts and counts.
    Right,
}

/// A table that is filled and then shown.
pub struct Table {
    columns: Vec<(String, Side)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Columns by their key in the catalogue, `cli.col.<key>`; a `>` before it keeps right.
    pub fn new(output: &Output, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|name| match name.strip_prefix('>') {
            Some(name) => (output.word(&format!("cli.col.{name}")), Side::Right),
            None => (output.word(&format!("cli.col.{name}")), Side::Left),
        });
        Self { columns: columns.collect(), rows: Vec::new() }
    }

    /// Adds a row; cells in the order of the columns.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| plain(&cell)).collect());
    }

    /// Rows so far.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Shows the table; nothing at all without rows.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn show(self, output: &mut Output) -> Result<(), Problem> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let heads: Vec<String> = self.columns.iter().map(|(head, _)| head.clone()).collect();
        let widths: Vec<usize> = (0..heads.len())
            .map(|column| {
                let cells =
                    self.rows.iter().filter_map(|row| row.get(column)).chain([&heads[column]]);
                cells.map(|cell| cell.width()).max().unwrap_or(0)
            })
            .collect();
        for row in [&heads].into_iter().chain(&self.rows) {
            let mut line = String::new();
            for (index, cell) in row.iter().enumerate() {
                let gap = " ".repeat(widths[index].saturating_sub(cell.width()));
                let (before, after) = match self.columns[index].1 {
                    Side::Left => ("", gap.as_str()),
                    Side::Right => (gap.as_str(), ""),
                };
                line.push_str(&format!("{before}{cell}{after}  "));
            }
            output.line(line.trim_end())?;
        }
        Ok(())
    }
}

/// A cell that cannot break the table: no control characters (a file's text may hold escape
/// codes), and cut when long.
fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        shown.push(if is_control(c) { ' ' } else { c });
    }
    if shown.width() <= CELL_WIDTH {
        return shown;
    }
    while shown.width() >= CELL_WIDTH {
        shown.pop();
    }
    shown.push('…');
    shown
}

/// Control characters, and those that turn the direction of writing.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A text of a file on a line of its own: whole, without control characters.
pub fn safe(text: &str) -> String {
    text.chars().map(|c| if is_control(c) && c != '\t' { ' ' } else { c }).collect()
}

/// A day as text.
pub fn date(day: i32) -> String {
    BusinessDate::from_days(day).to_string()
}

/// An instant as the channel's wall clock.
pub fn time(at_ms: i64) -> String {
    dto::time_text(at_ms)
}

/// A day as text, `–` for none.
pub fn maybe_date(day: Option<i32>) -> String {
    day.map_or_else(|| "–".to_owned(), date)
}

/// Sums of several currencies: `1,234.05, JPY 800`.
pub fn amounts(sums: &[Sum]) -> String {
    match sums {
        [] => bare_amount(0, "CNY"),
        sums => {
            let shown = sums.iter().map(|sum| amount(sum.amount_minor, &sum.currency));
            shown.collect::<Vec<_>>().join(", ")
        }
    }
}

/// An amount, with its currency where that is not the yuan: `-1,234.05`, `JPY 800`.
pub fn amount(minor: i64, currency: &str) -> String {
    let bare = bare_amount(minor, currency);
    if currency == "CNY" { bare } else { format!("{currency} {bare}") }
}

/// An amount grouped by thousands, for a table that names the currency in a column of its own.
pub fn bare_amount(minor: i64, currency: &str) -> String {
    let major = dto::money(minor, currency).major;
    let (sign, digits) = match major.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", major.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match part {
        "" => format!("{sign}{grouped}"),
        part => format!("{sign}{grouped}.{part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_and_keep_their_sign() {
        for (minor, shown) in
            [(0, "0.00"), (-5, "-0.05"), (123_405, "1,234.05"), (-100_000_000, "-1,000,000.00")]
        {
            assert_eq!(amount(minor, "CNY"), shown);
        }
        assert_eq!(amount(1234, "JPY"), "JPY 1,234");
        assert_eq!(bare_amount(1234, "JPY"), "1,234");
    }

    #[test]
    fn a_files_text_cannot_steer_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c"), "a [31mb c");
        assert_eq!(safe("a\u{7}b\tc"), "a b\tc");
        assert!(plain(&"算".repeat(100)).width() <= CELL_WIDTH);
    }
}
