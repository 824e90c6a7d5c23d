//! Payouts by the balance: which rows each covers, and payouts that come back.

use super::super::PayoutCover;
use super::super::item::{BalanceItem, Break, BreakKind, Record};
use super::{AccountRun, PayoutState, ReconciledPayout, Segment};
use crate::payout::{Component, Components};

impl AccountRun {
    /// A payout covers the segments since the last one, up to its cut.
    pub(super) fn pay_out(&mut self, row: &BalanceItem) {
        let current = self.segments.len() - 1;
        let amount = -row.amount_minor;
        let midnight = self.terms.cover == PayoutCover::Midnight && row.automatic;
        let cut = if midnight {
            let day = self.segments[current].day;
            (self.uncovered..=current).rev().find(|i| self.segments[*i].day < day)
        } else {
            Some(current)
        };
        let range = match cut {
            Some(cut) => self.uncovered..cut + 1,
            None => self.uncovered..self.uncovered,
        };
        let balance = match cut {
            Some(cut) => self.segments[cut].closing_minor,
            None => self.carried_minor,
        };
        let carried_in = self.carried_minor.unwrap_or(0);
        let kept = balance.unwrap_or(carried_in) - amount;
        let until = match cut {
            // Its files stand in no order.
            _ if self.terms.cover == PayoutCover::ClearedDay => (row.day, i64::MAX),
            Some(cut) => self.segments[cut].last,
            None => self.after,
        };
        if self.terms.cover == PayoutCover::ClearedDay
            && let Some((payout, covered)) = self.payouts.last_mut()
            && payout.day == row.day
        {
            // Trades and adjustments of a clearing day come in two files, and in one payment.
            payout.amount_minor += amount;
            payout.components.shift(Component::CarriedOut, carried_in - kept);
            payout.until = until;
            covered.end = range.end;
        } else {
            let mut components = Components::default();
            components.shift(Component::CarriedIn, carried_in);
            components.shift(Component::CarriedOut, -kept);
            let mut payout = self.sent(row, components, until);
            if self.terms.cover == PayoutCover::ClearedDay {
                payout.after = (row.day - 1, i64::MAX);
            }
            self.payouts.push((payout, range.clone()));
        }
        self.after = until;
        self.uncovered = range.end;
        self.carried_minor = Some(kept);
        self.start_after_payout(row);
    }

    pub(super) fn sent(
        &self,
        row: &BalanceItem,
        components: Components,
        until: (i32, i64),
    ) -> ReconciledPayout {
        ReconciledPayout {
            account: self.index,
            line: row.id,
            at_ms: row.at_ms,
            day: row.day,
            amount_minor: -row.amount_minor,
            components,
            after: self.after,
            until,
            promised_day: row.arrives_day.unwrap_or(row.day + self.terms.promised_days),
            state: PayoutState::InTransit,
            waits: false,
            number: row.key,
        }
    }

    /// Rows after a payout start a new segment. Rows of the same morning before it that it did not
    /// cover have their balance told as if the payout had come first.
    fn start_after_payout(&mut self, row: &BalanceItem) {
        for segment in &mut self.segments[self.uncovered..] {
            segment.closing_minor = segment.closing_minor.map(|c| c + row.amount_minor);
        }
        self.segments.push(Segment {
            day: row.day,
            closing_minor: self.balance_minor,
            last: (row.day, row.id),
            ..Segment::default()
        });
    }

    /// The newest payout of the same amount that is not back yet came back.
    pub(super) fn return_payout(&mut self, row: &BalanceItem, breaks: &mut Vec<Break>) {
        if self.terms.cover == PayoutCover::ByHand {
            // Whoever recorded it said which, and why: nothing is left to find out.
            let sent = self.payouts.iter_mut().find(|(payout, _)| payout.number == row.key);
            if let Some((payout, _)) = sent {
                payout.state = PayoutState::Returned;
            }
            return;
        }
        let sent = self.payouts.iter_mut().rev().find(|(payout, _)| {
            payout.state == PayoutState::InTransit && payout.amount_minor == row.amount_minor
        });
        let named = self.listed.come_back(row);
        let (record, day) = match (named, sent) {
            (Some((line, day)), _) => (Record::Payout(line), day),
            (None, Some((payout, _))) => {
                payout.state = PayoutState::Returned;
                (Record::Payout(payout.line), payout.day)
            }
            (None, None) => (Record::FundRow(row.id), row.day),
        };
        breaks.push(Break {
            kind: BreakKind::PayoutReturned,
            records: vec![record, Record::Fund(row.id)],
            field: "state",
            expected: "paid".into(),
            found: "returned".into(),
            effect_minor: -row.amount_minor,
            day,
            account: self.index,
        });
    }
}
