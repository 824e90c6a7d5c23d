//! Tables: what their columns mean, and a look before anything is booked.

use super::Run;
use crate::error::Error;
use connectors::bill::{FileKind, FileProblem};
use connectors::table::{Confidence, Mapping, Preview};
use std::path::Path;
use store::bulk::Cell;

impl Run<'_, '_> {
    /// The mapping for a table: the one given, a remembered one, or a certain suggestion.
    pub(super) fn mapping(
        &mut self,
        entry: &connectors::Entry,
        kind: &FileKind,
    ) -> Result<Result<Option<Mapping>, FileProblem>, Error> {
        if !matches!(kind, FileKind::Table { .. }) {
            return Ok(Ok(None));
        }
        let preview = match preview_entry(entry) {
            Ok(preview) => preview,
            Err(problem) => return Ok(Err(problem)),
        };
        if let Some(mapping) = &self.options.mapping {
            self.remember(&preview.fingerprint, mapping)?;
            return Ok(Ok(Some(mapping.clone())));
        }
        let mut remembered = None;
        self.loader.query(
            "select body from mapping where fingerprint = $1",
            &[Cell::Text(&preview.fingerprint)],
            |row| {
                remembered = serde_json::from_str(row.text(0)?).ok();
                Ok(())
            },
        )?;
        if remembered.is_some() {
            return Ok(Ok(remembered));
        }
        match preview.suggestion {
            Some(found) if found.confidence == Confidence::Certain => {
                self.remember(&preview.fingerprint, &found.mapping)?;
                Ok(Ok(Some(found.mapping)))
            }
            _ => Ok(Err(FileProblem::NeedsMapping)),
        }
    }

    fn remember(&mut self, fingerprint: &str, mapping: &Mapping) -> Result<(), Error> {
        let body = serde_json::to_string(mapping).unwrap_or_default();
        self.loader.execute(
            "insert into mapping (fingerprint, body) values ($1, $2) \
             on conflict (fingerprint) do update set body = excluded.body",
            &[Cell::Text(fingerprint), Cell::Text(&body)],
        )?;
        Ok(())
    }
}

/// Looks at a table before anything is booked.
fn preview_entry(entry: &connectors::Entry) -> Result<Preview, FileProblem> {
    connectors::table::preview(&mut *entry.reader()?, &Default::default())
}

/// Looks at a table file: its columns, what they probably mean, and its first rows.
///
/// # Errors
/// [`Error::Refused`] when it is no table or cannot be read.
pub fn preview(path: &Path) -> Result<Preview, Error> {
    let refused = |problem| Error::Refused { name: path.display().to_string(), problem };
    let entries = connectors::open(path).map_err(refused)?;
    let table = entries.iter().find(|entry| matches!(entry.kind, Ok(FileKind::Table { .. })));
    match table {
        Some(entry) => preview_entry(entry).map_err(refused),
        None => Err(refused(FileProblem::Unknown { hint: Some("not_a_table".to_owned()) })),
    }
}
