//! What the card of a channel says: what its money did, and how asking it went.

use crate::asking::by_itself;
use crate::defined::{settled, table, written};
use crate::faults::quick;
use crate::sync::World;
use backoffice::channels::{self, ASKS_KEPT, Business, Fed, StreamDays, businesses, coverage_of};
use backoffice::transactions::{TransactionFilter, list_transactions};
use domain::Channel;
use practice::platform::{Action, Fault};
use practice::{Options, Plant};
use std::sync::atomic::AtomicBool;
use store::Book;
use support::{BOTH, Kind, new_book, payouts, reader};

fn small() -> Options {
    Options { days: 4, size: 3, planted: Plant::None, ..Options::default() }
}

fn of(found: &[Business], channel: Channel) -> &Business {
    found.iter().find(|one| one.channel == channel).expect("the book has files of it")
}

#[test]
fn a_card_says_what_the_last_day_brought_and_how_the_last_payout_was_charged() {
    let world = World::new(&small(), |_| {});
    let made = new_book(Kind::Sqlite);
    world.connect(&made.book, "wechat_pay");
    assert_eq!(businesses(&mut reader(&made.book), world.clock()()).expect("it can be read"), []);
    world.sync(&made.book);
    world.rest(&made.book);
    let rows = ["8222,T1,2026-03-06 10:00:00,1001,6222******1234,借记卡,消费,100.00,0.50,99.50"];
    let folder = tempfile::tempdir().expect("a folder");
    settled(&made.book, &written(folder.path(), "lakala.csv", &table(&rows)));

    let mut reader = reader(&made.book);
    let found = businesses(&mut reader, world.clock()()).expect("it can be read");
    let wechat = of(&found, Channel::WechatPay);
    assert_eq!(wechat.fed, Fed::Network);
    let (day, sums) = wechat.received.as_ref().expect("something was sold");
    let filter = TransactionFilter {
        channel: Some(Channel::WechatPay),
        kind: Some("payment".to_owned()),
        ..TransactionFilter::default()
    };
    let sales = list_transactions(&mut reader, &filter, None, 10_000).expect("a list").rows;
    assert_eq!(Some(*day), sales.iter().map(|row| row.day).max());
    let of_day = sales.iter().filter(|row| row.day == *day);
    assert_eq!(sums[0].amount_minor, of_day.map(|row| row.settled_minor).sum::<i64>());
    let last = wechat.last.as_ref().expect("something was paid out");
    let of_channel = |payout: &backoffice::payouts::Payout| payout.row.channel == "wechat_pay";
    let newest = payouts(&made.book).into_iter().filter(of_channel).map(|p| p.row.day).max();
    assert_eq!(Some(last.day), newest);
    let fees = wechat.fees.as_ref().expect("it holds payments");
    assert!(fees.payments > 0 && fees.difference_minor() == 0, "{fees:?}");

    let files = of(&found, Channel::from_code("lakala").expect("a channel"));
    assert_eq!(files.fed, Fed::Files);
    assert_eq!(files.received.as_ref().map(|(_, sums)| sums[0].amount_minor), Some(10_000));
    let next = files.next.as_ref().expect("the bank has not got it");
    assert_eq!(next.amounts[0].amount_minor, 9_950);
    assert!(found.iter().all(|one| one.channel != Channel::Shop && one.channel != Channel::Bank));
}

#[test]
fn a_card_is_the_same_on_both_databases() {
    let rows = [
        "8222,T1,2026-03-06 10:00:00,1001,6222******1234,借记卡,消费,100.00,0.50,99.50",
        "8222,T1,2026-03-07 10:00:00,1002,6222******1234,借记卡,消费,40.00,0.20,39.80",
    ];
    let cards: Vec<Vec<Business>> = BOTH
        .into_iter()
        .map(|kind| {
            let (test, folder) = (new_book(kind), tempfile::tempdir().expect("a folder"));
            settled(&test.book, &written(folder.path(), "lakala.csv", &table(&rows)));
            businesses(&mut reader(&test.book), 1_773_000_000_000).expect("it can be read")
        })
        .collect();
    assert_eq!(cards[0].len(), 1);
    assert!(cards.iter().all(|found| *found == cards[0]), "{cards:#?}");
}

fn days(world: &World, book: &Book, id: i64, stream: &str) -> StreamDays {
    let mut reader = reader(book);
    let connection = channels::connection(&mut reader, id).expect("it is there");
    let (streams, _) = coverage_of(&mut reader, &connection, world.clock()()).expect("its days");
    streams.into_iter().find(|days| days.stream == stream).expect("the stream")
}

#[test]
fn asks_that_failed_are_counted_among_the_last_and_days_that_wait_are_told() {
    let world = World::new(&small(), |_| {});
    let made = new_book(Kind::Sqlite);
    let id = world.connect(&made.book, "wechat_pay");
    let before = days(&world, &made.book, id, "trade");
    assert_eq!((before.asks.asked, before.asks.failed), (0, 0), "nobody was asked");
    assert_eq!((before.asks.last_fine_ms, &before.asks.last_failed), (None, &None));
    assert_eq!(before.backlog(), 4);

    by_itself(&world, &made.book, &AtomicBool::new(false));
    let fetched = days(&world, &made.book, id, "trade");
    assert_eq!((fetched.asks.asked, fetched.asks.failed, fetched.backlog()), (4, 0, 0));
    let fine_ms = fetched.asks.last_fine_ms.expect("it went well");

    // Two days later two bills are due, and the channel is out of order.
    world.at(world.last + 3, 14);
    let action = Action::StatusBefore { status: 503 };
    world.platform.fault(Fault { on: String::new(), skip: 0, times: u32::MAX, action });
    quick(&world, &made.book, false);
    let broken = days(&world, &made.book, id, "trade").asks;
    assert!(broken.failed > 0 && broken.asked == 4 + broken.failed, "{broken:?}");
    assert_eq!(broken.last_fine_ms, Some(fine_ms), "the last that went well is still known");
    let (failed_ms, code) = broken.last_failed.expect("it failed");
    assert!(failed_ms > fine_ms && code == "unavailable", "{code}");

    // However often it fails, only the last fifty count, and the last success stays known.
    for _ in 0..60 {
        quick(&world, &made.book, false);
    }
    let long = days(&world, &made.book, id, "trade").asks;
    assert_eq!((i64::from(long.asked), long.failed), (ASKS_KEPT, long.asked));
    assert_eq!(long.last_fine_ms, Some(fine_ms));
    world.platform.clear();
    quick(&world, &made.book, false);
    let healed = days(&world, &made.book, id, "trade");
    assert!(healed.asks.failed < healed.asks.asked && healed.backlog() == 0, "{healed:?}");
    assert!(healed.asks.last_fine_ms > Some(fine_ms));
    channels::remove(&made.book, id).expect("it can be taken away with what was asked");
}
