//! A sync under way waits while its line is metered, holds nothing meanwhile, and is stopped at
//! once; bills of a month are read again before it is closed.

use crate::sync::{World, counted, hashes};
use backoffice::channels::{self, Route, SyncReport, SyncRequest, not_read_again};
use backoffice::import::{Progress, Watch};
use backoffice::{BusinessDate, Period};
use practice::platform::{BillFault, BillTwist};
use practice::{Options, Plant};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use store::Book;
use support::{Kind, new_book, reader};

fn small() -> Options {
    Options { days: 9, size: 5, planted: Plant::None, ..Options::default() }
}

fn sync(
    world: &World,
    book: &Book,
    request: SyncRequest,
    progress: &mut dyn FnMut(&Progress),
    cancel: &AtomicBool,
) -> SyncReport {
    let request = SyncRequest { force: true, route: Route::Direct, ..request };
    let mut watch = Watch { progress, cancel };
    channels::sync(book, &request, &world.clock(), &mut watch).expect("the sync runs")
}

#[test]
fn a_sync_waits_while_its_line_is_metered_and_goes_on_to_the_same_books() {
    static METERED: AtomicBool = AtomicBool::new(false);
    let world = World::new(&small(), |_| {});
    let made = new_book(Kind::Sqlite);
    world.connect(&made.book, "wechat_pay");
    world.connect(&made.book, "alipay");
    let waits: Option<fn() -> bool> = Some(|| METERED.load(Ordering::SeqCst));
    let request = SyncRequest { waits, ..SyncRequest::default() };
    let (mut told, mut done_at_wait) = (Vec::new(), None);
    let mut progress = |at: &Progress| {
        if at.done == 2 {
            METERED.store(true, Ordering::SeqCst);
        }
        if told.last() != Some(&at.waits) {
            told.push(at.waits);
        }
        if at.waits && done_at_wait.is_none() {
            done_at_wait = Some(at.done);
            std::thread::spawn(|| {
                std::thread::sleep(Duration::from_millis(1_500));
                METERED.store(false, Ordering::SeqCst);
            });
        }
    };
    // So that the line turns while there is something left to ask for.
    world.platform.fault(practice::platform::Fault {
        on: String::new(),
        skip: 0,
        times: u32::MAX,
        action: practice::platform::Action::Delay { ms: 60 },
    });
    let begun = Instant::now();
    let report = sync(&world, &made.book, request, &mut progress, &AtomicBool::new(false));
    assert!(begun.elapsed() > Duration::from_millis(1_500), "it waited");
    assert_eq!(told, [false, true, false], "{done_at_wait:?}");
    let connections = &report.connections;
    assert!(connections.iter().all(|done| !done.left && done.failed == 0), "{connections:?}");
    world.rest(&made.book);
    assert_eq!(hashes(&made.book), hashes(&world.by_files().book));
}

#[test]
fn who_waits_for_a_line_locks_nothing_and_is_stopped_at_once() {
    let world = World::new(&small(), |_| {});
    let made = new_book(Kind::Sqlite);
    let id = world.connect(&made.book, "wechat_pay");
    let request = SyncRequest { waits: Some(|| true), ..SyncRequest::default() };
    let (cancel, waits) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let syncing = scope.spawn(|| {
            let mut progress = |at: &Progress| waits.store(at.waits, Ordering::SeqCst);
            sync(&world, &made.book, request, &mut progress, &cancel)
        });
        while !waits.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(500));
        let begun = Instant::now();
        channels::rename(&made.book, id, "柜台").expect("nobody holds the book");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        let begun = Instant::now();
        cancel.store(true, Ordering::SeqCst);
        let report = syncing.join().expect("it ends");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        assert!(report.import.cancelled, "{report:?}");
        assert!(report.connections.iter().all(|done| done.left && done.asked == 0), "{report:?}");
    });
    assert!(world.platform.calls().is_empty(), "nothing was asked");
    // What was not asked is asked the next time.
    world.connect(&made.book, "alipay");
    let request = SyncRequest::default();
    sync(&world, &made.book, request, &mut |_| {}, &AtomicBool::new(false));
    world.rest(&made.book);
    assert_eq!(hashes(&made.book), hashes(&world.by_files().book));
}

#[test]
fn before_a_month_is_closed_its_bills_are_read_again_and_an_amended_one_is_found() {
    let world = World::new(&small(), |_| {});
    let made = new_book(Kind::Sqlite);
    world.connect(&made.book, "wechat_pay");
    world.connect(&made.book, "alipay");
    let first = world.first;
    let day = BusinessDate::from_days;
    // Short of a row until after its last reading by schedule.
    world.platform.bill(BillFault {
        channel: "wechat_pay".into(),
        stream: "trade".into(),
        day: day(first).to_string(),
        from_ms: i64::MIN,
        until_ms: day(first + 25).start_ms(),
        twist: BillTwist::Missing { row: 0 },
    });
    let asked = |again| {
        let request = SyncRequest { again, ..SyncRequest::default() };
        let none = AtomicBool::new(false);
        let report = sync(&world, &made.book, request, &mut |_| {}, &none);
        assert!(report.connections.iter().all(|done| done.failed == 0 && !done.left));
        report.connections.iter().map(|done| done.asked).sum::<u64>()
    };
    let early = |period| {
        let now_ms = world.clock()();
        not_read_again(&mut reader(&made.book), period, None, now_ms).expect("it can be read")
    };
    let month = Period { from: day(first), until: day(first + 24) };
    for after in [9, 20, 27] {
        world.at(first + after, 22);
        asked(None);
    }
    // By schedule, days of which the tenth day after them was over on the twentieth are read no
    // more.
    let found = early(month);
    assert_eq!(found.len(), 6, "each stream of both: {found:#?}");
    for one in &found {
        assert_eq!((one.from, one.to, one.in_reach), (day(first), day(first + 10), true));
    }
    let of_one = not_read_again(
        &mut reader(&made.book),
        month,
        Some(backoffice::Channel::Alipay),
        world.clock()(),
    );
    assert_eq!(of_one.expect("it can be read").len(), 2);
    let short = counted(&made.book);
    assert_eq!(asked(None), 0, "nobody asked for them");
    assert_eq!(asked(Some(month)), 6 * 11);
    assert_eq!(early(month), []);
    assert_eq!(asked(Some(month)), 0, "once is enough");
    assert_eq!(counted(&made.book), short + 1, "the row that came later");
    world.rest(&made.book);
    assert_eq!(hashes(&made.book).1, hashes(&world.by_files().book).1);
    // What the channel gives out no more is said to be so.
    world.at(first + 150, 12);
    let longer = Period { until: day(first + 30), ..month };
    assert!(early(longer).iter().any(|one| one.from == day(first) && !one.in_reach));
}
