//! Channels that are asked over the network: their connections, their keys, what of them is
//! proven to be here, and the sync that fetches the rest.
//!
//! A sync books nothing of its own. It archives what a channel gave and imports it as a file, so
//! books made by a sync equal books made from the same files.

mod asking;
mod business;
pub(crate) mod check;
pub(crate) mod client;
mod closing;
mod connections;
mod coverage;
pub(crate) mod credentials;
mod due;
mod gate;
pub(crate) mod health;
mod key_files;
mod local;
mod metered;
mod route;
mod setup;
mod sync;

pub use asking::{Asking, asking, due_now, is_offline};
pub use business::{Business, Fed, NextPayout, businesses};
pub use check::{Checked, StreamChecked, check, try_keys};
pub use closing::{NotReadAgain, not_read_again};
pub use connections::{Connection, add, connection, list, pause, remove, rename};
pub use connectors::transport::{Route, Timing};
pub use coverage::{DayState, StreamDays, Trouble, coverage_of};
pub use credentials::{Credential, renew, retire_keys, use_keys};
pub use health::{ASKS_KEPT, Asks};
pub use key_files::{KeyFile, KeyFiles};
pub use metered::line_is_metered;
pub use route::route_of;
pub use setup::{ConnectionKind, Field, Setup};
pub use sync::{ConnectionSync, SyncReport, SyncRequest, sync};

/// A clock, UTC milliseconds. The computer's own, or a scripted one.
pub type Clock<'a> = &'a (dyn Fn() -> i64 + Sync);
