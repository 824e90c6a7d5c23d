//! Settlement lines: rows of a channel's trade bill.

use crate::Currency;

/// What a trade-bill row says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SettlementKind {
    /// A buyer paid.
    Payment,
    /// Money went back to a buyer.
    Refund,
    /// A payment-code order was reversed; books as a refund.
    Revoked,
}

/// The state a refund row carries. Payments are always `Succeeded`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SettlementStatus {
    /// Done.
    Succeeded,
    /// Accepted, not final when the bill was made; already debited.
    Pending,
    /// Failed or closed: the money comes back.
    Failed,
    /// Needs the merchant to act (WeChat `CHANGE`).
    Abnormal,
    /// A word we do not know; kept in `status_text`.
    Unknown,
}

/// A trade-bill row: what the buyer paid or got back, gross, fee, rate.
///
/// Amounts are minor units, signed by their effect on the merchant: payments are positive,
/// refunds negative, a fee taken is negative, a fee given back positive. So the row's net is
/// `settled_minor + fee_minor`, and own discounts are `settled_minor - order_amount_minor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementLine {
    /// What happened.
    pub kind: SettlementKind,
    /// Payment: success time. Refund: acceptance time (WeChat), completion time (Alipay). UTC ms.
    pub at_ms: i64,
    /// When the order was made at the channel, where the bill says so. UTC ms.
    pub ordered_at_ms: Option<i64>,
    /// When the refund succeeded, where the bill says so. UTC ms.
    pub refunded_at_ms: Option<i64>,
    /// The merchant's number at the channel.
    pub merchant_no: String,
    /// The channel's number of the payment (of the original payment, on a refund row).
    pub channel_payment_id: String,
    /// The shop's order number.
    pub merchant_order_id: String,
    /// The channel's number of the refund; empty on a payment row and where the channel has none.
    pub channel_refund_id: String,
    /// The shop's number of the refund; empty on a payment row.
    pub merchant_refund_id: String,
    /// Currency of every amount in the row.
    pub currency: Currency,
    /// Order total (+), or refund asked for (−).
    pub order_amount_minor: i64,
    /// What counts for settlement before the fee: order total less coupons the merchant bears.
    pub settled_minor: i64,
    /// The part of `settled_minor` that the channel or a prepaid coupon pays instead of the buyer.
    pub subsidy_minor: i64,
    /// Fee taken (−) or given back (+).
    pub fee_minor: i64,
    /// Rate printed in the row, parts per million; `None` when the bill has no rate column.
    pub fee_rate_ppm: Option<i64>,
    /// State of a refund row.
    pub status: SettlementStatus,
    /// The channel's own word for the state; empty when it printed none.
    pub status_text: String,
    /// The channel's word for the scene: `NATIVE`, `JSAPI`, `当面付`…
    pub scene: String,
    /// Paying bank or funding source, as printed.
    pub paying_bank: String,
    /// Buyer as printed (an openid or a masked account).
    pub payer: String,
    /// Goods text.
    pub goods: String,
    /// Merchant's own data, store and terminal, as printed.
    pub note: String,
    /// Columns we do not know, kept: `(header, value)`.
    pub extra: Vec<(String, String)>,
}

impl SettlementLine {
    /// What the row adds to the merchant's balance: settled amount and fee together.
    pub fn net_minor(&self) -> i64 {
        self.settled_minor + self.fee_minor
    }
}
