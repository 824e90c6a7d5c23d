//! A look at a table before it is read: what it is, and what its columns probably mean.

use super::convert::clean;
use super::mapping::Mapping;
use super::run::{HEADER_WITHIN, Run};
use super::source::{self, Opening};
use super::suggest::{self, Samples};
use super::text::TextEncoding;
use crate::bill::{FileProblem, Row};
use csv::StringRecord;
use std::io::BufRead;
use std::ops::ControlFlow;

/// Records looked at.
const RECORDS: usize = 200;
/// Rows shown.
const ROWS: usize = 20;
/// Values shown of a column.
const VALUES: usize = 5;
/// Lines offered as the header.
const CANDIDATES: usize = 5;

/// What the person (or the book) already knows about the table.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Encoding; `Auto` finds it out.
    pub encoding: TextEncoding,
    /// Delimiter; `None` finds it out.
    pub delimiter: Option<char>,
    /// Sheet; `None` is the first visible one.
    pub sheet: Option<String>,
    /// Line of the header; `None` finds it out.
    pub header_line: Option<u32>,
    /// Mappings remembered in the book. One whose table has the same fingerprint is certain.
    pub known: Vec<(String, Mapping)>,
    /// A mapping the person is editing: shown instead of a suggestion.
    pub mapping: Option<Mapping>,
}

/// How far a suggestion can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// A needed column is not recognised: the person must choose.
    Incomplete,
    /// Recognised by its header words: the person confirms.
    Likely,
    /// Remembered, or our own layout: no question is needed.
    Certain,
}

impl Confidence {
    /// The stable code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// What the person should look at before confirming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Every sample date fits day first and month first.
    DayOrMonthFirst,
    /// No known date pattern fits.
    UnreadableDates,
    /// One amount column without a single negative value.
    NoNegativeAmounts,
    /// A word in the direction column is in neither list.
    UnknownDirectionWords,
    /// A state word will become `unknown`.
    UnknownStatusWords,
    /// A channel word will be left open.
    UnknownChannelWords,
    /// A row whose word of sale or refund is not known will be set aside.
    UnknownKindWords,
    /// The table does not name the account it is of.
    NoAccountNumber,
}

impl Note {
    /// The stable code used in JSON and as the key of the message shown.
    pub fn code(self) -> &'static str {
        match self {
            Self::DayOrMonthFirst => "day_or_month_first",
            Self::UnreadableDates => "unreadable_dates",
            Self::NoNegativeAmounts => "no_negative_amounts",
            Self::UnknownDirectionWords => "unknown_direction_words",
            Self::UnknownStatusWords => "unknown_status_words",
            Self::UnknownChannelWords => "unknown_channel_words",
            Self::UnknownKindWords => "unknown_kind_words",
            Self::NoAccountNumber => "no_account_number",
        }
    }
}

/// A mapping that probably fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The mapping.
    pub mapping: Mapping,
    /// How far to trust it.
    pub confidence: Confidence,
    /// What to look at.
    pub notes: Vec<Note>,
}

/// A line that may be the header, the likeliest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderCandidate {
    /// Its line number.
    pub line_no: u32,
    /// Its cells.
    pub headers: Vec<String>,
    /// How many cells are known header words.
    pub known_words: usize,
}

/// A column with its first values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnSample {
    /// Header as printed.
    pub header: String,
    /// Up to five values, empty ones left out.
    pub values: Vec<String>,
}

/// What a table looks like.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Encoding of a text table.
    pub encoding: TextEncoding,
    /// Delimiter of a text table; `None` for a workbook.
    pub delimiter: Option<char>,
    /// Visible sheets of a workbook.
    pub sheets: Vec<String>,
    /// Sheet looked at.
    pub sheet: Option<String>,
    /// Lines that may be the header, at most five.
    pub header_candidates: Vec<HeaderCandidate>,
    /// Columns under the likeliest header.
    pub columns: Vec<ColumnSample>,
    /// [`super::fingerprint`] of the likeliest header.
    pub fingerprint: String,
    /// What the columns probably mean; `None` when nothing fits.
    pub suggestion: Option<Suggestion>,
    /// The first rows under the suggestion, at most twenty, with their problems.
    pub rows: Vec<Row>,
}

type Record = (u32, StringRecord);

/// Looks at the first two hundred records of a table.
///
/// # Errors
/// The problems of container and text; [`FileProblem::Unknown`] for a file without any record.
pub fn preview(reader: &mut dyn BufRead, options: &ReadOptions) -> Result<Preview, FileProblem> {
    let opening = Opening {
        encoding: options.encoding,
        delimiter: options.delimiter.and_then(source::ascii),
        sheet: options.sheet.clone(),
    };
    let mut records: Vec<Record> = Vec::new();
    let opened = source::each_record(reader, &opening, &mut |line_no, record| {
        records.push((line_no, record.clone()));
        let full = records.len() >= RECORDS;
        Ok(if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    if records.is_empty() {
        return Err(FileProblem::Unknown { hint: Some("empty".to_string()) });
    }
    let candidates = header_candidates(&records, options.header_line);
    let header_line = candidates.first().map_or(1, |candidate| candidate.line_no);
    let headers = candidates.first().map(|best| best.headers.clone()).unwrap_or_default();
    let columns = column_samples(&headers, &records, header_line);
    let fingerprint = super::fingerprint(&headers);
    let suggestion = choose(options, &headers, &columns, &records, header_line, &fingerprint);
    let rows = suggestion.as_ref().map_or(Vec::new(), |found| first_rows(found, &records));
    Ok(Preview {
        encoding: opened.encoding,
        delimiter: opened.delimiter.map(char::from),
        sheets: opened.sheets,
        sheet: opened.sheet,
        header_candidates: candidates,
        columns,
        fingerprint,
        suggestion: suggestion.map(|mut found| {
            // What the person forced stays in the mapping; what was found out stays open, since
            // the next month's file may differ.
            found.mapping.encoding = options.encoding;
            found.mapping.delimiter = options.delimiter.or(found.mapping.delimiter);
            found.mapping.sheet = options.sheet.clone().or(found.mapping.sheet);
            found
        }),
        rows,
    })
}

fn cells(record: &StringRecord) -> Vec<String> {
    record.iter().map(|cell| clean(cell).to_string()).collect()
}

fn header_candidates(records: &[Record], forced: Option<u32>) -> Vec<HeaderCandidate> {
    let mut candidates: Vec<HeaderCandidate> = records
        .iter()
        .take(HEADER_WITHIN)
        .map(|(line_no, record)| {
            let headers = cells(record);
            let known_words = suggest::header_score(&headers);
            HeaderCandidate { line_no: *line_no, headers, known_words }
        })
        .filter(|candidate| {
            forced == Some(candidate.line_no)
                || candidate.headers.iter().filter(|cell| !cell.is_empty()).count() >= 2
        })
        .collect();
    // Stable: of equals the upper line is the header.
    candidates.sort_by_key(|candidate| {
        (forced != Some(candidate.line_no), std::cmp::Reverse(candidate.known_words))
    });
    candidates.truncate(CANDIDATES);
    candidates
}

fn column_samples(headers: &[String], records: &[Record], header_line: u32) -> Vec<ColumnSample> {
    let below = || records.iter().filter(|(line_no, _)| *line_no > header_line);
    let values = |at: usize| {
        below()
            .filter_map(|(_, record)| record.get(at).map(clean))
            .filter(|value| !value.is_empty())
            .take(VALUES)
            .map(|value| super::text::shown(value, 200))
            .collect()
    };
    headers
        .iter()
        .enumerate()
        .map(|(at, header)| ColumnSample { header: header.clone(), values: values(at) })
        .collect()
}

fn choose(
    options: &ReadOptions,
    headers: &[String],
    columns: &[ColumnSample],
    records: &[Record],
    header_line: u32,
    fingerprint: &str,
) -> Option<Suggestion> {
    if let Some(mapping) = &options.mapping {
        let confidence =
            if mapping.check().is_ok() { Confidence::Likely } else { Confidence::Incomplete };
        return Some(Suggestion { mapping: mapping.clone(), confidence, notes: Vec::new() });
    }
    let known = options.known.iter().find(|(print, _)| print == fingerprint);
    if let Some((_, known)) = known
        && known.check().is_ok()
    {
        let mapping = known.clone();
        return Some(Suggestion { mapping, confidence: Confidence::Certain, notes: Vec::new() });
    }
    let above: Vec<Vec<String>> = records
        .iter()
        .take_while(|(line_no, _)| *line_no < header_line)
        .map(|(_, record)| cells(record))
        .collect();
    let values: Vec<Vec<String>> = (0..columns.len())
        .map(|at| {
            records
                .iter()
                .filter(|(line_no, _)| *line_no > header_line)
                .filter_map(|(_, record)| record.get(at).map(clean))
                .filter(|value| !value.is_empty())
                .map(str::to_string)
                .collect()
        })
        .collect();
    suggest::suggest(&Samples { headers, values: &values, above: &above }, header_line)
}

/// The first rows as the reader would hand them on.
fn first_rows(found: &Suggestion, records: &[Record]) -> Vec<Row> {
    let mut rows = Vec::new();
    if found.mapping.check().is_err() {
        return rows;
    }
    let mut run = Run::new(&found.mapping);
    for (line_no, record) in records {
        let outcome = run.record(*line_no, record, &mut |row| {
            rows.push(row);
            if rows.len() >= ROWS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if outcome.is_err() {
            break;
        }
    }
    rows
}
