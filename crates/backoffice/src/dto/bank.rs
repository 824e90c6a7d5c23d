//! What crosses for the bank's page: accounts, lines, and the payouts they carry.

use super::convert::{date, money};
use super::lists::{PayoutRef, day, line, sort};
use super::{Amount, EvidenceRef};
use crate::bank::{BankAccount, BankEntry, BankFilter};
use crate::error::Error;
use domain::BusinessDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a list of bank lines is narrowed to.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BankQuery {
    /// Account.
    pub account_no: Option<String>,
    /// First day.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// `carries`, `unmatched`, `other`; `named`: the first two.
    pub state: Option<String>,
    /// Channel named, by its code.
    pub channel: Option<String>,
    /// `in` or `out`.
    pub way: Option<String>,
    /// `newest`, `oldest`, `largest`, `smallest`.
    pub sort: Option<String>,
}

/// A bank account over all its statements.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BankAccountView {
    /// Account no.
    pub account_no: String,
    /// Lines.
    #[ts(type = "number")]
    pub lines: i64,
    /// First day with a line.
    pub from: String,
    /// Last day with a line.
    pub to: String,
    /// Paid in.
    pub paid_in: Amount,
    /// Paid out.
    pub paid_out: Amount,
    /// What the last statement ends with.
    pub closing: Option<Amount>,
}

/// A line of a bank statement.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BankLine {
    /// Id.
    pub id: String,
    /// Day.
    pub day: String,
    /// Account no.
    pub account_no: String,
    /// Amount.
    pub amount: Amount,
    /// Balance after it.
    pub balance: Option<Amount>,
    /// The bank's number.
    pub bank_ref: String,
    /// Counterparty.
    pub counterparty: String,
    /// Memo.
    pub memo: String,
    /// `carries`, `unmatched`, `other`.
    pub state: String,
    /// The channel it names.
    pub channel: Option<String>,
    /// The payouts it carries.
    pub payouts: Vec<PayoutRef>,
    /// Where it was read.
    pub evidence: EvidenceRef,
}

/// A page of bank lines.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BankPage {
    /// Rows.
    pub rows: Vec<BankLine>,
    /// Next.
    pub next: Option<String>,
}

impl BankQuery {
    /// The same in the words of the use case.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a day or an order that is none.
    pub fn filter(&self) -> Result<BankFilter, Error> {
        let chosen = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Ok(BankFilter {
            account_no: chosen(&self.account_no),
            from_day: day("from", self.from.as_deref())?.map(BusinessDate::days),
            until_day: day("to", self.to.as_deref())?.map(|day| day.plus_days(1).days()),
            state: chosen(&self.state),
            channel: chosen(&self.channel),
            way: chosen(&self.way),
            sort: sort(self.sort.as_deref())?,
        })
    }
}

impl From<BankAccount> for BankAccountView {
    fn from(account: BankAccount) -> Self {
        let amount = |minor| money(minor, &account.currency);
        Self {
            lines: account.lines,
            from: date(account.from_day),
            to: date(account.to_day),
            paid_in: amount(account.in_minor),
            paid_out: amount(account.out_minor),
            closing: account.closing_minor.map(amount),
            account_no: account.account_no,
        }
    }
}

impl From<BankEntry> for BankLine {
    fn from(row: BankEntry) -> Self {
        let amount = |minor| money(minor, &row.currency);
        let payouts = row.payouts.into_iter().map(|payout| PayoutRef {
            amount: amount(payout.amount_minor),
            id: payout.id,
            channel: payout.channel,
            number: payout.number,
        });
        Self {
            id: row.id.to_string(),
            day: date(row.day),
            amount: amount(row.amount_minor),
            balance: row.balance_minor.map(amount),
            state: row.state.to_owned(),
            channel: row.channel.map(str::to_owned),
            payouts: payouts.collect(),
            evidence: line(row.document, row.line_no),
            account_no: row.account_no,
            bank_ref: row.bank_ref,
            counterparty: row.counterparty,
            memo: row.memo,
        }
    }
}
