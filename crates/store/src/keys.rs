//! Changing the ways into a book that is open.

use crate::book::{Book, OpenFile, OpenMode, Place, read_keys};
use crate::error::StoreError;
use crate::files;
use crate::location::{Location, beside};
use secrets::{KdfCost, KeyError, KeyFile, RecoveryCode, Secret, UnlockMethod, Vault};
use std::sync::PoisonError;

impl Book {
    /// The ways into a book that is not open yet, so that a person is asked for the right thing.
    /// A book on a server has none.
    ///
    /// # Errors
    /// [`StoreError::KeysMissing`], [`StoreError::KeysDamaged`].
    pub fn unlock_methods_at(location: &Location) -> Result<Vec<UnlockMethod>, StoreError> {
        match location {
            Location::File(path) => Ok(read_keys(path)?.methods()),
            Location::Server(_) => Ok(Vec::new()),
        }
    }

    /// The ways into this book.
    pub fn unlock_methods(&self) -> Vec<UnlockMethod> {
        match &self.inner.place {
            Place::File(file) => file.keys.lock().unwrap_or_else(PoisonError::into_inner).methods(),
            Place::Server(_) => Vec::new(),
        }
    }

    /// The text of the key file, for a backup: without it no copy of the book opens. Holds no key
    /// in clear. `None` on a server.
    pub fn key_file_text(&self) -> Option<String> {
        match &self.inner.place {
            Place::File(file) => {
                Some(file.keys.lock().unwrap_or_else(PoisonError::into_inner).to_text())
            }
            Place::Server(_) => None,
        }
    }

    /// Sets or replaces the passphrase. The book is not encrypted again. Blocks for the
    /// derivation, about a tenth of a second.
    ///
    /// # Errors
    /// [`StoreError::Keys`] (too short), [`StoreError::ReadOnly`]; the old one still holds then.
    pub fn set_passphrase(
        &self,
        passphrase: &Secret<String>,
        cost: KdfCost,
    ) -> Result<(), StoreError> {
        self.change_keys(|keys, file| keys.set_passphrase(&file.db.key, passphrase, cost))
    }

    /// Makes a new recovery code. The old paper no longer opens this key file; together with an
    /// older copy of the key file it still would.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`]; the old code still holds then.
    pub fn renew_recovery_code(&self) -> Result<RecoveryCode, StoreError> {
        self.change_keys(|keys, file| keys.renew_recovery_code(&file.db.key))
    }

    /// Lets a keyring open the book too. Blocks while the keyring asks.
    ///
    /// # Errors
    /// [`StoreError::Keys`] when there is no keyring or it refuses.
    pub fn enable_keyring(&self, vault: &dyn Vault) -> Result<(), StoreError> {
        self.change_keys(|keys, file| keys.add_keyring(&file.db.key, vault))
    }

    /// Takes the keyring's way in away, from the key file first: whatever stays in the keyring
    /// then opens nothing.
    ///
    /// # Errors
    /// [`StoreError::Keys`] when the keyring does not let go of its entry, which is harmless.
    pub fn disable_keyring(&self, vault: &dyn Vault) -> Result<(), StoreError> {
        self.remove_unlock_method(UnlockMethod::Keyring)?;
        vault.remove(self.id()).map_err(|source| StoreError::Keys(KeyError::Vault(source)))
    }

    /// Takes a way in away.
    ///
    /// # Errors
    /// [`StoreError::Keys`] when neither passphrase nor recovery code would be left.
    pub fn remove_unlock_method(&self, method: UnlockMethod) -> Result<(), StoreError> {
        self.change_keys(|keys, _| keys.remove(method))
    }

    /// Changes a copy, writes it, and only then believes it.
    fn change_keys<T>(
        &self,
        change: impl FnOnce(&mut KeyFile, &OpenFile) -> Result<T, KeyError>,
    ) -> Result<T, StoreError> {
        let (Place::File(file), Location::File(path)) = (&self.inner.place, &self.inner.location)
        else {
            let why = "a book on a server has no key file";
            return Err(StoreError::BadLocation(why.to_owned()));
        };
        if self.inner.mode == OpenMode::Read {
            return Err(StoreError::ReadOnly(path.clone()));
        }
        let mut keys = file.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = keys.clone();
        let outcome = change(&mut changed, file).map_err(StoreError::Keys)?;
        files::replace(&beside(path, "keys"), &changed.to_text())?;
        *keys = changed;
        Ok(outcome)
    }
}
