//! The documents' vectors and tables, and what calls and answers mean for a shop.

mod hostile;

use super::answer::Verifier;
use super::bill::{BillKind, BillOffer};
use super::certificates::{Certificates, Trust};
use super::codes::{self, Call, Verdict};
use super::gateway::Caller;
use super::ledger::Span;
use super::pay::{CancelOutcome, CloseOutcome, PayOutcome, Payment, TradeState};
use super::refund::{RefundInstruction, RefundState};
use super::rest::RestRequest;
use super::{Account, KeyMode, TradeNo, bill, certificates, ledger, notify, pay, refund, rest};
use crate::error::{Act, CallError, Doubt, Moved};
use crate::http::{Base, Effect, HttpAnswer};
use crate::keys::{CbcKey, Certificate, SigningKey, VerifyKey};
use domain::{BusinessDate, Currency, Money};
use secrets::Secret;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../fixtures/api/alipay/", $name))
    };
}

const APP_ID: &str = "2021000000000001";
const NOW_S: i64 = 1_772_674_200;
const OURS: TradeNo<'static> = TradeNo::Ours("R20260305000123");
const SHOP: TradeNo<'static> = TradeNo::Ours("R20260305000124");
const REFUND_NO: &str = "RF20260305000124-1";

fn account() -> Account {
    Account {
        app_id: APP_ID.into(),
        mode: KeyMode::PublicKey,
        base: Base::parse(Account::HOSTS[0]).expect("an address"),
        bill_hosts: Account::BILL_HOSTS.map(str::to_owned).to_vec(),
    }
}

fn app_key() -> SigningKey {
    SigningKey::parse(&fixture!("app-key.txt").into()).expect("a private key")
}

fn alipay_key() -> SigningKey {
    SigningKey::parse(&fixture!("alipay-key.txt").into()).expect("a private key")
}

fn public(text: &str) -> VerifyKey {
    VerifyKey::parse(text).expect("a public key")
}

fn trust() -> Trust {
    Trust::PublicKeys(vec![public(fixture!("alipay-public.txt"))])
}

fn content_key() -> CbcKey {
    CbcKey::parse(&"AAECAwQFBgcICQoLDA0ODw==".into()).expect("16 bytes")
}

fn caller(account: &Account) -> Caller<'_> {
    let at_ms = domain::parse_channel_time("2026-03-05 09:30:00").expect("a time");
    Caller { account, at_ms, content_key: None }
}

fn verifier(trust: &Trust) -> Verifier<'_> {
    Verifier { trust, now_s: NOW_S, content_key: None }
}

fn vector(name: &str) -> &'static str {
    let mut lines = fixture!("signatures.txt").lines().filter_map(|line| line.split_once(' '));
    lines.find(|(have, _)| *have == name).expect("a vector").1
}

fn yuan(fen: i64) -> Money {
    Money::from_minor(fen, Currency::CNY).expect("an amount")
}

fn plain(body: impl Into<Vec<u8>>) -> HttpAnswer {
    HttpAnswer { status: 200, headers: Vec::new(), body: body.into() }
}

/// An answer as Alipay signs it.
fn signed(call: Call, value: &str) -> HttpAnswer {
    let name = call.method().replace('.', "_");
    let sign = alipay_key().sign(value.as_bytes()).expect("signed");
    plain(format!("{{\"{name}_response\":{value},\"sign\":\"{sign}\"}}"))
}

fn business(call: Call, sub_code: &str) -> HttpAnswer {
    let head = r#"{"code":"40004","msg":"Business Failed","sub_code":""#;
    signed(call, &format!("{head}{sub_code}\",\"sub_msg\":\"x\"}}"))
}

fn doubt_of(result: Result<impl Sized, CallError>) -> Doubt {
    match result.err().expect("no answer") {
        CallError::OutcomeUnknown { doubt, .. } => doubt,
        other => panic!("{other:?}"),
    }
}

fn coffee() -> Payment<'static> {
    Payment {
        out_trade_no: "R20260305000123",
        total: yuan(2550),
        subject: "拿铁 & 贝果=2",
        product_code: Some("QR_CODE_OFFLINE"),
        timeout_minutes: None,
        store_id: None,
        terminal_id: None,
        operator_id: None,
        notify_url: Some("https://shop.example.com/alipay/notify"),
    }
}

#[test]
fn tv1_a_request_is_signed_over_its_sorted_raw_parameters() {
    let account = account();
    let unsigned = pay::precreate(&caller(&account), &coffee()).expect("a request");
    assert_eq!(unsigned.text(), fixture!("tv1-text.txt"));
    assert_eq!(app_key().sign(unsigned.text().as_bytes()).expect("signed"), vector("tv1"));
    let request = unsigned.sign(&app_key()).expect("signed");
    assert_eq!(request.effect, Effect::Changes);
    let encoded = crate::http::encode_component(vector("tv1"));
    assert!(request.url.contains(&format!("&sign={encoded}")), "the plus signs survive");
    assert!(request.body.starts_with(b"biz_content=%7B%22out_trade_no%22"));
    assert!(!request.url.contains("biz_content") && !request.url.contains(' '));
}

#[test]
fn tv2_an_answer_is_verified_as_it_was_transmitted() {
    let trust = trust();
    let code = pay::read_precreate(&verifier(&trust), &coffee(), &plain(fixture!("tv2.json")));
    assert_eq!(code.expect("genuine"), "https://qr.alipay.com/bax03431ljhokirwl38f00a7");
}

#[test]
fn tv3_a_value_full_of_braces_and_quotes_ends_where_it_ends() {
    let trust = trust();
    let answer = plain(fixture!("tv3.json"));
    let report = pay::read_query(&verifier(&trust), OURS, &answer).expect("genuine");
    let report = report.expect("a payment");
    assert_eq!((report.state, report.total), (TradeState::Paid, Some(yuan(2550))));
    // In certificate mode the answer's certificate has to be known first.
    let none = Trust::Certificates(Certificates::pinned(fixture!("root.pem")));
    let error = pay::read_query(&verifier(&none), OURS, &answer).expect_err("unknown");
    assert_eq!(error.act(), Act::FetchKeys);
}

#[test]
fn tv4_a_notice_is_verified_without_its_signature_fields() {
    let trust = trust();
    let form = fixture!("tv4-form.txt");
    let read = |form: &str| notify::read(&trust, APP_ID, form.as_bytes(), NOW_S);
    let notice = read(form).expect("genuine");
    assert_eq!(notice.get("total_amount"), Some("25.50"));
    assert_eq!(notice.get("subject"), Some("拿铁 & 贝果=2"));
    assert!(!notice.is_refund());
    let key = public(fixture!("alipay-public.txt"));
    let sign = notice.get("sign").expect("a signature");
    assert!(key.verifies_base64(fixture!("tv4-text.txt").as_bytes(), sign));
    let dearer = form.replace("total_amount=25.50", "total_amount=25.51");
    assert_eq!(doubt_of(read(&dearer)), Doubt::BadSignature);
    let with_kind = format!("{}&sign_type=RSA2", fixture!("tv4-text.txt"));
    assert!(!key.verifies_base64(with_kind.as_bytes(), sign));
    let other = notify::read(&trust, "2021000000000002", form.as_bytes(), NOW_S);
    assert_eq!(other.expect_err("another app").class(), "contract");
    for odd in ["", "a", "a=%", "a=%G0", "a=1&a=1", "sign=x", &"a=b&".repeat(70_000)] {
        assert_eq!(read(odd).expect_err("no notice").class(), "outcome_unknown");
    }
}

#[test]
fn tv5_tv6_the_newer_protocol_is_signed_and_verified() {
    let authority =
        "app_id=2021000000000001,nonce=7f1c2d3e4b5a69788796a5b4c3d2e1f0,timestamp=1772674200000";
    let request = RestRequest {
        authority,
        method: "POST",
        target: "/v3/alipay/trade/query",
        body: r#"{"out_trade_no":"R20260305000123"}"#,
    };
    let header = request.authorization(&app_key()).expect("signed");
    assert_eq!(header, format!("ALIPAY-SHA256withRSA {authority},sign={}", vector("tv5")));
    let key = public(fixture!("alipay-public.txt"));
    let body = br#"{"trade_status":"TRADE_SUCCESS"}"#;
    let nonce = "9f86d081884c7d659a2feaa0c55ad015";
    assert!(rest::verifies(&key, "1772674200321", nonce, body, vector("tv6")));
    assert!(!rest::verifies(&key, "1772674200322", nonce, body, vector("tv6")));
}

#[test]
fn tv7_content_is_sealed_signed_and_opened() {
    let (account, key) = (account(), content_key());
    let caller = Caller { content_key: Some(&key), ..caller(&account) };
    let unsigned = pay::query(&caller, OURS).expect("a request");
    assert_eq!(unsigned.text(), fixture!("tv7-text.txt"));
    assert_eq!(app_key().sign(unsigned.text().as_bytes()).expect("signed"), vector("tv7"));
    let sealed = fixture!("tv7-sealed.txt");
    let body = format!(
        "{{\"alipay_trade_query_response\":{sealed},\"sign\":\"{}\"}}",
        vector("tv7-answer")
    );
    let trust = trust();
    let opens = Verifier { content_key: Some(&key), ..verifier(&trust) };
    let verified = opens.open(Call::Query, &plain(body.clone())).expect("genuine");
    let fields: serde_json::Value = verified.fields(Effect::Reads).expect("fields");
    assert_eq!(fields["trade_status"], "WAIT_BUYER_PAY");
    // Without the key, or signed without the quotes, it is no answer.
    assert_eq!(doubt_of(verifier(&trust).open(Call::Query, &plain(body))), Doubt::Sealed);
    let bare = signed(Call::Query, sealed.trim_matches('"'));
    assert!(opens.open(Call::Query, &bare).is_err());
    for odd in ["", "AA==", "no base64", "G7PYcjyAquhKW/Z/PmtCCw=="] {
        assert!(key.open(odd).is_none_or(|plain| plain.len() < 16), "{odd}");
    }
}

#[test]
fn tv8_certificates_are_named_as_alipay_names_them() {
    let app = Certificate::parse(fixture!("app-certificate.pem")).expect("a certificate");
    assert_eq!(app.alipay_sn(), "b954fbc1c812dc6e849163478b5f1b17");
    assert_eq!(app.serial_decimal(), "2547065281218961173845584996233");
    let names = "b0a8167cf9e8873772886c5e71cc5bbc_4518eb1f3a95b7ad2f9780086f67b30c";
    let file = fixture!("root.pem");
    assert_eq!(certificates::root_sn(file), names);
    // Blank lines, line ends and strange blocks between the certificates change nothing.
    assert_eq!(certificates::root_sn(&file.replace("\n\n", "\n")), names);
    assert_eq!(certificates::root_sn(&file.replace('\n', "\r\n")), names);
    let strange = format!("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{file}");
    assert_eq!(certificates::root_sn(&strange), names);
    assert_eq!(app_key().public().expect("public"), *app.key().expect("an RSA key"));
}

#[test]
fn in_certificate_mode_every_request_names_both_certificates() {
    let mode = KeyMode::Certificates { app_cert_sn: "aa".into(), root_cert_sn: "bb_cc".into() };
    let account = Account { mode, ..account() };
    let text = pay::query(&caller(&account), OURS).expect("a request").text();
    assert!(text.starts_with("alipay_root_cert_sn=bb_cc&app_cert_sn=aa&app_id="), "{text}");
}

#[test]
fn a_certificate_is_believed_when_it_leads_to_the_root() {
    use base64::Engine;
    let mut known = Certificates::pinned(fixture!("root.pem"));
    assert!(!known.add("no certificate", NOW_S));
    // The root of another shop's sandbox signs nothing here.
    let mut other = Certificates::pinned(fixture!("app-certificate.pem"));
    assert!(!other.add(fixture!("app-certificate.pem"), NOW_S));
    assert!(known.add(fixture!("app-certificate.pem"), NOW_S));
    let name = "b954fbc1c812dc6e849163478b5f1b17";
    assert_eq!(known.list().map(|(name, _)| name).collect::<Vec<_>>(), [name]);
    // Fetched: the answer is signed by the very certificate it brings.
    let empty = Certificates::pinned(fixture!("root.pem"));
    let pem = base64::engine::general_purpose::STANDARD.encode(fixture!("app-certificate.pem"));
    let head = r#"{"code":"10000","msg":"Success","alipay_cert_content":""#;
    let value = format!("{head}{pem}\"}}");
    let sign = app_key().sign(value.as_bytes()).expect("signed");
    let wrapped = format!(
        "{{\"alipay_open_app_alipaycert_download_response\":{value},\
         \"alipay_cert_sn\":\"{name}\",\"sign\":\"{sign}\"}}"
    );
    let read = |body: &str| certificates::read_fetch(&empty, name, &plain(body), (NOW_S, None));
    let grown = read(&wrapped).expect("it leads to the root");
    assert_eq!(grown.list().count(), 1);
    let forged = wrapped.replace("\"msg\":\"Success\"", "\"msg\":\"Sucesss\"");
    assert!(read(&forged).is_err());
    assert!(certificates::read_fetch(&empty, "0123", &plain(wrapped), (NOW_S, None)).is_err());
}

#[test]
fn every_row_of_the_documents_tables_has_its_class() {
    let mut rows = 0;
    for line in fixture!("codes.txt").lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (calls, code, class, act) = (words[0], words[1], words[2], words[3]);
        for sub_code in &words[4..] {
            for call in Call::ALL.into_iter().filter(|call| is_meant(calls, *call)) {
                rows += 1;
                check_row(call, code, sub_code, class, act);
            }
        }
    }
    assert!(rows > 600, "{rows}");
}

fn is_meant(calls: &str, call: Call) -> bool {
    match calls {
        "any" => true,
        "pays" => matches!(call, Call::Precreate | Call::Pay),
        "ledger" => matches!(call, Call::Balance | Call::AccountLog | Call::BalanceOfDay),
        "query" => call == Call::Query,
        "close" => call == Call::Close,
        "cancel" => call == Call::Cancel,
        "refund" => call == Call::Refund,
        "refund_query" => call == Call::RefundQuery,
        "bill" => call == Call::Bill,
        other => panic!("{other}"),
    }
}

fn check_row(call: Call, code: &str, sub_code: &str, class: &str, act: &str) {
    let what = format!("{call:?} {code} {sub_code}");
    let verdict = codes::meaning(call, code, sub_code);
    let verdict = verdict.unwrap_or_else(|| panic!("no rule: {what}"));
    let trust = trust();
    let body = format!(r#"{{"code":"{code}","msg":"x","sub_code":"{sub_code}"}}"#);
    let error = verifier(&trust).open(call, &signed(call, &body)).expect_err("a refusal");
    match class {
        "missing" => assert_eq!(verdict, Verdict::Missing, "{what}"),
        "no_bill" => assert_eq!(verdict, Verdict::NoBill, "{what}"),
        "slow" => assert_eq!(verdict, Verdict::SlowDown, "{what}"),
        "rejected" => assert_eq!((error.class(), error.moved()), (class, Moved::No), "{what}"),
        _ => assert_eq!(error.class(), "outcome_unknown", "{what}"),
    }
    let name = match error.act() {
        Act::AskAgain => "ask_again",
        Act::QueryFirst => "query_first",
        Act::FixRequest => "fix_request",
        Act::FixAccount => "fix_account",
        Act::FixClock => "fix_clock",
        Act::NewNumber => "new_number",
        Act::TopUp => "top_up",
        Act::GiveUp => "give_up",
        Act::Person => "person",
        Act::SlowDown => "slow_down",
        other => panic!("{other:?}"),
    };
    assert!(act == "-" || act == name, "{what}: {name}");
}

#[test]
fn a_code_nobody_documented_leaves_a_refund_open() {
    let trust = trust();
    let read = |answer: &HttpAnswer| refund::read_create(&verifier(&trust), &asked(), answer);
    let error = read(&business(Call::Refund, "ACQ.NEW_RULE")).expect_err("unknown");
    assert_eq!((error.moved(), error.act()), (Moved::Perhaps, Act::QueryFirst));
    // Only what the gateway says before it knows the app may come unsigned.
    let bare = |code| format!(r#"{{"alipay_trade_refund_response":{{"code":"{code}"}}}}"#);
    assert_eq!(doubt_of(read(&plain(bare("40004")))), Doubt::NotSigned);
    assert_eq!(doubt_of(read(&plain(bare("10000")))), Doubt::NotSigned);
    let error = read(&plain(fixture!("bad-app.json"))).expect_err("refused");
    assert_eq!((error.class(), error.act()), ("rejected", Act::FixAccount));
}

fn asked() -> RefundInstruction<'static> {
    RefundInstruction {
        payment: SHOP,
        out_request_no: REFUND_NO,
        amount: yuan(4000),
        reason: Some("少发一件"),
    }
}

#[test]
fn a_refund_is_done_when_money_has_moved() {
    let (account, trust) = (account(), trust());
    let request = refund::create(&caller(&account), &asked()).expect("a request");
    assert!(request.text().contains(fixture!("refund-request.json")), "{}", request.text());
    let read = |value: &str| {
        refund::read_create(&verifier(&trust), &asked(), &signed(Call::Refund, value))
    };
    let first = read(fixture!("refund-first.json")).expect("genuine");
    assert!(first.moved_now && first.refunded_at_ms.is_some());
    assert_eq!(first.refunded_total, yuan(4000));
    // The repeat succeeds and moves nothing: the query decides.
    let again = read(fixture!("refund-again.json")).expect("genuine");
    assert!(!again.moved_now);
    let genuine = fixture!("refund-first.json");
    for (from, to) in [("40.00", "39.99"), ("000124", "000125"), ("40.00", "-40.00")] {
        let error = read(&genuine.replace(from, to)).expect_err("a contradiction");
        assert_eq!((error.class(), error.moved()), ("contract", Moved::Perhaps), "{to}");
    }
}

#[test]
fn a_refund_query_without_a_status_has_found_nothing() {
    let trust = trust();
    let read = |answer: &HttpAnswer| refund::read_query(&verifier(&trust), SHOP, REFUND_NO, answer);
    let call = Call::RefundQuery;
    assert_eq!(read(&signed(call, fixture!("refund-none.json"))), Ok(None));
    assert_eq!(read(&business(call, "ACQ.TRADE_NOT_EXIST")), Ok(None));
    let found = fixture!("refund-found.json");
    let report = read(&signed(call, found)).expect("genuine").expect("a refund");
    assert_eq!((report.state, report.amount), (RefundState::Succeeded, yuan(4000)));
    let other = found.replace("-1\"", "-2\"");
    assert_eq!(read(&signed(call, &other)).expect_err("another").class(), "contract");
    let strange = found.replace("REFUND_SUCCESS", "REFUND_SOON");
    let report = read(&signed(call, &strange)).expect("genuine").expect("a refund");
    assert_eq!(report.state, RefundState::Unknown("REFUND_SOON".into()));
}

#[test]
fn a_code_nobody_scanned_is_neither_paid_nor_failed() {
    let trust = trust();
    let verifier = verifier(&trust);
    let none = signed(Call::Query, fixture!("no-trade.json"));
    assert_eq!(pay::read_query(&verifier, OURS, &none), Ok(None));
    let none = business(Call::Close, "ACQ.TRADE_NOT_EXIST");
    assert_eq!(pay::read_close(&verifier, OURS, &none), Ok(CloseOutcome::NeverScanned));
    let none = business(Call::Cancel, "ACQ.TRADE_NOT_EXIST");
    assert_eq!(pay::read_cancel(&verifier, OURS, &none), Ok(CancelOutcome::Nothing));
}

#[test]
fn closed_means_two_things_and_the_time_of_payment_tells_which() {
    let trust = trust();
    let head = r#"{"code":"10000","out_trade_no":"R20260305000123","trade_no":"42","#;
    let read = |rest: &str| {
        let answer = signed(Call::Query, &format!("{head}{rest}}}"));
        pay::read_query(&verifier(&trust), OURS, &answer)
    };
    let status = r#""trade_status":"TRADE_CLOSED","total_amount":"25.5""#;
    let unpaid = read(status).expect("genuine").expect("a payment");
    assert!(!unpaid.was_paid());
    assert_eq!(unpaid.total, Some(yuan(2550)));
    let paid = format!("{status},\"send_pay_date\":\"2026-03-05 09:31:11\"");
    assert!(read(&paid).expect("genuine").expect("a payment").was_paid());
    let hollow = read(r#""trade_status":"TRADE_SUCCESS""#);
    assert_eq!(hollow.expect_err("no amount").class(), "contract");
}

#[test]
fn a_buyers_code_pays_waits_or_is_taken_back() {
    let (account, trust) = (account(), trust());
    let code = Secret::new("281234567890123456".to_owned());
    let request = pay::pay(&caller(&account), &coffee(), &code).expect("a request");
    assert!(request.text().contains(r#""scene":"bar_code","auth_code":"281234567890123456""#));
    assert!(!format!("{request:?}").contains("2812345"));
    for odd in ["", "28", "28123456789012345x", "2812345678901234567890123"] {
        assert!(pay::pay(&caller(&account), &coffee(), &odd.into()).is_err(), "{odd}");
    }
    let read = |value: &str| pay::read_pay(&verifier(&trust), &coffee(), &signed(Call::Pay, value));
    let waiting = r#"{"code":"10003","msg":"order success pay inprocess"}"#;
    assert_eq!(read(waiting), Ok(PayOutcome::Waiting));
    let paid = r#"{"code":"10000","out_trade_no":"R20260305000123","trade_no":"42",
        "total_amount":"25.50","receipt_amount":"25.50","gmt_payment":"2026-03-05 09:31:11"}"#;
    let PayOutcome::Paid(report) = read(paid).expect("genuine") else { panic!("paid") };
    assert!(report.was_paid() && report.paid_at_ms.is_some());
    let cheaper = read(&paid.replace("25.50", "25.49")).expect_err("another amount");
    assert_eq!((cheaper.class(), cheaper.moved()), ("contract", Moved::Perhaps));
    let cancel = |rest: &str| {
        let value = format!(r#"{{"code":"10000","out_trade_no":"R20260305000123"{rest}}}"#);
        pay::read_cancel(&verifier(&trust), OURS, &signed(Call::Cancel, &value))
    };
    assert_eq!(cancel(r#","retry_flag":"Y""#), Ok(CancelOutcome::Again));
    assert_eq!(cancel(r#","retry_flag":"N","action":"refund""#), Ok(CancelOutcome::Refunded));
    assert_eq!(cancel(r#","action":"close""#), Ok(CancelOutcome::Closed));
    assert_eq!(cancel(""), Ok(CancelOutcome::Nothing));
}

#[test]
fn what_the_gateway_would_refuse_is_refused_before_it_is_sent() {
    let account = account();
    let with = |change: fn(&mut Payment<'static>)| {
        let mut payment = coffee();
        change(&mut payment);
        pay::precreate(&caller(&account), &payment)
    };
    let cases: [fn(&mut Payment<'static>); 6] = [
        |p| p.out_trade_no = "",
        |p| p.out_trade_no = "R-1",
        |p| p.subject = "",
        |p| p.total = yuan(0),
        |p| p.total = yuan(10_000_000_001),
        |p| p.timeout_minutes = Some(0),
    ];
    for (at, case) in cases.into_iter().enumerate() {
        assert_eq!(with(case).expect_err("refused").class(), "not_sent", "{at}");
    }
}

#[test]
fn a_bill_is_an_archive_that_opens_or_it_is_none() {
    let (account, trust) = (account(), trust());
    let day = BusinessDate::from_ymd(2026, 3, 5).expect("a day");
    let request = bill::request(&caller(&account), day, BillKind::Account).expect("a request");
    let content = r#"{"bill_type":"signcustomer","bill_date":"2026-03-05","secure":"true"}"#;
    assert!(request.text().contains(content), "{}", request.text());
    let offer = |link: &str, code: &str| {
        let value =
            format!(r#"{{"code":"10000","bill_download_url":"{link}","bill_file_code":"{code}"}}"#);
        bill::read_request(&verifier(&trust), &account, &signed(Call::Bill, &value))
    };
    let link = "http:\\/\\/dwbillcenter.alipay.com\\/downloadBillFile.resource?fileId=1";
    let BillOffer::Ready(ticket) = offer(link, "").expect("genuine") else { panic!("a file") };
    let url = "https://dwbillcenter.alipay.com/downloadBillFile.resource?fileId=1";
    assert_eq!(bill::download(&ticket).url, url);
    assert!(!format!("{ticket:?}").contains("fileId"));
    let empty = offer(link, "EMPTY_DATA_WITH_BILL_FILE").expect("genuine");
    assert!(matches!(empty, BillOffer::Ready(ticket) if ticket.without_rows));
    for elsewhere in ["https://evil.example.com/x", "ftp://dwbillcenter.alipay.com/x", "x", ""] {
        assert_eq!(offer(elsewhere, "").expect_err("elsewhere").class(), "contract");
    }
    for word in ["BILL_NOT_EXIST", "isp.bill_not_exist", "NO_BILL_DATA"] {
        let answer = business(Call::Bill, word);
        assert_eq!(bill::read_request(&verifier(&trust), &account, &answer), Ok(BillOffer::Absent));
    }
    let file = include_bytes!("../../../fixtures/alipay/signcustomer.csv.zip");
    assert_eq!(bill::read_download(&plain(file.to_vec())).expect("an archive"), file);
    for cut in [0, 3, 40, file.len() / 2, file.len() - 1] {
        let error = bill::read_download(&plain(file[..cut].to_vec())).expect_err("cut");
        assert_eq!((error.class(), error.act()), ("outcome_unknown", Act::AskAgain), "{cut}");
    }
}

fn march() -> Span {
    let at = |text| domain::parse_channel_time(text).expect("a time");
    Span {
        from_ms: at("2026-03-05 00:00:00"),
        until_ms: at("2026-03-06 00:00:00"),
        page_no: 1,
        page_size: 2_000,
    }
}

#[test]
fn rows_of_the_account_take_their_sign_from_their_direction() {
    let trust = trust();
    let row = fixture!("account-row.json");
    let page = |rows: &[&str], total: usize| {
        let value = format!(
            "{{\"code\":\"10000\",\"page_no\":\"1\",\"total_size\":\"{total}\",\
             \"detail_list\":[{}]}}",
            rows.join(",")
        );
        ledger::read_account_log(&verifier(&trust), march(), &signed(Call::AccountLog, &value))
    };
    let read = page(&[row], 1).expect("genuine");
    let out = &read.rows[0];
    assert_eq!((out.amount, out.balance), (yuan(-4000), Some(yuan(109_360))));
    assert_eq!(out.out_request_no.as_deref(), Some(REFUND_NO));
    assert!(!read.has_more(march()));
    let minus = row.replace("\"40.00\"", "\"-40.00\"");
    assert_eq!(page(&[&minus], 1).expect("genuine").rows[0].amount, yuan(-4000));
    let into = row.replace("支出", "收入");
    assert_eq!(page(&[&into], 1).expect("genuine").rows[0].amount, yuan(4000));
    let nowhere = row.replace("支出", "旁边");
    let yesterday = row.replace("2026-03-05 15", "2026-03-04 15");
    let nameless = row.replace("2026030500032000000000007", "");
    for odd in [&nowhere, &yesterday, &nameless] {
        assert_eq!(page(&[odd], 1).expect_err("a contradiction").class(), "contract");
    }
    for (rows, total) in [(vec![row], 2), (vec![row, row], 1), (vec![], 1)] {
        assert_eq!(page(&rows, total).expect_err("rows are missing").class(), "contract");
    }
    let none = r#"{"code":"10000","page_no":"1","page_size":"2000","total_size":"0"}"#;
    let answer = signed(Call::AccountLog, none);
    let read = ledger::read_account_log(&verifier(&trust), march(), &answer).expect("genuine");
    assert!(read.rows.is_empty());
}

#[test]
fn balances_are_read_and_spans_are_kept_to() {
    let (account, trust) = (account(), trust());
    let value =
        r#"{"code":"10000","total_amount":"12.50","available_amount":"10","freeze_amount":"2.50"}"#;
    let balance = ledger::read_balance(&verifier(&trust), &signed(Call::Balance, value));
    let balance = balance.expect("genuine");
    assert_eq!((balance.total, balance.available), (yuan(1250), yuan(1000)));
    let value = r#"{"code":"10000","beginning_balance":"1.00","ending_balance":"3.00"}"#;
    let day = ledger::read_balance_of_day(&verifier(&trust), &signed(Call::BalanceOfDay, value));
    assert_eq!(day, Ok((yuan(100), yuan(300))));
    let caller = caller(&account);
    assert!(ledger::account_log(&caller, march()).is_ok());
    assert!(ledger::balance(&caller).is_ok());
    let long = Span { until_ms: march().until_ms + 31 * 86_400_000, ..march() };
    let backwards = Span { until_ms: march().from_ms, ..march() };
    let small = Span { page_size: 10, ..march() };
    for span in [long, backwards, small, Span { page_no: 0, ..march() }] {
        assert_eq!(ledger::account_log(&caller, span).expect_err("refused").class(), "not_sent");
    }
}

#[test]
fn slashes_signed_bare_are_read_bare() {
    let trust = trust();
    // Signed with plain slashes, transmitted with escaped ones.
    let value =
        r#"{"code":"10000","out_trade_no":"R20260305000123","qr_code":"https://qr.alipay.com/b"}"#;
    let answer = signed(Call::Precreate, value);
    let text = String::from_utf8(answer.body).expect("text");
    let (before, sign) = text.split_once(",\"sign\"").expect("a signature");
    let sent = format!("{},\"sign\"{sign}", before.replace('/', "\\/"));
    let code = pay::read_precreate(&verifier(&trust), &coffee(), &plain(sent));
    assert_eq!(code.expect("genuine"), "https://qr.alipay.com/b");
}
