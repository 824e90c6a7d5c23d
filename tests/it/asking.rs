//! A sync that begins by itself: when, how often while asking fails, and never two at once.

use crate::sync::World;
use backoffice::channels::{self, Route, SyncReport, SyncRequest, asking, due_now};
use backoffice::import::{Progress, Watch};
use backoffice::{BusinessDate, Error};
use connectors::transport::Retry;
use practice::platform::{Action, Fault};
use practice::{Options, Plant};
use std::sync::atomic::AtomicBool;
use store::Book;
use support::{Kind, new_book, reader};

const MINUTE_MS: i64 = 60_000;

fn small() -> Options {
    Options { days: 4, size: 3, planted: Plant::None, ..Options::default() }
}

/// Connections whose time has come.
pub fn due(world: &World, book: &Book) -> Vec<i64> {
    due_now(book, world.clock()()).expect("it can be read")
}

/// Minutes from now until the first connection is asked.
pub fn minutes(world: &World, book: &Book) -> i64 {
    let now = world.clock()();
    let found = asking(&mut reader(book), now).expect("it can be read");
    let first = found.iter().map(|next| next.at_ms).min().expect("there is a connection");
    (first - now).div_euclid(MINUTE_MS)
}

/// What a window does when it finds something due.
pub fn by_itself(world: &World, book: &Book, cancel: &AtomicBool) -> SyncReport {
    let connections = due(world, book);
    let request = SyncRequest {
        connections,
        by_itself: true,
        route: Route::Direct,
        retry: Retry::ONCE,
        ..SyncRequest::default()
    };
    let mut progress = |_: &Progress| {};
    let mut watch = Watch { progress: &mut progress, cancel };
    channels::sync(book, &request, &world.clock(), &mut watch).expect("the sync runs")
}

#[test]
fn what_is_connected_is_due_once_and_then_when_the_next_bill_is_there() {
    let world = World::new(&small(), |_| {});
    let made = new_book(Kind::Sqlite);
    assert!(due(&world, &made.book).is_empty(), "nothing is connected");
    let wechat = world.connect(&made.book, "wechat_pay");
    let alipay = world.connect(&made.book, "alipay");
    assert_eq!(due(&world, &made.book), [wechat, alipay]);
    let report = by_itself(&world, &made.book, &AtomicBool::new(false));
    assert!(report.connections.iter().all(|done| done.files > 0 && done.failed == 0));
    assert_eq!(due(&world, &made.book), [0; 0]);

    // It is 14:00: bills are there from 9:00 and 10:00 on, are read again eight hours later, and
    // not everybody asks on the minute.
    let wait = minutes(&world, &made.book);
    assert!((3 * 60..=4 * 60 + 10).contains(&wait), "{wait} minutes");
    world.at(world.last + 1, 19);
    by_itself(&world, &made.book, &AtomicBool::new(false));
    let wait = minutes(&world, &made.book);
    assert!((14 * 60..=15 * 60 + 10).contains(&wait), "{wait} minutes");
    channels::pause(&made.book, wechat, true).expect("it can be left alone");
    channels::pause(&made.book, alipay, true).expect("this one too");
    let none = asking(&mut reader(&made.book), world.clock()()).expect("it can be read");
    assert!(none.is_empty(), "what is paused is not asked by itself");
}

#[test]
fn while_a_channel_fails_it_is_asked_less_and_less_and_goes_on_when_it_is_back() {
    let world = World::new(&small(), |_| {});
    let made = new_book(Kind::Sqlite);
    let id = world.connect(&made.book, "wechat_pay");
    let action = Action::StatusBefore { status: 503 };
    world.platform.fault(Fault { on: String::new(), skip: 0, times: u32::MAX, action });
    let mut rests = Vec::new();
    for _ in 0..4 {
        let report = by_itself(&world, &made.book, &AtomicBool::new(false));
        assert!(report.connections.iter().all(|done| done.left), "{report:?}");
        let wait = minutes(&world, &made.book);
        rests.push(wait);
        assert!(due(&world, &made.book).is_empty(), "it is left alone for now");
        world.pass(wait);
    }
    assert_eq!(rests, [5, 10, 20, 40]);
    world.platform.clear();
    let back = by_itself(&world, &made.book, &AtomicBool::new(false));
    assert!(back.connections.iter().all(|done| done.files > 0), "{back:?}");
    let kept = channels::connection(&mut reader(&made.book), id).expect("it is there");
    assert_eq!((kept.failures, kept.rest_code.as_str()), (0, ""));
}

#[test]
fn who_stops_a_sync_is_not_asked_again_at_once() {
    let world = World::new(&small(), |_| {});
    let made = new_book(Kind::Sqlite);
    world.connect(&made.book, "wechat_pay");
    by_itself(&world, &made.book, &AtomicBool::new(true));
    assert_eq!(minutes(&world, &made.book), 30);
    world.pass(30);
    assert_eq!(due(&world, &made.book).len(), 1);
}

#[test]
fn two_syncs_of_one_book_never_run_at_once() {
    let world = World::new(&small(), |_| {});
    let made = new_book(Kind::Sqlite);
    world.connect(&made.book, "wechat_pay");
    let turn = made.book.take_turn("sync").expect("it can be taken").expect("it is free");
    let mut progress = |_: &Progress| {};
    let cancel = AtomicBool::new(false);
    let mut watch = Watch { progress: &mut progress, cancel: &cancel };
    let second = channels::sync(&made.book, &SyncRequest::default(), &world.clock(), &mut watch);
    assert!(matches!(second, Err(Error::SyncRuns)), "{second:?}");
    drop(turn);
    world.sync(&made.book);
    let day = BusinessDate::from_days(world.last);
    let connection = channels::list(&mut reader(&made.book)).expect("it can be read").remove(0);
    let (streams, _) = channels::coverage_of(&mut reader(&made.book), &connection, world.clock()())
        .expect("it can be read");
    assert_eq!(streams[0].proven_until, Some(day), "{streams:?}");
}
