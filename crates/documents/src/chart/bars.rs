//! Bars: a waterfall, a bridge between two clocks, a row of days.

use super::svg::{ACCENT, Anchor, INK, INK_2, Svg};
use super::{BarKind, ChartBar, EDGE, HEAD, WIDTH, width, wrapped};
use crate::font::Font;
use crate::words::clean;

const PLOT: f64 = 300.0;
/// Space above the highest bar, for its amount.
const ABOVE: f64 = 20.0;
const WIDEST: f64 = 58.0;
/// A bar of nothing can still be seen.
const LEAST: f64 = 2.0;
const NAME: f64 = 11.0;
const LINE: f64 = 14.0;
/// Bars over time: more names than these are left out, every so many.
const FEW: usize = 16;
/// Least room for a bar of a way from one figure to another: each has its name and its amount.
const ROOM: f64 = 74.0;
const GAIN: &str = "#226b5a";
const LOSS: &str = "#9c4a31";
const QUESTION: &str = "#8a5a00";

/// Names below the bars: their lines, or none where there is no room for this one.
fn names(bars: &[ChartBar], font: &mut Font) -> Vec<Vec<String>> {
    let column = column(bars, font);
    if bars.len() <= FEW || is_way(bars) {
        let lines = |bar: &ChartBar| wrapped(font, &clean(&bar.name), NAME, column - 4.0);
        return bars.iter().map(lines).collect();
    }
    let widest = bars.iter().map(|bar| width(font, &bar.name, NAME)).fold(1.0, f64::max);
    let every = (((widest + 10.0) / column).ceil() as usize).max(1);
    let name = |(at, bar): (usize, &ChartBar)| match at % every {
        0 => vec![clean(&bar.name)],
        _ => Vec::new(),
    };
    bars.iter().enumerate().map(name).collect()
}

/// True for steps that lead from one figure to another; a row of days is none.
fn is_way(bars: &[ChartBar]) -> bool {
    bars.iter().any(|bar| bar.kind != BarKind::Whole)
}

/// Room for the widest amount.
fn amount(bars: &[ChartBar], font: &mut Font) -> f64 {
    bars.iter().map(|bar| width(font, &bar.text, NAME)).fold(0.0, f64::max) + 6.0
}

/// Width of the chart: a way is as wide as its steps need, time has to fit.
pub(super) fn wide(bars: &[ChartBar], font: &mut Font) -> f64 {
    let needed = amount(bars, font).max(ROOM) * bars.len() as f64 + 2.0 * EDGE;
    if is_way(bars) { needed.max(WIDTH) } else { WIDTH }
}

fn column(bars: &[ChartBar], font: &mut Font) -> f64 {
    (wide(bars, font) - 2.0 * EDGE) / bars.len().max(1) as f64
}

/// What the chart takes below its head.
pub(super) fn height(bars: &[ChartBar], font: &mut Font) -> f64 {
    let lines = names(bars, font).iter().map(Vec::len).max().unwrap_or(0);
    ABOVE + PLOT + LINE * lines as f64 + 6.0
}

/// A bar between two amounts.
struct Span<'a> {
    bar: &'a ChartBar,
    from: i64,
    to: i64,
}

/// Where each bar begins and ends.
fn spans(bars: &[ChartBar]) -> Vec<Span<'_>> {
    let mut level = 0_i64;
    let spans = bars.iter().map(|bar| {
        let from = if bar.kind == BarKind::Whole { 0 } else { level };
        let to = from.saturating_add(bar.minor);
        level = to;
        Span { bar, from, to }
    });
    spans.collect()
}

/// Draws the bars.
pub(super) fn draw(svg: &mut Svg, bars: &[ChartBar], font: &mut Font) {
    let spans = spans(bars);
    let levels = || spans.iter().flat_map(|span| [span.from, span.to]);
    let (low, high) = (levels().min().unwrap_or(0).min(0), levels().max().unwrap_or(0).max(1));
    let range = (high as f64 - low as f64).max(1.0);
    let top = HEAD + ABOVE;
    let y = |at: i64| top + (high as f64 - at as f64) / range * PLOT;
    let (column, right) = (column(bars, font), wide(bars, font) - EDGE);
    let thick = (column * 0.64).min(WIDEST);
    let every_amount = amount(bars, font) <= column;
    let highest = bars.iter().max_by_key(|bar| bar.minor);
    for (at, span) in spans.iter().enumerate() {
        let x = EDGE + column * at as f64 + (column - thick) / 2.0;
        let (upper, lower) = (y(span.from.max(span.to)), y(span.from.min(span.to)));
        let tall = (lower - upper).max(LEAST);
        let upper = upper.min(top + PLOT - tall);
        svg.rect([x, upper, thick, tall], (tall / 2.0).min(3.0), colour(span.bar));
        if spans.get(at + 1).is_some_and(|next| leads(span.bar, next.bar)) {
            svg.line((x + thick, y(span.to)), (x + column, y(span.to)), true);
        }
        let bold = span.bar.kind == BarKind::Whole;
        if every_amount {
            let place = (x + thick / 2.0, upper - 6.0);
            svg.text(place, NAME, Anchor::Middle, bold, INK, &clean(&span.bar.text));
        } else if highest.is_some_and(|bar| std::ptr::eq(bar, span.bar)) {
            // One amount gives the measure of all.
            svg.line((EDGE, upper), (right, upper), true);
            svg.text((EDGE, upper - 6.0), NAME, Anchor::Start, true, INK, &clean(&span.bar.text));
        }
    }
    svg.line((EDGE, y(0)), (right, y(0)), false);
    for (at, lines) in names(bars, font).iter().enumerate() {
        let x = EDGE + column * (at as f64 + 0.5);
        for (line, text) in lines.iter().enumerate() {
            let place = (x, top + PLOT + LINE * (line as f64 + 1.0) + 2.0);
            svg.text(place, NAME, Anchor::Middle, false, INK_2, text);
        }
    }
}

/// True where the eye is led from one bar to the next: a row of days is no way.
fn leads(bar: &ChartBar, next: &ChartBar) -> bool {
    bar.kind != BarKind::Whole || next.kind != BarKind::Whole
}

fn colour(bar: &ChartBar) -> &'static str {
    match (bar.kind, bar.minor) {
        (BarKind::Whole, minor) if minor < 0 => LOSS,
        (BarKind::Whole, _) => ACCENT,
        (BarKind::Question, minor) if minor != 0 => QUESTION,
        (_, minor) if minor < 0 => LOSS,
        _ => GAIN,
    }
}
