//! The waterfall: each component as a bar from the running total before it to the one after.
//!
//! What adds is solid and stands with a plus, what takes off is hatched and stands with a minus,
//! so the drawing also reads without colour.

use super::{BOTTOM, GAIN, GREY, INK, LEFT, LOSS, Pages, RIGHT, RULE, TOP, bold, style};
use crate::canvas::Ink;
use crate::words::{grouped, grouped_signed, word};
use domain::payout::Component;

const ROW: f32 = 16.5;
const BAR: f32 = 9.0;
const LABEL: f32 = 128.0;
const AMOUNT: f32 = 78.0;

/// Where amounts stand across the page.
struct Scale {
    zero: f32,
    per_minor: f64,
}

impl Scale {
    /// Covers zero and every running total.
    fn new(running: &[i64]) -> Self {
        let low = running.iter().copied().min().unwrap_or(0).min(0);
        let high = running.iter().copied().max().unwrap_or(0).max(0);
        let (from, to) = (LEFT + LABEL, RIGHT - AMOUNT);
        let span = (high - low).max(1);
        let per_minor = f64::from(to - from) / span as f64;
        Self { zero: from + (-low as f64 * per_minor) as f32, per_minor }
    }

    /// Position of an amount. A drawing needs no more than the precision of `f64`.
    fn x(&self, minor: i64) -> f32 {
        self.zero + (minor as f64 * self.per_minor) as f32
    }
}

/// Draws the waterfall on one page; it has at most eighteen rows.
pub(super) fn draw(pages: &mut Pages<'_>) {
    let statement = pages.statement;
    let rows = statement.components.len() + 1;
    let height = ROW * rows as f32 + 26.0;
    debug_assert!(height < TOP - BOTTOM, "a waterfall fits on a page");
    pages.section(&word(statement.lang, "section.waterfall"), height);

    let mut running = Vec::with_capacity(rows);
    let mut sum = 0;
    for row in &statement.components {
        sum += row.amount_minor;
        running.push(sum);
    }
    let scale = Scale::new(&running);
    let (top, bottom) = (pages.y, pages.y - ROW * rows as f32);
    pages.canvas.line((scale.zero, top), (scale.zero, bottom), 0.5, RULE);

    let mut before = 0;
    for (row, after) in statement.components.iter().zip(&running) {
        component(pages, &scale, row.component, row.amount_minor, before);
        let y = pages.y;
        let x = scale.x(*after);
        // Leads the eye from the end of this bar to the start of the next.
        pages.canvas.line((x, y + (ROW - BAR) / 2.0), (x, y - (ROW - BAR) / 2.0), 0.4, GREY);
        before = *after;
    }
    total(pages, &scale);
    legend(pages);
}

fn component(
    pages: &mut Pages<'_>,
    scale: &Scale,
    component: Component,
    amount_minor: i64,
    before: i64,
) {
    let open = component == Component::Unexplained && amount_minor != 0;
    let label = word(pages.statement.lang, &format!("component.{}", component.code()));
    let ink = if open { LOSS } else { INK };
    let text = if open { bold(8.5, ink) } else { style(8.5, ink) };
    let y = pages.y - ROW / 2.0 - 3.0;
    pages.fitted(LEFT, y, LABEL - 8.0, text, &label);
    let amount = grouped_signed(amount_minor, pages.decimals());
    pages.figure(RIGHT, y, AMOUNT - 8.0, text, &amount);
    let (from, to) = (scale.x(before), scale.x(before + amount_minor));
    let (x, width) = (from.min(to), (to - from).abs().max(0.6));
    let area = [x, pages.y - (ROW + BAR) / 2.0, width, BAR];
    match amount_minor {
        // Nothing moves: the thread goes on.
        0 => pages.canvas.line((x, area[1]), (x, area[1] + BAR), 0.4, GREY),
        1.. => pages.canvas.fill_rect(area, GAIN),
        _ => pages.canvas.hatch_rect(area, 3.2, LOSS),
    }
    pages.y -= ROW;
}

fn total(pages: &mut Pages<'_>, scale: &Scale) {
    let statement = pages.statement;
    let y = pages.y - ROW / 2.0 - 3.0;
    pages.fitted(LEFT, y, LABEL - 8.0, bold(8.5, INK), &word(statement.lang, "total.paid"));
    let amount = grouped(statement.total_minor, pages.decimals());
    pages.figure(RIGHT, y, AMOUNT - 8.0, bold(8.5, INK), &amount);
    let (from, to) = (scale.zero, scale.x(statement.total_minor));
    let width = (to - from).abs().max(0.6);
    pages.canvas.fill_rect([from.min(to), pages.y - (ROW + BAR) / 2.0, width, BAR], INK);
    pages.y -= ROW;
}

fn legend(pages: &mut Pages<'_>) {
    let lang = pages.statement.lang;
    let y = pages.y - 14.0;
    let mut x = LEFT + LABEL;
    for (key, ink, solid) in
        [("legend.adds", GAIN, true), ("legend.takes", LOSS, false), ("legend.total", INK, true)]
    {
        swatch(pages, [x, y - 0.5, 10.0, 7.0], ink, solid);
        let text = word(lang, key);
        pages.text(x + 14.0, y, style(7.0, GREY), &text);
        x += 26.0 + pages.font.width(&text, 7.0);
    }
    pages.y -= 20.0;
}

fn swatch(pages: &mut Pages<'_>, area: [f32; 4], ink: Ink, solid: bool) {
    match solid {
        true => pages.canvas.fill_rect(area, ink),
        false => pages.canvas.hatch_rect(area, 3.2, ink),
    }
}
