//! The day sheet: what a day's records come to, to be printed and signed.

use super::kept::{Kept, select};
use super::list::{RecordState, told};
use super::{Act, Tender, count};
use crate::error::Error;
use crate::statements::Format;
use documents::{DaySheet, SheetCash, SheetCount, SheetNote, SheetSent, SheetTender, TableFormat};
use domain::{BusinessDate, Channel};
use messages::Lang;
use std::collections::{BTreeMap, HashMap};
use store::bulk::{Cell, Reader};

/// A day of a till, or of all of them without one.
#[derive(Clone, Debug)]
pub struct SheetOf {
    /// The day.
    pub day: BusinessDate,
    /// Till, terminal or account.
    pub till: Option<String>,
}

/// Makes the file: same records, same bytes.
///
/// # Errors
/// The database's; [`Error::Document`] when figures do not add up.
pub fn make_day_sheet(
    reader: &mut Reader,
    of: &SheetOf,
    lang: Lang,
    company: &str,
    format: Format,
) -> Result<Vec<u8>, Error> {
    let sheet = day_sheet(reader, of, lang, company)?;
    let table = match format {
        Format::Pdf => return Ok(documents::render_day_sheet(&sheet)?),
        Format::Xlsx => TableFormat::Xlsx,
        Format::Csv => TableFormat::Csv,
    };
    let mut bytes = Vec::new();
    documents::write_day_sheet(&sheet, table, &mut bytes)?;
    Ok(bytes)
}

/// What the sheet says.
///
/// # Errors
/// The database's.
pub fn day_sheet(
    reader: &mut Reader,
    of: &SheetOf,
    lang: Lang,
    company: &str,
) -> Result<DaySheet, Error> {
    let till = of.till.as_deref().unwrap_or("");
    let day = Cell::Int(i64::from(of.day.days()));
    let found = select(
        reader,
        "t.day = $1 and ($2 = '' or t.account_no = $2) order by t.at_ms, t.id",
        &[day, Cell::Text(till)],
    )?;
    let abouts = abouts(reader, &found)?;
    let numbers: Vec<&String> = found.iter().map(|record| &record.number).collect();
    let end = |number: Option<&&String>| number.map(|number| (*number).clone()).unwrap_or_default();
    let records = (
        u32::try_from(found.len()).unwrap_or(u32::MAX),
        end(numbers.iter().min()),
        end(numbers.iter().max()),
    );
    Ok(DaySheet {
        lang,
        company: company.to_owned(),
        day: of.day,
        till: of.till.clone(),
        tenders: tenders(&found, &abouts),
        cash: cash(reader, of.day, till, &found, &abouts)?,
        counts: found.iter().filter_map(counted).collect(),
        sent: sent(reader, &found)?,
        records,
    })
}

/// The records that those of the day are about.
fn abouts(reader: &mut Reader, found: &[Kept]) -> Result<HashMap<i64, Kept>, Error> {
    let mut abouts = HashMap::new();
    for id in found.iter().filter_map(|record| record.of) {
        if let Some(about) = select(reader, "t.id = $1", &[Cell::Int(id)])?.into_iter().next() {
            abouts.insert(id, about);
        }
    }
    Ok(abouts)
}

/// What a record counts as: one that takes another back, or shows that it pays nothing, counts as
/// that one, the other way round.
fn effect<'a>(of: &'a Kept, abouts: &'a HashMap<i64, Kept>) -> (&'a Kept, i64) {
    match (of.act, of.of.and_then(|id| abouts.get(&id))) {
        (Act::Reversal | Act::Bounce, Some(about)) => (about, -1),
        _ => (of, 1),
    }
}

fn tenders(found: &[Kept], abouts: &HashMap<i64, Kept>) -> Vec<SheetTender> {
    let mut rows: BTreeMap<(Tender, &str), SheetTender> = BTreeMap::new();
    for record in found {
        let (counts_as, sign) = effect(record, abouts);
        let minor = sign * counts_as.amount_minor;
        if !matches!(counts_as.act, Act::Receipt | Act::Refund | Act::Card) {
            continue;
        }
        let Some(tender) = Channel::from_code(counts_as.tender.code()) else { continue };
        let account = counts_as.account.as_str();
        let row = rows.entry((counts_as.tender, account)).or_insert_with(|| SheetTender {
            tender,
            account: account.to_owned(),
            receipts: 0,
            taken_minor: 0,
            back_minor: 0,
            cards_minor: 0,
        });
        match counts_as.act {
            Act::Receipt => row.taken_minor += minor,
            Act::Card => row.cards_minor += minor,
            _ => row.back_minor -= minor,
        }
        let stands = |of: &Kept| !found.iter().any(|each| takes_back(each, of));
        if matches!(record.act, Act::Receipt | Act::Card) && stands(record) {
            row.receipts += 1;
        }
    }
    rows.into_values().collect()
}

fn takes_back(one: &Kept, other: &Kept) -> bool {
    matches!(one.act, Act::Reversal | Act::Bounce) && one.of == Some(other.id)
}

fn cash(
    reader: &mut Reader,
    day: BusinessDate,
    till: &str,
    found: &[Kept],
    abouts: &HashMap<i64, Kept>,
) -> Result<Vec<SheetCash>, Error> {
    let mut rows: BTreeMap<String, SheetCash> = BTreeMap::new();
    reader.query(
        "select account_no, cast(sum(in_hand_minor) as bigint) from till_record \
         where tender = 'cash' and day < $1 and ($2 = '' or account_no = $2) group by account_no",
        &[Cell::Int(i64::from(day.days())), Cell::Text(till)],
        |row| {
            let (account, opening_minor) = (row.text(0)?.to_owned(), row.int(1)?);
            let cash =
                SheetCash { account: account.clone(), opening_minor, ..SheetCash::default() };
            rows.insert(account, cash);
            Ok(())
        },
    )?;
    for record in found.iter().filter(|record| record.tender == Tender::Cash) {
        let account = record.account.clone();
        let row = rows
            .entry(account.clone())
            .or_insert_with(|| SheetCash { account, ..SheetCash::default() });
        let part = match effect(record, abouts).0.act {
            Act::Receipt | Act::Card => &mut row.taken_minor,
            Act::Refund => &mut row.back_minor,
            Act::Drop => &mut row.sent_minor,
            Act::Count => &mut row.over_minor,
            _ => &mut row.moved_minor,
        };
        *part += record.in_hand_minor;
    }
    let day_of = |row: &SheetCash| {
        row.taken_minor + row.back_minor + row.moved_minor + row.sent_minor + row.over_minor
    };
    let mut rows: Vec<SheetCash> = rows.into_values().collect();
    for row in &mut rows {
        row.closing_minor = row.opening_minor + day_of(row);
    }
    let used = |row: &SheetCash| {
        row.opening_minor != 0 || found.iter().any(|record| record.account == row.account)
    };
    rows.retain(used);
    Ok(rows)
}

fn counted(record: &Kept) -> Option<SheetCount> {
    if record.act != Act::Count {
        return None;
    }
    let found = count::counted(&record.facts, record.amount_minor)?;
    let note =
        |note: &super::Note| SheetNote { worth_minor: note.worth_minor, pieces: note.pieces };
    Some(SheetCount {
        number: record.number.clone(),
        account: record.account.clone(),
        at_ms: record.at_ms,
        by: record.made_by.clone(),
        expected_minor: found.expected_minor,
        counted_minor: found.counted_minor,
        reason: record.reason.clone(),
        notes: found.notes.iter().map(note).collect(),
    })
}

/// Cash, cheques and batches that went to the bank and were not taken back.
fn sent(reader: &mut Reader, found: &[Kept]) -> Result<Vec<SheetSent>, Error> {
    let went = |record: &&Kept| matches!(record.act, Act::Drop | Act::Deposit | Act::Batch);
    let sent = told(reader, found.iter().filter(went).cloned().collect())?;
    let stands = sent.into_iter().filter(|record| record.state != RecordState::TakenBack);
    let rows = stands.filter_map(|record| {
        let fee = record.facts.get("fee_minor").and_then(|text| text.parse::<i64>().ok());
        Some(SheetSent {
            tender: Channel::from_code(record.tender.code())?,
            number: record.number,
            account: record.account,
            at_ms: record.at_ms,
            amount_minor: record.amount_minor - fee.unwrap_or(0),
            arrived_on: record.bank_day.map(BusinessDate::from_days),
        })
    });
    Ok(rows.collect())
}
