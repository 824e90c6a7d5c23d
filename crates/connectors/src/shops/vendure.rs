//! Vendure's Admin API (GraphQL).
//!
//! Source: measured on Vendure 3.7.3, 2026-11. Money: whole numbers with one precision for all
//! currencies. Ids are small integers as text, unique inside one shop and type.
//!
//! `updatedAt` does not move when a payment is settled or refunded, and there is no list of
//! payments or refunds: orders are listed by the time they were placed and read again by id. Open
//! carts are orders too and are left out. A fully refunded order stays `PaymentSettled`, a
//! cancelled one keeps its settled payments; the sums come from payments and refunds alone.

use super::amount::{Number, currency, scaled};
use super::order::{Capture, Fulfilment, Line, MoneyState, Payment, Refund, Sale};
use super::setup::{Setup, Terms};
use super::{Found, Greeting, Page, Unreadable, Window, check_ids, check_page, graphql, one_line};
use super::{contract, optional_time, time, write_time};
use crate::error::CallError;
use crate::http::{HttpAnswer, HttpRequest};
use domain::Currency;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

/// Orders on a page; the server takes up to a hundred by default.
pub const PAGE: u32 = 50;
/// The filter's bound may be exclusive and the store may keep whole seconds.
const BEFORE_MS: i64 = 1_000;

const ORDER: &str = "id code state active type orderPlacedAt createdAt updatedAt currencyCode \
    total totalWithTax subTotalWithTax shippingWithTax customer{id firstName lastName} \
    lines{id quantity orderPlacedQuantity unitPriceWithTax linePriceWithTax \
    proratedLinePriceWithTax taxRate productVariant{id sku name}} \
    shippingLines{priceWithTax shippingMethod{code}} \
    payments{id createdAt method amount state transactionId errorMessage metadata \
    refunds{id createdAt state total method reason transactionId}} \
    fulfillments{id createdAt state method trackingCode} \
    modifications{id createdAt priceChange note} \
    history(options:{take:100,sort:{createdAt:DESC},filter:{type:{in:\
    [\"ORDER_STATE_TRANSITION\",\"ORDER_PAYMENT_TRANSITION\",\"ORDER_REFUND_TRANSITION\"]}}})\
    {totalItems items{createdAt type data}}";

/// Asks who we are and how the shop counts money.
pub fn test_request(setup: &Setup) -> HttpRequest {
    let query = "query{globalSettings{serverConfig{moneyStrategyPrecision}} \
        activeChannel{code defaultCurrencyCode} orders(options:{take:1}){totalItems}}";
    ask(setup, query, &json!({}))
}

/// Reads the answer to [`test_request`].
///
/// # Errors
/// [`CallError`].
pub fn read_test(answer: &HttpAnswer) -> Result<Greeting, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        global_settings: Settings,
        active_channel: Channel,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Settings {
        server_config: Config,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        money_strategy_precision: u32,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Channel {
        code: String,
        default_currency_code: String,
    }
    let wire: Wire = graphql::read(answer)?;
    let decimals = wire.global_settings.server_config.money_strategy_precision;
    if decimals > 6 {
        return Err(contract("moneyStrategyPrecision is more than six"));
    }
    Ok(Greeting {
        name: wire.active_channel.code,
        currency: wire.active_channel.default_currency_code,
        decimals: Some(decimals),
    })
}

/// Asks for a page of the orders placed in a window, oldest first.
pub fn list_request(setup: &Setup, window: &Window) -> HttpRequest {
    let mut filters = vec![
        json!({ "active": { "eq": false } }),
        json!({ "orderPlacedAt": { "after": write_time(window.from_ms - BEFORE_MS) } }),
    ];
    if let Some(until_ms) = window.until_ms {
        filters.push(json!({ "orderPlacedAt": { "before": write_time(until_ms) } }));
    }
    let options = json!({
        "take": PAGE, "skip": window.skip, "sort": { "orderPlacedAt": "ASC" },
        "filter": { "_and": filters },
    });
    orders(setup, &options)
}

/// Asks for orders by their ids, at most [`PAGE`] of them.
///
/// # Errors
/// [`CallError::NotSent`] for what is no id.
pub fn again_request(setup: &Setup, ids: &[String]) -> Result<HttpRequest, CallError> {
    check_ids(ids, PAGE as usize)?;
    Ok(orders(setup, &json!({ "take": PAGE, "filter": { "id": { "in": ids } } })))
}

fn orders(setup: &Setup, options: &serde_json::Value) -> HttpRequest {
    let query = format!(
        "query($options:OrderListOptions){{orders(options:$options)\
         {{totalItems items{{{ORDER}}}}}}}"
    );
    ask(setup, &query, &json!({ "options": options }))
}

fn ask(setup: &Setup, query: &str, variables: &serde_json::Value) -> HttpRequest {
    let url = setup.base.join("/admin-api");
    graphql::request(url, query, variables).with("vendure-api-key", setup.key())
}

/// Reads the answer to [`list_request`] and [`again_request`].
///
/// # Errors
/// [`CallError`]; a page that cannot be whole breaks the contract.
pub fn read_list(answer: &HttpAnswer, window: &Window) -> Result<Page, CallError> {
    #[derive(Deserialize)]
    struct Wire {
        orders: List,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct List {
        total_items: u32,
        items: Vec<Box<RawValue>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Head {
        id: String,
        active: bool,
        order_placed_at: Option<String>,
    }
    let wire: Wire = graphql::read(answer)?;
    let mut page = Page { items: wire.orders.items.len() as u32, ..Page::default() };
    page.more = window.skip.saturating_add(page.items) < wire.orders.total_items;
    for item in wire.orders.items {
        let head: Head = serde_json::from_str(item.get())
            .map_err(|error| contract(crate::error::json_problem(&error)))?;
        let placed = optional_time("orderPlacedAt", head.order_placed_at.as_deref())
            .map_err(|_| contract("orderPlacedAt is no time"))?;
        // A cart that nobody placed is no order yet.
        if let (false, Some(placed_at_ms)) = (head.active, placed) {
            let json = one_line(item.get());
            page.orders.push(Found { id: head.id, placed_at_ms, json });
        }
    }
    check_page(page, PAGE)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireOrder {
    id: String,
    code: String,
    state: String,
    order_placed_at: Option<String>,
    currency_code: String,
    total_with_tax: Number,
    #[serde(default)]
    customer: Option<WireCustomer>,
    #[serde(default)]
    lines: Vec<WireLine>,
    #[serde(default)]
    payments: Option<Vec<WirePayment>>,
    #[serde(default)]
    fulfillments: Option<Vec<WireFulfilment>>,
    #[serde(default)]
    history: Option<WireHistory>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCustomer {
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLine {
    quantity: i64,
    order_placed_quantity: i64,
    line_price_with_tax: Number,
    #[serde(default)]
    product_variant: Option<WireVariant>,
}

#[derive(Default, Deserialize)]
struct WireVariant {
    #[serde(default)]
    sku: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePayment {
    id: String,
    method: String,
    amount: Number,
    state: String,
    transaction_id: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    refunds: Vec<WireRefund>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRefund {
    id: String,
    state: String,
    total: Number,
    #[serde(default)]
    transaction_id: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireFulfilment {
    id: String,
    state: String,
    #[serde(default)]
    method: String,
    #[serde(default)]
    tracking_code: String,
    #[serde(default)]
    created_at: Option<String>,
}

#[derive(Default, Deserialize)]
struct WireHistory {
    items: Vec<WireEvent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireEvent {
    created_at: String,
    #[serde(rename = "type")]
    kind: String,
    data: WireStep,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireStep {
    to: Option<String>,
    payment_id: Option<Number>,
}

impl WireHistory {
    /// When something first got to a state.
    fn at(&self, kind: &str, payment: Option<&str>, to: &str) -> Option<i64> {
        let hit = |event: &&WireEvent| {
            let of = event.data.payment_id.as_ref().map(|id| id.0.as_str());
            event.kind == kind && event.data.to.as_deref() == Some(to) && of == payment
        };
        let found = self.items.iter().filter(hit);
        found.filter_map(|event| time("createdAt", &event.created_at).ok()).min()
    }
}

struct Reading {
    currency: Currency,
    decimals: u32,
    placed_at_ms: i64,
    history: WireHistory,
}

/// Reads one order.
///
/// # Errors
/// [`Unreadable`]: an amount that is no whole number, a refund below zero, a field of another
/// shape. The order is then shown to a person, whole.
pub fn read_order(terms: &Terms, order: &str) -> Result<Sale, Unreadable> {
    let wire: WireOrder = serde_json::from_str(order).map_err(|e| Unreadable::json(&e))?;
    let placed = optional_time("orderPlacedAt", wire.order_placed_at.as_deref())?;
    let placed_at_ms = placed.ok_or_else(|| Unreadable::new("bad_time", "orderPlacedAt: null"))?;
    let currency = currency("currencyCode", &wire.currency_code)?;
    let decimals = terms.decimals.unwrap_or(2);
    let history = wire.history.unwrap_or_default();
    let reading = Reading { currency, decimals, placed_at_ms, history };
    let amount = |field, number: &Number| scaled(field, &number.0, decimals, currency);
    let lines = wire.lines.into_iter().map(|line| {
        let variant = line.product_variant.unwrap_or_default();
        Ok(Line {
            sku: variant.sku,
            name: variant.name,
            quantity: line.quantity,
            ordered: line.order_placed_quantity,
            amount: amount("linePriceWithTax", &line.line_price_with_tax)?,
        })
    });
    let payments = wire.payments.unwrap_or_default();
    let mut payments: Vec<Payment> =
        payments.into_iter().map(|payment| reading.payment(payment)).collect::<Result<_, _>>()?;
    payments.sort_by(|a, b| order_of(&a.id).cmp(&order_of(&b.id)));
    let fulfilments = wire.fulfillments.unwrap_or_default().into_iter().map(|parcel| Fulfilment {
        id: parcel.id,
        moves: parcel
            .created_at
            .and_then(|at| time("createdAt", &at).ok())
            .map(|at_ms| (parcel.state.clone(), at_ms))
            .into_iter()
            .collect(),
        word: parcel.state,
        way: format!("{} {}", parcel.method, parcel.tracking_code).trim().to_owned(),
    });
    let canceled = wire.state == "Cancelled";
    let customer = wire.customer.map(|who| format!("{} {}", who.first_name, who.last_name));
    Ok(Sale {
        id: wire.id,
        number: wire.code,
        placed_at_ms,
        canceled_at_ms: reading.history.at("ORDER_STATE_TRANSITION", None, "Cancelled"),
        canceled,
        closed: false,
        settled: wire.state == "Delivered",
        word: wire.state,
        currency,
        total: amount("totalWithTax", &wire.total_with_tax)?,
        payments,
        lines: lines.collect::<Result<_, Unreadable>>()?,
        fulfilments: fulfilments.collect(),
        buyer: customer.unwrap_or_default().trim().to_owned(),
    })
}

/// Ids are numbers as text: `10` comes after `9`.
fn order_of(id: &str) -> (usize, &str) {
    (id.len(), id)
}

impl Reading {
    fn payment(&self, wire: WirePayment) -> Result<Payment, Unreadable> {
        let amount = scaled("amount", &wire.amount.0, self.decimals, self.currency)?;
        // Shops may add states: what nobody documented is neither taken nor refused.
        let state = match wire.state.as_str() {
            "Created" | "Authorized" => MoneyState::Pending,
            "Settled" => MoneyState::Done,
            "Cancelled" | "Declined" | "Error" => MoneyState::Failed,
            _ => MoneyState::Unknown,
        };
        let made = optional_time("createdAt", wire.created_at.as_deref())?;
        let settled = self.history.at("ORDER_PAYMENT_TRANSITION", Some(&wire.id), "Settled");
        let captures = match state {
            // A payment is taken in full or not at all.
            MoneyState::Done => {
                let at_ms = settled.or(made);
                vec![Capture { id: String::new(), amount: amount.clone(), at_ms }]
            }
            _ => Vec::new(),
        };
        let mut refunds: Vec<Refund> =
            wire.refunds.into_iter().map(|refund| self.refund(refund)).collect::<Result<_, _>>()?;
        refunds.sort_by(|a, b| order_of(&a.id).cmp(&order_of(&b.id)));
        Ok(Payment {
            id: wire.id,
            method: wire.method,
            reference: wire.transaction_id.unwrap_or_default(),
            amount,
            state,
            word: wire.state,
            captures,
            refunds,
        })
    }

    fn refund(&self, wire: WireRefund) -> Result<Refund, Unreadable> {
        let amount = scaled("refund.total", &wire.total.0, self.decimals, self.currency)?;
        if amount.minor < 0 {
            // Vendure takes a refund of -5 and calls it settled.
            let detail = format!("refund {}: {}", wire.id, wire.total.0);
            return Err(Unreadable::new("negative_amount", detail));
        }
        let made = optional_time("createdAt", wire.created_at.as_deref())?;
        Ok(Refund {
            id: wire.id,
            reference: wire.transaction_id.unwrap_or_default(),
            amount,
            state: match wire.state.as_str() {
                "Pending" => MoneyState::Pending,
                "Settled" => MoneyState::Done,
                "Failed" => MoneyState::Failed,
                _ => MoneyState::Unknown,
            },
            word: wire.state,
            at_ms: made.unwrap_or(self.placed_at_ms),
            reason: wire.reason.unwrap_or_default(),
        })
    }
}
