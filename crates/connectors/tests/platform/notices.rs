//! Whoever listens for the channels' notices on this computer, and when they come.

use super::Bench;
use practice::platform::{Action, Call, Fault};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A notice as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    head: String,
    pub body: Vec<u8>,
}

impl Heard {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Somebody who listens, and answers everybody alike.
pub struct Listener {
    pub url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    answer: Arc<Mutex<&'static str>>,
}

/// What every channel takes for an answer.
pub const TAKEN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess";

impl Listener {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}/told", listener.local_addr().expect("it listens"));
        let (heard, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(TAKEN)));
        let (kept, says) = (Arc::clone(&heard), Arc::clone(&answer));
        // It listens until the test ends.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Some((mut stream, one)) = stream.ok().and_then(read) else { continue };
                kept.lock().expect("nobody panics").push(one);
                let text = *says.lock().expect("nobody panics");
                // Who does not wait for the answer is none of ours.
                let _ = stream.write_all(text.as_bytes());
            }
        });
        Self { url, heard, answer }
    }

    pub fn answers(&self, text: &'static str) {
        *self.answer.lock().expect("nobody panics") = text;
    }

    /// Everything heard, once there are so many.
    #[track_caller]
    pub fn wait(&self, count: usize) -> Vec<Heard> {
        let since = Instant::now();
        loop {
            let heard = self.heard.lock().expect("nobody panics").clone();
            if heard.len() >= count {
                return heard;
            }
            let seen = heard.len();
            assert!(since.elapsed() < Duration::from_secs(20), "{seen} notices of {count}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The latest, once there are so many and no more.
    #[track_caller]
    pub fn only(&self, count: usize) -> Heard {
        let heard = self.wait(count);
        assert_eq!(heard.len(), count);
        heard.into_iter().next_back().expect("more than none")
    }
}

fn read(mut stream: TcpStream) -> Option<(TcpStream, Heard)> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let one = Heard { head, body: bytes[end + 4..].to_vec() };
            let length: usize = one.header("Content-Length")?.parse().ok()?;
            if one.body.len() >= length {
                return Some((stream, one));
            }
        }
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
    }
}

impl Bench {
    /// The next notices go wrong in this way.
    pub fn break_notices(&self, times: u32, action: Action) {
        self.platform.clear();
        self.platform.fault(Fault { on: "NOTICE".into(), skip: 0, times, action });
    }

    /// What was told so far, once somebody had so many chances to answer.
    #[track_caller]
    pub fn told(&self, count: usize) -> Vec<Call> {
        let since = Instant::now();
        loop {
            let calls = self.platform.calls().into_iter();
            let told: Vec<Call> = calls.filter(|call| call.label.starts_with("NOTICE")).collect();
            if told.len() >= count {
                assert_eq!(told.len(), count, "{told:#?}");
                return told;
            }
            assert!(since.elapsed() < Duration::from_secs(20), "{told:#?}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A notice that nobody takes comes again after these rests (seconds), and then no more. One
    /// was told of already, at the time it is now.
    #[track_caller]
    pub fn comes_again(&self, gaps_s: &[i64]) {
        let before = self.told(1).len();
        for (nth, gap_s) in gaps_s.iter().enumerate() {
            let since_ms = self.now_ms();
            self.later(gap_s * 1000 - 1);
            // A look at the clock between the two: it is not due yet.
            thread::sleep(Duration::from_millis(60));
            self.told(before + nth);
            self.later(1);
            let told = self.told(before + nth + 1);
            let at_ms = told.last().map(|call| call.at_ms);
            assert_eq!(at_ms, Some(since_ms + gap_s * 1000), "try {nth}");
        }
        self.later(7 * 86_400_000);
        thread::sleep(Duration::from_millis(60));
        self.told(before + gaps_s.len());
    }
}

#[test]
fn nobody_is_called_who_is_not_on_this_computer() {
    let bench = super::bench(domain::Channel::Stripe, |_| {});
    let elsewhere = ["https://127.0.0.1:1/", "http://example.com/", "http://127.0.0.2/", "", "x"];
    for url in elsewhere {
        assert_eq!(bench.platform.endpoint(url), None, "{url}");
    }
    assert!(bench.platform.endpoint("http://localhost:1/told").is_some());
}
