//! Results that are there already: a row that a run finds again as it was is left alone.

use crate::error::Error;
use std::collections::HashMap;
use std::hash::Hash;
use store::StoreError;
use store::bulk::{Loader, RowView};

/// Rows of a table of results, by key, with the digest of what they say.
pub(super) struct Kept<K>(HashMap<K, i64>);

/// How a result stands to the row of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// There is no such row.
    New,
    /// The row says something else.
    Other,
    /// The row says just this.
    Same,
}

impl<K: Eq + Hash> Kept<K> {
    /// Reads keys and digests: `sql` answers with them in the way `each` reads them.
    pub(super) fn read(
        loader: &mut Loader<'_>,
        sql: &str,
        mut each: impl FnMut(&RowView<'_>) -> Result<(K, i64), StoreError>,
    ) -> Result<Self, Error> {
        let mut rows = HashMap::new();
        loader.query(sql, &[], |row| {
            let (key, digest) = each(row)?;
            rows.insert(key, digest);
            Ok(())
        })?;
        Ok(Self(rows))
    }

    /// Finds the row of a result, which then is no leftover any more.
    pub(super) fn find(&mut self, key: &K, digest: i64) -> Found {
        match self.0.remove(key) {
            None => Found::New,
            Some(kept) if kept == digest => Found::Same,
            Some(_) => Found::Other,
        }
    }

    /// Keys of rows that no result has found.
    pub(super) fn leftovers(self) -> impl Iterator<Item = K> {
        self.0.into_keys()
    }
}
