//! Rows that could not be read: listed with their reason, mended by a person, and replayed.
//!
//! The original is never changed. The mended text becomes a raw document of its own that names the
//! line it mends; the row then stands in the books under its original line.

use crate::error::Error;
use crate::import::{EntryWriter, Gatherer, StoredClosing, fee_signs, hex, is_whole};
use crate::payouts::file_name;
use crate::reconciliation;
use connectors::bill::{Closing, Fact, FileKind, FileProblem, Row, RowProblem};
use connectors::table::Mapping;
use connectors::{Entry, Options};
use domain::ledger::Scope;
use domain::{BankLine, Channel};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use store::Book;
use store::bulk::{Cell, Loader, Reader, Writer};
use store::chunk;
use store::search::Mark;

/// First line of a raw document that holds a mended line.
const TITLE: &str = "#suanpan mend 1";
/// Longest mended text, in characters; the longest row kept is as long.
const TEXT_CHARS: usize = 4000;

/// A row set aside.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct SetAside {
    /// Document it stands in.
    pub document: i64,
    /// Line in it.
    pub line: u32,
    /// File name.
    pub file: String,
    /// What the file is.
    pub kind: String,
    /// Why: stable code.
    pub code: String,
    /// Column and value.
    pub detail: String,
    /// The row as it stood.
    pub raw: String,
    /// The document with its mended text, once it was replayed.
    pub mended_by: Option<i64>,
}

/// Rows set aside, by document and line; `open_only` leaves mended ones out. At most `limit`.
///
/// # Errors
/// The database's.
pub fn list_quarantine(
    reader: &mut Reader,
    open_only: bool,
    after: (i64, u32),
    limit: u32,
) -> Result<Vec<SetAside>, Error> {
    let mut rows = Vec::new();
    reader.query(
        "select q.document_id, q.line_no, d.kind, q.code, q.detail, q.raw, q.mended_by \
         from quarantine q join document d on d.id = q.document_id \
         where (q.document_id > $1 or (q.document_id = $1 and q.line_no > $2)) \
         and ($3 = 0 or q.mended_by is null) order by q.document_id, q.line_no limit $4",
        &[
            Cell::Int(after.0),
            Cell::Int(i64::from(after.1)),
            Cell::Int(i64::from(open_only)),
            Cell::Int(i64::from(limit)),
        ],
        |row| {
            rows.push(SetAside {
                document: row.int(0)?,
                line: row.int(1)? as u32,
                file: String::new(),
                kind: row.text(2)?.to_owned(),
                code: row.text(3)?.to_owned(),
                detail: row.text(4)?.to_owned(),
                raw: row.text(5)?.to_owned(),
                mended_by: row.opt_int(6)?,
            });
            Ok(())
        },
    )?;
    let mut named = (0, String::new());
    for row in &mut rows {
        if named.0 != row.document {
            named = (row.document, file_name(reader, row.document)?);
        }
        row.file.clone_from(&named.1);
    }
    Ok(rows)
}

/// A page of rows set aside.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct SetAsideRows {
    /// The rows.
    pub rows: Vec<SetAside>,
    /// How many there are on all pages.
    pub total: i64,
    /// Where to go on.
    pub next: Option<String>,
}

/// A page of rows set aside, with how many there are.
///
/// # Errors
/// [`Error::BadInput`] for a cursor that no page gave out; the database's.
pub fn page_quarantine(
    reader: &mut Reader,
    open_only: bool,
    cursor: Option<&str>,
    limit: u32,
) -> Result<SetAsideRows, Error> {
    let bad = || Error::BadInput { field: "cursor", reason: "not a cursor".to_owned() };
    let after = match cursor.map(|text| text.split_once(':').ok_or_else(bad)).transpose()? {
        Some((document, line)) => {
            (document.parse().map_err(|_| bad())?, line.parse().map_err(|_| bad())?)
        }
        None => (0, 0),
    };
    let mut rows = list_quarantine(reader, open_only, after, limit.saturating_add(1))?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| format!("{}:{}", row.document, row.line));
    let mut total = 0;
    reader.query(
        "select count(*) from quarantine where $1 = 0 or mended_by is null",
        &[Cell::Int(i64::from(open_only))],
        |row| {
            total = row.int(0)?;
            Ok(())
        },
    )?;
    Ok(SetAsideRows { rows, total, next })
}

/// What became of a mended row.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Mended {
    /// Booked for the first time.
    Booked,
    /// The same event was in the book already.
    Known,
    /// The event was in the book with other figures; the later word counts.
    Changed,
    /// It still cannot be read; nothing was changed.
    StillWrong {
        /// Stable code.
        code: String,
        /// Column and value.
        detail: String,
    },
}

struct Place {
    raw: i64,
    sha256: String,
    name: String,
    entry_no: usize,
    mapping: Option<Mapping>,
    scope: Option<Scope>,
    days: Option<(i32, i32)>,
}

/// Reads the mended text of a row, books it under the row's own line, and reconciles again.
///
/// # Errors
/// [`Error::NotFound`] for a row that is not set aside or was mended; [`Error::BadInput`] for a
/// text that is no row; [`Error::Refused`] when the stored file does not open.
pub fn mend(
    book: &Book,
    document: i64,
    line: u32,
    text: &str,
    now_ms: i64,
) -> Result<Mended, Error> {
    let text = text.trim_end_matches(['\r', '\n']);
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let place = place(&mut loader, document, line)?;
    let bytes = chunk::bytes_of(&mut loader, place.raw)?;
    let refused = |problem| Error::Refused { name: place.name.clone(), problem };
    let entries = connectors::open_bytes(&place.name, bytes).map_err(refused)?;
    let entry = connectors::entry_at(entries, place.entry_no);
    let entry = &entry.ok_or_else(|| not_found(document, line))?;
    let kind = entry.kind.as_ref().map_err(|_| not_found(document, line))?;
    check_text(kind, text)?;
    let mut lines = earlier(&mut loader, document)?;
    lines.insert(line, text.to_owned());
    let signs = fee_signs(&mut loader)?;
    let options =
        Options { mapping: place.mapping.clone(), fee_signs: signs, ..Options::default() };
    let (row, closing, equal) = match read(entry, &options, &lines, line) {
        Ok(found) => found,
        Err(Said::Row(problem)) => return Ok(still_wrong(problem)),
        Err(Said::File(problem)) => return Err(refused(problem)),
    };
    let mended = book_row(&mut loader, (document, kind), &place, row, &equal)?;
    let raw = keep_text(&mut loader, &place, line, text, now_ms)?;
    loader.execute(
        "update quarantine set mended_by = $3 where document_id = $1 and line_no = $2",
        &[Cell::Int(document), Cell::Int(i64::from(line)), Cell::Int(raw)],
    )?;
    if let Some(closing) = closing {
        let whole = is_whole(kind, &closing) && open_rows(&mut loader, document)? == 0;
        StoredClosing::of(&closing, whole).write(&mut loader, document)?;
    }
    reconciliation::run(&mut loader)?;
    loader.commit()?;
    Ok(mended)
}

/// A row is one line, but for the fields of an MT940 entry: `:61:` and `:86:` have their own lines.
fn check_text(kind: &FileKind, text: &str) -> Result<(), Error> {
    let lines = text.contains('\n') && !matches!(kind, FileKind::BankMt940);
    if lines || text.contains(['\r', '\0']) || text.chars().count() > TEXT_CHARS {
        let reason = "one line of at most 4000 characters".to_owned();
        return Err(Error::BadInput { field: "text", reason });
    }
    Ok(())
}

fn not_found(document: i64, line: u32) -> Error {
    Error::NotFound { what: "row set aside", id: format!("{document}:{line}") }
}

fn still_wrong(problem: RowProblem) -> Mended {
    Mended::StillWrong { code: problem.code.to_owned(), detail: problem.detail }
}

fn place(loader: &mut Loader<'_>, document: i64, line: u32) -> Result<Place, Error> {
    let mut found = None;
    loader.query(
        "select r.id, r.sha256, r.name, d.entry_no, d.mapping, a.channel, a.account_no, \
         a.fund_account, d.from_day, d.to_day \
         from quarantine q join document d on d.id = q.document_id \
         join raw_document r on r.id = d.raw_document_id \
         left join channel_account a on a.id = d.account_id \
         where q.document_id = $1 and q.line_no = $2 and q.mended_by is null",
        &[Cell::Int(document), Cell::Int(i64::from(line))],
        |row| {
            let channel = row.opt_text(5)?.and_then(Channel::from_code);
            let scope = match channel {
                Some(channel) => Some(Scope {
                    channel,
                    account_no: row.text(6)?.to_owned(),
                    fund_account: row.text(7)?.to_owned(),
                }),
                None => None,
            };
            found = Some(Place {
                raw: row.int(0)?,
                sha256: row.text(1)?.to_owned(),
                name: row.text(2)?.to_owned(),
                entry_no: usize::try_from(row.int(3)?).unwrap_or(0),
                mapping: serde_json::from_str(row.text(4)?).ok(),
                scope,
                days: row.opt_int(8)?.zip(row.opt_int(9)?).map(|(a, b)| (a as i32, b as i32)),
            });
            Ok(())
        },
    )?;
    found.ok_or_else(|| not_found(document, line))
}

/// Lines of the document that were mended before.
fn earlier(loader: &mut Loader<'_>, document: i64) -> Result<BTreeMap<u32, String>, Error> {
    let mut by = Vec::new();
    loader.query(
        "select line_no, mended_by from quarantine \
         where document_id = $1 and mended_by is not null",
        &[Cell::Int(document)],
        |row| {
            by.push((row.int(0)? as u32, row.opt_int(1)?.unwrap_or_default()));
            Ok(())
        },
    )?;
    let mut lines = BTreeMap::new();
    for (line, raw) in by {
        let bytes = chunk::bytes_of(loader, raw)?;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.splitn(3, '\n').nth(2).unwrap_or_default();
        lines.insert(line, text.strip_suffix('\n').unwrap_or(text).to_owned());
    }
    Ok(lines)
}

enum Said {
    Row(RowProblem),
    File(FileProblem),
}

/// The mended row; what the whole file now says of itself, where a row takes its place in it; and
/// the lines of a bank statement that may be equal to it.
fn read(
    entry: &Entry,
    options: &Options,
    lines: &BTreeMap<u32, String>,
    line: u32,
) -> Result<(Row, Option<Closing>, Vec<BankLine>), Said> {
    let kind = entry.kind.as_ref().map_err(|_| Said::File(FileProblem::Unknown { hint: None }))?;
    if connectors::is_replayed_in_place(kind) {
        let mut found = None;
        let closing = connectors::read_mended(entry, options, lines, &mut |row| {
            if row.line_no == line {
                found = Some(row);
            }
            ControlFlow::Continue(())
        });
        let closing = closing.map_err(Said::File)?;
        let gone = || RowProblem {
            code: "missing_number",
            detail: String::new(),
            raw: lines.get(&line).cloned().unwrap_or_default(),
        };
        return match found {
            Some(Row { fact: Err(problem), .. }) => Err(Said::Row(problem)),
            Some(row) => {
                let mut equal = Vec::new();
                if let Ok(Fact::Bank(own)) = &row.fact {
                    let mut sink = |other: Row| {
                        let apart = other.line_no != line;
                        equal.extend(apart.then_some(other.fact).and_then(|fact| like(own, fact)));
                        ControlFlow::Continue(())
                    };
                    connectors::read_mended(entry, options, lines, &mut sink)
                        .map_err(Said::File)?;
                }
                Ok((row, Some(closing), equal))
            }
            None => Err(Said::Row(gone())),
        };
    }
    let closing = connectors::read_entry(entry, options, &mut |_| ControlFlow::Continue(()));
    let closing = closing.map_err(Said::File)?;
    let headers = match &options.mapping {
        Some(mapping) => headers(entry, mapping).map_err(Said::File)?,
        None => Vec::new(),
    };
    let replay = |text: &str| connectors::replay_row(kind, &closing, &headers, options, text);
    let text = lines.get(&line).map(String::as_str).unwrap_or_default();
    let fact = replay(text).map_err(Said::Row)?;
    let mut equal = Vec::new();
    if let Fact::Bank(own) = &fact {
        let before = lines.iter().filter(|(at, _)| **at != line);
        equal.extend(before.filter_map(|(_, text)| like(own, replay(text))));
        let mut sink = |other: Row| {
            equal.extend(like(own, other.fact));
            ControlFlow::Continue(())
        };
        connectors::read_entry(entry, options, &mut sink).map_err(Said::File)?;
    }
    Ok((Row { line_no: line, fact: Ok(fact) }, None, equal))
}

/// A bank line that may be equal to another: of its day, amount and number.
fn like(own: &BankLine, other: Result<Fact, RowProblem>) -> Option<BankLine> {
    let Ok(Fact::Bank(other)) = other else { return None };
    let same = (other.booked_on, other.amount_minor) == (own.booked_on, own.amount_minor);
    (same && other.bank_ref == own.bank_ref).then_some(other)
}

fn headers(entry: &Entry, mapping: &Mapping) -> Result<Vec<String>, FileProblem> {
    let options = connectors::table::ReadOptions {
        encoding: mapping.encoding,
        delimiter: mapping.delimiter,
        sheet: mapping.sheet.clone(),
        mapping: Some(mapping.clone()),
        ..Default::default()
    };
    let preview = connectors::table::preview(&mut *entry.reader()?, &options)?;
    let named = |headers: &[String]| headers.iter().any(|h| mapping.columns.contains_key(h));
    let found = preview.header_candidates.into_iter().map(|found| found.headers);
    Ok(found.into_iter().find(|headers| named(headers)).unwrap_or_default())
}

fn book_row(
    loader: &mut Loader<'_>,
    (document, kind): (i64, &FileKind),
    place: &Place,
    row: Row,
    equal: &[BankLine],
) -> Result<Mended, Error> {
    let mut search = Gatherer::default();
    let settling = place.mapping.as_ref().and_then(|mapping| mapping.channel);
    let mut writer = EntryWriter::new(loader, &mut search, document, kind).settling(settling);
    if let Some((from, to)) = place.days
        && from == to
    {
        writer.bill_of(to);
    }
    equal.iter().for_each(|line| writer.counts_already(line));
    // Its day was paid without it, as far as the file's own rows go.
    let account_no = place.scope.as_ref().map_or("", |scope| &scope.account_no);
    let paid = settling.and_then(|_| connectors::table::paid_later(&row, account_no));
    writer.take(row)?;
    if let Some(paid) = paid {
        writer.take(paid)?;
    }
    let days = writer.days;
    let counts = writer.append(place.scope.as_ref())?;
    search.gathered().write(loader, Mark::default())?;
    loader.execute(
        "update document set rows_new = rows_new + $2, rows_known = rows_known + $3, \
         rows_changed = rows_changed + $4 where id = $1",
        &[
            Cell::Int(document),
            Cell::Int(counts.new as i64),
            Cell::Int(counts.known as i64),
            Cell::Int(counts.changed as i64),
        ],
    )?;
    if let Some((from, to)) = days {
        // A bill that names no days covers those of its rows; this one was not among them.
        loader.execute(
            "update document set \
             from_day = case when from_day < $2 then from_day else $2 end, \
             to_day = case when to_day > $3 then to_day else $3 end where id = $1",
            &[Cell::Int(document), Cell::Int(i64::from(from)), Cell::Int(i64::from(to))],
        )?;
    }
    Ok(match (counts.new, counts.changed) {
        (1.., _) => Mended::Booked,
        (_, 1..) => Mended::Changed,
        _ => Mended::Known,
    })
}

/// The mended text as a raw document that names what it mends.
fn keep_text(
    loader: &mut Loader<'_>,
    place: &Place,
    line: u32,
    text: &str,
    now_ms: i64,
) -> Result<i64, Error> {
    let body =
        format!("{TITLE}\n#of {} entry {} line {line}\n{text}\n", place.sha256, place.entry_no);
    let sha256 = hex(&Sha256::digest(body.as_bytes()));
    let mut id = 1;
    loader.query("select coalesce(max(id), 0) + 1 from raw_document", &[], |row| {
        id = row.int(0)?;
        Ok(())
    })?;
    loader.execute(
        "insert into raw_document (id, sha256, name, size_bytes, received_at_ms, source) \
         values ($1, $2, $3, $4, $5, 'mend')",
        &[
            Cell::Int(id),
            Cell::Text(&sha256),
            Cell::Text(&format!("{}:{line}", place.name)),
            Cell::Int(body.len() as i64),
            Cell::Int(now_ms),
        ],
    )?;
    chunk::keep(loader, id, &mut body.as_bytes())?;
    Ok(id)
}

fn open_rows(loader: &mut Loader<'_>, document: i64) -> Result<i64, Error> {
    let mut open = 0;
    loader.query(
        "select count(*) from quarantine where document_id = $1 and mended_by is null",
        &[Cell::Int(document)],
        |row| {
            open = row.int(0)?;
            Ok(())
        },
    )?;
    Ok(open)
}
