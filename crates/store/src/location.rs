//! Where a book is.

use crate::error::StoreError;
use std::fmt;
use std::path::{Path, PathBuf};

/// A book's place: one encrypted file, or one database of a PostgreSQL server.
///
/// On a server the *database* is the book: one book each, several seats at once. There the server
/// guards access and encrypts its disks; a book there has no key file, no passphrase and no
/// recovery code.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// `*.suanpan`, an SQLCipher file.
    File(PathBuf),
    /// `postgres://user@host:port/database`.
    Server(String),
}

impl Location {
    /// Reads a path ending in `.suanpan` or a `postgres://` URL.
    ///
    /// # Errors
    /// [`StoreError::BadLocation`].
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Server(text.to_owned()));
        }
        if text.contains("://") {
            return Err(StoreError::BadLocation("only postgres:// is a server".to_owned()));
        }
        let path = PathBuf::from(text);
        if path.extension().is_none_or(|extension| extension != "suanpan") {
            return Err(StoreError::BadLocation(format!("{text} does not end in .suanpan")));
        }
        Ok(Self::File(path))
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Server(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

/// The URL as it may be shown: everything between scheme and host is cut but the user, and the
/// query, which may carry a password too.
fn without_password(url: &str) -> String {
    let (shown, _) = url.split_once('?').unwrap_or((url, ""));
    let Some((scheme, rest)) = shown.split_once("://") else { return String::from("…") };
    match rest.rsplit_once('@') {
        Some((login, place)) => {
            let user = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{place}")
        }
        None => shown.to_owned(),
    }
}

/// `NAME.suanpan` → `NAME.suanpan.SUFFIX`, for the files that stand beside a book.
pub(crate) fn beside(book: &Path, suffix: &str) -> PathBuf {
    let mut name = book.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_server_url_is_never_shown() {
        for url in [
            "postgres://anna:p4ss@db.example:5432/shop",
            "postgres://anna:p@4ss@db.example:5432/shop?sslmode=disable&password=p4ss",
        ] {
            let shown = format!("{:?} {0}", Location::parse(url).unwrap());
            assert!(!shown.contains("4ss"), "{shown}");
            assert!(shown.contains("postgres://anna@db.example:5432/shop"), "{shown}");
        }
    }

    #[test]
    fn only_a_suanpan_file_or_a_postgres_server_is_a_place() {
        assert!(matches!(Location::parse("/a/店.suanpan"), Ok(Location::File(_))));
        for text in ["shop.db", "", "mysql://host/shop", "shop.suanpan.keys"] {
            let refused = Location::parse(text);
            assert!(matches!(refused, Err(StoreError::BadLocation(_))), "{text}");
        }
    }
}
