//! Runs the reconciliation over a book and stores what it finds.
//!
//! The run is a pure function of the facts ([`domain::reconcile`]); this file only feeds it, day by
//! day from the packs, and writes its results. Everything it writes is derived and replaced whole.

mod certificates;
mod facts;
mod records;

use crate::decisions::{self, Classified};
use crate::error::Error;
use domain::reconcile::{
    AccountDay, AccountTerms, BalanceItem, BankItem, BankMatch, Break, BreakKind, Day, Expected,
    Match, OrderItem, Outcome, PayoutState, ReconciledPayout, Reconciler, Record, RefundItem,
    SettlementItem, match_bank,
};
use domain::{BusinessDate, Channel, Stream};
use facts::Facts;
pub(crate) use facts::StoredCheck;
use std::collections::{BTreeMap, HashMap, HashSet};
use store::Book;
use store::bulk::{Cell, Loader, TableSpec, Writer};

/// Calendar days from a payout's row to its promised arrival. Second-hand for both channels, so it
/// is a term of the contract and not a rule.
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

/// Reconciles the whole book and stores payouts, breaks, certificates and matches.
///
/// Blocking. One transaction: a run that fails leaves the earlier results in place.
///
/// # Errors
/// The database's; [`Error::DamagedPack`] when match data does not decode.
pub fn reconcile(book: &Book) -> Result<RunSummary, Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let summary = run(&mut loader)?;
    loader.commit()?;
    Ok(summary)
}

/// The same inside a transaction that the caller commits.
pub(crate) fn run(loader: &mut Loader<'_>) -> Result<RunSummary, Error> {
    let settled = crate::revisions::settle(loader)?;
    let classified = decisions::store_classes(loader)?;
    let mut facts = Facts::load(loader, settled)?;
    facts.classify(&classified);
    let Some(as_of) = facts.as_of() else { return Ok(RunSummary::default()) };
    clear(loader)?;
    let terms = terms(loader, &facts)?;
    store_terms(loader, &facts, &terms)?;
    let mut reconciler = Reconciler::new(&terms);
    let mut late = facts::LateRows::new();
    for (day, packs) in &facts.days {
        let day_facts = facts.read_day(loader, *day, packs, &mut late)?;
        let matches = feed(&mut reconciler, *day, &day_facts, &facts);
        store_matches(loader, &facts, *day, &matches)?;
    }
    let mut outcome = reconciler.finish(as_of, &facts);
    judge_splits(loader, &mut outcome)?;
    let labels = records::payout_labels(loader, &outcome.payouts)?;
    let bank = against_bank(loader, &facts, &outcome, &labels, as_of)?;
    let mut breaks = std::mem::take(&mut outcome.breaks);
    breaks.extend(bank.1);
    records::drop_consequences(loader, &mut breaks)?;
    let certificates = certificates::judge(&facts, &outcome, &breaks);
    certificates::store(loader, &facts, &certificates)?;
    store_balances(loader, &facts, &outcome)?;
    let summary = summarise(&outcome, &breaks, as_of);
    breaks.extend(resolved(&facts, &classified));
    records::store_breaks(loader, &facts, &breaks)?;
    store_payouts(loader, &facts, &outcome.payouts, &labels, &bank.0, &certificates)?;
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

const ACCOUNT_TERM: TableSpec = TableSpec::new("account_term", &["account_id", "fee_rate_ppm"]);

fn store_terms(
    loader: &mut Loader<'_>,
    facts: &Facts,
    terms: &[AccountTerms],
) -> Result<(), Error> {
    for (account, terms) in facts.accounts.iter().zip(terms) {
        let rate = terms.rate_ppm.map_or(Cell::Null, Cell::Int);
        loader.insert(&ACCOUNT_TERM, &[Cell::Int(account.id), rate])?;
    }
    Ok(())
}

fn clear(loader: &mut Loader<'_>) -> Result<(), Error> {
    for sql in [
        "delete from payout_component",
        "delete from payout",
        "delete from break",
        "delete from certificate",
        "delete from match_pack",
        "delete from account_state",
        "delete from account_term",
    ] {
        loader.execute(sql, &[])?;
    }
    Ok(())
}

fn feed(
    reconciler: &mut Reconciler,
    day: i32,
    day_facts: &facts::DayFacts,
    facts: &Facts,
) -> Vec<Match> {
    let accounts: Vec<AccountDay<'_>> = day_facts
        .accounts
        .iter()
        .map(|(account, rows)| AccountDay {
            account: *account,
            settlements: &rows.settlements,
            balances: &rows.balances,
            declared_net_minor: facts.declared_net(*account, day),
        })
        .collect();
    let day =
        Day { day, orders: &day_facts.orders, refunds: &day_facts.refunds, accounts: &accounts };
    reconciler.day(&day, facts)
}

/// Terms by account: the rate is learned from the first rows, see [`learn_rate`].
fn terms(loader: &mut Loader<'_>, facts: &Facts) -> Result<Vec<AccountTerms>, Error> {
    let mut samples: HashMap<usize, Vec<SettlementItem>> = HashMap::new();
    for (day, packs) in &facts.days {
        let full = |account: &usize| samples.get(account).is_some_and(|s| s.len() >= 400);
        let wanted: Vec<_> = packs
            .iter()
            .filter(|p| p.stream == Stream::Trade && p.account.is_some_and(|a| !full(&a)))
            .copied()
            .collect();
        if wanted.is_empty() {
            if samples.len() == facts.trade_accounts() && samples.keys().all(full) {
                break;
            }
            continue;
        }
        for (account, rows) in
            facts.read_day(loader, *day, &wanted, &mut facts::LateRows::new())?.accounts
        {
            samples.entry(account).or_default().extend(rows.settlements);
        }
    }
    let terms = facts.accounts.iter().enumerate().map(|(index, account)| AccountTerms {
        rate_ppm: samples.get(&index).and_then(|lines| learn_rate(lines)),
        payout_cut_at_midnight: account.scope.channel == Channel::WechatPay,
        promised_days: PROMISED_DAYS,
    });
    Ok(terms.collect())
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
            apply_rate(line.settled_minor, rate, Rounding::HalfUp) == Ok(-line.fee_minor)
        };
        payments.iter().filter(fits).count()
    };
    let best = candidates.into_iter().max_by_key(|rate| (hits(*rate), -rate))?;
    (hits(best) * 10 >= payments.len() * 9).then_some(best)
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
    labels: &[String],
    as_of: i32,
) -> Result<(Vec<BankMatch>, Vec<Break>), Error> {
    let lines = facts.bank_items(loader)?;
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
                _ => vec![labels[*index].clone()],
            };
            Expected { payout, channel: scope.channel, references }
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
    let (found, breaks) =
        match_bank(&expected, &lines, as_of, |day| facts.bank_known(day), readable);
    let mut by_payout = vec![BankMatch::default(); found.len()];
    for (index, matched) in order.into_iter().zip(found) {
        by_payout[index] = matched;
    }
    Ok((by_payout, breaks))
}

const MATCH_PACK: TableSpec =
    TableSpec::new("match_pack", &["account_id", "day", "pairs", "bytes"]);

fn store_matches(
    loader: &mut Loader<'_>,
    facts: &Facts,
    day: i32,
    matches: &[Match],
) -> Result<(), Error> {
    let mut by_account: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    for pair in matches {
        let bytes = by_account.entry(pair.account).or_default();
        bytes.extend(pair.settlement.to_le_bytes());
        bytes.extend(pair.balance.to_le_bytes());
    }
    for (account, bytes) in by_account {
        loader.insert(
            &MATCH_PACK,
            &[
                Cell::Int(facts.accounts[account].id),
                Cell::Int(i64::from(day)),
                Cell::Int((bytes.len() / 16) as i64),
                Cell::Blob(&bytes),
            ],
        )?;
    }
    Ok(())
}

const ACCOUNT_STATE: TableSpec = TableSpec::new(
    "account_state",
    &["account_id", "stream", "day", "opening_minor", "closing_minor", "rows"],
);

fn store_balances(loader: &mut Loader<'_>, facts: &Facts, outcome: &Outcome) -> Result<(), Error> {
    for balance in &outcome.balances {
        loader.insert(
            &ACCOUNT_STATE,
            &[
                Cell::Int(facts.accounts[balance.account].id),
                Cell::Text(Stream::Fund.code()),
                Cell::Int(i64::from(balance.day)),
                Cell::Int(balance.opening_minor),
                Cell::Int(balance.closing_minor),
                Cell::Int(i64::from(balance.rows)),
            ],
        )?;
    }
    Ok(())
}

const PAYOUT: TableSpec = TableSpec::new(
    "payout",
    &[
        "id",
        "account_id",
        "number",
        "line_id",
        "at_ms",
        "day",
        "currency",
        "amount_minor",
        "gross_minor",
        "unexplained_minor",
        "from_day",
        "from_id",
        "until_day",
        "until_id",
        "promised_day",
        "bank_day",
        "bank_minor",
        "bank_line_ids",
        "state",
        "verdict",
    ],
);

const PAYOUT_COMPONENT: TableSpec =
    TableSpec::new("payout_component", &["payout_id", "position", "name", "amount_minor", "rows"]);

fn store_payouts(
    loader: &mut Loader<'_>,
    facts: &Facts,
    payouts: &[ReconciledPayout],
    labels: &[String],
    bank: &[BankMatch],
    certificates: &certificates::Certificates,
) -> Result<(), Error> {
    use domain::payout::Component;
    let mut parts = Vec::new();
    for ((payout, number), bank) in payouts.iter().zip(labels).zip(bank) {
        let account = &facts.accounts[payout.account];
        let id = format!("{}-{}-{}", account.scope.channel, account.scope.account_no, number);
        let lines: Vec<String> = bank.lines.iter().map(i64::to_string).collect();
        let state = match (payout.state, bank.day) {
            (PayoutState::Returned, _) => "returned",
            (_, Some(_)) => "paid",
            _ => "in_transit",
        };
        let first_day = facts.first_day_after(payout.after.0);
        let verdict = certificates.worst(payout.account, first_day, payout.until.0);
        loader.insert(
            &PAYOUT,
            &[
                Cell::Text(&id),
                Cell::Int(account.id),
                Cell::Text(number),
                Cell::Int(payout.line),
                Cell::Int(payout.at_ms),
                Cell::Int(i64::from(payout.day)),
                Cell::Text("CNY"),
                Cell::Int(payout.amount_minor),
                Cell::Int(payout.components.get(Component::Sales)),
                Cell::Int(payout.components.get(Component::Unexplained)),
                Cell::Int(i64::from(payout.after.0)),
                Cell::Int(payout.after.1),
                Cell::Int(i64::from(payout.until.0)),
                Cell::Int(payout.until.1),
                Cell::Int(i64::from(payout.promised_day)),
                bank.day.map_or(Cell::Null, |day| Cell::Int(i64::from(day))),
                bank.day.map_or(Cell::Null, |_| Cell::Int(bank.amount_minor)),
                Cell::Text(&lines.join(",")),
                Cell::Text(state),
                Cell::Text(verdict.code()),
            ],
        )?;
        parts.push((id, payout.components));
    }
    for (id, components) in &parts {
        for (component, amount_minor, rows) in components.listed() {
            loader.insert(
                &PAYOUT_COMPONENT,
                &[
                    Cell::Text(id),
                    Cell::Int(component as i64),
                    Cell::Text(component.code()),
                    Cell::Int(amount_minor),
                    Cell::Int(i64::from(rows)),
                ],
            )?;
        }
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
}

/// The order side of a day and the bank lines live beside the accounts' rows.
pub(crate) type Orders = Vec<OrderItem>;
pub(crate) type Refunds = Vec<RefundItem>;
pub(crate) type BankItems = Vec<BankItem>;
