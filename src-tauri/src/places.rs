//! Where one was in each book: the page with what it is narrowed to, the row, how far it was
//! scrolled. Kept with this user's settings, so that the next start goes on from there.
//!
//! These settings stand outside the encrypted book, so no number, account or amount goes into them.

use crate::kept;
use backoffice::dto::Place;
use std::path::Path;

/// Books remembered.
const KEPT: usize = 24;
/// An address longer than this is no page's.
const LONGEST: usize = 4_000;
/// What a page may be narrowed to that says nothing of anybody's business.
const PLAIN: [&str; 18] = [
    "channel",
    "clock",
    "columns",
    "component",
    "from",
    "grain",
    "kind",
    "month",
    "second",
    "side",
    "sort",
    "source",
    "state",
    "status",
    "tab",
    "to",
    "until",
    "way",
];

/// Where one was in a book; `None` for one never left.
pub fn of(file: &Path, book: &str) -> Option<Place> {
    let all: Vec<(String, Place)> = kept::read(file);
    all.into_iter().find(|(known, _)| known == book).map(|(_, place)| place)
}

/// An address without what belongs into the book alone.
fn plain(address: &str) -> String {
    let Some((page, query)) = address.split_once('?') else { return address.to_owned() };
    let is_plain = |pair: &&str| PLAIN.contains(&pair.split('=').next().unwrap_or_default());
    let kept: Vec<&str> = query.split('&').filter(is_plain).collect();
    if kept.is_empty() { page.to_owned() } else { format!("{page}?{}", kept.join("&")) }
}

/// Remembers where one is. Not being able to is no reason to interrupt anybody.
pub fn remember(file: &Path, book: &str, mut place: Place) {
    // The address of a server may hold a password, which belongs into no file.
    if book.contains("://") || !place.address.starts_with("#/") || place.address.len() > LONGEST {
        return;
    }
    place.address = plain(&place.address);
    let mut all: Vec<(String, Place)> = kept::read(file);
    all.retain(|(known, _)| known != book);
    all.truncate(KEPT - 1);
    all.insert(0, (book.to_owned(), place));
    let _ = kept::write(file, &all);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn each_book_opens_where_it_was_left() {
        let folder = std::env::temp_dir().join(format!("suanpan-places-{}", std::process::id()));
        let file = folder.join("places.json");
        let at = |address: &str, row| Place { address: address.to_owned(), row, scroll: 0 };
        remember(&file, "/a.suanpan", at("#/payouts", 3));
        remember(&file, "/b.suanpan", at("#/breaks?kind=payout_short", 0));
        remember(&file, "/a.suanpan", at("#/transactions?kind=refund", 9));
        remember(&file, "postgres://u:secret@h/db", at("#/payouts", 1));
        remember(&file, "/b.suanpan", at("javascript:alert(1)", 0));
        assert_eq!(of(&file, "/a.suanpan").unwrap().address, "#/transactions?kind=refund");
        assert_eq!(of(&file, "/a.suanpan").unwrap().row, 9);
        assert_eq!(of(&file, "/b.suanpan").unwrap().address, "#/breaks?kind=payout_short");
        assert!(of(&file, "postgres://u:secret@h/db").is_none());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn no_number_account_or_amount_is_kept_outside_the_book() {
        let typed = "#/transactions?kind=refund&number=4021&least=9.90&from=2026-04-01";
        assert_eq!(plain(typed), "#/transactions?kind=refund&from=2026-04-01");
        assert_eq!(plain("#/ledger?account=assets%3Abank%3A6222"), "#/ledger");
        assert_eq!(plain("#/payouts"), "#/payouts");
    }
}
