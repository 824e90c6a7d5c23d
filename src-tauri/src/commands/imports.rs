//! Rows set aside, bills that differ, and tables whose columns nobody has named.

use crate::desk::{Desk, now_ms};
use backoffice::decisions::Actor;
use backoffice::dto;
use backoffice::dto::{Failure, MendAnswer, RevisionView, SetAsidePage, TablePreview};
use backoffice::import::look;
use backoffice::quarantine::{mend, page_quarantine};
use backoffice::revisions::{choose_bill as choose, list_revisions};
use std::path::PathBuf;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;

/// Rows set aside that a page shows at a time.
const ROWS_SHOWN: u32 = 100;

/// Rows that wait to be mended, a page from `cursor` on.
#[tauri::command]
pub async fn quarantine(
    desk: State<'_, Desk>,
    cursor: Option<String>,
) -> Result<SetAsidePage, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        Ok(page_quarantine(&mut reader, true, cursor.as_deref(), ROWS_SHOWN)?.into())
    })
    .await
}

/// Reads a row again in other words.
#[tauri::command]
pub async fn mend_row(
    desk: State<'_, Desk>,
    document: i64,
    line: u32,
    text: String,
) -> Result<MendAnswer, Failure> {
    desk.run(move |desk| Ok(mend(desk.office()?.book(), document, line, &text, now_ms())?.into()))
        .await
}

/// Bills of one day that differ.
#[tauri::command]
pub async fn revisions(desk: State<'_, Desk>) -> Result<Vec<RevisionView>, Failure> {
    desk.run(|desk| {
        let found = list_revisions(&mut desk.office()?.reader()?)?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

/// Says which bill is the later; the answer is the list as it then is.
#[tauri::command]
pub async fn choose_bill(
    desk: State<'_, Desk>,
    document: i64,
) -> Result<Vec<RevisionView>, Failure> {
    desk.run(move |desk| {
        let office = desk.office()?;
        let by = crate::desk::person();
        choose(office.book(), Actor { name: &by, at_ms: now_ms() }, document)?;
        let found = list_revisions(&mut office.reader()?)?;
        Ok(found.into_iter().map(dto::RevisionView::from).collect())
    })
    .await
}

/// A table under a mapping in the making.
#[tauri::command]
pub async fn table_preview(
    desk: State<'_, Desk>,
    path: PathBuf,
    mapping: Option<String>,
    header_line: Option<u32>,
) -> Result<TablePreview, Failure> {
    desk.run(move |_| Ok(look(&path, mapping.as_deref(), header_line)?.into())).await
}

/// Asks for folders; empty when the person thought better of it.
#[tauri::command]
pub async fn choose_folders(
    app: AppHandle,
    desk: State<'_, Desk>,
) -> Result<Vec<PathBuf>, Failure> {
    desk.run(move |_| {
        let chosen = app.dialog().file().blocking_pick_folders().unwrap_or_default();
        Ok(chosen.into_iter().filter_map(|path| path.into_path().ok()).collect())
    })
    .await
}
