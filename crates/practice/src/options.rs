//! What to simulate and how to write it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $code:literal,)*) => {
        /// A kind of problem, named as the record page of breaks names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code: `order_without_payment`…
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

kinds! {
    /// A paid order the channel knows nothing of.
    OrderWithoutPayment "order_without_payment",
    /// A payment for an order the shop does not have.
    PaymentWithoutOrder "payment_without_order",
    /// Paid after the shop closed the order.
    PaidAfterClose "paid_after_close",
    /// Called off, yet paid.
    CanceledButPaid "canceled_but_paid",
    /// Paid twice.
    DuplicatePayment "duplicate_payment",
    /// The order says another amount.
    AmountMismatch "amount_mismatch",
    /// One fen of rounding.
    RoundingDifference "rounding_difference",
    /// The order is in another currency.
    CurrencyMismatch "currency_mismatch",
    /// The order's state does not fit.
    StatusMismatch "status_mismatch",
    /// On the balance, not in the trade bill.
    MissingInTradeBill "missing_in_trade_bill",
    /// In the trade bill, not on the balance; or a day's fund bill is lost.
    MissingInFundBill "missing_in_fund_bill",
    /// A refund nobody asked for.
    RefundWithoutInstruction "refund_without_instruction",
    /// A refund of another amount.
    RefundAmountMismatch "refund_amount_mismatch",
    /// A refund that never ends.
    RefundStateStale "refund_state_stale",
    /// A refund the channel closed.
    RefundClosedByChannel "refund_closed_by_channel",
    /// A wrong fee.
    FeeMismatch "fee_mismatch",
    /// A refund without its fee.
    FeeNotReturned "fee_not_returned",
    /// A coupon's part never came.
    SubsidyNotCredited "subsidy_not_credited",
    /// A split share that stayed away.
    SplitNotReturned "split_not_returned",
    /// The bank got less.
    PayoutShort "payout_short",
    /// The bank got more.
    PayoutOver "payout_over",
    /// The bank got it too late.
    PayoutLate "payout_late",
    /// The bank never got it.
    PayoutNotInBank "payout_not_in_bank",
    /// The bank sent it back.
    PayoutReturned "payout_returned",
    /// A deposit nobody announced.
    BankDepositUnmatched "bank_deposit_unmatched",
    /// A word that stands in no list.
    UnknownRow "unknown_row",
    /// Booked a day later.
    CutOff "cut_off",
}

/// Which problems to plant.
///
/// Cut-offs also happen by themselves; they are in the truth whatever is chosen here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plant {
    /// Every kind, about once in ninety days; and a lost trade bill. Bills of more than a day are
    /// never lost.
    All,
    /// Nothing.
    None,
    /// These kinds.
    Only(Vec<Kind>),
}

/// How a sale or refund and its fee stand in WeChat's fund bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FundStyle {
    /// Two rows: gross, and fee.
    Split,
    /// One row: gross less fee.
    Net,
}

/// The style of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FundStyles {
    /// Of payments.
    pub payments: FundStyle,
    /// Of refunds.
    pub refunds: FundStyle,
}

/// WeChat's trade bill types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TradeBill {
    /// Payments and refunds.
    All,
    /// Payments.
    Success,
    /// Refunds.
    Refund,
}

/// Column orders of Alipay's account bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlipayColumns {
    /// 16 columns, the newer layout.
    Sixteen,
    /// 12 columns, the classic layout.
    Twelve,
    /// 16 columns in the other order that was seen.
    Shuffled,
}

/// Formats of the bank statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankFormat {
    /// Table.
    Csv,
    /// OFX 1.02 (SGML).
    Ofx1,
    /// OFX 2 (XML).
    Ofx2,
    /// SWIFT MT940.
    Mt940,
    /// ISO 20022 camt.053.
    Camt053,
}

/// How much one bill covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// One day, as the channels deliver.
    Day,
    /// One calendar month.
    Month,
    /// Everything.
    All,
}

/// How the files look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// WeChat's 24-column trade bill; such a merchant has no coupons.
    pub wechat_old: bool,
    /// Which trade bills WeChat gives, a file each.
    pub wechat_types: Vec<TradeBill>,
    /// WeChat bills as `.csv.gz`.
    pub gzip: bool,
    /// A byte order mark at the start of WeChat bills.
    pub bom: bool,
    /// CRLF in WeChat bills, else LF.
    pub crlf: bool,
    /// Style of WeChat's fund bill by month: the n-th calendar month takes the n-th, around and
    /// around. Never empty.
    pub fund_styles: Vec<FundStyles>,
    /// Columns of Alipay's account bill.
    pub alipay_columns: AlipayColumns,
    /// Formats of the bank statement, a file each. One month a file, or everything in one when the
    /// span says so.
    pub bank: Vec<BankFormat>,
    /// How much one channel bill covers.
    pub span: Span,
}

impl Default for Layout {
    fn default() -> Self {
        let styles = FundStyles { payments: FundStyle::Split, refunds: FundStyle::Net };
        Self {
            wechat_old: false,
            wechat_types: vec![TradeBill::All],
            gzip: false,
            bom: true,
            crlf: true,
            fund_styles: vec![styles],
            alipay_columns: AlipayColumns::Sixteen,
            bank: vec![BankFormat::Csv],
            span: Span::Day,
        }
    }
}

/// What to simulate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Same seed, same bytes.
    pub seed: u64,
    /// How many days.
    pub days: u32,
    /// Orders a day, roughly; at least one.
    pub size: u32,
    /// First day.
    pub from: NaiveDate,
    /// Problems to plant. All of them need 60 days and 10 orders a day.
    pub planted: Plant,
    /// How the files look.
    pub layout: Layout,
}

impl Default for Options {
    /// Ninety-one days from 2026-01-15, ten orders a day, everything planted.
    fn default() -> Self {
        let from = NaiveDate::from_ymd_opt(2026, 1, 15).expect("2026-01-15 is a date");
        Self { seed: 1, days: 91, size: 10, from, planted: Plant::All, layout: Layout::default() }
    }
}
