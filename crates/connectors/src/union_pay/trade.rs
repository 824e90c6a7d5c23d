//! QR code at the counter, query, refund, cancel.
//!
//! Source: ACP, back transactions and single query, read 2026-11. `00` to a refund or a cancel
//! means accepted; the query says what became of it.

use super::codes::{self, Call, Verdict};
use super::message::{Fields, Verifier};
use super::{Account, OrderKey, contract, invalid, read_amount, write_amount};
use crate::error::{CallError, clean_code};
use crate::http::{Effect, HttpAnswer, HttpRequest};
use crate::keys::SigningKey;
use domain::Money;

fn head(account: &Account, key: OrderKey<'_>, kind: &str, sub: &str) -> Result<Fields, CallError> {
    key.check()?;
    let mut fields = Fields::default();
    fields
        .set("version", "5.1.0")
        .set("encoding", "UTF-8")
        .set("txnType", kind)
        .set("txnSubType", sub)
        .set("bizType", account.product.biz_type())
        .set("accessType", "0")
        .set("merId", account.mer_id.as_str())
        .set("orderId", key.order_id)
        .set("txnTime", key.txn_time);
    Ok(fields)
}

fn send(
    account: &Account,
    fields: Fields,
    path: &str,
    key: &SigningKey,
    effect: Effect,
) -> Result<HttpRequest, CallError> {
    let signed = fields.sign(&account.cert_id, key)?;
    Ok(signed.post(account.base.join(path), effect))
}

/// Asks for a QR code that a buyer scans.
///
/// # Errors
/// [`CallError::NotSent`] for a value outside the known limits.
pub fn qr_code(
    account: &Account,
    order: OrderKey<'_>,
    total: Money,
    key: &SigningKey,
) -> Result<HttpRequest, CallError> {
    let mut fields = head(account, order, "01", "07")?;
    fields
        .set("channelType", account.product.channel_type())
        .set("txnAmt", write_amount(total)?)
        .set("currencyCode", "156")
        .set("backUrl", account.back_url.as_str());
    send(account, fields, "/gateway/api/backTransReq.do", key, Effect::Changes)
}

/// The text of the QR code, to be drawn as it stands.
///
/// # Errors
/// See [`Verifier::fields`]; [`CallError::Contract`] when it is for another order.
pub fn read_qr_code(
    verifier: &Verifier<'_>,
    account: &Account,
    order: OrderKey<'_>,
    answer: &HttpAnswer,
) -> Result<String, CallError> {
    let fields = verifier.open(Call::QrCode, answer)?;
    check_same(&fields, account, order, Effect::Changes)?;
    let code = fields.get("qrCode").filter(|code| code.bytes().all(|b| b.is_ascii_graphic()));
    code.map(str::to_owned).ok_or_else(|| contract(Effect::Changes, "qrCode is no address"))
}

/// Asks for a transaction; its time is the one it was made with.
///
/// # Errors
/// [`CallError::NotSent`] for a number that cannot be one.
pub fn query(
    account: &Account,
    order: OrderKey<'_>,
    key: &SigningKey,
) -> Result<HttpRequest, CallError> {
    let fields = head(account, order, "00", "00")?;
    send(account, fields, "/gateway/api/queryTrans.do", key, Effect::Reads)
}

/// What has become of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TradeState {
    /// Not final.
    Pending,
    /// Done.
    Succeeded,
    /// Done with a defect: booked, and to be looked at.
    SucceededWithDefect,
    /// Failed, with UnionPay's code.
    Failed(String),
}

/// A transaction as UnionPay knows it: a purchase, a refund or a cancel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradeReport {
    /// What has become of it.
    pub state: TradeState,
    /// UnionPay's number, 21 digits: what a refund or a cancel names.
    pub query_id: Option<String>,
    /// What it is about.
    pub amount: Option<Money>,
    /// Clearing day `MMDD`: the file in which its row will stand.
    pub settle_date: Option<String>,
    /// Number of the transaction in the file.
    pub trace_no: Option<String>,
}

/// The transaction; `None` when UnionPay knows of none. That is final for a refund after the
/// ladder of questions, and for a payment after its time has run out.
///
/// # Errors
/// See [`Verifier::fields`]; [`CallError::Contract`] when a genuine answer is about another
/// transaction, or calls one done without a number or an amount.
pub fn read_query(
    verifier: &Verifier<'_>,
    account: &Account,
    order: OrderKey<'_>,
    answer: &HttpAnswer,
) -> Result<Option<TradeReport>, CallError> {
    let reads = Effect::Reads;
    let fields = verifier.fields(reads, answer)?;
    match fields.get("respCode").and_then(codes::meaning) {
        Some(Verdict::Yes) => {}
        Some(Verdict::Missing) => return Ok(None),
        _ => return Err(codes::refuse(Call::Query, &fields)),
    }
    check_same(&fields, account, order, reads)?;
    let code = fields.get("origRespCode").unwrap_or_default();
    let state = match code {
        "" => return Err(contract(reads, "no origRespCode")),
        "00" => TradeState::Succeeded,
        "A6" => TradeState::SucceededWithDefect,
        "03" | "04" | "05" => TradeState::Pending,
        other => TradeState::Failed(clean_code(other)),
    };
    let amount = fields.get("txnAmt").map(|text| read_amount("txnAmt", text, reads)).transpose()?;
    let report = TradeReport {
        state,
        query_id: fields.get("queryId").map(str::to_owned),
        amount,
        settle_date: fields.get("settleDate").map(str::to_owned),
        trace_no: fields.get("traceNo").map(str::to_owned),
    };
    let done = matches!(report.state, TradeState::Succeeded | TradeState::SucceededWithDefect);
    if done && (report.query_id.is_none() || report.amount.is_none()) {
        return Err(contract(reads, "a transaction done without number or amount"));
    }
    Ok(Some(report))
}

/// A refund, or a cancel of the whole within the same clearing day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackInstruction<'a> {
    /// Its own number and time.
    pub order: OrderKey<'a>,
    /// UnionPay's number of the purchase.
    pub orig_query_id: &'a str,
    /// What is given back.
    pub amount: Money,
}

/// Asks for a refund.
///
/// # Errors
/// [`CallError::NotSent`] for a value outside the known limits.
pub fn refund(
    account: &Account,
    instruction: &BackInstruction<'_>,
    key: &SigningKey,
) -> Result<HttpRequest, CallError> {
    back(account, instruction, "04", key)
}

/// Asks to take a purchase back. Outside its clearing day (23:00) only a refund does.
///
/// # Errors
/// [`CallError::NotSent`] for a value outside the known limits.
pub fn cancel(
    account: &Account,
    instruction: &BackInstruction<'_>,
    key: &SigningKey,
) -> Result<HttpRequest, CallError> {
    back(account, instruction, "31", key)
}

fn back(
    account: &Account,
    instruction: &BackInstruction<'_>,
    kind: &str,
    key: &SigningKey,
) -> Result<HttpRequest, CallError> {
    let id = instruction.orig_query_id;
    if id.is_empty() || id.len() > 32 || !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid("origQryId", "is no number of UnionPay's"));
    }
    let mut fields = head(account, instruction.order, kind, "00")?;
    fields
        .set("channelType", account.product.channel_type())
        .set("origQryId", id)
        .set("txnAmt", write_amount(instruction.amount)?)
        .set("currencyCode", "156")
        .set("backUrl", account.back_url.as_str());
    send(account, fields, "/gateway/api/backTransReq.do", key, Effect::Changes)
}

/// Accepted: UnionPay's number of it. What became of it, the query says.
///
/// # Errors
/// See [`Verifier::fields`]; [`CallError::Contract`] when a genuine answer is about another
/// transaction or amount: money may have moved, and a person has to look.
pub fn read_back(
    verifier: &Verifier<'_>,
    account: &Account,
    call: Call,
    asked: &BackInstruction<'_>,
    answer: &HttpAnswer,
) -> Result<Option<String>, CallError> {
    let effect = Effect::Changes;
    let fields = verifier.open(call, answer)?;
    check_same(&fields, account, asked.order, effect)?;
    let orig = fields.get("origQryId");
    if orig.is_some_and(|orig| orig != asked.orig_query_id) {
        return Err(contract(effect, "the answer is about another purchase"));
    }
    if let Some(text) = fields.get("txnAmt")
        && read_amount("txnAmt", text, effect)? != asked.amount
    {
        return Err(contract(effect, "another amount than asked"));
    }
    Ok(fields.get("queryId").map(str::to_owned))
}

fn check_same(
    fields: &Fields,
    account: &Account,
    order: OrderKey<'_>,
    effect: Effect,
) -> Result<(), CallError> {
    let same = fields.get("merId") == Some(account.mer_id.as_str())
        && fields.get("orderId") == Some(order.order_id)
        && fields.get("txnTime") == Some(order.txn_time);
    if same { Ok(()) } else { Err(contract(effect, "the answer is about another transaction")) }
}
