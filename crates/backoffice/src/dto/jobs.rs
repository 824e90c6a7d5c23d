//! Long work as it crosses to the window.

use super::convert::instant_text;
use super::{Failure, ImportReport, SyncView};
use crate::jobs::{Job, JobState, Outcome};
use crate::proof::Finding;
use crate::reconciliation::RunSummary;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A piece of long work and how it stands.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct JobView {
    /// Its number, rising.
    pub id: u32,
    /// `import`, `sync`, `reconcile`, `verify`, `statement`.
    pub kind: String,
    /// What it is about, in words of no language.
    pub about: String,
    /// `waiting`, `running`, `done`, `stopped`, `failed`.
    pub state: String,
    /// Steps done.
    #[ts(type = "number")]
    pub done: u64,
    /// Steps in all; 0 while nobody knows.
    #[ts(type = "number")]
    pub total: u64,
    /// Rows read so far.
    #[ts(type = "number")]
    pub rows: u64,
    /// The file being read.
    pub file: String,
    /// True while it waits for a line that is not metered.
    pub waits: bool,
    /// True when nobody asked for it: the program began it by itself.
    pub itself: bool,
    /// When it was asked for.
    pub asked_at: String,
    /// True when its result needs a look.
    pub attention: bool,
    /// Of an import that is over.
    pub report: Option<ImportReport>,
    /// Of a sync that is over.
    pub synced: Option<SyncView>,
    /// Of a reconciliation that is over.
    pub compared: Option<ComparedView>,
    /// Of a check that is over.
    pub checks: Vec<CheckedView>,
    /// Of a statement: where it was written.
    pub path: Option<String>,
    /// Why it could not be done.
    pub failure: Option<Failure>,
}

/// What a reconciliation came to.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ComparedView {
    /// Last day any file covers.
    pub as_of: Option<String>,
    /// Pairs that agree.
    #[ts(type = "number")]
    pub matched: u64,
    /// Payouts.
    #[ts(type = "number")]
    pub payouts: u64,
    /// Payouts not fully explained.
    #[ts(type = "number")]
    pub unexplained: u64,
}

/// One thing that was checked.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CheckedView {
    /// Stable code.
    pub check: String,
    /// How many items were looked at.
    #[ts(type = "number")]
    pub looked_at: u64,
    /// What does not hold.
    pub wrong: Vec<String>,
}

impl JobView {
    /// True once nothing more will come.
    pub fn is_over(&self) -> bool {
        !matches!(self.state.as_str(), "waiting" | "running")
    }

    /// True when it is over, nobody asked for it, and nobody has to hear of it.
    pub fn is_quiet(&self) -> bool {
        self.itself && self.state == "done" && !self.attention
    }

    /// How a job stands; why it failed is told by who knows the language.
    pub(crate) fn new(job: &Job) -> Self {
        let at = &job.at;
        let mut view = Self {
            id: job.id,
            kind: job.kind.to_owned(),
            about: job.about.clone(),
            state: job.state.code().to_owned(),
            done: at.done,
            total: at.total,
            rows: at.rows,
            file: at.file.clone(),
            waits: at.waits,
            itself: job.itself,
            asked_at: instant_text(job.asked_ms),
            attention: false,
            report: None,
            synced: None,
            compared: None,
            checks: Vec::new(),
            path: None,
            failure: None,
        };
        if let JobState::Done(outcome) = &job.state {
            view.tell(outcome);
        }
        view
    }

    fn tell(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Imported(report) => {
                self.attention = !report.files.iter().all(crate::import::FileReport::is_whole);
                let report = ImportReport::from(report.clone());
                // An import that was stopped keeps what it had finished: that is its report.
                if report.cancelled {
                    "stopped".clone_into(&mut self.state);
                }
                self.report = Some(report);
            }
            Outcome::Synced(report) => {
                let view = SyncView::from(&**report);
                self.attention = !view.is_fine();
                if view.stopped {
                    "stopped".clone_into(&mut self.state);
                }
                self.synced = Some(view);
            }
            Outcome::Reconciled(summary) => {
                self.attention = summary.unexplained > 0;
                self.compared = Some(summary.into());
            }
            Outcome::Verified(findings) => {
                self.attention = !crate::proof::all_hold(findings);
                self.checks = findings.iter().map(CheckedView::from).collect();
            }
            Outcome::Written(path) => self.path = Some(path.display().to_string()),
        }
    }
}

impl From<&RunSummary> for ComparedView {
    fn from(summary: &RunSummary) -> Self {
        let RunSummary { matched, payouts, unexplained, as_of, .. } = summary;
        Self {
            as_of: as_of.map(|day| day.to_string()),
            matched: *matched,
            payouts: *payouts,
            unexplained: *unexplained,
        }
    }
}

impl From<&Finding> for CheckedView {
    fn from(found: &Finding) -> Self {
        Self {
            check: found.check.to_owned(),
            looked_at: found.looked_at,
            wrong: found.wrong.clone(),
        }
    }
}
