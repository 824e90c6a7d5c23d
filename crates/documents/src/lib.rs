//! Statements of payouts and periods as PDF, XLSX and CSV; lists as CSV, XLSX and tabbed text;
//! charts and QR codes as SVG.
//!
//! [`Statement`] is what a document says; the renderers decide where. The same statement gives
//! the same bytes on every machine and day: no clock and no randomness is read, and the content
//! hash is printed on each page.

mod canvas;
mod chart;
mod csv;
mod day_sheet;
mod font;
mod hash;
mod layout;
mod pdf;
pub mod qr;
mod statement;
mod table;
mod words;
mod xlsx;

pub use crate::csv::render_csv;
pub use chart::{BarKind, Chart, ChartBar, ChartBody, ChartPlace, ChartWeek, render_chart};
pub use day_sheet::{
    DaySheet, SheetCash, SheetCount, SheetNote, SheetSent, SheetTender, write_day_sheet,
};
pub use hash::content_hash;
pub use pdf::{render_day_sheet, render_pdf};
pub use statement::{
    Arrival, Clock, Company, Completeness, ComponentRow, Line, Note, PayoutHead, PayoutRow, Source,
    Statement, StatementKind, TEMPLATE_VERSION, Verdict, Zone,
};
pub use table::{TableCell, TableColumn, TableFormat, TableWriter};
pub use words::{grouped, grouped_signed, in_words};
pub use xlsx::render_xlsx;

use thiserror::Error;

/// Why a statement was not made.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// The components do not add up to the total.
    #[error("the components sum to {sum}, the total is {total_minor} (minor units)")]
    ComponentSum {
        /// What they sum to.
        sum: i128,
        /// What the statement says.
        total_minor: i64,
    },
    /// The payouts of a period do not add up to the total.
    #[error("the payouts sum to {sum}, the total is {total_minor} (minor units)")]
    PayoutSum {
        /// What they sum to.
        sum: i128,
        /// What the statement says.
        total_minor: i64,
    },
    /// What the payouts leave unexplained is not what the component says.
    #[error("the payouts leave {sum} unexplained (minor units), the component says otherwise")]
    UnexplainedSum {
        /// What the payouts leave unexplained.
        sum: i128,
    },
    /// A payout statement lists payouts.
    #[error("a payout statement is about one payout and lists none")]
    PayoutsInPayout,
    /// Components are out of order, or one is there twice.
    #[error("the components are not in their order, or one is there twice")]
    ComponentOrder,
    /// The component `unexplained` is not there.
    #[error("the component `unexplained` must be listed, even when it is zero")]
    UnexplainedMissing,
    /// A line's gross and fee are not its net.
    #[error("line {index}: gross and fee do not sum to net")]
    LineSum {
        /// Position in the list, from 0.
        index: usize,
    },
    /// The sums of a till's day do not hold.
    #[error("the day sheet does not add up: {0}")]
    DaySheet(&'static str),
    /// An amount beyond ±(2^53 − 1) minor units.
    #[error("amount out of range")]
    OutOfRange,
    /// A list could not be written to its file.
    #[error("writing the list")]
    List(#[source] std::io::Error),
    /// The document needs more than the format allows.
    #[error("{what} allows at most {limit}")]
    TooLong {
        /// The format's limit that was hit.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The font shipped with the program could not be cut to size.
    #[error("cutting the font to the characters used: {0}")]
    Font(String),
    /// The PDF could not be written.
    #[error("writing the PDF")]
    Pdf(#[source] std::io::Error),
    /// The workbook could not be written.
    #[error("writing the workbook")]
    Xlsx(#[source] rust_xlsxwriter::XlsxError),
    /// The table could not be written.
    #[error("writing the table")]
    Csv(#[source] ::csv::Error),
}
