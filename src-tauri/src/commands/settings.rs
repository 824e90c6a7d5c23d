//! The ways into a book, its own settings, and the books known on this computer.

use crate::desk::Desk;
use backoffice::channels::line_is_metered;
use backoffice::dto::{BookSettings, BookStatus, Failure, OwnAccountView, RecentBook};
use backoffice::own_chart::{self, OwnChart, Standard};
use backoffice::{Error, FeeSigns, Secret, UnlockMethod};
use std::path::PathBuf;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;

fn settings(desk: &Desk) -> Result<BookSettings, Error> {
    let office = desk.office()?;
    let fee_signs = match office.fee_signs()? {
        FeeSigns::AsPrinted => "as_printed",
        FeeSigns::ByKind => "by_kind",
    };
    Ok(BookSettings {
        unlock_methods: office.ways().into_iter().map(|way| code_of(way).to_owned()).collect(),
        fee_signs: fee_signs.to_owned(),
        fetches: office.fetches_itself()?,
        fetches_metered: office.fetches_metered()?,
        metered: line_is_metered(),
        place: office.place(),
    })
}

fn code_of(way: UnlockMethod) -> &'static str {
    match way {
        UnlockMethod::Passphrase => "passphrase",
        UnlockMethod::RecoveryCode => "recovery_code",
        UnlockMethod::Keyring => "keyring",
    }
}

/// The book's own settings.
#[tauri::command]
pub async fn book_settings(desk: State<'_, Desk>) -> Result<BookSettings, Failure> {
    desk.run(settings).await
}

/// Sets where the signs of Alipay's fees come from.
#[tauri::command]
pub async fn set_fee_signs(desk: State<'_, Desk>, signs: String) -> Result<BookSettings, Failure> {
    desk.run(move |desk| {
        let signs = if signs == "as_printed" { FeeSigns::AsPrinted } else { FeeSigns::ByKind };
        desk.office()?.set_fee_signs(signs)?;
        settings(desk)
    })
    .await
}

/// Sets whether the window asks the channels of the book by itself.
#[tauri::command]
pub async fn set_fetches(desk: State<'_, Desk>, wanted: bool) -> Result<BookSettings, Failure> {
    desk.run(move |desk| {
        desk.office()?.set_fetches_itself(wanted)?;
        settings(desk)
    })
    .await
}

/// Sets whether it does so over a line that is paid for by the byte.
#[tauri::command]
pub async fn set_fetches_metered(
    desk: State<'_, Desk>,
    wanted: bool,
) -> Result<BookSettings, Failure> {
    desk.run(move |desk| {
        desk.office()?.set_fetches_metered(wanted)?;
        settings(desk)
    })
    .await
}

/// Lets this computer's keyring open the book too, or no longer.
#[tauri::command]
pub async fn set_keyring(desk: State<'_, Desk>, wanted: bool) -> Result<BookSettings, Failure> {
    desk.run(move |desk| {
        let office = desk.office()?;
        match wanted {
            true => office.add_keyring()?,
            false => office.remove_way(UnlockMethod::Keyring)?,
        }
        settings(desk)
    })
    .await
}

/// Sets another passphrase.
#[tauri::command]
pub async fn change_passphrase(
    desk: State<'_, Desk>,
    passphrase: String,
) -> Result<BookSettings, Failure> {
    let passphrase = Secret::new(passphrase);
    desk.run(move |desk| {
        desk.office()?.set_passphrase(&passphrase)?;
        settings(desk)
    })
    .await
}

/// Makes another recovery code, shown once.
#[tauri::command]
pub async fn new_recovery_code(desk: State<'_, Desk>) -> Result<String, Failure> {
    desk.run(|desk| desk.office()?.renew_recovery_code()).await
}

/// Books that were open on this computer, the latest first.
#[tauri::command]
pub async fn recent_books(desk: State<'_, Desk>) -> Result<Vec<RecentBook>, Failure> {
    desk.run(|desk| Ok(desk.recent())).await
}

/// A book known on this computer has moved: its entry names the new place.
#[tauri::command]
pub async fn relocate_book(desk: State<'_, Desk>, from: String, to: String) -> Result<(), Failure> {
    desk.run(move |desk| {
        desk.relocate(&from, &to);
        Ok(())
    })
    .await
}

/// Puts the open book away and shows another one's door; nothing is opened yet.
#[tauri::command]
pub async fn switch_book(desk: State<'_, Desk>, place: String) -> Result<BookStatus, Failure> {
    desk.run(move |desk| {
        desk.switch(&place);
        desk.status()
    })
    .await
}

/// Asks where a book is; `None` when the person thought better of it.
#[tauri::command]
pub async fn choose_book(
    app: AppHandle,
    desk: State<'_, Desk>,
) -> Result<Option<PathBuf>, Failure> {
    desk.run(move |_| {
        let dialog = app.dialog().file().add_filter("Suanpan", &["suanpan"]);
        Ok(dialog.blocking_pick_file().and_then(|path| path.into_path().ok()))
    })
    .await
}

/// Asks where a new book shall be; `None` when the person thought better of it.
#[tauri::command]
pub async fn choose_new_book(
    app: AppHandle,
    desk: State<'_, Desk>,
) -> Result<Option<PathBuf>, Failure> {
    desk.run(move |_| {
        let dialog = app.dialog().file().set_file_name("book.suanpan");
        let chosen = dialog.blocking_save_file().and_then(|path| path.into_path().ok());
        Ok(chosen.map(|path| path.with_extension("suanpan")))
    })
    .await
}

/// What every account goes by in the shop's own chart.
#[tauri::command]
pub async fn own_accounts(desk: State<'_, Desk>) -> Result<Vec<OwnAccountView>, Failure> {
    desk.run(chart).await
}

/// Says what an account goes by; without a number it is forgotten.
#[tauri::command]
pub async fn set_own_account(
    desk: State<'_, Desk>,
    own: OwnAccountView,
) -> Result<Vec<OwnAccountView>, Failure> {
    desk.run(move |desk| {
        own_chart::set_own_account(desk.office()?.book(), &own.into())?;
        chart(desk)
    })
    .await
}

/// Takes over a standard's numbers where none was said.
#[tauri::command]
pub async fn take_standard_chart(
    desk: State<'_, Desk>,
    standard: String,
) -> Result<Vec<OwnAccountView>, Failure> {
    desk.run(move |desk| {
        if let Some(standard) = Standard::from_code(&standard) {
            own_chart::take_standard(desk.office()?.book(), standard)?;
        }
        chart(desk)
    })
    .await
}

fn chart(desk: &Desk) -> Result<Vec<OwnAccountView>, Error> {
    let chart = OwnChart::of_book(&mut desk.office()?.reader()?)?;
    Ok(chart.places().into_iter().map(Into::into).collect())
}
