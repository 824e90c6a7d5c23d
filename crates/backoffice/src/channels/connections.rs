//! Connections as the book keeps them, and their keys, sealed.

use super::setup::{ConnectionKind, Setup};
use crate::decisions::Actor;
use crate::error::Error;
use connectors::keys::Certificate;
use store::bulk::{Cell, Loader, Reader, RowView, Writer};
use store::{Book, Secret, StoreError};

/// What keys of connections are sealed for.
const PURPOSE: &str = "credential";
/// How far back a new connection asks, days, unless somebody says from when.
pub(super) const USUAL_REACH: i32 = 90;

/// An account at a channel that is asked over the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its number in the book.
    pub id: i64,
    /// What it connects to.
    pub kind: ConnectionKind,
    /// Our number there.
    pub account_no: String,
    /// What the merchant calls it.
    pub name: String,
    /// Where it is asked.
    pub base: String,
    /// First day that is asked for, days since 1970-01-01.
    pub from_day: i32,
    /// True while it is not asked by itself.
    pub paused: bool,
    /// When it was set up, UTC ms.
    pub added_at_ms: i64,
    /// Who set it up.
    pub added_by: String,
    /// When its keys were last tried, UTC ms.
    pub checked_at_ms: Option<i64>,
    /// Code of what was wrong then; empty when nothing was.
    pub check_code: String,
    /// Its keys, the newest first. The newest is used.
    pub credentials: Vec<Credential>,
    /// When a sync last asked it, UTC ms.
    pub asked_at_ms: Option<i64>,
    /// How often in a row that came to nothing.
    pub failures: i64,
    /// It is left alone by itself until then, UTC ms.
    pub rest_until_ms: Option<i64>,
    /// Code of why; empty when it is not.
    pub rest_code: String,
    settings: String,
}

/// Keys of a connection; what they are is never told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its number in the book.
    pub id: i64,
    /// When it was given, UTC ms.
    pub added_at_ms: i64,
    /// Who gave it.
    pub added_by: String,
    /// When the first of its certificates ends, UTC ms; `None` when nothing in it ends.
    pub until_ms: Option<i64>,
    /// Name of the key that sealed it; empty for the book's own.
    pub sealed_by: String,
}

impl Connection {
    /// True when a seat whose sealing key has this name can open keys of it.
    pub fn opens_with(&self, own: Option<&str>) -> bool {
        self.credentials.iter().any(|keys| own == Some(keys.sealed_by.as_str()))
    }
}

/// Name of the key this seat seals with. A keyring that does not answer has none.
pub(crate) fn own_key(book: &Book) -> Option<String> {
    book.sealing_key().ok().flatten()
}

fn context(connection: i64) -> String {
    format!("connection {connection}")
}

/// When the first certificate of a set-up ends.
fn ends(setup: &Setup) -> Option<i64> {
    let texts = setup.kind.fields().iter().filter_map(|field| setup.get(field.name));
    let ends = texts.flat_map(|text| {
        let certificates = match text.contains("CERTIFICATE") {
            true => Certificate::parse_all(text),
            false => Vec::new(),
        };
        certificates.into_iter().map(|certificate| certificate.valid_s().1)
    });
    ends.min().map(|until_s| until_s.saturating_mul(1000))
}

/// Connects an account. `from_day` is the first day that is asked for; without one, 90 days back.
///
/// # Errors
/// [`Error::BadInput`] when keys cannot be read or the account is connected already;
/// [`store::StoreError::NoSealing`] at a seat of a server's book that has no keyring. Nothing is
/// kept then.
pub fn add(
    book: &Book,
    setup: &Setup,
    name: &str,
    from_day: Option<i32>,
    actor: &Actor<'_>,
) -> Result<i64, Error> {
    super::client::Client::new(setup, actor.at_ms)?;
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let (settings, secrets) = setup.halves();
    let mut taken = false;
    let key = [Cell::Text(setup.kind.code()), Cell::Text(setup.account_no())];
    loader.query("select id from connection where kind = $1 and account_no = $2", &key, |_| {
        taken = true;
        Ok(())
    })?;
    if taken {
        let reason = "this account is connected already; renew its keys instead".to_owned();
        return Err(Error::BadInput { field: "account_no", reason });
    }
    let id = next_id(&mut loader, "select coalesce(max(id), 0) + 1 from connection")?;
    let today = domain::BusinessDate::of_ms(actor.at_ms).days();
    let name = name.trim();
    let base = setup.base.to_string();
    loader.execute(
        "insert into connection (id, kind, account_no, name, base, settings, from_day, \
         added_at_ms, added_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            Cell::Int(id),
            key[0],
            key[1],
            Cell::Text(if name.is_empty() { setup.account_no() } else { name }),
            Cell::Text(&base),
            Cell::Text(&settings),
            Cell::Int(i64::from(from_day.unwrap_or(today - USUAL_REACH))),
            Cell::Int(actor.at_ms),
            Cell::Text(actor.name),
        ],
    )?;
    insert_credential(book, &mut loader, (id, setup), &secrets, actor)?;
    loader.commit()?;
    Ok(id)
}

/// Gives a connection new keys. The old ones stay until somebody takes them away, so that answers
/// signed in the days of the change are still believed.
///
/// # Errors
/// [`Error::BadInput`] when the set-up is of another account or its keys cannot be read.
pub fn renew(book: &Book, id: i64, setup: &Setup, actor: &Actor<'_>) -> Result<(), Error> {
    super::client::Client::new(setup, actor.at_ms)?;
    let known = connection(&mut Reader::open(book)?, id)?;
    if known.kind != setup.kind || known.account_no != setup.account_no() {
        let reason = "the keys are those of another account".to_owned();
        return Err(Error::BadInput { field: "account_no", reason });
    }
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let (settings, secrets) = setup.halves();
    let base = setup.base.to_string();
    loader.execute(
        "update connection set base = $2, settings = $3, checked_at_ms = null, check_code = '', \
         failures = 0, rest_until_ms = null, rest_code = '' where id = $1",
        &[Cell::Int(id), Cell::Text(&base), Cell::Text(&settings)],
    )?;
    insert_credential(book, &mut loader, (id, setup), &secrets, actor)?;
    // One before the newest is enough for the days of a change, for each seat that has its own.
    let own = book.sealing_key()?.unwrap_or_default();
    loader.execute(
        "delete from credential where connection_id = $1 and sealed_by = $2 and id not in \
         (select id from credential where connection_id = $1 and sealed_by = $2 \
         order by id desc limit 2)",
        &[Cell::Int(id), Cell::Text(&own)],
    )?;
    Ok(loader.commit()?)
}

fn insert_credential(
    book: &Book,
    loader: &mut Loader<'_>,
    (connection, setup): (i64, &Setup),
    secrets: &Secret<String>,
    actor: &Actor<'_>,
) -> Result<(), Error> {
    let (sealed, sealed_by) =
        book.seal(PURPOSE, &context(connection), secrets.expose().as_bytes())?;
    let id = next_id(loader, "select coalesce(max(id), 0) + 1 from credential")?;
    loader.execute(
        "insert into credential (id, connection_id, sealed, until_ms, added_at_ms, added_by, \
         sealed_by) values ($1, $2, $3, $4, $5, $6, $7)",
        &[
            Cell::Int(id),
            Cell::Int(connection),
            Cell::Blob(&sealed),
            ends(setup).map_or(Cell::Null, Cell::Int),
            Cell::Int(actor.at_ms),
            Cell::Text(actor.name),
            Cell::Text(&sealed_by),
        ],
    )?;
    Ok(())
}

fn next_id(loader: &mut Loader<'_>, sql: &str) -> Result<i64, Error> {
    let mut id = 1;
    loader.query(sql, &[], |row| {
        id = row.int(0)?;
        Ok(())
    })?;
    Ok(id)
}

/// Every connection, in the order they were set up.
///
/// # Errors
/// The database's.
pub fn list(reader: &mut Reader) -> Result<Vec<Connection>, Error> {
    let mut found = Vec::new();
    reader.query(
        "select id, kind, account_no, name, base, from_day, paused, added_at_ms, added_by, \
         checked_at_ms, check_code, settings, asked_at_ms, failures, rest_until_ms, rest_code \
         from connection order by id",
        &[],
        |row| {
            found.extend(read(row)?);
            Ok(())
        },
    )?;
    reader.query(
        "select connection_id, id, added_at_ms, added_by, until_ms, sealed_by from credential \
         order by id desc",
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
    Ok(found)
}

/// A kind that a newer program wrote is left out: this one cannot ask it.
fn read(row: &RowView<'_>) -> Result<Option<Connection>, StoreError> {
    let Some(kind) = ConnectionKind::from_code(row.text(1)?) else { return Ok(None) };
    Ok(Some(Connection {
        id: row.int(0)?,
        kind,
        account_no: row.text(2)?.to_owned(),
        name: row.text(3)?.to_owned(),
        base: row.text(4)?.to_owned(),
        from_day: row.int(5)? as i32,
        paused: row.int(6)? != 0,
        added_at_ms: row.int(7)?,
        added_by: row.text(8)?.to_owned(),
        checked_at_ms: row.opt_int(9)?,
        check_code: row.text(10)?.to_owned(),
        credentials: Vec::new(),
        settings: row.text(11)?.to_owned(),
        asked_at_ms: row.opt_int(12)?,
        failures: row.int(13)?,
        rest_until_ms: row.opt_int(14)?,
        rest_code: row.text(15)?.to_owned(),
    }))
}

/// One connection.
///
/// # Errors
/// [`Error::NotFound`].
pub fn connection(reader: &mut Reader, id: i64) -> Result<Connection, Error> {
    let found = list(reader)?.into_iter().find(|connection| connection.id == id);
    found.ok_or_else(|| Error::NotFound { what: "connection", id: id.to_string() })
}

/// The set-up of a connection with the newest keys that this seat can open.
///
/// # Errors
/// [`StoreError::SealedElsewhere`] when it can open none of them.
pub(crate) fn open(
    book: &Book,
    reader: &mut Reader,
    connection: &Connection,
) -> Result<Setup, Error> {
    let mut kept: Vec<(Vec<u8>, String)> = Vec::new();
    reader.query(
        "select sealed, sealed_by from credential where connection_id = $1 order by id desc",
        &[Cell::Int(connection.id)],
        |row| {
            kept.push((row.blob(0)?.to_vec(), row.text(1)?.to_owned()));
            Ok(())
        },
    )?;
    let own = book.sealing_key()?;
    let ours = |(_, by): &&(Vec<u8>, String)| own.as_deref() == Some(by);
    let Some((sealed, by)) = kept.iter().find(ours) else {
        return Err(match kept.first() {
            Some((_, by)) => StoreError::SealedElsewhere(by.clone()).into(),
            None => Error::NotFound { what: "credential", id: connection.id.to_string() },
        });
    };
    let plain = book.unseal(PURPOSE, &context(connection.id), (sealed, by))?;
    let text = String::from_utf8(plain.expose().clone()).unwrap_or_default();
    let secrets = Secret::new(text);
    Setup::join(connection.kind.code(), &connection.base, &connection.settings, &secrets)
}

/// Stops (or resumes) asking by itself.
///
/// # Errors
/// [`Error::NotFound`].
pub fn pause(book: &Book, id: i64, paused: bool) -> Result<(), Error> {
    let sql = "update connection set paused = $2, failures = 0, rest_until_ms = null, \
               rest_code = '' where id = $1";
    change(book, id, sql, Cell::Int(i64::from(paused)))
}

/// Gives a connection another name.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BadInput`] for an empty one.
pub fn rename(book: &Book, id: i64, name: &str) -> Result<(), Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::BadInput { field: "name", reason: "is empty".to_owned() });
    }
    change(book, id, "update connection set name = $2 where id = $1", Cell::Text(name))
}

fn change(book: &Book, id: i64, sql: &str, value: Cell<'_>) -> Result<(), Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    if loader.execute(sql, &[Cell::Int(id), value])? == 0 {
        return Err(Error::NotFound { what: "connection", id: id.to_string() });
    }
    Ok(loader.commit()?)
}

/// Takes a connection away with its keys. What was fetched stays in the books.
///
/// # Errors
/// [`Error::NotFound`].
pub fn remove(book: &Book, id: i64) -> Result<(), Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    for sql in [
        "delete from credential where connection_id = $1",
        "delete from coverage where connection_id = $1",
        "delete from sync_trouble where connection_id = $1",
        "delete from sync_cursor where connection_id = $1",
    ] {
        loader.execute(sql, &[Cell::Int(id)])?;
    }
    if loader.execute("delete from connection where id = $1", &[Cell::Int(id)])? == 0 {
        return Err(Error::NotFound { what: "connection", id: id.to_string() });
    }
    Ok(loader.commit()?)
}

/// Remembers how a try of the keys went.
pub(super) fn remember_check(book: &Book, id: i64, at_ms: i64, code: &str) -> Result<(), Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    loader.execute(
        "update connection set checked_at_ms = $2, check_code = $3 where id = $1",
        &[Cell::Int(id), Cell::Int(at_ms), Cell::Text(code)],
    )?;
    Ok(loader.commit()?)
}
