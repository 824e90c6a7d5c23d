//! What each documented code means for the caller, as a table.
//!
//! Source: Alipay open platform, gateway codes and the codes of each call, read 2026-11.
//! `code` is the gateway's, `sub_code` the call's own. Live answers differ from the documents in
//! case, prefix (`isp.`, `isv.`, `aop.`, `ACQ.`, `AQC.`) and spelling, so those are put aside
//! before the look-up. A code that is not here leaves the outcome open.

use super::answer::{Head, refusal};
use super::doubt;
use crate::error::{Act, CallError, Doubt, clean_code};
use crate::http::Effect;

mod table;

pub use table::{BUSINESS, GATEWAY};

/// The calls, as the tables tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Make a QR code for a payment.
    Precreate,
    /// Take a payment from the buyer's code.
    Pay,
    /// Query a payment.
    Query,
    /// Close an unpaid payment.
    Close,
    /// Take back a payment whose result is unknown.
    Cancel,
    /// Ask for a refund.
    Refund,
    /// Query a refund.
    RefundQuery,
    /// Ask for a bill.
    Bill,
    /// Ask for the balance, now or on a day.
    Balance,
    /// Ask for rows of the account.
    AccountLog,
    /// Fetch a certificate.
    Certificate,
    /// Ask for the opening and closing balance of a day.
    BalanceOfDay,
}

impl Call {
    /// Every call.
    pub const ALL: [Self; 12] = [
        Self::Precreate,
        Self::Pay,
        Self::Query,
        Self::Close,
        Self::Cancel,
        Self::Refund,
        Self::RefundQuery,
        Self::Bill,
        Self::Balance,
        Self::AccountLog,
        Self::Certificate,
        Self::BalanceOfDay,
    ];

    /// Its name at the gateway.
    pub fn method(self) -> &'static str {
        match self {
            Self::Precreate => "alipay.trade.precreate",
            Self::Pay => "alipay.trade.pay",
            Self::Query => "alipay.trade.query",
            Self::Close => "alipay.trade.close",
            Self::Cancel => "alipay.trade.cancel",
            Self::Refund => "alipay.trade.refund",
            Self::RefundQuery => "alipay.trade.fastpay.refund.query",
            Self::Bill => "alipay.data.dataservice.bill.downloadurl.query",
            Self::Balance => "alipay.data.bill.balance.query",
            Self::AccountLog => "alipay.data.bill.accountlog.query",
            Self::Certificate => "alipay.open.app.alipaycert.download",
            Self::BalanceOfDay => "alipay.data.bill.balancehis.query",
        }
    }

    /// What it does when it arrives.
    pub fn effect(self) -> Effect {
        match self {
            Self::Precreate | Self::Pay | Self::Close | Self::Cancel | Self::Refund => {
                Effect::Changes
            }
            _ => Effect::Reads,
        }
    }

    pub(super) fn takes_money(self) -> bool {
        matches!(self, Self::Precreate | Self::Pay)
    }

    pub(super) fn is_ledger(self) -> bool {
        matches!(self, Self::Balance | Self::AccountLog | Self::BalanceOfDay)
    }

    pub(super) fn ends(self) -> bool {
        matches!(self, Self::Close | Self::Cancel)
    }
}

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No, and nothing was done.
    Rejected(Act),
    /// Too many calls.
    SlowDown,
    /// A problem of Alipay's own; this call may have been done.
    Unavailable,
    /// The thing is done already: look at it.
    AlreadyDone,
    /// There is no such thing. For a query that is an answer.
    Missing,
    /// No bill under this date: none that day, or not yet.
    NoBill,
}

/// One row of a table: codes with one meaning. A `*` stands for any letters.
#[derive(Debug)]
pub struct Rule {
    /// The gateway's code, or empty for a business code (`40004`).
    pub code: &'static str,
    /// The call's codes without prefix; empty for any.
    pub sub_codes: &'static [&'static str],
    /// The calls it is about.
    pub calls: fn(Call) -> bool,
    /// What it means.
    pub verdict: Verdict,
}

/// The meaning of a head; `None` for a code on no list.
pub(super) fn find(call: Call, head: &Head) -> Option<Verdict> {
    meaning(call, &head.code, &head.sub_code)
}

/// The meaning of a pair of codes.
pub fn meaning(call: Call, code: &str, sub_code: &str) -> Option<Verdict> {
    let sub_code = bare(sub_code);
    let fits = |rule: &&Rule| {
        let listed = rule.sub_codes.iter().any(|pattern| matches(pattern, &sub_code));
        (rule.calls)(call) && (listed || rule.sub_codes.is_empty())
    };
    if code == "40004" {
        return BUSINESS.iter().find(fits).map(|rule| rule.verdict);
    }
    GATEWAY.iter().filter(|rule| rule.code == code).find(fits).map(|rule| rule.verdict)
}

/// A sub code without its prefix, in capitals.
fn bare(sub_code: &str) -> String {
    let mut code = sub_code.trim().to_ascii_uppercase();
    for prefix in ["ISP.", "ISV.", "AOP.", "ACQ.", "AQC."] {
        // `aop.ACQ.SYSTEM_ERROR` has two.
        if let Some(rest) = code.strip_prefix(prefix) {
            code = rest.to_owned();
        }
    }
    code
}

/// True when `text` fits a pattern in which `*` stands for any letters.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// What another code than success is worth.
pub(super) fn refuse(call: Call, head: &Head) -> CallError {
    let effect = call.effect();
    let text = if head.sub_code.is_empty() { &head.code } else { &head.sub_code };
    let code = clean_code(text);
    match find(call, head) {
        Some(Verdict::Rejected(act)) => refusal(head, act),
        Some(Verdict::Missing | Verdict::NoBill) => refusal(head, Act::GiveUp),
        Some(Verdict::SlowDown) => doubt(effect, Doubt::SlowDown),
        Some(Verdict::Unavailable) => doubt(effect, Doubt::Unavailable { status: 200, code }),
        Some(Verdict::AlreadyDone) => doubt(effect, Doubt::AlreadyDone { code }),
        None => doubt(effect, Doubt::UnknownCode { status: 200, code }),
    }
}
