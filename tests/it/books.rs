//! Import is idempotent and does not mind the order of files.

use backoffice::import::FileState;
use backoffice::proof::state_hash;
use practice::{Options, Plant, Span};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
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
    let mut runner = TestRunner::new(Config { cases: 8, ..Config::default() });
    let orders = Just(files.clone()).prop_shuffle();
    let strategy = (orders, proptest::collection::vec(0..files.len(), 0..6));
    runner
        .run(&strategy, |(order, again)| {
            let test = new_book(Kind::Sqlite);
            for file in &order {
                import_paths(&test.book, std::slice::from_ref(file));
            }
            for index in again {
                let report = import_paths(&test.book, &files[index..=index]);
                prop_assert!(report.files.iter().all(|f| f.state == FileState::Known));
            }
            prop_assert_eq!(hash(&test.book), expected.clone());
            Ok(())
        })
        .expect("every order gives the same state");
}
