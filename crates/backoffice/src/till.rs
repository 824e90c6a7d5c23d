//! Money taken by hand: cash, slips of a card terminal, transfers from buyers and companies,
//! cheques, prepaid cards; and the day's count of a till.
//!
//! What a person records is a fact like a bill of a channel. Its number is kept before anything is
//! booked; then a small file is made of it and booked as any other file is, so that every figure
//! leads back to it. A record is never changed: what was wrong is taken back by a record of its
//! own, with a reason.

mod attach;
mod book;
mod cards;
mod count;
mod kept;
mod limits;
mod list;
mod moves;
mod pair;
mod sheet;

pub(crate) use pair::{Slips, pair, rows_by_order};

pub use attach::{ATTACHMENT_BYTES, Attachment, attach, attachment, attachments};
pub use book::{record, settle};
pub use cards::{CardBalance, CardMove, card_moves, cards};
pub use count::{Counted, DENOMINATIONS, Note, notes_of, weigh};
pub use list::{Drawer, RecordFilter, RecordState, TillRecord, drawers, find, list};
pub use sheet::{SheetOf, day_sheet, make_day_sheet};

use crate::error::Error;
use domain::money::parse_minor;
use serde::Serialize;
use std::collections::BTreeMap;

/// Largest amount of one record, fen.
const LARGEST_MINOR: i64 = 10_000_000_000;
/// Longest text of a fact, in characters.
const FACT_CHARS: usize = 200;
/// Longest reason, in characters.
const REASON_CHARS: usize = 2_000;
/// The till or account that stands where nobody names one.
pub const FIRST: &str = "1";

/// What a buyer paid with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tender {
    /// Notes and coins, in a till.
    Cash,
    /// A slip of a card terminal, by terminal.
    PosSlip,
    /// A buyer's transfer to the bank.
    BankTransfer,
    /// A company's.
    CorporateRemittance,
    /// A cheque or a draft.
    Cheque,
    /// A card that was paid for before.
    PrepaidCard,
}

impl Tender {
    /// Every one, in the order lists show them.
    pub const ALL: [Self; 6] = [
        Self::Cash,
        Self::PosSlip,
        Self::BankTransfer,
        Self::CorporateRemittance,
        Self::Cheque,
        Self::PrepaidCard,
    ];

    /// The stable code: that of its channel.
    pub fn code(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::PosSlip => "pos_slip",
            Self::BankTransfer => "bank_transfer",
            Self::CorporateRemittance => "corporate_remittance",
            Self::Cheque => "cheque",
            Self::PrepaidCard => "prepaid_card",
        }
    }

    /// The tender with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tender| tender.code() == code)
    }

    /// True where the money goes to the bank without passing through the shop's hands.
    fn straight_to_bank(self) -> bool {
        matches!(self, Self::BankTransfer | Self::CorporateRemittance)
    }

    /// What has to be said of a receipt, beside its amount.
    pub fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Cash => &[],
            Self::PosSlip => &["batch", "last4"],
            Self::BankTransfer | Self::CorporateRemittance => &["payer"],
            Self::Cheque => &["cheque_no", "bank"],
            Self::PrepaidCard => &["card"],
        }
    }

    /// What may be said of a receipt.
    pub fn facts(self) -> &'static [&'static str] {
        match self {
            Self::Cash => &["payer", "note"],
            Self::PosSlip => &["batch", "last4", "authorization", "reference", "bank", "note"],
            Self::BankTransfer | Self::CorporateRemittance => {
                &["payer", "bank", "bank_ref", "note"]
            }
            Self::Cheque => &["cheque_no", "bank", "due", "payer", "note"],
            Self::PrepaidCard => &["card", "note"],
        }
    }
}

/// What was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A buyer paid.
    Receipt,
    /// A buyer got money back.
    Refund,
    /// A prepaid card was sold or filled; paid with the tender.
    Card,
    /// What stands on a prepaid card is owed no more.
    Breakage,
    /// Change was put into the till.
    Float,
    /// Cash was taken out of the till for something else than the bank.
    Take,
    /// Cash went to the bank.
    Drop,
    /// A cheque went to the bank.
    Deposit,
    /// A cheque was not honoured.
    Bounce,
    /// The slips of a batch went to the acquirer.
    Batch,
    /// The till was counted.
    Count,
    /// A record was wrong and is taken back.
    Reversal,
}

impl Act {
    /// Every one.
    pub const ALL: [Self; 12] = [
        Self::Receipt,
        Self::Refund,
        Self::Card,
        Self::Breakage,
        Self::Float,
        Self::Take,
        Self::Drop,
        Self::Deposit,
        Self::Bounce,
        Self::Batch,
        Self::Count,
        Self::Reversal,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Refund => "refund",
            Self::Card => "card",
            Self::Breakage => "breakage",
            Self::Float => "float",
            Self::Take => "take",
            Self::Drop => "drop",
            Self::Deposit => "deposit",
            Self::Bounce => "bounce",
            Self::Batch => "batch",
            Self::Count => "count",
            Self::Reversal => "reversal",
        }
    }

    /// The act with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.code() == code)
    }

    /// True for what is about an earlier record.
    fn is_about_another(self) -> bool {
        matches!(self, Self::Refund | Self::Deposit | Self::Bounce | Self::Reversal)
    }

    /// True for what nobody may record without saying why.
    fn needs_reason(self) -> bool {
        matches!(self, Self::Bounce | Self::Reversal | Self::Breakage)
    }
}

/// What somebody wants to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Made once for each press of the button: the same again is the same record.
    pub nonce: String,
    /// What.
    pub act: Act,
    /// With what; of a record about another one that other's, where nothing is said.
    pub tender: Option<Tender>,
    /// Which till, terminal or account; [`FIRST`] when empty.
    pub account: String,
    /// How much, positive; of a count what was counted. `None` means all that is left of the
    /// record it is about, or of the batch.
    pub amount_minor: Option<i64>,
    /// When it happened, UTC ms; now without it.
    pub at_ms: Option<i64>,
    /// The shop's order.
    pub order: String,
    /// Number of the record it is about.
    pub of: String,
    /// Why.
    pub reason: String,
    /// What else is known, by stable name.
    pub facts: BTreeMap<String, String>,
}

impl Wanted {
    /// A record of an act with nothing said yet.
    pub fn new(nonce: &str, act: Act) -> Self {
        Self {
            nonce: nonce.to_owned(),
            act,
            tender: None,
            account: String::new(),
            amount_minor: None,
            at_ms: None,
            order: String::new(),
            of: String::new(),
            reason: String::new(),
            facts: BTreeMap::new(),
        }
    }

    fn fact(&self, name: &str) -> &str {
        self.facts.get(name).map_or("", String::as_str)
    }

    /// # Errors
    /// [`Error::BadInput`] for what is no record.
    fn check(&self) -> Result<(), Error> {
        let bad = |field, reason: &str| Err(Error::BadInput { field, reason: reason.to_owned() });
        if self.nonce.is_empty() || self.nonce.len() > 64 {
            return bad("nonce", "is empty or longer than 64");
        }
        let lowest = i64::from(self.act != Act::Count);
        if self.amount_minor.is_some_and(|minor| !(lowest..=LARGEST_MINOR).contains(&minor)) {
            return bad("amount", "is not between 0.01 and 100000000.00");
        }
        if self.act.is_about_another() && self.of.is_empty() {
            return bad("of", "the number of the record it is about is missing");
        }
        if self.act.needs_reason() && self.reason.trim().is_empty() {
            return bad("reason", "has to be said");
        }
        let texts = [&self.account, &self.order, &self.of];
        let facts = self.facts.values();
        let long = |text: &&String| {
            text.chars().count() > FACT_CHARS || text.chars().any(char::is_control)
        };
        if texts.into_iter().chain(facts).any(|text| long(&text)) {
            return bad("facts", "a text is longer than 200 characters, or has a line break");
        }
        if self.reason.chars().count() > REASON_CHARS {
            return bad("reason", "is longer than 2000 characters");
        }
        self.check_receipt()
    }

    fn check_receipt(&self) -> Result<(), Error> {
        if self.act == Act::Breakage && self.fact("card").trim().is_empty() {
            let reason = "card is missing".to_owned();
            return Err(Error::BadInput { field: "facts", reason });
        }
        let (Act::Receipt | Act::Card, Some(tender)) = (self.act, self.tender) else {
            return Ok(());
        };
        let bad = |field, reason: String| Err(Error::BadInput { field, reason });
        let missing = tender.needed().iter().find(|name| self.fact(name).trim().is_empty());
        if let Some(name) = missing {
            return bad("facts", format!("{name} is missing"));
        }
        let figures = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let last4 = self.fact("last4");
        if !last4.is_empty() && (last4.len() != 4 || !figures(last4)) {
            return bad("facts", "last4 is not four figures: no more of a card is kept".to_owned());
        }
        let due = self.fact("due");
        if !due.is_empty() && domain::BusinessDate::parse(due).is_none() {
            return bad("facts", "due is no date".to_owned());
        }
        if self.act == Act::Card && self.fact("card").trim().is_empty() {
            return bad("facts", "card is missing".to_owned());
        }
        if self.act == Act::Card && tender == Tender::PrepaidCard {
            return bad("tender", "a card is not paid for with a card".to_owned());
        }
        Ok(())
    }
}

/// Why a till does not record what was asked, though it reads well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TillProblem {
    /// The till was counted after that moment: what was counted stays.
    Counted,
    /// There is not so much in the till.
    NotEnough,
    /// More than is left of the record.
    TooMuch,
    /// There is not so much on the card.
    CardShort,
    /// It was taken back, or given back, already.
    TakenBack,
    /// The bank has it already.
    Arrived,
    /// The acquirer's file holds it.
    InFile,
    /// A cheque that is not where it would have to be for this.
    WrongState,
    /// The count differs, and nobody said why.
    NeedsReason,
    /// No slip of the batch is left.
    EmptyBatch,
}

impl TillProblem {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Counted => "till_counted",
            Self::NotEnough => "till_not_enough",
            Self::TooMuch => "till_too_much",
            Self::CardShort => "till_card_short",
            Self::TakenBack => "till_taken_back",
            Self::Arrived => "till_arrived",
            Self::InFile => "till_in_file",
            Self::WrongState => "till_wrong_state",
            Self::NeedsReason => "till_needs_reason",
            Self::EmptyBatch => "till_empty_batch",
        }
    }
}

/// An amount as a person types it, `1,234.5` or `140`.
///
/// # Errors
/// [`Error::BadInput`] for what is no amount of at least 0.
pub fn typed_amount(text: &str) -> Result<i64, Error> {
    let minor = parse_minor(text.trim(), 2).ok().filter(|minor| *minor >= 0);
    let reason = || text.chars().take(40).collect();
    minor.ok_or_else(|| Error::BadInput { field: "amount", reason: reason() })
}

/// A moment as a person types it: `2026-04-17 14:30`, or a day, which means its noon.
///
/// # Errors
/// [`Error::BadInput`] for anything else.
pub fn typed_moment(text: &str) -> Result<i64, Error> {
    const NOON_MS: i64 = 12 * 3_600_000;
    let day = || domain::BusinessDate::parse(text).map(|day| day.start_ms() + NOON_MS);
    let reason = || text.chars().take(40).collect();
    domain::parse_channel_time(text)
        .or_else(day)
        .ok_or_else(|| Error::BadInput { field: "at", reason: reason() })
}
