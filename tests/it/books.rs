//! Import is idempotent and does not mind the order of files.

use backoffice::import::FileState;
use backoffice::proof::state_hash;
use practice::{Options, Plant, Span};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::path::PathBuf;
use support::{Kind, PracticeShop, import_paths, new_book, reader};

fn hash(book: &store::Book) -> String {
    state_hash(&mut reader(book)).expect("the book can be read")
}

#[test]
fn any_order_and_repetition_of_files_gives_the_same_state() {
    let mut options = Options { days: 62, size: 6, planted: Plant::None, ..Options::default() };
    options.layout.span = Span::Month;
    let shop = PracticeShop::write(&options);
    let files = shop.files();
    let first = new_book(Kind::Sqlite);
    import_paths(&first.book, &files);
    let expected = hash(&first.book);
    for (kind, cases) in [(Kind::Sqlite, 8), (Kind::Postgres, 2)] {
        same_in_any_order(kind, cases, &files, &expected);
    }
}

fn same_in_any_order(kind: Kind, cases: u32, files: &[PathBuf], expected: &str) {
    let mut runner = TestRunner::new(Config { cases, ..Config::default() });
    let orders = Just(files.to_vec()).prop_shuffle();
    let strategy = (orders, proptest::collection::vec(0..files.len(), 0..6));
    runner
        .run(&strategy, |(order, again)| {
            let test = new_book(kind);
            for file in &order {
                import_paths(&test.book, std::slice::from_ref(file));
            }
            for index in again {
                let report = import_paths(&test.book, &files[index..=index]);
                prop_assert!(report.files.iter().all(|f| f.state == FileState::Known));
            }
            prop_assert_eq!(hash(&test.book), expected);
            Ok(())
        })
        .expect("every order gives the same state");
}
