//! One at a time over all seats of a book.

use super::cell::Cell;
use super::postgres::Session;
use crate::book::{Book, Inner, Place};
use crate::error::StoreError;
use sha2::{Digest, Sha256};
use std::sync::{Arc, PoisonError};

/// The right to do something that only one seat may do at a time. Dropping it, or dying, gives it
/// back.
pub struct Turn(Held);

enum Held {
    /// One program has a book file open, so nobody else has to be asked.
    Here(Arc<Inner>, &'static str),
    /// A server keeps the lock as long as this connection lives.
    Server(Session, i64),
}

impl Book {
    /// Takes the turn for `what`; `None` when another seat, or another part of this program, has
    /// it. Does not wait. Blocking.
    ///
    /// # Errors
    /// What connecting to a server can say.
    pub fn take_turn(&self, what: &'static str) -> Result<Option<Turn>, StoreError> {
        let server = match &self.inner.place {
            Place::File(_) => {
                let mut turns = self.inner.turns.lock().unwrap_or_else(PoisonError::into_inner);
                let taken = turns.insert(what);
                return Ok(taken.then(|| Turn(Held::Here(Arc::clone(&self.inner), what))));
            }
            Place::Server(server) => server,
        };
        let key = lock_key(self.id().as_str(), what);
        let mut session = Session::open(server)?;
        let mut taken = 0;
        session.query(
            "select case when pg_try_advisory_lock($1) then 1::bigint else 0::bigint end",
            &[Cell::Int(key)],
            &mut |row| {
                taken = row.int(0)?;
                Ok(())
            },
        )?;
        Ok((taken == 1).then(|| Turn(Held::Server(session, key))))
    }
}

/// Locks of a server are numbers; two books of one server have different ones.
fn lock_key(book: &str, what: &str) -> i64 {
    let digest = Sha256::digest(format!("suanpan turn {book} {what}"));
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(bytes)
}

impl Drop for Turn {
    fn drop(&mut self) {
        match &mut self.0 {
            Held::Here(inner, what) => {
                inner.turns.lock().unwrap_or_else(PoisonError::into_inner).remove(what);
            }
            Held::Server(session, key) => {
                // A connection that is gone has given the lock back already.
                let _ = session.query(
                    "select pg_advisory_unlock($1)::text",
                    &[Cell::Int(*key)],
                    &mut |_| Ok(()),
                );
            }
        }
    }
}
