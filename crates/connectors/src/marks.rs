//! A mark for every line of a bill, made of the bytes as they came: what of a copy is not as it
//! was received is found by them in any column, and named.
//!
//! A bill's own totals hold its amounts and not its texts. The marks hold both, from the moment
//! the bill is here.

use aws_lc_rs::digest::{Context, SHA256};
use std::collections::HashMap;
use std::io::{self, BufRead, Read};

/// Bytes of a mark: the first ones of the line's SHA-256.
pub const MARK: usize = 8;

/// Marks the lines of what is read through it. A line ends with its line feed; carriage returns
/// are of the line.
pub(crate) struct Marking<'r> {
    reader: &'r mut dyn BufRead,
    line: Context,
    /// True while a line has begun and not ended.
    begun: bool,
    marks: Vec<u8>,
}

impl<'r> Marking<'r> {
    pub(crate) fn new(reader: &'r mut dyn BufRead) -> Self {
        Self { reader, line: Context::new(&SHA256), begun: false, marks: Vec::new() }
    }

    /// Reads what is left, and gives the marks of all lines.
    ///
    /// # Errors
    /// The reader's.
    pub(crate) fn finish(mut self) -> io::Result<Vec<u8>> {
        loop {
            let left = self.reader.fill_buf()?.len();
            if left == 0 {
                break;
            }
            self.consume(left);
        }
        if self.begun {
            self.end_line();
        }
        Ok(self.marks)
    }

    fn end_line(&mut self) {
        let line = std::mem::replace(&mut self.line, Context::new(&SHA256));
        self.marks.extend_from_slice(&line.finish().as_ref()[..MARK]);
        self.begun = false;
    }

    fn take(&mut self, mut amount: usize) -> io::Result<()> {
        while amount > 0 {
            // What is in the buffer stays until it is consumed: asking again reads nothing.
            let chunk = self.reader.fill_buf()?;
            let chunk = &chunk[..amount.min(chunk.len())];
            let Some(last) = chunk.len().checked_sub(1) else { return Ok(()) };
            let end = memchr::memchr(b'\n', chunk);
            let taken = end.unwrap_or(last) + 1;
            self.line.update(&chunk[..taken]);
            self.begun = true;
            self.reader.consume(taken);
            if end.is_some() {
                self.end_line();
            }
            amount -= taken;
        }
        Ok(())
    }
}

impl Read for Marking<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let chunk = self.reader.fill_buf()?;
        let got = chunk.len().min(buffer.len());
        buffer[..got].copy_from_slice(&chunk[..got]);
        self.take(got)?;
        Ok(got)
    }
}

impl BufRead for Marking<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // The bytes are in the buffer, so nothing is read that could fail.
        let _ = self.take(amount);
    }
}

/// How a file differs from a bill it is a copy of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// Another file.
    Other,
    /// Line by line the same.
    Same,
    /// A copy that is not as it was.
    Changed {
        /// The first line that differs, counted from 1.
        line_no: u32,
        /// How many lines are the bill's: of several bills it is a copy of the likest.
        shared: usize,
    },
}

/// Compares a file with a bill by their marks. Most lines of a copy are the bill's; `as_long`
/// wants almost all of them, in a file of as many lines.
pub fn compare(bill: &[u8], file: &[u8], as_long: bool) -> Copied {
    if bill == file {
        return Copied::Same;
    }
    let (lines, others) = (bill.len() / MARK, file.len() / MARK);
    let mut left: HashMap<&[u8], usize> = HashMap::with_capacity(lines);
    for mark in bill.chunks_exact(MARK) {
        *left.entry(mark).or_default() += 1;
    }
    let mut shared = 0;
    for mark in file.chunks_exact(MARK) {
        if let Some(count) = left.get_mut(mark).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    let copy = match as_long {
        true => lines == others && shared + 1 >= lines && shared > 0,
        false => shared * 2 >= lines.min(others) && shared > 0,
    };
    if !copy {
        return Copied::Other;
    }
    let same = bill.chunks_exact(MARK).zip(file.chunks_exact(MARK)).take_while(|(a, b)| a == b);
    Copied::Changed { line_no: u32::try_from(same.count() + 1).unwrap_or(u32::MAX), shared }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn marks(text: &[u8], buffer: usize) -> Vec<u8> {
        let mut reader = BufReader::with_capacity(buffer, text);
        let mut marking = Marking::new(&mut reader);
        let mut some = [0; 5];
        let got = marking.read(&mut some).expect("bytes in memory");
        assert_eq!(&some[..got], &text[..got]);
        marking.finish().expect("bytes in memory")
    }

    #[test]
    fn every_line_has_its_mark_however_it_is_read() {
        let text = "head\r\n\n`a,`b\n`c,`d\nlast".as_bytes();
        let whole = marks(text, 64);
        assert_eq!(whole.len(), 5 * MARK);
        for buffer in [1, 2, 3, 7] {
            assert_eq!(marks(text, buffer), whole, "buffer of {buffer}");
        }
        assert_eq!(marks(b"", 8), Vec::<u8>::new());
    }

    #[test]
    fn the_first_line_of_a_copy_that_is_not_as_it_was_is_named() {
        let of = |lines: &[&str]| marks(lines.join("\n").as_bytes(), 64);
        let bill = of(&["head", "a", "b", "c", "d", "foot"]);
        for (copy, line) in [
            (of(&["head", "a", "b", "x", "d", "foot"]), 4),
            (of(&["head", "a", "c", "d", "foot"]), 3),
            (of(&["head", "a", "b", "b", "c", "d", "foot"]), 4),
            (of(&["head", "a", "c", "b", "d", "foot"]), 3),
        ] {
            let found = compare(&bill, &copy, false);
            assert!(
                matches!(found, Copied::Changed { line_no, .. } if line_no == line),
                "{found:?}"
            );
        }
        assert_eq!(compare(&bill, &bill, true), Copied::Same);
        let other = of(&["head", "e", "f", "g", "h", "other foot"]);
        assert_eq!(compare(&bill, &other, false), Copied::Other);
        let shorter = of(&["head", "a", "foot"]);
        assert_eq!(compare(&bill, &shorter, true), Copied::Other);
    }
}
