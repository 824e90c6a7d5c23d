//! The same bank days in every format are read to the same lines.

use backoffice::import::FileState;
use backoffice::ledger::trial_balance;
use practice::{BankFormat, Options, Plant};
use store::bulk::Reader;
use support::bills::write;
use support::{BOTH, Kind, PracticeShop, import_paths, new_book, reader};

/// Day, amount, balance, and whether the memo still names the channel's transfer.
type Line = (i64, i64, Option<i64>, String);

fn lines(reader: &mut Reader) -> Vec<Line> {
    let mut lines = Vec::new();
    reader
        .query(
            "select day, amount_minor, balance_after_minor, memo from bank_line order by id",
            &[],
            |row| {
                lines.push((row.int(0)?, row.int(1)?, row.opt_int(2)?, row.text(3)?.to_owned()));
                Ok(())
            },
        )
        .expect("bank lines");
    lines
}

fn read(format: BankFormat) -> (Vec<Line>, usize) {
    let mut options = Options { days: 40, size: 5, planted: Plant::None, ..Options::default() };
    options.layout.bank = vec![format];
    let shop = PracticeShop::write(&options);
    let test = new_book(Kind::Sqlite);
    let report = import_paths(&test.book, &shop.files());
    let refused = report
        .files
        .iter()
        .find(|file| matches!(file.state, FileState::Refused | FileState::NeedsMapping));
    assert!(refused.is_none(), "{format:?}: {refused:?}");
    let bank = report.files.iter().filter(|file| file.kind.starts_with("bank_"));
    for file in bank {
        assert_eq!(file.quarantined, 0, "{file:?}");
        assert!(file.totals.iter().all(|total| total.holds), "{file:?}");
    }
    let payouts = support::payouts(&test.book);
    let arrived = payouts.iter().filter(|payout| payout.row.bank_minor.is_some()).count();
    (lines(&mut reader(&test.book)), arrived)
}

#[test]
fn ofx_mt940_and_camt_say_the_same_as_the_csv_of_the_same_days() {
    let (csv, arrived) = read(BankFormat::Csv);
    assert!(csv.len() > 10 && arrived > 5, "{} lines, {arrived} payouts", csv.len());
    for format in [BankFormat::Ofx1, BankFormat::Ofx2, BankFormat::Mt940, BankFormat::Camt053] {
        let (found, there) = read(format);
        let money = |lines: &[Line]| -> Vec<(i64, i64)> {
            lines.iter().map(|(day, amount, ..)| (*day, *amount)).collect()
        };
        assert_eq!(money(&found), money(&csv), "{format:?}");
        for (one, other) in found.iter().zip(&csv) {
            // OFX prints no balance beside a line; where one is printed, it is the same.
            assert!(one.2.is_none() || one.2 == other.2, "{format:?}: {one:?} {other:?}");
            assert!(one.3.contains(&other.3), "{format:?}: {one:?} {other:?}");
        }
        assert_eq!(there, arrived, "{format:?}: the same payouts are found in the bank");
    }
}

/// One month of an account: balance before, what came on its 5th, balance after.
fn statement(month: u32, before: &str, came: &str, after: &str) -> String {
    format!(
        ":20:S{month}\r\n:25:CN/6222020200012345678\r\n:28C:{month}/1\r\n\
         :60F:C260{month}01CNY{before}\r\n:61:260{month}050{month}05C{came}NTRFNONREF//B{month}\r\n\
         :86:transfer\r\n:62F:C260{month}28CNY{after}\r\n-\r\n"
    )
}

#[test]
fn an_account_that_began_with_nothing_is_not_given_its_second_opening_balance() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let files = [(1, "0,00", "500,00", "500,00"), (2, "500,00", "100,00", "600,00")];
        let files = files.map(|(month, before, came, after)| {
            let text = statement(month, before, came, after);
            write(folder.path(), &format!("{month}.sta"), &text)
        });
        let test = new_book(kind);
        let report = import_paths(&test.book, &files);
        let booked = |file: &backoffice::import::FileReport| file.state == FileState::Booked;
        assert!(report.files.iter().all(booked), "{report:#?}");
        let rows = trial_balance(&mut reader(&test.book), None).expect("a trial balance");
        let bank: i64 = rows
            .iter()
            .filter(|row| row.account.starts_with("assets:bank:"))
            .map(|row| row.balance_minor)
            .sum();
        assert_eq!(bank, 60_000, "{rows:#?}");
    }
}

#[test]
fn two_equal_lines_under_one_number_are_two_deposits_and_still_known_in_another_file() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let deposit = ":61:2601050105C5,00NTRFREF1//B1\r\n:86:collection\r\n";
        let text = |number: u32| {
            let head = statement(1, "0,00", "500,00", "510,00")
                .replace(":20:S1", &format!(":20:T{number}"));
            head.replace(":62F:", &format!("{deposit}{deposit}:62F:"))
        };
        let files = [1, 2].map(|no| write(folder.path(), &format!("{no}.sta"), &text(no)));
        let test = new_book(kind);
        let report = import_paths(&test.book, &files);
        let counts: Vec<(u64, u64)> =
            report.files.iter().map(|file| (file.rows_new, file.rows_known)).collect();
        assert_eq!(counts, [(3, 0), (0, 3)], "{report:#?}");
    }
}
