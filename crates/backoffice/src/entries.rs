//! From a figure of the ledger to the entries behind it, and on to the lines of files.
//!
//! Postings are not stored (ADR 0003): the day totals say on which days an account moved, and the
//! entries of such a day are written out again from its lines.

mod day;
mod tree;

pub use tree::{TreeRow, account_tree};

use crate::decisions::corrections;
use crate::error::Error;
use crate::ledger::{OPENING_ACCOUNT, openings};
use crate::packs::Packs;
use crate::page::{Begin, Cursor, Page};
use crate::transactions::Posting;
use day::DayReader;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use store::bulk::{Cell, Reader};
use store::pack::split_line_id;

pub(crate) use day::legs_of;

/// Which side of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// Both; the figure is the balance.
    #[default]
    Both,
    /// Debits.
    Debit,
    /// Credits.
    Credit,
}

impl Side {
    /// The side with this code: `both`, `debit`, `credit`.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "both" => Some(Self::Both),
            "debit" => Some(Self::Debit),
            "credit" => Some(Self::Credit),
            _ => None,
        }
    }

    fn has(self, amount_minor: i64) -> bool {
        match self {
            Self::Both => true,
            Self::Debit => amount_minor > 0,
            Self::Credit => amount_minor < 0,
        }
    }
}

/// A figure of the ledger: an account, or all below it, over a span of days.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    /// Account name, or the beginning of several up to a colon.
    pub account: String,
    /// From this day on.
    pub from_day: Option<i32>,
    /// Before this day.
    pub until_day: Option<i32>,
    /// Which side.
    pub side: Side,
}

impl Figure {
    fn is_on(&self, account: &str) -> bool {
        account
            .strip_prefix(&self.account)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }

    fn has_day(&self, day: i32) -> bool {
        self.from_day.is_none_or(|from| from <= day)
            && self.until_day.is_none_or(|until| day < until)
    }
}

/// What a figure amounts to in one currency.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct FigureSum {
    /// Currency.
    pub currency: String,
    /// Debits.
    pub debit_minor: i64,
    /// Credits.
    pub credit_minor: i64,
    /// Of the sides asked for: debits less credits.
    pub amount_minor: i64,
    /// Postings of both sides; those of the day totals do not tell them apart.
    pub postings: i64,
}

/// A posting with the line that caused it.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Entry {
    /// Line id; below 0 for an opening balance and for what a decision corrects.
    pub id: i64,
    /// Which leg of its entry, from 0.
    pub leg: usize,
    /// Day it is booked on.
    pub day: i32,
    /// UTC ms; `None` where the file gives a day only.
    pub at_ms: Option<i64>,
    /// `trade`, `fund`, `bank`, `opening`, `decision`.
    pub stream: &'static str,
    /// The account.
    pub account: String,
    /// Debit (+) or credit (−).
    pub amount_minor: i64,
    /// Currency.
    pub currency: String,
    /// The other legs of the entry.
    pub against: Vec<Posting>,
    /// Of all the accounts of the figure, after this posting; only where the figure is a balance.
    pub balance_minor: Option<i64>,
    /// What the line says it is about.
    pub text: String,
    /// The number on it.
    pub number: String,
    /// Document and line; `None` when no line says so: a decision about no single row.
    pub line: Option<(i64, u32)>,
}

/// What a figure amounts to, by currency: the sum of [`entries`], read from the day totals.
///
/// # Errors
/// The database's.
pub fn figure(reader: &mut Reader, figure: &Figure) -> Result<Vec<FigureSum>, Error> {
    let mut sums: HashMap<String, FigureSum> = HashMap::new();
    reader.query(
        "select a.code, d.currency, cast(sum(d.debit_minor) as bigint), \
         cast(sum(d.credit_minor) as bigint), cast(sum(d.postings) as bigint) \
         from ledger_day d join ledger_account a on a.id = d.account_id \
         where d.day >= $1 and d.day < $2 group by a.code, d.currency",
        &[
            Cell::Int(figure.from_day.map_or(i64::MIN, i64::from)),
            Cell::Int(figure.until_day.map_or(i64::MAX, i64::from)),
        ],
        |row| {
            if figure.is_on(row.text(0)?) {
                let sum = sums.entry(row.text(1)?.to_owned()).or_default();
                sum.debit_minor += row.int(2)?;
                sum.credit_minor += row.int(3)?;
                sum.postings += row.int(4)?;
            }
            Ok(())
        },
    )?;
    for entry in opening_entries(reader, figure)? {
        let sum = sums.entry(entry.currency.clone()).or_default();
        sum.debit_minor += entry.amount_minor.max(0);
        sum.credit_minor -= entry.amount_minor.min(0);
        sum.postings += 1;
    }
    let mut sums: Vec<FigureSum> = sums
        .into_iter()
        .map(|(currency, sum)| {
            let amount_minor = match figure.side {
                Side::Both => sum.debit_minor - sum.credit_minor,
                Side::Debit => sum.debit_minor,
                Side::Credit => -sum.credit_minor,
            };
            FigureSum { currency, amount_minor, ..sum }
        })
        .collect();
    sums.sort_by(|a, b| a.currency.cmp(&b.currency));
    Ok(sums)
}

/// The postings behind a figure, newest first, about `limit`: the legs of a line stay together.
///
/// # Errors
/// The database's; [`Error::DamagedPack`]; [`Error::BadInput`] for a cursor that is none.
pub fn entries(
    reader: &mut Reader,
    figure: &Figure,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<Entry>, Error> {
    let (before, mut skipped) = position(cursor)?;
    let openings = opening_entries(reader, figure)?;
    let corrections = correcting_entries(reader, figure)?;
    let mut days = moved_days(reader, figure, before.0, &openings)?;
    // The day totals count both sides together: of one side the entries themselves have to.
    if figure.side == Side::Both {
        let whole = days.iter().take_while(|(_, postings)| {
            let skips = *postings <= skipped;
            skipped -= if skips { *postings } else { 0 };
            skips
        });
        days.drain(..whole.count());
    }
    let mut balances = match days.first() {
        Some((day, _)) => balances(reader, figure, *day)?,
        None => HashMap::new(),
    };
    let packs = Packs::open(reader)?;
    let lines = DayReader::new(reader, packs, figure)?;
    let mut rows: Vec<Entry> = Vec::new();
    for (day, _) in days {
        let mut of_day = lines.entries(reader, figure, day)?;
        let made = openings.iter().chain(&corrections);
        of_day.extend(made.filter(|entry| entry.day == day).cloned());
        of_day.sort_by_key(|entry| std::cmp::Reverse((entry.id, entry.leg)));
        for mut entry in of_day {
            let balance = balances.entry(entry.currency.clone()).or_default();
            entry.balance_minor = Some(*balance);
            *balance -= entry.amount_minor;
            let given = (i64::from(day), entry.id) >= before;
            if given || !figure.side.has(entry.amount_minor) {
                continue;
            }
            if skipped > 0 {
                skipped -= 1;
                continue;
            }
            if let Some(last) = rows.last()
                && rows.len() >= limit as usize
                && last.id != entry.id
            {
                let next = Cursor { day: i64::from(last.day), id: last.id.to_string() };
                day::name(reader, &mut rows)?;
                return Ok(Page { rows, next: Some(next.to_string()) });
            }
            rows.push(entry);
        }
    }
    day::name(reader, &mut rows)?;
    Ok(Page { rows, next: None })
}

/// The day and line that a page stands behind, and how many postings are left out from there.
fn position(cursor: Option<&str>) -> Result<((i64, i64), i64), Error> {
    let everything = (i64::MAX, i64::MAX);
    match Begin::parse(cursor)? {
        Begin::First => Ok((everything, 0)),
        Begin::Behind(cursor) => Ok((cursor.line()?, 0)),
        Begin::Skipping(rows) => Ok((everything, i64::from(rows))),
    }
}

/// Days on which the figure's accounts moved, the latest first, and their postings of both sides.
fn moved_days(
    reader: &mut Reader,
    figure: &Figure,
    until: i64,
    openings: &[Entry],
) -> Result<Vec<(i32, i64)>, Error> {
    let mut days: BTreeMap<i32, i64> = BTreeMap::new();
    for entry in openings {
        *days.entry(entry.day).or_default() += 1;
    }
    reader.query(
        "select a.code, d.day, d.postings from ledger_day d \
         join ledger_account a on a.id = d.account_id \
         where d.day >= $1 and d.day < $2 and d.day <= $3",
        &[
            Cell::Int(figure.from_day.map_or(i64::MIN, i64::from)),
            Cell::Int(figure.until_day.map_or(i64::MAX, i64::from)),
            Cell::Int(until),
        ],
        |row| {
            if figure.is_on(row.text(0)?) {
                *days.entry(row.int(1)? as i32).or_default() += row.int(2)?;
            }
            Ok(())
        },
    )?;
    Ok(days.into_iter().rev().filter(|(day, _)| i64::from(*day) <= until).collect())
}

/// Balances of the figure's accounts at the end of a day, by currency.
fn balances(reader: &mut Reader, figure: &Figure, day: i32) -> Result<HashMap<String, i64>, Error> {
    let account = figure.account.clone();
    let until = Figure { account, until_day: Some(day + 1), ..Figure::default() };
    let sums = self::figure(reader, &until)?;
    Ok(sums.into_iter().map(|sum| (sum.currency, sum.amount_minor)).collect())
}

/// Ids of correcting entries count down from here, below those of opening balances.
const CORRECTIONS: i64 = -1_000_000_000;

/// What decisions correct inside a figure, as entries.
fn correcting_entries(reader: &mut Reader, figure: &Figure) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    for (at, correction) in (0..).zip(corrections::stored(reader)?) {
        let amount = correction.amount_minor;
        let sides = [(correction.debit, amount), (correction.credit, -amount)];
        for leg in 0..2 {
            let (account, amount_minor) = sides[leg].clone();
            if !figure.is_on(&account) || !figure.has_day(correction.day) {
                continue;
            }
            let (other, other_minor) = sides[1 - leg].clone();
            let currency = correction.currency.clone();
            let against =
                Posting { account: other, amount_minor: other_minor, currency: currency.clone() };
            entries.push(Entry {
                id: CORRECTIONS - at,
                leg,
                day: correction.day,
                at_ms: None,
                stream: "decision",
                account,
                amount_minor,
                currency,
                against: vec![against],
                balance_minor: None,
                text: String::new(),
                // What a run moved by itself has no decision.
                number: match correction.decision_id {
                    0 => String::new(),
                    decision => decision.to_string(),
                },
                line: correction.line_id.map(split_line_id),
            });
        }
    }
    Ok(entries)
}

/// The opening balances inside a figure, as entries; ids count down from -1.
fn opening_entries(reader: &mut Reader, figure: &Figure) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    for (id, opening) in (1..).map(|n: i64| -n).zip(openings(reader)?) {
        let amount = opening.amount_minor;
        let sides = [(opening.account.clone(), amount), (OPENING_ACCOUNT.to_owned(), -amount)];
        for leg in 0..2 {
            let (account, amount_minor) = sides[leg].clone();
            if !figure.is_on(&account) || !figure.has_day(opening.day) {
                continue;
            }
            let (other, other_minor) = sides[1 - leg].clone();
            let currency = opening.currency.clone();
            let against =
                Posting { account: other, amount_minor: other_minor, currency: currency.clone() };
            entries.push(Entry {
                id,
                leg,
                day: opening.day,
                at_ms: None,
                stream: "opening",
                account,
                amount_minor,
                currency,
                against: vec![against],
                balance_minor: None,
                text: String::new(),
                number: String::new(),
                line: day::first_line(reader, &opening)?,
            });
        }
    }
    Ok(entries)
}
