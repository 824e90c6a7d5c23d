//! A list as a file: the rows a person sees, as CSV, XLSX or tabbed text, one at a time.

use crate::DocumentError;
use crate::csv::{defused, guarded};
use crate::words::clean;
use crate::xlsx::cell_number;
use ::csv::{Terminator, Writer, WriterBuilder};
use domain::money::minor_to_major;
use domain::{BusinessDate, format_channel_time};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, XlsxError,
};
use std::io::Write;

/// Rows a sheet may have, less its head.
const ROWS_MAX: u32 = 1_048_576 - 1;
/// The channels' zone: UTC+8 all year.
const ZONE_MS: i64 = 8 * 3_600_000;

/// What a list is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// UTF-8 with a byte order mark, RFC 4180.
    Csv,
    /// Tabs between cells, for the clipboard.
    Tsv,
    /// A workbook of one sheet.
    Xlsx,
}

/// A column of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its head.
    pub head: String,
    /// Its width in characters.
    pub width: u16,
}

/// A cell of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableCell<'a> {
    /// Nothing.
    Empty,
    /// Words and numbers of channels and shops.
    Text(&'a str),
    /// A day.
    Day(BusinessDate),
    /// An instant, UTC ms; shown in the channels' zone.
    Time(i64),
    /// Minor units and the decimals of their currency.
    Amount(i64, u32),
    /// A count.
    Count(i64),
}

/// Writes a list row by row, so that its length costs no memory.
///
/// Text that a sheet program would take for a formula stays text in every format. In a file, so do
/// digit strings that it would round; what is copied may be meant for a search box.
pub struct TableWriter<'w>(Kind<'w>);

enum Kind<'w> {
    Text(Box<Writer<&'w mut dyn Write>>, fn(&str) -> String),
    Sheet(Box<Sheet<'w>>),
}

struct Sheet<'w> {
    out: &'w mut dyn Write,
    workbook: Workbook,
    row: u32,
    day: Format,
    time: Format,
    /// By decimals.
    amounts: [Format; 4],
}

impl<'w> TableWriter<'w> {
    /// Begins with the heads of the columns.
    ///
    /// # Errors
    /// What writing can say.
    pub fn begin(
        format: TableFormat,
        title: &str,
        columns: &[TableColumn],
        out: &'w mut dyn Write,
    ) -> Result<Self, DocumentError> {
        let (delimiter, terminator, text): (_, _, fn(&str) -> String) = match format {
            TableFormat::Xlsx => return Sheet::begin(title, columns, out),
            TableFormat::Csv => {
                // Sheet programs read UTF-8 only with the mark in front.
                out.write_all("\u{feff}".as_bytes()).map_err(DocumentError::List)?;
                (b',', Terminator::CRLF, guarded)
            }
            TableFormat::Tsv => (b'\t', Terminator::Any(b'\n'), defused),
        };
        let mut writer =
            WriterBuilder::new().delimiter(delimiter).terminator(terminator).from_writer(out);
        let heads = columns.iter().map(|column| column.head.as_str());
        writer.write_record(heads).map_err(DocumentError::Csv)?;
        Ok(Self(Kind::Text(Box::new(writer), text)))
    }

    /// One row, a cell for each column.
    ///
    /// # Errors
    /// [`DocumentError::TooLong`] beyond a sheet's rows; what writing can say.
    pub fn row(&mut self, cells: &[TableCell<'_>]) -> Result<(), DocumentError> {
        match &mut self.0 {
            Kind::Text(writer, text) => {
                let cells = cells.iter().map(|cell| plain(cell, *text));
                writer.write_record(cells).map_err(DocumentError::Csv)
            }
            Kind::Sheet(sheet) if sheet.row > ROWS_MAX => {
                Err(DocumentError::TooLong { what: "a sheet", limit: ROWS_MAX as usize })
            }
            Kind::Sheet(sheet) => sheet.row(cells).map_err(DocumentError::Xlsx),
        }
    }

    /// Writes out what is still held back.
    ///
    /// # Errors
    /// What writing can say.
    pub fn finish(self) -> Result<(), DocumentError> {
        match self.0 {
            Kind::Text(mut writer, _) => writer.flush().map_err(DocumentError::List),
            Kind::Sheet(mut sheet) => {
                let bytes = sheet.workbook.save_to_buffer().map_err(DocumentError::Xlsx)?;
                sheet.out.write_all(&bytes).map_err(DocumentError::List)
            }
        }
    }
}

fn plain(cell: &TableCell<'_>, kept: fn(&str) -> String) -> String {
    match *cell {
        TableCell::Empty => String::new(),
        TableCell::Text(text) => kept(text),
        TableCell::Day(day) => day.to_string(),
        TableCell::Time(at_ms) => format_channel_time(at_ms),
        TableCell::Amount(minor, decimals) => minor_to_major(minor, decimals),
        TableCell::Count(count) => count.to_string(),
    }
}

impl<'w> Sheet<'w> {
    fn begin(
        title: &str,
        columns: &[TableColumn],
        out: &'w mut dyn Write,
    ) -> Result<TableWriter<'w>, DocumentError> {
        let sheet = Self::with_heads(title, columns, out).map_err(DocumentError::Xlsx)?;
        Ok(TableWriter(Kind::Sheet(Box::new(sheet))))
    }

    fn with_heads(
        title: &str,
        columns: &[TableColumn],
        out: &'w mut dyn Write,
    ) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        // A fixed day, so that equal rows give equal bytes.
        let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
        let properties = DocProperties::new().set_title(title).set_creation_datetime(&made);
        workbook.set_properties(&properties);
        let head = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(title)?;
        sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
        for (at, column) in (0..).zip(columns) {
            sheet.set_column_width(at, column.width)?;
            sheet.write_string_with_format(0, at, &column.head, &head)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_repeat_rows(0, 0)?;
        let left = |shape: &str| Format::new().set_num_format(shape).set_align(FormatAlign::Left);
        let amount = |shape: &str| Format::new().set_num_format(shape);
        Ok(Self {
            out,
            workbook,
            row: 1,
            day: left("yyyy-mm-dd"),
            time: left("yyyy-mm-dd hh:mm:ss"),
            amounts: [amount("#,##0"), amount("#,##0.0"), amount("#,##0.00"), amount("#,##0.000")],
        })
    }

    fn row(&mut self, cells: &[TableCell<'_>]) -> Result<(), XlsxError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (at, cell) in (0..).zip(cells) {
            match *cell {
                TableCell::Empty | TableCell::Text("") => {}
                TableCell::Text(text) => {
                    sheet.write_string(self.row, at, clean(text))?;
                }
                TableCell::Day(day) => {
                    let date = ExcelDateTime::from_timestamp(i64::from(day.days()) * 86_400)?;
                    sheet.write_datetime_with_format(self.row, at, date, &self.day)?;
                }
                TableCell::Time(at_ms) => {
                    let seconds = (at_ms + ZONE_MS).div_euclid(1000);
                    let date = ExcelDateTime::from_timestamp(seconds)?;
                    sheet.write_datetime_with_format(self.row, at, date, &self.time)?;
                }
                TableCell::Amount(minor, decimals) => {
                    let shape = &self.amounts[decimals.min(3) as usize];
                    let number = cell_number(minor, decimals);
                    sheet.write_number_with_format(self.row, at, number, shape)?;
                }
                TableCell::Count(count) => {
                    sheet.write_number(self.row, at, cell_number(count, 0))?;
                }
            }
        }
        self.row += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader as _, Xlsx};
    use std::io::Cursor;

    fn written(format: TableFormat) -> Vec<u8> {
        let columns = ["日期", "金额", "单号", "商品"]
            .map(|head| TableColumn { head: head.to_owned(), width: 12 });
        let mut out = Vec::new();
        let mut table = TableWriter::begin(format, "交易", &columns, &mut out).unwrap();
        let day = BusinessDate::from_days(20_557);
        let number = "4200002026041400000001";
        table
            .row(&[
                TableCell::Day(day),
                TableCell::Amount(-5000, 2),
                TableCell::Text(number),
                TableCell::Text("=1+1"),
            ])
            .unwrap();
        table.finish().unwrap();
        out
    }

    #[test]
    fn a_list_keeps_its_numbers_whole_and_its_formulas_harmless() {
        let csv = String::from_utf8(written(TableFormat::Csv)).unwrap();
        let expected = "\u{feff}日期,金额,单号,商品\r\n\
                        2026-04-14,-50.00,'4200002026041400000001,'=1+1\r\n";
        assert_eq!(csv, expected);
        let tsv = String::from_utf8(written(TableFormat::Tsv)).unwrap();
        assert!(tsv.ends_with("\n2026-04-14\t-50.00\t4200002026041400000001\t'=1+1\n"));
    }

    #[test]
    fn a_listed_workbook_has_typed_cells_and_equal_bytes() {
        let bytes = written(TableFormat::Xlsx);
        assert_eq!(bytes, written(TableFormat::Xlsx));
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let range = book.worksheet_range("交易").unwrap();
        assert_eq!(range.get_value((1, 1)), Some(&Data::Float(-50.0)));
        let number = Data::String("4200002026041400000001".to_owned());
        assert_eq!(range.get_value((1, 2)), Some(&number));
        assert_eq!(range.get_value((1, 3)), Some(&Data::String("=1+1".to_owned())));
    }
}
