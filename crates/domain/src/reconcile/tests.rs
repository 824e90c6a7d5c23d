//! Scenarios as text: one record a line, the outcome as text.
//!
//! `sale P1 day 100.00 fee 0.60` is a trade-bill row, `in P1 day 100.00` its fund row; balances are
//! kept by the builder, so a row marked `lost` is left out and the balance jumps.

use super::*;
use crate::payout::Component;
use crate::{BalanceKind, Currency, SettlementKind, SettlementStatus, money::parse_minor};
use expect_test::{Expect, expect};
use std::collections::BTreeMap;

struct Everything;

impl Coverage for Everything {
    fn trade(&self, _: usize, _: i32) -> bool {
        true
    }
    fn fund(&self, _: usize, _: i32) -> bool {
        true
    }
    fn orders(&self, _: i32) -> bool {
        false
    }
    fn refunds(&self, _: i32) -> bool {
        false
    }
    fn channel_account(&self, _: crate::Channel) -> Option<usize> {
        Some(0)
    }
}

/// The only place that calls the run under test.
#[track_caller]
fn check(books: &str, expected: Expect) {
    let mut settlements: BTreeMap<i32, Vec<SettlementItem>> = BTreeMap::new();
    let mut balances: BTreeMap<i32, Vec<BalanceItem>> = BTreeMap::new();
    let mut balance = 0;
    for (number, line) in books.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (id, key) = (number as i64, number_of(words[1]));
        let day: i32 = words[2].parse().expect("a day number");
        let amount = parse_minor(words[3], 2).expect("an amount");
        let fee = words.get(5).map_or(0, |fee| parse_minor(fee, 2).expect("a fee"));
        let fee = if words[0] == "sale" { -fee } else { fee };
        let at_ms = crate::BusinessDate::from_days(day).start_ms() + id * 60_000;
        if words[0] == "sale" || words[0] == "refund" {
            let kind = match words[0] {
                "sale" => SettlementKind::Payment,
                _ => SettlementKind::Refund,
            };
            settlements.entry(day).or_default().push(settlement(id, key, at_ms, kind, amount, fee));
            continue;
        }
        balance += amount;
        if words.contains(&"lost") {
            continue;
        }
        balances.entry(day).or_default().push(BalanceItem {
            id,
            day,
            at_ms,
            kind: kind_of(words[0]),
            key,
            payment: key,
            own: 0,
            amount_minor: amount,
            balance_minor: Some(balance),
            fee_minor: 0,
            automatic: words[0] == "sweep",
            arrives_day: None,
        });
    }
    expected.assert_eq(&run(&settlements, &balances));
}

fn number_of(word: &str) -> u64 {
    word[1..].parse().expect("a number after the letter")
}

fn kind_of(word: &str) -> BalanceKind {
    match word {
        "in" => BalanceKind::Payment,
        "out" => BalanceKind::Refund,
        "fee" => BalanceKind::PaymentFee,
        "held" => BalanceKind::Held,
        "charge" => BalanceKind::AccountCharge,
        "sweep" | "draw" => BalanceKind::Payout,
        "returned" => BalanceKind::PayoutReturned,
        "odd" => BalanceKind::Unknown,
        other => panic!("no row is called {other}"),
    }
}

fn settlement(
    id: i64,
    key: u64,
    at_ms: i64,
    kind: SettlementKind,
    amount: i64,
    fee_minor: i64,
) -> SettlementItem {
    SettlementItem {
        id,
        day: crate::BusinessDate::of_ms(at_ms).days(),
        at_ms,
        kind,
        status: SettlementStatus::Succeeded,
        key,
        payment: key,
        order: key,
        merchant_refund: 0,
        currency: Currency::CNY,
        order_minor: amount,
        settled_minor: amount,
        subsidy_minor: 0,
        fee_minor,
        fee_beside_minor: 0,
        rate_ppm: Some(6000),
    }
}

fn run(
    settlements: &BTreeMap<i32, Vec<SettlementItem>>,
    balances: &BTreeMap<i32, Vec<BalanceItem>>,
) -> String {
    let whole = run_through(settlements, balances, false);
    let in_parts = run_through(settlements, balances, true);
    assert_eq!(whole, in_parts, "a run put down every night finds the same");
    whole
}

fn run_through(
    settlements: &BTreeMap<i32, Vec<SettlementItem>>,
    balances: &BTreeMap<i32, Vec<BalanceItem>>,
    put_down: bool,
) -> String {
    let terms = AccountTerms {
        rate_ppm: None,
        fixed_minor: 0,
        cover: PayoutCover::Midnight,
        promised_days: 2,
        returns_fees: true,
    };
    let mut run = Reconciler::new(&[terms]);
    let mut days: Vec<i32> = settlements.keys().chain(balances.keys()).copied().collect();
    days.sort_unstable();
    days.dedup();
    for day in &days {
        if put_down {
            let saved = run.save(&Waiting::new());
            run = Reconciler::resume(&[terms], &saved).expect("its own bytes").0;
        }
        let accounts = [AccountDay {
            account: 0,
            settlements: settlements.get(day).map_or(&[], Vec::as_slice),
            balances: balances.get(day).map_or(&[], Vec::as_slice),
            members: &[],
            declared_net_minor: None,
        }];
        run.day(&Day { day: *day, orders: &[], refunds: &[], accounts: &accounts }, &Everything);
    }
    let outcome = run.finish(days.last().copied().unwrap_or(0), &Everything);
    let mut text = String::new();
    for payout in &outcome.payouts {
        let parts: Vec<String> = payout
            .components
            .listed()
            .map(|(component, amount, _)| format!("{} {amount}", component.code()))
            .collect();
        let sum = payout.components.typed_sum() + payout.components.get(Component::Unexplained);
        assert_eq!(sum, payout.amount_minor, "components sum to the payout");
        text += &format!("payout {} = {}\n", payout.amount_minor, parts.join(", "));
    }
    let mut breaks: Vec<String> = outcome
        .breaks
        .iter()
        .map(|b| format!("{} {:?} {} day {}\n", b.kind.code(), b.records[0], b.effect_minor, b.day))
        .collect();
    breaks.sort();
    text + &breaks.concat()
}

#[test]
fn a_nightly_payout_covers_the_balance_of_the_evening_before() {
    check(
        "
        sale  P1 1 100.00 fee 0.60
        in    P1 1 100.00
        fee   P1 1 -0.60
        charge X9 2 -1.00
        sweep W1 2 -99.40
        sale  P2 2 50.00 fee 0.30
        in    P2 2 50.00
        fee   P2 2 -0.30
        sweep W2 3 -48.70
        ",
        expect![[r#"
            payout 9940 = sales 10000, fees -60, unexplained 0
            payout 4870 = sales 5000, fees -30, account_charges -100, unexplained 0
        "#]],
    );
}

#[test]
fn what_a_payout_keeps_back_is_carried_to_the_next() {
    check(
        "
        in    P1 1 100.00
        sale  P1 1 100.00 fee 0.60
        fee   P1 1 -0.60
        sweep W1 2 -49.40
        sweep W2 3 -50.00
        ",
        expect![[r#"
            payout 4940 = sales 10000, fees -60, carried_out -5000, unexplained 0
            payout 5000 = carried_in 5000, unexplained 0
        "#]],
    );
}

#[test]
fn a_lost_fund_row_is_the_unexplained_amount_and_names_its_payment() {
    check(
        "
        sale  P2 1 10.00 fee 0.06
        in    P2 1 10.00
        fee   P2 1 -0.06
        sale  P1 1 100.00 fee 0.60
        in    P1 1 100.00 lost
        fee   P1 1 -0.60
        sweep W1 2 -109.34
        ",
        expect![[r#"
            payout 10934 = sales 1000, fees -66, unexplained 10000
            missing_in_fund_bill Payment(4) 10000 day 1
        "#]],
    );
}

#[test]
fn a_row_of_unknown_kind_stays_unexplained() {
    check(
        "
        sale  P1 1 100.00 fee 0.60
        in    P1 1 100.00
        fee   P1 1 -0.60
        odd   X1 1 -7.77
        sweep W1 2 -91.63
        ",
        expect![[r#"
            payout 9163 = sales 10000, fees -60, unexplained -777
            unknown_row FundRow(4) -777 day 1
        "#]],
    );
}

#[test]
fn a_returned_payout_is_paid_again_out_of_adjustments() {
    check(
        "
        sale  P1 1 100.00 fee 0.60
        in    P1 1 100.00
        fee   P1 1 -0.60
        sweep W1 2 -99.40
        returned W1 3 99.40
        sweep W2 4 -99.40
        ",
        expect![[r#"
            payout 9940 = sales 10000, fees -60, unexplained 0
            payout 9940 = adjustments 9940, unexplained 0
            payout_returned Payout(4) -9940 day 2
        "#]],
    );
}

#[test]
fn a_price_of_rate_and_fixed_amount_is_held_against_the_channels_own_part_of_the_fee() {
    let terms = AccountTerms {
        rate_ppm: Some(29_000),
        fixed_minor: 30,
        cover: PayoutCover::Listed,
        promised_days: 2,
        returns_fees: false,
    };
    let found = |fee_minor: i64, fee_beside_minor: i64| {
        let mut breaks = Vec::new();
        let line = settlement(1, 1, 0, SettlementKind::Payment, 10_000, fee_minor);
        let line = SettlementItem { fee_beside_minor, rate_ppm: None, ..line };
        super::account::AccountRun::new(0, terms).check_fee(&line, &mut breaks);
        breaks.iter().map(|b| (b.kind.code(), b.effect_minor)).collect::<Vec<_>>()
    };
    assert!(found(-320, 0).is_empty());
    assert!(found(-452, -132).is_empty(), "tax on it and a share are in no price list");
    assert_eq!(found(-340, 0), [("fee_mismatch", -20)]);
    assert_eq!(found(-452, -100), [("fee_mismatch", -32)]);
}

#[test]
fn a_payout_is_expected_and_looked_for_by_the_day_the_channel_names() {
    use super::{BankItem, Expected, match_bank};
    use crate::Channel;
    let arrives = |arrives_day| {
        let sent = listed(3, 3, BalanceKind::Payout, 900, -500);
        let row = BalanceItem { arrives_day, ..sent };
        let sale = listed(1, 1, BalanceKind::Payment, 101, 500);
        let terms = AccountTerms {
            rate_ppm: None,
            fixed_minor: 0,
            cover: PayoutCover::Listed,
            promised_days: 2,
            returns_fees: false,
        };
        let mut run = Reconciler::new(&[terms]);
        for (day, row) in [(1, sale), (3, row)] {
            let accounts = [AccountDay {
                account: 0,
                settlements: &[],
                balances: &[row],
                members: &[],
                declared_net_minor: None,
            }];
            run.day(&Day { day, orders: &[], refunds: &[], accounts: &accounts }, &Everything);
        }
        run.finish(40, &Everything).payouts.remove(0)
    };
    let in_bank = |arrives_day, bank_day| {
        let payout = arrives(arrives_day);
        let references = Vec::new();
        let (channel, words) = (Channel::Stripe, Vec::new());
        let expected = [Expected { payout: &payout, channel, references, words }];
        let line = BankItem {
            id: 7,
            account: 1,
            day: bank_day,
            amount_minor: 500,
            channel: Channel::Stripe,
            memo: "STRIPE".to_owned(),
        };
        let (found, breaks) = match_bank(&expected, &[line], 40, |_| true, |_, _| true);
        let kinds: Vec<_> = breaks.iter().map(|b| b.kind.code()).collect();
        (payout.promised_day, found[0].day, kinds)
    };
    assert_eq!(in_bank(None, 5), (5, Some(5), vec![]), "without a word of the channel's, as usual");
    assert_eq!(in_bank(None, 6), (5, Some(6), vec!["payout_late"]));
    assert_eq!(in_bank(Some(6), 6), (6, Some(6), vec![]));
    assert_eq!(in_bank(Some(24), 24), (24, Some(24), vec![]), "weeks later, when it says so");
    assert_eq!(in_bank(Some(2), 2), (2, Some(2), vec![]), "at once, by the bank's earlier clock");
}

#[test]
fn bytes_that_are_no_run_are_refused() {
    let terms = AccountTerms {
        rate_ppm: None,
        fixed_minor: 0,
        cover: PayoutCover::Midnight,
        promised_days: 2,
        returns_fees: true,
    };
    let mut run = Reconciler::new(&[terms]);
    let balances = [];
    let rows = [settlement(1, 1, 0, SettlementKind::Payment, 100, 60)];
    let accounts = [AccountDay {
        account: 0,
        settlements: &rows,
        balances: &balances,
        members: &[],
        declared_net_minor: None,
    }];
    run.day(&Day { day: 0, orders: &[], refunds: &[], accounts: &accounts }, &Everything);
    let saved = run.save(&Waiting::new());
    assert!(Reconciler::resume(&[terms], &saved).is_some());
    assert!(Reconciler::resume(&[], &saved).is_none(), "another number of accounts");
    for length in 0..saved.len() {
        assert!(Reconciler::resume(&[terms], &saved[..length]).is_none(), "cut at {length}");
    }
    let longer = [&saved[..], &[0]].concat();
    assert!(Reconciler::resume(&[terms], &longer).is_none());
}

fn listed(own: u64, day: i32, kind: BalanceKind, key: u64, amount_minor: i64) -> BalanceItem {
    BalanceItem {
        id: own as i64,
        day,
        at_ms: crate::BusinessDate::from_days(day).start_ms() + own as i64 * 60_000,
        kind,
        key,
        payment: 0,
        own,
        amount_minor,
        balance_minor: None,
        fee_minor: 0,
        automatic: true,
        arrives_day: None,
    }
}

/// Payouts of rows and lists by day, as text; put down every night if asked.
fn listed_payouts(
    rows: &[BalanceItem],
    members: &[(i32, MemberItem)],
    put_down: bool,
) -> Vec<String> {
    let terms = AccountTerms {
        rate_ppm: None,
        fixed_minor: 0,
        cover: PayoutCover::Listed,
        promised_days: 2,
        returns_fees: false,
    };
    let mut run = Reconciler::new(&[terms]);
    for day in 1..=9 {
        if put_down {
            let saved = run.save(&Waiting::new());
            run = Reconciler::resume(&[terms], &saved).expect("its own bytes").0;
        }
        let own: Vec<BalanceItem> = rows.iter().filter(|row| row.day == day).copied().collect();
        let lists = members.iter().filter(|(on, _)| *on == day).map(|(_, member)| *member);
        let lists: Vec<MemberItem> = lists.collect();
        let accounts = [AccountDay {
            account: 0,
            settlements: &[],
            balances: &own,
            members: &lists,
            declared_net_minor: None,
        }];
        run.day(&Day { day, orders: &[], refunds: &[], accounts: &accounts }, &Everything);
    }
    let outcome = run.finish(9, &Everything);
    let text = |payout: &ReconciledPayout| {
        let parts: Vec<String> = payout
            .components
            .listed()
            .map(|(component, amount, _)| format!("{} {amount}", component.code()))
            .collect();
        format!("{} waits {}: {}", payout.amount_minor, payout.waits, parts.join(", "))
    };
    let breaks = outcome.breaks.iter().map(|b| format!("{} {}", b.kind.code(), b.effect_minor));
    outcome.payouts.iter().map(text).chain(breaks.filter(|b| !b.contains("trade"))).collect()
}

#[test]
fn a_list_explains_its_payout_whenever_it_comes() {
    use BalanceKind::{AccountCharge, Payment, Payout};
    let rows = [
        listed(1, 1, Payment, 101, 500),
        listed(2, 2, Payment, 102, 300),
        listed(3, 3, Payout, 900, -500),
        listed(4, 3, AccountCharge, 0, -20),
        listed(5, 5, Payout, 901, -280),
    ];
    let member = |payout, row| MemberItem { id: 0, payout, row };
    for late in [0, 4] {
        // The second payout's list comes days before its rows, or after them.
        let members = [
            (3, member(900, 1)),
            (3, member(900, 3)),
            (1 + late, member(901, 2)),
            (1 + late, member(901, 4)),
            (5, member(901, 5)),
        ];
        let found = listed_payouts(&rows, &members, false);
        assert_eq!(
            found,
            [
                "500 waits false: sales 500, unexplained 0",
                "280 waits false: sales 300, account_charges -20, unexplained 0",
            ]
        );
        assert_eq!(found, listed_payouts(&rows, &members, true), "put down every night");
    }
    let short = [(3, member(900, 2)), (3, member(900, 3))];
    assert_eq!(
        listed_payouts(&rows, &short, true),
        [
            "500 waits false: sales 300, unexplained 200",
            "280 waits true: sales 500, account_charges -20, carried_out -200, unexplained 0",
            "missing_in_fund_bill 200",
        ]
    );
}
