//! The books that were open on this computer.

use crate::kept;
use backoffice::dto::RecentBook;
use std::path::Path;

/// More are not worth showing.
const KEPT: usize = 12;

/// The list, the latest first; a file that cannot be read is an empty one.
pub fn read(file: &Path) -> Vec<RecentBook> {
    let rows: Vec<serde_json::Value> = kept::read(file);
    rows.iter()
        .filter_map(|row| {
            let place = row["place"].as_str()?.to_owned();
            Some(RecentBook {
                found: place.contains("://") || Path::new(&place).exists(),
                company: row["company"].as_str().unwrap_or_default().to_owned(),
                place,
            })
        })
        .collect()
}

/// Puts a book in front. Not being able to remember it is no reason to keep it shut.
pub fn remember(file: &Path, place: &str, company: &str) {
    // The address of a server may hold a password, which belongs into no file.
    if place.contains("://") {
        return;
    }
    let mut rows = read(file);
    rows.retain(|row| row.place != place);
    rows.truncate(KEPT - 1);
    rows.insert(
        0,
        RecentBook { place: place.to_owned(), company: company.to_owned(), found: true },
    );
    write(file, &rows);
}

/// The book at `from` has moved to `to`: its entry stays where it stands and names the new place.
pub fn relocate(file: &Path, from: &str, to: &str) {
    let mut rows = read(file);
    if from == to || to.contains("://") || !rows.iter().any(|row| row.place == from) {
        return;
    }
    rows.retain(|row| row.place != to);
    for row in rows.iter_mut().filter(|row| row.place == from) {
        to.clone_into(&mut row.place);
    }
    write(file, &rows);
}

fn write(file: &Path, rows: &[RecentBook]) {
    let row = |row: &RecentBook| serde_json::json!({ "place": row.place, "company": row.company });
    let _ = kept::write(file, &rows.iter().map(row).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_latest_book_stands_first_and_once() {
        let folder = std::env::temp_dir().join(format!("suanpan-recent-{}", std::process::id()));
        let file = folder.join("recent.json");
        for place in ["/a.suanpan", "/b.suanpan", "/a.suanpan", "postgres://u:secret@h/db"] {
            remember(&file, place, "Li");
        }
        let places: Vec<String> = read(&file).into_iter().map(|row| row.place).collect();
        assert_eq!(places, ["/a.suanpan", "/b.suanpan"]);
        relocate(&file, "/b.suanpan", "/moved/b.suanpan");
        relocate(&file, "/never.suanpan", "/c.suanpan");
        let rows = read(&file);
        let said: Vec<_> = rows.iter().map(|row| (&*row.place, &*row.company)).collect();
        assert_eq!(said, [("/a.suanpan", "Li"), ("/moved/b.suanpan", "Li")]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
