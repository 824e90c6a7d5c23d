//! Does a bank table's balance column follow from its amounts?

use crate::bill::{Balances, Check};
use domain::{BankLine, Currency};
use std::collections::BTreeMap;

/// More accounts in one table than any merchant has.
const ACCOUNT_LIMIT: usize = 1_000;

#[derive(Clone, Copy, Debug)]
struct Part {
    line_no: u32,
    expected: i64,
    found: i64,
}

/// One order of rows, tried on an account.
#[derive(Clone, Copy, Debug, Default)]
struct Trial {
    failures: u64,
    first: Option<Part>,
}

impl Trial {
    fn compare(&mut self, line_no: u32, expected: i64, found: i64) {
        if expected != found {
            self.failures += 1;
            self.first.get_or_insert(Part { line_no, expected, found });
        }
    }
}

#[derive(Clone, Debug)]
struct Account {
    /// Amount and balance of the row before; `None` after a row that could not be read.
    before: Option<(i64, i64)>,
    first: (i64, i64),
    last: (i64, i64),
    oldest_first: Trial,
    newest_first: Trial,
}

/// Follows the balance column row by row, oldest first and newest first at once.
#[derive(Debug, Default)]
pub(crate) struct RunningBalance {
    accounts: BTreeMap<(String, Currency), Account>,
    unfollowed: bool,
}

impl RunningBalance {
    /// Takes the next row.
    pub(crate) fn line(&mut self, line_no: u32, line: &BankLine) {
        let Some(balance) = line.balance_after_minor else {
            self.broken();
            return;
        };
        let amount = line.amount_minor;
        if self.accounts.len() >= ACCOUNT_LIMIT {
            self.unfollowed = true;
            return;
        }
        let key = (line.account_no.clone(), line.currency);
        let Some(account) = self.accounts.get_mut(&key) else {
            let state = Account {
                before: Some((amount, balance)),
                first: (amount, balance),
                last: (amount, balance),
                oldest_first: Trial::default(),
                newest_first: Trial::default(),
            };
            self.accounts.insert(key, state);
            return;
        };
        if let Some((amount_before, balance_before)) = account.before {
            account.oldest_first.compare(line_no, balance, balance_before.saturating_add(amount));
            let older = balance_before.saturating_sub(amount_before);
            account.newest_first.compare(line_no, balance, older);
        }
        account.before = Some((amount, balance));
        account.last = (amount, balance);
    }

    /// A row that could not be read: the chain starts anew after it.
    pub(crate) fn broken(&mut self) {
        for account in self.accounts.values_mut() {
            account.before = None;
        }
    }

    /// One check per account and currency, and the balances before and after where there is one
    /// account.
    pub(crate) fn close(self) -> (Vec<Check>, Vec<Balances>) {
        let single = self.accounts.len() == 1 && !self.unfollowed;
        let first = self.accounts.keys().next().map(|(account_no, _)| account_no.clone());
        let one_account = !self.unfollowed
            && self.accounts.keys().all(|(account_no, _)| first.as_ref() == Some(account_no));
        let mut checks = Vec::new();
        let mut balances = Vec::new();
        for ((account_no, currency), account) in self.accounts {
            let newest_first = account.newest_first.failures < account.oldest_first.failures;
            let (trial, oldest, newest) = if newest_first {
                (account.newest_first, account.last, account.first)
            } else {
                (account.oldest_first, account.first, account.last)
            };
            let code = match single {
                true => "running_balance".to_string(),
                false => format!("running_balance:{account_no}:{currency}"),
            };
            checks.push(match trial.first {
                None => {
                    Check { code, currency, expected: newest.1, found: newest.1, line_no: None }
                }
                Some(part) => Check {
                    code,
                    currency,
                    expected: part.expected,
                    found: part.found,
                    line_no: Some(part.line_no),
                },
            });
            if one_account {
                let opening = oldest.1.saturating_sub(oldest.0);
                balances.push(Balances::of(currency, (opening, newest.1)));
            }
        }
        (checks, balances)
    }
}
