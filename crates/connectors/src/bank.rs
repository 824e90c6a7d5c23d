//! Bank statements in the formats banks agree on.

pub mod camt053;
pub mod mt940;
pub mod ofx;

use crate::bill::{Balances, Check, Closing, FileProblem, Row, RowProblem, Sink};
use crate::table::text::shown;
use domain::{BankLine, BusinessDate, Currency, money};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Rows that a person put in other words, by line number: in the form of [`RowProblem::raw`].
pub type Mended = BTreeMap<u32, String>;

/// No statement field is longer; one that is, is damaged or an attack.
const FIELD_LIMIT: usize = 64 << 10;

/// More accounts in one file than any merchant has.
const ACCOUNT_LIMIT: usize = 1_000;

/// Rows and checks of one file, across the statements in it.
struct Statements<'s> {
    sink: Sink<'s>,
    /// Rows in other words, by line.
    mended: &'s Mended,
    /// Line of the row before: a file may have all its rows on one line.
    last_line: u32,
    closing: Closing,
    accounts: BTreeSet<String>,
    statements: i64,
    bad: i64,
    arrived: i64,
    left: i64,
    /// Balances of the first and the last statement of each currency.
    balances: BTreeMap<Currency, (Option<i64>, Option<i64>)>,
}

/// The balances that one statement prints or implies.
#[derive(Clone, Copy)]
struct Said {
    currency: Currency,
    opening: Option<i64>,
    closing: Option<i64>,
}

impl<'s> Statements<'s> {
    fn new(sink: Sink<'s>, mended: &'s Mended) -> Self {
        Self {
            sink,
            mended,
            last_line: 0,
            closing: Closing::default(),
            accounts: BTreeSet::new(),
            statements: 0,
            bad: 0,
            arrived: 0,
            left: 0,
            balances: BTreeMap::new(),
        }
    }

    /// The line a row stands on: rows that share one count on from it, so that each has its own.
    fn place(&mut self, line_no: u32) -> u32 {
        self.last_line = line_no.max(self.last_line.saturating_add(1));
        self.last_line
    }

    /// What a person says that the row on this line should be.
    fn mended(&self, line_no: u32) -> Option<&'s str> {
        self.mended.get(&line_no).map(String::as_str)
    }

    fn row(&mut self, line_no: u32, line: Result<BankLine, RowProblem>) -> Result<(), FileProblem> {
        self.closing.rows_read += 1;
        match &line {
            Ok(line) => {
                self.day(line.booked_on);
                let side = if line.amount_minor >= 0 { &mut self.arrived } else { &mut self.left };
                *side = side.saturating_add(line.amount_minor);
            }
            Err(_) => self.bad += 1,
        }
        let fact = line.map(crate::bill::Fact::Bank);
        match (self.sink)(Row { line_no, fact }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(FileProblem::Stopped),
        }
    }

    /// A day the statements cover.
    fn day(&mut self, day: BusinessDate) {
        self.closing.days = Some(match self.closing.days {
            None => (day, day),
            Some((from, to)) => (from.min(day), to.max(day)),
        });
    }

    /// Closes one statement whose balances are both printed: compares them with its rows.
    ///
    /// `sum` is that of the rows that could be read; `line_no` is shown when they disagree.
    fn statement(&mut self, account_no: &str, said: Said, sum: i64, line_no: u32) {
        let (number, currency) = (self.statements + 1, said.currency);
        if let (Some(opening), Some(closing)) = (said.opening, said.closing) {
            let found = opening.saturating_add(sum);
            let code = numbered("closing_balance", number);
            self.check(code, currency, (closing, found), line_no);
        }
        let before = self.balances.get(&currency).and_then(|(_, closing)| *closing);
        let before = before.filter(|_| self.accounts.contains(account_no));
        if let (Some(before), Some(opening)) = (before, said.opening)
            && self.accounts.len() == 1
        {
            let code = numbered("opening_balance", number);
            self.check(code, currency, (opening, before), line_no);
        }
        self.implied_statement(account_no, said);
    }

    /// Closes one statement whose opening balance is worked out from its rows.
    fn implied_statement(&mut self, account_no: &str, said: Said) {
        self.statements += 1;
        if self.accounts.len() < ACCOUNT_LIMIT {
            self.accounts.insert(account_no.to_string());
        }
        let first = (said.opening, None);
        self.balances.entry(said.currency).or_insert(first).1 = said.closing;
    }

    fn check(
        &mut self,
        code: String,
        currency: Currency,
        (expected, found): (i64, i64),
        line_no: u32,
    ) {
        let line_no = (expected != found).then_some(line_no);
        self.closing.checks.push(Check { code, currency, expected, found, line_no });
    }

    fn close(mut self) -> Closing {
        if self.accounts.len() == 1 {
            self.closing.account_no =
                self.accounts.into_iter().next().filter(|account_no| !account_no.is_empty());
            let said = self.balances.into_iter();
            let both = said.filter_map(|(currency, (opening, closing))| {
                Some(Balances::of(currency, opening.zip(closing)?))
            });
            self.closing.balances = both.collect();
        }
        self.closing.totals.extend([
            ("statements".to_string(), self.statements),
            ("rows_bad".to_string(), self.bad),
            ("in".to_string(), self.arrived),
            ("out".to_string(), self.left),
        ]);
        self.closing
    }
}

/// The first statement's check has the bare name, later ones their number.
fn numbered(name: &str, statement: i64) -> String {
    if statement == 1 { name.to_string() } else { format!("{name}:{statement}") }
}

/// Reads an unsigned or signed amount with either decimal sign: `1234,56`, `1234.56`, `+1,234.5`.
///
/// A single comma followed by at most two digits (or by none, as MT940 writes whole amounts) is
/// the decimal sign.
fn amount(text: &str, currency: Currency) -> Option<i64> {
    let text = text.trim();
    let decimal_comma = !text.contains('.')
        && text.matches(',').count() == 1
        && text.rsplit(',').next().is_some_and(|part| part.len() != 3 || currency.decimals() == 3);
    let read = |text: &str| money::parse_minor(text, currency.decimals()).ok();
    if decimal_comma { read(&text.replace(',', ".")) } else { read(text) }
}

fn row_problem(code: &'static str, field: &str, value: &str, raw: &str) -> RowProblem {
    RowProblem {
        code,
        detail: shown(&format!("{field}: {value}"), 200),
        raw: raw.chars().take(4_000).collect(),
    }
}

/// Joins the filled texts by a space.
fn joined(texts: &[&str]) -> String {
    let filled: Vec<&str> = texts.iter().map(|t| t.trim()).filter(|t| !t.is_empty()).collect();
    filled.join(" ")
}

#[cfg(test)]
mod tests;
