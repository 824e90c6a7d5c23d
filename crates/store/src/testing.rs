//! A private PostgreSQL server and throw-away books, for the tests of every crate.
//!
//! The first test that asks starts one server for its program, on a free port of the loopback
//! interface, in a new folder, as a user who is not root. A shell holds it: when the test program
//! ends, however it ends, the shell's input closes, and it stops the server and removes the folder.
//! No other server is ever touched.

use crate::{Book, CreateOptions, KdfCost, Kind, Location, OpenMode, Secret, Unlock};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The passphrase of every test book.
pub const PASSPHRASE: &str = "three grey abacuses";

/// A new book of its own, removed when dropped.
pub struct TestBook {
    /// The open book.
    pub book: Book,
    /// Its recovery code; none on a server.
    pub recovery_code: Option<Secret<String>>,
    dir: TempDir,
}

impl TestBook {
    /// A new book on the database asked for.
    ///
    /// # Panics
    /// When it cannot be made; the test has failed then.
    pub async fn new(kind: Kind) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        let location = match kind {
            Kind::Sqlite => Location::File(dir.path().join("算盘 book.suanpan")),
            Kind::Postgres => Location::Server(new_database().await),
        };
        let (book, code) =
            Book::create(&location, create_options()).await.expect("a test book can be made");
        let recovery_code = code.map(|code| Secret::from(code.to_text().as_str()));
        Self { book, recovery_code, dir }
    }

    /// Closes the book and opens it again.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn reopen(self) -> Self {
        let Self { book, recovery_code, dir } = self;
        let location = book.location().clone();
        book.close().await;
        let book = Book::open(&location, unlock(&location), OpenMode::Write)
            .await
            .expect("a test book opens again");
        Self { book, recovery_code, dir }
    }

    /// A folder that lives as long as the book.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// How every test book is made: [`PASSPHRASE`], no keyring, next to no cost.
pub fn create_options() -> CreateOptions {
    CreateOptions { passphrase: PASSPHRASE.into(), keyring: None, cost: KdfCost::CHEAP_FOR_TESTS }
}

/// How every test book opens.
pub fn unlock(location: &Location) -> Unlock {
    match location {
        Location::File(_) => Unlock::Passphrase(PASSPHRASE.into()),
        Location::Server(_) => Unlock::Server,
    }
}

/// Runs one test on both databases: a module of the test's name with a test for each.
///
/// ```ignore
/// store::on_both_databases! {
///     async fn a_day_imported_twice_stands_in_the_book_once(test: TestBook) {
///         …
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($test:ident: TestBook) $body:block)+) => { $(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($test: $crate::testing::TestBook) $body

            #[test]
            fn on_sqlite() {
                $crate::testing::block_on(async {
                    run($crate::testing::TestBook::new($crate::Kind::Sqlite).await).await
                });
            }

            #[test]
            fn on_postgres() {
                $crate::testing::block_on(async {
                    run($crate::testing::TestBook::new($crate::Kind::Postgres).await).await
                });
            }
        }
    )+ };
}

/// A place where a test may end the program: just before a transaction is committed, and just
/// after. With `SUANPAN_END_AT=n` in the environment it ends there, at the n-th such place, without
/// a word and without tidying up.
pub fn reached() {
    static WANTED: OnceLock<Option<u32>> = OnceLock::new();
    static PLACES: AtomicU32 = AtomicU32::new(0);
    let wanted = || std::env::var("SUANPAN_END_AT").ok()?.parse().ok();
    let place = PLACES.fetch_add(1, Ordering::SeqCst) + 1;
    if *WANTED.get_or_init(wanted) == Some(place) {
        std::process::abort();
    }
}

/// Runs a test's future on a runtime of its own.
///
/// # Panics
/// When the runtime cannot start, and when the test fails.
pub fn block_on<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be started")
        .block_on(test)
}

/// A new empty database on the private server; its `postgres://` URL.
///
/// # Panics
/// When PostgreSQL 15 is not installed or does not start.
pub async fn new_database() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = tokio::task::spawn_blocking(server).await.expect("the server has started");
    let name = format!("book_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let mut db = PgConnection::connect(&server.url("postgres")).await.expect("the server answers");
    sqlx::raw_sql(AssertSqlSafe(format!("create database {name}")))
        .execute(&mut db)
        .await
        .expect("a database can be made");
    db.close().await.expect("the connection closes");
    server.url(&name)
}

struct Server {
    port: u16,
    /// Its input is what keeps the server running.
    _keeper: Child,
}

impl Server {
    fn url(&self, database: &str) -> String {
        format!("postgres://suanpan@127.0.0.1:{}/{database}", self.port)
    }
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        // Another program may take the free port before the server does.
        let started = (0..5).find_map(|_| start());
        started.expect("PostgreSQL 15 starts (Debian: postgresql)")
    })
}

/// `$1` programs, `$2` port. Stops with its input, or when the server fails.
const KEEPER: &str = r#"
set -e
umask 077
cd /
dir=$(mktemp -d "${TMPDIR:-/tmp}/suanpan-pg.XXXXXX")
trap 'rm -rf "$dir"' EXIT
"$1/initdb" -D "$dir/data" -U suanpan -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1
"$1/postgres" -D "$dir/data" -p "$2" -k "$dir" -c listen_addresses=127.0.0.1 -c fsync=off \
  -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB -c max_wal_size=4GB \
  </dev/null >>"$dir/log" 2>&1 &
server=$!
sleep 0.2
kill -0 "$server"
cat >/dev/null || true
kill -INT "$server" 2>/dev/null || true
wait "$server" || true
"#;

fn start() -> Option<Server> {
    let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
    let programs = programs();
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    command.args(["-c", KEEPER, "keeper"]).arg(programs).arg(port.to_string());
    // A private folder of the caller may be closed to the server's user.
    command.env_remove("TMPDIR").current_dir("/");
    let command = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut keeper = command.spawn().ok()?;
    let patience = Instant::now() + Duration::from_secs(60);
    while Instant::now() < patience {
        if keeper.try_wait().ok()?.is_some() {
            return None;
        }
        if answers(port) {
            return Some(Server { port, _keeper: keeper });
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}

/// Whether the server takes a login, not only a connection.
fn answers(port: u16) -> bool {
    let url = format!("postgres://suanpan@127.0.0.1:{port}/postgres");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime can be started");
    runtime.block_on(async {
        match PgConnection::connect(&url).await {
            Ok(db) => db.close().await.is_ok(),
            Err(_) => false,
        }
    })
}

/// `PG_BIN`, or where Debian puts version 15.
fn programs() -> PathBuf {
    std::env::var_os("PG_BIN")
        .map_or_else(|| PathBuf::from("/usr/lib/postgresql/15/bin"), PathBuf::from)
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}
