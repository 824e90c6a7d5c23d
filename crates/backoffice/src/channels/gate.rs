//! What the askers of a sync look at between two steps: whether they are to stop, or to wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How soon somebody who waits hears of a stop.
const STEP: Duration = Duration::from_millis(50);
/// How long an answer about the line holds: a bus is not asked before every call.
const HOLDS: Duration = Duration::from_secs(1);

/// One for all connections of a sync.
pub(super) struct Gate<'a> {
    /// Nobody takes what comes any more.
    ended: AtomicBool,
    /// A person wants it to stop.
    canceled: &'a AtomicBool,
    waits: Option<fn() -> bool>,
    /// How long it waits before it leaves the rest for another time.
    patience: Duration,
    said: Mutex<Option<(Instant, bool)>>,
}

impl<'a> Gate<'a> {
    pub(super) fn new(
        canceled: &'a AtomicBool,
        waits: Option<fn() -> bool>,
        patience: Duration,
    ) -> Self {
        let (ended, said) = (AtomicBool::new(false), Mutex::new(None));
        Self { ended, canceled, waits, patience, said }
    }

    /// Nothing more is asked from now on.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    pub(super) fn stops(&self) -> bool {
        self.ended.load(Ordering::Relaxed) || self.canceled.load(Ordering::Relaxed)
    }

    fn is_shut(&self) -> bool {
        let Some(waits) = self.waits else { return false };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        match *said {
            Some((at, shut)) if at.elapsed() < HOLDS => shut,
            _ => {
                let shut = waits();
                *said = Some((Instant::now(), shut));
                shut
            }
        }
    }

    /// Returns when the next step may be taken: true, or false when none is to be taken any more.
    /// `tell` hears of a wait as it begins (true) and ends (false).
    pub(super) fn pass(&self, tell: impl Fn(bool)) -> bool {
        if !self.stops() && self.is_shut() {
            tell(true);
            let since = Instant::now();
            while !self.stops() && self.is_shut() {
                if since.elapsed() > self.patience {
                    self.end();
                }
                std::thread::sleep(STEP);
            }
            tell(false);
        }
        !self.stops()
    }
}
