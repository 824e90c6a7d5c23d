//! Money taken by hand.

use super::payouts::write_whole;
use crate::desk::{Desk, now_ms};
use backoffice::decisions::Actor;
use backoffice::dto::{
    AttachmentView, CardDetail, CountView, Failure, TillDetail, TillInput, TillPage,
    TillRecordView, denominations,
};
use backoffice::statements::Format;
use backoffice::till::{
    ATTACHMENT_BYTES, RecordFilter, SheetOf, Tender, attach, attachment, attachments, card_moves,
    cards, drawers, find, list, make_day_sheet, record, settle, weigh,
};
use backoffice::{BusinessDate, Error, Office};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use tauri::State;

/// Records of one page.
const SHOWN: u32 = 200;

/// What is in hand, and what was recorded.
#[tauri::command]
pub async fn till_page(
    desk: State<'_, Desk>,
    tender: Option<String>,
    from: Option<String>,
    to: Option<String>,
) -> Result<TillPage, Failure> {
    desk.run(move |desk| {
        let office = desk.office()?;
        // What was kept and not booked when the program died.
        settle(office.book())?;
        let day = |text: &Option<String>| text.as_deref().and_then(BusinessDate::parse);
        let filter = RecordFilter {
            tender: tender.as_deref().and_then(Tender::from_code),
            from: day(&from),
            to: day(&to),
            limit: Some(SHOWN),
            ..RecordFilter::default()
        };
        let mut reader = office.reader()?;
        let records = list(&mut reader, &filter)?;
        Ok(TillPage {
            drawers: drawers(&mut reader)?.into_iter().map(Into::into).collect(),
            cards: cards(&mut reader)?.into_iter().map(Into::into).collect(),
            more: records.len() >= SHOWN as usize,
            records: records.into_iter().map(Into::into).collect(),
            denominations: denominations(),
            today: BusinessDate::of_ms(now_ms()).to_string(),
        })
    })
    .await
}

fn detail(office: &Office, number: &str) -> Result<TillDetail, Error> {
    let mut reader = office.reader()?;
    let found = find(&mut reader, number)?;
    let mut later = Vec::new();
    for number in &found.later {
        later.push(TillRecordView::from(find(&mut reader, number)?));
    }
    let beside = attachments(&mut reader, number)?;
    let attachments = beside.into_iter().map(AttachmentView::from).collect();
    Ok(TillDetail { record: found.into(), attachments, later })
}

/// A prepaid card with everything that moved on it.
#[tauri::command]
pub async fn till_card(desk: State<'_, Desk>, card: String) -> Result<CardDetail, Failure> {
    desk.run(move |desk| {
        let moves = card_moves(&mut desk.office()?.reader()?, &card)?;
        Ok(CardDetail::of(card, moves))
    })
    .await
}

/// Saves the day sheet where the person said, as PDF unless its name asks for something else.
#[tauri::command]
pub async fn save_day_sheet(
    desk: State<'_, Desk>,
    day: String,
    path: String,
) -> Result<(), Failure> {
    desk.run(move |desk| {
        let path = desk.take_allowed(&path)?;
        let bad = || Error::BadInput { field: "day", reason: day.clone() };
        let of = SheetOf { day: BusinessDate::parse(&day).ok_or_else(bad)?, till: None };
        let office = desk.office()?;
        let format = Format::from_path(&path).unwrap_or(Format::Pdf);
        let (mut reader, company) = (office.reader()?, office.company()?);
        let bytes = make_day_sheet(&mut reader, &of, desk.lang(), &company, format)?;
        let failed = |source| Error::File { path: path.display().to_string(), source };
        write_whole(&path, |out| out.write_all(&bytes).map_err(failed))
    })
    .await
}

/// One record with everything about it.
#[tauri::command]
pub async fn till_record(desk: State<'_, Desk>, number: String) -> Result<TillDetail, Failure> {
    desk.run(move |desk| detail(&*desk.office()?, &number)).await
}

/// Records something. The same nonce again answers with the same record.
#[tauri::command]
pub async fn record_at_till(
    desk: State<'_, Desk>,
    input: TillInput,
) -> Result<TillDetail, Failure> {
    desk.run(move |desk| {
        let (office, by) = (desk.office()?, desk.person());
        let wanted = input.try_into()?;
        let number = record(office.book(), &wanted, &Actor { name: &by, at_ms: now_ms() })?;
        detail(&office, &number)
    })
    .await
}

/// What a count of these notes and coins would find.
#[tauri::command]
pub async fn weigh_till(
    desk: State<'_, Desk>,
    account: String,
    notes: String,
) -> Result<CountView, Failure> {
    desk.run(move |desk| {
        Ok(weigh(&mut desk.office()?.reader()?, &account, now_ms(), &notes)?.into())
    })
    .await
}

/// Keeps pictures or PDFs beside a record.
#[tauri::command]
pub async fn attach_to_record(
    desk: State<'_, Desk>,
    number: String,
    paths: Vec<PathBuf>,
) -> Result<TillDetail, Failure> {
    desk.run(move |desk| {
        let (office, by) = (desk.office()?, desk.person());
        let actor = Actor { name: &by, at_ms: now_ms() };
        for path in paths {
            let failed = |source| Error::File { path: path.display().to_string(), source };
            let mut bytes = Vec::new();
            let file = File::open(&path).map_err(failed)?;
            file.take(ATTACHMENT_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            attach(office.book(), &number, &name.unwrap_or_default(), &bytes, &actor)?;
        }
        detail(&office, &number)
    })
    .await
}

/// The bytes of an attachment, hexadecimal: a page shows pictures of it, and nothing else.
#[tauri::command]
pub async fn attachment_bytes(desk: State<'_, Desk>, id: i64) -> Result<String, Failure> {
    desk.run(move |desk| {
        let (_, bytes) = attachment(&mut desk.office()?.reader()?, id)?;
        let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
        Ok(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
    })
    .await
}

/// Saves an attachment as it came, where the person said.
#[tauri::command]
pub async fn save_attachment(desk: State<'_, Desk>, id: i64, path: String) -> Result<(), Failure> {
    desk.run(move |desk| {
        let path = desk.take_allowed(&path)?;
        let (_, bytes) = attachment(&mut desk.office()?.reader()?, id)?;
        let failed = |source| Error::File { path: path.display().to_string(), source };
        write_whole(&path, |out| out.write_all(&bytes).map_err(failed))
    })
    .await
}
