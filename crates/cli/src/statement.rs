//! `statement`: a payout or a span of days as PDF, XLSX or CSV.

use crate::args::{Common, StatementArgs, StatementTask};
use crate::import::now_ms;
use crate::output::{Output, free, write_file};
use crate::problem::{Exit, Problem};
use crate::run::channel;
use crate::show::{amount, safe};
use crate::unlock;
use backoffice::Period;
use backoffice::channels::{NotReadAgain, not_read_again};
use backoffice::statements::{
    Format, Issued, Subject, Verification, list_issued, make_to_issue, record, verify_file,
};
use serde_json::{Value, json};

/// Makes the file.
///
/// # Errors
/// `file_exists`, `bad_ending`, `days_reversed`; what opening, reading and writing can say.
pub fn statement(
    common: &Common,
    args: &StatementArgs,
    output: &mut Output,
) -> Result<Exit, Problem> {
    // The parser wants it wherever no sub-command stands.
    let Some(out) = &args.out else { return Err(Problem::usage("bad_ending", "")) };
    let path = out.display().to_string();
    let format = Format::from_path(out).ok_or_else(|| Problem::usage("bad_ending", &path))?;
    let subject = match (&args.payout, args.from, args.to) {
        (Some(id), ..) => Subject::Payout(id.clone()),
        (None, Some(from), Some(to)) if from <= to => {
            let period = Period { from, until: to.plus_days(1) };
            let channel = channel(args.channel.as_deref());
            Subject::Period { period, channel, currency: args.currency }
        }
        (None, from, to) => {
            let shown = |day: Option<backoffice::BusinessDate>| {
                day.map_or_else(String::new, |day| day.to_string())
            };
            let detail = format!("{} > {}", shown(from), shown(to));
            return Err(Problem::usage("days_reversed", detail));
        }
    };
    free(out, args.force)?;
    let office = unlock::open(common, output)?;
    let company = office.company()?;
    let made = make_to_issue(&mut office.reader()?, &subject, output.lang, &company, format)?;
    write_file(out, args.force, |file| Ok(file.write_all(&made.bytes)?))?;
    let name = out.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    record(office.book(), &made, format, output.lang, &name, now_ms())?;
    let early = match &subject {
        Subject::Period { period, channel, .. } => {
            not_read_again(&mut office.reader()?, *period, *channel, now_ms())?
        }
        Subject::Payout(_) => Vec::new(),
    };
    let bytes = made.bytes.len();
    if output.json {
        let early: Vec<Value> = early.iter().map(early_json).collect();
        let code = format.code();
        output.value(&json!({
            "path": path, "format": code, "bytes": bytes, "not_read_again": early
        }))?;
        return Ok(Exit::Fine);
    }
    output.say("cli.statement", &[("path", &path), ("bytes", &bytes.to_string())])?;
    say_early(&early, output)?;
    Ok(Exit::Fine)
}

fn early_json(found: &NotReadAgain) -> Value {
    json!({ "connection": found.connection, "stream": found.stream,
        "from": found.from.to_string(), "to": found.to.to_string(), "in_reach": found.in_reach })
}

/// Says which bills were not read again since the period ended.
fn say_early(early: &[NotReadAgain], output: &mut Output) -> Result<(), Problem> {
    if early.is_empty() {
        return Ok(());
    }
    output.say("cli.statement.early", &[])?;
    for found in early {
        let (from, to) = (found.from.to_string(), found.to.to_string());
        let stream = output.word(&format!("channels.stream.{}", found.stream));
        let name = safe(&found.name);
        let values = [("name", name.as_str()), ("stream", &stream), ("from", &from), ("to", &to)];
        let end = if found.in_reach { "row" } else { "lost" };
        output.say(&format!("cli.statement.early.{end}"), &values)?;
    }
    Ok(())
}

/// Lists statements given out, or tells whether a file is one of them.
///
/// # Errors
/// What opening the book and reading the file can say.
pub fn issued(common: &Common, task: &StatementTask, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let StatementTask::Verify { file } = task else {
        let rows = list_issued(&mut reader)?;
        if output.json {
            output.value(&json!({ "statements": rows }))?;
            return Ok(Exit::Fine);
        }
        for row in &rows {
            let line = about(row, output);
            output.line(&line)?;
        }
        output.say("cli.statement.sum", &[("count", &rows.len().to_string())])?;
        return Ok(Exit::Fine);
    };
    let found = verify_file(&mut reader, file)?;
    if output.json {
        output.value(&serde_json::to_value(&found).unwrap_or_default())?;
    } else {
        match &found {
            Verification::Genuine { statement } => {
                let line = about(statement, output);
                output.say("cli.statement.genuine", &[])?;
                output.line(&line)?;
            }
            Verification::Superseded { statement, by } => {
                let lines = [about(statement, output), about(by, output)];
                output.say("cli.statement.superseded", &[])?;
                for line in lines {
                    output.line(&line)?;
                }
            }
            Verification::Altered { statement } => {
                let line = about(statement, output);
                output.say("cli.statement.altered", &[])?;
                output.line(&line)?;
            }
            Verification::Unknown => output.say("cli.statement.unknown", &[])?,
        }
    }
    Ok(match found {
        Verification::Genuine { .. } => Exit::Fine,
        _ => Exit::Attention,
    })
}

fn about(row: &Issued, output: &Output) -> String {
    let values = [
        ("name", safe(&row.file_name)),
        ("subject", row.subject.clone()),
        ("total", amount(row.total_minor, &row.currency)),
        ("hash", row.content_hash.chars().take(16).collect()),
        ("id", row.id.to_string()),
    ];
    output
        .fill("cli.statement.row", &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}
