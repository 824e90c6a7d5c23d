//! Orders: what the shop says of them, and what the bills say of their money.
//!
//! An order is known from the shop's own list, or only from the order number that a bill names.
//! Where it stands is the shop's word; what was paid and given back is the bills'. The two are
//! shown side by side and never mixed: where they differ there is a break.

mod bills;
mod gone;
mod goods;
mod money;
mod story;

pub use goods::{GoodsLine, masked};
pub use money::{Owed, is_owed_kind};
pub use story::{BreakRef, OrderStory, Step, story};

use crate::error::Error;
use crate::numbers;
use crate::order::{Place, Sort, nth};
use crate::packs::Packs;
use crate::page::{Begin, Page};
use crate::transactions::Sums;
use domain::reconcile::OrderItem;
use domain::{Channel, Currency, OrderStatus, Stream};
use serde::Serialize;
use std::collections::HashSet;
use store::bulk::{Cell, Reader, RowView};
use store::pack::split_line_id;

/// Where an order is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderSource {
    /// The shop's own list.
    Shop,
    /// A bill names its number; no list of the shop does.
    Bill,
}

impl OrderSource {
    /// The stable code: `shop`, `bill`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Bill => "bill",
        }
    }

    /// The source with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Shop, Self::Bill].into_iter().find(|source| source.code() == code)
    }
}

/// An order in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderRow {
    /// Id of the line it is known from.
    pub id: i64,
    /// Where it is known from.
    pub source: OrderSource,
    /// The shop's number.
    pub order_id: String,
    /// When it was made; where only a bill knows it, when it was paid. UTC ms.
    pub at_ms: i64,
    /// The day of that.
    pub day: i32,
    /// Where it stands as the shop says: `unpaid`, `paid`, `closed`, `canceled`, `refunded`,
    /// `unknown`; `None` where the shop says nothing.
    pub status: Option<&'static str>,
    /// The shop's own word.
    pub status_text: String,
    /// Code of the channel; empty where nobody says.
    pub channel: String,
    /// Currency of every amount.
    pub currency: String,
    /// What the buyer had to pay.
    pub amount_minor: i64,
    /// Goods text.
    pub goods: String,
    /// The buyer, with numbers masked.
    pub buyer: String,
    /// Payments of it in the bills.
    pub payments: i64,
    /// What the bills say was paid.
    pub paid_minor: i64,
    /// What the bills say was given back, never negative.
    pub refunded_minor: i64,
    /// Money that is owed for it, where some is.
    pub owed: Option<Owed>,
    /// When its shop was first asked for it and no longer gave it out, UTC ms; `None` while it
    /// does.
    pub gone_at_ms: Option<i64>,
    /// Document it stands in.
    pub document: i64,
    /// Line number there.
    pub line_no: u32,
}

impl OrderRow {
    /// Code of where it is known from, for people: a sale recorded by hand is no bill's.
    pub fn known_from(&self) -> &'static str {
        let by_hand = Channel::from_code(&self.channel).is_some_and(Channel::is_by_hand);
        match self.source {
            OrderSource::Bill if by_hand => "till",
            source => source.code(),
        }
    }

    fn place(&self, sort: Sort) -> Place {
        Place::new(sort, (self.day, self.at_ms), self.amount_minor, self.id)
    }
}

/// More orders than a shop has on a day.
const MOST_OF_A_DAY: u32 = u32::MAX >> 1;

/// What a list of orders is narrowed to, and its order.
#[derive(Clone, Debug, Default)]
pub struct OrderFilter {
    /// Only those known from here.
    pub source: Option<OrderSource>,
    /// Only those standing here, as the shop says.
    pub status: Option<OrderStatus>,
    /// Only this channel.
    pub channel: Option<Channel>,
    /// From this day on.
    pub from_day: Option<i32>,
    /// Before this day.
    pub until_day: Option<i32>,
    /// Amounts of at least this.
    pub min_minor: Option<i64>,
    /// Amounts of at most this.
    pub max_minor: Option<i64>,
    /// An order number, whole.
    pub number: Option<String>,
    /// Only those for which money is owed: paid though called off or closed, or paid twice.
    pub owed: bool,
    /// In which order.
    pub sort: Sort,
}

impl OrderFilter {
    fn wants(&self, source: OrderSource) -> bool {
        let shop_only = self.status.is_some() || self.owed;
        self.source.is_none_or(|wanted| wanted == source)
            && (source == OrderSource::Shop || !shop_only)
    }

    /// True where a handful of rows is let through.
    fn few(&self) -> bool {
        self.number.is_some() || self.owed
    }

    fn days(&self) -> std::ops::Range<i32> {
        self.from_day.unwrap_or(i32::MIN)..self.until_day.unwrap_or(i32::MAX)
    }

    fn amounts(&self) -> std::ops::RangeInclusive<i64> {
        self.min_minor.unwrap_or(i64::MIN)..=self.max_minor.unwrap_or(i64::MAX)
    }
}

/// Orders, newest first unless the filter says otherwise, at most `limit`: an order that was paid
/// twice stands once, so a page may be shorter.
///
/// # Errors
/// The database's; [`Error::BadInput`] for a cursor that is none.
pub fn list_orders(
    reader: &mut Reader,
    filter: &OrderFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<OrderRow>, Error> {
    let sort = filter.sort;
    let place = match Begin::parse(cursor)? {
        Begin::First => Place::first(sort),
        Begin::Behind(cursor) => Place::parse(cursor, sort)?,
        Begin::Skipping(skipped) => match place_of(reader, filter, skipped)? {
            Some(place) => place,
            None => return Ok(Page::none()),
        },
    };
    let mut rows = Vec::new();
    if filter.wants(OrderSource::Shop) {
        rows.extend(shop_rows(reader, filter, place, limit + 1)?);
    }
    if filter.wants(OrderSource::Bill) {
        // Beyond the last of a full page nothing comes onto it.
        let full = rows.len() > limit as usize;
        let last = rows.last().filter(|_| full).map(|row: &OrderRow| row.day);
        rows.extend(bills::rows(reader, filter, place, limit + 1, last)?);
    }
    rows.sort_unstable_by_key(|row| row.place(sort));
    if sort.descending() {
        rows.reverse();
    }
    let mut page = Page::cut(rows, limit, |row| row.place(sort).cursor());
    money::told(reader, &mut page.rows)?;
    gone::told(reader, &mut page.rows)?;
    Ok(page)
}

/// The place of the last of the first `skipped` orders; `None` when there are fewer.
fn place_of(
    reader: &mut Reader,
    filter: &OrderFilter,
    skipped: u32,
) -> Result<Option<Place>, Error> {
    if filter.few() {
        let page = list_orders(reader, filter, None, skipped)?;
        let last = page.rows.last().filter(|_| page.next.is_some());
        return Ok(last.map(|row| row.place(filter.sort)));
    }
    let (sort, at) = (filter.sort, skipped as usize - 1);
    let mut places = Vec::new();
    each(reader, filter, |day, amount_minor, id, _| {
        places.push(Place::new(sort, (day, 0), amount_minor, id));
    })?;
    let Some(found) = nth(sort, &mut places, at).filter(|_| !sort.by_amount()) else {
        return Ok(nth(sort, &mut places, at));
    };
    // By day: that tells the day, whose rows stand by their time.
    let before = |place: &&Place| match sort.descending() {
        true => place.key > found.key,
        false => place.key < found.key,
    };
    let before = places.iter().filter(before).count();
    places_of_day(reader, filter, found.key as i32).map(|mut day| nth(sort, &mut day, at - before))
}

/// The places of all orders of a day that a filter lets through.
fn places_of_day(reader: &mut Reader, filter: &OrderFilter, day: i32) -> Result<Vec<Place>, Error> {
    let (sort, mut places) = (filter.sort, Vec::new());
    let day = OrderFilter { from_day: Some(day), until_day: Some(day + 1), ..filter.clone() };
    if day.wants(OrderSource::Shop) {
        let rows = shop_rows(reader, &day, Place::first(sort), MOST_OF_A_DAY)?;
        places.extend(rows.iter().map(|row| row.place(sort)));
    }
    if day.wants(OrderSource::Bill) {
        let firsts = bills::firsts(reader, &day)?;
        places.extend(
            firsts.map(|item| Place::new(sort, (item.day, item.at_ms), item.order_minor, item.id)),
        );
    }
    Ok(places)
}

/// Hands over day, amount, line and currency of every order that a filter lets through.
fn each(
    reader: &mut Reader,
    filter: &OrderFilter,
    mut visit: impl FnMut(i32, i64, i64, Currency),
) -> Result<(), Error> {
    if filter.wants(OrderSource::Shop) {
        let amounts = filter.amounts();
        Packs::open(reader)?.each(
            reader,
            Stream::Orders,
            filter.days(),
            |_, _, item: OrderItem| {
                let inside = filter.status.is_none_or(|status| item.status == status)
                    && (filter.channel.is_none() || item.channel == filter.channel)
                    && amounts.contains(&item.amount_minor);
                if inside {
                    visit(item.day, item.amount_minor, item.id, item.currency);
                }
            },
        )?;
    }
    if filter.wants(OrderSource::Bill) {
        for item in bills::firsts(reader, filter)? {
            visit(item.day, item.order_minor, item.id, item.currency);
        }
    }
    Ok(())
}

const SHOP_COLUMNS: &str = "l.id, l.day, l.order_id, l.ordered_at_ms, l.status, l.status_text, \
    l.channel, l.currency, l.amount_minor, l.goods, l.buyer";

fn shop_row(row: &RowView<'_>) -> Result<OrderRow, store::StoreError> {
    let id = row.int(0)?;
    let (document, line_no) = split_line_id(id);
    let status = usize::try_from(row.int(4)?).ok().and_then(|at| OrderStatus::ALL.get(at));
    Ok(OrderRow {
        id,
        source: OrderSource::Shop,
        day: row.int(1)? as i32,
        order_id: row.text(2)?.to_owned(),
        at_ms: row.int(3)?,
        status: Some(status.unwrap_or(&OrderStatus::Unknown).code()),
        status_text: row.text(5)?.to_owned(),
        channel: row.text(6)?.to_owned(),
        currency: row.text(7)?.to_owned(),
        amount_minor: row.int(8)?,
        goods: row.text(9)?.to_owned(),
        buyer: masked(row.text(10)?),
        payments: 0,
        paid_minor: 0,
        refunded_minor: 0,
        owed: None,
        gone_at_ms: None,
        document,
        line_no,
    })
}

fn status_number(status: OrderStatus) -> i64 {
    OrderStatus::ALL.iter().position(|each| *each == status).unwrap_or(0) as i64
}

fn shop_rows(
    reader: &mut Reader,
    filter: &OrderFilter,
    place: Place,
    limit: u32,
) -> Result<Vec<OrderRow>, Error> {
    let mut among = String::new();
    if let Some(number) = &filter.number {
        let ids = numbers::among(reader, "l.id", number, numbers::ORDERS)?;
        among = format!(" and {ids} and l.order_id = $10");
    }
    if filter.owed {
        let ids = money::owed_lines(reader)?;
        let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
        // No line has this id: an empty list is no SQL.
        among +=
            &format!(" and l.id in (-1{}{})", if ids.is_empty() { "" } else { "," }, ids.join(","));
    }
    let at = ("l.day", "l.ordered_at_ms");
    let (behind, order) = filter.sort.walk_by_time(at, "l.amount_minor", "l.id");
    let (days, amounts) = (filter.days(), filter.amounts());
    let sql = format!(
        "select {SHOP_COLUMNS} from shop_order l where {behind} \
         and l.day >= $4 and l.day < $5 and l.amount_minor between $6 and $7 \
         and ($8 = -1 or l.status = $8) and ($9 = '' or l.channel = $9){among} \
         and not exists (select 1 from superseded s where s.line_id = l.id) \
         order by {order} limit {limit}"
    );
    let mut cells = vec![
        Cell::Int(place.key),
        Cell::Int(place.at_ms),
        Cell::Int(place.id),
        Cell::Int(i64::from(days.start)),
        Cell::Int(i64::from(days.end)),
        Cell::Int(*amounts.start()),
        Cell::Int(*amounts.end()),
        Cell::Int(filter.status.map_or(-1, status_number)),
        Cell::Text(filter.channel.map_or("", Channel::code)),
    ];
    cells.extend(filter.number.as_deref().map(Cell::Text));
    read(reader, &sql, &cells, shop_row)
}

fn read(
    reader: &mut Reader,
    sql: &str,
    cells: &[Cell<'_>],
    each: impl Fn(&RowView<'_>) -> Result<OrderRow, store::StoreError>,
) -> Result<Vec<OrderRow>, Error> {
    let mut rows = Vec::new();
    reader.query(sql, cells, |row| {
        rows.push(each(row)?);
        Ok(())
    })?;
    Ok(rows)
}

/// Count and sum of the orders that a filter lets through, by currency.
///
/// # Errors
/// As [`list_orders`].
pub fn order_totals(reader: &mut Reader, filter: &OrderFilter) -> Result<Vec<Sums>, Error> {
    if filter.few() {
        let page = list_orders(reader, filter, None, 100_000)?;
        return Ok(summed(page.rows.iter().map(|row| (row.currency.as_str(), row.amount_minor))));
    }
    let mut parts: Vec<(Currency, i64)> = Vec::new();
    each(reader, filter, |_, amount_minor, _, currency| parts.push((currency, amount_minor)))?;
    Ok(summed(parts.iter().map(|(currency, minor)| (currency.code(), *minor))))
}

/// Count and sum of these rows, by currency; ids that are none count for nothing.
///
/// # Errors
/// The database's.
pub fn order_sums_of(reader: &mut Reader, ids: &HashSet<String>) -> Result<Vec<Sums>, Error> {
    let mut ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    ids.retain(|id| id.parse::<i64>().is_ok());
    let mut parts = Vec::new();
    for some in ids.chunks(400) {
        let list = some.join(", ");
        for (table, amount) in [("shop_order", "amount_minor"), ("settlement_line", "order_minor")]
        {
            let sql = format!("select currency, {amount} from {table} where id in ({list})");
            reader.query(&sql, &[], |row| {
                parts.push((row.text(0)?.to_owned(), row.int(1)?));
                Ok(())
            })?;
        }
    }
    Ok(summed(parts.iter().map(|(currency, minor)| (currency.as_str(), *minor))))
}

fn summed<'a>(parts: impl Iterator<Item = (&'a str, i64)>) -> Vec<Sums> {
    let mut sums: Vec<Sums> = Vec::new();
    for (currency, minor) in parts {
        let at = sums.iter().position(|sum| sum.currency == currency).unwrap_or_else(|| {
            sums.push(Sums { currency: currency.to_owned(), ..Sums::default() });
            sums.len() - 1
        });
        sums[at].count += 1;
        sums[at].amount_minor += minor;
    }
    sums.sort_by(|a, b| a.currency.cmp(&b.currency));
    sums
}
