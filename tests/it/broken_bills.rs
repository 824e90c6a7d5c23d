//! A row of a bill is taken away, doubled, put elsewhere or changed: the day turns red, and the
//! first broken row is named.
//!
//! What no bill adds up to is not tried: texts for people, rates, times within a day; and the order
//! of rows where the channel promises none (docs/channels.md says which). Seeded; `SUANPAN_TRIES`
//! says how often (`make test-channels`).

use crate::broken_bills::bill::{Bill, Part, rows_with};
use crate::broken_bills::seed::Seed;
use backoffice::lists::{CertificateRow, list_certificates};
use practice::{Options, Plant};
use std::collections::BTreeMap;
use std::path::Path;
use store::Book;
use support::{Kind, PracticeShop, import_paths, new_book, reader};

mod bill;
mod downloaded;
mod listed;
mod seed;

/// Tries of every `cargo test`; each makes a book of its own.
const FEW: usize = 64;

fn tries() -> usize {
    std::env::var("SUANPAN_TRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(FEW)
}

/// What is done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Removed,
    Doubled,
    /// Changes places with the row after it.
    Swapped,
    /// One of its columns says something else.
    Changed(&'static str),
}

/// Where a broken row may be named: file and line.
type Places = Vec<(String, u32)>;

/// The bills of a shop of three days; those of the middle one are broken.
struct Shop {
    shop: PracticeShop,
    bills: Vec<Bill>,
    middle: Vec<usize>,
}

impl Shop {
    fn new(seed: u64) -> Self {
        let options =
            Options { seed, days: 3, size: 8, planted: Plant::None, ..Options::default() };
        let shop = PracticeShop::write(&options);
        let bills: Vec<Bill> = ["wechat", "alipay"]
            .iter()
            .flat_map(|folder| Bill::all_in(&shop.path().join(folder)))
            .collect();
        let day = practice_day(&shop, 1);
        let broken =
            |bill: &Bill| bill.name.replace('-', "").contains(&day) && bill.rows().len() > 2;
        let middle = (0..bills.len()).filter(|at| broken(&bills[*at])).collect();
        Self { shop, bills, middle }
    }

    /// Certificates of a book with these bills, by channel of `only`, the broken one in the place
    /// of its original.
    fn judged(&self, only: &Bill, broken: Option<&Bill>) -> Judged {
        let folder = tempfile::tempdir().expect("a folder");
        for bill in self.bills.iter().filter(|bill| bill.channel == only.channel) {
            let bill = broken.filter(|broken| broken.name == bill.name).unwrap_or(bill);
            bill.write(folder.path());
        }
        judge(&[folder.path(), &self.shop.path().join("shop")])
    }
}

/// `2026-01-02` or `20260102`, as file names have it.
fn practice_day(shop: &PracticeShop, after: i32) -> String {
    let first = shop.truth["from"].as_str().expect("the truth names its days");
    let first = backoffice::BusinessDate::parse(first).expect("a day");
    first.plus_days(after).to_string().replace('-', "")
}

/// What a book says of its days.
struct Judged {
    red: Vec<CertificateRow>,
    files: BTreeMap<i64, String>,
    refused: Vec<String>,
}

fn judge(folders: &[&Path]) -> Judged {
    let made = new_book(Kind::Sqlite);
    let paths: Vec<_> = folders.iter().map(|folder| folder.to_path_buf()).collect();
    let report = import_paths(&made.book, &paths);
    let refused = report.files.iter().filter_map(|file| file.reason.clone()).collect();
    judge_book(&made.book, refused)
}

fn judge_book(book: &Book, refused: Vec<String>) -> Judged {
    let mut reader = reader(book);
    let mut red = list_certificates(&mut reader, None, None).expect("certificates");
    red.retain(|row| row.verdict != "complete" && row.verdict != "waiting");
    let mut files = BTreeMap::new();
    let sql = "select d.id, r.name from document d join raw_document r on r.id = d.raw_document_id";
    reader
        .query(sql, &[], |row| {
            files.insert(row.int(0)?, row.text(1)?.to_owned());
            Ok(())
        })
        .expect("documents");
    Judged { red, files, refused }
}

impl Judged {
    /// The first row that each red day names.
    fn named(&self) -> Places {
        let rows = self.red.iter().filter_map(CertificateRow::first_broken);
        let place = |(document, line, _): (i64, u32, &str)| (self.files[&document].clone(), line);
        rows.map(place).collect()
    }
}

/// A broken copy of a bill, and where its first broken row may be named: in the bill itself, or
/// where the other bill of the day has that row.
fn broken(shop: &Shop, bill: &Bill, seed: &mut Seed) -> Option<(Deed, Bill, Places)> {
    let rows = bill.rows();
    let at = seed.below(rows.len());
    let deeds = if bill.is_ordered() { 4 } else { 3 };
    let deed = match seed.below(deeds) {
        0 => Deed::Removed,
        1 => Deed::Doubled,
        2 => Deed::Changed(seed.one_of(bill.columns())),
        _ => Deed::Swapped,
    };
    let line = rows[at];
    let mut copy = bill.clone();
    let mut places: Places = match deed {
        Deed::Removed => {
            copy.lines.remove(line);
            // The row that came after it, or the last one when it was the last.
            vec![line, line + 1]
        }
        Deed::Doubled => {
            copy.lines.insert(line, bill.lines[line].clone());
            vec![line + 2]
        }
        Deed::Swapped => {
            let next = *rows.get(at + 1).filter(|next| !bill.same_second(line, **next))?;
            copy.lines.swap(line, next);
            vec![line + 1, line + 2]
        }
        Deed::Changed(column) => {
            copy.change(line, column, seed).then_some(())?;
            // A balance is held against the rows on both of its sides.
            vec![line + 1, line + 2]
        }
    }
    .into_iter()
    .map(|line| (bill.name.clone(), u32::try_from(line).expect("a short file")))
    .collect();
    let numbers = bill.numbers(line).into_iter().chain(copy.numbers(line));
    for number in numbers.filter(|number| number.len() > 8) {
        let others = shop.bills.iter().filter(|other| other.channel == bill.channel);
        for other in others.filter(|other| other.part != bill.part || deed == Deed::Removed) {
            places.extend(rows_with(other, &number));
        }
    }
    if matches!(deed, Deed::Removed) && at + 1 == rows.len() {
        let next = shop.bills.iter().filter(|b| b.part == bill.part && b.channel == bill.channel);
        places.extend(next.filter_map(|b| {
            let first = u32::try_from(b.rows().first()? + 1).ok()?;
            Some((b.name.clone(), first))
        }));
    }
    Some((deed, copy, places))
}

#[test]
fn every_broken_row_of_every_bill_turns_its_day_red_and_is_named() {
    let (mut done, mut seed) = (BTreeMap::<(Part, &str, Deed), usize>::new(), Seed(2026));
    let shops: Vec<Shop> = (0..4).map(|number| Shop::new(number + 11)).collect();
    for shop in &shops {
        for at in &shop.middle {
            let judged = shop.judged(&shop.bills[*at], None);
            assert!(judged.red.is_empty(), "whole bills are complete: {:?}", judged.red);
        }
    }
    let mut failures = Vec::new();
    while done.values().sum::<usize>() < tries() {
        let shop = &shops[seed.below(shops.len())];
        let bill = &shop.bills[shop.middle[seed.below(shop.middle.len())]];
        let Some((deed, copy, places)) = broken(shop, bill, &mut seed) else { continue };
        let judged = shop.judged(bill, Some(&copy));
        let named = judged.named();
        let right = named.iter().any(|place| places.contains(place));
        if judged.red.is_empty() || !right {
            failures.push(format!(
                "{deed:?} in {}: named {named:?}, expected one of {places:?}; refused {:?}; {:#?}",
                bill.name,
                judged.refused,
                judged
                    .red
                    .iter()
                    .map(|row| (&row.stream, row.day, &row.checks))
                    .collect::<Vec<_>>()
            ));
        }
        *done.entry((bill.part, bill.channel, deed)).or_default() += 1;
    }
    println!("{} tries: {done:#?}", done.values().sum::<usize>());
    let count = failures.len();
    for failure in &failures {
        println!("not named: {}", failure.split(':').next().unwrap_or_default());
    }
    failures.truncate(6);
    assert!(failures.is_empty(), "{count} of {}: {}", tries(), failures.join("\n"));
}
