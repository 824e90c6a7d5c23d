//! The few fields of a ZIP that are needed before its directory is read.

use super::read_full;
use std::io::{self, Read, Seek, SeekFrom};

const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
/// End record and the longest comment after it.
const TAIL: u64 = 22 + 65_535;

/// How many entries the directory announces; `None` when there is no end record.
pub(super) fn announced_entries(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let size = file.seek(SeekFrom::End(0))?;
    // A ZIP64 end record stands before the ordinary one, 76 bytes away when it is minimal.
    let from = size.saturating_sub(TAIL + 4096);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = vec![0u8; (size - from) as usize];
    let got = read_full(file, &mut tail)?;
    tail.truncate(got);
    let Some(end) = find_last(&tail, END) else { return Ok(None) };
    let entries = number(&tail, end + 10, 2).unwrap_or(0);
    if entries < 0xFFFF {
        return Ok(Some(entries));
    }
    let large = find_last(&tail[..end], END_64).and_then(|at| number(&tail, at + 32, 8));
    Ok(Some(large.unwrap_or(entries)))
}

/// Whether the entry whose local header starts here says its name is UTF-8 (flag bit 11).
pub(super) fn name_is_utf8(file: &mut (impl Read + Seek), header_start: u64) -> io::Result<bool> {
    file.seek(SeekFrom::Start(header_start))?;
    let mut header = [0u8; 8];
    let got = read_full(file, &mut header)?;
    Ok(got == 8 && number(&header, 6, 2).is_some_and(|flags| flags & (1 << 11) != 0))
}

fn find_last(bytes: &[u8], mark: [u8; 4]) -> Option<usize> {
    bytes.windows(4).rposition(|window| window == mark)
}

/// A little-endian number of `width` bytes.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let part = bytes.get(at..at.checked_add(width)?)?;
    Some(part.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}
