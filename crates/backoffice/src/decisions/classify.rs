//! Rows of unknown kind, and what people said they are.
//!
//! The stored row is a fact and stays unknown; a classification lies over it whenever the book is
//! reconciled or read. A decision about one row goes before one about every row of its word.

use super::log::{Asks, Decision, DecisionKind, Log};
use crate::error::Error;
use domain::ledger::Scope;
use domain::{BalanceKind, BusinessDate, Channel};
use std::collections::HashMap;
use store::bulk::{Cell, Loader, TableSpec};

/// A fund row of unknown kind.
#[derive(Clone, Debug)]
pub(crate) struct UnknownRow {
    pub id: i64,
    pub day: i32,
    pub word: String,
    pub ledger_ref: String,
    pub amount_minor: i64,
    /// Inside the amount, and no part of what is unknown.
    pub fee_minor: i64,
    pub account_id: i64,
    pub scope: Scope,
}

/// Every row of unknown kind that counts, by day.
pub(crate) fn unknown_rows(db: &mut dyn Asks) -> Result<Vec<UnknownRow>, Error> {
    let mut rows = Vec::new();
    // 16 is the number of the unknown kind; written out, it meets the partial index.
    db.ask(
        "select b.id, b.day, b.kind_text, b.ledger_ref, b.amount_minor, a.id, a.channel, \
         a.account_no, a.fund_account, b.fee_minor from balance_transaction b \
         join document d on d.id = b.id / 4294967296 \
         join channel_account a on a.id = d.account_id \
         where b.kind = 16 and not exists (select 1 from superseded s where s.line_id = b.id) \
         order by b.day, b.id",
        &[],
        &mut |row| {
            let Some(channel) = Channel::from_code(row.text(6)?) else { return Ok(()) };
            rows.push(UnknownRow {
                id: row.int(0)?,
                day: row.int(1)? as i32,
                word: row.text(2)?.to_owned(),
                ledger_ref: row.text(3)?.to_owned(),
                amount_minor: row.int(4)?,
                fee_minor: row.int(9)?,
                account_id: row.int(5)?,
                scope: Scope {
                    channel,
                    account_no: row.text(7)?.to_owned(),
                    fund_account: row.text(8)?.to_owned(),
                },
            });
            Ok(())
        },
    )?;
    Ok(rows)
}

/// The subject of a decision about every row of a word.
pub(crate) fn word_subject(channel: Channel, word: &str) -> String {
    format!("word:{channel}:{word}")
}

fn is_about(decision: &Decision, row: &UnknownRow) -> bool {
    let body = &decision.body;
    body.channel == row.scope.channel.code()
        && body.word == row.word
        && (!is_of_one_row(decision)
            || body.ledger_ref == row.ledger_ref
                && body.effect_minor == Some(row.amount_minor)
                && (!row.ledger_ref.is_empty() || body.day == Some(row.day)))
}

/// True for a decision about a single row: those about a word name no amount.
fn is_of_one_row(decision: &Decision) -> bool {
    decision.body.effect_minor.is_some()
}

/// A moment from which a row is of another kind.
pub(crate) struct Turn {
    pub decision: i64,
    /// Day of the decision, or of the row or the turn before when that is later.
    pub day: i32,
    pub class: Option<BalanceKind>,
}

/// What a row was, decision by decision; the last turn is what it is.
pub(crate) fn turns(log: &Log, row: &UnknownRow) -> Vec<Turn> {
    let mut standing: Vec<&Decision> = Vec::new();
    let mut turns: Vec<Turn> = Vec::new();
    let mut class = None;
    for decision in &log.all {
        match decision.kind {
            DecisionKind::Classify if is_about(decision, row) => standing.push(decision),
            DecisionKind::Undo => {
                let known = standing.len();
                standing.retain(|earlier| !decision.body.of.contains(&earlier.id));
                if standing.len() == known {
                    continue;
                }
            }
            _ => continue,
        }
        let own = standing.iter().rev().find(|d| is_of_one_row(d));
        let said = own.or(standing.last()).map(|d| d.body.becomes.as_str());
        let now = said.and_then(BalanceKind::class_from_code);
        if now != class {
            class = now;
            let decided_on = BusinessDate::of_ms(decision.at_ms).days();
            // A clock that goes back must not put an earlier word behind a later one.
            let before = turns.last().map_or(row.day, |turn| turn.day);
            turns.push(Turn { decision: decision.id, day: before.max(decided_on), class });
        }
    }
    turns
}

const CLASSIFIED: TableSpec =
    TableSpec::new("classified", &["line_id", "kind", "decision_id"]).skip_existing();

/// A row with what it was said to be.
pub(crate) struct Classified {
    pub row: UnknownRow,
    pub kind: BalanceKind,
}

/// Works out what every row of unknown kind is now, and stores it.
pub(crate) fn store_classes(loader: &mut Loader<'_>) -> Result<Vec<Classified>, Error> {
    let log = Log::load(loader)?;
    loader.execute("delete from classified", &[])?;
    let mut classified = Vec::new();
    if !log.all.iter().any(|decision| decision.kind == DecisionKind::Classify) {
        return Ok(classified);
    }
    for row in unknown_rows(loader)? {
        let last = turns(&log, &row).pop();
        if let Some(Turn { decision, class: Some(kind), .. }) = last {
            loader.insert(
                &CLASSIFIED,
                &[Cell::Int(row.id), Cell::Int(kind.number()), Cell::Int(decision)],
            )?;
            classified.push(Classified { row, kind });
        }
    }
    Ok(classified)
}

/// The classes by line id, as stored.
pub(crate) fn stored_classes(db: &mut dyn Asks) -> Result<HashMap<i64, (BalanceKind, i64)>, Error> {
    let mut classes = HashMap::new();
    db.ask("select line_id, kind, decision_id from classified", &[], &mut |row| {
        if let Some(kind) = BalanceKind::from_number(row.int(1)?) {
            classes.insert(row.int(0)?, (kind, row.int(2)?));
        }
        Ok(())
    })?;
    Ok(classes)
}
