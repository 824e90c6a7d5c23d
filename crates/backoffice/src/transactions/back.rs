//! Payments by what was given back of them, by how the buyer paid and from where.

use super::Transaction;
use crate::error::Error;
use domain::SettlementStatus;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use store::bulk::{Cell, Reader};
use store::pack::settlement_status_number;

/// Payments asked about at a time.
const AT_ONCE: usize = 200;
/// Rows of the newest days in which words are looked for.
const LOOKED_AT: u32 = 20_000;

/// How much of a payment was given back, as the bills say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// Nothing.
    Nothing,
    /// A part.
    Part,
    /// All of it.
    Whole,
}

impl Back {
    /// The stable code: `none`, `part`, `whole`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Part => "part",
            Self::Whole => "whole",
        }
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Nothing, Self::Part, Self::Whole].into_iter().find(|back| back.code() == code)
    }

    /// How much that is of a payment.
    pub fn of(order_minor: i64, back_minor: i64) -> Self {
        match back_minor {
            ..=0 => Self::Nothing,
            back if back >= order_minor => Self::Whole,
            _ => Self::Part,
        }
    }

    /// The condition on a payment `l`.
    pub(super) fn condition(self) -> String {
        let failed = settlement_status_number(SettlementStatus::Failed);
        let refunds = format!(
            "from settlement_line r where r.payment_id = l.payment_id and r.payment_id <> '' \
             and r.kind <> 0 and r.status <> {failed} \
             and not exists (select 1 from superseded x where x.line_id = r.id)"
        );
        let back = format!("(select coalesce(sum(-r.order_minor), 0) {refunds})");
        match self {
            Self::Nothing => format!("l.kind = 0 and not exists (select 1 {refunds})"),
            Self::Part => {
                format!("l.kind = 0 and exists (select 1 {refunds}) and {back} < l.order_minor")
            }
            Self::Whole => {
                format!("l.kind = 0 and exists (select 1 {refunds}) and {back} >= l.order_minor")
            }
        }
    }
}

/// Puts to each payment what was given back of it.
pub(super) fn told(reader: &mut Reader, rows: &mut [Transaction]) -> Result<(), Error> {
    let failed = settlement_status_number(SettlementStatus::Failed);
    let payments: BTreeSet<String> = rows
        .iter()
        .filter(|row| row.kind == "payment" && !row.payment_id.is_empty())
        .map(|row| row.payment_id.clone())
        .collect();
    let payments: Vec<String> = payments.into_iter().collect();
    let mut back: HashMap<String, i64> = HashMap::new();
    for some in payments.chunks(AT_ONCE) {
        let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
        let cells: Vec<Cell<'_>> = some.iter().map(|id| Cell::Text(id)).collect();
        let sql = format!(
            "select r.payment_id, cast(sum(-r.order_minor) as bigint) from settlement_line r \
             where r.payment_id in ({}) and r.kind <> 0 and r.status <> {failed} \
             and not exists (select 1 from superseded x where x.line_id = r.id) \
             group by r.payment_id",
            places.join(", ")
        );
        reader.query(&sql, &cells, |row| {
            back.insert(row.text(0)?.to_owned(), row.int(1)?);
            Ok(())
        })?;
    }
    for row in rows.iter_mut().filter(|row| row.kind == "payment") {
        row.back_minor = back.get(&row.payment_id).copied().unwrap_or(0);
    }
    Ok(())
}

/// Words that payments can be narrowed to, in the channels' own writing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Words {
    /// How buyers paid.
    pub scenes: Vec<String>,
    /// What they paid from.
    pub banks: Vec<String>,
}

/// The words of the newest rows: what has not been seen for long can be typed, not chosen.
///
/// # Errors
/// The database's.
pub fn payment_words(reader: &mut Reader) -> Result<Words, Error> {
    let mut words = Words::default();
    for (column, into) in [("scene", &mut words.scenes), ("paying_bank", &mut words.banks)] {
        let sql = format!(
            "select distinct t.{column} from (select {column} from settlement_line \
             order by day desc, at_ms desc limit {LOOKED_AT}) t where t.{column} <> '' \
             order by t.{column}"
        );
        reader.query(&sql, &[], |row| {
            into.push(row.text(0)?.to_owned());
            Ok(())
        })?;
    }
    Ok(words)
}
