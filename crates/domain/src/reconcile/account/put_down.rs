//! What an account's run carries over a break in the work.

use super::super::carry::{Carried, carried, carried_enum};
use super::{AccountRun, DayBalance, Gap, OpenRow, PayoutState, ReconciledPayout, Segment, Split};

carried_enum!(PayoutState [Self::InTransit, Self::Returned]);
carried!(Segment { day, components, closing_minor, last });
carried!(Gap { row, day, until, expected_minor, found_minor, unplaced });
carried!(Split { line, day, paid_minor, returned_minor });
carried!(OpenRow { row, segment });
carried!(DayBalance { account, day, opening_minor, closing_minor, rows, gap_minor });
carried!(ReconciledPayout {
    account,
    line,
    at_ms,
    day,
    amount_minor,
    components,
    after,
    until,
    promised_day,
    state,
    waits,
    number,
});

impl AccountRun {
    /// The first segment that a later row can still change: one of a row without its settlement
    /// line, or one that no payout has covered.
    fn first_open(&self) -> usize {
        let waiting = self.open_rows.iter().map(|open| open.segment);
        let last = self.segments.len().saturating_sub(1);
        let first = waiting.chain([self.uncovered, last]).min().unwrap_or(0);
        let cut = self.payouts.iter().map(|(_, range)| range).find(|range| range.contains(&first));
        cut.map_or(first, |range| range.start)
    }

    /// Closed segments are added up into their payouts and left behind.
    pub(in crate::reconcile) fn put(&self, out: &mut Vec<u8>) {
        let first = self.first_open();
        self.segments.get(first..).unwrap_or_default().to_vec().put(out);
        self.balance_minor.put(out);
        self.last_day.put(out);
        (self.uncovered - first).put(out);
        self.carried_minor.put(out);
        self.after.put(out);
        self.open_settlements.put(out);
        let moved = |open: &OpenRow| OpenRow { segment: open.segment - first, ..*open };
        self.open_rows.iter().map(moved).collect::<Vec<_>>().put(out);
        let payouts = self.payouts.iter().map(|(payout, range)| {
            if range.end > first {
                return (payout.clone(), range.start - first..range.end - first);
            }
            let mut payout = payout.clone();
            for segment in &self.segments[range.clone()] {
                payout.components.absorb(&segment.components);
            }
            (payout, 0..0)
        });
        payouts.collect::<Vec<_>>().put(out);
        self.gaps.put(out);
        self.splits.put(out);
        self.refunds.put(out);
        self.refunded.put(out);
        self.closed_refunds.put(out);
        self.closed.put(out);
        self.balances.put(out);
        self.listed.put(out);
    }

    /// Reads what [`Self::put`] wrote into a fresh run.
    pub(in crate::reconcile) fn take_up(&mut self, bytes: &mut &[u8]) -> Option<()> {
        self.segments = Carried::take(bytes)?;
        self.balance_minor = Carried::take(bytes)?;
        self.last_day = Carried::take(bytes)?;
        self.uncovered = Carried::take(bytes)?;
        self.carried_minor = Carried::take(bytes)?;
        self.after = Carried::take(bytes)?;
        self.open_settlements = Carried::take(bytes)?;
        self.open_rows = Carried::take(bytes)?;
        self.payouts = Carried::take(bytes)?;
        self.gaps = Carried::take(bytes)?;
        self.splits = Carried::take(bytes)?;
        self.refunds = Carried::take(bytes)?;
        self.refunded = Carried::take(bytes)?;
        self.closed_refunds = Carried::take(bytes)?;
        self.closed = Carried::take(bytes)?;
        self.balances = Carried::take(bytes)?;
        self.listed = Carried::take(bytes)?;
        let segments = self.segments.len();
        let sound = self.uncovered <= segments
            && self.open_rows.iter().all(|open| open.segment < segments)
            && self.payouts.iter().all(|(_, range)| {
                range.start <= range.end && range.end <= segments.max(range.start)
            });
        sound.then_some(())
    }
}
