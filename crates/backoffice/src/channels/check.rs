//! Trying the keys of a connection: what exactly is wrong, in a code a person can be told.

use super::client::{Client, Got, Line};
use super::connections::{self, connection};
use super::due::{last_ready, span_of};
use super::setup::Setup;
use super::{Clock, SyncRequest};
use crate::error::Error;
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
}

impl Checked {
    /// True when nothing is wrong.
    pub fn is_fine(&self) -> bool {
        self.code.is_empty()
    }
}

/// Asks the channel for the last day there can be a bill of: a question that needs the address,
/// the keys of both sides, the permission and the clock, and changes nothing.
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
    let setup = connections::open(book, &mut reader, &connection)?;
    let checked = try_keys(&setup, request, clock)?;
    connections::remember_check(book, id, checked.at_ms, &checked.code)?;
    Ok(checked)
}

/// As [`check`], of a set-up that is not kept.
///
/// # Errors
/// [`Error::BadInput`] for keys that cannot be read.
pub fn try_keys(setup: &Setup, request: &SyncRequest, clock: Clock<'_>) -> Result<Checked, Error> {
    let at_ms = clock();
    let mut client = Client::new(setup, at_ms)?;
    let transport = Transport::new(request.timing, &request.route)
        .map_err(|problem| Error::BadInput { field: "proxy", reason: problem.to_string() })?;
    let (timing, route, retry) = (request.timing, &request.route, request.retry);
    let line = Line { transport: &transport, clock, timing, route, retry };
    let plan = setup.kind.bill_plan();
    let day = plan.map_or(0, |plan| last_ready(&plan, at_ms));
    let stream = setup.kind.streams().first().copied().unwrap_or_default();
    let asked = match &mut client {
        Client::Shop(shop) => shop.test(&line).map(|()| Got::Empty),
        client => client.fetch(&line, &span_of(stream, day)),
    };
    let skew_ms = client.skew_ms();
    let says = match &asked {
        Err(CallError::Rejected { refusal, .. }) => refusal.channel_says().to_owned(),
        _ => String::new(),
    };
    let (code, detail) = match &asked {
        Ok(Got::Files(_) | Got::Empty | Got::NotYet | Got::Withheld) => ("", String::new()),
        Ok(Got::Unconfirmed(code)) => ("unconfirmed", code.clone()),
        Err(error) => trouble_code(error),
    };
    Ok(Checked { code: code.to_owned(), detail, says, skew_ms, at_ms })
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
            let code = match refusal.act {
                Act::FixAccount => "refused_account",
                Act::FixClock => "clock",
                Act::FixRequest => "refused_request",
                Act::SlowDown => "slow_down",
                _ => "refused",
            };
            (code, refusal.code.clone())
        }
        CallError::OutcomeUnknown { doubt, .. } => doubted(doubt),
        CallError::Contract { detail, .. } => ("contract", detail.clone()),
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
