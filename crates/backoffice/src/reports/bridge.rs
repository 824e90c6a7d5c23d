//! The bridge between two clocks: why the same days have two figures, line by line.
//!
//! From order to payment the orders are compared one by one. From there on it is double entry: what
//! came onto an account, less what left it, is what it holds more than before.

use super::behind::Part;
use super::clocks::{Move, channels, moves};
use super::{Clock, Grain, Span};
use crate::decisions::corrections;
use crate::entries::{Figure, figure};
use crate::error::Error;
use crate::ledger::openings;
use crate::packs::Packs;
use domain::reconcile::{OrderItem, SettlementItem};
use domain::{Channel, SettlementKind, Stream};
use serde::Serialize;
use std::collections::HashMap;
use store::bulk::Reader;

/// A line between two clocks.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BridgeLine {
    /// Stable name.
    pub name: String,
    /// Clock it leads to.
    pub toward: &'static str,
    /// Signed amount.
    pub amount_minor: i64,
    /// The ledger account the amount is a balance or a movement of, where it is one.
    pub account: Option<String>,
    /// The day whose end the balance is of; `None` for a movement of the span.
    pub at_day: Option<i32>,
}

/// Two clocks over the same days.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Bridge {
    /// The clock it begins with.
    pub from: &'static str,
    /// The clock it ends with.
    pub to: &'static str,
    /// Currency.
    pub currency: String,
    /// The figure of the first clock.
    pub from_minor: i64,
    /// The figure of the second clock, read by itself.
    pub to_minor: i64,
    /// What lies between; `unexplained` is the last and computed: it must be 0.
    pub lines: Vec<BridgeLine>,
}

/// The bridge from one clock to a later one.
///
/// # Errors
/// The database's; [`Error::BadInput`] when `to` does not come after `from`.
pub fn bridge(reader: &mut Reader, from: Clock, to: Clock, span: Span) -> Result<Bridge, Error> {
    if from >= to {
        let reason = "the second clock comes after the first".to_owned();
        return Err(Error::BadInput { field: "clock", reason });
    }
    let from_minor = net(reader, from, span)?.iter().sum();
    let to_minor = net(reader, to, span)?.iter().sum();
    let mut lines = Vec::new();
    for clock in Clock::ALL.into_iter().filter(|clock| from < *clock && *clock <= to) {
        match clock {
            Clock::Ordered => {}
            Clock::Paid => orders_to_payments(reader, span, &mut lines)?,
            Clock::Booked => {
                held_back(reader, "pending", clock, span, &mut lines)?;
                besides(reader, span, &mut lines)?;
            }
            Clock::Settled => {
                held_back(reader, "balance", clock, span, &mut lines)?;
                held_back(reader, "till", clock, span, &mut lines)?;
            }
            Clock::InBank => held_back(reader, "in_transit", clock, span, &mut lines)?,
        }
    }
    let explained: i64 = lines.iter().map(|line| line.amount_minor).sum();
    let unexplained = to_minor - from_minor - explained;
    lines.retain(|line| line.amount_minor != 0);
    lines.push(line("unexplained", to, unexplained));
    let (from, to) = (from.code(), to.code());
    let currency = span.currency.code().to_owned();
    Ok(Bridge { from, to, currency, from_minor, to_minor, lines })
}

fn line(name: &str, toward: Clock, amount_minor: i64) -> BridgeLine {
    let (name, toward) = (name.to_owned(), toward.code());
    BridgeLine { name, toward, amount_minor, account: None, at_day: None }
}

/// The figure of a clock, part by part.
fn net(reader: &mut Reader, clock: Clock, span: Span) -> Result<Vec<i64>, Error> {
    let mut parts = vec![0; clock.parts().len()];
    moves(reader, clock, Grain::Day, span, |Move { part, amount_minor, .. }| {
        parts[part] += amount_minor;
    })?;
    Ok(parts)
}

/// The name of all accounts of a kind, or of the channel's.
fn account_of(kind: &str, span: Span) -> String {
    match span.channel {
        Some(channel) => format!("{kind}:{channel}"),
        None => kind.to_owned(),
    }
}

/// What an account held before the span, and what it holds after it.
fn held_back(
    reader: &mut Reader,
    place: &str,
    toward: Clock,
    span: Span,
    lines: &mut Vec<BridgeLine>,
) -> Result<(), Error> {
    let account = account_of(&format!("assets:{place}"), span);
    let balance = |reader: &mut Reader, until: i32| -> Result<i64, Error> {
        let account = account.clone();
        let asked = Figure { account, until_day: Some(until), ..Figure::default() };
        let sums = figure(reader, &asked)?;
        let own = sums.iter().filter(|sum| sum.currency == span.currency.code());
        Ok(own.map(|sum| sum.amount_minor).sum())
    };
    let before = balance(reader, span.from)?;
    let after = balance(reader, span.until)?;
    // A balance that the first bill of an account begins with did not move: it was there.
    let brought: i64 = openings(reader)?
        .iter()
        .filter(|opening| opening.currency == span.currency.code())
        .filter(|opening| (span.from..span.until).contains(&opening.day))
        .filter(|opening| opening.account.starts_with(&format!("{account}:")))
        .map(|opening| opening.amount_minor)
        .sum();
    // What a decision moved onto the account came from no row of this clock.
    let corrected: i64 = corrections::stored(reader)?
        .iter()
        .filter(|entry| (span.from..span.until).contains(&entry.day))
        .filter(|entry| entry.currency == span.currency.code())
        .map(|entry| {
            let on = |name: &str| {
                let rest = name.strip_prefix(&account);
                i64::from(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':')))
            };
            entry.amount_minor * (on(&entry.debit) - on(&entry.credit))
        })
        .sum();
    for (edge, amount_minor, at_day) in [
        ("before", before, Some(span.from - 1)),
        ("brought", brought, None),
        ("corrected", corrected, None),
        ("after", -after, Some(span.until - 1)),
    ] {
        lines.push(BridgeLine {
            name: format!("{place}_{edge}"),
            toward: toward.code(),
            amount_minor,
            account: at_day.is_some().then(|| account.clone()),
            at_day,
        });
    }
    Ok(())
}

/// What moved on the balance besides payments and refunds.
fn besides(reader: &mut Reader, span: Span, lines: &mut Vec<BridgeLine>) -> Result<(), Error> {
    let parts = net(reader, Clock::Booked, span)?;
    for (name, amount_minor) in Clock::Booked.parts().iter().zip(parts).skip(2) {
        let account = match *name {
            "splits" => Some("expenses:commission_split"),
            "held" => Some("assets:held"),
            "frozen" => Some("assets:frozen"),
            "charges" => Some("expenses:account_charges"),
            "payout_fees" => Some("expenses:payout_fees"),
            "own_transfers" => Some("equity:own_transfers"),
            "adjustments" => Some("revenues:adjustments"),
            // One account, whatever was paid with.
            "stored_value" if span.channel.is_none() => Some("liabilities:stored_value"),
            _ => None,
        };
        let account = account.map(|kind| account_of(kind, span));
        lines.push(BridgeLine { account, ..line(name, Clock::Booked, amount_minor) });
    }
    Ok(())
}

/// Lines between order and payment, in order.
pub(super) const BETWEEN: [&str; 5] = [
    "unpaid_orders",
    "paid_on_other_days",
    "ordered_on_other_days",
    "without_order",
    "paid_differs",
];

/// The rows of a line between order and payment, by its place among [`BETWEEN`]: the orders
/// themselves where nothing was paid inside the span, else the payments.
///
/// # Errors
/// As [`bridge`].
pub(super) fn between(
    reader: &mut Reader,
    at: usize,
    span: Span,
) -> Result<(Stream, Vec<Part>), Error> {
    let mut parts = Vec::new();
    if BETWEEN[at] == "without_order" {
        parts = nameless(reader, span)?;
    }
    for order in compared(reader, span)?.into_values() {
        let (line, amount_minor) = order.part();
        if line == at && amount_minor != 0 {
            parts.push((order.day, order.id, amount_minor));
        }
    }
    parts.sort_unstable();
    let stream = if at < 2 { Stream::Orders } else { Stream::Trade };
    Ok((stream, parts.into_iter().map(|(_, id, amount)| (id, amount)).collect()))
}

fn orders_to_payments(
    reader: &mut Reader,
    span: Span,
    lines: &mut Vec<BridgeLine>,
) -> Result<(), Error> {
    let mut amounts = [0; BETWEEN.len()];
    amounts[3] = nameless(reader, span)?.iter().map(|(.., amount)| amount).sum();
    for order in compared(reader, span)?.values() {
        let (at, amount_minor) = order.part();
        amounts[at] += amount_minor;
    }
    for (name, amount) in BETWEEN.into_iter().zip(amounts) {
        lines.push(line(name, Clock::Paid, amount));
    }
    let parts = net(reader, Clock::Paid, span)?;
    for (name, amount) in Clock::Paid.parts().iter().zip(parts).skip(1) {
        let kind = match *name {
            "refunds" => "revenues:sales_refunds",
            "discounts" => "expenses:merchant_discount",
            "fees" => "expenses:channel_fees",
            _ => "expenses:fees_returned",
        };
        let account = Some(account_of(kind, span));
        lines.push(BridgeLine { account, ..line(name, Clock::Paid, amount) });
    }
    Ok(())
}

/// An order or its payments, as far as the comparison goes.
#[derive(Default)]
struct Compared {
    /// The line that stands for it: of its payment inside the span, else of the order.
    id: i64,
    /// Day of that line.
    day: i32,
    /// Amount, when it was ordered inside the span.
    ordered: Option<i64>,
    /// True when it was ordered on any day.
    known: bool,
    /// Paid inside the span.
    paid: i64,
    /// True when it was paid inside the span.
    is_paid: bool,
    /// True when it was paid on another day.
    elsewhere: bool,
}

impl Compared {
    /// The line it belongs to, by its place among [`BETWEEN`], and what it adds there.
    fn part(&self) -> (usize, i64) {
        match (self.ordered, self.is_paid) {
            (Some(amount), true) => (4, self.paid - amount),
            (Some(amount), false) if self.elsewhere => (1, -amount),
            (Some(amount), false) => (0, -amount),
            (None, _) if self.known => (2, self.paid),
            (None, _) => (3, self.paid),
        }
    }
}

/// True for a payment that the span is about.
fn pays(item: &SettlementItem, channel: Option<Channel>, span: Span) -> bool {
    let inside = span.channel.is_none() || channel == span.channel;
    item.kind == SettlementKind::Payment && item.currency == span.currency && inside
}

/// What was paid without any order number: day, line, amount.
fn nameless(reader: &mut Reader, span: Span) -> Result<Vec<(i32, i64, i64)>, Error> {
    let channels = channels(reader)?;
    let (mut found, days) = (Vec::new(), span.from..span.until);
    let visit = |document: i64, day: i32, item: SettlementItem| {
        if pays(&item, channels.get(&document).copied(), span) && item.order == 0 {
            found.push((day, item.id, item.order_minor));
        }
    };
    Packs::open(reader)?.each(reader, Stream::Trade, days, visit)?;
    Ok(found)
}

/// Every order of the span or paid in it, by key.
fn compared(reader: &mut Reader, span: Span) -> Result<HashMap<u64, Compared>, Error> {
    let channels = channels(reader)?;
    let packs = Packs::open(reader)?;
    let mut orders: HashMap<u64, Compared> = HashMap::new();
    let days = span.from..span.until;
    packs.each(reader, Stream::Orders, days.clone(), |_, day, item: OrderItem| {
        let inside = span.channel.is_none() || item.channel == span.channel;
        if inside && item.currency == span.currency {
            let order = orders.entry(item.order).or_default();
            (order.id, order.day) = (item.id, day);
            order.ordered = Some(order.ordered.unwrap_or(0) + item.amount_minor);
            order.known = true;
        }
    })?;
    packs.each(reader, Stream::Trade, days.clone(), |document, day, item: SettlementItem| {
        if !pays(&item, channels.get(&document).copied(), span) || item.order == 0 {
            return;
        }
        let order = orders.entry(item.order).or_default();
        (order.id, order.day) = (item.id, day);
        order.paid += item.order_minor;
        order.is_paid = true;
    })?;
    // What lies outside the span only tells two reasons apart.
    for days in [i32::MIN..span.from, span.until..i32::MAX] {
        packs.each(reader, Stream::Orders, days.clone(), |_, _, item: OrderItem| {
            if let Some(order) = orders.get_mut(&item.order) {
                order.known = true;
            }
        })?;
        packs.each(reader, Stream::Trade, days, |_, _, item: SettlementItem| {
            if let Some(order) = orders.get_mut(&item.order)
                && item.kind == SettlementKind::Payment
            {
                order.elsewhere = true;
            }
        })?;
    }
    Ok(orders)
}
