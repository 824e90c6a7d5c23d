//! Prepaid cards: what each holder can spend, and how it came to that.

use super::Act;
use crate::error::Error;
use serde::Serialize;
use store::StoreError;
use store::bulk::{Cell, Reader};

/// What the holder of a prepaid card can spend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardBalance {
    /// Number of the card.
    pub card: String,
    /// How much.
    pub balance_minor: i64,
    /// When it was last used or filled, UTC ms.
    pub last_ms: i64,
}

/// Every prepaid card, by number.
///
/// # Errors
/// The database's.
pub fn cards(reader: &mut Reader) -> Result<Vec<CardBalance>, Error> {
    let mut found = Vec::new();
    reader.query(
        "select card, cast(sum(card_minor) as bigint), max(at_ms) from till_record \
         where card <> '' group by card order by card",
        &[],
        |row| {
            let card = row.text(0)?.to_owned();
            let (balance_minor, last_ms) = (row.int(1)?, row.int(2)?);
            found.push(CardBalance { card, balance_minor, last_ms });
            Ok(())
        },
    )?;
    Ok(found)
}

/// A move on a prepaid card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardMove {
    /// Number of the record.
    pub number: String,
    /// What: sold or filled, spent, given back, owed no more, taken back.
    pub act: Act,
    /// When, UTC ms.
    pub at_ms: i64,
    /// What it added to the card; negative when it was spent.
    pub amount_minor: i64,
    /// What stood on the card after it.
    pub balance_minor: i64,
    /// The shop's order; empty when it belongs to none.
    pub order: String,
    /// Why, where that was said.
    pub reason: String,
}

/// Every move of a card, the latest first.
///
/// # Errors
/// [`Error::NotFound`] for a card that nothing was recorded of.
pub fn card_moves(reader: &mut Reader, card: &str) -> Result<Vec<CardMove>, Error> {
    let mut moves: Vec<CardMove> = Vec::new();
    let mut balance_minor = 0;
    reader.query(
        "select number, act, at_ms, card_minor, order_id, reason from till_record \
         where card = $1 and card_minor <> 0 order by at_ms, id",
        &[Cell::Text(card.trim())],
        |row| {
            let act = Act::from_code(row.text(1)?);
            let damaged = || StoreError::Damaged("the act of a record of the till".to_owned());
            let amount_minor = row.int(3)?;
            balance_minor += amount_minor;
            moves.push(CardMove {
                number: row.text(0)?.to_owned(),
                act: act.ok_or_else(damaged)?,
                at_ms: row.int(2)?,
                amount_minor,
                balance_minor,
                order: row.text(4)?.to_owned(),
                reason: row.text(5)?.to_owned(),
            });
            Ok(())
        },
    )?;
    if moves.is_empty() {
        return Err(Error::NotFound { what: "card", id: card.to_owned() });
    }
    moves.reverse();
    Ok(moves)
}
