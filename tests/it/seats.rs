//! Keys of channels in a book on a server: sealed by the seat that gave them, carried to another by
//! a passphrase, and never on the server in clear.

use crate::sync::World;
use backoffice::channels::{self, Route, SyncReport, SyncRequest, due_now};
use backoffice::decisions::Actor;
use backoffice::dto::ConnectionView;
use backoffice::import::{Progress, Watch};
use practice::{Options, Plant};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use store::testing::{block_on, unlock};
use store::{Book, KdfCost, OpenMode, Secret, StoreError};
use support::{Kind, new_book, reader};

fn world() -> World {
    World::new(&Options { days: 3, size: 2, planted: Plant::None, ..Options::default() }, |_| {})
}

/// Another program at the same book.
fn another_seat(book: &Book) -> Book {
    let location = book.location().clone();
    let opened = block_on(Book::open(&location, unlock(&location), OpenMode::Write));
    opened.expect("it opens for another seat")
}

fn vault() -> Arc<secrets::MemoryVault> {
    Arc::new(secrets::MemoryVault::new())
}

fn sync(world: &World, book: &Book) -> SyncReport {
    let request = SyncRequest { route: Route::Direct, ..SyncRequest::default() };
    let mut progress = |_: &Progress| {};
    let cancel = AtomicBool::new(false);
    let mut watch = Watch { progress: &mut progress, cancel: &cancel };
    channels::sync(book, &request, &world.clock(), &mut watch).expect("the sync runs")
}

#[test]
fn a_seat_that_lacks_the_key_sees_the_connection_and_is_told_until_the_key_is_carried_to_it() {
    let world = world();
    let made = new_book(Kind::Postgres);
    let actor = Actor { name: "老板", at_ms: world.clock()() };
    let setup = world.setup("wechat_pay");
    let none = channels::add(&made.book, &setup, "", Some(world.first), &actor);
    assert_eq!(none.map_err(|error| error.code()), Err("book_no_sealing"), "no keyring, no key");

    made.book.use_vault(vault());
    let id = world.connect(&made.book, "wechat_pay");
    let other = another_seat(&made.book);
    other.use_vault(vault());
    let views = ConnectionView::all(&other, world.clock()()).expect("it can be read");
    assert_eq!(views.iter().map(|(_, view)| view.keys_here).collect::<Vec<_>>(), [false]);
    assert!(due_now(&other, world.clock()()).expect("it can be read").is_empty());
    assert_eq!(due_now(&made.book, world.clock()()).expect("it can be read"), [id]);
    let told = sync(&world, &other);
    assert_eq!(told.connections[0].trouble, "keys_elsewhere");
    let request = SyncRequest::default();
    let tried = channels::check(&other, id, &request, &world.clock());
    assert_eq!(tried.map_err(|error| error.code()).err(), Some("book_sealed_elsewhere"));
    let kept = channels::connection(&mut reader(&made.book), id).expect("it is there");
    assert_eq!(kept.asked_at_ms, None, "another seat's lack is not the connection's failure");

    let passphrase = Secret::from("correct horse");
    let text = made.book.carry_key(&passphrase, KdfCost::CHEAP_FOR_TESTS).expect("it is carried");
    let wrong = other.receive_key(&text, &Secret::from("another horse"));
    assert!(matches!(wrong, Err(StoreError::Keys(_))), "{wrong:?}");
    other.receive_key(&text, &passphrase).expect("it is taken");
    let done = sync(&world, &other);
    assert!(done.connections[0].files > 0 && done.connections[0].failed == 0, "{done:?}");
    assert!(due_now(&made.book, world.clock()()).expect("it can be read").is_empty());
}

#[test]
fn keys_given_again_at_another_seat_stand_beside_those_of_the_first() {
    let world = world();
    let made = new_book(Kind::Postgres);
    made.book.use_vault(vault());
    let id = world.connect(&made.book, "wechat_pay");
    let other = another_seat(&made.book);
    other.use_vault(vault());
    let actor = Actor { name: "小王", at_ms: world.clock()() };
    for _ in 0..3 {
        channels::renew(&other, id, &world.setup("wechat_pay"), &actor).expect("given again");
    }
    let kept = channels::connection(&mut reader(&other), id).expect("it is there");
    assert_eq!(kept.credentials.len(), 3, "two of this seat, one of the first");
    for book in [&made.book, &other] {
        let request = SyncRequest { route: Route::Direct, ..SyncRequest::default() };
        let fine = channels::check(book, id, &request, &world.clock()).expect("it can be tried");
        assert!(fine.is_fine(), "{fine:?}");
    }
    let mut sealed = Vec::new();
    let read = reader(&other).query("select sealed from credential", &[], |row| {
        sealed.push(row.blob(0)?.to_vec());
        Ok(())
    });
    read.expect("it can be read");
    assert!(sealed.iter().all(|bytes| !bytes.windows(5).any(|part| part == b"BEGIN")));
}
