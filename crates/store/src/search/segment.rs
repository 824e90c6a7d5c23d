//! Segments: sorted postings on disk, written once, merged when small ones have gathered.

use super::page::{Packer, Page, postings};
use super::{Index, Posting};
use crate::bulk::{Cell, Loader, TableSpec};
use crate::error::StoreError;
use std::collections::HashSet;

pub(super) static TEXT: TableSpec = TableSpec::new("search_text", &["id", "text"]).skip_existing();
static PAGE: TableSpec = TableSpec::new(
    "search_page",
    &["segment", "kind", "page", "first_key", "first_day", "last_key", "bytes"],
);

/// Segments of one level that are merged into one of the next.
const FAN: usize = 8;
/// Segments with more postings stay as they are: a question reads a page of each.
const LARGE: i64 = 2_000_000;
/// Pages a merge reads before it writes.
const MERGE_PAGES: usize = 256;

/// Which of these texts the book has.
pub(super) fn known_texts(
    loader: &mut Loader<'_>,
    ids: impl Iterator<Item = i64>,
) -> Result<HashSet<i64>, StoreError> {
    let mut cells: Vec<Cell<'_>> = ids.map(Cell::Int).collect();
    let Some(last) = cells.last().copied() else { return Ok(HashSet::new()) };
    // One statement for any number of ids, prepared once.
    cells.resize(20, last);
    let mut there = HashSet::new();
    loader.query(
        "select id from search_text where id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
         $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        &cells,
        |row| {
            there.insert(row.int(0)?);
            Ok(())
        },
    )?;
    Ok(there)
}

/// A segment sorted and packed, ready to be stored.
pub(super) struct Packed {
    size: i64,
    pages: Vec<(Index, Vec<Page>)>,
}

impl Packed {
    /// Sorts and packs one list of postings for each index; asks no database.
    pub(super) fn new(lists: Vec<Vec<Posting>>) -> Self {
        let size = lists.iter().map(|list| list.len() as i64).sum();
        let pages = Index::ALL.into_iter().zip(lists).map(|(index, mut list)| {
            list.sort_unstable();
            let mut packer = Packer::default();
            let mut pages: Vec<Page> = list.into_iter().filter_map(|p| packer.add(p)).collect();
            pages.extend(packer.close());
            (index, pages)
        });
        Self { size, pages: pages.collect() }
    }
}

/// Stores a segment, and merges where it is time to.
pub(super) fn write(loader: &mut Loader<'_>, packed: &Packed) -> Result<(), StoreError> {
    if packed.size == 0 {
        return Ok(());
    }
    let segment = open_segment(loader, 0, packed.size)?;
    for (index, pages) in &packed.pages {
        for (number, page) in (0..).zip(pages) {
            insert_page(loader, (segment, *index, number), page)?;
        }
    }
    merge(loader)
}

fn open_segment(loader: &mut Loader<'_>, level: i64, size: i64) -> Result<i64, StoreError> {
    let mut segment = 1;
    loader.query("select coalesce(max(id), 0) + 1 from search_segment", &[], |row| {
        segment = row.int(0)?;
        Ok(())
    })?;
    loader.execute(
        "insert into search_segment (id, level, postings) values ($1, $2, $3)",
        &[Cell::Int(segment), Cell::Int(level), Cell::Int(size)],
    )?;
    Ok(segment)
}

/// Pages of one index on their way into a segment.
struct Pages {
    segment: i64,
    index: Index,
    next: i64,
    packer: Packer,
}

impl Pages {
    fn add(&mut self, loader: &mut Loader<'_>, posting: Posting) -> Result<(), StoreError> {
        match self.packer.add(posting) {
            Some(page) => self.insert(loader, &page),
            None => Ok(()),
        }
    }

    fn finish(mut self, loader: &mut Loader<'_>) -> Result<(), StoreError> {
        match self.packer.close() {
            Some(page) => self.insert(loader, &page),
            None => Ok(()),
        }
    }

    fn insert(&mut self, loader: &mut Loader<'_>, page: &Page) -> Result<(), StoreError> {
        let number = self.next;
        self.next += 1;
        insert_page(loader, (self.segment, self.index, number), page)
    }
}

fn insert_page(
    loader: &mut Loader<'_>,
    (segment, index, number): (i64, Index, i64),
    page: &Page,
) -> Result<(), StoreError> {
    loader.insert(
        &PAGE,
        &[
            Cell::Int(segment),
            Cell::Int(index.number()),
            Cell::Int(number),
            Cell::Int(page.first.key),
            Cell::Int(i64::from(page.first.day)),
            Cell::Int(page.last.key),
            Cell::Blob(&page.bytes),
        ],
    )
}

/// Merges each level that is full; a merge may fill the next.
fn merge(loader: &mut Loader<'_>) -> Result<(), StoreError> {
    for level in 0.. {
        let (mut ids, mut size) = (Vec::new(), 0);
        loader.query(
            "select id, postings from search_segment where level = $1 and postings < $2 \
             order by id",
            &[Cell::Int(level), Cell::Int(LARGE)],
            |row| {
                ids.push(row.int(0)?);
                size += row.int(1)?;
                Ok(())
            },
        )?;
        if ids.len() < FAN {
            break;
        }
        let segment = open_segment(loader, level + 1, size)?;
        let list = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        for index in Index::ALL {
            merge_index(loader, index, &list, segment)?;
        }
        loader.batch(&format!(
            "delete from search_page where segment in ({list}); \
             delete from search_segment where id in ({list})"
        ))?;
    }
    Ok(())
}

/// A page in the order in which a merge reads them: by the first posting in it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    first: (i64, i32),
    segment: i64,
    last_key: i64,
    page: i64,
}

/// Reads the pages in the order in which they begin, and writes what no later page can precede.
fn merge_index(
    loader: &mut Loader<'_>,
    index: Index,
    list: &str,
    segment: i64,
) -> Result<(), StoreError> {
    let mut places = Vec::new();
    loader.query(
        &format!(
            "select first_key, first_day, segment, last_key, page from search_page \
             where segment in ({list}) and kind = $1"
        ),
        &[Cell::Int(index.number())],
        |row| {
            places.push(Place {
                first: (row.int(0)?, row.int(1)? as i32),
                segment: row.int(2)?,
                last_key: row.int(3)?,
                page: row.int(4)?,
            });
            Ok(())
        },
    )?;
    places.sort_unstable();
    let mut pages = Pages { segment, index, next: 0, packer: Packer::default() };
    let mut waiting: Vec<Posting> = Vec::new();
    let mut windows = places.chunks(MERGE_PAGES).peekable();
    while let Some(window) = windows.next() {
        for place in window {
            read_page(loader, index, place, &mut waiting)?;
        }
        waiting.sort_unstable();
        let ready = match windows.peek().and_then(|next| next.first()) {
            Some(next) => waiting.partition_point(|p| (p.key, p.day) < next.first),
            None => waiting.len(),
        };
        for posting in waiting.drain(..ready) {
            pages.add(loader, posting)?;
        }
    }
    pages.finish(loader)
}

fn read_page(
    loader: &mut Loader<'_>,
    index: Index,
    place: &Place,
    into: &mut Vec<Posting>,
) -> Result<(), StoreError> {
    loader.query(
        "select bytes from search_page \
         where segment = $1 and kind = $2 and last_key = $3 and page = $4",
        &[
            Cell::Int(place.segment),
            Cell::Int(index.number()),
            Cell::Int(place.last_key),
            Cell::Int(place.page),
        ],
        |row| {
            into.extend(postings(row.blob(0)?));
            Ok(())
        },
    )
}
