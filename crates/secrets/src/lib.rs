//! The key of a book and the ways to it.
//!
//! A book is encrypted with one random 256-bit [`DataKey`]. The key is never stored: a [`KeyFile`]
//! beside the book holds it wrapped once for each way in, a passphrase, a printed recovery code
//! and, where the computer has one, the operating system's keyring. A wrap is added, changed or
//! removed without encrypting the book again.
//!
//! Every program that links this crate wipes all memory it gives back: what a library copied of a
//! key, an HTTP header for one, is out of our reach in any other way.

mod code;
mod crypto;
mod error;
mod hex;
mod keyfile;
mod seat;
mod secret;
mod vault;

use std::alloc::System;
use zeroizing_alloc::ZeroAlloc;

pub use code::RecoveryCode;
pub use crypto::KdfCost;
pub use error::KeyError;
pub use keyfile::{KEY_FILE_FORMAT, KeyFile, UnlockMethod};
pub use seat::SeatKey;
pub use secret::{BookId, DataKey, Secret, unguessable};
pub use vault::{MemoryVault, OsVault, Vault, VaultError};

#[global_allocator]
static WIPED: ZeroAlloc<System> = ZeroAlloc(System);
