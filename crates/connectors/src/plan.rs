//! What a channel allows and how it wants to be asked, as data: limits, ladders, dates.
//!
//! Whoever calls a channel (the sync, the counter) reads these tables; nothing here waits.

use std::collections::VecDeque;

/// How often one kind of call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The kind of call, in the connector's words: `refund`, `fund_bill`.
    pub call: &'static str,
    /// Calls in a window.
    pub calls: u32,
    /// Length of the window, milliseconds.
    pub window_ms: u32,
}

/// When to ask again for something that is under way: seconds after the first call, rising.
pub type Ladder = &'static [u32];

/// When a day's bill is there, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BillPlan {
    /// Minutes after midnight (channel's zone) of the next day from which it is worth asking.
    pub ready_minute: u32,
    /// Minutes between two questions while it is not there.
    pub again_minutes: u32,
    /// Minutes after midnight of the next day from which "there is none" is believed; before
    /// that the same words may mean "not yet". `None` when the channel tells the two apart.
    pub empty_is_final_minute: Option<u32>,
    /// Minutes after midnight of the next day from which that word is believed by itself, where
    /// nothing of the channel's can be asked beside it: by then the file of the day after that is
    /// due too, so that this one is not merely late. `None` where something else proves it.
    pub empty_alone_minute: Option<u32>,
    /// How many days back bills are given out.
    pub reach_days: u32,
    /// How long the link to the file lives, seconds.
    pub link_s: u32,
}

/// Everything of this kind that is known of a channel.
#[derive(Clone, Copy, Debug)]
pub struct ChannelPlan {
    /// Documented or measured limits; a call without one keeps to `other`.
    pub limits: &'static [RateLimit],
    /// For every call that `limits` does not name.
    pub other: RateLimit,
    /// A payment somebody is about to make at the counter.
    pub counter: Ladder,
    /// A payment made elsewhere.
    pub payment: Ladder,
    /// A refund that was accepted.
    pub refund: Ladder,
    /// Milliseconds between two refunds of one payment.
    pub refund_gap_ms: u32,
    /// Refunds one payment may have; `None` when there is no such limit.
    pub refunds_each: Option<u32>,
    /// Days after the payment in which it may be refunded; `None` when the contract says.
    pub refund_days: Option<u32>,
    /// How far our clock may be off before the channel refuses us, milliseconds.
    pub clock_ms: i64,
    /// Milliseconds after which a call nobody answered can no longer be carried out.
    pub quiet_ms: u32,
    /// Bills, where the channel has them.
    pub bill: Option<BillPlan>,
}

impl ChannelPlan {
    /// The limit of one kind of call.
    pub fn limit(&self, call: &str) -> RateLimit {
        self.limits.iter().find(|limit| limit.call == call).copied().unwrap_or(self.other)
    }
}

/// Keeps the calls of one kind within their [`RateLimit`]. Knows no clock: the time is given.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    /// When the latest calls were made, oldest first; no more than a window holds.
    made_ms: VecDeque<i64>,
}

impl Pace {
    /// Milliseconds to wait before the next call; 0 counts it as made now.
    pub fn take(&mut self, limit: RateLimit, now_ms: i64) -> i64 {
        let window = i64::from(limit.window_ms);
        // A clock that was set back must not lock the channel for long.
        let inside = |at: i64| (now_ms.saturating_sub(window)..=now_ms).contains(&at);
        while self.made_ms.front().is_some_and(|at| !inside(*at)) {
            self.made_ms.pop_front();
        }
        let full = self.made_ms.len() >= limit.calls.max(1) as usize;
        match self.made_ms.front() {
            Some(oldest) if full => oldest.saturating_add(window).saturating_sub(now_ms).max(0) + 1,
            _ => {
                self.made_ms.push_back(now_ms);
                0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_keep_to_their_limit_also_when_the_clock_is_set_back() {
        let limit = RateLimit { call: "fund_bill", calls: 3, window_ms: 1_000 };
        let mut pace = Pace::default();
        let mut now = 1_000_000;
        let mut made = Vec::new();
        while made.len() < 30 {
            match pace.take(limit, now) {
                0 => made.push(now),
                wait => now += wait,
            }
        }
        for window in made.windows(4) {
            assert!(window[3] - window[0] > 1_000, "{window:?}");
        }
        assert_eq!(pace.take(limit, now - 3_600_000), 0, "an hour back");
    }

    #[test]
    fn every_ladder_rises_and_every_limit_allows_something() {
        use crate::{alipay, stripe, union_pay, wechat_pay};
        let plans = [
            wechat_pay::api::plan::PLAN,
            alipay::api::plan::PLAN,
            stripe::plan::PLAN,
            union_pay::plan::PLAN,
        ];
        for plan in plans {
            for ladder in [plan.counter, plan.payment, plan.refund] {
                assert!(ladder.windows(2).all(|step| step[0] < step[1]), "{ladder:?}");
            }
            let limits = plan.limits.iter().chain([&plan.other]);
            assert!(limits.clone().all(|limit| limit.calls > 0 && limit.window_ms > 0));
            assert_eq!(plan.limit("no such call"), plan.other);
        }
    }
}
