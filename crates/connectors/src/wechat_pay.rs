//! WeChat Pay bills: trade bill and fund-flow bill.
//!
//! Source: WeChat Pay APIv3, bill download for direct merchants, read 2026-11.
//! UTF-8 with or without BOM, CRLF or LF. A header line, detail lines whose fields each begin
//! with a backtick, a summary header line, a summary line. No quoting: a detail line is split at
//! the two characters `` ,` ``, which survives stray commas. Columns are found by name.

use crate::bill::{Check, Closing, FileProblem, Row, RowProblem, Sink};
use crate::cells::{self, CellProblem};
use crate::lines::Lines;
use domain::money::parse_minor;
use std::io::BufRead;

pub mod api;
pub mod fund_bill;
pub mod kinds;
pub mod trade_bill;

#[cfg(test)]
mod tests;

/// First header cell of a trade bill's summary.
pub(crate) const TRADE_SUMMARY: &str = "总交易单数";
/// First header cell of a fund bill's summary.
pub(crate) const FUND_SUMMARY: &str = "资金流水总笔数";

/// The cells of one detail line, found again for every line without allocating.
#[derive(Default)]
pub(crate) struct Cells {
    ends: Vec<(usize, usize)>,
}

impl Cells {
    /// False when the line does not begin with a backtick.
    fn split(&mut self, line: &str) -> bool {
        self.ends.clear();
        let bytes = line.as_bytes();
        if bytes.first() != Some(&b'`') {
            return false;
        }
        let mut start = 1;
        for at in memchr::memchr_iter(b'`', &bytes[1..]).map(|at| at + 1) {
            if bytes[at - 1] == b',' {
                self.ends.push((start, at - 1));
                start = at + 1;
            }
        }
        self.ends.push((start, bytes.len()));
        true
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cell at `index`; empty when the line or the bill has none.
    fn get<'l>(&self, line: &'l str, index: Option<usize>) -> &'l str {
        let cell = index.and_then(|index| self.ends.get(index));
        cell.map_or("", |(from, to)| line.get(*from..*to).unwrap_or(""))
    }
}

/// Header names of a bill line without backticks, in [`cells::normal`] form.
pub(crate) fn header_names(line: &str) -> Vec<String> {
    line.split(',').map(|name| cells::normal(name.trim_start_matches('`'))).collect()
}

/// The two lines at the end of a bill.
#[derive(Debug)]
pub(crate) struct Summary {
    cells: Vec<(String, String)>,
    /// The file's first line.
    header: String,
    line_no: u32,
    /// False when the file ends without a line end: it may be cut inside the last number.
    terminated: bool,
}

impl Summary {
    /// The number under any of these names: minor units, or a count when `decimals` is 0.
    ///
    /// # Errors
    /// [`FileProblem::Damaged`] when it is not a number, [`FileProblem::Truncated`] when the
    /// file also ends right there.
    fn number(&self, names: &[&str], decimals: u32) -> Result<Option<i64>, FileProblem> {
        let found = self.cells.iter().find(|(name, _)| names.contains(&name.as_str()));
        let Some((name, value)) = found else { return Ok(None) };
        match parse_minor(value, decimals) {
            Ok(number) => Ok(Some(number)),
            Err(_) if !self.terminated => Err(FileProblem::Truncated { line_no: self.line_no }),
            Err(error) => Err(FileProblem::Damaged { detail: format!("{name}: {error}") }),
        }
    }

    /// Adds the comparison with a number of the summary, where the summary has it.
    fn check(
        &self,
        checks: &mut Vec<Check>,
        code: &str,
        names: &[&str],
        decimals: u32,
        found: i64,
    ) -> Result<(), FileProblem> {
        if let Some(expected) = self.number(names, decimals)? {
            checks.push(Check::yuan(code, expected, found));
        }
        Ok(())
    }

    /// A file that ends without a line end and disagrees with its last line was cut there.
    fn refuse_if_cut(&self, closing: &Closing) -> Result<(), FileProblem> {
        let broken = |check: &Check| !check.holds() && check.code != RUNNING_BALANCE;
        if !self.terminated && closing.checks.iter().any(broken) {
            return Err(FileProblem::Truncated { line_no: self.line_no });
        }
        Ok(())
    }
}

/// Code of the check that follows the balance from row to row.
pub(crate) const RUNNING_BALANCE: &str = "running_balance";

/// What differs between the two bills.
trait Bill {
    /// First header cell of the summary.
    const SUMMARY: &'static str;

    /// Learns where the columns are.
    fn header(&mut self, names: Vec<String>) -> Result<(), FileProblem>;

    /// How many cells a detail line has.
    fn width(&self) -> usize;

    /// Reads one detail line.
    fn row(
        &mut self,
        line_no: u32,
        line: &str,
        cells: &Cells,
    ) -> Result<crate::bill::Fact, CellProblem>;

    /// Told when a row could not even be split.
    fn lost_row(&mut self) {}
}

/// Runs a bill through its reader and returns its summary and the number of rows.
fn drive<B: Bill>(
    reader: &mut dyn BufRead,
    bill: &mut B,
    sink: Sink<'_>,
) -> Result<(Summary, u64), FileProblem> {
    let mut lines = Lines::new(reader);
    let mut cells = Cells::default();
    let mut rows = 0u64;
    let Some((line_no, line)) = lines.next()? else {
        return Err(FileProblem::Unknown { hint: None });
    };
    let header = utf8(line, line_no)?.to_string();
    bill.header(header_names(&header))?;
    loop {
        let last = lines.line_no();
        let Some((line_no, bytes)) = lines.next()? else {
            return Err(FileProblem::Truncated { line_no: last });
        };
        let line = utf8(bytes, line_no)?;
        if line.trim_start().starts_with(B::SUMMARY) {
            let names = header_names(line);
            return Ok((summary(&mut lines, names, header)?, rows));
        }
        let read = if !cells.split(line) {
            bill.lost_row();
            Err(cells::bad("bad_row", "line", "does not begin with a backtick"))
        } else if cells.len() != bill.width() {
            bill.lost_row();
            let code =
                if cells.len() < bill.width() { "too_few_columns" } else { "too_many_columns" };
            Err((code, format!("{} instead of {}", cells.len(), bill.width())))
        } else {
            bill.row(line_no, line, &cells)
        };
        let fact = read.map_err(|problem| cells::row_problem(problem, line));
        rows += 1;
        if sink(Row { line_no, fact }).is_break() {
            return Err(FileProblem::Stopped);
        }
    }
}

/// Reads the line under the summary header, and that nothing follows it.
fn summary(
    lines: &mut Lines<'_>,
    names: Vec<String>,
    header: String,
) -> Result<Summary, FileProblem> {
    let header_line = lines.line_no();
    let Some((line_no, bytes)) = lines.next()? else {
        return Err(FileProblem::Truncated { line_no: header_line });
    };
    let line = utf8(bytes, line_no)?;
    let mut cells = Cells::default();
    let split = cells.split(line);
    let values: Vec<String> =
        (0..cells.len()).map(|at| cells.get(line, Some(at)).trim().to_string()).collect();
    if !split || values.len() < names.len() {
        return Err(FileProblem::Truncated { line_no });
    }
    let terminated = lines.terminated();
    if lines.next()?.is_some() {
        let detail = format!("line {} stands after the summary", lines.line_no());
        return Err(FileProblem::Damaged { detail });
    }
    Ok(Summary { cells: names.into_iter().zip(values).collect(), header, line_no, terminated })
}

fn utf8(line: &[u8], line_no: u32) -> Result<&str, FileProblem> {
    std::str::from_utf8(line).map_err(|_| FileProblem::Encoding { line_no, encoding: "UTF-8" })
}

/// Reads one detail line again after it was mended.
fn replay<B: Bill>(bill: &mut B, raw: &str) -> Result<crate::bill::Fact, RowProblem> {
    let mut cells = Cells::default();
    let read = if cells.split(raw) && cells.len() == bill.width() {
        bill.row(0, raw, &cells)
    } else {
        Err(("bad_row", format!("{} instead of {}", cells.len(), bill.width())))
    };
    read.map_err(|problem| cells::row_problem(problem, raw))
}
