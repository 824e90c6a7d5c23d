//! When each book was last looked at from this seat, so that Home can say what came since. Kept
//! with this user's settings; a book is named by the hash of its place, which may hold a password.

use crate::kept;
use backoffice::fingerprint;
use std::collections::BTreeMap;
use std::path::Path;

/// Who looks again within this time is still on the same visit.
const VISIT_MS: i64 = 4 * 3_600_000;

/// Looks at one book, UTC ms: the last of the visit before (none on the first) and of this one.
type Visit = (Option<i64>, i64);

/// Notes a look at `now_ms` (UTC ms); the answer is the last look of the visit before. Not being
/// able to keep it is no reason to interrupt anybody: the next look then counts from this one.
pub fn look(file: &Path, book: &str, now_ms: i64) -> Option<i64> {
    let mut all: BTreeMap<String, Visit> = kept::read(file);
    let name = fingerprint(book);
    let before = match all.get(&name) {
        Some(&(before, last)) if now_ms - last < VISIT_MS => before,
        Some(&(_, last)) => Some(last),
        None => None,
    };
    all.insert(name, (before, now_ms));
    let _ = kept::write(file, &all);
    before
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_came_since_the_last_visit_stays_news_while_somebody_looks() {
        let folder = std::env::temp_dir().join(format!("suanpan-visits-{}", std::process::id()));
        let file = folder.join("visits.json");
        let hours = |hours: i64| hours * 3_600_000;
        assert_eq!(look(&file, "/a.suanpan", hours(0)), None, "the first visit");
        assert_eq!(look(&file, "/a.suanpan", hours(1)), None, "still the first");
        assert_eq!(look(&file, "/b.suanpan", hours(2)), None, "each book has its own");
        assert_eq!(look(&file, "/a.suanpan", hours(25)), Some(hours(1)));
        assert_eq!(look(&file, "/a.suanpan", hours(26)), Some(hours(1)), "the news stay");
        assert_eq!(look(&file, "/a.suanpan", hours(49)), Some(hours(26)));
        let place = "postgres://u:secret@h/db";
        look(&file, place, hours(50));
        let kept = fs::read_to_string(&file).unwrap();
        assert!(!kept.contains("secret") && !kept.contains("suanpan"), "{kept}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
