//! The shop's own chart of accounts: which of its numbers an account of the book goes by.
//!
//! Said once for an account or for everything below it, remembered in the book, and nothing but a
//! name: no posting depends on it. The numbers of the two Chinese standards can be taken over in
//! one go; what a shop's accountant uses instead is theirs to say.

use crate::decisions::WRITE_OFF_ACCOUNT;
use crate::error::Error;
use crate::ledger::{AccountBalance, OPENING_ACCOUNT};
use domain::ledger::Role;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::Book;
use store::bulk::{Cell, Reader, Writer};

/// Longest number, in characters.
const CODE_CHARS: usize = 20;
/// Longest name, in characters.
const NAME_CHARS: usize = 60;
const KEY: &str = "own_account.";

/// What an account is called in the shop's own chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnAccount {
    /// Account of the book, or the beginning of several.
    pub account: String,
    /// The shop's number for it; empty where nobody said one.
    pub code: String,
    /// The shop's name for it.
    pub name: String,
}

/// A published chart whose numbers can be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    /// Accounting Standards for Small Enterprises (小企业会计准则).
    Small,
    /// Accounting Standards for Business Enterprises (企业会计准则).
    Business,
}

impl Standard {
    /// The standard with this code: `small`, `business`.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "small" => Some(Self::Small),
            "business" => Some(Self::Business),
            _ => None,
        }
    }

    /// The number and name of an account; `None` where the standard leaves a choice.
    fn of(self, account: &str) -> Option<(&'static str, &'static str)> {
        let small = self == Self::Small;
        Some(match account {
            "assets:bank" => ("1002", "银行存款"),
            "assets:till:cash" => ("1001", "库存现金"),
            "assets:balance" | "assets:in_transit" | "assets:till" => ("1012", "其他货币资金"),
            "assets:pending" => ("1122", "应收账款"),
            "assets:held" | "assets:frozen" => ("1221", "其他应收款"),
            "equity:suspense" => ("1901", "待处理财产损溢"),
            "liabilities:stored_value" => ("2203", "预收账款"),
            "revenues:sales" | "revenues:sales_refunds" | "expenses:merchant_discount" => {
                (if small { "5001" } else { "6001" }, "主营业务收入")
            }
            "revenues:adjustments" => (if small { "5301" } else { "6301" }, "营业外收入"),
            WRITE_OFF_ACCOUNT => (if small { "5711" } else { "6711" }, "营业外支出"),
            "expenses:commission_split" => (if small { "5601" } else { "6601" }, "销售费用"),
            "expenses:channel_fees"
            | "expenses:fees_returned"
            | "expenses:account_charges"
            | "expenses:payout_fees" => (if small { "5603" } else { "6603" }, "财务费用"),
            _ => return None,
        })
    }
}

/// What was said, by account.
#[derive(Clone, Debug, Default)]
pub struct OwnChart(BTreeMap<String, OwnAccount>);

impl OwnChart {
    /// The chart of a book.
    ///
    /// # Errors
    /// The database's.
    pub fn of_book(reader: &mut Reader) -> Result<Self, Error> {
        let mut said = BTreeMap::new();
        reader.query("select key, value from book_meta order by key", &[], |row| {
            let Some(account) = row.text(0)?.strip_prefix(KEY) else { return Ok(()) };
            let (code, name) = row.text(1)?.split_once('\t').unwrap_or((row.text(1)?, ""));
            let [account, code, name] = [account, code, name].map(str::to_owned);
            said.insert(account.clone(), OwnAccount { account, code, name });
            Ok(())
        })?;
        Ok(Self(said))
    }

    /// True when nobody said anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What an account goes by: what was said of it, else of the nearest one above it.
    pub fn of(&self, account: &str) -> Option<&OwnAccount> {
        let mut at = account;
        loop {
            if let Some(found) = self.0.get(at) {
                return Some(found);
            }
            at = &at[..at.rfind(':')?];
        }
    }

    /// Every place something can be said of: the book's own chart, and whatever was said.
    pub fn places(&self) -> Vec<OwnAccount> {
        let known = Role::ALL.into_iter().map(|role| role.prefix().to_owned());
        let more = ["assets:till", "assets:till:cash", OPENING_ACCOUNT, WRITE_OFF_ACCOUNT];
        let all = known.chain(more.map(str::to_owned)).chain(self.0.keys().cloned());
        let all: BTreeSet<String> = all.collect();
        let empty = |account| OwnAccount { account, code: String::new(), name: String::new() };
        let said =
            |account: String| self.0.get(&account).cloned().unwrap_or_else(|| empty(account));
        all.into_iter().map(said).collect()
    }
}

/// A row of the trial balance by the shop's own numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OwnBalance {
    /// The shop's number; empty for an account nobody gave one.
    pub code: String,
    /// The shop's name; the account's own where it has no number.
    pub name: String,
    /// Currency.
    pub currency: String,
    /// Sum of debits.
    pub debit_minor: i64,
    /// Sum of credits.
    pub credit_minor: i64,
    /// Debits less credits.
    pub balance_minor: i64,
    /// Number of postings.
    pub postings: i64,
}

/// The trial balance by the shop's own numbers, in their order; accounts without one come first,
/// each by itself, so that nothing is left out of the sums.
pub fn by_own_chart(rows: &[AccountBalance], chart: &OwnChart) -> Vec<OwnBalance> {
    let mut sums: BTreeMap<(String, String, String), OwnBalance> = BTreeMap::new();
    for row in rows {
        let (code, name) = match chart.of(&row.account) {
            Some(own) => (own.code.clone(), own.name.clone()),
            None => (String::new(), row.account.clone()),
        };
        // One number is one account, whatever name each of its parts was given.
        let told = if code.is_empty() { name.clone() } else { String::new() };
        let sum = sums.entry((code.clone(), told, row.currency.clone())).or_default();
        if sum.name.is_empty() {
            sum.name = name;
        }
        sum.code = code;
        sum.currency.clone_from(&row.currency);
        sum.debit_minor += row.debit_minor;
        sum.credit_minor += row.credit_minor;
        sum.balance_minor += row.balance_minor;
        sum.postings += row.postings;
    }
    sums.into_values().collect()
}

/// Says what an account goes by in the shop's own chart; without a number what was said is
/// forgotten.
///
/// # Errors
/// [`Error::BadInput`] for no account of the book, and for a number or name that is none.
pub fn set_own_account(book: &Book, own: &OwnAccount) -> Result<(), Error> {
    let bad = |field, reason: &str| Err(Error::BadInput { field, reason: reason.to_owned() });
    let (code, name) = (own.code.trim(), own.name.trim());
    check_account(book, &own.account)?;
    if code.is_empty() {
        return put(book, &[(&own.account, None)]);
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if code.chars().count() > CODE_CHARS || !code.chars().all(plain) {
        return bad("code", "a number has at most 20 letters, figures, points and dashes");
    }
    if name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return bad("name", "a name has at most 60 characters");
    }
    put(book, &[(&own.account, Some((code, name)))])
}

/// Takes over a standard's numbers for every place nothing was said of. Returns how many.
///
/// # Errors
/// The database's.
pub fn take_standard(book: &Book, standard: Standard) -> Result<usize, Error> {
    let places = OwnChart::of_book(&mut Reader::open(book)?)?.places();
    let open = places.iter().filter(|place| place.code.is_empty());
    let taken =
        open.filter_map(|place| Some((&*place.account, Some(standard.of(&place.account)?))));
    let taken: Vec<_> = taken.collect();
    put(book, &taken)?;
    Ok(taken.len())
}

/// Accounts with what they go by from now on; `None` forgets it.
type Said<'a> = (&'a str, Option<(&'a str, &'a str)>);

fn put(book: &Book, said: &[Said<'_>]) -> Result<(), Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    for (account, own) in said {
        let key = format!("{KEY}{account}");
        loader.execute("delete from book_meta where key = $1", &[Cell::Text(&key)])?;
        if let Some((code, name)) = own {
            let value = format!("{code}\t{name}");
            let cells = [Cell::Text(&key), Cell::Text(&value)];
            loader.execute("insert into book_meta (key, value) values ($1, $2)", &cells)?;
        }
    }
    loader.commit()?;
    Ok(())
}

/// A place of the chart, or an account of the book, or the beginning of one.
fn check_account(book: &Book, account: &str) -> Result<(), Error> {
    let mut reader = Reader::open(book)?;
    let chart = OwnChart::of_book(&mut reader)?;
    let mut known = chart.places().iter().any(|place| place.account == account);
    reader.query("select code from ledger_account", &[], |row| {
        let below = row.text(0)?.strip_prefix(account);
        known |= below.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
        Ok(())
    })?;
    if known && !account.is_empty() {
        return Ok(());
    }
    let reason = account.chars().take(60).collect();
    Err(Error::BadInput { field: "account", reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(said: &[(&str, &str)]) -> OwnChart {
        let own = |(account, code): &(&str, &str)| {
            let name = format!("name of {code}");
            let own = OwnAccount { account: (*account).to_owned(), code: (*code).to_owned(), name };
            (own.account.clone(), own)
        };
        OwnChart(said.iter().map(own).collect())
    }

    #[test]
    fn an_account_goes_by_the_nearest_number_above_it() {
        let chart = chart(&[("assets:bank", "1002"), ("assets:bank:6222", "100201")]);
        let code = |account| chart.of(account).map(|own| own.code.as_str());
        assert_eq!(code("assets:bank:6222"), Some("100201"));
        assert_eq!(code("assets:bank:6223"), Some("1002"));
        assert_eq!(code("assets:banker"), None, "a beginning ends at a part of the name");
        assert_eq!(code("assets"), None);
    }

    #[test]
    fn sums_by_own_numbers_leave_nothing_out() {
        let row = |account: &str, minor: i64| AccountBalance {
            account: account.to_owned(),
            currency: "CNY".to_owned(),
            debit_minor: minor.max(0),
            credit_minor: (-minor).max(0),
            balance_minor: minor,
            postings: 1,
        };
        let rows = [row("assets:bank:1", 70), row("assets:bank:2", 30), row("equity:x", -100)];
        let own = by_own_chart(&rows, &chart(&[("assets:bank", "1002")]));
        let told: Vec<_> =
            own.iter().map(|row| (&*row.code, &*row.name, row.balance_minor)).collect();
        assert_eq!(told, [("", "equity:x", -100), ("1002", "name of 1002", 100)]);
        assert_eq!(own.iter().map(|row| row.postings).sum::<i64>(), 3);
    }

    #[test]
    fn a_standard_knows_every_place_but_those_that_are_a_choice() {
        let open = |standard: Standard| {
            let places = OwnChart::default().places();
            let left = places.into_iter().filter(|place| standard.of(&place.account).is_none());
            left.map(|place| place.account).collect::<Vec<_>>()
        };
        let choice = ["equity:opening_balances", "equity:own_transfers"];
        assert_eq!(open(Standard::Small), choice);
        assert_eq!(open(Standard::Business), choice);
    }
}
