//! Our readers against the practice platform, over the real socket.
//!
//! The platform was written from the channels' documents without these readers, so that a call
//! that goes round is evidence for both.

mod alipay;
mod notices;
mod stripe;
mod union_pay;
mod wechat_pay;

use connectors::error::{CallError, Moved};
use connectors::http::{Base, Effect, HttpAnswer, HttpRequest};
use connectors::keys::SigningKey;
use connectors::transport::{Route, Timing, Transport};
use domain::{Channel, Currency, Money};
use practice::platform::{Action, Fault, Platform, Settings, Setup};
use practice::{Options, Plant};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 2026-01-27 12:00 in Beijing, the day after the season's last.
const NOON: i64 = 1_769_486_400_000;

/// A platform, its clock, and our transport.
struct Bench {
    platform: Platform,
    clock: Arc<AtomicI64>,
    transport: Transport,
    channel: Channel,
}

fn bench(channel: Channel, change: impl FnOnce(&mut Settings)) -> Bench {
    let clock = Arc::new(AtomicI64::new(NOON));
    let told = Arc::clone(&clock);
    let shop = Options { days: 12, size: 4, planted: Plant::None, ..Options::default() };
    let mut settings = Settings::new(shop, Arc::new(move || told.load(Ordering::SeqCst)));
    change(&mut settings);
    let platform = Platform::start(settings).expect("a port is free");
    let transport = Transport::new(Timing::default(), &Route::Direct).expect("a transport");
    Bench { platform, clock, transport, channel }
}

impl Bench {
    fn setup(&self) -> Setup {
        self.platform.setup(self.channel.code()).expect("the platform speaks for it")
    }

    fn base(&self) -> Base {
        Base::parse(self.platform.base()).expect("an address")
    }

    fn key(&self) -> SigningKey {
        SigningKey::parse(&self.setup().fields["private_key_pem"].as_str().into()).expect("a key")
    }

    fn now_ms(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    fn later(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sends once and reads.
    fn call<T>(
        &self,
        request: Result<HttpRequest, CallError>,
        read: impl FnOnce(&HttpAnswer) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let reply = self.transport.send(self.channel, &request?)?;
        read(&reply.answer)
    }

    /// The next call goes wrong in this way.
    fn break_next(&self, action: Action) {
        self.platform.clear();
        self.platform.fault(Fault { on: String::new(), skip: 0, times: 1, action });
    }
}

fn yuan(fen: i64) -> Money {
    Money::from_minor(fen, Currency::CNY).expect("a small amount")
}

/// Faults after which nobody can know whether the work was done, with whether it was.
fn doubtful() -> Vec<(Action, bool)> {
    vec![
        (Action::ResetBefore, false),
        (Action::ResetAfter, true),
        (Action::StatusBefore { status: 500 }, false),
        (Action::StatusAfter { status: 502 }, true),
        (Action::StatusAfter { status: 503 }, true),
        (Action::Html, true),
        (Action::Huge { bytes: 2 << 20 }, true),
        (Action::Truncated { bytes: 20 }, true),
    ]
}

/// Faults of a signature; the work was done.
fn unsigned() -> Vec<Action> {
    vec![Action::WrongSignature, Action::OtherKey, Action::Unsigned, Action::ExpiredCertificate]
}

/// After a fault the outcome is unknown, and money may have moved where the call changes things.
#[track_caller]
fn unknown<T: std::fmt::Debug>(action: &Action, effect: Effect, done: &Result<T, CallError>) {
    let Err(error) = done else { panic!("{action:?}: {done:?}") };
    assert_eq!(error.class(), "outcome_unknown", "{action:?}: {error:?}");
    let moved = if effect == Effect::Changes { Moved::Perhaps } else { Moved::No };
    assert_eq!(error.moved(), moved, "{action:?}");
}
