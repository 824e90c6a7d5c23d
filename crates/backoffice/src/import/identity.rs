//! What a row says of itself beside its columns: its key, and the fee inside a net amount.

use domain::{BalanceKind, BalanceTransaction, SettlementKind, SettlementLine};
use store::pack::key;

/// The key by which a trade row is matched.
pub fn settlement_key(line: &SettlementLine) -> u64 {
    match line.kind {
        SettlementKind::Payment => key(&[&line.channel_payment_id]),
        _ if line.channel_refund_id.is_empty() => {
            key(&[&line.channel_payment_id, "r", &line.settled_minor.to_string()])
        }
        _ => key(&[&line.channel_refund_id]),
    }
}

/// The fee inside a net row, signed by effect: the remark's total less its fee is the amount.
pub fn fee_inside(row: &BalanceTransaction) -> i64 {
    let (Some(total), Some(fee)) = (row.remark_total_minor, row.remark_fee_minor) else { return 0 };
    let (total, size) = (total.abs(), row.amount_minor.abs());
    if fee == 0 || size != total - fee {
        return 0;
    }
    match row.kind {
        BalanceKind::Payment => -fee,
        BalanceKind::Refund => fee,
        _ => 0,
    }
}
