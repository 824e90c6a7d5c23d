//! Channels, the streams of facts they give, and the accounts money sits in.

use crate::defined::{DEFINITIONS, Defined, Definition, Family};
use std::fmt;

/// Where money facts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// WeChat Pay, direct merchant.
    WechatPay,
    /// Alipay, China.
    Alipay,
    /// UnionPay.
    UnionPay,
    /// Stripe.
    Stripe,
    /// A bank account.
    Bank,
    /// The shop's own order system.
    Shop,
    /// A channel that is known by its definition alone, see [`Definition`].
    Defined(Defined),
}

impl Channel {
    /// Every channel, in the order lists show them. Their places are stored: new ones come last.
    pub const ALL: [Self; 6 + DEFINITIONS.len()] = {
        let mut all = [Self::Shop; 6 + DEFINITIONS.len()];
        [all[0], all[1], all[2]] = [Self::WechatPay, Self::Alipay, Self::UnionPay];
        [all[3], all[4], all[5]] = [Self::Stripe, Self::Bank, Self::Shop];
        let mut at = 0;
        while at < DEFINITIONS.len() {
            all[6 + at] = Self::Defined(Defined(at as u8));
            at += 1;
        }
        all
    };

    /// The stable code used in files, JSON and account names.
    pub fn code(self) -> &'static str {
        match self {
            Self::WechatPay => "wechat_pay",
            Self::Alipay => "alipay",
            Self::UnionPay => "union_pay",
            Self::Stripe => "stripe",
            Self::Bank => "bank",
            Self::Shop => "shop",
            Self::Defined(defined) => defined.definition().code,
        }
    }

    /// What it is known by, when nothing else is.
    pub fn definition(self) -> Option<&'static Definition> {
        match self {
            Self::Defined(defined) => Some(defined.definition()),
            _ => None,
        }
    }

    /// The channel with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.code() == code)
    }

    /// True for a tender that a person records: cash, a cheque, a transfer from a buyer.
    pub fn is_by_hand(self) -> bool {
        self.definition().is_some_and(|known| known.family == Family::ByHand)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One kind of fact file of an account; a certificate is per account, stream and day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// Trade bill: settlement lines.
    Trade,
    /// Fund or account bill: balance transactions.
    Fund,
    /// Bank statement lines.
    Bank,
    /// Orders of the shop.
    Orders,
    /// Refund instructions of the shop.
    Refunds,
    /// Which rows each payout is made of, as the channel lists them. No file is of this stream:
    /// the lists stand beside fund rows.
    Payouts,
}

impl Stream {
    /// Every stream.
    pub const ALL: [Self; 6] =
        [Self::Trade, Self::Fund, Self::Bank, Self::Orders, Self::Refunds, Self::Payouts];

    /// The stable code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Fund => "fund",
            Self::Bank => "bank",
            Self::Orders => "orders",
            Self::Refunds => "refunds",
            Self::Payouts => "payouts",
        }
    }

    /// The stream with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stream| stream.code() == code)
    }
}

/// Which of a merchant's accounts at the channel a fund bill is about.
///
/// WeChat Pay has three; every other channel has only `Basic`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FundAccount {
    /// Receipts; payouts leave from here.
    Basic,
    /// Outgoing transfers.
    Operation,
    /// Prepaid fees.
    Fees,
}

impl FundAccount {
    /// The stable code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Operation => "operation",
            Self::Fees => "fees",
        }
    }

    /// The account with this code (any case).
    pub fn from_code(code: &str) -> Option<Self> {
        match code.to_ascii_lowercase().as_str() {
            "basic" => Some(Self::Basic),
            "operation" => Some(Self::Operation),
            "fees" => Some(Self::Fees),
            _ => None,
        }
    }
}
