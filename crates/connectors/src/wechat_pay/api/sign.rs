//! Signing a request: `WECHATPAY2-SHA256-RSA2048`.
//!
//! Five lines, each ended by LF: method, path with query as sent, seconds, nonce, body as sent.

use super::{Account, CHANNEL};
use crate::error::{CallError, NotSent};
use crate::http::HttpRequest;
use crate::keys::{KeyProblem, SigningKey};

/// The moment and the nonce of one request. A repeat gets new ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Unix seconds by the channel's clock: ours with the measured skew added.
    pub at_s: i64,
    /// Up to 32 letters and digits, new for each request.
    pub nonce: String,
}

impl Stamp {
    /// A stamp with a fresh nonce.
    ///
    /// # Errors
    /// [`KeyProblem::Unusable`] when there are no random bytes.
    pub fn fresh(at_s: i64) -> Result<Self, KeyProblem> {
        Ok(Self { at_s, nonce: crate::keys::fresh_nonce()? })
    }
}

/// The text that is signed for a request.
pub fn message(request: &HttpRequest, stamp: &Stamp) -> Vec<u8> {
    let method = request.method.word();
    let target = request.target();
    let head = format!("{method}\n{target}\n{}\n{}\n", stamp.at_s, stamp.nonce);
    [head.as_bytes(), &request.body, b"\n"].concat()
}

/// Adds the headers every call needs, the signature among them.
///
/// # Errors
/// [`CallError::NotSent`] when the key cannot sign.
pub fn sign(
    request: HttpRequest,
    account: &Account,
    key: &SigningKey,
    stamp: &Stamp,
) -> Result<HttpRequest, CallError> {
    let not_sent = |_| CallError::NotSent { channel: CHANNEL, cause: NotSent::Key };
    let signature = key.sign(&message(&request, stamp)).map_err(not_sent)?;
    let authorization = format!(
        "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{}\",signature=\"{signature}\",\
         timestamp=\"{}\",serial_no=\"{}\"",
        account.mchid, stamp.nonce, stamp.at_s, account.serial_no
    );
    let own_serial = request.header("Wechatpay-Serial").is_some();
    let mut signed = request
        .with("Accept", "application/json")
        .with("Accept-Language", account.language)
        .with("User-Agent", concat!("Suanpan/", env!("CARGO_PKG_VERSION")))
        .with("Authorization", authorization);
    if let Some(id) = account.public_key_id.as_deref().filter(|_| !own_serial) {
        signed = signed.with("Wechatpay-Serial", id);
    }
    Ok(signed)
}

/// What a page or mini program needs to open the cashier: four lines, RSA.
///
/// # Errors
/// [`CallError::NotSent`] when the key cannot sign.
pub fn sign_invocation(
    appid: &str,
    prepay_id: &str,
    key: &SigningKey,
    stamp: &Stamp,
) -> Result<String, CallError> {
    let text = format!("{appid}\n{}\n{}\nprepay_id={prepay_id}\n", stamp.at_s, stamp.nonce);
    let not_sent = |_| CallError::NotSent { channel: CHANNEL, cause: NotSent::Key };
    key.sign(text.as_bytes()).map_err(not_sent)
}
