//! Why a book did not open, or a statement did not run.

use secrets::{KeyError, UnlockMethod};
use std::fmt;
use std::path::PathBuf;
use thiserror::Error;

/// What went wrong with a book. Every refusal to open leaves the file as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The text names neither a file nor a `postgres://` server.
    #[error("not the place of a book: {0}")]
    BadLocation(String),
    /// There is no such file or database.
    #[error("there is no book at {0}")]
    NotFound(String),
    /// Creating never overwrites.
    #[error("something is already there: {0}")]
    Exists(String),
    /// The passphrase, the recovery code or the keyring's entry is not this book's.
    #[error("the {0} does not open this book")]
    WrongKey(UnlockMethod),
    /// The server refuses the login.
    #[error("the server refuses this login")]
    AccessDenied(#[source] sqlx::Error),
    /// The server does not answer.
    #[error("the server does not answer")]
    Unreachable(#[source] sqlx::Error),
    /// The key file is not beside the book; look for it where the book was before.
    #[error("the key file {0} is missing")]
    KeysMissing(PathBuf),
    /// The key file cannot be read as one.
    #[error("the key file {path} cannot be used")]
    KeysDamaged {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyError,
    },
    /// The key file beside the book belongs to another book.
    #[error("the key file {0} belongs to another book")]
    KeysOfAnotherBook(PathBuf),
    /// A way in could not be used or changed; another one still works.
    #[error("the key could not be reached")]
    Keys(#[source] KeyError),
    /// A book on a server has no key of its own, and this seat has no keyring to hold one.
    #[error("this seat has no keyring that could hold a key for this book")]
    NoSealing,
    /// Sealed with the key of another seat.
    #[error("sealed with the key {0} of another seat")]
    SealedElsewhere(String),
    /// The file or database is something else.
    #[error("{path} is not a book: {reason}")]
    NotABook {
        /// The file or database.
        path: String,
        /// What it looks like.
        reason: NotABookReason,
    },
    /// A newer program has written this book; this one would not understand it.
    #[error("the book has schema {book}, this program knows {program}")]
    NewerSchema {
        /// Schema number of the book.
        book: u32,
        /// Newest schema number of the program.
        program: u32,
    },
    /// The book was made by a migration whose text differs from this program's.
    #[error("migration {0} is not the one this book was made with")]
    MigrationEdited(u32),
    /// Pages or records that fail their own check; restore the newest backup.
    #[error("the book is damaged: {0}")]
    Damaged(String),
    /// Nothing can be written there; the book can be opened for reading.
    #[error("{0} cannot be written")]
    ReadOnly(PathBuf),
    /// Another running program has the book open.
    #[error("the book is already open in another program")]
    AlreadyOpen {
        /// The other process, when it can be told.
        pid: Option<u32>,
    },
    /// The folder is on a network; two computers would damage the book.
    #[error("{path} is on a network file system ({kind})")]
    NetworkFolder {
        /// The folder.
        path: PathBuf,
        /// The file system as the operating system names it.
        kind: String,
    },
    /// A safety setting did not take.
    #[error("the database has {pragma} = {found} instead of {wanted}")]
    Setting {
        /// The setting.
        pragma: &'static str,
        /// What it must be.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// Another connection writes; the same statement may be tried again.
    #[error("the book is busy")]
    Busy,
    /// No room left on the disk; nothing of the transaction was kept.
    #[error("the disk is full")]
    DiskFull,
    /// A row breaks a rule of the schema: a duplicate, a missing parent, a failed check.
    #[error("a row breaks a rule of the book: {0}")]
    Constraint(String),
    /// A value that the database cannot hold or that is not what the caller expects.
    #[error("a value is not usable: {0}")]
    Value(String),
    /// Reading or writing a file failed.
    #[error("{doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A statement failed in SQLite.
    #[error("{doing}")]
    Sqlite {
        /// What was being done.
        doing: String,
        /// The cause.
        source: rusqlite::Error,
    },
    /// A statement failed in sqlx.
    #[error("{name}")]
    Query {
        /// What was being done.
        name: String,
        /// The cause.
        source: sqlx::Error,
    },
}

/// What a file that is no book looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotABookReason {
    /// No bytes at all.
    Empty,
    /// A folder or a device.
    NotAFile,
    /// A known kind of file, by its first bytes: `PDF`, `ZIP or XLSX`, `unencrypted SQLite`…
    Looks(&'static str),
    /// Readable text, such as a bill.
    Text,
    /// Neither a book's length nor anything known.
    Unknown,
    /// A server's database with none of a book's tables.
    NoTables,
}

impl fmt::Display for NotABookReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty"),
            Self::NotAFile => f.write_str("it is not a file"),
            Self::Looks(kind) => write!(f, "it is {kind}"),
            Self::Text => f.write_str("it is text"),
            Self::Unknown => f.write_str("its content is unknown"),
            Self::NoTables => f.write_str("the database has no tables of a book"),
        }
    }
}

impl StoreError {
    /// Sorts an error of rusqlite by what the caller can do about it.
    pub(crate) fn sqlite(doing: impl Into<String>, source: rusqlite::Error) -> Self {
        let Some(code) = source.sqlite_error().map(|error| error.extended_code) else {
            return match source {
                rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::Utf8Error(..)
                | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Value(source.to_string()),
                source => Self::Sqlite { doing: doing.into(), source },
            };
        };
        Self::by_code(code, || source.to_string())
            .unwrap_or_else(|| Self::Sqlite { doing: doing.into(), source })
    }

    /// The same for an error of sqlx, from either database.
    pub(crate) fn query(name: impl Into<String>, source: sqlx::Error) -> Self {
        let sorted = match &source {
            sqlx::Error::Io(_) => return Self::Unreachable(source),
            sqlx::Error::Database(error) => match error.code().as_deref() {
                Some("53100") => Some(Self::DiskFull),
                Some("40001" | "40P01" | "55P03") => Some(Self::Busy),
                Some("XX001" | "XX002") => Some(Self::Damaged(error.message().to_owned())),
                Some("28P01" | "28000") => return Self::AccessDenied(source),
                // SQLSTATE has five characters, an SQLite code at most four digits.
                Some(state) if state.len() == 5 && state.starts_with("23") => {
                    Some(Self::Constraint(error.message().to_owned()))
                }
                Some(state) if state.len() == 5 && state.starts_with("22") => {
                    Some(Self::Value(error.message().to_owned()))
                }
                Some(code) if code.len() < 5 => {
                    code.parse().ok().and_then(|c| Self::by_code(c, || error.message().to_owned()))
                }
                _ => None,
            },
            _ => None,
        };
        sorted.unwrap_or_else(|| Self::Query { name: name.into(), source })
    }

    /// Sorts by SQLite's extended result code; the low byte is the primary code.
    fn by_code(code: i32, text: impl Fn() -> String) -> Option<Self> {
        match code & 0xff {
            5 | 6 => Some(Self::Busy),
            8 => Some(Self::ReadOnly(PathBuf::from("the book"))),
            11 | 26 => Some(Self::Damaged(text())),
            13 => Some(Self::DiskFull),
            19 => Some(Self::Constraint(text())),
            _ => None,
        }
    }
}
