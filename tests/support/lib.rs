//! Practice shops, books and the truth, for the suites.

pub mod bills;

use backoffice::import::{ImportOptions, ImportReport, Watch, import};
use backoffice::lists::{BreakFilter, BreakRow, list_breaks};
use backoffice::payouts::{Payout, PayoutFilter, list_payouts, payout};
use practice::Options;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use store::Book;
use store::bulk::Reader;
use store::testing::TestBook;

pub use store::Kind;

/// Both databases, for a suite that runs on each.
pub const BOTH: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

/// A book of its own.
pub fn new_book(kind: Kind) -> TestBook {
    store::testing::block_on(TestBook::new(kind))
}

/// A practice shop on disk.
pub struct PracticeShop {
    dir: tempfile::TempDir,
    /// What `truth.json` says.
    pub truth: serde_json::Value,
}

impl PracticeShop {
    /// Writes it.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(options: &Options) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        let out = dir.path().join("shop");
        practice::write(&out, options).expect("the practice shop can be written");
        let truth = std::fs::read(out.join("truth.json")).expect("the shop writes its truth");
        let truth = serde_json::from_slice(&truth).expect("the truth is JSON");
        Self { dir, truth }
    }

    /// Its folder.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("shop")
    }

    /// Every file but the truth, sorted.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        walk(&self.path(), &mut files);
        files.retain(|file| !file.ends_with("truth.json"));
        files.sort();
        files
    }

    /// `(kind, record)` of every planted problem, with its effect and day.
    pub fn problems(&self) -> BTreeMap<(String, String), (i64, String)> {
        let list = self.truth["problems"].as_array().cloned().unwrap_or_default();
        list.iter()
            .map(|p| {
                let text = |key: &str| p[key].as_str().unwrap_or_default().to_owned();
                let effect = p["effect_minor"].as_i64().unwrap_or_default();
                ((text("kind"), text("record")), (effect, text("day")))
            })
            .collect()
    }
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

/// Imports paths; the suites watch nothing.
///
/// # Panics
/// When the import as a whole fails.
pub fn import_paths(book: &Book, paths: &[PathBuf]) -> ImportReport {
    import_with(book, paths, &ImportOptions::default())
}

/// Imports paths with options.
///
/// # Panics
/// When the import as a whole fails.
pub fn import_with(book: &Book, paths: &[PathBuf], options: &ImportOptions) -> ImportReport {
    let cancel = AtomicBool::new(false);
    let mut watch = Watch { progress: &mut |_| {}, cancel: &cancel };
    import(book, paths, options, &mut watch).expect("the import runs")
}

/// A reader.
///
/// # Panics
/// When the book is gone.
pub fn reader(book: &Book) -> Reader {
    Reader::open(book).expect("the book can be read")
}

/// Every break, carried ones included, by kind and primary record.
///
/// # Panics
/// When the book is gone.
pub fn breaks(book: &Book) -> Vec<BreakRow> {
    let mut reader = reader(book);
    let filter = BreakFilter { with_carried: true, ..BreakFilter::default() };
    let mut rows = Vec::new();
    let mut cursor = None;
    loop {
        let page = list_breaks(&mut reader, &filter, cursor.as_deref(), 500).expect("a page");
        rows.extend(page.rows);
        cursor = page.next;
        if cursor.is_none() {
            return rows;
        }
    }
}

/// Every payout, whole, oldest first.
///
/// # Panics
/// When the book is gone.
pub fn payouts(book: &Book) -> Vec<Payout> {
    let mut reader = reader(book);
    let mut ids = Vec::new();
    let mut cursor = None;
    loop {
        let filter = PayoutFilter::default();
        let page = list_payouts(&mut reader, &filter, cursor.as_deref(), 500).expect("a page");
        ids.extend(page.rows.into_iter().map(|row| row.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    ids.reverse();
    ids.iter().map(|id| payout(&mut reader, id).expect("a payout")).collect()
}
