//! What UnionPay allows and how it wants to be asked.
//!
//! Source: remarks in the official sample code, read 2026-11; no limits are published.

use crate::plan::{BillPlan, ChannelPlan, RateLimit};

/// UnionPay, all-channel gateway.
pub const PLAN: ChannelPlan = ChannelPlan {
    limits: &[],
    other: RateLimit { call: "other", calls: 5, window_ms: 1_000 },
    counter: &[1, 2, 4, 8, 16, 32, 60],
    payment: &[300, 600, 1_800, 3_600, 7_200],
    refund: &[1, 2, 4, 8, 16, 32, 3_600, 86_400],
    refund_gap_ms: 0,
    refunds_each: None,
    // 90 clearing days are promised by issuers, 330 are taken by the platform.
    refund_days: Some(330),
    clock_ms: 300_000,
    quiet_ms: 180_000,
    bill: Some(BillPlan {
        ready_minute: 9 * 60,
        again_minutes: 60,
        empty_is_final_minute: Some(20 * 60),
        // Nine o'clock on the day after, when the next file is due. UnionPay says nothing of it.
        empty_alone_minute: Some(33 * 60),
        // "About a year" is not confirmed.
        reach_days: 330,
        link_s: 0,
    }),
};
