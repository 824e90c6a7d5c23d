//! What `decide` and `review` are asked.

use super::day;
use backoffice::BusinessDate;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

/// Who decides.
#[derive(Args, Clone)]
pub struct By {
    /// The person's name; without it the one this computer knows.
    #[arg(long, value_name = "NAME", env = "SUANPAN_PERSON", hide_env_values = true)]
    pub by: Option<String>,
}

/// Which breaks: some, or every open one of a kind.
#[derive(Args, Clone)]
pub struct BreakChoice {
    /// Ids.
    #[arg(value_name = "ID", required_unless_present = "kind", conflicts_with = "kind")]
    pub ids: Vec<String>,
    /// Every open one of this kind.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only up to this effect.
    #[arg(long = "up-to", value_name = "MINOR", requires = "kind")]
    pub limit_minor: Option<i64>,
    /// Look, decide nothing.
    #[arg(long, requires = "kind")]
    pub preview: bool,
}

/// A decision.
#[derive(Subcommand)]
pub enum DecideTask {
    /// The reason is known.
    Accept {
        /// Which.
        #[command(flatten)]
        breaks: BreakChoice,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// The amount is given up.
    WriteOff {
        /// Which.
        #[command(flatten)]
        breaks: BreakChoice,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// The account that bears it; remembered.
        #[arg(long, value_name = "ACCOUNT")]
        account: Option<String>,
        /// Largest amount that may be written off; remembered.
        #[arg(long = "max", value_name = "MINOR")]
        max_minor: Option<i64>,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// It is left to later.
    Carry {
        /// Which.
        #[command(flatten)]
        breaks: BreakChoice,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// First day it is open again.
        #[arg(long, value_name = "DATE", value_parser = day)]
        until: Option<BusinessDate>,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// Who can know was asked; it stays open.
    Ask {
        /// Which.
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// What was asked, and whom.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// What is owed was claimed; it stays open.
    Claim {
        /// Which.
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// What was claimed, and how.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// A word on it.
    Note {
        /// Which.
        id: String,
        /// What.
        text: String,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// It is open again.
    Reopen {
        /// Which.
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// A row of unknown kind is of this kind.
    Classify {
        /// Its break.
        id: String,
        /// Which kind; the likeliest without it.
        #[arg(long = "as", value_name = "CLASS", value_parser = classes())]
        becomes: Option<String>,
        /// Every row of this word, also those to come.
        #[arg(long)]
        always: bool,
        /// Look, decide nothing.
        #[arg(long)]
        preview: bool,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// A kind is always treated like this.
    Always {
        /// Which kind.
        #[arg(long, value_name = "KIND")]
        kind: String,
        /// What is done.
        #[arg(
            long,
            value_name = "ACT",
            value_parser = PossibleValuesParser::new(["accept", "carry"])
        )]
        act: String,
        /// Only up to this effect.
        #[arg(long = "up-to", value_name = "MINOR")]
        limit_minor: Option<i64>,
        /// Look, decide nothing.
        #[arg(long)]
        preview: bool,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// The rules that hold.
    Rules,
    /// Takes the last decision back.
    Undo {
        /// Another one, by its number.
        #[arg(value_name = "NUMBER")]
        decision: Option<i64>,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// What was decided.
    Log {
        /// Only about this.
        #[arg(long, value_name = "SUBJECT")]
        subject: Option<String>,
        /// Rows at most.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        limit: Option<u32>,
    },
}

/// Options of `review`.
#[derive(Args)]
pub struct ReviewArgs {
    /// Its id, or the channel's number; without it the next one is named.
    #[arg(value_name = "PAYOUT")]
    pub payout: Option<String>,
    /// Only note something on it.
    #[arg(long, value_name = "TEXT", requires = "payout")]
    pub note: Option<String>,
    /// Who.
    #[command(flatten)]
    pub by: By,
}

fn classes() -> PossibleValuesParser {
    PossibleValuesParser::new(backoffice::BalanceKind::CLASSES.map(backoffice::BalanceKind::code))
}
