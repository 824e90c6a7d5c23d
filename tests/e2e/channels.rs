//! A channel is connected, tried and asked in the real window over its true protocol: the practice
//! platform stands on this computer and goes by its clock.

use crate::driver::Window;
use crate::{LATER, SOON};
use anyhow::{Context, Result, ensure};
use backoffice::BusinessDate;
use practice::Options;
use practice::platform::{Platform, Settings};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Days of the shop; the last is the day before yesterday, whose bills are there at any hour.
const DAYS: u32 = 6;
const DAY_MS: i64 = 86_400_000;
/// Days of the channels begin when it is midnight in China.
const CHINA_MS: i64 = 28_800_000;
/// Cells of days that are proven, over all streams.
const PROVEN: &str = "return [...document.querySelectorAll('td.good[data-cell]')] \
    .filter((cell) => cell.innerText.includes('✓')).length";

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_connected_by_its_file_and_its_days_are_seen_to_be_proven() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let today = i32::try_from((now_ms() + CHINA_MS).div_euclid(DAY_MS))?;
    let first = BusinessDate::from_days(today - 1 - i32::try_from(DAYS)?).to_string();
    let shop = Options { days: DAYS, size: 8, from: first.parse()?, ..Options::default() };
    let platform = Platform::start(Settings::new(shop, Arc::new(now_ms)))?;
    let setup = platform.setup("wechat_pay").context("the platform speaks WeChat Pay")?;
    let file = folder.path().join("wechat_pay.json");
    std::fs::write(&file, setup.to_json())?;

    let window = Window::open(&folder.path().join("book.suanpan"), folder.path()).await?;
    let told = connect(&window, &file, &first).await;
    if told.is_err() {
        window.picture("channels-failed").await?;
    }
    window.close().await?;
    told
}

async fn connect(window: &Window, file: &Path, first: &str) -> Result<()> {
    crate::make_book(window).await?;
    window.click("button[data-value=en]").await?;
    window.keys("gc").await?;
    window.see("main .button.primary", SOON).await?;
    window.picture("channels-none").await?;
    window.click("main .button.primary").await?;
    window.see("form input[type=file]", SOON).await?;
    window.type_into("form input[type=file]", &file.display().to_string()).await?;
    window.see("form [role=status]", SOON).await?;
    ensure!(!window.value("form [name=mchid]").await?.is_empty(), "the file fills the fields");
    window.fill("form [name=from]", first).await?;
    window.picture("channels-setup").await?;
    // What the channel refuses is told before anything is kept.
    let right = window.value("form [name=mchid]").await?;
    let wrong: String = right.chars().rev().collect();
    window.fill("form [name=mchid]", &wrong).await?;
    press(window, "form .acts button[type=button]").await?;
    window.see("form .said:not(.fine)", LATER).await?;
    window.picture("channels-wrong").await?;
    window.fill("form [name=mchid]", &right).await?;
    press(window, "form .acts button[type=button]").await?;
    window.see("form .said.fine", LATER).await?;
    window.picture("channels-tried").await?;
    let key = window.value("form [name=api_v3_key]").await?;
    press(window, "form .acts .primary").await?;
    window.gone("form [name=mchid]", LATER).await?;
    window.see("article.card", SOON).await?;

    window.click("article .acts button").await?;
    proven(window, 2 * DAYS).await?;
    window.picture("channels-proven").await?;
    let kept = format!("return document.documentElement.outerHTML.includes({})", json!(key));
    ensure!(key.len() > 20 && window.script(&kept).await? == false, "a key is still in the page");
    // What was fetched is in the book like any file.
    window.keys("gt").await?;
    window.see("[role=grid] [role=gridcell]", SOON).await
}

/// By Enter: the form is longer than the window, and the driver does not scroll in it.
async fn press(window: &Window, css: &str) -> Result<()> {
    window.script(&format!("document.querySelector({}).focus()", json!(css))).await?;
    window.keys("\u{e007}").await
}

/// Waits until so many days are proven.
async fn proven(window: &Window, wanted: u32) -> Result<()> {
    let begun = std::time::Instant::now();
    let mut found = json!(0);
    while begun.elapsed() < LATER {
        found = window.script(PROVEN).await?;
        if found == wanted {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!("{found} days are proven instead of {wanted}")
}
