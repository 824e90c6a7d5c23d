//! Breaks and decisions: what does not agree, and what a person makes of it.

use crate::desk::{Desk, now_ms};
use backoffice::decisions::{self, Act, Actor, Classify, KindRule, Target, WriteOffTerms};
use backoffice::dto::{
    BreakKindCount, BreakPage, BreakRow, BreakView, ClassifyInput, DecideInput, DecidedView,
    DecisionView, Failure, FeeCheckView, PreviewView, ReviewView, RuleInput, RuleView,
    WriteOffTermsView, break_filter,
};
use backoffice::lists::{break_detail, break_summary, breaks_by_id, list_breaks as page_of_breaks};
use backoffice::{BreakState, BusinessDate, Error, Reader, fees, parse_minor};
use tauri::State;

/// Rows of one page at most, whatever is asked for.
const PAGE_MAX: u32 = 500;
/// Decisions of one subject at most.
const HISTORY_MAX: usize = 200;

/// A page of breaks in the order asked for. `state` and `kind` narrow it.
#[tauri::command]
pub async fn list_breaks(
    desk: State<'_, Desk>,
    cursor: Option<String>,
    limit: u32,
    state: Option<String>,
    kind: Option<String>,
    sort: Option<String>,
) -> Result<BreakPage, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let filter = break_filter(state.as_deref(), kind.as_deref(), sort.as_deref())?;
        let limit = limit.min(PAGE_MAX);
        let page = page_of_breaks(&mut reader, &filter, cursor.as_deref(), limit)?;
        let kinds = kinds(&mut reader, filter.state)?;
        let lang = desk.lang();
        Ok(BreakPage {
            rows: page.rows.into_iter().map(|row| BreakRow::new(row, lang)).collect(),
            next: page.next,
            kinds,
        })
    })
    .await
}

/// These breaks as they stand now, in the order asked for, with the counts of every kind in the
/// state asked for; those that are gone are left out.
#[tauri::command]
pub async fn breaks_again(
    desk: State<'_, Desk>,
    ids: Vec<String>,
    state: Option<String>,
) -> Result<BreakPage, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let filter = break_filter(state.as_deref(), None, None)?;
        let ids = &ids[..ids.len().min(PAGE_MAX as usize)];
        let rows = breaks_by_id(&mut reader, ids)?;
        let lang = desk.lang();
        Ok(BreakPage {
            rows: rows.into_iter().map(|row| BreakRow::new(row, lang)).collect(),
            next: None,
            kinds: kinds(&mut reader, filter.state)?,
        })
    })
    .await
}

fn kinds(reader: &mut Reader, state: Option<BreakState>) -> Result<Vec<BreakKindCount>, Error> {
    let found = break_summary(reader, state)?;
    Ok(found.into_iter().map(|row| BreakKindCount { count: row.count, kind: row.kind }).collect())
}

fn bad(field: &'static str) -> Error {
    Error::BadInput { field, reason: "unknown".to_owned() }
}

/// One break with where it leads and what was decided about it.
#[tauri::command]
pub async fn break_view(desk: State<'_, Desk>, id: String) -> Result<BreakView, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let detail = break_detail(&mut reader, &id)?;
        let subject = format!("break:{id}");
        let history = decisions::history(&mut reader, Some(&subject), HISTORY_MAX)?;
        Ok(BreakView::new(detail, history, desk.lang()))
    })
    .await
}

/// Decides about breaks.
#[tauri::command]
pub async fn decide(desk: State<'_, Desk>, input: DecideInput) -> Result<DecidedView, Failure> {
    desk.run(move |desk| {
        let act = act_of(&input)?;
        let target = match &input.kind {
            Some(kind) => Target::Kind { kind: kind.clone(), limit_minor: None },
            None => Target::Ids(input.ids.clone()),
        };
        let (office, name) = (desk.office()?, desk.person());
        let actor = Actor { name: &name, at_ms: now_ms() };
        Ok(decisions::decide(office.book(), actor, &target, &act)?.into())
    })
    .await
}

fn act_of(input: &DecideInput) -> Result<Act, Error> {
    let reason = input.reason.clone();
    Ok(match input.act.as_str() {
        "accept" => Act::Accept { reason },
        "carry" => {
            let day = |text: &str| BusinessDate::parse(text).ok_or_else(|| bad("until"));
            Act::Carry { reason, until: input.until.as_deref().map(day).transpose()? }
        }
        "ask" | "claim" => Act::Pursue { claim: input.act == "claim", reason },
        "note" => Act::Note { text: reason },
        "reopen" => Act::Reopen { reason },
        "write_off" => {
            let terms = match (&input.account, &input.limit_major) {
                (Some(account), Some(limit)) => Some(WriteOffTerms {
                    limit_minor: parse_minor(limit, 2).map_err(|_| bad("limit"))?,
                    account: account.trim().to_owned(),
                }),
                _ => None,
            };
            Act::WriteOff { reason, terms }
        }
        _ => return Err(bad("act")),
    })
}

/// What deciding every open break of a kind would do.
#[tauri::command]
pub async fn preview_decide(
    desk: State<'_, Desk>,
    kind: String,
    act: String,
) -> Result<PreviewView, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        Ok(decisions::preview_batch(&mut reader, &kind, None, act == "write_off")?.into())
    })
    .await
}

fn wish_of(input: ClassifyInput) -> Classify {
    let ClassifyInput { break_id, becomes, always, reason } = input;
    Classify { break_id, becomes, always, reason }
}

/// Says what a row of unknown kind is, once or always.
#[tauri::command]
pub async fn classify(desk: State<'_, Desk>, input: ClassifyInput) -> Result<DecidedView, Failure> {
    desk.run(move |desk| {
        let (office, name) = (desk.office()?, desk.person());
        let actor = Actor { name: &name, at_ms: now_ms() };
        Ok(decisions::classify(office.book(), actor, &wish_of(input))?.into())
    })
    .await
}

/// What a classification would change.
#[tauri::command]
pub async fn preview_classify(
    desk: State<'_, Desk>,
    input: ClassifyInput,
) -> Result<PreviewView, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        Ok(decisions::preview_classify(&mut reader, &wish_of(input))?.into())
    })
    .await
}

fn rule_of(input: RuleInput) -> KindRule {
    let RuleInput { kind, act, reason } = input;
    KindRule { kind, act, limit_minor: None, reason }
}

/// Makes a rule for a kind of break.
#[tauri::command]
pub async fn add_rule(desk: State<'_, Desk>, input: RuleInput) -> Result<DecidedView, Failure> {
    desk.run(move |desk| {
        let (office, name) = (desk.office()?, desk.person());
        let actor = Actor { name: &name, at_ms: now_ms() };
        Ok(decisions::add_rule(office.book(), actor, &rule_of(input))?.into())
    })
    .await
}

/// What a rule would change.
#[tauri::command]
pub async fn preview_rule(desk: State<'_, Desk>, input: RuleInput) -> Result<PreviewView, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        Ok(decisions::preview_rule(&mut reader, &rule_of(input))?.into())
    })
    .await
}

/// The rules that hold, the newest first.
#[tauri::command]
pub async fn list_rules(desk: State<'_, Desk>) -> Result<Vec<RuleView>, Failure> {
    desk.run(|desk| {
        let found = decisions::list_rules(&mut desk.office()?.reader()?)?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

/// Takes a rule back, with what stands by it.
#[tauri::command]
pub async fn remove_rule(desk: State<'_, Desk>, id: i64) -> Result<DecidedView, Failure> {
    desk.run(move |desk| {
        let (office, name) = (desk.office()?, desk.person());
        let actor = Actor { name: &name, at_ms: now_ms() };
        Ok(decisions::remove_rule(office.book(), actor, id)?.into())
    })
    .await
}

/// Takes the last decision back.
#[tauri::command]
pub async fn undo_decision(desk: State<'_, Desk>) -> Result<DecidedView, Failure> {
    desk.run(move |desk| {
        let (office, name) = (desk.office()?, desk.person());
        let actor = Actor { name: &name, at_ms: now_ms() };
        Ok(decisions::undo(office.book(), actor, None)?.into())
    })
    .await
}

/// What may be written off, and which account bears it.
#[tauri::command]
pub async fn write_off_terms(desk: State<'_, Desk>) -> Result<WriteOffTermsView, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        Ok(decisions::write_off_terms(&mut reader)?.into())
    })
    .await
}

/// Marks a payout as seen, and names the next.
#[tauri::command]
pub async fn review_payout(desk: State<'_, Desk>, id: String) -> Result<ReviewView, Failure> {
    desk.run(move |desk| {
        let (office, name) = (desk.office()?, desk.person());
        let actor = Actor { name: &name, at_ms: now_ms() };
        Ok(decisions::review(office.book(), actor, &id)?.into())
    })
    .await
}

/// Notes something on a payout.
#[tauri::command]
pub async fn note_payout(desk: State<'_, Desk>, id: String, text: String) -> Result<(), Failure> {
    desk.run(move |desk| {
        let (office, name) = (desk.office()?, desk.person());
        let actor = Actor { name: &name, at_ms: now_ms() };
        decisions::note_payout(office.book(), actor, &id, &text)?;
        Ok(())
    })
    .await
}

/// Reviews and notes of a payout, newest first.
#[tauri::command]
pub async fn payout_decisions(
    desk: State<'_, Desk>,
    id: String,
) -> Result<Vec<DecisionView>, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let lang = desk.lang();
        let found = decisions::payout_history(&mut reader, &id)?;
        Ok(found.into_iter().map(|found| DecisionView::new(found, lang)).collect())
    })
    .await
}

/// The fees of a payout, computed again.
#[tauri::command]
pub async fn payout_fees(desk: State<'_, Desk>, id: String) -> Result<FeeCheckView, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        Ok(fees::check_fees(&mut reader, &id)?.into())
    })
    .await
}
