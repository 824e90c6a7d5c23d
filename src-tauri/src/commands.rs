//! What the window may ask: convert, call, convert.

mod book;
mod import;
mod ledger;
mod lists;
mod payouts;
mod search;

use tauri::ipc::Invoke;

/// Every command; the build script writes the same list into the manifest.
pub fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        book::book_status,
        book::create_book,
        book::open_book,
        book::open_demo,
        book::preferences,
        book::save_preferences,
        import::cancel_import,
        import::choose_files,
        import::import_paths,
        ledger::account_tree,
        ledger::ledger_entries,
        ledger::report_bridge,
        ledger::report_heat,
        ledger::report_rates,
        ledger::report_series,
        lists::bank_accounts,
        lists::certificates,
        lists::freshness,
        lists::list_bank_lines,
        lists::list_transactions,
        lists::list_views,
        lists::remove_view,
        lists::save_transactions,
        lists::save_view,
        lists::transaction,
        lists::transaction_sums,
        lists::transactions_text,
        payouts::choose_statement_path,
        payouts::evidence,
        payouts::home,
        payouts::list_payouts,
        payouts::payout,
        payouts::payout_lines,
        payouts::save_statement,
        search::search,
    ]
}
