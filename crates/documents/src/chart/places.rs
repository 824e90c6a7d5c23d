//! Where money is: beads on a rod, in the way it takes.

use super::svg::{ACCENT, Anchor, INK, INK_2, RULE, Svg};
use super::{ChartPlace, EDGE, HEAD, WIDTH, wrapped};
use crate::font::Font;
use crate::words::clean;

const NAME: f64 = 12.0;
const AMOUNT: f64 = 18.0;
const ABOUT: f64 = 11.0;
const LINE: f64 = 15.0;

fn column(places: usize) -> f64 {
    (WIDTH - 2.0 * EDGE) / places.max(1) as f64
}

fn about(place: &ChartPlace, places: usize, font: &mut Font) -> Vec<String> {
    wrapped(font, &clean(&place.about), ABOUT, column(places) - 16.0)
}

/// What the chart takes below its head.
pub(super) fn height(places: &[ChartPlace], font: &mut Font) -> f64 {
    let tall = |place: &ChartPlace| {
        let lines = about(place, places.len(), font).len();
        36.0 + 24.0 * place.amounts.len() as f64 + LINE * lines as f64
    };
    places.iter().map(tall).fold(0.0, f64::max)
}

/// Draws the places.
pub(super) fn draw(svg: &mut Svg, places: &[ChartPlace], font: &mut Font) {
    let column = column(places.len());
    let rod = HEAD + 6.0;
    svg.rect([EDGE, rod - 1.0, WIDTH - 2.0 * EDGE, 2.0], 0.0, RULE);
    for (at, place) in places.iter().enumerate() {
        let x = EDGE + column * at as f64;
        let bead = if place.last { ACCENT } else { RULE };
        svg.rect([x, rod - 6.0, 18.0, 12.0], 6.0, bead);
        let mut y = rod + 26.0;
        svg.text((x, y), NAME, Anchor::Start, false, INK_2, &clean(&place.name));
        for amount in &place.amounts {
            y += 24.0;
            svg.text((x, y), AMOUNT, Anchor::Start, true, INK, &clean(amount));
        }
        y += 4.0;
        for line in about(place, places.len(), font) {
            y += LINE;
            svg.text((x, y), ABOUT, Anchor::Start, false, INK_2, &line);
        }
    }
}
