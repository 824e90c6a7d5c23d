//! Payments face to face: show a code, read the buyer's code, query, close, cancel.
//!
//! Source: Alipay open platform, `alipay.trade.*`, read 2026-11.

use super::answer::{Verified, Verifier};
use super::codes::{Call, Verdict};
use super::gateway::{Caller, Unsigned};
use super::{
    TradeNo, check_number, check_text, contract, invalid, optional_amount, optional_time,
    write_amount,
};
use crate::error::CallError;
use crate::http::{Effect, HttpAnswer};
use domain::Money;
use secrets::Secret;
use serde::{Deserialize, Serialize};

/// A payment to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment<'a> {
    /// Our number: up to 64 letters, digits and `_`.
    pub out_trade_no: &'a str,
    /// 0.01 to 100 000 000.00 yuan.
    pub total: Money,
    /// What the buyer reads, up to 256 characters.
    pub subject: &'a str,
    /// Which product; without one, face to face.
    pub product_code: Option<&'a str>,
    /// Minutes in which it can be paid, up to 15 days; without it, three hours.
    pub timeout_minutes: Option<u32>,
    /// Our shop, till and person.
    pub store_id: Option<&'a str>,
    /// Till.
    pub terminal_id: Option<&'a str>,
    /// Person.
    pub operator_id: Option<&'a str>,
    /// Where Alipay would call back.
    pub notify_url: Option<&'a str>,
}

#[derive(Serialize)]
struct WirePayment<'a> {
    out_trade_no: &'a str,
    total_amount: String,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scene: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_express: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terminal_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator_id: Option<&'a str>,
}

impl<'a> Payment<'a> {
    fn wire(&self) -> Result<WirePayment<'a>, CallError> {
        check_number("out_trade_no", self.out_trade_no)?;
        check_text("subject", self.subject, 256)?;
        let marks = [("store_id", self.store_id, 32), ("terminal_id", self.terminal_id, 32)];
        for (field, text, most) in marks {
            text.map_or(Ok(()), |text| check_text(field, text, most))?;
        }
        self.operator_id.map_or(Ok(()), |text| check_text("operator_id", text, 28))?;
        if self.timeout_minutes.is_some_and(|minutes| !(1..=15 * 1_440).contains(&minutes)) {
            return Err(invalid("timeout_express", "is not between a minute and 15 days"));
        }
        Ok(WirePayment {
            out_trade_no: self.out_trade_no,
            total_amount: write_amount("total_amount", self.total)?,
            subject: self.subject,
            product_code: self.product_code,
            scene: None,
            auth_code: None,
            timeout_express: self.timeout_minutes.map(|minutes| format!("{minutes}m")),
            store_id: self.store_id,
            terminal_id: self.terminal_id,
            operator_id: self.operator_id,
        })
    }
}

/// Asks for a QR code. No payment exists at Alipay before a buyer scans it.
///
/// # Errors
/// [`CallError::NotSent`] for a value outside the documented limits.
pub fn precreate(caller: &Caller<'_>, payment: &Payment<'_>) -> Result<Unsigned, CallError> {
    let wire = payment.wire()?;
    let request = caller.request(Call::Precreate.method(), Effect::Changes, &wire)?;
    request.notify(payment.notify_url)
}

/// The text of the QR code, to be drawn as it stands. It lives two hours.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when it is for another number.
pub fn read_precreate(
    verifier: &Verifier<'_>,
    payment: &Payment<'_>,
    answer: &HttpAnswer,
) -> Result<String, CallError> {
    #[derive(Deserialize)]
    struct Wire {
        out_trade_no: String,
        qr_code: String,
    }
    let effect = Effect::Changes;
    let wire: Wire = verifier.open(Call::Precreate, answer)?.fields(effect)?;
    if wire.out_trade_no != payment.out_trade_no {
        return Err(contract(effect, "the answer is about another payment"));
    }
    let sound = wire.qr_code.bytes().all(|b| b.is_ascii_graphic());
    if wire.qr_code.is_empty() || wire.qr_code.len() > 1_024 || !sound {
        return Err(contract(effect, "qr_code is no address"));
    }
    Ok(wire.qr_code)
}

/// Takes a payment from the code on the buyer's telephone, which is good once.
///
/// # Errors
/// [`CallError::NotSent`] for a value outside the documented limits.
pub fn pay(
    caller: &Caller<'_>,
    payment: &Payment<'_>,
    auth_code: &Secret<String>,
) -> Result<Unsigned, CallError> {
    let code = auth_code.expose().trim();
    let digits = code.bytes().all(|b| b.is_ascii_digit()) && (16..=24).contains(&code.len());
    let face = code.starts_with("fp") && code.len() == 37;
    if !digits && !face {
        return Err(invalid("auth_code", "is not 16 to 24 digits"));
    }
    let mut wire = payment.wire()?;
    wire.scene = Some(if face { "security_code" } else { "bar_code" });
    wire.auth_code = Some(code);
    let request = caller.request(Call::Pay.method(), Effect::Changes, &wire)?;
    request.notify(payment.notify_url)
}

/// What became of a payment from the buyer's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayOutcome {
    /// Paid.
    Paid(Box<TradeReport>),
    /// The buyer is typing a password: query after five seconds, cancel after a minute.
    Waiting,
}

/// What became of it.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when it is about another payment or amount.
pub fn read_pay(
    verifier: &Verifier<'_>,
    payment: &Payment<'_>,
    answer: &HttpAnswer,
) -> Result<PayOutcome, CallError> {
    let effect = Effect::Changes;
    let verified = verifier.open(Call::Pay, answer)?;
    if verified.code == "10003" {
        return Ok(PayOutcome::Waiting);
    }
    let mut report = report(&verified, effect)?;
    // The answer to this call has no state: the code says that it is paid.
    report.state = TradeState::Paid;
    if report.out_trade_no.as_deref() != Some(payment.out_trade_no) {
        return Err(contract(effect, "the answer is about another payment"));
    }
    if report.trade_no.is_none() || report.total != Some(payment.total) {
        return Err(contract(effect, "a payment without a number or of another amount"));
    }
    Ok(PayOutcome::Paid(Box::new(report)))
}

/// What has become of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TradeState {
    /// Scanned, not paid.
    Waiting,
    /// Paid; stays so when a part is given back.
    Paid,
    /// Paid, and past the time in which it can be given back.
    Finished,
    /// Closed unpaid, or given back in full: [`TradeReport::paid_at_ms`] tells which.
    Closed,
    /// A word the documents do not have, or none.
    Unknown(String),
}

impl TradeState {
    fn from_word(word: &str) -> Self {
        match word {
            "WAIT_BUYER_PAY" => Self::Waiting,
            "TRADE_SUCCESS" => Self::Paid,
            "TRADE_FINISHED" => Self::Finished,
            "TRADE_CLOSED" => Self::Closed,
            _ => Self::Unknown(crate::error::clean_code(word)),
        }
    }
}

/// A payment as Alipay knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradeReport {
    /// Our number.
    pub out_trade_no: Option<String>,
    /// Alipay's number.
    pub trade_no: Option<String>,
    /// What has become of it.
    pub state: TradeState,
    /// What was asked for.
    pub total: Option<Money>,
    /// What we get, before fees.
    pub receipt: Option<Money>,
    /// What the buyer gave.
    pub buyer_pay: Option<Money>,
    /// When it was paid, UTC milliseconds.
    pub paid_at_ms: Option<i64>,
    /// The buyer, masked by Alipay.
    pub buyer_logon_id: Option<String>,
}

impl TradeReport {
    /// True when the buyer's money was taken, whatever became of it later.
    pub fn was_paid(&self) -> bool {
        matches!(self.state, TradeState::Paid | TradeState::Finished)
            || (self.state == TradeState::Closed && self.paid_at_ms.is_some())
    }
}

#[derive(Deserialize)]
struct WireTrade {
    out_trade_no: Option<String>,
    trade_no: Option<String>,
    trade_status: Option<String>,
    total_amount: Option<String>,
    receipt_amount: Option<String>,
    buyer_pay_amount: Option<String>,
    send_pay_date: Option<String>,
    gmt_payment: Option<String>,
    buyer_logon_id: Option<String>,
}

fn report(verified: &Verified, effect: Effect) -> Result<TradeReport, CallError> {
    let wire: WireTrade = verified.fields(effect)?;
    let paid = wire.send_pay_date.or(wire.gmt_payment);
    let amount = |name, text: &Option<String>| optional_amount(name, text.as_deref(), effect);
    Ok(TradeReport {
        state: TradeState::from_word(wire.trade_status.as_deref().unwrap_or_default()),
        total: amount("total_amount", &wire.total_amount)?,
        receipt: amount("receipt_amount", &wire.receipt_amount)?,
        buyer_pay: amount("buyer_pay_amount", &wire.buyer_pay_amount)?,
        paid_at_ms: optional_time("send_pay_date", paid.as_deref(), effect)?,
        out_trade_no: wire.out_trade_no.filter(|number| !number.is_empty()),
        trade_no: wire.trade_no.filter(|number| !number.is_empty()),
        buyer_logon_id: wire.buyer_logon_id,
    })
}

#[derive(Serialize)]
struct WireNo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    out_trade_no: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_no: Option<&'a str>,
}

impl<'a> WireNo<'a> {
    fn of(trade: TradeNo<'a>) -> Result<Self, CallError> {
        trade.check()?;
        Ok(Self { out_trade_no: trade.ours(), trade_no: trade.theirs() })
    }
}

/// Asks for a payment.
///
/// # Errors
/// [`CallError::NotSent`] for a number that cannot be one.
pub fn query(caller: &Caller<'_>, trade: TradeNo<'_>) -> Result<Unsigned, CallError> {
    caller.request(Call::Query.method(), Effect::Reads, &WireNo::of(trade)?)
}

/// The payment; `None` when Alipay knows of none, which is what it says of a code that nobody
/// has scanned: not paid, and not failed either.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when a genuine answer is about another payment.
pub fn read_query(
    verifier: &Verifier<'_>,
    trade: TradeNo<'_>,
    answer: &HttpAnswer,
) -> Result<Option<TradeReport>, CallError> {
    if verifier.verdict(Call::Query, answer) == Some(Verdict::Missing) {
        return Ok(None);
    }
    let report = report(&verifier.open(Call::Query, answer)?, Effect::Reads)?;
    if !trade.is(report.out_trade_no.as_deref(), report.trade_no.as_deref()) {
        return Err(contract(Effect::Reads, "the answer is about another payment"));
    }
    let complete = report.trade_no.is_some() && report.total.is_some();
    if report.was_paid() && !complete {
        return Err(contract(Effect::Reads, "a paid payment without number or amount"));
    }
    Ok(Some(report))
}

/// Closes an unpaid payment.
///
/// # Errors
/// [`CallError::NotSent`] for a number that cannot be one.
pub fn close(caller: &Caller<'_>, trade: TradeNo<'_>) -> Result<Unsigned, CallError> {
    caller.request(Call::Close.method(), Effect::Changes, &WireNo::of(trade)?)
}

/// What closing found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseOutcome {
    /// It was open, and is closed.
    Closed,
    /// Nobody had scanned it: there was nothing to close.
    NeverScanned,
}

/// What closing found.
///
/// # Errors
/// See [`Verifier::open`]. A payment that was paid meanwhile leaves the outcome open: query it.
pub fn read_close(
    verifier: &Verifier<'_>,
    trade: TradeNo<'_>,
    answer: &HttpAnswer,
) -> Result<CloseOutcome, CallError> {
    if verifier.verdict(Call::Close, answer) == Some(Verdict::Missing) {
        return Ok(CloseOutcome::NeverScanned);
    }
    let wire: WireTrade = verifier.open(Call::Close, answer)?.fields(Effect::Changes)?;
    if !trade.is(wire.out_trade_no.as_deref(), wire.trade_no.as_deref()) {
        return Err(contract(Effect::Changes, "the answer is about another payment"));
    }
    Ok(CloseOutcome::Closed)
}

/// Takes back a payment whose result nobody knows: closes it unpaid, gives it back in full when
/// it was paid. To give money back on purpose, refund it.
///
/// # Errors
/// [`CallError::NotSent`] for a number that cannot be one.
pub fn cancel(caller: &Caller<'_>, trade: TradeNo<'_>) -> Result<Unsigned, CallError> {
    caller.request(Call::Cancel.method(), Effect::Changes, &WireNo::of(trade)?)
}

/// What cancelling did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// It was unpaid, and is closed.
    Closed,
    /// It was paid, and the money went back.
    Refunded,
    /// There was nothing to take back.
    Nothing,
    /// Not done yet: cancel again.
    Again,
    /// A word the documents do not have.
    Unknown(String),
}

/// What cancelling did.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when it is about another payment.
pub fn read_cancel(
    verifier: &Verifier<'_>,
    trade: TradeNo<'_>,
    answer: &HttpAnswer,
) -> Result<CancelOutcome, CallError> {
    #[derive(Deserialize)]
    struct Wire {
        out_trade_no: Option<String>,
        trade_no: Option<String>,
        retry_flag: Option<String>,
        action: Option<String>,
    }
    if verifier.verdict(Call::Cancel, answer) == Some(Verdict::Missing) {
        return Ok(CancelOutcome::Nothing);
    }
    let wire: Wire = verifier.open(Call::Cancel, answer)?.fields(Effect::Changes)?;
    if !trade.is(wire.out_trade_no.as_deref(), wire.trade_no.as_deref()) {
        return Err(contract(Effect::Changes, "the answer is about another payment"));
    }
    if wire.retry_flag.as_deref() == Some("Y") {
        return Ok(CancelOutcome::Again);
    }
    Ok(match wire.action.as_deref() {
        None | Some("") => CancelOutcome::Nothing,
        Some("close") => CancelOutcome::Closed,
        Some("refund") => CancelOutcome::Refunded,
        Some(word) => CancelOutcome::Unknown(crate::error::clean_code(word)),
    })
}
