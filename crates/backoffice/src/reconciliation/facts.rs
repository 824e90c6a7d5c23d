//! What the book holds, as the reconciliation wants it: accounts, documents, and days of packs.

mod fingerprint;
mod shops;
mod standing;

use super::days::Pack;
use super::{AccountRows, BankItems, Orders, Refunds};
use crate::decisions::Classified;
use crate::error::Error;
use crate::revisions::{self, Compared, Copied, Places, Settled};
use connectors::bill::Check;
use domain::ledger::{Scope, paying_channel};
use domain::reconcile::{BalanceItem, BankItem, Coverage, Waiting};
use domain::{BalanceKind, BusinessDate, Channel, Currency, Stream};
pub(crate) use standing::Span;
use std::collections::{BTreeMap, HashMap, HashSet};
use store::bulk::Loader;
use store::pack::{Record, split_line_id};

/// A shop may go this long without a refund; a lost month of them is longer.
const QUIET_REFUND_DAYS: i32 = 27;
/// A bank account may rest this long, over holidays.
const QUIET_BANK_DAYS: i32 = 10;

/// A merchant's account, with its row id in the book.
pub(crate) struct Account {
    pub id: i64,
    pub scope: Scope,
    /// True when it had no number at first: decisions may name its records by that.
    named_later: bool,
}

impl Account {
    /// The scope without a number that its records were named by, where it had none.
    pub(super) fn former(&self) -> Option<Scope> {
        self.named_later.then(|| Scope { account_no: String::new(), ..self.scope.clone() })
    }
}

/// One document's pack of a day.
#[derive(Clone, Copy)]
pub(crate) struct PackRef {
    pub stream: Stream,
    pub document: i64,
    pub account: Option<usize>,
}

/// What is known of a document.
pub(crate) struct Document {
    pub stream: Stream,
    pub kind: String,
    pub account: Option<usize>,
    pub days: Option<(i32, i32)>,
    pub quarantined: i64,
    /// First line of those.
    pub quarantined_line: Option<u32>,
    pub checks: Vec<StoredCheck>,
}

/// A check of a file against its own summary, as stored.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub(crate) struct StoredCheck {
    pub code: String,
    /// Currency of amounts that are not of the yuan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    pub expected: i64,
    pub found: i64,
    pub line_no: Option<u32>,
}

impl From<&Check> for StoredCheck {
    fn from(check: &Check) -> Self {
        Self {
            code: check.code.clone(),
            currency: (check.currency != Currency::CNY).then(|| check.currency.to_string()),
            expected: check.expected,
            found: check.found,
            line_no: check.line_no,
        }
    }
}

/// All facts of one day.
pub(crate) struct DayFacts {
    pub accounts: BTreeMap<usize, AccountRows>,
    pub orders: Orders,
    pub refunds: Refunds,
}

pub(crate) struct Facts {
    pub accounts: Vec<Account>,
    pub documents: BTreeMap<i64, Document>,
    pub days: BTreeMap<i32, Vec<PackRef>>,
    superseded: HashSet<i64>,
    classes: HashMap<i64, BalanceKind>,
    known: HashSet<(Stream, usize, i32)>,
    known_days: HashSet<(Stream, i32)>,
    declared: HashMap<(usize, i32), i64>,
    fund_spans: HashMap<usize, (i32, i32)>,
    /// Bills of a day that differ.
    pub revisions: Vec<Differing>,
    /// Where lines stand in the bills that count, where that is another document.
    places: Places,
    /// Fund days on which bills say different things of a row, and none of them is the later: the
    /// row that lost.
    pub contested: BTreeMap<(usize, i32), (i64, u32)>,
    /// Alipay's summaries against their details.
    pub compared: Vec<Compared>,
    /// Copies of bills that say something else in some line.
    pub copies: Vec<Copied>,
    /// Spans that begin and end with a balance the channel told, and whether the rows between make
    /// the one of the other.
    pub spans: Vec<Span>,
    /// Days a sync proved, of channels where no balance runs on: one without a file is empty by
    /// the channel's own word, or by its list.
    pub asked: HashSet<(usize, i32)>,
}

/// Two bills of a day that differ, as the certificate tells it.
pub(crate) struct Differing {
    pub stream: Stream,
    pub account: usize,
    pub day: i32,
    /// The later of the two, where that is known.
    pub later: Option<i64>,
    pub other: i64,
    pub lines: i64,
    pub other_lines: i64,
    /// Where they first part.
    pub line: (i64, u32),
}

impl Facts {
    pub(crate) fn load(loader: &mut Loader<'_>, settled: Settled) -> Result<Self, Error> {
        let mut facts = Self {
            accounts: accounts(loader)?,
            documents: BTreeMap::new(),
            days: BTreeMap::new(),
            superseded: HashSet::new(),
            classes: HashMap::new(),
            known: HashSet::new(),
            known_days: HashSet::new(),
            declared: HashMap::new(),
            fund_spans: HashMap::new(),
            revisions: Vec::new(),
            compared: revisions::compared(loader)?,
            copies: revisions::copied(loader)?,
            places: settled.places,
            contested: BTreeMap::new(),
            asked: HashSet::new(),
            spans: Vec::new(),
        };
        for ((account, day), line) in settled.contested {
            if let Some(account) = facts.accounts.iter().position(|known| known.id == account) {
                facts.contested.insert((account, day), split_line_id(line));
            }
        }
        facts.load_documents(loader)?;
        let (documents, days) = (&facts.documents, &mut facts.days);
        loader.query(
            "select stream, day, document_id from day_pack order by day, stream, document_id",
            &[],
            |row| {
                let Some(stream) = Stream::ALL.get(row.int(0)? as usize) else { return Ok(()) };
                let (day, document) = (row.int(1)? as i32, row.int(2)?);
                let account = documents.get(&document).and_then(|d| d.account);
                let pack = PackRef { stream: *stream, document, account };
                days.entry(day).or_default().push(pack);
                Ok(())
            },
        )?;
        let superseded = &mut facts.superseded;
        loader.query("select line_id from superseded", &[], |row| {
            superseded.insert(row.int(0)?);
            Ok(())
        })?;
        facts.load_revisions(loader)?;
        facts.load_asked(loader)?;
        facts.load_spans(loader)?;
        facts.cover();
        facts.cover_shops(loader)?;
        Ok(facts)
    }

    fn load_asked(&mut self, loader: &mut Loader<'_>) -> Result<(), Error> {
        let (accounts, asked) = (&self.accounts, &mut self.asked);
        loader.query(
            "select c.kind, c.account_no, v.from_ms, v.until_ms from coverage v \
             join connection c on c.id = v.connection_id \
             where v.proof <> 'broken' and c.kind in ('union_pay', 'stripe')",
            &[],
            |row| {
                let (kind, number) = (row.text(0)?, row.text(1)?);
                let ours = |account: &Account| {
                    account.scope.channel.code() == kind && account.scope.account_no == number
                };
                let first = BusinessDate::of_ms(row.int(2)?).days();
                let end = BusinessDate::of_ms(row.int(3)?).days();
                for (index, _) in accounts.iter().enumerate().filter(|(_, a)| ours(a)) {
                    asked.extend((first..end).map(|day| (index, day)));
                }
                Ok(())
            },
        )?;
        Ok(())
    }

    /// What people said rows of unknown kind are.
    pub(crate) fn classify(&mut self, classified: &[Classified]) {
        self.classes = classified.iter().map(|found| (found.row.id, found.kind)).collect();
    }

    fn load_documents(&mut self, loader: &mut Loader<'_>) -> Result<(), Error> {
        let index: HashMap<i64, usize> =
            self.accounts.iter().enumerate().map(|(index, a)| (a.id, index)).collect();
        let documents = &mut self.documents;
        loader.query(
            "select d.id, d.stream, d.kind, d.account_id, d.from_day, d.to_day, \
             d.rows_quarantined - (select count(*) from quarantine q \
             where q.document_id = d.id and q.mended_by is not null), \
             d.checks, (select min(q.line_no) from quarantine q where q.document_id = d.id \
             and q.mended_by is null) from document d order by d.id",
            &[],
            |row| {
                let Some(stream) = Stream::from_code(row.text(1)?) else { return Ok(()) };
                let days = row.opt_int(4)?.zip(row.opt_int(5)?);
                let document = Document {
                    stream,
                    kind: row.text(2)?.to_owned(),
                    account: row.opt_int(3)?.and_then(|id| index.get(&id).copied()),
                    days: days.map(|(from, to)| (from as i32, to as i32)),
                    quarantined: row.int(6)?,
                    quarantined_line: row.opt_int(8)?.and_then(|line| u32::try_from(line).ok()),
                    checks: serde_json::from_str(row.text(7)?).unwrap_or_default(),
                };
                documents.insert(row.int(0)?, document);
                Ok(())
            },
        )?;
        Ok(())
    }

    fn load_revisions(&mut self, loader: &mut Loader<'_>) -> Result<(), Error> {
        let (accounts, found) = (&self.accounts, &mut self.revisions);
        loader.query(
            "select stream, account_id, day, later_id, other_id, lines, other_lines, line_id \
             from revision order by stream, account_id, day, document_id, other_id",
            &[],
            |row| {
                let id = row.int(1)?;
                let account = accounts.iter().position(|account| account.id == id);
                let (Some(stream), Some(account)) = (Stream::from_code(row.text(0)?), account)
                else {
                    return Ok(());
                };
                found.push(Differing {
                    stream,
                    account,
                    day: row.int(2)? as i32,
                    later: row.opt_int(3)?,
                    other: row.int(4)?,
                    lines: row.int(5)?,
                    other_lines: row.int(6)?,
                    line: split_line_id(row.int(7)?),
                });
                Ok(())
            },
        )?;
        Ok(())
    }

    /// True when a later bill of the day took this one's place.
    pub(crate) fn replaced(&self, document: i64, stream: Stream, day: i32) -> bool {
        self.revisions.iter().any(|found| {
            found.later.is_some()
                && found.other == document
                && found.day == day
                && found.stream == stream
        })
    }

    /// Which days each stream has been seen for, and what fund bills declare.
    fn cover(&mut self) {
        let mut fund_documents: HashMap<(usize, i32), u32> = HashMap::new();
        for (id, document) in &self.documents {
            let Some((from, to)) = document.days else { continue };
            if let (Stream::Fund, Some(account)) = (document.stream, document.account) {
                let span = self.fund_spans.entry(account).or_insert((from, to));
                *span = (span.0.min(from), span.1.max(to));
            }
            for day in from..=to {
                self.known_days.insert((document.stream, day));
                if let Some(account) = document.account {
                    self.known.insert((document.stream, account, day));
                    let replaced = !self.revisions.is_empty()
                        && self.revisions.iter().any(|found| {
                            found.later.is_some() && found.other == *id && found.day == day
                        });
                    if document.stream == Stream::Fund && !replaced {
                        *fund_documents.entry((account, day)).or_default() += 1;
                    }
                }
            }
        }
        self.cover_quiet_days(Stream::Refunds, QUIET_REFUND_DAYS);
        self.cover_quiet_days(Stream::Bank, QUIET_BANK_DAYS);
        for (id, document) in self.documents.iter().filter(|(_, d)| d.stream == Stream::Fund) {
            let (Some(account), Some((from, to))) = (document.account, document.days) else {
                continue;
            };
            let alone = from == to
                && !self.replaced(*id, Stream::Fund, from)
                && fund_documents.get(&(account, from)) == Some(&1);
            if alone && let Some(net) = declared_net(&document.checks) {
                self.declared.insert((account, from), net);
            }
        }
    }

    /// Tables name no period: what lies between the last row of one and the first of the next is
    /// covered too, as long as it is short.
    fn cover_quiet_days(&mut self, stream: Stream, longest: i32) {
        let mut ranges: Vec<(i32, i32)> = self
            .documents
            .values()
            .filter(|document| document.stream == stream)
            .filter_map(|document| document.days)
            .collect();
        ranges.sort_unstable();
        let mut covered_to = None;
        for (from, to) in ranges {
            if let Some(last) = covered_to
                && from - last - 1 <= longest
            {
                self.known_days.extend((last + 1..from).map(|day| (stream, day)));
            }
            covered_to = covered_to.max(Some(to));
        }
    }

    /// Last day any file covers.
    pub(crate) fn as_of(&self) -> Option<i32> {
        let covered = self.documents.values().filter_map(|d| d.days).map(|(_, to)| to).max();
        // What is recorded by hand covers no day; with nothing else, it is as of its last.
        covered.or_else(|| self.days.keys().next_back().copied())
    }

    pub(crate) fn declared_net(&self, account: usize, day: i32) -> Option<i64> {
        self.declared.get(&(account, day)).copied()
    }

    pub(crate) fn known(&self, stream: Stream, account: usize, day: i32) -> bool {
        self.known.contains(&(stream, account, day))
    }

    pub(crate) fn bank_known(&self, day: i32) -> bool {
        self.known_days.contains(&(Stream::Bank, day))
    }

    /// First and last day that a fund bill of the account covers.
    pub(crate) fn fund_span(&self, account: usize) -> Option<(i32, i32)> {
        self.fund_spans.get(&account).copied()
    }

    /// Accounts whose trade bills can tell a rate.
    pub(crate) fn trade_accounts(&self) -> usize {
        let trade = self.documents.values().filter(|d| d.stream == Stream::Trade);
        let accounts = trade.filter_map(|d| d.account).filter(|account| self.has_rate(*account));
        accounts.collect::<HashSet<_>>().len()
    }

    /// False for what is recorded by hand: nobody takes a fee of it.
    pub(crate) fn has_rate(&self, account: usize) -> bool {
        !self.accounts[account].scope.channel.is_by_hand()
    }

    /// The first day a payout's window can hold rows of, for its verdict.
    pub(crate) fn first_day_after(&self, day: i32) -> i32 {
        match day {
            i32::MIN => self.days.keys().next().copied().unwrap_or(day),
            _ => day + 1,
        }
    }

    /// Puts a day's packs together. Fund rows come in their bill's order, bills by their first row.
    /// Rows of a later day's bill wait in `late` for that day; days come in ascending order.
    pub(super) fn day(&self, day: i32, packs: Vec<Pack>, late: &mut Waiting) -> DayFacts {
        let mut facts =
            DayFacts { accounts: BTreeMap::new(), orders: Vec::new(), refunds: Vec::new() };
        let mut bills: BTreeMap<(usize, i64), Vec<BalanceItem>> = BTreeMap::new();
        for (account, row) in late.remove(&day).unwrap_or_default() {
            bills.entry((account, self.bill_of(row.id))).or_default().push(row);
        }
        for pack in packs {
            match pack {
                Pack::Trade(account, rows) => {
                    append(&mut facts.accounts.entry(account).or_default().settlements, rows);
                }
                Pack::Fund(account, rows) => {
                    for mut row in rows {
                        if row.kind == BalanceKind::Unknown {
                            row.kind = self.classes.get(&row.id).copied().unwrap_or(row.kind);
                        }
                        if row.day > day {
                            late.entry(row.day).or_default().push((account, row));
                        } else {
                            bills.entry((account, self.bill_of(row.id))).or_default().push(row);
                        }
                    }
                }
                Pack::Orders(rows) => append(&mut facts.orders, rows),
                Pack::Refunds(rows) => append(&mut facts.refunds, rows),
                Pack::Members(account, rows) => {
                    append(&mut facts.accounts.entry(account).or_default().members, rows);
                }
            }
        }
        let mut bills: Vec<(usize, Vec<BalanceItem>)> =
            bills.into_iter().map(|((account, _), rows)| (account, rows)).collect();
        for (_, rows) in &mut bills {
            rows.sort_unstable_by_key(|row| self.place(row.id));
        }
        bills.sort_by_key(|(account, rows)| {
            (*account, rows.last().map(|row| (row.at_ms, row.balance_minor, row.key)))
        });
        for (account, rows) in bills {
            append(&mut facts.accounts.entry(account).or_default().balances, rows);
        }
        for (account, rows) in &mut facts.accounts {
            let channel = self.accounts[*account].scope.channel;
            if channel == Channel::Stripe || channel.is_by_hand() {
                // Lists overlap, and records stand alone, so their rows follow the clock.
                rows.balances.sort_unstable_by_key(|row| (row.at_ms, row.id));
            }
        }
        facts
    }

    /// True for a row that no later word of the channel has replaced.
    pub(super) fn counts<T: Record>(&self, row: &T) -> bool {
        self.superseded.is_empty() || !self.superseded.contains(&row.id())
    }

    /// Where a line stands in the bill that counts.
    fn place(&self, line: i64) -> i64 {
        self.places.get(&line).copied().unwrap_or(line)
    }

    fn bill_of(&self, line: i64) -> i64 {
        split_line_id(self.place(line)).0
    }

    /// Bank lines that name a channel, by currency, and then by day and what they say; also those
    /// that name none, where something recorded by hand may be in them.
    pub(crate) fn bank_items(
        &self,
        loader: &mut Loader<'_>,
    ) -> Result<BTreeMap<Currency, BankItems>, Error> {
        let mut found: BTreeMap<Currency, BankItems> = BTreeMap::new();
        let by_hand = self.accounts.iter().any(|account| account.scope.channel.is_by_hand());
        loader.query(
            "select id, day, amount_minor, counterparty, memo, currency, bank_ref from bank_line",
            &[],
            |row| {
                let (counterparty, memo) = (row.text(3)?, row.text(4)?);
                let (channel, memo) = match paying_channel(counterparty, memo) {
                    Some(channel) => (channel, memo.to_owned()),
                    None if by_hand => {
                        (Channel::Bank, format!("{counterparty} {memo} {}", row.text(6)?))
                    }
                    None => return Ok(()),
                };
                let id = row.int(0)?;
                let account = self.documents.get(&split_line_id(id).0).and_then(|d| d.account);
                let currency = Currency::from_code(row.text(5)?).unwrap_or(Currency::CNY);
                found.entry(currency).or_default().push(BankItem {
                    id,
                    account: account.unwrap_or(0),
                    day: row.int(1)? as i32,
                    amount_minor: row.int(2)?,
                    channel,
                    memo,
                });
                Ok(())
            },
        )?;
        for items in found.values_mut() {
            items.sort_by(|a, b| {
                (a.day, a.amount_minor, &a.memo, a.id).cmp(&(b.day, b.amount_minor, &b.memo, b.id))
            });
        }
        Ok(found)
    }
}

/// Most days have one pack of a kind, which is taken as it is.
fn append<T>(all: &mut Vec<T>, mut rows: Vec<T>) {
    match all.is_empty() {
        true => *all = rows,
        false => all.append(&mut rows),
    }
}

/// In − out as a fund bill's own closing lines say; outgoing sums count whatever their sign.
fn declared_net(checks: &[StoredCheck]) -> Option<i64> {
    let sum = |word: &str| {
        checks
            .iter()
            .find(|check| check.code.starts_with("sum") && check.code.contains(word))
            .map(|check| check.expected.abs())
    };
    Some(sum("收入")? - sum("支出")?)
}

fn accounts(loader: &mut Loader<'_>) -> Result<Vec<Account>, Error> {
    let mut accounts = Vec::new();
    loader.query(
        "select id, channel, account_no, fund_account, named_later from channel_account \
         order by channel, account_no, fund_account",
        &[],
        |row| {
            let Some(channel) = Channel::from_code(row.text(1)?) else { return Ok(()) };
            let scope = Scope {
                channel,
                account_no: row.text(2)?.to_owned(),
                fund_account: row.text(3)?.to_owned(),
            };
            accounts.push(Account { id: row.int(0)?, scope, named_later: row.int(4)? != 0 });
            Ok(())
        },
    )?;
    Ok(accounts)
}

impl Coverage for Facts {
    fn trade(&self, account: usize, day: i32) -> bool {
        // A day that is empty by the channel's word has no sale either.
        self.known(Stream::Trade, account, day) || self.asked.contains(&(account, day))
    }
    fn fund(&self, account: usize, day: i32) -> bool {
        self.known(Stream::Fund, account, day)
    }
    fn orders(&self, day: i32) -> bool {
        self.known_days.contains(&(Stream::Orders, day))
    }
    fn refunds(&self, day: i32) -> bool {
        self.known_days.contains(&(Stream::Refunds, day))
    }
    fn cut_off_ms(&self, account: usize) -> i64 {
        match self.accounts[account].scope.channel {
            Channel::UnionPay => connectors::union_pay::CUT_OFF_MS,
            _ => 0,
        }
    }
    fn channel_account(&self, channel: Channel) -> Option<usize> {
        self.accounts.iter().position(|account| {
            let first = account.scope.fund_account == "basic" || channel == Channel::Stripe;
            account.scope.channel == channel && first
        })
    }
}
