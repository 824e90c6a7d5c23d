//! Coming back to one's company, the way between companies, and keys that no hand has pressed.

use crate::driver::{Ask, Window, demo, open_demo, program};
use crate::{LATER, SOON};
use anyhow::{Context, Result, ensure};
use backoffice::practice_shop::DEMO_PASSPHRASE;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

async fn unlock(window: &Window) -> Result<()> {
    window.see("input[type=password]", SOON).await?;
    window.type_into("input[type=password]", &format!("{DEMO_PASSPHRASE}{ENTER}")).await?;
    window.see("nav a[aria-current]", LATER).await
}

/// A copy of a book with its keys.
fn copy_of(book: &Path, name: &str) -> Result<PathBuf> {
    let other = book.with_file_name(name);
    for ending in ["", ".keys"] {
        let from = format!("{}{ending}", book.display());
        if Path::new(&from).exists() {
            std::fs::copy(from, format!("{}{ending}", other.display()))?;
        }
    }
    Ok(other)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_stands_before_the_company_that_was_open_last() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let first = demo(folder.path()).await?;
    let second = copy_of(&first, "另一家.suanpan")?;
    for book in [&first, &second] {
        let window = Window::open(book, folder.path()).await?;
        let told = unlock(&window).await;
        window.close().await?;
        told?;
    }
    // As a desktop starts it: without the name of any book.
    let window = Window::ask(&Ask::program(&program()?, json!([])), folder.path()).await?;
    let told = between(&window).await;
    window.picture(if told.is_ok() { "door" } else { "door-failed" }).await?;
    window.close().await?;
    told
}

async fn between(window: &Window) -> Result<()> {
    window.see(".path[title*=另一家]", SOON).await?;
    window.see("li button[title$='/demo.suanpan']", SOON).await?;
    window.click("li button[title$='/demo.suanpan']").await?;
    window.see(".path[title$='/demo.suanpan']", SOON).await?;
    window.see("li button[title*=另一家]", SOON).await?;
    window.keys(ESCAPE).await?;
    window.see(".path[title*=另一家]", SOON).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_gun_is_answered_and_decides_nothing_by_its_letters() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let window = open_demo(folder.path()).await?;
    let told = scan(&window).await;
    if told.is_err() {
        window.picture("scan-failed").await?;
    }
    window.close().await?;
    told
}

async fn scan(window: &Window) -> Result<()> {
    const PAYOUT: &str = "return document.querySelector('.row[href]').getAttribute('href')";
    unlock(window).await?;
    window.see(".row[href]", SOON).await?;
    let payout = window.script(PAYOUT).await?;
    let payout = payout.as_str().context("no payout on Home")?;
    window.script(&format!("location.hash = '{payout}'")).await?;
    window.see("[data-payout=paid]", SOON).await?;
    // A marks a payout as seen, U, F and N turn the page, and no number of the book is like this.
    // In one go: a busy machine hands a driver's keys over as slowly as a hand.
    let gun = "const at = document.activeElement ?? document.body; \
        for (const key of [...'AAFUN4021', 'Enter']) at.dispatchEvent( \
        new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))";
    window.script(gun).await?;
    window.see(".palette .none", SOON).await?;
    let typed = window.value(".palette input").await?;
    ensure!(typed == "AAFUN4021", "the palette looks for {typed}");
    window.keys(ESCAPE).await?;
    window.gone(".palette", SOON).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let at = window.script("return location.hash").await?;
    ensure!(at == payout, "the code went to {at}");
    let told = window.script("return document.querySelector('[data-told]') === null").await?;
    ensure!(told == true, "the code decided something");
    // The same key from a hand does what it says.
    window.keys("a").await?;
    window.see("[data-told]", SOON).await
}
