//! What the window may ask: convert, call, convert.

mod book;
mod decisions;
mod import;
mod imports;
mod ledger;
mod lists;
mod payouts;
mod search;
mod settings;
mod statements;

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
        decisions::add_rule,
        decisions::break_view,
        decisions::classify,
        decisions::decide,
        decisions::list_breaks,
        decisions::note_payout,
        decisions::payout_decisions,
        decisions::payout_fees,
        decisions::preview_classify,
        decisions::preview_decide,
        decisions::preview_rule,
        decisions::review_payout,
        decisions::undo_decision,
        decisions::write_off_terms,
        import::cancel_import,
        import::choose_files,
        import::import_paths,
        imports::choose_bill,
        imports::choose_folders,
        imports::import_table,
        imports::mend_row,
        imports::quarantine,
        imports::revisions,
        imports::table_preview,
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
        settings::book_settings,
        settings::change_passphrase,
        settings::choose_book,
        settings::choose_new_book,
        settings::new_recovery_code,
        settings::recent_books,
        settings::set_fee_signs,
        settings::set_keyring,
        settings::switch_book,
        statements::issue_statement,
        statements::issued_statements,
        statements::statement_days,
        statements::statement_preview,
        statements::verify_statement,
    ]
}
