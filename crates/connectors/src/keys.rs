//! Keys of channels: signing, verifying, opening what a channel sealed.
//!
//! Private keys and shared keys are wiped when dropped, print as `…`, and are used through one
//! verb each. RSA, AES and the hashes are AWS-LC's, which the transport's TLS uses as well.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::rsa::{KeyPair, OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use aws_lc_rs::{digest, rand};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrets::Secret;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

mod certificate;
mod file;
pub mod pfx;

pub use certificate::Certificate;
pub use file::{Held, read_file};

/// What is wrong with a key or certificate somebody gave us. Says nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyProblem {
    /// Neither PEM nor Base64.
    #[error("not a PEM or Base64 text")]
    NotText,
    /// A certificate or public key where a private key is needed, or the other way round.
    #[error("this is a {found}, not a {wanted}")]
    WrongKind {
        /// What it looks like.
        found: &'static str,
        /// What is needed here.
        wanted: &'static str,
    },
    /// Not an RSA key of 2048 bits or more.
    #[error("not an RSA key of 2048 bits or more")]
    NotRsa,
    /// Not a certificate.
    #[error("not a certificate")]
    NotCertificate,
    /// Not as long as it has to be.
    #[error("not {0} characters long")]
    Length(usize),
    /// The key could not be used.
    #[error("the key could not be used")]
    Unusable,
}

/// Our private RSA key at a channel.
pub struct SigningKey(KeyPair);

impl SigningKey {
    /// Reads PKCS#8 or PKCS#1, as PEM or as bare Base64, with or without line breaks.
    ///
    /// # Errors
    /// [`KeyProblem`], naming what was given instead.
    pub fn parse(text: &Secret<String>) -> Result<Self, KeyProblem> {
        let (label, der) = read_pem(text.expose())?;
        match label.as_deref() {
            Some(l) if l.contains("CERTIFICATE") => {
                return Err(KeyProblem::WrongKind { found: "certificate", wanted: "private key" });
            }
            Some(l) if l.contains("PUBLIC") => {
                return Err(KeyProblem::WrongKind { found: "public key", wanted: "private key" });
            }
            Some(l) if l.contains("ENCRYPTED") => {
                return Err(KeyProblem::WrongKind {
                    found: "locked private key",
                    wanted: "private key",
                });
            }
            _ => {}
        }
        // `from_der` reads both encodings.
        let pair = KeyPair::from_pkcs8(&der).or_else(|_| KeyPair::from_der(&der));
        pair.map(Self).map_err(|_| KeyProblem::NotRsa)
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 over `message`, Base64 in one line.
    ///
    /// # Errors
    /// [`KeyProblem::Unusable`].
    pub fn sign(&self, message: &[u8]) -> Result<String, KeyProblem> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &rand::SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyProblem::Unusable)?;
        Ok(STANDARD.encode(signature))
    }

    /// The public half, to compare with a certificate.
    ///
    /// # Errors
    /// [`KeyProblem::Unusable`].
    pub fn public(&self) -> Result<VerifyKey, KeyProblem> {
        use aws_lc_rs::encoding::AsDer;
        use aws_lc_rs::signature::KeyPair as _;
        let der = self.0.public_key().as_der().map_err(|_| KeyProblem::Unusable)?;
        VerifyKey::from_der(der.as_ref())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// A public RSA key. Not a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyKey {
    /// SubjectPublicKeyInfo.
    der: Vec<u8>,
}

impl VerifyKey {
    /// Reads a public key, as PEM or as bare Base64.
    ///
    /// # Errors
    /// [`KeyProblem`], naming what was given instead.
    pub fn parse(text: &str) -> Result<Self, KeyProblem> {
        let (label, der) = read_pem(text)?;
        match label.as_deref() {
            Some(l) if l.contains("CERTIFICATE") => {
                Err(KeyProblem::WrongKind { found: "certificate", wanted: "public key" })
            }
            Some(l) if l.contains("PRIVATE") => {
                Err(KeyProblem::WrongKind { found: "private key", wanted: "public key" })
            }
            _ => Self::from_der(&der),
        }
    }

    pub(crate) fn from_der(der: &[u8]) -> Result<Self, KeyProblem> {
        let key = PublicEncryptingKey::from_der(der).map_err(|_| KeyProblem::NotRsa)?;
        if key.key_size_bits() < 2048 {
            return Err(KeyProblem::NotRsa);
        }
        Ok(Self { der: der.to_vec() })
    }

    /// True when `signature` is RSASSA-PKCS1-v1_5 with SHA-256 over `message` under this key.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.der)
            .verify(message, signature)
            .is_ok()
    }

    /// As [`Self::verifies`], for a signature in Base64. Anything else is no signature.
    pub fn verifies_base64(&self, message: &[u8], signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|signature| self.verifies(message, &signature))
    }

    /// RSAES-OAEP with SHA-1 (and MGF1 with SHA-1), Base64: how WeChat Pay wants names and card
    /// numbers. At most 214 bytes under a key of 2048 bits.
    ///
    /// # Errors
    /// [`KeyProblem::Unusable`] when the text is longer than the key carries.
    pub fn encrypt(&self, plain: &str) -> Result<String, KeyProblem> {
        let unusable = |_| KeyProblem::Unusable;
        let key = PublicEncryptingKey::from_der(&self.der).map_err(|_| KeyProblem::Unusable)?;
        let key = OaepPublicEncryptingKey::new(key).map_err(unusable)?;
        let mut sealed = vec![0; key.ciphertext_size()];
        let sealed = key
            .encrypt(&OAEP_SHA1_MGF1SHA1, plain.as_bytes(), &mut sealed, None)
            .map_err(unusable)?;
        Ok(STANDARD.encode(&*sealed))
    }
}

impl fmt::Debug for VerifyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyKey({} bytes)", self.der.len())
    }
}

/// WeChat Pay's APIv3 key: 32 characters, used as they are.
pub struct GcmKey(Secret<[u8; 32]>);

impl GcmKey {
    /// # Errors
    /// [`KeyProblem::Length`] unless `text` is 32 ASCII characters.
    pub fn parse(text: &Secret<String>) -> Result<Self, KeyProblem> {
        let text = text.expose().trim();
        let key = text.as_bytes().try_into().map_err(|_| KeyProblem::Length(32))?;
        if !text.is_ascii() {
            return Err(KeyProblem::Length(32));
        }
        Ok(Self(Secret::new(key)))
    }

    /// Opens AES-256-GCM; `sealed` is Base64 of the ciphertext with its tag of 16 bytes.
    ///
    /// `None` when the key, the nonce or the associated data is another one.
    pub fn open(&self, nonce: &str, associated: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(STANDARD.decode(sealed).ok()?);
        let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, self.0.expose()).ok()?);
        let length =
            key.open_in_place(nonce, Aad::from(associated.as_bytes()), &mut bytes).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }
}

impl fmt::Debug for GcmKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GcmKey(…)")
    }
}

/// Alipay's content key: AES-128-CBC, PKCS#7 padding, an IV of zeros.
///
/// The fixed IV is the channel's rule. What it hides stands under RSA signatures and TLS besides.
pub struct CbcKey(Secret<[u8; 16]>);

impl CbcKey {
    /// # Errors
    /// [`KeyProblem`] unless `text` is Base64 of 16 bytes.
    pub fn parse(text: &Secret<String>) -> Result<Self, KeyProblem> {
        let bytes = STANDARD.decode(text.expose().trim()).map_err(|_| KeyProblem::NotText)?;
        let bytes = Zeroizing::new(bytes);
        let key = bytes.as_slice().try_into().map_err(|_| KeyProblem::Length(24))?;
        Ok(Self(Secret::new(key)))
    }

    /// Seals `plain`; Base64 in one line.
    ///
    /// # Errors
    /// [`KeyProblem::Unusable`].
    pub fn seal(&self, plain: &[u8]) -> Result<String, KeyProblem> {
        let unusable = |_| KeyProblem::Unusable;
        let key = UnboundCipherKey::new(&AES_128, self.0.expose()).map_err(unusable)?;
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(unusable)?;
        let mut bytes = plain.to_vec();
        let iv = EncryptionContext::Iv128([0; 16].into());
        key.less_safe_encrypt(&mut bytes, iv).map_err(unusable)?;
        Ok(STANDARD.encode(bytes))
    }

    /// Opens what [`Self::seal`] made; `None` when it is not that.
    pub fn open(&self, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(STANDARD.decode(sealed).ok()?);
        let key = UnboundCipherKey::new(&AES_128, self.0.expose()).ok()?;
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
        let iv = DecryptionContext::Iv128([0; 16].into());
        let length = key.decrypt(&mut bytes, iv).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }
}

impl fmt::Debug for CbcKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CbcKey(…)")
    }
}

/// 32 random characters `0-9A-F` for one request.
///
/// # Errors
/// [`KeyProblem::Unusable`] when the operating system gives no random bytes.
pub fn fresh_nonce() -> Result<String, KeyProblem> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| KeyProblem::Unusable)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02X}")).collect())
}

/// SHA-1, which a channel uses to announce the bytes of a file.
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    hash.as_ref().try_into().expect("SHA-1 has 20 bytes")
}

/// SHA-256 of several pieces, one after the other.
pub(crate) fn sha256(pieces: &[&[u8]]) -> [u8; 32] {
    let mut hash = digest::Context::new(&digest::SHA256);
    pieces.iter().for_each(|piece| hash.update(piece));
    hash.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// The first block of a PEM text with its label, or bare Base64 without one.
fn read_pem(text: &str) -> Result<(Option<String>, Zeroizing<Vec<u8>>), KeyProblem> {
    let text = text.trim();
    let (label, body) = match text.split_once("-----BEGIN ") {
        Some((_, rest)) => {
            let (label, rest) = rest.split_once("-----").ok_or(KeyProblem::NotText)?;
            let (body, _) = rest.split_once("-----END").ok_or(KeyProblem::NotText)?;
            (Some(label.to_owned()), body)
        }
        None => (None, text),
    };
    let compact: Zeroizing<String> =
        Zeroizing::new(body.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    if compact.is_empty() {
        return Err(KeyProblem::NotText);
    }
    let der = STANDARD.decode(compact.as_bytes()).map_err(|_| KeyProblem::NotText)?;
    Ok((label, Zeroizing::new(der)))
}

/// Every block of a PEM text that may hold several; a text without armour is one block.
fn pem_blocks(text: &str) -> Vec<&str> {
    if !text.contains("-----BEGIN ") {
        return vec![text];
    }
    text.match_indices("-----BEGIN ").map(|(at, _)| &text[at..]).collect()
}
