//! What the columns of a table mean: chosen once, remembered in the book.
//!
//! The JSON form is described in `docs/records/mapping.md`.

use crate::bill::TableTarget;
use crate::table::text::TextEncoding;
use domain::{Channel, OrderStatus, SettlementKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// What one column holds. Which ones a target needs: see [`Field::needed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The merchant's own account number.
    AccountNo,
    /// Day the bank booked the line; a time in the same cell is read too.
    BookedOn,
    /// Time of day, where it has a column of its own.
    BookedTime,
    /// One amount column; its sign or a direction column says which way the money went.
    Amount,
    /// Money that left.
    Debit,
    /// Money that arrived.
    Credit,
    /// Words for the direction: `借`, `收入`, `CR`…
    Direction,
    /// Balance after the line.
    Balance,
    /// The bank's serial number of the line.
    BankRef,
    /// The other side's name.
    Counterparty,
    /// Posting text. Several columns are joined by a space, in the table's order.
    Memo,
    /// Currency code or word.
    Currency,
    /// The shop's order number.
    OrderId,
    /// When the order was made.
    OrderedAt,
    /// When it was paid.
    PaidAt,
    /// When it was closed or called off.
    ClosedAt,
    /// State word of an order or refund.
    Status,
    /// Channel word of an order.
    Channel,
    /// Goods text.
    Goods,
    /// Buyer.
    Buyer,
    /// The shop's refund number.
    RefundId,
    /// When the refund was asked for.
    RequestedAt,
    /// The channel's number of a sale or refund.
    TradeNo,
    /// Of a refund, the channel's number of the sale it gives back.
    OriginalNo,
    /// When a sale or refund was made.
    TradedAt,
    /// Word that tells sales and refunds apart.
    Kind,
    /// What the channel kept of a sale, or gave back of it.
    Fee,
    /// What a row adds to the day's payment.
    Net,
    /// The wallet or bank behind an aggregator.
    Underlying,
    /// That wallet's own number of the payment.
    UnderlyingNo,
    /// What of the fee that wallet keeps.
    UnderlyingFee,
    /// How it was paid: a word for the scene.
    Scene,
    /// Store or terminal.
    Terminal,
}

impl Field {
    /// Number of fields; `field as usize` is below it.
    pub(crate) const COUNT: usize = 33;

    /// True for a field that may be joined from several columns.
    pub(crate) fn joins(self) -> bool {
        matches!(self, Self::Memo | Self::Terminal)
    }

    /// Groups of fields a target cannot do without: one of each group must be mapped.
    pub fn needed(target: TableTarget, amount: &AmountStyle) -> Vec<&'static [Self]> {
        let mut needed: Vec<&'static [Self]> = match target {
            TableTarget::Bank => vec![&[Self::BookedOn]],
            TableTarget::Orders => vec![&[Self::OrderId], &[Self::OrderedAt, Self::PaidAt]],
            TableTarget::Refunds => {
                vec![&[Self::RefundId], &[Self::OrderId], &[Self::RequestedAt]]
            }
            TableTarget::Settlements | TableTarget::Moves => {
                vec![&[Self::TradeNo], &[Self::TradedAt], &[Self::Fee, Self::Net]]
            }
        };
        match (target, amount) {
            (TableTarget::Bank, AmountStyle::DebitCredit { .. }) => {
                needed.extend([&[Self::Debit] as &[_], &[Self::Credit]]);
            }
            (TableTarget::Bank, AmountStyle::Direction { .. }) => {
                needed.extend([&[Self::Amount] as &[_], &[Self::Direction]]);
            }
            _ => needed.push(&[Self::Amount]),
        }
        needed
    }
}

/// How the amounts of a bank table say which way the money went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "style", rename_all = "snake_case")]
pub enum AmountStyle {
    /// One column, positive arrived.
    #[default]
    Signed,
    /// One column, positive left.
    SignedReversed,
    /// A column for what left and one for what arrived; one of them is empty or zero.
    DebitCredit {
        /// True when what left is printed with a minus sign.
        #[serde(default)]
        debit_is_negative: bool,
    },
    /// One unsigned column and a word.
    Direction {
        /// Words for money that arrived.
        inward: Vec<String>,
        /// Words for money that left.
        outward: Vec<String>,
    },
}

/// How numbers are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberStyle {
    /// Decimal point, `.` or `,`.
    pub point: char,
    /// Grouping sign: `,`, `.`, `'` or a space; `None` when there is none.
    #[serde(default)]
    pub group: Option<char>,
    /// True when amounts are whole minor units (fen), false when they are major units (yuan).
    #[serde(default)]
    pub minor_units: bool,
}

impl Default for NumberStyle {
    fn default() -> Self {
        Self { point: '.', group: Some(','), minor_units: false }
    }
}

/// Where the merchant's account number comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum AccountSource {
    /// The column mapped to [`Field::AccountNo`], if there is one.
    #[default]
    Column,
    /// Always this one.
    Constant {
        /// The number.
        account_no: String,
    },
    /// A cell above the header: the text after this label, or the next cell.
    Above {
        /// `账号`, `Account Number`…
        label: String,
    },
}

/// Rows that are not facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkipRules {
    /// A row whose first filled cell is one of these words, or begins with it and goes on with
    /// something that is not a letter: `合计`, `Total`…
    #[serde(default)]
    pub starts_with: Vec<String>,
    /// A row in which this column is empty (by header).
    #[serde(default)]
    pub if_empty: Vec<String>,
}

/// A column mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Layout of this description; 1.
    #[serde(default = "version")]
    pub version: u32,
    /// What the person sees: `招商银行 企业网银`.
    #[serde(default)]
    pub name: String,
    /// What the rows become.
    #[serde(with = "target_code")]
    pub target: TableTarget,
    /// Header → field. Headers not named here are kept in the rows' `extra`.
    pub columns: BTreeMap<String, Field>,
    /// Line of the header row, from 1; a hint, the row is found again by its names.
    /// 0: the table has no header, columns are named `#1`, `#2`…
    #[serde(default = "first_line")]
    pub header_line: u32,
    /// Encoding of a text table.
    #[serde(default)]
    pub encoding: TextEncoding,
    /// Delimiter of a text table; `None` finds it out.
    #[serde(default)]
    pub delimiter: Option<char>,
    /// Sheet of a workbook; `None` is the first visible one.
    #[serde(default)]
    pub sheet: Option<String>,
    /// Patterns of `yyyy yy MM M MMM dd d HH H hh a mm ss SSS XXX`; tried in order.
    /// Empty: the unambiguous ones, year first.
    #[serde(default)]
    pub date_formats: Vec<String>,
    /// Zone of times that carry none, minutes east of UTC.
    #[serde(default = "channel_offset")]
    pub utc_offset_minutes: i32,
    /// Which way money went, for [`TableTarget::Bank`].
    #[serde(default)]
    pub amount: AmountStyle,
    /// How numbers are written.
    #[serde(default)]
    pub number: NumberStyle,
    /// Currency of rows whose currency column is absent or empty.
    #[serde(default = "yuan")]
    pub currency: String,
    /// Where the account number comes from.
    #[serde(default)]
    pub account: AccountSource,
    /// State word → status code (`paid`); other words become `unknown`.
    #[serde(default, with = "status_words")]
    pub status_words: BTreeMap<String, OrderStatus>,
    /// Channel word → channel code, or null for means of payment outside every channel (cash).
    #[serde(default, with = "channel_words")]
    pub channel_words: BTreeMap<String, Option<Channel>>,
    /// Rows that are not facts.
    #[serde(default)]
    pub skip: SkipRules,
    /// The channel that settles, for [`TableTarget::Settlements`].
    #[serde(default, with = "channel_code", skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Word → `payment` or `refund`, for [`Field::Kind`]; a row with another word is set aside.
    #[serde(default, with = "kind_words", skip_serializing_if = "BTreeMap::is_empty")]
    pub kind_words: BTreeMap<String, SettlementKind>,
}

/// Why a mapping cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MappingProblem {
    /// Made by a newer program.
    #[error("the mapping has version {0}, this program knows 1")]
    Version(u32),
    /// None of these fields is mapped to a column.
    #[error("no column is mapped to {0:?}")]
    Unmapped(&'static [Field]),
    /// Not an ISO 4217 code.
    #[error("{0:?} is not a currency code")]
    Currency(String),
    /// A pattern with letters that mean nothing.
    #[error("{0:?} is not a date pattern")]
    DatePattern(String),
    /// A table of settlements that names no channel, or one with a protocol of its own.
    #[error("a table of settlements names a channel that is defined by data")]
    Channel,
    /// Point and grouping that cannot be told apart, or an impossible zone.
    #[error("decimal point and grouping sign contradict each other")]
    NumberStyle,
}

impl Mapping {
    /// An empty mapping of a target with the defaults: yuan, UTC+8, `.` as decimal point.
    pub fn new(target: TableTarget) -> Self {
        Self {
            version: version(),
            name: String::new(),
            target,
            columns: BTreeMap::new(),
            header_line: first_line(),
            encoding: TextEncoding::Auto,
            delimiter: None,
            sheet: None,
            date_formats: Vec::new(),
            utc_offset_minutes: channel_offset(),
            amount: AmountStyle::default(),
            number: NumberStyle::default(),
            currency: yuan(),
            account: AccountSource::default(),
            status_words: BTreeMap::new(),
            channel_words: BTreeMap::new(),
            skip: SkipRules::default(),
            channel: None,
            kind_words: BTreeMap::new(),
        }
    }

    /// The same columns, read for something else.
    pub fn reading(&self, target: TableTarget) -> Self {
        Self { target, ..self.clone() }
    }

    /// # Errors
    /// [`MappingProblem`]: what the person has to complete first.
    pub fn check(&self) -> Result<(), MappingProblem> {
        if self.version != version() {
            return Err(MappingProblem::Version(self.version));
        }
        for group in Field::needed(self.target, &self.amount) {
            if !self.columns.values().any(|field| group.contains(field)) {
                return Err(MappingProblem::Unmapped(group));
            }
        }
        if self.number.group == Some(self.number.point)
            || !matches!(self.number.point, '.' | ',')
            || self.number.group.is_some_and(|sign| sign.is_ascii_alphanumeric() || sign == '-')
        {
            return Err(MappingProblem::NumberStyle);
        }
        if domain::Currency::from_code(&self.currency).is_err() {
            return Err(MappingProblem::Currency(self.currency.clone()));
        }
        let settles = matches!(self.target, TableTarget::Settlements | TableTarget::Moves);
        if settles && self.channel.and_then(Channel::definition).is_none() {
            return Err(MappingProblem::Channel);
        }
        for pattern in &self.date_formats {
            if super::dates::Pattern::new(pattern).is_none() {
                return Err(MappingProblem::DatePattern(pattern.clone()));
            }
        }
        Ok(())
    }
}

/// The form in which two spellings of a header or word are the same: full-width forms narrowed,
/// lower case, no spaces.
pub(crate) fn normal(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    text.chars()
        .map(narrow)
        .filter(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{FEFF}' | '\u{200B}'))
        .flat_map(char::to_lowercase)
        .collect()
}

fn version() -> u32 {
    1
}

fn first_line() -> u32 {
    1
}

fn channel_offset() -> i32 {
    480
}

fn yuan() -> String {
    "CNY".to_string()
}

mod target_code {
    use super::TableTarget;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        target: &TableTarget,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match target {
            TableTarget::Bank => "bank",
            TableTarget::Orders => "orders",
            TableTarget::Refunds => "refunds",
            TableTarget::Settlements => "settlements",
            TableTarget::Moves => "moves",
        })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<TableTarget, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "bank" => Ok(TableTarget::Bank),
            "orders" => Ok(TableTarget::Orders),
            "refunds" => Ok(TableTarget::Refunds),
            "settlements" => Ok(TableTarget::Settlements),
            "moves" => Ok(TableTarget::Moves),
            other => Err(D::Error::custom(format!("unknown target {other:?}"))),
        }
    }
}

mod channel_code {
    use super::Channel;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        channel: &Option<Channel>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match channel {
            Some(channel) => serializer.serialize_some(channel.code()),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Channel>, D::Error> {
        let Some(code) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let known = Channel::from_code(&code);
        known.map(Some).ok_or_else(|| D::Error::custom(format!("unknown channel {code:?}")))
    }
}

mod kind_words {
    use super::{BTreeMap, SettlementKind};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    const CODES: [(&str, SettlementKind); 2] =
        [("payment", SettlementKind::Payment), ("refund", SettlementKind::Refund)];

    pub(super) fn serialize<S: Serializer>(
        words: &BTreeMap<String, SettlementKind>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let code = |kind| CODES.iter().find(|(_, known)| *known == kind).map(|(code, _)| *code);
        serializer.collect_map(words.iter().map(|(word, kind)| (word, code(*kind))))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, SettlementKind>, D::Error> {
        let codes = BTreeMap::<String, String>::deserialize(deserializer)?;
        let kind = |code: &str| CODES.iter().find(|(known, _)| *known == code);
        codes
            .into_iter()
            .map(|(word, code)| match kind(&code) {
                Some((_, kind)) => Ok((word, *kind)),
                None => Err(D::Error::custom(format!("unknown kind {code:?}"))),
            })
            .collect()
    }
}

mod status_words {
    use super::{BTreeMap, OrderStatus};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        words: &BTreeMap<String, OrderStatus>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(words.iter().map(|(word, status)| (word, status.code())))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, OrderStatus>, D::Error> {
        let codes = BTreeMap::<String, String>::deserialize(deserializer)?;
        let status = |code: &str| OrderStatus::ALL.into_iter().find(|s| s.code() == code);
        codes
            .into_iter()
            .map(|(word, code)| match status(&code) {
                Some(status) => Ok((word, status)),
                None => Err(D::Error::custom(format!("unknown status {code:?}"))),
            })
            .collect()
    }
}

mod channel_words {
    use super::{BTreeMap, Channel};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        words: &BTreeMap<String, Option<Channel>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(words.iter().map(|(word, channel)| (word, channel.map(Channel::code))))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Option<Channel>>, D::Error> {
        let codes = BTreeMap::<String, Option<String>>::deserialize(deserializer)?;
        codes
            .into_iter()
            .map(|(word, code)| match code {
                None => Ok((word, None)),
                Some(code) => match Channel::from_code(&code) {
                    Some(channel) => Ok((word, Some(channel))),
                    None => Err(D::Error::custom(format!("unknown channel {code:?}"))),
                },
            })
            .collect()
    }
}
