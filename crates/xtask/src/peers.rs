//! Clients of the channels that nobody here wrote, run against the practice platform.

use crate::places::Places;
use crate::steps::{Outcome, Steps};
use crate::suite::works;
use anyhow::{Result, bail};
use std::process::{Command, Stdio};

/// What the script ends with when the clients cannot be installed.
const NOT_INSTALLED: i32 = 75;

/// Runs `tests/peers/run.sh` with the program that was built. Where the clients cannot be
/// installed they are left out, and the reason is printed: they come from two registries, and
/// `make test-peers` fails without them.
///
/// # Errors
/// A client that disagrees.
pub fn run_in(places: &Places, steps: &mut Steps) -> Result<()> {
    steps.run("official clients against the practice platform", || {
        let needed = [("python3", "--version"), ("npm", "--version"), ("curl", "--version")];
        let mut missing: Vec<&str> = needed
            .iter()
            .filter(|(program, word)| !works(program, &[word]))
            .map(|(program, _)| *program)
            .collect();
        if !works("openssl", &["version"]) {
            missing.push("openssl");
        }
        if !missing.is_empty() {
            let why = format!("missing: {}", missing.join(", "));
            return Ok(Outcome::Skipped(why));
        }
        let mut script = Command::new("sh");
        script.arg(places.root.join("tests/peers/run.sh")).arg(places.built("suanpan"));
        match script.stdin(Stdio::null()).status()?.code() {
            Some(0) => Ok(Outcome::Done),
            Some(NOT_INSTALLED) => Ok(Outcome::Skipped(
                "the clients cannot be installed: are PyPI and npm reachable?".to_owned(),
            )),
            _ => bail!("a client disagrees with the practice platform"),
        }
    })
}
