//! One bit of a signed answer, or of a file whose hash a signed one announced, is another: nothing
//! of it is believed. Through the socket, the sync's own calls and its readers; the readers by
//! themselves are tried a hundred thousand times (`make test-channels`).

use super::{CALLS, Proven, files, quick, world};
use crate::sync::hashes;
use backoffice::channels::{self, Route, SyncRequest};
use connectors::transport::Retry;
use practice::platform::{Action, Fault};
use std::collections::BTreeMap;
use support::{Kind, new_book};

/// Flips of every `cargo test`.
const FEW: usize = 400;

#[test]
fn no_answer_with_a_flipped_bit_is_believed() {
    let tries = std::env::var("SUANPAN_TRIES").ok().and_then(|text| text.parse().ok());
    let tries: usize = tries.map_or(FEW, |tries: usize| tries.min(20_000));
    let signed: Vec<_> = CALLS.iter().filter(|call| call.proven != Proven::Line).collect();
    let mut refused: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for call in &signed {
        let world = world(call.channel);
        // The day whose bill is asked for is one of sales, or an empty one after them.
        let quiet = call.name.starts_with("empty day");
        world.at(world.last + 1 + i32::from(quiet), 22);
        let setup = world.setup(call.channel);
        let request =
            SyncRequest { route: Route::Direct, retry: Retry::ONCE, ..SyncRequest::default() };
        // The fund bills are asked for in the same way as the trade bill, which a test tries.
        let on = match call.name {
            name if name.contains("fund bill") => "/v3/bill/",
            "empty day's balance" => "/gateway.do",
            _ => call.on,
        };
        let clock = world.clock();
        let fine = channels::try_keys(&setup, &request, &clock).expect("it can be tried");
        assert!(fine.is_fine(), "{}: {fine:?}", call.name);
        let clean = new_book(Kind::Sqlite);
        world.connect(&clean.book, call.channel);
        quick(&world, &clean.book, false);
        let all = files(&clean.book);
        for number in 0..tries.div_ceil(signed.len()) {
            // Spread over the whole answer, and every bit of a byte in turn.
            let bit = number * 7_919 + number % 8;
            let action = Action::Flip { bit };
            let fault = Fault { on: on.to_owned(), skip: 0, times: 3, action };
            world.platform.fault(fault);
            let tried = channels::try_keys(&setup, &request, &clock).expect("it can be tried");
            world.platform.clear();
            if tried.is_fine() && call.proven == Proven::Hashed {
                // The hash is of the plain file: a bit of the packing's head changes nothing of it.
                let made = new_book(Kind::Sqlite);
                world.connect(&made.book, call.channel);
                let (on, action) = (on.to_owned(), Action::Flip { bit });
                world.platform.fault(Fault { on, skip: 0, times: u32::MAX, action });
                quick(&world, &made.book, false);
                world.platform.clear();
                assert!(files(&made.book).is_subset(&all), "a file with bit {bit} flipped is kept");
                *refused.entry((call.name, "the same file".to_owned())).or_default() += 1;
                continue;
            }
            assert!(!tried.is_fine(), "{} with bit {bit} flipped is believed", call.name);
            *refused.entry((call.name, tried.code)).or_default() += 1;
        }
    }
    println!("{} flipped bits: {refused:#?}", refused.values().sum::<usize>());
}

#[test]
fn a_sync_books_nothing_of_an_answer_with_a_flipped_bit() {
    for channel in ["wechat_pay", "union_pay"] {
        let world = world(channel);
        let clean = new_book(Kind::Sqlite);
        world.connect(&clean.book, channel);
        quick(&world, &clean.book, false);
        let (whole, all) = (hashes(&clean.book), files(&clean.book));
        for bit in [3, 977, 4_242] {
            let made = new_book(Kind::Sqlite);
            world.connect(&made.book, channel);
            let action = Action::Flip { bit };
            world.platform.fault(Fault { on: String::new(), skip: 2, times: 9, action });
            let report = quick(&world, &made.book, false);
            world.platform.clear();
            assert!(report.connections[0].failed > 0, "{channel} {bit}: {report:?}");
            assert!(files(&made.book).is_subset(&all), "{channel} {bit}");
            quick(&world, &made.book, false);
            assert_eq!(hashes(&made.book), whole, "{channel} {bit}");
        }
    }
}
