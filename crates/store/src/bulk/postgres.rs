//! Loading by `copy` and reading through sqlx's native connection, both blocking.

use super::cell::{Cell, RowView, Source};
use super::{Existing, TableSpec};
use crate::error::StoreError;
use crate::postgres::ServerDb;
use futures_util::TryStreamExt;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::{AssertSqlSafe, Encode, PgConnection, Postgres, Type};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// Rows are sent in pieces of this many bytes.
const BUFFER_BYTES: usize = 4 << 20;

/// Up to this many bytes go as `insert` statements in one message. Ending a `copy` takes a second
/// small message, which the system holds back for 40 ms: sqlx leaves Nagle's algorithm on.
const ONE_MESSAGE_BYTES: usize = 64 << 10;

/// A connection with a runtime of its own to wait on.
pub(super) struct Session {
    runtime: Runtime,
    /// Absent while rows are being sent.
    db: Option<PgConnection>,
    /// Rows on their way, so that the server reads them while the next ones are made.
    sending: Option<JoinHandle<(PgConnection, Result<(), StoreError>)>>,
}

impl Session {
    pub(super) fn open(server: &ServerDb) -> Result<Self, StoreError> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|source| StoreError::Io {
            doing: "starting",
            path: "a runtime".into(),
            source,
        })?;
        let db = runtime.block_on(server.connect())?;
        Ok(Self { runtime, db: Some(db), sending: None })
    }

    /// Waits for the rows on their way.
    fn settle(&mut self) -> Result<(), StoreError> {
        let Some(sending) = self.sending.take() else { return Ok(()) };
        let lost = |_| StoreError::Unreachable(sqlx::Error::WorkerCrashed);
        let (db, sent) = self.runtime.block_on(sending).map_err(lost)?;
        self.db = Some(db);
        sent
    }

    /// The runtime and the connection, with nothing on its way.
    fn ready(&mut self) -> Result<(&Runtime, &mut PgConnection), StoreError> {
        self.settle()?;
        match &mut self.db {
            Some(db) => Ok((&self.runtime, db)),
            None => Err(StoreError::Unreachable(sqlx::Error::WorkerCrashed)),
        }
    }

    /// Runs statements without parameters.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let (runtime, db) = self.ready()?;
        runtime.block_on(batch(db, sql))
    }

    pub(super) fn execute(&mut self, sql: &str, params: &[Cell<'_>]) -> Result<u64, StoreError> {
        let (runtime, db) = self.ready()?;
        let done = runtime.block_on(bound(sql, params).execute(db));
        done.map(|done| done.rows_affected()).map_err(|source| StoreError::query(sql, source))
    }

    pub(super) fn query(
        &mut self,
        sql: &str,
        params: &[Cell<'_>],
        each: &mut dyn FnMut(&RowView<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (runtime, db) = self.ready()?;
        runtime.block_on(async {
            let mut rows = bound(sql, params).fetch(db);
            while let Some(row) =
                rows.try_next().await.map_err(|source| StoreError::query(sql, source))?
            {
                each(&RowView(Source::Postgres(&row)))?;
            }
            Ok(())
        })
    }

    /// Sends rows of several tables, in order, while the caller goes on. An error is told by the
    /// next call.
    fn send(&mut self, tables: Vec<Pending>) -> Result<(), StoreError> {
        self.settle()?;
        let Some(mut db) = self.db.take() else {
            return Err(StoreError::Unreachable(sqlx::Error::WorkerCrashed));
        };
        self.sending = Some(self.runtime.spawn(async move {
            let sent = send_all(&mut db, &tables).await;
            (db, sent)
        }));
        Ok(())
    }
}

async fn send_all(db: &mut PgConnection, tables: &[Pending]) -> Result<(), StoreError> {
    if tables.iter().map(|pending| pending.rows.len()).sum::<usize>() <= ONE_MESSAGE_BYTES {
        let inserts: Vec<String> = tables.iter().map(insert_statement).collect();
        let sent = sqlx::raw_sql(AssertSqlSafe(inserts.join(";"))).execute(db).await;
        // The statement holds the rows themselves, which are nothing for an error message.
        return sent.map(|_| ()).map_err(|source| StoreError::query("inserting rows", source));
    }
    for Pending { table, rows } in tables {
        send(db, table, rows).await?;
    }
    Ok(())
}

/// Rows in `copy`'s text form as one `insert`. Its escapes are those of an `E''` literal, which
/// takes the type of its column.
fn insert_statement(pending: &Pending) -> String {
    let Pending { table, rows } = pending;
    let rows = std::str::from_utf8(rows).expect("rows are made of text and digits");
    let mut sql = format!("insert into {} ({}) values ", table.name, table.columns.join(", "));
    for (nth, row) in rows.lines().enumerate() {
        sql.push_str(if nth == 0 { "(" } else { ", (" });
        for (nth, cell) in row.split('\t').enumerate() {
            if nth > 0 {
                sql.push_str(", ");
            }
            if cell == "\\N" {
                sql.push_str("null");
            } else {
                sql.push_str("E'");
                sql.push_str(&cell.replace('\'', "''"));
                sql.push('\'');
            }
        }
        sql.push(')');
    }
    if table.existing != Existing::Refuse {
        sql.push_str(" on conflict do nothing");
    }
    sql
}

async fn batch(db: &mut PgConnection, sql: &str) -> Result<(), StoreError> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await;
    done.map(|_| ()).map_err(|source| StoreError::query(sql, source))
}

async fn copy(db: &mut PgConnection, sql: &str, rows: &[u8]) -> Result<(), StoreError> {
    let failed = |source| StoreError::query(sql, source);
    let mut copy = db.copy_in_raw(sql).await.map_err(failed)?;
    if let Err(error) = copy.send(rows).await {
        copy.abort("the rows could not be sent").await.map_err(failed)?;
        return Err(failed(error));
    }
    copy.finish().await.map(|_| ()).map_err(failed)
}

/// A null without a type: the server takes the column's.
struct Untyped;

impl Type<Postgres> for Untyped {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for Untyped {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

fn bound<'q>(sql: &str, params: &'q [Cell<'q>]) -> sqlx::query::Query<'q, Postgres, PgArguments> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for param in params {
        query = match *param {
            Cell::Null => query.bind(Untyped),
            Cell::Int(value) => query.bind(value),
            Cell::Text(text) => query.bind(text),
            Cell::Blob(bytes) => query.bind(bytes),
        };
    }
    // A statement first prepared around a null may have other types than its next use.
    let typed = !params.contains(&Cell::Null);
    query.persistent(typed)
}

/// Rows waiting to be sent, by table, in the order in which the tables were first used.
pub(super) struct Copies<'c> {
    session: &'c mut Session,
    tables: Vec<Pending>,
    last: usize,
}

struct Pending {
    table: &'static TableSpec,
    rows: Vec<u8>,
}

impl<'c> Copies<'c> {
    pub(super) fn new(session: &'c mut Session) -> Self {
        Self { session, tables: Vec::new(), last: 0 }
    }

    /// The session, after everything pending has reached the server.
    pub(super) fn flushed(&mut self) -> Result<&mut Session, StoreError> {
        self.flush()?;
        Ok(self.session)
    }

    /// The session, with everything pending forgotten, and what went wrong with it.
    pub(super) fn cleared(&mut self) -> &mut Session {
        self.tables.clear();
        self.last = 0;
        // The transaction returns to before these rows, so their error no longer matters.
        let _ = self.session.settle();
        self.session
    }

    pub(super) fn insert(
        &mut self,
        table: &'static TableSpec,
        cells: &[Cell<'_>],
    ) -> Result<(), StoreError> {
        let known = self.tables.get(self.last).is_some_and(|p| std::ptr::eq(p.table, table));
        if !known {
            self.last = match self.tables.iter().position(|p| p.table == table) {
                Some(at) => at,
                None => {
                    self.tables.push(Pending { table, rows: Vec::new() });
                    self.tables.len() - 1
                }
            };
        }
        let rows = &mut self.tables[self.last].rows;
        write_row(rows, cells)?;
        // All tables at once, in order: a child's row never arrives before its parent's.
        if rows.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        let full = self.tables.iter_mut().filter(|pending| !pending.rows.is_empty());
        let full: Vec<Pending> = full
            .map(|pending| {
                let room = Vec::with_capacity(pending.rows.len() + pending.rows.len() / 8);
                let rows = std::mem::replace(&mut pending.rows, room);
                Pending { table: pending.table, rows }
            })
            .collect();
        if full.is_empty() { Ok(()) } else { self.session.send(full) }
    }
}

async fn send(db: &mut PgConnection, table: &TableSpec, rows: &[u8]) -> Result<(), StoreError> {
    let name = table.name;
    let columns = table.columns.join(", ");
    if table.existing == Existing::Refuse {
        return copy(db, &format!("copy {name} ({columns}) from stdin"), rows).await;
    }
    // `copy` knows no "on conflict", so the rows go through a table of this transaction.
    let make = format!(
        "create temp table if not exists incoming_{name} on commit drop as \
         select {columns} from {name} with no data"
    );
    batch(db, &make).await?;
    copy(db, &format!("copy incoming_{name} ({columns}) from stdin"), rows).await?;
    let keep = format!(
        "insert into {name} ({columns}) select {columns} from incoming_{name} \
         on conflict do nothing; truncate incoming_{name}"
    );
    batch(db, &keep).await
}

/// One row in `copy`'s text form: tab between cells, `\N` for null, backslash escapes.
///
/// Source: PostgreSQL 15, "COPY", File Formats, Text Format.
fn write_row(rows: &mut Vec<u8>, cells: &[Cell<'_>]) -> Result<(), StoreError> {
    use std::io::Write;
    for (i, cell) in cells.iter().enumerate() {
        if i > 0 {
            rows.push(b'\t');
        }
        match *cell {
            Cell::Null => rows.extend_from_slice(b"\\N"),
            Cell::Int(value) => {
                write!(rows, "{value}").expect("writing to memory cannot fail");
            }
            Cell::Text(text) => write_text(rows, text.as_bytes())?,
            Cell::Blob(bytes) => {
                rows.extend_from_slice(b"\\\\x");
                for byte in bytes {
                    rows.push(b"0123456789abcdef"[usize::from(byte >> 4)]);
                    rows.push(b"0123456789abcdef"[usize::from(byte & 15)]);
                }
            }
        }
    }
    rows.push(b'\n');
    Ok(())
}

fn write_text(rows: &mut Vec<u8>, text: &[u8]) -> Result<(), StoreError> {
    let mut clean = 0;
    for (at, byte) in text.iter().enumerate() {
        let escape = match byte {
            b'\\' => b'\\',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0 => return Err(StoreError::Value("text with a NUL character".to_owned())),
            _ => continue,
        };
        rows.extend_from_slice(&text[clean..at]);
        rows.extend_from_slice(&[b'\\', escape]);
        clean = at + 1;
    }
    rows.extend_from_slice(&text[clean..]);
    Ok(())
}
