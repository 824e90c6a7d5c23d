//! How a shop is reached and read: its address, its key, and what is a matter of its own choice.

use super::Platform;
use crate::http::Base;
use secrets::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// What becomes the order number of our books, by which bills are matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbers {
    /// The number people see: one order, one row.
    #[default]
    Order,
    /// The number the payment service has: one row for each payment of an order.
    Payment,
}

/// What must be known to read a shop's orders; kept in every archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What becomes the order number.
    #[serde(default)]
    pub numbers: Numbers,
    /// Text the shop puts before its order numbers when it tells them a payment service.
    #[serde(default)]
    pub prefix: String,
    /// Vendure: decimal places of every amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
    /// Shopify: amounts as the buyer paid them, not in the shop's own currency.
    #[serde(default)]
    pub presentment: bool,
}

/// The keys of a shop.
#[derive(Debug)]
pub enum Keys {
    /// One key: Vendure, Medusa, Shopify.
    One(Secret<String>),
    /// Key and secret: WooCommerce.
    Pair(Secret<String>, Secret<String>),
}

/// Why a set-up is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupProblem {
    /// The address is none of a shop.
    #[error("the address is no https:// address of a shop")]
    Address,
    /// A field is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field holds what it cannot.
    #[error("{0} cannot be that")]
    Invalid(&'static str),
}

/// How a shop is reached and read.
#[derive(Debug)]
pub struct Setup {
    /// What it runs on.
    pub platform: Platform,
    /// Where it listens.
    pub base: Base,
    /// Its keys; wiped when dropped.
    pub keys: Keys,
    /// True when the owner says that the shop stands in the house: plain `http` and addresses of
    /// the house are then allowed.
    pub intranet: bool,
    /// How its orders are read.
    pub terms: Terms,
    /// Days after which an order is final.
    pub watch_days: u32,
    /// Shopify: version of the protocol.
    pub api_version: String,
    /// Shopify: true when orders older than sixty days are given out (`read_all_orders`).
    pub all_orders: bool,
}

/// Fields of the keys, by platform.
fn key_fields(platform: Platform) -> &'static [&'static str] {
    match platform {
        Platform::Vendure | Platform::Medusa => &["api_key"],
        Platform::WooCommerce => &["consumer_key", "consumer_secret"],
        Platform::Shopify => &["access_token"],
    }
}

impl Setup {
    /// The version of Shopify's protocol these readers were written for.
    pub const SHOPIFY_VERSION: &'static str = "2026-10";
    /// Days after which an order is final, unless the owner says otherwise.
    pub const WATCH_DAYS: u32 = 90;

    /// Takes the fields of a set-up file. The keys: `api_key` (Vendure, Medusa), `consumer_key`
    /// and `consumer_secret` (WooCommerce), `access_token` (Shopify). Left out or empty: `intranet`
    /// (`true`), `numbers` (`order`, `payment`), `prefix`, `decimals`, `watch_days`, `api_version`,
    /// `all_orders`, `presentment`.
    ///
    /// # Errors
    /// [`SetupProblem`], which names the field.
    pub fn new(
        platform: Platform,
        base: &str,
        fields: &BTreeMap<String, Secret<String>>,
    ) -> Result<Self, SetupProblem> {
        let text = |name: &str| fields.get(name).map_or("", |value| value.expose().trim());
        let flag = |name: &'static str| match text(name) {
            "" | "false" => Ok(false),
            "true" => Ok(true),
            _ => Err(SetupProblem::Invalid(name)),
        };
        let whole = |name: &'static str, most: u32| match text(name) {
            "" => Ok(None),
            digits => match digits.parse().ok().filter(|number| *number <= most) {
                Some(number) => Ok(Some(number)),
                None => Err(SetupProblem::Invalid(name)),
            },
        };
        let mut keys = Vec::new();
        for name in key_fields(platform) {
            let key = text(name);
            if key.is_empty() {
                return Err(SetupProblem::Missing(name));
            }
            // It goes into a header: what cannot stand there is no key.
            if key.len() > 1_000 || !key.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(SetupProblem::Invalid(name));
            }
            keys.push(Secret::from(key));
        }
        let second = keys.pop().ok_or(SetupProblem::Missing("api_key"))?;
        let keys = match keys.pop() {
            Some(first) => Keys::Pair(first, second),
            None => Keys::One(second),
        };
        let intranet = flag("intranet")?;
        let numbers = match text("numbers") {
            "" | "order" => Numbers::Order,
            "payment" => Numbers::Payment,
            _ => return Err(SetupProblem::Invalid("numbers")),
        };
        let version = text("api_version");
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if version.len() > 20 || !version.bytes().all(plain) {
            return Err(SetupProblem::Invalid("api_version"));
        }
        let terms = Terms {
            numbers,
            prefix: text("prefix").chars().filter(|c| !c.is_control()).take(40).collect(),
            decimals: whole("decimals", 6)?,
            presentment: flag("presentment")?,
        };
        Ok(Self {
            platform,
            base: Base::of_shop(base, intranet).ok_or(SetupProblem::Address)?,
            keys,
            intranet,
            terms,
            watch_days: whole("watch_days", 730)?.unwrap_or(Self::WATCH_DAYS),
            api_version: if version.is_empty() { Self::SHOPIFY_VERSION } else { version }.into(),
            all_orders: flag("all_orders")?,
        })
    }

    /// The only key, or the first of two.
    pub(super) fn key(&self) -> &str {
        match &self.keys {
            Keys::One(key) | Keys::Pair(key, _) => key.expose(),
        }
    }
}
