//! Lists written to files: `payouts`, `breaks` and `bank lines` with `--out`.

use crate::args::FileArgs;
use crate::output::{Output, free, write_file};
use crate::problem::{Exit, Problem};
use backoffice::Reader;
use backoffice::tables::{Cut, List, write_list};
use backoffice::transactions::TableFormat;
use serde_json::json;
use std::path::Path;

/// Writes a list to the file asked for; `None` when none was.
///
/// # Errors
/// `bad_ending`, `file_exists`, an unknown column; what reading and writing can say.
pub fn to_file(
    reader: &mut Reader,
    list: &List,
    file: &FileArgs,
    output: &mut Output,
) -> Result<Option<Exit>, Problem> {
    let Some(out) = &file.out else { return Ok(None) };
    let path = out.display().to_string();
    let format = format_of(out).ok_or_else(|| Problem::usage("bad_ending", &path))?;
    free(out, file.force)?;
    let shape = (format, output.lang);
    let cut = Cut { ids: None, columns: &file.columns };
    let rows = write_file(out, file.force, |to| Ok(write_list(reader, list, cut, shape, to)?))?;
    if output.json {
        output.value(&json!({ "path": path, "rows": rows }))?;
    } else {
        output.say("cli.listed", &[("path", &path), ("rows", &rows.to_string())])?;
    }
    Ok(Some(Exit::Fine))
}

fn format_of(path: &Path) -> Option<TableFormat> {
    match path.extension()?.to_string_lossy().to_lowercase().as_str() {
        "csv" => Some(TableFormat::Csv),
        "xlsx" => Some(TableFormat::Xlsx),
        _ => None,
    }
}
