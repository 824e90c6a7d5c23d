//! Reading many rows at one moment of the book.

use super::cell::{Cell, RowView};
use super::postgres::Session;
use super::sqlite;
use crate::book::{Book, Place};
use crate::error::StoreError;
use crate::sqlite::BULK_CACHE_KIB;

/// A connection for reading, on which every query sees the book as it was when the reader was
/// opened, whatever is written meanwhile. Blocking; see [the module](super).
///
/// Keep it no longer than a report or a reconciliation takes: SQLite's log grows meanwhile.
pub struct Reader(Side);

enum Side {
    Sqlite(rusqlite::Connection),
    Postgres(Session),
}

impl Reader {
    /// Connects with a page cache of 64 MB and fixes the moment.
    ///
    /// # Errors
    /// What connecting can say.
    pub fn open(book: &Book) -> Result<Self, StoreError> {
        match &book.inner.place {
            Place::File(file) => {
                let db = file.db.connect(BULK_CACHE_KIB)?;
                // Reading a row is what takes the snapshot; `begin` alone does not.
                db.execute_batch("pragma query_only = on; begin; select 1 from book_meta limit 1")
                    .map_err(|source| StoreError::sqlite("opening a reader", source))?;
                Ok(Self(Side::Sqlite(db)))
            }
            Place::Server(server) => {
                let mut session = Session::open(server)?;
                session.batch(
                    "begin isolation level repeatable read read only; \
                     select 1 from book_meta limit 1",
                )?;
                Ok(Self(Side::Postgres(session)))
            }
        }
    }

    /// Hands every row of the answer to `each`, in the answer's order; its first error ends the
    /// query and is returned.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`], [`StoreError::Query`], [`StoreError::Damaged`], and what `each`
    /// returns.
    pub fn query(
        &mut self,
        sql: &str,
        params: &[Cell<'_>],
        mut each: impl FnMut(&RowView<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match &mut self.0 {
            Side::Sqlite(db) => sqlite::query(db, sql, params, &mut each),
            Side::Postgres(session) => session.query(sql, params, &mut each),
        }
    }
}
