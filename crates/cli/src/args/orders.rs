//! Options of the commands over orders.

use super::{Days, FileArgs, OrderArgs, PageArgs, channels};
use clap::Args;
use clap::builder::PossibleValuesParser;

const STATUSES: [&str; 6] = ["unpaid", "paid", "closed", "canceled", "refunded", "unknown"];

/// Options of `orders`.
#[derive(Args)]
pub struct OrdersArgs {
    /// Days they were made.
    #[command(flatten)]
    pub days: Days,
    /// Known from where.
    #[arg(long, value_name = "SOURCE", value_parser = PossibleValuesParser::new(["shop", "bill"]))]
    pub source: Option<String>,
    /// Only this state.
    #[arg(long, value_name = "STATUS", value_parser = PossibleValuesParser::new(STATUSES))]
    pub status: Option<String>,
    /// Only this channel.
    #[arg(long, value_name = "CHANNEL", value_parser = channels())]
    pub channel: Option<String>,
    /// Totals of at least this.
    #[arg(long, value_name = "AMOUNT")]
    pub least: Option<String>,
    /// Totals of at most this.
    #[arg(long, value_name = "AMOUNT")]
    pub most: Option<String>,
    /// An order number.
    #[arg(long, value_name = "NUMBER")]
    pub number: Option<String>,
    /// Only those for which money is owed.
    #[arg(long)]
    pub owed: bool,
    /// In which order.
    #[command(flatten)]
    pub order: OrderArgs,
    /// A saved view; options beside it narrow further.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Save what is asked for under a name.
    #[arg(long, value_name = "NAME")]
    pub save_view: Option<String>,
    /// Count and sum only.
    #[arg(long, conflicts_with = "out")]
    pub sums: bool,
    /// Where to write it.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which page.
    #[command(flatten)]
    pub page: PageArgs,
}
