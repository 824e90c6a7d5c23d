//! Long work that goes on beside whatever else is asked: one piece after the other, each with its
//! progress, a way to stop it, and its result, kept until it is put away.

mod work;

pub use work::{Outcome, Task};

use crate::dto::{JobView, failure};
use crate::error::Error;
use crate::office::Office;
use messages::Lang;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Finished jobs that are kept; older ones go first.
const KEPT: usize = 12;
/// More often than this nobody can read.
const OFTEN: Duration = Duration::from_millis(80);

/// How a job stands.
#[derive(Debug)]
pub enum JobState {
    /// Another job runs first.
    Waiting,
    /// It runs.
    Running,
    /// Done, with its result.
    Done(Outcome),
    /// Stopped by the person; what was finished before stays.
    Stopped,
    /// It could not be done.
    Failed(Error),
    /// It ended by a mistake of the program.
    Broken,
}

impl JobState {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done(_) => "done",
            Self::Stopped => "stopped",
            Self::Failed(_) | Self::Broken => "failed",
        }
    }

    /// True once nothing more will come.
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// How far a job is.
#[derive(Clone, Debug, Default)]
pub struct At {
    /// Steps done: files, days, checks.
    pub done: u64,
    /// Steps in all; 0 while nobody knows.
    pub total: u64,
    /// Rows read so far, where rows are read.
    pub rows: u64,
    /// The file being read, where files are read.
    pub file: String,
    /// True while a sync waits for a line that is not metered.
    pub waits: bool,
}

/// A piece of long work.
#[derive(Debug)]
pub struct Job {
    /// Its number at this board, rising.
    pub id: u32,
    /// Kind code: `import`, `sync`, `reconcile`, `verify`, `statement`.
    pub kind: &'static str,
    /// What it is about, in words of no language: a file, a number, days.
    pub about: String,
    /// How it stands.
    pub state: JobState,
    /// How far it is.
    pub at: At,
    /// Nobody asked for it: the program began it by itself.
    pub itself: bool,
    /// When it was asked for, UTC ms.
    pub asked_ms: i64,
    cancel: Arc<AtomicBool>,
}

#[derive(Default)]
struct Inner {
    jobs: Mutex<Vec<Job>>,
    changed: Condvar,
    last: Mutex<u32>,
    turn: Mutex<()>,
}

/// The jobs of one program. Clones are the same board.
#[derive(Clone, Default)]
pub struct Board {
    inner: Arc<Inner>,
}

/// A panic in one job must not lock the others out.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Board {
    /// Begins a task as soon as those before it are over; the answer is the job's number.
    ///
    /// `tell` is called from the job's thread: at its begin, as it goes on, and once at its end.
    pub fn start(
        &self,
        office: Arc<Office>,
        task: Task,
        now_ms: i64,
        tell: impl Fn(u32) + Send + 'static,
    ) -> u32 {
        let id = {
            let mut last = held(&self.inner.last);
            *last += 1;
            *last
        };
        let cancel = Arc::new(AtomicBool::new(false));
        held(&self.inner.jobs).push(Job {
            id,
            kind: task.kind(),
            about: task.about(),
            state: JobState::Waiting,
            at: At::default(),
            itself: task.by_itself(),
            asked_ms: now_ms,
            cancel: Arc::clone(&cancel),
        });
        let board = self.clone();
        std::thread::spawn(move || {
            let turn = held(&board.inner.turn);
            if board.begin(id) {
                tell(id);
                let ended = board.work(id, &office, task, &cancel, now_ms, &tell);
                board.end(id, ended);
            }
            // The book is put back before anybody hears that the job is over.
            drop((office, turn));
            board.inner.changed.notify_all();
            tell(id);
            board.tidy_up(id);
        });
        id
    }

    /// Every job, the latest first, as a page shows it.
    pub fn list(&self, lang: Lang) -> Vec<JobView> {
        held(&self.inner.jobs).iter().rev().map(|job| view(job, lang)).collect()
    }

    /// One job; `None` when it was put away.
    pub fn view(&self, id: u32, lang: Lang) -> Option<JobView> {
        held(&self.inner.jobs).iter().find(|job| job.id == id).map(|job| view(job, lang))
    }

    /// Asks a job to stop; one that has not begun is stopped at once.
    pub fn cancel(&self, id: u32) {
        self.each(|job| {
            if job.id == id {
                stop(job);
            }
        });
    }

    /// Asks every job to stop and waits until they have, at most for `patience`; a job that goes
    /// on longer keeps its book open.
    pub fn stop_all(&self, patience: Duration) {
        self.each(stop);
        let jobs = held(&self.inner.jobs);
        let busy = |jobs: &mut Vec<Job>| jobs.iter().any(|job| !job.state.is_over());
        let waited = self.inner.changed.wait_timeout_while(jobs, patience, busy);
        let (jobs, ran_out) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(jobs);
        if !ran_out.timed_out() {
            // The last one to end may still be putting its book back.
            drop(held(&self.inner.turn));
        }
    }

    /// Puts finished jobs away: one, or all of them.
    pub fn dismiss(&self, id: Option<u32>) {
        held(&self.inner.jobs)
            .retain(|job| !job.state.is_over() || id.is_some_and(|id| id != job.id));
    }

    /// What the program did by itself and nothing is to be said of goes without a word; of what is
    /// to be said the last word is enough.
    fn tidy_up(&self, id: u32) {
        let mut jobs = held(&self.inner.jobs);
        let Some(last) = jobs.iter().find(|job| job.id == id && job.itself) else { return };
        let quiet = JobView::new(last).is_quiet();
        jobs.retain(|job| {
            let over = job.itself && job.state.is_over();
            !over || (job.id == id && !quiet) || job.id > id
        });
    }

    /// True while a job runs or waits.
    pub fn is_busy(&self) -> bool {
        held(&self.inner.jobs).iter().any(|job| !job.state.is_over())
    }

    fn each(&self, mut act: impl FnMut(&mut Job)) {
        held(&self.inner.jobs).iter_mut().for_each(&mut act);
    }

    /// False when it was stopped while it waited.
    fn begin(&self, id: u32) -> bool {
        let mut jobs = held(&self.inner.jobs);
        match jobs.iter_mut().find(|job| job.id == id) {
            Some(job) if !job.state.is_over() => {
                job.state = JobState::Running;
                true
            }
            _ => false,
        }
    }

    fn work(
        &self,
        id: u32,
        office: &Office,
        task: Task,
        cancel: &AtomicBool,
        now_ms: i64,
        tell: &dyn Fn(u32),
    ) -> JobState {
        let mut told: Option<Instant> = None;
        let mut progress = |at: At| {
            self.each(|job| {
                if job.id == id {
                    job.at = at.clone();
                }
            });
            if told.is_none_or(|when| when.elapsed() >= OFTEN) {
                told = Some(Instant::now());
                tell(id);
            }
        };
        let work = || task.run(office, now_ms, &mut progress, cancel);
        // A mistake in one job is told in the tray; the others and the window go on.
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(outcome)) => JobState::Done(outcome),
            Ok(Err(Error::Stopped)) => JobState::Stopped,
            Ok(Err(error)) => JobState::Failed(error),
            Err(_) => JobState::Broken,
        }
    }

    fn end(&self, id: u32, state: JobState) {
        let mut jobs = held(&self.inner.jobs);
        if let Some(job) = jobs.iter_mut().find(|job| job.id == id) {
            job.state = state;
        }
        while jobs.iter().filter(|job| job.state.is_over()).count() > KEPT {
            let Some(oldest) = jobs.iter().position(|job| job.state.is_over()) else { break };
            jobs.remove(oldest);
        }
    }
}

fn stop(job: &mut Job) {
    job.cancel.store(true, Ordering::Relaxed);
    if matches!(job.state, JobState::Waiting) {
        job.state = JobState::Stopped;
    }
}

fn view(job: &Job, lang: Lang) -> JobView {
    let mut view = JobView::new(job);
    match &job.state {
        JobState::Failed(error) => view.failure = Some(failure(error, lang)),
        JobState::Broken => view.failure = Some(crate::dto::broken(lang)),
        _ => {}
    }
    view
}
