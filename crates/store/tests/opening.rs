//! Making and opening a book: every refusal is named, comes at once and changes nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::bulk::{Reader, Writer};
use store::testing::{PASSPHRASE, TestBook, block_on, create_options, new_database, unlock};
use store::{
    Book, Kind, Location, NotABookReason, OpenMode, Secret, StoreError, Unlock, UnlockMethod,
};

fn file(test: &TestBook) -> PathBuf {
    match test.book.location() {
        Location::File(path) => path.clone(),
        Location::Server(_) => unreachable!("only files are asked for"),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}.{suffix}", path.display()))
}

/// A closed book in a folder of its own.
async fn closed() -> (tempfile::TempDir, Location, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.suanpan");
    let location = Location::File(path.clone());
    let (book, _) = Book::create(&location, create_options()).await.unwrap();
    book.close().await;
    (dir, location, path)
}

async fn open(location: &Location) -> Result<Book, StoreError> {
    Book::open(location, unlock(location), OpenMode::Write).await
}

/// Opens, expects a refusal within three seconds, and that no byte of the folder's book changed.
async fn refusal(location: &Location, unlock: Unlock) -> StoreError {
    let Location::File(path) = location else { unreachable!("only files are asked for") };
    let before = fs::read(path).ok();
    let start = Instant::now();
    let refused = Book::open(location, unlock, OpenMode::Write).await;
    assert!(start.elapsed() < Duration::from_secs(3), "an answer comes at once");
    assert!(fs::read(path).ok() == before, "a refusal changes nothing");
    refused.expect_err("this must not open")
}

#[test]
fn a_book_opens_by_passphrase_and_by_its_recovery_code() {
    block_on(async {
        let test = TestBook::new(Kind::Sqlite).await.reopen().await;
        let id = test.book.id().clone();
        let location = test.book.location().clone();
        let methods = [UnlockMethod::Passphrase, UnlockMethod::RecoveryCode];
        assert_eq!(test.book.unlock_methods(), methods);
        test.book.close().await;
        assert_eq!(Book::unlock_methods_at(&location).unwrap(), methods);
        let typed = test.recovery_code.unwrap().expose().to_lowercase().replace('-', " ");
        let by_code = Unlock::RecoveryCode(Secret::new(typed));
        let book = Book::open(&location, by_code, OpenMode::Write).await.unwrap();
        assert_eq!(book.id(), &id);
    });
}

#[test]
fn a_wrong_passphrase_is_told_from_a_mistyped_code_and_from_a_wrong_code() {
    block_on(async {
        let (_dir, location, _) = closed().await;
        let refused = refusal(&location, Unlock::Passphrase("three grey abacus".into())).await;
        assert!(matches!(refused, StoreError::WrongKey(UnlockMethod::Passphrase)), "{refused:?}");
        let other = store::RecoveryCode::generate().unwrap().to_text();
        let refused = refusal(&location, Unlock::RecoveryCode(other.as_str().into())).await;
        assert!(matches!(refused, StoreError::WrongKey(UnlockMethod::RecoveryCode)));
        let typo = other.replacen(&other[..1], if other.starts_with('7') { "6" } else { "7" }, 1);
        let refused = refusal(&location, Unlock::RecoveryCode(typo.as_str().into())).await;
        assert!(matches!(refused, StoreError::Keys(secrets::KeyError::MistypedCode)));
        open(&location).await.unwrap();
    });
}

#[test]
fn a_pdf_a_bill_an_empty_file_and_a_plain_database_are_not_called_damaged() {
    block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let plain = dir.path().join("plain.db");
        rusqlite::Connection::open(&plain)
            .unwrap()
            .execute_batch("create table t (x); insert into t values (1)")
            .unwrap();
        let random: Vec<u8> =
            (0..5000u32).map(|i| (i.wrapping_mul(2654435761) >> 13) as u8).collect();
        let cases: [(&[u8], NotABookReason); 6] = [
            (b"%PDF-1.7\n%\xe2\xe3", NotABookReason::Looks("a PDF")),
            (b"PK\x03\x04....", NotABookReason::Looks("a ZIP or XLSX file")),
            (b"", NotABookReason::Empty),
            ("交易时间,公众账号ID\r\n".as_bytes(), NotABookReason::Text),
            (&fs::read(&plain).unwrap(), NotABookReason::Looks("an unencrypted SQLite database")),
            (&random, NotABookReason::Unknown),
        ];
        for (bytes, expected) in cases {
            let path = dir.path().join("chosen.suanpan");
            fs::write(&path, bytes).unwrap();
            let refused =
                refusal(&Location::File(path), Unlock::Passphrase(PASSPHRASE.into())).await;
            match refused {
                StoreError::NotABook { reason, .. } => assert_eq!(reason, expected),
                other => panic!("{expected:?}: {other:?}"),
            }
        }
        let folder = Location::File(dir.path().to_owned());
        let refused =
            Book::open(&folder, Unlock::Passphrase(PASSPHRASE.into()), OpenMode::Write).await;
        let Err(StoreError::NotABook { reason, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(reason, NotABookReason::NotAFile);
    });
}

#[test]
fn a_missing_book_and_a_missing_key_file_are_told_apart() {
    block_on(async {
        let (dir, location, path) = closed().await;
        let nowhere = Location::File(dir.path().join("nowhere.suanpan"));
        let refused = refusal(&nowhere, unlock(&nowhere)).await;
        assert!(matches!(refused, StoreError::NotFound(_)), "{refused:?}");
        let keys = beside(&path, "keys");
        let text = fs::read(&keys).unwrap();
        fs::remove_file(&keys).unwrap();
        let refused = refusal(&location, unlock(&location)).await;
        assert!(matches!(refused, StoreError::KeysMissing(_)), "{refused:?}");
        fs::write(&keys, &text[..text.len() / 2]).unwrap();
        let refused = refusal(&location, unlock(&location)).await;
        assert!(matches!(refused, StoreError::KeysDamaged { .. }), "{refused:?}");
        fs::write(&keys, &text).unwrap();
        open(&location).await.unwrap();
    });
}

#[test]
fn the_key_file_of_another_book_never_opens_this_one() {
    block_on(async {
        let (_dir, location, path) = closed().await;
        let (_other_dir, _, other) = closed().await;
        fs::copy(beside(&other, "keys"), beside(&path, "keys")).unwrap();
        let refused = refusal(&location, unlock(&location)).await;
        assert!(matches!(refused, StoreError::Damaged(_)), "{refused:?}");
    });
}

#[test]
fn creating_never_overwrites_a_book_or_a_key_file() {
    block_on(async {
        let (dir, location, path) = closed().await;
        let before = (fs::read(&path).unwrap(), fs::read(beside(&path, "keys")).unwrap());
        let refused = Book::create(&location, create_options()).await.map(|_| ());
        assert!(matches!(refused, Err(StoreError::Exists(_))), "{refused:?}");
        assert!(before == (fs::read(&path).unwrap(), fs::read(beside(&path, "keys")).unwrap()));
        let lone = dir.path().join("lone.suanpan");
        fs::write(beside(&lone, "keys"), "someone's keys").unwrap();
        let refused =
            Book::create(&Location::File(lone.clone()), create_options()).await.map(|_| ());
        assert!(matches!(refused, Err(StoreError::Exists(_))), "{refused:?}");
        assert!(!lone.exists());
    });
}

#[test]
fn a_book_that_cannot_be_made_leaves_nothing_behind() {
    block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let location = Location::File(dir.path().join("shop.suanpan"));
        let mut options = create_options();
        options.passphrase = "short".into();
        let refused = Book::create(&location, options).await.map(|_| ());
        assert!(matches!(refused, Err(StoreError::Keys(_))), "{refused:?}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        let nowhere = Location::File(dir.path().join("no folder/shop.suanpan"));
        let refused = Book::create(&nowhere, create_options()).await.map(|_| ());
        assert!(matches!(refused, Err(StoreError::NotFound(_))), "{refused:?}");
    });
}

#[test]
fn a_second_opening_answers_at_once_with_the_holder() {
    block_on(async {
        let test = TestBook::new(Kind::Sqlite).await;
        let location = test.book.location().clone();
        let refused = refusal(&location, unlock(&location)).await;
        let StoreError::AlreadyOpen { pid } = refused else { panic!("{refused:?}") };
        assert_eq!(pid, Some(std::process::id()));
        test.book.close().await;
        open(&location).await.unwrap();
    });
}

#[test]
fn a_book_of_a_newer_program_is_refused_with_both_numbers() {
    block_on(async {
        let test = TestBook::new(Kind::Sqlite).await;
        let sql = "update book_meta set value = '7001' where key = 'schema'";
        sqlx::query(sql).execute(test.book.pool()).await.unwrap();
        let location = test.book.location().clone();
        test.book.close().await;
        let refused = refusal(&location, unlock(&location)).await;
        let StoreError::NewerSchema { book, program } = refused else { panic!("{refused:?}") };
        assert_eq!((book, program), (7001, store::schema_number()));
    });
}

#[test]
fn a_migration_that_was_edited_after_it_was_applied_is_named() {
    block_on(async {
        let test = TestBook::new(Kind::Sqlite).await;
        let sql = "update book_meta set value = 'x' where key = 'migration.0000'";
        sqlx::query(sql).execute(test.book.pool()).await.unwrap();
        let location = test.book.location().clone();
        test.book.close().await;
        let refused = refusal(&location, unlock(&location)).await;
        assert!(matches!(refused, StoreError::MigrationEdited(0)), "{refused:?}");
    });
}

#[test]
fn a_book_marked_read_only_is_refused_for_writing_and_opens_for_reading() {
    block_on(async {
        let (dir, location, path) = closed().await;
        for marked in [path.as_path(), dir.path()] {
            let before = fs::metadata(marked).unwrap().permissions();
            let mut read_only = before.clone();
            read_only.set_readonly(true);
            fs::set_permissions(marked, read_only).unwrap();
            let refused = refusal(&location, unlock(&location)).await;
            let book = Book::open(&location, unlock(&location), OpenMode::Read).await;
            fs::set_permissions(marked, before).unwrap();
            assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused:?}");
            let book = book.unwrap();
            let sql = "select count(*) from book_meta";
            let rows: i64 = sqlx::query_scalar(sql).fetch_one(book.pool()).await.unwrap();
            assert!(rows >= 3);
            let written = sqlx::query("delete from book_meta").execute(book.pool()).await;
            assert!(written.is_err(), "a book opened for reading is never written");
            assert!(matches!(
                store::bulk::Writer::open(&book).map(|_| ()),
                Err(StoreError::ReadOnly(_))
            ));
            book.close().await;
        }
        open(&location).await.unwrap();
    });
}

#[test]
fn no_flipped_bit_of_a_book_goes_unnoticed() {
    block_on(async {
        let test = TestBook::new(Kind::Sqlite).await;
        sqlx::raw_sql("create table note (id integer primary key, text text) strict")
            .execute(test.book.pool())
            .await
            .unwrap();
        let sql = "insert into note with recursive n(i) as (select 1 union all select i + 1 from n
                   where i < 3000) select i, 'note ' || i from n";
        sqlx::raw_sql(sql).execute(test.book.pool()).await.unwrap();
        let (location, path) = (test.book.location().clone(), file(&test));
        assert_eq!(test.book.verify().await.unwrap().problems, Vec::<String>::new());
        test.book.close().await;
        let sound = fs::read(&path).unwrap();
        let (mut at_opening, mut at_verifying) = (0, 0);
        for step in 0..60 {
            let mut bytes = sound.clone();
            let bit = step * (bytes.len() * 8 / 60) + 129 * step % 8;
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &bytes).unwrap();
            match open(&location).await {
                Err(StoreError::Damaged(_)) => at_opening += 1,
                Err(other) => panic!("bit {bit}: {other:?}"),
                Ok(book) => {
                    let verdict = book.verify().await.unwrap();
                    assert!(!verdict.problems.is_empty(), "bit {bit} went unnoticed");
                    at_verifying += 1;
                    book.close().await;
                }
            }
        }
        println!("{at_opening} at opening, {at_verifying} by verify");
        assert_eq!(at_opening + at_verifying, 60);
        let mut cut = sound.clone();
        cut.truncate(sound.len() - 100);
        fs::write(&path, &cut).unwrap();
        let refused = refusal(&location, unlock(&location)).await;
        assert!(matches!(refused, StoreError::Damaged(_)), "{refused:?}");
        fs::write(&path, &sound).unwrap();
        open(&location).await.unwrap();
    });
}

#[test]
fn a_reader_of_a_damaged_page_is_told_so_and_gets_no_figure() {
    block_on(async {
        let test = TestBook::new(Kind::Sqlite).await;
        sqlx::raw_sql("create table note (id integer primary key, text text) strict")
            .execute(test.book.pool())
            .await
            .unwrap();
        let sql = "insert into note with recursive n(i) as (select 1 union all select i + 1 from n
                   where i < 3000) select i, 'note ' || i from n";
        sqlx::raw_sql(sql).execute(test.book.pool()).await.unwrap();
        let (location, path) = (test.book.location().clone(), file(&test));
        test.book.close().await;
        let mut bytes = fs::read(&path).unwrap();
        let end = bytes.len() - 2000;
        bytes[end] ^= 4;
        fs::write(&path, &bytes).unwrap();
        let book = open(&location).await.unwrap();
        let read = tokio::task::spawn_blocking(move || {
            let mut reader = store::bulk::Reader::open(&book)?;
            reader.query("select id, text from note", &[], |row| row.text(1).map(|_| ()))
        });
        let read = read.await.unwrap();
        assert!(matches!(read, Err(StoreError::Damaged(_))), "{read:?}");
    });
}

#[test]
fn neither_the_key_nor_a_text_of_the_book_stands_in_its_files() {
    block_on(async {
        let test = TestBook::new(Kind::Sqlite).await;
        sqlx::query("insert into book_meta (key, value) values ('canary', 'CANARY-4711-牡丹')")
            .execute(test.book.pool())
            .await
            .unwrap();
        let debug = format!("{:?} {:?}", test.book, test.book.pool());
        let key_text = test.book.key_file_text().unwrap();
        let opened = secrets::KeyFile::from_text(&key_text).unwrap();
        let key = opened.unlock_with_passphrase(&PASSPHRASE.into()).unwrap().to_hex();
        assert!(!debug.contains(key.as_str()) && !debug.contains(PASSPHRASE), "{debug}");
        let raw: Vec<u8> =
            (0..32).map(|i| u8::from_str_radix(&key[2 * i..2 * i + 2], 16).unwrap()).collect();
        let mut searched = 0;
        for entry in fs::read_dir(test.dir()).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            for secret in ["CANARY-4711".as_bytes(), key.as_bytes(), PASSPHRASE.as_bytes(), &raw] {
                assert!(!bytes.windows(secret.len()).any(|window| window == secret));
            }
            searched += 1;
        }
        assert!(searched >= 4, "book, log, keys and lock: {searched}");
    });
}

#[test]
fn ways_in_change_on_the_disk_and_survive_reopening() {
    block_on(async {
        let test = TestBook::new(Kind::Sqlite).await;
        let vault = Arc::new(secrets::MemoryVault::new());
        let location = test.book.location().clone();
        test.book.enable_keyring(vault.as_ref()).unwrap();
        let cheap = store::KdfCost::CHEAP_FOR_TESTS;
        test.book.set_passphrase(&"another long phrase".into(), cheap).unwrap();
        let code = test.book.renew_recovery_code().unwrap();
        test.book.close().await;
        let old = refusal(&location, Unlock::Passphrase(PASSPHRASE.into())).await;
        assert!(matches!(old, StoreError::WrongKey(UnlockMethod::Passphrase)), "{old:?}");
        let old = refusal(&location, Unlock::RecoveryCode(test.recovery_code.unwrap())).await;
        assert!(matches!(old, StoreError::WrongKey(UnlockMethod::RecoveryCode)), "{old:?}");
        for unlock in [
            Unlock::Passphrase("another long phrase".into()),
            Unlock::RecoveryCode(code.to_text().as_str().into()),
            Unlock::Keyring(vault.clone()),
        ] {
            Book::open(&location, unlock, OpenMode::Write).await.unwrap().close().await;
        }
        let by_keyring = Unlock::Keyring(vault.clone());
        let book = Book::open(&location, by_keyring, OpenMode::Write).await.unwrap();
        book.disable_keyring(vault.as_ref()).unwrap();
        book.close().await;
        let gone = refusal(&location, Unlock::Keyring(vault)).await;
        assert!(matches!(gone, StoreError::Keys(_)), "{gone:?}");
    });
}

#[test]
fn every_connection_of_a_book_has_the_safe_settings() {
    block_on(async {
        let test = TestBook::new(Kind::Sqlite).await;
        let mut held = Vec::new();
        for _ in 0..4 {
            let mut db = test.book.acquire().await.unwrap();
            for (pragma, expected) in [("synchronous", 2), ("foreign_keys", 1), ("temp_store", 2)] {
                let sql = sqlx::AssertSqlSafe(format!("pragma {pragma}"));
                let found: i64 = sqlx::query_scalar(sql).fetch_one(&mut *db).await.unwrap();
                assert_eq!(found, expected, "{pragma}");
            }
            let mode: String =
                sqlx::query_scalar("pragma journal_mode").fetch_one(&mut *db).await.unwrap();
            assert_eq!(mode, "wal");
            held.push(db);
        }
        let book = test.book.clone();
        tokio::task::spawn_blocking(move || {
            let mut writer = store::bulk::Writer::open(&book).unwrap();
            let mut loader = writer.begin().unwrap();
            let mut cache = 0;
            let read = loader.query("pragma cache_size", &[], |row| {
                cache = row.int(0)?;
                Ok(())
            });
            read.unwrap();
            assert!(cache <= -65536, "an importing connection has 64 MB or more: {cache}");
        })
        .await
        .unwrap();
    });
}

#[test]
fn a_server_database_without_a_book_is_not_a_book_and_a_missing_one_is_not_found() {
    block_on(async {
        let location = Location::Server(new_database().await);
        let refused = open(&location).await;
        assert!(
            matches!(refused, Err(StoreError::NotABook { reason: NotABookReason::NoTables, .. })),
            "{refused:?}"
        );
        let (book, code) = Book::create(&location, create_options()).await.unwrap();
        assert!(code.is_none() && book.unlock_methods().is_empty());
        let refused = Book::create(&location, create_options()).await.map(|_| ());
        assert!(matches!(refused, Err(StoreError::Exists(_))), "{refused:?}");
        // Several seats at once.
        let second = open(&location).await.unwrap();
        assert_eq!(second.id(), book.id());
        let Location::Server(url) = &location else { unreachable!("made as a server") };
        let missing = Location::Server(format!("{}_missing", url));
        let refused = open(&missing).await;
        assert!(matches!(refused, Err(StoreError::NotFound(_))), "{refused:?}");
        let nobody = Location::Server("postgres://suanpan@127.0.0.1:1/book".to_owned());
        let refused = open(&nobody).await;
        assert!(matches!(refused, Err(StoreError::Unreachable(_))), "{refused:?}");
    });
}

#[test]
fn a_book_left_without_its_late_indexes_has_them_when_it_is_opened_again() {
    fn indexes(book: &Book) -> i64 {
        let mut reader = Reader::open(book).unwrap();
        let mut found = 0;
        let sql = "select count(*) from sqlite_schema \
                   where name in ('settlement_line_amount', 'balance_transaction_amount')";
        reader.query(sql, &[], |row| row.int(0).map(|rows| found = rows)).unwrap();
        found
    }
    block_on(async {
        let (_dir, location, _) = closed().await;
        let book = open(&location).await.unwrap();
        let mut writer = Writer::open(&book).unwrap();
        let mut loader = writer.begin().unwrap();
        loader.forgo_late_indexes().unwrap();
        // The program is killed after a first transaction of a load.
        loader.commit().unwrap();
        drop(writer);
        assert_eq!(indexes(&book), 0);
        book.close().await;
        let book = open(&location).await.unwrap();
        assert_eq!(indexes(&book), 2);
        book.close().await;
    });
}

#[test]
fn both_databases_have_the_same_migrations() {
    store::verify_embedded().unwrap();
}
