//! The real window, driven as a person drives it: by keys and clicks.
//!
//! Needs the built program beside this test (`cargo build -p suanpan-window`) or its path in
//! `SUANPAN_WINDOW`. Pictures go to `SUANPAN_PICTURES` when that is set.

mod access;
mod channels;
mod copied;
mod crawl;
mod desk;
mod door;
mod driver;
mod gnucash;
mod lists;
mod paper;
mod rest;
mod review;
mod screen;
mod speed;
mod till;

use anyhow::{Context, Result, ensure};
use driver::Window;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const SOON: Duration = Duration::from_secs(20);
/// Making a book stretches its passphrase, and an import reads a season of bills.
pub(crate) const LATER: Duration = Duration::from_secs(180);

/// A shop of so many days and orders a day, with every problem planted.
pub(crate) fn season(seed: u64, days: u32, size: u32) -> backoffice::practice_shop::Shop {
    backoffice::practice_shop::Shop { seed, days, size, no_problems: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_owner_imports_a_season_and_reads_the_golden_payout_to_its_line() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let shop = folder.path().join("shop");
    backoffice::practice_shop::write(&shop, &season(1, 91, 10))?;
    // What was planted is for other suites; a shop has no such file.
    std::fs::remove_file(shop.join("truth.json"))?;
    let window = Window::open(&folder.path().join("book.suanpan"), folder.path()).await?;
    let told = journey(&window, &shop).await;
    if told.is_err() {
        window.picture("failed").await?;
    }
    window.close().await?;
    told
}

async fn journey(window: &Window, shop: &Path) -> Result<()> {
    make_book(window).await?;
    import(window, shop).await?;
    open_golden(window).await?;
    foot_in_sight(window).await?;
    read_to_the_line(window, shop).await?;
    look_home(window).await?;
    refused(window).await
}

/// The first screen of a new owner: company, passphrase, recovery code.
pub(crate) async fn make_book(window: &Window) -> Result<()> {
    window.see("#company", SOON).await?;
    window.picture("lock").await?;
    window.type_into("#company", "青竹文具店").await?;
    window.type_into("#passphrase", "spring tea and ink").await?;
    window.type_into("#again", "spring tea and ink\u{e007}").await?;
    window.see("[data-recovery-code]", LATER).await?;
    let code = window.text("[data-recovery-code]").await?;
    ensure!(code.len() > 20, "the recovery code is too short: {code}");
    window.click("[data-recovery-code] ~ button").await?;
    window.see("nav a[href='#/import']", SOON).await
}

/// The practice files, by a typed path: the dialog and the drag belong to the system.
pub(crate) async fn import(window: &Window, shop: &Path) -> Result<()> {
    window.keys("gi").await?;
    window.see("input[name=path]", SOON).await?;
    let path = format!("{}\u{e007}", shop.display());
    window.type_into("input[name=path]", &path).await?;
    window.see(".report li", LATER).await?;
    window.picture("import").await
}

/// Payouts, by keys; the row of 15 April; Enter.
async fn open_golden(window: &Window) -> Result<()> {
    window.keys("gp").await?;
    window.see("[role=grid] [role=gridcell]", SOON).await?;
    window.see("aside [data-component=paid]", SOON).await?;
    window.picture("payouts").await?;
    // The list begins at the newest open question; Home goes to the newest payout.
    window.keys("\u{e011}").await?;
    window.see(".row.current[aria-rowindex='2']", SOON).await?;
    let found = window
        .script(
            "const rows = [...document.querySelectorAll('[role=grid] .row')]; \
             const row = rows.find((row) => row.innerText.includes('2026-04-15') \
               && row.innerText.includes('344.14')); \
             row?.click(); return row !== undefined",
        )
        .await?;
    ensure!(found == true, "no payout of 344.14 on 2026-04-15 in the list");
    window.keys("\u{e007}").await?;
    window.see("[data-payout=paid]", SOON).await?;
    let paid = window.text("[data-payout=paid]").await?;
    let unexplained = window.text("[data-payout=unexplained]").await?;
    ensure!(paid.contains("344.14"), "paid is {paid}");
    ensure!(unexplained.ends_with("0.00"), "unexplained is {unexplained}");
    for (component, amount) in [
        ("sales", "429.98"),
        ("refunds", "−¥50.00"),
        ("fees", "−¥2.59"),
        ("fees_returned", "¥0.30"),
        ("commission_split", "−¥12.80"),
        ("held", "−¥39.75"),
        ("released", "¥20.00"),
        ("account_charges", "−¥1.00"),
    ] {
        let shown = window.text(&format!("td[data-component={component}]")).await?;
        ensure!(shown.contains(amount), "{component} is {shown}");
    }
    window.picture("payout").await
}

/// In the smallest usual window the tabs of a payout stand in sight with what they show.
async fn foot_in_sight(window: &Window) -> Result<()> {
    window.resize(1280, 775).await?;
    let look = "const foot = document.querySelector('main section.foot').getBoundingClientRect(); \
        const tabs = document.querySelector('main [role=tablist]').getBoundingClientRect(); \
        return innerWidth <= 1280 && innerHeight <= 775 && tabs.top > 0 \
            && tabs.bottom + 20 < foot.bottom && foot.bottom <= innerHeight";
    let mut seen = false;
    for _ in 0..40 {
        seen = window.script(look).await? == true;
        if seen {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    window.picture("payout-1280").await?;
    ensure!(seen, "the tabs of the payout stand below the fold");
    window.resize(1360, 860).await
}

/// Sales, its first row, and the line of the file: equal to the file on disk.
async fn read_to_the_line(window: &Window, shop: &Path) -> Result<()> {
    window.keys("u").await?;
    window.see("tr.selected td[data-component=unexplained]", SOON).await?;
    let address = window.script("return location.hash").await?;
    ensure!(address.as_str().is_some_and(|a| a.ends_with("component=unexplained")), "{address}");
    window.click("tbody tr:first-child button").await?;
    window.see("[role=grid] .row", SOON).await?;
    window.keys("l").await?;
    window.see(".behind [role=grid]:focus", SOON).await?;
    window.keys("\u{e007}").await?;
    window.see("[data-evidence=text]", SOON).await?;
    window.picture("evidence").await?;
    let file = window.text("[data-evidence=file]").await?;
    let line: usize = window.text("[data-evidence=line]").await?.trim().parse()?;
    let shown = window.script("return document.querySelector('[data-evidence=text]').textContent");
    let shown = shown.await?;
    let name = Path::new(file.trim()).file_name().context("the evidence names no file")?;
    let path = find(shop, name).with_context(|| format!("{file} is not in the shop"))?;
    let text = std::fs::read_to_string(&path)?;
    let there = text.lines().nth(line - 1).context("the file is shorter")?;
    ensure!(shown == there, "the window shows {shown}, the file has {there}");
    window.keys("\u{e00c}").await?;
    window.gone("[data-evidence=text]", SOON).await?;
    let address = window.script("return location.hash").await?;
    let same = address.as_str().is_some_and(|a| a.ends_with("component=sales"));
    ensure!(same, "Escape closed more than the evidence: {address}");
    window.click("button[data-value=zh]").await?;
    window.click("button[data-value=dark]").await?;
    window.picture("payout-zh-dark").await?;
    window.click("button[data-value=light]").await
}

async fn look_home(window: &Window) -> Result<()> {
    window.keys("gh").await?;
    window.see("[data-node=bank]", SOON).await?;
    window.picture("home").await?;
    window.keys("?").await?;
    window.see(".sheet kbd", SOON).await?;
    window.picture("keys").await?;
    window.keys("\u{e00c}").await?;
    window.gone(".sheet", SOON).await
}

/// What a page must not be able to do, whatever runs in it.
async fn refused(window: &Window) -> Result<()> {
    let kept = window.script("return localStorage.length + sessionStorage.length").await?;
    ensure!(kept == 0, "the web view keeps {kept} things");
    let asked = window
        .script_async(
            "const done = arguments[0]; \
             const no = (work) => work.then(() => 'allowed', () => 'refused'); \
             const ask = (name, more) => window.__TAURI_INTERNALS__.invoke(name, more); \
             Promise.all([ \
               no(fetch('http://localhost:9/')), \
               no(ask('plugin:dialog|open', { options: {} })), \
               no(ask('plugin:event|emit', { event: 'x', payload: null })), \
               no(ask('start_statement', { subject: { payoutId: 'x', from: null, to: null, \
                 channel: null }, format: 'pdf', path: '/x', lang: 'zh' })), \
             ]).then((all) => done(all.join()))",
        )
        .await?;
    ensure!(asked == "refused,refused,refused,refused", "{asked}");
    guarded(window).await?;
    let opened = window.script("return window.open('https://example.com/') === null").await?;
    ensure!(opened == true, "a second window opened");
    window.script("location.href = 'https://example.com/'").await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let place = window.script("return location.hostname").await?;
    ensure!(place == "localhost" || place == "tauri.localhost", "the window went to {place}");
    Ok(())
}

/// Messages that no page of ours would send stop at the frame between page and program, and what
/// does not come through that frame is not read.
async fn guarded(window: &Window) -> Result<()> {
    let asked = window
        .script_async(
            "const done = arguments[0]; \
             const ask = (name, more) => window.__TAURI_INTERNALS__.invoke(name, more) \
               .then(() => 'allowed', (told) => String(told.message ?? told)); \
             const deep = JSON.parse('['.repeat(12) + ']'.repeat(12)); \
             Promise.all([ \
               ask('no_such_command'), ask('plugin:window|close'), ask('home', [1]), \
               ask('home', { 'no-name': 1 }), ask('payout', { id: 0.5 }), \
               ask('payout', { id: deep }), ask('payout', { id: 'x'.repeat(1000001) }), \
               ask('book_status', new Uint8Array(3)), \
             ]).then(done)",
        )
        .await?;
    let told = asked.as_array().context("a list was asked for")?;
    let stopped = |said: &serde_json::Value| said.to_string().contains("refused_by_guard");
    ensure!(told.len() == 8 && told.iter().all(stopped), "{asked}");
    let unsealed = window
        .script_async(
            "const done = arguments[0]; \
             fetch('ipc://localhost/book_status', { method: 'POST', body: '{}', headers: { \
               'Content-Type': 'application/json', 'Tauri-Callback': '1', 'Tauri-Error': '2', \
             } }).then((answer) => done(answer.ok ? 'answered' : 'refused'), () => done('refused'))",
        )
        .await?;
    ensure!(unsealed == "refused", "a message went past the frame: {unsealed}");
    let open = window
        .script_async(
            "const done = arguments[0]; \
             window.__TAURI_INTERNALS__.invoke('book_status') \
               .then((status) => done(status.open), done)",
        )
        .await?;
    ensure!(open == true, "a well-formed message is answered: {open}");
    Ok(())
}

/// Files below a folder with an ending.
pub(crate) fn files_ending(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()) {
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|other| other == ending) {
                found.push(path);
            }
        }
    }
    found
}

fn find(folder: &Path, name: &std::ffi::OsStr) -> Option<PathBuf> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if let Some(found) = find(&path, name) {
                return Some(found);
            }
        } else if path.file_name() == Some(name) {
            return Some(path);
        }
    }
    None
}
