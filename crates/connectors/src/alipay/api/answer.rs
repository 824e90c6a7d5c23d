//! Whether an answer is Alipay's, and what its code says.
//!
//! What is signed is the value of `…_response` exactly as transmitted, so it is cut out of the
//! body before anything is parsed. Values may hold quotes and braces; the cut knows strings.

use super::certificates::Trust;
use super::codes::{self, Call};
use super::{CHANNEL, contract, doubt};
use crate::error::{CallError, Doubt, json_problem};
use crate::http::{Effect, HttpAnswer};
use crate::keys::CbcKey;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// What an answer is checked with.
#[derive(Clone, Copy, Debug)]
pub struct Verifier<'a> {
    /// Alipay's keys.
    pub trust: &'a Trust,
    /// Unix seconds by the channel's clock.
    pub now_s: i64,
    /// Opens answers to sealed requests.
    pub content_key: Option<&'a CbcKey>,
}

/// The head of every answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Head {
    pub code: String,
    pub sub_code: String,
    pub sub_msg: String,
}

/// A genuine answer: its code is one the call may go on with.
#[derive(Debug)]
pub struct Verified {
    /// `10000`, or `10003` for a payment that waits for the buyer.
    pub code: String,
    text: String,
}

impl Verified {
    /// The fields of the answer.
    pub(super) fn fields<T: DeserializeOwned>(&self, effect: Effect) -> Result<T, CallError> {
        serde_json::from_str(&self.text)
            .map_err(|error| contract(effect, format!("body: {}", json_problem(&error))))
    }
}

impl Verifier<'_> {
    /// The genuine answer to `call`.
    ///
    /// # Errors
    /// What [`codes::refuse`] makes of another code; [`CallError::OutcomeUnknown`] for anything
    /// that is not signed as it should be.
    pub fn open(&self, call: Call, answer: &HttpAnswer) -> Result<Verified, CallError> {
        let effect = call.effect();
        let (head, text) = self.read(call, answer).map_err(|why| doubt(effect, why))?;
        match head.code.as_str() {
            "10000" => Ok(Verified { code: head.code, text }),
            "10003" if call == Call::Pay => Ok(Verified { code: head.code, text }),
            _ => Err(codes::refuse(call, &head)),
        }
    }

    /// The refusal in an answer, where it is a genuine one: for calls to which "there is none"
    /// is an answer.
    pub(super) fn verdict(&self, call: Call, answer: &HttpAnswer) -> Option<codes::Verdict> {
        let (head, _) = self.read(call, answer).ok()?;
        codes::find(call, &head)
    }

    /// What an answer says before anything of it is believed.
    pub(super) fn unproven(&self, call: Call, answer: &HttpAnswer) -> Option<String> {
        let body = std::str::from_utf8(&answer.body).ok()?;
        self.unseal(Cut::of(body, call.method())?.value).ok()
    }

    fn read(&self, call: Call, answer: &HttpAnswer) -> Result<(Head, String), Doubt> {
        if answer.status != 200 {
            return Err(Doubt::of_status(answer.status));
        }
        let unreadable = Doubt::Unreadable { what: "an answer of the gateway" };
        let body = std::str::from_utf8(&answer.body).map_err(|_| unreadable.clone())?;
        let cut = Cut::of(body, call.method()).ok_or(unreadable)?;
        let genuine = match cut.sign {
            Some(_) => Some(self.check(&cut)?),
            None => None,
        };
        let text = self.unseal(genuine.as_deref().unwrap_or(cut.value))?;
        let head: Head = serde_json::from_str(&text)
            .map_err(|_| Doubt::Unreadable { what: "a code in the answer" })?;
        if genuine.is_none() && !may_be_unsigned(&head.code) {
            return Err(Doubt::NotSigned);
        }
        Ok((head, text))
    }

    /// The text the signature covers: the value, or the value with its slashes bare, which some
    /// answers are signed as.
    fn check<'b>(&self, cut: &Cut<'b>) -> Result<Cow<'b, str>, Doubt> {
        let keys = self.trust.keys(cut.cert_sn.as_deref(), self.now_s)?;
        let sign = cut.sign.as_deref().ok_or(Doubt::NotSigned)?;
        let signed = |text: &str| keys.iter().any(|k| k.verifies_base64(text.as_bytes(), sign));
        if signed(cut.value) {
            return Ok(Cow::Borrowed(cut.value));
        }
        let bare = cut.value.replace("\\/", "/");
        if bare != cut.value && signed(&bare) {
            return Ok(Cow::Owned(bare));
        }
        Err(Doubt::BadSignature)
    }

    /// The object, opened where it travels sealed in a string.
    fn unseal(&self, text: &str) -> Result<String, Doubt> {
        if !text.starts_with('"') {
            return Ok(text.to_owned());
        }
        let sealed: String = serde_json::from_str(text).map_err(|_| Doubt::Sealed)?;
        let plain = self.content_key.and_then(|key| key.open(&sealed)).ok_or(Doubt::Sealed)?;
        String::from_utf8(plain.to_vec()).map_err(|_| Doubt::Sealed)
    }
}

/// The name of the certificate that an answer says it is signed with; nothing else of it is read.
pub fn certificate_of(answer: &HttpAnswer) -> Option<String> {
    let body = std::str::from_utf8(&answer.body).ok()?;
    let named = members(body)?.into_iter().find(|(name, _)| name == "alipay_cert_sn");
    let name: String = serde_json::from_str(named?.1).ok()?;
    // Lower-case hex of an MD5.
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    (name.len() == 32 && name.bytes().all(hex)).then_some(name)
}

/// Errors the gateway raises before it knows whom to sign for.
fn may_be_unsigned(code: &str) -> bool {
    matches!(code, "40001" | "40002")
}

/// The parts of a body, as transmitted.
struct Cut<'b> {
    /// The value of `…_response`.
    value: &'b str,
    sign: Option<String>,
    cert_sn: Option<String>,
}

impl<'b> Cut<'b> {
    /// `None` unless the body is one object with one answer to `method`, or one error.
    fn of(body: &'b str, method: &str) -> Option<Self> {
        let wanted = format!("{}_response", method.replace('.', "_"));
        let (mut value, mut sign, mut cert_sn) = (None, None, None);
        for (name, raw) in members(body)? {
            let known = if name == wanted || name == "error_response" {
                value.replace(raw).is_some()
            } else if name == "sign" {
                sign.replace(serde_json::from_str(raw).ok()?).is_some()
            } else if name == "alipay_cert_sn" {
                cert_sn.replace(serde_json::from_str(raw).ok()?).is_some()
            } else {
                false
            };
            // The same name twice: which of the two was signed is anybody's guess.
            if known {
                return None;
            }
        }
        Some(Self { value: value?, sign, cert_sn })
    }
}

/// Names and raw values of one JSON object that fills the whole text.
fn members(text: &str) -> Option<Vec<(String, &str)>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start().strip_prefix('{')?.trim_start();
    if let Some(after) = rest.strip_prefix('}') {
        return after.trim().is_empty().then_some(found);
    }
    loop {
        let end = value_end(rest)?;
        let name: String = serde_json::from_str(&rest[..end]).ok()?;
        rest = rest[end..].trim_start().strip_prefix(':')?.trim_start();
        let end = value_end(rest)?;
        found.push((name, &rest[..end]));
        rest = rest[end..].trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
        } else {
            let after = rest.strip_prefix('}')?;
            return after.trim().is_empty().then_some(found);
        }
    }
}

/// Where the JSON value at the beginning of `text` ends. Knows strings and their escapes.
fn value_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    in_string = false;
                    if depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return (at > 0).then_some(at),
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b',' if depth == 0 => return (at > 0).then_some(at),
            _ => {}
        }
    }
    None
}

/// The refusal an unsigned or signed head stands for.
pub(super) fn refusal(head: &Head, act: crate::error::Act) -> CallError {
    let code = if head.sub_code.is_empty() { &head.code } else { &head.sub_code };
    let refusal = crate::error::Refusal::new(200, code, act, &head.sub_msg);
    CallError::Rejected { channel: CHANNEL, refusal }
}
