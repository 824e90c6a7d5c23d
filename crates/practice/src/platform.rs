//! The practice platform: the channels' true protocols on this computer, over the practice shop.
//!
//! One listener on 127.0.0.1 speaks for every channel; their paths do not overlap. It verifies
//! what each channel verifies, answers with the channel's own bodies and signatures, and gives
//! out bills on the channel's own schedule by a clock that the caller turns. A script breaks
//! calls on demand, down to the bytes.
//!
//! Written from the channels' documents alone, without the readers it is used to test.

mod alipay;
mod by_hand;
mod clock;
mod control;
mod counter;
mod http;
mod keys;
mod notices;
mod script;
mod season;
mod server;
mod setup;
mod stripe;
#[cfg(test)]
mod tests;
mod union_pay;
mod wechat_pay;

pub use clock::Clock;
pub use script::{Action, BillFault, BillTwist, Call, Fault};
pub use setup::Setup;

use crate::options::Options;
use http::{Answer, Request};
use script::Script;
use season::Season;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

/// How WeChat Pay's answers are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WechatKeys {
    /// With the WeChat Pay public key, whose id every request names.
    #[default]
    PublicKey,
    /// With platform certificates, which the merchant fetches.
    Certificates,
}

/// How an app and Alipay know each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlipayKeys {
    /// By bare public keys.
    #[default]
    PublicKey,
    /// By certificates.
    Certificates,
}

/// What to serve, and how.
#[derive(Clone)]
pub struct Settings {
    /// The shop. Bills are of single days, whatever its layout says.
    pub shop: Options,
    /// The channels' clock.
    pub clock: Clock,
    /// Port to listen on; any free one when 0.
    pub port: u16,
    /// How WeChat Pay's answers are signed.
    pub wechat_keys: WechatKeys,
    /// How the app at Alipay is set up.
    pub alipay_keys: AlipayKeys,
    /// True when what is said to Alipay is sealed with AES besides.
    pub alipay_sealed: bool,
    /// From this amount on (fen), a buyer at Alipay whose code is scanned has to type a password.
    pub alipay_password_from: Option<i64>,
    /// Card sales a day at UnionPay. They stand beside the shop's own sales: neither its files nor
    /// its truth know of them.
    pub union_pay_sales: u32,
    /// Card sales a day at Stripe, likewise.
    pub stripe_sales: u32,
    /// Orders made over the protocol are paid by themselves after so long.
    pub pays_after_ms: Option<i64>,
    /// Refunds are done so long after they were accepted.
    pub refunds_after_ms: i64,
    /// True when bills are made at the start instead of when they are asked for: for measuring
    /// whoever asks. It takes the memory of all of them.
    pub bills_made: bool,
}

impl Settings {
    /// The shop by this clock, everything else as most merchants have it.
    pub fn new(shop: Options, clock: Clock) -> Self {
        Self {
            shop,
            clock,
            port: 0,
            wechat_keys: WechatKeys::default(),
            alipay_keys: AlipayKeys::default(),
            alipay_sealed: false,
            alipay_password_from: None,
            union_pay_sales: 0,
            stripe_sales: 0,
            pays_after_ms: None,
            refunds_after_ms: 3000,
            bills_made: false,
        }
    }
}

/// The platform, listening until it is dropped.
pub struct Platform {
    world: Arc<World>,
    stop: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
    telling: Option<JoinHandle<()>>,
    port: u16,
}

impl Platform {
    /// Plays the shop's season and starts to listen on 127.0.0.1.
    ///
    /// # Errors
    /// The port is taken, or this computer gives none.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))?;
        let port = listener.local_addr()?.port();
        let mut season = Season::new(&settings.shop);
        if settings.bills_made {
            season.make_bills();
        }
        let world = Arc::new(World {
            season,
            union_season: union_pay::Season::new(&settings.shop, settings.union_pay_sales),
            stripe_season: stripe::Season::new(&settings.shop, settings.stripe_sales),
            base: format!("http://127.0.0.1:{port}"),
            settings,
            script: Mutex::default(),
            wechat: Mutex::default(),
            alipay: Mutex::default(),
            union: Mutex::default(),
            stripe: Mutex::default(),
            notices: notices::Outbox::default(),
        });
        let stop = Arc::new(AtomicBool::new(false));
        let accepting = server::spawn(listener, Arc::clone(&world), Arc::clone(&stop))?;
        let telling = notices::spawn(Arc::clone(&world), Arc::clone(&stop))?;
        Ok(Self { world, stop, accepting: Some(accepting), telling: Some(telling), port })
    }

    /// `http://127.0.0.1:PORT`, for every channel.
    pub fn base(&self) -> &str {
        &self.world.base
    }

    /// What a merchant has to know to call a channel: `wechat_pay`.
    pub fn setup(&self, channel: &str) -> Option<Setup> {
        self.setups().into_iter().find(|setup| setup.channel == channel)
    }

    /// Every channel's set-up.
    pub fn setups(&self) -> Vec<Setup> {
        setup::all(&self.world)
    }

    /// Adds a line to the script.
    pub fn fault(&self, fault: Fault) {
        self.world.script().faults.push(fault);
    }

    /// Makes a bill be wrong.
    pub fn bill(&self, fault: BillFault) {
        self.world.script().bills.push(fault);
    }

    /// Empties the script.
    pub fn clear(&self) {
        let mut script = self.world.script();
        script.faults.clear();
        script.bills.clear();
    }

    /// Everything that was called and told, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.world.script().calls.clone()
    }

    /// From now on the channel signs with its next key; false for a channel that has none.
    pub fn rotate(&self, channel: &str) -> bool {
        self.world.rotate(channel)
    }

    /// The customer pays an order made over the protocol; false when there is none to pay.
    pub fn pay(&self, channel: &str, order: &str) -> bool {
        self.world.pay(channel, order, false)
    }

    /// The same at WeChat Pay and Alipay for an order that is closed already: channels say that it
    /// cannot be, and bills show it.
    pub fn pay_late(&self, channel: &str, order: &str) -> bool {
        self.world.pay(channel, order, true)
    }
}

impl Platform {
    /// From now on Stripe's events are posted there; the secret they are signed with, or `None`
    /// for an address that is not on this computer. The other channels post to the address that
    /// a payment or a refund names.
    pub fn endpoint(&self, url: &str) -> Option<&'static str> {
        self.world.notices.set_endpoint(url).then_some(stripe::WEBHOOK_SECRET)
    }

    /// Decides what becomes of a refund asked for over the protocol: `SUCCESS`, `CLOSED`,
    /// `ABNORMAL`; false when there is no such refund or no such word.
    pub fn decide_refund(&self, channel: &str, refund: &str, state: &str) -> bool {
        self.world.decide_refund(channel, refund, state)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener; when that fails, it is no longer there.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        self.world.notices.wake();
        for thread in [self.accepting.take(), self.telling.take()].into_iter().flatten() {
            let _ = thread.join();
        }
    }
}

/// Everything the channels share.
struct World {
    settings: Settings,
    season: Season,
    union_season: union_pay::Season,
    stripe_season: stripe::Season,
    base: String,
    script: Mutex<Script>,
    wechat: Mutex<wechat_pay::Live>,
    alipay: Mutex<alipay::Live>,
    union: Mutex<union_pay::Live>,
    stripe: Mutex<stripe::Live>,
    notices: notices::Outbox,
}

/// One call: when it is, and what the script does to it.
struct Turn {
    now_ms: i64,
    action: Option<Action>,
}

impl World {
    fn script(&self) -> MutexGuard<'_, Script> {
        lock(&self.script)
    }

    fn rotate(&self, channel: &str) -> bool {
        match channel {
            "wechat_pay" => lock(&self.wechat).rotated = true,
            "alipay" => lock(&self.alipay).rotated = true,
            "union_pay" => lock(&self.union).rotated = true,
            _ => return false,
        }
        true
    }

    fn pay(&self, channel: &str, order: &str, late: bool) -> bool {
        let now_ms = (self.settings.clock)();
        match channel {
            "wechat_pay" => wechat_pay::pay(self, order, now_ms, late),
            "alipay" => alipay::pay(self, order, now_ms, late),
            "union_pay" => union_pay::pay(self, order, now_ms),
            _ => false,
        }
    }

    fn decide_refund(&self, channel: &str, refund: &str, state: &str) -> bool {
        let known = ["SUCCESS", "CLOSED", "ABNORMAL"].into_iter().find(|known| *known == state);
        match (channel, known) {
            ("wechat_pay", Some(state)) => wechat_pay::decide(self, refund, state),
            _ => false,
        }
    }

    /// The answer of the channel whose path it is.
    fn answer(&self, turn: &Turn, request: &Request) -> Answer {
        match request.path() {
            "/gateway.do" => alipay::answer(self, turn, request),
            "/downloadBillFile.resource" => alipay::download(self, turn, request),
            path if path.starts_with("/v3/") => wechat_pay::answer(self, turn, request),
            path if path == "/" || path.starts_with("/gateway/api/") => {
                union_pay::answer(self, turn, request)
            }
            path if path.starts_with("/v1/") => stripe::answer(self, turn, request),
            path if path.starts_with("/practice/") => control::answer(self, request),
            _ => Answer::empty(404),
        }
    }
}

/// A call that panicked must not stop the others.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
