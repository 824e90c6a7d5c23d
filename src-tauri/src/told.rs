//! What the desktop was told of each book, kept with this user's settings, so that each thing is
//! said once while it lasts. It names numbers of connections and what was said, nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Keeps what holds now as what was told, and gives back what was told before. Something that is
/// over is forgotten: should it come back, it is news.
///
/// Not being able to keep it is no reason to interrupt anybody.
pub fn replace(file: &Path, book: &str, now: &BTreeSet<String>) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let mut all: BTreeMap<String, BTreeSet<String>> =
        serde_json::from_str(&text).unwrap_or_default();
    let before = match now.is_empty() {
        true => all.remove(book),
        false => all.insert(book.to_owned(), now.clone()),
    };
    let before = before.unwrap_or_default();
    if before != *now
        && let Ok(text) = serde_json::to_string(&all)
    {
        let beside = file.with_extension("part");
        let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
        // Written whole or not at all.
        let _ =
            folder.and_then(|()| fs::write(&beside, text)).and_then(|()| fs::rename(&beside, file));
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

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
        fs::remove_dir_all(&folder).unwrap();
    }
}
