//! ISO 20022 bank-to-customer statements, camt.053.001.02 to .08.
//!
//! Source: ISO 20022 message definition report "Bank-to-Customer Cash Management", the schemas
//! of versions 02 to 08. The tree is read as a stream of paths; no DTD, no entities of its own.

mod entry;

use super::{FIELD_LIMIT, Mended, Said, Statements};
use crate::bill::{Closing, FileProblem, Sink};
use crate::table::text::{Decoded, Metered, TextEncoding, problem, shown};
use domain::{BankLine, Currency, money};
use entry::{Entry, day};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use std::io::BufRead;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.";
/// The schema needs 15 levels; more is an attack.
const DEPTH_LIMIT: usize = 64;

/// Reads all statements of a file.
///
/// - One row per booked `Ntry`: a batch is one row, as it is one move of the balance; its number
///   of payments is in `extra`. Entries that are not booked (`PDNG`, `INFO`) are left out and
///   counted in the total `entries_not_booked`.
/// - Sign by `CdtDbtInd` alone; `RvslInd` does not turn it round.
/// - Checks `closing_balance` (OPBD or PRCD + rows = CLBD), `opening_balance` between statements,
///   and `batch:<reference>` where a batch announces a total and its payments have amounts.
///
/// # Errors
/// [`FileProblem::Unknown`] for another namespace (`camt_other_message`, `camt_other_version`),
/// [`FileProblem::Damaged`] for broken XML, a DTD or an entity, [`FileProblem::TooLarge`],
/// [`FileProblem::Truncated`].
pub fn read(reader: &mut dyn BufRead, sink: Sink<'_>) -> Result<Closing, FileProblem> {
    read_with(reader, &Mended::new(), sink)
}

/// As [`read`], with rows in a person's words.
///
/// # Errors
/// As [`read`].
pub fn read_with(
    reader: &mut dyn BufRead,
    mended: &Mended,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    let text = Decoded::new(reader, TextEncoding::Auto)?;
    let mut xml = Reader::from_reader(Metered::new(Lines::new(text)));
    let mut state = State::new(Statements::new(sink, mended));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        xml.get_mut().mark();
        let line_no = xml.get_ref().inner().line_no;
        let event = xml.read_event_into(&mut buffer).map_err(|error| match error {
            quick_xml::Error::Io(error) => match std::sync::Arc::try_unwrap(error) {
                Ok(error) => problem(error),
                Err(shared) => damaged(line_no, shared),
            },
            other if state.path.is_empty() && !state.named => {
                let _ = other;
                FileProblem::Unknown { hint: None }
            }
            // An end in the middle shows as an open tag.
            quick_xml::Error::Syntax(_) => FileProblem::Truncated { line_no },
            other => damaged(line_no, other),
        })?;
        match event {
            Event::Start(start) => state.start(&start, line_no)?,
            Event::Empty(start) => {
                state.start(&start, line_no)?;
                state.end()?;
            }
            Event::End(_) => state.end()?,
            Event::Text(text) => state.text(&text.xml10_content())?,
            Event::CData(text) => state.text(&text.xml10_content())?,
            Event::GeneralRef(name) => {
                let c = match name.resolve_char_ref() {
                    Ok(Some(c)) => Some(c),
                    _ => predefined(&name.xml10_content()),
                };
                let c = c.ok_or_else(|| damaged(line_no, "an entity is not read"))?;
                state.text(c.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => {
                return Err(damaged(line_no, "a document type declaration is not read"));
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    let line_no = xml.get_ref().inner().line_no;
    if !state.named {
        return Err(FileProblem::Unknown { hint: None });
    }
    if !state.path.is_empty() || !state.ended {
        return Err(FileProblem::Truncated { line_no });
    }
    Ok(state.close())
}

fn damaged(line_no: u32, error: impl std::fmt::Display) -> FileProblem {
    FileProblem::Damaged { detail: shown(&format!("line {line_no}: {error}"), 200) }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// Counts the lines consumed.
pub(super) struct Lines<R> {
    inner: R,
    line_no: u32,
}

impl<R> Lines<R> {
    fn new(inner: R) -> Self {
        Self { inner, line_no: 1 }
    }
}

impl<R: BufRead> std::io::Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let chunk = self.inner.fill_buf()?;
        let taken = chunk.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&chunk[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}

impl<R: BufRead> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if let Ok(chunk) = self.inner.fill_buf() {
            let lines = chunk[..amount].iter().filter(|byte| **byte == b'\n').count();
            self.line_no = self.line_no.saturating_add(lines as u32);
        }
        self.inner.consume(amount);
    }
}

/// One balance of a statement.
#[derive(Default)]
struct Balance {
    code: String,
    amount: String,
    currency: String,
    debit: bool,
}

struct State<'s> {
    all: Statements<'s>,
    path: Vec<String>,
    text: String,
    named: bool,
    ended: bool,
    account_no: String,
    currency: String,
    balance: Balance,
    balances: Vec<Balance>,
    from_to: (String, String),
    announced: bool,
    entry: Option<Entry>,
    /// Currency attribute of the amount being read.
    amount_currency: String,
    sum: i64,
    statement_line: u32,
    not_booked: i64,
}

impl<'s> State<'s> {
    fn new(all: Statements<'s>) -> Self {
        Self {
            all,
            path: Vec::new(),
            text: String::new(),
            named: false,
            ended: false,
            account_no: String::new(),
            currency: String::new(),
            balance: Balance::default(),
            balances: Vec::new(),
            from_to: (String::new(), String::new()),
            announced: false,
            entry: None,
            amount_currency: String::new(),
            sum: 0,
            statement_line: 0,
            not_booked: 0,
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, line_no: u32) -> Result<(), FileProblem> {
        if self.path.len() >= DEPTH_LIMIT {
            return Err(FileProblem::TooLarge { what: "nesting", limit: DEPTH_LIMIT as u64 });
        }
        let name = start.local_name().as_ref().to_string();
        self.text.clear();
        if self.path.is_empty() {
            check_root(&name, start, line_no)?;
            self.named = true;
        }
        match name.as_str() {
            "Amt" | "TtlAmt" => {
                let currency = start.try_get_attribute("Ccy").ok().flatten();
                self.amount_currency =
                    currency.map(|ccy| ccy.value.as_ref().to_string()).unwrap_or_default();
            }
            "Stmt" if self.path.len() == 2 => {
                self.statement_line = line_no;
                self.account_no.clear();
                self.currency.clear();
                self.balances.clear();
                self.from_to = (String::new(), String::new());
                self.sum = 0;
            }
            "Bal" => self.balance = Balance::default(),
            "Ntry" => self.entry = Some(Entry::at(line_no)),
            "TxDtls" => {
                if let Some(entry) = &mut self.entry {
                    entry.payments = entry.payments.saturating_add(1);
                }
            }
            _ => {}
        }
        self.path.push(name);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), FileProblem> {
        if self.text.len() + text.len() > FIELD_LIMIT {
            return Err(FileProblem::TooLarge { what: "one field", limit: FIELD_LIMIT as u64 });
        }
        self.text.push_str(text);
        Ok(())
    }

    fn end(&mut self) -> Result<(), FileProblem> {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        let path: Vec<&str> = self.path.iter().skip(3).map(String::as_str).collect();
        match path.as_slice() {
            [] if self.path.get(2).is_some_and(|name| name == "Stmt") => self.end_statement(),
            ["Acct", "Id", "IBAN"] | ["Acct", "Id", "Othr", "Id"] => {
                self.account_no = text.to_string();
            }
            ["Acct", "Ccy"] => self.currency = text.to_string(),
            ["FrToDt", "FrDtTm"] => self.from_to.0 = text.to_string(),
            ["FrToDt", "ToDtTm"] => self.from_to.1 = text.to_string(),
            ["Bal", "Tp", "CdOrPrtry", "Cd"] => self.balance.code = text.to_string(),
            ["Bal", "Amt"] => {
                self.balance.amount = text.to_string();
                self.balance.currency = std::mem::take(&mut self.amount_currency);
            }
            ["Bal", "CdtDbtInd"] => self.balance.debit = text == "DBIT",
            ["Bal"] if self.balances.len() < 64 => {
                self.balances.push(std::mem::take(&mut self.balance));
            }
            ["Ntry"] => self.end_entry()?,
            ["Ntry", inside @ ..] => {
                let currency = self.amount_currency.clone();
                if let Some(entry) = &mut self.entry {
                    entry.field(inside, text, &currency);
                }
            }
            _ => {}
        }
        self.path.pop();
        self.ended = self.path.is_empty();
        Ok(())
    }

    fn end_entry(&mut self) -> Result<(), FileProblem> {
        let Some(mut entry) = self.entry.take() else { return Ok(()) };
        // Versions before 08 have the code as text, later ones in `Cd`; absent means booked.
        if !matches!(entry.status.as_str(), "" | "BOOK") {
            self.not_booked += 1;
            return Ok(());
        }
        entry.line_no = self.all.place(entry.line_no);
        if let Some(text) = self.all.mended(entry.line_no) {
            entry.mend(text);
        }
        let line = entry.bank_line(&self.account_no, &self.currency);
        if let Ok(line) = &line {
            self.sum = self.sum.saturating_add(line.amount_minor);
            self.check_batch(&entry, line);
        }
        self.all.row(entry.line_no, line)
    }

    /// A batch that names its total and lists its payments must agree with itself.
    fn check_batch(&mut self, entry: &Entry, line: &BankLine) {
        let decimals = line.currency.decimals();
        let total = money::parse_minor(&entry.batch_total, decimals).ok();
        let complete = entry.payments > 0 && entry.payments_with_amount == entry.payments;
        if let (Some(expected), true) = (total, complete && self.all.closing.checks.len() < 1_000) {
            let code = format!("batch:{}", line.bank_ref);
            let both = (expected, entry.payments_sum);
            self.all.check(code, line.currency, both, entry.line_no);
        }
    }

    fn end_statement(&mut self) {
        let named = |codes: &[&str]| {
            codes.iter().find_map(|code| self.balances.iter().find(|other| other.code == *code))
        };
        let value = |codes: &[&str]| {
            let balance = named(codes)?;
            let currency = Currency::from_code(&balance.currency).ok()?;
            let minor = money::parse_minor(&balance.amount, currency.decimals()).ok()?;
            Some(if balance.debit { -minor } else { minor })
        };
        let (opening, closing) = (value(&["OPBD", "PRCD"]), value(&["CLBD"]));
        let printed = named(&["CLBD", "OPBD", "PRCD"]).map(|balance| balance.currency.as_str());
        let code = printed.unwrap_or(&self.currency);
        let currency = Currency::from_code(code).unwrap_or(Currency::CNY);
        let days = (day(&self.from_to.0), day(&self.from_to.1));
        if let (Some(from), Some(to)) = days
            && from <= to
        {
            self.all.day(from);
            self.all.day(to);
            self.announced = true;
        }
        let account_no = self.account_no.clone();
        let said = Said { currency, opening, closing };
        self.all.statement(&account_no, said, self.sum, self.statement_line);
    }

    fn close(mut self) -> Closing {
        self.all.closing.days_announced = self.announced;
        self.all.closing.totals.push(("entries_not_booked".to_string(), self.not_booked));
        self.all.close()
    }
}

fn check_root(name: &str, start: &BytesStart<'_>, line_no: u32) -> Result<(), FileProblem> {
    let unknown = |hint: Option<&str>| FileProblem::Unknown { hint: hint.map(str::to_string) };
    if name != "Document" {
        return Err(unknown(None));
    }
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| damaged(line_no, error))?;
        let value = attribute.value.as_ref();
        if let Some(version) = value.strip_prefix(NAMESPACE) {
            let known = ["02", "03", "04", "05", "06", "07", "08"].contains(&version);
            return if known { Ok(()) } else { Err(unknown(Some("camt_other_version"))) };
        }
        if value.starts_with("urn:iso:std:iso:20022:") {
            return Err(unknown(Some("camt_other_message")));
        }
    }
    Err(unknown(None))
}
