//! What the program tells the window without being asked.

use backoffice::dto::JobView;
use tauri::{AppHandle, Emitter};

/// Tells the window that somebody asked for a book, by a double click or in a terminal.
pub fn book_asked(app: &AppHandle, path: &str) {
    // A window that is gone needs no telling.
    let _ = app.emit_to("main", "book_asked", path);
}

/// Tells the window how a job stands.
pub fn job(app: &AppHandle, view: &JobView) {
    // A window that is gone needs no telling.
    let _ = app.emit_to("main", "job", view);
}

/// Tells the window which item of the menu was chosen.
pub fn menu(app: &AppHandle, id: &str) {
    // A window that is gone needs no telling.
    let _ = app.emit_to("main", "menu", id);
}
