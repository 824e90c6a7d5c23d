//! A book in one PostgreSQL database, for several seats at once.

use crate::error::{NotABookReason, StoreError};
use crate::location::Location;
use crate::migrate::{self, Migration, POSTGRES};
use crate::sqlite::meta_book_id;
use secrets::BookId;
use sqlx::any::AnyConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row};

/// One migration at a time over all seats: the key of the advisory lock, an arbitrary number.
const MIGRATION_LOCK: i64 = 0x7375_616e_7061_6e01;

/// How to connect to one database.
pub(crate) struct ServerDb {
    pub url: String,
}

/// Collations under which text sorts by code point, as it does in SQLite: a list page must turn
/// in the same place on both.
const BINARY_COLLATIONS: &[&str] = &["C", "POSIX", "C.UTF-8", "C.utf8"];

impl ServerDb {
    fn shown(&self) -> String {
        Location::Server(self.url.clone()).to_string()
    }

    /// A native connection with everything set and checked.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (no such database), [`StoreError::AccessDenied`],
    /// [`StoreError::Unreachable`], [`StoreError::Setting`].
    pub(crate) async fn connect(&self) -> Result<PgConnection, StoreError> {
        let options: PgConnectOptions =
            self.url.parse().map_err(|source| StoreError::query("the server's URL", source))?;
        let options = options.application_name("suanpan").disable_statement_logging();
        let mut db = PgConnection::connect_with(&options).await.map_err(|e| self.sort(e))?;
        let failed = |source| StoreError::query("asking the server for its settings", source);
        sqlx::raw_sql(SESSION).execute(&mut db).await.map_err(failed)?;
        let row = sqlx::query(
            "select current_setting('server_encoding'), datcollate
             from pg_database where datname = current_database()",
        )
        .fetch_one(&mut db)
        .await
        .map_err(failed)?;
        let encoding: String = row.get(0);
        let collation: String = row.get(1);
        if encoding != "UTF8" {
            let wanted = "UTF8".to_owned();
            return Err(StoreError::Setting { pragma: "encoding", wanted, found: encoding });
        }
        if !BINARY_COLLATIONS.contains(&collation.as_str()) {
            let wanted = "C".to_owned();
            return Err(StoreError::Setting { pragma: "lc_collate", wanted, found: collation });
        }
        Ok(db)
    }

    fn sort(&self, error: sqlx::Error) -> StoreError {
        let code = error.as_database_error().and_then(|e| e.code()).map(|code| code.into_owned());
        match (code.as_deref(), &error) {
            (Some("3D000"), _) => StoreError::NotFound(self.shown()),
            (Some("28P01" | "28000"), _) => StoreError::AccessDenied(error),
            (None, _) | (Some("57P03" | "53300"), _) => StoreError::Unreachable(error),
            _ => StoreError::query("connecting to the server", error),
        }
    }

    /// What the pool connects with.
    pub(crate) fn pool_options(&self) -> Result<AnyConnectOptions, StoreError> {
        let options: AnyConnectOptions =
            self.url.parse().map_err(|source| StoreError::query("the server's URL", source))?;
        Ok(options.disable_statement_logging())
    }

    /// Makes the schema in a database without one.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when a book is there; what connecting can say.
    pub(crate) async fn create(&self, book: &BookId) -> Result<(), StoreError> {
        let mut db = self.connect().await?;
        let failed = |source| StoreError::query("making the schema", source);
        let mut change = db.begin().await.map_err(failed)?;
        lock(&mut change).await?;
        if has_meta(&mut change).await? {
            return Err(StoreError::Exists(self.shown()));
        }
        for migration in POSTGRES {
            apply(&mut change, migration).await?;
        }
        put_meta(&mut change, "book_id", book.as_str()).await.map_err(failed)?;
        change.commit().await.map_err(failed)?;
        db.close().await.map_err(failed)
    }

    /// Checks the schema and, when `may_write`, brings it up to date in one transaction.
    ///
    /// # Errors
    /// [`StoreError::NotABook`], [`StoreError::NewerSchema`], [`StoreError::MigrationEdited`];
    /// what connecting can say.
    pub(crate) async fn upgrade(&self, may_write: bool) -> Result<BookId, StoreError> {
        let mut db = self.connect().await?;
        let failed = |source| StoreError::query("bringing the schema up to date", source);
        let mut change = db.begin().await.map_err(failed)?;
        if !has_meta(&mut change).await? {
            let reason = NotABookReason::NoTables;
            return Err(StoreError::NotABook { path: self.shown(), reason });
        }
        let mut meta = read_meta(&mut change).await?;
        if !migrate::pending(POSTGRES, &meta)?.is_empty() {
            if !may_write {
                return Err(StoreError::ReadOnly(self.shown().into()));
            }
            lock(&mut change).await?;
            // Another seat may have done it while this one waited.
            meta = read_meta(&mut change).await?;
            for migration in migrate::pending(POSTGRES, &meta)? {
                apply(&mut change, migration).await?;
            }
        }
        change.commit().await.map_err(failed)?;
        db.close().await.map_err(failed)?;
        meta_book_id(&meta)
    }
}

/// What every session sets; a server's own defaults may be weaker.
const SESSION: &str = "set synchronous_commit = on; set lock_timeout = '10s'; \
                       set client_min_messages = warning; set timezone = 'UTC'";

/// Readies a connection of the pool.
pub(crate) async fn ready(db: &mut AnyConnection, may_write: bool) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(SESSION).execute(&mut *db).await?;
    if !may_write {
        sqlx::raw_sql("set default_transaction_read_only = on").execute(&mut *db).await?;
    }
    Ok(())
}

async fn lock(db: &mut PgConnection) -> Result<(), StoreError> {
    let ask = sqlx::query("select pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK);
    let asked = ask.execute(db).await;
    asked.map(|_| ()).map_err(|source| StoreError::query("waiting for another seat", source))
}

async fn has_meta(db: &mut PgConnection) -> Result<bool, StoreError> {
    let ask = sqlx::query_scalar("select to_regclass('book_meta') is not null");
    ask.fetch_one(db).await.map_err(|source| StoreError::query("looking for a book", source))
}

async fn read_meta(db: &mut PgConnection) -> Result<Vec<(String, String)>, StoreError> {
    let ask = sqlx::query_as("select key, value from book_meta");
    ask.fetch_all(db).await.map_err(|source| StoreError::query("reading book_meta", source))
}

async fn apply(db: &mut PgConnection, migration: &Migration) -> Result<(), StoreError> {
    let failed = |source| {
        StoreError::query(format!("migration {} {}", migration.number, migration.name), source)
    };
    sqlx::raw_sql(AssertSqlSafe(migration.sql)).execute(&mut *db).await.map_err(failed)?;
    put_meta(db, &migration.key(), &migration.checksum()).await.map_err(failed)?;
    put_meta(db, "schema", &migration.number.to_string()).await.map_err(failed)
}

async fn put_meta(db: &mut PgConnection, key: &str, value: &str) -> Result<(), sqlx::Error> {
    let sql = "insert into book_meta (key, value) values ($1, $2)
               on conflict (key) do update set value = excluded.value";
    sqlx::query(sql).bind(key).bind(value).execute(db).await.map(|_| ())
}
