//! Charts for paper: bars, a week of hours, the places of money, each one SVG of its own.
//!
//! A chart comes with its words and amounts already written out; here it only gets its places.
//! Equal charts give equal bytes. Colours are those of paper, whatever a window wears, and no
//! mark is told apart by its colour alone: every one carries its amount with its sign.

mod bars;
mod places;
mod svg;
mod week;

use crate::DocumentError;
use crate::font::Font;
use crate::words::clean;
use messages::Lang;
use svg::{Anchor, INK, INK_2, Svg};

/// Space around the drawing.
const EDGE: f64 = 24.0;
/// Space for the title and the note below it.
const HEAD: f64 = 62.0;
/// Width of a chart that asks for no more: an A4 page between its margins, one and a half times.
const WIDTH: f64 = 960.0;

/// A chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What it is of.
    pub title: String,
    /// Days and currency.
    pub note: String,
    /// What is drawn.
    pub body: ChartBody,
}

/// What a chart shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChartBody {
    /// Bars beside each other.
    Bars(Vec<ChartBar>),
    /// Seven days of twenty-four hours.
    Week(Box<ChartWeek>),
    /// Where money is, in the way it takes.
    Places(Vec<ChartPlace>),
}

/// How a bar stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarKind {
    /// From nothing.
    Whole,
    /// From where the bar before ended.
    Step,
    /// As [`Self::Step`], for what nobody has explained.
    Question,
}

/// A bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartBar {
    /// Its name.
    pub name: String,
    /// How long it is, in minor units.
    pub minor: i64,
    /// The same as text.
    pub text: String,
    /// How it stands.
    pub kind: BarKind,
}

/// Counts by weekday and hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartWeek {
    /// Names of the days, Monday first.
    pub days: [String; 7],
    /// A count for each hour of each day.
    pub counts: [[i64; 24]; 7],
    /// The words at both ends of the key.
    pub ends: [String; 2],
}

/// A place where money is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartPlace {
    /// Its name.
    pub name: String,
    /// What it means.
    pub about: String,
    /// Its amounts as text, a currency each.
    pub amounts: Vec<String>,
    /// True where the way ends.
    pub last: bool,
}

/// The chart as an SVG.
///
/// # Errors
/// [`DocumentError::Font`] when the shipped font cannot be read, which a test excludes.
pub fn render_chart(chart: &Chart, lang: Lang) -> Result<String, DocumentError> {
    let mut font = Font::load(lang)?;
    let height = match &chart.body {
        ChartBody::Bars(bars) => bars::height(bars, &mut font),
        ChartBody::Week(_) => week::HEIGHT,
        ChartBody::Places(places) => places::height(places, &mut font),
    };
    let wide = match &chart.body {
        ChartBody::Bars(bars) => bars::wide(bars, &mut font),
        ChartBody::Week(_) | ChartBody::Places(_) => WIDTH,
    };
    let title = clean(&chart.title);
    let mut svg = Svg::new(wide, HEAD + height + EDGE, &title, lang);
    svg.text((EDGE, EDGE + 14.0), 17.0, Anchor::Start, true, INK, &title);
    svg.text((EDGE, EDGE + 32.0), 12.0, Anchor::Start, false, INK_2, &clean(&chart.note));
    match &chart.body {
        ChartBody::Bars(bars) => bars::draw(&mut svg, bars, &mut font),
        ChartBody::Week(week) => week::draw(&mut svg, week, &mut font),
        ChartBody::Places(places) => places::draw(&mut svg, places, &mut font),
    }
    Ok(svg.finish())
}

/// Advance of a text in pixels.
fn width(font: &mut Font, text: &str, size: f64) -> f64 {
    f64::from(font.width(text, size as f32))
}

/// A text in lines of at most `room`: broken at blanks, and where a word is wider, inside it. An
/// ideograph is a word.
fn wrapped(font: &mut Font, text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in words(text) {
        let Some(line) = lines.last_mut() else { continue };
        let longer = format!("{line}{word}");
        if width(font, longer.trim_end(), size) <= room {
            *line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(String::new());
        }
        for ch in word.trim_start().chars() {
            let Some(line) = lines.last_mut() else { continue };
            let longer = format!("{line}{ch}");
            if line.is_empty() || width(font, &longer, size) <= room {
                *line = longer;
            } else {
                lines.push(ch.to_string());
            }
        }
    }
    lines.iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Pieces a text may be broken between, each with the blank behind it.
fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    // A soft hyphen is for pages that break words themselves.
    for ch in text.chars().filter(|ch| *ch != '\u{ad}') {
        let alone = ch >= '\u{2e80}';
        match found.last_mut() {
            Some(word) if open && !alone => word.push(ch),
            _ => found.push(ch.to_string()),
        }
        open = !alone && ch != ' ';
    }
    found
}

#[cfg(test)]
mod tests;
