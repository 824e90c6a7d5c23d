//! The listener: reads calls, asks the channels, and sends, breaks or withholds their answers.

use super::http::{Answer, Request, decode, read};
use super::script::{Action, Call};
use super::{Turn, World};
use socket2::SockRef;
use std::io::{self, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A connection that says nothing for so long is closed.
const SILENCE: Duration = Duration::from_secs(20);
/// Characters of a call that its label keeps.
const LONGEST_LABEL: usize = 1024;
const PAGE: &str = "<!DOCTYPE html><html><head><title>网关</title></head>\
<body><h1>系统繁忙，请稍后再试</h1></body></html>";

pub(super) fn spawn(
    listener: TcpListener,
    world: Arc<World>,
    stop: Arc<AtomicBool>,
) -> io::Result<JoinHandle<()>> {
    let accept = move || {
        for stream in listener.incoming() {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let (world, stop) = (Arc::clone(&world), Arc::clone(&stop));
            // A computer without room for another thread refuses the call, as a busy server does.
            let _ = thread::Builder::new().spawn(move || serve(stream, &world, &stop));
        }
    };
    thread::Builder::new().name("practice".into()).spawn(accept)
}

/// Serves one connection until either side has enough.
fn serve(mut stream: TcpStream, world: &World, stop: &AtomicBool) {
    let prepared = stream.set_read_timeout(Some(SILENCE)).and(stream.set_nodelay(true));
    let mut rest = Vec::new();
    while prepared.is_ok() && !stop.load(Ordering::SeqCst) {
        let Ok(Some(request)) = read(&mut stream, &mut rest) else { return };
        if !one(&mut stream, world, &request).unwrap_or(false) {
            return;
        }
    }
}

/// One call; true when the connection goes on.
fn one(stream: &mut TcpStream, world: &World, request: &Request) -> io::Result<bool> {
    let label = label(request);
    let own = request.path().starts_with("/practice/");
    let action = if own { None } else { world.script().take(&label) };
    let clock_ms = (world.settings.clock)();
    let skew = if let Some(Action::Skew { ms }) = action { ms } else { 0 };
    let turn = Turn { now_ms: clock_ms + skew, action };
    let early = match turn.action {
        Some(Action::ResetBefore) => Some(Answer::empty(0)),
        Some(Action::StatusBefore { status }) => Some(broken(status)),
        _ => None,
    };
    let mut answer = early.unwrap_or_else(|| world.answer(&turn, request));
    match turn.action {
        Some(Action::StatusAfter { status }) => answer = broken(status),
        Some(Action::Html) => answer = Answer::new(200, "text/html; charset=utf-8", PAGE),
        Some(Action::Huge { bytes }) => answer.body.resize(bytes.max(answer.body.len()), b' '),
        Some(Action::Flip { bit }) => {
            let at = bit / 8 % answer.body.len().max(1);
            if let Some(byte) = answer.body.get_mut(at) {
                *byte ^= 1 << (bit % 8);
            }
        }
        _ => {}
    }
    let fault = turn.action.clone();
    if !own {
        world.script().note(Call { at_ms: clock_ms, label, status: answer.status, fault });
    }
    send(stream, &turn, &answer, wants_close(request))
}

fn send(stream: &mut TcpStream, turn: &Turn, answer: &Answer, close: bool) -> io::Result<bool> {
    let bytes = answer.bytes(turn.now_ms, close);
    match turn.action {
        Some(Action::ResetBefore | Action::ResetAfter) => {
            reset(stream)?;
            return Ok(false);
        }
        Some(Action::Truncated { bytes: keep }) => {
            let head = bytes.len() - answer.body.len();
            stream.write_all(&bytes[..head + keep.min(answer.body.len())])?;
            stream.shutdown(Shutdown::Both)?;
            return Ok(false);
        }
        Some(Action::Slow { piece, wait_ms }) => {
            for piece in bytes.chunks(piece.max(1)) {
                stream.write_all(piece)?;
                thread::sleep(Duration::from_millis(wait_ms));
            }
        }
        Some(Action::Delay { ms }) => {
            thread::sleep(Duration::from_millis(ms));
            stream.write_all(&bytes)?;
        }
        _ => stream.write_all(&bytes)?,
    }
    Ok(!close)
}

/// Closes so that the other side's next read fails, as behind a firewall that lost the connection.
fn reset(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

/// What stands before the channel when the channel itself does not answer.
fn broken(status: u16) -> Answer {
    match status {
        429 => Answer::json(
            429,
            &serde_json::json!({
                "code": "FREQUENCY_LIMITED", "message": "频率超限",
                "error": {"type": "rate_limit_error", "code": "rate_limit", "message": "Too many"},
            }),
        ),
        _ => Answer::new(status, "text/html; charset=utf-8", PAGE),
    }
}

fn wants_close(request: &Request) -> bool {
    request.header("Connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
}

/// `METHOD target body`, for scripts and for whoever reads what was called.
fn label(request: &Request) -> String {
    let body = String::from_utf8_lossy(&request.body);
    let text = format!("{} {} {}", request.method, decode(&request.target), decode(&body));
    text.chars().take(LONGEST_LABEL).collect()
}
