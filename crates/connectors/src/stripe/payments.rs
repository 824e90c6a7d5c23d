//! Charges and disputes.
//!
//! Source: Stripe, charges and disputes, read 2026-11.

use super::form::Form;
use super::{Account, Expandable, Page, READS, Range, contract, read_page};
use crate::error::{CallError, clean_code};
use crate::http::{HttpAnswer, HttpRequest};
use domain::Money;
use serde::Deserialize;

/// Asks for charges by the time they were made.
///
/// # Errors
/// [`CallError::NotSent`] for a cursor that cannot be one.
pub fn charges(account: &Account, range: &Range) -> Result<HttpRequest, CallError> {
    let mut form = Form::default();
    range.write(&mut form, "created")?;
    Ok(account.get("/v1/charges", &form))
}

/// What has become of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargeState {
    /// Under way.
    Pending,
    /// Authorised, and not taken: no money yet.
    Authorized,
    /// Taken.
    Captured,
    /// Failed.
    Failed,
    /// A word the documents do not have.
    Unknown(String),
}

/// A charge, in the currency the buyer paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Its id.
    pub id: String,
    /// When it was made, Unix seconds.
    pub created_s: i64,
    /// What was asked for.
    pub amount: Money,
    /// What was taken.
    pub captured: Money,
    /// What was given back.
    pub refunded: Money,
    /// What has become of it.
    pub state: ChargeState,
    /// True when the buyer's bank took it back, or tries to.
    pub disputed: bool,
    /// The move of the balance; absent until it is made, also right after success.
    pub balance_row: Option<String>,
    /// The intent it belongs to.
    pub payment_intent: Option<String>,
    /// Free text.
    pub description: Option<String>,
}

#[derive(Deserialize)]
struct WireCharge {
    id: String,
    created: i64,
    amount: i64,
    amount_captured: i64,
    amount_refunded: i64,
    currency: String,
    status: String,
    captured: bool,
    disputed: bool,
    balance_transaction: Option<Expandable>,
    payment_intent: Option<Expandable>,
    description: Option<String>,
}

/// A page of charges.
///
/// # Errors
/// [`CallError`]; [`CallError::Contract`] for more given back than taken.
pub fn read_charges(
    account: &Account,
    range: &Range,
    answer: &HttpAnswer,
) -> Result<Page<Charge>, CallError> {
    read_page(answer, range, |wire| charge(account, wire), |charge: &Charge| charge.id.as_str())
}

fn charge(account: &Account, wire: WireCharge) -> Result<Charge, CallError> {
    let money = |field, amount: i64| {
        let money = account.exponents.read(field, amount, &wire.currency, READS)?;
        if amount < 0 {
            return Err(contract(READS, format!("{field} is negative")));
        }
        Ok(money)
    };
    if wire.amount_refunded > wire.amount_captured || wire.amount_captured > wire.amount {
        return Err(contract(READS, "more given back than taken, or taken than asked"));
    }
    let state = match (wire.status.as_str(), wire.captured) {
        ("succeeded", true) => ChargeState::Captured,
        ("succeeded", false) => ChargeState::Authorized,
        ("pending", _) => ChargeState::Pending,
        ("failed", _) => ChargeState::Failed,
        (other, _) => ChargeState::Unknown(clean_code(other)),
    };
    Ok(Charge {
        amount: money("amount", wire.amount)?,
        captured: money("amount_captured", wire.amount_captured)?,
        refunded: money("amount_refunded", wire.amount_refunded)?,
        state,
        id: wire.id,
        created_s: wire.created,
        disputed: wire.disputed,
        balance_row: wire.balance_transaction.map(Expandable::id),
        payment_intent: wire.payment_intent.map(Expandable::id),
        description: wire.description,
    })
}

/// Asks for disputes by the time they were made.
///
/// # Errors
/// [`CallError::NotSent`] for a cursor that cannot be one.
pub fn disputes(account: &Account, range: &Range) -> Result<HttpRequest, CallError> {
    let mut form = Form::default();
    range.write(&mut form, "created")?;
    Ok(account.get("/v1/disputes", &form))
}

/// A dispute: the buyer's bank wants money back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Its id.
    pub id: String,
    /// When it was made, Unix seconds.
    pub created_s: i64,
    /// What is disputed; may differ from the charge.
    pub amount: Money,
    /// The charge.
    pub charge: String,
    /// Stripe's word: `needs_response`, `won`, `lost`, `warning_…` for inquiries; an open list.
    pub status: String,
    /// The bank's reason: an open list.
    pub reason: String,
    /// Last second to answer, Unix seconds.
    pub due_s: Option<i64>,
    /// Moves of the balance: none, the withdrawal, and its return.
    pub balance_rows: Vec<String>,
}

#[derive(Deserialize)]
struct WireDispute {
    id: String,
    created: i64,
    amount: i64,
    currency: String,
    charge: Expandable,
    status: String,
    reason: String,
    evidence_details: Option<WireEvidence>,
    #[serde(default)]
    balance_transactions: Vec<Expandable>,
}

#[derive(Deserialize)]
struct WireEvidence {
    due_by: Option<i64>,
}

/// A page of disputes.
///
/// # Errors
/// [`CallError`].
pub fn read_disputes(
    account: &Account,
    range: &Range,
    answer: &HttpAnswer,
) -> Result<Page<Dispute>, CallError> {
    let dispute = |wire: WireDispute| {
        Ok(Dispute {
            amount: account.exponents.read("amount", wire.amount, &wire.currency, READS)?,
            id: wire.id,
            created_s: wire.created,
            charge: wire.charge.id(),
            status: clean_code(&wire.status),
            reason: clean_code(&wire.reason),
            due_s: wire.evidence_details.and_then(|details| details.due_by),
            balance_rows: wire.balance_transactions.into_iter().map(Expandable::id).collect(),
        })
    };
    read_page(answer, range, dispute, |dispute: &Dispute| dispute.id.as_str())
}
