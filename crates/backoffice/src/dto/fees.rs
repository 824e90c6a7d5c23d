//! Fees of a payout as they cross to the window.

use super::convert::{count, money};
use super::{Amount, EvidenceRef};
use crate::fees;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A fee check of a payout.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FeeCheckView {
    /// Payments with a fee line.
    #[ts(type = "number")]
    pub payments: i64,
    /// What they were settled at.
    pub settled: Amount,
    /// Fees charged, negative.
    pub charged: Amount,
    /// What of them is not the channel's own price, and in no comparison.
    pub beside: Amount,
    /// What they are made of, where the channel tells it.
    pub parts: Vec<FeePartView>,
    /// Recomputed half-up on each row, negative.
    pub recomputed: Amount,
    /// The channel's own price less recomputed.
    pub difference: Amount,
    /// Recomputed once, on the sum.
    pub on_total: Amount,
    /// Recomputed less on the sum: what rounding each row makes.
    pub by_rounding: Amount,
    /// Contract rate, per cent as text; `None` when every row names its own.
    pub rate_percent: Option<String>,
    /// Charged for each payment beside the rate; `None` where nothing is.
    pub fixed: Option<Amount>,
    /// Charged by settled, per cent as text.
    pub effective_percent: String,
    /// Refunds inside.
    #[ts(type = "number")]
    pub refunds: i64,
    /// Fee given back on them.
    pub returned: Amount,
    /// What the rate gives back.
    pub returned_expected: Amount,
    /// Rows whose fee is not what the rate gives, at most fifty.
    pub odd: Vec<FeeRowView>,
    /// The wallets behind an aggregator, where its file tells their fees apart.
    pub levels: Vec<FeeLevelView>,
}

/// Fees of one wallet behind an aggregator.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FeeLevelView {
    /// The wallet as the aggregator writes it.
    pub text: String,
    /// Code of the wallet, where it is a channel.
    pub channel: Option<String>,
    /// Payments that tell both fees.
    #[ts(type = "number")]
    pub payments: i64,
    /// What they were settled at.
    pub settled: Amount,
    /// What the wallet kept of the fee, negative.
    pub charged: Amount,
    /// What the aggregator kept of it, negative.
    pub aggregator: Amount,
    /// Charged by settled, per cent as text.
    pub effective_percent: String,
    /// The wallet's rate as its rows show it, per cent as text.
    pub rate_percent: Option<String>,
    /// Charged less what the rate gives; `None` without a rate.
    pub difference: Option<Amount>,
    /// Payments whose fee is not what the rate gives.
    #[ts(type = "number")]
    pub odd: i64,
}

/// A row whose fee is not what the rate gives.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FeeRowView {
    /// Order number.
    pub order_id: String,
    /// Settled amount.
    pub settled: Amount,
    /// Charged.
    pub charged: Amount,
    /// Recomputed.
    pub recomputed: Amount,
    /// The line of the trade bill.
    pub evidence: EvidenceRef,
}

/// A part of fees.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FeePartView {
    /// The channel's word; its name is `ui.fees.part.<name>` where there is one.
    pub name: String,
    /// Negative is taken.
    pub amount: Amount,
}

impl FeePartView {
    /// A part in a currency.
    pub(super) fn of(name: &str, amount_minor: i64, currency: &str) -> Self {
        Self { name: name.to_owned(), amount: money(amount_minor, currency) }
    }
}

/// `6000` parts per million as `0.60`.
fn percent(ppm: i64) -> String {
    let hundredths = (ppm + 50) / 100;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

impl From<fees::FeeCheck> for FeeCheckView {
    fn from(check: fees::FeeCheck) -> Self {
        let amount = |minor| money(minor, &check.currency);
        let part = |(name, minor): (&String, &i64)| FeePartView::of(name, *minor, &check.currency);
        let parts = check.parts.iter().map(part);
        let odd = check.odd.iter().map(|row| FeeRowView {
            order_id: row.order_id.clone(),
            settled: amount(row.settled_minor),
            charged: amount(row.charged_minor),
            recomputed: amount(row.recomputed_minor),
            evidence: EvidenceRef {
                document: row.document.to_string(),
                file_name: row.file_name.clone(),
                line_no: row.line_no,
            },
        });
        let levels = check.levels.iter().map(|level| FeeLevelView {
            text: level.text.clone(),
            channel: level.channel.map(str::to_owned),
            payments: count(level.payments),
            settled: amount(level.settled_minor),
            charged: amount(level.charged_minor),
            aggregator: amount(level.aggregator_minor),
            effective_percent: percent(level.effective_ppm),
            rate_percent: level.rate_ppm.map(percent),
            difference: level.difference_minor().map(amount),
            odd: count(level.odd),
        });
        Self {
            levels: levels.collect(),
            payments: count(check.payments),
            settled: amount(check.settled_minor),
            charged: amount(check.charged_minor),
            beside: amount(check.beside_minor),
            parts: parts.collect(),
            recomputed: amount(check.recomputed_minor),
            difference: amount(check.difference_minor()),
            on_total: amount(check.on_total_minor),
            by_rounding: amount(check.by_rounding_minor()),
            rate_percent: check.rate_ppm.map(percent),
            fixed: (check.fixed_minor != 0).then(|| amount(check.fixed_minor)),
            effective_percent: percent(check.effective_ppm),
            refunds: count(check.refunds),
            returned: amount(check.returned_minor),
            returned_expected: amount(check.returned_expected_minor),
            odd: odd.collect(),
        }
    }
}
