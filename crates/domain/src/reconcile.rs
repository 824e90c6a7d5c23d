//! Reconciliation: orders ↔ trade bill ↔ fund bill ↔ bank, and payouts explained on the way.
//!
//! A pure function over facts fed day by day in ascending order: the same facts give the same
//! matches, breaks and payouts, whatever order their files came in. Only open items are carried
//! from day to day, so memory follows what is unsettled, not how much was sold.

mod account;
mod bank;
mod carry;
mod components;
mod decide;
mod item;
mod orders;
mod shop;
#[cfg(test)]
mod tests;

pub use account::{DayBalance, Match, PayoutState, ReconciledPayout, SplitCandidate};
pub use bank::{BankMatch, Expected, match_bank};
pub use carry::Waiting;
pub use components::row_components;
pub use decide::{BreakState, Suggestion};
pub use item::{
    AccountDay, BalanceItem, BankItem, Break, BreakKind, Coverage, Day, MemberItem, OrderItem,
    Record, RefundItem, SettlementItem,
};

use crate::keys::KeySet;
use account::AccountRun;
use shop::ShopRun;

/// What a payout covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutCover {
    /// Every row before it.
    Rows,
    /// The balance up to the end of the day before, where the channel made it by itself (WeChat
    /// Pay's automatic withdrawal); every row before it, where a person did.
    Midnight,
    /// What was cleared on its day, no more and no less (UnionPay, channels defined by data).
    ClearedDay,
    /// The rows that the channel lists (Stripe).
    Listed,
    /// Every row before it, of a balance that begins with nothing and is printed nowhere: what
    /// people record by hand.
    ByHand,
}

impl PayoutCover {
    /// A stable number.
    pub fn number(self) -> i64 {
        match self {
            Self::Rows => 0,
            Self::Midnight => 1,
            Self::ClearedDay => 2,
            Self::Listed => 3,
            Self::ByHand => 4,
        }
    }
}

/// What a run needs to know of an account before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountTerms {
    /// Contract rate, parts per million; `None` checks against the rate printed in the row.
    pub rate_ppm: Option<i64>,
    /// Charged for each payment beside the rate, never negative; 0 without a contract rate.
    pub fixed_minor: i64,
    /// What a payout of the account covers.
    pub cover: PayoutCover,
    /// Calendar days from the payout row to the promised arrival.
    pub promised_days: i32,
    /// True when the contract gives the fee of a refunded sale back. Where it is not known to, the
    /// row's word is taken.
    pub returns_fees: bool,
}

/// Everything a run found.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Payouts in the order they left, per account.
    pub payouts: Vec<ReconciledPayout>,
    /// Discrepancies, unsorted.
    pub breaks: Vec<Break>,
    /// Opening and closing balance per account and day.
    pub balances: Vec<DayBalance>,
    /// Paid splits of refunded payments; the caller knows the payments' amounts.
    pub splits: Vec<SplitCandidate>,
    /// Days whose fund bill shows trades but whose trade bill was never seen, by account index.
    pub unread_trade_days: Vec<(usize, i32)>,
    /// Settlement lines paired with their fund rows.
    pub matched: u64,
}

/// A run in progress.
pub struct Reconciler {
    accounts: Vec<AccountRun>,
    shop: ShopRun,
    breaks: Vec<Break>,
    matched: u64,
}

impl Reconciler {
    /// `terms` are by account index, as used in [`Day`] and everything that comes out.
    pub fn new(terms: &[AccountTerms]) -> Self {
        let accounts =
            terms.iter().enumerate().map(|(index, terms)| AccountRun::new(index, *terms)).collect();
        Self { accounts, shop: ShopRun::default(), breaks: Vec::new(), matched: 0 }
    }

    /// Payments of a day, made or taken back, whose order the run does not carry, by line id: of a
    /// run that was [resumed](Self::resume) the order may have been settled before, which
    /// [`Self::settled_before`] tells it.
    pub fn unknown_orders(&self, day: &Day<'_>) -> Vec<(i64, u64)> {
        let made: KeySet = day.orders.iter().map(|order| order.order).collect();
        let lines = day.accounts.iter().flat_map(|facts| facts.settlements);
        let payments = lines.filter(|line| line.kind != crate::SettlementKind::Refund);
        payments
            .filter(|line| line.order != 0 && !made.contains(&line.order))
            .filter(|line| !self.shop.knows(line.order))
            .map(|line| (line.id, line.order))
            .collect()
    }

    /// Says that an order was paid as it should be before the run was resumed.
    pub fn settled_before(&mut self, order: u64) {
        self.shop.settled_before(order);
    }

    /// Takes one day's facts; days come in ascending order. Returns the day's matches.
    pub fn day(&mut self, day: &Day<'_>, coverage: &impl Coverage) -> Vec<Match> {
        self.shop.orders(day.orders);
        self.shop.refunds(day.refunds);
        let mut matches = Vec::new();
        for facts in day.accounts {
            let run = &mut self.accounts[facts.account];
            for line in facts.settlements {
                let whose = (facts.account, run.is_by_hand());
                self.shop.settlement(line, whose, coverage, &mut self.breaks);
                run.check_fee(line, &mut self.breaks);
            }
            run.day(day.day, facts, &mut matches, &mut self.breaks);
        }
        self.matched += matches.len() as u64;
        matches
    }

    /// Closes the run. `as_of` is the last day any file covers.
    pub fn finish(mut self, as_of: i32, coverage: &impl Coverage) -> Outcome {
        let mut outcome = Outcome { matched: self.matched, ..Outcome::default() };
        for key in self.accounts.iter().flat_map(AccountRun::closed_refunds) {
            self.shop.refund_closed(key);
        }
        self.shop.finish(as_of, coverage, &mut self.breaks);
        for run in &mut self.accounts {
            run.finish(as_of, coverage, &mut self.breaks, &mut outcome);
        }
        outcome.breaks = self.breaks;
        outcome
    }
}
