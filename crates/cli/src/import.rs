//! `import PATH…`, and a look at a table before it is booked.

use crate::args::{Common, ImportArgs};
use crate::json;
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::show::{amount, safe};
use crate::{unlock, ways};
use backoffice::import::{
    self, FileReport, FileState, ImportOptions, ImportReport, Progress, Total, Watch,
};
use backoffice::{Error, FundAccount, Mapping};
use messages::lookup;
use serde_json::{Value, json};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Rows set aside that text shows of each file.
const NOTES_SHOWN: usize = 10;

/// Imports files and folders; attention when anything of them was not booked as it stands.
///
/// # Errors
/// What opening the book and the import as a whole can say.
pub fn import(common: &Common, args: &ImportArgs, output: &mut Output) -> Result<Exit, Problem> {
    let options = ImportOptions {
        account_no: args.account.clone(),
        fund_account: args.fund_account.as_deref().and_then(FundAccount::from_code),
        mapping: args.mapping.as_deref().map(read_mapping).transpose()?,
        fee_signs: args.fee_signs.as_deref().map(ways::fee_signs),
        now_ms: now_ms(),
        skip_reconcile: args.no_reconcile,
        fetched_at_ms: None,
    };
    let office = unlock::open(common, output)?;
    let cancel = stop_on_ctrl_c();
    let mut meter = Meter::new(output);
    let mut show = |at: &Progress| meter.show(at);
    let mut watch = Watch { progress: &mut show, cancel: &cancel };
    let done = import::import(office.book(), &args.paths, &options, &mut watch);
    meter.clear();
    let report = done?;
    office.close();
    if output.json {
        let files: Vec<Value> = report.files.iter().map(json::file).collect();
        output.value(&json!({ "files": files, "cancelled": report.cancelled }))?;
    } else {
        show_report(&report, output)?;
    }
    Ok(match (report.cancelled, report.files.iter().all(FileReport::is_whole)) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Fine,
        (false, false) => Exit::Attention,
    })
}

/// Now, UTC Unix milliseconds.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn read_mapping(path: &Path) -> Result<Mapping, Problem> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::File { path: path.display().to_string(), source })?;
    serde_json::from_str(&text)
        .map_err(|error| Problem::usage("bad_mapping", format!("{}: {error}", path.display())))
}

/// The first Ctrl-C stops between two rows or days and undoes what is unfinished; the second ends
/// at once, which the book survives as it survives a power cut.
pub fn stop_on_ctrl_c() -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&cancel);
    // Without a handler Ctrl-C ends the program at once, as above.
    let _ = ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Stopped as i32);
        }
    });
    cancel
}

/// One line on standard error that is written again and again; silent without a terminal.
pub struct Meter {
    shown: bool,
    last: Option<Instant>,
    words: [String; 4],
}

impl Meter {
    /// Silent when standard error is no terminal.
    pub fn new(output: &Output) -> Self {
        let words = ["cli.import.progress", "cli.import.reconciling", "cli.steps", "jobs.metered"];
        let words = words.map(|key| output.word(key));
        Self { shown: io::stderr().is_terminal(), last: None, words }
    }

    /// Shows how far an import is, at most ten times a second.
    pub fn show(&mut self, at: &Progress) {
        let last = self.shown && at.done >= at.total;
        if self.is_too_soon() && !last {
            return;
        }
        let name = Path::new(&at.file).file_name().map(|name| name.to_string_lossy());
        let name: String = safe(&name.unwrap_or_default()).chars().take(40).collect();
        let line = if at.waits {
            self.words[3].clone()
        } else if at.done < at.total {
            self.words[0]
                .replace("{done}", &at.done.to_string())
                .replace("{total}", &at.total.to_string())
                .replace("{rows}", &at.rows.to_string())
                .replace("{file}", &name)
        } else {
            self.words[1].clone()
        };
        self.write(&line);
    }

    /// Shows how many steps are done, at most ten times a second.
    pub fn steps(&mut self, done: u64, total: u64) {
        if self.is_too_soon() {
            return;
        }
        let line = self.words[2]
            .replace("{done}", &done.to_string())
            .replace("{total}", &total.to_string());
        self.write(&line);
    }

    fn is_too_soon(&self) -> bool {
        !self.shown || self.last.is_some_and(|last| last.elapsed() < Duration::from_millis(100))
    }

    fn write(&mut self, line: &str) {
        self.last = Some(Instant::now());
        // Progress is a courtesy; a closed standard error must not stop the work.
        let _ = write!(io::stderr(), "\r\u{1b}[K{line}");
    }

    /// Takes the line away again.
    pub fn clear(&self) {
        if self.shown && self.last.is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

fn show_report(report: &ImportReport, output: &mut Output) -> Result<(), Problem> {
    for file in &report.files {
        show_file(file, output)?;
    }
    let count = |pick: fn(&FileReport) -> u64| report.files.iter().map(pick).sum::<u64>();
    let refused = report
        .files
        .iter()
        .filter(|file| matches!(file.state, FileState::Refused | FileState::NeedsMapping))
        .count();
    let values = [
        ("files", report.files.len().to_string()),
        ("new", count(|file| file.rows_new).to_string()),
        ("known", count(|file| file.rows_known).to_string()),
        ("quarantined", count(|file| file.quarantined).to_string()),
        ("refused", refused.to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    output.say("cli.import.sum", &values)?;
    match report.cancelled {
        true => output.say("cli.import.cancelled", &[]),
        false => Ok(()),
    }
}

fn show_file(file: &FileReport, output: &mut Output) -> Result<(), Problem> {
    let path = safe(&file.path);
    let kind = output.word(&format!("cli.file.{}", file.kind));
    match file.state {
        FileState::Refused | FileState::NeedsMapping => {
            output.say("cli.import.refused", &[("path", &path)])?;
            let reason = refusal(file, output);
            return output.line(&format!("    {reason}"));
        }
        FileState::Known => return output.say("cli.import.known", &[("path", &path)]),
        FileState::Booked => {}
    }
    let values = [
        ("path", path),
        ("kind", kind),
        ("read", file.rows_read.to_string()),
        ("new", file.rows_new.to_string()),
        ("known", file.rows_known.to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    output.say("cli.import.booked", &values)?;
    for total in file.totals.iter().filter(|total| !total.holds) {
        let line = total_line(total, output);
        output.line(&format!("    {line}"))?;
    }
    for note in file.problems.iter().take(NOTES_SHOWN) {
        let code = output.word(&format!("row.{}", note.code));
        let values =
            [("line", note.line.to_string()), ("what", code), ("detail", safe(&note.detail))];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        let said = output.fill("cli.import.row", &values);
        output.line(&format!("    {said}"))?;
    }
    let more = file.quarantined.saturating_sub(NOTES_SHOWN as u64);
    if more > 0 {
        let said = output.fill("cli.import.more_rows", &[("count", &more.to_string())]);
        output.line(&format!("    {said}"))?;
    }
    if !file.unknown_columns.is_empty() {
        let columns = safe(&file.unknown_columns.join(", "));
        let said = output.fill("cli.import.columns", &[("columns", &columns)]);
        output.line(&format!("    {said}"))?;
    }
    Ok(())
}

fn total_line(total: &Total, output: &Output) -> String {
    let shown = |value: i64| match json::is_count(&total.name) {
        true => value.to_string(),
        false => amount(value, &total.currency),
    };
    let (expected, found) = (shown(total.expected), shown(total.found));
    let values = [("name", total.name.as_str()), ("expected", &expected), ("found", &found)];
    output.fill("cli.import.total", &values)
}

/// Why a file was refused: the sentence of its look-alike, else of its code, with the particulars.
fn refusal(file: &FileReport, output: &Output) -> String {
    let reason = file.reason.as_deref().unwrap_or("io");
    let code = reason.split(':').next().unwrap_or(reason);
    let exact = format!("refusal.{reason}");
    let key = match lookup(output.lang, &exact) {
        Some(_) => exact,
        None => format!("refusal.{code}"),
    };
    let detail = safe(file.detail.as_deref().unwrap_or(""));
    output.fill(&key, &[("detail", &detail)])
}

/// Looks at tables without booking anything: columns, first values, and a mapping to start from.
///
/// # Errors
/// When a file is no table or cannot be read.
pub fn preview(args: &ImportArgs, output: &mut Output) -> Result<Exit, Problem> {
    let mut tables = Vec::new();
    for path in &args.paths {
        let found = import::preview(path)?;
        let shown = path.display().to_string();
        let suggestion = found.suggestion.as_ref();
        let confidence = suggestion.map(|s| s.confidence.code());
        let notes: Vec<&str> =
            suggestion.iter().flat_map(|s| &s.notes).map(|note| note.code()).collect();
        let mapping =
            suggestion.map(|s| serde_json::to_value(&s.mapping)).transpose().unwrap_or_default();
        if output.json {
            let columns = found
                .columns
                .iter()
                .map(|column| json!({ "header": column.header, "values": column.values }));
            tables.push(json!({
                "path": shown,
                "fingerprint": found.fingerprint,
                "columns": columns.collect::<Vec<_>>(),
                "confidence": confidence,
                "notes": notes,
                "mapping": mapping,
            }));
            continue;
        }
        output.line(&safe(&shown))?;
        for column in &found.columns {
            let values = safe(&column.values.join(" | "));
            output.line(&format!("  {}: {values}", safe(&column.header)))?;
        }
        let key = format!("cli.preview.{}", confidence.unwrap_or("none"));
        output.say(&key, &[])?;
        if let Some(mapping) = mapping {
            output.value(&mapping)?;
        }
    }
    if output.json {
        output.value(&json!({ "tables": tables }))?;
    }
    Ok(Exit::Fine)
}
