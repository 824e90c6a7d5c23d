//! Sums over a whole list or over the rows somebody picked.

use super::narrow::Narrowed;
use super::{Source, TransactionFilter, kind_code, status_code};
use crate::error::Error;
use crate::packs::Packs;
use domain::reconcile::SettlementItem;
use domain::{Currency, Stream};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use store::bulk::{Cell, Reader};

/// Ids asked for at a time.
const AT_ONCE: usize = 200;

/// Count and sums of one currency.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct Sums {
    /// Currency of both sums.
    pub currency: String,
    /// Rows.
    pub count: i64,
    /// Summed amounts: settled on a trade bill, moved on a balance.
    pub amount_minor: i64,
    /// Summed fees; 0 on a balance, where fees are rows of their own.
    pub fee_minor: i64,
}

/// Sums over everything a filter lets through, by currency.
///
/// # Errors
/// As the list itself.
pub fn totals(
    reader: &mut Reader,
    source: Source,
    filter: &TransactionFilter,
) -> Result<Vec<Sums>, Error> {
    match source {
        // A number names a handful of rows, which their index finds.
        Source::Trade if filter.number.is_none() => packed_totals(reader, filter),
        Source::Trade => {
            let narrowed = Narrowed::trade(reader, filter)?;
            summed(reader, &narrowed, "l.currency", "l.fee_minor")
        }
        Source::Fund => {
            let narrowed = Narrowed::fund(reader, filter)?;
            summed(reader, &narrowed, "a.currency", "0")
        }
    }
}

fn summed(
    reader: &mut Reader,
    narrowed: &Narrowed,
    currency: &str,
    fee: &str,
) -> Result<Vec<Sums>, Error> {
    let mut sums = Vec::new();
    reader.query(&narrowed.sums(currency, fee), &narrowed.cells(), |row| {
        sums.push(Sums {
            currency: row.text(0)?.to_owned(),
            count: row.int(1)?,
            amount_minor: row.int(2)?,
            fee_minor: row.int(3)?,
        });
        Ok(())
    })?;
    Ok(sums)
}

/// The packs hold what sums need in a third of the bytes of the rows.
fn packed_totals(reader: &mut Reader, filter: &TransactionFilter) -> Result<Vec<Sums>, Error> {
    // A kind or status that is none must be refused as the list refuses it.
    Narrowed::trade(reader, filter)?;
    let documents = match filter.channel {
        None => None,
        Some(channel) => {
            let mut ids = HashSet::new();
            reader.query(
                "select d.id from document d join channel_account a on a.id = d.account_id \
                 where a.channel = $1",
                &[Cell::Text(channel.code())],
                |row| {
                    ids.insert(row.int(0)?);
                    Ok(())
                },
            )?;
            Some(ids)
        }
    };
    let days = filter.from_day.unwrap_or(i32::MIN)..filter.until_day.unwrap_or(i32::MAX);
    let least = filter.min_minor.unwrap_or(0);
    let most = filter.max_minor.unwrap_or(i64::MAX);
    let is = |wanted: &Option<String>, code| wanted.as_ref().is_none_or(|text| text == code);
    let mut sums: Vec<(Currency, Sums)> = Vec::new();
    let packs = Packs::open(reader)?;
    packs.each(reader, Stream::Trade, days, |document, _, item: SettlementItem| {
        let size = item.settled_minor.abs();
        let inside = documents.as_ref().is_none_or(|ids| ids.contains(&document))
            && is(&filter.kind, kind_code(item.kind))
            && is(&filter.status, status_code(item.status))
            && (least..=most).contains(&size);
        if inside {
            let at = sums.iter().position(|(currency, _)| *currency == item.currency);
            let at = at.unwrap_or_else(|| {
                let currency = item.currency.code().to_owned();
                sums.push((item.currency, Sums { currency, ..Sums::default() }));
                sums.len() - 1
            });
            let sum = &mut sums[at].1;
            sum.count += 1;
            sum.amount_minor += item.settled_minor;
            sum.fee_minor += item.fee_minor;
        }
    })?;
    let mut sums: Vec<Sums> = sums.into_iter().map(|(_, sum)| sum).collect();
    sums.sort_by(|a, b| a.currency.cmp(&b.currency));
    Ok(sums)
}

/// Sums over rows by their ids, by currency; ids that are none count for nothing.
///
/// # Errors
/// The database's.
pub fn sums_of(reader: &mut Reader, source: Source, ids: &[i64]) -> Result<Vec<Sums>, Error> {
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    let unique: HashSet<i64> = ids.iter().copied().collect();
    let unique: Vec<i64> = unique.into_iter().collect();
    for some in unique.chunks(AT_ONCE) {
        let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
        let places = places.join(", ");
        let sql = match source {
            Source::Trade => format!(
                "select currency, settled_minor, fee_minor from settlement_line \
                 where id in ({places})"
            ),
            Source::Fund => format!(
                "select a.currency, l.amount_minor, 0 from balance_transaction l \
                 cross join document d cross join channel_account a \
                 where d.id = l.id / 4294967296 and a.id = d.account_id and l.id in ({places})"
            ),
        };
        let cells: Vec<Cell<'_>> = some.iter().map(|id| Cell::Int(*id)).collect();
        reader.query(&sql, &cells, |row| {
            let currency = row.text(0)?;
            let sum = sums.entry(currency.to_owned()).or_default();
            sum.currency = currency.to_owned();
            sum.count += 1;
            sum.amount_minor += row.int(1)?;
            sum.fee_minor += row.int(2)?;
            Ok(())
        })?;
    }
    Ok(sums.into_values().collect())
}
