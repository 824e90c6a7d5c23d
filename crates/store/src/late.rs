//! Indexes that a first load builds at its end: lines come by day, amounts in no order, and an
//! index in another order than its rows costs a page for each of them. Only in a SQLCipher file.
//!
//! A book that was left without them, by a program that was killed in between, gets them when it is
//! opened.

use crate::migrate::SQLITE;
use rusqlite::Connection;

/// Their names; the migrations define them.
const LATE: [&str; 2] = ["settlement_line_amount", "balance_transaction_amount"];

/// Takes them away while there are no lines at all.
pub(crate) fn forgo(db: &Connection) -> rusqlite::Result<()> {
    let lines = "select exists (select 1 from settlement_line) \
                 or exists (select 1 from balance_transaction)";
    if db.query_row(lines, [], |row| row.get::<_, bool>(0))? {
        return Ok(());
    }
    LATE.iter().try_for_each(|name| db.execute_batch(&format!("drop index if exists {name}")))
}

/// Builds those that are missing.
pub(crate) fn build(db: &Connection) -> rusqlite::Result<()> {
    for definition in missing(db)? {
        db.execute_batch(definition)?;
    }
    Ok(())
}

/// The definitions of those that are missing.
pub(crate) fn missing(db: &Connection) -> rusqlite::Result<Vec<&'static str>> {
    let mut found = db.prepare_cached(
        "select exists (select 1 from sqlite_schema where type = 'index' and name = ?1)",
    )?;
    let mut missing = Vec::new();
    for name in LATE {
        if !found.query_row([name], |row| row.get::<_, bool>(0))? {
            missing.extend(definition(name));
        }
    }
    Ok(missing)
}

fn definition(name: &str) -> Option<&'static str> {
    let begins = format!("create index {name} on ");
    SQLITE.iter().rev().find_map(|migration| {
        let (_, rest) = migration.sql.split_once(&begins)?;
        let length = begins.len() + rest.find(';')?;
        let at = migration.sql.len() - rest.len() - begins.len();
        migration.sql.get(at..at + length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_late_index_has_a_definition() {
        for name in LATE {
            let definition = definition(name).unwrap();
            assert!(definition.starts_with("create index ") && definition.ends_with(')'));
        }
    }
}
