//! "Always like this": what a classification or a rule would change, and making it.

use super::classify::{UnknownRow, stored_classes, unknown_rows, word_subject};
use super::log::{self, Actor, Asks, Body, DecisionKind, Draft, Log};
use super::{Decided, open_of_kind, rerun, standing, within, write_off_counter, write_off_terms};
use crate::error::Error;
use crate::lists::break_by_id;
use crate::sums::{self, Sum};
use domain::reconcile::{BreakKind, BreakState};
use domain::{BalanceKind, BusinessDate};
use serde::Serialize;
use std::collections::BTreeMap;
use store::Book;
use store::bulk::{Cell, Reader, Writer};

/// Payouts that a preview lists at most; it counts all.
const PAYOUTS_LISTED: usize = 100;

/// What a row of unknown kind is said to be.
#[derive(Clone, Debug)]
pub struct Classify {
    /// The break of the row.
    pub break_id: String,
    /// Code of the kind: `account_charge`…; the likeliest without one.
    pub becomes: Option<String>,
    /// Every row of this word, also those still to come.
    pub always: bool,
    /// In the person's words.
    pub reason: String,
}

/// A payout before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PayoutChange {
    /// Its id in the book.
    pub id: String,
    /// The channel's number.
    pub number: String,
    /// Day it left.
    pub day: i32,
    /// Unexplained now.
    pub before_minor: i64,
    /// Unexplained then.
    pub after_minor: i64,
}

/// What a classification would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassPreview {
    /// The row's own words.
    pub word: String,
    /// Channel code.
    pub channel: String,
    /// Code of the kind it would be.
    pub becomes: String,
    /// Rows in the payout at hand.
    pub rows_now: u64,
    /// Rows in every other payout, and in none yet.
    pub rows_history: u64,
    /// Amount of all those rows.
    pub sum_minor: i64,
    /// Currency of the amounts.
    pub currency: String,
    /// Payouts whose unexplained amount changes.
    pub payout_count: u64,
    /// The newest of them, at most a hundred.
    pub payouts: Vec<PayoutChange>,
}

/// The row of a break of unknown kind.
fn row_of(db: &mut dyn Asks, break_id: &str) -> Result<(UnknownRow, Vec<UnknownRow>), Error> {
    let missing = || Error::NotFound { what: "break", id: break_id.to_owned() };
    let found = break_by_id(db, break_id)?.ok_or_else(missing)?;
    if found.kind != BreakKind::UnknownRow.code() {
        let reason = format!("{} is not a row of unknown kind", found.id);
        return Err(Error::BadInput { field: "break", reason });
    }
    let line = found.line.map(|(document, line)| store::pack::line_id(document, line));
    let rows = unknown_rows(db)?;
    let row = rows.iter().find(|row| Some(row.id) == line).cloned().ok_or_else(missing)?;
    Ok((row, rows))
}

fn class(wanted: Option<&str>, row: &UnknownRow) -> Result<BalanceKind, Error> {
    let Some(code) = wanted else { return Ok(BalanceKind::likely_class(row.amount_minor)) };
    BalanceKind::class_from_code(code).ok_or_else(|| Error::BadInput {
        field: "becomes",
        reason: code.chars().take(40).collect(),
    })
}

/// What a classification would change. Nothing is written.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BadInput`] for a break of another kind or an unknown class.
pub fn preview_classify(reader: &mut Reader, wish: &Classify) -> Result<ClassPreview, Error> {
    let (row, rows) = row_of(reader, &wish.break_id)?;
    let becomes = class(wish.becomes.as_deref(), &row)?;
    let classes = stored_classes(reader)?;
    let same = |other: &&UnknownRow| match wish.always {
        true => other.word == row.word && other.scope.channel == row.scope.channel,
        false => other.id == row.id,
    };
    let unknown = |other: &&UnknownRow| !classes.contains_key(&other.id);
    let here = payout_of(reader, &row)?.map(|payout| payout.id);
    let mut preview = ClassPreview {
        word: row.word.clone(),
        channel: row.scope.channel.code().to_owned(),
        becomes: becomes.code().to_owned(),
        rows_now: 0,
        rows_history: 0,
        sum_minor: 0,
        currency: "CNY".to_owned(),
        payout_count: 0,
        payouts: Vec::new(),
    };
    let mut changes: BTreeMap<(i32, String), PayoutChange> = BTreeMap::new();
    for other in rows.iter().filter(same).filter(unknown) {
        let payout = payout_of(reader, other)?;
        let id = payout.as_ref().map(|payout| payout.id.clone());
        if other.id == row.id || here.is_some() && id == here {
            preview.rows_now += 1;
        } else {
            preview.rows_history += 1;
        }
        preview.sum_minor += other.amount_minor;
        if let Some(payout) = payout {
            let key = (payout.day, payout.id.clone());
            changes.entry(key).or_insert(payout).after_minor -= other.amount_minor;
        }
    }
    preview.payout_count = changes.len() as u64;
    preview.payouts = changes.into_values().rev().take(PAYOUTS_LISTED).collect();
    Ok(preview)
}

/// The payout that holds a row, before any change.
fn payout_of(db: &mut dyn Asks, row: &UnknownRow) -> Result<Option<PayoutChange>, Error> {
    let mut found = None;
    db.ask(
        "select id, number, day, unexplained_minor from payout where account_id = $1 \
         and (from_day < $2 or (from_day = $2 and from_id < $3)) \
         and (until_day > $2 or (until_day = $2 and until_id >= $3)) \
         order by until_day, until_id limit 1",
        &[Cell::Int(row.account_id), Cell::Int(i64::from(row.day)), Cell::Int(row.id)],
        &mut |payout| {
            let before_minor = payout.int(3)?;
            found = Some(PayoutChange {
                id: payout.text(0)?.to_owned(),
                number: payout.text(1)?.to_owned(),
                day: payout.int(2)? as i32,
                before_minor,
                after_minor: before_minor,
            });
            Ok(())
        },
    )?;
    Ok(found)
}

/// Says what a row of unknown kind is, once or always, and reconciles again.
///
/// # Errors
/// As [`preview_classify`]; what reconciling can say. Nothing is decided then.
pub fn classify(book: &Book, actor: Actor<'_>, wish: &Classify) -> Result<Decided, Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let (row, _) = row_of(&mut loader, &wish.break_id)?;
    let becomes = class(wish.becomes.as_deref(), &row)?;
    let mut body = Body {
        reason: wish.reason.trim().to_owned(),
        becomes: becomes.code().to_owned(),
        channel: row.scope.channel.code().to_owned(),
        word: row.word.clone(),
        ..Body::default()
    };
    let subject = match wish.always {
        true => word_subject(row.scope.channel, &row.word),
        false => {
            row.ledger_ref.clone_into(&mut body.ledger_ref);
            body.effect_minor = Some(row.amount_minor);
            body.day = Some(row.day);
            format!("break:{}", wish.break_id)
        }
    };
    let before = classified_rows(&mut loader)?;
    let draft = Draft { kind: DecisionKind::Classify, subject, body };
    let batch = log::append(&mut loader, actor, &[draft])?;
    let payouts_changed = rerun(&mut loader)?;
    let breaks = classified_rows(&mut loader)?.saturating_sub(before);
    loader.commit()?;
    Ok(Decided { batch, breaks, payouts_changed })
}

fn classified_rows(db: &mut dyn Asks) -> Result<u64, Error> {
    Ok(stored_classes(db)?.len() as u64)
}

/// Breaks of a kind are always treated like this.
#[derive(Clone, Debug)]
pub struct KindRule {
    /// Kind code.
    pub kind: String,
    /// `accept` or `carry`.
    pub act: String,
    /// Only up to this effect, whatever its sign.
    pub limit_minor: Option<i64>,
    /// In the person's words.
    pub reason: String,
}

/// What a rule would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RulePreview {
    /// Open breaks that it covers.
    pub open: u64,
    /// Their effects, summed, by currency.
    pub effects: Vec<Sum>,
    /// Breaks of the kind that it leaves open.
    pub left: u64,
}

/// What a rule would change. Nothing is written.
///
/// # Errors
/// [`Error::BadInput`] for an unknown kind or act.
pub fn preview_rule(reader: &mut Reader, rule: &KindRule) -> Result<RulePreview, Error> {
    check_rule(rule)?;
    // A break that somebody reopened stays open: the decision about it goes before any rule.
    let mut preview = RulePreview { open: 0, effects: Vec::new(), left: 0 };
    for id in open_of_kind(reader, &rule.kind, None)? {
        let Some(found) = break_by_id(reader, &id)? else { continue };
        let covered = rule.limit_minor.is_none_or(|limit| within(&found, limit));
        if covered && found.act.is_empty() {
            preview.open += 1;
            sums::add(&mut preview.effects, &found.currency, found.effect_minor);
        } else {
            preview.left += 1;
        }
    }
    Ok(preview)
}

fn check_rule(rule: &KindRule) -> Result<(), Error> {
    if !matches!(rule.act.as_str(), "accept" | "carry") {
        let reason = format!("{}: a rule can accept or carry", rule.act);
        return Err(Error::BadInput { field: "act", reason });
    }
    let refused =
        || Err(Error::BadInput { field: "kind", reason: rule.kind.chars().take(40).collect() });
    // An unknown row is classified by its word, and a write-off taken back by a person.
    match BreakKind::from_code(&rule.kind) {
        Some(BreakKind::UnknownRow | BreakKind::WriteOffWithoutBreak) | None => refused(),
        Some(_) => Ok(()),
    }
}

/// Makes a rule; it holds for every break of the kind that has no decision of its own, now and
/// after each run.
///
/// # Errors
/// As [`preview_rule`].
pub fn add_rule(book: &Book, actor: Actor<'_>, rule: &KindRule) -> Result<Decided, Error> {
    check_rule(rule)?;
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let before = open_of_kind(&mut loader, &rule.kind, None)?.len() as u64;
    let body = Body {
        reason: rule.reason.trim().to_owned(),
        suggestion: BreakKind::from_code(&rule.kind).map(|k| k.suggestion().code().to_owned()),
        act: rule.act.clone(),
        limit_minor: rule.limit_minor,
        ..Body::default()
    };
    let subject = format!("kind:{}", rule.kind);
    let batch =
        log::append(&mut loader, actor, &[Draft { kind: DecisionKind::Rule, subject, body }])?;
    let log = Log::load(&mut loader)?;
    standing::stand_breaks(&mut loader, &log, None)?;
    let after = open_of_kind(&mut loader, &rule.kind, None)?.len() as u64;
    loader.commit()?;
    Ok(Decided { batch, breaks: before - after, payouts_changed: 0 })
}

/// What an act upon every open break of a kind would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchPreview {
    /// Breaks that it would decide.
    pub breaks: u64,
    /// Their effects, summed, by currency.
    pub effects: Vec<Sum>,
    /// Open breaks of the kind that it leaves: over the limit, or nothing to write off.
    pub left: u64,
    /// First and last day of those breaks.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
}

/// What deciding every open break of a kind would do. `write_off` counts only what may be written
/// off by the book's terms.
///
/// # Errors
/// [`Error::BadInput`] for an unknown kind.
pub fn preview_batch(
    reader: &mut Reader,
    kind: &str,
    limit_minor: Option<i64>,
    write_off: bool,
) -> Result<BatchPreview, Error> {
    let terms = write_off_terms(reader)?;
    let mut days: Vec<i32> = Vec::new();
    let mut preview =
        BatchPreview { breaks: 0, effects: Vec::new(), left: 0, from: None, to: None };
    for id in open_of_kind(reader, kind, None)? {
        let Some(found) = break_by_id(reader, &id)? else { continue };
        let within = |limit: i64| within(&found, limit);
        let allowed = !write_off
            || write_off_counter(reader, &found).is_ok()
                && terms.as_ref().is_some_and(|terms| within(terms.limit_minor));
        let open = found.state == BreakState::Open.code();
        if open && allowed && limit_minor.is_none_or(within) {
            preview.breaks += 1;
            sums::add(&mut preview.effects, &found.currency, found.effect_minor);
            days.push(found.day);
        } else {
            preview.left += 1;
        }
    }
    let date = |day: Option<&i32>| day.map(|day| BusinessDate::from_days(*day).to_string());
    preview.from = date(days.iter().min());
    preview.to = date(days.iter().max());
    Ok(preview)
}
