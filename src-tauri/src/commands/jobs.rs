//! Long work: begun, watched, stopped and put away.

use crate::commands::statements::{lang_of, subject_of};
use crate::desk::Desk;
use backoffice::dto::{Failure, JobView, StatementSubject};
use backoffice::import::mapping_of;
use backoffice::jobs::Task;
use backoffice::statements::{Format, Subject};
use backoffice::{Error, payouts};
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager, State};

/// Every job, the latest first.
#[tauri::command]
pub async fn list_jobs(desk: State<'_, Desk>) -> Result<Vec<JobView>, Failure> {
    desk.run(|desk| Ok(desk.board().list(desk.lang()))).await
}

/// Asks a job to stop; what it had finished stays.
#[tauri::command]
pub async fn cancel_job(desk: State<'_, Desk>, id: u32) -> Result<(), Failure> {
    desk.board().cancel(id);
    Ok(())
}

/// Puts a finished job away; all of them without a number.
#[tauri::command]
pub async fn dismiss_jobs(desk: State<'_, Desk>, id: Option<u32>) -> Result<(), Failure> {
    desk.board().dismiss(id);
    Ok(())
}

/// Reads files and folders into the book, a table by its mapping; the answer is the job's number.
#[tauri::command]
pub async fn start_import(
    app: AppHandle,
    desk: State<'_, Desk>,
    paths: Vec<PathBuf>,
    mapping: Option<String>,
) -> Result<u32, Failure> {
    desk.run(move |desk| {
        let mapping = mapping.as_deref().map(mapping_of).transpose()?.map(Box::new);
        desk.start(&app, Task::Import { paths, mapping })
    })
    .await
}

/// Compares everything again; the answer is the job's number.
#[tauri::command]
pub async fn start_reconcile(app: AppHandle, desk: State<'_, Desk>) -> Result<u32, Failure> {
    desk.run(move |desk| desk.start(&app, Task::Reconcile)).await
}

/// Checks the file and everything derived; the answer is the job's number.
#[tauri::command]
pub async fn start_verify(app: AppHandle, desk: State<'_, Desk>) -> Result<u32, Failure> {
    desk.run(move |desk| desk.start(&app, Task::Verify)).await
}

/// Makes a statement, writes it and remembers it; the answer is the job's number.
///
/// It is written to the path the person chose a moment ago; without a path, under a free name into
/// the folder of statements, which no page can choose.
#[tauri::command]
pub async fn start_statement(
    app: AppHandle,
    desk: State<'_, Desk>,
    subject: StatementSubject,
    format: String,
    path: Option<String>,
    lang: String,
) -> Result<u32, Failure> {
    desk.run(move |desk| {
        let (subject, lang) = (subject_of(&subject)?, lang_of(&lang)?);
        let bad = || Error::BadInput { field: "format", reason: "unknown".to_owned() };
        let format = Format::from_code(&format).ok_or_else(bad)?;
        let path = match path {
            Some(path) => desk.take_allowed(&path)?,
            None => free_name(&folder(&app)?, &stem(desk, &subject)?, format.code()),
        };
        desk.start(&app, Task::Statement { subject, format, path, lang })
    })
    .await
}

/// Where statements go unless somebody chooses: with the person's documents.
fn folder(app: &AppHandle) -> Result<PathBuf, Error> {
    let paths = app.path();
    let folder = paths.document_dir().or_else(|_| paths.app_data_dir());
    let folder = folder.unwrap_or_default().join("Suanpan");
    match std::fs::create_dir_all(&folder) {
        Ok(()) => Ok(folder),
        Err(source) => Err(Error::File { path: folder.display().to_string(), source }),
    }
}

/// What a statement's file is called, of numbers and days alone.
fn stem(desk: &Desk, subject: &Subject) -> Result<String, Error> {
    Ok(match subject {
        Subject::Payout(id) => {
            let found = payouts::payout(&mut desk.office()?.reader()?, id)?;
            super::payouts::plain_name(&found.row.number)
        }
        Subject::Period { period, channel, currency } => {
            let channel = channel.map_or(String::new(), |channel| format!("_{}", channel.code()));
            let currency = currency.map_or(String::new(), |one| format!("_{}", one.code()));
            format!("{}_{}{channel}{currency}", period.from, period.until.plus_days(-1))
        }
    })
}

/// A name that is not taken: what was given out before is never written over.
fn free_name(folder: &Path, stem: &str, ending: &str) -> PathBuf {
    let first = folder.join(format!("{stem}.{ending}"));
    let more = (2..).map(|count| folder.join(format!("{stem}-{count}.{ending}")));
    std::iter::once(first).chain(more).find(|path| !path.exists()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_given_out_before_is_not_written_over() {
        let folder = std::env::temp_dir().join(format!("suanpan-names-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(free_name(&folder, "TX1", "pdf"), folder.join("TX1.pdf"));
        std::fs::write(folder.join("TX1.pdf"), "").unwrap();
        std::fs::write(folder.join("TX1-2.pdf"), "").unwrap();
        assert_eq!(free_name(&folder, "TX1", "pdf"), folder.join("TX1-3.pdf"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
