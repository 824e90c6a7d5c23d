//! A listener on this computer that breaks off, dawdles and lies, and what a call makes of it.

use super::*;
use crate::http::LARGEST_MESSAGE;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const CHANNEL: Channel = Channel::WechatPay;

/// A listener that plays `script` for every connection; counts the requests it carried out.
struct Played {
    base: String,
    done: Arc<AtomicUsize>,
}

fn play(script: impl Fn(usize, &mut TcpStream, &AtomicUsize) + Send + 'static) -> Played {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let done = Arc::new(AtomicUsize::new(0));
    let counter = done.clone();
    thread::spawn(move || {
        for (at, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            script(at, &mut stream, &counter);
        }
    });
    Played { base, done }
}

/// Reads a whole request: head, and as much body as it announces.
fn take(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let length = stream.read(&mut piece).unwrap_or(0);
        bytes.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= announced.unwrap_or(0) {
                return text;
            }
        }
        if length == 0 {
            return text;
        }
    }
}

fn answer(stream: &mut TcpStream, status: &str, body: &[u8]) {
    let length = body.len();
    let date = "Date: Thu, 01 Jan 2026 00:00:00 GMT";
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{date}\r\n\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}

/// Ends with a reset: unread bytes are thrown away on close.
fn reset(stream: &TcpStream) {
    let _ = stream.shutdown(std::net::Shutdown::Both);
}

fn transport() -> Transport {
    let timing = Timing {
        connect: Duration::from_secs(5),
        idle: Duration::from_millis(1_500),
        total: Duration::from_secs(4),
    };
    Transport::new(timing, &Route::Direct).expect("a transport")
}

fn refund(base: &str) -> HttpRequest {
    HttpRequest::post(format!("{base}/refund"), b"{}".to_vec(), Effect::Changes)
}

fn query(base: &str) -> HttpRequest {
    HttpRequest::get(format!("{base}/query?mchid=1"))
}

fn doubt_of(result: Result<Reply, CallError>) -> Doubt {
    match result.expect_err("no answer") {
        CallError::OutcomeUnknown { doubt, .. } => doubt,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_arrives_as_it_was_signed_and_its_answer_comes_as_it_was_sent() {
    let seen = Arc::new(Mutex::new(String::new()));
    let copy = seen.clone();
    let played = play(move |_, stream, _| {
        *copy.lock().expect("a lock") = take(stream);
        answer(stream, "404 Not Found", "{\"code\":\"没有\"}".as_bytes());
    });
    let target = "/v3/x/A%7CB%2A?a=%20b&c=%2B";
    let request =
        HttpRequest::post(format!("{}{target}", played.base), b"{}".into(), Effect::Reads)
            .with("Authorization", "WECHATPAY2-SHA256-RSA2048 x=\"y\"");
    let reply = transport().send(CHANNEL, &request).expect("an answer");
    let seen = seen.lock().expect("a lock").clone();
    assert!(seen.starts_with(&format!("POST {target} HTTP/1.1\r\n")), "{seen}");
    assert!(seen.contains("uthorization: WECHATPAY2-SHA256-RSA2048 x=\"y\"\r\n"), "{seen}");
    assert!(seen.ends_with("\r\n\r\n{}"), "{seen}");
    assert_eq!((reply.answer.status, reply.answer.date_ms()), (404, Some(1_767_225_600_000)));
    assert_eq!(reply.answer.body, "{\"code\":\"没有\"}".as_bytes());
    assert!(reply.received_ms >= reply.sent_ms);
}

#[test]
fn an_address_that_the_library_would_rewrite_is_not_sent() {
    let played = play(|_, stream, done| {
        take(stream);
        done.fetch_add(1, Ordering::SeqCst);
        answer(stream, "200 OK", b"{}");
    });
    for odd in ["/a/../b", "/a b", "/中", "/a\"b"] {
        let request = HttpRequest::get(format!("{}{odd}", played.base));
        let error = transport().send(CHANNEL, &request).expect_err("not sent");
        assert_eq!(error.class(), "not_sent", "{odd}");
    }
    assert_eq!(played.done.load(Ordering::SeqCst), 0);
}

#[test]
fn without_a_connection_nothing_was_sent() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let error = transport().send(CHANNEL, &refund(&base)).expect_err("refused");
    let cause = NotSent::NoConnection;
    assert_eq!(error, CallError::NotSent { channel: CHANNEL, cause });
    // Somebody answers who does not speak TLS.
    let played = play(|_, stream, _| {
        let mut piece = [0; 512];
        let _ = stream.read(&mut piece);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    });
    let base = played.base.replace("http://", "https://");
    let error = transport().send(CHANNEL, &refund(&base)).expect_err("not protected");
    assert_eq!(error, CallError::NotSent { channel: CHANNEL, cause: NotSent::NotProtected });
    let base = "https://no-such-host.invalid";
    let error = transport().send(CHANNEL, &refund(base)).expect_err("no such host");
    assert_eq!(error.class(), "not_sent", "{error}");
}

#[test]
fn a_cut_before_and_after_the_work_looks_the_same_and_is_not_repeated() {
    for works in [false, true] {
        let played = play(move |_, stream, done| {
            take(stream);
            if works {
                done.fetch_add(1, Ordering::SeqCst);
            }
            reset(stream);
        });
        let slot = slot(&played, 100);
        let error = transport().call(slot, quick(), || Ok(refund(&played.base)), |_| Ok(()));
        let error = error.expect_err("no answer");
        assert_eq!((error.class(), error.act()), ("outcome_unknown", Act::QueryFirst));
        assert_eq!(played.done.load(Ordering::SeqCst), usize::from(works));
    }
}

fn slot(_: &Played, calls: u32) -> Slot<'static> {
    let limit = RateLimit { call: "test", calls, window_ms: 1_000 };
    Slot { channel: CHANNEL, account: "1900000109", limit }
}

fn quick() -> Retry {
    let wait = Duration::from_millis(10);
    Retry { attempts: 3, first_wait: wait, longest_wait: wait }
}

#[test]
fn a_question_is_asked_again_and_signed_anew_each_time() {
    let played = play(|at, stream, done| {
        take(stream);
        done.fetch_add(1, Ordering::SeqCst);
        match at {
            0 => reset(stream),
            1 => answer(stream, "503 Service Unavailable", b"<html></html>"),
            _ => answer(stream, "200 OK", b"{}"),
        }
    });
    let mut built = 0;
    let done = transport().call(
        slot(&played, 100),
        quick(),
        || {
            built += 1;
            Ok(query(&played.base))
        },
        |reply| match reply.answer.status {
            200 => Ok(()),
            status => Err(CallError::OutcomeUnknown {
                channel: CHANNEL,
                effect: Effect::Reads,
                doubt: Doubt::Unavailable { status, code: String::new() },
            }),
        },
    );
    done.expect("the third time");
    assert_eq!((built, played.done.load(Ordering::SeqCst)), (3, 3));
}

#[test]
fn attempts_are_bounded() {
    let played = play(|_, stream, done| {
        take(stream);
        done.fetch_add(1, Ordering::SeqCst);
        reset(stream);
    });
    let slot = slot(&played, 100);
    let done = transport().call(slot, quick(), || Ok(query(&played.base)), |_| Ok(()));
    assert!(done.is_err());
    assert_eq!(played.done.load(Ordering::SeqCst), 3);
}

#[test]
fn a_redirect_is_an_answer_and_is_not_followed() {
    let played = play(|_, stream, done| {
        take(stream);
        done.fetch_add(1, Ordering::SeqCst);
        let head = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
        let _ = stream.write_all(head.as_bytes());
    });
    let reply = transport().send(CHANNEL, &query(&played.base)).expect("an answer");
    assert_eq!((reply.answer.status, played.done.load(Ordering::SeqCst)), (302, 1));
}

#[test]
fn silence_slowness_and_cuts_within_an_answer_leave_the_outcome_open() {
    type Script = fn(&mut TcpStream);
    let cases: [(Script, Doubt); 5] = [
        (|_| thread::sleep(Duration::from_secs(3)), Doubt::TimedOut),
        (
            // Slower than the whole call may take, never idle for long.
            |stream| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
                for _ in 0..60 {
                    thread::sleep(Duration::from_millis(100));
                    let _ = stream.write_all(b"x");
                }
            },
            Doubt::TimedOut,
        ),
        (
            |stream| {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"a\":");
            },
            Doubt::Cut,
        ),
        (
            |stream| {
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"";
                let _ = stream.write_all(head.as_bytes());
            },
            Doubt::Cut,
        ),
        (|stream| drop(stream.write_all(b"SSH-2.0-OpenSSH\r\n")), Doubt::Cut),
    ];
    for (at, (script, doubt)) in cases.into_iter().enumerate() {
        let played = play(move |_, stream, _| {
            take(stream);
            script(stream);
        });
        let found = doubt_of(transport().send(CHANNEL, &refund(&played.base)));
        assert_eq!(found, doubt, "{at}");
    }
}

#[test]
fn an_answer_without_an_end_is_cut_off() {
    let announced = play(|_, stream, _| {
        take(stream);
        let length = LARGEST_MESSAGE + 1;
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
    });
    assert_eq!(doubt_of(transport().send(CHANNEL, &query(&announced.base))), Doubt::TooLarge);
    let endless = play(|_, stream, _| {
        take(stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        let piece = [b'x'; 65_536];
        while stream.write_all(&piece).is_ok() {}
    });
    assert_eq!(doubt_of(transport().send(CHANNEL, &query(&endless.base))), Doubt::TooLarge);
}

#[test]
fn a_page_with_200_goes_to_the_reader_as_it_is() {
    let played = play(|_, stream, _| {
        take(stream);
        answer(stream, "200 OK", b"<html>login</html>");
    });
    let account = crate::wechat_pay::api::verify::Trust::default();
    let verifier = crate::wechat_pay::api::verify::Verifier { trust: &account, now_s: 0 };
    let done = transport().call(
        slot(&played, 100),
        Retry::ONCE,
        || Ok(refund(&played.base)),
        |reply| crate::wechat_pay::api::order::read_close(&verifier, &reply.answer),
    );
    let error = done.expect_err("no answer");
    assert_eq!((error.class(), error.act()), ("outcome_unknown", Act::QueryFirst));
}

#[test]
fn calls_wait_for_their_own_limit() {
    let played = play(|_, stream, _| {
        take(stream);
        answer(stream, "200 OK", b"{}");
    });
    let transport = transport();
    let began = Instant::now();
    for _ in 0..3 {
        let slot = slot(&played, 2);
        transport.call(slot, Retry::ONCE, || Ok(query(&played.base)), |_| Ok(())).expect("done");
    }
    assert!(began.elapsed() >= Duration::from_millis(900), "{:?}", began.elapsed());
    let limit = RateLimit { call: "slow", calls: 1, window_ms: 60_000 };
    let slot = Slot { limit, ..slot(&played, 1) };
    let ask = || transport.call(slot, Retry::ONCE, || Ok(query(&played.base)), |_| Ok(()));
    ask().expect("the first");
    assert_eq!(ask().expect_err("the second").act(), Act::SlowDown);
}

#[test]
fn a_proxy_is_asked_for_the_whole_address() {
    let seen = Arc::new(Mutex::new(String::new()));
    let copy = seen.clone();
    let proxy = play(move |_, stream, _| {
        *copy.lock().expect("a lock") = take(stream);
        answer(stream, "200 OK", b"{}");
    });
    let route = Route::Proxy(proxy.base.clone());
    let transport = Transport::new(Timing::default(), &route).expect("a transport");
    // A name that only the proxy would know.
    let request = HttpRequest::get("http://channel.invalid/query".into());
    transport.send(CHANNEL, &request).expect("an answer");
    let seen = seen.lock().expect("a lock").clone();
    assert!(seen.starts_with("GET http://channel.invalid/query HTTP/1.1\r\n"), "{seen}");
    let odd = Route::Proxy("::".into());
    assert!(matches!(Transport::new(Timing::default(), &odd), Err(TransportProblem::Proxy)));
}

#[test]
fn waits_grow_are_bounded_and_differ() {
    let retry = Retry::default();
    let least = |attempt| retry.wait(attempt, 0);
    assert_eq!([least(0), least(1)], [Duration::from_millis(250), Duration::from_millis(500)]);
    assert_eq!(retry.wait(0, 255), Duration::from_millis(500));
    assert_eq!(retry.wait(u32::MAX, 255), Duration::from_secs(5));
}

/// Opens a way to a shop whose name leads to `found`.
fn to_shop(base: &str, intranet: bool, found: &[SocketAddr]) -> Result<Transport, CallError> {
    let base = crate::http::Base::of_shop(base, intranet).expect("an address of a shop");
    let look_up = |_: &str, _: u16| Ok(found.to_vec());
    let timing = Timing { connect: Duration::from_secs(5), ..Timing::default() };
    Transport::to_shop_found_by(timing, &Route::Direct, &base, intranet, &look_up)
}

#[test]
fn a_shops_name_is_looked_up_once_and_every_call_goes_to_that_address() {
    let played = play(|_, stream, done| {
        let seen = take(stream);
        assert!(seen.contains("ost: shop.invalid:"), "{seen}");
        done.fetch_add(1, Ordering::SeqCst);
        answer(stream, "302 Found", b"{}");
    });
    let port = played.base.rsplit(':').next().expect("a port").parse().expect("a port");
    let found = [SocketAddr::from(([127, 0, 0, 1], port))];
    let base = format!("http://shop.invalid:{port}");
    let transport = to_shop(&base, true, &found).expect("a shop in the house");
    for _ in 0..3 {
        // No resolver knows the name: it is not asked again, and the redirect is not followed.
        let request = HttpRequest::get(format!("{base}/admin-api"));
        let reply = transport.send(Channel::Shop, &request).expect("an answer");
        assert_eq!(reply.answer.status, 302);
    }
    assert_eq!(played.done.load(Ordering::SeqCst), 3);
}

#[test]
fn a_name_that_leads_into_the_house_is_not_called() {
    let open = SocketAddr::from(([47, 91, 1, 2], 443));
    let inside = SocketAddr::from(([192, 168, 1, 1], 443));
    let metadata = SocketAddr::from(([169, 254, 169, 254], 443));
    let base = "https://shop.example";
    assert!(to_shop(base, false, &[open]).is_ok());
    for found in [&[inside][..], &[open, inside], &[metadata]] {
        let error = to_shop(base, false, found).expect_err("refused");
        assert!(matches!(error, CallError::NotSent { .. }), "{error}");
        assert_eq!(error.act(), Act::FixRequest);
    }
    assert!(to_shop(base, true, &[inside]).is_ok());
    assert!(to_shop(base, true, &[metadata]).is_err());
    let nowhere = to_shop(base, false, &[]).expect_err("no host");
    assert!(matches!(nowhere, CallError::NotSent { cause: NotSent::NoHost, .. }), "{nowhere}");
}
