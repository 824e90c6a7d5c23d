//! The commands and their options. Help texts come from the message catalogue.

use clap::{Args, Command, CommandFactory, Parser, Subcommand, ValueEnum};
use messages::{Lang, text};
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "suanpan", version, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Task,
}

/// Options of every command.
#[derive(Args, Clone)]
pub struct Common {
    #[arg(long, global = true, env = "SUANPAN_BOOK", value_name = "FILE|URL")]
    pub book: Option<String>,
    #[arg(long, global = true)]
    pub json: bool,
    #[arg(long, global = true, env = "SUANPAN_LANG", value_name = "zh|en")]
    pub lang: Option<String>,
    #[arg(long, global = true, value_name = "CODE")]
    pub recovery_code: Option<String>,
}

#[derive(Subcommand)]
pub enum Task {
    Book {
        #[command(subcommand)]
        task: BookTask,
    },
    Import(ImportArgs),
    Certificates(Days),
    Payouts(PayoutsArgs),
    Payout(PayoutArgs),
    Transactions(TransactionsArgs),
    Breaks(BreaksArgs),
    Reconcile,
    TrialBalance {
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
    Statement(StatementArgs),
    Export {
        #[command(subcommand)]
        task: ExportTask,
    },
    Practice {
        #[command(subcommand)]
        task: PracticeTask,
    },
    Evidence {
        #[arg(value_name = "DOCUMENT:LINE")]
        line: String,
    },
    StateHash,
    Verify,
    Demo {
        #[arg(long, value_name = "FILE")]
        at: Option<PathBuf>,
    },
    Completions {
        shell: clap_complete::Shell,
    },
}

#[derive(Subcommand)]
pub enum BookTask {
    New {
        #[arg(long)]
        company: String,
        #[arg(long)]
        keyring: bool,
    },
    Info,
    UnlockMethods,
}

#[derive(Args)]
pub struct ImportArgs {
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[arg(long, value_name = "NUMBER")]
    pub account: Option<String>,
    #[arg(long, value_name = "basic|operation|fees")]
    pub fund_account: Option<String>,
    #[arg(long, value_name = "FILE.json")]
    pub mapping: Option<PathBuf>,
    #[arg(long)]
    pub preview: bool,
    #[arg(long)]
    pub no_reconcile: bool,
}

/// A span of days; `to` is inside.
#[derive(Args, Clone)]
pub struct Days {
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
}

/// One page of a list.
#[derive(Args, Clone)]
pub struct PageArgs {
    #[arg(long, default_value_t = 100)]
    pub limit: u32,
    #[arg(long)]
    pub cursor: Option<String>,
    #[arg(long)]
    pub all: bool,
}

#[derive(Args)]
pub struct PayoutsArgs {
    #[command(flatten)]
    pub days: Days,
    #[arg(long)]
    pub channel: Option<String>,
    #[arg(long)]
    pub unexplained: bool,
    #[command(flatten)]
    pub page: PageArgs,
}

#[derive(Args)]
pub struct PayoutArgs {
    pub id: String,
    #[arg(long)]
    pub lines: bool,
    #[arg(long, value_name = "NAME")]
    pub component: Option<String>,
}

#[derive(Args)]
pub struct TransactionsArgs {
    #[command(flatten)]
    pub days: Days,
    #[arg(long)]
    pub channel: Option<String>,
    #[arg(long)]
    pub number: Option<String>,
    #[command(flatten)]
    pub page: PageArgs,
}

#[derive(Args)]
pub struct BreaksArgs {
    #[command(flatten)]
    pub days: Days,
    #[arg(long)]
    pub kind: Option<String>,
    #[arg(long)]
    pub carried: bool,
    #[command(flatten)]
    pub page: PageArgs,
}

#[derive(Args)]
pub struct StatementArgs {
    #[arg(long, value_name = "ID", conflicts_with_all = ["from", "to", "channel"])]
    pub payout: Option<String>,
    #[command(flatten)]
    pub days: Days,
    #[arg(long)]
    pub channel: Option<String>,
    #[arg(long, value_name = "FILE.pdf|.xlsx|.csv")]
    pub out: PathBuf,
    #[arg(long)]
    pub force: bool,
}

#[derive(Subcommand)]
pub enum ExportTask {
    Journal {
        #[arg(long, value_enum, default_value = "hledger")]
        format: JournalFormat,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[arg(long)]
        force: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum JournalFormat {
    Hledger,
}

#[derive(Subcommand)]
pub enum PracticeTask {
    Write {
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[arg(long, default_value_t = 90)]
        days: u32,
        #[arg(long, default_value_t = 20)]
        size: u32,
        #[arg(long)]
        no_problems: bool,
    },
}

/// The command tree with its help in `lang`.
pub fn command(lang: Lang) -> Command {
    localise(Cli::command(), "cli", lang)
}

/// Gives a command, its options and its sub-commands their texts by key:
/// `cli.import.about`, `cli.import.paths`.
fn localise(command: Command, key: &str, lang: Lang) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|s| s.get_name().to_owned()).collect();
    let options: Vec<String> = command
        .get_arguments()
        .filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version"))
        .map(|arg| arg.get_id().to_string())
        .collect();
    let mut command = command.about(text(lang, &format!("{key}.about"), &[]));
    for id in options {
        let own = format!("{key}.{id}");
        let shared = format!("cli.option.{id}");
        let help = if messages::has(lang, &own) { own } else { shared };
        command = command.mut_arg(id, |arg| arg.help(text(lang, &help, &[])));
    }
    for name in names {
        let inner = format!("{key}.{name}");
        command = command.mut_subcommand(name, |sub| localise(sub, &inner, lang));
    }
    command
}
