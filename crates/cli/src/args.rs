//! The commands and their options. Help texts come from the message catalogue.

mod care;
mod channel;
mod chart;
mod collect;
mod decide;
mod lists;
mod orders;
mod out;
mod own_chart;
mod practice;
mod till;

pub use care::{QuarantineTask, RevisionTask, SettingsArgs, StatementTask, UnlockTask};
pub use channel::{ChannelTask, NetArgs, SeatTask, SyncArgs, TendersArgs};
pub use chart::ChartTask;
pub use collect::CollectTask;
pub use decide::{BreakChoice, By, DecideTask, ReviewArgs};
pub use lists::{
    BankTask, BreaksArgs, EntriesArgs, FileArgs, OrderArgs, PayoutsArgs, ReportTask, SpanArgs,
    TransactionsArgs, ViewTask,
};
pub use orders::OrdersArgs;
pub use out::{ExportTask, JournalFormat, StatementArgs};
pub use own_chart::OwnChartArgs;
pub use practice::PracticeTask;
pub use till::{CashArgs, SaidArgs, TillTask};

use backoffice::BusinessDate;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Args, Command, CommandFactory, Parser, Subcommand};
use messages::{Lang, lookup, text};
use std::path::PathBuf;

/// What was typed.
#[derive(Parser)]
#[command(name = "suanpan", version, disable_help_subcommand = true, arg_required_else_help = true)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Task,
}

/// Options of every command.
#[derive(Args, Clone)]
pub struct Common {
    /// The book. The URL may hold a password, so its value is never shown.
    #[arg(
        long,
        global = true,
        env = "SUANPAN_BOOK",
        hide_env_values = true,
        value_name = "FILE|URL"
    )]
    pub book: Option<String>,
    /// JSON instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// The language of texts; read before everything else, see `main`.
    #[arg(long, global = true, value_name = "zh|en", value_parser = languages())]
    pub lang: Option<String>,
    /// The printed recovery code, `-` to read it from standard input.
    #[arg(long, global = true, value_name = "CODE", allow_hyphen_values = true)]
    pub recovery_code: Option<String>,
}

/// A command.
#[derive(Subcommand)]
pub enum Task {
    /// About the book itself.
    Book {
        /// Which.
        #[command(subcommand)]
        task: BookTask,
    },
    /// Files in.
    Import(ImportArgs),
    /// Channels that are asked over the network.
    Channel {
        /// Which.
        #[command(subcommand)]
        task: ChannelTask,
    },
    /// Every way to pay that is known.
    Tenders(TendersArgs),
    /// Takes money at the counter.
    Collect {
        /// What.
        #[command(subcommand)]
        task: Box<CollectTask>,
    },
    /// Money taken by hand.
    Till {
        /// What.
        #[command(subcommand)]
        task: Box<TillTask>,
    },
    /// Fetches what is not proven to be here yet.
    Sync(SyncArgs),
    /// One verdict per account, stream and day.
    Certificates(Days),
    /// The list of payouts.
    Payouts(PayoutsArgs),
    /// One payout.
    Payout(PayoutArgs),
    /// Orders and what was paid for them.
    Orders(Box<OrdersArgs>),
    /// One order, from its making to the bank.
    Order {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        number: String,
    },
    /// Payments: rows of the trade bills by how they were paid.
    Payments(Box<TransactionsArgs>),
    /// Trade-bill rows and moves of the balance.
    Transactions(Box<TransactionsArgs>),
    /// One of them, with everything of its payment.
    Transaction {
        /// Its id.
        #[arg(value_name = "ID")]
        id: i64,
    },
    /// Saved views of transactions and orders.
    Views {
        /// Which.
        #[command(subcommand)]
        task: ViewTask,
    },
    /// Accounts as a tree.
    Accounts {
        /// Last day counted.
        #[arg(long, value_name = "DATE", value_parser = day)]
        until: Option<BusinessDate>,
    },
    /// The entries behind a figure of the ledger.
    Entries(EntriesArgs),
    /// Bank statements.
    Bank {
        /// Which.
        #[command(subcommand)]
        task: BankTask,
    },
    /// Reports.
    Report {
        /// Which.
        #[command(subcommand)]
        task: ReportTask,
    },
    /// Charts as drawings.
    Chart {
        /// Which.
        #[command(subcommand)]
        task: ChartTask,
    },
    /// Discrepancies.
    Breaks(BreaksArgs),
    /// Rows set aside.
    Quarantine {
        /// What.
        #[command(subcommand)]
        task: QuarantineTask,
    },
    /// Bills of one day that differ.
    Revision {
        /// What.
        #[command(subcommand)]
        task: RevisionTask,
    },
    /// What a person makes of them.
    Decide {
        /// Which.
        #[command(subcommand)]
        task: DecideTask,
    },
    /// Marks a payout as seen.
    Review(ReviewArgs),
    /// Lines by what is typed.
    Search(crate::search::SearchArgs),
    /// Compares everything again.
    Reconcile,
    /// Accounts with their sums.
    TrialBalance {
        /// Last day counted.
        #[arg(long, value_name = "DATE", value_parser = day)]
        until: Option<BusinessDate>,
        /// By the shop's own numbers.
        #[arg(long)]
        own_chart: bool,
    },
    /// The shop's own chart of accounts.
    OwnChart(OwnChartArgs),
    /// A statement as a file.
    Statement(StatementArgs),
    /// The ledger for another program.
    Export {
        /// Which.
        #[command(subcommand)]
        task: ExportTask,
    },
    /// The practice shop.
    Practice {
        /// Which.
        #[command(subcommand)]
        task: PracticeTask,
    },
    /// The rows booked from a file.
    FileRows {
        /// Its document.
        #[arg(value_name = "DOCUMENT")]
        document: i64,
        /// Which page.
        #[command(flatten)]
        page: PageArgs,
    },
    /// The line of a file that a figure was read from.
    Evidence {
        /// Document and line number.
        #[arg(value_name = "DOCUMENT:LINE", value_parser = place)]
        line: (i64, u32),
    },
    /// One hash over everything booked.
    StateHash,
    /// Checks everything derived against its source.
    Verify,
    /// Makes the demo book.
    Demo {
        /// Where.
        #[arg(long, value_name = "FILE")]
        at: Option<PathBuf>,
        /// Fetch its bills by the channels' protocols, from a platform on this machine.
        #[arg(long)]
        sync: bool,
    },
    /// Completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// About the book itself.
#[derive(Subcommand)]
pub enum BookTask {
    /// Makes one.
    New {
        /// The company's name.
        #[arg(long)]
        company: String,
        /// Also let this computer's keyring open it.
        #[arg(long)]
        keyring: bool,
    },
    /// What it covers.
    Info,
    /// What opens it.
    UnlockMethods {
        /// What to change.
        #[command(subcommand)]
        task: Option<UnlockTask>,
    },
    /// Small settings.
    Settings(SettingsArgs),
}

/// Options of `import`.
#[derive(Args)]
pub struct ImportArgs {
    /// Files and folders.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Merchant number for bills that name none.
    #[arg(long, value_name = "NUMBER")]
    pub account: Option<String>,
    /// Which account of a WeChat Pay merchant.
    #[arg(
        long,
        value_name = "ACCOUNT",
        value_parser = PossibleValuesParser::new(["basic", "operation", "fees"])
    )]
    pub fund_account: Option<String>,
    /// What the columns of a table mean.
    #[arg(long, value_name = "FILE.json")]
    pub mapping: Option<PathBuf>,
    /// Where the signs of Alipay's fees come from.
    #[arg(long, value_name = "RULE", value_parser = care::fee_signs())]
    pub fee_signs: Option<String>,
    /// Look, book nothing.
    #[arg(long)]
    pub preview: bool,
    /// Leave the reconciliation for later.
    #[arg(long)]
    pub no_reconcile: bool,
}

/// A span of days; `to` is inside.
#[derive(Args, Clone)]
pub struct Days {
    /// First day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub from: Option<BusinessDate>,
    /// Last day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub to: Option<BusinessDate>,
}

impl Days {
    /// First day, as a number.
    pub fn first_day(&self) -> Option<i32> {
        self.from.map(BusinessDate::days)
    }

    /// The day after the last, as a number.
    pub fn end_day(&self) -> Option<i32> {
        self.to.map(|day| day.plus_days(1).days())
    }
}

/// One page of a list.
#[derive(Args, Clone)]
pub struct PageArgs {
    /// Rows at most; without it, text shows a hundred and JSON everything.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub limit: Option<u32>,
    /// Where the page before ended.
    #[arg(long, value_name = "CURSOR")]
    pub cursor: Option<String>,
    /// Everything, in text too.
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
}

/// Options of `payout`.
#[derive(Args)]
pub struct PayoutArgs {
    /// Its id, or the channel's number.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Also the rows behind it.
    #[arg(long)]
    pub lines: bool,
    /// Only rows of one component.
    #[arg(long, value_name = "NAME")]
    pub component: Option<String>,
    /// Also its fees, computed again.
    #[arg(long)]
    pub fees: bool,
}

fn languages() -> PossibleValuesParser {
    PossibleValuesParser::new(["zh", "en"])
}

fn channels() -> PossibleValuesParser {
    PossibleValuesParser::new(["wechat_pay", "alipay", "union_pay", "stripe"])
}

fn day(text: &str) -> Result<BusinessDate, String> {
    BusinessDate::parse(text).ok_or_else(|| "YYYY-MM-DD".to_owned())
}

fn place(text: &str) -> Result<(i64, u32), String> {
    let parts = text
        .split_once(':')
        .and_then(|(document, line)| Some((document.parse().ok()?, line.parse().ok()?)));
    parts.ok_or_else(|| "DOCUMENT:LINE".to_owned())
}

/// The command tree with its help in `lang`.
pub fn command(lang: Lang) -> Command {
    let command = localise(Cli::command(), "cli", lang);
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    command
        .disable_version_flag(true)
        .arg(headed(version.help(text(lang, "cli.option.version", &[])), lang))
        .after_help(text(lang, "cli.after_help", &[]))
}

/// Gives a command, its options and its sub-commands their texts by key:
/// `cli.import.about`, `cli.import.paths`; options that mean the same everywhere share
/// `cli.option.<id>`.
fn localise(command: Command, key: &str, lang: Lang) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|s| s.get_name().to_owned()).collect();
    let options: Vec<String> =
        command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    let word = |key: &str| lookup(lang, key).unwrap_or_default();
    let mut command = command
        .about(text(lang, &format!("{key}.about"), &[]))
        .disable_help_flag(true)
        .arg(headed(help.help(word("cli.option.help")), lang))
        .subcommand_help_heading(word("cli.heading.commands"))
        .subcommand_value_name(word("cli.heading.command"))
        .help_template(format!(
            "{{about-with-newline}}\n{}{{usage}}\n\n{{all-args}}{{after-help}}",
            word("cli.heading.usage")
        ));
    for id in options {
        let own = format!("{key}.{id}");
        let key = match lookup(lang, &own) {
            Some(_) => own,
            None => format!("cli.option.{id}"),
        };
        command = command.mut_arg(id, |arg| headed(arg.help(text(lang, &key, &[])), lang));
    }
    for name in names {
        let inner = format!("{key}.{name}");
        command = command.mut_subcommand(name, |sub| localise(sub, &inner, lang));
    }
    command
}

fn headed(arg: Arg, lang: Lang) -> Arg {
    let key = if arg.is_positional() { "cli.heading.arguments" } else { "cli.heading.options" };
    arg.help_heading(lookup(lang, key).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_option_has_its_help_in_both_languages() {
        for lang in Lang::ALL {
            let mut command = command(lang);
            command.build();
            check(&command);
        }
    }

    fn check(command: &Command) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(!about.is_empty() && !about.starts_with("cli."), "{}: {about}", command.get_name());
        for arg in command.get_arguments() {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty() && !help.starts_with("cli."), "{}: {help}", arg.get_id());
        }
        for inner in command.get_subcommands() {
            check(inner);
        }
    }

    #[test]
    fn the_command_tree_is_sound() {
        command(Lang::En).debug_assert();
    }
}
