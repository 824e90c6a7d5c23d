//! Platform certificates: the channel's older kind of key, sealed with our APIv3 key.
//!
//! Source: WeChat Pay APIv3, "Platform certificates", read 2026-11. Worth fetching every twelve
//! hours. Merchants since about 2024-10 have none and use the WeChat Pay public key.

use super::codes::{self, Call};
use super::verify::{Trust, Verifier};
use super::{Account, contract, doubt};
use crate::error::{CallError, Doubt};
use crate::http::{Effect, HttpAnswer, HttpRequest};
use crate::keys::{Certificate, GcmKey};
use serde::Deserialize;

/// Asks for the certificates.
pub fn request(account: &Account) -> HttpRequest {
    account.get("/v3/certificates?algorithm_type=RSA")
}

/// A platform certificate under the name the channel signs with.
#[derive(Clone, Debug)]
pub struct PlatformCertificate {
    /// Serial number as the channel writes it.
    pub serial_no: String,
    /// The certificate.
    pub certificate: Certificate,
}

#[derive(Deserialize)]
struct Wire {
    data: Vec<WireCertificate>,
}

#[derive(Deserialize)]
struct WireCertificate {
    serial_no: String,
    encrypt_certificate: WireSealed,
}

#[derive(Deserialize)]
struct WireSealed {
    algorithm: String,
    nonce: String,
    #[serde(default)]
    associated_data: String,
    ciphertext: String,
}

/// The certificates, newest first.
///
/// The first time, none of them is known yet, so the answer is verified with the certificates it
/// brings: they are sealed with a key that only the channel and we have. `known` are the keys
/// held so far; they may verify it as well.
///
/// # Errors
/// [`CallError::OutcomeUnknown`] when a certificate cannot be opened (a wrong APIv3 key) or no
/// key verifies the answer; [`CallError::Rejected`] with `FixAccount` for a merchant without
/// certificates.
pub fn read(
    known: &Trust,
    now_s: i64,
    key: &GcmKey,
    answer: &HttpAnswer,
) -> Result<Vec<PlatformCertificate>, CallError> {
    let reads = Effect::Reads;
    if answer.status != 200 {
        return Err(codes::refuse(Call::Certificates, answer));
    }
    let wire: Wire = serde_json::from_slice(&answer.body)
        .map_err(|_| doubt(reads, Doubt::Unreadable { what: "a list of certificates" }))?;
    let mut found = Vec::new();
    let mut trust = known.clone();
    for wire in wire.data {
        let opened = open(&wire, key).map_err(|why| doubt(reads, why))?;
        if !trust.add_certificate(&opened.serial_no, &opened.certificate) {
            return Err(contract(reads, "a certificate without an RSA key"));
        }
        found.push(opened);
    }
    Verifier { trust: &trust, now_s }.open(Call::Certificates, answer)?;
    found.sort_by_key(|c| std::cmp::Reverse(c.certificate.valid_s().0));
    Ok(found)
}

fn open(wire: &WireCertificate, key: &GcmKey) -> Result<PlatformCertificate, Doubt> {
    let sealed = &wire.encrypt_certificate;
    if sealed.algorithm != "AEAD_AES_256_GCM" {
        return Err(Doubt::Unreadable { what: "AEAD_AES_256_GCM" });
    }
    let plain = key
        .open(&sealed.nonce, &sealed.associated_data, &sealed.ciphertext)
        .ok_or(Doubt::Sealed)?;
    let unreadable = || Doubt::Unreadable { what: "a certificate" };
    let text = std::str::from_utf8(&plain).map_err(|_| unreadable())?;
    let certificate = Certificate::parse(text).map_err(|_| unreadable())?;
    let bare = |serial: &str| serial.trim_start_matches('0').to_ascii_uppercase();
    if bare(certificate.serial_hex()) != bare(&wire.serial_no) {
        return Err(Doubt::Unreadable { what: "the certificate of that serial number" });
    }
    Ok(PlatformCertificate { serial_no: wire.serial_no.clone(), certificate })
}
