//! The first screen as it crosses to the window.

use super::convert::{date, money, time_text};
use super::{Amount, PayoutRef, PayoutRow};
use crate::home;
use crate::lists::{MoneyPlace, money_total};
use domain::{BusinessDate, format_channel_time};
use messages::{Lang, text};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The first screen.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HomeView {
    /// Company.
    pub company: String,
    /// When this seat last looked, wall clock; `None` the first time.
    pub since: Option<String>,
    /// Payouts that the book got to know of since then.
    #[ts(type = "number")]
    pub new_count: i64,
    /// The newest of them; when none came, the newest of all.
    pub payouts_new: Vec<PayoutRow>,
    /// Money map.
    pub money_map: MoneyMap,
    /// Needs you.
    pub needs_you: Vec<NeedsYou>,
    /// Payouts on their way, by the day they are promised for.
    pub expected: Vec<ExpectedDay>,
    /// Data until.
    pub data_until: Option<String>,
    /// Last import at.
    pub last_import_at: Option<String>,
}

/// Where the money is at a moment.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MoneyMap {
    /// The places, each a sum of ledger accounts.
    pub nodes: Vec<MoneyNode>,
    /// What they add up to, one for each currency.
    pub total: Vec<Amount>,
}

/// One place of the money map.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MoneyNode {
    /// Node.
    pub node: String,
    /// Its amounts, one for each currency.
    pub amounts: Vec<Amount>,
}

/// One kind of thing that needs a look.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct NeedsYou {
    /// Kind.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Count.
    #[ts(type = "number")]
    pub count: i64,
    /// Summed effects, one for each currency.
    pub effects: Vec<Amount>,
    /// Href.
    pub href: String,
}

/// What is promised for one day.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExpectedDay {
    /// The day.
    pub date: String,
    /// `overdue`: the files reach beyond the day without the money; `due`: the day is over and no
    /// file reaches it; `week`: within seven days; `later`.
    pub standing: String,
    /// Summed, one for each currency.
    pub amounts: Vec<Amount>,
    /// The payouts.
    pub payouts: Vec<PayoutRef>,
}

impl HomeView {
    /// The first screen of the moment `now_ms`, last looked at at `since_ms` (both UTC ms), with
    /// titles in the reader's language.
    pub fn new(home: home::Home, since_ms: Option<i64>, now_ms: i64, lang: Lang) -> Self {
        let today = BusinessDate::of_ms(now_ms).days();
        let needs_you = home.needs_you.into_iter().map(|row| NeedsYou {
            title: text(lang, &format!("break.{}", row.kind), &[]),
            count: row.count,
            effects: row.effects.iter().map(Into::into).collect(),
            href: format!("/breaks?kind={}", row.kind),
            kind: row.kind,
        });
        Self {
            company: home.company,
            since: since_ms.map(time_text),
            new_count: home.new_count.unwrap_or(0),
            payouts_new: home.payouts.into_iter().map(PayoutRow::from).collect(),
            money_map: home.money_map.into(),
            needs_you: needs_you.collect(),
            expected: home.expected.into_iter().map(|day| ExpectedDay::new(day, today)).collect(),
            data_until: home.extent.to,
            last_import_at: home.extent.last_import_ms.map(format_channel_time),
        }
    }
}

impl From<Vec<MoneyPlace>> for MoneyMap {
    fn from(places: Vec<MoneyPlace>) -> Self {
        let total = money_total(&places).iter().map(Into::into).collect();
        let node = |place: MoneyPlace| MoneyNode {
            node: place.place.to_owned(),
            amounts: place.amounts.iter().map(Into::into).collect(),
        };
        Self { nodes: places.into_iter().map(node).collect(), total }
    }
}

impl ExpectedDay {
    fn new(day: home::ExpectedDay, today: i32) -> Self {
        let standing = day.standing(today).to_owned();
        let payouts = day.payouts.into_iter().map(|payout| PayoutRef {
            id: payout.id,
            channel: payout.channel,
            number: payout.number,
            amount: money(payout.amount_minor, &payout.currency),
        });
        Self {
            date: date(day.day),
            standing,
            amounts: day.amounts.iter().map(Into::into).collect(),
            payouts: payouts.collect(),
        }
    }
}
