//! The same bank days in every format are read to the same lines.

use backoffice::import::FileState;
use practice::{BankFormat, Options, Plant};
use store::bulk::Reader;
use support::{Kind, PracticeShop, import_paths, new_book, reader};

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
