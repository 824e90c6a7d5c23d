//! Stripe's API for one account in test mode.
//!
//! Source: `channels/stripe.md`. Answers are not signed; what proves them is TLS, which practice
//! on this computer does without.

mod change;
mod list;
mod objects;
mod season;
mod twist;

use super::http::{Answer, Request, form};
use super::keys::{from_base64, hmac_sha256, random, sha256};
use super::notices::Post;
use super::script::Action;
use super::{Turn, World, lock};
use serde_json::{Value, json};

pub(super) use season::Season;

const KEY: &str = "rk_test_51PracticeShop0000000000000000000001";
pub(super) const ACCOUNT: &str = "acct_1PracticeShop0001";
/// What events are signed with.
pub(super) const WEBHOOK_SECRET: &str = "whsec_test_0f1e2d3c4b5a69788796a5b4c3d2e1f0";
/// What an account is set to that names no version.
const VERSION: &str = "2026-10-28.endive";
/// Results are replayed for so long.
const REPLAY_MS: i64 = 86_400_000;

/// What was done over the protocol.
#[derive(Debug, Default)]
pub(super) struct Live {
    facts: season::Facts,
    replays: Vec<Replay>,
    count: u64,
}

/// The result of a call with a key.
#[derive(Debug)]
struct Replay {
    key: String,
    /// Path and parameters: the same key must come with the same ones.
    call: String,
    at_ms: i64,
    status: u16,
    body: Value,
    request: String,
}

/// The fields of the set-up file.
pub(super) fn fields() -> Vec<(&'static str, String)> {
    vec![("secret_key", KEY.to_owned()), ("account_id", ACCOUNT.to_owned())]
}

/// Stripe's no.
struct No {
    status: u16,
    body: Value,
    /// True when the endpoint had begun to work: such a result is replayed.
    executed: bool,
}

fn no(status: u16, kind: &str, code: &str, param: &str, message: &str) -> No {
    let mut error = json!({ "type": kind, "message": message });
    if !code.is_empty() {
        error["code"] = code.into();
        error["doc_url"] = format!("https://stripe.com/docs/error-codes/{code}").into();
    }
    if !param.is_empty() {
        error["param"] = param.into();
    }
    No { status, body: json!({ "error": error }), executed: false }
}

fn invalid(code: &str, param: &str, message: &str) -> No {
    no(400, "invalid_request_error", code, param, message)
}

fn missing(kind: &str, id: &str, param: &str) -> No {
    let message = format!("No such {kind}: '{id}'");
    no(404, "invalid_request_error", "resource_missing", param, &message)
}

type Done = Result<Value, No>;
type Params = Vec<(String, String)>;

pub(super) fn answer(world: &World, turn: &Turn, request: &Request) -> Answer {
    let id = format!("req_{}", random(7));
    let version = request.header("Stripe-Version").unwrap_or(VERSION).to_owned();
    let mut replayed = None;
    let (status, body) = match admit(request).and_then(|()| refused(turn)) {
        Err(no) => (no.status, no.body),
        Ok(()) if request.method == "POST" => {
            let (status, body, first) = post(world, turn, request, &id);
            replayed = first;
            (status, body)
        }
        Ok(()) => {
            let params = form(request.query());
            match get(world, turn, request, &params) {
                Ok(body) => (200, body),
                Err(no) => (no.status, no.body),
            }
        }
    };
    let mut answer = Answer::json(status, &body);
    answer.headers[0].1 = "application/json".into();
    let mut answer = answer.with("Request-Id", id).with("Stripe-Version", version);
    if let Some(key) = request.header("Idempotency-Key").filter(|_| request.method == "POST") {
        answer = answer.with("Idempotency-Key", key);
    }
    if let Some(first) = replayed {
        answer = answer.with("Idempotent-Replayed", "true").with("Original-Request", first);
    }
    answer
}

fn refused(turn: &Turn) -> Result<(), No> {
    match &turn.action {
        Some(Action::Refuse { status, code, message }) => {
            Err(no(*status, "invalid_request_error", code, "", message))
        }
        _ => Ok(()),
    }
}

/// Bearer, or Basic with the key as the name.
fn admit(request: &Request) -> Result<(), No> {
    let unknown = |message: &str| no(401, "invalid_request_error", "", "", message);
    let header = request.header("Authorization").unwrap_or_default();
    let basic = header.strip_prefix("Basic ").and_then(from_base64);
    let basic = basic.and_then(|bytes| String::from_utf8(bytes).ok());
    let basic = basic.as_deref().map(|pair| pair.split_once(':').map_or(pair, |(name, _)| name));
    match header.strip_prefix("Bearer ").or(basic) {
        None | Some("") => Err(unknown("You did not provide an API key.")),
        Some(KEY) => check_version(request),
        Some(other) => {
            let shown: String = other.chars().take(8).collect();
            Err(unknown(&format!("Invalid API Key provided: {shown}****")))
        }
    }
}

fn check_version(request: &Request) -> Result<(), No> {
    let Some(version) = request.header("Stripe-Version") else { return Ok(()) };
    let date = version.split('.').next().unwrap_or_default();
    if super::clock::read_day(date).is_some() && date.len() == 10 {
        return Ok(());
    }
    Err(invalid("", "", &format!("Invalid Stripe API version: {version}")))
}

/// A change, once for each key.
fn post(world: &World, turn: &Turn, request: &Request, id: &str) -> (u16, Value, Option<String>) {
    let text = String::from_utf8_lossy(&request.body).into_owned();
    let params = form(&text);
    let key = request.header("Idempotency-Key").unwrap_or_default().to_owned();
    let mut sorted = params.clone();
    sorted.sort();
    let call = format!("{} {}", request.path(), sha256(format!("{sorted:?}").as_bytes()));
    // One call after the other: a second with the same key never meets the first half done.
    let mut live = lock(&world.stripe);
    live.replays.retain(|replay| turn.now_ms - replay.at_ms < REPLAY_MS);
    if let Some(first) = live.replays.iter().find(|r| !key.is_empty() && r.key == key) {
        if first.call == call {
            return (first.status, first.body.clone(), Some(first.request.clone()));
        }
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were \
             first used with. Try using a key other than '{key}' if you meant to execute a \
             different request."
        );
        let no = no(400, "idempotency_error", "", "", &message);
        return (no.status, no.body, None);
    }
    if key.len() > 255 {
        let no = invalid("", "", "Idempotency-Key is longer than 255 characters");
        return (no.status, no.body, None);
    }
    let done = change::post(world, &mut live, turn, request.path(), &params);
    if let Ok(made) = &done {
        tell(world, turn, (id, &key), made);
    }
    let (mut status, mut body, executed) = match done {
        Ok(body) => (200, body, true),
        Err(no) => (no.status, no.body, no.executed),
    };
    if let Some(Action::StatusAfter { status: broken }) = turn.action {
        // What went wrong after the work is the result that a repeat gets.
        status = broken;
        body = no(broken, "api_error", "", "", "An error occurred").body;
    }
    if executed && !key.is_empty() {
        let (request, at_ms, body) = (id.to_owned(), turn.now_ms, body.clone());
        live.replays.push(Replay { key, call, at_ms, status, body, request });
    }
    (status, body, None)
}

/// The event of a charge or a refund, for whoever listens.
fn tell(world: &World, turn: &Turn, (request, key): (&str, &str), made: &Value) {
    let kind = match made["object"].as_str() {
        Some("charge") => "charge.succeeded",
        Some("refund") => "refund.created",
        _ => return,
    };
    let key = Some(key).filter(|key| !key.is_empty());
    let event = json!({
        "id": format!("evt_1{}", random(12)), "object": "event", "api_version": VERSION,
        "created": turn.now_ms.div_euclid(1000), "data": { "object": made }, "livemode": false,
        "pending_webhooks": 1, "request": { "id": request, "idempotency_key": key }, "type": kind,
    });
    let number = made["id"].as_str().unwrap_or_default().to_owned();
    world.notices.event(kind, &number, event, turn.now_ms);
}

/// A try: signed anew each time.
pub(super) fn post_event(turn: &Turn, said: &Value) -> Post {
    let body = said.to_string();
    let mut headers = vec![("Content-Type", "application/json; charset=utf-8".to_owned())];
    let secret = match turn.action {
        Some(Action::OtherKey) => "whsec_test_of_another_endpoint",
        _ => WEBHOOK_SECRET,
    };
    let covered = if turn.action == Some(Action::WrongSignature) { "{}" } else { body.as_str() };
    if turn.action != Some(Action::Unsigned) {
        let at_s = turn.now_ms.div_euclid(1000);
        let v1 = hmac_sha256(secret.as_bytes(), format!("{at_s}.{covered}").as_bytes());
        headers.push(("Stripe-Signature", format!("t={at_s},v1={v1}")));
    }
    (headers, body)
}

/// Everything that only reads.
fn get(world: &World, turn: &Turn, request: &Request, params: &Params) -> Done {
    let live = lock(&world.stripe);
    let view = objects::View {
        parts: [&world.stripe_season.facts, &live.facts],
        now_s: turn.now_ms.div_euclid(1000),
    };
    let path: Vec<&str> = request.path().trim_start_matches("/v1/").split('/').collect();
    match path[..] {
        ["balance"] => Ok(view.balance()),
        ["account"] => Ok(json!({
            "id": ACCOUNT, "object": "account", "default_currency": "usd", "country": "US",
            "charges_enabled": true, "payouts_enabled": true,
        })),
        [kind] => {
            let wrong = |items: &mut _| twist::apply(world, turn, &view, (kind, params), items);
            list::page(&view, kind, params, wrong)
        }
        [kind, id] => {
            list::only_expand(params)?;
            let found = view.object(id).filter(|found| found["object"] == singular(kind));
            let found = found.ok_or_else(|| missing(singular(kind), id, "id"))?;
            Ok(list::expanded(&view, found, params, ""))
        }
        _ => Err(unknown_path(request)),
    }
}

/// A whole list without a call, with what balance transactions come from; of a payout's own ones.
pub(super) fn told(world: &World, now_ms: i64, kind: &str, payout: Option<&str>) -> Option<Value> {
    let live = lock(&world.stripe);
    let parts = [&world.stripe_season.facts, &live.facts];
    let view = objects::View { parts, now_s: now_ms.div_euclid(1000) };
    let mut items = view.list(kind)?;
    if let Some(payout) = payout {
        let members = view.members(payout);
        items.retain(|item| members.iter().any(|id| item["id"] == *id));
    }
    for item in items.iter_mut().filter(|_| kind == "balance_transactions") {
        if let Some(found) = item["source"].as_str().and_then(|id| view.object(id)) {
            item["source"] = found;
        }
    }
    Some(json!({ "object": "list", "has_more": false, "data": items }))
}

/// The balance without a call.
pub(super) fn balance(world: &World, now_ms: i64) -> Value {
    let live = lock(&world.stripe);
    let parts = [&world.stripe_season.facts, &live.facts];
    objects::View { parts, now_s: now_ms.div_euclid(1000) }.balance()
}

fn unknown_path(request: &Request) -> No {
    let message = format!("Unrecognized request URL ({}: {}).", request.method, request.path());
    no(404, "invalid_request_error", "", "", &message)
}

/// `charges` is a list of `charge`.
fn singular(kind: &str) -> &'static str {
    match kind {
        "charges" => "charge",
        "refunds" => "refund",
        "disputes" => "dispute",
        "balance_transactions" => "balance_transaction",
        "payouts" => "payout",
        _ => "object",
    }
}
