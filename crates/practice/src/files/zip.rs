//! ZIP as Alipay writes it: deflated entries whose names are GBK bytes without the UTF-8 flag.

use crate::time::civil;
use encoding_rs::GB18030;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::{self, Seek, SeekFrom, Write};

/// An entry whose data is written.
struct Entry {
    name: Vec<u8>,
    offset: u64,
    crc: u32,
    packed: u64,
    size: u64,
}

enum State<W: Write> {
    Between(W),
    Inside(DeflateEncoder<W>),
    Lost,
}

/// Writes a ZIP entry by entry; nothing is held but the list of entries.
pub(crate) struct Zip<W: Write + Seek> {
    state: State<W>,
    entries: Vec<Entry>,
    crc: Crc,
    size: u64,
    stamp: (u16, u16),
}

fn small<T: TryFrom<u64>>(n: u64) -> io::Result<T> {
    T::try_from(n).map_err(|_| io::Error::other("a bill over the limits of ZIP"))
}

impl<W: Write + Seek> Zip<W> {
    /// All entries carry the date `day` and the time 05:46:48.
    pub(crate) fn new(out: W, day: i32) -> Self {
        let (year, month, date) = civil(day);
        let date = ((year - 1980).max(0) as u16) << 9 | (month as u16) << 5 | date as u16;
        Self {
            state: State::Between(out),
            entries: Vec::new(),
            crc: Crc::new(),
            size: 0,
            stamp: (5 << 11 | 46 << 5 | 24, date),
        }
    }

    fn out(&mut self) -> io::Result<&mut W> {
        match &mut self.state {
            State::Between(out) => Ok(out),
            _ => Err(io::Error::other("an entry is still open")),
        }
    }

    pub(crate) fn start(&mut self, name: &str) -> io::Result<()> {
        let name = GB18030.encode(name).0.into_owned();
        let entry = Entry { name, offset: 0, crc: 0, packed: 0, size: 0 };
        let header = self.local_header(&entry)?;
        let out = self.out()?;
        let offset = out.stream_position()?;
        out.write_all(&header)?;
        self.entries.push(Entry { offset, ..entry });
        self.crc = Crc::new();
        self.size = 0;
        self.state = match std::mem::replace(&mut self.state, State::Lost) {
            // Level 1: a year of bills is written in seconds.
            State::Between(out) => State::Inside(DeflateEncoder::new(out, Compression::new(1))),
            other => other,
        };
        Ok(())
    }

    /// Writes text into the open entry, as GB18030.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        let bytes = GB18030.encode(text).0;
        self.crc.update(&bytes);
        self.size += bytes.len() as u64;
        match &mut self.state {
            State::Inside(out) => out.write_all(&bytes),
            _ => Err(io::Error::other("no entry is open")),
        }
    }

    /// Closes the open entry and writes its sizes into the header left blank.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        let mut out = match std::mem::replace(&mut self.state, State::Lost) {
            State::Inside(out) => out.finish()?,
            State::Between(_) | State::Lost => return Err(io::Error::other("no entry is open")),
        };
        let after = out.stream_position()?;
        let (crc, size) = (self.crc.sum(), self.size);
        let Some(mut entry) = self.entries.pop() else { return Ok(()) };
        (entry.crc, entry.size) = (crc, size);
        entry.packed = after - entry.offset - 30 - entry.name.len() as u64;
        out.seek(SeekFrom::Start(entry.offset))?;
        out.write_all(&self.local_header(&entry)?)?;
        out.seek(SeekFrom::Start(after))?;
        self.entries.push(entry);
        self.state = State::Between(out);
        Ok(())
    }

    /// Version, flags (none), method, time, date, checksum, sizes, name length.
    fn common(&self, entry: &Entry) -> io::Result<Vec<u8>> {
        let mut bytes = vec![20, 0, 0, 0, 8, 0];
        bytes.extend(self.stamp.0.to_le_bytes());
        bytes.extend(self.stamp.1.to_le_bytes());
        bytes.extend(entry.crc.to_le_bytes());
        bytes.extend(small::<u32>(entry.packed)?.to_le_bytes());
        bytes.extend(small::<u32>(entry.size)?.to_le_bytes());
        bytes.extend(small::<u16>(entry.name.len() as u64)?.to_le_bytes());
        bytes.extend([0, 0]);
        Ok(bytes)
    }

    fn local_header(&self, entry: &Entry) -> io::Result<Vec<u8>> {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend(self.common(entry)?);
        bytes.extend(&entry.name);
        Ok(bytes)
    }

    pub(crate) fn finish(mut self) -> io::Result<W> {
        let mut directory = Vec::new();
        for entry in &self.entries {
            directory.extend(b"PK\x01\x02\x14\x00");
            directory.extend(self.common(entry)?);
            // No comment, first disk, no attributes.
            directory.extend([0; 10]);
            directory.extend(small::<u32>(entry.offset)?.to_le_bytes());
            directory.extend(&entry.name);
        }
        let count = small::<u16>(self.entries.len() as u64)?;
        let out = self.out()?;
        let at = out.stream_position()?;
        out.write_all(&directory)?;
        out.write_all(b"PK\x05\x06\0\0\0\0")?;
        out.write_all(&count.to_le_bytes())?;
        out.write_all(&count.to_le_bytes())?;
        out.write_all(&small::<u32>(directory.len() as u64)?.to_le_bytes())?;
        out.write_all(&small::<u32>(at)?.to_le_bytes())?;
        out.write_all(&[0, 0])?;
        out.flush()?;
        match self.state {
            State::Between(out) => Ok(out),
            _ => Err(io::Error::other("an entry is still open")),
        }
    }
}
