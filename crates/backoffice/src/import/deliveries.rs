//! Files that channels gave over the network: booked as files are, together with what they prove.
//!
//! The book must never say that a day is here when it is not: what a delivery covers is written in
//! the transaction that books it, or not at all.

use super::ahead::{Known, Opened, look};
use super::{FileReport, ImportOptions, ImportReport, Watch, book_files, known_before};
use crate::channels::health::remember_ask;
use crate::error::Error;
use connectors::container::Source;
use domain::{BusinessDate, FundAccount};
use std::iter::Iterator;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};
use store::Book;
use store::bulk::{Cell, Loader, Writer};

/// What proves that a span of a stream is here whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The channel announced the file's hash in a signed answer.
    Hash,
    /// The file's own totals, or its running balance.
    Totals,
    /// Every page of a list up to its end.
    Pages,
    /// The channel's own word that there is nothing.
    Empty,
    /// It contradicts itself, or it or a row of it could not be read: it proves nothing.
    Broken,
}

impl Proof {
    pub fn code(self) -> &'static str {
        match self {
            Self::Hash => "hash",
            Self::Totals => "totals",
            Self::Pages => "pages",
            Self::Empty => "empty",
            Self::Broken => "broken",
        }
    }
}

/// A span of one stream of a connection: half open, the channel's time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub stream: String,
    pub from_ms: i64,
    pub until_ms: i64,
}

/// What is known of a delivery beside its bytes.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// The connection it came from.
    pub connection: i64,
    /// Kind of that connection, kept as the document's source.
    pub source: String,
    /// Merchant number, for bills that name none.
    pub account_no: Option<String>,
    /// Which of the merchant's accounts a fund bill is about.
    pub fund_account: Option<FundAccount>,
    /// The channel's clock when it was fetched, UTC ms.
    pub taken_at_ms: i64,
    /// True for the first file of what was asked for.
    pub first: bool,
    /// What it covers.
    pub span: Span,
    /// What proves it, if it also agrees with itself; `None` while more files of the span follow.
    pub proof: Option<Proof>,
    /// Where the stream goes on, for one without days.
    pub cursor: Option<String>,
}

/// A span that could not be had.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub connection: i64,
    pub span: Span,
    /// Stable code of what was wrong.
    pub code: &'static str,
    /// The channel's own code, or a field.
    pub detail: String,
    pub tried_at_ms: i64,
    /// Not asked for by itself before this time.
    pub next_at_ms: i64,
}

/// What came over the network.
pub(crate) enum Delivery {
    /// A file.
    File { name: String, bytes: Arc<[u8]>, about: About },
    /// The channel's word that there is nothing in a span.
    Nothing(About),
    /// It could not be had.
    Failed(Failure),
    /// A connection begins to wait for the line, or goes on.
    Waits(bool),
}

/// What the booking thread takes next.
pub(super) enum Turn {
    /// A file, opened.
    File(Box<Opened>),
    /// Nothing in a span.
    Nothing(About),
    /// A span that could not be had.
    Failed(Failure),
    /// A connection begins to wait for the line, or goes on.
    Waits(bool),
    /// Nothing is there at the moment: commit, then wait.
    Pause,
}

/// Imports what arrives until nobody sends any more, then reconciles. What was booked is committed
/// when nothing comes for a moment, so that no lock is held while a channel takes its time.
///
/// # Errors
/// Only what stops the import as a whole: the book. A bad file is a line of the report.
pub(crate) fn import_deliveries(
    book: &Book,
    arriving: Receiver<Delivery>,
    options: &ImportOptions,
    watch: &mut Watch<'_>,
) -> Result<ImportReport, Error> {
    let mut writer = Writer::open(book)?;
    let known = known_before(&mut writer.begin()?, options)?;
    std::thread::scope(|scope| {
        let (sender, opened) = sync_channel(super::ahead::OPENED);
        let known: &Known = &known;
        scope.spawn(move || {
            for delivery in arriving {
                let turn = match delivery {
                    Delivery::Nothing(about) => Turn::Nothing(about),
                    Delivery::Failed(failure) => Turn::Failed(failure),
                    Delivery::Waits(waits) => Turn::Waits(waits),
                    Delivery::File { name, bytes, about } => {
                        let source = Source::Bytes { name, bytes };
                        Turn::File(Box::new(look(source, Some(about), known)))
                    }
                };
                if sender.send(turn).is_err() {
                    break;
                }
            }
        });
        let turns = Turns { opened, since: None };
        book_files(&mut writer, None, turns, options, watch, ImportReport::default())
    })
}

/// Waits for what is opened; where that takes long, it says so once before.
struct Turns {
    opened: Receiver<Turn>,
    /// Since when turns have come without a pause; `None` after one.
    since: Option<Instant>,
}

/// A gap as short as this is no reason to commit.
const GAP: Duration = Duration::from_millis(150);
/// With gaps in between, the book is locked no longer than this.
const LOCKED: Duration = Duration::from_secs(1);

impl Iterator for Turns {
    type Item = Turn;

    fn next(&mut self) -> Option<Turn> {
        if let Some(since) = self.since {
            let patience = LOCKED.saturating_sub(since.elapsed()).min(GAP);
            match self.opened.recv_timeout(patience) {
                Ok(turn) => return Some(turn),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    self.since = None;
                    return Some(Turn::Pause);
                }
            }
        }
        let turn = self.opened.recv().ok();
        self.since = Some(Instant::now());
        turn
    }
}

/// How long what came and was of no use rests before it is asked for again, minutes, after so
/// many tries: the channel has to make it anew, and most need a day for that.
pub(crate) fn rest_minutes(tries: i64) -> i64 {
    (30 << tries.clamp(0, 6)).min(24 * 60)
}

/// Dates a delivery after every earlier one of its span, whatever the clock says meanwhile: the
/// later word counts, also when both came in one millisecond or the clock was set back. Further
/// files of one delivery keep to its date.
///
/// # Errors
/// The database's.
pub(super) fn date(loader: &mut Loader<'_>, about: &mut About) -> Result<(), Error> {
    let mut last = i64::MIN;
    loader.query(
        "select taken_at_ms from coverage where connection_id = $1 and stream = $2 \
         and from_ms = $3 order by taken_at_ms desc limit 1",
        &[
            Cell::Int(about.connection),
            Cell::Text(&about.span.stream),
            Cell::Int(about.span.from_ms),
        ],
        |row| {
            last = row.int(0)?;
            Ok(())
        },
    )?;
    let earliest = if about.first { last.saturating_add(1) } else { last };
    about.taken_at_ms = about.taken_at_ms.max(earliest);
    Ok(())
}

/// Writes what a delivery proves. `reports` are those of its file; none for an empty span.
///
/// # Errors
/// The database's.
pub(super) fn cover(
    loader: &mut Loader<'_>,
    about: &About,
    raw: Option<i64>,
    reports: &[FileReport],
) -> Result<(), Error> {
    move_on(loader, about)?;
    if let Some(wrong) = reports.iter().find(|report| !report.is_whole()) {
        let total = wrong.totals.iter().find(|total| !total.holds).map(|total| &total.name);
        let detail = total.or(wrong.reason.as_ref()).map_or("quarantine", String::as_str);
        return spoil(loader, about, raw, ("broken", detail));
    }
    let Some(proof) = about.proof else { return Ok(()) };
    let span = &about.span;
    // A piece of a list without a span of its own moves the cursor and proves no day.
    if span.from_ms < span.until_ms {
        insert(loader, about, proof, raw)?;
    }
    // Of several files that cover a span together, one may have been of no use.
    if is_spoilt(loader, about)? {
        return Ok(());
    }
    remember_ask(loader, (about.connection, &span.stream), about.taken_at_ms, "")?;
    // A list that goes on from a mark is had again from where it failed, on whatever day that was.
    let (from_ms, until_ms) = match about.cursor {
        Some(_) => (i64::MIN, span.until_ms),
        None => (span.from_ms, span.until_ms),
    };
    loader.execute(
        "delete from sync_trouble where connection_id = $1 and stream = $2 and from_ms >= $3 \
         and from_ms < $4",
        &[
            Cell::Int(about.connection),
            Cell::Text(&span.stream),
            Cell::Int(from_ms),
            Cell::Int(until_ms),
        ],
    )?;
    Ok(())
}

/// Notes that a file was refused: nothing of it is in the book, and its span is not proven.
///
/// # Errors
/// The database's.
pub(super) fn refuse(
    loader: &mut Loader<'_>,
    about: &About,
    reports: &[FileReport],
) -> Result<(), Error> {
    let reason = reports.iter().find_map(|report| report.reason.as_deref());
    spoil(loader, about, None, ("refused_file", reason.unwrap_or_default()))
}

/// What came proves nothing: says so of its span, and lets it rest.
fn spoil(
    loader: &mut Loader<'_>,
    about: &About,
    raw: Option<i64>,
    (code, detail): (&'static str, &str),
) -> Result<(), Error> {
    // Several files of one ask may be of no use; it failed once.
    if !is_spoilt(loader, about)? {
        remember_ask(loader, (about.connection, &about.span.stream), about.taken_at_ms, code)?;
    }
    let mut span = about.span.clone();
    if span.from_ms < span.until_ms {
        insert(loader, about, Proof::Broken, raw)?;
    } else {
        let day = BusinessDate::of_ms(about.taken_at_ms);
        (span.from_ms, span.until_ms) = (day.start_ms(), day.plus_days(1).start_ms());
    }
    let mut tries = 0;
    loader.query(
        "select tries from sync_trouble where connection_id = $1 and stream = $2 \
         and from_ms = $3 and code = $4",
        &[
            Cell::Int(about.connection),
            Cell::Text(&span.stream),
            Cell::Int(span.from_ms),
            Cell::Text(code),
        ],
        |row| {
            tries = row.int(0)?;
            Ok(())
        },
    )?;
    let failure = Failure {
        connection: about.connection,
        span,
        code,
        detail: detail.to_owned(),
        tried_at_ms: about.taken_at_ms,
        next_at_ms: about.taken_at_ms + rest_minutes(tries) * 60_000,
    };
    keep(loader, &failure)
}

/// True when a file of this very delivery was of no use.
fn is_spoilt(loader: &mut Loader<'_>, about: &About) -> Result<bool, Error> {
    let mut spoilt = false;
    loader.query(
        "select 1 from coverage where connection_id = $1 and stream = $2 and from_ms = $3 \
         and taken_at_ms = $4 and proof = 'broken'",
        &[
            Cell::Int(about.connection),
            Cell::Text(&about.span.stream),
            Cell::Int(about.span.from_ms),
            Cell::Int(about.taken_at_ms),
        ],
        |_| {
            spoilt = true;
            Ok(())
        },
    )?;
    Ok(spoilt)
}

/// Keeps where a list goes on.
fn move_on(loader: &mut Loader<'_>, about: &About) -> Result<(), Error> {
    if let Some(cursor) = &about.cursor {
        loader.execute(
            "insert into sync_cursor (connection_id, stream, cursor) values ($1, $2, $3) \
             on conflict (connection_id, stream) do update set cursor = excluded.cursor",
            &[Cell::Int(about.connection), Cell::Text(&about.span.stream), Cell::Text(cursor)],
        )?;
    }
    Ok(())
}

fn insert(
    loader: &mut Loader<'_>,
    about: &About,
    proof: Proof,
    raw: Option<i64>,
) -> Result<(), Error> {
    let span = &about.span;
    loader.execute(
        "insert into coverage (connection_id, stream, from_ms, until_ms, taken_at_ms, proof, \
         document_id) values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (connection_id, stream, from_ms, taken_at_ms) do nothing",
        &[
            Cell::Int(about.connection),
            Cell::Text(&span.stream),
            Cell::Int(span.from_ms),
            Cell::Int(span.until_ms),
            Cell::Int(about.taken_at_ms),
            Cell::Text(proof.code()),
            raw.map_or(Cell::Null, Cell::Int),
        ],
    )?;
    Ok(())
}

/// Remembers what could not be had, until it is there.
///
/// # Errors
/// The database's.
pub(super) fn note(loader: &mut Loader<'_>, failure: &Failure) -> Result<(), Error> {
    let of = (failure.connection, failure.span.stream.as_str());
    remember_ask(loader, of, failure.tried_at_ms, failure.code)?;
    keep(loader, failure)
}

fn keep(loader: &mut Loader<'_>, failure: &Failure) -> Result<(), Error> {
    loader.execute(
        "insert into sync_trouble (connection_id, stream, from_ms, until_ms, code, detail, tries, \
         tried_at_ms, next_at_ms) values ($1, $2, $3, $4, $5, $6, 1, $7, $8) \
         on conflict (connection_id, stream, from_ms) do update set code = excluded.code, \
         detail = excluded.detail, tries = sync_trouble.tries + 1, \
         tried_at_ms = excluded.tried_at_ms, next_at_ms = excluded.next_at_ms",
        &[
            Cell::Int(failure.connection),
            Cell::Text(&failure.span.stream),
            Cell::Int(failure.span.from_ms),
            Cell::Int(failure.span.until_ms),
            Cell::Text(failure.code),
            Cell::Text(&failure.detail),
            Cell::Int(failure.tried_at_ms),
            Cell::Int(failure.next_at_ms),
        ],
    )?;
    Ok(())
}
