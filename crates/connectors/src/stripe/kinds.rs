//! The words of balance transactions.
//!
//! Source: Stripe, balance transaction types and reporting categories, read 2026-11. Both lists are
//! open; Stripe asks for the category in accounting, so it decides where there is one.

use crate::kinds::{Flow, KindRule, KindTable};
use domain::BalanceKind;

/// The program's rules for category (`word`) and type (`name`), in the order they are tried.
fn rules() -> Vec<KindRule> {
    use BalanceKind::*;
    let known = |word, flow, kind| KindRule::word(word, flow, kind).confirmed();
    let mut rules = vec![
        known("charge", Flow::In, Payment),
        known("refund", Flow::Out, Refund),
        // What of an authorised amount was not taken, and payments that failed after all: both take
        // a sale back, and no buyer got a refund.
        known("partial_capture_reversal", Flow::Out, Refund),
        known("charge_failure", Flow::Out, Refund),
        known("refund_failure", Flow::In, RefundClosed),
        known("dispute", Flow::Any, Adjustment),
        known("dispute_reversal", Flow::Any, Adjustment),
        known("other_adjustment", Flow::Any, Adjustment),
        known("fee", Flow::Any, AccountCharge),
        known("network_cost", Flow::Any, AccountCharge),
        known("tax", Flow::Any, AccountCharge),
        known("payout", Flow::Any, Payout),
        known("payout_reversal", Flow::Any, PayoutReturned),
        known("topup", Flow::Any, TopUp),
        known("topup_reversal", Flow::Any, TopUp),
        known("transfer", Flow::Any, TransferOut),
        known("transfer_reversal", Flow::Any, TransferOut),
        known("contribution", Flow::Any, TransferOut),
        known("climate_order_purchase", Flow::Any, TransferOut),
        known("climate_order_refund", Flow::Any, TransferOut),
    ];
    for reserve in ["risk_reserved_funds", "connect_reserved_funds"] {
        rules.push(known(reserve, Flow::Out, Frozen));
        rules.push(known(reserve, Flow::In, Unfrozen));
    }
    // The category of these is not documented, their type is.
    for (name, kind) in [
        ("payout_minimum_balance_hold", Held),
        ("payout_minimum_balance_release", Released),
        ("reserve_hold", Frozen),
        ("reserve_release", Unfrozen),
    ] {
        rules.push(KindRule { word: None, ..known("", Flow::Any, kind).under(name) });
    }
    rules
}

/// The program's table.
pub fn table() -> KindTable {
    KindTable::new(rules())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Words;

    #[test]
    fn a_category_decides_and_an_unknown_one_is_never_guessed() {
        let kind = |name, word, amount_minor| {
            table().kind(&Words { name, word, amount_minor, ..Words::default() })
        };
        assert_eq!(kind("payment", "charge", 100), BalanceKind::Payment);
        assert_eq!(kind("adjustment", "dispute", -100), BalanceKind::Adjustment);
        assert_eq!(kind("reserved_funds", "risk_reserved_funds", 5), BalanceKind::Unfrozen);
        assert_eq!(kind("reserve_hold", "", -5), BalanceKind::Frozen);
        assert_eq!(kind("payout_minimum_balance_hold", "", -5), BalanceKind::Held);
        assert_eq!(kind("payout", "payout", 500), BalanceKind::Payout, "a debit of the bank");
        assert_eq!(kind("anticipation_repayment", "financing_paydown", -5), BalanceKind::Unknown);
    }
}
