//! A file as it came: whether its bytes are here already, and how they are kept.

use super::Run;
use super::deliveries::About;
use super::report::{FileReport, FileState, Total};
use crate::error::Error;
use crate::reconciliation::StoredCheck;
use connectors::container::Source;
use std::fs::File;
use std::path::Path;
use store::StoreError;
use store::bulk::Cell;
use store::chunk;

impl Run<'_, '_> {
    /// Reports of a file whose very bytes are in the book: they say of it what they said when it
    /// came first, since nothing was added by its coming again. Rows set aside and mended since
    /// are no longer aside.
    pub(super) fn known(
        &mut self,
        path: &Path,
        sha256: &str,
    ) -> Result<Option<(i64, Vec<FileReport>)>, Error> {
        let mut reports = Vec::new();
        let mut raw = 0;
        self.loader.query(
            "select d.kind, d.rows_read, d.entry_name, d.id, r.id, d.checks, \
             d.rows_quarantined - (select count(*) from quarantine q \
             where q.document_id = d.id and q.mended_by is not null) from document d \
             join raw_document r on r.id = d.raw_document_id where r.sha256 = $1 \
             order by d.entry_no",
            &[Cell::Text(sha256)],
            |row| {
                let rows = row.int(1)?.unsigned_abs();
                raw = row.int(4)?;
                let checks: Vec<StoredCheck> =
                    serde_json::from_str(row.text(5)?).unwrap_or_default();
                reports.push(FileReport {
                    path: path.display().to_string(),
                    document: Some(row.int(3)?),
                    kind: row.text(0)?.to_owned(),
                    state: FileState::Known,
                    rows_read: rows,
                    rows_new: 0,
                    rows_known: rows,
                    rows_changed: 0,
                    quarantined: row.int(6)?.max(0).unsigned_abs(),
                    problems: Vec::new(),
                    totals: checks.into_iter().map(Total::from).collect(),
                    unknown_columns: Vec::new(),
                    reason: None,
                    detail: None,
                });
                Ok(())
            },
        )?;
        Ok((!reports.is_empty()).then_some((raw, reports)))
    }

    /// The channel gave the same bytes again: where they bear no date of their own, they are as
    /// late as this fetch, so that a bill that was another one meanwhile counts again.
    pub(super) fn said_again(&mut self, raw: i64, about: &About) -> Result<(), Error> {
        let cells = [Cell::Int(raw), Cell::Int(about.taken_at_ms)];
        let changed = self.loader.execute(
            "update document set issued_at_ms = $2, mark_by_fetch = 1 where raw_document_id = $1 \
             and (issued_at_ms is null or (mark_by_fetch = 1 and issued_at_ms < $2))",
            &cells,
        )?;
        let mut among_others = false;
        self.loader.query(
            "select 1 from document d join document o on o.account_id = d.account_id \
             and o.stream = d.stream and o.from_day <= d.to_day and o.to_day >= d.from_day \
             where d.raw_document_id = $1 and o.raw_document_id <> $1 limit 1",
            &cells[..1],
            |_| {
                among_others = true;
                Ok(())
            },
        )?;
        self.judge_again |= changed > 0 && among_others;
        Ok(())
    }

    pub(super) fn insert_raw(
        &mut self,
        id: i64,
        path: &Path,
        (sha256, size): (&str, u64),
        about: Option<&About>,
    ) -> Result<(), Error> {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        self.loader.execute(
            "insert into raw_document (id, sha256, name, size_bytes, received_at_ms, source) \
             values ($1, $2, $3, $4, $5, $6)",
            &[
                Cell::Int(id),
                Cell::Text(sha256),
                Cell::Text(&name),
                Cell::Int(i64::try_from(size).unwrap_or(i64::MAX)),
                Cell::Int(about.map_or(self.options.now_ms, |about| about.taken_at_ms)),
                Cell::Text(about.map_or("file", |about| &about.source)),
            ],
        )?;
        Ok(())
    }

    /// The file as it came, compressed, in chunks.
    pub(super) fn keep_bytes(&mut self, raw: i64, source: &Source) -> Result<(), Error> {
        let loader = &mut self.loader;
        split(source, |seq, bytes| chunk::keep_packed(loader, raw, seq, bytes))
    }

    pub(super) fn keep_packed(&mut self, raw: i64, chunks: &[Vec<u8>]) -> Result<(), Error> {
        for (seq, bytes) in (0..).zip(chunks) {
            chunk::keep_packed(&mut self.loader, raw, seq, bytes)?;
        }
        Ok(())
    }
}

/// A file in compressed chunks.
pub(super) fn pack(source: &Source) -> Result<Vec<Vec<u8>>, Error> {
    let mut chunks = Vec::new();
    split(source, |_, bytes| {
        chunks.push(bytes.to_vec());
        Ok(())
    })?;
    Ok(chunks)
}

fn split(
    source: &Source,
    keep: impl FnMut(i64, &[u8]) -> Result<(), StoreError>,
) -> Result<(), Error> {
    match source {
        Source::Path(path) => {
            let failed = |source| Error::File { path: path.display().to_string(), source };
            chunk::split(&mut File::open(path).map_err(failed)?, keep)?;
        }
        Source::Bytes { bytes, .. } => {
            chunk::split(&mut &bytes[..], keep)?;
        }
    }
    Ok(())
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
