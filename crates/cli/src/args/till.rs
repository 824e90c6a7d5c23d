//! What `till` can do.

use super::{By, day};
use backoffice::BusinessDate;
use backoffice::till::Tender;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Money taken by hand.
#[derive(Subcommand)]
pub enum TillTask {
    /// A buyer paid.
    Receive {
        /// How much, in the major unit.
        #[arg(value_name = "AMOUNT")]
        amount: String,
        /// With what.
        #[arg(long, value_name = "TENDER", value_parser = tenders(), default_value = "cash")]
        tender: String,
        /// What else is known.
        #[command(flatten)]
        said: Box<SaidArgs>,
    },
    /// A prepaid card was sold or filled.
    Card {
        /// Number of the card.
        #[arg(value_name = "CARD")]
        card_no: String,
        /// How much, in the major unit.
        #[arg(value_name = "AMOUNT")]
        amount: String,
        /// With what it was paid for.
        #[arg(long, value_name = "TENDER", value_parser = tenders(), default_value = "cash")]
        tender: String,
        /// What else is known.
        #[command(flatten)]
        said: Box<SaidArgs>,
    },
    /// What stands on a prepaid card is owed no more.
    Breakage {
        /// Number of the card.
        #[arg(value_name = "CARD")]
        card_no: String,
        /// How much; all that is left without it.
        #[arg(value_name = "AMOUNT")]
        amount: Option<String>,
        /// What else is known.
        #[command(flatten)]
        said: Box<SaidArgs>,
    },
    /// A buyer got money back.
    Refund {
        /// Number of the receipt.
        #[arg(value_name = "NUMBER")]
        of: String,
        /// How much; all that is left without it.
        #[arg(value_name = "AMOUNT")]
        amount: Option<String>,
        /// With what; as it was paid without it.
        #[arg(long, value_name = "TENDER", value_parser = tenders())]
        tender: Option<String>,
        /// The shop's number of the refund.
        #[arg(long, value_name = "NUMBER")]
        refund_id: Option<String>,
        /// What else is known.
        #[command(flatten)]
        said: Box<SaidArgs>,
    },
    /// Change was put into the till.
    Float(CashArgs),
    /// Cash was taken out for something else than the bank.
    Take(CashArgs),
    /// Cash went to the bank.
    Drop(CashArgs),
    /// What became of a cheque.
    Cheque {
        /// It went to the bank, or was not honoured.
        #[arg(
            value_name = "deposit|bounce",
            value_parser = PossibleValuesParser::new(["deposit", "bounce"])
        )]
        step: String,
        /// Number of its receipt.
        #[arg(value_name = "NUMBER")]
        of: String,
        /// What else is known.
        #[command(flatten)]
        said: Box<SaidArgs>,
    },
    /// The slips of a batch went to the acquirer.
    Batch {
        /// Number of the batch.
        #[arg(value_name = "BATCH")]
        batch_no: String,
        /// What the acquirer keeps, in the major unit.
        #[arg(long, value_name = "AMOUNT")]
        fee: Option<String>,
        /// What else is known.
        #[command(flatten)]
        said: Box<SaidArgs>,
    },
    /// The till was counted.
    Count {
        /// Notes and coins, such as 100x3.
        #[arg(value_name = "NOTES")]
        notes: Vec<String>,
        /// Only the sum, in the major unit.
        #[arg(long, value_name = "AMOUNT", conflicts_with = "notes")]
        sum: Option<String>,
        /// What else is known.
        #[command(flatten)]
        said: Box<SaidArgs>,
    },
    /// Takes a record back that was wrong.
    Reverse {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        of: String,
        /// What else is known.
        #[command(flatten)]
        said: Box<SaidArgs>,
    },
    /// What was recorded.
    List {
        /// With what.
        #[arg(long, value_name = "TENDER", value_parser = tenders())]
        tender: Option<String>,
        /// Which till, terminal or account.
        #[arg(long, value_name = "NAME")]
        till: Option<String>,
        /// First day.
        #[arg(long, value_name = "DATE", value_parser = day)]
        from: Option<BusinessDate>,
        /// Last day.
        #[arg(long, value_name = "DATE", value_parser = day)]
        to: Option<BusinessDate>,
        /// Of which order.
        #[arg(long, value_name = "NUMBER")]
        order: Option<String>,
        /// Rows at most.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: Option<u32>,
    },
    /// The day sheet, to be printed and signed.
    Sheet {
        /// File to write: .pdf, .xlsx or .csv.
        #[arg(value_name = "FILE")]
        out: PathBuf,
        /// Which day; today without it.
        #[arg(long, value_name = "DATE", value_parser = day)]
        day: Option<BusinessDate>,
        /// Which till, terminal or account.
        #[arg(long, value_name = "NAME")]
        till: Option<String>,
        /// Writes over an existing file.
        #[arg(long)]
        force: bool,
    },
    /// One record with everything about it.
    Show {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        of: String,
    },
    /// One prepaid card with everything that moved on it.
    Moves {
        /// Number of the card.
        #[arg(value_name = "CARD")]
        card_no: String,
    },
    /// Keeps pictures or PDFs beside a record.
    Attach {
        /// Number of the record.
        #[arg(value_name = "NUMBER")]
        of: String,
        /// The files.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// Saves an attachment as it came.
    Attachment {
        /// Its number, as `show` tells it.
        #[arg(value_name = "NUMBER")]
        id: i64,
        /// Where to.
        #[arg(value_name = "FILE")]
        out: PathBuf,
        /// Replaces what is there.
        #[arg(long)]
        force: bool,
    },
    /// What is in hand: tills, slips, cheques, and what prepaid cards are owed.
    Day,
}

/// Cash put in or taken out.
#[derive(Args)]
pub struct CashArgs {
    /// How much, in the major unit.
    #[arg(value_name = "AMOUNT")]
    pub amount: String,
    /// What else is known.
    #[command(flatten)]
    pub said: Box<SaidArgs>,
}

/// What is said of a record beside its amount.
#[derive(Args)]
pub struct SaidArgs {
    /// Till, terminal or account of ours.
    #[arg(long, value_name = "NAME")]
    pub till: Option<String>,
    /// The shop's order.
    #[arg(long, value_name = "NUMBER")]
    pub order: Option<String>,
    /// When it happened.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who paid.
    #[arg(long, value_name = "TEXT")]
    pub payer: Option<String>,
    /// Which bank.
    #[arg(long, value_name = "TEXT")]
    pub bank: Option<String>,
    /// The bank's serial number.
    #[arg(long, value_name = "NUMBER")]
    pub bank_ref: Option<String>,
    /// Number of the cheque.
    #[arg(long, value_name = "NUMBER")]
    pub cheque_no: Option<String>,
    /// Day the cheque is due.
    #[arg(long, value_name = "DATE")]
    pub due: Option<String>,
    /// Number of the batch.
    #[arg(long, value_name = "NUMBER")]
    pub batch: Option<String>,
    /// Last four figures of the card.
    #[arg(long, value_name = "FIGURES")]
    pub last4: Option<String>,
    /// Authorization of the slip.
    #[arg(long, value_name = "CODE")]
    pub authorization: Option<String>,
    /// The acquirer's number of the slip.
    #[arg(long, value_name = "NUMBER")]
    pub reference: Option<String>,
    /// Number of the prepaid card.
    #[arg(long, value_name = "NUMBER")]
    pub card: Option<String>,
    /// Anything worth reading.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Made once for each record: the same again records nothing more.
    #[arg(long, value_name = "TEXT")]
    pub nonce: Option<String>,
    /// Pictures or PDFs to keep beside it.
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    /// Who.
    #[command(flatten)]
    pub by: By,
}

fn tenders() -> PossibleValuesParser {
    PossibleValuesParser::new(Tender::ALL.map(Tender::code))
}
