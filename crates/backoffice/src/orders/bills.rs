//! Orders that no list of the shop has: a bill names their number.

use super::{OrderFilter, OrderRow, OrderSource};
use crate::error::Error;
use crate::import::stream_number;
use crate::numbers;
use crate::order::Place;
use crate::packs::Packs;
use domain::keys::{KeyMap, KeySet};
use domain::reconcile::{OrderItem, SettlementItem};
use domain::{Channel, SettlementKind, Stream};
use std::collections::HashSet;
use std::ops::Range;
use store::bulk::{Cell, Reader, RowView};
use store::pack::split_line_id;

/// Days looked at in one go when a list is read by day.
const SPAN_DAYS: i32 = 64;
/// Between the making of most orders and their payment.
const AROUND_DAYS: i32 = 2;

/// What is asked of the packs of trade bills.
struct Search {
    packs: Packs,
    /// Orders that the shop knows.
    known: KeySet,
    /// Documents of the channel asked for; `None` for any.
    documents: Option<HashSet<i64>>,
}

/// Orders that the shop made on these days.
fn known(packs: &Packs, reader: &mut Reader, days: Range<i32>) -> Result<KeySet, Error> {
    let mut known = KeySet::default();
    packs.each(reader, Stream::Orders, days, |_, _, item: OrderItem| {
        known.insert(item.order);
    })?;
    Ok(known)
}

impl Search {
    /// With every order of the shop.
    fn new(reader: &mut Reader, filter: &OrderFilter) -> Result<Self, Error> {
        let mut search = Self::without_orders(reader, filter)?;
        search.known = known(&search.packs, reader, i32::MIN..i32::MAX)?;
        Ok(search)
    }

    fn without_orders(reader: &mut Reader, filter: &OrderFilter) -> Result<Self, Error> {
        let documents = match filter.channel {
            None => None,
            Some(channel) => Some(documents_of(reader, channel)?),
        };
        Ok(Self { packs: Packs::open(reader)?, known: KeySet::default(), documents })
    }

    /// Hands over each payment of such an order inside `days`, whatever its amount.
    fn each(
        &self,
        reader: &mut Reader,
        days: Range<i32>,
        mut visit: impl FnMut(SettlementItem),
    ) -> Result<(), Error> {
        self.packs.each(reader, Stream::Trade, days, |document, _, item: SettlementItem| {
            let inside = item.kind == SettlementKind::Payment
                // A row without an order number has 0.
                && item.order != 0
                && !self.known.contains(&item.order)
                && self.documents.as_ref().is_none_or(|ids| ids.contains(&document));
            if inside {
                visit(item);
            }
        })
    }
}

fn documents_of(reader: &mut Reader, channel: Channel) -> Result<HashSet<i64>, Error> {
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
    Ok(ids)
}

/// First and last day of the trade bills; `None` when there are none.
fn span(reader: &mut Reader, filter: &OrderFilter) -> Result<Option<(i32, i32)>, Error> {
    let mut days = None;
    reader.query(
        "select (select min(day) from day_pack where stream = $1), \
         (select max(day) from day_pack where stream = $1)",
        &[Cell::Int(stream_number(Stream::Trade))],
        |row| {
            days = row.opt_int(0)?.zip(row.opt_int(1)?);
            Ok(())
        },
    )?;
    let wanted = filter.days();
    Ok(days.and_then(|(first, last)| {
        let first = (first as i32).max(wanted.start);
        let last = (last as i32).min(wanted.end.saturating_sub(1));
        (first <= last).then_some((first, last))
    }))
}

/// The rows behind a place, in the order of the list, at most `limit`; by day nothing is looked for
/// past `last_day`.
pub(super) fn rows(
    reader: &mut Reader,
    filter: &OrderFilter,
    place: Place,
    limit: u32,
    last_day: Option<i32>,
) -> Result<Vec<OrderRow>, Error> {
    if let Some(number) = &filter.number {
        return numbered(reader, filter, number, place);
    }
    let Some((first, last)) = span(reader, filter)? else { return Ok(Vec::new()) };
    match filter.sort.by_amount() {
        true => by_amount(reader, filter, place, limit),
        false => {
            let at = place.key.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
            let days = match filter.sort.descending() {
                true => (first.max(last_day.unwrap_or(first)), last.min(at)),
                false => (first.max(at), last.min(last_day.unwrap_or(last))),
            };
            by_day(reader, filter, place, limit, days)
        }
    }
}

fn in_order(filter: &OrderFilter, found: &mut [Place]) {
    found.sort_unstable();
    if filter.sort.descending() {
        found.reverse();
    }
}

fn by_amount(
    reader: &mut Reader,
    filter: &OrderFilter,
    place: Place,
    limit: u32,
) -> Result<Vec<OrderRow>, Error> {
    let search = Search::new(reader, filter)?;
    let amounts = filter.amounts();
    let mut found: Vec<Place> = Vec::new();
    search.each(reader, filter.days(), |item| {
        let key = Place::new(filter.sort, (item.day, item.at_ms), item.order_minor, item.id);
        if filter.sort.is_behind(key, place) && amounts.contains(&item.order_minor) {
            found.push(key);
        }
    })?;
    in_order(filter, &mut found);
    found.truncate(limit as usize);
    let ids: Vec<i64> = found.into_iter().map(|place| place.id).collect();
    by_ids(reader, &ids)
}

/// Reads some days after the other, until there are enough rows. Most orders are paid within
/// [`AROUND_DAYS`] of their making and so known from the packs of those days; the shop's own table
/// is asked for the others.
fn by_day(
    reader: &mut Reader,
    filter: &OrderFilter,
    place: Place,
    limit: u32,
    (mut first, mut last): (i32, i32),
) -> Result<Vec<OrderRow>, Error> {
    let mut search = Search::without_orders(reader, filter)?;
    let (amounts, descending) = (filter.amounts(), filter.sort.descending());
    let mut rows: Vec<OrderRow> = Vec::new();
    while first <= last && rows.len() < limit as usize {
        let (from, until) = match descending {
            true => ((last - SPAN_DAYS + 1).max(first), last),
            false => (first, (first + SPAN_DAYS - 1).min(last)),
        };
        let around = from.saturating_sub(AROUND_DAYS)..until.saturating_add(AROUND_DAYS + 1);
        search.known = known(&search.packs, reader, around)?;
        let mut found: Vec<Place> = Vec::new();
        search.each(reader, from..until.saturating_add(1), |item| {
            let key = Place::new(filter.sort, (item.day, item.at_ms), item.order_minor, item.id);
            if filter.sort.is_behind(key, place) && amounts.contains(&item.order_minor) {
                found.push(key);
            }
        })?;
        in_order(filter, &mut found);
        for some in found.chunks(limit as usize) {
            let ids: Vec<i64> = some.iter().map(|place| place.id).collect();
            let named = by_ids(reader, &ids)?;
            rows.extend(unknown_to_shop(reader, named)?);
            if rows.len() >= limit as usize {
                break;
            }
        }
        if descending {
            last = from - 1;
        } else {
            first = until + 1;
        }
    }
    Ok(rows)
}

/// Leaves out orders that stand in the shop's own table.
fn unknown_to_shop(reader: &mut Reader, mut rows: Vec<OrderRow>) -> Result<Vec<OrderRow>, Error> {
    let wanted: HashSet<&str> = rows.iter().map(|row| row.order_id.as_str()).collect();
    let ids = numbers::lines_of(reader, &wanted, numbers::ORDERS)?;
    let mut shop: HashSet<String> = HashSet::new();
    for some in ids.chunks(400) {
        let list = some.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "select o.order_id from shop_order o where o.id in ({list}) \
             and not exists (select 1 from superseded s where s.line_id = o.id)"
        );
        reader.query(&sql, &[], |row| {
            shop.insert(row.text(0)?.to_owned());
            Ok(())
        })?;
    }
    rows.retain(|row| !shop.contains(&row.order_id));
    Ok(rows)
}

/// First payments of all orders a filter lets through.
pub(super) fn firsts(
    reader: &mut Reader,
    filter: &OrderFilter,
) -> Result<impl Iterator<Item = SettlementItem>, Error> {
    let mut search = Search::new(reader, filter)?;
    // The first payment of an order may be another channel's: the order stands with that one.
    let documents = search.documents.take();
    let mut firsts: KeyMap<SettlementItem> = KeyMap::default();
    // Over all days: the first payment of an order may lie before those asked for.
    search.each(reader, i32::MIN..i32::MAX, |item| {
        let known = firsts.entry(item.order).or_insert(item);
        if (item.at_ms, item.id) < (known.at_ms, known.id) {
            *known = item;
        }
    })?;
    let (days, amounts) = (filter.days(), filter.amounts());
    let wanted = move |id| documents.as_ref().is_none_or(|ids| ids.contains(&split_line_id(id).0));
    Ok(firsts.into_values().filter(move |item| {
        days.contains(&item.day) && amounts.contains(&item.order_minor) && wanted(item.id)
    }))
}

const COLUMNS: &str = "l.id, l.day, l.order_id, l.at_ms, a.channel, l.currency, l.order_minor, \
    l.goods";
const FROM: &str = "settlement_line l join document d on d.id = l.id / 4294967296 \
    join channel_account a on a.id = d.account_id";

fn row(row: &RowView<'_>) -> Result<OrderRow, store::StoreError> {
    let id = row.int(0)?;
    let (document, line_no) = split_line_id(id);
    Ok(OrderRow {
        id,
        source: OrderSource::Bill,
        day: row.int(1)? as i32,
        order_id: row.text(2)?.to_owned(),
        at_ms: row.int(3)?,
        status: None,
        status_text: String::new(),
        channel: row.text(4)?.to_owned(),
        currency: row.text(5)?.to_owned(),
        amount_minor: row.int(6)?,
        goods: row.text(7)?.to_owned(),
        buyer: String::new(),
        payments: 0,
        paid_minor: 0,
        refunded_minor: 0,
        owed: None,
        gone_at_ms: None,
        document,
        line_no,
    })
}

fn by_ids(reader: &mut Reader, ids: &[i64]) -> Result<Vec<OrderRow>, Error> {
    let mut rows = Vec::new();
    for some in ids.chunks(400) {
        let list = some.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let sql = format!("select {COLUMNS} from {FROM} where l.id in ({list})");
        rows.extend(super::read(reader, &sql, &[], row)?);
    }
    Ok(rows)
}

/// The first payment of the order with this number, unless the shop knows it.
pub(super) fn numbered(
    reader: &mut Reader,
    filter: &OrderFilter,
    number: &str,
    place: Place,
) -> Result<Vec<OrderRow>, Error> {
    let among = numbers::among(reader, "l.id", number, numbers::TRADE)?;
    let known = numbers::among(reader, "o.id", number, numbers::ORDERS)?;
    let sql = format!(
        "select {COLUMNS} from {FROM} where {among} and l.order_id = $1 and l.kind = 0 \
         and not exists (select 1 from superseded s where s.line_id = l.id) \
         and not exists (select 1 from shop_order o where {known} and o.order_id = $1) \
         order by l.at_ms, l.id limit 1"
    );
    let mut rows = super::read(reader, &sql, &[Cell::Text(number)], row)?;
    let (days, amounts) = (filter.days(), filter.amounts());
    rows.retain(|row| {
        place == Place::first(filter.sort)
            && days.contains(&row.day)
            && amounts.contains(&row.amount_minor)
            && filter.channel.is_none_or(|channel| row.channel == channel.code())
    });
    Ok(rows)
}
