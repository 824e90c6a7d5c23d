//! Transactions: the rows of trade bills and of balances, a keyset page at a time.

mod back;
mod detail;
mod export;
mod narrow;
mod totals;

pub use crate::order::Sort;
pub use back::{Back, Words, payment_words};
pub use detail::{Detail, Posting, ShopOrder, detail};
pub(crate) use detail::{fund_where, payout_of, trade_where};
pub use export::{Column, Selection, TableFormat, write_table};
pub use totals::{Sums, sums_of, totals};

use crate::error::Error;
use crate::order::Place;
use crate::page::Page;
use domain::paid::{Confirm, Paid};
use domain::{BalanceKind, Channel, SettlementKind, SettlementStatus};
use narrow::Narrowed;
use serde::Serialize;
use store::bulk::{Reader, RowView};
use store::pack::{settlement_kind, settlement_status, split_line_id};

/// A trade-bill row in a list.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Transaction {
    /// Line id.
    pub id: i64,
    /// Channel code.
    pub channel: String,
    /// The merchant's number there.
    pub account_no: String,
    /// UTC ms.
    pub at_ms: i64,
    /// Day in the channel's zone.
    pub day: i32,
    /// `payment`, `refund`, `revoked`.
    pub kind: &'static str,
    /// `succeeded`, `pending`, `failed`, `abnormal`, `unknown`.
    pub status: &'static str,
    /// The shop's order number.
    pub order_id: String,
    /// The channel's payment number.
    pub payment_id: String,
    /// The shop's refund number.
    pub merchant_refund_id: String,
    /// Goods text.
    pub goods: String,
    /// Currency.
    pub currency: String,
    /// Order total or refund asked for.
    pub order_minor: i64,
    /// Settled amount.
    pub settled_minor: i64,
    /// Fee.
    pub fee_minor: i64,
    /// How the buyer paid, in the channel's word: `NATIVE`; empty where the bill does not say.
    pub scene: String,
    /// What the buyer paid from, in the channel's word: a bank, a balance.
    pub paying_bank: String,
    /// What that is in the dictionary of tenders, by its code: `debit_card`; `other` for a word
    /// nobody knows, `None` where the bill does not say.
    pub source: Option<&'static str>,
    /// How the buyer confirmed it, where the scene says so: `payment_code`, `qr`, `face`,
    /// `password_free`.
    pub confirm: Option<&'static str>,
    /// Of a payment, what its refunds gave back so far, never negative; 0 in details.
    pub back_minor: i64,
    /// Document it stands in.
    pub document: i64,
    /// Line number there.
    pub line_no: u32,
}

/// A move of the merchant's balance in a list.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BalanceRow {
    /// Line id.
    pub id: i64,
    /// Channel code.
    pub channel: String,
    /// The merchant's number there.
    pub account_no: String,
    /// UTC ms.
    pub at_ms: i64,
    /// Day of the bill it stands in.
    pub day: i32,
    /// Kind code, as [`BalanceKind::code`].
    pub kind: &'static str,
    /// The channel's own words for the kind.
    pub kind_text: String,
    /// The channel's number of the move.
    pub channel_ref: String,
    /// The channel's payment number it belongs to.
    pub payment_id: String,
    /// The shop's number.
    pub merchant_ref: String,
    /// What the channel or the shop wrote.
    pub remark: String,
    /// Currency.
    pub currency: String,
    /// Signed amount.
    pub amount_minor: i64,
    /// Balance after it, where the bill says so.
    pub balance_minor: Option<i64>,
    /// Document it stands in.
    pub document: i64,
    /// Line number there.
    pub line_no: u32,
}

/// Which rows are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Rows of the trade bills: what buyers paid and got back.
    #[default]
    Trade,
    /// Rows of the fund bills: what moved on the balance.
    Fund,
}

impl Source {
    /// The stable code: `trade`, `fund`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Fund => "fund",
        }
    }

    /// The source with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Trade, Self::Fund].into_iter().find(|source| source.code() == code)
    }
}

/// What a list of transactions is narrowed to, and its order.
#[derive(Clone, Debug, Default)]
pub struct TransactionFilter {
    /// Only this channel.
    pub channel: Option<Channel>,
    /// From this day on.
    pub from_day: Option<i32>,
    /// Before this day.
    pub until_day: Option<i32>,
    /// An order, payment or refund number, whole.
    pub number: Option<String>,
    /// Only this kind, by its code; on a balance several with a comma between.
    pub kind: Option<String>,
    /// Only this status, by its code; rows of the balance have none.
    pub status: Option<String>,
    /// Amounts of at least this, whatever their sign.
    pub min_minor: Option<i64>,
    /// Amounts of at most this, whatever their sign.
    pub max_minor: Option<i64>,
    /// Only payments of this scene, in the channel's word.
    pub scene: Option<String>,
    /// Only payments from here, in the channel's word.
    pub paying_bank: Option<String>,
    /// Only payments of which so much was given back.
    pub back: Option<Back>,
    /// In which order.
    pub sort: Sort,
}

/// Trade-bill rows, newest first unless the filter says otherwise, at most `limit`.
///
/// # Errors
/// The database's; [`Error::BadInput`] for a cursor, kind or status that is none.
pub fn list_transactions(
    reader: &mut Reader,
    filter: &TransactionFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<Transaction>, Error> {
    let mut narrowed = Narrowed::trade(reader, filter)?;
    if !narrowed.begin(reader, filter.sort, cursor)? {
        return Ok(Page::none());
    }
    let rows = narrowed.read(reader, TRADE_COLUMNS, (filter.sort, limit), transaction)?;
    let sort = filter.sort;
    let at = |row: &Transaction| {
        Place::new(sort, (row.day, row.at_ms), row.settled_minor, row.id).cursor()
    };
    let mut page = Page::cut(rows, limit, at);
    back::told(reader, &mut page.rows)?;
    Ok(page)
}

/// Moves of the balance, newest first unless the filter says otherwise, at most `limit`.
///
/// # Errors
/// The database's; [`Error::BadInput`] for a cursor or kind that is none, and for a status.
pub fn list_balance_rows(
    reader: &mut Reader,
    filter: &TransactionFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<BalanceRow>, Error> {
    let mut narrowed = Narrowed::fund(reader, filter)?;
    if !narrowed.begin(reader, filter.sort, cursor)? {
        return Ok(Page::none());
    }
    let rows = narrowed.read(reader, FUND_COLUMNS, (filter.sort, limit), balance_row)?;
    let sort = filter.sort;
    let at = |row: &BalanceRow| {
        Place::new(sort, (row.day, row.at_ms), row.amount_minor, row.id).cursor()
    };
    Ok(Page::cut(rows, limit, at))
}

const TRADE_COLUMNS: &str = "l.id, a.channel, a.account_no, l.at_ms, l.day, l.kind, l.status, \
    l.order_id, l.payment_id, l.merchant_refund_id, l.goods, l.currency, l.order_minor, \
    l.settled_minor, l.fee_minor, l.scene, l.paying_bank";

const FUND_COLUMNS: &str = "l.id, a.channel, a.account_no, l.at_ms, l.day, l.kind, l.kind_text, \
    l.channel_ref, l.payment_ref, l.merchant_ref, l.remark, a.currency, l.amount_minor, \
    l.balance_after_minor";

fn transaction(row: &RowView<'_>) -> Result<Transaction, store::StoreError> {
    let id = row.int(0)?;
    let (document, line_no) = split_line_id(id);
    let paid = match Channel::from_code(row.text(1)?) {
        Some(channel) => Paid::of(channel, row.text(15)?, row.text(16)?, &[]),
        None => Paid::default(),
    };
    Ok(Transaction {
        id,
        source: paid.source.map(|source| source.code),
        confirm: paid.confirm.map(Confirm::code),
        channel: row.text(1)?.to_owned(),
        account_no: row.text(2)?.to_owned(),
        at_ms: row.int(3)?,
        day: row.int(4)? as i32,
        kind: kind_code(settlement_kind(row.int(5)?).unwrap_or(SettlementKind::Payment)),
        status: status_code(settlement_status(row.int(6)?).unwrap_or(SettlementStatus::Unknown)),
        order_id: row.text(7)?.to_owned(),
        payment_id: row.text(8)?.to_owned(),
        merchant_refund_id: row.text(9)?.to_owned(),
        goods: row.text(10)?.to_owned(),
        currency: row.text(11)?.to_owned(),
        order_minor: row.int(12)?,
        settled_minor: row.int(13)?,
        fee_minor: row.int(14)?,
        scene: row.text(15)?.to_owned(),
        paying_bank: row.text(16)?.to_owned(),
        back_minor: 0,
        document,
        line_no,
    })
}

fn balance_row(row: &RowView<'_>) -> Result<BalanceRow, store::StoreError> {
    let id = row.int(0)?;
    let (document, line_no) = split_line_id(id);
    Ok(BalanceRow {
        id,
        channel: row.text(1)?.to_owned(),
        account_no: row.text(2)?.to_owned(),
        at_ms: row.int(3)?,
        day: row.int(4)? as i32,
        kind: BalanceKind::from_number(row.int(5)?).unwrap_or(BalanceKind::Unknown).code(),
        kind_text: row.text(6)?.to_owned(),
        channel_ref: row.text(7)?.to_owned(),
        payment_id: row.text(8)?.to_owned(),
        merchant_ref: row.text(9)?.to_owned(),
        remark: row.text(10)?.to_owned(),
        currency: row.text(11)?.to_owned(),
        amount_minor: row.int(12)?,
        balance_minor: row.opt_int(13)?,
        document,
        line_no,
    })
}

/// The stable code of a settlement kind.
pub(crate) fn kind_code(kind: SettlementKind) -> &'static str {
    match kind {
        SettlementKind::Payment => "payment",
        SettlementKind::Refund => "refund",
        SettlementKind::Revoked => "revoked",
    }
}

/// The stable code of a settlement status.
pub(crate) fn status_code(status: SettlementStatus) -> &'static str {
    match status {
        SettlementStatus::Succeeded => "succeeded",
        SettlementStatus::Pending => "pending",
        SettlementStatus::Failed => "failed",
        SettlementStatus::Abnormal => "abnormal",
        SettlementStatus::Unknown => "unknown",
    }
}
