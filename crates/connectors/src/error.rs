//! How a call to a channel can fail, what that says about money, and what to do next.
//!
//! Four classes, the same for every channel:
//!
//! - *not sent*: no byte left this computer; nothing moved;
//! - *rejected*: the channel said no in words we know to be final; nothing moved;
//! - *outcome unknown*: everything else after sending. It is never read as "failed";
//! - *contract broken*: a genuine answer that contradicts what was asked or documented.

use crate::http::Effect;
use domain::Channel;
use std::fmt;
use thiserror::Error;

/// A call that brought no usable answer.
///
/// No text of it carries a key, a signature, a token or a person's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError {
    /// Nothing left this computer.
    #[error("{channel}: not sent: {cause}")]
    NotSent {
        /// Whom we meant to call.
        channel: Channel,
        /// Why it was not sent.
        cause: NotSent,
    },
    /// The channel said no and did nothing.
    #[error("{channel}: refused: {refusal}")]
    Rejected {
        /// Who refused.
        channel: Channel,
        /// In which words.
        refusal: Refusal,
    },
    /// The call may or may not have been carried out.
    #[error("{channel}: outcome unknown: {doubt}")]
    OutcomeUnknown {
        /// Whom we called.
        channel: Channel,
        /// What the call would do.
        effect: Effect,
        /// Why nobody knows yet.
        doubt: Doubt,
    },
    /// The answer is genuine and contradicts what was asked or documented.
    #[error("{channel}: contract broken: {detail}")]
    Contract {
        /// Whose answer it is.
        channel: Channel,
        /// What the call would do.
        effect: Effect,
        /// The contradiction; names of fields, amounts and states only.
        detail: String,
    },
}

impl CallError {
    /// What is known about money.
    pub fn moved(&self) -> Moved {
        match self {
            Self::NotSent { .. } | Self::Rejected { .. } => Moved::No,
            Self::OutcomeUnknown { effect, .. } | Self::Contract { effect, .. } => match effect {
                Effect::Reads => Moved::No,
                Effect::Changes => Moved::Perhaps,
            },
        }
    }

    /// What has to happen next.
    pub fn act(&self) -> Act {
        match self {
            Self::NotSent { cause, .. } => cause.act(),
            Self::Rejected { refusal, .. } => refusal.act,
            Self::OutcomeUnknown { effect, doubt, .. } => doubt.act(*effect),
            Self::Contract { .. } => Act::Person,
        }
    }

    /// Stable code of the class: `not_sent`, `rejected`, `outcome_unknown`, `contract`.
    pub fn class(&self) -> &'static str {
        match self {
            Self::NotSent { .. } => "not_sent",
            Self::Rejected { .. } => "rejected",
            Self::OutcomeUnknown { .. } => "outcome_unknown",
            Self::Contract { .. } => "contract",
        }
    }
}

/// What is known about money after a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The call moved none.
    No,
    /// It may have: whoever repeats it blindly pays twice.
    Perhaps,
}

/// What has to happen next. One call needs one of these, never two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// Ask again: the call only reads.
    AskAgain,
    /// Ask for the state by our own number before anything else.
    QueryFirst,
    /// Repeat with the same numbers and the same bytes.
    SameAgain,
    /// Repeat with the same numbers, later and more slowly.
    SlowDown,
    /// Fetch the channel's keys, then ask again.
    FetchKeys,
    /// Put our clock right.
    FixClock,
    /// The request is wrong: a mistake of the program or of what was typed.
    FixRequest,
    /// Keys, numbers or permissions are set up wrongly at one of the two ends.
    FixAccount,
    /// This number is used up; decide anew under another one.
    NewNumber,
    /// Bring money onto the balance, then repeat with the same number.
    TopUp,
    /// The rules say no to this one for good.
    GiveUp,
    /// A person has to look.
    Person,
}

/// Why nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotSent {
    /// A value breaks the channel's documented limits.
    #[error("{field}: {rule}")]
    Invalid {
        /// The field, in the channel's words.
        field: &'static str,
        /// The limit it breaks.
        rule: &'static str,
    },
    /// Our key cannot sign.
    #[error("the key cannot sign")]
    Key,
    /// The name of the host could not be resolved.
    #[error("the host was not found")]
    NoHost,
    /// No connection came about.
    #[error("no connection")]
    NoConnection,
    /// The connection is not the channel's: its certificate was refused.
    #[error("the connection is not protected")]
    NotProtected,
    /// Our own limit of calls in a while is reached.
    #[error("waiting for our own limit of calls")]
    OverLimit,
}

impl NotSent {
    fn act(&self) -> Act {
        match self {
            Self::Invalid { .. } => Act::FixRequest,
            Self::Key => Act::FixAccount,
            Self::NotProtected => Act::Person,
            Self::NoHost | Self::NoConnection => Act::SameAgain,
            Self::OverLimit => Act::SlowDown,
        }
    }
}

/// A refusal in the channel's words.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status it came with.
    pub status: u16,
    /// The channel's code: `NOT_ENOUGH`, `ACQ.TRADE_HAS_FINISHED`. Cleaned, at most 64 letters.
    pub code: String,
    /// What has to happen next.
    pub act: Act,
    says: String,
}

impl Refusal {
    /// `code` and `says` as the channel wrote them; both are cleaned and cut.
    pub fn new(status: u16, code: &str, act: Act, says: &str) -> Self {
        Self { status, code: clean_code(code), act, says: clean(says, 200) }
    }

    /// The channel's sentence, for a person's eyes: it may repeat what we sent, so it belongs
    /// neither into a log nor into an error text.
    pub fn channel_says(&self) -> &str {
        &self.says
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with status {}", self.code, self.status)
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({} {}, {:?})", self.status, self.code, self.act)
    }
}

/// Why the outcome is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Doubt {
    /// The connection broke after something was sent.
    #[error("the connection broke")]
    Cut,
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The channel asks for fewer calls; it may have begun this one.
    #[error("the channel asks for fewer calls")]
    SlowDown,
    /// The channel has a problem of its own.
    #[error("the channel is unavailable: {code} with status {status}")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// The channel's code; empty when it gave none.
        code: String,
    },
    /// A code that is on no list of final refusals.
    #[error("unknown code {code} with status {status}")]
    UnknownCode {
        /// HTTP status.
        status: u16,
        /// The channel's code; empty when it gave none.
        code: String,
    },
    /// The channel says the thing is already done or under way.
    #[error("already done or under way: {code}")]
    AlreadyDone {
        /// The channel's code.
        code: String,
    },
    /// Not the kind of body this call answers with.
    #[error("the answer cannot be read: {what}")]
    Unreadable {
        /// What was expected and not found.
        what: &'static str,
    },
    /// Longer than anything real.
    #[error("the answer is too large")]
    TooLarge,
    /// The answer carries no signature.
    #[error("the answer is not signed")]
    NotSigned,
    /// A signature the channel sends on purpose to see whether we look.
    #[error("the channel is testing whether signatures are checked")]
    SignatureProbe,
    /// Signed with a key we do not have.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// Signed with a key that is not valid at this time.
    #[error("signed with a key outside its time")]
    KeyOutOfTime,
    /// The signature does not fit.
    #[error("the signature is wrong")]
    BadSignature,
    /// The answer's time is too far from ours.
    #[error("the answer's time is {seconds} s from ours")]
    Stale {
        /// Seconds between its time and ours.
        seconds: i64,
    },
    /// A downloaded file is not the one that was announced.
    #[error("the file is not the announced one")]
    WrongHash,
    /// The content could not be decrypted.
    #[error("the content cannot be decrypted")]
    Sealed,
}

impl Doubt {
    /// What a status says that no answer of the channel's own came with: something before it spoke.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            429 => Self::SlowDown,
            _ => Self::Unavailable { status, code: String::new() },
        }
    }

    fn act(&self, effect: Effect) -> Act {
        match (self, effect) {
            (Self::UnknownKey | Self::KeyOutOfTime, _) => Act::FetchKeys,
            (Self::Stale { .. }, _) => Act::FixClock,
            (_, Effect::Changes) => Act::QueryFirst,
            (Self::SlowDown, Effect::Reads) => Act::SlowDown,
            (Self::Sealed, Effect::Reads) => Act::FixAccount,
            (_, Effect::Reads) => Act::AskAgain,
        }
    }
}

/// What is wrong with a JSON text, without any of its content.
pub(crate) fn json_problem(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Io => "cannot be read",
        serde_json::error::Category::Syntax => "is not JSON",
        serde_json::error::Category::Data => "has a field of another type, or lacks one",
        serde_json::error::Category::Eof => "ends too early",
    }
}

/// A code as channels write them: letters, digits, `.`, `_`, `-`; everything else is dropped.
pub(crate) fn clean_code(text: &str) -> String {
    let keep = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    text.chars().filter(keep).take(64).collect()
}

/// Text without control characters and without marks that reorder what follows.
pub(crate) fn clean(text: &str, most: usize) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
            || matches!(c, '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    text.chars().filter(|c| !odd(*c)).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_moved_money_is_never_repeated_blindly() {
        let doubts = [
            Doubt::Cut,
            Doubt::TimedOut,
            Doubt::SlowDown,
            Doubt::Unavailable { status: 502, code: String::new() },
            Doubt::UnknownCode { status: 400, code: "NEW".into() },
            Doubt::Unreadable { what: "JSON" },
            Doubt::TooLarge,
            Doubt::BadSignature,
            Doubt::SignatureProbe,
        ];
        for doubt in doubts {
            let channel = Channel::WechatPay;
            let error = CallError::OutcomeUnknown { channel, effect: Effect::Changes, doubt };
            assert_eq!((error.moved(), error.act()), (Moved::Perhaps, Act::QueryFirst), "{error}");
        }
    }

    #[test]
    fn a_channels_sentence_reaches_no_error_text() {
        let refusal = Refusal::new(400, "BAD\u{202E}\n<b>", Act::FixRequest, "sk_CANARY\u{7}");
        let error = CallError::Rejected { channel: Channel::Stripe, refusal: refusal.clone() };
        assert_eq!(refusal.channel_says(), "sk_CANARY");
        assert_eq!(refusal.code, "BADb");
        assert!(!format!("{error} {error:?}").contains("CANARY"));
    }
}
