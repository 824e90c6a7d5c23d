//! Bank accounts and the lines of their statements, with the payouts each line carries.

use crate::error::Error;
use crate::order::Sort;
use crate::page::{Cursor, Page, entered};
use domain::ledger::paying_channel;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use store::bulk::{Cell, Reader};
use store::pack::split_line_id;

/// Lines read at a time while looking for the unmatched ones.
const SCAN_ROWS: u32 = 500;

/// A payout that a bank line carries, whole or in part.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct CarriedPayout {
    /// Payout id.
    pub id: String,
    /// Channel code.
    pub channel: String,
    /// The channel's number of the payout.
    pub number: String,
    /// What the channel paid.
    pub amount_minor: i64,
}

/// A line of a bank statement.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BankEntry {
    /// Line id.
    pub id: i64,
    /// Day booked.
    pub day: i32,
    /// The merchant's account at the bank.
    pub account_no: String,
    /// Currency.
    pub currency: String,
    /// Signed amount.
    pub amount_minor: i64,
    /// Balance after it, where the statement says so.
    pub balance_minor: Option<i64>,
    /// The bank's number.
    pub bank_ref: String,
    /// Who paid or was paid.
    pub counterparty: String,
    /// Posting text.
    pub memo: String,
    /// `carries` a payout; `unmatched`: names a channel and carries none; `other` business.
    pub state: &'static str,
    /// The channel it names.
    pub channel: Option<&'static str>,
    /// The payouts it carries.
    pub payouts: Vec<CarriedPayout>,
    /// Document it stands in.
    pub document: i64,
    /// Line number there.
    pub line_no: u32,
}

/// A bank account over all its statements.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BankAccount {
    /// Account number.
    pub account_no: String,
    /// Currency.
    pub currency: String,
    /// Lines.
    pub lines: i64,
    /// First day with a line.
    pub from_day: i32,
    /// Last day with a line.
    pub to_day: i32,
    /// Paid in.
    pub in_minor: i64,
    /// Paid out, negative.
    pub out_minor: i64,
    /// Balance that the last statement ends with, where it says so.
    pub closing_minor: Option<i64>,
}

/// What a list of bank lines is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct BankFilter {
    /// Only this account.
    pub account_no: Option<String>,
    /// From this day on.
    pub from_day: Option<i32>,
    /// Before this day.
    pub until_day: Option<i32>,
    /// Only lines in this state; `named`: lines that name a channel, carrying a payout or not.
    pub state: Option<String>,
    /// Only lines that name this channel, by its code.
    pub channel: Option<String>,
    /// Only money that came `in`, or went `out`.
    pub way: Option<String>,
    /// In which order.
    pub sort: Sort,
}

impl BankFilter {
    /// True when a line has to be looked at whole to know whether it belongs.
    fn looks(&self) -> bool {
        self.state.is_some() || self.channel.is_some()
    }

    fn lets(&self, row: &BankEntry) -> bool {
        let state = self.state.as_deref().is_none_or(|state| match state {
            "named" => row.channel.is_some(),
            state => row.state == state,
        });
        state && self.channel.as_deref().is_none_or(|channel| row.channel == Some(channel))
    }

    /// The signs of amounts let through: the least and the most.
    fn signs(&self) -> (i64, i64) {
        match self.way.as_deref() {
            Some("in") => (1, i64::MAX),
            Some("out") => (i64::MIN, -1),
            _ => (i64::MIN, i64::MAX),
        }
    }
}

/// Count and sum of bank lines of one currency.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct BankSum {
    /// Currency.
    pub currency: String,
    /// Lines.
    pub count: i64,
    /// Summed amounts.
    pub amount_minor: i64,
}

/// What the lines that a filter lets through add up to, by currency.
///
/// # Errors
/// As [`list_bank_lines`].
pub fn bank_sums(reader: &mut Reader, filter: &BankFilter) -> Result<Vec<BankSum>, Error> {
    let mut sums: BTreeMap<String, BankSum> = BTreeMap::new();
    let mut cursor = None;
    loop {
        let page = list_bank_lines(reader, filter, cursor.as_deref(), SCAN_ROWS)?;
        for row in page.rows {
            let sum = sums.entry(row.currency.clone()).or_default();
            sum.currency = row.currency;
            sum.count += 1;
            sum.amount_minor += row.amount_minor;
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(sums.into_values().collect());
        }
    }
}

/// The bank accounts of the book, by number.
///
/// # Errors
/// The database's.
pub fn bank_accounts(reader: &mut Reader) -> Result<Vec<BankAccount>, Error> {
    let mut rows: Vec<BankAccount> = Vec::new();
    reader.query(
        "select a.account_no, b.currency, count(*), min(b.day), max(b.day), \
         cast(sum(case when b.amount_minor > 0 then b.amount_minor else 0 end) as bigint), \
         cast(sum(case when b.amount_minor < 0 then b.amount_minor else 0 end) as bigint) \
         from bank_line b join document d on d.id = b.id / 4294967296 \
         join channel_account a on a.id = d.account_id \
         where not exists (select 1 from superseded s where s.line_id = b.id) \
         group by a.account_no, b.currency order by a.account_no, b.currency",
        &[],
        |row| {
            rows.push(BankAccount {
                account_no: row.text(0)?.to_owned(),
                currency: row.text(1)?.to_owned(),
                lines: row.int(2)?,
                from_day: row.int(3)? as i32,
                to_day: row.int(4)? as i32,
                in_minor: row.int(5)?,
                out_minor: row.int(6)?,
                closing_minor: None,
            });
            Ok(())
        },
    )?;
    reader.query(
        "select a.account_no, b.closing_minor, b.currency from document_balance b \
         join document d on d.id = b.document_id join channel_account a on a.id = d.account_id \
         where d.stream = 'bank' order by d.to_day, d.id",
        &[],
        |row| {
            let (account_no, currency) = (row.text(0)?, row.text(2)?);
            let own = |account: &&mut BankAccount| {
                account.account_no == account_no && account.currency == currency
            };
            if let Some(account) = rows.iter_mut().find(own) {
                account.closing_minor = Some(row.int(1)?);
            }
            Ok(())
        },
    )?;
    Ok(rows)
}

/// Bank lines, newest first unless the filter says otherwise, at most `limit`.
///
/// # Errors
/// The database's; [`Error::BadInput`] for a cursor that is none.
pub fn list_bank_lines(
    reader: &mut Reader,
    filter: &BankFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<BankEntry>, Error> {
    entered(cursor, limit, |cursor, limit| lines_behind(reader, filter, cursor, limit))
}

fn lines_behind(
    reader: &mut Reader,
    filter: &BankFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<BankEntry>, Error> {
    let sort = filter.sort;
    let at = |row: &BankEntry| sort.cursor(row.day, row.amount_minor, row.id.to_string());
    // No line stands on the place before all lines, so its id does not matter.
    let mut place = match cursor {
        Some(text) => Cursor::parse(text)?.line()?,
        None => (sort.place(None)?.0, 0),
    };
    let mut rows = Vec::new();
    // One to spare tells whether there is a next page.
    while rows.len() <= limit as usize {
        let batch = if filter.looks() { SCAN_ROWS } else { limit + 1 };
        let mut found = lines(reader, filter, place, batch)?;
        let Some(last) = found.last() else { break };
        let full = found.len() == batch as usize;
        place = (at(last).day, last.id);
        carry(reader, &mut found)?;
        found.retain(|row| filter.lets(row));
        rows.extend(found);
        if !full {
            break;
        }
    }
    Ok(Page::cut(rows, limit, at))
}

fn lines(
    reader: &mut Reader,
    filter: &BankFilter,
    place: (i64, i64),
    limit: u32,
) -> Result<Vec<BankEntry>, Error> {
    let (behind, order) = filter.sort.walk("b.day", "b.amount_minor", "b.id");
    let mut rows = Vec::new();
    reader.query(
        &format!(
            "select b.id, b.day, a.account_no, b.currency, b.amount_minor, \
             b.balance_after_minor, b.bank_ref, b.counterparty, b.memo from bank_line b \
             cross join document d cross join channel_account a \
             where d.id = b.id / 4294967296 and a.id = d.account_id \
             and {behind} and b.day >= $3 and b.day < $4 \
             and ($5 = '' or a.account_no = $5) and b.amount_minor between $7 and $8 \
             and not exists (select 1 from superseded s where s.line_id = b.id) \
             order by {order} limit $6"
        ),
        &[
            Cell::Int(place.0),
            Cell::Int(place.1),
            Cell::Int(filter.from_day.map_or(i64::MIN, i64::from)),
            Cell::Int(filter.until_day.map_or(i64::MAX, i64::from)),
            Cell::Text(filter.account_no.as_deref().unwrap_or("")),
            Cell::Int(i64::from(limit)),
            Cell::Int(filter.signs().0),
            Cell::Int(filter.signs().1),
        ],
        |row| {
            let id = row.int(0)?;
            let (document, line_no) = split_line_id(id);
            let (counterparty, memo) = (row.text(7)?.to_owned(), row.text(8)?.to_owned());
            let channel = paying_channel(&counterparty, &memo).map(|channel| channel.code());
            rows.push(BankEntry {
                id,
                day: row.int(1)? as i32,
                account_no: row.text(2)?.to_owned(),
                currency: row.text(3)?.to_owned(),
                amount_minor: row.int(4)?,
                balance_minor: row.opt_int(5)?,
                bank_ref: row.text(6)?.to_owned(),
                counterparty,
                memo,
                state: if channel.is_some() { "unmatched" } else { "other" },
                channel,
                payouts: Vec::new(),
                document,
                line_no,
            });
            Ok(())
        },
    )?;
    Ok(rows)
}

/// Puts to each line the payouts it carries.
fn carry(reader: &mut Reader, rows: &mut [BankEntry]) -> Result<(), Error> {
    let day = |row: &BankEntry| i64::from(row.day);
    let Some((oldest, newest)) = rows.iter().map(day).min().zip(rows.iter().map(day).max()) else {
        return Ok(());
    };
    // A payout arrives on the day of its last line; its first is never months before.
    let days = [oldest, newest + 62];
    let places: HashMap<i64, usize> =
        rows.iter().enumerate().map(|(index, row)| (row.id, index)).collect();
    let mut carried = Vec::new();
    reader.query(
        "select p.bank_line_ids, p.id, a.channel, p.number, p.amount_minor from payout p \
         join channel_account a on a.id = p.account_id \
         where p.bank_day >= $1 and p.bank_day <= $2 order by p.day, p.id",
        &days.map(Cell::Int),
        |row| {
            for id in row.text(0)?.split(',').filter_map(|id| id.parse::<i64>().ok()) {
                if let Some(&index) = places.get(&id) {
                    let payout = CarriedPayout {
                        id: row.text(1)?.to_owned(),
                        channel: row.text(2)?.to_owned(),
                        number: row.text(3)?.to_owned(),
                        amount_minor: row.int(4)?,
                    };
                    carried.push((index, payout));
                }
            }
            Ok(())
        },
    )?;
    for (index, payout) in carried {
        rows[index].state = "carries";
        rows[index].payouts.push(payout);
    }
    Ok(())
}
