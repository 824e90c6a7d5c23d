//! Key files in PKCS#12 (`.pfx`, `.p12`): a private key with its certificate under a password, the
//! form UnionPay's authority hands out.
//!
//! Old encodings (RC2 with 40 bits, 3DES with SHA-1) are read as well as AES: most files in use
//! have them. Nothing is ever written in this form.

use super::{Certificate, SigningKey, read_pem};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error as Cause;
use secrets::Secret;
use thiserror::Error;
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// Characters of a line of a PEM file.
const PEM_LINE: usize = 64;

/// Why a key file gives no key. Says nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PfxProblem {
    /// Not PKCS#12 at all, or damaged.
    #[error("this is no key file in PKCS#12")]
    Unreadable,
    /// Written in BER with open lengths, as some tools do.
    #[error("the key file is written with open lengths (BER), which are not read")]
    OpenLengths,
    /// Another password.
    #[error("the password of the key file is wrong")]
    Password,
    /// Sealed in a way that is not read here.
    #[error("the key file is sealed in a way that is not known")]
    Encoding,
    /// Certificates alone, as they are given to others.
    #[error("there is no private key in the key file")]
    NoKey,
    /// More than one, and nothing says which.
    #[error("there is more than one private key in the key file")]
    SeveralKeys,
    /// A key of another kind, SM2 for one, or a short one.
    #[error("the key is not an RSA key of 2048 bits or more")]
    NotRsa,
    /// None of its certificates is of its key.
    #[error("there is no certificate of the private key in the key file")]
    NoCertificate,
}

/// What a key file held.
#[derive(Debug)]
pub struct KeyFile {
    /// The private key, PKCS#8 in PEM.
    pub private_key_pem: Secret<String>,
    /// The certificate of that key, PEM. Certificates of authorities beside it are left out: whom
    /// to trust is never taken from the file of our own key.
    pub certificate_pem: String,
}

impl KeyFile {
    /// Opens a key file, given as Base64 ([`as_text`]).
    ///
    /// # Errors
    /// [`PfxProblem`].
    pub fn open(text: &Secret<String>, password: &Secret<String>) -> Result<Self, PfxProblem> {
        let (_, bytes) = read_pem(text.expose()).map_err(|_| PfxProblem::Unreadable)?;
        let archive = Pkcs12Archive::from_pkcs12(&bytes, password.expose());
        let archive = archive.map_err(|cause| match problem(cause) {
            PfxProblem::Unreadable if has_open_lengths(&bytes) => PfxProblem::OpenLengths,
            other => other,
        })?;
        let key = match archive.keys.as_slice() {
            [] => return Err(PfxProblem::NoKey),
            [bag] => Secret::new(pem("PRIVATE KEY", bag.key.as_der())),
            _ => return Err(PfxProblem::SeveralKeys),
        };
        let ours = SigningKey::parse(&key).and_then(|key| key.public());
        let ours = ours.map_err(|_| PfxProblem::NotRsa)?;
        let of_key = |der: &&[u8]| {
            Certificate::from_der(der).is_ok_and(|certificate| certificate.key() == Some(&ours))
        };
        let found = archive.certs.iter().map(|bag| bag.cert.as_der()).find(of_key);
        let certificate = found.ok_or(PfxProblem::NoCertificate)?;
        Ok(Self { private_key_pem: key, certificate_pem: pem("CERTIFICATE", certificate) })
    }
}

/// True for what begins as a key file does: a sequence whose first part is the version, 3.
#[must_use]
pub fn is_one(bytes: &[u8]) -> bool {
    let Some((&0x30, rest)) = bytes.split_first() else { return false };
    let length_bytes = rest.first().map_or(0, |first| match first & 0x80 {
        0 => 1,
        _ => 1 + usize::from(first & 0x7f),
    });
    rest.get(length_bytes..).is_some_and(|inside| inside.starts_with(&[0x02, 0x01, 0x03]))
}

/// Bytes within which a key file that was written with open lengths shows it: the outer sequence,
/// or the first wrapping inside it.
const HEAD: usize = 64;

/// True for a file whose outer parts end where a mark says, not after a length told before.
fn has_open_lengths(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    let open = |two: &[u8]| matches!(two, [0x30 | 0x24 | 0xa0, 0x80]);
    is_one(bytes) && head.windows(2).any(open)
}

/// The bytes of a key file as Base64, how a set-up carries them.
pub fn as_text(bytes: &[u8]) -> Secret<String> {
    Secret::new(STANDARD.encode(bytes))
}

/// A wrong password shows in the seal over the file; in one without a seal, as noise inside.
fn problem(cause: Cause) -> PfxProblem {
    match cause {
        Cause::MacError(_) | Cause::UnpadError | Cause::Pkcs5Error(_) => PfxProblem::Password,
        Cause::UnsupportedEncryptionScheme
        | Cause::UnsupportedMacAlgorithm
        | Cause::InvalidParameters => PfxProblem::Encoding,
        Cause::InvalidPrivateKey => PfxProblem::NotRsa,
        _ => PfxProblem::Unreadable,
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = Zeroizing::new(STANDARD.encode(der));
    let mut text = String::with_capacity(body.len() + body.len() / PEM_LINE + 80);
    text.push_str(&format!("-----BEGIN {label}-----\n"));
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(PEM_LINE));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}
