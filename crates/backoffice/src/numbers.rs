//! From a whole number to the lines that carry it, by the search index: the tables of lines need no
//! index of their own for each of their numbers.

use crate::error::Error;
use std::collections::HashSet;
use store::bulk::Reader;
use store::search::{Index, Subject, find, segments, tail_key};

/// Rows of the trade bills.
pub(crate) const TRADE: &[Subject] = &[Subject::Payment, Subject::Refund];
/// Rows of the balances.
pub(crate) const FUND: &[Subject] = &[Subject::Payout, Subject::Movement];
/// Orders of the shop.
pub(crate) const ORDERS: &[Subject] = &[Subject::Order];

/// Refunds the shop asked for.
pub(crate) const SHOP_REFUNDS: &[Subject] = &[Subject::ShopRefund];

/// With more lines of one number a list of them is longer to read than their table.
const LISTED: usize = 5_000;

/// A condition on the id of a line that lets through those of the subjects that carry the number,
/// and few others: the statement compares the number's own column as well.
///
/// # Errors
/// The database's.
pub(crate) fn among(
    reader: &mut Reader,
    column: &str,
    number: &str,
    subjects: &[Subject],
) -> Result<String, Error> {
    let key = tail_key(number);
    let segments = segments(reader)?;
    let found = find(reader, &segments, Index::Tail, &(key..=key), u32::MAX)?;
    let mut ids: Vec<i64> =
        found.iter().filter(|p| subjects.contains(&p.subject())).map(|p| p.id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > LISTED {
        return Ok("1 = 1".to_owned());
    }
    // An empty list is no SQL; no line has this id.
    ids.push(-1);
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    Ok(format!("{column} in ({})", ids.join(", ")))
}

/// Ids of the lines of the subjects that may carry one of these numbers, sorted: others with the
/// same tail are among them, so the caller compares the number's own column.
///
/// # Errors
/// The database's.
pub(crate) fn lines_of(
    reader: &mut Reader,
    wanted: &HashSet<&str>,
    subjects: &[Subject],
) -> Result<Vec<i64>, Error> {
    let segments = segments(reader)?;
    let mut ids = Vec::new();
    for number in wanted.iter().filter(|number| !number.is_empty()) {
        let key = tail_key(number);
        let found = find(reader, &segments, Index::Tail, &(key..=key), u32::MAX)?;
        ids.extend(found.iter().filter(|p| subjects.contains(&p.subject())).map(|p| p.id));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
