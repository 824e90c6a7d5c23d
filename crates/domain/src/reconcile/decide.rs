//! What a person can make of a break: its states, the act that fits its kind, and which ledger
//! account a write-off clears.

use super::BreakKind;
use crate::BalanceKind;
use crate::ledger::Role;

/// Where a break stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BreakState {
    /// Nobody has decided, or what was decided no longer fits the facts.
    Open,
    /// Its reason is known; nothing more is to be done now.
    Explained,
    /// What caused it is gone: a row of unknown kind was classified.
    Resolved,
    /// The amount was given up, with a correcting entry.
    WrittenOff,
}

impl BreakState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Explained, Self::Resolved, Self::WrittenOff];

    /// The stable code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Explained => "explained",
            Self::Resolved => "resolved",
            Self::WrittenOff => "written_off",
        }
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// The act that fits a kind of break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Suggestion {
    /// Say what kind of row it is.
    Classify,
    /// Leave it to the next day or month.
    CarryOver,
    /// Accept: a rounding of one fen is nobody's mistake.
    AcceptRounding,
    /// Accept: late, but there.
    AcceptLate,
    /// Find out what became of the order's payment.
    CheckOrder,
    /// Put the order into the shop's list.
    RecordOrder,
    /// Put the order's amount, currency or state right.
    CorrectOrder,
    /// Give the buyer the money back.
    RefundBuyer,
    /// Find out who asked for the refund, and for how much.
    CheckRefund,
    /// Refund again another way.
    RefundAgain,
    /// Import the bill or statement that is missing.
    ImportBill,
    /// Ask the channel.
    AskChannel,
    /// Ask the bank.
    AskBank,
    /// Claim the amount from the channel.
    Claim,
    /// Ask the receiver of the share to give it back.
    AskReceiver,
    /// Check the bank account that the channel pays to.
    RebindBank,
    /// Take the write-off back.
    TakeBack,
}

impl Suggestion {
    /// The stable code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Classify => "classify",
            Self::CarryOver => "carry_over",
            Self::AcceptRounding => "accept_rounding",
            Self::AcceptLate => "accept_late",
            Self::CheckOrder => "check_order",
            Self::RecordOrder => "record_order",
            Self::CorrectOrder => "correct_order",
            Self::RefundBuyer => "refund_buyer",
            Self::CheckRefund => "check_refund",
            Self::RefundAgain => "refund_again",
            Self::ImportBill => "import_bill",
            Self::AskChannel => "ask_channel",
            Self::AskBank => "ask_bank",
            Self::Claim => "claim",
            Self::AskReceiver => "ask_receiver",
            Self::RebindBank => "rebind_bank",
            Self::TakeBack => "take_back",
        }
    }
}

impl BreakKind {
    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The act that usually fits.
    pub fn suggestion(self) -> Suggestion {
        match self {
            Self::UnknownRow => Suggestion::Classify,
            Self::CutOff => Suggestion::CarryOver,
            Self::RoundingDifference => Suggestion::AcceptRounding,
            Self::PayoutLate => Suggestion::AcceptLate,
            Self::OrderWithoutPayment => Suggestion::CheckOrder,
            Self::PaymentWithoutOrder => Suggestion::RecordOrder,
            Self::AmountMismatch | Self::CurrencyMismatch | Self::StatusMismatch => {
                Suggestion::CorrectOrder
            }
            Self::PaidAfterClose | Self::CanceledButPaid | Self::DuplicatePayment => {
                Suggestion::RefundBuyer
            }
            Self::RefundWithoutInstruction | Self::RefundAmountMismatch => Suggestion::CheckRefund,
            Self::RefundClosedByChannel => Suggestion::RefundAgain,
            Self::MissingInTradeBill | Self::MissingInFundBill | Self::BankDepositUnmatched => {
                Suggestion::ImportBill
            }
            Self::RefundStateStale => Suggestion::AskChannel,
            Self::PayoutOver | Self::PayoutNotInBank => Suggestion::AskBank,
            Self::FeeMismatch
            | Self::FeeNotReturned
            | Self::SubsidyNotCredited
            | Self::PayoutShort => Suggestion::Claim,
            Self::SplitNotReturned => Suggestion::AskReceiver,
            Self::PayoutReturned => Suggestion::RebindBank,
            Self::WriteOffWithoutBreak => Suggestion::TakeBack,
        }
    }

    /// The account on which the amount of such a break lies, so that giving it up moves it from
    /// there to an expense. `None`: nothing of it is in the books, or it has a better way out: a
    /// lost row is imported, a row of unknown kind is classified.
    pub fn write_off_role(self) -> Option<Role> {
        match self {
            Self::PayoutShort
            | Self::PayoutOver
            | Self::PayoutNotInBank
            | Self::BankDepositUnmatched => Some(Role::InTransit),
            Self::SubsidyNotCredited => Some(Role::Pending),
            _ => None,
        }
    }
}

impl BalanceKind {
    /// What a row of unknown kind can be said to be. Sales and refunds are not among them: they
    /// have a row in the trade bill, and a payout has its own rules.
    pub const CLASSES: [Self; 11] = [
        Self::AccountCharge,
        Self::Adjustment,
        Self::Held,
        Self::Released,
        Self::Frozen,
        Self::Unfrozen,
        Self::SplitPaid,
        Self::SplitReturned,
        Self::TopUp,
        Self::TransferOut,
        Self::PayoutFee,
    ];

    /// The class with this code.
    pub fn class_from_code(code: &str) -> Option<Self> {
        Self::CLASSES.into_iter().find(|kind| kind.code() == code)
    }

    /// The likeliest class of a row of this amount: money that left was a charge.
    pub fn likely_class(amount_minor: i64) -> Self {
        if amount_minor < 0 { Self::AccountCharge } else { Self::Adjustment }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_kind_is_found_again_by_its_code() {
        for state in BreakState::ALL {
            assert_eq!(BreakState::from_code(state.code()), Some(state));
        }
        for kind in BreakKind::ALL {
            assert_eq!(BreakKind::from_code(kind.code()), Some(*kind));
        }
    }

    #[test]
    fn only_what_lies_in_the_books_can_be_written_off() {
        assert_eq!(BreakKind::PayoutShort.write_off_role(), Some(Role::InTransit));
        assert_eq!(BreakKind::SubsidyNotCredited.write_off_role(), Some(Role::Pending));
        assert_eq!(BreakKind::AmountMismatch.write_off_role(), None);
        assert_eq!(BreakKind::UnknownRow.write_off_role(), None);
    }
}
