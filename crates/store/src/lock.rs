//! One program for each book: a lock on a file of its own.
//!
//! Not on the book itself: closing any descriptor of a file drops the POSIX locks that SQLite
//! holds on it. The lock file stays when the book is closed; removing it would let two programs
//! lock two different files of the same name.

use crate::error::StoreError;
use crate::location::beside;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

/// The held lock; dropping it, or dying, frees it.
#[derive(Debug)]
pub(crate) struct BookLock {
    file: File,
}

impl BookLock {
    /// Takes the lock or answers at once who has it.
    pub(crate) fn take(book: &Path) -> Result<Self, StoreError> {
        let path = beside(book, "lock");
        let open =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(|source| match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                StoreError::ReadOnly(book.to_owned())
            }
            _ => StoreError::Io { doing: "opening the lock file", path: path.clone(), source },
        })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::AlreadyOpen { pid: read_pid(&mut file) });
            }
            Err(TryLockError::Error(source)) => {
                return Err(StoreError::Io { doing: "locking", path, source });
            }
        }
        // The number is a courtesy to the second program; the lock holds without it.
        let _ = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(file, "{}", std::process::id()))
            .and_then(|()| file.flush());
        Ok(Self { file })
    }
}

impl Drop for BookLock {
    fn drop(&mut self) {
        // The next holder's number must not be mixed up with this one's. A holder that dies leaves
        // its number, which the next one overwrites within moments.
        let _ = self.file.set_len(0);
    }
}

/// The holder's number, given a moment to write it; `None` where the holder keeps others from
/// reading.
fn read_pid(file: &mut File) -> Option<u32> {
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(20));
        let mut text = String::new();
        file.seek(SeekFrom::Start(0)).ok()?;
        Read::take(&mut *file, 32).read_to_string(&mut text).ok()?;
        if let Ok(pid) = text.trim().parse() {
            return Some(pid);
        }
    }
    None
}
