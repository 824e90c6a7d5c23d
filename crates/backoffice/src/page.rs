//! Keyset pages: a page and where the next one starts. No offsets.

use crate::error::Error;
use serde::Serialize;
use std::fmt;

/// Rows, and the cursor of the next page; `None` after the last.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where to go on.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts what was read with one row to spare to `limit` rows.
    pub(crate) fn cut(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> Cursor) -> Self {
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| cursor(row).to_string());
        Self { rows, next }
    }
}

/// A position in a list ordered by day and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub day: i64,
    pub id: String,
}

impl Cursor {
    /// # Errors
    /// [`Error::BadInput`] for text that no page gave out.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let bad = || Error::BadInput { field: "cursor", reason: "not a cursor".to_owned() };
        let (day, id) = text.split_once('~').ok_or_else(bad)?;
        Ok(Self { day: day.parse().map_err(|_| bad())?, id: id.to_owned() })
    }

    pub(crate) fn parts(self) -> (i64, String) {
        (self.day, self.id)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.day, self.id)
    }
}
