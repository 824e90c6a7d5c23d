//! What a till refuses: everything that could not have happened.

use super::kept::{Kept, select, sum};
use super::pair::is_paired;
use super::{Act, Tender, TillProblem};
use crate::decisions::Asks;
use crate::error::Error;
use store::bulk::Cell;

fn no<T>(problem: TillProblem, detail: impl Into<String>) -> Result<T, Error> {
    Err(Error::Till { problem, detail: detail.into() })
}

/// When the till was last counted; `None` when it never was.
pub(super) fn counted_at(db: &mut dyn Asks, account: &str) -> Result<Option<i64>, Error> {
    let mut last = None;
    db.ask(
        "select max(at_ms) from till_record where act = 'count' and account_no = $1",
        &[Cell::Text(account)],
        &mut |row| {
            last = row.opt_int(0)?;
            Ok(())
        },
    )?;
    Ok(last)
}

/// What is in hand of a tender: in a till, of a terminal, in cheques.
pub(super) fn in_hand(db: &mut dyn Asks, tender: Tender, account: &str) -> Result<i64, Error> {
    sum(
        db,
        "select cast(sum(t.in_hand_minor) as bigint) from till_record t where t.tender = $1 \
         and t.account_no = $2 and not exists \
         (select 1 from slip_pair p where p.record_id = t.id)",
        &[Cell::Text(tender.code()), Cell::Text(account)],
    )
}

/// What had to be in a till at a moment.
pub(super) fn in_till_at(db: &mut dyn Asks, account: &str, at_ms: i64) -> Result<i64, Error> {
    sum(
        db,
        "select cast(sum(in_hand_minor) as bigint) from till_record where tender = 'cash' \
         and account_no = $1 and at_ms <= $2",
        &[Cell::Text(account), Cell::Int(at_ms)],
    )
}

/// What the holder of a card can spend.
pub(super) fn on_card(db: &mut dyn Asks, card: &str) -> Result<i64, Error> {
    let sql = "select cast(sum(card_minor) as bigint) from till_record where card = $1";
    sum(db, sql, &[Cell::Text(card)])
}

/// What is left of a batch of slips, without those that the acquirer's file holds.
pub(super) fn in_batch(db: &mut dyn Asks, account: &str, batch: &str) -> Result<i64, Error> {
    sum(
        db,
        "select cast(sum(t.in_hand_minor) as bigint) from till_record t \
         where t.tender = 'pos_slip' and t.account_no = $1 and t.batch = $2 and not exists \
         (select 1 from slip_pair p where p.record_id = t.id)",
        &[Cell::Text(account), Cell::Text(batch)],
    )
}

/// What was recorded about a record since and still stands: neither taken back, nor a taking back.
pub(super) fn about(db: &mut dyn Asks, id: i64) -> Result<Vec<Kept>, Error> {
    let stands = "t.of_id = $1 and not exists \
                  (select 1 from till_record r where r.of_id = t.id and r.act = 'reversal') \
                  order by t.id";
    select(db, stands, &[Cell::Int(id)])
}

/// What of a receipt was given back.
pub(super) fn given_back(since: &[Kept]) -> i64 {
    since.iter().filter(|each| each.act == Act::Refund).map(|each| each.amount_minor).sum()
}

/// True when the bank has what a record sent.
fn arrived(db: &mut dyn Asks, number: &str) -> Result<bool, Error> {
    let mut found = false;
    db.ask(
        "select 1 from payout p join channel_account a on a.id = p.account_id \
         where p.number = $1 and p.state = 'paid' and a.channel in ('cash', 'pos_slip', \
         'bank_transfer', 'corporate_remittance', 'cheque')",
        &[Cell::Text(number)],
        &mut |_| {
            found = true;
            Ok(())
        },
    )?;
    Ok(found)
}

/// What the record it is about allows.
pub(super) fn check_about(db: &mut dyn Asks, of: &Kept, about: &Kept) -> Result<(), Error> {
    let since = self::about(db, about.id)?;
    if since.iter().any(|each| matches!(each.act, Act::Reversal | Act::Bounce)) {
        return no(TillProblem::TakenBack, &about.number);
    }
    let receipt = matches!(about.act, Act::Receipt | Act::Card);
    let deposit = since.iter().find(|each| each.act == Act::Deposit);
    match of.act {
        Act::Refund => {
            if about.act != Act::Receipt {
                return no(TillProblem::WrongState, &about.number);
            }
            if of.amount_minor > about.amount_minor - given_back(&since) {
                return no(TillProblem::TooMuch, &about.number);
            }
        }
        Act::Deposit => {
            let in_hand = receipt && about.tender == Tender::Cheque;
            if !in_hand || deposit.is_some() || given_back(&since) > 0 {
                return no(TillProblem::WrongState, &about.number);
            }
        }
        Act::Bounce => {
            if !receipt || about.tender != Tender::Cheque || given_back(&since) > 0 {
                return no(TillProblem::WrongState, &about.number);
            }
            if let Some(deposit) = deposit
                && arrived(db, &deposit.number)?
            {
                return no(TillProblem::Arrived, &about.number);
            }
        }
        Act::Reversal => {
            if matches!(about.act, Act::Reversal | Act::Bounce | Act::Count) {
                return no(TillProblem::WrongState, &about.number);
            }
            if !since.is_empty() {
                return no(TillProblem::TakenBack, &since[0].number);
            }
            if arrived(db, &about.number)? {
                return no(TillProblem::Arrived, &about.number);
            }
            if is_paired(db, about.id)? {
                return no(TillProblem::InFile, &about.number);
            }
        }
        _ => {}
    }
    Ok(())
}

/// What the till, the card and the batch allow. `of` is not kept yet.
pub(super) fn check(db: &mut dyn Asks, of: &Kept) -> Result<(), Error> {
    if of.tender == Tender::Cash
        && counted_at(db, &of.account)?.is_some_and(|counted| of.at_ms <= counted)
    {
        return no(TillProblem::Counted, &of.account);
    }
    // What is given back on a terminal is taken off what the acquirer owes, wherever the slip is.
    let on_terminal = of.act == Act::Refund && of.tender == Tender::PosSlip;
    let holds = of.act != Act::Count && !on_terminal;
    if holds && of.in_hand_minor < 0 && in_hand(db, of.tender, &of.account)? < -of.in_hand_minor {
        return no(TillProblem::NotEnough, &of.account);
    }
    let card = of.fact("card");
    if of.card_minor < 0 && on_card(db, card)? < -of.card_minor {
        return no(TillProblem::CardShort, card);
    }
    Ok(())
}
