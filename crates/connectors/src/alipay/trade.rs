//! Business details (业务明细): payments and refunds as settlement lines.
//!
//! Money: yuan with 2 decimals; refunds are negative. Times: Beijing wall clock; a row belongs
//! to the day of its 完成时间. 25 columns, in some contracts 26 to 29.

use super::frame::{self, Item, Total};
use super::surplus::{Anchors, RowCells};
use super::{Columns, Text};
use crate::bill::{Check, Closing, Fact, FileProblem, Row, RowProblem, Sink};
use crate::cells::{self, CellProblem};
use crate::suspects::Suspects;
use domain::paid::{INSTALMENT_FEE, SERVICE_FEE};
use domain::{BusinessDate, Currency, FeePart, SettlementKind, SettlementLine, SettlementStatus};
use std::io::BufRead;

mod columns;
mod rates;

use columns::*;
use rates::Rates;

/// First line of the file.
pub(crate) const TITLE: &str = "支付宝业务明细查询";

/// Before the fen by which the fee of a row parts from the rate of most.
pub const ODD_FEE: &str = "odd_fee:";

/// Where the sign of a fee comes from.
///
/// The channel does not document it. The rule (a payment costs, a refund gives back) holds for
/// every sample known; [`super::compare`] tells when a day's own summary says otherwise, and
/// the file is then read again with the printed signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FeeSigns {
    /// Taken on payments, given back on refunds, whatever the printed sign.
    #[default]
    ByKind,
    /// As printed.
    AsPrinted,
}

/// Reads business details, fee signs by kind. See [`read_with`].
///
/// # Errors
/// As [`read_with`].
pub fn read(reader: &mut dyn BufRead, sink: Sink<'_>) -> Result<Closing, FileProblem> {
    read_with(reader, FeeSigns::ByKind, sink)
}

/// Reads business details.
///
/// Checks of the closing: `count:交易合计`, `sum:交易合计/商家实收`, `sum:交易合计/商家优惠`, the
/// same three of `退款合计`, and `sum:实收净额` where the rows print it. Totals (fen, signed by
/// their effect on the merchant): `payments_count`, `refunds_count`, `order_amount`, `settled`
/// (payments), `received` (payments and refunds), `refunded`, `own_discounts`, `fees`,
/// `fees_returned`, `all_fees`, `royalties`, `net`, `net_as_printed` (with fees as printed); and
/// the line of a row whose fee parts from the rate of most rows, as [`ODD_FEE`] and by how much.
///
/// # Errors
/// [`FileProblem::Unknown`] when the first line is another, [`FileProblem::Truncated`] without
/// end marker or control totals, [`FileProblem::MissingColumn`], [`FileProblem::Encoding`].
pub fn read_with(
    reader: &mut dyn BufRead,
    fee_signs: FeeSigns,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    let mut text = Text::new(reader);
    let head = frame::head(&mut text, TITLE)?;
    let columns = Columns::find(&head.header, NAMES);
    columns.need(NAMES, &NEEDED)?;
    let layout = Layout::new(columns, head.account_no.clone().unwrap_or_default(), fee_signs);
    let mut run = Run::default();
    let mut cells = RowCells::default();
    while let Item::Row(line_no, line) = frame::next(&mut text)? {
        run.rows += 1;
        let fact = match layout.read(line, &mut cells) {
            Ok(read) => {
                run.count(line_no, &read);
                Ok(Fact::Settlement(read.row))
            }
            Err(problem) => {
                run.bad += 1;
                Err(cells::row_problem(problem, line))
            }
        };
        if sink(Row { line_no, fact }).is_break() {
            return Err(FileProblem::Stopped);
        }
    }
    let foot = frame::foot(&mut text)?;
    let line_no = text.line_no();
    let mut closing = run.close(&foot.totals, layout.columns, line_no)?;
    frame::finish(&mut closing, head, foot.issued_at_ms, run.days);
    Ok(closing)
}

/// Reads one row again after it was mended; `header` is the file's column header,
/// `account_no` its 账号.
///
/// # Errors
/// What is still wrong with the row.
pub fn replay(
    header: &str,
    account_no: &str,
    fee_signs: FeeSigns,
    raw: &str,
) -> Result<Fact, RowProblem> {
    let layout = Layout::new(Columns::find(header, NAMES), account_no.to_string(), fee_signs);
    let read = layout.read(raw, &mut RowCells::default());
    read.map(|read| Fact::Settlement(read.row)).map_err(|problem| cells::row_problem(problem, raw))
}

struct Layout {
    columns: Columns,
    free: Vec<usize>,
    account_no: String,
    fee_signs: FeeSigns,
}

/// A row with what the checks need of it.
struct Read {
    row: SettlementLine,
    own_discount: i64,
    royalty: i64,
    printed_fee: i64,
    printed_net: Option<i64>,
}

impl Layout {
    fn new(columns: Columns, account_no: String, fee_signs: FeeSigns) -> Self {
        let mut free: Vec<usize> =
            [GOODS, REMARK].into_iter().filter_map(|column| columns.at[column]).collect();
        free.sort_unstable();
        Self { columns, free, account_no, fee_signs }
    }

    /// True when the cell fits the column of the file.
    fn fits(&self, index: usize, cell: &str) -> bool {
        let at = |column: usize| self.columns.at[column] == Some(index);
        if at(CREATED) || at(FINISHED) {
            domain::parse_channel_time(cell).is_some()
        } else if AMOUNTS.into_iter().any(at) {
            cells::amount_or_zero("", cell).is_ok()
        } else {
            true
        }
    }

    fn read(&self, line: &str, found: &mut RowCells) -> Result<Read, CellProblem> {
        let fits = |index: usize, cell: &str| self.fits(index, cell);
        let width = self.columns.width;
        let anchors = Anchors { width, free: &self.free, fits: &fits };
        found.split(line, &anchors).map_err(|cells| {
            let code = if cells < width { "too_few_columns" } else { "too_many_columns" };
            (code, format!("{cells} instead of {width}"))
        })?;
        let cell = |column: usize| found.get(line, self.columns.at[column]);
        let text = |column: usize| cells::text(cell(column));
        let amount = |column: usize| cells::amount_or_zero(NAMES[column][0], cell(column));
        let kind = match cell(KIND) {
            "交易" => SettlementKind::Payment,
            "退款" => SettlementKind::Refund,
            other => return Err(cells::bad("unknown_kind", "业务类型", other)),
        };
        // Refunds are printed negative; a positive one would otherwise turn into a sale.
        let sign = |minor: i64| if kind == SettlementKind::Refund { -minor.abs() } else { minor };
        let settled = sign(cells::amount("商家实收", cell(RECEIVED))?);
        let order_amount = sign(cells::amount("订单金额", cell(ORDER_AMOUNT))?);
        let royalty = amount(ROYALTY)?;
        let printed_fee = amount(FEE)?;
        let printed_net = match self.columns.at[NET] {
            Some(_) if !cell(NET).is_empty() => Some(amount(NET)?),
            _ => None,
        };
        let implied = printed_net.map(|net| net - settled - royalty);
        let fee = self.fee(kind, printed_fee, implied);
        // What selling in terms costs is the shop's only where the row's own sum has it inside.
        let terms_fee = match cells::amount_or_zero("花呗分期手续费", cell(TERMS_FEE)) {
            Ok(0) | Err(_) => None,
            Ok(printed) => {
                let taken = printed.abs();
                let taken = if kind == SettlementKind::Payment { -taken } else { taken };
                (implied == Some(fee + taken)).then_some(taken)
            }
        };
        let mut extra = self.extra(line, found);
        if let Some(taken) = terms_fee {
            let part = |name: &str, amount_minor| FeePart { name: name.to_owned(), amount_minor };
            let parts = [part(SERVICE_FEE, fee), part(INSTALMENT_FEE, taken)];
            extra.extend(parts.iter().map(FeePart::column));
        }
        let fee = fee + terms_fee.unwrap_or(0);
        let subsidy = amount(RED_PACKET)? + amount(POINTS)? + amount(ALIPAY_DISCOUNT)?;
        let own_discount = amount(OWN_DISCOUNT)?;
        let trade_no = text(TRADE_NO);
        if trade_no.is_empty() {
            return Err(cells::bad("missing_number", "支付宝交易号", ""));
        }
        let row = SettlementLine {
            kind,
            at_ms: cells::time("完成时间", cell(FINISHED))?,
            ordered_at_ms: cells::optional_time("创建时间", cell(CREATED))?,
            refunded_at_ms: None,
            merchant_no: self.account_no.clone(),
            channel_payment_id: trade_no,
            merchant_order_id: text(ORDER_NO),
            channel_refund_id: String::new(),
            merchant_refund_id: text(REFUND_NO),
            currency: Currency::CNY,
            order_amount_minor: order_amount,
            settled_minor: settled,
            subsidy_minor: sign(subsidy),
            fee_minor: fee,
            fee_rate_ppm: None,
            status: SettlementStatus::Succeeded,
            status_text: String::new(),
            scene: text(SCENE),
            paying_bank: String::new(),
            payer: text(PAYER),
            goods: text(GOODS),
            note: note([text(STORE_NO), text(STORE), text(OPERATOR), text(TERMINAL), text(REMARK)]),
            extra,
        };
        Ok(Read { row, own_discount, royalty, printed_fee, printed_net })
    }

    /// The fee by its effect. A printed net decides when it fits only the printed sign.
    fn fee(&self, kind: SettlementKind, printed: i64, implied: Option<i64>) -> i64 {
        let by_kind = if kind == SettlementKind::Payment { -printed.abs() } else { printed.abs() };
        match self.fee_signs {
            FeeSigns::AsPrinted => printed,
            FeeSigns::ByKind if implied == Some(printed) => printed,
            FeeSigns::ByKind => by_kind,
        }
    }

    fn extra(&self, line: &str, found: &RowCells) -> Vec<(String, String)> {
        let kept = (FIRST_KEPT..NAMES.len())
            .chain([ROYALTY, OWN_DISCOUNT])
            .filter_map(|column| Some((self.columns.at[column]?, NAMES[column][0])));
        let unknown = self.columns.unknown.iter().map(|(index, name)| (*index, name.as_str()));
        kept.chain(unknown)
            .map(|(index, name)| (name.to_string(), cells::text(found.get(line, Some(index)))))
            .filter(|(_, value)| !value.is_empty() && value != "0.00" && value != "0")
            .collect()
    }
}

fn note(parts: [String; 5]) -> String {
    let mut said = parts.into_iter().filter(|part| !part.is_empty());
    let mut note = said.next().unwrap_or_default();
    for part in said {
        note.push_str(" | ");
        note.push_str(&part);
    }
    note
}

/// A column of payments, or of refunds: each has totals of its own.
fn of_side(column: usize, payment: bool) -> usize {
    if payment { column } else { NAMES.len() + column }
}

/// Sums of one kind of row.
#[derive(Clone, Copy, Default)]
struct Side {
    count: i64,
    settled: i64,
    own_discounts: i64,
    fees: i64,
}

#[derive(Default)]
struct Run {
    rows: u64,
    bad: i64,
    payments: Side,
    refunds: Side,
    order_amount: i64,
    royalties: i64,
    printed_fees: i64,
    /// Announced and computed net of the rows that print one.
    printed_net: Option<(i64, i64)>,
    days: Option<(BusinessDate, BusinessDate)>,
    suspects: Suspects,
    rates: Rates,
}

impl Run {
    fn count(&mut self, line_no: u32, read: &Read) {
        let row = &read.row;
        let payment = row.kind == SettlementKind::Payment;
        // What the buyer ordered, less the merchant's discount, is what the merchant receives.
        let off = row.settled_minor.saturating_add(read.own_discount);
        let off = off.saturating_sub(row.order_amount_minor);
        for column in [RECEIVED, OWN_DISCOUNT] {
            self.suspects.note(of_side(column, payment), off, line_no);
        }
        let side = if payment { &mut self.payments } else { &mut self.refunds };
        side.count += 1;
        side.settled = side.settled.saturating_add(row.settled_minor);
        side.own_discounts = side.own_discounts.saturating_add(read.own_discount);
        side.fees = side.fees.saturating_add(row.fee_minor);
        self.order_amount = self.order_amount.saturating_add(row.order_amount_minor);
        self.royalties = self.royalties.saturating_add(read.royalty);
        self.printed_fees = self.printed_fees.saturating_add(read.printed_fee);
        if let Some(net) = read.printed_net {
            let sums = self.printed_net.get_or_insert((0, 0));
            sums.0 = sums.0.saturating_add(net);
            sums.1 = sums.1.saturating_add(row.net_minor().saturating_add(read.royalty));
        }
        self.rates.take(line_no, row.settled_minor, row.fee_minor);
        cells::widen(&mut self.days, row.at_ms);
    }

    fn close(
        &self,
        totals: &[Total],
        columns: Columns,
        line_no: u32,
    ) -> Result<Closing, FileProblem> {
        let mut checks = Vec::new();
        let mut check = |code: String, expected: i64, found: i64, column: Option<usize>| {
            let mut check = Check::yuan(code, expected, found);
            if let Some(column) = column {
                self.suspects.name(column, &mut check);
            }
            checks.push(check);
        };
        let sides = [
            (true, "交易合计", self.payments, "商家实收", "商家优惠"),
            (false, "退款合计", self.refunds, "商家实收退款", "商家优惠退款"),
        ];
        let mut announced = 0;
        for (payment, name, side, settled, discount) in sides {
            let Some(total) = totals.iter().find(|total| total.name == name) else {
                // A side with rows must have its control total; one without may lack it.
                if side.count > 0 {
                    return Err(FileProblem::Truncated { line_no });
                }
                continue;
            };
            announced += total.count;
            check(format!("count:{name}"), total.count, side.count, None);
            if let Some(sum) = total.sum(settled) {
                let column = of_side(RECEIVED, payment);
                check(format!("sum:{name}/商家实收"), sum, side.settled, Some(column));
            }
            if let Some(sum) = total.sum(discount) {
                let column = of_side(OWN_DISCOUNT, payment);
                check(format!("sum:{name}/商家优惠"), sum, side.own_discounts, Some(column));
            }
        }
        if totals.is_empty() && self.rows > 0 {
            return Err(FileProblem::Truncated { line_no });
        }
        let rows = self.payments.count + self.refunds.count + self.bad;
        check("row_count".into(), announced, rows, None);
        if let Some((expected, found)) = self.printed_net {
            check("sum:实收净额".into(), expected, found, None);
        }
        let settled = self.payments.settled.saturating_add(self.refunds.settled);
        let before_fees = settled.saturating_add(self.royalties);
        let fees = self.payments.fees.saturating_add(self.refunds.fees);
        let totals = [
            ("payments_count", self.payments.count),
            ("refunds_count", self.refunds.count),
            ("order_amount", self.order_amount),
            ("settled", self.payments.settled),
            ("received", settled),
            ("refunded", self.refunds.settled),
            (
                "own_discounts",
                self.payments.own_discounts.saturating_add(self.refunds.own_discounts),
            ),
            ("fees", self.payments.fees),
            ("fees_returned", self.refunds.fees),
            ("royalties", self.royalties),
            ("all_fees", fees),
            ("net", before_fees.saturating_add(fees)),
            ("net_as_printed", before_fees.saturating_add(self.printed_fees)),
        ];
        let odd = self.rates.odd().into_iter();
        let odd = odd.map(|(off, line_no)| (format!("{ODD_FEE}{off}"), i64::from(line_no)));
        Ok(Closing {
            rows_read: self.rows,
            checks,
            totals: totals
                .into_iter()
                .map(|(name, value)| (name.to_string(), value))
                .chain(odd)
                .collect(),
            unknown_columns: columns.unknown_names(),
            ..Closing::default()
        })
    }
}
