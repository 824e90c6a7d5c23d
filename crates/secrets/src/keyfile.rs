//! The key file: the data key wrapped once for each way in.
//!
//! It stands beside the book, is readable without any key and worth nothing without one. Every
//! wrap authenticates the book's identity and its own method, so a wrap cannot be moved.

use crate::code::RecoveryCode;
use crate::crypto::{self, KdfCost, Sealed, WrappingKey};
use crate::error::KeyError;
use crate::hex;
use crate::secret::{BookId, DataKey, Secret, random};
use crate::vault::Vault;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The newest format of the key file that this program reads and writes.
pub const KEY_FILE_FORMAT: u32 = 1;

/// Short enough to be kept, long enough that Argon2id makes guessing dear.
const PASSPHRASE_MIN_CHARS: usize = 8;

/// A way to a book's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnlockMethod {
    /// What a person remembers.
    Passphrase,
    /// What a person has on paper.
    RecoveryCode,
    /// What this computer's keyring holds for this user.
    Keyring,
}

impl UnlockMethod {
    fn tag(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::RecoveryCode => "recovery_code",
            Self::Keyring => "keyring",
        }
    }
}

impl fmt::Display for UnlockMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase => "passphrase",
            Self::RecoveryCode => "recovery code",
            Self::Keyring => "keyring",
        })
    }
}

/// The wraps of one book's data key, at most one for each method.
#[derive(Clone, Debug)]
pub struct KeyFile {
    book_id: BookId,
    wraps: Vec<Wrap>,
}

impl KeyFile {
    /// A key file without any wrap yet.
    pub fn new(book_id: BookId) -> Self {
        Self { book_id, wraps: Vec::new() }
    }

    /// The book that the wraps belong to.
    pub fn book_id(&self) -> &BookId {
        &self.book_id
    }

    /// The ways in, in a fixed order.
    pub fn methods(&self) -> Vec<UnlockMethod> {
        let mut methods: Vec<_> = self.wraps.iter().map(|wrap| wrap.method).collect();
        methods.sort_unstable();
        methods
    }

    /// Sets or replaces the passphrase.
    ///
    /// # Errors
    /// [`KeyError::PassphraseTooShort`]; [`KeyError::Random`].
    pub fn set_passphrase(
        &mut self,
        key: &DataKey,
        passphrase: &Secret<String>,
        cost: KdfCost,
    ) -> Result<(), KeyError> {
        if passphrase.expose().chars().count() < PASSPHRASE_MIN_CHARS {
            return Err(KeyError::PassphraseTooShort(PASSPHRASE_MIN_CHARS));
        }
        let salt = random()?;
        let wrapping = crypto::passphrase_key(passphrase, &salt, cost)?;
        self.put(key, UnlockMethod::Passphrase, salt, Some(cost), &wrapping)
    }

    /// Makes a new recovery code; an older one no longer opens this key file.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn renew_recovery_code(&mut self, key: &DataKey) -> Result<RecoveryCode, KeyError> {
        let code = RecoveryCode::generate()?;
        let salt = random()?;
        let wrapping = crypto::code_key(&code, &salt);
        self.put(key, UnlockMethod::RecoveryCode, salt, None, &wrapping)?;
        Ok(code)
    }

    /// Lets this computer's keyring open the book.
    ///
    /// # Errors
    /// [`KeyError::Vault`] when there is no keyring or it refuses; the other ways are untouched.
    pub fn add_keyring(&mut self, key: &DataKey, vault: &dyn Vault) -> Result<(), KeyError> {
        let wrapping = Secret::new(random()?);
        vault.store(&self.book_id, &wrapping).map_err(KeyError::Vault)?;
        self.put(key, UnlockMethod::Keyring, random()?, None, &wrapping)
    }

    /// Removes a way in.
    ///
    /// # Errors
    /// [`KeyError::LastMethod`] when neither a passphrase nor a recovery code would be left;
    /// [`KeyError::NoSuchMethod`].
    pub fn remove(&mut self, method: UnlockMethod) -> Result<(), KeyError> {
        self.find(method)?;
        let stays = |wrap: &&Wrap| wrap.method != method && wrap.method != UnlockMethod::Keyring;
        if self.wraps.iter().filter(stays).count() == 0 {
            return Err(KeyError::LastMethod(method));
        }
        self.wraps.retain(|wrap| wrap.method != method);
        Ok(())
    }

    /// The data key by the passphrase.
    ///
    /// # Errors
    /// [`KeyError::WrongKey`], [`KeyError::NoSuchMethod`], [`KeyError::Malformed`].
    pub fn unlock_with_passphrase(&self, typed: &Secret<String>) -> Result<DataKey, KeyError> {
        let wrap = self.find(UnlockMethod::Passphrase)?;
        let cost = wrap.cost.ok_or(KeyError::Malformed("the passphrase has no cost"))?;
        let wrapping = crypto::passphrase_key(typed, &wrap.salt, cost)?;
        self.unwrap(wrap, &wrapping)
    }

    /// The data key by the recovery code.
    ///
    /// # Errors
    /// [`KeyError::WrongKey`], [`KeyError::NoSuchMethod`].
    pub fn unlock_with_code(&self, code: &RecoveryCode) -> Result<DataKey, KeyError> {
        let wrap = self.find(UnlockMethod::RecoveryCode)?;
        self.unwrap(wrap, &crypto::code_key(code, &wrap.salt))
    }

    /// The data key by the keyring.
    ///
    /// # Errors
    /// [`KeyError::Vault`]: ask for the passphrase. [`KeyError::WrongKey`]: the keyring has an
    /// entry from before a restore. [`KeyError::NoSuchMethod`].
    pub fn unlock_with_keyring(&self, vault: &dyn Vault) -> Result<DataKey, KeyError> {
        let wrap = self.find(UnlockMethod::Keyring)?;
        let wrapping = vault.load(&self.book_id).map_err(KeyError::Vault)?;
        self.unwrap(wrap, &wrapping)
    }

    /// The file's text: JSON, ending with a line feed.
    pub fn to_text(&self) -> String {
        let file = FileText {
            format: KEY_FILE_FORMAT,
            notice: NOTICE.to_owned(),
            book_id: self.book_id.as_str().to_owned(),
            wraps: self.wraps.iter().map(Wrap::to_text).collect(),
        };
        let json = serde_json::to_string_pretty(&file).expect("text and numbers are always JSON");
        json + "\n"
    }

    /// Reads [`Self::to_text`].
    ///
    /// # Errors
    /// [`KeyError::Malformed`]; [`KeyError::NewerFormat`].
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        // The format first, so that a newer file is not called damaged.
        let head: FileHead =
            serde_json::from_str(text).map_err(|_| KeyError::Malformed("not a key file"))?;
        if head.format > KEY_FILE_FORMAT {
            return Err(KeyError::NewerFormat { found: head.format, known: KEY_FILE_FORMAT });
        }
        let file: FileText = serde_json::from_str(text)
            .map_err(|_| KeyError::Malformed("a field is missing, unknown or of a wrong type"))?;
        let wraps: Result<Vec<_>, _> = file.wraps.iter().map(Wrap::from_text).collect();
        let keys = Self { book_id: BookId::parse(&file.book_id)?, wraps: wraps? };
        if keys.methods().windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(KeyError::Malformed("a method stands there twice"));
        }
        Ok(keys)
    }

    fn find(&self, method: UnlockMethod) -> Result<&Wrap, KeyError> {
        let found = self.wraps.iter().find(|wrap| wrap.method == method);
        found.ok_or(KeyError::NoSuchMethod(method))
    }

    fn put(
        &mut self,
        key: &DataKey,
        method: UnlockMethod,
        salt: [u8; 16],
        cost: Option<KdfCost>,
        wrapping: &WrappingKey,
    ) -> Result<(), KeyError> {
        let context = context(&self.book_id, method, &salt, cost);
        let Sealed { nonce, bytes } = crypto::seal(wrapping, key.expose(), &context)?;
        self.wraps.retain(|wrap| wrap.method != method);
        self.wraps.push(Wrap { method, salt, cost, nonce, bytes });
        Ok(())
    }

    fn unwrap(&self, wrap: &Wrap, wrapping: &WrappingKey) -> Result<DataKey, KeyError> {
        let context = context(&self.book_id, wrap.method, &wrap.salt, wrap.cost);
        let sealed = Sealed { nonce: wrap.nonce, bytes: wrap.bytes };
        match crypto::open(wrapping, &sealed, &context) {
            Some(key) => Ok(DataKey::from_bytes(key)),
            None => Err(KeyError::WrongKey(wrap.method)),
        }
    }
}

const NOTICE: &str = "Keep this file beside the book: without it no passphrase and no recovery \
                      code opens the book. It holds the book's key, wrapped; no key in clear.";

/// What every wrap authenticates beside the key: which book, which way, at which cost.
fn context(book: &BookId, method: UnlockMethod, salt: &[u8; 16], cost: Option<KdfCost>) -> Vec<u8> {
    let cost =
        cost.map_or_else(String::new, |c| format!("{},{},{}", c.memory_kib, c.passes, c.lanes));
    let method = method.tag();
    format!("suanpan-keys/1|{book}|{method}|{}|{cost}", hex::encode(salt)).into_bytes()
}

#[derive(Clone)]
struct Wrap {
    method: UnlockMethod,
    salt: [u8; 16],
    cost: Option<KdfCost>,
    nonce: [u8; 24],
    bytes: [u8; 48],
}

impl fmt::Debug for Wrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wrap({})", self.method)
    }
}

impl Wrap {
    fn to_text(&self) -> WrapText {
        WrapText {
            method: self.method,
            salt: hex::encode(&self.salt),
            argon2id: self.cost,
            nonce: hex::encode(&self.nonce),
            key: hex::encode(&self.bytes),
        }
    }

    fn from_text(text: &WrapText) -> Result<Self, KeyError> {
        Ok(Self {
            method: text.method,
            salt: hex::decode(&text.salt).ok_or(KeyError::Malformed("a salt is damaged"))?,
            cost: text.argon2id,
            nonce: hex::decode(&text.nonce).ok_or(KeyError::Malformed("a nonce is damaged"))?,
            bytes: hex::decode(&text.key).ok_or(KeyError::Malformed("a wrap is damaged"))?,
        })
    }
}

#[derive(Deserialize)]
struct FileHead {
    #[serde(rename = "suanpan_keys")]
    format: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    #[serde(rename = "suanpan_keys")]
    format: u32,
    notice: String,
    book_id: String,
    wraps: Vec<WrapText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrapText {
    method: UnlockMethod,
    salt: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    argon2id: Option<KdfCost>,
    nonce: String,
    key: String,
}

#[cfg(test)]
mod tests;
