//! What a channel's money did of late, as it crosses to the window.

use super::convert::{date, money};
use super::{Amount, FeeCheckView, PayoutRow};
use crate::channels::Business;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The business of a channel, all its accounts together.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BusinessView {
    /// Code of the channel.
    pub channel: String,
    /// How its facts come: `network`, `files`, `hand`; names are `channels.fed.<fed>`.
    pub fed: String,
    /// What the last day with payments brought.
    pub received: Option<ReceivedView>,
    /// The newest payout.
    pub last: Option<PayoutRow>,
    /// Fees of that payout; `None` where it holds no payment with a fee.
    pub fees: Option<FeeCheckView>,
    /// The first payout on its way.
    pub next: Option<NextPayoutView>,
    /// Every day up to this one is complete.
    pub proven_until: Option<String>,
}

/// A day's receipts.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReceivedView {
    /// The day.
    pub date: String,
    /// Payments.
    #[ts(type = "number")]
    pub payments: i64,
    /// What they come to, one for each currency.
    pub amounts: Vec<Amount>,
}

/// A payout that is awaited.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct NextPayoutView {
    /// The day it is promised for.
    pub date: String,
    /// `overdue`, `due`, `week`, `later`, as on the first screen.
    pub standing: String,
    /// What is promised, one for each currency.
    pub amounts: Vec<Amount>,
}

impl From<Business> for BusinessView {
    fn from(found: Business) -> Self {
        let received = found.received.map(|(day, sums)| ReceivedView {
            date: date(day),
            payments: sums.iter().map(|sum| sum.count).sum(),
            amounts: sums.iter().map(|sum| money(sum.amount_minor, &sum.currency)).collect(),
        });
        let next = found.next.map(|next| NextPayoutView {
            date: date(next.day),
            standing: next.standing.to_owned(),
            amounts: next.amounts.iter().map(Into::into).collect(),
        });
        Self {
            channel: found.channel.code().to_owned(),
            fed: found.fed.code().to_owned(),
            received,
            last: found.last.map(Into::into),
            fees: found.fees.map(Into::into),
            next,
            proven_until: found.proven_until.map(date),
        }
    }
}
