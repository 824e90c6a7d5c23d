//! X.509 certificates: whose key it is, from when to when, and who signed it.

use super::{KeyProblem, VerifyKey, pem_blocks, read_pem};
use md5::{Digest, Md5};
use x509_parser::prelude::{FromDer, X509Certificate};

/// RSA with SHA-256, the only signature a chain may use here.
const SHA256_RSA: &str = "1.2.840.113549.1.1.11";
/// Every RSA signature algorithm begins so.
const RSA_FAMILY: &str = "1.2.840.113549.1.1";

/// A certificate, read once.
#[derive(Clone, Debug)]
pub struct Certificate {
    serial_hex: String,
    serial_decimal: String,
    not_before_s: i64,
    not_after_s: i64,
    issuer: String,
    subject_name: Option<String>,
    signature_oid: String,
    signed: Vec<u8>,
    signature: Vec<u8>,
    issuer_raw: Vec<u8>,
    subject_raw: Vec<u8>,
    authority: bool,
    key: Option<VerifyKey>,
}

impl Certificate {
    /// Reads one certificate, as PEM or as bare Base64.
    ///
    /// # Errors
    /// [`KeyProblem`], naming what was given instead.
    pub fn parse(text: &str) -> Result<Self, KeyProblem> {
        let (label, der) = read_pem(text)?;
        match label.as_deref() {
            Some(l) if l.contains("PRIVATE") => {
                Err(KeyProblem::WrongKind { found: "private key", wanted: "certificate" })
            }
            Some(l) if l.contains("PUBLIC") => {
                Err(KeyProblem::WrongKind { found: "public key", wanted: "certificate" })
            }
            _ => Self::from_der(&der),
        }
    }

    /// Every certificate of a PEM file, in its order. One that cannot be read (SM2, for one) is
    /// left out: its channel says to pass over it.
    pub fn parse_all(text: &str) -> Vec<Self> {
        pem_blocks(text).into_iter().filter_map(|block| Self::parse(block).ok()).collect()
    }

    /// # Errors
    /// [`KeyProblem::NotCertificate`].
    pub fn from_der(der: &[u8]) -> Result<Self, KeyProblem> {
        let (_, read) = X509Certificate::from_der(der).map_err(|_| KeyProblem::NotCertificate)?;
        let hex: String = read.raw_serial().iter().map(|byte| format!("{byte:02X}")).collect();
        let names = |name: &x509_parser::x509::X509Name<'_>| -> Vec<String> {
            name.iter_attributes()
                .map(|part| {
                    let oid = part.attr_type().to_id_string();
                    format!("{}={}", short_name(&oid), part.as_str().unwrap_or_default())
                })
                .collect()
        };
        let mut issuer = names(read.issuer());
        issuer.reverse();
        let subject_name = read.subject().iter_common_name().next();
        Ok(Self {
            // DER puts a zero in front of a number whose first bit is set.
            serial_hex: hex.strip_prefix("00").filter(|h| !h.is_empty()).unwrap_or(&hex).to_owned(),
            serial_decimal: read.serial.to_string(),
            not_before_s: read.validity().not_before.timestamp(),
            not_after_s: read.validity().not_after.timestamp(),
            issuer: issuer.join(","),
            subject_name: subject_name.and_then(|n| n.as_str().ok()).map(str::to_owned),
            signature_oid: read.signature_algorithm.algorithm.to_id_string(),
            signed: read.tbs_certificate.as_ref().to_vec(),
            signature: read.signature_value.data.to_vec(),
            issuer_raw: read.issuer().as_raw().to_vec(),
            subject_raw: read.subject().as_raw().to_vec(),
            authority: read.tbs_certificate.is_ca(),
            key: VerifyKey::from_der(read.public_key().raw).ok(),
        })
    }

    /// Serial number, upper-case hex without a leading zero byte.
    pub fn serial_hex(&self) -> &str {
        &self.serial_hex
    }

    /// Serial number as a decimal.
    pub fn serial_decimal(&self) -> &str {
        &self.serial_decimal
    }

    /// First and last second it is valid, UTC.
    pub fn valid_s(&self) -> (i64, i64) {
        (self.not_before_s, self.not_after_s)
    }

    /// True when it is valid at this time.
    pub fn is_valid_at(&self, now_s: i64) -> bool {
        (self.not_before_s..=self.not_after_s).contains(&now_s)
    }

    /// The subject's common name.
    pub fn subject_name(&self) -> Option<&str> {
        self.subject_name.as_deref()
    }

    /// Its RSA key; `None` for another kind of key.
    pub fn key(&self) -> Option<&VerifyKey> {
        self.key.as_ref()
    }

    /// True when `issuer` is an authority, bears the name of this one's issuer, and its key
    /// verifies this certificate's signature (RSA with SHA-256).
    pub fn is_signed_by(&self, issuer: &Self) -> bool {
        self.signature_oid == SHA256_RSA
            && issuer.authority
            && self.issuer_raw == issuer.subject_raw
            && issuer.key.as_ref().is_some_and(|key| key.verifies(&self.signed, &self.signature))
    }

    /// True when it is an authority's; the second half is true for one that vouches for itself.
    pub fn authority(&self) -> (bool, bool) {
        (self.authority, self.issuer_raw == self.subject_raw)
    }

    /// True when its own signature is of the RSA family.
    pub fn has_rsa_signature(&self) -> bool {
        self.signature_oid.strip_prefix(RSA_FAMILY).is_some_and(|rest| rest.starts_with('.'))
    }

    /// Alipay's name of a certificate: MD5 of the issuer, most specific part first, and the
    /// serial number as a decimal. Lower-case hex.
    pub fn alipay_sn(&self) -> String {
        let hash = Md5::digest(format!("{}{}", self.issuer, self.serial_decimal).as_bytes());
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The short name of an attribute of a distinguished name; the number itself for a rare one.
fn short_name(oid: &str) -> &str {
    match oid {
        "2.5.4.3" => "CN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        other => other,
    }
}
