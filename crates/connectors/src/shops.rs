//! Shops' own systems: orders, captures, refunds, fulfilments and cancellations, by their APIs.
//!
//! Source: notes on Vendure 3.7.3 and Medusa 2.21.2 (measured by calling running servers), and on
//! WooCommerce REST v3 and Shopify Admin GraphQL (documents only), read 2026-11.
//!
//! One shape for all four: a list of orders by the time they were placed, orders read again by
//! their ids, and one reader of an order. Nothing here changes anything in a shop: refunds are
//! only read, so that none is ever made twice.
//!
//! What every reader assumes, because it was measured: "updated at" misses captures and refunds,
//! so nothing is asked by it; an order's total is not what was charged, so the amount is the sum
//! of what was captured; an order that was cancelled or delivered can still be refunded, so final
//! is a span of time and not a state.

use crate::error::{Act, CallError, Doubt, NotSent, Refusal};
use crate::http::{Effect, HttpAnswer, HttpRequest};
use domain::Channel;
use std::fmt;

mod amount;
pub mod archive;
mod cursor;
mod facts;
mod graphql;
pub mod medusa;
mod order;
mod setup;
pub mod shopify;
mod sync;
#[cfg(test)]
mod tests;
pub mod vendure;
pub mod woocommerce;

pub use amount::{Amount, WrongAmount};
pub use archive::sale_at;
pub use cursor::Cursor;
pub use facts::{REFUND_IDENTITY, facts_of};
pub use order::{Capture, Fulfilment, Line, MoneyState, Payment, Refund, Sale};
pub use setup::{Keys, Numbers, Setup, SetupProblem, Terms};
pub use sync::{Fetched, Greeting, Piece, Shop};

const CHANNEL: Channel = Channel::Shop;
const READS: Effect = Effect::Reads;
/// The largest answer of a list of orders: 32 MiB.
const LARGEST_LIST: u64 = 32 << 20;

/// What a shop runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Platform {
    /// Vendure, GraphQL Admin API.
    Vendure,
    /// Medusa, REST Admin API.
    Medusa,
    /// WooCommerce, REST v3.
    WooCommerce,
    /// Shopify, GraphQL Admin API.
    Shopify,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 4] = [Self::Vendure, Self::Medusa, Self::WooCommerce, Self::Shopify];

    /// The stable code used in files and JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Vendure => "vendure",
            Self::Medusa => "medusa",
            Self::WooCommerce => "woocommerce",
            Self::Shopify => "shopify",
        }
    }

    /// The platform with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.code() == code)
    }

    /// Reads one order as the platform sent it.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read_order(self, terms: &Terms, order: &str, refunds: &str) -> Result<Sale, Unreadable> {
        match self {
            Self::Vendure => vendure::read_order(terms, order),
            Self::Medusa => medusa::read_order(order),
            Self::WooCommerce => woocommerce::read_order(order, refunds),
            Self::Shopify => shopify::read_order(terms, order),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why an order cannot be read: a stable code, and the field with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// `bad_row`, `bad_amount`, `bad_time`, `bad_currency`, `negative_amount`.
    pub code: &'static str,
    /// The field and what it holds.
    pub detail: String,
}

impl Unreadable {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    fn json(error: &serde_json::Error) -> Self {
        Self::new("bad_row", crate::error::json_problem(error))
    }
}

/// Which orders a list is about, and where it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Placed at this instant or later, UTC ms. Some orders from just before may come too.
    pub from_ms: i64,
    /// Placed before this instant; `None` for no end.
    pub until_ms: Option<i64>,
    /// Orders of the list to leave out, from its start.
    pub skip: u32,
    /// The platform's own mark of a place in the list, where it has one.
    pub after: Option<String>,
}

/// An order of a list, as the platform sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The platform's id, unique within the shop.
    pub id: String,
    /// When it was placed, UTC ms.
    pub placed_at_ms: i64,
    /// Its JSON on one line.
    pub json: String,
}

/// A page of a list, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Orders, in the platform's order.
    pub orders: Vec<Found>,
    /// Items the page had, those that are no orders among them.
    pub items: u32,
    /// True when the platform has more behind this page.
    pub more: bool,
    /// The platform's mark of the page's end, where it has one.
    pub after: Option<String>,
    /// Orders the platform counts and does not show: rights are missing.
    pub hidden: bool,
}

/// A page that must be whole: more announced and nothing given would never end.
fn check_page(page: Page, most: u32) -> Result<Page, CallError> {
    if page.more && page.items == 0 {
        return Err(contract("an empty page that is not the last"));
    }
    if page.items > most {
        return Err(contract("more orders than the page was to have"));
    }
    Ok(page)
}

/// JSON on one line: a text in JSON has no bare line end, so blanks can stand for all of them.
fn one_line(json: &str) -> String {
    json.replace(['\r', '\n'], " ")
}

fn invalid(field: &'static str, rule: &'static str) -> CallError {
    CallError::NotSent { channel: CHANNEL, cause: NotSent::Invalid { field, rule } }
}

fn doubt(doubt: Doubt) -> CallError {
    CallError::OutcomeUnknown { channel: CHANNEL, effect: READS, doubt }
}

fn contract(detail: impl Into<String>) -> CallError {
    CallError::Contract { channel: CHANNEL, effect: READS, detail: detail.into() }
}

fn rejected(status: u16, code: &str, act: Act, says: &str) -> CallError {
    let refusal = Refusal::new(status, code, act, says);
    CallError::Rejected { channel: CHANNEL, refusal }
}

/// An answer that is no success, where its body says nothing better. Hosts and proxies in front of
/// a shop answer in its stead, often with a page.
fn by_status(answer: &HttpAnswer, code: &str, says: &str) -> CallError {
    let status = answer.status;
    let code = code.to_owned();
    match status {
        401 | 403 => rejected(status, or(&code, "FORBIDDEN"), Act::FixAccount, says),
        404 => rejected(status, or(&code, "NOT_FOUND"), Act::FixAccount, says),
        429 => doubt(Doubt::SlowDown),
        // A redirect is not followed: the address is not the shop's API.
        300..=399 => rejected(status, or(&code, "REDIRECT"), Act::FixAccount, says),
        400 | 405..=428 | 430..=499 if !code.is_empty() => {
            rejected(status, &code, Act::FixRequest, says)
        }
        500..=599 => doubt(Doubt::Unavailable { status, code: crate::error::clean_code(&code) }),
        _ => doubt(Doubt::UnknownCode { status, code: crate::error::clean_code(&code) }),
    }
}

fn or<'a>(code: &'a str, other: &'a str) -> &'a str {
    if code.is_empty() { other } else { code }
}

fn list(request: HttpRequest) -> HttpRequest {
    let mut request = request.with("User-Agent", concat!("Suanpan/", env!("CARGO_PKG_VERSION")));
    request.largest_answer = LARGEST_LIST;
    request
}

/// A platform's time as UTC milliseconds: RFC 3339.
fn time(field: &str, text: &str) -> Result<i64, Unreadable> {
    let read = chrono::DateTime::parse_from_rfc3339(text.trim());
    let at = read.map_err(|_| Unreadable::new("bad_time", format!("{field}: {text}")))?;
    Ok(at.timestamp_millis())
}

fn optional_time(field: &str, text: Option<&str>) -> Result<Option<i64>, Unreadable> {
    text.filter(|text| !text.is_empty()).map(|text| time(field, text)).transpose()
}

/// UTC milliseconds as RFC 3339: `2026-11-21T02:13:53.063Z`.
fn write_time(at_ms: i64) -> String {
    let at = chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Ids as platforms make them: digits, ULIDs, `gid://shopify/Order/1`.
fn check_ids(ids: &[String], most: usize) -> Result<(), CallError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'/' | b':');
    let sound = |id: &String| !id.is_empty() && id.len() <= 128 && id.bytes().all(plain);
    if ids.is_empty() || ids.len() > most || !ids.iter().all(sound) {
        return Err(invalid("id", "is no id of an order"));
    }
    Ok(())
}
