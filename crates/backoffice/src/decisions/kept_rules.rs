//! The rules that stand: what is always treated like this, listed and taken back.

use super::log::{Actor, DecisionKind, Log};
use super::{Undone, undo};
use crate::error::Error;
use serde::Serialize;
use std::collections::HashMap;
use store::Book;
use store::bulk::Reader;

/// A rule that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptRule {
    /// Number of the decision that made it.
    pub id: i64,
    /// Kind code of the breaks it is for; `unknown_row` for rows of a word.
    pub kind: String,
    /// Channel code of the rows of a word; empty for a kind.
    pub channel: String,
    /// The channel's words of those rows; empty for a kind.
    pub word: String,
    /// `accept` or `carry`; of a word the code of the class that its rows have.
    pub act: String,
    /// Only up to this effect, whatever its sign, minor units of the yuan.
    pub limit_minor: Option<i64>,
    /// Why, in the person's words.
    pub reason: String,
    /// Who made it.
    pub by: String,
    /// When, UTC ms.
    pub at_ms: i64,
    /// Breaks that stand by it now.
    pub breaks: i64,
}

/// The rules that hold, the newest first.
///
/// # Errors
/// The database's.
pub fn list_rules(reader: &mut Reader) -> Result<Vec<KeptRule>, Error> {
    let mut breaks: HashMap<i64, i64> = HashMap::new();
    reader.query(
        "select decision_id, count(*) from break where decision_id is not null \
         group by decision_id",
        &[],
        |row| {
            breaks.insert(row.int(0)?, row.int(1)?);
            Ok(())
        },
    )?;
    let log = Log::load(reader)?;
    let rules = log.holding().rev().filter_map(|decision| {
        let body = &decision.body;
        let (kind, word, act) = match (decision.kind, decision.subject.split_once(':')?) {
            (DecisionKind::Rule, ("kind", kind)) => (kind, "", &body.act),
            (DecisionKind::Classify, ("word", _)) => {
                ("unknown_row", body.word.as_str(), &body.becomes)
            }
            _ => return None,
        };
        Some(KeptRule {
            id: decision.id,
            kind: kind.to_owned(),
            channel: body.channel.clone(),
            word: word.to_owned(),
            act: act.clone(),
            limit_minor: body.limit_minor,
            reason: body.reason.clone(),
            by: decision.by.clone(),
            at_ms: decision.at_ms,
            breaks: breaks.get(&decision.id).copied().unwrap_or(0),
        })
    });
    Ok(rules.collect())
}

/// Takes a rule back: what stood by it is as if it had never been made.
///
/// # Errors
/// [`Error::NotFound`] for a number that is no rule that holds; as [`undo`].
pub fn remove_rule(book: &Book, actor: Actor<'_>, id: i64) -> Result<Undone, Error> {
    let known = list_rules(&mut Reader::open(book)?)?;
    if !known.iter().any(|rule| rule.id == id) {
        return Err(Error::NotFound { what: "rule", id: id.to_string() });
    }
    undo(book, actor, Some(id))
}
