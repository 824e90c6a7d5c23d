//! What Stripe allows and how it wants to be asked.
//!
//! Source: Stripe, rate limits and advanced error handling, read 2026-11.

use crate::plan::{ChannelPlan, RateLimit};

/// Stripe. There are no bills: the lists are complete by themselves.
pub const PLAN: ChannelPlan = ChannelPlan {
    limits: &[],
    // 25 a second for each endpoint; a fifth of it leaves room for the shop itself.
    other: RateLimit { call: "other", calls: 5, window_ms: 1_000 },
    counter: &[2, 4, 8, 16, 30, 60],
    payment: &[5, 30, 60, 180, 300, 600, 1_800],
    refund: &[60, 600, 3_600, 21_600, 86_400],
    refund_gap_ms: 0,
    refunds_each: None,
    // Methods differ, and Stripe itself sets no limit for cards.
    refund_days: None,
    clock_ms: 300_000,
    quiet_ms: 180_000,
    bill: None,
};
