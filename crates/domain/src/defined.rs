//! Channels defined by data: no protocol of their own, only files with a row for each sale.
//!
//! A file of such a channel is a table whose mapping names the channel. What was sold on a day,
//! less what was given back and the fee, is paid out in one sum, one or several days later. That is
//! how Chinese acquirers settle; what differs is in the definition. No file of any of them was seen
//! here: every definition waits to be confirmed with a real file.

use crate::tender::{Tender, tender};

/// Who holds the money until it is paid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// A wallet that buyers pay from.
    Wallet,
    /// One contract, many wallets behind it: rows name the wallet and its number of the payment.
    Aggregator,
    /// A bank's payment gateway.
    BankGateway,
    /// The acquirer of a card terminal.
    Terminal,
    /// A carrier that collects on delivery.
    Carrier,
    /// Whatever the shop says.
    Own,
    /// The shop itself: recorded by a person, with no file of anybody's.
    ByHand,
}

impl Family {
    /// The stable code used in JSON and texts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Wallet => "wallet",
            Self::Aggregator => "aggregator",
            Self::BankGateway => "bank_gateway",
            Self::Terminal => "terminal",
            Self::Carrier => "carrier",
            Self::Own => "own",
            Self::ByHand => "by_hand",
        }
    }
}

/// What is known of a channel without a protocol. Its terms are in the dictionary of tenders
/// ([`crate::tender`]), under the same code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The stable code: in files, JSON and account names.
    pub code: &'static str,
    /// What kind of house it is.
    pub family: Family,
    /// What a bank line names as payer, any of these.
    pub payers: &'static [&'static str],
    /// True for one that takes no new payments.
    pub closed: bool,
}

const fn definition(
    code: &'static str,
    family: Family,
    payers: &'static [&'static str],
) -> Definition {
    Definition { code, family, payers, closed: false }
}

/// Every channel defined by data. Their places are stored: new ones come last.
///
/// Source: the names of checklist 1.1.
pub const DEFINITIONS: [Definition; 17] = [
    definition("qq_wallet", Family::Wallet, &["QQ钱包", "QQ 钱包"]),
    Definition {
        closed: true,
        ..definition("baidu_wallet", Family::Wallet, &["百度钱包", "百付宝", "度小满"])
    },
    definition("yeepay", Family::Aggregator, &["易宝支付", "YeePay"]),
    definition("shouqianba", Family::Aggregator, &["收钱吧", "喔噻"]),
    definition("lakala", Family::Terminal, &["拉卡拉"]),
    definition("pos_acquirer", Family::Terminal, &["POS清算", "POS结算"]),
    definition("bank_gateway", Family::BankGateway, &["网银在线", "网关清算"]),
    definition("cod_carrier", Family::Carrier, &["代收货款"]),
    definition("own_1", Family::Own, &[]),
    definition("own_2", Family::Own, &[]),
    definition("own_3", Family::Own, &[]),
    definition("cash", Family::ByHand, &[]),
    definition("pos_slip", Family::ByHand, &[]),
    definition("bank_transfer", Family::ByHand, &[]),
    definition("corporate_remittance", Family::ByHand, &[]),
    definition("cheque", Family::ByHand, &[]),
    definition("prepaid_card", Family::ByHand, &[]),
];

/// One of [`DEFINITIONS`], by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Defined(pub(crate) u8);

impl Definition {
    /// Its terms.
    pub fn tender(&self) -> &'static Tender {
        tender(self.code).expect("every channel is in the dictionary, a test says")
    }
}

impl Defined {
    /// What it is.
    pub fn definition(self) -> &'static Definition {
        &DEFINITIONS[usize::from(self.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Channel;
    use std::collections::HashSet;

    #[test]
    fn a_defined_channel_is_found_by_its_code_and_no_code_stands_twice() {
        let codes: HashSet<&str> = Channel::ALL.iter().map(|channel| channel.code()).collect();
        assert_eq!(codes.len(), Channel::ALL.len());
        for channel in Channel::ALL {
            assert_eq!(Channel::from_code(channel.code()), Some(channel));
        }
    }

    #[test]
    fn no_payer_of_one_channel_is_a_payer_of_another() {
        let payers: Vec<&str> = DEFINITIONS.iter().flat_map(|d| d.payers).copied().collect();
        for (at, payer) in payers.iter().enumerate() {
            assert!(!payers[at + 1..].contains(payer), "{payer}");
            let found = crate::ledger::paying_channel(payer, "").unwrap();
            assert!(found.definition().unwrap().payers.contains(payer), "{payer}");
        }
    }
}
