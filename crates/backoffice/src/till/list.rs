//! What was recorded, and where each record stands.

use super::count::{Counted, counted};
use super::kept::{Kept, numbered, select};
use super::limits::{counted_at, given_back};
use super::{Act, Tender};
use crate::error::Error;
use domain::BusinessDate;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use store::bulk::{Cell, Reader};
use store::pack::split_line_id;

/// Most records of one answer.
const MOST: u32 = 500;

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// Recorded, and nothing more is to come.
    Done,
    /// A cheque, or a slip, that is in the shop's hands.
    InHand,
    /// On its way to the bank.
    OnItsWay,
    /// The bank has it.
    Arrived,
    /// A cheque that was not honoured.
    Bounced,
    /// A part was given back.
    PartlyBack,
    /// All of it was given back.
    GivenBack,
    /// Taken back: it was wrong.
    TakenBack,
    /// A slip, or a batch of them, that the acquirer's file stands for.
    InFile,
}

impl RecordState {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::InHand => "in_hand",
            Self::OnItsWay => "on_its_way",
            Self::Arrived => "arrived",
            Self::Bounced => "bounced",
            Self::PartlyBack => "partly_back",
            Self::GivenBack => "given_back",
            Self::TakenBack => "taken_back",
            Self::InFile => "in_file",
        }
    }
}

/// A record and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TillRecord {
    /// Its number.
    pub number: String,
    /// What.
    pub act: Act,
    /// With what.
    pub tender: Tender,
    /// Till, terminal or account.
    pub account: String,
    /// How much, positive.
    pub amount_minor: i64,
    /// What it added to what is in hand.
    pub in_hand_minor: i64,
    /// When it happened, UTC ms.
    pub at_ms: i64,
    /// The shop's order; empty when it belongs to none.
    pub order: String,
    /// Number of the record it is about; empty when it is about none.
    pub of: String,
    /// Why.
    pub reason: String,
    /// What else is known.
    pub facts: BTreeMap<String, String>,
    /// Where it stands.
    pub state: RecordState,
    /// What of it was given back.
    pub given_back_minor: i64,
    /// Day it came to the bank.
    pub bank_day: Option<i32>,
    /// Number of the payout that carries it to the bank, where it has one.
    pub payout_id: Option<String>,
    /// What a count found.
    pub counted: Option<Counted>,
    /// Numbers of records about it.
    pub later: Vec<String>,
    /// How many things are kept beside it.
    pub attachments: i64,
    /// Document and line it is booked from.
    pub line: Option<(i64, u32)>,
    /// Document and line of the acquirer's file that count in place of a slip.
    pub in_file: Option<(i64, u32)>,
    /// When it was recorded, UTC ms.
    pub made_at_ms: i64,
    /// Who recorded it.
    pub made_by: String,
}

/// Which records.
#[derive(Clone, Debug, Default)]
pub struct RecordFilter {
    /// With what.
    pub tender: Option<Tender>,
    /// Which till, terminal or account.
    pub account: Option<String>,
    /// First day.
    pub from: Option<BusinessDate>,
    /// Last day.
    pub to: Option<BusinessDate>,
    /// Of which order.
    pub order: Option<String>,
    /// At most so many; 500 without it.
    pub limit: Option<u32>,
}

/// Records, the newest first.
///
/// # Errors
/// The database's.
pub fn list(reader: &mut Reader, filter: &RecordFilter) -> Result<Vec<TillRecord>, Error> {
    let day = |day: Option<BusinessDate>, none: i32| {
        Cell::Int(i64::from(day.map_or(none, BusinessDate::days)))
    };
    let limit = filter.limit.unwrap_or(MOST).min(MOST);
    let found = select(
        reader,
        "($1 = '' or t.tender = $1) and ($2 = '' or t.account_no = $2) and t.day >= $3 \
         and t.day <= $4 and ($5 = '' or t.order_id = $5) order by t.at_ms desc, t.id desc \
         limit $6",
        &[
            Cell::Text(filter.tender.map_or("", Tender::code)),
            Cell::Text(filter.account.as_deref().unwrap_or("")),
            day(filter.from, i32::MIN),
            day(filter.to, i32::MAX),
            Cell::Text(filter.order.as_deref().unwrap_or("")),
            Cell::Int(i64::from(limit)),
        ],
    )?;
    told(reader, found)
}

/// One record.
///
/// # Errors
/// [`Error::NotFound`].
pub fn find(reader: &mut Reader, number: &str) -> Result<TillRecord, Error> {
    let found = numbered(reader, number)?;
    let missing = || Error::NotFound { what: "record", id: number.to_owned() };
    told(reader, vec![found])?.into_iter().next().ok_or_else(missing)
}

/// What is known of records beside themselves.
#[derive(Default)]
struct Beside {
    later: HashMap<i64, Vec<Kept>>,
    numbers: HashMap<i64, String>,
    /// State, day at the bank and id of payouts, by the number of their record.
    payouts: HashMap<String, (String, Option<i32>, String)>,
    attachments: HashMap<i64, i64>,
    lines: HashMap<String, (i64, u32)>,
    /// What the acquirer's file stands for, and where, by record.
    in_file: HashMap<i64, Option<(i64, u32)>>,
    /// Batches of slips that were sent, by terminal and batch: the number of the sending record.
    batches: HashMap<(String, String), String>,
}

/// Records with where they stand.
///
/// # Errors
/// The database's.
pub(super) fn told(reader: &mut Reader, found: Vec<Kept>) -> Result<Vec<TillRecord>, Error> {
    let beside = beside(reader, &found)?;
    Ok(found.into_iter().map(|record| view(record, &beside)).collect())
}

fn beside(reader: &mut Reader, found: &[Kept]) -> Result<Beside, Error> {
    let mut beside = Beside::default();
    if found.is_empty() {
        return Ok(beside);
    }
    // Ids are numbers of ours.
    let ids: Vec<String> = found.iter().map(|record| record.id.to_string()).collect();
    let ids = ids.join(",");
    let stands = format!(
        "t.of_id in ({ids}) and not exists \
         (select 1 from till_record r where r.of_id = t.id and r.act = 'reversal') order by t.id"
    );
    for later in select(reader, &stands, &[])? {
        if let Some(of) = later.of {
            beside.later.entry(of).or_default().push(later);
        }
    }
    let named = format!("t.id in (select s.of_id from till_record s where s.id in ({ids}))");
    let abouts = select(reader, &named, &[])?;
    beside.numbers = abouts.into_iter().map(|about| (about.id, about.number)).collect();
    reader.query(
        &format!(
            "select record_id, count(*) from till_attachment where record_id in ({ids}) \
             group by record_id"
        ),
        &[],
        |row| {
            beside.attachments.insert(row.int(0)?, row.int(1)?);
            Ok(())
        },
    )?;
    reader.query(
        &format!(
            "select r.sha256, d.id from document d join raw_document r \
             on r.id = d.raw_document_id join till_record t on t.sha256 = r.sha256 \
             where t.id in ({ids}) and d.kind = 'till_moves'"
        ),
        &[],
        |row| {
            beside.lines.insert(row.text(0)?.to_owned(), (row.int(1)?, 2));
            Ok(())
        },
    )?;
    reader.query(
        &format!("select record_id, line_id from slip_pair where record_id in ({ids})"),
        &[],
        |row| {
            beside.in_file.insert(row.int(0)?, row.opt_int(1)?.map(split_line_id));
            Ok(())
        },
    )?;
    let batches = "t.act = 'batch' and not exists \
                   (select 1 from till_record r where r.of_id = t.id and r.act = 'reversal')";
    for batch in select(reader, batches, &[])? {
        let key = (batch.account.clone(), batch.fact("batch").to_owned());
        beside.batches.insert(key, batch.number);
    }
    reader.query(
        "select p.number, p.state, p.bank_day, p.id from payout p \
         join channel_account a on a.id = p.account_id where a.channel in ('cash', 'pos_slip', \
         'bank_transfer', 'corporate_remittance', 'cheque')",
        &[],
        |row| {
            let day = row.opt_int(2)?.map(|day| day as i32);
            let payout = (row.text(1)?.to_owned(), day, row.text(3)?.to_owned());
            beside.payouts.insert(row.text(0)?.to_owned(), payout);
            Ok(())
        },
    )?;
    Ok(beside)
}

fn view(of: Kept, beside: &Beside) -> TillRecord {
    let none = Vec::new();
    let later = beside.later.get(&of.id).unwrap_or(&none);
    let deposit = later.iter().find(|each| each.act == Act::Deposit);
    let batch = || beside.batches.get(&(of.account.clone(), of.fact("batch").to_owned()));
    let slip = of.tender == Tender::PosSlip && matches!(of.act, Act::Receipt | Act::Card);
    // What carries it to the bank: itself, the deposit of a cheque, the batch of a slip.
    let carrier = match deposit {
        Some(deposit) => Some(&deposit.number),
        None if slip => batch(),
        None => Some(&of.number),
    };
    let payout = carrier.and_then(|number| beside.payouts.get(number));
    let given_back_minor = given_back(later);
    let in_file = beside.in_file.get(&of.id);
    let state = match in_file {
        Some(_) if given_back_minor == 0 => RecordState::InFile,
        _ => state(&of, later, given_back_minor, payout.map(|(state, ..)| state.as_str())),
    };
    TillRecord {
        state,
        given_back_minor,
        bank_day: payout.and_then(|(_, day, _)| *day),
        payout_id: payout.map(|(_, _, id)| id.clone()),
        counted: (of.act == Act::Count).then(|| counted(&of.facts, of.amount_minor)).flatten(),
        later: later.iter().map(|each| each.number.clone()).collect(),
        attachments: beside.attachments.get(&of.id).copied().unwrap_or(0),
        line: beside.lines.get(&of.sha256).copied(),
        in_file: in_file.copied().flatten(),
        of: of.of.and_then(|id| beside.numbers.get(&id)).cloned().unwrap_or_default(),
        number: of.number,
        act: of.act,
        tender: of.tender,
        account: of.account,
        amount_minor: of.amount_minor,
        in_hand_minor: of.in_hand_minor,
        at_ms: of.at_ms,
        order: of.order,
        reason: of.reason,
        facts: of.facts,
        made_at_ms: of.made_at_ms,
        made_by: of.made_by,
    }
}

fn state(of: &Kept, later: &[Kept], given_back: i64, payout: Option<&str>) -> RecordState {
    let has = |act| later.iter().any(|each| each.act == act);
    let receipt = matches!(of.act, Act::Receipt | Act::Card);
    if has(Act::Reversal) {
        return RecordState::TakenBack;
    }
    if has(Act::Bounce) {
        return RecordState::Bounced;
    }
    if receipt && given_back > 0 {
        let all = given_back >= of.amount_minor;
        return if all { RecordState::GivenBack } else { RecordState::PartlyBack };
    }
    match payout {
        Some("paid") => RecordState::Arrived,
        Some("in_transit") => RecordState::OnItsWay,
        // What comes back to the drawer was never counted as more than in hand.
        _ if receipt && matches!(of.tender, Tender::Cheque | Tender::PosSlip) => {
            RecordState::InHand
        }
        _ => RecordState::Done,
    }
}

/// What is in hand of one tender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drawer {
    /// Of what.
    pub tender: Tender,
    /// Till, terminal or account.
    pub account: String,
    /// How much.
    pub in_hand_minor: i64,
    /// Records in all.
    pub records: i64,
    /// When the till was last counted, UTC ms.
    pub counted_at_ms: Option<i64>,
}

/// What is in hand, by tender and till.
///
/// # Errors
/// The database's.
pub fn drawers(reader: &mut Reader) -> Result<Vec<Drawer>, Error> {
    let mut found = Vec::new();
    reader.query(
        "select t.tender, t.account_no, cast(sum(case when p.record_id is null \
         then t.in_hand_minor else 0 end) as bigint), count(*) \
         from till_record t left join slip_pair p on p.record_id = t.id \
         group by t.tender, t.account_no order by t.tender, t.account_no",
        &[],
        |row| {
            if let Some(tender) = Tender::from_code(row.text(0)?) {
                found.push(Drawer {
                    tender,
                    account: row.text(1)?.to_owned(),
                    in_hand_minor: row.int(2)?,
                    records: row.int(3)?,
                    counted_at_ms: None,
                });
            }
            Ok(())
        },
    )?;
    for drawer in found.iter_mut().filter(|drawer| drawer.tender == Tender::Cash) {
        drawer.counted_at_ms = counted_at(reader, &drawer.account)?;
    }
    found.sort_by(|a, b| (a.tender, &a.account).cmp(&(b.tender, &b.account)));
    Ok(found)
}
