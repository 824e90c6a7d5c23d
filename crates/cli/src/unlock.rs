//! The way into a book: recovery code, passphrase of the environment, keyring, or a question.

use crate::args::Common;
use crate::output::Output;
use crate::problem::Problem;
use backoffice::{Error, Office, Secret, UnlockMethod, Way, channel_names};
use std::io::{self, IsTerminal};

/// Holds the passphrase for scripts.
const PASSPHRASE: &str = "SUANPAN_PASSPHRASE";

/// The place of the book.
///
/// # Errors
/// `book_needed` when none is named.
pub fn place(common: &Common) -> Result<&str, Problem> {
    let named = common.book.as_deref().filter(|place| !place.is_empty());
    named.ok_or_else(|| Problem::usage("book_needed", ""))
}

/// Opens the book that the options name.
///
/// A recovery code that was typed goes first, since it says what is wanted now; then the
/// environment's passphrase, the keyring where the book knows one, and at last a question.
///
/// # Errors
/// What opening can say; `passphrase_needed` when nobody can be asked.
pub fn open(common: &Common, output: &Output) -> Result<Office, Problem> {
    let office = open_place(common, output)?;
    output.call_channels(channel_names(&mut office.reader()?)?);
    Ok(office)
}

fn open_place(common: &Common, output: &Output) -> Result<Office, Problem> {
    let place = place(common)?;
    if on_server(place) {
        return Ok(Office::open(place, Way::Passphrase(Secret::from("")))?);
    }
    if let Some(code) = &common.recovery_code {
        return Ok(Office::open(place, Way::RecoveryCode(recovery_code(code)?))?);
    }
    if let Some(passphrase) = from_environment() {
        return Ok(Office::open(place, Way::Passphrase(passphrase))?);
    }
    let mut keyring_said = None;
    if Office::unlock_methods(place)?.contains(&UnlockMethod::Keyring) {
        match Office::open(place, Way::Keyring) {
            Ok(office) => return Ok(office),
            Err(error) if closed_door(&error) => keyring_said = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    match (ask(output, "cli.ask.passphrase")?, keyring_said) {
        (Some(passphrase), _) => Ok(Office::open(place, Way::Passphrase(passphrase))?),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(Problem::failed("passphrase_needed", place)),
    }
}

/// The passphrase of a book to be made: the environment's, or typed twice.
///
/// # Errors
/// `passphrase_needed` when nobody can be asked, `passphrases_differ`.
pub fn new_passphrase(place: &str, output: &Output) -> Result<Secret<String>, Problem> {
    if on_server(place) {
        return Ok(Secret::from(""));
    }
    if let Some(passphrase) = from_environment() {
        return Ok(passphrase);
    }
    typed_twice(place, output)
}

fn typed_twice(place: &str, output: &Output) -> Result<Secret<String>, Problem> {
    let needed = || Problem::failed("passphrase_needed", place);
    let first = ask(output, "cli.ask.new_passphrase")?.ok_or_else(needed)?;
    let again = ask(output, "cli.ask.again")?.ok_or_else(needed)?;
    match first.expose() == again.expose() {
        true => Ok(first),
        false => Err(Problem::failed("passphrases_differ", "")),
    }
}

/// Another passphrase for a book that has one: `SUANPAN_NEW_PASSPHRASE`, or typed twice.
///
/// # Errors
/// `passphrase_needed` when nobody can be asked, `passphrases_differ`.
pub fn changed_passphrase(place: &str, output: &Output) -> Result<Secret<String>, Problem> {
    match std::env::var("SUANPAN_NEW_PASSPHRASE") {
        Ok(typed) if !typed.is_empty() => Ok(Secret::new(typed)),
        _ => typed_twice(place, output),
    }
}

/// The passphrase of a key that is carried away: `SUANPAN_SEAT_PASSPHRASE`, or typed twice.
///
/// # Errors
/// `passphrase_needed` when nobody can be asked, `passphrases_differ`.
pub fn new_seat_passphrase(output: &Output) -> Result<Secret<String>, Problem> {
    from_seat_environment().map_or_else(|| typed_twice("", output), Ok)
}

/// The passphrase of a key that was carried here: `SUANPAN_SEAT_PASSPHRASE`, or typed.
///
/// # Errors
/// `passphrase_needed` when nobody can be asked.
pub fn seat_passphrase(output: &Output) -> Result<Secret<String>, Problem> {
    let needed = || Problem::failed("passphrase_needed", "");
    match from_seat_environment() {
        Some(passphrase) => Ok(passphrase),
        None => ask(output, "cli.ask.seat")?.ok_or_else(needed),
    }
}

/// The password of a key file: `SUANPAN_PFX_PASSWORD`, also an empty one, or typed.
///
/// # Errors
/// `key_file_password_needed` when nobody can be asked.
pub fn pfx_password(output: &Output) -> Result<Secret<String>, Problem> {
    let needed = || Problem::failed("key_file_password_needed", "");
    match std::env::var("SUANPAN_PFX_PASSWORD") {
        Ok(password) => Ok(Secret::new(password)),
        Err(_) => ask(output, "cli.ask.pfx")?.ok_or_else(needed),
    }
}

fn from_seat_environment() -> Option<Secret<String>> {
    let typed = std::env::var("SUANPAN_SEAT_PASSPHRASE").ok();
    typed.filter(|typed| !typed.is_empty()).map(Secret::new)
}

/// True for a book on a server, where the login decides who comes in.
pub fn on_server(place: &str) -> bool {
    place.starts_with("postgres://") || place.starts_with("postgresql://")
}

fn from_environment() -> Option<Secret<String>> {
    std::env::var(PASSPHRASE).ok().filter(|typed| !typed.is_empty()).map(Secret::new)
}

fn recovery_code(typed: &str) -> Result<Secret<String>, Problem> {
    if typed != "-" {
        return Ok(Secret::from(typed));
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(Secret::new(line))
}

/// The keyring did not open this book; another way in may.
fn closed_door(error: &Error) -> bool {
    matches!(error.code(), "book_keys" | "book_wrong_key")
}

/// Asks at the terminal without showing what is typed; `None` without a terminal.
fn ask(output: &Output, key: &str) -> Result<Option<Secret<String>>, Problem> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    Ok(Some(Secret::new(rpassword::prompt_password(output.word(key))?)))
}
