//! The till as people use it from a terminal: killed between keeping a record and booking it.

mod desk;

use backoffice::till::{RecordFilter, list};
use backoffice::{Office, Secret, Way};
use desk::Desk;
use serde_json::Value;
use std::process::Child;
use std::time::{Duration, Instant};

/// Kills in the suite; `SUANPAN_TRIES` says more.
const KILLS: i64 = 12;

/// Length and time of the book's log, which every commit changes.
fn log(desk: &Desk) -> Option<(u64, std::time::SystemTime)> {
    let log = std::fs::metadata(desk.path("shop.suanpan-wal")).ok()?;
    Some((log.len(), log.modified().ok()?))
}

/// Waits until the program has written so many times, or is over.
fn written(desk: &Desk, child: &mut Child, times: i64) {
    let (mut last, mut seen) = (log(desk), 0);
    let begun = Instant::now();
    while seen < times && begun.elapsed() < Duration::from_secs(60) {
        let now = log(desk);
        if now != last {
            (last, seen) = (now, seen + 1);
        }
        if child.try_wait().unwrap().is_some() {
            return;
        }
    }
}

/// How many records are kept, and how many of them are not booked.
fn kept(desk: &Desk) -> (usize, usize) {
    let place = desk.path("shop.suanpan").display().to_string();
    let office = Office::open(&place, Way::Passphrase(Secret::from("correct horse"))).unwrap();
    let filter = RecordFilter { limit: Some(500), ..RecordFilter::default() };
    let records = list(&mut office.reader().unwrap(), &filter).unwrap();
    (records.len(), records.iter().filter(|record| record.line.is_none()).count())
}

#[test]
fn a_record_is_booked_once_wherever_the_program_was_killed() {
    let tries = std::env::var("SUANPAN_TRIES").ok().and_then(|text| text.parse().ok());
    let kills: i64 = tries.unwrap_or(KILLS);
    let desk = Desk::with_book();
    let (mut lost, mut between) = (0, 0);
    for kill in 0..kills {
        let nonce = format!("press-{kill}");
        let press = ["till", "receive", "1.00", "--nonce", &nonce];
        let mut child = desk.command(&press).spawn().unwrap();
        written(&desk, &mut child, kill % 4 + 1);
        // It may be over: then there was nothing left to lose.
        let _ = child.kill();
        child.wait().unwrap();
        let (records, waiting) = kept(&desk);
        lost += usize::try_from(kill).unwrap() + 1 - records;
        between += waiting;
        // Pressed again, or only looked at: what was kept is booked, and nothing twice.
        if records > usize::try_from(kill).unwrap() && kill % 2 == 0 {
            desk.run(&["till", "list"]).ends(0);
        } else {
            desk.run(&press).ends(0);
        }
        assert_eq!(kept(&desk), (usize::try_from(kill).unwrap() + 1, 0), "after kill {kill}");
    }
    println!("{kills} kills: {lost} before it was kept, {between} between keeping and booking");
    assert!(between > 0, "no kill met the place between keeping and booking");
    let day = desk.json(&["till", "day"]);
    let drawer = &day["in_hand"][0];
    assert_eq!(
        (&drawer["in_hand_minor"], &drawer["records"]),
        (&(kills * 100).into(), &kills.into())
    );
    let balance = desk.json(&["trial-balance"]);
    let till = balance["accounts"]
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["account"] == "assets:till:cash:1").cloned());
    assert_eq!(till.unwrap_or(Value::Null)["balance_minor"], kills * 100, "{balance}");
    desk.run(&["verify"]).ends(0);
}
