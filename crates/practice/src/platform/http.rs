//! HTTP/1.1 as bytes: enough of a server that a script can break it anywhere.

use super::clock::http_date;
use std::io::{self, Read, Write};
use std::net::TcpStream;

/// A request's head may be this long.
const LARGEST_HEAD: usize = 64 << 10;
/// And its body.
const LARGEST_BODY: usize = 16 << 20;

/// A request as it came.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub method: String,
    /// Path and query as they came, without the host.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// The path, still percent-encoded.
    pub(super) fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(path, _)| path)
    }

    /// The query, still percent-encoded; empty when there is none.
    pub(super) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The value of a header, by its name in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A parameter of the query, decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        form(self.query()).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// An answer, ready to be written.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(status: u16, kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("Content-Type", kind.into())], body: body.into() }
    }

    /// A status and nothing else.
    pub(super) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(super) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string())
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Head and body. The length announced is the whole one, whatever will be sent of it.
    pub(super) fn bytes(&self, now_ms: i64, close: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        head.push_str(&format!("Date: {}\r\n", http_date(now_ms)));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.status != 204 {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str(if close { "Connection: close\r\n\r\n" } else { "\r\n" });
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Other",
    }
}

/// Reads the next request; `None` when the other side has no more.
///
/// # Errors
/// What is no HTTP, too long, or cut.
pub(super) fn read(stream: &mut TcpStream, rest: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let mut piece = [0; 16 << 10];
    let head = loop {
        if let Some(end) = rest.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if rest.len() > LARGEST_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        match stream.read(&mut piece)? {
            0 if rest.is_empty() => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => rest.extend_from_slice(&piece[..length]),
        }
    };
    let mut request = parse(&rest[..head]).ok_or(io::ErrorKind::InvalidData)?;
    rest.drain(..head);
    if request.header("Expect").is_some_and(|e| e.eq_ignore_ascii_case("100-continue")) {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let chunked =
        request.header("Transfer-Encoding").is_some_and(|t| t.eq_ignore_ascii_case("chunked"));
    let length = request.header("Content-Length").map_or(Ok(0), str::parse::<usize>);
    let length = length.map_err(|_| io::ErrorKind::InvalidData)?;
    if length > LARGEST_BODY {
        return Err(io::ErrorKind::InvalidData.into());
    }
    loop {
        let done = if chunked {
            unchunk(rest)?
        } else {
            (rest.len() >= length).then(|| (rest[..length].to_vec(), length))
        };
        if let Some((body, used)) = done {
            request.body = body;
            rest.drain(..used);
            return Ok(Some(request));
        }
        match stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => rest.extend_from_slice(&piece[..read]),
        }
        if rest.len() > LARGEST_BODY {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// Reads status and body of an answer; without a length it ends with the connection.
///
/// # Errors
/// What is no HTTP, too long, cut, or too late.
pub(super) fn read_answer(stream: &mut TcpStream) -> io::Result<(u16, Vec<u8>)> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut piece)?;
        bytes.extend_from_slice(&piece[..read]);
        if let Some(whole) = parse_answer(&bytes, read == 0)? {
            return Ok(whole);
        }
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if bytes.len() > LARGEST_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// The answer, once it is whole.
fn parse_answer(bytes: &[u8], ended: bool) -> io::Result<Option<(u16, Vec<u8>)>> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = parsed.parse(bytes).map_err(|_| invalid())? else {
        return Ok(None);
    };
    let status = parsed.code.ok_or_else(invalid)?;
    let header = |name: &str| {
        let found = parsed.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(found.value).ok()
    };
    let rest = &bytes[head..];
    if header("Transfer-Encoding").is_some_and(|kind| kind.eq_ignore_ascii_case("chunked")) {
        return Ok(unchunk(rest)?.map(|(body, _)| (status, body)));
    }
    let length = match header("Content-Length") {
        Some(text) => Some(text.trim().parse::<usize>().map_err(|_| invalid())?),
        None if matches!(status, 204 | 304) => Some(0),
        None => None,
    };
    Ok(match length {
        Some(length) => rest.get(..length).map(|body| (status, body.to_vec())),
        None => ended.then(|| (status, rest.to_vec())),
    })
}

fn parse(head: &[u8]) -> Option<Request> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Request::new(&mut headers);
    parsed.parse(head).ok()?;
    let target = parsed.path?;
    // A proxy's form of the target names the host as well; some clients always send it.
    let target = match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Some(Request {
        method: parsed.method?.to_owned(),
        target: target.to_owned(),
        headers: parsed.headers.iter().map(|h| (h.name.to_owned(), text(h.value))).collect(),
        body: Vec::new(),
    })
}

/// A body in chunks and the bytes it took; `None` when more has to come.
fn unchunk(bytes: &[u8]) -> io::Result<Option<(Vec<u8>, usize)>> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        match httparse::parse_chunk_size(&bytes[at..]) {
            Ok(httparse::Status::Complete((head, length))) => {
                let (from, length) = (at + head, length as usize);
                let end = from.saturating_add(length).saturating_add(2);
                if length > LARGEST_BODY {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                if bytes.len() < end {
                    return Ok(None);
                }
                body.extend_from_slice(&bytes[from..from + length]);
                at = end;
                if length == 0 {
                    return Ok(Some((body, at)));
                }
            }
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// The pairs of a form or query, decoded: `+` is a space, `%` starts two hex digits.
pub(super) fn form(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(key, value)| (decode(key), decode(value))).collect()
}

/// Pairs as a form: what is not plain is written as `%` and two hex digits, a space as `+`.
pub(super) fn to_form<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

pub(super) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match (bytes[at], hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (_, Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', None) => out.push(b' '),
            (byte, None) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}
