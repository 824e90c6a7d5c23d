//! Parts of a fee, where a channel tells them: its own price, tax on it, a platform's share.

use crate::paid::{AGGREGATOR_FEE, SERVICE_FEE, UNDERLYING_FEE};

/// Further columns of a row that are parts of its fee begin so: `fee:tax`. Their values are minor
/// units, signed by effect as the fee is.
const COLUMN: &str = "fee:";
/// The channel's own price among the parts; everything else stands beside it. What an aggregator
/// charges is one price, whichever of it goes on to the wallet.
const OWN: [&str; 4] = ["stripe_fee", SERVICE_FEE, UNDERLYING_FEE, AGGREGATOR_FEE];

/// A part of a fee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeePart {
    /// The channel's word for it: an open list.
    pub name: String,
    /// Minor units; negative is taken, positive given back.
    pub amount_minor: i64,
}

impl FeePart {
    /// The column that carries it.
    pub fn column(&self) -> (String, String) {
        (format!("{COLUMN}{}", self.name), self.amount_minor.to_string())
    }

    /// The part that a column carries; `None` for any other column.
    pub fn of_column(name: &str, value: &str) -> Option<Self> {
        let (name, amount) = (name.strip_prefix(COLUMN)?, value.parse());
        Some(Self { name: name.to_owned(), amount_minor: amount.ok()? })
    }

    /// True for the channel's own price, which its terms say.
    pub fn is_own(&self) -> bool {
        OWN.contains(&self.name.as_str())
    }
}

/// What of a row's fee is not the channel's own price, minor units; 0 where no parts are told.
pub fn fee_beside_minor(extra: &[(String, String)]) -> i64 {
    let parts = extra.iter().filter_map(|(name, value)| FeePart::of_column(name, value));
    let beside = parts.filter(|part| !part.is_own());
    beside.fold(0, |sum: i64, part| sum.saturating_add(part.amount_minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_comes_back_from_its_column_and_the_own_price_is_not_beside_itself() {
        let part = |name: &str, amount_minor| FeePart { name: name.to_owned(), amount_minor };
        let parts = [part("stripe_fee", -320), part("tax", -61), part("application_fee", -100)];
        let mut extra: Vec<_> = parts.iter().map(FeePart::column).collect();
        extra.push(("source_currency".to_owned(), "eur".to_owned()));
        let read = extra.iter().filter_map(|(name, value)| FeePart::of_column(name, value));
        assert_eq!(read.collect::<Vec<_>>(), parts);
        assert_eq!(fee_beside_minor(&extra), -161);
        assert_eq!(fee_beside_minor(&extra[3..]), 0);
    }
}
