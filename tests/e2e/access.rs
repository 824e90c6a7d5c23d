//! What somebody needs who cannot see the window, sees little, or has no mouse: axe-core looks over
//! every page and dialog in both colours and languages; every control and cell has a name; the
//! focus is seen and never lost; drawn twice as large nothing is out of reach.

use crate::driver::{Window, open_demo};
use crate::{LATER, SOON};
use anyhow::{Context, Result, ensure};
use backoffice::practice_shop::DEMO_PASSPHRASE;
use serde_json::Value;
use std::path::Path;
use std::time::Instant;

const SCRIPT: &str = include_str!("access.js");
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const TAB: &str = "\u{e004}";

/// Every page, and those that show more when they are asked for something.
const PAGES: [&str; 27] = [
    "#/home",
    "#/payouts",
    "#/breaks",
    "#/breaks?kind=payout_short",
    "#/orders",
    "#/orders?owed=1",
    "#/transactions",
    "#/transactions?source=fund",
    "#/transactions?source=payments",
    "#/transactions?number=NOTHING",
    "#/bank",
    "#/calendar",
    "#/ledger",
    "#/ledger?account=assets:bank",
    "#/reports",
    "#/reports?tab=bridge",
    "#/reports?tab=rates",
    "#/reports?tab=heat",
    "#/import",
    "#/channels",
    "#/collect",
    "#/till",
    "#/statements",
    "#/companies",
    "#/settings",
    "#/help",
    "#/payouts/nothing",
];

/// How a dialog or panel is opened by keyboard: its page, what has the focus, the keys, what shows.
struct Opened {
    name: &'static str,
    page: &'static str,
    from: &'static str,
    keys: &'static str,
    shows: &'static str,
}

const fn opened(
    name: &'static str,
    page: &'static str,
    from: &'static str,
    keys: &'static str,
    shows: &'static str,
) -> Opened {
    Opened { name, page, from, keys, shows }
}

/// A button of a panel, by its place among those of the page.
const PANELS: [(&str, usize); 6] = [
    ("#/transactions", 0),
    ("#/transactions", 1),
    ("#/transactions", 2),
    ("#/transactions", 3),
    ("#/payouts", 2),
    ("#/reports", 1),
];

const DIALOGS: [Opened; 8] = [
    opened("keys", "#/home", "nav a", "?", ".sheet kbd"),
    opened("a line of a file", "#/breaks", "[role=grid]", "l", "[data-evidence=text]"),
    opened("a transaction", "#/transactions", "[role=grid]", ENTER, ".drawer.detail dl"),
    opened("to carry over", "#/breaks", "[role=grid]", "c", "[role=dialog] input"),
    opened("a note", "#/breaks", "[role=grid]", "n", "[role=dialog] input"),
    opened("what is always so", "#/breaks", "[role=grid]", "t", "[role=dialog] .acts"),
    opened(
        "to classify",
        "#/breaks?kind=unknown_row",
        "[role=grid]",
        "s",
        "[data-preview=classify]",
    ),
    opened(
        "to write off",
        "#/breaks?kind=payout_short",
        "[role=grid]",
        "w",
        "[role=dialog] input[name=limit]",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_and_dialog_can_be_used_by_everybody() -> Result<()> {
    let folder = tempfile::tempdir()?;
    // The desktop's own switch for people whom motion makes ill.
    let gtk = folder.path().join("config/gtk-3.0");
    std::fs::create_dir_all(&gtk)?;
    std::fs::write(gtk.join("settings.ini"), "[Settings]\ngtk-enable-animations=0\n")?;
    // A table whose columns nobody has named yet asks for it in a dialog of its own.
    let table = folder.path().join("table.csv");
    std::fs::write(&table, "甲,乙,丙\n2026-04-01,咖啡,12.50\n2026-04-02,茶,8.00\n")?;
    let window = open_demo(folder.path()).await?;
    let told = look(&window, &table).await;
    if told.is_err() {
        window.picture("access-failed").await?;
    }
    window.close().await?;
    told
}

async fn look(window: &Window, table: &Path) -> Result<()> {
    let begun = Instant::now();
    window.see("input[type=password]", SOON).await?;
    prepare(window).await?;
    let mut problems = seen(window, "the door").await?;
    window.type_into("input[type=password]", &format!("{DEMO_PASSPHRASE}{ENTER}")).await?;
    window.see("[data-node=bank]", LATER).await?;
    still(window).await?;
    let payout = newest(window).await?;
    let pages = || PAGES.into_iter().chain([payout.as_str()]);
    // Colours do not depend on the language, nor names on the colours: two looks show them all.
    for (theme, language) in [("light", "zh"), ("dark", "en")] {
        wear(window, theme, language).await?;
        for page in pages() {
            go(window, page).await?;
            problems.extend(seen(window, &format!("{page} {theme} {language}")).await?);
        }
        eprintln!("pages {theme} {language}: {:?}", begun.elapsed());
        problems.extend(dialogs(window, &format!("{theme} {language}")).await?);
        problems.extend(mapping(window, table, &format!("{theme} {language}")).await?);
        eprintln!("dialogs {theme} {language}: {:?}", begun.elapsed());
    }
    for page in pages() {
        go(window, page).await?;
        problems.extend(marked(window, page).await?);
    }
    eprintln!("marks of focus: {:?}", begun.elapsed());
    problems.extend(large(window, &pages().collect::<Vec<_>>()).await?);
    eprintln!("large: {:?}", begun.elapsed());
    ensure!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    Ok(())
}

/// Puts axe-core and our own questions into the page.
async fn prepare(window: &Window) -> Result<()> {
    let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(&axe).context("axe-core is missing; run npm ci in ui/")?;
    window.script(&axe).await?;
    window.script(SCRIPT).await?;
    Ok(())
}

/// Goes to a page and waits until it shows itself.
async fn go(window: &Window, page: &str) -> Result<()> {
    window.script(&format!("location.hash = '{page}'")).await?;
    Ok(())
}

async fn wear(window: &Window, theme: &str, language: &str) -> Result<()> {
    for value in [theme, language] {
        window.click(&format!("button[data-value={value}]")).await?;
    }
    window.see(&format!("html[lang^={language}]"), SOON).await
}

/// What is wrong with the page as it stands.
async fn seen(window: &Window, name: &str) -> Result<Vec<String>> {
    ask(window, "look", name).await
}

/// Whether whatever can have the focus shows that it has it.
async fn marked(window: &Window, name: &str) -> Result<Vec<String>> {
    // The page marks the focus only for those who use the keyboard.
    window.keys(TAB).await?;
    ask(window, "marks", name).await
}

async fn ask(window: &Window, question: &str, name: &str) -> Result<Vec<String>> {
    let script = format!(
        "const done = arguments[0]; \
         access.{question}().then(done, (error) => done([String(error)]))"
    );
    let told = window.script_async(&script).await?;
    let found = told.as_array().context("the page gave no list")?;
    let found = found.iter().filter_map(Value::as_str);
    Ok(found.map(|one| format!("{name}: {one}")).collect())
}

/// Opens everything that opens over a page, looks at it, closes it and asks where the focus is.
async fn dialogs(window: &Window, look: &str) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for dialog in &DIALOGS {
        go(window, dialog.page).await?;
        focus(window, dialog.from, 0).await?;
        window.keys(dialog.keys).await?;
        let shows = window.see(dialog.shows, SOON).await;
        shows.with_context(|| format!("no {} after {:?}", dialog.name, dialog.keys))?;
        problems.extend(over(window, &format!("{} {look}", dialog.name), "[role=dialog]").await?);
    }
    go(window, "#/home").await?;
    focus(window, "nav a", 2).await?;
    window.with_ctrl('k').await?;
    window.see("[role=combobox]", SOON).await?;
    window.keys("344").await?;
    window.see("[role=option]", SOON).await?;
    problems.extend(over(window, &format!("search {look}"), "[role=dialog]").await?);
    for (page, at) in PANELS {
        go(window, page).await?;
        focus(window, "main .panel > button", at).await?;
        window.keys(ENTER).await?;
        window.see(".panel > .inside:not([hidden])", SOON).await?;
        let name = format!("panel {at} of {page} {look}");
        problems.extend(over(window, &name, ".panel > .inside:not([hidden])").await?);
    }
    problems.extend(chords(window, look).await?);
    Ok(problems)
}

/// What opens over any page by a chord: the tray with a job that is over, the statement of a payout.
async fn chords(window: &Window, look: &str) -> Result<Vec<String>> {
    go(window, "#/home").await?;
    window.script("window.__TAURI_INTERNALS__.invoke('start_verify')").await?;
    window.see("[data-tray=running]", SOON).await?;
    window.see("[data-tray=still]", LATER).await?;
    focus(window, "nav a", 2).await?;
    window.with_ctrl('j').await?;
    window.see("[data-job][data-state=done]", SOON).await?;
    let mut problems = over(window, &format!("the tray {look}"), "[role=dialog]").await?;
    go(window, &newest(window).await?).await?;
    window.see("[data-payout=paid]", SOON).await?;
    focus(window, "nav a", 2).await?;
    window.with_ctrl('p').await?;
    window.see("[role=dialog] .desk", SOON).await?;
    problems.extend(over(window, &format!("a statement {look}"), "[role=dialog]").await?);
    Ok(problems)
}

/// Puts the focus where a person would have it.
async fn focus(window: &Window, css: &str, at: usize) -> Result<()> {
    window.see(css, SOON).await?;
    // A list takes the focus itself when its rows are there.
    ask(window, "cut", "").await?;
    let found = window
        .script(&format!(
            "const one = document.querySelectorAll({css:?})[{at}]; one?.focus(); \
             window.before = one; return document.activeElement === one"
        ))
        .await?;
    ensure!(found == true, "{css} {at} takes no focus");
    Ok(())
}

/// Looks at what is open, closes it by Escape, and sees the focus come back.
async fn over(window: &Window, name: &str, css: &str) -> Result<Vec<String>> {
    const BACK: &str = "
      const at = document.activeElement;
      return at === window.before ? '' : at.outerHTML.slice(0, 120)";
    let mut problems = seen(window, name).await?;
    window.keys(ESCAPE).await?;
    window.gone(css, SOON).await?;
    let mut stands = window.script(BACK).await?;
    for _ in 0..20 {
        if stands == "" {
            return Ok(problems);
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        stands = window.script(BACK).await?;
    }
    problems.push(format!("{name}: the focus went to {stands}"));
    Ok(problems)
}

/// The dialog that asks what the columns of a table mean.
async fn mapping(window: &Window, table: &Path, look: &str) -> Result<Vec<String>> {
    go(window, "#/help").await?;
    go(window, "#/import").await?;
    window.see("input[name=path]", SOON).await?;
    window.type_into("input[name=path]", &format!("{}{ENTER}", table.display())).await?;
    window.see(".report .why button", LATER).await?;
    let mut problems = seen(window, &format!("the report of an import {look}")).await?;
    focus(window, ".report .why button", 0).await?;
    window.keys(ENTER).await?;
    window.see(".drawer.mapping select", SOON).await?;
    problems.extend(over(window, &format!("columns {look}"), "[role=dialog]").await?);
    Ok(problems)
}

/// Nothing moves where the person asked for that.
async fn still(window: &Window) -> Result<()> {
    let moving = window
        .script(
            "return matchMedia('(prefers-reduced-motion: reduce)').matches \
             ? [...document.querySelectorAll('*')].filter((one) => { \
                 const how = getComputedStyle(one); \
                 return how.transitionDuration.split(', ').some((time) => parseFloat(time) > 0) \
                   || how.animationName !== 'none'; }).length \
             : 'not asked'",
        )
        .await?;
    ensure!(moving == 0, "with reduced motion {moving} things still move");
    Ok(())
}

async fn newest(window: &Window) -> Result<String> {
    let found = window.script("return document.querySelector('.row[href]').getAttribute('href')");
    Ok(found.await?.as_str().context("no payout on Home")?.to_owned())
}

/// At 200 %, by its own keys, the window has half as many pixels: nothing may be out of reach.
async fn large(window: &Window, pages: &[&str]) -> Result<Vec<String>> {
    const WIDTH: &str = "return innerWidth";
    let before = window.script(WIDTH).await?.as_i64().context("the window has a width")?;
    let mut now = before;
    for _ in 0..40 {
        if now <= before / 2 {
            break;
        }
        window.with_ctrl('=').await?;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        now = window.script(WIDTH).await?.as_i64().context("the window has a width")?;
    }
    ensure!(now == before / 2, "of {before} pixels {now} are left at the largest size");
    let mut problems = Vec::new();
    for page in pages {
        go(window, page).await?;
        problems.extend(ask(window, "cut", &format!("{page} at 200 %")).await?);
        let name: String = page.chars().filter(char::is_ascii_alphanumeric).take(24).collect();
        window.picture(&format!("large-{name}")).await?;
    }
    window.with_ctrl('0').await?;
    Ok(problems)
}
