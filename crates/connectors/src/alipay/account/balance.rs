//! The running balance, without relying on the order of rows inside one second.

use crate::bill::Check;

/// More rows in one second than any merchant has: from here on only the printed order counts,
/// so that memory stays bounded.
const GROUP_LIMIT: usize = 4_096;

/// Follows the balance from row to row.
#[derive(Default)]
pub(super) struct Chain {
    opening: Option<i64>,
    /// Balance after the second before; `None` at the start and after an unreadable row.
    before: Option<i64>,
    group: Vec<RowOfSecond>,
    at_ms: i64,
    first_break: Option<Check>,
    breaks: i64,
}

#[derive(Clone, Copy)]
struct RowOfSecond {
    line_no: u32,
    amount: i64,
    balance: i64,
}

/// What the rows' balances say.
pub(super) struct Followed {
    pub(super) balances: Option<(i64, i64)>,
    pub(super) check: Option<Check>,
    pub(super) breaks: i64,
}

impl Chain {
    pub(super) fn row(&mut self, line_no: u32, at_ms: i64, amount: i64, balance: i64) {
        if at_ms != self.at_ms || self.group.len() >= GROUP_LIMIT {
            self.end_second();
        }
        self.at_ms = at_ms;
        self.group.push(RowOfSecond { line_no, amount, balance });
    }

    /// A row could not be read: the next one starts anew.
    pub(super) fn interrupt(&mut self) {
        self.end_second();
        self.before = None;
    }

    fn end_second(&mut self) {
        let Some(last) = self.group.last().copied() else { return };
        let total = self.group.iter().fold(0i64, |sum, row| sum.saturating_add(row.amount));
        let ends_at = |start: i64| {
            let end = start.saturating_add(total);
            self.group.iter().any(|row| row.balance == end).then_some(end)
        };
        let starts = self.group.iter().map(|row| row.balance.saturating_sub(row.amount));
        let end = match self.before {
            Some(before) => ends_at(before),
            None => {
                let fitting = starts.clone().find(|start| ends_at(*start).is_some());
                let start = fitting.or(starts.clone().next());
                self.opening = self.opening.or(start);
                start.and_then(ends_at)
            }
        };
        if end.is_none() {
            self.report();
        }
        self.before = Some(end.unwrap_or(last.balance));
        self.group.clear();
    }

    /// Names the first row of the second that does not follow from the row before it.
    fn report(&mut self) {
        self.breaks += 1;
        let mut before = self.before;
        for row in &self.group {
            let found = before.map(|before| before.saturating_add(row.amount));
            if let Some(found) = found.filter(|found| *found != row.balance) {
                self.first_break.get_or_insert(Check {
                    line_no: Some(row.line_no),
                    ..Check::yuan("running_balance", row.balance, found)
                });
                return;
            }
            before = Some(row.balance);
        }
    }

    pub(super) fn close(mut self) -> Followed {
        self.end_second();
        let balances = self.opening.zip(self.before);
        let holds = self.before.map(|last| Check::yuan("running_balance", last, last));
        Followed { balances, check: self.first_break.or(holds), breaks: self.breaks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(rows: &[(i64, i64, i64)]) -> Followed {
        let mut chain = Chain::default();
        for (index, (at_ms, amount, balance)) in rows.iter().enumerate() {
            chain.row(index as u32 + 6, *at_ms, *amount, *balance);
        }
        chain.close()
    }

    #[test]
    fn rows_of_one_second_may_stand_in_any_order() {
        let followed = follow(&[(1, -15, 1085), (1, 100, 1100), (2, 10, 1095)]);
        assert_eq!((followed.balances, followed.breaks), (Some((1000, 1095)), 0));
        assert!(followed.check.unwrap().holds());
    }

    #[test]
    fn a_missing_row_is_named_by_the_first_line_after_it() {
        let followed = follow(&[(1, 100, 1100), (2, -40, 1050), (3, 10, 1060)]);
        let check = followed.check.unwrap();
        assert_eq!((check.expected, check.found, check.line_no), (1050, 1060, Some(7)));
        assert_eq!(followed.breaks, 1);
    }
}
