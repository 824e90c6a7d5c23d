//! Taking money at the counter: a code that the buyer scans, and what became of it.
//!
//! The order number is made at random and kept in the book before the first byte leaves. Whatever
//! happens then, the channel is asked by that number, and by no other: an answer that was lost is
//! asked for again, a code that was never shown is fetched again under the same number with the
//! same words. Only the channel's own word makes something paid or closed.

mod asking;
mod kept;

pub use asking::{ask, begin, follow, give_up};
pub use kept::{collected_on, collection, open_collections};

use crate::channels::{self, ConnectionKind};
use crate::error::Error;
use domain::money::parse_minor;
use serde::Serialize;
use store::bulk::Reader;

/// How long a buyer has to pay, minutes.
pub const MINUTES: u32 = 10;
/// Largest amount, fen: what Alipay takes.
const LARGEST_MINOR: i64 = 10_000_000_000;
/// Longest note, bytes: what WeChat Pay takes.
const NOTE_BYTES: usize = 127;

/// Where money asked for at the counter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The number is kept, and the call that asks for a code is being made.
    Sending,
    /// Nothing left this computer: the same number may be sent again.
    NotSent,
    /// Sent, and nobody knows what came of it. The channel has to be asked.
    Unknown,
    /// The code is there and waits for the buyer.
    Waiting,
    /// Given up, and the channel has not said yet that it is closed: it may be paid still.
    Closing,
    /// Paid.
    Paid,
    /// Closed unpaid, by the channel's word.
    Closed,
    /// The channel refused to make it: nobody can pay it.
    Refused,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Sending,
        Self::NotSent,
        Self::Unknown,
        Self::Waiting,
        Self::Closing,
        Self::Paid,
        Self::Closed,
        Self::Refused,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
            Self::Waiting => "waiting",
            Self::Closing => "closing",
            Self::Paid => "paid",
            Self::Closed => "closed",
            Self::Refused => "refused",
        }
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// True when nothing more is to come.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Paid | Self::Closed | Self::Refused)
    }
}

/// Money asked for at the counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Collection {
    /// Its number in the book.
    pub id: i64,
    /// The merchant's order number: what the channel and its bill know it by.
    pub order_id: String,
    /// Connection it goes through.
    pub connection: i64,
    /// Code of the channel.
    pub channel: String,
    /// Our number there.
    pub account_no: String,
    /// Currency of the amount.
    pub currency: String,
    /// How much.
    pub amount_minor: i64,
    /// What the buyer reads.
    pub note: String,
    /// Where it stands.
    pub state: State,
    /// Text of the code to scan; empty while there is none.
    pub code: String,
    /// What went wrong at the last call, as a code with words of its own; empty when nothing did.
    pub trouble: String,
    /// The channel's code for it, or a field.
    pub trouble_detail: String,
    /// When it was begun, UTC ms.
    pub made_at_ms: i64,
    /// Who began it.
    pub made_by: String,
    /// When the code was had, UTC ms.
    pub shown_at_ms: Option<i64>,
    /// Last moment to pay, UTC ms.
    pub expires_at_ms: i64,
    /// When the channel was last asked, UTC ms.
    pub asked_at_ms: Option<i64>,
    /// When to ask again, UTC ms; `None` when there is no need.
    pub next_at_ms: Option<i64>,
    /// Calls in a row that brought no answer.
    pub tries: i64,
    /// When it was paid, by the channel's clock, UTC ms.
    pub paid_at_ms: Option<i64>,
    /// The channel's number of the payment.
    pub channel_ref: String,
    /// When it was given up, UTC ms.
    pub given_up_at_ms: Option<i64>,
}

/// What is asked of a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Made by whoever asks, once for each time somebody presses the button: the same again is
    /// the same collection.
    pub nonce: String,
    /// Through which connection.
    pub connection: i64,
    /// How much, in the channel's currency.
    pub amount_minor: i64,
    /// What the buyer reads; the company's name when empty.
    pub note: String,
}

impl Wanted {
    /// # Errors
    /// [`Error::BadInput`] for what no channel takes.
    fn check(&self) -> Result<(), Error> {
        let bad = |field, reason: &str| Err(Error::BadInput { field, reason: reason.to_owned() });
        if !(1..=LARGEST_MINOR).contains(&self.amount_minor) {
            return bad("amount", "is not between 0.01 and 100000000.00");
        }
        if self.note.len() > NOTE_BYTES || self.note.chars().any(char::is_control) {
            return bad("note", "is longer than 127 bytes, or has a line break");
        }
        if self.nonce.is_empty() || self.nonce.len() > 64 {
            return bad("nonce", "is empty or longer than 64");
        }
        Ok(())
    }
}

/// An amount as a person types it, `1,234.5` or `140`.
///
/// # Errors
/// [`Error::BadInput`] for what is no amount above 0.
pub fn typed_amount(text: &str) -> Result<i64, Error> {
    let minor = parse_minor(text.trim(), 2).ok().filter(|minor| *minor > 0);
    let reason = || text.chars().take(40).collect();
    minor.ok_or_else(|| Error::BadInput { field: "amount", reason: reason() })
}

/// A nonce for one press of the button.
///
/// # Errors
/// No randomness.
pub fn fresh_nonce() -> Result<String, Error> {
    let bytes: [u8; 16] = secrets::unguessable().map_err(store::StoreError::Keys)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A connection that can take money at the counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counter {
    /// Number of the connection.
    pub connection: i64,
    /// Code of the channel.
    pub channel: String,
    /// What the merchant calls it.
    pub name: String,
    /// Our number there.
    pub account_no: String,
    /// True where it is a practice platform on this computer: no money moves.
    pub practice: bool,
}

/// The connections that can take money at the counter, in the order they were set up.
///
/// # Errors
/// The database's.
pub fn counters(reader: &mut Reader) -> Result<Vec<Counter>, Error> {
    let found = channels::list(reader)?.into_iter().filter(|connection| {
        matches!(connection.kind, ConnectionKind::WechatPay | ConnectionKind::Alipay)
    });
    Ok(found
        .map(|connection| Counter {
            connection: connection.id,
            channel: connection.kind.channel().code().to_owned(),
            practice: is_practice(&connection.base),
            name: connection.name,
            account_no: connection.account_no,
        })
        .collect())
}

/// True for an address on this computer, where only a practice platform speaks.
fn is_practice(base: &str) -> bool {
    base.starts_with("http://127.0.0.1:") || base.starts_with("http://localhost:")
}

/// The code of a collection as a drawing (SVG, black on white, with its quiet zone).
///
/// # Errors
/// [`Error::NotFound`] while there is no code.
pub fn drawing(collection: &Collection) -> Result<String, Error> {
    let none = || Error::NotFound { what: "code", id: collection.order_id.clone() };
    documents::qr::svg(&collection.code).ok_or_else(none)
}

/// The code of a collection for a terminal: two lines of it in one line of text.
///
/// # Errors
/// [`Error::NotFound`] while there is no code.
pub fn in_letters(collection: &Collection) -> Result<String, Error> {
    let none = || Error::NotFound { what: "code", id: collection.order_id.clone() };
    documents::qr::letters(&collection.code).ok_or_else(none)
}
