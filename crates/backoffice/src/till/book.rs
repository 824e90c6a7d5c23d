//! Recording: the number first, then the file, then the books.

use super::kept::{Kept, insert, next_number, numbered, select};
use super::{Act, FIRST, Tender, Wanted, count, limits, moves};
use crate::decisions::Actor;
use crate::error::Error;
use crate::import::{About, Delivery, ImportOptions, Span, Watch, hex, import_deliveries};
use connectors::till::write;
use sha2::{Digest, Sha256};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;
use store::Book;
use store::bulk::{Cell, Loader, Reader, Writer};

/// Longest name of who records.
const NAME_CHARS: usize = 100;

/// Records something. The same nonce again answers with the first record, and books nothing twice,
/// also when the program died in between.
///
/// # Errors
/// [`Error::BadInput`]; [`Error::Till`] for what could not have happened; [`Error::NotFound`] for
/// a record that it would be about.
pub fn record(book: &Book, wanted: &Wanted, actor: &Actor<'_>) -> Result<String, Error> {
    wanted.check()?;
    if actor.name.is_empty() || actor.name.chars().count() > NAME_CHARS {
        let reason = "is empty or longer than 100 characters".to_owned();
        return Err(Error::BadInput { field: "by", reason });
    }
    let number = keep(book, wanted, actor)?;
    settle(book)?;
    Ok(number)
}

/// Keeps the record under a number of its own.
fn keep(book: &Book, wanted: &Wanted, actor: &Actor<'_>) -> Result<String, Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let nonce = [Cell::Text(&wanted.nonce)];
    if let Some(known) = select(&mut loader, "t.nonce = $1", &nonce)?.into_iter().next() {
        return Ok(known.number);
    }
    let about = match wanted.of.is_empty() {
        true => None,
        false => Some(numbered(&mut loader, &wanted.of)?),
    };
    let mut of = drafted(&mut loader, wanted, about.as_ref(), actor)?;
    if let Some(about) = &about {
        limits::check_about(&mut loader, &of, about)?;
    }
    if of.act == Act::Count {
        let expected = limits::in_till_at(&mut loader, &of.account, of.at_ms)?;
        count::compare(&mut of, expected)?;
    }
    let rows = moves::moves(&of, about.as_ref());
    of.in_hand_minor = rows.iter().map(|row| row.minor).sum();
    let stored = rows.iter().filter(|row| row.row == "stored_value");
    of.card_minor = stored.map(|row| row.minor).sum();
    limits::check(&mut loader, &of)?;
    of.sha256 = hex(&Sha256::digest(write(&of.head(), &rows)));
    insert(&mut loader, &wanted.nonce, &of)?;
    loader.commit()?;
    Ok(of.number)
}

/// The record as it will be kept, before anything is asked of the till.
fn drafted(
    loader: &mut Loader<'_>,
    wanted: &Wanted,
    about: Option<&Kept>,
    actor: &Actor<'_>,
) -> Result<Kept, Error> {
    let tender = tender_of(wanted, about)?;
    let mut facts = wanted.facts.clone();
    facts.retain(|_, text| !text.trim().is_empty());
    let mut inherit = |name: &str| {
        if let (Some(about), false) = (about, facts.contains_key(name)) {
            let text = about.fact(name);
            if !text.is_empty() {
                facts.insert(name.to_owned(), text.to_owned());
            }
        }
    };
    ["card", "batch", "payer", "cheque_no"].into_iter().for_each(&mut inherit);
    if let Some(about) = about {
        let sale = if about.act == Act::Refund { about.fact("of_sale") } else { &about.number };
        facts.insert("of_sale".to_owned(), sale.to_owned());
    }
    if let (Act::Bounce, Some(about)) = (wanted.act, about) {
        let since = limits::about(loader, about.id)?;
        if let Some(deposit) = since.iter().find(|each| each.act == Act::Deposit) {
            facts.insert("deposit".to_owned(), deposit.number.clone());
        }
    }
    let named = match (wanted.account.trim(), about) {
        ("", Some(about)) if about.tender == tender => about.account.as_str(),
        ("", _) => FIRST,
        (named, _) => named,
    };
    let order = about.map_or("", |about| about.order.as_str());
    let mut of = Kept {
        id: next_id(loader)?,
        number: next_number(loader, actor.at_ms)?,
        act: wanted.act,
        tender,
        account: named.to_owned(),
        amount_minor: 0,
        in_hand_minor: 0,
        card_minor: 0,
        at_ms: wanted.at_ms.unwrap_or(actor.at_ms),
        order: if wanted.order.is_empty() { order } else { &wanted.order }.trim().to_owned(),
        of: about.map(|about| about.id),
        reason: wanted.reason.trim().to_owned(),
        facts,
        made_at_ms: actor.at_ms,
        made_by: actor.name.to_owned(),
        sha256: String::new(),
    };
    of.amount_minor = amount_of(loader, wanted, &of, about)?;
    if of.at_ms > actor.at_ms {
        let reason = "lies in the future".to_owned();
        return Err(Error::BadInput { field: "at", reason });
    }
    Ok(of)
}

/// How much, where that follows from what it is about.
fn amount_of(
    loader: &mut Loader<'_>,
    wanted: &Wanted,
    of: &Kept,
    about: Option<&Kept>,
) -> Result<i64, Error> {
    let all = match (wanted.act, about) {
        (Act::Refund, Some(about)) => {
            let since = limits::about(loader, about.id)?;
            Some(about.amount_minor - limits::given_back(&since)).filter(|left| *left > 0)
        }
        // What was recorded is taken back whole, and a cheque is not sent in parts.
        (Act::Reversal | Act::Deposit | Act::Bounce, Some(about)) => return Ok(about.amount_minor),
        (Act::Batch, _) => {
            let batch = of.fact("batch");
            let left = limits::in_batch(loader, &of.account, batch)?;
            if left <= 0 {
                let problem = super::TillProblem::EmptyBatch;
                return Err(Error::Till { problem, detail: batch.to_owned() });
            }
            return Ok(left);
        }
        // All that is left on the card.
        (Act::Breakage, _) => {
            Some(limits::on_card(loader, of.fact("card"))?).filter(|left| *left > 0)
        }
        (Act::Count, _) if wanted.amount_minor.is_none() => {
            let notes = count::notes_of(of.fact("notes"))?;
            Some(count::worth(&notes)).filter(|_| !notes.is_empty())
        }
        _ => None,
    };
    let missing = || Error::BadInput { field: "amount", reason: "is missing".to_owned() };
    wanted.amount_minor.or(all).ok_or_else(missing)
}

/// What it was paid with: what was said, or what follows.
fn tender_of(wanted: &Wanted, about: Option<&Kept>) -> Result<Tender, Error> {
    let said = match wanted.act {
        Act::Float | Act::Take | Act::Drop | Act::Count => Some(Tender::Cash),
        Act::Batch => Some(Tender::PosSlip),
        Act::Breakage => Some(Tender::PrepaidCard),
        Act::Deposit | Act::Bounce | Act::Reversal => about.map(|about| about.tender),
        // What was paid with a card goes back to the card.
        Act::Refund if about.is_some_and(|about| about.tender == Tender::PrepaidCard) => {
            Some(Tender::PrepaidCard)
        }
        Act::Refund => wanted.tender.or_else(|| about.map(|about| about.tender)),
        Act::Receipt | Act::Card => wanted.tender,
    };
    let bad = |reason: &str| Error::BadInput { field: "tender", reason: reason.to_owned() };
    let tender = said.ok_or_else(|| bad("is missing"))?;
    match (wanted.act, tender) {
        // A cheque is given back as it is, by taking its record back.
        (Act::Refund, Tender::Cheque) => Err(bad("say what the money is given back with")),
        (Act::Refund, Tender::PrepaidCard)
            if about.is_some_and(|about| about.tender != Tender::PrepaidCard) =>
        {
            Err(bad("only what was paid with a card goes back to it"))
        }
        _ => Ok(tender),
    }
}

fn next_id(loader: &mut Loader<'_>) -> Result<i64, Error> {
    super::kept::sum(loader, "select coalesce(max(id), 0) + 1 from till_record", &[])
}

/// Books every record that is kept and not booked yet: the one just made, and those that the
/// program left behind when it died.
///
/// # Errors
/// The database's.
pub fn settle(book: &Book) -> Result<(), Error> {
    let mut reader = Reader::open(book)?;
    let waiting =
        "not exists (select 1 from raw_document r where r.sha256 = t.sha256) order by t.id";
    let records = select(&mut reader, waiting, &[])?;
    let Some(last) = records.last() else { return Ok(()) };
    let now_ms = last.made_at_ms;
    let (sender, arriving) = sync_channel(records.len());
    for of in &records {
        let about = match of.of {
            Some(id) => select(&mut reader, "t.id = $1", &[Cell::Int(id)])?.into_iter().next(),
            None => None,
        };
        let bytes = write(&of.head(), &moves::moves(of, about.as_ref()));
        let delivery = Delivery::File {
            name: format!("{}.jsonl", of.number),
            bytes: bytes.into(),
            about: about_of(of),
        };
        // The channel has room for all of them.
        sender.send(delivery).unwrap_or_default();
    }
    drop((sender, reader));
    let cancel = AtomicBool::new(false);
    let mut watch = Watch { progress: &mut |_| {}, cancel: &cancel };
    let options = ImportOptions { now_ms, ..ImportOptions::default() };
    let report = import_deliveries(book, arriving, &options, &mut watch)?;
    let refused = report.files.iter().find(|file| file.reason.is_some());
    match refused {
        None => Ok(()),
        Some(file) => {
            let reason = file.reason.clone().unwrap_or_default();
            Err(Error::BadInput { field: "record", reason })
        }
    }
}

fn about_of(of: &Kept) -> About {
    About {
        connection: 0,
        source: "till".to_owned(),
        account_no: Some(of.account.clone()),
        fund_account: None,
        taken_at_ms: of.made_at_ms,
        first: true,
        // A record proves no day.
        span: Span { stream: "till".to_owned(), from_ms: 0, until_ms: 0 },
        proof: None,
        cursor: None,
    }
}
