//! From a filter to the conditions of a statement.
//!
//! Every condition reads columns of the index the order walks along, so that rows which do not
//! belong to the answer are passed over without being fetched.

use super::{Sort, TransactionFilter, kind_code, status_code};
use crate::error::Error;
use crate::import::stream_number;
use crate::numbers;
use crate::order::{Place, nth};
use crate::page::Begin;
use domain::{BalanceKind, Channel, SettlementKind, SettlementStatus, Stream};
use std::collections::HashMap;
use store::StoreError;
use store::bulk::{Cell, Reader, RowView};
use store::pack::{settlement_kind_number, settlement_status_number};

/// Payments, refunds and their fees are most of a fund bill; the index over the rest begins after.
const LAST_COMMON_KIND: i64 = 3;
/// No later word of the channel has replaced the line.
const CURRENT: &str = "not exists (select 1 from superseded s where s.line_id = l.id)";
/// Days of one span of the indexes by amount.
const SPAN_DAYS: i64 = 64;

enum Value {
    Int(i64),
    Text(String),
}

/// A table with the conditions on it and their values.
pub(super) struct Narrowed {
    table: &'static str,
    amount: &'static str,
    stream: Stream,
    channel: Option<Channel>,
    /// Days narrowed to, the last one not inside.
    days: (Option<i32>, Option<i32>),
    /// True for the few rows that have an index of their own.
    few: bool,
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Narrowed {
    /// Trade-bill rows.
    ///
    /// # Errors
    /// [`Error::BadInput`] for an unknown kind or status.
    pub(super) fn trade(reader: &mut Reader, filter: &TransactionFilter) -> Result<Self, Error> {
        let mut narrowed = Self::new("settlement_line", "l.settled_minor", Stream::Trade);
        let mut odd = false;
        if let Some(code) = &filter.kind {
            let known = [SettlementKind::Payment, SettlementKind::Refund, SettlementKind::Revoked];
            let kind = known.into_iter().find(|kind| kind_code(*kind) == code);
            let kind = kind.ok_or_else(|| bad("kind", code))?;
            odd |= kind != SettlementKind::Payment;
            narrowed.int("l.kind = ?", settlement_kind_number(kind));
            if kind == SettlementKind::Payment {
                // Its sign: an order by amount need not pass the refunds.
                narrowed.conditions.push("l.settled_minor >= 0".to_owned());
            }
        }
        if let Some(code) = &filter.status {
            let known = [
                SettlementStatus::Succeeded,
                SettlementStatus::Pending,
                SettlementStatus::Failed,
                SettlementStatus::Abnormal,
                SettlementStatus::Unknown,
            ];
            let status = known.into_iter().find(|status| status_code(*status) == code);
            let status = status.ok_or_else(|| bad("status", code))?;
            if status != SettlementStatus::Succeeded {
                odd = false;
                narrowed.conditions.push("l.status <> 4".to_owned());
                narrowed.few = true;
            }
            narrowed.int("l.status = ?", settlement_status_number(status));
        }
        if odd {
            // As the index over the few such rows has it, or SQLite does not see that it serves.
            narrowed.conditions.push("(l.kind <> 0 or l.status <> 4)".to_owned());
            narrowed.few = true;
        }
        if let Some(scene) = &filter.scene {
            narrowed.text("l.scene = ?", scene);
        }
        if let Some(bank) = &filter.paying_bank {
            narrowed.text("l.paying_bank = ?", bank);
        }
        if let Some(back) = filter.back {
            narrowed.conditions.push(back.condition());
        }
        if let Some(number) = &filter.number {
            narrowed.condition(&numbers::among(reader, "l.id", number, numbers::TRADE)?);
            narrowed
                .text("(l.order_id = ? or l.payment_id = ? or l.merchant_refund_id = ?)", number);
        }
        narrowed.common(filter);
        Ok(narrowed)
    }

    /// Rows of the balance.
    ///
    /// # Errors
    /// [`Error::BadInput`] for an unknown kind, and for any status.
    pub(super) fn fund(reader: &mut Reader, filter: &TransactionFilter) -> Result<Self, Error> {
        let mut narrowed = Self::new("balance_transaction", "l.amount_minor", Stream::Fund);
        if let Some(code) = &filter.kind {
            let mut numbers = Vec::new();
            for code in code.split(',') {
                let kind = BalanceKind::ALL.into_iter().find(|kind| kind.code() == code);
                numbers.push(kind.ok_or_else(|| bad("kind", code))?.number());
            }
            match numbers.as_slice() {
                [number] => narrowed.int("l.kind = ?", *number),
                several => {
                    let several: Vec<String> = several.iter().map(ToString::to_string).collect();
                    narrowed.conditions.push(format!("l.kind in ({})", several.join(", ")));
                }
            }
            if numbers.iter().all(|number| *number > LAST_COMMON_KIND) {
                narrowed.conditions.push("l.kind > 3".to_owned());
                narrowed.few = true;
            }
        }
        if filter.scene.is_some() || filter.paying_bank.is_some() || filter.back.is_some() {
            return Err(bad("scene", "rows of the balance have none"));
        }
        if let Some(code) = &filter.status {
            return Err(bad("status", code));
        }
        if let Some(number) = &filter.number {
            let mut any = Vec::new();
            for payment in payments_of(reader, number)? {
                any.push(numbers::among(reader, "l.id", &payment, numbers::FUND)?);
                narrowed.values.push(Value::Text(payment));
                let last = any.len() - 1;
                any[last] += &format!(" and l.payment_ref = ${}", narrowed.values.len());
            }
            narrowed.condition(&format!("({})", any.join(" or ")));
        }
        narrowed.common(filter);
        Ok(narrowed)
    }

    fn new(table: &'static str, amount: &'static str, stream: Stream) -> Self {
        let (conditions, values) = (Vec::new(), Vec::new());
        let (channel, days, few) = (None, (None, None), false);
        Self { table, amount, stream, channel, days, few, conditions, values }
    }

    fn common(&mut self, filter: &TransactionFilter) {
        self.days = (filter.from_day, filter.until_day);
        self.channel = filter.channel;
        // A number names a handful of rows, and has indexes of its own.
        self.few |= filter.number.is_some();
        if let Some(channel) = filter.channel {
            // Put together, so that no plan begins at the account and sorts afterwards.
            self.text("a.channel || '' = ?", Channel::code(channel));
        }
        if let Some(day) = filter.from_day {
            self.int("l.day >= ?", i64::from(day));
        }
        if let Some(day) = filter.until_day {
            self.int("l.day < ?", i64::from(day));
        }
        let amount = self.amount;
        if let Some(least) = filter.min_minor {
            self.int(&format!("abs({amount}) >= ?"), least);
        }
        if let Some(most) = filter.max_minor {
            self.int(&format!("abs({amount}) <= ?"), most);
            // The same as a span, which an index on the amount can begin at.
            self.int(&format!("{amount} <= ?"), most);
            self.int(&format!("{amount} >= ?"), most.saturating_neg());
        }
    }

    /// Begins where a cursor says; false when the list ends before.
    ///
    /// # Errors
    /// The database's; [`Error::BadInput`] for text that no page gave out.
    pub(super) fn begin(
        &mut self,
        reader: &mut Reader,
        sort: Sort,
        cursor: Option<&str>,
    ) -> Result<bool, Error> {
        match Begin::parse(cursor)? {
            Begin::First => {}
            Begin::Behind(cursor) => {
                let place = Place::parse(cursor, sort)?;
                self.after(sort, place);
            }
            Begin::Skipping(rows) => {
                let Some(place) = self.place_of(reader, sort, rows)? else { return Ok(false) };
                self.after(sort, place);
            }
        }
        Ok(true)
    }

    /// Goes on behind a place.
    fn after(&mut self, sort: Sort, Place { key, at_ms, id }: Place) {
        let (column, beyond) = (self.key(sort), if sort.descending() { "<" } else { ">" });
        self.int(&format!("{column} {beyond}= ?"), key);
        let later = match sort.by_amount() {
            true => format!("l.id {beyond} {id}"),
            false => {
                format!("l.at_ms {beyond} {at_ms} or (l.at_ms = {at_ms} and l.id {beyond} {id})")
            }
        };
        self.int(&format!("({column} {beyond} ? or {later})"), key);
    }

    /// The place of the last of the first `rows` rows; `None` when there are fewer.
    ///
    /// By day an index is walked up to it. By amount, whose index is cut into spans, every place
    /// is read and the one sought picked out.
    fn place_of(&self, reader: &mut Reader, sort: Sort, rows: u32) -> Result<Option<Place>, Error> {
        if !self.has_channel(reader)? {
            return Ok(None);
        }
        // Documents and accounts are looked up for their conditions only: there always is one.
        let from = if self.channel.is_some() { self.from() } else { self.lines() };
        let (key, at) = (self.key(sort), rows as usize - 1);
        let mut sql = format!("select {key}, l.at_ms, l.id {from}");
        if self.by_spans(sort) {
            sql = format!("select {key}, 0, l.id {from}");
        } else {
            sql += &format!(" {} limit 1 offset {at}", self.order(sort));
        }
        let mut places = Vec::new();
        reader.query(&sql, &self.cells(), |row| {
            places.push(Place { key: row.int(0)?, at_ms: row.int(1)?, id: row.int(2)? });
            Ok(())
        })?;
        if !self.by_spans(sort) {
            return Ok(places.pop());
        }
        Ok(nth(sort, &mut places, at))
    }

    fn key(&self, sort: Sort) -> &'static str {
        if sort.by_amount() { self.amount } else { "l.day" }
    }

    /// Adds a condition; each `?` stands for the value.
    fn int(&mut self, condition: &str, value: i64) {
        self.values.push(Value::Int(value));
        self.condition(condition);
    }

    fn text(&mut self, condition: &str, value: &str) {
        self.values.push(Value::Text(value.to_owned()));
        self.condition(condition);
    }

    fn condition(&mut self, condition: &str) {
        self.conditions.push(condition.replace('?', &format!("${}", self.values.len())));
    }

    /// The values, in the order of their places.
    pub(super) fn cells(&self) -> Vec<Cell<'_>> {
        let cell = |value| match value {
            &Value::Int(number) => Cell::Int(number),
            Value::Text(text) => Cell::Text(text),
        };
        self.values.iter().map(cell).collect()
    }

    /// Hands the rows of a page to `each`, in their order and with one to spare.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn read<T>(
        &mut self,
        reader: &mut Reader,
        columns: &str,
        (sort, limit): (Sort, u32),
        each: impl Fn(&RowView<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        if !self.has_channel(reader)? {
            return Ok(rows);
        }
        if !self.by_spans(sort) {
            reader.query(&self.page(columns, sort, limit), &self.cells(), |row| {
                rows.push(each(row)?);
                Ok(())
            })?;
            return Ok(rows);
        }
        let ids = self.best_of_spans(reader, sort, limit)?;
        if ids.is_empty() {
            return Ok(rows);
        }
        let mut found = HashMap::with_capacity(ids.len());
        reader.query(&self.rows(columns, &ids), &[], |row| {
            found.insert(row.int(0)?, each(row)?);
            Ok(())
        })?;
        rows.extend(ids.iter().filter_map(|id| found.remove(id)));
        Ok(rows)
    }

    /// False when no account is of the channel asked for: no row needs to be looked at.
    fn has_channel(&self, reader: &mut Reader) -> Result<bool, Error> {
        let Some(channel) = self.channel else { return Ok(true) };
        let mut there = false;
        let code = [Cell::Text(channel.code())];
        reader.query("select 1 from channel_account where channel = $1", &code, |_| {
            there = true;
            Ok(())
        })?;
        Ok(there)
    }

    /// A page with one row to spare.
    fn page(&self, columns: &str, sort: Sort, limit: u32) -> String {
        let (from, order) = (self.from(), self.order(sort));
        format!("select {columns} {from} {order} limit {}", i64::from(limit) + 1)
    }

    /// By amount, or by day and the time in it: the days are those of the channels' zones.
    fn order(&self, sort: Sort) -> String {
        let way = if sort.descending() { "desc" } else { "asc" };
        match sort.by_amount() {
            true => format!("order by {} {way}, l.id {way}", self.amount),
            false => format!("order by l.day {way}, l.at_ms {way}, l.id {way}"),
        }
    }

    /// True when an order by amount goes through the spans of days that its index is made of.
    fn by_spans(&self, sort: Sort) -> bool {
        sort.by_amount() && !self.few
    }

    /// The rows of a page in the order of their amounts, with one to spare: ids.
    ///
    /// Each span of days gives its best, the newest span first; later ones are asked only for what
    /// is better than the last row so far.
    ///
    /// # Errors
    /// The database's.
    fn best_of_spans(
        &mut self,
        reader: &mut Reader,
        sort: Sort,
        limit: u32,
    ) -> Result<Vec<i64>, Error> {
        let Some((first, last)) = self.spans(reader)? else { return Ok(Vec::new()) };
        let wanted = limit as usize + 1;
        let (worst, beyond, way) = match sort.descending() {
            true => (i64::MIN, ">=", "desc"),
            false => (i64::MAX, "<=", "asc"),
        };
        let (span, bound) = (self.values.len() + 1, self.values.len() + 2);
        let (amount, from) = (self.amount, self.from().replace(" l.day ", " +l.day "));
        let sql = format!(
            "select l.id, {amount} {from} and l.day / {SPAN_DAYS} = ${span} \
             and {amount} {beyond} ${bound} order by {amount} {way}, l.id {way} limit {wanted}"
        );
        let mut best: Vec<(i64, i64)> = Vec::new();
        for days in (first..=last).rev() {
            let full = best.get(wanted - 1).map_or(worst, |(amount, _)| *amount);
            let mut cells = self.cells();
            cells.extend([Cell::Int(days), Cell::Int(full)]);
            reader.query(&sql, &cells, |row| {
                best.push((row.int(1)?, row.int(0)?));
                Ok(())
            })?;
            best.sort_unstable();
            if sort.descending() {
                best.reverse();
            }
            best.truncate(wanted);
        }
        Ok(best.into_iter().map(|(_, id)| id).collect())
    }

    /// First and last span of days that may hold rows; `None` when the book has none.
    fn spans(&self, reader: &mut Reader) -> Result<Option<(i64, i64)>, Error> {
        let mut days = None;
        reader.query(
            // Each end alone is one step into the index of the packs.
            "select (select min(day) from day_pack where stream = $1), \
             (select max(day) from day_pack where stream = $1)",
            &[Cell::Int(stream_number(self.stream))],
            |row| {
                days = row.opt_int(0)?.zip(row.opt_int(1)?);
                Ok(())
            },
        )?;
        Ok(days.map(|(first, last)| {
            let first = self.days.0.map_or(first, |from| first.max(i64::from(from)));
            let last = self.days.1.map_or(last, |until| last.min(i64::from(until) - 1));
            (first / SPAN_DAYS, last / SPAN_DAYS)
        }))
    }

    /// These rows, in no order.
    fn rows(&self, columns: &str, ids: &[i64]) -> String {
        let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
        format!(
            "select {columns} from {} l cross join document d cross join channel_account a \
             where d.id = l.id / 4294967296 and a.id = d.account_id and l.id in ({})",
            self.table,
            ids.join(", ")
        )
    }

    /// Everything at once: count and sums by currency.
    pub(super) fn sums(&self, columns: (&str, &str)) -> String {
        self.summed(columns, &self.from())
    }

    /// The same of rows that a later word of the channel has replaced, and that no list shows.
    pub(super) fn replaced_sums(&self, columns: (&str, &str)) -> String {
        self.summed(columns, &self.joined("superseded s cross join", "l.id = s.line_id"))
    }

    fn summed(&self, (currency, fee): (&str, &str), from: &str) -> String {
        let sum = |what: &str| format!("cast(coalesce(sum({what}), 0) as bigint)");
        let (amounts, fees) = (sum(self.amount), sum(fee));
        format!("select {currency}, count(*), {amounts}, {fees} {from} group by {currency}")
    }

    /// The lines alone, without their documents and accounts.
    fn lines(&self) -> String {
        self.where_all(format!("from {} l where {CURRENT}", self.table))
    }

    fn from(&self) -> String {
        self.joined("", CURRENT)
    }

    /// Joined in this order always: the lines lead, their documents and accounts follow.
    fn joined(&self, before: &str, also: &str) -> String {
        self.where_all(format!(
            "from {before} {} l cross join document d cross join channel_account a \
             where d.id = l.id / 4294967296 and a.id = d.account_id and {also}",
            self.table
        ))
    }

    fn where_all(&self, mut sql: String) -> String {
        for condition in &self.conditions {
            sql.push_str(" and ");
            sql.push_str(condition);
        }
        sql
    }
}

/// The number itself, as that of a payment, and the payments of the order with this number.
fn payments_of(reader: &mut Reader, number: &str) -> Result<Vec<String>, Error> {
    let mut payments = vec![number.to_owned()];
    let among = numbers::among(reader, "id", number, numbers::TRADE)?;
    reader.query(
        &format!(
            "select distinct payment_id from settlement_line where {among} \
             and order_id = $1 and payment_id <> '' and payment_id <> $1 order by payment_id"
        ),
        &[Cell::Text(number)],
        |row| {
            payments.push(row.text(0)?.to_owned());
            Ok(())
        },
    )?;
    Ok(payments)
}

fn bad(field: &'static str, text: &str) -> Error {
    Error::BadInput { field, reason: text.chars().take(40).collect() }
}
