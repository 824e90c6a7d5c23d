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
use domain::{BalanceKind, BalanceTransaction, BusinessDate, Currency};
use domain::{SettlementKind, SettlementLine, SettlementStatus};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::BufRead;

#[cfg(test)]
mod tests;

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
    of: Option<String>,
    sent: Option<i64>,
    payout: Option<WirePayout>,
    balance: Option<WireBalance>,
    end: Option<End>,
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
}

#[derive(Deserialize)]
struct WirePayout {
    id: String,
    amount: i64,
    balance_transaction: Value,
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

/// Names under which shops note their order number at Stripe, the usual ones first.
const ORDER_NAMES: &[&str] = &[
    "order_id",
    "order_no",
    "order_number",
    "orderCode",
    "order_code",
    "merchant_order_id",
    "out_trade_no",
    "order",
    "orderId",
];

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

/// A payout with what its list adds up to.
struct Proof {
    line_no: u32,
    amount: i64,
    own_row: String,
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
    balance_minor: Option<i64>,
    net_minor: i64,
    payouts: BTreeMap<String, Proof>,
    /// By payout: each row of its list, and what it moved.
    lists: BTreeMap<String, Vec<(String, i64)>>,
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
            balance_minor: None,
            net_minor: 0,
            payouts: BTreeMap::new(),
            lists: BTreeMap::new(),
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
        if let Some(row) = line.row {
            return match self.row(row, line.of.zip(line.sent)) {
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
            self.payouts.insert(payout.id, Proof { line_no, amount, own_row });
        }
        if let Some(balance) = line.balance {
            let funds = balance.available.iter().chain(&balance.pending);
            let own =
                funds.filter(|funds| funds.currency.eq_ignore_ascii_case(&self.head.currency));
            let sum = own.map(|funds| funds.amount).try_fold(0_i64, i64::checked_add);
            self.balance_minor = sum.and_then(|sum| self.minor("amount", sum).ok());
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
            row,
        };
        if moved.kind == BalanceKind::Payment && moved.source().is_empty() {
            return Err(bad("missing_number", "source", &moved.row.id));
        }
        match &of {
            None => self.net_minor = self.net_minor.saturating_add(moved.net),
            Some((payout, _)) => {
                let list = self.lists.entry(payout.clone()).or_default();
                list.push((moved.row.id.clone(), moved.net));
            }
        }
        Ok(match self.reading {
            Reading::Fund => Some(Fact::Balance(moved.balance(of))),
            Reading::Trade => {
                moved.settlement(&self.head.account, self.currency).map(Fact::Settlement)
            }
        })
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
            let Some(list) = self.lists.get(payout) else { continue };
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
        let asked_at_the_end = self.head.until >= self.head.fetched;
        let balances = self.balance_minor.filter(|_| asked_at_the_end).map(|closing| {
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

/// A row with its amounts in our minor units, signed by effect.
struct Moved {
    row: WireRow,
    kind: BalanceKind,
    at_ms: i64,
    gross: i64,
    fee: i64,
    net: i64,
}

impl Moved {
    fn source(&self) -> &str {
        id_of(&self.row.source)
    }

    /// The payment that it is, or belongs to.
    fn payment(&self) -> &str {
        match self.kind {
            BalanceKind::Payment => self.source(),
            _ => id_of(&self.row.source["charge"]),
        }
    }

    fn order(&self) -> String {
        let noted = |name: &&str| match &self.row.source["metadata"][*name] {
            Value::String(text) => Some(cells::text(text)),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let mut names = ORDER_NAMES.iter().filter_map(noted);
        names.find(|text| !text.is_empty()).unwrap_or_default()
    }

    fn words(&self) -> String {
        let WireRow { kind, reporting_category: category, .. } = &self.row;
        let words = match category.is_empty() || category == kind {
            true => kind.clone(),
            false => format!("{category}/{kind}"),
        };
        cells::text(&words).chars().take(100).collect()
    }

    fn description(&self) -> String {
        cells::text(self.row.description.as_deref().unwrap_or_default())
    }

    /// What the buyer saw, where that is of another currency.
    fn extra(&self) -> Vec<(String, String)> {
        let source = &self.row.source;
        let (Some(currency), Some(amount)) =
            (source["currency"].as_str(), source["amount"].as_i64())
        else {
            return Vec::new();
        };
        if currency.eq_ignore_ascii_case(&self.row.currency) {
            return Vec::new();
        }
        let of =
            [("source_currency", cells::text(currency)), ("source_amount", amount.to_string())];
        of.map(|(name, value)| (name.to_owned(), value)).into()
    }

    fn balance(&self, of: Option<(String, i64)>) -> BalanceTransaction {
        let (payout_ref, payout_at_ms) = of.unzip();
        let by_schedule = self.row.source["automatic"].as_bool() == Some(true);
        BalanceTransaction {
            at_ms: self.at_ms,
            kind: self.kind,
            kind_text: self.words(),
            channel_ref: self.source().to_owned(),
            ledger_ref: self.row.id.clone(),
            merchant_ref: self.order(),
            payment_ref: self.payment().to_owned(),
            payout_ref: payout_ref.unwrap_or_default(),
            payout_at_ms,
            amount_minor: self.net,
            fee_minor: Some(self.fee),
            balance_after_minor: None,
            remark_total_minor: None,
            remark_fee_minor: None,
            submitter: if by_schedule { "system" } else { "" }.to_owned(),
            counterparty: String::new(),
            remark: self.description(),
            extra: self.extra(),
        }
    }

    fn settlement(&self, account: &str, currency: Currency) -> Option<SettlementLine> {
        let kind = match (self.kind, self.row.reporting_category.as_str()) {
            (BalanceKind::Payment, _) => SettlementKind::Payment,
            (BalanceKind::Refund, "refund" | "") => SettlementKind::Refund,
            (BalanceKind::Refund, _) => SettlementKind::Revoked,
            _ => return None,
        };
        let refund = kind != SettlementKind::Payment;
        let own = if refund { self.source().to_owned() } else { String::new() };
        let source = &self.row.source;
        let word = source["status"].as_str().filter(|_| refund).map(cells::text);
        let method = &source["payment_method_details"];
        let scene = method["type"].as_str().map(cells::text).unwrap_or_default();
        let card = [&method["card"]["brand"], &method["card"]["last4"]];
        let card = card.into_iter().filter_map(Value::as_str).map(cells::text);
        Some(SettlementLine {
            kind,
            at_ms: self.at_ms,
            ordered_at_ms: None,
            refunded_at_ms: None,
            merchant_no: account.to_owned(),
            channel_payment_id: self.payment().to_owned(),
            merchant_order_id: self.order(),
            channel_refund_id: own.clone(),
            merchant_refund_id: own,
            currency,
            order_amount_minor: self.gross,
            settled_minor: self.gross,
            subsidy_minor: 0,
            fee_minor: self.fee,
            fee_rate_ppm: None,
            status: word.as_deref().map_or(SettlementStatus::Succeeded, status),
            status_text: word.unwrap_or_default(),
            scene,
            paying_bank: card.collect::<Vec<_>>().join(" "),
            payer: text_at(&source["billing_details"]["email"]),
            goods: self.description(),
            note: String::new(),
            extra: self.extra(),
        })
    }
}

fn status(word: &str) -> SettlementStatus {
    match word {
        "succeeded" => SettlementStatus::Succeeded,
        "pending" => SettlementStatus::Pending,
        "requires_action" => SettlementStatus::Abnormal,
        "failed" | "canceled" => SettlementStatus::Failed,
        _ => SettlementStatus::Unknown,
    }
}

fn text_at(value: &Value) -> String {
    value.as_str().map(cells::text).unwrap_or_default()
}

/// The id of a field that is an id or the object of that id; empty for neither.
fn id_of(value: &Value) -> &str {
    value.as_str().or_else(|| value["id"].as_str()).unwrap_or_default()
}

fn is_payout(source: &Value) -> bool {
    source["object"].as_str() == Some("payout") || id_of(source).starts_with("po_")
}
