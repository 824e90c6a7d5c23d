//! The owner's review of payouts on the demo company: by keyboard alone and by mouse alone, each key
//! and each click counted.

use crate::driver::{Window, open_demo};
use crate::{LATER, SOON};
use anyhow::{Context, Result, ensure};
use backoffice::practice_shop::DEMO_PASSPHRASE;
use std::path::Path;

const ENTER: &str = "\u{e007}";
const HOME: &str = "\u{e011}";
/// Payouts drawn with their mark of having been seen; only rows in sight are drawn.
const MARKS: &str = "document.querySelectorAll('[role=gridcell].mark .unseen').length";

/// What the person works with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hand {
    Keys,
    Mouse,
}

/// The window with the number of keys pressed, or clicks made, so far.
struct Counted<'a> {
    window: &'a Window,
    hand: Hand,
    count: usize,
}

impl Counted<'_> {
    /// The same step by either hand: these keys, or one click on what `css` finds.
    async fn act(&mut self, keys: &str, css: &str) -> Result<()> {
        if self.hand == Hand::Mouse {
            self.count += 1;
            return self.window.click(css).await;
        }
        self.count += keys.chars().count();
        self.window.keys(keys).await
    }

    /// The same with a chord of Ctrl, which counts as one key.
    async fn act_with_ctrl(&mut self, key: char, css: &str) -> Result<()> {
        self.count += 1;
        match self.hand {
            Hand::Mouse => self.window.click(css).await,
            Hand::Keys => self.window.with_ctrl(key).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_reviews_payouts_and_answers_the_question_by_keyboard_alone() -> Result<()> {
    review(Hand::Keys).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_reviews_payouts_and_answers_the_question_by_mouse_alone() -> Result<()> {
    review(Hand::Mouse).await
}

async fn review(hand: Hand) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let window = open_demo(folder.path()).await?;
    let told = journey(&window, hand, folder.path()).await;
    if told.is_err() {
        window.picture("review-failed").await?;
    }
    window.close().await?;
    told
}

async fn journey(window: &Window, hand: Hand, home: &Path) -> Result<()> {
    window.see("input[type=password]", SOON).await?;
    // A passphrase is typed, whatever the hand; with Enter it is the first key of the journey.
    window.type_into("input[type=password]", &format!("{DEMO_PASSPHRASE}{ENTER}")).await?;
    window.see("[data-node=bank]", LATER).await?;
    window.picture("review-home").await?;
    let mut at = Counted { window, hand, count: usize::from(hand == Hand::Keys) };
    explain(&mut at).await?;
    see_on(&mut at).await?;
    statement(&mut at, home).await?;
    // As many as journey 6.1 allows, to the statement on the disk.
    let allowed = if hand == Hand::Keys { 13 } else { 11 };
    ensure!(at.count <= allowed, "{} keys or clicks, {allowed} are allowed", at.count);
    if hand == Hand::Mouse {
        window.click("nav a[href='#/payouts']").await?;
        window.see(".row.current .number.open", SOON).await?;
        window.script("document.querySelector('.scroll').scrollTop = 0").await?;
        return becomes(window, &format!("return {MARKS} === 3")).await;
    }
    seen(window).await?;
    take_back(window).await?;
    differences(window).await
}

/// To the payout with a question, to its bar, and one answer for every row of its kind.
async fn explain(at: &mut Counted<'_>) -> Result<()> {
    let window = at.window;
    at.act("gp", "nav a[href='#/payouts']").await?;
    window.see("[role=grid] [role=gridcell]", SOON).await?;
    window.see(".row.current .number.open", SOON).await?;
    window.see("[role=grid]:focus, [role=grid] :focus", SOON).await?;
    at.act(ENTER, ".row.current [data-part=paid] a").await?;
    window.see("[data-payout=unexplained]", SOON).await?;
    let open = window.text("[data-payout=unexplained]").await?;
    ensure!(open.ends_with("1.00"), "unexplained is {open}");
    at.act("u", "[data-payout=unexplained] a").await?;
    window.see("[data-question]", SOON).await?;
    window.see(".question button:focus", SOON).await?;
    // The row's own word comes with the row.
    let named =
        "return document.querySelector('[data-question]').textContent.includes('平台工具服务费')";
    becomes(window, named).await?;
    window.picture("review-question").await?;
    at.act(ENTER, ".question .acts .primary").await?;
    window.see("[data-preview=classify]", SOON).await?;
    let preview = window.text("[data-preview=classify]").await?;
    ensure!(preview.contains("11"), "the preview says {preview}");
    window.picture("review-classify").await?;
    at.act("y", "[data-preview=classify] ~ .acts .primary").await?;
    window.see("[data-told]", LATER).await?;
    window.see("[data-payout=unexplained] .money", SOON).await?;
    explained(window).await?;
    at.act("f", "[role=tab][data-value=fees]").await?;
    window.see("[data-fees=charged]", SOON).await?;
    let charged = window.text("[data-fees=charged]").await?;
    let recomputed = window.text("[data-fees=recomputed]").await?;
    ensure!(charged == recomputed, "charged {charged}, recomputed {recomputed}");
    window.picture("review-fees").await
}

async fn explained(window: &Window) -> Result<()> {
    let shown = "document.querySelector('[data-payout=unexplained]')?.innerText";
    becomes(window, &format!("return {shown}?.endsWith('0.00') === true")).await
}

/// Three payouts marked as seen; the next one opens by itself each time.
async fn see_on(at: &mut Counted<'_>) -> Result<()> {
    let window = at.window;
    for _ in 0..3 {
        let before = window.script("return location.hash").await?;
        at.act("a", "header .do button").await?;
        becomes(window, &format!("return location.hash !== {before}")).await?;
        window.see("[data-payout=paid]", SOON).await?;
    }
    Ok(())
}

/// Ctrl+P shows the statement as a page, Enter writes it into the folder of statements.
async fn statement(at: &mut Counted<'_>, home: &Path) -> Result<()> {
    let window = at.window;
    at.act_with_ctrl('p', "header .do .primary").await?;
    window.see(".paper tbody tr", SOON).await?;
    window.see(".paper-sheet .primary:focus", SOON).await?;
    window.picture("review-statement").await?;
    at.act(ENTER, ".paper-sheet .primary").await?;
    window.see("[data-print=saved]", LATER).await?;
    let said = window.text("[data-print=saved]").await?;
    window.picture("review-statement-saved").await?;
    window.keys("\u{e00c}").await?;
    window.gone(".paper-sheet", SOON).await?;
    let written = crate::files_ending(home, "pdf");
    let [file] = written.as_slice() else { anyhow::bail!("not one statement: {written:?}") };
    ensure!(std::fs::read(file)?.starts_with(b"%PDF-"), "{} is no PDF", file.display());
    let name = file.file_name().context("a file has a name")?.to_string_lossy();
    ensure!(said.contains(&*name), "{said} does not name {name}");
    Ok(())
}

/// The list shows the three marks.
async fn seen(window: &Window) -> Result<()> {
    window.keys("gp").await?;
    window.see(".row.current .number.open", SOON).await?;
    // The list stands at its next question, further down; the seen ones are at its head.
    window.see("[role=grid]:focus", SOON).await?;
    window.keys(HOME).await?;
    window.see(".row.current[aria-rowindex='2']", SOON).await?;
    becomes(window, &format!("return {MARKS} === 3")).await?;
    window.picture("review-seen").await
}

/// The three marks and then the classification are taken back, one key each.
async fn take_back(window: &Window) -> Result<()> {
    const OPEN: &str = "document.querySelectorAll('.row .number.open').length";
    for left in [2, 1, 0] {
        window.with_ctrl('z').await?;
        becomes(window, &format!("return {MARKS} === {left}")).await?;
    }
    let explained = window.script(&format!("return {OPEN}")).await?;
    window.with_ctrl('z').await?;
    becomes(window, &format!("return {OPEN} > {explained}")).await?;
    window.keys("gd").await?;
    window.see("[role=grid] [role=gridcell]", SOON).await
}

/// Waits until a script answers true.
async fn becomes(window: &Window, script: &str) -> Result<()> {
    for _ in 0..400 {
        if window.script(script).await? == true {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    anyhow::bail!("waited in vain for: {script}")
}

/// Accept one difference, write one off after saying the terms, open it again.
async fn differences(window: &Window) -> Result<()> {
    window.keys("js").await?;
    window.see(".row.current .chip.good, [data-preview=classify]", SOON).await?;
    if window.see("[data-preview=classify]", std::time::Duration::from_millis(600)).await.is_ok() {
        window.keys("\u{e00c}").await?;
        window.gone("[data-preview=classify]", SOON).await?;
    }
    window.picture("review-breaks").await?;
    window.script("location.hash = '#/breaks?kind=payout_short'").await?;
    window.see("[role=grid] [role=gridcell]", SOON).await?;
    window.see("aside dl", SOON).await?;
    window.keys("w").await?;
    window.see("input[name=limit]", SOON).await?;
    window.picture("review-write-off").await?;
    let limit = "const field = document.querySelector('input[name=limit]'); \
                 field.value = '5000'; field.dispatchEvent(new Event('input'))";
    window.script(limit).await?;
    window.type_into("input[name=reason]", ENTER).await?;
    window.see(".row.current .chip.calm", SOON).await?;
    window.keys("r").await?;
    window.gone(".row.current .chip", SOON).await?;
    let told = window.text("[data-told]").await.context("it is told")?;
    ensure!(told.contains("Ctrl"), "{told}");
    Ok(())
}
