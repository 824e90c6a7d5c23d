//! The hot loop: loading and reading millions of rows at the database's own speed.
//!
//! sqlx costs several times a prepared statement for each row, so an import has a connection of
//! its own: rusqlite on the same file with the same key, or PostgreSQL's `copy`. All writes of an
//! import are one transaction.
//!
//! Everything here blocks, on both databases; call it in `spawn_blocking` or on a plain thread,
//! never on an async one. One SQL text serves both: `$1` placeholders, `bigint` and `text`. A sum
//! of `bigint` is `numeric` in PostgreSQL, so write `cast(sum(x) as bigint)`.
//!
//! ```no_run
//! # use store::{Book, StoreError, bulk::{Cell, TableSpec, Writer}};
//! static LINE: TableSpec = TableSpec::new("line", &["id", "number"]);
//! fn import(book: &Book, numbers: &[&str]) -> Result<(), StoreError> {
//!     let mut writer = Writer::open(book)?;
//!     let mut loader = writer.begin()?;
//!     for (id, number) in (1..).zip(numbers) {
//!         loader.insert(&LINE, &[Cell::Int(id), Cell::Text(number)])?;
//!     }
//!     loader.commit()
//! }
//! ```

mod asks;
mod cell;
mod postgres;
mod reader;
mod sqlite;
mod turn;
mod writer;

pub use asks::Asks;
pub use cell::{Cell, RowView};
pub use reader::Reader;
pub use turn::Turn;
pub use writer::{Loader, Writer};

/// A table as a load fills it. Keep it in a `static`: the loader knows it again by its address.
#[derive(Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// The table's name.
    pub name: &'static str,
    /// The columns that a row brings, in the order of its cells.
    pub columns: &'static [&'static str],
    /// What to do with a row that breaks a unique constraint.
    pub existing: Existing,
}

/// What to do with a row that is there already, by any unique constraint of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// [`crate::StoreError::Constraint`], and the transaction can only be rolled back.
    Refuse,
    /// Keep the row that is there.
    Skip,
}

impl TableSpec {
    /// A table in which an existing row is an error.
    pub const fn new(name: &'static str, columns: &'static [&'static str]) -> Self {
        Self { name, columns, existing: Existing::Refuse }
    }

    /// The same, keeping rows that are there.
    pub const fn skip_existing(self) -> Self {
        Self { existing: Existing::Skip, ..self }
    }
}
