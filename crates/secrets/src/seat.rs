//! The key of one seat at a book on a server.
//!
//! Such a book has no key of its own: its server decides who comes in. What a channel's keys are
//! sealed with is held by the keyring of each computer and is never on the server. It is carried
//! to another computer in a key file, wrapped by a passphrase.

use crate::crypto::KdfCost;
use crate::error::KeyError;
use crate::hex;
use crate::keyfile::KeyFile;
use crate::secret::{BookId, DataKey, Secret};
use crate::vault::{Vault, VaultError};
use sha2::{Digest, Sha256};
use std::fmt;

/// The key of this seat for one book.
pub struct SeatKey(DataKey);

impl SeatKey {
    /// The key the keyring has for a book; `None` when it has none.
    ///
    /// # Errors
    /// [`KeyError::Vault`] when there is no keyring, or it does not answer.
    pub fn load(book: &BookId, vault: &dyn Vault) -> Result<Option<Self>, KeyError> {
        match vault.load(book) {
            Ok(bytes) => Ok(Some(Self(DataKey::from_bytes(*bytes.expose())))),
            Err(VaultError::NoEntry) => Ok(None),
            Err(problem) => Err(KeyError::Vault(problem)),
        }
    }

    /// A new key, kept by the keyring before it is used.
    ///
    /// # Errors
    /// [`KeyError::Vault`], [`KeyError::Random`]; there is no key then.
    pub fn generate(book: &BookId, vault: &dyn Vault) -> Result<Self, KeyError> {
        Self(DataKey::generate()?).keep(book, vault)
    }

    fn keep(self, book: &BookId, vault: &dyn Vault) -> Result<Self, KeyError> {
        vault.store(book, &Secret::new(*self.0.expose())).map_err(KeyError::Vault)?;
        Ok(self)
    }

    /// What tells this key from others, and says nothing of it: 16 hex digits.
    pub fn name(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(b"suanpan seat key name");
        digest.update(self.0.expose());
        hex::encode(&digest.finalize()[..8])
    }

    /// The key, to seal and to open with.
    pub fn key(&self) -> &DataKey {
        &self.0
    }

    /// The text of a file that carries the key to another computer.
    ///
    /// # Errors
    /// [`KeyError::PassphraseTooShort`], [`KeyError::Random`].
    pub fn carried(
        &self,
        book: &BookId,
        passphrase: &Secret<String>,
        cost: KdfCost,
    ) -> Result<String, KeyError> {
        let mut file = KeyFile::new(book.clone());
        file.set_passphrase(&self.0, passphrase, cost)?;
        Ok(file.to_text())
    }

    /// Takes a key that was carried here, and gives it to this computer's keyring.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when the file is another book's or no such file,
    /// [`KeyError::WrongKey`], [`KeyError::Vault`].
    pub fn receive(
        book: &BookId,
        text: &str,
        passphrase: &Secret<String>,
        vault: &dyn Vault,
    ) -> Result<Self, KeyError> {
        let file = KeyFile::from_text(text)?;
        if file.book_id() != book {
            return Err(KeyError::Malformed("it belongs to another book"));
        }
        Self(file.unlock_with_passphrase(passphrase)?).keep(book, vault)
    }
}

impl fmt::Debug for SeatKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeatKey({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::MemoryVault;

    const CHEAP: KdfCost = KdfCost::CHEAP_FOR_TESTS;

    #[test]
    fn a_seats_key_is_carried_to_another_seat_by_its_passphrase_alone() {
        let book = BookId::generate().unwrap();
        let (one, other) = (MemoryVault::new(), MemoryVault::new());
        assert!(SeatKey::load(&book, &one).unwrap().is_none());
        let key = SeatKey::generate(&book, &one).unwrap();
        let kept = SeatKey::load(&book, &one).unwrap().expect("it is kept");
        assert_eq!(kept.name(), key.name());

        let passphrase = Secret::from("correct horse");
        let text = key.carried(&book, &passphrase, CHEAP).unwrap();
        assert!(!text.contains(key.key().to_hex().as_str()));
        let wrong = SeatKey::receive(&book, &text, &Secret::from("wrong horse"), &other);
        assert!(matches!(wrong, Err(KeyError::WrongKey(_))), "{wrong:?}");
        let elsewhere = BookId::generate().unwrap();
        let wrong = SeatKey::receive(&elsewhere, &text, &passphrase, &other);
        assert!(matches!(wrong, Err(KeyError::Malformed(_))), "{wrong:?}");
        assert!(SeatKey::load(&book, &other).unwrap().is_none(), "nothing was kept");
        let received = SeatKey::receive(&book, &text, &passphrase, &other).unwrap();
        assert_eq!(received.name(), key.name());

        let sealed = key.key().seal("credential", "connection 1", b"CANARY").unwrap();
        let opened = received.key().unseal("credential", "connection 1", &sealed);
        assert_eq!(opened.expect("the same key").expose(), b"CANARY");
        assert!(!format!("{received:?}").contains(key.key().to_hex().as_str()));
    }
}
