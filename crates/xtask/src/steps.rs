//! Named steps with progress, durations and a summary.

use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How a step ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The work was done.
    Done,
    /// Nothing to do: an earlier run did it.
    Fresh,
    /// Not possible here; the reason is shown in the summary.
    Skipped(String),
}

/// Runs steps one after the other and remembers how long each took.
#[derive(Debug, Default)]
pub struct Steps {
    finished: Vec<(String, Duration, Outcome)>,
}

impl Steps {
    /// # Errors
    /// The step's own failure, with the step's name in front; later steps are the caller's call.
    pub fn run(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) -> Result<()> {
        eprintln!("\n==> {name}");
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        match result {
            Ok(outcome) => {
                let word = match &outcome {
                    Outcome::Done => "done",
                    Outcome::Fresh => "up to date",
                    Outcome::Skipped(why) => why,
                };
                eprintln!("    {name}: {word}, {}", seconds(took));
                self.finished.push((name.into(), took, outcome));
                Ok(())
            }
            Err(problem) => {
                eprintln!("{}", self.summary());
                Err(problem.context(format!("FAILED: {name} (after {})", seconds(took))))
            }
        }
    }

    /// A step that is one command.
    ///
    /// # Errors
    /// When the command cannot start or ends with a code other than zero.
    pub fn command(&mut self, name: &str, command: &mut Command) -> Result<()> {
        self.run(name, || {
            succeed(command)?;
            Ok(Outcome::Done)
        })
    }

    /// One line a step, and the total.
    pub fn summary(&self) -> String {
        let mut text = String::new();
        let mut total = Duration::ZERO;
        for (name, took, outcome) in &self.finished {
            total += *took;
            let note = match outcome {
                Outcome::Done => String::new(),
                Outcome::Fresh => "  (up to date)".into(),
                Outcome::Skipped(why) => format!("  SKIPPED: {why}"),
            };
            text.push_str(&format!("\n  {:>8}  {name}{note}", seconds(*took)));
        }
        text.push_str(&format!("\n  {:>8}  total", seconds(total)));
        text
    }
}

/// Runs a command to its end, its output going to the terminal.
///
/// # Errors
/// When it cannot start, or ends with a code other than zero; the message shows the command.
pub fn succeed(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status =
        command.stdin(Stdio::null()).status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for word in command.get_args() {
        text.push(' ');
        text.push_str(&word.to_string_lossy());
    }
    text
}

/// A duration as people read it: `0.4 s`, `73 s`, `4 min 10 s`.
pub fn seconds(took: Duration) -> String {
    let whole = took.as_secs();
    match whole {
        0..=9 => format!("{whole}.{} s", took.subsec_millis() / 100),
        10..=119 => format!("{whole} s"),
        _ => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_naturally() {
        assert_eq!(seconds(Duration::from_millis(450)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(73)), "73 s");
        assert_eq!(seconds(Duration::from_secs(250)), "4 min 10 s");
    }

    #[test]
    fn a_command_that_fails_names_itself_and_its_step() {
        let mut steps = Steps::default();
        let problem = steps.command("the false step", &mut Command::new("false")).unwrap_err();
        let text = format!("{problem:#}");
        assert!(text.contains("the false step") && text.contains("`false`"), "{text}");
    }

    #[test]
    fn what_was_skipped_is_said_in_the_summary() {
        let mut steps = Steps::default();
        steps.run("clippy", || Ok(Outcome::Skipped("not installed".into()))).unwrap();
        assert!(steps.summary().contains("clippy  SKIPPED: not installed"));
    }
}
