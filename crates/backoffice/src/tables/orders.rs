//! Orders as rows of a file, and what they add up to.

use super::{Sheet, TableSum, amount, day, line};
use crate::error::Error;
use crate::orders::{OrderFilter, OrderRow, order_sums_of, order_totals};
use documents::TableCell;
use messages::text;
use std::collections::HashSet;
use store::bulk::Reader;

/// Rows read at a time: each page of orders that only bills know looks at all their days again.
pub(super) const AT_ONCE: u32 = 20_000;

/// Every column in the order shown.
pub(super) const HEADS: &[(&str, &str, u16)] = &[
    ("time", "orders.col.time", 20),
    ("order", "lists.col.order", 30),
    ("source", "orders.col.source", 12),
    ("status", "orders.col.status", 14),
    ("words", "orders.col.words", 18),
    ("channel", "lists.col.channel", 14),
    ("goods", "lists.col.goods", 30),
    ("buyer", "orders.col.buyer", 20),
    ("amount", "lists.col.amount", 14),
    ("paid", "orders.col.paid", 14),
    ("refunded", "orders.col.refunded", 14),
    ("owed", "orders.col.owed", 24),
    ("day", "lists.col.day", 12),
    ("line", "lists.col.line", 14),
];

pub(super) fn row(sheet: &mut Sheet<'_>, row: &OrderRow) -> Result<(), Error> {
    let lang = sheet.lang;
    let money = |minor| amount(minor, &row.currency);
    let source = text(lang, &format!("orders.source.{}", row.known_from()), &[]);
    let status = row
        .status
        .map(|code| text(lang, &format!("orders.status.{code}"), &[]))
        .unwrap_or_default();
    let channel = match row.channel.as_str() {
        "" => String::new(),
        code => sheet.names.of(lang, code),
    };
    let owed = row.owed.as_ref().map(|owed| text(lang, &format!("break.{}", owed.kind), &[]));
    let owed = owed.unwrap_or_default();
    let line = line((row.document, row.line_no));
    sheet.row(&[
        TableCell::Time(row.at_ms),
        TableCell::Text(&row.order_id),
        TableCell::Text(&source),
        TableCell::Text(&status),
        TableCell::Text(&row.status_text),
        TableCell::Text(&channel),
        TableCell::Text(&row.goods),
        TableCell::Text(&row.buyer),
        money(row.amount_minor),
        if row.payments > 0 { money(row.paid_minor) } else { TableCell::Empty },
        if row.refunded_minor != 0 { money(row.refunded_minor) } else { TableCell::Empty },
        TableCell::Text(&owed),
        day(row.day),
        TableCell::Text(&line),
    ])
}

pub(super) fn sums(
    reader: &mut Reader,
    filter: &OrderFilter,
    ids: Option<&HashSet<String>>,
) -> Result<Vec<TableSum>, Error> {
    let found = match ids {
        None => order_totals(reader, filter)?,
        Some(ids) => order_sums_of(reader, ids)?,
    };
    let sums = found.into_iter().map(|sum| TableSum {
        column: "amount",
        currency: sum.currency,
        count: sum.count,
        amount_minor: sum.amount_minor,
    });
    Ok(sums.collect())
}
