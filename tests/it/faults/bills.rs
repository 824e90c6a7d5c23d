//! Bills that are late, empty, short, doubled, turned round, changed or announced under another
//! hash: none passes for the whole truth, and the channel's later word puts the books right.

use super::{all_of_them, quick, world};
use crate::sync::hashes;
use backoffice::BusinessDate;
use backoffice::channels::DayState;
use backoffice::lists::{CertificateRow, list_certificates};
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
    // UnionPay's word for "none" is believed in the evening.
    let empty: &[DayState] = if channel == "wechat_pay" { &[Empty] } else { &[Failed] };
    // What is no archive is no bill of Alipay's; WeChat Pay's is what the hash announced.
    let unreadable: &[DayState] = if channel == "alipay" { &[Failed] } else { &[Broken] };
    let mut twists = vec![
        told(BillTwist::Late, &[Failed], true),
        told(BillTwist::Empty, empty, true),
        told(BillTwist::Unreadable, unreadable, true),
        told(BillTwist::Missing { row: 1 }, &[Proven, Broken], true),
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
    for channel in ["wechat_pay", "alipay"] {
        let world = world(channel);
        // UnionPay's one file is read in both ways.
        let streams: &[&str] = if channel == "union_pay" { &["trade"] } else { &["trade", "fund"] };
        for stream in streams.iter().copied() {
            for (number, told) in twists(channel, stream).into_iter().enumerate() {
                if !all_of_them() && number % 2 != usize::from(stream == "fund") {
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
    let found = found.map(|row| format!("{} {} {}", row.id, row.state, row.effect_minor));
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
