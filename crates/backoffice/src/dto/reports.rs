//! Reports as they cross to the window.

use super::convert::{date, money};
use super::lists::{channel, day, line};
use super::{Amount, EvidenceRef};
use crate::error::Error;
use crate::reports::{BehindRow, Bridge, Clock, Grain, HeatCell, Rate, Rows, Series, Span, Step};
use domain::Currency;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The days and channel of a report.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReportQuery {
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Channel code.
    pub channel: Option<String>,
    /// Currency code; the yuan without one.
    pub currency: Option<String>,
}

/// One step of a series.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SeriesStep {
    /// Its name: `2026-04-14 09`, `2026-04-14`, `2026-04`, `2026-Q2`, `2026`.
    pub name: String,
    /// First day inside.
    pub from: String,
    /// Last day inside.
    pub to: String,
    /// Rows.
    #[ts(type = "number")]
    pub count: i64,
    /// An amount for each part.
    pub parts: Vec<Amount>,
    /// Their sum.
    pub net: Amount,
}

/// Money over time by one clock.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SeriesView {
    /// Clock.
    pub clock: String,
    /// Grain.
    pub grain: String,
    /// Names of the parts.
    pub parts: Vec<String>,
    /// Steps, the earliest first.
    pub steps: Vec<SeriesStep>,
    /// All together.
    pub total: SeriesStep,
}

/// A line between two clocks.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BridgeLineView {
    /// Name.
    pub name: String,
    /// Clock it leads to.
    pub toward: String,
    /// Amount.
    pub amount: Amount,
    /// Ledger account behind it.
    pub account: Option<String>,
    /// First day of the movement; none for a balance.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
}

/// Why two clocks differ.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BridgeView {
    /// First clock.
    pub from: String,
    /// Second clock.
    pub to: String,
    /// Figure of the first clock.
    pub start: Amount,
    /// Figure of the second clock.
    pub end: Amount,
    /// What lies between; `unexplained` last.
    pub lines: Vec<BridgeLineView>,
}

/// A share of a whole.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RateView {
    /// Name.
    pub name: String,
    /// How many did.
    #[ts(type = "number")]
    pub numerator: i64,
    /// Of how many.
    #[ts(type = "number")]
    pub denominator: i64,
    /// Plain decimal text; none for 0 of 0.
    pub percent: Option<String>,
}

/// Payments of one hour of one day of the week.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HeatCellView {
    /// 0 is Monday.
    pub weekday: u32,
    /// 0 to 23.
    pub hour: u32,
    /// Payments.
    #[ts(type = "number")]
    pub count: i64,
    /// Their order totals.
    pub amount: Amount,
}

/// A row behind a figure of a report.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReportRow {
    /// Line id, or payout id.
    pub id: String,
    /// `orders`, `trade`, `fund`, `payout`.
    pub kind: String,
    /// Day.
    pub day: String,
    /// Its number.
    pub number: String,
    /// Goods, the shop's word for a state, or the channel of a payout.
    pub text: String,
    /// What it adds to the figure.
    pub amount: Amount,
    /// Where it was read; a payout has a page of its own.
    pub evidence: Option<EvidenceRef>,
}

/// The rows behind a figure of a report.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RowsPage {
    /// How many there are in all.
    #[ts(type = "number")]
    pub count: i64,
    /// What they add up to.
    pub sum: Amount,
    /// Rows.
    pub rows: Vec<ReportRow>,
    /// Next.
    pub next: Option<String>,
}

impl ReportQuery {
    /// The same in the words of the use case.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a day or channel that is none, and for days in the wrong order.
    pub fn span(&self) -> Result<Span, Error> {
        let missing = |field| Error::BadInput { field, reason: "a day is needed".to_owned() };
        let from = day("from", Some(&self.from))?.ok_or_else(|| missing("from"))?;
        let to = day("to", Some(&self.to))?.ok_or_else(|| missing("to"))?;
        if to < from {
            let reason = "the last day is before the first".to_owned();
            return Err(Error::BadInput { field: "to", reason });
        }
        let until = to.plus_days(1).days();
        let code = self.currency.as_deref().filter(|code| !code.is_empty());
        let currency = code
            .map_or(Ok(Currency::CNY), Currency::from_code)
            .map_err(|error| Error::BadInput { field: "currency", reason: error.to_string() })?;
        Ok(Span { from: from.days(), until, channel: channel(self.channel.as_deref())?, currency })
    }

    /// A clock by its code.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a code that is none.
    pub fn clock(code: &str) -> Result<Clock, Error> {
        let reason = || code.chars().take(40).collect();
        Clock::from_code(code).ok_or_else(|| Error::BadInput { field: "clock", reason: reason() })
    }

    /// A grain by its code.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a code that is none.
    pub fn grain(code: &str) -> Result<Grain, Error> {
        let reason = || code.chars().take(40).collect();
        Grain::from_code(code).ok_or_else(|| Error::BadInput { field: "grain", reason: reason() })
    }
}

impl SeriesStep {
    fn new(step: Step, currency: &str) -> Self {
        Self {
            name: step.name,
            from: date(step.from_day),
            to: date(step.until_day - 1),
            count: step.count,
            parts: step.parts.into_iter().map(|minor| money(minor, currency)).collect(),
            net: money(step.net_minor, currency),
        }
    }
}

impl From<Series> for SeriesView {
    fn from(series: Series) -> Self {
        let step = |step| SeriesStep::new(step, &series.currency);
        Self {
            clock: series.clock.to_owned(),
            grain: series.grain.to_owned(),
            parts: series.parts.iter().map(|part| (*part).to_owned()).collect(),
            steps: series.steps.into_iter().map(step).collect(),
            total: step(series.total),
        }
    }
}

impl BridgeView {
    /// A bridge over the days of `span`.
    pub fn new(bridge: Bridge, span: Span) -> Self {
        let amount = |minor| money(minor, &bridge.currency);
        let lines = bridge.lines.into_iter().map(|line| {
            let moved = line.account.is_some() && line.at_day.is_none();
            BridgeLineView {
                amount: amount(line.amount_minor),
                toward: line.toward.to_owned(),
                from: moved.then(|| date(span.from)),
                to: line.at_day.or(moved.then_some(span.until - 1)).map(date),
                name: line.name,
                account: line.account,
            }
        });
        Self {
            from: bridge.from.to_owned(),
            to: bridge.to.to_owned(),
            start: amount(bridge.from_minor),
            end: amount(bridge.to_minor),
            lines: lines.collect(),
        }
    }
}

impl From<Rate> for RateView {
    fn from(rate: Rate) -> Self {
        Self {
            name: rate.name.to_owned(),
            numerator: rate.numerator,
            denominator: rate.denominator,
            // Parts per million are ten-thousandths of a percent; two decimals are shown, cut off.
            percent: rate.ppm.map(|ppm| format!("{}.{:02}", ppm / 10_000, ppm % 10_000 / 100)),
        }
    }
}

impl HeatCellView {
    /// A cell of a report in a currency.
    pub fn new(cell: HeatCell, currency: &str) -> Self {
        Self {
            weekday: cell.weekday,
            hour: cell.hour,
            count: cell.count,
            amount: money(cell.amount_minor, currency),
        }
    }
}

impl From<Rows> for RowsPage {
    fn from(rows: Rows) -> Self {
        let amount = |minor| money(minor, &rows.currency);
        let row = |row: BehindRow| ReportRow {
            id: row.payout.clone().unwrap_or_else(|| row.id.to_string()),
            kind: row.kind.to_owned(),
            day: date(row.day),
            number: row.number,
            text: row.text,
            amount: amount(row.amount_minor),
            evidence: row.payout.is_none().then(|| line(row.document, row.line_no)),
        };
        Self {
            count: rows.count,
            sum: amount(rows.sum_minor),
            rows: rows.page.rows.into_iter().map(row).collect(),
            next: rows.page.next,
        }
    }
}
