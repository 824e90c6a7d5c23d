//! The rows behind figures of a report that no account and no other list leads to: orders, what
//! lies between order and payment, the two counts of a rate, a cell of the week.

use super::clocks::{channels, hour_of, moves};
use super::rates::weekday_of;
use super::{Clock, Grain, Span, bridge, rates};
use crate::error::Error;
use crate::packs::Packs;
use crate::page::{Page, bad};
use domain::reconcile::{OrderItem, SettlementItem};
use domain::{SettlementKind, Stream};
use serde::Serialize;
use std::collections::HashMap;
use store::bulk::{Cell, Reader};
use store::pack::split_line_id;

/// A figure of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Orders made inside the span.
    Orders,
    /// A line of the bridge from order to payment, by its place among [`bridge::BETWEEN`].
    Between(usize),
    /// A rate by its place among [`rates::NAMES`]; true for those that did, false for all.
    Rate(usize, bool),
    /// Payments of an hour (0 to 23) of a day of the week (0 is Monday).
    Heat(u32, u32),
    /// A part of a clock in one hour (0 to 23), by its place among those of the clock.
    Hour(Clock, usize, u32),
}

impl Behind {
    /// The figure called `orders`, `between:unpaid_orders`, `rate:orders_paid:did`,
    /// `rate:orders_paid:all`, `heat:0:13`, `hour:paid:fees:09`.
    ///
    /// # Errors
    /// [`Error::BadInput`] for any other name.
    pub fn from_code(code: &str) -> Result<Self, Error> {
        let parts: Vec<&str> = code.split(':').collect();
        let place = |names: &[&str], name: &str| names.iter().position(|known| *known == name);
        let found = match parts.as_slice() {
            ["orders"] => Some(Self::Orders),
            ["between", name] => place(&bridge::BETWEEN, name).map(Self::Between),
            ["rate", name, side @ ("did" | "all")] => {
                place(&rates::NAMES, name).map(|at| Self::Rate(at, *side == "did"))
            }
            ["heat", weekday, hour] => {
                let (weekday, hour) = (weekday.parse().ok(), hour.parse().ok());
                let inside = weekday.zip(hour).filter(|(day, hour)| *day < 7 && *hour < 24);
                inside.map(|(weekday, hour)| Self::Heat(weekday, hour))
            }
            ["hour", clock, part, hour] => {
                let clock = Clock::from_code(clock).filter(|clock| *clock != Clock::InBank);
                let part = clock.and_then(|clock| place(clock.parts(), part));
                let hour = hour.parse().ok().filter(|hour| *hour < 24);
                clock.zip(part).zip(hour).map(|((clock, part), hour)| Self::Hour(clock, part, hour))
            }
            _ => None,
        };
        let reason = || code.chars().take(40).collect();
        found.ok_or_else(|| Error::BadInput { field: "rows", reason: reason() })
    }
}

/// A row behind a figure.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct BehindRow {
    /// Line id; 0 for a payout, which is put together of many.
    pub id: i64,
    /// `orders`, `trade`, `fund` or `payout`.
    pub kind: &'static str,
    /// Day.
    pub day: i32,
    /// Its number: of the order, the payment, the refund, the payout.
    pub number: String,
    /// Goods, or the shop's word for the state of an order.
    pub text: String,
    /// What it adds to the figure; for a count the amount of the row.
    pub amount_minor: i64,
    /// Payout id, where it is one.
    pub payout: Option<String>,
    /// Document it stands in.
    pub document: i64,
    /// Line number there.
    pub line_no: u32,
}

/// The rows behind a figure.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Rows {
    /// How many there are in all.
    pub count: i64,
    /// What they add up to.
    pub sum_minor: i64,
    /// Currency of every amount.
    pub currency: String,
    /// A page of them, by day.
    #[serde(flatten)]
    pub page: Page<BehindRow>,
}

/// A line and what it adds to the figure.
pub(super) type Part = (i64, i64);

/// The rows behind a figure, by day, at most `limit`.
///
/// # Errors
/// The database's; [`Error::DamagedPack`]; [`Error::BadInput`] for a cursor that is none.
pub fn rows_behind(
    reader: &mut Reader,
    what: Behind,
    span: Span,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Rows, Error> {
    let number = |text: &str| text.strip_prefix('@').unwrap_or(text).parse().map_err(|_| bad());
    let from: usize = cursor.map_or(Ok(0), number)?;
    let until = from.saturating_add(limit as usize);
    let currency = span.currency.code().to_owned();
    if let Behind::Rate(3, arrived) = what {
        let rows = payouts(reader, span, arrived)?;
        let (count, sum_minor) = (rows.len(), rows.iter().map(|row| row.amount_minor).sum());
        let next = (count > until).then(|| until.to_string());
        let rows = rows.into_iter().skip(from).take(limit as usize).collect();
        return Ok(Rows { count: count as i64, sum_minor, currency, page: Page { rows, next } });
    }
    let (stream, parts) = parts(reader, what, span)?;
    let wanted = parts.get(from..parts.len().min(until)).unwrap_or_default();
    let rows = lines(reader, stream, wanted)?;
    Ok(Rows {
        count: parts.len() as i64,
        sum_minor: parts.iter().map(|(_, amount_minor)| amount_minor).sum(),
        currency,
        page: Page { rows, next: (parts.len() > until).then(|| until.to_string()) },
    })
}

/// Every line behind a figure, by day, and the stream all of them are of.
fn parts(reader: &mut Reader, what: Behind, span: Span) -> Result<(Stream, Vec<Part>), Error> {
    match what {
        Behind::Orders => Ok((Stream::Orders, orders(reader, span)?)),
        Behind::Between(at) => bridge::between(reader, at, span),
        Behind::Rate(at, did) => rates::counted(reader, at, did, span),
        Behind::Heat(weekday, hour) => {
            Ok((Stream::Trade, heat_cell(reader, (weekday, hour), span)?))
        }
        Behind::Hour(clock, part, hour) => {
            let stream = match clock {
                Clock::Ordered => Stream::Orders,
                Clock::Paid => Stream::Trade,
                _ => Stream::Fund,
            };
            let mut found = Vec::new();
            moves(reader, clock, Grain::Hour, span, |at| {
                if at.part == part && at.hour == hour && at.amount_minor != 0 {
                    found.push((at.id, at.amount_minor));
                }
            })?;
            Ok((stream, found))
        }
    }
}

fn orders(reader: &mut Reader, span: Span) -> Result<Vec<Part>, Error> {
    let mut found = Vec::new();
    let days = span.from..span.until;
    Packs::open(reader)?.each(reader, Stream::Orders, days, |_, _, item: OrderItem| {
        let inside = span.channel.is_none() || item.channel == span.channel;
        if inside && item.currency == span.currency {
            found.push((item.id, item.amount_minor));
        }
    })?;
    Ok(found)
}

fn heat_cell(
    reader: &mut Reader,
    (weekday, hour): (u32, u32),
    span: Span,
) -> Result<Vec<Part>, Error> {
    let channels = channels(reader)?;
    let mut found = Vec::new();
    let days = span.from..span.until;
    Packs::open(reader)?.each(
        reader,
        Stream::Trade,
        days,
        |document, day, item: SettlementItem| {
            let channel = channels.get(&document).copied();
            let counts = item.kind == SettlementKind::Payment && item.currency == span.currency;
            let there = weekday_of(day) == weekday as usize && hour_of(item.at_ms) == hour;
            if counts && there && (span.channel.is_none() || channel == span.channel) {
                found.push((item.id, item.order_minor));
            }
        },
    )?;
    Ok(found)
}

/// Lines with their words, in the order given.
fn lines(reader: &mut Reader, stream: Stream, wanted: &[Part]) -> Result<Vec<BehindRow>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let (kind, columns) = match stream {
        Stream::Orders => ("orders", "id, day, order_id, goods, status_text from shop_order"),
        Stream::Fund => {
            ("fund", "id, day, channel_ref, remark, kind_text from balance_transaction")
        }
        _ => (
            "trade",
            "id, day, case when kind = 0 then payment_id else refund_id end, goods, status_text \
             from settlement_line",
        ),
    };
    let ids: Vec<String> = wanted.iter().map(|(id, _)| id.to_string()).collect();
    let mut found = HashMap::new();
    reader.query(&format!("select {columns} where id in ({})", ids.join(", ")), &[], |row| {
        let id = row.int(0)?;
        let (document, line_no) = split_line_id(id);
        let (goods, state) = (row.text(3)?, row.text(4)?);
        let text = if goods.is_empty() { state } else { goods }.to_owned();
        let (day, number) = (row.int(1)? as i32, row.text(2)?.to_owned());
        let rest = BehindRow::default();
        found.insert(id, BehindRow { id, kind, day, number, text, document, line_no, ..rest });
        Ok(())
    })?;
    let rows = wanted.iter().filter_map(|(id, amount_minor)| {
        found.remove(id).map(|row| BehindRow { amount_minor: *amount_minor, ..row })
    });
    Ok(rows.collect())
}

/// Payouts that left inside the span; `arrived`: those that are at the bank.
fn payouts(reader: &mut Reader, span: Span, arrived: bool) -> Result<Vec<BehindRow>, Error> {
    let mut rows = Vec::new();
    reader.query(
        "select p.id, p.day, p.number, a.channel, p.amount_minor from payout p \
         join channel_account a on a.id = p.account_id \
         where p.day >= $1 and p.day < $2 and ($3 = '' or a.channel = $3) and p.currency = $4 \
         and ($5 = 0 or p.bank_day is not null) order by p.day, p.id",
        &[
            Cell::Int(i64::from(span.from)),
            Cell::Int(i64::from(span.until)),
            Cell::Text(span.channel.map_or("", |channel| channel.code())),
            Cell::Text(span.currency.code()),
            Cell::Int(i64::from(arrived)),
        ],
        |row| {
            rows.push(BehindRow {
                kind: "payout",
                payout: Some(row.text(0)?.to_owned()),
                day: row.int(1)? as i32,
                number: row.text(2)?.to_owned(),
                text: row.text(3)?.to_owned(),
                amount_minor: row.int(4)?,
                ..BehindRow::default()
            });
            Ok(())
        },
    )?;
    Ok(rows)
}
