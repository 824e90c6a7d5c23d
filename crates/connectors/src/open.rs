//! The way in: a file becomes entries, an entry becomes rows.

use crate::alipay::{self, FeeSigns};
use crate::bill::{Closing, Fact, FileKind, FileProblem, RowProblem, Sink};
use crate::container::{Limits, Source, Stream, read_full, read_problem, streams};
use crate::kinds::KindTable;
use crate::marks::Marking;
use crate::stripe::{self, balance_file};
use crate::table::{self, Mapping};
use crate::union_pay::{self, clearing};
use crate::{bank, detect, shops, till, wechat_pay};
use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

/// One logical file found in what was opened.
#[derive(Debug)]
pub struct Entry {
    /// File or ZIP entry name; shown to the person, decides nothing.
    pub name: String,
    /// What it is, or why it cannot be read; other entries of the same ZIP may be fine.
    pub kind: Result<FileKind, FileProblem>,
    /// Bytes unpacked, where the container says.
    pub unpacked_bytes: Option<u64>,
    stream: Stream,
}

impl Entry {
    /// The unpacked bytes from the first one on; can be called again for a second pass (first
    /// the digest, then the rows). Memory stays flat.
    ///
    /// An error met while reading becomes a [`FileProblem`] by
    /// [`crate::container::read_problem`].
    ///
    /// # Errors
    /// [`FileProblem::Io`], [`FileProblem::Damaged`].
    pub fn reader(&self) -> Result<Box<dyn BufRead + Send>, FileProblem> {
        self.stream.reader()
    }

    /// True when the entry came out of a gzip or ZIP container.
    pub fn is_packed(&self) -> bool {
        self.stream.is_packed()
    }
}

/// What a reader needs to know beside the file.
#[derive(Clone, Debug)]
pub struct Options {
    /// Words of WeChat Pay's fund bill.
    pub wechat_kinds: KindTable,
    /// Words of Alipay's account bill.
    pub alipay_kinds: KindTable,
    /// Words of Stripe's balance transactions.
    pub stripe_kinds: KindTable,
    /// Where the sign of an Alipay fee comes from.
    pub fee_signs: FeeSigns,
    /// What the columns of a table mean.
    pub mapping: Option<Mapping>,
    /// Rows of a bank statement that a person put in other words, see [`crate::read_mended`].
    pub mended: bank::Mended,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            wechat_kinds: wechat_pay::kinds::table(),
            alipay_kinds: alipay::kinds::table(),
            stripe_kinds: stripe::kinds::table(),
            fee_signs: FeeSigns::default(),
            mapping: None,
            mended: bank::Mended::new(),
        }
    }
}

/// Opens a file on disk with the usual limits.
///
/// # Errors
/// As [`open_source`].
pub fn open(path: &Path) -> Result<Vec<Entry>, FileProblem> {
    open_source(&Source::Path(path.to_path_buf()), Limits::default())
}

/// Opens bytes in memory with the usual limits; `name` is for people.
///
/// # Errors
/// As [`open_source`].
pub fn open_bytes(name: &str, bytes: impl Into<Arc<[u8]>>) -> Result<Vec<Entry>, FileProblem> {
    let source = Source::Bytes { name: name.to_string(), bytes: bytes.into() };
    open_source(&source, Limits::default())
}

/// Finds the logical files of a source and what each one is. In the container's order.
///
/// # Errors
/// What is wrong with the container as a whole; what is wrong with one entry is in its `kind`.
pub fn open_source(source: &Source, limits: Limits) -> Result<Vec<Entry>, FileProblem> {
    let streams = streams(source, limits)?;
    let entry = |stream: &Stream, kind| Entry {
        name: stream.name.clone(),
        kind,
        unpacked_bytes: stream.unpacked_bytes,
        stream: stream.clone(),
    };
    let mut entries = Vec::with_capacity(streams.len());
    for stream in streams {
        match kind_of(&stream) {
            Ok(kind) => {
                entries.extend(kind.readings().into_iter().map(|kind| entry(&stream, Ok(kind))));
            }
            Err(problem) => entries.push(entry(&stream, Err(problem))),
        }
    }
    Ok(entries)
}

/// The entry of a number that a document was booked under: numbers beyond the last are those of
/// entries that were read again.
pub fn entry_at(mut entries: Vec<Entry>, number: usize) -> Option<Entry> {
    let place = number.checked_rem(entries.len())?;
    Some(entries.swap_remove(place))
}

fn kind_of(stream: &Stream) -> Result<FileKind, FileProblem> {
    if stream.is_workbook() {
        return Ok(FileKind::Table { target: None });
    }
    let mut head = vec![0u8; detect::HEAD];
    let got = read_full(&mut *stream.reader()?, &mut head).map_err(read_problem)?;
    head.truncate(got);
    if stream.is_packed() && detect::is_container(&head) {
        return Err(FileProblem::TooLarge { what: "nesting of archives", limit: 1 });
    }
    match union_pay::clearing::detect(&head, &stream.name) {
        Some(kind) => Ok(kind),
        None => detect::detect(&head),
    }
}

/// Reads the rows of an entry by its kind.
///
/// # Errors
/// Any [`FileProblem`]; nothing of the file may be booked then. [`FileProblem::NeedsMapping`]
/// for a table without `options.mapping`. An entry whose `kind` is a problem gives
/// [`FileProblem::Unknown`].
pub fn read_entry(
    entry: &Entry,
    options: &Options,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    let Ok(kind) = &entry.kind else {
        let hint = match &entry.kind {
            Err(FileProblem::Unknown { hint }) => hint.clone(),
            _ => None,
        };
        return Err(FileProblem::Unknown { hint });
    };
    let mut reader = entry.reader()?;
    if !kind.is_bill() {
        return read_kind(kind, &mut *reader, options, sink);
    }
    let mut marking = Marking::new(&mut *reader);
    let mut closing = read_kind(kind, &mut marking, options, sink)?;
    closing.marks = marking.finish().map_err(read_problem)?;
    Ok(closing)
}

/// The marks of an entry's lines, whatever it is.
///
/// # Errors
/// What is wrong with its container.
pub fn marks_of(entry: &Entry) -> Result<Vec<u8>, FileProblem> {
    let mut reader = entry.reader()?;
    Marking::new(&mut *reader).finish().map_err(read_problem)
}

/// Reads rows of a known kind from any reader.
///
/// # Errors
/// As [`read_entry`].
pub fn read_kind(
    kind: &FileKind,
    reader: &mut dyn BufRead,
    options: &Options,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    let read = match kind {
        FileKind::WechatTrade { .. } => wechat_pay::trade_bill::read(reader, sink),
        FileKind::WechatFund => {
            wechat_pay::fund_bill::read_with(reader, &options.wechat_kinds, sink)
        }
        FileKind::AlipayTrade => alipay::trade::read_with(reader, options.fee_signs, sink),
        FileKind::AlipayTradeSummary => alipay::summaries::read_trade(reader),
        FileKind::AlipayAccount => alipay::account::read_with(reader, &options.alipay_kinds, sink),
        FileKind::AlipayAccountSummary => alipay::summaries::read_account(reader),
        FileKind::UnionPayTrade { day } => {
            clearing::read(reader, clearing::Reading::Trade, *day, sink)
        }
        FileKind::UnionPayClearing { day } => {
            clearing::read(reader, clearing::Reading::Fund, *day, sink)
        }
        FileKind::UnionPayAdjustment { day } => {
            clearing::read(reader, clearing::Reading::Adjustments, *day, sink)
        }
        FileKind::StripeTrade { .. } => {
            let reading = balance_file::Reading::Trade;
            balance_file::read(reader, reading, &options.stripe_kinds, sink)
        }
        FileKind::StripeBalance { .. } => {
            let reading = balance_file::Reading::Fund;
            balance_file::read(reader, reading, &options.stripe_kinds, sink)
        }
        FileKind::BankOfx => bank::ofx::read_with(reader, &options.mended, sink),
        FileKind::BankMt940 => bank::mt940::read_with(reader, &options.mended, sink),
        FileKind::BankCamt053 => bank::camt053::read_with(reader, &options.mended, sink),
        FileKind::ShopOrders => shops::archive::read(reader, sink),
        FileKind::TillTrade { .. } => till::read(reader, till::Reading::Trade, sink),
        FileKind::TillMoves { .. } => till::read(reader, till::Reading::Fund, sink),
        FileKind::Table { .. } => match &options.mapping {
            Some(mapping) => table::read(reader, mapping, sink),
            None => Err(FileProblem::NeedsMapping),
        },
    };
    read.map_err(|problem| match problem {
        // A limit or a broken archive met halfway comes up as a reading error.
        FileProblem::Io(error) => read_problem(error),
        other => other,
    })
}

/// Reads one row again after a person mended it.
///
/// `closing` is that of the row's file (its header line and account number are used), `raw` the
/// mended form of [`RowProblem::raw`]. A table needs `headers`, its header cells.
///
/// # Errors
/// What is still wrong with the row; `cannot_replay` for kinds whose rows are not lines.
pub fn replay_row(
    kind: &FileKind,
    closing: &Closing,
    headers: &[String],
    options: &Options,
    raw: &str,
) -> Result<Fact, RowProblem> {
    let header = closing.header.as_str();
    let account_no = closing.account_no.as_deref().unwrap_or("");
    match (kind, &options.mapping) {
        (FileKind::WechatTrade { .. }, _) => wechat_pay::trade_bill::replay(header, raw),
        (FileKind::WechatFund, _) => {
            wechat_pay::fund_bill::replay(&options.wechat_kinds, header, raw)
        }
        (FileKind::AlipayTrade, _) => {
            alipay::trade::replay(header, account_no, options.fee_signs, raw)
        }
        (FileKind::AlipayAccount, _) => alipay::account::replay(&options.alipay_kinds, header, raw),
        (FileKind::UnionPayTrade { day }, _) => {
            clearing::replay(clearing::Reading::Trade, *day, raw)
        }
        (FileKind::UnionPayClearing { day }, _) => {
            clearing::replay(clearing::Reading::Fund, *day, raw)
        }
        (FileKind::UnionPayAdjustment { day }, _) => {
            clearing::replay(clearing::Reading::Adjustments, *day, raw)
        }
        (FileKind::StripeTrade { .. }, _) => {
            balance_file::replay(header, balance_file::Reading::Trade, &options.stripe_kinds, raw)
        }
        (FileKind::StripeBalance { .. }, _) => {
            balance_file::replay(header, balance_file::Reading::Fund, &options.stripe_kinds, raw)
        }
        (FileKind::Table { .. }, Some(mapping)) => table::replay(mapping, headers, raw, account_no),
        _ => Err(crate::cells::row_problem(("cannot_replay", kind.code().to_string()), raw)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    #[test]
    fn a_quarantined_row_is_read_again_under_its_own_header() {
        let good = include_bytes!("../fixtures/wechat_pay/fund_basic_1.csv");
        let bad = String::from_utf8_lossy(good).replace("`9.94", "`9.9x");
        let entries = open_bytes("bill", bad.into_bytes()).expect("a plain file");
        let options = Options::default();
        let mut problem = None;
        let closing = read_entry(&entries[0], &options, &mut |row| {
            problem = problem.take().or(row.fact.err());
            ControlFlow::Continue(())
        });
        let closing = closing.expect("one bad row does not stop a file");
        let problem = problem.expect("the balance is no number");
        let kind = entries[0].kind.as_ref().expect("a fund bill");
        let again = |raw: &str| replay_row(kind, &closing, &[], &options, raw);
        assert_eq!(again(&problem.raw), Err(problem.clone()));
        let mended = again(&problem.raw.replace("9.9x", "9.94"));
        assert!(matches!(mended, Ok(Fact::Balance(row)) if row.amount_minor == -6));
    }
}
