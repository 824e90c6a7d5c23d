//! Postings packed into pages: sorted, each as its difference from the one before.

use super::Posting;

/// Bytes after which a page is closed. With its key a page then fits one page of the database.
const PAGE_BYTES: usize = 3_700;
/// What one posting takes at most: a varint of 64 bits is ten bytes, and there are four.
const POSTING_BYTES: usize = 40;
/// Bits of a line id that are the line number.
const LINE_BITS: u32 = 32;

/// A closed page.
pub(super) struct Page {
    pub first: Posting,
    pub last: Posting,
    pub bytes: Vec<u8>,
}

/// Packs sorted postings.
#[derive(Default)]
pub(super) struct Packer {
    first: Option<Posting>,
    last: Option<Posting>,
    bytes: Vec<u8>,
}

impl Packer {
    /// Adds a posting, not less than the one before; answers with a page when one is full.
    pub(super) fn add(&mut self, posting: Posting) -> Option<Page> {
        if self.last == Some(posting) {
            return None;
        }
        let full = self.bytes.len() + POSTING_BYTES > PAGE_BYTES;
        let page = if full { self.close() } else { None };
        let before = self.last.unwrap_or(NOTHING);
        self.first.get_or_insert(posting);
        self.last = Some(posting);
        let out = &mut self.bytes;
        put(out, posting.key.wrapping_sub(before.key) as u64);
        put(out, zigzag(i64::from(posting.day) - i64::from(before.day)));
        put(out, zigzag((posting.id >> LINE_BITS) - (before.id >> LINE_BITS)));
        put(out, zigzag(low(&posting) - low(&before)));
        page
    }

    /// The page in the making, if it has anything.
    pub(super) fn close(&mut self) -> Option<Page> {
        let (first, last) = (self.first.take()?, self.last.take()?);
        let bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(PAGE_BYTES));
        Some(Page { first, last, bytes })
    }
}

const NOTHING: Posting = Posting { key: 0, day: 0, id: 0, subject: 0 };

/// Line number and subject in one.
fn low(posting: &Posting) -> i64 {
    ((posting.id & ((1 << LINE_BITS) - 1)) << 3) | i64::from(posting.subject)
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Reads a page; ends early where the bytes are none of ours.
pub(super) fn postings(mut bytes: &[u8]) -> impl Iterator<Item = Posting> {
    let mut before = NOTHING;
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let key = before.key.wrapping_add(take(&mut bytes)? as i64);
        let day = i64::from(before.day).wrapping_add(unzigzag(take(&mut bytes)?)) as i32;
        let high = (before.id >> LINE_BITS).wrapping_add(unzigzag(take(&mut bytes)?));
        let low = low(&before).wrapping_add(unzigzag(take(&mut bytes)?));
        let id = (high << LINE_BITS) | (low >> 3);
        before = Posting { key, day, id, subject: (low & 7) as u8 };
        Some(before)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn posting() -> impl Strategy<Value = Posting> {
        let id = prop_oneof![0..i64::MAX, (1_i64..9, 1_i64..999).prop_map(|(d, n)| (d << 32) | n)];
        let key = prop_oneof![0..i64::MAX, 0_i64..50];
        (key, -1_000_i32..60_000, id, 0_u8..8).prop_map(|(key, day, id, subject)| Posting {
            key,
            day,
            id,
            subject,
        })
    }

    proptest! {
        #[test]
        fn what_was_packed_is_read_again(
            mut all in proptest::collection::vec(posting(), 0..900),
        ) {
            all.sort_unstable();
            all.dedup();
            let mut packer = Packer::default();
            let mut pages: Vec<Page> = all.iter().filter_map(|p| packer.add(*p)).collect();
            pages.extend(packer.close());
            let read: Vec<Posting> = pages.iter().flat_map(|page| postings(&page.bytes)).collect();
            prop_assert_eq!(read, all);
            for page in &pages {
                prop_assert!(page.bytes.len() <= PAGE_BYTES);
                prop_assert!(page.first <= page.last);
            }
        }

        #[test]
        fn foreign_bytes_end_early_and_never_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            prop_assert!(postings(&bytes).count() <= bytes.len());
        }
    }
}
