//! A command line that cannot be read, in the reader's language; and help, which is none.

use crate::problem::{Exit, Problem};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use messages::{Lang, text};
use std::io::{self, Write};

/// Help and version go to standard output and are fine; the rest is a usage error.
///
/// # Errors
/// What is wrong with the command line.
pub fn answer(error: &clap::Error, lang: Lang) -> Result<Exit, Problem> {
    let shown = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            io::stdout().write_all(shown.as_bytes())?;
            Ok(Exit::Fine)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // The help is the message; on standard error, since nothing was done.
            let _ = io::stderr().write_all(shown.as_bytes());
            Ok(Exit::Usage)
        }
        kind => Err(Problem::usage("usage", explain(error, kind, lang))),
    }
}

fn explain(error: &clap::Error, kind: ErrorKind, lang: Lang) -> String {
    let found = |kind| match error.get(kind) {
        Some(ContextValue::String(value)) => value.clone(),
        Some(ContextValue::Strings(values)) => values.join(", "),
        _ => String::new(),
    };
    let arg = found(ContextKind::InvalidArg);
    let key = match kind {
        ErrorKind::UnknownArgument => "unknown_argument",
        ErrorKind::InvalidSubcommand => "unknown_command",
        ErrorKind::MissingRequiredArgument => "missing",
        ErrorKind::MissingSubcommand => "missing_command",
        ErrorKind::InvalidValue if found(ContextKind::InvalidValue).is_empty() => "no_value",
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "bad_value",
        ErrorKind::ArgumentConflict => "conflict",
        _ => return error.to_string().trim().trim_start_matches("error: ").to_owned(),
    };
    let word = match kind {
        ErrorKind::InvalidSubcommand => found(ContextKind::InvalidSubcommand),
        _ => arg,
    };
    let value = match kind {
        ErrorKind::ArgumentConflict => found(ContextKind::PriorArg),
        _ => found(ContextKind::InvalidValue),
    };
    let mut said = text(lang, &format!("cli.usage.{key}"), &[("arg", &word), ("value", &value)]);
    let valid = found(ContextKind::ValidValue);
    if !valid.is_empty() {
        said.push(' ');
        said.push_str(&text(lang, "cli.usage.valid", &[("values", &valid)]));
    }
    let alike = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]
        .map(found)
        .into_iter()
        .find(|alike| !alike.is_empty());
    if let Some(alike) = alike {
        said.push(' ');
        said.push_str(&text(lang, "cli.usage.alike", &[("alike", &alike)]));
    }
    said
}
