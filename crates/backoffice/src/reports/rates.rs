//! Rates with what they are made of, and the hours people pay at.

use super::Span;
use super::behind::Part;
use super::clocks::{channels, hour_of};
use crate::error::Error;
use crate::packs::Packs;
use domain::reconcile::{BalanceItem, OrderItem, SettlementItem};
use domain::{BalanceKind, Channel, SettlementKind, SettlementStatus, Stream};
use serde::Serialize;
use std::collections::HashMap;
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

/// Names of the rates, in order.
pub(super) const NAMES: [&str; 4] =
    ["orders_paid", "refunds_succeeded", "payments_booked", "payouts_arrived"];

/// 0 is Monday.
pub(super) fn weekday_of(day: i32) -> usize {
    (day + FIRST_WEEKDAY).rem_euclid(7) as usize
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
    let counted = Counted::read(reader, span)?;
    let [placed, refunds, paid] = &counted.all;
    let (left, arrived) = payouts(reader, span)?;
    let did = |all: &[Counting]| all.iter().filter(|row| row.did).count() as i64;
    Ok(vec![
        rate(NAMES[0], did(placed), placed.len() as i64),
        rate(NAMES[1], did(refunds), refunds.len() as i64),
        rate(NAMES[2], did(paid), paid.len() as i64),
        rate(NAMES[3], arrived, left),
    ])
}

/// The rows that one of the first three rates counts, by its place among [`NAMES`]: all, or those
/// that did.
///
/// # Errors
/// As [`rates`].
pub(super) fn counted(
    reader: &mut Reader,
    at: usize,
    did: bool,
    span: Span,
) -> Result<(Stream, Vec<Part>), Error> {
    let counted = Counted::read(reader, span)?;
    let stream = if at == 0 { Stream::Orders } else { Stream::Trade };
    let rows = counted.all[at].iter().filter(|row| row.did || !did);
    Ok((stream, rows.map(|row| (row.id, row.amount_minor)).collect()))
}

/// A row that a rate counts.
struct Counting {
    id: i64,
    amount_minor: i64,
    did: bool,
}

/// The rows that the first three rates count, in their order, each by day.
#[derive(Default)]
struct Counted {
    all: [Vec<Counting>; 3],
}

impl Counted {
    fn read(reader: &mut Reader, span: Span) -> Result<Self, Error> {
        let channels = channels(reader)?;
        let packs = Packs::open(reader)?;
        let days = span.from..span.until;
        let inside = |channel: Option<Channel>| span.channel.is_none() || channel == span.channel;
        let mut counted = Self::default();
        let [orders, refunds, payments] = &mut counted.all;
        // An order or a payment counts once, however many rows tell of it.
        let mut order_at: HashMap<u64, usize> = HashMap::new();
        packs.each(reader, Stream::Orders, days.clone(), |_, _, item: OrderItem| {
            if inside(item.channel) && item.currency == span.currency {
                order_at.entry(item.order).or_insert_with(|| {
                    let (id, amount_minor) = (item.id, item.amount_minor);
                    orders.push(Counting { id, amount_minor, did: false });
                    orders.len() - 1
                });
            }
        })?;
        let mut payment_at: HashMap<u64, usize> = HashMap::new();
        let everything = i32::MIN..i32::MAX;
        let trade = |document: i64, day: i32, item: SettlementItem| {
            let is_payment = item.kind == SettlementKind::Payment;
            if is_payment && let Some(at) = order_at.get(&item.order) {
                orders[*at].did = true;
            }
            let here = days.contains(&day) && inside(channels.get(&document).copied());
            if !here || item.currency != span.currency {
                return;
            }
            let (id, amount_minor) = (item.id, item.order_minor);
            if is_payment {
                payment_at.entry(item.payment).or_insert_with(|| {
                    payments.push(Counting { id, amount_minor, did: false });
                    payments.len() - 1
                });
            } else {
                let did = item.status == SettlementStatus::Succeeded;
                refunds.push(Counting { id, amount_minor, did });
            }
        };
        packs.each(reader, Stream::Trade, everything.clone(), trade)?;
        packs.each(reader, Stream::Fund, everything, |_, _, item: BalanceItem| {
            if item.kind == BalanceKind::Payment
                && let Some(at) = payment_at.get(&item.payment)
            {
                payments[*at].did = true;
            }
        })?;
        Ok(counted)
    }
}

fn payouts(reader: &mut Reader, span: Span) -> Result<(i64, i64), Error> {
    let mut counts = (0, 0);
    reader.query(
        "select count(*), count(p.bank_day) from payout p \
         join channel_account a on a.id = p.account_id \
         where p.day >= $1 and p.day < $2 and ($3 = '' or a.channel = $3) and p.currency = $4",
        &[
            Cell::Int(i64::from(span.from)),
            Cell::Int(i64::from(span.until)),
            Cell::Text(span.channel.map_or("", Channel::code)),
            Cell::Text(span.currency.code()),
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
        let counts = item.kind == SettlementKind::Payment && item.currency == span.currency;
        if !counts || (span.channel.is_some() && channel != span.channel) {
            return;
        }
        let weekday = weekday_of(day);
        let cell = &mut cells[weekday * 24 + hour_of(item.at_ms) as usize];
        cell.count += 1;
        cell.amount_minor += item.order_minor;
    })?;
    Ok(cells)
}
