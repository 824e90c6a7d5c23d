//! What an import says of each file.

use super::ahead::Rows;
use super::entry::Counts;
use crate::error::{Error, problem_code};
use crate::reconciliation::StoredCheck;
use crate::revisions;
use connectors::Entry;
use connectors::bill::{Closing, FileKind, FileProblem};
use connectors::table::Mapping;
use domain::Currency;
use serde::Serialize;
use std::path::Path;
use store::bulk::Loader;

/// What became of a file (or of one entry of an archive).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Read and booked.
    Booked,
    /// Read before, byte for byte.
    Known,
    /// Not booked; see `reason`.
    Refused,
    /// A table whose columns nobody has named yet.
    NeedsMapping,
}

/// A row set aside.
#[derive(Clone, Debug, Serialize)]
pub struct RowNote {
    /// Line number in the file.
    pub line: u32,
    /// Stable code.
    pub code: String,
    /// Column and value.
    pub detail: String,
}

/// A file's own total against its rows.
#[derive(Clone, Debug, Serialize)]
pub struct Total {
    /// Stable name.
    pub name: String,
    /// What the file announces: a count, or minor units.
    pub expected: i64,
    /// What its rows add up to.
    pub found: i64,
    /// Currency of both, where they are amounts.
    pub currency: String,
    /// Whether both agree.
    pub holds: bool,
    /// First line where they part.
    pub line: Option<u32>,
}

impl From<StoredCheck> for Total {
    fn from(check: StoredCheck) -> Self {
        Self {
            holds: check.expected == check.found,
            name: check.code,
            expected: check.expected,
            found: check.found,
            currency: check.currency.unwrap_or_else(|| Currency::CNY.to_string()),
            line: check.line_no,
        }
    }
}

/// The report on one file.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// Where it came from; an archive's entry is `archive.zip/entry.csv`.
    pub path: String,
    /// Its document in the book; `None` when nothing of it was kept.
    pub document: Option<i64>,
    /// What it is, by content.
    pub kind: String,
    /// What became of it.
    pub state: FileState,
    /// Rows it holds.
    pub rows_read: u64,
    /// Booked for the first time.
    pub rows_new: u64,
    /// In the book already.
    pub rows_known: u64,
    /// In the book with other figures; both are kept.
    pub rows_changed: u64,
    /// Set aside.
    pub quarantined: u64,
    /// The first hundred rows set aside.
    pub problems: Vec<RowNote>,
    /// Totals against the file's own closing lines.
    pub totals: Vec<Total>,
    /// Columns not known, kept with the rows.
    pub unknown_columns: Vec<String>,
    /// Stable code of a refusal.
    pub reason: Option<String>,
    /// The refusal in words.
    pub detail: Option<String>,
}

impl FileReport {
    /// True when every row is in the book and the file agrees with its own totals.
    pub fn is_whole(&self) -> bool {
        matches!(self.state, FileState::Booked | FileState::Known)
            && self.quarantined == 0
            && self.totals.iter().all(|total| total.holds)
    }
}

/// The report on an import.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportReport {
    /// One report per file, in the order read.
    pub files: Vec<FileReport>,
    /// True when it was stopped.
    pub cancelled: bool,
}

/// The report on a file of which nothing was booked.
pub(super) fn refused(path: &Path, kind: &FileKind, problem: &FileProblem) -> FileReport {
    let (state, kind) = match problem {
        FileProblem::NeedsMapping => (FileState::NeedsMapping, kind.code()),
        FileProblem::Unknown { .. } | FileProblem::Io(_) => (FileState::Refused, "unknown"),
        _ => (FileState::Refused, kind.code()),
    };
    let hint = match problem {
        FileProblem::Unknown { hint: Some(hint) } => format!(":{hint}"),
        _ => String::new(),
    };
    FileReport {
        path: path.display().to_string(),
        document: None,
        kind: kind.to_owned(),
        state,
        rows_read: 0,
        rows_new: 0,
        rows_known: 0,
        rows_changed: 0,
        quarantined: 0,
        problems: Vec::new(),
        totals: Vec::new(),
        unknown_columns: Vec::new(),
        reason: Some(format!("{}{hint}", problem_code(problem))),
        detail: Some(with_source(problem)),
    }
}

/// Reports on what stands in an archive and is no file of any kind: it is told each time the
/// archive comes.
pub(super) fn strangers(
    path: &Path,
    entries: &Result<Vec<(Entry, Option<Rows>)>, FileProblem>,
) -> Vec<FileReport> {
    let unknown = FileKind::Table { target: None };
    let entries = entries.iter().flatten();
    let strange = entries.filter_map(|(entry, _)| Some((entry, entry.kind.as_ref().err()?)));
    let told = strange.map(|(entry, problem)| refused(&path.join(&entry.name), &unknown, problem));
    told.collect()
}

fn with_source(problem: &FileProblem) -> String {
    match std::error::Error::source(problem) {
        Some(source) => format!("{problem}: {source}"),
        None => problem.to_string(),
    }
}

/// The report on a file that was read.
pub(super) fn booked(
    shown: &Path,
    kind: &FileKind,
    mapping: Option<&Mapping>,
    closing: &Closing,
    counts: Counts,
    problems: Vec<RowNote>,
) -> FileReport {
    let kind = match mapping {
        Some(mapping) => FileKind::Table { target: Some(mapping.target) }.code(),
        None => kind.code(),
    };
    let totals = closing.checks.iter().map(|check| Total {
        name: check.code.clone(),
        expected: check.expected,
        found: check.found,
        currency: check.currency.to_string(),
        holds: check.holds(),
        line: check.line_no,
    });
    FileReport {
        path: shown.display().to_string(),
        document: None,
        kind: kind.to_owned(),
        state: FileState::Booked,
        rows_read: closing.rows_read,
        rows_new: counts.new,
        rows_known: counts.known,
        rows_changed: counts.changed,
        quarantined: counts.quarantined,
        problems,
        totals: totals.collect(),
        unknown_columns: closing.unknown_columns.clone(),
        reason: None,
        detail: None,
    }
}

/// Adds to the report of each file of this import how it compares with its summary or details.
///
/// # Errors
/// The database's.
pub(super) fn compare_summaries(
    loader: &mut Loader<'_>,
    report: &mut ImportReport,
) -> Result<(), Error> {
    if !report.files.iter().any(|file| file.kind.starts_with("alipay_")) {
        return Ok(());
    }
    for found in revisions::compared(loader)? {
        let about = [Some(found.details), Some(found.summary)];
        // Told once: of the details, or of the summary when the details came earlier.
        let place = about.iter().find_map(|document| {
            let booked = |file: &FileReport| file.state == FileState::Booked;
            report.files.iter().position(|file| file.document == *document && booked(file))
        });
        if let Some(file) = place.and_then(|place| report.files.get_mut(place)) {
            let totals = found.checks.into_iter().map(Total::from);
            file.totals.extend(totals.map(|total| Total { line: None, ..total }));
        }
    }
    Ok(())
}
