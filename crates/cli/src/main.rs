//! `suanpan`: the use cases of the back office from a terminal.

mod args;
mod book;
mod care;
mod channel;
mod channel_card;
mod chart;
mod collect;
mod decide;
mod figures;
mod import;
mod json;
mod ledger;
mod lists;
mod orders;
mod output;
mod own_chart;
mod payouts;
mod practice;
mod problem;
mod run;
mod search;
mod seat;
mod show;
mod statement;
mod tables;
mod tenders;
mod till;
mod transactions;
mod unlock;
mod usage;
mod watching;
mod ways;

use anyhow::Context;
use args::Cli;
use clap::FromArgMatches;
use messages::Lang;
use output::Output;
use problem::{Exit, Problem};
use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let lang = language(&typed);
    let json = typed.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    let exit = match answer(&typed, lang) {
        Ok(exit) => exit,
        Err(error) => match error.downcast::<Problem>() {
            Ok(problem) => problem.report(lang, json),
            Err(other) => Problem::Other(format!("{other:#}")).report(lang, json),
        },
    };
    ExitCode::from(exit as u8)
}

fn answer(typed: &[OsString], lang: Lang) -> anyhow::Result<Exit> {
    let matches = match args::command(lang).try_get_matches_from(typed) {
        Ok(matches) => matches,
        Err(error) => return Ok(usage::answer(&error, lang)?),
    };
    let cli = Cli::from_arg_matches(&matches).context("reading the command line")?;
    let mut output = Output::new(lang, cli.common.json);
    let exit = run::run(cli, &mut output)?;
    output.finish()?;
    Ok(exit)
}

/// `--lang`, else `SUANPAN_LANG`, else the system's: texts of the parser need it before parsing.
fn language(typed: &[OsString]) -> Lang {
    let words: Vec<&str> = typed.iter().filter_map(|word| word.to_str()).collect();
    let mut asked = None;
    for (index, word) in words.iter().enumerate().take_while(|(_, word)| **word != "--") {
        if let Some(value) = word.strip_prefix("--lang=") {
            asked = Some(value.to_owned());
        } else if *word == "--lang" {
            asked = words.get(index + 1).map(|value| (*value).to_owned());
        }
    }
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let named = asked.or_else(|| set("SUANPAN_LANG")).and_then(|code| Lang::from_code(&code));
    named.unwrap_or_else(|| {
        let system = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        match system.and_then(|code| Lang::from_code(&code)) {
            Some(Lang::Zh) => Lang::Zh,
            _ => Lang::En,
        }
    })
}
