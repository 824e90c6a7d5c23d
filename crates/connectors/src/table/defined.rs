//! Samples of the channels that are defined by data: what a file of each looks like here.
//!
//! The layouts are ours, after what such houses usually print. None was confirmed with a real
//! file, so a file that looks like one is a suggestion that a person confirms.

use super::mapping::normal;
use domain::Channel;
use std::collections::BTreeSet;

/// Samples by the channel's code.
const SAMPLES: [(&str, &str); 8] = [
    ("qq_wallet", include_str!("../../definitions/qq_wallet.csv")),
    ("baidu_wallet", include_str!("../../definitions/baidu_wallet.csv")),
    ("yeepay", include_str!("../../definitions/yeepay.csv")),
    ("shouqianba", include_str!("../../definitions/shouqianba.csv")),
    ("lakala", include_str!("../../definitions/lakala.csv")),
    ("pos_acquirer", include_str!("../../definitions/pos_acquirer.csv")),
    ("bank_gateway", include_str!("../../definitions/bank_gateway.csv")),
    ("cod_carrier", include_str!("../../definitions/cod_carrier.csv")),
];

/// A sample file of a channel, CSV in UTF-8; `None` for a channel with bills of its own, and for
/// one that the shop defines itself.
pub fn sample(channel: Channel) -> Option<&'static str> {
    SAMPLES.iter().find(|(code, _)| *code == channel.code()).map(|(_, text)| *text)
}

/// The channel whose sample has exactly these headers.
pub(crate) fn channel_of(headers: &[String]) -> Option<Channel> {
    let names = |cells: &mut dyn Iterator<Item = &str>| -> BTreeSet<String> {
        cells.map(normal).filter(|name| !name.is_empty()).collect()
    };
    let present = names(&mut headers.iter().map(String::as_str));
    let hit = SAMPLES.iter().find(|(_, text)| {
        let header = text.lines().next().unwrap_or_default();
        names(&mut header.split(',')) == present
    });
    hit.and_then(|(code, _)| Channel::from_code(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bill::{Fact, TableTarget};
    use crate::table::{Confidence, preview, read};
    use domain::{BalanceKind, DEFINITIONS, Family};

    /// Every row of the sample of a channel under the mapping that is suggested for it.
    fn rows(channel: Channel, target: TableTarget) -> Vec<Fact> {
        let text = sample(channel).unwrap();
        let found = preview(&mut text.as_bytes(), &Default::default()).unwrap();
        let suggestion = found.suggestion.unwrap();
        assert_eq!(suggestion.confidence, Confidence::Likely, "{channel}: a person confirms");
        assert_eq!(suggestion.mapping.channel, Some(channel));
        assert_eq!(suggestion.notes, Vec::new(), "{channel}");
        let mut facts = Vec::new();
        let closing = read(&mut text.as_bytes(), &suggestion.mapping.reading(target), &mut |row| {
            facts.push(row.fact.unwrap_or_else(|problem| panic!("{channel}: {problem:?}")));
            std::ops::ControlFlow::Continue(())
        });
        let closing = closing.unwrap();
        assert_eq!(closing.unknown_columns, Vec::<String>::new(), "{channel}");
        facts
    }

    #[test]
    fn every_channel_but_the_shops_own_has_a_sample_that_is_read_to_the_last_cell() {
        for definition in &DEFINITIONS {
            let channel = Channel::from_code(definition.code).unwrap();
            if matches!(definition.family, Family::Own | Family::ByHand) {
                assert_eq!(sample(channel), None);
                continue;
            }
            let lines = sample(channel).unwrap().lines().count() - 1;
            assert_eq!(rows(channel, TableTarget::Settlements).len(), lines, "{channel}");
        }
    }

    #[test]
    fn a_day_is_paid_out_in_one_sum_that_its_rows_add_up_to() {
        let has_files = |family| !matches!(family, Family::Own | Family::ByHand);
        for definition in DEFINITIONS.iter().filter(|d| has_files(d.family)) {
            let channel = Channel::from_code(definition.code).unwrap();
            let facts = rows(channel, TableTarget::Moves);
            let moved = facts.iter().map(|fact| match fact {
                Fact::Balance(row) => row.amount_minor,
                other => panic!("{other:?}"),
            });
            assert_eq!(moved.sum::<i64>(), 0, "{channel}: what came in is paid out");
            let paid = |fact: &&Fact| matches!(fact, Fact::Balance(row) if row.kind == BalanceKind::Payout);
            assert!(facts.iter().any(|fact| paid(&fact)), "{channel}");
        }
    }

    #[test]
    fn an_aggregators_row_keeps_the_wallet_behind_it_and_its_number() {
        let yeepay = Channel::from_code("yeepay").unwrap();
        let facts = rows(yeepay, TableTarget::Settlements);
        let Fact::Settlement(first) = &facts[0] else { panic!("{:?}", facts[0]) };
        assert_eq!(first.paying_bank, "微信支付");
        assert!(first.note.contains("4200002026030200001"));
        assert_eq!((first.order_amount_minor, first.fee_minor), (12_800, -49));
        let Fact::Settlement(refund) = &facts[2] else { panic!("{:?}", facts[2]) };
        // Printed without a minus; the row's net tells that the fee came back.
        assert_eq!((refund.order_amount_minor, refund.fee_minor), (-3650, 14));
    }
}
