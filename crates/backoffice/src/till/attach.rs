//! Pictures and papers beside a record: kept in the book as they came, and given out byte for byte.
//! Nothing in them is ever read, drawn or run by the core.

use super::kept::numbered;
use crate::decisions::Actor;
use crate::error::Error;
use crate::import::hex;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::Book;
use store::bulk::{Cell, Reader, Writer};

/// Largest attachment, bytes.
pub const ATTACHMENT_BYTES: u64 = 10 << 20;
/// Most attachments of one record.
const MOST: usize = 20;
/// Longest name kept, in characters.
const NAME_CHARS: usize = 120;

/// Something kept beside a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its number in the book.
    pub id: i64,
    /// File name.
    pub name: String,
    /// `application/pdf`, `image/png`, `image/jpeg`.
    pub media: String,
    /// Bytes.
    pub size_bytes: i64,
    /// SHA-256 of them.
    pub sha256: String,
    /// When it was added, UTC ms.
    pub added_at_ms: i64,
    /// Who added it.
    pub added_by: String,
}

/// What a file is by its first bytes; its name says nothing.
fn media_of(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 3] = [
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xFF\xD8\xFF", "image/jpeg"),
    ];
    known.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, media)| *media)
}

/// The name without folders and without what no file name should hold.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
    if kept.trim_matches(['.', ' ']).is_empty() { "attachment".to_owned() } else { kept }
}

/// Keeps a picture or a PDF beside a record. The same file beside the same record is kept once.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BadInput`] for what is neither picture nor PDF, or too large.
pub fn attach(
    book: &Book,
    number: &str,
    name: &str,
    bytes: &[u8],
    actor: &Actor<'_>,
) -> Result<Attachment, Error> {
    let bad = |reason: &str| Error::BadInput { field: "attachment", reason: reason.to_owned() };
    if bytes.len() as u64 > ATTACHMENT_BYTES {
        return Err(bad("is larger than 10 MB"));
    }
    let media = media_of(bytes).ok_or_else(|| bad("is no PDF, PNG or JPEG"))?;
    let sha256 = hex(&Sha256::digest(bytes));
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let record = numbered(&mut loader, number)?;
    let known = of_record(&mut loader, record.id)?;
    if let Some(known) = known.iter().find(|each| each.sha256 == sha256) {
        return Ok(known.clone());
    }
    if known.len() >= MOST {
        return Err(bad("has 20 beside it already"));
    }
    let mut raw = None;
    let hash = [Cell::Text(&sha256)];
    loader.query("select id from raw_document where sha256 = $1", &hash, |row| {
        raw = Some(row.int(0)?);
        Ok(())
    })?;
    let size_bytes = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let raw = match raw {
        Some(raw) => raw,
        None => {
            let sql = "select coalesce(max(id), 0) + 1 from raw_document";
            let raw = super::kept::sum(&mut loader, sql, &[])?;
            loader.execute(
                "insert into raw_document (id, sha256, name, size_bytes, received_at_ms, source) \
                 values ($1, $2, $3, $4, $5, 'attachment')",
                &[
                    Cell::Int(raw),
                    Cell::Text(&sha256),
                    Cell::Text(&plain_name(name)),
                    Cell::Int(size_bytes),
                    Cell::Int(actor.at_ms),
                ],
            )?;
            store::chunk::keep(&mut loader, raw, &mut &bytes[..])?;
            raw
        }
    };
    let sql = "select coalesce(max(id), 0) + 1 from till_attachment";
    let id = super::kept::sum(&mut loader, sql, &[])?;
    let kept = Attachment {
        id,
        name: plain_name(name),
        media: media.to_owned(),
        size_bytes,
        sha256,
        added_at_ms: actor.at_ms,
        added_by: actor.name.to_owned(),
    };
    loader.execute(
        "insert into till_attachment (id, record_id, raw_document_id, name, media, added_at_ms, \
         added_by) values ($1, $2, $3, $4, $5, $6, $7)",
        &[
            Cell::Int(id),
            Cell::Int(record.id),
            Cell::Int(raw),
            Cell::Text(&kept.name),
            Cell::Text(media),
            Cell::Int(actor.at_ms),
            Cell::Text(actor.name),
        ],
    )?;
    loader.commit()?;
    Ok(kept)
}

fn of_record(db: &mut dyn crate::decisions::Asks, record: i64) -> Result<Vec<Attachment>, Error> {
    let mut found = Vec::new();
    db.ask(
        "select a.id, a.name, a.media, r.size_bytes, r.sha256, a.added_at_ms, a.added_by \
         from till_attachment a join raw_document r on r.id = a.raw_document_id \
         where a.record_id = $1 order by a.id",
        &[Cell::Int(record)],
        &mut |row| {
            found.push(Attachment {
                id: row.int(0)?,
                name: row.text(1)?.to_owned(),
                media: row.text(2)?.to_owned(),
                size_bytes: row.int(3)?,
                sha256: row.text(4)?.to_owned(),
                added_at_ms: row.int(5)?,
                added_by: row.text(6)?.to_owned(),
            });
            Ok(())
        },
    )?;
    Ok(found)
}

/// What is kept beside a record, in the order it was added.
///
/// # Errors
/// [`Error::NotFound`].
pub fn attachments(reader: &mut Reader, number: &str) -> Result<Vec<Attachment>, Error> {
    let record = numbered(reader, number)?;
    of_record(reader, record.id)
}

/// An attachment and its bytes, as they came.
///
/// # Errors
/// [`Error::NotFound`]; [`store::StoreError::Damaged`] when they are not what was kept.
pub fn attachment(reader: &mut Reader, id: i64) -> Result<(Attachment, Vec<u8>), Error> {
    let (mut record, mut raw) = (None, 0);
    reader.query(
        "select record_id, raw_document_id from till_attachment where id = $1",
        &[Cell::Int(id)],
        |row| {
            (record, raw) = (Some(row.int(0)?), row.int(1)?);
            Ok(())
        },
    )?;
    let missing = || Error::NotFound { what: "attachment", id: id.to_string() };
    let all = of_record(reader, record.ok_or_else(missing)?)?;
    let kept = all.into_iter().find(|each| each.id == id).ok_or_else(missing)?;
    let bytes = store::chunk::bytes_of(reader, raw)?;
    match hex(&Sha256::digest(&bytes)) == kept.sha256 {
        true => Ok((kept, bytes)),
        false => Err(store::StoreError::Damaged(kept.name).into()),
    }
}
