//! Refunds: ask, and ask what became of it.
//!
//! Source: Alipay open platform, `alipay.trade.refund` and `alipay.trade.fastpay.refund.query`,
//! read 2026-11. The payment and our request number together decide what a repeat means: the same
//! pair refunds once. Success of the call is not a refund; moved money is.

use super::answer::Verifier;
use super::codes::{Call, Verdict};
use super::gateway::{Caller, Unsigned};
use super::{
    TradeNo, check_number, check_text, contract, optional_amount, optional_time, read_amount,
    write_amount,
};
use crate::error::CallError;
use crate::http::{Effect, HttpAnswer};
use domain::Money;
use serde::{Deserialize, Serialize};

/// A refund to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundInstruction<'a> {
    /// The payment it gives back.
    pub payment: TradeNo<'a>,
    /// Our number of this refund. Always sent: without it, a second part would silently repeat
    /// the first.
    pub out_request_no: &'a str,
    /// What is given back.
    pub amount: Money,
    /// Shown to the buyer, up to 256 characters.
    pub reason: Option<&'a str>,
}

#[derive(Serialize)]
struct WireRefund<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    out_trade_no: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_no: Option<&'a str>,
    refund_amount: String,
    out_request_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_reason: Option<&'a str>,
    query_options: [&'static str; 1],
}

/// Asks for the refund.
///
/// # Errors
/// [`CallError::NotSent`] for a value outside the documented limits.
pub fn create(caller: &Caller<'_>, refund: &RefundInstruction<'_>) -> Result<Unsigned, CallError> {
    refund.payment.check()?;
    check_number("out_request_no", refund.out_request_no)?;
    refund.reason.map_or(Ok(()), |text| check_text("refund_reason", text, 256))?;
    let wire = WireRefund {
        out_trade_no: refund.payment.ours(),
        trade_no: refund.payment.theirs(),
        refund_amount: write_amount("refund_amount", refund.amount)?,
        out_request_no: refund.out_request_no,
        refund_reason: refund.reason,
        query_options: ["refund_detail_item_list"],
    };
    caller.request(Call::Refund.method(), Effect::Changes, &wire)
}

/// What Alipay says of a refund it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundAnswer {
    /// True when this very call moved money. False proves nothing: query the refund.
    pub moved_now: bool,
    /// Everything given back of this payment so far, this refund among it.
    pub refunded_total: Money,
    /// What we paid of this refund.
    pub sent_back: Option<Money>,
    /// When, UTC milliseconds.
    pub refunded_at_ms: Option<i64>,
    /// Alipay's number of the payment.
    pub trade_no: String,
}

#[derive(Deserialize)]
struct WireAnswer {
    out_trade_no: Option<String>,
    trade_no: String,
    fund_change: Option<String>,
    refund_fee: String,
    send_back_fee: Option<String>,
    gmt_refund_pay: Option<String>,
}

/// What Alipay says.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when a genuine answer is about another payment
/// or gives back less than was asked: money may have moved, and a person has to look.
pub fn read_create(
    verifier: &Verifier<'_>,
    asked: &RefundInstruction<'_>,
    answer: &HttpAnswer,
) -> Result<RefundAnswer, CallError> {
    let effect = Effect::Changes;
    let wire: WireAnswer = verifier.open(Call::Refund, answer)?.fields(effect)?;
    if !asked.payment.is(wire.out_trade_no.as_deref(), Some(&wire.trade_no)) {
        return Err(contract(effect, "the answer is about another payment"));
    }
    let moved_now = wire.fund_change.as_deref() == Some("Y");
    let refunded_total = read_amount("refund_fee", &wire.refund_fee, effect)?;
    if moved_now && refunded_total.minor() < asked.amount.minor() {
        return Err(contract(effect, "less was given back than asked"));
    }
    Ok(RefundAnswer {
        moved_now,
        refunded_total,
        sent_back: optional_amount("send_back_fee", wire.send_back_fee.as_deref(), effect)?,
        refunded_at_ms: optional_time("gmt_refund_pay", wire.gmt_refund_pay.as_deref(), effect)?,
        trade_no: wire.trade_no,
    })
}

#[derive(Serialize)]
struct WireQuery<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    out_trade_no: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_no: Option<&'a str>,
    out_request_no: &'a str,
    query_options: [&'static str; 2],
}

/// Asks for a refund; not sooner than ten seconds after it was asked for.
///
/// # Errors
/// [`CallError::NotSent`] for a number that cannot be one.
pub fn query(
    caller: &Caller<'_>,
    payment: TradeNo<'_>,
    out_request_no: &str,
) -> Result<Unsigned, CallError> {
    payment.check()?;
    check_number("out_request_no", out_request_no)?;
    let wire = WireQuery {
        out_trade_no: payment.ours(),
        trade_no: payment.theirs(),
        out_request_no,
        query_options: ["refund_detail_item_list", "gmt_refund_pay"],
    };
    caller.request(Call::RefundQuery.method(), Effect::Reads, &wire)
}

/// What has become of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Money has moved.
    Succeeded,
    /// Under way (the asynchronous kind).
    Pending,
    /// Refused (the asynchronous kind).
    Failed,
    /// A word the documents do not have.
    Unknown(String),
}

/// A refund as Alipay knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundReport {
    /// What has become of it.
    pub state: RefundState,
    /// What this refund gives back.
    pub amount: Money,
    /// The payment's total.
    pub payment_total: Option<Money>,
    /// When, UTC milliseconds.
    pub refunded_at_ms: Option<i64>,
    /// Alipay's number of the payment.
    pub trade_no: Option<String>,
}

#[derive(Deserialize)]
struct WireReport {
    out_trade_no: Option<String>,
    trade_no: Option<String>,
    out_request_no: Option<String>,
    refund_status: Option<String>,
    refund_amount: Option<String>,
    total_amount: Option<String>,
    gmt_refund_pay: Option<String>,
}

/// The refund; `None` when there is no successful one under this number. A bare success says
/// just that: not received, not done yet, or a wrong number.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when a genuine answer is about another refund.
pub fn read_query(
    verifier: &Verifier<'_>,
    payment: TradeNo<'_>,
    out_request_no: &str,
    answer: &HttpAnswer,
) -> Result<Option<RefundReport>, CallError> {
    let effect = Effect::Reads;
    if verifier.verdict(Call::RefundQuery, answer) == Some(Verdict::Missing) {
        return Ok(None);
    }
    let wire: WireReport = verifier.open(Call::RefundQuery, answer)?.fields(effect)?;
    let Some(word) = wire.refund_status.as_deref().filter(|word| !word.is_empty()) else {
        return Ok(None);
    };
    let same = wire.out_request_no.as_deref() == Some(out_request_no);
    if !same || !payment.is(wire.out_trade_no.as_deref(), wire.trade_no.as_deref()) {
        return Err(contract(effect, "the answer is about another refund"));
    }
    let state = match word {
        "REFUND_SUCCESS" => RefundState::Succeeded,
        "REFUND_PROCESSING" => RefundState::Pending,
        "REFUND_FAIL" => RefundState::Failed,
        _ => RefundState::Unknown(crate::error::clean_code(word)),
    };
    let amount = wire.refund_amount.as_deref().unwrap_or_default();
    Ok(Some(RefundReport {
        state,
        amount: read_amount("refund_amount", amount, effect)?,
        payment_total: optional_amount("total_amount", wire.total_amount.as_deref(), effect)?,
        refunded_at_ms: optional_time("gmt_refund_pay", wire.gmt_refund_pay.as_deref(), effect)?,
        trade_no: wire.trade_no,
    }))
}
