//! WooCommerce's REST API v3.
//!
//! Source: its documents and public source, read 2026-11; nothing of it was run. Money: decimal
//! text in major units. Times: UTC without a zone in fields that end with `_gmt`.
//!
//! Orders are taken as paid in full when they have a paid date: who took the money is the payment
//! plugin's own business. Refunds stand in a list of their own; an order that has some is asked
//! for them.

use super::amount::{Number, currency, major};
use super::order::{Capture, Line, MoneyState, Payment, Refund, Sale};
use super::setup::{Keys, Setup};
use super::{Found, Greeting, Page, Unreadable, Window, by_status, check_ids, check_page};
use super::{contract, doubt, list, one_line, time, write_time};
use crate::error::{CallError, Doubt, json_problem};
use crate::http::{HttpAnswer, HttpRequest, encode_component};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Currency;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Orders on a page; the most there are is a hundred (unconfirmed).
pub const PAGE: u32 = 50;
/// Refunds on a page.
const REFUNDS_PAGE: usize = 100;
const ROOT: &str = "/wp-json/wc/v3";
/// The bound is exclusive and times have whole seconds.
const BEFORE_MS: i64 = 1_000;

/// Asks for one order: the shortest call that needs the key and its right to read.
pub fn test_request(setup: &Setup) -> HttpRequest {
    get(setup, &format!("{ROOT}/orders?per_page=1"))
}

/// Reads the answer to [`test_request`].
///
/// # Errors
/// [`CallError`].
pub fn read_test(setup: &Setup, answer: &HttpAnswer) -> Result<Greeting, CallError> {
    let _: Vec<Box<RawValue>> = read(answer)?;
    let name = setup.base.authority().to_owned();
    Ok(Greeting { name, currency: String::new(), decimals: None })
}

/// Asks for a page of the orders placed in a window, oldest first.
pub fn list_request(setup: &Setup, window: &Window) -> HttpRequest {
    let bound = |at_ms: i64| encode_component(write_time(at_ms).trim_end_matches('Z'));
    let mut target = format!(
        "{ROOT}/orders?per_page={PAGE}&offset={}&orderby=date&order=asc&status=any\
         &dates_are_gmt=true&after={}",
        window.skip,
        bound(window.from_ms - BEFORE_MS)
    );
    if let Some(until_ms) = window.until_ms {
        target.push_str(&format!("&before={}", bound(until_ms)));
    }
    get(setup, &target)
}

/// Asks for orders by their ids, at most [`PAGE`] of them.
///
/// # Errors
/// [`CallError::NotSent`] for what is no id.
pub fn again_request(setup: &Setup, ids: &[String]) -> Result<HttpRequest, CallError> {
    check_ids(ids, PAGE as usize)?;
    let ids = encode_component(&ids.join(","));
    Ok(get(setup, &format!("{ROOT}/orders?per_page={PAGE}&status=any&include={ids}")))
}

/// Asks for a page of the refunds of an order, behind the first `skip` of them.
///
/// # Errors
/// [`CallError::NotSent`] for what is no id.
pub fn refunds_request(setup: &Setup, id: &str, skip: usize) -> Result<HttpRequest, CallError> {
    check_ids(&[id.to_owned()], 1)?;
    let id = encode_component(id);
    let page = format!("per_page={REFUNDS_PAGE}&offset={skip}&orderby=id&order=asc");
    Ok(get(setup, &format!("{ROOT}/orders/{id}/refunds?{page}")))
}

/// A page of an order's refunds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundsPage {
    /// JSON of each as it came, on one line.
    pub refunds: Vec<String>,
    /// True when there are more of them.
    pub more: bool,
}

/// Reads the answer to [`refunds_request`].
///
/// # Errors
/// [`CallError`]; a page that cannot be whole breaks the contract.
pub fn read_refunds(answer: &HttpAnswer, skip: usize) -> Result<RefundsPage, CallError> {
    let refunds: Vec<Box<RawValue>> = read(answer)?;
    let more = match total(answer) {
        Some(total) => skip.saturating_add(refunds.len()) < total as usize,
        // A host may drop the header: a full page may have another behind it.
        None => refunds.len() >= REFUNDS_PAGE,
    };
    if more && refunds.len() < REFUNDS_PAGE {
        return Err(contract("fewer refunds on a page than there are"));
    }
    Ok(RefundsPage { refunds: refunds.iter().map(|one| one_line(one.get())).collect(), more })
}

fn total(answer: &HttpAnswer) -> Option<u32> {
    answer.header("X-WP-Total").and_then(|total| total.trim().parse().ok())
}

/// True for an order that has refunds to ask for.
pub fn has_refunds(order: &str) -> bool {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        refunds: Vec<Box<RawValue>>,
    }
    serde_json::from_str::<Head>(order).is_ok_and(|head| !head.refunds.is_empty())
}

fn get(setup: &Setup, target: &str) -> HttpRequest {
    let secret = match &setup.keys {
        Keys::Pair(_, secret) => secret.expose().as_str(),
        Keys::One(_) => "",
    };
    // Never in the query, where servers write them into their logs.
    let credentials = STANDARD.encode(format!("{}:{secret}", setup.key()));
    list(HttpRequest::get(setup.base.join(target)))
        .with("Authorization", format!("Basic {credentials}"))
        .with("Accept", "application/json")
}

fn read<T: DeserializeOwned>(answer: &HttpAnswer) -> Result<T, CallError> {
    #[derive(Default, Deserialize)]
    struct WireError {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    if answer.status != 200 {
        let error: WireError = serde_json::from_slice(&answer.body).unwrap_or_default();
        return Err(by_status(answer, &error.code, &error.message));
    }
    serde_json::from_slice(&answer.body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => contract(json_problem(&error)),
        _ => doubt(Doubt::Unreadable { what: "a list of orders" }),
    })
}

/// Reads the answer to [`list_request`] and [`again_request`].
///
/// # Errors
/// [`CallError`]; a page that cannot be whole breaks the contract.
pub fn read_list(answer: &HttpAnswer, window: &Window) -> Result<Page, CallError> {
    #[derive(Deserialize)]
    struct Head {
        id: Number,
        date_created_gmt: String,
    }
    let orders: Vec<Box<RawValue>> = read(answer)?;
    let total = total(answer);
    let items = orders.len() as u32;
    let seen = window.skip.saturating_add(items);
    let mut page = Page { items, ..Page::default() };
    page.more = match total {
        Some(total) => seen < total,
        // A host may drop the header: a full page may have another behind it.
        None => items == PAGE,
    };
    // Orders the key's user may not read are counted and left out.
    page.hidden = page.more && items < PAGE;
    if page.hidden {
        page.more = false;
    }
    for order in orders {
        let head: Head =
            serde_json::from_str(order.get()).map_err(|error| contract(json_problem(&error)))?;
        let placed = gmt("date_created_gmt", &head.date_created_gmt);
        let placed_at_ms = placed.map_err(|_| contract("date_created_gmt is no time"))?;
        page.orders.push(Found { id: head.id.0, placed_at_ms, json: one_line(order.get()) });
    }
    check_page(page, PAGE)
}

/// A time in UTC whose zone is not written.
fn gmt(field: &str, text: &str) -> Result<i64, Unreadable> {
    time(field, &format!("{}Z", text.trim().trim_end_matches('Z')))
}

#[derive(Deserialize)]
struct WireOrder {
    id: Number,
    #[serde(default)]
    number: Option<Number>,
    status: String,
    currency: String,
    date_created_gmt: String,
    #[serde(default)]
    date_paid_gmt: Option<String>,
    #[serde(default)]
    date_modified_gmt: Option<String>,
    total: Number,
    #[serde(default)]
    payment_method: String,
    #[serde(default)]
    transaction_id: String,
    #[serde(default)]
    line_items: Vec<WireItem>,
    #[serde(default)]
    billing: Option<WireBilling>,
}

#[derive(Deserialize)]
struct WireItem {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    sku: Option<String>,
    #[serde(default)]
    quantity: Number,
    total: Number,
}

#[derive(Deserialize)]
struct WireBilling {
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
}

#[derive(Deserialize)]
struct WireRefund {
    id: Number,
    date_created_gmt: String,
    amount: Number,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    refunded_payment: bool,
}

/// Reads one order with its list of refunds (empty text where it was not asked for).
///
/// # Errors
/// [`Unreadable`].
pub fn read_order(order: &str, refunds: &str) -> Result<Sale, Unreadable> {
    let wire: WireOrder = serde_json::from_str(order).map_err(|e| Unreadable::json(&e))?;
    let currency = currency("currency", &wire.currency)?;
    let total = major("total", &wire.total.0, currency)?;
    let paid = wire.date_paid_gmt.as_deref().filter(|text| !text.is_empty());
    let paid_at_ms = paid.map(|text| gmt("date_paid_gmt", text)).transpose()?;
    let refunds: Vec<WireRefund> = match refunds {
        "" => Vec::new(),
        text => serde_json::from_str(text).map_err(|e| Unreadable::json(&e))?,
    };
    let mut refunds: Vec<Refund> =
        refunds.into_iter().map(|r| read_refund(r, currency)).collect::<Result<_, _>>()?;
    refunds.sort_by_key(|refund| refund.at_ms);
    let state = match (paid_at_ms, wire.status.as_str()) {
        (Some(_), _) => MoneyState::Done,
        (None, "cancelled" | "failed" | "trash") => MoneyState::Failed,
        (None, "pending" | "on-hold" | "checkout-draft") => MoneyState::Pending,
        (None, _) => MoneyState::Unknown,
    };
    let captures = match paid_at_ms {
        Some(at) => {
            vec![Capture { id: String::new(), amount: total.clone(), at_ms: Some(at) }]
        }
        None => Vec::new(),
    };
    let payment = Payment {
        id: wire.id.0.clone(),
        method: wire.payment_method,
        reference: wire.transaction_id,
        amount: total.clone(),
        state,
        word: wire.status.clone(),
        captures,
        refunds,
    };
    let canceled = wire.status == "cancelled";
    let changed = wire.date_modified_gmt.as_deref().filter(|text| !text.is_empty());
    let name = wire.billing.map(|who| format!("{} {}", who.first_name, who.last_name));
    let lines = wire.line_items.into_iter().map(|item| {
        let quantity = item.quantity.0.parse().unwrap_or_default();
        Ok(Line {
            sku: item.sku.unwrap_or_default(),
            name: item.name.unwrap_or_default(),
            quantity,
            ordered: quantity,
            amount: major("line_items.total", &item.total.0, currency)?,
        })
    });
    Ok(Sale {
        number: wire.number.map_or_else(|| wire.id.0.clone(), |number| number.0),
        id: wire.id.0,
        placed_at_ms: gmt("date_created_gmt", &wire.date_created_gmt)?,
        canceled_at_ms: match (canceled, changed) {
            (true, Some(text)) => Some(gmt("date_modified_gmt", text)?),
            _ => None,
        },
        canceled,
        closed: matches!(wire.status.as_str(), "failed" | "trash"),
        settled: matches!(wire.status.as_str(), "completed" | "refunded" | "failed" | "trash"),
        word: wire.status,
        currency,
        total,
        payments: vec![payment],
        lines: lines.collect::<Result<_, Unreadable>>()?,
        fulfilments: Vec::new(),
        buyer: name.unwrap_or_default().trim().to_owned(),
    })
}

fn read_refund(wire: WireRefund, currency: Currency) -> Result<Refund, Unreadable> {
    // The list of refunds shows a plain amount, an order's own list a negative one (unconfirmed).
    let text = wire.amount.0.strip_prefix('-').unwrap_or(&wire.amount.0);
    Ok(Refund {
        at_ms: gmt("refund.date_created_gmt", &wire.date_created_gmt)?,
        id: wire.id.0,
        reference: String::new(),
        amount: major("refund.amount", text, currency)?,
        state: MoneyState::Done,
        // Noted by hand, or given back by the payment plugin.
        word: if wire.refunded_payment { "refunded" } else { "recorded" }.to_owned(),
        reason: wire.reason.unwrap_or_default(),
    })
}
