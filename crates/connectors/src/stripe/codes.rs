//! What each documented error means for the caller.
//!
//! Source: Stripe, errors, read 2026-11. The status decides with the type; a code only refines.

use super::{CHANNEL, doubt};
use crate::error::{Act, CallError, Doubt, Refusal, clean_code};
use crate::http::{Effect, HttpAnswer};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wire {
    error: WireError,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireError {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    message: Option<String>,
}

/// Codes of refusals that nothing but another decision helps.
const FINAL: &[&str] = &[
    "charge_already_refunded",
    "charge_disputed",
    "charge_not_refundable",
    "amount_too_large",
    "amount_too_small",
    "refund_disputed_payment",
];

/// What an answer without success is worth.
pub(super) fn refuse(effect: Effect, answer: &HttpAnswer) -> CallError {
    let wire: Wire = serde_json::from_slice(&answer.body).unwrap_or_default();
    let error = wire.error;
    let status = answer.status;
    let text = error.code.as_deref().unwrap_or(&error.kind);
    let code = clean_code(text);
    match meaning(status, &error.kind, error.code.as_deref().unwrap_or_default()) {
        Meaning::Rejected(act) => {
            let says = error.message.as_deref().unwrap_or_default();
            let refusal = Refusal::new(status, text, act, says);
            CallError::Rejected { channel: CHANNEL, refusal }
        }
        Meaning::SlowDown => doubt(effect, Doubt::SlowDown),
        Meaning::Unavailable => doubt(effect, Doubt::Unavailable { status, code }),
        Meaning::Unknown => doubt(effect, Doubt::UnknownCode { status, code }),
    }
}

/// What a status, a type and a code mean together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// No, and nothing was done.
    Rejected(Act),
    /// Too many calls, or one of the same key is under way.
    SlowDown,
    /// A problem of Stripe's own.
    Unavailable,
    /// Not in the documents, or not Stripe's.
    Unknown,
}

/// The table.
pub fn meaning(status: u16, kind: &str, code: &str) -> Meaning {
    match (status, kind) {
        (409 | 429, _) => Meaning::SlowDown,
        (424 | 500..=504, _) => Meaning::Unavailable,
        // The key stands for another call, which may have been done: a mistake of ours.
        (400, "idempotency_error") => Meaning::Rejected(Act::Person),
        (400 | 404, "invalid_request_error") => Meaning::Rejected(match code {
            "balance_insufficient" | "insufficient_funds" => Act::TopUp,
            "secret_key_required" | "testmode_charges_only" | "platform_api_key_expired" => {
                Act::FixAccount
            }
            "lock_timeout" | "rate_limit" | "idempotency_key_in_use" => return Meaning::SlowDown,
            _ if FINAL.contains(&code) => Act::GiveUp,
            _ => Act::FixRequest,
        }),
        (401 | 403, "invalid_request_error" | "authentication_error") => {
            Meaning::Rejected(Act::FixAccount)
        }
        (402, "card_error") => Meaning::Rejected(Act::GiveUp),
        _ => Meaning::Unknown,
    }
}

/// True when the answer says that there is no such object.
pub(super) fn is_missing(answer: &HttpAnswer) -> bool {
    let wire: Wire = serde_json::from_slice(&answer.body).unwrap_or_default();
    answer.status == 404 && wire.error.code.as_deref() == Some("resource_missing")
}
