//! Values on their way in and out.

use crate::error::StoreError;
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};
use sqlx::postgres::PgRow;
use sqlx::{Row, TypeInfo, ValueRef as _};

/// One value of a row or of a statement's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// Minor units, UTC milliseconds, ids, counts.
    Int(i64),
    /// UTF-8; PostgreSQL holds no NUL character in text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl From<i64> for Cell<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Cell<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// One row of an answer; columns are counted from 0.
pub struct RowView<'r>(pub(super) Source<'r>);

pub(super) enum Source<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r PgRow),
}

impl RowView<'_> {
    /// The value of a column.
    ///
    /// # Errors
    /// [`StoreError::Value`] when the column does not exist or has a type that is no [`Cell`].
    pub fn cell(&self, column: usize) -> Result<Cell<'_>, StoreError> {
        match &self.0 {
            Source::Sqlite(row) => sqlite_cell(row, column),
            Source::Postgres(row) => postgres_cell(row, column),
        }
    }

    /// An integer that is never null.
    ///
    /// # Errors
    /// [`StoreError::Value`].
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        match self.cell(column)? {
            Cell::Int(value) => Ok(value),
            other => Err(unexpected(column, "an integer", other)),
        }
    }

    /// An integer or null.
    ///
    /// # Errors
    /// [`StoreError::Value`].
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.cell(column)? {
            Cell::Int(value) => Ok(Some(value)),
            Cell::Null => Ok(None),
            other => Err(unexpected(column, "an integer or null", other)),
        }
    }

    /// Text that is never null.
    ///
    /// # Errors
    /// [`StoreError::Value`].
    pub fn text(&self, column: usize) -> Result<&str, StoreError> {
        match self.cell(column)? {
            Cell::Text(text) => Ok(text),
            other => Err(unexpected(column, "text", other)),
        }
    }

    /// Text or null.
    ///
    /// # Errors
    /// [`StoreError::Value`].
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.cell(column)? {
            Cell::Text(text) => Ok(Some(text)),
            Cell::Null => Ok(None),
            other => Err(unexpected(column, "text or null", other)),
        }
    }

    /// Bytes that are never null.
    ///
    /// # Errors
    /// [`StoreError::Value`].
    pub fn blob(&self, column: usize) -> Result<&[u8], StoreError> {
        match self.cell(column)? {
            Cell::Blob(bytes) => Ok(bytes),
            other => Err(unexpected(column, "bytes", other)),
        }
    }
}

/// Names the kind, not the value: a value may be a person's.
fn unexpected(column: usize, wanted: &str, found: Cell<'_>) -> StoreError {
    let found = match found {
        Cell::Null => "null",
        Cell::Int(_) => "an integer",
        Cell::Text(_) => "text",
        Cell::Blob(_) => "bytes",
    };
    StoreError::Value(format!("column {column} is {found}, not {wanted}"))
}

fn sqlite_cell<'r>(row: &'r rusqlite::Row<'_>, column: usize) -> Result<Cell<'r>, StoreError> {
    let value = row.get_ref(column).map_err(|e| StoreError::sqlite("reading a column", e))?;
    match value {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(value) => Ok(Cell::Int(value)),
        ValueRef::Blob(bytes) => Ok(Cell::Blob(bytes)),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes)
            .map(Cell::Text)
            .map_err(|_| StoreError::Value(format!("column {column} is not UTF-8"))),
        ValueRef::Real(_) => {
            Err(StoreError::Value(format!("column {column} is a floating-point number")))
        }
    }
}

/// Answers of prepared statements come in binary form: integers big-endian, text as UTF-8.
fn postgres_cell(row: &PgRow, column: usize) -> Result<Cell<'_>, StoreError> {
    let failed = |source| StoreError::Value(format!("column {column}: {source}"));
    let value = row.try_get_raw(column).map_err(|source| failed(source.to_string()))?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let bytes = value.as_bytes().map_err(|source| failed(source.to_string()))?;
    let kind = value.type_info();
    let int = match (kind.name(), bytes) {
        ("INT8", &[a, b, c, d, e, f, g, h]) => i64::from_be_bytes([a, b, c, d, e, f, g, h]),
        ("INT4", &[a, b, c, d]) => i64::from(i32::from_be_bytes([a, b, c, d])),
        ("INT2", &[a, b]) => i64::from(i16::from_be_bytes([a, b])),
        ("BOOL", &[a]) => i64::from(a),
        ("TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN", text) => {
            let text = std::str::from_utf8(text).map_err(|_| failed("not UTF-8".to_owned()))?;
            return Ok(Cell::Text(text));
        }
        ("BYTEA", bytes) => return Ok(Cell::Blob(bytes)),
        (other, _) => return Err(failed(format!("the type {other} is no cell"))),
    };
    Ok(Cell::Int(int))
}
