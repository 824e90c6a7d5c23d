//! Orders as they cross to the window.

use super::convert::{date, instant_text, money};
use super::lists::{channel, day, line, typed};
use super::{Amount, EvidenceRef};
use crate::error::Error;
use crate::order::Sort;
use crate::orders::{self, GoodsLine, OrderFilter, OrderSource, OrderStory, Step};
use domain::{BusinessDate, OrderStatus};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a list of orders is narrowed to, and its order.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OrderQuery {
    /// `shop`, `bill`.
    pub source: Option<String>,
    /// Status code.
    pub status: Option<String>,
    /// Channel code.
    pub channel: Option<String>,
    /// First day.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// Smallest amount, as typed in the major unit.
    pub least: Option<String>,
    /// Largest amount, as typed in the major unit.
    pub most: Option<String>,
    /// An order number, whole.
    pub number: Option<String>,
    /// Only those for which money is owed.
    #[serde(default)]
    pub owed: bool,
    /// `newest`, `oldest`, `largest`, `smallest`.
    pub sort: String,
}

/// Money that is owed to a buyer.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OwedView {
    /// Break kind code.
    pub kind: String,
    /// The break.
    pub break_id: String,
    /// How much.
    pub amount: Amount,
}

/// An order in a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OrderRow {
    /// Id of its line.
    pub id: String,
    /// `shop`, `bill`.
    pub source: String,
    /// The shop's number.
    pub order_id: String,
    /// Wall clock of the channels' zone.
    pub at: String,
    /// Day.
    pub day: String,
    /// Status code; none where the shop says nothing.
    pub status: Option<String>,
    /// The shop's own word.
    pub status_text: String,
    /// Channel code; empty where nobody says.
    pub channel: String,
    /// Goods.
    pub goods: String,
    /// Buyer, numbers masked.
    pub buyer: String,
    /// What the buyer had to pay.
    pub amount: Amount,
    /// Payments in the bills.
    #[ts(type = "number")]
    pub payments: i64,
    /// Paid, as bills say; none where no bill says.
    pub paid: Option<Amount>,
    /// Given back, as bills say; none where nothing was.
    pub refunded: Option<Amount>,
    /// Money owed.
    pub owed: Option<OwedView>,
    /// Since when the shop no longer gives it out, wall clock; none while it does.
    pub gone: Option<String>,
    /// Where it was read.
    pub evidence: EvidenceRef,
}

/// A page of orders.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OrderPage {
    /// Rows.
    pub rows: Vec<OrderRow>,
    /// Next.
    pub next: Option<String>,
}

/// A line of an order.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct GoodsView {
    /// Article number.
    pub sku: String,
    /// Name.
    pub name: String,
    /// How many were bought.
    #[ts(type = "number | null")]
    pub ordered: Option<i64>,
    /// How many are left.
    #[ts(type = "number | null")]
    pub quantity: Option<i64>,
    /// What the line comes to.
    pub amount: Option<Amount>,
}

/// A step of an order's money.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OrderStep {
    /// What happened, see `backoffice::orders::Step`.
    pub what: String,
    /// Clock code.
    pub clock: String,
    /// Who says so: a channel's code, `shop`, `bank`.
    pub by: String,
    /// Wall clock; only the day where nothing more is known.
    pub at: String,
    /// The number it has there.
    pub number: String,
    /// The other side's own words.
    pub words: String,
    /// Kind of move on a balance.
    pub kind: Option<String>,
    /// Signed.
    pub amount: Option<Amount>,
    /// Payout it sits in, or is.
    pub payout: Option<String>,
    /// Where it was read.
    pub evidence: EvidenceRef,
}

/// A break about an order.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OrderBreak {
    /// Id.
    pub id: String,
    /// Kind code.
    pub kind: String,
    /// State code.
    pub state: String,
    /// Effect.
    pub effect: Amount,
    /// The line that shows it.
    pub evidence: Option<EvidenceRef>,
}

/// An order, whole.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OrderStoryView {
    /// Its latest words.
    pub orders: Vec<OrderRow>,
    /// What was bought.
    pub goods: Vec<GoodsView>,
    /// Every step, in order of time.
    pub steps: Vec<OrderStep>,
    /// Breaks about it.
    pub breaks: Vec<OrderBreak>,
}

/// The status with this code.
///
/// # Errors
/// [`Error::BadInput`] for a code that is none.
pub fn order_status(text: Option<&str>) -> Result<Option<OrderStatus>, Error> {
    let Some(code) = text.filter(|code| !code.is_empty()) else { return Ok(None) };
    let known = OrderStatus::ALL.into_iter().find(|status| status.code() == code);
    known.map(Some).ok_or_else(|| bad("status", code))
}

fn bad(field: &'static str, text: &str) -> Error {
    Error::BadInput { field, reason: text.chars().take(40).collect() }
}

impl OrderQuery {
    /// The same in the words of the use case.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a day, amount, channel, status or order of rows that is none.
    pub fn filter(&self) -> Result<OrderFilter, Error> {
        let chosen = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let source = chosen(&self.source)
            .map(|code| OrderSource::from_code(&code).ok_or_else(|| bad("source", &code)));
        Ok(OrderFilter {
            source: source.transpose()?,
            status: order_status(self.status.as_deref())?,
            channel: channel(self.channel.as_deref())?,
            from_day: day("from", self.from.as_deref())?.map(BusinessDate::days),
            until_day: day("to", self.to.as_deref())?.map(|day| day.plus_days(1).days()),
            min_minor: typed("least", self.least.as_deref())?,
            max_minor: typed("most", self.most.as_deref())?,
            number: chosen(&self.number).map(|number| number.trim().to_owned()),
            owed: self.owed,
            sort: Sort::from_code(&self.sort).ok_or_else(|| bad("sort", &self.sort))?,
        })
    }
}

impl From<orders::OrderRow> for OrderRow {
    fn from(row: orders::OrderRow) -> Self {
        let amount = |minor| money(minor, &row.currency);
        Self {
            id: row.id.to_string(),
            source: row.source.code().to_owned(),
            at: instant_text(row.at_ms),
            day: date(row.day),
            status: row.status.map(str::to_owned),
            amount: amount(row.amount_minor),
            payments: row.payments,
            paid: (row.payments > 0).then(|| amount(row.paid_minor)),
            refunded: (row.refunded_minor != 0).then(|| amount(row.refunded_minor)),
            owed: row.owed.map(|owed| OwedView {
                amount: money(owed.amount_minor, &owed.currency),
                kind: owed.kind,
                break_id: owed.break_id,
            }),
            gone: row.gone_at_ms.map(instant_text),
            evidence: line(row.document, row.line_no),
            order_id: row.order_id,
            status_text: row.status_text,
            channel: row.channel,
            goods: row.goods,
            buyer: row.buyer,
        }
    }
}

fn goods(line: GoodsLine, currency: &str) -> GoodsView {
    GoodsView {
        amount: line.amount_minor.map(|minor| money(minor, currency)),
        sku: line.sku,
        name: line.name,
        ordered: line.ordered,
        quantity: line.quantity,
    }
}

impl From<Step> for OrderStep {
    fn from(step: Step) -> Self {
        Self {
            what: step.what.to_owned(),
            clock: step.clock.to_owned(),
            at: step.at_ms.map_or_else(|| date(step.day), instant_text),
            kind: step.kind.map(str::to_owned),
            amount: step.amount_minor.map(|minor| money(minor, &step.currency)),
            evidence: line(step.document, step.line_no),
            by: step.by,
            number: step.number,
            words: step.words,
            payout: step.payout,
        }
    }
}

impl From<OrderStory> for OrderStoryView {
    fn from(story: OrderStory) -> Self {
        let currency = story.orders.first().map(|row| row.currency.clone()).unwrap_or_default();
        let breaks = story.breaks.into_iter().map(|found| OrderBreak {
            effect: money(found.effect_minor, &found.currency),
            evidence: found.line.map(|(document, line_no)| line(document, line_no)),
            id: found.id,
            kind: found.kind,
            state: found.state,
        });
        Self {
            breaks: breaks.collect(),
            orders: story.orders.into_iter().map(Into::into).collect(),
            goods: story.goods.into_iter().map(|line| goods(line, &currency)).collect(),
            steps: story.steps.into_iter().map(Into::into).collect(),
        }
    }
}
