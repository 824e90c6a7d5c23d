//! The lines a search looks at again before it shows them.

use crate::error::Error;
use crate::payouts::file_name;
use domain::{BalanceKind, SettlementKind};
use store::bulk::{Cell, Reader, RowView};
use store::pack::{settlement_kind_number, split_line_id};
use store::search::Subject;

/// Lines read by one statement.
pub const AT_ONCE: usize = 8;

/// A line as far as a search needs it.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Line id.
    pub id: i64,
    /// Day.
    pub day: i32,
    /// UTC ms; 0 where the file names none.
    pub at_ms: i64,
    /// Channel code; empty for an order that names none.
    pub channel: String,
    /// Currency.
    pub currency: String,
    /// Amounts, the one to show first.
    pub amounts: Vec<i64>,
    /// Numbers, the one to show first.
    pub numbers: Vec<String>,
    /// Texts, the one to show first.
    pub texts: Vec<String>,
    /// The payout it leads to.
    pub payout: Option<String>,
    /// True for the row of a payout: its words only say what kind of row it is, so it is shown by
    /// its channel, and what leaves the balance is what was paid.
    pub pays_out: bool,
}

const SETTLEMENT: &str = "select l.id, l.day, l.at_ms, coalesce(a.channel, ''), l.currency, \
     l.order_minor, l.settled_minor, l.order_id, l.payment_id, l.merchant_refund_id, \
     l.refund_id, l.goods, l.note, l.payer from settlement_line l";
const BALANCE: &str = "select l.id, l.day, l.at_ms, coalesce(a.channel, ''), \
     coalesce(a.currency, 'CNY'), l.amount_minor, l.amount_minor, l.channel_ref, l.ledger_ref, \
     l.merchant_ref, l.payment_ref, l.kind_text, l.counterparty, l.remark \
     from balance_transaction l";
const BANK: &str = "select l.id, l.day, coalesce(l.at_ms, 0), 'bank', l.currency, \
     l.amount_minor, l.amount_minor, l.bank_ref, '', '', '', l.counterparty, l.memo, '' \
     from bank_line l";
const ORDER: &str = "select l.id, l.day, l.ordered_at_ms, l.channel, l.currency, \
     l.amount_minor, l.amount_minor, l.order_id, '', '', '', l.goods, l.buyer, '' \
     from shop_order l";
const SHOP_REFUND: &str = "select l.id, l.day, l.at_ms, '', l.currency, l.amount_minor, \
     l.amount_minor, l.merchant_refund_id, l.order_id, '', '', '', '', '' from shop_refund l";

/// Reads lines of one subject, in no order; those that no longer count are left out.
///
/// # Errors
/// The database's.
pub fn read(reader: &mut Reader, subject: Subject, ids: &[i64]) -> Result<Vec<Row>, Error> {
    let select = match subject {
        Subject::Payment | Subject::Refund => SETTLEMENT,
        Subject::Payout | Subject::Movement => BALANCE,
        Subject::Bank => BANK,
        Subject::Order => ORDER,
        Subject::ShopRefund => SHOP_REFUND,
        Subject::File => return ids.iter().map(|id| file(reader, *id)).collect(),
    };
    let sql = format!(
        "{select} left join document d on d.id = l.id / 4294967296 \
         left join channel_account a on a.id = d.account_id \
         where l.id in ($1, $2, $3, $4, $5, $6, $7, $8) \
         and not exists (select 1 from superseded s where s.line_id = l.id)"
    );
    let mut rows = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        // One statement for any number of ids, prepared once: the last is asked for again.
        let mut cells: Vec<Cell<'_>> = some.iter().map(|id| Cell::Int(*id)).collect();
        cells.resize(AT_ONCE, cells[some.len() - 1]);
        reader.query(&sql, &cells, |row| {
            rows.push(line(row)?);
            Ok(())
        })?;
    }
    for row in &mut rows {
        row.pays_out = subject == Subject::Payout;
        row.payout = match subject {
            Subject::Payout => payout_of_line(reader, row.id)?,
            Subject::Bank => payout_of_bank_line(reader, row)?,
            _ => None,
        };
    }
    Ok(rows)
}

fn line(row: &RowView<'_>) -> Result<Row, store::StoreError> {
    let mut amounts = vec![row.int(5)?, row.int(6)?];
    amounts.dedup();
    let texts = |columns: std::ops::Range<usize>| {
        let mut texts = Vec::new();
        for column in columns {
            let text = row.text(column)?;
            if !text.is_empty() && text != "/" {
                texts.push(text.to_owned());
            }
        }
        Ok::<_, store::StoreError>(texts)
    };
    Ok(Row {
        id: row.int(0)?,
        day: row.int(1)? as i32,
        at_ms: row.int(2)?,
        channel: row.text(3)?.to_owned(),
        currency: row.text(4)?.to_owned(),
        amounts,
        numbers: texts(7..11)?,
        texts: texts(11..14)?,
        payout: None,
        pays_out: false,
    })
}

fn file(reader: &mut Reader, id: i64) -> Result<Row, Error> {
    let document = split_line_id(id).0;
    let name = file_name(reader, document)?;
    let mut row = Row { id, texts: vec![name], ..Row::default() };
    reader.query(
        "select d.to_day, r.received_at_ms, coalesce(a.channel, '') from document d \
         join raw_document r on r.id = d.raw_document_id \
         left join channel_account a on a.id = d.account_id where d.id = $1",
        &[Cell::Int(document)],
        |found| {
            row.day = found.opt_int(0)?.unwrap_or(0) as i32;
            row.at_ms = found.int(1)?;
            row.channel = found.text(2)?.to_owned();
            Ok(())
        },
    )?;
    Ok(row)
}

fn payout_of_line(reader: &mut Reader, line: i64) -> Result<Option<String>, Error> {
    let mut payout = None;
    reader.query("select id from payout where line_id = $1", &[Cell::Int(line)], |row| {
        payout = Some(row.text(0)?.to_owned());
        Ok(())
    })?;
    Ok(payout)
}

/// A payout names its bank lines; those of the line's day are looked through.
fn payout_of_bank_line(reader: &mut Reader, line: &Row) -> Result<Option<String>, Error> {
    let mut payout = None;
    reader.query(
        "select id, bank_line_ids from payout where bank_day = $1 order by id",
        &[Cell::Int(i64::from(line.day))],
        |row| {
            let mut lines = row.text(1)?.split(',');
            if payout.is_none() && lines.any(|id| id == line.id.to_string()) {
                payout = Some(row.text(0)?.to_owned());
            }
            Ok(())
        },
    )?;
    Ok(payout)
}

/// Lines of one day with their subjects, the latest `limit` of each.
///
/// # Errors
/// The database's.
pub fn of_day(reader: &mut Reader, day: i32, limit: u32) -> Result<Vec<(Subject, i64)>, Error> {
    let payment = settlement_kind_number(SettlementKind::Payment);
    let payout = BalanceKind::Payout.number();
    let questions = [
        (format!("settlement_line where kind = {payment} and"), Subject::Payment),
        (format!("settlement_line where kind <> {payment} and"), Subject::Refund),
        (format!("balance_transaction where kind = {payout} and"), Subject::Payout),
        ("bank_line where".to_owned(), Subject::Bank),
        ("shop_order where".to_owned(), Subject::Order),
        ("shop_refund where".to_owned(), Subject::ShopRefund),
    ];
    let mut found = Vec::new();
    for (lines, subject) in questions {
        reader.query(
            &format!("select id from {lines} day = $1 order by id desc limit $2"),
            &[Cell::Int(day.into()), Cell::Int(limit.into())],
            |row| {
                found.push((subject, row.int(0)?));
                Ok(())
            },
        )?;
    }
    Ok(found)
}
