//! Breaks and payouts by the numbers people know them by.

use super::facts::Facts;
use crate::error::Error;
use domain::BusinessDate;
use domain::reconcile::{Break, BreakKind, ReconciledPayout, Record};
use std::collections::{HashMap, HashSet};
use store::bulk::{Cell, Loader, TableSpec};

/// The channel's number of each payout, in order. Two of one number get a counter behind it.
pub(super) fn payout_labels(
    loader: &mut Loader<'_>,
    payouts: &[ReconciledPayout],
) -> Result<Vec<String>, Error> {
    let mut seen: HashMap<(usize, String), u32> = HashMap::new();
    let mut labels = Vec::with_capacity(payouts.len());
    for payout in payouts {
        let number = text(loader, PAYOUT_NUMBER, payout.line)?;
        let count = seen.entry((payout.account, number.clone())).or_default();
        *count += 1;
        labels.push(if *count > 1 { format!("{number}-{count}") } else { number });
    }
    Ok(labels)
}

const PAYOUT_NUMBER: &str = "select channel_ref from balance_transaction where id = $1";

/// One text of one line; empty when the line is gone.
fn text(loader: &mut Loader<'_>, sql: &str, id: i64) -> Result<String, Error> {
    let mut found = String::new();
    loader.query(sql, &[Cell::Int(id)], |row| {
        row.text(0)?.clone_into(&mut found);
        Ok(())
    })?;
    Ok(found)
}

/// `payment:4200…`, as `docs/records/breaks.md` names records.
fn label(loader: &mut Loader<'_>, record: Record) -> Result<String, Error> {
    let (prefix, sql, id) = match record {
        Record::Day(day) => return Ok(format!("day:{}", BusinessDate::from_days(day))),
        Record::Order(id) => ("order", "select order_id from shop_order where id = $1", id),
        Record::OrderOf(id) => ("order", "select order_id from settlement_line where id = $1", id),
        Record::Payment(id) => {
            ("payment", "select payment_id from settlement_line where id = $1", id)
        }
        Record::Refund(id) => {
            ("refund", "select merchant_refund_id from settlement_line where id = $1", id)
        }
        Record::RefundOfFund(id) => {
            ("refund", "select merchant_ref from balance_transaction where id = $1", id)
        }
        Record::PaymentOfFund(id) => {
            ("payment", "select payment_ref from balance_transaction where id = $1", id)
        }
        Record::Fund(id) => {
            ("fund", "select channel_ref from balance_transaction where id = $1", id)
        }
        Record::FundRow(id) => {
            ("fund", "select ledger_ref from balance_transaction where id = $1", id)
        }
        Record::Payout(id) => ("payout", PAYOUT_NUMBER, id),
        Record::Bank(id) => ("bank", "select bank_ref from bank_line where id = $1", id),
    };
    Ok(format!("{prefix}:{}", text(loader, sql, id)?))
}

fn line_of(record: Record) -> Option<i64> {
    match record {
        Record::Day(_) => None,
        Record::Order(id)
        | Record::OrderOf(id)
        | Record::Payment(id)
        | Record::Refund(id)
        | Record::RefundOfFund(id)
        | Record::PaymentOfFund(id)
        | Record::Fund(id)
        | Record::FundRow(id)
        | Record::Payout(id)
        | Record::Bank(id) => Some(id),
    }
}

/// A row that is missing from the trade bill makes its order look unpaid: one break, not two.
pub(super) fn drop_consequences(
    loader: &mut Loader<'_>,
    breaks: &mut Vec<Break>,
) -> Result<(), Error> {
    let mut paid = HashSet::new();
    for found in breaks.iter().filter(|found| found.kind == BreakKind::MissingInTradeBill) {
        if let Some(Record::Fund(id)) = found.records.first() {
            let sql = "select merchant_ref from balance_transaction where id = $1";
            paid.insert(text(loader, sql, *id)?);
        }
    }
    // A row without an order number says nothing of any order.
    paid.remove("");
    if paid.is_empty() {
        return Ok(());
    }
    let mut kept = Vec::with_capacity(breaks.len());
    for found in breaks.drain(..) {
        let order = match (found.kind, found.records.first()) {
            (BreakKind::OrderWithoutPayment, Some(Record::Order(id))) => {
                text(loader, "select order_id from shop_order where id = $1", *id)?
            }
            _ => String::new(),
        };
        if !paid.contains(&order) {
            kept.push(found);
        }
    }
    *breaks = kept;
    Ok(())
}

const BREAK: TableSpec = TableSpec::new(
    "break",
    &[
        "id",
        "kind",
        "records",
        "field",
        "expected",
        "found",
        "effect_minor",
        "currency",
        "day",
        "account_id",
        "reason",
        "line_id",
    ],
);

/// Stores breaks under ids that a re-run gives again: kind and records make them, and where a
/// record has no number, its day and amount. An id never hangs on another account's breaks.
pub(super) fn store_breaks(
    loader: &mut Loader<'_>,
    facts: &Facts,
    breaks: &[Break],
) -> Result<(), Error> {
    let mut rows = Vec::with_capacity(breaks.len());
    for found in breaks {
        let mut records = Vec::with_capacity(found.records.len());
        for record in &found.records {
            records.push(label(loader, *record)?);
        }
        rows.push((found, records));
    }
    rows.sort_by(|(a, a_records), (b, b_records)| {
        (a.day, a.kind, a_records, &a.found).cmp(&(b.day, b.kind, b_records, &b.found))
    });
    let mut seen: HashMap<u64, u32> = HashMap::new();
    for (found, records) in rows {
        let account = facts.accounts.get(found.account);
        let mut base = format!("{}|{}|{}", found.kind.code(), records.join("|"), found.field);
        if records.iter().any(|record| record.ends_with(':')) {
            base += &format!("|{}|{}", found.day, found.effect_minor);
        }
        let scope = account.map(|a| a.scope.to_string()).unwrap_or_default();
        let digest = store::pack::key(&[&base, &scope]);
        let count = seen.entry(digest).or_default();
        *count += 1;
        let id = match *count {
            1 => format!("{digest:016x}"),
            n => format!("{digest:016x}-{n}"),
        };
        let records = serde_json::Value::from(records).to_string();
        let line = found.records.iter().find_map(|record| line_of(*record));
        loader.insert(
            &BREAK,
            &[
                Cell::Text(&id),
                Cell::Text(found.kind.code()),
                Cell::Text(&records),
                Cell::Text(found.field),
                Cell::Text(&found.expected),
                Cell::Text(&found.found),
                Cell::Int(found.effect_minor),
                Cell::Text("CNY"),
                Cell::Int(i64::from(found.day)),
                Cell::Int(account.map_or(0, |account| account.id)),
                Cell::Text(found.kind.code()),
                line.map_or(Cell::Null, Cell::Int),
            ],
        )?;
    }
    Ok(())
}
