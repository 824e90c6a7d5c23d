//! Fund-flow bill: every move of one of the merchant's accounts, with the balance after it.
//!
//! Money: unsigned yuan; the sign is 收支类型. The bill names no merchant and no account: the
//! merchant is taken from submitters and ledger numbers, the account from the rows.

use super::{Bill, Cells, FUND_SUMMARY, RUNNING_BALANCE, Summary, drive};
use crate::bill::{Balances, Check, Closing, Fact, FileProblem, RowProblem, Sink};
use crate::cells::{self, CellProblem};
use crate::kinds::{KindTable, Words};
use domain::{BalanceKind, BalanceTransaction, BusinessDate, FundAccount};
use std::io::BufRead;

mod merchant;
mod remark;

use merchant::Merchant;

#[derive(Clone, Copy)]
enum Col {
    Time,
    ChannelRef,
    LedgerRef,
    Name,
    Word,
    Direction,
    Amount,
    Balance,
    Submitter,
    Remark,
    Voucher,
}

const COLUMNS: usize = 11;

/// Header names in [`cells::normal`] form: full-width brackets are narrowed.
const NAMES: [(&str, Col); COLUMNS] = [
    ("记账时间", Col::Time),
    ("微信支付业务单号", Col::ChannelRef),
    ("资金流水单号", Col::LedgerRef),
    ("业务名称", Col::Name),
    ("业务类型", Col::Word),
    ("收支类型", Col::Direction),
    ("收支金额(元)", Col::Amount),
    ("账户结余(元)", Col::Balance),
    ("资金变更提交申请人", Col::Submitter),
    ("备注", Col::Remark),
    ("业务凭证号", Col::Voucher),
];

/// Reads a fund bill with the program's table of words. See [`read_with`].
///
/// # Errors
/// As [`read_with`].
pub fn read(reader: &mut dyn BufRead, sink: Sink<'_>) -> Result<Closing, FileProblem> {
    read_with(reader, &super::kinds::table(), sink)
}

/// Reads a fund bill; `kinds` says what the words mean.
///
/// Checks of the closing: `row_count`, `count:收入笔数`, `sum:收入金额`, `count:支出笔数`,
/// `sum:支出金额`, `running_balance` (with the first line that does not follow from the one
/// before it). Totals: `in_count`, `in_amount`, `out_count`, `out_amount` (unsigned fen),
/// `net_amount`, `balance_breaks`, `unknown_kinds`.
///
/// # Errors
/// [`FileProblem::Truncated`] without both summary lines, [`FileProblem::MissingColumn`],
/// [`FileProblem::Encoding`], and the problems of lines and containers.
pub fn read_with(
    reader: &mut dyn BufRead,
    kinds: &KindTable,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    let mut run = Run::new(kinds);
    let (summary, rows) = drive(reader, &mut run, sink)?;
    run.close(&summary, rows)
}

/// Reads one row again after it was mended; `header` is the file's first line.
///
/// # Errors
/// What is still wrong with the row.
pub fn replay(kinds: &KindTable, header: &str, raw: &str) -> Result<Fact, RowProblem> {
    let mut run = Run::new(kinds);
    run.header(super::header_names(header))
        .map_err(|problem| cells::row_problem(("bad_header", problem.to_string()), raw))?;
    super::replay(&mut run, raw)
}

struct Run<'k> {
    kinds: &'k KindTable,
    at: [Option<usize>; COLUMNS],
    unknown: Vec<(usize, String)>,
    width: usize,
    incoming: (i64, i64),
    outgoing: (i64, i64),
    opening: Option<i64>,
    /// Balance after the row before; `None` at the start and after a row that could not be read.
    before: Option<i64>,
    last_balance: Option<i64>,
    first_break: Option<Check>,
    breaks: i64,
    seen: Seen,
    merchant: Merchant,
    days: Option<(BusinessDate, BusinessDate)>,
}

/// Which kinds the rows were of, for telling the account.
#[derive(Default)]
struct Seen {
    rows: u64,
    transfers: u64,
    fees: u64,
    top_ups: u64,
    unknown: i64,
    other: u64,
}

impl<'k> Run<'k> {
    fn new(kinds: &'k KindTable) -> Self {
        Self {
            kinds,
            at: [None; COLUMNS],
            unknown: Vec::new(),
            width: 0,
            incoming: (0, 0),
            outgoing: (0, 0),
            opening: None,
            before: None,
            last_balance: None,
            first_break: None,
            breaks: 0,
            seen: Seen::default(),
            merchant: Merchant::default(),
            days: None,
        }
    }
}

impl Bill for Run<'_> {
    const SUMMARY: &'static str = FUND_SUMMARY;

    fn header(&mut self, names: Vec<String>) -> Result<(), FileProblem> {
        self.width = names.len();
        for (index, name) in names.into_iter().enumerate() {
            match NAMES.iter().find(|(known, _)| *known == name).map(|(_, col)| *col as usize) {
                Some(col) if self.at[col].is_none() => self.at[col] = Some(index),
                _ => self.unknown.push((index, name)),
            }
        }
        let missing = NAMES.iter().take(8).find(|(_, col)| self.at[*col as usize].is_none());
        match missing {
            Some((column, _)) => Err(FileProblem::MissingColumn { column: (*column).into() }),
            None => Ok(()),
        }
    }

    fn width(&self) -> usize {
        self.width
    }

    fn row(&mut self, line_no: u32, line: &str, cells: &Cells) -> Result<Fact, CellProblem> {
        let at = self.at;
        let cell = |col: Col| cells.get(line, at[col as usize]);
        let read = self.amounts(cell(Col::Direction), cell(Col::Amount), cell(Col::Balance));
        let (amount_minor, balance) = match read {
            Ok(read) => read,
            Err(problem) => {
                self.before = None;
                return Err(problem);
            }
        };
        self.follow(line_no, amount_minor, balance);
        let text = |col: Col| cells::text(cell(col));
        let (name, word, remark) = (text(Col::Name), text(Col::Word), text(Col::Remark));
        let words =
            Words { name: &name, word: &word, remark: &remark, amount_minor, ..Words::default() };
        let kind = self.kinds.kind(&words);
        let at_ms = cells::time("记账时间", cell(Col::Time))?;
        let named = remark::read(&remark);
        let extra = self
            .unknown
            .iter()
            .map(|(index, header)| (header.clone(), cells::text(cells.get(line, Some(*index)))))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let row = BalanceTransaction {
            at_ms,
            kind,
            kind_text: format!("{name}/{word}"),
            channel_ref: text(Col::ChannelRef),
            ledger_ref: text(Col::LedgerRef),
            merchant_ref: text(Col::Voucher),
            payment_ref: payment_ref(kind, cell(Col::ChannelRef), cell(Col::LedgerRef)),
            payout_ref: String::new(),
            payout_at_ms: None,
            arrives_on: None,
            amount_minor,
            fee_minor: None,
            balance_after_minor: Some(balance),
            remark_total_minor: named.total.map(|t| if amount_minor < 0 { -t } else { t }),
            remark_fee_minor: named.fee,
            submitter: text(Col::Submitter),
            counterparty: String::new(),
            remark,
            extra,
        };
        self.merchant.look_at(&row);
        self.seen.count(kind);
        cells::widen(&mut self.days, at_ms);
        Ok(Fact::Balance(row))
    }

    fn lost_row(&mut self) {
        self.before = None;
    }
}

/// The payment a row belongs to. A refund or split row carries it as its ledger number.
fn payment_ref(kind: BalanceKind, channel_ref: &str, ledger_ref: &str) -> String {
    match kind {
        BalanceKind::Payment | BalanceKind::PaymentFee => cells::text(channel_ref),
        BalanceKind::Refund
        | BalanceKind::RefundFee
        | BalanceKind::RefundClosed
        | BalanceKind::SplitPaid
        | BalanceKind::SplitReturned => cells::text(ledger_ref),
        _ => String::new(),
    }
}

impl Run<'_> {
    /// Signed amount and balance after; counts the amount.
    fn amounts(
        &mut self,
        direction: &str,
        amount: &str,
        balance: &str,
    ) -> Result<(i64, i64), CellProblem> {
        let size = cells::amount("收支金额", amount)?;
        if size < 0 {
            // The sign is the other column's; two signs cannot both be right.
            return Err(cells::bad("bad_amount", "收支金额", amount));
        }
        let (signed, side) = match direction.trim() {
            "收入" => (size, &mut self.incoming),
            "支出" => (-size, &mut self.outgoing),
            other => return Err(cells::bad("bad_direction", "收支类型", other)),
        };
        side.0 += 1;
        side.1 = side.1.saturating_add(size);
        Ok((signed, cells::amount("账户结余", balance)?))
    }

    fn follow(&mut self, line_no: u32, amount: i64, balance: i64) {
        if let Some(before) = self.before
            && before + amount != balance
        {
            self.breaks += 1;
            self.first_break.get_or_insert(Check {
                line_no: Some(line_no),
                ..Check::yuan(RUNNING_BALANCE, balance, before + amount)
            });
        }
        self.opening.get_or_insert(balance - amount);
        self.before = Some(balance);
        self.last_balance = Some(balance);
    }

    fn close(self, summary: &Summary, rows: u64) -> Result<Closing, FileProblem> {
        let mut checks = Vec::new();
        let found = i64::try_from(rows).unwrap_or(i64::MAX);
        summary.check(&mut checks, "row_count", &[FUND_SUMMARY], 0, found)?;
        summary.check(&mut checks, "count:收入笔数", &["收入笔数"], 0, self.incoming.0)?;
        summary.check(&mut checks, "sum:收入金额", INCOME, 2, self.incoming.1)?;
        summary.check(&mut checks, "count:支出笔数", &["支出笔数"], 0, self.outgoing.0)?;
        summary.check(&mut checks, "sum:支出金额", EXPENSE, 2, self.outgoing.1)?;
        if let Some(last) = self.last_balance {
            let holds = Check::yuan(RUNNING_BALANCE, last, last);
            checks.push(self.first_break.unwrap_or(holds));
        }
        let totals = [
            ("in_count", self.incoming.0),
            ("in_amount", self.incoming.1),
            ("out_count", self.outgoing.0),
            ("out_amount", self.outgoing.1),
            ("net_amount", self.incoming.1.saturating_sub(self.outgoing.1)),
            ("balance_breaks", self.breaks),
            ("unknown_kinds", self.seen.unknown),
        ];
        let closing = Closing {
            rows_read: rows,
            account_no: self.merchant.number(),
            fund_account: self.seen.account(),
            days: self.days,
            days_announced: false,
            part_of_day: false,
            issued_at_ms: None,
            balances: Balances::yuan(self.opening.zip(self.last_balance)),
            checks,
            totals: totals.into_iter().map(|(name, value)| (name.to_string(), value)).collect(),
            unknown_columns: self.unknown.into_iter().map(|(_, name)| name).collect(),
            header: summary.header.clone(),
            marks: Vec::new(),
            listed: None,
        };
        summary.refuse_if_cut(&closing)?;
        Ok(closing)
    }
}

const INCOME: &[&str] = &["收入金额", "收入金额(元)"];
const EXPENSE: &[&str] = &["支出金额", "支出金额(元)"];

impl Seen {
    fn count(&mut self, kind: BalanceKind) {
        self.rows += 1;
        match kind {
            BalanceKind::TransferOut => self.transfers += 1,
            BalanceKind::PaymentFee | BalanceKind::RefundFee | BalanceKind::AccountCharge => {
                self.fees += 1;
            }
            BalanceKind::TopUp => self.top_ups += 1,
            BalanceKind::Unknown => {
                self.unknown += 1;
                self.other += 1;
            }
            _ => self.other += 1,
        }
    }

    /// Trades and payouts happen only in the basic account, transfers to others in the
    /// operation account, fees without their sales in the fee account.
    fn account(&self) -> Option<FundAccount> {
        if self.rows == 0 {
            None
        } else if self.other == 0 && self.transfers > 0 && self.fees == 0 {
            Some(FundAccount::Operation)
        } else if self.other == 0 && self.transfers == 0 && self.fees > 0 {
            Some(FundAccount::Fees)
        } else {
            Some(FundAccount::Basic)
        }
    }
}
