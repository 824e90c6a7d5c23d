//! Ledger accounts and entries as they cross to the window.

use super::convert::{date, money};
use super::lists::day;
use super::{Amount, EvidenceRef};
use crate::entries::{Entry, Figure, FigureSum as Sum, Side, TreeRow};
use crate::error::Error;
use crate::own_chart::OwnAccount;
use crate::page::Page;
use crate::transactions::Posting;
use domain::{BusinessDate, format_channel_time};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A leg of an entry.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PostingView {
    /// Account.
    pub account: String,
    /// Debit (+) or credit (−).
    pub amount: Amount,
}

/// An account, or all accounts below a name.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AccountRow {
    /// Full name.
    pub account: String,
    /// Its number in the shop's own chart; empty where nobody said one.
    pub code: String,
    /// How deep it stands; 0 is the class.
    pub depth: u32,
    /// Nothing is below it.
    pub leaf: bool,
    /// Sum of debits.
    pub debit: Amount,
    /// Sum of credits.
    pub credit: Amount,
    /// Debits less credits.
    pub balance: Amount,
    /// Postings.
    #[ts(type = "number")]
    pub postings: i64,
}

/// What an account is called in the shop's own chart.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OwnAccountView {
    /// Account of the book, or the beginning of several.
    pub account: String,
    /// The shop's number; empty where nobody said one.
    pub code: String,
    /// The shop's name.
    pub name: String,
}

/// A figure of the ledger.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FigureQuery {
    /// Account name, or the beginning of several.
    pub account: String,
    /// First day.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// `both`, `debit`, `credit`.
    pub side: String,
}

/// What a figure amounts to in one currency.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FigureSum {
    /// Debits.
    pub debit: Amount,
    /// Credits.
    pub credit: Amount,
    /// Of the sides asked for.
    pub amount: Amount,
    /// Postings of both sides.
    #[ts(type = "number")]
    pub postings: i64,
}

/// A posting with the line that caused it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EntryRow {
    /// Line and leg.
    pub id: String,
    /// Id of the line.
    pub line_id: String,
    /// Day.
    pub day: String,
    /// Wall clock of the channel.
    pub at: Option<String>,
    /// `trade`, `fund`, `bank`, `opening`.
    pub stream: String,
    /// Account.
    pub account: String,
    /// Debit (+) or credit (−).
    pub amount: Amount,
    /// The other legs.
    pub against: Vec<PostingView>,
    /// Balance after it.
    pub balance: Option<Amount>,
    /// What the line says.
    pub text: String,
    /// The number on it.
    pub number: String,
    /// Where it was read.
    pub evidence: Option<EvidenceRef>,
}

/// A page of entries with the figure they add up to.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EntryPage {
    /// Rows.
    pub rows: Vec<EntryRow>,
    /// Next.
    pub next: Option<String>,
    /// The figure, by currency.
    pub sums: Vec<FigureSum>,
}

impl From<Posting> for PostingView {
    fn from(leg: Posting) -> Self {
        Self { amount: money(leg.amount_minor, &leg.currency), account: leg.account }
    }
}

impl From<TreeRow> for AccountRow {
    fn from(row: TreeRow) -> Self {
        let amount = |minor| money(minor, &row.currency);
        Self {
            depth: u32::try_from(row.depth).unwrap_or(u32::MAX),
            leaf: row.leaf,
            debit: amount(row.debit_minor),
            credit: amount(row.credit_minor),
            balance: amount(row.balance_minor),
            postings: row.postings,
            account: row.account,
            code: row.code,
        }
    }
}

impl From<OwnAccount> for OwnAccountView {
    fn from(own: OwnAccount) -> Self {
        Self { account: own.account, code: own.code, name: own.name }
    }
}

impl From<OwnAccountView> for OwnAccount {
    fn from(own: OwnAccountView) -> Self {
        Self { account: own.account, code: own.code, name: own.name }
    }
}

impl FigureQuery {
    /// The same in the words of the use case.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a day or side that is none.
    pub fn figure(&self) -> Result<Figure, Error> {
        let side = Side::from_code(&self.side);
        Ok(Figure {
            account: self.account.clone(),
            from_day: day("from", self.from.as_deref())?.map(BusinessDate::days),
            until_day: day("to", self.to.as_deref())?.map(|day| day.plus_days(1).days()),
            side: side.ok_or_else(|| Error::BadInput {
                field: "side",
                reason: self.side.chars().take(40).collect(),
            })?,
        })
    }
}

impl From<Sum> for FigureSum {
    fn from(sum: Sum) -> Self {
        let amount = |minor| money(minor, &sum.currency);
        Self {
            debit: amount(sum.debit_minor),
            credit: amount(sum.credit_minor),
            amount: amount(sum.amount_minor),
            postings: sum.postings,
        }
    }
}

impl From<Entry> for EntryRow {
    fn from(entry: Entry) -> Self {
        let amount = |minor| money(minor, &entry.currency);
        let evidence = entry.line.map(|(document, line_no)| EvidenceRef {
            document: document.to_string(),
            file_name: String::new(),
            line_no,
        });
        Self {
            id: format!("{}-{}", entry.id, entry.leg),
            line_id: entry.id.to_string(),
            day: date(entry.day),
            at: entry.at_ms.map(format_channel_time),
            stream: entry.stream.to_owned(),
            amount: amount(entry.amount_minor),
            balance: entry.balance_minor.map(amount),
            against: entry.against.into_iter().map(PostingView::from).collect(),
            evidence,
            account: entry.account,
            text: entry.text,
            number: entry.number,
        }
    }
}

impl EntryPage {
    /// A page with its figure.
    pub fn new(page: Page<Entry>, sums: Vec<Sum>) -> Self {
        Self {
            rows: page.rows.into_iter().map(EntryRow::from).collect(),
            next: page.next,
            sums: sums.into_iter().map(FigureSum::from).collect(),
        }
    }
}
