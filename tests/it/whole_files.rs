//! Each file is booked whole or not at all, whatever its neighbours are.

use backoffice::import::{FileState, ImportOptions, ImportReport, Watch, import};
use backoffice::proof::state_hash;
use practice::{Options, Plant};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use store::bulk::Reader;
use support::{Kind, PracticeShop, import_paths, new_book, reader};

fn shop() -> PracticeShop {
    PracticeShop::write(&Options { days: 12, size: 6, planted: Plant::None, ..Options::default() })
}

fn hash(book: &store::Book) -> String {
    state_hash(&mut reader(book)).expect("the book can be read")
}

/// A fund bill that ends in its middle, under a name that sorts among the others.
fn damaged(shop: &PracticeShop) -> PathBuf {
    let is_fund = |file: &PathBuf| file.to_string_lossy().contains("Basic");
    let whole = shop.files().into_iter().find(is_fund).expect("the shop has fund bills");
    let bytes = std::fs::read(&whole).expect("a bill can be read");
    let place = shop.path().join("b-damaged.csv");
    std::fs::write(&place, &bytes[..bytes.len() / 2]).expect("the folder can be written");
    place
}

fn count(reader: &mut Reader, table: &str) -> i64 {
    let mut rows = 0;
    let read = reader.query(&format!("select count(*) from {table}"), &[], |row| {
        rows = row.int(0)?;
        Ok(())
    });
    read.expect("a table can be counted");
    rows
}

#[test]
fn a_refused_file_takes_none_of_its_neighbours_along_and_leaves_nothing() {
    let shop = shop();
    let mut files = shop.files();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let good = new_book(kind);
        let clean = import_paths(&good.book, &files);
        let bad = damaged(&shop);
        let middle = files.len() / 2;
        files.insert(middle, bad.clone());
        let mixed = new_book(kind);
        let report = import_paths(&mixed.book, &files);
        files.remove(middle);
        std::fs::remove_file(&bad).expect("it was written above");

        let refused: Vec<_> =
            report.files.iter().filter(|f| f.state == FileState::Refused).collect();
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert!(refused[0].path.contains("b-damaged"), "{}", refused[0].path);
        let others = report.files.iter().filter(|f| !f.path.contains("b-damaged")).count();
        assert_eq!(others, clean.files.len(), "each file is told once");
        assert_eq!(hash(&mixed.book), hash(&good.book));
        let (mut here, mut there) = (reader(&mixed.book), reader(&good.book));
        for table in ["raw_document", "document", "document_chunk", "search_text", "day_pack"] {
            assert_eq!(count(&mut here, table), count(&mut there, table), "{table}");
        }
        let same = backoffice::search::search(&mut here, "拿铁", 20).expect("it can be searched");
        let other = backoffice::search::search(&mut there, "拿铁", 20).expect("it can be searched");
        assert_eq!(same.groups.len(), other.groups.len());
    }
}

const LATE: i64 = 2;

/// Indexes that a first load leaves for its end.
fn indexes(reader: &mut Reader) -> i64 {
    let names = "('settlement_line_amount', 'balance_transaction_amount')";
    count(reader, &format!("sqlite_schema where name in {names}"))
}

/// Imports until the file with this number begins to be read, then cancels.
fn cancelled_at(book: &store::Book, files: &[PathBuf], stop: i64) -> ImportReport {
    let cancel = AtomicBool::new(false);
    let mut progress = |progress: &backoffice::import::Progress| {
        if progress.done == stop.unsigned_abs() {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let options = ImportOptions { now_ms: 1, ..ImportOptions::default() };
    let mut watch = Watch { progress: &mut progress, cancel: &cancel };
    import(book, files, &options, &mut watch).expect("a cancelled import is no error")
}

#[test]
fn a_cancelled_import_keeps_what_was_finished_and_goes_on_later() {
    // Large enough that the cancelled file is left in its middle.
    let shop = PracticeShop::write(&Options {
        days: 4,
        size: 5_000,
        planted: Plant::None,
        ..Options::default()
    });
    let files = shop.files();
    let straight = new_book(Kind::Sqlite);
    import_paths(&straight.book, &files);
    assert_eq!(indexes(&mut reader(&straight.book)), LATE, "built at the end of the first load");
    for stop in [1, 3, 6] {
        let test = new_book(Kind::Sqlite);
        let report = cancelled_at(&test.book, &files, stop);
        assert!(report.cancelled);
        let kept = count(&mut reader(&test.book), "raw_document");
        assert!((stop..=stop + 1).contains(&kept), "{kept} of {stop} files are booked");
        assert!(kept < files.len() as i64);
        import_paths(&test.book, &files);
        assert_eq!(hash(&test.book), hash(&straight.book), "cancelled at {stop}");
        assert_eq!(indexes(&mut reader(&test.book)), LATE);
    }
}
