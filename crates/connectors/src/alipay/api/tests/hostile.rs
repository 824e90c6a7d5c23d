//! Answers nobody means: flipped bits, pages, cuts, other types, fields twice. None of them is
//! believed, and none of them stops the program.

use super::super::codes::Call;
use super::super::{Account, bill, certificates, ledger, notify, pay, refund};
use super::{
    APP_ID, Certificates, NOW_S, OURS, REFUND_NO, SHOP, account, asked, coffee, march, plain,
    signed, trust, verifier,
};
use crate::alipay::api::answer::Verifier;
use crate::error::CallError;
use crate::hostile::{Chance, flip, rude_bodies, spoiled, tries};
use crate::http::HttpAnswer;

const FIRST: &str = include_str!("../../../../fixtures/api/alipay/refund-first.json");
const FOUND: &str = include_str!("../../../../fixtures/api/alipay/refund-found.json");
const ROW: &str = include_str!("../../../../fixtures/api/alipay/account-row.json");
const ROOT: &str = include_str!("../../../../fixtures/api/alipay/root.pem");

type Read = Result<(), CallError>;

/// One answer, read by the reader of its call.
fn read(call: Call, verifier: &Verifier<'_>, account: &Account, answer: &HttpAnswer) -> Read {
    let empty = Certificates::pinned(ROOT);
    match call {
        Call::Precreate => pay::read_precreate(verifier, &coffee(), answer).map(drop),
        Call::Pay => pay::read_pay(verifier, &coffee(), answer).map(drop),
        Call::Query => pay::read_query(verifier, OURS, answer).map(drop),
        Call::Close => pay::read_close(verifier, OURS, answer).map(drop),
        Call::Cancel => pay::read_cancel(verifier, OURS, answer).map(drop),
        Call::Refund => refund::read_create(verifier, &asked(), answer).map(drop),
        Call::RefundQuery => refund::read_query(verifier, SHOP, REFUND_NO, answer).map(drop),
        Call::Bill => bill::read_request(verifier, account, answer).map(drop),
        Call::Balance => ledger::read_balance(verifier, answer).map(drop),
        Call::BalanceOfDay => ledger::read_balance_of_day(verifier, answer).map(drop),
        Call::AccountLog => ledger::read_account_log(verifier, march(), answer).map(drop),
        Call::Certificate => {
            certificates::read_fetch(&empty, "b9", answer, (NOW_S, None)).map(drop)
        }
    }
}

#[test]
fn a_signed_answer_with_one_flipped_bit_is_refused() {
    let trust = trust();
    let verifier = verifier(&trust);
    let genuine = signed(Call::Refund, FIRST);
    let said = refund::read_create(&verifier, &asked(), &genuine).expect("genuine");
    let mut chance = Chance::new(20_261_121);
    for _ in 0..tries(2_000) {
        let flipped = flip(&genuine, &[], &mut chance);
        match refund::read_create(&verifier, &asked(), &flipped) {
            Err(error) => assert_eq!(error.class(), "outcome_unknown", "{error}"),
            Ok(_) => panic!("{}", String::from_utf8_lossy(&flipped.body)),
        }
    }
    assert_eq!(said.refunded_total, asked().amount);
}

#[test]
fn a_rude_answer_leaves_the_outcome_open_and_never_stops_the_program() {
    let (trust, account) = (trust(), account());
    let verifier = verifier(&trust);
    for body in rude_bodies() {
        for status in [200, 204, 302, 400, 403, 404, 429, 500, 502, 503] {
            let answer = HttpAnswer { status, headers: Vec::new(), body: body.clone() };
            for call in Call::ALL {
                let error = read(call, &verifier, &account, &answer).expect_err("no answer");
                assert_eq!(error.class(), "outcome_unknown", "{call:?} {status}");
            }
            let error = bill::read_download(&answer).expect_err("no archive");
            assert_eq!(error.class(), "outcome_unknown", "{status}");
        }
        assert!(notify::read(&trust, APP_ID, &body, NOW_S).is_err());
    }
}

#[test]
fn a_genuine_answer_without_its_fields_breaks_the_contract() {
    let (trust, account) = (trust(), account());
    let verifier = verifier(&trust);
    let bare = r#"{"code":"10000","msg":"Success"}"#;
    for call in Call::ALL {
        let answer = read(call, &verifier, &account, &signed(call, bare));
        match call {
            // Nothing found, which is an answer.
            Call::RefundQuery => answer.expect("nothing found"),
            Call::Certificate => {
                assert_eq!(answer.expect_err("no certificate").class(), "outcome_unknown");
            }
            _ => assert_eq!(answer.expect_err("no fields").class(), "contract", "{call:?}"),
        }
    }
}

#[test]
fn no_spoiled_field_turns_into_another_amount() {
    let (trust, account) = (trust(), account());
    let verifier = verifier(&trust);
    for text in spoiled(FIRST) {
        let read = refund::read_create(&verifier, &asked(), &signed(Call::Refund, &text));
        if let Ok(answer) = read {
            assert_eq!(answer.refunded_total, asked().amount, "{text}");
        }
    }
    for text in spoiled(FOUND) {
        let answer = signed(Call::RefundQuery, &text);
        if let Ok(Some(found)) = refund::read_query(&verifier, SHOP, REFUND_NO, &answer) {
            assert_eq!(found.amount, asked().amount, "{text}");
        }
    }
    for text in spoiled(ROW) {
        let head = r#"{"code":"10000","page_no":"1","total_size":"1","detail_list":["#;
        let answer = signed(Call::AccountLog, &format!("{head}{text}]}}"));
        if let Ok(page) = ledger::read_account_log(&verifier, march(), &answer) {
            // Another amount in the row itself is another row.
            let amount = page.rows[0].amount.minor();
            assert!(amount == -4_000 || amount == -100, "{text}");
        }
        drop(read(Call::Balance, &verifier, &account, &answer));
    }
}

#[test]
fn an_answer_whose_parts_come_twice_is_no_answer() {
    let trust = trust();
    let verifier = verifier(&trust);
    let genuine = String::from_utf8(signed(Call::Refund, FIRST).body).expect("text");
    let forged = FIRST.replace("40.00", "90.00");
    let name = "\"alipay_trade_refund_response\":";
    let (_, rest) = genuine.split_once(name).expect("an answer");
    for body in [
        format!("{{{name}{forged},{name}{rest}"),
        format!("{{{name}{rest}").replacen("{\"alipay", "{\"error_response\":{},\"alipay", 1),
        genuine.replacen("\"sign\"", "\"sign\":\"x\",\"sign\"", 1),
        format!("{genuine}x"),
        format!("{genuine}{genuine}"),
        format!("[{genuine}]"),
        genuine.replace(name, "\"alipay_trade_query_response\":"),
    ] {
        let read = refund::read_create(&verifier, &asked(), &plain(body.clone()));
        assert_eq!(read.expect_err("no answer").class(), "outcome_unknown", "{body}");
    }
}

#[test]
fn no_secret_and_nothing_the_channel_repeats_reaches_an_error_text() {
    let (trust, account) = (trust(), account());
    let verifier = verifier(&trust);
    for code in ["10000", "10003", "20000", "40001", "40002", "40004", "40006", "99999"] {
        let value =
            format!(r#"{{"code":"{code}","msg":"CANARY","sub_code":"isv.x","sub_msg":"CANARY"}}"#);
        for call in Call::ALL {
            let name = call.method().replace('.', "_");
            let bare = plain(format!("{{\"{name}_response\":{value}}}"));
            for answer in [signed(call, &value), bare] {
                if let Err(error) = read(call, &verifier, &account, &answer) {
                    let text = format!("{error} {error:?}");
                    assert!(!text.contains("CANARY"), "{text}");
                }
            }
        }
    }
    let keys = format!("{:?} {:?}", super::app_key(), super::content_key());
    assert_eq!(keys, "SigningKey(…) CbcKey(…)");
}
