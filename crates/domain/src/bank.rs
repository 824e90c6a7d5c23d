//! Bank lines: rows of a bank statement.

use crate::{BusinessDate, Currency};

/// A row of a bank statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankLine {
    /// The merchant's account at the bank, as printed; empty when the file names none.
    pub account_no: String,
    /// Day the bank booked it.
    pub booked_on: BusinessDate,
    /// Instant, where the bank prints one, UTC ms.
    pub booked_at_ms: Option<i64>,
    /// Currency of the amounts.
    pub currency: Currency,
    /// Signed: positive arrived, negative left.
    pub amount_minor: i64,
    /// Balance after the row; `None` when the bank prints none.
    pub balance_after_minor: Option<i64>,
    /// The bank's own serial number; empty when there is none.
    pub bank_ref: String,
    /// The other side.
    pub counterparty: String,
    /// Posting text: a channel's payout puts its date and merchant number here.
    pub memo: String,
    /// Columns not mapped, kept: `(header, value)`.
    pub extra: Vec<(String, String)>,
}
