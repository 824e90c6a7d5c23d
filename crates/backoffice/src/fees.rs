//! The fees of a payout, computed again from its trade-bill rows.

mod levels;

pub use levels::LevelCheck;

use crate::error::Error;
use crate::payouts::{Payout, UNTOLD, file_name, is_listed, parts_in, payout, rows_of};
use crate::reconciliation::channel_terms;
use domain::money::{Rounding, apply_rate};
use domain::{Channel, FeePart};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use store::bulk::{Cell, Reader};
use store::pack::split_line_id;

/// Rows listed at most.
const ODD_LISTED: usize = 50;

/// A row whose fee is not what the rate gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeeRow {
    /// The shop's order number.
    pub order_id: String,
    /// Settled amount.
    pub settled_minor: i64,
    /// Fee charged, negative, without what stands beside the channel's own price.
    pub charged_minor: i64,
    /// Fee by the rate, negative.
    pub recomputed_minor: i64,
    /// Document it stands in.
    pub document: i64,
    /// Name of the file.
    pub file_name: String,
    /// Line number there.
    pub line_no: u32,
}

/// Charged against recomputed. Fees are negative, fees given back positive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FeeCheck {
    /// Currency of the amounts.
    pub currency: String,
    /// Payments inside, by their trade-bill rows.
    pub payments: u64,
    /// What they were settled at.
    pub settled_minor: i64,
    /// Fees charged.
    pub charged_minor: i64,
    /// Fees by the rate, half-up on each row, and the fixed amount of each.
    pub recomputed_minor: i64,
    /// Fee by the rate, half-up once on the sum, and the fixed amounts.
    pub on_total_minor: i64,
    /// What of them is not the channel's own price: tax on it, a platform's share. No terms of the
    /// channel's say it, and it is in no comparison.
    pub beside_minor: i64,
    /// What they are made of by the channel's names, where it tells parts. With `untold`, what no
    /// row tells apart, they add up to the charged fees; empty where no row tells parts.
    pub parts: BTreeMap<String, i64>,
    /// Rate of the account's rows, parts per million; `None` when each row names its own.
    pub rate_ppm: Option<i64>,
    /// Charged for each payment beside the rate.
    pub fixed_minor: i64,
    /// Charged by settled, parts per million, half-up.
    pub effective_ppm: i64,
    /// Refunds inside.
    pub refunds: u64,
    /// Fees given back on them.
    pub returned_minor: i64,
    /// What the rate gives back.
    pub returned_expected_minor: i64,
    /// Rows whose fee is not what the rate gives, at most fifty.
    pub odd: Vec<FeeRow>,
    /// The wallets behind an aggregator, where its file tells their fees apart.
    pub levels: Vec<LevelCheck>,
}

impl FeeCheck {
    /// The channel's own price less the recomputed: negative, too much was taken.
    pub fn difference_minor(&self) -> i64 {
        self.charged_minor - self.beside_minor - self.recomputed_minor
    }

    /// What rounding each row makes against rounding the sum.
    pub fn by_rounding_minor(&self) -> i64 {
        self.recomputed_minor - self.on_total_minor
    }
}

/// Computes the fees of a payout again.
///
/// A payment or refund belongs to the payout by its fund row, and meets its trade-bill row by the
/// channel's number. Rows without a trade bill are in neither sum.
///
/// # Errors
/// As [`payout`].
pub fn check_fees(reader: &mut Reader, id: &str) -> Result<FeeCheck, Error> {
    let found = payout(reader, id)?;
    let (learned, fixed_minor) = learned_price(reader, found.account_id)?;
    let mut check =
        FeeCheck { currency: found.row.currency.clone(), fixed_minor, ..FeeCheck::default() };
    let rows = trade_rows(reader, &found)?;
    // Where refunds bring no fee back, the rate says nothing of them.
    let channel = Channel::from_code(&found.row.channel);
    let gives_back = channel.is_none_or(|channel| channel_terms(channel).returns_fees);
    let mut odd = Vec::new();
    let (mut by_row, mut back, mut common) = (0, 0, None);
    let mut one_rate = true;
    for row in &rows {
        let rate = learned.or(row.rate_ppm).filter(|_| !row.refund || gives_back);
        let fee = rate.and_then(|rate| apply_rate(row.settled_minor, rate, Rounding::HalfUp).ok());
        let fixed = if row.refund { 0 } else { fixed_minor };
        let fee = fee.map_or(row.own_fee_minor(), |fee| -fee - fixed);
        if row.refund {
            back += fee;
        } else {
            by_row += fee;
            one_rate &= common.is_none_or(|known| Some(known) == rate);
            common = common.or(rate);
        }
        if (fee - row.own_fee_minor()).abs() > i64::from(row.refund) {
            odd.push((row, fee));
        }
    }
    let payments = || rows.iter().filter(|row| !row.refund);
    let refunds = || rows.iter().filter(|row| row.refund);
    check.settled_minor = payments().map(|row| row.settled_minor).sum();
    check.charged_minor = payments().map(|row| row.fee_minor).sum();
    check.parts = parts_of(payments());
    check.beside_minor = payments().map(TradeRow::beside_minor).sum();
    check.returned_minor = refunds().map(|row| row.fee_minor).sum();
    (check.payments, check.refunds) = (payments().count() as u64, refunds().count() as u64);
    (check.recomputed_minor, check.returned_expected_minor) = (by_row, back);
    check.rate_ppm = common.filter(|_| one_rate);
    let on_total = check
        .rate_ppm
        .and_then(|rate| apply_rate(check.settled_minor, rate, Rounding::HalfUp).ok());
    let fixed_minor = fixed_minor * check.payments as i64;
    check.on_total_minor = on_total.map_or(by_row, |fee| -fee - fixed_minor);
    check.effective_ppm = effective(check.charged_minor, check.settled_minor);
    check.levels = levels::check_levels(reader, (channel, found.account_id), &rows)?;
    for (row, recomputed_minor) in odd.into_iter().take(ODD_LISTED) {
        let (document, line_no) = split_line_id(row.id);
        check.odd.push(FeeRow {
            order_id: row.order_id.clone(),
            settled_minor: row.settled_minor,
            charged_minor: row.own_fee_minor(),
            recomputed_minor,
            file_name: file_name(reader, document)?,
            document,
            line_no,
        });
    }
    Ok(check)
}

fn parts_of<'r>(rows: impl Iterator<Item = &'r TradeRow>) -> BTreeMap<String, i64> {
    let (mut parts, mut untold) = (BTreeMap::<String, i64>::new(), 0);
    for row in rows {
        let told: i64 = row.parts.iter().map(|part| part.amount_minor).sum();
        if told != row.fee_minor {
            untold += row.fee_minor;
            continue;
        }
        for part in &row.parts {
            *parts.entry(part.name.clone()).or_default() += part.amount_minor;
        }
    }
    if !parts.is_empty() && untold != 0 {
        parts.insert(UNTOLD.to_owned(), untold);
    }
    parts
}

/// Parts per million, half-up; 0 of nothing.
fn effective(charged_minor: i64, settled_minor: i64) -> i64 {
    match settled_minor.abs() {
        0 => 0,
        settled => (charged_minor.abs() * 1_000_000 + settled / 2) / settled,
    }
}

/// Rate and fixed amount that a run learned of an account.
fn learned_price(reader: &mut Reader, account_id: i64) -> Result<(Option<i64>, i64), Error> {
    let mut price = (None, 0);
    reader.query(
        "select fee_rate_ppm, fee_fixed_minor from account_term where account_id = $1",
        &[Cell::Int(account_id)],
        |row| {
            price = (row.opt_int(0)?, row.int(1)?);
            Ok(())
        },
    )?;
    Ok(price)
}

struct TradeRow {
    id: i64,
    day: i64,
    refund: bool,
    settled_minor: i64,
    fee_minor: i64,
    parts: Vec<FeePart>,
    rate_ppm: Option<i64>,
    order_id: String,
    /// What the buyer paid from, as printed.
    from: String,
}

impl TradeRow {
    fn beside_minor(&self) -> i64 {
        self.parts.iter().filter(|part| !part.is_own()).map(|part| part.amount_minor).sum()
    }

    fn own_fee_minor(&self) -> i64 {
        self.fee_minor - self.beside_minor()
    }
}

/// The trade-bill rows of the payments and refunds whose fund rows a payout holds.
fn trade_rows(reader: &mut Reader, payout: &Payout) -> Result<Vec<TradeRow>, Error> {
    let mut rows = Vec::new();
    let mut seen = HashSet::new();
    let (mut places, mut named) = (HashMap::new(), HashSet::new());
    let listed = is_listed(reader, &payout.row.number)?;
    let (from, which) = rows_of(listed, "$6");
    // A list says which rows are in it, wherever they stand.
    let (after, until) = match listed {
        true => ((i64::MIN, i64::MIN), (i64::MAX, i64::MAX)),
        false => (
            (i64::from(payout.after.0), payout.after.1),
            (i64::from(payout.until.0), payout.until.1),
        ),
    };
    let sql = format!(
        // 0 and 2 are the numbers of payment and refund, among fund rows; 0 is the payment's among
        // trade rows too. A refund meets its row by the channel's number, so that equal refunds of
        // a payment stay apart; a row without one by its amount, gross or less the fee given back,
        // and of several of that amount by the shop's number of the refund, else by their order.
        "select l.id, l.kind, l.settled_minor, l.fee_minor, l.fee_rate_ppm, l.order_id, b.id, \
         case when b.kind = 0 or l.refund_id <> '' then -1 \
         when b.merchant_ref <> '' and l.merchant_refund_id = b.merchant_ref then -2 \
         else (select count(*) from balance_transaction e \
         join document f on f.id = e.id / 4294967296 where e.payment_ref = b.payment_ref \
         and e.kind = 2 and e.amount_minor = b.amount_minor and f.account_id = d.account_id \
         and (e.at_ms < b.at_ms or e.at_ms = b.at_ms and e.ledger_ref < b.ledger_ref) \
         and not exists (select 1 from superseded g where g.line_id = e.id)) end, l.extra, \
         l.paying_bank, l.day \
         from {from} join document d on d.id = b.id / 4294967296 \
         join settlement_line l on l.payment_id = b.payment_ref \
         where {which} and b.day >= $1 and (b.day > $1 or b.id > $2) \
         and b.day <= $3 and (b.day < $3 or b.id <= $4) and d.account_id = $5 \
         and b.kind in (0, 2) and b.payment_ref <> '' \
         and ((b.kind = 0 and l.kind = 0) or (b.kind = 2 and l.kind <> 0 \
         and (l.refund_id = b.channel_ref or l.refund_id = '' and \
         (l.settled_minor = b.amount_minor or l.settled_minor + l.fee_minor = b.amount_minor)))) \
         and not exists (select 1 from superseded s where s.line_id = b.id or s.line_id = l.id) \
         order by b.day, b.id, \
         case when l.merchant_refund_id = b.merchant_ref then 0 else 1 end, \
         coalesce(l.refunded_at_ms, l.at_ms), l.merchant_refund_id, l.id"
    );
    reader.query(
        &sql,
        &[
            Cell::Int(after.0),
            Cell::Int(after.1),
            Cell::Int(until.0),
            Cell::Int(until.1),
            Cell::Int(payout.account_id),
            Cell::Text(if listed { &payout.row.number } else { "" }),
        ],
        |row| {
            // Of equal refunds without a number the first in one bill is the first in the other.
            let (fund, nth) = (row.int(6)?, row.int(7)?);
            let at = places.entry(fund).or_insert(0);
            *at += 1;
            let own = match nth {
                -1 => true,
                -2 => named.insert(fund),
                nth => !named.contains(&fund) && *at == nth + 1,
            };
            if own && seen.insert(row.int(0)?) {
                rows.push(TradeRow {
                    id: row.int(0)?,
                    day: row.int(10)?,
                    refund: row.int(1)? != 0,
                    settled_minor: row.int(2)?,
                    fee_minor: row.int(3)?,
                    parts: parts_in(row.text(8)?),
                    rate_ppm: row.opt_int(4)?,
                    order_id: row.text(5)?.to_owned(),
                    from: row.text(9)?.to_owned(),
                });
            }
            Ok(())
        },
    )?;
    Ok(rows)
}
