//! What the shop says: orders and the refunds it asked for.

use crate::{Channel, Currency};

/// Where an order stands, as the shop sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderStatus {
    /// Made, not paid.
    Unpaid,
    /// Paid (also shipped, delivered, finished).
    Paid,
    /// Closed without payment.
    Closed,
    /// Called off by shop or buyer.
    Canceled,
    /// Paid, and all of it given back.
    Refunded,
    /// A word we do not know; kept in `status_text`.
    Unknown,
}

impl OrderStatus {
    /// Every status; the position is the stable number stored in the book.
    pub const ALL: [Self; 6] =
        [Self::Unpaid, Self::Paid, Self::Closed, Self::Canceled, Self::Refunded, Self::Unknown];

    /// The stable code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Paid => "paid",
            Self::Closed => "closed",
            Self::Canceled => "canceled",
            Self::Refunded => "refunded",
            Self::Unknown => "unknown",
        }
    }
}

/// An order of the shop. Amounts are minor units and never negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The shop's order number.
    pub merchant_order_id: String,
    /// When it was made, UTC ms.
    pub ordered_at_ms: i64,
    /// When the shop saw it paid, UTC ms.
    pub paid_at_ms: Option<i64>,
    /// When it was closed or called off, UTC ms.
    pub closed_at_ms: Option<i64>,
    /// Where it stands.
    pub status: OrderStatus,
    /// The shop's own word.
    pub status_text: String,
    /// Currency of both amounts.
    pub currency: Currency,
    /// What the buyer had to pay through the channel: the channel's order total.
    pub amount_minor: i64,
    /// The channel the buyer chose; `None` when the file does not say.
    pub channel: Option<Channel>,
    /// Goods text.
    pub goods: String,
    /// Buyer as printed.
    pub buyer: String,
    /// Columns not mapped, kept: `(header, value)`.
    pub extra: Vec<(String, String)>,
}

/// A refund the shop asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopRefund {
    /// The shop's refund number.
    pub merchant_refund_id: String,
    /// The order it gives back.
    pub merchant_order_id: String,
    /// When it was asked for, UTC ms.
    pub requested_at_ms: i64,
    /// Currency of the amount.
    pub currency: Currency,
    /// What was asked for; never negative.
    pub amount_minor: i64,
    /// The shop's own word for its state.
    pub status_text: String,
    /// Columns not mapped, kept: `(header, value)`.
    pub extra: Vec<(String, String)>,
}
