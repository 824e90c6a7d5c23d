//! What a command can say instead of its answer, and the exit codes.

use backoffice::{Error, dto};
use messages::{Lang, text};
use serde_json::json;
use std::io::{self, Write};

/// How the program ends; `docs/cli.md` lists what gives which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Fine = 0,
    /// Not done.
    Failed = 1,
    /// The command line cannot be read.
    Usage = 2,
    /// Done, and something was refused, set aside, unexplained or found wrong.
    Attention = 3,
    /// Stopped by the person.
    Stopped = 130,
}

/// Why a command gave no answer.
#[derive(Debug)]
pub enum Problem {
    /// The back office's error.
    Office(Box<Error>),
    /// Something of the command line itself: a code of `error.<code>`, what it is about, the exit.
    Said {
        /// The stable code.
        code: &'static str,
        /// Fills `{detail}`.
        detail: String,
        /// How to end.
        exit: Exit,
    },
    /// Standard output is closed; nobody reads any more.
    BrokenPipe,
    /// Anything else, in words.
    Other(String),
}

impl Problem {
    /// The command line asks for something that cannot be.
    pub fn usage(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Said { code, detail: detail.into(), exit: Exit::Usage }
    }

    /// The command could not be done.
    pub fn failed(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Said { code, detail: detail.into(), exit: Exit::Failed }
    }

    /// Says it on standard error, in words or as `{"error": …}`, and how to end.
    pub fn report(&self, lang: Lang, json: bool) -> Exit {
        let (failure, exit) = match self {
            Self::BrokenPipe => return Exit::Fine,
            Self::Office(error) => {
                let exit = match **error {
                    Error::BadInput { .. } => Exit::Usage,
                    Error::Stopped => Exit::Stopped,
                    _ => Exit::Failed,
                };
                let failure = dto::failure(error, lang);
                ((failure.code, failure.message, failure.next_step), exit)
            }
            Self::Said { code, detail, exit } => (said(lang, code, detail), *exit),
            Self::Other(detail) => (said(lang, "other", detail), Exit::Failed),
        };
        write_failure(lang, json, &failure);
        exit
    }
}

fn said(lang: Lang, code: &str, detail: &str) -> (String, String, String) {
    let message = text(lang, &format!("error.{code}"), &[("detail", detail)]);
    (code.to_owned(), message, text(lang, &format!("error.{code}.next"), &[]))
}

fn write_failure(lang: Lang, json: bool, (code, message, next): &(String, String, String)) {
    let said = if json {
        let body = json!({ "error": {
            "code": code, "message": message, "money_moved": "no", "next_step": next,
        }});
        format!("{body}\n")
    } else {
        let values = [("message", message.as_str()), ("next", next.as_str())];
        text(lang, "cli.failure", &values) + "\n"
    };
    // Nobody is left to tell when standard error is closed too.
    let _ = io::stderr().write_all(said.as_bytes());
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Office(error) => write!(f, "{error}"),
            Self::Said { code, detail, .. } => write!(f, "{code}: {detail}"),
            Self::BrokenPipe => f.write_str("the output is closed"),
            Self::Other(detail) => f.write_str(detail),
        }
    }
}

impl std::error::Error for Problem {}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Office(Box::new(error))
    }
}

/// Of standard output; files have their own.
impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::failed("output", error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use messages::{Lang, lookup};

    const CODES: &str = include_str!("../../backoffice/src/error.rs");
    const BREAKS: &str = include_str!("../../../docs/records/breaks.md");

    #[track_caller]
    fn written(key: &str) {
        for lang in Lang::ALL {
            assert!(lookup(lang, key).is_some(), "{key} has no text in {}", lang.code());
        }
    }

    #[test]
    fn every_error_and_every_refusal_says_what_happened_and_what_to_do() {
        let (errors, refusals) = CODES.split_once("pub fn problem_code").unwrap();
        let codes = |text: &'static str| {
            text.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next())
        };
        assert!(codes(errors).count() > 20 && codes(refusals).count() > 5);
        for code in codes(errors) {
            written(&format!("error.{code}"));
            written(&format!("error.{code}.next"));
        }
        for code in codes(refusals) {
            written(&format!("refusal.{code}"));
        }
    }

    #[test]
    fn every_kind_of_break_has_a_title_and_a_reason() {
        let kinds: Vec<&str> = BREAKS
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .flat_map(|row| row.split('|').next().unwrap_or_default().split(", "))
            .map(|kind| kind.trim().trim_matches('`'))
            .collect();
        assert_eq!(kinds.len(), 28);
        for kind in kinds {
            written(&format!("break.{kind}"));
            written(&format!("break.{kind}.reason"));
        }
    }
}
