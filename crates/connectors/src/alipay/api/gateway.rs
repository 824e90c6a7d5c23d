//! Building and signing a request: RSA2 over the sorted parameters.
//!
//! Empty parameters are never sent, since clients disagree on whether they are signed. The JSON
//! of `biz_content` is written once; its bytes are what is signed and sent.

use super::{Account, CHANNEL, KeyMode, check_notify_url, invalid};
use crate::error::{CallError, NotSent};
use crate::http::{Effect, HttpRequest, encode_component};
use crate::keys::{CbcKey, SigningKey};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// What every request is made with.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// Who we are.
    pub account: &'a Account,
    /// Now by the channel's clock, UTC milliseconds. It is written in Beijing time.
    pub at_ms: i64,
    /// Seals the content of requests, where the app is set up so.
    pub content_key: Option<&'a CbcKey>,
}

/// A request before it is signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Unsigned {
    url: String,
    effect: Effect,
    parameters: BTreeMap<&'static str, String>,
}

impl Caller<'_> {
    pub(super) fn request(
        &self,
        method: &'static str,
        effect: Effect,
        content: &impl Serialize,
    ) -> Result<Unsigned, CallError> {
        let plain = serde_json::to_string(content)
            .map_err(|_| invalid("biz_content", "has no JSON form"))?;
        let mut parameters = BTreeMap::from([
            ("app_id", self.account.app_id.clone()),
            ("method", method.to_owned()),
            ("format", "JSON".to_owned()),
            ("charset", "utf-8".to_owned()),
            ("sign_type", "RSA2".to_owned()),
            ("timestamp", domain::format_channel_time(self.at_ms)),
            ("version", "1.0".to_owned()),
        ]);
        let content = match self.content_key {
            Some(key) => {
                parameters.insert("encrypt_type", "AES".to_owned());
                key.seal(plain.as_bytes()).map_err(|_| key_problem())?
            }
            None => plain,
        };
        parameters.insert("biz_content", content);
        if let KeyMode::Certificates { app_cert_sn, root_cert_sn } = &self.account.mode {
            parameters.insert("app_cert_sn", app_cert_sn.clone());
            parameters.insert("alipay_root_cert_sn", root_cert_sn.clone());
        }
        Ok(Unsigned { url: self.account.base.join("/gateway.do"), effect, parameters })
    }
}

fn key_problem() -> CallError {
    CallError::NotSent { channel: CHANNEL, cause: NotSent::Key }
}

impl Unsigned {
    /// The same with an address to call back.
    pub(super) fn notify(mut self, url: Option<&str>) -> Result<Self, CallError> {
        if let Some(url) = url {
            check_notify_url(url)?;
            self.parameters.insert("notify_url", url.to_owned());
        }
        Ok(self)
    }

    /// The text that is signed: raw values, sorted by name, joined by `&`.
    pub fn text(&self) -> String {
        join(self.parameters.iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// The request, signed: parameters in the query, content in the body.
    ///
    /// # Errors
    /// [`CallError::NotSent`] when the key cannot sign.
    pub fn sign(mut self, key: &SigningKey) -> Result<HttpRequest, CallError> {
        let signature = key.sign(self.text().as_bytes()).map_err(|_| key_problem())?;
        self.parameters.insert("sign", signature);
        let content = self.parameters.remove("biz_content").unwrap_or_default();
        let pair = |(name, value): (&&str, &String)| format!("{name}={}", encode_component(value));
        let query: Vec<String> = self.parameters.iter().map(pair).collect();
        let body = format!("biz_content={}", encode_component(&content)).into_bytes();
        let url = format!("{}?{}", self.url, query.join("&"));
        let form = "application/x-www-form-urlencoded;charset=utf-8";
        Ok(HttpRequest::post(url, body, self.effect)
            .with("Content-Type", form)
            .with("User-Agent", concat!("Suanpan/", env!("CARGO_PKG_VERSION"))))
    }
}

/// The content may name people.
impl fmt::Debug for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.parameters.get("method").map_or("", String::as_str);
        write!(f, "Unsigned({method})")
    }
}

/// `name=value` joined by `&`; an empty value is left out.
pub(super) fn join<'p>(parameters: impl Iterator<Item = (&'p str, &'p str)>) -> String {
    let pairs: Vec<String> = parameters
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}
