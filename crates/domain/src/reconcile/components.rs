//! What a fund row adds to a payout's components.

use super::item::{BalanceItem, SettlementItem};
use crate::BalanceKind;
use crate::payout::Component;

/// What one fund row adds to each component; the parts sum to the row's amount. A fee inside a row
/// outside trades is a fee, whatever the rest is.
///
/// With its settlement line known, the gross divides into order total and own discount, and the
/// fee of a net row comes out even where the row does not tell it. A row of unknown kind adds to no
/// component, so that it shows as unexplained; a payout row is the payout itself.
pub fn row_components(
    row: &BalanceItem,
    line: Option<&SettlementItem>,
) -> impl Iterator<Item = (Component, i64)> {
    let amount = row.amount_minor;
    let inside = if row.fee_minor > 0 { Component::FeesReturned } else { Component::Fees };
    let single =
        |component| [(component, amount - row.fee_minor), (inside, row.fee_minor), (inside, 0)];
    let split = |gross_part, fee_part| {
        let fee = match line {
            Some(line) if row.fee_minor == 0 && amount != line.settled_minor => {
                if amount == line.net_minor() { line.fee_minor } else { 0 }
            }
            _ => row.fee_minor,
        };
        let discount = line.map_or(0, |line| line.settled_minor - line.order_minor);
        [
            (gross_part, amount - fee - discount),
            (Component::MerchantDiscounts, discount),
            (fee_part, fee),
        ]
    };
    let parts = match row.kind {
        BalanceKind::Payment => split(Component::Sales, Component::Fees),
        BalanceKind::Refund => split(Component::Refunds, Component::FeesReturned),
        BalanceKind::PaymentFee => single(Component::Fees),
        BalanceKind::RefundFee => single(Component::FeesReturned),
        BalanceKind::RefundClosed => single(Component::Refunds),
        BalanceKind::SplitPaid => single(Component::CommissionSplit),
        BalanceKind::SplitReturned => single(Component::SplitReturned),
        BalanceKind::Held | BalanceKind::Frozen => single(Component::Held),
        BalanceKind::Released | BalanceKind::Unfrozen => single(Component::Released),
        BalanceKind::AccountCharge => single(Component::AccountCharges),
        BalanceKind::TopUp | BalanceKind::StoredValue => single(Component::TopUps),
        BalanceKind::TransferOut => single(Component::TransfersOut),
        BalanceKind::PayoutFee => single(Component::PayoutFee),
        BalanceKind::Adjustment | BalanceKind::PayoutReturned => single(Component::Adjustments),
        BalanceKind::Unknown => [(inside, row.fee_minor), (inside, 0), (inside, 0)],
        BalanceKind::Payout => [(Component::PayoutFee, row.fee_minor), (inside, 0), (inside, 0)],
    };
    parts.into_iter().filter(|(_, amount)| *amount != 0)
}
