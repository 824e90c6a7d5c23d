//! The ledger and the reports computed from it.

use super::lists::PAGE_MAX;
use super::statements::lang_of;
use crate::desk::Desk;
use backoffice::dto::{
    AccountRow, BridgeView, ChartQuery, ChartView, EntryPage, Failure, FigureQuery, HeatCellView,
    RateView, ReportQuery, RowsPage, SeriesView,
};
use backoffice::{BusinessDate, Error, charts, entries, reports};
use tauri::State;

/// Every account with everything above it, up to and with a day.
#[tauri::command]
pub async fn account_tree(
    desk: State<'_, Desk>,
    until: Option<String>,
) -> Result<Vec<AccountRow>, Failure> {
    desk.run(move |desk| {
        let day = |text: &String| {
            let reason = || text.chars().take(40).collect();
            let day = BusinessDate::parse(text).map(BusinessDate::days);
            day.ok_or_else(|| Error::BadInput { field: "until", reason: reason() })
        };
        let until = until.as_ref().map(day).transpose()?;
        let tree = entries::account_tree(&mut desk.office()?.reader()?, until)?;
        Ok(tree.into_iter().map(Into::into).collect())
    })
    .await
}

/// The entries behind a figure, newest first, and what they add up to.
#[tauri::command]
pub async fn ledger_entries(
    desk: State<'_, Desk>,
    query: FigureQuery,
    cursor: Option<String>,
    limit: u32,
) -> Result<EntryPage, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let figure = query.figure()?;
        let sums = entries::figure(&mut reader, &figure)?;
        let limit = limit.min(PAGE_MAX);
        let page = entries::entries(&mut reader, &figure, cursor.as_deref(), limit)?;
        Ok(EntryPage::new(page, sums))
    })
    .await
}

/// Money over time by one clock.
#[tauri::command]
pub async fn report_series(
    desk: State<'_, Desk>,
    clock: String,
    grain: String,
    query: ReportQuery,
) -> Result<SeriesView, Failure> {
    desk.run(move |desk| {
        let (clock, grain) = (ReportQuery::clock(&clock)?, ReportQuery::grain(&grain)?);
        let mut reader = desk.office()?.reader()?;
        Ok(reports::series(&mut reader, clock, grain, query.span()?)?.into())
    })
    .await
}

/// Why two clocks differ over the same days.
#[tauri::command]
pub async fn report_bridge(
    desk: State<'_, Desk>,
    from: String,
    to: String,
    query: ReportQuery,
) -> Result<BridgeView, Failure> {
    desk.run(move |desk| {
        let (from, to) = (ReportQuery::clock(&from)?, ReportQuery::clock(&to)?);
        let span = query.span()?;
        let mut reader = desk.office()?.reader()?;
        Ok(BridgeView::new(reports::bridge(&mut reader, from, to, span)?, span))
    })
    .await
}

/// Success and settlement rates.
#[tauri::command]
pub async fn report_rates(
    desk: State<'_, Desk>,
    query: ReportQuery,
) -> Result<Vec<RateView>, Failure> {
    desk.run(move |desk| {
        let found = reports::rates(&mut desk.office()?.reader()?, query.span()?)?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

/// Payments by weekday and hour.
#[tauri::command]
pub async fn report_heat(
    desk: State<'_, Desk>,
    query: ReportQuery,
) -> Result<Vec<HeatCellView>, Failure> {
    desk.run(move |desk| {
        let span = query.span()?;
        let found = reports::heat(&mut desk.office()?.reader()?, span)?;
        let cell = |cell| HeatCellView::new(cell, span.currency.code());
        Ok(found.into_iter().map(cell).collect())
    })
    .await
}

/// The rows behind a figure of a report, and what they add up to.
#[tauri::command]
pub async fn report_rows(
    desk: State<'_, Desk>,
    figure: String,
    query: ReportQuery,
    cursor: Option<String>,
    limit: u32,
) -> Result<RowsPage, Failure> {
    desk.run(move |desk| {
        let (what, span) = (reports::Behind::from_code(&figure)?, query.span()?);
        let (cursor, limit) = (cursor.as_deref(), limit.min(PAGE_MAX));
        let mut reader = desk.office()?.reader()?;
        Ok(reports::rows_behind(&mut reader, what, span, cursor, limit)?.into())
    })
    .await
}

/// The currencies of the book.
#[tauri::command]
pub async fn report_currencies(desk: State<'_, Desk>) -> Result<Vec<String>, Failure> {
    desk.run(|desk| reports::currencies(&mut desk.office()?.reader()?)).await
}

/// A chart as a drawing for paper.
#[tauri::command]
pub async fn draw_chart(
    desk: State<'_, Desk>,
    query: ChartQuery,
    lang: String,
) -> Result<ChartView, Failure> {
    desk.run(move |desk| {
        let (what, lang) = (query.chart()?, lang_of(&lang)?);
        Ok(charts::draw(&mut desk.office()?.reader()?, &what, lang)?.into())
    })
    .await
}
