//! What payouts add up to, each currency by itself.

use super::PayoutFilter;
use crate::error::Error;
use crate::sums::{self, Sum};
use domain::Channel;
use store::bulk::{Cell, Reader};

/// All payouts that a filter lets through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PayoutTotals {
    /// How many.
    pub count: i64,
    /// What was paid, by currency.
    pub paid: Vec<Sum>,
    /// What of it is not explained, by currency.
    pub unexplained: Vec<Sum>,
}

/// Count, paid and unexplained of all payouts a filter lets through.
///
/// # Errors
/// The database's.
pub fn payout_totals(reader: &mut Reader, filter: &PayoutFilter) -> Result<PayoutTotals, Error> {
    let mut totals = PayoutTotals::default();
    reader.query(
        "select count(*), cast(sum(p.amount_minor) as bigint), \
         cast(sum(p.unexplained_minor) as bigint), p.currency \
         from payout p join channel_account a on a.id = p.account_id \
         where ($1 = '' or a.channel = $1) and p.day >= $2 and p.day < $3 \
         and ($4 = 0 or p.unexplained_minor <> 0) and ($5 = '' or p.currency = $5) \
         group by p.currency",
        &[
            Cell::Text(filter.channel.map_or("", Channel::code)),
            Cell::Int(filter.from_day.map_or(i64::MIN, i64::from)),
            Cell::Int(filter.until_day.map_or(i64::MAX, i64::from)),
            Cell::Int(i64::from(filter.open_only)),
            Cell::Text(filter.currency_code()),
        ],
        |row| {
            let currency = row.text(3)?;
            totals.count += row.int(0)?;
            sums::add(&mut totals.paid, currency, row.int(1)?);
            sums::add(&mut totals.unexplained, currency, row.int(2)?);
            Ok(())
        },
    )?;
    Ok(totals)
}
