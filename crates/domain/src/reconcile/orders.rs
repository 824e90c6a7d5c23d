//! The shop's orders by their keys, most of them settled.

use super::carry::{Carried, carried};
use super::item::OrderItem;
use crate::Currency;
use crate::keys::KeyMap;

/// An order with what the trade bill says of it so far.
#[derive(Clone, Copy)]
pub(super) struct OrderState {
    pub item: OrderItem,
    pub payments: u32,
    pub payment_id: i64,
    pub payment_account: u32,
    pub payment_at_ms: i64,
    pub payment_day: i32,
    /// Of its payments.
    pub currency: Currency,
    pub settled_minor: i64,
    pub asked_back_minor: i64,
    pub paid_minor: i64,
}

carried!(OrderState {
    item,
    payments,
    payment_id,
    payment_account,
    payment_at_ms,
    payment_day,
    currency,
    settled_minor,
    asked_back_minor,
    paid_minor,
});

impl OrderState {
    /// Of which the trade bill says nothing yet.
    pub fn new(item: OrderItem) -> Self {
        Self {
            item,
            payments: 0,
            payment_id: 0,
            payment_account: 0,
            payment_at_ms: 0,
            payment_day: 0,
            currency: item.currency,
            settled_minor: 0,
            asked_back_minor: 0,
            paid_minor: 0,
        }
    }

    /// A person took its payment back.
    pub fn unpay(&mut self) {
        (self.payments, self.settled_minor, self.paid_minor) = (0, 0, 0);
        self.currency = self.item.currency;
    }

    /// What was paid more (+) or less (−) than the order says; `None` in another currency.
    pub fn difference(&self) -> Option<i64> {
        let same = self.currency == self.item.currency;
        same.then_some(self.paid_minor - self.item.amount_minor)
    }

    /// What a payment in this currency can still make up.
    pub fn due(&self, currency: Currency) -> i64 {
        let difference = self.difference().filter(|_| currency == self.currency);
        difference.map_or(0, |difference| (-difference).max(0))
    }
}

/// What is known of a key.
pub(super) enum Known<'a> {
    /// Not settled yet, or there is something to say about it at the end.
    Open(&'a mut OrderState),
    /// Paid as it should be: all that is kept of it is that it was.
    Settled,
}

/// In place of a place.
const SETTLED: u32 = u32::MAX;

/// The places of a year's orders fit a map of small entries; what is said of the few open ones
/// stands elsewhere.
#[derive(Default)]
pub(super) struct Orders {
    places: KeyMap<u32>,
    open: Vec<Option<OrderState>>,
    free: Vec<u32>,
}

impl Orders {
    pub fn knows(&self, order: u64) -> bool {
        self.places.contains_key(&order)
    }

    pub fn get(&mut self, order: u64) -> Option<Known<'_>> {
        let place = *self.places.get(&order)?;
        Some(
            self.open
                .get_mut(place as usize)
                .and_then(Option::as_mut)
                .map_or(Known::Settled, Known::Open),
        )
    }

    /// The order that is open under the item's key; a new one where none is.
    pub fn open(&mut self, item: &OrderItem) -> &mut OrderState {
        let place = self.places.entry(item.order).or_insert(SETTLED);
        if *place == SETTLED {
            *place = self.free.pop().unwrap_or_else(|| {
                self.open.push(None);
                u32::try_from(self.open.len() - 1).expect("fewer open orders than 32 bits count")
            });
        }
        self.open[*place as usize].get_or_insert(OrderState::new(*item))
    }

    /// From now on the order is settled, whether it was known or not.
    pub fn settle(&mut self, order: u64) {
        let place = self.places.insert(order, SETTLED).filter(|place| *place != SETTLED);
        if let Some(place) = place {
            self.open[place as usize] = None;
            self.free.push(place);
        }
    }

    /// Orders that are open.
    pub fn still_open(&self) -> impl Iterator<Item = &OrderState> {
        self.open.iter().flatten()
    }
}

/// All but the settled orders, which are most of all there ever were.
impl Carried for Orders {
    fn put(&self, out: &mut Vec<u8>) {
        self.still_open().count().put(out);
        self.still_open().for_each(|order| order.put(out));
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let mut orders = Self::default();
        for order in <Vec<OrderState>>::take(bytes)? {
            *orders.open(&order.item) = order;
        }
        Some(orders)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OrderStatus;

    fn item(order: u64) -> OrderItem {
        OrderItem {
            id: order as i64,
            day: 1,
            order,
            paid_at_ms: None,
            closed_at_ms: None,
            status: OrderStatus::Paid,
            channel: None,
            currency: Currency::CNY,
            amount_minor: 1,
        }
    }

    #[test]
    fn a_settled_order_is_known_and_its_place_is_used_again() {
        let mut orders = Orders::default();
        orders.open(&item(7)).payments = 1;
        orders.settle(7);
        assert!(orders.knows(7) && matches!(orders.get(7), Some(Known::Settled)));
        orders.open(&item(8)).payments = 2;
        assert_eq!((orders.open.len(), orders.still_open().count()), (1, 1));
        assert!(matches!(orders.get(8), Some(Known::Open(order)) if order.payments == 2));
        assert!(orders.get(9).is_none());
        orders.settle(9);
        assert!(orders.knows(9));
        assert_eq!(orders.open(&item(7)).payments, 0, "told of again, it is open again");
    }

    #[test]
    fn open_orders_are_carried_and_settled_ones_are_not() {
        let mut orders = Orders::default();
        (1..5).for_each(|order| orders.open(&item(order)).settled_minor = order as i64);
        orders.settle(2);
        let mut bytes = Vec::new();
        orders.put(&mut bytes);
        let mut again = Orders::take(&mut bytes.as_slice()).unwrap();
        assert!(!again.knows(2));
        assert!(matches!(again.get(4), Some(Known::Open(order)) if order.settled_minor == 4));
        assert_eq!(again.still_open().count(), 3);
    }
}
