//! What crosses for the pages around the book: import, statements, settings.

use super::Amount;
use super::convert::{instant_text, money};
use crate::import::TableLook;
use crate::quarantine::{Mended, SetAside, SetAsideRows};
use crate::revisions::{RevisedBill, Revision};
use crate::statements::{Issued, Verification};
use domain::BusinessDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A row set aside.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SetAsideRow {
    /// Document.
    #[ts(type = "number")]
    pub document: i64,
    /// Line.
    pub line: u32,
    /// File.
    pub file: String,
    /// Kind.
    pub kind: String,
    /// Code.
    pub code: String,
    /// Detail.
    pub detail: String,
    /// The row as it stood.
    pub raw: String,
}

impl From<SetAside> for SetAsideRow {
    fn from(row: SetAside) -> Self {
        let SetAside { document, line, file, kind, code, detail, raw, .. } = row;
        Self { document, line, file, kind, code, detail, raw }
    }
}

/// A page of rows set aside.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SetAsidePage {
    /// The rows.
    pub rows: Vec<SetAsideRow>,
    /// How many there are on all pages.
    #[ts(type = "number")]
    pub total: i64,
    /// Where to go on.
    pub next: Option<String>,
}

impl From<SetAsideRows> for SetAsidePage {
    fn from(page: SetAsideRows) -> Self {
        let rows = page.rows.into_iter().map(Into::into).collect();
        Self { rows, total: page.total, next: page.next }
    }
}

/// What became of a mended row.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MendAnswer {
    /// `booked`, `known`, `changed` or `still_wrong`.
    pub state: String,
    /// Why it is still wrong.
    pub code: Option<String>,
    /// Column and value.
    pub detail: Option<String>,
}

impl From<Mended> for MendAnswer {
    fn from(done: Mended) -> Self {
        let (state, code, detail) = match done {
            Mended::Booked => ("booked", None, None),
            Mended::Known => ("known", None, None),
            Mended::Changed => ("changed", None, None),
            Mended::StillWrong { code, detail } => ("still_wrong", Some(code), Some(detail)),
        };
        Self { state: state.to_owned(), code, detail }
    }
}

/// A bill of a revision.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RevisedBillView {
    /// Document.
    #[ts(type = "number")]
    pub document: i64,
    /// File name.
    pub name: String,
    /// Lines on that day.
    #[ts(type = "number")]
    pub lines: i64,
    /// When the channel made it.
    pub issued_at: Option<String>,
    /// When it was read.
    pub received_at: String,
}

impl From<RevisedBill> for RevisedBillView {
    fn from(bill: RevisedBill) -> Self {
        Self {
            document: bill.id,
            name: bill.name,
            lines: bill.lines,
            issued_at: bill.issued_at_ms.map(instant_text),
            received_at: instant_text(bill.received_at_ms),
        }
    }
}

/// Two bills of one day that differ.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RevisionView {
    /// Stream.
    pub stream: String,
    /// Channel.
    pub channel: String,
    /// Account no.
    pub account_no: String,
    /// Day.
    pub day: String,
    /// The one bill; the later where that is known.
    pub bill: RevisedBillView,
    /// The other.
    pub other: RevisedBillView,
    /// True when the first counts.
    pub decided: bool,
    /// Only in the first.
    #[ts(type = "number")]
    pub added: i64,
    /// Only in the other.
    #[ts(type = "number")]
    pub removed: i64,
    /// Different in both.
    #[ts(type = "number")]
    pub changed: i64,
    /// Document of the first line in which they part.
    pub document: String,
    /// That line.
    pub line_no: u32,
}

impl From<Revision> for RevisionView {
    fn from(found: Revision) -> Self {
        Self {
            stream: found.stream,
            channel: found.channel,
            account_no: found.account_no,
            day: BusinessDate::from_days(found.day).to_string(),
            bill: found.document.into(),
            other: found.other.into(),
            decided: found.decided,
            added: found.added,
            removed: found.removed,
            changed: found.changed,
            document: found.line.0.to_string(),
            line_no: found.line.1,
        }
    }
}

/// A column of a table with its first values.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TableColumn {
    /// Header as printed.
    pub header: String,
    /// Up to five values.
    pub values: Vec<String>,
}

/// A row of a table as it would be read.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TableRow {
    /// Line.
    pub line: u32,
    /// Day or time.
    pub at: String,
    /// Amount, signed.
    pub amount: Option<Amount>,
    /// Balance after it.
    pub balance: Option<Amount>,
    /// Number: the bank's, the order's, the refund's.
    pub number: String,
    /// The rest in words.
    pub text: String,
    /// Why it cannot be read.
    pub code: Option<String>,
    /// Column and value of that.
    pub detail: Option<String>,
}

/// A table before it is read.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TablePreview {
    /// Columns under the likeliest header.
    pub columns: Vec<TableColumn>,
    /// Lines that may be the header.
    pub header_lines: Vec<u32>,
    /// Sheets of a workbook.
    pub sheets: Vec<String>,
    /// `incomplete`, `likely`, `certain`; `None` when nothing fits.
    pub confidence: Option<String>,
    /// What to look at first: codes.
    pub notes: Vec<String>,
    /// The mapping as JSON, see `docs/records/mapping.md`.
    pub mapping: Option<String>,
    /// The first rows under it.
    pub rows: Vec<TableRow>,
}

impl From<TableLook> for TablePreview {
    fn from(look: TableLook) -> Self {
        Self {
            columns: look
                .columns
                .into_iter()
                .map(|(header, values)| TableColumn { header, values })
                .collect(),
            header_lines: look.header_lines,
            sheets: look.sheets,
            confidence: look.confidence.map(str::to_owned),
            notes: look.notes.into_iter().map(str::to_owned).collect(),
            mapping: look.mapping,
            rows: look
                .rows
                .into_iter()
                .map(|row| TableRow {
                    line: row.line,
                    at: row.at,
                    amount: row.amount.map(|(minor, currency)| money(minor, &currency)),
                    balance: row.balance.map(|(minor, currency)| money(minor, &currency)),
                    number: row.number,
                    text: row.text,
                    code: row.problem.as_ref().map(|(code, _)| code.clone()),
                    detail: row.problem.map(|(_, detail)| detail),
                })
                .collect(),
        }
    }
}

/// What a statement is about: a payout, or days of a channel.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StatementSubject {
    /// A payout's id; then the rest is not asked.
    pub payout_id: Option<String>,
    /// First day.
    pub from: Option<String>,
    /// Last day, inside.
    pub to: Option<String>,
    /// Only this channel.
    pub channel: Option<String>,
    /// The currency of days; without one the yuan where it was paid, else the first that was.
    pub currency: Option<String>,
}

/// A part of a statement's total.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StatementPart {
    /// Component.
    pub name: String,
    /// Amount.
    pub amount: Amount,
    /// Rows behind it.
    #[ts(type = "number")]
    pub rows: i64,
}

/// A payout on a statement.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StatementPayout {
    /// Day it left.
    pub date: String,
    /// Channel.
    pub channel: String,
    /// Number.
    pub number: String,
    /// Day it arrived.
    pub arrived: Option<String>,
    /// Amount.
    pub amount: Amount,
    /// What stays unexplained.
    pub unexplained: Amount,
}

/// A transaction on a statement.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StatementLine {
    /// When, in the channel's zone.
    pub at: String,
    /// What moved the balance.
    pub kind: String,
    /// Order number, or the channel's.
    pub number: String,
    /// Goods.
    pub goods: String,
    /// Gross.
    pub gross: Amount,
    /// Fee.
    pub fee: Amount,
    /// Net.
    pub net: Amount,
    /// File and line.
    pub evidence: String,
}

/// A difference or a remark of a statement.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StatementNote {
    /// Kind of the difference, or `remark`.
    pub code: String,
    /// The record it is about.
    pub record: String,
    /// Expected and found, or the remark itself.
    pub detail: String,
    /// Money effect, where there is one to name.
    pub effect: Option<Amount>,
}

/// What a statement says, for a page that shows it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StatementView {
    /// Company.
    pub company: String,
    /// Payout's number; `None` for a period.
    pub number: Option<String>,
    /// First and last day.
    pub days: Option<(String, String)>,
    /// Channel; `None` for every one.
    pub channel: Option<String>,
    /// The day it left and the day it arrived, for a payout.
    pub left_on: Option<String>,
    /// Day of arrival.
    pub arrived_on: Option<String>,
    /// Total.
    pub total: Amount,
    /// The total in words, where the document says it so.
    pub total_words: Option<String>,
    /// Code of the language it is written in.
    pub lang: String,
    /// What it is made of.
    pub parts: Vec<StatementPart>,
    /// Payouts of a period.
    pub payouts: Vec<StatementPayout>,
    /// The first transactions.
    pub lines: Vec<StatementLine>,
    /// Transactions in all.
    #[ts(type = "number")]
    pub line_count: i64,
    /// Open differences and remarks, most important first.
    pub notes: Vec<StatementNote>,
    /// Code of the clock it keeps.
    pub clock: String,
    /// The zone of its times, `UTC+08:00`.
    pub zone: String,
    /// Whether every bill is there.
    pub verdict: String,
    /// Hash of what it says.
    pub content_hash: String,
    /// State of the books it was made from.
    pub state_hash: String,
    /// Of a period: bills that were read before its end, and not since.
    pub early: Vec<super::EarlyBillsView>,
    /// Of a period: the currencies that were paid in its days; a statement is of one.
    pub currencies: Vec<String>,
}

/// A statement given out.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct IssuedStatement {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// File name.
    pub file_name: String,
    /// Format.
    pub format: String,
    /// Subject, as `payout:…` or `period:…`.
    pub subject: String,
    /// Total.
    pub total: Amount,
    /// When.
    pub issued_at: String,
    /// Hash of what it says.
    pub content_hash: String,
    /// Hash of the file.
    pub sha256: String,
}

impl From<Issued> for IssuedStatement {
    fn from(row: Issued) -> Self {
        Self {
            total: money(row.total_minor, &row.currency),
            issued_at: instant_text(row.issued_at_ms),
            id: row.id,
            file_name: row.file_name,
            format: row.format,
            subject: row.subject,
            content_hash: row.content_hash,
            sha256: row.sha256,
        }
    }
}

/// What a file is to this book.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StatementCheck {
    /// `genuine`, `superseded`, `altered` or `unknown`.
    pub verdict: String,
    /// Which statement.
    pub statement: Option<IssuedStatement>,
    /// The later one that says something else, of one that is superseded.
    pub by: Option<IssuedStatement>,
}

impl From<Verification> for StatementCheck {
    fn from(found: Verification) -> Self {
        let (verdict, statement, by) = match found {
            Verification::Genuine { statement } => ("genuine", Some(statement), None),
            Verification::Superseded { statement, by } => ("superseded", Some(statement), Some(by)),
            Verification::Altered { statement } => ("altered", Some(statement), None),
            Verification::Unknown => ("unknown", None, None),
        };
        let view = |issued: Option<Issued>| issued.map(IssuedStatement::from);
        Self { verdict: verdict.to_owned(), statement: view(statement), by: view(by) }
    }
}

/// The book's own settings.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BookSettings {
    /// Ways in; empty on a server.
    pub unlock_methods: Vec<String>,
    /// `by_kind` or `as_printed`.
    pub fee_signs: String,
    /// Whether a window that has the book open asks its channels by itself.
    pub fetches: bool,
    /// The same over a line that is paid for by the byte.
    pub fetches_metered: bool,
    /// Whether the line is such a one now; `None` where the system cannot be asked.
    pub metered: Option<bool>,
    /// Where the book is.
    pub place: String,
}

/// A book that was open before.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RecentBook {
    /// Its place.
    pub place: String,
    /// Company, as it was last seen.
    pub company: String,
    /// False when there is no file any more.
    pub found: bool,
}
