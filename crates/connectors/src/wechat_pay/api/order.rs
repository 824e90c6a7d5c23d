//! Orders paid by QR code at the counter: create, query, close.
//!
//! Source: WeChat Pay APIv3, "Native" orders, read 2026-11.

use super::codes::{self, Call, Verdict};
use super::verify::Verifier;
use super::{
    Account, check_amount, check_notify_url, check_number, check_text, contract, money, read_json,
    read_time, write_time,
};
use crate::error::CallError;
use crate::http::{Effect, HttpAnswer, HttpRequest, encode_component};
use domain::Money;
use serde::{Deserialize, Serialize};

/// An order's life when nothing is said: seven days. The channel's documents disagree on the
/// longest one (7, 15 or 90 days), so this is ours.
const LONGEST_MS: i64 = 7 * 86_400_000;

/// An order that a buyer pays by scanning its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeOrder {
    /// Our number: 6 to 32 of `0-9A-Za-z_-|*`. The same number with the same words gives a
    /// fresh code, with other words a refusal.
    pub out_trade_no: String,
    /// What the payer reads.
    pub description: String,
    /// At least one fen.
    pub total: Money,
    /// Where the channel would call back. It must be named, also by who cannot be called.
    pub notify_url: String,
    /// Last moment to pay, UTC milliseconds.
    pub expires_at_ms: Option<i64>,
    /// Echoed by query, callback and bill.
    pub attach: Option<String>,
    /// Our till, echoed by the query.
    pub device_id: Option<String>,
    /// The payer's or the till's address.
    pub client_ip: Option<String>,
}

#[derive(Serialize)]
struct WireCreate<'a> {
    appid: &'a str,
    mchid: &'a str,
    description: &'a str,
    out_trade_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_expire: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attach: Option<&'a str>,
    notify_url: &'a str,
    amount: WireTotal,
    #[serde(skip_serializing_if = "Option::is_none")]
    scene_info: Option<WireScene<'a>>,
}

#[derive(Serialize)]
struct WireTotal {
    total: i64,
    currency: &'static str,
}

#[derive(Serialize)]
struct WireScene<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    payer_client_ip: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
}

/// Creates the order, or makes a fresh code for it. `now_ms` is the channel's clock.
///
/// # Errors
/// [`CallError::NotSent`] for a value outside the documented limits.
pub fn create(
    account: &Account,
    order: &NativeOrder,
    now_ms: i64,
) -> Result<HttpRequest, CallError> {
    check_number("out_trade_no", &order.out_trade_no, 6..=32, "_-|*")?;
    check_text("description", &order.description, 127)?;
    check_notify_url(&order.notify_url, 255)?;
    if let Some(attach) = &order.attach {
        check_text("attach", attach, 128)?;
    }
    if let Some(device_id) = &order.device_id {
        check_text("scene_info.device_id", device_id, 32)?;
    }
    let life = order.expires_at_ms.map(|at| at.saturating_sub(now_ms));
    if life.is_some_and(|life| !(60_000..=LONGEST_MS).contains(&life)) {
        return Err(super::invalid("time_expire", "is not between a minute and seven days ahead"));
    }
    let (ip, device) = (order.client_ip.as_deref(), order.device_id.as_deref());
    let scene = WireScene { payer_client_ip: ip, device_id: device };
    let wire = WireCreate {
        appid: &account.appid,
        mchid: &account.mchid,
        description: &order.description,
        out_trade_no: &order.out_trade_no,
        time_expire: order.expires_at_ms.map(write_time),
        attach: order.attach.as_deref(),
        notify_url: &order.notify_url,
        amount: WireTotal { total: check_amount("amount.total", order.total)?, currency: "CNY" },
        scene_info: (ip.is_some() || device.is_some()).then_some(scene),
    };
    account.post("/v3/pay/transactions/native", &wire, Effect::Changes)
}

/// The text of the QR code, to be drawn as it stands. It lives two hours.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when there is no code in a genuine answer.
pub fn read_create(verifier: &Verifier<'_>, answer: &HttpAnswer) -> Result<String, CallError> {
    #[derive(Deserialize)]
    struct Wire {
        code_url: String,
    }
    let verified = verifier.open(Call::Create, answer)?;
    let wire: Wire = read_json(&verified, Effect::Changes)?;
    let sound = wire.code_url.bytes().all(|b| b.is_ascii_graphic());
    if wire.code_url.is_empty() || wire.code_url.len() > 512 || !sound {
        return Err(contract(Effect::Changes, "code_url is no address"));
    }
    Ok(wire.code_url)
}

/// How an order is named in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderNo<'a> {
    /// By our number; in any state.
    Ours(&'a str),
    /// By the channel's number; paid orders only.
    Theirs(&'a str),
}

/// Asks for an order. There is no age limit.
///
/// # Errors
/// [`CallError::NotSent`] for a number that cannot be one.
pub fn query(account: &Account, order: OrderNo<'_>) -> Result<HttpRequest, CallError> {
    let path = match order {
        OrderNo::Ours(number) => {
            check_number("out_trade_no", number, 6..=32, "_-|*")?;
            format!("out-trade-no/{}", encode_component(number))
        }
        OrderNo::Theirs(number) => {
            check_number("transaction_id", number, 1..=32, "")?;
            format!("id/{number}")
        }
    };
    Ok(account.get(&format!("/v3/pay/transactions/{path}?mchid={}", account.mchid)))
}

/// What has become of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TradeState {
    /// Waiting for the payer. Not a failure: close it before calling it one.
    Unpaid,
    /// The payer is typing a password (payment code only).
    Paying,
    /// Paid.
    Paid,
    /// Paid, and something of it given back, perhaps only a part.
    Refunded,
    /// Closed unpaid.
    Closed,
    /// Taken back (payment code only).
    Revoked,
    /// The attempt failed (payment code only).
    Failed,
    /// A word the documents do not have.
    Unknown(String),
}

impl TradeState {
    fn from_word(word: &str) -> Self {
        match word {
            "NOTPAY" => Self::Unpaid,
            "USERPAYING" => Self::Paying,
            "SUCCESS" => Self::Paid,
            "REFUND" => Self::Refunded,
            "CLOSED" => Self::Closed,
            "REVOKED" => Self::Revoked,
            "PAYERROR" => Self::Failed,
            _ => Self::Unknown(crate::error::clean_code(word)),
        }
    }

    /// True when the buyer's money was taken, whatever became of it later.
    pub fn is_paid(&self) -> bool {
        matches!(self, Self::Paid | Self::Refunded)
    }
}

/// A discount in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupon {
    /// The channel's number.
    pub id: String,
    /// True when it is settled to us as money; false when we bear it; `None` for another word.
    pub settled: Option<bool>,
    /// What it takes off.
    pub amount: Money,
}

/// An order as the channel knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderReport {
    /// Our number.
    pub out_trade_no: String,
    /// The channel's number, once paid.
    pub transaction_id: Option<String>,
    /// How it was paid: `NATIVE`, `JSAPI`… an open list.
    pub trade_type: Option<String>,
    /// What has become of it.
    pub state: TradeState,
    /// `OTHERS` for the wallet's balance, else the bank.
    pub bank_type: Option<String>,
    /// When it was paid, UTC milliseconds.
    pub paid_at_ms: Option<i64>,
    /// The payer's id with our app.
    pub openid: Option<String>,
    /// Order total.
    pub total: Option<Money>,
    /// What the payer gave: the total without coupons.
    pub payer_total: Option<Money>,
    /// Coupons used.
    pub coupons: Vec<Coupon>,
    /// What we attached.
    pub attach: Option<String>,
}

#[derive(Deserialize)]
struct WireOrder {
    mchid: String,
    out_trade_no: String,
    trade_state: String,
    transaction_id: Option<String>,
    trade_type: Option<String>,
    bank_type: Option<String>,
    attach: Option<String>,
    success_time: Option<String>,
    payer: Option<WirePayer>,
    amount: Option<WireAmount>,
    #[serde(default)]
    promotion_detail: Vec<WireCoupon>,
}

#[derive(Deserialize)]
struct WirePayer {
    openid: Option<String>,
}

#[derive(Deserialize)]
struct WireAmount {
    total: Option<i64>,
    payer_total: Option<i64>,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct WireCoupon {
    coupon_id: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    amount: i64,
}

/// The order; `None` when the channel knows of none, which for an order of ours means that it
/// was never created.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when a genuine answer is about another order,
/// another merchant or another currency, or calls an order paid without saying how.
pub fn read_query(
    verifier: &Verifier<'_>,
    account: &Account,
    order: OrderNo<'_>,
    answer: &HttpAnswer,
) -> Result<Option<OrderReport>, CallError> {
    if codes::read_refusal(Call::Query, answer) == Some(Verdict::Missing) {
        return Ok(None);
    }
    let verified = verifier.open(Call::Query, answer)?;
    let report = report(account, read_json(&verified, Effect::Reads)?)?;
    let same = match order {
        OrderNo::Ours(number) => report.out_trade_no == number,
        OrderNo::Theirs(number) => report.transaction_id.as_deref() == Some(number),
    };
    if !same {
        return Err(contract(Effect::Reads, "the answer is about another order"));
    }
    Ok(Some(report))
}

/// The order in a callback's content.
pub(super) fn read_order(account: &Account, plain: &[u8]) -> Result<OrderReport, CallError> {
    let wire = serde_json::from_slice(plain).map_err(|error| {
        contract(Effect::Reads, format!("order: {}", crate::error::json_problem(&error)))
    })?;
    report(account, wire)
}

fn report(account: &Account, wire: WireOrder) -> Result<OrderReport, CallError> {
    let reads = Effect::Reads;
    if wire.mchid != account.mchid {
        return Err(contract(reads, "the answer is about another merchant"));
    }
    let amount = wire.amount.as_ref();
    let currency = amount.and_then(|a| a.currency.as_deref());
    if currency.is_some_and(|currency| currency != "CNY") {
        return Err(contract(reads, "the amount is not in CNY"));
    }
    let optional =
        |name: &str, fen: Option<i64>| fen.map(|fen| money(name, fen, reads)).transpose();
    let time = wire.success_time.as_deref().filter(|text| !text.is_empty());
    let state = TradeState::from_word(&wire.trade_state);
    let report = OrderReport {
        out_trade_no: wire.out_trade_no,
        transaction_id: wire.transaction_id.filter(|id| !id.is_empty()),
        trade_type: wire.trade_type.filter(|kind| !kind.is_empty()),
        state,
        bank_type: wire.bank_type.filter(|bank| !bank.is_empty()),
        paid_at_ms: time.map(|text| read_time("success_time", text, reads)).transpose()?,
        openid: wire.payer.and_then(|payer| payer.openid),
        total: optional("amount.total", amount.and_then(|a| a.total))?,
        payer_total: optional("amount.payer_total", amount.and_then(|a| a.payer_total))?,
        coupons: wire.promotion_detail.into_iter().map(coupon).collect::<Result<_, _>>()?,
        attach: wire.attach,
    };
    let complete =
        report.transaction_id.is_some() && report.paid_at_ms.is_some() && report.total.is_some();
    if report.state.is_paid() && !complete {
        return Err(contract(reads, "a paid order without number, time or amount"));
    }
    Ok(report)
}

fn coupon(wire: WireCoupon) -> Result<Coupon, CallError> {
    let settled = match wire.kind.as_deref() {
        Some("CASH") => Some(true),
        Some("NOCASH") => Some(false),
        _ => None,
    };
    let amount = money("promotion_detail.amount", wire.amount, Effect::Reads)?;
    Ok(Coupon { id: wire.coupon_id, settled, amount })
}

/// Closes an unpaid order. May be repeated.
///
/// # Errors
/// [`CallError::NotSent`] for a number that cannot be one.
pub fn close(account: &Account, out_trade_no: &str) -> Result<HttpRequest, CallError> {
    #[derive(Serialize)]
    struct Wire<'a> {
        mchid: &'a str,
    }
    check_number("out_trade_no", out_trade_no, 6..=32, "_-|*")?;
    let number = encode_component(out_trade_no);
    let target = format!("/v3/pay/transactions/out-trade-no/{number}/close");
    account.post(&target, &Wire { mchid: &account.mchid }, Effect::Changes)
}

/// Nothing, when it is closed.
///
/// # Errors
/// See [`Verifier::open`]. An order that was paid meanwhile leaves the outcome open: query it.
pub fn read_close(verifier: &Verifier<'_>, answer: &HttpAnswer) -> Result<(), CallError> {
    let verified = verifier.open(Call::Close, answer)?;
    match verified.status {
        204 => Ok(()),
        other => Err(contract(Effect::Changes, format!("closed with status {other}"))),
    }
}
