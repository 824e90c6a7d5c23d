//! Trade bill: payments and refunds as settlement lines.
//!
//! Four layouts, told apart by their header: `ALL` (27 columns), `SUCCESS` (20), `REFUND` (29)
//! and the old one without settlement columns (24). Money: yuan with 2 decimals, the fee with 5.
//! Times: Beijing wall clock. Refund amounts are printed unsigned, a returned fee negative.

use super::{Bill, Cells, Summary, TRADE_SUMMARY, drive};
use crate::bill::{Check, Closing, Fact, FileProblem, RowProblem, Sink};
use crate::cells::{self, CellProblem};
use crate::suspects::Suspects;
use domain::money::{Rounding, apply_rate, parse_minor};
use domain::{BusinessDate, Currency, SettlementKind, SettlementLine, SettlementStatus};
use std::io::BufRead;

mod columns;

pub(crate) use columns::kind_of;
use columns::{COLUMNS, Col, NAMES, SUMS};

/// Reads a trade bill of any layout.
///
/// Checks of the closing: `row_count` and `sum:<summary header>` for each column the file has.
/// Totals (fen, signed by their effect on the merchant): `payments_count`, `refunds_count`,
/// `order_amount`, `settled`, `refunded`, `fees`, `fees_returned`.
///
/// # Errors
/// [`FileProblem::Truncated`] without both summary lines, [`FileProblem::MissingColumn`],
/// [`FileProblem::Encoding`], and the problems of lines and containers.
pub fn read(reader: &mut dyn BufRead, sink: Sink<'_>) -> Result<Closing, FileProblem> {
    let mut run = Run::default();
    let (summary, rows) = drive(reader, &mut run, sink)?;
    run.close(&summary, rows)
}

/// Reads one row again after it was mended; `header` is the file's first line.
///
/// # Errors
/// What is still wrong with the row.
pub fn replay(header: &str, raw: &str) -> Result<Fact, RowProblem> {
    let mut run = Run::default();
    run.header(super::header_names(header))
        .map_err(|problem| cells::row_problem(("bad_header", problem.to_string()), raw))?;
    super::replay(&mut run, raw)
}

#[derive(Default)]
struct Run {
    at: [Option<usize>; COLUMNS],
    unknown: Vec<(usize, String)>,
    width: usize,
    /// Sums of the columns of [`SUMS`], as printed.
    sums: [i64; SUMS.len()],
    payments: i64,
    refunds: i64,
    order_amount: i64,
    settled: i64,
    refunded: i64,
    fees: i64,
    fees_returned: i64,
    days: Option<(BusinessDate, BusinessDate)>,
    merchant: Option<String>,
    several_merchants: bool,
    suspects: Suspects,
}

impl Bill for Run {
    const SUMMARY: &'static str = TRADE_SUMMARY;

    fn header(&mut self, names: Vec<String>) -> Result<(), FileProblem> {
        self.width = names.len();
        for (index, name) in names.into_iter().enumerate() {
            let known =
                NAMES.iter().find(|(known, _)| *known == name).map(|(_, col)| *col as usize);
            match known {
                Some(col) if self.at[col].is_none() => self.at[col] = Some(index),
                _ => self.unknown.push((index, name)),
            }
        }
        for (column, col) in [
            ("交易时间", Col::Time),
            ("微信订单号", Col::PaymentId),
            ("商户订单号", Col::OrderId),
            ("交易状态", Col::State),
            ("应结订单金额", Col::Settled),
            ("手续费", Col::Fee),
        ] {
            if self.at[col as usize].is_none() {
                return Err(FileProblem::MissingColumn { column: column.into() });
            }
        }
        Ok(())
    }

    fn width(&self) -> usize {
        self.width
    }

    fn row(&mut self, line_no: u32, line: &str, cells: &Cells) -> Result<Fact, CellProblem> {
        let line = Line { line, cells, at: &self.at };
        let amounts = line.amounts(&mut self.sums)?;
        let row = line.settlement(&amounts, &self.unknown)?;
        self.suspect(line_no, &amounts, &row);
        self.count(&row);
        Ok(Fact::Settlement(row))
    }
}

impl Run {
    /// Notes how far the columns of a row part.
    fn suspect(&mut self, line_no: u32, amounts: &Amounts, row: &SettlementLine) {
        let payment = row.kind == SettlementKind::Payment;
        let base = if payment { amounts.settled } else { amounts.refunded.saturating_neg() };
        let fee = row.fee_rate_ppm.and_then(|rate| apply_rate(base, rate, Rounding::HalfUp).ok());
        let over = amounts.order_total.saturating_sub(amounts.settled);
        let back = amounts.refund_total.saturating_sub(amounts.refunded);
        let fee = fee.map_or(0, |fee| amounts.fee.saturating_sub(fee));
        let offs = [
            (Col::Settled, over.saturating_neg(), Col::OrderTotal),
            (Col::OrderTotal, over, Col::OrderTotal),
            (Col::Refunded, back.saturating_neg(), Col::RefundTotal),
            (Col::RefundTotal, back, Col::RefundTotal),
            (Col::CouponRefunded, amounts.coupon_refunded, Col::CouponRefunded),
            (Col::Fee, fee, Col::Fee),
        ];
        for (col, off, told_by) in offs {
            if off != 0 && self.at[told_by as usize].is_some() {
                self.suspects.note(col as usize, off, line_no);
            }
        }
    }

    fn count(&mut self, row: &SettlementLine) {
        if row.kind == SettlementKind::Payment {
            self.payments += 1;
            self.order_amount = self.order_amount.saturating_add(row.order_amount_minor);
            self.settled = self.settled.saturating_add(row.settled_minor);
            self.fees = self.fees.saturating_add(row.fee_minor);
        } else {
            self.refunds += 1;
            self.refunded = self.refunded.saturating_add(row.settled_minor);
            self.fees_returned = self.fees_returned.saturating_add(row.fee_minor);
        }
        cells::widen(&mut self.days, row.at_ms);
        match &self.merchant {
            None => self.merchant = Some(row.merchant_no.clone()),
            Some(known) => self.several_merchants |= *known != row.merchant_no,
        }
    }

    fn close(self, summary: &Summary, rows: u64) -> Result<Closing, FileProblem> {
        let mut checks: Vec<Check> = Vec::new();
        let found = i64::try_from(rows).unwrap_or(i64::MAX);
        summary.check(&mut checks, "row_count", &[TRADE_SUMMARY], 0, found)?;
        for ((col, code, names), sum) in SUMS.iter().zip(self.sums) {
            // A payments-only bill may still carry the long summary: its refund totals speak
            // of rows that are not in this file.
            if self.at[*col as usize].is_some() {
                summary.check(&mut checks, code, names, 2, sum)?;
                if let Some(check) = checks.last_mut().filter(|check| check.code == *code) {
                    self.suspects.name(*col as usize, check);
                }
            }
        }
        let totals = [
            ("payments_count", self.payments),
            ("refunds_count", self.refunds),
            ("order_amount", self.order_amount),
            ("settled", self.settled),
            ("refunded", self.refunded),
            ("fees", self.fees),
            ("fees_returned", self.fees_returned),
        ];
        let closing = Closing {
            rows_read: rows,
            account_no: self.merchant.filter(|no| !self.several_merchants && !no.is_empty()),
            days: self.days,
            checks,
            totals: totals.into_iter().map(|(name, value)| (name.to_string(), value)).collect(),
            unknown_columns: self.unknown.into_iter().map(|(_, name)| name).collect(),
            header: summary.header.clone(),
            ..Closing::default()
        };
        summary.refuse_if_cut(&closing)?;
        Ok(closing)
    }
}

/// The amounts of a row as printed, fen.
struct Amounts {
    settled: i64,
    coupon: i64,
    refunded: i64,
    coupon_refunded: i64,
    fee: i64,
    order_total: i64,
    refund_total: i64,
}

/// One detail line with its columns.
struct Line<'a> {
    line: &'a str,
    cells: &'a Cells,
    at: &'a [Option<usize>; COLUMNS],
}

impl<'a> Line<'a> {
    fn cell(&self, col: Col) -> &'a str {
        self.cells.get(self.line, self.at[col as usize])
    }

    fn text(&self, col: Col) -> String {
        cells::text(self.cell(col))
    }

    /// Reads every amount, adding the good ones to the sums even when another is bad: the
    /// difference to the summary is then that of the bad cell alone.
    fn amounts(&self, sums: &mut [i64; SUMS.len()]) -> Result<Amounts, CellProblem> {
        let mut first_bad = None;
        let mut take = |col: Col, column: &str| {
            let cell = self.cell(col);
            let must = matches!(col, Col::Settled | Col::Fee);
            let read = if must {
                cells::amount(column, cell)
            } else {
                cells::amount_or_zero(column, cell)
            };
            match read {
                Ok(minor) => {
                    if let Some(place) = SUMS.iter().position(|(summed, _, _)| *summed == col) {
                        sums[place] = sums[place].saturating_add(minor);
                    }
                    minor
                }
                Err(problem) => {
                    first_bad.get_or_insert(problem);
                    0
                }
            }
        };
        let amounts = Amounts {
            settled: take(Col::Settled, "应结订单金额"),
            coupon: take(Col::Coupon, "代金券金额"),
            refunded: take(Col::Refunded, "退款金额"),
            coupon_refunded: take(Col::CouponRefunded, "充值券退款金额"),
            fee: take(Col::Fee, "手续费"),
            order_total: take(Col::OrderTotal, "订单金额"),
            refund_total: take(Col::RefundTotal, "申请退款金额"),
        };
        first_bad.map_or(Ok(amounts), Err)
    }

    fn settlement(
        &self,
        amounts: &Amounts,
        unknown: &[(usize, String)],
    ) -> Result<SettlementLine, CellProblem> {
        let state = self.cell(Col::State).trim();
        let kind = match state {
            "SUCCESS" => SettlementKind::Payment,
            "REFUND" => SettlementKind::Refund,
            "REVOKED" => SettlementKind::Revoked,
            // A state nobody knows has no known sign: the row waits for a person.
            _ => return Err(cells::bad("unknown_state", "交易状态", state)),
        };
        let payment = kind == SettlementKind::Payment;
        if !payment && self.at[Col::Refunded as usize].is_none() {
            return Err(cells::bad("bad_row", "退款金额", "a refund in a bill without refunds"));
        }
        let (status, status_text) =
            if payment { (SettlementStatus::Succeeded, String::new()) } else { self.status(kind) };
        // The old layout prints one amount for both the order and the settlement.
        let (order_amount, settled, subsidy) = if payment {
            let order = self.at[Col::OrderTotal as usize].map(|_| amounts.order_total);
            (order.unwrap_or(amounts.settled), amounts.settled, amounts.coupon)
        } else {
            let asked = self.at[Col::RefundTotal as usize].map(|_| amounts.refund_total);
            (-asked.unwrap_or(amounts.refunded), -amounts.refunded, -amounts.coupon_refunded)
        };
        let refund_text = |col| if payment { String::new() } else { no_zero(self.text(col)) };
        Ok(SettlementLine {
            kind,
            at_ms: cells::time("交易时间", self.cell(Col::Time))?,
            ordered_at_ms: None,
            refunded_at_ms: cells::optional_time("退款成功时间", self.cell(Col::RefundDone))?,
            merchant_no: self.text(Col::Merchant),
            channel_payment_id: self.id(Col::PaymentId, "微信订单号")?,
            merchant_order_id: self.text(Col::OrderId),
            channel_refund_id: refund_text(Col::RefundId),
            merchant_refund_id: refund_text(Col::MerchantRefundId),
            currency: self.currency()?,
            order_amount_minor: order_amount,
            settled_minor: settled,
            subsidy_minor: subsidy,
            fee_minor: -amounts.fee,
            fee_rate_ppm: self.rate()?,
            status,
            status_text,
            scene: self.text(Col::Scene),
            paying_bank: self.text(Col::Bank),
            payer: self.text(Col::Payer),
            goods: self.text(Col::Goods),
            note: self.note(),
            extra: self.extra(payment, unknown),
        })
    }

    fn id(&self, col: Col, column: &str) -> Result<String, CellProblem> {
        let id = self.text(col);
        if id.is_empty() { Err(cells::bad("missing_number", column, "")) } else { Ok(id) }
    }

    /// The state of a refund when the bill was made; never updated by the channel.
    fn status(&self, kind: SettlementKind) -> (SettlementStatus, String) {
        let word = self.text(Col::RefundState);
        let status = match word.as_str() {
            "SUCCESS" => SettlementStatus::Succeeded,
            "PROCESSING" => SettlementStatus::Pending,
            "FAIL" => SettlementStatus::Failed,
            "CHANGE" => SettlementStatus::Abnormal,
            // A reversed payment-code order is done when it is listed.
            "" if kind == SettlementKind::Revoked => SettlementStatus::Succeeded,
            _ => SettlementStatus::Unknown,
        };
        (status, word)
    }

    fn currency(&self) -> Result<Currency, CellProblem> {
        let code = self.cell(Col::Currency).trim();
        match code {
            // Bills of a direct merchant are always in yuan; the old one may leave it out.
            "CNY" | "" => Ok(Currency::CNY),
            _ => Err(cells::bad("bad_currency", "货币种类", code)),
        }
    }

    /// `0.60%` is 6000 parts per million.
    fn rate(&self) -> Result<Option<i64>, CellProblem> {
        let cell = self.cell(Col::Rate).trim();
        if cell.is_empty() {
            return Ok(None);
        }
        let number = cell.strip_suffix('%').and_then(|percent| parse_minor(percent, 4).ok());
        number.map(Some).ok_or_else(|| cells::bad("bad_rate", "费率", cell))
    }

    fn note(&self) -> String {
        let (attach, device) = (self.text(Col::Attach), self.text(Col::Device));
        match (attach.is_empty(), device.is_empty()) {
            (_, true) => attach,
            (true, false) => device,
            (false, false) => format!("{attach} | {device}"),
        }
    }

    /// Columns without a place of their own. The appid and the empty ones are left out: the
    /// appid is the same in every row, and it takes part in nothing.
    fn extra(&self, payment: bool, unknown: &[(usize, String)]) -> Vec<(String, String)> {
        let mut extra = Vec::new();
        let mut keep = |header: &str, value: String| {
            if !value.is_empty() {
                extra.push((header.to_string(), value));
            }
        };
        keep("特约商户号", no_zero(self.text(Col::SubMerchant)));
        if !payment {
            keep("退款类型", self.text(Col::RefundType));
            keep("退款申请时间", self.text(Col::RefundAsked));
        }
        keep("费率备注", self.text(Col::RateNote));
        for (index, header) in unknown {
            keep(header, cells::text(self.cells.get(self.line, Some(*index))));
        }
        extra
    }
}

/// The channel writes `0` for "no number".
fn no_zero(number: String) -> String {
    if number == "0" { String::new() } else { number }
}
