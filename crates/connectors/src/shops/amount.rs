//! Amounts of shops as minor units: exact where they fit, rounded by a named rule where not.
//!
//! Medusa does not round to a currency: 12.50 + 7.95 + 4.90 at 19 % is `30.1665`, and so is its
//! payment. What a payment service was asked for can only be a whole minor unit. Each capture and
//! each refund is rounded by itself, *half away from zero*, and keeps its exact text.

use super::Unreadable;
use domain::{Currency, Money};
use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::str::FromStr;

/// A number as it stands in the JSON, bare or as text: never a float.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Number(pub String);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get().trim();
        let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        Ok(Self(bare.unwrap_or(text).to_owned()))
    }
}

/// An amount in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Minor units of the order's currency.
    pub minor: i64,
    /// The amount in major units as the shop keeps it, where it had to be rounded.
    pub exact: Option<String>,
}

/// Why something is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongAmount {
    /// Not a plain decimal number.
    NotANumber,
    /// A whole number was promised.
    NotWhole,
    /// Beyond every range.
    OutOfRange,
}

impl Amount {
    /// An amount in major units: `30.1665`, `-5.25`, `1e-7`.
    ///
    /// # Errors
    /// [`WrongAmount`].
    pub fn major(text: &str, currency: Currency) -> Result<Self, WrongAmount> {
        Self::of(decimal(text)?, currency)
    }

    /// A whole number that counts the `decimals`th part of a major unit: Vendure's one precision
    /// for all currencies, so a yen may be written as `100`.
    ///
    /// # Errors
    /// [`WrongAmount`].
    pub fn scaled(text: &str, decimals: u32, currency: Currency) -> Result<Self, WrongAmount> {
        let whole = decimal(text)?;
        if !whole.fract().is_zero() {
            return Err(WrongAmount::NotWhole);
        }
        let whole = whole.to_i64().ok_or(WrongAmount::OutOfRange)?;
        if decimals > 12 {
            return Err(WrongAmount::OutOfRange);
        }
        Self::of(Decimal::new(whole, decimals), currency)
    }

    fn of(exact: Decimal, currency: Currency) -> Result<Self, WrongAmount> {
        let places = currency.decimals();
        let rounded = exact.round_dp_with_strategy(places, MidpointAwayFromZero);
        let unit = Decimal::from(10_i64.pow(places));
        let minor = rounded.checked_mul(unit).and_then(|minor| minor.to_i64());
        let minor = minor.filter(|minor| minor.unsigned_abs() <= Money::MINOR_MAX as u64);
        Ok(Self {
            minor: minor.ok_or(WrongAmount::OutOfRange)?,
            exact: (rounded != exact).then(|| exact.normalize().to_string()),
        })
    }
}

fn decimal(text: &str) -> Result<Decimal, WrongAmount> {
    let text = text.trim();
    let sound = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    if text.is_empty() || text.len() > 60 || !text.bytes().all(sound) {
        return Err(WrongAmount::NotANumber);
    }
    let read = match text.contains(['e', 'E']) {
        true => Decimal::from_scientific(text),
        false => Decimal::from_str(text),
    };
    // Digits beyond the twenty-eighth are below every unit of money.
    read.map_err(|_| WrongAmount::NotANumber)
}

/// A column of an order as an amount.
pub(super) fn major(field: &str, text: &str, currency: Currency) -> Result<Amount, Unreadable> {
    Amount::major(text, currency).map_err(|_| wrong(field, text))
}

pub(super) fn scaled(
    field: &str,
    text: &str,
    decimals: u32,
    currency: Currency,
) -> Result<Amount, Unreadable> {
    Amount::scaled(text, decimals, currency).map_err(|_| wrong(field, text))
}

fn wrong(field: &str, text: &str) -> Unreadable {
    Unreadable::new("bad_amount", format!("{field}: {text}"))
}

pub(super) fn currency(field: &str, code: &str) -> Result<Currency, Unreadable> {
    let read = Currency::from_code(code);
    read.map_err(|_| Unreadable::new("bad_currency", format!("{field}: {code}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(code: &str) -> Currency {
        Currency::from_code(code).expect("a currency")
    }

    #[test]
    fn a_total_with_parts_of_a_cent_is_rounded_half_away_from_zero_and_stays_readable() {
        let euro = of("eur");
        for (text, minor, exact) in [
            ("30.1665", 3017, Some("30.1665")),
            ("24.752", 2475, Some("24.752")),
            ("-0.005", -1, Some("-0.005")),
            ("0.005", 1, Some("0.005")),
            ("24.750", 2475, None),
            ("10", 1000, None),
            ("1e-7", 0, Some("0.0000001")),
            ("6.803738317757009", 680, Some("6.803738317757009")),
        ] {
            let read = Amount::major(text, euro).expect(text);
            assert_eq!((read.minor, read.exact.as_deref()), (minor, exact), "{text}");
        }
        assert_eq!(Amount::major("4200", of("JPY")).map(|a| a.minor), Ok(4200));
        assert_eq!(Amount::major("61.505", of("KWD")).map(|a| a.minor), Ok(61505));
        for bad in ["", "NaN", "1,5", "0x10", "null", "Infinity", "--1", "1e400"] {
            assert!(Amount::major(bad, euro).is_err(), "{bad}");
        }
    }

    #[test]
    fn one_precision_for_all_currencies_is_read_as_the_shop_means_it() {
        assert_eq!(Amount::scaled("180000", 2, of("JPY")).map(|a| a.minor), Ok(1800));
        assert_eq!(Amount::scaled("1800", 0, of("JPY")).map(|a| a.minor), Ok(1800));
        assert_eq!(Amount::scaled("10294", 2, of("EUR")).map(|a| a.minor), Ok(10294));
        assert_eq!(Amount::scaled("102945", 3, of("EUR")).map(|a| a.minor), Ok(10295));
        assert_eq!(Amount::scaled("10294", 2, of("KWD")).map(|a| a.minor), Ok(102940));
        assert_eq!(Amount::scaled("1.5", 2, of("EUR")), Err(WrongAmount::NotWhole));
        assert_eq!(Amount::scaled("9007199254740993", 2, of("EUR")), Err(WrongAmount::OutOfRange));
    }

    proptest! {
        #[test]
        fn what_a_currency_can_hold_is_never_rounded(minor in -9_000_000_000_i64..9_000_000_000) {
            for code in ["CNY", "JPY", "KWD"] {
                let currency = of(code);
                let text = domain::money::minor_to_major(minor, currency.decimals());
                let read = Amount::major(&text, currency).expect("an amount");
                prop_assert_eq!((read.minor, read.exact), (minor, None));
            }
        }
    }
}
