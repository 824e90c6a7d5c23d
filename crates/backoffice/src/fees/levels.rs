//! The second level of an aggregator's fees: what each wallet behind it keeps, by its own rate.

use super::{TradeRow, effective};
use crate::error::Error;
use crate::payouts::parts_in;
use domain::money::{Rounding, apply_rate};
use domain::paid::UNDERLYING_FEE;
use domain::tender::{Tender, source_of};
use domain::{Channel, FeePart};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use store::bulk::{Cell, Reader};

/// Payments of the account and the wallet that its rate is learned from, the newest of the days
/// around the payout.
const LEARNED_FROM: usize = 500;
/// Days before and after the payout's own payments that count as around it. No index tells a
/// wallet's rows apart, so that every row of these days is looked at.
const AROUND_DAYS: i64 = 15;
/// Fewer show no rate.
const FEWEST: usize = 20;
/// Rates tried: every hundredth of a per cent up to two.
const STEP_PPM: usize = 100;
const MOST_PPM: i64 = 20_000;

/// Fees of one wallet behind an aggregator, on the payments of a payout that tell both fees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LevelCheck {
    /// The wallet as the aggregator writes it.
    pub text: String,
    /// Code of the wallet, where it is a channel.
    pub channel: Option<&'static str>,
    /// Payments.
    pub payments: u64,
    /// What they were settled at.
    pub settled_minor: i64,
    /// What the wallet kept of the fee, negative.
    pub charged_minor: i64,
    /// What the aggregator kept of it, negative.
    pub aggregator_minor: i64,
    /// Charged by settled, parts per million, half-up.
    pub effective_ppm: i64,
    /// The wallet's rate, which nine of ten of its rows show: the latest 500 of the days from
    /// fifteen before the payout's payments until fifteen after them. `None` under twenty rows,
    /// or where no single rate does it.
    pub rate_ppm: Option<i64>,
    /// The wallet's fees by that rate, half-up on each row.
    pub recomputed_minor: Option<i64>,
    /// Payments whose fee is not what the rate gives.
    pub odd: u64,
}

impl LevelCheck {
    /// Charged less recomputed: negative, too much was taken; `None` without a rate.
    pub fn difference_minor(&self) -> Option<i64> {
        self.recomputed_minor.map(|recomputed| self.charged_minor - recomputed)
    }
}

/// Checks the wallets' own fees of the payments inside, in the order of the wallets' names.
pub(super) fn check_levels(
    reader: &mut Reader,
    (channel, account_id): (Option<Channel>, i64),
    rows: &[TradeRow],
) -> Result<Vec<LevelCheck>, Error> {
    let mut wallets: BTreeMap<&str, Vec<(i64, i64, i64)>> = BTreeMap::new();
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for row in rows.iter().filter(|row| !row.refund) {
        if let Some(kept) = kept_of(&row.parts) {
            (first, last) = (first.min(row.day), last.max(row.day));
            let paid = (row.settled_minor, kept, row.fee_minor - kept);
            wallets.entry(&row.from).or_default().push(paid);
        }
    }
    let mut found = Vec::new();
    for (text, paid) in wallets {
        let around = (first - AROUND_DAYS, last + AROUND_DAYS);
        let rate_ppm = rate_of(&latest(reader, account_id, text, around)?);
        let mut check = LevelCheck {
            text: text.to_owned(),
            channel: channel
                .and_then(|channel| source_of(channel, text))
                .and_then(Tender::channel)
                .map(Channel::code),
            payments: paid.len() as u64,
            rate_ppm,
            recomputed_minor: rate_ppm.map(|_| 0),
            ..LevelCheck::default()
        };
        for (settled, kept, rest) in paid {
            check.settled_minor += settled;
            check.charged_minor += kept;
            check.aggregator_minor += rest;
            let by_rate = rate_ppm.and_then(|rate| fee_by(settled, rate));
            if let (Some(sum), Some(fee)) = (&mut check.recomputed_minor, by_rate) {
                *sum += fee;
                check.odd += u64::from(fee != kept);
            }
        }
        check.effective_ppm = effective(check.charged_minor, check.settled_minor);
        found.push(check);
    }
    Ok(found)
}

fn kept_of(parts: &[FeePart]) -> Option<i64> {
    parts.iter().find(|part| part.name == UNDERLYING_FEE).map(|part| part.amount_minor)
}

fn fee_by(settled_minor: i64, rate_ppm: i64) -> Option<i64> {
    apply_rate(settled_minor, rate_ppm, Rounding::HalfUp).ok().map(|fee| -fee)
}

/// Settled amount and the wallet's fee of the account's latest payments through a wallet, within
/// these days.
fn latest(
    reader: &mut Reader,
    account_id: i64,
    text: &str,
    (from, until): (i64, i64),
) -> Result<Vec<(i64, i64)>, Error> {
    let mut rows = Vec::new();
    reader.query(
        &format!(
            "select l.settled_minor, l.extra from settlement_line l \
             join document d on d.id = l.id / 4294967296 \
             where d.account_id = $1 and l.paying_bank = $2 and l.kind = 0 \
             and l.day between $3 and $4 \
             and not exists (select 1 from superseded s where s.line_id = l.id) \
             order by l.day desc, l.id desc limit {LEARNED_FROM}"
        ),
        &[Cell::Int(account_id), Cell::Text(text), Cell::Int(from), Cell::Int(until)],
        |row| {
            let kept = kept_of(&parts_in(row.text(1)?));
            if let Some(kept) = kept {
                rows.push((row.int(0)?, kept));
            }
            Ok(())
        },
    )?;
    Ok(rows)
}

/// The one rate that explains most rows, if nine of ten.
fn rate_of(rows: &[(i64, i64)]) -> Option<i64> {
    if rows.len() < FEWEST {
        return None;
    }
    let mut hits: HashMap<i64, usize> = HashMap::new();
    for rate in (0..=MOST_PPM).step_by(STEP_PPM) {
        let fits = rows.iter().filter(|(settled, kept)| fee_by(*settled, rate) == Some(*kept));
        hits.insert(rate, fits.count());
    }
    let most = hits.values().copied().max()?;
    let mut best = hits.into_iter().filter(|(_, count)| *count == most).map(|(rate, _)| rate);
    let rate = best.next()?;
    (best.next().is_none() && most * 10 >= rows.len() * 9).then_some(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wallets_rate_is_known_once_nine_of_ten_rows_show_the_same() {
        let row = |settled: i64, rate| (settled, fee_by(settled, rate).unwrap());
        let mut rows: Vec<_> = (1..=20).map(|n| row(n * 1_777, 3_800)).collect();
        assert_eq!(rate_of(&rows[..19]), None, "too few");
        assert_eq!(rate_of(&rows), Some(3_800));
        rows[0].1 -= 5;
        rows[1].1 -= 5;
        assert_eq!(rate_of(&rows), Some(3_800));
        rows[2].1 -= 5;
        assert_eq!(rate_of(&rows), None, "three of twenty do not agree");
        let small: Vec<_> = (1..=20).map(|_| row(100, 3_800)).collect();
        assert_eq!(rate_of(&small), None, "small amounts fit many rates");
    }
}
