//! The day sheet of a till: tables with their sums, the pieces counted, lines to sign on.

use super::blocks::title_head;
use super::table::{LEADING, PLAIN, SIZE, Table};
use super::{Frame, GREY, INK, LEFT, LOSS, Pages, RULE, Sheets, WIDTH, bold, style};
use crate::DocumentError;
use crate::canvas::Align::{Left, Right};
use crate::day_sheet::{DECIMALS, DaySheet, SHEET_TEMPLATE, SheetCount};
use crate::hash::hex;
use crate::statement::Zone;
use crate::words::{clean, filled, grouped, grouped_signed, word};
use domain::Channel;

/// Height of the lines to sign on.
const SIGNING: f32 = 62.0;

/// Lays out a checked day sheet.
///
/// # Errors
/// [`DocumentError::Font`] when the shipped font cannot be read.
pub(crate) fn lay_out(sheet: &DaySheet, hash: &[u8; 32]) -> Result<Sheets, DocumentError> {
    let lang = sheet.lang;
    let hash = hex(hash);
    let zone = Zone::CHINA.name();
    let template = SHEET_TEMPLATE.to_string();
    let values: [(&str, &str); 3] =
        [("hash", &hash[..16]), ("template", &template), ("zone", &zone)];
    let foot = filled(lang, "sheet.foot", &values);
    let head = (clean(&sheet.company), sheet.heading());
    let mut pages = Pages::of(sheet, Frame { lang, decimals: DECIMALS, head, foot, hash })?;
    let title = said(&pages, "title");
    title_head(&mut pages, (&sheet.company, &[]), &title, &sheet.about());
    records(&mut pages);
    tenders(&mut pages);
    cash(&mut pages);
    for count in &sheet.counts {
        counted(&mut pages, count);
    }
    if sheet.counts.is_empty() && !sheet.cash.is_empty() {
        section(&mut pages, "counts", 14.0);
        note(&mut pages, "no_counts");
    }
    sent(&mut pages);
    signatures(&mut pages);
    Ok(pages.finish())
}

type Sheet<'p> = Pages<'p, DaySheet>;

fn said(pages: &Sheet<'_>, key: &str) -> String {
    word(pages.lang, &format!("sheet.{key}"))
}

fn money(minor: i64) -> String {
    grouped(minor, DECIMALS)
}

fn section(pages: &mut Sheet<'_>, key: &str, height: f32) {
    let title = said(pages, &format!("part.{key}"));
    pages.section(&title, height);
}

fn note(pages: &mut Sheet<'_>, key: &str) {
    let text = said(pages, key);
    pages.text(LEFT, pages.y - 8.0, style(8.5, INK), &text);
    pages.y -= 14.0;
}

fn tender_name(pages: &Sheet<'_>, tender: Channel) -> String {
    word(pages.lang, &format!("channel.{}", tender.code()))
}

fn columns(pages: &Sheet<'_>, columns: &[(&str, f32, bool)]) -> Table {
    let column = |(key, width, figure): &(&str, f32, bool)| {
        let align = if *figure { Right } else { Left };
        (said(pages, &format!("col.{key}")), *width, align, if *figure { 1 } else { 2 })
    };
    Table::new(columns.iter().map(column).collect())
}

fn records(pages: &mut Sheet<'_>) {
    let (count, first, last) = &pages.statement.records;
    let count = count.to_string();
    let values: [(&str, &str); 3] = [("count", &count), ("first", first), ("last", last)];
    let key = if count == "0" { "sheet.no_records" } else { "sheet.records" };
    let text = filled(pages.lang, key, &values);
    pages.fitted(LEFT, pages.y - 4.0, WIDTH, style(8.5, GREY), &text);
    pages.y -= 8.0;
}

fn tenders(pages: &mut Sheet<'_>) {
    let sheet = pages.statement;
    section(pages, "tenders", 16.0 + 3.0 * (6.0 + LEADING));
    if sheet.tenders.is_empty() {
        return note(pages, "nothing");
    }
    let table = columns(
        pages,
        &[
            ("tender", 110.0, false),
            ("till", 90.0, false),
            ("count", 50.0, true),
            ("taken", 85.0, true),
            ("back", 75.0, true),
            ("cards", 80.0, true),
            ("net", 85.0, true),
        ],
    );
    table.head(pages);
    let (mut receipts, mut sums) = (0, [0; 4]);
    for row in &sheet.tenders {
        let figures = [row.taken_minor, row.back_minor, row.cards_minor, row.net_minor()];
        receipts += row.receipts;
        sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
        let mut cells =
            vec![tender_name(pages, row.tender), clean(&row.account), row.receipts.to_string()];
        cells.extend(figures.map(money));
        table.row(pages, &cells, PLAIN);
    }
    let mut cells = vec![word(pages.lang, "sum"), String::new(), receipts.to_string()];
    cells.extend(sums.map(money));
    table.total(pages, &cells);
}

fn cash(pages: &mut Sheet<'_>) {
    let sheet = pages.statement;
    if sheet.cash.is_empty() {
        return;
    }
    section(pages, "cash", 16.0 + 3.0 * (6.0 + LEADING));
    let keys = ["opening", "taken", "back", "moved", "sent", "over", "closing"];
    let mut heads = vec![("till", 80.0, false)];
    heads.extend(keys.map(|key| (key, 70.0, true)));
    let table = columns(pages, &heads);
    table.head(pages);
    let mut sums = [0; 7];
    for row in &sheet.cash {
        let figures = [
            row.opening_minor,
            row.taken_minor,
            row.back_minor,
            row.moved_minor,
            row.sent_minor,
            row.over_minor,
            row.closing_minor,
        ];
        sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
        let mut cells = vec![clean(&row.account)];
        cells.extend(figures.map(money));
        table.row(pages, &cells, PLAIN);
    }
    let mut cells = vec![word(pages.lang, "sum")];
    cells.extend(sums.map(money));
    table.total(pages, &cells);
}

/// A count: who and when, the pieces, and what is over or short.
fn counted(pages: &mut Sheet<'_>, count: &SheetCount) {
    let at = Zone::CHINA.wall_clock(count.at_ms);
    let (till, by) = (clean(&count.account), clean(&count.by));
    let values: [(&str, &str); 4] =
        [("till", &till), ("at", &at), ("by", &by), ("number", &count.number)];
    let title = filled(pages.lang, "sheet.count", &values);
    pages.section(&title, 16.0 + 4.0 * (6.0 + LEADING));
    let table =
        columns(pages, &[("note", 230.0, false), ("pieces", 120.0, true), ("amount", 150.0, true)]);
    table.head(pages);
    for each in &count.notes {
        let cells = [money(each.worth_minor), each.pieces.to_string(), money(each.sum_minor())];
        table.row(pages, &cells, PLAIN);
    }
    let over = count.counted_minor - count.expected_minor;
    let sum = |pages: &Sheet<'_>, key: &str, text: String| {
        [said(pages, &format!("col.{key}")), String::new(), text]
    };
    let cells = sum(pages, "counted", money(count.counted_minor));
    table.total(pages, &cells);
    let cells = sum(pages, "expected", money(count.expected_minor));
    table.row(pages, &cells, PLAIN);
    let ink = if over == 0 { INK } else { LOSS };
    let cells = sum(pages, "over", grouped_signed(over, DECIMALS));
    table.row(pages, &cells, bold(SIZE, ink));
    if !count.reason.is_empty() {
        let reason = filled(pages.lang, "sheet.reason", &[("reason", &clean(&count.reason))]);
        for line in pages.font.wrap(&reason, 8.0, WIDTH, 4) {
            pages.keep(LEADING + 4.0);
            pages.text(LEFT, pages.y - 10.0, style(8.0, INK), &line);
            pages.y -= LEADING + 1.5;
        }
    }
}

fn sent(pages: &mut Sheet<'_>) {
    let sheet = pages.statement;
    section(pages, "sent", 16.0 + 2.0 * (6.0 + LEADING));
    if sheet.sent.is_empty() {
        return note(pages, "nothing_sent");
    }
    let table = columns(
        pages,
        &[
            ("number", 110.0, false),
            ("tender", 100.0, false),
            ("till", 80.0, false),
            ("at", 95.0, false),
            ("arrived", 75.0, false),
            ("amount", 90.0, true),
        ],
    );
    table.head(pages);
    let mut sum = 0;
    for row in &sheet.sent {
        sum += row.amount_minor;
        let cells = [
            clean(&row.number),
            tender_name(pages, row.tender),
            clean(&row.account),
            Zone::CHINA.wall_clock(row.at_ms),
            row.arrived_on.map_or_else(|| said(pages, "on_its_way"), |day| day.to_string()),
            money(row.amount_minor),
        ];
        table.row(pages, &cells, PLAIN);
    }
    let mut cells = vec![String::new(); 6];
    cells[0] = word(pages.lang, "sum");
    cells[5] = money(sum);
    table.total(pages, &cells);
}

/// Who counted, who looked at it, who keeps the books.
fn signatures(pages: &mut Sheet<'_>) {
    pages.y -= 18.0;
    pages.keep(SIGNING);
    let width = WIDTH / 3.0;
    for (at, who) in ["cashier", "manager", "bookkeeper"].into_iter().enumerate() {
        let x = LEFT + width * at as f32;
        let label = said(pages, &format!("sign.{who}"));
        pages.text(x, pages.y - 10.0, style(8.5, GREY), &label);
        let y = pages.y - 40.0;
        pages.canvas.line((x, y), (x + width - 24.0, y), 0.6, INK);
        let date = said(pages, "sign.date");
        pages.text(x, y - 11.0, style(7.5, GREY), &date);
        let after = x + pages.font.width(&date, 7.5) + 4.0;
        pages.canvas.line((after, y - 13.0), (x + width - 24.0, y - 13.0), 0.4, RULE);
    }
    pages.y -= SIGNING;
}
