//! Bytes to UTF-8 text, strictly and in a bounded buffer; shared by tables and MT940.

use crate::bill::FileProblem;
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Read};
use thiserror::Error;

/// How the bytes of a text file spell its characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextEncoding {
    /// Found out from the bytes: a BOM, else UTF-8 when it is valid, else GB18030.
    #[default]
    Auto,
    /// UTF-8, with or without BOM.
    #[serde(rename = "utf-8")]
    Utf8,
    /// GB18030, which contains GBK and GB2312.
    #[serde(rename = "gb18030")]
    Gb18030,
    /// UTF-16, little endian unless a BOM says otherwise.
    #[serde(rename = "utf-16")]
    Utf16,
}

/// No real row of a bill comes near this; a longer one is an open quote or an attack.
pub(crate) const UNIT_LIMIT: u64 = 1 << 20;
/// What is decoded at a time.
const CHUNK: usize = 64 << 10;
/// Enough bytes after the first non-ASCII one to tell UTF-8 from GB18030.
const SAMPLE: usize = 4 << 10;

/// What the text layer reports through [`io::Error`], because readers above it speak `io`.
#[derive(Debug, Error)]
enum Fault {
    #[error("line {line_no} is not {encoding}")]
    Encoding { line_no: u32, encoding: &'static str },
    #[error("{what} is over the limit")]
    TooLarge { what: &'static str, limit: u64 },
}

/// Turns an error that came up through a reader into the file's problem.
pub(crate) fn problem(error: io::Error) -> FileProblem {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Fault>()) {
        Some(Fault::Encoding { line_no, encoding }) => {
            FileProblem::Encoding { line_no: *line_no, encoding }
        }
        Some(Fault::TooLarge { what, limit }) => FileProblem::TooLarge { what, limit: *limit },
        None => FileProblem::Io(error),
    }
}

/// A reader of UTF-8 text over bytes in any of the known encodings.
///
/// Every line end (`\r\n`, `\r`) becomes `\n`. A BOM is dropped. Bytes that are not valid in the
/// encoding are an error, never a replacement character. [`Decoded::mark`] starts a new unit (a
/// row, a line); a unit over [`UNIT_LIMIT`] bytes is an error.
pub(crate) struct Decoded<'a> {
    source: &'a mut dyn BufRead,
    decoder: Option<Decoder>,
    encoding: TextEncoding,
    /// Bytes kept back while the encoding is open.
    held: Vec<u8>,
    out: Vec<u8>,
    at: usize,
    lines: u32,
    since_mark: u64,
    last_byte: u8,
    handed_out: u64,
    after_cr: bool,
    ended: bool,
}

impl<'a> Decoded<'a> {
    /// Starts at the first byte of `source`.
    ///
    /// # Errors
    /// [`FileProblem::Io`].
    pub(crate) fn new(
        source: &'a mut dyn BufRead,
        wanted: TextEncoding,
    ) -> Result<Self, FileProblem> {
        let mut this = Self {
            source,
            decoder: None,
            encoding: wanted,
            held: Vec::new(),
            out: Vec::new(),
            at: 0,
            lines: 0,
            since_mark: 0,
            last_byte: b'\n',
            handed_out: 0,
            after_cr: false,
            ended: false,
        };
        this.hold(4).map_err(FileProblem::Io)?;
        this.choose(wanted);
        Ok(this)
    }

    /// The encoding in use; UTF-8 while only ASCII was seen.
    pub(crate) fn encoding(&self) -> TextEncoding {
        match self.encoding {
            TextEncoding::Auto => TextEncoding::Utf8,
            known => known,
        }
    }

    /// Begins a new unit for the size limit.
    pub(crate) fn mark(&mut self) {
        self.since_mark = 0;
    }

    /// True when the text handed out so far ends in a line end, or is empty.
    pub(crate) fn ends_with_newline(&self) -> bool {
        self.last_byte == b'\n'
    }

    /// Bytes of text handed out so far.
    pub(crate) fn handed_out(&self) -> u64 {
        self.handed_out
    }

    /// The first `wanted` bytes of text (fewer at the end of the file), without consuming them.
    pub(crate) fn peek(&mut self, wanted: usize) -> Result<&str, FileProblem> {
        while self.out.len() - self.at < wanted && !self.ended {
            self.decode_more().map_err(problem)?;
        }
        let bytes = &self.out[self.at..];
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(cut) => std::str::from_utf8(&bytes[..cut.valid_up_to()]).unwrap_or(""),
        })
    }

    /// Reads until `held` has `wanted` bytes or the source ends.
    fn hold(&mut self, wanted: usize) -> io::Result<()> {
        while self.held.len() < wanted {
            let chunk = self.source.fill_buf()?;
            if chunk.is_empty() {
                return Ok(());
            }
            let taken = chunk.len().min(wanted - self.held.len());
            self.held.extend_from_slice(&chunk[..taken]);
            self.source.consume(taken);
        }
        Ok(())
    }

    fn choose(&mut self, wanted: TextEncoding) {
        let found = match (wanted, self.held.as_slice()) {
            (_, [0xEF, 0xBB, 0xBF, ..]) => Some((TextEncoding::Utf8, UTF_8)),
            (_, [0xFF, 0xFE, ..]) => Some((TextEncoding::Utf16, UTF_16LE)),
            (_, [0xFE, 0xFF, ..]) => Some((TextEncoding::Utf16, UTF_16BE)),
            (TextEncoding::Utf8, _) => Some((TextEncoding::Utf8, UTF_8)),
            (TextEncoding::Gb18030, _) => Some((TextEncoding::Gb18030, GB18030)),
            (TextEncoding::Utf16, _) => Some((TextEncoding::Utf16, UTF_16LE)),
            (TextEncoding::Auto, [1..=255, 0, 1..=255, 0]) => Some((TextEncoding::Utf16, UTF_16LE)),
            (TextEncoding::Auto, [0, 1..=255, 0, 1..=255]) => Some((TextEncoding::Utf16, UTF_16BE)),
            (TextEncoding::Auto, _) => None,
        };
        if let Some((encoding, decoder)) = found {
            self.settle(encoding, decoder);
        }
    }

    fn settle(&mut self, encoding: TextEncoding, decoder: &'static Encoding) {
        self.encoding = encoding;
        self.decoder = Some(decoder.new_decoder_with_bom_removal());
    }

    /// Decodes one more chunk into `out`, dropping what was consumed.
    fn decode_more(&mut self) -> io::Result<()> {
        self.out.drain(..self.at);
        self.at = 0;
        let before = self.out.len();
        if self.decoder.is_none() {
            self.pass_ascii()?;
        }
        if self.decoder.is_some() {
            if self.held.is_empty() {
                self.hold(CHUNK)?;
            }
            let bytes = std::mem::take(&mut self.held);
            self.decode(&bytes)?;
        }
        self.unify_line_ends(before);
        let lines = self.out[before..].iter().filter(|byte| **byte == b'\n').count();
        self.lines = self.lines.saturating_add(lines as u32);
        Ok(())
    }

    /// Makes every line end in `out[from..]` a `\n`; a `\r\n` may be cut between two chunks.
    fn unify_line_ends(&mut self, from: usize) {
        if !self.after_cr && !self.out[from..].contains(&b'\r') {
            return;
        }
        let mut to = from;
        for at in from..self.out.len() {
            let byte = self.out[at];
            if byte == b'\n' && std::mem::replace(&mut self.after_cr, false) {
                continue;
            }
            self.after_cr = byte == b'\r';
            self.out[to] = if byte == b'\r' { b'\n' } else { byte };
            to += 1;
        }
        self.out.truncate(to);
    }

    /// Passes ASCII on as it is; at the first other byte decides on the encoding.
    fn pass_ascii(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            self.hold(CHUNK)?;
        }
        let ascii = self.held.iter().position(|byte| !byte.is_ascii()).unwrap_or(self.held.len());
        self.out.extend(self.held.drain(..ascii));
        if self.held.is_empty() {
            self.ended = ascii == 0;
            return Ok(());
        }
        self.hold(SAMPLE)?;
        let utf8 = match std::str::from_utf8(&self.held) {
            Ok(_) => true,
            Err(bad) => bad.error_len().is_none() && self.held.len() - bad.valid_up_to() < 4,
        };
        if utf8 {
            self.settle(TextEncoding::Utf8, UTF_8);
        } else {
            self.settle(TextEncoding::Gb18030, GB18030);
        }
        Ok(())
    }

    fn decode(&mut self, bytes: &[u8]) -> io::Result<()> {
        let last = bytes.is_empty();
        let decoder = self.decoder.as_mut().expect("only called once the encoding is settled");
        let room = decoder
            .max_utf8_buffer_length_without_replacement(bytes.len())
            .unwrap_or(bytes.len() * 3 + 16);
        let start = self.out.len();
        self.out.resize(start + room, 0);
        let (result, _, written) =
            decoder.decode_to_utf8_without_replacement(bytes, &mut self.out[start..], last);
        self.out.truncate(start + written);
        self.ended = last;
        if matches!(result, DecoderResult::InputEmpty) {
            return Ok(());
        }
        let good = self.out[start..].iter().filter(|byte| **byte == b'\n').count() as u32;
        let line_no = self.lines.saturating_add(good).saturating_add(1);
        let encoding = match self.encoding {
            TextEncoding::Gb18030 => "GB18030",
            TextEncoding::Utf16 => "UTF-16",
            _ => "UTF-8",
        };
        Err(io::Error::new(io::ErrorKind::InvalidData, Fault::Encoding { line_no, encoding }))
    }
}

impl BufRead for Decoded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.out.len() && !self.ended {
            self.decode_more()?;
        }
        Ok(&self.out[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        if amount > 0 {
            self.last_byte = self.out[self.at + amount - 1];
        }
        self.at += amount;
        self.handed_out += amount as u64;
        self.since_mark += amount as u64;
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        over_limit(self.since_mark)?;
        let chunk = self.fill_buf()?;
        let taken = chunk.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&chunk[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}

fn over_limit(since_mark: u64) -> io::Result<()> {
    if since_mark > UNIT_LIMIT {
        let fault = Fault::TooLarge { what: "one row", limit: UNIT_LIMIT };
        return Err(io::Error::new(io::ErrorKind::InvalidData, fault));
    }
    Ok(())
}

/// A byte reader that refuses a unit (an XML event, a tag) over [`UNIT_LIMIT`].
pub(crate) struct Metered<R> {
    inner: R,
    since_mark: u64,
}

impl<R> Metered<R> {
    /// Starts metering.
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, since_mark: 0 }
    }

    /// Begins a new unit.
    pub(crate) fn mark(&mut self) {
        self.since_mark = 0;
    }

    /// What is metered.
    pub(crate) fn inner(&self) -> &R {
        &self.inner
    }
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        over_limit(self.since_mark)?;
        let taken = self.inner.read(buffer)?;
        self.since_mark += taken as u64;
        Ok(taken)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        over_limit(self.since_mark)?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.since_mark += amount as u64;
        self.inner.consume(amount);
    }
}

/// Reads one line without its end; `None` at the end of the text.
pub(crate) fn next_line(reader: &mut Decoded<'_>) -> Result<Option<String>, FileProblem> {
    reader.mark();
    let mut bytes = Vec::new();
    let mut limited = reader.take(UNIT_LIMIT + 1);
    limited.read_until(b'\n', &mut bytes).map_err(problem)?;
    if bytes.len() as u64 > UNIT_LIMIT {
        return Err(FileProblem::TooLarge { what: "one line", limit: UNIT_LIMIT });
    }
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Text fit to be shown: no control or direction-changing characters, at most `limit` characters.
pub(crate) fn shown(text: &str, limit: usize) -> String {
    let visible = |c: &char| {
        !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(visible).take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], wanted: TextEncoding) -> Result<(String, TextEncoding), FileProblem> {
        // One byte at a time is the rudest way a stream can arrive.
        let mut source = io::BufReader::with_capacity(1, bytes);
        let mut decoded = Decoded::new(&mut source, wanted)?;
        let mut text = String::new();
        decoded.read_to_string(&mut text).map_err(problem)?;
        Ok((text, decoded.encoding()))
    }

    #[test]
    fn the_encoding_of_a_bank_file_is_found_from_its_bytes() {
        let text = "交易日期,金额\n2026-04-15,1.00\n";
        let (gbk, _, _) = GB18030.encode(text);
        let utf16: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).collect::<Vec<u16>>()
            [..]
            .iter()
            .flat_map(|unit| unit.to_le_bytes())
            .collect();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), TextEncoding::Utf8),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), TextEncoding::Utf8),
            (gbk.to_vec(), TextEncoding::Gb18030),
            (utf16, TextEncoding::Utf16),
        ] {
            assert_eq!(decode(&bytes, TextEncoding::Auto).unwrap(), (text.to_string(), encoding));
        }
    }

    #[test]
    fn chinese_that_begins_late_is_still_recognised() {
        let mut bytes = b"a,b\n".repeat(50_000);
        let (gbk, _, _) = GB18030.encode("合计");
        bytes.extend_from_slice(&gbk);
        let (text, encoding) = decode(&bytes, TextEncoding::Auto).unwrap();
        assert!(text.ends_with("合计"));
        assert_eq!(encoding, TextEncoding::Gb18030);
    }

    #[test]
    fn bytes_of_another_encoding_are_refused_with_their_line() {
        let bytes = b"a\nb\n\xFF\xFFc\n";
        match decode(bytes, TextEncoding::Utf8) {
            Err(FileProblem::Encoding { line_no, encoding }) => {
                assert_eq!((line_no, encoding), (3, "UTF-8"));
            }
            other => panic!("{other:?}"),
        }
        assert!(decode(b"\xE4\xBA", TextEncoding::Utf8).is_err());
    }

    #[test]
    fn an_endless_line_is_refused() {
        let bytes = vec![b'x'; UNIT_LIMIT as usize + 10];
        let mut source = bytes.as_slice();
        let mut decoded = Decoded::new(&mut source, TextEncoding::Auto).unwrap();
        assert!(matches!(next_line(&mut decoded), Err(FileProblem::TooLarge { .. })));
    }
}
