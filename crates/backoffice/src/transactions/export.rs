//! A list of transactions as a file or for the clipboard: the columns, rows and order shown.

use super::{BalanceRow, Source, Transaction, TransactionFilter};
use super::{list_balance_rows, list_transactions};
use crate::channel_names::{ChannelNames, channel_names};
use crate::error::Error;
use documents::{TableCell, TableColumn, TableWriter};
use domain::{BusinessDate, Currency};
use messages::{Lang, text};
use std::collections::HashSet;
use std::io::Write;
use store::bulk::Reader;

pub use documents::TableFormat;

/// Rows read at a time.
const AT_ONCE: u32 = 500;

/// A column a list can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Day and time.
    Time,
    /// Day.
    Day,
    /// Channel.
    Channel,
    /// The merchant's number there.
    Account,
    /// Kind.
    Kind,
    /// Status; the channel's words on a balance.
    Status,
    /// The shop's number.
    Order,
    /// The channel's payment number.
    Payment,
    /// The shop's refund number; the number of the move on a balance.
    Refund,
    /// Goods, or the remark on a balance.
    Goods,
    /// Order total; balance afterwards on a balance.
    Total,
    /// Amount.
    Amount,
    /// Fee.
    Fee,
    /// How the buyer paid; empty on a balance.
    Scene,
    /// What the buyer paid from; empty on a balance.
    Bank,
    /// What was given back of a payment; empty on a balance.
    Back,
    /// Document and line.
    Line,
}

impl Column {
    /// Every column, in the order they are shown.
    pub const ALL: [Self; 17] = [
        Self::Time,
        Self::Day,
        Self::Channel,
        Self::Account,
        Self::Kind,
        Self::Status,
        Self::Order,
        Self::Payment,
        Self::Refund,
        Self::Goods,
        Self::Total,
        Self::Amount,
        Self::Fee,
        Self::Scene,
        Self::Bank,
        Self::Back,
        Self::Line,
    ];

    /// The stable code, also of its head in the catalogue: `lists.col.<code>`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Day => "day",
            Self::Channel => "channel",
            Self::Account => "account",
            Self::Kind => "kind",
            Self::Status => "status",
            Self::Order => "order",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Goods => "goods",
            Self::Total => "total",
            Self::Amount => "amount",
            Self::Fee => "fee",
            Self::Scene => "scene",
            Self::Bank => "bank",
            Self::Back => "back",
            Self::Line => "line",
        }
    }

    /// The column with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.code() == code)
    }

    fn width(self) -> u16 {
        match self {
            Self::Order | Self::Payment | Self::Refund | Self::Goods => 30,
            Self::Time => 20,
            _ => 14,
        }
    }

    fn head(self, source: Source, lang: Lang) -> String {
        let own = format!("lists.col.{}.{}", source.code(), self.code());
        let key = match messages::lookup(lang, &own) {
            Some(_) => own,
            None => format!("lists.col.{}", self.code()),
        };
        text(lang, &key, &[])
    }
}

/// Which rows of a list are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Everything the filter lets through.
    All,
    /// These, in the order of the list.
    Ids(HashSet<i64>),
}

impl Selection {
    fn has(&self, id: i64) -> bool {
        match self {
            Self::All => true,
            Self::Ids(ids) => ids.contains(&id),
        }
    }

    /// True when nothing more can come after `found` rows.
    fn is_met(&self, found: u64) -> bool {
        matches!(self, Self::Ids(ids) if found >= ids.len() as u64)
    }
}

/// Writes the rows of a list as they are shown; the answer is how many there were.
///
/// # Errors
/// As the list itself; what writing can say.
pub fn write_table(
    reader: &mut Reader,
    (source, filter): (Source, &TransactionFilter),
    selection: &Selection,
    columns: &[Column],
    (format, lang): (TableFormat, Lang),
    out: &mut dyn Write,
) -> Result<u64, Error> {
    let heads: Vec<TableColumn> = columns
        .iter()
        .map(|column| TableColumn { head: column.head(source, lang), width: column.width() })
        .collect();
    let title = text(lang, &format!("lists.source.{}", source.code()), &[]);
    let mut table = TableWriter::begin(format, &title, &heads, out)?;
    let names = channel_names(reader)?;
    let (mut cursor, mut rows): (Option<String>, u64) = (None, 0);
    while !selection.is_met(rows) {
        cursor = match source {
            Source::Trade => {
                let page = list_transactions(reader, filter, cursor.as_deref(), AT_ONCE)?;
                for row in page.rows.iter().filter(|row| selection.has(row.id)) {
                    trade_row(&mut table, row, columns, (lang, &names))?;
                    rows += 1;
                }
                page.next
            }
            Source::Fund => {
                let page = list_balance_rows(reader, filter, cursor.as_deref(), AT_ONCE)?;
                for row in page.rows.iter().filter(|row| selection.has(row.id)) {
                    fund_row(&mut table, row, columns, (lang, &names))?;
                    rows += 1;
                }
                page.next
            }
        };
        if cursor.is_none() {
            break;
        }
    }
    table.finish()?;
    Ok(rows)
}

fn decimals(currency: &str) -> u32 {
    Currency::from_code(currency).unwrap_or(Currency::CNY).decimals()
}

fn trade_row(
    table: &mut TableWriter<'_>,
    row: &Transaction,
    columns: &[Column],
    (lang, names): (Lang, &ChannelNames),
) -> Result<(), Error> {
    let amount = |minor| TableCell::Amount(minor, decimals(&row.currency));
    let channel = names.of(lang, &row.channel);
    let kind = text(lang, &format!("lists.kind.{}", row.kind), &[]);
    let status = text(lang, &format!("lists.status.{}", row.status), &[]);
    let line = format!("{}:{}", row.document, row.line_no);
    let cell = |column: &Column| match column {
        Column::Time => TableCell::Time(row.at_ms),
        Column::Day => TableCell::Day(BusinessDate::from_days(row.day)),
        Column::Channel => TableCell::Text(&channel),
        Column::Account => TableCell::Text(&row.account_no),
        Column::Kind => TableCell::Text(&kind),
        Column::Status => TableCell::Text(&status),
        Column::Order => TableCell::Text(&row.order_id),
        Column::Payment => TableCell::Text(&row.payment_id),
        Column::Refund => TableCell::Text(&row.merchant_refund_id),
        Column::Goods => TableCell::Text(&row.goods),
        Column::Total => amount(row.order_minor),
        Column::Amount => amount(row.settled_minor),
        Column::Fee => amount(row.fee_minor),
        Column::Scene => TableCell::Text(&row.scene),
        Column::Bank => TableCell::Text(&row.paying_bank),
        Column::Back if row.back_minor > 0 => amount(row.back_minor),
        Column::Back => TableCell::Empty,
        Column::Line => TableCell::Text(&line),
    };
    Ok(table.row(&columns.iter().map(cell).collect::<Vec<_>>())?)
}

fn fund_row(
    table: &mut TableWriter<'_>,
    row: &BalanceRow,
    columns: &[Column],
    (lang, names): (Lang, &ChannelNames),
) -> Result<(), Error> {
    let amount = |minor| TableCell::Amount(minor, decimals(&row.currency));
    let channel = names.of(lang, &row.channel);
    let kind = text(lang, &format!("lists.kind.{}", row.kind), &[]);
    let line = format!("{}:{}", row.document, row.line_no);
    let cell = |column: &Column| match column {
        Column::Time => TableCell::Time(row.at_ms),
        Column::Day => TableCell::Day(BusinessDate::from_days(row.day)),
        Column::Channel => TableCell::Text(&channel),
        Column::Account => TableCell::Text(&row.account_no),
        Column::Kind => TableCell::Text(&kind),
        Column::Status => TableCell::Text(&row.kind_text),
        Column::Order => TableCell::Text(&row.merchant_ref),
        Column::Payment => TableCell::Text(&row.payment_id),
        Column::Refund => TableCell::Text(&row.channel_ref),
        Column::Goods => TableCell::Text(&row.remark),
        Column::Total => row.balance_minor.map_or(TableCell::Empty, amount),
        Column::Amount => amount(row.amount_minor),
        Column::Fee | Column::Scene | Column::Bank | Column::Back => TableCell::Empty,
        Column::Line => TableCell::Text(&line),
    };
    Ok(table.row(&columns.iter().map(cell).collect::<Vec<_>>())?)
}
