//! What people do with payouts: they see them, note something, go on to the next.

use super::log::{self, Actor, Body, DecisionKind, Draft, Log};
use super::{LoggedDecision, standing};
use crate::channels::is_offline;
use crate::error::Error;
use serde::Serialize;
use std::collections::BTreeSet;
use store::Book;
use store::bulk::{Cell, Loader, Reader, Writer};

/// Who saw a payout, and which one waits next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Id of the payout.
    pub payout: String,
    /// Who.
    pub by: String,
    /// When, UTC ms.
    pub at_ms: i64,
    /// It was known that there was no network; false says nothing.
    pub offline: bool,
    /// The newest payout nobody has seen.
    pub next: Option<String>,
}

/// Marks a payout as seen. Seeing it again makes a new mark.
///
/// # Errors
/// [`Error::NotFound`]; the database's.
pub fn review(book: &Book, actor: Actor<'_>, payout: &str) -> Result<Review, Error> {
    let offline = is_offline(&mut Reader::open(book)?, actor.at_ms)?;
    let mut body = Body { offline: offline.then_some(true), ..Body::default() };
    let id = decide(book, actor, payout, |amount_minor, unexplained_minor| {
        body.effect_minor = Some(amount_minor);
        body.unexplained_minor = Some(unexplained_minor);
        Ok((DecisionKind::Review, body))
    })?;
    let next = next_to_review(&mut Reader::open(book)?, Some(&id))?;
    Ok(Review { payout: id, by: actor.name.to_owned(), at_ms: actor.at_ms, offline, next })
}

/// Notes something on a payout; its id.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BadInput`] for an empty note.
pub fn note_payout(
    book: &Book,
    actor: Actor<'_>,
    payout: &str,
    text: &str,
) -> Result<String, Error> {
    let reason = text.trim().to_owned();
    decide(book, actor, payout, |_, _| {
        if reason.is_empty() {
            let reason = "a note says something".to_owned();
            return Err(Error::BadInput { field: "note", reason });
        }
        Ok((DecisionKind::Note, Body { reason, ..Body::default() }))
    })
}

fn decide(
    book: &Book,
    actor: Actor<'_>,
    payout: &str,
    say: impl FnOnce(i64, i64) -> Result<(DecisionKind, Body), Error>,
) -> Result<String, Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let (id, amount_minor, unexplained_minor) = find(&mut loader, payout)?;
    let (kind, body) = say(amount_minor, unexplained_minor)?;
    log::append(&mut loader, actor, &[Draft { kind, subject: format!("payout:{id}"), body }])?;
    let log = Log::load(&mut loader)?;
    standing::stand_payouts(&mut loader, &log, Some(&BTreeSet::from([id.clone()])))?;
    loader.commit()?;
    Ok(id)
}

/// A payout by its id, or by the channel's number when only one has it.
fn find(loader: &mut Loader<'_>, payout: &str) -> Result<(String, i64, i64), Error> {
    let mut found = Vec::new();
    loader.query(
        "select id, amount_minor, unexplained_minor from payout where id = $1 or number = $1 \
         order by id",
        &[Cell::Text(payout)],
        |row| {
            found.push((row.text(0)?.to_owned(), row.int(1)?, row.int(2)?));
            Ok(())
        },
    )?;
    if let Some(exact) = found.iter().position(|(id, ..)| id == payout) {
        return Ok(found.swap_remove(exact));
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Error::NotFound { what: "payout", id: payout.to_owned() }),
        _ => {
            let reason = "several payouts have this number; use the id".to_owned();
            Err(Error::BadInput { field: "payout", reason })
        }
    }
}

/// The newest payout that nobody has seen, other than the one at hand.
///
/// # Errors
/// The database's.
pub fn next_to_review(reader: &mut Reader, but: Option<&str>) -> Result<Option<String>, Error> {
    let mut next = None;
    reader.query(
        "select id from payout where reviewed_at_ms is null and id <> $1 \
         order by day desc, id desc limit 1",
        &[Cell::Text(but.unwrap_or(""))],
        |row| {
            next = Some(row.text(0)?.to_owned());
            Ok(())
        },
    )?;
    Ok(next)
}

/// Reviews and notes of a payout, newest first.
///
/// # Errors
/// The database's.
pub fn payout_history(reader: &mut Reader, id: &str) -> Result<Vec<LoggedDecision>, Error> {
    super::history(reader, Some(&format!("payout:{id}")), usize::MAX)
}
