//! Lists of payouts, breaks, bank lines and orders as a file or for the clipboard: the rows
//! shown, in their order. Transactions choose their columns and have a writer of their own.

mod orders;

use crate::bank::{BankEntry, BankFilter, list_bank_lines};
use crate::channel_names::{ChannelNames, channel_names};
use crate::error::Error;
use crate::lists::{BreakFilter, BreakRow, list_breaks};
use crate::orders::{OrderFilter, list_orders};
use crate::payouts::{PayoutFilter, PayoutRow, list_payouts};
use crate::transactions::TableFormat;
use documents::{TableCell, TableColumn, TableWriter};
use domain::{BusinessDate, Currency};
use messages::{Lang, text};
use serde::Serialize;
use std::collections::HashSet;
use std::io::Write;
use store::bulk::Reader;

/// Rows read at a time.
const AT_ONCE: u32 = 500;

/// A list with what it is narrowed to.
#[derive(Clone, Debug)]
pub enum List {
    /// Payouts.
    Payouts(PayoutFilter),
    /// Breaks.
    Breaks(BreakFilter),
    /// Bank lines.
    Bank(BankFilter),
    /// Orders.
    Orders(OrderFilter),
}

impl List {
    fn title(&self) -> &'static str {
        match self {
            Self::Payouts(_) => "ui.payouts.title",
            Self::Breaks(_) => "ui.breaks.title",
            Self::Bank(_) => "bank.title",
            Self::Orders(_) => "orders.title",
        }
    }

    /// Every column in the order shown: its code, the key of its head, its width.
    fn heads(&self) -> &'static [(&'static str, &'static str, u16)] {
        match self {
            Self::Payouts(_) => &[
                ("day", "ui.payouts.date", 12),
                ("promised", "ui.payouts.promised", 12),
                ("arrived", "ui.payouts.arrived", 12),
                ("channel", "ui.payouts.channel", 12),
                ("account", "lists.col.account", 22),
                ("number", "statements.number", 32),
                ("gross", "ui.payouts.gross", 14),
                ("taken_off", "ui.payouts.taken_off", 14),
                ("paid", "ui.payouts.paid", 14),
                ("unexplained", "ui.component.unexplained", 14),
                ("status", "ui.payouts.status", 12),
            ],
            Self::Breaks(_) => &[
                ("day", "ui.breaks.day", 12),
                ("kind", "lists.col.kind", 22),
                ("reason", "cli.col.reason", 50),
                ("records", "ui.breaks.records", 40),
                ("expected", "ui.breaks.expected", 16),
                ("found", "ui.breaks.found", 16),
                ("effect", "ui.breaks.effect", 14),
                ("state", "lists.col.status", 12),
                ("line", "lists.col.line", 14),
            ],
            Self::Bank(_) => &[
                ("day", "lists.col.day", 12),
                ("account", "cli.col.bank_account", 24),
                ("counterparty", "bank.counterparty", 30),
                ("memo", "bank.memo", 30),
                ("amount", "lists.col.amount", 14),
                ("balance", "bank.balance", 14),
                ("state", "lists.col.status", 14),
                ("payout", "bank.payout", 32),
                ("line", "lists.col.line", 14),
            ],
            Self::Orders(_) => orders::HEADS,
        }
    }

    /// Codes of every column, in the order shown.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.heads().iter().map(|(code, ..)| *code)
    }
}

/// Which rows of a list are meant, and which of its columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cut<'a> {
    /// Ids of the rows; without them every row.
    pub ids: Option<&'a HashSet<String>>,
    /// Codes of the columns, in any order; none means all.
    pub columns: &'a [String],
}

impl Cut<'_> {
    fn has(&self, id: &str) -> bool {
        self.ids.is_none_or(|ids| ids.contains(id))
    }

    /// Places of the columns meant among those of the list.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a column that the list has not.
    fn places(&self, list: &List) -> Result<Vec<usize>, Error> {
        let unknown = self.columns.iter().find(|code| !list.columns().any(|known| known == *code));
        if let Some(code) = unknown {
            let reason = code.chars().take(40).collect();
            return Err(Error::BadInput { field: "columns", reason });
        }
        let meant = |code: &str| self.columns.is_empty() || self.columns.iter().any(|c| c == code);
        let places = list.columns().enumerate().filter(|(_, code)| meant(code));
        Ok(places.map(|(place, _)| place).collect())
    }
}

/// A table being written, with the columns meant.
struct Sheet<'w> {
    table: TableWriter<'w>,
    places: Vec<usize>,
    lang: Lang,
    names: ChannelNames,
}

impl Sheet<'_> {
    fn row(&mut self, cells: &[TableCell<'_>]) -> Result<(), Error> {
        let meant: Vec<TableCell<'_>> = self.places.iter().map(|place| cells[*place]).collect();
        Ok(self.table.row(&meant)?)
    }
}

/// Writes the rows of a list as they are shown. The answer is how many there were.
///
/// # Errors
/// As the list itself; [`Error::BadInput`] for an unknown column; what writing can say.
pub fn write_list(
    reader: &mut Reader,
    list: &List,
    cut: Cut<'_>,
    (format, lang): (TableFormat, Lang),
    out: &mut dyn Write,
) -> Result<u64, Error> {
    let places = cut.places(list)?;
    let head = |place: &usize| {
        let (_, key, width) = list.heads()[*place];
        TableColumn { head: text(lang, key, &[]), width }
    };
    let heads: Vec<TableColumn> = places.iter().map(head).collect();
    let table = TableWriter::begin(format, &text(lang, list.title(), &[]), &heads, out)?;
    let names = channel_names(reader)?;
    let mut sheet = Sheet { table, places, lang, names };
    let mut rows = 0;
    let mut cursor: Option<String> = None;
    loop {
        let after = cursor.as_deref();
        cursor = match list {
            List::Payouts(filter) => {
                let page = list_payouts(reader, filter, after, AT_ONCE)?;
                for row in page.rows.iter().filter(|row| cut.has(&row.id)) {
                    payout_row(&mut sheet, row)?;
                    rows += 1;
                }
                page.next
            }
            List::Breaks(filter) => {
                let page = list_breaks(reader, filter, after, AT_ONCE)?;
                for row in page.rows.iter().filter(|row| cut.has(&row.id)) {
                    break_row(&mut sheet, row)?;
                    rows += 1;
                }
                page.next
            }
            List::Bank(filter) => {
                let page = list_bank_lines(reader, filter, after, AT_ONCE)?;
                for row in page.rows.iter().filter(|row| cut.has(&row.id.to_string())) {
                    bank_row(&mut sheet, row)?;
                    rows += 1;
                }
                page.next
            }
            List::Orders(filter) => {
                let page = list_orders(reader, filter, after, orders::AT_ONCE)?;
                for row in page.rows.iter().filter(|row| cut.has(&row.id.to_string())) {
                    orders::row(&mut sheet, row)?;
                    rows += 1;
                }
                page.next
            }
        };
        if cursor.is_none() || cut.ids.is_some_and(|ids| rows >= ids.len() as u64) {
            break;
        }
    }
    sheet.table.finish()?;
    Ok(rows)
}

/// What rows add up to in one column and currency.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct TableSum {
    /// `amount`; of payouts `paid` and `unexplained`.
    pub column: &'static str,
    /// Currency.
    pub currency: String,
    /// Rows.
    pub count: i64,
    /// Their sum.
    pub amount_minor: i64,
}

/// What the rows of a list add up to, by column and currency; `ids` names some of them.
///
/// # Errors
/// As the list itself.
pub fn list_sums(
    reader: &mut Reader,
    list: &List,
    ids: Option<&HashSet<String>>,
) -> Result<Vec<TableSum>, Error> {
    if let List::Orders(filter) = list {
        return orders::sums(reader, filter, ids);
    }
    let has = |id: &str| ids.is_none_or(|ids| ids.contains(id));
    let mut sums: Vec<TableSum> = Vec::new();
    let mut add = |column: &'static str, currency: &str, amount_minor: i64| {
        let known = sums.iter().position(|sum| sum.column == column && sum.currency == currency);
        let at = known.unwrap_or_else(|| {
            let currency = currency.to_owned();
            sums.push(TableSum { column, currency, count: 0, amount_minor: 0 });
            sums.len() - 1
        });
        sums[at].count += 1;
        sums[at].amount_minor += amount_minor;
    };
    let mut cursor: Option<String> = None;
    loop {
        let after = cursor.as_deref();
        cursor = match list {
            List::Payouts(filter) => {
                let page = list_payouts(reader, filter, after, AT_ONCE)?;
                for row in page.rows.iter().filter(|row| has(&row.id)) {
                    add("paid", &row.currency, row.amount_minor);
                    add("unexplained", &row.currency, row.unexplained_minor);
                }
                page.next
            }
            List::Breaks(filter) => {
                let page = list_breaks(reader, filter, after, AT_ONCE)?;
                for row in page.rows.iter().filter(|row| has(&row.id)) {
                    add("amount", &row.currency, row.effect_minor);
                }
                page.next
            }
            List::Bank(filter) => {
                let page = list_bank_lines(reader, filter, after, AT_ONCE)?;
                for row in page.rows.iter().filter(|row| has(&row.id.to_string())) {
                    add("amount", &row.currency, row.amount_minor);
                }
                page.next
            }
            // Answered above.
            List::Orders(_) => None,
        };
        if cursor.is_none() {
            return Ok(sums);
        }
    }
}

fn amount(minor: i64, currency: &str) -> TableCell<'static> {
    let decimals = Currency::from_code(currency).unwrap_or(Currency::CNY).decimals();
    TableCell::Amount(minor, decimals)
}

fn day(day: i32) -> TableCell<'static> {
    TableCell::Day(BusinessDate::from_days(day))
}

fn line((document, line_no): (i64, u32)) -> String {
    format!("{document}:{line_no}")
}

fn payout_row(sheet: &mut Sheet<'_>, row: &PayoutRow) -> Result<(), Error> {
    let lang = sheet.lang;
    let money = |minor| amount(minor, &row.currency);
    let channel = sheet.names.of(lang, &row.channel);
    let status = text(lang, &format!("ui.status.{}", row.status()), &[]);
    sheet.row(&[
        day(row.day),
        day(row.promised_day),
        row.bank_day.map_or(TableCell::Empty, day),
        TableCell::Text(&channel),
        TableCell::Text(&row.account_no),
        TableCell::Text(&row.number),
        money(row.gross_minor),
        money(row.taken_off_minor()),
        money(row.amount_minor),
        money(row.unexplained_minor),
        TableCell::Text(&status),
    ])
}

fn break_row(sheet: &mut Sheet<'_>, row: &BreakRow) -> Result<(), Error> {
    let lang = sheet.lang;
    let kind = text(lang, &format!("break.{}", row.kind), &[]);
    let reason = crate::dto::reason_text(&row.kind, &row.field, lang);
    let state = text(lang, &format!("decisions.state.{}", row.state), &[]);
    let records = row.records.join(" ");
    let line = row.line.map(line).unwrap_or_default();
    sheet.row(&[
        day(row.day),
        TableCell::Text(&kind),
        TableCell::Text(&reason),
        TableCell::Text(&records),
        TableCell::Text(&row.expected),
        TableCell::Text(&row.found),
        amount(row.effect_minor, &row.currency),
        TableCell::Text(&state),
        TableCell::Text(&line),
    ])
}

fn bank_row(sheet: &mut Sheet<'_>, row: &BankEntry) -> Result<(), Error> {
    let lang = sheet.lang;
    let state = text(lang, &format!("bank.state.{}", row.state), &[]);
    let payouts: Vec<&str> = row.payouts.iter().map(|payout| payout.number.as_str()).collect();
    let payouts = payouts.join(" ");
    let line = line((row.document, row.line_no));
    sheet.row(&[
        day(row.day),
        TableCell::Text(&row.account_no),
        TableCell::Text(&row.counterparty),
        TableCell::Text(&row.memo),
        amount(row.amount_minor, &row.currency),
        row.balance_minor.map_or(TableCell::Empty, |minor| amount(minor, &row.currency)),
        TableCell::Text(&state),
        TableCell::Text(&payouts),
        TableCell::Text(&line),
    ])
}
