//! What changes something: charges of test cards, and refunds.

use super::list::{parameter_unknown, wrong_integer};
use super::objects::{View, refund};
use super::season::{Charge, charge, charge_txn, refund as made, refund_txn};
use super::{Done, Live, No, Params, invalid, missing, no};
use crate::platform::{Turn, World};
use serde_json::Value;
use std::collections::BTreeMap;

const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

pub(super) fn post(
    world: &World,
    live: &mut Live,
    turn: &Turn,
    path: &str,
    params: &Params,
) -> Done {
    match path {
        "/v1/refunds" => create_refund(world, live, turn, params),
        "/v1/charges" => create_charge(live, turn, params),
        _ => {
            let message = format!("Unrecognized request URL (POST: {path}).");
            Err(no(404, "invalid_request_error", "", "", &message))
        }
    }
}

/// Plain parameters by name, and the merchant's own words.
type Split<'p> = (BTreeMap<&'p str, &'p str>, BTreeMap<String, String>);

/// The parameters by name, none of them strange; `metadata` and `expand` apart.
fn read<'p>(params: &'p Params, known: &[&str]) -> Result<Split<'p>, No> {
    let (mut plain, mut metadata) = (BTreeMap::new(), BTreeMap::new());
    for (name, value) in params {
        if let Some(key) = name.strip_prefix("metadata[").and_then(|n| n.strip_suffix(']')) {
            if key.chars().count() > 40 || value.chars().count() > 500 || metadata.len() >= 50 {
                return Err(invalid("", "metadata", "Metadata is too long or too much"));
            }
            metadata.insert(key.to_owned(), value.clone());
        } else if known.contains(&name.as_str()) {
            plain.insert(name.as_str(), value.as_str());
        } else if !name.starts_with("expand[") {
            return Err(parameter_unknown(name));
        }
    }
    Ok((plain, metadata))
}

fn amount(plain: &BTreeMap<&str, &str>) -> Result<Option<i64>, No> {
    let Some(text) = plain.get("amount") else { return Ok(None) };
    let amount = text.parse::<i64>().ok().filter(|amount| *amount >= 1);
    amount.map(Some).ok_or_else(|| wrong_integer("amount", text))
}

fn create_charge(live: &mut Live, turn: &Turn, params: &Params) -> Done {
    let known = ["amount", "currency", "source", "description", "receipt_email", "capture"];
    let (plain, metadata) = read(params, &known)?;
    let required = |name: &str| {
        invalid("parameter_missing", name, &format!("Missing required param: {name}."))
    };
    let amount = amount(&plain)?.ok_or_else(|| required("amount"))?;
    let currency = plain.get("currency").ok_or_else(|| required("currency"))?;
    if currency.len() != 3 || amount > 99_999_999 {
        return Err(invalid("", "currency", &format!("Invalid currency: {currency}")));
    }
    match *plain.get("source").ok_or_else(|| required("source"))? {
        "tok_visa" => {}
        "tok_chargeDeclined" => {
            let no = no(402, "card_error", "card_declined", "", "Your card was declined.");
            return Err(No { executed: true, ..no });
        }
        other => return Err(missing("token", other, "source")),
    }
    live.count += 1;
    let about = plain.get("description").copied().unwrap_or_default();
    let seq = LIVE + live.count;
    let mut made = charge(turn.now_ms.div_euclid(1000), amount, currency, about, seq);
    made.metadata = metadata;
    live.facts.txns.push(charge_txn(&made));
    live.facts.charges.push(made.clone());
    let view = View { parts: [&live.facts, &live.facts], now_s: i64::MAX };
    view.object(&made.id).ok_or_else(|| missing("charge", &made.id, "id"))
}

/// Numbers of what is made over the protocol start here, away from the season's.
const LIVE: u64 = 9_000_000_000;

fn create_refund(world: &World, live: &mut Live, turn: &Turn, params: &Params) -> Done {
    let known = [
        "charge",
        "payment_intent",
        "amount",
        "reason",
        "refund_application_fee",
        "reverse_transfer",
        "instructions_email",
    ];
    let (plain, metadata) = read(params, &known)?;
    let (name, id) = match (plain.get("charge"), plain.get("payment_intent")) {
        (Some(id), None) => ("charge", *id),
        (None, Some(id)) => ("payment_intent", *id),
        _ => {
            let message = "One of the following params should be provided for this request: \
                           payment_intent or charge.";
            return Err(invalid("parameter_missing", "charge", message));
        }
    };
    let asked = amount(&plain)?;
    let reason = plain.get("reason").copied();
    if reason.is_some_and(|reason| !REASONS.contains(&reason)) {
        return Err(invalid(
            "",
            "reason",
            "Invalid reason: must be one of duplicate, fraudulent, \
                                          or requested_by_customer",
        ));
    }
    let now_s = turn.now_ms.div_euclid(1000);
    let parts = [&world.stripe_season.facts, &live.facts];
    let view = View { parts, now_s };
    let sale = view.find_charge(id).cloned().ok_or_else(|| missing(name, id, name))?;
    let amount = allowed(&view, &sale, asked)?;
    live.count += 1;
    let mut made = made(now_s, &sale, amount, LIVE + live.count);
    made.reason = reason.map(str::to_owned);
    made.metadata = metadata;
    live.facts.txns.push(refund_txn(&made));
    live.facts.refunds.push(made.clone());
    let view = View { parts: [&world.stripe_season.facts, &live.facts], now_s };
    let body: Value = refund(&made);
    Ok(super::list::expanded(&view, body, params, ""))
}

/// How much may go back: what was asked for, or the rest.
fn allowed(view: &View<'_>, sale: &Charge, asked: Option<i64>) -> Result<i64, No> {
    let executed = |no: No| No { executed: true, ..no };
    let rest = sale.amount - view.given_back(&sale.id);
    if view.is_disputed(&sale.id) {
        let message = format!("Charge {} has been charged back; cannot issue a refund.", sale.id);
        return Err(executed(invalid("charge_disputed", "", &message)));
    }
    if rest == 0 {
        let message = format!("Charge {} has already been refunded.", sale.id);
        return Err(executed(invalid("charge_already_refunded", "", &message)));
    }
    let dollars = |minor: i64| format!("${}", crate::time::yuan(minor));
    match asked {
        Some(asked) if asked > rest => {
            let message = format!(
                "Refund amount ({}) is greater than unrefunded amount on charge ({})",
                dollars(asked),
                dollars(rest)
            );
            Err(executed(invalid("", "amount", &message)))
        }
        asked => Ok(asked.unwrap_or(rest)),
    }
}
