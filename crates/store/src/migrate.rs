//! The schema: numbered migrations inside the program, checked against those in the book.

use crate::error::StoreError;
use sha2::{Digest, Sha256};

/// One numbered step of the schema. The text of an applied one never changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    pub number: u32,
    pub name: &'static str,
    pub sql: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

impl Migration {
    /// SHA-256 of the text in hex; line ends count as one, since a checkout may change them.
    pub(crate) fn checksum(&self) -> String {
        let hash = Sha256::digest(self.sql.replace("\r\n", "\n"));
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The key of its checksum in `book_meta`.
    pub(crate) fn key(&self) -> String {
        format!("migration.{:04}", self.number)
    }
}

/// The newest schema number that this program knows.
pub fn schema_number() -> u32 {
    SQLITE.last().map_or(0, |migration| migration.number)
}

/// Whether both databases have the same migrations, numbered without gaps; a test calls it.
///
/// # Errors
/// [`StoreError::Value`] naming the first difference.
pub fn verify_embedded() -> Result<(), StoreError> {
    let names = |list: &[Migration]| -> Vec<(u32, &'static str)> {
        list.iter().map(|migration| (migration.number, migration.name)).collect()
    };
    if names(SQLITE) != names(POSTGRES) {
        let (left, right) = (names(SQLITE), names(POSTGRES));
        return Err(StoreError::Value(format!("migrations differ: {left:?} and {right:?}")));
    }
    match (0..).zip(SQLITE).find(|(number, migration)| *number != migration.number) {
        Some((number, _)) => Err(StoreError::Value(format!("migration {number} is missing"))),
        None => Ok(()),
    }
}

/// What to do with a book whose `book_meta` says `schema` and has these checksums.
///
/// # Errors
/// [`StoreError::NewerSchema`]; [`StoreError::MigrationEdited`] when an applied migration has
/// another text; [`StoreError::Damaged`] when the number is none.
pub(crate) fn pending(
    all: &'static [Migration],
    meta: &[(String, String)],
) -> Result<&'static [Migration], StoreError> {
    let value = |key: &str| meta.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
    let schema: u32 = value("schema")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| StoreError::Damaged("the schema number is missing".to_owned()))?;
    let program = all.last().map_or(0, |migration| migration.number);
    if schema > program {
        return Err(StoreError::NewerSchema { book: schema, program });
    }
    let (applied, rest) = all.split_at(all.partition_point(|m| m.number <= schema));
    for migration in applied {
        if value(&migration.key()) != Some(migration.checksum().as_str()) {
            return Err(StoreError::MigrationEdited(migration.number));
        }
    }
    Ok(rest)
}
