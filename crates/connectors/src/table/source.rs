//! Records of a table, whatever it is stored in.

use super::mapping::Mapping;
use super::text::{Decoded, TextEncoding, problem};
use super::xlsx;
use crate::bill::FileProblem;
use csv::StringRecord;
use std::io::BufRead;
use std::ops::ControlFlow;

/// No real table has more columns.
pub(crate) const COLUMN_LIMIT: usize = 512;
/// What a delimiter is chosen from.
const SAMPLE: usize = 32 << 10;
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// How to open a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opening {
    pub(crate) encoding: TextEncoding,
    pub(crate) delimiter: Option<u8>,
    pub(crate) sheet: Option<String>,
}

impl Opening {
    pub(crate) fn of(mapping: &Mapping) -> Self {
        Self {
            encoding: mapping.encoding,
            delimiter: mapping.delimiter.and_then(ascii),
            sheet: mapping.sheet.clone(),
        }
    }
}

/// A delimiter is one ASCII character that does not mean anything else in a table.
pub(crate) fn ascii(delimiter: char) -> Option<u8> {
    u8::try_from(delimiter).ok().filter(|byte| byte.is_ascii() && !b"\"\r\n".contains(byte))
}

/// How the table turned out to be stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opened {
    pub(crate) encoding: TextEncoding,
    pub(crate) delimiter: Option<u8>,
    pub(crate) sheets: Vec<String>,
    pub(crate) sheet: Option<String>,
    /// False when the last line of a text table has no end.
    pub(crate) ends_with_newline: bool,
}

/// Takes line number and cells; `Break` stops without an error.
pub(crate) type Each<'f> =
    &'f mut dyn FnMut(u32, &StringRecord) -> Result<ControlFlow<()>, FileProblem>;

/// Hands every record of a table to `each`, in order.
///
/// # Errors
/// [`FileProblem`] of the container or the text, or what `each` returns.
pub(crate) fn each_record(
    reader: &mut dyn BufRead,
    opening: &Opening,
    each: Each<'_>,
) -> Result<Opened, FileProblem> {
    let start = reader.fill_buf().map_err(FileProblem::Io)?;
    if start.starts_with(b"PK\x03\x04") {
        return xlsx::each_record(reader, opening, each);
    }
    if start.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(FileProblem::Unknown { hint: Some("xls_old_workbook".to_string()) });
    }
    if start.starts_with(b"%PDF") {
        return Err(FileProblem::Unknown { hint: Some("pdf".to_string()) });
    }
    each_text_record(reader, opening, each)
}

fn each_text_record(
    reader: &mut dyn BufRead,
    opening: &Opening,
    each: Each<'_>,
) -> Result<Opened, FileProblem> {
    let mut text = Decoded::new(reader, opening.encoding)?;
    let sample = text.peek(SAMPLE)?;
    if sample.contains('\0') {
        return Err(FileProblem::Unknown { hint: Some("binary".to_string()) });
    }
    if looks_like_html(sample) {
        return Err(FileProblem::Unknown { hint: Some("html".to_string()) });
    }
    let delimiter = opening.delimiter.unwrap_or_else(|| find_delimiter(sample));
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(32 << 10)
        .from_reader(text);
    let mut record = StringRecord::new();
    loop {
        let more = csv.read_record(&mut record).map_err(csv_problem)?;
        if !more {
            break;
        }
        csv.get_mut().mark();
        if record.len() > COLUMN_LIMIT {
            return Err(FileProblem::TooLarge { what: "columns", limit: COLUMN_LIMIT as u64 });
        }
        let line_no = first_line(&csv, &record);
        if each(line_no, &record)?.is_break() {
            break;
        }
    }
    let text = csv.get_ref();
    Ok(Opened {
        encoding: text.encoding(),
        delimiter: Some(delimiter),
        ends_with_newline: text.ends_with_newline(),
        ..Opened::default()
    })
}

/// The line a record begins on.
///
/// The reader's own answer counts the empty lines before a record to it, so the line is counted
/// back from where the record ends.
fn first_line(csv: &csv::Reader<Decoded<'_>>, record: &StringRecord) -> u32 {
    let inside: u64 = record.iter().flat_map(str::bytes).map(|byte| u64::from(byte == b'\n')).sum();
    let text = csv.get_ref();
    let unended = !text.ends_with_newline() && csv.position().byte() == text.handed_out();
    let after = csv.position().line().saturating_sub(u64::from(!unended));
    u32::try_from(after.saturating_sub(inside)).unwrap_or(u32::MAX)
}

fn csv_problem(error: csv::Error) -> FileProblem {
    let detail = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => problem(error),
        _ => FileProblem::Damaged { detail },
    }
}

/// Some banks call an HTML page `.xls`.
fn looks_like_html(sample: &str) -> bool {
    let start: String = sample.trim_start().chars().take(15).collect();
    let start = start.to_ascii_lowercase();
    ["<html", "<!doctype html", "<table", "<head"].iter().any(|tag| start.starts_with(tag))
}

/// The delimiter that cuts most lines of the sample into the same number of cells.
pub(crate) fn find_delimiter(sample: &str) -> u8 {
    let score = |delimiter: &u8| {
        let mut counts = std::collections::BTreeMap::new();
        let mut csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(*delimiter)
            .from_reader(sample.as_bytes());
        for record in csv.records().take(30).flatten() {
            if record.len() > 1 {
                *counts.entry(record.len()).or_insert(0usize) += 1;
            }
        }
        counts.into_iter().map(|(cells, lines)| cells * lines).max().unwrap_or(0)
    };
    // The first of equals wins: a comma, unless something else is better.
    let mut best = (DELIMITERS[0], 0);
    for delimiter in DELIMITERS {
        let found = score(&delimiter);
        if found > best.1 {
            best = (delimiter, found);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, FileProblem> {
        let mut found = Vec::new();
        let mut source = bytes;
        each_record(&mut source, &Opening::default(), &mut |line_no, record| {
            found.push((line_no, record.iter().map(str::to_string).collect()));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    #[test]
    fn a_line_number_is_the_one_an_editor_shows() {
        let found = lines(b"a,b\r\n\"x\ny\",1\r\n\r\nc,d\r\ne,f").unwrap();
        let numbers: Vec<u32> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(numbers, [1, 2, 5, 6]);
        assert_eq!(found[1].1, ["x\ny", "1"]);
    }

    #[test]
    fn the_delimiter_is_found_beside_commas_in_the_text() {
        assert_eq!(find_delimiter("日期\t摘要\t金额\n2026\ta,b,c,d\t1\n2026\tx\t2\n"), b'\t');
        assert_eq!(find_delimiter("date;text;amount\n2026;a;1,50\n2026;b;2,75\n"), b';');
        assert_eq!(find_delimiter("only one column\n"), b',');
    }

    #[test]
    fn an_open_quote_cannot_swallow_the_memory() {
        let mut bytes = b"a,b\n\"".to_vec();
        bytes.resize(3 << 20, b'x');
        assert!(matches!(lines(&bytes), Err(FileProblem::TooLarge { .. })));
        let wide = ",".repeat(COLUMN_LIMIT + 1);
        assert!(matches!(lines(wide.as_bytes()), Err(FileProblem::TooLarge { .. })));
    }

    #[test]
    fn files_that_are_no_tables_are_named() {
        for (bytes, name) in [
            (b"\xD0\xCF\x11\xE0\xA1\xB1".as_slice(), "xls_old_workbook"),
            (b"%PDF-1.7", "pdf"),
            (b"<html><table>", "html"),
            (b"ab\0cd\0\x01\x02", "binary"),
        ] {
            match lines(bytes) {
                Err(FileProblem::Unknown { hint }) => assert_eq!(hint.as_deref(), Some(name)),
                other => panic!("{other:?}"),
            }
        }
    }
}
