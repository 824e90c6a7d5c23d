//! The account: its balance now, its balances of a day, its rows.
//!
//! Source: Alipay open platform, `alipay.data.bill.*`, read 2026-11. Near real time; the bill of
//! the day stays the reference.

use super::answer::Verifier;
use super::codes::Call;
use super::gateway::{Caller, Unsigned};
use super::{contract, invalid, read_amount, read_time, signed_minor};
use crate::alipay::kinds::table;
use crate::error::CallError;
use crate::http::{Effect, HttpAnswer};
use crate::kinds::Words;
use domain::{BalanceKind, BusinessDate, Currency, Money};
use serde::{Deserialize, Serialize};

const READS: Effect = Effect::Reads;
/// A span may be this long.
const LONGEST_SPAN_MS: i64 = 31 * 86_400_000;
/// Rows on a page: the least and the most the documents allow.
const PAGE: std::ops::RangeInclusive<u32> = 1_000..=2_000;

/// What is in the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Everything, the frozen part included.
    pub total: Money,
    /// What can be used.
    pub available: Money,
    /// What is frozen.
    pub frozen: Option<Money>,
    /// What waits for settlement.
    pub to_settle: Option<Money>,
}

/// Asks for the balance.
///
/// # Errors
/// [`CallError::NotSent`].
pub fn balance(caller: &Caller<'_>) -> Result<Unsigned, CallError> {
    #[derive(Serialize)]
    struct Wire {}
    caller.request(Call::Balance.method(), READS, &Wire {})
}

/// The balance.
///
/// # Errors
/// See [`Verifier::open`].
pub fn read_balance(verifier: &Verifier<'_>, answer: &HttpAnswer) -> Result<Balance, CallError> {
    #[derive(Deserialize)]
    struct Wire {
        total_amount: String,
        available_amount: String,
        freeze_amount: Option<String>,
        settle_amount: Option<String>,
    }
    let wire: Wire = verifier.open(Call::Balance, answer)?.fields(READS)?;
    let optional =
        |name, text: &Option<String>| super::optional_amount(name, text.as_deref(), READS);
    Ok(Balance {
        total: read_amount("total_amount", &wire.total_amount, READS)?,
        available: read_amount("available_amount", &wire.available_amount, READS)?,
        frozen: optional("freeze_amount", &wire.freeze_amount)?,
        to_settle: optional("settle_amount", &wire.settle_amount)?,
    })
}

/// Asks for the balance before and after a day: control totals for its rows.
///
/// # Errors
/// [`CallError::NotSent`].
pub fn balance_of_day(caller: &Caller<'_>, day: BusinessDate) -> Result<Unsigned, CallError> {
    #[derive(Serialize)]
    struct Wire {
        biz_date: String,
    }
    caller.request(Call::BalanceOfDay.method(), READS, &Wire { biz_date: day.to_string() })
}

/// Balance before and after the day.
///
/// # Errors
/// See [`Verifier::open`].
pub fn read_balance_of_day(
    verifier: &Verifier<'_>,
    answer: &HttpAnswer,
) -> Result<(Money, Money), CallError> {
    #[derive(Deserialize)]
    struct Wire {
        beginning_balance: String,
        ending_balance: String,
    }
    let wire: Wire = verifier.open(Call::BalanceOfDay, answer)?.fields(READS)?;
    let before = read_amount("beginning_balance", &wire.beginning_balance, READS)?;
    Ok((before, read_amount("ending_balance", &wire.ending_balance, READS)?))
}

/// A page of the account's rows to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First instant inside, UTC milliseconds.
    pub from_ms: i64,
    /// First instant outside; at most 31 days later.
    pub until_ms: i64,
    /// Counted from 1.
    pub page_no: u32,
    /// 1000 to 2000.
    pub page_size: u32,
}

/// Asks for a page of rows.
///
/// # Errors
/// [`CallError::NotSent`] for a span or a page outside the documented limits.
pub fn account_log(caller: &Caller<'_>, span: Span) -> Result<Unsigned, CallError> {
    #[derive(Serialize)]
    struct Wire {
        start_time: String,
        end_time: String,
        page_no: String,
        page_size: String,
    }
    let length = span.until_ms.saturating_sub(span.from_ms);
    if !(1..=LONGEST_SPAN_MS).contains(&length) {
        return Err(invalid("end_time", "is not within 31 days of start_time"));
    }
    if span.page_no == 0 || !PAGE.contains(&span.page_size) {
        return Err(invalid("page_size", "is not between 1000 and 2000"));
    }
    let wire = Wire {
        start_time: domain::format_channel_time(span.from_ms),
        end_time: domain::format_channel_time(span.until_ms),
        page_no: span.page_no.to_string(),
        page_size: span.page_size.to_string(),
    };
    caller.request(Call::AccountLog.method(), READS, &wire)
}

/// One row of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Number of the row; unique.
    pub account_log_id: String,
    /// When it was posted, UTC milliseconds.
    pub posted_at_ms: i64,
    /// In is positive, out is negative.
    pub amount: Money,
    /// Balance beside the row. Neighbours need not follow on one another.
    pub balance: Option<Money>,
    /// Alipay's number of what caused it.
    pub alipay_order_no: Option<String>,
    /// Our number of what caused it.
    pub merchant_order_no: Option<String>,
    /// Our number of the refund that caused it.
    pub out_request_no: Option<String>,
    /// The kind in the channel's words, which change.
    pub kind: String,
    /// Code and words: `0020011|交易退款`.
    pub description: Option<String>,
}

impl AccountRow {
    /// True for a payment or a refund, and for a row of unknown kind that names an order: what may
    /// be a trade is taken for one.
    pub fn is_of_a_trade(&self) -> bool {
        let description = self.description.as_deref().unwrap_or_default();
        let words = Words {
            code: description.split('|').next().unwrap_or_default(),
            word: &self.kind,
            amount_minor: self.amount.minor(),
            of_payment: self.alipay_order_no.is_some(),
            ..Words::default()
        };
        match table().kind(&words) {
            BalanceKind::Payment | BalanceKind::Refund => true,
            BalanceKind::Unknown => {
                self.merchant_order_no.is_some() || self.out_request_no.is_some()
            }
            _ => false,
        }
    }
}

/// A page of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPage {
    /// Rows of this page, in the channel's order.
    pub rows: Vec<AccountRow>,
    /// Rows of the whole span.
    pub total_rows: u64,
}

impl AccountPage {
    /// True when a page of `span`'s size follows this one.
    pub fn has_more(&self, span: Span) -> bool {
        u64::from(span.page_no).saturating_mul(u64::from(span.page_size)) < self.total_rows
    }
}

#[derive(Deserialize)]
struct WirePage {
    page_no: String,
    total_size: String,
    /// Absent when there are none.
    #[serde(default)]
    detail_list: Vec<WireRow>,
}

#[derive(Deserialize)]
struct WireRow {
    trans_dt: String,
    account_log_id: String,
    trans_amount: String,
    direction: String,
    #[serde(rename = "type")]
    kind: String,
    balance: Option<String>,
    alipay_order_no: Option<String>,
    merchant_order_no: Option<String>,
    merchant_out_refund_no: Option<String>,
    biz_desc: Option<String>,
}

/// The rows.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] for another page than asked for, for more or
/// fewer rows than it announces, and for a row outside the span.
pub fn read_account_log(
    verifier: &Verifier<'_>,
    span: Span,
    answer: &HttpAnswer,
) -> Result<AccountPage, CallError> {
    let wire: WirePage = verifier.open(Call::AccountLog, answer)?.fields(READS)?;
    if wire.page_no != span.page_no.to_string() {
        return Err(contract(READS, "the answer is another page"));
    }
    let total_rows: u64 =
        wire.total_size.parse().map_err(|_| contract(READS, "total_size is no number"))?;
    let before = u64::from(span.page_no - 1) * u64::from(span.page_size);
    let wanted = total_rows.saturating_sub(before).min(u64::from(span.page_size));
    if wire.detail_list.len() as u64 != wanted {
        return Err(contract(READS, "more or fewer rows than announced"));
    }
    let rows: Vec<AccountRow> = wire.detail_list.into_iter().map(row).collect::<Result<_, _>>()?;
    let inside = |row: &AccountRow| (span.from_ms..span.until_ms).contains(&row.posted_at_ms);
    if !rows.iter().all(inside) {
        return Err(contract(READS, "a row outside the span"));
    }
    Ok(AccountPage { rows, total_rows })
}

/// The documents disagree on whether an outgoing amount carries a minus, so the direction alone
/// decides the sign.
fn row(wire: WireRow) -> Result<AccountRow, CallError> {
    let size = signed_minor("trans_amount", &wire.trans_amount, READS)?.saturating_abs();
    let minor = match wire.direction.as_str() {
        "收入" => size,
        "支出" => -size,
        _ => return Err(contract(READS, "direction is neither in nor out")),
    };
    let yuan = |minor| {
        Money::from_minor(minor, Currency::CNY)
            .map_err(|_| contract(READS, "trans_amount is no amount"))
    };
    let balance = wire.balance.as_deref().filter(|text| !text.is_empty());
    let balance = balance.map(|text| signed_minor("balance", text, READS)).transpose()?;
    if wire.account_log_id.is_empty() {
        return Err(contract(READS, "a row without a number"));
    }
    Ok(AccountRow {
        posted_at_ms: read_time("trans_dt", &wire.trans_dt, READS)?,
        amount: yuan(minor)?,
        balance: balance.map(yuan).transpose()?,
        account_log_id: wire.account_log_id,
        alipay_order_no: wire.alipay_order_no.filter(|text| !text.is_empty()),
        merchant_order_no: wire.merchant_order_no.filter(|text| !text.is_empty()),
        out_request_no: wire.merchant_out_refund_no.filter(|text| !text.is_empty()),
        kind: wire.kind,
        description: wire.biz_desc,
    })
}
