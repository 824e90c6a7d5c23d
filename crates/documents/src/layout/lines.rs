//! The transactions: two text lines each, so that every number stands in full.

use super::table::{LEADING, PAD, SIZE, Table};
use super::{GREY, INK, Pages, style};
use crate::canvas::Align;
use crate::statement::Line;
use crate::words::{clean, filled, grouped, word};
use domain::BalanceKind;

const ROW: f32 = 5.0 + 2.0 * LEADING;

/// Draws the transactions with their sums; nothing when there are none.
pub(super) fn draw(pages: &mut Pages<'_>) {
    let statement = pages.statement;
    if statement.lines.is_empty() {
        return;
    }
    let lang = statement.lang;
    let table = Table::new(vec![
        (word(lang, "col.time"), 46.0, Align::Left, 1),
        (word(lang, "col.kind"), 54.0, Align::Left, 2),
        (word(lang, "col.numbers"), 124.0, Align::Left, 1),
        (word(lang, "col.goods_evidence"), 127.0, Align::Left, 1),
        (word(lang, "col.gross"), 53.0, Align::Right, 1),
        (word(lang, "col.fee"), 42.0, Align::Right, 1),
        (word(lang, "col.net"), 53.0, Align::Right, 1),
    ]);
    let cells: Vec<(f32, f32)> = table.cells().collect();
    let kinds: Vec<Vec<String>> = BalanceKind::ALL
        .iter()
        .map(|kind| {
            let name = word(lang, &format!("kind.{}", kind.code()));
            pages.font.wrap(&name, SIZE, cells[1].1 - 2.0 * PAD, 2)
        })
        .collect();
    let count = statement.lines.len().to_string();
    let clock = word(lang, &format!("clock.{}", statement.clock.code()));
    let title = filled(lang, "section.lines", &[("count", &count), ("clock", &clock)]);
    pages.section(&title, 16.0 + 3.0 * ROW);
    table.head(pages);
    for line in &statement.lines {
        table.room(pages, ROW);
        row(pages, &cells, &kinds[line.kind.number() as usize], line);
    }
    let sum = |of: fn(&Line) -> i64| -> i64 { statement.lines.iter().map(of).sum() };
    let decimals = pages.decimals();
    table.total(
        pages,
        &[
            word(lang, "sum"),
            String::new(),
            String::new(),
            String::new(),
            grouped(sum(|line| line.gross_minor), decimals),
            grouped(sum(|line| line.fee_minor), decimals),
            grouped(sum(|line| line.net_minor), decimals),
        ],
    );
}

fn row(pages: &mut Pages<'_>, cells: &[(f32, f32)], kind: &[String], line: &Line) {
    let (plain, quiet) = (style(SIZE, INK), style(SIZE, GREY));
    let (upper, lower) = (pages.y - 9.5, pages.y - 9.5 - LEADING);
    let at = |index: usize| (cells[index].0 + PAD, cells[index].1 - 2.0 * PAD);
    let decimals = pages.decimals();
    let time = pages.statement.zone.wall_clock(line.at_ms);
    let (day, clock) = time.split_once(' ').unwrap_or((time.as_str(), ""));

    pages.text(at(0).0, upper, plain, day);
    if let Some(first) = kind.first() {
        pages.text(at(1).0, upper, plain, first);
    }
    let (x, width) = at(2);
    pages.fitted(x, upper, width, plain, &clean(&line.order_no));
    let (x, width) = at(3);
    pages.fitted(x, upper, width, plain, &clean(&line.goods));
    for (index, minor) in [(4, line.gross_minor), (5, line.fee_minor), (6, line.net_minor)] {
        let (x, width) = at(index);
        pages.figure(x + width, upper, width, plain, &grouped(minor, decimals));
    }

    pages.text(at(0).0, lower, quiet, clock);
    if let Some(second) = kind.get(1) {
        pages.text(at(1).0, lower, plain, second);
    }
    let (x, width) = at(2);
    pages.fitted(x, lower, width, quiet, &clean(&line.channel_no));
    let (x, width) = at(3);
    evidence(pages, x, lower, width, line);
    pages.y -= ROW;
    pages.hairlines.push(pages.y);
}

/// File and line; of a long file name the end is what tells, but the line number always shows.
fn evidence(pages: &mut Pages<'_>, x: f32, y: f32, width: f32, line: &Line) {
    let tail = format!(":{}", line.evidence_line);
    let room = width - pages.font.width(&tail, SIZE);
    let name = clean(&line.evidence_file);
    let mut shown = name.as_str();
    if pages.font.width(shown, SIZE) > room {
        let dots = pages.font.width(pages.font.ellipsis(), SIZE);
        while !shown.is_empty() && pages.font.width(shown, SIZE) + dots > room {
            let next = shown.chars().next().map_or(1, char::len_utf8);
            shown = &shown[next..];
        }
        pages.text(x, y, style(SIZE, GREY), &format!("{}{shown}{tail}", pages.font.ellipsis()));
    } else {
        pages.text(x, y, style(SIZE, GREY), &format!("{shown}{tail}"));
    }
}
