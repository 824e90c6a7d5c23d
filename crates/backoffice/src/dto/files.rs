//! The rows of a file as they cross to the window.

use super::convert::{date, money};
use super::lists::line;
use super::{Amount, ReportRow};
use crate::files::{FileRow, FileRows};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The rows booked from a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FilePage {
    /// File name.
    pub file: String,
    /// How many rows there are in all.
    #[ts(type = "number")]
    pub count: i64,
    /// What they add up to, by currency.
    pub sums: Vec<Amount>,
    /// Rows, in the order of the file.
    pub rows: Vec<ReportRow>,
    /// Where to go on.
    pub next: Option<String>,
}

impl FilePage {
    /// A page of the rows of a document.
    pub fn new(found: FileRows, document: i64) -> Self {
        let row = |row: FileRow| ReportRow {
            id: row.id.to_string(),
            kind: row.kind,
            day: date(row.day),
            number: row.number,
            text: row.text,
            amount: money(row.amount_minor, &row.currency),
            evidence: Some(line(document, row.line_no)),
        };
        Self {
            file: found.file,
            count: found.count,
            sums: found.sums.iter().map(Into::into).collect(),
            rows: found.page.rows.into_iter().map(row).collect(),
            next: found.page.next,
        }
    }
}
