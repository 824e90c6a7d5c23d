//! The document of [`super::archive`], read: as fund rows with the lists of payouts, and as the
//! trade-bill rows of sales and refunds.
//!
//! A row tells gross, fee and net of itself, so one document serves both: Stripe has no other bill.

use super::archive::MARK;
use super::chain::Chain;
use super::currency::to_ours;
use crate::bill::{Balances, Check, Closing, Fact, FileProblem, Row, RowProblem, Sink};
use crate::cells::{self, CellProblem, bad};
use crate::kinds::{KindTable, Words};
use crate::lines::Lines;
use domain::{BalanceKind, BusinessDate, Currency, FeePart};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::BufRead;

mod moved;
#[cfg(test)]
mod tests;

use moved::{Moved, id_of, is_payout};

/// What of the document is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Sales and refunds.
    Trade,
    /// Every row, and what payouts are made of.
    Fund,
}

/// The first line.
#[derive(Clone, Debug, Deserialize)]
struct Head {
    account: String,
    currency: String,
    places: u32,
    from: i64,
    until: i64,
    fetched: i64,
    #[serde(default)]
    chained: bool,
}

/// Any other line.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
struct Line {
    row: Option<WireRow>,
    later: Option<Later>,
    of: Option<String>,
    sent: Option<i64>,
    payout: Option<WirePayout>,
    balance: Option<WireBalance>,
    end: Option<End>,
}

/// What came after the time covered: how many rows, beside the balance; true, beside such a row.
#[derive(Deserialize)]
#[serde(untagged)]
enum Later {
    Rows(i64),
    Row(bool),
}

#[derive(Deserialize)]
struct WireRow {
    id: String,
    created: i64,
    amount: i64,
    fee: i64,
    net: i64,
    currency: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    reporting_category: String,
    #[serde(default)]
    source: Value,
    description: Option<String>,
    #[serde(default)]
    fee_details: Vec<WireFee>,
}

/// A part of a row's fee, positive where it is charged.
#[derive(Deserialize)]
struct WireFee {
    amount: i64,
    currency: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct WirePayout {
    id: String,
    amount: i64,
    balance_transaction: Value,
    #[serde(default)]
    automatic: bool,
    reconciliation_status: Option<String>,
}

#[derive(Deserialize)]
struct WireBalance {
    #[serde(default)]
    available: Vec<Funds>,
    #[serde(default)]
    pending: Vec<Funds>,
}

#[derive(Deserialize)]
struct Funds {
    amount: i64,
    currency: String,
}

#[derive(Clone, Copy, Deserialize)]
struct End {
    rows: i64,
    payouts: i64,
    payout_rows: i64,
}

/// Longest name of a part of a fee that is kept, characters.
const PART_NAME: usize = 40;

/// The currency that a document's first line names, to tell the file's kind.
pub(crate) fn currency_of(head: &str) -> Option<Currency> {
    let head: Head = serde_json::from_str(head.lines().next()?.trim_end()).ok()?;
    Currency::from_code(&head.currency).ok()
}

/// Reads a document.
///
/// # Errors
/// [`FileProblem::Truncated`] without its last line, [`FileProblem::Damaged`] for another first
/// line or an amount of another currency's.
pub(crate) fn read(
    reader: &mut dyn BufRead,
    reading: Reading,
    kinds: &KindTable,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    let mut lines = Lines::new(reader);
    let header = match lines.next()? {
        Some((_, line)) => String::from_utf8_lossy(line).into_owned(),
        None => return Err(FileProblem::Truncated { line_no: 0 }),
    };
    let mut file = BalanceFile::begin(&header, reading, kinds)?;
    while let Some((line_no, line)) = lines.next()? {
        if file.end.is_some() {
            return Err(FileProblem::Damaged { detail: "lines after the end".to_owned() });
        }
        let text = std::str::from_utf8(line)
            .map_err(|_| FileProblem::Encoding { line_no, encoding: "UTF-8" })?;
        file.follow(text, line_no);
        if let Some(fact) = file.line(text, line_no) {
            file.rows_read += 1;
            if sink(Row { line_no, fact }).is_break() {
                return Err(FileProblem::Stopped);
            }
        }
    }
    file.close(header, lines.line_no())
}

/// Reads one mended line again.
///
/// # Errors
/// What is still wrong with it.
pub(crate) fn replay(
    header: &str,
    reading: Reading,
    kinds: &KindTable,
    raw: &str,
) -> Result<Fact, RowProblem> {
    let damaged = || cells::row_problem(bad("bad_row", "row", raw), raw);
    let mut file = BalanceFile::begin(header, reading, kinds).map_err(|_| damaged())?;
    file.line(raw, 0).unwrap_or_else(|| Err(damaged()))
}

/// What is known of the balance.
#[derive(Default)]
struct Standing {
    /// When it was asked for.
    asked_minor: Option<i64>,
    /// How many rows moved it since the end of the time covered, where they are told.
    later_rows: Option<i64>,
    /// Those that are here, and what they come to.
    found_rows: i64,
    later_minor: i64,
}

/// A payout with what its list adds up to.
struct Proof {
    line_no: u32,
    amount: i64,
    own_row: String,
    /// Stripe says that it is done with its list.
    itemized: bool,
}

struct BalanceFile<'k> {
    head: Head,
    currency: Currency,
    reading: Reading,
    kinds: &'k KindTable,
    rows_read: u64,
    /// Where lines are held together.
    chain: Option<Chain>,
    /// The first line that does not follow from the one before.
    first_break: Option<u32>,
    found: End,
    end: Option<End>,
    standing: Standing,
    net_minor: i64,
    /// Each row of the time covered, and what it moved.
    rows: BTreeMap<String, i64>,
    payouts: BTreeMap<String, Proof>,
    /// By payout: each row of its list, and what it moved.
    lists: BTreeMap<String, Vec<(String, i64)>>,
    /// Rows of payouts' lists that were made in the time covered.
    listed: Vec<(u32, String, i64)>,
}

impl<'k> BalanceFile<'k> {
    fn begin(header: &str, reading: Reading, kinds: &'k KindTable) -> Result<Self, FileProblem> {
        let damaged = || FileProblem::Damaged { detail: "the first line".to_owned() };
        if !header.starts_with(MARK) {
            return Err(damaged());
        }
        let head: Head = serde_json::from_str(header).map_err(|_| damaged())?;
        let currency = Currency::from_code(&head.currency).map_err(|_| damaged())?;
        let seconds = -1_000_000_000_000..=1_000_000_000_000;
        let times = [head.from, head.until, head.fetched];
        if head.places > 4 || times.iter().any(|at| !seconds.contains(at)) {
            return Err(damaged());
        }
        let chain = head.chained.then(|| Chain::new(header.trim_end_matches(['\r', '\n'])));
        Ok(Self {
            chain,
            first_break: None,
            head,
            currency,
            reading,
            kinds,
            rows_read: 0,
            found: End { rows: 0, payouts: 0, payout_rows: 0 },
            end: None,
            standing: Standing::default(),
            net_minor: 0,
            rows: BTreeMap::new(),
            payouts: BTreeMap::new(),
            lists: BTreeMap::new(),
            listed: Vec::new(),
        })
    }

    /// Holds a line against the one before it.
    fn follow(&mut self, text: &str, line_no: u32) {
        let text = text.trim_end_matches('\r');
        if self.chain.as_mut().is_some_and(|chain| !chain.follows(text)) {
            self.first_break.get_or_insert(line_no);
        }
    }

    /// One line; nothing for a line that is no row, or none that is wanted.
    fn line(&mut self, text: &str, line_no: u32) -> Option<Result<Fact, RowProblem>> {
        let problem = |problem| Some(Err(cells::row_problem(problem, text)));
        let line: Line = match serde_json::from_str(text) {
            Ok(line) => line,
            Err(_) => return problem(bad("bad_row", "row", text)),
        };
        if let (Some(row), Some(Later::Row(true))) = (&line.row, &line.later) {
            self.standing.found_rows += 1;
            let Ok(net) = self.minor("net", row.net) else {
                return problem(bad("bad_amount", "net", &row.net.to_string()));
            };
            self.standing.later_minor = self.standing.later_minor.saturating_add(net);
            return None;
        }
        if let Some(row) = line.row {
            return match self.row(row, line.of.zip(line.sent), line_no) {
                Ok(fact) => fact.map(Ok),
                Err(wrong) => problem(wrong),
            };
        }
        if let Some(payout) = line.payout {
            self.found.payouts += 1;
            let own_row = id_of(&payout.balance_transaction).to_owned();
            let Ok(amount) = self.minor("amount", payout.amount) else {
                return problem(bad("bad_amount", "amount", &payout.amount.to_string()));
            };
            let done = payout.reconciliation_status.as_deref() == Some("completed");
            let itemized = payout.automatic && done;
            self.payouts.insert(payout.id, Proof { line_no, amount, own_row, itemized });
        }
        if let Some(balance) = line.balance {
            let funds = balance.available.iter().chain(&balance.pending);
            let own =
                funds.filter(|funds| funds.currency.eq_ignore_ascii_case(&self.head.currency));
            let sum = own.map(|funds| funds.amount).try_fold(0_i64, i64::checked_add);
            self.standing.asked_minor = sum.and_then(|sum| self.minor("amount", sum).ok());
            if let Some(Later::Rows(rows)) = line.later {
                self.standing.later_rows = Some(rows);
            }
        }
        self.end = line.end.or(self.end);
        None
    }

    fn minor(&self, field: &str, amount: i64) -> Result<i64, CellProblem> {
        to_ours(self.head.places, amount, self.currency)
            .ok_or_else(|| bad("bad_amount", field, &amount.to_string()))
    }

    /// A row; `of` is the payout whose list says it, and when that was made.
    fn row(
        &mut self,
        row: WireRow,
        of: Option<(String, i64)>,
        line_no: u32,
    ) -> Result<Option<Fact>, CellProblem> {
        match of {
            None => self.found.rows += 1,
            Some(_) => self.found.payout_rows += 1,
        }
        if !row.currency.eq_ignore_ascii_case(&self.head.currency) {
            return Err(bad("bad_currency", "currency", &row.currency));
        }
        if row.id.is_empty() {
            return Err(bad("missing_number", "id", ""));
        }
        if row.amount.checked_sub(row.fee) != Some(row.net) {
            return Err(bad("bad_amount", "net", &row.net.to_string()));
        }
        let at_ms = millis("created", row.created)?;
        let of = match of {
            Some((payout, sent)) => Some((payout, millis("sent", sent)?)),
            None => None,
        };
        let moved = Moved {
            at_ms,
            gross: self.minor("amount", row.amount)?,
            fee: -self.minor("fee", row.fee)?,
            net: self.minor("net", row.net)?,
            kind: self.kind(&row),
            fee_parts: self.fee_parts(&row)?,
            row,
        };
        if moved.kind == BalanceKind::Payment && moved.source().is_empty() {
            return Err(bad("missing_number", "source", &moved.row.id));
        }
        match &of {
            None => {
                self.net_minor = self.net_minor.saturating_add(moved.net);
                self.rows.insert(moved.row.id.clone(), moved.net);
            }
            Some((payout, _)) => {
                let list = self.lists.entry(payout.clone()).or_default();
                list.push((moved.row.id.clone(), moved.net));
                if (self.head.from..self.head.until).contains(&moved.row.created) {
                    self.listed.push((line_no, moved.row.id.clone(), moved.net));
                }
            }
        }
        Ok(match self.reading {
            Reading::Fund => Some(Fact::Balance(moved.balance(of))),
            Reading::Trade => {
                moved.settlement(&self.head.account, self.currency).map(Fact::Settlement)
            }
        })
    }

    /// What the fee is made of, as Stripe says: its own price, tax, a platform's share. Parts that
    /// are not the fee break the row; a part of another currency leaves the fee whole.
    fn fee_parts(&self, row: &WireRow) -> Result<Vec<FeePart>, CellProblem> {
        let foreign = |fee: &WireFee| !fee.currency.eq_ignore_ascii_case(&row.currency);
        if row.fee_details.is_empty() || row.fee_details.iter().any(foreign) {
            return Ok(Vec::new());
        }
        let broken = |sum: i64| bad("bad_amount", "fee_details", &sum.to_string());
        let (mut sum, mut parts) = (0_i64, BTreeMap::<String, i64>::new());
        for fee in &row.fee_details {
            sum = sum.checked_add(fee.amount).ok_or_else(|| broken(fee.amount))?;
            let name = cells::text(&fee.kind).chars().take(PART_NAME).collect();
            let part = parts.entry(name).or_default();
            *part = part.checked_add(fee.amount).ok_or_else(|| broken(fee.amount))?;
        }
        if sum != row.fee {
            return Err(broken(sum));
        }
        let part = |(name, amount)| {
            let amount_minor = -self.minor("fee_details", amount)?;
            Ok(FeePart { name, amount_minor })
        };
        parts.into_iter().filter(|(_, amount)| *amount != 0).map(part).collect()
    }

    fn kind(&self, row: &WireRow) -> BalanceKind {
        let words = Words {
            name: &row.kind,
            word: &row.reporting_category,
            amount_minor: row.amount,
            ..Words::default()
        };
        match self.kinds.kind(&words) {
            // What an instant payout costs stands in a row of its own, caused by the payout.
            BalanceKind::AccountCharge if is_payout(&row.source) => BalanceKind::PayoutFee,
            kind => kind,
        }
    }

    fn close(self, header: String, line_no: u32) -> Result<Closing, FileProblem> {
        let Some(end) = self.end else { return Err(FileProblem::Truncated { line_no }) };
        let mut checks = vec![
            Check::yuan("row_count", end.rows, self.found.rows),
            Check::yuan("payout_count", end.payouts, self.found.payouts),
            Check::yuan("payout_row_count", end.payout_rows, self.found.payout_rows),
        ];
        if self.chain.is_some() {
            let broken = i64::from(self.first_break.is_some());
            let check = Check::yuan("line_chain", 0, broken);
            checks.push(Check { line_no: self.first_break, ..check });
        }
        for (payout, proof) in &self.payouts {
            // A list that Stripe is done with and that is empty pays nothing.
            let list = match self.lists.get(payout) {
                None if !proof.itemized => continue,
                list => list.map_or(&[][..], Vec::as_slice),
            };
            let rows = list.iter().filter(|(id, _)| *id != proof.own_row);
            let found = rows.fold(0_i64, |sum, (_, net)| sum.saturating_add(*net));
            checks.push(Check {
                code: format!("sum:{payout}"),
                currency: self.currency,
                expected: proof.amount,
                found,
                // Where a line is broken, that line is why.
                line_no: (found != proof.amount && self.first_break.is_none())
                    .then_some(proof.line_no),
            });
        }
        checks.extend(self.listed_elsewhere());
        if let Some(rows) = self.standing.later_rows {
            checks.push(Check::yuan("row_count_later", rows, self.standing.found_rows));
        }
        let balances = self.closing_minor().map(|closing| {
            Balances::of(self.currency, (closing.saturating_sub(self.net_minor), closing))
        });
        Ok(Closing {
            rows_read: self.rows_read,
            account_no: Some(self.head.account.clone()),
            days: whole_days(self.head.from, self.head.until),
            days_announced: true,
            issued_at_ms: Some(self.head.fetched.saturating_mul(1000)),
            balances: balances.into_iter().collect(),
            checks,
            totals: vec![("net".to_owned(), self.net_minor)],
            header,
            ..Closing::default()
        })
    }
}

impl BalanceFile<'_> {
    /// That the list has every row of its time that a payout's own list has, and says the same.
    fn listed_elsewhere(&self) -> Vec<Check> {
        let differs = |row: &&(u32, String, i64)| self.rows.get(&row.1) != Some(&row.2);
        let lacks = |row: &&(u32, String, i64)| !self.rows.contains_key(&row.1);
        let wrong = self.listed.iter().filter(differs);
        let (lacking, changed): (Vec<_>, Vec<_>) = wrong.partition(lacks);
        let codes = [("row_only_in_payout", lacking), ("row_differs_in_payout", changed)];
        let wrong = codes.into_iter().filter(|(_, rows)| !rows.is_empty());
        let check = |(code, rows): (&str, Vec<&(u32, String, i64)>)| Check {
            line_no: rows.first().map(|(line_no, ..)| *line_no),
            ..Check::yuan(code, 0, rows.len() as i64)
        };
        // A line that was broken since is why.
        wrong.map(check).filter(|_| self.first_break.is_none()).collect()
    }

    /// The balance at the end of the time covered: what it was when it was asked for, less what
    /// moved it since.
    fn closing_minor(&self) -> Option<i64> {
        let standing = &self.standing;
        let asked_at_the_end = self.head.until >= self.head.fetched;
        let later_known = standing.later_rows == Some(standing.found_rows);
        // A balance of noon says nothing of the day's end.
        let until_ms = self.head.until.saturating_mul(1000);
        let ends_a_day = BusinessDate::of_ms(until_ms).start_ms() == until_ms;
        let known = ends_a_day && (asked_at_the_end || later_known);
        let asked = standing.asked_minor.filter(|_| known)?;
        asked.checked_sub(standing.later_minor)
    }
}

/// Unix seconds as milliseconds.
fn millis(column: &str, seconds: i64) -> Result<i64, CellProblem> {
    let known = seconds.unsigned_abs() < 1_000_000_000_000;
    known.then(|| seconds * 1000).ok_or_else(|| bad("bad_time", column, &seconds.to_string()))
}

/// Days that lie in the time whole. A list asked for at noon says nothing of the day's rest.
fn whole_days(from_s: i64, until_s: i64) -> Option<(BusinessDate, BusinessDate)> {
    let (from_ms, until_ms) = (from_s.saturating_mul(1000), until_s.saturating_mul(1000));
    let begun = BusinessDate::of_ms(from_ms);
    let first = begun.days() + i32::from(begun.start_ms() < from_ms);
    let last = BusinessDate::of_ms(until_ms).days() - 1;
    let days = BusinessDate::from_days(first)..=BusinessDate::from_days(last);
    (first <= last).then(|| days.into_inner())
}
