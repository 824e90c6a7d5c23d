//! Breaks and payouts by the numbers people know them by.

use super::facts::{Account, Facts};
use super::kept::{Found, Kept};
use crate::error::Error;
use domain::ledger::Scope;
use domain::reconcile::{Break, BreakKind, Record};
use domain::{BusinessDate, Currency};
use std::collections::{HashMap, HashSet};
use store::bulk::{Cell, Loader, TableSpec};
use store::pack::digest_of;

pub(super) const PAYOUT_NUMBER: &str = "select channel_ref from balance_transaction where id = $1";

/// One text of one line; empty when the line is gone.
pub(super) fn text(loader: &mut Loader<'_>, sql: &str, id: i64) -> Result<String, Error> {
    let mut found = String::new();
    loader.query(sql, &[Cell::Int(id)], |row| {
        row.text(0)?.clone_into(&mut found);
        Ok(())
    })?;
    Ok(found)
}

/// `payment:4200…`, as `docs/records/breaks.md` names records.
fn label(loader: &mut Loader<'_>, record: Record) -> Result<String, Error> {
    let (prefix, sql, id) = match record {
        Record::Day(day) => return Ok(format!("day:{}", BusinessDate::from_days(day))),
        Record::Order(id) => ("order", "select order_id from shop_order where id = $1", id),
        Record::Collection(id) => ("order", "select order_no from collection where id = $1", id),
        Record::OrderOf(id) => ("order", "select order_id from settlement_line where id = $1", id),
        Record::Payment(id) => {
            ("payment", "select payment_id from settlement_line where id = $1", id)
        }
        Record::Refund(id) => {
            ("refund", "select merchant_refund_id from settlement_line where id = $1", id)
        }
        Record::RefundOfFund(id) => {
            ("refund", "select merchant_ref from balance_transaction where id = $1", id)
        }
        Record::PaymentOfFund(id) => {
            ("payment", "select payment_ref from balance_transaction where id = $1", id)
        }
        Record::Fund(id) => {
            ("fund", "select channel_ref from balance_transaction where id = $1", id)
        }
        Record::FundRow(id) => {
            ("fund", "select ledger_ref from balance_transaction where id = $1", id)
        }
        Record::Payout(id) => ("payout", PAYOUT_NUMBER, id),
        Record::Bank(id) => ("bank", "select bank_ref from bank_line where id = $1", id),
    };
    Ok(format!("{prefix}:{}", text(loader, sql, id)?))
}

fn line_of(record: Record) -> Option<i64> {
    match record {
        // A collection is no line of a file.
        Record::Day(_) | Record::Collection(_) => None,
        Record::Order(id)
        | Record::OrderOf(id)
        | Record::Payment(id)
        | Record::Refund(id)
        | Record::RefundOfFund(id)
        | Record::PaymentOfFund(id)
        | Record::Fund(id)
        | Record::FundRow(id)
        | Record::Payout(id)
        | Record::Bank(id) => Some(id),
    }
}

/// The currency of a break's effect: that of its primary record. Fund bills, and what payouts are
/// made of, name none: they are of their account's.
fn currency_of(
    loader: &mut Loader<'_>,
    found: &Break,
    account: Option<&Account>,
) -> Result<String, Error> {
    let own = account.map_or(Currency::CNY, |account| account.scope.currency()).to_string();
    let (sql, id) = match found.records.first() {
        Some(Record::Order(id)) => ("select currency from shop_order where id = $1", *id),
        Some(Record::Collection(id)) => ("select currency from collection where id = $1", *id),
        Some(Record::OrderOf(id) | Record::Payment(id) | Record::Refund(id)) => {
            ("select currency from settlement_line where id = $1", *id)
        }
        Some(Record::Bank(id)) => ("select currency from bank_line where id = $1", *id),
        _ => return Ok(own),
    };
    let currency = text(loader, sql, id)?;
    Ok(if currency.is_empty() { own } else { currency })
}

/// A row that is missing from the trade bill makes its order look unpaid: one break, not two.
pub(super) fn drop_consequences(
    loader: &mut Loader<'_>,
    breaks: &mut Vec<Break>,
) -> Result<(), Error> {
    let mut paid = HashSet::new();
    for found in breaks.iter().filter(|found| found.kind == BreakKind::MissingInTradeBill) {
        if let Some(Record::Fund(id)) = found.records.first() {
            let sql = "select merchant_ref from balance_transaction where id = $1";
            paid.insert(text(loader, sql, *id)?);
        }
    }
    // A row without an order number says nothing of any order.
    paid.remove("");
    if paid.is_empty() {
        return Ok(());
    }
    let mut kept = Vec::with_capacity(breaks.len());
    for found in breaks.drain(..) {
        let order = match (found.kind, found.records.first()) {
            (BreakKind::OrderWithoutPayment, Some(Record::Order(id))) => {
                text(loader, "select order_id from shop_order where id = $1", *id)?
            }
            (BreakKind::OrderWithoutPayment, Some(Record::Collection(id))) => {
                text(loader, "select order_no from collection where id = $1", *id)?
            }
            _ => String::new(),
        };
        if !paid.contains(&order) {
            kept.push(found);
        }
    }
    *breaks = kept;
    Ok(())
}

const BREAK: TableSpec = TableSpec::new(
    "break",
    &[
        "id",
        "kind",
        "records",
        "field",
        "expected",
        "found",
        "effect_minor",
        "currency",
        "day",
        "account_id",
        "reason",
        "line_id",
        "source",
        "digest",
    ],
);

/// What a break says, by its lines.
fn source(found: &Break) -> i64 {
    let field = Cell::Text(found.field);
    let mut cells = vec![Cell::Text(found.kind.code()), field];
    cells.extend([Cell::Text(&found.expected), Cell::Text(&found.found)]);
    cells.extend([found.effect_minor, i64::from(found.day)].map(Cell::Int));
    let records: Vec<String> = found.records.iter().map(|record| format!("{record:?}")).collect();
    cells.extend(records.iter().map(|record| Cell::Text(record)));
    digest_of(&cells)
}

/// Breaks of the run before: what they say, and their records by it.
struct KeptBreaks {
    kept: Kept<String>,
    records: HashMap<i64, Vec<String>>,
}

impl KeptBreaks {
    fn read(loader: &mut Loader<'_>) -> Result<Self, Error> {
        let mut records = HashMap::new();
        let kept = Kept::read(loader, "select id, digest, source, records from break", |row| {
            if let Ok(labels) = serde_json::from_str(row.text(3)?) {
                records.insert(row.int(2)?, labels);
            }
            Ok((row.text(0)?.to_owned(), row.int(1)?))
        })?;
        Ok(Self { kept, records })
    }

    fn labels(
        &self,
        loader: &mut Loader<'_>,
        found: &Break,
        source: i64,
    ) -> Result<Vec<String>, Error> {
        match self.records.get(&source) {
            Some(labels) => Ok(labels.clone()),
            None => found.records.iter().map(|record| label(loader, *record)).collect(),
        }
    }
}

/// Ids of breaks, each given once.
#[derive(Default)]
struct Ids(HashMap<u64, u32>);

impl Ids {
    fn next(&mut self, base: &str, scope: Option<&Scope>) -> String {
        let scope = scope.map(Scope::to_string).unwrap_or_default();
        let digest = store::pack::key(&[base, &scope]);
        let count = self.0.entry(digest).or_default();
        *count += 1;
        match *count {
            1 => format!("{digest:016x}"),
            n => format!("{digest:016x}-{n}"),
        }
    }
}

/// Ids of payouts: channel, merchant's number, its fund account where that is not the first, and
/// the channel's number of the payout. Each given once.
#[derive(Default)]
pub(super) struct PayoutIds(HashSet<String>);

impl PayoutIds {
    pub(super) fn next(&mut self, scope: &Scope, number: &str) -> String {
        let account = scope.to_string().replace(':', "-");
        let base = format!("{account}-{number}");
        let mut id = base.clone();
        let mut nth = 1;
        while !self.0.insert(id.clone()) {
            nth += 1;
            id = format!("{base}-{nth}");
        }
        id
    }
}

const ALIAS: TableSpec = TableSpec::new("record_alias", &["former", "id"]).skip_existing();

/// Notes the id that a record had while its account had no number: decisions name it by that.
pub(super) fn store_alias(loader: &mut Loader<'_>, former: &str, id: &str) -> Result<(), Error> {
    loader.insert(&ALIAS, &[Cell::Text(former), Cell::Text(id)])?;
    Ok(())
}

/// Stores breaks under ids that a re-run gives again: kind and records make them, and where a
/// record has no number, its day and amount. An id never hangs on another account's breaks.
/// A break that says what it said is left alone.
pub(super) fn store_breaks(
    loader: &mut Loader<'_>,
    facts: &Facts,
    breaks: &[Break],
) -> Result<(), Error> {
    let mut before = KeptBreaks::read(loader)?;
    let mut rows = Vec::with_capacity(breaks.len());
    for found in breaks {
        let source = source(found);
        rows.push((found, before.labels(loader, found, source)?, source));
    }
    rows.sort_by(|(a, a_records, _), (b, b_records, _)| {
        (a.day, a.kind, a_records, &a.found).cmp(&(b.day, b.kind, b_records, &b.found))
    });
    let (mut ids, mut former) = (Ids::default(), Ids::default());
    for (found, records, source) in rows {
        let account = facts.accounts.get(found.account);
        let mut base = format!("{}|{}|{}", found.kind.code(), records.join("|"), found.field);
        if records.iter().any(|record| record.ends_with(':')) {
            base += &format!("|{}|{}", found.day, found.effect_minor);
        }
        let id = ids.next(&base, account.map(|account| &account.scope));
        if let Some(scope) = account.and_then(Account::former) {
            store_alias(loader, &former.next(&base, Some(&scope)), &id)?;
        }
        let records = serde_json::Value::from(records).to_string();
        let line = found.records.iter().find_map(|record| line_of(*record));
        let currency = currency_of(loader, found, account)?;
        let mut cells = vec![
            Cell::Text(&id),
            Cell::Text(found.kind.code()),
            Cell::Text(&records),
            Cell::Text(found.field),
            Cell::Text(&found.expected),
            Cell::Text(&found.found),
            Cell::Int(found.effect_minor),
            Cell::Text(&currency),
            Cell::Int(i64::from(found.day)),
            Cell::Int(account.map_or(0, |account| account.id)),
            Cell::Text(found.kind.code()),
            line.map_or(Cell::Null, Cell::Int),
            Cell::Int(source),
        ];
        let digest = digest_of(&cells);
        match before.kept.find(&id, digest) {
            Found::Same => continue,
            Found::Other => forget_break(loader, &id)?,
            Found::New => {}
        }
        cells.push(Cell::Int(digest));
        loader.insert(&BREAK, &cells)?;
    }
    for id in before.kept.leftovers() {
        forget_break(loader, &id)?;
    }
    Ok(())
}

fn forget_break(loader: &mut Loader<'_>, id: &str) -> Result<(), Error> {
    loader.execute("delete from break where id = $1", &[Cell::Text(id)])?;
    Ok(())
}
