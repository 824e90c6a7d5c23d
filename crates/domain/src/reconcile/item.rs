//! The columns matching needs, and what it gives back.

use crate::{BalanceKind, Channel, Currency, OrderStatus, SettlementKind, SettlementStatus};

/// A trade-bill row. Numbers that are long text in the bill are 64-bit keys here; amounts are
/// signed as in [`crate::SettlementLine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettlementItem {
    /// Line id.
    pub id: i64,
    /// Day in the channel's zone.
    pub day: i32,
    /// UTC ms.
    pub at_ms: i64,
    /// Payment or refund.
    pub kind: SettlementKind,
    /// State of a refund.
    pub status: SettlementStatus,
    /// Meets the same key of its fund row.
    pub key: u64,
    /// Key of the payment.
    pub payment: u64,
    /// Key of the shop's order number.
    pub order: u64,
    /// Key of the shop's refund number; 0 on a payment.
    pub merchant_refund: u64,
    /// Currency.
    pub currency: Currency,
    /// Order total or refund asked for.
    pub order_minor: i64,
    /// Settled amount.
    pub settled_minor: i64,
    /// Part the channel pays.
    pub subsidy_minor: i64,
    /// Fee.
    pub fee_minor: i64,
    /// What of the fee is not the channel's own price: tax on it, a platform's share. Signed as the
    /// fee; 0 where the bill tells no parts.
    pub fee_beside_minor: i64,
    /// Printed rate.
    pub rate_ppm: Option<i64>,
}

/// A fund-bill row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceItem {
    /// Line id.
    pub id: i64,
    /// Day of the bill it stands in.
    pub day: i32,
    /// Booking time, UTC ms.
    pub at_ms: i64,
    /// What moved the balance.
    pub kind: BalanceKind,
    /// Meets the same key of its settlement line; 0 when it has none.
    pub key: u64,
    /// Key of the payment it belongs to; 0 when it has none.
    pub payment: u64,
    /// Key of the row's own number, by which lists of payouts name it; 0 where there are none.
    pub own: u64,
    /// Signed amount.
    pub amount_minor: i64,
    /// Balance after the row.
    pub balance_minor: Option<i64>,
    /// Fee inside the amount (a net row), signed by effect; 0 on a gross row.
    pub fee_minor: i64,
    /// For a payout: made by the channel itself, not by hand.
    pub automatic: bool,
    /// For a payout: the day the channel expects it at the bank, where it says so.
    pub arrives_day: Option<i32>,
}

/// A row of a payout's list: what the channel says is in the payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberItem {
    /// Line id.
    pub id: i64,
    /// Key of the payout's number.
    pub payout: u64,
    /// Key of the row's own number.
    pub row: u64,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderItem {
    /// Line id.
    pub id: i64,
    /// Day it was made.
    pub day: i32,
    /// Key of the order number.
    pub order: u64,
    /// UTC ms.
    pub paid_at_ms: Option<i64>,
    /// UTC ms.
    pub closed_at_ms: Option<i64>,
    /// Where it stands.
    pub status: OrderStatus,
    /// Channel chosen.
    pub channel: Option<Channel>,
    /// Currency.
    pub currency: Currency,
    /// What the buyer had to pay.
    pub amount_minor: i64,
}

impl SettlementItem {
    /// What the row adds to the balance.
    pub fn net_minor(&self) -> i64 {
        self.settled_minor + self.fee_minor
    }

    /// The channel's own price, which its terms say: the fee without what stands beside it.
    pub fn own_fee_minor(&self) -> i64 {
        self.fee_minor - self.fee_beside_minor
    }
}

/// A refund the shop asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundItem {
    /// Line id.
    pub id: i64,
    /// Key of the refund number.
    pub merchant_refund: u64,
    /// Amount asked for, never negative.
    pub amount_minor: i64,
}

/// A bank line that names a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankItem {
    /// Line id.
    pub id: i64,
    /// Account index of the bank account.
    pub account: usize,
    /// Day booked.
    pub day: i32,
    /// Signed amount.
    pub amount_minor: i64,
    /// The channel it names; [`Channel::Bank`] for one that names none.
    pub channel: Channel,
    /// Posting text; of a line that names no channel also the other side and the bank's number.
    pub memo: String,
}

/// One account's rows of a day, fund rows in the bill's order.
#[derive(Clone, Copy, Debug)]
pub struct AccountDay<'a> {
    /// Account index.
    pub account: usize,
    /// Trade-bill rows.
    pub settlements: &'a [SettlementItem],
    /// Fund-bill rows.
    pub balances: &'a [BalanceItem],
    /// Rows of payouts' lists.
    pub members: &'a [MemberItem],
    /// In − out of the day as the fund bill's own summary says; `None` when it says nothing.
    pub declared_net_minor: Option<i64>,
}

/// All facts of a day.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// The day.
    pub day: i32,
    /// Orders made that day.
    pub orders: &'a [OrderItem],
    /// Refunds asked for that day.
    pub refunds: &'a [RefundItem],
    /// Rows by account.
    pub accounts: &'a [AccountDay<'a>],
}

/// Which days have been seen. A missing file must not make a break of every row it would hold.
pub trait Coverage {
    /// A trade bill of that account covers the day.
    fn trade(&self, account: usize, day: i32) -> bool;
    /// A fund bill of that account covers the day.
    fn fund(&self, account: usize, day: i32) -> bool;
    /// An order file covers the day.
    fn orders(&self, day: i32) -> bool;
    /// A refund list covers the day.
    fn refunds(&self, day: i32) -> bool;
    /// How long before midnight the account's days end, ms: a sale after that is in the next bill.
    fn cut_off_ms(&self, _account: usize) -> i64 {
        0
    }
    /// The account of a channel whose trade bills are in the book.
    fn channel_account(&self, channel: Channel) -> Option<usize>;
}

/// What a break is about, by the line that shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Record {
    /// `order:` an order line.
    Order(i64),
    /// `order:` money asked for at the counter, by its order number.
    Collection(i64),
    /// `order:` the order that a settlement line names.
    OrderOf(i64),
    /// `payment:` a settlement line.
    Payment(i64),
    /// `refund:` a settlement line.
    Refund(i64),
    /// `refund:` the refund that a fund row names.
    RefundOfFund(i64),
    /// `payment:` the payment that a fund row names.
    PaymentOfFund(i64),
    /// `fund:` a fund row by its channel number.
    Fund(i64),
    /// `fund:` a fund row by its ledger number.
    FundRow(i64),
    /// `payout:` by the fund row that sent it.
    Payout(i64),
    /// `bank:` a bank line.
    Bank(i64),
    /// `day:` a whole day.
    Day(i32),
}

/// A discrepancy, typed, with its reason in `field`, `expected` and `found`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Its kind.
    pub kind: BreakKind,
    /// Its records, the primary one first.
    pub records: Vec<Record>,
    /// The field that differs.
    pub field: &'static str,
    /// Expected value: minor units or a word.
    pub expected: String,
    /// Found value.
    pub found: String,
    /// Money effect, minor units; negative: the merchant is short of it.
    pub effect_minor: i64,
    /// The day.
    pub day: i32,
    /// Account index.
    pub account: usize,
}

macro_rules! break_kinds {
    ($($kind:ident $code:literal,)*) => {
        /// Every kind of break; `docs/records/breaks.md` says when each arises.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)]
        pub enum BreakKind { $($kind,)* }

        impl BreakKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The stable code used in JSON.
            pub fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)* }
            }
        }
    };
}

break_kinds! {
    OrderWithoutPayment "order_without_payment",
    PaymentWithoutOrder "payment_without_order",
    PaidAfterClose "paid_after_close",
    CanceledButPaid "canceled_but_paid",
    DuplicatePayment "duplicate_payment",
    AmountMismatch "amount_mismatch",
    CurrencyMismatch "currency_mismatch",
    StatusMismatch "status_mismatch",
    MissingInTradeBill "missing_in_trade_bill",
    MissingInFundBill "missing_in_fund_bill",
    RefundWithoutInstruction "refund_without_instruction",
    RefundAmountMismatch "refund_amount_mismatch",
    RefundStateStale "refund_state_stale",
    RefundClosedByChannel "refund_closed_by_channel",
    FeeMismatch "fee_mismatch",
    FeeNotReturned "fee_not_returned",
    RoundingDifference "rounding_difference",
    SubsidyNotCredited "subsidy_not_credited",
    SplitNotReturned "split_not_returned",
    PayoutShort "payout_short",
    PayoutOver "payout_over",
    PayoutLate "payout_late",
    PayoutNotInBank "payout_not_in_bank",
    PayoutReturned "payout_returned",
    BankDepositUnmatched "bank_deposit_unmatched",
    UnknownRow "unknown_row",
    CutOff "cut_off",
    WriteOffWithoutBreak "write_off_without_break",
}

impl BreakKind {
    /// True for what is carried, not an error.
    pub fn is_carried(self) -> bool {
        self == Self::CutOff
    }
}
