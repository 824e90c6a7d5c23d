//! Rates with what they are made of, and the hours people pay at.

use super::clocks::{channels, hour_of};
use super::{CURRENCY, Span};
use crate::error::Error;
use crate::packs::Packs;
use domain::reconcile::{BalanceItem, OrderItem, SettlementItem};
use domain::{BalanceKind, Channel, SettlementKind, SettlementStatus, Stream};
use serde::Serialize;
use std::collections::HashSet;
use store::bulk::{Cell, Reader};

/// 1970-01-01 was a Thursday: with Monday as 0, day 0 is 3.
const FIRST_WEEKDAY: i32 = 3;

/// A share of a whole, with both.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Rate {
    /// Stable name.
    pub name: &'static str,
    /// How many did.
    pub numerator: i64,
    /// Of how many.
    pub denominator: i64,
    /// Parts per million, rounded down; `None` for 0 of 0, which says nothing.
    pub ppm: Option<i64>,
}

fn rate(name: &'static str, numerator: i64, denominator: i64) -> Rate {
    let ppm = (denominator != 0).then(|| numerator.saturating_mul(1_000_000) / denominator);
    Rate { name, numerator, denominator, ppm }
}

/// Success and settlement rates of a span.
///
/// `orders_paid`: orders made inside with a payment on any day. `refunds_succeeded`: refund rows
/// inside that succeeded. `payments_booked`: payments inside that stand on the balance.
/// `payouts_arrived`: payouts that left inside and arrived at the bank.
///
/// # Errors
/// The database's; [`Error::DamagedPack`].
pub fn rates(reader: &mut Reader, span: Span) -> Result<Vec<Rate>, Error> {
    let channels = channels(reader)?;
    let packs = Packs::open(reader)?;
    let days = span.from..span.until;
    let inside = |channel: Option<Channel>| span.channel.is_none() || channel == span.channel;
    let mut orders: HashSet<u64> = HashSet::new();
    packs.each(reader, Stream::Orders, days.clone(), |_, _, item: OrderItem| {
        if inside(item.channel) {
            orders.insert(item.order);
        }
    })?;
    let placed = orders.len() as i64;
    let (mut payments, mut refunds, mut succeeded): (HashSet<u64>, _, _) = (HashSet::new(), 0, 0);
    let everything = i32::MIN..i32::MAX;
    packs.each(
        reader,
        Stream::Trade,
        everything.clone(),
        |document, day, item: SettlementItem| {
            let is_payment = item.kind == SettlementKind::Payment;
            if is_payment {
                orders.remove(&item.order);
            }
            if !days.contains(&day) || !inside(channels.get(&document).copied()) {
                return;
            }
            if is_payment {
                payments.insert(item.payment);
            } else {
                refunds += 1;
                succeeded += i64::from(item.status == SettlementStatus::Succeeded);
            }
        },
    )?;
    let paid = payments.len() as i64;
    packs.each(reader, Stream::Fund, everything, |_, _, item: BalanceItem| {
        if item.kind == BalanceKind::Payment {
            payments.remove(&item.payment);
        }
    })?;
    let (left, arrived) = payouts(reader, span)?;
    Ok(vec![
        rate("orders_paid", placed - orders.len() as i64, placed),
        rate("refunds_succeeded", succeeded, refunds),
        rate("payments_booked", paid - payments.len() as i64, paid),
        rate("payouts_arrived", arrived, left),
    ])
}

fn payouts(reader: &mut Reader, span: Span) -> Result<(i64, i64), Error> {
    let mut counts = (0, 0);
    reader.query(
        "select count(*), count(p.bank_day) from payout p \
         join channel_account a on a.id = p.account_id \
         where p.day >= $1 and p.day < $2 and ($3 = '' or a.channel = $3)",
        &[
            Cell::Int(i64::from(span.from)),
            Cell::Int(i64::from(span.until)),
            Cell::Text(span.channel.map_or("", Channel::code)),
        ],
        |row| {
            counts = (row.int(0)?, row.int(1)?);
            Ok(())
        },
    )?;
    Ok(counts)
}

/// Payments of one hour of one day of the week.
#[derive(Clone, Copy, Debug, Default, Serialize, PartialEq, Eq)]
pub struct HeatCell {
    /// 0 is Monday.
    pub weekday: u32,
    /// 0 to 23.
    pub hour: u32,
    /// Payments.
    pub count: i64,
    /// Their order totals.
    pub amount_minor: i64,
}

/// When buyers pay: 7 × 24 cells, Monday first, hour by hour.
///
/// # Errors
/// The database's; [`Error::DamagedPack`].
pub fn heat(reader: &mut Reader, span: Span) -> Result<Vec<HeatCell>, Error> {
    let channels = channels(reader)?;
    let packs = Packs::open(reader)?;
    let mut cells: Vec<HeatCell> = (0..7 * 24)
        .map(|at| HeatCell { weekday: at / 24, hour: at % 24, ..HeatCell::default() })
        .collect();
    let days = span.from..span.until;
    packs.each(reader, Stream::Trade, days, |document, day, item: SettlementItem| {
        let channel = channels.get(&document).copied();
        let counts = item.kind == SettlementKind::Payment && item.currency.code() == CURRENCY;
        if !counts || (span.channel.is_some() && channel != span.channel) {
            return;
        }
        let weekday = (day + FIRST_WEEKDAY).rem_euclid(7) as usize;
        let cell = &mut cells[weekday * 24 + hour_of(item.at_ms) as usize];
        cell.count += 1;
        cell.amount_minor += item.order_minor;
    })?;
    Ok(cells)
}
