//! Slips of a terminal against the acquirer's files: what the pairs mean to a run.

use super::facts::{DayFacts, Facts};
use crate::till::Slips;
use domain::reconcile::{Break, BreakKind, Record};
use store::pack::key;

/// An acquirer's row that names no order is of the order that its slip names.
pub(super) fn name_orders(slips: &Slips, facts: &mut DayFacts) {
    let lines = facts.accounts.values_mut().flat_map(|rows| &mut rows.settlements);
    for line in lines.filter(|line| line.order == 0) {
        if let Some(order) = slips.orders.get(&line.id) {
            line.order = key(&[order]);
        }
    }
}

/// Adds the slips that the file of their day does not hold, and takes away what slips explain: who
/// walks in and pays has no order.
pub(super) fn against_files(facts: &Facts, slips: &Slips, breaks: &mut Vec<Break>) {
    let walked_in = |id: &i64| slips.orders.get(id).is_some_and(String::is_empty);
    breaks.retain(|found| match (found.kind, found.records.first()) {
        (BreakKind::PaymentWithoutOrder, Some(Record::Payment(id))) => !walked_in(id),
        _ => true,
    });
    breaks.extend(slips.missing.iter().filter_map(|slip| {
        let account = facts.accounts.iter().position(|known| known.id == slip.account)?;
        Some(Break {
            kind: BreakKind::MissingInTradeBill,
            records: vec![slip.record()],
            field: "slip",
            expected: slip.minor.to_string(),
            found: "none".into(),
            effect_minor: -slip.minor,
            day: slip.day,
            account,
        })
    }));
}
