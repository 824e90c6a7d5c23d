//! The dictionary of tenders and how a payment was made, as they cross to the window.

use super::Amount;
use super::convert::money;
use crate::channel_names::ChannelNames;
use crate::tenders::{Source, TENDERS, Tender};
use domain::paid::{Confirm, Paid};
use domain::tender::Field;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A way to pay. Its name is `tender.<code>`; values are `tender.<field>.<value>`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TenderView {
    /// Stable code.
    pub code: String,
    /// The name the shop gave it, for a channel of its own.
    pub name: Option<String>,
    /// `wallet`, `card`, `bank`, `cash`, `stored_value`, `promotional`, `credit`.
    pub kind: String,
    /// Who holds the money.
    pub holder: String,
    /// When it becomes bank money.
    pub arrives: String,
    /// Within so many calendar days, where it is paid out.
    pub promised_days: Option<i32>,
    /// What is charged.
    pub fee: String,
    /// Whether a refund gives the fee back; `None` where nobody says.
    pub returns_fee: Option<bool>,
    /// Days within which a sale can be given back.
    pub refund_days: Option<u16>,
    /// Which way a refund goes.
    pub back: String,
    /// Kinds of files that tell of it.
    pub files: Vec<String>,
    /// Where its money stands in the ledger; empty where it stands with the channel.
    pub account: String,
    /// Texts in files that mean it.
    pub aliases: Vec<String>,
    /// Names of the values above that nobody confirmed.
    pub unconfirmed: Vec<String>,
}

impl TenderView {
    /// The whole dictionary, with the names given in a book.
    pub fn all(names: &ChannelNames) -> Vec<Self> {
        let of = |tender: &Tender| Self {
            code: tender.code.to_owned(),
            name: names.given(tender.code).map(str::to_owned),
            kind: tender.kind.code().to_owned(),
            holder: tender.holder.code().to_owned(),
            arrives: tender.arrives.code().to_owned(),
            promised_days: tender.promised_days,
            fee: tender.fee.code().to_owned(),
            returns_fee: tender.returns_fee,
            refund_days: tender.refund_days,
            back: tender.back.code().to_owned(),
            files: tender.files.iter().map(|file| (*file).to_owned()).collect(),
            account: tender.ledger_account(),
            aliases: tender.aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            unconfirmed: tender.unconfirmed.iter().map(|f: &Field| f.code().to_owned()).collect(),
        };
        TENDERS.iter().map(of).collect()
    }
}

/// A text of the book's bills for what a buyer paid from, and what it means.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SourceView {
    /// Code of the channel whose bill says it.
    pub channel: String,
    /// As it is written there.
    pub text: String,
    /// Rows that say it, among the newest.
    #[ts(type = "number")]
    pub rows: i64,
    /// Code of the tender; `other` where nobody knows.
    pub tender: String,
}

impl From<Source> for SourceView {
    fn from(found: Source) -> Self {
        let Source { channel, text, rows, tender } = found;
        Self { channel: channel.code().to_owned(), text, rows, tender: tender.code.to_owned() }
    }
}

/// How a payment was made, as far as its line says.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PaidView {
    /// What the buyer paid from, by the dictionary; `other` for a text nobody knows.
    pub source: Option<String>,
    /// How it was confirmed: `tender.confirm.<confirm>`.
    pub confirm: Option<String>,
    /// Terms, for a payment in instalments.
    pub terms: Option<u16>,
    /// What the terms cost, as printed.
    pub terms_fee: Option<Amount>,
    /// True when the line's own sum proves that the shop bore it; else the line does not say.
    pub terms_on_shop: bool,
    /// The wallet behind an aggregator, as the aggregator writes it.
    pub underlying: Option<String>,
    /// Code of that wallet, where it is a channel.
    pub underlying_channel: Option<String>,
    /// The number the payment has there.
    pub underlying_no: String,
    /// What the wallet keeps, where the line tells it apart.
    pub underlying_fee: Option<Amount>,
}

impl PaidView {
    /// Of a line whose amounts are of `currency`.
    pub(super) fn new(paid: &Paid, currency: &str) -> Self {
        let (terms, behind) = (paid.instalments.as_ref(), paid.underlying.as_ref());
        let amount = |minor| money(minor, currency);
        Self {
            source: paid.source.map(|source| source.code.to_owned()),
            confirm: paid.confirm.map(Confirm::code).map(str::to_owned),
            terms: terms.map(|told| told.terms),
            terms_fee: terms.and_then(|told| told.fee_minor).map(amount),
            terms_on_shop: terms.is_some_and(|told| told.borne_by_shop),
            underlying: behind.map(|wallet| wallet.text.clone()),
            underlying_channel: behind
                .and_then(|wallet| wallet.channel)
                .map(|channel| channel.code().to_owned()),
            underlying_no: behind.map(|wallet| wallet.number.clone()).unwrap_or_default(),
            underlying_fee: behind.and_then(|wallet| wallet.fee_minor).map(amount),
        }
    }
}
