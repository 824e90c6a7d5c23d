//! The same figures as a workbook: typed numbers and dates, everything else as text.

use crate::DocumentError;
use crate::hash::{content_hash, hex};
use crate::statement::{Line, Statement, StatementKind, TEMPLATE_VERSION};
use crate::words::{channel, channel_name, clean, heading, joined, note_kind, subject, word};
use domain::{BalanceKind, BusinessDate};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

/// Rows a sheet may have, less its head and its row of sums.
const ROWS_MAX: usize = 1_048_576 - 2;

/// Writes a statement as XLSX. Rows go to the file as they come, so length costs no memory.
///
/// Amounts are numbers of the major unit, days and times are dates in the statement's zone,
/// and order and channel numbers are text, so no sheet program rounds them. Text is written as
/// text even when it starts with `=`: nothing in the workbook is a formula.
///
/// # Errors
/// What [`Statement::check`] finds first; [`DocumentError::TooLong`] beyond a sheet's rows;
/// [`DocumentError::Xlsx`] when the file cannot be made.
pub fn render_xlsx(statement: &Statement) -> Result<Vec<u8>, DocumentError> {
    statement.check()?;
    if statement.lines.len().max(statement.payouts.len()) > ROWS_MAX {
        return Err(DocumentError::TooLong { what: "a sheet", limit: ROWS_MAX });
    }
    write(statement).map_err(DocumentError::Xlsx)
}

fn write(statement: &Statement) -> Result<Vec<u8>, XlsxError> {
    let hash = hex(&content_hash(statement));
    let mut workbook = Workbook::new();
    let properties = DocProperties::new()
        .set_title(heading(statement))
        .set_author(clean(&statement.company.name))
        .set_comment(&hash)
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    workbook.set_properties(&properties);
    let formats = Formats::new(statement.currency.decimals());
    summary(&mut sheet(&mut workbook, statement, "sheet.summary")?, &formats, &hash)?;
    if !statement.payouts.is_empty() {
        payouts(&mut sheet(&mut workbook, statement, "sheet.payouts")?, &formats)?;
    }
    if !statement.lines.is_empty() {
        lines(&mut sheet(&mut workbook, statement, "sheet.lines")?, &formats)?;
    }
    if !statement.notes.is_empty() {
        notes(&mut sheet(&mut workbook, statement, "sheet.notes")?, &formats)?;
    }
    workbook.save_to_buffer()
}

struct Formats {
    head: Format,
    label: Format,
    amount: Format,
    total: Format,
    day: Format,
    time: Format,
}

impl Formats {
    fn new(decimals: u32) -> Self {
        let places = decimals as usize;
        let shape =
            if places == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(places)) };
        Self {
            head: Format::new().set_bold().set_border_bottom(FormatBorder::Thin),
            label: Format::new().set_bold(),
            amount: Format::new().set_num_format(&shape),
            total: Format::new()
                .set_bold()
                .set_num_format(&shape)
                .set_border_top(FormatBorder::Thin),
            day: Format::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss").set_align(FormatAlign::Left),
        }
    }
}

/// A sheet being filled from the top.
struct Sheet<'a> {
    sheet: &'a mut Worksheet,
    statement: &'a Statement,
    row: u32,
}

fn sheet<'a>(
    workbook: &'a mut Workbook,
    statement: &'a Statement,
    key: &str,
) -> Result<Sheet<'a>, XlsxError> {
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(word(statement.lang, key))?;
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
    Ok(Sheet { sheet, statement, row: 0 })
}

impl Sheet<'_> {
    fn word(&self, key: &str) -> String {
        word(self.statement.lang, key)
    }

    /// The head row, frozen and repeated on paper.
    fn head(&mut self, columns: &[(&str, f64)], formats: &Formats) -> Result<(), XlsxError> {
        let row = self.row;
        for (column, (key, width)) in (0..).zip(columns) {
            let head = self.word(key);
            self.sheet.set_column_width(column, *width)?;
            self.sheet.write_string_with_format(row, column, head, &formats.head)?;
        }
        self.sheet.set_freeze_panes(row + 1, 0)?;
        self.sheet.set_repeat_rows(row, row)?;
        self.row += 1;
        Ok(())
    }

    fn text(&mut self, column: u16, text: &str) -> Result<(), XlsxError> {
        if !text.is_empty() {
            self.sheet.write_string(self.row, column, clean(text))?;
        }
        Ok(())
    }

    fn amount(&mut self, column: u16, minor: i64, format: &Format) -> Result<(), XlsxError> {
        let number = cell_number(minor, self.statement.currency.decimals());
        self.sheet.write_number_with_format(self.row, column, number, format)?;
        Ok(())
    }

    fn day(&mut self, column: u16, day: BusinessDate, format: &Format) -> Result<(), XlsxError> {
        let date = ExcelDateTime::from_timestamp(i64::from(day.days()) * 86_400)?;
        self.sheet.write_datetime_with_format(self.row, column, date, format)?;
        Ok(())
    }

    fn time(&mut self, column: u16, at_ms: i64, format: &Format) -> Result<(), XlsxError> {
        let zone = i64::from(self.statement.zone.offset_minutes) * 60_000;
        let date = ExcelDateTime::from_timestamp((at_ms + zone).div_euclid(1000))?;
        self.sheet.write_datetime_with_format(self.row, column, date, format)?;
        Ok(())
    }
}

/// The value of an amount's cell.
///
/// The format knows binary floating point alone. This is the last step before the file and the
/// one place that makes such a number; nothing is computed with it. Up to 2^53 minor units both
/// sides of the division are exact, so the quotient is the `f64` nearest to the amount, the very
/// one that reading its decimal text gives, and a cell shows exactly the amount.
pub(crate) fn cell_number(minor: i64, decimals: u32) -> f64 {
    minor as f64 / 10_u32.pow(decimals) as f64
}

fn summary(sheet: &mut Sheet<'_>, formats: &Formats, hash: &str) -> Result<(), XlsxError> {
    let statement = sheet.statement;
    sheet.sheet.set_column_width(0, 30)?;
    sheet.sheet.set_column_width(1, 34)?;
    sheet.sheet.set_column_width(2, 10)?;
    sheet.text(0, &statement.company.name)?;
    sheet.row += 1;
    sheet.text(0, &heading(statement))?;
    sheet.row += 2;
    for (key, value) in facts(statement, hash) {
        let label = sheet.word(key);
        sheet.sheet.write_string_with_format(sheet.row, 0, label, &formats.label)?;
        sheet.text(1, &value)?;
        sheet.row += 1;
    }
    for (key, day) in days(statement) {
        let label = sheet.word(key);
        sheet.sheet.write_string_with_format(sheet.row, 0, label, &formats.label)?;
        sheet.day(1, day, &formats.day)?;
        sheet.row += 1;
    }
    sheet.row += 1;
    for (column, key) in [(0, "col.component"), (1, "col.amount"), (2, "col.rows")] {
        let head = sheet.word(key);
        sheet.sheet.write_string_with_format(sheet.row, column, head, &formats.head)?;
    }
    sheet.row += 1;
    for row in &statement.components {
        let name = sheet.word(&format!("component.{}", row.component.code()));
        sheet.text(0, &name)?;
        sheet.amount(1, row.amount_minor, &formats.amount)?;
        sheet.sheet.write_number(sheet.row, 2, row.rows)?;
        sheet.row += 1;
    }
    let name = sheet.word("total.paid");
    sheet.sheet.write_string_with_format(sheet.row, 0, name, &formats.label)?;
    sheet.amount(1, statement.total_minor, &formats.total)
}

/// Facts of the head that are text, by message key.
pub(crate) fn facts(statement: &Statement, hash: &str) -> Vec<(&'static str, String)> {
    let lang = statement.lang;
    let clock = word(lang, &format!("clock.{}", statement.clock.code()));
    let verdict = word(lang, &format!("verdict.{}", statement.completeness.verdict.code()));
    let note = &statement.completeness.note;
    let mut facts = vec![("fact.channel", channel(statement))];
    match &statement.kind {
        StatementKind::Payout(head) => {
            facts.push(("fact.account", head.account_no.clone()));
            facts.push(("fact.number", head.number.clone()));
        }
        StatementKind::Period { account_no, .. } => {
            let account = account_no.clone().unwrap_or_else(|| word(lang, "all_accounts"));
            facts.push(("fact.account", account));
            facts.push(("fact.days", subject(statement)));
        }
    }
    facts.extend([
        ("fact.currency", statement.currency.code().to_owned()),
        ("fact.clock", joined(lang, &clock, &statement.zone.name())),
        ("fact.completeness", format!("{verdict} {note}").trim().to_owned()),
        ("proof.from", statement.source.generated_from.clone()),
        ("proof.data_version", statement.source.data_version.to_string()),
        ("proof.state_hash", statement.source.state_hash.clone()),
        ("proof.content_hash", hash.to_owned()),
        ("proof.template", TEMPLATE_VERSION.to_string()),
    ]);
    facts
}

/// Days of the head, by message key.
pub(crate) fn days(statement: &Statement) -> Vec<(&'static str, BusinessDate)> {
    match &statement.kind {
        StatementKind::Payout(head) => {
            let mut days = vec![("fact.left_on", head.left_on)];
            days.extend(head.promised_on.map(|day| ("fact.promised_on", day)));
            days.extend(head.arrival.as_ref().map(|a| ("fact.arrived_on", a.booked_on)));
            days
        }
        StatementKind::Period { period, .. } => {
            vec![("fact.from", period.from), ("fact.to", period.until.plus_days(-1))]
        }
    }
}

fn payouts(sheet: &mut Sheet<'_>, formats: &Formats) -> Result<(), XlsxError> {
    let columns = [
        ("col.left_on", 12.0),
        ("col.channel", 14.0),
        ("col.account", 20.0),
        ("col.payout_no", 34.0),
        ("col.arrived_on", 12.0),
        ("col.amount", 16.0),
        ("col.unexplained", 14.0),
    ];
    sheet.head(&columns, formats)?;
    for row in &sheet.statement.payouts {
        let name = channel_name(sheet.statement, row.channel);
        sheet.day(0, row.left_on, &formats.day)?;
        sheet.text(1, &name)?;
        sheet.text(2, &row.account_no)?;
        sheet.text(3, &row.number)?;
        if let Some(day) = row.arrived_on {
            sheet.day(4, day, &formats.day)?;
        }
        sheet.amount(5, row.amount_minor, &formats.amount)?;
        sheet.amount(6, row.unexplained_minor, &formats.amount)?;
        sheet.row += 1;
    }
    let label = sheet.word("sum");
    sheet.sheet.write_string_with_format(sheet.row, 0, label, &formats.label)?;
    sheet.amount(5, sheet.statement.total_minor, &formats.total)?;
    sheet.amount(6, sheet.statement.unexplained_minor(), &formats.total)
}

fn lines(sheet: &mut Sheet<'_>, formats: &Formats) -> Result<(), XlsxError> {
    let columns = [
        ("col.time", 20.0),
        ("col.kind", 16.0),
        ("col.order_no", 26.0),
        ("col.channel_no", 32.0),
        ("col.goods", 30.0),
        ("col.gross", 14.0),
        ("col.fee", 12.0),
        ("col.net", 14.0),
        ("col.evidence_file", 34.0),
        ("col.evidence_line", 12.0),
    ];
    sheet.head(&columns, formats)?;
    let statement = sheet.statement;
    let kinds = BalanceKind::ALL.map(|kind| sheet.word(&format!("kind.{}", kind.code())));
    for line in &statement.lines {
        sheet.time(0, line.at_ms, &formats.time)?;
        sheet.text(1, &kinds[line.kind.number() as usize])?;
        sheet.text(2, &line.order_no)?;
        sheet.text(3, &line.channel_no)?;
        sheet.text(4, &line.goods)?;
        sheet.amount(5, line.gross_minor, &formats.amount)?;
        sheet.amount(6, line.fee_minor, &formats.amount)?;
        sheet.amount(7, line.net_minor, &formats.amount)?;
        sheet.text(8, &line.evidence_file)?;
        sheet.sheet.write_number(sheet.row, 9, line.evidence_line)?;
        sheet.row += 1;
    }
    let label = sheet.word("sum");
    sheet.sheet.write_string_with_format(sheet.row, 0, label, &formats.label)?;
    let sum = |of: fn(&Line) -> i64| -> i64 { statement.lines.iter().map(of).sum() };
    sheet.amount(5, sum(|line| line.gross_minor), &formats.total)?;
    sheet.amount(6, sum(|line| line.fee_minor), &formats.total)?;
    sheet.amount(7, sum(|line| line.net_minor), &formats.total)
}

fn notes(sheet: &mut Sheet<'_>, formats: &Formats) -> Result<(), XlsxError> {
    let columns =
        [("col.note", 24.0), ("col.record", 40.0), ("col.detail", 60.0), ("col.effect", 14.0)];
    sheet.head(&columns, formats)?;
    for note in &sheet.statement.notes {
        sheet.text(0, &note_kind(sheet.statement.lang, note))?;
        sheet.text(1, &note.record)?;
        sheet.text(2, &note.detail)?;
        if let Some(minor) = note.effect_minor {
            sheet.amount(3, minor, &formats.amount)?;
        }
        sheet.row += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Money;
    use domain::money::minor_to_major;

    #[test]
    fn a_cell_holds_the_number_nearest_to_the_amount() {
        let mut minor = Money::MINOR_MAX;
        while minor != 0 {
            for decimals in 0..4 {
                let read: f64 = minor_to_major(minor, decimals).parse().unwrap();
                assert_eq!(cell_number(minor, decimals).to_bits(), read.to_bits(), "{minor}");
                assert_eq!(cell_number(-minor, decimals), -read);
            }
            minor = minor / 3 * 2;
        }
        assert_eq!(cell_number(34_414, 2).to_string(), "344.14");
    }
}
