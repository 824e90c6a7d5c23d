//! Sums over a whole list or over the rows somebody picked.

use super::narrow::Narrowed;
use super::{Source, TransactionFilter, kind_code, status_code};
use crate::error::Error;
use crate::import::stream_number;
use crate::packs::Packs;
use domain::reconcile::{BalanceItem, SettlementItem};
use domain::{BalanceKind, SettlementKind, SettlementStatus, Stream};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use store::bulk::{Cell, Reader};
use store::pack::{settlement_kind, settlement_kind_number};
use store::pack::{settlement_status, settlement_status_number};

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
    // A kind or status that is none must be refused as the list refuses it.
    let narrowed = match source {
        Source::Trade => Narrowed::trade(reader, filter)?,
        Source::Fund => Narrowed::fund(reader, filter)?,
    };
    let mut sums = ByCurrency::default();
    let worded = filter.scene.is_some() || filter.paying_bank.is_some() || filter.back.is_some();
    if filter.number.is_some() || worded {
        // A number names a handful of rows, which their index finds; words are kept nowhere else.
        sums.found(reader, &narrowed.sums(columns(source)), &narrowed, 1)?;
    } else if filter.min_minor.is_some() || filter.max_minor.is_some() {
        packed_totals(reader, source, filter, &mut sums)?;
    } else {
        kept_totals(reader, source, filter, &mut sums)?;
        // No list shows a row that a later word has replaced.
        sums.found(reader, &narrowed.replaced_sums(columns(source)), &narrowed, -1)?;
    }
    Ok(sums.sums())
}

/// Currency and fee of a row.
fn columns(source: Source) -> (&'static str, &'static str) {
    match source {
        Source::Trade => ("l.currency", "l.fee_minor"),
        Source::Fund => ("a.currency", "0"),
    }
}

/// Rows, amounts and fees in the making.
#[derive(Default)]
struct ByCurrency(BTreeMap<String, [i64; 3]>);

impl ByCurrency {
    fn add(&mut self, currency: &str, [rows, amount, fee]: [i64; 3]) {
        if !self.0.contains_key(currency) {
            self.0.insert(currency.to_owned(), [0; 3]);
        }
        if let Some(sum) = self.0.get_mut(currency) {
            *sum = [sum[0] + rows, sum[1] + amount, sum[2] + fee];
        }
    }

    /// What rows add up to that a statement finds; `sign` -1 takes them away.
    fn found(
        &mut self,
        reader: &mut Reader,
        sql: &str,
        narrowed: &Narrowed,
        sign: i64,
    ) -> Result<(), Error> {
        reader.query(sql, &narrowed.cells(), |row| {
            let sum = [row.int(1)?, row.int(2)?, row.int(3)?];
            self.add(row.text(0)?, sum.map(|each| sign * each));
            Ok(())
        })?;
        Ok(())
    }

    fn sums(self) -> Vec<Sums> {
        let some = self.0.into_iter().filter(|(_, [count, ..])| *count > 0);
        some.map(|(currency, [count, amount_minor, fee_minor])| Sums {
            currency,
            count,
            amount_minor,
            fee_minor,
        })
        .collect()
    }
}

/// From what the import has added up of each document, day and kind.
fn kept_totals(
    reader: &mut Reader,
    source: Source,
    filter: &TransactionFilter,
    sums: &mut ByCurrency,
) -> Result<(), Error> {
    let wanted = Wanted::of(source, filter);
    reader.query(
        "select a.channel, s.kind, s.status, \
         case when s.currency = '' then a.currency else s.currency end, \
         cast(sum(s.rows) as bigint), cast(sum(s.amount_minor) as bigint), \
         cast(sum(s.fee_minor) as bigint) \
         from day_sum s cross join document d cross join channel_account a \
         where s.stream = $1 and s.day >= $2 and s.day < $3 \
         and d.id = s.document_id and a.id = d.account_id group by 1, 2, 3, 4",
        &[
            Cell::Int(stream_number(wanted.stream)),
            Cell::Int(i64::from(wanted.days.start)),
            Cell::Int(i64::from(wanted.days.end)),
        ],
        |row| {
            if wanted.channel(row.text(0)?) && wanted.kind(row.int(1)?, row.int(2)?) {
                sums.add(row.text(3)?, [row.int(4)?, row.int(5)?, row.int(6)?]);
            }
            Ok(())
        },
    )?;
    Ok(())
}

/// What a filter without numbers asks of a row.
struct Wanted<'a> {
    stream: Stream,
    days: std::ops::Range<i32>,
    filter: &'a TransactionFilter,
}

impl<'a> Wanted<'a> {
    fn of(source: Source, filter: &'a TransactionFilter) -> Self {
        let stream = match source {
            Source::Trade => Stream::Trade,
            Source::Fund => Stream::Fund,
        };
        let days = filter.from_day.unwrap_or(i32::MIN)..filter.until_day.unwrap_or(i32::MAX);
        Self { stream, days, filter }
    }

    fn channel(&self, code: &str) -> bool {
        self.filter.channel.is_none_or(|channel| channel.code() == code)
    }

    /// A kind and a status by their numbers.
    fn kind(&self, kind: i64, status: i64) -> bool {
        if self.stream == Stream::Fund {
            let code = BalanceKind::from_number(kind).unwrap_or(BalanceKind::Unknown).code();
            let is = |text: &String| text.split(',').any(|each| each == code);
            return self.filter.kind.as_ref().is_none_or(is);
        }
        let kind = kind_code(settlement_kind(kind).unwrap_or(SettlementKind::Payment));
        let status = status_code(settlement_status(status).unwrap_or(SettlementStatus::Unknown));
        let is = |wanted: &Option<String>, code| wanted.as_ref().is_none_or(|text| text == code);
        is(&self.filter.kind, kind) && is(&self.filter.status, status)
    }

    fn amount(&self, minor: i64) -> bool {
        let least = self.filter.min_minor.unwrap_or(0);
        (least..=self.filter.max_minor.unwrap_or(i64::MAX)).contains(&minor.abs())
    }
}

/// Between two amounts every row is looked at: the packs hold what sums need in a third of the
/// bytes of the rows.
fn packed_totals(
    reader: &mut Reader,
    source: Source,
    filter: &TransactionFilter,
    sums: &mut ByCurrency,
) -> Result<(), Error> {
    let wanted = Wanted::of(source, filter);
    // The documents of the channels asked for, with the currency of their balance.
    let mut documents: HashMap<i64, String> = HashMap::new();
    reader.query(
        "select d.id, a.channel, a.currency from document d \
         join channel_account a on a.id = d.account_id",
        &[],
        |row| {
            if wanted.channel(row.text(1)?) {
                documents.insert(row.int(0)?, row.text(2)?.to_owned());
            }
            Ok(())
        },
    )?;
    let packs = Packs::open(reader)?;
    match source {
        Source::Trade => {
            packs.each(reader, wanted.stream, wanted.days.clone(), |document, _, item| {
                let item: SettlementItem = item;
                let (kind, status) =
                    (settlement_kind_number(item.kind), settlement_status_number(item.status));
                if documents.contains_key(&document)
                    && wanted.amount(item.settled_minor)
                    && wanted.kind(kind, status)
                {
                    sums.add(item.currency.code(), [1, item.settled_minor, item.fee_minor]);
                }
            })?;
        }
        Source::Fund => {
            // A late row lies in the pack of its own day, which is before that of its bill.
            let until = i32::MIN..wanted.days.end;
            packs.each(reader, wanted.stream, until, |document, _, item: BalanceItem| {
                let Some(currency) = documents.get(&document) else { return };
                if wanted.days.contains(&item.day)
                    && wanted.amount(item.amount_minor)
                    && wanted.kind(item.kind.number(), 0)
                {
                    sums.add(currency, [1, item.amount_minor, 0]);
                }
            })?;
        }
    }
    Ok(())
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
