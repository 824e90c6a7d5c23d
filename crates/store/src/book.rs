//! Making and opening a book.

use crate::error::StoreError;
use crate::files;
use crate::folder::{FolderWarning, inspect_folder};
use crate::location::{Location, beside};
use crate::lock::BookLock;
use crate::postgres::{self, ServerDb};
use crate::seat::Seat;
use crate::settling::Settling;
use crate::sqlite::{self, Access, BULK_CACHE_KIB, FileDb};
use secrets::{BookId, DataKey, KdfCost, KeyError, KeyFile, RecoveryCode, Secret, Vault};
use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool, Transaction};
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

/// The kind of database below a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One encrypted file, one seat.
    Sqlite,
    /// A server, several seats.
    Postgres,
}

/// What a new book file is protected with. A book on a server ignores it.
pub struct CreateOptions {
    /// At least eight characters.
    pub passphrase: Secret<String>,
    /// Also let this keyring open the book. When it refuses, the book is made without it.
    pub keyring: Option<Arc<dyn Vault>>,
    /// What each guess of the passphrase costs; [`KdfCost::DESKTOP`] outside tests.
    pub cost: KdfCost,
}

/// A way to open a book file.
pub enum Unlock {
    /// The passphrase as typed.
    Passphrase(Secret<String>),
    /// The recovery code as typed.
    RecoveryCode(Secret<String>),
    /// This computer's keyring.
    Keyring(Arc<dyn Vault>),
    /// The server decides by its own login; only for a book on a server.
    Server,
}

/// What an opened book may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// Reading and writing.
    Write,
    /// Reading only; possible where nothing can be written.
    Read,
}

/// The outcome of [`Book::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong, in the database's words; empty when all is well.
    pub problems: Vec<String>,
}

/// An open book. Clones share one pool; the last one frees the lock.
#[derive(Clone)]
pub struct Book {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub location: Location,
    pub id: BookId,
    pub pool: AnyPool,
    pub mode: OpenMode,
    pub place: Place,
    /// What this program does that only one may do at a time.
    pub turns: Mutex<BTreeSet<&'static str>>,
    pub seat: Mutex<Seat>,
}

pub(crate) enum Place {
    File(OpenFile),
    Server(ServerDb),
}

/// A book file with what keeps it open.
pub(crate) struct OpenFile {
    pub db: Arc<FileDb>,
    pub keys: Mutex<KeyFile>,
    pub settling: Settling,
    /// `None` where the lock file cannot be made, in a folder that nobody can write.
    _lock: Option<BookLock>,
}

impl OpenFile {
    fn new(path: &Path, db: FileDb, keys: KeyFile, lock: Option<BookLock>) -> Self {
        let db = Arc::new(db);
        let settling = Settling::new(Arc::clone(&db), with_dash(path, "wal"));
        Self { db, keys: Mutex::new(keys), settling, _lock: lock }
    }
}

impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Book({}, {:?})", self.inner.location, self.inner.mode)
    }
}

impl Book {
    /// Makes a book where nothing is, and opens it. The recovery code is shown once and printed;
    /// `None` on a server, which has no key of ours.
    ///
    /// # Errors
    /// [`StoreError::Exists`]: nothing was overwritten. [`StoreError::NetworkFolder`],
    /// [`StoreError::ReadOnly`], [`StoreError::Keys`] (passphrase too short). Nothing is left
    /// behind after an error.
    pub async fn create(
        location: &Location,
        options: CreateOptions,
    ) -> Result<(Self, Option<RecoveryCode>), StoreError> {
        match location {
            Location::File(path) => {
                let at = path.clone();
                let (file, id, code) = blocking(move || create_file(&at, &options)).await?;
                let book = Self::assemble(location, id, Place::File(file), OpenMode::Write).await?;
                Ok((book, Some(code)))
            }
            Location::Server(url) => {
                let server = ServerDb { url: url.clone() };
                let id = BookId::generate().map_err(StoreError::Keys)?;
                server.create(&id).await?;
                let place = Place::Server(server);
                Ok((Self::assemble(location, id, place, OpenMode::Write).await?, None))
            }
        }
    }

    /// Opens a book, bringing an older schema up to date.
    ///
    /// # Errors
    /// All answers come at once and change nothing: [`StoreError::NotFound`],
    /// [`StoreError::NotABook`], [`StoreError::KeysMissing`], [`StoreError::KeysDamaged`],
    /// [`StoreError::WrongKey`], [`StoreError::Keys`] (mistyped code, keyring without an answer),
    /// [`StoreError::AlreadyOpen`], [`StoreError::ReadOnly`] (open it in [`OpenMode::Read`]),
    /// [`StoreError::NetworkFolder`], [`StoreError::NewerSchema`],
    /// [`StoreError::MigrationEdited`], [`StoreError::Damaged`], and on a server
    /// [`StoreError::Unreachable`] and [`StoreError::AccessDenied`].
    pub async fn open(
        location: &Location,
        unlock: Unlock,
        mode: OpenMode,
    ) -> Result<Self, StoreError> {
        let (id, place) = match location {
            Location::File(path) => {
                let at = path.clone();
                let (file, id) = blocking(move || open_file(&at, &unlock, mode)).await?;
                (id, Place::File(file))
            }
            Location::Server(url) => {
                let server = ServerDb { url: url.clone() };
                let id = server.upgrade(mode == OpenMode::Write).await?;
                (id, Place::Server(server))
            }
        };
        Self::assemble(location, id, place, mode).await
    }

    async fn assemble(
        location: &Location,
        id: BookId,
        place: Place,
        mode: OpenMode,
    ) -> Result<Self, StoreError> {
        let pool = connect_pool(&place, mode).await?;
        let location = location.clone();
        let (turns, seat) = (Mutex::default(), Mutex::default());
        Ok(Self { inner: Arc::new(Inner { location, id, pool, mode, place, turns, seat }) })
    }

    /// The pool for ordinary work, through sqlx's Any driver.
    pub fn pool(&self) -> &AnyPool {
        &self.inner.pool
    }

    /// A connection of the pool.
    ///
    /// # Errors
    /// [`StoreError::Query`] when none becomes free in time.
    pub async fn acquire(&self) -> Result<PoolConnection<Any>, StoreError> {
        let acquired = self.inner.pool.acquire().await;
        acquired.map_err(|source| StoreError::query("waiting for a connection", source))
    }

    /// Begins a transaction that writes. On SQLite it takes the write lock at once: a transaction
    /// that turns from reading to writing can fail in a way that waiting does not cure.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another writer does not finish in time.
    pub async fn begin(&self) -> Result<Transaction<'static, Any>, StoreError> {
        let begun = match self.kind() {
            Kind::Sqlite => self.inner.pool.begin_with("begin immediate").await,
            Kind::Postgres => self.inner.pool.begin().await,
        };
        begun.map_err(|source| StoreError::query("beginning a transaction", source))
    }

    /// The kind of database below.
    pub fn kind(&self) -> Kind {
        match self.inner.place {
            Place::File(_) => Kind::Sqlite,
            Place::Server(_) => Kind::Postgres,
        }
    }

    /// The book's identity, equal on every copy of it.
    pub fn id(&self) -> &BookId {
        &self.inner.id
    }

    /// Where the book is.
    pub fn location(&self) -> &Location {
        &self.inner.location
    }

    /// Whether the book may be written.
    pub fn mode(&self) -> OpenMode {
        self.inner.mode
    }

    /// Reads every page and checks its authentication, every index and every foreign key. Takes
    /// about as long as reading the file. A server checks its own pages: nothing is found there.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when not even the first page can be read.
    pub async fn verify(&self) -> Result<Verdict, StoreError> {
        let problems = match &self.inner.place {
            Place::Server(_) => Vec::new(),
            Place::File(file) => {
                let db = Arc::clone(&file.db);
                blocking(move || Ok(sqlite::problems(&db.connect(BULK_CACHE_KIB)?))).await?
            }
        };
        Ok(Verdict { problems })
    }

    /// Returns when no committed pages are on their way from the log to their place in the file.
    /// What was committed is safe before; it is for measuring, and for whoever copies the file.
    ///
    /// # Errors
    /// What kept them in the log, such as a full disk; nothing is lost then.
    pub fn settled(&self) -> Result<(), StoreError> {
        match &self.inner.place {
            Place::File(file) => file.settling.wait(),
            Place::Server(_) => Ok(()),
        }
    }

    /// Begins to move committed pages, see [`Self::settled`].
    pub(crate) fn settle(&self) -> Result<(), StoreError> {
        match &self.inner.place {
            Place::File(file) => file.settling.committed(),
            Place::Server(_) => Ok(()),
        }
    }

    /// Closes every connection and writes the log back into the file. Other clones of this book
    /// can do nothing any more.
    pub async fn close(self) {
        let book = self.clone();
        // Over or not, nothing is lost: the log in the folder is part of the book.
        let _ = blocking(move || book.settled()).await;
        self.inner.pool.close().await;
    }
}

/// Runs slow or blocking work away from the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(StoreError::Busy),
        },
    }
}

async fn connect_pool(place: &Place, mode: OpenMode) -> Result<AnyPool, StoreError> {
    static DRIVERS: Once = Once::new();
    DRIVERS.call_once(sqlx::any::install_default_drivers);
    let may_write = mode == OpenMode::Write;
    let options = AnyPoolOptions::new().acquire_timeout(Duration::from_secs(20));
    // A connection is checked when it is made, not again for each use: the file is local.
    let (options, connect) = match place {
        Place::File(file) => {
            let db = Arc::clone(&file.db);
            let connect = db.pool_options()?;
            let options = options.max_connections(4).test_before_acquire(false);
            let options = options.idle_timeout(None).max_lifetime(None);
            let options = options.after_connect(move |connection, _| {
                let db = Arc::clone(&db);
                Box::pin(async move { db.ready(connection).await })
            });
            (options, connect)
        }
        Place::Server(server) => {
            let options = options.max_connections(8).after_connect(move |connection, _| {
                Box::pin(postgres::ready(connection, may_write))
            });
            (options, server.pool_options()?)
        }
    };
    // The key and the settings are known to be right: a direct connection tried them first.
    options.connect_with(connect).await.map_err(|source| StoreError::query("connecting", source))
}

/// Refuses a folder on a network; a synced one is the caller's to warn about.
fn refuse_network(path: &Path) -> Result<(), StoreError> {
    for warning in inspect_folder(path) {
        if let FolderWarning::Network(kind) = warning {
            return Err(StoreError::NetworkFolder { path: path.to_owned(), kind });
        }
    }
    Ok(())
}

/// Removes the files of a book that could not be made.
struct Unfinished(Vec<PathBuf>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        for path in &self.0 {
            // Nothing more can be done; what stays is not a book and will be refused as such.
            let _ = fs::remove_file(path);
        }
    }
}

fn create_file(
    path: &Path,
    options: &CreateOptions,
) -> Result<(OpenFile, BookId, RecoveryCode), StoreError> {
    refuse_network(path)?;
    let keys_path = beside(path, "keys");
    // Foreign files of these names would be taken for ours.
    for taken in [path.to_owned(), keys_path.clone(), with_dash(path, "wal")] {
        if taken.exists() {
            return Err(StoreError::Exists(taken.display().to_string()));
        }
    }
    if path.parent().is_some_and(|dir| !dir.as_os_str().is_empty() && !dir.is_dir()) {
        return Err(StoreError::NotFound(path.display().to_string()));
    }
    if files::is_marked_read_only(path) {
        return Err(StoreError::ReadOnly(path.to_owned()));
    }
    let key = DataKey::generate().map_err(StoreError::Keys)?;
    let mut keys = KeyFile::new(BookId::generate().map_err(StoreError::Keys)?);
    keys.set_passphrase(&key, &options.passphrase, options.cost).map_err(StoreError::Keys)?;
    let code = keys.renew_recovery_code(&key).map_err(StoreError::Keys)?;
    let lock = BookLock::take(path)?;
    let mut unfinished = Unfinished(Vec::new());
    files::create_new(path)?;
    unfinished.0.push(path.to_owned());
    if let Some(vault) = &options.keyring {
        // A convenience: a book without it is whole, and its methods say so.
        let _ = keys.add_keyring(&key, vault.as_ref());
    }
    files::write_and_sync(&keys_path, &keys.to_text())?;
    unfinished.0.extend([keys_path, with_dash(path, "wal"), with_dash(path, "shm")]);
    let db = FileDb { path: path.to_owned(), key, access: Access::Write };
    sqlite::create_schema(&mut db.connect(BULK_CACHE_KIB)?, keys.book_id())?;
    files::sync_folder(path)?;
    unfinished.0.clear();
    let id = keys.book_id().clone();
    Ok((OpenFile::new(path, db, keys, Some(lock)), id, code))
}

/// SQLite's own files beside the book.
fn with_dash(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-");
    name.push(suffix);
    PathBuf::from(name)
}

fn open_file(
    path: &Path,
    unlock: &Unlock,
    mode: OpenMode,
) -> Result<(OpenFile, BookId), StoreError> {
    let keys_path = beside(path, "keys");
    files::refuse_other_files(path, keys_path.exists())?;
    refuse_network(path)?;
    let keys = read_keys(path)?;
    let read_only = files::is_marked_read_only(path);
    if mode == OpenMode::Write && read_only {
        return Err(StoreError::ReadOnly(path.to_owned()));
    }
    let (lock, access) = match (mode, BookLock::take(path)) {
        (OpenMode::Write, lock) => (Some(lock?), Access::Write),
        (OpenMode::Read, Ok(lock)) if !read_only => (Some(lock), Access::Read),
        (OpenMode::Read, Ok(lock)) => (Some(lock), Access::Immutable),
        (OpenMode::Read, Err(StoreError::ReadOnly(_))) => (None, Access::Immutable),
        (OpenMode::Read, Err(other)) => return Err(other),
    };
    // Reading without the log would show an older book than the one that was saved.
    let log = with_dash(path, "wal");
    if access == Access::Immutable && fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(StoreError::ReadOnly(log));
    }
    let key = unlock_with(&keys, unlock)?;
    let db = FileDb { path: path.to_owned(), key, access };
    let id = sqlite::upgrade(&mut db.connect(BULK_CACHE_KIB)?, &db)?;
    if &id != keys.book_id() {
        return Err(StoreError::KeysOfAnotherBook(keys_path));
    }
    Ok((OpenFile::new(path, db, keys, lock), id))
}

/// Reads the key file beside the book.
pub(crate) fn read_keys(book: &Path) -> Result<KeyFile, StoreError> {
    let path = beside(book, "keys");
    let text = match fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
            return Err(StoreError::KeysMissing(path));
        }
        Err(source) => return Err(StoreError::Io { doing: "reading", path, source }),
    };
    KeyFile::from_text(&text).map_err(|source| StoreError::KeysDamaged { path, source })
}

fn unlock_with(keys: &KeyFile, unlock: &Unlock) -> Result<DataKey, StoreError> {
    let opened = match unlock {
        Unlock::Passphrase(typed) => keys.unlock_with_passphrase(typed),
        Unlock::RecoveryCode(typed) => {
            RecoveryCode::parse(typed.expose()).and_then(|code| keys.unlock_with_code(&code))
        }
        Unlock::Keyring(vault) => keys.unlock_with_keyring(vault.as_ref()),
        Unlock::Server => {
            let why = "a book file needs a passphrase, a recovery code or a keyring";
            return Err(StoreError::BadLocation(why.to_owned()));
        }
    };
    opened.map_err(|error| match error {
        KeyError::WrongKey(method) => StoreError::WrongKey(method),
        other => StoreError::Keys(other),
    })
}
