//! The menu bar: every item is the act of a key, a choice of looks, or a piece of long work; the
//! page does it, so that key, palette and menu are one. Its words are those of the catalogue.

use backoffice::{Lang, words};
use tauri::menu::{Menu, MenuBuilder, MenuItem, MenuItemBuilder, Submenu, SubmenuBuilder};
use tauri::{AppHandle, Wry};

/// Pages by their chord and the key of their name, in the order of the side bar.
const PAGES: [(&str, &str); 16] = [
    ("G H", "ui.keys.home"),
    ("G P", "ui.keys.payouts"),
    ("G E", "orders.keys.orders"),
    ("G Q", "collect.keys"),
    ("G Y", "till.keys"),
    ("G T", "lists.keys.transactions"),
    ("G D", "ui.keys.breaks"),
    ("G K", "calendar.keys.calendar"),
    ("G B", "bank.keys.bank"),
    ("G L", "ledger.keys.ledger"),
    ("G R", "reports.keys.reports"),
    ("G C", "channels_page.keys"),
    ("G S", "statements.keys"),
    ("G I", "ui.keys.import"),
    ("G M", "companies.keys"),
    ("G O", "settings.keys"),
];

/// An item: what it does, the key of its name, its keys as shown.
type Item = (&'static str, &'static str, &'static str);

const FILE: [Item; 4] = [
    ("act:import", "menu.import", "G I, Ctrl O"),
    ("key:G M", "menu.open", "G M"),
    ("key:Ctrl+P", "menu.statement", "Ctrl P"),
    ("act:quit", "menu.quit", ""),
];
const BOOK: [Item; 4] = [
    ("key:Ctrl+Z", "menu.undo", "Ctrl Z"),
    ("act:reconcile", "jobs.start.reconcile", ""),
    ("act:verify", "jobs.start.verify", ""),
    ("key:Ctrl+J", "jobs.keys", "Ctrl J"),
];
const LOOKS: [Item; 5] = [
    ("look:language:zh", "ui.language.zh", ""),
    ("look:language:en", "ui.language.en", ""),
    ("look:theme:auto", "ui.theme.auto", ""),
    ("look:theme:light", "ui.theme.light", ""),
    ("look:theme:dark", "ui.theme.dark", ""),
];
const HELP: [Item; 2] = [("key:F1", "help.keys", "F1"), ("key:?", "ui.keys.title", "?")];

/// What the menu says of quitting.
pub const QUIT: &str = "act:quit";

/// The menu bar in a language. Without an open book there is nothing to go to.
///
/// # Errors
/// The system's.
pub fn bar(app: &AppHandle, lang: Lang, open: bool) -> tauri::Result<Menu<Wry>> {
    let word = |key: &str| words(lang, key);
    let item = |(id, name, keys): Item, needs_book: bool| {
        item(app, id, &word(name), keys, open || !needs_book)
    };
    let menu = |name: &str| SubmenuBuilder::new(app, word(name));

    let mut file = menu("menu.file");
    for each in FILE {
        if each.0 == QUIT {
            file = file.separator();
        }
        file = file.item(&item(each, each.0 != QUIT)?);
    }
    let mut book = menu("menu.book");
    for each in BOOK {
        book = book.item(&item(each, true)?);
    }
    let mut go = menu("menu.go");
    for (chord, name) in PAGES {
        let id = format!("key:{chord}");
        go = go.item(&self::item(app, &id, &word(name), chord, open)?);
    }
    let mut help = menu("menu.help");
    for each in HELP {
        help = help.item(&item(each, true)?);
    }
    let parts = [file.build()?, book.build()?, view(app, lang, open)?, go.build()?, help.build()?];
    parts.iter().fold(MenuBuilder::new(app), |bar, part| bar.item(part)).build()
}

fn view(app: &AppHandle, lang: Lang, open: bool) -> tauri::Result<Submenu<Wry>> {
    let word = |key: &str| words(lang, key);
    let of = |part: &'static str, name: &str| -> tauri::Result<Submenu<Wry>> {
        let mut menu = SubmenuBuilder::new(app, word(name));
        for (id, name, keys) in LOOKS.into_iter().filter(|(id, ..)| id.starts_with(part)) {
            menu = menu.item(&item(app, id, &word(name), keys, true)?);
        }
        menu.build()
    };
    SubmenuBuilder::new(app, word("menu.view"))
        .item(&item(app, "key:Ctrl+K", &word("search.keys.open"), "Ctrl K", open)?)
        .separator()
        .item(&of("look:language", "menu.language")?)
        .item(&of("look:theme", "menu.theme")?)
        .build()
}

fn item(
    app: &AppHandle,
    id: &str,
    name: &str,
    keys: &str,
    enabled: bool,
) -> tauri::Result<MenuItem<Wry>> {
    // The keys belong to the page, which also knows chords: the menu only shows them.
    let text = if keys.is_empty() { name.to_owned() } else { format!("{name}    {keys}") };
    MenuItemBuilder::with_id(id, text).enabled(enabled).build(app)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str = include_str!("../../ui/src/lib/shared/keys.ts");

    #[test]
    fn every_item_with_a_key_is_the_act_of_that_key() {
        for (chord, name) in PAGES {
            assert!(KEYS.contains(&format!("chord: \"{chord}\", does: \"{name}\"")), "{chord}");
        }
        for (id, ..) in FILE.iter().chain(&BOOK).chain(&HELP) {
            if let Some(chord) = id.strip_prefix("key:") {
                assert!(KEYS.contains(&format!("chord: \"{chord}\"")), "{chord}");
            }
        }
    }

    #[test]
    fn every_item_has_its_words_in_both_languages() {
        let named = FILE.iter().chain(&BOOK).chain(&HELP).chain(&LOOKS).map(|(_, name, _)| *name);
        for name in named.chain(PAGES.map(|(_, name)| name)) {
            for lang in [Lang::Zh, Lang::En] {
                assert_ne!(words(lang, name), name, "{name} has no words");
            }
        }
    }
}
