//! Correcting entries: what decisions move in the ledger.
//!
//! They follow from the log of decisions and the rows it is about, so they can be written out again
//! at any time. An entry stands on the day of the decision, or of its row when that is later:
//! nothing before a decision changes by it. Taking a decision back is an entry the other way round.
//! What the run finds of money recorded by hand stands beside them, on the day of its bank line.

use super::classify::{turns, unknown_rows};
use super::log::{Asks, Decision, DecisionKind, Log};
use crate::error::Error;
use crate::import::ledger_account_id;
use domain::ledger::{Role, Scope, balance_role, paying_channel};
use domain::{BusinessDate, Channel};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use store::bulk::{Cell, Loader, TableSpec};

/// One correcting entry: two legs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Correction {
    /// Day it is booked on.
    pub day: i32,
    /// The decision that causes it.
    pub decision_id: i64,
    /// The row it corrects, where it is about one.
    pub line_id: Option<i64>,
    /// Account debited.
    pub debit: String,
    /// Account credited.
    pub credit: String,
    /// Amount, positive.
    pub amount_minor: i64,
    /// Its currency.
    pub currency: String,
}

impl Correction {
    /// Moves `amount_minor` from one account to another; a negative amount goes the other way.
    fn moving(
        (day, decision_id, line_id): (i32, i64, Option<i64>),
        from: String,
        to: String,
        (amount_minor, currency): (i64, &str),
    ) -> Self {
        let (debit, credit) = if amount_minor > 0 { (to, from) } else { (from, to) };
        let (amount_minor, currency) = (amount_minor.abs(), currency.to_owned());
        Self { day, decision_id, line_id, debit, credit, amount_minor, currency }
    }
}

/// Every correcting entry that the log causes, in order.
pub(crate) fn derive(db: &mut dyn Asks) -> Result<Vec<Correction>, Error> {
    let log = Log::load(db)?;
    let mut entries = Vec::new();
    write_offs(&log, &mut entries);
    if log.all.iter().any(|decision| decision.kind == DecisionKind::Classify) {
        classified(&log, db, &mut entries)?;
    }
    met(db, &mut entries)?;
    entries.retain(|entry| entry.amount_minor != 0);
    entries.sort();
    Ok(entries)
}

/// A write-off moves the break's amount from its account to the one that bears it, each time it
/// begins to hold, and back each time it ends.
fn write_offs(log: &Log, entries: &mut Vec<Correction>) {
    for (at, decision) in log.all.iter().enumerate() {
        if decision.kind != DecisionKind::WriteOff {
            continue;
        }
        let body = &decision.body;
        let amount = -body.effect_minor.unwrap_or(0);
        let mut holds = true;
        let mut enter = |by: &Decision, amount: i64| {
            let day = BusinessDate::of_ms(by.at_ms).days();
            let (from, to) = (body.counter.clone(), body.account.clone());
            let currency = body.currency.as_str();
            entries.push(Correction::moving((day, by.id, None), from, to, (amount, currency)));
        };
        enter(decision, amount);
        let (mut undone, mut ended) = (false, HashSet::new());
        for later in &log.all[at + 1..] {
            let names = |id: &i64| later.body.of.contains(id);
            match later.kind {
                DecisionKind::Undo => {
                    undone |= names(&decision.id);
                    ended.retain(|id| !names(id));
                }
                _ if names(&decision.id) => {
                    ended.insert(later.id);
                }
                _ => continue,
            }
            let now = !undone && ended.is_empty();
            if now != holds {
                holds = now;
                enter(later, if now { amount } else { -amount });
            }
        }
    }
}

/// A classified row leaves suspense for the account of its kind, on the day that is said.
fn classified(log: &Log, db: &mut dyn Asks, entries: &mut Vec<Correction>) -> Result<(), Error> {
    for row in unknown_rows(db)? {
        let mut by_day: BTreeMap<i32, (i64, Role)> = BTreeMap::new();
        for turn in turns(log, &row) {
            by_day
                .insert(turn.day, (turn.decision, turn.class.map_or(Role::Suspense, balance_role)));
        }
        let mut held = Role::Suspense;
        for (day, (decision, role)) in by_day {
            if role != held {
                // The row's own entry debits the balance by its amount and credits suspense with
                // what of it is no fee.
                let (from, to) = (row.scope.account(held), row.scope.account(role));
                let currency = row.scope.currency();
                let amount = (row.fee_minor - row.amount_minor, currency.code());
                entries.push(Correction::moving((day, decision, Some(row.id)), from, to, amount));
                held = role;
            }
        }
    }
    Ok(())
}

/// A bank line that carries what a person recorded was booked before anybody knew: it leaves the
/// account it waits on for the one that the money was on its way in. No decision causes it, the run
/// does; such an entry has 0 for a decision.
fn met(db: &mut dyn Asks, entries: &mut Vec<Correction>) -> Result<(), Error> {
    let mut carried: BTreeMap<i64, Channel> = BTreeMap::new();
    db.ask(
        "select a.channel, p.bank_line_ids from payout p \
         join channel_account a on a.id = p.account_id where p.bank_line_ids <> ''",
        &[],
        &mut |row| {
            let channel = Channel::from_code(row.text(0)?).filter(|found| found.is_by_hand());
            if let Some(channel) = channel {
                let lines = row.text(1)?.split(',').filter_map(|id| id.parse().ok());
                carried.extend(lines.map(|line| (line, channel)));
            }
            Ok(())
        },
    )?;
    for (line, channel) in carried {
        db.ask(
            "select l.day, l.amount_minor, l.currency, l.counterparty, l.memo, a.account_no \
             from bank_line l join document d on d.id = l.id / 4294967296 \
             join channel_account a on a.id = d.account_id where l.id = $1",
            &[Cell::Int(line)],
            &mut |row| {
                let scope = |channel, account_no: &str| Scope {
                    channel,
                    account_no: account_no.to_owned(),
                    fund_account: "basic".to_owned(),
                };
                let waits = match paying_channel(row.text(3)?, row.text(4)?) {
                    Some(named) => scope(named, "").account(Role::InTransit),
                    None => scope(Channel::Bank, row.text(5)?).account(Role::Suspense),
                };
                let place = (row.int(0)? as i32, 0, Some(line));
                let amount = (-row.int(1)?, row.text(2)?);
                let in_transit = scope(channel, "").account(Role::InTransit);
                // The line credited where it waits; what was sent stands as a debit.
                entries.push(Correction::moving(place, waits, in_transit, amount));
                Ok(())
            },
        )?;
    }
    Ok(())
}

/// The entries as they are booked.
///
/// # Errors
/// The database's.
pub(crate) fn stored(db: &mut dyn Asks) -> Result<Vec<Correction>, Error> {
    let mut entries = Vec::new();
    db.ask(
        "select day, decision_id, line_id, debit, credit, amount_minor, currency \
         from correction order by id",
        &[],
        &mut |row| {
            entries.push(Correction {
                day: row.int(0)? as i32,
                decision_id: row.int(1)?,
                line_id: row.opt_int(2)?,
                debit: row.text(3)?.to_owned(),
                credit: row.text(4)?.to_owned(),
                amount_minor: row.int(5)?,
                currency: row.text(6)?.to_owned(),
            });
            Ok(())
        },
    )?;
    Ok(entries)
}

const CORRECTION: TableSpec = TableSpec::new(
    "correction",
    &["id", "day", "currency", "debit", "credit", "amount_minor", "decision_id", "line_id"],
);

/// Books what the log causes and takes off the ledger's days what it no longer does.
pub(crate) fn settle(loader: &mut Loader<'_>) -> Result<(), Error> {
    let (wanted, booked) = (derive(loader)?, stored(loader)?);
    if wanted == booked {
        return Ok(());
    }
    let mut sums: BTreeMap<(String, i32, String), (i64, i64, i64)> = BTreeMap::new();
    for (entries, sign) in [(&booked, -1), (&wanted, 1)] {
        for entry in entries {
            let mut add = |account: &str, debit: i64, credit: i64| {
                let key = (account.to_owned(), entry.day, entry.currency.clone());
                let sum = sums.entry(key).or_default();
                *sum = (sum.0 + sign * debit, sum.1 + sign * credit, sum.2 + sign);
            };
            add(&entry.debit, entry.amount_minor, 0);
            add(&entry.credit, 0, entry.amount_minor);
        }
    }
    for ((account, day, currency), (debit, credit, postings)) in sums {
        if (debit, credit, postings) != (0, 0, 0) {
            shift_day(loader, &account, (day, &currency), [debit, credit, postings])?;
        }
    }
    loader.execute("delete from ledger_day where postings = 0", &[])?;
    loader.execute("delete from correction", &[])?;
    for (id, entry) in (1..).zip(&wanted) {
        loader.insert(
            &CORRECTION,
            &[
                Cell::Int(id),
                Cell::Int(i64::from(entry.day)),
                Cell::Text(&entry.currency),
                Cell::Text(&entry.debit),
                Cell::Text(&entry.credit),
                Cell::Int(entry.amount_minor),
                Cell::Int(entry.decision_id),
                entry.line_id.map_or(Cell::Null, Cell::Int),
            ],
        )?;
    }
    Ok(())
}

fn shift_day(
    loader: &mut Loader<'_>,
    account: &str,
    (day, currency): (i32, &str),
    [debit, credit, postings]: [i64; 3],
) -> Result<(), Error> {
    let id = ledger_account_id(loader, account)?;
    loader.execute(
        "insert into ledger_day (account_id, day, currency, debit_minor, credit_minor, postings) \
         values ($1, $2, $3, $4, $5, $6) on conflict (account_id, day, currency) do update set \
         debit_minor = ledger_day.debit_minor + excluded.debit_minor, \
         credit_minor = ledger_day.credit_minor + excluded.credit_minor, \
         postings = ledger_day.postings + excluded.postings",
        &[
            Cell::Int(id),
            Cell::Int(i64::from(day)),
            Cell::Text(currency),
            Cell::Int(debit),
            Cell::Int(credit),
            Cell::Int(postings),
        ],
    )?;
    Ok(())
}
