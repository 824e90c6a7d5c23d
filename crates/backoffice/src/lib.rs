//! Use cases: what the window and the command line can ask of a book.
//!
//! Calls are blocking; a window runs them off its main thread. Everything a shell needs of the
//! layers below is re-exported here.
#![deny(clippy::float_arithmetic)]

pub mod bank;
mod channel_names;
pub mod channels;
pub mod charts;
pub mod collect;
pub mod decisions;
pub mod dto;
pub mod entries;
mod error;
pub mod evidence;
pub mod fees;
pub mod files;
pub mod home;
pub mod import;
pub mod jobs;
pub mod ledger;
pub mod lists;
mod numbers;
mod office;
mod order;
pub mod orders;
pub mod own_chart;
mod packs;
mod page;
pub mod payouts;
pub mod practice_shop;
pub mod proof;
pub mod quarantine;
pub mod reconciliation;
pub mod reports;
pub mod revisions;
pub mod search;
pub mod statements;
pub mod sums;
pub mod tables;
pub mod tenders;
pub mod till;
pub mod transactions;
pub mod views;
mod watch;

pub use channel_names::{ChannelNames, channel_names};
pub use connectors::alipay::FeeSigns;
pub use connectors::table::{Mapping, Preview};
pub use domain::money::{minor_to_major, parse_minor};
pub use domain::reconcile::{BreakKind, BreakState};
pub use domain::{BalanceKind, BusinessDate, Channel, Currency, FundAccount, Period};
pub use error::{Error, problem_code};
pub use messages::Lang;
pub use office::{NewBook, Office, Way, os_user};
pub use order::Sort;
pub use page::Page;
pub use store::bulk::Reader;
pub use store::{Secret, StoreError, UnlockMethod};
pub use watch::Steps;

/// A short name of a text that does not tell the text: the SHA-256 of it, hexadecimal.
pub fn fingerprint(text: &str) -> String {
    use sha2::{Digest, Sha256};
    import::hex(&Sha256::digest(text.as_bytes()))
}

/// A text of the catalogue, for a shell's own words.
pub fn words(lang: Lang, key: &str) -> String {
    messages::text(lang, key, &[])
}
