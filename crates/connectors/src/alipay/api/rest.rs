//! The texts that the newer protocol ("V3") signs, for answers and requests of that kind.
//!
//! Source: Alipay open platform, protocol V3, read 2026-11. The program's calls use the gateway;
//! these two are what a call that exists there alone would need.

use crate::keys::{KeyProblem, SigningKey, VerifyKey};

/// A request of the newer protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestRequest<'a> {
    /// `app_id=…,nonce=…,timestamp=…` with milliseconds, and the certificate where there is one.
    pub authority: &'a str,
    /// `GET`, `POST`.
    pub method: &'a str,
    /// Path with query, as sent.
    pub target: &'a str,
    /// Body as sent; empty for GET.
    pub body: &'a str,
}

impl RestRequest<'_> {
    /// The `Authorization` header.
    ///
    /// # Errors
    /// [`KeyProblem::Unusable`].
    pub fn authorization(&self, key: &SigningKey) -> Result<String, KeyProblem> {
        let Self { authority, method, target, body } = self;
        let sign = key.sign(format!("{authority}\n{method}\n{target}\n{body}\n").as_bytes())?;
        Ok(format!("ALIPAY-SHA256withRSA {authority},sign={sign}"))
    }
}

/// True when an answer of the newer protocol is signed with this key: its time, nonce and body.
pub fn verifies(key: &VerifyKey, timestamp: &str, nonce: &str, body: &[u8], sign: &str) -> bool {
    let head = format!("{timestamp}\n{nonce}\n");
    key.verifies_base64(&[head.as_bytes(), body, b"\n"].concat(), sign)
}
