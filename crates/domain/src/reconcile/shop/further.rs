//! Payments of orders that have one already.

use super::ShopRun;
use crate::Currency;
use crate::keys::KeyMap;
use crate::reconcile::carry::carried;
use crate::reconcile::item::{Break, BreakKind, Record, SettlementItem};
use crate::reconcile::orders::{Known, OrderState};

/// A payment of an order that has one already: a further part of it, or too much.
#[derive(Clone, Copy)]
pub(super) struct Further {
    id: i64,
    account: usize,
    day: i32,
    at_ms: i64,
    order: u64,
    currency: Currency,
    order_minor: i64,
    settled_minor: i64,
    pub refunded_minor: i64,
}

carried!(Further {
    id,
    account,
    day,
    at_ms,
    order,
    currency,
    order_minor,
    settled_minor,
    refunded_minor,
});

impl ShopRun {
    /// Gives each order what it needs of its further payments, the earliest first. What is more
    /// than it needs and was not given back is a duplicate. Returns the lines that were needed, by
    /// order.
    pub(super) fn use_further(&mut self, breaks: &mut Vec<Break>) -> KeyMap<Vec<i64>> {
        let mut parts: KeyMap<Vec<i64>> = KeyMap::default();
        let mut further: Vec<Further> = std::mem::take(&mut self.further).into_values().collect();
        further.sort_unstable_by_key(|each| (each.order, each.day, each.at_ms, each.id));
        for each in further {
            let order = match self.orders.get(each.order) {
                Some(Known::Open(order)) => Some(order),
                _ => None,
            };
            let due = match &order {
                Some(order) => order.due(each.currency),
                None => self.taken_back.get(&each.order).copied().unwrap_or(0),
            };
            let used = each.used(due);
            let before = order.as_ref().map_or(1, |order| order.payments.max(1));
            if used > 0 {
                match order {
                    Some(order) => each.pay(order, used),
                    None => *self.taken_back.entry(each.order).or_default() -= used,
                }
                parts.entry(each.order).or_default().push(each.id);
            }
            breaks.extend(each.duplicate(used, before));
        }
        parts
    }
}

impl Further {
    pub(super) fn new(line: &SettlementItem, account: usize) -> Self {
        Self {
            id: line.id,
            account,
            day: line.day,
            at_ms: line.at_ms,
            order: line.order,
            currency: line.currency,
            order_minor: line.order_minor,
            settled_minor: line.settled_minor,
            refunded_minor: 0,
        }
    }

    /// What of it makes up what is still due. A fen that is due is rounding, not a part.
    fn used(&self, due: i64) -> i64 {
        match due {
            due if self.order_minor <= due => self.order_minor,
            due if due > 1 => due,
            _ => 0,
        }
    }

    /// What is more than the order needed, before anything was given back.
    fn over(&self, used: i64) -> i64 {
        if used == 0 { self.settled_minor } else { self.settled_minor.min(self.order_minor - used) }
    }

    fn pay(&self, order: &mut OrderState, used: i64) {
        let over = self.over(used);
        if order.payments == 0 {
            order.payment_id = self.id;
            order.payment_account = self.account as u32;
            order.payment_at_ms = self.at_ms;
            order.payment_day = self.day;
            order.currency = self.currency;
        }
        order.payments += 1;
        order.paid_minor += used;
        order.settled_minor += self.settled_minor - over;
        order.asked_back_minor += (self.refunded_minor - over).max(0);
    }

    /// What was paid too much; `before` counts the payments before it.
    fn duplicate(&self, used: i64, before: u32) -> Option<Break> {
        let effect_minor = self.over(used) - self.refunded_minor;
        let (field, expected, found) = match used {
            0 => ("payments", i64::from(before), i64::from(before) + 1),
            used => ("amount", used, self.order_minor),
        };
        (effect_minor > 0).then(|| Break {
            kind: BreakKind::DuplicatePayment,
            records: vec![Record::Payment(self.id), Record::OrderOf(self.id)],
            field,
            expected: expected.to_string(),
            found: found.to_string(),
            effect_minor,
            day: self.day,
            account: self.account,
        })
    }
}
