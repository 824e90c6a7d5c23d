//! Exact money: an integer of the minor unit with its currency.

use std::fmt;
use thiserror::Error;

/// A currency by its ISO 4217 code, with the exponent of its minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: [u8; 3],
}

/// Currencies whose minor unit is not a hundredth. Source: ISO 4217 table A.1.
const ZERO_DECIMALS: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];
const THREE_DECIMALS: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

impl Currency {
    /// Chinese yuan; its minor unit is the fen.
    pub const CNY: Self = Self { code: *b"CNY" };

    /// # Errors
    /// [`MoneyError::UnknownCurrency`] unless `code` is three ASCII letters.
    pub fn from_code(code: &str) -> Result<Self, MoneyError> {
        let upper = code.trim().to_ascii_uppercase();
        match <[u8; 3]>::try_from(upper.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self { code }),
            _ => Err(MoneyError::UnknownCurrency(code.chars().take(12).collect())),
        }
    }

    /// The three-letter ISO code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).expect("a currency code is ASCII by construction")
    }

    /// Decimal places of the minor unit: 2 for CNY, 0 for JPY, 3 for KWD.
    pub fn decimals(&self) -> u32 {
        if ZERO_DECIMALS.contains(&self.code()) {
            0
        } else if THREE_DECIMALS.contains(&self.code()) {
            3
        } else {
            2
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What can be wrong with an amount.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Two currencies met in one sum.
    #[error("cannot add {right} to {left}")]
    CurrencyMismatch {
        /// Currency of the left side.
        left: Currency,
        /// Currency of the right side.
        right: Currency,
    },
    /// Beyond ±(2^53 − 1) minor units.
    #[error("amount out of range")]
    OutOfRange,
    /// Not a plain decimal number.
    #[error("not an amount: {0:?}")]
    NotANumber(String),
    /// More decimal places than the currency has, and they are not zero.
    #[error("{0:?} has more decimals than its currency")]
    TooPrecise(String),
    /// Not an ISO 4217 code.
    #[error("unknown currency {0:?}")]
    UnknownCurrency(String),
}

/// An exact amount of one currency.
///
/// - Unit: `minor` counts the smallest unit: fen for CNY, cent for USD, yen for JPY.
/// - Sign: positive is owed to the merchant, negative is owed by the merchant.
/// - Range: `|minor| <= MINOR_MAX`, exact as SQL `bigint` and as a JavaScript number.
///
/// There is no `Add` impl: mixing currencies must be an error that the caller sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// 2^53 - 1: the largest integer that JavaScript holds exactly.
    pub const MINOR_MAX: i64 = (1 << 53) - 1;

    /// # Errors
    /// [`MoneyError::OutOfRange`] beyond [`Self::MINOR_MAX`].
    pub fn from_minor(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        if minor.unsigned_abs() > Self::MINOR_MAX as u64 {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self { minor, currency })
    }

    /// Minor units, signed.
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], or [`MoneyError::OutOfRange`] when the sum leaves the
    /// range.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch {
                left: self.currency,
                right: other.currency,
            });
        }
        // Cannot overflow `i64`: both sides are below 2^53.
        Self::from_minor(self.minor + other.minor, self.currency)
    }

    /// Plain text in the major unit: `-1234.05`. No grouping, no symbol.
    pub fn to_major(self) -> String {
        minor_to_major(self.minor, self.currency.decimals())
    }
}

/// Writes `minor` units as decimal text with exactly `decimals` places: `(-5, 2)` is `-0.05`.
pub fn minor_to_major(minor: i64, decimals: u32) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let digits = minor.unsigned_abs().to_string();
    let places = decimals as usize;
    if places == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, part) = padded.split_at(padded.len() - places);
    format!("{sign}{whole}.{part}")
}

/// Reads decimal text of the major unit as minor units: `"0.04000"` with 2 decimals is 4.
///
/// Accepts surrounding blanks, a leading sign, `¥`/`￥`, grouping commas between digits, and
/// trailing zeros past the currency's places. Never rounds.
///
/// # Errors
/// [`MoneyError::NotANumber`], [`MoneyError::TooPrecise`], [`MoneyError::OutOfRange`].
pub fn parse_minor(text: &str, decimals: u32) -> Result<i64, MoneyError> {
    let trimmed = text.trim();
    let not_a_number = || MoneyError::NotANumber(trimmed.chars().take(40).collect());
    let (negative, rest) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, &trimmed[1..]),
        Some(b'+') => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let rest = rest.strip_prefix('¥').or_else(|| rest.strip_prefix('￥')).unwrap_or(rest);
    let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
    if whole.is_empty() && part.is_empty() {
        return Err(not_a_number());
    }
    let mut minor: i64 = 0;
    let mut push = |digit: u8| -> Result<(), MoneyError> {
        minor = minor
            .checked_mul(10)
            .and_then(|m| m.checked_add(i64::from(digit)))
            .filter(|m| *m <= Money::MINOR_MAX)
            .ok_or(MoneyError::OutOfRange)?;
        Ok(())
    };
    let grouped = whole.contains(',');
    if grouped && !well_grouped(whole) {
        return Err(not_a_number());
    }
    for byte in whole.bytes().filter(|b| *b != b',') {
        if !byte.is_ascii_digit() {
            return Err(not_a_number());
        }
        push(byte - b'0')?;
    }
    for place in 0..decimals as usize {
        match part.as_bytes().get(place) {
            Some(byte) if byte.is_ascii_digit() => push(byte - b'0')?,
            Some(_) => return Err(not_a_number()),
            None => push(0)?,
        }
    }
    for byte in part.bytes().skip(decimals as usize) {
        match byte {
            b'0' => {}
            b'1'..=b'9' => return Err(MoneyError::TooPrecise(trimmed.chars().take(40).collect())),
            _ => return Err(not_a_number()),
        }
    }
    Ok(if negative { -minor } else { minor })
}

/// `1,234,567`: one to three digits, then groups of three.
fn well_grouped(whole: &str) -> bool {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or("");
    (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)
}

/// A named rule for turning an exact product into minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Half away from zero: 0.5 fen becomes 1 fen. What WeChat Pay uses per row.
    HalfUp,
    /// Half to the even neighbour.
    HalfEven,
    /// Towards zero.
    Truncate,
}

/// `amount_minor × rate_ppm / 1 000 000`, rounded by `rule`. Keeps the sign of the amount.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when the product leaves the range of [`Money`].
pub fn apply_rate(amount_minor: i64, rate_ppm: i64, rule: Rounding) -> Result<i64, MoneyError> {
    // Exact in 128 bits: no product of two i64 leaves them.
    let product = i128::from(amount_minor) * i128::from(rate_ppm);
    let (whole, rest) = (product / ONE_PPM, product % ONE_PPM);
    let twice = 2 * rest.abs();
    let away = match rule {
        Rounding::HalfUp => twice >= ONE_PPM,
        Rounding::HalfEven => twice > ONE_PPM || (twice == ONE_PPM && whole % 2 != 0),
        Rounding::Truncate => false,
    };
    let rounded = if away { whole + rest.signum() } else { whole };
    i64::try_from(rounded).map_err(|_| MoneyError::OutOfRange)
}

/// A rate of 1 in parts per million.
const ONE_PPM: i128 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_without_rounding() {
        for (text, minor) in [
            ("10.00", 1000),
            ("0.04000", 4),
            ("-0.02", -2),
            ("45", 4500),
            (" 1,234.50 ", 123_450),
            ("¥3", 300),
            (".5", 50),
        ] {
            assert_eq!(parse_minor(text, 2), Ok(minor), "{text}");
        }
        for bad in ["", ".", "-", "1.2.3", "12,34", "1e3", "NaN", "=1", "１", "0.001x"] {
            assert!(parse_minor(bad, 2).is_err(), "{bad}");
        }
        assert_eq!(parse_minor("0.001", 2), Err(MoneyError::TooPrecise("0.001".into())));
        assert_eq!(parse_minor("99999999999999999999", 2), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn fee_rounds_half_up_per_row_as_the_bill_does() {
        for (amount, rate, fee) in [(600, 6000, 4), (3, 390_000, 1), (1, 390_000, 0), (83, 6000, 0)]
        {
            assert_eq!(apply_rate(amount, rate, Rounding::HalfUp), Ok(fee));
        }
    }

    proptest! {
        #[test]
        fn a_rate_rounds_as_exact_decimals_do(
            amount in -Money::MINOR_MAX..=Money::MINOR_MAX,
            small in -5000i64..5000,
            rate in prop_oneof![0..2_000_000i64, (0..200i64).prop_map(|rate| rate * 10_000)],
        ) {
            use rust_decimal::{Decimal, RoundingStrategy as By};
            let rules = [
                (Rounding::HalfUp, By::MidpointAwayFromZero),
                (Rounding::HalfEven, By::MidpointNearestEven),
                (Rounding::Truncate, By::ToZero),
            ];
            for (rule, by) in rules {
                for amount in [amount, small] {
                    let exact = Decimal::from(amount) * Decimal::new(rate, 6);
                    let rounded = i64::try_from(exact.round_dp_with_strategy(0, by)).ok();
                    prop_assert_eq!(apply_rate(amount, rate, rule).ok(), rounded);
                }
            }
        }

        #[test]
        fn text_and_minor_units_round_trip(minor in -Money::MINOR_MAX..=Money::MINOR_MAX, d in 0u32..4) {
            prop_assert_eq!(parse_minor(&minor_to_major(minor, d), d), Ok(minor));
        }
    }
}
