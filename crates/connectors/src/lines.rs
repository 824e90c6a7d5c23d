//! Lines of a bill: bounded, borrowed from the reader's buffer where they fit.

use crate::bill::FileProblem;
use crate::container::read_problem;
use std::io::BufRead;

/// No real line of a bill comes near this; a longer one is an attack.
pub(crate) const LINE_LIMIT: usize = 1 << 20;

/// Reads line by line. Line ends (LF, CRLF) and a leading BOM are taken off, empty lines are
/// counted and skipped.
pub(crate) struct Lines<'r> {
    reader: &'r mut dyn BufRead,
    /// A line that crosses the reader's buffer.
    held: Vec<u8>,
    /// Bytes of the line handed out last, still in the reader's buffer.
    pending: usize,
    line_no: u32,
    terminated: bool,
}

impl<'r> Lines<'r> {
    pub(crate) fn new(reader: &'r mut dyn BufRead) -> Self {
        Self { reader, held: Vec::new(), pending: 0, line_no: 0, terminated: true }
    }

    /// Number of the line handed out last, from 1.
    pub(crate) fn line_no(&self) -> u32 {
        self.line_no
    }

    /// False when the last line of the file had no line end.
    pub(crate) fn terminated(&self) -> bool {
        self.terminated
    }

    /// The next line that is not empty, with its number; `None` at the end.
    ///
    /// # Errors
    /// [`FileProblem::TooLarge`] for a line over [`LINE_LIMIT`], and reading errors.
    pub(crate) fn next(&mut self) -> Result<Option<(u32, &[u8])>, FileProblem> {
        loop {
            self.reader.consume(std::mem::take(&mut self.pending));
            let chunk = self.reader.fill_buf().map_err(read_problem)?;
            if chunk.is_empty() {
                return Ok(None);
            }
            // The borrow checker wants the length first and the line later.
            let in_buffer = memchr::memchr(b'\n', chunk).filter(|end| *end <= LINE_LIMIT);
            if in_buffer.is_none() {
                self.hold_line()?;
            } else {
                self.terminated = true;
            }
            let first = self.line_no == 0;
            self.line_no = self.line_no.saturating_add(1);
            let bare = |line: &[u8]| bare(line, first).is_empty();
            let empty = match in_buffer {
                Some(end) => bare(&self.reader.fill_buf().map_err(read_problem)?[..end]),
                None => bare(&self.held),
            };
            self.pending = in_buffer.map_or(0, |end| end + 1);
            if empty {
                continue;
            }
            return match in_buffer {
                Some(end) => {
                    let chunk = self.reader.fill_buf().map_err(read_problem)?;
                    Ok(Some((self.line_no, self::bare(&chunk[..end], first))))
                }
                None => Ok(Some((self.line_no, self::bare(&self.held, first)))),
            };
        }
    }

    /// Gathers a line that the reader's buffer does not hold whole.
    fn hold_line(&mut self) -> Result<(), FileProblem> {
        self.held.clear();
        self.terminated = false;
        loop {
            let chunk = self.reader.fill_buf().map_err(read_problem)?;
            if chunk.is_empty() {
                return Ok(());
            }
            let end = memchr::memchr(b'\n', chunk);
            let taken = end.unwrap_or(chunk.len());
            if self.held.len() + taken > LINE_LIMIT {
                return Err(FileProblem::TooLarge { what: "one line", limit: LINE_LIMIT as u64 });
            }
            self.held.extend_from_slice(&chunk[..taken]);
            self.reader.consume(taken + usize::from(end.is_some()));
            if end.is_some() {
                self.terminated = true;
                return Ok(());
            }
        }
    }
}

fn bare(line: &[u8], first: bool) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match line.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) if first => rest,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn all(bytes: &[u8], buffer: usize) -> Vec<(u32, String)> {
        let mut reader = BufReader::with_capacity(buffer, bytes);
        let mut lines = Lines::new(&mut reader);
        let mut out = Vec::new();
        while let Some((line_no, line)) = lines.next().unwrap() {
            out.push((line_no, String::from_utf8(line.to_vec()).unwrap()));
        }
        out
    }

    #[test]
    fn line_ends_bom_and_empty_lines_do_not_matter() {
        let text = b"\xEF\xBB\xBFhead\r\n\r\n`a,`b\n\n`c";
        let expected = vec![(1, "head".into()), (3, "`a,`b".into()), (5, "`c".into())];
        for buffer in [1, 2, 3, 5, 7, 64] {
            assert_eq!(all(text, buffer), expected, "buffer of {buffer}");
        }
    }

    #[test]
    fn a_line_without_an_end_is_refused_before_it_fills_the_memory() {
        let mut endless = std::io::BufReader::new(std::io::repeat(b'9'));
        let mut lines = Lines::new(&mut endless);
        assert!(matches!(lines.next(), Err(FileProblem::TooLarge { what: "one line", .. })));
        let mut long = vec![b'1'; LINE_LIMIT + 1];
        long.push(b'\n');
        let mut whole: &[u8] = &long;
        assert!(matches!(
            Lines::new(&mut whole).next(),
            Err(FileProblem::TooLarge { what: "one line", .. })
        ));
    }
}
