//! From the use cases' answers to their twins.

use super::{
    Amount, BankView, BreakRow, ComponentView, DayView, EvidenceRef, EvidenceView, Failure,
    FeePartView, ImportFile, ImportProblem, ImportReport, ImportState, ImportTotal, LinePage,
    MoneyMoved, PayoutLine, PayoutRow, PayoutStatus, PayoutView, SeenView, Verdict,
};
use crate::error::{Error, facts, problem_code};
use crate::import::FileState;
use crate::lists::CertificateRow;
use crate::statements::tail;
use crate::sums::Sum;
use crate::{evidence, import, lists, payouts};
use domain::money::minor_to_major;
use domain::{BusinessDate, Currency, format_channel_time};
use messages::{Lang, text};

/// An amount with its text.
pub fn money(minor: i64, currency: &str) -> Amount {
    let decimals = Currency::from_code(currency).unwrap_or(Currency::CNY).decimals();
    Amount { minor, currency: currency.to_owned(), major: minor_to_major(minor, decimals) }
}

impl From<&Sum> for Amount {
    fn from(sum: &Sum) -> Self {
        money(sum.amount_minor, &sum.currency)
    }
}

/// An instant as the wall clock of the channels' zone shows it.
pub fn time_text(at_ms: i64) -> String {
    format_channel_time(at_ms)
}

/// An instant as the channel's wall clock, `2026-04-14 10:02:11`.
pub(super) fn instant_text(at_ms: i64) -> String {
    format_channel_time(at_ms)
}

pub(super) fn date(day: i32) -> String {
    BusinessDate::from_days(day).to_string()
}

pub(super) fn verdict(code: &str) -> Verdict {
    match code {
        "complete" => Verdict::Complete,
        "waiting" => Verdict::Waiting,
        "incomplete" => Verdict::Incomplete,
        _ => Verdict::Contradictory,
    }
}

impl From<payouts::PayoutRow> for PayoutRow {
    fn from(row: payouts::PayoutRow) -> Self {
        let amount = |minor| money(minor, &row.currency);
        let status = match row.status() {
            "waiting" => PayoutStatus::Waiting,
            "explained" => PayoutStatus::Explained,
            _ => PayoutStatus::Question,
        };
        Self {
            date: date(row.day),
            bank_date: row.bank_day.map(date),
            promised_date: Some(date(row.promised_day)),
            gross: amount(row.gross_minor),
            taken_off: amount(row.taken_off_minor()),
            paid: amount(row.amount_minor),
            unexplained: amount(row.unexplained_minor),
            status,
            verdict: verdict(&row.verdict),
            seen: row
                .reviewed_at_ms
                .map(|at_ms| SeenView { by: row.reviewed_by, at: format_channel_time(at_ms) }),
            id: row.id,
            channel: row.channel,
            account_no: row.account_no,
            number: row.number,
        }
    }
}

impl PayoutView {
    /// A payout with the parts of its fees, the breaks and the verdicts of its days.
    pub fn new(
        payout: payouts::Payout,
        fee_parts: &[payouts::ComponentRow],
        breaks: Vec<lists::BreakRow>,
        days: Vec<CertificateRow>,
        lang: Lang,
    ) -> Self {
        let currency = payout.row.currency.clone();
        let bank = payout.bank.last().map(|line| BankView {
            date: date(line.day),
            account_tail: tail(&line.account_no),
            amount: money(line.amount_minor, &currency),
            memo: line.memo.clone(),
            evidence: line_ref(line.id),
        });
        let components = payout.components.into_iter().map(|row| ComponentView {
            name: row.name,
            amount: money(row.amount_minor, &currency),
            count: row.rows,
        });
        let days = days.into_iter().map(|row| DayView {
            day: date(row.day),
            verdict: verdict(&row.verdict),
            stream: row.stream,
        });
        let part = |part: &payouts::ComponentRow| {
            FeePartView::of(&part.name, part.amount_minor, &currency)
        };
        Self {
            fee_parts: fee_parts.iter().map(part).collect(),
            components: components.collect(),
            bank,
            days: days.collect(),
            breaks: breaks.into_iter().map(|row| BreakRow::new(row, lang)).collect(),
            row: payout.row.into(),
        }
    }
}

impl PayoutLine {
    fn new(line: payouts::PayoutLine, currency: &str) -> Self {
        let amount = |minor| money(minor, currency);
        Self {
            id: format!("{}-{}", line.id, line.component),
            at: format_channel_time(line.at_ms),
            amount: amount(line.amount_minor),
            fee: line.fee_minor.map(amount),
            evidence: EvidenceRef {
                document: line.document.to_string(),
                file_name: line.file_name,
                line_no: line.line_no,
            },
            component: line.component,
            kind_text: line.kind_text,
            order_id: line.order_id,
            channel_ref: line.channel_ref,
            goods: line.goods,
        }
    }
}

/// A line by its id; the file's name is asked for with the line itself.
fn line_ref(id: i64) -> EvidenceRef {
    let (document, line_no) = store::pack::split_line_id(id);
    EvidenceRef { document: document.to_string(), file_name: String::new(), line_no }
}

impl LinePage {
    /// A page of lines with the count and sum of the component (of all, without one).
    pub fn new(
        page: crate::Page<payouts::PayoutLine>,
        payout: &payouts::Payout,
        component: Option<&str>,
    ) -> Self {
        let inside: Vec<&payouts::ComponentRow> = payout
            .components
            .iter()
            .filter(|row| payouts::is_wanted(component, &row.name))
            .collect();
        let (count, sum) = inside
            .iter()
            .fold((0, 0), |(count, sum), row| (count + row.rows, sum + row.amount_minor));
        // What was carried from payout to payout is on the balance, and in no row of its own.
        let carried = inside
            .iter()
            .filter(|row| row.name.starts_with("carried_") && row.rows == 0)
            .map(|row| row.amount_minor)
            .sum();
        let currency = &payout.row.currency;
        Self {
            lines: page.rows.into_iter().map(|line| PayoutLine::new(line, currency)).collect(),
            next: page.next,
            count,
            sum: money(sum, currency),
            carried: money(carried, currency),
        }
    }
}

impl From<evidence::Evidence> for EvidenceView {
    fn from(found: evidence::Evidence) -> Self {
        let evidence::Evidence { file_name, sha256, kind, line_no, header, text, before, after } =
            found;
        Self { file_name, sha256, kind, line_no, header_text: header, text, before, after }
    }
}

pub(super) fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl From<import::ImportReport> for ImportReport {
    fn from(report: import::ImportReport) -> Self {
        Self {
            files: report.files.into_iter().map(ImportFile::from).collect(),
            cancelled: report.cancelled,
        }
    }
}

impl From<import::FileReport> for ImportFile {
    fn from(file: import::FileReport) -> Self {
        let problems = file.problems.into_iter().map(|note| ImportProblem {
            line: note.line,
            code: note.code,
            detail: note.detail,
        });
        let totals = file.totals.into_iter().map(|total| {
            let counts = ["row", "count", "payout_count", "payout_row_count", "line_chain"];
            let is_count = counts.iter().any(|word| total.name.starts_with(word));
            let shown = |value: i64| match is_count {
                true => value.to_string(),
                false => {
                    let said = money(value, &total.currency);
                    // The yuan goes without saying in these files.
                    match said.currency.as_str() {
                        "CNY" => said.major,
                        code => format!("{} {code}", said.major),
                    }
                }
            };
            ImportTotal {
                expected: shown(total.expected),
                found: shown(total.found),
                holds: total.holds,
                name: total.name,
            }
        });
        Self {
            problems: problems.collect(),
            totals: totals.collect(),
            state: match file.state {
                FileState::Booked => ImportState::Booked,
                FileState::Known => ImportState::Known,
                FileState::Refused => ImportState::Refused,
                FileState::NeedsMapping => ImportState::NeedsMapping,
            },
            path: file.path,
            document: file.document.map(|id| id.to_string()),
            kind: file.kind,
            rows_read: count(file.rows_read),
            rows_new: count(file.rows_new),
            rows_known: count(file.rows_known),
            rows_changed: count(file.rows_changed),
            quarantined: count(file.quarantined),
            reason: file.reason,
        }
    }
}

/// What a window shows of an error: what happened, whether money moved, what to do.
///
/// Nothing in this program sends money yet, so none of these moved any.
pub fn failure(error: &Error, lang: Lang) -> Failure {
    let code = error.code();
    let key = format!("error.{code}");
    let message = match messages::lookup(lang, &key) {
        Some(_) => {
            let said = text(lang, &key, &[("detail", &detail(error, lang))]);
            // Without particulars nothing follows the colon.
            said.trim_end_matches(['\u{ff1a}', ':', ' ']).to_owned()
        }
        None => chain(error),
    };
    let next_key = format!("error.{code}.next");
    let next_step = match messages::lookup(lang, &next_key) {
        Some(next) => next.to_owned(),
        None => String::new(),
    };
    Failure { code: code.to_owned(), message, money_moved: MoneyMoved::No, next_step }
}

/// How work is told that ended by a mistake of the program.
pub fn broken(lang: Lang) -> Failure {
    Failure {
        code: "broken".to_owned(),
        message: text(lang, "error.broken", &[]),
        money_moved: MoneyMoved::No,
        next_step: text(lang, "error.broken.next", &[]),
    }
}

/// The particulars of an error in the reader's language. Errors are written in English; other
/// readers get what is of no language, and for a refused file its reason in their words.
fn detail(error: &Error, lang: Lang) -> String {
    // Its message says everything else in both languages.
    if let Error::Till { detail, .. } | Error::CertificateTime { day: detail, .. } = error {
        return detail.clone();
    }
    if lang == Lang::En {
        return chain(error);
    }
    let facts = facts(error);
    let (stem, code) = match error {
        Error::Refused { problem, .. } => ("refusal", problem_code(problem)),
        Error::BadInput { field, .. } => ("error.field", *field),
        _ => return facts,
    };
    let Some(said) = messages::lookup(lang, &format!("{stem}.{code}")) else { return facts };
    let said = said.replace("{detail}", "");
    if stem == "refusal" { format!("{facts} {said}") } else { said }
}

/// An error with everything it came from, `a: b: c`.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
