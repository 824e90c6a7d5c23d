//! Channels defined by data: a table of settlements is booked, every day's payment is explained by
//! its rows and found at the bank.

use backoffice::evidence::evidence;
use backoffice::import::{FileState, ImportOptions, ImportReport};
use backoffice::payouts::{Payout, PayoutFilter};
use backoffice::proof::{all_hold, derived_hash, state_hash, verify};
use backoffice::quarantine::{Mended, mend};
use backoffice::statements::{Format, Subject, make};
use backoffice::tables::{Cut, List, write_list};
use backoffice::transactions::{
    Column, Selection, Source, TableFormat, TransactionFilter, write_table,
};
use backoffice::{BusinessDate, Lang, Office, Period, Secret, channel_names};
use connectors::table::{Mapping, preview};
use domain::Channel;
use std::path::{Path, PathBuf};
use store::Book;
use store::testing::TestBook;
use support::{BOTH, breaks, import_paths, import_with, new_book, payouts, reader};

/// Friday to Monday of an acquirer: the bank gets the three days of the weekend in one sum.
const HEADER: &str = "商户号,终端号,交易时间,参考号,卡号,卡类型,交易类型,交易金额,手续费,结算金额";
const ROWS: [&str; 6] = [
    "8222,T1,2026-03-06 10:00:00,1001,622202******1234,借记卡,消费,100.00,0.50,99.50",
    "8222,T1,2026-03-06 18:00:00,1002,622575******8899,贷记卡,消费,200.00,1.20,198.80",
    "8222,T1,2026-03-07 12:00:00,1003,622202******1234,借记卡,消费,50.00,0.25,49.75",
    "8222,T2,2026-03-08 09:30:00,1004,622202******1234,借记卡,消费,80.00,0.40,79.60",
    "8222,T1,2026-03-08 11:00:00,1005,622575******8899,贷记卡,消费撤销,-200.00,-1.20,-198.80",
    "8222,T1,2026-03-09 15:00:00,1006,622202******1234,借记卡,消费,10.00,0.05,9.95",
];
/// 99.50 + 198.80 + 49.75 + 79.60 − 198.80 = 228.85 arrive on Monday, 9.95 on Tuesday.
const BANK: &str = "账号,交易日期,交易时间,借方金额,贷方金额,余额,对方户名,摘要,流水号,币种\n\
    6222,2026-03-05,09:00:00,,0.15,0.15,某某,结息,B0,CNY\n\
    6222,2026-03-09,09:00:00,,228.85,229.00,拉卡拉支付股份有限公司,清算款,B1,CNY\n\
    6222,2026-03-10,09:00:00,,9.95,238.95,拉卡拉支付股份有限公司,清算款,B2,CNY\n\
    6222,2026-03-20,09:00:00,,0.05,239.00,某某,结息,B3,CNY\n";

pub fn table(rows: &[&str]) -> String {
    rows.iter().fold(format!("{HEADER}\n"), |text, row| text + row + "\n")
}

pub fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("the file can be written");
    path
}

/// The suggested mapping, as a person confirms it.
fn confirmed(text: &str) -> Mapping {
    let found = preview(&mut text.as_bytes(), &Default::default()).expect("a table");
    found.suggestion.expect("a suggestion").mapping
}

pub fn settled(book: &Book, path: &Path) -> ImportReport {
    let text = std::fs::read_to_string(path).expect("the file");
    let options = ImportOptions { mapping: Some(confirmed(&text)), ..ImportOptions::default() };
    let report = import_with(book, &[path.to_owned()], &options);
    assert!(report.files.iter().all(|f| f.state != FileState::Refused), "{report:#?}");
    report
}

fn booked() -> impl Iterator<Item = (TestBook, tempfile::TempDir)> {
    BOTH.into_iter().map(|kind| {
        let (test, folder) = (new_book(kind), tempfile::tempdir().expect("a folder"));
        settled(&test.book, &written(folder.path(), "lakala.csv", &table(&ROWS)));
        import_paths(&test.book, &[written(folder.path(), "bank.csv", BANK)]);
        (test, folder)
    })
}

fn said(payout: &Payout) -> String {
    let part =
        |part: &backoffice::payouts::ComponentRow| format!("{} {}", part.name, part.amount_minor);
    let parts: Vec<String> = payout.components.iter().map(part).collect();
    format!("{} {}: {}", payout.row.number, payout.row.amount_minor, parts.join(", "))
}

#[test]
fn a_file_that_looks_like_a_sample_is_not_read_until_a_person_confirms() {
    for kind in BOTH {
        let (test, folder) = (new_book(kind), tempfile::tempdir().expect("a folder"));
        let path = written(folder.path(), "lakala.csv", &table(&ROWS));
        let report = import_paths(&test.book, std::slice::from_ref(&path));
        assert_eq!(report.files[0].state, FileState::NeedsMapping);
        let report = settled(&test.book, &path);
        let kinds: Vec<&str> = report.files.iter().map(|file| file.kind.as_str()).collect();
        assert_eq!(kinds, ["settlements_table", "moves_table"]);
        // Next month's file has the same columns: nothing is asked again.
        let next = "8222,T1,2026-04-01 10:00:00,2001,6222******1,借记卡,消费,1.00,0.01,0.99";
        let path = written(folder.path(), "april.csv", &table(&[next]));
        let report = import_paths(&test.book, &[path]);
        assert!(report.files.iter().all(|file| file.is_whole()), "{report:#?}");
    }
}

#[test]
fn every_day_is_a_payment_of_its_rows_and_a_weekend_arrives_in_one_sum() {
    for (test, _folder) in booked() {
        let book = &test.book;
        let found: Vec<String> = payouts(book).iter().map(said).collect();
        assert_eq!(
            found,
            [
                "20260306-8222 29830: sales 30000, fees -170, unexplained 0",
                "20260307-8222 4975: sales 5000, fees -25, unexplained 0",
                "20260308-8222 -11920: sales 8000, refunds -20000, fees -40, fees_returned 120, \
                 unexplained 0",
                "20260309-8222 995: sales 1000, fees -5, unexplained 0",
            ]
        );
        let days: Vec<_> = payouts(book).iter().map(|payout| payout.row.bank_day).collect();
        let day = |text| domain::BusinessDate::parse(text).map(domain::BusinessDate::days);
        let (monday, tuesday) = (day("2026-03-09"), day("2026-03-10"));
        assert_eq!(days, [monday, monday, monday, tuesday]);
        let open: Vec<_> = breaks(book).into_iter().map(|found| found.kind).collect();
        let about_bank = |kind: &&String| kind.starts_with("payout_") || kind.starts_with("bank_");
        assert_eq!(open.iter().filter(about_bank).collect::<Vec<_>>(), Vec::<&String>::new());
        let findings = verify(&mut reader(book)).expect("the book can be read");
        assert!(all_hold(&findings), "{findings:#?}");
    }
}

#[test]
fn the_same_rows_in_any_order_and_in_two_files_are_the_same_book() {
    for kind in BOTH {
        let hash = |files: &[Vec<&str>]| {
            let (test, folder) = (new_book(kind), tempfile::tempdir().expect("a folder"));
            for (at, rows) in files.iter().enumerate() {
                settled(&test.book, &written(folder.path(), &format!("{at}.csv"), &table(rows)));
            }
            derived_hash(&mut reader(&test.book)).expect("a hash")
        };
        // The bytes differ, what follows from them does not.
        let whole = hash(&[ROWS.to_vec()]);
        let backwards = ROWS.iter().rev().copied().collect();
        assert_eq!(hash(&[backwards]), whole);
        // Cut between two days, and overlapping by whole days.
        assert_eq!(hash(&[ROWS[3..].to_vec(), ROWS[..3].to_vec()]), whole);
        assert_eq!(hash(&[ROWS[..5].to_vec(), ROWS[2..].to_vec()]), whole);
    }
}

#[test]
fn a_payment_leads_to_the_end_of_its_file_and_a_sale_to_its_row() {
    for (test, _folder) in booked() {
        let mut reader = reader(&test.book);
        let sum = evidence(&mut reader, 2, 8).expect("the sum stands behind the last row");
        assert_eq!(
            (sum.text.as_str(), sum.before.last().map(String::as_str)),
            ("Σ", Some(ROWS[5]))
        );
        let sale = evidence(&mut reader, 2, 2).expect("a row");
        assert_eq!(sale.text, ROWS[0]);
    }
}

#[test]
fn a_row_that_does_not_add_up_waits_and_its_mended_text_is_paid_with_its_day() {
    for kind in BOTH {
        let (test, folder) = (new_book(kind), tempfile::tempdir().expect("a folder"));
        let book = &test.book;
        let wrong = ROWS[2].replace("49.75", "49.57");
        let mut rows = ROWS.to_vec();
        rows[2] = &wrong;
        let report = settled(book, &written(folder.path(), "lakala.csv", &table(&rows)));
        let notes: Vec<_> = report.files.iter().flat_map(|file| &file.problems).collect();
        assert!(notes.iter().all(|note| note.code == "bad_net" && note.line == 4), "{notes:?}");
        for file in &report.files {
            let document = file.document.expect("booked");
            let mended = mend(book, document, 4, ROWS[2], 0).expect("it is read");
            assert!(matches!(mended, Mended::Booked), "{}", file.kind);
        }
        let found: Vec<String> = payouts(book).iter().map(said).collect();
        assert!(
            found.iter().any(|payout| payout.contains(" 4975: sales 5000, fees -25")),
            "{found:?}"
        );
        assert!(found.iter().all(|payout| payout.ends_with("unexplained 0")), "{found:?}");
        let findings = verify(&mut reader(book)).expect("the book can be read");
        assert!(all_hold(&findings), "{findings:#?}");
    }
}

#[test]
fn a_bank_line_of_an_acquirer_is_money_on_its_way_from_it() {
    let payer = domain::ledger::paying_channel("拉卡拉支付股份有限公司", "清算款");
    assert_eq!(payer.map(Channel::code), Some("lakala"));
}

#[test]
fn a_channel_of_the_shops_own_goes_by_the_name_it_was_given_and_the_books_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("shop.suanpan").display().to_string();
    let secret = || Secret::new("correct horse".to_owned());
    let made = Office::create(&place, "某某咖啡", secret(), false).expect("a book");
    let office = &made.office;
    let text = table(&ROWS);
    let path = written(folder.path(), "cards.csv", &text);
    let own = Channel::from_code("own_1").expect("a channel");
    let mapping = Mapping { channel: Some(own), ..confirmed(&text) };
    let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
    import_with(office.book(), &[path], &options);
    let hash = state_hash(&mut reader(office.book())).expect("the state");
    // A reader sees the book as it was when it was opened.
    let shown = || {
        let mut reader = reader(office.book());
        let mut list = Vec::new();
        let payouts = List::Payouts(PayoutFilter::default());
        let shape = (TableFormat::Csv, Lang::En);
        write_list(&mut reader, &payouts, Cut::default(), shape, &mut list).expect("a list");
        let mut rows = Vec::new();
        let all = TransactionFilter::default();
        let columns = [Column::Channel, Column::Amount];
        let of = (Source::Trade, &all);
        write_table(&mut reader, of, &Selection::All, &columns, shape, &mut rows).expect("rows");
        let day = |text| BusinessDate::parse(text).expect("a day");
        let period = Period { from: day("2026-03-01"), until: day("2026-04-01") };
        let about = Subject::Period { period, channel: None, currency: None };
        let pages = make(&mut reader, &about, Lang::En, "某某咖啡", Format::Csv).expect("a file");
        [list, rows, pages].map(|bytes| String::from_utf8(bytes).expect("text"))
    };
    assert!(shown().iter().all(|text| text.contains("Own channel 1")));

    office.name_channel("own_1", "  饭卡 ").expect("a name");
    let texts = shown();
    assert!(texts.iter().all(|text| text.contains("饭卡") && !text.contains("Own channel")));
    let named = |code: &str| {
        let names = channel_names(&mut office.reader().expect("a reader")).expect("names");
        (names.given(code).map(str::to_owned), names.of(Lang::Zh, code))
    };
    assert_eq!(named("own_1"), (Some("饭卡".into()), "饭卡".into()));
    assert_eq!(named("own_2"), (None, "自定渠道二".into()));
    assert_eq!(state_hash(&mut office.reader().expect("a reader")).expect("the state"), hash);

    let long = "长".repeat(41);
    for (code, name, field) in [
        ("lakala", "饭卡", "channel"),
        ("no_such", "饭卡", "channel"),
        ("own_2", "饭卡", "channel_name"),
        ("own_2", "支付宝", "channel_name"),
        ("own_2", "two\nlines", "channel_name"),
        ("own_2", long.as_str(), "channel_name"),
    ] {
        let error = office.name_channel(code, name).expect_err(name).to_string();
        assert!(error.starts_with(&format!("{field}:")), "{error}");
    }
    office.name_channel("own_1", "").expect("no name");
    assert_eq!(named("own_1").0, None);
    made.office.close();
}
