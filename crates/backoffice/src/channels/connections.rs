//! Connections as the book keeps them.

use super::credentials::{self, Credential};
use super::local;
use super::setup::{ConnectionKind, Setup};
use crate::decisions::Actor;
use crate::error::Error;
use store::bulk::{Cell, Reader, RowView, Writer};
use store::{Book, StoreError};

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
    /// Its keys; of those that one seat can open, the first one signs.
    pub credentials: Vec<Credential>,
    /// When a sync last asked it, UTC ms.
    pub asked_at_ms: Option<i64>,
    /// How often in a row that came to nothing.
    pub failures: i64,
    /// It is left alone by itself until then, UTC ms.
    pub rest_until_ms: Option<i64>,
    /// Code of why; empty when it is not.
    pub rest_code: String,
    /// When the last of the channel's own certificates ends, where they are fetched; UTC ms.
    pub their_until_ms: Option<i64>,
}

/// Connects an account. `from_day` is the first day that is asked for; without one, 90 days back.
///
/// # Errors
/// [`Error::BadInput`] when keys cannot be read or the account is connected already;
/// [`Error::CertificateTime`] when our certificate is not in its time;
/// [`store::StoreError::NoSealing`] at a seat of a server's book that has no keyring. Nothing is
/// kept then.
pub fn add(
    book: &Book,
    setup: &Setup,
    name: &str,
    from_day: Option<i32>,
    actor: &Actor<'_>,
) -> Result<i64, Error> {
    local::refuse(setup, actor.at_ms)?;
    super::client::Client::new(setup, actor.at_ms)?;
    setup.check_certificate_time(actor.at_ms)?;
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
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
    let id =
        credentials::number(&mut loader, "select coalesce(max(id), 0) + 1 from connection", &[])?;
    let today = domain::BusinessDate::of_ms(actor.at_ms).days();
    let name = name.trim();
    let base = setup.base.to_string();
    loader.execute(
        "insert into connection (id, kind, account_no, name, base, from_day, added_at_ms, \
         added_by) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            Cell::Int(id),
            key[0],
            key[1],
            Cell::Text(if name.is_empty() { setup.account_no() } else { name }),
            Cell::Text(&base),
            Cell::Int(i64::from(from_day.unwrap_or(today - USUAL_REACH))),
            Cell::Int(actor.at_ms),
            Cell::Text(actor.name),
        ],
    )?;
    credentials::insert(book, &mut loader, (id, setup), actor)?;
    loader.commit()?;
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
         checked_at_ms, check_code, their_until_ms, asked_at_ms, failures, rest_until_ms, \
         rest_code from connection order by id",
        &[],
        |row| {
            found.extend(read(row)?);
            Ok(())
        },
    )?;
    credentials::attach(reader, &mut found)?;
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
        their_until_ms: row.opt_int(11)?,
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
        "delete from sync_ask where connection_id = $1",
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
