//! Stripe's balance: every move, the payouts, and what each payout carries.

use super::{Caller, Gift, Got, Line};
use crate::channels::setup::Setup;
use crate::import::{Proof, Span};
use connectors::error::CallError;
use connectors::http::{HttpAnswer, HttpRequest};
use connectors::stripe::archive::Archive;
use connectors::stripe::currency::Exponents;
use connectors::stripe::ledger::{self, Payout};
use connectors::stripe::{Account, Page, Range};

/// Seconds after a move within which its payout arrives at the bank.
const ARRIVES_WITHIN_S: i64 = 20 * 86_400;

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
                |range| ledger::list_of_payout(&self.account, &payout.id, range.after.as_deref()),
                |range, answer| {
                    let page = ledger::read_list(&self.account, range, answer)?;
                    archive.payout_rows(&payout.id, &answer.body)?;
                    Ok(page)
                },
            )?;
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

    /// Every item of a list, page by page to its end.
    fn pages<T>(
        &self,
        line: &Line<'_>,
        mut range: Range,
        build: impl Fn(&Range) -> Result<HttpRequest, CallError>,
        mut read: impl FnMut(&Range, &HttpAnswer) -> Result<Page<T>, CallError>,
    ) -> Result<Vec<T>, CallError> {
        let mut items = Vec::new();
        loop {
            let asked = |_| build(&range);
            let page = self.caller.call(line, "list", asked, |answer, _| read(&range, answer))?;
            items.extend(page.items);
            match page.next {
                Some(next) => range.after = Some(next),
                None => return Ok(items),
            }
        }
    }
}
