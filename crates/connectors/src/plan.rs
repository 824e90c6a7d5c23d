//! What a channel allows and how it wants to be asked, as data: limits, ladders, dates.
//!
//! Whoever calls a channel (the sync, the counter) reads these tables; nothing here waits.

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
