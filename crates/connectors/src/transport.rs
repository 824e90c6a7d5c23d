//! The only socket: sends a request as it stands, reads its answer within limits, waits.
//!
//! What it must get right is the one question nobody can answer later: whether anything was sent.
//! A connection serves one call and is never used again, so a failure before it stands means
//! "not sent", and a failure after that means "nobody knows". It follows no redirect, unpacks
//! nothing, keeps no cookie, and repeats a call only where the repeat can do no harm.
//!
//! Calls block; never make one from an async task.

use crate::error::{Act, CallError, Doubt, NotSent};
use crate::http::{Base, Effect, HttpAnswer, HttpRequest, Method};
use crate::plan::{Pace, RateLimit};
use domain::Channel;
use reqwest::blocking::{Client, ClientBuilder, Response};
use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Read;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use thiserror::Error;

mod address;
#[cfg(test)]
mod tests;

/// Longest wait for our own limit of calls; beyond it the caller plans anew.
const LONGEST_PACE_MS: i64 = 5_000;

/// How long anything may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until the answer begins, and between any two pieces of it.
    pub idle: Duration,
    /// From the first byte sent to the last one read.
    pub total: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(120),
        }
    }
}

/// How to get out of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// As the computer is set up.
    System,
    /// Straight, whatever the computer says.
    Direct,
    /// Through this proxy: `http://host:port`, `socks5h://host:port`.
    Proxy(String),
}

/// How often and how soon a call is repeated that may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// All attempts together, the first among them.
    pub attempts: u32,
    /// Wait after the first, doubled after each further one.
    pub first_wait: Duration,
    /// No wait is longer.
    pub longest_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        let (first_wait, longest_wait) = (Duration::from_millis(500), Duration::from_secs(5));
        Self { attempts: 3, first_wait, longest_wait }
    }
}

impl Retry {
    /// A single attempt.
    pub const ONCE: Self =
        Self { attempts: 1, first_wait: Duration::ZERO, longest_wait: Duration::ZERO };

    /// Half the doubled wait, and a part of the other half by chance (0 to 255): shops that lost
    /// the channel together must not come back together.
    fn wait(&self, attempt: u32, chance: u8) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << attempt.min(16));
        let whole = doubled.min(self.longest_wait);
        let half = whole / 2;
        half + half * u32::from(chance) / 255
    }
}

/// True when the same call may be made again at once: it never left, or it only reads and the
/// failure may pass.
pub fn may_repeat(error: &CallError) -> bool {
    match error {
        CallError::NotSent { cause, .. } => {
            matches!(cause, NotSent::NoHost | NotSent::NoConnection)
        }
        CallError::OutcomeUnknown { effect: Effect::Reads, .. } => {
            matches!(error.act(), Act::AskAgain | Act::SlowDown)
        }
        _ => false,
    }
}

/// Why there is no transport.
#[derive(Debug, Error)]
pub enum TransportProblem {
    /// The proxy's address is none.
    #[error("the proxy is no address")]
    Proxy,
    /// TLS or the resolver could not be set up.
    #[error("the network could not be set up")]
    SetUp(#[source] reqwest::Error),
}

/// Whose call it is, and how often such a call may be made.
#[derive(Clone, Copy, Debug)]
pub struct Slot<'a> {
    /// Whom we call.
    pub channel: Channel,
    /// Our account there; each has limits of its own.
    pub account: &'a str,
    /// The limit of this kind of call.
    pub limit: RateLimit,
}

/// An answer and when it was had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The answer.
    pub answer: HttpAnswer,
    /// Our clock before the call, UTC milliseconds.
    pub sent_ms: i64,
    /// Our clock after it.
    pub received_ms: i64,
}

/// Sends requests.
#[derive(Debug)]
pub struct Transport {
    client: Client,
    timing: Timing,
    paces: Mutex<BTreeMap<(Channel, String, &'static str), Pace>>,
}

impl Transport {
    /// Ready to send.
    ///
    /// # Errors
    /// [`TransportProblem`].
    pub fn new(timing: Timing, route: &Route) -> Result<Self, TransportProblem> {
        let client = routed(builder(timing), route)?.build().map_err(TransportProblem::SetUp)?;
        Ok(Self { client, timing, paces: Mutex::default() })
    }

    /// Ready to send to a shop whose address somebody typed in.
    ///
    /// Its host is looked up once, here; the address is checked, and every call goes to that very
    /// address, whatever the name leads to later. `intranet` allows a shop in the house. A proxy
    /// is used only where `route` names one: it looks names up itself, so there only what is found
    /// here is checked.
    ///
    /// # Errors
    /// [`CallError::NotSent`]: the host was not found, or leads where no shop may stand.
    pub fn to_shop(
        timing: Timing,
        route: &Route,
        base: &Base,
        intranet: bool,
    ) -> Result<Self, CallError> {
        let look_up = |host: &str, port| Ok((host, port).to_socket_addrs()?.collect());
        Self::to_shop_found_by(timing, route, base, intranet, &look_up)
    }

    fn to_shop_found_by(
        timing: Timing,
        route: &Route,
        base: &Base,
        intranet: bool,
        look_up: &dyn Fn(&str, u16) -> std::io::Result<Vec<SocketAddr>>,
    ) -> Result<Self, CallError> {
        let not_sent = |cause| CallError::NotSent { channel: Channel::Shop, cause };
        let invalid = |rule| not_sent(NotSent::Invalid { field: "base", rule });
        let (host, port) = base.host_and_port();
        let found = look_up(host, port).unwrap_or_default();
        let through_proxy = matches!(route, Route::Proxy(_));
        if found.is_empty() && !through_proxy {
            return Err(not_sent(NotSent::NoHost));
        }
        for address in &found {
            address::check(address.ip(), intranet).map_err(invalid)?;
        }
        let direct = if through_proxy { route } else { &Route::Direct };
        let builder = routed(builder(timing), direct)
            .map_err(|_| not_sent(NotSent::Invalid { field: "proxy", rule: "is no address" }))?;
        let client = builder.resolve_to_addrs(host, &found).build();
        let client = client.map_err(|_| not_sent(NotSent::NoConnection))?;
        Ok(Self { client, timing, paces: Mutex::default() })
    }

    /// Builds, sends and reads a call, and does so again where that can do no harm. `build` makes
    /// the request of one attempt, so that each is signed anew.
    ///
    /// # Errors
    /// What the last attempt failed with.
    pub fn call<T>(
        &self,
        slot: Slot<'_>,
        retry: Retry,
        mut build: impl FnMut() -> Result<HttpRequest, CallError>,
        mut read: impl FnMut(&Reply) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let mut attempt = 0;
        loop {
            let request = build()?;
            self.pace(slot)?;
            let done = self.send(slot.channel, &request).and_then(|reply| read(&reply));
            attempt += 1;
            match done {
                Err(error) if attempt < retry.attempts && may_repeat(&error) => {
                    std::thread::sleep(retry.wait(attempt - 1, chance()));
                }
                done => return done,
            }
        }
    }

    /// Waits for a place among the calls of this kind.
    fn pace(&self, slot: Slot<'_>) -> Result<(), CallError> {
        let key = (slot.channel, slot.account.to_owned(), slot.limit.call);
        loop {
            let wait = {
                let mut paces = self.paces.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                paces.entry(key.clone()).or_default().take(slot.limit, now_ms())
            };
            match wait {
                0 => return Ok(()),
                // Bounded, so it fits.
                1..=LONGEST_PACE_MS => std::thread::sleep(Duration::from_millis(wait as u64)),
                _ => {
                    let (channel, cause) = (slot.channel, NotSent::OverLimit);
                    return Err(CallError::NotSent { channel, cause });
                }
            }
        }
    }

    /// Sends a request once and reads its answer, whatever its status.
    ///
    /// # Errors
    /// [`CallError::NotSent`] when no connection came about, [`CallError::OutcomeUnknown`] for
    /// everything after that.
    pub fn send(&self, channel: Channel, request: &HttpRequest) -> Result<Reply, CallError> {
        let sent_ms = now_ms();
        let began = Instant::now();
        let mut builder = match request.method {
            Method::Get => self.client.get(&request.url),
            Method::Post => self.client.post(&request.url).body(request.body.clone()),
        };
        for (name, value) in &request.headers {
            let invalid = NotSent::Invalid { field: "header", rule: "cannot be written" };
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| CallError::NotSent { channel, cause: invalid })?;
            // Printed as `Sensitive` wherever the library prints one.
            value.set_sensitive(true);
            builder = builder.header(*name, value);
        }
        // One call, one connection.
        builder = builder.header("Connection", "close");
        let built = builder.build();
        let invalid = NotSent::Invalid { field: "request", rule: "cannot be written" };
        let built = built.map_err(|_| CallError::NotSent { channel, cause: invalid })?;
        // A library that writes the address in another way would send what was not signed.
        if built.url().as_str() != request.url {
            let cause = NotSent::Invalid { field: "url", rule: "is not in its final form" };
            return Err(CallError::NotSent { channel, cause });
        }
        let response = self
            .client
            .execute(built)
            .map_err(|error| classify(channel, request.effect, &error))?;
        let doubt = |doubt| CallError::OutcomeUnknown { channel, effect: request.effect, doubt };
        let answer = self.read(response, request.largest_answer, began).map_err(doubt)?;
        Ok(Reply { answer, sent_ms, received_ms: now_ms() })
    }

    fn read(&self, mut response: Response, most: u64, began: Instant) -> Result<HttpAnswer, Doubt> {
        let status = response.status().as_u16();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
        if response.content_length().is_some_and(|length| length > most) {
            return Err(Doubt::TooLarge);
        }
        let mut body = Vec::new();
        let mut piece = [0; 16 * 1024];
        loop {
            if began.elapsed() > self.timing.total {
                return Err(Doubt::TimedOut);
            }
            match response.read(&mut piece) {
                Ok(0) => return Ok(HttpAnswer { status, headers, body }),
                Ok(length) => body.extend_from_slice(&piece[..length]),
                Err(error) if is_timeout(&error) => return Err(Doubt::TimedOut),
                Err(_) => return Err(Doubt::Cut),
            }
            if body.len() as u64 > most {
                return Err(Doubt::TooLarge);
            }
        }
    }
}

/// A client that does what it is told and nothing else.
fn builder(timing: Timing) -> ClientBuilder {
    Client::builder()
        .connect_timeout(timing.connect)
        .timeout(timing.idle)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only()
        .pool_max_idle_per_host(0)
}

fn routed(builder: ClientBuilder, route: &Route) -> Result<ClientBuilder, TransportProblem> {
    match route {
        Route::System => Ok(builder),
        Route::Direct => Ok(builder.no_proxy()),
        Route::Proxy(address) => {
            let proxy = reqwest::Proxy::all(address).map_err(|_| TransportProblem::Proxy)?;
            Ok(builder.no_proxy().proxy(proxy))
        }
    }
}

/// Whether anything was sent when a call broke off without an answer.
fn classify(channel: Channel, effect: Effect, error: &reqwest::Error) -> CallError {
    if error.is_connect() || error.is_builder() {
        return CallError::NotSent { channel, cause: cause(error) };
    }
    let doubt = if error.is_timeout() { Doubt::TimedOut } else { Doubt::Cut };
    CallError::OutcomeUnknown { channel, effect, doubt }
}

fn cause(error: &reqwest::Error) -> NotSent {
    let mut source = error.source();
    while let Some(error) = source {
        // The resolver's error has no type one could ask for.
        if error.to_string().starts_with("dns error") {
            return NotSent::NoHost;
        }
        if error.downcast_ref::<std::io::Error>().is_some_and(is_refused_by_tls) {
            return NotSent::NotProtected;
        }
        source = error.source();
    }
    NotSent::NoConnection
}

/// What TLS refuses arrives as data that is not what it should be, at times in a wrapping.
fn is_refused_by_tls(error: &std::io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<std::io::Error>());
    error.kind() == std::io::ErrorKind::InvalidData || inner.is_some_and(is_refused_by_tls)
}

fn is_timeout(error: &std::io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>());
    error.kind() == std::io::ErrorKind::TimedOut || inner.is_some_and(reqwest::Error::is_timeout)
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A byte by chance; the middle when there is none to be had.
fn chance() -> u8 {
    let mut byte = [127];
    // Without chance the waits are merely even.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    byte[0]
}
