//! What was fetched of an account's balance, written down as a document: every object as it was
//! received, so that the books rest on Stripe's own words and a later release can read them better.
//!
//! JSON lines. The first names the format, the account, the currency, the time that the list of
//! balance transactions covers and when it was asked for; the last counts. Stripe keeps a balance
//! for each currency, so each has a document of its own:
//!
//! ```json
//! {"suanpan":"stripe-balance/1","account":"acct_1","currency":"usd","places":2,"from":1,…}
//! {"h":"…","balance":{"object":"balance",…},"later":1}
//! {"h":"…","row":{"id":"txn_B",…},"later":true}
//! {"h":"…","row":{"id":"txn_A",…}}
//! {"h":"…","payout":{"id":"po_1",…}}
//! {"h":"…","row":{"id":"txn_A",…},"of":"po_1","sent":1}
//! {"h":"…","end":{"rows":1,"payouts":1,"payout_rows":1}}
//! ```
//!
//! `h` holds each line to the one before it ([`super::chain`]), which the first line announces.
//! A row with `of` is what the own list of that payout says, made at `sent`. Rows stand oldest
//! first; line breaks inside an object have become blanks, nothing else is changed.
//!
//! The balance is the one of the moment it was asked for. `later` counts the rows made between the
//! end of the time covered and that moment; they stand behind it, and only take it back to where
//! it was at that end: they are booked from the document that covers them.

use super::chain::Chain;
use super::currency::places;
use super::{READS, contract, raw};
use crate::error::CallError;
use domain::{BusinessDate, Currency};
use serde::Deserialize;
use std::collections::BTreeMap;

/// How the first line of a document begins.
pub(crate) const MARK: &str = "{\"suanpan\":\"stripe-balance/1\",";

/// A document to be kept and imported like any other file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveFile {
    /// For people; decides nothing.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Objects by time and id.
type Objects = BTreeMap<(i64, String), String>;

/// What was fetched of one currency.
#[derive(Debug, Default)]
struct Part {
    rows: Objects,
    later: Objects,
    payouts: Objects,
    lists: BTreeMap<String, Objects>,
}

/// What was fetched so far.
#[derive(Debug)]
pub struct Archive {
    account: String,
    from_s: i64,
    until_s: i64,
    fetched_s: i64,
    balance: Option<Standing>,
    parts: BTreeMap<Currency, Part>,
}

/// The balance, and what moved it after the time covered.
#[derive(Debug)]
struct Standing {
    text: String,
    sums: Sums,
    /// True when every later row was taken.
    with_later: bool,
}

/// Available and pending together, in Stripe's minor units.
type Sums = BTreeMap<String, i128>;

/// What every object has that is looked at here.
#[derive(Deserialize)]
struct About {
    id: String,
    object: String,
    created: i64,
    currency: String,
}

#[derive(Deserialize)]
struct Balance {
    object: String,
    #[serde(default)]
    available: Vec<Funds>,
    #[serde(default)]
    pending: Vec<Funds>,
}

#[derive(Deserialize)]
struct Funds {
    currency: String,
    amount: i64,
}

impl Archive {
    /// Begins with the time that the list of balance transactions covers: `from_s` is inside,
    /// `until_s` outside, Unix seconds.
    pub fn new(account: &str, from_s: i64, until_s: i64, fetched_s: i64) -> Self {
        let parts = BTreeMap::new();
        Self { account: account.to_owned(), from_s, until_s, fetched_s, balance: None, parts }
    }

    /// Takes a page of balance transactions.
    ///
    /// # Errors
    /// [`CallError::Contract`] for a body that is no such list.
    pub fn rows(&mut self, body: &[u8]) -> Result<(), CallError> {
        for (about, text) in objects(body, "balance_transaction")? {
            let place = (about.created, about.id);
            self.part(&about.currency)?.rows.insert(place, text);
        }
        Ok(())
    }

    /// Takes a page of the balance transactions made since the end of the time covered, listed
    /// after the balance was taken.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub fn later_rows(&mut self, body: &[u8]) -> Result<(), CallError> {
        for (about, text) in objects(body, "balance_transaction")? {
            let place = (about.created, about.id);
            self.part(&about.currency)?.later.insert(place, text);
        }
        Ok(())
    }

    /// Takes a page of payouts.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub fn payouts(&mut self, body: &[u8]) -> Result<(), CallError> {
        for (about, text) in objects(body, "payout")? {
            let place = (about.created, about.id);
            self.part(&about.currency)?.payouts.insert(place, text);
        }
        Ok(())
    }

    /// Takes a page of the balance transactions of a payout that is among those taken. Only lists
    /// of payouts that Stripe is done with belong here: a list tells all of a payout's rows.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub fn payout_rows(&mut self, payout: &str, body: &[u8]) -> Result<(), CallError> {
        for (about, text) in objects(body, "balance_transaction")? {
            let place = (about.created, about.id);
            let list = self.part(&about.currency)?.lists.entry(payout.to_owned()).or_default();
            list.insert(place, text);
        }
        Ok(())
    }

    /// Takes the balance, asked for after the last page. Every currency with something in it gets a
    /// document, also one that nothing moved. Later rows taken before are forgotten: they are of
    /// another balance.
    ///
    /// # Errors
    /// [`CallError::Contract`] for a body that is no balance.
    pub fn balance(&mut self, body: &[u8]) -> Result<(), CallError> {
        let (text, sums) = balance(body)?;
        for currency in sums.keys() {
            self.part(currency)?;
        }
        self.parts.values_mut().for_each(|part| part.later.clear());
        self.balance = Some(Standing { text: one_line(text), sums, with_later: false });
        Ok(())
    }

    /// Takes the balance once more, after the last page of later rows: true when it is still what
    /// it was, so that those rows are all that moved it.
    ///
    /// # Errors
    /// As [`Self::balance`].
    pub fn still_stands(&mut self, body: &[u8]) -> Result<bool, CallError> {
        let (_, sums) = balance(body)?;
        let Some(standing) = &mut self.balance else { return Ok(false) };
        standing.with_later = standing.sums == sums;
        Ok(standing.with_later)
    }

    /// Leaves the balance out: it never stood still.
    pub fn without_balance(&mut self) {
        self.balance = None;
        self.parts.values_mut().for_each(|part| part.later.clear());
        self.parts.retain(|_, part| !part.rows.is_empty() || !part.payouts.is_empty());
    }

    fn part(&mut self, currency: &str) -> Result<&mut Part, CallError> {
        let currency = Currency::from_code(currency)
            .map_err(|_| contract(READS, "an object without a currency"))?;
        Ok(self.parts.entry(currency).or_default())
    }

    /// The documents, one for each currency. To be called when every list was read to its end.
    pub fn finish(self) -> Vec<ArchiveFile> {
        let parts = self.parts.iter().filter(|(currency, part)| !self.is_idle(**currency, part));
        parts.map(|(currency, part)| self.write(*currency, part)).collect()
    }

    /// True for a currency with nothing in it, and in which nothing happened.
    fn is_idle(&self, currency: Currency, part: &Part) -> bool {
        let code = currency.code().to_ascii_lowercase();
        let sum = self.balance.as_ref().and_then(|standing| standing.sums.get(&code));
        let objects = [&part.rows, &part.later, &part.payouts];
        objects.iter().all(|list| list.is_empty()) && sum.is_none_or(|sum| *sum == 0)
    }

    fn write(&self, currency: Currency, part: &Part) -> ArchiveFile {
        let code = currency.code().to_ascii_lowercase();
        let account = serde_json::Value::from(self.account.as_str());
        let mut text = format!(
            "{MARK}\"account\":{account},\"currency\":\"{code}\",\"places\":{},\"from\":{},\
             \"until\":{},\"fetched\":{},\"chained\":true}}",
            places(currency),
            self.from_s,
            self.until_s,
            self.fetched_s
        );
        let mut chain = Chain::new(&text);
        text.push('\n');
        let mut line = |arguments: std::fmt::Arguments<'_>| {
            text.push_str(&chain.write(&arguments.to_string()));
            text.push('\n');
        };
        match &self.balance {
            Some(standing) if standing.with_later => {
                let (balance, later) = (&standing.text, part.later.len());
                line(format_args!("\"balance\":{balance},\"later\":{later}}}"));
                for row in part.later.values() {
                    line(format_args!("\"row\":{row},\"later\":true}}"));
                }
            }
            Some(standing) => line(format_args!("\"balance\":{}}}", standing.text)),
            None => {}
        }
        for row in part.rows.values() {
            line(format_args!("\"row\":{row}}}"));
        }
        for payout in part.payouts.values() {
            line(format_args!("\"payout\":{payout}}}"));
        }
        let mut payout_rows = 0;
        for (sent, payout) in part.payouts.keys() {
            let Some(rows) = part.lists.get(payout) else { continue };
            let payout = serde_json::Value::from(payout.as_str());
            payout_rows += rows.len();
            for row in rows.values() {
                line(format_args!("\"row\":{row},\"of\":{payout},\"sent\":{sent}}}"));
            }
        }
        line(format_args!(
            "\"end\":{{\"rows\":{},\"payouts\":{},\"payout_rows\":{payout_rows}}}}}",
            part.rows.len(),
            part.payouts.len()
        ));
        let day = |at_s: i64| BusinessDate::of_ms(at_s.saturating_mul(1000));
        let (from, until) = (day(self.from_s), day(self.until_s.saturating_sub(1)));
        let name = format!("stripe-{}-{code}-{from}-{until}.jsonl", self.account);
        ArchiveFile { name, bytes: text.into_bytes() }
    }
}

/// A balance as it stands, and what it comes to.
fn balance(body: &[u8]) -> Result<(&str, Sums), CallError> {
    let broken = || contract(READS, "the answer is no balance");
    let text = std::str::from_utf8(body).map_err(|_| broken())?;
    let balance: Balance = serde_json::from_str(text).map_err(|_| broken())?;
    if balance.object != "balance" {
        return Err(broken());
    }
    let mut sums = Sums::new();
    for funds in balance.available.iter().chain(&balance.pending) {
        *sums.entry(funds.currency.to_ascii_lowercase()).or_default() += i128::from(funds.amount);
    }
    Ok((text, sums))
}

/// The objects of a list, as they stand.
fn objects(body: &[u8], kind: &str) -> Result<Vec<(About, String)>, CallError> {
    let broken = || contract(READS, format!("the answer is no list of {kind}"));
    let text = std::str::from_utf8(body).map_err(|_| broken())?;
    if raw::member(text, "object") != Some("\"list\"") {
        return Err(broken());
    }
    let object = |object: &str| {
        let about: About = serde_json::from_str(object).map_err(|_| broken())?;
        let right = about.object == kind && !about.id.is_empty();
        right.then(|| (about, one_line(object))).ok_or_else(broken)
    };
    let items = raw::member(text, "data").and_then(raw::items).ok_or_else(broken)?;
    items.into_iter().map(object).collect()
}

/// Line breaks can only stand between the words of JSON.
fn one_line(json: &str) -> String {
    json.trim().replace(['\r', '\n'], " ")
}
