//! One transaction with everything the book knows of its payment.

use super::{BalanceRow, FUND_COLUMNS, TRADE_COLUMNS, Transaction, balance_row, transaction};
use crate::entries::legs_of;
use crate::error::Error;
use crate::numbers;
use crate::payouts::parts_in;
use domain::Channel;
use domain::paid::{Confirm, Paid};
use serde::Serialize;
use std::collections::BTreeMap;
use store::bulk::{Cell, Reader};
use store::pack::split_line_id;

/// Rows of one payment that are shown; more than any payment may have refunds.
const RELATED_MAX: usize = 100;

/// A leg of the entry a line makes.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Posting {
    /// Account name.
    pub account: String,
    /// Debit (+) or credit (−).
    pub amount_minor: i64,
    /// Currency.
    pub currency: String,
}

/// An order of the shop.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct ShopOrder {
    /// Line id.
    pub id: i64,
    /// The shop's number.
    pub order_id: String,
    /// UTC ms.
    pub ordered_at_ms: i64,
    /// The shop's own word for where it stands.
    pub status_text: String,
    /// Currency.
    pub currency: String,
    /// What the buyer had to pay.
    pub amount_minor: i64,
    /// Goods text.
    pub goods: String,
    /// Document it stands in.
    pub document: i64,
    /// Line number there.
    pub line_no: u32,
}

/// A transaction and what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Orders of the shop with its number.
    pub orders: Vec<ShopOrder>,
    /// Rows of the trade bills on its payment, oldest first.
    pub trade: Vec<Transaction>,
    /// Rows of the balance on its payment, oldest first; with the payout each sits in.
    pub fund: Vec<(BalanceRow, Option<String>)>,
    /// The entry this line makes.
    pub postings: Vec<Posting>,
    /// What the fee of this line is made of, where the channel tells it: name and signed amount.
    pub fee_parts: Vec<(String, i64)>,
    /// How the payment was made, as far as this line says.
    pub paid: Paid,
    /// Currency of the fee.
    pub fee_currency: String,
    /// Name of the file this line stands in.
    pub file_name: String,
}

/// A row of a trade bill or of the balance with the order, the payment and the payout around it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such row.
pub fn detail(reader: &mut Reader, id: i64) -> Result<Detail, Error> {
    let mut detail = Detail::default();
    let trade = trade_where(reader, "l.id = $1", &[Cell::Int(id)])?;
    let fund = fund_where(reader, "l.id = $1", &[Cell::Int(id)])?;
    let (payment, order) = match (trade.first(), fund.first()) {
        (Some(row), _) => (row.payment_id.clone(), row.order_id.clone()),
        (None, Some(row)) => (row.payment_id.clone(), String::new()),
        (None, None) => {
            return Err(Error::NotFound { what: "transaction", id: id.to_string() });
        }
    };
    if payment.is_empty() {
        (detail.trade, detail.fund) = (trade, with_payouts(reader, fund)?);
    } else {
        let key = [Cell::Text(&payment)];
        detail.trade = trade_where(reader, "l.payment_id = $1", &key)?;
        let among = numbers::among(reader, "l.id", &payment, numbers::FUND)?;
        let rows = fund_where(reader, &format!("{among} and l.payment_ref = $1"), &key)?;
        detail.fund = with_payouts(reader, rows)?;
    }
    let order = match detail.trade.first() {
        Some(row) if order.is_empty() => row.order_id.clone(),
        _ => order,
    };
    if !order.is_empty() {
        detail.orders = orders(reader, &order)?;
    }
    let here = detail.trade.iter().find(|row| row.id == id).map(|row| &row.currency);
    let here =
        here.or(detail.fund.iter().find(|(row, _)| row.id == id).map(|(row, _)| &row.currency));
    detail.fee_currency = here.cloned().unwrap_or_default();
    detail.fee_parts = fee_parts(reader, id)?;
    detail.paid = paid(reader, id)?;
    detail.postings = legs_of(reader, id)?;
    detail.file_name = crate::payouts::file_name(reader, split_line_id(id).0)?;
    Ok(detail)
}

/// What the line itself says; a row of the balance says nothing.
fn paid(reader: &mut Reader, id: i64) -> Result<Paid, Error> {
    let mut paid = Paid::default();
    let mut order_id = String::new();
    reader.query(
        "select a.channel, l.scene, l.paying_bank, l.extra, l.order_id from settlement_line l \
         join document d on d.id = l.id / 4294967296 \
         join channel_account a on a.id = d.account_id where l.id = $1",
        &[Cell::Int(id)],
        |row| {
            let extra: BTreeMap<String, String> =
                serde_json::from_str(row.text(3)?).unwrap_or_default();
            let extra: Vec<(String, String)> = extra.into_iter().collect();
            if let Some(channel) = Channel::from_code(row.text(0)?) {
                paid = Paid::of(channel, row.text(1)?, row.text(2)?, &extra);
                row.text(4)?.clone_into(&mut order_id);
            }
            Ok(())
        },
    )?;
    // The counter shows a code and nothing else.
    if paid.confirm.is_none() && !order_id.is_empty() {
        let sql = "select 1 from collection where order_no = $1";
        reader.query(sql, &[Cell::Text(&order_id)], |_| {
            paid.confirm = Some(Confirm::Qr);
            Ok(())
        })?;
    }
    Ok(paid)
}

fn fee_parts(reader: &mut Reader, id: i64) -> Result<Vec<(String, i64)>, Error> {
    let mut parts = Vec::new();
    reader.query(
        "select extra from settlement_line where id = $1 \
         union all select extra from balance_transaction where id = $1",
        &[Cell::Int(id)],
        |row| {
            let told = parts_in(row.text(0)?).into_iter();
            parts.extend(told.map(|part| (part.name, part.amount_minor)));
            Ok(())
        },
    )?;
    Ok(parts)
}

/// Rows of the trade bills under a condition, oldest first.
pub(crate) fn trade_where(
    reader: &mut Reader,
    condition: &str,
    cells: &[Cell<'_>],
) -> Result<Vec<Transaction>, Error> {
    let mut rows = Vec::new();
    let sql = format!(
        "select {TRADE_COLUMNS} from settlement_line l cross join document d \
         cross join channel_account a where d.id = l.id / 4294967296 and a.id = d.account_id \
         and {condition} and not exists (select 1 from superseded s where s.line_id = l.id) \
         order by l.at_ms, l.id limit {RELATED_MAX}"
    );
    reader.query(&sql, cells, |row| {
        rows.push(transaction(row)?);
        Ok(())
    })?;
    Ok(rows)
}

/// Rows of the balance under a condition, oldest first.
pub(crate) fn fund_where(
    reader: &mut Reader,
    condition: &str,
    cells: &[Cell<'_>],
) -> Result<Vec<BalanceRow>, Error> {
    let mut rows = Vec::new();
    let sql = format!(
        "select {FUND_COLUMNS} from balance_transaction l cross join document d \
         cross join channel_account a where d.id = l.id / 4294967296 and a.id = d.account_id \
         and {condition} and not exists (select 1 from superseded s where s.line_id = l.id) \
         order by l.at_ms, l.id limit {RELATED_MAX}"
    );
    reader.query(&sql, cells, |row| {
        rows.push(balance_row(row)?);
        Ok(())
    })?;
    Ok(rows)
}

fn with_payouts(
    reader: &mut Reader,
    rows: Vec<BalanceRow>,
) -> Result<Vec<(BalanceRow, Option<String>)>, Error> {
    rows.into_iter()
        .map(|row| {
            let payout = payout_of(reader, row.id, row.day)?;
            Ok((row, payout))
        })
        .collect()
}

/// The payout that a row of the balance sits in: the one whose list names it; without a list the
/// first of its account that ends behind it.
pub(crate) fn payout_of(
    reader: &mut Reader,
    line_id: i64,
    day: i32,
) -> Result<Option<String>, Error> {
    let mut found = None;
    reader.query(
        "select p.id from payout_member m cross join payout p cross join document d \
         where m.row_id in (select b.id from balance_transaction b where b.id = $1 \
         union select s.line_id from superseded s where s.by_line_id = $1) \
         and p.number = m.payout_ref and d.id = $2 and p.account_id = d.account_id \
         order by p.id limit 1",
        &[Cell::Int(line_id), Cell::Int(split_line_id(line_id).0)],
        |row| {
            found = Some(row.text(0)?.to_owned());
            Ok(())
        },
    )?;
    if found.is_some() {
        return Ok(found);
    }
    reader.query(
        "select p.id from payout p cross join document d where d.id = $1 \
         and p.account_id = d.account_id and p.until_day >= $2 \
         and not exists (select 1 from payout_member m where m.payout_ref = p.number) \
         and (p.until_day > $2 or p.until_id >= $3) and p.from_day <= $2 \
         and (p.from_day < $2 or p.from_id < $3) order by p.until_day, p.until_id limit 1",
        &[Cell::Int(split_line_id(line_id).0), Cell::Int(i64::from(day)), Cell::Int(line_id)],
        |row| {
            found = Some(row.text(0)?.to_owned());
            Ok(())
        },
    )?;
    Ok(found)
}

fn orders(reader: &mut Reader, order_id: &str) -> Result<Vec<ShopOrder>, Error> {
    let mut rows = Vec::new();
    let among = numbers::among(reader, "id", order_id, numbers::ORDERS)?;
    reader.query(
        &format!(
            "select id, order_id, ordered_at_ms, status_text, currency, amount_minor, goods \
             from shop_order l where {among} and order_id = $1 \
             and not exists (select 1 from superseded s where s.line_id = l.id) order by id"
        ),
        &[Cell::Text(order_id)],
        |row| {
            let id = row.int(0)?;
            let (document, line_no) = split_line_id(id);
            rows.push(ShopOrder {
                id,
                order_id: row.text(1)?.to_owned(),
                ordered_at_ms: row.int(2)?,
                status_text: row.text(3)?.to_owned(),
                currency: row.text(4)?.to_owned(),
                amount_minor: row.int(5)?,
                goods: row.text(6)?.to_owned(),
                document,
                line_no,
            });
            Ok(())
        },
    )?;
    Ok(rows)
}
