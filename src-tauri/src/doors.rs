//! Books by their place: how one gets in, and where a new one stands.

use backoffice::{Error, Office, UnlockMethod};
use std::fs;
use std::path::Path;

/// The ways into the book at `place`: none when there is no book yet, `server` when its login
/// decides.
pub fn methods(place: &str) -> Vec<String> {
    if !is_server(place) && !Path::new(place).exists() {
        return Vec::new();
    }
    match Office::unlock_methods(place) {
        Ok(found) if found.is_empty() => vec!["server".to_owned()],
        Ok(found) => found.into_iter().map(|method| code_of(method).to_owned()).collect(),
        // Trying to open it will say what is wrong.
        Err(_) => vec!["passphrase".to_owned()],
    }
}

/// A book on a server has an address instead of a path.
fn is_server(place: &str) -> bool {
    place.contains("://")
}

fn code_of(method: UnlockMethod) -> &'static str {
    match method {
        UnlockMethod::Passphrase => "passphrase",
        UnlockMethod::RecoveryCode => "recovery_code",
        UnlockMethod::Keyring => "keyring",
    }
}

/// Makes the folder of a book file; a server's address has none.
pub fn make_folder(place: &str) -> Result<(), Error> {
    match Path::new(place).parent() {
        Some(folder) if !is_server(place) => fs::create_dir_all(folder)
            .map_err(|source| Error::File { path: folder.display().to_string(), source }),
        _ => Ok(()),
    }
}
