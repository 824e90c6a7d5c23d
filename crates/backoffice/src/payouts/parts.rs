//! What the fees of a payout are made of, where the channel tells it.

use super::rows::{SCAN_ROWS, fund_rows, is_listed};
use super::{ComponentRow, Payout};
use crate::error::Error;
use domain::payout::Component;
use domain::reconcile::row_components;
use std::collections::BTreeMap;
use store::bulk::Reader;

/// Name of the part of the fees that no row tells apart.
pub const UNTOLD: &str = "untold";

/// The parts of a payout's fees by the channel's names, in order of name; what no row tells apart
/// comes last, as [`UNTOLD`]. They add up to the component `fees`; there are none where no row
/// tells any.
///
/// # Errors
/// The database's.
pub fn payout_fee_parts(reader: &mut Reader, payout: &Payout) -> Result<Vec<ComponentRow>, Error> {
    // Channels that tell parts list their payouts; the others are not read through for nothing.
    if !is_listed(reader, &payout.row.number)? {
        return Ok(Vec::new());
    }
    let mut parts: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut untold = (0, 0);
    let mut after = (i64::from(payout.after.0), payout.after.1);
    loop {
        let rows = fund_rows(reader, payout, after)?;
        for row in &rows {
            let fees = row_components(&row.item, None).filter(|(part, _)| *part == Component::Fees);
            let fee: i64 = fees.map(|(_, amount)| amount).sum();
            if fee == 0 {
                continue;
            }
            let told: i64 = row.fee_parts.iter().map(|part| part.amount_minor).sum();
            if told != fee {
                untold = (untold.0 + fee, untold.1 + 1);
                continue;
            }
            for part in &row.fee_parts {
                let sum = parts.entry(part.name.clone()).or_default();
                *sum = (sum.0 + part.amount_minor, sum.1 + 1);
            }
        }
        match rows.last() {
            Some(last) if rows.len() as i64 == SCAN_ROWS => {
                after = (i64::from(last.item.day), last.item.id);
            }
            _ => break,
        }
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let rest = (untold.1 > 0).then(|| (UNTOLD.to_owned(), untold));
    let row = |(name, (amount_minor, rows))| ComponentRow { name, amount_minor, rows };
    Ok(parts.into_iter().chain(rest).map(row).collect())
}
