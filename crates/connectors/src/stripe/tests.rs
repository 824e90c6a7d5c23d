//! The document's vectors, and what calls and answers mean for a shop.

use super::codes::{Meaning, meaning};
use super::ledger::PayoutState;
use super::payments::ChargeState;
use super::refund::{Reason, RefundInstruction, RefundState};
use super::{Account, Exponents, Form, Range, ledger, payments, refund, webhook};
use crate::error::{Act, CallError, Doubt, Moved};
use crate::hostile::{Chance, rude_bodies, spoiled, tries};
use crate::http::{Base, Effect, HttpAnswer};
use domain::{Currency, Money};
use secrets::Secret;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../fixtures/api/stripe/", $name))
    };
}

const CHARGE: &str = r#"{"id":"ch_A","object":"charge","created":1772500000,"amount":10000,
    "amount_captured":10000,"amount_refunded":0,"currency":"usd","status":"succeeded",
    "captured":true,"disputed":false,"balance_transaction":"txn_A","payment_intent":{"id":"pi_1"},
    "description":null}"#;
const REFUND: &str = r#"{"id":"re_1","object":"refund","created":1772500000,"amount":1000,
    "currency":"usd","charge":"ch_A","status":"succeeded","metadata":{"intent":"RF1"},
    "balance_transaction":"txn_C","failure_balance_transaction":null}"#;
const DISPUTE: &str = r#"{"id":"dp_1","object":"dispute","created":1772500000,"amount":1500,
    "currency":"usd","charge":"ch_A","status":"needs_response","reason":"fraudulent",
    "evidence_details":{"due_by":1773000000},"balance_transactions":[{"id":"txn_D"}]}"#;

fn account() -> Account {
    Account {
        key: "rk_test_CANARY".into(),
        version: Account::VERSION.into(),
        connected: None,
        base: Base::parse(Account::HOST).expect("an address"),
        exponents: Exponents::default(),
    }
}

fn money(minor: i64, code: &str) -> Money {
    Money::from_minor(minor, Currency::from_code(code).expect("a code")).expect("an amount")
}

fn ok(body: impl Into<Vec<u8>>) -> HttpAnswer {
    HttpAnswer { status: 200, headers: Vec::new(), body: body.into() }
}

fn no(status: u16, kind: &str, code: &str) -> HttpAnswer {
    let body = format!(
        "{{\"error\":{{\"type\":\"{kind}\",\"code\":\"{code}\",\"message\":\"sk_CANARY\"}}}}"
    );
    HttpAnswer { status, headers: Vec::new(), body: body.into() }
}

fn list(items: &[&str], more: bool) -> HttpAnswer {
    let items = items.join(",");
    ok(format!("{{\"object\":\"list\",\"has_more\":{more},\"data\":[{items}]}}"))
}

#[test]
fn parameters_are_written_as_stripes_own_package_writes_them() {
    let mut form = Form::default();
    form.add("charge", "ch_1");
    form.add("amount", "1000");
    form.add("reason", "requested_by_customer");
    form.add("metadata[order id]", "A&B=1");
    form.add("metadata[zh]", "退款");
    form.add("expand[0]", "balance_transaction");
    form.add("expand[1]", "charge.balance_transaction");
    form.add("reverse_transfer", "false");
    assert_eq!(form.body(), fixture!("form-body.txt"));
    let mut form = Form::default();
    form.add("payout", "po_1");
    form.add("limit", "100");
    form.add("created[gte]", "1772611200");
    form.add("created[lt]", "1772697600");
    form.add("expand[0]", "data.source");
    let target = format!("/v1/balance_transactions?{}", form.query());
    assert_eq!(target, fixture!("form-query.txt"));
}

#[test]
fn an_event_is_signed_with_one_of_the_secrets_and_not_too_old() {
    let secret: Secret<String> = "whsec_test_7d0c1f9e2b5a4c6d8e9f0a1b2c3d4e5f".into();
    let other: Secret<String> = "whsec_test_other".into();
    let good = "f91e21222d4716e7b5134b3f0d7c88157d29b236a798fa5dc501a17909415e35";
    let body = fixture!("event.json").as_bytes();
    let at = 1_772_674_200;
    let read = |header: &str, now_s| webhook::read(&[&other, &secret], header, body, now_s, 300);
    let event = read(&format!("t={at},v1={good}"), at).expect("genuine");
    assert_eq!(event.kind, "payout.reconciliation_completed");
    assert!(read(&format!("t={at},v1=00,v1={good},v0=abc"), at).is_ok());
    assert!(read(&format!("t={at},v1={good}"), at + 299).is_ok());
    for (header, now_s) in [
        (format!("t={at},v1={good}"), at + 301),
        (format!("t={at},v1={good}"), at - 3_600),
        (format!("t={at},v1=00"), at),
        (format!("t={at},v0={good}"), at),
        (format!("v1={good}"), at),
        (format!("t={},v1={good}", at + 1), at),
        (String::new(), at),
    ] {
        assert_eq!(read(&header, now_s).expect_err("refused").class(), "outcome_unknown");
    }
    let mut chance = Chance::new(5);
    for _ in 0..tries(2_000) {
        let mut flipped = body.to_vec();
        flipped[chance.below(body.len())] ^= 1 << chance.below(8);
        let header = format!("t={at},v1={good}");
        assert!(webhook::read(&[&secret], &header, &flipped, at, 300).is_err());
    }
}

#[test]
fn amounts_are_turned_by_stripes_own_decimal_places() {
    let exponents = Exponents::default();
    let read = |amount, code| exponents.read("amount", amount, code, Effect::Reads);
    for (amount, code, minor) in [
        (500, "jpy", 500),
        (5_120, "kwd", 5_120),
        (1_000, "usd", 1_000),
        // No decimals with us, two at Stripe.
        (50_000, "isk", 500),
        (50_000, "ugx", 500),
        // Two with us, none at Stripe.
        (5, "mga", 500),
        // Three with us, two at Stripe.
        (12, "lyd", 120),
    ] {
        assert_eq!(read(amount, code), Ok(money(minor, code)), "{code}");
        assert_eq!(exponents.write(money(minor, code)), Ok(amount), "{code}");
    }
    assert_eq!(read(50_001, "isk").expect_err("a part").class(), "contract");
    assert_eq!(read(1, "money").expect_err("no currency").class(), "contract");
    assert_eq!(read(i64::MAX, "mga").expect_err("too much").class(), "contract");
    assert!(exponents.write(money(5_121, "kwd")).is_err());
    assert!(exponents.write(money(0, "usd")).is_err());
    // What the documents disagree on can be set.
    let ugx = Currency::from_code("UGX").expect("a code");
    let other = Exponents([(ugx, 0)].into());
    assert_eq!(other.read("amount", 500, "ugx", Effect::Reads), Ok(money(500, "UGX")));
}

fn asked() -> RefundInstruction<'static> {
    RefundInstruction {
        charge: "ch_A",
        key: "RF1",
        amount: money(1_000, "USD"),
        reason: Some(Reason::RequestedByCustomer),
    }
}

#[test]
fn a_refund_carries_its_key_twice_and_the_answer_must_be_about_it() {
    let account = account();
    let request = refund::create(&account, &asked()).expect("a request");
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        "charge=ch_A&amount=1000&reason=requested_by_customer&metadata[intent]=RF1"
    );
    assert_eq!(request.header("Idempotency-Key"), Some("RF1"));
    assert_eq!(request.header("Stripe-Version"), Some("2026-10-28.endive"));
    assert!(request.header("Authorization").is_some_and(|key| key == "Bearer rk_test_CANARY"));
    assert!(!format!("{request:?} {account:?}").contains("CANARY"));
    assert!(account.is_test());
    let read = |body: &str| refund::read_create(&account, &asked(), &ok(body));
    assert_eq!(read(REFUND).expect("made").state, RefundState::Succeeded);
    let pending = REFUND.replace("succeeded", "pending");
    assert_eq!(read(&pending).expect("made").state, RefundState::Pending);
    for (from, to) in
        [("1000,", "1001,"), ("ch_A", "ch_B"), ("RF1", "RF2"), ("usd", "eur"), ("re_1", "")]
    {
        let error = read(&REFUND.replace(from, to)).expect_err("a contradiction");
        assert_eq!((error.class(), error.moved()), ("contract", Moved::Perhaps), "{to}");
    }
    let missing = no(404, "invalid_request_error", "resource_missing");
    assert_eq!(refund::read_query(&account, "re_1", &missing), Ok(None));
    for odd in ["", "ch A", "../x", "ch_A?x=1"] {
        let wrong = RefundInstruction { charge: odd, ..asked() };
        assert_eq!(refund::create(&account, &wrong).expect_err("refused").class(), "not_sent");
    }
}

#[test]
fn every_row_of_the_documents_table_has_its_class() {
    let rejected = Meaning::Rejected;
    let invalid = "invalid_request_error";
    for (status, kind, code, expected) in [
        (400, invalid, "parameter_invalid_integer", rejected(Act::FixRequest)),
        (400, invalid, "parameter_missing", rejected(Act::FixRequest)),
        (400, invalid, "parameter_unknown", rejected(Act::FixRequest)),
        (404, invalid, "resource_missing", rejected(Act::FixRequest)),
        (400, invalid, "charge_already_refunded", rejected(Act::GiveUp)),
        (400, invalid, "charge_disputed", rejected(Act::GiveUp)),
        (400, invalid, "charge_not_refundable", rejected(Act::GiveUp)),
        (400, invalid, "amount_too_large", rejected(Act::GiveUp)),
        (400, invalid, "amount_too_small", rejected(Act::GiveUp)),
        (400, invalid, "refund_disputed_payment", rejected(Act::GiveUp)),
        (400, invalid, "balance_insufficient", rejected(Act::TopUp)),
        (400, invalid, "insufficient_funds", rejected(Act::TopUp)),
        (400, invalid, "secret_key_required", rejected(Act::FixAccount)),
        (400, invalid, "testmode_charges_only", rejected(Act::FixAccount)),
        (400, invalid, "platform_api_key_expired", rejected(Act::FixAccount)),
        (400, "idempotency_error", "", rejected(Act::Person)),
        (401, invalid, "", rejected(Act::FixAccount)),
        (402, "card_error", "card_declined", rejected(Act::GiveUp)),
        (403, invalid, "", rejected(Act::FixAccount)),
        (409, invalid, "idempotency_key_in_use", Meaning::SlowDown),
        (424, "api_error", "", Meaning::Unavailable),
        (429, invalid, "rate_limit", Meaning::SlowDown),
        (429, invalid, "lock_timeout", Meaning::SlowDown),
        (500, "api_error", "", Meaning::Unavailable),
        (502, "", "", Meaning::Unavailable),
        (503, "", "", Meaning::Unavailable),
        (504, "", "", Meaning::Unavailable),
        // A proxy's refusal is not Stripe's.
        (400, "", "", Meaning::Unknown),
        (403, "", "", Meaning::Unknown),
        (404, "", "", Meaning::Unknown),
    ] {
        assert_eq!(meaning(status, kind, code), expected, "{status} {kind} {code}");
    }
    let account = account();
    for status in [400, 401, 403, 404, 409, 500] {
        for kind in [invalid, "idempotency_error", "api_error", "new_error"] {
            let answer = no(status, kind, "x");
            let error = refund::read_create(&account, &asked(), &answer).expect_err("refused");
            assert!(!format!("{error} {error:?}").contains("CANARY"));
            assert!(error.class() == "rejected" || error.act() == Act::QueryFirst);
        }
    }
}

/// The document's worked example: id, category, amount, fee, net.
const EXAMPLE: &[(&str, &str, i64, i64, i64)] = &[
    ("txn_A", "charge", 10_000, 320, 9_680),
    ("txn_B", "charge", 2_550, 104, 2_446),
    ("txn_C", "refund", -1_000, 0, -1_000),
    ("txn_D", "dispute", -1_500, 1_500, -3_000),
    ("txn_E", "fee", -10, 0, -10),
    ("txn_P", "payout", -8_116, 0, -8_116),
];

fn example_row(row: &(&str, &str, i64, i64, i64)) -> String {
    let (id, category, amount, fee, net) = row;
    format!(
        "{{\"id\":\"{id}\",\"object\":\"balance_transaction\",\"amount\":{amount},\"fee\":{fee},\
         \"net\":{net},\"currency\":\"usd\",\"available_on\":1,\"created\":1,\"type\":\"x\",\
         \"reporting_category\":\"{category}\",\"source\":null,\"status\":\"available\"}}"
    )
}

#[test]
fn a_payouts_rows_without_its_own_add_up_to_it() {
    let account = account();
    let payout = ledger::read_payout(&account, "po_1", &ok(fixture!("payout.json")));
    let payout = payout.expect("a payout");
    assert_eq!((payout.amount, payout.itemized), (money(8_116, "USD"), true));
    assert_eq!(payout.state, PayoutState::Paid);
    let request = ledger::list_of_payout(&account, "po_1", Some("txn_B")).expect("a request");
    let target = "/v1/balance_transactions?payout=po_1&limit=100&starting_after=txn_B\
                  &expand%5B0%5D=data.source";
    assert_eq!(request.target(), target);
    let rows: Vec<String> = EXAMPLE.iter().map(example_row).collect();
    let range = Range::default();
    let answer = list(&rows.iter().map(String::as_str).collect::<Vec<_>>(), false);
    let page = ledger::read_list(&account, &range, &answer).expect("a page");
    assert_eq!((page.items.len(), page.next), (6, None));
    assert_eq!(ledger::unexplained(&payout, &page.items), Some(0));
    // A row that is missing shows as what it is worth.
    assert_eq!(ledger::unexplained(&payout, &page.items[1..]), Some(9_680));
    let documented = list(&[fixture!("row.json")], true);
    let page = ledger::read_list(&account, &range, &documented).expect("a page");
    assert_eq!((page.items[0].fee, page.next.as_deref()), (money(320, "USD"), Some("txn_A")));
    let wrong = fixture!("row.json").replace("\"net\":9680", "\"net\":9681");
    let parts = fixture!("row.json").replacen("\"amount\":320", "\"amount\":319", 1);
    for odd in [wrong, parts] {
        let error = ledger::read_list(&account, &range, &list(&[&odd], false));
        assert_eq!(error.expect_err("does not add up").class(), "contract");
    }
}

#[test]
fn a_list_ends_where_it_says_and_must_go_on_where_it_says() {
    let account = account();
    let after = Range { after: Some("ch_A".into()), ..Range::default() };
    let read = |range: &Range, answer: &HttpAnswer| payments::read_charges(&account, range, answer);
    let page = read(&Range::default(), &list(&[CHARGE], true)).expect("a page");
    assert_eq!(page.next.as_deref(), Some("ch_A"));
    assert_eq!(page.items[0].state, ChargeState::Captured);
    assert_eq!(page.items[0].payment_intent.as_deref(), Some("pi_1"));
    assert_eq!(read(&after, &list(&[], false)).expect("the last").next, None);
    for (range, answer) in [
        (&after, list(&[CHARGE], true)),
        (&after, list(&[], true)),
        (&after, list(&[CHARGE; 101], false)),
        (&after, ok(CHARGE)),
    ] {
        assert_eq!(read(range, &answer).expect_err("a contradiction").class(), "contract");
    }
    let authorized = CHARGE.replace("\"captured\":true", "\"captured\":false");
    let page = read(&Range::default(), &list(&[&authorized], false)).expect("a page");
    assert_eq!(page.items[0].state, ChargeState::Authorized);
    let too_much = CHARGE.replace("\"amount_refunded\":0", "\"amount_refunded\":10001");
    assert!(read(&Range::default(), &list(&[&too_much], false)).is_err());
    let page = payments::read_disputes(&account, &Range::default(), &list(&[DISPUTE], false));
    assert_eq!(page.expect("a page").items[0].balance_rows, ["txn_D"]);
    let wanted = Range { from_s: Some(1), until_s: Some(2), after: None };
    let request = ledger::payouts(&account, &wanted).expect("a request");
    let target = "/v1/payouts?limit=100&arrival_date%5Bgte%5D=1&arrival_date%5Blt%5D=2";
    assert_eq!(request.target(), target);
    let payouts = list(&[fixture!("payout.json")], false);
    assert_eq!(ledger::read_payouts(&account, &wanted, &payouts).expect("a page").items.len(), 1);
}

#[test]
fn a_rude_answer_leaves_the_outcome_open_and_never_stops_the_program() {
    let account = account();
    let range = Range::default();
    for body in rude_bodies() {
        for status in [200, 201, 204, 302, 400, 401, 404, 429, 500, 503] {
            let answer = HttpAnswer { status, headers: Vec::new(), body: body.clone() };
            let reads: [Result<(), CallError>; 7] = [
                refund::read_create(&account, &asked(), &answer).map(drop),
                refund::read_query(&account, "re_1", &answer).map(drop),
                refund::read_list(&account, &range, &answer).map(drop),
                payments::read_charges(&account, &range, &answer).map(drop),
                payments::read_disputes(&account, &range, &answer).map(drop),
                ledger::read_list(&account, &range, &answer).map(drop),
                ledger::read_payouts(&account, &range, &answer).map(drop),
            ];
            for read in reads {
                let error = read.expect_err("no answer");
                assert_eq!(error.class(), "outcome_unknown", "{status}");
            }
        }
    }
    for text in spoiled(REFUND) {
        if let Ok(report) = refund::read_create(&account, &asked(), &ok(text.as_str())) {
            assert_eq!(report.amount, asked().amount, "{text}");
        }
    }
    for text in spoiled(fixture!("row.json")) {
        if let Ok(page) = ledger::read_list(&account, &range, &list(&[&text], false)) {
            let row = &page.items[0];
            assert_eq!(row.amount.minor() - row.fee.minor(), row.net.minor(), "{text}");
        }
    }
    let cut = ok(&REFUND.as_bytes()[..REFUND.len() / 2]);
    let error = refund::read_create(&account, &asked(), &cut).expect_err("cut");
    let doubt = Doubt::Unreadable { what: "an object of Stripe's" };
    assert!(matches!(error, CallError::OutcomeUnknown { doubt: found, .. } if found == doubt));
}
