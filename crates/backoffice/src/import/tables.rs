//! Tables: what their columns mean, and a look before anything is booked.

use super::Run;
use crate::error::Error;
use connectors::bill::{Fact, FileKind, FileProblem, Row};
use connectors::table::{Confidence, Mapping, Preview};
use domain::format_channel_time;
use std::path::Path;
use store::bulk::Cell;

impl Run<'_, '_> {
    /// The mapping for a table: the one given, a remembered one, or a certain suggestion.
    pub(super) fn mapping(
        &mut self,
        entry: &connectors::Entry,
        kind: &FileKind,
    ) -> Result<Result<Option<Mapping>, FileProblem>, Error> {
        if !matches!(kind, FileKind::Table { .. }) {
            return Ok(Ok(None));
        }
        let preview = match preview_entry(entry) {
            Ok(preview) => preview,
            Err(problem) => return Ok(Err(problem)),
        };
        if let Some(mapping) = &self.options.mapping {
            self.remember(&preview.fingerprint, mapping)?;
            return Ok(Ok(Some(mapping.clone())));
        }
        let mut remembered = None;
        self.loader.query(
            "select body from mapping where fingerprint = $1",
            &[Cell::Text(&preview.fingerprint)],
            |row| {
                remembered = serde_json::from_str(row.text(0)?).ok();
                Ok(())
            },
        )?;
        if remembered.is_some() {
            return Ok(Ok(remembered));
        }
        match preview.suggestion {
            Some(found) if found.confidence == Confidence::Certain => {
                self.remember(&preview.fingerprint, &found.mapping)?;
                Ok(Ok(Some(found.mapping)))
            }
            _ => Ok(Err(FileProblem::NeedsMapping)),
        }
    }

    fn remember(&mut self, fingerprint: &str, mapping: &Mapping) -> Result<(), Error> {
        let body = serde_json::to_string(mapping).unwrap_or_default();
        self.loader.execute(
            "insert into mapping (fingerprint, body) values ($1, $2) \
             on conflict (fingerprint) do update set body = excluded.body",
            &[Cell::Text(fingerprint), Cell::Text(&body)],
        )?;
        Ok(())
    }
}

/// What an entry is read as, one after the other: a table of settlements is read for its sales,
/// and again for what its rows moved.
pub(super) fn readings(mapping: Option<Mapping>) -> Vec<Option<Mapping>> {
    let Some(mapping) = mapping else { return vec![None] };
    let targets = mapping.target.readings().iter();
    targets.map(|target| Some(mapping.reading(*target))).collect()
}

/// Looks at a table before anything is booked.
fn preview_entry(entry: &connectors::Entry) -> Result<Preview, FileProblem> {
    connectors::table::preview(&mut *entry.reader()?, &Default::default())
}

/// Looks at a table file: its columns, what they probably mean, and its first rows.
///
/// # Errors
/// [`Error::Refused`] when it is no table or cannot be read.
pub fn preview(path: &Path) -> Result<Preview, Error> {
    let refused = |problem| Error::Refused { name: path.display().to_string(), problem };
    let entries = connectors::open(path).map_err(refused)?;
    let table = entries.iter().find(|entry| matches!(entry.kind, Ok(FileKind::Table { .. })));
    match table {
        Some(entry) => preview_entry(entry).map_err(refused),
        None => Err(refused(FileProblem::Unknown { hint: Some("not_a_table".to_owned()) })),
    }
}

/// A row of a table as it would be read.
pub struct RowLook {
    /// Line in the file.
    pub line: u32,
    /// Day or time, in the channel's zone.
    pub at: String,
    /// Amount and currency.
    pub amount: Option<(i64, String)>,
    /// Balance after it.
    pub balance: Option<(i64, String)>,
    /// The bank's, the order's or the refund's number.
    pub number: String,
    /// The rest in words.
    pub text: String,
    /// Code and particulars of what cannot be read.
    pub problem: Option<(String, String)>,
}

/// What a page shows of a table before it is read.
pub struct TableLook {
    /// Headers with their first values.
    pub columns: Vec<(String, Vec<String>)>,
    /// Lines that may be the header, the likeliest first.
    pub header_lines: Vec<u32>,
    /// Sheets of a workbook.
    pub sheets: Vec<String>,
    /// How far the suggestion can be trusted.
    pub confidence: Option<&'static str>,
    /// What to look at first.
    pub notes: Vec<&'static str>,
    /// The mapping as JSON.
    pub mapping: Option<String>,
    /// The first rows under it.
    pub rows: Vec<RowLook>,
}

/// Looks at a table under a mapping that a person is making, or under our own suggestion.
///
/// # Errors
/// [`Error::Refused`] when it is no table; [`Error::BadInput`] for a mapping that is none.
pub fn look(
    path: &Path,
    mapping: Option<&str>,
    header_line: Option<u32>,
) -> Result<TableLook, Error> {
    let bad =
        |error: serde_json::Error| Error::BadInput { field: "mapping", reason: error.to_string() };
    let mapping: Option<Mapping> = mapping.map(serde_json::from_str).transpose().map_err(bad)?;
    let options = connectors::table::ReadOptions {
        sheet: mapping.as_ref().and_then(|mapping| mapping.sheet.clone()),
        header_line,
        mapping,
        ..Default::default()
    };
    let refused = |problem| Error::Refused { name: path.display().to_string(), problem };
    let entries = connectors::open(path).map_err(refused)?;
    let table = entries.iter().find(|entry| matches!(entry.kind, Ok(FileKind::Table { .. })));
    let none = || refused(FileProblem::Unknown { hint: Some("not_a_table".to_owned()) });
    let entry = table.ok_or_else(none)?;
    let mut reader = entry.reader().map_err(refused)?;
    let found = connectors::table::preview(&mut *reader, &options).map_err(refused)?;
    let suggestion = found.suggestion.as_ref();
    Ok(TableLook {
        columns: found.columns.iter().map(|c| (c.header.clone(), c.values.clone())).collect(),
        header_lines: found.header_candidates.iter().map(|found| found.line_no).collect(),
        sheets: found.sheets.clone(),
        confidence: suggestion.map(|found| found.confidence.code()),
        notes: suggestion.iter().flat_map(|s| &s.notes).map(|note| note.code()).collect(),
        mapping: suggestion.and_then(|found| serde_json::to_string(&found.mapping).ok()),
        rows: found.rows.into_iter().map(row_look).collect(),
    })
}

/// Mapping of JSON text, for a shell.
///
/// # Errors
/// [`Error::BadInput`].
pub fn mapping_of(text: &str) -> Result<Mapping, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::BadInput { field: "mapping", reason: error.to_string() })
}

fn row_look(row: Row) -> RowLook {
    let line = row.line_no;
    let words = |texts: &[&str]| -> String {
        let texts: Vec<&str> = texts.iter().copied().filter(|text| !text.is_empty()).collect();
        texts.join(" · ")
    };
    let empty = |problem| RowLook {
        line,
        at: String::new(),
        amount: None,
        balance: None,
        number: String::new(),
        text: String::new(),
        problem,
    };
    match row.fact {
        Err(problem) => empty(Some((problem.code.to_owned(), problem.detail))),
        Ok(Fact::Bank(line)) => RowLook {
            at: match line.booked_at_ms {
                Some(at) => format_channel_time(at),
                None => line.booked_on.to_string(),
            },
            amount: Some((line.amount_minor, line.currency.code().to_owned())),
            balance: line.balance_after_minor.map(|b| (b, line.currency.code().to_owned())),
            number: line.bank_ref.clone(),
            text: words(&[&line.account_no, &line.counterparty, &line.memo]),
            ..empty(None)
        },
        Ok(Fact::Order(order)) => RowLook {
            at: format_channel_time(order.ordered_at_ms),
            amount: Some((order.amount_minor, order.currency.code().to_owned())),
            number: order.merchant_order_id.clone(),
            text: words(&[
                order.status.code(),
                order.channel.map_or("", domain::Channel::code),
                &order.goods,
            ]),
            ..empty(None)
        },
        Ok(Fact::Refund(refund)) => RowLook {
            at: format_channel_time(refund.requested_at_ms),
            amount: Some((refund.amount_minor, refund.currency.code().to_owned())),
            number: refund.merchant_refund_id.clone(),
            text: words(&[&refund.merchant_order_id]),
            ..empty(None)
        },
        Ok(_) => empty(None),
    }
}
