//! Bringing files in.

use crate::desk::Desk;
use backoffice::dto::Failure;
use std::path::PathBuf;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;

/// Asks for files in the system's own dialog; empty when the person thought better of it.
#[tauri::command]
pub async fn choose_files(app: AppHandle, desk: State<'_, Desk>) -> Result<Vec<PathBuf>, Failure> {
    desk.run(move |_| {
        let chosen = app.dialog().file().blocking_pick_files().unwrap_or_default();
        Ok(chosen.into_iter().filter_map(|path| path.into_path().ok()).collect())
    })
    .await
}
