//! What can run as a job: the use cases that take long, each as it is.

use super::At;
use crate::channels::{SyncReport, SyncRequest, sync};
use crate::error::Error;
use crate::import::{ImportOptions, ImportReport, Progress, Watch, import};
use crate::office::Office;
use crate::proof::{Finding, verify_watched};
use crate::reconciliation::{RunSummary, reconcile_watched};
use crate::statements::{Format, Subject, make_to_issue, record};
use crate::watch::Steps;
use connectors::table::Mapping;
use messages::Lang;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Long work that can be asked for.
pub enum Task {
    /// Files and folders into the book, a table of them by `mapping`.
    Import {
        /// Files and folders.
        paths: Vec<PathBuf>,
        /// Columns of a table.
        mapping: Option<Box<Mapping>>,
    },
    /// What channels have and the book has not.
    Sync(SyncRequest),
    /// Everything compared again.
    Reconcile,
    /// The file and everything derived checked.
    Verify,
    /// A statement made, written and remembered.
    Statement {
        /// What it is about.
        subject: Subject,
        /// The kind of file.
        format: Format,
        /// Where it is written.
        path: PathBuf,
        /// Its language.
        lang: Lang,
    },
}

/// What a job came to.
#[derive(Debug)]
pub enum Outcome {
    /// Of an import.
    Imported(ImportReport),
    /// Of a sync.
    Synced(Box<SyncReport>),
    /// Of a reconciliation.
    Reconciled(RunSummary),
    /// Of a check.
    Verified(Vec<Finding>),
    /// Of a statement: where it is.
    Written(PathBuf),
}

impl Task {
    /// The stable code.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Import { .. } => "import",
            Self::Sync(_) => "sync",
            Self::Reconcile => "reconcile",
            Self::Verify => "verify",
            Self::Statement { .. } => "statement",
        }
    }

    /// True when nobody asked for it.
    pub fn by_itself(&self) -> bool {
        matches!(self, Self::Sync(request) if request.by_itself)
    }

    /// What it is about, in words of no language.
    pub fn about(&self) -> String {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        match self {
            Self::Import { paths, .. } => {
                paths.first().and_then(|path| name(path)).unwrap_or_default()
            }
            Self::Statement { path, .. } => name(path).unwrap_or_default(),
            Self::Sync(_) | Self::Reconcile | Self::Verify => String::new(),
        }
    }

    pub(super) fn run(
        self,
        office: &Office,
        now_ms: i64,
        progress: &mut dyn FnMut(At),
        cancel: &AtomicBool,
    ) -> Result<Outcome, Error> {
        let mut tell = |done, total| progress(At { done, total, ..At::default() });
        match self {
            Self::Import { paths, mapping } => {
                let mapping = mapping.map(|mapping| *mapping);
                let options = ImportOptions { now_ms, mapping, ..ImportOptions::default() };
                let mut tell = |at: &Progress| progress(at.into());
                let mut watch = Watch { progress: &mut tell, cancel };
                Ok(Outcome::Imported(import(office.book(), &paths, &options, &mut watch)?))
            }
            Self::Sync(request) => {
                let begun = Instant::now();
                let passed = move || i64::try_from(begun.elapsed().as_millis()).unwrap_or(0);
                let clock = move || now_ms.saturating_add(passed());
                let mut tell = |at: &Progress| progress(at.into());
                let mut watch = Watch { progress: &mut tell, cancel };
                let report = match sync(office.book(), &request, &clock, &mut watch) {
                    // Another seat does it: that is as well.
                    Err(Error::SyncRuns) if request.by_itself => SyncReport::default(),
                    done => done?,
                };
                Ok(Outcome::Synced(Box::new(report)))
            }
            Self::Reconcile => {
                let mut steps = Steps::new(&mut tell, cancel);
                Ok(Outcome::Reconciled(reconcile_watched(office.book(), &mut steps)?))
            }
            Self::Verify => {
                let mut steps = Steps::new(&mut tell, cancel);
                steps.expect(1);
                steps.step()?;
                let file = office.check_file()?;
                let mut findings = vec![Finding { check: "file", looked_at: 1, wrong: file }];
                findings.extend(verify_watched(&mut office.reader()?, &mut steps)?);
                Ok(Outcome::Verified(findings))
            }
            Self::Statement { subject, format, path, lang } => {
                let company = office.company()?;
                let made = make_to_issue(&mut office.reader()?, &subject, lang, &company, format)?;
                if cancel.load(Ordering::Relaxed) {
                    return Err(Error::Stopped);
                }
                write_whole(&path, &made.bytes)?;
                let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
                record(office.book(), &made, format, lang, &name, now_ms)?;
                Ok(Outcome::Written(path))
            }
        }
    }
}

impl From<&Progress> for At {
    fn from(at: &Progress) -> Self {
        let file = at.file.clone();
        Self { done: at.done, total: at.total, rows: at.rows, file, waits: at.waits }
    }
}

/// Writes a file so that it is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let written = std::fs::File::create(&beside)
        .and_then(|mut file| {
            std::io::Write::write_all(&mut file, bytes)?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|source| {
        // What is left of it would be taken for the whole.
        let _ = std::fs::remove_file(&beside);
        Error::File { path: path.display().to_string(), source }
    })
}
