//! Deriving wrapping keys, and wrapping with XChaCha20-Poly1305.

use crate::code::RecoveryCode;
use crate::error::KeyError;
use crate::secret::{DataKey, Secret, random};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A key that wraps the data key.
pub(crate) type WrappingKey = Secret<[u8; 32]>;

/// What Argon2id costs for each guess of a passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KdfCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl KdfCost {
    /// For a desktop: 64 MiB and three passes, about a tenth of a second.
    /// Source: RFC 9106, section 4, second recommended option (with one lane).
    pub const DESKTOP: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

    /// Next to nothing, for tests that open many books.
    pub const CHEAP_FOR_TESTS: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    /// A file from elsewhere must not make the program take all memory or run for ever.
    fn is_sane(self) -> bool {
        (8..=1024 * 1024).contains(&self.memory_kib)
            && (1..=32).contains(&self.passes)
            && (1..=16).contains(&self.lanes)
    }
}

/// The wrapping key of a passphrase.
pub(crate) fn passphrase_key(
    passphrase: &Secret<String>,
    salt: &[u8; 16],
    cost: KdfCost,
) -> Result<WrappingKey, KeyError> {
    if !cost.is_sane() {
        return Err(KeyError::Malformed("the cost of the passphrase is out of range"));
    }
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
        .map_err(|_| KeyError::Malformed("the cost of the passphrase is out of range"))?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose().as_bytes(), salt, &mut key)
        .map_err(|_| KeyError::Malformed("the passphrase cannot be stretched"))?;
    Ok(Secret::new(key))
}

/// The wrapping key of a recovery code. The code has 128 random bits, so a plain hash will do:
/// there is nothing to slow down.
pub(crate) fn code_key(code: &RecoveryCode, salt: &[u8; 16]) -> WrappingKey {
    let hash = Sha256::new()
        .chain_update(b"suanpan recovery wrap 1")
        .chain_update(salt)
        .chain_update(code.expose());
    Secret::new(hash.finalize().into())
}

/// A wrapped key: nonce and ciphertext with its tag.
pub(crate) struct Sealed {
    pub nonce: [u8; 24],
    pub bytes: [u8; 48],
}

/// Wraps `key`; `context` is authenticated with it.
pub(crate) fn seal(
    wrapping: &WrappingKey,
    key: &[u8; 32],
    context: &[u8],
) -> Result<Sealed, KeyError> {
    let nonce = random::<24>()?;
    let cipher = XChaCha20Poly1305::new(wrapping.expose().into());
    let sealed = cipher
        .encrypt(XNonce::from_slice(&nonce), Payload { msg: key, aad: context })
        .map_err(|_| KeyError::Malformed("the key cannot be wrapped"))?;
    let bytes = sealed.try_into().expect("32 bytes and a tag of 16 make 48");
    Ok(Sealed { nonce, bytes })
}

/// A key for one purpose, made of the data key: what is sealed for one purpose opens for no other.
fn purpose_key(key: &DataKey, purpose: &str) -> WrappingKey {
    let hash = Sha256::new()
        .chain_update(b"suanpan purpose key 1")
        .chain_update(key.expose())
        .chain_update(purpose);
    Secret::new(hash.finalize().into())
}

impl DataKey {
    /// Seals bytes for one purpose: a nonce, the ciphertext and its tag. `context` says what they
    /// belong to and is authenticated with them, so they cannot be moved to something else.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn seal(&self, purpose: &str, context: &str, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        let nonce = random::<24>()?;
        let key = purpose_key(self, purpose);
        let payload = Payload { msg: plain, aad: context.as_bytes() };
        let sealed = XChaCha20Poly1305::new(key.expose().into())
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| KeyError::Malformed("the text cannot be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed; `None` when it is damaged or was sealed with another key, purpose or
    /// context.
    pub fn unseal(&self, purpose: &str, context: &str, sealed: &[u8]) -> Option<Secret<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<24>()?;
        let key = purpose_key(self, purpose);
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        let plain = XChaCha20Poly1305::new(key.expose().into())
            .decrypt(XNonce::from_slice(nonce), payload)
            .ok()?;
        Some(Secret::new(plain))
    }
}

/// Unwraps; `None` when the wrapping key or the context is another one.
pub(crate) fn open(wrapping: &WrappingKey, sealed: &Sealed, context: &[u8]) -> Option<[u8; 32]> {
    let cipher = XChaCha20Poly1305::new(wrapping.expose().into());
    let payload = Payload { msg: &sealed.bytes, aad: context };
    let plain = cipher.decrypt(XNonce::from_slice(&sealed.nonce), payload).ok()?;
    let plain = Zeroizing::new(plain);
    plain.as_slice().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_whole_for_its_purpose_and_its_owner() {
        let key = DataKey::generate().unwrap();
        let sealed = key.seal("credential", "connection 7", b"CANARY").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"CANARY"));
        let open = |purpose, context, sealed: &[u8]| {
            key.unseal(purpose, context, sealed).map(|plain| plain.expose().clone())
        };
        assert_eq!(open("credential", "connection 7", &sealed).as_deref(), Some(&b"CANARY"[..]));
        assert_eq!(open("backup", "connection 7", &sealed), None);
        assert_eq!(open("credential", "connection 8", &sealed), None);
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open("credential", "connection 7", &flipped), None, "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert_eq!(open("credential", "connection 7", &sealed[..length]), None);
        }
        assert!(
            DataKey::generate().unwrap().unseal("credential", "connection 7", &sealed).is_none()
        );
    }
}
