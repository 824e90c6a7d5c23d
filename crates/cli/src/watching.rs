//! `sync --watch`: asks each connection whenever its time has come, until Ctrl+C.

use crate::args::SyncArgs;
use crate::channel::{asked, once, say_report};
use crate::import::now_ms;
use crate::output::Output;
use crate::problem::{Exit, Problem};
use backoffice::channels::{SyncRequest, asking, due_now, line_is_metered};
use backoffice::dto::time_text;
use backoffice::{Error, Office};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How soon Ctrl+C is heard.
const STEP: Duration = Duration::from_millis(200);
/// How long nobody looks at the book: another seat may have connected something.
const LOOK_MS: i64 = 30_000;

/// Goes on until `cancel` is set.
///
/// # Errors
/// What reading the book and a sync as a whole can say.
pub fn watch(
    office: &Office,
    args: &SyncArgs,
    cancel: &AtomicBool,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let mut told = String::new();
    while !cancel.load(Ordering::Relaxed) {
        let now = now_ms();
        let connections = due_now(office.book(), now)?;
        let metered = !args.anyway && line_is_metered() == Some(true);
        if !connections.is_empty() && !metered {
            let request = SyncRequest { connections, by_itself: true, ..asked(args) };
            match once(office, &request, cancel, output) {
                Ok(report) => drop(say_report(office, &report, output)?),
                // Another seat does it: that is as well.
                Err(Problem::Office(error)) if matches!(*error, Error::SyncRuns) => {}
                Err(problem) => return Err(problem),
            }
            output.finish()?;
        }
        let next = asking(&mut office.reader()?, now_ms())?;
        let waits = if metered { "metered" } else { wait_of(&next) };
        let at = next.iter().map(|one| one.at_ms).min();
        let said = format!("{waits} {at:?}");
        if said != told && !output.json {
            let at = at.map(|at| time_text(at.max(now_ms()))).unwrap_or_default();
            output.say(&format!("cli.channel.watch.{waits}"), &[("at", &at)])?;
            output.finish()?;
        }
        told = said;
        let until = at.unwrap_or(i64::MAX).clamp(now_ms() + 1_000, now_ms() + LOOK_MS);
        while !cancel.load(Ordering::Relaxed) && now_ms() < until {
            std::thread::sleep(STEP);
        }
    }
    Ok(Exit::Fine)
}

/// What is waited for.
fn wait_of(next: &[backoffice::channels::Asking]) -> &'static str {
    match next {
        [] => "nothing",
        some if some.iter().all(|one| one.offline) => "offline",
        _ => "next",
    }
}
