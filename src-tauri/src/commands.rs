//! What the window may ask: convert, call, convert.

mod book;
mod channels;
mod collect;
mod decisions;
mod import;
mod imports;
mod jobs;
mod ledger;
mod lists;
mod orders;
mod payouts;
mod search;
mod settings;
mod statements;
mod till;

use tauri::ipc::Invoke;

include!("commands/list.rs");

macro_rules! handle {
    ($($area:ident: [$($name:ident),* $(,)?]),* $(,)?) => {
        tauri::generate_handler![$($($area::$name,)*)*]
    };
}

/// Every command of the list, and no other.
pub fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    with_commands!(handle)
}
