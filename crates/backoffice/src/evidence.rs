//! Home of a figure: the line of the file it was read from, as it stands there.

use crate::error::Error;
use crate::payouts::file_name;
use serde::Serialize;
use std::io::{BufRead, BufReader, Read};
use store::bulk::{Cell, Reader};

/// Lines shown before and after.
const AROUND: u32 = 2;
/// Longest line shown, in characters.
const LINE_CHARS: usize = 4000;

/// A line of a raw document with its neighbours.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Evidence {
    /// File name, with the archive's entry behind a slash.
    pub file_name: String,
    /// SHA-256 of the file as it came.
    pub sha256: String,
    /// What the file is.
    pub kind: String,
    /// Line number, from 1.
    pub line_no: u32,
    /// The first line of the table, which names the columns; `None` when there is none.
    pub header: Option<String>,
    /// The line.
    pub text: String,
    /// Lines before it.
    pub before: Vec<String>,
    /// Lines after it.
    pub after: Vec<String>,
}

/// Reads a line of a document out of the book's own copy of the file.
///
/// # Errors
/// [`Error::NotFound`] for an unknown document or line; [`Error::Refused`] when the stored file
/// cannot be unpacked any more.
pub fn evidence(reader: &mut Reader, document: i64, line_no: u32) -> Result<Evidence, Error> {
    let not_found = || Error::NotFound { what: "line", id: format!("{document}:{line_no}") };
    let [sha256, name, kind] = named(reader, document)?.ok_or_else(not_found)?;
    let (_, entry) = stored(reader, document)?.ok_or_else(not_found)?;
    let refused = |problem| Error::Refused { name: name.clone(), problem };
    let lines = around(entry.reader().map_err(refused)?, line_no);
    // A sum over the whole file is said to stand behind its last line.
    let sum = lines.text.is_none() && !lines.before.is_empty();
    let text = lines.text.or(sum.then(|| "Σ".to_owned())).ok_or_else(not_found)?;
    Ok(Evidence {
        file_name: file_name(reader, document)?,
        sha256,
        kind,
        line_no,
        header: lines.header,
        text,
        before: lines.before,
        after: lines.after,
    })
}

/// Hash and name of the file a document came in, and its kind.
fn named(reader: &mut Reader, document: i64) -> Result<Option<[String; 3]>, Error> {
    let mut found = None;
    reader.query(
        "select r.sha256, r.name, d.kind from document d \
         join raw_document r on r.id = d.raw_document_id where d.id = $1",
        &[Cell::Int(document)],
        |row| {
            found = Some([row.text(0)?, row.text(1)?, row.text(2)?].map(str::to_owned));
            Ok(())
        },
    )?;
    Ok(found)
}

/// Kind and bytes of a document, out of the book's own copy of the file; `None` when it has none.
///
/// # Errors
/// The database's; [`Error::Refused`] when the stored file cannot be unpacked any more.
pub(crate) fn stored(
    reader: &mut Reader,
    document: i64,
) -> Result<Option<(String, connectors::Entry)>, Error> {
    let mut found = None;
    reader.query(
        "select r.id, r.name, d.kind, d.entry_no from document d \
         join raw_document r on r.id = d.raw_document_id where d.id = $1",
        &[Cell::Int(document)],
        |row| {
            let entry = usize::try_from(row.int(3)?).unwrap_or(0);
            found = Some((row.int(0)?, row.text(1)?.to_owned(), row.text(2)?.to_owned(), entry));
            Ok(())
        },
    )?;
    let Some((raw, name, kind, entry_no)) = found else { return Ok(None) };
    let bytes = store::chunk::bytes_of(reader, raw)?;
    let refused = |problem| Error::Refused { name: name.clone(), problem };
    let entries = connectors::open_bytes(&name, bytes).map_err(refused)?;
    Ok(connectors::entry_at(entries, entry_no).map(|entry| (kind, entry)))
}

#[derive(Default)]
struct Lines {
    header: Option<String>,
    text: Option<String>,
    before: Vec<String>,
    after: Vec<String>,
}

/// Walks to the line; a line is cut at its limit and read on without being kept.
fn around(source: impl Read, line_no: u32) -> Lines {
    let mut lines = Lines::default();
    let mut reader = BufReader::new(source);
    let mut raw = Vec::new();
    for number in 1..=line_no.saturating_add(AROUND) {
        raw.clear();
        match reader.read_until(b'\n', &mut raw) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        let text = decode(&raw);
        if lines.header.is_none() && !text.starts_with('#') && text.contains(',') {
            lines.header = Some(text.clone());
        }
        if number + AROUND >= line_no && number < line_no {
            lines.before.push(text);
        } else if number == line_no {
            lines.text = Some(text);
        } else if number > line_no {
            lines.after.push(text);
        }
    }
    lines
}

/// UTF-8 where it is, GB18030 otherwise; control characters become blanks.
fn decode(raw: &[u8]) -> String {
    let text = match std::str::from_utf8(raw) {
        Ok(text) => text.to_owned(),
        Err(_) => connectors::decode_gb18030(raw),
    };
    text.trim_start_matches('\u{feff}')
        .trim_end_matches(['\r', '\n'])
        .chars()
        .take(LINE_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
