//! Events Stripe would post to us, for a relay and for the practice platform.
//!
//! Source: Stripe, webhook signatures, read 2026-11. An event is a hint to fetch the object
//! again: events come twice and in any order.

use super::{READS, contract, doubt};
use crate::error::{CallError, Doubt, json_problem};
use aws_lc_rs::hmac;
use secrets::Secret;
use serde::Deserialize;

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// The same on every repeat.
    pub id: String,
    /// `payout.reconciliation_completed` and many others: an open list.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened, Unix seconds.
    #[serde(rename = "created")]
    pub created_s: i64,
    /// False for data of the test mode.
    pub livemode: bool,
}

/// The event, when its signature fits one of the secrets and it is not too old. During a change
/// of the secret two are valid. `tolerance_s` is usually 300.
///
/// # Errors
/// [`CallError::OutcomeUnknown`] when it is not signed by Stripe or too far from our time,
/// [`CallError::Contract`] when a genuine one is not as documented.
pub fn read(
    secrets: &[&Secret<String>],
    header: &str,
    body: &[u8],
    now_s: i64,
    tolerance_s: i64,
) -> Result<Event, CallError> {
    check(secrets, header, body, now_s, tolerance_s).map_err(|why| doubt(READS, why))?;
    serde_json::from_slice(body).map_err(|error| contract(READS, json_problem(&error)))
}

fn check(
    secrets: &[&Secret<String>],
    header: &str,
    body: &[u8],
    now_s: i64,
    tolerance_s: i64,
) -> Result<(), Doubt> {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let at = parts().find(|(name, _)| *name == "t").ok_or(Doubt::NotSigned)?.1;
    let at_s: i64 = at.parse().map_err(|_| Doubt::NotSigned)?;
    let mut signatures = parts().filter(|(name, _)| *name == "v1").peekable();
    if signatures.peek().is_none() {
        return Err(Doubt::NotSigned);
    }
    let message = [at.as_bytes(), b".", body].concat();
    let fits = signatures.filter_map(|(_, text)| read_hex(text)).any(|signature| {
        secrets.iter().any(|secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
            hmac::verify(&key, &message, &signature).is_ok()
        })
    });
    if !fits {
        return Err(Doubt::BadSignature);
    }
    // Stripe's own packages take any time ahead; a replay from the future is refused here.
    let seconds = now_s.saturating_sub(at_s);
    if seconds.saturating_abs() > tolerance_s {
        return Err(Doubt::Stale { seconds });
    }
    Ok(())
}

fn read_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..64).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
