//! The file of a clearing day as a bill: trades with their fees, what each moved, and the payment
//! of the day's net. There is no other bill: UnionPay keeps no balance for a merchant, what it has
//! cleared on a day it pays.
//!
//! The payment stands in no line of the file: it is what its lines add up to, and is said to stand
//! behind the last one. Adjustments (`ZME`) come in a file of their own and in the same payment.
//! What their columns mean is not confirmed, so their rows are of unknown kind until a person says.

use super::CUT_OFF_MS;
use super::zm::{self, ZmProblem, ZmRow};
use crate::bill::{Check, Closing, Fact, FileKind, FileProblem, Row, RowProblem, Sink};
use crate::cells::{self, CellProblem, bad};
use crate::decode_gb18030;
use crate::lines::Lines;
use domain::{BalanceKind, BalanceTransaction, BusinessDate, Currency};
use domain::{SettlementKind, SettlementLine, SettlementStatus};
use std::io::BufRead;

/// What of a file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Sales and refunds.
    Trade,
    /// What each row moved, and the day's payment.
    Fund,
    /// Rows of adjustments, and what of the day's payment is theirs.
    Adjustments,
}

/// What the file of a clearing day is, by its first bytes; its day by its rows, or by its name
/// where no row tells a year.
pub(crate) fn detect(head: &[u8], name: &str) -> Option<FileKind> {
    let mut lines = head.split(|byte| *byte == b'\n').map(zm::bare).filter(|l| !l.is_empty());
    let first = lines.next()?;
    if zm::is_adjustment(first) {
        let day = day_of_name(name)?;
        return Some(FileKind::UnionPayAdjustment { day });
    }
    if !zm::is_trade(first) {
        return None;
    }
    let lines = std::iter::once(first).chain(lines);
    let own = lines.filter_map(zm::made_at).map(cleared_on).max();
    Some(FileKind::UnionPayClearing { day: day_of_name(name).or(own)? })
}

/// `INN26010188ZM_…`: the names of an archive's entries tell the day.
fn day_of_name(name: &str) -> Option<BusinessDate> {
    let file = name.rsplit(['/', '\\']).next()?;
    let digits = file.strip_prefix("INN")?.get(..6)?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| BusinessDate::parse(&format!("20{digits}")))?
}

/// The clearing day of an instant.
fn cleared_on(at_ms: i64) -> BusinessDate {
    BusinessDate::of_ms(at_ms + CUT_OFF_MS)
}

/// Reads a file.
///
/// # Errors
/// [`FileProblem::Truncated`] for one without a whole row.
pub(crate) fn read(
    reader: &mut dyn BufRead,
    reading: Reading,
    day: BusinessDate,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    let mut lines = Lines::new(reader);
    let mut file = Clearing::of(day, reading);
    while let Some((line_no, line)) = lines.next()? {
        let Some(fact) = file.line(line) else { continue };
        file.rows_read += 1;
        let fact = fact.map_err(|problem| cells::row_problem(problem, &decode_gb18030(line)));
        if sink(Row { line_no, fact }).is_break() {
            return Err(FileProblem::Stopped);
        }
    }
    let last = lines.line_no();
    if last == 0 {
        return Err(FileProblem::Truncated { line_no: 0 });
    }
    for (behind, row) in (1..).zip(file.sums()) {
        file.rows_read += 1;
        let row = Row { line_no: last.saturating_add(behind), fact: Ok(Fact::Balance(row)) };
        if sink(row).is_break() {
            return Err(FileProblem::Stopped);
        }
    }
    Ok(file.close())
}

/// Reads one mended line again.
///
/// # Errors
/// What is still wrong with it.
pub(crate) fn replay(reading: Reading, day: BusinessDate, raw: &str) -> Result<Fact, RowProblem> {
    let bytes = encoding_rs::GB18030.encode(raw).0;
    let wrong = |problem| cells::row_problem(problem, raw);
    let fact = Clearing::of(day, reading).line(&bytes);
    fact.unwrap_or_else(|| Err(bad("unknown_kind", "交易类型", ""))).map_err(wrong)
}

struct Clearing {
    day: BusinessDate,
    reading: Reading,
    rows_read: u64,
    merchant: Option<String>,
    net_minor: i64,
    split_minor: i64,
    fee_minor: i64,
    /// Rows of another clearing day, by their own time.
    strangers: i64,
}

impl Clearing {
    fn of(day: BusinessDate, reading: Reading) -> Self {
        Self {
            day,
            reading,
            rows_read: 0,
            merchant: None,
            net_minor: 0,
            split_minor: 0,
            fee_minor: 0,
            strangers: 0,
        }
    }

    /// One line; nothing for one that is none of what is wanted.
    fn line(&mut self, line: &[u8]) -> Option<Result<Fact, CellProblem>> {
        if self.reading == Reading::Adjustments {
            return Some(self.adjustment(line));
        }
        let row = match zm::read_row(line, self.day) {
            Ok(row) => row,
            Err(problem) => return Some(Err(said(problem))),
        };
        if self.merchant.is_none() && !row.merchant_no.is_empty() {
            self.merchant = Some(row.merchant_no.clone());
        }
        self.strangers += i64::from(cleared_on(row.made_at_ms) != self.day);
        let settled = row.cleared.minor() + row.fee.minor();
        self.net_minor = self.net_minor.saturating_add(row.net.minor());
        self.fee_minor = self.fee_minor.saturating_add(row.fee.minor());
        self.split_minor = self.split_minor.saturating_add(row.net.minor() - settled);
        match self.reading {
            Reading::Trade => settlement(&row).map(|line| Ok(Fact::Settlement(line))),
            _ => Some(Ok(Fact::Balance(balance(&row, settled)))),
        }
    }

    fn adjustment(&mut self, line: &[u8]) -> Result<Fact, CellProblem> {
        let row = zm::read_adjustment(line, self.day).map_err(said)?;
        if self.merchant.is_none() && !row.merchant_no.is_empty() {
            self.merchant = Some(row.merchant_no.clone());
        }
        self.net_minor = self.net_minor.saturating_add(row.settled_minor);
        Ok(Fact::Balance(BalanceTransaction {
            at_ms: row.made_at_ms,
            kind: BalanceKind::Unknown,
            kind_text: format!("差错/{}", row.code),
            channel_ref: row.trace_no.clone(),
            ledger_ref: row.identity,
            remark: row.card,
            ..self.empty_row(row.settled_minor)
        }))
    }

    fn empty_row(&self, amount_minor: i64) -> BalanceTransaction {
        BalanceTransaction {
            at_ms: self.day.start_ms() + 24 * 3_600_000 - CUT_OFF_MS - 1,
            kind: BalanceKind::Unknown,
            kind_text: String::new(),
            channel_ref: String::new(),
            ledger_ref: String::new(),
            merchant_ref: String::new(),
            payment_ref: String::new(),
            payout_ref: String::new(),
            payout_at_ms: None,
            arrives_on: None,
            amount_minor,
            fee_minor: None,
            balance_after_minor: None,
            remark_total_minor: None,
            remark_fee_minor: None,
            submitter: String::new(),
            counterparty: String::new(),
            remark: String::new(),
            extra: Vec::new(),
        }
    }

    /// What the rows come to: shares of others, and the day's payment.
    fn sums(&self) -> Vec<BalanceTransaction> {
        if self.reading == Reading::Trade {
            return Vec::new();
        }
        let day = self.day.to_string().replace('-', "");
        let file = if self.reading == Reading::Fund { "ZM" } else { "ZME" };
        let share = BalanceTransaction {
            kind: match self.split_minor {
                ..=0 => BalanceKind::SplitPaid,
                _ => BalanceKind::SplitReturned,
            },
            kind_text: "二级商户分账".to_owned(),
            channel_ref: day.clone(),
            ledger_ref: format!("{file}{day}S"),
            ..self.empty_row(self.split_minor)
        };
        let payment = BalanceTransaction {
            kind: BalanceKind::Payout,
            kind_text: "清算净额".to_owned(),
            channel_ref: day.clone(),
            ledger_ref: format!("{file}{day}"),
            submitter: "system".to_owned(),
            ..self.empty_row(self.net_minor.saturating_neg())
        };
        [share, payment].into_iter().filter(|row| row.amount_minor != 0).collect()
    }

    fn close(self) -> Closing {
        Closing {
            rows_read: self.rows_read,
            account_no: self.merchant,
            days: Some((self.day, self.day)),
            days_announced: true,
            checks: vec![Check::yuan("rows_of_another_day", 0, self.strangers)],
            totals: vec![("net".to_owned(), self.net_minor), ("fees".to_owned(), self.fee_minor)],
            ..Closing::default()
        }
    }
}

fn said(problem: ZmProblem) -> CellProblem {
    match problem {
        ZmProblem::Short => bad("too_few_columns", "ZM", ""),
        ZmProblem::Column("time") => bad("bad_time", "交易传输时间", ""),
        ZmProblem::Column(name) => bad("bad_amount", name, ""),
        ZmProblem::Sum => bad("bad_amount", "清算金额 + 商户手续费 = 结算金额", ""),
    }
}

/// What a transaction type is in the books; `None` for one on no list.
fn kind_of(txn_type: &str) -> Option<SettlementKind> {
    match txn_type {
        // Purchase, completion of a pre-authorisation.
        "01" | "03" => Some(SettlementKind::Payment),
        "04" => Some(SettlementKind::Refund),
        // Purchase or completion canceled, reversal.
        "31" | "33" | "99" => Some(SettlementKind::Revoked),
        _ => None,
    }
}

/// The purchase that a row is, or gives back.
fn payment_of(row: &ZmRow, kind: Option<SettlementKind>) -> String {
    match kind {
        Some(SettlementKind::Payment) => row.query_id.clone(),
        _ => row.orig_query_id.clone().unwrap_or_default(),
    }
}

fn settlement(row: &ZmRow) -> Option<SettlementLine> {
    let kind = kind_of(&row.txn_type)?;
    let paid = kind == SettlementKind::Payment;
    let cleared = row.cleared.minor();
    Some(SettlementLine {
        kind,
        at_ms: row.made_at_ms,
        ordered_at_ms: None,
        refunded_at_ms: None,
        merchant_no: row.merchant_no.clone(),
        channel_payment_id: payment_of(row, Some(kind)),
        merchant_order_id: if paid { row.order_id.clone() } else { row.orig_order_id.clone() },
        channel_refund_id: if paid { String::new() } else { row.query_id.clone() },
        merchant_refund_id: if paid { String::new() } else { row.order_id.clone() },
        currency: Currency::CNY,
        order_amount_minor: if paid { row.amount.minor() } else { -row.amount.minor() },
        settled_minor: cleared,
        subsidy_minor: 0,
        fee_minor: row.fee.minor(),
        fee_rate_ppm: None,
        status: SettlementStatus::Succeeded,
        status_text: String::new(),
        scene: row.pay_type.clone(),
        paying_bank: String::new(),
        payer: row.card.clone(),
        goods: String::new(),
        note: row.note.clone(),
        extra: row.kept.clone(),
    })
}

fn balance(row: &ZmRow, settled_minor: i64) -> BalanceTransaction {
    let kind = kind_of(&row.txn_type);
    BalanceTransaction {
        at_ms: row.made_at_ms,
        kind: match kind {
            Some(SettlementKind::Payment) => BalanceKind::Payment,
            Some(_) => BalanceKind::Refund,
            None => BalanceKind::Unknown,
        },
        kind_text: row.txn_type.clone(),
        channel_ref: row.query_id.clone(),
        ledger_ref: row.query_id.clone(),
        merchant_ref: row.order_id.clone(),
        payment_ref: payment_of(row, kind),
        payout_ref: String::new(),
        payout_at_ms: None,
        arrives_on: None,
        amount_minor: settled_minor,
        fee_minor: Some(row.fee.minor()),
        balance_after_minor: None,
        remark_total_minor: None,
        remark_fee_minor: None,
        submitter: String::new(),
        counterparty: row.card.clone(),
        remark: row.note.clone(),
        extra: Vec::new(),
    }
}
