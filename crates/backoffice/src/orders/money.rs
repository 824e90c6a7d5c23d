//! What the bills say was paid for orders and given back, and where money is owed.

use super::{OrderRow, OrderSource};
use crate::error::Error;
use crate::numbers;
use domain::{SettlementKind, SettlementStatus};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use store::bulk::{Cell, Reader};
use store::pack::{settlement_kind, settlement_status};

/// Breaks that mean a buyer's money was kept though it should not have been.
const OWED: [&str; 3] = ["canceled_but_paid", "paid_after_close", "duplicate_payment"];

/// True for a kind of break by which a buyer's money is owed.
pub fn is_owed_kind(kind: &str) -> bool {
    OWED.contains(&kind)
}

/// Money that is owed to a buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owed {
    /// `canceled_but_paid`, `paid_after_close`, `duplicate_payment`.
    pub kind: String,
    /// The open break that says so.
    pub break_id: String,
    /// How much.
    pub amount_minor: i64,
    /// Its currency.
    pub currency: String,
}

/// Open breaks by which money is owed, by order number; of several the largest.
fn owed(reader: &mut Reader) -> Result<HashMap<String, Owed>, Error> {
    let mut found: HashMap<String, Owed> = HashMap::new();
    reader.query(
        "select id, kind, records, effect_minor, currency from break where state = 'open' \
         and kind in ('canceled_but_paid', 'paid_after_close', 'duplicate_payment') order by id",
        &[],
        |row| {
            let records: Vec<String> = serde_json::from_str(row.text(2)?).unwrap_or_default();
            let Some(order) = records.iter().find_map(|record| record.strip_prefix("order:"))
            else {
                return Ok(());
            };
            let owed = Owed {
                break_id: row.text(0)?.to_owned(),
                kind: row.text(1)?.to_owned(),
                amount_minor: row.int(3)?,
                currency: row.text(4)?.to_owned(),
            };
            let known = found.entry(order.to_owned()).or_insert_with(|| owed.clone());
            if owed.amount_minor > known.amount_minor {
                *known = owed;
            }
            Ok(())
        },
    )?;
    Ok(found)
}

/// Lines of the shop's orders for which money is owed.
pub(super) fn owed_lines(reader: &mut Reader) -> Result<Vec<i64>, Error> {
    let owed = owed(reader)?;
    let numbers: HashSet<&str> = owed.keys().map(String::as_str).collect();
    let ids = numbers::lines_of(reader, &numbers, numbers::ORDERS)?;
    let mut lines = Vec::new();
    for some in ids.chunks(400) {
        let list = some.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let sql = format!("select id, order_id from shop_order where id in ({list})");
        reader.query(&sql, &[], |row| {
            if numbers.contains(row.text(1)?) {
                lines.push(row.int(0)?);
            }
            Ok(())
        })?;
    }
    Ok(lines)
}

#[derive(Default)]
struct Paid {
    payments: i64,
    paid_minor: i64,
    refunded_minor: i64,
    /// Time and line of the first payment.
    first: Option<(i64, i64)>,
}

/// Puts to each order what the bills say of its money, and leaves out further payments of an order
/// that only bills know: it stands at its first.
pub(super) fn told(reader: &mut Reader, rows: &mut Vec<OrderRow>) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let wanted: HashSet<&str> = rows.iter().map(|row| row.order_id.as_str()).collect();
    let paid = paid(reader, &wanted)?;
    let owed = owed(reader)?;
    rows.retain_mut(|row| {
        let Some(found) = paid.get(&row.order_id) else { return true };
        row.payments = found.payments;
        row.paid_minor = found.paid_minor;
        row.refunded_minor = found.refunded_minor;
        row.source == OrderSource::Shop || found.first.is_none_or(|(_, id)| id == row.id)
    });
    for row in rows {
        row.owed = owed.get(&row.order_id).cloned();
    }
    Ok(())
}

fn paid(reader: &mut Reader, wanted: &HashSet<&str>) -> Result<HashMap<String, Paid>, Error> {
    let slips = crate::till::rows_by_order(reader, wanted)?;
    let mut ids = numbers::lines_of(reader, wanted, numbers::TRADE)?;
    let unnamed = slips.keys().copied().filter(|id| ids.binary_search(id).is_err());
    let unnamed: Vec<i64> = unnamed.collect();
    ids.extend(unnamed);
    let mut paid: HashMap<String, Paid> = HashMap::new();
    for some in ids.chunks(400) {
        let list = some.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "select l.order_id, l.id, l.at_ms, l.kind, l.status, l.order_minor \
             from settlement_line l where l.id in ({list}) \
             and not exists (select 1 from superseded s where s.line_id = l.id)"
        );
        reader.query(&sql, &[] as &[Cell<'_>], |row| {
            let (id, at_ms) = (row.int(1)?, row.int(2)?);
            // The acquirer's row may name no order; its slip does.
            let order = match row.text(0)? {
                "" => slips.get(&id).map_or("", String::as_str),
                named => named,
            };
            if !wanted.contains(order) {
                return Ok(());
            }
            let kind = settlement_kind(row.int(3)?).unwrap_or(SettlementKind::Payment);
            let status = settlement_status(row.int(4)?).unwrap_or(SettlementStatus::Unknown);
            let sum = paid.entry(order.to_owned()).or_default();
            match kind {
                SettlementKind::Payment => {
                    sum.payments += 1;
                    sum.paid_minor += row.int(5)?;
                    let first = sum.first.get_or_insert((at_ms, id));
                    *first = (*first).min((at_ms, id));
                }
                SettlementKind::Refund | SettlementKind::Revoked => {
                    if status != SettlementStatus::Failed {
                        sum.refunded_minor -= row.int(5)?;
                    }
                }
            }
            Ok(())
        })?;
    }
    Ok(paid)
}
