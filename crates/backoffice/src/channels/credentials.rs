//! Keys of a connection, sealed whole: the set that signs and, while keys change, the other one.

use super::client::Client;
use super::connections::{Connection, connection};
use super::local;
use super::setup::Setup;
use crate::decisions::Actor;
use crate::error::Error;
use store::bulk::{Cell, Loader, Reader, Writer};
use store::{Book, Secret, StoreError};

/// What keys of connections are sealed for.
const PURPOSE: &str = "credential";

/// Keys of a connection; what they are is never told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its number in the book.
    pub id: i64,
    /// When it was given, UTC ms.
    pub added_at_ms: i64,
    /// Who gave it.
    pub added_by: String,
    /// When the first of the certificates it needs ends, UTC ms; `None` when nothing in it ends.
    pub until_ms: Option<i64>,
    /// Name of the key that sealed it; empty for the book's own.
    pub sealed_by: String,
}

impl Credential {
    /// True when it is over.
    pub fn has_ended(&self, now_ms: i64) -> bool {
        self.until_ms.is_some_and(|until| until <= now_ms)
    }
}

impl Connection {
    /// True when a seat whose sealing key has this name can open keys of it.
    pub fn opens_with(&self, own: Option<&str>) -> bool {
        self.signing(own).is_some()
    }

    /// The keys that sign at a seat whose sealing key has this name.
    pub fn signing(&self, own: Option<&str>) -> Option<&Credential> {
        self.credentials.iter().find(|keys| own == Some(keys.sealed_by.as_str()))
    }
}

/// Name of the key this seat seals with. A keyring that does not answer has none.
pub(crate) fn own_key(book: &Book) -> Option<String> {
    book.sealing_key().ok().flatten()
}

fn context(connection: i64) -> String {
    format!("connection {connection}")
}

/// Gives a connection new keys, which sign from now on. Those that signed until now stay beside
/// them, whole: answers they verify are believed, and they sign where the channel refuses the new
/// ones, until somebody retires them or they end.
///
/// # Errors
/// [`Error::BadInput`] when the set-up is of another account or its keys cannot be read;
/// [`Error::NotFound`]. Nothing is kept then.
pub fn renew(book: &Book, id: i64, setup: &Setup, actor: &Actor<'_>) -> Result<(), Error> {
    local::refuse(setup, actor.at_ms)?;
    Client::new(setup, actor.at_ms)?;
    let known = connection(&mut Reader::open(book)?, id)?;
    if known.kind != setup.kind || known.account_no != setup.account_no() {
        let reason = "the keys are those of another account".to_owned();
        return Err(Error::BadInput { field: "account_no", reason });
    }
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let base = setup.base.to_string();
    loader.execute(
        "update connection set base = $2, checked_at_ms = null, check_code = '', \
         failures = 0, rest_until_ms = null, rest_code = '' where id = $1",
        &[Cell::Int(id), Cell::Text(&base)],
    )?;
    insert(book, &mut loader, (id, setup), actor)?;
    // The one that signed until now is enough beside it, for each seat that has its own.
    let own = book.sealing_key()?.unwrap_or_default();
    loader.execute(
        "delete from credential where connection_id = $1 and sealed_by = $2 and id not in \
         (select id from credential where connection_id = $1 and sealed_by = $2 \
         order by turn desc limit 2)",
        &[Cell::Int(id), Cell::Text(&own)],
    )?;
    Ok(loader.commit()?)
}

/// Keeps keys as those that sign.
pub(super) fn insert(
    book: &Book,
    loader: &mut Loader<'_>,
    (connection, setup): (i64, &Setup),
    actor: &Actor<'_>,
) -> Result<(), Error> {
    let text = setup.to_text();
    let (sealed, sealed_by) = book.seal(PURPOSE, &context(connection), text.expose().as_bytes())?;
    let id = number(loader, "select coalesce(max(id), 0) + 1 from credential", &[])?;
    let turn = next_turn(loader, connection)?;
    loader.execute(
        "insert into credential (id, connection_id, sealed, until_ms, added_at_ms, added_by, \
         sealed_by, turn) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            Cell::Int(id),
            Cell::Int(connection),
            Cell::Blob(&sealed),
            local::ends_ms(setup).map_or(Cell::Null, Cell::Int),
            Cell::Int(actor.at_ms),
            Cell::Text(actor.name),
            Cell::Text(&sealed_by),
            Cell::Int(turn),
        ],
    )?;
    Ok(())
}

/// The answer of a query for one number.
pub(super) fn number(loader: &mut Loader<'_>, sql: &str, with: &[Cell<'_>]) -> Result<i64, Error> {
    let mut found = 1;
    loader.query(sql, with, |row| {
        found = row.int(0)?;
        Ok(())
    })?;
    Ok(found)
}

fn next_turn(loader: &mut Loader<'_>, connection: i64) -> Result<i64, Error> {
    let sql = "select coalesce(max(turn), 0) + 1 from credential where connection_id = $1";
    number(loader, sql, &[Cell::Int(connection)])
}

/// Puts the keys of every connection to it, those that sign first.
pub(super) fn attach(reader: &mut Reader, found: &mut [Connection]) -> Result<(), Error> {
    reader.query(
        "select connection_id, id, added_at_ms, added_by, until_ms, sealed_by from credential \
         order by turn desc, id desc",
        &[],
        |row| {
            let owner = row.int(0)?;
            if let Some(connection) = found.iter_mut().find(|found| found.id == owner) {
                connection.credentials.push(Credential {
                    id: row.int(1)?,
                    added_at_ms: row.int(2)?,
                    added_by: row.text(3)?.to_owned(),
                    until_ms: row.opt_int(4)?,
                    sealed_by: row.text(5)?.to_owned(),
                });
            }
            Ok(())
        },
    )?;
    Ok(())
}

/// The set-ups of a connection that this seat can open: first the one that signs, then the other
/// one, unless it is over. Never empty.
///
/// # Errors
/// [`StoreError::SealedElsewhere`] when it can open none of them.
pub(crate) fn open(
    book: &Book,
    reader: &mut Reader,
    connection: &Connection,
    now_ms: i64,
) -> Result<Vec<Setup>, Error> {
    let mut kept: Vec<(Vec<u8>, String, Option<i64>)> = Vec::new();
    reader.query(
        "select sealed, sealed_by, until_ms from credential where connection_id = $1 \
         order by turn desc, id desc",
        &[Cell::Int(connection.id)],
        |row| {
            kept.push((row.blob(0)?.to_vec(), row.text(1)?.to_owned(), row.opt_int(2)?));
            Ok(())
        },
    )?;
    let own = book.sealing_key()?;
    let mut setups = Vec::new();
    for (sealed, by, until_ms) in
        kept.iter().filter(|(_, by, _)| own.as_deref() == Some(by.as_str()))
    {
        if !setups.is_empty() && until_ms.is_some_and(|until| until <= now_ms) {
            continue;
        }
        let plain = book.unseal(PURPOSE, &context(connection.id), (sealed, by))?;
        let text = String::from_utf8(plain.expose().clone()).unwrap_or_default();
        setups.push(Setup::parse(&Secret::new(text))?);
    }
    if setups.is_empty() {
        return Err(match kept.first() {
            Some((_, by, _)) => StoreError::SealedElsewhere(by.clone()).into(),
            None => Error::NotFound { what: "credential", id: connection.id.to_string() },
        });
    }
    Ok(setups)
}

/// The other keys sign from now on: the way back, and forth, while keys change.
///
/// # Errors
/// [`Error::NotFound`]; [`StoreError::SealedElsewhere`] for keys of another seat.
pub fn use_keys(book: &Book, connection_id: i64, keys: i64) -> Result<(), Error> {
    let chosen = find(book, connection_id, keys)?;
    if own_key(book).as_deref() != Some(chosen.sealed_by.as_str()) {
        return Err(StoreError::SealedElsewhere(chosen.sealed_by).into());
    }
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let turn = next_turn(&mut loader, connection_id)?;
    let sql = "update credential set turn = $2 where id = $1";
    loader.execute(sql, &[Cell::Int(keys), Cell::Int(turn)])?;
    // What a try said was of the others, and what they failed at is asked for again.
    let sql = "update connection set checked_at_ms = null, check_code = '', failures = 0, \
               rest_until_ms = null, rest_code = '' where id = $1";
    loader.execute(sql, &[Cell::Int(connection_id)])?;
    Ok(loader.commit()?)
}

/// Takes keys away that do not sign: the end of a change.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BadInput`] for those that sign here, and for the only ones.
pub fn retire_keys(book: &Book, connection_id: i64, keys: i64) -> Result<(), Error> {
    find(book, connection_id, keys)?;
    let known = connection(&mut Reader::open(book)?, connection_id)?;
    let signs = known.signing(own_key(book).as_deref()).is_some_and(|signing| signing.id == keys);
    if signs || known.credentials.len() == 1 {
        let reason = "these keys sign; let the others sign first".to_owned();
        return Err(Error::BadInput { field: "keys", reason });
    }
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    loader.execute("delete from credential where id = $1", &[Cell::Int(keys)])?;
    Ok(loader.commit()?)
}

/// Takes away what is over and does not sign: a change ends with its old keys.
pub(super) fn retire_ended(
    loader: &mut Loader<'_>,
    connection: i64,
    now_ms: i64,
) -> Result<(), Error> {
    loader.execute(
        "delete from credential where connection_id = $1 and until_ms <= $2 and turn < \
         (select max(c.turn) from credential c where c.connection_id = $1 \
         and c.sealed_by = credential.sealed_by)",
        &[Cell::Int(connection), Cell::Int(now_ms)],
    )?;
    Ok(())
}

fn find(book: &Book, connection_id: i64, keys: i64) -> Result<Credential, Error> {
    let known = connection(&mut Reader::open(book)?, connection_id)?;
    let found = known.credentials.into_iter().find(|found| found.id == keys);
    found.ok_or_else(|| Error::NotFound { what: "credential", id: keys.to_string() })
}
