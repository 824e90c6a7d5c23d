//! Paper: what the system asks when a page is to be printed.

use crate::driver::{Window, open_demo};
use crate::{LATER, SOON};
use anyhow::{Context, Result, ensure};
use backoffice::practice_shop::DEMO_PASSPHRASE;
use std::time::Duration;

const ENTER: char = '\u{e007}';
/// The system's question, in whatever language it has.
const QUESTION: [&str; 4] = ["search", "--onlyvisible", "--name", "^(Print|打印)$"];

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_on_the_screen_can_be_printed_and_the_window_goes_on() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let window = open_demo(folder.path()).await?;
    let told = print(&window).await;
    if told.is_err() {
        let _ = window.picture("paper-failed").await;
    }
    window.close().await?;
    told
}

async fn print(window: &Window) -> Result<()> {
    window.see("input[type=password]", SOON).await?;
    window.type_into("input[type=password]", &format!("{DEMO_PASSPHRASE}{ENTER}")).await?;
    window.see("[data-node=bank]", LATER).await?;
    window.keys("gp").await?;
    window.see("[role=grid] [role=gridcell]", SOON).await?;
    window.see("aside [data-component=paid]", SOON).await?;
    window.script("document.querySelector('[role=grid]').focus()").await?;
    window.keys("\u{e011}").await?;
    window.see(".row.current[aria-rowindex='2']", SOON).await?;
    window.keys("\u{e007}").await?;
    window.see("[data-payout=paid]", SOON).await?;
    window.with_ctrl('p').await?;
    window.see(".paper", SOON).await?;
    ensure!(asked(window)?.is_none(), "nobody has asked to print yet");
    // Not in the driver's own turn: it waits until the question is answered.
    window
        .script("setTimeout(() => document.querySelector('[data-act=print]').click(), 50)")
        .await?;
    let mut question = None;
    for _ in 0..200 {
        question = asked(window)?;
        if question.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let question = question.context("the system does not ask where to print")?;
    for answer in [vec!["windowfocus", &question], vec!["key", "Escape"]] {
        let done = window.beside("xdotool").args(&answer).status();
        ensure!(done.context("cannot start xdotool")?.success(), "xdotool {answer:?}");
    }
    for _ in 0..200 {
        if asked(window)?.is_none() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure!(asked(window)?.is_none(), "the question stays");
    window.see(".paper", SOON).await
}

/// The window of the system's question, when it is there.
fn asked(window: &Window) -> Result<Option<String>> {
    let found = window.beside("xdotool").args(QUESTION).env("LC_ALL", "C.UTF-8").output();
    let found = String::from_utf8(found.context("cannot start xdotool")?.stdout)?;
    Ok(found.lines().next().map(str::to_owned))
}
