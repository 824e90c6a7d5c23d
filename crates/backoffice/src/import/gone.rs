//! Orders that a shop's own system no longer gives out: said of the order, which stays as it is.

use crate::error::Error;
use connectors::bill::Closing;
use domain::BusinessDate;
use serde::Deserialize;
use std::collections::BTreeSet;
use store::bulk::{Cell, Loader};

/// Which order of which shop a line is about, out of its further columns.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ShopOrder {
    #[serde(default)]
    pub shop: String,
    /// The platform's id.
    #[serde(default, rename = "shop_order")]
    pub id: String,
}

/// Notes what a file of a shop's orders says of orders that are gone, or back: those it names, and
/// for days that it holds every order of, those of the book that it does not have.
///
/// # Errors
/// The database's.
pub(super) fn note(loader: &mut Loader<'_>, closing: &Closing) -> Result<(), Error> {
    let (Some(listed), Some(shop)) = (&closing.listed, &closing.account_no) else { return Ok(()) };
    let at_ms = closing.issued_at_ms.unwrap_or_default();
    let there: BTreeSet<&str> = listed.there.iter().map(String::as_str).collect();
    let mut gone: BTreeSet<String> = listed.gone.iter().cloned().collect();
    if let Some((first, last)) = closing.days {
        gone.extend(of_days(loader, shop, (first, last), at_ms)?);
    }
    gone.retain(|id| !there.contains(id.as_str()));
    for id in &gone {
        loader.execute(
            "insert into order_gone (shop, shop_order, noticed_at_ms, back_at_ms) \
             values ($1, $2, $3, 0) on conflict (shop, shop_order) do update \
             set noticed_at_ms = excluded.noticed_at_ms \
             where order_gone.noticed_at_ms < excluded.noticed_at_ms",
            &[Cell::Text(shop), Cell::Text(id), Cell::Int(at_ms)],
        )?;
    }
    let mut known = Vec::new();
    let of_shop = [Cell::Text(shop)];
    loader.query("select shop_order from order_gone where shop = $1", &of_shop, |row| {
        known.push(row.text(0)?.to_owned());
        Ok(())
    })?;
    for id in known.iter().filter(|id| there.contains(id.as_str())) {
        loader.execute(
            "update order_gone set back_at_ms = $3 where shop = $1 and shop_order = $2 \
             and back_at_ms < $3",
            &[Cell::Text(shop), Cell::Text(id), Cell::Int(at_ms)],
        )?;
    }
    Ok(())
}

/// Orders of a shop that the book has on these days, from files made before `at_ms`.
fn of_days(
    loader: &mut Loader<'_>,
    shop: &str,
    (first, last): (BusinessDate, BusinessDate),
    at_ms: i64,
) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    loader.query(
        "select l.extra from shop_order l join document d on d.id = l.id / 4294967296 \
         where l.day between $1 and $2 and l.extra <> '' and d.issued_at_ms < $3",
        &[Cell::Int(first.days().into()), Cell::Int(last.days().into()), Cell::Int(at_ms)],
        |row| {
            let order: ShopOrder = serde_json::from_str(row.text(0)?).unwrap_or_default();
            if order.shop == shop && !order.id.is_empty() {
                found.push(order.id);
            }
            Ok(())
        },
    )?;
    Ok(found)
}
