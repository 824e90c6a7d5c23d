//! What an owner sees first: payouts, where the money is, what needs a look.

use crate::error::Error;
use crate::lists::{BreakSummary, Extent, MoneyPlace, break_summary, extent, money_map};
use crate::payouts::{PayoutFilter, PayoutRow, list_payouts, payout_totals};
use crate::sums::{self, Sum};
use domain::reconcile::BreakState;
use serde::Serialize;
use store::bulk::Reader;

/// Payouts on the first screen.
const PAYOUTS_SHOWN: u32 = 8;

/// A payout that left a channel and has not arrived.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Expected {
    /// Payout id.
    pub id: String,
    /// Channel code.
    pub channel: String,
    /// The channel's number of it.
    pub number: String,
    /// Currency.
    pub currency: String,
    /// Amount.
    pub amount_minor: i64,
}

/// What is promised for one day.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct ExpectedDay {
    /// The day.
    pub day: i32,
    /// True when the files reach beyond it: the money should be there.
    pub late: bool,
    /// Summed, by currency.
    pub amounts: Vec<Sum>,
    /// The payouts.
    pub payouts: Vec<Expected>,
}

/// The first screen.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Home {
    /// Company name.
    pub company: String,
    /// The newest payouts.
    pub payouts: Vec<PayoutRow>,
    /// Payouts in all.
    pub payout_count: i64,
    /// Payouts with something unexplained.
    pub open_payouts: i64,
    /// Summed unexplained amounts, by currency.
    pub unexplained: Vec<Sum>,
    /// Where the money is.
    pub money_map: Vec<MoneyPlace>,
    /// Discrepancies by kind, dearest first, without what is only carried.
    pub needs_you: Vec<BreakSummary>,
    /// Payouts on their way, by the day they are promised for.
    pub expected: Vec<ExpectedDay>,
    /// What the book covers.
    pub extent: Extent,
}

/// Reads the first screen.
///
/// # Errors
/// The database's.
pub fn home(reader: &mut Reader) -> Result<Home, Error> {
    let all = PayoutFilter::default();
    let open = PayoutFilter { open_only: true, ..PayoutFilter::default() };
    let mut needs_you = break_summary(reader, Some(BreakState::Open))?;
    needs_you.retain(|row| row.kind != "cut_off");
    let open = payout_totals(reader, &open)?;
    Ok(Home {
        company: crate::statements::company_name(reader)?,
        payouts: list_payouts(reader, &all, None, PAYOUTS_SHOWN)?.rows,
        payout_count: payout_totals(reader, &all)?.count,
        open_payouts: open.count,
        unexplained: open.unexplained,
        money_map: money_map(reader)?,
        needs_you,
        expected: expected(reader)?,
        extent: extent(reader)?,
    })
}

/// Payouts on their way, by the day they are promised for, the earliest first.
fn expected(reader: &mut Reader) -> Result<Vec<ExpectedDay>, Error> {
    let until = crate::lists::freshness(reader)?.data_until.unwrap_or(i32::MIN);
    let mut days: Vec<ExpectedDay> = Vec::new();
    reader.query(
        "select p.promised_day, p.id, a.channel, p.number, p.amount_minor, p.currency \
         from payout p join channel_account a on a.id = p.account_id \
         where p.state = 'in_transit' order by p.promised_day, p.id",
        &[],
        |row| {
            let day = row.int(0)? as i32;
            if days.last().is_none_or(|last| last.day != day) {
                let late = day < until;
                days.push(ExpectedDay { day, late, amounts: Vec::new(), payouts: Vec::new() });
            }
            let (amount_minor, currency) = (row.int(4)?, row.text(5)?.to_owned());
            if let Some(last) = days.last_mut() {
                sums::add(&mut last.amounts, &currency, amount_minor);
                last.payouts.push(Expected {
                    id: row.text(1)?.to_owned(),
                    channel: row.text(2)?.to_owned(),
                    number: row.text(3)?.to_owned(),
                    currency,
                    amount_minor,
                });
            }
            Ok(())
        },
    )?;
    Ok(days)
}
