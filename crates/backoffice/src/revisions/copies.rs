//! Copies of a bill that say something else in some line.
//!
//! A bill's totals hold its amounts; its texts, the order of its rows and what nobody adds up are
//! held by the marks its lines got when it came. A file that is that bill but for a few lines is
//! neither an earlier nor a later word of the channel: somebody changed it, and it is said where.

use crate::decisions::chosen_bills;
use crate::error::Error;
use connectors::marks::{self, compare};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use store::bulk::{Cell, Loader};

/// A copy in which a line is not as it was received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copied {
    /// The bill whose days it concerns.
    pub bill: i64,
    /// The document that is named: the copy, or the bill where nothing of the copy is here.
    pub named: i64,
    /// The first line that differs.
    pub line_no: u32,
}

struct Bill {
    days: (i64, i64),
    /// When the channel made it, where that is known.
    issued_at_ms: Option<i64>,
    raw: i64,
    /// The channel gave it to this program.
    fetched: bool,
}

/// Every changed copy of a bill.
///
/// # Errors
/// The database's.
pub(crate) fn copied(loader: &mut Loader<'_>) -> Result<Vec<Copied>, Error> {
    let mut found = refused(loader)?;
    let chosen = chosen_bills(loader)?;
    let (bills, pairs) = candidates(loader)?;
    let mut known = BTreeMap::new();
    for (one, other) in pairs {
        let (Some(bill), Some(copy)) = (bills.get(&one), bills.get(&other)) else { continue };
        let later = bill.issued_at_ms.zip(copy.issued_at_ms).is_some_and(|(a, b)| a != b);
        // One is known to be later, or somebody said so: a revision, not a copy.
        let decided = later || chosen.get(&one) != chosen.get(&other);
        if decided || bill.raw == copy.raw || bill.fetched && copy.fetched {
            continue;
        }
        let (one, other) = if copy.fetched { (other, one) } else { (one, other) };
        let as_long = bill.days != copy.days;
        let (of, with) = (marks_of(loader, &mut known, one)?, marks_of(loader, &mut known, other)?);
        if let marks::Copied::Changed { line_no, .. } = compare(&of, &with, as_long) {
            found.push(Copied { bill: one, named: other, line_no });
            // Nobody can tell which of two files from elsewhere is the true one.
            if !bill.fetched && !copy.fetched {
                found.push(Copied { bill: other, named: other, line_no });
            }
        }
    }
    Ok(found)
}

fn refused(loader: &mut Loader<'_>) -> Result<Vec<Copied>, Error> {
    let mut found = Vec::new();
    loader.query(
        "select document_id, line_no from refused_copy order by document_id, line_no",
        &[],
        |row| {
            let (bill, line_no) = (row.int(0)?, u32::try_from(row.int(1)?).unwrap_or(0));
            found.push(Copied { bill, named: bill, line_no });
            Ok(())
        },
    )?;
    Ok(found)
}

/// Bills by their document, and pairs of them.
type Candidates = (BTreeMap<i64, Bill>, BTreeSet<(i64, i64)>);

/// Bills with marks, and pairs of one kind that speak of the same days.
fn candidates(loader: &mut Loader<'_>) -> Result<Candidates, Error> {
    let mut bills = BTreeMap::new();
    let mut by_day: BTreeMap<(String, i64), Vec<i64>> = BTreeMap::new();
    loader.query(
        "select d.id, d.kind, d.from_day, d.to_day, d.issued_at_ms, d.raw_document_id, r.source \
         from line_mark m join document d on d.id = m.document_id \
         join raw_document r on r.id = d.raw_document_id \
         where d.from_day is not null and d.to_day is not null order by d.id",
        &[],
        |row| {
            let (id, kind) = (row.int(0)?, row.text(1)?.to_owned());
            let days = (row.opt_int(2)?.unwrap_or(0), row.opt_int(3)?.unwrap_or(0));
            let fetched = row.text(6)? != "file";
            let (issued_at_ms, raw) = (row.opt_int(4)?, row.int(5)?);
            bills.insert(id, Bill { days, issued_at_ms, raw, fetched });
            for day in days.0..=days.1 {
                by_day.entry((kind.clone(), day)).or_default().push(id);
            }
            Ok(())
        },
    )?;
    let mut pairs = BTreeSet::new();
    for of_one_day in by_day.values() {
        for (at, one) in of_one_day.iter().enumerate() {
            pairs.extend(of_one_day[at + 1..].iter().map(|other| (*one, *other)));
        }
    }
    Ok((bills, pairs))
}

fn marks_of(
    loader: &mut Loader<'_>,
    known: &mut BTreeMap<i64, Vec<u8>>,
    document: i64,
) -> Result<Vec<u8>, Error> {
    let place = match known.entry(document) {
        Entry::Occupied(marks) => return Ok(marks.get().clone()),
        Entry::Vacant(place) => place,
    };
    let mut marks = Vec::new();
    loader.query(
        "select bytes from line_mark where document_id = $1",
        &[Cell::Int(document)],
        |row| {
            marks = row.blob(0)?.to_vec();
            Ok(())
        },
    )?;
    Ok(place.insert(marks).clone())
}
