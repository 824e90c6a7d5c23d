//! Events that the book knows already, by what makes them the same event.

use crate::error::Error;
use domain::keys::KeyMap;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use store::bulk::{Cell, Loader};
use store::pack::{self, Packed, Record};

/// The word that counts for an event, from earlier documents or earlier in this one.
#[derive(Clone, Copy)]
struct Known<T> {
    item: T,
    content: u64,
}

/// Events known so far, by identity, of the days this file has touched.
pub struct Days<T>(HashMap<i32, KeyMap<Known<T>>>);

impl<T> Default for Days<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

/// What to do with a row after its identity was looked up.
pub enum Verdict<T> {
    New,
    /// As another line says it already.
    Known(i64),
    /// A later word: it counts from now on, the other no longer does.
    Replaces(T),
    /// An earlier word of an event whose later word is already here.
    ReplacedBy(i64),
}

impl<T: Record> Verdict<T> {
    /// The line that counts for the event, of which line `id` is the latest word.
    pub fn stands(&self, id: i64) -> i64 {
        match self {
            Self::New | Self::Replaces(_) => id,
            Self::Known(line) | Self::ReplacedBy(line) => *line,
        }
    }
}

/// Looks an event up among those of its day, reading the day's packs the first time.
pub fn look_up<T: Record>(
    loader: &mut Loader<'_>,
    days: &mut Days<T>,
    stream: i64,
    day: i32,
    identity: u64,
    item: T,
) -> Result<Verdict<T>, Error> {
    let known = match days.0.entry(day) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unread) => unread.insert(read_day::<T>(loader, stream, day)?),
    };
    let content = item.content();
    let Some(earlier) = known.get_mut(&identity) else {
        known.insert(identity, Known { item, content });
        return Ok(Verdict::New);
    };
    if earlier.content == content {
        return Ok(Verdict::Known(earlier.item.id()));
    }
    if item.rank() > earlier.item.rank() {
        let old = earlier.item;
        *earlier = Known { item, content };
        return Ok(Verdict::Replaces(old));
    }
    Ok(Verdict::ReplacedBy(earlier.item.id()))
}

fn read_day<T: Record>(
    loader: &mut Loader<'_>,
    stream: i64,
    day: i32,
) -> Result<KeyMap<Known<T>>, Error> {
    let mut known: KeyMap<Known<T>> = KeyMap::default();
    let mut broken = None;
    loader.query(
        "select document_id, bytes from day_pack where stream = $1 and day = $2",
        &[Cell::Int(stream), Cell::Int(i64::from(day))],
        |row| {
            let document = row.int(0)?;
            let Some(records) = pack::decode::<T>(row.blob(1)?, document, day) else {
                broken = Some(document);
                return Ok(());
            };
            for Packed { identity, item } in records {
                let content = item.content();
                let entry = known.entry(identity).or_insert(Known { item, content });
                if item.rank() > entry.item.rank() {
                    *entry = Known { item, content };
                }
            }
            Ok(())
        },
    )?;
    match broken {
        Some(document) => Err(Error::DamagedPack { document, day }),
        None => Ok(known),
    }
}
