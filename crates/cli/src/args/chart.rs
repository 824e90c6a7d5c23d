//! Options of `chart`: which one, and the file it becomes.

use super::lists::{SpanArgs, clocks, grains};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The drawing's file.
#[derive(Args)]
pub struct DrawingArgs {
    /// The file.
    #[arg(long, value_name = "FILE.svg")]
    pub out: PathBuf,
    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// Charts.
#[derive(Subcommand)]
pub enum ChartTask {
    /// What a payout is made of.
    Waterfall {
        /// Its id, or the channel's number.
        #[arg(value_name = "PAYOUT")]
        id: String,
        /// Where to.
        #[command(flatten)]
        file: DrawingArgs,
    },
    /// Where the money is.
    MoneyMap {
        /// Where to.
        #[command(flatten)]
        file: DrawingArgs,
    },
    /// Payouts on their way.
    Expected {
        /// Where to.
        #[command(flatten)]
        file: DrawingArgs,
    },
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
        /// Where to.
        #[command(flatten)]
        file: DrawingArgs,
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
        /// Where to.
        #[command(flatten)]
        file: DrawingArgs,
    },
    /// Payments by weekday and hour.
    Heat {
        /// Of what.
        #[command(flatten)]
        span: SpanArgs,
        /// Where to.
        #[command(flatten)]
        file: DrawingArgs,
    },
}
