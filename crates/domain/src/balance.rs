//! Balance transactions: rows of a channel's fund or account bill.

use crate::BusinessDate;

/// What moved the merchant's balance at the channel.
///
/// The channel's own words are an open list; the rule book maps them to these kinds, and a word
/// it does not know becomes [`BalanceKind::Unknown`] and is shown, never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BalanceKind {
    /// A sale arrived (gross or net of its fee, see [`BalanceTransaction::fee_minor`]).
    Payment,
    /// The fee of a sale, as a row of its own.
    PaymentFee,
    /// A refund left (gross or net of the returned fee).
    Refund,
    /// Fee given back for a refund, as a row of its own.
    RefundFee,
    /// A refund that failed or was closed came back.
    RefundClosed,
    /// Share of a sale paid to a split receiver.
    SplitPaid,
    /// Share given back by a split receiver.
    SplitReturned,
    /// Set aside until a rule lets it go: for a split, in escrow, as the least a payout leaves.
    Held,
    /// No longer set aside.
    Released,
    /// A charge outside trades: monthly service fee, tool fee.
    AccountCharge,
    /// The merchant paid in.
    TopUp,
    /// Paid out to others: supplier, agent payment, batch transfer.
    TransferOut,
    /// The channel sent the balance to the bank.
    Payout,
    /// A payout came back from the bank.
    PayoutReturned,
    /// What a payout cost.
    PayoutFee,
    /// A correction by the channel.
    Adjustment,
    /// A word we do not know.
    Unknown,
    /// A prepaid card was sold or filled (+), or paid with (−): what the shop owes its holders.
    StoredValue,
    /// Frozen by the channel, until it lets go: as a reserve against its risk, by its own word.
    Frozen,
    /// No longer frozen by the channel.
    Unfrozen,
}

impl BalanceKind {
    /// Every kind; the position is the stable number stored in the book.
    pub const ALL: [Self; 20] = [
        Self::Payment,
        Self::PaymentFee,
        Self::Refund,
        Self::RefundFee,
        Self::RefundClosed,
        Self::SplitPaid,
        Self::SplitReturned,
        Self::Held,
        Self::Released,
        Self::AccountCharge,
        Self::TopUp,
        Self::TransferOut,
        Self::Payout,
        Self::PayoutReturned,
        Self::PayoutFee,
        Self::Adjustment,
        Self::Unknown,
        Self::StoredValue,
        Self::Frozen,
        Self::Unfrozen,
    ];

    /// The stable code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::PaymentFee => "payment_fee",
            Self::Refund => "refund",
            Self::RefundFee => "refund_fee",
            Self::RefundClosed => "refund_closed",
            Self::SplitPaid => "split_paid",
            Self::SplitReturned => "split_returned",
            Self::Held => "held",
            Self::Released => "released",
            Self::AccountCharge => "account_charge",
            Self::TopUp => "top_up",
            Self::TransferOut => "transfer_out",
            Self::Payout => "payout",
            Self::PayoutReturned => "payout_returned",
            Self::PayoutFee => "payout_fee",
            Self::Adjustment => "adjustment",
            Self::Unknown => "unknown",
            Self::StoredValue => "stored_value",
            Self::Frozen => "frozen",
            Self::Unfrozen => "unfrozen",
        }
    }

    /// The number stored in the book.
    pub fn number(self) -> i64 {
        Self::ALL.iter().take_while(|kind| **kind != self).count() as i64
    }

    /// The kind with this number; `None` when the book is newer than the program.
    pub fn from_number(number: i64) -> Option<Self> {
        usize::try_from(number).ok().and_then(|n| Self::ALL.get(n).copied())
    }
}

/// A fund-bill row: one move of the merchant's balance, with the balance after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceTransaction {
    /// Booking time at the channel, UTC ms.
    pub at_ms: i64,
    /// What moved it.
    pub kind: BalanceKind,
    /// The channel's own words, business name and type joined by `/`: `交易/扣除交易手续费`.
    pub kind_text: String,
    /// The channel's number of the event: payment id, refund id, payout number.
    pub channel_ref: String,
    /// The row's ledger number. Unique for Alipay; for WeChat it may repeat the payment id.
    pub ledger_ref: String,
    /// The shop's number: order or refund number.
    pub merchant_ref: String,
    /// The channel's number of the payment this row belongs to; empty when there is none.
    pub payment_ref: String,
    /// The payout whose list this row stands in; empty where no list names it.
    pub payout_ref: String,
    /// When that payout was made, UTC ms.
    pub payout_at_ms: Option<i64>,
    /// Signed: positive came in, negative went out.
    pub amount_minor: i64,
    /// Of a payout: the day the channel expects it at the bank, where the row tells it.
    pub arrives_on: Option<BusinessDate>,
    /// Fee inside the amount, signed by effect, where the row tells it outright.
    pub fee_minor: Option<i64>,
    /// Balance after this row; `None` when the bill prints none.
    pub balance_after_minor: Option<i64>,
    /// Gross the remark names (`结算总金额`), signed like the amount.
    pub remark_total_minor: Option<i64>,
    /// Fee the remark names (`含手续费`), never negative.
    pub remark_fee_minor: Option<i64>,
    /// Who asked for the move.
    pub submitter: String,
    /// The other side, as printed.
    pub counterparty: String,
    /// Remark as printed.
    pub remark: String,
    /// Columns we do not know, kept: `(header, value)`.
    pub extra: Vec<(String, String)>,
}
