//! hledger accepts the journal and agrees on every balance.

use backoffice::ledger::{trial_balance, write_journal};
use backoffice::minor_to_major;
use practice::Options;
use std::collections::BTreeMap;
use std::process::Command;
use support::{BOTH, Kind, PracticeShop, import_paths, new_book, reader};

fn hledger(file: &std::path::Path, args: &[&str]) -> String {
    let output = Command::new("hledger")
        .arg("-f")
        .arg(file)
        .args(args)
        .output()
        .expect("hledger is installed by `make test`");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "hledger {args:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn hledger_accepts_the_journal_and_agrees_on_every_account() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        agrees(&shop, kind);
    }
}

fn agrees(shop: &PracticeShop, kind: Kind) {
    let test = new_book(kind);
    import_paths(&test.book, &shop.files());
    let mut reader = reader(&test.book);
    let dir = tempfile::tempdir().expect("a temporary folder can be made");
    let path = dir.path().join("shop.journal");
    let mut file = std::fs::File::create(&path).expect("the journal can be made");
    let entries = write_journal(&mut reader, &mut file).expect("the journal can be written");
    assert!(entries > 1000, "{entries} entries");
    hledger(&path, &["check"]);
    let csv = hledger(&path, &["balance", "--flat", "-N", "-E", "-O", "csv"]);
    let theirs: BTreeMap<String, String> = csv
        .lines()
        .skip(1)
        .filter_map(|line| {
            let (account, amount) = line.trim_matches('"').split_once("\",\"")?;
            Some((account.to_owned(), amount.trim_end_matches(" CNY").to_owned()))
        })
        .map(
            |(account, amount)| {
                if amount == "0" { (account, "0.00".into()) } else { (account, amount) }
            },
        )
        .collect();
    let ours: BTreeMap<String, String> = trial_balance(&mut reader, None)
        .expect("the book can be read")
        .into_iter()
        .map(|row| (row.account, minor_to_major(row.balance_minor, 2)))
        .collect();
    assert_eq!(ours, theirs);
}
