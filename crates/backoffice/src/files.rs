//! What was booked from a file: its rows, one by one, and what they add up to.

use crate::error::Error;
use crate::page::{Page, bad};
use crate::payouts::file_name;
use crate::sums::Sum;
use serde::Serialize;
use store::bulk::{Cell, Reader};
use store::pack::{line_id, split_line_id};

/// A row booked from a file.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct FileRow {
    /// Line id.
    pub id: i64,
    /// `trade`, `fund`, `bank`, `orders` or `refunds`.
    pub kind: String,
    /// Day.
    pub day: i32,
    /// Its number: of the payment, the refund, the order, the bank's own.
    pub number: String,
    /// Goods, a remark, or who paid.
    pub text: String,
    /// Settled, moved, ordered.
    pub amount_minor: i64,
    /// Currency.
    pub currency: String,
    /// Line number in the file.
    pub line_no: u32,
}

/// The rows booked from a file.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct FileRows {
    /// File name.
    pub file: String,
    /// How many rows there are in all.
    pub count: i64,
    /// What they add up to, by currency.
    pub sums: Vec<Sum>,
    /// A page of them, in the order of the file.
    #[serde(flatten)]
    pub page: Page<FileRow>,
}

/// Every row of a document: `$1` is before its first id, `$2` behind its last; `$3` is the currency
/// of its account, for moves of a balance.
const ROWS: &str = "select id, day, 'trade' as kind, \
     case when kind = 0 then payment_id else refund_id end as number, goods as words, \
     settled_minor as minor, currency from settlement_line \
     where id > $1 and id < $2 \
     union all select id, day, 'fund', channel_ref, \
     case when remark = '' then kind_text else remark end, amount_minor, cast($3 as text) \
     from balance_transaction where id > $1 and id < $2 \
     union all select id, day, 'bank', bank_ref, \
     case when counterparty = '' then memo else counterparty end, amount_minor, currency \
     from bank_line where id > $1 and id < $2 \
     union all select id, day, 'orders', order_id, \
     case when goods = '' then status_text else goods end, amount_minor, currency \
     from shop_order where id > $1 and id < $2 \
     union all select id, day, 'refunds', merchant_refund_id, status_text, amount_minor, currency \
     from shop_refund where id > $1 and id < $2";

/// The rows booked from a document, in the order of the file, at most `limit`. Rows that another
/// file had brought stand with that file.
///
/// # Errors
/// [`Error::NotFound`] for an unknown document; [`Error::BadInput`] for a cursor that no page gave
/// out; the database's.
pub fn file_rows(
    reader: &mut Reader,
    document: i64,
    cursor: Option<&str>,
    limit: u32,
) -> Result<FileRows, Error> {
    let number = |text: &str| text.parse::<u32>().map_err(|_| bad());
    let (after, skipped) = match cursor.map(|text| (text, text.strip_prefix('@'))) {
        None => (0, 0),
        Some((_, Some(rows))) => (0, number(rows)?),
        Some((text, None)) => (number(text)?, 0),
    };
    let unknown = || Error::NotFound { what: "file", id: document.to_string() };
    // Ids hold the document in their upper half.
    let fits = (1..i64::from(u32::MAX / 2)).contains(&document);
    let currency = fits.then(|| currency_of(reader, document)).ok_or_else(unknown)??;
    let currency = currency.ok_or_else(unknown)?;
    let until = line_id(document + 1, 0);
    let (count, sums) = totals(reader, [line_id(document, 0), until], &currency)?;
    let mut rows = Vec::new();
    let cells = [Cell::Int(line_id(document, after)), Cell::Int(until), Cell::Text(&currency)];
    let page = i64::from(limit) + 1;
    reader.query(&format!("{ROWS} order by id limit {page} offset {skipped}"), &cells, |row| {
        let id = row.int(0)?;
        rows.push(FileRow {
            id,
            day: row.int(1)? as i32,
            kind: row.text(2)?.to_owned(),
            number: row.text(3)?.to_owned(),
            text: row.text(4)?.to_owned(),
            amount_minor: row.int(5)?,
            currency: row.text(6)?.to_owned(),
            line_no: split_line_id(id).1,
        });
        Ok(())
    })?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.line_no.to_string());
    Ok(FileRows { file: file_name(reader, document)?, count, sums, page: Page { rows, next } })
}

/// The currency of the document's account; `None` for an unknown document.
fn currency_of(reader: &mut Reader, document: i64) -> Result<Option<String>, Error> {
    let mut found = None;
    reader.query(
        "select coalesce(a.currency, 'CNY') from document d \
         left join channel_account a on a.id = d.account_id where d.id = $1",
        &[Cell::Int(document)],
        |row| {
            found = Some(row.text(0)?.to_owned());
            Ok(())
        },
    )?;
    Ok(found)
}

fn totals(
    reader: &mut Reader,
    [from, until]: [i64; 2],
    currency: &str,
) -> Result<(i64, Vec<Sum>), Error> {
    let (mut count, mut sums) = (0, Vec::new());
    let cells = [Cell::Int(from), Cell::Int(until), Cell::Text(currency)];
    let all = format!(
        "select currency, count(*), cast(sum(minor) as bigint) from ({ROWS}) l \
         group by currency order by currency"
    );
    reader.query(&all, &cells, |row| {
        count += row.int(1)?;
        crate::sums::add(&mut sums, row.text(0)?, row.int(2)?);
        Ok(())
    })?;
    Ok((count, sums))
}
