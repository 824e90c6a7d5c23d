//! What an owner sees first: payouts, where the money is, what needs a look.

use crate::error::Error;
use crate::lists::{BreakSummary, Extent, MoneyPlace, break_summary, extent, money_map};
use crate::payouts::{PayoutFilter, PayoutRow, list_payouts, payout_totals, payouts_since};
use crate::sums::{self, Sum};
use domain::reconcile::BreakState;
use serde::Serialize;
use store::bulk::Reader;

/// Payouts on the first screen when none is new.
const PAYOUTS_SHOWN: u32 = 8;
/// New payouts on the first screen at most; it counts all.
const NEW_SHOWN: u32 = 50;
/// Days of a week, today among them.
const WEEK_DAYS: i32 = 7;

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

impl ExpectedDay {
    /// Where the day stands on `today`: `overdue` when the files show that the money did not come,
    /// `due` when its day is over and no file reaches it yet, `week` within the seven days from
    /// today, `later` after them.
    pub fn standing(&self, today: i32) -> &'static str {
        match self.day {
            _ if self.late => "overdue",
            day if day < today => "due",
            day if day < today + WEEK_DAYS => "week",
            _ => "later",
        }
    }
}

/// The first screen.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Home {
    /// Company name.
    pub company: String,
    /// How many payouts the book got to know of since the visit asked about; `None` when none was.
    pub new_count: Option<i64>,
    /// Those payouts, newest first, at most fifty; when there are none, the newest of all.
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

/// Reads the first screen. `since_ms` is when it was last looked at, UTC ms; `None` when it never
/// was.
///
/// # Errors
/// The database's.
pub fn home(reader: &mut Reader, since_ms: Option<i64>) -> Result<Home, Error> {
    let all = PayoutFilter::default();
    let open = PayoutFilter { open_only: true, ..PayoutFilter::default() };
    let mut needs_you = break_summary(reader, Some(BreakState::Open))?;
    needs_you.retain(|row| row.kind != "cut_off");
    let open = payout_totals(reader, &open)?;
    let since = since_ms.map(|since_ms| payouts_since(reader, since_ms, NEW_SHOWN)).transpose()?;
    let new_count = since.as_ref().map(|(count, _)| *count);
    let payouts = match since {
        Some((count, rows)) if count > 0 => rows,
        _ => list_payouts(reader, &all, None, PAYOUTS_SHOWN)?.rows,
    };
    Ok(Home {
        company: crate::statements::company_name(reader)?,
        new_count,
        payouts,
        payout_count: payout_totals(reader, &all)?.count,
        open_payouts: open.count,
        unexplained: open.unexplained,
        money_map: money_map(reader, None)?,
        needs_you,
        expected: expected(reader)?,
        extent: extent(reader)?,
    })
}

/// Payouts on their way, by the day they are promised for, the earliest first.
///
/// # Errors
/// The database's.
pub fn expected(reader: &mut Reader) -> Result<Vec<ExpectedDay>, Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_whose_day_is_over_is_not_expected_this_week() {
        let on = |day, late| ExpectedDay { day, late, amounts: Vec::new(), payouts: Vec::new() };
        for (day, late, standing) in [
            (99, true, "overdue"),
            (99, false, "due"),
            (100, false, "week"),
            (106, false, "week"),
            (107, false, "later"),
        ] {
            assert_eq!(on(day, late).standing(100), standing, "day {day}");
        }
    }
}
