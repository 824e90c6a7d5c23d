//! Raw documents inside the book: cut into chunks and compressed, each on its own.
//!
//! A chunk stands in `document_chunk (document_id, seq, bytes)`, so a document of any size is
//! written and read without holding it in memory.

use crate::bulk::{Asks, Cell, Loader, TableSpec};
use crate::error::StoreError;
use std::io::{ErrorKind, Read};

/// Length of a chunk before compression.
pub const CHUNK_BYTES: usize = 1 << 20;

/// Bills shrink to a seventh at two hundred MB a second, beside the booking.
const LEVEL: i32 = 3;

/// Compresses one chunk of at most [`CHUNK_BYTES`].
///
/// # Errors
/// [`StoreError::Value`] when the chunk is too long.
pub fn compress(chunk: &[u8]) -> Result<Vec<u8>, StoreError> {
    if chunk.len() > CHUNK_BYTES {
        return Err(StoreError::Value(format!("a chunk of {} bytes", chunk.len())));
    }
    zstd::bulk::compress(chunk, LEVEL)
        .map_err(|source| StoreError::Value(format!("a chunk cannot be compressed: {source}")))
}

/// Reads [`compress`]; never gives more than [`CHUNK_BYTES`], whatever the bytes claim.
///
/// # Errors
/// [`StoreError::Damaged`].
pub fn decompress(stored: &[u8]) -> Result<Vec<u8>, StoreError> {
    zstd::bulk::decompress(stored, CHUNK_BYTES)
        .map_err(|source| StoreError::Damaged(format!("a chunk of a document: {source}")))
}

/// Reads `source` to its end and hands each compressed chunk with its number, counted from 0, to
/// `keep`. Returns the length of the document in bytes.
///
/// # Errors
/// [`StoreError::Io`] from `source`, and whatever `keep` returns.
pub fn split(
    source: &mut impl Read,
    mut keep: impl FnMut(i64, &[u8]) -> Result<(), StoreError>,
) -> Result<u64, StoreError> {
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut total = 0;
    for seq in 0.. {
        let filled = fill(source, &mut buffer)?;
        if filled > 0 {
            keep(seq, &compress(&buffer[..filled])?)?;
            total += filled as u64;
        }
        if filled < buffer.len() {
            break;
        }
    }
    Ok(total)
}

static CHUNK: TableSpec = TableSpec::new("document_chunk", &["document_id", "seq", "bytes"]);

/// Keeps all of `source` as the bytes of raw document `document`, which has none yet.
///
/// # Errors
/// As [`split`], and as [`Loader::insert`].
pub fn keep(
    loader: &mut Loader<'_>,
    document: i64,
    source: &mut impl Read,
) -> Result<u64, StoreError> {
    split(source, |seq, bytes| keep_packed(loader, document, seq, bytes))
}

/// Keeps one chunk that [`compress`] made; chunks count from 0.
///
/// # Errors
/// As [`Loader::insert`].
pub fn keep_packed(
    loader: &mut Loader<'_>,
    document: i64,
    seq: i64,
    bytes: &[u8],
) -> Result<(), StoreError> {
    loader.insert(&CHUNK, &[Cell::Int(document), Cell::Int(seq), Cell::Blob(bytes)])
}

/// Hands the bytes of a kept raw document to `each`, chunk by chunk, as they came.
///
/// # Errors
/// [`StoreError::Damaged`], the database's, and whatever `each` returns.
pub fn read(
    db: &mut dyn Asks,
    document: i64,
    mut each: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    db.ask(
        "select bytes from document_chunk where document_id = $1 order by seq",
        &[Cell::Int(document)],
        &mut |row| each(&decompress(row.blob(0)?)?),
    )
}

/// All bytes of a kept raw document; empty when there is none of this number.
///
/// # Errors
/// As [`read`].
pub fn bytes_of(db: &mut dyn Asks, document: i64) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    read(db, document, |chunk| {
        bytes.extend_from_slice(chunk);
        Ok(())
    })?;
    Ok(bytes)
}

/// Fills the buffer unless the source ends.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> Result<usize, StoreError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(source) => {
                let path = "document".into();
                return Err(StoreError::Io { doing: "reading the", path, source });
            }
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_comes_back_byte_for_byte_whatever_its_length() {
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            let document: Vec<u8> = (0..length).map(|i| ((i * i) >> 7) as u8).collect();
            let mut chunks = Vec::new();
            let total = split(&mut document.as_slice(), |seq, bytes| {
                assert_eq!(seq as usize, chunks.len());
                chunks.push(bytes.to_vec());
                Ok(())
            });
            assert_eq!(total.unwrap(), length as u64);
            let back: Vec<u8> = chunks.iter().flat_map(|c| decompress(c).unwrap()).collect();
            assert!(back == document, "{length}");
        }
    }

    #[test]
    fn a_chunk_that_claims_to_be_huge_is_damage_and_takes_no_memory() {
        let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 3).unwrap();
        assert!(matches!(decompress(&bomb), Err(StoreError::Damaged(_))));
        assert!(matches!(decompress(b"not zstd"), Err(StoreError::Damaged(_))));
    }
}
