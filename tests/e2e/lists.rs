//! A list is as long as what it lists: its far end and its middle are reached in one step.

use crate::driver::{Window, open_demo};
use crate::{LATER, SOON};
use anyhow::{Context, Result, bail, ensure};
use backoffice::practice_shop::DEMO_PASSPHRASE;
use serde_json::Value;
use std::time::Duration;

const ENTER: char = '\u{e007}';
const HOME: &str = "\u{e011}";
const END: &str = "\u{e010}";
const DOWN: &str = "\u{e015}";
/// The current row: where it stands, of how many rows, and what it says; null while it is not
/// there.
const CURRENT: &str = "const row = document.querySelector('.row.current:not([aria-busy])'); \
    const of = (one, name) => Number(one.getAttribute(name)); \
    return row && [of(row, 'aria-rowindex'), \
        of(row.closest('[role=grid]'), 'aria-rowcount'), row.textContent]";
/// What the row in the middle of the list says, once it is scrolled to.
const MIDDLE: &str = "const list = document.querySelector('[role=grid] .scroll'); \
    const middle = Math.floor(list.scrollHeight / 2); \
    if (Math.abs(list.scrollTop - middle) > 200) list.scrollTop = middle; \
    const row = document.querySelectorAll('[role=grid] .row:not([aria-busy])')[10]; \
    return row && Math.abs(row.offsetTop - middle) < 1000 \
        ? [Number(row.getAttribute('aria-rowindex')), row.textContent] : null";

#[tokio::test(flavor = "multi_thread")]
async fn the_end_and_the_middle_of_a_long_list_are_reached_in_one_step() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let window = open_demo(folder.path()).await?;
    window.see("input[type=password]", SOON).await?;
    window.type_into("input[type=password]", &format!("{DEMO_PASSPHRASE}{ENTER}")).await?;
    window.see("nav a[aria-current]", LATER).await?;
    let told = reach(&window).await;
    if told.is_err() {
        window.picture("lists-failed").await?;
    }
    window.close().await?;
    told
}

async fn reach(window: &Window) -> Result<()> {
    window.keys("gt").await?;
    window.see("[role=grid] [role=gridcell]", SOON).await?;
    window.see("[data-rows]", SOON).await?;
    let first = when(window, CURRENT, |row| row[0] == 2).await?;
    let count = first[1].as_u64().context("a list knows how many rows it has")?;
    ensure!(count > 1000, "the demo company has many transactions: {count}");
    window.keys(END).await?;
    let last = when(window, CURRENT, |row| row[0] == count).await?;
    window.keys(HOME).await?;
    ensure!(when(window, CURRENT, |row| row[0] == 2).await? == first, "home is where it was");
    let middle = when(window, MIDDLE, Value::is_array).await?;
    // The other way round every row stands at the other end.
    window.click("[role=columnheader] button").await?;
    let turned = when(window, CURRENT, |row| row[0] == 2 && row[2] == last[2]).await?;
    ensure!(turned[1] == last[1], "{turned}");
    window.keys(END).await?;
    when(window, CURRENT, |row| row[0] == count && row[2] == first[2]).await?;
    // From the far end back, row by row, to the one that stood in the middle.
    let mirrored = count + 2 - middle[0].as_u64().context("the middle has a number")?;
    let other = format!(
        "const list = document.querySelector('[role=grid] .scroll'); \
         const at = {mirrored}; \
         const top = (at - 2) * list.scrollHeight / ({count} - 1) - 100; \
         if (Math.abs(list.scrollTop - top) > 2) list.scrollTop = top; \
         const row = document.querySelector( \
             `[role=grid] .row[aria-rowindex='${{at}}']:not([aria-busy])`); \
         return row && [at, row.textContent]"
    );
    let found = when(window, &other, Value::is_array).await?;
    ensure!(found[1] == middle[1], "{found} stands opposite {middle}");
    window.keys(DOWN).await?;
    when(window, CURRENT, |row| row[0] == count).await?;
    Ok(())
}

/// What a script tells, once it is as wished.
async fn when(window: &Window, script: &str, wish: impl Fn(&Value) -> bool) -> Result<Value> {
    let mut told = Value::Null;
    for _ in 0..100 {
        told = window.script(script).await?;
        if wish(&told) {
            return Ok(told);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("the list stays at {told}")
}
