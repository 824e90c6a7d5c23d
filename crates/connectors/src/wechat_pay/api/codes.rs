//! What each documented code means for the caller, as a table.
//!
//! Source: WeChat Pay APIv3, error codes of each call and the status page, read 2026-11.
//! The status decides together with the code; the sentence never does. A code that is not here
//! leaves the outcome open: a list of final refusals may only hold what the channel promises.

use super::{CHANNEL, doubt};
use crate::error::{Act, CallError, Doubt, Refusal};
use crate::http::{Effect, HttpAnswer};
use serde::Deserialize;

/// The calls, as the table tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Create an order.
    Create,
    /// Query an order.
    Query,
    /// Close an order.
    Close,
    /// Ask for a refund.
    Refund,
    /// Query a refund.
    RefundQuery,
    /// Say where an abnormal refund goes.
    AbnormalRefund,
    /// Ask for a bill.
    Bill,
    /// Download a bill.
    Download,
    /// Fetch platform certificates.
    Certificates,
}

impl Call {
    /// Every call.
    pub const ALL: [Self; 9] = [
        Self::Create,
        Self::Query,
        Self::Close,
        Self::Refund,
        Self::RefundQuery,
        Self::AbnormalRefund,
        Self::Bill,
        Self::Download,
        Self::Certificates,
    ];

    /// What it does when it arrives.
    pub fn effect(self) -> Effect {
        match self {
            Self::Create | Self::Close | Self::Refund | Self::AbnormalRefund => Effect::Changes,
            _ => Effect::Reads,
        }
    }

    fn is_order(self) -> bool {
        matches!(self, Self::Create | Self::Query | Self::Close)
    }

    fn is_refund(self) -> bool {
        matches!(self, Self::Refund | Self::RefundQuery | Self::AbnormalRefund)
    }
}

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No, and nothing was done.
    Rejected(Act),
    /// Too many calls; this one may have begun.
    SlowDown,
    /// A problem of the channel's own; this call may have been done.
    Unavailable,
    /// The thing is done already: look at it.
    AlreadyDone,
    /// There is no such thing. For a query that is an answer.
    Missing,
    /// No bill that day: nothing happened.
    NoBill,
    /// The bill is not there yet.
    NotYet,
}

/// One row of the table.
#[derive(Debug)]
pub struct Rule {
    /// HTTP status; 0 for a code whose status the documents do not say.
    pub status: u16,
    /// The code; empty for any or none.
    pub code: &'static str,
    /// The calls it is about.
    pub calls: fn(Call) -> bool,
    /// What it means.
    pub verdict: Verdict,
}

fn any(_: Call) -> bool {
    true
}

const fn rule(status: u16, code: &'static str, calls: fn(Call) -> bool, is: Verdict) -> Rule {
    Rule { status, code, calls, verdict: is }
}

use Verdict::{AlreadyDone, Missing, NoBill, NotYet, Rejected, SlowDown, Unavailable};

/// The table. The first row that fits counts.
pub const RULES: &[Rule] = &[
    rule(400, "PARAM_ERROR", any, Rejected(Act::FixRequest)),
    rule(400, "APPID_MCHID_NOT_MATCH", Call::is_order, Rejected(Act::FixAccount)),
    rule(400, "MCH_NOT_EXISTS", Call::is_order, Rejected(Act::FixAccount)),
    rule(400, "ORDER_CLOSED", Call::is_order, Rejected(Act::NewNumber)),
    // The documents leave the status of this one open: 400 or 403.
    rule(0, "ORDER_PAID", Call::is_order, AlreadyDone),
    rule(400, "NO_STATEMENT_EXIST", |c| c == Call::Bill, NoBill),
    rule(400, "STATEMENT_CREATING", |c| c == Call::Bill, NotYet),
    // The link has run out.
    rule(400, "INVALID_REQUEST", |c| c == Call::Download, Rejected(Act::AskAgain)),
    rule(400, "INVALID_REQUEST", Call::is_refund, Rejected(Act::Person)),
    rule(400, "INVALID_REQUEST", any, Rejected(Act::FixRequest)),
    rule(401, "SIGN_ERROR", any, Rejected(Act::FixAccount)),
    rule(403, "NO_AUTH", any, Rejected(Act::FixAccount)),
    rule(403, "OUT_TRADE_NO_USED", Call::is_order, Rejected(Act::NewNumber)),
    rule(403, "RULE_LIMIT", Call::is_order, Rejected(Act::Person)),
    rule(403, "TRADE_ERROR", Call::is_order, Rejected(Act::Person)),
    rule(403, "NOT_ENOUGH", Call::is_refund, Rejected(Act::TopUp)),
    rule(403, "USER_ACCOUNT_ABNORMAL", Call::is_refund, Rejected(Act::GiveUp)),
    rule(404, "ORDER_NOT_EXIST", Call::is_order, Missing),
    rule(404, "MCH_NOT_EXISTS", Call::is_refund, Rejected(Act::FixAccount)),
    rule(404, "RESOURCE_NOT_EXISTS", |c| c == Call::RefundQuery, Missing),
    rule(404, "RESOURCE_NOT_EXISTS", Call::is_refund, Rejected(Act::Person)),
    // New merchants have no platform certificates: they apply for the public key instead.
    rule(404, "RESOURCE_NOT_EXISTS", |c| c == Call::Certificates, Rejected(Act::FixAccount)),
    // Status not documented; seen in the questions page.
    rule(0, "REFUND_FEE_MISMATCH", Call::is_refund, Rejected(Act::Person)),
    rule(0, "TRADE_OVERDUE", Call::is_refund, Rejected(Act::GiveUp)),
    rule(202, "USERPAYING", any, Unavailable),
    rule(429, "", any, SlowDown),
    rule(500, "", any, Unavailable),
    rule(502, "", any, Unavailable),
    rule(503, "", any, Unavailable),
    rule(504, "", any, Unavailable),
];

/// The row for an answer.
pub fn find(call: Call, status: u16, code: &str) -> Option<Verdict> {
    let fits = |rule: &&Rule| {
        // An undocumented status is still the channel's own refusal, not a passing machine's.
        let status = rule.status == status || (rule.status == 0 && (400..429).contains(&status));
        status && (rule.code.is_empty() || rule.code == code) && (rule.calls)(call)
    };
    RULES.iter().find(fits).map(|rule| rule.verdict)
}

/// What the channel writes beside a status from 400 on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireError {
    code: String,
    message: String,
}

/// What an answer from 400 on is worth. Such answers are not signed.
///
/// [`Verdict::Missing`], [`Verdict::NoBill`] and [`Verdict::NotYet`] are answers, not failures,
/// for the calls that ask for them: see [`read_refusal`].
pub fn refuse(call: Call, answer: &HttpAnswer) -> CallError {
    let wire: WireError = serde_json::from_slice(&answer.body).unwrap_or_default();
    let status = answer.status;
    let effect = call.effect();
    let code = crate::error::clean_code(&wire.code);
    let rejected = |act| CallError::Rejected {
        channel: CHANNEL,
        refusal: Refusal::new(status, &wire.code, act, &wire.message),
    };
    match find(call, status, &wire.code) {
        Some(Rejected(act)) => rejected(act),
        Some(Missing | NoBill) => rejected(Act::GiveUp),
        Some(NotYet) => rejected(Act::AskAgain),
        Some(SlowDown) => doubt(effect, Doubt::SlowDown),
        Some(Unavailable) => doubt(effect, Doubt::Unavailable { status, code }),
        Some(AlreadyDone) => doubt(effect, Doubt::AlreadyDone { code }),
        None => doubt(effect, Doubt::UnknownCode { status, code }),
    }
}

/// The verdict on an answer from 400 on, for calls to which "there is none" is an answer.
pub fn read_refusal(call: Call, answer: &HttpAnswer) -> Option<Verdict> {
    if answer.status < 400 {
        return None;
    }
    let wire: WireError = serde_json::from_slice(&answer.body).ok()?;
    find(call, answer.status, &wire.code)
}
