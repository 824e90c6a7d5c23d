//! Seven days of twenty-four hours, a cell filled the more, the more it counts.

use super::svg::{Anchor, INK, INK_2, Svg};
use super::{ChartWeek, EDGE, HEAD, WIDTH, width};
use crate::font::Font;
use crate::words::grouped;

const CELL: f64 = 34.0;
const GAP: f64 = 2.0;
const NAMES: f64 = 52.0;
const HOURS: f64 = 18.0;
const KEY: f64 = 34.0;
const SIZE: f64 = 11.0;
/// What the chart takes below its head.
pub(super) const HEIGHT: f64 = HOURS + 7.0 * CELL + KEY;

const NOTHING: &str = "#f2f0ea";
/// From little to most; the last two bear white figures.
const LEVELS: [&str; 6] = ["#ecf2f2", "#d5e2e2", "#b8cfcf", "#97b9b9", "#367877", "#12605f"];

/// Draws the week.
pub(super) fn draw(svg: &mut Svg, week: &ChartWeek, font: &mut Font) {
    let column = (WIDTH - 2.0 * EDGE - NAMES) / 24.0;
    let most = week.counts.iter().flatten().copied().max().unwrap_or(0).max(1);
    for hour in 0..24 {
        let x = EDGE + NAMES + column * (hour as f64 + 0.5);
        svg.text((x, HEAD + 12.0), SIZE, Anchor::Middle, false, INK_2, &hour.to_string());
    }
    for (row, (name, hours)) in week.days.iter().zip(&week.counts).enumerate() {
        let y = HEAD + HOURS + CELL * row as f64;
        let base = y + CELL / 2.0 + 4.0;
        svg.text((EDGE, base), SIZE, Anchor::Start, false, INK_2, name);
        for (hour, count) in hours.iter().enumerate() {
            let x = EDGE + NAMES + column * hour as f64;
            let level = level(*count, most);
            let fill = level.map_or(NOTHING, |level| LEVELS[level]);
            svg.rect([x, y, column - GAP, CELL - GAP], 4.0, fill);
            if let Some(level) = level {
                let ink = if level > 3 { "#ffffff" } else { INK };
                let place = (x + (column - GAP) / 2.0, base);
                svg.text(place, SIZE, Anchor::Middle, false, ink, &grouped(*count, 0));
            }
        }
    }
    key(svg, week, font);
}

/// The place of a count among the levels; none for nothing.
fn level(count: i64, most: i64) -> Option<usize> {
    let place = count.saturating_mul(LEVELS.len() as i64) / most;
    (count > 0).then(|| usize::try_from(place).unwrap_or(0).min(LEVELS.len() - 1))
}

fn key(svg: &mut Svg, week: &ChartWeek, font: &mut Font) {
    let base = HEAD + HOURS + 7.0 * CELL + 22.0;
    let mut x = EDGE + NAMES;
    let [less, more] = &week.ends;
    svg.text((x, base), SIZE, Anchor::Start, false, INK_2, less);
    x += width(font, less, SIZE) + 8.0;
    for fill in LEVELS {
        svg.rect([x, base - 10.0, 22.0, 12.0], 3.0, fill);
        x += 24.0;
    }
    svg.text((x + 6.0, base), SIZE, Anchor::Start, false, INK_2, more);
}
