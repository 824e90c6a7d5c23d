//! Writes the manifest of commands: the window may call these and no others.

/// Every command; `capabilities/main.json` allows each by name.
const COMMANDS: &[&str] = &[
    "account_tree",
    "bank_accounts",
    "book_status",
    "cancel_import",
    "certificates",
    "choose_files",
    "choose_statement_path",
    "create_book",
    "evidence",
    "freshness",
    "home",
    "import_paths",
    "ledger_entries",
    "list_bank_lines",
    "list_payouts",
    "list_transactions",
    "list_views",
    "open_book",
    "open_demo",
    "payout",
    "payout_lines",
    "preferences",
    "remove_view",
    "report_bridge",
    "report_heat",
    "report_rates",
    "report_series",
    "save_preferences",
    "save_statement",
    "save_transactions",
    "save_view",
    "search",
    "transaction",
    "transaction_sums",
    "transactions_text",
];

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    tauri_build::try_build(attributes).expect("tauri.conf.json and the capabilities are valid");
}
