//! A document as the sync keeps it, read in both ways.

use crate::bill::{Closing, Fact, FileKind, FileProblem};
use crate::stripe::Had;
use crate::stripe::archive::Archive;
use crate::{Options, open_bytes, read_entry};
use domain::{BalanceKind, SettlementKind};
use std::ops::ControlFlow;

const DOCUMENT: &str = include_str!("../../../fixtures/stripe/balance-usd.jsonl");

fn read(text: &str, reading: usize) -> (Vec<Fact>, Result<Closing, FileProblem>) {
    let entries = open_bytes("balance.jsonl", text.as_bytes().to_vec()).expect("a plain file");
    let mut facts = Vec::new();
    let closing = read_entry(&entries[reading], &Options::default(), &mut |row| {
        facts.extend(row.fact);
        ControlFlow::Continue(())
    });
    (facts, closing)
}

#[test]
fn one_document_tells_trades_and_every_move_of_the_balance() {
    let (trades, closing) = read(DOCUMENT, 0);
    assert!(closing.expect("a whole document").checks.iter().all(|check| check.holds()));
    let trades: Vec<_> = trades
        .iter()
        .map(|fact| match fact {
            Fact::Settlement(line) => {
                (line.kind, line.channel_payment_id.as_str(), line.settled_minor, line.fee_minor)
            }
            other => panic!("no trade: {other:?}"),
        })
        .collect();
    let sale = (SettlementKind::Payment, "ch_A", 10_000, -320);
    let refund = (SettlementKind::Refund, "ch_A", -1000, 0);
    assert_eq!(trades, [sale, refund, sale, refund], "as rows, and as rows of their payout");

    let (moves, closing) = read(DOCUMENT, 1);
    let moves: Vec<_> = moves
        .iter()
        .map(|fact| match fact {
            Fact::Balance(row) => {
                (row.kind, row.amount_minor, row.fee_minor, row.payout_ref.as_str())
            }
            other => panic!("no move: {other:?}"),
        })
        .collect();
    assert_eq!(moves[2], (BalanceKind::Adjustment, -3000, Some(-1500), ""));
    assert_eq!(moves[4], (BalanceKind::Payout, -5670, Some(0), ""));
    assert!(moves[5..].iter().all(|(.., payout)| *payout == "po_1"));
    let closing = closing.expect("a whole document");
    assert_eq!(closing.account_no.as_deref(), Some("acct_1"));
    assert_eq!(closing.balances[0].opening_minor, 0, "the balance is what its rows make it");
    let days = closing.days.expect("whole days");
    assert_eq!(
        (days.0.to_string(), days.1.to_string()),
        ("2026-03-03".into(), "2026-03-05".into())
    );
}

#[test]
fn the_parts_of_a_fee_are_kept_and_must_be_the_fee() {
    let own = r#"[{"amount":320,"application":null,"currency":"usd","#;
    let own = format!(r#"{own}"description":"Stripe processing fees","type":"stripe_fee"}}]"#);
    let own = own.as_str();
    assert!(DOCUMENT.contains(own));
    let told = |details: &str| {
        let text = DOCUMENT.replace(own, details);
        let (facts, _) = read(&text, 1);
        let rows = facts.iter().filter_map(|fact| match fact {
            Fact::Balance(row) if row.ledger_ref == "txn_A" => Some(row.extra.clone()),
            _ => None,
        });
        // The last one is its row in the payout's own list, which tells no parts.
        rows.rev().nth(1)
    };
    let column = |name: &str, minor: &str| (format!("fee:{name}"), minor.to_owned());
    assert_eq!(told(own), Some(vec![column("stripe_fee", "-320")]));
    let parts = r#"[{"amount":250,"currency":"usd","type":"stripe_fee"},
        {"amount":30,"currency":"usd","type":"tax"},{"amount":10,"currency":"usd","type":"tax"},
        {"amount":30,"currency":"usd","type":"application_fee"}]"#;
    assert_eq!(
        told(&parts.replace('\n', " ")),
        Some(vec![
            column("application_fee", "-30"),
            column("stripe_fee", "-250"),
            column("tax", "-40")
        ])
    );
    let short = r#"[{"amount":319,"currency":"usd","type":"stripe_fee"}]"#;
    assert_eq!(told(short), None, "a row whose parts are not its fee is set aside");
    let broad = format!(r#"[{{"amount":{},"currency":"usd","type":"a"}}]"#, i64::MAX);
    assert_eq!(told(&broad), None);
    let foreign = r#"[{"amount":300,"currency":"eur","type":"stripe_fee"}]"#;
    assert_eq!(told(foreign), Some(Vec::new()), "of another currency: the fee stays whole");
    assert_eq!(told("[]"), Some(Vec::new()));
}

#[test]
fn a_payout_is_expected_on_the_day_stripe_names() {
    let days = |text: &str| {
        let (facts, _) = read(text, 1);
        let days = facts.iter().map(|fact| match fact {
            Fact::Balance(row) => row.arrives_on.map(|day| (row.kind, day.to_string())),
            other => panic!("no move: {other:?}"),
        });
        days.flatten().collect::<Vec<_>>()
    };
    assert!(days(DOCUMENT).is_empty(), "its own row does not say it here");
    let told = DOCUMENT.replace(
        r#""source":{"id":"po_1","object":"payout","#,
        r#""source":{"id":"po_1","object":"payout","arrival_date":1772755200,"#,
    );
    let day = (BalanceKind::Payout, "2026-03-06".to_owned());
    assert_eq!(days(&told)[0], day, "a date, whatever the zone");
}

#[test]
fn a_document_that_ends_early_is_refused_and_a_list_that_lacks_a_row_is_told() {
    for (at, _) in DOCUMENT.match_indices('\n').rev().skip(1) {
        let (_, closing) = read(&DOCUMENT[..=at], 1);
        assert!(matches!(closing, Err(FileProblem::Truncated { .. })), "cut at {at}");
    }
    let lost = DOCUMENT.lines().filter(|line| !(line.contains("txn_C") && line.contains("\"of\"")));
    let lost = lost.collect::<Vec<_>>().join("\n") + "\n";
    let checks = read(&lost, 1).1.expect("a document").checks;
    let failed: Vec<_> = checks.iter().filter(|check| !check.holds()).collect();
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert_eq!((failed[1].code.as_str(), failed[1].line_no), ("sum:po_1", Some(8)));
}

#[test]
fn what_is_archived_is_read_again_and_each_currency_by_itself() {
    let list =
        |items: &str| format!("{{\"object\":\"list\",\"has_more\":false,\"data\":[{items}]}}");
    let row = |id: &str, currency: &str, net: i64| {
        format!(
            "{{\"id\":\"{id}\",\"object\":\"balance_transaction\",\"created\":1772500000,\n\
             \"amount\":{net},\"fee\":0,\"net\":{net},\"currency\":\"{currency}\",\
             \"type\":\"charge\",\"reporting_category\":\"charge\",\"source\":\"ch_{id}\"}}"
        )
    };
    let mut archive = Archive::new("acct_1", 1_772_467_200, 1_772_553_600, 1_772_600_000);
    let rows = [row("t1", "kwd", 5120), row("t2", "jpy", 500), row("t3", "isk", 700)].join(",");
    archive.rows(list(&rows).as_bytes()).expect("a list");
    archive.rows(list(&row("t1", "kwd", 5120)).as_bytes()).expect("a page asked for twice");
    assert!(archive.rows(b"<html>").is_err() && archive.rows(b"{\"object\":\"balance\"}").is_err());
    let files = archive.finish();
    let found: Vec<_> = files
        .iter()
        .map(|file| {
            let text = std::str::from_utf8(&file.bytes).expect("text");
            let entries = open_bytes(&file.name, file.bytes.clone()).expect("a plain file");
            let Ok(FileKind::StripeBalance { currency }) = entries[1].kind else {
                panic!("no balance: {entries:?}");
            };
            let (facts, closing) = read(text, 1);
            assert!(closing.expect("whole").checks.iter().all(|check| check.holds()));
            let [Fact::Balance(row)] = &facts[..] else { panic!("one row: {facts:?}") };
            (currency.code().to_owned(), row.amount_minor)
        })
        .collect();
    // The krona has two places at Stripe and none in the books.
    let wanted = [("ISK", 7), ("JPY", 500), ("KWD", 5120)];
    assert_eq!(found, wanted.map(|(code, minor)| (code.to_owned(), minor)));
}

fn row(id: &str, created: i64, net: i64) -> serde_json::Value {
    serde_json::json!({
        "id": id, "object": "balance_transaction", "amount": net, "fee": 0, "net": net,
        "currency": "usd", "created": created, "available_on": created, "type": "charge",
        "reporting_category": "charge", "source": format!("ch_{id}"), "status": "available",
        "description": null, "fee_details": [],
    })
}

fn list(items: &[serde_json::Value]) -> Vec<u8> {
    serde_json::json!({"object": "list", "has_more": false, "data": items}).to_string().into()
}

fn balance(available: i64, pending: i64) -> Vec<u8> {
    let funds = |amount| serde_json::json!([{"amount": amount, "currency": "usd"}]);
    serde_json::json!({
        "object": "balance", "available": funds(available), "pending": funds(pending),
    })
    .to_string()
    .into()
}

const DAY_S: i64 = 86_400;
/// The channel's midnight.
const FROM_S: i64 = 57_600;
const UNTIL_S: i64 = FROM_S + DAY_S;

#[test]
fn the_balance_at_the_end_of_a_list_is_the_one_asked_for_less_what_moved_it_since() {
    let mut archive = Archive::new("acct_1", FROM_S, UNTIL_S, UNTIL_S + DAY_S);
    archive.rows(&list(&[row("txn_A", FROM_S + 60, 500)])).expect("a list");
    archive.balance(&balance(100, 650)).expect("a balance");
    archive.later_rows(&list(&[row("txn_B", UNTIL_S + 1, 250)])).expect("a list");
    assert!(!archive.still_stands(&balance(0, 700)).expect("a balance"), "it moved meanwhile");
    archive.balance(&balance(700, 0)).expect("a balance");
    archive.later_rows(&list(&[row("txn_B", UNTIL_S + 1, 200)])).expect("a list");
    assert!(archive.still_stands(&balance(0, 700)).expect("a balance"), "it became available");
    let file = archive.finish().remove(0);
    let text = String::from_utf8(file.bytes).expect("UTF-8");
    let (moves, closing) = read(&text, 1);
    let closing = closing.expect("a whole document");
    assert_eq!(moves.len(), 1, "what came later is booked from its own document");
    assert_eq!((closing.balances[0].opening_minor, closing.balances[0].closing_minor), (0, 500));
    assert!(closing.checks.iter().all(|check| check.holds()), "{:?}", closing.checks);

    let mut archive = Archive::new("acct_1", FROM_S, UNTIL_S, UNTIL_S + DAY_S);
    archive.rows(&list(&[row("txn_A", FROM_S + 60, 500)])).expect("a list");
    archive.balance(&balance(700, 0)).expect("a balance");
    archive.without_balance();
    let text = String::from_utf8(archive.finish().remove(0).bytes).expect("UTF-8");
    assert!(read(&text, 1).1.expect("a whole document").balances.is_empty(), "it never stood");

    let mut archive = Archive::new("acct_1", FROM_S, UNTIL_S - 60, UNTIL_S);
    archive.rows(&list(&[row("txn_A", FROM_S + 60, 500)])).expect("a list");
    archive.balance(&balance(500, 0)).expect("a balance");
    assert!(archive.still_stands(&balance(500, 0)).expect("a balance"));
    let text = String::from_utf8(archive.finish().remove(0).bytes).expect("UTF-8");
    assert!(read(&text, 1).1.expect("a document").balances.is_empty(), "of no day's end");
}

#[test]
fn a_list_with_an_item_twice_is_refused_and_a_currency_at_rest_leaves_no_document() {
    let mut had = Had::default();
    had.take(["txn_C", "txn_B"].into_iter()).expect("the first page");
    had.take(["txn_B", "txn_A"].into_iter()).expect_err("the second has one again");
    Had::default().take(["txn_A", "txn_A"].into_iter()).expect_err("twice on a page");
    let mut idle = Archive::new("acct_1", FROM_S, UNTIL_S, UNTIL_S + DAY_S);
    idle.rows(&list(&[])).expect("a list");
    idle.balance(&balance(0, 0)).expect("a balance");
    assert!(idle.finish().is_empty());
    let mut still = Archive::new("acct_1", FROM_S, UNTIL_S, UNTIL_S + DAY_S);
    still.balance(&balance(0, 7)).expect("a balance");
    assert_eq!(still.finish().len(), 1, "nothing moved, and that is to be held against it");
}

#[test]
fn a_payouts_list_shows_what_the_list_of_the_same_days_lacks_tells_wrongly_or_that_it_is_empty() {
    let payout = serde_json::json!({
        "id": "po_1", "object": "payout", "amount": 500, "currency": "usd", "created": UNTIL_S,
        "balance_transaction": "txn_P", "automatic": true, "reconciliation_status": "completed",
    });
    let failing = |rows: &[serde_json::Value], members: &[serde_json::Value]| {
        let mut archive = Archive::new("acct_1", FROM_S, UNTIL_S, UNTIL_S + DAY_S);
        archive.rows(&list(rows)).expect("a list");
        archive.payouts(&list(std::slice::from_ref(&payout))).expect("a list");
        archive.payout_rows("po_1", &list(members)).expect("a list");
        let text = String::from_utf8(archive.finish().remove(0).bytes).expect("UTF-8");
        let checks = read(&text, 1).1.expect("a whole document").checks;
        let failing = checks.into_iter().filter(|check| !check.holds());
        failing.map(|check| check.code).collect::<Vec<_>>()
    };
    let (row_a, row_b) = (row("txn_A", FROM_S + 60, 200), row("txn_B", FROM_S + 70, 300));
    let both = [row_b.clone(), row_a.clone()];
    assert_eq!(failing(&both, &both), [""; 0]);
    assert_eq!(failing(std::slice::from_ref(&row_a), &both), ["row_only_in_payout"]);
    assert_eq!(failing(&[row_b, row("txn_A", FROM_S + 60, 201)], &both), ["row_differs_in_payout"]);
    assert_eq!(failing(&both, &[]), ["sum:po_1"]);
    let before = row("txn_0", FROM_S - 60, 300);
    assert_eq!(
        failing(std::slice::from_ref(&row_a), &[row_a.clone(), before]),
        [""; 0],
        "of another document"
    );
}
