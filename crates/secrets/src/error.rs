//! What can go wrong on the way to a book's key.

use crate::keyfile::UnlockMethod;
use crate::vault::VaultError;
use thiserror::Error;

/// What went wrong while a key was made, wrapped or unwrapped.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The passphrase, recovery code or keyring entry does not open this book.
    #[error("the {0} does not open this book")]
    WrongKey(UnlockMethod),
    /// The book has no such way in.
    #[error("this book cannot be opened by {0}")]
    NoSuchMethod(UnlockMethod),
    /// A recovery code with a typing error: its own check digits do not agree.
    #[error("the recovery code has a typing error")]
    MistypedCode,
    /// Fewer characters than a passphrase must have.
    #[error("a passphrase needs at least {0} characters")]
    PassphraseTooShort(usize),
    /// The keyring must never be the only way in, and neither may nothing be.
    #[error("{0} is the last way in that does not depend on this computer")]
    LastMethod(UnlockMethod),
    /// The key file cannot be read as one.
    #[error("the key file is damaged: {0}")]
    Malformed(&'static str),
    /// A key file of a newer program.
    #[error("the key file has format {found}, this program knows {known}")]
    NewerFormat {
        /// Format of the file.
        found: u32,
        /// Newest format that this program reads.
        known: u32,
    },
    /// The keyring did not answer, or has no entry.
    #[error("the keyring did not give the key")]
    Vault(#[source] VaultError),
    /// The operating system gave no random bytes.
    #[error("no random bytes: {0}")]
    Random(String),
}
