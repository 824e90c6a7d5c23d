//! Every fault of the line × every call of a sync: each ends in its class, nothing of it is booked,
//! and the next sync comes to the same books.
//!
//! `make test` tries a share of the pairs, `make test-channels` every one.

use crate::sync::{World, hashes};
use backoffice::channels::{self, Route, SyncReport, SyncRequest};
use backoffice::import::Watch;
use connectors::transport::{Retry, Timing};
use practice::platform::{Action, AlipayKeys, Fault, Settings, WechatKeys};
use practice::{Options, Plant};
use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use store::Book;
use support::{Kind, new_book, reader};

mod bills;
mod flips;
mod forced;
mod shops;

/// What shows that an answer is the channel's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proven {
    /// Its signature.
    Signed,
    /// A hash that a signed answer announced.
    Hashed,
    /// TLS alone.
    Line,
}

/// A call that a sync makes.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub channel: &'static str,
    pub name: &'static str,
    /// Part of `METHOD target body`.
    pub on: &'static str,
    pub proven: Proven,
}

const fn call(channel: &'static str, name: &'static str, on: &'static str, proven: Proven) -> Call {
    Call { channel, name, on, proven }
}

/// Every call of every channel's sync.
pub const CALLS: &[Call] = &[
    call("wechat_pay", "certificates", "/v3/certificates", Proven::Signed),
    call("wechat_pay", "trade bill", "/v3/bill/tradebill", Proven::Signed),
    call("wechat_pay", "fund bill", "account_type=BASIC", Proven::Signed),
    // Of an account without moves: the answer is a refusal, which is not signed.
    call("wechat_pay", "empty fund bill", "account_type=OPERATION", Proven::Line),
    call("wechat_pay", "download", "/v3/billdownload", Proven::Hashed),
    call("alipay", "bill", "/gateway.do", Proven::Signed),
    call("alipay", "download", "/downloadBillFile", Proven::Line),
    call("alipay", "empty day's rows", "accountlog.query", Proven::Signed),
    call("alipay", "empty day's balance", "balancehis.query", Proven::Signed),
    call("union_pay", "file", "txnType=76", Proven::Signed),
    call("stripe", "balance transactions", "/v1/balance_transactions?", Proven::Line),
    call("stripe", "payouts", "/v1/payouts", Proven::Line),
    call("stripe", "rows of a payout", "payout=po_", Proven::Line),
];

/// What a fault must come to: one of these codes; none where the call gets over it.
fn expected(call: &Call, action: &Action) -> Option<&'static [&'static str]> {
    let signed = call.proven == Proven::Signed;
    Some(match action {
        Action::Delay { .. } | Action::Slow { .. } => &["timed_out"],
        Action::ResetBefore | Action::ResetAfter | Action::Truncated { .. } => &["cut"],
        Action::StatusBefore { status: 429 } | Action::StatusAfter { status: 429 } => {
            &["slow_down"]
        }
        Action::StatusBefore { .. } | Action::StatusAfter { .. } => &["unavailable"],
        Action::Html => match (call.channel, call.proven) {
            // What answers are verified by stands in the list itself, so it is read first.
            _ if call.name == "certificates" => &["unreadable"],
            ("wechat_pay", Proven::Signed) => &["not_signed"],
            // Only refusals are not signed, and a page with 200 is none.
            _ if call.name == "empty fund bill" => &["not_signed"],
            (_, Proven::Hashed) => &["wrong_hash", "unreadable"],
            _ => &["unreadable"],
        },
        Action::Huge { .. } => &["too_large"],
        Action::WrongSignature if signed => &["bad_signature"],
        Action::OtherKey if signed => &["bad_signature", "their_key"],
        Action::Unsigned if signed => &["not_signed"],
        Action::SignatureProbe if signed && call.channel == "wechat_pay" => &["probe"],
        Action::ExpiredCertificate if signed => &["their_key", "their_key_ended"],
        Action::ForeignCertificate if call.channel == "union_pay" => &["their_key", "contract"],
        Action::Skew { .. } if call.proven == Proven::Hashed => return None,
        Action::Refuse { code, .. } => return refusal(call, code),
        _ => return None,
    })
}

/// Refusals in each channel's words.
fn refusal(call: &Call, code: &str) -> Option<&'static [&'static str]> {
    Some(match (call.channel, code) {
        ("alipay", "A_NEW_WORD") if call.name == "download" => return None,
        (_, "A_NEW_WORD") if call.channel != "stripe" => &["unknown_code"],
        ("wechat_pay", "SIGN_ERROR") => &["refused_key"],
        ("wechat_pay", "NO_AUTH") => &["refused_permission"],
        ("wechat_pay", "PARAM_ERROR") => &["refused_request"],
        ("wechat_pay", "SYSTEM_ERROR") => &["unavailable"],
        ("wechat_pay", "FREQUENCY_LIMITED") => &["slow_down"],
        ("alipay", _) if call.name == "download" => return None,
        ("alipay", "isv.invalid-signature" | "isp.unknow-error") => {
            &["unknown_code", "unavailable"]
        }
        ("union_pay", "11") => &["refused_key"],
        ("union_pay", "10") => &["refused_request"],
        ("union_pay", "41") => &["slow_down"],
        ("union_pay", "99") => &["unavailable", "unknown_code"],
        ("stripe", "secret_key_required") => &["refused_key"],
        ("stripe", "parameter_invalid_integer") => &["refused_request"],
        ("stripe", "rate_limit") => &["slow_down"],
        _ => return None,
    })
}

fn refuse(status: u16, code: &str) -> Action {
    Action::Refuse { status, code: code.to_owned(), message: "CANARY".to_owned() }
}

/// Every fault of the line.
fn faults() -> Vec<Action> {
    let mut faults = vec![
        Action::Delay { ms: 1_500 },
        Action::Slow { piece: 1, wait_ms: 60 },
        Action::ResetBefore,
        Action::ResetAfter,
        Action::Truncated { bytes: 10 },
        Action::Html,
        Action::Huge { bytes: 90 << 20 },
        Action::WrongSignature,
        Action::OtherKey,
        Action::Unsigned,
        Action::SignatureProbe,
        Action::ExpiredCertificate,
        Action::ForeignCertificate,
        refuse(401, "SIGN_ERROR"),
        refuse(403, "NO_AUTH"),
        refuse(400, "PARAM_ERROR"),
        refuse(500, "SYSTEM_ERROR"),
        refuse(429, "FREQUENCY_LIMITED"),
        refuse(400, "A_NEW_WORD"),
        refuse(200, "isv.invalid-signature"),
        refuse(200, "isp.unknow-error"),
        refuse(200, "11"),
        refuse(200, "10"),
        refuse(200, "41"),
        refuse(200, "99"),
        refuse(400, "secret_key_required"),
        refuse(400, "parameter_invalid_integer"),
        refuse(400, "rate_limit"),
    ];
    for status in [429, 500, 502, 503, 504] {
        faults.push(Action::StatusBefore { status });
        faults.push(Action::StatusAfter { status });
    }
    faults
}

/// A world of one channel.
pub fn world(channel: &str) -> World {
    let options = Options { days: 4, size: 10, planted: Plant::None, ..Options::default() };
    let cards = matches!(channel, "union_pay" | "stripe");
    let world = World::new(&options, |settings: &mut Settings| {
        settings.wechat_keys = WechatKeys::Certificates;
        settings.alipay_keys = AlipayKeys::Certificates;
        settings.alipay_sealed = true;
        settings.union_pay_sales = if cards { 3 } else { 0 };
        settings.stripe_sales = if cards { 3 } else { 0 };
    });
    world.at(world.last + 3, 22);
    world
}

/// A sync that loses no time over repeats; `hurried` waits for nobody either.
pub fn quick(world: &World, book: &Book, hurried: bool) -> SyncReport {
    let retry = Retry {
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(2),
        ..Retry::default()
    };
    let timing = match hurried {
        true => Timing {
            idle: Duration::from_millis(500),
            total: Duration::from_secs(1),
            ..Timing::default()
        },
        false => Timing::default(),
    };
    let request =
        SyncRequest { force: true, route: Route::Direct, retry, timing, ..SyncRequest::default() };
    let cancel = AtomicBool::new(false);
    let mut watch = Watch { progress: &mut |_| {}, cancel: &cancel };
    channels::sync(book, &request, &world.clock(), &mut watch).expect("the sync runs")
}

/// Hashes of the files a book keeps.
pub fn files(book: &Book) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let read = reader(book).query("select sha256 from raw_document", &[], |row| {
        found.insert(row.text(0)?.to_owned());
        Ok(())
    });
    read.expect("documents can be listed");
    found
}

/// True when every pair is to be tried.
pub fn all_of_them() -> bool {
    std::env::var_os("SUANPAN_TRIES").is_some()
}

#[test]
fn every_fault_at_every_call_ends_in_its_class_and_heals() {
    let mut pairs = Vec::new();
    for call in CALLS {
        for action in faults() {
            if let Some(codes) = expected(call, &action) {
                pairs.push((*call, action, codes));
            }
        }
    }
    let count = pairs.len();
    assert!(count > 200, "{count} pairs");
    if !all_of_them() {
        // Another share of the calls for each fault, and every fault.
        pairs =
            pairs.into_iter().enumerate().filter(|(at, _)| at % 7 == 0).map(|(_, p)| p).collect();
    }
    let tried = pairs.len();
    let channels = ["wechat_pay", "alipay", "union_pay", "stripe"];
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let asked = channels.map(|channel| {
            let own = pairs.iter().filter(move |(call, ..)| call.channel == channel);
            scope.spawn(move || try_all(channel, own))
        });
        asked.into_iter().flat_map(|thread| thread.join().expect("it runs")).collect()
    });
    println!("{tried} of {count} pairs of fault and call");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

fn try_all<'a>(
    channel: &str,
    pairs: impl Iterator<Item = &'a (Call, Action, &'static [&'static str])>,
) -> Vec<String> {
    let world = world(channel);
    let clean = new_book(Kind::Sqlite);
    world.connect(&clean.book, channel);
    quick(&world, &clean.book, false);
    let (whole, all) = (hashes(&clean.book), files(&clean.book));
    let mut wrong = Vec::new();
    for (call, action, codes) in pairs {
        let made = new_book(Kind::Sqlite);
        world.connect(&made.book, channel);
        let fault = Fault { on: call.on.to_owned(), skip: 0, times: 3, action: action.clone() };
        // What may hang is not waited for; everything else has its time on a busy machine.
        let hurried = matches!(action, Action::Delay { .. } | Action::Slow { .. });
        world.platform.fault(fault);
        let report = quick(&world, &made.book, hurried);
        world.platform.clear();
        let done = &report.connections[0];
        let told = format!("{channel} {} {action:?}", call.name);
        if !codes.contains(&done.trouble.as_str()) || done.failed == 0 {
            wrong.push(format!("{told}: {:?} {:?} not {codes:?}", done.trouble, done.detail));
        }
        let kept = files(&made.book);
        let fewer = kept.len() < all.len() || call.name.starts_with("empty");
        if !kept.is_subset(&all) || !fewer {
            wrong.push(format!("{told}: {} of {} files are booked", kept.len(), all.len()));
        }
        let report = quick(&world, &made.book, false);
        if report.connections[0].failed > 0 || hashes(&made.book) != whole {
            wrong.push(format!("{told}: does not heal: {:?}", report.connections[0]));
        }
    }
    wrong
}

#[test]
fn a_clock_that_is_off_and_a_key_that_changes_are_got_over() {
    for channel in ["wechat_pay", "alipay", "union_pay", "stripe"] {
        let world = world(channel);
        let clean = new_book(Kind::Sqlite);
        world.connect(&clean.book, channel);
        quick(&world, &clean.book, false);
        let (state, now) = (hashes(&clean.book), world.clock()());
        for off_ms in [-3_600_000, -400_000, 400_000, 3_600_000] {
            let made = new_book(Kind::Sqlite);
            world.connect(&made.book, channel);
            let action = Action::Skew { ms: off_ms };
            world.platform.fault(Fault { on: String::new(), skip: 0, times: u32::MAX, action });
            let report = quick(&world, &made.book, false);
            world.platform.clear();
            let done = &report.connections[0];
            assert_eq!((done.failed, world.clock()()), (0, now), "{channel} {off_ms}: {done:?}");
            assert!((done.skew_ms - off_ms).abs() < 2_000, "{channel}: {done:?}");
            let same = hashes(&made.book);
            assert_eq!(same.1, state.1, "{channel}");
        }
        // Between two calls of one sync the channel changes its key.
        let made = new_book(Kind::Sqlite);
        world.connect(&made.book, channel);
        if world.platform.rotate(channel) {
            let report = quick(&world, &made.book, false);
            let done = &report.connections[0];
            assert_eq!((done.failed, hashes(&made.book)), (0, state.clone()), "{done:?}");
        }
    }
}
