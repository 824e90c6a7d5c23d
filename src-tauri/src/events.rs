//! What the program tells the window without being asked.

use backoffice::dto::ImportProgress;
use backoffice::import::Progress;
use std::time::{Duration, Instant};
use tauri::{AppHandle, Emitter};

/// More often than this nobody can read.
const OFTEN: Duration = Duration::from_millis(80);

/// Tells the window that somebody asked for a book, by a double click or in a terminal.
pub fn book_asked(app: &AppHandle, path: &str) {
    // A window that is gone needs no telling.
    let _ = app.emit_to("main", "book_asked", path);
}

/// Tells the window how an import goes on, seldom enough not to slow it down.
pub struct Teller {
    app: AppHandle,
    told: Option<(Instant, u64)>,
}

impl Teller {
    /// A teller that has told nothing yet.
    pub fn new(app: AppHandle) -> Self {
        Self { app, told: None }
    }

    /// Tells now, unless it told a moment ago and no file was finished since.
    pub fn tell(&mut self, at: &Progress) {
        let soon = self.told.is_some_and(|(when, _)| when.elapsed() < OFTEN);
        if soon {
            return;
        }
        self.told = Some((Instant::now(), at.done));
        // A window that is gone needs no telling.
        let _ = self.app.emit_to("main", "import_progress", ImportProgress::from(at));
    }
}
