//! The sync: asks every connection for what is not proven to be here, and books what comes.
//!
//! Connections are asked side by side, each by a thread of its own; one thread books. Whatever was
//! committed when the program died is proven and not asked for again; the rest is.

use super::check::trouble_code;
use super::client::shop::STREAM;
use super::client::{Client, Gift, Got, Keyed, Line};
use super::connections::{self, Connection};
use super::coverage::Known;
use super::credentials;
use super::gate::Gate;
use super::{Clock, asking, due};
use crate::error::Error;
use crate::import::{
    About, Delivery, Failure, ImportOptions, ImportReport, Proof, Span, Watch, import_deliveries,
    rest_minutes,
};
use connectors::error::{Act, CallError};
use connectors::transport::{Retry, Route, Timing, Transport};
use domain::{BusinessDate, Period};
use serde::Serialize;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;
use store::bulk::Reader;
use store::{Book, Kind};

/// Deliveries that may wait for the booking: a channel is not asked faster than books are kept.
const WAITING: usize = 4;
/// Failures in a row after which a connection is left alone.
const ENOUGH: u32 = 3;
/// How long a sync of a book on a server waits for a line: another seat may have a better one.
const SHARED_PATIENCE: Duration = Duration::from_secs(600);
/// Code of a connection whose keys only other seats can open.
pub(super) const KEYS_ELSEWHERE: &str = "keys_elsewhere";
/// Longest wait before something that failed is asked for again, minutes.
const LONGEST_WAIT: i64 = 6 * 60;

/// What a sync is asked for.
#[derive(Clone, Debug)]
pub struct SyncRequest {
    /// Which connections; empty means all that are not paused.
    pub connections: Vec<i64>,
    /// Also ask for what failed a short while ago.
    pub force: bool,
    /// Also ask for bills of this period that were read before its end only, see
    /// [`super::not_read_again`].
    pub again: Option<Period>,
    /// Nobody asked for it: its time had come.
    pub by_itself: bool,
    /// How to get out of the house.
    pub route: Route,
    /// How long calls may take.
    pub timing: Timing,
    /// How often a call that only reads is made again, and after what wait.
    pub retry: Retry,
    /// Asked between two steps, at most once a second: while it says yes, no connection is asked
    /// for anything more. See [`SyncRequest::minding_the_line`].
    pub waits: Option<fn() -> bool>,
}

impl Default for SyncRequest {
    fn default() -> Self {
        let (route, timing, retry) = (Route::System, Timing::default(), Retry::default());
        let (connections, force, by_itself) = (Vec::new(), false, false);
        let (again, waits) = (None, None);
        Self { connections, force, again, by_itself, route, timing, retry, waits }
    }
}

/// What came of one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConnectionSync {
    /// Number of the connection.
    pub connection: i64,
    /// Spans that were asked for.
    pub asked: u64,
    /// Files that came.
    pub files: u64,
    /// Spans the channel says are empty.
    pub empty: u64,
    /// Spans that are not made yet.
    pub not_yet: u64,
    /// Spans that failed.
    pub failed: u64,
    /// Code of the last failure; empty when there was none.
    pub trouble: String,
    /// The channel's own code of it, or a field.
    pub detail: String,
    /// True when it was left alone before everything was asked for.
    pub left: bool,
    /// How far our clock was off, ms to add to ours; 0 when it was right.
    pub skew_ms: i64,
    /// True when the channel refused the keys that were to sign, and the other ones signed.
    pub other_signs: bool,
    /// When the last of the channel's own certificates ends, where they were fetched; UTC ms.
    pub their_until_ms: Option<i64>,
}

/// What a sync came to.
#[derive(Debug, Default, Serialize)]
pub struct SyncReport {
    /// Each connection, in the order they were set up.
    pub connections: Vec<ConnectionSync>,
    /// What was booked.
    pub import: ImportReport,
}

/// One connection, ready to be asked.
struct Ready {
    connection: Connection,
    keys: Keyed,
    spans: Vec<Span>,
    known: Known,
}

/// Fetches and books what is not proven to be here yet.
///
/// # Errors
/// What stops the sync as a whole: the book, or a network that cannot be set up. What a channel
/// says is in the report, and kept in the book until it is better.
pub fn sync(
    book: &Book,
    request: &SyncRequest,
    clock: Clock<'_>,
    watch: &mut Watch<'_>,
) -> Result<SyncReport, Error> {
    // Two at once would ask everything twice; what they book would be right all the same.
    let turn = book.take_turn("sync")?.ok_or(Error::SyncRuns)?;
    let (ready, elsewhere) = prepare(book, request, clock)?;
    let transport = Transport::new(request.timing, &request.route)
        .map_err(|problem| Error::BadInput { field: "proxy", reason: problem.to_string() })?;
    let (timing, route, retry) = (request.timing, &request.route, request.retry);
    let line = Line { transport: &transport, clock, timing, route, retry };
    let patience = match book.kind() {
        Kind::Sqlite => Duration::MAX,
        Kind::Postgres => SHARED_PATIENCE,
    };
    let gate = Gate::new(watch.cancel, request.waits, patience);
    let options = ImportOptions { now_ms: clock(), ..ImportOptions::default() };
    let (sender, arriving) = sync_channel(WAITING);
    let report = std::thread::scope(|scope| {
        let asking: Vec<_> = ready
            .into_iter()
            .map(|ready| {
                let (sender, line, gate) = (sender.clone(), &line, &gate);
                scope.spawn(move || match ready.keys.client {
                    Client::Shop(_) => ask_shop(ready, line, &sender, gate),
                    _ => ask(ready, line, &sender, gate),
                })
            })
            .collect();
        drop(sender);
        let import = import_deliveries(book, arriving, &options, watch);
        // The receiver is gone: whoever still asks is told so at the next delivery.
        gate.end();
        let mut connections = elsewhere;
        for thread in asking {
            match thread.join() {
                Ok(done) => connections.push(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok::<_, Error>(SyncReport { connections, import: import? })
    })?;
    asking::remember(book, &report.connections, report.import.cancelled, clock())?;
    drop(turn);
    Ok(report)
}

/// Opens the keys and works out what to ask for.
///
/// The second half: connections that cannot be asked from this seat, which has not their keys.
fn prepare(
    book: &Book,
    request: &SyncRequest,
    clock: Clock<'_>,
) -> Result<(Vec<Ready>, Vec<ConnectionSync>), Error> {
    let mut reader = Reader::open(book)?;
    let all = connections::list(&mut reader)?;
    for id in &request.connections {
        if !all.iter().any(|connection| connection.id == *id) {
            return Err(Error::NotFound { what: "connection", id: id.to_string() });
        }
    }
    let chosen = |connection: &Connection| match request.connections.as_slice() {
        [] => !connection.paused,
        some => some.contains(&connection.id),
    };
    let now_ms = clock();
    let mut ready = Vec::new();
    let (own, mut elsewhere) = (credentials::own_key(book), Vec::new());
    for connection in all.into_iter().filter(chosen) {
        if !connection.opens_with(own.as_deref()) {
            let (trouble, failed) = (KEYS_ELSEWHERE.to_owned(), 1);
            let connection = connection.id;
            elsewhere.push(ConnectionSync { connection, trouble, failed, ..Default::default() });
            continue;
        }
        let setups = credentials::open(book, &mut reader, &connection, now_ms)?;
        let mut keys = Keyed::new(&setups, now_ms)?;
        let known = Known::read(&mut reader, connection.id)?;
        let spans = spans_of(&connection, &known, now_ms, (request.force, request.again));
        let start_ms = BusinessDate::from_days(connection.from_day).start_ms();
        keys.go_on(known.cursors.get(STREAM).map(String::as_str), start_ms);
        ready.push(Ready { connection, keys, spans, known });
    }
    Ok((ready, elsewhere))
}

fn spans_of(
    connection: &Connection,
    known: &Known,
    now_ms: i64,
    also: (bool, Option<Period>),
) -> Vec<Span> {
    let kind = connection.kind;
    let since = (connection.from_day, now_ms);
    let due = |plan| due::due(&plan, kind.streams(), known, since, also);
    let spans = kind.bill_plan().map(due).unwrap_or_default();
    due::together(spans, kind.days_at_once())
}

/// Asks one connection for its spans, one after the other.
fn ask(
    mut ready: Ready,
    line: &Line<'_>,
    sender: &SyncSender<Delivery>,
    gate: &Gate<'_>,
) -> ConnectionSync {
    let connection = &ready.connection;
    let mut done = ConnectionSync { connection: connection.id, ..ConnectionSync::default() };
    let mut in_a_row = 0;
    for span in std::mem::take(&mut ready.spans) {
        if !gate.pass(|waits| told(sender, waits)) {
            done.left = true;
            break;
        }
        done.asked += 1;
        let got = ready.keys.call(|client| client.fetch(line, &span));
        let now_ms = (line.clock)() + ready.keys.client.skew_ms();
        let tries = ready.known.stream(&span.stream).tries.get(&span.from_ms);
        let before = tries.copied().unwrap_or_default();
        let (deliveries, leave) = match got {
            Ok(got) => {
                in_a_row = 0;
                (delivered(connection, &span, (got, before), now_ms, &mut done), false)
            }
            Err(error) => {
                in_a_row += 1;
                let leave = in_a_row >= ENOUGH || concerns_all(&error);
                let failure = failed(connection, span, (&error, before), now_ms, &mut done);
                (vec![failure], leave)
            }
        };
        if deliveries.into_iter().any(|delivery| sender.send(delivery).is_err()) || leave {
            done.left = true;
            break;
        }
    }
    done.skew_ms = ready.keys.client.skew_ms();
    done.other_signs = ready.keys.other_signs;
    done.their_until_ms = ready.keys.client.their_until_ms();
    done
}

/// Asks a shop for one piece after the other until nothing is due.
fn ask_shop(
    mut ready: Ready,
    line: &Line<'_>,
    sender: &SyncSender<Delivery>,
    gate: &Gate<'_>,
) -> ConnectionSync {
    let connection = &ready.connection;
    let mut done = ConnectionSync { connection: connection.id, ..ConnectionSync::default() };
    while gate.pass(|waits| told(sender, waits)) {
        let now_ms = (line.clock)();
        let piece = ready.keys.next(line);
        done.other_signs = ready.keys.other_signs;
        let piece = match piece {
            Ok(Some(piece)) => piece,
            Ok(None) => return done,
            Err(error) => {
                done.asked += 1;
                let span = due::span_of(STREAM, BusinessDate::of_ms(now_ms).days());
                // Nobody is left to hear it once the booking has stopped.
                let failure = failed(connection, span, (&error, 0), now_ms, &mut done);
                let _ = sender.send(failure);
                break;
            }
        };
        done.asked += 1;
        let (from_ms, until_ms) = piece.covered_ms.unwrap_or((now_ms, now_ms));
        let about = About {
            connection: connection.id,
            source: connection.kind.code().to_owned(),
            account_no: None,
            fund_account: None,
            taken_at_ms: now_ms,
            first: true,
            span: Span { stream: STREAM.to_owned(), from_ms, until_ms },
            proof: Some(Proof::Pages),
            cursor: Some(piece.cursor),
        };
        let delivery = match piece.gift {
            Some(gift) => {
                done.files += 1;
                Delivery::File { name: gift.name, bytes: gift.bytes.into(), about }
            }
            None => Delivery::Nothing(about),
        };
        if sender.send(delivery).is_err() {
            break;
        }
    }
    done.left = true;
    done
}

/// Tells whoever watches that a connection waits, or goes on. Where nobody is left, nobody needs
/// to hear it.
fn told(sender: &SyncSender<Delivery>, waits: bool) {
    let _ = sender.send(Delivery::Waits(waits));
}

/// True when asking for another day would come to the same.
fn concerns_all(error: &CallError) -> bool {
    matches!(error, CallError::NotSent { .. })
        || matches!(error.act(), Act::FixAccount | Act::FixClock | Act::SlowDown)
}

fn delivered(
    connection: &Connection,
    span: &Span,
    (got, tries): (Got, i64),
    now_ms: i64,
    done: &mut ConnectionSync,
) -> Vec<Delivery> {
    let failed = |code, detail, minutes: i64| {
        vec![Delivery::Failed(Failure {
            connection: connection.id,
            span: span.clone(),
            code,
            detail,
            tried_at_ms: now_ms,
            next_at_ms: now_ms + minutes * 60_000,
        })]
    };
    let about = About {
        connection: connection.id,
        source: connection.kind.code().to_owned(),
        account_no: None,
        fund_account: None,
        taken_at_ms: now_ms,
        first: true,
        span: span.clone(),
        proof: Some(Proof::Empty),
        cursor: None,
    };
    match got {
        Got::Files(gifts) => {
            done.files += gifts.len() as u64;
            let last = gifts.len().saturating_sub(1);
            let delivery = |(at, gift): (usize, Gift)| {
                let about = About {
                    account_no: gift.account_no,
                    fund_account: gift.fund_account,
                    first: at == 0,
                    // What several files cover together is here with the last of them.
                    proof: (at == last).then_some(gift.proof),
                    ..about.clone()
                };
                let bytes: Arc<[u8]> = gift.bytes.into();
                Delivery::File { name: gift.name, bytes, about }
            };
            gifts.into_iter().enumerate().map(delivery).collect()
        }
        Got::Empty => {
            done.empty += 1;
            vec![Delivery::Nothing(about)]
        }
        Got::NotYet => {
            done.not_yet += 1;
            let again = connection.kind.bill_plan().map_or(60, |plan| plan.again_minutes);
            failed("not_yet", String::new(), i64::from(again))
        }
        Got::SaidEmpty(code, believed_ms) => {
            done.not_yet += 1;
            failed("said_empty", code, (believed_ms - now_ms).max(0) / 60_000 + 1)
        }
        Got::Withheld => {
            done.not_yet += 1;
            failed("bill_missing", String::new(), rest_minutes(tries))
        }
        Got::Unconfirmed(code) => {
            done.not_yet += 1;
            failed("unconfirmed", code, rest_minutes(tries))
        }
    }
}

fn failed(
    connection: &Connection,
    span: Span,
    (error, tries): (&CallError, i64),
    now_ms: i64,
    done: &mut ConnectionSync,
) -> Delivery {
    let (code, detail) = trouble_code(error);
    done.failed += 1;
    done.trouble = code.to_owned();
    done.detail.clone_from(&detail);
    let minutes = match error.act() {
        Act::SameAgain | Act::AskAgain | Act::SlowDown | Act::FetchKeys => {
            (5 << tries.clamp(0, 7)).min(LONGEST_WAIT)
        }
        _ => LONGEST_WAIT,
    };
    Delivery::Failed(Failure {
        connection: connection.id,
        span,
        code,
        detail,
        tried_at_ms: now_ms,
        next_at_ms: now_ms + minutes * 60_000,
    })
}
