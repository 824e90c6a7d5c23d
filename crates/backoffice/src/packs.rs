//! The day packs as reports and sums read them: every record that counts, over a span of days.

use crate::error::Error;
use crate::import::stream_number;
use domain::Stream;
use std::collections::HashSet;
use std::ops::Range;
use store::bulk::{Cell, Reader};
use store::pack::{self, Packed, Record};

/// Reads packs and leaves out lines that a later word of the channel has replaced.
pub(crate) struct Packs {
    superseded: HashSet<i64>,
}

impl Packs {
    /// # Errors
    /// The database's.
    pub(crate) fn open(reader: &mut Reader) -> Result<Self, Error> {
        let mut superseded = HashSet::new();
        reader.query("select line_id from superseded", &[], |row| {
            superseded.insert(row.int(0)?);
            Ok(())
        })?;
        Ok(Self { superseded })
    }

    /// True for a line that counts.
    pub(crate) fn counts(&self, line_id: i64) -> bool {
        !self.superseded.contains(&line_id)
    }

    /// Hands over every record of a stream whose own day is inside `days`, by day and document.
    ///
    /// # Errors
    /// The database's; [`Error::DamagedPack`].
    pub(crate) fn each<T: Record>(
        &self,
        reader: &mut Reader,
        stream: Stream,
        days: Range<i32>,
        mut visit: impl FnMut(i64, i32, T),
    ) -> Result<(), Error> {
        let mut broken = None;
        reader.query(
            "select day, document_id, bytes from day_pack \
             where stream = $1 and day >= $2 and day < $3 order by day, document_id",
            &[
                Cell::Int(stream_number(stream)),
                Cell::Int(i64::from(days.start)),
                Cell::Int(i64::from(days.end)),
            ],
            |row| {
                let (day, document) = (row.int(0)? as i32, row.int(1)?);
                let Some(records) = pack::decode::<T>(row.blob(2)?, document, day) else {
                    broken = Some(Error::DamagedPack { document, day });
                    return Ok(());
                };
                for Packed { item, .. } in records {
                    if self.counts(item.id()) {
                        visit(document, day, item);
                    }
                }
                Ok(())
            },
        )?;
        broken.map_or(Ok(()), Err)
    }
}
