//! Readers that keep unpacking inside the limits and compare it with what was announced.

use super::{CHUNK, Limits, OverLimit};
use flate2::Crc;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the packed bytes a decoder has taken.
pub(super) struct Counted<R> {
    inner: R,
    pub(super) taken: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, taken: Arc::new(AtomicU64::new(0)) }
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        self.taken.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.taken.fetch_add(amount as u64, Ordering::Relaxed);
        self.inner.consume(amount);
    }
}

/// How much packed data stands behind the unpacked.
pub(super) enum Packed {
    // A ZIP's directory says it; a gzip's decoder counts it.
    Known(u64),
    SoFar(Arc<AtomicU64>),
}

/// Unpacked bytes under the limits, and equal to what the container announced.
pub(super) struct Capped<R> {
    inner: R,
    packed: Packed,
    unpacked: u64,
    /// Size and checksum the container announces.
    expected: Option<(u64, u32)>,
    crc: Crc,
    limits: Limits,
}

impl<R: Read + Send + 'static> Capped<R> {
    pub(super) fn boxed(
        inner: R,
        packed: Packed,
        expected: Option<(u64, u32)>,
        limits: Limits,
    ) -> Box<dyn BufRead + Send> {
        let capped = Self { inner, packed, unpacked: 0, expected, crc: Crc::new(), limits };
        Box::new(BufReader::with_capacity(CHUNK, capped))
    }
}

impl<R> Capped<R> {
    fn check(&self) -> io::Result<()> {
        let over = |what, limit| Err(io::Error::other(OverLimit { what, limit }));
        if self.unpacked > self.limits.unpacked_bytes {
            return over("unpacked size", self.limits.unpacked_bytes);
        }
        let packed = match &self.packed {
            Packed::Known(bytes) => *bytes,
            Packed::SoFar(bytes) => bytes.load(Ordering::Relaxed),
        };
        if self.unpacked > self.limits.ratio_from_bytes
            && self.unpacked / packed.max(1) > self.limits.ratio
        {
            return over("compression ratio", self.limits.ratio);
        }
        match self.expected {
            Some((size, _)) if self.unpacked > size => Err(broken("longer than announced")),
            _ => Ok(()),
        }
    }

    fn check_end(&self) -> io::Result<()> {
        match self.expected {
            Some((size, _)) if self.unpacked != size => Err(broken("shorter than announced")),
            Some((_, crc)) if self.crc.sum() != crc => Err(broken("the checksum is wrong")),
            _ => Ok(()),
        }
    }
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        if got == 0 && !buffer.is_empty() {
            self.check_end()?;
        } else {
            if self.expected.is_some() {
                self.crc.update(&buffer[..got]);
            }
            self.unpacked += got as u64;
            self.check()?;
        }
        Ok(got)
    }
}
