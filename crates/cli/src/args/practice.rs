//! What `practice` can do.

use clap::Subcommand;
use std::path::PathBuf;

/// What the practice shop can do.
#[derive(Subcommand)]
pub enum PracticeTask {
    /// Writes its files.
    Write {
        /// Folder, made when missing.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// The same seed gives the same files.
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// How many days.
        #[arg(
            long,
            value_name = "N",
            default_value_t = 90,
            value_parser = clap::value_parser!(u32).range(1..=3660)
        )]
        days: u32,
        /// Sales a day.
        #[arg(
            long,
            value_name = "N",
            default_value_t = 20,
            value_parser = clap::value_parser!(u32).range(1..=1_000_000)
        )]
        size: u32,
        /// Leave the planted problems out.
        #[arg(long)]
        no_problems: bool,
    },
    /// Speaks the channels' protocols until Ctrl+C.
    Serve {
        /// Folder for the set-up files, made when missing.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Port on 127.0.0.1.
        #[arg(long, value_name = "N", default_value_t = 0)]
        port: u16,
        /// The same seed gives the same season on the same day.
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// How many days.
        #[arg(
            long,
            value_name = "N",
            default_value_t = 90,
            value_parser = clap::value_parser!(u32).range(1..=366)
        )]
        days: u32,
        /// Sales a day.
        #[arg(
            long,
            value_name = "N",
            default_value_t = 20,
            value_parser = clap::value_parser!(u32).range(1..=20_000)
        )]
        size: u32,
        /// Card sales a day at UnionPay and at Stripe.
        #[arg(
            long,
            value_name = "N",
            default_value_t = 0,
            value_parser = clap::value_parser!(u32).range(0..=1000)
        )]
        cards: u32,
        /// Leave the planted problems out.
        #[arg(long)]
        no_problems: bool,
    },
}
