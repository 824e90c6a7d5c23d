//! What proves nothing stays unproven however often it comes, is asked for again with rests, and
//! no day is taken for empty while the channel's own account says otherwise.

use crate::asking::{by_itself, due, minutes};
use crate::faults::{quick, world};
use crate::sync::World;
use backoffice::BusinessDate;
use backoffice::channels::{self, DayState, Trouble, coverage_of};
use practice::platform::{Action, BillFault, BillTwist, Fault};
use std::sync::atomic::AtomicBool;
use store::Book;
use support::{Kind, breaks, import_paths, new_book, reader};

/// From now on until the platform's script is cleared.
fn spoil(world: &World, channel: &str, stream: &str, day: i32, twist: BillTwist) {
    world.platform.bill(BillFault {
        channel: channel.to_owned(),
        stream: stream.to_owned(),
        day: BusinessDate::from_days(day).to_string(),
        from_ms: i64::MIN,
        until_ms: i64::MAX,
        twist,
    });
}

fn state(world: &World, book: &Book, id: i64, stream: &str, day: i32) -> DayState {
    let states = world.states(book, id);
    let found = states.iter().find(|(of, at, _)| of == stream && *at == day);
    found.map(|(.., state)| *state).expect("the day is known")
}

fn troubles(world: &World, book: &Book, id: i64) -> Vec<Trouble> {
    let mut reader = reader(book);
    let connection = channels::connection(&mut reader, id).expect("it is there");
    coverage_of(&mut reader, &connection, world.clock()()).expect("it can be read").1
}

#[test]
fn a_bill_that_contradicts_itself_proves_no_more_when_the_same_bytes_come_again() {
    let bills = [
        ("wechat_pay", "trade", "trade"),
        ("wechat_pay", "fund", "fund:basic"),
        ("alipay", "trade", "trade"),
        ("alipay", "fund", "fund"),
    ];
    for (channel, stream, name) in bills {
        let world = world(channel);
        let day = world.first + 1;
        world.at(day + 1, 14);
        let made = new_book(Kind::Sqlite);
        let id = world.connect(&made.book, channel);
        spoil(&world, channel, stream, day, BillTwist::Doubled { row: 1 });
        for hour in [14, 15, 20] {
            world.at(day + 1, hour);
            let report = quick(&world, &made.book, false);
            let told = format!("{channel} {stream} at {hour}: {:?}", report.import.files);
            assert_eq!(state(&world, &made.book, id, name, day), DayState::Broken, "{told}");
            let wrong = report.import.files.iter().filter(|file| !file.is_whole()).count();
            assert_eq!(wrong, 1, "{told}");
        }
        world.platform.clear();
        world.at(day + 2, 14);
        quick(&world, &made.book, false);
        assert_eq!(state(&world, &made.book, id, name, day), DayState::Proven, "{channel} {name}");
        assert!(troubles(&world, &made.book, id).is_empty(), "{channel} {name}");
    }
}

#[test]
fn what_is_of_no_use_is_asked_for_again_after_longer_and_longer_rests() {
    let twists =
        [(BillTwist::Doubled { row: 1 }, "broken"), (BillTwist::Unreadable, "refused_file")];
    for (twist, code) in twists {
        let world = world("wechat_pay");
        let day = world.first + 1;
        world.at(day + 1, 11);
        let made = new_book(Kind::Sqlite);
        let id = world.connect(&made.book, "wechat_pay");
        spoil(&world, "wechat_pay", "trade", day, twist);
        let mut rests = Vec::new();
        for asked in 1..=3 {
            by_itself(&world, &made.book, &AtomicBool::new(false));
            let on = format!("tradebill?bill_date={}", BusinessDate::from_days(day));
            let calls = world.platform.calls();
            let calls = calls.iter().filter(|call| call.label.contains(&on)).count();
            assert_eq!(calls, asked, "{code}");
            assert_eq!(due(&world, &made.book), [0; 0], "{code}: it is left alone for now");
            assert_eq!(state(&world, &made.book, id, "trade", day), DayState::Broken, "{code}");
            let told = troubles(&world, &made.book, id);
            let told: Vec<_> = told.iter().map(|t| (t.code.as_str(), t.tries)).collect();
            assert_eq!(told, [(code, i64::try_from(asked).expect("few"))]);
            let wait = minutes(&world, &made.book);
            rests.push(wait);
            world.pass(wait + 1);
        }
        // Accounts do not all ask on the minute.
        for (wait, rest) in rests.iter().zip([30, 60, 120]) {
            assert!((rest..=rest + 10).contains(wait), "{code}: {rests:?}");
        }
        world.platform.clear();
        by_itself(&world, &made.book, &AtomicBool::new(false));
        assert_eq!(state(&world, &made.book, id, "trade", day), DayState::Proven, "{code}");
        assert!(troubles(&world, &made.book, id).is_empty(), "{code}");
    }
}

#[test]
fn a_quiet_day_at_alipay_is_empty_when_its_account_says_so_too() {
    let world = world("alipay");
    let quiet = world.last + 1;
    world.at(quiet + 1, 14);
    let made = new_book(Kind::Sqlite);
    let id = world.connect(&made.book, "alipay");
    let refusal = Action::Refuse {
        status: 200,
        code: "USER_AGREEMENT_CHECK_FAIL".to_owned(),
        message: String::new(),
    };
    let on = "accountlog.query".to_owned();
    world.platform.fault(Fault { on, skip: 0, times: u32::MAX, action: refusal });
    quick(&world, &made.book, false);
    for stream in ["trade", "fund"] {
        assert_eq!(state(&world, &made.book, id, stream, quiet), DayState::Failed);
        assert_eq!(state(&world, &made.book, id, stream, quiet - 1), DayState::Proven);
    }
    let told = troubles(&world, &made.book, id);
    assert!(told.iter().all(|trouble| trouble.code == "unconfirmed"), "{told:?}");
    assert_eq!(told.len(), 2, "{told:?}");
    world.platform.clear();
    quick(&world, &made.book, false);
    for stream in ["trade", "fund"] {
        assert_eq!(state(&world, &made.book, id, stream, quiet), DayState::Empty);
    }
    assert!(troubles(&world, &made.book, id).is_empty());
    let calls = world.platform.calls();
    let asked = |method: &str| calls.iter().any(|call| call.label.contains(method));
    assert!(asked("accountlog.query") && asked("balancehis.query"));
}

#[test]
fn a_bill_that_alipay_denies_while_its_account_moved_is_missing_and_not_empty() {
    for (stream, other) in [("trade", "fund"), ("fund", "trade")] {
        let world = world("alipay");
        let day = world.first + 1;
        world.at(day + 1, 14);
        let made = new_book(Kind::Sqlite);
        let id = world.connect(&made.book, "alipay");
        spoil(&world, "alipay", stream, day, BillTwist::Empty);
        quick(&world, &made.book, false);
        assert_eq!(state(&world, &made.book, id, stream, day), DayState::Failed, "{stream}");
        assert_eq!(state(&world, &made.book, id, other, day), DayState::Proven, "{stream}");
        let told = troubles(&world, &made.book, id);
        let told: Vec<_> = told.iter().map(|t| (t.stream.as_str(), t.code.as_str())).collect();
        assert_eq!(told, [(stream, "bill_missing")]);
        world.platform.clear();
        quick(&world, &made.book, false);
        assert_eq!(state(&world, &made.book, id, stream, day), DayState::Proven, "{stream}");
    }
}

/// Orders of the shop that are paid at a channel on a day without a bill: which of them are breaks.
fn unpaid(book: &Book) -> Vec<(String, i32, i64)> {
    let found = breaks(book).into_iter().filter(|found| found.kind == "order_without_payment");
    found.map(|found| (found.records[0].clone(), found.day, found.effect_minor)).collect()
}

#[test]
fn an_order_paid_on_a_day_without_a_file_is_a_break_once_that_day_is_believed_to_be_empty() {
    // Hours after midnight: the channel's usual ones, and a merchant's own.
    for (own, believed) in [("", 33), ("40", 40)] {
        let world = world("union_pay");
        let day = world.first + 1;
        let paid = BusinessDate::from_days(day);
        let next = BusinessDate::from_days(day + 1);
        spoil(&world, "union_pay", "trade", day, BillTwist::Late);
        let made = new_book(Kind::Sqlite);
        let actor = backoffice::decisions::Actor { name: "老板", at_ms: paid.start_ms() };
        let setup = world.setup_with("union_pay", &[("empty_after_hours", own)]);
        let id = channels::add(&made.book, &setup, "", Some(world.first), &actor)
            .expect("it can be connected");
        // The second is of the next clearing day, which begins at 23:00 and has a file; none of
        // its payments is of this order.
        let orders = format!(
            "订单号,下单时间,支付时间,关闭时间,状态,应付金额,币种,支付渠道,商品,买家\n\
             LOST0001,{paid} 11:50:00,{paid} 12:00:00,,已支付,88.00,CNY,银联,拿铁,顾客1\n\
             LOST0002,{paid} 23:01:00,{paid} 23:02:00,,已支付,66.00,CNY,银联,拿铁,顾客2\n\
             LOST0003,{next} 11:50:00,{next} 12:00:00,,已支付,30.00,CNY,现金,拿铁,顾客3\n"
        );
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("orders.csv");
        std::fs::write(&path, orders).expect("the file can be written");
        import_paths(&made.book, &[path]);

        let lost = ("order:LOST0001".to_owned(), day, -8_800);
        let late = ("order:LOST0002".to_owned(), day, -6_600);
        let told = |hour: i64| {
            world.at(day, 24 + hour);
            quick(&world, &made.book, false);
            (state(&world, &made.book, id, "trade", day), unpaid(&made.book))
        };
        assert_eq!(told(14), (DayState::Failed, vec![]), "{own:?}: nothing is said yet");
        assert_eq!(told(21), (DayState::Failed, vec![]), "{own:?}: its word alone is no proof");
        let before = told(believed - 1);
        assert_eq!((before.0, before.1.contains(&lost)), (DayState::Failed, false), "{own:?}");
        let after = told(believed);
        assert_eq!((after.0, after.1.contains(&lost)), (DayState::Empty, true), "{own:?}");
        // A file that came later still, without this payment, changes nothing of it.
        world.platform.clear();
        world.at(day + 3, 14);
        quick(&world, &made.book, false);
        assert_eq!(state(&world, &made.book, id, "trade", day), DayState::Proven, "{own:?}");
        assert_eq!(unpaid(&made.book), [lost, late], "{own:?}");
    }
}
