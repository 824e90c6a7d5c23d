//! One transaction over all writes of an import.

use super::TableSpec;
use super::cell::{Cell, RowView};
use super::postgres::{Copies, Session};
use super::sqlite::{self, Inserts};
use crate::book::{Book, OpenMode, Place};
use crate::error::StoreError;
use crate::sqlite::BULK_CACHE_KIB;

/// A connection for loading, beside the book's pool. Blocking; see [the module](super).
pub struct Writer(Side);

enum Side {
    Sqlite(rusqlite::Connection, Book),
    Postgres(Session),
}

impl Writer {
    /// Connects with a page cache of 64 MB.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] for a book opened for reading; what connecting can say.
    pub fn open(book: &Book) -> Result<Self, StoreError> {
        if book.mode() == OpenMode::Read {
            return Err(StoreError::ReadOnly(book.location().to_string().into()));
        }
        match &book.inner.place {
            Place::File(file) => {
                let db = file.db.connect(BULK_CACHE_KIB)?;
                // What is committed here is settled beside the next transaction.
                db.execute_batch("pragma wal_autocheckpoint = 0")
                    .map_err(|source| StoreError::sqlite("opening a writer", source))?;
                Ok(Self(Side::Sqlite(db, book.clone())))
            }
            Place::Server(server) => Ok(Self(Side::Postgres(Session::open(server)?))),
        }
    }

    /// Begins the transaction, on SQLite with the write lock at once.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another writer does not finish within ten seconds.
    pub fn begin(&mut self) -> Result<Loader<'_>, StoreError> {
        let side = match &mut self.0 {
            Side::Sqlite(db, book) => {
                db.execute_batch("begin immediate")
                    .map_err(|source| StoreError::sqlite("beginning a load", source))?;
                LoadSide::Sqlite(Inserts::new(db), book)
            }
            Side::Postgres(session) => {
                session.batch("begin")?;
                LoadSide::Postgres(Copies::new(session))
            }
        };
        Ok(Loader { side, open: true })
    }
}

/// The transaction of one import. Dropped without [`Loader::commit`], it is rolled back.
///
/// Rows for PostgreSQL are collected by table and sent by `copy`; every other call sends them
/// first, so a statement sees all rows inserted before it. An error about a row may therefore
/// come with a later call there.
pub struct Loader<'c> {
    side: LoadSide<'c>,
    open: bool,
}

enum LoadSide<'c> {
    Sqlite(Inserts<'c>, &'c Book),
    Postgres(Copies<'c>),
}

impl Loader<'_> {
    /// Inserts one row: as many cells as the table has columns, in their order.
    ///
    /// # Errors
    /// [`StoreError::Constraint`], [`StoreError::Value`], [`StoreError::DiskFull`].
    ///
    /// # Panics
    /// When the number of cells is not that of the columns, which is a bug of the caller.
    pub fn insert(
        &mut self,
        table: &'static TableSpec,
        cells: &[Cell<'_>],
    ) -> Result<(), StoreError> {
        assert_eq!(cells.len(), table.columns.len(), "cells of a row of {}", table.name);
        match &mut self.side {
            LoadSide::Sqlite(inserts, _) => inserts.insert(table, cells),
            LoadSide::Postgres(copies) => copies.insert(table, cells),
        }
    }

    /// Runs one statement with `$1…` placeholders; returns the number of rows it changed.
    ///
    /// # Errors
    /// [`StoreError::Constraint`], [`StoreError::Value`], [`StoreError::Query`],
    /// [`StoreError::Sqlite`].
    pub fn execute(&mut self, sql: &str, params: &[Cell<'_>]) -> Result<u64, StoreError> {
        match &mut self.side {
            LoadSide::Sqlite(inserts, _) => sqlite::execute(inserts.db(), sql, params),
            LoadSide::Postgres(copies) => copies.flushed()?.execute(sql, params),
        }
    }

    /// Writes what was changed so far to the log, where it waits for the commit: what the commit
    /// would do at the end, done while another thread readies the last rows. A server does so
    /// alone.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Sqlite`].
    pub fn flush(&mut self) -> Result<(), StoreError> {
        match &mut self.side {
            LoadSide::Sqlite(inserts, _) => inserts
                .db()
                .cache_flush()
                .map_err(|source| StoreError::sqlite("writing to the log", source)),
            LoadSide::Postgres(_) => Ok(()),
        }
    }

    /// Runs any number of statements without placeholders, such as building indexes.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        match &mut self.side {
            LoadSide::Sqlite(inserts, _) => {
                inserts.db().execute_batch(sql).map_err(|source| StoreError::sqlite(sql, source))
            }
            LoadSide::Postgres(copies) => copies.flushed()?.batch(sql),
        }
    }

    /// Hands every row of the answer to `each`, in the answer's order; its first error ends the
    /// query and is returned.
    ///
    /// # Errors
    /// As [`Self::execute`], and what `each` returns.
    pub fn query(
        &mut self,
        sql: &str,
        params: &[Cell<'_>],
        mut each: impl FnMut(&RowView<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match &mut self.side {
            LoadSide::Sqlite(inserts, _) => sqlite::query(inserts.db(), sql, params, &mut each),
            LoadSide::Postgres(copies) => copies.flushed()?.query(sql, params, &mut each),
        }
    }

    /// Before the first lines of a book: leaves indexes that are dear to keep in step for later. A
    /// server's tables are shared, so they keep theirs.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn forgo_late_indexes(&mut self) -> Result<(), StoreError> {
        match &mut self.side {
            LoadSide::Sqlite(inserts, _) => crate::late::forgo(inserts.db())
                .map_err(|source| StoreError::sqlite("leaving indexes for later", source)),
            LoadSide::Postgres(_) => Ok(()),
        }
    }

    /// Builds what [`Self::forgo_late_indexes`] left; nothing when nothing is missing.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn build_late_indexes(&mut self) -> Result<(), StoreError> {
        match &mut self.side {
            LoadSide::Sqlite(inserts, _) => crate::late::build(inserts.db())
                .map_err(|source| StoreError::sqlite("building indexes", source)),
            LoadSide::Postgres(_) => Ok(()),
        }
    }

    /// Marks a point to which [`Self::rollback_to`] returns. `name` is a plain identifier.
    ///
    /// # Errors
    /// As [`Self::execute`], for rows inserted before.
    pub fn savepoint(&mut self, name: &'static str) -> Result<(), StoreError> {
        self.batch(&format!("savepoint {name}"))
    }

    /// Forgets everything since the savepoint, which stays; also after an error.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn rollback_to(&mut self, name: &'static str) -> Result<(), StoreError> {
        let sql = format!("rollback to savepoint {name}");
        match &mut self.side {
            LoadSide::Sqlite(..) => self.batch(&sql),
            LoadSide::Postgres(copies) => copies.cleared().batch(&sql),
        }
    }

    /// Keeps everything since the savepoint, as far as the transaction is kept.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn release(&mut self, name: &'static str) -> Result<(), StoreError> {
        self.batch(&format!("release savepoint {name}"))
    }

    /// Keeps everything. When this returns, the rows are on the disk.
    ///
    /// # Errors
    /// As [`Self::execute`]; nothing was kept then.
    pub fn commit(mut self) -> Result<(), StoreError> {
        #[cfg(feature = "testing")]
        crate::testing::reached();
        match &mut self.side {
            LoadSide::Postgres(_) => self.batch("commit")?,
            LoadSide::Sqlite(inserts, book) => {
                book.settled()?;
                inserts
                    .db()
                    .execute_batch("commit")
                    .map_err(|source| StoreError::sqlite("commit", source))?;
                #[cfg(feature = "testing")]
                crate::testing::reached();
                // The rows are kept already; what goes wrong from here on is told by the next.
                let _ = book.settle();
            }
        }
        self.open = false;
        Ok(())
    }
}

impl Drop for Loader<'_> {
    fn drop(&mut self) {
        if self.open {
            // Where this fails, the connection is lost and the server or the log forgets alone.
            let _ = match &mut self.side {
                LoadSide::Sqlite(inserts, _) => inserts
                    .db()
                    .execute_batch("rollback")
                    .map_err(|source| StoreError::sqlite("rolling back", source)),
                LoadSide::Postgres(copies) => copies.cleared().batch("rollback"),
            };
        }
    }
}
