//! Tables (CSV, XLSX) read by a column mapping that the book remembers.
//!
//! Memory is bounded: a text table is read row by row; a workbook is held packed, its string
//! table unpacked, its cells one by one.

mod amounts;
mod balance;
mod convert;
mod dates;
mod defined;
mod layouts;
mod mapping;
mod preview;
mod run;
mod settled;
mod source;
mod suggest;
pub(crate) mod text;
mod words;
mod words_settled;
mod xlsx;

#[cfg(test)]
mod tests;

pub use defined::sample;
pub use mapping::{
    AccountSource, AmountStyle, Field, Mapping, MappingProblem, NumberStyle, SkipRules,
};
pub use preview::{
    ColumnSample, Confidence, HeaderCandidate, Note, Preview, ReadOptions, Suggestion, preview,
};
pub use text::TextEncoding;

pub(crate) use dates::{time_of_day, zone};

use crate::bill::{Closing, Fact, FileProblem, Row, RowProblem, Sink};
use domain::BusinessDate;
use sha2::{Digest, Sha256};
use std::io::BufRead;
use std::ops::ControlFlow;

/// Reads a table by its mapping.
///
/// Rows that cannot be read are handed to the sink with their problem. The header row is found
/// by the mapped names, so it may move.
///
/// # Errors
/// [`FileProblem::NeedsMapping`] when the mapping is incomplete, [`FileProblem::MissingColumn`]
/// when the table has no such header, and the problems of container and text.
pub fn read(
    reader: &mut dyn BufRead,
    mapping: &Mapping,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    mapping.check().map_err(|_| FileProblem::NeedsMapping)?;
    let mut run = run::Run::new(mapping);
    let opening = source::Opening::of(mapping);
    let opened = source::each_record(reader, &opening, &mut |line_no, record| {
        run.record(line_no, record, sink)?;
        Ok(ControlFlow::Continue(()))
    })?;
    run.close(opened.ends_with_newline, sink)
}

/// Reads one row again after it was mended: `raw` is a CSV line with commas, as in
/// [`RowProblem::raw`]; `headers` are those of its table; `account_no` is used where the mapping
/// takes the account from above the header.
///
/// # Errors
/// What is still wrong with the row.
pub fn replay(
    mapping: &Mapping,
    headers: &[String],
    raw: &str,
    account_no: &str,
) -> Result<Fact, RowProblem> {
    let mut csv =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(raw.as_bytes());
    let mut record = csv::StringRecord::new();
    // Reading from text in memory cannot fail; an empty line leaves the record empty.
    let _ = csv.read_record(&mut record);
    convert::Plan::new(mapping, headers.to_vec()).fact(&record, account_no)
}

/// The payment of a row that was read after its day's payment was summed up: a payment of its own,
/// behind every line of the file. `None` for a row that moved nothing.
pub fn paid_later(row: &Row, account_no: &str) -> Option<Row> {
    let Ok(Fact::Balance(moved)) = &row.fact else { return None };
    let day = BusinessDate::of_ms(moved.at_ms);
    let mut paid = settled::payment(day, account_no, moved.amount_minor);
    paid.ledger_ref = format!("{}-{}", paid.ledger_ref, moved.ledger_ref);
    let line_no = row.line_no | 1 << 31;
    (moved.amount_minor != 0).then_some(Row { line_no, fact: Ok(Fact::Balance(paid)) })
}

/// What makes two tables the same kind: a digest of their headers.
///
/// Order, spaces, letter case, full-width forms and empty headers do not count. 64 hex digits.
pub fn fingerprint<S: AsRef<str>>(headers: &[S]) -> String {
    let mut names: Vec<String> = headers
        .iter()
        .map(|header| mapping::normal(convert::clean(header.as_ref())))
        .filter(|name| !name.is_empty())
        .collect();
    names.sort();
    let digest = Sha256::digest(names.join("\u{1F}").as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
