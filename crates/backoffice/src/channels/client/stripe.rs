//! Stripe's balance: every move, the payouts, what each payout carries, and what it stood at.

use super::{Caller, Gift, Got, Line};
use crate::channels::setup::Setup;
use crate::import::{Proof, Span};
use connectors::Blame;
use connectors::error::CallError;
use connectors::http::{HttpAnswer, HttpRequest};
use connectors::stripe::archive::Archive;
use connectors::stripe::currency::Exponents;
use connectors::stripe::ledger::{self, BalanceRow, Payout};
use connectors::stripe::{Account, Had, Page, Range};

/// Seconds after a move within which its payout arrives at the bank.
const ARRIVES_WITHIN_S: i64 = 20 * 86_400;

/// Older spans than this are read without the balance: everything that moved it since would have
/// to be read with each of them.
const STANDS_FOR_S: i64 = 15 * 86_400;
/// How often the balance is asked for when it moves meanwhile.
const STANDING_TRIES: usize = 3;

/// Stripe with the key of one account.
pub struct Stripe {
    pub(super) caller: Caller,
    account: Account,
    account_id: String,
}

impl Stripe {
    pub fn new(setup: &Setup) -> Self {
        let account = Account {
            key: setup.secret("secret_key"),
            version: Account::VERSION.to_owned(),
            connected: None,
            base: setup.base.clone(),
            exponents: Exponents::default(),
        };
        let account_id = setup.need("account_id").to_owned();
        Self { caller: Caller::new(setup, &connectors::stripe::plan::PLAN), account, account_id }
    }

    /// A file for each currency; none when nothing moved.
    pub fn fetch(&self, line: &Line<'_>, span: &Span) -> Result<Got, CallError> {
        let (from_s, until_s) = (span.from_ms.div_euclid(1000), span.until_ms.div_euclid(1000));
        let fetched_s = self.caller.now_ms(line).div_euclid(1000);
        let mut archive = Archive::new(&self.account_id, from_s, until_s, fetched_s);
        let range = |until_s| Range { from_s: Some(from_s), until_s: Some(until_s), after: None };
        self.pages(
            line,
            range(until_s),
            |row: &BalanceRow| row.id.as_str(),
            |range| ledger::list(&self.account, range),
            |range, answer| {
                let page = ledger::read_list(&self.account, range, answer)?;
                archive.rows(&answer.body)?;
                Ok(page)
            },
        )?;
        let payouts: Vec<Payout> = self.pages(
            line,
            range(until_s + ARRIVES_WITHIN_S),
            |payout: &Payout| payout.id.as_str(),
            |range| ledger::payouts(&self.account, range),
            |range, answer| {
                let page = ledger::read_payouts(&self.account, range, answer)?;
                archive.payouts(&answer.body)?;
                Ok(page)
            },
        )?;
        for payout in payouts.iter().filter(|payout| payout.automatic && payout.itemized) {
            self.pages(
                line,
                Range::default(),
                |row: &BalanceRow| row.id.as_str(),
                |range| ledger::list_of_payout(&self.account, &payout.id, range.after.as_deref()),
                |range, answer| {
                    let page = ledger::read_list(&self.account, range, answer)?;
                    archive.payout_rows(&payout.id, &answer.body)?;
                    Ok(page)
                },
            )?;
        }
        if until_s >= fetched_s - STANDS_FOR_S {
            self.standing(line, until_s, &mut archive)?;
        }
        let gifts: Vec<Gift> = archive
            .finish()
            .into_iter()
            .map(|file| Gift {
                name: file.name,
                bytes: file.bytes,
                proof: Proof::Pages,
                account_no: Some(self.account_id.clone()),
                fund_account: None,
            })
            .collect();
        Ok(if gifts.is_empty() { Got::Empty } else { Got::Files(gifts) })
    }

    /// The balance, and everything that moved it since the end of the span: together they say what
    /// it was at that end, which no list can say of itself. A key that may not read the balance
    /// leaves it out.
    fn standing(
        &self,
        line: &Line<'_>,
        until_s: i64,
        archive: &mut Archive,
    ) -> Result<(), CallError> {
        for _ in 0..STANDING_TRIES {
            let asked = |_| Ok(ledger::balance(&self.account));
            let taken = self.caller.call(line, "balance", asked, |answer, _| {
                ledger::read_balance(answer)?;
                archive.balance(&answer.body)
            });
            match taken {
                Err(error) if error.blame() == Some(Blame::Permission) => return Ok(()),
                done => done?,
            }
            self.pages(
                line,
                Range { from_s: Some(until_s), until_s: None, after: None },
                |row: &BalanceRow| row.id.as_str(),
                |range| ledger::list(&self.account, range),
                |range, answer| {
                    let page = ledger::read_list(&self.account, range, answer)?;
                    archive.later_rows(&answer.body)?;
                    Ok(page)
                },
            )?;
            let again = |_| Ok(ledger::balance(&self.account));
            let stands = self.caller.call(line, "balance", again, |answer, _| {
                ledger::read_balance(answer)?;
                archive.still_stands(&answer.body)
            })?;
            if stands {
                return Ok(());
            }
        }
        archive.without_balance();
        Ok(())
    }

    /// Every item of a list, page by page to its end.
    fn pages<T>(
        &self,
        line: &Line<'_>,
        mut range: Range,
        id: fn(&T) -> &str,
        build: impl Fn(&Range) -> Result<HttpRequest, CallError>,
        mut read: impl FnMut(&Range, &HttpAnswer) -> Result<Page<T>, CallError>,
    ) -> Result<Vec<T>, CallError> {
        let (mut items, mut had) = (Vec::new(), Had::default());
        loop {
            let asked = |_| build(&range);
            let page = self.caller.call(line, "list", asked, |answer, _| read(&range, answer))?;
            had.take(page.items.iter().map(id))?;
            items.extend(page.items);
            match page.next {
                Some(next) => range.after = Some(next),
                None => return Ok(items),
            }
        }
    }
}
