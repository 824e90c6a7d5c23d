//! Reports: money over time by one of five clocks, the bridge between two of them, rates, and the
//! hours people pay at. Everything is computed from day packs, day totals and bank lines.

mod behind;
mod bridge;
mod clocks;
mod rates;

pub use behind::{Behind, BehindRow, Rows, rows_behind};
pub use bridge::{Bridge, BridgeLine, bridge};
pub use rates::{HeatCell, Rate, heat, rates};

use crate::error::Error;
use clocks::{Move, moves};
use domain::{BusinessDate, Channel, Currency};
use serde::Serialize;
use std::collections::BTreeMap;
use store::bulk::Reader;

/// When money counts as having happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clock {
    /// When the buyer ordered.
    Ordered,
    /// When the buyer paid.
    #[default]
    Paid,
    /// When it was booked on the balance at the channel.
    Booked,
    /// When it left the channel as a payout.
    Settled,
    /// When it arrived at the bank.
    InBank,
}

impl Clock {
    /// Every clock, in the order money passes them.
    pub const ALL: [Self; 5] =
        [Self::Ordered, Self::Paid, Self::Booked, Self::Settled, Self::InBank];

    /// The stable code: `ordered`, `paid`, `booked`, `settled`, `in_bank`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Paid => "paid",
            Self::Booked => "booked",
            Self::Settled => "settled",
            Self::InBank => "in_bank",
        }
    }

    /// The clock with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|clock| clock.code() == code)
    }

    /// What the figure of a clock is made of, in order.
    pub fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Ordered => &["orders"],
            Self::Paid => &["sales", "refunds", "discounts", "fees", "fees_returned"],
            Self::Booked => &[
                "payments",
                "refunds",
                "splits",
                "held",
                "charges",
                "payout_fees",
                "own_transfers",
                "adjustments",
                "unknown",
                "stored_value",
                "frozen",
            ],
            Self::Settled => &["payouts", "returned"],
            Self::InBank => &["arrived"],
        }
    }
}

/// How wide a step of time is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grain {
    /// An hour.
    Hour,
    /// A day.
    #[default]
    Day,
    /// A calendar month.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
}

impl Grain {
    /// Every width.
    pub const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Month, Self::Quarter, Self::Year];

    /// The stable code: `hour`, `day`, `month`, `quarter`, `year`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The width with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grain| grain.code() == code)
    }

    /// The name of the step a day and hour fall into: `2026-04-14 09`, `2026-04-14`, `2026-04`,
    /// `2026-Q2`, `2026`. Names sort as their time does.
    fn step(self, day: i32, hour: u32) -> String {
        let date = BusinessDate::from_days(day).to_string();
        match self {
            Self::Hour => format!("{date} {hour:02}"),
            Self::Day => date,
            Self::Month => date[..7].to_owned(),
            Self::Quarter => {
                let month: u32 = date[5..7].parse().unwrap_or(1);
                format!("{}-Q{}", &date[..4], (month - 1) / 3 + 1)
            }
            Self::Year => date[..4].to_owned(),
        }
    }
}

/// The days, the channel and the currency a report is about: sums of several currencies mean
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First day.
    pub from: i32,
    /// The day after the last.
    pub until: i32,
    /// Only this channel.
    pub channel: Option<Channel>,
    /// Only this currency.
    pub currency: Currency,
}

/// One step of a series.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Step {
    /// Its name, as of its grain.
    pub name: String,
    /// First day inside.
    pub from_day: i32,
    /// The day after the last inside.
    pub until_day: i32,
    /// Rows.
    pub count: i64,
    /// An amount for each part of the clock.
    pub parts: Vec<i64>,
    /// Their sum.
    pub net_minor: i64,
}

/// Money over time by one clock.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Series {
    /// Clock code.
    pub clock: &'static str,
    /// Grain code.
    pub grain: &'static str,
    /// Currency of every amount.
    pub currency: String,
    /// Names of the parts.
    pub parts: &'static [&'static str],
    /// Steps with something in them, the earliest first.
    pub steps: Vec<Step>,
    /// All steps together.
    pub total: Step,
}

/// Money over time by one clock.
///
/// # Errors
/// The database's; [`Error::BadInput`] for bank statements by the hour: they know days only.
pub fn series(
    reader: &mut Reader,
    clock: Clock,
    grain: Grain,
    span: Span,
) -> Result<Series, Error> {
    if grain == Grain::Hour && clock == Clock::InBank {
        let reason = "bank statements know days, not hours".to_owned();
        return Err(Error::BadInput { field: "grain", reason });
    }
    let parts = clock.parts();
    let empty = |name: String| Step {
        name,
        from_day: span.from,
        until_day: span.until,
        count: 0,
        parts: vec![0; parts.len()],
        net_minor: 0,
    };
    let mut steps: BTreeMap<String, Step> = BTreeMap::new();
    let mut total = empty(String::new());
    // Rows come by the day, so that the step is named once a day and not once a row.
    let mut last: Option<((i32, u32), String)> = None;
    moves(reader, clock, grain, span, |Move { day, hour, part, amount_minor, count, .. }| {
        let hour = if grain == Grain::Hour { hour } else { 0 };
        let name = match &last {
            Some((at, name)) if *at == (day, hour) => name.clone(),
            _ => grain.step(day, hour),
        };
        let step = match steps.get_mut(&name) {
            Some(step) => step,
            None => steps.entry(name.clone()).or_insert_with(|| Step {
                from_day: day,
                until_day: day + 1,
                ..empty(name.clone())
            }),
        };
        step.from_day = step.from_day.min(day);
        step.until_day = step.until_day.max(day + 1);
        for step in [step, &mut total] {
            step.count += count;
            step.parts[part] += amount_minor;
            step.net_minor += amount_minor;
        }
        last = Some(((day, hour), name));
    })?;
    let (clock, grain) = (clock.code(), grain.code());
    let steps = steps.into_values().collect();
    let currency = span.currency.code().to_owned();
    Ok(Series { clock, grain, currency, parts, steps, total })
}

/// The currencies of the book's ledger, by code; the yuan first, and always there.
///
/// # Errors
/// The database's.
pub fn currencies(reader: &mut Reader) -> Result<Vec<String>, Error> {
    let mut found = vec![Currency::CNY.code().to_owned()];
    reader.query("select distinct currency from ledger_day order by currency", &[], |row| {
        let code = row.text(0)?;
        if found[0] != code {
            found.push(code.to_owned());
        }
        Ok(())
    })?;
    Ok(found)
}
