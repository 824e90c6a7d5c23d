//! Commands that look after a book: rows set aside, bills that differ, statements given out, and
//! the ways in.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Rows set aside.
#[derive(Subcommand)]
pub enum QuarantineTask {
    /// Which, and why.
    List {
        /// Mended ones too.
        #[arg(long)]
        all: bool,
        /// Rows at most.
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
        /// Where the page before ended.
        #[arg(long, value_name = "DOCUMENT:LINE", value_parser = super::place)]
        cursor: Option<(i64, u32)>,
    },
    /// Reads one again in other words.
    Mend {
        /// Document and line number.
        #[arg(value_name = "DOCUMENT:LINE", value_parser = super::place)]
        line: (i64, u32),
        /// The row as it should be.
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        text: String,
    },
}

/// Bills of one day that differ.
#[derive(Subcommand)]
pub enum RevisionTask {
    /// Which, and where they part.
    List,
    /// Says which of them is the later.
    Choose {
        /// Document id.
        #[arg(value_name = "DOCUMENT")]
        document: i64,
    },
}

/// Statements given out.
#[derive(Subcommand)]
pub enum StatementTask {
    /// Which.
    List,
    /// Whether a file is one of them.
    Verify {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Changes of the ways into a book.
#[derive(Subcommand)]
pub enum UnlockTask {
    /// Lets this computer's keyring open it too.
    Add {
        /// Which way.
        #[arg(value_name = "WAY", value_parser = PossibleValuesParser::new(["keyring"]))]
        way: String,
    },
    /// Takes a way in away.
    Remove {
        /// Which way.
        #[arg(
            value_name = "WAY",
            value_parser = PossibleValuesParser::new(["keyring", "passphrase", "recovery_code"])
        )]
        way: String,
    },
    /// Sets another passphrase.
    Passphrase,
    /// Makes another recovery code.
    NewCode,
}

/// Small settings of a book.
#[derive(Args)]
pub struct SettingsArgs {
    /// Where the signs of Alipay's fees come from.
    #[arg(long, value_name = "RULE", value_parser = fee_signs())]
    pub fee_signs: Option<String>,
    /// Whether a window that has the book open asks its channels by itself.
    #[arg(long, value_name = "YES", value_parser = PossibleValuesParser::new(["yes", "no"]))]
    pub fetch_by_itself: Option<String>,
    /// The same over a line that is paid for by the byte.
    #[arg(long, value_name = "YES", value_parser = PossibleValuesParser::new(["yes", "no"]))]
    pub fetch_metered: Option<String>,
}

/// Rules for the signs of Alipay's fees.
pub fn fee_signs() -> PossibleValuesParser {
    PossibleValuesParser::new(["by_kind", "as_printed"])
}
