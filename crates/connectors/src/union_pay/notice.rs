//! What UnionPay says by itself, to the address a payment or a refund named: verified and read.
//!
//! A desktop program cannot be called; whoever relays notices to it hands over the body as it came.
//! Source: ACP, back notifications, read 2026-11. A notice repeats until it is answered, up to five
//! times, and none comes of what failed: it is a reason to ask, never the proof that money moved.

use super::codes::{Verdict, meaning};
use super::message::{Fields, Verifier};
use super::{Account, contract, doubt, read_amount};
use crate::error::{CallError, Doubt, clean_code};
use crate::http::{Effect, parse_form};
use domain::Money;

const READS: Effect = Effect::Reads;
/// The largest notice that is looked at.
const LARGEST: usize = 256 * 1024;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A purchase.
    Payment,
    /// Money back.
    Refund,
    /// A purchase or refund canceled within its clearing day.
    Cancel,
    /// Another kind.
    Other,
}

/// A genuine notice of ours. Equal ones are the same notice again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub about: About,
    /// Our number.
    pub order_id: String,
    /// The time it was asked for with, which a query has to repeat.
    pub txn_time: String,
    /// UnionPay's number.
    pub query_id: Option<String>,
    /// What it is about, where it says.
    pub amount: Option<Money>,
    /// Clearing day `MMDD`.
    pub settle_date: Option<String>,
    /// True for success, by its own word.
    pub succeeded: bool,
    /// UnionPay's code.
    pub code: String,
}

/// The notice, when it is genuine and for this merchant. Answer 200 then, and nothing else before.
///
/// # Errors
/// [`CallError::OutcomeUnknown`] when it is not signed by UnionPay, or by a certificate out of its
/// time; [`CallError::Contract`] when a genuine one is for another merchant or not as documented.
pub fn read(verifier: &Verifier<'_>, account: &Account, body: &[u8]) -> Result<Notice, CallError> {
    if body.len() > LARGEST {
        return Err(doubt(READS, Doubt::TooLarge));
    }
    let form =
        parse_form(body).ok_or_else(|| doubt(READS, Doubt::Unreadable { what: "a form" }))?;
    let mut fields = Fields::default();
    for (name, value) in form {
        fields.set(&name, value);
    }
    verifier.check(&fields).map_err(|why| doubt(READS, why))?;
    if fields.get("merId") != Some(account.mer_id.as_str()) {
        return Err(contract(READS, "the notice is for another merchant"));
    }
    let filled = |name: &str| fields.get(name).filter(|value| !value.is_empty());
    let need = |name: &'static str| {
        filled(name).map(str::to_owned).ok_or_else(|| contract(READS, format!("no {name}")))
    };
    let code = need("respCode")?;
    let amount = filled("txnAmt").map(|text| read_amount("txnAmt", text, READS)).transpose()?;
    Ok(Notice {
        about: match filled("txnType") {
            Some("01") => About::Payment,
            Some("04") => About::Refund,
            Some("31") => About::Cancel,
            _ => About::Other,
        },
        order_id: need("orderId")?,
        txn_time: need("txnTime")?,
        query_id: filled("queryId").map(str::to_owned),
        amount,
        settle_date: filled("settleDate").map(str::to_owned),
        succeeded: matches!(meaning(&code), Some(Verdict::Yes)),
        code: clean_code(&code),
    })
}
