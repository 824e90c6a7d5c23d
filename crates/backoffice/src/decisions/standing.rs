//! What holds of each break and payout, written beside them after every run and every decision.

use super::log::{Decision, DecisionKind, Log};
use crate::error::Error;
use domain::Currency;
use domain::reconcile::BreakState;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::bulk::{Cell, Loader};

/// Act of a break whose decision no longer fits: the amounts have changed since.
pub const CHANGED: &str = "changed";
/// Act of a break that was carried to a day that has come.
pub const DUE: &str = "due";

/// What a break shows of its decision.
struct Standing<'a> {
    state: BreakState,
    act: &'a str,
    why: String,
    decision: &'a Decision,
}

/// A break as far as a decision depends on it.
struct Facts {
    kind: String,
    found: String,
    effect_minor: i64,
    currency: String,
    line_id: Option<i64>,
}

/// Last day any file covers.
pub(crate) fn as_of(loader: &mut Loader<'_>) -> Result<i32, Error> {
    let mut day = 0;
    loader.query("select coalesce(max(to_day), 0) from document", &[], |row| {
        day = row.int(0)? as i32;
        Ok(())
    })?;
    Ok(day)
}

/// Writes what holds of these breaks, or of all. `breaks` are ids.
pub(crate) fn stand_breaks(
    loader: &mut Loader<'_>,
    log: &Log,
    only: Option<&BTreeSet<String>>,
) -> Result<(), Error> {
    let as_of = as_of(loader)?;
    let mut own: HashMap<&str, Vec<&Decision>> = HashMap::new();
    let mut rules: BTreeMap<&str, Vec<&Decision>> = BTreeMap::new();
    for decision in log.holding() {
        if let Some(id) = decision.subject.strip_prefix("break:") {
            own.entry(id).or_default().push(decision);
        } else if let Some(kind) = decision.subject.strip_prefix("kind:") {
            rules.entry(kind).or_default().push(decision);
        }
    }
    let classes = super::classify::stored_classes(loader)?;
    let mut ids: BTreeSet<String> = own.keys().map(|id| (*id).to_owned()).collect();
    if let Some(only) = only {
        ids.clone_from(only);
    } else {
        ids.extend(ids_of_kinds(loader, rules.keys().copied())?);
        if !classes.is_empty() {
            ids.extend(ids_of_kinds(loader, ["unknown_row"].into_iter())?);
        }
    }
    for id in ids {
        let Some(facts) = facts_of(loader, &id)? else { continue };
        let mine = own.get(id.as_str()).map_or(&[][..], Vec::as_slice);
        let class = facts.line_id.and_then(|line| classes.get(&line));
        let standing = match class.and_then(|(kind, by)| Some((kind, log.get(*by)?))) {
            Some((kind, decision)) => Some(Standing {
                state: BreakState::Resolved,
                act: "classify",
                why: why(decision, &format!("class:{}", kind.code())),
                decision,
            }),
            None => decided(mine, &facts, as_of).unwrap_or_else(|| {
                ruled(rules.get(facts.kind.as_str()).map_or(&[][..], Vec::as_slice), &facts)
            }),
        };
        let notes = mine.iter().filter(|d| d.kind == DecisionKind::Note).count() as i64;
        write(loader, &id, standing.as_ref(), notes)?;
    }
    Ok(())
}

fn why(decision: &Decision, otherwise: &str) -> String {
    match (&decision.body.suggestion, decision.body.reason.as_str()) {
        (_, reason) if !reason.is_empty() => reason.to_owned(),
        (Some(code), _) => format!("suggest:{code}"),
        _ => otherwise.to_owned(),
    }
}

/// The latest decision about the break itself; `None` leaves it to the rules.
fn decided<'a>(mine: &[&'a Decision], facts: &Facts, as_of: i32) -> Option<Option<Standing<'a>>> {
    if facts.kind == super::vanished::KIND.code() {
        // What was decided was about the break that is gone.
        return None;
    }
    let last = mine.iter().rev().find(|d| d.kind != DecisionKind::Note)?;
    let standing = |state, act| Standing { state, act, why: why(last, ""), decision: last };
    let body = &last.body;
    let fits = body.effect_minor == Some(facts.effect_minor)
        && body.found.as_deref() == Some(facts.found.as_str());
    Some(match last.kind {
        DecisionKind::Reopen => Some(standing(BreakState::Open, "reopen")),
        DecisionKind::Accept
        | DecisionKind::WriteOff
        | DecisionKind::Carry
        | DecisionKind::Ask
        | DecisionKind::Claim
            if !fits =>
        {
            Some(standing(BreakState::Open, CHANGED))
        }
        DecisionKind::Ask => Some(standing(BreakState::Open, "ask")),
        DecisionKind::Claim => Some(standing(BreakState::Open, "claim")),
        DecisionKind::Accept => Some(standing(BreakState::Explained, "accept")),
        DecisionKind::WriteOff => Some(standing(BreakState::WrittenOff, "write_off")),
        DecisionKind::Carry if body.until_day.is_some_and(|until| until <= as_of) => {
            Some(standing(BreakState::Open, DUE))
        }
        DecisionKind::Carry => Some(standing(BreakState::Explained, "carry")),
        _ => return None,
    })
}

/// The latest rule that covers the break.
fn ruled<'a>(rules: &[&'a Decision], facts: &Facts) -> Option<Standing<'a>> {
    let covers = |rule: &&&Decision| {
        // Limits are of the yuan.
        let yuan = facts.currency == Currency::CNY.code();
        let limit = rule.body.limit_minor;
        limit.is_none_or(|limit| yuan && facts.effect_minor.abs() <= limit)
    };
    let decision = *rules.iter().rev().find(covers)?;
    let act = if decision.body.act == "carry" { "carry" } else { "accept" };
    Some(Standing { state: BreakState::Explained, act, why: why(decision, ""), decision })
}

fn ids_of_kinds<'a>(
    loader: &mut Loader<'_>,
    kinds: impl Iterator<Item = &'a str>,
) -> Result<Vec<String>, Error> {
    let mut ids = Vec::new();
    for kind in kinds {
        loader.query("select id from break where kind = $1", &[Cell::Text(kind)], |row| {
            ids.push(row.text(0)?.to_owned());
            Ok(())
        })?;
    }
    Ok(ids)
}

fn facts_of(loader: &mut Loader<'_>, id: &str) -> Result<Option<Facts>, Error> {
    let mut found = None;
    loader.query(
        "select kind, found, effect_minor, line_id, currency from break where id = $1",
        &[Cell::Text(id)],
        |row| {
            found = Some(Facts {
                kind: row.text(0)?.to_owned(),
                found: row.text(1)?.to_owned(),
                effect_minor: row.int(2)?,
                line_id: row.opt_int(3)?,
                currency: row.text(4)?.to_owned(),
            });
            Ok(())
        },
    )?;
    Ok(found)
}

fn write(
    loader: &mut Loader<'_>,
    id: &str,
    standing: Option<&Standing<'_>>,
    notes: i64,
) -> Result<(), Error> {
    let decision = standing.map(|standing| standing.decision);
    loader.execute(
        "update break set state = $2, act = $3, decided_by = $4, decided_at_ms = $5, why = $6, \
         decision_id = $7, notes = $8 where id = $1",
        &[
            Cell::Text(id),
            Cell::Text(standing.map_or(BreakState::Open, |standing| standing.state).code()),
            Cell::Text(standing.map_or("", |standing| standing.act)),
            Cell::Text(decision.map_or("", |decision| decision.by.as_str())),
            decision.map_or(Cell::Null, |decision| Cell::Int(decision.at_ms)),
            Cell::Text(standing.map_or("", |standing| standing.why.as_str())),
            decision.map_or(Cell::Null, |decision| Cell::Int(decision.id)),
            Cell::Int(notes),
        ],
    )?;
    Ok(())
}

/// Writes who has seen these payouts, or all. `payouts` are ids.
pub(crate) fn stand_payouts(
    loader: &mut Loader<'_>,
    log: &Log,
    only: Option<&BTreeSet<String>>,
) -> Result<(), Error> {
    let mut seen: BTreeMap<&str, (Option<&Decision>, i64)> = BTreeMap::new();
    if let Some(only) = only {
        seen.extend(only.iter().map(|id| (id.as_str(), (None, 0))));
    }
    for decision in log.holding() {
        let Some(id) = decision.subject.strip_prefix("payout:") else { continue };
        if only.is_some_and(|only| !only.contains(id)) {
            continue;
        }
        let (review, notes) = seen.entry(id).or_default();
        match decision.kind {
            DecisionKind::Review => *review = Some(decision),
            DecisionKind::Note => *notes += 1,
            _ => {}
        }
    }
    for (id, (review, notes)) in seen {
        let mut now = None;
        loader.query(
            "select amount_minor, unexplained_minor from payout where id = $1",
            &[Cell::Text(id)],
            |row| {
                now = Some((row.int(0)?, row.int(1)?));
                Ok(())
            },
        )?;
        // What was seen must still be what there is; being explained since is no reason to look.
        let fits = |body: &super::log::Body, (amount, unexplained): (i64, i64)| {
            body.effect_minor == Some(amount)
                && (unexplained == 0 || body.unexplained_minor == Some(unexplained))
        };
        let review = review.filter(|review| now.is_some_and(|now| fits(&review.body, now)));
        loader.execute(
            "update payout set reviewed_by = $2, reviewed_at_ms = $3, notes = $4 where id = $1",
            &[
                Cell::Text(id),
                Cell::Text(review.map_or("", |review| review.by.as_str())),
                review.map_or(Cell::Null, |review| Cell::Int(review.at_ms)),
                Cell::Int(notes),
            ],
        )?;
    }
    Ok(())
}

/// Writes everything that decisions say after a run: breaks, payouts, correcting entries.
pub(crate) fn settle(loader: &mut Loader<'_>) -> Result<(), Error> {
    let log = Log::load(loader)?;
    if log.all.is_empty() {
        // What the run itself moves stands without any decision.
        return super::corrections::settle(loader);
    }
    // A run leaves rows alone that say what they said, with what was decided about them before.
    for sql in [
        "update break set state = 'open', act = '', decided_by = '', decided_at_ms = null, \
         why = '', decision_id = null, notes = 0 \
         where state <> 'open' or act <> '' or decision_id is not null or notes <> 0",
        "update payout set reviewed_by = '', reviewed_at_ms = null, notes = 0 \
         where reviewed_at_ms is not null or reviewed_by <> '' or notes <> 0",
    ] {
        loader.execute(sql, &[])?;
    }
    super::vanished::stand(loader, &log)?;
    stand_breaks(loader, &log, None)?;
    stand_payouts(loader, &log, None)?;
    super::corrections::settle(loader)
}
