//! Payouts that the book got to know of after a moment.

use super::{COLUMNS, PayoutRow, payout_row};
use crate::error::Error;
use store::bulk::{Cell, Reader};

/// Payouts of bills that were received after `since_ms` (UTC ms): how many there are, and the
/// newest of them, at most `limit`.
///
/// # Errors
/// The database's.
pub fn payouts_since(
    reader: &mut Reader,
    since_ms: i64,
    limit: u32,
) -> Result<(i64, Vec<PayoutRow>), Error> {
    let from = "from payout p join channel_account a on a.id = p.account_id \
        join document d on d.id = p.line_id / 4294967296 \
        join raw_document r on r.id = d.raw_document_id where r.received_at_ms > $1";
    let mut count = 0;
    reader.query(&format!("select count(*) {from}"), &[Cell::Int(since_ms)], |row| {
        count = row.int(0)?;
        Ok(())
    })?;
    let mut rows = Vec::new();
    reader.query(
        &format!("select {COLUMNS} {from} order by p.day desc, p.id desc limit $2"),
        &[Cell::Int(since_ms), Cell::Int(i64::from(limit))],
        |row| {
            rows.push(payout_row(row)?);
            Ok(())
        },
    )?;
    Ok((count, rows))
}
