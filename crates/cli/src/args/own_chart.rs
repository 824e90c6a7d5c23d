//! What `own-chart` can do.

use clap::Args;
use clap::builder::PossibleValuesParser;

/// The shop's own chart of accounts.
#[derive(Args)]
pub struct OwnChartArgs {
    /// Account of the book and the shop's number for it.
    #[arg(long, value_name = "ACCOUNT=NUMBER", conflicts_with = "standard")]
    pub set: Option<String>,
    /// The shop's name for it.
    #[arg(long, value_name = "TEXT", requires = "set", default_value = "")]
    pub name: String,
    /// Account that has no number any more.
    #[arg(long, value_name = "ACCOUNT", conflicts_with_all = ["set", "standard"])]
    pub forget: Option<String>,
    /// Published numbers, for what has none.
    #[arg(long, value_name = "STANDARD",
          value_parser = PossibleValuesParser::new(["small", "business"]))]
    pub standard: Option<String>,
}
