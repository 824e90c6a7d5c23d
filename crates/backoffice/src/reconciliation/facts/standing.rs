//! What the channel says a balance was, against the rows between two such words.
//!
//! A list proves nothing of itself: a row that it leaves out is missed by nobody. The balance knows
//! of it. Of the channels only Stripe is asked for it beside its lists.

use super::Facts;
use crate::error::Error;
use domain::Currency;
use std::collections::BTreeMap;
use store::bulk::{Cell, Loader};

/// Milliseconds from UTC midnight to the channel day's.
const DAY_OFFSET_MS: i64 = 8 * 3_600_000;

/// The days between two balances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub account: usize,
    /// First and last day.
    pub days: (i32, i32),
    /// The document that tells the balance at the end of the last.
    pub document: i64,
    pub currency: Currency,
    /// That balance.
    pub told_minor: i64,
    /// The balance before the first day, and what the rows moved.
    pub found_minor: i64,
}

/// The latest word on the balance at the end of each day: when it was said, by which document.
type Words = BTreeMap<i32, (i64, i64, i64)>;

impl Facts {
    /// Every span between two days of which the balance at the end is known.
    pub(super) fn load_spans(&mut self, loader: &mut Loader<'_>) -> Result<(), Error> {
        let mut accounts: BTreeMap<usize, Words> = BTreeMap::new();
        let known = &self.accounts;
        loader.query(
            "select d.account_id, d.to_day, coalesce(d.issued_at_ms, 0), d.id, b.closing_minor \
             from document d join document_balance b on b.document_id = d.id \
             where d.kind = 'stripe_balance' and d.to_day is not null order by d.id",
            &[],
            |row| {
                let id = row.opt_int(0)?;
                let account = known.iter().position(|account| Some(account.id) == id);
                let Some(account) = account else { return Ok(()) };
                let (day, word) = (row.int(1)? as i32, (row.int(2)?, row.int(3)?, row.int(4)?));
                let words = accounts.entry(account).or_default();
                let latest = words.entry(day).or_insert(word);
                *latest = (*latest).max(word);
                Ok(())
            },
        )?;
        for (account, words) in accounts.into_iter().filter(|(_, words)| words.len() > 1) {
            let moved = moved_by_day(loader, self.accounts[account].id)?;
            let currency = self.accounts[account].scope.currency();
            let ends = words.iter().zip(words.iter().skip(1));
            self.spans.extend(ends.map(|((before, old), (last, new))| {
                let rows = moved.range(before + 1..=*last).map(|(_, minor)| *minor);
                Span {
                    account,
                    days: (before + 1, *last),
                    document: new.1,
                    currency,
                    told_minor: new.2,
                    found_minor: rows.fold(old.2, i64::saturating_add),
                }
            }));
        }
        Ok(())
    }
}

/// What the rows that count moved on each day.
fn moved_by_day(loader: &mut Loader<'_>, account: i64) -> Result<BTreeMap<i32, i64>, Error> {
    let mut moved = BTreeMap::new();
    loader.query(
        "select (b.at_ms + $2) / 86400000, cast(sum(b.amount_minor) as bigint) \
         from document d join balance_transaction b \
         on b.id >= d.id * 4294967296 and b.id < (d.id + 1) * 4294967296 \
         where d.account_id = $1 and d.kind = 'stripe_balance' \
         and not exists (select 1 from superseded s where s.line_id = b.id) group by 1",
        &[Cell::Int(account), Cell::Int(DAY_OFFSET_MS)],
        |row| {
            moved.insert(row.int(0)? as i32, row.int(1)?);
            Ok(())
        },
    )?;
    Ok(moved)
}
