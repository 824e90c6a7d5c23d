//! Alipay's open platform, gateway protocol "V2": requests and readers of answers, no socket.
//!
//! Source: Alipay open platform documents and official client packages, read 2026-11.
//! Money: yuan as text with two decimals, read and written without floats. Times: Beijing, text.
//!
//! One address serves every call; the call is named by a parameter. HTTP says 200 whatever
//! happened, so the code inside decides. A refund is done when money has moved, not when the
//! call succeeded.

use crate::error::{CallError, Doubt, NotSent};
use crate::http::{Base, Effect, Url};
use domain::money::parse_minor;
use domain::{Channel, Currency, Money};

pub mod answer;
pub mod bill;
pub mod certificates;
pub mod codes;
pub mod gateway;
pub mod ledger;
pub mod notify;
pub mod pay;
pub mod plan;
pub mod refund;
pub mod rest;

#[cfg(test)]
mod tests;

const CHANNEL: Channel = Channel::Alipay;

/// Who we are at Alipay. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// App id, 16 digits in practice.
    pub app_id: String,
    /// How the app proves itself; a setting of the app, one of two.
    pub mode: KeyMode,
    /// Where to call, without `/gateway.do`.
    pub base: Base,
    /// Hosts that bill links may point to.
    pub bill_hosts: Vec<String>,
}

impl Account {
    /// Production, and the sandbox that is still looked after.
    pub const HOSTS: [&'static str; 2] =
        ["https://openapi.alipay.com", "https://openapi-sandbox.dl.alipaydev.com"];

    /// Where bills lie, as far as seen.
    pub const BILL_HOSTS: [&'static str; 1] = ["dwbillcenter.alipay.com"];
}

/// How an app proves itself and is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyMode {
    /// Bare public keys, exchanged by hand.
    PublicKey,
    /// Certificates, named in every request.
    Certificates {
        /// Name of our certificate, see [`crate::keys::Certificate::alipay_sn`].
        app_cert_sn: String,
        /// Name of the root file, see [`certificates::root_sn`].
        root_cert_sn: String,
    },
}

/// How a trade is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradeNo<'a> {
    /// By our number.
    Ours(&'a str),
    /// By Alipay's number.
    Theirs(&'a str),
}

impl<'a> TradeNo<'a> {
    fn check(self) -> Result<(), CallError> {
        match self {
            Self::Ours(number) => check_number("out_trade_no", number),
            Self::Theirs(number) => check_number("trade_no", number),
        }
    }

    fn ours(self) -> Option<&'a str> {
        match self {
            Self::Ours(number) => Some(number),
            Self::Theirs(_) => None,
        }
    }

    fn theirs(self) -> Option<&'a str> {
        match self {
            Self::Theirs(number) => Some(number),
            Self::Ours(_) => None,
        }
    }

    fn is(self, out_trade_no: Option<&str>, trade_no: Option<&str>) -> bool {
        match self {
            Self::Ours(number) => out_trade_no == Some(number),
            Self::Theirs(number) => trade_no == Some(number),
        }
    }
}

fn invalid(field: &'static str, rule: &'static str) -> CallError {
    CallError::NotSent { channel: CHANNEL, cause: NotSent::Invalid { field, rule } }
}

fn doubt(effect: Effect, doubt: Doubt) -> CallError {
    CallError::OutcomeUnknown { channel: CHANNEL, effect, doubt }
}

fn contract(effect: Effect, detail: impl Into<String>) -> CallError {
    CallError::Contract { channel: CHANNEL, effect, detail: detail.into() }
}

/// A number of ours or theirs. Refund numbers have been seen with `-`, so it is allowed there.
fn check_number(field: &'static str, text: &str) -> Result<(), CallError> {
    let mark = |c: char| c == '_' || (c == '-' && field == "out_request_no");
    if text.is_empty() || text.len() > 64 {
        return Err(invalid(field, "is empty or longer than 64"));
    }
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || mark(c)) {
        return Err(invalid(field, "has a character that is not allowed"));
    }
    Ok(())
}

/// A sentence: not empty, within a number of characters.
fn check_text(field: &'static str, text: &str, most: usize) -> Result<(), CallError> {
    if text.is_empty() || text.chars().count() > most {
        return Err(invalid(field, "is empty or too long"));
    }
    Ok(())
}

/// An amount to send, as text: 0.01 to 100 000 000.00 yuan.
fn write_amount(field: &'static str, amount: Money) -> Result<String, CallError> {
    if amount.currency() != Currency::CNY {
        return Err(invalid(field, "is not in CNY"));
    }
    if !(1..=10_000_000_000).contains(&amount.minor()) {
        return Err(invalid(field, "is outside 0.01 to 100000000.00"));
    }
    Ok(amount.to_major())
}

fn check_notify_url(text: &str) -> Result<(), CallError> {
    if text.len() > 256 || Url::parse(text).is_none() {
        return Err(invalid("notify_url", "is not an address"));
    }
    Ok(())
}

/// Yuan of a genuine answer, signed; missing decimals are accepted, more than two are not.
fn signed_minor(field: &str, text: &str, effect: Effect) -> Result<i64, CallError> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    match parse_minor(text, 2) {
        Ok(minor) if plain => Ok(minor),
        _ => Err(contract(effect, format!("{field} is no amount"))),
    }
}

/// As [`signed_minor`], never negative.
fn read_amount(field: &str, text: &str, effect: Effect) -> Result<Money, CallError> {
    let minor = signed_minor(field, text, effect)?;
    match Money::from_minor(minor, Currency::CNY) {
        Ok(money) if minor >= 0 => Ok(money),
        _ => Err(contract(effect, format!("{field} is no amount"))),
    }
}

/// `2026-03-05 09:31:11` as UTC milliseconds.
fn read_time(field: &str, text: &str, effect: Effect) -> Result<i64, CallError> {
    // A fraction of a second has been seen behind some times.
    let seconds = text.split('.').next().unwrap_or(text);
    domain::parse_channel_time(seconds)
        .ok_or_else(|| contract(effect, format!("{field} is no time")))
}

/// [`read_amount`] for a field that may be absent or empty.
fn optional_amount(
    field: &str,
    text: Option<&str>,
    effect: Effect,
) -> Result<Option<Money>, CallError> {
    text.filter(|text| !text.is_empty()).map(|text| read_amount(field, text, effect)).transpose()
}

/// [`read_time`] for a field that may be absent or empty.
fn optional_time(
    field: &str,
    text: Option<&str>,
    effect: Effect,
) -> Result<Option<i64>, CallError> {
    text.filter(|text| !text.is_empty()).map(|text| read_time(field, text, effect)).transpose()
}
