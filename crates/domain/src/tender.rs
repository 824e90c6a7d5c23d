//! The dictionary of tenders: every way to pay that the program knows, in one table.
//!
//! A tender is a channel of its own (WeChat Pay, cash), or what a buyer paid from behind one (a
//! debit card behind WeChat Pay). Channels take their terms from here. Texts of bills that name a
//! source are looked up here; a text nobody knows is [`other`] and stays as it was written.

mod table;

use crate::Channel;
pub use table::TENDERS;

macro_rules! coded {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident => $code:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Every one, in the order lists show them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code used in JSON and texts.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }
    };
}

coded! {
    /// What kind of money it is.
    Kind {
        /// A wallet that buyers pay from.
        Wallet => "wallet",
        /// A bank card, over whichever rail.
        Card => "card",
        /// A bank account: transfers, gateways, cheques.
        Bank => "bank",
        /// Coins and notes.
        Cash => "cash",
        /// Paid in before: prepaid cards, top-ups.
        StoredValue => "stored_value",
        /// Coupons, points, red packets.
        Promotional => "promotional",
        /// Paid later, to somebody who lends.
        Credit => "credit",
    }
}

coded! {
    /// Who holds the money between the sale and the bank.
    Holder {
        /// The channel, on the merchant's balance there.
        Channel => "channel",
        /// An aggregator or acquirer that pays each day's net.
        Acquirer => "acquirer",
        /// The channel that the buyer paid this through.
        Carrying => "carrying",
        /// A carrier, until it settles.
        Courier => "courier",
        /// The shop: its till, its drawer.
        Shop => "shop",
        /// The shop's bank.
        Bank => "bank",
        /// The buyer, who owes it.
        Buyer => "buyer",
        /// Nobody: it is a discount, no money comes.
        Nobody => "nobody",
    }
}

coded! {
    /// When it becomes money at the bank.
    Arrives {
        /// With a payout, within so many days of the sale.
        PaidOut => "paid_out",
        /// It is there when it is paid.
        AtOnce => "at_once",
        /// When the shop brings it to the bank.
        WhenBanked => "when_banked",
        /// It was banked when the card was sold or topped up.
        Before => "before",
        /// With the channel it was paid through.
        Carrying => "carrying",
        /// As the parties agreed.
        Agreed => "agreed",
        /// Never.
        Never => "never",
    }
}

coded! {
    /// What is charged for it.
    Fee {
        /// A rate of each payment, half-up, by the contract.
        Rate => "rate",
        /// A rate and an amount for each payment.
        RateAndFixed => "rate_and_fixed",
        /// What the row of the file says.
        Row => "row",
        /// As for the channel it was paid through.
        Carrying => "carrying",
        /// A bank's price for clearing, outside the sale.
        Clearing => "clearing",
        /// Nothing.
        None => "none",
    }
}

coded! {
    /// Which way a refund goes.
    Back {
        /// Through the channel, to what the buyer paid from.
        SameWay => "same_way",
        /// From hand to hand, or by a transfer: no channel does it.
        ByHand => "by_hand",
        /// Back onto the card or the member's balance.
        ToCard => "to_card",
        /// With the channel it was paid through.
        Carrying => "carrying",
        /// Not at all: it was a discount.
        Never => "never",
    }
}

coded! {
    /// A value of the dictionary that may wait to be confirmed.
    Field {
        /// [`Tender::kind`].
        Kind => "kind",
        /// [`Tender::holder`].
        Holder => "holder",
        /// [`Tender::arrives`] and [`Tender::promised_days`].
        Arrives => "arrives",
        /// [`Tender::fee`].
        Fee => "fee",
        /// [`Tender::returns_fee`].
        ReturnsFee => "returns_fee",
        /// [`Tender::refund_days`].
        RefundDays => "refund_days",
        /// [`Tender::back`].
        Back => "back",
        /// [`Tender::files`]: no real file was seen.
        Files => "files",
        /// What stands for it in files.
        Aliases => "aliases",
    }
}

/// A way to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tender {
    /// The stable code. That of a channel, where it is one.
    pub code: &'static str,
    /// What kind of money it is.
    pub kind: Kind,
    /// Who holds the money.
    pub holder: Holder,
    /// When it becomes bank money.
    pub arrives: Arrives,
    /// Calendar days from the sale, or from when the shop hands it in, to the bank.
    pub promised_days: Option<i32>,
    /// What is charged.
    pub fee: Fee,
    /// Whether a refund gives the fee back; `None` where nobody says: the row's word is taken.
    pub returns_fee: Option<bool>,
    /// Days within which a sale can be given back; `None` where there is no end or nobody says.
    pub refund_days: Option<u16>,
    /// Which way a refund goes.
    pub back: Back,
    /// Kinds of files that tell of it, as the import names them.
    pub files: &'static [&'static str],
    /// Where its money stands in the ledger until it is at the bank, see
    /// [`Self::ledger_account`].
    pub account: &'static str,
    /// Texts in files that mean it, beside its code; compared by [`plain`].
    pub aliases: &'static [&'static str],
    /// What of all that nobody confirmed.
    pub unconfirmed: &'static [Field],
}

impl Tender {
    /// True when the value is confirmed by the channel's documents or by a file.
    pub fn is_confirmed(&self, field: Field) -> bool {
        !self.unconfirmed.contains(&field)
    }

    /// Where its money stands in the ledger until it is at the bank: the beginning of the account's
    /// name; empty for one that stands on the account of the channel it was paid through.
    pub fn ledger_account(&self) -> String {
        match self.account {
            "assets:balance" => format!("{}:{}", self.account, self.code),
            account => account.to_owned(),
        }
    }

    /// The channel it is; `None` for what is paid through one.
    pub fn channel(&self) -> Option<Channel> {
        Channel::from_code(self.code)
    }
}

/// The tender with this code.
pub fn tender(code: &str) -> Option<&'static Tender> {
    TENDERS.iter().find(|tender| tender.code == code)
}

/// The tender that a channel is. A bank and a shop's own system are none.
pub fn tender_of(channel: Channel) -> Option<&'static Tender> {
    tender(channel.code())
}

/// The tender of everything nobody knows.
pub fn other() -> &'static Tender {
    TENDERS.last().expect("the table is not empty")
}

/// What a text of a bill says the buyer paid from; [`other`] for a text nobody knows. An empty text
/// says nothing.
///
/// A channel may have words of its own: at WeChat Pay `OTHERS` is the balance.
pub fn source_of(channel: Channel, text: &str) -> Option<&'static Tender> {
    let text = plain(text);
    if text.is_empty() {
        return None;
    }
    let own = match (channel, text.as_str()) {
        (Channel::WechatPay, "others" | "余额") => tender("wechat_balance"),
        (Channel::Alipay, "余额") => tender("alipay_balance"),
        _ => None,
    };
    let named = || {
        let is = |word: &&str| plain(word) == text;
        TENDERS.iter().find(|each| plain(each.code) == text || each.aliases.iter().any(is))
    };
    // `ICBC_DEBIT`, 招商银行信用卡: the bank's name and the kind of card.
    let by_card = || {
        const ENDS: [(&str, &str); 8] = [
            ("_debit", "debit_card"),
            ("_credit", "credit_card"),
            ("借记卡", "debit_card"),
            ("储蓄卡", "debit_card"),
            ("贷记卡", "credit_card"),
            ("信用卡", "credit_card"),
            ("debit card", "debit_card"),
            ("credit card", "credit_card"),
        ];
        ENDS.iter().find(|(end, _)| text.ends_with(end)).and_then(|(_, code)| tender(code))
    };
    Some(own.or_else(named).or_else(by_card).unwrap_or_else(other))
}

/// A text as texts are compared: without spaces at its ends, full-width forms narrow, lower case.
pub fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    };
    text.chars().map(narrow).collect::<String>().trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn every_channel_that_takes_money_is_in_the_dictionary() {
        for channel in Channel::ALL {
            let none = matches!(channel, Channel::Bank | Channel::Shop);
            assert_eq!(tender_of(channel).is_none(), none, "{channel}");
        }
    }

    #[test]
    fn a_channels_account_in_the_dictionary_is_the_one_the_ledger_uses() {
        use crate::ledger::{Role, Scope};
        for channel in Channel::ALL {
            let Some(tender) = tender_of(channel) else { continue };
            let (account_no, fund_account) = ("1".to_owned(), "basic".to_owned());
            let scope = Scope { channel, account_no, fund_account };
            let role = match tender.arrives {
                Arrives::Before => Role::StoredValue,
                _ => Role::Balance,
            };
            let (ledger, told) = (scope.account(role), tender.ledger_account());
            assert!(ledger.starts_with(&told) && !told.is_empty(), "{ledger} {told}");
        }
    }

    #[test]
    fn no_text_means_two_tenders_and_the_last_one_means_nothing_by_itself() {
        let mut seen = HashMap::new();
        for tender in TENDERS {
            for word in std::iter::once(&tender.code).chain(tender.aliases) {
                assert_eq!(seen.insert(plain(word), tender.code), None, "{word}");
            }
        }
        assert_eq!((other().code, other().aliases.len()), ("other", 0));
    }

    #[test]
    fn days_are_said_where_money_is_paid_out_and_nowhere_else() {
        for tender in TENDERS {
            let comes =
                matches!(tender.arrives, Arrives::PaidOut | Arrives::AtOnce | Arrives::WhenBanked);
            assert_eq!(tender.promised_days.is_some(), comes, "{}", tender.code);
            let carried = tender.holder == Holder::Carrying;
            assert_eq!(tender.arrives == Arrives::Carrying, carried, "{}", tender.code);
            assert_eq!(tender.fee == Fee::Carrying, carried, "{}", tender.code);
        }
    }

    #[test]
    fn what_bills_call_a_source_is_found_and_what_nobody_knows_is_other() {
        let cases = [
            (Channel::WechatPay, "ICBC_DEBIT", Some("debit_card")),
            (Channel::WechatPay, "CMB_CREDIT", Some("credit_card")),
            (Channel::WechatPay, "OTHERS", Some("wechat_balance")),
            (Channel::Alipay, "OTHERS", Some("other")),
            (Channel::Alipay, "余额", Some("alipay_balance")),
            (Channel::Stripe, "余额", Some("other")),
            (Channel::WechatPay, "零钱", Some("wechat_balance")),
            (Channel::Alipay, "收钱吧", Some("shouqianba")),
            (Channel::Alipay, "创享卡", Some("prepaid_card")),
            (Channel::Alipay, "ＡＬＩＰＡＹＡＣＣＯＵＮＴ", Some("alipay_balance")),
            (Channel::Alipay, " Savings card ", Some("debit_card")),
            (Channel::Alipay, "斗鱼", Some("platform_balance")),
            (Channel::Alipay, "招商银行信用卡", Some("credit_card")),
            (Channel::Alipay, "月光宝盒", Some("other")),
            (Channel::Alipay, "", None),
        ];
        for (channel, text, code) in cases {
            assert_eq!(source_of(channel, text).map(|found| found.code), code, "{text}");
        }
    }
}
