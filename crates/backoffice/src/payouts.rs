//! Payouts as people read them: the list, one payout, and the lines behind each component.

mod parts;
mod rows;
mod since;
mod totals;

pub use parts::{UNTOLD, payout_fee_parts};
use rows::{FundRow, SCAN_ROWS, fund_rows};
pub(crate) use rows::{is_listed, parts_in, rows_of};
pub use since::payouts_since;
pub use totals::{PayoutTotals, payout_totals};

use crate::decisions::Asks;
use crate::error::Error;
use crate::order::Sort;
use crate::page::{Begin, Cursor, Page, entered};
use domain::payout::Component;
use domain::reconcile::{SettlementItem, row_components};
use domain::{BalanceKind, Channel, Currency};
use serde::Serialize;
use std::collections::HashMap;
use store::bulk::{Cell, Reader, RowView};
use store::pack::{settlement_kind, settlement_status, split_line_id};

/// A payout in a list.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct PayoutRow {
    /// Its id in the book.
    pub id: String,
    /// Channel code.
    pub channel: String,
    /// The merchant's number there.
    pub account_no: String,
    /// The channel's number of the payout.
    pub number: String,
    /// Instant it left, UTC ms.
    pub at_ms: i64,
    /// Day it left, days since 1970-01-01.
    pub day: i32,
    /// Promised day of arrival.
    pub promised_day: i32,
    /// Day it arrived.
    pub bank_day: Option<i32>,
    /// What arrived.
    pub bank_minor: Option<i64>,
    /// Currency of every amount.
    pub currency: String,
    /// What was paid.
    pub amount_minor: i64,
    /// Order totals inside.
    pub gross_minor: i64,
    /// Must be 0.
    pub unexplained_minor: i64,
    /// `in_transit`, `paid`, `returned`.
    pub state: String,
    /// Worst verdict of the days inside.
    pub verdict: String,
    /// Who has seen it; empty when nobody has.
    pub reviewed_by: String,
    /// When, UTC ms.
    pub reviewed_at_ms: Option<i64>,
    /// Notes on it.
    pub notes: i64,
}

impl PayoutRow {
    /// `explained`, `waiting` for a bill that is not due, or `question`.
    pub fn status(&self) -> &'static str {
        match (self.unexplained_minor, self.state.as_str(), self.verdict.as_str()) {
            (0, "returned", _) => "question",
            (0, _, "waiting") => "waiting",
            (0, _, _) => "explained",
            _ => "question",
        }
    }

    /// What was taken off (or, positive, added) between sales and payment, as far as rows explain
    /// it: sales, this and what is not explained make the payment.
    pub fn taken_off_minor(&self) -> i64 {
        self.amount_minor - self.gross_minor - self.unexplained_minor
    }
}

/// One component of a payout.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct ComponentRow {
    /// Stable name.
    pub name: String,
    /// Signed amount.
    pub amount_minor: i64,
    /// Rows behind it.
    pub rows: i64,
}

/// A bank line that carries a payout.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BankRow {
    /// Line id.
    pub id: i64,
    /// Day booked.
    pub day: i32,
    /// The merchant's account at the bank.
    pub account_no: String,
    /// Amount of the line.
    pub amount_minor: i64,
    /// Posting text.
    pub memo: String,
}

/// A payout, whole.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Payout {
    /// The row of the list.
    pub row: PayoutRow,
    /// Components in order; `unexplained` last and always there.
    pub components: Vec<ComponentRow>,
    /// Bank lines that carry it.
    pub bank: Vec<BankRow>,
    /// Rows inside: after this `(day, id)` …
    pub after: (i32, i64),
    /// … up to and with this one.
    pub until: (i32, i64),
    /// Book id of its account.
    pub account_id: i64,
}

/// A fund row's part in one component.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct PayoutLine {
    /// Line id of the fund row.
    pub id: i64,
    /// Booking time, UTC ms.
    pub at_ms: i64,
    /// Component name.
    pub component: String,
    /// The channel's own words.
    pub kind_text: String,
    /// This component's part of the row.
    pub amount_minor: i64,
    /// The whole row.
    pub row_minor: i64,
    /// Fee, where the row or its settlement line names it.
    pub fee_minor: Option<i64>,
    /// The shop's order number.
    pub order_id: String,
    /// The channel's number.
    pub channel_ref: String,
    /// Goods text.
    pub goods: String,
    /// Document it stands in.
    pub document: i64,
    /// Name of the file.
    pub file_name: String,
    /// Line number there.
    pub line_no: u32,
}

/// What a list of payouts is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct PayoutFilter {
    /// Only this channel.
    pub channel: Option<Channel>,
    /// Only from this day on.
    pub from_day: Option<i32>,
    /// Only before this day.
    pub until_day: Option<i32>,
    /// Only those with something unexplained.
    pub open_only: bool,
    /// Only those paid in this currency.
    pub currency: Option<Currency>,
    /// In which order; by amount means by what was paid.
    pub sort: Sort,
}

impl PayoutFilter {
    /// The currency it is narrowed to; empty for every one.
    fn currency_code(&self) -> &str {
        self.currency.as_ref().map_or("", Currency::code)
    }
}

const COLUMNS: &str = "p.id, a.channel, a.account_no, p.number, p.at_ms, p.day, p.promised_day, \
    p.bank_day, p.bank_minor, p.currency, p.amount_minor, p.gross_minor, p.unexplained_minor, \
    p.state, p.verdict, p.reviewed_by, p.reviewed_at_ms, p.notes";

fn payout_row(row: &RowView<'_>) -> Result<PayoutRow, store::StoreError> {
    Ok(PayoutRow {
        id: row.text(0)?.to_owned(),
        channel: row.text(1)?.to_owned(),
        account_no: row.text(2)?.to_owned(),
        number: row.text(3)?.to_owned(),
        at_ms: row.int(4)?,
        day: row.int(5)? as i32,
        promised_day: row.int(6)? as i32,
        bank_day: row.opt_int(7)?.map(|day| day as i32),
        bank_minor: row.opt_int(8)?,
        currency: row.text(9)?.to_owned(),
        amount_minor: row.int(10)?,
        gross_minor: row.int(11)?,
        unexplained_minor: row.int(12)?,
        state: row.text(13)?.to_owned(),
        verdict: row.text(14)?.to_owned(),
        reviewed_by: row.text(15)?.to_owned(),
        reviewed_at_ms: row.opt_int(16)?,
        notes: row.int(17)?,
    })
}

/// Payouts, newest first unless the filter says otherwise, at most `limit`.
///
/// # Errors
/// The database's; [`Error::BadInput`] for a cursor that is none.
pub fn list_payouts(
    reader: &mut Reader,
    filter: &PayoutFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<PayoutRow>, Error> {
    entered(cursor, limit, |cursor, limit| payouts_behind(reader, filter, cursor, limit))
}

fn payouts_behind(
    reader: &mut Reader,
    filter: &PayoutFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<PayoutRow>, Error> {
    let (key, id) = filter.sort.place(cursor)?;
    let (behind, order) = filter.sort.walk("p.day", "p.amount_minor", "p.id");
    let mut rows = Vec::new();
    reader.query(
        &format!(
            "select {COLUMNS} from payout p join channel_account a on a.id = p.account_id \
             where {behind} and ($3 = '' or a.channel = $3) and p.day >= $4 and p.day < $5 \
             and ($6 = 0 or p.unexplained_minor <> 0) and ($7 = '' or p.currency = $7) \
             order by {order} limit $8"
        ),
        &[
            Cell::Int(key),
            Cell::Text(&id),
            Cell::Text(filter.channel.map_or("", Channel::code)),
            Cell::Int(filter.from_day.map_or(i64::MIN, i64::from)),
            Cell::Int(filter.until_day.map_or(i64::MAX, i64::from)),
            Cell::Int(i64::from(filter.open_only)),
            Cell::Text(filter.currency_code()),
            Cell::Int(i64::from(limit) + 1),
        ],
        |row| {
            rows.push(payout_row(row)?);
            Ok(())
        },
    )?;
    let sort = filter.sort;
    Ok(Page::cut(rows, limit, |row| sort.cursor(row.day, row.amount_minor, row.id.clone())))
}

/// One payout by its id, or by the channel's number when only one has it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BadInput`] when a number fits several.
pub fn payout(reader: &mut Reader, id: &str) -> Result<Payout, Error> {
    let mut found = Vec::new();
    reader.query(
        &format!(
            "select {COLUMNS}, p.from_day, p.from_id, p.until_day, p.until_id, p.account_id, \
             p.bank_line_ids \
             from payout p join channel_account a on a.id = p.account_id \
             where p.id in (select id from payout where id = $1 \
             union select id from payout where number = $1) order by p.id"
        ),
        &[Cell::Text(id)],
        |row| {
            let bank_ids = row.text(23)?.to_owned();
            let payout = Payout {
                row: payout_row(row)?,
                components: Vec::new(),
                bank: Vec::new(),
                after: (row.int(18)? as i32, row.int(19)?),
                until: (row.int(20)? as i32, row.int(21)?),
                account_id: row.int(22)?,
            };
            found.push((payout, bank_ids));
            Ok(())
        },
    )?;
    let (mut payout, bank_ids) = match found.len() {
        0 => return Err(Error::NotFound { what: "payout", id: id.to_owned() }),
        1 => found.remove(0),
        _ => match found.iter().position(|(payout, _)| payout.row.id == id) {
            Some(exact) => found.remove(exact),
            None => {
                let reason = "several payouts have this number; use the id".to_owned();
                return Err(Error::BadInput { field: "payout", reason });
            }
        },
    };
    payout.components = components(reader, &payout.row.id)?;
    for bank_id in bank_ids.split(',').filter_map(|id| id.parse().ok()) {
        payout.bank.extend(bank_row(reader, bank_id)?);
    }
    Ok(payout)
}

fn components(reader: &mut Reader, id: &str) -> Result<Vec<ComponentRow>, Error> {
    let mut rows = Vec::new();
    reader.query(
        "select name, amount_minor, rows from payout_component where payout_id = $1 \
         order by position",
        &[Cell::Text(id)],
        |row| {
            let name = row.text(0)?.to_owned();
            rows.push(ComponentRow { name, amount_minor: row.int(1)?, rows: row.int(2)? });
            Ok(())
        },
    )?;
    Ok(rows)
}

fn bank_row(reader: &mut Reader, id: i64) -> Result<Option<BankRow>, Error> {
    let mut found = None;
    reader.query(
        "select b.day, a.account_no, b.amount_minor, b.memo from bank_line b \
         join document d on d.id = $2 left join channel_account a on a.id = d.account_id \
         where b.id = $1",
        &[Cell::Int(id), Cell::Int(split_line_id(id).0)],
        |row| {
            found = Some(BankRow {
                id,
                day: row.int(0)? as i32,
                account_no: row.text(1)?.to_owned(),
                amount_minor: row.int(2)?,
                memo: row.text(3)?.to_owned(),
            });
            Ok(())
        },
    )?;
    Ok(found)
}

/// The fund rows behind a payout, in the bill's order, a component each; `component` narrows it to
/// one or several (`held,released`), or to `taken_off`: neither sales nor unexplained.
///
/// # Errors
/// As [`payout`]; [`Error::BadInput`] for an unknown component or cursor.
pub fn payout_lines(
    reader: &mut Reader,
    id: &str,
    component: Option<&str>,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<PayoutLine>, Error> {
    let wanted = wanted(component)?;
    let payout = payout(reader, id)?;
    let begin = (i64::from(payout.after.0), payout.after.1);
    let (mut after, mut skipped) = match Begin::parse(cursor)? {
        Begin::First => (begin, 0),
        Begin::Behind(cursor) => (cursor.line()?, 0),
        Begin::Skipping(lines) => (begin, lines as usize),
    };
    let mut lines = Vec::new();
    let mut names = HashMap::new();
    loop {
        let rows = fund_rows(reader, &payout, after)?;
        let full = rows.len() as i64 == SCAN_ROWS;
        for row in &rows {
            // Whole rows only, so that the cursor can stand behind the last one.
            if lines.len() >= limit as usize {
                let next = Cursor { day: after.0, id: after.1.to_string() };
                return Ok(Page { rows: lines, next: Some(next.to_string()) });
            }
            after = (i64::from(row.item.day), row.item.id);
            explain(reader, row, &wanted, &mut names, &mut lines)?;
            let left_out = skipped.min(lines.len());
            lines.drain(..left_out);
            skipped -= left_out;
        }
        if !full {
            return Ok(Page { rows: lines, next: None });
        }
    }
}

/// What the channel took off or added, as one word: neither the sales nor what nobody explains.
const TAKEN_OFF: &str = "taken_off";

fn is_taken_off(component: Component) -> bool {
    !matches!(component, Component::Sales | Component::Unexplained)
}

/// Whether the component called `name` is asked for by `asked`: codes with a comma between,
/// `taken_off`, nothing for all.
pub(crate) fn is_wanted(asked: Option<&str>, name: &str) -> bool {
    asked.is_none_or(|codes| {
        codes.split(',').any(|code| match code {
            TAKEN_OFF => Component::from_code(name).is_none_or(is_taken_off),
            code => code == name,
        })
    })
}

/// Components by their codes, with a comma between; none for all.
fn wanted(component: Option<&str>) -> Result<Vec<Component>, Error> {
    if component == Some(TAKEN_OFF) {
        return Ok(Component::ALL.into_iter().filter(|each| is_taken_off(*each)).collect());
    }
    let codes = component.into_iter().flat_map(|text| text.split(','));
    let found = codes.map(|code| {
        Component::from_code(code).ok_or_else(|| Error::BadInput {
            field: "component",
            reason: format!("there is no component {code}"),
        })
    });
    found.collect()
}

fn explain(
    reader: &mut Reader,
    row: &FundRow,
    wanted: &[Component],
    names: &mut HashMap<i64, String>,
    lines: &mut Vec<PayoutLine>,
) -> Result<(), Error> {
    let partner = settlement_of(reader, row)?;
    let (document, line_no) = split_line_id(row.item.id);
    let file_name = match names.get(&document) {
        Some(name) => name.clone(),
        None => {
            let name = file_name(reader, document)?;
            names.insert(document, name.clone());
            name
        }
    };
    let (order_id, goods) = match &partner {
        Some((_, order_id, goods)) => (order_id.clone(), goods.clone()),
        None => (row.merchant_ref.clone(), row.remark.clone()),
    };
    let line = partner.as_ref().map(|(line, ..)| line);
    let mut parts: Vec<_> = row_components(&row.item, line).collect();
    if row.item.kind == BalanceKind::Unknown {
        let unknown = row.item.amount_minor - row.item.fee_minor;
        parts.push((Component::Unexplained, unknown));
    }
    for (component, amount_minor) in parts {
        if !wanted.is_empty() && !wanted.contains(&component) {
            continue;
        }
        lines.push(PayoutLine {
            id: row.item.id,
            at_ms: row.item.at_ms,
            component: component.code().to_owned(),
            kind_text: row.kind_text.clone(),
            amount_minor,
            row_minor: row.item.amount_minor,
            fee_minor: line.map(|line| line.fee_minor),
            order_id: order_id.clone(),
            channel_ref: row.channel_ref.clone(),
            goods: goods.clone(),
            document,
            file_name: file_name.clone(),
            line_no,
        });
    }
    Ok(())
}

/// The settlement line a payment or refund row belongs to: by payment, then by refund number.
fn settlement_of(
    reader: &mut Reader,
    row: &FundRow,
) -> Result<Option<(SettlementItem, String, String)>, Error> {
    let refund = match row.item.kind {
        BalanceKind::Payment | BalanceKind::PaymentFee => false,
        BalanceKind::Refund | BalanceKind::RefundFee | BalanceKind::RefundClosed => true,
        _ => return Ok(None),
    };
    if row.payment_ref.is_empty() {
        return Ok(None);
    }
    let mut found: Option<(SettlementItem, String, String)> = None;
    reader.query(
        "select id, day, at_ms, kind, status, order_id, goods, order_minor, settled_minor, \
         subsidy_minor, fee_minor, refund_id from settlement_line l where payment_id = $1 \
         and not exists (select 1 from superseded s where s.line_id = l.id) order by id",
        &[Cell::Text(&row.payment_ref)],
        |line| {
            let kind = settlement_kind(line.int(3)?).unwrap_or(domain::SettlementKind::Payment);
            let is_refund = kind != domain::SettlementKind::Payment;
            let (settled, fee) = (line.int(8)?, line.int(10)?);
            let amount = row.item.amount_minor;
            let same = !is_refund
                || row.channel_ref == line.text(11)?
                || settled == amount
                || settled + fee == amount;
            if is_refund != refund || found.is_some() || !same {
                return Ok(());
            }
            let item = SettlementItem {
                id: line.int(0)?,
                day: line.int(1)? as i32,
                at_ms: line.int(2)?,
                kind,
                status: settlement_status(line.int(4)?)
                    .unwrap_or(domain::SettlementStatus::Unknown),
                key: 0,
                payment: 0,
                order: 0,
                merchant_refund: 0,
                currency: domain::Currency::CNY,
                order_minor: line.int(7)?,
                settled_minor: settled,
                subsidy_minor: line.int(9)?,
                fee_minor: fee,
                fee_beside_minor: 0,
                rate_ppm: None,
            };
            found = Some((item, line.text(5)?.to_owned(), line.text(6)?.to_owned()));
            Ok(())
        },
    )?;
    Ok(found)
}

/// The name a document's file came under; an archive's entry after a slash.
pub(crate) fn file_name(db: &mut dyn Asks, document: i64) -> Result<String, Error> {
    let mut name = String::new();
    db.ask(
        "select r.name, d.entry_name from document d \
         join raw_document r on r.id = d.raw_document_id where d.id = $1",
        &[Cell::Int(document)],
        &mut |row| {
            let (file, entry) = (row.text(0)?, row.text(1)?);
            name = if entry.is_empty() || entry == file {
                file.to_owned()
            } else {
                format!("{file}/{entry}")
            };
            Ok(())
        },
    )?;
    Ok(name)
}
