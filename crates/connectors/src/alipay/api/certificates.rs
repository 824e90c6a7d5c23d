//! Alipay's keys in both modes, and its certificates by name.
//!
//! Source: Alipay open platform, "Public key certificates", read 2026-11.

use super::answer::Verifier;
use super::codes::Call;
use super::gateway::{Caller, Unsigned};
use super::{contract, doubt};
use crate::error::{CallError, Doubt};
use crate::http::{Effect, HttpAnswer};
use crate::keys::{CbcKey, Certificate, VerifyKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Alipay's keys.
#[derive(Clone, Debug)]
pub enum Trust {
    /// "支付宝公钥", as the console shows it after our own key was uploaded. Answers do not name
    /// it, so while it changes each of several is tried.
    PublicKeys(Vec<VerifyKey>),
    /// Certificates that chain to the pinned root.
    Certificates(Certificates),
}

/// Certificates by [`Certificate::alipay_sn`], all of which chain to the pinned root.
#[derive(Clone, Debug)]
pub struct Certificates {
    roots: Vec<Certificate>,
    /// Between the root and Alipay's own; believed only as links of a chain.
    between: Vec<Certificate>,
    known: BTreeMap<String, Certificate>,
}

impl Certificates {
    /// With the root file that the console hands out.
    pub fn pinned(root_file: &str) -> Self {
        Self {
            roots: Certificate::parse_all(root_file),
            between: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    /// Adds the certificates of a PEM file, the first of which is Alipay's and the others lead
    /// to the root. False when they do not, and nothing is added.
    pub fn add(&mut self, text: &str, now_s: i64) -> bool {
        let chain = Certificate::parse_all(text);
        let Some((leaf, others)) = chain.split_first() else { return false };
        let mut links = self.between.clone();
        links.extend_from_slice(others);
        if leaf.key().is_none() || !self.leads_to_root(leaf, &links, now_s) {
            return false;
        }
        self.between = links;
        self.known.insert(leaf.alipay_sn(), leaf.clone());
        true
    }

    /// Also knows the certificates of another set, each under the root that it led to.
    fn also(&mut self, other: &Self) {
        for (name, certificate) in &other.known {
            self.known.entry(name.clone()).or_insert_with(|| certificate.clone());
        }
    }

    /// Names of the certificates, with the second each one ends.
    pub fn list(&self) -> impl Iterator<Item = (&str, i64)> {
        self.known.iter().map(|(name, certificate)| (name.as_str(), certificate.valid_s().1))
    }

    fn leads_to_root(&self, leaf: &Certificate, links: &[Certificate], now_s: i64) -> bool {
        let mut at = leaf;
        for _ in 0..=links.len() {
            if self.roots.iter().any(|root| root.is_valid_at(now_s) && at.is_signed_by(root)) {
                return true;
            }
            let next = links.iter().find(|c| c.is_valid_at(now_s) && at.is_signed_by(c));
            let Some(next) = next else { return false };
            at = next;
        }
        false
    }
}

impl Trust {
    /// Also believes what another set of the same mode believes: both halves of a change.
    pub fn also(&mut self, other: &Self) {
        match (self, other) {
            (Self::PublicKeys(own), Self::PublicKeys(others)) => {
                for key in others {
                    if !own.contains(key) {
                        own.push(key.clone());
                    }
                }
            }
            (Self::Certificates(own), Self::Certificates(others)) => own.also(others),
            _ => {}
        }
    }

    /// The keys an answer that names this certificate, or none, may be signed with.
    pub(super) fn keys(&self, name: Option<&str>, now_s: i64) -> Result<&[VerifyKey], Doubt> {
        match self {
            Self::PublicKeys(keys) => Ok(keys),
            Self::Certificates(certificates) => {
                let found = name.and_then(|name| certificates.known.get(name));
                let certificate = found.ok_or(Doubt::UnknownKey)?;
                if !certificate.is_valid_at(now_s) {
                    return Err(Doubt::KeyOutOfTime);
                }
                certificate.key().map(std::slice::from_ref).ok_or(Doubt::UnknownKey)
            }
        }
    }
}

/// `alipay_root_cert_sn` of a root file: the names of those certificates that are signed with
/// RSA, in their order, joined by `_`.
pub fn root_sn(root_file: &str) -> String {
    let roots = Certificate::parse_all(root_file);
    let names: Vec<String> =
        roots.iter().filter(|c| c.has_rsa_signature()).map(Certificate::alipay_sn).collect();
    names.join("_")
}

/// Asks for a certificate that an answer named and we do not have.
///
/// # Errors
/// [`CallError::NotSent`].
pub fn fetch(caller: &Caller<'_>, cert_sn: &str) -> Result<Unsigned, CallError> {
    #[derive(Serialize)]
    struct Wire<'a> {
        alipay_cert_sn: &'a str,
    }
    let method = Call::Certificate.method();
    caller.request(method, Effect::Reads, &Wire { alipay_cert_sn: cert_sn })
}

/// Adds the fetched certificate. The answer is signed with the very certificate it brings: what
/// is believed is the chain to the pinned root, and then the signature. `now_s` is in unix seconds
/// by the channel's clock; `content_key` opens the answer to a sealed request.
///
/// # Errors
/// [`CallError::OutcomeUnknown`] when the chain does not lead to the root.
pub fn read_fetch(
    certificates: &Certificates,
    cert_sn: &str,
    answer: &HttpAnswer,
    (now_s, content_key): (i64, Option<&CbcKey>),
) -> Result<Certificates, CallError> {
    #[derive(Deserialize)]
    struct Wire {
        alipay_cert_content: String,
    }
    let reads = Effect::Reads;
    let unreadable = || doubt(reads, Doubt::Unreadable { what: "a certificate" });
    let before = Trust::Certificates(certificates.clone());
    let verifier = Verifier { trust: &before, now_s, content_key };
    let value = verifier.unproven(Call::Certificate, answer).ok_or_else(unreadable)?;
    let wire: Wire = match serde_json::from_str(&value) {
        Ok(wire) => wire,
        // A refusal brings none; signed by a certificate we have, it says why.
        Err(_) => {
            verifier.open(Call::Certificate, answer)?;
            return Err(unreadable());
        }
    };
    let text = STANDARD.decode(&wire.alipay_cert_content).map_err(|_| unreadable())?;
    let text = String::from_utf8(text).map_err(|_| unreadable())?;
    let mut grown = certificates.clone();
    if !grown.add(&text, now_s) {
        return Err(doubt(reads, Doubt::UnknownKey));
    }
    if !grown.known.contains_key(cert_sn) {
        return Err(contract(reads, "the answer brings another certificate"));
    }
    let trust = Trust::Certificates(grown.clone());
    let verifier = Verifier { trust: &trust, now_s, content_key };
    verifier.open(Call::Certificate, answer)?;
    Ok(grown)
}
