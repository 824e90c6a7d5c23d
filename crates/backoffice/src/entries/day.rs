//! The entries of one day, written out from the lines again.

use super::{Entry, Figure};
use crate::error::Error;
use crate::ledger::{Opening, currency, scopes};
use crate::packs::Packs;
use crate::transactions::Posting;
use domain::ledger::SettlementAmounts;
use domain::ledger::{LedgerEntry, Role, Scope, post_balance, post_bank, post_settlement};
use domain::reconcile::{BalanceItem, SettlementItem};
use domain::{BalanceKind, BankLine, BusinessDate, Channel, SettlementKind, Stream};
use std::collections::{HashMap, HashSet};
use store::bulk::{Cell, Reader, RowView};
use store::pack::{settlement_kind, split_line_id};

/// Writes out the entries of days as far as they touch a figure.
pub(super) struct DayReader {
    packs: Packs,
    scopes: HashMap<i64, Scope>,
    /// Documents whose lines can touch the figure.
    touching: HashSet<i64>,
}

/// Names a bank line's posting needs to find the channel it is from.
fn all_names(scope: &Scope) -> impl Iterator<Item = String> {
    let own = Role::ALL.into_iter().map(|role| scope.account(role));
    let transit = Channel::ALL.into_iter().map(|channel| {
        let scope = Scope { channel, account_no: String::new(), fund_account: String::new() };
        scope.account(Role::InTransit)
    });
    // A bank line may be of any channel's payout.
    own.chain(transit.filter(|_| scope.channel == Channel::Bank).collect::<Vec<_>>())
}

impl DayReader {
    pub(super) fn new(reader: &mut Reader, packs: Packs, figure: &Figure) -> Result<Self, Error> {
        let scopes = scopes(reader)?;
        let mut known: HashMap<&Scope, bool> = HashMap::new();
        let mut touching = HashSet::new();
        for (document, scope) in &scopes {
            let touches = *known
                .entry(scope)
                .or_insert_with(|| all_names(scope).any(|name| figure.is_on(&name)));
            if touches {
                touching.insert(*document);
            }
        }
        Ok(Self { packs, touching, scopes })
    }

    /// Every posting of a day on the figure's accounts, in no order; texts are still missing.
    pub(super) fn entries(
        &self,
        reader: &mut Reader,
        figure: &Figure,
        day: i32,
    ) -> Result<Vec<Entry>, Error> {
        let mut found = Vec::new();
        let days = day..day + 1;
        let trade = |document, day, item: SettlementItem| {
            if let Some(scope) = self.scope(document) {
                let line = (item.id, day, Some(item.at_ms), "trade");
                pick(figure, scope, line, &post_settlement((&item).into()), &mut found);
            }
        };
        self.packs.each(reader, Stream::Trade, days.clone(), trade)?;
        let fund = |document, day, item: BalanceItem| {
            if let Some(scope) = self.scope(document) {
                let line = (item.id, day, Some(item.at_ms), "fund");
                let (amount, fee) = (item.amount_minor, item.fee_minor);
                let entry = post_balance(item.kind, amount, fee, scope.currency());
                pick(figure, scope, line, &entry, &mut found);
            }
        };
        self.packs.each(reader, Stream::Fund, days, fund)?;
        reader.query(
            "select id, day, at_ms, currency, amount_minor, counterparty, memo from bank_line \
             where day = $1",
            &[Cell::Int(i64::from(day))],
            |row| {
                let id = row.int(0)?;
                if let Some(scope) = self.scope(split_line_id(id).0) {
                    let line = (id, day, row.opt_int(2)?, "bank");
                    pick(figure, scope, line, &post_bank(&bank_line(row)?), &mut found);
                }
                Ok(())
            },
        )?;
        Ok(found)
    }

    fn scope(&self, document: i64) -> Option<&Scope> {
        self.touching.get(&document).and_then(|document| self.scopes.get(document))
    }
}

/// The legs of an entry that are on the figure's accounts.
fn pick(
    figure: &Figure,
    scope: &Scope,
    (id, day, at_ms, stream): (i64, i32, Option<i64>, &'static str),
    entry: &LedgerEntry,
    found: &mut Vec<Entry>,
) {
    let legs: Vec<Posting> = postings(entry, scope);
    for (leg, posting) in legs.iter().enumerate() {
        if !figure.is_on(&posting.account) {
            continue;
        }
        let others = legs.iter().enumerate().filter(|(other, _)| *other != leg);
        found.push(Entry {
            id,
            leg,
            day,
            at_ms,
            stream,
            account: posting.account.clone(),
            amount_minor: posting.amount_minor,
            currency: posting.currency.clone(),
            against: others.map(|(_, posting)| posting.clone()).collect(),
            balance_minor: None,
            text: String::new(),
            number: String::new(),
            line: Some(split_line_id(id)),
        });
    }
}

fn postings(entry: &LedgerEntry, scope: &Scope) -> Vec<Posting> {
    let posting = |leg: &domain::ledger::Posting| Posting {
        account: leg.account(scope),
        amount_minor: leg.amount_minor,
        currency: entry.currency.code().to_owned(),
    };
    entry.legs().map(posting).collect()
}

/// A bank line as far as its posting needs it: `…, currency, amount, counterparty, memo` from the
/// fourth column on.
fn bank_line(row: &RowView<'_>) -> Result<BankLine, store::StoreError> {
    Ok(BankLine {
        account_no: String::new(),
        booked_on: BusinessDate::from_days(row.int(1)? as i32),
        booked_at_ms: None,
        currency: currency(row.text(3)?),
        amount_minor: row.int(4)?,
        balance_after_minor: None,
        bank_ref: String::new(),
        counterparty: row.text(5)?.to_owned(),
        memo: row.text(6)?.to_owned(),
        extra: Vec::new(),
    })
}

/// Gives entries the words and numbers of their lines.
pub(super) fn name(reader: &mut Reader, rows: &mut [Entry]) -> Result<(), Error> {
    for row in rows {
        let sql = match row.stream {
            "trade" => "select order_id, goods from settlement_line where id = $1",
            "fund" => "select channel_ref, kind_text from balance_transaction where id = $1",
            "bank" => "select bank_ref, memo from bank_line where id = $1",
            _ => continue,
        };
        reader.query(sql, &[Cell::Int(row.id)], |line| {
            row.number = line.text(0)?.to_owned();
            row.text = line.text(1)?.to_owned();
            Ok(())
        })?;
    }
    Ok(())
}

/// The line an opening balance was read from, or next to: the first of its account or statement.
pub(super) fn first_line(
    reader: &mut Reader,
    opening: &Opening,
) -> Result<Option<(i64, u32)>, Error> {
    let mut found = None;
    let (sql, cells) = match opening.document {
        Some(document) => (
            "select min(id) from bank_line where id >= $1 and id < $2",
            [Cell::Int(document << 32), Cell::Int((document + 1) << 32)],
        ),
        None => (
            "select min(l.id) from balance_transaction l cross join document d \
             where d.id = l.id / 4294967296 and l.day = $1 and d.account_id = $2",
            [Cell::Int(i64::from(opening.day)), Cell::Int(opening.account_id)],
        ),
    };
    reader.query(sql, &cells, |row| {
        found = row.opt_int(0)?.map(split_line_id);
        Ok(())
    })?;
    Ok(found)
}

/// The legs of the entry that a line makes; none for a line that moves no money.
///
/// # Errors
/// The database's.
pub(crate) fn legs_of(reader: &mut Reader, id: i64) -> Result<Vec<Posting>, Error> {
    let document = split_line_id(id).0;
    let scopes = scopes(reader)?;
    let Some(scope) = scopes.get(&document) else { return Ok(Vec::new()) };
    let mut legs = Vec::new();
    reader.query(
        "select kind, currency, order_minor, settled_minor, fee_minor from settlement_line \
         where id = $1",
        &[Cell::Int(id)],
        |row| {
            let entry = post_settlement(SettlementAmounts {
                kind: settlement_kind(row.int(0)?).unwrap_or(SettlementKind::Payment),
                currency: currency(row.text(1)?),
                order_minor: row.int(2)?,
                settled_minor: row.int(3)?,
                fee_minor: row.int(4)?,
            });
            legs = postings(&entry, scope);
            Ok(())
        },
    )?;
    reader.query(
        "select kind, amount_minor, fee_minor from balance_transaction where id = $1",
        &[Cell::Int(id)],
        |row| {
            let kind = BalanceKind::from_number(row.int(0)?).unwrap_or(BalanceKind::Unknown);
            let entry = post_balance(kind, row.int(1)?, row.int(2)?, scope.currency());
            legs = postings(&entry, scope);
            Ok(())
        },
    )?;
    reader.query(
        "select id, day, at_ms, currency, amount_minor, counterparty, memo from bank_line \
         where id = $1",
        &[Cell::Int(id)],
        |row| {
            legs = postings(&post_bank(&bank_line(row)?), scope);
            Ok(())
        },
    )?;
    Ok(legs)
}
