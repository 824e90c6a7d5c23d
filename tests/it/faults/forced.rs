//! What a busy machine and a bad line do to the sync of a wrong bill: at any of its calls one fails
//! for good, or comes so late that what is here is committed before it. The books come out the same.

use super::bills::says;
use super::{all_of_them, quick, world};
use crate::sync::{World, hashes};
use backoffice::BusinessDate;
use practice::platform::{Action, BillFault, BillTwist, Fault};
use support::{Kind, new_book};

/// Every so many of the calls are tried on every run.
const SHARE: usize = 9;

/// Three syncs: while a bill is wrong, when it is right, and once more; what the book then says,
/// its derived hash, and how many calls each sync made. `at`: the sync that `fault` is for.
fn wronged(world: &World, at: usize, fault: Option<Fault>) -> (Vec<String>, String, [usize; 3]) {
    let day = world.first + 1;
    let made = new_book(Kind::Sqlite);
    world.at(day + 1, 14);
    world.connect(&made.book, "alipay");
    let mut calls = [0; 3];
    for (number, count) in calls.iter_mut().enumerate() {
        if number > 0 {
            world.at(world.last + 14, 14);
        }
        world.platform.clear();
        world.platform.bill(BillFault {
            channel: "alipay".into(),
            stream: "fund".into(),
            day: BusinessDate::from_days(day).to_string(),
            from_ms: i64::MIN,
            until_ms: BusinessDate::from_days(day + 3).start_ms(),
            twist: BillTwist::Contradictory { row: 1 },
        });
        if let Some(fault) = fault.clone().filter(|_| number == at) {
            world.platform.fault(fault);
        }
        let before = world.platform.calls().len();
        quick(world, &made.book, false);
        *count = world.platform.calls().len() - before;
    }
    world.platform.clear();
    (says(&made.book), hashes(&made.book).1, calls)
}

#[test]
fn a_call_that_fails_or_is_late_anywhere_leaves_the_books_of_a_wrong_bill_as_they_are() {
    let world = world("alipay");
    let (said, derived, calls) = wronged(&world, 0, None);
    let mut tried = 0;
    for (at, count) in calls.into_iter().enumerate().take(2) {
        for skip in (0..count).filter(|call| all_of_them() || call % SHARE == at) {
            let fails = Action::ResetBefore;
            for (times, action) in [(3, fails), (1, Action::Delay { ms: 250 })] {
                tried += 1;
                let told = format!("sync {at}, call {skip} of {count}: {action:?}");
                let skip = u32::try_from(skip).expect("a few calls");
                let fault = Fault { on: String::new(), skip, times, action };
                let (again, hash, _) = wronged(&world, at, Some(fault));
                assert_eq!(again, said, "{told}");
                assert_eq!(hash, derived, "{told}");
            }
        }
    }
    println!("{tried} calls that failed or were late");
}
