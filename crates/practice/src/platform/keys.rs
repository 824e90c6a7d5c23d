//! The platform's own cryptography, written from the channels' documents alone.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use aws_lc_rs::{digest, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;

/// One side's private key.
pub(super) struct Signer(RsaKeyPair);

impl Signer {
    /// Reads one of the platform's own keys.
    pub(super) fn new(pem: &str) -> Self {
        let der = unarmour(pem).expect("the platform's own keys are PEM");
        Self(RsaKeyPair::from_pkcs8(&der).expect("the platform's own keys are RSA in PKCS#8"))
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256, Base64 in one line.
    pub(super) fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &rand::SystemRandom::new(), message, &mut signature)
            .expect("a whole key signs a message of any length");
        STANDARD.encode(signature)
    }
}

/// True when `signature` (Base64) is RSASSA-PKCS1-v1_5 with SHA-256 over `message`.
pub(super) fn verifies(public_pem: &str, message: &[u8], signature: &str) -> bool {
    let (Some(key), Ok(signature)) = (unarmour(public_pem), STANDARD.decode(signature)) else {
        return false;
    };
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(message, &signature).is_ok()
}

/// AES-256-GCM, Base64 of ciphertext and tag; the nonce is 12 characters.
pub(super) fn seal_gcm(key: &[u8], nonce: &str, associated: &str, plain: &[u8]) -> String {
    let key = UnboundKey::new(&AES_256_GCM, key).expect("the APIv3 key has 32 bytes");
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).expect("12 bytes");
    let mut bytes = plain.to_vec();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::from(associated.as_bytes()), &mut bytes)
        .expect("memory has room for the tag");
    STANDARD.encode(bytes)
}

/// AES-128-CBC with PKCS#7 padding and an IV of zeros, Base64.
pub(super) fn seal_cbc(key: &[u8], plain: &[u8]) -> String {
    let key = UnboundCipherKey::new(&AES_128, key).expect("the content key has 16 bytes");
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).expect("AES-128 has CBC");
    let mut bytes = plain.to_vec();
    let iv = EncryptionContext::Iv128([0; 16].into());
    key.less_safe_encrypt(&mut bytes, iv).expect("padding fits any length");
    STANDARD.encode(bytes)
}

/// Opens what [`seal_cbc`] makes; `None` when it is not that.
pub(super) fn open_cbc(key: &[u8], sealed: &str) -> Option<Vec<u8>> {
    let mut bytes = STANDARD.decode(sealed).ok()?;
    let key = UnboundCipherKey::new(&AES_128, key).ok()?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
    let iv = DecryptionContext::Iv128([0; 16].into());
    Some(key.decrypt(&mut bytes, iv).ok()?.to_vec())
}

/// SHA-1, hex.
pub(super) fn sha1(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref())
}

/// SHA-256, hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// HMAC with SHA-256, hex.
pub(super) fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    hex(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref())
}

/// So many random bytes, hex.
pub(super) fn random(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    // Without chance the numbers repeat, which a practice platform can bear.
    let _ = rand::fill(&mut random);
    hex(&random)
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What stands between the lines of a PEM text.
fn unarmour(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body.trim()).ok()
}
