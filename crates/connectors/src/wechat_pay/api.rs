//! WeChat Pay APIv3 for direct merchants: requests and readers of answers, no socket.
//!
//! Source: WeChat Pay APIv3 documents and official client packages, read 2026-11.
//! Money: whole fen of CNY. Times: RFC 3339 with `+08:00`, milliseconds allowed.
//!
//! A request is built, then [`sign::sign`]ed. An answer is read by the function beside the
//! request, which checks its signature first. There is no list of orders or refunds: what we did
//! not start ourselves is known from the bills alone.

use crate::error::{CallError, Doubt, NotSent, json_problem};
use crate::http::{Base, Effect, HttpRequest};
use domain::{Channel, Currency, Money};
use serde::Serialize;
use serde::de::DeserializeOwned;
use verify::Verified;

pub mod bill;
pub mod callback;
pub mod certificates;
pub mod codes;
pub mod order;
pub mod plan;
pub mod refund;
pub mod sign;
pub mod verify;

#[cfg(test)]
mod tests;

const CHANNEL: Channel = Channel::WechatPay;

/// Who we are at WeChat Pay. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Merchant number, 8 to 10 digits.
    pub mchid: String,
    /// App id bound to it.
    pub appid: String,
    /// Serial number of our certificate, upper-case hex.
    pub serial_no: String,
    /// `PUB_KEY_ID_…` in public-key mode: it asks the channel to sign answers with that key.
    pub public_key_id: Option<String>,
    /// Where to call.
    pub base: Base,
    /// Hosts, besides the one above, that bill links may point to.
    pub bill_hosts: Vec<String>,
    /// Language of the channel's own sentences.
    pub language: &'static str,
}

impl Account {
    /// The usual host, and the one to turn to when it cannot be reached.
    pub const HOSTS: [&'static str; 2] =
        ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];

    fn get(&self, target: &str) -> HttpRequest {
        HttpRequest::get(self.base.join(target))
    }

    /// Serialised once: what is signed is what is sent.
    fn post(
        &self,
        target: &str,
        body: &impl Serialize,
        effect: Effect,
    ) -> Result<HttpRequest, CallError> {
        let body = serde_json::to_vec(body).map_err(|_| invalid("body", "has no JSON form"))?;
        let request = HttpRequest::post(self.base.join(target), body, effect);
        Ok(request.with("Content-Type", "application/json"))
    }
}

/// Refuses a value before anything is sent.
fn invalid(field: &'static str, rule: &'static str) -> CallError {
    CallError::NotSent { channel: CHANNEL, cause: NotSent::Invalid { field, rule } }
}

fn doubt(effect: Effect, doubt: Doubt) -> CallError {
    CallError::OutcomeUnknown { channel: CHANNEL, effect, doubt }
}

fn contract(effect: Effect, detail: impl Into<String>) -> CallError {
    CallError::Contract { channel: CHANNEL, effect, detail: detail.into() }
}

/// A number of ours: letters, digits and some marks, within a length.
fn check_number(
    field: &'static str,
    text: &str,
    length: std::ops::RangeInclusive<usize>,
    marks: &str,
) -> Result<(), CallError> {
    if !length.contains(&text.len()) {
        return Err(invalid(field, "is too short or too long"));
    }
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c)) {
        return Err(invalid(field, "has a character that is not allowed"));
    }
    Ok(())
}

/// A sentence: not empty, within a length in bytes of UTF-8, the stricter reading.
fn check_text(field: &'static str, text: &str, most: usize) -> Result<(), CallError> {
    if text.is_empty() || text.len() > most {
        return Err(invalid(field, "is empty or too long"));
    }
    Ok(())
}

/// An amount to send: yuan, more than nothing.
fn check_amount(field: &'static str, amount: Money) -> Result<i64, CallError> {
    if amount.currency() != Currency::CNY {
        return Err(invalid(field, "is not in CNY"));
    }
    if amount.minor() < 1 {
        return Err(invalid(field, "is not more than zero"));
    }
    Ok(amount.minor())
}

/// Where the channel may call back. A desktop has none, yet an order must name one.
fn check_notify_url(text: &str, most: usize) -> Result<(), CallError> {
    let sound = crate::http::Url::parse(text).is_some_and(|url| url.is_protected());
    if !sound || text.contains('?') || text.len() > most {
        return Err(invalid("notify_url", "is not an https address without a query"));
    }
    Ok(())
}

/// The JSON of a genuine answer. One that does not fit breaks the contract.
fn read_json<T: DeserializeOwned>(answer: &Verified<'_>, effect: Effect) -> Result<T, CallError> {
    serde_json::from_slice(answer.body)
        .map_err(|error| contract(effect, format!("body: {}", json_problem(&error))))
}

/// Fen of a genuine answer; never negative.
fn money(field: &str, fen: i64, effect: Effect) -> Result<Money, CallError> {
    match Money::from_minor(fen, Currency::CNY) {
        Ok(money) if fen >= 0 => Ok(money),
        _ => Err(contract(effect, format!("{field} is no amount"))),
    }
}

/// `2026-01-01T08:00:00+08:00` as UTC milliseconds.
fn read_time(field: &str, text: &str, effect: Effect) -> Result<i64, CallError> {
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_millis())
        .map_err(|_| contract(effect, format!("{field} is no time")))
}

/// The opposite of [`read_time`], without milliseconds.
fn write_time(at_ms: i64) -> String {
    format!("{}+08:00", domain::format_channel_time(at_ms).replace(' ', "T"))
}
