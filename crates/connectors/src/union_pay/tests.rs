//! The document's vectors and tables, and what calls and answers mean for a shop.

use super::codes::{Call, Verdict, meaning};
use super::file::FileOffer;
use super::message::{Fields, Trust, Verifier};
use super::trade::{BackInstruction, TradeState};
use super::zm::{ZmProblem, read_row};
use super::{Account, OrderKey, Product, file, trade};
use crate::error::{Act, CallError, Moved};
use crate::hostile::{Chance, rude_bodies, tries};
use crate::http::{Base, HttpAnswer};
use crate::keys::{Certificate, SigningKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{BusinessDate, Currency, Money};
use sha2::{Digest, Sha256};
use std::io::Write;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../fixtures/api/", $name))
    };
}

const NOW_S: i64 = 1_767_225_600;

fn account() -> Account {
    Account {
        mer_id: "777290058110048".into(),
        cert_id: "69629715588".into(),
        base: Base::parse(Account::TEST_HOSTS[0]).expect("an address"),
        file_base: Base::parse(Account::TEST_HOSTS[1]).expect("an address"),
        back_url: "http://127.0.0.1:8080/back".into(),
        product: Product::Online,
    }
}

fn key() -> SigningKey {
    SigningKey::parse(&fixture!("wechat_pay/merchant-key.pem").into()).expect("a private key")
}

fn union_key() -> SigningKey {
    SigningKey::parse(&fixture!("wechat_pay/platform-key.pem").into()).expect("a private key")
}

fn trust() -> Trust {
    let parse = |text| Certificate::parse(text).expect("a certificate");
    let middle = vec![parse(fixture!("union_pay/middle.pem"))];
    Trust { middle, roots: vec![parse(fixture!("union_pay/root.pem"))], test_environment: false }
}

fn verifier(trust: &Trust) -> Verifier<'_> {
    Verifier { trust, now_s: NOW_S }
}

fn vector(name: &str) -> &'static str {
    let mut lines = fixture!("union_pay/signatures.txt").lines();
    let line = lines.find(|line| line.starts_with(name)).expect("a vector");
    line.split_once(' ').expect("a name and a signature").1
}

fn yuan(fen: i64) -> Money {
    Money::from_minor(fen, Currency::CNY).expect("an amount")
}

const SALE: OrderKey<'static> =
    OrderKey { order_id: "SHOP20260101000001", txn_time: "20260101080000" };

fn asked() -> BackInstruction<'static> {
    BackInstruction {
        order: OrderKey { order_id: "RF20260101000001", ..SALE },
        orig_query_id: "202601010800001234567",
        amount: yuan(300),
    }
}

fn leaf() -> String {
    fixture!("union_pay/leaf.pem").trim_end().replace('\n', "\r\n")
}

/// The query's answer of the document, without its signature.
fn u3() -> Fields {
    let mut fields = Fields::default();
    for line in fixture!("union_pay/u3-fields.txt").lines() {
        let (name, value) = line.split_once('=').expect("a field");
        fields.set(name, value);
    }
    fields.set("signPubKeyCert", leaf());
    fields
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An answer as UnionPay signs and sends it.
fn signed(mut fields: Fields) -> HttpAnswer {
    fields.set("signPubKeyCert", leaf());
    let hash = hex(&fields.text(true));
    let signature = union_key().sign(hash.as_bytes()).expect("signed");
    plain(format!("{}&signature={signature}", fields.text(true)))
}

fn plain(body: impl Into<Vec<u8>>) -> HttpAnswer {
    HttpAnswer { status: 200, headers: Vec::new(), body: body.into() }
}

#[test]
fn u1_a_refund_is_signed_over_the_hash_of_its_hash() {
    let request = trade::refund(&account(), &asked(), &key()).expect("a request");
    let text = fixture!("union_pay/u1-text.txt");
    assert_eq!(hex(text), "9263f9c4ed749e2a459bf205cce30fe8090c1ef435c1189f4c51dfb9ef2d8f26");
    assert_eq!(key().sign(hex(text).as_bytes()).expect("signed"), vector("u1"));
    let body = String::from_utf8(request.body.clone()).expect("a form");
    let encoded = crate::http::encode_component(vector("u1"));
    assert!(body.contains(&format!("&signature={encoded}")), "{body}");
    assert!(body.contains("backUrl=http%3A%2F%2F127.0.0.1%3A8080%2Fback"), "{body}");
    assert_eq!(request.target(), "/gateway/api/backTransReq.do");
}

#[test]
fn u2_a_secure_key_signs_without_a_certificate() {
    let mut fields = Fields::default();
    for pair in fixture!("union_pay/u1-text.txt").split('&') {
        let (name, value) = pair.split_once('=').expect("a field");
        if name != "certId" {
            fields.set(name, value);
        }
    }
    let signed = fields.sign_with_secure_key(&"SandboxSecureKey01".into());
    let expected = "54e3c1704f30f158c1812addbca2287b8fe94bc85a0fb170f84ffa580c3421f3";
    assert_eq!(signed.get("signature"), Some(expected));
}

#[test]
fn u3_an_answer_is_verified_with_the_certificate_it_brings() {
    let trust = trust();
    let fields = u3();
    let text = fields.text(true);
    assert_eq!((text.chars().count(), text.len()), (1564, 1572));
    assert_eq!(hex(&text), "f23de480430a99cb58d7e44bd0e6244cc0622daf42c73b26415071944523bd93");
    let genuine = format!("{text}&signature={}", vector("u3"));
    let read = |body: &str| {
        trade::read_query(&verifier(&trust), &account(), SALE, &plain(body.to_owned()))
    };
    let report = read(&genuine).expect("genuine").expect("a transaction");
    assert_eq!((report.state, report.amount), (TradeState::Succeeded, Some(yuan(1000))));
    assert_eq!(report.query_id.as_deref(), Some("202601010800001234567"));
    let changed = genuine.replacen("respMsg=成功", "respMsg=成攻", 1);
    assert_eq!(read(&changed).expect_err("changed").class(), "outcome_unknown");
    // Another chain, another time, another name.
    let other = Trust { middle: trust.roots.clone(), ..trust.clone() };
    let at = |trust: &Trust, now_s| {
        let verifier = Verifier { trust, now_s };
        trade::read_query(&verifier, &account(), SALE, &plain(genuine.clone()))
    };
    assert_eq!(at(&other, NOW_S).expect_err("another chain").act(), Act::FetchKeys);
    let swapped = Trust { roots: trust.middle.clone(), ..trust.clone() };
    assert!(at(&swapped, NOW_S).is_err());
    assert!(at(&trust, 2_600_000_000).is_err(), "past its end");
    let customer = fixture!("union_pay/middle.pem").trim_end().replace('\n', "\r\n");
    let mut foreign = u3();
    foreign.set("signPubKeyCert", customer);
    let hash = hex(&foreign.text(true));
    let signature = union_key().sign(hash.as_bytes()).expect("signed");
    let body = format!("{}&signature={signature}", foreign.text(true));
    assert!(read(&body).is_err(), "a certificate of the same authority, of another name");
}

#[test]
fn a_flipped_bit_in_a_signed_answer_is_refused() {
    let trust = trust();
    let genuine = format!("{}&signature={}", u3().text(true), vector("u3")).into_bytes();
    let mut chance = Chance::new(11);
    for _ in 0..tries(1_000) {
        let mut flipped = genuine.clone();
        let at = chance.below(flipped.len());
        flipped[at] ^= 1 << chance.below(8);
        let read = trade::read_query(&verifier(&trust), &account(), SALE, &plain(flipped));
        assert_eq!(read.expect_err("one bit is another").class(), "outcome_unknown", "{at}");
    }
}

#[test]
fn a_rude_answer_leaves_the_outcome_open_and_never_stops_the_program() {
    let (trust, account) = (trust(), account());
    let verifier = verifier(&trust);
    let day = BusinessDate::from_ymd(2026, 1, 1).expect("a day");
    for body in rude_bodies() {
        for status in [200, 302, 404, 500] {
            let answer = HttpAnswer { status, headers: Vec::new(), body: body.clone() };
            let reads: [Result<(), CallError>; 4] = [
                trade::read_qr_code(&verifier, &account, SALE, &answer).map(drop),
                trade::read_query(&verifier, &account, SALE, &answer).map(drop),
                trade::read_back(&verifier, &account, Call::Refund, &asked(), &answer).map(drop),
                file::read(&verifier, &account, day, &answer).map(drop),
            ];
            for read in reads {
                assert_eq!(read.expect_err("no answer").class(), "outcome_unknown");
            }
        }
    }
}

#[test]
fn values_with_braces_and_line_breaks_stay_whole() {
    let text = "a=1&cardTransData={x=1&y=[2&3]}&b==+/=&cert=-----BEGIN\r\nA=\r\n-----END&c=";
    let fields = Fields::parse(text).expect("a message");
    assert_eq!(fields.get("cardTransData"), Some("{x=1&y=[2&3]}"));
    assert_eq!(fields.get("b"), Some("=+/="));
    assert_eq!(fields.get("cert"), Some("-----BEGIN\r\nA=\r\n-----END"));
    assert_eq!(fields.get("c"), None);
    assert!(fields.text(true).contains("&c=") && !fields.text(false).contains("&c="));
    for odd in ["", "a", "=1", "a=1&a=2", "a=1&b", "<html>", "a b=1"] {
        assert!(Fields::parse(odd).is_none(), "{odd}");
    }
}

#[test]
fn every_row_of_the_documents_table_has_its_class() {
    use Verdict::{AlreadyDone, Missing, NoFile, Open, Rejected, SlowDown, Yes, YesWithDefect};
    let give_up = "01 30 33 35 36 38 39 40 44 45 46 60 61 62 63 64 65 66 67 68 69 71 72 73 75 76 77 \
                   78 79 80 81 82";
    for (codes, verdict) in [
        ("00", Yes),
        ("A6", YesWithDefect),
        ("03 04 05 06 70 74 83 99", Open),
        ("02 41", Rejected(Act::SlowDown)),
        ("10 13 14", Rejected(Act::FixRequest)),
        ("11 31 32 43", Rejected(Act::FixAccount)),
        ("12", AlreadyDone),
        ("34", Missing),
        ("37", SlowDown),
        ("42", Rejected(Act::Person)),
        (give_up, Rejected(Act::GiveUp)),
        ("98", NoFile),
    ] {
        for code in codes.split_whitespace() {
            assert_eq!(meaning(code), Some(verdict), "{code}");
        }
    }
    assert_eq!(meaning("ZZ"), None);
    assert_eq!(meaning(""), None);
}

#[test]
fn an_accepted_refund_is_queried_and_an_unclear_one_as_well() {
    let (trust, account) = (trust(), account());
    let answer = |code: &str, amount: &str| {
        let mut fields = Fields::default();
        fields.set("merId", "777290058110048").set("orderId", "RF20260101000001");
        fields.set("txnTime", "20260101080000").set("txnAmt", amount);
        fields.set("queryId", "202601011520031234568").set("respCode", code);
        fields.set("respMsg", "CANARY[0000000]");
        signed(fields)
    };
    let read = |code: &str, amount: &str| {
        let answer = answer(code, amount);
        trade::read_back(&verifier(&trust), &account, Call::Refund, &asked(), &answer)
    };
    assert_eq!(read("00", "300").expect("accepted").as_deref(), Some("202601011520031234568"));
    for code in ["03", "04", "05", "12", "99", "ZZ", ""] {
        let error = read(code, "300").expect_err("not final");
        assert_eq!((error.moved(), error.act()), (Moved::Perhaps, Act::QueryFirst), "{code}");
        assert!(!format!("{error} {error:?}").contains("CANARY"));
    }
    for code in ["35", "36", "45", "38"] {
        let error = read(code, "300").expect_err("final");
        assert_eq!((error.moved(), error.act()), (Moved::No, Act::GiveUp), "{code}");
    }
    for amount in ["301", "3.00", "-300", ""] {
        let read = read("00", amount);
        assert!(amount.is_empty() || read.is_err_and(|error| error.class() == "contract"));
    }
    let mut none = Fields::default();
    none.set("respCode", "34");
    let missing = signed(none);
    let found = trade::read_query(&verifier(&trust), &account, SALE, &missing);
    assert_eq!(found, Ok(None));
}

#[test]
fn what_the_file_has_no_room_for_is_refused_before_it_is_sent() {
    for order_id in ["SHORT", "WITH-DASH-01", "A23456789012345678901234567890123"] {
        let order = OrderKey { order_id, ..SALE };
        let error = trade::qr_code(&account(), order, yuan(1), &key()).expect_err("refused");
        assert_eq!(error.class(), "not_sent", "{order_id}");
    }
    let order = OrderKey { txn_time: "2026-01-01", ..SALE };
    assert!(trade::query(&account(), order, &key()).is_err());
    assert!(trade::qr_code(&account(), SALE, yuan(0), &key()).is_err());
    let odd = BackInstruction { orig_query_id: "x", ..asked() };
    assert!(trade::cancel(&account(), &odd, &key()).is_err());
    let account = Account { product: Product::QrCode, ..account() };
    let request = trade::qr_code(&account, SALE, yuan(1), &key()).expect("a request");
    let body = String::from_utf8(request.body.clone()).expect("a form");
    assert!(body.contains("bizType=000000") && body.contains("channelType=08"), "{body}");
}

#[test]
fn u4_the_file_of_a_day_is_unpacked_twice_and_is_of_that_day() {
    assert_eq!(file::unpack("eJzLSM3JyQcABiwCFQ==").expect("unpacked"), b"hello");
    for odd in ["", "x", "AAAA"] {
        assert!(file::unpack(odd).is_err(), "{odd}");
    }
    let (trust, account) = (trust(), account());
    let day = BusinessDate::from_ymd(2026, 1, 1).expect("a day");
    let request = file::request(&account, day, 1_767_225_600_000, &key()).expect("a request");
    assert_eq!(request.url, "https://filedownload.test.95516.com/");
    let body = String::from_utf8(request.body.clone()).expect("a form");
    assert!(body.contains("settleDate=0101") && body.contains("txnTime=20260101080000"), "{body}");
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("INN26010188ZM_777290058110048", options).expect("in memory");
    archive.write_all(fixture!("union_pay/zm.txt").as_bytes()).expect("in memory");
    let archive = archive.finish().expect("in memory").into_inner();
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&archive).expect("in memory");
    let content = STANDARD.encode(packed.finish().expect("in memory"));
    let read = |code: &str, name: &str, content: &str| {
        let mut fields = Fields::default();
        fields.set("merId", "777290058110048").set("respCode", code);
        fields.set("fileName", name).set("fileContent", content);
        file::read(&verifier(&trust), &account, day, &signed(fields))
    };
    let name = "777290058110048_20260101.zip";
    let offer = read("00", name, &content).expect("genuine");
    assert_eq!(offer, FileOffer::Ready { name: name.into(), archive });
    assert_eq!(read("98", "", ""), Ok(FileOffer::Absent));
    // Asked without a year, last year's file would be the answer.
    let old = read("00", "777290058110048_20250101.zip", &content);
    assert_eq!(old.expect_err("another year").class(), "contract");
    assert_eq!(read("00", name, "AAAA").expect_err("no content").class(), "contract");
}

#[test]
fn rows_of_a_clearing_day_prove_themselves() {
    let day = BusinessDate::from_ymd(2026, 1, 1).expect("a day");
    let lines: Vec<&[u8]> = fixture!("union_pay/zm.txt").lines().map(str::as_bytes).collect();
    let sale = read_row(lines[0], day).expect("a row");
    assert_eq!((sale.cleared, sale.fee, sale.net), (yuan(1000), yuan(-6), yuan(994)));
    assert_eq!((sale.order_id.as_str(), sale.txn_type.as_str()), ("SHOP20260101000001", "01"));
    assert_eq!(sale.made_at_ms, NOW_S * 1000);
    let back = read_row(lines[1], day).expect("a row");
    assert_eq!((back.cleared, back.fee, back.net), (yuan(-300), yuan(2), yuan(-298)));
    assert_eq!(back.orig_query_id.as_deref(), Some("202601010800001234567"));
    assert!(!back.fee_letter_inverted);
    // The letter of the fee the other way round is found out, and the fee is the same.
    let text = fixture!("union_pay/zm.txt").lines().next().expect("a row").to_owned();
    let inverted = text.replacen("D000000000006", "C000000000006", 1);
    let row = read_row(inverted.as_bytes(), day).expect("a row");
    assert!(row.fee_letter_inverted && row.fee == yuan(-6));
    // Cut behind the net amount, the type gives the sign.
    assert_eq!(read_row(&lines[0][..387], day).expect("a row").cleared, yuan(1000));
    assert_eq!(read_row(&lines[0][..386], day), Err(ZmProblem::Short));
    let wrong = text.replacen("C000000000994", "C000000000993", 1);
    assert_eq!(read_row(wrong.as_bytes(), day), Err(ZmProblem::Sum));
    let letter = text.replacen("D000000000006", "X000000000006", 1);
    assert_eq!(read_row(letter.as_bytes(), day), Err(ZmProblem::Column("fee")));
    // The last hour of December belongs to the first clearing day of January.
    let december = text.replacen("0101080000", "1231233000", 1);
    let row = read_row(december.as_bytes(), day).expect("a row");
    assert_eq!(BusinessDate::of_ms(row.made_at_ms).to_string(), "2025-12-31");
    let mut chance = Chance::new(3);
    for _ in 0..tries(2_000) {
        let mut odd = lines[0].to_vec();
        let at = chance.below(odd.len());
        odd[at] = u8::try_from(chance.below(256)).expect("a byte");
        let _ = read_row(&odd, day);
    }
}

/// The fields of U3 as a notice carries them.
fn noticed(fields: &Fields, signature: &str) -> String {
    let text = format!("{}&signature={signature}", fields.text(true));
    let signed = Fields::parse(&text).expect("fields");
    let names: Vec<&str> =
        text.split('&').filter_map(|pair| pair.split_once('=')).map(|p| p.0).collect();
    let encode = |name: &str| {
        let value = crate::http::encode_component(signed.get(name).unwrap_or_default());
        format!("{name}={}", value.replace("%20", "+"))
    };
    names
        .into_iter()
        .filter(|name| signed.get(name).is_some())
        .map(encode)
        .collect::<Vec<_>>()
        .join("&")
}

#[test]
fn a_notice_is_believed_by_its_signature_alone_and_read_the_same_each_time_it_comes() {
    use super::notice::{About, read};
    let trust = trust();
    let told =
        |body: &str, now_s| read(&Verifier { trust: &trust, now_s }, &account(), body.as_bytes());
    let body = noticed(&u3(), vector("u3"));
    let notice = told(&body, NOW_S).expect("a genuine notice");
    assert_eq!(
        (notice.order_id.as_str(), notice.txn_time.as_str()),
        ("SHOP20260101000001", "20260101080000")
    );
    assert_eq!((notice.amount, notice.succeeded), (Some(yuan(1000)), true));
    assert_eq!(notice.about, About::Other, "a query's answer names the query");
    assert_eq!(told(&body, NOW_S).expect("again"), notice);
    let changed = body.replace("txnAmt=1000", "txnAmt=1001");
    assert_ne!(changed, body);
    let doubtful =
        |body: &str, now_s| matches!(told(body, now_s), Err(CallError::OutcomeUnknown { .. }));
    assert!(doubtful(&changed, NOW_S));
    assert!(
        doubtful(&body.replace('+', "%20").replace("%2B", "+"), NOW_S),
        "decoded once too often"
    );
    assert!(doubtful(body.split_once("&signature=").expect("signed").0, NOW_S));
    assert!(doubtful(&body, NOW_S + 30 * 365 * 86_400), "the certificate is out of its time");
    assert!(doubtful(&format!("{body}&merId=777290058110048"), NOW_S), "a field twice");
    assert!(doubtful("<html>", NOW_S));
    let other = Account { mer_id: "777290058110049".into(), ..account() };
    let stranger = read(&verifier(&trust), &other, body.as_bytes());
    assert!(matches!(stranger, Err(CallError::Contract { .. })), "{stranger:?}");
}
