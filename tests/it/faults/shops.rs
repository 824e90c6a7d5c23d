//! Faults at a shop's list of orders: recorded answers, over a socket. Shopify is always
//! `https`, which a listener of ours cannot be: its readers are tried on the same answers.

use super::{all_of_them, files};
use crate::sync::hashes;
use backoffice::BusinessDate;
use backoffice::channels::{self, Route, Setup, SyncReport, SyncRequest};
use backoffice::decisions::Actor;
use backoffice::import::Watch;
use connectors::transport::Timing;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use support::{Kind, new_book};

const VENDURE: &str = include_str!("../../../crates/connectors/fixtures/shops/vendure_orders.json");
const MEDUSA: &str = include_str!("../../../crates/connectors/fixtures/shops/medusa_orders.json");
const WOO: &str = include_str!("../../../crates/connectors/fixtures/shops/woocommerce_orders.json");
const WOO_REFUNDS: &str =
    include_str!("../../../crates/connectors/fixtures/shops/woocommerce_refunds.json");
const GREETING: &str = r#"{"data":{"globalSettings":{"serverConfig":{"moneyStrategyPrecision":2}},
    "activeChannel":{"code":"shop","defaultCurrencyCode":"CNY"},"orders":{"totalItems":2}}}"#;
const PAGE: &str = "<html><body>Bad gateway</body></html>";

/// What the shop does to a call.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Reset,
    Cut,
    Late,
    Status(u16),
    Page,
    Huge,
    HalfJson,
    Nothing,
    Redirect,
}

const FAULTS: &[(Fault, &[&str])] = &[
    (Fault::Reset, &["cut"]),
    (Fault::Cut, &["cut"]),
    (Fault::Late, &["timed_out"]),
    (Fault::Status(401), &["refused_key"]),
    (Fault::Status(403), &["refused_permission"]),
    (Fault::Status(429), &["slow_down"]),
    (Fault::Status(500), &["unavailable"]),
    (Fault::Status(502), &["unavailable"]),
    (Fault::Status(503), &["unavailable"]),
    (Fault::Status(504), &["unavailable"]),
    (Fault::Page, &["unreadable"]),
    (Fault::Huge, &["too_large"]),
    (Fault::HalfJson, &["unreadable"]),
    (Fault::Nothing, &["unreadable"]),
    (Fault::Redirect, &["refused_account"]),
];

/// A shop on loopback: how many calls are still to be broken, and how.
struct Shop {
    base: String,
    broken: Arc<AtomicUsize>,
    fault: Arc<AtomicUsize>,
}

impl Shop {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (broken, fault) = (Arc::default(), Arc::default());
        let shop = Self { base, broken: Arc::clone(&broken), fault: Arc::clone(&fault) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let left = broken.load(Ordering::SeqCst);
                broken.store(left.saturating_sub(1), Ordering::SeqCst);
                let fault = (left > 0).then(|| FAULTS[fault.load(Ordering::SeqCst)].0);
                // Who hangs up early is no concern of the shop's.
                std::thread::spawn(move || drop(serve(stream, fault)));
            }
        });
        shop
    }
}

fn serve(mut stream: TcpStream, fault: Option<Fault>) -> std::io::Result<()> {
    let mut asked = Vec::new();
    let mut piece = [0; 16_384];
    loop {
        let read = stream.read(&mut piece)?;
        asked.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&asked).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        if read == 0 || body.len() >= length.unwrap_or(0) {
            return answer(&mut stream, &text, fault);
        }
    }
}

fn answer(stream: &mut TcpStream, asked: &str, fault: Option<Fault>) -> std::io::Result<()> {
    let body = match asked {
        _ if asked.contains("/refunds") => WOO_REFUNDS,
        _ if asked.contains("/wp-json/") => WOO,
        _ if asked.contains("/admin/orders") => MEDUSA,
        _ if asked.contains("globalSettings") => GREETING,
        _ => VENDURE,
    };
    let (status, body) = match fault {
        None | Some(Fault::Cut | Fault::Late | Fault::Reset) => (200, body.to_owned()),
        Some(Fault::Status(status)) => (status, PAGE.to_owned()),
        Some(Fault::Page) => (200, PAGE.to_owned()),
        Some(Fault::Huge) => (200, " ".repeat(70 << 20)),
        Some(Fault::HalfJson) => (200, body[..body.len() / 2].to_owned()),
        Some(Fault::Nothing) => (200, String::new()),
        Some(Fault::Redirect) => (302, String::new()),
    };
    match fault {
        Some(Fault::Reset) => return stream.shutdown(Shutdown::Both),
        Some(Fault::Late) => std::thread::sleep(Duration::from_millis(1_500)),
        _ => {}
    }
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         X-WP-Total: 1\r\nX-WP-TotalPages: 1\r\nLocation: /elsewhere\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    let sent = if matches!(fault, Some(Fault::Cut)) { 10 } else { body.len() };
    stream.write_all(&body.as_bytes()[..sent])?;
    stream.shutdown(Shutdown::Write)
}

fn setup(kind: &str, base: &str) -> Setup {
    let keys: &[&str] = match kind {
        "woocommerce" => &["consumer_key", "consumer_secret"],
        _ => &["api_key"],
    };
    let mut fields = vec![("intranet".to_owned(), "true".to_owned())];
    fields.extend(keys.iter().map(|name| ((*name).to_owned(), "CANARY".to_owned())));
    Setup::new(kind, base, fields).expect("a set-up")
}

/// Noon of the day after the recorded orders.
fn now_ms() -> i64 {
    let day = BusinessDate::parse("2026-11-23").expect("a day");
    day.start_ms() + 12 * 3_600_000
}

fn sync(book: &store::Book, hurried: bool) -> SyncReport {
    let idle = Duration::from_millis(if hurried { 400 } else { 30_000 });
    let timing = Timing { idle, ..Timing::default() };
    let request =
        SyncRequest { force: true, route: Route::Direct, timing, ..SyncRequest::default() };
    let cancel = AtomicBool::new(false);
    let mut watch = Watch { progress: &mut |_| {}, cancel: &cancel };
    channels::sync(book, &request, &now_ms, &mut watch).expect("the sync runs")
}

#[test]
fn every_fault_at_a_shops_list_ends_in_its_class_and_heals() {
    let kinds = ["vendure", "medusa", "woocommerce"];
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let asked = kinds.map(|kind| scope.spawn(move || try_all(kind)));
        asked.into_iter().flat_map(|thread| thread.join().expect("it runs")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn try_all(kind: &str) -> Vec<String> {
    let shop = Shop::start();
    let connect = |book: &store::Book| {
        let actor = Actor { name: "老板", at_ms: now_ms() };
        let from = BusinessDate::parse("2026-11-20").expect("a day").days();
        channels::add(book, &setup(kind, &shop.base), "", Some(from), &actor).expect("connected");
    };
    let clean = new_book(Kind::Sqlite);
    connect(&clean.book);
    let report = sync(&clean.book, false);
    assert!(report.connections[0].failed == 0 && report.connections[0].files > 0, "{report:?}");
    let (whole, all) = (hashes(&clean.book), files(&clean.book));
    let mut wrong = Vec::new();
    for (number, (fault, codes)) in FAULTS.iter().enumerate() {
        if !all_of_them() && !number.is_multiple_of(5) {
            continue;
        }
        let made = new_book(Kind::Sqlite);
        connect(&made.book);
        shop.fault.store(number, Ordering::SeqCst);
        shop.broken.store(3, Ordering::SeqCst);
        let done = &sync(&made.book, matches!(fault, Fault::Late)).connections[0];
        shop.broken.store(0, Ordering::SeqCst);
        if done.failed == 0 || !codes.contains(&done.trouble.as_str()) {
            wrong.push(format!("{kind} {fault:?}: {} {}", done.trouble, done.detail));
        }
        let kept = files(&made.book);
        if !kept.is_subset(&all) || kept.len() >= all.len() {
            wrong.push(format!("{kind} {fault:?}: {} of {} are booked", kept.len(), all.len()));
        }
        let report = sync(&made.book, false);
        if report.connections[0].failed > 0 || hashes(&made.book) != whole {
            wrong.push(format!("{kind} {fault:?}: does not heal: {:?}", report.connections[0]));
        }
    }
    wrong
}
