//! GraphQL over HTTP, as Vendure and Shopify speak it: what is asked, and the errors beside data.
//!
//! Source: measured on Vendure 3.7.3, and Shopify's documents, 2026-11. An answer with status 200
//! may hold `errors` and no data; a wrong key is status 200 too (Vendure).

use super::{READS, by_status, contract, doubt, list, rejected};
use crate::error::{Act, CallError, Doubt, clean_code, json_problem};
use crate::http::{HttpAnswer, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// A question that only reads.
pub(super) fn request(url: String, query: &str, variables: &serde_json::Value) -> HttpRequest {
    let body = serde_json::json!({ "query": query, "variables": variables });
    let request = HttpRequest::post(url, body.to_string().into_bytes(), READS);
    list(request.with("Content-Type", "application/json"))
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    data: Option<Box<RawValue>>,
    #[serde(default)]
    errors: Option<Vec<WireError>>,
}

#[derive(Deserialize)]
struct WireError {
    #[serde(default)]
    message: String,
    #[serde(default)]
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
struct Extensions {
    #[serde(default)]
    code: Option<String>,
}

/// The data of an answer.
///
/// # Errors
/// [`CallError`]; every error the server names keeps its code.
pub(super) fn read<T: DeserializeOwned>(answer: &HttpAnswer) -> Result<T, CallError> {
    let Ok(wire) = serde_json::from_slice::<Wire>(&answer.body) else {
        return Err(match answer.status {
            200 => doubt(Doubt::Unreadable { what: "an answer to GraphQL" }),
            _ => by_status(answer, "", ""),
        });
    };
    if let Some(error) = wire.errors.iter().flatten().next() {
        return Err(refuse(answer, error));
    }
    if answer.status != 200 {
        return Err(by_status(answer, "", ""));
    }
    let Some(data) = wire.data else {
        return Err(doubt(Doubt::Unreadable { what: "data of GraphQL" }));
    };
    serde_json::from_str(data.get()).map_err(|error| contract(json_problem(&error)))
}

/// An error beside the data, by its code. One without a code is the server's own trouble.
fn refuse(answer: &HttpAnswer, error: &WireError) -> CallError {
    let code = error.extensions.as_ref().and_then(|more| more.code.as_deref()).unwrap_or("");
    let status = answer.status;
    let act = match code {
        "FORBIDDEN" | "ACCESS_DENIED" | "UNAUTHORIZED" | "UNAUTHENTICATED" => Act::FixAccount,
        "USER_INPUT_ERROR"
        | "ENTITY_NOT_FOUND"
        | "ILLEGAL_OPERATION"
        | "BAD_USER_INPUT"
        | "GRAPHQL_VALIDATION_FAILED"
        | "GRAPHQL_PARSE_FAILED"
        | "undefinedField"
        | "MAX_COST_EXCEEDED" => Act::FixRequest,
        "THROTTLED" => return doubt(Doubt::SlowDown),
        _ if matches!(status, 401 | 403 | 404 | 429) => {
            return by_status(answer, code, &error.message);
        }
        "" | "INTERNAL_SERVER_ERROR" => {
            let code = clean_code(code);
            return doubt(Doubt::Unavailable { status, code });
        }
        _ => return doubt(Doubt::UnknownCode { status, code: clean_code(code) }),
    };
    rejected(status, code, act, &error.message)
}
