//! Asking the index.

use super::page::postings;
use super::{Index, Keys, Posting};
use crate::bulk::{Cell, Reader};
use crate::error::StoreError;

/// The segments of the index at the reader's moment; asked for once a question.
///
/// # Errors
/// The database's.
pub fn segments(reader: &mut Reader) -> Result<Vec<i64>, StoreError> {
    let mut ids = Vec::new();
    reader.query("select id from search_segment order by id", &[], |row| {
        ids.push(row.int(0)?);
        Ok(())
    })?;
    Ok(ids)
}

/// Postings under these keys. From each segment at most `pages` pages, those with the last keys;
/// for a single key these are its newest days. In no order.
///
/// # Errors
/// The database's.
pub fn find(
    reader: &mut Reader,
    segments: &[i64],
    index: Index,
    keys: &Keys,
    pages: u32,
) -> Result<Vec<Posting>, StoreError> {
    let mut found = Vec::new();
    for segment in segments {
        reader.query(
            // The pages that end within the keys, and the first that ends after them.
            "select bytes from (select bytes from search_page \
             where segment = $1 and kind = $2 and last_key > $4 \
             order by last_key, page limit 1) as beyond union all \
             select bytes from (select bytes from search_page \
             where segment = $1 and kind = $2 and last_key >= $3 and last_key <= $4 \
             order by last_key desc, page desc limit $5) as within",
            &[
                Cell::Int(*segment),
                Cell::Int(index.number()),
                Cell::Int(*keys.start()),
                Cell::Int(*keys.end()),
                Cell::Int(i64::from(pages)),
            ],
            |row| {
                let inside = postings(row.blob(0)?).skip_while(|p| p.key < *keys.start());
                found.extend(inside.take_while(|p| p.key <= *keys.end()));
                Ok(())
            },
        )?;
    }
    Ok(found)
}

/// A masked text by its id; `None` when there is none.
///
/// # Errors
/// The database's.
pub fn text(reader: &mut Reader, id: i64) -> Result<Option<String>, StoreError> {
    let mut text = None;
    reader.query("select text from search_text where id = $1", &[Cell::Int(id)], |row| {
        text = Some(row.text(0)?.to_owned());
        Ok(())
    })?;
    Ok(text)
}
