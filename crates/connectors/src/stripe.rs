//! Stripe: requests and readers of answers, no socket.
//!
//! Source: Stripe's API documents and its official Python package 16.1.0, read 2026-11.
//! Money: whole minor units as Stripe defines them, see [`currency`]. Times: Unix seconds.
//!
//! The balance transactions are the only complete source of what moved; charges, refunds,
//! disputes and payouts explain them. Answers are not signed: what proves them is TLS.

use crate::error::{CallError, Doubt, NotSent, json_problem};
use crate::http::{Base, Effect, HttpAnswer, HttpRequest};
use domain::Channel;
use secrets::Secret;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;

pub mod archive;
pub(crate) mod balance_file;
mod chain;
pub mod codes;
pub mod currency;
pub mod form;
pub mod kinds;
pub mod ledger;
pub mod payments;
pub mod plan;
mod raw;
pub mod refund;
pub mod webhook;

#[cfg(test)]
mod tests;

use currency::Exponents;
use form::Form;

const CHANNEL: Channel = Channel::Stripe;
const READS: Effect = Effect::Reads;
/// The largest page there is.
const PAGE: u32 = 100;

/// Who we are at Stripe.
#[derive(Debug)]
pub struct Account {
    /// A restricted key, `rk_live_…`; wiped when dropped.
    pub key: Secret<String>,
    /// The version of the protocol, pinned: `2026-10-28.endive`.
    pub version: String,
    /// `acct_…` when we act for a connected account.
    pub connected: Option<String>,
    /// Where to call.
    pub base: Base,
    /// Decimal places that differ from Stripe's table.
    pub exponents: Exponents,
}

impl Account {
    /// The usual host.
    pub const HOST: &'static str = "https://api.stripe.com";
    /// The version these readers were written for.
    pub const VERSION: &'static str = "2026-10-28.endive";

    /// True for a key of the test mode; its data are no real money.
    pub fn is_test(&self) -> bool {
        let key = self.key.expose();
        key.starts_with("sk_test_") || key.starts_with("rk_test_")
    }

    fn get(&self, path: &str, form: &Form) -> HttpRequest {
        let query = form.query();
        let mark = if query.is_empty() { "" } else { "?" };
        self.authorize(HttpRequest::get(self.base.join(&format!("{path}{mark}{query}"))))
    }

    fn post(&self, path: &str, form: &Form, key: &str) -> Result<HttpRequest, CallError> {
        if key.is_empty() || key.len() > 255 || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(invalid("Idempotency-Key", "is empty, too long or not plain"));
        }
        let url = self.base.join(path);
        let request = HttpRequest::post(url, form.body().into_bytes(), Effect::Changes);
        let request = request.with("Content-Type", "application/x-www-form-urlencoded");
        Ok(self.authorize(request).with("Idempotency-Key", key))
    }

    fn authorize(&self, request: HttpRequest) -> HttpRequest {
        let request = request
            .with("Authorization", format!("Bearer {}", self.key.expose()))
            .with("Stripe-Version", self.version.as_str())
            .with("User-Agent", concat!("Suanpan/", env!("CARGO_PKG_VERSION")));
        match &self.connected {
            Some(id) => request.with("Stripe-Account", id.as_str()),
            None => request,
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

/// An id as Stripe makes them. Prefixes are not looked at: there are more of them every year.
fn check_id(field: &'static str, id: &str) -> Result<(), CallError> {
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if id.is_empty() || id.len() > 255 || !plain {
        return Err(invalid(field, "is no id"));
    }
    Ok(())
}

/// The object of an answer. A page or a cut is no answer; an object of another shape breaks the
/// contract.
fn read_object<T: DeserializeOwned>(
    answer: &HttpAnswer,
    kind: &str,
    effect: Effect,
) -> Result<T, CallError> {
    #[derive(Deserialize)]
    struct Kind {
        object: String,
    }
    if answer.status != 200 {
        return Err(codes::refuse(effect, answer));
    }
    let unreadable = |_| doubt(effect, Doubt::Unreadable { what: "an object of Stripe's" });
    let found: Kind = serde_json::from_slice(&answer.body).map_err(unreadable)?;
    if found.object != kind {
        return Err(contract(effect, format!("the answer is no {kind}")));
    }
    serde_json::from_slice(&answer.body)
        .map_err(|error| contract(effect, format!("{kind}: {}", json_problem(&error))))
}

/// One page of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in Stripe's order.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last one. The only mark of an end: a short page
    /// is none.
    pub next: Option<String>,
}

/// What a list has had so far, page after page.
#[derive(Debug, Default)]
pub struct Had(HashSet<String>);

impl Had {
    /// Takes the ids of a further page.
    ///
    /// # Errors
    /// [`CallError::Contract`] for an item that the list has had already: then nobody knows what
    /// else is wrong with it.
    pub fn take<'i>(&mut self, mut ids: impl Iterator<Item = &'i str>) -> Result<(), CallError> {
        match ids.all(|id| self.0.insert(id.to_owned())) {
            true => Ok(()),
            false => Err(contract(READS, "the list has an item twice")),
        }
    }
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// First second inside.
    pub from_s: Option<i64>,
    /// First second outside.
    pub until_s: Option<i64>,
    /// The id after which the page starts.
    pub after: Option<String>,
}

impl Range {
    fn write(&self, form: &mut Form, field: &str) -> Result<(), CallError> {
        form.add("limit", PAGE.to_string());
        if let Some(from) = self.from_s {
            form.add(&format!("{field}[gte]"), from.to_string());
        }
        if let Some(until) = self.until_s {
            form.add(&format!("{field}[lt]"), until.to_string());
        }
        if let Some(after) = &self.after {
            check_id("starting_after", after)?;
            form.add("starting_after", after.as_str());
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct WireList<T> {
    has_more: bool,
    data: Vec<T>,
}

/// A page of a list. It must go on: more announced and nothing given would never end.
fn read_page<W: DeserializeOwned, T>(
    answer: &HttpAnswer,
    range: &Range,
    convert: impl FnMut(W) -> Result<T, CallError>,
    id: impl Fn(&T) -> &str,
) -> Result<Page<T>, CallError> {
    let wire: WireList<W> = read_object(answer, "list", READS)?;
    if wire.data.len() > PAGE as usize {
        return Err(contract(READS, "more items than a page has"));
    }
    let items: Vec<T> = wire.data.into_iter().map(convert).collect::<Result<_, _>>()?;
    if items.iter().any(|item| Some(id(item)) == range.after.as_deref()) {
        return Err(contract(READS, "the page begins before its start"));
    }
    let next = match (wire.has_more, items.last()) {
        (false, _) => None,
        (true, Some(last)) => Some(id(last).to_owned()),
        (true, None) => return Err(contract(READS, "an empty page that is not the last")),
    };
    Ok(Page { items, next })
}

/// A field that is an id, or the object of that id.
#[derive(Deserialize)]
#[serde(untagged)]
enum Expandable {
    Id(String),
    Object { id: String },
}

impl Expandable {
    fn id(self) -> String {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}
