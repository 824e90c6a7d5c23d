//! Loading and reading in bulk, the same on both databases.

use store::bulk::{Cell, Reader, TableSpec, Writer};
use store::{Book, StoreError, on_both_databases};

static SHOP: TableSpec = TableSpec::new("shop", &["id", "name"]);
static SALE: TableSpec = TableSpec::new("sale", &["id", "shop_id", "number", "minor", "raw"]);
static SALE_ONCE: TableSpec =
    TableSpec::new("sale", &["id", "shop_id", "number", "minor", "raw"]).skip_existing();

/// Two tables with a parent, in SQL that both databases read.
fn make_tables(book: &Book) -> Result<(), StoreError> {
    let blob = match book.kind() {
        store::Kind::Sqlite => "blob",
        store::Kind::Postgres => "bytea",
    };
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    loader.batch(&format!(
        "create table shop (id bigint primary key, name text not null);
         create table sale (id bigint primary key, shop_id bigint references shop (id),
           number text unique, minor bigint check (minor <> 13), raw {blob})"
    ))?;
    loader.commit()
}

/// Runs blocking work as an application does.
async fn blocking<T: Send + 'static>(
    book: &Book,
    work: impl FnOnce(&Book) -> T + Send + 'static,
) -> T {
    let book = book.clone();
    tokio::task::spawn_blocking(move || {
        make_tables(&book).unwrap();
        work(&book)
    })
    .await
    .unwrap()
}

fn sale<'a>(id: i64, number: &'a str, minor: i64) -> [Cell<'a>; 5] {
    [id.into(), 1.into(), number.into(), minor.into(), Cell::Null]
}

fn count(book: &Book, table: &str) -> i64 {
    let mut found = -1;
    let sql = format!("select count(*) from {table}");
    Reader::open(book).unwrap().query(&sql, &[], |row| row.int(0).map(|n| found = n)).unwrap();
    found
}

const ODD_TEXTS: &[&str] = &[
    "",
    "\\N",
    "\\.",
    "tab\tnew\nline\rreturn\\back",
    "引号'\"、中文，全角",
    "\u{1}\u{7f}\u{202e}🧮",
    "a\\tb\\\\",
];

on_both_databases! {
    async fn every_text_number_and_byte_comes_back_as_it_went_in(test: TestBook) {
        blocking(&test.book, |book| {
            let bytes: Vec<u8> = (0..=255).collect();
            let mut writer = Writer::open(book).unwrap();
            let mut loader = writer.begin().unwrap();
            loader.insert(&SHOP, &[1.into(), "店".into()]).unwrap();
            for (id, text) in (0..).zip(ODD_TEXTS) {
                let minor = if id % 2 == 0 { Cell::Int(i64::MIN + id) } else { Cell::Null };
                let row = [id.into(), 1.into(), (*text).into(), minor, Cell::Blob(&bytes)];
                loader.insert(&SALE, &row).unwrap();
            }
            loader.commit().unwrap();
            let mut reader = Reader::open(book).unwrap();
            let mut seen = 0;
            reader.query("select number, minor, raw, id from sale order by id", &[], |row| {
                assert_eq!(row.text(0)?, ODD_TEXTS[seen]);
                let expected = (seen % 2 == 0).then_some(i64::MIN + seen as i64);
                assert_eq!(row.opt_int(1)?, expected);
                assert_eq!(row.blob(2)?, bytes);
                assert!(matches!(row.text(3), Err(StoreError::Value(_))));
                seen += 1;
                Ok(())
            }).unwrap();
            assert_eq!(seen, ODD_TEXTS.len());
        }).await;
    }

    async fn placeholders_go_by_their_number_wherever_they_stand(test: TestBook) {
        blocking(&test.book, |book| {
            let mut writer = Writer::open(book).unwrap();
            let mut loader = writer.begin().unwrap();
            let sql = "insert into shop (name, id) values ($2, $1)";
            assert_eq!(loader.execute(sql, &[7.into(), "seven".into()]).unwrap(), 1);
            let sql = "insert into sale (id, shop_id, number, minor) values ($3, $1, $2, $4)";
            let params = [7.into(), "N".into(), 70.into(), Cell::Null];
            assert_eq!(loader.execute(sql, &params).unwrap(), 1);
            let params = [7.into(), "O".into(), 71.into(), 5.into()];
            assert_eq!(loader.execute(sql, &params).unwrap(), 1);
            let sql = "select id from sale where shop_id = $2 and number = $1 and shop_id = $2";
            let mut found = Vec::new();
            loader.query(sql, &["N".into(), 7.into()], |row| {
                found.push(row.int(0)?);
                Ok(())
            }).unwrap();
            assert_eq!(found, [70]);
            let short = loader.execute("select $1, $2", &[1.into()]);
            assert!(short.is_err());
        }).await;
    }

    async fn a_load_that_is_not_committed_leaves_no_row(test: TestBook) {
        blocking(&test.book, |book| {
            let mut writer = Writer::open(book).unwrap();
            let mut loader = writer.begin().unwrap();
            loader.insert(&SHOP, &[1.into(), "店".into()]).unwrap();
            loader.query("select 1", &[], |_| Ok(())).unwrap();
            drop(loader);
            assert_eq!(count(book, "shop"), 0);
            // The connection is as good as new.
            let mut loader = writer.begin().unwrap();
            loader.insert(&SHOP, &[1.into(), "店".into()]).unwrap();
            loader.commit().unwrap();
            assert_eq!(count(book, "shop"), 1);
        }).await;
    }

    async fn a_row_that_breaks_a_rule_is_refused_and_the_savepoint_survives_it(test: TestBook) {
        blocking(&test.book, |book| {
            let mut writer = Writer::open(book).unwrap();
            let mut loader = writer.begin().unwrap();
            loader.insert(&SHOP, &[1.into(), "店".into()]).unwrap();
            loader.insert(&SALE, &sale(1, "A", 1)).unwrap();
            let broken = [
                sale(2, "A", 1),
                sale(2, "B", 13),
                [2.into(), 99.into(), "B".into(), 1.into(), Cell::Null],
            ];
            for row in broken {
                loader.savepoint("day").unwrap();
                let inserted = loader.insert(&SALE, &row);
                let checked = inserted.and_then(|()| loader.query("select 1", &[], |_| Ok(())));
                assert!(matches!(checked, Err(StoreError::Constraint(_))), "{checked:?}");
                loader.rollback_to("day").unwrap();
                loader.release("day").unwrap();
            }
            loader.insert(&SALE, &sale(2, "B", 1)).unwrap();
            loader.commit().unwrap();
            assert_eq!(count(book, "sale"), 2);
        }).await;
    }

    async fn rows_of_a_savepoint_taken_back_are_gone_and_the_others_stay(test: TestBook) {
        blocking(&test.book, |book| {
            let mut writer = Writer::open(book).unwrap();
            let mut loader = writer.begin().unwrap();
            loader.insert(&SHOP, &[1.into(), "店".into()]).unwrap();
            loader.savepoint("file").unwrap();
            loader.insert(&SALE, &sale(1, "A", 1)).unwrap();
            loader.rollback_to("file").unwrap();
            loader.insert(&SALE, &sale(2, "A", 1)).unwrap();
            loader.release("file").unwrap();
            loader.commit().unwrap();
            assert_eq!((count(book, "shop"), count(book, "sale")), (1, 1));
        }).await;
    }

    async fn a_line_imported_twice_stands_in_the_book_once(test: TestBook) {
        blocking(&test.book, |book| {
            for _ in 0..2 {
                let mut writer = Writer::open(book).unwrap();
                let mut loader = writer.begin().unwrap();
                loader.execute(
                    "insert into shop (id, name) values (1, 'x') on conflict do nothing", &[],
                ).unwrap();
                for id in 0..100 {
                    let number = format!("N{}", id / 2);
                    loader.insert(&SALE_ONCE, &sale(id, &number, 1)).unwrap();
                }
                loader.commit().unwrap();
            }
            assert_eq!(count(book, "sale"), 50);
        }).await;
    }

    async fn a_reader_sees_one_moment_while_another_import_goes_on(test: TestBook) {
        blocking(&test.book, |book| {
            let mut reader = Reader::open(book).unwrap();
            let mut writer = Writer::open(book).unwrap();
            let mut loader = writer.begin().unwrap();
            loader.insert(&SHOP, &[1.into(), "店".into()]).unwrap();
            loader.commit().unwrap();
            let mut seen = -1;
            let sql = "select count(*) from shop";
            reader.query(sql, &[], |row| row.int(0).map(|n| seen = n)).unwrap();
            assert_eq!(seen, 0);
            assert_eq!(count(book, "shop"), 1);
        }).await;
    }

    async fn many_rows_of_two_tables_arrive_complete_and_parents_first(test: TestBook) {
        blocking(&test.book, |book| {
            let mut writer = Writer::open(book).unwrap();
            let mut loader = writer.begin().unwrap();
            let text = "长".repeat(60);
            for id in 0..20_000 {
                loader.insert(&SHOP, &[id.into(), text.as_str().into()]).unwrap();
                let number = format!("{id}");
                let row = [id.into(), id.into(), number.as_str().into(), id.into(), Cell::Null];
                if id != 13 {
                    loader.insert(&SALE, &row).unwrap();
                }
            }
            let sql = "select cast(sum(minor) as bigint) from sale";
            let mut sum = 0;
            loader.query(sql, &[], |row| row.int(0).map(|n| sum = n)).unwrap();
            assert_eq!(sum, 19_999 * 10_000 - 13);
            loader.commit().unwrap();
            assert_eq!((count(book, "shop"), count(book, "sale")), (20_000, 19_999));
        }).await;
    }

    async fn what_only_one_seat_may_do_is_done_by_one_and_then_by_the_next(test: TestBook) {
        blocking(&test.book, |book| {
            let turn = book.take_turn("sync").unwrap().expect("nobody has it");
            assert!(book.take_turn("sync").unwrap().is_none(), "it is taken");
            assert!(book.take_turn("other").unwrap().is_some(), "another thing is free");
            drop(turn);
            assert!(book.take_turn("sync").unwrap().is_some(), "it was given back");
        }).await;
    }

    async fn the_pool_sees_what_a_load_committed_and_writes_wait_for_each_other(test: TestBook) {
        blocking(&test.book, |_| ()).await;
        let mut change = test.book.begin().await.unwrap();
        sqlx::query("insert into shop (id, name) values ($2, $1)")
            .bind("a").bind(1i64).execute(&mut *change).await.unwrap();
        change.commit().await.unwrap();
        let sql = "select name from shop where id = $1";
        let name: String = sqlx::query_scalar(sql).bind(1i64)
            .fetch_one(test.book.pool()).await.unwrap();
        assert_eq!(name, "a");
        let test = test.reopen().await;
        let rows: i64 = sqlx::query_scalar("select count(*) from shop")
            .fetch_one(test.book.pool()).await.unwrap();
        assert_eq!(rows, 1);
    }
}
