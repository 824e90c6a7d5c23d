//! Questions that may be put to either side.

use super::{Cell, Loader, Reader, RowView};
use crate::error::StoreError;

/// What both a reader and a running transaction can be asked.
pub trait Asks {
    /// Hands every row of the answer to `each`, as [`Reader::query`] does.
    ///
    /// # Errors
    /// As [`Reader::query`].
    fn ask(
        &mut self,
        sql: &str,
        params: &[Cell<'_>],
        each: &mut dyn FnMut(&RowView<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}

impl Asks for Reader {
    fn ask(
        &mut self,
        sql: &str,
        params: &[Cell<'_>],
        each: &mut dyn FnMut(&RowView<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.query(sql, params, each)
    }
}

impl Asks for Loader<'_> {
    fn ask(
        &mut self,
        sql: &str,
        params: &[Cell<'_>],
        each: &mut dyn FnMut(&RowView<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.query(sql, params, each)
    }
}
