//! Account details (账务明细): every move of the merchant's Alipay balance.
//!
//! Money: yuan with 2 decimals; 支出 is printed negative, sometimes not. Three orders of the
//! columns are in use, with 10 to 16 of them.

use super::frame::{self, Item, Total};
use super::surplus::{Anchors, RowCells};
use super::{Columns, Text};
use crate::bill::{Balances, Check, Closing, Fact, FileProblem, Row, RowProblem, Sink};
use crate::cells::{self, CellProblem};
use crate::kinds::{KindTable, Words};
use domain::{BalanceKind, BalanceTransaction, BusinessDate};
use std::io::BufRead;

mod balance;
mod numbers;

use balance::Chain;

/// First line of the file.
pub(crate) const TITLE: &str = "支付宝账务明细查询";

const LEDGER_NO: usize = 0;
const EVENT_NO: usize = 1;
const ORDER_NO: usize = 2;
const GOODS: usize = 3;
const TIME: usize = 4;
const OTHER_SIDE: usize = 5;
const INCOME: usize = 6;
const EXPENSE: usize = 7;
const BALANCE: usize = 8;
const MEANS: usize = 9;
const WORD: usize = 10;
const REMARK: usize = 11;
const BASE_NO: usize = 12;
const ORDER_NOS: usize = 13;
const ORIGIN: usize = 14;
const DESCRIPTION: usize = 15;

/// Columns with their spellings, unit and sign taken off.
const NAMES: &[&[&str]] = &[
    &["账务流水号"],
    &["业务流水号"],
    &["商户订单号"],
    &["商品名称"],
    &["发生时间"],
    &["对方账号", "对方账户"],
    &["收入金额", "收入"],
    &["支出金额", "支出"],
    &["账户余额"],
    &["交易渠道"],
    &["业务类型"],
    &["备注"],
    &["业务基础订单号"],
    &["业务订单号"],
    &["业务账单来源"],
    &["业务描述"],
];

const NEEDED: [usize; 7] = [LEDGER_NO, EVENT_NO, TIME, INCOME, EXPENSE, BALANCE, WORD];

/// Reads account details with the program's table of words. See [`read_with`].
///
/// # Errors
/// As [`read_with`].
pub fn read(reader: &mut dyn BufRead, sink: Sink<'_>) -> Result<Closing, FileProblem> {
    read_with(reader, &super::kinds::table(), sink)
}

/// Reads account details; `kinds` says what the words mean.
///
/// Checks of the closing: `count:支出合计`, `sum:支出合计`, `count:收入合计`, `sum:收入合计`,
/// `row_count`, `running_balance` (order inside one second is not relied on) and
/// `balance_change`. Totals: `in_count`, `in_amount`, `out_count` (fen, signed), `out_amount`,
/// `net_amount`, `balance_breaks`, `unknown_kinds`.
///
/// # Errors
/// [`FileProblem::Unknown`] when the first line is another, [`FileProblem::Truncated`] without
/// end marker or control totals, [`FileProblem::MissingColumn`], [`FileProblem::Encoding`].
pub fn read_with(
    reader: &mut dyn BufRead,
    kinds: &KindTable,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    let mut text = Text::new(reader);
    let head = frame::head(&mut text, TITLE)?;
    let columns = Columns::find(&head.header, NAMES);
    columns.need(NAMES, &NEEDED)?;
    let layout = Layout::new(columns, kinds);
    let mut run = Run::default();
    let mut cells = RowCells::default();
    while let Item::Row(line_no, line) = frame::next(&mut text)? {
        run.rows += 1;
        let fact = match layout.read(line, &mut cells) {
            Ok(row) => {
                run.count(line_no, &row);
                Ok(Fact::Balance(row))
            }
            Err(problem) => {
                run.bad += 1;
                run.chain.interrupt();
                Err(cells::row_problem(problem, line))
            }
        };
        if sink(Row { line_no, fact }).is_break() {
            return Err(FileProblem::Stopped);
        }
    }
    let foot = frame::foot(&mut text)?;
    let line_no = text.line_no();
    let days = run.days;
    let mut closing = run.close(&foot.totals, layout.columns, line_no)?;
    frame::finish(&mut closing, head, foot.issued_at_ms, days);
    Ok(closing)
}

/// Reads one row again after it was mended; `header` is the file's column header.
///
/// # Errors
/// What is still wrong with the row.
pub fn replay(kinds: &KindTable, header: &str, raw: &str) -> Result<Fact, RowProblem> {
    let layout = Layout::new(Columns::find(header, NAMES), kinds);
    let read = layout.read(raw, &mut RowCells::default());
    read.map(Fact::Balance).map_err(|problem| cells::row_problem(problem, raw))
}

struct Layout<'k> {
    columns: Columns,
    free: Vec<usize>,
    kinds: &'k KindTable,
}

impl<'k> Layout<'k> {
    fn new(columns: Columns, kinds: &'k KindTable) -> Self {
        let mut free: Vec<usize> =
            [GOODS, REMARK].into_iter().filter_map(|column| columns.at[column]).collect();
        free.sort_unstable();
        Self { columns, free, kinds }
    }

    fn fits(&self, index: usize, cell: &str) -> bool {
        let at = |column: usize| self.columns.at[column] == Some(index);
        if at(TIME) {
            domain::parse_channel_time(cell).is_some()
        } else if at(BALANCE) {
            cells::amount("", cell).is_ok()
        } else if at(INCOME) || at(EXPENSE) {
            cells::amount_or_zero("", cell).is_ok()
        } else {
            true
        }
    }

    fn read(&self, line: &str, found: &mut RowCells) -> Result<BalanceTransaction, CellProblem> {
        let fits = |index: usize, cell: &str| self.fits(index, cell);
        let width = self.columns.width;
        let anchors = Anchors { width, free: &self.free, fits: &fits };
        found.split(line, &anchors).map_err(|cells| {
            let code = if cells < width { "too_few_columns" } else { "too_many_columns" };
            (code, format!("{cells} instead of {width}"))
        })?;
        let cell = |column: usize| found.get(line, self.columns.at[column]);
        let text = |column: usize| cells::text(cell(column));
        let income = cells::amount_or_zero("收入金额", cell(INCOME))?;
        let expense = cells::amount_or_zero("支出金额", cell(EXPENSE))?;
        if income < 0 || (income != 0 && expense != 0) {
            let both = format!("{} / {}", cell(INCOME), cell(EXPENSE));
            return Err(cells::bad("bad_amount", "收入金额 / 支出金额", &both));
        }
        let amount_minor = if expense != 0 { -expense.abs() } else { income };
        let ledger_ref = text(LEDGER_NO);
        if ledger_ref.is_empty() {
            return Err(cells::bad("missing_number", "账务流水号", ""));
        }
        let (word, remark, description) = (text(WORD), text(REMARK), text(DESCRIPTION));
        let (event_no, base_no) = (text(EVENT_NO), text(BASE_NO));
        let payment = numbers::payment_of(&base_no, &event_no, &remark);
        let words = Words {
            code: description.split('|').next().unwrap_or(""),
            name: "",
            word: &word,
            remark: &remark,
            amount_minor,
            of_payment: payment.is_some(),
        };
        let kind = self.kinds.kind(&words);
        let payment_ref = payment.filter(|_| numbers::belongs_to_a_payment(kind));
        let payment_ref = payment_ref.unwrap_or_default().to_string();
        let printed_order = text(ORDER_NO);
        let refund = matches!(kind, BalanceKind::Refund | BalanceKind::RefundFee)
            .then(|| numbers::refund_no(cell(ORDER_NOS), &printed_order))
            .flatten();
        let mut extra = self.extra(line, found, payment.unwrap_or(""));
        let merchant_ref = match refund {
            Some(refund) if refund != printed_order => {
                let refund = refund.to_string();
                extra.push(("商户订单号".into(), printed_order));
                refund
            }
            _ => printed_order,
        };
        let kind_text = if description.is_empty() { word } else { format!("{word}/{description}") };
        Ok(BalanceTransaction {
            at_ms: cells::time("发生时间", cell(TIME))?,
            kind,
            kind_text,
            channel_ref: event_no,
            ledger_ref,
            merchant_ref,
            payment_ref,
            payout_ref: String::new(),
            payout_at_ms: None,
            arrives_on: None,
            amount_minor,
            fee_minor: None,
            balance_after_minor: Some(cells::amount("账户余额", cell(BALANCE))?),
            remark_total_minor: None,
            remark_fee_minor: None,
            submitter: String::new(),
            counterparty: text(OTHER_SIDE),
            remark,
            extra,
        })
    }

    /// Columns without a field. Numbers that only repeat the payment's are left out.
    fn extra(&self, line: &str, found: &RowCells, payment: &str) -> Vec<(String, String)> {
        let repeats = |value: &str| {
            let inner = value.strip_prefix("M{").and_then(|rest| rest.strip_suffix('}'));
            inner.unwrap_or(value) == payment
        };
        let kept = [GOODS, MEANS, BASE_NO, ORDER_NOS, ORIGIN]
            .into_iter()
            .filter_map(|column| Some((self.columns.at[column]?, NAMES[column][0])));
        let unknown = self.columns.unknown.iter().map(|(index, name)| (*index, name.as_str()));
        kept.chain(unknown)
            .map(|(index, name)| (name.to_string(), cells::text(found.get(line, Some(index)))))
            .filter(|(_, value)| !value.is_empty() && !repeats(value))
            .collect()
    }
}

#[derive(Default)]
struct Run {
    rows: u64,
    bad: i64,
    zero: i64,
    income: (i64, i64),
    expense: (i64, i64),
    unknown: i64,
    chain: Chain,
    days: Option<(BusinessDate, BusinessDate)>,
}

impl Run {
    fn count(&mut self, line_no: u32, row: &BalanceTransaction) {
        let side = match row.amount_minor {
            0 => {
                self.zero += 1;
                None
            }
            1.. => Some(&mut self.income),
            _ => Some(&mut self.expense),
        };
        if let Some((count, sum)) = side {
            *count += 1;
            *sum = sum.saturating_add(row.amount_minor);
        }
        self.unknown += i64::from(row.kind == BalanceKind::Unknown);
        if let Some(balance) = row.balance_after_minor {
            self.chain.row(line_no, row.at_ms, row.amount_minor, balance);
        }
        cells::widen(&mut self.days, row.at_ms);
    }

    fn close(
        self,
        totals: &[Total],
        columns: Columns,
        line_no: u32,
    ) -> Result<Closing, FileProblem> {
        let mut checks = Vec::new();
        let mut check = |code: String, expected: i64, found: i64| {
            checks.push(Check::yuan(code, expected, found));
        };
        let mut announced = 0;
        for (name, (count, sum)) in [("支出合计", self.expense), ("收入合计", self.income)]
        {
            let Some(total) = totals.iter().find(|total| total.name == name) else {
                if count > 0 {
                    return Err(FileProblem::Truncated { line_no });
                }
                continue;
            };
            announced += total.count;
            check(format!("count:{name}"), total.count, count);
            let expected = total.sum("").unwrap_or(0);
            // Some files print the sum of what left without its sign.
            let expected = if name == "支出合计" { -expected.abs() } else { expected };
            check(format!("sum:{name}"), expected, sum);
        }
        if totals.is_empty() && self.rows > 0 {
            return Err(FileProblem::Truncated { line_no });
        }
        check("row_count".into(), announced, self.income.0 + self.expense.0 + self.bad);
        let net = self.income.1.saturating_add(self.expense.1);
        let chain = self.chain.close();
        let whole = self.bad == 0;
        if let (Some((opening, closing)), true) = (chain.balances, whole) {
            check("balance_change".into(), closing.saturating_sub(opening), net);
        }
        checks.extend(chain.check);
        let totals = [
            ("in_count", self.income.0),
            ("in_amount", self.income.1),
            ("out_count", self.expense.0),
            ("out_amount", self.expense.1),
            ("net_amount", net),
            ("zero_rows", self.zero),
            ("balance_breaks", chain.breaks),
            ("unknown_kinds", self.unknown),
        ];
        Ok(Closing {
            rows_read: self.rows,
            fund_account: (self.rows > 0).then_some(domain::FundAccount::Basic),
            balances: Balances::yuan(chain.balances),
            checks,
            totals: totals.into_iter().map(|(name, value)| (name.to_string(), value)).collect(),
            unknown_columns: columns.unknown_names(),
            ..Closing::default()
        })
    }
}
