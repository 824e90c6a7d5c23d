//! What a pack keeps of a bank line.

use super::{Bytes, Record, digest, line_id, put_int, put_line};

/// A bank line's identity is all a pack keeps of it; bank lines are few and read from their table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BankMark {
    /// Line id.
    pub id: i64,
    /// Amount.
    pub amount_minor: i64,
}

impl Record for BankMark {
    const USUAL: usize = 13;

    fn write(&self, out: &mut Vec<u8>) {
        put_line(out, self.id);
        put_int(out, self.amount_minor);
    }

    fn read(bytes: &mut Bytes<'_>, document: i64, _day: i32) -> Option<Self> {
        Some(Self { id: line_id(document, bytes.line_no()?), amount_minor: bytes.int()? })
    }

    fn content(&self) -> u64 {
        digest(&[self.amount_minor])
    }

    fn rank(&self) -> (u8, u64) {
        (0, self.content())
    }

    fn id(&self) -> i64 {
        self.id
    }
}
