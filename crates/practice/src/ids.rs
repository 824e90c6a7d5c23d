//! Numbers in the shapes the channels give them.

use crate::model::Channel;
use crate::time::{compact_date, push_padded};

/// `prefix`, the date, and `seq` in `width` digits.
fn dated(prefix: &str, day: i32, middle: &str, seq: u64, width: usize) -> String {
    let mut id = String::with_capacity(32);
    id.push_str(prefix);
    id.push_str(&compact_date(day));
    id.push_str(middle);
    push_padded(&mut id, seq, width);
    id
}

/// Counters behind the numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    order: u64,
    payment: [u64; 2],
    refund: u64,
    ledger: u64,
    other: u64,
    bank: u64,
}

impl Ids {
    /// Order, payment and ledger numbers start anew each day.
    pub(crate) fn new_day(&mut self) {
        self.order = 0;
        self.payment = [0; 2];
        self.ledger = 0;
        self.bank = 0;
    }

    pub(crate) fn order(&mut self, day: i32) -> String {
        self.order += 1;
        dated("SP", day, "", self.order, 6)
    }

    pub(crate) fn payment(&mut self, channel: Channel, day: i32) -> String {
        let seq = &mut self.payment[channel.index()];
        *seq += 1;
        match channel {
            Channel::Wechat => dated("4200000000", day, "", *seq, 10),
            Channel::Alipay => dated("", day, "220014000105", *seq, 8),
        }
    }

    /// The channel's and the shop's refund number; Alipay has none of its own.
    pub(crate) fn refund(&mut self, channel: Channel, day: i32) -> (String, String) {
        self.refund += 1;
        let ours = dated("RF", day, "", self.refund, 8);
        match channel {
            Channel::Wechat => (dated("5030000000", day, "", self.refund, 11), ours),
            Channel::Alipay => (String::new(), ours),
        }
    }

    pub(crate) fn payout(&mut self, channel: Channel, day: i32) -> String {
        self.other += 1;
        match channel {
            Channel::Wechat => dated("", day, "14", self.other, 15),
            Channel::Alipay => dated("", day, "110070001502560000", self.other, 6),
        }
    }

    /// Number of anything else on the balance: a split, a hold, a charge.
    pub(crate) fn other(&mut self, channel: Channel, day: i32) -> String {
        self.other += 1;
        match channel {
            Channel::Wechat => dated("3000", day, "", self.other, 14),
            Channel::Alipay => dated("", day, "0008", self.other, 16),
        }
    }

    /// A WeChat ledger number of a row that is no trade.
    pub(crate) fn wechat_ledger(&mut self, day: i32) -> String {
        self.other += 1;
        dated(crate::WECHAT_MERCHANT, day, "", self.other, 10)
    }

    /// An Alipay ledger number; rows of a day count up.
    pub(crate) fn alipay_ledger(&mut self, day: i32) -> String {
        self.ledger += 1;
        dated("", day, "00032", self.ledger, 12)
    }

    pub(crate) fn bank(&mut self, day: i32) -> String {
        self.bank += 1;
        dated("BK", day, "", self.bank, 6)
    }
}
