//! Notices: what a channel posts by itself to the address that a payment or a refund named.
//!
//! Source: the documents' chapters on callbacks, notifications, back notices and webhooks. Only
//! addresses on this computer are called; of what names any other, nobody is told. A notice that
//! is not taken comes again on the channel's own schedule, by the clock that the caller turns.

use super::http::{self, Request};
use super::script::{Action, Call};
use super::{Turn, World, alipay, lock, stripe, union_pay, wechat_pay};
use serde_json::Value;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// While something waits, the clock is looked at so often.
const LOOK: Duration = Duration::from_millis(20);
/// Whoever is told has so long to answer: WeChat Pay's five seconds, for all.
const PATIENCE: Duration = Duration::from_secs(5);

/// When a channel posts again, and what it takes for an answer.
struct Terms {
    channel: &'static str,
    /// From one try to the next, seconds.
    gaps_s: &'static [i64],
    takes: fn(u16, &[u8]) -> bool,
}

/// UnionPay's gaps are quoted in two ways; Stripe's are of the test mode, "three times over a few
/// hours", without saying when.
const TERMS: [Terms; 4] = [
    Terms {
        channel: "wechat_pay",
        gaps_s: &[
            15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600,
        ],
        takes: |status, _| matches!(status, 200 | 204),
    },
    Terms {
        channel: "alipay",
        gaps_s: &[240, 600, 600, 3600, 7200, 21600, 54000],
        takes: |status, body| status == 200 && body == b"success",
    },
    Terms {
        channel: "union_pay",
        gaps_s: &[60, 120, 240, 300],
        takes: |status, _| matches!(status, 200 | 302),
    },
    Terms {
        channel: "stripe",
        gaps_s: &[600, 3600, 10800],
        takes: |status, _| (200..300).contains(&status),
    },
];

/// What a notice tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    /// `payment`, `refund`, or Stripe's type of an event.
    pub what: String,
    /// The merchant's number; Stripe's of the object.
    pub number: String,
    /// What the number alone does not say: Alipay's trade of a refund, UnionPay's time.
    pub of: String,
}

impl Subject {
    pub(super) fn payment(number: &str, of: &str) -> Self {
        Self { what: "payment".into(), number: number.into(), of: of.into() }
    }

    pub(super) fn refund(number: &str, of: &str) -> Self {
        Self { what: "refund".into(), number: number.into(), of: of.into() }
    }
}

/// Headers and body of a try.
pub(super) type Post = (Vec<(&'static str, String)>, String);

/// Something to tell.
#[derive(Debug)]
struct Notice {
    channel: &'static str,
    url: String,
    subject: Subject,
    /// What is said, made before the first try: the same on every one.
    said: Option<Value>,
    due_ms: i64,
    tries: usize,
}

/// What waits to be told.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Vec<Notice>,
    /// What is being put into words: whoever notes it again meanwhile adds nothing.
    making: Option<(&'static str, Subject)>,
    /// Where Stripe's events go.
    endpoint: Option<String>,
}

impl Outbox {
    /// Notes what is to be told from `due_ms` on. The same thing, while nobody was told of it yet,
    /// is told once, at the earlier of the two times.
    pub(super) fn add(
        &self,
        channel: &'static str,
        url: Option<&str>,
        subject: Subject,
        due_ms: i64,
    ) {
        self.put(channel, url, subject, None, due_ms);
    }

    fn put(
        &self,
        channel: &'static str,
        url: Option<&str>,
        subject: Subject,
        said: Option<Value>,
        due_ms: i64,
    ) {
        let Some(url) = url.filter(|url| Address::parse(url).is_some()) else { return };
        let mut inner = lock(&self.inner);
        if inner.making.as_ref().is_some_and(|(c, s)| *c == channel && *s == subject) {
            return;
        }
        let same = |n: &&mut Notice| n.tries == 0 && n.channel == channel && n.subject == subject;
        match inner.waiting.iter_mut().find(same) {
            Some(known) => known.due_ms = known.due_ms.min(due_ms),
            None => {
                let url = url.to_owned();
                inner.waiting.push(Notice { channel, url, subject, said, due_ms, tries: 0 });
            }
        }
        drop(inner);
        self.changed.notify_all();
    }

    /// An event of Stripe's, for the endpoint if there is one.
    pub(super) fn event(&self, kind: &str, number: &str, event: Value, now_ms: i64) {
        let endpoint = lock(&self.inner).endpoint.clone();
        let (what, of) = (kind.to_owned(), event["id"].as_str().unwrap_or_default().to_owned());
        let subject = Subject { what, number: number.to_owned(), of };
        self.put("stripe", endpoint.as_deref(), subject, Some(event), now_ms);
    }

    /// From now on Stripe's events go there; false for an address that is not on this computer.
    pub(super) fn set_endpoint(&self, url: &str) -> bool {
        let is_here = Address::parse(url).is_some();
        lock(&self.inner).endpoint = is_here.then(|| url.to_owned());
        is_here
    }

    /// Wakes whoever waits for something to tell.
    pub(super) fn wake(&self) {
        // Whoever has looked and not yet begun to wait holds the lock.
        drop(lock(&self.inner));
        self.changed.notify_all();
    }

    /// Waits until there may be something to tell.
    fn wait(&self, stop: &AtomicBool) {
        let mut inner = lock(&self.inner);
        while inner.waiting.is_empty() && !stop.load(Ordering::SeqCst) {
            inner = self.changed.wait(inner).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }

    fn take_due(&self, now_ms: i64) -> Option<Notice> {
        let mut inner = lock(&self.inner);
        let at = inner.waiting.iter().position(|notice| notice.due_ms <= now_ms)?;
        let notice = inner.waiting.remove(at);
        inner.making = Some((notice.channel, notice.subject.clone()));
        Some(notice)
    }
}

/// Tells what is due, until the platform stops.
pub(super) fn spawn(world: Arc<World>, stop: Arc<AtomicBool>) -> io::Result<JoinHandle<()>> {
    let tell = move || {
        while !stop.load(Ordering::SeqCst) {
            world.notices.wait(&stop);
            let now_ms = (world.settings.clock)();
            while let Some(notice) = world.notices.take_due(now_ms) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                tell_one(&world, notice, now_ms);
            }
            thread::sleep(LOOK);
        }
    };
    thread::Builder::new().name("practice-notices".into()).spawn(tell)
}

/// One try; what was not taken waits for the next.
fn tell_one(world: &World, mut notice: Notice, now_ms: i64) {
    if notice.said.is_none() {
        notice.said = put_into_words(world, notice.channel, &notice.subject, now_ms);
    }
    lock(&world.notices.inner).making = None;
    // What has not come to pass, such as an order that was closed meanwhile, is told to nobody.
    let Some(said) = notice.said.clone() else { return };
    let Subject { what, number, .. } = &notice.subject;
    let label = format!("NOTICE {} {what} {number} {}", notice.channel, notice.url);
    let action = world.script().take_notice(&label);
    let times = if action == Some(Action::Twice) { 2 } else { 1 };
    let terms = TERMS.iter().find(|terms| terms.channel == notice.channel);
    let mut taken = false;
    for _ in 0..times {
        let skew = if let Some(Action::Skew { ms }) = action { ms } else { 0 };
        let turn = Turn { now_ms: now_ms + skew, action: action.clone() };
        let post = dress(world, &turn, notice.channel, &said);
        let (status, body) = send(&notice.url, &turn, post).unwrap_or_default();
        taken = terms.is_some_and(|terms| (terms.takes)(status, &body));
        let (label, fault) = (label.clone(), action.clone());
        world.script().note(Call { at_ms: now_ms, label, status, fault });
    }
    let gap_s = terms.and_then(|terms| terms.gaps_s.get(notice.tries).copied());
    if let Some(gap_s) = gap_s.filter(|_| !taken) {
        notice.tries += 1;
        notice.due_ms = now_ms + gap_s * 1000;
        lock(&world.notices.inner).waiting.push(notice);
    }
}

fn put_into_words(world: &World, channel: &str, subject: &Subject, now_ms: i64) -> Option<Value> {
    match channel {
        "wechat_pay" => wechat_pay::notice(world, subject, now_ms),
        "alipay" => alipay::notice(world, subject, now_ms),
        "union_pay" => union_pay::notice(world, subject, now_ms),
        _ => None,
    }
}

/// Signs a try as the channel does.
fn dress(world: &World, turn: &Turn, channel: &str, said: &Value) -> Post {
    match channel {
        "wechat_pay" => wechat_pay::post(world, turn, said),
        "alipay" => alipay::post(world, turn, said),
        "union_pay" => union_pay::post(world, turn, said),
        _ => stripe::post_event(turn, said),
    }
}

/// Status and body of the answer.
fn send(url: &str, turn: &Turn, (headers, body): Post) -> io::Result<(u16, Vec<u8>)> {
    let address = Address::parse(url).ok_or(io::ErrorKind::InvalidInput)?;
    match turn.action {
        Some(Action::ResetBefore) => return Err(io::ErrorKind::ConnectionReset.into()),
        Some(Action::Delay { ms }) => thread::sleep(Duration::from_millis(ms)),
        _ => {}
    }
    let mut body = body.into_bytes();
    if let Some(Action::Flip { bit }) = turn.action {
        let at = bit / 8 % body.len().max(1);
        if let Some(byte) = body.get_mut(at) {
            *byte ^= 1 << (bit % 8);
        }
    }
    let mut stream = TcpStream::connect_timeout(&address.socket, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut head = format!("POST {} HTTP/1.1\r\nHost: {}\r\n", address.target, address.host);
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\nConnection: close\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)?;
    if turn.action == Some(Action::ResetAfter) {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    http::read_answer(&mut stream)
}

/// An address on this computer.
struct Address {
    socket: SocketAddr,
    host: String,
    target: String,
}

impl Address {
    fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?;
        let at = rest.find('/').unwrap_or(rest.len());
        let (host, target) = rest.split_at(at);
        let (name, port) = host.split_once(':').unwrap_or((host, "80"));
        let is_here = matches!(name, "127.0.0.1" | "localhost");
        let plain = target.bytes().all(|b| b.is_ascii_graphic());
        let port = port.parse().ok().filter(|_| is_here && plain)?;
        let target = if target.is_empty() { "/".to_owned() } else { target.to_owned() };
        Some(Self { socket: (Ipv4Addr::LOCALHOST, port).into(), host: host.to_owned(), target })
    }
}

/// `POST /practice/endpoint {"url": …}`: where Stripe's events go, and what they are signed with.
pub(super) fn endpoint(world: &World, request: &Request) -> Option<Value> {
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    let url = body.get("url").and_then(Value::as_str)?;
    let is_here = world.notices.set_endpoint(url);
    is_here.then(|| serde_json::json!({ "done": true, "secret": stripe::WEBHOOK_SECRET }))
}
