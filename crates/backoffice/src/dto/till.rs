//! The till as it crosses to the window.

use super::Amount;
use super::convert::{instant_text, money};
use crate::error::Error;
use crate::till::{
    Act, Attachment, CardBalance, CardMove, Counted, DENOMINATIONS, Drawer, RecordState, Tender,
    TillRecord, Wanted, typed_amount, typed_moment,
};
use domain::BusinessDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

const CNY: &str = "CNY";

/// What is in hand of one tender.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DrawerView {
    /// Code of the tender.
    pub tender: String,
    /// Till, terminal or account.
    pub account: String,
    /// How much.
    pub in_hand: Amount,
    /// Records in all.
    #[ts(type = "number")]
    pub records: i64,
    /// When the till was last counted.
    pub counted_at: Option<String>,
}

/// What the holder of a prepaid card can spend.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CardView {
    /// Number of the card.
    pub card: String,
    /// How much.
    pub balance: Amount,
    /// When it was last used or filled.
    pub last_at: String,
}

/// A prepaid card with everything that moved on it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CardDetail {
    /// Number of the card, or of its member.
    pub card: String,
    /// What its holder can spend.
    pub balance: Amount,
    /// What was put on it.
    pub filled: Amount,
    /// What was spent of it, less what was given back.
    pub spent: Amount,
    /// Its moves, the latest first.
    pub moves: Vec<CardMoveView>,
}

/// A move on a prepaid card.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CardMoveView {
    /// Number of the record.
    pub number: String,
    /// Code of what was recorded.
    pub act: String,
    /// When.
    pub at: String,
    /// What it added to the card.
    pub amount: Amount,
    /// What stood on the card after it.
    pub balance: Amount,
    /// The shop's order.
    pub order: String,
    /// Why.
    pub reason: String,
}

/// Something said of a record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TillFact {
    /// Stable name: its words are `till.fact.<name>`.
    pub name: String,
    /// As it was said.
    pub text: String,
}

/// What a count found, or would find.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CountView {
    /// What had to be there.
    pub expected: Amount,
    /// What was there.
    pub counted: Amount,
    /// What was over (+) or short (−).
    pub over: Amount,
    /// Notes and coins.
    pub notes: Vec<NoteView>,
}

/// How many there are of one note or coin.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct NoteView {
    /// What one is worth.
    pub worth: Amount,
    /// How many.
    #[ts(type = "number")]
    pub pieces: i64,
    /// What they are worth together.
    pub sum: Amount,
}

/// A record of the till.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TillRecordView {
    /// Its number.
    pub number: String,
    /// Code of what was recorded.
    pub act: String,
    /// Code of the tender.
    pub tender: String,
    /// Till, terminal or account.
    pub account: String,
    /// How much.
    pub amount: Amount,
    /// When it happened.
    pub at: String,
    /// The shop's order; empty when it belongs to none.
    pub order: String,
    /// Number of the record it is about; empty when it is about none.
    pub of: String,
    /// Why.
    pub reason: String,
    /// What else is known, in a fixed order.
    pub facts: Vec<TillFact>,
    /// Code of where it stands.
    pub state: String,
    /// What of it was given back.
    pub given_back: Option<Amount>,
    /// Day it came to the bank.
    pub bank_day: Option<String>,
    /// The payout that carries it to the bank.
    pub payout_id: Option<String>,
    /// What a count found.
    pub counted: Option<CountView>,
    /// How many things are kept beside it.
    #[ts(type = "number")]
    pub attachments: i64,
    /// Document it is booked from, as a number too large for a script.
    pub document: Option<String>,
    /// Line of it.
    pub line_no: Option<u32>,
    /// Document of the acquirer whose line counts in place of a slip.
    pub file_document: Option<String>,
    /// Line of it.
    pub file_line_no: Option<u32>,
    /// When it was recorded.
    pub made_at: String,
    /// Who recorded it.
    pub made_by: String,
    /// Codes of what can be recorded about it now.
    pub can: Vec<String>,
}

/// Something kept beside a record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AttachmentView {
    /// Its number in the book.
    #[ts(type = "number")]
    pub id: i64,
    /// File name.
    pub name: String,
    /// `application/pdf`, `image/png`, `image/jpeg`.
    pub media: String,
    /// Bytes.
    #[ts(type = "number")]
    pub size_bytes: i64,
    /// Who added it.
    pub added_by: String,
}

/// A record with what is kept beside it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TillDetail {
    /// The record.
    pub record: TillRecordView,
    /// What is kept beside it.
    pub attachments: Vec<AttachmentView>,
    /// Records about it.
    pub later: Vec<TillRecordView>,
}

/// What the page of the till shows.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TillPage {
    /// What is in hand.
    pub drawers: Vec<DrawerView>,
    /// What holders of prepaid cards can spend.
    pub cards: Vec<CardView>,
    /// Records, the newest first.
    pub records: Vec<TillRecordView>,
    /// There may be more than these.
    pub more: bool,
    /// Notes and coins, the largest first.
    pub denominations: Vec<Amount>,
    /// Today, where the channels keep their days.
    pub today: String,
}

/// What somebody wants to record, as typed.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export)]
pub struct TillInput {
    /// Made once for each press of the button.
    pub nonce: String,
    /// Code of what.
    pub act: String,
    /// Code of the tender; none where it follows.
    pub tender: Option<String>,
    /// Till, terminal or account; empty for the first.
    pub account: String,
    /// How much, as typed; empty where it follows.
    pub amount: String,
    /// When, as typed; empty for now.
    pub at: String,
    /// The shop's order.
    pub order: String,
    /// Number of the record it is about.
    pub of: String,
    /// Why.
    pub reason: String,
    /// What else is known.
    pub facts: Vec<TillFact>,
}

impl TryFrom<TillInput> for Wanted {
    type Error = Error;

    fn try_from(input: TillInput) -> Result<Self, Error> {
        let bad = |field| Error::BadInput { field, reason: "is not known".to_owned() };
        let act = Act::from_code(&input.act).ok_or_else(|| bad("act"))?;
        let tender = match &input.tender {
            Some(code) => Some(Tender::from_code(code).ok_or_else(|| bad("tender"))?),
            None => None,
        };
        let typed = |text: &str| match text.trim() {
            "" => Ok(None),
            text => typed_amount(text).map(Some),
        };
        let at = match input.at.trim() {
            "" => None,
            text => Some(typed_moment(&text.replace('T', " "))?),
        };
        let mut facts = Vec::new();
        for TillFact { name, text } in input.facts {
            // The page hands on what was typed; the core reads amounts.
            match name.as_str() {
                "fee" => {
                    if let Some(fee) = typed(&text)? {
                        facts.push(("fee_minor".to_owned(), fee.to_string()));
                    }
                }
                _ => facts.push((name, text)),
            }
        }
        Ok(Self {
            nonce: input.nonce,
            act,
            tender,
            account: input.account,
            amount_minor: typed(&input.amount)?,
            at_ms: at,
            order: input.order,
            of: input.of,
            reason: input.reason,
            facts: facts.into_iter().collect(),
        })
    }
}

impl From<Drawer> for DrawerView {
    fn from(drawer: Drawer) -> Self {
        Self {
            tender: drawer.tender.code().to_owned(),
            account: drawer.account,
            in_hand: money(drawer.in_hand_minor, CNY),
            records: drawer.records,
            counted_at: drawer.counted_at_ms.map(instant_text),
        }
    }
}

impl From<CardBalance> for CardView {
    fn from(card: CardBalance) -> Self {
        let CardBalance { card, balance_minor, last_ms } = card;
        Self { card, balance: money(balance_minor, CNY), last_at: instant_text(last_ms) }
    }
}

impl CardDetail {
    /// Of a card's moves, the latest first.
    pub fn of(card: String, moves: Vec<CardMove>) -> Self {
        // A taking back counts as what it takes back: a filling where it takes value off.
        let filling = |each: &&CardMove| match each.act {
            Act::Card => true,
            Act::Reversal => each.amount_minor < 0,
            _ => false,
        };
        let filled: i64 = moves.iter().filter(filling).map(|each| each.amount_minor).sum();
        let balance = moves.first().map_or(0, |each| each.balance_minor);
        Self {
            card,
            balance: money(balance, CNY),
            filled: money(filled, CNY),
            spent: money(filled - balance, CNY),
            moves: moves.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<CardMove> for CardMoveView {
    fn from(of: CardMove) -> Self {
        Self {
            number: of.number,
            act: of.act.code().to_owned(),
            at: instant_text(of.at_ms),
            amount: money(of.amount_minor, CNY),
            balance: money(of.balance_minor, CNY),
            order: of.order,
            reason: of.reason,
        }
    }
}

impl From<Attachment> for AttachmentView {
    fn from(kept: Attachment) -> Self {
        let Attachment { id, name, media, size_bytes, added_by, .. } = kept;
        Self { id, name, media, size_bytes, added_by }
    }
}

impl From<Counted> for CountView {
    fn from(count: Counted) -> Self {
        let notes = count.notes.iter().map(|note| NoteView {
            worth: money(note.worth_minor, CNY),
            pieces: note.pieces,
            sum: money(note.worth_minor * note.pieces, CNY),
        });
        Self {
            expected: money(count.expected_minor, CNY),
            counted: money(count.counted_minor, CNY),
            over: money(count.over_minor, CNY),
            notes: notes.collect(),
        }
    }
}

/// What is shown of a record, in this order.
const SHOWN: [&str; 12] = [
    "payer",
    "card",
    "batch",
    "last4",
    "authorization",
    "reference",
    "cheque_no",
    "due",
    "bank",
    "bank_ref",
    "refund_id",
    "note",
];

/// What can be recorded about a record as it stands.
fn can(record: &TillRecord) -> Vec<String> {
    let receipt = matches!(record.act, Act::Receipt | Act::Card);
    let cheque = receipt && record.tender == Tender::Cheque;
    let (state, fresh) = (record.state, record.later.is_empty());
    let open = !matches!(state, RecordState::TakenBack | RecordState::Bounced);
    let left = record.given_back_minor < record.amount_minor;
    let arrived = state == RecordState::Arrived;
    let sends = !receipt || record.tender != Tender::Cheque && record.tender != Tender::PosSlip;
    let acts = [
        (
            Act::Refund,
            record.act == Act::Receipt && open && left && record.tender != Tender::Cheque,
        ),
        (Act::Deposit, cheque && state == RecordState::InHand && fresh),
        (Act::Bounce, cheque && open && !arrived && record.given_back_minor == 0),
        (
            Act::Reversal,
            !matches!(record.act, Act::Reversal | Act::Bounce | Act::Count)
                && fresh
                && open
                && state != RecordState::InFile
                && !(arrived && sends),
        ),
    ];
    let able = acts.into_iter().filter(|(_, can)| *can);
    able.map(|(act, _)| act.code().to_owned()).collect()
}

impl From<TillRecord> for TillRecordView {
    fn from(record: TillRecord) -> Self {
        let can = can(&record);
        let said = |name: &&str| {
            let text = record.facts.get(*name).filter(|text| !text.is_empty())?;
            Some(TillFact { name: (*name).to_owned(), text: text.clone() })
        };
        let back = record.given_back_minor;
        Self {
            facts: SHOWN.iter().filter_map(said).collect(),
            act: record.act.code().to_owned(),
            tender: record.tender.code().to_owned(),
            account: record.account,
            amount: money(record.amount_minor, CNY),
            at: instant_text(record.at_ms),
            state: record.state.code().to_owned(),
            given_back: (back != 0).then(|| money(back, CNY)),
            bank_day: record.bank_day.map(|day| BusinessDate::from_days(day).to_string()),
            payout_id: record.payout_id,
            counted: record.counted.map(CountView::from),
            attachments: record.attachments,
            document: record.line.map(|(document, _)| document.to_string()),
            line_no: record.line.map(|(_, line)| line),
            file_document: record.in_file.map(|(document, _)| document.to_string()),
            file_line_no: record.in_file.map(|(_, line)| line),
            made_at: instant_text(record.made_at_ms),
            made_by: record.made_by,
            number: record.number,
            order: record.order,
            of: record.of,
            reason: record.reason,
            can,
        }
    }
}

/// Notes and coins as the page lists them.
pub fn denominations() -> Vec<Amount> {
    DENOMINATIONS.iter().map(|minor| money(*minor, CNY)).collect()
}
