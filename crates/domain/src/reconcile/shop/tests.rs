//! Orders paid in parts, as text: one record a line, the breaks as text.
//!
//! `order O1 day 100.00`, `pay P1 day 60.00 O1`, `back P1 day -20.00 O1` (given back) and
//! `wrong P1 day -60.00 O1` (a person takes the payment back).

use crate::money::parse_minor;
use crate::reconcile::{
    AccountDay, AccountTerms, Coverage, Day, OrderItem, PayoutCover, Reconciler, SettlementItem,
    Waiting,
};
use crate::{BusinessDate, Channel, Currency, OrderStatus, SettlementKind, SettlementStatus};
use expect_test::{Expect, expect};

struct Orders;

impl Coverage for Orders {
    fn trade(&self, _: usize, _: i32) -> bool {
        false
    }
    fn fund(&self, _: usize, _: i32) -> bool {
        false
    }
    fn orders(&self, _: i32) -> bool {
        true
    }
    fn refunds(&self, _: i32) -> bool {
        false
    }
    fn channel_account(&self, _: Channel) -> Option<usize> {
        None
    }
}

/// What is recorded by hand: its payments may be taken back.
const TILL: AccountTerms = AccountTerms {
    rate_ppm: None,
    fixed_minor: 0,
    cover: PayoutCover::ByHand,
    promised_days: 2,
    returns_fees: false,
};

#[derive(Default)]
struct Books {
    orders: Vec<OrderItem>,
    lines: Vec<SettlementItem>,
}

fn number(word: &str) -> u64 {
    word[1..].parse().expect("a number after the letter")
}

fn read(text: &str) -> Books {
    let mut books = Books::default();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (id, day) = (at as i64, words[2].parse().expect("a day"));
        let minor = parse_minor(words[3], 2).expect("an amount");
        let at_ms = BusinessDate::from_days(day).start_ms() + id * 60_000;
        let kind = match words[0] {
            "order" => {
                books.orders.push(OrderItem {
                    id,
                    day,
                    order: number(words[1]),
                    paid_at_ms: Some(at_ms),
                    closed_at_ms: None,
                    status: OrderStatus::Paid,
                    channel: None,
                    currency: Currency::CNY,
                    amount_minor: minor,
                });
                continue;
            }
            "pay" => SettlementKind::Payment,
            "back" => SettlementKind::Refund,
            _ => SettlementKind::Revoked,
        };
        books.lines.push(SettlementItem {
            id,
            day,
            at_ms,
            kind,
            status: SettlementStatus::Succeeded,
            key: id as u64,
            payment: number(words[1]),
            order: number(words[4]),
            merchant_refund: 0,
            currency: Currency::CNY,
            order_minor: minor,
            settled_minor: minor,
            subsidy_minor: 0,
            fee_minor: 0,
            fee_beside_minor: 0,
            rate_ppm: None,
        });
    }
    books
}

fn found(books: &Books, put_down: bool) -> String {
    let mut run = Reconciler::new(&[TILL]);
    for day in 1..=9 {
        if put_down {
            let saved = run.save(&Waiting::new());
            run = Reconciler::resume(&[TILL], &saved).expect("its own bytes").0;
        }
        let orders: Vec<OrderItem> =
            books.orders.iter().filter(|each| each.day == day).copied().collect();
        let settlements: Vec<SettlementItem> =
            books.lines.iter().filter(|each| each.day == day).copied().collect();
        let accounts = [AccountDay {
            account: 0,
            settlements: &settlements,
            balances: &[],
            members: &[],
            declared_net_minor: None,
        }];
        let day = Day { day, orders: &orders, refunds: &[], accounts: &accounts };
        // A run that was put down does not know settled orders: the book tells it.
        for (_, order) in run.unknown_orders(&day) {
            if books.orders.iter().any(|each| each.order == order) {
                run.settled_before(order);
            }
        }
        run.day(&day, &Orders);
    }
    let outcome = run.finish(9, &Orders);
    let mut lines: Vec<String> = outcome
        .breaks
        .iter()
        .map(|b| {
            let (kind, effect) = (b.kind.code(), b.effect_minor);
            format!("{kind} {:?} {effect}: {} {} {}", b.records, b.field, b.expected, b.found)
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

#[track_caller]
fn check(text: &str, expected: Expect) {
    let mut books = read(text);
    let whole = found(&books, false);
    assert_eq!(whole, found(&books, true), "a run put down every night finds the same");
    books.lines.reverse();
    let turned = found(&books, false);
    // What was given back or taken back names one of the payments.
    if !text.contains("wrong") && !text.contains("back") {
        let sum = |text: &str| -> i64 {
            let effects = text.lines().filter_map(|line| line.split(": ").next());
            effects.filter_map(|line| line.rsplit(' ').next()?.parse::<i64>().ok()).sum()
        };
        assert_eq!(sum(&whole), sum(&turned), "in any order the same money is too much");
    }
    expected.assert_eq(&whole);
}

#[test]
fn payments_that_together_make_the_amount_are_no_duplicates() {
    check(
        "
        order O1 1 100.00
        pay P1 1 60.00 O1
        pay P2 1 40.00 O1
        order O2 1 100.00
        pay P3 1 50.00 O2
        pay P4 3 30.00 O2
        pay P5 5 20.00 O2
        ",
        expect![[""]],
    );
}

#[test]
fn what_is_paid_beyond_the_amount_is_a_duplicate() {
    check(
        "
        order O1 1 100.00
        pay P1 1 100.00 O1
        pay P2 2 100.00 O1
        order O2 1 100.00
        pay P3 1 60.00 O2
        pay P4 1 60.00 O2
        order O3 1 100.00
        pay P5 1 60.00 O3
        pay P6 1 40.00 O3
        pay P7 4 40.00 O3
        ",
        expect![[r#"
            duplicate_payment [Payment(10), OrderOf(10)] 4000: payments 2 3
            duplicate_payment [Payment(3), OrderOf(3)] 10000: payments 1 2
            duplicate_payment [Payment(6), OrderOf(6)] 2000: amount 4000 6000"#]],
    );
}

#[test]
fn parts_that_do_not_make_the_amount_are_one_difference() {
    check(
        "
        order O1 1 100.00
        pay P1 1 60.00 O1
        pay P2 2 30.00 O1
        order O2 1 100.00
        pay P3 1 60.00 O2
        pay P4 2 39.99 O2
        ",
        expect![[r#"
            amount_mismatch [Order(1), Payment(2), Payment(3)] -1000: amount 10000 9000
            rounding_difference [Order(4), Payment(5), Payment(6)] -1: amount 10000 9999"#]],
    );
}

#[test]
fn a_fen_that_is_missing_is_no_part_that_a_second_payment_makes_up() {
    check(
        "
        order O1 1 100.00
        pay P1 1 99.99 O1
        pay P2 2 100.00 O1
        ",
        expect![[r#"
            duplicate_payment [Payment(3), OrderOf(3)] 10000: payments 1 2
            rounding_difference [Order(1), Payment(2)] -1: amount 10000 9999"#]],
    );
}

#[test]
fn what_was_paid_too_much_and_given_back_is_no_duplicate() {
    check(
        "
        order O1 1 100.00
        pay P1 1 60.00 O1
        pay P2 1 60.00 O1
        back P2 2 -20.00 O1
        order O2 1 100.00
        pay P3 1 100.00 O2
        pay P4 1 100.00 O2
        back P4 2 -70.00 O2
        ",
        expect![["duplicate_payment [Payment(7), OrderOf(7)] 3000: payments 1 2"]],
    );
}

#[test]
fn a_payment_taken_back_makes_room_for_another() {
    check(
        "
        order O1 1 100.00
        pay P1 1 100.00 O1
        pay P2 2 100.00 O1
        wrong P1 4 -100.00 O1
        order O2 1 100.00
        pay P3 1 60.00 O2
        pay P4 2 40.00 O2
        wrong P4 3 -40.00 O2
        order O3 1 100.00
        pay P5 1 60.00 O3
        wrong P5 2 -60.00 O3
        pay P6 3 70.00 O3
        pay P7 4 30.00 O3
        ",
        expect![["amount_mismatch [Order(5), Payment(6)] -4000: amount 10000 6000"]],
    );
}
