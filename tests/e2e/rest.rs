//! A window that nobody touches.

use crate::driver::open_demo;
use crate::{LATER, SOON};
use anyhow::{Result, ensure};
use backoffice::practice_shop::DEMO_PASSPHRASE;
use serde_json::json;
use std::time::Duration;

/// By then a page has read what it shows.
const SETTLED: Duration = Duration::from_millis(2500);
const PAGES: [&str; 13] = [
    "home",
    "payouts",
    "transactions",
    "breaks",
    "bank",
    "calendar",
    "ledger",
    "reports",
    "reports?tab=bridge",
    "import",
    "statements",
    "companies",
    "settings",
];
/// What changes in the page within a second, said by element.
const WATCH: &str = "const done = arguments[0]; \
    const seen = []; \
    const watch = new MutationObserver((changes) => { \
      for (const { type, target } of changes) \
        seen.push(`${type} in ${target.nodeName} ${target.className?.baseVal ?? target.className}`); \
    }); \
    watch.observe(document.body, \
      { subtree: true, childList: true, attributes: true, characterData: true }); \
    setTimeout(() => { watch.disconnect(); done(seen.slice(0, 5)); }, 1000);";

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_nobody_touches_changes_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let window = open_demo(folder.path()).await?;
    window.see("input[type=password]", SOON).await?;
    window.type_into("input[type=password]", &format!("{DEMO_PASSPHRASE}\u{e007}")).await?;
    window.see("[data-node=bank]", LATER).await?;
    for page in PAGES {
        window.script(&format!("location.hash = '#/{page}'")).await?;
        tokio::time::sleep(SETTLED).await;
        let changed = window.script_async(WATCH).await?;
        ensure!(changed == json!([]), "{page} goes on changing: {changed}");
    }
    window.close().await
}
