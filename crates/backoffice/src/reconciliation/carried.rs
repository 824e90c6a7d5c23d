//! Going on from an earlier run: its state between two days, kept in the book.
//!
//! A state counts while the fingerprint of everything before its day is the same. So an import of
//! yesterday's files reads yesterday, not years; a file about an old day goes back to a state
//! before it, or to the beginning. What comes out is the same either way.

use super::facts::Facts;
use crate::error::Error;
use domain::reconcile::{AccountTerms, Day, Reconciler, Waiting};
use std::collections::BTreeSet;
use store::bulk::{Cell, Loader};

/// Days that are read again although nothing of them changed: files about yesterday still come.
const NEAR: usize = 1;
/// Days between states: reading a few days again costs less than writing a state each day.
const STEP: i32 = 8;
/// Days between the states that are kept for files about older days.
const GRID: i32 = 32;

/// A run on its way through the days.
pub(super) struct Going<'a> {
    pub reconciler: Reconciler,
    pub waiting: Waiting,
    /// The first day it reads; `i32::MIN` for one from the beginning.
    pub from: i32,
    terms: &'a [AccountTerms],
    /// Days before which its state is to be kept.
    keep: BTreeSet<i32>,
}

impl<'a> Going<'a> {
    /// A run from the beginning.
    pub(super) fn start(
        loader: &mut Loader<'_>,
        facts: &Facts,
        terms: &'a [AccountTerms],
    ) -> Result<Self, Error> {
        loader.execute("delete from run_state", &[])?;
        let (reconciler, waiting) = (Reconciler::new(terms), Waiting::new());
        Ok(Self { reconciler, waiting, from: i32::MIN, terms, keep: kept_days(facts) })
    }

    /// A run from the latest state that still counts, or from the beginning.
    pub(super) fn resume(
        loader: &mut Loader<'_>,
        facts: &Facts,
        terms: &'a [AccountTerms],
    ) -> Result<Self, Error> {
        let mut stored = Vec::new();
        loader.query("select day, fingerprint from run_state order by day desc", &[], |row| {
            stored.push((row.int(0)? as i32, row.text(1)?.to_owned()));
            Ok(())
        })?;
        let mut keep = kept_days(facts);
        for (day, fingerprint) in stored {
            let sound = facts.fingerprint(terms, day) == fingerprint;
            let state = if sound { read(loader, terms, day)? } else { None };
            let Some((reconciler, waiting)) = state else {
                forget(loader, day)?;
                continue;
            };
            keep.retain(|wanted| *wanted > day);
            return Ok(Self { reconciler, waiting, from: day, terms, keep });
        }
        Self::start(loader, facts, terms)
    }

    /// Keeps the state before `day` is read, where it is wanted.
    pub(super) fn keep_before(
        &mut self,
        loader: &mut Loader<'_>,
        facts: &Facts,
        day: i32,
    ) -> Result<(), Error> {
        while let Some(wanted) = self.keep.first().copied().filter(|wanted| *wanted <= day) {
            self.keep.remove(&wanted);
            loader.execute(
                "insert into run_state (day, fingerprint, bytes) values ($1, $2, $3)",
                &[
                    Cell::Int(i64::from(wanted)),
                    Cell::Text(&facts.fingerprint(self.terms, wanted)),
                    Cell::Blob(&self.reconciler.save(&self.waiting)),
                ],
            )?;
        }
        Ok(())
    }

    /// Tells a resumed run which orders of the day's payments were settled before it began.
    pub(super) fn recall_settled(
        &mut self,
        loader: &mut Loader<'_>,
        facts: &Facts,
        day: &Day<'_>,
    ) -> Result<(), Error> {
        if self.from == i32::MIN || !facts.has_orders_before(self.from) {
            return Ok(());
        }
        let unknown = self.reconciler.unknown_orders(day);
        for some in unknown.chunks(AT_ONCE) {
            let mut cells: Vec<Cell<'_>> = some.iter().map(|(line, _)| Cell::Int(*line)).collect();
            // One statement for any number of lines, prepared once.
            cells.resize(AT_ONCE, Cell::Int(some[0].0));
            cells.push(Cell::Int(i64::from(self.from)));
            let mut settled = Vec::new();
            loader.query(SETTLED, &cells, |row| {
                let id = row.int(0)?;
                settled.extend(some.iter().find(|(line, _)| *line == id).map(|(_, order)| *order));
                Ok(())
            })?;
            settled.into_iter().for_each(|order| self.reconciler.settled_before(order));
        }
        Ok(())
    }

    /// Forgets states that newer ones have made useless.
    pub(super) fn tidy(loader: &mut Loader<'_>, facts: &Facts) -> Result<(), Error> {
        let wanted = kept_days(facts);
        let mut stored = Vec::new();
        loader.query("select day from run_state", &[], |row| {
            stored.push(row.int(0)? as i32);
            Ok(())
        })?;
        for day in stored.into_iter().filter(|day| !wanted.contains(day)) {
            forget(loader, day)?;
        }
        Ok(())
    }
}

const AT_ONCE: usize = 10;

/// An order that was read before and is carried no more is settled.
const SETTLED: &str = "select s.id from settlement_line s \
     where s.id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
     and exists (select 1 from shop_order o where o.order_id = s.order_id and o.day < $11 \
     and not exists (select 1 from superseded r where r.line_id = o.id))";

/// Days before which states are kept: a recent one, and two further back.
fn kept_days(facts: &Facts) -> BTreeSet<i32> {
    let near = facts.days.keys().rev().nth(NEAR).map(|day| day - day.rem_euclid(STEP));
    let first = facts.days.keys().next().copied().unwrap_or_default();
    let old = near.into_iter().flat_map(|near| {
        let grid = near - 1 - (near - 1).rem_euclid(GRID);
        [grid, grid - GRID]
    });
    near.into_iter().chain(old).filter(|day| *day > first).collect()
}

fn read(
    loader: &mut Loader<'_>,
    terms: &[AccountTerms],
    day: i32,
) -> Result<Option<(Reconciler, Waiting)>, Error> {
    let mut state = None;
    let place = [Cell::Int(i64::from(day))];
    loader.query("select bytes from run_state where day = $1", &place, |row| {
        state = Reconciler::resume(terms, row.blob(0)?);
        Ok(())
    })?;
    Ok(state)
}

fn forget(loader: &mut Loader<'_>, day: i32) -> Result<(), Error> {
    loader.execute("delete from run_state where day = $1", &[Cell::Int(i64::from(day))])?;
    Ok(())
}
