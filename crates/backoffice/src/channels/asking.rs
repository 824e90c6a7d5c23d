//! When each connection is asked by itself: by the schedule of its bills or every few minutes, a
//! little off the full hour, and less often while asking comes to nothing.

use super::connections::{self, Connection};
use super::coverage::Known;
use super::credentials;
use super::due;
use super::sync::{ConnectionSync, KEYS_ELSEWHERE};
use crate::error::Error;
use store::Book;
use store::bulk::{Cell, Loader, Reader, Writer};
use store::pack::digest_of;

const MINUTE_MS: i64 = 60_000;
/// Merchants do not all ask at ten o'clock sharp.
const SPREAD_MS: i64 = 10 * MINUTE_MS;
/// Between two looks at a shop.
const SHOP_GAP_MS: i64 = 5 * MINUTE_MS;
/// The first rest after asking came to nothing; each further one is twice as long.
const FIRST_REST_MS: i64 = 5 * MINUTE_MS;
/// The longest.
const LONGEST_REST_MS: i64 = 6 * 60 * MINUTE_MS;
/// Without a network it costs nobody anything to look again soon.
const OFFLINE_REST_MS: i64 = 2 * MINUTE_MS;
/// What was found out about the network holds no longer than this.
const LATELY_MS: i64 = 5 * MINUTE_MS;
/// Who stops a sync wants some quiet.
const STOPPED_REST_MS: i64 = 30 * MINUTE_MS;

/// Code of a connection whose keys that were to sign are refused, while the others sign.
const OTHER_SIGNS: &str = "other_signs";

/// When a connection is asked next by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Number of the connection.
    pub connection: i64,
    /// Not before this time, UTC ms; it may be over.
    pub at_ms: i64,
    /// True when there was no network the last time.
    pub offline: bool,
}

/// When each connection that is not paused is asked next. Opens no key.
///
/// # Errors
/// The database's.
pub fn asking(reader: &mut Reader, now_ms: i64) -> Result<Vec<Asking>, Error> {
    let mut found = Vec::new();
    for connection in connections::list(reader)?.into_iter().filter(|found| !found.paused) {
        let known = match connection.kind.bill_plan() {
            Some(_) => Known::read(reader, connection.id)?,
            None => Known::default(),
        };
        found.push(next(&connection, &known, now_ms));
    }
    Ok(found)
}

/// True when it is known that there is no network: of the connections asked in the last five
/// minutes none could be reached. False also when nobody asked: then it is not known.
///
/// # Errors
/// The database's.
pub fn is_offline(reader: &mut Reader, now_ms: i64) -> Result<bool, Error> {
    let all = connections::list(reader)?;
    let asked = all.iter().map(|found| (found.asked_at_ms, found.rest_code.as_str()));
    Ok(none_reached(asked, now_ms))
}

fn none_reached<'a>(asked: impl Iterator<Item = (Option<i64>, &'a str)>, now_ms: i64) -> bool {
    let lately = |at: i64| (0..=LATELY_MS).contains(&now_ms.saturating_sub(at));
    let mut asked = asked.filter(|(at, _)| at.is_some_and(lately)).peekable();
    asked.peek().is_some() && asked.all(|(_, code)| code == "offline")
}

/// Numbers of the connections whose time has come and whose keys this seat can open.
///
/// # Errors
/// The database's.
pub fn due_now(book: &Book, now_ms: i64) -> Result<Vec<i64>, Error> {
    let mut reader = Reader::open(book)?;
    let due = asking(&mut reader, now_ms)?.into_iter().filter(|one| one.at_ms <= now_ms);
    let due: Vec<i64> = due.map(|one| one.connection).collect();
    if due.is_empty() {
        return Ok(due);
    }
    let own = credentials::own_key(book);
    let ours = connections::list(&mut reader)?.into_iter();
    let ours = ours.filter(|found| due.contains(&found.id) && found.opens_with(own.as_deref()));
    Ok(ours.map(|found| found.id).collect())
}

fn next(connection: &Connection, known: &Known, now_ms: i64) -> Asking {
    let late_ms = spread_ms(connection);
    let at_ms = match connection.kind.bill_plan() {
        Some(plan) => {
            let streams = connection.kind.streams();
            due::next_ms(&plan, streams, known, (connection.from_day, now_ms)) + late_ms
        }
        // A tenth of it is as much of five minutes.
        None => connection.asked_at_ms.map_or(0, |at| at + SHOP_GAP_MS + late_ms / 10),
    };
    Asking {
        connection: connection.id,
        at_ms: at_ms.max(connection.rest_until_ms.unwrap_or(i64::MIN)),
        offline: connection.rest_code == "offline",
    }
}

/// How much later than the schedule says: always the same for an account.
fn spread_ms(connection: &Connection) -> i64 {
    let of = [Cell::Text(connection.kind.code()), Cell::Text(&connection.account_no)];
    digest_of(&of).rem_euclid(SPREAD_MS)
}

/// How long a connection is left alone after `failures` in a row.
fn rest_ms(code: &str, failures: i64) -> i64 {
    match code {
        "offline" => OFFLINE_REST_MS,
        _ => {
            let doublings = u32::try_from(failures.clamp(1, 12) - 1).unwrap_or(0);
            (FIRST_REST_MS << doublings).min(LONGEST_REST_MS)
        }
    }
}

/// Remembers how a sync went, so that the next one by itself comes at the right time.
pub(super) fn remember(
    book: &Book,
    asked: &[ConnectionSync],
    stopped: bool,
    now_ms: i64,
) -> Result<(), Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    // Another seat may have the keys that this one lacks.
    for done in asked.iter().filter(|done| done.trouble != KEYS_ELSEWHERE) {
        let id = Cell::Int(done.connection);
        let mut failures = 0;
        loader.query("select failures from connection where id = $1", &[id], |row| {
            failures = row.int(0)?;
            Ok(())
        })?;
        let (failures, rest) = match (done.left, done.trouble.as_str()) {
            (true, "") if stopped => (failures, Some((STOPPED_REST_MS, "stopped"))),
            (true, code) if !code.is_empty() => {
                (failures + 1, Some((rest_ms(code, failures + 1), code)))
            }
            _ => (0, None),
        };
        loader.execute(
            "update connection set asked_at_ms = $2, failures = $3, rest_until_ms = $4, \
             rest_code = $5, their_until_ms = coalesce($6, their_until_ms) where id = $1",
            &[
                id,
                Cell::Int(now_ms),
                Cell::Int(failures),
                rest.map_or(Cell::Null, |(rest_ms, _)| Cell::Int(now_ms + rest_ms)),
                Cell::Text(rest.map_or("", |(_, code)| code)),
                done.their_until_ms.map_or(Cell::Null, Cell::Int),
            ],
        )?;
        remember_keys(&mut loader, done, now_ms)?;
    }
    Ok(loader.commit()?)
}

/// Whether the keys that were to sign did, and the end of a change whose old keys are over.
fn remember_keys(loader: &mut Loader<'_>, done: &ConnectionSync, now_ms: i64) -> Result<(), Error> {
    let id = Cell::Int(done.connection);
    if done.other_signs {
        loader.execute(
            "update connection set checked_at_ms = $2, check_code = $3 where id = $1",
            &[id, Cell::Int(now_ms), Cell::Text(OTHER_SIGNS)],
        )?;
    } else if done.asked > 0 && done.failed == 0 {
        loader.execute(
            "update connection set check_code = '' where id = $1 and check_code = $2",
            &[id, Cell::Text(OTHER_SIGNS)],
        )?;
    }
    credentials::retire_ended(loader, done.connection, now_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_that_fails_is_asked_less_and_less_and_a_lost_line_soon_again() {
        let rests: Vec<i64> =
            (1..=9).map(|failures| rest_ms("unavailable", failures) / MINUTE_MS).collect();
        assert_eq!(rests, [5, 10, 20, 40, 80, 160, 320, 360, 360]);
        assert_eq!(rest_ms("unavailable", i64::MAX), LONGEST_REST_MS);
        assert_eq!(rest_ms("offline", 9), OFFLINE_REST_MS);
    }

    #[test]
    fn without_a_fresh_word_nobody_is_said_to_be_offline() {
        let offline = |asked: &[(Option<i64>, &str)]| none_reached(asked.iter().copied(), 600_000);
        assert!(!offline(&[]), "a book without connections");
        assert!(!offline(&[(None, "")]), "nobody was asked yet");
        assert!(!offline(&[(Some(299_999), "offline")]), "an old word");
        assert!(!offline(&[(Some(700_000), "offline")]), "the clock was set back");
        assert!(offline(&[(Some(300_000), "offline"), (Some(1), ""), (None, "")]));
        assert!(!offline(&[(Some(590_000), "offline"), (Some(599_000), "")]), "one was reached");
    }
}
