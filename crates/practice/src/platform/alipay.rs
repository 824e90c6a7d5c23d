//! Alipay's gateway, protocol "V2".
//!
//! Source: `channels/alipay.md`. HTTP says 200 whatever happened; the code inside says what.

mod ledger;
mod refund;
mod trade;

use super::clock::{compact, plain, read};
use super::http::{Answer, Request, form, to_form};
use super::keys::{Signer, base64, open_cbc, random, seal_cbc, verifies};
use super::notices::{Post, Subject};
use super::script::Action;
use super::{AlipayKeys, Turn, World, lock};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(super) use ledger::download;
pub(super) use trade::pay;

const APP: &str = "2021000000000001";
/// The partner: the account's number without its last four digits.
const PARTNER: &str = "2088211234567890";
const CONTENT_KEY: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const SHOP_KEY: &str = include_str!("../../keys/alipay-shop.key.pem");
const SHOP_PUBLIC: &str = include_str!("../../keys/alipay-shop.public.pem");
const SHOP_CERTIFICATE: &str = include_str!("../../keys/alipay-shop.pem");
const ROOT: &str = include_str!("../../keys/alipay-root.pem");
/// Names of certificates, a line each: file, name.
const NAMES: &str = include_str!("../../keys/alipay-names.txt");

/// One of Alipay's keys and its certificate.
struct ChannelKey {
    file: &'static str,
    public: &'static str,
    certificate: &'static str,
    signer: LazyLock<Signer>,
}

static PRESENT: ChannelKey = ChannelKey {
    file: "alipay",
    public: include_str!("../../keys/alipay.public.pem"),
    certificate: include_str!("../../keys/alipay.pem"),
    signer: LazyLock::new(|| Signer::new(include_str!("../../keys/alipay.key.pem"))),
};
static NEXT: ChannelKey = ChannelKey {
    file: "alipay-next",
    public: include_str!("../../keys/alipay-next.public.pem"),
    certificate: include_str!("../../keys/alipay-next.pem"),
    signer: LazyLock::new(|| Signer::new(include_str!("../../keys/alipay-next.key.pem"))),
};
const EXPIRED: &str = include_str!("../../keys/alipay-expired.pem");

/// Alipay's name of one of the platform's certificates.
pub(super) fn name(file: &str) -> &'static str {
    let mut names = NAMES.lines().filter_map(|line| line.split_once(' '));
    names.find(|(known, _)| *known == file).map_or("", |(_, name)| name)
}

/// What was done over the protocol.
#[derive(Debug, Default)]
pub(super) struct Live {
    pub rotated: bool,
    trades: BTreeMap<String, trade::Trade>,
    refunds: Vec<refund::Refund>,
    links: Vec<ledger::Link>,
    count: u64,
}

fn present(world: &World) -> &'static ChannelKey {
    if lock(&world.alipay).rotated { &NEXT } else { &PRESENT }
}

/// The fields of the set-up file.
pub(super) fn fields(world: &World) -> Vec<(&'static str, String)> {
    let key = present(world);
    let mut fields = vec![
        ("app_id", APP.to_owned()),
        ("seller_id", PARTNER.to_owned()),
        ("private_key_pem", SHOP_KEY.to_owned()),
    ];
    match world.settings.alipay_keys {
        AlipayKeys::PublicKey => fields.push(("alipay_public_key_pem", key.public.to_owned())),
        AlipayKeys::Certificates => fields.extend([
            ("app_cert_pem", SHOP_CERTIFICATE.to_owned()),
            ("alipay_cert_pem", key.certificate.to_owned()),
            ("root_cert_pem", ROOT.to_owned()),
        ]),
    }
    if world.settings.alipay_sealed {
        fields.push(("aes_key", base64(&CONTENT_KEY)));
    }
    fields
}

/// What the gateway or a business says no with, and whether it is signed.
#[derive(Debug)]
struct No {
    code: &'static str,
    sub_code: String,
    sub_msg: String,
    signed: bool,
    /// Fields a failing call answers with all the same.
    echo: Map<String, Value>,
}

/// A no of the gateway before it knows the app: not signed.
fn gate(code: &'static str, sub_code: &str, sub_msg: &str) -> No {
    No { signed: false, ..business_as(code, sub_code, sub_msg) }
}

fn business_as(code: &'static str, sub_code: &str, sub_msg: &str) -> No {
    let (sub_code, sub_msg) = (sub_code.to_owned(), sub_msg.to_owned());
    No { code, sub_code, sub_msg, signed: true, echo: Map::new() }
}

/// A business's no.
fn no(sub_code: &str, sub_msg: &str) -> No {
    business_as("40004", sub_code, sub_msg)
}

fn invalid(what: &str) -> No {
    no("ACQ.INVALID_PARAMETER", &format!("参数有误：{what}"))
}

fn message(code: &str) -> &'static str {
    match code {
        "10000" => "Success",
        "10003" => "order success pay inprocess",
        "20000" => "Service Currently Unavailable",
        "40001" => "Missing Required Arguments",
        "40002" => "Invalid Arguments",
        "40005" => "Call Limited",
        "40006" => "Insufficient Permissions",
        _ => "Business Failed",
    }
}

/// Fields of a success, without `code` and `msg`; 10003 when the code is among them.
type Done = Result<Value, No>;

const METHODS: [&str; 12] = [
    "alipay.trade.precreate",
    "alipay.trade.pay",
    "alipay.trade.query",
    "alipay.trade.close",
    "alipay.trade.cancel",
    "alipay.trade.refund",
    "alipay.trade.fastpay.refund.query",
    "alipay.data.dataservice.bill.downloadurl.query",
    "alipay.data.bill.balance.query",
    "alipay.data.bill.balancehis.query",
    "alipay.data.bill.accountlog.query",
    "alipay.open.app.alipaycert.download",
];

pub(super) fn answer(world: &World, turn: &Turn, request: &Request) -> Answer {
    let mut params: BTreeMap<String, String> = form(request.query()).into_iter().collect();
    params.extend(form(&String::from_utf8_lossy(&request.body)));
    let sealed = params.get("encrypt_type").is_some_and(|kind| kind == "AES");
    let done = admit(world, &params).and_then(|biz| {
        if let Some(Action::Refuse { code, message, .. }) = &turn.action {
            return Err(no(code, message));
        }
        let notify = params.get("notify_url").map(String::as_str).filter(|url| !url.is_empty());
        business(world, turn, (&params["method"], notify), &biz)
    });
    let (mut body, signs) = match done {
        Ok(body) => (body, true),
        Err(no) => {
            let mut body = Value::Object(no.echo);
            body["code"] = no.code.into();
            body["sub_code"] = no.sub_code.into();
            body["sub_msg"] = no.sub_msg.into();
            (body, no.signed)
        }
    };
    let code = body["code"].as_str().unwrap_or("10000").to_owned();
    body["msg"] = message(&code).into();
    body["code"] = code.into();
    let known = params.get("method").filter(|method| METHODS.contains(&method.as_str()));
    let key = known.map_or("error_response".to_owned(), |method| {
        format!("{}_response", method.replace('.', "_"))
    });
    let mut text = body.to_string();
    if body.get("qr_code").is_some() || body.get("bill_download_url").is_some() {
        text = text.replace('/', "\\/");
    }
    if sealed && signs {
        text = format!("\"{}\"", seal_cbc(&CONTENT_KEY, text.as_bytes()));
    }
    let tail = if signs { signature(world, turn, &text) } else { String::new() };
    let whole = format!("{{\"{key}\":{text}{tail}}}");
    Answer::new(200, "text/html;charset=utf-8", whole)
}

/// `,"alipay_cert_sn":"…","sign":"…"`, over the value as it is transmitted.
fn signature(world: &World, turn: &Turn, value: &str) -> String {
    if turn.action == Some(Action::Unsigned) {
        return String::new();
    }
    let (named, sign) = sign(world, turn, value);
    let named = named.map_or_else(String::new, |name| format!(",\"alipay_cert_sn\":\"{name}\""));
    format!("{named},\"sign\":\"{sign}\"")
}

/// The name of the certificate, where one is named, and the signature.
fn sign(world: &World, turn: &Turn, value: &str) -> (Option<&'static str>, String) {
    let key = present(world);
    let signer = match turn.action {
        Some(Action::OtherKey) if std::ptr::eq(key, &PRESENT) => &NEXT.signer,
        Some(Action::OtherKey) => &PRESENT.signer,
        Some(Action::ExpiredCertificate) => &PRESENT.signer,
        _ => &key.signer,
    };
    let covered = match turn.action {
        Some(Action::WrongSignature) => "{}",
        _ => value,
    };
    let named = match (world.settings.alipay_keys, &turn.action) {
        (AlipayKeys::PublicKey, _) => None,
        (_, Some(Action::ExpiredCertificate)) => Some(name("alipay-expired")),
        _ => Some(name(key.file)),
    };
    (named, signer.sign(covered.as_bytes()))
}

/// The notice of a payment or a refund: the same on every try, but for its time.
pub(super) fn notice(world: &World, subject: &Subject, now_ms: i64) -> Option<Value> {
    let mut said = match subject.what.as_str() {
        "payment" => trade::told(world, &subject.number, now_ms)?,
        _ => refund::told(world, &subject.of, &subject.number, now_ms)?,
    };
    let digits = random(10).replace(|c: char| !c.is_ascii_digit(), "0");
    let notify_id = format!("{}00222{digits}", compact(now_ms));
    let common = [
        ("notify_type", "trade_status_sync"),
        ("notify_id", notify_id.as_str()),
        ("app_id", APP),
        ("auth_app_id", APP),
        ("charset", "utf-8"),
        ("version", "1.0"),
        ("seller_id", PARTNER),
    ];
    for (name, value) in common {
        said[name] = value.into();
    }
    Some(said)
}

/// A try: a form, signed as it stands at that time.
pub(super) fn post(world: &World, turn: &Turn, said: &Value) -> Post {
    let texts = said.as_object().into_iter().flatten();
    let mut fields: BTreeMap<&str, String> = texts
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?.to_owned())))
        .collect();
    fields.insert("notify_time", plain(turn.now_ms));
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if turn.action != Some(Action::Unsigned) {
        let (named, sign) = sign(world, turn, &pairs.join("&"));
        fields.insert("sign_type", "RSA2".into());
        fields.insert("sign", sign);
        if let Some(name) = named {
            fields.insert("alipay_cert_sn", name.to_owned());
        }
    }
    let body = to_form(fields.iter().map(|(name, value)| (*name, value.as_str())));
    let kind = "application/x-www-form-urlencoded; charset=utf-8".to_owned();
    (vec![("Content-Type", kind)], body)
}

/// Checks the call in the gateway's order; what is asked, opened.
fn admit(world: &World, params: &BTreeMap<String, String>) -> Result<Value, No> {
    let get = |name: &str| params.get(name).map(String::as_str).filter(|v| !v.is_empty());
    let missing = |what: &str| gate("40001", &format!("isv.missing-{what}"), "缺少必选参数");
    let wrong = |what: &str| gate("40002", &format!("isv.invalid-{what}"), "非法的参数");
    match get("app_id") {
        None => return Err(missing("app-id")),
        Some(APP) => {}
        Some(_) => return Err(gate("40002", "isv.invalid-app-id", "无效的AppID参数")),
    }
    let method = get("method").ok_or_else(|| missing("method"))?;
    if !METHODS.contains(&method) {
        return Err(gate("40002", "isv.invalid-method", "不存在的方法名"));
    }
    let version = get("version").ok_or_else(|| missing("version"))?;
    let timestamp = get("timestamp").ok_or_else(|| missing("timestamp"))?;
    if version != "1.0" {
        return Err(wrong("version"));
    }
    if timestamp.len() != 19 || read(timestamp).is_none() {
        return Err(wrong("timestamp"));
    }
    if !get("charset").is_some_and(|charset| charset.eq_ignore_ascii_case("utf-8")) {
        return Err(wrong("charset"));
    }
    if get("format").is_some_and(|format| !format.eq_ignore_ascii_case("json")) {
        return Err(wrong("format"));
    }
    match get("sign_type") {
        None => return Err(missing("signature-type")),
        Some("RSA2") => {}
        Some(_) => return Err(wrong("signature-type")),
    }
    let sign = get("sign").ok_or_else(|| missing("signature"))?;
    if !verifies(SHOP_PUBLIC, signed_text(params).as_bytes(), sign) {
        return Err(gate("40002", "isv.invalid-signature", "验签出错，请检查签名"));
    }
    check_certificates(world, get)?;
    let content = get("biz_content").unwrap_or("{}");
    let opened = match get("encrypt_type") {
        None => content.as_bytes().to_vec(),
        Some("AES") => open_cbc(&CONTENT_KEY, content)
            .ok_or_else(|| business_as("40002", "isv.decryption-error-unknown", "解密出错"))?,
        Some(_) => return Err(wrong("encrypt-type")),
    };
    if world.settings.alipay_sealed && get("encrypt_type").is_none() {
        let what = "isv.decryption-error-missing-encrypt-type";
        return Err(business_as("40001", what, "缺少加密类型"));
    }
    let value: Option<Value> = serde_json::from_slice(&opened).ok();
    let illegal = || business_as("40002", "isv.illegal-json", "biz_content不是合法的JSON");
    value.filter(Value::is_object).ok_or_else(illegal)
}

/// Every parameter but the signature that has a value, by name.
fn signed_text(params: &BTreeMap<String, String>) -> String {
    let signed = params.iter().filter(|(name, value)| *name != "sign" && !value.is_empty());
    let pairs: Vec<String> = signed.map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn check_certificates<'a>(world: &World, get: impl Fn(&str) -> Option<&'a str>) -> Result<(), No> {
    if world.settings.alipay_keys == AlipayKeys::PublicKey {
        return Ok(());
    }
    match (get("app_cert_sn"), get("alipay_root_cert_sn")) {
        (None, _) => Err(gate("40002", "isv.missing-app-cert-sn", "缺少应用公钥证书序列号")),
        (Some(app), _) if app != name("alipay-shop") => {
            Err(gate("40002", "isv.invalid-app-cert-sn", "应用公钥证书序列号有误"))
        }
        (_, Some(root)) if root == name("alipay-root") => Ok(()),
        _ => Err(gate("40002", "isv.invalid-alipay-root-cert-sn", "支付宝根证书序列号有误")),
    }
}

fn business(
    world: &World,
    turn: &Turn,
    (method, notify): (&str, Option<&str>),
    biz: &Value,
) -> Done {
    match method {
        "alipay.trade.precreate" => trade::precreate(world, turn, biz, notify),
        "alipay.trade.pay" => trade::pay_by_code(world, turn, biz, notify),
        "alipay.trade.query" => trade::query(world, turn, biz),
        "alipay.trade.close" => trade::close(world, turn, biz),
        "alipay.trade.cancel" => trade::cancel(world, turn, biz),
        "alipay.trade.refund" => refund::create(world, turn, biz),
        "alipay.trade.fastpay.refund.query" => refund::query(world, turn, biz),
        "alipay.data.dataservice.bill.downloadurl.query" => ledger::bill(world, turn, biz),
        "alipay.data.bill.balance.query" => ledger::balance(world, turn),
        "alipay.data.bill.balancehis.query" => ledger::balance_of_day(world, turn, biz),
        "alipay.data.bill.accountlog.query" => ledger::account_log(world, turn, biz),
        _ => certificate(biz),
    }
}

/// `alipay.open.app.alipaycert.download`: a certificate by its name.
fn certificate(biz: &Value) -> Done {
    let known = [
        (name(PRESENT.file), PRESENT.certificate),
        (name(NEXT.file), NEXT.certificate),
        (name("alipay-expired"), EXPIRED),
    ];
    let asked = biz["alipay_cert_sn"].as_str().unwrap_or_default();
    let found = known.into_iter().find(|(name, _)| *name == asked);
    let (_, pem) = found.ok_or_else(|| no("INVALID_PARAMETER", "证书不存在"))?;
    Ok(json!({ "alipay_cert_content": base64(pem.as_bytes()) }))
}

/// A text field that has something in it.
fn text<'a>(biz: &'a Value, name: &str) -> Option<&'a str> {
    biz.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The merchant's own number: up to 64 letters, digits, underscores (and dashes, for refunds).
fn number<'a>(biz: &'a Value, name: &str) -> Result<&'a str, No> {
    let value = text(biz, name).ok_or_else(|| invalid(name))?;
    let mark = |c: char| c == '_' || (c == '-' && name == "out_request_no");
    let fits = value.chars().all(|c| c.is_ascii_alphanumeric() || mark(c));
    if fits && value.len() <= 64 { Ok(value) } else { Err(invalid(name)) }
}

/// Yuan as text or number with at most two decimals, above nothing, in fen.
fn amount(biz: &Value, name: &str) -> Result<i64, No> {
    let wrong = || invalid(name);
    let written = match &biz[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(wrong()),
    };
    let (yuan, cents) = written.split_once('.').unwrap_or((&written, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if yuan.is_empty() || yuan.len() > 9 || cents.len() > 2 || !digits(yuan) || !digits(cents) {
        return Err(wrong());
    }
    let minor: i64 = format!("{yuan}{cents:0<2}").parse().map_err(|_| wrong())?;
    if (1..=10_000_000_000).contains(&minor) { Ok(minor) } else { Err(wrong()) }
}
