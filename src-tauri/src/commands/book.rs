//! The book and how the window looks.

use crate::desk::Desk;
use backoffice::dto::{BookStatus, Failure, Place, Preferences};
use backoffice::{Error, Secret, Way};
use tauri::{AppHandle, State};

/// Which book is open and how it can be unlocked.
#[tauri::command]
pub async fn book_status(app: AppHandle, desk: State<'_, Desk>) -> Result<BookStatus, Failure> {
    let status = desk.run(Desk::status).await;
    // What can be gone to depends on it.
    crate::show_menu(&app);
    status
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

/// Where one was in the open book; `None` in one never left.
#[tauri::command]
pub async fn last_place(desk: State<'_, Desk>) -> Result<Option<Place>, Failure> {
    desk.run(|desk| Ok(desk.last_place())).await
}

/// Remembers where one is, for the next start.
#[tauri::command]
pub async fn remember_place(desk: State<'_, Desk>, place: Place) -> Result<(), Failure> {
    desk.run(move |desk| {
        desk.remember_place(place);
        Ok(())
    })
    .await
}

/// Language and colours.
#[tauri::command]
pub async fn preferences(desk: State<'_, Desk>) -> Result<Preferences, Failure> {
    Ok(desk.preferences())
}

/// Remembers language, colours and size, and draws at that size.
#[tauri::command]
pub async fn save_preferences(
    app: AppHandle,
    desk: State<'_, Desk>,
    preferences: Preferences,
) -> Result<(), Failure> {
    let told = desk.run(move |desk| desk.keep_preferences(preferences)).await;
    crate::zoom(&app);
    crate::show_menu(&app);
    told
}
