//! UnionPay's all-channel gateway (ACP), message version 5.1.0: requests and readers of answers,
//! no socket.
//!
//! Source: official sample code in several copies and independent clients, read 2026-11; the
//! specifications themselves could not be read.
//! Money: whole fen as text. Times: Beijing, `YYYYMMDDhhmmss`.
//!
//! The pair of order number and time names a transaction: both are stored before anything is
//! sent, and a query needs the same time. There is no list; the file of a clearing day is one.

use crate::error::{CallError, Doubt, NotSent};
use crate::http::{Base, Effect};
use domain::{Channel, Currency, Money};

pub(crate) mod clearing;
pub mod codes;
pub mod file;
pub mod message;
pub mod notice;
pub mod plan;
pub mod trade;
pub mod zm;

#[cfg(test)]
mod tests;

const CHANNEL: Channel = Channel::UnionPay;

/// How long before midnight a clearing day ends: at 23:00.
pub const CUT_OFF_MS: i64 = 3_600_000;

/// Who we are at UnionPay. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Merchant number, 15 digits.
    pub mer_id: String,
    /// Serial number of our signing certificate, decimal.
    pub cert_id: String,
    /// Where transactions go.
    pub base: Base,
    /// Where files are fetched, another host.
    pub file_base: Base,
    /// Where UnionPay would call back. It must be named, also by who cannot be called.
    pub back_url: String,
    /// Product and way in, which differ between kinds of contract.
    pub product: Product,
}

/// Which product payments are made with. Refund, cancel and query repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Payments in a browser: `000201`, channel 07.
    Online,
    /// QR codes at the counter: `000000`, channel 08.
    QrCode,
}

impl Product {
    fn biz_type(self) -> &'static str {
        match self {
            Self::Online => "000201",
            Self::QrCode => "000000",
        }
    }

    fn channel_type(self) -> &'static str {
        match self {
            Self::Online => "07",
            Self::QrCode => "08",
        }
    }
}

impl Account {
    /// Transactions and files in production.
    pub const HOSTS: [&'static str; 2] =
        ["https://gateway.95516.com", "https://filedownload.95516.com"];
    /// Transactions and files in the test environment.
    pub const TEST_HOSTS: [&'static str; 2] =
        ["https://gateway.test.95516.com", "https://filedownload.test.95516.com"];
}

/// What names a transaction: our number and the time it was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderKey<'a> {
    /// 8 to 32 letters and digits.
    pub order_id: &'a str,
    /// `YYYYMMDDhhmmss`, as sent the first time.
    pub txn_time: &'a str,
}

impl OrderKey<'_> {
    fn check(&self) -> Result<(), CallError> {
        let plain = self.order_id.bytes().all(|b| b.is_ascii_alphanumeric());
        // 40 are allowed, but the file has room for 32.
        if !(8..=32).contains(&self.order_id.len()) || !plain {
            return Err(invalid("orderId", "is not 8 to 32 letters and digits"));
        }
        if self.txn_time.len() != 14 || !self.txn_time.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid("txnTime", "is not YYYYMMDDhhmmss"));
        }
        Ok(())
    }
}

/// An instant as `YYYYMMDDhhmmss` in Beijing.
pub fn write_time(at_ms: i64) -> String {
    domain::format_channel_time(at_ms).chars().filter(char::is_ascii_digit).collect()
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

fn write_amount(amount: Money) -> Result<String, CallError> {
    if amount.currency() != Currency::CNY || !(1..=999_999_999_999).contains(&amount.minor()) {
        return Err(invalid("txnAmt", "is no amount in CNY of at most 12 digits"));
    }
    Ok(amount.minor().to_string())
}

fn read_amount(field: &str, text: &str, effect: Effect) -> Result<Money, CallError> {
    let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let minor = text.parse().ok().filter(|_| digits);
    minor
        .and_then(|minor| Money::from_minor(minor, Currency::CNY).ok())
        .ok_or_else(|| contract(effect, format!("{field} is no amount")))
}
