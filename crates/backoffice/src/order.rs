//! In which order a list stands, and where its next page begins.

use crate::error::Error;
use crate::page::{Cursor, bad};

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The latest day first.
    #[default]
    Newest,
    /// The earliest day first.
    Oldest,
    /// The largest amount first.
    Largest,
    /// The smallest amount first: the largest taken away.
    Smallest,
}

/// A place in a list: the amount or the day it is sorted by, by day also the time, and the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub key: i64,
    /// UTC ms; 0 in an order by amount.
    pub at_ms: i64,
    pub id: i64,
}

impl Place {
    pub(crate) fn new(sort: Sort, (day, at_ms): (i32, i64), amount_minor: i64, id: i64) -> Self {
        let at_ms = if sort.by_amount() { 0 } else { at_ms };
        Self { key: sort.key(day, amount_minor), at_ms, id }
    }

    /// The place before every row.
    pub(crate) fn first(sort: Sort) -> Self {
        let end = if sort.descending() { i64::MAX } else { i64::MIN };
        Self { key: end, at_ms: end, id: end }
    }

    pub(crate) fn cursor(self) -> Cursor {
        Cursor { day: self.key, id: format!("{}~{}", self.at_ms, self.id) }
    }

    /// # Errors
    /// [`Error::BadInput`] for text that no page of this order gave out.
    pub(crate) fn parse(cursor: Cursor, sort: Sort) -> Result<Self, Error> {
        let (key, rest) = cursor.parts();
        let read = || {
            let (at_ms, id) = rest.split_once('~')?;
            Some((at_ms.parse().ok()?, id.parse().ok()?))
        };
        let (at_ms, id) = read().ok_or_else(bad)?;
        Ok(Self { key, at_ms: if sort.by_amount() { 0 } else { at_ms }, id })
    }
}

/// The place number `at`, from 0, among places in no order; `None` when there are not so many.
pub(crate) fn nth<P: Ord + Copy>(sort: Sort, places: &mut [P], at: usize) -> Option<P> {
    if at >= places.len() {
        return None;
    }
    let at = if sort.descending() { places.len() - 1 - at } else { at };
    Some(*places.select_nth_unstable(at).1)
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Newest, Self::Oldest, Self::Largest, Self::Smallest];

    /// The stable code: `newest`, `oldest`, `largest`, `smallest`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Largest => "largest",
            Self::Smallest => "smallest",
        }
    }

    /// The order with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.code() == code)
    }

    pub(crate) fn by_amount(self) -> bool {
        matches!(self, Self::Largest | Self::Smallest)
    }

    pub(crate) fn descending(self) -> bool {
        matches!(self, Self::Newest | Self::Largest)
    }

    /// The condition that lets through what stands behind the key `$1` and the id `$2`, and the
    /// order of the list.
    pub(crate) fn walk(self, day: &str, amount: &str, id: &str) -> (String, String) {
        let key = if self.by_amount() { amount } else { day };
        let (beyond, way) = if self.descending() { ("<", "desc") } else { (">", "asc") };
        let behind = format!("{key} {beyond}= $1 and ({key} {beyond} $1 or {id} {beyond} $2)");
        (behind, format!("{key} {way}, {id} {way}"))
    }

    /// The same for a list that is by time within a day: behind the key `$1`, the time `$2` and the
    /// id `$3`.
    pub(crate) fn walk_by_time(
        self,
        (day, at): (&str, &str),
        amount: &str,
        id: &str,
    ) -> (String, String) {
        let (key, at) = if self.by_amount() { (amount, "cast(0 as bigint)") } else { (day, at) };
        let (beyond, way) = if self.descending() { ("<", "desc") } else { (">", "asc") };
        let behind = format!(
            "{key} {beyond}= $1 and ({key} {beyond} $1 or {at} {beyond} $2 or \
             ({at} = $2 and {id} {beyond} $3))"
        );
        let order = match self.by_amount() {
            true => format!("{key} {way}, {id} {way}"),
            false => format!("{key} {way}, {at} {way}, {id} {way}"),
        };
        (behind, order)
    }

    /// The place a cursor stands on; without one the place before every row.
    ///
    /// # Errors
    /// [`Error::BadInput`] for text that no page gave out.
    pub(crate) fn place(self, cursor: Option<&str>) -> Result<(i64, String), Error> {
        match cursor {
            Some(text) => Ok(Cursor::parse(text)?.parts()),
            None if self.descending() => Ok((i64::MAX, String::new())),
            None => Ok((i64::MIN, String::new())),
        }
    }

    /// True for a place behind another.
    pub(crate) fn is_behind(self, place: Place, other: Place) -> bool {
        if self.descending() { place < other } else { place > other }
    }

    /// What a row is sorted by.
    pub(crate) fn key(self, day: i32, amount_minor: i64) -> i64 {
        if self.by_amount() { amount_minor } else { i64::from(day) }
    }

    /// The place of a row.
    pub(crate) fn cursor(self, day: i32, amount_minor: i64, id: String) -> Cursor {
        Cursor { day: self.key(day, amount_minor), id }
    }
}
