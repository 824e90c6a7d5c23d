//! Where everything stands: A4 pages with heads, feet and page breaks.

mod blocks;
mod day_sheet;
mod lines;
mod table;
mod waterfall;

pub(crate) use day_sheet::lay_out as lay_out_sheet;

use crate::DocumentError;
use crate::canvas::{Align, Canvas, Ink, Style};
use crate::font::Font;
use crate::hash::hex;
use crate::statement::{Statement, TEMPLATE_VERSION};
use crate::words::{clean, filled, heading, word};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use messages::Lang;
use std::io::Write;

/// A4 in points.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
/// Left and right edge of the text.
const LEFT: f32 = 48.0;
const RIGHT: f32 = PAGE.0 - 48.0;
const WIDTH: f32 = RIGHT - LEFT;
/// First baseline of a page without the company head.
const TOP: f32 = PAGE.1 - 76.0;
/// Nothing but the foot stands below.
const BOTTOM: f32 = 62.0;

const INK: Ink = Ink(28, 34, 43);
const GREY: Ink = Ink(98, 106, 117);
const RULE: Ink = Ink(206, 211, 216);
const TINT: Ink = Ink(244, 246, 247);
const GAIN: Ink = Ink(24, 103, 98);
const LOSS: Ink = Ink(158, 66, 32);

const fn style(size: f32, ink: Ink) -> Style {
    Style { size, bold: false, ink }
}

const fn bold(size: f32, ink: Ink) -> Style {
    Style { size, bold: true, ink }
}

/// The pages of a document, ready to be put in a file.
pub(crate) struct Sheets {
    /// By page: the drawing, compressed (zlib), and the page number, plain.
    pub pages: Vec<(Vec<u8>, Vec<u8>)>,
    /// The font with the glyphs used.
    pub font: Font,
}

/// Lays out a checked statement; `hash` is its content hash.
///
/// # Errors
/// [`DocumentError::Font`] when the shipped font cannot be read.
pub(crate) fn lay_out(statement: &Statement, hash: &[u8; 32]) -> Result<Sheets, DocumentError> {
    let mut pages = Pages::new(statement, hash)?;
    blocks::company_head(&mut pages);
    blocks::summary(&mut pages);
    waterfall::draw(&mut pages);
    blocks::components(&mut pages);
    blocks::channels(&mut pages);
    blocks::payouts(&mut pages);
    blocks::notes(&mut pages);
    lines::draw(&mut pages);
    blocks::provenance(&mut pages);
    Ok(pages.finish())
}

/// What stands on every page of a document.
struct Frame {
    lang: Lang,
    /// Decimals of its amounts.
    decimals: u32,
    /// Who issues it, and what it is: the head of all pages but the first.
    head: (String, String),
    foot: String,
    hash: String,
}

/// The page being drawn and those done; `D` is what the document says.
struct Pages<'a, D = Statement> {
    statement: &'a D,
    lang: Lang,
    decimals: u32,
    font: Font,
    canvas: Canvas,
    /// Baseline of the next text, from the bottom edge.
    y: f32,
    done: Vec<Vec<u8>>,
    head: (String, String),
    foot: String,
    hash: String,
    /// Hairlines under table rows, drawn when the page is done, so text is not interrupted.
    hairlines: Vec<f32>,
}

impl<'a> Pages<'a> {
    fn new(statement: &'a Statement, hash: &[u8; 32]) -> Result<Self, DocumentError> {
        let lang = statement.lang;
        let hash = hex(hash);
        let clock = word(lang, &format!("clock.{}", statement.clock.code()));
        let foot = filled(
            lang,
            "foot",
            &[
                ("hash", &hash[..16]),
                ("template", &TEMPLATE_VERSION.to_string()),
                ("clock", &clock),
                ("zone", &statement.zone.name()),
            ],
        );
        let head = (clean(&statement.company.name), heading(statement));
        let decimals = statement.currency.decimals();
        Pages::of(statement, Frame { lang, decimals, head, foot, hash })
    }
}

impl<'a, D> Pages<'a, D> {
    fn of(statement: &'a D, frame: Frame) -> Result<Self, DocumentError> {
        let Frame { lang, decimals, head, foot, hash } = frame;
        Ok(Self {
            statement,
            lang,
            decimals,
            font: Font::load(lang)?,
            canvas: Canvas::default(),
            y: PAGE.1 - 48.0,
            done: Vec::new(),
            head,
            foot,
            hash,
            hairlines: Vec::new(),
        })
    }

    fn decimals(&self) -> u32 {
        self.decimals
    }

    fn text(&mut self, x: f32, y: f32, style: Style, text: &str) {
        self.canvas.text(&mut self.font, x, y, style, text);
    }

    fn right(&mut self, x: f32, y: f32, style: Style, text: &str) {
        self.canvas.aligned(&mut self.font, (x, y), Align::Right, style, text);
    }

    /// Draws a figure ending at `x`, smaller when it is wider than `width`: a figure is never cut.
    fn figure(&mut self, x: f32, y: f32, width: f32, style: Style, text: &str) {
        let needed = self.font.width(text, style.size);
        let size = if needed > width { style.size * width / needed } else { style.size };
        self.right(x, y, Style { size, ..style }, text);
    }

    /// Draws `text` cut to `width`.
    fn fitted(&mut self, x: f32, y: f32, width: f32, style: Style, text: &str) {
        let shown = self.font.fit(text, style.size, width);
        self.canvas.text(&mut self.font, x, y, style, &shown);
    }

    /// True when `height` points are left on this page.
    fn fits(&self, height: f32) -> bool {
        self.y - height >= BOTTOM
    }

    /// Starts a new page unless `height` points are left.
    fn keep(&mut self, height: f32) {
        if !self.fits(height) {
            self.break_page();
        }
    }

    /// A section's title, kept together with `height` points below it.
    fn section(&mut self, title: &str, height: f32) {
        self.y -= 14.0;
        self.keep(24.0 + height);
        self.text(LEFT, self.y - 10.0, bold(10.5, INK), title);
        self.y -= 22.0;
    }

    fn break_page(&mut self) {
        self.end_page();
        let (company, title) = self.head.clone();
        let y = PAGE.1 - 46.0;
        let room = WIDTH * 0.48;
        self.fitted(LEFT, y, room, style(8.0, GREY), &company);
        let shown = self.font.fit(&title, 8.0, room).into_owned();
        self.right(RIGHT, y, style(8.0, GREY), &shown);
        self.canvas.line((LEFT, y - 7.0), (RIGHT, y - 7.0), 0.5, RULE);
        self.y = TOP;
    }

    fn end_page(&mut self) {
        for y in std::mem::take(&mut self.hairlines) {
            self.canvas.line((LEFT, y), (RIGHT, y), 0.25, RULE);
        }
        self.canvas.line((LEFT, 48.0), (RIGHT, 48.0), 0.5, RULE);
        let foot = std::mem::take(&mut self.foot);
        self.fitted(LEFT, 36.0, WIDTH - 80.0, style(7.0, GREY), &foot);
        self.foot = foot;
        let stream = std::mem::take(&mut self.canvas).finish();
        self.done.push(compress(&stream));
    }

    /// Closes the last page and adds the page numbers, which are known only now.
    fn finish(mut self) -> Sheets {
        self.end_page();
        let count = self.done.len().to_string();
        let mut pages = Vec::with_capacity(self.done.len());
        for (index, drawing) in std::mem::take(&mut self.done).into_iter().enumerate() {
            let page = (index + 1).to_string();
            let text = filled(self.lang, "page", &[("page", &page), ("pages", &count)]);
            let mut canvas = Canvas::default();
            canvas.aligned(&mut self.font, (RIGHT, 36.0), Align::Right, style(7.0, GREY), &text);
            pages.push((drawing, canvas.finish()));
        }
        Sheets { pages, font: self.font }
    }
}

/// Compressed as a PDF stream. Level 6: 9 costs twice the time for one part in a hundred.
pub(crate) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::new(6));
    encoder.write_all(bytes).expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail")
}
