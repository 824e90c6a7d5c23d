//! A connection ready to be asked: one shape for every channel whose bills come by day.

mod alipay;
mod counter;
mod keyed;
pub(super) mod shop;
mod stripe;
mod union_pay;
mod wechat;

pub(crate) use counter::{Asked, Seen};
pub(crate) use keyed::Keyed;

use super::Clock;
use super::setup::{ConnectionKind, Setup};
use crate::error::Error;
use crate::import::{Proof, Span};
use connectors::error::CallError;
use connectors::http::{HttpAnswer, HttpRequest, Skew};
use connectors::keys::KeyProblem;
use connectors::plan::{BillPlan, ChannelPlan, RateLimit};
use connectors::transport::{Retry, Route, Slot, Timing, Transport};
use domain::{Channel, FundAccount};
use std::cell::Cell;

/// Stripe has no bills; its list of a day is whole once the day is over. An hour later is soon
/// enough, and lists reach back to the first day.
const STRIPE_DAYS: BillPlan = BillPlan {
    ready_minute: 60,
    again_minutes: 60,
    empty_is_final_minute: None,
    empty_alone_minute: None,
    reach_days: 20 * 365,
    link_s: 0,
};
/// A clock that is off by less is left as it is.
const SMALL_SKEW_MS: i64 = 2_000;

/// What a channel has for a span.
pub(crate) enum Got {
    /// Files that cover the span together, and what proves each.
    Files(Vec<Gift>),
    /// Nothing, in its own words.
    Empty,
    /// Not made yet.
    NotYet,
    /// None, in its own words, and too early to believe it by itself: its code, and from when on
    /// it is believed, UTC ms.
    SaidEmpty(String, i64),
    /// None, in its own words, though the channel's account moved on that day.
    Withheld,
    /// None, in its own words, and its account cannot be asked whether that is so: the channel's
    /// code for why not.
    Unconfirmed(String),
}

/// A file a channel gave.
pub(crate) struct Gift {
    pub name: String,
    pub bytes: Vec<u8>,
    pub proof: Proof,
    pub account_no: Option<String>,
    pub fund_account: Option<FundAccount>,
}

/// How calls leave the house.
pub(crate) struct Line<'a> {
    pub transport: &'a Transport,
    pub clock: Clock<'a>,
    pub timing: Timing,
    pub route: &'a Route,
    pub retry: Retry,
}

/// A channel with our keys for it.
pub(crate) enum Client {
    Wechat(Box<wechat::Wechat>),
    Alipay(Box<alipay::Alipay>),
    UnionPay(Box<union_pay::UnionPay>),
    Stripe(Box<stripe::Stripe>),
    Shop(Box<shop::Shop>),
}

impl Client {
    /// Reads the keys of a set-up.
    ///
    /// # Errors
    /// [`Error::BadInput`], naming the field and what was given instead.
    pub fn new(setup: &Setup, now_ms: i64) -> Result<Self, Error> {
        Ok(match setup.kind {
            ConnectionKind::WechatPay => Self::Wechat(Box::new(wechat::Wechat::new(setup)?)),
            ConnectionKind::Alipay => Self::Alipay(Box::new(alipay::Alipay::new(setup, now_ms)?)),
            ConnectionKind::UnionPay => Self::UnionPay(Box::new(union_pay::UnionPay::new(setup)?)),
            ConnectionKind::Stripe => Self::Stripe(Box::new(stripe::Stripe::new(setup))),
            ConnectionKind::Shop(platform) => {
                Self::Shop(Box::new(shop::Shop::new(setup, platform)?))
            }
        })
    }

    /// Also believes what the other half of a change believes.
    fn also(&mut self, other: &Self) {
        match (self, other) {
            (Self::Wechat(own), Self::Wechat(other)) => own.also(other),
            (Self::Alipay(own), Self::Alipay(other)) => own.also(other),
            (Self::UnionPay(own), Self::UnionPay(other)) => own.also(other),
            // Nobody signs answers there.
            _ => {}
        }
    }

    /// When the last of the channel's own certificates ends, where they were fetched; UTC ms.
    pub fn their_until_ms(&self) -> Option<i64> {
        match self {
            Self::Wechat(client) => client.their_until_ms(),
            _ => None,
        }
    }

    /// Asks for a span of a stream.
    ///
    /// # Errors
    /// [`CallError`]; nothing of a call that only reads can have moved money.
    pub fn fetch(&mut self, line: &Line<'_>, span: &Span) -> Result<Got, CallError> {
        match self {
            Self::Wechat(client) => client.fetch(line, span),
            Self::Alipay(client) => client.fetch(line, span),
            Self::UnionPay(client) => client.fetch(line, span),
            Self::Stripe(client) => client.fetch(line, span),
            // A shop has no days; the sync asks it for the next piece.
            Self::Shop(_) => Ok(Got::NotYet),
        }
    }

    /// How far our clock was from the channel's at the last call, ms to add to ours.
    pub fn skew_ms(&self) -> i64 {
        match self {
            Self::Wechat(client) => client.caller.offset_ms.get(),
            Self::Alipay(client) => client.caller.offset_ms.get(),
            Self::UnionPay(client) => client.caller.offset_ms.get(),
            Self::Stripe(client) => client.caller.offset_ms.get(),
            Self::Shop(_) => 0,
        }
    }
}

impl ConnectionKind {
    /// What the channel allows.
    fn plan(self) -> Option<&'static ChannelPlan> {
        match self {
            Self::WechatPay => Some(&connectors::wechat_pay::api::plan::PLAN),
            Self::Alipay => Some(&connectors::alipay::api::plan::PLAN),
            Self::UnionPay => Some(&connectors::union_pay::plan::PLAN),
            Self::Stripe => Some(&connectors::stripe::plan::PLAN),
            Self::Shop(_) => None,
        }
    }

    /// When to ask for what a buyer is about to pay: seconds after the code was shown.
    pub(crate) fn counter_ladder(self) -> &'static [u32] {
        self.plan().map_or(&[], |plan| plan.counter)
    }

    /// When its bills are there.
    pub(super) fn bill_plan(self) -> Option<BillPlan> {
        match self {
            Self::Stripe => Some(STRIPE_DAYS),
            _ => self.plan().and_then(|plan| plan.bill),
        }
    }

    /// Days in a row that are asked for at once.
    pub(super) fn days_at_once(self) -> usize {
        match self {
            Self::Stripe => 31,
            _ => 1,
        }
    }

    /// Its streams that come by day.
    pub fn streams(self) -> &'static [&'static str] {
        match self {
            Self::WechatPay => &["trade", "fund:basic", "fund:operation", "fund:fees"],
            Self::Alipay => &["trade", "fund"],
            Self::UnionPay => &["trade"],
            Self::Stripe => &["balance"],
            Self::Shop(_) => &[shop::STREAM],
        }
    }
}

/// Makes the calls of one account: keeps its limits and the channel's clock.
struct Caller {
    channel: Channel,
    account: String,
    plan: &'static ChannelPlan,
    /// The practice platform on this computer needs no sparing.
    unhurried: bool,
    offset_ms: Cell<i64>,
}

impl Caller {
    fn new(setup: &Setup, plan: &'static ChannelPlan) -> Self {
        Self {
            channel: setup.kind.channel(),
            account: setup.account_no().to_owned(),
            plan,
            unhurried: !setup.base.to_string().starts_with("http://"),
            offset_ms: Cell::new(0),
        }
    }

    /// The channel's clock.
    fn now_ms(&self, line: &Line<'_>) -> i64 {
        (line.clock)().saturating_add(self.offset_ms.get())
    }

    /// One call: `build` and `read` get the channel's clock, UTC ms. When the answer shows that
    /// our clock is off, the call is made once more by the channel's.
    fn call<T>(
        &self,
        line: &Line<'_>,
        kind: &'static str,
        mut build: impl FnMut(i64) -> Result<HttpRequest, CallError>,
        mut read: impl FnMut(&HttpAnswer, i64) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let mut limit = self.plan.limit(kind);
        if !self.unhurried {
            limit = RateLimit { calls: u32::MAX, ..limit };
        }
        let slot = Slot { channel: self.channel, account: &self.account, limit };
        let mut once = || {
            let sent_ms = Cell::new(0);
            line.transport.call(
                slot,
                line.retry,
                || {
                    sent_ms.set((line.clock)());
                    build(self.now_ms(line))
                },
                |reply| {
                    self.measure(&reply.answer, sent_ms.get(), (line.clock)());
                    read(&reply.answer, self.now_ms(line))
                },
            )
        };
        let before = self.offset_ms.get();
        match once() {
            Err(_) if (self.offset_ms.get() - before).abs() > self.plan.clock_ms / 2 => once(),
            done => done,
        }
    }

    fn measure(&self, answer: &HttpAnswer, sent_ms: i64, received_ms: i64) {
        if let Some(skew) = Skew::measure(answer, sent_ms, received_ms) {
            let off = skew.exceeds(SMALL_SKEW_MS);
            self.offset_ms.set(if off { skew.offset_ms } else { 0 });
        }
    }
}

/// What is wrong with a key, by the field it was given in.
fn unusable(field: &'static str) -> impl Fn(KeyProblem) -> Error {
    move |problem| Error::BadInput { field, reason: problem.to_string() }
}
