//! Files that are refused and are a changed copy of a bill that is here.
//!
//! A row may be changed so that the whole file can no longer be read. Nothing of it is booked then;
//! that somebody changed a bill is said all the same, by the certificate of its day.

use super::Run;
use super::ahead::Rows;
use super::report::{FileReport, FileState};
use crate::error::Error;
use connectors::Entry;
use connectors::marks::{Copied, MARK, compare};
use std::path::Path;
use store::bulk::Cell;

/// Bytes up to which a refused file is looked at again.
const LARGEST: u64 = 64 << 20;

impl Run<'_, '_> {
    /// The bill came again as it is: what was wrong with copies of it is settled.
    pub(super) fn forget_copies(&mut self, raw: i64) -> Result<(), Error> {
        let forgotten = self.loader.execute(
            "delete from refused_copy where document_id in \
             (select id from document where raw_document_id = $1)",
            &[Cell::Int(raw)],
        )?;
        self.judge_again |= forgotten > 0;
        Ok(())
    }

    /// Looks whether a file that was refused is a copy of a bill, and notes its first line that is
    /// not as it was.
    pub(super) fn look_for_copies(
        &mut self,
        sha256: &str,
        path: &Path,
        entries: &[(Entry, Option<Rows>)],
        reports: &mut [FileReport],
    ) -> Result<(), Error> {
        let mut copies = Vec::new();
        for (entry, _) in entries.iter().filter(|(e, _)| e.unpacked_bytes.unwrap_or(0) <= LARGEST) {
            // What cannot be unpacked is a copy of nothing.
            let Ok(marks) = connectors::marks_of(entry) else { continue };
            let lines = marks.len() / MARK;
            self.loader.query("select document_id, bytes from line_mark", &[], |row| {
                let bill = row.blob(1)?;
                // Files of quite another length are not worth the look.
                if bill.len() / MARK <= 2 * lines
                    && lines <= 2 * (bill.len() / MARK)
                    && let Copied::Changed { line_no, shared } = compare(bill, &marks, false)
                {
                    copies.push((shared, row.int(0)?, line_no));
                }
                Ok(())
            })?;
        }
        // Bills of one kind are alike where they have few rows.
        let most = copies.iter().map(|(shared, ..)| *shared).max();
        copies.retain(|(shared, ..)| Some(*shared) == most);
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        for (_, document, line_no) in &copies {
            self.loader.execute(
                "insert into refused_copy (document_id, sha256, name, line_no) \
                 values ($1, $2, $3, $4) on conflict (document_id, sha256) do nothing",
                &[
                    Cell::Int(*document),
                    Cell::Text(sha256),
                    Cell::Text(&name),
                    Cell::Int(i64::from(*line_no)),
                ],
            )?;
        }
        if let Some((.., line_no)) = copies.first() {
            self.judge_again = true;
            for report in reports {
                report.state = FileState::Refused;
                report.reason = Some("changed_copy".to_owned());
                report.detail = Some(format!("line {line_no}"));
            }
        }
        Ok(())
    }
}
