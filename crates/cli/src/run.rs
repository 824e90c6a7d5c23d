//! Which command does what.

use crate::args::{BookTask, Cli, ExportTask, JournalFormat, PracticeTask, Task};
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::{
    args, book, care, channel, chart, collect, decide, figures, import, ledger, lists, orders,
    own_chart, payouts, practice, search, statement, tenders, till, transactions, ways,
};
use backoffice::Channel;

/// Does what was typed and writes the answer.
///
/// # Errors
/// What the command says instead of its answer.
pub fn run(cli: Cli, output: &mut Output) -> Result<Exit, Problem> {
    let common = &cli.common;
    match cli.command {
        Task::Book { task: BookTask::New { company, keyring } } => {
            book::new(common, &company, keyring, output)
        }
        Task::Book { task: BookTask::Info } => book::info(common, output),
        Task::Book { task: BookTask::UnlockMethods { task: None } } => {
            book::unlock_methods(common, output)
        }
        Task::Book { task: BookTask::UnlockMethods { task: Some(task) } } => {
            ways::change(common, &task, output)
        }
        Task::Book { task: BookTask::Settings(args) } => ways::settings(common, &args, output),
        Task::Import(args) if args.preview => import::preview(&args, output),
        Task::Import(args) => import::import(common, &args, output),
        Task::Channel { task } => channel::run(common, &task, output),
        Task::Tenders(args) => tenders::run(common, &args, output),
        Task::Sync(args) => channel::sync(common, &args, output),
        Task::Certificates(days) => lists::certificates(common, &days, output),
        Task::Payouts(args) => payouts::list(common, &args, output),
        Task::Payout(args) => payouts::one(common, &args, output),
        Task::Collect { task } => collect::run(common, &task, output),
        Task::Till { task } => till::run(common, &task, output),
        Task::Orders(args) => orders::list(common, &args, output),
        Task::Order { number } => orders::one(common, &number, output),
        Task::Payments(args) => transactions::payments(common, *args, output),
        Task::Transactions(args) => transactions::transactions(common, &args, output),
        Task::Transaction { id } => transactions::transaction(common, id, output),
        Task::Views { task } => transactions::views(common, &task, output),
        Task::Accounts { until } => figures::accounts(common, until, output),
        Task::Entries(args) => figures::entries(common, &args, output),
        Task::Bank { task } => figures::bank(common, &task, output),
        Task::Report { task } => figures::report(common, &task, output),
        Task::Chart { task } => chart::chart(common, &task, output),
        Task::Breaks(args) => lists::breaks(common, &args, output),
        Task::Quarantine { task } => care::quarantine(common, &task, output),
        Task::Revision { task } => care::revision(common, &task, output),
        Task::Decide { task } => decide::run(common, &task, output),
        Task::Review(args) => decide::look(common, &args, output),
        Task::Search(args) => search::search(common, &args, output),
        Task::Reconcile => ledger::reconcile(common, output),
        Task::TrialBalance { until, own_chart: true } => own_chart::balance(common, until, output),
        Task::TrialBalance { until, .. } => ledger::trial_balance(common, until, output),
        Task::OwnChart(args) => own_chart::chart(common, &args, output),
        Task::Statement(args) => match &args.task {
            Some(task) => statement::issued(common, task, output),
            None => statement::statement(common, &args, output),
        },
        Task::Export { task: ExportTask::Journal { format, out, force } } => match format {
            JournalFormat::Hledger => ledger::journal(common, &out, force, output),
        },
        Task::Practice { task } => match task {
            PracticeTask::Write { out, season } => practice::write(&out, &season.shop(), output),
            PracticeTask::Serve { out, port, season, cards } => {
                let season = practice::Season { port, shop: season.shop(), cards };
                practice::serve(&season, out.as_deref(), output)
            }
        },
        Task::FileRows { document, page } => lists::file_rows(common, document, &page, output),
        Task::Evidence { line } => lists::evidence(common, line, output),
        Task::StateHash => ledger::state_hash(common, output),
        Task::Verify => ledger::verify(common, output),
        Task::Demo { at, sync } => practice::demo(at, sync, output),
        Task::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut args::command(output.lang), "suanpan", &mut script);
            output.bytes(&script)?;
            Ok(Exit::Fine)
        }
    }
}

/// The channel of an option that the parser has checked.
pub fn channel(code: Option<&str>) -> Option<Channel> {
    code.and_then(Channel::from_code)
}
