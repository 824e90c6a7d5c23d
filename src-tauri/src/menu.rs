//! The menu bar: every item is the act of a key, a choice of looks, or a piece of long work; the
//! page does it, so that key, palette and menu are one. Its words are those of the catalogue.

use backoffice::{Lang, words};
use tauri::menu::{Menu, MenuBuilder, MenuItem, MenuItemBuilder, PredefinedMenuItem};
use tauri::menu::{Submenu, SubmenuBuilder};
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

const FILE: [Item; 5] = [
    ("key:Ctrl+N", "menu.new", "Ctrl N"),
    ("key:Ctrl+O", "menu.open", "Ctrl O"),
    ("key:Ctrl+I", "menu.import", "Ctrl I"),
    ("key:Ctrl+P", "menu.statement", "Ctrl P"),
    ("act:quit", "menu.quit", ""),
];
/// What can be done without an open book: another one can be opened or made.
const AT_THE_DOOR: [&str; 3] = ["key:Ctrl+N", "key:Ctrl+O", QUIT];
const ZOOM: [Item; 3] = [
    ("key:Ctrl+Plus", "shell.zoom.larger", "Ctrl +"),
    ("key:Ctrl+Minus", "shell.zoom.smaller", "Ctrl −"),
    ("key:Ctrl+0", "shell.zoom.actual", "Ctrl 0"),
];
/// What WebKitGTK calls each piece of editing, and the key of its name.
const EDITS: [Item; 6] = [
    ("Undo", "menu.undo_typing", "Ctrl Z"),
    ("Redo", "menu.redo_typing", "Ctrl Shift Z"),
    ("Cut", "menu.cut", "Ctrl X"),
    ("Copy", "menu.copy", "Ctrl C"),
    ("Paste", "menu.paste", "Ctrl V"),
    ("SelectAll", "menu.select_all", "Ctrl A"),
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
/// What stands before a piece of editing, which the web view does and not the page.
pub const EDIT: &str = "edit:";

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
        file = file.item(&item(each, !AT_THE_DOOR.contains(&each.0))?);
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
    let (edit, view) = (editing(app, lang)?, view(app, lang, open)?);
    let parts = [file.build()?, edit, book.build()?, view, go.build()?, help.build()?];
    parts.iter().fold(MenuBuilder::new(app), |bar, part| bar.item(part)).build()
}

/// Editing belongs to the field that has the keyboard. On macOS its keys work only through the
/// menu, with the system's own items; those of GTK would do nothing.
fn editing(app: &AppHandle, lang: Lang) -> tauri::Result<Submenu<Wry>> {
    let mut menu = SubmenuBuilder::new(app, words(lang, "menu.edit"));
    for (command, name, keys) in EDITS {
        let name = words(lang, name);
        // Windows has no such items; its web view knows the keys without a menu.
        if cfg!(windows) && matches!(command, "Undo" | "Redo") {
            continue;
        }
        menu = if cfg!(target_os = "linux") {
            menu.item(&item(app, &format!("{EDIT}{command}"), &name, keys, true)?)
        } else {
            menu.item(&of_system(app, command, &name)?)
        };
    }
    menu.build()
}

fn of_system(app: &AppHandle, command: &str, name: &str) -> tauri::Result<PredefinedMenuItem<Wry>> {
    match command {
        "Undo" => PredefinedMenuItem::undo(app, Some(name)),
        "Redo" => PredefinedMenuItem::redo(app, Some(name)),
        "Cut" => PredefinedMenuItem::cut(app, Some(name)),
        "Copy" => PredefinedMenuItem::copy(app, Some(name)),
        "Paste" => PredefinedMenuItem::paste(app, Some(name)),
        _ => PredefinedMenuItem::select_all(app, Some(name)),
    }
}

/// Does a piece of editing where the keyboard is.
#[cfg(target_os = "linux")]
pub fn edit(app: &AppHandle, command: &str) {
    use tauri::Manager;
    use webkit2gtk::WebViewExt;

    let Some(window) = app.get_webview_window("main") else { return };
    let command = command.to_owned();
    // A window that is gone has nothing to edit.
    let _ = window.with_webview(move |page| page.inner().execute_editing_command(&command));
}

/// The other systems' items do it themselves.
#[cfg(not(target_os = "linux"))]
pub fn edit(_: &AppHandle, _: &str) {}

fn view(app: &AppHandle, lang: Lang, open: bool) -> tauri::Result<Submenu<Wry>> {
    let word = |key: &str| words(lang, key);
    let of = |part: &'static str, name: &str| -> tauri::Result<Submenu<Wry>> {
        let mut menu = SubmenuBuilder::new(app, word(name));
        for (id, name, keys) in LOOKS.into_iter().filter(|(id, ..)| id.starts_with(part)) {
            menu = menu.item(&item(app, id, &word(name), keys, true)?);
        }
        menu.build()
    };
    let find = item(app, "key:Ctrl+K", &word("search.keys.open"), "Ctrl K", open)?;
    let mut view = SubmenuBuilder::new(app, word("menu.view")).item(&find).separator();
    for (id, name, keys) in ZOOM {
        view = view.item(&item(app, id, &word(name), keys, true)?);
    }
    view.separator()
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
        for (id, ..) in FILE.iter().chain(&BOOK).chain(&ZOOM).chain(&HELP) {
            if let Some(chord) = id.strip_prefix("key:") {
                assert!(KEYS.contains(&format!("chord: \"{chord}\"")), "{chord}");
            }
        }
    }

    #[test]
    fn another_book_can_be_opened_or_made_without_an_open_one() {
        for id in AT_THE_DOOR {
            assert!(FILE.iter().any(|(known, ..)| *known == id), "{id} is no item");
        }
        let window = include_str!("../../ui/src/App.svelte");
        assert!(window.contains("onKey(\"Ctrl+O\"") && window.contains("onKey(\"Ctrl+N\""));
    }

    #[test]
    fn every_item_has_its_words_in_both_languages() {
        let items = FILE.iter().chain(&EDITS).chain(&BOOK).chain(&ZOOM).chain(&HELP).chain(&LOOKS);
        let named = items.map(|(_, name, _)| *name);
        for name in named.chain(PAGES.map(|(_, name)| name)) {
            for lang in [Lang::Zh, Lang::En] {
                assert_ne!(words(lang, name), name, "{name} has no words");
            }
        }
    }
}
