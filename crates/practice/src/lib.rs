//! A small shop that never was: coffee, cakes and gifts, with a true answer to every question.
//!
//! The same options give the same bytes. The shop sells through WeChat Pay, Alipay and for cash;
//! its channels write their bills in their own formats, its bank writes statements, and
//! `truth.json` says what a careful reader must find: every payout with its components and every
//! planted problem.
//!
//! This crate knows nothing of the readers, the rules or the books it is used to test. It computes
//! its truth from the world it simulates, so agreement is evidence.

mod account;
mod day;
mod files;
mod golden;
mod goods;
mod ids;
mod model;
mod options;
mod plan;
mod plant;
pub mod platform;
mod rng;
mod sales;
mod shop;
mod time;
mod truth;

pub use files::{
    Summary, WriteError, alipay_account_bill, alipay_trade_bill, bank_statement, wechat_fund_bill,
    wechat_trade_bill, write,
};
pub use model::{
    BankLine, Channel, ChannelDay, Day, FundKind, FundRow, Hidden, Order, OrderStatus, PayChannel,
    RefundState, ShopRefund, TradeLine,
};
pub use options::{
    AlipayColumns, BankFormat, FundStyle, FundStyles, Kind, Layout, Options, Plant, Span, TradeBill,
};
pub use shop::{Shop, generate};
pub use time::At;
pub use truth::{
    BalanceTruth, Certificate, Component, Components, LedgerTruth, PayoutTruth, Problem, Truth,
};

/// The shop's number at WeChat Pay.
pub const WECHAT_MERCHANT: &str = "1900000109";
/// The shop's account at Alipay: the partner id and `0156`.
pub const ALIPAY_ACCOUNT: &str = "20882112345678900156";
/// The shop's account at its bank.
pub const BANK_ACCOUNT: &str = "6222020200012348812";
/// What both channels take of a sale, parts per million.
pub const FEE_RATE_PPM: i64 = 6_000;
