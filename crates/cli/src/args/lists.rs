//! Options of the commands over transactions, accounts, bank lines and reports.

use super::{Days, PageArgs, channels, day};
use backoffice::{BusinessDate, Currency, Sort};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Options of `transactions`.
#[derive(Args)]
pub struct TransactionsArgs {
    /// Days.
    #[command(flatten)]
    pub days: Days,
    /// Trade-bill rows, or moves of the balance.
    #[arg(long, value_name = "SOURCE", value_parser = PossibleValuesParser::new(["trade", "fund"]))]
    pub source: Option<String>,
    /// Only this channel.
    #[arg(long, value_name = "CHANNEL", value_parser = channels())]
    pub channel: Option<String>,
    /// Only this kind.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only this status.
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// Amounts of at least this.
    #[arg(long, value_name = "AMOUNT")]
    pub least: Option<String>,
    /// Amounts of at most this.
    #[arg(long, value_name = "AMOUNT")]
    pub most: Option<String>,
    /// An order, payment or refund number.
    #[arg(long, value_name = "NUMBER")]
    pub number: Option<String>,
    /// How buyers paid, in the channel's word.
    #[arg(long, value_name = "WORD")]
    pub scene: Option<String>,
    /// What they paid from, in the channel's word.
    #[arg(long, value_name = "WORD")]
    pub bank: Option<String>,
    /// How much was given back.
    #[arg(
        long,
        value_name = "HOW",
        value_parser = PossibleValuesParser::new(["none", "part", "whole"])
    )]
    pub back: Option<String>,
    /// In which order.
    #[command(flatten)]
    pub order: OrderArgs,
    /// A saved view; options beside it narrow further.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Save what is asked for under a name.
    #[arg(long, value_name = "NAME")]
    pub save_view: Option<String>,
    /// Count and sums only.
    #[arg(long, conflicts_with = "out")]
    pub sums: bool,
    /// Write everything to a file; its ending says which kind.
    #[arg(long, value_name = "FILE.csv|.xlsx")]
    pub out: Option<PathBuf>,
    /// The columns of the file, by comma.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "out")]
    pub columns: Vec<String>,
    /// Write over a file that is there.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Which page.
    #[command(flatten)]
    pub page: PageArgs,
}

/// Saved views.
#[derive(Subcommand)]
pub enum ViewTask {
    /// Lists them.
    List {
        /// Of which list.
        #[arg(long, value_name = "LIST", default_value = LISTS[0], value_parser = lists())]
        of: String,
    },
    /// Forgets one.
    Remove {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
        /// Of which list.
        #[arg(long, value_name = "LIST", default_value = LISTS[0], value_parser = lists())]
        of: String,
    },
}

/// Lists whose views are kept.
const LISTS: [&str; 2] = ["transactions", "orders"];

fn lists() -> PossibleValuesParser {
    PossibleValuesParser::new(LISTS)
}

/// Options of `entries`.
#[derive(Args)]
pub struct EntriesArgs {
    /// Account name, or the beginning of several.
    #[arg(value_name = "ACCOUNT")]
    pub account: String,
    /// Days.
    #[command(flatten)]
    pub days: Days,
    /// Which side.
    #[arg(
        long,
        value_name = "SIDE",
        default_value = "both",
        value_parser = PossibleValuesParser::new(["both", "debit", "credit"])
    )]
    pub side: String,
    /// Which page.
    #[command(flatten)]
    pub page: PageArgs,
}

/// Bank statements.
#[derive(Subcommand)]
pub enum BankTask {
    /// The accounts.
    Accounts,
    /// Their lines.
    Lines(Box<BankLinesArgs>),
}

/// Options of `payouts`.
#[derive(Args)]
pub struct PayoutsArgs {
    /// Days they left.
    #[command(flatten)]
    pub days: Days,
    /// Only this channel.
    #[arg(long, value_name = "CHANNEL", value_parser = channels())]
    pub channel: Option<String>,
    /// Only those with something unexplained.
    #[arg(long)]
    pub unexplained: bool,
    /// In which order.
    #[command(flatten)]
    pub order: OrderArgs,
    /// Where to write it.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which page.
    #[command(flatten)]
    pub page: PageArgs,
}

/// Options of `breaks`.
#[derive(Args)]
pub struct BreaksArgs {
    /// Days.
    #[command(flatten)]
    pub days: Days,
    /// Only this kind.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only in this state.
    #[arg(
        long,
        value_name = "STATE",
        value_parser = PossibleValuesParser::new(["open", "explained", "resolved", "written_off"])
    )]
    pub state: Option<String>,
    /// Also what is only carried to the next day.
    #[arg(long)]
    pub carried: bool,
    /// In which order.
    #[command(flatten)]
    pub order: OrderArgs,
    /// Where to write it.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which page.
    #[command(flatten)]
    pub page: PageArgs,
}

/// In which order a list stands.
#[derive(Args)]
pub struct OrderArgs {
    /// By day or by amount.
    #[arg(
        long,
        value_name = "ORDER",
        value_parser = PossibleValuesParser::new(Sort::ALL.map(Sort::code))
    )]
    pub sort: Option<String>,
}

impl OrderArgs {
    /// The order asked for, else the newest first.
    pub fn sort(&self) -> Sort {
        self.sort.as_deref().and_then(Sort::from_code).unwrap_or_default()
    }
}

/// Where a list is written to, and what of it.
#[derive(Args)]
pub struct FileArgs {
    /// Write everything to a file; its ending says which kind.
    #[arg(long, value_name = "FILE.csv|.xlsx")]
    pub out: Option<PathBuf>,
    /// The columns of the file, by comma.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "out")]
    pub columns: Vec<String>,
    /// Write over a file that is there.
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// Options of `bank lines`.
#[derive(Args)]
pub struct BankLinesArgs {
    /// Days.
    #[command(flatten)]
    pub days: Days,
    /// Only this account.
    #[arg(long, value_name = "NUMBER")]
    pub account_no: Option<String>,
    /// Only lines in this state.
    #[arg(
        long,
        value_name = "STATE",
        value_parser = PossibleValuesParser::new(["carries", "unmatched", "other", "named"])
    )]
    pub state: Option<String>,
    /// Only lines that name this channel.
    #[arg(long, value_name = "CHANNEL")]
    pub channel: Option<String>,
    /// Only money that came in, or went out.
    #[arg(long, value_name = "WAY", value_parser = PossibleValuesParser::new(["in", "out"]))]
    pub way: Option<String>,
    /// In which order.
    #[command(flatten)]
    pub order: OrderArgs,
    /// What the lines add up to instead of the lines.
    #[arg(long, conflicts_with = "out")]
    pub sums: bool,
    /// Write everything to a file.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which page.
    #[command(flatten)]
    pub page: PageArgs,
}

/// Reports.
#[derive(Subcommand)]
pub enum ReportTask {
    /// Money over time by one clock.
    Series {
        /// By which clock.
        #[arg(long, value_name = "CLOCK", default_value = "paid", value_parser = clocks())]
        clock: String,
        /// How wide a step is.
        #[arg(long, value_name = "GRAIN", default_value = "day", value_parser = grains())]
        grain: String,
        /// Of what.
        #[command(flatten)]
        span: SpanArgs,
    },
    /// Why two clocks differ.
    Bridge {
        /// The first clock.
        #[arg(long, value_name = "CLOCK", default_value = "paid", value_parser = clocks())]
        from_clock: String,
        /// The second clock.
        #[arg(long, value_name = "CLOCK", default_value = "in_bank", value_parser = clocks())]
        to_clock: String,
        /// Of what.
        #[command(flatten)]
        span: SpanArgs,
    },
    /// Success and settlement rates.
    Rates {
        /// Of what.
        #[command(flatten)]
        span: SpanArgs,
    },
    /// Payments by weekday and hour.
    Heat {
        /// Of what.
        #[command(flatten)]
        span: SpanArgs,
    },
    /// The rows behind a figure.
    Rows {
        /// `orders`, `between:LINE`, `rate:NAME:did|all`, `heat:DAY:HOUR`, `hour:CLOCK:PART:HOUR`.
        #[arg(value_name = "FIGURE")]
        figure: String,
        /// Of what.
        #[command(flatten)]
        span: SpanArgs,
        /// Which page.
        #[command(flatten)]
        page: PageArgs,
    },
}

/// The days and channel of a report.
#[derive(Args)]
pub struct SpanArgs {
    /// First day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub from: BusinessDate,
    /// Last day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub to: BusinessDate,
    /// Only this channel.
    #[arg(long, value_name = "CHANNEL", value_parser = channels())]
    pub channel: Option<String>,
    /// Only this currency; the yuan without one.
    #[arg(long, value_name = "CODE", value_parser = currency)]
    pub currency: Option<Currency>,
}

pub(super) fn currency(text: &str) -> Result<Currency, String> {
    Currency::from_code(text).map_err(|error| error.to_string())
}

/// How wide steps of time are.
pub fn grains() -> PossibleValuesParser {
    PossibleValuesParser::new(["hour", "day", "month", "quarter", "year"])
}

/// When money counts as having happened.
pub fn clocks() -> PossibleValuesParser {
    PossibleValuesParser::new(["ordered", "paid", "booked", "settled", "in_bank"])
}
