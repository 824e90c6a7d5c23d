//! Keyset pages: a page and where the next one starts. A list can also be entered behind so many
//! rows, for a scroll bar or the End key; from there on it goes by keys again.

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
    /// A page behind the last row.
    pub(crate) fn none() -> Self {
        Self { rows: Vec::new(), next: None }
    }

    /// Cuts what was read with one row to spare to `limit` rows.
    pub(crate) fn cut(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> Cursor) -> Self {
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| cursor(row).to_string());
        Self { rows, next }
    }
}

/// More rows than any list has.
const MOST_SKIPPED: u32 = u32::MAX >> 1;

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// With the first row.
    First,
    /// Behind a row.
    Behind(Cursor),
    /// Behind so many rows, at least one.
    Skipping(u32),
}

impl Begin {
    /// No cursor, one that a page gave out, or `@n`: behind the first n rows.
    ///
    /// # Errors
    /// [`Error::BadInput`] for any other text.
    pub(crate) fn parse(cursor: Option<&str>) -> Result<Self, Error> {
        let Some(text) = cursor else { return Ok(Self::First) };
        let Some(skipped) = text.strip_prefix('@') else {
            return Ok(Self::Behind(Cursor::parse(text)?));
        };
        match skipped.parse::<u32>().map_err(|_| bad())? {
            0 => Ok(Self::First),
            // A list reads one row more than it is asked for.
            skipped => Ok(Self::Skipping(skipped.min(MOST_SKIPPED))),
        }
    }
}

/// A page of a list that is never long: to skip rows they are read. `read` is the list itself.
///
/// # Errors
/// Those of `read`; [`Error::BadInput`] for a cursor that is none.
pub(crate) fn entered<T>(
    cursor: Option<&str>,
    limit: u32,
    mut read: impl FnMut(Option<&str>, u32) -> Result<Page<T>, Error>,
) -> Result<Page<T>, Error> {
    let skipped = match Begin::parse(cursor)? {
        Begin::First => return read(None, limit),
        Begin::Behind(_) => return read(cursor, limit),
        Begin::Skipping(skipped) => skipped,
    };
    match read(None, skipped)?.next {
        Some(next) => read(Some(&next), limit),
        None => Ok(Page::none()),
    }
}

pub(crate) fn bad() -> Error {
    Error::BadInput { field: "cursor", reason: "not a cursor".to_owned() }
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
        let (day, id) = text.split_once('~').ok_or_else(bad)?;
        Ok(Self { day: day.parse().map_err(|_| bad())?, id: id.to_owned() })
    }

    /// The position behind a line.
    ///
    /// # Errors
    /// [`Error::BadInput`] for text that no page of lines gave out.
    pub(crate) fn line(self) -> Result<(i64, i64), Error> {
        Ok((self.day, self.id.parse().map_err(|_| bad())?))
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
