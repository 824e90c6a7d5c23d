//! `make run`: build, create the demo company once, open the window or show the work here.

use crate::headless::Screen;
use crate::places::{PROFILE, Places};
use crate::setup::{self, Purpose};
use crate::steps::{Outcome, Steps, shown, succeed};
use crate::ui;
use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::process::Command;
use std::time::Duration;

/// Builds what is needed and opens the window; without a screen, does the main job in the
/// terminal and leaves a picture of the window, a statement and a workbook in `out/`.
///
/// # Errors
/// The first step that fails, by name.
pub fn run(places: &Places) -> Result<()> {
    let mut steps = Steps::default();
    build(places, &mut steps)?;
    steps.run("demo company", || demo(places))?;
    eprintln!("{}", steps.summary());
    if has_screen() {
        eprintln!("\nOpening the window. The demo company's book is");
        eprintln!("  {}", places.demo_book().display());
        return succeed(Command::new(places.built("suanpan-window")).arg(places.demo_book()));
    }
    eprintln!("\nNo screen here (neither DISPLAY nor WAYLAND_DISPLAY): the main job in text.");
    main_job(places)?;
    photograph(places)
}

/// Builds and photographs the real window into `out/window.png`.
///
/// # Errors
/// When something cannot be built, or the window does not paint the payouts.
pub fn screenshot(places: &Places) -> Result<()> {
    let mut steps = Steps::default();
    build(places, &mut steps)?;
    steps.run("demo company", || demo(places))?;
    photograph(places)
}

fn build(places: &Places, steps: &mut Steps) -> Result<()> {
    setup::prepare_in(places, Purpose::Run, steps)?;
    steps.run("interface", || ui::build(places))?;
    let mut cargo = places.cargo();
    cargo.args(["build", "--profile", PROFILE, "-p", "suanpan-cli", "-p", "suanpan-window"]);
    // What `tauri build` adds: the window serves the built interface instead of a dev server.
    cargo.args(["--features", "suanpan-window/custom-protocol"]);
    steps.command("programs (the first build takes minutes)", &mut cargo)
}

fn demo(places: &Places) -> Result<Outcome> {
    if places.demo_book().is_file() {
        return Ok(Outcome::Fresh);
    }
    succeed(Command::new(places.built("suanpan")).arg("demo"))?;
    Ok(Outcome::Done)
}

fn has_screen() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// The commands a newcomer would type first, each shown before it runs.
fn main_job(places: &Places) -> Result<()> {
    fs::create_dir_all(&places.out).context("cannot create out/")?;
    let statement = places.out.join("statement.pdf");
    let workbook = places.out.join("payouts.xlsx");
    let jobs: &[(&str, &[&OsStr])] = &[
        ("What was paid out", &["payouts".as_ref(), "list".as_ref()]),
        ("One payout explained", &["payouts".as_ref(), "explain".as_ref()]),
        ("What does not agree", &["breaks".as_ref(), "count".as_ref()]),
        ("A statement", &["statement".as_ref(), "--out".as_ref(), statement.as_ref()]),
        ("A workbook", &["export".as_ref(), "--out".as_ref(), workbook.as_ref()]),
    ];
    for (title, words) in jobs {
        let mut command = Command::new(places.built("suanpan"));
        command.args(*words);
        println!("\n# {title}\n$ {}", shown(&command));
        succeed(&mut command)?;
    }
    Ok(())
}

/// True once the payouts are on the page.
const PAINTED: &str = "return document.querySelectorAll('table tbody tr').length > 0";

fn photograph(places: &Places) -> Result<()> {
    fs::create_dir_all(&places.out).context("cannot create out/")?;
    let screen = Screen::start(&[])?;
    let book = places.demo_book();
    let book = book.to_str().context("the book's path is not text")?;
    let window = screen.open(&places.built("suanpan-window"), &[book])?;
    window.resize(1280, 800)?;
    window.wait_until("the payouts", PAINTED, Duration::from_secs(30))?;
    let picture = window.screenshot()?;
    if picture.len() < 10_000 {
        bail!("the window's picture is blank ({} bytes)", picture.len());
    }
    let path = places.out.join("window.png");
    fs::write(&path, picture).context("cannot write the picture")?;
    println!("\nThe window as it looks on a screen: {}", path.display());
    Ok(())
}
