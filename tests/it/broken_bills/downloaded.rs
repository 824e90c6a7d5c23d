//! Bills that a sync downloaded: a copy with one row removed, doubled, put elsewhere or changed in
//! any column, texts included, turns the day red, and exactly the first line that differs is named.

use super::judge_book;
use super::seed::Seed;
use crate::sync::{World, kept};
use backoffice::lists::{CertificateRow, list_certificates};
use practice::{Options, Plant};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use store::testing::{block_on, unlock};
use store::{Book, Location, OpenMode};
use support::{BOTH, Kind, import_paths, new_book};

/// Tries of every `cargo test`.
const FEW: usize = 80;
const CHANNELS: [&str; 4] = ["wechat_pay", "alipay", "union_pay", "stripe"];

/// A file that was downloaded, or an entry of an archive; lines as bytes, with their ends.
#[derive(Clone)]
struct File {
    name: String,
    lines: Vec<Vec<u8>>,
}

impl File {
    fn of(name: String, bytes: &[u8]) -> Self {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        Self { name, lines }
    }

    /// Everything in what a book keeps.
    fn all_in(name: String, bytes: Vec<u8>) -> Vec<Self> {
        if !bytes.starts_with(b"PK") {
            return vec![Self::of(name, &bytes)];
        }
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
        let count = zip.len();
        let entry = |index| {
            let mut entry = zip.by_index(index).expect("an entry");
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut bytes).expect("bytes");
            // The name of UnionPay's entry tells the day; Alipay's are not UTF-8.
            let name = entry.name().expect("a name").replace(['/', '\\'], "_");
            Self::of(name, &bytes)
        };
        (0..count).map(entry).collect()
    }

    /// The lines that are rows, from 0.
    fn rows(&self, channel: &str) -> Vec<usize> {
        let separated = |line: &[u8]| line.iter().filter(|byte| **byte == b',').count();
        let count = self.lines.len();
        match channel {
            "union_pay" => (0..count).collect(),
            "stripe" => (1..count - 1).collect(),
            "wechat_pay" => (1..count - 2).collect(),
            // Behind the column header, before the closing lines.
            _ => {
                let said =
                    |at: &usize| self.lines[*at][0] != b'#' && separated(&self.lines[*at]) > 0;
                (0..count).filter(said).skip(1).collect()
            }
        }
    }

    fn header(&self, channel: &str) -> Vec<String> {
        let columns = |line: &[u8]| -> Vec<String> {
            let text = match channel {
                "wechat_pay" => String::from_utf8_lossy(line).into_owned(),
                _ => connectors::decode_gb18030(line),
            };
            text.trim()
                .split(',')
                .map(|name| name.trim_start_matches('\u{feff}').to_owned())
                .collect()
        };
        let first = |line: &&Vec<u8>| line[0] != b'#';
        self.lines.iter().find(first).map(|line| columns(line)).unwrap_or_default()
    }

    /// Changes one column of a row, whatever it holds; its name.
    fn change(&mut self, channel: &str, row: usize, seed: &mut Seed) -> String {
        let header = self.header(channel);
        let line = &mut self.lines[row];
        let body = line.iter().rposition(|byte| !b"\r\n".contains(byte)).map_or(0, |at| at + 1);
        let (from, to, name) = match channel {
            "wechat_pay" | "alipay" => {
                let mut cells = Vec::new();
                let mut from = 0;
                for at in (0..body).filter(|at| line[*at] == b',').chain([body]) {
                    cells.push((from, at));
                    from = at + 1;
                }
                let column = seed.below(cells.len());
                let name = header.get(column).cloned().unwrap_or_default();
                (cells[column].0, cells[column].1, name)
            }
            _ => {
                let word = |byte: &u8| byte.is_ascii_alphanumeric();
                let words: Vec<usize> = (0..body).filter(|at| word(&line[*at])).collect();
                let at = seed.one_of(&words);
                let name =
                    if channel == "union_pay" { format!("byte {at}") } else { "byte".into() };
                (at, at + 1, name)
            }
        };
        let plain: Vec<usize> = (from..to).filter(|at| line[*at].is_ascii_alphanumeric()).collect();
        match plain.as_slice() {
            // The cell says nothing yet, or nothing but Chinese.
            [] => line.insert(to, b'7'),
            some => {
                let at = seed.one_of(some);
                line[at] = if line[at] == b'7' { b'3' } else { b'7' };
            }
        }
        name
    }
}

/// A book that a sync filled, on disk.
struct Synced {
    channel: &'static str,
    dir: tempfile::TempDir,
    files: Vec<File>,
    days: std::ops::RangeInclusive<i32>,
}

impl Synced {
    fn new(channel: &'static str) -> Self {
        let options = Options { days: 4, size: 8, planted: Plant::None, ..Options::default() };
        let world = World::new(&options, |settings| {
            settings.union_pay_sales = 5;
            settings.stripe_sales = 5;
        });
        let made = new_book(Kind::Sqlite);
        world.connect(&made.book, channel);
        world.sync(&made.book);
        let judged = judge_book(&made.book, Vec::new());
        assert!(judged.red.is_empty(), "{channel}: whole bills are complete: {:#?}", judged.red);
        let files: Vec<File> = kept(&made.book)
            .into_iter()
            .flat_map(|(_, name, bytes)| File::all_in(name, bytes))
            .collect();
        let dir = tempfile::tempdir().expect("a folder");
        let Location::File(path) = made.book.location().clone() else { unreachable!("a file") };
        block_on(made.book.close());
        for entry in std::fs::read_dir(path.parent().expect("a folder")).expect("it can be read") {
            let from = entry.expect("an entry").path();
            if from.is_file() {
                let name = from.file_name().expect("a name");
                std::fs::copy(&from, dir.path().join(name)).expect("it can be copied");
            }
        }
        Self { channel, dir, files, days: world.first..=world.last }
    }

    /// The book as it was after the sync, open.
    fn book(&self, folder: &Path) -> Book {
        let mut place = None;
        for entry in std::fs::read_dir(self.dir.path()).expect("it can be read") {
            let from = entry.expect("an entry").path();
            let to = folder.join(from.file_name().expect("a name"));
            std::fs::copy(&from, &to).expect("it can be copied");
            if to.extension().is_some_and(|kind| kind == "suanpan") {
                place = Some(to);
            }
        }
        let location = Location::File(place.expect("a book"));
        block_on(Book::open(&location, unlock(&location), OpenMode::Write)).expect("it opens")
    }
}

/// What was done, a copy, and its first line that is not as it was.
fn broken(synced: &Synced, seed: &mut Seed) -> Option<(String, File, u32)> {
    let channel = synced.channel;
    let whole = &synced.files[seed.below(synced.files.len())];
    let rows = whole.rows(channel);
    if rows.len() < 2 {
        return None;
    }
    let at = seed.below(rows.len());
    let row = rows[at];
    let mut copy = whole.clone();
    let deed = match seed.below(6) {
        0 => {
            copy.lines.remove(row);
            "removed".to_owned()
        }
        1 => {
            copy.lines.insert(row, whole.lines[row].clone());
            "doubled".to_owned()
        }
        2 => {
            copy.lines.swap(row, *rows.get(at + 1)?);
            "swapped".to_owned()
        }
        _ => format!("changed {}", copy.change(channel, row, seed)),
    };
    let same = whole.lines.iter().zip(&copy.lines).take_while(|(a, b)| a == b).count();
    let line = u32::try_from(same + 1).expect("a short file");
    (copy.lines != whole.lines).then_some((deed, copy, line))
}

/// Tries one channel so often; what went wrong, and what was done.
fn try_channel(channel: &'static str, tries: usize) -> (Vec<String>, BTreeMap<String, usize>) {
    let synced = Synced::new(channel);
    let (mut wrong, mut done) = (Vec::new(), BTreeMap::new());
    let mut seed = Seed(channel.len() as u64 + 40);
    while done.values().sum::<usize>() < tries {
        let Some((deed, copy, line)) = broken(&synced, &mut seed) else { continue };
        let folder = tempfile::tempdir().expect("a folder");
        let book = synced.book(folder.path());
        let path = folder.path().join("copies").join(&copy.name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, copy.lines.concat()).expect("written");
        let report = import_paths(&book, &[path]);
        let refused = report.files.iter().filter_map(|file| file.reason.clone()).collect();
        let judged = judge_book(&book, refused);
        let named = judged.named();
        // A row that was given a day far away leaves one behind that nobody knows anything of.
        let nameless =
            |red: &CertificateRow| synced.days.contains(&red.day) && red.first_broken().is_none();
        let others = named.iter().any(|(_, at)| *at != line);
        if named.is_empty() || others || judged.red.iter().any(nameless) {
            wrong.push(format!(
                "{channel}: {deed} in {}: named {named:?}, not line {line}; refused {:?}; {:?}",
                copy.name,
                judged.refused,
                judged
                    .red
                    .iter()
                    .map(|red| (&red.stream, red.day, &red.verdict))
                    .collect::<Vec<_>>()
            ));
        }
        block_on(book.close());
        *done.entry(deed).or_default() += 1;
    }
    (wrong, done)
}

#[test]
fn every_row_of_a_downloaded_bill_that_is_not_as_it_came_is_named_in_any_column() {
    let tries = std::env::var("SUANPAN_TRIES").ok().and_then(|text| text.parse().ok());
    let tries = tries.unwrap_or(FEW);
    let tried: Vec<_> = std::thread::scope(|scope| {
        let threads = CHANNELS
            .map(|channel| scope.spawn(move || (channel, try_channel(channel, tries.div_ceil(4)))));
        threads.into_iter().map(|thread| thread.join().expect("it runs")).collect()
    });
    let mut failures = Vec::new();
    for (channel, (wrong, done)) in tried {
        let columns: BTreeSet<&str> =
            done.keys().filter_map(|deed| deed.strip_prefix("changed ")).collect();
        let count = |deed: &str| done.get(deed).copied().unwrap_or(0);
        let changed: usize =
            done.iter().filter(|(deed, _)| deed.starts_with("changed")).map(|(_, n)| n).sum();
        println!(
            "{channel}: removed {}, doubled {}, swapped {}, changed {changed} in {} columns",
            count("removed"),
            count("doubled"),
            count("swapped"),
            columns.len(),
        );
        failures.extend(wrong);
    }
    let count = failures.len();
    println!("{} of {tries} downloaded bills named", tries - count.min(tries));
    failures.truncate(8);
    assert!(failures.is_empty(), "{count} of {tries}:\n{}", failures.join("\n"));
}

#[test]
fn a_copy_with_another_text_is_named_until_a_person_says_which_counts() {
    let options = Options { days: 3, size: 6, planted: Plant::None, ..Options::default() };
    let shop = support::PracticeShop::write(&options);
    for kind in BOTH {
        let made = new_book(kind);
        import_paths(&made.book, &[shop.path().join("wechat")]);
        let before = list_certificates(&mut support::reader(&made.book), None, None).expect("rows");
        let folder = tempfile::tempdir().expect("a folder");
        let (name, bytes) = kept(&made.book)
            .into_iter()
            .map(|(_, name, bytes)| (name, bytes))
            .find(|(_, bytes)| String::from_utf8_lossy(bytes).contains("商品名称"))
            .expect("a trade bill");
        let mut copy = File::of(name, &bytes);
        let goods = copy.header("wechat_pay").iter().position(|name| name == "商品名称");
        let text = String::from_utf8(copy.lines[2].clone()).expect("UTF-8");
        let mut cells: Vec<String> = text.split(',').map(str::to_owned).collect();
        cells[goods.expect("the column is there")].push('茶');
        copy.lines[2] = cells.join(",").into_bytes();
        let path = folder.path().join(&copy.name);
        std::fs::write(&path, copy.lines.concat()).expect("written");
        import_paths(&made.book, &[path]);
        let judged = judge_book(&made.book, Vec::new());
        assert_eq!(judged.named(), [(copy.name.clone(), 3)], "{:#?}", judged.red);
        let bills = |sql: &str| {
            let mut found = Vec::new();
            let read = support::reader(&made.book).query(sql, &[], |row| {
                found.push(row.int(0)?);
                Ok(())
            });
            read.expect("documents");
            found
        };
        let copy_id = bills("select max(id) from document")[0];
        let actor = backoffice::decisions::Actor { name: "老板", at_ms: 1 };
        backoffice::revisions::choose_bill(&made.book, actor, copy_id).expect("it is decided");
        let after = list_certificates(&mut support::reader(&made.book), None, None).expect("rows");
        assert_eq!(after.len(), before.len());
        assert!(after.iter().all(|row| row.verdict == "complete"), "{after:#?}");
    }
}
