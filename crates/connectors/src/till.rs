//! What a person recorded at the till, kept as a file: the book is made from it as from any other,
//! and every figure leads back to it. Only the till writes such a file; one from elsewhere is
//! refused by whoever imports it.
//!
//! JSON, one value a line. First what was recorded, by whom and when, with all that was said of
//! it; then a line for each thing that it moved; last how many there were, without which the file
//! is cut.
//!
//! ```text
//! {"format":"suanpan-till","version":1,"channel":"cash","account":"1","number":"T20260417-0001",…}
//! {"row":"payment","minor":1280,"at_ms":1776400000000,"order":"5001"}
//! {"end":1}
//! ```

use crate::bill::{Check, Closing, Fact, FileProblem, Row, Sink};
use crate::cells::row_problem;
use crate::error::json_problem;
use crate::lines::Lines;
use domain::{BalanceKind, BalanceTransaction, Channel, Currency, Money};
use domain::{SettlementKind, SettlementLine, SettlementStatus};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// What the first line says it is.
pub const FORMAT: &str = "suanpan-till";
/// The version written, and the latest one read.
pub const VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// Code of the tender.
    pub channel: String,
    /// Till, terminal or account of ours that it is about.
    pub account: String,
    /// The record's own number.
    pub number: String,
    /// What was recorded: `receipt`, `refund`, `count`…
    pub act: String,
    /// Who recorded it.
    pub made_by: String,
    /// When, UTC ms.
    pub made_at_ms: i64,
    /// Everything else that was said.
    pub facts: std::collections::BTreeMap<String, String>,
}

/// One thing that was moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// `payment`, `refund`, `revoked`, or the code of a [`BalanceKind`].
    pub row: String,
    /// Signed by its effect on what the shop has.
    pub minor: i64,
    /// When, UTC ms.
    pub at_ms: i64,
    /// The record that it gives back or takes back; empty where it stands for itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub of: String,
    /// The shop's order.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order: String,
    /// The shop's number of the refund.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub refund: String,
    /// Who paid or was paid.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub payer: String,
    /// What a bank knows it by: a serial number, a cheque's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bank_ref: String,
    /// Anything worth reading.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The bytes of a record.
///
/// # Panics
/// Never: plain fields always serialize.
pub fn write(head: &Head, rows: &[Moved]) -> Vec<u8> {
    let line = |text: serde_json::Result<String>| text.expect("plain fields always serialize");
    let mut text = line(serde_json::to_string(head)) + "\n";
    for row in rows {
        text.push_str(&line(serde_json::to_string(row)));
        text.push('\n');
    }
    text.push_str(&format!("{{\"end\":{}}}\n", rows.len()));
    text.into_bytes()
}

/// The tender of such a file, by its beginning; `None` for any other.
pub(crate) fn channel_of(start: &str) -> Option<Result<Channel, FileProblem>> {
    let first = start.lines().next()?;
    if !first.starts_with("{\"format\":\"suanpan-till\"") {
        return None;
    }
    Some(read_head(first.as_bytes()).map(|(_, channel)| channel))
}

/// What the rows of a record are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// What buyers paid and got back.
    Trade,
    /// What came in and went out.
    Fund,
}

/// Reads a record.
///
/// # Errors
/// Any [`FileProblem`]; nothing of the file may be booked then.
pub(crate) fn read(
    reader: &mut dyn std::io::BufRead,
    reading: Reading,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    let mut lines = Lines::new(reader);
    let Some((_, first)) = lines.next()? else {
        return Err(FileProblem::Truncated { line_no: 0 });
    };
    let (head, _) = read_head(first)?;
    let (mut rows, mut announced, mut handed) = (0_i64, None, 0);
    while let Some((line_no, bytes)) = lines.next()? {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| FileProblem::Encoding { line_no, encoding: "UTF-8" })?;
        if announced.is_some() {
            return Err(damaged(format!("line {line_no} stands behind the end")));
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Line {
            End { end: i64 },
            Row(Moved),
        }
        let line = serde_json::from_str(text)
            .map_err(|error| damaged(format!("line {line_no} {}", json_problem(&error))))?;
        let moved = match line {
            Line::End { end } => {
                announced = Some(end);
                continue;
            }
            Line::Row(moved) => moved,
        };
        rows += 1;
        let fact = match reading {
            Reading::Trade => trade(&head, &moved).map(Fact::Settlement),
            Reading::Fund => fund(&head, &moved, line_no).map(Fact::Balance),
        };
        let sound = moved.minor.abs() <= Money::MINOR_MAX && is_known(&moved.row);
        let fact = match (sound, fact) {
            (true, None) => continue,
            (true, Some(fact)) => Ok(fact),
            (false, _) => Err(row_problem(("bad_row", moved.row.clone()), text)),
        };
        handed += 1;
        if let ControlFlow::Break(()) = sink(Row { line_no, fact }) {
            return Err(FileProblem::Stopped);
        }
    }
    let announced = announced.ok_or(FileProblem::Truncated { line_no: lines.line_no() })?;
    Ok(Closing {
        rows_read: handed,
        account_no: Some(head.account),
        // A record covers no day, whenever it was made.
        days_announced: true,
        issued_at_ms: Some(head.made_at_ms),
        checks: vec![Check::yuan("row_count", announced, rows)],
        ..Closing::default()
    })
}

fn read_head(line: &[u8]) -> Result<(Head, Channel), FileProblem> {
    let head: Head = serde_json::from_slice(line)
        .map_err(|error| damaged(format!("line 1 {}", json_problem(&error))))?;
    if head.format != FORMAT || head.version > VERSION {
        return Err(damaged(format!("version {} is newer than this program", head.version)));
    }
    let channel = Channel::from_code(&head.channel).filter(|channel| channel.is_by_hand());
    let channel = channel.ok_or_else(|| damaged("the tender in line 1".to_owned()))?;
    Ok((head, channel))
}

fn damaged(detail: String) -> FileProblem {
    FileProblem::Damaged { detail }
}

fn is_known(row: &str) -> bool {
    row == "revoked" || kind_of(row) != BalanceKind::Unknown
}

fn kind_of(row: &str) -> BalanceKind {
    match row {
        "revoked" => BalanceKind::Refund,
        code => BalanceKind::ALL
            .into_iter()
            .find(|kind| kind.code() == code)
            .unwrap_or(BalanceKind::Unknown),
    }
}

/// The sale or refund of a row; `None` for one that is neither.
fn trade(head: &Head, moved: &Moved) -> Option<SettlementLine> {
    let kind = match moved.row.as_str() {
        "payment" => SettlementKind::Payment,
        "refund" => SettlementKind::Refund,
        "revoked" => SettlementKind::Revoked,
        _ => return None,
    };
    let paid = kind == SettlementKind::Payment;
    let (payment, refund) = match paid {
        true => (head.number.clone(), String::new()),
        false => (moved.of.clone(), head.number.clone()),
    };
    Some(SettlementLine {
        kind,
        at_ms: moved.at_ms,
        ordered_at_ms: None,
        refunded_at_ms: None,
        merchant_no: head.account.clone(),
        channel_payment_id: payment,
        merchant_order_id: moved.order.clone(),
        channel_refund_id: refund,
        merchant_refund_id: moved.refund.clone(),
        currency: Currency::CNY,
        order_amount_minor: moved.minor,
        settled_minor: moved.minor,
        subsidy_minor: 0,
        fee_minor: 0,
        fee_rate_ppm: None,
        status: SettlementStatus::Succeeded,
        status_text: String::new(),
        scene: head.act.clone(),
        paying_bank: head.facts.get("bank").cloned().unwrap_or_default(),
        payer: moved.payer.clone(),
        goods: head.facts.get("goods").cloned().unwrap_or_default(),
        note: moved.note.clone(),
        extra: Vec::new(),
    })
}

/// The move of a row.
fn fund(head: &Head, moved: &Moved, line_no: u32) -> Option<BalanceTransaction> {
    let kind = kind_of(&moved.row);
    // What came back is of what was sent.
    let back = kind == BalanceKind::PayoutReturned && !moved.of.is_empty();
    let number = if back { &moved.of } else { &head.number };
    let trades = matches!(kind, BalanceKind::Payment | BalanceKind::Refund);
    Some(BalanceTransaction {
        at_ms: moved.at_ms,
        kind,
        kind_text: format!("{}/{}", head.act, moved.row),
        channel_ref: number.clone(),
        ledger_ref: format!("{}-{line_no}", head.number),
        merchant_ref: if trades { moved.order.clone() } else { moved.bank_ref.clone() },
        payment_ref: match kind {
            BalanceKind::Payment => head.number.clone(),
            BalanceKind::Refund => moved.of.clone(),
            _ => String::new(),
        },
        payout_ref: String::new(),
        payout_at_ms: None,
        arrives_on: None,
        amount_minor: moved.minor,
        fee_minor: Some(0),
        balance_after_minor: None,
        remark_total_minor: None,
        remark_fee_minor: None,
        submitter: head.made_by.clone(),
        counterparty: moved.payer.clone(),
        remark: moved.note.clone(),
        extra: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bill::FileKind;
    use crate::{Options, open_bytes, read_entry};

    fn head(channel: &str) -> Head {
        Head {
            format: FORMAT.to_owned(),
            version: VERSION,
            channel: channel.to_owned(),
            account: "1".to_owned(),
            number: "T20260417-0001".to_owned(),
            act: "receipt".to_owned(),
            made_by: "小王".to_owned(),
            made_at_ms: 1_776_400_000_000,
            facts: Default::default(),
        }
    }

    fn row(row: &str, minor: i64) -> Moved {
        Moved { row: row.to_owned(), minor, at_ms: 1_776_400_000_000, ..Moved::default() }
    }

    /// Facts of both readings, and whether the closing check held.
    fn read_back(bytes: Vec<u8>) -> Result<(Vec<Fact>, bool), FileProblem> {
        let entries = open_bytes("till", bytes)?;
        assert_eq!(entries.len(), 2, "what was sold, and what moved");
        let (mut facts, mut holds) = (Vec::new(), true);
        for entry in &entries {
            let closing = read_entry(entry, &Options::default(), &mut |row| {
                facts.push(row.fact.expect("every row of ours can be read"));
                ControlFlow::Continue(())
            })?;
            holds &= closing.checks.iter().all(Check::holds);
        }
        Ok((facts, holds))
    }

    #[test]
    fn a_record_is_read_as_what_was_sold_and_as_what_moved() {
        let rows = [row("payment", 1280), row("payout", -1280), row("stored_value", 300)];
        let (facts, holds) = read_back(write(&head("bank_transfer"), &rows)).expect("ours");
        assert!(holds);
        let moves: Vec<(BalanceKind, i64)> = facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::Balance(row) => Some((row.kind, row.amount_minor)),
                _ => None,
            })
            .collect();
        assert_eq!(
            moves,
            [
                (BalanceKind::Payment, 1280),
                (BalanceKind::Payout, -1280),
                (BalanceKind::StoredValue, 300)
            ]
        );
        let sold = facts.iter().filter(|fact| matches!(fact, Fact::Settlement(_))).count();
        assert_eq!(sold, 1);
    }

    #[test]
    fn a_record_that_is_cut_or_of_no_tender_is_refused() {
        let bytes = write(&head("cash"), &[row("payment", 1)]);
        let cut = bytes.len() - 10;
        assert!(matches!(read_back(bytes[..cut].to_vec()), Err(FileProblem::Truncated { .. })));
        for channel in ["wechat_pay", "lakala", "nobody"] {
            let entries = open_bytes("till", write(&head(channel), &[])).expect("a plain file");
            assert!(matches!(entries[0].kind, Err(FileProblem::Damaged { .. })), "{channel}");
        }
        let kind = open_bytes("till", bytes).expect("ours").remove(0).kind;
        assert!(matches!(kind, Ok(FileKind::TillTrade { .. })));
    }
}
