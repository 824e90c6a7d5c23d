//! Alipay bills: business details, account details and the summary of each.
//!
//! Source: Alipay open platform, bill download (`trade`, `signcustomer`), read 2026-11.
//! GB18030 (files saved again as UTF-8 are read too), CRLF or LF, no quoting. Lines with `#`
//! frame the rows: account, days, an end marker, control totals. Cells are padded with TAB or
//! blanks. Columns are found by name.

use crate::bill::{Closing, FileProblem};
use crate::cells;
use crate::lines::Lines;
use domain::BusinessDate;
use encoding_rs::GB18030;
use std::io::BufRead;

pub mod account;
pub mod api;
mod frame;
pub mod kinds;
pub mod summaries;
mod surplus;
pub mod trade;

#[cfg(test)]
mod tests;

pub use summaries::compare;
pub use trade::FeeSigns;

/// Lines of an Alipay bill as text.
pub(crate) struct Text<'r> {
    lines: Lines<'r>,
    /// `None` until the first line shows it.
    utf8: Option<bool>,
    decoded: String,
}

impl<'r> Text<'r> {
    pub(crate) fn new(reader: &'r mut dyn BufRead) -> Self {
        Self { lines: Lines::new(reader), utf8: None, decoded: String::new() }
    }

    pub(crate) fn line_no(&self) -> u32 {
        self.lines.line_no()
    }

    pub(crate) fn terminated(&self) -> bool {
        self.lines.terminated()
    }

    pub(crate) fn next(&mut self) -> Result<Option<(u32, &str)>, FileProblem> {
        let Some((line_no, bytes)) = self.lines.next()? else { return Ok(None) };
        // The first line holds Chinese words, and those are never valid in both encodings.
        let utf8 = *self.utf8.get_or_insert_with(|| std::str::from_utf8(bytes).is_ok());
        if utf8 {
            let encoding = "UTF-8";
            let text = std::str::from_utf8(bytes);
            return text
                .map(|text| Some((line_no, text)))
                .map_err(|_| FileProblem::Encoding { line_no, encoding });
        }
        if bytes.is_ascii() {
            let text = std::str::from_utf8(bytes).unwrap_or("");
            return Ok(Some((line_no, text)));
        }
        self.decoded.clear();
        let mut decoder = GB18030.new_decoder_without_bom_handling();
        let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
        self.decoded.reserve(room.unwrap_or(bytes.len() * 4));
        let (result, _) =
            decoder.decode_to_string_without_replacement(bytes, &mut self.decoded, true);
        match result {
            encoding_rs::DecoderResult::InputEmpty => Ok(Some((line_no, &self.decoded))),
            _ => Err(FileProblem::Encoding { line_no, encoding: "GB18030" }),
        }
    }
}

/// A cell without its padding.
pub(crate) fn trim(cell: &str) -> &str {
    cell.trim_matches(['\t', ' ', '\r', '\u{3000}', '\u{FEFF}'])
}

/// A header without padding, unit and sign: `收入金额（+元）` and `收入金额(＋元)` are the same.
pub(crate) fn header_name(cell: &str) -> String {
    let name = cells::normal(trim(cell));
    for unit in ["(元)", "(+元)", "(-元)"] {
        if let Some(bare) = name.strip_suffix(unit) {
            return bare.to_string();
        }
    }
    name
}

/// Which columns a header has, for known names given in a fixed order.
pub(crate) struct Columns {
    pub(crate) at: Vec<Option<usize>>,
    pub(crate) unknown: Vec<(usize, String)>,
    pub(crate) width: usize,
}

impl Columns {
    /// `names` lists each column with its spellings; the result has the same order.
    pub(crate) fn find(header: &str, names: &[&[&str]]) -> Self {
        let found: Vec<String> = header.split(',').map(header_name).collect();
        let at: Vec<Option<usize>> = names
            .iter()
            .map(|spellings| found.iter().position(|name| spellings.contains(&name.as_str())))
            .collect();
        let width = found.len();
        let unknown = found
            .into_iter()
            .enumerate()
            .filter(|(index, name)| !name.is_empty() && !at.contains(&Some(*index)))
            .collect();
        Self { at, unknown, width }
    }

    /// # Errors
    /// [`FileProblem::MissingColumn`] for the first of `needed` that is not there.
    pub(crate) fn need(&self, names: &[&[&str]], needed: &[usize]) -> Result<(), FileProblem> {
        match needed.iter().find(|column| self.at[**column].is_none()) {
            Some(column) => {
                Err(FileProblem::MissingColumn { column: names[*column][0].to_string() })
            }
            None => Ok(()),
        }
    }

    pub(crate) fn unknown_names(self) -> Vec<String> {
        self.unknown.into_iter().map(|(_, name)| name).collect()
    }
}

/// The days to report: those announced, else those of the rows.
pub(crate) fn set_days(
    closing: &mut Closing,
    announced: Option<(BusinessDate, BusinessDate)>,
    seen: Option<(BusinessDate, BusinessDate)>,
) {
    closing.days_announced = announced.is_some();
    closing.days = announced.or(seen);
}
