//! What a file, or a change of mind about it, adds to the ledger's days.

use crate::error::Error;
use domain::ledger::{LedgerEntry, Posting, Role, Scope};
use domain::{Channel, Currency};
use std::collections::HashMap;
use store::bulk::{Cell, Loader};

/// An account of the scope, a day, a currency.
type Key = (Role, Option<Channel>, i32, Currency);

/// Debits, credits and number of postings, by account, day and currency.
#[derive(Default)]
pub(crate) struct Sums(HashMap<Key, (i64, i64, i64)>);

impl Sums {
    /// Adds an entry; `sign` -1 takes it back.
    pub(crate) fn post(&mut self, day: i32, entry: &LedgerEntry, sign: i64) {
        for Posting { role, amount_minor, channel } in entry.legs().copied() {
            let sum = self.0.entry((role, channel, day, entry.currency)).or_default();
            if amount_minor > 0 {
                sum.0 += sign * amount_minor;
            } else {
                sum.1 -= sign * amount_minor;
            }
            sum.2 += sign;
        }
    }

    /// Adds a file's totals to the ledger's days, in a fixed order.
    pub(crate) fn write(&self, loader: &mut Loader<'_>, scope: &Scope) -> Result<(), Error> {
        let mut rows: Vec<_> = self
            .0
            .iter()
            .filter(|(_, sum)| **sum != (0, 0, 0))
            .map(|((role, channel, day, currency), sum)| {
                let posting = Posting { role: *role, amount_minor: 0, channel: *channel };
                (posting.account(scope), *day, *currency, *sum)
            })
            .collect();
        rows.sort();
        let mut ids: HashMap<String, i64> = HashMap::new();
        for (account, day, currency, (debit, credit, postings)) in rows {
            let id = match ids.get(&account) {
                Some(id) => *id,
                None => {
                    let id = ledger_account_id(loader, &account)?;
                    ids.insert(account, id);
                    id
                }
            };
            loader.execute(
                "insert into ledger_day \
             (account_id, day, currency, debit_minor, credit_minor, postings) \
             values ($1, $2, $3, $4, $5, $6) \
             on conflict (account_id, day, currency) do update set \
             debit_minor = ledger_day.debit_minor + excluded.debit_minor, \
             credit_minor = ledger_day.credit_minor + excluded.credit_minor, \
             postings = ledger_day.postings + excluded.postings",
                &[
                    Cell::Int(id),
                    Cell::Int(i64::from(day)),
                    Cell::Text(currency.code()),
                    Cell::Int(debit),
                    Cell::Int(credit),
                    Cell::Int(postings),
                ],
            )?;
        }
        Ok(())
    }
}

/// The id of a ledger account, made where there is none.
pub(crate) fn ledger_account_id(loader: &mut Loader<'_>, code: &str) -> Result<i64, Error> {
    loader.execute(
        "insert into ledger_account (id, code) \
         select coalesce(max(id), 0) + 1, $1 from ledger_account where true \
         on conflict (code) do nothing",
        &[Cell::Text(code)],
    )?;
    let mut id = 0;
    loader.query("select id from ledger_account where code = $1", &[Cell::Text(code)], |row| {
        id = row.int(0)?;
        Ok(())
    })?;
    Ok(id)
}
