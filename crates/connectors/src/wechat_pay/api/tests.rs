//! The documents' vectors and tables, and what calls and answers mean for a shop.

mod hostile;

use super::bill::{BillKind, BillOffer};
use super::codes::{Call, Verdict};
use super::order::{NativeOrder, OrderNo, TradeState};
use super::refund::{AbnormalTarget, RefundInstruction, RefundState};
use super::sign::Stamp;
use super::verify::{Trust, Verifier};
use super::{Account, bill, callback, certificates, codes, order, refund, sign};
use crate::bill::TradeRows;
use crate::error::{Act, CallError, Doubt, Moved};
use crate::http::{Base, Effect, HttpAnswer, HttpRequest};
use crate::keys::{GcmKey, SigningKey, VerifyKey};
use domain::{BusinessDate, Currency, FundAccount, Money};
use secrets::Secret;

const MERCHANT_KEY: &str = include_str!("../../../fixtures/api/wechat_pay/merchant-key.pem");
const PLATFORM_KEY: &str = include_str!("../../../fixtures/api/wechat_pay/platform-key.pem");
const PLATFORM_PUBLIC: &str = include_str!("../../../fixtures/api/wechat_pay/platform-public.pem");
const SIGNATURES: &str = include_str!("../../../fixtures/api/wechat_pay/signatures.txt");
const CALLBACK: &str = include_str!("../../../fixtures/api/wechat_pay/callback.json");
const CALLBACK_PLAIN: &str = include_str!("../../../fixtures/api/wechat_pay/callback-plain.json");
const REFUND_REQUEST: &str = include_str!("../../../fixtures/api/wechat_pay/refund-request.json");
const ORDER_REQUEST: &str = include_str!("../../../fixtures/api/wechat_pay/order-request.json");
const UNPAID: &str = include_str!("../../../fixtures/api/wechat_pay/unpaid.json");
const REFUND: &str = include_str!("../../../fixtures/api/wechat_pay/refund.json");
const CODES: &str = include_str!("../../../fixtures/api/wechat_pay/codes.txt");

const KEY_ID: &str = "PUB_KEY_ID_0119000001092026010100000000000000";
const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
const NOW_S: i64 = 1_767_225_601;

fn account() -> Account {
    Account {
        mchid: "1900000109".into(),
        appid: "wxd678efh567hg6787".into(),
        serial_no: "5F4E3D2C1B0A99887766554433221100AABBCCDD".into(),
        public_key_id: Some(KEY_ID.into()),
        base: Base::parse(Account::HOSTS[0]).expect("an address"),
        bill_hosts: Vec::new(),
        language: "zh-CN",
    }
}

fn merchant_key() -> SigningKey {
    SigningKey::parse(&MERCHANT_KEY.into()).expect("a private key")
}

fn platform_key() -> SigningKey {
    SigningKey::parse(&PLATFORM_KEY.into()).expect("a private key")
}

fn api_key() -> GcmKey {
    GcmKey::parse(&"0123456789abcdef0123456789ABCDEF".into()).expect("32 characters")
}

fn trust() -> Trust {
    let mut trust = Trust::default();
    trust.add_public_key(KEY_ID, VerifyKey::parse(PLATFORM_PUBLIC).expect("a public key"));
    trust
}

fn stamp() -> Stamp {
    Stamp { at_s: 1_767_225_600, nonce: NONCE.into() }
}

fn vector(name: &str) -> &'static str {
    let line = SIGNATURES.lines().find(|line| line.starts_with(name)).expect("a vector");
    line.split_once(' ').expect("a name and a signature").1
}

fn yuan(fen: i64) -> Money {
    Money::from_minor(fen, Currency::CNY).expect("an amount")
}

/// An answer signed as WeChat Pay signs.
fn signed(status: u16, body: &str) -> HttpAnswer {
    signed_at(status, body, NOW_S)
}

fn signed_at(status: u16, body: &str, at_s: i64) -> HttpAnswer {
    let message = format!("{at_s}\nNONCE1\n{body}\n");
    let signature = platform_key().sign(message.as_bytes()).expect("a signature");
    answer_with(status, body, &at_s.to_string(), "NONCE1", &signature)
}

fn answer_with(status: u16, body: &str, at: &str, nonce: &str, signature: &str) -> HttpAnswer {
    let headers = [
        ("Wechatpay-Timestamp", at),
        ("wechatpay-nonce", nonce),
        ("Wechatpay-Signature", signature),
        ("Wechatpay-Serial", KEY_ID),
        ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    HttpAnswer { status, headers, body: body.as_bytes().to_vec() }
}

fn plain(status: u16, body: &str) -> HttpAnswer {
    HttpAnswer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

fn signature_of(request: HttpRequest) -> String {
    let signed = sign::sign(request, &account(), &merchant_key(), &stamp()).expect("signed");
    let header = signed.header("Authorization").expect("a signature").to_owned();
    let (_, rest) = header.split_once("signature=\"").expect("a signature");
    rest.split_once('"').expect("a closing quote").0.to_owned()
}

#[test]
fn v1_a_query_is_signed_with_its_query_string() {
    let number = OrderNo::Ours("SHOP20260101000001");
    let request = order::query(&account(), number).expect("a request");
    let message = sign::message(&request, &stamp());
    assert_eq!(
        String::from_utf8(message).expect("text"),
        "GET\n/v3/pay/transactions/out-trade-no/SHOP20260101000001?mchid=1900000109\n1767225600\n\
         593BEC0C930BF1AFEB40B4A08C8FB242\n\n"
    );
    assert_eq!(signature_of(request), vector("v1"));
}

#[test]
fn v2_a_refund_is_signed_over_the_bytes_that_are_sent() {
    let instruction = RefundInstruction {
        payment: OrderNo::Ours("SHOP20260101000001"),
        out_refund_no: "RF20260101000001",
        amount: yuan(300),
        order_total: yuan(1000),
        reason: Some("商品已售完"),
        notify_url: None,
        funds_account: None,
    };
    let request = refund::create(&account(), &instruction).expect("a request");
    assert_eq!(String::from_utf8_lossy(&request.body), REFUND_REQUEST);
    assert_eq!(request.effect, Effect::Changes);
    assert_eq!(signature_of(request), vector("v2"));
}

#[test]
fn v3_a_download_is_signed_with_its_token() {
    let url = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=AbC-123_xyz&tartype=gzip";
    assert_eq!(signature_of(HttpRequest::get(url.into())), vector("v3"));
}

#[test]
fn v4_the_cashier_is_opened_with_four_signed_lines() {
    let id = "wx201410272009395522657a690389285100";
    let signature = sign::sign_invocation("wxd678efh567hg6787", id, &merchant_key(), &stamp());
    assert_eq!(signature.expect("signed"), vector("v4"));
}

#[test]
fn v5_v6_answers_with_and_without_a_body_are_verified() {
    let (at, nonce) = ("1767225601", "5f3c2b1a0987654321fedcba01234567");
    let trust = trust();
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    let body = r#"{"code_url":"weixin://wxpay/bizpayurl?pr=SANDBOX01"}"#;
    let answer = answer_with(200, body, at, nonce, vector("v5"));
    let url = order::read_create(&verifier, &answer).expect("genuine");
    assert_eq!(url, "weixin://wxpay/bizpayurl?pr=SANDBOX01");
    let closed = answer_with(204, "", at, nonce, vector("v6"));
    order::read_close(&verifier, &closed).expect("closed");
    // The signature of one answer proves no other.
    let swapped = answer_with(204, "", at, nonce, vector("v5"));
    assert!(order::read_close(&verifier, &swapped).is_err());
}

#[test]
fn v7_content_is_opened_with_the_right_key_nonce_and_context_only() {
    let (key, nonce) = (api_key(), "61f9c719728a");
    let open = |context, sealed| key.open(nonce, context, sealed).map(|plain| plain.to_vec());
    let hello = Some(b"hello".to_vec());
    assert_eq!(open("certificate", "p3BWXcb9soudtUjEdCtPN11+4YAY"), hello);
    assert_eq!(open("", "p3BWXcbJLWC8weFK12Ckuss/SW7m"), hello);
    assert_eq!(open("transaction", "p3BWXcb9soudtUjEdCtPN11+4YAY"), None);
    for odd in ["", "AA==", "not base64", "p3BWXcb9soudtUjEdCtPN11+4YA"] {
        assert_eq!(open("certificate", odd), None);
    }
    for nonce in ["", "short", "thirteen char"] {
        assert!(key.open(nonce, "certificate", "p3BWXcb9soudtUjEdCtPN11+4YAY").is_none());
    }
}

#[test]
fn v8_a_callback_is_verified_and_opened() {
    let (trust, account) = (trust(), account());
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    let nonce = "5f3c2b1a0987654321fedcba01234567";
    let posted = answer_with(0, CALLBACK, "1767225601", nonce, vector("v8"));
    let header = |name: &str| posted.header(name);
    let read = callback::read(&verifier, &account, &api_key(), header, &posted.body);
    let read = read.expect("genuine");
    assert_eq!(read.id, "EV-SANDBOX-0001");
    let callback::Event::Paid(report) = read.event else { panic!("an order was paid") };
    assert_eq!(report.out_trade_no, "SHOP20260101000001");
    assert_eq!((report.state, report.total), (TradeState::Paid, Some(yuan(1000))));
    assert_eq!(report.paid_at_ms, Some(1_767_225_600_000));
    // The content is the documented one, byte for byte.
    let wire: serde_json::Value = serde_json::from_str(CALLBACK).expect("JSON");
    let sealed = wire["resource"]["ciphertext"].as_str().expect("text");
    let opened = api_key().open("61f9c719728a", "transaction", sealed).expect("opened");
    assert_eq!(String::from_utf8_lossy(&opened), CALLBACK_PLAIN);
    // Another shop's callback is not ours.
    let other = Account { mchid: "1900000110".into(), ..account };
    let read = callback::read(&verifier, &other, &api_key(), header, &posted.body);
    assert_eq!(read.expect_err("another merchant").class(), "contract");
}

#[test]
fn every_row_of_the_documents_tables_has_its_class() {
    let mut rows = 0;
    for line in CODES.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [status, code, calls, class, act] = words[..] else { panic!("{line}") };
        let status: u16 = status.parse().expect("a status");
        for call in Call::ALL {
            if calls != "*" && calls != call_name(call) {
                continue;
            }
            rows += 1;
            let verdict = codes::find(call, status, code);
            let verdict = verdict.unwrap_or_else(|| panic!("no rule: {line} {call:?}"));
            check_verdict(verdict, call, status, code, class, act, line);
        }
    }
    assert!(rows > 90, "{rows}");
}

fn check_verdict(
    verdict: Verdict,
    call: Call,
    status: u16,
    code: &str,
    class: &str,
    act: &str,
    line: &str,
) {
    match class {
        "missing" => assert_eq!(verdict, Verdict::Missing, "{line}"),
        "no_bill" => assert_eq!(verdict, Verdict::NoBill, "{line}"),
        "not_yet" => assert_eq!(verdict, Verdict::NotYet, "{line}"),
        "slow_down" => assert_eq!(verdict, Verdict::SlowDown, "{line}"),
        _ if status < 400 => assert_eq!(verdict, Verdict::Unavailable, "{line}"),
        _ => {
            let body = format!(r#"{{"code":"{code}","message":"x"}}"#);
            let error = codes::refuse(call, &plain(status, &body));
            let wanted = if class == "rejected" { "rejected" } else { "outcome_unknown" };
            assert_eq!(error.class(), wanted, "{line} {call:?}");
            if act != "-" {
                assert_eq!(act_name(error.act()), act, "{line} {call:?}");
            }
            if class == "rejected" {
                assert_eq!(error.moved(), Moved::No);
            }
        }
    }
}

fn call_name(call: Call) -> &'static str {
    match call {
        Call::Create => "create",
        Call::Query => "query",
        Call::Close => "close",
        Call::Refund => "refund",
        Call::RefundQuery => "refund_query",
        Call::AbnormalRefund => "abnormal_refund",
        Call::Bill => "bill",
        Call::Download => "download",
        Call::Certificates => "certificates",
    }
}

fn act_name(act: Act) -> &'static str {
    match act {
        Act::AskAgain => "ask_again",
        Act::QueryFirst => "query_first",
        Act::FixRequest => "fix_request",
        Act::FixAccount => "fix_account",
        Act::NewNumber => "new_number",
        Act::TopUp => "top_up",
        Act::GiveUp => "give_up",
        Act::Person => "person",
        Act::SlowDown => "slow_down",
        Act::SameAgain => "same_again",
        Act::FetchKeys => "fetch_keys",
        Act::FixClock => "fix_clock",
    }
}

#[test]
fn a_code_nobody_documented_leaves_a_refund_open() {
    let error = codes::refuse(Call::Refund, &plain(400, r#"{"code":"NEW_RULE"}"#));
    assert_eq!((error.moved(), error.act()), (Moved::Perhaps, Act::QueryFirst));
    // A proxy's page is no refusal of the channel's.
    for status in [400, 403, 404, 418] {
        let error = codes::refuse(Call::Refund, &plain(status, "<html>no</html>"));
        assert_eq!(error.class(), "outcome_unknown", "{status}");
    }
}

fn doubt_of(result: Result<impl Sized, CallError>) -> Doubt {
    match result.err().expect("no answer") {
        CallError::OutcomeUnknown { doubt, .. } => doubt,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_that_is_not_signed_right_is_no_answer() {
    let trust = trust();
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    let body = r#"{"code_url":"weixin://wxpay/bizpayurl?pr=1"}"#;
    let good = signed(200, body);
    assert!(order::read_create(&verifier, &good).is_ok());
    for name in ["Timestamp", "Nonce", "Signature", "Serial"] {
        let mut bare = good.clone();
        bare.headers.retain(|(have, _)| !have.to_lowercase().ends_with(&name.to_lowercase()));
        assert_eq!(doubt_of(order::read_create(&verifier, &bare)), Doubt::NotSigned, "{name}");
    }
    let probe = answer_with(200, body, "1767225601", "N", "WECHATPAY/SIGNTEST/abc=");
    assert_eq!(doubt_of(order::read_create(&verifier, &probe)), Doubt::SignatureProbe);
    let late = Verifier { now_s: NOW_S + 300, ..verifier };
    assert_eq!(doubt_of(order::read_create(&late, &good)), Doubt::Stale { seconds: 300 });
    let early = Verifier { now_s: NOW_S - 300, ..verifier };
    assert_eq!(order::read_create(&early, &good).expect_err("early").act(), Act::FixClock);
    let strange = Trust::default();
    let stranger = Verifier { trust: &strange, now_s: NOW_S };
    let error = order::read_create(&stranger, &good).expect_err("unknown key");
    assert_eq!((error.act(), error.moved()), (Act::FetchKeys, Moved::Perhaps));
}

#[test]
fn a_number_with_a_bar_is_encoded_before_it_is_signed() {
    let request = order::close(&account(), "A|B*C_D-1").expect("a request");
    assert_eq!(request.target(), "/v3/pay/transactions/out-trade-no/A%7CB%2AC_D-1/close");
    let text = sign::message(&request, &stamp());
    assert!(String::from_utf8_lossy(&text).contains("/A%7CB%2AC_D-1/close\n"));
}

fn counter_order() -> NativeOrder {
    NativeOrder {
        out_trade_no: "SHOP20260101000009".into(),
        description: "拿铁 大杯".into(),
        total: yuan(2550),
        notify_url: "https://shop.example.com/notify".into(),
        expires_at_ms: Some(1_767_225_600_000 + 600_000),
        attach: None,
        device_id: Some("till-1".into()),
        client_ip: None,
    }
}

#[test]
fn an_order_at_the_counter_is_written_without_empty_fields() {
    let request =
        order::create(&account(), &counter_order(), 1_767_225_600_000).expect("a request");
    assert_eq!(String::from_utf8_lossy(&request.body), ORDER_REQUEST);
    let signed = sign::sign(request, &account(), &merchant_key(), &stamp()).expect("signed");
    assert_eq!(signed.header("Wechatpay-Serial"), Some(KEY_ID));
    assert_eq!(signed.header("Accept"), Some("application/json"));
    assert!(signed.header("User-Agent").is_some_and(|agent| !agent.is_empty()));
}

#[test]
fn what_the_channel_would_refuse_is_refused_before_it_is_sent() {
    let with = |change: fn(&mut NativeOrder)| {
        let mut order = counter_order();
        change(&mut order);
        order::create(&account(), &order, 1_767_225_600_000)
    };
    let cases: [fn(&mut NativeOrder); 9] = [
        |o| o.out_trade_no = "short".into(),
        |o| o.out_trade_no = "SHOP 20260101".into(),
        |o| o.description = String::new(),
        |o| o.description = "长".repeat(43),
        |o| o.total = yuan(0),
        |o| o.notify_url = "http://shop.example.com/n".into(),
        |o| o.notify_url = "https://shop.example.com/n?x=1".into(),
        |o| o.expires_at_ms = Some(1_767_225_600_000 + 1_000),
        |o| o.expires_at_ms = Some(1_767_225_600_000 + 8 * 86_400_000),
    ];
    for (at, case) in cases.into_iter().enumerate() {
        let error = with(case).expect_err("refused");
        assert_eq!((error.class(), error.moved()), ("not_sent", Moved::No), "{at}");
    }
    let dollars = Money::from_minor(1, Currency::from_code("USD").expect("a code")).expect("1");
    let mut order = counter_order();
    order.total = dollars;
    assert!(order::create(&account(), &order, 1_767_225_600_000).is_err());
}

#[test]
fn an_order_is_paid_also_when_a_part_of_it_was_given_back() {
    let trust = trust();
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    let number = OrderNo::Ours("SHOP20260101000001");
    let read = |body: &str| order::read_query(&verifier, &account(), number, &signed(200, body));
    let part = CALLBACK_PLAIN.replace("\"trade_state\":\"SUCCESS\"", "\"trade_state\":\"REFUND\"");
    let report = read(&part).expect("genuine").expect("an order");
    assert!(report.state.is_paid() && report.state == TradeState::Refunded);
    let report = read(UNPAID).expect("genuine").expect("an order");
    assert_eq!((report.state, report.paid_at_ms), (TradeState::Unpaid, None));
    let strange = UNPAID.replace("NOTPAY", "SLEEPING");
    let report = read(&strange).expect("genuine").expect("an order");
    assert_eq!(report.state, TradeState::Unknown("SLEEPING".into()));
    assert!(!report.state.is_paid());
    // Genuine, yet about something else, or paid without saying what.
    let other = UNPAID.replace("SHOP20260101000001", "SHOP20260101000002");
    let foreign = UNPAID.replace("1900000109", "1900000110");
    let hollow = UNPAID.replace("NOTPAY", "SUCCESS");
    let dollars = UNPAID.replace("CNY", "USD");
    let minus = UNPAID.replace("1000", "-1000");
    let broken = UNPAID.replace("1000", "10.00");
    for body in [other, foreign, hollow, dollars, minus, broken] {
        assert_eq!(read(&body).expect_err("a contradiction").class(), "contract", "{body}");
    }
    let missing = plain(404, r#"{"code":"ORDER_NOT_EXIST","message":"订单不存在"}"#);
    assert_eq!(order::read_query(&verifier, &account(), number, &missing), Ok(None));
}

fn refund_asked() -> RefundInstruction<'static> {
    RefundInstruction {
        payment: OrderNo::Ours("SHOP20260101000001"),
        out_refund_no: "RF20260101000001",
        amount: yuan(300),
        order_total: yuan(1000),
        reason: None,
        notify_url: Some("https://shop.example.com/refund"),
        funds_account: None,
    }
}

#[test]
fn an_accepted_refund_is_not_yet_a_refund() {
    let trust = trust();
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    let asked = refund_asked();
    let read = |body: &str| refund::read_create(&verifier, &asked, &signed(200, body));
    let report = read(REFUND).expect("genuine");
    assert_eq!((report.state, report.succeeded_at_ms), (RefundState::Pending, None));
    assert_eq!(report.fee_returned, Some(yuan(2)));
    for (word, state) in [
        ("SUCCESS", RefundState::Succeeded),
        ("CLOSED", RefundState::Canceled),
        ("ABNORMAL", RefundState::RequiresAction),
        ("LATER", RefundState::Unknown("LATER".into())),
    ] {
        assert_eq!(read(&REFUND.replace("PROCESSING", word)).expect("genuine").state, state);
    }
    for body in [
        REFUND.replace("\"refund\":300", "\"refund\":301"),
        REFUND.replace("\"total\":1000", "\"total\":999"),
        REFUND.replace("RF20260101000001", "RF20260101000002"),
        REFUND.replace("SHOP20260101000001", "SHOP20260101000002"),
        REFUND.replace("CNY", "USD"),
        REFUND.replace("50300000002026010100000000001", ""),
    ] {
        let error = read(&body).expect_err("a contradiction");
        assert_eq!((error.class(), error.moved()), ("contract", Moved::Perhaps), "{body}");
    }
}

#[test]
fn a_refund_the_channel_does_not_know_may_be_sent_again() {
    let trust = trust();
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    let missing = plain(404, r#"{"code":"RESOURCE_NOT_EXISTS","message":"退款单不存在"}"#);
    assert_eq!(refund::read_query(&verifier, "RF20260101000001", &missing), Ok(None));
    let found = refund::read_query(&verifier, "RF20260101000001", &signed(200, REFUND));
    assert!(found.expect("genuine").is_some());
    // A bare 404 says nothing of the refund: it may be a wrong address.
    let bare = refund::read_query(&verifier, "RF20260101000001", &plain(404, ""));
    assert_eq!(bare.expect_err("no answer").class(), "outcome_unknown");
}

#[test]
fn a_card_number_travels_sealed_under_the_channels_key() {
    let trust = trust();
    let target = AbnormalTarget::UserCard {
        bank_type: "ICBC_DEBIT".into(),
        bank_account: "6222020202020202020".into(),
        real_name: "张三".into(),
    };
    let id = "50300000002026010100000000001";
    let build = |trust: &Trust, target: &AbnormalTarget| {
        refund::settle_abnormal(&account(), id, "RF20260101000001", target, trust, NOW_S)
    };
    let request = build(&trust, &target).expect("a request");
    let body = String::from_utf8_lossy(&request.body).into_owned();
    assert!(!body.contains("6222") && !body.contains("张三"), "{body}");
    assert_eq!(request.header("Wechatpay-Serial"), Some(KEY_ID));
    // Sealing adds randomness: twice the same card gives other bytes.
    assert_ne!(request.body, build(&trust, &target).expect("a request").body);
    assert_eq!(build(&Trust::default(), &target).expect_err("no key").class(), "not_sent");
    let own = build(&Trust::default(), &AbnormalTarget::MerchantCard).expect("a request");
    assert_eq!(
        String::from_utf8_lossy(&own.body),
        r#"{"out_refund_no":"RF20260101000001","type":"MERCHANT_BANK_CARD"}"#
    );
}

#[test]
fn every_bill_of_a_day_is_asked_for_by_its_own_address() {
    let day = BusinessDate::from_ymd(2026, 1, 1).expect("a day");
    let target = |kind| bill::request(&account(), day, kind).target().to_owned();
    let trade = "/v3/bill/tradebill?bill_date=2026-01-01&bill_type=";
    assert_eq!(target(BillKind::Trade(TradeRows::All)), format!("{trade}ALL&tar_type=GZIP"));
    assert_eq!(target(BillKind::Trade(TradeRows::Refunds)), format!("{trade}REFUND&tar_type=GZIP"));
    let fund = "/v3/bill/fundflowbill?bill_date=2026-01-01&account_type=";
    assert_eq!(target(BillKind::Fund(FundAccount::Fees)), format!("{fund}FEES&tar_type=GZIP"));
    assert_eq!(BillKind::DAILY.map(target).len(), 4);
}

#[test]
fn a_downloaded_bill_is_the_announced_one_or_none() {
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;
    let trust = trust();
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    let file = include_bytes!("../../../fixtures/wechat_pay/trade_all.csv");
    let hash: String = crate::keys::sha1(file).iter().map(|b| format!("{b:02X}")).collect();
    let link = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=T&tartype=gzip";
    let offer = format!(
        r#"{{"hash_type":"SHA1","hash_value":"{hash}","download_url":"{}"}}"#,
        link.replace('/', "\\/")
    );
    let read = |answer: &HttpAnswer| bill::read_request(&verifier, &account(), answer);
    let offered = read(&signed(200, &offer)).expect("genuine");
    let BillOffer::Ready(ticket) = offered else { panic!("a file") };
    assert_eq!(bill::download(&ticket).url, link);
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(file).expect("in memory");
    let packed = packed.finish().expect("in memory");
    let answer = |body: &[u8]| HttpAnswer { status: 200, headers: vec![], body: body.to_vec() };
    assert_eq!(bill::read_download(&ticket, &answer(&packed)).expect("the file"), file);
    assert_eq!(bill::read_download(&ticket, &answer(file)).expect("the file"), file);
    for cut in [0, 1, 9, packed.len() / 2, packed.len() - 1] {
        let error = bill::read_download(&ticket, &answer(&packed[..cut])).expect_err("cut");
        assert_eq!((error.class(), error.moved()), ("outcome_unknown", Moved::No), "{cut}");
    }
    let expired = plain(400, r#"{"code":"INVALID_REQUEST","message":"token"}"#);
    assert_eq!(bill::read_download(&ticket, &expired).expect_err("old").act(), Act::AskAgain);
    let none = plain(400, r#"{"code":"NO_STATEMENT_EXIST","message":"账单文件不存在"}"#);
    assert_eq!(read(&none), Ok(BillOffer::Empty));
    let later = plain(400, r#"{"code":"STATEMENT_CREATING","message":"账单生成中"}"#);
    assert_eq!(read(&later), Ok(BillOffer::NotYet));
    // "None that day" is the channel's own code, never a page of somebody's.
    assert!(read(&plain(404, "no such page")).is_err());
    let elsewhere = offer.replace("api.mch.weixin.qq.com", "evil.example.com");
    assert_eq!(read(&signed(200, &elsewhere)).expect_err("elsewhere").class(), "contract");
}

#[test]
fn a_packed_file_that_swells_is_not_unpacked() {
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;
    let ticket = {
        let trust = trust();
        let verifier = Verifier { trust: &trust, now_s: NOW_S };
        let url = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=T";
        let hash = "0".repeat(40);
        let body =
            format!(r#"{{"hash_type":"SHA1","hash_value":"{hash}","download_url":"{url}"}}"#);
        match bill::read_request(&verifier, &account(), &signed(200, &body)).expect("genuine") {
            BillOffer::Ready(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    };
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..24 {
        packed.write_all(&zeros).expect("in memory");
    }
    let body = packed.finish().expect("in memory");
    let answer = HttpAnswer { status: 200, headers: vec![], body };
    assert_eq!(doubt_of(bill::read_download(&ticket, &answer)), Doubt::TooLarge);
}

#[test]
fn a_merchant_without_certificates_is_told_to_use_the_public_key() {
    let answer = plain(404, r#"{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书"}"#);
    let read = certificates::read(&Trust::default(), NOW_S, &api_key(), &answer);
    assert_eq!(read.expect_err("none").act(), Act::FixAccount);
}

#[test]
fn a_key_of_the_wrong_kind_is_named_and_not_shown() {
    let parse = |text: &str| SigningKey::parse(&text.into()).map(|_| ()).expect_err("refused");
    assert_eq!(parse(PLATFORM_PUBLIC).to_string(), "this is a public key, not a private key");
    for odd in ["", "CANARY", "-----BEGIN PRIVATE KEY-----\nCANARY", "Q0FOQVJZ"] {
        assert!(!parse(odd).to_string().contains("CANARY"));
    }
    assert!(VerifyKey::parse(MERCHANT_KEY).is_err());
    assert!(GcmKey::parse(&Secret::new("31 characters are one too few!!".to_owned())).is_err());
    let shown = format!("{:?} {:?}", merchant_key(), api_key());
    assert_eq!(shown, "SigningKey(…) GcmKey(…)");
    // Bare Base64, as the portal's tool writes it, is the same key.
    let bare: String = MERCHANT_KEY.lines().filter(|line| !line.starts_with('-')).collect();
    let again = SigningKey::parse(&Secret::new(bare)).expect("a key");
    assert_eq!(again.sign(b"x"), merchant_key().sign(b"x"));
}
