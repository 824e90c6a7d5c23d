//! The platform as a caller meets it: over a socket, with the keys of its set-up.

mod alipay;
mod stripe;
mod union_pay;
mod wechat_pay;

use super::keys::{self, Signer};
use super::{Platform, Settings};
use crate::options::{Options, Plant};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 2026-01-27 12:00 in Beijing, the day after the season's last.
pub(super) const NOON: i64 = 1_769_486_400_000;
const HOUR: i64 = 3_600_000;

/// A platform over twelve quiet days from 2026-01-15, and its clock.
pub(super) struct Bench {
    pub platform: Platform,
    pub clock: Arc<AtomicI64>,
}

pub(super) fn bench(change: impl FnOnce(&mut Settings)) -> Bench {
    let clock = Arc::new(AtomicI64::new(NOON));
    let told = Arc::clone(&clock);
    let shop = Options { days: 12, size: 4, planted: Plant::None, ..Options::default() };
    let mut settings = Settings::new(shop, Arc::new(move || told.load(Ordering::SeqCst)));
    change(&mut settings);
    Bench { platform: Platform::start(settings).unwrap(), clock }
}

/// An answer as it came.
#[derive(Debug, Default)]
pub(super) struct Got {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Got {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Bench {
    pub(super) fn now_ms(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub(super) fn later(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sends a request and reads what comes until the other side closes; `None` when it broke.
    pub(super) fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, String)],
        body: &str,
    ) -> Option<Got> {
        let address = self.platform.base().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let mut text = format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += &format!("Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(text.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Got { status, head, body: bytes[end + 4..].to_vec() })
    }

    pub(super) fn field(&self, channel: &str, name: &str) -> String {
        self.platform.setup(channel).unwrap().fields[name].clone()
    }

    pub(super) fn signer(&self, channel: &str) -> Signer {
        Signer::new(&self.field(channel, "private_key_pem"))
    }
}
