//! Shopify's Admin API (GraphQL): orders, and what Shopify Payments pays out.
//!
//! Source: its documents, read 2026-11; nothing of it was run. Money: decimal text in major units,
//! once in the shop's and once in the buyer's currency. Ids: `gid://shopify/Order/N`.
//!
//! What moved money are the order's transactions: a refund without one is a record only. Without
//! the right `read_all_orders` orders older than sixty days are absent, not refused.

use super::amount::{Number, currency, major};
use super::order::{Capture, Fulfilment, Line, MoneyState, Payment, Refund, Sale};
use super::setup::{Setup, Terms};
use super::{Amount, Found, Greeting, Page, Unreadable, Window, check_ids, check_page, graphql};
use super::{contract, invalid, one_line, optional_time, time, write_time};
use crate::error::{CallError, json_problem};
use crate::http::{HttpAnswer, HttpRequest};
use domain::{Currency, Money};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

mod payouts;

pub use payouts::{
    BalanceMove, ShopPayout, explain, moves_request, payouts_request, read_moves, read_payouts,
};

/// Orders on a page: each costs points for everything inside it.
pub const PAGE: u32 = 20;
/// How far back orders are given out without `read_all_orders`, days.
pub const REACH_DAYS: i64 = 60;

const MONEY: &str = "{shopMoney{amount currencyCode} presentmentMoney{amount currencyCode}}";

/// How many of each list inside an order are asked for. Lists of lines and of the moves of a refund
/// say whether there are more; the others do not: a full one counts as cut.
#[derive(Clone, Copy)]
struct Room {
    lines: usize,
    transactions: usize,
    refunds: usize,
    parcels: usize,
}

const SHORT: Room = Room { lines: 20, transactions: 50, refunds: 50, parcels: 20 };
/// For an order that is asked for by itself; 250 is the most of any list.
const LONG: Room = Room { lines: 250, transactions: 250, refunds: 250, parcels: 100 };

fn order_fields(room: Room) -> String {
    let Room { lines, transactions, refunds, parcels } = room;
    format!(
        "id name createdAt updatedAt cancelledAt closedAt displayFinancialStatus \
         displayFulfillmentStatus totalPriceSet{MONEY} currentTotalPriceSet{MONEY} \
         customer{{firstName lastName}} \
         lineItems(first:{lines}){{nodes{{sku name quantity currentQuantity \
         discountedTotalSet{MONEY}}} pageInfo{{hasNextPage}}}} \
         transactions(first:{transactions}){{id kind status gateway processedAt \
         amountSet{MONEY} paymentId parentTransaction{{id}}}} \
         refunds(first:{refunds}){{id createdAt note transactions(first:20){{nodes{{id}} \
         pageInfo{{hasNextPage}}}}}} \
         fulfillments(first:{parcels}){{id createdAt displayStatus trackingInfo{{number company}}}}"
    )
}

/// Asks who we are.
pub fn test_request(setup: &Setup) -> HttpRequest {
    ask(setup, "query{shop{name currencyCode} orders(first:1){nodes{id}}}", &json!({}))
}

/// Reads the answer to [`test_request`].
///
/// # Errors
/// [`CallError`].
pub fn read_test(answer: &HttpAnswer) -> Result<Greeting, CallError> {
    #[derive(Deserialize)]
    struct Wire {
        shop: Shop,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Shop {
        name: String,
        currency_code: String,
    }
    let Shop { name, currency_code: currency } = graphql::read::<Wire>(answer)?.shop;
    Ok(Greeting { name, currency, decimals: None })
}

/// Asks for a page of the orders placed in a window, oldest first.
pub fn list_request(setup: &Setup, window: &Window) -> HttpRequest {
    let mut filter = format!("created_at:>='{}'", write_time(window.from_ms));
    if let Some(until_ms) = window.until_ms {
        filter.push_str(&format!(" AND created_at:<'{}'", write_time(until_ms)));
    }
    let query = format!(
        "query($first:Int!,$after:String,$query:String){{orders(first:$first,after:$after,\
         query:$query,sortKey:CREATED_AT){{nodes{{{}}} pageInfo{{hasNextPage endCursor}}}}}}",
        order_fields(SHORT)
    );
    let variables = json!({ "first": PAGE, "after": window.after, "query": filter });
    ask(setup, &query, &variables)
}

/// Asks for orders by their ids, at most [`PAGE`] of them.
///
/// # Errors
/// [`CallError::NotSent`] for what is no id.
pub fn again_request(setup: &Setup, ids: &[String]) -> Result<HttpRequest, CallError> {
    check_ids(ids, PAGE as usize)?;
    let fields = order_fields(SHORT);
    let query = format!("query($ids:[ID!]!){{nodes(ids:$ids){{...on Order{{{fields}}}}}}}");
    Ok(ask(setup, &query, &json!({ "ids": ids })))
}

/// Asks for one order with room for longer lists; the answer says so of itself (`asked_long`).
///
/// # Errors
/// [`CallError::NotSent`] for what is no id.
pub fn whole_request(setup: &Setup, id: &str) -> Result<HttpRequest, CallError> {
    check_ids(&[id.to_owned()], 1)?;
    let fields = order_fields(LONG);
    let query = format!(
        "query($ids:[ID!]!){{nodes(ids:$ids){{...on Order{{asked_long:__typename {fields}}}}}}}"
    );
    Ok(ask(setup, &query, &json!({ "ids": [id] })))
}

/// True for an order of which a list may have come cut; the longer one is worth asking for.
pub fn is_cut(order: &str) -> bool {
    let wire: Result<WireOrder, _> = serde_json::from_str(order);
    wire.is_ok_and(|wire| wire.asked_long.is_none() && wire.cut().is_some())
}

fn ask(setup: &Setup, query: &str, variables: &serde_json::Value) -> HttpRequest {
    let url = setup.base.join(&format!("/admin/api/{}/graphql.json", setup.api_version));
    graphql::request(url, query, variables).with("X-Shopify-Access-Token", setup.key())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePage {
    has_next_page: bool,
    #[serde(default)]
    end_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireNodes<T> {
    nodes: Vec<T>,
    page_info: WirePage,
}

impl<T> WireNodes<T> {
    /// Where the next page starts. A list that goes on must say where.
    fn next(&self) -> Result<Option<String>, CallError> {
        match (self.page_info.has_next_page, &self.page_info.end_cursor) {
            (false, _) => Ok(None),
            (true, Some(cursor)) => Ok(Some(cursor.clone())),
            (true, None) => Err(contract("a page that goes on nowhere")),
        }
    }
}

/// Reads the answer to [`list_request`].
///
/// # Errors
/// [`CallError`]; a page that cannot be whole breaks the contract.
pub fn read_list(answer: &HttpAnswer, window: &Window) -> Result<Page, CallError> {
    #[derive(Deserialize)]
    struct Wire {
        orders: WireNodes<Box<RawValue>>,
    }
    let Wire { orders } = graphql::read(answer)?;
    let after = orders.next()?;
    if after.is_some() && after == window.after {
        return Err(contract("the page ends where it began"));
    }
    let mut page = Page { items: orders.nodes.len() as u32, ..Page::default() };
    page.more = after.is_some();
    page.after = after;
    page.orders = orders.nodes.iter().map(|order| found(order)).collect::<Result<_, _>>()?;
    check_page(page, PAGE)
}

/// Reads the answer to [`again_request`]; what is no order any more is `null`.
///
/// # Errors
/// [`CallError`].
pub fn read_again(answer: &HttpAnswer) -> Result<Page, CallError> {
    #[derive(Deserialize)]
    struct Wire {
        nodes: Vec<Option<Box<RawValue>>>,
    }
    let wire: Wire = graphql::read(answer)?;
    let orders: Vec<Found> =
        wire.nodes.iter().flatten().map(|order| found(order)).collect::<Result<_, _>>()?;
    check_page(Page { items: orders.len() as u32, orders, ..Page::default() }, PAGE)
}

fn found(order: &RawValue) -> Result<Found, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Head {
        id: String,
        created_at: String,
    }
    let head: Head =
        serde_json::from_str(order.get()).map_err(|error| contract(json_problem(&error)))?;
    let placed = time("createdAt", &head.created_at);
    let placed_at_ms = placed.map_err(|_| contract("createdAt is no time"))?;
    Ok(Found { id: head.id, placed_at_ms, json: one_line(order.get()) })
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMoney {
    amount: Number,
    currency_code: String,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSet {
    shop_money: WireMoney,
    #[serde(default)]
    presentment_money: Option<WireMoney>,
}

impl WireSet {
    fn money(&self, terms: &Terms) -> &WireMoney {
        match &self.presentment_money {
            Some(money) if terms.presentment => money,
            _ => &self.shop_money,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireOrder {
    #[serde(default, rename = "asked_long")]
    asked_long: Option<String>,
    id: String,
    name: String,
    created_at: String,
    #[serde(default)]
    cancelled_at: Option<String>,
    #[serde(default)]
    display_financial_status: Option<String>,
    #[serde(default)]
    display_fulfillment_status: Option<String>,
    total_price_set: WireSet,
    #[serde(default)]
    current_total_price_set: Option<WireSet>,
    #[serde(default)]
    customer: Option<WireCustomer>,
    #[serde(default)]
    line_items: Option<WireLines>,
    #[serde(default)]
    transactions: Vec<WireTransaction>,
    #[serde(default)]
    refunds: Vec<WireRefund>,
    #[serde(default)]
    fulfillments: Vec<WireFulfilment>,
}

impl WireOrder {
    /// The list that may go on behind what came; none when all are whole.
    fn cut(&self) -> Option<&'static str> {
        let room = if self.asked_long.is_some() { LONG } else { SHORT };
        let goes_on = |page: &Option<WirePage>| page.as_ref().is_some_and(|p| p.has_next_page);
        let moves = |refund: &WireRefund| {
            refund.transactions.as_ref().is_some_and(|moves| goes_on(&moves.page_info))
        };
        match self {
            _ if self.transactions.len() >= room.transactions => Some("transactions"),
            _ if self.refunds.len() >= room.refunds => Some("refunds"),
            _ if self.refunds.iter().any(moves) => Some("refunds.transactions"),
            _ if self.line_items.as_ref().is_some_and(|lines| goes_on(&lines.page_info)) => {
                Some("lineItems")
            }
            _ if self.fulfillments.len() >= room.parcels => Some("fulfillments"),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCustomer {
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLines {
    nodes: Vec<WireLine>,
    #[serde(default)]
    page_info: Option<WirePage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLine {
    #[serde(default)]
    sku: Option<String>,
    #[serde(default)]
    name: String,
    quantity: i64,
    #[serde(default)]
    current_quantity: Option<i64>,
    #[serde(default)]
    discounted_total_set: Option<WireSet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireTransaction {
    id: String,
    kind: String,
    status: String,
    #[serde(default)]
    gateway: Option<String>,
    #[serde(default)]
    processed_at: Option<String>,
    amount_set: WireSet,
    #[serde(default)]
    payment_id: Option<String>,
    #[serde(default)]
    parent_transaction: Option<WireParent>,
}

#[derive(Deserialize)]
struct WireParent {
    id: String,
}

#[derive(Deserialize)]
struct WireRefund {
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    transactions: Option<WireRefundMoves>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRefundMoves {
    nodes: Vec<WireParent>,
    #[serde(default)]
    page_info: Option<WirePage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireFulfilment {
    id: String,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    display_status: Option<String>,
    #[serde(default)]
    tracking_info: Vec<WireTracking>,
}

#[derive(Deserialize)]
struct WireTracking {
    #[serde(default)]
    number: Option<String>,
    #[serde(default)]
    company: Option<String>,
}

/// Reads one order.
///
/// # Errors
/// [`Unreadable`].
pub fn read_order(terms: &Terms, order: &str) -> Result<Sale, Unreadable> {
    let wire: WireOrder = serde_json::from_str(order).map_err(|e| Unreadable::json(&e))?;
    if let Some(list) = wire.cut() {
        return Err(Unreadable::new("list_cut", list));
    }
    let currency = currency("currencyCode", &wire.total_price_set.money(terms).currency_code)?;
    let placed_at_ms = time("createdAt", &wire.created_at)?;
    let total = wire.current_total_price_set.as_ref().unwrap_or(&wire.total_price_set);
    let reading = Reading { terms, currency, placed_at_ms };
    let payments = reading.payments(&wire.transactions, &wire.refunds)?;
    let lines = wire.line_items.map(|lines| lines.nodes).unwrap_or_default();
    let lines = lines.into_iter().map(|line| {
        let amount = line.discounted_total_set.as_ref();
        Ok(Line {
            sku: line.sku.unwrap_or_default(),
            name: line.name,
            quantity: line.current_quantity.unwrap_or(line.quantity),
            ordered: line.quantity,
            amount: amount.map(|set| reading.amount("line", set)).transpose()?.unwrap_or_default(),
        })
    });
    let fulfilments = wire.fulfillments.into_iter().map(|parcel| {
        let ways = parcel.tracking_info.into_iter().flat_map(|way| [way.company, way.number]);
        let ways: Vec<String> = ways.flatten().collect();
        let word = parcel.display_status.unwrap_or_default();
        let made_ms = parcel.created_at.and_then(|at| time("createdAt", &at).ok());
        let moves = made_ms.map(|at_ms| (word.clone(), at_ms)).into_iter().collect();
        Fulfilment { id: parcel.id, word, way: ways.join(" "), moves }
    });
    let fulfilled = wire.display_fulfillment_status.unwrap_or_default();
    let words = [wire.display_financial_status.unwrap_or_default(), fulfilled.clone()];
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|w| !w.is_empty()).collect();
    let name = wire.customer.map(|who| {
        let (first, last) = (who.first_name.unwrap_or_default(), who.last_name.unwrap_or_default());
        format!("{first} {last}").trim().to_owned()
    });
    let canceled_at_ms = optional_time("cancelledAt", wire.cancelled_at.as_deref())?;
    Ok(Sale {
        id: wire.id,
        number: wire.name,
        placed_at_ms,
        canceled: canceled_at_ms.is_some(),
        canceled_at_ms,
        closed: false,
        settled: fulfilled == "FULFILLED",
        word: words.join(" / "),
        currency,
        total: reading.amount("totalPriceSet", total)?,
        payments,
        lines: lines.collect::<Result<_, Unreadable>>()?,
        fulfilments: fulfilments.collect(),
        buyer: name.unwrap_or_default(),
    })
}

struct Reading<'a> {
    terms: &'a Terms,
    currency: Currency,
    placed_at_ms: i64,
}

impl Reading<'_> {
    fn amount(&self, field: &str, set: &WireSet) -> Result<Amount, Unreadable> {
        let money = set.money(self.terms);
        if !money.currency_code.eq_ignore_ascii_case(self.currency.code()) {
            let detail = format!("{field}: {}", money.currency_code);
            return Err(Unreadable::new("bad_currency", detail));
        }
        major(field, &money.amount.0, self.currency)
    }

    /// Transactions as payments: each authorisation or sale with what was taken and given back.
    fn payments(
        &self,
        transactions: &[WireTransaction],
        refunds: &[WireRefund],
    ) -> Result<Vec<Payment>, Unreadable> {
        let parents: BTreeMap<&str, &str> = transactions
            .iter()
            .filter_map(|t| Some((t.id.as_str(), t.parent_transaction.as_ref()?.id.as_str())))
            .collect();
        let mut payments: BTreeMap<&str, Payment> = BTreeMap::new();
        for transaction in transactions {
            let root = root(&parents, &transaction.id);
            let first = payments.entry(root);
            let amount = self.amount("transaction.amountSet", &transaction.amount_set)?;
            let payment = first.or_insert_with(|| Payment {
                id: root.to_owned(),
                method: transaction.gateway.clone().unwrap_or_default(),
                reference: transaction.payment_id.clone().unwrap_or_default(),
                amount: amount.clone(),
                state: MoneyState::Unknown,
                word: transaction.status.clone(),
                captures: Vec::new(),
                refunds: Vec::new(),
            });
            self.take(payment, transaction, amount, refunds)?;
        }
        let mut payments: Vec<Payment> = payments.into_values().collect();
        payments.sort_by(|a, b| (a.id.len(), &a.id).cmp(&(b.id.len(), &b.id)));
        Ok(payments)
    }

    fn take(
        &self,
        payment: &mut Payment,
        transaction: &WireTransaction,
        amount: Amount,
        refunds: &[WireRefund],
    ) -> Result<(), Unreadable> {
        let state = match transaction.status.as_str() {
            "SUCCESS" => MoneyState::Done,
            "PENDING" | "AWAITING_RESPONSE" => MoneyState::Pending,
            "FAILURE" | "ERROR" => MoneyState::Failed,
            _ => MoneyState::Unknown,
        };
        let at_ms = optional_time("processedAt", transaction.processed_at.as_deref())?;
        match (transaction.kind.as_str(), state) {
            ("CAPTURE" | "SALE", MoneyState::Done) => {
                payment.state = MoneyState::Done;
                payment.captures.push(Capture { id: transaction.id.clone(), amount, at_ms });
            }
            ("AUTHORIZATION", MoneyState::Done) if payment.captures.is_empty() => {
                payment.amount = amount;
                if payment.state == MoneyState::Unknown {
                    payment.state = MoneyState::Pending;
                }
            }
            // A capture that failed leaves the authorisation as it was.
            ("SALE" | "AUTHORIZATION", _) if payment.captures.is_empty() => {
                payment.state = state;
            }
            ("VOID", MoneyState::Done) if payment.captures.is_empty() => {
                payment.state = MoneyState::Failed;
            }
            ("REFUND", state) => {
                let made_by = refunds.iter().find(|refund| {
                    let moves = refund.transactions.iter().flat_map(|moves| &moves.nodes);
                    moves.into_iter().any(|node| node.id == transaction.id)
                });
                payment.refunds.push(Refund {
                    id: transaction.id.clone(),
                    reference: transaction.payment_id.clone().unwrap_or_default(),
                    amount: Amount { minor: amount.minor.abs(), exact: amount.exact },
                    state,
                    word: transaction.status.clone(),
                    at_ms: at_ms.unwrap_or(self.placed_at_ms),
                    reason: made_by.and_then(|r| r.note.clone()).unwrap_or_default(),
                });
            }
            _ => {}
        }
        Ok(())
    }
}

/// The first of a chain of transactions; a chain that bites its tail ends where it began.
fn root<'a>(parents: &BTreeMap<&'a str, &'a str>, id: &'a str) -> &'a str {
    let mut at = id;
    for _ in 0..parents.len() {
        match parents.get(at) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    at
}

/// An amount of Shopify Payments, which knows no rounding.
fn exact(field: &str, money: &WireMoney) -> Result<Money, CallError> {
    let broken = || contract(format!("{field} is no amount of its currency"));
    let currency = Currency::from_code(&money.currency_code).map_err(|_| broken())?;
    let amount = Amount::major(&money.amount.0, currency).map_err(|_| broken())?;
    if amount.exact.is_some() {
        return Err(broken());
    }
    Money::from_minor(amount.minor, currency).map_err(|_| broken())
}

/// A mark of a place in a list, as the server gave it.
fn check_cursor(after: Option<&str>) -> Result<(), CallError> {
    match after {
        Some(mark) if mark.len() > 1_000 || mark.is_empty() => {
            Err(invalid("after", "is no mark of a place"))
        }
        _ => Ok(()),
    }
}
