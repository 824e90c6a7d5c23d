//! Statements: shown, written, listed, and told from changed ones.

use crate::commands::payouts::write_whole;
use crate::desk::{Desk, now_ms};
use backoffice::dto::{Failure, IssuedStatement, StatementCheck, StatementSubject, StatementView};
use backoffice::statements::{
    Format, Subject, list_issued, make_to_issue, page, payout_days, record, verify_file,
};
use backoffice::{BusinessDate, Channel, Error, Lang, Period};
use std::path::PathBuf;
use tauri::State;

/// What the page asks for, in the words of the use case.
fn subject_of(asked: &StatementSubject) -> Result<Subject, Error> {
    if let Some(id) = &asked.payout_id {
        return Ok(Subject::Payout(id.clone()));
    }
    let day = |field, text: &Option<String>| {
        text.as_deref()
            .and_then(BusinessDate::parse)
            .ok_or_else(|| Error::BadInput { field, reason: "not a day".to_owned() })
    };
    let (from, to) = (day("from", &asked.from)?, day("to", &asked.to)?);
    if from > to {
        return Err(Error::BadInput { field: "to", reason: "before the first day".to_owned() });
    }
    let channel = asked.channel.as_deref().and_then(Channel::from_code);
    Ok(Subject::Period { period: Period { from, until: to.plus_days(1) }, channel })
}

fn lang_of(code: &str) -> Result<Lang, Error> {
    let bad = || Error::BadInput { field: "lang", reason: "unknown".to_owned() };
    Lang::from_code(code).ok_or_else(bad)
}

/// What the statement says, for the page that shows it.
#[tauri::command]
pub async fn statement_preview(
    desk: State<'_, Desk>,
    subject: StatementSubject,
    lang: String,
) -> Result<StatementView, Failure> {
    desk.run(move |desk| {
        let office = desk.office()?;
        let company = office.company()?;
        page(&mut office.reader()?, &subject_of(&subject)?, lang_of(&lang)?, &company)
    })
    .await
}

/// First and last day with a payout; `None` in an empty book.
#[tauri::command]
pub async fn statement_days(desk: State<'_, Desk>) -> Result<Option<(String, String)>, Failure> {
    desk.run(|desk| {
        let days = payout_days(&mut desk.office()?.reader()?)?;
        Ok(days.map(|(from, to)| (from.to_string(), to.to_string())))
    })
    .await
}

/// Writes a statement to the path the person chose, and remembers that it was given out.
#[tauri::command]
pub async fn issue_statement(
    desk: State<'_, Desk>,
    subject: StatementSubject,
    format: String,
    path: String,
    lang: String,
) -> Result<String, Failure> {
    desk.run(move |desk| issue(desk, &subject_of(&subject)?, &format, &path, &lang)).await
}

/// Makes, writes and remembers a statement.
///
/// # Errors
/// What making, writing and remembering can say.
pub fn issue(
    desk: &Desk,
    subject: &Subject,
    format: &str,
    path: &str,
    lang: &str,
) -> Result<String, Error> {
    let path = desk.take_allowed(path)?;
    let bad = || Error::BadInput { field: "format", reason: "unknown".to_owned() };
    let (format, lang) = (Format::from_code(format).ok_or_else(bad)?, lang_of(lang)?);
    let office = desk.office()?;
    let company = office.company()?;
    let made = make_to_issue(&mut office.reader()?, subject, lang, &company, format)?;
    let shown = path.display().to_string();
    write_whole(&path, |out| {
        out.write_all(&made.bytes).map_err(|source| Error::File { path: shown.clone(), source })
    })?;
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    record(office.book(), &made, format, lang, &name, now_ms())?;
    Ok(shown)
}

/// Statements given out, the latest first.
#[tauri::command]
pub async fn issued_statements(desk: State<'_, Desk>) -> Result<Vec<IssuedStatement>, Failure> {
    desk.run(|desk| {
        let rows = list_issued(&mut desk.office()?.reader()?)?;
        Ok(rows.into_iter().map(Into::into).collect())
    })
    .await
}

/// Tells whether a file is a statement of this book.
#[tauri::command]
pub async fn verify_statement(
    desk: State<'_, Desk>,
    path: PathBuf,
) -> Result<StatementCheck, Failure> {
    desk.run(move |desk| Ok(verify_file(&mut desk.office()?.reader()?, &path)?.into())).await
}
