//! Writes the manifest of commands: the window may call these and no others.

/// Every command; `capabilities/main.json` allows each by name.
const COMMANDS: &[&str] = &[
    "book_status",
    "cancel_import",
    "choose_files",
    "choose_statement_path",
    "create_book",
    "evidence",
    "home",
    "import_paths",
    "list_payouts",
    "open_book",
    "open_demo",
    "payout",
    "payout_lines",
    "preferences",
    "save_preferences",
    "save_statement",
    "search",
];

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    tauri_build::try_build(attributes).expect("tauri.conf.json and the capabilities are valid");
}
