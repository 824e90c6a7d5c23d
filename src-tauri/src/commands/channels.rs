//! Connections to channels. Their keys go one way only: from the page into the book.

use super::statements::subject_of;
use crate::desk::{Desk, now_ms};
use backoffice::channels::{self, ConnectionKind, KeyFiles, Setup, SyncRequest, coverage_of};
use backoffice::decisions::Actor;
use backoffice::dto::{
    BusinessView, CheckedKeysView, ConnectionKindView, ConnectionView, CoverageView,
    DefinedChannelView, Failure, KeyFileView, SetupInput, SourceView, StatementSubject, TenderView,
};
use backoffice::jobs::Task;
use backoffice::statements::Subject;
use backoffice::{BusinessDate, Error, Secret, channel_names, tenders};
use std::path::PathBuf;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;

fn setup_of(files: &KeyFiles, typed: SetupInput) -> Result<Setup, Error> {
    files.setup(&typed.kind, &typed.base, typed.fields, &typed.files)
}

/// Asks for the file of a field in the system's own dialog and reads it here: a private key does
/// not pass the page. Nothing when the person thought better of it.
#[tauri::command]
pub async fn choose_key_file(
    app: AppHandle,
    desk: State<'_, Desk>,
    kind: String,
    field: String,
) -> Result<Option<KeyFileView>, Failure> {
    desk.run(move |desk| {
        let chosen = app.dialog().file().blocking_pick_file();
        let Some(path) = chosen.and_then(|path| path.into_path().ok()) else { return Ok(None) };
        desk.key_files().take(&kind, &field, &path).map(|file| Some(file.into()))
    })
    .await
}

/// Takes files that were dropped on the form, each for the field that it fits.
#[tauri::command]
pub async fn drop_key_files(
    desk: State<'_, Desk>,
    kind: String,
    paths: Vec<PathBuf>,
) -> Result<Vec<KeyFileView>, Failure> {
    desk.run(move |desk| {
        let taken = desk.key_files().take_all(&kind, &paths)?;
        Ok(taken.into_iter().map(Into::into).collect())
    })
    .await
}

/// Forgets the files that were picked for a set-up: the form is closed.
#[tauri::command]
pub async fn forget_key_files(desk: State<'_, Desk>) -> Result<(), Failure> {
    desk.run(|desk| {
        desk.key_files().clear();
        Ok(())
    })
    .await
}

/// Every connection with its health.
#[tauri::command]
pub async fn list_connections(desk: State<'_, Desk>) -> Result<Vec<ConnectionView>, Failure> {
    desk.run(Desk::connections).await
}

/// What the money of every channel did of late.
#[tauri::command]
pub async fn channel_businesses(desk: State<'_, Desk>) -> Result<Vec<BusinessView>, Failure> {
    desk.run(|desk| {
        let found = channels::businesses(&mut desk.office()?.reader()?, now_ms())?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

/// What can be connected, and what each kind is set up with.
#[tauri::command]
pub async fn connection_kinds(desk: State<'_, Desk>) -> Result<Vec<ConnectionKindView>, Failure> {
    desk.run(|_| Ok(ConnectionKind::ALL.into_iter().map(Into::into).collect())).await
}

/// Channels that nobody can ask, known by their files.
#[tauri::command]
pub async fn defined_channels(desk: State<'_, Desk>) -> Result<Vec<DefinedChannelView>, Failure> {
    desk.run(defined).await
}

/// The dictionary of tenders, with the names given in the book.
#[tauri::command]
pub async fn list_tenders(desk: State<'_, Desk>) -> Result<Vec<TenderView>, Failure> {
    desk.run(|desk| Ok(TenderView::all(&channel_names(&mut desk.office()?.reader()?)?))).await
}

/// What the book's bills call what buyers paid from, and what it means.
#[tauri::command]
pub async fn list_sources(desk: State<'_, Desk>) -> Result<Vec<SourceView>, Failure> {
    desk.run(|desk| {
        let found = tenders::sources(&mut desk.office()?.reader()?)?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

fn defined(desk: &Desk) -> Result<Vec<DefinedChannelView>, Error> {
    let names = channel_names(&mut desk.office()?.reader()?)?;
    Ok(DefinedChannelView::all(&names))
}

/// Gives a channel of the shop's own a name, or takes it away with an empty one.
#[tauri::command]
pub async fn name_channel(
    desk: State<'_, Desk>,
    code: String,
    name: String,
) -> Result<Vec<DefinedChannelView>, Failure> {
    desk.run(move |desk| {
        desk.office()?.name_channel(&code, &name)?;
        defined(desk)
    })
    .await
}

/// Tries keys before they are kept.
#[tauri::command]
pub async fn try_setup(
    desk: State<'_, Desk>,
    setup: SetupInput,
) -> Result<CheckedKeysView, Failure> {
    desk.run(move |desk| {
        let setup = setup_of(&desk.key_files(), setup)?;
        Ok(channels::try_keys(&setup, &desk.net(), &now_ms)?.into())
    })
    .await
}

/// Connects an account and seals its keys; the answer is its number.
#[tauri::command]
pub async fn add_connection(
    desk: State<'_, Desk>,
    setup: SetupInput,
    name: String,
    from: Option<String>,
) -> Result<i64, Failure> {
    desk.run(move |desk| {
        let setup = setup_of(&desk.key_files(), setup)?;
        let from = from.as_deref().map(day_of).transpose()?;
        let by = desk.person();
        let actor = Actor { name: &by, at_ms: now_ms() };
        channels::add(desk.office()?.book(), &setup, &name, from, &actor)
    })
    .await
}

fn day_of(text: &str) -> Result<i32, Error> {
    let bad = || Error::BadInput { field: "from", reason: "is not a day".to_owned() };
    BusinessDate::parse(text).map(BusinessDate::days).ok_or_else(bad)
}

/// Gives a connection new keys, sealed beside the old ones.
#[tauri::command]
pub async fn renew_connection(
    desk: State<'_, Desk>,
    id: i64,
    setup: SetupInput,
) -> Result<(), Failure> {
    desk.run(move |desk| {
        let setup = setup_of(&desk.key_files(), setup)?;
        let by = desk.person();
        let actor = Actor { name: &by, at_ms: now_ms() };
        channels::renew(desk.office()?.book(), id, &setup, &actor)
    })
    .await
}

/// Lets a connection's other keys sign: the way back while keys change.
#[tauri::command]
pub async fn use_keys(desk: State<'_, Desk>, id: i64, keys: i64) -> Result<(), Failure> {
    desk.run(move |desk| channels::use_keys(desk.office()?.book(), id, keys)).await
}

/// Takes keys away that do not sign: the end of a change.
#[tauri::command]
pub async fn retire_keys(desk: State<'_, Desk>, id: i64, keys: i64) -> Result<(), Failure> {
    desk.run(move |desk| channels::retire_keys(desk.office()?.book(), id, keys)).await
}

/// Tries the keys that are kept, and remembers how it went.
#[tauri::command]
pub async fn check_connection(desk: State<'_, Desk>, id: i64) -> Result<CheckedKeysView, Failure> {
    desk.run(move |desk| {
        let office = desk.office()?;
        Ok(channels::check(office.book(), id, &desk.net(), &now_ms)?.into())
    })
    .await
}

/// Leaves a connection alone, or asks it again.
#[tauri::command]
pub async fn pause_connection(desk: State<'_, Desk>, id: i64, paused: bool) -> Result<(), Failure> {
    desk.run(move |desk| channels::pause(desk.office()?.book(), id, paused)).await
}

/// Gives a connection another name.
#[tauri::command]
pub async fn rename_connection(
    desk: State<'_, Desk>,
    id: i64,
    name: String,
) -> Result<(), Failure> {
    desk.run(move |desk| channels::rename(desk.office()?.book(), id, &name)).await
}

/// Takes a connection and its keys away; what it brought stays in the book.
#[tauri::command]
pub async fn remove_connection(desk: State<'_, Desk>, id: i64) -> Result<(), Failure> {
    desk.run(move |desk| channels::remove(desk.office()?.book(), id)).await
}

/// What is known of every day of a connection, stream by stream.
#[tauri::command]
pub async fn coverage(desk: State<'_, Desk>, id: i64) -> Result<Vec<CoverageView>, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let connection = channels::connection(&mut reader, id)?;
        let (streams, _) = coverage_of(&mut reader, &connection, now_ms())?;
        Ok(streams.into_iter().map(Into::into).collect())
    })
    .await
}

/// Fetches what is not proven to be here yet, of some connections or of all that are not paused,
/// and reads bills of the days of `again` that were read before their end once more; the answer is
/// the job's number.
#[tauri::command]
pub async fn sync_channels(
    app: AppHandle,
    desk: State<'_, Desk>,
    connections: Vec<i64>,
    again: Option<StatementSubject>,
) -> Result<u32, Failure> {
    desk.run(move |desk| {
        let again = match again.as_ref().map(subject_of).transpose()? {
            Some(Subject::Period { period, .. }) => Some(period),
            _ => None,
        };
        // Who asks by hand does not want to wait for the next time.
        let request = SyncRequest { connections, force: true, again, ..desk.net() };
        let metered = desk.office()?.fetches_metered()?;
        let request = if metered { request } else { request.minding_the_line() };
        desk.start(&app, Task::Sync(request))
    })
    .await
}

/// Writes this computer's key for channels where the person says, wrapped by a passphrase; false
/// when the person thought better of it.
#[tauri::command]
pub async fn carry_key(
    app: AppHandle,
    desk: State<'_, Desk>,
    passphrase: String,
) -> Result<bool, Failure> {
    let passphrase = Secret::new(passphrase);
    desk.run(move |desk| {
        let text = desk.office()?.carry_key(&passphrase)?;
        let dialog = app.dialog().file().set_file_name("suanpan-seat.key");
        let chosen = dialog.blocking_save_file().and_then(|path| path.into_path().ok());
        let Some(path) = chosen else { return Ok(false) };
        let failed = |source| Error::File { path: path.display().to_string(), source };
        std::fs::write(&path, text).map_err(failed)?;
        Ok(true)
    })
    .await
}

/// Takes the key that another computer wrote; false when the person thought better of it.
#[tauri::command]
pub async fn receive_key(
    app: AppHandle,
    desk: State<'_, Desk>,
    passphrase: String,
) -> Result<bool, Failure> {
    let passphrase = Secret::new(passphrase);
    desk.run(move |desk| {
        let dialog = app.dialog().file();
        let chosen = dialog.blocking_pick_file().and_then(|path| path.into_path().ok());
        let Some(path) = chosen else { return Ok(false) };
        let failed = |source| Error::File { path: path.display().to_string(), source };
        let text = std::fs::read_to_string(&path).map_err(failed)?;
        desk.office()?.receive_key(&text, &passphrase)?;
        Ok(true)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_set_up_is_told_without_its_values() {
        let typed = |fields: &[(&str, &str)]| SetupInput {
            kind: "stripe".to_owned(),
            base: String::new(),
            fields: fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            files: Vec::new(),
        };
        let setup_of = |typed| setup_of(&KeyFiles::default(), typed);
        for fields in [&[("secret_key", "CANARY")][..], &[("secret_kee", "CANARY")][..]] {
            let told = setup_of(typed(fields)).expect_err("not whole").to_string();
            assert!(!told.contains("CANARY"), "{told}");
        }
        let whole = [("account_id", "acct_1"), ("secret_key", "CANARY")];
        let setup = setup_of(typed(&whole)).expect("whole");
        assert!(!format!("{setup:?}").contains("CANARY"));
    }

    #[test]
    fn a_set_up_with_more_than_it_should_have_is_refused() {
        let text = r#"{"kind":"stripe","base":"","fields":[],"log":true}"#;
        assert!(serde_json::from_str::<SetupInput>(text).is_err());
    }

    #[test]
    fn the_first_day_of_a_connection_is_a_day() {
        assert!(day_of("2026-04-31").is_err());
        assert_eq!(day_of("1970-01-02").ok(), Some(1));
    }
}
