//! What this user chose: language, colours, density, size, name. The program keeps it in a file.

use crate::kept;
use backoffice::Error;
use backoffice::dto::Preferences;
use std::path::Path;

/// What was chosen before; of a new user nothing was.
pub fn read(file: &Path) -> Preferences {
    // Preferences that cannot be read are the ones of a new user.
    let kept: serde_json::Value = kept::read(file);
    let of = |name: &str| kept[name].as_str().unwrap_or_default().to_owned();
    Preferences {
        language: of("language"),
        theme: of("theme"),
        statement_language: of("statement_language"),
        density: of("density"),
        person: of("person"),
        quiet: kept["quiet"].as_bool().unwrap_or_default(),
        proxy: of("proxy"),
        zoom: kept["zoom"].as_u64().and_then(|zoom| u32::try_from(zoom).ok()).unwrap_or_default(),
    }
}

/// Keeps them.
///
/// # Errors
/// [`Error::File`] when they cannot be written.
pub fn write(file: &Path, preferences: &Preferences) -> Result<(), Error> {
    let all = serde_json::json!({
        "language": preferences.language,
        "theme": preferences.theme,
        "statement_language": preferences.statement_language,
        "density": preferences.density,
        "person": preferences.person,
        "quiet": preferences.quiet,
        "proxy": preferences.proxy,
        "zoom": preferences.zoom,
    });
    kept::write(file, &all)
        .map_err(|source| Error::File { path: file.display().to_string(), source })
}

/// How large everything is drawn, as a factor; a choice beyond what the pages offer is brought in.
pub fn scale(preferences: &Preferences) -> f64 {
    let percent = if preferences.zoom == 0 { 100 } else { preferences.zoom.clamp(50, 200) };
    f64::from(percent) / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_was_chosen_is_there_after_a_restart() {
        let folder = std::env::temp_dir().join(format!("suanpan-chosen-{}", std::process::id()));
        let file = folder.join("preferences.json");
        assert_eq!(read(&file).zoom, 0, "a new user has chosen nothing");
        let chosen = Preferences { zoom: 150, person: "Li".to_owned(), ..read(&file) };
        write(&file, &chosen).unwrap();
        assert_eq!((read(&file).zoom, read(&file).person), (150, "Li".to_owned()));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn nobody_is_locked_out_by_a_size_in_the_file() {
        let at = |zoom| scale(&Preferences { zoom, ..read(Path::new("/nonexistent/suanpan")) });
        assert_eq!([0, 1, 100, 175, 9000].map(at), [1.0, 0.5, 1.0, 1.75, 2.0]);
    }
}
