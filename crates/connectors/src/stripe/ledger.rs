//! Balance transactions and payouts: what moved, and what of it each payout carries.
//!
//! Source: Stripe, balance transactions and payouts, read 2026-11.

use super::form::Form;
use super::{Account, Expandable, Page, READS, Range, check_id, contract, read_object, read_page};
use crate::error::{CallError, clean_code};
use crate::http::{HttpAnswer, HttpRequest};
use domain::Money;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Asks for balance transactions by the time they were made.
///
/// # Errors
/// [`CallError::NotSent`] for a cursor that cannot be one.
pub fn list(account: &Account, range: &Range) -> Result<HttpRequest, CallError> {
    let mut form = Form::default();
    range.write(&mut form, "created")?;
    form.add("expand[0]", SOURCES);
    Ok(account.get("/v1/balance_transactions", &form))
}

/// What caused each row comes inside it: a refund's payment and an order's number stand there.
const SOURCES: &str = "data.source";

/// Asks for the balance transactions of an automatic payout, its own among them.
///
/// # Errors
/// [`CallError::NotSent`] for an id that cannot be one.
pub fn list_of_payout(
    account: &Account,
    payout_id: &str,
    after: Option<&str>,
) -> Result<HttpRequest, CallError> {
    check_id("payout", payout_id)?;
    let mut form = Form::default();
    form.add("payout", payout_id);
    let range = Range { after: after.map(str::to_owned), ..Range::default() };
    range.write(&mut form, "created")?;
    form.add("expand[0]", SOURCES);
    Ok(account.get("/v1/balance_transactions", &form))
}

/// Asks for the balance as it is now.
pub fn balance(account: &Account) -> HttpRequest {
    account.get("/v1/balance", &Form::default())
}

/// That an answer is a balance; [`super::archive::Archive`] keeps it.
///
/// # Errors
/// [`CallError`].
pub fn read_balance(answer: &HttpAnswer) -> Result<(), CallError> {
    read_object::<IgnoredAny>(answer, "balance", READS).map(drop)
}

/// One move of the balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceRow {
    /// Its id.
    pub id: String,
    /// When it was made, Unix seconds.
    pub created_s: i64,
    /// When it can be paid out; a date, not a moment.
    pub available_s: i64,
    /// Before fees; in is positive.
    pub amount: Money,
    /// Fees; positive is charged to us.
    pub fee: Money,
    /// What the balance changed by.
    pub net: Money,
    /// Stripe's kind: an open list.
    pub kind: String,
    /// Stripe's kind for the books: an open list.
    pub category: String,
    /// What caused it; `None` for a fee of Stripe's own.
    pub source: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// True when it is available, false when it is pending.
    pub available: bool,
}

#[derive(Deserialize)]
struct WireRow {
    id: String,
    created: i64,
    available_on: i64,
    amount: i64,
    fee: i64,
    net: i64,
    currency: String,
    #[serde(rename = "type")]
    kind: String,
    reporting_category: String,
    source: Option<Expandable>,
    description: Option<String>,
    status: String,
    #[serde(default)]
    fee_details: Vec<WireFee>,
}

#[derive(Deserialize)]
struct WireFee {
    amount: i64,
    currency: String,
}

/// A page of balance transactions.
///
/// # Errors
/// [`CallError`]; [`CallError::Contract`] for a row whose parts do not add up.
pub fn read_list(
    account: &Account,
    range: &Range,
    answer: &HttpAnswer,
) -> Result<Page<BalanceRow>, CallError> {
    read_page(answer, range, |wire| row(account, wire), |row: &BalanceRow| row.id.as_str())
}

fn row(account: &Account, wire: WireRow) -> Result<BalanceRow, CallError> {
    let money = |field, amount| account.exponents.read(field, amount, &wire.currency, READS);
    if wire.amount.checked_sub(wire.fee) != Some(wire.net) {
        return Err(contract(READS, "net is not amount less fee"));
    }
    let own = wire.fee_details.iter().filter(|fee| fee.currency == wire.currency);
    let details = own.map(|fee| fee.amount).try_fold(0_i64, i64::checked_add);
    let same_currency = wire.fee_details.iter().all(|fee| fee.currency == wire.currency);
    if !wire.fee_details.is_empty() && same_currency && details != Some(wire.fee) {
        return Err(contract(READS, "the parts of the fee are not the fee"));
    }
    if wire.id.is_empty() {
        return Err(contract(READS, "a row without an id"));
    }
    Ok(BalanceRow {
        amount: money("amount", wire.amount)?,
        fee: money("fee", wire.fee)?,
        net: money("net", wire.net)?,
        id: wire.id,
        created_s: wire.created,
        available_s: wire.available_on,
        kind: clean_code(&wire.kind),
        category: clean_code(&wire.reporting_category),
        source: wire.source.map(Expandable::id),
        description: wire.description,
        available: wire.status == "available",
    })
}

/// What has become of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayoutState {
    /// Made.
    Pending,
    /// On its way.
    InTransit,
    /// Arrived; may still turn into failed within days.
    Paid,
    /// Returned.
    Failed,
    /// Taken back before it left.
    Canceled,
    /// A word the documents do not have.
    Unknown(String),
}

/// A payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Its id.
    pub id: String,
    /// Negative when Stripe debits our bank.
    pub amount: Money,
    /// When it arrives, Unix seconds at midnight UTC: a date, never shifted by a zone.
    pub arrival_s: i64,
    /// When it was made, Unix seconds.
    pub created_s: i64,
    /// Made by the schedule. Only then Stripe can say what is in it.
    pub automatic: bool,
    /// What has become of it.
    pub state: PayoutState,
    /// True when Stripe has finished saying what is in it.
    pub itemized: bool,
    /// Its own balance transaction.
    pub balance_row: Option<String>,
    /// The balance transaction that brought the money back.
    pub return_row: Option<String>,
    /// Why it failed: an open list.
    pub failure_code: Option<String>,
    /// The bank's reference.
    pub trace: Option<String>,
}

#[derive(Deserialize)]
struct WirePayout {
    id: String,
    amount: i64,
    currency: String,
    arrival_date: i64,
    created: i64,
    automatic: bool,
    status: String,
    reconciliation_status: Option<String>,
    balance_transaction: Option<Expandable>,
    failure_balance_transaction: Option<Expandable>,
    failure_code: Option<String>,
    trace_id: Option<WireTrace>,
}

#[derive(Deserialize)]
struct WireTrace {
    value: Option<String>,
}

/// Asks for payouts by the day they arrive; overlap ten days, since states change backwards.
///
/// # Errors
/// [`CallError::NotSent`] for a cursor that cannot be one.
pub fn payouts(account: &Account, range: &Range) -> Result<HttpRequest, CallError> {
    let mut form = Form::default();
    range.write(&mut form, "arrival_date")?;
    Ok(account.get("/v1/payouts", &form))
}

/// A page of payouts.
///
/// # Errors
/// [`CallError`].
pub fn read_payouts(
    account: &Account,
    range: &Range,
    answer: &HttpAnswer,
) -> Result<Page<Payout>, CallError> {
    read_page(answer, range, |wire| payout(account, wire), |payout: &Payout| payout.id.as_str())
}

/// One payout, as asked for by its id.
///
/// # Errors
/// [`CallError`]; [`CallError::Contract`] when it is another one.
pub fn read_payout(account: &Account, id: &str, answer: &HttpAnswer) -> Result<Payout, CallError> {
    let payout = payout(account, read_object(answer, "payout", READS)?)?;
    if payout.id != id {
        return Err(contract(READS, "the answer is about another payout"));
    }
    Ok(payout)
}

fn payout(account: &Account, wire: WirePayout) -> Result<Payout, CallError> {
    let state = match wire.status.as_str() {
        "pending" => PayoutState::Pending,
        "in_transit" => PayoutState::InTransit,
        "paid" => PayoutState::Paid,
        "failed" => PayoutState::Failed,
        "canceled" => PayoutState::Canceled,
        other => PayoutState::Unknown(clean_code(other)),
    };
    Ok(Payout {
        amount: account.exponents.read("amount", wire.amount, &wire.currency, READS)?,
        itemized: wire.automatic && wire.reconciliation_status.as_deref() == Some("completed"),
        state,
        id: wire.id,
        arrival_s: wire.arrival_date,
        created_s: wire.created,
        automatic: wire.automatic,
        balance_row: wire.balance_transaction.map(Expandable::id),
        return_row: wire.failure_balance_transaction.map(Expandable::id),
        failure_code: wire.failure_code.map(|code| clean_code(&code)),
        trace: wire.trace_id.and_then(|trace| trace.value),
    })
}

/// What a payout carries, proven: its rows without its own add up to its amount.
///
/// Returns the difference in minor units, 0 when it is proven; `None` when rows have another
/// currency or their sum leaves the range.
pub fn unexplained(payout: &Payout, rows: &[BalanceRow]) -> Option<i64> {
    let mut sum = 0_i64;
    for row in rows.iter().filter(|row| Some(&row.id) != payout.balance_row.as_ref()) {
        if row.net.currency() != payout.amount.currency() {
            return None;
        }
        sum = sum.checked_add(row.net.minor())?;
    }
    payout.amount.minor().checked_sub(sum)
}
