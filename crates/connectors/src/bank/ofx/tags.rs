//! The tags of an OFX file, whether their values are closed or not.

use crate::bank::FIELD_LIMIT;
use crate::bill::FileProblem;
use crate::table::text::UNIT_LIMIT;
use encoding_rs::{Encoding, GB18030, UTF_8, WINDOWS_1252};
use std::io::{BufRead, Read};

/// The tag reader: name (closing tags with their slash), the text after it, the line.
pub(super) struct Tags<'r> {
    reader: &'r mut dyn BufRead,
    pub(super) line_no: u32,
    encoding: Option<&'static Encoding>,
}

impl<'r> Tags<'r> {
    pub(super) fn new(reader: &'r mut dyn BufRead) -> Self {
        Self { reader, line_no: 1, encoding: None }
    }

    /// Reads up to and with `until`, bounded; `None` at the end of the file.
    fn take(&mut self, until: u8) -> Result<Option<Vec<u8>>, FileProblem> {
        let mut bytes = Vec::new();
        let mut limited = (&mut *self.reader).take(UNIT_LIMIT);
        limited.read_until(until, &mut bytes).map_err(FileProblem::Io)?;
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u32;
        self.line_no = self.line_no.saturating_add(lines);
        if bytes.last() == Some(&until) {
            bytes.pop();
            return Ok(Some(bytes));
        }
        if bytes.len() as u64 >= UNIT_LIMIT {
            return Err(FileProblem::TooLarge { what: "one field", limit: UNIT_LIMIT });
        }
        Ok(None)
    }

    /// Reads the header up to `<OFX>`.
    pub(super) fn find_start(&mut self) -> Result<(), FileProblem> {
        let unknown = || FileProblem::Unknown { hint: None };
        let header = self.take(b'<')?.ok_or_else(unknown)?;
        let header = String::from_utf8_lossy(&header).to_ascii_uppercase();
        self.encoding = sgml_encoding(&header);
        for _ in 0..8 {
            let tag = self.take(b'>')?.ok_or_else(unknown)?;
            let tag = String::from_utf8_lossy(&tag).to_ascii_uppercase();
            if tag.trim() == "OFX" {
                // The text after `<OFX>` up to the first tag is white space.
                self.take(b'<')?.ok_or(FileProblem::Truncated { line_no: self.line_no })?;
                return Ok(());
            }
            if tag.starts_with("!DOCTYPE") {
                return Err(doctype());
            }
            if !tag.starts_with('?') && !tag.starts_with("!--") {
                return Err(unknown());
            }
            if let Some((_, rest)) = tag.split_once("ENCODING=") {
                let label = rest.trim_start_matches(['"', '\'']);
                let label = label.split(['"', '\'', ' ', '?']).next().unwrap_or("");
                self.encoding = Encoding::for_label(label.as_bytes());
            }
            self.take(b'<')?.ok_or_else(unknown)?;
        }
        Err(unknown())
    }

    pub(super) fn next(&mut self) -> Result<Option<(String, String, u32)>, FileProblem> {
        loop {
            let line_no = self.line_no;
            let Some(mut tag) = self.take(b'>')? else { return Ok(None) };
            // A CDATA section and a comment may hold the sign that ends a tag.
            while unfinished(&tag) {
                if tag.len() > FIELD_LIMIT {
                    let limit = FIELD_LIMIT as u64;
                    return Err(FileProblem::TooLarge { what: "one field", limit });
                }
                let Some(more) = self.take(b'>')? else { return Ok(None) };
                tag.push(b'>');
                tag.extend(more);
            }
            let name = String::from_utf8_lossy(&tag).trim().to_ascii_uppercase();
            if name.starts_with('!') && !name.starts_with("!--") && !name.starts_with("![CDATA[") {
                return Err(doctype());
            }
            if name == "/OFX" {
                return Ok(Some((name, String::new(), line_no)));
            }
            let Some(value) = self.take(b'<')? else { return Ok(None) };
            if name.starts_with("![CDATA[") {
                // Belongs to the tag before it; the name is upper case, so cut it from the bytes.
                let text = tag.trim_ascii().get(8..).unwrap_or(&[]);
                let text = text.strip_suffix(b"]]").unwrap_or(text);
                return Ok(Some(("![CDATA[".to_string(), self.value(text, line_no)?, line_no)));
            }
            if name.starts_with('!') || name.starts_with('?') {
                continue;
            }
            // Attributes do not occur in OFX; a self-closing tag is an empty value.
            let name = name.trim_end_matches('/').split_whitespace().next().unwrap_or("");
            if name.len() > 64 || value.len() > FIELD_LIMIT {
                return Err(FileProblem::TooLarge { what: "one field", limit: FIELD_LIMIT as u64 });
            }
            return Ok(Some((name.to_string(), self.value(&value, line_no)?, line_no)));
        }
    }

    /// Decodes a value and resolves its entities.
    fn value(&self, bytes: &[u8], line_no: u32) -> Result<String, FileProblem> {
        let text = if bytes.is_ascii() {
            String::from_utf8_lossy(bytes).into_owned()
        } else {
            // Files that say "1252" are often UTF-8; the other way round would not be valid.
            let tries: &[&'static Encoding] = match self.encoding {
                Some(encoding) if encoding == WINDOWS_1252 => &[UTF_8, WINDOWS_1252],
                Some(encoding) => &[encoding],
                None => &[UTF_8, GB18030],
            };
            let decoded = tries.iter().find_map(|encoding| {
                encoding.decode_without_bom_handling_and_without_replacement(bytes)
            });
            let encoding = tries[0].name();
            decoded.ok_or(FileProblem::Encoding { line_no, encoding })?.into_owned()
        };
        Ok(entities(text.trim()))
    }
}

fn unfinished(tag: &[u8]) -> bool {
    (tag.starts_with(b"![CDATA[") && !tag.ends_with(b"]]"))
        || (tag.starts_with(b"!--") && !(tag.ends_with(b"--") && tag.len() >= 5))
}

fn doctype() -> FileProblem {
    FileProblem::Damaged { detail: "a document type declaration is not read".to_string() }
}

/// The encoding an OFX 1.x header names; `None` leaves it to the bytes.
fn sgml_encoding(header: &str) -> Option<&'static Encoding> {
    let field = |name: &str| {
        let (_, rest) = header.split_once(name)?;
        rest.split_whitespace().next()
    };
    if field("ENCODING:").is_some_and(|value| value.contains("UTF")) {
        return Some(UTF_8);
    }
    match field("CHARSET:")? {
        "1252" | "ISO-8859-1" => Some(WINDOWS_1252),
        "936" | "CP936" | "GBK" | "GB2312" | "GB18030" => Some(GB18030),
        "UTF-8" | "65001" => Some(UTF_8),
        _ => None,
    }
}

/// The five named entities, the non-breaking space, and numbered characters.
fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.as_bytes().iter().take(12).position(|byte| *byte == b';');
        let known = end.and_then(|end| Some((entity(rest.get(1..end)?)?, end)));
        match known {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            // A bare ampersand is common in 1.x files.
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control())
        }
    }
}
