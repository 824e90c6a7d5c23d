//! Rows that stand in one file a second time.

use super::known::Verdict;
use connectors::bill::Check;
use domain::Currency;
use domain::keys::KeySet;
use store::pack::split_line_id;

/// What a file has said already.
#[derive(Default)]
pub struct Twice {
    /// What it says that was known before it came.
    known: KeySet,
    /// How many rows stand in it again, and the first of them.
    found: Option<(i64, u32)>,
}

impl Twice {
    /// Notes a row that this very document has said already, figures and all: booked from it, or
    /// known before it came.
    pub fn note<T>(&mut self, document: i64, verdict: &Verdict<T>, id: i64, identity: u64) {
        let Verdict::Known(line) = verdict else { return };
        if split_line_id(*line).0 == document || !self.known.insert(identity) {
            let first = split_line_id(id).1;
            self.found = Some(self.found.map_or((1, first), |(rows, line)| (rows + 1, line)));
        }
    }

    /// That no row stands twice; nothing where none does.
    pub fn check(&self) -> Option<Check> {
        let (rows, line_no) = self.found?;
        let (code, currency) = ("row_twice".to_owned(), Currency::CNY);
        Some(Check { code, currency, expected: 0, found: rows, line_no: Some(line_no) })
    }
}
