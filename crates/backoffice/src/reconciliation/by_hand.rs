//! What people recorded by hand against the bank: a buyer's transfer, a cheque, cash paid in, the
//! slips of a terminal. Their bank lines name no channel, so they are told by what was recorded.

use super::facts::Facts;
use crate::error::Error;
use domain::reconcile::Outcome;
use std::collections::HashMap;
use store::bulk::{Cell, Loader};

/// Shorter numbers stand in too many postings.
const SHORTEST: usize = 4;
/// What banks write beside cash that was paid in.
///
/// Source: posting texts of Chinese banks' statements as commonly seen; no bank promises them.
const CASH: [&str; 6] = ["现金", "现存", "存现", "存款", "CASH", "Cash"];

/// What a bank line of one of them may say.
#[derive(Default)]
pub(super) struct Said {
    /// Numbers: any of them is enough, whatever the amount.
    pub references: Vec<String>,
    /// Names and words: they count beside the very amount.
    pub words: Vec<String>,
}

/// What was recorded of everything on its way to the bank, by its fund row.
pub(super) fn said(
    loader: &mut Loader<'_>,
    facts: &Facts,
    outcome: &Outcome,
) -> Result<HashMap<i64, Said>, Error> {
    let mut found = HashMap::new();
    for payout in &outcome.payouts {
        let channel = facts.accounts[payout.account].scope.channel;
        if !channel.is_by_hand() {
            continue;
        }
        let said: &mut Said = found.entry(payout.line).or_default();
        loader.query(
            "select counterparty, merchant_ref from balance_transaction where id = $1",
            &[Cell::Int(payout.line)],
            |row| {
                let (payer, number) = (row.text(0)?, row.text(1)?);
                if number.len() >= SHORTEST {
                    said.references.push(number.to_owned());
                }
                if payer.chars().count() >= 2 {
                    said.words.push(payer.to_owned());
                }
                Ok(())
            },
        )?;
        if channel.code() == "cash" {
            said.words.extend(CASH.map(str::to_owned));
        }
    }
    Ok(found)
}
