//! Whether the index holds what the lines ask for, told by a sum over all postings.

use super::page::postings;
use super::{Gathered, Index, Posting, Subject};
use crate::bulk::{Cell, Loader, Reader};
use crate::error::StoreError;
use crate::pack::digest_of;

/// Postings that lead to lines, files left out: how many, and a sum that is equal for equal ones
/// in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub postings: u64,
    /// Sum of their digests.
    pub sum: u64,
}

/// The indexes whose postings lead to lines.
const OF_LINES: [Index; 3] = [Index::Tail, Index::Use, Index::Amount];

impl Tally {
    fn add(&mut self, index: Index, posting: &Posting) {
        if posting.subject() == Subject::File {
            return;
        }
        let (day, subject) = (i64::from(posting.day), i64::from(posting.subject));
        let digest =
            digest_of(&[index.number(), posting.key, day, posting.id, subject].map(Cell::Int));
        self.postings += 1;
        self.sum = self.sum.wrapping_add(digest as u64);
    }

    /// Adds what was gathered of whole lines, and empties it.
    pub fn take(&mut self, gathered: &mut Gathered) {
        for (index, mut postings) in gathered.take_all() {
            postings.sort_unstable();
            // A line that says a thing twice is written once.
            postings.dedup();
            if OF_LINES.contains(&index) {
                postings.iter().for_each(|posting| self.add(index, posting));
            }
        }
    }

    /// What the book's index holds.
    ///
    /// # Errors
    /// The database's.
    pub fn stored(reader: &mut Reader) -> Result<Self, StoreError> {
        let mut tally = Self::default();
        for index in OF_LINES {
            let kind = [Cell::Int(index.number())];
            reader.query("select bytes from search_page where kind = $1", &kind, |row| {
                postings(row.blob(0)?).for_each(|posting| tally.add(index, &posting));
                Ok(())
            })?;
        }
        Ok(tally)
    }
}

/// Throws the whole index away.
///
/// # Errors
/// The database's.
pub fn clear(loader: &mut Loader<'_>) -> Result<(), StoreError> {
    loader.batch("delete from search_page; delete from search_segment; delete from search_text")
}
