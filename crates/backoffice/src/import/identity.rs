//! What a row says of itself beside its columns: its key, and the fee inside a net amount.

use domain::{BalanceKind, BalanceTransaction, BankLine, SettlementKind, SettlementLine};
use std::collections::HashMap;
use store::pack::key;

/// The key by which a trade row is matched.
pub fn settlement_key(line: &SettlementLine) -> u64 {
    match line.kind {
        SettlementKind::Payment => key(&[&line.channel_payment_id]),
        _ if line.channel_refund_id.is_empty() => {
            key(&[&line.channel_payment_id, "r", &line.settled_minor.to_string()])
        }
        _ => key(&[&line.channel_refund_id]),
    }
}

/// The fee inside a net row, signed by effect: told outright, or where the remark's total less its
/// fee is the amount.
pub fn fee_inside(row: &BalanceTransaction) -> i64 {
    if let Some(fee_minor) = row.fee_minor {
        return fee_minor;
    }
    let (Some(total), Some(fee)) = (row.remark_total_minor, row.remark_fee_minor) else { return 0 };
    let (total, size) = (total.abs(), row.amount_minor.abs());
    if fee == 0 || size != total - fee {
        return 0;
    }
    match row.kind {
        BalanceKind::Payment => -fee,
        BalanceKind::Refund => fee,
        _ => 0,
    }
}

/// Identities of the bank lines of one file: equal lines are told apart by their number in it.
#[derive(Default)]
pub struct BankIdentities(HashMap<u64, u32>);

impl BankIdentities {
    /// The identity of the file's next line.
    pub fn next(&mut self, line: &BankLine) -> u64 {
        let amount = line.amount_minor.to_string();
        let date = line.booked_on.to_string();
        if !line.bank_ref.is_empty() {
            let base = key(&[&line.account_no, &date, &line.bank_ref, &amount]);
            return self.nth_of_number(base, line.balance_after_minor);
        }
        let at = line.booked_at_ms.map(|at| at.to_string()).unwrap_or_default();
        let balance = line.balance_after_minor.map(|b| b.to_string()).unwrap_or_default();
        let texts =
            [&line.account_no, &date, &at, &amount, &balance, &line.counterparty, &line.memo];
        let base = key(&texts.map(String::as_str));
        key(&[&base.to_string(), &self.count(base).to_string()])
    }

    /// A bank gives one number to several lines, such as the parts of a collection. Inside a file
    /// an equal line is another one, unless the balance after it shows that it is the same again.
    fn nth_of_number(&mut self, base: u64, balance_minor: Option<i64>) -> u64 {
        let number = base.to_string();
        let shown = balance_minor.map(|balance| key(&[&number, "=", &balance.to_string()]));
        if shown.is_some_and(|shown| self.count(shown) > 1) {
            return base;
        }
        let nth = self.count(base);
        if nth == 1 { base } else { key(&[&number, &nth.to_string()]) }
    }

    /// How many of this key the file has had, this one included.
    fn count(&mut self, key: u64) -> u32 {
        let seen = self.0.entry(key).or_default();
        *seen += 1;
        *seen
    }
}
