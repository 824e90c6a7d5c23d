//! Payouts of which the channel lists the rows, as Stripe does: each is explained by its own list.
//!
//! A list may come days after its rows, and rows after their list: they meet by the row's number.
//! A payout without a list (one made by hand, or one that the channel is not done with) is
//! explained by the balance: by the rows that no list claims, what was there before them and what
//! stays. Which rows those are may change with a list that comes later; what they add up to does
//! not. Rows that no list claims are carried on: they are the balance.

use super::super::carry::carried;
use super::super::item::{BalanceItem, Break, BreakKind, MemberItem, Record};
use super::super::{Outcome, row_components};
use super::{AccountRun, PayoutState};
use crate::BalanceKind;
use crate::keys::KeyMap;
use crate::payout::{Component, Components};

/// A payout as its own row tells it.
#[derive(Clone, Copy, Debug)]
struct Sent {
    row: BalanceItem,
    state: PayoutState,
}

/// What a payout's list has come to so far.
#[derive(Clone, Copy, Debug)]
struct List {
    components: Components,
    net_minor: i64,
    /// Day of its first row.
    first_day: i32,
}

impl Default for List {
    fn default() -> Self {
        Self { components: Components::default(), net_minor: 0, first_day: i32::MAX }
    }
}

/// Payouts, lists, and rows that wait for theirs.
#[derive(Default)]
pub(super) struct Listed {
    payouts: Vec<Sent>,
    /// By key of the payout.
    lists: KeyMap<List>,
    /// Rows that no list claims, by their own key.
    unclaimed: KeyMap<BalanceItem>,
    /// Payouts that claim a row not seen yet, by the row's own key.
    claims: KeyMap<u64>,
}

carried!(Sent { row, state });
carried!(List { components, net_minor, first_day });
carried!(Listed { payouts, lists, unclaimed, claims });

impl Listed {
    /// Takes rows of lists.
    pub(super) fn claim(&mut self, members: &[MemberItem]) {
        for member in members {
            self.lists.entry(member.payout).or_default();
            match self.unclaimed.remove(&member.row) {
                Some(row) => self.put_in(member.payout, &row),
                None => drop(self.claims.insert(member.row, member.payout)),
            }
        }
    }

    /// Takes a row that moved the balance.
    pub(super) fn take(&mut self, row: &BalanceItem) {
        match self.claims.remove(&row.own) {
            Some(payout) => self.put_in(payout, row),
            None => drop(self.unclaimed.insert(row.own, *row)),
        }
    }

    /// Takes the row that sent a payout.
    pub(super) fn pay_out(&mut self, row: &BalanceItem) {
        self.payouts.push(Sent { row: *row, state: PayoutState::InTransit });
        self.take(row);
    }

    /// The payout that a row brings back, by its number: its line and day.
    pub(super) fn come_back(&mut self, row: &BalanceItem) -> Option<(i64, i32)> {
        let sent = self.payouts.iter_mut().rev().find(|sent| sent.row.key == row.key)?;
        sent.state = PayoutState::Returned;
        Some((sent.row.id, sent.row.day))
    }

    fn put_in(&mut self, payout: u64, row: &BalanceItem) {
        // A list names the payout's own row too, which is no part of what it pays.
        if row.kind == BalanceKind::Payout && row.key == payout {
            return;
        }
        let list = self.lists.entry(payout).or_default();
        list.net_minor += row.amount_minor;
        list.first_day = list.first_day.min(row.day);
        match row.kind {
            // An earlier payout took from the balance what this one's rows had brought.
            BalanceKind::Payout => list.components.shift(Component::CarriedIn, row.amount_minor),
            _ => add(&mut list.components, row),
        }
    }
}

fn add(components: &mut Components, row: &BalanceItem) {
    for (component, amount_minor) in row_components(row, None) {
        components.add(component, amount_minor);
    }
    if row.kind == BalanceKind::Unknown {
        components.count(Component::Unexplained);
    }
}

/// Rows that no list claims, in order, and the payouts made of them.
struct Pool {
    rows: Vec<BalanceItem>,
    next: usize,
    carried_minor: i64,
    after: (i32, i64),
}

impl Pool {
    /// Everything up to a payout that nobody lists.
    fn pay_out(&mut self, sent: &BalanceItem, components: &mut Components) -> (i32, i64) {
        let mut net_minor = 0;
        while let Some(row) = self.rows.get(self.next)
            && (row.at_ms, row.id) <= (sent.at_ms, sent.id)
        {
            net_minor += row.amount_minor;
            add(components, row);
            self.next += 1;
        }
        let kept = self.carried_minor + net_minor + sent.amount_minor;
        components.shift(Component::CarriedIn, self.carried_minor);
        components.shift(Component::CarriedOut, -kept);
        self.carried_minor = kept;
        std::mem::replace(&mut self.after, (sent.day, sent.id))
    }
}

impl AccountRun {
    /// Payouts by their lists, and those without one by the balance.
    pub(super) fn finish_listed(&mut self, breaks: &mut Vec<Break>, outcome: &mut Outcome) {
        let mut listed = std::mem::take(&mut self.listed);
        let moves = |row: &&BalanceItem| row.kind != BalanceKind::Payout;
        let mut rows: Vec<BalanceItem> = listed.unclaimed.values().filter(moves).copied().collect();
        rows.sort_unstable_by_key(|row| (row.at_ms, row.id));
        let mut pool = Pool { rows, next: 0, carried_minor: 0, after: (i32::MIN, 0) };
        listed.payouts.sort_by_key(|sent| (sent.row.at_ms, sent.row.key));
        for Sent { row, state } in &listed.payouts {
            let mut components = Components::default();
            for (component, fee_minor) in row_components(row, None) {
                components.add(component, fee_minor);
            }
            let amount_minor = row.fee_minor - row.amount_minor;
            let list = listed.lists.get(&row.key);
            let (mut after, mut waits) = ((row.day - 1, i64::MAX), false);
            if let Some(list) = list {
                components.absorb(&list.components);
                after.0 = list.first_day.min(row.day) - 1;
                self.prove(row, list, breaks);
            } else if listed.unclaimed.contains_key(&row.own) {
                after = pool.pay_out(row, &mut components);
                waits = row.automatic;
            } else {
                // Another payout's list counts it: it took from the balance in advance.
                after = (row.day, row.id);
                components.shift(Component::CarriedOut, -row.amount_minor);
            }
            components.close(amount_minor);
            let mut payout = self.sent(row, components, (row.day, row.id));
            (payout.amount_minor, payout.after) = (amount_minor, after);
            (payout.state, payout.waits) = (*state, waits);
            outcome.payouts.push(payout);
        }
    }

    /// A list adds up to what was taken from the balance, or a row of it is missing.
    fn prove(&self, row: &BalanceItem, list: &List, breaks: &mut Vec<Break>) {
        let missing = -row.amount_minor - list.net_minor;
        if missing == 0 {
            return;
        }
        breaks.push(Break {
            kind: BreakKind::MissingInFundBill,
            records: vec![Record::Payout(row.id)],
            field: "payout_list",
            expected: (-row.amount_minor).to_string(),
            found: list.net_minor.to_string(),
            effect_minor: missing,
            day: row.day,
            account: self.index,
        });
    }
}
