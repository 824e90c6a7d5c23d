//! `quarantine list|mend` and `revision list|choose`.

use crate::args::{Common, QuarantineTask, RevisionTask};
use crate::import::now_ms;
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::show::safe;
use crate::unlock;
use backoffice::BusinessDate;
use backoffice::decisions::Actor;
use backoffice::quarantine::{Mended, SetAsideRows, mend, page_quarantine};
use backoffice::revisions::{RevisedBill, Revision, choose_bill, list_revisions};
use serde_json::{Value, json};
use std::io;

/// Lists rows set aside, or reads one again.
///
/// # Errors
/// What opening the book, reading and mending can say.
pub fn quarantine(
    common: &Common,
    task: &QuarantineTask,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    match task {
        QuarantineTask::List { all, limit, cursor } => {
            let cursor = cursor.map(|(document, line)| format!("{document}:{line}"));
            let page = page_quarantine(&mut office.reader()?, !all, cursor.as_deref(), *limit)?;
            let SetAsideRows { rows, total, next } = page;
            if output.json {
                output.value(&json!({ "rows": rows, "total": total, "next": next }))?;
                return Ok(Exit::Fine);
            }
            for row in &rows {
                let place = format!("{}:{}", row.document, row.line);
                let what = output.word(&format!("row.{}", row.code));
                let values = [
                    ("place", place.as_str()),
                    ("file", &safe(&row.file)),
                    ("what", &what),
                    ("detail", &safe(&row.detail)),
                ];
                let key = match row.mended_by {
                    Some(_) => "cli.quarantine.row_mended",
                    None => "cli.quarantine.row",
                };
                output.say(key, &values)?;
                output.line(&format!("    {}", safe(&row.raw)))?;
            }
            output.say("cli.quarantine.sum", &[("count", &total.to_string())])?;
            if let Some(next) = next {
                output.say("cli.quarantine.more", &[("cursor", &next)])?;
            }
            Ok(Exit::Fine)
        }
        QuarantineTask::Mend { line, text } => {
            let text = match text.as_str() {
                "-" => io::read_to_string(io::stdin())?,
                text => text.to_owned(),
            };
            let done = mend(office.book(), line.0, line.1, &text, now_ms())?;
            if output.json {
                output.value(&serde_json::to_value(&done).unwrap_or_default())?;
            } else {
                say_mended(&done, output)?;
            }
            Ok(match done {
                Mended::StillWrong { .. } => Exit::Attention,
                _ => Exit::Fine,
            })
        }
    }
}

fn say_mended(done: &Mended, output: &mut Output) -> Result<(), Problem> {
    match done {
        Mended::Booked => output.say("cli.quarantine.booked", &[]),
        Mended::Known => output.say("cli.quarantine.known", &[]),
        Mended::Changed => output.say("cli.quarantine.changed", &[]),
        Mended::StillWrong { code, detail } => {
            let what = output.word(&format!("row.{code}"));
            let values = [("what", what.as_str()), ("detail", &safe(detail))];
            output.say("cli.quarantine.still_wrong", &values)
        }
    }
}

/// Lists bills of one day that differ, or says which is the later.
///
/// # Errors
/// What opening the book, reading and choosing can say.
pub fn revision(
    common: &Common,
    task: &RevisionTask,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    if let RevisionTask::Choose { document } = task {
        let by = backoffice::os_user();
        choose_bill(office.book(), Actor { name: &by, at_ms: now_ms() }, *document)?;
    }
    let found = list_revisions(&mut office.reader()?)?;
    if output.json {
        let rows: Vec<Value> = found.iter().map(revision_json).collect();
        output.value(&json!({ "revisions": rows }))?;
        return Ok(Exit::Fine);
    }
    for one in &found {
        let key = if one.decided { "cli.revision.decided" } else { "cli.revision.open" };
        let day = BusinessDate::from_days(one.day).to_string();
        let values = [
            ("day", day),
            ("account", format!("{}:{}", one.channel, one.account_no)),
            ("stream", output.word(&format!("cli.stream.{}", one.stream))),
            ("one", format!("{} ({})", safe(&one.document.name), one.document.id)),
            ("other", format!("{} ({})", safe(&one.other.name), one.other.id)),
            ("lines", one.document.lines.to_string()),
            ("other_lines", one.other.lines.to_string()),
            ("added", one.added.to_string()),
            ("removed", one.removed.to_string()),
            ("changed", one.changed.to_string()),
            ("place", format!("{}:{}", one.line.0, one.line.1)),
        ];
        output.say(key, &values.each_ref().map(|(name, value)| (*name, value.as_str())))?;
    }
    output.say("cli.revision.sum", &[("count", &found.len().to_string())])?;
    Ok(Exit::Fine)
}

fn revision_json(one: &Revision) -> Value {
    let bill = |bill: &RevisedBill| {
        json!({
            "document": bill.id,
            "file": bill.name,
            "lines": bill.lines,
            "issued_at_ms": bill.issued_at_ms,
            "received_at_ms": bill.received_at_ms,
        })
    };
    json!({
        "day": BusinessDate::from_days(one.day).to_string(),
        "channel": one.channel,
        "account": one.account_no,
        "stream": one.stream,
        "decided": one.decided,
        "bill": bill(&one.document),
        "other": bill(&one.other),
        "added": one.added,
        "removed": one.removed,
        "changed": one.changed,
        "document": one.line.0,
        "line": one.line.1,
    })
}
