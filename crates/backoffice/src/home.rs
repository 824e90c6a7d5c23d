//! What an owner sees first: payouts, where the money is, what needs a look.

use crate::error::Error;
use crate::lists::{BreakSummary, Extent, MoneyPlace, break_summary, extent, money_map};
use crate::payouts::{PayoutFilter, PayoutRow, list_payouts, payout_totals};
use domain::reconcile::BreakState;
use serde::Serialize;
use store::bulk::Reader;

/// Payouts on the first screen.
const PAYOUTS_SHOWN: u32 = 8;

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
    /// Summed unexplained amounts.
    pub unexplained_minor: i64,
    /// Where the money is.
    pub money_map: Vec<MoneyPlace>,
    /// Discrepancies by kind, dearest first, without what is only carried.
    pub needs_you: Vec<BreakSummary>,
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
    Ok(Home {
        company: crate::statements::company_name(reader)?,
        payouts: list_payouts(reader, &all, None, PAYOUTS_SHOWN)?.rows,
        payout_count: payout_totals(reader, &all)?.0,
        open_payouts: payout_totals(reader, &open)?.0,
        unexplained_minor: payout_totals(reader, &open)?.2,
        money_map: money_map(reader)?,
        needs_you,
        extent: extent(reader)?,
    })
}
