//! `chart`: the window's charts as drawings for paper.

use crate::args::{ChartTask, Common};
use crate::figures::days;
use crate::output::{Output, free, write_file};
use crate::problem::{Exit, Problem};
use crate::unlock;
use backoffice::charts::{ChartOf, draw};
use backoffice::dto::ReportQuery;
use serde_json::json;

/// Writes a chart.
///
/// # Errors
/// `bad_ending`, `file_exists`, `days_reversed`; what opening, reading and writing can say.
pub fn chart(common: &Common, task: &ChartTask, output: &mut Output) -> Result<Exit, Problem> {
    let (what, file) = match task {
        ChartTask::Waterfall { id, file } => (ChartOf::Waterfall(id.clone()), file),
        ChartTask::MoneyMap { file } => (ChartOf::MoneyMap, file),
        ChartTask::Expected { file } => (ChartOf::Expected, file),
        ChartTask::Series { clock, grain, span, file } => {
            let (clock, grain) = (ReportQuery::clock(clock)?, ReportQuery::grain(grain)?);
            (ChartOf::Series(clock, grain, days(span)?), file)
        }
        ChartTask::Bridge { from_clock, to_clock, span, file } => {
            let (from, to) = (ReportQuery::clock(from_clock)?, ReportQuery::clock(to_clock)?);
            (ChartOf::Bridge(from, to, days(span)?), file)
        }
        ChartTask::Heat { span, file } => (ChartOf::Heat(days(span)?), file),
    };
    let path = file.out.display().to_string();
    if file.out.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("svg")) {
        return Err(Problem::usage("bad_ending", &path));
    }
    free(&file.out, file.force)?;
    let office = unlock::open(common, output)?;
    let made = draw(&mut office.reader()?, &what, output.lang)?;
    write_file(&file.out, file.force, |out| Ok(out.write_all(made.svg.as_bytes())?))?;
    let bytes = made.svg.len();
    if output.json {
        output.value(&json!({ "path": path, "title": made.title, "bytes": bytes }))?;
    } else {
        output.say("cli.chart", &[("path", &path), ("title", &made.title)])?;
    }
    Ok(Exit::Fine)
}
