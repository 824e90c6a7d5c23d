//! What a load costs beside the database's own speed: 1 M rows of 20 columns by the loader and by
//! prepared statements of rusqlite (or one raw `copy`), in turn, in one run.
//!
//! `cargo run --profile fast --example bulk_ratio --features testing -- [ROWS] [ROUNDS]`

use rusqlite::Connection;
use std::time::{Duration, Instant};
use store::bulk::{Cell, Reader, TableSpec, Writer};
use store::testing::{PASSPHRASE, TestBook, block_on};
use store::{Book, Kind, Location};

static LINE: TableSpec = TableSpec::new(
    "bench_line",
    &[
        "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12", "c13",
        "c14", "c15", "c16", "c17", "c18", "c19",
    ],
);

const INDEXES: &str = "create index bench_a on bench_line (c10);
    create index bench_b on bench_line (c11); create index bench_c on bench_line (c1)";

/// One line as a channel's trade bill has it: ten numbers and ten texts.
struct Line {
    numbers: [i64; 10],
    texts: [String; 10],
}

impl Line {
    fn new(i: i64) -> Self {
        let at = 1_770_000_000_000 + i * 31_000;
        let numbers = [i, at, i % 3, i * 7 % 90_000, i % 9, 38, 6_000, i % 365, i % 2, i / 1000];
        let texts = [
            format!("42000{:018}", i * 7_919),
            format!("S2026{i:012}"),
            "1900000109".to_owned(),
            "JSAPI".to_owned(),
            "SUCCESS".to_owned(),
            "OTHERS".to_owned(),
            "CNY".to_owned(),
            format!("龙井茶 {}", i % 977),
            format!("oUpF8u{:022}", i * 31),
            String::new(),
        ];
        Self { numbers, texts }
    }

    fn fill<'a>(&'a self, cells: &mut Vec<Cell<'a>>) {
        cells.clear();
        cells.extend(self.numbers.iter().map(|n| Cell::Int(*n)));
        cells.extend(self.texts.iter().map(|text| Cell::Text(text)));
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|text| text.parse().ok());
    let rows = arguments.next().unwrap_or(1_000_000);
    let rounds = arguments.next().unwrap_or(3);
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let (mut ours, mut floor, mut read) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ours_cpu, mut floor_cpu) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            // A book each: a table dropped before would leave pages to be used again.
            let test = block_on(TestBook::new(kind));
            make_table(&test.book);
            let before = cpu();
            floor.push(match kind {
                Kind::Sqlite => by_rusqlite(&test.book, rows),
                Kind::Postgres => by_copy(&test.book, rows),
            });
            floor_cpu.push(cpu() - before);
            let test = block_on(TestBook::new(kind));
            make_table(&test.book);
            let before = cpu();
            ours.push(by_loader(&test.book, rows));
            ours_cpu.push(cpu() - before);
            read.push(by_reader(&test.book, rows));
        }
        let (ours, floor, read) = (median(ours), median(floor), median(read));
        let (ours_cpu, floor_cpu) = (median(ours_cpu), median(floor_cpu));
        println!("{kind:?}: processor time: loader {ours_cpu:.2?}, floor {floor_cpu:.2?}");
        println!(
            "{kind:?}: {rows} rows: loader {ours:.2?}, floor {floor:.2?}, {} % of the floor; \
             read back in {read:.2?}",
            ours.as_millis() * 100 / floor.as_millis().max(1)
        );
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Processor time of this program so far, which neighbours on the machine disturb less than the
/// clock; zero where the system does not tell. Source: proc(5), fields 14 and 15 in hundredths.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    Duration::from_millis(ticks.filter_map(|t| t.parse::<u64>().ok()).sum::<u64>() * 10)
}

fn make_table(book: &Book) {
    let columns: Vec<String> = LINE
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| format!("{column} {}", if i < 10 { "bigint" } else { "text" }))
        .collect();
    let mut writer = Writer::open(book).expect("a writer");
    let mut loader = writer.begin().expect("a load");
    loader.batch(&format!("create table bench_line ({})", columns.join(", "))).expect("a table");
    loader.commit().expect("a commit");
}

fn by_loader(book: &Book, rows: i64) -> Duration {
    let mut writer = Writer::open(book).expect("a writer");
    let start = Instant::now();
    let mut loader = writer.begin().expect("a load");
    for i in 0..rows {
        let line = Line::new(i);
        let mut cells = Vec::with_capacity(20);
        line.fill(&mut cells);
        loader.insert(&LINE, &cells).expect("a row");
    }
    loader.batch(INDEXES).expect("indexes");
    loader.commit().expect("a commit");
    start.elapsed()
}

/// The floor: the same file, key and settings, one prepared statement.
fn by_rusqlite(book: &Book, rows: i64) -> Duration {
    let Location::File(path) = book.location() else { unreachable!("this is the file's floor") };
    let keys = secrets::KeyFile::from_text(&book.key_file_text().expect("a key file"));
    let key = keys.and_then(|keys| keys.unlock_with_passphrase(&PASSPHRASE.into()));
    let db = Connection::open(path).expect("the book");
    let key = key.expect("the key").to_hex();
    db.execute_batch(&format!(
        "pragma key = \"x'{}'\"; pragma cache_size = -65536; pragma synchronous = full;
         pragma temp_store = memory",
        key.as_str()
    ))
    .expect("settings");
    let start = Instant::now();
    db.execute_batch("begin immediate").expect("a transaction");
    let marks = vec!["?"; 20].join(", ");
    let mut insert =
        db.prepare(&format!("insert into bench_line values ({marks})")).expect("an insert");
    for i in 0..rows {
        let line = Line::new(i);
        for (at, number) in (1..).zip(&line.numbers) {
            insert.raw_bind_parameter::<usize, _>(at, number).expect("a number");
        }
        for (at, text) in (11..).zip(&line.texts) {
            insert.raw_bind_parameter::<usize, _>(at, text).expect("a text");
        }
        insert.raw_execute().expect("a row");
    }
    drop(insert);
    db.execute_batch(INDEXES).expect("indexes");
    db.execute_batch("commit").expect("a commit");
    start.elapsed()
}

/// The floor: one `copy` of text made as the rows come.
fn by_copy(book: &Book, rows: i64) -> Duration {
    use sqlx::Connection as _;
    use std::fmt::Write as _;
    let Location::Server(url) = book.location() else { unreachable!("this is the server's floor") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let mut db = sqlx::PgConnection::connect(url).await.expect("the server");
        let start = Instant::now();
        sqlx::raw_sql("begin").execute(&mut db).await.expect("a transaction");
        let mut copy = db.copy_in_raw("copy bench_line from stdin").await.expect("a copy");
        let mut text = String::new();
        for i in 0..rows {
            let line = Line::new(i);
            for number in line.numbers {
                write!(text, "{number}\t").expect("memory");
            }
            text.push_str(&line.texts.join("\t"));
            text.push('\n');
            if text.len() >= 1 << 20 {
                copy.send(text.as_bytes()).await.expect("rows");
                text.clear();
            }
        }
        copy.send(text.as_bytes()).await.expect("rows");
        copy.finish().await.expect("the end");
        sqlx::raw_sql(INDEXES).execute(&mut db).await.expect("indexes");
        sqlx::raw_sql("commit").execute(&mut db).await.expect("a commit");
        start.elapsed()
    })
}

fn by_reader(book: &Book, rows: i64) -> Duration {
    let start = Instant::now();
    let mut reader = Reader::open(book).expect("a reader");
    let (mut count, mut bytes) = (0, 0);
    let read = reader.query("select c0, c1, c3, c10, c11 from bench_line", &[], |row| {
        count += 1;
        bytes += row.int(0)? + row.int(1)? + row.int(2)?;
        bytes += (row.text(3)?.len() + row.text(4)?.len()) as i64;
        Ok(())
    });
    read.expect("rows");
    assert!(count == rows && bytes > 0, "every row comes back");
    start.elapsed()
}
