//! Amounts between Stripe's minor units and ours.
//!
//! Source: Stripe, "Supported currencies", read 2026-11. Stripe's decimal places are not ISO's
//! for every currency, and its documents disagree on a few: those can be set for each account.

use super::{contract, invalid};
use crate::error::CallError;
use crate::http::Effect;
use domain::{Currency, Money};
use std::collections::BTreeMap;

/// No decimals at Stripe.
const ZERO: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
/// Three decimals at Stripe, the last of which must be 0 in a request.
const THREE: &[&str] = &["BHD", "JOD", "KWD", "OMR", "TND"];

/// Decimal places of Stripe's minor unit where an account says nothing else.
pub(super) fn places(currency: Currency) -> u32 {
    Exponents::default().of(currency)
}

/// An amount in Stripe's minor unit of so many places, in ours. `None` for a part of a unit that
/// does not exist, which is a mistake in a table and never rounded away, and beyond every range.
pub(super) fn to_ours(places: u32, amount: i64, currency: Currency) -> Option<i64> {
    let ours = currency.decimals();
    let minor = if ours >= places {
        amount.checked_mul(10_i64.pow(ours - places))?
    } else {
        let unit = 10_i64.pow(places - ours);
        (amount % unit == 0).then_some(amount / unit)?
    };
    (minor.unsigned_abs() <= Money::MINOR_MAX.unsigned_abs()).then_some(minor)
}

/// Decimal places that an account uses instead of the table's. The documents disagree on `UGX`
/// and `ISK`: two places at Stripe (the default here), or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exponents(pub BTreeMap<Currency, u32>);

impl Exponents {
    /// Decimal places of Stripe's minor unit.
    pub fn of(&self, currency: Currency) -> u32 {
        match self.0.get(&currency) {
            Some(places) => *places,
            None if ZERO.contains(&currency.code()) => 0,
            None if THREE.contains(&currency.code()) => 3,
            None => 2,
        }
    }

    /// An amount in an answer; `code` in any case.
    pub(super) fn read(
        &self,
        field: &str,
        amount: i64,
        code: &str,
        effect: Effect,
    ) -> Result<Money, CallError> {
        let broken = || contract(effect, format!("{field} is no amount of its currency"));
        let currency = Currency::from_code(code).map_err(|_| broken())?;
        let minor = to_ours(self.of(currency), amount, currency).ok_or_else(broken)?;
        Money::from_minor(minor, currency).map_err(|_| broken())
    }

    /// An amount for a request.
    pub(super) fn write(&self, amount: Money) -> Result<i64, CallError> {
        let (theirs, ours) = (self.of(amount.currency()), amount.currency().decimals());
        let out_of_range = || invalid("amount", "is no amount of Stripe's");
        let minor = if theirs >= ours {
            amount.minor().checked_mul(10_i64.pow(theirs - ours)).ok_or_else(out_of_range)?
        } else {
            let unit = 10_i64.pow(ours - theirs);
            if amount.minor() % unit != 0 {
                return Err(out_of_range());
            }
            amount.minor() / unit
        };
        if theirs == 3 && minor % 10 != 0 {
            return Err(invalid("amount", "must end with 0 in this currency"));
        }
        if !(1..=99_999_999).contains(&minor) {
            return Err(out_of_range());
        }
        Ok(minor)
    }
}
