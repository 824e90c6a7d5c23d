//! A real shop's server for the suite: its packages, installed outside the clone, and its tests.

use crate::places::{PROFILE, Places};
use crate::steps::{Outcome, Steps, shown, succeed};
use crate::suite::{FEATURES, works};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What npm needs to install the same packages everywhere.
const FILES: [&str; 2] = ["package.json", "package-lock.json"];

/// Installs the server and runs its tests. Where npm cannot be reached they are left out, and the
/// reason is printed; the machine that guards the main branch may not leave them out.
///
/// # Errors
/// The step that fails, by name.
pub fn run_in(places: &Places, steps: &mut Steps) -> Result<()> {
    let home = home(places);
    let mut ready = false;
    steps.run("a real shop's server: packages", || {
        let outcome = install(places, &home)?;
        ready = !matches!(outcome, Outcome::Skipped(_));
        Ok(outcome)
    })?;
    steps.run("a real shop's server: tests", || {
        if !ready {
            return Ok(Outcome::Skipped("the server is not installed".into()));
        }
        succeed(tests(places).env("SUANPAN_VENDURE", &home)).map(|()| Outcome::Done)
    })
}

/// Beside the build output, never in the clone.
fn home(places: &Places) -> PathBuf {
    places.target.with_file_name("vendure")
}

fn install(places: &Places, home: &Path) -> Result<Outcome> {
    let wanted = FILES.map(|name| places.root.join("tests/vendure").join(name));
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let stamp = home.join("node_modules/.suanpan-installed");
    let text: String = wanted.iter().map(|path| read(path)).collect();
    if read(&stamp) == text {
        return Ok(Outcome::Fresh);
    }
    fs::create_dir_all(home).with_context(|| format!("cannot make {}", home.display()))?;
    for (name, from) in FILES.iter().zip(&wanted) {
        fs::copy(from, home.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    let mut npm = Command::new("npm");
    npm.current_dir(home).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    // Without a network npm would try for minutes.
    npm.args(["--fetch-retries", "1", "--fetch-timeout", "60000", "--silent"]);
    let done = npm.stdin(Stdio::null()).status();
    if done.as_ref().is_ok_and(std::process::ExitStatus::success) {
        fs::write(&stamp, text).context("cannot note what was installed")?;
        return Ok(Outcome::Done);
    }
    let why =
        format!("`{}` in {} failed: is the npm registry reachable?", shown(&npm), home.display());
    if std::env::var_os("CI").is_some() {
        bail!("{why} The tests against a real shop's server may not be left out here.");
    }
    Ok(Outcome::Skipped(why))
}

/// The same packages and features as the rest of the suite, so that nothing is built twice.
fn tests(places: &Places) -> Command {
    let mut cargo = places.cargo();
    if works("cargo", &["nextest", "--version"]) {
        cargo.args(["nextest", "run", "--cargo-profile", PROFILE]);
    } else {
        cargo.args(["test", "--profile", PROFILE]);
    }
    cargo.args(["--workspace", "--features", FEATURES, "--test", "platforms"]);
    cargo
}
