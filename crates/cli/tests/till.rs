//! The till as people use it from a terminal: ended anywhere, also between keeping a record and
//! booking it.

mod desk;

use backoffice::till::{RecordFilter, list};
use backoffice::{Office, Secret, Way};
use desk::Desk;
use serde_json::Value;

/// How many records are kept, and how many of them are not booked.
fn kept(desk: &Desk) -> (usize, usize) {
    let place = desk.path("shop.suanpan").display().to_string();
    let office = Office::open(&place, Way::Passphrase(Secret::from("correct horse"))).unwrap();
    let filter = RecordFilter { limit: Some(500), ..RecordFilter::default() };
    let records = list(&mut office.reader().unwrap(), &filter).unwrap();
    (records.len(), records.iter().filter(|record| record.line.is_none()).count())
}

#[test]
fn a_record_is_booked_once_wherever_the_program_was_ended() {
    let desk = Desk::with_book();
    let (mut lost, mut between, mut ends) = (0, 0, 0);
    // The program counts the places around its commits and ends itself at one of them.
    for at in 1_usize.. {
        let nonce = format!("press-{at}");
        let press = ["till", "receive", "1.00", "--nonce", &nonce];
        let ended = desk.command(&press).env("SUANPAN_END_AT", at.to_string()).output().unwrap();
        let (records, waiting) = kept(&desk);
        if ended.status.code().is_some() {
            // No such place any more: it came to its end.
            assert_eq!((ended.status.code(), records, waiting), (Some(0), at, 0), "{ended:?}");
            break;
        }
        ends += 1;
        lost += at - records;
        between += waiting;
        // Pressed again, or only looked at: what was kept is booked, and nothing twice.
        if records == at && at % 2 == 0 {
            desk.run(&["till", "list"]).ends(0);
        } else {
            desk.run(&press).ends(0);
        }
        assert_eq!(kept(&desk), (at, 0), "ended at {at}");
    }
    println!("{ends} ends: {lost} before it was kept, {between} between keeping and booking");
    assert!(lost > 0 && between > 0, "{lost} before it was kept, {between} before it was booked");
    let records = i64::from(ends + 1);
    let day = desk.json(&["till", "day"]);
    let drawer = &day["in_hand"][0];
    assert_eq!(
        (&drawer["in_hand_minor"], &drawer["records"]),
        (&(records * 100).into(), &records.into())
    );
    let balance = desk.json(&["trial-balance"]);
    let till = balance["accounts"]
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["account"] == "assets:till:cash:1").cloned());
    assert_eq!(till.unwrap_or(Value::Null)["balance_minor"], records * 100, "{balance}");
    desk.run(&["verify"]).ends(0);
}
