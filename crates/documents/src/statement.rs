//! What a statement says: plain data, checked before anything is drawn.

use crate::DocumentError;
use domain::payout::Component;
use domain::{BalanceKind, BusinessDate, Channel, Currency, Money, Period};
use messages::Lang;

/// Version of the template: wording, layout and serialisation. Part of the content hash, so a
/// new template never passes for an old one.
pub const TEMPLATE_VERSION: u32 = 2;

/// Everything one statement says. Amounts are minor units of `currency`, signed: positive is
/// money to the merchant, negative is money taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Language of the document.
    pub lang: Lang,
    /// Who issues it.
    pub company: Company,
    /// One payout or one period.
    pub kind: StatementKind,
    /// Which date of an event decides where it belongs, and is printed in `lines`.
    pub clock: Clock,
    /// Zone every printed time is in.
    pub zone: Zone,
    /// Currency of every amount.
    pub currency: Currency,
    /// What the total is made of, in the order of [`Component::ALL`], each at most once.
    /// `unexplained` is always there, even when it is zero.
    pub components: Vec<ComponentRow>,
    /// The amount paid out; the components sum to it exactly.
    pub total_minor: i64,
    /// Whether every bill of the days covered is there.
    pub completeness: Completeness,
    /// Period statements: the payouts inside, oldest first; they sum to the total. A payout
    /// statement has none.
    pub payouts: Vec<PayoutRow>,
    /// Transactions, oldest first. May be empty (a summary).
    pub lines: Vec<Line>,
    /// Open differences and remarks, most important first.
    pub notes: Vec<Note>,
    /// Which state of the books it was made from.
    pub source: Source,
    /// Names the shop gave to channels of its own; every other one is called as in the catalogue.
    pub channel_names: Vec<(Channel, String)>,
}

/// The company at the head of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Full name.
    pub name: String,
    /// Tax number, address and the like, one line each, at most four are printed.
    pub id_lines: Vec<String>,
}

/// What the statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// One payout of one account.
    Payout(PayoutHead),
    /// A span of days, of one channel or of the whole company.
    Period {
        /// The days, half open; printed as first and last day inside.
        period: Period,
        /// The channel; `None` is every channel of the company.
        channel: Option<Channel>,
        /// The merchant's number at the channel; `None` is every account.
        account_no: Option<String>,
    },
}

/// The payout a payout statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutHead {
    /// Who paid.
    pub channel: Channel,
    /// The merchant's number at the channel.
    pub account_no: String,
    /// The channel's number of the payout.
    pub number: String,
    /// Day the money left the channel.
    pub left_on: BusinessDate,
    /// Day the channel promised it for; `None` when it makes no promise.
    pub promised_on: Option<BusinessDate>,
    /// What arrived at the bank; `None` until a bank line is matched.
    pub arrival: Option<Arrival>,
}

/// What the bank says of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Day the bank booked it.
    pub booked_on: BusinessDate,
    /// What the bank booked.
    pub amount_minor: i64,
    /// Last digits of the bank account, without a mask: `8812`.
    pub account_tail: String,
}

/// The clock a statement keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// When the order was made.
    Ordered,
    /// When the buyer paid.
    Paid,
    /// When the channel booked it on the balance.
    Booked,
    /// When the channel settled it.
    Settled,
    /// When the bank booked it.
    InBank,
}

impl Clock {
    /// Every clock.
    pub const ALL: [Self; 5] =
        [Self::Ordered, Self::Paid, Self::Booked, Self::Settled, Self::InBank];

    /// The stable code used in message keys and in the content hash.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Paid => "paid",
            Self::Booked => "booked",
            Self::Settled => "settled",
            Self::InBank => "in_bank",
        }
    }
}

/// A fixed distance from UTC, in minutes; east is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Minutes east of UTC.
    pub offset_minutes: i32,
}

impl Zone {
    /// The zone of the Chinese channels: UTC+08:00, no daylight saving.
    pub const CHINA: Self = Self { offset_minutes: 480 };

    /// The name printed: `UTC+08:00`.
    pub fn name(self) -> String {
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let minutes = self.offset_minutes.unsigned_abs();
        format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// Writes an instant (UTC ms) as this zone's wall clock, `2026-04-14 23:59:58`.
    pub fn wall_clock(self, at_ms: i64) -> String {
        let shift = i64::from(self.offset_minutes) * 60_000 - domain::CHANNEL_OFFSET_MS;
        domain::format_channel_time(at_ms.saturating_add(shift))
    }
}

/// One component of the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComponentRow {
    /// What it is.
    pub component: Component,
    /// Its part of the total.
    pub amount_minor: i64,
    /// How many transactions are behind it.
    pub rows: u32,
}

/// Whether the days covered are complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completeness {
    /// The verdict.
    pub verdict: Verdict,
    /// One sentence on what is missing or when it is due; empty when there is nothing to say.
    pub note: String,
}

/// Verdict on the days covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every bill is there and proves itself.
    Complete,
    /// A bill is not due yet.
    Waiting,
    /// A bill is missing.
    Incomplete,
    /// A bill contradicts itself or another.
    Contradictory,
}

impl Verdict {
    /// The stable code used in message keys and in the content hash.
    pub fn code(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Waiting => "waiting",
            Self::Incomplete => "incomplete",
            Self::Contradictory => "contradictory",
        }
    }
}

/// One payout in a period statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutRow {
    /// Day the money left the channel.
    pub left_on: BusinessDate,
    /// Who paid.
    pub channel: Channel,
    /// The merchant's number at the channel.
    pub account_no: String,
    /// The channel's number of the payout.
    pub number: String,
    /// What was paid.
    pub amount_minor: i64,
    /// What of it is not explained.
    pub unexplained_minor: i64,
    /// Day the bank booked it; `None` until it arrived.
    pub arrived_on: Option<BusinessDate>,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, by the statement's clock, UTC ms.
    pub at_ms: i64,
    /// What moved the balance.
    pub kind: BalanceKind,
    /// The shop's order or refund number; may be empty.
    pub order_no: String,
    /// The channel's number of the event; may be empty.
    pub channel_no: String,
    /// What was sold, or the row's remark; may be empty.
    pub goods: String,
    /// Before the fee.
    pub gross_minor: i64,
    /// Fee taken (−) or given back (+).
    pub fee_minor: i64,
    /// Gross and fee together.
    pub net_minor: i64,
    /// The file the row stands in.
    pub evidence_file: String,
    /// Line in that file, counted from 1.
    pub evidence_line: u32,
}

/// A difference or a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Code of the kind of break (`fee_mismatch`), or `remark`. A code without a message is
    /// printed as it is.
    pub code: String,
    /// The record it is about: `payment:4200…`; may be empty.
    pub record: String,
    /// Expected and found, or the remark itself.
    pub detail: String,
    /// Money effect; `None` when there is none to name.
    pub effect_minor: Option<i64>,
}

/// Which state of the books the statement was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The book's data version, counted up by each import.
    pub data_version: u64,
    /// Hash of that state, hexadecimal.
    pub state_hash: String,
    /// What it was made from, one line: `14 files, 2026-04-01 to 2026-04-30`.
    pub generated_from: String,
}

impl Statement {
    /// What of the total is not explained.
    pub fn unexplained_minor(&self) -> i64 {
        self.components
            .iter()
            .find(|row| row.component == Component::Unexplained)
            .map_or(0, |row| row.amount_minor)
    }

    /// Checks that every sum holds; the renderers call it first.
    ///
    /// # Errors
    /// The [`DocumentError`] that names the first figure that does not add up.
    pub fn check(&self) -> Result<(), DocumentError> {
        self.check_components()?;
        self.check_payouts()?;
        self.check_lines()
    }

    fn check_lines(&self) -> Result<(), DocumentError> {
        let limit = i128::from(Money::MINOR_MAX);
        // Money taken in and given back, so that no partial sum leaves the range either.
        let (mut gross, mut fees) = (0, 0);
        for (index, line) in self.lines.iter().enumerate() {
            let net = i128::from(line.gross_minor) + i128::from(line.fee_minor);
            if net != i128::from(line.net_minor) {
                return Err(DocumentError::LineSum { index });
            }
            gross += i128::from(line.gross_minor).abs();
            fees += i128::from(line.fee_minor).abs();
        }
        if gross + fees > limit { Err(DocumentError::OutOfRange) } else { Ok(()) }
    }

    fn check_components(&self) -> Result<(), DocumentError> {
        if self.components.windows(2).any(|pair| pair[0].component >= pair[1].component) {
            return Err(DocumentError::ComponentOrder);
        }
        if self.components.last().map(|row| row.component) != Some(Component::Unexplained) {
            return Err(DocumentError::UnexplainedMissing);
        }
        let sum = self.components.iter().map(|row| i128::from(row.amount_minor)).sum::<i128>();
        let amounts = self.components.iter().map(|row| row.amount_minor);
        if amounts.chain([self.total_minor]).any(out_of_range) {
            return Err(DocumentError::OutOfRange);
        }
        if sum != i128::from(self.total_minor) {
            return Err(DocumentError::ComponentSum { sum, total_minor: self.total_minor });
        }
        Ok(())
    }

    fn check_payouts(&self) -> Result<(), DocumentError> {
        if matches!(self.kind, StatementKind::Payout(_)) {
            return match self.payouts.is_empty() {
                true => Ok(()),
                false => Err(DocumentError::PayoutsInPayout),
            };
        }
        let total = |of: fn(&PayoutRow) -> i64| -> i128 {
            self.payouts.iter().map(|row| i128::from(of(row))).sum()
        };
        let sizes: i128 = self.payouts.iter().map(|row| i128::from(row.amount_minor).abs()).sum();
        if sizes > i128::from(Money::MINOR_MAX) {
            return Err(DocumentError::OutOfRange);
        }
        let sum = total(|row| row.amount_minor);
        if sum != i128::from(self.total_minor) {
            return Err(DocumentError::PayoutSum { sum, total_minor: self.total_minor });
        }
        let sum = total(|row| row.unexplained_minor);
        if sum != i128::from(self.unexplained_minor()) {
            return Err(DocumentError::UnexplainedSum { sum });
        }
        Ok(())
    }
}

fn out_of_range(minor: i64) -> bool {
    minor.unsigned_abs() > Money::MINOR_MAX as u64
}
