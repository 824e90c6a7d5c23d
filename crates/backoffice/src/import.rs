//! Import: files in, facts booked, a report of what happened to each.
//!
//! Each file is all or nothing: a savepoint guards it, and a refused file leaves no trace. Files
//! are recognised by content; the same file twice, or the same rows in another file, are known.

mod accounts;
mod ahead;
mod copies;
mod day_sums;
mod deliveries;
mod documents;
mod entry;
mod gather;
mod gone;
mod identity;
mod keep;
mod known;
mod report;
mod sums;
mod tables;
mod twice;
mod versions;

pub(crate) use accounts::named_account;
pub(crate) use deliveries::{
    About, Delivery, Failure, Proof, Span, import_deliveries, rest_minutes,
};
pub(crate) use documents::{StoredClosing, is_whole};
pub(crate) use entry::{EntryWriter, stream_number};
pub(crate) use gather::Gatherer;
pub(crate) use gone::ShopOrder;
pub(crate) use keep::hex;
use keep::pack;
pub use report::{FileReport, FileState, ImportReport, RowNote, Total};
pub(crate) use sums::{Sums, ledger_account_id};
pub use tables::{RowLook, TableLook, look, mapping_of, preview};

use crate::error::Error;
use crate::{reconciliation, revisions};
use connectors::alipay::FeeSigns;
use connectors::bill::{FileKind, FileProblem, Row};
use connectors::table::Mapping;
use deliveries::{Turn, cover, date, note, refuse};
use documents::{Saved, announced_days, stream_of};
use domain::FundAccount;
use report::{booked, refused, strangers};
use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use store::Book;
use store::bulk::{Loader, Writer};
use store::pack::line_id;
use store::search::Mark;

/// New rows after which a transaction is closed, between two files: few enough that its pages fit
/// the cache. A page that is written twice in one transaction makes SQLite read the log again and
/// compute every checksum behind it anew.
const COMMIT_ROWS: u64 = 150_000;

/// New rows after which late indexes are built: they are sorted in memory.
const LATE_ROWS: u64 = 2_500_000;
/// Bytes from which a second core is worth its start, and up to which a file is packed beside the
/// reading, where the packed bytes wait in memory.
const PACKED_BESIDE: std::ops::Range<u64> = 8 << 10..16 << 20;

/// What a person can say about the files beforehand.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Merchant number for bills that name none.
    pub account_no: Option<String>,
    /// Which account of a WeChat merchant a fund bill is about.
    pub fund_account: Option<FundAccount>,
    /// Column mapping for tables that no remembered mapping fits.
    pub mapping: Option<Mapping>,
    /// Where the sign of an Alipay fee comes from; `None` is the book's setting.
    pub fee_signs: Option<FeeSigns>,
    /// When the files were received, UTC ms.
    pub now_ms: i64,
    /// Leave the reconciliation to the caller.
    pub skip_reconcile: bool,
    /// The channel's clock when it gave the files, UTC ms; `None` for files from elsewhere.
    pub fetched_at_ms: Option<i64>,
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
    /// True while a sync waits for a line that is not metered.
    pub waits: bool,
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
    let files = ahead::expand(paths, &mut report);
    let mut writer = Writer::open(book)?;
    let known = known_before(&mut writer.begin()?, options)?;
    std::thread::scope(|scope| {
        let opened = ahead::open(scope, &files, &known);
        let turns = opened.map(|file| Turn::File(Box::new(file)));
        book_files(&mut writer, Some(files.len()), turns, options, watch, report)
    })
}

/// What the files that are opened ahead of their turn are read with.
fn known_before(loader: &mut Loader<'_>, options: &ImportOptions) -> Result<ahead::Known, Error> {
    let mut documents = HashSet::new();
    loader.query("select sha256 from raw_document", &[], |row| {
        documents.insert(row.text(0)?.to_owned());
        Ok(())
    })?;
    let fee_signs = options.fee_signs.map_or_else(|| fee_signs(loader), Ok)?;
    let options = connectors::Options { fee_signs, ..Default::default() };
    Ok(ahead::Known { documents, options })
}

/// Books files as they are opened. `total` is `None` while more may come.
fn book_files(
    writer: &mut Writer,
    total: Option<usize>,
    opened: impl Iterator<Item = Turn>,
    options: &ImportOptions,
    watch: &mut Watch<'_>,
    mut report: ImportReport,
) -> Result<ImportReport, Error> {
    let total = total.map_or(0, |total| total as u64);
    let mut progress = Progress { file: String::new(), done: 0, total, rows: 0, waits: false };
    let mut search = Gatherer::default();
    let mut left = opened.peekable();
    let mut rows = 0;
    let mut proven = 0;
    let mut judge_again = false;
    let mut stuck = BTreeSet::new();
    let mut waiting = 0_usize;
    loop {
        // A transaction locks the book at once: it begins when there is something to book.
        left.peek();
        let mut run = Run {
            loader: writer.begin()?,
            search: &mut search,
            options,
            watch: &mut *watch,
            progress: &mut progress,
            rows_since_commit: 0,
            judge_again: false,
            stuck: &mut stuck,
        };
        if rows == 0 {
            run.loader.forgo_late_indexes()?;
        }
        let mut paused = false;
        while run.rows_since_commit < COMMIT_ROWS
            && !run.watch.cancel.load(Ordering::Relaxed)
            && let Some(turn) = left.next()
        {
            match turn {
                Turn::File(mut file) => {
                    file.about.iter_mut().try_for_each(|about| run.hold(about))?;
                    run.progress.file = file.path.display().to_string();
                    (run.watch.progress)(run.progress);
                    run.file(*file, &mut report)?;
                }
                Turn::Nothing(mut about) => {
                    run.hold(&mut about)?;
                    cover(&mut run.loader, &about, None, &[])?;
                    proven += 1;
                }
                Turn::Failed(failure) => note(&mut run.loader, &failure)?,
                Turn::Waits(waits) => {
                    waiting = if waits { waiting + 1 } else { waiting.saturating_sub(1) };
                    run.progress.waits = waiting > 0;
                    (run.watch.progress)(run.progress);
                    continue;
                }
                Turn::Pause => {
                    paused = true;
                    break;
                }
            }
            run.progress.done += 1;
            let gathered = run.search.gathered();
            if gathered.is_full(Mark::default()) {
                gathered.write_beside(&mut run.loader)?;
            }
        }
        let stopped = run.watch.cancel.load(Ordering::Relaxed);
        report.cancelled |= stopped;
        rows += run.rows_since_commit;
        judge_again |= run.judge_again;
        let Run { mut loader, search, .. } = run;
        search.gathered().write(&mut loader, Mark::default())?;
        // Looking ahead may wait for a channel, and must not for long while the book is locked.
        let more = !stopped && (paused || left.peek().is_some());
        if !more || rows >= LATE_ROWS {
            loader.build_late_indexes()?;
        }
        // A day that is empty by the channel's word changes certificates.
        judge_again |= proven > 0 || report.files.iter().any(|f| f.state == FileState::Booked);
        if more {
            if judge_again {
                reconciliation::owe(&mut loader)?;
            }
            loader.commit()?;
            continue;
        }
        if judge_again || reconciliation::is_owed(&mut loader)? {
            match options.skip_reconcile {
                true => drop(revisions::settle(&mut loader)?),
                false => drop(reconciliation::run(&mut loader)?),
            }
            report::compare_summaries(&mut loader, &mut report)?;
        }
        loader.commit()?;
        break;
    }
    (watch.progress)(&progress);
    Ok(report)
}

struct Run<'a, 'w> {
    loader: Loader<'a>,
    search: &'a mut Gatherer,
    options: &'a ImportOptions,
    watch: &'a mut Watch<'w>,
    progress: &'a mut Progress,
    rows_since_commit: u64,
    /// True when certificates say something else though nothing was booked.
    judge_again: bool,
    /// Lists of which a piece was refused: what comes behind it is booked, and had again later.
    stuck: &'a mut BTreeSet<(i64, String)>,
}

impl Run<'_, '_> {
    /// What a delivery may say: a list does not go on behind a piece that was refused, and the
    /// later word on a span is the later one by its date.
    fn hold(&mut self, about: &mut About) -> Result<(), Error> {
        if self.stuck.contains(&(about.connection, about.span.stream.clone())) {
            about.cursor = None;
        }
        date(&mut self.loader, about)
    }
}

impl Run<'_, '_> {
    /// One file: all its entries, or nothing.
    fn file(&mut self, file: ahead::Opened, report: &mut ImportReport) -> Result<(), Error> {
        let unknown = FileKind::Table { target: None };
        let path = &file.path;
        let (sha256, size) = match file.digest {
            Ok(found) => found,
            Err(source) => {
                report.files.push(refused(path, &unknown, &FileProblem::Io(source)));
                return Ok(());
            }
        };
        if let Some((raw, mut known)) = self.known(path, &sha256)? {
            known.extend(strangers(path, &file.entries));
            if let Some(about) = &file.about {
                cover(&mut self.loader, about, Some(raw), &known)?;
                self.said_again(raw, about)?;
            }
            self.forget_copies(raw)?;
            report.files.extend(known);
            return Ok(());
        }
        let recorded_here = file.about.as_ref().is_some_and(|about| about.source == "till");
        let mut entries = match file.entries.and_then(|found| ahead::ours(found, recorded_here)) {
            Ok(entries) => entries,
            Err(problem) => {
                report.files.push(refused(path, &unknown, &problem));
                let at = report.files.len() - 1;
                return self.refused(file.about.as_ref(), &report.files[at..]);
            }
        };
        self.loader.savepoint("file")?;
        let gathered = self.search.gathered().mark();
        let raw = self.next_id("raw_document")?;
        self.insert_raw(raw, path, (&sha256, size), file.about.as_ref())?;
        let options = self.options_for(file.about.as_ref());
        let before = report.files.len();
        let kept = std::thread::scope(|scope| {
            let beside = file.packed.is_none() && PACKED_BESIDE.contains(&size);
            let beside = beside.then(|| scope.spawn(|| pack(&file.source)));
            if !self.entries(raw, path, &mut entries, &options, report)? {
                return Ok(false);
            }
            if let Some(about) = &file.about {
                cover(&mut self.loader, about, Some(raw), &report.files[before..])?;
            }
            if let Some(packed) = file.packed {
                self.keep_packed(raw, &packed?)?;
                return Ok(true);
            }
            match beside.map(std::thread::ScopedJoinHandle::join) {
                Some(Ok(packed)) => self.keep_packed(raw, &packed?)?,
                Some(Err(panic)) => std::panic::resume_unwind(panic),
                None => self.keep_bytes(raw, &file.source)?,
            }
            Ok::<bool, Error>(true)
        })?;
        match kept {
            true => Ok(self.loader.release("file")?),
            false => {
                self.undo_file(gathered)?;
                let refused = report.files.get_mut(before..).unwrap_or_default();
                self.look_for_copies(&sha256, path, &entries, refused)?;
                self.refused(file.about.as_ref(), refused)
            }
        }
    }

    /// Nothing of a file was booked: where a channel gave it, its span is not here, and a list
    /// does not go on behind it. Without a report it was only stopped.
    fn refused(&mut self, about: Option<&About>, reports: &[FileReport]) -> Result<(), Error> {
        let Some(about) = about.filter(|_| !reports.is_empty()) else { return Ok(()) };
        if about.cursor.is_some() {
            self.stuck.insert((about.connection, about.span.stream.clone()));
        }
        refuse(&mut self.loader, about, reports)
    }

    /// Books the entries of a file and reports them. False when the file must go again.
    fn entries(
        &mut self,
        raw: i64,
        path: &Path,
        entries: &mut [(connectors::Entry, Option<ahead::Rows>)],
        options: &ImportOptions,
        report: &mut ImportReport,
    ) -> Result<bool, Error> {
        let mut reports = Vec::new();
        let count = entries.len();
        for (number, (entry, rows)) in entries.iter_mut().enumerate() {
            // A file that is read in two ways is one file.
            let inside = count > 1 && !path.ends_with(&entry.name);
            let shown = if inside { path.join(&entry.name) } else { path.to_owned() };
            let kind = match &entry.kind {
                Ok(kind) => kind,
                // A stranger in an archive does not keep its neighbours out.
                Err(problem) => {
                    let unknown = FileKind::Table { target: None };
                    reports.push(refused(&shown, &unknown, problem));
                    continue;
                }
            };
            let readings = match self.mapping(entry, kind)? {
                Ok(mapping) => tables::readings(mapping),
                Err(problem) => {
                    report.files.push(refused(&shown, kind, &problem));
                    return Ok(false);
                }
            };
            for (again, mapping) in readings.into_iter().enumerate() {
                // Numbers beyond the file's entries are those of an entry that is read again.
                let place = (raw, number + again * count);
                let wanted = (&*entry, rows.take(), mapping);
                match self.entry(place, wanted, kind, (&shown, options))? {
                    Ok(booked) => reports.push(booked),
                    Err(FileProblem::Stopped) => return Ok(false),
                    Err(problem) => {
                        report.files.push(refused(&shown, kind, &problem));
                        return Ok(false);
                    }
                }
            }
        }
        let booked = reports.iter().any(|file| file.state == FileState::Booked);
        if booked {
            self.rows_since_commit += reports.iter().map(|r| r.rows_new).sum::<u64>();
        }
        report.files.extend(reports);
        Ok(booked)
    }

    fn undo_file(&mut self, gathered: Mark) -> Result<(), Error> {
        self.search.gathered().back_to(gathered);
        Ok(self.loader.rollback_to("file")?)
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

    /// What was said of a file, where a channel gave it.
    fn options_for(&self, about: Option<&About>) -> ImportOptions {
        let mut options = self.options.clone();
        if let Some(about) = about {
            options.account_no.clone_from(&about.account_no);
            options.fund_account = about.fund_account;
            options.fetched_at_ms = Some(about.taken_at_ms);
        }
        options
    }

    /// One logical file. The outer error stops the import, the inner one refuses the file.
    fn entry(
        &mut self,
        (raw, number): (i64, usize),
        (entry, rows, mapping): (&connectors::Entry, Option<ahead::Rows>, Option<Mapping>),
        kind: &FileKind,
        (shown, said): (&Path, &ImportOptions),
    ) -> Result<Result<FileReport, FileProblem>, Error> {
        let document = self.next_id("document")?;
        self.insert_document(document, raw, number, &entry.name, kind)?;
        let fee_signs = self.fee_signs()?;
        let options =
            connectors::Options { mapping: mapping.clone(), fee_signs, ..Default::default() };
        let mut notes = Vec::new();
        let mut failure = None;
        let writer = EntryWriter::new(&mut self.loader, self.search, document, kind);
        let settling =
            mapping.as_ref().and_then(|mapping| mapping.channel).or_else(|| kind.by_hand());
        let writer = writer.settling(settling);
        let mut writer = writer.of_entry(entry, kind)?;
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
        let read = ahead::read(entry, rows, &options, &mut sink);
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
            settling,
            stream,
            named: closing.account_no.clone().or_else(|| writer.merchant_no.clone()),
            fund_account: closing.fund_account,
        };
        let days = writer.days;
        let account = match accounts::resolve(writer.loader(), &wanted, said)? {
            Ok(account) => account,
            Err(problem) => return Ok(Err(problem)),
        };
        let mut closing = closing;
        // A bill without a date of its own was made before it was fetched: a later fetch is a
        // later word.
        let mark_by_fetch = closing.issued_at_ms.is_none() && said.fetched_at_ms.is_some();
        closing.issued_at_ms = closing.issued_at_ms.or(said.fetched_at_ms);
        closing.checks.extend(writer.twice.check());
        let counts = writer.finish(account.as_ref().map(|(_, scope)| scope))?;
        let saved = Saved {
            document,
            kind,
            stream,
            account: account.map(|(id, _)| id),
            days: announced_days(&closing, days),
            counts: &counts,
            mapping: mapping.as_ref(),
            mark_by_fetch,
        };
        self.close_document(&saved, &closing)?;
        gone::note(&mut self.loader, &closing)?;
        let name = shown.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let last_day = saved.days.map_or(0, |(_, to)| to);
        let names = [name.as_str(), entry.name.as_str()];
        gather::file(self.search.gathered(), line_id(document, 0), last_day, names);
        let report = booked(shown, kind, mapping.as_ref(), &closing, counts, notes);
        Ok(Ok(FileReport { document: Some(document), ..report }))
    }

    /// Where the sign of an Alipay fee comes from: what was said for this import, else the book.
    fn fee_signs(&mut self) -> Result<FeeSigns, Error> {
        match self.options.fee_signs {
            Some(signs) => Ok(signs),
            None => fee_signs(&mut self.loader),
        }
    }
}

/// The book's setting for the signs of Alipay's fees, which the channel does not document.
pub(crate) fn fee_signs(loader: &mut Loader<'_>) -> Result<FeeSigns, Error> {
    let mut signs = FeeSigns::ByKind;
    loader.query("select value from book_meta where key = 'alipay_fee_signs'", &[], |row| {
        if row.text(0)? == "as_printed" {
            signs = FeeSigns::AsPrinted;
        }
        Ok(())
    })?;
    Ok(signs)
}
