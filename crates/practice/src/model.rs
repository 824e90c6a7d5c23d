//! What happens in the shop, as plain rows. Amounts are fen.

use crate::time::At;

/// One of the two channels that pay out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// WeChat Pay.
    Wechat,
    /// Alipay.
    Alipay,
}

impl Channel {
    /// Both, in the order of the truth file.
    pub const ALL: [Self; 2] = [Self::Wechat, Self::Alipay];

    /// `wechat_pay`, `alipay`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Wechat => "wechat_pay",
            Self::Alipay => "alipay",
        }
    }

    /// The shop's number there.
    pub fn account_no(self) -> &'static str {
        match self {
            Self::Wechat => crate::WECHAT_MERCHANT,
            Self::Alipay => crate::ALIPAY_ACCOUNT,
        }
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }

    pub(crate) fn pay_channel(self) -> PayChannel {
        match self {
            Self::Wechat => PayChannel::Wechat,
            Self::Alipay => PayChannel::Alipay,
        }
    }
}

/// How an order says it was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayChannel {
    /// `微信支付`.
    Wechat,
    /// `支付宝`.
    Alipay,
    /// `现金`: no channel knows of it.
    Cash,
}

/// Where an order stands, in the shop's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderStatus {
    /// `待支付`.
    Unpaid,
    /// `已支付`.
    Paid,
    /// `已关闭`.
    Closed,
    /// `已取消`.
    Canceled,
    /// `已退款`: all of it given back.
    Refunded,
}

/// A row of the shop's order list.
#[derive(Clone, Debug)]
pub struct Order {
    /// Order number.
    pub id: String,
    /// When it was made.
    pub created: At,
    /// When the shop saw it paid.
    pub paid: Option<At>,
    /// When it was closed or called off.
    pub closed: Option<At>,
    /// Where it stands.
    pub status: OrderStatus,
    /// Order total, fen (or the smallest unit of `currency`).
    pub amount: i64,
    /// ISO 4217.
    pub currency: &'static str,
    /// How it was to be paid.
    pub channel: PayChannel,
    /// What was sold.
    pub goods: &'static str,
    /// Number of the customer.
    pub buyer: u32,
}

/// A row of the shop's list of refunds asked for.
#[derive(Clone, Debug)]
pub struct ShopRefund {
    /// Refund number.
    pub id: String,
    /// Order given back.
    pub order_id: String,
    /// When it was asked for.
    pub asked_at: At,
    /// What was asked for, fen.
    pub amount: i64,
    /// `处理中`, `已退款`, `已关闭`.
    pub status: &'static str,
}

/// State of a refund row when the bill was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// `SUCCESS`.
    Success,
    /// `PROCESSING`.
    Processing,
    /// `FAIL`.
    Failed,
}

/// A row of a trade bill.
#[derive(Clone, Debug)]
pub struct TradeLine {
    /// Payment success, or refund acceptance; its day is the bill's day.
    pub at: At,
    /// When the order was made.
    pub created: At,
    /// The channel's number of the payment.
    pub payment_id: String,
    /// The shop's order number.
    pub order_id: String,
    /// What makes this row a refund; `None` for a payment.
    pub refund: Option<RefundPart>,
    /// Order total, or refund asked for; never negative.
    pub order_amount: i64,
    /// Order total less own discounts (or that part of the refund); never negative.
    pub settled: i64,
    /// Part of `settled` paid by a prepaid or platform coupon.
    pub subsidy: i64,
    /// Fee taken, or given back; never negative.
    pub fee: i64,
    /// What was sold.
    pub goods: &'static str,
    /// Number of the customer.
    pub buyer: u32,
    /// True when the row is left out of the file, summary and all.
    pub hidden: bool,
}

/// The refund columns of a trade bill.
#[derive(Clone, Debug)]
pub struct RefundPart {
    /// The channel's refund number.
    pub channel_id: String,
    /// The shop's refund number.
    pub merchant_id: String,
    /// State when the bill was made.
    pub state: RefundState,
}

/// What moved the balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FundKind {
    /// A sale.
    Payment,
    /// Its fee.
    PaymentFee,
    /// A refund.
    Refund,
    /// Fee given back.
    RefundFee,
    /// A refund that was closed came back.
    RefundClosed,
    /// Share paid to a receiver.
    SplitPaid,
    /// Share given back.
    SplitReturned,
    /// Frozen.
    Held,
    /// No longer frozen.
    Released,
    /// Monthly service fee.
    ServiceCharge,
    /// Fee of a tool.
    ToolCharge,
    /// Paid in by the merchant.
    TopUp,
    /// Paid to somebody else.
    TransferOut,
    /// Sent to the bank by the channel itself.
    AutoPayout,
    /// Sent to the bank by hand.
    ManualPayout,
    /// Came back from the bank.
    PayoutReturned,
    /// Correction by the channel.
    Adjustment,
    /// A word that stands in no list.
    Unknown,
    /// A small charge that comes every week under another such word.
    ToolFee,
}

/// Whether a row is in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// It is.
    No,
    /// Deleted; the summary still counts it.
    SummaryIntact,
    /// Deleted, and the summary counts what is left.
    SummaryAdjusted,
}

/// A row of a fund or account bill.
#[derive(Clone, Debug)]
pub struct FundRow {
    /// Booking time; its day is the bill's day.
    pub at: At,
    /// What moved.
    pub kind: FundKind,
    /// The channel's number of the event: payment, refund, payout.
    pub number: String,
    /// Ledger number.
    pub ledger: String,
    /// The shop's number.
    pub merchant_ref: String,
    /// Order a refund gives back; empty on other rows.
    pub order_id: String,
    /// Payment it belongs to; empty when none.
    pub payment_id: String,
    /// Signed, fen.
    pub amount: i64,
    /// Balance after the row, fen.
    pub balance: i64,
    /// Gross and fee the remark names, fen.
    pub remark: Option<(i64, i64)>,
    /// What was sold.
    pub goods: &'static str,
    /// Number of the customer.
    pub buyer: u32,
    /// Whether the file has it.
    pub hidden: Hidden,
}

/// One channel's day.
#[derive(Clone, Debug, Default)]
pub struct ChannelDay {
    /// Rows of the trade bill, by time.
    pub trade: Vec<TradeLine>,
    /// Rows of the fund bill, in file order.
    pub fund: Vec<FundRow>,
    /// True when the trade bill's file was lost.
    pub trade_missing: bool,
    /// True when the fund bill's file was lost.
    pub fund_missing: bool,
    /// True when the same files were downloaded twice.
    pub twice: bool,
}

/// A row of the bank statement.
#[derive(Clone, Debug)]
pub struct BankLine {
    /// When the bank booked it.
    pub at: At,
    /// Signed, fen.
    pub amount: i64,
    /// Balance after the row, fen.
    pub balance: i64,
    /// The other side.
    pub counterparty: &'static str,
    /// Posting text.
    pub memo: String,
    /// The bank's number of the row.
    pub bank_ref: String,
}

/// Everything of one day.
#[derive(Clone, Debug)]
pub struct Day {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Orders made that day, by time.
    pub orders: Vec<Order>,
    /// Refunds asked for that day, by time.
    pub refunds: Vec<ShopRefund>,
    /// WeChat Pay.
    pub wechat: ChannelDay,
    /// Alipay.
    pub alipay: ChannelDay,
    /// Bank lines booked that day.
    pub bank: Vec<BankLine>,
}
