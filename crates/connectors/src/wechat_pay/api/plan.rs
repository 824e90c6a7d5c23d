//! What WeChat Pay allows and how it wants to be asked.
//!
//! Source: rate limits and query guides of APIv3, read 2026-11.

use crate::plan::{BillPlan, ChannelPlan, RateLimit};

const fn per_second(call: &'static str, calls: u32) -> RateLimit {
    RateLimit { call, calls, window_ms: 1_000 }
}

/// WeChat Pay, direct merchant.
pub const PLAN: ChannelPlan = ChannelPlan {
    limits: &[
        per_second("create", 500),
        // 150 a second while they succeed, 6 while they fail: a queue keeps to the lower one.
        per_second("refund", 6),
        // Payments older than a month: 5 000 a minute.
        RateLimit { call: "refund_old", calls: 5_000, window_ms: 60_000 },
        per_second("refund_query", 300),
        per_second("abnormal_refund", 150),
        per_second("fund_bill", 3),
        per_second("certificates", 1_000),
    ],
    // The trade bill and the order query have no published limit.
    other: per_second("other", 10),
    // Every two seconds for a minute, then "still waiting".
    counter: &[
        2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48,
        50, 52, 54, 56, 58, 60,
    ],
    payment: &[5, 30, 60, 180, 300, 600, 1_800],
    refund: &[60, 120, 180, 240, 300, 600, 1_200, 1_800],
    refund_gap_ms: 60_000,
    refunds_each: Some(50),
    refund_days: Some(365),
    clock_ms: 300_000,
    quiet_ms: 180_000,
    bill: Some(BillPlan {
        ready_minute: 10 * 60,
        again_minutes: 30,
        // The channel has two words: one for "none", one for "not yet".
        empty_is_final_minute: None,
        empty_alone_minute: None,
        // "The last three months"; the shortest three months have 89 days.
        reach_days: 89,
        link_s: 30,
    }),
};
