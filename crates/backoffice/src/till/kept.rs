//! Records as the book keeps them: only ever added to.

use super::{Act, Tender};
use crate::decisions::Asks;
use crate::error::Error;
use connectors::till::{FORMAT, Head, VERSION};
use domain::BusinessDate;
use std::collections::BTreeMap;
use store::StoreError;
use store::bulk::{Cell, Loader, RowView};

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub id: i64,
    pub number: String,
    pub act: Act,
    pub tender: Tender,
    pub account: String,
    pub amount_minor: i64,
    /// What it adds to what is in hand.
    pub in_hand_minor: i64,
    /// What it adds to what the holder of its card can spend.
    pub card_minor: i64,
    pub at_ms: i64,
    pub order: String,
    /// The record it is about.
    pub of: Option<i64>,
    pub reason: String,
    pub facts: BTreeMap<String, String>,
    pub made_at_ms: i64,
    pub made_by: String,
    /// Of its file.
    pub sha256: String,
}

impl Kept {
    pub fn fact(&self, name: &str) -> &str {
        self.facts.get(name).map_or("", String::as_str)
    }

    /// A fact that is a number of minor units; 0 where there is none.
    pub fn minor_fact(&self, name: &str) -> i64 {
        self.fact(name).parse().unwrap_or(0)
    }

    /// The first line of its file.
    pub fn head(&self) -> Head {
        let mut facts = self.facts.clone();
        if !self.reason.is_empty() {
            facts.insert("reason".to_owned(), self.reason.clone());
        }
        Head {
            format: FORMAT.to_owned(),
            version: VERSION,
            channel: self.tender.code().to_owned(),
            account: self.account.clone(),
            number: self.number.clone(),
            act: self.act.code().to_owned(),
            made_by: self.made_by.clone(),
            made_at_ms: self.made_at_ms,
            facts,
        }
    }
}

pub(super) const COLUMNS: &str = "t.id, t.number, t.act, t.tender, t.account_no, t.amount_minor, \
    t.in_hand_minor, t.card_minor, t.at_ms, t.order_id, t.of_id, t.reason, t.facts, t.made_at_ms, \
    t.made_by, t.sha256";

pub(super) fn row(row: &RowView<'_>) -> Result<Kept, StoreError> {
    let damaged = |what: &str| StoreError::Damaged(format!("{what} of a record of the till"));
    Ok(Kept {
        id: row.int(0)?,
        number: row.text(1)?.to_owned(),
        act: Act::from_code(row.text(2)?).ok_or_else(|| damaged("the act"))?,
        tender: Tender::from_code(row.text(3)?).ok_or_else(|| damaged("the tender"))?,
        account: row.text(4)?.to_owned(),
        amount_minor: row.int(5)?,
        in_hand_minor: row.int(6)?,
        card_minor: row.int(7)?,
        at_ms: row.int(8)?,
        order: row.text(9)?.to_owned(),
        of: row.opt_int(10)?,
        reason: row.text(11)?.to_owned(),
        facts: serde_json::from_str(row.text(12)?).map_err(|_| damaged("what was said"))?,
        made_at_ms: row.int(13)?,
        made_by: row.text(14)?.to_owned(),
        sha256: row.text(15)?.to_owned(),
    })
}

/// Records that a condition holds of, in the order it says.
pub(super) fn select(
    db: &mut dyn Asks,
    condition: &str,
    cells: &[Cell<'_>],
) -> Result<Vec<Kept>, Error> {
    let mut found = Vec::new();
    let sql = format!("select {COLUMNS} from till_record t where {condition}");
    db.ask(&sql, cells, &mut |each| {
        found.push(row(each)?);
        Ok(())
    })?;
    Ok(found)
}

/// The record of a number.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) fn numbered(db: &mut dyn Asks, number: &str) -> Result<Kept, Error> {
    let found = select(db, "t.number = $1", &[Cell::Text(number.trim())])?;
    let missing = || Error::NotFound { what: "record", id: number.to_owned() };
    found.into_iter().next().ok_or_else(missing)
}

/// The next number: `T20260417-0001`, counted anew each day.
pub(super) fn next_number(db: &mut dyn Asks, now_ms: i64) -> Result<String, Error> {
    let day = BusinessDate::of_ms(now_ms).to_string().replace('-', "");
    let like = format!("T{day}-%");
    let mut taken = 0;
    db.ask(
        "select count(*) from till_record where number like $1",
        &[Cell::Text(&like)],
        &mut |row| {
            taken = row.int(0)?;
            Ok(())
        },
    )?;
    Ok(format!("T{day}-{:04}", taken + 1))
}

/// Adds a record.
pub(super) fn insert(loader: &mut Loader<'_>, nonce: &str, of: &Kept) -> Result<(), Error> {
    let facts = serde_json::to_string(&of.facts).expect("texts by texts always serialize");
    loader.execute(
        "insert into till_record (id, nonce, number, act, tender, account_no, amount_minor, \
         in_hand_minor, card, card_minor, batch, at_ms, day, order_id, of_id, reason, facts, \
         made_at_ms, made_by, sha256) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
         $13, $14, $15, $16, $17, $18, $19, $20)",
        &[
            Cell::Int(of.id),
            Cell::Text(nonce),
            Cell::Text(&of.number),
            Cell::Text(of.act.code()),
            Cell::Text(of.tender.code()),
            Cell::Text(&of.account),
            Cell::Int(of.amount_minor),
            Cell::Int(of.in_hand_minor),
            Cell::Text(of.fact("card")),
            Cell::Int(of.card_minor),
            Cell::Text(of.fact("batch")),
            Cell::Int(of.at_ms),
            Cell::Int(i64::from(BusinessDate::of_ms(of.at_ms).days())),
            Cell::Text(&of.order),
            of.of.map_or(Cell::Null, Cell::Int),
            Cell::Text(&of.reason),
            Cell::Text(&facts),
            Cell::Int(of.made_at_ms),
            Cell::Text(&of.made_by),
            Cell::Text(&of.sha256),
        ],
    )?;
    Ok(())
}

/// One sum.
pub(super) fn sum(db: &mut dyn Asks, sql: &str, cells: &[Cell<'_>]) -> Result<i64, Error> {
    let mut sum = 0;
    db.ask(sql, cells, &mut |row| {
        sum = row.opt_int(0)?.unwrap_or(0);
        Ok(())
    })?;
    Ok(sum)
}
