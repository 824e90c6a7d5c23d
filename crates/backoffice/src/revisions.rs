//! Bills of one day that differ: which of them counts, and what a person says where no mark tells.
//!
//! See [`settle`] for the rule. What is derived here is derived again before every reconciliation.

mod copies;
mod settle;
mod summaries;

pub(crate) use copies::{Copied, copied};
pub(crate) use settle::{Places, Settled, settle};
pub(crate) use summaries::{Compared, compared};

pub use crate::decisions::choose_bill;
use crate::error::Error;
use crate::payouts::file_name;
use domain::Channel;
use domain::ledger::Scope;
use serde::Serialize;
use store::bulk::{Cell, Loader, Reader};
use store::pack::split_line_id;

/// Two bills of one day that differ.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Revision {
    /// `trade` or `fund`.
    pub stream: String,
    /// Channel of the account.
    pub channel: String,
    /// The merchant's number.
    pub account_no: String,
    /// Day, from 1970-01-01.
    pub day: i32,
    /// The one bill; the later one where that is known.
    pub document: RevisedBill,
    /// The other.
    pub other: RevisedBill,
    /// True when the first is known to be the later and counts.
    pub decided: bool,
    /// Lines only in the first.
    pub added: i64,
    /// Lines only in the other.
    pub removed: i64,
    /// Lines that say different things.
    pub changed: i64,
    /// Where they first part.
    pub line: (i64, u32),
}

/// A bill of a [`Revision`].
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct RevisedBill {
    /// Document id.
    pub id: i64,
    /// File name.
    pub name: String,
    /// Its lines on that day.
    pub lines: i64,
    /// When the channel made it, UTC ms, where the bill says so.
    pub issued_at_ms: Option<i64>,
    /// When it was read into the book, UTC ms.
    pub received_at_ms: i64,
}

/// Every day with bills that differ: undecided ones first, then the latest days.
///
/// # Errors
/// The database's.
pub fn list_revisions(reader: &mut Reader) -> Result<Vec<Revision>, Error> {
    let mut found = Vec::new();
    reader.query(
        "select v.stream, a.channel, a.account_no, v.day, v.document_id, v.later_id, v.other_id, \
         v.lines, v.other_lines, v.added, v.removed, v.changed, v.line_id, \
         d.issued_at_ms, r.received_at_ms, e.issued_at_ms, q.received_at_ms \
         from revision v join channel_account a on a.id = v.account_id \
         join document d on d.id = v.document_id join raw_document r on r.id = d.raw_document_id \
         join document e on e.id = v.other_id join raw_document q on q.id = e.raw_document_id \
         order by v.day desc, v.stream, a.channel, a.account_no, v.document_id, v.other_id",
        &[],
        |row| {
            let bill = |id: i64, lines: i64, issued_at_ms: Option<i64>, received_at_ms: i64| {
                RevisedBill { id, name: String::new(), lines, issued_at_ms, received_at_ms }
            };
            found.push(Revision {
                stream: row.text(0)?.to_owned(),
                channel: row.text(1)?.to_owned(),
                account_no: row.text(2)?.to_owned(),
                day: row.int(3)? as i32,
                document: bill(row.int(4)?, row.int(7)?, row.opt_int(13)?, row.int(14)?),
                other: bill(row.int(6)?, row.int(8)?, row.opt_int(15)?, row.int(16)?),
                decided: row.opt_int(5)?.is_some(),
                added: row.int(9)?,
                removed: row.int(10)?,
                changed: row.int(11)?,
                line: split_line_id(row.int(12)?),
            });
            Ok(())
        },
    )?;
    for revision in &mut found {
        revision.document.name = file_name(reader, revision.document.id)?;
        revision.other.name = file_name(reader, revision.other.id)?;
    }
    found.sort_by_key(|revision| revision.decided);
    Ok(found)
}

/// What an account is of.
///
/// # Errors
/// The database's.
pub(crate) fn scope(loader: &mut Loader<'_>, account: i64) -> Result<Option<Scope>, Error> {
    let mut scope = None;
    loader.query(
        "select channel, account_no, fund_account from channel_account where id = $1",
        &[Cell::Int(account)],
        |row| {
            let (account_no, fund_account) = (row.text(1)?.to_owned(), row.text(2)?.to_owned());
            let channel = Channel::from_code(row.text(0)?);
            scope = channel.map(|channel| Scope { channel, account_no, fund_account });
            Ok(())
        },
    )?;
    Ok(scope)
}
