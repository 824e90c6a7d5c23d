//! The operating system's keyring, as one of several ways in and never the only one.

use crate::secret::{BookId, Secret};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;
use thiserror::Error;

/// The name under which entries stand in the keyring.
const SERVICE: &str = "suanpan";

/// Why a vault did not do what was asked. All are ordinary: the passphrase still opens the book.
#[derive(Debug, Error)]
pub enum VaultError {
    /// No keyring runs here.
    #[error("this computer has no keyring: {0}")]
    Absent(String),
    /// It runs, but is locked or refuses this program.
    #[error("the keyring is locked or refused: {0}")]
    Locked(String),
    /// It did not answer in time.
    #[error("the keyring did not answer within {0:?}")]
    Silent(Duration),
    /// It has no entry for this book.
    #[error("the keyring has no entry for this book")]
    NoEntry,
    /// It has an entry that is no key, or failed in another way.
    #[error("the keyring failed: {0}")]
    Failed(String),
}

/// Keeps one wrapping key for each book, outside the book.
pub trait Vault: Send + Sync {
    /// Stores or replaces the wrapping key of `book`.
    ///
    /// # Errors
    /// Any [`VaultError`] but `NoEntry`; nothing was stored then.
    fn store(&self, book: &BookId, key: &Secret<[u8; 32]>) -> Result<(), VaultError>;

    /// The wrapping key of `book`.
    ///
    /// # Errors
    /// Any [`VaultError`]; ask for the passphrase then.
    fn load(&self, book: &BookId) -> Result<Secret<[u8; 32]>, VaultError>;

    /// Removes the entry of `book`; removing nothing is no error.
    ///
    /// # Errors
    /// Any [`VaultError`] but `NoEntry`.
    fn remove(&self, book: &BookId) -> Result<(), VaultError>;
}

/// The keyring of the operating system: Secret Service, Keychain, Credential Manager.
///
/// Every call runs on a thread of its own with a time limit, since a keyring may wait for a person
/// at a prompt that nobody sees.
#[derive(Clone, Debug)]
pub struct OsVault {
    patience: Duration,
}

impl OsVault {
    /// Waits at most `patience` for an answer.
    pub fn new(patience: Duration) -> Self {
        Self { patience }
    }

    fn ask<T: Send + 'static>(
        &self,
        book: &BookId,
        question: impl FnOnce(&keyring::Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (answer, wait) = mpsc::sync_channel(1);
        let book = book.clone();
        let ask = move || {
            let said = keyring::Entry::new(SERVICE, book.as_str()).and_then(|e| question(&e));
            // Nobody listens any more once patience has run out.
            let _ = answer.send(said.map_err(explain));
        };
        std::thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(ask)
            .map_err(|source| VaultError::Failed(source.to_string()))?;
        wait.recv_timeout(self.patience).unwrap_or(Err(VaultError::Silent(self.patience)))
    }
}

impl Default for OsVault {
    /// Half a minute: time enough to type a password into the keyring's own prompt.
    fn default() -> Self {
        Self::new(Duration::from_secs(30))
    }
}

impl Vault for OsVault {
    fn store(&self, book: &BookId, key: &Secret<[u8; 32]>) -> Result<(), VaultError> {
        let key = key.duplicate();
        self.ask(book, move |entry| entry.set_secret(key.expose()))
    }

    fn load(&self, book: &BookId) -> Result<Secret<[u8; 32]>, VaultError> {
        let found = self.ask(book, |entry| entry.get_secret().map(Secret::new))?;
        match <[u8; 32]>::try_from(found.expose().as_slice()) {
            Ok(key) => Ok(Secret::new(key)),
            Err(_) => Err(VaultError::Failed("the entry is not a key of 32 bytes".to_owned())),
        }
    }

    fn remove(&self, book: &BookId) -> Result<(), VaultError> {
        match self.ask(book, |entry| entry.delete_credential()) {
            Err(VaultError::NoEntry) => Ok(()),
            other => other,
        }
    }
}

/// Names the keyring's errors without quoting what it holds.
fn explain(error: keyring::Error) -> VaultError {
    use keyring::Error;
    match error {
        Error::NoEntry => VaultError::NoEntry,
        Error::NoDefaultStore => {
            let why = keyring::Entry::store_status().as_ref().err().map(ToString::to_string);
            VaultError::Absent(why.unwrap_or_else(|| "no keyring answers".to_owned()))
        }
        Error::NoStorageAccess(source) => VaultError::Locked(source.to_string()),
        Error::PlatformFailure(source) => VaultError::Failed(source.to_string()),
        // These carry the stored bytes; their text must not.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            VaultError::Failed("the entry is not a key".to_owned())
        }
        Error::Ambiguous(_) => VaultError::Failed("more than one entry".to_owned()),
        other => VaultError::Failed(other.to_string()),
    }
}

/// A vault in memory, for tests.
#[derive(Default)]
pub struct MemoryVault(Mutex<HashMap<BookId, Secret<[u8; 32]>>>);

impl MemoryVault {
    /// An empty vault.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Vault for MemoryVault {
    fn store(&self, book: &BookId, key: &Secret<[u8; 32]>) -> Result<(), VaultError> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(book.clone(), key.duplicate());
        Ok(())
    }

    fn load(&self, book: &BookId) -> Result<Secret<[u8; 32]>, VaultError> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(book).map(Secret::duplicate).ok_or(VaultError::NoEntry)
    }

    fn remove(&self, book: &BookId) -> Result<(), VaultError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(book);
        Ok(())
    }
}
