//! Sealing what must not stand in a book in clear: under the book's own key in a file, under the
//! key of this seat on a server.

use crate::book::{Book, Place};
use crate::error::StoreError;
use secrets::{KdfCost, SeatKey, Secret, Vault};
use std::sync::{Arc, MutexGuard, PoisonError};

/// What this seat has for a book on a server.
#[derive(Default)]
pub(crate) struct Seat {
    vault: Option<Arc<dyn Vault>>,
    /// Asked of the keyring once; wiped with the book.
    key: Option<SeatKey>,
}

impl Seat {
    fn vault(&self) -> Result<Arc<dyn Vault>, StoreError> {
        self.vault.clone().ok_or(StoreError::NoSealing)
    }
}

impl Book {
    /// Names the keyring of this seat, for a book on a server. A book file needs none.
    pub fn use_vault(&self, vault: Arc<dyn Vault>) {
        let mut seat = self.seat();
        seat.vault = Some(vault);
        seat.key = None;
    }

    fn seat(&self) -> MutexGuard<'_, Seat> {
        self.inner.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The seat with its key, if the keyring has one.
    fn seat_with_key(&self) -> Result<MutexGuard<'_, Seat>, StoreError> {
        let mut seat = self.seat();
        if seat.key.is_none() {
            let vault = seat.vault()?;
            seat.key = SeatKey::load(self.id(), &*vault).map_err(StoreError::Keys)?;
        }
        Ok(seat)
    }

    /// Name of the key that this seat seals with: empty for a book file, which has one of its own;
    /// `None` while this seat has none. Blocks while a keyring asks.
    ///
    /// # Errors
    /// [`StoreError::NoSealing`], [`StoreError::Keys`] when the keyring does not answer.
    pub fn sealing_key(&self) -> Result<Option<String>, StoreError> {
        match &self.inner.place {
            Place::File(_) => Ok(Some(String::new())),
            Place::Server(_) => Ok(self.seat_with_key()?.key.as_ref().map(SeatKey::name)),
        }
    }

    /// Seals bytes for one purpose; `context` says what they belong to. The answer's second half
    /// is the name of the key. A seat without a key makes one and gives it to its keyring first.
    ///
    /// # Errors
    /// [`StoreError::NoSealing`] at a seat without a keyring; [`StoreError::Keys`].
    pub fn seal(
        &self,
        purpose: &str,
        context: &str,
        plain: &[u8],
    ) -> Result<(Vec<u8>, String), StoreError> {
        if let Place::File(file) = &self.inner.place {
            let sealed = file.db.key.seal(purpose, context, plain).map_err(StoreError::Keys)?;
            return Ok((sealed, String::new()));
        }
        let mut seat = self.seat_with_key()?;
        if seat.key.is_none() {
            let vault = seat.vault()?;
            seat.key = Some(SeatKey::generate(self.id(), &*vault).map_err(StoreError::Keys)?);
        }
        let key = seat.key.as_ref().ok_or(StoreError::NoSealing)?;
        let context = format!("{} {context}", self.id());
        let sealed = key.key().seal(purpose, &context, plain).map_err(StoreError::Keys)?;
        Ok((sealed, key.name()))
    }

    /// What [`Self::seal`] sealed with the key of this name.
    ///
    /// # Errors
    /// [`StoreError::SealedElsewhere`] when this seat has another key, or none;
    /// [`StoreError::NoSealing`]; [`StoreError::Damaged`] when it does not open.
    pub fn unseal(
        &self,
        purpose: &str,
        context: &str,
        (sealed, name): (&[u8], &str),
    ) -> Result<Secret<Vec<u8>>, StoreError> {
        let damaged = || StoreError::Damaged(format!("{purpose} of {context}"));
        if let Place::File(file) = &self.inner.place {
            return file.db.key.unseal(purpose, context, sealed).ok_or_else(damaged);
        }
        let seat = self.seat_with_key()?;
        let key = seat.key.as_ref().filter(|key| key.name() == name);
        let key = key.ok_or_else(|| StoreError::SealedElsewhere(name.to_owned()))?;
        let context = format!("{} {context}", self.id());
        key.key().unseal(purpose, &context, sealed).ok_or_else(damaged)
    }

    /// The text of a file that carries this seat's key to another one, wrapped by a passphrase.
    ///
    /// # Errors
    /// [`StoreError::BadLocation`] for a book file; [`StoreError::SealedElsewhere`] while this
    /// seat has no key; [`StoreError::Keys`] (too short a passphrase).
    pub fn carry_key(
        &self,
        passphrase: &Secret<String>,
        cost: KdfCost,
    ) -> Result<String, StoreError> {
        self.on_server()?;
        let seat = self.seat_with_key()?;
        let key = seat.key.as_ref().ok_or_else(|| StoreError::SealedElsewhere(String::new()))?;
        key.carried(self.id(), passphrase, cost).map_err(StoreError::Keys)
    }

    /// Takes a key that was carried here, in place of any that this seat had; the answer is its
    /// name.
    ///
    /// # Errors
    /// [`StoreError::BadLocation`] for a book file; [`StoreError::Keys`] (another book's, a wrong
    /// passphrase, a keyring that refuses): the seat stays as it was.
    pub fn receive_key(
        &self,
        text: &str,
        passphrase: &Secret<String>,
    ) -> Result<String, StoreError> {
        self.on_server()?;
        let mut seat = self.seat();
        let vault = seat.vault()?;
        let key = SeatKey::receive(self.id(), text, passphrase, &*vault);
        let key = key.map_err(StoreError::Keys)?;
        let name = key.name();
        seat.key = Some(key);
        Ok(name)
    }

    fn on_server(&self) -> Result<(), StoreError> {
        match &self.inner.place {
            Place::Server(_) => Ok(()),
            Place::File(_) => {
                let why = "a book file has a key of its own";
                Err(StoreError::BadLocation(why.to_owned()))
            }
        }
    }
}
