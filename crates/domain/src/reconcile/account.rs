//! One account: trade bill ↔ fund bill, the running balance, and its payouts.

use super::components::row_components;
use super::item::{AccountDay, BalanceItem, Break, BreakKind, Record, SettlementItem};
use super::{AccountTerms, PayoutCover};
use crate::keys::{KeyMap, KeySet};
use crate::payout::{Component, Components};
use crate::{BalanceKind, BusinessDate, SettlementKind, SettlementStatus};

mod fees;
mod finish;
mod listed;
mod payouts;
mod put_down;

use listed::Listed;

/// A settlement line and its fund row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// Account index.
    pub account: usize,
    /// Line id of the trade-bill row.
    pub settlement: i64,
    /// Line id of the fund-bill row.
    pub balance: i64,
}

/// Balance of an account before and after a day, as its fund bill prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayBalance {
    /// Account index.
    pub account: usize,
    /// The day.
    pub day: i32,
    /// Before the first row.
    pub opening_minor: i64,
    /// After the last row.
    pub closing_minor: i64,
    /// Rows of the day.
    pub rows: u32,
    /// What the balances say moved and no row shows; 0 on an unbroken day.
    pub gap_minor: i64,
}

/// Where a payout stands, from the channel's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutState {
    /// Left the balance.
    InTransit,
    /// Came back from the bank.
    Returned,
}

/// A payout with what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconciledPayout {
    /// Account index.
    pub account: usize,
    /// The fund row that sent it.
    pub line: i64,
    /// When it left, UTC ms.
    pub at_ms: i64,
    /// Day it left.
    pub day: i32,
    /// What was sent, positive.
    pub amount_minor: i64,
    /// Its typed components; they and `unexplained` sum to `amount_minor`.
    pub components: Components,
    /// Rows inside: after `(day, line id)` … up to and with `(day, line id)`.
    pub after: (i32, i64),
    /// Last row inside.
    pub until: (i32, i64),
    /// Promised day of arrival.
    pub promised_day: i32,
    /// Where it stands.
    pub state: PayoutState,
    /// True while the channel has not said what is in it: so far its rows follow from the balance.
    pub waits: bool,
    /// Key of its number, by which a person says that it came back.
    pub number: u64,
}

/// A payment whose split was paid, with refunds seen later and shares that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitCandidate {
    /// Account index.
    pub account: usize,
    /// Fund row of the split.
    pub line: i64,
    /// Day of the split.
    pub day: i32,
    /// Paid to receivers and not given back, positive.
    pub outstanding_minor: i64,
    /// Settled amount refunded so far, positive.
    pub refunded_minor: i64,
}

/// Rows between two cuts: a midnight or a payout.
#[derive(Clone, Debug, Default)]
struct Segment {
    day: i32,
    components: Components,
    /// Printed balance after the last row, or after the cut before it.
    closing_minor: Option<i64>,
    last: (i32, i64),
}

/// A jump of the running balance that no row explains.
#[derive(Clone, Copy, Debug)]
struct Gap {
    row: i64,
    day: i32,
    /// Day of the row after it, later than `day` where the jump lies between two days.
    until: i32,
    expected_minor: i64,
    found_minor: i64,
    /// Told by the summary alone: where in the bill the rows are missing nobody can say.
    unplaced: bool,
}

#[derive(Clone, Copy, Debug)]
struct Split {
    line: i64,
    day: i32,
    paid_minor: i64,
    returned_minor: i64,
}

#[derive(Clone, Copy)]
struct OpenRow {
    row: BalanceItem,
    segment: usize,
}

pub(super) struct AccountRun {
    index: usize,
    terms: AccountTerms,
    segments: Vec<Segment>,
    balance_minor: Option<i64>,
    last_day: Option<i32>,
    uncovered: usize,
    /// Kept back by the payout before; `None` before the first row.
    carried_minor: Option<i64>,
    after: (i32, i64),
    open_settlements: Vec<SettlementItem>,
    open_rows: Vec<OpenRow>,
    payouts: Vec<(ReconciledPayout, std::ops::Range<usize>)>,
    gaps: Vec<Gap>,
    splits: KeyMap<Split>,
    /// Refund lines by key: line id and day.
    refunds: KeyMap<(i64, i32)>,
    /// Settled amount given back, by payment.
    refunded: KeyMap<i64>,
    closed_refunds: KeySet,
    closed: Vec<BalanceItem>,
    balances: Vec<DayBalance>,
    listed: Listed,
}

impl AccountRun {
    pub(super) fn new(index: usize, terms: AccountTerms) -> Self {
        // What is cleared on a day leaves on that day: such a balance begins with nothing.
        // A till begins empty: what is put into it is recorded too.
        let begins = matches!(terms.cover, PayoutCover::ClearedDay | PayoutCover::ByHand);
        let nothing = begins.then_some(0);
        Self {
            index,
            terms,
            segments: Vec::new(),
            balance_minor: nothing,
            last_day: None,
            uncovered: 0,
            carried_minor: nothing,
            after: (i32::MIN, 0),
            open_settlements: Vec::new(),
            open_rows: Vec::new(),
            payouts: Vec::new(),
            gaps: Vec::new(),
            splits: KeyMap::default(),
            refunds: KeyMap::default(),
            refunded: KeyMap::default(),
            closed_refunds: KeySet::default(),
            closed: Vec::new(),
            balances: Vec::new(),
            listed: Listed::default(),
        }
    }

    /// True for what a person records.
    pub(super) fn is_by_hand(&self) -> bool {
        self.terms.cover == PayoutCover::ByHand
    }

    pub(super) fn day(
        &mut self,
        day: i32,
        facts: &AccountDay<'_>,
        matches: &mut Vec<Match>,
        breaks: &mut Vec<Break>,
    ) {
        for line in facts.settlements.iter().filter(|l| l.kind != SettlementKind::Payment) {
            self.refunds.insert(line.key, (line.id, line.day));
            if line.status != SettlementStatus::Failed {
                *self.refunded.entry(line.payment).or_default() -= line.settled_minor;
            }
        }
        let partners = self.pair(facts, matches, breaks);
        self.compare_fees(facts, &partners, breaks);
        self.open_segment(day);
        if self.terms.cover == PayoutCover::Listed {
            self.listed.claim(facts.members);
            self.uncovered = self.segments.len() - 1;
        }
        let opening = self.opening(day, facts.balances);
        let (mut rows_net, mut gap_sum) = (0, 0);
        for (row, partner) in facts.balances.iter().zip(&partners) {
            gap_sum += self.chain(day, row);
            rows_net += row.amount_minor;
            self.book(row, partner.as_ref(), breaks);
        }
        if facts.balances.is_empty() {
            return;
        }
        gap_sum += self.close_day(day, facts, rows_net, gap_sum);
        self.last_day = Some(day);
        // Rows that print no balance say nothing of it.
        if self.terms.cover == PayoutCover::Listed && self.balance_minor.is_none() {
            return;
        }
        self.balances.push(DayBalance {
            account: self.index,
            day,
            opening_minor: opening,
            closing_minor: self.balance_minor.unwrap_or(opening + rows_net),
            rows: facts.balances.len() as u32,
            gap_minor: gap_sum,
        });
    }

    /// When the bill's own summary knows of more than its rows and its gaps, the rest was at its
    /// end. A summary that agrees with the rows alone says nothing of the gaps.
    fn close_day(
        &mut self,
        day: i32,
        facts: &AccountDay<'_>,
        rows_minor: i64,
        gaps_minor: i64,
    ) -> i64 {
        let (Some(declared), Some(balance)) = (facts.declared_net_minor, self.balance_minor) else {
            return 0;
        };
        let rest = declared - rows_minor - gaps_minor;
        if rest == 0 || declared == rows_minor {
            return 0;
        }
        let row = facts.balances.last().map_or(0, |row| row.id);
        let (expected_minor, found_minor) = (balance, balance + rest);
        let unplaced = true;
        self.gaps.push(Gap { row, day, until: day, expected_minor, found_minor, unplaced });
        self.balance_minor = Some(found_minor);
        if let Some(segment) = self.segments.last_mut() {
            segment.closing_minor = Some(found_minor);
        }
        rest
    }

    fn open_segment(&mut self, day: i32) {
        let last = self.segments.last().map_or(self.after, |segment| segment.last);
        self.segments.push(Segment {
            day,
            closing_minor: self.balance_minor,
            last,
            ..Segment::default()
        });
    }

    /// The balance before the day's first row. A jump over days without a bill belongs to the
    /// first of them.
    fn opening(&mut self, day: i32, rows: &[BalanceItem]) -> i64 {
        let Some(first) = rows.first() else { return self.balance_minor.unwrap_or(0) };
        let Some(printed) = first.balance_minor.map(|after| after - first.amount_minor) else {
            return self.balance_minor.unwrap_or(0);
        };
        let Some(known) = self.balance_minor else {
            self.balance_minor = Some(printed);
            self.carried_minor = Some(printed);
            self.set_closing(printed);
            return printed;
        };
        if printed != known {
            let gap_day = self.gap_day(day);
            self.gaps.push(Gap {
                row: first.id,
                day: gap_day,
                until: day,
                expected_minor: known,
                found_minor: printed,
                unplaced: false,
            });
            self.balance_minor = Some(printed);
            let current = self.segments.len() - 1;
            self.segments[current].closing_minor = Some(printed);
            if current > 0 && gap_day < day {
                self.segments[current - 1].closing_minor = Some(printed);
            }
        }
        printed
    }

    /// The day of a jump found before `day`'s first row: of the days without a fund bill, the first
    /// that sold something, else the first; with none between, the end of the day before.
    fn gap_day(&self, day: i32) -> i32 {
        let Some(last) = self.last_day else { return day };
        let unread = last + 1..day;
        let sold = self
            .open_settlements
            .iter()
            .map(|line| line.day)
            .filter(|sold| unread.contains(sold))
            .min();
        sold.unwrap_or(if unread.is_empty() { last } else { unread.start })
    }

    fn set_closing(&mut self, balance: i64) {
        if let Some(segment) = self.segments.last_mut() {
            segment.closing_minor = Some(balance);
        }
    }

    /// Checks one step of the running balance; the jump, if any.
    fn chain(&mut self, day: i32, row: &BalanceItem) -> i64 {
        let Some(printed) = row.balance_minor else {
            self.balance_minor = self.balance_minor.map(|known| known + row.amount_minor);
            return 0;
        };
        let expected = self.balance_minor.map_or(printed, |known| known + row.amount_minor);
        if expected != printed {
            self.gaps.push(Gap {
                row: row.id,
                day,
                until: day,
                expected_minor: expected,
                found_minor: printed,
                unplaced: false,
            });
        }
        self.balance_minor = Some(printed);
        printed - expected
    }

    /// Pairs the day's payments and refunds with their fund rows by key, then by amount and time.
    fn pair(
        &mut self,
        facts: &AccountDay<'_>,
        matches: &mut Vec<Match>,
        breaks: &mut Vec<Break>,
    ) -> Vec<Option<SettlementItem>> {
        let mut partners = vec![None; facts.balances.len()];
        let mut left = std::mem::take(&mut self.open_settlements);
        left.extend(facts.settlements.iter().filter(|line| line.key != 0).copied());
        left.sort_unstable_by_key(|line| (line.key, line.at_ms, line.id));
        let next_segment = self.segments.len();
        let mut right: Vec<(usize, OpenRow)> = std::mem::take(&mut self.open_rows)
            .into_iter()
            .map(|open| (usize::MAX, open))
            .collect();
        right.extend(facts.balances.iter().enumerate().filter_map(|(index, row)| {
            let wanted = matches!(row.kind, BalanceKind::Payment | BalanceKind::Refund);
            (wanted && row.key != 0)
                .then_some((index, OpenRow { row: *row, segment: next_segment }))
        }));
        right.sort_unstable_by_key(|(_, open)| (open.row.key, open.row.at_ms, open.row.id));
        let (mut l, mut r) = (0, 0);
        while l < left.len() && r < right.len() {
            let (line, (index, open)) = (left[l], right[r]);
            if line.key < open.row.key {
                self.open_settlements.push(line);
                l += 1;
            } else if line.key > open.row.key {
                self.open_rows.push(open);
                r += 1;
            } else {
                matches.push(Match {
                    account: self.index,
                    settlement: line.id,
                    balance: open.row.id,
                });
                self.compare(&line, &open.row, breaks);
                match partners.get_mut(index) {
                    Some(partner) => *partner = Some(line),
                    None => self.refine(open.segment, &open.row, &line),
                }
                l += 1;
                r += 1;
            }
        }
        self.open_settlements.extend_from_slice(&left[l..]);
        self.open_rows.extend(right[r..].iter().map(|(_, open)| *open));
        partners
    }

    /// A matched pair, field by field.
    fn compare(&self, line: &SettlementItem, row: &BalanceItem, breaks: &mut Vec<Break>) {
        let primary = match line.kind {
            SettlementKind::Payment => Record::Payment(line.id),
            _ => Record::Refund(line.id),
        };
        let gross = row.amount_minor - row.fee_minor;
        let found = if gross == line.settled_minor || row.amount_minor == line.net_minor() {
            None
        } else if line.subsidy_minor != 0 && gross == line.settled_minor - line.subsidy_minor {
            Some((BreakKind::SubsidyNotCredited, "subsidy"))
        } else {
            Some((BreakKind::AmountMismatch, "fund_amount"))
        };
        let mut push = |kind, field, expected: String, found: String, effect_minor| {
            breaks.push(Break {
                kind,
                records: vec![primary, Record::Fund(row.id)],
                field,
                expected,
                found,
                effect_minor,
                day: line.day,
                account: self.index,
            });
        };
        if let Some((kind, field)) = found {
            let effect = gross - line.settled_minor;
            push(kind, field, line.settled_minor.to_string(), gross.to_string(), effect);
        }
        if line.day != row.day {
            let (expected, found) =
                (BusinessDate::from_days(line.day), BusinessDate::from_days(row.day));
            push(BreakKind::CutOff, "day", expected.to_string(), found.to_string(), 0);
        }
    }

    /// Books one row into the current segment's components, and payouts as payouts.
    fn book(
        &mut self,
        row: &BalanceItem,
        partner: Option<&SettlementItem>,
        breaks: &mut Vec<Break>,
    ) {
        let segment = self.segments.len() - 1;
        match row.kind {
            BalanceKind::Payout if self.terms.cover == PayoutCover::Listed => {
                self.listed.pay_out(row);
                return;
            }
            BalanceKind::Payout => {
                self.pay_out(row);
                return;
            }
            BalanceKind::PayoutReturned => self.return_payout(row, breaks),
            BalanceKind::Unknown => breaks.push(Break {
                kind: BreakKind::UnknownRow,
                records: vec![Record::FundRow(row.id)],
                field: "kind",
                expected: "known".into(),
                found: "unknown".into(),
                effect_minor: row.amount_minor,
                day: row.day,
                account: self.index,
            }),
            BalanceKind::RefundClosed => {
                self.closed_refunds.insert(row.key);
                self.closed.push(*row);
            }
            BalanceKind::SplitPaid | BalanceKind::SplitReturned if row.payment != 0 => {
                let split = self.splits.entry(row.payment).or_insert(Split {
                    line: row.id,
                    day: row.day,
                    paid_minor: 0,
                    returned_minor: 0,
                });
                match row.kind {
                    BalanceKind::SplitPaid => split.paid_minor -= row.amount_minor,
                    _ => split.returned_minor += row.amount_minor,
                }
            }
            _ => {}
        }
        if self.terms.cover == PayoutCover::Listed {
            self.listed.take(row);
            return;
        }
        let parts = &mut self.segments[segment].components;
        for (component, amount_minor) in row_components(row, partner) {
            parts.add(component, amount_minor);
        }
        if row.kind == BalanceKind::Unknown {
            parts.count(Component::Unexplained);
        }
        let current = &mut self.segments[segment];
        current.closing_minor = self.balance_minor;
        current.last = (row.day, row.id);
    }

    /// A settlement line came after its fund row: the row's parts are told again, better.
    fn refine(&mut self, segment: usize, row: &BalanceItem, line: &SettlementItem) {
        // The rows of a list tell gross and fee themselves.
        if self.terms.cover == PayoutCover::Listed {
            return;
        }
        let parts = &mut self.segments[segment].components;
        for (component, amount_minor) in row_components(row, None) {
            parts.shift(component, -amount_minor);
        }
        for (component, amount_minor) in row_components(row, Some(line)) {
            parts.shift(component, amount_minor);
        }
    }
}
