//! Faults on demand: for some call, do something else than the channel would.

use serde::{Deserialize, Serialize};

/// One line of a script: skip so many calls that match, then act on the next ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Part of `METHOD target body`, percent-decoded; empty for every call. One that begins with
    /// `NOTICE` is for notices alone: `NOTICE channel what number url`, where `what` is `payment`,
    /// `refund` or Stripe's type of an event.
    #[serde(default)]
    pub on: String,
    /// Matching calls that pass before it acts.
    #[serde(default)]
    pub skip: u32,
    /// How many calls it acts on; once by default.
    #[serde(default = "once")]
    pub times: u32,
    /// What it does.
    pub action: Action,
}

fn once() -> u32 {
    1
}

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// The answer comes late.
    Delay {
        /// By so much.
        ms: u64,
    },
    /// The answer comes in small pieces.
    Slow {
        /// Bytes of a piece.
        piece: usize,
        /// Wait between two pieces.
        wait_ms: u64,
    },
    /// The connection is reset and nothing was done.
    ResetBefore,
    /// The work is done, then the connection is reset.
    ResetAfter,
    /// This status, and nothing was done.
    StatusBefore {
        /// HTTP status.
        status: u16,
    },
    /// The work is done, then this status is sent.
    StatusAfter {
        /// HTTP status.
        status: u16,
    },
    /// The work is done, then a page of HTML is sent with 200.
    Html,
    /// The work is done, then so many bytes are sent, most of them spaces.
    Huge {
        /// Bytes.
        bytes: usize,
    },
    /// The answer is cut after so many bytes of its body.
    Truncated {
        /// Bytes of the body that still come.
        bytes: usize,
    },
    /// One bit of the answer's body is another.
    Flip {
        /// Which, counted around and around.
        bit: usize,
    },
    /// The answer's signature is of other bytes.
    WrongSignature,
    /// The answer's signature is a test by the channel (WeChat Pay).
    SignatureProbe,
    /// The answer is not signed.
    Unsigned,
    /// The answer is signed by the channel's next key, under the name of the present one.
    OtherKey,
    /// The answer is signed under a certificate that has run out.
    ExpiredCertificate,
    /// The answer is signed under a certificate of another company (UnionPay).
    ForeignCertificate,
    /// A notice comes twice.
    Twice,
    /// The channel's clock is wrong; what a notice's signature is dated.
    Skew {
        /// By so much; it runs ahead when positive.
        ms: i64,
    },
    /// The channel says no, in its own form, and nothing was done.
    Refuse {
        /// HTTP status, where the channel has one of its own for it.
        status: u16,
        /// `code` (WeChat Pay, Stripe), `sub_code` (Alipay), `respCode` (UnionPay).
        code: String,
        /// The sentence.
        message: String,
    },
}

/// A bill that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillFault {
    /// `wechat_pay`, `alipay`, `union_pay` or `stripe`.
    pub channel: String,
    /// `trade` or `fund`; UnionPay has but the first. Stripe's lists: `balance`, `payouts`, and
    /// `members`, what each payout carries.
    pub stream: String,
    /// `2026-01-20`. At Stripe the day on which the rows, or the payout, were made.
    pub day: String,
    /// From when on, UTC milliseconds; from ever by default.
    #[serde(default = "ever")]
    pub from_ms: i64,
    /// Until before when; for ever by default. A bill that is short until then and whole after it
    /// is an amended one.
    #[serde(default = "for_ever")]
    pub until_ms: i64,
    /// What is wrong.
    pub twist: BillTwist,
}

fn ever() -> i64 {
    i64::MIN
}

fn for_ever() -> i64 {
    i64::MAX
}

/// What is wrong with a bill. Rows count from 0, around and around.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "twist", rename_all = "snake_case")]
pub enum BillTwist {
    /// Not made yet.
    Late,
    /// There is none, though things happened.
    Empty,
    /// A row is missing and the summary knows nothing of it.
    Missing {
        /// Which.
        row: usize,
    },
    /// A row is missing and the summary counts it (a fund bill), or the fund bill has it; at
    /// UnionPay and Stripe the parts of a row do not add up.
    Contradictory {
        /// Which.
        row: usize,
    },
    /// A row stands twice.
    Doubled {
        /// Which.
        row: usize,
    },
    /// The rows stand in reverse order.
    Reordered,
    /// A row's amount is one fen more.
    Changed {
        /// Which.
        row: usize,
    },
    /// A file is cut within a row. A list is cut after half of the day's rows and says that it
    /// ends there (Stripe).
    Cut,
    /// The announced hash is of another file (WeChat Pay).
    WrongHash,
    /// The file is no bill.
    Unreadable,
}

/// A call as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// By the platform's clock, UTC milliseconds.
    pub at_ms: i64,
    /// `METHOD target body`, percent-decoded and cut after a kilobyte; of a notice
    /// `NOTICE channel what number url`.
    pub label: String,
    /// Status of the answer; 0 when the connection was reset before any work, and when a notice
    /// was not answered.
    pub status: u16,
    /// What the script did to it.
    pub fault: Option<Action>,
}

/// The script, and what was called.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub faults: Vec<Fault>,
    pub bills: Vec<BillFault>,
    pub calls: Vec<Call>,
}

/// What the label of a notice begins with.
const NOTICE: &str = "NOTICE";
/// Calls remembered at most; older ones are forgotten.
const MOST_CALLS: usize = 20_000;

impl Script {
    /// What to do to this call.
    pub(super) fn take(&mut self, label: &str) -> Option<Action> {
        self.take_where(|on| !on.starts_with(NOTICE) && label.contains(on))
    }

    /// What to do to this notice.
    pub(super) fn take_notice(&mut self, label: &str) -> Option<Action> {
        self.take_where(|on| on.starts_with(NOTICE) && label.contains(on))
    }

    fn take_where(&mut self, fits: impl Fn(&str) -> bool) -> Option<Action> {
        let mut acts = None;
        for fault in self.faults.iter_mut().filter(|f| f.times > 0 && fits(&f.on)) {
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if acts.is_none() {
                fault.times -= 1;
                acts = Some(fault.action.clone());
            }
        }
        self.faults.retain(|fault| fault.times > 0);
        acts
    }

    /// What is wrong with a day's bill now.
    pub(super) fn twist(
        &self,
        channel: &str,
        stream: &str,
        day: &str,
        now_ms: i64,
    ) -> Vec<BillTwist> {
        let fits = |fault: &&BillFault| {
            fault.channel == channel
                && fault.stream == stream
                && fault.day == day
                && (fault.from_ms..fault.until_ms).contains(&now_ms)
        };
        self.bills.iter().filter(fits).map(|fault| fault.twist).collect()
    }

    pub(super) fn note(&mut self, call: Call) {
        if self.calls.len() >= MOST_CALLS {
            self.calls.drain(..MOST_CALLS / 2);
        }
        self.calls.push(call);
    }
}
