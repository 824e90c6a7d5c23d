//! Callbacks: what the channel would post to us, for a relay and for the practice platform.
//!
//! Source: WeChat Pay APIv3, "Payment notice", "Refund notice", read 2026-11. They come late,
//! twice and in any order: one is a hint to query, never the proof that money moved.

use super::order::{OrderReport, read_order};
use super::refund::RefundState;
use super::verify::Verifier;
use super::{Account, contract, doubt, money, read_time};
use crate::error::{CallError, Doubt, json_problem};
use crate::http::Effect;
use crate::keys::GcmKey;
use domain::Money;
use serde::Deserialize;

/// What a callback says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Its number; the same on every repeat.
    pub id: String,
    /// When it was made, UTC milliseconds.
    pub created_at_ms: i64,
    /// What it is about.
    pub event: Event,
}

/// What a callback is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An order was paid.
    Paid(Box<OrderReport>),
    /// A refund came to an end, or to a halt.
    Refund(RefundNotice),
    /// Another kind: transfers, splits, complaints. Its type, in the channel's word.
    Other(String),
}

/// A refund in a callback, which knows less than a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundNotice {
    /// The channel's number.
    pub refund_id: String,
    /// Our number.
    pub out_refund_no: String,
    /// The channel's number of the payment.
    pub transaction_id: String,
    /// What has become of it.
    pub state: RefundState,
    /// What was asked for.
    pub amount: Money,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    create_time: String,
    event_type: String,
    resource: WireResource,
}

#[derive(Deserialize)]
struct WireResource {
    algorithm: String,
    ciphertext: String,
    #[serde(default)]
    associated_data: String,
    nonce: String,
}

#[derive(Deserialize)]
struct WireRefund {
    mchid: String,
    refund_id: String,
    out_refund_no: String,
    transaction_id: String,
    refund_status: String,
    amount: WireAmount,
}

#[derive(Deserialize)]
struct WireAmount {
    refund: i64,
}

/// The callback, when it is genuine. Answer 200 or 204 then, and 4xx with
/// `{"code":"FAIL"}` on every error.
///
/// # Errors
/// [`CallError::OutcomeUnknown`] when it is not signed by the channel or cannot be opened,
/// [`CallError::Contract`] when a genuine one is not as documented.
pub fn read<'h>(
    verifier: &Verifier<'_>,
    account: &Account,
    key: &GcmKey,
    header: impl Fn(&str) -> Option<&'h str>,
    body: &[u8],
) -> Result<Callback, CallError> {
    let reads = Effect::Reads;
    verifier.check(header, body).map_err(|why| doubt(reads, why))?;
    let broken = |error: &serde_json::Error| contract(reads, json_problem(error));
    let wire: Wire = serde_json::from_slice(body).map_err(|error| broken(&error))?;
    if wire.resource.algorithm != "AEAD_AES_256_GCM" {
        return Err(contract(reads, "sealed in another way"));
    }
    let resource = &wire.resource;
    let plain = key
        .open(&resource.nonce, &resource.associated_data, &resource.ciphertext)
        .ok_or_else(|| doubt(reads, Doubt::Sealed))?;
    let event = match wire.event_type.as_str() {
        "TRANSACTION.SUCCESS" => Event::Paid(Box::new(read_order(account, &plain)?)),
        "REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED" => {
            let wire: WireRefund = serde_json::from_slice(&plain).map_err(|e| broken(&e))?;
            if wire.mchid != account.mchid {
                return Err(contract(reads, "the callback is about another merchant"));
            }
            Event::Refund(RefundNotice {
                amount: money("amount.refund", wire.amount.refund, reads)?,
                state: RefundState::from_word(&wire.refund_status),
                refund_id: wire.refund_id,
                out_refund_no: wire.out_refund_no,
                transaction_id: wire.transaction_id,
            })
        }
        other => Event::Other(crate::error::clean_code(other)),
    };
    let created_at_ms = read_time("create_time", &wire.create_time, reads)?;
    Ok(Callback { id: wire.id, created_at_ms, event })
}
