//! Medusa's Admin API (REST).
//!
//! Source: measured on Medusa 2.21.2, 2026-11. Money: decimals in major units, not rounded to the
//! currency, with an exact text beside stored amounts (`raw_amount`). Ids are prefixed ULIDs.
//!
//! A capture never moves an order's `updated_at`, unknown filters are ignored without a word, and
//! what is computed depends on the fields asked for: the same whole list is asked every time. The
//! key goes as Basic authentication; as a bearer it is refused.

use super::amount::{Number, currency, major};
use super::order::{Capture, Fulfilment, Line, MoneyState, Payment, Refund, Sale};
use super::setup::Setup;
use super::{Amount, Found, Greeting, Page, Unreadable, Window, by_status, check_ids, check_page};
use super::{contract, doubt, list, one_line, optional_time, time, write_time};
use crate::error::{CallError, Doubt, json_problem};
use crate::http::{HttpAnswer, HttpRequest, encode_component};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Currency;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Orders on a page.
pub const PAGE: u32 = 50;

/// Everything a figure depends on: without `*items.detail` a half delivered order is `delivered`,
/// without `currency_code` a total in dinars loses its third place.
const FIELDS: &str = "id,display_id,status,version,currency_code,created_at,updated_at,\
    canceled_at,total,original_total,subtotal,tax_total,shipping_total,discount_total,\
    payment_status,fulfillment_status,*items,*items.detail,*payment_collections,\
    *payment_collections.payments,*payment_collections.payments.captures,\
    *payment_collections.payments.refunds,*transactions,*fulfillments,*shipping_methods,*customer";

/// Asks for one order: the shortest call that needs the key and the right to read orders.
pub fn test_request(setup: &Setup) -> HttpRequest {
    get(setup, "/admin/orders?limit=1&fields=id,currency_code".to_owned())
}

/// Reads the answer to [`test_request`].
///
/// # Errors
/// [`CallError`].
pub fn read_test(setup: &Setup, answer: &HttpAnswer) -> Result<Greeting, CallError> {
    let _: WireList = read(answer)?;
    let name = setup.base.authority().to_owned();
    Ok(Greeting { name, currency: String::new(), decimals: None })
}

/// Asks for a page of the orders placed in a window, oldest first.
pub fn list_request(setup: &Setup, window: &Window) -> HttpRequest {
    let from = encode_component(&write_time(window.from_ms));
    let mut target = format!(
        "/admin/orders?limit={PAGE}&offset={}&order=created_at&created_at[$gte]={from}",
        window.skip
    );
    if let Some(until_ms) = window.until_ms {
        let until = encode_component(&write_time(until_ms));
        target.push_str(&format!("&created_at[$lt]={until}"));
    }
    get(setup, format!("{target}&fields={}", encode_component(FIELDS)))
}

/// Asks for orders by their ids, at most [`PAGE`] of them.
///
/// # Errors
/// [`CallError::NotSent`] for what is no id.
pub fn again_request(setup: &Setup, ids: &[String]) -> Result<HttpRequest, CallError> {
    check_ids(ids, PAGE as usize)?;
    let mut target = format!("/admin/orders?limit={PAGE}");
    for id in ids {
        target.push_str(&format!("&id[]={}", encode_component(id)));
    }
    Ok(get(setup, format!("{target}&fields={}", encode_component(FIELDS))))
}

fn get(setup: &Setup, target: String) -> HttpRequest {
    let credentials = STANDARD.encode(format!("{}:", setup.key()));
    list(HttpRequest::get(setup.base.join(&target)))
        .with("Authorization", format!("Basic {credentials}"))
        .with("Accept", "application/json")
}

#[derive(Deserialize)]
struct WireList {
    count: u32,
    orders: Vec<Box<RawValue>>,
}

#[derive(Default, Deserialize)]
struct WireError {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    message: String,
}

fn read<T: DeserializeOwned>(answer: &HttpAnswer) -> Result<T, CallError> {
    if answer.status != 200 {
        let error: WireError = serde_json::from_slice(&answer.body).unwrap_or_default();
        // The shape of a mistake in the query, with a code that says nothing.
        if error.kind == "unknown_error" {
            let (status, code) = (answer.status, error.kind);
            return Err(doubt(Doubt::Unavailable { status, code }));
        }
        return Err(by_status(answer, &error.kind, &error.message));
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
        id: String,
        created_at: String,
    }
    let wire: WireList = read(answer)?;
    let mut page = Page { items: wire.orders.len() as u32, ..Page::default() };
    page.more = window.skip.saturating_add(page.items) < wire.count;
    for order in wire.orders {
        let head: Head =
            serde_json::from_str(order.get()).map_err(|error| contract(json_problem(&error)))?;
        let placed = time("created_at", &head.created_at);
        let placed_at_ms = placed.map_err(|_| contract("created_at is no time"))?;
        page.orders.push(Found { id: head.id, placed_at_ms, json: one_line(order.get()) });
    }
    check_page(page, PAGE)
}

#[derive(Deserialize)]
struct WireOrder {
    id: String,
    display_id: Number,
    status: String,
    currency_code: String,
    created_at: String,
    #[serde(default)]
    canceled_at: Option<String>,
    total: Number,
    #[serde(default)]
    payment_status: String,
    #[serde(default)]
    fulfillment_status: String,
    #[serde(default)]
    items: Vec<WireItem>,
    #[serde(default)]
    payment_collections: Vec<WireCollection>,
    #[serde(default)]
    fulfillments: Option<Vec<WireFulfilment>>,
    #[serde(default)]
    customer: Option<WireCustomer>,
}

#[derive(Deserialize)]
struct WireItem {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    variant_sku: Option<String>,
    quantity: Number,
    #[serde(default)]
    total: Number,
    #[serde(default)]
    detail: Option<WireDetail>,
}

#[derive(Deserialize)]
struct WireDetail {
    #[serde(default)]
    quantity: Number,
}

#[derive(Deserialize)]
struct WireCollection {
    #[serde(default)]
    payments: Option<Vec<WirePayment>>,
}

/// The exact text beside a stored amount.
#[derive(Deserialize)]
struct WireRaw {
    value: Number,
}

#[derive(Deserialize)]
struct WirePayment {
    id: String,
    #[serde(default)]
    provider_id: String,
    amount: Number,
    #[serde(default)]
    raw_amount: Option<WireRaw>,
    #[serde(default)]
    canceled_at: Option<String>,
    #[serde(default)]
    data: Option<Box<RawValue>>,
    #[serde(default)]
    captures: Option<Vec<WireMove>>,
    #[serde(default)]
    refunds: Option<Vec<WireMove>>,
}

#[derive(Deserialize)]
struct WireMove {
    id: String,
    amount: Number,
    #[serde(default)]
    raw_amount: Option<WireRaw>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Deserialize)]
struct WireFulfilment {
    id: String,
    #[serde(default)]
    packed_at: Option<String>,
    #[serde(default)]
    shipped_at: Option<String>,
    #[serde(default)]
    delivered_at: Option<String>,
    #[serde(default)]
    canceled_at: Option<String>,
    #[serde(default)]
    labels: Option<Vec<WireLabel>>,
}

#[derive(Deserialize)]
struct WireLabel {
    #[serde(default)]
    tracking_number: Option<String>,
}

#[derive(Deserialize)]
struct WireCustomer {
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
}

/// An amount by its exact text where there is one.
fn amount(
    field: &str,
    number: &Number,
    raw: Option<&WireRaw>,
    currency: Currency,
) -> Result<Amount, Unreadable> {
    major(field, raw.map_or(&number.0, |raw| &raw.value.0), currency)
}

/// Reads one order.
///
/// # Errors
/// [`Unreadable`].
pub fn read_order(order: &str) -> Result<Sale, Unreadable> {
    let wire: WireOrder = serde_json::from_str(order).map_err(|e| Unreadable::json(&e))?;
    let currency = currency("currency_code", &wire.currency_code)?;
    let placed_at_ms = time("created_at", &wire.created_at)?;
    let collections = wire.payment_collections.into_iter();
    let payments = collections.flat_map(|collection| collection.payments.unwrap_or_default());
    let mut payments: Vec<Payment> = payments
        .map(|payment| read_payment(payment, currency, placed_at_ms))
        .collect::<Result<_, _>>()?;
    // Prefixed ULIDs sort by time.
    payments.sort_by(|a, b| a.id.cmp(&b.id));
    let lines = wire.items.into_iter().map(|item| read_item(item, currency));
    let fulfilments = wire.fulfillments.unwrap_or_default().into_iter().map(read_fulfilment);
    let name = wire.customer.map(|who| {
        let (first, last) = (who.first_name.unwrap_or_default(), who.last_name.unwrap_or_default());
        format!("{first} {last}").trim().to_owned()
    });
    let parts = [&wire.status, &wire.payment_status, &wire.fulfillment_status];
    let words: Vec<&str> =
        parts.into_iter().map(String::as_str).filter(|w| !w.is_empty()).collect();
    Ok(Sale {
        id: wire.id,
        number: wire.display_id.0,
        placed_at_ms,
        canceled_at_ms: optional_time("canceled_at", wire.canceled_at.as_deref())?,
        canceled: wire.status == "canceled",
        closed: false,
        settled: wire.fulfillment_status == "delivered",
        word: words.join(" / "),
        currency,
        total: major("total", &wire.total.0, currency)?,
        payments,
        lines: lines.collect::<Result<_, _>>()?,
        fulfilments: fulfilments.collect(),
        buyer: name.unwrap_or_default(),
    })
}

fn read_item(item: WireItem, currency: Currency) -> Result<Line, Unreadable> {
    let count = |number: &Number| number.0.parse::<i64>().unwrap_or_default();
    let left = item.detail.as_ref().map_or(&item.quantity, |detail| &detail.quantity);
    Ok(Line {
        sku: item.variant_sku.unwrap_or_default(),
        name: item.title.unwrap_or_default(),
        quantity: count(left),
        ordered: count(&item.quantity),
        amount: match item.total.0.as_str() {
            "" | "null" => Amount::default(),
            text => major("items.total", text, currency)?,
        },
    })
}

fn read_fulfilment(parcel: WireFulfilment) -> Fulfilment {
    let word = match (&parcel.canceled_at, &parcel.delivered_at, &parcel.shipped_at) {
        (Some(_), ..) => "canceled",
        (_, Some(_), _) => "delivered",
        (.., Some(_)) => "shipped",
        _ => "packed",
    };
    let moves = [
        ("packed", &parcel.packed_at),
        ("shipped", &parcel.shipped_at),
        ("delivered", &parcel.delivered_at),
        ("canceled", &parcel.canceled_at),
    ];
    let moves = moves.into_iter().filter_map(|(word, at)| {
        let at_ms = time(word, at.as_deref()?).ok()?;
        Some((word.to_owned(), at_ms))
    });
    let moves = moves.collect();
    let numbers = parcel.labels.unwrap_or_default();
    let numbers: Vec<String> = numbers.into_iter().filter_map(|l| l.tracking_number).collect();
    Fulfilment { id: parcel.id, word: word.to_owned(), way: numbers.join(" "), moves }
}

fn read_payment(
    wire: WirePayment,
    currency: Currency,
    placed_at_ms: i64,
) -> Result<Payment, Unreadable> {
    let promised = amount("payment.amount", &wire.amount, wire.raw_amount.as_ref(), currency)?;
    let captures: Vec<Capture> = wire
        .captures
        .unwrap_or_default()
        .into_iter()
        .map(|capture| {
            Ok(Capture {
                amount: amount(
                    "capture.amount",
                    &capture.amount,
                    capture.raw_amount.as_ref(),
                    currency,
                )?,
                at_ms: optional_time("capture.created_at", capture.created_at.as_deref())?,
                id: capture.id,
            })
        })
        .collect::<Result<_, Unreadable>>()?;
    let refunds = wire.refunds.unwrap_or_default().into_iter();
    let refunds = refunds.map(|refund| read_refund(refund, currency, placed_at_ms));
    let taken = captures.iter().fold(0_i64, |sum, c| sum.saturating_add(c.amount.minor));
    let (state, word) = match () {
        () if wire.canceled_at.is_some() => (MoneyState::Failed, "canceled"),
        // Taken in part: more may follow.
        () if captures.is_empty() => (MoneyState::Pending, "authorized"),
        () if taken < promised.minor => (MoneyState::Pending, "partially_captured"),
        () => (MoneyState::Done, "captured"),
    };
    Ok(Payment {
        reference: reference_in(wire.data.as_deref()),
        id: wire.id,
        method: wire.provider_id,
        amount: promised,
        state,
        word: word.to_owned(),
        captures,
        refunds: refunds.collect::<Result<_, _>>()?,
    })
}

/// The payment service's number: providers keep their own object in `data`, with its `id`.
fn reference_in(data: Option<&RawValue>) -> String {
    #[derive(Deserialize)]
    struct Data {
        id: String,
    }
    let data = data.and_then(|data| serde_json::from_str::<Data>(data.get()).ok());
    data.map(|data| data.id).unwrap_or_default()
}

fn read_refund(
    wire: WireMove,
    currency: Currency,
    placed_at_ms: i64,
) -> Result<Refund, Unreadable> {
    let amount = amount("refund.amount", &wire.amount, wire.raw_amount.as_ref(), currency)?;
    if amount.minor < 0 {
        let detail = format!("refund {}: {}", wire.id, wire.amount.0);
        return Err(Unreadable::new("negative_amount", detail));
    }
    let at_ms = optional_time("refund.created_at", wire.created_at.as_deref())?;
    Ok(Refund {
        id: wire.id,
        reference: String::new(),
        amount,
        // A refused refund leaves no row.
        state: MoneyState::Done,
        word: "refunded".to_owned(),
        at_ms: at_ms.unwrap_or(placed_at_ms),
        reason: wire.note.unwrap_or_default(),
    })
}
