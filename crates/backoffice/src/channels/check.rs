//! Trying the keys of a connection: what exactly is wrong, in a code a person can be told.

use super::client::{Client, Got, Keyed, Line};
use super::connections::{self, connection};
use super::credentials;
use super::due::{last_ready, span_of};
use super::local::{self, Wrong};
use super::setup::Setup;
use super::{Clock, SyncRequest};
use crate::error::Error;
use connectors::Blame;
use connectors::error::{Act, CallError, Doubt, NotSent};
use connectors::transport::Transport;
use serde::Serialize;
use store::Book;
use store::bulk::Reader;

/// How a try of the keys went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Code of what is wrong; empty when the channel answered as it should.
    pub code: String,
    /// The channel's own code, or a field.
    pub detail: String,
    /// What the channel says, for a person's eyes only; never kept.
    pub says: String,
    /// How far our clock is off, ms to add to ours; 0 when it is right.
    pub skew_ms: i64,
    /// When it was tried, UTC ms.
    pub at_ms: i64,
    /// Every stream that was tried: what is wrong with all of them ends the try at the first.
    pub streams: Vec<StreamChecked>,
}

/// How it went for one stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamChecked {
    /// Stream code.
    pub stream: String,
    /// Code of what is wrong; empty when the channel answered as it should.
    pub code: String,
}

impl Checked {
    /// True when nothing is wrong.
    pub fn is_fine(&self) -> bool {
        self.code.is_empty()
    }
}

/// Asks the channel for the last day there can be a bill of, in each stream: questions that need
/// the address, the keys of both sides, the permissions and the clock, and change nothing.
///
/// What is tried are the keys that are to sign, also where the others sign in their place.
///
/// # Errors
/// What stops the try itself: the book, or keys that do not open. What the channel says is in the
/// answer, and its code is kept with the connection.
pub fn check(
    book: &Book,
    id: i64,
    request: &SyncRequest,
    clock: Clock<'_>,
) -> Result<Checked, Error> {
    let mut reader = Reader::open(book)?;
    let connection = connection(&mut reader, id)?;
    let setups = credentials::open(book, &mut reader, &connection, clock())?;
    let checked = try_all(&setups, request, clock)?;
    connections::remember_check(book, id, checked.at_ms, &checked.code)?;
    Ok(checked)
}

/// As [`check`], of a set-up that is not kept. What can be seen without the channel is seen first:
/// a key that is not the certificate's, another serial number, a certificate that is over.
///
/// # Errors
/// [`Error::BadInput`] for keys that cannot be read, [`Error::CertificateTime`] for a certificate
/// of ours that is not in its time.
pub fn try_keys(setup: &Setup, request: &SyncRequest, clock: Clock<'_>) -> Result<Checked, Error> {
    try_all(std::slice::from_ref(setup), request, clock)
}

fn try_all(setups: &[Setup], request: &SyncRequest, clock: Clock<'_>) -> Result<Checked, Error> {
    let at_ms = clock();
    let Some(setup) = setups.first() else {
        return Err(Error::NotFound { what: "credential", id: String::new() });
    };
    let mut checked = Checked {
        code: String::new(),
        detail: String::new(),
        says: String::new(),
        skew_ms: 0,
        at_ms,
        streams: Vec::new(),
    };
    if let Some(Wrong { code, field, found }) = local::wrong(setup, at_ms) {
        code.clone_into(&mut checked.code);
        checked.detail = if found.is_empty() { field.to_owned() } else { found };
        return Ok(checked);
    }
    let mut client = Keyed::new(setups, at_ms)?.client;
    let transport = Transport::new(request.timing, &request.route)
        .map_err(|problem| Error::BadInput { field: "proxy", reason: problem.to_string() })?;
    let (timing, route, retry) = (request.timing, &request.route, request.retry);
    let line = Line { transport: &transport, clock, timing, route, retry };
    let plan = setup.kind.bill_plan();
    let day = plan.map_or(0, |plan| last_ready(&plan, at_ms));
    for stream in setup.kind.streams() {
        let asked = match &mut client {
            Client::Shop(shop) => shop.test(&line).map(|()| Got::Empty),
            client => client.fetch(&line, &span_of(stream, day)),
        };
        checked.skew_ms = client.skew_ms();
        let (code, detail) = match &asked {
            Ok(Got::Unconfirmed(code)) => ("unconfirmed", code.clone()),
            Ok(_) => ("", String::new()),
            Err(error) => trouble_code(error),
        };
        checked.streams.push(StreamChecked { stream: (*stream).to_owned(), code: code.to_owned() });
        if checked.code.is_empty() {
            code.clone_into(&mut checked.code);
            checked.detail = detail;
            if let Err(CallError::Rejected { refusal, .. }) = &asked {
                refusal.channel_says().clone_into(&mut checked.says);
            }
        }
        if asked.is_err_and(|error| concerns_every_stream(&error)) {
            break;
        }
    }
    Ok(checked)
}

/// True when the next stream would come to the same: everything but a right that is missing for
/// one of them, or trouble with one file.
fn concerns_every_stream(error: &CallError) -> bool {
    match error {
        CallError::NotSent { .. } => true,
        CallError::Rejected { refusal, .. } => {
            error.blame().is_some_and(|blame| blame != Blame::Permission)
                || matches!(refusal.act, Act::FixClock | Act::SlowDown)
        }
        CallError::OutcomeUnknown { .. } => !matches!(error.act(), Act::AskAgain),
        CallError::Contract { .. } => false,
    }
}

/// What is wrong, as a stable code with a text of its own, and the channel's word for it.
pub(crate) fn trouble_code(error: &CallError) -> (&'static str, String) {
    match error {
        CallError::NotSent { cause, .. } => match cause {
            NotSent::Invalid { field, .. } => ("invalid", (*field).to_owned()),
            NotSent::Key => ("own_key", String::new()),
            NotSent::NoHost | NotSent::NoConnection => ("offline", String::new()),
            NotSent::NotProtected => ("not_protected", String::new()),
            NotSent::OverLimit => ("slow_down", String::new()),
        },
        CallError::Rejected { refusal, .. } => {
            let code = match (error.blame(), refusal.act) {
                (Some(blame), _) => blamed(blame),
                (None, Act::FixAccount) => "refused_account",
                (None, Act::FixClock) => "clock",
                (None, Act::FixRequest) => "refused_request",
                (None, Act::SlowDown) => "slow_down",
                (None, _) => "refused",
            };
            (code, refusal.code.clone())
        }
        CallError::OutcomeUnknown { doubt, .. } => doubted(doubt),
        CallError::Contract { detail, .. } => ("contract", detail.clone()),
    }
}

fn blamed(blame: Blame) -> &'static str {
    match blame {
        Blame::Key => "refused_key",
        Blame::Certificates => "refused_certificates",
        Blame::Ended => "own_key_ended",
        Blame::Number => "refused_number",
        Blame::Permission => "refused_permission",
        Blame::Address => "refused_address",
        Blame::ContentKey => "sealed",
        Blame::TheirKey => "their_key_needed",
    }
}

fn doubted(doubt: &Doubt) -> (&'static str, String) {
    let code = |code: &String| code.clone();
    match doubt {
        Doubt::Cut => ("cut", String::new()),
        Doubt::TimedOut => ("timed_out", String::new()),
        Doubt::SlowDown => ("slow_down", String::new()),
        Doubt::Unavailable { status, code } if code.is_empty() => {
            ("unavailable", status.to_string())
        }
        Doubt::Unavailable { code: said, .. } => ("unavailable", code(said)),
        Doubt::UnknownCode { code: said, .. } => ("unknown_code", code(said)),
        Doubt::AlreadyDone { code: said } => ("unknown_code", code(said)),
        Doubt::Unreadable { what } => ("unreadable", (*what).to_owned()),
        Doubt::TooLarge => ("too_large", String::new()),
        Doubt::NotSigned => ("not_signed", String::new()),
        Doubt::SignatureProbe => ("probe", String::new()),
        Doubt::UnknownKey => ("their_key", String::new()),
        Doubt::KeyOutOfTime => ("their_key_ended", String::new()),
        Doubt::BadSignature => ("bad_signature", String::new()),
        Doubt::Stale { seconds } => ("clock", seconds.to_string()),
        Doubt::WrongHash => ("wrong_hash", String::new()),
        Doubt::Sealed => ("sealed", String::new()),
    }
}
