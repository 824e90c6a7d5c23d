//! Pictures of the real window: two for `make run`, every page in every look for
//! `make screenshots`.

use crate::headless::Screen;
use crate::webdriver::Session;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Bytes of a picture that shows one colour and little else.
const BLANK: usize = 10_000;
/// The window has a book open and shows a page of it.
const OPEN: &str = "return document.querySelector('main section, main [role=row]') !== null";
/// A list's head and at least one row.
const LISTED: &str = "return document.querySelectorAll('[role=row]').length > 1";
const EXPLAINED: &str = "return document.querySelector('[data-payout=paid]') !== null";
/// A page that has something to say and waits for nothing.
const SETTLED: &str = "return document.querySelector('main').innerText.trim().length > 20 \
    && document.querySelector('main [aria-busy=true]') === null";
/// How long a page may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A look of the window: the values of its two choices.
const LOOKS: [(&str, &str); 4] = [("light", "zh"), ("light", "en"), ("dark", "zh"), ("dark", "en")];

/// The window on a private screen.
struct Album<'a> {
    window: Session,
    out: &'a Path,
    // Dropped last: the window lives on it.
    _screen: Screen,
}

/// Photographs the payouts and one payout, as `window.png` and `payout.png`.
///
/// # Errors
/// When the window does not paint them.
pub fn two(program: &Path, book: &[(&str, &OsStr)], payout: &str, out: &Path) -> Result<()> {
    let album = Album::open(program, book, out)?;
    println!("\nThe window as it looks on a screen:");
    album.take("window", "#/payouts", LISTED)?;
    album.take("payout", &format!("#/payouts/{payout}"), EXPLAINED)
}

/// Photographs every page that the sidebar leads to, and one payout, in each look.
///
/// # Errors
/// When a page does not settle, or a picture is blank.
pub fn every_page(program: &Path, book: &[(&str, &OsStr)], payout: &str, out: &Path) -> Result<()> {
    // Looks are remembered by the window; the person's own choice is left alone.
    let kept = out.join(".settings");
    let settings = [("XDG_CONFIG_HOME", kept.as_os_str())];
    let album = Album::open(program, &[book, &settings].concat(), out)?;
    let pages = album.pages()?;
    for (theme, language) in LOOKS {
        album.choose(theme)?;
        album.choose(language)?;
        for page in &pages {
            let name = page.trim_start_matches("#/").replace('/', "-");
            album.take(&format!("{name}-{theme}-{language}"), page, SETTLED)?;
        }
        let address = format!("#/payouts/{payout}");
        album.take(&format!("payout-{theme}-{language}"), &address, EXPLAINED)?;
    }
    fs::remove_dir_all(&kept).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    println!("{} pictures in {}", (pages.len() + 1) * LOOKS.len(), out.display());
    Ok(())
}

impl<'a> Album<'a> {
    fn open(program: &Path, environment: &[(&str, &OsStr)], out: &'a Path) -> Result<Self> {
        fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
        let screen = Screen::start(environment)?;
        let window = screen.open(program, &[])?;
        window.resize(1280, 800)?;
        window.wait_until("the demo company", OPEN, Duration::from_secs(60))?;
        Ok(Self { window, out, _screen: screen })
    }

    /// Addresses of the sidebar, in its order.
    fn pages(&self) -> Result<Vec<String>> {
        let found = self.window.script(
            "return [...document.querySelectorAll('nav a[href^=\"#/\"]')] \
             .map((link) => link.getAttribute('href'))",
        )?;
        let pages: Vec<String> = found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        if pages.is_empty() {
            bail!("the window has no way between pages");
        }
        Ok(pages)
    }

    /// Presses the choice of a language or of colours.
    fn choose(&self, value: &str) -> Result<()> {
        let press = format!("document.querySelector('button[data-value={value}]').click()");
        self.window.script(&press).with_context(|| format!("no choice {value}"))?;
        Ok(())
    }

    fn take(&self, name: &str, address: &str, ready: &str) -> Result<()> {
        self.window.script(&format!("location.hash = '{address}'"))?;
        self.window.wait_until(name, ready, PATIENCE)?;
        let picture = self.window.screenshot()?;
        if picture.len() < BLANK {
            bail!("the picture {name} is blank ({} bytes)", picture.len());
        }
        let path = self.out.join(format!("{name}.png"));
        fs::write(&path, picture).with_context(|| format!("cannot write {}", path.display()))?;
        println!("  {}", path.display());
        Ok(())
    }
}
