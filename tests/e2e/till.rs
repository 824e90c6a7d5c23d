//! A day at the till in the real window, by keyboard: a sale paid in two ways, the count, the sheet.

use crate::driver::Window;
use crate::{LATER, SOON};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";
const RIGHT: &str = "\u{e014}";
/// How often the order's number stands in the list of records.
const RECORDS: &str = "return [...document.querySelectorAll('main td.about')] \
    .filter((cell) => cell.innerText.includes('A-100')).length";

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_of_two_tenders_is_recorded_counted_and_on_the_days_sheet() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let window = Window::open(&folder.path().join("book.suanpan"), folder.path()).await?;
    let told = day(&window, folder.path()).await;
    window.picture(if told.is_ok() { "till-day" } else { "till-failed" }).await?;
    window.close().await?;
    told
}

async fn day(window: &Window, folder: &Path) -> Result<()> {
    crate::make_book(window).await?;
    window.click("button[data-value=en]").await?;
    window.keys("gy").await?;
    window.see("main header.bar .acts .primary", SOON).await?;
    sale(window).await?;
    count(window).await?;
    sheet(window, folder).await
}

/// 50.00 for one order: 30.00 in cash, 20.00 by card.
async fn sale(window: &Window) -> Result<()> {
    window.keys("n").await?;
    window.see("[data-till=receipt] [name=amount]:focus", SOON).await?;
    window.keys(&format!("30.00{TAB}A-100{ENTER}")).await?;
    window.gone("[data-till=receipt]", LATER).await?;
    window.see("main [data-held=cash]", SOON).await?;
    close(window).await?;

    window.keys("n").await?;
    window.see("[data-till=receipt] [name=amount]:focus", SOON).await?;
    // The ways to pay stand before the amount; the arrow goes on to the card's.
    let first = "document.querySelector('[data-till=receipt] .tenders button').focus()";
    window.script(first).await?;
    window.keys(&format!("{RIGHT}{ENTER}")).await?;
    window.see("[data-till=receipt] [name=last4]", SOON).await?;
    window.type_into("[data-till=receipt] [name=amount]", "20.00").await?;
    window.keys(&format!("{TAB}A-100{TAB}000001{TAB}4242{ENTER}")).await?;
    window.gone("[data-till=receipt]", LATER).await?;
    window.see("main [data-held=pos_slip]", SOON).await?;
    close(window).await?;
    let records = window.script(RECORDS).await?;
    ensure!(records == 2, "{records} records name the order");
    for (tender, amount) in [("cash", "30.00"), ("pos_slip", "20.00")] {
        let shown = window.text(&format!("main [data-held={tender}] .sum")).await?;
        ensure!(shown.contains(amount), "{tender} in hand is {shown}");
    }
    // Both are payments of the one order.
    window.script("location.hash = '#/orders/A-100'").await?;
    window.see("[data-order=total]", SOON).await?;
    let order = window.text("main").await?;
    ensure!(order.contains("30.00") && order.contains("20.00"), "{order}");
    window.picture("till-order").await?;
    window.keys("gy").await?;
    window.see("main [data-held=cash]", SOON).await
}

/// What was recorded is shown beside the list; it is put away.
async fn close(window: &Window) -> Result<()> {
    window.see(".drawer", SOON).await?;
    window.keys("\u{e00c}").await?;
    window.gone(".drawer", SOON).await
}

/// Two notes of ten and one of five: five less than the till should hold, with the reason.
async fn count(window: &Window) -> Result<()> {
    window.keys("k").await?;
    window.see("[data-till=count] [data-weighed=expected]", SOON).await?;
    let expected = window.text("[data-weighed=expected]").await?;
    ensure!(expected.contains("30.00"), "the till should hold {expected}");
    for (worth, pieces) in [("10.00", "2"), ("5.00", "1")] {
        let field = format!("[data-till=count] .notes input[aria-label$=' {worth}']");
        window.type_into(&field, pieces).await?;
    }
    window.see("[data-till=count] [aria-busy=false] [data-weighed=over]", SOON).await?;
    let over = window.text("[data-weighed=over]").await?;
    ensure!(over.contains("5.00"), "the count is over by {over}");
    window.picture("till-count").await?;
    window
        .type_into("[data-till=count] [name=reason]", &format!("change given twice{ENTER}"))
        .await?;
    window.gone("[data-till=count]", LATER).await?;
    close(window).await?;
    let held = window.text("main [data-held=cash] .sum").await?;
    ensure!(held.contains("25.00"), "the till holds {held}");
    Ok(())
}

/// The sheet of the day, where the person says.
async fn sheet(window: &Window, folder: &Path) -> Result<()> {
    let path = folder.join("sheet.pdf");
    let before = window.shown()?;
    window.with_ctrl('p').await?;
    window.choose(&before, &path).await?;
    window.see("main .notice", LATER).await?;
    let text = Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output();
    let text = text.context("pdftotext is missing: poppler-utils")?;
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    for wanted in ["30.00", "20.00", "25.00", "5.00"] {
        ensure!(text.contains(wanted), "{wanted} is not on the sheet:\n{text}");
    }
    Ok(())
}
