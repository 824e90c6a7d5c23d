//! Counting a till: notes and coins by what they are worth.

use super::TillProblem;
use super::kept::Kept;
use crate::error::Error;
use serde::Serialize;
use std::collections::BTreeMap;
use store::bulk::Reader;

/// Notes and coins of the yuan in use, fen, the largest first.
pub const DENOMINATIONS: [i64; 9] = [10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 1];
/// No till holds more of one.
const MOST: i64 = 100_000;

/// How many there are of one note or coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What one is worth, fen.
    pub worth_minor: i64,
    /// How many.
    pub pieces: i64,
}

/// What a count found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// What had to be there by the records.
    pub expected_minor: i64,
    /// What was there.
    pub counted_minor: i64,
    /// What was over (+) or short (−).
    pub over_minor: i64,
    /// The pieces, the largest first; none where only a sum was said.
    pub notes: Vec<Note>,
}

/// Pieces as a person names them: `100x3 50x2 0.5x4`.
///
/// # Errors
/// [`Error::BadInput`] for what is no note or coin, or said twice.
pub fn notes_of(text: &str) -> Result<Vec<Note>, Error> {
    let mut notes: Vec<Note> = Vec::new();
    for part in text.split([' ', ',', '，']).filter(|part| !part.is_empty()) {
        let bad = || Error::BadInput { field: "notes", reason: part.chars().take(40).collect() };
        let (worth, pieces) = part.split_once(['x', 'X', '×', '*']).ok_or_else(bad)?;
        let worth_minor = domain::money::parse_minor(worth, 2).map_err(|_| bad())?;
        let pieces: i64 = pieces.trim().parse().map_err(|_| bad())?;
        let known = DENOMINATIONS.contains(&worth_minor) && (0..=MOST).contains(&pieces);
        if !known || notes.iter().any(|note| note.worth_minor == worth_minor) {
            return Err(bad());
        }
        notes.push(Note { worth_minor, pieces });
    }
    notes.retain(|note| note.pieces > 0);
    notes.sort_by_key(|note| -note.worth_minor);
    Ok(notes)
}

/// What the pieces are worth together, minor units.
pub(super) fn worth(notes: &[Note]) -> i64 {
    notes.iter().map(|note| note.worth_minor * note.pieces).sum()
}

/// Puts into a count what had to be there.
///
/// # Errors
/// [`TillProblem::NeedsReason`] when it differs and nobody said why; [`Error::BadInput`] when the
/// pieces are worth another sum.
pub(super) fn compare(of: &mut Kept, expected_minor: i64) -> Result<(), Error> {
    let notes = notes_of(of.fact("notes"))?;
    if !notes.is_empty() && worth(&notes) != of.amount_minor {
        let reason = "the pieces are worth another sum".to_owned();
        return Err(Error::BadInput { field: "notes", reason });
    }
    let over_minor = of.amount_minor - expected_minor;
    if over_minor != 0 && of.reason.trim().is_empty() {
        let detail = domain::money::minor_to_major(over_minor, 2);
        return Err(Error::Till { problem: TillProblem::NeedsReason, detail });
    }
    let texts = [("expected_minor", expected_minor), ("over_minor", over_minor)];
    of.facts.extend(texts.map(|(name, minor)| (name.to_owned(), minor.to_string())));
    Ok(())
}

/// What a count of these pieces would find at a moment.
///
/// # Errors
/// [`Error::BadInput`] for what is no note or coin.
pub fn weigh(
    reader: &mut Reader,
    account: &str,
    at_ms: i64,
    notes: &str,
) -> Result<Counted, Error> {
    let notes = notes_of(notes)?;
    let expected_minor = super::limits::in_till_at(reader, account, at_ms)?;
    let counted_minor = worth(&notes);
    let over_minor = counted_minor - expected_minor;
    Ok(Counted { expected_minor, counted_minor, over_minor, notes })
}

/// What a count found; `None` for a record that is none.
pub(super) fn counted(facts: &BTreeMap<String, String>, counted_minor: i64) -> Option<Counted> {
    let number = |name: &str| facts.get(name).and_then(|text| text.parse().ok());
    Some(Counted {
        expected_minor: number("expected_minor")?,
        counted_minor,
        over_minor: number("over_minor")?,
        notes: notes_of(facts.get("notes").map_or("", String::as_str)).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_and_coins_are_read_as_people_write_them() {
        let notes = notes_of("0.5x4 100x3，50×2 1*0").expect("all of them are in use");
        assert_eq!(notes.len(), 3, "what is not there is not listed");
        assert_eq!(worth(&notes), 30_000 + 10_000 + 200);
        assert_eq!(notes[0], Note { worth_minor: 10_000, pieces: 3 });
        for wrong in ["3x1", "100", "100x-1", "100x1 100x2", "100x1.5", "1000x1"] {
            assert!(notes_of(wrong).is_err(), "{wrong}");
        }
    }
}
