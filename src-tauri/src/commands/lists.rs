//! Transactions, bank lines, certificates and saved views.

use super::payouts::write_whole;
use crate::desk::Desk;
use backoffice::dto::{
    BankAccountView, BankPage, BankQuery, CertificateView, Failure, FilePage, Freshness, ListQuery,
    ListSum, PaymentWords, SumView, TransactionDetail, TransactionPage, TransactionQuery, ViewRow,
};
use backoffice::tables::{Cut, list_sums, write_list};
use backoffice::transactions::{
    self, Column, Selection, Source, TableFormat, TransactionFilter, write_table,
};
use backoffice::views::View;
use backoffice::{BusinessDate, Error, Lang, bank, files, lists, views};
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use tauri::State;

/// Rows of one page at most, whatever is asked for.
pub const PAGE_MAX: u32 = 500;

fn bad(field: &'static str, text: &str) -> Error {
    Error::BadInput { field, reason: text.chars().take(40).collect() }
}

fn source(query: &TransactionQuery) -> Result<Source, Error> {
    Source::from_code(&query.source).ok_or_else(|| bad("source", &query.source))
}

fn line_ids<T: FromIterator<i64>>(ids: &[String]) -> Result<T, Error> {
    ids.iter().map(|id| id.parse().map_err(|_| bad("id", id))).collect()
}

/// A page of transactions in the order asked for.
#[tauri::command]
pub async fn list_transactions(
    desk: State<'_, Desk>,
    query: TransactionQuery,
    cursor: Option<String>,
    limit: u32,
) -> Result<TransactionPage, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let (filter, cursor) = (query.filter()?, cursor.as_deref());
        let limit = limit.min(PAGE_MAX);
        Ok(match source(&query)? {
            Source::Trade => {
                let page = transactions::list_transactions(&mut reader, &filter, cursor, limit)?;
                let rows = page.rows.into_iter().map(Into::into).collect();
                TransactionPage { rows, next: page.next }
            }
            Source::Fund => {
                let page = transactions::list_balance_rows(&mut reader, &filter, cursor, limit)?;
                let rows = page.rows.into_iter().map(Into::into).collect();
                TransactionPage { rows, next: page.next }
            }
        })
    })
    .await
}

/// Words that payments can be narrowed to.
#[tauri::command]
pub async fn payment_words(desk: State<'_, Desk>) -> Result<PaymentWords, Failure> {
    desk.run(|desk| Ok(transactions::payment_words(&mut desk.office()?.reader()?)?.into())).await
}

/// Sums by currency over the rows named, or over everything the query lets through.
#[tauri::command]
pub async fn transaction_sums(
    desk: State<'_, Desk>,
    query: TransactionQuery,
    ids: Option<Vec<String>>,
) -> Result<Vec<SumView>, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let source = source(&query)?;
        let sums = match ids {
            None => transactions::totals(&mut reader, source, &query.filter()?)?,
            Some(ids) => transactions::sums_of(&mut reader, source, &line_ids::<Vec<_>>(&ids)?)?,
        };
        Ok(sums.into_iter().map(Into::into).collect())
    })
    .await
}

/// A transaction with the order, the payment and the payout around it.
#[tauri::command]
pub async fn transaction(desk: State<'_, Desk>, id: String) -> Result<TransactionDetail, Failure> {
    desk.run(move |desk| {
        let id = id.parse().map_err(|_| bad("id", &id))?;
        Ok(transactions::detail(&mut desk.office()?.reader()?, id)?.into())
    })
    .await
}

/// What is given away of a list.
struct Wanted {
    source: Source,
    filter: TransactionFilter,
    selection: Selection,
    columns: Vec<Column>,
    lang: Lang,
}

impl Wanted {
    fn new(
        query: &TransactionQuery,
        ids: Option<Vec<String>>,
        columns: &[String],
        lang: &str,
    ) -> Result<Self, Error> {
        let column = |code: &String| Column::from_code(code).ok_or_else(|| bad("column", code));
        Ok(Self {
            source: source(query)?,
            filter: query.filter()?,
            selection: match ids {
                None => Selection::All,
                Some(ids) => Selection::Ids(line_ids(&ids)?),
            },
            columns: columns.iter().map(column).collect::<Result<_, _>>()?,
            lang: Lang::from_code(lang).ok_or_else(|| bad("lang", lang))?,
        })
    }

    fn write(&self, desk: &Desk, format: TableFormat, out: &mut dyn Write) -> Result<u64, Error> {
        let list = (self.source, &self.filter);
        let mut reader = desk.office()?.reader()?;
        let shape = (format, self.lang);
        write_table(&mut reader, list, &self.selection, &self.columns, shape, out)
    }
}

/// Rows as tabbed text for the clipboard.
#[tauri::command]
pub async fn transactions_text(
    desk: State<'_, Desk>,
    query: TransactionQuery,
    ids: Option<Vec<String>>,
    columns: Vec<String>,
    lang: String,
) -> Result<String, Failure> {
    desk.run(move |desk| {
        let wanted = Wanted::new(&query, ids, &columns, &lang)?;
        let mut bytes = Vec::new();
        wanted.write(desk, TableFormat::Tsv, &mut bytes)?;
        String::from_utf8(bytes).map_err(|_| bad("text", "not UTF-8"))
    })
    .await
}

/// Writes rows to the path the person chose; the answer is how many.
#[tauri::command]
pub async fn save_transactions(
    desk: State<'_, Desk>,
    query: TransactionQuery,
    ids: Option<Vec<String>>,
    columns: Vec<String>,
    path: String,
    lang: String,
) -> Result<u64, Failure> {
    desk.run(move |desk| {
        let wanted = Wanted::new(&query, ids, &columns, &lang)?;
        let path = desk.take_allowed(&path)?;
        let format = format_of(&path)?;
        write_whole(&path, |out| wanted.write(desk, format, out))
    })
    .await
}

fn format_of(path: &Path) -> Result<TableFormat, Error> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("xlsx") => Ok(TableFormat::Xlsx),
        Some("csv") => Ok(TableFormat::Csv),
        _ => Err(bad("path", &path.display().to_string())),
    }
}

/// Writes a chart to the path the person chose: an SVG as its text, a PNG from hexadecimal bytes.
#[tauri::command]
pub async fn save_picture(
    desk: State<'_, Desk>,
    path: String,
    content: String,
) -> Result<(), Failure> {
    desk.run(move |desk| {
        let path = desk.take_allowed(&path)?;
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let bytes = match ending.as_deref() {
            Some("svg") if content.starts_with("<?xml") => content.into_bytes(),
            Some("png") => from_hex(&content).ok_or_else(|| bad("content", "not hexadecimal"))?,
            _ => return Err(bad("path", &path.display().to_string())),
        };
        let failed = |source| Error::File { path: path.display().to_string(), source };
        write_whole(&path, |out| out.write_all(&bytes).map_err(failed))
    })
    .await
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |&[high, low]: &[u8; 2]| u8::try_from(digit(high)? * 16 + digit(low)?).ok();
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}

/// The rows booked from a file, in its order, and what they add up to.
#[tauri::command]
pub async fn file_rows(
    desk: State<'_, Desk>,
    document: String,
    cursor: Option<String>,
    limit: u32,
) -> Result<FilePage, Failure> {
    desk.run(move |desk| {
        let id = document.parse().map_err(|_| bad("document", &document))?;
        let mut reader = desk.office()?.reader()?;
        let found = files::file_rows(&mut reader, id, cursor.as_deref(), limit.min(PAGE_MAX))?;
        Ok(FilePage::new(found, id))
    })
    .await
}

/// Saved views of a list.
#[tauri::command]
pub async fn list_views(desk: State<'_, Desk>, list: String) -> Result<Vec<ViewRow>, Failure> {
    desk.run(move |desk| {
        let found = views::list_views(&mut desk.office()?.reader()?, &list)?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

/// Saves a view; one of the same name is replaced.
#[tauri::command]
pub async fn save_view(
    desk: State<'_, Desk>,
    list: String,
    name: String,
    body: String,
) -> Result<(), Failure> {
    desk.run(move |desk| views::save_view(&*desk.office()?, &list, &View { name, body })).await
}

/// Forgets a view.
#[tauri::command]
pub async fn remove_view(desk: State<'_, Desk>, list: String, name: String) -> Result<(), Failure> {
    desk.run(move |desk| views::remove_view(&*desk.office()?, &list, &name)).await
}

/// How far figures can be trusted.
#[tauri::command]
pub async fn freshness(desk: State<'_, Desk>) -> Result<Freshness, Failure> {
    desk.run(|desk| Ok(lists::freshness(&mut desk.office()?.reader()?)?.into())).await
}

/// Verdicts on days, both ends inside.
#[tauri::command]
pub async fn certificates(
    desk: State<'_, Desk>,
    from: String,
    to: String,
) -> Result<Vec<CertificateView>, Failure> {
    desk.run(move |desk| {
        let day = |text: &str| BusinessDate::parse(text).ok_or_else(|| bad("day", text));
        let (from, until) = (day(&from)?.days(), day(&to)?.plus_days(1).days());
        let mut reader = desk.office()?.reader()?;
        let found = lists::list_certificates(&mut reader, Some(from), Some(until))?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

/// The bank accounts of the book.
#[tauri::command]
pub async fn bank_accounts(desk: State<'_, Desk>) -> Result<Vec<BankAccountView>, Failure> {
    desk.run(|desk| {
        let found = bank::bank_accounts(&mut desk.office()?.reader()?)?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}

fn language(code: &str) -> Result<Lang, Error> {
    Lang::from_code(code).ok_or_else(|| bad("lang", code))
}

/// Rows of a list as tabbed text for the clipboard; without ids all of them.
#[tauri::command]
pub async fn table_text(
    desk: State<'_, Desk>,
    query: ListQuery,
    ids: Option<HashSet<String>>,
    columns: Vec<String>,
    lang: String,
) -> Result<String, Failure> {
    desk.run(move |desk| {
        let (list, shape) = (query.list()?, (TableFormat::Tsv, language(&lang)?));
        let cut = Cut { ids: ids.as_ref(), columns: &columns };
        let (mut reader, mut bytes) = (desk.office()?.reader()?, Vec::new());
        write_list(&mut reader, &list, cut, shape, &mut bytes)?;
        String::from_utf8(bytes).map_err(|_| bad("text", "not UTF-8"))
    })
    .await
}

/// Writes rows of a list to the path the person chose; the answer is how many.
#[tauri::command]
pub async fn save_table(
    desk: State<'_, Desk>,
    query: ListQuery,
    ids: Option<HashSet<String>>,
    columns: Vec<String>,
    path: String,
    lang: String,
) -> Result<u64, Failure> {
    desk.run(move |desk| {
        let path = desk.take_allowed(&path)?;
        let (list, shape) = (query.list()?, (format_of(&path)?, language(&lang)?));
        let cut = Cut { ids: ids.as_ref(), columns: &columns };
        let mut reader = desk.office()?.reader()?;
        write_whole(&path, |out| write_list(&mut reader, &list, cut, shape, out))
    })
    .await
}

/// What rows of a list add up to; without ids all of them.
#[tauri::command]
pub async fn table_sums(
    desk: State<'_, Desk>,
    query: ListQuery,
    ids: Option<HashSet<String>>,
) -> Result<Vec<ListSum>, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let sums = list_sums(&mut reader, &query.list()?, ids.as_ref())?;
        Ok(sums.into_iter().map(Into::into).collect())
    })
    .await
}

/// A page of bank lines in the order asked for.
#[tauri::command]
pub async fn list_bank_lines(
    desk: State<'_, Desk>,
    query: BankQuery,
    cursor: Option<String>,
    limit: u32,
) -> Result<BankPage, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let (filter, limit) = (query.filter()?, limit.min(PAGE_MAX));
        let page = bank::list_bank_lines(&mut reader, &filter, cursor.as_deref(), limit)?;
        let rows = page.rows.into_iter().map(Into::into).collect();
        Ok(BankPage { rows, next: page.next })
    })
    .await
}
