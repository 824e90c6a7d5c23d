//! Lists: newest first, by cursor, filtered; and ids replaced by what they name.

use super::objects::View;
use super::{Done, No, Params, invalid, no, singular};
use serde_json::{Value, json};

/// Filters by a field of the same name.
fn filters(kind: &str) -> &'static [&'static str] {
    match kind {
        "charges" => &["customer", "payment_intent", "transfer_group"],
        "refunds" | "disputes" => &["charge", "payment_intent"],
        "balance_transactions" => &["source", "type", "currency"],
        "payouts" => &["status", "destination"],
        _ => &[],
    }
}

/// Moments a list may be narrowed by.
fn moments(kind: &str) -> &'static [&'static str] {
    if kind == "payouts" { &["created", "arrival_date"] } else { &["created"] }
}

/// `GET /v1/charges` and the like.
///
/// `wrong` is what the script does to everything that fits.
pub(super) fn page(
    view: &View<'_>,
    kind: &str,
    params: &Params,
    wrong: impl FnOnce(&mut Vec<Value>),
) -> Done {
    let url = format!("/v1/{kind}");
    let unknown = || {
        let message = format!("Unrecognized request URL (GET: {url}).");
        no(404, "invalid_request_error", "", "", &message)
    };
    let mut items = view.list(kind).ok_or_else(unknown)?;
    let (mut limit, mut after, mut before) = (10, None, None);
    for (name, value) in params {
        match name.as_str() {
            "limit" => {
                let read = value.parse::<usize>().ok().filter(|n| (1..=100).contains(n));
                limit = read.ok_or_else(|| wrong_integer("limit", value))?;
            }
            "starting_after" => after = Some(value.as_str()),
            "ending_before" => before = Some(value.as_str()),
            "payout" if kind == "balance_transactions" => {
                let members = view.members(value);
                items.retain(|item| members.iter().any(|id| item["id"] == *id));
            }
            name if filters(kind).contains(&name) => items.retain(|item| item[name] == *value),
            name if name.starts_with("expand[") => {}
            name => narrow(&mut items, kind, name, value)?,
        }
    }
    wrong(&mut items);
    let (from, until) = cut(&items, kind, (after, before), limit)?;
    let has_more = if before.is_some() { from > 0 } else { until < items.len() };
    let data: Vec<Value> = items[from..until]
        .iter()
        .map(|item| expanded(view, item.clone(), params, "data."))
        .collect();
    Ok(json!({ "object": "list", "url": url, "has_more": has_more, "data": data }))
}

/// From where until where the page goes.
fn cut(
    items: &[Value],
    kind: &str,
    (after, before): (Option<&str>, Option<&str>),
    limit: usize,
) -> Result<(usize, usize), No> {
    let place = |name: &str, id: &str| {
        let found = items.iter().position(|item| item["id"] == id);
        found.ok_or_else(|| {
            let message = format!("No such {}: '{id}'", singular(kind));
            invalid("resource_missing", name, &message)
        })
    };
    match (after, before) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: starting_after, \
                           ending_before.";
            Err(invalid("", "starting_after", message))
        }
        (Some(id), None) => {
            let from = place("starting_after", id)? + 1;
            Ok((from, (from + limit).min(items.len())))
        }
        (None, Some(id)) => {
            let until = place("ending_before", id)?;
            Ok((until.saturating_sub(limit), until))
        }
        (None, None) => Ok((0, limit.min(items.len()))),
    }
}

/// `created=…`, `created[gte]=…`.
fn narrow(items: &mut Vec<Value>, kind: &str, name: &str, value: &str) -> Result<(), No> {
    let (field, side) = match name.split_once('[') {
        Some((field, side)) => (field, side.trim_end_matches(']')),
        None => (name, ""),
    };
    if !moments(kind).contains(&field) {
        return Err(parameter_unknown(name));
    }
    let bound: i64 = value.parse().map_err(|_| wrong_integer(name, value))?;
    let fits: fn(i64, i64) -> bool = match side {
        "" => |at, bound| at == bound,
        "gt" => |at, bound| at > bound,
        "gte" => |at, bound| at >= bound,
        "lt" => |at, bound| at < bound,
        "lte" => |at, bound| at <= bound,
        _ => return Err(parameter_unknown(name)),
    };
    items.retain(|item| item[field].as_i64().is_some_and(|at| fits(at, bound)));
    Ok(())
}

pub(super) fn parameter_unknown(name: &str) -> No {
    invalid("parameter_unknown", name, &format!("Received unknown parameter: {name}"))
}

pub(super) fn wrong_integer(name: &str, value: &str) -> No {
    invalid("parameter_invalid_integer", name, &format!("Invalid integer: {value}"))
}

/// An object takes no other parameter.
pub(super) fn only_expand(params: &Params) -> Result<(), No> {
    match params.iter().find(|(name, _)| !name.starts_with("expand[")) {
        Some((name, _)) => Err(parameter_unknown(name)),
        None => Ok(()),
    }
}

/// The object with the ids replaced that `expand` names behind `prefix`, four deep at most.
pub(super) fn expanded(view: &View<'_>, mut object: Value, params: &Params, prefix: &str) -> Value {
    for (_, path) in params.iter().filter(|(name, _)| name.starts_with("expand[")) {
        if let Some(path) = path.strip_prefix(prefix) {
            let steps: Vec<&str> = path.split('.').take(4).collect();
            expand(view, &mut object, &steps);
        }
    }
    object
}

fn expand(view: &View<'_>, object: &mut Value, steps: &[&str]) {
    let [first, rest @ ..] = steps else { return };
    let Some(field) = object.get_mut(*first) else { return };
    if let Some(found) = field.as_str().and_then(|id| view.object(id)) {
        *field = found;
    }
    expand(view, field, rest);
}
