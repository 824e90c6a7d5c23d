//! Rows that leave the window by the clipboard.

use crate::driver::{Window, open_demo};
use crate::{LATER, SOON};
use anyhow::{Context, Result, ensure};
use backoffice::practice_shop::DEMO_PASSPHRASE;
use serde_json::{Value, json};
use std::time::Duration;

const ENTER: char = '\u{e007}';
const HOME: &str = "\u{e011}";
const DOWN: char = '\u{e015}';
/// The rows picked: order number, and amount and fee in fen.
const PICKED: &str = "return [...document.querySelectorAll('.row.picked')].map((row) => [ \
    row.querySelector('[data-part=order]').innerText, \
    ...['amount', 'fee'].map((part) => \
      row.querySelector(`[data-part=${part}] .money`).dataset.minor)])";

#[tokio::test(flavor = "multi_thread")]
async fn rows_picked_by_keyboard_are_in_the_clipboard_to_the_fen() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let window = open_demo(folder.path()).await?;
    let told = copy(&window).await;
    if told.is_err() {
        window.picture("copy-failed").await?;
    }
    window.close().await?;
    told
}

async fn copy(window: &Window) -> Result<()> {
    window.see("input[type=password]", SOON).await?;
    window.type_into("input[type=password]", &format!("{DEMO_PASSPHRASE}{ENTER}")).await?;
    window.see("[data-node=bank]", LATER).await?;
    window.click("button[data-value=en]").await?;
    window.keys("gt").await?;
    window.see("[role=grid] [role=gridcell]", SOON).await?;
    window.see(".row.current[aria-rowindex='2']", SOON).await?;
    window.script("document.querySelector('[role=grid]').focus()").await?;
    window.keys(HOME).await?;
    window.keys(" ").await?;
    for _ in 0..2 {
        window.with_shift(DOWN).await?;
    }
    window.see(".row.picked[aria-rowindex='4']", SOON).await?;
    let shown = window.script(PICKED).await?;
    ensure!(shown.as_array().is_some_and(|rows| rows.len() == 3), "picked: {shown}");
    window.with_ctrl('c').await?;
    window.see(".said[role=status]", SOON).await?;
    let table = clipboard(window).await?;
    ensure!(told(&table) == Some(shown.clone()), "{table}\nis not {shown}");
    window.picture("copied").await?;

    // Text that somebody marked is what they want, not the rows.
    window.keys("\u{e007}").await?;
    window.see("[role=dialog] .copyable", SOON).await?;
    window.script("getSelection().selectAllChildren(document.querySelector('.copyable'))").await?;
    let marked = window.text("[role=dialog] .copyable").await?;
    window.with_ctrl('c').await?;
    ensure!(clipboard_becomes(window, &marked).await?, "marked text is not copied");
    Ok(())
}

/// Order number, and amount and fee in fen, of each row of a copied table, found by their heads.
fn told(table: &str) -> Option<Value> {
    let mut lines = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let heads = lines.next()?;
    let of = |cells: &[&str], name: &str| {
        let at = heads.iter().position(|head| *head == name)?;
        cells.get(at).map(|text| (*text).to_owned())
    };
    let fen = |text: String| text.replace('.', "").parse::<i64>().ok().map(|fen| fen.to_string());
    let row = |cells: Vec<&str>| -> Option<Value> {
        let (amount, fee) = (of(&cells, "Amount").and_then(fen), of(&cells, "Fee").and_then(fen));
        Some(json!([of(&cells, "Order")?, amount?, fee?]))
    };
    lines.map(row).collect::<Option<Vec<_>>>().map(Value::Array)
}

/// What another program would paste.
async fn clipboard(window: &Window) -> Result<String> {
    let mut ask = window.beside("xclip");
    ask.args(["-selection", "clipboard", "-out", "-target", "UTF8_STRING"]);
    let asked = tokio::task::spawn_blocking(move || ask.output());
    let answer = tokio::time::timeout(SOON, asked).await.context("nobody answers for it")???;
    let problem = String::from_utf8_lossy(&answer.stderr).into_owned();
    ensure!(answer.status.success(), "the clipboard gives nothing: {problem}");
    Ok(String::from_utf8(answer.stdout)?)
}

async fn clipboard_becomes(window: &Window, text: &str) -> Result<bool> {
    for _ in 0..40 {
        if clipboard(window).await?.trim() == text {
            return Ok(true);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(false)
}
