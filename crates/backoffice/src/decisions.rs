//! Decisions: what people make of breaks, rows of unknown kind and payouts.
//!
//! A decision is a fact beside the imported ones: it is never changed, it survives every re-run,
//! and what follows from it is worked out again each time. Taking it back is a decision of its own.

mod bills;
mod classify;
pub(crate) mod corrections;
mod kept_rules;
mod log;
mod payouts;
mod rules;
mod standing;
mod vanished;

pub use bills::choose_bill;
pub use corrections::Correction;
pub use kept_rules::{KeptRule, list_rules, remove_rule};
pub use log::{Actor, Body, Decision, DecisionKind};
pub use payouts::{Review, next_to_review, note_payout, payout_history, review};
pub use rules::{
    BatchPreview, ClassPreview, Classify, KindRule, PayoutChange, RulePreview, add_rule, classify,
    preview_batch, preview_classify, preview_rule,
};
pub use standing::{CHANGED, DUE};

pub(crate) use bills::chosen_bills;
pub(crate) use classify::{Classified, store_classes};
pub(crate) use log::{Asks, Log};
pub(crate) use standing::settle;
pub(crate) use vanished::{is_found, standing as standing_write_offs};

use crate::error::Error;
use crate::lists::{BreakRow, break_by_id};
use crate::reconciliation;
use domain::ledger::{Scope, paying_channel};
use domain::reconcile::{BreakKind, BreakState, Suggestion};
use domain::{BusinessDate, Channel, Currency};
use log::Draft;
use serde::Serialize;
use std::collections::BTreeSet;
use store::Book;
use store::bulk::{Cell, Loader, Reader, Writer};

/// The account that bears write-offs when nobody says another.
pub const WRITE_OFF_ACCOUNT: &str = "expenses:write_offs";
/// Largest write-off when nobody says another, minor units.
pub const WRITE_OFF_LIMIT_MINOR: i64 = 1000;
/// How long a break is carried when nobody says until when.
pub const CARRY_DAYS: i32 = 31;

/// Longest name of the account, in characters.
const ACCOUNT_CHARS: usize = 120;

/// What may be written off, and which account bears it: asked once, kept in the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WriteOffTerms {
    /// Largest amount, minor units.
    pub limit_minor: i64,
    /// Name of the account.
    pub account: String,
}

/// What to do with breaks.
#[derive(Clone, Debug)]
pub enum Act {
    /// The reason is known. Without words of one's own, the suggested act is what is done.
    Accept {
        /// In the person's words; empty for the suggestion.
        reason: String,
    },
    /// Give the amount up.
    WriteOff {
        /// In the person's words.
        reason: String,
        /// New terms, kept for the next time.
        terms: Option<WriteOffTerms>,
    },
    /// Leave it to later.
    Carry {
        /// In the person's words.
        reason: String,
        /// First day it is open again; [`CARRY_DAYS`] after the last day of data without one.
        until: Option<BusinessDate>,
    },
    /// Ask who can know, or claim what is owed: the break stays open until it is answered.
    Pursue {
        /// True for a claim.
        claim: bool,
        /// In the person's words.
        reason: String,
    },
    /// Note something.
    Note {
        /// What.
        text: String,
    },
    /// Open it again.
    Reopen {
        /// In the person's words.
        reason: String,
    },
}

/// Which breaks.
#[derive(Clone, Debug)]
pub enum Target {
    /// These, by id.
    Ids(Vec<String>),
    /// Every open one of a kind whose effect, whatever its sign, is not over the limit.
    Kind {
        /// Kind code.
        kind: String,
        /// Largest effect, minor units.
        limit_minor: Option<i64>,
    },
}

/// What was decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// Number of the batch; 0 when there was nothing to decide.
    pub batch: i64,
    /// Breaks decided.
    pub breaks: u64,
    /// Payouts whose unexplained amount changed.
    pub payouts_changed: u64,
}

/// The terms of write-offs as the book keeps them; `None` until they were asked.
///
/// # Errors
/// The database's.
pub fn write_off_terms(reader: &mut Reader) -> Result<Option<WriteOffTerms>, Error> {
    terms(reader)
}

fn terms(db: &mut dyn Asks) -> Result<Option<WriteOffTerms>, Error> {
    let (mut limit_minor, mut account) = (None, None);
    db.ask(
        "select key, value from book_meta where key in ('write_off_limit', 'write_off_account')",
        &[],
        &mut |row| {
            match row.text(0)? {
                "write_off_limit" => limit_minor = row.text(1)?.parse().ok(),
                _ => account = Some(row.text(1)?.to_owned()),
            }
            Ok(())
        },
    )?;
    Ok(limit_minor
        .zip(account)
        .map(|(limit_minor, account)| WriteOffTerms { limit_minor, account }))
}

fn keep_terms(loader: &mut Loader<'_>, terms: &WriteOffTerms) -> Result<(), Error> {
    const CLASSES: [&str; 5] = ["assets", "liabilities", "equity", "revenues", "expenses"];
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-');
    let class = terms.account.split(':').next().unwrap_or_default();
    let deep = terms.account.contains(':') && !terms.account.ends_with(':');
    let deep = deep && terms.account.chars().count() <= ACCOUNT_CHARS;
    if !CLASSES.contains(&class) || !deep || !terms.account.chars().all(plain) {
        let reason = format!("{}: not an account such as {WRITE_OFF_ACCOUNT}", terms.account);
        return Err(Error::BadInput { field: "account", reason });
    }
    if terms.limit_minor <= 0 {
        let reason = "the limit must be above nothing".to_owned();
        return Err(Error::BadInput { field: "limit", reason });
    }
    let limit = terms.limit_minor.to_string();
    for (key, value) in [("write_off_limit", &limit), ("write_off_account", &terms.account)] {
        loader.execute(
            "insert into book_meta (key, value) values ($1, $2) \
             on conflict (key) do update set value = excluded.value",
            &[Cell::Text(key), Cell::Text(value)],
        )?;
    }
    Ok(())
}

/// Decides about breaks: one transaction, one batch.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::AlreadyDecided`] for a break that is written off or resolved;
/// [`Error::NothingToWriteOff`], [`Error::WriteOffTerms`], [`Error::WriteOffLimit`]. Nothing is
/// decided then. Of a whole kind, breaks that cannot be written off are left out.
pub fn decide(book: &Book, actor: Actor<'_>, target: &Target, act: &Act) -> Result<Decided, Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let all_of_kind = matches!(target, Target::Kind { .. });
    let breaks = targets(&mut loader, target)?;
    if let Act::WriteOff { terms: Some(terms), .. } = act {
        keep_terms(&mut loader, terms)?;
    }
    let terms = terms(&mut loader)?;
    let as_of = standing::as_of(&mut loader)?;
    let log = Log::load(&mut loader)?;
    let mut drafts = Vec::new();
    for found in &breaks {
        match draft(&mut loader, found, act, (terms.as_ref(), as_of, &log)) {
            Ok(draft) => drafts.push(draft),
            Err(Error::NothingToWriteOff { .. } | Error::WriteOffLimit { .. }) if all_of_kind => {}
            Err(error) => return Err(error),
        }
    }
    if drafts.is_empty() {
        return Ok(Decided::default());
    }
    let batch = log::append(&mut loader, actor, &drafts)?;
    let ids = drafts.iter().filter_map(|d| d.subject.strip_prefix("break:")).map(str::to_owned);
    let log = Log::load(&mut loader)?;
    vanished::stand(&mut loader, &log)?;
    standing::stand_breaks(&mut loader, &log, Some(&ids.collect()))?;
    corrections::settle(&mut loader)?;
    loader.commit()?;
    Ok(Decided { batch, breaks: drafts.len() as u64, payouts_changed: 0 })
}

fn targets(loader: &mut Loader<'_>, target: &Target) -> Result<Vec<BreakRow>, Error> {
    let ids = match target {
        Target::Ids(ids) => {
            // Named twice, a break is still decided once: a write-off posts its amount each time.
            let mut seen = BTreeSet::new();
            ids.iter().filter(|id| seen.insert(*id)).cloned().collect()
        }
        Target::Kind { kind, limit_minor } => open_of_kind(loader, kind, *limit_minor)?,
    };
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        let found = break_by_id(loader, &id)?;
        rows.push(found.ok_or(Error::NotFound { what: "break", id })?);
    }
    Ok(rows)
}

/// Ids of the open breaks of a kind, oldest first.
pub(crate) fn open_of_kind(
    db: &mut dyn Asks,
    kind: &str,
    limit_minor: Option<i64>,
) -> Result<Vec<String>, Error> {
    if BreakKind::from_code(kind).is_none() {
        return Err(Error::BadInput { field: "kind", reason: kind.chars().take(40).collect() });
    }
    let mut ids = Vec::new();
    db.ask(
        "select id from break where kind = $1 and state = 'open' \
         and ($2 < 0 or (abs(effect_minor) <= $2 and currency = 'CNY')) order by day, id",
        &[Cell::Text(kind), Cell::Int(limit_minor.unwrap_or(-1))],
        &mut |row| {
            ids.push(row.text(0)?.to_owned());
            Ok(())
        },
    )?;
    Ok(ids)
}

/// True for an effect inside a limit. Limits are of the yuan: what another currency is worth nobody
/// has said, so it is over every limit.
pub(crate) fn within(found: &BreakRow, limit_minor: i64) -> bool {
    found.currency == Currency::CNY.code() && found.effect_minor.abs() <= limit_minor
}

/// What is closed is opened again first; a write-off without its break is taken back or left.
fn may_decide(found: &BreakRow, state: BreakState, act: &Act) -> Result<(), Error> {
    let closed = matches!(state, BreakState::WrittenOff | BreakState::Resolved);
    if closed && !matches!(act, Act::Note { .. } | Act::Reopen { .. }) {
        return Err(Error::AlreadyDecided { id: found.id.clone() });
    }
    let gone = found.kind == vanished::KIND.code();
    if gone && matches!(act, Act::WriteOff { .. } | Act::Carry { .. } | Act::Pursue { .. }) {
        return Err(Error::NothingToWriteOff { kind: found.kind.clone() });
    }
    Ok(())
}

/// The decision that an act makes of a break.
fn draft(
    loader: &mut Loader<'_>,
    found: &BreakRow,
    act: &Act,
    (terms, as_of, log): (Option<&WriteOffTerms>, i32, &Log),
) -> Result<Draft, Error> {
    let kind = BreakKind::from_code(&found.kind);
    let state = BreakState::from_code(&found.state).unwrap_or(BreakState::Open);
    let subject = format!("break:{}", found.id);
    let mut body = Body {
        found: Some(found.found.clone()),
        effect_minor: Some(found.effect_minor),
        currency: found.currency.clone(),
        ..Body::default()
    };
    may_decide(found, state, act)?;
    let gone = kind == Some(vanished::KIND);
    let kind = match act {
        // Taken back, so that the break is open should it ever come again.
        Act::Accept { reason } if gone => {
            reason.trim().clone_into(&mut body.reason);
            body.suggestion = Some(Suggestion::TakeBack.code().to_owned());
            DecisionKind::Reopen
        }
        Act::Accept { reason } => {
            reason.trim().clone_into(&mut body.reason);
            body.suggestion = kind.map(|kind| kind.suggestion().code().to_owned());
            DecisionKind::Accept
        }
        Act::WriteOff { reason, .. } => {
            reason.trim().clone_into(&mut body.reason);
            let terms = terms.ok_or(Error::WriteOffTerms)?;
            (body.counter, body.account) =
                (write_off_counter(loader, found)?, terms.account.clone());
            if !within(found, terms.limit_minor) {
                return Err(Error::WriteOffLimit {
                    amount_minor: found.effect_minor,
                    limit_minor: terms.limit_minor,
                });
            }
            DecisionKind::WriteOff
        }
        Act::Carry { reason, until } => {
            reason.trim().clone_into(&mut body.reason);
            body.until_day = Some(until.map_or(as_of + CARRY_DAYS, BusinessDate::days));
            DecisionKind::Carry
        }
        Act::Pursue { claim, reason } => {
            reason.trim().clone_into(&mut body.reason);
            if *claim { DecisionKind::Claim } else { DecisionKind::Ask }
        }
        Act::Note { text } => {
            if text.trim().is_empty() {
                let reason = "a note says something".to_owned();
                return Err(Error::BadInput { field: "note", reason });
            }
            text.trim().clone_into(&mut body.reason);
            DecisionKind::Note
        }
        Act::Reopen { reason } => {
            if state == BreakState::Resolved {
                return Err(Error::AlreadyDecided { id: found.id.clone() });
            }
            reason.trim().clone_into(&mut body.reason);
            DecisionKind::Reopen
        }
    };
    if kind != DecisionKind::Note {
        // The latest decision takes the place of those before: what they wrote off is written off
        // no more, also where the facts have changed since and the break is open again.
        body.of = log.standing_write_offs(&subject);
    }
    Ok(Draft { kind, subject, body })
}

/// The ledger account that a write-off of this break clears.
pub(crate) fn write_off_counter(db: &mut dyn Asks, found: &BreakRow) -> Result<String, Error> {
    let nothing = || Error::NothingToWriteOff { kind: found.kind.clone() };
    let role = BreakKind::from_code(&found.kind).and_then(BreakKind::write_off_role);
    let role = role.filter(|_| found.effect_minor != 0).ok_or_else(nothing)?;
    let (channel, account_no) = found.account.split_once(':').ok_or_else(nothing)?;
    let mut channel = Channel::from_code(channel);
    // A deposit stands on the bank's account; what it clears is the transit of the channel named.
    if channel == Some(Channel::Bank) {
        let line = found.line.map_or(0, |(document, line)| store::pack::line_id(document, line));
        db.ask(
            "select counterparty, memo from bank_line where id = $1",
            &[Cell::Int(line)],
            &mut |row| {
                channel = paying_channel(row.text(0)?, row.text(1)?);
                Ok(())
            },
        )?;
    }
    let (channel, account_no) = (channel.ok_or_else(nothing)?, account_no.to_owned());
    let scope = Scope { channel, account_no, fund_account: found.fund_account.clone() };
    Ok(scope.account(role))
}

/// What an undo took back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Number of the undoing decision.
    pub batch: i64,
    /// The decisions taken back.
    pub decisions: Vec<Decision>,
    /// Payouts whose unexplained amount changed.
    pub payouts_changed: u64,
}

/// Takes back the last batch that still holds, or the batch of decision `id`.
///
/// What was derived is then as if the decisions had never been; the log keeps both.
///
/// # Errors
/// [`Error::NothingToUndo`] when nothing holds; [`Error::NotFound`] for an unknown number.
pub fn undo(book: &Book, actor: Actor<'_>, id: Option<i64>) -> Result<Undone, Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let log = Log::load(&mut loader)?;
    let batch = match id {
        None => log.holding().next_back().ok_or(Error::NothingToUndo)?.batch,
        Some(id) => {
            let found = log.get(id).filter(|decision| decision.kind != DecisionKind::Undo);
            found.ok_or_else(|| Error::NotFound { what: "decision", id: id.to_string() })?.batch
        }
    };
    let decisions: Vec<Decision> = log.holding().filter(|d| d.batch == batch).cloned().collect();
    if decisions.is_empty() {
        return Err(Error::NothingToUndo);
    }
    let of = decisions.iter().map(|decision| decision.id).collect();
    let draft = Draft {
        kind: DecisionKind::Undo,
        subject: format!("decision:{batch}"),
        body: Body { of, ..Body::default() },
    };
    let batch = log::append(&mut loader, actor, &[draft])?;
    let payouts_changed = follow(&mut loader, &decisions)?;
    loader.commit()?;
    Ok(Undone { batch, decisions, payouts_changed })
}

/// Works out again what `decisions` touch; the payouts that changed by it.
fn follow(loader: &mut Loader<'_>, decisions: &[Decision]) -> Result<u64, Error> {
    let whole = [DecisionKind::Classify, DecisionKind::ChooseBill];
    if decisions.iter().any(|decision| whole.contains(&decision.kind)) {
        return rerun(loader);
    }
    let (mut breaks, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for decision in decisions {
        match decision.subject.split_once(':') {
            Some(("break", id)) => drop(breaks.insert(id.to_owned())),
            Some(("payout", id)) => drop(seen.insert(id.to_owned())),
            Some(("kind", kind)) => loader.query(
                "select id from break where kind = $1",
                &[Cell::Text(kind)],
                |row| {
                    breaks.insert(row.text(0)?.to_owned());
                    Ok(())
                },
            )?,
            _ => {}
        }
    }
    let log = Log::load(loader)?;
    vanished::stand(loader, &log)?;
    standing::stand_breaks(loader, &log, Some(&breaks))?;
    standing::stand_payouts(loader, &log, Some(&seen))?;
    corrections::settle(loader)?;
    Ok(0)
}

/// Reconciles again; how many payouts have another unexplained amount than before.
fn rerun(loader: &mut Loader<'_>) -> Result<u64, Error> {
    fn unexplained(loader: &mut Loader<'_>) -> Result<BTreeSet<(String, i64)>, Error> {
        let mut found = BTreeSet::new();
        loader.query("select id, unexplained_minor from payout", &[], |row| {
            found.insert((row.text(0)?.to_owned(), row.int(1)?));
            Ok(())
        })?;
        Ok(found)
    }
    let before = unexplained(loader)?;
    reconciliation::run(loader)?;
    Ok(unexplained(loader)?.difference(&before).count() as u64)
}

/// A decision as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoggedDecision {
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
    /// False once it was taken back.
    pub holds: bool,
}

/// The log, newest first, at most `limit`; `subject` narrows it to one break, payout, word or kind.
///
/// # Errors
/// The database's.
pub fn history(
    reader: &mut Reader,
    subject: Option<&str>,
    limit: usize,
) -> Result<Vec<LoggedDecision>, Error> {
    let log = Log::load(reader)?;
    let wanted = |d: &&Decision| subject.is_none_or(|subject| d.subject == subject);
    let newest = log.all.iter().rev().filter(wanted).take(limit);
    Ok(newest
        .map(|decision| LoggedDecision {
            holds: log.holds(decision.id),
            decision: decision.clone(),
        })
        .collect())
}
