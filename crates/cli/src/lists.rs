//! `certificates`, `breaks`, `file-rows`, `evidence`.

use crate::args::{BreaksArgs, Common, Days, PageArgs};
use crate::json::{self, List};
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::show::{Table, amount, date, safe};
use crate::tables::to_file;
use crate::unlock;
use backoffice::files::{FileRow, file_rows as rows_of};
use backoffice::lists::{BreakFilter, list_breaks, list_certificates};
use backoffice::{BreakState, Page, evidence, tables};
use serde_json::{Value, json};

/// Rows that text shows without being told how many.
const SHOWN: u32 = 100;
/// Rows read at a time.
const AT_ONCE: u32 = 500;

/// Walks the pages of a list up to what was asked for; the cursor to go on with, if any.
///
/// # Errors
/// What reading a page and using a row can say.
pub fn pages<T>(
    page: &PageArgs,
    json: bool,
    mut read: impl FnMut(Option<&str>, u32) -> Result<Page<T>, backoffice::Error>,
    mut row: impl FnMut(T) -> Result<(), Problem>,
) -> Result<Option<String>, Problem> {
    let mut left = match (page.limit, json || page.all) {
        (Some(limit), _) => Some(limit),
        (None, true) => None,
        (None, false) => Some(SHOWN),
    };
    let mut cursor = page.cursor.clone();
    loop {
        let limit = left.map_or(AT_ONCE, |left| left.min(AT_ONCE));
        let found = read(cursor.as_deref(), limit)?;
        if let Some(left) = &mut left {
            *left -= u32::try_from(found.rows.len()).unwrap_or(*left).min(*left);
        }
        for item in found.rows {
            row(item)?;
        }
        cursor = found.next;
        if cursor.is_none() || left == Some(0) {
            return Ok(cursor);
        }
    }
}

/// Says how to go on, or that there is nothing.
///
/// # Errors
/// As [`Output::line`].
pub fn tail(rows: usize, next: Option<&str>, output: &mut Output) -> Result<(), Problem> {
    if rows == 0 {
        return output.say("cli.nothing", &[]);
    }
    match next {
        Some(cursor) => output.say("cli.more", &[("cursor", cursor)]),
        None => Ok(()),
    }
}

/// Discrepancies, newest first unless told otherwise.
///
/// # Errors
/// What opening and reading can say; `unknown_kind` for a kind there is not.
pub fn breaks(common: &Common, args: &BreaksArgs, output: &mut Output) -> Result<Exit, Problem> {
    if let Some(kind) = &args.kind
        && messages::lookup(output.lang, &format!("break.{kind}.reason")).is_none()
    {
        return Err(Problem::usage("unknown_kind", kind));
    }
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let filter = BreakFilter {
        with_carried: args.carried || args.kind.as_deref() == Some("cut_off"),
        kind: args.kind.clone(),
        state: args.state.as_deref().and_then(BreakState::from_code),
        from_day: args.days.first_day(),
        until_day: args.days.end_day(),
        sort: args.order.sort(),
    };
    let whole = tables::List::Breaks(filter.clone());
    if let Some(exit) = to_file(&mut reader, &whole, &args.file, output)? {
        return Ok(exit);
    }
    let read = |cursor: Option<&str>, limit| list_breaks(&mut reader, &filter, cursor, limit);
    let lang = output.lang;
    if output.json {
        let mut list = List::begin("breaks", output)?;
        let next =
            pages(&args.page, true, read, |row| list.row(&json::break_row(&row, lang), output))?;
        list.end(next.as_deref(), output)?;
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(
        output,
        &["day", "what", "record", "expected", "found", ">effect", "state", "id"],
    );
    let next = pages(&args.page, false, read, |row| {
        let shown = |value: &str| value_text(value, &row.field, &row.currency);
        table.row([
            date(row.day),
            output.word(&format!("break.{}", row.kind)),
            row.records.first().cloned().unwrap_or_default(),
            shown(&row.expected),
            shown(&row.found),
            amount(row.effect_minor, &row.currency),
            output.word(&format!("decisions.state.{}", row.state)),
            row.id.clone(),
        ]);
        Ok(())
    })?;
    let rows = table.len();
    table.show(output)?;
    tail(rows, next.as_deref(), output)?;
    Ok(Exit::Fine)
}

/// A break's value: minor units become an amount, words and dates stay, and so does a count.
pub fn value_text(value: &str, field: &str, currency: &str) -> String {
    match value.parse() {
        Ok(minor) if field != "payments" => amount(minor, currency),
        _ => value.to_owned(),
    }
}

/// One verdict per account, stream and day.
///
/// # Errors
/// What opening and reading can say.
pub fn certificates(common: &Common, days: &Days, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let rows = list_certificates(&mut office.reader()?, days.first_day(), days.end_day())?;
    if output.json {
        let mut list = List::begin("certificates", output)?;
        for row in &rows {
            list.row(&json::certificate(row), output)?;
        }
        list.end(None, output)?;
        return Ok(Exit::Fine);
    }
    let mut table =
        Table::new(output, &["day", "channel", "account", "stream", "verdict", "fails"]);
    for row in &rows {
        let fails: Vec<&str> = row
            .checks
            .as_array()
            .into_iter()
            .flatten()
            .filter(|check| check["holds"] == Value::Bool(false))
            .filter_map(|check| check["code"].as_str())
            .collect();
        table.row([
            date(row.day),
            output.channel(&row.channel),
            row.account_no.clone(),
            output.word(&format!("cli.stream.{}", row.stream)),
            output.word(&format!("cli.verdict.{}", row.verdict)),
            match row.first_broken() {
                Some((document, line, _)) => format!("{} ({document}:{line})", fails.join(", ")),
                None => fails.join(", "),
            },
        ]);
    }
    table.show(output)?;
    tail(rows.len(), None, output)?;
    Ok(Exit::Fine)
}

/// The rows booked from a file, and what they add up to.
///
/// # Errors
/// What opening and reading can say.
pub fn file_rows(
    common: &Common,
    document: i64,
    page: &PageArgs,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let (mut file, mut count, mut sums) = (String::new(), 0, Vec::new());
    let mut found: Vec<FileRow> = Vec::new();
    let read = |cursor: Option<&str>, limit| {
        let rows = rows_of(&mut reader, document, cursor, limit)?;
        (file, count, sums) = (rows.file, rows.count, rows.sums);
        Ok(rows.page)
    };
    let next = pages(page, output.json, read, |row| {
        found.push(row);
        Ok(())
    })?;
    if output.json {
        let rows = found.iter().map(|row| {
            json!({
                "id": row.id,
                "kind": row.kind,
                "day": date(row.day),
                "number": row.number,
                "text": row.text,
                "amount_minor": row.amount_minor,
                "currency": row.currency,
                "line": row.line_no,
            })
        });
        let rows: Vec<Value> = rows.collect();
        output.value(&json!({
            "file": file, "count": count, "sums": sums, "rows": rows, "next": next,
        }))?;
        return Ok(Exit::Fine);
    }
    output.line(&safe(&file))?;
    let mut table = Table::new(output, &["day", "number", "words", ">amount", "evidence"]);
    for row in &found {
        table.row([
            date(row.day),
            row.number.clone(),
            row.text.clone(),
            amount(row.amount_minor, &row.currency),
            format!("{document}:{}", row.line_no),
        ]);
    }
    table.show(output)?;
    tail(found.len(), next.as_deref(), output)?;
    Ok(Exit::Fine)
}

/// The line of a file that a figure was read from.
///
/// # Errors
/// What opening and reading can say.
pub fn evidence(
    common: &Common,
    (document, line): (i64, u32),
    output: &mut Output,
) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let found = evidence::evidence(&mut office.reader()?, document, line)?;
    if output.json {
        output.value(&json!({
            "document": document,
            "line": found.line_no,
            "file": found.file_name,
            "sha256": found.sha256,
            "kind": found.kind,
            "header": found.header,
            "text": found.text,
            "before": found.before,
            "after": found.after,
        }))?;
        return Ok(Exit::Fine);
    }
    output.line(&safe(&found.file_name))?;
    output.line(&format!("SHA-256 {}", found.sha256))?;
    if let Some(header) = &found.header {
        output.line(&format!("        {}", safe(header)))?;
    }
    let first = i64::from(line) - found.before.len() as i64;
    let around = found.before.iter().chain([&found.text]).chain(&found.after);
    for (number, text) in (first..).zip(around) {
        let mark = if number == i64::from(line) { ">" } else { " " };
        output.line(&format!("{mark}{number:>6} {}", safe(text)))?;
    }
    Ok(Exit::Fine)
}
