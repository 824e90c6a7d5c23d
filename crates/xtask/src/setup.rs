//! Finds out what the machine lacks, installs only that, and says so.

use crate::places::{Places, on_path};
use crate::steps::{Outcome, Steps, succeed};
use crate::ui;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::process::{Command, Stdio};

/// What the machine is being prepared for; `Test` needs everything `Run` needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Build and open the window, or take its picture where there is no screen.
    Run,
    /// Run the whole suite.
    Test,
}

/// A Debian package, why we want it, and whether only the suite does.
struct Package {
    name: &'static str,
    why: &'static str,
    suite_only: bool,
}

const fn always(name: &'static str, why: &'static str) -> Package {
    Package { name, why, suite_only: false }
}

const fn suite(name: &'static str, why: &'static str) -> Package {
    Package { name, why, suite_only: true }
}

const PACKAGES: &[Package] = &[
    always("build-essential", "C compiler and linker"),
    always("pkg-config", "finds the libraries below"),
    always("mold", "links in a fraction of the time"),
    always("libssl-dev", "the cipher under the encrypted book"),
    always("libwebkit2gtk-4.1-dev", "the window"),
    always("fonts-noto-cjk", "Chinese text in the window"),
    always("dbus", "private session bus for the headless window"),
    always("xvfb", "a screen where there is none"),
    always("webkit2gtk-driver", "drives the window"),
    suite("gnome-keyring", "tests of the system keyring"),
    suite("poppler-utils", "reads the PDF statements back"),
    suite("qpdf", "checks the PDF statements"),
    suite("postgresql", "the shared book's database"),
    suite("xclip", "pastes what the window copied"),
    suite("xdotool", "takes the keyboard away from the window"),
    suite("hledger", "recomputes the ledger with another program"),
];

/// The oldest Node the interface's tools accept.
const NODE_MIN: (u32, u32) = (20, 19);

/// Makes the machine ready; a second call finds everything in place and takes a moment.
///
/// # Errors
/// When packages are missing and cannot be installed without a password (the message holds the
/// one command to run), or when Node is missing or too old.
pub fn prepare(places: &Places, purpose: Purpose) -> Result<()> {
    let mut steps = Steps::default();
    prepare_in(places, purpose, &mut steps)
}

/// As [`prepare`], adding its steps to those of a longer task.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_in(places: &Places, purpose: Purpose, steps: &mut Steps) -> Result<()> {
    steps.run("system packages", || system_packages(purpose))?;
    steps.run("node", check_node)?;
    steps.run("interface packages", || ui::install(places))
}

fn system_packages(purpose: Purpose) -> Result<Outcome> {
    let wanted: Vec<&Package> =
        PACKAGES.iter().filter(|p| purpose == Purpose::Test || !p.suite_only).collect();
    if !on_path("dpkg-query") {
        let names: Vec<&str> = wanted.iter().map(|p| p.name).collect();
        eprintln!("    Not a Debian system. The equivalents of these are needed:");
        eprintln!("    {}", names.join(" "));
        return Ok(Outcome::Skipped("not Debian, packages not checked".into()));
    }
    let installed = installed_packages(&wanted)?;
    let missing: Vec<&Package> =
        wanted.into_iter().filter(|p| !installed.contains(p.name)).collect();
    if missing.is_empty() {
        return Ok(Outcome::Fresh);
    }
    eprintln!("    missing:");
    for package in &missing {
        eprintln!("      {:<24} {}", package.name, package.why);
    }
    install(&missing)?;
    Ok(Outcome::Done)
}

/// Names of those `wanted` packages that are fully installed.
fn installed_packages(wanted: &[&Package]) -> Result<BTreeSet<String>> {
    let answer = Command::new("dpkg-query")
        .args(["-W", "-f", "${Package} ${db:Status-Status}\n"])
        .args(wanted.iter().map(|p| p.name))
        .output()
        .context("cannot ask dpkg which packages are installed")?;
    // dpkg-query ends with 1 when it knows one of them not at all; its list is still right.
    Ok(read_installed(&String::from_utf8_lossy(&answer.stdout)))
}

fn read_installed(answer: &str) -> BTreeSet<String> {
    let lines = answer.lines().filter_map(|line| line.split_once(' '));
    lines.filter(|(_, state)| *state == "installed").map(|(name, _)| name.to_owned()).collect()
}

fn install(missing: &[&Package]) -> Result<()> {
    let names: Vec<&str> = missing.iter().map(|p| p.name).collect();
    let prefix: &[&str] = if quiet_success("id", &["-u"], |out| out.trim() == "0") {
        &[]
    } else if quiet_success("sudo", &["-n", "true"], |_| true) {
        &["sudo", "-n"]
    } else {
        bail!(
            "These packages must be installed first, and that needs a password. Please run:\n\n  \
             sudo apt-get update && sudo apt-get install -y --no-install-recommends {}\n\n\
             then run make again.",
            names.join(" ")
        );
    };
    let apt = |words: &[&str]| -> Result<()> {
        let line: Vec<&str> = prefix
            .iter()
            .copied()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"])
            .chain(words.iter().copied())
            .collect();
        succeed(Command::new(line[0]).args(&line[1..]))
    };
    apt(&["update"])?;
    let words: Vec<&str> =
        ["install", "-y", "--no-install-recommends"].into_iter().chain(names).collect();
    apt(&words)
}

fn quiet_success(program: &str, words: &[&str], good: impl Fn(&str) -> bool) -> bool {
    let answer = Command::new(program).args(words).stdin(Stdio::null()).output();
    answer.is_ok_and(|a| a.status.success() && good(&String::from_utf8_lossy(&a.stdout)))
}

fn check_node() -> Result<Outcome> {
    let answer = Command::new("node").arg("--version").output();
    let text = answer.map(|a| String::from_utf8_lossy(&a.stdout).trim().to_owned());
    let text = text.context("Node is not installed; the interface is built with it")?;
    if !on_path("npm") {
        bail!("npm is not installed; it comes with Node, on Debian as its own package `npm`");
    }
    match read_node_version(&text) {
        Some(version) if version >= NODE_MIN => Ok(Outcome::Fresh),
        _ => bail!("Node {}.{} or newer is needed, this is {text}", NODE_MIN.0, NODE_MIN.1),
    }
}

fn read_node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_removed_but_not_purged_counts_as_missing() {
        let installed = read_installed("xvfb installed\nqpdf config-files\nmold not-installed\n");
        assert_eq!(installed.into_iter().collect::<Vec<_>>(), ["xvfb"]);
    }

    #[test]
    fn node_versions_compare_by_number() {
        assert_eq!(read_node_version("v20.20.2"), Some((20, 20)));
        assert!(read_node_version("v20.9.0").unwrap() < NODE_MIN);
        assert!(read_node_version("v22.1.0").unwrap() > NODE_MIN);
        assert_eq!(read_node_version("20"), None);
    }
}
