//! An open book with what a shell needs to use it.

use crate::error::Error;
use connectors::alipay::FeeSigns;
use secrets::{OsVault, Secret, UnlockMethod, Vault};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::bulk::{Cell, Reader, Writer};
use store::{Book, CreateOptions, KdfCost, Location, OpenMode, Unlock};

/// How long the system's keyring may take to answer before another way in is asked for.
const KEYRING_PATIENCE: Duration = Duration::from_secs(5);

/// A way into a book.
pub enum Way {
    /// The passphrase as typed.
    Passphrase(Secret<String>),
    /// The printed recovery code as typed.
    RecoveryCode(Secret<String>),
    /// This computer's keyring.
    Keyring,
}

/// A book just made.
pub struct NewBook {
    /// The book, open.
    pub office: Office,
    /// To print and keep apart from the computer; shown once. `None` on a server.
    pub recovery_code: Option<String>,
}

/// An open book. Calls block; a window runs them off its main thread.
pub struct Office {
    book: Book,
    runtime: tokio::runtime::Runtime,
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|source| Error::File { path: "runtime".to_owned(), source })
}

/// The name this computer knows its user by: the person who decides, unless somebody says another.
pub fn os_user() -> String {
    let named = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| {
        std::env::var(name).ok().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
    });
    named.unwrap_or_else(|| "user".to_owned())
}

fn os_vault() -> Arc<dyn Vault> {
    Arc::new(OsVault::new(KEYRING_PATIENCE))
}

impl Office {
    /// Makes a book; never over an existing file. `keyring` adds this computer's keyring as a way
    /// in, and goes on without it where there is none.
    ///
    /// # Errors
    /// What creating a book can say; nothing is left behind then.
    pub fn create(
        location: &str,
        company: &str,
        passphrase: Secret<String>,
        keyring: bool,
    ) -> Result<NewBook, Error> {
        let company = company.trim();
        if company.is_empty() {
            let reason = "a book needs the company's name".to_owned();
            return Err(Error::BadInput { field: "company", reason });
        }
        let location = Location::parse(location)?;
        let runtime = runtime()?;
        let options =
            CreateOptions { passphrase, keyring: keyring.then(os_vault), cost: KdfCost::DESKTOP };
        let (book, code) = runtime.block_on(Book::create(&location, options))?;
        let office = Self { book, runtime };
        office.seat();
        office.set_meta("company", company)?;
        let recovery_code = code.map(|code| code.to_text().to_string());
        Ok(NewBook { office, recovery_code })
    }

    /// Opens a book. A book on a server needs no way in: its login decides.
    ///
    /// # Errors
    /// What opening a book can say; the file is as it was.
    pub fn open(location: &str, way: Way) -> Result<Self, Error> {
        let location = Location::parse(location)?;
        let unlock = match (&location, way) {
            (Location::Server(_), _) => Unlock::Server,
            (_, Way::Passphrase(typed)) => Unlock::Passphrase(typed),
            (_, Way::RecoveryCode(typed)) => Unlock::RecoveryCode(typed),
            (_, Way::Keyring) => Unlock::Keyring(os_vault()),
        };
        let runtime = runtime()?;
        let book = runtime.block_on(Book::open(&location, unlock, OpenMode::Write))?;
        let office = Self { book, runtime };
        office.seat();
        Ok(office)
    }

    /// A book on a server has its channels' keys sealed by this computer's keyring.
    fn seat(&self) {
        if matches!(self.book.location(), Location::Server(_)) {
            self.book.use_vault(os_vault());
        }
    }

    /// The text of a file that carries this computer's key for channels to another computer,
    /// wrapped by a passphrase.
    ///
    /// # Errors
    /// When the passphrase is too short, or this computer has no such key.
    pub fn carry_key(&self, passphrase: &Secret<String>) -> Result<String, Error> {
        Ok(self.book.carry_key(passphrase, KdfCost::DESKTOP)?)
    }

    /// Takes the key for channels that another computer made, in place of any it had.
    ///
    /// # Errors
    /// When the file is another book's, the passphrase is wrong, or there is no keyring.
    pub fn receive_key(&self, text: &str, passphrase: &Secret<String>) -> Result<String, Error> {
        Ok(self.book.receive_key(text, passphrase)?)
    }

    /// The ways that open a book file, read without opening it; empty on a server.
    ///
    /// # Errors
    /// What reading the key file can say.
    pub fn unlock_methods(location: &str) -> Result<Vec<UnlockMethod>, Error> {
        Ok(Book::unlock_methods_at(&Location::parse(location)?)?)
    }

    /// Lets this computer's keyring open the book too.
    ///
    /// # Errors
    /// When there is no keyring or it refuses.
    pub fn add_keyring(&self) -> Result<(), Error> {
        Ok(self.book.enable_keyring(&*os_vault())?)
    }

    /// Takes a way into the book away.
    ///
    /// # Errors
    /// When neither passphrase nor recovery code would be left.
    pub fn remove_way(&self, method: UnlockMethod) -> Result<(), Error> {
        match method {
            UnlockMethod::Keyring => Ok(self.book.disable_keyring(&*os_vault())?),
            _ => Ok(self.book.remove_unlock_method(method)?),
        }
    }

    /// Sets or replaces the passphrase.
    ///
    /// # Errors
    /// When it is too short; the old one still holds then.
    pub fn set_passphrase(&self, passphrase: &Secret<String>) -> Result<(), Error> {
        Ok(self.book.set_passphrase(passphrase, KdfCost::DESKTOP)?)
    }

    /// Makes a new recovery code, shown once; the old paper opens the book no longer.
    ///
    /// # Errors
    /// When the key file cannot be written; the old code still holds then.
    pub fn renew_recovery_code(&self) -> Result<String, Error> {
        Ok(self.book.renew_recovery_code()?.to_text().to_string())
    }

    /// The ways into this book.
    pub fn ways(&self) -> Vec<UnlockMethod> {
        self.book.unlock_methods()
    }

    /// A small setting of the book.
    ///
    /// # Errors
    /// The database's.
    pub fn meta(&self, key: &str) -> Result<Option<String>, Error> {
        let mut value = None;
        self.reader()?.query(
            "select value from book_meta where key = $1",
            &[Cell::Text(key)],
            |row| {
                value = Some(row.text(0)?.to_owned());
                Ok(())
            },
        )?;
        Ok(value)
    }

    /// Where the signs of Alipay's fees come from in this book: by kind unless it says otherwise.
    ///
    /// # Errors
    /// The database's.
    pub fn fee_signs(&self) -> Result<FeeSigns, Error> {
        Ok(match self.meta("alipay_fee_signs")?.as_deref() {
            Some("as_printed") => FeeSigns::AsPrinted,
            _ => FeeSigns::ByKind,
        })
    }

    /// Sets where the signs of Alipay's fees come from, for files read from now on.
    ///
    /// # Errors
    /// The database's.
    pub fn set_fee_signs(&self, signs: FeeSigns) -> Result<(), Error> {
        let code = if signs == FeeSigns::AsPrinted { "as_printed" } else { "by_kind" };
        self.set_meta("alipay_fee_signs", code)
    }

    /// Whether a window that has the book open asks its channels by itself.
    ///
    /// # Errors
    /// The database's.
    pub fn fetches_itself(&self) -> Result<bool, Error> {
        Ok(self.meta("fetch_by_itself")?.as_deref() != Some("no"))
    }

    /// Sets whether a window that has the book open asks its channels by itself.
    ///
    /// # Errors
    /// The database's.
    pub fn set_fetches_itself(&self, wanted: bool) -> Result<(), Error> {
        self.set_meta("fetch_by_itself", if wanted { "yes" } else { "no" })
    }

    /// Whether channels are asked by themselves over a line that is paid for by the byte.
    ///
    /// # Errors
    /// The database's.
    pub fn fetches_metered(&self) -> Result<bool, Error> {
        Ok(self.meta("fetch_metered")?.as_deref() == Some("yes"))
    }

    /// Sets whether channels are asked by themselves over a line that is paid for by the byte.
    ///
    /// # Errors
    /// The database's.
    pub fn set_fetches_metered(&self, wanted: bool) -> Result<(), Error> {
        self.set_meta("fetch_metered", if wanted { "yes" } else { "no" })
    }

    /// The book.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// The database's.
    pub fn reader(&self) -> Result<Reader, Error> {
        Ok(Reader::open(&self.book)?)
    }

    /// Where the book is, without any password of a server.
    pub fn place(&self) -> String {
        self.book.location().to_string()
    }

    /// The company's name.
    ///
    /// # Errors
    /// The database's.
    pub fn company(&self) -> Result<String, Error> {
        crate::statements::company_name(&mut self.reader()?)
    }

    /// Keeps a small setting in the book.
    ///
    /// # Errors
    /// The database's.
    pub fn set_meta(&self, key: &str, value: &str) -> Result<(), Error> {
        let mut writer = Writer::open(&self.book)?;
        let mut loader = writer.begin()?;
        loader.execute(
            "insert into book_meta (key, value) values ($1, $2) \
             on conflict (key) do update set value = excluded.value",
            &[Cell::Text(key), Cell::Text(value)],
        )?;
        loader.commit()?;
        Ok(())
    }

    /// Checks the file itself: every page's authentication, every index.
    ///
    /// # Errors
    /// When not even the first page can be read.
    pub fn check_file(&self) -> Result<Vec<String>, Error> {
        Ok(self.runtime.block_on(self.book.verify())?.problems)
    }

    /// True when the text is a path that a book file could have.
    pub fn looks_like_book(path: &Path) -> bool {
        path.extension().is_some_and(|extension| extension == "suanpan")
    }

    /// Closes the book and writes its log back into the file.
    pub fn close(self) {
        let Self { book, runtime } = self;
        runtime.block_on(book.close());
    }
}
