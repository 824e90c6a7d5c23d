//! What a channel's money did of late: the card of a channel, in the window and in the terminal.

use crate::error::Error;
use crate::fees::{FeeCheck, check_fees};
use crate::home::expected;
use crate::lists::freshness;
use crate::order::Sort;
use crate::payouts::{PayoutFilter, PayoutRow, list_payouts};
use crate::sums::{self, Sum};
use crate::transactions::{Source, Sums, TransactionFilter, list_transactions, totals};
use domain::{BusinessDate, Channel};
use store::bulk::{Cell, Reader};

/// How facts of a channel come into the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// It is asked over the network.
    Network,
    /// Somebody imports its files.
    Files,
    /// A person records them at the till.
    Hand,
}

impl Fed {
    /// The stable code: `network`, `files`, `hand`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Files => "files",
            Self::Hand => "hand",
        }
    }
}

/// A payout that is awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextPayout {
    /// The day it is promised for.
    pub day: i32,
    /// Where that day stands, see [`crate::home::ExpectedDay::standing`].
    pub standing: &'static str,
    /// What is promised for it, by currency.
    pub amounts: Vec<Sum>,
}

/// What is known of a channel's business, all its accounts together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Business {
    /// The channel.
    pub channel: Channel,
    /// How its facts come.
    pub fed: Fed,
    /// The last day on which buyers paid, with what they paid by currency.
    pub received: Option<(i32, Vec<Sums>)>,
    /// The newest payout.
    pub last: Option<PayoutRow>,
    /// Fees of that payout, charged and recomputed; `None` where it holds no payment with a fee.
    pub fees: Option<FeeCheck>,
    /// The first payout on its way.
    pub next: Option<NextPayout>,
    /// Every day of its accounts up to this one is complete.
    pub proven_until: Option<i32>,
}

/// The business of every channel that the book has files of, in the order lists show them. A shop's
/// own system takes no money, and a bank is no channel.
///
/// # Errors
/// The database's.
pub fn businesses(reader: &mut Reader, now_ms: i64) -> Result<Vec<Business>, Error> {
    let connected: Vec<Channel> =
        super::list(reader)?.iter().map(|connection| connection.kind.channel()).collect();
    let today = BusinessDate::of_ms(now_ms).days();
    let days = expected(reader)?;
    let known = freshness(reader)?.channels.into_iter().filter_map(Channel::from_code);
    let mut found = Vec::new();
    for channel in known.filter(|channel| *channel != Channel::Shop) {
        let filter = PayoutFilter { channel: Some(channel), ..PayoutFilter::default() };
        let last = list_payouts(reader, &filter, None, 1)?.rows.into_iter().next();
        let fees = last.as_ref().map(|last| check_fees(reader, &last.id)).transpose()?;
        let next = days.iter().find_map(|day| {
            let own = day.payouts.iter().filter(|payout| payout.channel == channel.code());
            let mut amounts = Vec::new();
            own.for_each(|payout| {
                sums::add(&mut amounts, &payout.currency, payout.amount_minor);
            });
            let (day, standing) = (day.day, day.standing(today));
            (!amounts.is_empty()).then_some(NextPayout { day, standing, amounts })
        });
        found.push(Business {
            channel,
            fed: match channel {
                _ if connected.contains(&channel) => Fed::Network,
                _ if channel.is_by_hand() => Fed::Hand,
                _ => Fed::Files,
            },
            received: received(reader, channel)?,
            fees: fees.filter(|fees| fees.payments > 0),
            last,
            next,
            proven_until: proven_until(reader, channel)?,
        });
    }
    Ok(found)
}

fn received(reader: &mut Reader, channel: Channel) -> Result<Option<(i32, Vec<Sums>)>, Error> {
    let filter = TransactionFilter {
        channel: Some(channel),
        kind: Some("payment".to_owned()),
        sort: Sort::Newest,
        ..TransactionFilter::default()
    };
    let newest = list_transactions(reader, &filter, None, 1)?.rows;
    let Some(day) = newest.first().map(|row| row.day) else { return Ok(None) };
    let filter =
        TransactionFilter { from_day: Some(day), until_day: Some(day + 1), ..filter.clone() };
    Ok(Some((day, totals(reader, Source::Trade, &filter)?)))
}

/// The day before the first that is not complete; the last one where all are.
fn proven_until(reader: &mut Reader, channel: Channel) -> Result<Option<i32>, Error> {
    let mut until = None;
    reader.query(
        "select min(case when c.verdict = 'complete' then null else c.day end), min(c.day), \
         max(c.day) from certificate c join channel_account a on a.id = c.account_id \
         where a.channel = $1",
        &[Cell::Text(channel.code())],
        |row| {
            let (open, first, last) = (row.opt_int(0)?, row.opt_int(1)?, row.opt_int(2)?);
            until = match open {
                Some(open) => (Some(open) > first).then_some(open - 1),
                None => last,
            };
            Ok(())
        },
    )?;
    Ok(until.map(|day| day as i32))
}
