//! The fund rows that a payout is made of.

use super::Payout;
use crate::error::Error;
use domain::reconcile::BalanceItem;
use domain::{BalanceKind, FeePart};
use std::collections::BTreeMap;
use store::bulk::{Cell, Reader};

/// How many fund rows are read at a time while looking for a component's lines.
pub(super) const SCAN_ROWS: i64 = 500;

/// A fund row with its texts and its settlement line.
pub(super) struct FundRow {
    pub item: BalanceItem,
    pub kind_text: String,
    pub channel_ref: String,
    pub merchant_ref: String,
    pub payment_ref: String,
    pub remark: String,
    /// Parts of its fee, where the channel tells them.
    pub fee_parts: Vec<FeePart>,
}

/// Parts of a fee among the further columns of a row.
pub(crate) fn parts_in(extra: &str) -> Vec<FeePart> {
    let columns: BTreeMap<String, String> = serde_json::from_str(extra).unwrap_or_default();
    columns.iter().filter_map(|(name, value)| FeePart::of_column(name, value)).collect()
}

/// True when the channel lists the rows of this payout.
pub(crate) fn is_listed(reader: &mut Reader, number: &str) -> Result<bool, Error> {
    let mut listed = false;
    let number = [Cell::Text(number)];
    reader.query("select 1 from payout_member where payout_ref = $1 limit 1", &number, |_| {
        listed = true;
        Ok(())
    })?;
    Ok(listed)
}

/// Where fund rows `b` of a payout are found, and the condition: the rows of its list, whose number
/// the parameter `number` holds; where there is none (an empty number), rows that no list claims.
pub(crate) fn rows_of(listed: bool, number: &str) -> (&'static str, String) {
    match listed {
        true => (
            "payout_member m left join superseded r on r.line_id = m.row_id \
             join balance_transaction b on b.id = coalesce(r.by_line_id, m.row_id)",
            format!("m.payout_ref = {number}"),
        ),
        false => (
            "balance_transaction b",
            format!(
                "{number} = '' and not exists \
                 (select 1 from payout_member m where m.row_id = b.id)"
            ),
        ),
    }
}

/// The rows of a payout's list; where there is none, those since the payout before that no list
/// claims.
fn fund_rows_sql(listed: bool) -> String {
    let (from, which) = rows_of(listed, "$8");
    format!(
        "select b.id, b.day, b.at_ms, b.kind, b.kind_text, b.channel_ref, b.merchant_ref, \
         b.payment_ref, b.amount_minor, b.fee_minor, b.remark, c.kind, b.extra \
         from {from} join document d on d.id = b.id / 4294967296 \
         left join classified c on c.line_id = b.id where {which} \
         and b.day >= $1 and (b.day > $1 or b.id > $2) \
         and b.day <= $3 and (b.day < $3 or b.id <= $4) and d.account_id = $5 \
         and b.kind <> $6 and not exists (select 1 from superseded s where s.line_id = b.id) \
         order by b.day, b.id limit $7"
    )
}

/// The next rows of a payout.
///
/// # Errors
/// The database's.
pub(super) fn fund_rows(
    reader: &mut Reader,
    payout: &Payout,
    after: (i64, i64),
) -> Result<Vec<FundRow>, Error> {
    let mut rows = Vec::new();
    let listed = is_listed(reader, &payout.row.number)?;
    let number = if listed { payout.row.number.as_str() } else { "" };
    reader.query(
        &fund_rows_sql(listed),
        &[
            Cell::Int(after.0),
            Cell::Int(after.1),
            Cell::Int(i64::from(payout.until.0)),
            Cell::Int(if listed { i64::MAX } else { payout.until.1 }),
            Cell::Int(payout.account_id),
            Cell::Int(BalanceKind::Payout.number()),
            Cell::Int(SCAN_ROWS),
            Cell::Text(number),
        ],
        |row| {
            let kind = row.opt_int(11)?.unwrap_or(row.int(3)?);
            rows.push(FundRow {
                item: BalanceItem {
                    id: row.int(0)?,
                    day: row.int(1)? as i32,
                    at_ms: row.int(2)?,
                    kind: BalanceKind::from_number(kind).unwrap_or(BalanceKind::Unknown),
                    key: 0,
                    payment: 0,
                    own: 0,
                    amount_minor: row.int(8)?,
                    balance_minor: None,
                    fee_minor: row.int(9)?,
                    automatic: false,
                    arrives_day: None,
                },
                kind_text: row.text(4)?.to_owned(),
                channel_ref: row.text(5)?.to_owned(),
                merchant_ref: row.text(6)?.to_owned(),
                payment_ref: row.text(7)?.to_owned(),
                remark: row.text(10)?.to_owned(),
                fee_parts: parts_in(row.text(12)?),
            });
            Ok(())
        },
    )?;
    Ok(rows)
}
