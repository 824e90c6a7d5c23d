//! Fees: recomputed by rate, and compared between the two bills.

use super::super::item::{AccountDay, Break, BreakKind, Record, SettlementItem};
use super::AccountRun;
use crate::keys::KeyMap;
use crate::money::{Rounding, apply_rate};
use crate::{BalanceKind, SettlementKind, SettlementStatus};

/// What stands of a payment's fees on a day.
#[derive(Clone, Copy, Default)]
struct Fees {
    /// Rows, and what they come to.
    charged: (u32, i64),
    returned: (u32, i64),
}

impl Fees {
    fn take(&mut self, refund: bool, fee_minor: i64) {
        let side = if refund { &mut self.returned } else { &mut self.charged };
        *side = (side.0 + 1, side.1.saturating_add(fee_minor));
    }
}

impl AccountRun {
    /// The fee of a row, recomputed: half-up on the row, by contract or by the printed rate. What
    /// stands beside the channel's own price is in no contract with it, and left out.
    pub(in crate::reconcile) fn check_fee(&self, line: &SettlementItem, breaks: &mut Vec<Break>) {
        let Some(rate) = self.terms.rate_ppm.or(line.rate_ppm) else { return };
        let fixed = if line.kind == SettlementKind::Payment { self.terms.fixed_minor } else { 0 };
        let with = |rule| apply_rate(line.settled_minor, rate, rule).map(|fee| -fee - fixed);
        let Ok(expected) = with(Rounding::HalfUp) else { return };
        let charged = line.own_fee_minor();
        let difference = charged - expected;
        let (kind, record) = match line.kind {
            SettlementKind::Payment if difference.abs() > 1 => {
                (BreakKind::FeeMismatch, Record::Payment(line.id))
            }
            SettlementKind::Payment if difference != 0 => {
                let by_other_rule = [Rounding::Truncate, Rounding::HalfEven]
                    .into_iter()
                    .any(|rule| with(rule) == Ok(charged));
                let kind = match by_other_rule {
                    true => BreakKind::RoundingDifference,
                    false => BreakKind::FeeMismatch,
                };
                (kind, Record::Payment(line.id))
            }
            // A refund's returned fee is rounded by refund: one fen either way is the bill's word.
            SettlementKind::Refund | SettlementKind::Revoked
                if self.terms.returns_fees
                    && charged == 0
                    && expected >= 2
                    && line.status != SettlementStatus::Failed =>
            {
                (BreakKind::FeeNotReturned, Record::Refund(line.id))
            }
            _ => return,
        };
        breaks.push(Break {
            kind,
            records: vec![record, Record::OrderOf(line.id)],
            field: "fee",
            expected: expected.to_string(),
            found: charged.to_string(),
            effect_minor: difference,
            day: line.day,
            account: self.index,
        });
    }

    /// The fee that the trade bill tells and the one that the fund bill took are the same: inside
    /// a net row, or in fee rows of their own, as many as the trade bill has rows.
    pub(super) fn compare_fees(
        &self,
        facts: &AccountDay<'_>,
        partners: &[Option<SettlementItem>],
        breaks: &mut Vec<Break>,
    ) {
        for (row, line) in facts.balances.iter().zip(partners) {
            let Some(line) = line else { continue };
            if row.fee_minor != 0 && row.fee_minor != line.fee_minor {
                breaks.push(self.fees_differ(line, row.fee_minor, line.fee_minor));
            }
        }
        let mut rows: KeyMap<Fees> = KeyMap::default();
        for row in facts.balances.iter().filter(|row| row.payment != 0) {
            let refund = row.kind == BalanceKind::RefundFee;
            if refund || row.kind == BalanceKind::PaymentFee {
                rows.entry(row.payment).or_default().take(refund, row.amount_minor);
            }
        }
        if rows.is_empty() {
            return;
        }
        let mut lines: KeyMap<(SettlementItem, Fees)> = KeyMap::default();
        let told = facts.settlements.iter().filter(|line| {
            line.fee_minor != 0
                && line.status != SettlementStatus::Failed
                && rows.contains_key(&line.payment)
        });
        for line in told {
            let refund = line.kind != SettlementKind::Payment;
            let entry = lines.entry(line.payment).or_insert((*line, Fees::default()));
            entry.1.take(refund, line.fee_minor);
        }
        for (payment, (line, told)) in &lines {
            let Some(took) = rows.get(payment) else { continue };
            for (told, took) in [(told.charged, took.charged), (told.returned, took.returned)] {
                if told.0 == took.0 && told.1 != took.1 {
                    breaks.push(self.fees_differ(line, took.1, told.1));
                }
            }
        }
    }

    fn fees_differ(&self, line: &SettlementItem, took_minor: i64, told_minor: i64) -> Break {
        let record = match line.kind {
            SettlementKind::Payment => Record::Payment(line.id),
            _ => Record::Refund(line.id),
        };
        Break {
            kind: BreakKind::FeeMismatch,
            records: vec![record, Record::OrderOf(line.id)],
            field: "fund_fee",
            expected: took_minor.to_string(),
            found: told_minor.to_string(),
            effect_minor: took_minor.saturating_sub(told_minor),
            day: line.day,
            account: self.index,
        }
    }
}
