//! Statements: shown, written, listed, and told from changed ones.

use crate::desk::{Desk, now_ms};
use backoffice::channels::not_read_again;
use backoffice::dto::{Failure, IssuedStatement, StatementCheck, StatementSubject, StatementView};
use backoffice::statements::{Subject, list_issued, page, payout_days, verify_file};
use backoffice::{BusinessDate, Channel, Currency, Error, Lang, Period};
use std::path::PathBuf;
use tauri::{State, WebviewWindow};

/// What the page asks for, in the words of the use case.
pub(super) fn subject_of(asked: &StatementSubject) -> Result<Subject, Error> {
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
    let code = asked.currency.as_deref();
    let currency = code
        .map(Currency::from_code)
        .transpose()
        .map_err(|error| Error::BadInput { field: "currency", reason: error.to_string() })?;
    Ok(Subject::Period { period: Period { from, until: to.plus_days(1) }, channel, currency })
}

pub(super) fn lang_of(code: &str) -> Result<Lang, Error> {
    let bad = || Error::BadInput { field: "lang", reason: "unknown".to_owned() };
    Lang::from_code(code).ok_or_else(bad)
}

/// What the statement says, for the page that shows it; `whole`: for one that is printed.
#[tauri::command]
pub async fn statement_preview(
    desk: State<'_, Desk>,
    subject: StatementSubject,
    lang: String,
    whole: bool,
) -> Result<StatementView, Failure> {
    desk.run(move |desk| {
        let office = desk.office()?;
        let company = office.company()?;
        let (mut reader, subject) = (office.reader()?, subject_of(&subject)?);
        let mut view = page(&mut reader, &subject, lang_of(&lang)?, &company, whole)?;
        if let Subject::Period { period, channel, .. } = subject {
            let early = not_read_again(&mut reader, period, channel, now_ms())?;
            view.early = early.into_iter().map(Into::into).collect();
        }
        Ok(view)
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

/// Asks the person how the page is to be printed: not every web view does so by itself.
#[tauri::command]
pub async fn print_page(desk: State<'_, Desk>, window: WebviewWindow) -> Result<(), Failure> {
    desk.run(move |_| {
        // A window that is gone asks nobody.
        let _ = window.print();
        Ok(())
    })
    .await
}
