//! From a filter to the conditions of a statement.
//!
//! Every condition reads columns of the index the order walks along, so that rows which do not
//! belong to the answer are passed over without being fetched.

use super::{Sort, TransactionFilter, kind_code, status_code};
use crate::error::Error;
use crate::page::Cursor;
use domain::{BalanceKind, Channel, SettlementKind, SettlementStatus};
use store::bulk::Cell;
use store::pack::{settlement_kind_number, settlement_status_number};

enum Value {
    Int(i64),
    Text(String),
}

/// A table with the conditions on it and their values.
pub(super) struct Narrowed {
    table: &'static str,
    amount: &'static str,
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Narrowed {
    /// Trade-bill rows.
    ///
    /// # Errors
    /// [`Error::BadInput`] for an unknown kind or status.
    pub(super) fn trade(filter: &TransactionFilter) -> Result<Self, Error> {
        let mut narrowed = Self::new("settlement_line", "l.settled_minor");
        let mut odd = false;
        if let Some(code) = &filter.kind {
            let known = [SettlementKind::Payment, SettlementKind::Refund, SettlementKind::Revoked];
            let kind = known.into_iter().find(|kind| kind_code(*kind) == code);
            let kind = kind.ok_or_else(|| bad("kind", code))?;
            odd |= kind != SettlementKind::Payment;
            narrowed.int("l.kind = ?", settlement_kind_number(kind));
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
            odd |= status != SettlementStatus::Succeeded;
            narrowed.int("l.status = ?", settlement_status_number(status));
        }
        if odd {
            // As the index over the few such rows has it, or SQLite does not see that it serves.
            narrowed.conditions.push("(l.kind <> 0 or l.status <> 4)".to_owned());
        }
        if let Some(number) = &filter.number {
            narrowed.text(
                "l.id in (select id from settlement_line where order_id = ? \
                 union select id from settlement_line where payment_id = ? \
                 union select id from settlement_line where merchant_refund_id = ? \
                 and merchant_refund_id <> '')",
                number,
            );
        }
        narrowed.common(filter);
        Ok(narrowed)
    }

    /// Rows of the balance.
    ///
    /// # Errors
    /// [`Error::BadInput`] for an unknown kind, and for any status.
    pub(super) fn fund(filter: &TransactionFilter) -> Result<Self, Error> {
        let mut narrowed = Self::new("balance_transaction", "l.amount_minor");
        if let Some(code) = &filter.kind {
            let kind = BalanceKind::ALL.into_iter().find(|kind| kind.code() == code);
            let kind = kind.ok_or_else(|| bad("kind", code))?;
            narrowed.int("l.kind = ?", kind.number());
        }
        if let Some(code) = &filter.status {
            return Err(bad("status", code));
        }
        if let Some(number) = &filter.number {
            narrowed.text(
                "l.id in (select id from balance_transaction where payment_ref = ? \
                 union select b.id from settlement_line s \
                 join balance_transaction b on b.payment_ref = s.payment_id \
                 where s.order_id = ? and s.payment_id <> '')",
                number,
            );
        }
        narrowed.common(filter);
        Ok(narrowed)
    }

    fn new(table: &'static str, amount: &'static str) -> Self {
        Self { table, amount, conditions: Vec::new(), values: Vec::new() }
    }

    fn common(&mut self, filter: &TransactionFilter) {
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

    /// Goes on behind the row a cursor stands on.
    ///
    /// # Errors
    /// [`Error::BadInput`] for text that no page gave out.
    pub(super) fn after(&mut self, sort: Sort, cursor: Option<&str>) -> Result<(), Error> {
        let Some(text) = cursor else { return Ok(()) };
        let (key, id) = Cursor::parse(text)?.parts();
        let id: i64 = id.parse().map_err(|_| bad("cursor", text))?;
        let (column, beyond) = (self.key(sort), if sort.descending() { "<" } else { ">" });
        self.int(&format!("{column} {beyond}= ?"), key);
        self.int(&format!("({column} {beyond} ? or l.id {beyond} {id})"), key);
        Ok(())
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

    /// A page with one row to spare.
    pub(super) fn page(&self, columns: &str, sort: Sort, limit: u32) -> String {
        let way = if sort.descending() { "desc" } else { "asc" };
        let (key, from) = (self.key(sort), self.from());
        format!(
            "select {columns} {from} order by {key} {way}, l.id {way} limit {}",
            i64::from(limit) + 1
        )
    }

    /// Everything at once: count and sums by currency.
    pub(super) fn sums(&self, currency: &str, fee: &str) -> String {
        format!(
            "select {currency}, count(*), cast(coalesce(sum({}), 0) as bigint), \
             cast(coalesce(sum({fee}), 0) as bigint) {} group by {currency} order by {currency}",
            self.amount,
            self.from()
        )
    }

    fn from(&self) -> String {
        // Joined in this order always: the lines lead, their documents and accounts follow.
        let mut sql = format!(
            "from {} l cross join document d cross join channel_account a \
             where d.id = l.id / 4294967296 and a.id = d.account_id \
             and not exists (select 1 from superseded s where s.line_id = l.id)",
            self.table
        );
        for condition in &self.conditions {
            sql.push_str(" and ");
            sql.push_str(condition);
        }
        sql
    }
}

fn bad(field: &'static str, text: &str) -> Error {
    Error::BadInput { field, reason: text.chars().take(40).collect() }
}
