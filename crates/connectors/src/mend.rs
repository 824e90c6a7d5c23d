//! A bill read again with lines that a person mended.

use crate::bill::{Closing, FileKind, FileProblem, Sink};
use crate::open::{Entry, Options, read_kind};
use std::collections::BTreeMap;
use std::io::{BufRead, Read};

/// No mended bill is bigger; it is held in memory.
const MENDED_LIMIT: u64 = 1 << 30;

/// True for a kind of which a mended row takes its place in the file, so that the file's own totals
/// are checked again: rows are whole lines, or elements of a bank statement.
pub fn is_replayed_in_place(kind: &FileKind) -> bool {
    matches!(
        kind,
        FileKind::WechatTrade { .. }
            | FileKind::WechatFund
            | FileKind::AlipayTrade
            | FileKind::AlipayAccount
            | FileKind::UnionPayTrade { .. }
            | FileKind::UnionPayClearing { .. }
            | FileKind::UnionPayAdjustment { .. }
            | FileKind::StripeTrade { .. }
            | FileKind::StripeBalance { .. }
            | FileKind::BankOfx
            | FileKind::BankMt940
            | FileKind::BankCamt053
    )
}

/// Reads an entry with some of its lines replaced; `lines` by line number, from 1.
///
/// # Errors
/// As [`crate::read_entry`].
pub fn read_mended(
    entry: &Entry,
    options: &Options,
    lines: &BTreeMap<u32, String>,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    let Ok(kind) = &entry.kind else { return Err(FileProblem::Unknown { hint: None }) };
    if matches!(kind, FileKind::BankOfx | FileKind::BankMt940 | FileKind::BankCamt053) {
        let options = Options { mended: lines.clone(), ..options.clone() };
        return read_kind(kind, &mut *entry.reader()?, &options, sink);
    }
    let mut bytes = Vec::new();
    let read = entry.reader()?.take(MENDED_LIMIT + 1).read_to_end(&mut bytes);
    read.map_err(crate::container::read_problem)?;
    if bytes.len() as u64 > MENDED_LIMIT {
        return Err(FileProblem::TooLarge { what: "a bill to mend", limit: MENDED_LIMIT });
    }
    let utf8 = std::str::from_utf8(&bytes).is_ok();
    let mut mended = Vec::with_capacity(bytes.len());
    for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let Some(text) = lines.get(&number) else {
            mended.extend_from_slice(line);
            continue;
        };
        if utf8 {
            mended.extend_from_slice(text.as_bytes());
        } else {
            mended.extend_from_slice(&encoding_rs::GB18030.encode(text).0);
        }
        let end = line.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        mended.extend_from_slice(&line[line.len() - end..]);
    }
    let mut reader: &mut dyn BufRead = &mut mended.as_slice();
    read_kind(kind, &mut reader, options, sink)
}
