//! Sums of money, one for each currency: what is of several currencies is never added up.

use domain::Currency;
use serde::Serialize;

/// A sum of one currency.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Sum {
    /// Currency.
    pub currency: String,
    /// Minor units of it.
    pub amount_minor: i64,
}

/// Adds an amount to the sum of its currency. Sums stand in the order of [`rank`].
pub(crate) fn add(sums: &mut Vec<Sum>, currency: &str, amount_minor: i64) {
    match sums.binary_search_by(|sum| rank(&sum.currency).cmp(&rank(currency))) {
        Ok(at) => sums[at].amount_minor += amount_minor,
        Err(at) => sums.insert(at, Sum { currency: currency.to_owned(), amount_minor }),
    }
}

/// The yuan first, which the company keeps its books in, then the others by code.
pub(crate) fn rank(currency: &str) -> (bool, &str) {
    (currency != Currency::CNY.code(), currency)
}

/// Nothing, of the yuan: where no amount says a currency.
pub(crate) fn nothing() -> Sum {
    Sum { currency: Currency::CNY.to_string(), amount_minor: 0 }
}

/// The first of several sums, for a place that has room for one.
pub fn first(sums: &[Sum]) -> Sum {
    sums.first().cloned().unwrap_or_else(nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_yuan_comes_first_and_currencies_are_never_added_up() {
        let mut sums = Vec::new();
        for (currency, amount_minor) in [("USD", 5), ("JPY", 700), ("CNY", 1), ("USD", -2)] {
            add(&mut sums, currency, amount_minor);
        }
        let said: Vec<_> = sums.iter().map(|sum| (&*sum.currency, sum.amount_minor)).collect();
        assert_eq!(said, [("CNY", 1), ("JPY", 700), ("USD", 3)]);
        assert_eq!(first(&sums).amount_minor, 1);
        assert_eq!(first(&[]), nothing());
    }
}
