//! Orders and refund instructions against the trade bill.
//!
//! An order may be paid in parts, with several tenders: payments that together make its amount are
//! no duplicates. What of a further payment the order needs can only be told at the end, since a
//! person may take an earlier one back.

mod further;
#[cfg(test)]
mod tests;

use super::carry::carried;
use super::item::{Break, BreakKind, Coverage, OrderItem, Record, RefundItem, SettlementItem};
use super::orders::{Known, OrderState, Orders};
use crate::keys::KeyMap;
use crate::{BusinessDate, OrderStatus, SettlementKind, SettlementStatus};
use further::Further;

/// How long a refund may stay pending before its state is stale.
const REFUND_PENDING_DAYS: i32 = 7;

/// A refund that was not final when the bill was made.
struct PendingRefund {
    id: i64,
    account: usize,
    day: i32,
}

carried!(PendingRefund { id, account, day });

#[derive(Default)]
pub(super) struct ShopRun {
    orders: Orders,
    refunds: KeyMap<RefundItem>,
    /// By their payment.
    further: KeyMap<Further>,
    pending: KeyMap<PendingRefund>,
    /// What a person took back of settled orders, minor units: another payment may make it up.
    taken_back: KeyMap<i64>,
}

carried!(ShopRun { orders, refunds, further, pending, taken_back });

impl ShopRun {
    pub(super) fn knows(&self, order: u64) -> bool {
        self.orders.knows(order)
    }

    pub(super) fn settled_before(&mut self, order: u64) {
        self.orders.settle(order);
    }

    /// A later export of the same order replaces the earlier one: the one further along counts,
    /// whichever came first.
    pub(super) fn orders(&mut self, orders: &[OrderItem]) {
        for item in orders {
            let known = self.orders.open(item);
            if rank(item) > rank(&known.item) {
                known.item = *item;
            }
        }
    }

    pub(super) fn refunds(&mut self, refunds: &[RefundItem]) {
        for item in refunds {
            self.refunds.insert(item.merchant_refund, *item);
        }
    }

    pub(super) fn settlement(
        &mut self,
        line: &SettlementItem,
        (account, by_hand): (usize, bool),
        coverage: &impl Coverage,
        breaks: &mut Vec<Break>,
    ) {
        match line.kind {
            // Who walks in and pays has no order.
            SettlementKind::Payment if by_hand && line.order == 0 => {}
            SettlementKind::Payment => self.payment(line, account, coverage, breaks),
            SettlementKind::Revoked if by_hand => self.take_back(line),
            SettlementKind::Refund if by_hand && line.order_minor > 0 => self.keep_after_all(line),
            SettlementKind::Refund | SettlementKind::Revoked => {
                self.refund(line, account, coverage, breaks);
            }
        }
    }

    /// A person recorded a payment by mistake.
    fn take_back(&mut self, line: &SettlementItem) {
        if self.further.remove(&line.payment).is_some() {
            return;
        }
        match self.orders.get(line.order) {
            Some(Known::Open(order)) => order.unpay(),
            Some(Known::Settled) => {
                *self.taken_back.entry(line.order).or_default() -= line.order_minor;
            }
            None => {}
        }
    }

    /// A person recorded a refund by mistake.
    fn keep_after_all(&mut self, line: &SettlementItem) {
        if let Some(further) = self.further.get_mut(&line.payment) {
            further.refunded_minor -= line.settled_minor;
        } else if let Some(Known::Open(order)) = self.orders.get(line.order) {
            order.asked_back_minor -= line.order_minor;
        }
    }

    fn payment(
        &mut self,
        line: &SettlementItem,
        account: usize,
        coverage: &impl Coverage,
        breaks: &mut Vec<Break>,
    ) {
        let order = match self.orders.get(line.order) {
            Some(Known::Open(order)) if order.payments == 0 => order,
            Some(_) => {
                self.further.insert(line.payment, Further::new(line, account));
                return;
            }
            None if coverage.orders(line.day) => {
                breaks.push(Break {
                    kind: BreakKind::PaymentWithoutOrder,
                    records: vec![Record::Payment(line.id), Record::OrderOf(line.id)],
                    field: "order",
                    expected: "order".into(),
                    found: "none".into(),
                    effect_minor: line.settled_minor,
                    day: line.day,
                    account,
                });
                return;
            }
            None => return,
        };
        order.payments = 1;
        order.payment_id = line.id;
        order.payment_account = account as u32;
        order.payment_at_ms = line.at_ms;
        order.payment_day = line.day;
        order.currency = line.currency;
        order.settled_minor = line.settled_minor;
        order.paid_minor = line.order_minor;
        if order.item.status == OrderStatus::Paid && order.difference() == Some(0) {
            self.orders.settle(line.order);
        }
    }

    fn refund(
        &mut self,
        line: &SettlementItem,
        account: usize,
        coverage: &impl Coverage,
        breaks: &mut Vec<Break>,
    ) {
        let gave_back = line.status != SettlementStatus::Failed;
        if let Some(further) = self.further.get_mut(&line.payment) {
            if gave_back {
                further.refunded_minor -= line.settled_minor;
            }
        } else if let Some(Known::Open(order)) = self.orders.get(line.order)
            && gave_back
        {
            order.asked_back_minor -= line.order_minor;
        }
        if line.status == SettlementStatus::Pending {
            self.pending.insert(line.key, PendingRefund { id: line.id, account, day: line.day });
        }
        let asked = -line.order_minor;
        match self.refunds.remove(&line.merchant_refund) {
            None if coverage.refunds(line.day) => breaks.push(Break {
                kind: BreakKind::RefundWithoutInstruction,
                records: vec![Record::Refund(line.id), Record::OrderOf(line.id)],
                field: "instruction",
                expected: "instruction".into(),
                found: "none".into(),
                effect_minor: line.order_minor,
                day: line.day,
                account,
            }),
            Some(instruction) if instruction.amount_minor != asked => breaks.push(Break {
                kind: BreakKind::RefundAmountMismatch,
                records: vec![Record::Refund(line.id), Record::OrderOf(line.id)],
                field: "amount",
                expected: instruction.amount_minor.to_string(),
                found: asked.to_string(),
                effect_minor: instruction.amount_minor - asked,
                day: line.day,
                account,
            }),
            _ => {}
        }
    }

    pub(super) fn finish(&mut self, as_of: i32, coverage: &impl Coverage, breaks: &mut Vec<Break>) {
        let parts = self.use_further(breaks);
        for order in self.orders.still_open() {
            let parts = parts.get(&order.item.order).map_or(&[][..], Vec::as_slice);
            finish_order(order, parts, coverage, breaks);
        }
        for refund in self.pending.values() {
            if as_of - refund.day > REFUND_PENDING_DAYS {
                breaks.push(Break {
                    kind: BreakKind::RefundStateStale,
                    records: vec![Record::Refund(refund.id), Record::OrderOf(refund.id)],
                    field: "status",
                    expected: "succeeded".into(),
                    found: "pending".into(),
                    effect_minor: 0,
                    day: refund.day,
                    account: refund.account,
                });
            }
        }
    }
}

/// How far along an export of an order is. Ties go to the larger amount, so that any order of
/// files picks the same one.
fn rank(item: &OrderItem) -> (u8, i64, i64) {
    let step = match item.status {
        OrderStatus::Unknown => 0,
        OrderStatus::Unpaid => 1,
        OrderStatus::Paid => 2,
        OrderStatus::Closed => 3,
        OrderStatus::Canceled => 4,
        OrderStatus::Refunded => 5,
    };
    (step, item.closed_at_ms.unwrap_or(0), item.amount_minor)
}

/// An order and its payments, field by field; the first difference is the break.
fn compare(order: &OrderState, records: &[Record], breaks: &mut Vec<Break>) {
    let item = &order.item;
    let (kind, field, expected, found, effect_minor) = match order.difference() {
        None => {
            let (expected, found) = (item.currency.to_string(), order.currency.to_string());
            (BreakKind::CurrencyMismatch, "currency", expected, found, 0)
        }
        Some(0) if item.status == OrderStatus::Unpaid => {
            (BreakKind::StatusMismatch, "status", "unpaid".into(), "paid".into(), 0)
        }
        Some(0) => return,
        Some(difference) => {
            let kind = match difference.abs() {
                1 => BreakKind::RoundingDifference,
                _ => BreakKind::AmountMismatch,
            };
            let (expected, found) = (item.amount_minor.to_string(), order.paid_minor.to_string());
            (kind, "amount", expected, found, difference)
        }
    };
    breaks.push(Break {
        kind,
        records: records.to_vec(),
        field,
        expected,
        found,
        effect_minor,
        day: order.payment_day,
        account: order.payment_account as usize,
    });
}

/// `parts` are the lines of its further payments.
fn finish_order(
    order: &OrderState,
    parts: &[i64],
    coverage: &impl Coverage,
    breaks: &mut Vec<Break>,
) {
    let item = &order.item;
    let account = order.payment_account as usize;
    let paid_day = BusinessDate::of_ms(order.payment_at_ms).days();
    let mut records = vec![Record::Order(item.id)];
    if order.payments > 0 {
        records.push(Record::Payment(order.payment_id));
        let further = parts.iter().filter(|line| **line != order.payment_id);
        records.extend(further.map(|line| Record::Payment(*line)));
        compare(order, &records, breaks);
    }
    let mut push = |kind, field, expected: &str, found: &str, effect_minor, day, account| {
        let records = records.clone();
        let (expected, found) = (expected.into(), found.into());
        breaks.push(Break { kind, records, field, expected, found, effect_minor, day, account });
    };
    if order.payments == 0 {
        let expects_payment = matches!(item.status, OrderStatus::Paid | OrderStatus::Refunded);
        let Some(paid_at_ms) = item.paid_at_ms.filter(|_| expects_payment) else { return };
        let Some(account) = item.channel.and_then(|c| coverage.channel_account(c)) else { return };
        let day = BusinessDate::of_ms(paid_at_ms).days();
        let bill = BusinessDate::of_ms(paid_at_ms + coverage.cut_off_ms(account)).days();
        if coverage.trade(account, bill) {
            let kind = BreakKind::OrderWithoutPayment;
            push(kind, "payment", "payment", "none", -item.amount_minor, day, account);
        }
        return;
    }
    let returned = order.asked_back_minor >= order.paid_minor;
    let kept = order.settled_minor - order.asked_back_minor;
    match item.status {
        OrderStatus::Closed
            if !returned && item.closed_at_ms.is_none_or(|at| order.payment_at_ms > at) =>
        {
            push(BreakKind::PaidAfterClose, "status", "closed", "paid", kept, paid_day, account);
        }
        OrderStatus::Canceled if !returned => {
            push(BreakKind::CanceledButPaid, "status", "canceled", "paid", kept, paid_day, account);
        }
        OrderStatus::Refunded if order.asked_back_minor == 0 => {
            push(BreakKind::StatusMismatch, "status", "refunded", "paid", 0, paid_day, account);
        }
        _ => {}
    }
}

impl ShopRun {
    /// A fund row closed the refund with this key.
    pub(super) fn refund_closed(&mut self, key: u64) {
        self.pending.remove(&key);
    }
}
