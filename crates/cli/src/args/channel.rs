//! Commands about channels that are asked over the network.

use super::{By, day};
use backoffice::BusinessDate;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The dictionary of tenders.
#[derive(Args)]
pub struct TendersArgs {
    /// Say what this text of a bill means.
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,
    /// In a bill of this channel, which may have words of its own.
    #[arg(long, value_name = "CODE", requires = "text")]
    pub channel: Option<String>,
    /// The texts that the book's bills have, and what they mean.
    #[arg(long, conflicts_with = "text")]
    pub used: bool,
}

/// Connections.
#[derive(Subcommand)]
pub enum ChannelTask {
    /// Which, and how healthy.
    List,
    /// How asking each of them went of late.
    Health,
    /// What each kind is set up with.
    Kinds,
    /// Channels known by their files alone.
    Defined {
        /// Write a sample file of this one.
        #[arg(long, value_name = "CODE")]
        sample: Option<String>,
        /// Give one of the shop's own a name; an empty one takes it away.
        #[arg(long, num_args = 2, value_names = ["CODE", "NAME"], conflicts_with = "sample")]
        name: Option<Vec<String>>,
        /// With the names given in the book.
        #[arg(long, conflicts_with = "sample")]
        named: bool,
    },
    /// Connects an account.
    Add {
        /// The set-up file, `-` for standard input.
        #[arg(long, value_name = "FILE.json|-")]
        file: PathBuf,
        /// A key file beside it.
        #[arg(long, value_name = "FILE.pfx")]
        pfx: Option<PathBuf>,
        /// What the merchant calls it.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// First day that is asked for.
        #[arg(long, value_name = "DATE", value_parser = day)]
        from: Option<BusinessDate>,
        /// Check the keys first, and keep nothing when they do not work.
        #[arg(long)]
        test: bool,
        /// Who.
        #[command(flatten)]
        by: By,
        /// How to get out of the house.
        #[command(flatten)]
        net: NetArgs,
    },
    /// Tries the keys.
    Test {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        id: i64,
        /// How to get out of the house.
        #[command(flatten)]
        net: NetArgs,
    },
    /// Gives it new keys.
    Keys {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        id: i64,
        /// The set-up file, `-` for standard input.
        #[arg(long, value_name = "FILE.json|-")]
        file: PathBuf,
        /// A key file beside it.
        #[arg(long, value_name = "FILE.pfx")]
        pfx: Option<PathBuf>,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// Lets the other keys sign: the way back while keys change.
    UseKeys {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        id: i64,
        /// Number of the keys, as `channel list --json` tells it.
        #[arg(value_name = "KEYS")]
        keys: i64,
    },
    /// Takes keys away that do not sign: the end of a change.
    RetireKeys {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        id: i64,
        /// Number of the keys.
        #[arg(value_name = "KEYS")]
        keys: i64,
    },
    /// The key this computer seals channels' keys with, in a book on a server.
    #[command(subcommand)]
    Seat(SeatTask),
    /// The days of one, stream by stream.
    Days {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        id: i64,
    },
    /// Gives it another name.
    Rename {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        id: i64,
        /// The name.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Stops asking it by itself.
    Pause {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        id: i64,
    },
    /// Asks it by itself again.
    Resume {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        id: i64,
    },
    /// Takes it away with its keys.
    Remove {
        /// Its number.
        #[arg(value_name = "NUMBER")]
        id: i64,
    },
}

/// What is done with this computer's key.
#[derive(Subcommand)]
pub enum SeatTask {
    /// Whether it has one.
    Show,
    /// Writes it to a file for another computer, wrapped by a passphrase.
    Export {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Takes the key that another computer wrote.
    Import {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// How calls leave the house.
#[derive(Args, Clone, Default)]
pub struct NetArgs {
    /// Straight, whatever the computer's settings say.
    #[arg(long, conflicts_with = "proxy")]
    pub direct: bool,
    /// Through this proxy.
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
}

/// Options of `sync`.
#[derive(Args)]
pub struct SyncArgs {
    /// Numbers of connections; without any, all that are not paused.
    #[arg(value_name = "NUMBER")]
    pub connections: Vec<i64>,
    /// Also what failed a short while ago.
    #[arg(long)]
    pub force: bool,
    /// Go on until Ctrl+C: ask each connection whenever its time has come.
    #[arg(long, conflicts_with_all = ["force", "connections", "again"])]
    pub watch: bool,
    /// Also bills of these days that were read before the last of them was over.
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"], value_parser = day)]
    pub again: Option<Vec<BusinessDate>>,
    /// Also over a line that is paid for by the byte.
    #[arg(long, alias = "metered")]
    pub anyway: bool,
    /// How to get out of the house.
    #[command(flatten)]
    pub net: NetArgs,
}
