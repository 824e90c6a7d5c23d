//! What each documented code means for the caller, as a table.
//!
//! Source: response codes of ACP, read 2026-11. The text beside a code carries seven digits of
//! UnionPay's own; they are never decided on.

use super::message::Fields;
use super::{CHANNEL, doubt};
use crate::error::{Act, CallError, Doubt, Refusal, clean_code};
use crate::http::Effect;

/// The calls, as the table tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Make a QR code.
    QrCode,
    /// Query a transaction.
    Query,
    /// Ask for a refund.
    Refund,
    /// Take a purchase of the same clearing day back.
    Cancel,
    /// Fetch a day's file.
    File,
}

impl Call {
    /// Every call.
    pub const ALL: [Self; 5] = [Self::QrCode, Self::Query, Self::Refund, Self::Cancel, Self::File];

    /// What it does when it arrives.
    pub fn effect(self) -> Effect {
        match self {
            Self::Query | Self::File => Effect::Reads,
            _ => Effect::Changes,
        }
    }
}

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, or accepted.
    Yes,
    /// Done, with a defect to look at.
    YesWithDefect,
    /// Accepted or unclear, not final: query.
    Open,
    /// No, and nothing was done.
    Rejected(Act),
    /// Too many calls.
    SlowDown,
    /// This number was sent before: query it.
    AlreadyDone,
    /// There is no such transaction, which is final only after its time has run out.
    Missing,
    /// No file for that day: none, or not yet.
    NoFile,
}

/// The meaning of a code; `None` for one on no list.
pub fn meaning(code: &str) -> Option<Verdict> {
    use Verdict::{AlreadyDone, Missing, NoFile, Open, Rejected, SlowDown, Yes, YesWithDefect};
    Some(match code {
        "00" => Yes,
        "A6" => YesWithDefect,
        // Communication, unknown, wait, busy, waiting for the payer, issuer at work, generic.
        "03" | "04" | "05" | "06" | "70" | "74" | "83" | "99" => Open,
        "02" | "41" => Rejected(Act::SlowDown),
        "10" | "13" | "14" => Rejected(Act::FixRequest),
        "11" | "31" | "32" | "43" => Rejected(Act::FixAccount),
        "12" => AlreadyDone,
        "34" => Missing,
        "37" => SlowDown,
        // Debited past its time: the channel gives it back, and the file has to show it.
        "42" => Rejected(Act::Person),
        "01" | "30" | "33" | "35" | "36" | "38" | "39" | "40" | "44" | "45" | "46" => {
            Rejected(Act::GiveUp)
        }
        "60" | "61" | "62" | "63" | "64" | "65" | "66" | "67" | "68" | "69" => {
            Rejected(Act::GiveUp)
        }
        "71" | "72" | "73" | "75" | "76" | "77" | "78" | "79" | "80" | "81" | "82" => {
            Rejected(Act::GiveUp)
        }
        "98" => NoFile,
        _ => return None,
    })
}

/// What a genuine answer without success is worth.
pub(super) fn refuse(call: Call, fields: &Fields) -> CallError {
    let effect = call.effect();
    let text = fields.get("respCode").unwrap_or_default();
    let code = clean_code(text);
    let rejected = |act| CallError::Rejected {
        channel: CHANNEL,
        refusal: Refusal::new(200, text, act, fields.get("respMsg").unwrap_or_default()),
    };
    match meaning(text) {
        Some(Verdict::Rejected(act)) => rejected(act),
        Some(Verdict::Missing | Verdict::NoFile) => rejected(Act::GiveUp),
        Some(Verdict::SlowDown) => doubt(effect, Doubt::SlowDown),
        Some(Verdict::AlreadyDone) => doubt(effect, Doubt::AlreadyDone { code }),
        Some(Verdict::Open | Verdict::Yes | Verdict::YesWithDefect) => {
            doubt(effect, Doubt::Unavailable { status: 200, code })
        }
        None => doubt(effect, Doubt::UnknownCode { status: 200, code }),
    }
}
