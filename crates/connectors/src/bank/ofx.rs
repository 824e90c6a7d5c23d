//! OFX statements: 1.x (SGML, values without closing tags) and 2.x (XML).
//!
//! Source: Open Financial Exchange 1.6 and 2.2, chapters 2, 3 and 11. One small tag reader serves
//! both, since XML is the stricter spelling of the same tree.

mod tags;

use super::{Mended, Said, Statements, amount, row_problem};
use crate::bill::{Closing, FileProblem, RowProblem, Sink};
use crate::table::text::shown;
use domain::{BankLine, BusinessDate, Currency};
use std::io::BufRead;
use tags::Tags;

/// Reads all bank and card statements of a file.
///
/// - One row per `STMTTRN`; the sign is that of `TRNAMT`.
/// - `booked_at_ms` only where `DTPOSTED` names its zone: banks disagree about the default.
/// - The closing balance is `LEDGERBAL`; the opening one is implied when it is dated within the
///   statement's days.
///
/// # Errors
/// [`FileProblem::Unknown`] when there is no `<OFX>`, [`FileProblem::Truncated`] when it does not
/// end, [`FileProblem::Damaged`] for a document type declaration, and the problems of the text.
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
    let mut tags = Tags::new(reader);
    tags.find_start()?;
    let mut state = State::new(Statements::new(sink, mended));
    loop {
        let Some((name, value, line_no)) = tags.next()? else {
            return Err(FileProblem::Truncated { line_no: tags.line_no });
        };
        if name == "/OFX" {
            return Ok(state.all.close());
        }
        state.tag(&name, &value, line_no)?;
    }
}

/// The values of one `STMTTRN`.
#[derive(Default)]
struct Transaction {
    line_no: u32,
    fields: Vec<(String, String)>,
    /// Inside `CURRENCY`: the amount is in that currency, not in the statement's.
    in_currency: bool,
    currency: Option<String>,
    /// The tag before, which a CDATA section belongs to.
    before: String,
}

impl Transaction {
    /// A row as a person wrote it: `<TAG>value<TAG>value`.
    fn of(line_no: u32, text: &str) -> Self {
        let mut row = Self { line_no, ..Self::default() };
        for (name, value) in text.split('<').filter_map(|tag| tag.split_once('>')) {
            let (name, value) = (name.trim().to_ascii_uppercase(), value.trim());
            match name.as_str() {
                "CURSYM" => row.currency = Some(value.to_string()),
                _ if name.starts_with('/') || value.is_empty() || row.fields.len() >= 64 => {}
                _ => row.fields.push((name, value.to_string())),
            }
        }
        row
    }
}

struct State<'s> {
    all: Statements<'s>,
    account_no: String,
    currency: String,
    in_account: bool,
    transaction: Option<Transaction>,
    sum: i64,
    rows: u64,
    days: (Option<BusinessDate>, Option<BusinessDate>),
    in_balance: bool,
    balance: (Option<i64>, Option<BusinessDate>),
}

impl<'s> State<'s> {
    fn new(all: Statements<'s>) -> Self {
        Self {
            all,
            account_no: String::new(),
            currency: "CNY".to_string(),
            in_account: false,
            transaction: None,
            sum: 0,
            rows: 0,
            days: (None, None),
            in_balance: false,
            balance: (None, None),
        }
    }

    fn tag(&mut self, name: &str, value: &str, line_no: u32) -> Result<(), FileProblem> {
        if self.transaction.is_some() {
            return self.inside(name, value);
        }
        match name {
            "STMTTRN" => {
                self.transaction = Some(Transaction { line_no, ..Transaction::default() });
            }
            "STMTRS" | "CCSTMTRS" | "INVSTMTRS" => {
                self.account_no.clear();
                self.sum = 0;
                self.days = (None, None);
                self.balance = (None, None);
            }
            "/STMTRS" | "/CCSTMTRS" | "/INVSTMTRS" => self.end_statement(),
            "BANKACCTFROM" | "CCACCTFROM" | "INVACCTFROM" => self.in_account = true,
            "/BANKACCTFROM" | "/CCACCTFROM" | "/INVACCTFROM" => self.in_account = false,
            "ACCTID" if self.in_account => self.account_no = value.to_string(),
            "CURDEF" => self.currency = value.to_string(),
            "DTSTART" => self.days.0 = day_and_instant(value).map(|(day, _)| day),
            "DTEND" => self.days.1 = day_and_instant(value).map(|(day, _)| day),
            "LEDGERBAL" => self.in_balance = true,
            "/LEDGERBAL" => self.in_balance = false,
            "BALAMT" if self.in_balance => {
                let currency = Currency::from_code(&self.currency).unwrap_or(Currency::CNY);
                self.balance.0 = amount(value, currency);
            }
            "DTASOF" if self.in_balance => {
                self.balance.1 = day_and_instant(value).map(|(day, _)| day);
            }
            _ => {}
        }
        Ok(())
    }

    fn inside(&mut self, name: &str, value: &str) -> Result<(), FileProblem> {
        let Some(open) = &mut self.transaction else { return Ok(()) };
        match name {
            "/STMTTRN" | "/BANKTRANLIST" => {
                let mut done = self.transaction.take().expect("checked above");
                done.line_no = self.all.place(done.line_no);
                if let Some(text) = self.all.mended(done.line_no) {
                    done = Transaction::of(done.line_no, text);
                }
                let line = self.bank_line(&done);
                if let Ok(line) = &line {
                    self.sum = self.sum.saturating_add(line.amount_minor);
                }
                self.rows += 1;
                return self.all.row(done.line_no, line);
            }
            "CURRENCY" => open.in_currency = true,
            "/CURRENCY" => open.in_currency = false,
            "CURSYM" if open.in_currency => open.currency = Some(value.to_string()),
            "![CDATA[" => {
                let name = open.before.clone();
                if !name.is_empty() && !value.is_empty() {
                    return self.inside(&name, value);
                }
            }
            _ if name.starts_with('/') => {}
            _ if value.is_empty() => open.before = name.to_string(),
            _ if open.fields.len() < 64 => {
                open.fields.push((name.to_string(), value.to_string()));
            }
            _ => return Err(FileProblem::TooLarge { what: "fields of one row", limit: 64 }),
        }
        Ok(())
    }

    fn bank_line(&self, done: &Transaction) -> Result<BankLine, RowProblem> {
        let raw = || {
            let parts: Vec<String> =
                done.fields.iter().map(|(name, value)| format!("<{name}>{value}")).collect();
            let currency = done.currency.iter().map(|code| format!("<CURSYM>{code}"));
            parts.concat() + &currency.collect::<String>()
        };
        let field = |wanted: &str| {
            let found = done.fields.iter().find(|(name, _)| name == wanted);
            found.map_or("", |(_, value)| value.as_str())
        };
        let problem = |code, name: &str| row_problem(code, name, field(name), &raw());
        let code = done.currency.as_deref().unwrap_or(&self.currency);
        let currency = Currency::from_code(code)
            .map_err(|_| row_problem("bad_currency", "CURDEF", code, &raw()))?;
        let (booked_on, booked_at_ms) =
            day_and_instant(field("DTPOSTED")).ok_or_else(|| problem("bad_time", "DTPOSTED"))?;
        let amount_minor =
            amount(field("TRNAMT"), currency).ok_or_else(|| problem("bad_amount", "TRNAMT"))?;
        const KNOWN: [&str; 5] = ["DTPOSTED", "TRNAMT", "FITID", "NAME", "MEMO"];
        let extra = done.fields.iter().filter(|(name, _)| !KNOWN.contains(&name.as_str()));
        Ok(BankLine {
            account_no: self.account_no.clone(),
            booked_on,
            booked_at_ms,
            currency,
            amount_minor,
            balance_after_minor: None,
            bank_ref: field("FITID").to_string(),
            counterparty: field("NAME").to_string(),
            memo: shown(field("MEMO"), 4_000),
            extra: extra.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect(),
        })
    }

    fn end_statement(&mut self) {
        if let (Some(from), Some(to)) = self.days
            && from <= to
        {
            self.all.day(from);
            self.all.day(to);
            self.all.closing.days_announced = true;
        }
        // A balance of a later day includes rows that are not in this file.
        let within = match (self.balance.1, self.days.1) {
            (Some(as_of), Some(to)) => as_of <= to,
            _ => true,
        };
        let closing = self.balance.0.filter(|_| within);
        let opening = closing.map(|closing| closing.saturating_sub(self.sum));
        let account_no = self.account_no.clone();
        // The opening balance is implied, so there is nothing to compare inside the statement.
        let currency = Currency::from_code(&self.currency).unwrap_or(Currency::CNY);
        self.all.implied_statement(&account_no, Said { currency, opening, closing });
    }
}

/// `20260415120000.000[+8:CST]` → the day as printed, and the instant when a zone is named.
fn day_and_instant(text: &str) -> Option<(BusinessDate, Option<i64>)> {
    let text = text.trim();
    let day = BusinessDate::parse(text.get(..8)?)?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let Some((clock, zone)) = text.split_once('[').filter(|_| digits >= 14) else {
        return Some((day, None));
    };
    let two = |at: usize| clock.get(at..at + 2).and_then(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (two(8)?, two(10)?, two(12)?);
    let zone = zone.trim_end_matches(']').split(':').next().unwrap_or("0").trim();
    let offset_minutes = offset(zone)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let local = i64::from(day.days()) * 86_400_000 + ((hour * 60 + minute) * 60 + second) * 1000;
    Some((day, Some(local - offset_minutes * 60_000)))
}

/// `+8`, `-3.30` (hours and minutes), `5.5` (hours and a half): minutes east of UTC.
fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, part) = digits.split_once('.').unwrap_or((digits, ""));
    let figures = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !figures(hours) || !figures(part) {
        return None;
    }
    let hours: i64 = if hours.is_empty() { 0 } else { hours.parse().ok()? };
    if hours > 14 {
        return None;
    }
    let minutes = match part {
        "" | "0" | "00" => 0,
        "5" | "50" => 30,
        "75" => 45,
        two => two.parse::<i64>().ok().filter(|minutes| *minutes < 60)?,
    };
    Some(sign * (hours * 60 + minutes))
}
