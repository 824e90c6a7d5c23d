//! The window: wiring between the pages and the use cases. No rule of the books lives here.

mod commands;
mod desk;
mod doors;
mod draw;
mod events;
mod kept;
mod menu;
mod notify;
mod places;
mod preferences;
mod recent;
mod revive;
mod start;
mod told;
mod visits;

pub use start::Start;

use desk::Desk;
use std::process::ExitCode;
use std::time::Duration;
use tauri::webview::NewWindowResponse;
use tauri::{Manager, RunEvent, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent};

/// Smallest size the pages are made for, logical pixels.
const SMALLEST: (f64, f64) = (640.0, 400.0);

/// How long after one look for something to fetch the next one is: a look costs a query.
const BETWEEN_LOOKS: Duration = Duration::from_secs(30);

/// Opens the window and returns when it is closed.
pub fn run() -> ExitCode {
    draw::suit();
    let start = match Start::from_process() {
        Ok(start) => start,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let app = tauri::Builder::default()
        // First, so that a second start ends before it has done anything.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, folder| {
            come_forward(app, &arguments, &folder);
        }))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_dialog::init())
        .on_menu_event(|app, event| match event.id().as_ref() {
            menu::QUIT => app.exit(0),
            id => match id.strip_prefix(menu::EDIT) {
                Some(command) => menu::edit(app, command),
                None => events::menu(app, id),
            },
        })
        .on_window_event(|window, event| {
            if let WindowEvent::Focused(has) = event {
                window.state::<Desk>().comes_forward(*has);
            }
        })
        .invoke_handler(commands::handler())
        .setup(move |app| {
            let data = app.path().app_data_dir()?;
            let config = app.path().app_config_dir()?;
            app.manage(Desk::new(start, &data, &config));
            show_menu(app.handle());
            open_window(app)?;
            fetch_by_itself(app.handle());
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match app {
        Ok(app) => app,
        Err(error) => {
            eprintln!("The window cannot be opened: {error}");
            return ExitCode::FAILURE;
        }
    };
    app.run(|handle, event| {
        if let RunEvent::Exit = event {
            // Closing writes the book's log back into its file.
            handle.state::<Desk>().close();
        }
        // On macOS a double click on a book tells the program that runs; there is no second start.
        #[cfg(target_os = "macos")]
        if let RunEvent::Opened { urls } = event
            && let Some(book) = urls.iter().find_map(start::opened)
        {
            raise(handle);
            handle.state::<Desk>().ask_for(&book);
            events::book_asked(handle, &book);
        }
    });
    ExitCode::SUCCESS
}

/// Asks every little while whether a channel has something that is not in the book yet.
fn fetch_by_itself(app: &tauri::AppHandle) {
    let app = app.clone();
    // The program's end ends it: it holds nothing that has to be put away.
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(BETWEEN_LOOKS);
            // What is wrong now is shown by the pages; the next look may find it mended.
            let _ = app.state::<Desk>().fetch_what_is_due(&app);
            app.state::<Desk>().tell_of_channels(&app);
        }
    });
}

fn open_window(app: &tauri::App) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        .title("算盘 Suanpan")
        .inner_size(1360.0, 860.0)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .center()
        // Copied rows come from the book a moment after the key: the web view would refuse them.
        .enable_clipboard_access()
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    zoom(app.handle());
    revive::watch(&window)
}

/// Draws everything as large as this user wants it.
fn zoom(app: &tauri::AppHandle) {
    let scale = preferences::scale(&app.state::<Desk>().preferences());
    if let Some(window) = app.get_webview_window("main") {
        // A window that cannot be drawn at another size is still one that can be read.
        let _ = window.set_zoom(scale);
    }
}

/// Makes the menu anew when the language or what can be done has changed.
fn show_menu(app: &tauri::AppHandle) {
    let Some((lang, open)) = app.state::<Desk>().menu_to_make() else { return };
    let made = app.clone();
    // Menus belong to the window's own thread. A window without a menu has its keys all the same.
    let _ = app.run_on_main_thread(move || {
        let _ = menu::bar(&made, lang, open).and_then(|bar| made.set_menu(bar));
    });
}

/// The program was started again: the window that is open comes to the front, and is told of the
/// book that was asked for.
fn come_forward(app: &tauri::AppHandle, arguments: &[String], folder: &str) {
    raise(app);
    if let Some(book) = start::asked_again(arguments, folder) {
        events::book_asked(app, &book);
    }
}

/// Brings the window to the front.
fn raise(app: &tauri::AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        // A window manager may decline each of these; the window is there all the same.
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

/// Pages come from inside the program; there is nothing else to go to.
fn is_own_page(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) => true,
        ("http" | "https", Some("tauri.localhost")) => true,
        // The Vite server of a developer; never in a program that carries its own pages.
        ("http", Some("localhost")) => cfg!(not(feature = "custom-protocol")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_but_to_its_own_pages() {
        let own = |url: &str| is_own_page(&Url::parse(url).unwrap());
        assert!(own("tauri://localhost/#/payouts"));
        assert!(own("http://tauri.localhost/"));
        for foreign in [
            "https://example.com/",
            "tauri://localhost.example.com/",
            "file:///etc/passwd",
            "data:text/html,x",
        ] {
            assert!(!own(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_double_click_on_a_book_opens_it_here() {
        let conf: serde_json::Value =
            serde_json::from_str(include_str!("../tauri.conf.json")).unwrap();
        let kind = &conf["bundle"]["fileAssociations"][0];
        let (mime, ending) = (kind["mimeType"].as_str().unwrap(), kind["ext"][0].as_str().unwrap());
        // The bundler writes no such file itself: without it a desktop knows no such kind of file.
        let known = include_str!("../linux/suanpan.xml");
        assert!(known.contains(&format!("<mime-type type=\"{mime}\">")));
        assert!(known.contains(&format!("<glob pattern=\"*.{ending}\"/>")));
        let entry = include_str!("../linux/suanpan.desktop");
        assert!(entry.contains(&format!("MimeType={mime};")) && entry.contains("Exec={{exec}} %f"));
    }

    #[test]
    fn the_policy_of_the_pages_allows_no_foreign_content() {
        let conf: serde_json::Value =
            serde_json::from_str(include_str!("../tauri.conf.json")).unwrap();
        let security = &conf["app"]["security"];
        // The pages freeze it themselves once their modules are loaded: one of them names
        // properties while it loads that a frozen prototype would refuse.
        let pages = include_str!("../../ui/src/main.ts");
        assert!(pages.contains("Object.freeze(Object.prototype)"));
        let csp = security["csp"].to_string();
        assert!(csp.contains("\"default-src\":\"'none'\""));
        assert!(!csp.contains("unsafe") && !csp.contains('*') && !csp.contains("https:"));
    }
}
