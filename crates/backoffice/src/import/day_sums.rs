//! What a file's rows add up to, by day and kind: a list's sums come from these instead of from
//! every row.

use crate::error::Error;
use domain::reconcile::{BalanceItem, SettlementItem};
use domain::{Currency, Stream};
use std::collections::BTreeMap;
use store::bulk::{Cell, Loader};
use store::pack::{settlement_kind_number, settlement_status_number};

/// Stream, day, kind, status and currency; the currency of a balance is its account's.
type Key = (i64, i32, i64, i64, Option<Currency>);

/// Rows, amounts and fees of one file.
#[derive(Default)]
pub(super) struct DaySums(BTreeMap<Key, (i64, i64, i64)>);

impl DaySums {
    /// Adds a row of a trade bill.
    pub(super) fn trade(&mut self, item: &SettlementItem) {
        let (kind, status) =
            (settlement_kind_number(item.kind), settlement_status_number(item.status));
        let key = (number(Stream::Trade), item.day, kind, status, Some(item.currency));
        self.add(key, (1, item.settled_minor, item.fee_minor));
    }

    /// Adds a move of a balance.
    pub(super) fn fund(&mut self, item: &BalanceItem) {
        let key = (number(Stream::Fund), item.day, item.kind.number(), 0, None);
        self.add(key, (1, item.amount_minor, 0));
    }

    /// Late rows of a balance stand on the day of the bill they came with.
    pub(super) fn move_fund_to(&mut self, last: i32) {
        let fund = number(Stream::Fund);
        let all = std::mem::take(&mut self.0);
        for ((stream, day, kind, status, currency), sum) in all {
            let day = if stream == fund { day.max(last) } else { day };
            self.add((stream, day, kind, status, currency), sum);
        }
    }

    fn add(&mut self, key: Key, (rows, amount, fee): (i64, i64, i64)) {
        let sum = self.0.entry(key).or_default();
        *sum = (sum.0 + rows, sum.1 + amount, sum.2 + fee);
    }

    /// Adds them to what the book has of the document.
    pub(super) fn write(&self, loader: &mut Loader<'_>, document: i64) -> Result<(), Error> {
        for ((stream, day, kind, status, currency), (rows, amount, fee)) in &self.0 {
            loader.execute(
                "insert into day_sum (stream, day, document_id, kind, status, currency, \
                 rows, amount_minor, fee_minor) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                 on conflict (stream, day, document_id, kind, status, currency) do update set \
                 rows = day_sum.rows + excluded.rows, \
                 amount_minor = day_sum.amount_minor + excluded.amount_minor, \
                 fee_minor = day_sum.fee_minor + excluded.fee_minor",
                &[
                    Cell::Int(*stream),
                    Cell::Int(i64::from(*day)),
                    Cell::Int(document),
                    Cell::Int(*kind),
                    Cell::Int(*status),
                    Cell::Text(currency.as_ref().map_or("", Currency::code)),
                    Cell::Int(*rows),
                    Cell::Int(*amount),
                    Cell::Int(*fee),
                ],
            )?;
        }
        Ok(())
    }
}

fn number(stream: Stream) -> i64 {
    super::stream_number(stream)
}
