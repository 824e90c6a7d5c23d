//! UnionPay ACP, messages of version 5.1.0.
//!
//! Source: `channels/unionpay.md`. Every answer is signed, a no as well, and brings the
//! certificate it is signed with. Answers are not URL-encoded.

mod file;
mod season;
mod trade;

use super::clock::{beijing, compact, read};
use super::http::{Answer, Request, form, to_form};
use super::keys::{Signer, sha256, verifies};
use super::notices::{Post, Subject};
use super::script::Action;
use super::{Turn, World, lock};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(super) use file::files;
pub(super) use season::Season;
pub(super) use trade::pay;

const MERCHANT: &str = "802290058110048";
/// The number of the shop's certificate, as a decimal.
const CERT_ID: &str = "69629715588";
const SHOP_KEY: &str = include_str!("../../keys/union-shop.key.pem");
const SHOP_PUBLIC: &str = include_str!("../../keys/union-shop.public.pem");
const SHOP_CERTIFICATE: &str = include_str!("../../keys/union-shop.pem");
const ROOT: &str = include_str!("../../keys/union-root.pem");
const MIDDLE: &str = include_str!("../../keys/union-middle.pem");
const LEAF: &str = include_str!("../../keys/union.pem");
const NEXT_LEAF: &str = include_str!("../../keys/union-next.pem");
const EXPIRED: &str = include_str!("../../keys/union-expired.pem");
const FOREIGN: &str = include_str!("../../keys/union-foreign.pem");
static KEY: LazyLock<Signer> =
    LazyLock::new(|| Signer::new(include_str!("../../keys/union.key.pem")));
static NEXT_KEY: LazyLock<Signer> =
    LazyLock::new(|| Signer::new(include_str!("../../keys/union-next.key.pem")));

type Fields = BTreeMap<String, String>;

/// What was done over the protocol.
#[derive(Debug, Default)]
pub(super) struct Live {
    pub rotated: bool,
    trades: BTreeMap<(String, String), trade::Trade>,
    count: u64,
}

/// The fields of the set-up file.
pub(super) fn fields() -> Vec<(&'static str, String)> {
    [
        ("mer_id", MERCHANT),
        ("sign_cert_pem", SHOP_CERTIFICATE),
        ("private_key_pem", SHOP_KEY),
        ("middle_cert_pem", MIDDLE),
        ("root_cert_pem", ROOT),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

/// `respCode`, and the seven digits in its sentence.
struct No(String, String);

fn no(code: &str, digits: &str, words: &str) -> No {
    No(code.into(), format!("{words}[{digits}]"))
}

fn format_error(name: &str) -> No {
    no("10", "9100001", &format!("报文格式错误：{name}"))
}

fn missing(name: &str) -> No {
    no("13", "9100002", &format!("报文交易要素缺失：{name}"))
}

/// Fields an answer adds to those it echoes.
type Done = Result<Fields, No>;

pub(super) fn answer(world: &World, turn: &Turn, request: &Request) -> Answer {
    let known = ["/", "/gateway/api/backTransReq.do", "/gateway/api/queryTrans.do"];
    if !known.contains(&request.path()) {
        return trade::browser(world, turn, request);
    }
    if request.method != "POST" {
        return Answer::empty(405);
    }
    let asked: Fields = form(&String::from_utf8_lossy(&request.body)).into_iter().collect();
    if !["version", "merId", "txnType"].iter().all(|name| asked.contains_key(*name)) {
        return Answer::empty(500);
    }
    let done = admit(turn, &asked).and_then(|()| match &turn.action {
        Some(Action::Refuse { code, message, .. }) => Err(no(code, "0000000", message)),
        _ => business(world, turn, request.path(), &asked),
    });
    let mut said = echo(&asked);
    let (code, message, more) = match done {
        Ok(more) => ("00".to_owned(), "成功[0000000]".to_owned(), more),
        Err(No(code, message)) => (code, message, Fields::new()),
    };
    said.insert("respCode".into(), code);
    said.insert("respMsg".into(), message);
    said.extend(more);
    let text = sign(world, turn, said);
    Answer::new(200, "text/html;charset=UTF-8", text)
}

fn business(world: &World, turn: &Turn, path: &str, asked: &Fields) -> Done {
    match (path, get(asked, "txnType")?, get(asked, "txnSubType")?) {
        ("/", "76", "01") => file::download(world, turn, asked),
        ("/gateway/api/queryTrans.do", "00", "00") => trade::query(world, turn, asked),
        ("/gateway/api/backTransReq.do", "01", "06" | "07") => trade::create(world, turn, asked),
        ("/gateway/api/backTransReq.do", "04", "00") => trade::refund(world, turn, asked),
        ("/gateway/api/backTransReq.do", "31", "00") => trade::cancel(world, turn, asked),
        _ => Err(no("32", "9100003", "无此交易权限")),
    }
}

/// What an answer repeats of the question.
fn echo(asked: &Fields) -> Fields {
    const NAMES: [&str; 12] = [
        "version",
        "encoding",
        "bizType",
        "txnType",
        "txnSubType",
        "accessType",
        "merId",
        "orderId",
        "txnTime",
        "reqReserved",
        "settleDate",
        "fileType",
    ];
    let known =
        |(name, value): &(&String, &String)| NAMES.contains(&name.as_str()) && !value.is_empty();
    asked.iter().filter(known).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Joined by name: what is signed is the hex of its hash.
fn hash(fields: &Fields, keep_empty: bool) -> String {
    let signed = fields
        .iter()
        .filter(|(name, value)| *name != "signature" && (keep_empty || !value.is_empty()));
    let pairs: Vec<String> = signed.map(|(name, value)| format!("{name}={value}")).collect();
    sha256(pairs.join("&").as_bytes())
}

/// The signature comes before anything else.
fn admit(turn: &Turn, asked: &Fields) -> Result<(), No> {
    let wrong = || no("11", "9100004", "Signature verification failed");
    let signature = asked.get("signature").ok_or_else(wrong)?;
    if asked.get("certId").map(String::as_str) != Some(CERT_ID) {
        return Err(wrong());
    }
    if asked.get("signMethod").map(String::as_str) != Some("01") {
        return Err(wrong());
    }
    if !verifies(SHOP_PUBLIC, hash(asked, false).as_bytes(), signature) {
        return Err(wrong());
    }
    if get(asked, "version")? != "5.1.0" {
        return Err(format_error("version"));
    }
    if get(asked, "encoding")? != "UTF-8" {
        return Err(format_error("encoding"));
    }
    if get(asked, "merId")? != MERCHANT {
        return Err(no("31", "9100005", "商户状态不正确"));
    }
    if get(asked, "accessType")? != "0" {
        return Err(format_error("accessType"));
    }
    get(asked, "bizType")?;
    let time = get(asked, "txnTime")?;
    let at_ms = read(time).filter(|_| time.len() == 14).ok_or_else(|| format_error("txnTime"))?;
    let asks = matches!(asked.get("txnType").map(String::as_str), Some("00"));
    if !asks && (at_ms - turn.now_ms).abs() > LARGEST_SKEW_MS {
        return Err(format_error("txnTime"));
    }
    Ok(())
}

/// "Large deviation is refused": how large is on no list. An hour catches another zone.
const LARGEST_SKEW_MS: i64 = 3_600_000 - 1;

fn get<'a>(asked: &'a Fields, name: &str) -> Result<&'a str, No> {
    let value = asked.get(name).map(String::as_str).filter(|value| !value.is_empty());
    value.ok_or_else(|| missing(name))
}

/// The message, signed, in the form an answer travels.
fn sign(world: &World, turn: &Turn, said: Fields) -> String {
    let said = signed(world, turn, said);
    let pairs: Vec<String> = said.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// The notice of a payment or of money back: the same on every try.
pub(super) fn notice(world: &World, subject: &Subject, now_ms: i64) -> Option<Value> {
    let said = trade::told(world, &subject.number, &subject.of, now_ms)?;
    Some(said.into_iter().map(|(name, value)| (name, Value::from(value))).collect())
}

/// A try: a form.
pub(super) fn post(world: &World, turn: &Turn, said: &Value) -> Post {
    let texts = said.as_object().into_iter().flatten();
    let said: Fields = texts
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect();
    let said = signed(world, turn, said);
    let body = to_form(said.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let kind = "application/x-www-form-urlencoded; charset=UTF-8".to_owned();
    (vec![("Content-Type", kind)], body)
}

fn signed(world: &World, turn: &Turn, mut said: Fields) -> Fields {
    let rotated = lock(&world.union).rotated;
    let (leaf, key) = match (&turn.action, rotated) {
        (Some(Action::ExpiredCertificate), _) => (EXPIRED, &KEY),
        (Some(Action::ForeignCertificate), _) => (FOREIGN, &KEY),
        (Some(Action::OtherKey), false) => (LEAF, &NEXT_KEY),
        (Some(Action::OtherKey), true) => (NEXT_LEAF, &KEY),
        (_, false) => (LEAF, &KEY),
        (_, true) => (NEXT_LEAF, &NEXT_KEY),
    };
    said.insert("signMethod".into(), "01".into());
    said.insert("signPubKeyCert".into(), leaf.trim_end().replace('\n', "\r\n"));
    match turn.action {
        Some(Action::Unsigned) => {}
        Some(Action::WrongSignature) => {
            said.insert("signature".into(), key.sign(b"other bytes"));
        }
        _ => {
            let signature = key.sign(hash(&said, true).as_bytes());
            said.insert("signature".into(), signature);
        }
    }
    said
}

/// The clearing day (days since 1970-01-01): from 23:00 on it is the next one.
fn clearing_day(at_ms: i64) -> i32 {
    beijing(at_ms + 3_600_000).day
}

/// `MMDD` of a day, `MMDDhhmmss` of a moment.
fn month_day(at_ms: i64) -> String {
    compact(at_ms)[4..].to_owned()
}
