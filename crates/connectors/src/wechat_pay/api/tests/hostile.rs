//! Answers nobody means: flipped bits, pages, cuts, other types. None of them is believed, and
//! none of them stops the program.

use super::super::bill::{BillOffer, BillTicket};
use super::super::order::OrderNo;
use super::super::refund::RefundInstruction;
use super::super::verify::{Trust, Verifier};
use super::super::{bill, callback, certificates, order, refund};
use super::{KEY_ID, NOW_S, REFUND, account, api_key, platform_key, signed, trust};
use crate::error::CallError;
use crate::hostile::{Chance, flip, rude_bodies, spoiled, tries};
use crate::http::HttpAnswer;
use crate::keys::Certificate;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Currency, Money};

const SIGNED_HEADERS: [&str; 5] = [
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Signature",
    "Wechatpay-Serial",
    "Wechatpay-Signature-Type",
];
const ORDER: &str = include_str!("../../../../fixtures/api/wechat_pay/order.json");
const OFFER: &str = include_str!("../../../../fixtures/api/wechat_pay/offer.json");
const CERTIFICATES: &str = include_str!("../../../../fixtures/api/wechat_pay/certificates.json");
const PLATFORM_CERTIFICATE: &str =
    include_str!("../../../../fixtures/api/wechat_pay/platform-certificate.pem");

fn asked() -> RefundInstruction<'static> {
    let yuan = |fen| Money::from_minor(fen, Currency::CNY).expect("an amount");
    RefundInstruction {
        payment: OrderNo::Ours("SHOP20260101000001"),
        out_refund_no: "RF20260101000001",
        amount: yuan(300),
        order_total: yuan(1000),
        reason: None,
        notify_url: None,
        funds_account: None,
    }
}

fn ticket(verifier: &Verifier<'_>) -> BillTicket {
    match bill::read_request(verifier, &account(), &signed(200, OFFER)).expect("genuine") {
        BillOffer::Ready(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

/// One answer, read by every reader.
fn read_all(verifier: &Verifier<'_>, answer: &HttpAnswer) -> Vec<(&'static str, Read)> {
    let ours = OrderNo::Ours("SHOP20260101000001");
    let headers = |name: &str| answer.header(name);
    let certificates = certificates::read(verifier.trust, NOW_S, &api_key(), answer);
    let callback = callback::read(verifier, &account(), &api_key(), headers, &answer.body);
    let signed_by_us = ticket(verifier);
    vec![
        ("create", order::read_create(verifier, answer).map(drop)),
        ("query", order::read_query(verifier, &account(), ours, answer).map(drop)),
        ("close", order::read_close(verifier, answer)),
        ("refund", refund::read_create(verifier, &asked(), answer).map(drop)),
        ("refund_query", refund::read_query(verifier, "RF20260101000001", answer).map(drop)),
        ("abnormal", refund::read_abnormal(verifier, "RF20260101000001", answer).map(drop)),
        ("bill", bill::read_request(verifier, &account(), answer).map(drop)),
        ("download", bill::read_download(&signed_by_us, answer).map(drop)),
        ("certificates", certificates.map(drop)),
        ("callback", callback.map(drop)),
    ]
}

type Read = Result<(), CallError>;

#[test]
fn a_signed_answer_with_one_flipped_bit_is_refused() {
    let trust = trust();
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    let genuine = signed(200, REFUND);
    refund::read_create(&verifier, &asked(), &genuine).expect("genuine");
    let mut chance = Chance::new(20_261_121);
    for _ in 0..tries(2_000) {
        let flipped = flip(&genuine, &SIGNED_HEADERS, &mut chance);
        let error = refund::read_create(&verifier, &asked(), &flipped);
        let error = error.expect_err("one bit is another");
        assert_eq!(error.class(), "outcome_unknown", "{error}");
    }
}

#[test]
fn a_rude_answer_leaves_the_outcome_open_and_never_stops_the_program() {
    let trust = trust();
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    for body in rude_bodies() {
        for status in [200, 201, 202, 204, 301, 302, 400, 401, 403, 404, 429, 500, 502, 503, 599] {
            let answer = HttpAnswer { status, headers: Vec::new(), body: body.clone() };
            for (call, read) in read_all(&verifier, &answer) {
                let error = read.expect_err("no answer");
                assert_eq!(error.class(), "outcome_unknown", "{call} {status}");
            }
        }
    }
}

#[test]
fn a_genuine_answer_of_the_wrong_shape_breaks_the_contract() {
    let trust = trust();
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    for body in rude_bodies() {
        let Ok(text) = String::from_utf8(body) else { continue };
        for (call, read) in read_all(&verifier, &signed(200, &text)) {
            let class = read.expect_err("no answer").class();
            let unsigned = matches!(call, "download" | "certificates");
            assert_eq!(class, if unsigned { "outcome_unknown" } else { "contract" }, "{call}");
        }
    }
}

#[test]
fn no_spoiled_field_turns_into_another_amount() {
    let trust = trust();
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    for text in spoiled(REFUND) {
        let read = refund::read_create(&verifier, &asked(), &signed(200, &text));
        match read {
            Ok(report) => assert_eq!(report.amount, asked().amount, "{text}"),
            Err(error) => assert_eq!(error.class(), "contract", "{text}"),
        }
    }
    for text in spoiled(ORDER) {
        let ours = OrderNo::Ours("SHOP20260101000001");
        let read = order::read_query(&verifier, &account(), ours, &signed(200, &text));
        match read {
            Ok(report) => {
                let total = report.expect("an order").total.expect("it is paid").minor();
                assert!(total == 1000 || total == 0, "{text}");
            }
            Err(error) => assert_eq!(error.class(), "contract", "{text}"),
        }
    }
    for text in spoiled(OFFER) {
        let read = bill::read_request(&verifier, &account(), &signed(200, &text));
        assert!(read.is_err_and(|error| error.class() == "contract"), "{text}");
    }
}

#[test]
fn no_secret_and_nothing_the_channel_repeats_reaches_an_error_text() {
    let trust = trust();
    let verifier = Verifier { trust: &trust, now_s: NOW_S };
    let canary = "CANARY0123456789";
    let echo =
        format!(r#"{{"code":"PARAM_ERROR","message":"{canary}","detail":{{"value":"{canary}"}}}}"#);
    let mut texts = Vec::new();
    for status in [200, 204, 400, 401, 403, 404, 429, 500] {
        let bare = HttpAnswer { status, headers: Vec::new(), body: echo.clone().into_bytes() };
        for answer in [bare, signed(status, &echo)] {
            for (_, read) in read_all(&verifier, &answer) {
                // A genuine 204 needs no body to say "closed".
                if let Err(error) = read {
                    texts.push(format!("{error} {error:?}"));
                }
            }
        }
    }
    assert!(texts.len() > 100);
    for text in texts {
        assert!(!text.contains("CANARY"), "{text}");
        assert!(!text.contains("0123456789abcdef"), "{text}");
    }
}

/// The channel's side of sealing, for the tests.
fn seal(plain: &str, nonce: &str, associated: &str) -> String {
    let key = UnboundKey::new(&AES_256_GCM, b"0123456789abcdef0123456789ABCDEF").expect("a key");
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).expect("12 bytes");
    let mut bytes = plain.as_bytes().to_vec();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::from(associated.as_bytes()), &mut bytes)
        .expect("sealed");
    STANDARD.encode(bytes)
}

fn certificates_answer(serial: &str, certificate: &str) -> HttpAnswer {
    let sealed = seal(certificate, "61f9c719728a", "certificate");
    let body = CERTIFICATES.replace("SERIAL", serial).replace("SEALED", &sealed);
    let mut answer = signed(200, &body);
    for (name, value) in &mut answer.headers {
        if name == "Wechatpay-Serial" {
            *value = serial.to_owned();
        }
    }
    answer
}

#[test]
fn platform_certificates_are_opened_checked_and_then_verify_answers() {
    let certificate = Certificate::parse(PLATFORM_CERTIFICATE).expect("a certificate");
    let serial = certificate.serial_hex().to_owned();
    assert_eq!(serial, "7BE4D0A1C2B3948576F0E1D2C3B4A59687786951");
    let answer = certificates_answer(&serial, PLATFORM_CERTIFICATE);
    let none = Trust::default();
    let found = certificates::read(&none, NOW_S, &api_key(), &answer).expect("genuine");
    assert_eq!(found.len(), 1);
    // Both kinds of keys side by side, as while a merchant changes from one to the other.
    let mut both = trust();
    assert!(both.add_certificate(&found[0].serial_no, &found[0].certificate));
    let verifier = Verifier { trust: &both, now_s: NOW_S };
    let mut by_certificate = signed(200, REFUND);
    by_certificate.headers.iter_mut().filter(|(name, _)| name == "Wechatpay-Serial").for_each(
        |(_, value)| {
            assert_eq!(value, KEY_ID);
            value.clone_from(&serial);
        },
    );
    refund::read_create(&verifier, &asked(), &by_certificate).expect("genuine");
    refund::read_create(&verifier, &asked(), &signed(200, REFUND)).expect("genuine");
    assert_eq!(both.for_sealing(NOW_S).map(|(name, _)| name), Some(KEY_ID));
    // Past its end it verifies nothing, though the signature still fits.
    let late_s = certificate.valid_s().1 + 10;
    let message = format!("{late_s}\nN\n{REFUND}\n");
    let signature = platform_key().sign(message.as_bytes()).expect("signed");
    let mut late = by_certificate.clone();
    for (name, value) in &mut late.headers {
        match name.to_lowercase().as_str() {
            "wechatpay-timestamp" => *value = late_s.to_string(),
            "wechatpay-nonce" => *value = "N".into(),
            "wechatpay-signature" => value.clone_from(&signature),
            _ => {}
        }
    }
    let later = Verifier { trust: &both, now_s: late_s };
    let error = refund::read_create(&later, &asked(), &late).expect_err("expired");
    assert_eq!(error.act(), crate::error::Act::FetchKeys);
    let mut chance = Chance::new(7);
    for _ in 0..tries(200) {
        let flipped = flip(&answer, &SIGNED_HEADERS, &mut chance);
        assert!(certificates::read(&none, NOW_S, &api_key(), &flipped).is_err());
    }
    // Another certificate under that serial number is not taken.
    let swapped = certificates_answer("1234", PLATFORM_CERTIFICATE);
    assert!(certificates::read(&none, NOW_S, &api_key(), &swapped).is_err());
}
