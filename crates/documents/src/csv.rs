//! The same figures as one table: UTF-8 with a byte order mark, RFC 4180.
//!
//! Every row has the same columns; the first says which part of the statement it belongs to.
//! Amounts are plain decimals of the major unit, days and times are ISO 8601.

use crate::DocumentError;
use crate::hash::{content_hash, hex};
use crate::statement::{Line, Statement};
use crate::words::{channel_name, clean, heading, note_kind, word};
use crate::xlsx::{days, facts};
use ::csv::{Terminator, Writer, WriterBuilder};
use domain::BalanceKind;
use domain::money::minor_to_major;

/// Sheet programs turn longer digit strings into rounded numbers.
const DIGITS_MAX: usize = 11;

/// Writes a statement as CSV.
///
/// Text that a sheet program would take for a formula, and digit strings it would round, have
/// an apostrophe in front (OWASP, "CSV injection").
///
/// # Errors
/// What [`Statement::check`] finds first; [`DocumentError::Csv`] when the table cannot be made.
pub fn render_csv(statement: &Statement) -> Result<Vec<u8>, DocumentError> {
    statement.check()?;
    // Sheet programs read UTF-8 only with the mark in front.
    let writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut table = Table { writer, statement };
    table.write().map_err(DocumentError::Csv)?;
    let bytes = table.writer.into_inner().expect("flushing to memory does not fail");
    Ok(bytes)
}

struct Table<'a> {
    writer: Writer<Vec<u8>>,
    statement: &'a Statement,
}

/// A row; what a part of the statement does not have stays empty.
#[derive(Default)]
struct Row {
    part: String,
    time: String,
    kind: String,
    order_no: String,
    channel_no: String,
    text: String,
    gross: String,
    fee: String,
    net: String,
    file: String,
    line: String,
    arrived: String,
    unexplained: String,
}

impl Table<'_> {
    fn word(&self, key: &str) -> String {
        word(self.statement.lang, key)
    }

    fn amount(&self, minor: i64) -> String {
        minor_to_major(minor, self.statement.currency.decimals())
    }

    fn put(&mut self, row: Row) -> Result<(), ::csv::Error> {
        // Amounts, times and counts are written by this program and need no guard.
        self.writer.write_record([
            &row.part,
            &row.time,
            &guarded(&row.kind),
            &guarded(&row.order_no),
            &guarded(&row.channel_no),
            &guarded(&row.text),
            &row.gross,
            &row.fee,
            &row.net,
            &guarded(&row.file),
            &row.line,
            &row.arrived,
            &row.unexplained,
        ])
    }

    fn write(&mut self) -> Result<(), ::csv::Error> {
        let heads = [
            "col.part",
            "col.time",
            "col.kind",
            "col.order_no",
            "col.channel_no",
            "col.text",
            "col.gross",
            "col.fee",
            "col.net",
            "col.evidence_file",
            "col.evidence_line",
            "col.arrived_on",
            "col.unexplained",
        ]
        .map(|key| self.word(key));
        self.writer.write_record(&heads)?;
        self.summary()?;
        self.payouts()?;
        self.lines()?;
        self.notes()
    }

    fn summary(&mut self) -> Result<(), ::csv::Error> {
        let statement = self.statement;
        let part = self.word("sheet.summary");
        let (kind, text) = (heading(statement), statement.company.name.clone());
        self.put(Row { part: part.clone(), kind, text, ..Row::default() })?;
        for (key, text) in facts(statement, &hex(&content_hash(statement))) {
            let kind = self.word(key);
            self.put(Row { part: part.clone(), kind, text, ..Row::default() })?;
        }
        for (key, day) in days(statement) {
            let (kind, time) = (self.word(key), day.to_string());
            self.put(Row { part: part.clone(), kind, time, ..Row::default() })?;
        }
        let part = self.word("section.components");
        for row in &statement.components {
            let kind = self.word(&format!("component.{}", row.component.code()));
            let net = self.amount(row.amount_minor);
            self.put(Row { part: part.clone(), kind, net, ..Row::default() })?;
        }
        let (kind, net) = (self.word("total.paid"), self.amount(statement.total_minor));
        self.put(Row { part, kind, net, ..Row::default() })
    }

    fn payouts(&mut self) -> Result<(), ::csv::Error> {
        let part = self.word("sheet.payouts");
        for row in &self.statement.payouts {
            let kind = channel_name(self.statement, row.channel);
            self.put(Row {
                part: part.clone(),
                time: row.left_on.to_string(),
                kind,
                channel_no: row.number.clone(),
                text: row.account_no.clone(),
                net: self.amount(row.amount_minor),
                arrived: row.arrived_on.map_or_else(String::new, |day| day.to_string()),
                unexplained: self.amount(row.unexplained_minor),
                ..Row::default()
            })?;
        }
        Ok(())
    }

    fn lines(&mut self) -> Result<(), ::csv::Error> {
        let part = self.word("sheet.lines");
        let kinds = BalanceKind::ALL.map(|kind| self.word(&format!("kind.{}", kind.code())));
        let zone = self.statement.zone.name();
        let zone = zone.trim_start_matches("UTC");
        for line in &self.statement.lines {
            let kind = kinds[line.kind.number() as usize].clone();
            let row = self.line(part.clone(), kind, zone, line);
            self.put(row)?;
        }
        Ok(())
    }

    fn line(&self, part: String, kind: String, zone: &str, line: &Line) -> Row {
        let clock = self.statement.zone.wall_clock(line.at_ms).replace(' ', "T");
        Row {
            part,
            time: clock + zone,
            kind,
            order_no: line.order_no.clone(),
            channel_no: line.channel_no.clone(),
            text: line.goods.clone(),
            gross: self.amount(line.gross_minor),
            fee: self.amount(line.fee_minor),
            net: self.amount(line.net_minor),
            file: line.evidence_file.clone(),
            line: line.evidence_line.to_string(),
            ..Row::default()
        }
    }

    fn notes(&mut self) -> Result<(), ::csv::Error> {
        let part = self.word("sheet.notes");
        for note in &self.statement.notes {
            self.put(Row {
                part: part.clone(),
                kind: note_kind(self.statement.lang, note),
                order_no: note.record.clone(),
                text: note.detail.clone(),
                net: note.effect_minor.map_or_else(String::new, |minor| self.amount(minor)),
                ..Row::default()
            })?;
        }
        Ok(())
    }
}

/// Text from outside that no sheet program runs or rounds.
pub(crate) fn guarded(text: &str) -> String {
    let shown = defused(text);
    let rounded = shown.len() > DIGITS_MAX && shown.bytes().all(|byte| byte.is_ascii_digit());
    if rounded { format!("'{shown}") } else { shown }
}

/// Text that no sheet program takes for a formula.
pub(crate) fn defused(text: &str) -> String {
    let shown = clean(text);
    // The first sign counts as the file has it, before blanks took the place of tabs.
    let first = text.chars().next();
    let runs = |ch: char| "=+-@\t\r\n＝＋－＠".contains(ch);
    let formula = first.is_some_and(runs) || shown.trim_start().starts_with(runs);
    if formula { format!("'{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_long_numbers_stay_text() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+86", "'+86"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "' =1"),
            ("\r=1", "' =1"),
            ("  =1", "'  =1"),
            ("\u{200b}=1", "'=1"),
            ("＝1", "'＝1"),
            ("4200001234202604141234567890", "'4200001234202604141234567890"),
            ("20260414", "20260414"),
            ("tea = good", "tea = good"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), cell, "{text:?}");
        }
    }
}
