//! Gathering the postings of lines while they are booked.

use super::segment::{self, Packed, TEXT};
use super::words::{
    fold_into, gram_keys_of, is_number, mask_into, pinyin_keys_of, tail_key, tails_of,
};
use super::{Index, Posting, Subject};
use crate::bulk::{Cell, Loader};
use crate::error::StoreError;
use crate::pack;
use std::collections::{HashMap, HashSet};
use std::thread::JoinHandle;

/// Postings held before they are written: 24 bytes each.
const FULL: usize = 1_000_000;
/// Postings from which packing is worth a second core.
const WORTH_A_THREAD: usize = 50_000;
/// Ids of texts remembered as written; with more the memory is emptied.
const REMEMBERED: usize = 500_000;
/// Texts looked up at once.
const AT_ONCE: usize = 20;

/// Postings not yet written, and the texts they point at.
#[derive(Default)]
pub struct Gathered {
    postings: [Vec<Posting>; Index::ALL.len()],
    texts: HashMap<i64, String>,
    written: HashSet<i64>,
    /// The segment before, being packed on another thread.
    packing: Option<JoinHandle<Packed>>,
    folded: String,
    masked: String,
}

/// How much was gathered at some moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark([usize; Index::ALL.len()]);

/// What of a line can be searched.
pub struct Searchable<'a> {
    /// Line id.
    pub id: i64,
    /// Day of the event.
    pub day: i32,
    /// What it is.
    pub subject: Subject,
    /// Amounts, of any sign; 0 is not kept.
    pub amounts: &'a [i64],
    /// Numbers of any party; empty ones are not kept.
    pub numbers: &'a [&'a str],
    /// Texts: goods, notes, names.
    pub texts: &'a [&'a str],
}

impl Gathered {
    /// Adds a line.
    pub fn add(&mut self, line: &Searchable<'_>) {
        for (at, amount) in line.amounts.iter().enumerate() {
            if *amount != 0 && !line.amounts[..at].iter().any(|a| a.abs() == amount.abs()) {
                self.post(Index::Amount, line, amount.abs());
            }
        }
        for (at, number) in line.numbers.iter().enumerate() {
            if !number.is_empty() && !line.numbers[..at].contains(number) {
                self.post(Index::Tail, line, tail_key(number));
            }
        }
        for text in line.texts {
            self.text(line, text);
        }
    }

    fn post(&mut self, index: Index, line: &Searchable<'_>, key: i64) {
        let subject = line.subject as u8;
        self.postings[index as usize].push(Posting { key, day: line.day, id: line.id, subject });
    }

    fn text(&mut self, line: &Searchable<'_>, text: &str) {
        if text.is_empty() || text == "/" {
            return;
        }
        if is_number(text) {
            return self.post(Index::Tail, line, tail_key(text));
        }
        for run in tails_of(text) {
            self.post(Index::Tail, line, tail_key(run));
        }
        self.folded.clear();
        self.masked.clear();
        fold_into(&mut self.folded, text);
        mask_into(&mut self.masked, &self.folded);
        // A hash is its own id: no look-up while rows pass by. Two texts of one id would cost
        // the second its entry; with 63 bits that is less likely than a broken disk.
        let id = (pack::key(&[&self.masked]) >> 1) as i64;
        self.post(Index::Use, line, id);
        if !self.written.contains(&id) && !self.texts.contains_key(&id) {
            self.texts.insert(id, self.masked.clone());
        }
    }

    /// True when it is time to [write](Self::write) what was gathered since the mark.
    pub fn is_full(&self, since: Mark) -> bool {
        let gathered = self.postings.iter().zip(since.0).map(|(list, from)| list.len() - from);
        gathered.sum::<usize>() >= FULL
    }

    /// Takes everything gathered out, index by index, and forgets the texts.
    pub(super) fn take_all(&mut self) -> Vec<(Index, Vec<Posting>)> {
        self.texts.clear();
        let lists = self.postings.iter_mut().map(std::mem::take);
        Index::ALL.into_iter().zip(lists).collect()
    }

    /// How much is gathered now.
    pub fn mark(&self) -> Mark {
        Mark(self.postings.each_ref().map(Vec::len))
    }

    /// Forgets what was gathered since, after its lines were rolled back.
    pub fn back_to(&mut self, mark: Mark) {
        for (postings, length) in self.postings.iter_mut().zip(mark.0) {
            postings.truncate(length);
        }
        // Texts written since were rolled back too.
        self.written.clear();
    }

    /// Writes what was gathered since the mark as one segment, in the loader's transaction.
    ///
    /// # Errors
    /// The database's.
    pub fn write(&mut self, loader: &mut Loader<'_>, since: Mark) -> Result<(), StoreError> {
        self.store_packed(loader)?;
        self.write_texts(loader, since.0 != [0; Index::ALL.len()])?;
        let lists = self.split_off(since);
        if lists.iter().map(Vec::len).sum::<usize>() < WORTH_A_THREAD {
            return segment::write(loader, &Packed::new(lists));
        }
        let packing = std::thread::spawn(|| Packed::new(lists));
        loader.flush()?;
        self.packing = Some(packing);
        self.store_packed(loader)
    }

    /// As [`Self::write`] of everything, but the segment is packed on another thread, and stored by
    /// the next call of either: the last one before the transaction ends must be [`Self::write`].
    ///
    /// # Errors
    /// The database's.
    pub fn write_beside(&mut self, loader: &mut Loader<'_>) -> Result<(), StoreError> {
        self.store_packed(loader)?;
        self.write_texts(loader, false)?;
        let lists = self.split_off(Mark::default());
        self.packing = Some(std::thread::spawn(|| Packed::new(lists)));
        Ok(())
    }

    fn split_off(&mut self, since: Mark) -> Vec<Vec<Posting>> {
        let lists = self.postings.iter_mut().zip(since.0);
        lists.map(|(list, from)| list.split_off(from)).collect()
    }

    fn store_packed(&mut self, loader: &mut Loader<'_>) -> Result<(), StoreError> {
        match self.packing.take().map(JoinHandle::join) {
            Some(Ok(packed)) => segment::write(loader, &packed),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(()),
        }
    }

    /// Puts texts that the book has not yet into it, with their grams and their pinyin. `again`:
    /// keep them for the next writing, since this one may be rolled back with its file.
    fn write_texts(&mut self, loader: &mut Loader<'_>, again: bool) -> Result<(), StoreError> {
        let mut texts: Vec<(i64, String)> = match again {
            true => self.texts.clone().into_iter().collect(),
            false => self.texts.drain().collect(),
        };
        // In a fixed order: equal imports write equal rows.
        texts.sort_unstable();
        if self.written.len() > REMEMBERED {
            self.written.clear();
        }
        for some in texts.chunks(AT_ONCE) {
            let there = segment::known_texts(loader, some.iter().map(|(id, _)| *id))?;
            for (id, masked) in some {
                self.written.insert(*id);
                if there.contains(id) {
                    continue;
                }
                loader.insert(&TEXT, &[Cell::Int(*id), Cell::Text(masked)])?;
                let posting = |key| Posting { key, day: 0, id: *id, subject: 0 };
                self.postings[Index::Gram as usize].extend(gram_keys_of(masked).map(posting));
                let pinyin = pinyin_keys_of(masked).into_iter().map(posting);
                self.postings[Index::Pinyin as usize].extend(pinyin);
            }
        }
        Ok(())
    }
}
