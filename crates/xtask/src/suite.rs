//! The whole suite, in the order in which a mistake costs the least time.

use crate::places::{PROFILE, Places};
use crate::setup::{self, Purpose};
use crate::steps::{Outcome, Steps, succeed};
use crate::{peers, platforms, tidy, ui};
use anyhow::{Result, bail};
use std::process::{Command, Stdio};

/// Runs everything and prints what took how long.
///
/// # Errors
/// The first step that fails, by name; the quick ones come first.
pub fn run(places: &Places) -> Result<()> {
    let mut steps = Steps::default();
    setup::prepare_in(places, Purpose::Test, &mut steps)?;
    steps.run("tidy", || tidy::run(&places.root).map(|()| Outcome::Done))?;
    steps.run("rustfmt", || {
        component("fmt", "rustfmt", || succeed(places.cargo().args(["fmt", "--all", "--check"])))
    })?;
    for (name, script) in
        [("interface: types", "check"), ("interface: lint", "lint"), ("interface: tests", "test")]
    {
        steps.command(name, places.npm().args(["run", "--silent", script]))?;
    }
    // Before anything is compiled: the window embeds the built interface.
    steps.run("interface: build", || ui::build(places))?;
    steps.run("clippy", || {
        let mut cargo = places.cargo();
        cargo.args(["clippy", "--quiet", "--workspace", "--all-targets"]);
        cargo.args(["--features", FEATURES, "--", "-D", "warnings"]);
        component("clippy", "clippy", || succeed(&mut cargo))
    })?;
    let mut window = places.cargo();
    window.args(["build", "--profile", PROFILE, "-p", "suanpan-window"]);
    steps.command("window: build", &mut window)?;
    steps.command("tests: build", tests(places).arg("--no-run"))?;
    steps.command("tests, the real window too", &mut tests(places))?;
    peers::run_in(places, &mut steps)?;
    platforms::run_in(places, &mut steps)?;
    eprintln!("\nAll good.{}", steps.summary());
    Ok(())
}

/// The feature that adds the journeys in the real window to the suite.
const REAL_WINDOW: &str = "suanpan-tests/window";
/// That, and the tests against a real shop's server.
pub(crate) const FEATURES: &str = "suanpan-tests/window,suanpan-tests/platforms";

/// Every test of the workspace, with nextest where it is installed.
fn tests(places: &Places) -> Command {
    let mut cargo = places.cargo();
    cargo.env("SUANPAN_WINDOW", places.built("suanpan-window"));
    if works("cargo", &["nextest", "--version"]) {
        cargo.args(["nextest", "run", "--workspace", "--cargo-profile", PROFILE]);
        cargo.args(["--status-level", "fail", "--final-status-level", "slow"]);
    } else {
        cargo.args(["test", "--workspace", "--profile", PROFILE]);
    }
    cargo.args(["--features", REAL_WINDOW]);
    cargo
}

/// Runs `work` when cargo has the component, fetching it with rustup where that is possible.
fn component(word: &str, name: &str, work: impl FnOnce() -> Result<()>) -> Result<Outcome> {
    if !works("cargo", &[word, "--version"]) && !works("rustup", &["component", "add", name]) {
        // A contributor's machine may lack it; the machine that guards the main branch may not.
        if std::env::var_os("CI").is_some() {
            bail!("{name} is not installed");
        }
        return Ok(Outcome::Skipped(format!("{name} is not installed")));
    }
    work().map(|()| Outcome::Done)
}

pub(crate) fn works(program: &str, words: &[&str]) -> bool {
    let answer = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    answer.is_ok_and(|status| status.success())
}
