//! What `practice` can do.

use crate::practice::Shop;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What the practice shop can do.
#[derive(Subcommand)]
pub enum PracticeTask {
    /// Writes its files.
    Write {
        /// Folder, made when missing.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        season: SeasonArgs,
    },
    /// Speaks the channels' protocols until Ctrl+C.
    Serve {
        /// Folder for the set-up files, made when missing.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Port on 127.0.0.1.
        #[arg(long, value_name = "N", default_value_t = 0)]
        port: u16,
        #[command(flatten)]
        season: SeasonArgs,
        /// Card sales a day at UnionPay and at Stripe.
        #[arg(
            long,
            value_name = "N",
            default_value_t = 0,
            value_parser = clap::value_parser!(u32).range(0..=1000)
        )]
        cards: u32,
    },
}

/// What the practice shop sells, and for how long.
#[derive(Args, Clone, Copy)]
pub struct SeasonArgs {
    /// The same seed gives the same season.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// How many days.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 90,
        value_parser = clap::value_parser!(u32).range(1..=3660)
    )]
    pub days: u32,
    /// Sales a day.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000)
    )]
    pub size: u32,
    /// Leave the planted problems out.
    #[arg(long)]
    pub no_problems: bool,
}

impl SeasonArgs {
    /// The shop they describe.
    pub fn shop(&self) -> Shop {
        let Self { seed, days, size, no_problems } = *self;
        Shop { seed, days, size, no_problems }
    }
}
