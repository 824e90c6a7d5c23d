//! What this user chose: language, colours, density, name. The program keeps it in a small file.

use backoffice::Error;
use backoffice::dto::Preferences;
use std::fs;
use std::path::Path;

/// What was chosen before; of a new user nothing was.
pub fn read(file: &Path) -> Preferences {
    let text = fs::read_to_string(file).unwrap_or_default();
    // Preferences that cannot be read are the ones of a new user.
    let kept: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let of = |name: &str| kept[name].as_str().unwrap_or_default().to_owned();
    Preferences {
        language: of("language"),
        theme: of("theme"),
        statement_language: of("statement_language"),
        density: of("density"),
        person: of("person"),
        quiet: kept["quiet"].as_bool().unwrap_or_default(),
        proxy: of("proxy"),
    }
}

/// Keeps them.
///
/// # Errors
/// [`Error::File`] when they cannot be written.
pub fn write(file: &Path, preferences: &Preferences) -> Result<(), Error> {
    let text = serde_json::json!({
        "language": preferences.language,
        "theme": preferences.theme,
        "statement_language": preferences.statement_language,
        "density": preferences.density,
        "person": preferences.person,
        "quiet": preferences.quiet,
        "proxy": preferences.proxy,
    });
    let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(file, text.to_string()))
        .map_err(|source| Error::File { path: file.display().to_string(), source })
}
