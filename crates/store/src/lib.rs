//! A book on disk or on a server: opening it, its schema, its hot loop.
//!
//! A [`Book`] is one SQLCipher file for one seat, or one PostgreSQL database for several. Ordinary
//! work goes through [`Book::pool`] and sqlx's Any driver with one SQL text for both; an import
//! goes through [`bulk`], which costs what the database itself costs.
#![deny(clippy::float_arithmetic)]

mod book;
pub mod bulk;
pub mod chunk;
mod closing;
mod error;
pub mod facts;
mod files;
mod folder;
mod keys;
mod late;
mod location;
mod lock;
mod migrate;
pub mod pack;
mod postgres;
pub mod search;
mod seat;
mod settling;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;

pub use book::{Book, CreateOptions, Kind, OpenMode, Unlock, Verdict};
pub use error::{NotABookReason, StoreError};
pub use folder::{FolderWarning, inspect_folder};
pub use location::Location;
pub use migrate::{schema_number, verify_embedded};
pub use secrets::{BookId, KdfCost, RecoveryCode, Secret, UnlockMethod};
pub use sqlx;
