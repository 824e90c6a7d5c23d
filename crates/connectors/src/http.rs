//! A request and its answer as plain values. Nothing here touches a network.

use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroize;

/// The largest answer of a call that returns JSON or a form: 1 MiB.
pub const LARGEST_MESSAGE: u64 = 1 << 20;
/// The largest bill file as it crosses the line: 64 MiB.
pub const LARGEST_BILL: u64 = 64 << 20;

/// How a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`: asks.
    Get,
    /// `POST`: asks or does, see [`Effect`].
    Post,
}

impl Method {
    /// The word on the request line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What a call does at the channel once it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Only reads: it may be asked again at any time.
    Reads,
    /// Creates or changes something, perhaps moves money. A lost answer leaves that open.
    Changes,
}

/// Where a channel listens: `https://host` or `https://host:port`, without a path.
///
/// Plain `http` is accepted for the computer itself only: that is where the practice platform
/// listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(String);

impl Base {
    /// `None` unless `text` is such an address.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let url = Url::parse(text)?;
        (url.target.is_empty() && url.is_protected()).then(|| Self(text.to_owned()))
    }

    /// The address of a shop, as its owner typed it: perhaps with a folder behind the host. Plain
    /// `http` only for a shop in the house; what it leads to is checked before anything is sent,
    /// see [`crate::transport::Transport::to_shop`].
    pub fn of_shop(text: &str, intranet: bool) -> Option<Self> {
        let text = text.trim().trim_end_matches('/');
        let url = Url::parse(text)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.');
        let folder = url.target.bytes().all(plain) && !url.target.contains("..");
        let port = url.authority.split_once(':').map(|(_, port)| port.parse::<u16>().is_ok());
        let sound = folder && port != Some(false) && text.len() <= 200;
        // As the network library writes it: a name in small letters, no port that goes unsaid.
        let host = url.authority.to_ascii_lowercase();
        let usual = if url.scheme == "https" { ":443" } else { ":80" };
        let host = host.strip_suffix(usual).unwrap_or(&host);
        let written = || Self(format!("{}://{host}{}", url.scheme, url.target));
        (sound && (url.scheme == "https" || intranet)).then(written)
    }

    /// Host name with its port, where it has one.
    pub fn authority(&self) -> &str {
        Url::parse(&self.0).map_or("", |url| url.authority)
    }

    /// Host name and port; the scheme's own where none is written.
    pub fn host_and_port(&self) -> (&str, u16) {
        let Some(url) = Url::parse(&self.0) else { return ("", 0) };
        let usual = if url.scheme == "https" { 443 } else { 80 };
        let port = url.authority.split_once(':').and_then(|(_, port)| port.parse().ok());
        (url.host(), port.unwrap_or(usual))
    }

    /// The address with `target` (a path, perhaps with a query) behind it, byte for byte.
    pub fn join(&self, target: &str) -> String {
        format!("{}{target}", self.0)
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The parts of an absolute address, not normalised: a signature covers what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Url<'a> {
    /// `https` or `http`.
    pub scheme: &'a str,
    /// Host name with its port, where it has one.
    pub authority: &'a str,
    /// Path and query as written; empty when there is none.
    pub target: &'a str,
}

impl<'a> Url<'a> {
    /// `None` for anything but printable ASCII of the shape `scheme://host/target`; a user name,
    /// a fragment or an odd character in the host is refused.
    pub fn parse(text: &'a str) -> Option<Self> {
        if !text.bytes().all(|b| b.is_ascii_graphic()) || text.contains(['#', '\\']) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'_');
        let sound = !authority.is_empty() && authority.bytes().all(plain);
        (matches!(scheme, "https" | "http") && sound).then_some(Self { scheme, authority, target })
    }

    /// The host name without a port.
    pub fn host(&self) -> &'a str {
        self.authority.split_once(':').map_or(self.authority, |(host, _)| host)
    }

    /// True for `https`, and for the computer itself.
    pub fn is_protected(&self) -> bool {
        self.scheme == "https" || matches!(self.host(), "127.0.0.1" | "localhost")
    }
}

/// A request, ready to be sent as it stands.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// How it is sent.
    pub method: Method,
    /// The absolute address, percent-encoded.
    pub url: String,
    /// Names and values, in the order they are sent.
    pub headers: Vec<(&'static str, String)>,
    /// The body, byte for byte as it was signed.
    pub body: Vec<u8>,
    /// What the call does when it arrives.
    pub effect: Effect,
    /// An answer longer than this many bytes is cut off and counts as none.
    pub largest_answer: u64,
}

impl HttpRequest {
    /// A request that only reads.
    pub fn get(url: String) -> Self {
        Self::new(Method::Get, url, Vec::new(), Effect::Reads)
    }

    /// A request with a body.
    pub fn post(url: String, body: Vec<u8>, effect: Effect) -> Self {
        Self::new(Method::Post, url, body, effect)
    }

    fn new(method: Method, url: String, body: Vec<u8>, effect: Effect) -> Self {
        let largest_answer = LARGEST_MESSAGE;
        Self { method, url, headers: Vec::new(), body, effect, largest_answer }
    }

    /// The same with one more header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The value of a header, in any case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Path and query, as sent.
    pub fn target(&self) -> &str {
        Url::parse(&self.url).map_or("", |url| url.target)
    }
}

/// Some channels take a key in a header.
impl Drop for HttpRequest {
    fn drop(&mut self) {
        for (_, value) in &mut self.headers {
            value.zeroize();
        }
    }
}

/// Neither keys in headers, nor tokens in the query, nor names in the body.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.url.split('?').next().unwrap_or_default();
        let length = self.body.len();
        write!(f, "HttpRequest({} {path}, {length} bytes)", self.method.word())
    }
}

/// What came back.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// Names and values as they came.
    pub headers: Vec<(String, String)>,
    /// The body, after the transfer encoding, before anything else.
    pub body: Vec<u8>,
}

impl HttpAnswer {
    /// The value of a header, in any case of its name; the first when it came twice.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The server's clock in UTC milliseconds, where it sent one we can read.
    pub fn date_ms(&self) -> Option<i64> {
        let date = chrono::DateTime::parse_from_rfc2822(self.header("Date")?).ok()?;
        Some(date.timestamp_millis())
    }
}

impl fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpAnswer({}, {} bytes)", self.status, self.body.len())
    }
}

/// How far our clock is from a server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    /// What has to be added to our clock to get the server's, milliseconds.
    pub offset_ms: i64,
    /// The truth lies within this many milliseconds of `offset_ms`.
    pub uncertain_ms: i64,
}

impl Skew {
    /// Measured with one answer of a verified connection; `None` when it carries no date.
    ///
    /// `sent_ms` and `received_ms` are our own clock around the call. The date counts whole
    /// seconds, so half a second is added to it and to the doubt.
    pub fn measure(answer: &HttpAnswer, sent_ms: i64, received_ms: i64) -> Option<Self> {
        let wait = received_ms.saturating_sub(sent_ms).max(0);
        let middle = sent_ms.saturating_add(wait / 2);
        let server = answer.date_ms()?.saturating_add(500);
        Some(Self { offset_ms: server.saturating_sub(middle), uncertain_ms: wait / 2 + 500 })
    }

    /// True when our clock is off by more than `limit_ms` beyond doubt.
    pub fn exceeds(&self, limit_ms: i64) -> bool {
        self.offset_ms.saturating_abs().saturating_sub(self.uncertain_ms) > limit_ms
    }
}

/// Percent-encodes everything but letters, digits and `-._~` (RFC 3986, unreserved).
pub fn encode_component(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Fields of a form in UTF-8, decoded exactly once; `None` when it is no form or has a name
/// twice.
pub(crate) fn parse_form(body: &[u8]) -> Option<BTreeMap<String, String>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut fields = BTreeMap::new();
    for pair in text.split('&') {
        let (name, value) = pair.split_once('=')?;
        if fields.insert(decode_component(name)?, decode_component(value)?).is_some() {
            return None;
        }
    }
    Some(fields)
}

fn decode_component(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let high = digit(rest.next()?)?;
                u8::try_from(high * 16 + digit(rest.next()?)?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dated(date: &str) -> HttpAnswer {
        let headers = vec![("date".into(), date.into())];
        HttpAnswer { status: 200, headers, body: Vec::new() }
    }

    #[test]
    fn a_clock_that_is_wrong_is_told_from_a_slow_line() {
        let answer = dated("Thu, 01 Jan 2026 00:00:00 GMT");
        let server = 1_767_225_600_000;
        let skew = Skew::measure(&answer, server, server + 1_000).expect("dated");
        assert!(!skew.exceeds(0), "{skew:?}");
        let behind = Skew::measure(&answer, server - 301_000, server - 300_900).expect("dated");
        assert!(behind.exceeds(300_000) && behind.offset_ms > 0);
        // Ten minutes of waiting prove nothing about the clock.
        let slow = Skew::measure(&answer, server - 599_000, server + 1_000).expect("dated");
        assert!(!slow.exceeds(60_000), "{slow:?}");
        assert_eq!(Skew::measure(&dated("yesterday"), 0, 1), None);
        for date in ["", "Thu, 99 Jan 2026 00:00:00 GMT", "\u{1F600}"] {
            assert_eq!(dated(date).date_ms(), None, "{date}");
        }
    }

    #[test]
    fn only_protected_addresses_and_this_computer_are_called() {
        for good in ["https://api.example.com", "https://a.cn:8443/", "http://127.0.0.1:9100"] {
            assert!(Base::parse(good).is_some(), "{good}");
        }
        for bad in [
            "http://api.example.com",
            "https://api.example.com/path",
            "https://user@api.example.com",
            "https://",
            "https://a b.cn",
            "ftp://a.cn",
            "http://127.0.0.1.evil.cn",
            "https://a.cn#x",
            "https://例.cn",
        ] {
            assert!(Base::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_shops_address_is_typed_in_and_still_no_way_around() {
        let folder =
            Base::of_shop(" https://Shop.cn:443/blog/ ", false).expect("a shop in a folder");
        assert_eq!(folder.join("/wp-json"), "https://shop.cn/blog/wp-json");
        assert_eq!((folder.authority(), folder.host_and_port()), ("shop.cn", ("shop.cn", 443)));
        let inside = Base::of_shop("http://10.0.0.5:3000", true).expect("a shop in the house");
        assert_eq!(inside.host_and_port(), ("10.0.0.5", 3000));
        for bad in [
            "http://shop.cn",
            "https://u:p@shop.cn",
            "https://shop.cn/a?b=c",
            "https://shop.cn/../x",
            "https://shop.cn:99999",
            "https://shop.cn:",
            "file:///etc/passwd",
            "shop.cn",
        ] {
            assert!(Base::of_shop(bad, false).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_bar_in_a_number_is_written_so_that_no_library_changes_it() {
        assert_eq!(encode_component("A|1*2@3_4-5 中"), "A%7C1%2A2%403_4-5%20%E4%B8%AD");
    }

    #[test]
    fn nothing_of_a_request_is_printed_that_could_be_a_secret() {
        let request = HttpRequest::post(
            "https://a.cn/x?token=CANARY".into(),
            b"CANARY".to_vec(),
            Effect::Changes,
        )
        .with("Authorization", "CANARY");
        assert!(!format!("{request:?}").contains("CANARY"));
    }
}
