//! Committed pages move from the log to their place in the file beside whatever comes next: SQLite
//! would do it before the commit returns.

use crate::error::StoreError;
use crate::sqlite::FileDb;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Length of a log that is worth it.
const WORTH: u64 = 4 << 20;
/// Length from which a commit waits for its pages: only then does the log begin anew while one
/// transaction follows the other.
const LONG: u64 = 192 << 20;
/// Page cache of the thread, which has no use for one.
const NO_CACHE_KIB: u32 = 1024;

/// The settling of one open file.
pub(crate) struct Settling {
    file: Arc<FileDb>,
    log: PathBuf,
    running: Mutex<Option<JoinHandle<Result<(), StoreError>>>>,
}

impl Settling {
    /// Of a file with its log.
    pub(crate) fn new(file: Arc<FileDb>, log: PathBuf) -> Self {
        Self { file, log, running: Mutex::new(None) }
    }

    /// Returns when nothing is under way.
    ///
    /// # Errors
    /// What kept the pages in the log, such as a full disk. Nothing is lost: what was committed is
    /// on the disk, in the log, and whoever writes next settles it.
    pub(crate) fn wait(&self) -> Result<(), StoreError> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        match running.map(JoinHandle::join) {
            Some(Ok(done)) => done,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(()),
        }
    }

    /// After a commit: settles a log that is worth it, beside the caller if it is not long.
    ///
    /// # Errors
    /// As [`Self::wait`], of this one where it is waited for, else of the one before.
    pub(crate) fn committed(&self) -> Result<(), StoreError> {
        let length = fs::metadata(&self.log).map_or(0, |log| log.len());
        if length < WORTH {
            return Ok(());
        }
        self.wait()?;
        let file = Arc::clone(&self.file);
        let thread = std::thread::spawn(move || {
            let db = file.connect(NO_CACHE_KIB)?;
            db.execute_batch("pragma wal_checkpoint(passive)")
                .map_err(|source| StoreError::sqlite("settling the log", source))
        });
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        if length > LONG { self.wait() } else { Ok(()) }
    }
}
