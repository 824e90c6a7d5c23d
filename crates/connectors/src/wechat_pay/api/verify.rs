//! Whether an answer is WeChat Pay's: its signature, its key, its time.
//!
//! Only answers below 400 are signed. What fails here is no evidence of anything: it is
//! discarded, and the call counts as one without an answer.

use super::codes::{self, Call};
use super::{contract, doubt};
use crate::error::{CallError, Doubt};
use crate::http::HttpAnswer;
use crate::keys::{Certificate, VerifyKey};
use std::collections::BTreeMap;

/// An answer's time may be this far from ours, seconds.
const TOLERANCE_S: i64 = 300;
/// How a signature begins that is wrong on purpose.
const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// The channel's keys, by the name it gives them. Both kinds may stand side by side: during the
/// change from one to the other, both arrive.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    keys: BTreeMap<String, Trusted>,
}

#[derive(Clone, Debug)]
struct Trusted {
    key: VerifyKey,
    valid_s: Option<(i64, i64)>,
}

impl Trust {
    /// Adds the WeChat Pay public key under its id, `PUB_KEY_ID_…`. It has no end.
    pub fn add_public_key(&mut self, id: &str, key: VerifyKey) {
        self.keys.insert(id.to_owned(), Trusted { key, valid_s: None });
    }

    /// Adds a platform certificate under the serial number the channel writes; false when its
    /// key is not RSA.
    pub fn add_certificate(&mut self, serial_no: &str, certificate: &Certificate) -> bool {
        let Some(key) = certificate.key().cloned() else { return false };
        let valid_s = Some(certificate.valid_s());
        self.keys.insert(serial_no.to_owned(), Trusted { key, valid_s });
        true
    }

    /// Also believes what another set believes: both halves of a change. Where both have a name,
    /// this set's own key counts.
    pub fn also(&mut self, other: &Self) {
        for (name, trusted) in &other.keys {
            self.keys.entry(name.clone()).or_insert_with(|| trusted.clone());
        }
    }

    /// Names of the keys, with the second a key ends, in order of the names.
    pub fn list(&self) -> impl Iterator<Item = (&str, Option<i64>)> {
        self.keys.iter().map(|(name, key)| (name.as_str(), key.valid_s.map(|(_, until)| until)))
    }

    /// The key to seal names and card numbers with: the public key where there is one, else the
    /// certificate that was issued last.
    pub fn for_sealing(&self, now_s: i64) -> Option<(&str, &VerifyKey)> {
        let valid = self.keys.iter().filter(|(_, k)| k.is_valid_at(now_s));
        let newest = valid.max_by_key(|(_, k)| k.valid_s.map_or(i64::MAX, |(from, _)| from));
        newest.map(|(name, trusted)| (name.as_str(), &trusted.key))
    }
}

impl Trusted {
    fn is_valid_at(&self, now_s: i64) -> bool {
        self.valid_s.is_none_or(|(from, until)| (from..=until).contains(&now_s))
    }
}

/// What an answer is checked with.
#[derive(Clone, Copy, Debug)]
pub struct Verifier<'a> {
    /// The channel's keys.
    pub trust: &'a Trust,
    /// Unix seconds by the channel's clock.
    pub now_s: i64,
}

/// An answer whose signature holds. There is no other way to get one.
#[derive(Debug)]
pub struct Verified<'a> {
    /// 200, 202 or 204.
    pub status: u16,
    /// The body the signature covers.
    pub body: &'a [u8],
}

impl Verifier<'_> {
    /// The genuine answer to `call`.
    ///
    /// # Errors
    /// What [`codes::refuse`] makes of a status from 400 on; [`CallError::OutcomeUnknown`] for
    /// anything that is not signed as it should be; [`CallError::Contract`] for a genuine answer
    /// with a status this call does not have.
    pub fn open<'b>(&self, call: Call, answer: &'b HttpAnswer) -> Result<Verified<'b>, CallError> {
        if answer.status >= 400 {
            return Err(codes::refuse(call, answer));
        }
        let effect = call.effect();
        if !(200..300).contains(&answer.status) {
            let code = String::new();
            return Err(doubt(effect, Doubt::UnknownCode { status: answer.status, code }));
        }
        self.check(|name| answer.header(name), &answer.body).map_err(|why| doubt(effect, why))?;
        match answer.status {
            200 | 204 => Ok(Verified { status: answer.status, body: &answer.body }),
            // Accepted and not finished: ask again, with the same words.
            202 => {
                let code = String::new();
                Err(doubt(effect, Doubt::Unavailable { status: 202, code }))
            }
            other => Err(contract(effect, format!("status {other}"))),
        }
    }

    /// Checks the signature of an answer or a callback.
    pub(super) fn check<'h>(
        &self,
        header: impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
    ) -> Result<(), Doubt> {
        let need = |name: &str| header(name).filter(|v| !v.is_empty()).ok_or(Doubt::NotSigned);
        let signature = need("Wechatpay-Signature")?;
        let timestamp = need("Wechatpay-Timestamp")?;
        let nonce = need("Wechatpay-Nonce")?;
        let serial = need("Wechatpay-Serial")?;
        let kind = header("Wechatpay-Signature-Type");
        if kind.is_some_and(|kind| kind != "WECHATPAY2-SHA256-RSA2048") {
            return Err(Doubt::BadSignature);
        }
        if signature.starts_with(PROBE) {
            return Err(Doubt::SignatureProbe);
        }
        let at_s: i64 = timestamp.parse().map_err(|_| Doubt::BadSignature)?;
        let seconds = self.now_s.saturating_sub(at_s);
        if seconds.saturating_abs() >= TOLERANCE_S {
            return Err(Doubt::Stale { seconds });
        }
        let trusted = self.trust.keys.get(serial).ok_or(Doubt::UnknownKey)?;
        if !trusted.is_valid_at(self.now_s) {
            return Err(Doubt::KeyOutOfTime);
        }
        let message = [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat();
        if !trusted.key.verifies_base64(&message, signature) {
            return Err(Doubt::BadSignature);
        }
        Ok(())
    }
}
