//! Values and rules of the books: no I/O, no async, no clock, no serde.
#![deny(clippy::float_arithmetic)]

mod balance;
mod bank;
mod calendar;
mod channel;
mod defined;
mod fee;
pub mod keys;
pub mod ledger;
pub mod money;
mod order;
pub mod paid;
pub mod payout;
pub mod reconcile;
mod settlement;
pub mod tender;

pub use balance::{BalanceKind, BalanceTransaction};
pub use bank::BankLine;
pub use calendar::{
    BusinessDate, CHANNEL_OFFSET_MS, Period, format_channel_time, parse_channel_time,
};
pub use channel::{Channel, FundAccount, Stream};
pub use defined::{DEFINITIONS, Defined, Definition, Family};
pub use fee::{FeePart, fee_beside_minor};
pub use money::{Currency, Money, MoneyError, Rounding};
pub use order::{Order, OrderStatus, ShopRefund};
pub use settlement::{SettlementKind, SettlementLine, SettlementStatus};
