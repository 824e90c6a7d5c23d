//! Orders that their shop no longer gives out.

use super::{OrderRow, OrderSource};
use crate::error::Error;
use crate::import::ShopOrder;
use std::collections::HashMap;
use store::bulk::Reader;

/// Says of each row since when its shop no longer gives it out. A later word on the order itself
/// counts more.
///
/// # Errors
/// The database's.
pub(super) fn told(reader: &mut Reader, rows: &mut [OrderRow]) -> Result<(), Error> {
    let mut gone: HashMap<(String, String), i64> = HashMap::new();
    reader.query(
        "select shop, shop_order, noticed_at_ms from order_gone \
         where noticed_at_ms > back_at_ms",
        &[],
        |row| {
            gone.insert((row.text(0)?.to_owned(), row.text(1)?.to_owned()), row.int(2)?);
            Ok(())
        },
    )?;
    let mut ids: Vec<String> = Vec::new();
    if !gone.is_empty() {
        let of_shop = rows.iter().filter(|row| row.source == OrderSource::Shop);
        ids.extend(of_shop.map(|row| row.id.to_string()));
    }
    let mut found: HashMap<i64, i64> = HashMap::new();
    for some in ids.chunks(400) {
        let sql = format!(
            "select l.id, l.extra, d.issued_at_ms from shop_order l \
             join document d on d.id = l.id / 4294967296 \
             where l.extra <> '' and l.id in ({})",
            some.join(", ")
        );
        reader.query(&sql, &[], |row| {
            let order: ShopOrder = serde_json::from_str(row.text(1)?).unwrap_or_default();
            let said_ms = row.opt_int(2)?.unwrap_or(i64::MIN);
            if let Some(at_ms) = gone.get(&(order.shop, order.id)).filter(|at| **at > said_ms) {
                found.insert(row.int(0)?, *at_ms);
            }
            Ok(())
        })?;
    }
    for row in rows {
        row.gone_at_ms = found.get(&row.id).copied().filter(|_| row.source == OrderSource::Shop);
    }
    Ok(())
}
