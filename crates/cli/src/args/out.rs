//! Commands that write files for others.

use super::care::StatementTask;
use super::lists::currency;
use super::{channels, day};
use backoffice::{BusinessDate, Currency};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Options of `statement`: a payout, or a span of days.
#[derive(Args)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub struct StatementArgs {
    /// Statements given out.
    #[command(subcommand)]
    pub task: Option<StatementTask>,
    /// One payout.
    #[arg(long, value_name = "ID", conflicts_with_all = ["from", "to", "channel", "currency"])]
    pub payout: Option<String>,
    /// First day.
    #[arg(long, value_name = "DATE", value_parser = day, required_unless_present = "payout")]
    pub from: Option<BusinessDate>,
    /// Last day.
    #[arg(long, value_name = "DATE", value_parser = day, required_unless_present = "payout")]
    pub to: Option<BusinessDate>,
    /// Only this channel.
    #[arg(long, value_name = "CHANNEL", value_parser = channels())]
    pub channel: Option<String>,
    /// The currency of the payouts; the yuan without one, where it was paid.
    #[arg(long, value_name = "CODE", value_parser = currency)]
    pub currency: Option<Currency>,
    /// The file; its ending says which kind.
    #[arg(long, value_name = "FILE.pdf|.xlsx|.csv", required = true)]
    pub out: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// What can be exported.
#[derive(Subcommand)]
pub enum ExportTask {
    /// Every entry of the ledger.
    Journal {
        /// For which program.
        #[arg(long, value_enum, default_value = "hledger")]
        format: JournalFormat,
        /// The file; `-` is standard output.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Write over a file that is there.
        #[arg(long)]
        force: bool,
    },
}

/// Programs that read our journal.
#[derive(Clone, Copy, ValueEnum)]
pub enum JournalFormat {
    /// hledger, which Ledger reads too.
    Hledger,
}
