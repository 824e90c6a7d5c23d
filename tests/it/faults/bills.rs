//! Bills that are late, empty, short, cut, doubled, turned round, changed or announced under another
//! hash: none passes for the whole truth, and the channel's later word puts the books right.
//!
//! UnionPay's file has no total and no second bill beside it: what is wrong in it and adds up row
//! by row is held by its signature alone, and becomes a revision.

use super::{all_of_them, quick, world};
use crate::sync::hashes;
use backoffice::BusinessDate;
use backoffice::channels::DayState;
use backoffice::lists::{BreakRow, CertificateRow, list_certificates};
use practice::platform::{BillFault, BillTwist};
use store::Book;
use support::{Kind, breaks, new_book, reader};

/// What a sync may say of the day: its state, and whether a certificate of it may be complete.
struct Told {
    twist: BillTwist,
    states: &'static [DayState],
    red: bool,
}

fn twists(channel: &str, stream: &str) -> Vec<Told> {
    use DayState::{Broken, Empty, Failed, Proven};
    let told = |twist, states, red| Told { twist, states, red };
    let fund = stream == "fund";
    // Reversed rows of a trade bill say the same.
    let reordered: &[DayState] = if fund { &[Broken] } else { &[Proven] };
    // Alipay has one word for "none" and "not yet": its account is asked which of the two it is.
    // UnionPay's word for "none" is not believed before the next file is due.
    let empty: &[DayState] = if channel == "wechat_pay" { &[Empty] } else { &[Failed] };
    let signed_alone = channel == "union_pay";
    // What is no archive is no bill of Alipay's; WeChat Pay's is what the hash announced.
    let unreadable: &[DayState] = if channel == "alipay" { &[Failed] } else { &[Broken] };
    let mut twists = vec![
        told(BillTwist::Late, &[Failed], true),
        told(BillTwist::Empty, empty, true),
        told(BillTwist::Unreadable, unreadable, true),
        told(BillTwist::Cut, unreadable, true),
        told(BillTwist::Missing { row: 1 }, &[Proven, Broken], !signed_alone),
        told(BillTwist::Contradictory { row: 1 }, &[Proven, Broken], true),
        told(BillTwist::Doubled { row: 1 }, &[Broken], true),
        told(BillTwist::Reordered, reordered, fund),
        told(BillTwist::Changed { row: 1 }, &[Proven, Broken], fund),
    ];
    if channel == "wechat_pay" {
        twists.push(told(BillTwist::WrongHash, &[Failed], true));
    }
    twists
}

#[test]
fn no_wrong_bill_passes_for_the_truth_and_the_later_one_puts_the_books_right() {
    let mut tried = 0;
    for channel in ["wechat_pay", "alipay", "union_pay"] {
        let world = world(channel);
        // UnionPay's one file is read in both ways.
        let streams: &[&str] = if channel == "union_pay" { &["trade"] } else { &["trade", "fund"] };
        for stream in streams.iter().copied() {
            for (number, told) in twists(channel, stream).into_iter().enumerate() {
                let share = streams.len();
                if !all_of_them() && number % share != usize::from(stream == "fund") {
                    continue;
                }
                tried += 1;
                try_one(&world, channel, stream, &told);
            }
        }
    }
    println!("{tried} wrong bills");
}

/// What a book says of its days and of what does not agree: easier to read than a hash.
pub fn says(book: &Book) -> Vec<String> {
    let certificates = list_certificates(&mut reader(book), None, None).expect("rows");
    let verdict = |row: CertificateRow| format!("{} {} {}", row.stream, row.day, row.verdict);
    let found = breaks(book).into_iter();
    let told = |row: BreakRow| {
        let said = (&row.field, &row.expected, &row.found, row.day, row.effect_minor);
        format!("{} {} {} {said:?}", row.id, row.kind, row.state)
    };
    let found = found.map(told);
    certificates.into_iter().map(verdict).chain(found).collect()
}

fn try_one(world: &crate::sync::World, channel: &str, stream: &str, told: &Told) {
    let whole = {
        let clean = new_book(Kind::Sqlite);
        world.connect(&clean.book, channel);
        world.at(world.last + 14, 14);
        quick(world, &clean.book, false);
        (says(&clean.book), hashes(&clean.book).1)
    };
    let day = world.first + 1;
    world.at(day + 1, 14);
    let made = new_book(Kind::Sqlite);
    let id = world.connect(&made.book, channel);
    let until_ms = BusinessDate::from_days(day + 3).start_ms();
    world.platform.bill(BillFault {
        channel: channel.to_owned(),
        stream: stream.to_owned(),
        day: BusinessDate::from_days(day).to_string(),
        from_ms: i64::MIN,
        until_ms,
        twist: told.twist,
    });
    quick(world, &made.book, false);
    let what = format!("{channel} {stream} {:?}", told.twist);
    let name = match (channel, stream) {
        ("wechat_pay", "fund") => "fund:basic",
        _ => stream,
    };
    let states = world.states(&made.book, id);
    let state = states.iter().find(|(of, at, _)| of == name && *at == day);
    let state = state.map(|(.., state)| *state).expect("the day is known");
    assert!(told.states.contains(&state), "{what}: {state:?}");
    let certificates = list_certificates(&mut reader(&made.book), None, None).expect("rows");
    let complete = certificates.iter().filter(|row| row.day == day && row.verdict == "complete");
    assert!(!told.red || complete.count() < 2, "{what}: both bills pass: {certificates:#?}");
    world.at(world.last + 14, 14);
    quick(world, &made.book, false);
    quick(world, &made.book, false);
    assert_eq!(says(&made.book), whole.0, "{what}");
    assert_eq!(hashes(&made.book).1, whole.1, "{what}");
    let open = |(_, at, state): &(String, i32, DayState)| *at <= world.last && !state.is_whole();
    assert!(!world.states(&made.book, id).iter().any(open), "{what}");
    world.platform.clear();
}

/// A list of Stripe's that is wrong, and what a sync may say of the day.
struct WrongList {
    stream: &'static str,
    twist: BillTwist,
    state: DayState,
    /// True when no certificate of the day may be complete.
    red: bool,
}

fn wrong_lists() -> Vec<WrongList> {
    use BillTwist::{Changed, Contradictory, Cut, Doubled, Empty, Missing, Reordered};
    use DayState::{Broken, Failed, Proven};
    let row = 0;
    let list = |stream, twist, state, red| WrongList { stream, twist, state, red };
    vec![
        // Nothing in a list shows what it leaves out or tells wrongly: the balance does.
        list("balance", Missing { row }, Proven, true),
        list("balance", Changed { row }, Proven, true),
        list("balance", Cut, Proven, true),
        list("balance", Empty, Proven, true),
        // These break what Stripe promises of a list and of a row.
        list("balance", Doubled { row }, Failed, true),
        list("balance", Contradictory { row }, Failed, true),
        // Rows bear their time, so their order says nothing.
        list("balance", Reordered, Proven, false),
        // The newest of a payout's rows is its own, which is no part of the sum.
        list("members", Missing { row: 1 }, Broken, true),
        list("members", Changed { row: 1 }, Broken, true),
        list("members", Cut, Broken, true),
        list("members", Empty, Broken, true),
        list("members", Doubled { row }, Failed, true),
        list("members", Contradictory { row }, Failed, true),
        list("payouts", Changed { row }, Broken, true),
        list("payouts", Doubled { row }, Failed, true),
        // Its rows are all here, and its own list comes with a later sync.
        list("payouts", Missing { row }, Proven, false),
    ]
}

#[test]
fn no_wrong_list_of_stripes_passes_for_the_truth_and_the_later_one_puts_the_books_right() {
    let world = world("stripe");
    let whole = {
        let clean = new_book(Kind::Sqlite);
        world.connect(&clean.book, "stripe");
        world.at(world.last + 14, 14);
        quick(&world, &clean.book, false);
        (says(&clean.book), hashes(&clean.book).1)
    };
    let (first, day) = (world.first, world.first + 1);
    let mut tried = 0;
    for wrong in wrong_lists() {
        tried += 1;
        let told = format!("{} {:?}", wrong.stream, wrong.twist);
        let made = new_book(Kind::Sqlite);
        world.at(first + 1, 14);
        let id = world.connect(&made.book, "stripe");
        quick(&world, &made.book, false);
        // What was sold on the first day is paid out two days later.
        let made_on = if wrong.stream == "balance" { day } else { day + 1 };
        world.platform.bill(BillFault {
            channel: "stripe".to_owned(),
            stream: wrong.stream.to_owned(),
            day: BusinessDate::from_days(made_on).to_string(),
            from_ms: i64::MIN,
            until_ms: BusinessDate::from_days(day + 3).start_ms(),
            twist: wrong.twist,
        });
        world.at(day + 1, 14);
        quick(&world, &made.book, false);
        let states = world.states(&made.book, id);
        let state = states.iter().find(|(_, at, _)| *at == day).map(|(.., state)| *state);
        assert_eq!(state, Some(wrong.state), "{told}");
        let certificates = list_certificates(&mut reader(&made.book), None, None).expect("rows");
        let complete =
            certificates.iter().filter(|row| row.day == day && row.verdict == "complete").count();
        let expected = if wrong.red { 0 } else { 2 };
        assert_eq!(complete, expected, "{told}: {certificates:#?}");
        world.at(world.last + 14, 14);
        quick(&world, &made.book, false);
        assert_eq!(says(&made.book), whole.0, "{told}");
        assert_eq!(hashes(&made.book).1, whole.1, "{told}");
        let states = world.states(&made.book, id);
        assert!(
            states.iter().all(|(_, at, state)| *at > world.last || state.is_whole()),
            "{told}: {states:?}"
        );
        world.platform.clear();
    }
    println!("{tried} wrong lists");
}

#[test]
fn a_row_of_an_earlier_file_that_unionpay_leaves_out_goes_also_when_it_had_one_nobody_could_read() {
    let world = world("union_pay");
    let day = world.first + 1;
    let spoil = |twist, from_ms, until_ms| {
        world.platform.bill(BillFault {
            channel: "union_pay".to_owned(),
            stream: "trade".to_owned(),
            day: BusinessDate::from_days(day).to_string(),
            from_ms,
            until_ms,
            twist,
        });
    };
    let later_ms = BusinessDate::from_days(day + 3).start_ms();
    spoil(BillTwist::Missing { row: 0 }, later_ms, i64::MAX);
    let clean = new_book(Kind::Sqlite);
    world.connect(&clean.book, "union_pay");
    world.at(world.last + 14, 14);
    quick(&world, &clean.book, false);
    let made = new_book(Kind::Sqlite);
    world.at(day + 1, 14);
    world.connect(&made.book, "union_pay");
    spoil(BillTwist::Contradictory { row: 1 }, i64::MIN, later_ms);
    quick(&world, &made.book, false);
    assert_ne!(says(&made.book), says(&clean.book));
    world.at(world.last + 14, 14);
    quick(&world, &made.book, false);
    assert_eq!(says(&made.book), says(&clean.book));
    assert_eq!(hashes(&made.book).1, hashes(&clean.book).1);
}

#[test]
fn a_right_file_counts_again_after_a_wrong_one_came_in_between() {
    let world = world("union_pay");
    let day = world.first;
    let noon = |after: i32| BusinessDate::from_days(day + after).start_ms() + 12 * 3_600_000;
    let clean = new_book(Kind::Sqlite);
    world.connect(&clean.book, "union_pay");
    world.at(day + 10, 14);
    quick(&world, &clean.book, false);
    world.platform.bill(BillFault {
        channel: "union_pay".to_owned(),
        stream: "trade".to_owned(),
        day: BusinessDate::from_days(day).to_string(),
        from_ms: noon(2),
        until_ms: noon(8),
        twist: BillTwist::Contradictory { row: 0 },
    });
    let made = new_book(Kind::Sqlite);
    world.at(day + 1, 14);
    let id = world.connect(&made.book, "union_pay");
    let state = || {
        let states = world.states(&made.book, id);
        states.into_iter().find(|(_, at, _)| *at == day).map(|(.., state)| state)
    };
    quick(&world, &made.book, false);
    assert_eq!(state(), Some(DayState::Proven));
    world.at(day + 3, 14);
    quick(&world, &made.book, false);
    assert_eq!(state(), Some(DayState::Broken), "the later word is the wrong one");
    world.at(day + 10, 14);
    quick(&world, &made.book, false);
    assert_eq!(state(), Some(DayState::Proven));
    assert_eq!(says(&made.book), says(&clean.book));
    assert_eq!(hashes(&made.book).1, hashes(&clean.book).1);
}

#[test]
fn of_two_words_the_later_counts_also_in_one_millisecond_and_when_the_clock_was_set_back() {
    for channel in ["wechat_pay", "union_pay"] {
        for hour in [14, 12] {
            let world = world(channel);
            let day = world.first;
            world.at(day + 1, 14);
            let made = new_book(Kind::Sqlite);
            let id = world.connect(&made.book, channel);
            let state = || {
                let states = world.states(&made.book, id);
                let own = |(of, at, _): &(String, i32, DayState)| of == "trade" && *at == day;
                states.into_iter().find(own).map(|(.., state)| state)
            };
            world.platform.bill(BillFault {
                channel: channel.to_owned(),
                stream: "trade".to_owned(),
                day: BusinessDate::from_days(day).to_string(),
                from_ms: i64::MIN,
                until_ms: i64::MAX,
                twist: BillTwist::Doubled { row: 0 },
            });
            quick(&world, &made.book, false);
            assert_eq!(state(), Some(DayState::Broken), "{channel} {hour}");
            world.platform.clear();
            world.at(day + 1, hour);
            quick(&world, &made.book, false);
            assert_eq!(state(), Some(DayState::Proven), "{channel} {hour}");
            let certificates =
                list_certificates(&mut reader(&made.book), None, None).expect("rows");
            let red = certificates.iter().filter(|row| row.day == day && row.verdict != "complete");
            assert_eq!(red.count(), 0, "{channel} {hour}: {certificates:#?}");
        }
    }
}

#[test]
fn unionpays_word_for_no_file_is_believed_once_the_next_file_is_due_or_when_the_merchant_says() {
    let spoil = |world: &crate::sync::World, day: i32| {
        world.platform.bill(BillFault {
            channel: "union_pay".to_owned(),
            stream: "trade".to_owned(),
            day: BusinessDate::from_days(day).to_string(),
            from_ms: i64::MIN,
            until_ms: BusinessDate::from_days(day + 3).start_ms(),
            twist: BillTwist::Late,
        });
    };
    let world = world("union_pay");
    let day = world.first + 1;
    spoil(&world, day);
    let made = new_book(Kind::Sqlite);
    world.at(day + 1, 14);
    let id = world.connect(&made.book, "union_pay");
    let told = |hour: i64| {
        world.at(day + 1, hour);
        quick(&world, &made.book, false);
        let states = world.states(&made.book, id);
        let state = states.into_iter().find(|(_, at, _)| *at == day).map(|(.., state)| state);
        let mut code = String::new();
        let read = reader(&made.book).query("select code from sync_trouble", &[], |row| {
            row.text(0)?.clone_into(&mut code);
            Ok(())
        });
        read.expect("it can be read");
        (state, code)
    };
    assert_eq!(told(14), (Some(DayState::Failed), "not_yet".to_owned()));
    assert_eq!(told(21), (Some(DayState::Failed), "said_empty".to_owned()));
    assert_eq!(told(34), (Some(DayState::Empty), String::new()), "the next file is here");
    // A file that came later still is read when the day is asked for again.
    world.at(day + 3, 14);
    quick(&world, &made.book, false);
    let states = world.states(&made.book, id);
    assert!(states.contains(&("trade".to_owned(), day, DayState::Proven)), "{states:?}");

    let evening = world.setup_with("union_pay", &[("empty_after_hours", "20")]);
    let other = new_book(Kind::Sqlite);
    let at_ms = BusinessDate::from_days(day).start_ms();
    let actor = backoffice::decisions::Actor { name: "老板", at_ms };
    let id = backoffice::channels::add(&other.book, &evening, "", Some(world.first), &actor)
        .expect("it can be connected");
    world.at(day + 1, 21);
    quick(&world, &other.book, false);
    let states = world.states(&other.book, id);
    assert!(states.contains(&("trade".to_owned(), day, DayState::Empty)), "{states:?}");
    let never = world.setup_with("union_pay", &[("empty_after_hours", "3")]);
    let refused = backoffice::channels::add(&other.book, &never, "", None, &actor);
    let refused = refused.expect_err("not before the evening").to_string();
    assert!(refused.starts_with("empty_after_hours"), "{refused}");
}
