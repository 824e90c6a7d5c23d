//! A sync that ends just before or just after any of its commits goes on to the same books and the
//! same proof of what is here. The end is exact: the program counts its commits and ends itself.

use crate::desk::Desk;
use crate::now_ms;
use practice::platform::{Action, Fault, Platform, Settings};
use practice::{Options, Plant};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Every so many-th place in the suite; every one with `SUANPAN_TRIES`.
const STRIDE: usize = 6;
/// Answers that come so late let the sync commit what it has in between.
const LATE_MS: u64 = 170;
const WOO: &str = include_str!("../../../connectors/fixtures/shops/woocommerce_orders.json");
const WOO_REFUNDS: &str =
    include_str!("../../../connectors/fixtures/shops/woocommerce_refunds.json");
/// The day of the recorded orders.
const RECORDED: &str = "2026-11-21";

/// Three days ago: every bill is there at any hour.
fn from() -> chrono::NaiveDate {
    let today = u64::try_from(now_ms().div_euclid(86_400_000)).unwrap();
    chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(today - 3)
}

/// Who is asked, and which of its calls are answered late.
struct Case {
    name: &'static str,
    late: &'static str,
    /// The files say when they were fetched, so another run's are others.
    dated: bool,
}

const CASES: [Case; 5] = [
    Case { name: "wechat_pay", late: "/v3/bill/", dated: false },
    Case { name: "alipay", late: "downloadurl.query", dated: false },
    Case { name: "union_pay", late: "txnType=76", dated: false },
    Case { name: "stripe", late: "/v1/payouts", dated: true },
    Case { name: "woocommerce", late: "", dated: true },
];

fn platform() -> Platform {
    let (from, planted) = (from(), Plant::None);
    let options = Options { days: 1, size: 6, from, planted, ..Options::default() };
    let mut settings = Settings::new(options, Arc::new(now_ms));
    settings.union_pay_sales = 3;
    settings.stripe_sales = 3;
    Platform::start(settings).unwrap()
}

/// A shop on loopback that has the recorded orders, of three days ago. Its address.
fn shop() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Who hangs up early is no concern of the shop's.
            std::thread::spawn(move || drop(serve(stream)));
        }
    });
    base
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let mut asked = Vec::new();
    let mut piece = [0; 4_096];
    while !asked.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            read => asked.extend_from_slice(&piece[..read]),
        }
    }
    std::thread::sleep(Duration::from_millis(LATE_MS));
    let refunds = String::from_utf8_lossy(&asked).contains("/refunds");
    let body = if refunds { WOO_REFUNDS } else { WOO };
    let body = body.replace(RECORDED, &from().to_string());
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    stream.shutdown(Shutdown::Write)
}

fn connected(setup: &str) -> Desk {
    let desk = Desk::with_book();
    std::fs::write(desk.path("setup.json"), setup).unwrap();
    let from = from().to_string();
    desk.run(&["channel", "add", "--file", "setup.json", "--from", &from]).ends(0);
    desk
}

/// The same folder once more.
fn copied(desk: &Desk) -> Desk {
    let copy = Desk::empty();
    copy_all(desk.folder.path(), copy.folder.path());
    copy
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy_all(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}

/// The book's facts, and what is proven to be here.
fn told(desk: &Desk, case: &Case) -> Value {
    let facts = match case.dated {
        false => desk.json(&["state-hash"]),
        true => json!([desk.json(&["orders"]), desk.json(&["transactions"])]),
    };
    json!([facts, desk.json(&["channel", "days", "1"])])
}

const SYNC: [&str; 3] = ["sync", "--direct", "--force"];

/// Ends tried.
fn try_all(case: &Case, setup: &str, stride: usize) -> usize {
    let base = connected(setup);
    let undisturbed = copied(&base);
    undisturbed.run(&SYNC).ends(0);
    let whole = told(&undisturbed, case);
    let mut ends = 0;
    for at in (1..).step_by(stride) {
        let desk = copied(&base);
        let mut sync = desk.command(&SYNC);
        let ended = sync.env("SUANPAN_END_AT", at.to_string()).output().unwrap();
        if ended.status.code().is_some() {
            // No such place any more: it came to its end.
            assert_eq!(ended.status.code(), Some(0), "{} {ended:?}", case.name);
            break;
        }
        desk.run(&SYNC).ends(0);
        assert_eq!(told(&desk, case), whole, "{} ended at {at}", case.name);
        desk.run(&["verify"]).ends(0);
        ends += 1;
    }
    ends
}

#[test]
fn a_sync_that_ends_at_any_commit_goes_on_to_the_same_books_and_the_same_proof() {
    let all = std::env::var_os("SUANPAN_TRIES").is_some();
    let stride = if all { 1 } else { STRIDE };
    let tried = std::thread::scope(|scope| {
        let asked = CASES.map(|case| {
            scope.spawn(move || {
                // A platform for each: one's late answers are none of the others'.
                let platform = platform();
                let action = Action::Delay { ms: LATE_MS };
                let on = case.late.to_owned();
                platform.fault(Fault { on, skip: 0, times: u32::MAX, action });
                let setup = match platform.setup(case.name) {
                    Some(setup) => setup.to_json(),
                    None => json!({
                        "channel": case.name, "base": shop(),
                        "fields": { "intranet": "true", "consumer_key": "ck_CANARY",
                            "consumer_secret": "cs_CANARY" },
                    })
                    .to_string(),
                };
                (case.name, try_all(&case, &setup, stride))
            })
        });
        asked.map(|thread| thread.join().unwrap())
    });
    println!("ended at {tried:?}, every {stride}. place");
    for (name, ends) in tried {
        let least = match (all, name) {
            (false, _) => 1,
            (true, "wechat_pay") => 12,
            (true, _) => 2,
        };
        assert!(ends >= least, "{name}: {ends}: is the program built with `store/testing`?");
    }
}
