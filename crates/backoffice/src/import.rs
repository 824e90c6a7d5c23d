//! Import: files in, facts booked, a report of what happened to each.
//!
//! Each file is all or nothing: a savepoint guards it, and a refused file leaves no trace. Files
//! are recognised by content; the same file twice, or the same rows in another file, are known.

mod accounts;
mod entry;
mod report;

pub(crate) use entry::{ledger_account_id, stream_number};
pub use report::{FileReport, FileState, ImportReport, RowNote, Total};

use crate::error::Error;
use crate::reconciliation::{self, StoredCheck};
use connectors::bill::{Closing, FileKind, FileProblem, Row};
use connectors::table::{Confidence, Mapping, Preview};
use domain::{FundAccount, Stream};
use entry::{Counts, EntryWriter};
use report::{booked, refused};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use store::Book;
use store::bulk::{Cell, Loader, TableSpec, Writer};

/// New rows after which a transaction is closed, between two files.
const COMMIT_ROWS: u64 = 500_000;

/// What a person can say about the files beforehand.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Merchant number for bills that name none.
    pub account_no: Option<String>,
    /// Which account of a WeChat merchant a fund bill is about.
    pub fund_account: Option<FundAccount>,
    /// Column mapping for tables that no remembered mapping fits.
    pub mapping: Option<Mapping>,
    /// When the files were received, UTC ms.
    pub now_ms: i64,
    /// Leave the reconciliation to the caller.
    pub skip_reconcile: bool,
}

/// How far an import is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The file being read.
    pub file: String,
    /// Files finished.
    pub done: u64,
    /// Files in all.
    pub total: u64,
    /// Rows read so far, all files together.
    pub rows: u64,
}

/// Watches an import and may stop it.
pub struct Watch<'a> {
    /// Called often, from the importing thread.
    pub progress: &'a mut dyn FnMut(&Progress),
    /// Set to stop; the file being read is undone, finished files stay.
    pub cancel: &'a AtomicBool,
}

/// Imports files and folders, then reconciles.
///
/// Blocking. Files are read in the order of their paths; the order makes no difference to the book.
///
/// # Errors
/// Only what stops the import as a whole: the book. A bad file is a line of the report.
pub fn import(
    book: &Book,
    paths: &[PathBuf],
    options: &ImportOptions,
    watch: &mut Watch<'_>,
) -> Result<ImportReport, Error> {
    let mut report = ImportReport::default();
    let files = expand(paths, &mut report);
    let mut progress =
        Progress { file: String::new(), done: 0, total: files.len() as u64, rows: 0 };
    let mut writer = Writer::open(book)?;
    let mut left = files.into_iter().peekable();
    loop {
        let mut run = Run {
            loader: writer.begin()?,
            options,
            watch: &mut *watch,
            progress: &mut progress,
            rows_since_commit: 0,
        };
        while run.rows_since_commit < COMMIT_ROWS
            && !run.watch.cancel.load(Ordering::Relaxed)
            && let Some(path) = left.next()
        {
            run.progress.file = path.display().to_string();
            (run.watch.progress)(run.progress);
            run.file(&path, &mut report)?;
            run.progress.done += 1;
        }
        let stopped = run.watch.cancel.load(Ordering::Relaxed);
        report.cancelled |= stopped;
        let mut loader = run.loader;
        if left.peek().is_some() && !stopped {
            loader.commit()?;
            continue;
        }
        if !options.skip_reconcile && report.files.iter().any(|f| f.state == FileState::Booked) {
            reconciliation::run(&mut loader)?;
        }
        loader.commit()?;
        break;
    }
    (watch.progress)(&progress);
    Ok(report)
}

/// Folders become the files in them, sorted, hidden ones left out.
fn expand(paths: &[PathBuf], report: &mut ImportReport) -> Vec<PathBuf> {
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

struct Run<'a, 'w> {
    loader: Loader<'a>,
    options: &'a ImportOptions,
    watch: &'a mut Watch<'w>,
    progress: &'a mut Progress,
    rows_since_commit: u64,
}

impl Run<'_, '_> {
    /// One file: all its entries, or nothing.
    fn file(&mut self, path: &Path, report: &mut ImportReport) -> Result<(), Error> {
        let unknown = FileKind::Table { target: None };
        let (sha256, size) = match digest(path) {
            Ok(found) => found,
            Err(source) => {
                report.files.push(refused(path, &unknown, &FileProblem::Io(source)));
                return Ok(());
            }
        };
        if let Some(known) = self.known(path, &sha256)? {
            report.files.extend(known);
            return Ok(());
        }
        let entries = match connectors::open(path) {
            Ok(entries) => entries,
            Err(problem) => {
                report.files.push(refused(path, &unknown, &problem));
                return Ok(());
            }
        };
        self.loader.savepoint("file")?;
        let raw = self.next_id("raw_document")?;
        self.insert_raw(raw, path, &sha256, size)?;
        let mut reports = Vec::new();
        let many = entries.len() > 1;
        for (number, entry) in entries.iter().enumerate() {
            let shown = if many { path.join(&entry.name) } else { path.to_owned() };
            let kind = match &entry.kind {
                Ok(kind) => kind,
                // A stranger in an archive does not keep its neighbours out.
                Err(problem) => {
                    reports.push(refused(&shown, &unknown, problem));
                    continue;
                }
            };
            match self.entry(raw, number, entry, kind, &shown)? {
                Ok(booked) => reports.push(booked),
                Err(problem) => {
                    self.loader.rollback_to("file")?;
                    if !matches!(problem, FileProblem::Stopped) {
                        report.files.push(refused(&shown, kind, &problem));
                    }
                    return Ok(());
                }
            }
        }
        if !reports.iter().any(|file| file.state == FileState::Booked) {
            self.loader.rollback_to("file")?;
            report.files.extend(reports);
            return Ok(());
        }
        self.keep_bytes(raw, path)?;
        self.loader.release("file")?;
        self.rows_since_commit += reports.iter().map(|r| r.rows_new).sum::<u64>();
        report.files.extend(reports);
        Ok(())
    }

    /// Reports of a file whose very bytes are in the book.
    fn known(&mut self, path: &Path, sha256: &str) -> Result<Option<Vec<FileReport>>, Error> {
        let mut reports = Vec::new();
        self.loader.query(
            "select d.kind, d.rows_read, d.entry_name from document d \
             join raw_document r on r.id = d.raw_document_id where r.sha256 = $1 \
             order by d.entry_no",
            &[Cell::Text(sha256)],
            |row| {
                let rows = row.int(1)?.unsigned_abs();
                reports.push(FileReport {
                    path: path.display().to_string(),
                    kind: row.text(0)?.to_owned(),
                    state: FileState::Known,
                    rows_read: rows,
                    rows_new: 0,
                    rows_known: rows,
                    rows_changed: 0,
                    quarantined: 0,
                    problems: Vec::new(),
                    totals: Vec::new(),
                    unknown_columns: Vec::new(),
                    reason: None,
                    detail: None,
                });
                Ok(())
            },
        )?;
        Ok((!reports.is_empty()).then_some(reports))
    }

    fn next_id(&mut self, table: &str) -> Result<i64, Error> {
        let mut id = 1;
        let sql = match table {
            "document" => "select coalesce(max(id), 0) + 1 from document",
            _ => "select coalesce(max(id), 0) + 1 from raw_document",
        };
        self.loader.query(sql, &[], |row| {
            id = row.int(0)?;
            Ok(())
        })?;
        Ok(id)
    }

    fn insert_raw(&mut self, id: i64, path: &Path, sha256: &str, size: u64) -> Result<(), Error> {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        self.loader.execute(
            "insert into raw_document (id, sha256, name, size_bytes, received_at_ms, source) \
             values ($1, $2, $3, $4, $5, $6)",
            &[
                Cell::Int(id),
                Cell::Text(sha256),
                Cell::Text(&name),
                Cell::Int(i64::try_from(size).unwrap_or(i64::MAX)),
                Cell::Int(self.options.now_ms),
                Cell::Text("file"),
            ],
        )?;
        Ok(())
    }

    /// The file as it came, compressed, in chunks.
    fn keep_bytes(&mut self, raw: i64, path: &Path) -> Result<(), Error> {
        const CHUNK: TableSpec = TableSpec::new("document_chunk", &["document_id", "seq", "bytes"]);
        let failed = |source| Error::File { path: path.display().to_string(), source };
        let mut file = File::open(path).map_err(failed)?;
        let loader = &mut self.loader;
        store::chunk::split(&mut file, |seq, bytes| {
            loader.insert(&CHUNK, &[Cell::Int(raw), Cell::Int(seq), Cell::Blob(bytes)])
        })?;
        Ok(())
    }

    /// One logical file. The outer error stops the import, the inner one refuses the file.
    fn entry(
        &mut self,
        raw: i64,
        number: usize,
        entry: &connectors::Entry,
        kind: &FileKind,
        shown: &Path,
    ) -> Result<Result<FileReport, FileProblem>, Error> {
        let document = self.next_id("document")?;
        self.insert_document(document, raw, number, &entry.name, kind)?;
        let mapping = match self.mapping(entry, kind)? {
            Ok(mapping) => mapping,
            Err(problem) => return Ok(Err(problem)),
        };
        let options = connectors::Options { mapping: mapping.clone(), ..Default::default() };
        let mut notes = Vec::new();
        let mut failure = None;
        let mut writer = EntryWriter::new(&mut self.loader, document, kind);
        let (progress, watch) = (&mut *self.progress, &mut *self.watch);
        let mut sink = |row: Row| {
            progress.rows += 1;
            if progress.rows.is_multiple_of(4096) {
                (watch.progress)(progress);
                if watch.cancel.load(Ordering::Relaxed) {
                    return ControlFlow::Break(());
                }
            }
            if let Err(problem) = &row.fact
                && notes.len() < 100
            {
                notes.push(RowNote {
                    line: row.line_no,
                    code: problem.code.to_owned(),
                    detail: problem.detail.clone(),
                });
            }
            match writer.take(row) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        let read = connectors::read_entry(entry, &options, &mut sink);
        if let Some(error) = failure {
            return Err(error);
        }
        let closing = match read {
            Ok(closing) => closing,
            Err(problem) => return Ok(Err(problem)),
        };
        writer.settle_bill_day()?;
        let stream = writer.stream.unwrap_or_else(|| stream_of(kind, mapping.as_ref()));
        let wanted = accounts::Wanted {
            kind,
            stream,
            named: closing.account_no.clone().or_else(|| writer.merchant_no.clone()),
            fund_account: closing.fund_account,
        };
        let days = writer.days;
        let account = match accounts::resolve(writer.loader(), &wanted, self.options)? {
            Ok(account) => account,
            Err(problem) => return Ok(Err(problem)),
        };
        let counts = writer.finish(account.as_ref().map(|(_, scope)| scope))?;
        let saved = Saved {
            document,
            stream,
            account: account.map(|(id, _)| id),
            days: announced_days(&closing, days),
            counts: &counts,
            mapping: mapping.as_ref(),
        };
        self.close_document(&saved, &closing)?;
        Ok(Ok(booked(shown, kind, mapping.as_ref(), &closing, counts, notes)))
    }

    fn insert_document(
        &mut self,
        id: i64,
        raw: i64,
        number: usize,
        name: &str,
        kind: &FileKind,
    ) -> Result<(), Error> {
        self.loader.execute(
            "insert into document (id, raw_document_id, entry_no, entry_name, kind, stream, \
             rows_read, rows_new, rows_known, rows_changed, rows_quarantined, checks, \
             unknown_columns) values ($1, $2, $3, $4, $5, '', 0, 0, 0, 0, 0, '[]', '[]')",
            &[
                Cell::Int(id),
                Cell::Int(raw),
                Cell::Int(number as i64),
                Cell::Text(name),
                Cell::Text(kind.code()),
            ],
        )?;
        Ok(())
    }

    /// The mapping for a table: the one given, a remembered one, or a certain suggestion.
    fn mapping(
        &mut self,
        entry: &connectors::Entry,
        kind: &FileKind,
    ) -> Result<Result<Option<Mapping>, FileProblem>, Error> {
        if !matches!(kind, FileKind::Table { .. }) {
            return Ok(Ok(None));
        }
        let preview = match preview_entry(entry) {
            Ok(preview) => preview,
            Err(problem) => return Ok(Err(problem)),
        };
        if let Some(mapping) = &self.options.mapping {
            self.remember(&preview.fingerprint, mapping)?;
            return Ok(Ok(Some(mapping.clone())));
        }
        let mut remembered = None;
        self.loader.query(
            "select body from mapping where fingerprint = $1",
            &[Cell::Text(&preview.fingerprint)],
            |row| {
                remembered = serde_json::from_str(row.text(0)?).ok();
                Ok(())
            },
        )?;
        if remembered.is_some() {
            return Ok(Ok(remembered));
        }
        match preview.suggestion {
            Some(found) if found.confidence == Confidence::Certain => {
                self.remember(&preview.fingerprint, &found.mapping)?;
                Ok(Ok(Some(found.mapping)))
            }
            _ => Ok(Err(FileProblem::NeedsMapping)),
        }
    }

    fn remember(&mut self, fingerprint: &str, mapping: &Mapping) -> Result<(), Error> {
        let body = serde_json::to_string(mapping).unwrap_or_default();
        self.loader.execute(
            "insert into mapping (fingerprint, body) values ($1, $2) \
             on conflict (fingerprint) do update set body = excluded.body",
            &[Cell::Text(fingerprint), Cell::Text(&body)],
        )?;
        Ok(())
    }

    fn close_document(&mut self, saved: &Saved<'_>, closing: &Closing) -> Result<(), Error> {
        let checks: Vec<StoredCheck> = closing
            .checks
            .iter()
            .map(|check| StoredCheck {
                code: check.code.clone(),
                expected: check.expected,
                found: check.found,
                line_no: check.line_no,
            })
            .collect();
        let checks = serde_json::to_string(&checks).unwrap_or_default();
        let columns = serde_json::to_string(&closing.unknown_columns).unwrap_or_default();
        let mapping = saved.mapping.and_then(|m| serde_json::to_string(m).ok()).unwrap_or_default();
        let opt = |value: Option<i64>| value.map_or(Cell::Null, Cell::Int);
        let counts = saved.counts;
        self.loader.execute(
            "update document set stream = $2, account_id = $3, from_day = $4, to_day = $5, \
             rows_read = $6, rows_new = $7, rows_known = $8, rows_changed = $9, \
             rows_quarantined = $10, opening_minor = $11, closing_minor = $12, checks = $13, \
             unknown_columns = $14, mapping = $15 where id = $1",
            &[
                Cell::Int(saved.document),
                Cell::Text(saved.stream.code()),
                opt(saved.account),
                opt(saved.days.map(|(from, _)| i64::from(from))),
                opt(saved.days.map(|(_, to)| i64::from(to))),
                Cell::Int(closing.rows_read as i64),
                Cell::Int(counts.new as i64),
                Cell::Int(counts.known as i64),
                Cell::Int(counts.changed as i64),
                Cell::Int(counts.quarantined as i64),
                opt(closing.balances.map(|(opening, _)| opening)),
                opt(closing.balances.map(|(_, last)| last)),
                Cell::Text(&checks),
                Cell::Text(&columns),
                Cell::Text(&mapping),
            ],
        )?;
        Ok(())
    }
}

/// Looks at a table before anything is booked.
fn preview_entry(entry: &connectors::Entry) -> Result<Preview, FileProblem> {
    connectors::table::preview(&mut *entry.reader()?, &Default::default())
}

/// Looks at a table file: its columns, what they probably mean, and its first rows.
///
/// # Errors
/// [`Error::Refused`] when it is no table or cannot be read.
pub fn preview(path: &Path) -> Result<Preview, Error> {
    let refused = |problem| Error::Refused { name: path.display().to_string(), problem };
    let entries = connectors::open(path).map_err(refused)?;
    let table = entries.iter().find(|entry| matches!(entry.kind, Ok(FileKind::Table { .. })));
    match table {
        Some(entry) => preview_entry(entry).map_err(refused),
        None => Err(refused(FileProblem::Unknown { hint: Some("not_a_table".to_owned()) })),
    }
}

/// What is written of a document once it is read.
struct Saved<'a> {
    document: i64,
    stream: Stream,
    account: Option<i64>,
    days: Option<(i32, i32)>,
    counts: &'a Counts,
    mapping: Option<&'a Mapping>,
}

fn announced_days(closing: &Closing, seen: Option<(i32, i32)>) -> Option<(i32, i32)> {
    match closing.days {
        Some((from, to)) if closing.days_announced => Some((from.days(), to.days())),
        days => seen.or_else(|| days.map(|(from, to)| (from.days(), to.days()))),
    }
}

fn stream_of(kind: &FileKind, mapping: Option<&Mapping>) -> Stream {
    use connectors::bill::TableTarget;
    match kind {
        FileKind::WechatTrade { .. } | FileKind::AlipayTrade | FileKind::AlipayTradeSummary => {
            Stream::Trade
        }
        FileKind::WechatFund | FileKind::AlipayAccount | FileKind::AlipayAccountSummary => {
            Stream::Fund
        }
        FileKind::BankOfx | FileKind::BankMt940 | FileKind::BankCamt053 => Stream::Bank,
        FileKind::Table { target } => match target.or(mapping.map(|m| m.target)) {
            Some(TableTarget::Orders) => Stream::Orders,
            Some(TableTarget::Refunds) => Stream::Refunds,
            _ => Stream::Bank,
        },
    }
}

/// SHA-256 (lower-case hex) and size of a file.
fn digest(path: &Path) -> std::io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let size = std::io::copy(&mut file, &mut hasher)?;
    Ok((hex(&hasher.finalize()), size))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
