//! Bringing files in.

use crate::desk::{Desk, now_ms};
use crate::events::Teller;
use backoffice::Error;
use backoffice::dto::{Failure, ImportReport};
use backoffice::import::{ImportOptions, Watch, import};
use std::path::PathBuf;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;

/// Reads files and folders into the book; tells the window how it goes on.
#[tauri::command]
pub async fn import_paths(
    app: AppHandle,
    desk: State<'_, Desk>,
    paths: Vec<PathBuf>,
) -> Result<ImportReport, Failure> {
    desk.run(move |desk| {
        let office = desk.office()?;
        let running = desk.begin_import().ok_or_else(|| Error::BadInput {
            field: "paths",
            reason: "another import is running".to_owned(),
        })?;
        let options = ImportOptions { now_ms: now_ms(), ..ImportOptions::default() };
        let mut teller = Teller::new(app);
        let mut progress = |at: &_| teller.tell(at);
        let mut watch = Watch { progress: &mut progress, cancel: running.cancel() };
        Ok(import(office.book(), &paths, &options, &mut watch)?.into())
    })
    .await
}

/// Asks the running import to stop; files that were finished stay.
#[tauri::command]
pub async fn cancel_import(desk: State<'_, Desk>) -> Result<(), Failure> {
    desk.cancel_import();
    Ok(())
}

/// Asks for files in the system's own dialog; empty when the person thought better of it.
#[tauri::command]
pub async fn choose_files(app: AppHandle, desk: State<'_, Desk>) -> Result<Vec<PathBuf>, Failure> {
    desk.run(move |_| {
        let chosen = app.dialog().file().blocking_pick_files().unwrap_or_default();
        Ok(chosen.into_iter().filter_map(|path| path.into_path().ok()).collect())
    })
    .await
}
