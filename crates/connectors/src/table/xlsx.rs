//! Workbooks (XLSX): sizes are checked before anything is unpacked, cells come one by one.

use super::amounts::workbook_number;
use super::source::{COLUMN_LIMIT, Each, Opened, Opening};
use crate::bill::FileProblem;
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};
use csv::StringRecord;
use std::io::{BufRead, Cursor, Read};
use std::ops::ControlFlow;

/// Largest packed workbook: it is held in memory, because ZIP is read from its end.
const PACKED_LIMIT: u64 = 64 << 20;
/// Largest workbook unpacked.
const UNPACKED_LIMIT: u64 = 256 << 20;
/// Largest string table unpacked: it is the one part that is held in memory.
const STRINGS_LIMIT: u64 = 64 << 20;
/// Real workbooks pack 5 to 30 to 1; beyond this, and over [`SMALL`], it is a bomb.
const RATIO_LIMIT: u64 = 200;
const SMALL: u64 = 8 << 20;
const ENTRIES_LIMIT: usize = 2_000;
const CELL_LIMIT: usize = 64 << 10;

/// Put before a number whose last digits the workbook has dropped (more than 15 digits).
pub(crate) const LOST_DIGITS: char = '≈';

fn damaged(error: impl std::fmt::Display) -> FileProblem {
    FileProblem::Damaged { detail: super::text::shown(&error.to_string(), 200) }
}

/// Calls into the workbook library, which overflows on some absurd cell addresses: a panic there
/// is damage to the file, not to the program. Nothing it half built is used afterwards.
fn guarded<T, E: std::fmt::Display>(call: impl FnOnce() -> Result<T, E>) -> Result<T, FileProblem> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(damaged),
        Err(_) => Err(damaged("the workbook's structure cannot be followed")),
    }
}

/// Hands every row of the chosen sheet to `each`; cells as text.
pub(crate) fn each_record(
    reader: &mut dyn BufRead,
    opening: &Opening,
    each: Each<'_>,
) -> Result<Opened, FileProblem> {
    let mut packed = Vec::new();
    reader.take(PACKED_LIMIT + 1).read_to_end(&mut packed).map_err(FileProblem::Io)?;
    if packed.len() as u64 > PACKED_LIMIT {
        return Err(FileProblem::TooLarge { what: "the packed workbook", limit: PACKED_LIMIT });
    }
    check_sizes(&packed)?;
    let mut book: Xlsx<_> =
        guarded(|| calamine::open_workbook_from_rs(Cursor::new(packed.as_slice())))?;
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    let sheet = match &opening.sheet {
        Some(wanted) if sheets.contains(wanted) => wanted.clone(),
        Some(wanted) => return Err(FileProblem::MissingColumn { column: wanted.clone() }),
        None => sheets.first().cloned().ok_or_else(|| damaged("no sheet"))?,
    };
    each_row(&mut book, &sheet, each)?;
    let sheet = Some(sheet);
    Ok(Opened { sheets, sheet, ends_with_newline: true, ..Opened::default() })
}

/// Refuses bombs: first by the announced sizes, then by unpacking once into nothing, because the
/// announcement may lie.
fn check_sizes(packed: &[u8]) -> Result<(), FileProblem> {
    let mut archive = zip::ZipArchive::new(Cursor::new(packed)).map_err(damaged)?;
    if archive.len() > ENTRIES_LIMIT {
        return Err(FileProblem::TooLarge { what: "archive entries", limit: ENTRIES_LIMIT as u64 });
    }
    let mut announced = 0u64;
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(damaged)?;
        announced = announced.saturating_add(entry.size());
    }
    check_total(announced, packed.len())?;
    let mut total = 0u64;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.to_ascii_lowercase();
        let strings = name.contains("sharedstrings");
        let limit = if strings { STRINGS_LIMIT } else { UNPACKED_LIMIT };
        let mut entry = entry.take(limit + 1);
        let size = std::io::copy(&mut entry, &mut std::io::sink()).map_err(damaged)?;
        if size > limit {
            return Err(FileProblem::TooLarge { what: "an unpacked part", limit });
        }
        total += size;
        check_total(total, packed.len())?;
    }
    Ok(())
}

fn check_total(unpacked: u64, packed: usize) -> Result<(), FileProblem> {
    if unpacked > UNPACKED_LIMIT {
        return Err(FileProblem::TooLarge { what: "the unpacked workbook", limit: UNPACKED_LIMIT });
    }
    if unpacked > SMALL && unpacked / (packed as u64).max(1) > RATIO_LIMIT {
        return Err(FileProblem::TooLarge { what: "the packing ratio", limit: RATIO_LIMIT });
    }
    Ok(())
}

fn each_row(
    book: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    each: Each<'_>,
) -> Result<(), FileProblem> {
    let mut cells = guarded(|| book.worksheet_cells_reader(sheet))?;
    let mut record = StringRecord::new();
    let mut row = None;
    while let Some(cell) = guarded(|| cells.next_cell())? {
        let (at, column) = cell.get_position();
        if *cell.get_value() == DataRef::Empty {
            continue;
        }
        if column as usize >= COLUMN_LIMIT {
            return Err(FileProblem::TooLarge { what: "columns", limit: COLUMN_LIMIT as u64 });
        }
        match row {
            Some(open) if open == at => {}
            // Cells are written row by row; anything else was not made by a spreadsheet.
            Some(open) if open > at => return Err(damaged("rows out of order")),
            open => {
                if let Some(done) = open {
                    if each(done + 1, &record)?.is_break() {
                        return Ok(());
                    }
                    record.clear();
                }
                row = Some(at);
            }
        }
        if (column as usize) < record.len() {
            return Err(damaged("cells out of order"));
        }
        while record.len() < column as usize {
            record.push_field("");
        }
        let text = cell_text(cell.get_value());
        if text.len() > CELL_LIMIT {
            return Err(FileProblem::TooLarge { what: "one cell", limit: CELL_LIMIT as u64 });
        }
        record.push_field(&text);
    }
    if let Some(done) = row {
        let _: ControlFlow<()> = each(done + 1, &record)?;
    }
    Ok(())
}

/// A cell as the text a person would type.
fn cell_text(value: &DataRef<'_>) -> std::borrow::Cow<'static, str> {
    let number = |value: f64| {
        let (text, lost) = workbook_number(value);
        if lost { format!("{LOST_DIGITS}{text}") } else { text }
    };
    match value {
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => number(*value),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(when) if when.is_datetime() => {
            let serial = when.as_f64();
            if !(0.0..2_958_466.0).contains(&serial) {
                return number(serial).into();
            }
            let (year, month, day, hour, minute, second, milli) = when.to_ymd_hms_milli();
            // A serial below one is a time of day, a whole one a day.
            if serial < 1.0 {
                format!("{hour:02}:{minute:02}:{second:02}")
            } else if serial.fract() == 0.0 {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                whole_second(year, month, day, hour, minute, second, milli)
            }
        }
        DataRef::DateTime(when) => number(when.as_f64()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.replace('T', " "),
        DataRef::Error(error) => format!("#{error:?}"),
        DataRef::Empty => String::new(),
    }
    .into()
}

/// Excel's serial cannot hold most seconds exactly: 10:00:00 may come out as 09:59:59.999.
#[allow(clippy::too_many_arguments, reason = "the parts of a clock, in order")]
fn whole_second(
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    milli: u16,
) -> String {
    let date = chrono::NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day));
    let at = date
        .and_then(|date| date.and_hms_opt(u32::from(hour), u32::from(minute), u32::from(second)));
    match at {
        Some(at) => {
            let up = chrono::Duration::seconds(i64::from(milli >= 500));
            (at + up).format("%Y-%m-%d %H:%M:%S").to_string()
        }
        None => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
    }
}

#[cfg(test)]
mod tests;
