//! Money at the counter as it crosses to the window.

use super::Amount;
use super::convert::{instant_text, money};
use crate::collect::{Collection, Counter, State};
use crate::sums::Sum;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// A connection that can take money at the counter.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CounterView {
    /// Number of the connection.
    #[ts(type = "number")]
    pub connection: i64,
    /// Channel code.
    pub channel: String,
    /// What the merchant calls it.
    pub name: String,
    /// Our number there.
    pub account_no: String,
    /// A practice platform: no money moves.
    pub practice: bool,
}

/// Money asked for at the counter.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CollectionView {
    /// Number in the book.
    #[ts(type = "number")]
    pub id: i64,
    /// The merchant's order number.
    pub order_id: String,
    /// Channel code.
    pub channel: String,
    /// How much.
    pub amount: Amount,
    /// What the buyer reads.
    pub note: String,
    /// State code.
    pub state: String,
    /// Nothing more is to come.
    pub is_final: bool,
    /// There is a code to scan.
    pub has_code: bool,
    /// Code of what went wrong at the last call; empty when nothing did.
    pub trouble: String,
    /// The channel's code for it.
    pub trouble_detail: String,
    /// When it was begun.
    pub made_at: String,
    /// Who began it.
    pub made_by: String,
    /// When the channel was last asked.
    pub asked_at: Option<String>,
    /// When it was paid.
    pub paid_at: Option<String>,
    /// The channel's number.
    pub channel_ref: String,
    /// Milliseconds until it is to be asked for again; none when there is no need.
    #[ts(type = "number | null")]
    pub next_in_ms: Option<i64>,
    /// Milliseconds the buyer has left.
    #[ts(type = "number")]
    pub left_ms: i64,
}

/// What the page of the counter shows.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CounterPage {
    /// Where money can be taken.
    pub counters: Vec<CounterView>,
    /// What was asked for today, newest first.
    pub today: Vec<CollectionView>,
    /// Those of which nobody knows the end yet, of any day.
    pub open: Vec<CollectionView>,
    /// Paid today, by currency.
    pub paid: Vec<Amount>,
    /// The book is the demo company, where a practice platform can be started.
    pub can_practice: bool,
}

impl From<Counter> for CounterView {
    fn from(counter: Counter) -> Self {
        Self {
            connection: counter.connection,
            channel: counter.channel,
            name: counter.name,
            account_no: counter.account_no,
            practice: counter.practice,
        }
    }
}

impl CollectionView {
    /// As it stands at `now_ms`.
    pub fn new(of: Collection, now_ms: i64) -> Self {
        Self {
            id: of.id,
            amount: money(of.amount_minor, &of.currency),
            state: of.state.code().to_owned(),
            is_final: of.state.is_final(),
            has_code: !of.code.is_empty(),
            made_at: instant_text(of.made_at_ms),
            asked_at: of.asked_at_ms.map(instant_text),
            paid_at: of.paid_at_ms.map(instant_text),
            next_in_ms: of.next_at_ms.map(|at| at.saturating_sub(now_ms).max(0)),
            left_ms: of.expires_at_ms.saturating_sub(now_ms).max(0),
            order_id: of.order_id,
            channel: of.channel,
            note: of.note,
            trouble: of.trouble,
            trouble_detail: of.trouble_detail,
            made_by: of.made_by,
            channel_ref: of.channel_ref,
        }
    }
}

/// What was paid, by currency.
pub fn paid_of(collections: &[Collection]) -> Vec<Amount> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for paid in collections.iter().filter(|each| each.state == State::Paid) {
        *sums.entry(&paid.currency).or_default() += paid.amount_minor;
    }
    let sums = sums.into_iter();
    sums.map(|(currency, minor)| Sum { currency: currency.to_owned(), amount_minor: minor })
        .map(|sum| Amount::from(&sum))
        .collect()
}
