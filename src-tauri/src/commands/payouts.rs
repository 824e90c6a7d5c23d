//! Reading payouts down to the line of a file, and their statements.

use crate::desk::{Desk, now_ms};
use backoffice::dto::{
    EvidenceView, Failure, HomeView, LinePage, MoneyMap, PayoutFilter, PayoutPage, PayoutView,
};
use backoffice::lists::{list_certificates, money_map as places_of_money};
use backoffice::statements::payout_breaks;
use backoffice::{BusinessDate, Error, evidence as lines_of_files, home as first_screen, payouts};
use std::io::{BufWriter, Write};
use std::path::Path;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;

/// Rows of one page at most, whatever is asked for.
const PAGE_MAX: u32 = 500;

/// The first screen.
#[tauri::command]
pub async fn home(desk: State<'_, Desk>) -> Result<HomeView, Failure> {
    desk.run(|desk| {
        let mut reader = desk.office()?.reader()?;
        let since = desk.look();
        let found = first_screen::home(&mut reader, since)?;
        Ok(HomeView::new(found, since, now_ms(), desk.lang()))
    })
    .await
}

/// Where the money was at the end of `until`, or is now.
#[tauri::command]
pub async fn money_map(desk: State<'_, Desk>, until: Option<String>) -> Result<MoneyMap, Failure> {
    desk.run(move |desk| {
        let bad = || Error::BadInput { field: "until", reason: "not a day".to_owned() };
        let day = |text: &String| BusinessDate::parse(text).ok_or_else(bad);
        let until = until.as_ref().map(day).transpose()?.map(BusinessDate::days);
        Ok(places_of_money(&mut desk.office()?.reader()?, until)?.into())
    })
    .await
}

/// A page of payouts in the order asked for.
#[tauri::command]
pub async fn list_payouts(
    desk: State<'_, Desk>,
    cursor: Option<String>,
    limit: u32,
    filter: PayoutFilter,
) -> Result<PayoutPage, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let filter = filter.filter()?;
        let limit = limit.min(PAGE_MAX);
        let page = payouts::list_payouts(&mut reader, &filter, cursor.as_deref(), limit)?;
        let rows = page.rows.into_iter().map(Into::into).collect();
        let count = payouts::payout_totals(&mut reader, &filter)?.count;
        Ok(PayoutPage { rows, next: page.next, count })
    })
    .await
}

/// One payout with its components, its days and its breaks.
#[tauri::command]
pub async fn payout(desk: State<'_, Desk>, id: String) -> Result<PayoutView, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let found = payouts::payout(&mut reader, &id)?;
        let fee_parts = payouts::payout_fee_parts(&mut reader, &found)?;
        let breaks = payout_breaks(&mut reader, &found)?;
        let (from, until) = covered_days(&found);
        let mut days = list_certificates(&mut reader, Some(from), Some(until))?;
        days.retain(|day| {
            // The bank and the shop have accounts of their own; their days count as well.
            let other_channel = ["bank", "shop"].contains(&day.channel.as_str());
            other_channel || day.account_no == found.row.account_no
        });
        Ok(PayoutView::new(found, &fee_parts, breaks, days, desk.lang()))
    })
    .await
}

/// The days a payout covers, half open; the first payout of a book begins with its own day.
fn covered_days(payout: &payouts::Payout) -> (i32, i32) {
    let last = payout.until.0;
    let first = match payout.after.0 {
        i32::MIN => last,
        day => day.saturating_add(1).min(last),
    };
    (first, last.saturating_add(1))
}

/// A page of the rows behind a component.
#[tauri::command]
pub async fn payout_lines(
    desk: State<'_, Desk>,
    id: String,
    component: Option<String>,
    cursor: Option<String>,
    limit: u32,
) -> Result<LinePage, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let found = payouts::payout(&mut reader, &id)?;
        let (part, limit) = (component.as_deref(), limit.min(PAGE_MAX));
        let page = payouts::payout_lines(&mut reader, &id, part, cursor.as_deref(), limit)?;
        Ok(LinePage::new(page, &found, part))
    })
    .await
}

/// A line of a stored file, with its neighbours.
#[tauri::command]
pub async fn evidence(
    desk: State<'_, Desk>,
    document: String,
    line_no: u32,
) -> Result<EvidenceView, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let id = document.parse().map_err(|_| Error::BadInput {
            field: "document",
            reason: "not the number of a document".to_owned(),
        })?;
        Ok(lines_of_files::evidence(&mut reader, id, line_no)?.into())
    })
    .await
}

/// Asks where to save a statement; `None` when the person thought better of it.
#[tauri::command]
pub async fn choose_statement_path(
    app: AppHandle,
    desk: State<'_, Desk>,
    suggested: String,
) -> Result<Option<String>, Failure> {
    desk.run(move |desk| {
        let chosen = app.dialog().file().set_file_name(plain_name(&suggested)).blocking_save_file();
        let Some(path) = chosen.and_then(|path| path.into_path().ok()) else { return Ok(None) };
        let shown = path.display().to_string();
        desk.allow(path);
        Ok(Some(shown))
    })
    .await
}

/// A name without folders or marks that any system would take amiss.
pub(super) fn plain_name(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || "._-".contains(*c)).take(80).collect()
}

/// Writes a file so that it is there whole or not at all.
pub(super) fn write_whole<T>(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, Error>,
) -> Result<T, Error> {
    let failed = |source| Error::File { path: path.display().to_string(), source };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = Path::new(&beside);
    let written = std::fs::File::create(beside).map_err(failed).and_then(|file| {
        let mut out = BufWriter::new(file);
        let value = fill(&mut out)?;
        let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().and_then(|()| std::fs::rename(beside, path)).map_err(failed)?;
        Ok(value)
    });
    if written.is_err() {
        // What is left of it would be taken for the whole.
        let _ = std::fs::remove_file(beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_name_cannot_leave_its_folder() {
        assert_eq!(plain_name("../../TX2026 0415.pdf"), "....TX20260415.pdf");
        assert_eq!(plain_name("对账单-4月.pdf"), "对账单-4月.pdf");
    }
}
