//! Messages: fields, their signature, and how they travel.
//!
//! The signature is RSA with SHA-256 over the 64 letters of another SHA-256: hashed twice. A
//! request travels as a form; an answer is `k=v&k=v` that was never encoded, with `&` inside
//! braces and line breaks inside a certificate.

use super::{CHANNEL, codes, doubt};
use crate::error::{CallError, Doubt, NotSent};
use crate::http::{Effect, HttpAnswer, HttpRequest, encode_component};
use crate::keys::{Certificate, SigningKey};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Whose name a certificate of UnionPay bears.
const NAME: &str = "中国银联股份有限公司";
/// The other name that the test environment uses.
const TEST_NAME: &str = "00040000:SIGN";

/// The fields of a message, sorted as they are signed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Sets a field.
    pub fn set(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// A field; `None` when it is absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// What is signed: every field but the signature, joined by `&`. Empty ones are left out of
    /// what we sign, and kept in what we verify, as in the official code.
    pub fn text(&self, keep_empty: bool) -> String {
        let signed = |(name, value): &(&String, &String)| {
            name.as_str() != "signature" && (keep_empty || !value.is_empty())
        };
        let pairs = self.0.iter().filter(signed).map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// Signs with a certificate's key, `signMethod` 01.
    ///
    /// # Errors
    /// [`CallError::NotSent`] when the key cannot sign.
    pub fn sign(mut self, cert_id: &str, key: &SigningKey) -> Result<Self, CallError> {
        self.set("signMethod", "01").set("certId", cert_id);
        let hash = hex(&Sha256::digest(self.text(false).as_bytes()));
        let not_sent = |_| CallError::NotSent { channel: CHANNEL, cause: NotSent::Key };
        let signature = key.sign(hash.as_bytes()).map_err(not_sent)?;
        self.set("signature", signature);
        Ok(self)
    }

    /// Signs with a shared key, `signMethod` 11: for merchants that have one instead.
    pub fn sign_with_secure_key(mut self, key: &secrets::Secret<String>) -> Self {
        self.set("signMethod", "11");
        let inner = hex(&Sha256::digest(key.expose().as_bytes()));
        let text = format!("{}&{inner}", self.text(false));
        self.set("signature", hex(&Sha256::digest(text.as_bytes())));
        self
    }

    /// The request that carries the fields.
    pub(super) fn post(&self, url: String, effect: Effect) -> HttpRequest {
        let pair = |(name, value): (&String, &String)| {
            format!("{name}={}", encode_component(value).replace("%20", "+"))
        };
        let filled = self.0.iter().filter(|(_, value)| !value.is_empty());
        let body = filled.map(pair).collect::<Vec<_>>().join("&").into_bytes();
        HttpRequest::post(url, body, effect)
            .with("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
            .with("User-Agent", concat!("Suanpan/", env!("CARGO_PKG_VERSION")))
    }

    /// Fields of an answer, as transmitted. `None` when it is no message, or names a field twice.
    pub fn parse(text: &str) -> Option<Self> {
        let mut fields = BTreeMap::new();
        let (mut depth, mut start) = (0_i32, 0);
        let ends = text.char_indices().chain([(text.len(), '&')]);
        for (at, letter) in ends {
            match letter {
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                '&' if depth <= 0 || at == text.len() => {
                    let (name, value) = text[start..at].split_once('=')?;
                    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                    if name.is_empty() || !plain {
                        return None;
                    }
                    if fields.insert(name.to_owned(), value.to_owned()).is_some() {
                        return None;
                    }
                    start = at + 1;
                }
                _ => {}
            }
        }
        Some(Self(fields))
    }
}

/// The values may name people.
impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fields({})", self.0.keys().cloned().collect::<Vec<_>>().join(", "))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// UnionPay's certificates above its signing ones, configured by us and never taken from a
/// message.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Between the root and the signing certificates; several while they change.
    pub middle: Vec<Certificate>,
    /// The roots; two while they change.
    pub roots: Vec<Certificate>,
    /// Also believe the name the test environment uses.
    pub test_environment: bool,
}

impl Trust {
    /// Also believes what another set believes: both halves of a change.
    pub fn also(&mut self, other: &Self) {
        self.middle.extend_from_slice(&other.middle);
        self.roots.extend_from_slice(&other.roots);
    }
}

/// What an answer is checked with.
#[derive(Clone, Copy, Debug)]
pub struct Verifier<'a> {
    /// UnionPay's certificates.
    pub trust: &'a Trust,
    /// Unix seconds by the channel's clock.
    pub now_s: i64,
}

impl Verifier<'_> {
    /// The genuine fields of an answer, whatever its code.
    ///
    /// # Errors
    /// [`CallError::OutcomeUnknown`] for anything that is not signed as it should be.
    pub fn fields(&self, effect: Effect, answer: &HttpAnswer) -> Result<Fields, CallError> {
        if answer.status != 200 {
            return Err(doubt(effect, Doubt::of_status(answer.status)));
        }
        let unreadable = || doubt(effect, Doubt::Unreadable { what: "a message" });
        let text = std::str::from_utf8(&answer.body).map_err(|_| unreadable())?;
        let fields = Fields::parse(text).ok_or_else(unreadable)?;
        self.check(&fields).map_err(|why| doubt(effect, why))?;
        Ok(fields)
    }

    /// The genuine fields of an answer that says yes.
    ///
    /// # Errors
    /// As [`Self::fields`], and what [`codes::refuse`] makes of another code.
    pub(super) fn open(&self, call: codes::Call, answer: &HttpAnswer) -> Result<Fields, CallError> {
        let fields = self.fields(call.effect(), answer)?;
        match fields.get("respCode") {
            Some("00") => Ok(fields),
            _ => Err(codes::refuse(call, &fields)),
        }
    }

    pub(super) fn check(&self, fields: &Fields) -> Result<(), Doubt> {
        let signature = fields.get("signature").ok_or(Doubt::NotSigned)?;
        let pem = fields.get("signPubKeyCert").ok_or(Doubt::NotSigned)?;
        let leaf = Certificate::parse(pem).map_err(|_| Doubt::UnknownKey)?;
        self.believe(&leaf)?;
        let key = leaf.key().ok_or(Doubt::UnknownKey)?;
        let hash = hex(&Sha256::digest(fields.text(true).as_bytes()));
        if !key.verifies_base64(hash.as_bytes(), signature) {
            return Err(Doubt::BadSignature);
        }
        Ok(())
    }

    /// Chain, time, and that it is UnionPay's own and not another customer of its authority.
    fn believe(&self, leaf: &Certificate) -> Result<(), Doubt> {
        let Trust { middle, roots, test_environment } = self.trust;
        let above = middle.iter().filter(|middle| leaf.is_signed_by(middle));
        let chains = above.flat_map(|middle| {
            let signed = roots.iter().filter(move |root| middle.is_signed_by(root));
            signed.map(move |root| [middle, root])
        });
        let mut chains = chains.peekable();
        chains.peek().ok_or(Doubt::UnknownKey)?;
        let in_time = |certificate: &&Certificate| certificate.is_valid_at(self.now_s);
        if !in_time(&leaf) || !chains.any(|chain| chain.iter().all(in_time)) {
            return Err(Doubt::KeyOutOfTime);
        }
        let name = leaf.subject_name().and_then(|name| name.split('@').nth(2));
        let ours = name == Some(NAME) || (*test_environment && name == Some(TEST_NAME));
        if ours { Ok(()) } else { Err(Doubt::UnknownKey) }
    }
}
