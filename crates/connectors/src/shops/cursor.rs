//! How far a shop has been read, as data that is kept with the book.

use domain::BusinessDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Orders are listed again from this long before what was read.
const OVERLAP_MS: i64 = HOUR_MS;
/// Between two looks for new orders.
const NEW_GAP_MS: i64 = 30_000;
/// Between two looks at an order under way; a fiftieth of its age where that is more.
const AGAIN_GAP_MS: i64 = 5 * MINUTE_MS;
/// How long goods may be on their way.
const GOODS_MS: i64 = 14 * DAY_MS;
/// When a day is read again, after its end.
const RUNGS_MS: [i64; 6] =
    [2 * HOUR_MS, 3 * DAY_MS, 10 * DAY_MS, 30 * DAY_MS, 60 * DAY_MS, 90 * DAY_MS];

/// What is remembered of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    /// When it was placed.
    pub placed_ms: i64,
    /// When it was last read.
    pub read_ms: i64,
    /// What it said.
    pub digest: u64,
    /// Its money is under way.
    pub money: bool,
    /// Its goods or its money are under way.
    pub goods: bool,
}

impl Seen {
    fn is_watched(&self, now_ms: i64, watch_days: u32) -> bool {
        let age = now_ms.saturating_sub(self.placed_ms);
        let watch = i64::from(watch_days) * DAY_MS;
        age < watch && (self.money || (self.goods && age < GOODS_MS))
    }
}

/// How far a shop has been read. Kept as JSON; what is in it is nobody else's business.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Every order placed from the start to this instant was read.
    placed_ms: i64,
    /// The first instant of interest.
    start_ms: i64,
    /// When new orders were last asked for to the end of the list.
    #[serde(default)]
    new_at_ms: Option<i64>,
    /// Orders under way, and those read lately.
    #[serde(default)]
    seen: BTreeMap<String, Seen>,
    /// Days to be read again, and how often they were.
    #[serde(default)]
    days: BTreeMap<i32, u8>,
}

impl Cursor {
    /// Nothing read yet; orders placed before `start_ms` (UTC) are of no interest.
    pub fn starting(start_ms: i64) -> Self {
        Self { placed_ms: start_ms, start_ms, ..Self::default() }
    }

    /// Orders under way.
    pub fn open(&self) -> usize {
        self.seen.values().filter(|seen| seen.money || seen.goods).count()
    }

    /// Every order placed before this instant was read, UTC ms.
    pub fn placed_ms(&self) -> i64 {
        self.placed_ms
    }

    pub(super) fn listed_from_ms(&self) -> i64 {
        self.placed_ms.saturating_sub(OVERLAP_MS).max(self.start_ms)
    }

    pub(super) fn is_new_due(&self, now_ms: i64) -> bool {
        self.new_at_ms.is_none_or(|at| now_ms.saturating_sub(at) >= NEW_GAP_MS)
    }

    /// Ids of orders under way whose turn it is, at most `most`.
    pub(super) fn due_again(&self, now_ms: i64, most: usize) -> Vec<String> {
        let due = |seen: &Seen| {
            let age = now_ms.saturating_sub(seen.placed_ms);
            let gap = (age / 50).max(AGAIN_GAP_MS);
            (seen.money || seen.goods) && now_ms.saturating_sub(seen.read_ms) >= gap
        };
        let due = self.seen.iter().filter(|(_, seen)| due(seen));
        due.map(|(id, _)| id.clone()).take(most).collect()
    }

    /// The oldest day whose turn it is.
    pub(super) fn due_day(&self, now_ms: i64) -> Option<BusinessDate> {
        let due = |(day, rungs): (&i32, &u8)| {
            let day = BusinessDate::from_days(*day);
            let since = now_ms.saturating_sub(day.plus_days(1).start_ms());
            let rung = RUNGS_MS.get(usize::from(*rungs));
            rung.is_some_and(|rung| since >= *rung).then_some(day)
        };
        self.days.iter().find_map(due)
    }

    /// Notes that every order placed in a span was read. `end`: there are no more at `now_ms`.
    pub(super) fn read_until(
        &mut self,
        (from_ms, until_ms): (i64, i64),
        end: bool,
        now_ms: i64,
        watch_days: u32,
    ) {
        let mut day = BusinessDate::of_ms(from_ms);
        while day.plus_days(1).start_ms() <= until_ms {
            // A day read in one piece is proven as it is; one in several is read once more.
            if day.start_ms() >= from_ms {
                self.day_was_read(day, now_ms, watch_days);
            } else if day.plus_days(1).start_ms() > self.start_ms {
                self.days.entry(day.days()).or_insert(0);
            }
            day = day.plus_days(1);
        }
        self.placed_ms = self.placed_ms.max(until_ms);
        self.new_at_ms = end.then_some(now_ms);
    }

    /// Notes that a whole day was read.
    pub(super) fn day_was_read(&mut self, day: BusinessDate, now_ms: i64, watch_days: u32) {
        let since = now_ms.saturating_sub(day.plus_days(1).start_ms());
        let done = RUNGS_MS.iter().filter(|rung| **rung <= since).count();
        let watch = i64::from(watch_days) * DAY_MS;
        match RUNGS_MS.get(done) {
            Some(rung) if *rung <= watch => {
                // At most six.
                self.days.insert(day.days(), done as u8);
            }
            _ => drop(self.days.remove(&day.days())),
        }
    }

    /// Notes what an order says now. False when it is what it said before.
    pub(super) fn note(&mut self, id: &str, seen: Seen, watch_days: u32) -> bool {
        let known = self.seen.get(id).is_some_and(|before| before.digest == seen.digest);
        let lately = seen.placed_ms >= self.listed_from_ms();
        if lately || seen.is_watched(seen.read_ms, watch_days) {
            self.seen.insert(id.to_owned(), seen);
        } else {
            self.seen.remove(id);
        }
        !known
    }

    /// An order the shop no longer gives out.
    pub(super) fn forget(&mut self, id: &str) {
        self.seen.remove(id);
    }

    /// Drops what is neither under way nor in the overlap any more.
    pub(super) fn tidy(&mut self, now_ms: i64, watch_days: u32) {
        let lately = self.listed_from_ms();
        self.seen.retain(|_, seen| {
            let watched = seen.is_watched(now_ms, watch_days);
            seen.money &= watched;
            seen.goods &= watched;
            watched || seen.placed_ms >= lately
        });
    }
}
