//! Ten thousand payouts, and what a single lost row does.

use backoffice::BusinessDate;
use practice::{Options, Plant, Span};
use std::path::PathBuf;
use support::{BOTH, PracticeShop, breaks, import_paths, new_book, payouts};

use crate::practice_shop::agrees_with_the_truth;

/// Years of a small shop, in bills of a month each.
fn years(planted: Plant) -> PracticeShop {
    let mut options = Options { seed: 7, days: 6300, size: 3, planted, ..Options::default() };
    options.layout.span = Span::Month;
    PracticeShop::write(&options)
}

#[test]
fn ten_thousand_payouts_are_explained_to_the_last_fen() {
    let shop = years(Plant::None);
    for kind in BOTH {
        let test = new_book(kind);
        import_paths(&test.book, &shop.files());
        let all = payouts(&test.book);
        assert!(all.len() >= 10_000, "{} payouts", all.len());
        for payout in &all {
            assert_eq!(payout.row.unexplained_minor, 0, "{}", payout.row.id);
        }
        agrees_with_the_truth(&shop, &test.book);
    }
}

#[test]
fn problems_of_seventeen_years_are_found_among_ten_thousand_payouts() {
    let shop = years(Plant::All);
    assert!(shop.problems().len() > 500, "{} problems", shop.problems().len());
    for kind in BOTH {
        let test = new_book(kind);
        import_paths(&test.book, &shop.files());
        agrees_with_the_truth(&shop, &test.book);
    }
}

/// A fund-bill row that can be lost: its line, amount in fen, and whether it is the day's last.
struct Losable {
    file: PathBuf,
    line: usize,
    amount: i64,
}

/// Rows of WeChat fund bills but payouts and what is near the ends of the shop's time.
fn losable(shop: &PracticeShop) -> Vec<Losable> {
    let mut rows = Vec::new();
    let bills: Vec<PathBuf> =
        shop.files().into_iter().filter(|f| f.to_string_lossy().contains("Basic20")).collect();
    for file in &bills[4..bills.len() - 6] {
        if file.to_string_lossy().contains("(1)") {
            continue;
        }
        let text = std::fs::read_to_string(file).expect("a bill is UTF-8");
        for (line, row) in text.lines().enumerate().filter(|(_, row)| row.starts_with('`')) {
            let cells: Vec<&str> = row[1..].split(",`").collect();
            if cells.len() < 11 || cells[4].contains("提现") {
                continue;
            }
            let fen: i64 = cells[6].replace('.', "").parse().expect("an amount");
            let amount = if cells[5] == "收入" { fen } else { -fen };
            rows.push(Losable { file: file.clone(), line, amount });
        }
    }
    rows
}

#[test]
fn a_row_lost_from_a_fund_bill_is_the_unexplained_amount_of_its_payout() {
    let options = Options { days: 45, size: 8, planted: Plant::None, ..Options::default() };
    let shop = PracticeShop::write(&options);
    let rows = losable(&shop);
    for nth in 0..16 {
        let kind = BOTH[nth % 2];
        let lost = &rows[nth * rows.len() / 16];
        let whole = std::fs::read_to_string(&lost.file).expect("a bill is UTF-8");
        let cut: Vec<&str> = whole
            .split_inclusive('\n')
            .enumerate()
            .filter(|(line, _)| *line != lost.line)
            .map(|(_, text)| text)
            .collect();
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        let bill = dir.path().join("bill.csv");
        std::fs::write(&bill, cut.concat()).expect("the bill can be written");
        let mut files: Vec<PathBuf> = shop.files();
        let name = lost.file.file_stem().map(|n| n.to_string_lossy().into_owned());
        files.retain(|file| !file.to_string_lossy().contains(name.as_deref().unwrap_or("?")));
        files.push(bill);
        let test = new_book(kind);
        import_paths(&test.book, &files);
        let open: Vec<_> = payouts(&test.book)
            .into_iter()
            .filter(|payout| payout.row.unexplained_minor != 0)
            .map(|payout| payout.row.unexplained_minor)
            .collect();
        let what = format!("{} line {}", lost.file.display(), lost.line + 1);
        assert_eq!(open, [lost.amount], "{what}");
        let day = name.as_deref().map(|n| n[n.len() - 10..].to_owned()).unwrap_or_default();
        let named = breaks(&test.book).into_iter().any(|found| {
            found.kind == "missing_in_fund_bill"
                && found.effect_minor == lost.amount
                && BusinessDate::from_days(found.day).to_string() == day
                && found.account == "wechat_pay:1900000109"
        });
        assert!(named, "{what}: no break names day and account");
    }
}
