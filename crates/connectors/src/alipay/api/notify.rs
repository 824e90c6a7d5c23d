//! Notices: the form Alipay would post to us, for a relay and for the practice platform.
//!
//! Source: Alipay open platform, asynchronous notification, read 2026-11. One is a hint to query,
//! never the proof that money moved. The only right acknowledgement is the word `success`.

use super::certificates::Trust;
use super::{contract, doubt};
use crate::error::{CallError, Doubt};
use crate::http::{Effect, parse_form};
use std::collections::BTreeMap;

/// The largest notice that is looked at.
const LARGEST: usize = 256 * 1024;

/// The fields of a genuine notice, decoded once.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    fields: BTreeMap<String, String>,
}

impl Notice {
    /// Its number; the same on every repeat.
    pub fn id(&self) -> Option<&str> {
        self.get("notify_id")
    }

    /// A field; `None` when it is absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// True when it tells of a refund; then `refund_fee` is everything given back so far.
    pub fn is_refund(&self) -> bool {
        self.get("refund_fee").is_some()
    }
}

/// A notice names a buyer.
impl std::fmt::Debug for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Notice({} fields)", self.fields.len())
    }
}

/// The notice, when it is genuine and for this app.
///
/// # Errors
/// [`CallError::OutcomeUnknown`] when it is not signed by Alipay, [`CallError::Contract`] when it
/// is for another app.
pub fn read(trust: &Trust, app_id: &str, body: &[u8], now_s: i64) -> Result<Notice, CallError> {
    let reads = Effect::Reads;
    if body.len() > LARGEST {
        return Err(doubt(reads, Doubt::TooLarge));
    }
    let unreadable = || doubt(reads, Doubt::Unreadable { what: "a form" });
    let fields = parse_form(body).ok_or_else(unreadable)?;
    let sign = fields.get("sign").ok_or_else(|| doubt(reads, Doubt::NotSigned))?;
    if fields.get("sign_type").is_some_and(|kind| kind != "RSA2") {
        return Err(doubt(reads, Doubt::BadSignature));
    }
    let cert_sn = fields.get("alipay_cert_sn").map(String::as_str);
    let keys = trust.keys(cert_sn, now_s).map_err(|why| doubt(reads, why))?;
    // Accounts differ on whether empty values are signed, and old messages of one product sign
    // their `sign_type` as well. Each text holds the same values, so trying all is harmless.
    let unsigned: [&[&str]; 2] =
        [&["sign", "sign_type", "alipay_cert_sn"], &["sign", "alipay_cert_sn"]];
    let fits = unsigned.iter().any(|left_out| {
        [true, false].iter().any(|keep_empty| {
            let text = text_of(&fields, left_out, *keep_empty);
            keys.iter().any(|key| key.verifies_base64(text.as_bytes(), sign))
        })
    });
    if !fits {
        return Err(doubt(reads, Doubt::BadSignature));
    }
    if fields.get("app_id").map(String::as_str) != Some(app_id) {
        return Err(contract(reads, "the notice is for another app"));
    }
    Ok(Notice { fields })
}

/// What is signed: every field but some, sorted by name.
fn text_of(fields: &BTreeMap<String, String>, left_out: &[&str], keep_empty: bool) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .filter(|(name, value)| {
            !left_out.contains(&name.as_str()) && (keep_empty || !value.is_empty())
        })
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}
