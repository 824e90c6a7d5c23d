//! Runs the reconciliation over a book and stores what it finds.
//!
//! The run is a pure function of the facts ([`domain::reconcile`]); this file only feeds it, day by
//! day from the packs, and writes its results. Everything it writes is derived and replaced whole.

mod by_hand;
mod carried;
mod certificates;
mod collected;
mod days;
mod facts;
mod kept;
mod records;
mod results;
mod slips;

use crate::decisions::{self, Classified};
use crate::error::Error;
use crate::till::Slips;
use crate::watch::Steps;
use carried::Going;
use days::Pack;
use domain::reconcile::{
    AccountDay, AccountTerms, BalanceItem, BankItem, BankMatch, Break, BreakKind, Day, Expected,
    Match, MemberItem, OrderItem, Outcome, PayoutCover, ReconciledPayout, Record, RefundItem,
    SettlementItem, match_bank,
};
use domain::tender::tender_of;
use domain::{BusinessDate, Channel, Currency, Stream};
pub(crate) use facts::StoredCheck;
use facts::{Facts, PackRef};
use results::Label;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::thread;
use store::bulk::{Cell, Loader, Reader, TableSpec, Writer};
use store::pack::{Pairs, key};
use store::{Book, Kind};

/// Calendar days from a payout's row to its promised arrival, where the dictionary of tenders says
/// none.
const PROMISED_DAYS: i32 = 2;

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunSummary {
    /// Settlement lines paired with their fund rows.
    pub matched: u64,
    /// Payouts found.
    pub payouts: u64,
    /// Payouts whose `unexplained` is not 0.
    pub unexplained: u64,
    /// Discrepancies by kind, carried cut-offs included.
    pub breaks: BTreeMap<&'static str, u64>,
    /// Last day any file covers.
    pub as_of: Option<BusinessDate>,
}

/// Reconciles the whole book from its first day and stores payouts, breaks, certificates and
/// matches. After an import the run goes on from an earlier one instead, with the same results.
///
/// Blocking. One transaction: a run that fails leaves the earlier results in place.
///
/// # Errors
/// The database's; [`Error::DamagedPack`] when match data does not decode.
pub fn reconcile(book: &Book) -> Result<RunSummary, Error> {
    reconcile_watched(book, &mut Steps::unwatched())
}

/// The same, watched day by day. A run that is stopped leaves the earlier results in place.
///
/// # Errors
/// As [`reconcile`], and [`Error::Stopped`].
pub fn reconcile_watched(book: &Book, steps: &mut Steps<'_>) -> Result<RunSummary, Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    // Nobody else writes into a file meanwhile, so a reader sees the packs that the run does.
    let reader = match book.kind() {
        Kind::Sqlite => Some(Reader::open(book)?),
        Kind::Postgres => None,
    };
    loader.execute("delete from run_state", &[])?;
    let summary = run_watched(&mut loader, reader, steps)?;
    loader.commit()?;
    Ok(summary)
}

/// Reconciles what may have changed since the last run, inside a transaction that the caller
/// commits.
pub(crate) fn run(loader: &mut Loader<'_>) -> Result<RunSummary, Error> {
    run_watched(loader, None, &mut Steps::unwatched())
}

/// Notes that what is about to be committed was judged by no run yet. Whoever dies before it is
/// leaves that to the next import or sync, though that one may book nothing.
///
/// # Errors
/// The database's.
pub(crate) fn owe(loader: &mut Loader<'_>) -> Result<(), Error> {
    let sql = "insert into book_meta (key, value) values ('run_owed', 'yes') \
               on conflict (key) do nothing";
    loader.execute(sql, &[])?;
    Ok(())
}

/// True when something was committed that no run has judged.
///
/// # Errors
/// The database's.
pub(crate) fn is_owed(loader: &mut Loader<'_>) -> Result<bool, Error> {
    let mut owed = false;
    loader.query("select 1 from book_meta where key = 'run_owed'", &[], |_| {
        owed = true;
        Ok(())
    })?;
    Ok(owed)
}

/// The same, watched; packs are read ahead where a reader sees those of the transaction.
fn run_watched(
    loader: &mut Loader<'_>,
    reader: Option<Reader>,
    steps: &mut Steps<'_>,
) -> Result<RunSummary, Error> {
    steps.step()?;
    let settled = crate::revisions::settle(loader)?;
    let slips = crate::till::pair(loader)?;
    let classified = decisions::store_classes(loader)?;
    let mut facts = Facts::load(loader, settled)?;
    facts.classify(&classified);
    let Some(as_of) = facts.as_of() else { return Ok(RunSummary::default()) };
    let terms = terms(loader, &facts)?;
    results::store_terms(loader, &facts, &terms)?;
    let mut going = Going::resume(loader, &facts, &terms)?;
    forget_matches(loader, going.from)?;
    steps.expect(facts.days.range(going.from..).count() + 2);
    match reader {
        None => feed_days(loader, &mut going, &facts, &slips, |loader, day, packs| {
            steps.step()?;
            days::read(loader, &facts, day, packs)
        })?,
        Some(reader) => thread::scope(|scope| {
            let ahead = days::ahead(scope, reader, &facts, going.from);
            feed_days(loader, &mut going, &facts, &slips, |_, _, _| {
                steps.step()?;
                ahead.recv().expect("every day of the book is sent, or the error that ended them")
            })
        })?,
    }
    steps.step()?;
    Going::tidy(loader, &facts)?;
    let mut outcome = going.reconciler.finish(as_of, &facts);
    judge_splits(loader, &mut outcome)?;
    let mut payouts = results::Payouts::read(loader)?;
    let labels = payouts.labels(loader, &outcome.payouts)?;
    let bank = against_bank(loader, &facts, &outcome, &labels, as_of)?;
    let mut breaks = std::mem::take(&mut outcome.breaks);
    breaks.extend(bank.1);
    collected::against_bills(loader, &facts, &mut breaks)?;
    slips::against_files(&facts, &slips, &mut breaks);
    records::drop_consequences(loader, &mut breaks)?;
    let certificates = certificates::judge(&facts, &outcome, &breaks);
    certificates::store(loader, &facts, &certificates)?;
    results::store_balances(loader, &facts, &outcome)?;
    let summary = summarise(&outcome, &breaks, as_of);
    breaks.extend(resolved(&facts, &classified));
    loader.execute("delete from record_alias", &[])?;
    records::store_breaks(loader, &facts, &breaks)?;
    let found = outcome.payouts.iter().zip(&labels).zip(&bank.0);
    let found = found.map(|((payout, label), bank)| (payout, label, bank));
    payouts.store(loader, &facts, found, &certificates)?;
    loader.execute("delete from book_meta where key = 'run_owed'", &[])?;
    decisions::settle(loader)?;
    Ok(summary)
}

/// Rows that are of unknown kind no more: the break stays, with who said what they are.
fn resolved(facts: &Facts, classified: &[Classified]) -> Vec<Break> {
    let broken = classified.iter().filter_map(|Classified { row, .. }| {
        let account = facts.accounts.iter().position(|account| account.id == row.account_id)?;
        Some(Break {
            kind: BreakKind::UnknownRow,
            records: vec![Record::FundRow(row.id)],
            field: "kind",
            expected: "known".into(),
            found: "unknown".into(),
            effect_minor: row.amount_minor,
            day: row.day,
            account,
        })
    });
    broken.collect()
}

/// Feeds every day that is to be read, and stores its matches.
fn feed_days<'l>(
    loader: &mut Loader<'l>,
    going: &mut Going<'_>,
    facts: &Facts,
    slips: &Slips,
    mut read: impl FnMut(&mut Loader<'l>, i32, &[PackRef]) -> Result<Vec<Pack>, Error>,
) -> Result<(), Error> {
    for (day, packs) in facts.days.range(going.from..) {
        going.keep_before(loader, facts, *day)?;
        let packs = read(loader, *day, packs)?;
        let mut day_facts = facts.day(*day, packs, &mut going.waiting);
        name_orders(loader, &mut day_facts)?;
        slips::name_orders(slips, &mut day_facts);
        let matches = feed(loader, going, *day, &day_facts, facts)?;
        store_matches(loader, facts, *day, &matches)?;
    }
    Ok(())
}

/// A refund that names no order is of its payment's order.
fn name_orders(loader: &mut Loader<'_>, facts: &mut facts::DayFacts) -> Result<(), Error> {
    let lines = facts.accounts.values_mut().flat_map(|rows| &mut rows.settlements);
    let refund = |line: &&mut SettlementItem| line.kind != domain::SettlementKind::Payment;
    for line in lines.filter(refund).filter(|line| line.order == 0 && line.payment != 0) {
        let mut order = String::new();
        loader.query(
            "select p.order_id from settlement_line r \
             join settlement_line p on p.payment_id = r.payment_id and p.kind = 0 \
             where r.id = $1 and p.order_id <> '' \
             and not exists (select 1 from superseded s where s.line_id = p.id) order by p.id",
            &[Cell::Int(line.id)],
            |row| {
                if order.is_empty() {
                    row.text(0)?.clone_into(&mut order);
                }
                Ok(())
            },
        )?;
        line.order = key(&[&order]);
    }
    Ok(())
}

fn feed(
    loader: &mut Loader<'_>,
    going: &mut Going<'_>,
    day: i32,
    day_facts: &facts::DayFacts,
    facts: &Facts,
) -> Result<Vec<Match>, Error> {
    let accounts: Vec<AccountDay<'_>> = day_facts
        .accounts
        .iter()
        .map(|(account, rows)| AccountDay {
            account: *account,
            settlements: &rows.settlements,
            balances: &rows.balances,
            members: &rows.members,
            declared_net_minor: facts.declared_net(*account, day),
        })
        .collect();
    let day =
        Day { day, orders: &day_facts.orders, refunds: &day_facts.refunds, accounts: &accounts };
    going.recall_settled(loader, facts, &day)?;
    Ok(going.reconciler.day(&day, facts))
}

/// Terms by account: the rate is learned from the first rows, see [`learn_rate`].
fn terms(loader: &mut Loader<'_>, facts: &Facts) -> Result<Vec<AccountTerms>, Error> {
    let mut samples: HashMap<usize, Vec<SettlementItem>> = HashMap::new();
    for (day, packs) in &facts.days {
        let full = |account: &usize| samples.get(account).is_some_and(|s| s.len() >= 400);
        let wanted: Vec<_> = packs
            .iter()
            .filter(|p| p.stream == Stream::Trade)
            .filter(|p| p.account.is_some_and(|a| facts.has_rate(a) && !full(&a)))
            .copied()
            .collect();
        if wanted.is_empty() {
            if samples.len() == facts.trade_accounts() && samples.keys().all(full) {
                break;
            }
            continue;
        }
        for pack in days::read(loader, facts, *day, &wanted)? {
            if let Pack::Trade(account, rows) = pack {
                samples.entry(account).or_default().extend(rows);
            }
        }
    }
    let terms = facts.accounts.iter().enumerate().map(|(index, account)| {
        let channel = account.scope.channel;
        let lines = samples.get(&index).map_or(&[][..], Vec::as_slice);
        let price = match channel {
            Channel::Stripe => learn_price(lines),
            _ => learn_rate(lines).map(|rate| (rate, 0)),
        };
        let (rate_ppm, fixed_minor) = price.unzip();
        let fixed_minor = fixed_minor.unwrap_or_default();
        AccountTerms { rate_ppm, fixed_minor, ..channel_terms(channel) }
    });
    Ok(terms.collect())
}

/// What is usual at a channel, as long as a contract says nothing else.
pub(crate) fn channel_terms(channel: Channel) -> AccountTerms {
    let cover = match channel {
        Channel::WechatPay => PayoutCover::Midnight,
        // Cleared today, paid on the next working day: holidays lie between.
        Channel::UnionPay => PayoutCover::ClearedDay,
        Channel::Stripe => PayoutCover::Listed,
        Channel::Defined(_) if channel.is_by_hand() => PayoutCover::ByHand,
        Channel::Defined(_) => PayoutCover::ClearedDay,
        _ => PayoutCover::Rows,
    };
    let tender = tender_of(channel);
    let promised_days = tender.and_then(|tender| tender.promised_days).unwrap_or(PROMISED_DAYS);
    let returns_fees = tender.is_some_and(|tender| tender.returns_fee == Some(true));
    AccountTerms { rate_ppm: None, fixed_minor: 0, cover, promised_days, returns_fees }
}

/// The contract rate that explains at least nine of ten payments to the fen, half-up on the row.
///
/// Candidates are the rates printed in the rows and the usual ones; `None` under 20 payments or
/// when no single rate does it (several products): the printed rate is then checked row by row.
fn learn_rate(lines: &[SettlementItem]) -> Option<i64> {
    use domain::SettlementKind::Payment;
    use domain::money::{Rounding, apply_rate};
    let payments: Vec<&SettlementItem> =
        lines.iter().filter(|l| l.kind == Payment && l.settled_minor > 0).collect();
    if payments.len() < 20 {
        return None;
    }
    let mut candidates: Vec<i64> = payments.iter().filter_map(|line| line.rate_ppm).collect();
    candidates.extend([6000, 5400, 3800, 10_000, 5500, 2500, 2000]);
    candidates.sort_unstable();
    candidates.dedup();
    let hits = |rate: i64| {
        let fits = |line: &&&SettlementItem| {
            apply_rate(line.settled_minor, rate, Rounding::HalfUp) == Ok(-line.own_fee_minor())
        };
        payments.iter().filter(fits).count()
    };
    let best = candidates.into_iter().max_by_key(|rate| (hits(*rate), -rate))?;
    (hits(best) * 10 >= payments.len() * 9).then_some(best)
}

/// Price lists of card payments are in steps of so much, parts per million: 0.05 %.
const PRICE_STEP_PPM: i64 = 500;
/// The highest rate that is looked for, parts per million: 6 %.
const PRICE_MOST_PPM: i64 = 60_000;

/// The rate and the amount for each payment that explain at least nine of ten of the channel's own
/// fees to the cent, half-up on the row: what card payments cost.
///
/// `None` under 20 payments, when no single price does it (cards of other countries cost more), and
/// when amounts are too alike to tell a rate from a fixed amount.
fn learn_price(lines: &[SettlementItem]) -> Option<(i64, i64)> {
    use domain::SettlementKind::Payment;
    use domain::money::{Rounding, apply_rate};
    let payments: Vec<&SettlementItem> =
        lines.iter().filter(|l| l.kind == Payment && l.settled_minor > 0).collect();
    if payments.len() < 20 {
        return None;
    }
    let at_rate = |rate: i64| {
        let mut rests: HashMap<i64, usize> = HashMap::new();
        for line in &payments {
            let fee = apply_rate(line.settled_minor, rate, Rounding::HalfUp).ok()?;
            *rests.entry(-line.own_fee_minor() - fee).or_default() += 1;
        }
        let fits = rests.into_iter().filter(|(fixed, _)| *fixed >= 0);
        fits.max_by_key(|(fixed, hits)| (*hits, -fixed)).map(|(fixed, hits)| (hits, rate, fixed))
    };
    let steps = (0..=PRICE_MOST_PPM).step_by(PRICE_STEP_PPM as usize);
    let mut found: Vec<_> = steps.filter_map(at_rate).collect();
    found.sort_unstable_by_key(|(hits, rate, _)| (std::cmp::Reverse(*hits), *rate));
    let (hits, rate, fixed) = *found.first()?;
    let alone = found.get(1).is_none_or(|(second, ..)| *second < hits);
    (alone && hits * 10 >= payments.len() * 9).then_some((rate, fixed))
}

/// A split stays a break when its payment was given back in full and the share was not.
fn judge_splits(loader: &mut Loader<'_>, outcome: &mut Outcome) -> Result<(), Error> {
    for split in std::mem::take(&mut outcome.splits) {
        let mut settled = None;
        loader.query(
            "select s.settled_minor from balance_transaction b \
             join settlement_line s on s.payment_id = b.payment_ref and s.kind = 0 \
             where b.id = $1 \
             and not exists (select 1 from superseded r where r.line_id = s.id) order by s.id",
            &[Cell::Int(split.line)],
            |row| {
                settled = settled.or(Some(row.int(0)?));
                Ok(())
            },
        )?;
        if settled.is_some_and(|settled| split.refunded_minor >= settled) {
            outcome.breaks.push(Break {
                kind: BreakKind::SplitNotReturned,
                records: vec![Record::PaymentOfFund(split.line)],
                field: "split",
                expected: "0".into(),
                found: split.outstanding_minor.to_string(),
                effect_minor: -split.outstanding_minor,
                day: split.day,
                account: split.account,
            });
        }
    }
    Ok(())
}

/// Pairs payouts with the bank lines that name their channel.
fn against_bank(
    loader: &mut Loader<'_>,
    facts: &Facts,
    outcome: &Outcome,
    labels: &[Label],
    as_of: i32,
) -> Result<(Vec<BankMatch>, Vec<Break>), Error> {
    let lines = facts.bank_items(loader)?;
    let said = by_hand::said(loader, facts, outcome)?;
    let mut order: Vec<usize> = (0..outcome.payouts.len()).collect();
    order.sort_by_key(|i| (outcome.payouts[*i].day, outcome.payouts[*i].at_ms, *i));
    let expected: Vec<Expected<'_>> = order
        .iter()
        .map(|index| {
            let payout = &outcome.payouts[*index];
            let scope = &facts.accounts[payout.account].scope;
            let date = BusinessDate::from_days(payout.day).naive();
            let posted = format!("{}_{}", date.format("%m%d"), scope.account_no);
            let references = match scope.channel {
                Channel::WechatPay => vec![posted],
                _ => vec![labels[*index].number.clone()],
            };
            let mut expected =
                Expected { payout, channel: scope.channel, references, words: Vec::new() };
            if let Some(said) = said.get(&payout.line) {
                expected.references.extend(said.references.iter().cloned());
                expected.words.clone_from(&said.words);
            }
            expected
        })
        .collect();
    let lost: HashSet<(usize, i32)> = outcome
        .breaks
        .iter()
        .filter(|found| matches!(found.records.first(), Some(Record::Day(_))))
        .map(|found| (found.account, found.day))
        .collect();
    let readable = |channel, day| {
        facts.accounts.iter().enumerate().any(|(index, account)| {
            account.scope.channel == channel
                && facts.fund_span(index).is_some_and(|(from, to)| (from..=to).contains(&day))
                && !lost.contains(&(index, day))
        })
    };
    let bank_known = |day| facts.bank_known(day);
    let currency = |index: usize| facts.accounts[outcome.payouts[index].account].scope.currency();
    let paid = order.iter().map(|index| currency(*index));
    let currencies: BTreeSet<Currency> = paid.chain(lines.keys().copied()).collect();
    let mut by_payout = vec![BankMatch::default(); order.len()];
    let mut breaks = Vec::new();
    // No payout is in a line of another currency, however alike the figures are.
    for one in currencies {
        let own = |index: usize| currency(index) == one;
        let of_it: Vec<Expected<'_>> = order
            .iter()
            .zip(&expected)
            .filter(|(index, _)| own(**index))
            .map(|(_, expected)| expected.clone())
            .collect();
        let lines = lines.get(&one).map_or(&[][..], Vec::as_slice);
        let (found, open) = match_bank(&of_it, lines, as_of, bank_known, readable);
        for (index, matched) in order.iter().filter(|index| own(**index)).zip(found) {
            by_payout[*index] = matched;
        }
        breaks.extend(open);
    }
    Ok((by_payout, breaks))
}

const MATCH_PACK: TableSpec =
    TableSpec::new("match_pack", &["account_id", "day", "pairs", "bytes"]);

/// Matches of days that are read again.
fn forget_matches(loader: &mut Loader<'_>, from: i32) -> Result<(), Error> {
    let from = Cell::Int(i64::from(from));
    loader.execute("delete from match_pack where day >= $1", &[from])?;
    Ok(())
}

fn store_matches(
    loader: &mut Loader<'_>,
    facts: &Facts,
    day: i32,
    matches: &[Match],
) -> Result<(), Error> {
    let mut by_account: BTreeMap<usize, Pairs> = BTreeMap::new();
    for pair in matches {
        by_account.entry(pair.account).or_default().push((pair.settlement, pair.balance));
    }
    for (account, pairs) in by_account {
        let (count, bytes) = pairs.finish();
        loader.insert(
            &MATCH_PACK,
            &[
                Cell::Int(facts.accounts[account].id),
                Cell::Int(i64::from(day)),
                Cell::Int(count),
                Cell::Blob(&bytes),
            ],
        )?;
    }
    Ok(())
}

fn summarise(outcome: &Outcome, breaks: &[Break], as_of: i32) -> RunSummary {
    use domain::payout::Component;
    let mut by_kind: BTreeMap<&'static str, u64> = BTreeMap::new();
    for found in breaks {
        *by_kind.entry(found.kind.code()).or_default() += 1;
    }
    let open = |payout: &&ReconciledPayout| payout.components.get(Component::Unexplained) != 0;
    RunSummary {
        matched: outcome.matched,
        payouts: outcome.payouts.len() as u64,
        unexplained: outcome.payouts.iter().filter(open).count() as u64,
        breaks: by_kind,
        as_of: Some(BusinessDate::from_days(as_of)),
    }
}

/// One account's rows of a day, as read.
#[derive(Default)]
pub(crate) struct AccountRows {
    pub settlements: Vec<SettlementItem>,
    pub balances: Vec<BalanceItem>,
    pub members: Vec<MemberItem>,
}

/// The order side of a day and the bank lines live beside the accounts' rows.
pub(crate) type Orders = Vec<OrderItem>;
pub(crate) type Refunds = Vec<RefundItem>;
pub(crate) type BankItems = Vec<BankItem>;
