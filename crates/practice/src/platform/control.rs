//! The control path: the script over HTTP, for whoever runs the platform as a program.
//!
//! A web page cannot post JSON to another origin without being allowed to, and nobody is.

use super::http::{Answer, Request};
use super::{World, notices, setup};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(super) fn answer(world: &World, request: &Request) -> Answer {
    let path = request.path().trim_start_matches("/practice/");
    let done = match (request.method.as_str(), path) {
        ("GET", "setups") => serde_json::to_value(setup::all(world)).ok(),
        ("GET", "calls") => serde_json::to_value(&world.script().calls).ok(),
        ("GET", "clock") => Some(json!({ "now_ms": (world.settings.clock)() })),
        ("DELETE", "faults") => {
            let mut script = world.script();
            script.faults.clear();
            script.bills.clear();
            Some(json!({ "done": true }))
        }
        ("POST", _) if is_json(request) => post(world, path, request),
        _ => None,
    };
    match done {
        Some(body) => Answer::json(200, &body),
        None => Answer::json(400, &json!({ "done": false })),
    }
}

fn is_json(request: &Request) -> bool {
    request.header("Content-Type").is_some_and(|kind| kind.starts_with("application/json"))
}

fn post(world: &World, path: &str, request: &Request) -> Option<Value> {
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let done = match path {
        "faults" => {
            world.script().faults.push(read(&body)?);
            true
        }
        "bills" => {
            world.script().bills.push(read(&body)?);
            true
        }
        "pay" => {
            let late = body.get("late").and_then(Value::as_bool).unwrap_or(false);
            world.pay(text("channel"), text("order"), late)
        }
        "refund" => world.decide_refund(text("channel"), text("refund"), text("state")),
        "rotate" => world.rotate(text("channel")),
        "endpoint" => return notices::endpoint(world, request),
        _ => return None,
    };
    Some(json!({ "done": done }))
}

fn read<T: DeserializeOwned>(body: &Value) -> Option<T> {
    T::deserialize(body).ok()
}
