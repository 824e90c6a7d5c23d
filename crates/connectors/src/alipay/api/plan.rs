//! What Alipay allows and how it wants to be asked.
//!
//! Source: Alipay open platform, guides of each call, read 2026-11. No limits are published for
//! payments and refunds; ten calls a second for each app is ours.

use crate::plan::{BillPlan, ChannelPlan, RateLimit};

/// Alipay, gateway protocol.
pub const PLAN: ChannelPlan = ChannelPlan {
    limits: &[
        // "Rate limit" answers of bill calls ask for a minute.
        RateLimit { call: "bill", calls: 10, window_ms: 60_000 },
    ],
    other: RateLimit { call: "other", calls: 10, window_ms: 1_000 },
    // After five seconds, then every five for a minute; then cancel.
    counter: &[5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60],
    payment: &[5, 30, 60, 180, 300, 600, 1_800],
    // The query answers for certain ten seconds after the refund at the earliest.
    refund: &[10, 30, 60, 300, 1_800, 7_200],
    refund_gap_ms: 3_000,
    refunds_each: None,
    // By contract: three months, or twelve.
    refund_days: None,
    clock_ms: 600_000,
    quiet_ms: 180_000,
    bill: Some(BillPlan {
        ready_minute: 9 * 60,
        again_minutes: 60,
        empty_is_final_minute: Some(12 * 60),
        empty_alone_minute: None,
        reach_days: 6 * 365,
        link_s: 30,
    }),
};
