//! An SVG as it is written: shapes and words, with escaped text and numbers of two decimals.

use messages::Lang;
use std::fmt::Write;

/// The darkest ink.
pub(super) const INK: &str = "#17211f";
/// For words beside figures.
pub(super) const INK_2: &str = "#55605c";
/// Lines one reads along.
pub(super) const RULE: &str = "#cbc6b9";
/// What stands for itself.
pub(super) const ACCENT: &str = "#12605f";

/// The fonts of the window, so that a chart looks the same where they are there.
const FONT: &str = "Inter, 'SF Pro Text', 'Segoe UI', 'Noto Sans', 'PingFang SC', \
    'Microsoft YaHei UI', 'Noto Sans SC', 'Noto Sans CJK SC', sans-serif";

/// Which point of a text its place is.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
}

/// An SVG in the making. The origin is the upper left corner.
pub(super) struct Svg {
    out: String,
}

impl Svg {
    /// A white sheet with a title that is read aloud.
    pub fn new(width: f64, height: f64, title: &str, lang: Lang) -> Self {
        let (wide, high) = (number(width), number(height));
        let mut svg = Self { out: String::with_capacity(16 * 1024) };
        svg.put(&format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" \
             viewBox=\"0 0 {wide} {high}\" xml:lang=\"{}\" role=\"img\" font-family=\"{FONT}\" \
             font-variant-numeric=\"tabular-nums\">\n<title>{}</title>\n",
            lang.code(),
            escaped(title),
        ));
        svg.rect([0.0, 0.0, width, height], 0.0, "#ffffff");
        svg
    }

    /// A filled box.
    pub fn rect(&mut self, [x, y, w, h]: [f64; 4], round: f64, fill: &str) {
        let place = format!("x=\"{}\" y=\"{}\"", number(x), number(y));
        let size = format!("width=\"{}\" height=\"{}\"", number(w), number(h));
        let rx = if round > 0.0 { format!(" rx=\"{}\"", number(round)) } else { String::new() };
        self.put(&format!("<rect {place} {size}{rx} fill=\"{fill}\"/>\n"));
    }

    /// A straight line, dashed where asked.
    pub fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), dashed: bool) {
        let from = format!("x1=\"{}\" y1=\"{}\"", number(x1), number(y1));
        let to = format!("x2=\"{}\" y2=\"{}\"", number(x2), number(y2));
        let dash = if dashed { " stroke-dasharray=\"2 3\"" } else { "" };
        self.put(&format!("<line {from} {to} stroke=\"{RULE}\"{dash}/>\n"));
    }

    /// Words on a baseline.
    pub fn text(
        &mut self,
        (x, y): (f64, f64),
        size: f64,
        anchor: Anchor,
        bold: bool,
        fill: &str,
        text: &str,
    ) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
        };
        let weight = if bold { " font-weight=\"600\"" } else { "" };
        let place = format!("x=\"{}\" y=\"{}\"", number(x), number(y));
        self.put(&format!(
            "<text {place} font-size=\"{}\"{anchor}{weight} fill=\"{fill}\">{}</text>\n",
            number(size),
            escaped(text),
        ));
    }

    /// The finished text.
    pub fn finish(mut self) -> String {
        self.put("</svg>\n");
        self.out
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }
}

/// Two decimals at most, the same on every machine.
fn number(value: f64) -> String {
    let hundredths = (value * 100.0).round() as i64;
    let (sign, size) = (if hundredths < 0 { "-" } else { "" }, hundredths.unsigned_abs());
    let mut text = format!("{sign}{}", size / 100);
    match size % 100 {
        0 => {}
        part if part % 10 == 0 => {
            // Writing to a string does not fail.
            let _ = write!(text, ".{}", part / 10);
        }
        part => {
            let _ = write!(text, ".{part:02}");
        }
    }
    text
}

/// Text that cannot end its element, without characters no XML may hold.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            ch if ch.is_control() => out.push(' '),
            ch => out.push(ch),
        }
    }
    out
}
