//! Tables whose head is repeated on every page they go on to.

use super::{BOTTOM, GREY, INK, LEFT, Pages, RULE, TINT, WIDTH, bold, style};
use crate::canvas::{Align, Style};

/// Size of a table's text.
pub(super) const SIZE: f32 = 7.5;
/// Distance of two lines inside a cell.
pub(super) const LEADING: f32 = 9.2;
/// Blank kept at each side of a cell.
pub(super) const PAD: f32 = 3.0;
const HEAD: f32 = 16.0;

/// A column: its head, its share of the width, how its cells are aligned.
pub(super) struct Column {
    pub head: String,
    pub width: f32,
    pub align: Align,
    /// Most lines a cell is broken into; what is longer is cut with an ellipsis.
    pub lines: usize,
}

/// A table being drawn.
pub(super) struct Table {
    columns: Vec<Column>,
}

impl Table {
    /// `columns` are (head, width, align, lines); widths are scaled to fill the page.
    pub fn new(columns: Vec<(String, f32, Align, usize)>) -> Self {
        let total: f32 = columns.iter().map(|column| column.1).sum();
        let columns = columns
            .into_iter()
            .map(|(head, width, align, lines)| Column {
                head,
                width: width * WIDTH / total,
                align,
                lines,
            })
            .collect();
        Self { columns }
    }

    /// Draws the head.
    pub fn head<D>(&self, pages: &mut Pages<'_, D>) {
        let y = pages.y;
        pages.canvas.fill_rect([LEFT, y - HEAD, WIDTH, HEAD], TINT);
        let mut x = LEFT;
        for column in &self.columns {
            let shown = pages.font.fit(&column.head, SIZE, column.width - 2.0 * PAD).into_owned();
            put(pages, x, y - 11.0, column, bold(SIZE, GREY), &shown);
            x += column.width;
        }
        pages.y -= HEAD;
    }

    /// Starts a new page with a head of its own unless `height` points are left.
    pub fn room<D>(&self, pages: &mut Pages<'_, D>, height: f32) {
        if pages.y - height < BOTTOM {
            pages.break_page();
            self.head(pages);
        }
    }

    /// Draws a row, each cell broken into as many lines as its column allows.
    pub fn row<D>(&self, pages: &mut Pages<'_, D>, cells: &[String], style: Style) {
        let broken: Vec<Vec<String>> = self
            .columns
            .iter()
            .zip(cells)
            .map(|(column, cell)| match column.align {
                // A figure is set smaller when it is too long, never broken or cut.
                Align::Right => vec![cell.clone()],
                Align::Left => {
                    pages.font.wrap(cell, style.size, column.width - 2.0 * PAD, column.lines)
                }
            })
            .collect();
        let deepest = broken.iter().map(Vec::len).max().unwrap_or(1).max(1);
        let height = 6.0 + LEADING * deepest as f32;
        self.room(pages, height);
        let mut x = LEFT;
        for (column, lines) in self.columns.iter().zip(&broken) {
            for (index, line) in lines.iter().enumerate() {
                let y = pages.y - 10.0 - LEADING * index as f32;
                put(pages, x, y, column, style, line);
            }
            x += column.width;
        }
        pages.y -= height;
        pages.hairlines.push(pages.y);
    }

    /// Draws the row of sums, below a stronger line.
    pub fn total<D>(&self, pages: &mut Pages<'_, D>, cells: &[String]) {
        self.room(pages, 6.0 + LEADING);
        let y = pages.y;
        pages.canvas.line((LEFT, y), (LEFT + WIDTH, y), 0.8, INK);
        self.row(pages, cells, bold(SIZE, INK));
    }

    /// Left edges and widths of the columns.
    pub fn cells(&self) -> impl Iterator<Item = (f32, f32)> + '_ {
        self.columns.iter().scan(LEFT, |x, column| {
            let at = *x;
            *x += column.width;
            Some((at, column.width))
        })
    }
}

/// A plain row's style.
pub(super) const PLAIN: Style = style(SIZE, INK);

fn put<D>(pages: &mut Pages<'_, D>, x: f32, y: f32, column: &Column, style: Style, text: &str) {
    match column.align {
        Align::Left => pages.text(x + PAD, y, style, text),
        Align::Right => {
            pages.figure(x + column.width - PAD, y, column.width - 2.0 * PAD, style, text);
        }
    }
}

/// A line across the page.
pub(super) fn rule<D>(pages: &mut Pages<'_, D>) {
    let y = pages.y;
    pages.canvas.line((LEFT, y), (LEFT + WIDTH, y), 0.5, RULE);
}
