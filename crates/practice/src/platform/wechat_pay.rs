//! WeChat Pay APIv3 for a direct merchant.
//!
//! Source: `channels/wechat-pay.md`. Order of the checks: path, method, headers, form of the
//! signature, its time, the signature itself, then the body.

mod bill;
mod order;
mod refund;

use super::clock::rfc3339;
use super::http::{Answer, Request};
use super::keys::{Signer, random, seal_gcm, verifies};
use super::notices::{Post, Subject};
use super::script::Action;
use super::{Turn, WechatKeys, World, lock};
use crate::WECHAT_MERCHANT;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(super) use order::pay;
pub(super) use refund::decide;

const APP: &str = "wxd678efh567hg6787";
const SERIAL: &str = "5F4E3D2C1B0A99887766554433221100AABBCCDD";
pub(super) const APIV3_KEY: &str = "0123456789abcdef0123456789ABCDEF";
const SHOP_KEY: &str = include_str!("../../keys/wechat-shop.key.pem");
const SHOP_CERTIFICATE: &str = include_str!("../../keys/wechat-shop.pem");
const SHOP_PUBLIC: &str = include_str!("../../keys/wechat-shop.public.pem");
const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
/// A signature's time may be this far from ours.
const TOLERANCE_MS: i64 = 300_000;

/// One of the channel's keys, under both the names it may have.
struct ChannelKey {
    id: &'static str,
    public: &'static str,
    serial: &'static str,
    certificate: &'static str,
    signer: LazyLock<Signer>,
}

static PRESENT: ChannelKey = ChannelKey {
    id: "PUB_KEY_ID_0119000001092026010100000000000000",
    public: include_str!("../../keys/wechat.public.pem"),
    serial: "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
    certificate: include_str!("../../keys/wechat.pem"),
    signer: LazyLock::new(|| Signer::new(include_str!("../../keys/wechat.key.pem"))),
};
static NEXT: ChannelKey = ChannelKey {
    id: "PUB_KEY_ID_0119000001092026060100000000000000",
    public: include_str!("../../keys/wechat-next.public.pem"),
    serial: "6A41B3F7709DC5D18A4E2C9B0F6D81E35577A9C2",
    certificate: include_str!("../../keys/wechat-next.pem"),
    signer: LazyLock::new(|| Signer::new(include_str!("../../keys/wechat-next.key.pem"))),
};
/// The present key's earlier certificate.
const EXPIRED: (&str, &str) =
    ("3B90C6D11E5A47F2A86B7D04CE125F9384D6E0A7", include_str!("../../keys/wechat-expired.pem"));

/// What was done over the protocol.
#[derive(Debug, Default)]
pub(super) struct Live {
    pub rotated: bool,
    orders: BTreeMap<String, order::Order>,
    refunds: BTreeMap<String, refund::Refund>,
    tokens: Vec<bill::Token>,
    /// Numbers given out.
    count: u64,
}

impl Live {
    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

fn present(live: &Live) -> &'static ChannelKey {
    if live.rotated { &NEXT } else { &PRESENT }
}

/// The fields of the set-up file.
pub(super) fn fields(world: &World) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("mchid", WECHAT_MERCHANT.to_owned()),
        ("appid", APP.to_owned()),
        ("merchant_cert_pem", SHOP_CERTIFICATE.to_owned()),
        ("serial_no", SERIAL.to_owned()),
        ("private_key_pem", SHOP_KEY.to_owned()),
        ("api_v3_key", APIV3_KEY.to_owned()),
    ];
    if world.settings.wechat_keys == WechatKeys::PublicKey {
        let key = present(&lock(&world.wechat));
        fields.push(("public_key_id", key.id.to_owned()));
        fields.push(("public_key_pem", key.public.to_owned()));
    }
    fields
}

/// Which call it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Route<'a> {
    Certificates,
    Create,
    /// An order by app, in the browser or in a wallet's page: not this merchant's product.
    OtherProduct,
    Query(&'a str),
    QueryById(&'a str),
    Close(&'a str),
    Refund,
    QueryRefund(&'a str),
    Abnormal(&'a str),
    TradeBill,
    FundBill,
    Download,
}

impl<'a> Route<'a> {
    /// The call and the method it wants.
    fn of(path: &'a str) -> Option<(Self, &'static str)> {
        let parts: Vec<&str> = path.split('/').skip(2).collect();
        Some(match parts[..] {
            ["certificates"] => (Self::Certificates, "GET"),
            ["pay", "transactions", "native"] => (Self::Create, "POST"),
            ["pay", "transactions", "jsapi" | "app" | "h5" | "codepay"] => {
                (Self::OtherProduct, "POST")
            }
            ["pay", "transactions", "out-trade-no", no] => (Self::Query(no), "GET"),
            ["pay", "transactions", "id", id] => (Self::QueryById(id), "GET"),
            ["pay", "transactions", "out-trade-no", no, "close"] => (Self::Close(no), "POST"),
            ["refund", "domestic", "refunds"] => (Self::Refund, "POST"),
            ["refund", "domestic", "refunds", no] => (Self::QueryRefund(no), "GET"),
            ["refund", "domestic", "refunds", id, "apply-abnormal-refund"] => {
                (Self::Abnormal(id), "POST")
            }
            ["bill", "tradebill"] => (Self::TradeBill, "GET"),
            ["bill", "fundflowbill"] => (Self::FundBill, "GET"),
            ["billdownload", "file"] => (Self::Download, "GET"),
            _ => return None,
        })
    }

    fn is_pay(self) -> bool {
        matches!(
            self,
            Self::Create
                | Self::OtherProduct
                | Self::Query(_)
                | Self::QueryById(_)
                | Self::Close(_)
        )
    }

    /// These look at `User-Agent` and `Accept` before anything else.
    fn wants_headers(self) -> bool {
        matches!(self, Self::Certificates | Self::Refund | Self::QueryRefund(_) | Self::Abnormal(_))
    }
}

/// The channel's no.
pub(super) struct No {
    status: u16,
    code: String,
    message: String,
}

fn no(status: u16, code: &str, message: &str) -> No {
    No { status, code: code.into(), message: message.into() }
}

fn param(message: &str) -> No {
    no(400, "PARAM_ERROR", message)
}

fn invalid(message: &str) -> No {
    no(400, "INVALID_REQUEST", message)
}

/// A genuine answer before it is signed: 200 with a body, or 204.
type Done = Result<Option<Value>, No>;

pub(super) fn answer(world: &World, turn: &Turn, request: &Request) -> Answer {
    let Some((route, method)) = Route::of(request.path()) else { return Answer::empty(404) };
    if request.method != method {
        return Answer::empty(405);
    }
    if let Err(no) = admit(turn, route, request) {
        return refuse(&no);
    }
    if let Some(Action::Refuse { status, code, message }) = &turn.action {
        return refuse(&no(*status, code, message));
    }
    if route == Route::Download {
        return bill::download(world, turn, request).unwrap_or_else(|no| refuse(&no));
    }
    match done(world, turn, route, request) {
        Ok(body) => signed(world, turn, request, body),
        Err(no) => refuse(&no),
    }
}

fn done(world: &World, turn: &Turn, route: Route<'_>, request: &Request) -> Done {
    match route {
        Route::Certificates => certificates(world, turn),
        Route::Create => order::create(world, turn, &body(request)?),
        Route::OtherProduct => Err(no(403, "NO_AUTH", "商户号该产品权限未开通")),
        Route::Query(number) => order::query(world, turn, request, number, false),
        Route::QueryById(id) => order::query(world, turn, request, id, true),
        Route::Close(number) => order::close(world, turn, number, &body(request)?),
        Route::Refund => refund::create(world, turn, &body(request)?),
        Route::QueryRefund(number) => refund::query(world, turn, number),
        Route::Abnormal(id) => refund::abnormal(world, turn, id, request, &body(request)?),
        Route::TradeBill | Route::FundBill => {
            bill::ask(world, turn, request, route == Route::FundBill)
        }
        Route::Download => unreachable!("a download is answered before, unsigned"),
    }
}

/// The body, which must be an object without `null`.
fn body(request: &Request) -> Result<Value, No> {
    let value: Value =
        serde_json::from_slice(&request.body).map_err(|_| param("请求体不是合法的JSON"))?;
    let object = value.as_object().ok_or_else(|| param("请求体不是JSON对象"))?;
    if object.values().any(Value::is_null) {
        return Err(param("参数不能为null"));
    }
    Ok(value)
}

/// Checks who calls, in the channel's order.
fn admit(turn: &Turn, route: Route<'_>, request: &Request) -> Result<(), No> {
    let has = |name: &str| request.header(name).is_some_and(|value| !value.trim().is_empty());
    if route.wants_headers() && !(has("User-Agent") && has("Accept")) {
        return Err(invalid("Http头缺少Accept或User-Agent"));
    }
    let sign = |message: &str| no(401, "SIGN_ERROR", message);
    let odd = if route.is_pay() {
        "签名信息错误，验签失败"
    } else {
        "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"
    };
    let header = request.header("Authorization").ok_or_else(|| sign(odd))?;
    let (scheme, rest) = header.split_once(' ').ok_or_else(|| sign(odd))?;
    if scheme != SCHEME {
        let known = if scheme == "Bearer" && route.is_pay() {
            odd
        } else {
            "HTTP头Authorization认证类型不正确"
        };
        return Err(sign(known));
    }
    let fields = credentials(rest).ok_or_else(|| sign(odd))?;
    let [mchid, nonce, signature, timestamp, serial] = fields;
    if serial != SERIAL || mchid != WECHAT_MERCHANT {
        return Err(sign("商户证书序列号有误。请使用签名私钥匹配的证书序列号"));
    }
    let at_s: i64 = timestamp.parse().map_err(|_| sign(odd))?;
    if (turn.now_ms - at_s.saturating_mul(1000)).abs() > TOLERANCE_MS {
        return Err(sign("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"));
    }
    let head = format!("{}\n{}\n{timestamp}\n{nonce}\n", request.method, request.target);
    let message = [head.as_bytes(), &request.body, b"\n"].concat();
    if !verifies(SHOP_PUBLIC, &message, signature) {
        return Err(sign("签名错误"));
    }
    Ok(())
}

/// `mchid`, `nonce_str`, `signature`, `timestamp`, `serial_no`, each once, in any order.
fn credentials(text: &str) -> Option<[&str; 5]> {
    const NAMES: [&str; 5] = ["mchid", "nonce_str", "signature", "timestamp", "serial_no"];
    let mut found = [""; 5];
    for pair in text.split(',') {
        let (name, value) = pair.split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        let at = NAMES.iter().position(|known| *known == name)?;
        if value.is_empty() || !found[at].is_empty() {
            return None;
        }
        found[at] = value;
    }
    let [_, nonce, _, timestamp, _] = found;
    let whole = found.iter().all(|value| !value.is_empty());
    let digits = timestamp.bytes().all(|b| b.is_ascii_digit());
    (whole && nonce.len() <= 32 && digits).then_some(found)
}

/// Errors are not signed.
fn refuse(no: &No) -> Answer {
    let body = json!({ "code": no.code, "message": no.message });
    Answer::json(no.status, &body).with("Request-ID", format!("08{}-0", random(12)))
}

/// Signs time, nonce and the very bytes of the body.
fn signed(world: &World, turn: &Turn, request: &Request, body: Option<Value>) -> Answer {
    let text = body.map(|value| value.to_string());
    let mut answer = match &text {
        Some(text) => Answer::new(200, "application/json; charset=utf-8", text.as_str()),
        None => Answer::empty(204),
    };
    answer = answer.with("Request-ID", format!("08{}-0", random(12)));
    let asked = request.header("Wechatpay-Serial").unwrap_or_default();
    let proof = proof(world, turn, asked, text.as_deref().unwrap_or_default());
    answer.headers.extend(proof);
    answer
}

/// The headers that prove an answer, or a notice, of these very bytes.
fn proof(world: &World, turn: &Turn, asked: &str, text: &str) -> Vec<(&'static str, String)> {
    if turn.action == Some(Action::Unsigned) {
        return Vec::new();
    }
    let key = present(&lock(&world.wechat));
    let by_id =
        world.settings.wechat_keys == WechatKeys::PublicKey || asked.starts_with("PUB_KEY_ID_");
    let name = match turn.action {
        Some(Action::ExpiredCertificate) => EXPIRED.0,
        _ if by_id => key.id,
        _ => key.serial,
    };
    let signer = match turn.action {
        Some(Action::OtherKey) if !std::ptr::eq(key, &NEXT) => &NEXT.signer,
        Some(Action::OtherKey) => &PRESENT.signer,
        _ => &key.signer,
    };
    let (timestamp, nonce) = ((turn.now_ms / 1000).to_string(), random(16));
    let covered = match turn.action {
        Some(Action::WrongSignature) => "other bytes",
        _ => text,
    };
    let mut signature = signer.sign(format!("{timestamp}\n{nonce}\n{covered}\n").as_bytes());
    if turn.action == Some(Action::SignatureProbe) {
        signature = format!("WECHATPAY/SIGNTEST/{}", &signature[..43]);
    }
    vec![
        ("Wechatpay-Timestamp", timestamp),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Signature", signature),
        ("Wechatpay-Serial", name.to_owned()),
        ("Wechatpay-Signature-Type", SCHEME.to_owned()),
    ]
}

/// The notice of a payment or a refund, sealed for the merchant: the same on every try.
pub(super) fn notice(world: &World, subject: &Subject, now_ms: i64) -> Option<Value> {
    let is_payment = subject.what == "payment";
    let (kind, plain) = if is_payment {
        ("transaction", order::told(world, &subject.number, now_ms)?)
    } else {
        ("refund", refund::told(world, &subject.number, now_ms)?)
    };
    let (event, summary) = match plain["refund_status"].as_str() {
        None => ("TRANSACTION.SUCCESS".to_owned(), "支付成功"),
        Some("SUCCESS") => ("REFUND.SUCCESS".to_owned(), "退款成功"),
        Some("CLOSED") => ("REFUND.CLOSED".to_owned(), "退款关闭"),
        Some(state) => (format!("REFUND.{state}"), "退款异常"),
    };
    let nonce = random(6);
    let sealed = seal_gcm(APIV3_KEY.as_bytes(), &nonce, kind, plain.to_string().as_bytes());
    Some(json!({
        "id": format!("EV-{}", random(16)),
        "create_time": rfc3339(now_ms),
        "event_type": event,
        "resource_type": "encrypt-resource",
        "summary": summary,
        "resource": {
            "original_type": kind, "algorithm": "AEAD_AES_256_GCM", "ciphertext": sealed,
            "associated_data": kind, "nonce": nonce,
        },
    }))
}

/// A try: signed anew each time.
pub(super) fn post(world: &World, turn: &Turn, said: &Value) -> Post {
    let body = said.to_string();
    let mut headers = proof(world, turn, "", &body);
    headers.push(("Content-Type", "application/json; charset=utf-8".into()));
    headers.push(("Request-ID", format!("08{}-0", random(12))));
    (headers, body)
}

/// The platform's certificates, sealed with the APIv3 key.
fn certificates(world: &World, turn: &Turn) -> Done {
    if world.settings.wechat_keys == WechatKeys::PublicKey {
        let message = "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥";
        return Err(no(404, "RESOURCE_NOT_EXISTS", message));
    }
    let sealed = |serial: &str, pem: &str, until: &str| {
        let nonce = random(6);
        json!({
            "serial_no": serial,
            "effective_time": "2020-01-01T08:00:00+08:00",
            "expire_time": until,
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM",
                "nonce": nonce,
                "associated_data": "certificate",
                "ciphertext": seal_gcm(APIV3_KEY.as_bytes(), &nonce, "certificate", pem.as_bytes()),
            },
        })
    };
    let whole = "2049-12-31T08:00:00+08:00";
    let mut data = vec![sealed(PRESENT.serial, PRESENT.certificate, whole)];
    if lock(&world.wechat).rotated {
        data.push(sealed(NEXT.serial, NEXT.certificate, whole));
    }
    if turn.action == Some(Action::ExpiredCertificate) {
        data.push(sealed(EXPIRED.0, EXPIRED.1, "2021-01-01T08:00:00+08:00"));
    }
    Ok(Some(json!({ "data": data })))
}

/// A text field of an object.
fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Fields nobody knows may be refused, and are.
fn only(object: &Value, known: &[&str]) -> Result<(), No> {
    let strange = object.as_object().and_then(|o| o.keys().find(|k| !known.contains(&&***k)));
    match strange {
        Some(name) => Err(param(&format!("输入源“/body/{name}”映射到值字段“{name}”未定义"))),
        None => Ok(()),
    }
}

/// A number of the merchant's: its length, and the characters it may have.
fn number<'a>(object: &'a Value, name: &str, most: usize, marks: &str) -> Result<&'a str, No> {
    let value = text(object, name).ok_or_else(|| param(&format!("缺少参数{name}")))?;
    let fits = value.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c));
    if value.len() > most || !fits {
        return Err(param(&format!("参数{name}不符合要求")));
    }
    Ok(value)
}
