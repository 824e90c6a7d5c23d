//! What was paid over the protocol, in the channel's bills: between the shop's own sales of the
//! day, and on the balance from then on.

use super::season::Season;
use crate::day::fee_of;
use crate::model::{Channel, ChannelDay, FundKind, FundRow, Hidden, TradeLine};
use crate::time::At;

const GOODS: &str = "当面收款";

/// An order made over the protocol and paid.
#[derive(Clone, Debug)]
pub(super) struct Sale {
    /// When it was paid.
    pub at: At,
    /// The merchant's number.
    pub order: String,
    /// The channel's number of the payment.
    pub payment: String,
    /// Fen.
    pub total: i64,
}

impl Sale {
    fn line(&self) -> TradeLine {
        TradeLine {
            at: self.at,
            created: self.at,
            payment_id: self.payment.clone(),
            order_id: self.order.clone(),
            refund: None,
            order_amount: self.total,
            settled: self.total,
            subsidy: 0,
            fee: fee_of(self.total),
            goods: GOODS,
            buyer: 1,
            hidden: false,
        }
    }

    /// The sale and its fee as rows of the balance; what they leave is not known here.
    fn rows(&self, channel: Channel) -> impl Iterator<Item = FundRow> {
        let fee = fee_of(self.total);
        let parts = [(FundKind::Payment, self.total), (FundKind::PaymentFee, -fee)];
        let row = move |(at, (kind, amount)): (usize, (FundKind, i64))| FundRow {
            at: self.at,
            kind,
            number: self.payment.clone(),
            ledger: match channel {
                Channel::Wechat => self.payment.clone(),
                Channel::Alipay => format!("{}{at}", self.payment),
            },
            merchant_ref: self.order.clone(),
            order_id: String::new(),
            payment_id: self.payment.clone(),
            amount,
            balance: 0,
            remark: Some((self.total, fee)),
            goods: GOODS,
            buyer: 1,
            hidden: Hidden::No,
        };
        parts.into_iter().filter(|(_, amount)| *amount != 0).enumerate().map(row)
    }
}

impl Season {
    /// The channel's day with the sales of the counter, which have to be in order of time.
    pub(super) fn with(&self, channel: Channel, day: i32, sales: &[Sale]) -> Option<ChannelDay> {
        let own = self.day(channel, day);
        let today: Vec<&Sale> = sales.iter().filter(|sale| sale.at.day == day).collect();
        if own.is_none() && today.is_empty() {
            return None;
        }
        let mut known = own.cloned().unwrap_or_default();
        known.trade.extend(today.iter().map(|sale| sale.line()));
        known.trade.sort_by_key(|line| line.at);
        let before = sales.iter().filter(|sale| sale.at.day < day);
        let mut more: i64 = before.map(|sale| sale.total - fee_of(sale.total)).sum();
        let mut balance = self.balance_before(channel, day) + more;
        let mut left = today.iter().flat_map(|sale| sale.rows(channel)).peekable();
        let mut rows = Vec::with_capacity(known.fund.len());
        for mut row in known.fund {
            while let Some(mut sold) = left.next_if(|sold| sold.at < row.at) {
                more += sold.amount;
                balance += sold.amount;
                sold.balance = balance;
                rows.push(sold);
            }
            row.balance += more;
            balance = row.balance;
            rows.push(row);
        }
        for mut sold in left {
            balance += sold.amount;
            sold.balance = balance;
            rows.push(sold);
        }
        known.fund = rows;
        Some(known)
    }
}
