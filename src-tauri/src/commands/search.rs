//! Searching the whole book.

use crate::desk::Desk;
use backoffice::dto::{Failure, SearchView};
use backoffice::search as whole_book;
use tauri::State;

/// Hits of each kind at most, whatever is asked for.
const HITS_MAX: u32 = 50;

/// Lines that answer every word typed, by kind.
#[tauri::command]
pub async fn search(
    desk: State<'_, Desk>,
    typed: String,
    limit: u32,
) -> Result<SearchView, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        Ok(whole_book::search(&mut reader, &typed, limit.min(HITS_MAX))?.into())
    })
    .await
}
