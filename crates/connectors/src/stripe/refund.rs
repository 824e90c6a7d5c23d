//! Refunds: ask, ask what became of one, list.
//!
//! Source: Stripe, refunds and idempotent requests, read 2026-11. The key of a call makes its
//! repeat harmless for a day, no longer; therefore our number also travels in the metadata, where
//! it can be found again.

use super::form::Form;
use super::{
    Account, Expandable, Page, READS, Range, check_id, codes, contract, read_object, read_page,
};
use crate::error::{CallError, clean_code};
use crate::http::{Effect, HttpAnswer, HttpRequest};
use domain::Money;
use serde::Deserialize;

/// The name of our number in the metadata.
const INTENT: &str = "intent";

/// A refund to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundInstruction<'a> {
    /// The charge it gives back.
    pub charge: &'a str,
    /// Our number, up to 255 plain characters: key of the call and mark in the metadata.
    pub key: &'a str,
    /// What is given back, in the currency of the charge.
    pub amount: Money,
    /// Why, of Stripe's three words.
    pub reason: Option<Reason>,
}

/// Why money is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Paid twice.
    Duplicate,
    /// Not paid by the owner of the card.
    Fraudulent,
    /// The buyer asked.
    RequestedByCustomer,
}

impl Reason {
    fn word(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Fraudulent => "fraudulent",
            Self::RequestedByCustomer => "requested_by_customer",
        }
    }
}

/// Asks for the refund.
///
/// # Errors
/// [`CallError::NotSent`] for a value outside the documented limits.
pub fn create(account: &Account, refund: &RefundInstruction<'_>) -> Result<HttpRequest, CallError> {
    check_id("charge", refund.charge)?;
    let mut form = Form::default();
    form.add("charge", refund.charge);
    form.add("amount", account.exponents.write(refund.amount)?.to_string());
    if let Some(reason) = refund.reason {
        form.add("reason", reason.word());
    }
    form.add(&format!("metadata[{INTENT}]"), refund.key);
    account.post("/v1/refunds", &form, refund.key)
}

/// What has become of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Under way, or waiting for money.
    Pending,
    /// The buyer has to give bank data.
    RequiresAction,
    /// Done; a bank may still send it back days later.
    Succeeded,
    /// Sent back.
    Failed,
    /// Taken back.
    Canceled,
    /// A word the documents do not have.
    Unknown(String),
}

/// A refund as Stripe knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundReport {
    /// Its id.
    pub id: String,
    /// When it was made, Unix seconds.
    pub created_s: i64,
    /// What is given back.
    pub amount: Money,
    /// The charge.
    pub charge: Option<String>,
    /// What has become of it.
    pub state: RefundState,
    /// Our number, where we made it.
    pub key: Option<String>,
    /// The move of the balance.
    pub balance_row: Option<String>,
    /// The move that brought the money back.
    pub return_row: Option<String>,
    /// Why it failed: an open list.
    pub failure_reason: Option<String>,
}

#[derive(Deserialize)]
struct WireRefund {
    id: String,
    created: i64,
    amount: i64,
    currency: String,
    charge: Option<Expandable>,
    status: Option<String>,
    #[serde(default)]
    metadata: Metadata,
    balance_transaction: Option<Expandable>,
    failure_balance_transaction: Option<Expandable>,
    failure_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    intent: Option<String>,
}

/// The refund as made, or as made before under the same key.
///
/// # Errors
/// [`CallError`]; [`CallError::Contract`] when a refund was made of another charge or amount.
pub fn read_create(
    account: &Account,
    asked: &RefundInstruction<'_>,
    answer: &HttpAnswer,
) -> Result<RefundReport, CallError> {
    let effect = Effect::Changes;
    let report = report(account, read_object(answer, "refund", effect)?, effect)?;
    if report.charge.as_deref() != Some(asked.charge) || report.key.as_deref() != Some(asked.key) {
        return Err(contract(effect, "the answer is about another refund"));
    }
    if report.amount != asked.amount {
        return Err(contract(effect, "another amount was given back than asked"));
    }
    Ok(report)
}

/// Asks for a refund by Stripe's id.
///
/// # Errors
/// [`CallError::NotSent`] for an id that cannot be one.
pub fn query(account: &Account, id: &str) -> Result<HttpRequest, CallError> {
    check_id("refund", id)?;
    Ok(account.get(&format!("/v1/refunds/{id}"), &Form::default()))
}

/// The refund; `None` when there is none under this id.
///
/// # Errors
/// [`CallError`]; [`CallError::Contract`] when it is another one.
pub fn read_query(
    account: &Account,
    id: &str,
    answer: &HttpAnswer,
) -> Result<Option<RefundReport>, CallError> {
    if codes::is_missing(answer) {
        return Ok(None);
    }
    let report = report(account, read_object(answer, "refund", READS)?, READS)?;
    if report.id != id {
        return Err(contract(READS, "the answer is about another refund"));
    }
    Ok(Some(report))
}

/// Asks for refunds: of one charge, to find ours again by its key, or by time.
///
/// # Errors
/// [`CallError::NotSent`] for an id that cannot be one.
pub fn list(
    account: &Account,
    charge: Option<&str>,
    range: &Range,
) -> Result<HttpRequest, CallError> {
    let mut form = Form::default();
    if let Some(charge) = charge {
        check_id("charge", charge)?;
        form.add("charge", charge);
    }
    range.write(&mut form, "created")?;
    Ok(account.get("/v1/refunds", &form))
}

/// A page of refunds.
///
/// # Errors
/// [`CallError`].
pub fn read_list(
    account: &Account,
    range: &Range,
    answer: &HttpAnswer,
) -> Result<Page<RefundReport>, CallError> {
    let convert = |wire| report(account, wire, READS);
    read_page(answer, range, convert, |report: &RefundReport| report.id.as_str())
}

fn report(account: &Account, wire: WireRefund, effect: Effect) -> Result<RefundReport, CallError> {
    let state = match wire.status.as_deref().unwrap_or_default() {
        "pending" => RefundState::Pending,
        "requires_action" => RefundState::RequiresAction,
        "succeeded" => RefundState::Succeeded,
        "failed" => RefundState::Failed,
        "canceled" => RefundState::Canceled,
        other => RefundState::Unknown(clean_code(other)),
    };
    if wire.id.is_empty() || wire.amount < 0 {
        return Err(contract(effect, "a refund without an id or with a negative amount"));
    }
    Ok(RefundReport {
        amount: account.exponents.read("amount", wire.amount, &wire.currency, effect)?,
        state,
        id: wire.id,
        created_s: wire.created,
        charge: wire.charge.map(Expandable::id),
        key: wire.metadata.intent,
        balance_row: wire.balance_transaction.map(Expandable::id),
        return_row: wire.failure_balance_transaction.map(Expandable::id),
        failure_reason: wire.failure_reason.map(|reason| clean_code(&reason)),
    })
}
