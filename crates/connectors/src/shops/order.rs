//! An order of any platform in one shape.

use super::Amount;
use domain::{Channel, Currency};

/// What a payment or a refund has come to. Anything else keeps the platform's own word beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyState {
    /// Promised, not taken: authorised, or asked for.
    Pending,
    /// Money moved.
    Done,
    /// Nothing moved, and nothing will.
    Failed,
    /// A word nobody documented.
    Unknown,
}

/// Money actually taken of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// The platform's id; empty where it has none.
    pub id: String,
    /// How much.
    pub amount: Amount,
    /// When, UTC ms, where the platform says so.
    pub at_ms: Option<i64>,
}

/// Money given back of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The platform's id.
    pub id: String,
    /// The payment service's number; empty where the platform keeps none.
    pub reference: String,
    /// How much, never negative.
    pub amount: Amount,
    /// What became of it.
    pub state: MoneyState,
    /// The platform's word.
    pub word: String,
    /// When it was asked for, UTC ms.
    pub at_ms: i64,
    /// Why, in the words of whoever made it: the place for a reference of our own.
    pub reason: String,
}

/// A buyer's paying of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The platform's id.
    pub id: String,
    /// The platform's word for the way of paying.
    pub method: String,
    /// The payment service's number; empty where the platform keeps none.
    pub reference: String,
    /// What was promised.
    pub amount: Amount,
    /// What became of it.
    pub state: MoneyState,
    /// The platform's word.
    pub word: String,
    /// What was taken, oldest first.
    pub captures: Vec<Capture>,
    /// What was given back, oldest first.
    pub refunds: Vec<Refund>,
}

impl Payment {
    /// What was taken, minor units.
    pub fn captured_minor(&self) -> i64 {
        self.captures.iter().fold(0, |sum, capture| sum.saturating_add(capture.amount.minor))
    }

    /// What was given back, minor units; refused and pending refunds are none.
    pub fn refunded_minor(&self) -> i64 {
        let done = self.refunds.iter().filter(|refund| refund.state == MoneyState::Done);
        done.fold(0, |sum, refund| sum.saturating_add(refund.amount.minor))
    }

    /// When money was first taken.
    pub fn captured_at_ms(&self) -> Option<i64> {
        self.captures.iter().filter_map(|capture| capture.at_ms).min()
    }

    /// True while the platform may still take or give back without anybody's doing.
    pub fn is_pending(&self) -> bool {
        self.state == MoneyState::Pending
            || self.refunds.iter().any(|refund| refund.state == MoneyState::Pending)
    }
}

/// An item of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The shop's article number.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// How many are left after cancellations and changes.
    pub quantity: i64,
    /// How many were bought.
    pub ordered: i64,
    /// What the line comes to.
    pub amount: Amount,
}

/// A parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fulfilment {
    /// The platform's id.
    pub id: String,
    /// The platform's word for its state.
    pub word: String,
    /// How it goes, and the tracking number, where known.
    pub way: String,
    /// Its states with their times, UTC ms, oldest first. Where the platform tells no time of a
    /// state, the present one with the time the parcel was made.
    pub moves: Vec<(String, i64)>,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The platform's id.
    pub id: String,
    /// The number people see.
    pub number: String,
    /// When it was placed, UTC ms.
    pub placed_at_ms: i64,
    /// When it was called off, UTC ms, where the platform says so.
    pub canceled_at_ms: Option<i64>,
    /// True when it was called off as a whole. That moves no money.
    pub canceled: bool,
    /// True when it ended without being paid.
    pub closed: bool,
    /// The platform's word for its state.
    pub word: String,
    /// True for a state after which goods no longer move.
    pub settled: bool,
    /// Currency of every amount.
    pub currency: Currency,
    /// What the order comes to now, after changes and cancellations: not what was charged.
    pub total: Amount,
    /// Payments, oldest first.
    pub payments: Vec<Payment>,
    /// Items.
    pub lines: Vec<Line>,
    /// Parcels.
    pub fulfilments: Vec<Fulfilment>,
    /// The buyer's name.
    pub buyer: String,
}

impl Sale {
    /// What was taken over all payments, minor units.
    pub fn captured_minor(&self) -> i64 {
        self.payments.iter().fold(0, |sum, payment| sum.saturating_add(payment.captured_minor()))
    }

    /// What was given back over all payments, minor units.
    pub fn refunded_minor(&self) -> i64 {
        self.payments.iter().fold(0, |sum, payment| sum.saturating_add(payment.refunded_minor()))
    }

    /// True while money of it is under way.
    pub fn is_money_open(&self) -> bool {
        self.payments.iter().any(Payment::is_pending)
    }

    /// True while money or goods of it are under way.
    pub fn is_open(&self) -> bool {
        self.is_money_open() || !(self.settled || self.canceled)
    }
}

/// The channel that a way of paying belongs to, by the words shops use for it.
pub(super) fn channel_of(method: &str) -> Option<Channel> {
    let method = method.to_ascii_lowercase();
    let words: [(&[&str], Channel); 4] = [
        (&["wechat", "weixin", "wxpay", "微信"], Channel::WechatPay),
        (&["alipay", "支付宝"], Channel::Alipay),
        (&["unionpay", "union_pay", "union-pay", "云闪付", "银联"], Channel::UnionPay),
        (&["stripe"], Channel::Stripe),
    ];
    let named = words.iter().find(|(words, _)| words.iter().any(|word| method.contains(word)));
    named.map(|(_, channel)| *channel)
}
