//! The chart of accounts as a tree: every account and every beginning of one, with its sums.

use crate::error::Error;
use crate::ledger::trial_balance;
use crate::own_chart::OwnChart;
use serde::Serialize;
use std::collections::BTreeMap;
use store::bulk::Reader;

/// An account, or all accounts below a name, in one currency.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct TreeRow {
    /// Full name.
    pub account: String,
    /// Its number in the shop's own chart; empty where nobody said one.
    pub code: String,
    /// How deep it stands; 0 is the class.
    pub depth: usize,
    /// True when nothing is below it.
    pub leaf: bool,
    /// Currency.
    pub currency: String,
    /// Sum of debits.
    pub debit_minor: i64,
    /// Sum of credits.
    pub credit_minor: i64,
    /// Debits less credits.
    pub balance_minor: i64,
    /// Postings.
    pub postings: i64,
}

/// Every account with everything above it, up to and with `until_day`; a name before those below.
///
/// # Errors
/// The database's.
pub fn account_tree(reader: &mut Reader, until_day: Option<i32>) -> Result<Vec<TreeRow>, Error> {
    let mut rows: BTreeMap<(Vec<String>, String), TreeRow> = BTreeMap::new();
    let chart = OwnChart::of_book(reader)?;
    for account in trial_balance(reader, until_day)? {
        let parts: Vec<String> = account.account.split(':').map(str::to_owned).collect();
        for length in 1..=parts.len() {
            let above = parts[..length].to_vec();
            let row = rows.entry((above.clone(), account.currency.clone())).or_default();
            row.account = above.join(":");
            row.code = chart.of(&row.account).map_or_else(String::new, |own| own.code.clone());
            row.depth = length - 1;
            row.leaf |= length == parts.len();
            row.currency.clone_from(&account.currency);
            row.debit_minor += account.debit_minor;
            row.credit_minor += account.credit_minor;
            row.balance_minor += account.balance_minor;
            row.postings += account.postings;
        }
    }
    Ok(rows.into_values().collect())
}
