//! Lists that are not as they should be.

use super::Params;
use super::objects::View;
use crate::platform::clock::{beijing, date};
use crate::platform::script::BillTwist;
use crate::platform::{Turn, World};
use serde_json::Value;
use std::collections::BTreeMap;

/// Does to a list what the script says of its days: everything that fits, newest first.
pub(super) fn apply(
    world: &World,
    turn: &Turn,
    view: &View<'_>,
    (kind, params): (&str, &Params),
    items: &mut Vec<Value>,
) {
    let payout = params.iter().find(|(name, _)| name == "payout").map(|(_, id)| id);
    let stream = match (kind, payout) {
        ("balance_transactions", None) => "balance",
        ("balance_transactions", Some(_)) => "members",
        ("payouts", _) => "payouts",
        _ => return,
    };
    let day_of = |item: &Value| {
        let made_s = item["created"].as_i64().unwrap_or_default();
        date(beijing(made_s.saturating_mul(1000)).day)
    };
    // What a payout carries goes by the payout's own day.
    let own_day = payout.and_then(|id| view.object(id)).map(|payout| day_of(&payout));
    let mut days: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in items.iter() {
        let id = item["id"].as_str().unwrap_or_default().to_owned();
        days.entry(own_day.clone().unwrap_or_else(|| day_of(item))).or_default().push(id);
    }
    for (day, ids) in days {
        let twists = world.script().twist("stripe", stream, &day, turn.now_ms);
        for twist in twists {
            one(twist, &ids, items);
        }
    }
}

/// `ids` are those of the day, newest first, as they were before.
fn one(twist: BillTwist, ids: &[String], items: &mut Vec<Value>) {
    let place = |row: usize, items: &[Value]| {
        let id = &ids[row % ids.len()];
        items.iter().position(|item| item["id"] == **id)
    };
    let add = |item: &mut Value, field: &str| {
        if let Some(old) = item[field].as_i64() {
            item[field] = (old + 1).into();
        }
    };
    match twist {
        BillTwist::Empty | BillTwist::Late => {
            items.retain(|item| !ids.iter().any(|id| item["id"] == **id));
        }
        BillTwist::Missing { row } => {
            if let Some(at) = place(row, items) {
                items.remove(at);
            }
        }
        BillTwist::Doubled { row } => {
            if let Some(at) = place(row, items) {
                items.insert(at, items[at].clone());
            }
        }
        BillTwist::Changed { row } => {
            if let Some(at) = place(row, items) {
                add(&mut items[at], "amount");
                add(&mut items[at], "net");
            }
        }
        BillTwist::Contradictory { row } => {
            if let Some(at) = place(row, items) {
                add(&mut items[at], "amount");
            }
        }
        BillTwist::Reordered => items.reverse(),
        BillTwist::Cut => {
            if let Some(at) = place(ids.len() / 2, items) {
                items.truncate(at);
            }
        }
        BillTwist::WrongHash | BillTwist::Unreadable => {}
    }
}
