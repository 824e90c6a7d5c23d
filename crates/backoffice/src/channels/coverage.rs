//! What of a connection is proven to be here, by stream and day.

use super::connections::Connection;
use super::due::{first_in_reach, last_ready, ready_ms};
use super::health::{Asks, asks_of};
use crate::error::Error;
use domain::BusinessDate;
use std::collections::{BTreeMap, HashMap};
use store::bulk::{Cell, Reader};

/// Days before the end of a channel's reach from which a missing day is warned of.
const EDGE_DAYS: i32 = 14;

/// The first instants of the days of a span.
fn days(from_ms: i64, until_ms: i64) -> impl Iterator<Item = i64> {
    let first = BusinessDate::of_ms(from_ms).days();
    let days = first..=BusinessDate::of_ms(until_ms.saturating_sub(1)).days();
    days.map(|day| BusinessDate::from_days(day).start_ms())
}

/// What is known of a stream, by the start of a span, UTC ms.
#[derive(Debug, Default)]
pub(super) struct StreamKnown {
    /// When a proven span was last fetched.
    pub proven: BTreeMap<i64, i64>,
    /// When what failed is asked for again.
    pub troubles: BTreeMap<i64, i64>,
    /// How often it was asked for.
    pub tries: BTreeMap<i64, i64>,
}

/// What is known of a connection.
#[derive(Debug, Default)]
pub(super) struct Known {
    streams: HashMap<String, StreamKnown>,
    /// Where streams without days go on.
    pub cursors: HashMap<String, String>,
    none: StreamKnown,
}

impl Known {
    pub fn stream(&self, stream: &str) -> &StreamKnown {
        self.streams.get(stream).unwrap_or(&self.none)
    }

    pub fn prove(&mut self, stream: &str, from_ms: i64, taken_ms: i64) {
        let taken = self.streams.entry(stream.to_owned()).or_default().proven.entry(from_ms);
        let taken = taken.or_insert(taken_ms);
        *taken = (*taken).max(taken_ms);
    }

    pub fn trouble(&mut self, stream: &str, from_ms: i64, next_ms: i64) {
        self.streams.entry(stream.to_owned()).or_default().troubles.insert(from_ms, next_ms);
    }

    pub fn read(reader: &mut Reader, connection: i64) -> Result<Self, Error> {
        let mut known = Self::default();
        let id = [Cell::Int(connection)];
        reader.query(
            "select stream, from_ms, taken_at_ms, until_ms from coverage \
             where connection_id = $1 and proof <> 'broken'",
            &id,
            |row| {
                for day_ms in days(row.int(1)?, row.int(3)?) {
                    known.prove(row.text(0)?, day_ms, row.int(2)?);
                }
                Ok(())
            },
        )?;
        reader.query(
            "select stream, from_ms, next_at_ms, until_ms, tries from sync_trouble \
             where connection_id = $1",
            &id,
            |row| {
                let stream = known.streams.entry(row.text(0)?.to_owned()).or_default();
                stream.tries.insert(row.int(1)?, row.int(4)?);
                for day_ms in days(row.int(1)?, row.int(3)?) {
                    known.trouble(row.text(0)?, day_ms, row.int(2)?);
                }
                Ok(())
            },
        )?;
        reader.query(
            "select stream, cursor from sync_cursor where connection_id = $1",
            &id,
            |row| {
                known.cursors.insert(row.text(0)?.to_owned(), row.text(1)?.to_owned());
                Ok(())
            },
        )?;
        Ok(known)
    }
}

/// What is known of one day of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DayState {
    /// A file that proves itself is here.
    Proven,
    /// The channel says there is nothing.
    Empty,
    /// Its bill cannot be there yet.
    NotYet,
    /// It can be asked for and was not.
    Missing,
    /// What came contradicts itself, or it or a row of it could not be read.
    Broken,
    /// The last try failed; see [`Trouble`].
    Failed,
    /// Missing, and the channel soon gives it out no more.
    AtEdge,
    /// Missing, and the channel gives it out no more.
    Lost,
}

impl DayState {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Empty => "empty",
            Self::NotYet => "not_yet",
            Self::Missing => "missing",
            Self::Broken => "broken",
            Self::Failed => "failed",
            Self::AtEdge => "at_edge",
            Self::Lost => "lost",
        }
    }

    /// True when nothing of the day can be missing.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Proven | Self::Empty)
    }
}

/// What could not be had at the last try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Stream code.
    pub stream: String,
    /// First instant of the span, UTC ms.
    pub from_ms: i64,
    /// First instant after it.
    pub until_ms: i64,
    /// Code of what was wrong.
    pub code: String,
    /// The channel's own code, or a field; no secret, no sentence.
    pub detail: String,
    /// Tries so far.
    pub tries: i64,
    /// The last one, UTC ms.
    pub tried_at_ms: i64,
    /// Not asked for by itself before this time.
    pub next_at_ms: i64,
}

/// The days of one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamDays {
    /// Stream code: `trade`, `fund:basic`.
    pub stream: String,
    /// State of each day from the connection's first to today.
    pub days: Vec<(BusinessDate, DayState)>,
    /// Last day up to which every day is whole; `None` when the first is not.
    pub proven_until: Option<BusinessDate>,
    /// How the last asks went.
    pub asks: Asks,
}

impl StreamDays {
    /// Days whose bill should be here and is not proven.
    pub fn backlog(&self) -> usize {
        let waits = |state: DayState| !state.is_whole() && state != DayState::NotYet;
        self.days.iter().filter(|(_, state)| waits(*state)).count()
    }
}

/// What is known of a connection's days, and what went wrong.
///
/// # Errors
/// The database's.
pub fn coverage_of(
    reader: &mut Reader,
    connection: &Connection,
    now_ms: i64,
) -> Result<(Vec<StreamDays>, Vec<Trouble>), Error> {
    let troubles = troubles(reader, connection.id)?;
    let mut asks = asks_of(reader, connection.id)?;
    let mut proofs: HashMap<(String, i64), (i64, String)> = HashMap::new();
    reader.query(
        "select stream, from_ms, taken_at_ms, proof, until_ms from coverage \
         where connection_id = $1",
        &[Cell::Int(connection.id)],
        |row| {
            let taken = row.int(2)?;
            for day_ms in days(row.int(1)?, row.int(4)?) {
                let key = (row.text(0)?.to_owned(), day_ms);
                if proofs.get(&key).is_none_or(|(known, _)| *known < taken) {
                    proofs.insert(key, (taken, row.text(3)?.to_owned()));
                }
            }
            Ok(())
        },
    )?;
    let Some(plan) = connection.kind.bill_plan() else {
        let days = listed_days(reader, connection, (&troubles, asks), now_ms)?;
        return Ok((days, troubles));
    };
    let edge = first_in_reach(&plan, now_ms);
    let last = last_ready(&plan, now_ms);
    let today = BusinessDate::of_ms(now_ms).days();
    let state = |stream: &str, day: i32| {
        let from_ms = BusinessDate::from_days(day).start_ms();
        let failed = || {
            let inside = |t: &&Trouble| (t.from_ms..t.until_ms).contains(&from_ms);
            troubles.iter().filter(|t| t.stream == stream).any(|t| inside(&t))
        };
        match proofs.get(&(stream.to_owned(), from_ms)).map(|(_, proof)| proof.as_str()) {
            Some("empty") => DayState::Empty,
            Some("broken") => DayState::Broken,
            Some(_) => DayState::Proven,
            None if day > last || ready_ms(&plan, day) > now_ms => DayState::NotYet,
            None if day < edge => DayState::Lost,
            None if day < edge + EDGE_DAYS => DayState::AtEdge,
            None if failed() => DayState::Failed,
            None => DayState::Missing,
        }
    };
    let streams = connection.kind.streams().iter().map(|stream| {
        let days: Vec<_> = (connection.from_day..=today)
            .map(|day| (BusinessDate::from_days(day), state(stream, day)))
            .collect();
        let whole = days.iter().take_while(|(_, state)| state.is_whole());
        let proven_until = whole.last().map(|(day, _)| *day);
        let asks = asks.remove(*stream).unwrap_or_default();
        StreamDays { stream: (*stream).to_owned(), days, proven_until, asks }
    });
    Ok((streams.collect(), troubles))
}

/// Days of a stream that is read as one list: whole once the list was read over all of them.
fn listed_days(
    reader: &mut Reader,
    connection: &Connection,
    (troubles, mut asks): (&[Trouble], HashMap<String, Asks>),
    now_ms: i64,
) -> Result<Vec<StreamDays>, Error> {
    let mut found = Vec::new();
    for stream in connection.kind.streams() {
        let mut read: Vec<(i64, i64)> = Vec::new();
        let mut broken: Vec<(i64, i64)> = Vec::new();
        reader.query(
            "select from_ms, until_ms, proof from coverage where connection_id = $1 \
             and stream = $2 order by from_ms, until_ms",
            &[Cell::Int(connection.id), Cell::Text(stream)],
            |row| {
                let (from, until) = (row.int(0)?, row.int(1)?);
                match read.last_mut() {
                    _ if row.text(2)? == "broken" => broken.push((from, until)),
                    Some(last) if from <= last.1 => last.1 = last.1.max(until),
                    _ => read.push((from, until)),
                }
                Ok(())
            },
        )?;
        let state = |day: i32| {
            let whole = (BusinessDate::from_days(day), BusinessDate::from_days(day + 1));
            let (from, until) = (whole.0.start_ms(), whole.1.start_ms());
            let inside = |span: &(i64, i64)| span.0 <= from && until <= span.1;
            match read.iter().any(inside) {
                true => DayState::Proven,
                false if until > now_ms => DayState::NotYet,
                false if broken.iter().any(|span| span.0 < until && from < span.1) => {
                    DayState::Broken
                }
                false if troubles.is_empty() => DayState::Missing,
                false => DayState::Failed,
            }
        };
        let today = BusinessDate::of_ms(now_ms).days();
        let days: Vec<_> = (connection.from_day..=today)
            .map(|day| (BusinessDate::from_days(day), state(day)))
            .collect();
        let proven_until = days.iter().take_while(|(_, state)| state.is_whole()).last();
        let proven_until = proven_until.map(|(day, _)| *day);
        let asks = asks.remove(*stream).unwrap_or_default();
        found.push(StreamDays { stream: (*stream).to_owned(), days, proven_until, asks });
    }
    Ok(found)
}

fn troubles(reader: &mut Reader, connection: i64) -> Result<Vec<Trouble>, Error> {
    let mut troubles = Vec::new();
    reader.query(
        "select stream, from_ms, until_ms, code, detail, tries, tried_at_ms, next_at_ms \
         from sync_trouble where connection_id = $1 order by from_ms, stream",
        &[Cell::Int(connection)],
        |row| {
            troubles.push(Trouble {
                stream: row.text(0)?.to_owned(),
                from_ms: row.int(1)?,
                until_ms: row.int(2)?,
                code: row.text(3)?.to_owned(),
                detail: row.text(4)?.to_owned(),
                tries: row.int(5)?,
                tried_at_ms: row.int(6)?,
                next_at_ms: row.int(7)?,
            });
            Ok(())
        },
    )?;
    Ok(troubles)
}
