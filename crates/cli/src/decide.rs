//! `decide …` and `review`: what a person makes of breaks and payouts.

use crate::args::{BreakChoice, By, Common, DecideTask, ReviewArgs};
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::show::{Table, amount, amounts, safe};
use crate::unlock;
use backoffice::decisions::{
    Act, Actor, Classify, Decided, KindRule, LoggedDecision, Target, WRITE_OFF_ACCOUNT,
    WriteOffTerms, add_rule, classify, decide, history, list_rules, next_to_review, note_payout,
    preview_batch, preview_classify, preview_rule, review, undo, write_off_terms,
};
use backoffice::sums::{Sum, first};
use backoffice::{Office, dto};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// Decisions the log shows as text without being told how many.
const SHOWN: usize = 100;

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn name(by: &By) -> String {
    by.by.clone().unwrap_or_else(backoffice::os_user)
}

/// Does what `decide` was asked.
///
/// # Errors
/// What opening and deciding can say.
pub fn run(common: &Common, task: &DecideTask, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    match task {
        DecideTask::Accept { breaks, reason, by } => {
            let act = Act::Accept { reason: text(reason) };
            many(&office, breaks, &act, by, output)
        }
        DecideTask::WriteOff { breaks, reason, account, max_minor, by } => {
            let known = write_off_terms(&mut office.reader()?)?;
            let terms = match (account, max_minor) {
                (None, None) => None,
                (account, limit) => {
                    let known = known.as_ref();
                    let asked = || Problem::Office(Box::new(backoffice::Error::WriteOffTerms));
                    let limit = limit.or(known.map(|known| known.limit_minor));
                    let account = account.clone().or(known.map(|known| known.account.clone()));
                    Some(WriteOffTerms {
                        limit_minor: limit.ok_or_else(asked)?,
                        account: account.unwrap_or_else(|| WRITE_OFF_ACCOUNT.to_owned()),
                    })
                }
            };
            many(&office, breaks, &Act::WriteOff { reason: text(reason), terms }, by, output)
        }
        DecideTask::Carry { breaks, reason, until, by } => {
            let act = Act::Carry { reason: text(reason), until: *until };
            many(&office, breaks, &act, by, output)
        }
        DecideTask::Reopen { ids, reason, by } => {
            let act = Act::Reopen { reason: text(reason) };
            decided(&office, &Target::Ids(ids.clone()), &act, by, output)
        }
        DecideTask::Ask { ids, reason, by } => {
            let act = Act::Pursue { claim: false, reason: text(reason) };
            decided(&office, &Target::Ids(ids.clone()), &act, by, output)
        }
        DecideTask::Claim { ids, reason, by } => {
            let act = Act::Pursue { claim: true, reason: text(reason) };
            decided(&office, &Target::Ids(ids.clone()), &act, by, output)
        }
        DecideTask::Note { id, text, by } => {
            let act = Act::Note { text: text.clone() };
            decided(&office, &Target::Ids(vec![id.clone()]), &act, by, output)
        }
        DecideTask::Classify { .. } => one_row(&office, task, output),
        DecideTask::Always { .. } => always(&office, task, output),
        DecideTask::Rules => rules(&office, output),
        DecideTask::Undo { decision, by } => take_back(&office, *decision, by, output),
        DecideTask::Log { subject, limit } => {
            let limit = limit.map_or(if output.json { usize::MAX } else { SHOWN }, |n| n as usize);
            log(&office, subject.as_deref(), limit, output)
        }
    }
}

fn text(reason: &Option<String>) -> String {
    reason.clone().unwrap_or_default()
}

/// An act upon breaks by id, or upon every open one of a kind.
fn many(
    office: &Office,
    choice: &BreakChoice,
    act: &Act,
    by: &By,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let Some(kind) = &choice.kind else {
        return decided(office, &Target::Ids(choice.ids.clone()), act, by, output);
    };
    if choice.preview {
        let write_off = matches!(act, Act::WriteOff { .. });
        let found = preview_batch(&mut office.reader()?, kind, choice.limit_minor, write_off)?;
        if output.json {
            output.value(&with_first(json!(found), &found.effects))?;
            return Ok(Exit::Fine);
        }
        let effect = amounts(&found.effects);
        let (breaks, left) = (found.breaks.to_string(), found.left.to_string());
        let values =
            [("count", breaks.as_str()), ("amount", effect.as_str()), ("left", left.as_str())];
        output.say("cli.decide.would", &values)?;
        return Ok(Exit::Fine);
    }
    let target = Target::Kind { kind: kind.clone(), limit_minor: choice.limit_minor };
    decided(office, &target, act, by, output)
}

/// `effect_minor` and `currency` are those of the first currency; `effects` has all of them.
fn with_first(mut found: Value, effects: &[Sum]) -> Value {
    let Sum { currency, amount_minor } = first(effects);
    found["effect_minor"] = amount_minor.into();
    found["currency"] = currency.into();
    found
}

fn decided(
    office: &Office,
    target: &Target,
    act: &Act,
    by: &By,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let name = name(by);
    let actor = Actor { name: &name, at_ms: now_ms() };
    said(&decide(office.book(), actor, target, act)?, output)
}

fn said(done: &Decided, output: &mut Output) -> Result<Exit, Problem> {
    if output.json {
        output.value(&json!(done))?;
        return Ok(Exit::Fine);
    }
    let (count, payouts) = (done.breaks.to_string(), done.payouts_changed.to_string());
    let number = done.batch.to_string();
    let values = [("count", count.as_str()), ("payouts", &payouts), ("number", &number)];
    output.say("cli.decide.done", &values)?;
    Ok(Exit::Fine)
}

fn one_row(office: &Office, task: &DecideTask, output: &mut Output) -> Result<Exit, Problem> {
    let DecideTask::Classify { id, becomes, always, preview, reason, by } = task else {
        return Ok(Exit::Fine);
    };
    let wish = Classify {
        break_id: id.clone(),
        becomes: becomes.clone(),
        always: *always,
        reason: text(reason),
    };
    if !preview {
        let name = name(by);
        let actor = Actor { name: &name, at_ms: now_ms() };
        return said(&classify(office.book(), actor, &wish)?, output);
    }
    let found = preview_classify(&mut office.reader()?, &wish)?;
    if output.json {
        let payouts = found.payouts.iter().map(|payout| {
            json!({
                "id": payout.id,
                "number": payout.number,
                "date": crate::show::date(payout.day),
                "before_minor": payout.before_minor,
                "after_minor": payout.after_minor,
            })
        });
        let payouts: Vec<Value> = payouts.collect();
        let mut answer = json!(found);
        answer["payouts"] = json!(payouts);
        output.value(&answer)?;
        return Ok(Exit::Fine);
    }
    let becomes = output.word(&format!("decisions.class.{}", found.becomes));
    let (now, history) = (found.rows_now.to_string(), found.rows_history.to_string());
    let sum = amount(found.sum_minor, &found.currency);
    let word = safe(&found.word);
    let values = [
        ("word", word.as_str()),
        ("class", &becomes),
        ("now", &now),
        ("history", &history),
        ("amount", &sum),
    ];
    output.say("cli.decide.class_would", &values)?;
    let mut table = Table::new(output, &["date", "number", ">before", ">after"]);
    for payout in &found.payouts {
        table.row([
            crate::show::date(payout.day),
            payout.number.clone(),
            amount(payout.before_minor, &found.currency),
            amount(payout.after_minor, &found.currency),
        ]);
    }
    table.show(output)?;
    Ok(Exit::Fine)
}

fn always(office: &Office, task: &DecideTask, output: &mut Output) -> Result<Exit, Problem> {
    let DecideTask::Always { kind, act, limit_minor, preview, reason, by } = task else {
        return Ok(Exit::Fine);
    };
    let rule = KindRule {
        kind: kind.clone(),
        act: act.clone(),
        limit_minor: *limit_minor,
        reason: text(reason),
    };
    if !preview {
        let name = name(by);
        let actor = Actor { name: &name, at_ms: now_ms() };
        return said(&add_rule(office.book(), actor, &rule)?, output);
    }
    let found = preview_rule(&mut office.reader()?, &rule)?;
    if output.json {
        output.value(&with_first(json!(found), &found.effects))?;
        return Ok(Exit::Fine);
    }
    let effect = amounts(&found.effects);
    let (open, left) = (found.open.to_string(), found.left.to_string());
    let values = [("count", open.as_str()), ("amount", effect.as_str()), ("left", left.as_str())];
    output.say("cli.decide.would", &values)?;
    Ok(Exit::Fine)
}

fn rules(office: &Office, output: &mut Output) -> Result<Exit, Problem> {
    let rows = list_rules(&mut office.reader()?)?;
    if output.json {
        output.value(&json!({ "rules": rows }))?;
        return Ok(Exit::Fine);
    }
    let heads = [">decision", "at", "by", "what", "words", "reason", ">count"];
    let mut table = Table::new(output, &heads);
    for rule in &rows {
        let act = match rule.word.is_empty() {
            true => output.word(&format!("ui.act.{}", rule.act)),
            false => output.word(&format!("decisions.class.{}", rule.act)),
        };
        let limit = rule.limit_minor.map(|minor| format!(" ≤ {}", amount(minor, "CNY")));
        let kind = output.word(&format!("break.{}", rule.kind));
        table.row([
            rule.id.to_string(),
            dto::time_text(rule.at_ms),
            rule.by.clone(),
            format!("{kind}: {act}{}", limit.unwrap_or_default()),
            safe(&rule.word),
            rule.reason.clone(),
            rule.breaks.to_string(),
        ]);
    }
    if rows.is_empty() {
        output.say("cli.nothing", &[])?;
    }
    table.show(output)?;
    Ok(Exit::Fine)
}

fn take_back(
    office: &Office,
    decision: Option<i64>,
    by: &By,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let name = name(by);
    let done = undo(office.book(), Actor { name: &name, at_ms: now_ms() }, decision)?;
    if output.json {
        let ids: Vec<i64> = done.decisions.iter().map(|decision| decision.id).collect();
        output.value(&json!({
            "batch": done.batch,
            "taken_back": ids,
            "payouts_changed": done.payouts_changed,
        }))?;
        return Ok(Exit::Fine);
    }
    let count = done.decisions.len().to_string();
    let payouts = done.payouts_changed.to_string();
    output.say("cli.decide.undone", &[("count", &count), ("payouts", &payouts)])?;
    Ok(Exit::Fine)
}

/// A decision as JSON.
pub fn logged(found: &LoggedDecision) -> Value {
    let decision = &found.decision;
    json!({
        "id": decision.id,
        "batch": decision.batch,
        "kind": decision.kind.code(),
        "subject": decision.subject,
        "at_ms": decision.at_ms,
        "by": decision.by,
        "holds": found.holds,
        "reason": decision.body.reason,
        "body": decision.body,
    })
}

fn log(
    office: &Office,
    subject: Option<&str>,
    limit: usize,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let rows = history(&mut office.reader()?, subject, limit)?;
    if output.json {
        let rows: Vec<Value> = rows.iter().map(logged).collect();
        output.value(&json!({ "decisions": rows, "next": null }))?;
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(output, &[">decision", "at", "by", "what", "record", "reason"]);
    for found in &rows {
        let decision = &found.decision;
        let mut what = output.word(&format!("decisions.kind.{}", decision.kind.code()));
        if !found.holds {
            what = format!("({what})");
        }
        table.row([
            decision.id.to_string(),
            dto::time_text(decision.at_ms),
            decision.by.clone(),
            what,
            decision.subject.clone(),
            decision.body.reason.clone(),
        ]);
    }
    if rows.is_empty() {
        output.say("cli.nothing", &[])?;
    }
    table.show(output)?;
    Ok(Exit::Fine)
}

/// Marks a payout as seen, notes something on it, or names the next one.
///
/// # Errors
/// What opening and deciding can say.
pub fn look(common: &Common, args: &ReviewArgs, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let Some(payout) = &args.payout else {
        let next = next_to_review(&mut office.reader()?, None)?;
        if output.json {
            output.value(&json!({ "next": next }))?;
        } else {
            match &next {
                Some(id) => output.line(id)?,
                None => output.say("cli.review.all_seen", &[])?,
            }
        }
        return Ok(Exit::Fine);
    };
    let name = name(&args.by);
    let actor = Actor { name: &name, at_ms: now_ms() };
    if let Some(text) = &args.note {
        let id = note_payout(office.book(), actor, payout, text)?;
        if output.json {
            output
                .value(&json!({ "payout": id, "by": name, "at_ms": actor.at_ms, "note": text }))?;
        } else {
            output.say("cli.review.noted", &[("payout", &id)])?;
        }
        return Ok(Exit::Fine);
    }
    let seen = review(office.book(), actor, payout)?;
    if output.json {
        output.value(&json!(seen))?;
        return Ok(Exit::Fine);
    }
    let at = dto::time_text(seen.at_ms);
    output.say("cli.review.seen", &[("payout", &seen.payout), ("by", &seen.by), ("at", &at)])?;
    if let Some(next) = &seen.next {
        output.say("cli.review.next", &[("payout", next)])?;
    }
    Ok(Exit::Fine)
}
