//! Just enough of the WebDriver protocol to open the window, wait for it and photograph it.
//!
//! Source: W3C WebDriver, and WebKitGTK's `webkitgtk:browserOptions`.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long one command may take; a cold start of the window on a busy machine needs most of it.
const PATIENCE: Duration = Duration::from_secs(90);

/// A dot nobody sees that changes on and on. Without OpenGL, WebKitGTK 2.50 answers a request for a
/// picture only when something is painted after it, and a page at rest paints nothing.
const STIR: &str = "const dot = document.createElement('i'); let beats = 0; \
    dot.style.cssText = 'position: fixed; inset: 0 auto auto 0; width: 1px; height: 1px'; \
    document.body.append(dot); window.stir = { dot, beat: setInterval(() => { \
    dot.style.background = ++beats % 2 ? '#00000001' : '#00000002'; }, 40) }";

/// A window under control. Dropping it closes the window.
#[derive(Debug)]
pub struct Session {
    port: u16,
    id: String,
}

impl Session {
    /// Opens `program` through the driver that listens on `port`.
    ///
    /// # Errors
    /// When the driver does not answer or the window does not come up.
    pub fn open(port: u16, program: &Path, arguments: &[&str]) -> Result<Self> {
        let options = json!({ "binary": program, "args": arguments });
        let wanted = json!({ "capabilities": {
            "alwaysMatch": { "webkitgtk:browserOptions": options }
        }});
        let answer = call(port, "POST", "/session", Some(&wanted)).context("no window")?;
        let id = answer["sessionId"].as_str().context("the driver gave no session id")?;
        Ok(Self { port, id: id.to_owned() })
    }

    /// Runs a script in the page and returns its value.
    ///
    /// # Errors
    /// When the driver does not answer or the script throws.
    pub fn script(&self, script: &str) -> Result<Value> {
        self.command("POST", "/execute/sync", Some(&json!({ "script": script, "args": [] })))
    }

    /// Runs a script that answers by calling its last argument.
    ///
    /// # Errors
    /// When the driver does not answer or the script throws.
    pub fn script_async(&self, script: &str) -> Result<Value> {
        self.command("POST", "/execute/async", Some(&json!({ "script": script, "args": [] })))
    }

    /// Waits until the script returns `true`.
    ///
    /// # Errors
    /// When it does not within `patience`; the message ends with what the page shows.
    pub fn wait_until(&self, what: &str, script: &str, patience: Duration) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < patience {
            // A page that is still loading may refuse scripts for a moment.
            if self.script(script).is_ok_and(|value| value == Value::Bool(true)) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let text = self.script("return document.body ? document.body.innerText : ''");
        let text = text.ok().and_then(|t| t.as_str().map(str::to_owned)).unwrap_or_default();
        let shown: String = text.chars().take(400).collect();
        bail!("waited {} s in vain for {what}; the window shows: {shown}", patience.as_secs())
    }

    /// Sets the size of the window in CSS pixels.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        let size = json!({ "x": 0, "y": 0, "width": width, "height": height });
        self.command("POST", "/window/rect", Some(&size)).map(|_| ())
    }

    /// A PNG of the page as it is now.
    ///
    /// # Errors
    /// When the driver does not answer with an image.
    pub fn screenshot(&self) -> Result<Vec<u8>> {
        // What the page holds shows two frames later, and the driver would photograph the old one.
        let script = "const done = arguments[0]; \
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 200)))";
        self.script_async(script)?;
        self.script(STIR)?;
        let answer = self.command("GET", "/screenshot", None);
        self.script("clearInterval(window.stir.beat); window.stir.dot.remove()")?;
        let answer = answer?;
        decode_base64(answer.as_str().context("the driver gave no image")?)
    }

    fn command(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        call(self.port, method, &format!("/session/{}{path}", self.id), body)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The window may already be gone, which is what is wanted.
        let _ = self.command("DELETE", "", None);
    }
}

/// Waits until something listens on `port`.
///
/// # Errors
/// When nothing does within ten seconds.
pub fn wait_for_port(port: u16) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("nothing answers on port {port}")
}

fn call(port: u16, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).context("no driver")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let answer = read_answer(&mut stream).context("the driver did not answer")?;
    let mut answer: Value = serde_json::from_str(&answer).context("the driver's answer")?;
    let value = answer["value"].take();
    if let Some(error) = value.get("error").and_then(Value::as_str) {
        bail!("{error}: {}", value["message"].as_str().unwrap_or_default());
    }
    Ok(value)
}

/// The body of an HTTP answer that states its length.
fn read_answer(stream: &mut impl Read) -> Result<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        if let Some((start, length)) = body_place(&bytes)
            && bytes.len() >= start + length
        {
            return Ok(String::from_utf8_lossy(&bytes[start..start + length]).into_owned());
        }
        match stream.read(&mut chunk)? {
            0 => bail!("it hung up after {} bytes", bytes.len()),
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

/// Where the body starts and how long it is, once the head has arrived.
fn body_place(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"))?;
    Some((end + 4, length.trim().parse().ok()?))
}

fn decode_base64(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for symbol in text.bytes().filter(|b| !matches!(b, b'=' | b'\n' | b'\r')) {
        let six = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            other => bail!("not base64: byte {other}"),
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_stated_length_and_no_further() {
        let mut wire: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyNEXT";
        assert_eq!(read_answer(&mut wire).unwrap(), "body");
        let mut cut: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody";
        assert!(read_answer(&mut cut).is_err());
    }

    #[test]
    fn images_survive_base64() {
        assert_eq!(decode_base64("iVBORw0KGgo=").unwrap(), b"\x89PNG\r\n\x1a\n");
        assert_eq!(decode_base64("TWE=").unwrap(), b"Ma");
        assert_eq!(decode_base64("TWFu").unwrap(), b"Man");
        assert!(decode_base64("!").is_err());
    }
}
