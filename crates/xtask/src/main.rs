//! `cargo xtask <task>`: see `make help` for the usual way in.

use anyhow::{Result, bail};
use std::process::ExitCode;
use xtask::places::Places;
use xtask::setup::Purpose;
use xtask::steps::Steps;
use xtask::{platforms, run, setup, suite, tidy};

const HELP: &str = "\
cargo xtask setup [run|test]   install what is missing, say what and why
cargo xtask run                build, create the demo company, open the window
cargo xtask test               the whole suite, quick checks first
cargo xtask test-platforms     orders against a real Vendure server, installed from npm
cargo xtask tidy               house rules only
cargo xtask screenshots        every page of the real window, headless, to out/pages/";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\n{problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Result<()> {
    let places = Places::find()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["setup"] | ["setup", "test"] => setup::prepare(&places, Purpose::Test),
        ["setup", "run"] => setup::prepare(&places, Purpose::Run),
        ["run"] => run::run(&places),
        ["screenshots"] => run::screenshots(&places),
        ["test"] => suite::run(&places),
        ["test-platforms"] => {
            let mut steps = Steps::default();
            platforms::run_in(&places, &mut steps)?;
            eprintln!("{}", steps.summary());
            Ok(())
        }
        ["tidy"] => tidy::run(&places.root),
        _ => bail!("{HELP}"),
    }
}
