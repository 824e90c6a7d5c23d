//! Breaks, decisions and reviews as they cross to the window.

use super::convert::{date, money, time_text};
use super::{Amount, EvidenceRef};
use crate::decisions::{self, DecisionKind, LoggedDecision};
use crate::lists;
use domain::reconcile::BreakKind;
use messages::{Lang, lookup, text};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A discrepancy, with what was decided about it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BreakRow {
    /// Id.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// Records, the primary one first.
    pub records: Vec<String>,
    /// The field that differs.
    pub field: String,
    /// Expected value: a word or a date.
    pub expected: String,
    /// Found value.
    pub found: String,
    /// The expected value, when it is an amount.
    pub expected_amount: Option<Amount>,
    /// The found value, when it is an amount.
    pub found_amount: Option<Amount>,
    /// Negative: the merchant is short of it.
    pub effect: Amount,
    /// Day.
    pub day: String,
    /// Days from then to the last day of data.
    pub age_days: i32,
    /// `channel:number`.
    pub account: String,
    /// A sentence.
    pub reason: String,
    /// `open`, `explained`, `resolved`, `written_off`.
    pub state: String,
    /// By which decision; `changed` or `due` when it no longer holds.
    pub act: String,
    /// Who decided; empty when nobody did.
    pub decided_by: String,
    /// When, wall clock.
    pub decided_at: Option<String>,
    /// Why, in words.
    pub why: String,
    /// Notes on it.
    #[ts(type = "number")]
    pub notes: i64,
    /// Code of the act that usually fits.
    pub suggestion: String,
    /// True when its amount lies in the books, so that it can be written off.
    pub can_write_off: bool,
    /// The line that shows it.
    pub document: Option<String>,
    /// Its number in the file.
    pub line_no: Option<u32>,
}

/// A page of breaks with the counts of every kind and state.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BreakPage {
    /// Rows.
    pub rows: Vec<BreakRow>,
    /// Next.
    pub next: Option<String>,
    /// Kinds in the state asked for, the dearest first.
    pub kinds: Vec<BreakKindCount>,
}

/// How many breaks of a kind there are.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BreakKindCount {
    /// Kind.
    pub kind: String,
    /// Count.
    #[ts(type = "number")]
    pub count: i64,
}

/// One break with where it leads and what was said of it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BreakView {
    /// Row.
    pub row: BreakRow,
    /// Id of the payout that holds it.
    pub payout_id: Option<String>,
    /// Its number.
    pub payout_number: Option<String>,
    /// The line that shows it.
    pub evidence: Option<EvidenceRef>,
    /// Words of the channel on the row, for a row of unknown kind.
    pub word: Option<String>,
    /// When that row was booked, wall clock.
    pub booked_at: Option<String>,
    /// Code of the class that a row of unknown kind most likely has.
    pub likely_class: Option<String>,
    /// Decisions, newest first.
    pub history: Vec<DecisionView>,
}

/// A decision as people read it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DecisionView {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// Kind.
    pub kind: String,
    /// Subject.
    pub subject: String,
    /// When, wall clock.
    pub at: String,
    /// Who.
    pub by: String,
    /// Why, in words; the text of a note.
    pub text: String,
    /// False once taken back.
    pub holds: bool,
    /// A review while it was known that there was no network.
    pub offline: bool,
}

/// Who has seen a payout.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SeenView {
    /// Who.
    pub by: String,
    /// When, wall clock.
    pub at: String,
}

/// A payout marked as seen, and the one that waits next.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReviewView {
    /// The mark.
    pub seen: SeenView,
    /// It was known that there was no network; false says nothing.
    pub offline: bool,
    /// Id of the newest payout nobody has seen.
    pub next: Option<String>,
}

/// What is to be done with breaks.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DecideInput {
    /// `accept`, `write_off`, `carry`, `ask`, `claim`, `note`, `reopen`.
    pub act: String,
    /// These breaks; empty with a kind.
    pub ids: Vec<String>,
    /// Every open one of this kind.
    pub kind: Option<String>,
    /// In the person's words.
    pub reason: String,
    /// First day a carried break is open again.
    pub until: Option<String>,
    /// Write-off: the account that bears it, kept for the next time.
    pub account: Option<String>,
    /// Write-off: the limit as typed, kept for the next time.
    pub limit_major: Option<String>,
}

/// What a row of unknown kind is said to be.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ClassifyInput {
    /// Its break.
    pub break_id: String,
    /// Code of the class; the likeliest without one.
    pub becomes: Option<String>,
    /// Every row of the same words.
    pub always: bool,
    /// In the person's words.
    pub reason: String,
}

/// A rule for a kind of break.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RuleInput {
    /// Kind.
    pub kind: String,
    /// `accept` or `carry`.
    pub act: String,
    /// In the person's words.
    pub reason: String,
}

/// A rule that holds.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RuleView {
    /// Number of the decision that made it.
    #[ts(type = "number")]
    pub id: i64,
    /// Kind of the breaks it is for; `unknown_row` for rows of a word.
    pub kind: String,
    /// Channel of the rows of a word; empty for a kind.
    pub channel: String,
    /// The channel's words of those rows; empty for a kind.
    pub word: String,
    /// `accept` or `carry`; of a word the class of its rows.
    pub act: String,
    /// Only up to this effect.
    pub limit: Option<Amount>,
    /// In the person's words.
    pub reason: String,
    /// Who made it.
    pub by: String,
    /// When, wall clock.
    pub at: String,
    /// Breaks that stand by it now.
    #[ts(type = "number")]
    pub breaks: i64,
}

/// What was decided.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DecidedView {
    /// Breaks decided, or decisions taken back.
    #[ts(type = "number")]
    pub count: i64,
    /// Payouts whose unexplained amount changed.
    #[ts(type = "number")]
    pub payouts_changed: i64,
}

/// What a decision would change.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PreviewView {
    /// Breaks or rows that it would decide now.
    #[ts(type = "number")]
    pub now: i64,
    /// Rows of other payouts.
    #[ts(type = "number")]
    pub history: i64,
    /// What it would leave.
    #[ts(type = "number")]
    pub left: i64,
    /// Their amounts, summed, one for each currency.
    pub sums: Vec<Amount>,
    /// Code of the class.
    pub becomes: Option<String>,
    /// Payouts whose unexplained amount changes.
    #[ts(type = "number")]
    pub payout_count: i64,
    /// The newest of them.
    pub payouts: Vec<PayoutChangeView>,
}

/// A payout before and after.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PayoutChangeView {
    /// Id.
    pub id: String,
    /// Day it left.
    pub date: String,
    /// Unexplained now.
    pub before: Amount,
    /// What of it is said to be something: `before` less `after`.
    pub classified: Amount,
    /// Unexplained then.
    pub after: Amount,
}

/// What may be written off: asked once.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WriteOffTermsView {
    /// True once a person has said them.
    pub known: bool,
    /// Largest amount.
    pub limit: Amount,
    /// The account that bears it.
    pub account: String,
}

/// Suggestions that accepting carries out; the others somebody did elsewhere, or said so.
const CARRIED_OUT: [&str; 4] = ["accept_rounding", "accept_late", "carry_over", "take_back"];

/// Words of a person as they are; a suggestion or a class in the reader's language. What the
/// program cannot do itself is told as said to be done.
pub fn why_text(why: &str, lang: Lang) -> String {
    let key = match why.split_once(':') {
        Some(("suggest", code)) => format!("decisions.suggest.{code}"),
        Some(("class", code)) => format!("decisions.class.{code}"),
        _ => return why.to_owned(),
    };
    let Some(found) = lookup(lang, &key) else { return why.to_owned() };
    match why.strip_prefix("suggest:") {
        Some(code) if !CARRIED_OUT.contains(&code) => {
            text(lang, "decisions.suggest.said_done", &[("what", found)])
        }
        _ => found.to_owned(),
    }
}

/// The sentence of a break: of its kind and the field that differs where those have one, else of
/// its kind.
pub fn reason_text(kind: &str, field: &str, lang: Lang) -> String {
    match lookup(lang, &format!("break.{kind}.reason.{field}")) {
        Some(reason) => reason.to_owned(),
        None => text(lang, &format!("break.{kind}.reason"), &[]),
    }
}

impl BreakRow {
    /// A row with its sentence in the reader's language.
    pub fn new(row: lists::BreakRow, lang: Lang) -> Self {
        // A count of payments is no amount.
        let amount = |value: &str| match row.field.as_str() {
            "payments" => None,
            _ => value.parse().ok().map(|minor| money(minor, &row.currency)),
        };
        let can_write_off = row.effect_minor != 0
            && BreakKind::from_code(&row.kind).and_then(BreakKind::write_off_role).is_some();
        Self {
            expected_amount: amount(&row.expected),
            found_amount: amount(&row.found),
            effect: money(row.effect_minor, &row.currency),
            day: date(row.day),
            reason: reason_text(&row.kind, &row.field, lang),
            decided_at: row.decided_at_ms.map(time_text),
            why: why_text(&row.why, lang),
            document: row.line.map(|(document, _)| document.to_string()),
            line_no: row.line.map(|(_, line)| line),
            age_days: row.age_days,
            can_write_off,
            suggestion: row.suggestion.to_owned(),
            id: row.id,
            kind: row.kind,
            records: row.records,
            field: row.field,
            expected: row.expected,
            found: row.found,
            account: row.account,
            state: row.state,
            act: row.act,
            decided_by: row.decided_by,
            notes: row.notes,
        }
    }
}

impl BreakView {
    /// One break with its decisions in the reader's language.
    pub fn new(detail: lists::BreakDetail, history: Vec<LoggedDecision>, lang: Lang) -> Self {
        let lists::BreakDetail { row, payout, file_name, fund } = detail;
        let evidence = row.line.map(|(document, line_no)| EvidenceRef {
            document: document.to_string(),
            file_name,
            line_no,
        });
        let (payout_id, payout_number) = payout.unzip();
        let unknown = row.kind == BreakKind::UnknownRow.code();
        let likely = domain::BalanceKind::likely_class(row.effect_minor).code();
        Self {
            likely_class: unknown.then(|| likely.to_owned()),
            word: fund.as_ref().map(|(word, _)| word.clone()),
            booked_at: fund.map(|(_, at_ms)| time_text(at_ms)),
            row: BreakRow::new(row, lang),
            payout_id,
            payout_number,
            evidence,
            history: history.into_iter().map(|found| DecisionView::new(found, lang)).collect(),
        }
    }
}

impl DecisionView {
    /// A decision in the reader's language.
    pub fn new(found: LoggedDecision, lang: Lang) -> Self {
        let LoggedDecision { decision, holds } = found;
        let body = decision.body;
        let said = match (decision.kind, body.suggestion, body.becomes.as_str()) {
            _ if !body.reason.is_empty() => body.reason,
            (DecisionKind::Classify, _, code) => why_text(&format!("class:{code}"), lang),
            (_, Some(code), _) => why_text(&format!("suggest:{code}"), lang),
            _ => String::new(),
        };
        Self {
            id: decision.id,
            kind: decision.kind.code().to_owned(),
            subject: decision.subject,
            at: time_text(decision.at_ms),
            by: decision.by,
            text: said,
            holds,
            offline: body.offline.unwrap_or(false),
        }
    }
}

impl From<decisions::Review> for ReviewView {
    fn from(review: decisions::Review) -> Self {
        let seen = SeenView { by: review.by, at: time_text(review.at_ms) };
        Self { seen, offline: review.offline, next: review.next }
    }
}

impl From<decisions::KeptRule> for RuleView {
    fn from(rule: decisions::KeptRule) -> Self {
        Self {
            limit: rule.limit_minor.map(|minor| money(minor, "CNY")),
            at: time_text(rule.at_ms),
            id: rule.id,
            kind: rule.kind,
            channel: rule.channel,
            word: rule.word,
            act: rule.act,
            reason: rule.reason,
            by: rule.by,
            breaks: rule.breaks,
        }
    }
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl From<decisions::Decided> for DecidedView {
    fn from(done: decisions::Decided) -> Self {
        Self { count: count(done.breaks), payouts_changed: count(done.payouts_changed) }
    }
}

impl From<decisions::Undone> for DecidedView {
    fn from(done: decisions::Undone) -> Self {
        let payouts_changed = count(done.payouts_changed);
        Self { count: count(done.decisions.len() as u64), payouts_changed }
    }
}

impl From<decisions::ClassPreview> for PreviewView {
    fn from(found: decisions::ClassPreview) -> Self {
        let amount = |minor| money(minor, &found.currency);
        let payouts = found.payouts.iter().map(|payout| PayoutChangeView {
            id: payout.id.clone(),
            date: date(payout.day),
            before: amount(payout.before_minor),
            classified: amount(payout.before_minor - payout.after_minor),
            after: amount(payout.after_minor),
        });
        Self {
            now: count(found.rows_now),
            history: count(found.rows_history),
            left: 0,
            sums: vec![amount(found.sum_minor)],
            becomes: Some(found.becomes.clone()),
            payout_count: count(found.payout_count),
            payouts: payouts.collect(),
        }
    }
}

impl From<decisions::BatchPreview> for PreviewView {
    fn from(found: decisions::BatchPreview) -> Self {
        let sums = found.effects.iter().map(Into::into).collect();
        Self { now: count(found.breaks), left: count(found.left), sums, ..Self::default() }
    }
}

impl From<decisions::RulePreview> for PreviewView {
    fn from(found: decisions::RulePreview) -> Self {
        let sums = found.effects.iter().map(Into::into).collect();
        Self { now: count(found.open), left: count(found.left), sums, ..Self::default() }
    }
}

impl From<Option<decisions::WriteOffTerms>> for WriteOffTermsView {
    fn from(terms: Option<decisions::WriteOffTerms>) -> Self {
        let known = terms.is_some();
        let terms = terms.unwrap_or_else(|| decisions::WriteOffTerms {
            limit_minor: decisions::WRITE_OFF_LIMIT_MINOR,
            account: decisions::WRITE_OFF_ACCOUNT.to_owned(),
        });
        Self { known, limit: money(terms.limit_minor, "CNY"), account: terms.account }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_missing_in_the_fund_bill_says_in_which_way() {
        let reason = |field: &str| reason_text("missing_in_fund_bill", field, Lang::En);
        let told = ["fund_row", "balance", "payout_list", "another"].map(reason);
        for (at, text) in told.iter().enumerate() {
            assert!(!text.starts_with("break.") && !told[..at].contains(text), "{text}");
        }
    }
}
