//! Files as streams: plain, gzip and ZIP, unpacked on the way with flat memory and hard limits.
//!
//! A stream can be opened as often as needed: once for its digest, once for its rows.

use crate::bill::FileProblem;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;
use zip::{CompressionMethod, ZipArchive};

mod directory;
mod unpack;

use unpack::{Capped, Counted, Packed};

/// What is read from the disk at a time.
const CHUNK: usize = 256 << 10;

/// How far unpacking may go before a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Unpacked bytes of a whole container.
    pub unpacked_bytes: u64,
    /// Unpacked bytes for each packed byte.
    pub ratio: u64,
    /// Unpacked size from which the ratio counts; small files of zeros are harmless.
    pub ratio_from_bytes: u64,
    /// Entries of a ZIP.
    pub entries: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { unpacked_bytes: 8 << 30, ratio: 200, ratio_from_bytes: 64 << 20, entries: 10_000 }
    }
}

/// Where the bytes are.
#[derive(Clone)]
pub enum Source {
    /// A file on disk.
    Path(PathBuf),
    /// Bytes in memory, with the name they came under.
    Bytes {
        /// Shown to the person; decides nothing.
        name: String,
        /// The whole file.
        bytes: Arc<[u8]>,
    },
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Bytes { name, bytes } => write!(f, "Bytes({name:?}, {} bytes)", bytes.len()),
        }
    }
}

impl Source {
    fn name(&self) -> String {
        match self {
            Self::Path(path) => {
                path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
            }
            Self::Bytes { name, .. } => name.clone(),
        }
    }

    fn start(&self) -> Result<BufReader<Box<dyn ReadSeek>>, FileProblem> {
        let raw: Box<dyn ReadSeek> = match self {
            Self::Path(path) => Box::new(open_file(path)?),
            Self::Bytes { bytes, .. } => Box::new(Cursor::new(Arc::clone(bytes))),
        };
        Ok(BufReader::with_capacity(CHUNK, raw))
    }
}

fn open_file(path: &Path) -> Result<File, FileProblem> {
    let file = File::open(path).map_err(FileProblem::Io)?;
    let about = file.metadata().map_err(FileProblem::Io)?;
    if about.is_file() {
        return Ok(file);
    }
    // A pipe or device never ends and cannot be read twice.
    Err(FileProblem::Io(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")))
}

trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// One logical file: the whole of a plain or gzip file, or one entry of a ZIP.
#[derive(Clone, Debug)]
pub struct Stream {
    /// File or entry name, for people.
    pub name: String,
    /// Bytes, unpacked; `None` for gzip, which does not say reliably.
    pub unpacked_bytes: Option<u64>,
    source: Source,
    packing: Packing,
    limits: Limits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    /// A ZIP that is one document, an XLSX workbook; handed on whole.
    Workbook,
    Gzip,
    Zip {
        start: u64,
        packed: u64,
        unpacked: u64,
        crc: u32,
        deflated: bool,
    },
}

impl Stream {
    /// True when the stream is a whole XLSX workbook.
    pub fn is_workbook(&self) -> bool {
        self.packing == Packing::Workbook
    }

    /// True when the stream came out of a compressed container.
    pub fn is_packed(&self) -> bool {
        !matches!(self.packing, Packing::Plain | Packing::Workbook)
    }

    /// Starts at the first unpacked byte, as often as wanted.
    ///
    /// Errors on the way (limits, checksums) come as [`io::Error`]; [`read_problem`] turns them
    /// into the file's problem.
    ///
    /// # Errors
    /// [`FileProblem::Io`], [`FileProblem::Damaged`].
    pub fn reader(&self) -> Result<Box<dyn BufRead + Send>, FileProblem> {
        let mut raw = self.source.start()?;
        match self.packing {
            Packing::Plain | Packing::Workbook => Ok(Box::new(raw)),
            Packing::Gzip => {
                let counted = Counted::new(raw);
                let taken = Arc::clone(&counted.taken);
                let unpacked = MultiGzDecoder::new(counted);
                Ok(Capped::boxed(unpacked, Packed::SoFar(taken), None, self.limits))
            }
            Packing::Zip { start, packed, unpacked, crc, deflated } => {
                raw.seek(SeekFrom::Start(start)).map_err(FileProblem::Io)?;
                let inside = raw.take(packed);
                let expected = Some((unpacked, crc));
                Ok(if deflated {
                    let plain = DeflateDecoder::new(inside);
                    Capped::boxed(plain, Packed::Known(packed), expected, self.limits)
                } else {
                    Capped::boxed(inside, Packed::Known(packed), expected, self.limits)
                })
            }
        }
    }
}

/// The logical streams of a file. A ZIP gives one for each entry that is not empty, an XLSX
/// workbook and everything else one.
///
/// # Errors
/// [`FileProblem::Io`], [`FileProblem::Damaged`] (broken directory, encrypted, unknown method,
/// two entries of one name), [`FileProblem::TooLarge`].
pub fn streams(source: &Source, limits: Limits) -> Result<Vec<Stream>, FileProblem> {
    let mut raw = source.start()?;
    let mut head = [0u8; 4];
    let got = read_full(&mut raw, &mut head).map_err(FileProblem::Io)?;
    raw.rewind().map_err(FileProblem::Io)?;
    match &head[..got] {
        [0x1F, 0x8B, ..] => {
            let name = source.name();
            let name = name.strip_suffix(".gz").unwrap_or(&name).to_string();
            Ok(vec![whole(source, name, Packing::Gzip, None, limits)])
        }
        [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] => zip_streams(source, raw, limits),
        _ => {
            let bytes = raw.seek(SeekFrom::End(0)).map_err(FileProblem::Io)?;
            Ok(vec![whole(source, source.name(), Packing::Plain, Some(bytes), limits)])
        }
    }
}

fn whole(
    source: &Source,
    name: String,
    packing: Packing,
    unpacked_bytes: Option<u64>,
    limits: Limits,
) -> Stream {
    Stream { name, unpacked_bytes, source: source.clone(), packing, limits }
}

fn zip_streams(
    source: &Source,
    mut raw: BufReader<Box<dyn ReadSeek>>,
    limits: Limits,
) -> Result<Vec<Stream>, FileProblem> {
    // The directory is held in memory, so its size is looked at before it is read.
    let announced = directory::announced_entries(&mut raw).map_err(FileProblem::Io)?;
    if announced.is_some_and(|entries| entries > limits.entries) {
        return Err(FileProblem::TooLarge { what: "number of entries", limit: limits.entries });
    }
    raw.rewind().map_err(FileProblem::Io)?;
    let mut archive = ZipArchive::new(raw).map_err(damaged)?;
    if archive.has_duplicate_names() {
        return Err(FileProblem::Damaged { detail: "two entries have the same name".into() });
    }
    if archive.file_names_raw().any(|name| name == b"xl/workbook.xml") {
        let bytes = archive.into_inner().seek(SeekFrom::End(0)).map_err(FileProblem::Io)?;
        return Ok(vec![whole(source, source.name(), Packing::Workbook, Some(bytes), limits)]);
    }
    let mut found = Vec::new();
    let mut total = 0u64;
    for index in 0..archive.len() {
        let Some((header_start, name, packing, size)) = zip_entry(&mut archive, index)? else {
            continue;
        };
        total = total.saturating_add(size);
        if total > limits.unpacked_bytes {
            return Err(too_large("unpacked size", limits.unpacked_bytes));
        }
        found.push((header_start, whole(source, name, packing, Some(size), limits)));
    }
    let mut raw = archive.into_inner();
    let mut streams = Vec::with_capacity(found.len());
    for (header_start, mut stream) in found {
        let utf8 = directory::name_is_utf8(&mut raw, header_start).map_err(FileProblem::Io)?;
        stream.name = entry_name(&stream.name, utf8);
        streams.push(stream);
    }
    Ok(streams)
}

/// Header position, name (each raw byte as one character), packing and size of an entry;
/// `None` for folders and empty files.
#[allow(clippy::type_complexity)]
fn zip_entry(
    archive: &mut ZipArchive<BufReader<Box<dyn ReadSeek>>>,
    index: usize,
) -> Result<Option<(u64, String, Packing, u64)>, FileProblem> {
    let entry = archive.by_index_raw(index).map_err(damaged)?;
    if entry.is_dir() || entry.size() == 0 {
        return Ok(None);
    }
    if entry.encrypted() {
        return Err(FileProblem::Damaged { detail: "the archive is encrypted".into() });
    }
    let deflated = match entry.compression() {
        CompressionMethod::Stored => false,
        CompressionMethod::Deflated => true,
        other => {
            let detail = format!("unknown compression method {other:?}");
            return Err(FileProblem::Damaged { detail });
        }
    };
    let start = entry
        .data_start()
        .ok_or_else(|| FileProblem::Damaged { detail: "an entry has no data".into() })?;
    let packing = Packing::Zip {
        start,
        packed: entry.compressed_size(),
        unpacked: entry.size(),
        crc: entry.crc32(),
        deflated,
    };
    let name = entry.name_raw().iter().map(|byte| char::from(*byte)).collect();
    Ok(Some((entry.header_start(), name, packing, entry.size())))
}

/// Chinese archives keep names in GBK without saying so; UTF-8 names usually say so.
fn entry_name(latin1: &str, says_utf8: bool) -> String {
    let raw: Vec<u8> = latin1.chars().map(|c| c as u8).collect();
    let name = if says_utf8 {
        String::from_utf8_lossy(&raw).into_owned()
    } else {
        let gbk = encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(&raw);
        match gbk {
            Some(name) => name.into_owned(),
            None => String::from_utf8_lossy(&raw).into_owned(),
        }
    };
    name.chars().filter(|c| !c.is_control()).take(400).collect()
}

fn damaged(error: zip::result::ZipError) -> FileProblem {
    match error {
        zip::result::ZipError::Io(error) => read_problem(error),
        other => FileProblem::Damaged { detail: other.to_string() },
    }
}

fn too_large(what: &'static str, limit: u64) -> FileProblem {
    FileProblem::TooLarge { what, limit }
}

/// A limit met while reading, carried through [`io::Error`].
#[derive(Clone, Copy, Debug, Error)]
#[error("{what} is over the limit of {limit}")]
pub(crate) struct OverLimit {
    pub(crate) what: &'static str,
    pub(crate) limit: u64,
}

/// Turns an error that came up through a reader of [`Stream::reader`] into the file's problem:
/// a limit, a damaged container, or a plain reading error.
pub fn read_problem(error: io::Error) -> FileProblem {
    if let Some(over) = error.get_ref().and_then(|inner| inner.downcast_ref::<OverLimit>()) {
        return too_large(over.what, over.limit);
    }
    match error.kind() {
        // What flate2 and the checks below report; a disk reports neither.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            FileProblem::Damaged { detail: error.to_string() }
        }
        _ => FileProblem::Io(error),
    }
}

/// Reads until `buffer` is full or the stream ends; returns how much was read.
pub(crate) fn read_full(reader: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests;
