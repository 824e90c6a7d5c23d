//! One page's drawing operators, written as they come.
//!
//! Writing the stream at once keeps a page at a few kilobytes; a list of typed operators would
//! hold 300 MB for a thousand pages. Positions are kept in hundredths of a point, so relative
//! moves never drift.

use crate::font::Font;
use std::io::Write;

/// A colour, each part 0 to 255.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ink(pub u8, pub u8, pub u8);

/// How a text is set.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// Size in points.
    pub size: f32,
    /// Drawn with a thin outline.
    pub bold: bool,
    /// Colour.
    pub ink: Ink,
}

/// Which point of a text `x` is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Its left edge.
    Left,
    /// Its right edge.
    Right,
}

/// The stream of one page. The origin is the lower left corner, units are points.
#[derive(Default)]
pub(crate) struct Canvas {
    out: Vec<u8>,
    in_text: bool,
    /// Start of the last text, relative to which the next one is placed.
    pen: (i64, i64),
    size: Option<i64>,
    bold: Option<i64>,
    fill: Option<Ink>,
    stroke: Option<Ink>,
    thickness: Option<i64>,
}

/// The one name the pages know the font by.
pub(crate) const FONT_NAME: &str = "Text";

fn hundredths(value: f32) -> i64 {
    (value * 100.0).round() as i64
}

impl Canvas {
    /// Draws `text` on the baseline `y`.
    pub fn text(&mut self, font: &mut Font, x: f32, y: f32, style: Style, text: &str) {
        if text.is_empty() {
            return;
        }
        self.set_fill(style.ink);
        self.set_weight(style);
        if !self.in_text {
            self.out.extend_from_slice(b"BT\n");
            self.in_text = true;
            self.pen = (0, 0);
        }
        let size = hundredths(style.size);
        if self.size != Some(size) {
            self.size = Some(size);
            self.name(FONT_NAME);
            self.numbers(&[size], "Tf");
        }
        let at = (hundredths(x), hundredths(y));
        self.numbers(&[at.0 - self.pen.0, at.1 - self.pen.1], "Td");
        self.pen = at;
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.out.push(b'<');
        for ch in text.chars() {
            let id = font.glyph(ch).id;
            for shift in [12, 8, 4, 0] {
                self.out.push(DIGITS[usize::from((id >> shift) & 15)]);
            }
        }
        self.out.extend_from_slice(b">Tj\n");
    }

    /// Draws `text` aligned at `x`.
    pub fn aligned(
        &mut self,
        font: &mut Font,
        (x, y): (f32, f32),
        align: Align,
        style: Style,
        text: &str,
    ) {
        let x = match align {
            Align::Left => x,
            Align::Right => x - font.width(text, style.size),
        };
        self.text(font, x, y, style, text);
    }

    /// Fills a rectangle.
    pub fn fill_rect(&mut self, [x, y, w, h]: [f32; 4], ink: Ink) {
        self.end_text();
        self.set_fill(ink);
        self.rect([x, y, w, h], "f");
    }

    /// Outlines a rectangle.
    pub fn outline_rect(&mut self, area: [f32; 4], thickness: f32, ink: Ink) {
        self.end_text();
        self.set_stroke(ink, thickness);
        self.rect(area, "S");
    }

    /// Fills a rectangle with slanted lines and outlines it.
    pub fn hatch_rect(&mut self, [x, y, w, h]: [f32; 4], step: f32, ink: Ink) {
        self.end_text();
        self.out.extend_from_slice(b"q\n");
        self.rect([x, y, w, h], "W n");
        self.set_stroke(ink, 0.5);
        let mut from = x - h;
        while from < x + w {
            self.numbers(&[hundredths(from), hundredths(y)], "m");
            self.numbers(&[hundredths(from + h), hundredths(y + h)], "l");
            from += step;
        }
        self.out.extend_from_slice(b"S\nQ\n");
        // `Q` brought back the state before; it is not known here, so it is set anew.
        (self.stroke, self.thickness) = (None, None);
        self.outline_rect([x, y, w, h], 0.6, ink);
    }

    /// Draws a straight line.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), thickness: f32, ink: Ink) {
        self.end_text();
        self.set_stroke(ink, thickness);
        self.numbers(&[hundredths(from.0), hundredths(from.1)], "m");
        self.numbers(&[hundredths(to.0), hundredths(to.1)], "l");
        self.out.extend_from_slice(b"S\n");
    }

    /// The finished stream.
    pub fn finish(mut self) -> Vec<u8> {
        self.end_text();
        self.out
    }

    fn rect(&mut self, [x, y, w, h]: [f32; 4], paint: &str) {
        self.numbers(&[x, y, w, h].map(hundredths), "re");
        self.out.extend_from_slice(paint.as_bytes());
        self.out.push(b'\n');
    }

    fn end_text(&mut self) {
        if self.in_text {
            self.out.extend_from_slice(b"ET\n");
            self.in_text = false;
        }
    }

    /// The font has one weight; bold is drawn with an outline of a fortieth of the size.
    fn set_weight(&mut self, style: Style) {
        let outline = if style.bold { hundredths(style.size / 40.0) } else { 0 };
        if style.bold {
            self.set_stroke(style.ink, style.size / 40.0);
        }
        if self.bold != Some(outline) {
            self.bold = Some(outline);
            self.out.extend_from_slice(if style.bold { b"2 Tr\n" } else { b"0 Tr\n" });
        }
    }

    fn set_fill(&mut self, ink: Ink) {
        if self.fill != Some(ink) {
            self.fill = Some(ink);
            self.ink(ink, "rg");
        }
    }

    fn set_stroke(&mut self, ink: Ink, thickness: f32) {
        if self.stroke != Some(ink) {
            self.stroke = Some(ink);
            self.ink(ink, "RG");
        }
        let thickness = hundredths(thickness);
        if self.thickness != Some(thickness) {
            self.thickness = Some(thickness);
            self.numbers(&[thickness], "w");
        }
    }

    fn ink(&mut self, Ink(r, g, b): Ink, operator: &str) {
        // Hundredths of full strength are finer than any printer shows.
        self.numbers(&[r, g, b].map(|part| i64::from(part) * 100 / 255), operator);
    }

    fn name(&mut self, name: &str) {
        self.out.push(b'/');
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b' ');
    }

    /// Numbers given in hundredths, then the operator.
    fn numbers(&mut self, numbers: &[i64], operator: &str) {
        for number in numbers {
            let (sign, size) = (if *number < 0 { "-" } else { "" }, number.unsigned_abs());
            let (whole, part) = (size / 100, size % 100);
            let written = match part {
                0 => write!(self.out, "{sign}{whole} "),
                _ if part % 10 == 0 => write!(self.out, "{sign}{whole}.{} ", part / 10),
                _ => write!(self.out, "{sign}{whole}.{part:02} "),
            };
            written.expect("writing to memory does not fail");
        }
        self.out.extend_from_slice(operator.as_bytes());
        self.out.push(b'\n');
    }
}
