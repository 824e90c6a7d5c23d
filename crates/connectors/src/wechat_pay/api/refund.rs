//! Refunds: create, query, and where an abnormal one goes.
//!
//! Source: WeChat Pay APIv3, "Apply for a refund", "Query a refund", "Abnormal refund", read
//! 2026-11. HTTP 200 means accepted, not refunded. One number refunds once, however often it is
//! sent; after a lost answer the number is asked for, never changed.

use super::codes::{self, Call, Verdict};
use super::order::OrderNo;
use super::verify::{Trust, Verifier};
use super::{
    Account, check_amount, check_notify_url, check_number, check_text, contract, invalid, money,
    read_json, read_time,
};
use crate::error::{CallError, NotSent};
use crate::http::{Effect, HttpAnswer, HttpRequest, encode_component};
use domain::Money;
use secrets::Secret;
use serde::{Deserialize, Serialize};

/// A refund to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundInstruction<'a> {
    /// The payment it gives back.
    pub payment: OrderNo<'a>,
    /// Our number, 1 to 64 of `0-9A-Za-z_-|*@`. Decides what a repeat means.
    pub out_refund_no: &'a str,
    /// What is given back.
    pub amount: Money,
    /// What the order was about in all.
    pub order_total: Money,
    /// Shown to the payer, unless it is a part of at most one yuan.
    pub reason: Option<&'a str>,
    /// Where the channel would call back. Without one, it may send XML of the older protocol.
    pub notify_url: Option<&'a str>,
    /// Where the money comes from, for the two kinds of merchants that may choose.
    pub funds_account: Option<FundsAccount>,
}

/// Where a refund's money comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FundsAccount {
    /// Merchants whose receipts wait in a pool of their own ("old fund flow").
    Available,
    /// Deposit products.
    Unsettled,
}

#[derive(Serialize)]
struct WireCreate<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_trade_no: Option<&'a str>,
    out_refund_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notify_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    funds_account: Option<FundsAccount>,
    amount: WireAsked,
}

#[derive(Serialize)]
struct WireAsked {
    refund: i64,
    total: i64,
    currency: &'static str,
}

/// Asks for the refund.
///
/// # Errors
/// [`CallError::NotSent`] for a value outside the documented limits.
pub fn create(account: &Account, refund: &RefundInstruction<'_>) -> Result<HttpRequest, CallError> {
    let (transaction_id, out_trade_no) = match refund.payment {
        OrderNo::Theirs(id) => (Some(id), None),
        OrderNo::Ours(number) => (None, Some(number)),
    };
    if let Some(id) = transaction_id {
        check_number("transaction_id", id, 1..=32, "")?;
    }
    if let Some(number) = out_trade_no {
        check_number("out_trade_no", number, 6..=32, "_-|*")?;
    }
    check_number("out_refund_no", refund.out_refund_no, 1..=64, "_-|*@")?;
    if let Some(reason) = refund.reason {
        check_text("reason", reason, 80)?;
    }
    if let Some(url) = refund.notify_url {
        check_notify_url(url, 256)?;
    }
    let asked = check_amount("amount.refund", refund.amount)?;
    let total = check_amount("amount.total", refund.order_total)?;
    if asked > total {
        return Err(invalid("amount.refund", "is more than the order"));
    }
    let wire = WireCreate {
        transaction_id,
        out_trade_no,
        out_refund_no: refund.out_refund_no,
        reason: refund.reason,
        notify_url: refund.notify_url,
        funds_account: refund.funds_account,
        amount: WireAsked { refund: asked, total, currency: "CNY" },
    };
    account.post("/v3/refund/domestic/refunds", &wire, Effect::Changes)
}

/// What has become of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Accepted, under way.
    Pending,
    /// The money is back with the payer.
    Succeeded,
    /// Given up by the channel, for one after seven days without funds. A new number is needed.
    Canceled,
    /// The payer's card is dead: say where the money goes.
    RequiresAction,
    /// A word the documents do not have.
    Unknown(String),
}

impl RefundState {
    pub(super) fn from_word(word: &str) -> Self {
        match word {
            "PROCESSING" => Self::Pending,
            "SUCCESS" => Self::Succeeded,
            "CLOSED" => Self::Canceled,
            "ABNORMAL" => Self::RequiresAction,
            _ => Self::Unknown(crate::error::clean_code(word)),
        }
    }
}

/// A refund as the channel knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundReport {
    /// The channel's number.
    pub refund_id: String,
    /// Our number.
    pub out_refund_no: String,
    /// The channel's number of the payment.
    pub transaction_id: String,
    /// Our number of the payment.
    pub out_trade_no: String,
    /// What has become of it.
    pub state: RefundState,
    /// Where it goes: `ORIGINAL`, `BALANCE`… an open list.
    pub channel: Option<String>,
    /// The account that received it, in the channel's free text.
    pub received_by: Option<String>,
    /// When it was accepted, UTC milliseconds.
    pub accepted_at_ms: Option<i64>,
    /// When it succeeded, UTC milliseconds.
    pub succeeded_at_ms: Option<i64>,
    /// Where the money came from: `AVAILABLE`, `UNSETTLED`… an open list.
    pub funds_account: Option<String>,
    /// What was asked for.
    pub amount: Money,
    /// The order's total.
    pub order_total: Money,
    /// What the payer gets in cash.
    pub payer_refund: Option<Money>,
    /// What we give: the refund without the part of coupons we bore.
    pub settlement_refund: Option<Money>,
    /// The fee that comes back to us with this refund.
    pub fee_returned: Option<Money>,
}

#[derive(Deserialize)]
struct WireRefund {
    refund_id: String,
    out_refund_no: String,
    transaction_id: String,
    out_trade_no: String,
    status: String,
    channel: Option<String>,
    user_received_account: Option<String>,
    create_time: Option<String>,
    success_time: Option<String>,
    funds_account: Option<String>,
    amount: WireAmount,
}

#[derive(Deserialize)]
struct WireAmount {
    total: i64,
    refund: i64,
    payer_refund: Option<i64>,
    settlement_refund: Option<i64>,
    refund_fee: Option<i64>,
    currency: Option<String>,
}

/// The refund as accepted, or as it stands when the number was sent before.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when a genuine answer is about another refund,
/// payment or amount: money may have moved, and a person has to look.
pub fn read_create(
    verifier: &Verifier<'_>,
    asked: &RefundInstruction<'_>,
    answer: &HttpAnswer,
) -> Result<RefundReport, CallError> {
    let effect = Effect::Changes;
    let verified = verifier.open(Call::Refund, answer)?;
    let report = report(read_json(&verified, effect)?, effect)?;
    if report.out_refund_no != asked.out_refund_no {
        return Err(contract(effect, "the answer is about another refund"));
    }
    let same_payment = match asked.payment {
        OrderNo::Ours(number) => report.out_trade_no == number,
        OrderNo::Theirs(id) => report.transaction_id == id,
    };
    if !same_payment {
        return Err(contract(effect, "the answer is about another payment"));
    }
    if report.amount != asked.amount || report.order_total != asked.order_total {
        let (got, want) = (report.amount.minor(), asked.amount.minor());
        return Err(contract(effect, format!("asked for {want} fen, got {got}")));
    }
    Ok(report)
}

/// Asks for a refund by our number. There is no age limit, and no other way to ask.
///
/// # Errors
/// [`CallError::NotSent`] for a number that cannot be one.
pub fn query(account: &Account, out_refund_no: &str) -> Result<HttpRequest, CallError> {
    check_number("out_refund_no", out_refund_no, 1..=64, "_-|*@")?;
    let number = encode_component(out_refund_no);
    Ok(account.get(&format!("/v3/refund/domestic/refunds/{number}")))
}

/// The refund; `None` when the channel has none under this number: it was not accepted, and may
/// be sent again as it was.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when a genuine answer is about another refund.
pub fn read_query(
    verifier: &Verifier<'_>,
    out_refund_no: &str,
    answer: &HttpAnswer,
) -> Result<Option<RefundReport>, CallError> {
    if codes::read_refusal(Call::RefundQuery, answer) == Some(Verdict::Missing) {
        return Ok(None);
    }
    let verified = verifier.open(Call::RefundQuery, answer)?;
    let report = report(read_json(&verified, Effect::Reads)?, Effect::Reads)?;
    if report.out_refund_no != out_refund_no {
        return Err(contract(Effect::Reads, "the answer is about another refund"));
    }
    Ok(Some(report))
}

fn report(wire: WireRefund, effect: Effect) -> Result<RefundReport, CallError> {
    let amount = &wire.amount;
    if amount.currency.as_deref().is_some_and(|currency| currency != "CNY") {
        return Err(contract(effect, "the amount is not in CNY"));
    }
    let optional =
        |name: &str, fen: Option<i64>| fen.map(|fen| money(name, fen, effect)).transpose();
    let time = |name: &str, text: &Option<String>| {
        let text = text.as_deref().filter(|text| !text.is_empty());
        text.map(|text| read_time(name, text, effect)).transpose()
    };
    let report = RefundReport {
        state: RefundState::from_word(&wire.status),
        accepted_at_ms: time("create_time", &wire.create_time)?,
        succeeded_at_ms: time("success_time", &wire.success_time)?,
        amount: money("amount.refund", amount.refund, effect)?,
        order_total: money("amount.total", amount.total, effect)?,
        payer_refund: optional("amount.payer_refund", amount.payer_refund)?,
        settlement_refund: optional("amount.settlement_refund", amount.settlement_refund)?,
        fee_returned: optional("amount.refund_fee", amount.refund_fee)?,
        refund_id: wire.refund_id,
        out_refund_no: wire.out_refund_no,
        transaction_id: wire.transaction_id,
        out_trade_no: wire.out_trade_no,
        channel: wire.channel,
        received_by: wire.user_received_account,
        funds_account: wire.funds_account,
    };
    if report.refund_id.is_empty() {
        return Err(contract(effect, "a refund without a number"));
    }
    Ok(report)
}

/// Where the money of an abnormal refund goes.
#[derive(Debug)]
pub enum AbnormalTarget {
    /// Another card of the payer.
    UserCard {
        /// One of [`CARD_BANKS`].
        bank_type: String,
        /// Card number.
        bank_account: Secret<String>,
        /// The payer's name.
        real_name: Secret<String>,
    },
    /// Our own settlement account; the payer is paid by other means.
    MerchantCard,
}

/// Banks an abnormal refund can be sent to.
pub const CARD_BANKS: [&str; 15] = [
    "CMB_DEBIT",
    "COMM_DEBIT",
    "ABC_DEBIT",
    "CCB_DEBIT",
    "ICBC_DEBIT",
    "BOC_DEBIT",
    "PAB_DEBIT",
    "SPDB_DEBIT",
    "CITIC_DEBIT",
    "CEB_DEBIT",
    "CMBC_DEBIT",
    "CIB_DEBIT",
    "GDB_DEBIT",
    "PSBC_DEBIT",
    "NBCB_DEBIT",
];

#[derive(Serialize)]
struct WireAbnormal<'a> {
    out_refund_no: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    real_name: Option<String>,
}

/// Says where a refund goes that stands at [`RefundState::RequiresAction`]. Card number and name
/// are sealed with the channel's key.
///
/// # Errors
/// [`CallError::NotSent`] for a value outside the documented limits, or without a key to seal.
pub fn settle_abnormal(
    account: &Account,
    refund_id: &str,
    out_refund_no: &str,
    target: &AbnormalTarget,
    trust: &Trust,
    now_s: i64,
) -> Result<HttpRequest, CallError> {
    check_number("refund_id", refund_id, 1..=32, "")?;
    check_number("out_refund_no", out_refund_no, 1..=64, "_-|*@")?;
    let path = format!("/v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund");
    let mut wire = WireAbnormal {
        out_refund_no,
        kind: "MERCHANT_BANK_CARD",
        bank_type: None,
        bank_account: None,
        real_name: None,
    };
    let AbnormalTarget::UserCard { bank_type, bank_account, real_name } = target else {
        return account.post(&path, &wire, Effect::Changes);
    };
    if !CARD_BANKS.contains(&bank_type.as_str()) {
        return Err(invalid("bank_type", "is not a bank of the list"));
    }
    let no_key = CallError::NotSent { channel: super::CHANNEL, cause: NotSent::Key };
    let (serial, key) = trust.for_sealing(now_s).ok_or(no_key)?;
    let seal = |field, text: &Secret<String>| {
        key.encrypt(text.expose()).map_err(|_| invalid(field, "is too long"))
    };
    wire.kind = "USER_BANK_CARD";
    wire.bank_type = Some(bank_type);
    wire.bank_account = Some(seal("bank_account", bank_account)?);
    wire.real_name = Some(seal("real_name", real_name)?);
    Ok(account.post(&path, &wire, Effect::Changes)?.with("Wechatpay-Serial", serial))
}

/// The refund after [`settle_abnormal`].
///
/// # Errors
/// As [`read_query`].
pub fn read_abnormal(
    verifier: &Verifier<'_>,
    out_refund_no: &str,
    answer: &HttpAnswer,
) -> Result<RefundReport, CallError> {
    let verified = verifier.open(Call::AbnormalRefund, answer)?;
    let report = report(read_json(&verified, Effect::Changes)?, Effect::Changes)?;
    if report.out_refund_no != out_refund_no {
        return Err(contract(Effect::Changes, "the answer is about another refund"));
    }
    Ok(report)
}
