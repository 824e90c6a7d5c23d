//! Loading and reading through rusqlite.

use super::cell::{Cell, RowView, Source};
use super::{Existing, TableSpec};
use crate::error::StoreError;
use rusqlite::{Connection, Statement};

/// Runs one statement; returns the number of rows it changed.
pub(super) fn execute(db: &Connection, sql: &str, params: &[Cell<'_>]) -> Result<u64, StoreError> {
    let failed = |source| StoreError::sqlite(sql, source);
    let mut statement = db.prepare_cached(sql).map_err(failed)?;
    bind(&mut statement, sql, params)?;
    // A statement that answers with rows, such as a pragma, is run to its end as well.
    if statement.column_count() > 0 {
        let mut rows = statement.raw_query();
        let mut count = 0;
        while rows.next().map_err(failed)?.is_some() {
            count += 1;
        }
        return Ok(count);
    }
    statement.raw_execute().map(|count| count as u64).map_err(failed)
}

/// Hands every row of the answer to `each`.
pub(super) fn query(
    db: &Connection,
    sql: &str,
    params: &[Cell<'_>],
    each: &mut dyn FnMut(&RowView<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let failed = |source| StoreError::sqlite(sql, source);
    let mut statement = db.prepare_cached(sql).map_err(failed)?;
    bind(&mut statement, sql, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(failed)? {
        each(&RowView(Source::Sqlite(row)))?;
    }
    Ok(())
}

/// Binds by the number in the placeholder: SQLite takes `$2` for a name and counts names in the
/// order in which they first appear.
fn bind(statement: &mut Statement<'_>, sql: &str, params: &[Cell<'_>]) -> Result<(), StoreError> {
    for index in 1..=statement.parameter_count() {
        let number = match statement.parameter_name(index) {
            Some(name) => name[1..].parse().unwrap_or(0),
            None => index,
        };
        let Some(cell) = params.get(usize::wrapping_sub(number, 1)) else {
            return Err(StoreError::Value(format!("no value for placeholder {index}: {sql}")));
        };
        statement
            .raw_bind_parameter(index, cell)
            .map_err(|source| StoreError::sqlite(sql, source))?;
    }
    Ok(())
}

/// The prepared inserts of one load.
pub(super) struct Inserts<'c> {
    db: &'c Connection,
    statements: Vec<(&'static TableSpec, Statement<'c>)>,
    last: usize,
}

impl<'c> Inserts<'c> {
    pub(super) fn new(db: &'c Connection) -> Self {
        Self { db, statements: Vec::new(), last: 0 }
    }

    pub(super) fn db(&self) -> &'c Connection {
        self.db
    }

    /// Inserts one row.
    pub(super) fn insert(
        &mut self,
        table: &'static TableSpec,
        cells: &[Cell<'_>],
    ) -> Result<(), StoreError> {
        let at = self.find(table)?;
        let statement = &mut self.statements[at].1;
        let failed = |source| StoreError::sqlite(format!("inserting into {}", table.name), source);
        for (index, cell) in (1..).zip(cells) {
            statement.raw_bind_parameter::<usize, _>(index, cell).map_err(failed)?;
        }
        statement.raw_execute().map_err(failed)?;
        Ok(())
    }

    /// The prepared insert: by address for the table of the row before, else by value.
    fn find(&mut self, table: &'static TableSpec) -> Result<usize, StoreError> {
        if let Some((known, _)) = self.statements.get(self.last)
            && std::ptr::eq(*known, table)
        {
            return Ok(self.last);
        }
        let known = self.statements.iter().position(|(known, _)| *known == table);
        self.last = match known {
            Some(at) => at,
            None => {
                let sql = insert_sql(table);
                let statement =
                    self.db.prepare(&sql).map_err(|source| StoreError::sqlite(sql, source))?;
                self.statements.push((table, statement));
                self.statements.len() - 1
            }
        };
        Ok(self.last)
    }
}

fn insert_sql(table: &TableSpec) -> String {
    let columns = table.columns.join(", ");
    let values = vec!["?"; table.columns.len()].join(", ");
    let tail = match table.existing {
        Existing::Refuse => "",
        Existing::Skip => " on conflict do nothing",
    };
    format!("insert into {} ({columns}) values ({values}){tail}", table.name)
}
