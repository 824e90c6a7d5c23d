//! A run put down between two days and taken up again.
//!
//! What a run carries from day to day is what is unsettled, so a book of years can go on from
//! yesterday's state instead of its first day. The bytes are ours alone: they stay in the book, are
//! thrown away when anything before their day changes, and bytes that are none of ours are refused.

use super::item::{BalanceItem, Break, BreakKind, OrderItem, Record, RefundItem, SettlementItem};
use super::{AccountTerms, Reconciler};
use crate::payout::Components;
use crate::{BalanceKind, Channel, Currency, OrderStatus, SettlementKind, SettlementStatus};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};
use std::ops::Range;

/// Fund rows that wait for the day of their bill, with their account's index.
pub type Waiting = BTreeMap<i32, Vec<(usize, BalanceItem)>>;

/// What is written and read back.
pub(super) trait Carried: Sized {
    fn put(&self, out: &mut Vec<u8>);
    fn take(bytes: &mut &[u8]) -> Option<Self>;
}

impl Reconciler {
    /// The run as it stands between two days, with the rows that wait.
    pub fn save(&self, waiting: &Waiting) -> Vec<u8> {
        let mut out = Vec::new();
        self.accounts.len().put(&mut out);
        for account in &self.accounts {
            account.put(&mut out);
        }
        self.shop.put(&mut out);
        self.breaks.put(&mut out);
        self.matched.put(&mut out);
        waiting.put(&mut out);
        out
    }

    /// The run that [`Self::save`] wrote, under the same terms; `None` for other bytes.
    ///
    /// Which orders were settled before is not among what is carried: see
    /// [`Self::unknown_orders`].
    pub fn resume(terms: &[AccountTerms], mut bytes: &[u8]) -> Option<(Self, Waiting)> {
        let bytes = &mut bytes;
        let mut run = Self::new(terms);
        if usize::take(bytes)? != run.accounts.len() {
            return None;
        }
        for account in &mut run.accounts {
            account.take_up(bytes)?;
        }
        run.shop = Carried::take(bytes)?;
        run.breaks = Carried::take(bytes)?;
        run.matched = Carried::take(bytes)?;
        let waiting = Carried::take(bytes)?;
        bytes.is_empty().then_some((run, waiting))
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Carried for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend(self.to_le_bytes());
            }
            fn take(bytes: &mut &[u8]) -> Option<Self> {
                let (head, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some(Self::from_le_bytes(*head))
            }
        }
    )*};
}

numbers!(u8 u64);

/// Most numbers are small, so they take as many bytes as they need: seven bits in each, the last
/// one below 128.
impl Carried for i64 {
    fn put(&self, out: &mut Vec<u8>) {
        let mut left = ((self << 1) ^ (self >> 63)) as u64;
        while left >= 0x80 {
            out.push(left as u8 | 0x80);
            left >>= 7;
        }
        out.push(left as u8);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = u8::take(bytes)?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(((value >> 1) as i64) ^ -((value & 1) as i64));
            }
        }
        None
    }
}

macro_rules! small_numbers {
    ($($number:ty)*) => {$(
        impl Carried for $number {
            fn put(&self, out: &mut Vec<u8>) {
                (*self as i64).put(out);
            }
            fn take(bytes: &mut &[u8]) -> Option<Self> {
                i64::take(bytes)?.try_into().ok()
            }
        }
    )*};
}

small_numbers!(i32 u32 usize);

impl Carried for bool {
    fn put(&self, out: &mut Vec<u8>) {
        u8::from(*self).put(out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        u8::take(bytes).map(|byte| byte != 0)
    }
}

impl Carried for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        out.extend(self.as_bytes());
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let length = usize::take(bytes)?;
        let (head, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        String::from_utf8(head.to_vec()).ok()
    }
}

impl<T: Carried> Carried for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        match bool::take(bytes)? {
            true => T::take(bytes).map(Some),
            false => Some(None),
        }
    }
}

impl<A: Carried, B: Carried> Carried for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::take(bytes)?, B::take(bytes)?))
    }
}

impl Carried for Range<usize> {
    fn put(&self, out: &mut Vec<u8>) {
        (self.start, self.end).put(out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        <(usize, usize)>::take(bytes).map(|(start, end)| start..end)
    }
}

impl<T: Carried> Carried for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        put_all(self.iter(), self.len(), out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        take_all(bytes)
    }
}

impl<T: Carried + Eq + Hash, S: BuildHasher + Default> Carried for HashSet<T, S> {
    fn put(&self, out: &mut Vec<u8>) {
        put_all(self.iter(), self.len(), out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        take_all(bytes)
    }
}

impl<K, V, S> Carried for HashMap<K, V, S>
where
    K: Carried + Eq + Hash,
    V: Carried,
    S: BuildHasher + Default,
{
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        take_all(bytes)
    }
}

impl<K: Carried + Ord, V: Carried> Carried for BTreeMap<K, V> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        take_all(bytes)
    }
}

fn put_all<'a, T: Carried + 'a>(
    items: impl Iterator<Item = &'a T>,
    count: usize,
    out: &mut Vec<u8>,
) {
    count.put(out);
    for item in items {
        item.put(out);
    }
}

/// Reads as many as there are said to be; a number larger than the bytes left is none of ours.
fn take_all<T: Carried, C: FromIterator<T>>(bytes: &mut &[u8]) -> Option<C> {
    let count = usize::take(bytes)?;
    if count > bytes.len() {
        return None;
    }
    (0..count).map(|_| T::take(bytes)).collect()
}

/// Structs, field by field in the order given.
macro_rules! carried {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl $crate::reconcile::carry::Carried for $type {
            fn put(&self, out: &mut Vec<u8>) {
                $(self.$field.put(out);)*
            }
            fn take(bytes: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: $crate::reconcile::carry::Carried::take(bytes)?),* })
            }
        }
    };
}
pub(super) use carried;

/// Enums, by their place in the list given.
macro_rules! carried_enum {
    ($type:ident $all:expr) => {
        impl $crate::reconcile::carry::Carried for $type {
            fn put(&self, out: &mut Vec<u8>) {
                let place = $all.iter().position(|known| known == self);
                place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX).put(out);
            }
            fn take(bytes: &mut &[u8]) -> Option<Self> {
                $all.get(usize::from(u8::take(bytes)?)).copied()
            }
        }
    };
}
pub(super) use carried_enum;

carried_enum!(SettlementKind [Self::Payment, Self::Refund, Self::Revoked]);
carried_enum!(SettlementStatus
    [Self::Unknown, Self::Pending, Self::Abnormal, Self::Failed, Self::Succeeded]);
carried_enum!(OrderStatus OrderStatus::ALL);
carried_enum!(Channel Channel::ALL);
carried_enum!(BreakKind BreakKind::ALL);

impl Carried for BalanceKind {
    fn put(&self, out: &mut Vec<u8>) {
        self.number().put(out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Self::from_number(i64::take(bytes)?)
    }
}

impl Carried for Currency {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.code().as_bytes());
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let (code, rest) = bytes.split_first_chunk::<3>()?;
        *bytes = rest;
        Self::from_code(std::str::from_utf8(code).ok()?).ok()
    }
}

/// Every word a break names its field by while days pass.
const FIELDS: [&str; 11] = [
    "fee",
    "fund_amount",
    "subsidy",
    "day",
    "kind",
    "state",
    "order",
    "instruction",
    "amount",
    "currency",
    "status",
];

impl Carried for Break {
    fn put(&self, out: &mut Vec<u8>) {
        self.kind.put(out);
        self.records.put(out);
        let field = FIELDS.iter().position(|known| *known == self.field);
        field.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX).put(out);
        self.expected.put(out);
        self.found.put(out);
        self.effect_minor.put(out);
        self.day.put(out);
        self.account.put(out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            kind: Carried::take(bytes)?,
            records: Carried::take(bytes)?,
            field: FIELDS.get(usize::from(u8::take(bytes)?))?,
            expected: Carried::take(bytes)?,
            found: Carried::take(bytes)?,
            effect_minor: Carried::take(bytes)?,
            day: Carried::take(bytes)?,
            account: Carried::take(bytes)?,
        })
    }
}

impl Carried for Record {
    fn put(&self, out: &mut Vec<u8>) {
        let (kind, id): (u8, i64) = match *self {
            Self::Order(id) => (0, id),
            Self::OrderOf(id) => (1, id),
            Self::Payment(id) => (2, id),
            Self::Refund(id) => (3, id),
            Self::RefundOfFund(id) => (4, id),
            Self::PaymentOfFund(id) => (5, id),
            Self::Fund(id) => (6, id),
            Self::FundRow(id) => (7, id),
            Self::Payout(id) => (8, id),
            Self::Bank(id) => (9, id),
            Self::Day(day) => (10, i64::from(day)),
            Self::Collection(id) => (11, id),
        };
        (kind, id).put(out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let (kind, id) = <(u8, i64)>::take(bytes)?;
        Some(match kind {
            0 => Self::Order(id),
            1 => Self::OrderOf(id),
            2 => Self::Payment(id),
            3 => Self::Refund(id),
            4 => Self::RefundOfFund(id),
            5 => Self::PaymentOfFund(id),
            6 => Self::Fund(id),
            7 => Self::FundRow(id),
            8 => Self::Payout(id),
            9 => Self::Bank(id),
            10 => Self::Day(i32::try_from(id).ok()?),
            11 => Self::Collection(id),
            _ => return None,
        })
    }
}

impl Carried for Components {
    fn put(&self, out: &mut Vec<u8>) {
        for component in crate::payout::Component::ALL {
            (self.get(component), self.rows(component)).put(out);
        }
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let mut components = Self::default();
        for component in crate::payout::Component::ALL {
            let (amount_minor, rows) = <(i64, u32)>::take(bytes)?;
            components.set(component, amount_minor, rows);
        }
        Some(components)
    }
}

carried!(SettlementItem {
    id,
    day,
    at_ms,
    kind,
    status,
    key,
    payment,
    order,
    merchant_refund,
    currency,
    order_minor,
    settled_minor,
    subsidy_minor,
    fee_minor,
    fee_beside_minor,
    rate_ppm,
});
carried!(BalanceItem {
    id,
    day,
    at_ms,
    kind,
    key,
    payment,
    own,
    amount_minor,
    balance_minor,
    fee_minor,
    automatic,
    arrives_day,
});
carried!(OrderItem {
    id,
    day,
    order,
    paid_at_ms,
    closed_at_ms,
    status,
    channel,
    currency,
    amount_minor,
});
carried!(RefundItem { id, merchant_refund, amount_minor });
