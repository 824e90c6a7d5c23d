//! The end of an account's run: jumps, open items and payouts become results.

use super::super::item::{Break, BreakKind, Coverage, Record};
use super::super::{Outcome, SplitCandidate};
use super::AccountRun;
use crate::{BusinessDate, SettlementKind, SettlementStatus};

impl AccountRun {
    pub(in crate::reconcile) fn closed_refunds(&self) -> impl Iterator<Item = u64> + '_ {
        self.closed_refunds.iter().copied()
    }

    pub(in crate::reconcile) fn finish(
        &mut self,
        as_of: i32,
        coverage: &impl Coverage,
        breaks: &mut Vec<Break>,
        outcome: &mut Outcome,
    ) {
        self.finish_gaps(breaks);
        self.finish_open(as_of, coverage, breaks, &mut outcome.unread_trade_days);
        for row in std::mem::take(&mut self.closed) {
            let line = self.refunds.get(&row.key);
            let (record, day) = line
                .map_or((Record::RefundOfFund(row.id), row.day), |(id, day)| {
                    (Record::Refund(*id), *day)
                });
            breaks.push(Break {
                kind: BreakKind::RefundClosedByChannel,
                records: vec![record, Record::Fund(row.id)],
                field: "status",
                expected: "succeeded".into(),
                found: "closed".into(),
                effect_minor: row.amount_minor,
                day,
                account: self.index,
            });
        }
        for (mut payout, range) in std::mem::take(&mut self.payouts) {
            for segment in &self.segments[range] {
                payout.components.absorb(&segment.components);
            }
            payout.components.close(payout.amount_minor);
            outcome.payouts.push(payout);
        }
        self.finish_listed(breaks, outcome);
        outcome.balances.append(&mut self.balances);
        outcome.splits.extend(self.splits.iter().filter_map(|(payment, split)| {
            let outstanding_minor = split.paid_minor - split.returned_minor;
            let refunded_minor = self.refunded.get(payment).copied().unwrap_or(0);
            (refunded_minor > 0 && outstanding_minor > 0).then_some(SplitCandidate {
                account: self.index,
                line: split.line,
                day: split.day,
                outstanding_minor,
                refunded_minor,
            })
        }));
    }

    /// Every jump is a break; where an open settlement line has just that amount, it names it.
    fn finish_gaps(&mut self, breaks: &mut Vec<Break>) {
        for gap in std::mem::take(&mut self.gaps) {
            let amount = gap.found_minor - gap.expected_minor;
            let lost = self.open_settlements.iter().position(|line| {
                (line.settled_minor == amount || line.net_minor() == amount)
                    && (gap.day - line.day).abs() <= 1
            });
            let lost = lost.map(|index| self.open_settlements.remove(index));
            // Between two days the lost row may be of either; its own line knows.
            let day = lost.as_ref().map_or(gap.day, |line| line.day.clamp(gap.day, gap.until));
            let record = match lost {
                Some(line) if line.kind == SettlementKind::Payment => Record::Payment(line.id),
                Some(line) => Record::Refund(line.id),
                None => Record::Day(gap.day),
            };
            // Where the missing row is known, a place that is none says nothing.
            let place = !gap.unplaced || matches!(record, Record::Day(_));
            let mut records = vec![record];
            if gap.row != 0 && place {
                records.push(Record::Fund(gap.row));
            }
            breaks.push(Break {
                kind: BreakKind::MissingInFundBill,
                records,
                field: "balance",
                expected: gap.expected_minor.to_string(),
                found: gap.found_minor.to_string(),
                effect_minor: amount,
                day,
                account: self.index,
            });
        }
    }

    fn finish_open(
        &mut self,
        as_of: i32,
        coverage: &impl Coverage,
        breaks: &mut Vec<Break>,
        unread_trade_days: &mut Vec<(usize, i32)>,
    ) {
        for line in std::mem::take(&mut self.open_settlements) {
            let record = match line.kind {
                SettlementKind::Payment => Record::Payment(line.id),
                _ => Record::Refund(line.id),
            };
            if line.status == SettlementStatus::Failed {
                if line.kind != SettlementKind::Payment && !self.closed_refunds.contains(&line.key)
                {
                    breaks.push(Break {
                        kind: BreakKind::RefundClosedByChannel,
                        records: vec![record],
                        field: "status",
                        expected: "succeeded".into(),
                        found: "failed".into(),
                        effect_minor: -line.settled_minor,
                        day: line.day,
                        account: self.index,
                    });
                }
                continue;
            }
            // The last minutes of the newest day may be booked on a day not seen yet.
            let day_end_ms = BusinessDate::from_days(line.day + 1).start_ms();
            let late = day_end_ms - line.at_ms < 10 * 60_000;
            let due = coverage.fund(self.index, line.day)
                && (!late || coverage.fund(self.index, line.day + 1) || line.day < as_of);
            if !due || line.net_minor() == 0 && line.settled_minor == 0 {
                continue;
            }
            breaks.push(Break {
                kind: BreakKind::MissingInFundBill,
                records: vec![record, Record::OrderOf(line.id)],
                field: "fund_row",
                expected: line.settled_minor.to_string(),
                found: "none".into(),
                effect_minor: -line.settled_minor,
                day: line.day,
                account: self.index,
            });
        }
        for open in std::mem::take(&mut self.open_rows) {
            let row = open.row;
            let day = BusinessDate::of_ms(row.at_ms).days();
            if coverage.trade(self.index, day) {
                breaks.push(Break {
                    kind: BreakKind::MissingInTradeBill,
                    records: vec![Record::Fund(row.id)],
                    field: "trade_row",
                    expected: row.amount_minor.to_string(),
                    found: "none".into(),
                    effect_minor: 0,
                    day,
                    account: self.index,
                });
            } else if unread_trade_days.last() != Some(&(self.index, day)) {
                unread_trade_days.push((self.index, day));
            }
        }
    }
}
