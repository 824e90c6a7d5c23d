//! Desktop manners: long work beside the pages, and coming back to where one was.

use crate::driver::{Window, demo, open_demo};
use crate::{LATER, SOON};
use anyhow::{Context, Result, bail, ensure};
use backoffice::practice_shop::DEMO_PASSPHRASE;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const ENTER: char = '\u{e007}';
const DOWN: &str = "\u{e015}";
/// The address and the current row.
const WHERE: &str = "return `${location.hash} \
    ${document.querySelector('.row.current')?.getAttribute('aria-rowindex')}`";

async fn unlock(window: &Window) -> Result<()> {
    window.see("input[type=password]", SOON).await?;
    window.type_into("input[type=password]", &format!("{DEMO_PASSPHRASE}{ENTER}")).await?;
    window.see("nav a[aria-current]", LATER).await
}

#[tokio::test(flavor = "multi_thread")]
async fn long_work_goes_on_beside_the_pages_and_its_result_waits_in_the_tray() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let window = open_demo(folder.path()).await?;
    let told = work(&window).await;
    if told.is_err() {
        window.picture("tray-failed").await?;
    }
    window.close().await?;
    told
}

async fn work(window: &Window) -> Result<()> {
    unlock(window).await?;
    let begin = "window.__TAURI_INTERNALS__.invoke('start_verify'); \
        window.__TAURI_INTERNALS__.invoke('start_reconcile')";
    window.script(begin).await?;
    window.see("[data-tray]", SOON).await?;
    window.keys("gp").await?;
    window.see("[role=grid] [role=gridcell]", SOON).await?;
    window.keys("gt").await?;
    window.see("[role=grid] [role=gridcell]", SOON).await?;
    window.with_ctrl('j').await?;
    window.see("[data-job=verify][data-state=done]", LATER).await?;
    window.see("[data-job=reconcile][data-state=done]", LATER).await?;
    window.picture("tray").await?;
    window.keys("\u{e00c}").await?;
    window.gone("[data-job]", SOON).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_dies_and_a_new_start_both_come_back_where_one_was() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let book = demo(folder.path()).await?;
    let window = Window::open(&book, folder.path()).await?;
    let left = leave(&window).await;
    let killed = match &left {
        Ok(_) => die(&window, folder.path()).await,
        Err(_) => Ok(()),
    };
    if left.is_err() || killed.is_err() {
        // The page may be gone for good.
        let _ = window.picture("place-failed").await;
    }
    // Closing speaks to the page, which may be gone: its end is not what is tried here.
    let _ = window.close().await;
    killed?;
    let left = left?;

    let window = Window::open(&book, folder.path()).await?;
    unlock(&window).await?;
    let told = becomes(&window, &left).await;
    window.picture("place-again").await?;
    window.close().await?;
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desktop_hears_of_work_that_is_over_unless_it_shall_not() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let window = open_demo(folder.path()).await?;
    let told = tell(&window, &folder.path().join("told")).await;
    window.close().await?;
    told
}

/// Nobody answers on this bus; what is said on it is heard all the same.
async fn tell(window: &Window, heard: &Path) -> Result<()> {
    unlock(window).await?;
    let mut listen = window.beside("dbus-monitor");
    listen.args(["--session", "interface='org.freedesktop.Notifications',member='Notify'"]);
    let mut listening = listen.stdout(std::fs::File::create(heard)?).spawn()?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let told = verify_twice(window, heard).await;
    listening.kill()?;
    listening.wait()?;
    told
}

async fn verify_twice(window: &Window, heard: &Path) -> Result<()> {
    const OVER: &str = "检查账套：已完成";
    const VERIFY: &str = "window.__TAURI_INTERNALS__.invoke('start_verify')";
    window.click("button[data-value=zh]").await?;
    // The keyboard and the pointer leave the window for the bare screen around it.
    for away in ["mousemove 1439 899", "search --maxdepth 0 --onlyvisible --name .* windowfocus"] {
        let done = window.beside("xdotool").args(away.split(' ')).status();
        ensure!(done.context("cannot start xdotool")?.success(), "xdotool {away}");
    }
    let there = window.script("return document.hasFocus()").await?;
    ensure!(there == false, "the window still has the keyboard");
    window.script(VERIFY).await?;
    window.see("[data-job], [data-tray=running]", SOON).await?;
    window.see("[data-tray=still]", LATER).await?;
    for _ in 0..100 {
        if std::fs::read_to_string(heard)?.contains(OVER) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let said = std::fs::read_to_string(heard)?;
    ensure!(said.contains(OVER), "the bus heard: {said}");
    ensure!(!said.contains("咖啡馆"), "the company is named: {said}");

    window.script("location.hash = '#/settings'").await?;
    window.see(".looks select", SOON).await?;
    let never = "const choice = [...document.querySelectorAll('.looks select')].at(-1); \
        choice.value = 'never'; choice.dispatchEvent(new Event('change', { bubbles: true }))";
    window.script(never).await?;
    window.picture("settings-told").await?;
    window.script(VERIFY).await?;
    window.see("[data-tray=running]", SOON).await?;
    window.see("[data-tray=still]", LATER).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let again = std::fs::read_to_string(heard)?;
    ensure!(again.matches(OVER).count() == 1, "the bus heard it again: {again}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_with_a_book_hands_it_to_the_window_that_is_open() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let book = demo(folder.path()).await?;
    let other = folder.path().join("另一家.suanpan");
    for ending in ["", ".keys"] {
        let from = format!("{}{ending}", book.display());
        if Path::new(&from).exists() {
            std::fs::copy(from, format!("{}{ending}", other.display()))?;
        }
    }
    let window = Window::open(&book, folder.path()).await?;
    unlock(&window).await?;
    // As a double click does it.
    let mut second = window.beside(crate::driver::program()?).arg(&other).spawn()?;
    let seen = window.see(".path[title*=另一家]", SOON).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let ended = second.try_wait()?;
    second.kill()?;
    second.wait()?;
    window.picture("second-start").await?;
    window.close().await?;
    seen?;
    ensure!(ended.is_some_and(|code| code.success()), "the second start did not end: {ended:?}");
    Ok(())
}

/// To the refunds, some rows down.
async fn leave(window: &Window) -> Result<String> {
    unlock(window).await?;
    window.script("location.hash = '#/transactions?kind=refund'").await?;
    window.see("[role=grid] [role=gridcell]", SOON).await?;
    window.see(".row.current[aria-rowindex='2']", SOON).await?;
    window.script("document.querySelector('[role=grid]').focus()").await?;
    window.keys(&DOWN.repeat(5)).await?;
    window.see(".row.current[aria-rowindex='7']", SOON).await?;
    let left = window.script(WHERE).await?;
    // The place is looked at every second.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    left.as_str().map(str::to_owned).context("the page says where it is")
}

/// The page's process is killed, and another takes its place.
///
/// The driver has lost the page with it, so the file tells: a page tells the program where it
/// stands once it has come up and found the book open, and it does so at the row one was at.
async fn die(window: &Window, home: &Path) -> Result<()> {
    let kept = place_file(home)?;
    let before = std::fs::read_to_string(&kept)?;
    ensure!(before.contains("kind=refund") && before.contains("\"row\":5"), "kept is {before}");
    let page = window.page_process().context("the page has a process")?;
    // What the dead page had told is gone: only a page that lives can tell it again.
    let killed = Command::new("kill").args(["-9", &page.to_string()]).status()?;
    ensure!(killed.success(), "the page's process was not ended");
    std::fs::write(&kept, before.replace("\"scroll\":", "\"scroll\":7"))?;
    for _ in 0..400 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let other = window.page_process().is_some_and(|now| now != page);
        if other && std::fs::read_to_string(&kept)? == before {
            return Ok(());
        }
    }
    let after = std::fs::read_to_string(&kept)?;
    bail!("the page was not started again where it was: {after} instead of {before}")
}

fn place_file(home: &Path) -> Result<PathBuf> {
    let kept = crate::files_ending(home, "json").into_iter();
    let named = |path: &PathBuf| path.ends_with("places.json");
    kept.into_iter().find(named).context("nothing remembers where one was")
}

async fn becomes(window: &Window, left: &str) -> Result<()> {
    let mut last = String::new();
    for _ in 0..300 {
        // Until the page is there again it cannot answer.
        if let Ok(now) = window.script(WHERE).await {
            if now == left {
                return Ok(());
            }
            last = now.to_string();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("it was at {left} and is at {last}")
}
