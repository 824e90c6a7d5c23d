//! What the desktop was told of each book, kept with this user's settings, so that each thing is
//! said once while it lasts. It names numbers of connections and what was said, nothing else; a
//! book is named by the hash of its place, which may hold a password.

use crate::kept;
use backoffice::fingerprint;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Keeps what holds now as what was told, and gives back what was told before. Something that is
/// over is forgotten: should it come back, it is news.
///
/// Not being able to keep it is no reason to interrupt anybody.
pub fn replace(file: &Path, book: &str, now: &BTreeSet<String>) -> BTreeSet<String> {
    let mut all: BTreeMap<String, BTreeSet<String>> = kept::read(file);
    let name = fingerprint(book);
    let before = match now.is_empty() {
        true => all.remove(&name),
        false => all.insert(name, now.clone()),
    };
    let before = before.unwrap_or_default();
    if before != *now {
        let _ = kept::write(file, &all);
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_was_told_is_known_after_a_restart_and_forgotten_once_it_is_over() {
        let folder = std::env::temp_dir().join(format!("suanpan-told-{}", std::process::id()));
        let file = folder.join("told.json");
        let set = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        let told = |book, keys: &[&str]| replace(&file, book, &set(keys));
        assert_eq!(told("/a", &["lost/1/"]), set(&[]));
        assert_eq!(told("/b", &["lost/1/"]), set(&[]), "another book");
        assert_eq!(told("/a", &["lost/1/", "keys_soon/1/3/7"]), set(&["lost/1/"]));
        assert_eq!(told("/a", &["keys_soon/1/3/7"]), set(&["keys_soon/1/3/7", "lost/1/"]));
        assert_eq!(told("/a", &["lost/1/"]), set(&["keys_soon/1/3/7"]), "news again");
        assert_eq!(told("postgres://u:secret@h/db", &["lost/1/"]), set(&[]));
        assert!(!fs::read_to_string(&file).unwrap().contains("secret"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
