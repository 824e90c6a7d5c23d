//! A book in one SQLCipher file: every connection gets the key first, then its settings, and each
//! setting is read back, since SQLite ignores what it cannot do.

use crate::error::StoreError;
use crate::files::PAGE_SIZE;
use crate::late;
use crate::migrate::{self, Migration, SQLITE};
use rusqlite::{Connection, OpenFlags};
use secrets::{BookId, DataKey};
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions, Row};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Page cache of an importing or reconciling connection. With SQLite's own 2 MB an encrypted
/// import takes five times as long; with 64 MB pages of a year are still written more than once.
pub(crate) const BULK_CACHE_KIB: u32 = 112 * 1024;
/// Page cache of each connection of the pool.
const POOL_CACHE_KIB: u32 = 32 * 1024;
/// How long a writer waits for another one.
const BUSY: Duration = Duration::from_secs(10);

/// How to connect to one file.
pub(crate) struct FileDb {
    pub path: PathBuf,
    pub key: DataKey,
    pub access: Access,
}

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everything.
    Write,
    /// Reading, while the folder can be written.
    Read,
    /// Reading where nothing can be written, not even the index of the write-ahead log.
    Immutable,
}

/// A pragma with what to set and what must be found afterwards.
struct Setting {
    pragma: &'static str,
    set: String,
    found: String,
}

impl FileDb {
    fn key_pragma(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "pragma key = \"x'{}'\"; pragma cipher_page_size = {PAGE_SIZE}",
            self.key.to_hex().as_str()
        ))
    }

    fn settings(&self, cache_kib: u32) -> Vec<Setting> {
        let setting = |pragma, set: &str, found: &str| Setting {
            pragma,
            set: set.to_owned(),
            found: found.to_owned(),
        };
        let mut settings = vec![
            setting("synchronous", "full", "2"),
            setting("foreign_keys", "on", "1"),
            setting("temp_store", "memory", "2"),
            setting("trusted_schema", "off", "0"),
            setting("cell_size_check", "on", "1"),
            setting("cache_size", &format!("-{cache_kib}"), &format!("-{cache_kib}")),
        ];
        if self.access == Access::Write {
            settings.insert(0, setting("journal_mode", "wal", "wal"));
            settings.push(setting("journal_size_limit", "67108864", "67108864"));
        } else {
            settings.push(setting("query_only", "on", "1"));
        }
        settings
    }

    /// A connection of rusqlite with everything set and checked.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the first page cannot be decrypted, [`StoreError::Setting`].
    pub(crate) fn connect(&self, cache_kib: u32) -> Result<Connection, StoreError> {
        let failed = |source| StoreError::sqlite("opening the book", source);
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        flags |= match self.access {
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Access::Read | Access::Immutable => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let mut uri = format!("file:{}", percent(&self.path)?);
        if self.access == Access::Immutable {
            uri.push_str("?immutable=1");
        }
        let db = Connection::open_with_flags(uri, flags).map_err(failed)?;
        // SQLCipher would write its own lines to the error stream; what it finds is returned.
        db.execute_batch("pragma cipher_log_level = none").map_err(failed)?;
        db.execute_batch(&self.key_pragma()).map_err(failed)?;
        db.busy_timeout(BUSY).map_err(failed)?;
        // Without encryption compiled in, the key pragma would do nothing at all.
        let cipher: Option<String> =
            db.query_row("pragma cipher_version", [], |row| row.get(0)).ok();
        if cipher.is_none_or(|version| version.is_empty()) {
            return Err(missing_cipher());
        }
        db.query_row("select count(*) from sqlite_schema", [], |row| row.get::<_, i64>(0))
            .map_err(failed)?;
        for setting in self.settings(cache_kib) {
            let Setting { pragma, set, found: wanted } = setting;
            // `execute_batch` discards the row that some of them answer with.
            db.execute_batch(&format!("pragma {pragma} = {set}")).map_err(failed)?;
            let found = db
                .query_row(&format!("pragma {pragma}"), [], |row| Ok(as_text(row.get_ref(0)?)))
                .map_err(failed)?;
            if found != wanted {
                return Err(StoreError::Setting { pragma, wanted, found });
            }
        }
        db.set_prepared_statement_cache_capacity(128);
        Ok(db)
    }

    /// What the pool connects with. Statements are not logged: the first one holds the key.
    pub(crate) fn pool_options(&self) -> Result<AnyConnectOptions, StoreError> {
        let mode = if self.access == Access::Write { "rw" } else { "ro" };
        let immutable = self.access == Access::Immutable;
        let url = format!("sqlite://{}?mode={mode}&immutable={immutable}", percent(&self.path)?);
        let options: AnyConnectOptions =
            url.parse().map_err(|source| StoreError::query("the path of the book", source))?;
        Ok(options.disable_statement_logging())
    }

    /// Readies a connection of the pool, as [`Self::connect`] does its own.
    pub(crate) async fn ready(&self, db: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let key = self.key_pragma();
        sqlx::raw_sql(AssertSqlSafe(key.as_str())).execute(&mut *db).await?;
        let busy = format!("pragma busy_timeout = {}", BUSY.as_millis());
        sqlx::raw_sql(AssertSqlSafe(busy)).execute(&mut *db).await?;
        for Setting { pragma, set, found: wanted } in self.settings(POOL_CACHE_KIB) {
            let sql = format!("pragma {pragma} = {set}");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *db).await?;
            let sql = AssertSqlSafe(format!("pragma {pragma}"));
            let row = sqlx::raw_sql(sql).fetch_one(&mut *db).await?;
            let found = match row.try_get::<i64, _>(0) {
                Ok(number) => number.to_string(),
                Err(_) => row.try_get::<String, _>(0)?,
            };
            if found != wanted {
                let refused = StoreError::Setting { pragma, wanted, found };
                return Err(sqlx::Error::Configuration(Box::new(refused)));
            }
        }
        Ok(())
    }
}

fn missing_cipher() -> StoreError {
    StoreError::Setting {
        pragma: "cipher_version",
        wanted: "4".to_owned(),
        found: "no encryption".to_owned(),
    }
}

fn as_text(value: rusqlite::types::ValueRef<'_>) -> String {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => String::new(),
    }
}

/// A path inside a URI: every byte that is not plain is written as `%XX`.
fn percent(path: &Path) -> Result<String, StoreError> {
    let absolute = std::path::absolute(path).map_err(|source| StoreError::Io {
        doing: "finding",
        path: path.to_owned(),
        source,
    })?;
    let Some(text) = absolute.to_str() else {
        return Err(StoreError::BadLocation("the path is not Unicode".to_owned()));
    };
    let text = if cfg!(windows) { format!("/{}", text.replace('\\', "/")) } else { text.into() };
    let mut uri = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(byte));
            }
            b':' if cfg!(windows) => uri.push(':'),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(uri)
}

/// Makes the schema in an empty file, in one transaction: there is never half a book.
pub(crate) fn create_schema(db: &mut Connection, book: &BookId) -> Result<(), StoreError> {
    let failed = |source| StoreError::sqlite("making the schema", source);
    let change = immediate(db).map_err(failed)?;
    for migration in SQLITE {
        apply(&change, migration)?;
    }
    put_meta(&change, "book_id", book.as_str()).map_err(failed)?;
    change.commit().map_err(failed)
}

/// Brings the schema up to this program's, in one transaction. Returns the book's identity.
///
/// # Errors
/// [`StoreError::NewerSchema`], [`StoreError::MigrationEdited`], [`StoreError::Damaged`];
/// nothing was changed then. [`StoreError::ReadOnly`] when an older book is opened for reading.
pub(crate) fn upgrade(db: &mut Connection, file: &FileDb) -> Result<BookId, StoreError> {
    let failed = |source| StoreError::sqlite("bringing the schema up to date", source);
    let meta = read_meta(db).map_err(|source| StoreError::sqlite("reading book_meta", source))?;
    let rest = migrate::pending(SQLITE, &meta)?;
    if file.access == Access::Write
        && rest.is_empty()
        && !late::missing(db).map_err(failed)?.is_empty()
    {
        let change = immediate(db).map_err(failed)?;
        late::build(&change).map_err(failed)?;
        change.commit().map_err(failed)?;
    }
    if !rest.is_empty() {
        if file.access != Access::Write {
            return Err(StoreError::ReadOnly(file.path.clone()));
        }
        let change = immediate(db).map_err(failed)?;
        for migration in rest {
            apply(&change, migration)?;
        }
        change.commit().map_err(failed)?;
    }
    meta_book_id(&meta)
}

/// The identity that the book itself states.
pub(crate) fn meta_book_id(meta: &[(String, String)]) -> Result<BookId, StoreError> {
    let text = meta.iter().find(|(key, _)| key == "book_id").map_or("", |(_, value)| value);
    BookId::parse(text).map_err(|_| StoreError::Damaged("the book's id is missing".to_owned()))
}

fn immediate(db: &mut Connection) -> rusqlite::Result<rusqlite::Transaction<'_>> {
    db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
}

fn apply(db: &Connection, migration: &Migration) -> Result<(), StoreError> {
    let failed = |source| {
        StoreError::sqlite(format!("migration {} {}", migration.number, migration.name), source)
    };
    db.execute_batch(migration.sql).map_err(failed)?;
    put_meta(db, &migration.key(), &migration.checksum()).map_err(failed)?;
    put_meta(db, "schema", &migration.number.to_string()).map_err(failed)
}

fn put_meta(db: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    let sql = "insert into book_meta (key, value) values (?1, ?2)
               on conflict (key) do update set value = excluded.value";
    db.execute(sql, [key, value]).map(|_| ())
}

fn read_meta(db: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = db.prepare("select key, value from book_meta")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Every page's authentication, every index and every foreign key. Lists what is wrong.
///
/// A check that stops at a damaged page has found something too, so its error is listed.
pub(crate) fn problems(db: &Connection) -> Vec<String> {
    let mut found = Vec::new();
    for (pragma, fine) in
        [("cipher_integrity_check", ""), ("integrity_check", "ok"), ("foreign_key_check", "")]
    {
        let answered = answers(db, pragma, |text| {
            if text != fine {
                found.push(format!("{pragma}: {text}"));
            }
        });
        if let Err(error) = answered {
            found.push(format!("{pragma}: {error}"));
        }
    }
    found
}

/// Hands the first column of each row that a pragma answers to `each`.
fn answers(db: &Connection, pragma: &str, mut each: impl FnMut(&str)) -> rusqlite::Result<()> {
    let mut statement = db.prepare(&format!("pragma {pragma}"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(&as_text(row.get_ref(0)?));
    }
    Ok(())
}
