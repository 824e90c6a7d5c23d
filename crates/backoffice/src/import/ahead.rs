//! Files are opened and read on one core while their rows are booked on the other.

use super::deliveries::About;
use super::report::refused;
use super::{ImportReport, hex, pack};
use crate::error::Error;
use connectors::bill::{Closing, FileKind, FileProblem, Row, Sink};
use connectors::container::{Limits, Source};
use connectors::{Entry, Options};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::thread::Scope;

/// Rows handed over at once.
const BATCH: usize = 256;
/// Batches read ahead at most: memory does not grow with the file.
const AHEAD: usize = 8;
/// Bytes from which a second core is worth its start.
const LARGE: u64 = 8 << 10;
/// Files opened ahead at most.
pub(super) const OPENED: usize = 2;
/// Bytes and rows of a file up to which it is read whole before its turn comes.
const SMALL: u64 = 4 << 20;
const FEW: usize = 20_000;

/// A file that was looked at.
pub(super) struct Opened {
    /// Where it came from; for a file a channel gave, its name.
    pub path: PathBuf,
    /// Where its bytes are.
    pub source: Source,
    /// What is known of a file a channel gave.
    pub about: Option<About>,
    /// SHA-256 and size.
    pub digest: io::Result<(String, u64)>,
    /// What is in it, with the rows of small bills.
    pub entries: Result<Vec<(Entry, Option<Rows>)>, FileProblem>,
    /// A small file, packed.
    pub packed: Option<Result<Vec<Vec<u8>>, Error>>,
}

/// Everything an entry has.
pub(super) struct Rows {
    rows: Vec<Row>,
    end: Result<Closing, FileProblem>,
}

/// What opening a file ahead needs to know of the book.
pub(super) struct Known {
    /// Documents that are in it: they are not read again.
    pub documents: HashSet<String>,
    /// How bills are read; tables wait for their turn, their mapping may come with a file before.
    pub options: Options,
}

/// Entries as they came: records of a till come from this book's own till, never from a file that
/// somebody brings, since nothing else keeps their numbers and limits.
pub(super) fn ours(
    entries: Vec<(Entry, Option<Rows>)>,
    recorded_here: bool,
) -> Result<Vec<(Entry, Option<Rows>)>, FileProblem> {
    let of_a_till = |(entry, _): &(Entry, Option<Rows>)| {
        entry.kind.as_ref().is_ok_and(|kind| kind.by_hand().is_some())
    };
    match !recorded_here && entries.iter().any(of_a_till) {
        true => Err(FileProblem::Unknown { hint: Some("till_record".to_owned()) }),
        false => Ok(entries),
    }
}

/// Folders become the files in them, sorted, hidden ones left out.
pub(super) fn expand(paths: &[PathBuf], report: &mut ImportReport) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut stack: Vec<PathBuf> = paths.iter().rev().cloned().collect();
    while let Some(path) = stack.pop() {
        if !path.is_dir() {
            files.push(path);
            continue;
        }
        match std::fs::read_dir(&path) {
            Ok(entries) => {
                let mut inside: Vec<PathBuf> =
                    entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
                inside.retain(|path| {
                    path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'))
                });
                inside.sort();
                stack.extend(inside.into_iter().rev());
            }
            Err(source) => {
                let kind = FileKind::Table { target: None };
                report.files.push(refused(&path, &kind, &FileProblem::Io(source)));
            }
        }
    }
    files
}

/// Opens the files in their order, a few ahead of whoever takes them, and stops when nobody does.
pub(super) fn open<'scope>(
    scope: &'scope Scope<'scope, '_>,
    files: &'scope [PathBuf],
    known: &'scope Known,
) -> impl Iterator<Item = Opened> {
    let (sender, receiver) = sync_channel(OPENED);
    scope.spawn(move || {
        for path in files {
            if sender.send(look(Source::Path(path.clone()), None, known)).is_err() {
                break;
            }
        }
    });
    receiver.into_iter()
}

/// What stands in `source`, with its rows where they are few.
pub(super) fn look(source: Source, about: Option<About>, known: &Known) -> Opened {
    let digest = digest(&source);
    let entries = connectors::open_source(&source, Limits::default());
    let small = digest
        .as_ref()
        .is_ok_and(|(sha256, size)| *size <= SMALL && !known.documents.contains(sha256));
    let path = match &source {
        Source::Path(path) => path.clone(),
        Source::Bytes { name, .. } => PathBuf::from(name),
    };
    Opened {
        path,
        about,
        digest,
        entries: entries.map(|entries| {
            let read = |entry: Entry| {
                let rows = if small { rows(&entry, &known.options) } else { None };
                (entry, rows)
            };
            entries.into_iter().map(read).collect()
        }),
        packed: small.then(|| pack(&source)),
        source,
    }
}

/// All rows of a bill; `None` for a table, and for a bill of more than a few.
fn rows(entry: &Entry, options: &Options) -> Option<Rows> {
    if !matches!(&entry.kind, Ok(kind) if !matches!(kind, FileKind::Table { .. })) {
        return None;
    }
    let mut rows = Vec::new();
    let end = connectors::read_entry(entry, options, &mut |row| {
        rows.push(row);
        if rows.len() < FEW { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    (rows.len() < FEW).then_some(Rows { rows, end })
}

/// SHA-256 (lower-case hex) and size of a file.
fn digest(source: &Source) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let size = match source {
        Source::Path(path) => io::copy(&mut File::open(path)?, &mut hasher)?,
        Source::Bytes { bytes, .. } => {
            hasher.update(bytes);
            bytes.len() as u64
        }
    };
    Ok((hex(&hasher.finalize()), size))
}

/// Hands the rows of an entry, in their order, to `book` on this thread: those read ahead, or as
/// [`connectors::read_entry`] reads them.
///
/// # Errors
/// As [`connectors::read_entry`]; [`FileProblem::Stopped`] whenever `book` broke off.
pub(super) fn read(
    entry: &Entry,
    ahead: Option<Rows>,
    options: &Options,
    book: Sink<'_>,
) -> Result<Closing, FileProblem> {
    if let Some(Rows { rows, end }) = ahead {
        let whole = rows.into_iter().try_for_each(book).is_continue();
        return if whole { end } else { Err(FileProblem::Stopped) };
    }
    if entry.unpacked_bytes.is_some_and(|bytes| bytes < LARGE) {
        return connectors::read_entry(entry, options, book);
    }
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Vec<Row>>(AHEAD);
        let reading = scope.spawn(move || {
            let mut batch = Vec::with_capacity(BATCH);
            let read = connectors::read_entry(entry, options, &mut |row| {
                batch.push(row);
                if batch.len() < BATCH {
                    return ControlFlow::Continue(());
                }
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                // Nobody listens any more once the booking broke off.
                match sender.send(full) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            });
            let _ = sender.send(batch);
            read
        });
        let whole = receiver.into_iter().flatten().try_for_each(book).is_continue();
        match reading.join() {
            // The file may have been read to its end before the booking broke off.
            Ok(_) if !whole => Err(FileProblem::Stopped),
            Ok(read) => read,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
