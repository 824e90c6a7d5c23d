//! What `collect` can do.

use super::{By, NetArgs, channels, day};
use backoffice::BusinessDate;
use clap::Subcommand;
use std::path::PathBuf;

/// Money at the counter.
#[derive(Subcommand)]
pub enum CollectTask {
    /// Asks a buyer for money.
    New {
        /// How much, in the major unit.
        #[arg(value_name = "AMOUNT")]
        amount: String,
        /// Through which channel.
        #[arg(
            long,
            value_name = "CHANNEL",
            value_parser = channels(),
            conflicts_with = "connection"
        )]
        channel: Option<String>,
        /// Through which connection.
        #[arg(long, value_name = "NUMBER")]
        connection: Option<i64>,
        /// What the buyer reads.
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        /// Also draw the code to a file.
        #[arg(long, value_name = "FILE.svg")]
        qr: Option<PathBuf>,
        /// Only show the code.
        #[arg(long)]
        no_wait: bool,
        /// Give it up after so many seconds.
        #[arg(long, value_name = "SECONDS", conflicts_with = "no_wait")]
        give_up_after: Option<u32>,
        /// Who.
        #[command(flatten)]
        by: By,
        /// How to get out of the house.
        #[command(flatten)]
        net: NetArgs,
    },
    /// What was collected on a day.
    List {
        /// Which day; today without it.
        #[arg(long, value_name = "DATE", value_parser = day)]
        day: Option<BusinessDate>,
        /// Those whose end nobody knows yet, of any day.
        #[arg(long, conflicts_with = "day")]
        open: bool,
    },
    /// Asks the channel now.
    Ask {
        /// Which; without it every one whose end nobody knows yet.
        #[arg(value_name = "NUMBER")]
        id: Option<i64>,
        /// How to get out of the house.
        #[command(flatten)]
        net: NetArgs,
    },
    /// Gives one up.
    Close {
        /// Which.
        #[arg(value_name = "NUMBER")]
        id: i64,
        /// How to get out of the house.
        #[command(flatten)]
        net: NetArgs,
    },
}
