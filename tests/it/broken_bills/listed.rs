//! UnionPay's file and Stripe's lists, which have neither a balance in their rows nor a second
//! bill.
//!
//! Stripe's document holds its lines together itself. UnionPay's file is proven by the signed
//! answer it comes in; once here, a copy that differs is held against the one that is kept.

use super::seed::Seed;
use super::{Deed, judge, tries};
use crate::sync::{World, kept};
use practice::{Options, Plant};
use std::collections::BTreeMap;
use support::{Kind, new_book};

/// Documents that a sync brought, by name.
fn fetched(channel: &str, sales: u32) -> Vec<(String, String)> {
    let options = Options { days: 5, size: 3, planted: Plant::None, ..Options::default() };
    let world = World::new(&options, |settings| {
        settings.union_pay_sales = sales;
        settings.stripe_sales = sales;
    });
    let made = new_book(Kind::Sqlite);
    world.connect(&made.book, channel);
    world.sync(&made.book);
    kept(&made.book).into_iter().map(|(_, name, bytes)| plain(name, bytes)).collect()
}

/// UnionPay's file comes in an archive of one entry, whose name tells the day.
fn plain(name: String, bytes: Vec<u8>) -> (String, String) {
    if !bytes.starts_with(b"PK") {
        return (name, String::from_utf8(bytes).expect("UTF-8"));
    }
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut entry = zip.by_index(0).expect("an entry");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut entry, &mut text).expect("ASCII");
    (entry.name().expect("a name").into_owned(), text)
}

/// Breaks a line of `rows`; the first line from 1 that no longer is what it was.
fn broken(lines: &mut Vec<String>, rows: &[usize], seed: &mut Seed, swaps: bool) -> (Deed, usize) {
    let at = seed.below(rows.len());
    let line = rows[at];
    match seed.below(if swaps { 4 } else { 3 }) {
        0 => {
            lines.remove(line);
            (Deed::Removed, line + 1)
        }
        1 => {
            lines.insert(line, lines[line].clone());
            (Deed::Doubled, line + 2)
        }
        2 => {
            let digits: Vec<usize> =
                lines[line].match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
            let digit = digits[seed.below(digits.len())];
            let other = if lines[line].as_bytes()[digit] == b'7' { "3" } else { "7" };
            lines[line].replace_range(digit..=digit, other);
            (Deed::Changed("any digit"), line + 1)
        }
        _ => {
            let next = rows.get(at + 1).copied().unwrap_or(rows[0]);
            lines.swap(line, next);
            (Deed::Swapped, line.min(next) + 1)
        }
    }
}

#[test]
fn every_broken_line_of_what_stripe_listed_is_named() {
    let documents = fetched("stripe", 6);
    assert!(!documents.is_empty());
    let (mut seed, mut done) = (Seed(7), BTreeMap::<Deed, usize>::new());
    for _ in 0..tries().div_ceil(4) {
        let (name, text) = &documents[seed.below(documents.len())];
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let rows: Vec<usize> = (1..lines.len() - 1).collect();
        let (deed, line) = broken(&mut lines, &rows, &mut seed, true);
        if lines.concat() == *text {
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(name), lines.concat()).expect("written");
        let judged = judge(&[folder.path()]);
        let right =
            !judged.red.is_empty() && judged.named().iter().all(|(_, at)| *at as usize == line);
        assert!(right, "{deed:?} of line {line} in {name}: {:?} {:#?}", judged.named(), judged.red);
        *done.entry(deed).or_default() += 1;
    }
    println!("{done:?}");
}

/// Columns of UnionPay's rows that mean something: where each begins, and its length.
const UNION_PAY: &[(usize, usize)] =
    &[(66, 12), (87, 21), (112, 32), (167, 12), (181, 12), (375, 12)];

#[test]
fn every_broken_line_of_unionpays_file_is_named_beside_the_one_that_is_kept() {
    let documents = fetched("union_pay", 6);
    let documents: Vec<_> = documents.iter().filter(|(_, text)| text.lines().count() > 2).collect();
    assert!(!documents.is_empty());
    let (mut seed, mut done) = (Seed(8), BTreeMap::<Deed, usize>::new());
    while done.values().sum::<usize>() < tries().div_ceil(4) {
        let (name, text) = documents[seed.below(documents.len())];
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let rows: Vec<usize> = (0..lines.len()).collect();
        let (mut deed, mut line) = broken(&mut lines, &rows, &mut seed, false);
        if matches!(deed, Deed::Changed(_)) {
            lines = text.split_inclusive('\n').map(str::to_owned).collect();
            line = rows[seed.below(rows.len())] + 1;
            let (from, long) = seed.one_of(UNION_PAY);
            let Some(at) = (from..from + long)
                .find(|at| lines[line - 1].as_bytes()[*at].is_ascii_digit() && seed.below(4) == 0)
            else {
                continue;
            };
            let other = if lines[line - 1].as_bytes()[at] == b'7' { "3" } else { "7" };
            lines[line - 1].replace_range(at..=at, other);
            deed = Deed::Changed("a column that is read");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let write = |prefix: &str, text: &str| {
            let path = folder.path().join(prefix).join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("kept", text);
        write("later", &lines.concat());
        let judged = judge(&[folder.path()]);
        // What was sold after 23:00 is of the next clearing day: where a copy lacks it, the day's
        // net behind the last row tells.
        let late =
            text.lines().nth(line.min(rows.len()) - 1).is_some_and(|row| &row[39..41] == "23");
        let near = |at: u32| {
            let at = at as usize;
            (line - 1..=line + 1).contains(&at) || late && at >= rows.len()
        };
        let right = !judged.red.is_empty() && judged.named().iter().any(|(_, at)| near(*at));
        assert!(right, "{deed:?} of line {line}: {:?} {:#?}", judged.named(), judged.red);
        *done.entry(deed).or_default() += 1;
    }
    println!("{done:?}");
}
