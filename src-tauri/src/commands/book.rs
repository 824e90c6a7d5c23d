//! The book and how the window looks.

use crate::desk::Desk;
use backoffice::dto::{BookStatus, Failure, Preferences};
use backoffice::{Error, Secret, Way};
use tauri::State;

/// Which book is open and how it can be unlocked.
#[tauri::command]
pub async fn book_status(desk: State<'_, Desk>) -> Result<BookStatus, Failure> {
    desk.run(Desk::status).await
}

/// Opens the book at `path` by passphrase, recovery code, keyring or the login of its server.
#[tauri::command]
pub async fn open_book(
    desk: State<'_, Desk>,
    path: String,
    way: String,
    secret: String,
) -> Result<BookStatus, Failure> {
    let secret = Secret::new(secret);
    desk.run(move |desk| {
        let way = match way.as_str() {
            "passphrase" | "server" => Way::Passphrase(secret),
            "recovery_code" => Way::RecoveryCode(secret),
            "keyring" => Way::Keyring,
            _ => return Err(Error::BadInput { field: "way", reason: way }),
        };
        desk.open(&path, way)?;
        desk.status()
    })
    .await
}

/// Makes a book; the answer is its recovery code, shown once and kept by the person.
#[tauri::command]
pub async fn create_book(
    desk: State<'_, Desk>,
    path: String,
    company: String,
    passphrase: String,
) -> Result<Option<String>, Failure> {
    let passphrase = Secret::new(passphrase);
    desk.run(move |desk| desk.create(&path, &company, passphrase)).await
}

/// Opens the demo company, making it first where there is none.
#[tauri::command]
pub async fn open_demo(desk: State<'_, Desk>) -> Result<BookStatus, Failure> {
    desk.run(move |desk| {
        desk.open_demo()?;
        desk.status()
    })
    .await
}

/// Language and colours.
#[tauri::command]
pub async fn preferences(desk: State<'_, Desk>) -> Result<Preferences, Failure> {
    Ok(desk.preferences())
}

/// Remembers language and colours.
#[tauri::command]
pub async fn save_preferences(
    desk: State<'_, Desk>,
    preferences: Preferences,
) -> Result<(), Failure> {
    desk.run(move |desk| desk.keep_preferences(preferences)).await
}
