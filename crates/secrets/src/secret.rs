//! Values that must not leave: no `Serialize`, no `Display`, a `Debug` that says nothing.

use crate::error::KeyError;
use crate::hex;
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// A secret value: wiped when dropped, shown as `Secret(…)`, cloned only on purpose.
///
/// There is no `Serialize`, `Display`, `PartialEq` or `Deref`, so a secret reaches a log, an answer
/// or a comparison only through [`Secret::expose`], which a reader can search for.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value over; the caller keeps no copy.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the one call that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + Clone> Secret<T> {
    /// A second copy, wiped on its own. Named so that no copy happens by accident.
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<&str> for Secret<String> {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// The 256-bit key that encrypts a book's pages.
pub struct DataKey(Secret<[u8; 32]>);

impl DataKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`KeyError::Random`] when the operating system gives no random bytes; nothing may be
    /// encrypted then.
    pub fn generate() -> Result<Self, KeyError> {
        Ok(Self(Secret::new(random()?)))
    }

    /// A key from its bytes, as unwrapped.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// The bytes, for wrapping.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// 64 lower-case hex digits, the form in which SQLCipher takes a raw key. Wiped when dropped.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.expose()))
    }

    /// A second copy, wiped on its own.
    pub fn duplicate(&self) -> Self {
        Self(self.0.duplicate())
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

/// A book's identity: 128 random bits, 32 lower-case hex digits. Not a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BookId(String);

impl BookId {
    /// A new random identity.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate() -> Result<Self, KeyError> {
        Ok(Self(hex::encode(&random::<16>()?)))
    }

    /// # Errors
    /// [`KeyError::Malformed`] unless `text` is 32 lower-case hex digits.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        match hex::decode::<16>(text) {
            Some(bytes) => Ok(Self(hex::encode(&bytes))),
            None => Err(KeyError::Malformed("the book id is not 32 hex digits")),
        }
    }

    /// 32 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|source| KeyError::Random(source.to_string()))?;
    Ok(bytes)
}

/// Random bytes for a number that nobody can guess and no other computer makes.
///
/// # Errors
/// [`KeyError::Random`] when the system gives none.
pub fn unguessable<const N: usize>() -> Result<[u8; N], KeyError> {
    random()
}
