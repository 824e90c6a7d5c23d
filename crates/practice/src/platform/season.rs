//! What happened in the practice shop, as its channels know it.

use super::counter::Sale;
use super::script::BillTwist;
use crate::files::{
    alipay_account_bill, alipay_trade_bill, early_alipay_account_bill, early_alipay_trade_bill,
    wechat_fund_bill, wechat_trade_bill,
};
use crate::model::{Channel, ChannelDay, FundRow, Hidden, TradeLine};
use crate::options::{Options, TradeBill};
use crate::shop::generate;
use crate::time::{At, day_of};
use std::collections::HashMap;

/// What stands in a file that is no bill.
pub(super) const NO_BILL: &str = "系统升级中，账单暂不提供\n";

/// Which bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stream {
    Trade(TradeBill),
    Fund,
}

/// What the channel has for a day.
#[derive(Debug)]
pub(super) enum Offer {
    File(Vec<u8>),
    /// Nothing happened.
    Empty,
    /// Late by the script.
    NotYet,
    /// The shop never had this file: a planted problem that stays one by way of the protocol.
    Lost,
}

/// Both channels' days.
#[derive(Debug)]
pub(super) struct Season {
    options: Options,
    first: i32,
    days: Vec<[ChannelDay; 2]>,
    /// Bills made before anybody asked, see [`Season::make_bills`].
    made: HashMap<(Channel, Stream, i32), Vec<u8>>,
}

impl Season {
    pub(super) fn new(options: &Options) -> Self {
        let days = generate(options).map(|day| [day.wechat, day.alipay]).collect();
        let made = HashMap::new();
        Self { options: options.clone(), first: day_of(options.from), days, made }
    }

    /// Makes every day's bills now: a channel does not make them while it is asked.
    pub(super) fn make_bills(&mut self) {
        for day in (self.first..).take(self.days.len()) {
            for channel in [Channel::Wechat, Channel::Alipay] {
                for stream in [Stream::Trade(TradeBill::All), Stream::Fund] {
                    if let Offer::File(bill) = self.bill(channel, stream, day, &[], &[]) {
                        self.made.insert((channel, stream, day), bill);
                    }
                }
            }
        }
    }

    pub(super) fn day(&self, channel: Channel, day: i32) -> Option<&ChannelDay> {
        let at = usize::try_from(day - self.first).ok()?;
        self.days.get(at).map(|day| &day[channel.index()])
    }

    /// Everything of a channel, day after day.
    fn all(&self, channel: Channel) -> impl Iterator<Item = &ChannelDay> {
        self.days.iter().map(move |day| &day[channel.index()])
    }

    /// A day's bill: the very bytes of the shop's file, as long as nothing was sold at the counter.
    pub(super) fn bill(
        &self,
        channel: Channel,
        stream: Stream,
        day: i32,
        twists: &[BillTwist],
        counter: &[Sale],
    ) -> Offer {
        let plain = twists.is_empty() && counter.is_empty();
        if let Some(bill) = self.made.get(&(channel, stream, day)).filter(|_| plain) {
            return Offer::File(bill.clone());
        }
        let Some(known) = self.with(channel, day, counter) else { return Offer::Empty };
        if twists.contains(&BillTwist::Late) {
            return Offer::NotYet;
        }
        if twists.contains(&BillTwist::Empty) {
            return Offer::Empty;
        }
        let file = match stream {
            Stream::Trade(_) if known.trade_missing => return Offer::Lost,
            Stream::Fund if known.fund_missing => return Offer::Lost,
            _ if twists.contains(&BillTwist::Unreadable) => Some(NO_BILL.as_bytes().to_vec()),
            Stream::Trade(bill) => self.trade_file(channel, bill, day, &known.trade, twists),
            Stream::Fund => self.fund_file(channel, day, &known.fund, twists),
        };
        let cut = twists.contains(&BillTwist::Cut);
        let file = file.map(|mut file| {
            file.truncate(if cut { file.len() / 2 } else { file.len() });
            file
        });
        file.map_or(Offer::Empty, Offer::File)
    }

    fn trade_file(
        &self,
        channel: Channel,
        bill: TradeBill,
        day: i32,
        lines: &[TradeLine],
        twists: &[BillTwist],
    ) -> Option<Vec<u8>> {
        let twisted;
        let lines = if twists.is_empty() {
            lines
        } else {
            twisted = twist(lines, twists, |line, what| match what {
                BillTwist::Changed { .. } => line.order_amount += 1,
                _ => line.hidden = true,
            });
            &twisted
        };
        match channel {
            Channel::Wechat => wechat_trade_bill(lines, bill, &self.options.layout),
            Channel::Alipay if lines.iter().all(|line| line.hidden) => None,
            // A wrong bill is made anew: the right one says that it is the later.
            Channel::Alipay if !twists.is_empty() => early_alipay_trade_bill(lines, day),
            Channel::Alipay => alipay_trade_bill(lines, day, day + 1),
        }
    }

    fn fund_file(
        &self,
        channel: Channel,
        day: i32,
        rows: &[FundRow],
        twists: &[BillTwist],
    ) -> Option<Vec<u8>> {
        let twisted;
        let rows = if twists.is_empty() {
            rows
        } else {
            twisted = twist(rows, twists, |row, what| match what {
                BillTwist::Changed { .. } => row.amount += row.amount.signum(),
                BillTwist::Contradictory { .. } => row.hidden = Hidden::SummaryIntact,
                _ => row.hidden = Hidden::SummaryAdjusted,
            });
            &twisted
        };
        let layout = &self.options.layout;
        match channel {
            Channel::Wechat => wechat_fund_bill(rows, layout),
            Channel::Alipay if !twists.is_empty() => early_alipay_account_bill(rows, day, layout),
            Channel::Alipay => alipay_account_bill(rows, day, day + 1, layout),
        }
    }

    /// The payment of this order, or with this number at the channel, made by `now`.
    pub(super) fn payment(&self, channel: Channel, number: &str, now: At) -> Option<&TradeLine> {
        let lines = self.all(channel).flat_map(|day| &day.trade);
        let mut paid = lines.filter(|line| line.refund.is_none() && line.at <= now);
        paid.find(|line| line.order_id == number || line.payment_id == number)
    }

    /// The refunds of a payment, asked for by `now`.
    pub(super) fn refunds_of(&self, channel: Channel, payment: &str, now: At) -> Vec<&TradeLine> {
        let lines = self.all(channel).flat_map(|day| &day.trade);
        lines.filter(|l| l.refund.is_some() && l.payment_id == payment && l.at <= now).collect()
    }

    /// The refund with the shop's number.
    pub(super) fn refund(&self, channel: Channel, number: &str, now: At) -> Option<&TradeLine> {
        let mut lines = self.all(channel).flat_map(|day| &day.trade);
        lines.find(|line| {
            line.at <= now && line.refund.as_ref().is_some_and(|part| part.merchant_id == number)
        })
    }

    /// Rows of the balance that its file shows, from a moment until before another.
    pub(super) fn rows(&self, channel: Channel, from: At, until: At) -> Vec<&FundRow> {
        let days = self.all(channel).filter(|day| !day.fund_missing);
        days.flat_map(|day| &day.fund)
            .filter(|row| row.hidden == Hidden::No && (from..until).contains(&row.at))
            .collect()
    }

    /// The shop's own balance before a day's first row.
    pub(super) fn balance_before(&self, channel: Channel, day: i32) -> i64 {
        self.balance(channel, At { day: day - 1, sec: crate::time::DAY_SECS - 1 })
    }

    /// The balance after the last row by `now`.
    pub(super) fn balance(&self, channel: Channel, now: At) -> i64 {
        let days = self.days.iter().rev().map(|day| &day[channel.index()]);
        let mut rows = days.flat_map(|day| day.fund.iter().rev());
        rows.find(|row| row.at <= now).map_or(0, |row| row.balance)
    }
}

/// The rows with what the script wants to be wrong.
fn twist<Row: Clone>(
    rows: &[Row],
    twists: &[BillTwist],
    mark: impl Fn(&mut Row, BillTwist),
) -> Vec<Row> {
    let mut rows = rows.to_vec();
    for twist in twists {
        let at = |row: usize| row % rows.len().max(1);
        match *twist {
            BillTwist::Missing { row }
            | BillTwist::Contradictory { row }
            | BillTwist::Changed { row } => {
                let at = at(row);
                if let Some(row) = rows.get_mut(at) {
                    mark(row, *twist);
                }
            }
            BillTwist::Doubled { row } => {
                if let Some(double) = rows.get(at(row)).cloned() {
                    rows.insert(at(row), double);
                }
            }
            BillTwist::Reordered => rows.reverse(),
            BillTwist::Late
            | BillTwist::Empty
            | BillTwist::Cut
            | BillTwist::WrongHash
            | BillTwist::Unreadable => {}
        }
    }
    rows
}
