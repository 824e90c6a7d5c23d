//! Which of several bills of a day is the later, where the bills themselves do not tell.

use super::log::{self, Actor, Asks, Body, DecisionKind, Draft, Log};
use super::{Decided, rerun};
use crate::error::Error;
use crate::payouts::file_name;
use std::collections::HashMap;
use store::Book;
use store::bulk::{Cell, Loader, Writer};

/// Says that a bill is the later word on its days, and reconciles again. The last such word that
/// was not taken back holds.
///
/// # Errors
/// [`Error::NotFound`] for a document that is no whole bill; [`Error::BadInput`] without a name;
/// the database's.
pub fn choose_bill(book: &Book, actor: Actor<'_>, document: i64) -> Result<Decided, Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let subject = subject(&mut loader, document)?;
    let missing = || Error::NotFound { what: "whole bill", id: document.to_string() };
    let body = Body { word: file_name(&mut loader, document)?, ..Body::default() };
    let draft =
        Draft { kind: DecisionKind::ChooseBill, subject: subject.ok_or_else(missing)?, body };
    let batch = log::append(&mut loader, actor, &[draft])?;
    let payouts_changed = rerun(&mut loader)?;
    loader.commit()?;
    Ok(Decided { batch, breaks: 0, payouts_changed })
}

/// A whole bill by what it is and not by its number in this book: the same in any order of files.
fn subject(loader: &mut Loader<'_>, document: i64) -> Result<Option<String>, Error> {
    let mut subject = None;
    loader.query(
        "select r.sha256, d.entry_no from document d join raw_document r \
         on r.id = d.raw_document_id \
         where d.id = $1 and d.whole <> 0 and d.stream in ('trade', 'fund')",
        &[Cell::Int(document)],
        |row| {
            subject = Some(format!("bill:{}:{}", row.text(0)?, row.int(1)?));
            Ok(())
        },
    )?;
    Ok(subject)
}

/// Documents said to be the later bill, with the number of the last decision that says so.
pub(crate) fn chosen_bills(db: &mut dyn Asks) -> Result<HashMap<i64, i64>, Error> {
    let mut chosen = HashMap::new();
    let log = Log::load(db)?;
    for decision in log.holding().filter(|found| found.kind == DecisionKind::ChooseBill) {
        let bill = decision.subject.strip_prefix("bill:").and_then(|bill| bill.split_once(':'));
        let Some((sha256, Ok(entry_no))) = bill.map(|(sha, entry)| (sha, entry.parse())) else {
            return Err(Error::DamagedDecision { id: decision.id });
        };
        db.ask(
            "select d.id from document d join raw_document r on r.id = d.raw_document_id \
             where r.sha256 = $1 and d.entry_no = $2",
            &[Cell::Text(sha256), Cell::Int(entry_no)],
            &mut |row| {
                chosen.insert(row.int(0)?, decision.id);
                Ok(())
            },
        )?;
    }
    Ok(chosen)
}
