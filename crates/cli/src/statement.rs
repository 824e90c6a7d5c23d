//! `statement`: a payout or a span of days as PDF, XLSX or CSV.

use crate::args::{Common, StatementArgs};
use crate::output::{Output, free, write_file};
use crate::problem::{Exit, Problem};
use crate::run::channel;
use crate::unlock;
use backoffice::Period;
use backoffice::statements::{Format, Subject, make};
use serde_json::json;

/// Makes the file.
///
/// # Errors
/// `file_exists`, `bad_ending`, `days_reversed`; what opening, reading and writing can say.
pub fn statement(
    common: &Common,
    args: &StatementArgs,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let path = args.out.display().to_string();
    let format = Format::from_path(&args.out).ok_or_else(|| Problem::usage("bad_ending", &path))?;
    let subject = match (&args.payout, args.from, args.to) {
        (Some(id), ..) => Subject::Payout(id.clone()),
        (None, Some(from), Some(to)) if from <= to => {
            let period = Period { from, until: to.plus_days(1) };
            Subject::Period { period, channel: channel(args.channel.as_deref()) }
        }
        (None, from, to) => {
            let shown = |day: Option<backoffice::BusinessDate>| {
                day.map_or_else(String::new, |day| day.to_string())
            };
            let detail = format!("{} > {}", shown(from), shown(to));
            return Err(Problem::usage("days_reversed", detail));
        }
    };
    free(&args.out, args.force)?;
    let office = unlock::open(common, output)?;
    let company = office.company()?;
    let bytes = make(&mut office.reader()?, &subject, output.lang, &company, format)?;
    write_file(&args.out, args.force, |file| Ok(file.write_all(&bytes)?))?;
    if output.json {
        let format = match format {
            Format::Pdf => "pdf",
            Format::Xlsx => "xlsx",
            Format::Csv => "csv",
        };
        output.value(&json!({ "path": path, "format": format, "bytes": bytes.len() }))?;
    } else {
        output.say("cli.statement", &[("path", &path), ("bytes", &bytes.len().to_string())])?;
    }
    Ok(Exit::Fine)
}
