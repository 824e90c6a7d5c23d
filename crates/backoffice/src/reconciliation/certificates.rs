//! One verdict per account, stream and day: is this day proven complete?

use super::facts::Facts;
use super::kept::{Found, Kept};
use crate::error::Error;
use domain::reconcile::{Break, BreakKind, Outcome};
use domain::{Channel, Currency, Stream};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use store::bulk::{Cell, Loader, TableSpec};
use store::pack::{digest_of, split_line_id};

mod rows;

/// What is said of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// Every check holds.
    Complete,
    /// Its bill is not due yet.
    Waiting,
    /// A check fails, a row is set aside, or its bill is missing.
    Incomplete,
    /// Two bills of the day say different things.
    Contradictory,
}

impl Verdict {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Waiting => "waiting",
            Self::Incomplete => "incomplete",
            Self::Contradictory => "contradictory",
        }
    }
}

/// One check of a certificate, with what was expected and found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Evidence {
    code: String,
    holds: bool,
    document: Option<i64>,
    line_no: Option<u32>,
    expected: Option<i64>,
    found: Option<i64>,
    /// Of both, where they are amounts that are not of the yuan.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
}

pub(super) struct Certificate {
    verdict: Verdict,
    checks: Vec<Evidence>,
}

/// Certificates by account index, stream and day.
pub(super) struct Certificates(BTreeMap<(usize, Stream, i32), Certificate>);

impl Certificates {
    /// The worst verdict of an account's trade and fund bills from one day to another; `waiting`
    /// when there is none.
    pub(super) fn worst(&self, account: usize, from: i32, to: i32) -> Verdict {
        let fund = (account, Stream::Fund, from)..=(account, Stream::Fund, to.max(from));
        let trade = (account, Stream::Trade, from)..=(account, Stream::Trade, to.max(from));
        let verdicts = self.0.range(fund).chain(self.0.range(trade)).map(|(_, c)| c.verdict);
        verdicts.max().unwrap_or(Verdict::Waiting)
    }
}

/// Judges every day between an account's first and last of each stream.
pub(super) fn judge(facts: &Facts, outcome: &Outcome, breaks: &[Break]) -> Certificates {
    let mut certificates = Certificates(BTreeMap::new());
    from_documents(facts, &mut certificates);
    from_revisions(facts, &mut certificates);
    from_contested(facts, &mut certificates);
    from_copies(facts, &mut certificates);
    from_summaries(facts, &mut certificates);
    from_balances(outcome, breaks, &mut certificates);
    rows::from_breaks(breaks, &mut certificates);
    for stream in [Stream::Trade, Stream::Fund] {
        fill_gaps(facts, outcome, breaks, stream, &mut certificates);
    }
    from_spans(facts, &mut certificates);
    certificates
}

/// What each file says of itself, for every day it covers.
fn from_documents(facts: &Facts, certificates: &mut Certificates) {
    let mut halves: HashMap<(usize, i32), HashSet<&str>> = HashMap::new();
    for (id, document) in &facts.documents {
        let (Some(account), Some((from, to))) = (document.account, document.days) else { continue };
        if matches!(document.stream, Stream::Orders | Stream::Refunds | Stream::Payouts) {
            continue;
        }
        let mut checks: Vec<Evidence> = document
            .checks
            .iter()
            .map(|check| Evidence {
                code: check.code.clone(),
                holds: check.expected == check.found,
                document: Some(*id),
                line_no: check.line_no,
                expected: Some(check.expected),
                found: Some(check.found),
                currency: check.currency.clone(),
            })
            .collect();
        if document.quarantined > 0 {
            let found = simple("quarantined", false, Some(*id), document.quarantined);
            checks.push(Evidence { line_no: document.quarantined_line, ..found });
        }
        let fails = checks.iter().any(|check| !check.holds);
        let verdict = if fails { Verdict::Incomplete } else { Verdict::Complete };
        for day in from..=to {
            // What a later bill replaced is no evidence for or against the day any more.
            if facts.replaced(*id, document.stream, day) {
                continue;
            }
            if document.stream == Stream::Trade {
                halves.entry((account, day)).or_default().insert(&document.kind);
            }
            let entry = certificates
                .0
                .entry((account, document.stream, day))
                .or_insert(Certificate { verdict, checks: Vec::new() });
            entry.verdict = entry.verdict.max(verdict);
            entry.checks.extend(checks.iter().cloned());
        }
    }
    // Payments alone or refunds alone are half a day.
    for ((account, day), kinds) in halves {
        let half = kinds.len() == 1
            && (kinds.contains("wechat_trade_success") || kinds.contains("wechat_trade_refund"));
        if half && let Some(entry) = certificates.0.get_mut(&(account, Stream::Trade, day)) {
            entry.verdict = entry.verdict.max(Verdict::Incomplete);
            entry.checks.push(simple("payments_and_refunds", false, None, 1));
        }
    }
}

/// Bills of one day that differ: settled when one is known to be later, else a contradiction.
fn from_revisions(facts: &Facts, certificates: &mut Certificates) {
    for found in &facts.revisions {
        let key = (found.account, found.stream, found.day);
        let Some(entry) = certificates.0.get_mut(&key) else { continue };
        let decided = found.later.is_some();
        if !decided {
            entry.verdict = Verdict::Contradictory;
        }
        entry.checks.push(Evidence {
            code: if decided { "later_bill" } else { "bills_differ" }.to_owned(),
            holds: decided,
            document: Some(found.line.0),
            line_no: Some(found.line.1),
            expected: Some(found.lines),
            found: Some(found.other_lines),
            currency: None,
        });
    }
}

/// Bills that say different things of one fund row, none of them known to be the later.
fn from_contested(facts: &Facts, certificates: &mut Certificates) {
    for ((account, day), (document, line_no)) in &facts.contested {
        let key = (*account, Stream::Fund, *day);
        let Some(entry) = certificates.0.get_mut(&key) else { continue };
        entry.verdict = Verdict::Contradictory;
        let found = simple("row_differs", false, Some(*document), 1);
        entry.checks.push(Evidence { line_no: Some(*line_no), ..found });
    }
}

/// Copies of a bill of which some line is not as it was received.
fn from_copies(facts: &Facts, certificates: &mut Certificates) {
    for found in &facts.copies {
        let Some(bill) = facts.documents.get(&found.bill) else { continue };
        let (Some(account), Some((from, to))) = (bill.account, bill.days) else { continue };
        for day in from..=to {
            let key = (account, bill.stream, day);
            let Some(entry) = certificates.0.get_mut(&key) else { continue };
            entry.verdict = Verdict::Contradictory;
            let differs = simple("copy_differs", false, Some(found.named), 1);
            entry.checks.push(Evidence { line_no: Some(found.line_no), ..differs });
        }
    }
}

/// Alipay's summary of the same days says the same, or the days are contradictory.
fn from_summaries(facts: &Facts, certificates: &mut Certificates) {
    for compared in &facts.compared {
        let Some(account) = facts.accounts.iter().position(|a| a.id == compared.account) else {
            continue;
        };
        let differs = compared.checks.iter().any(|check| check.expected != check.found);
        for day in compared.days.0..=compared.days.1 {
            let Some(entry) = certificates.0.get_mut(&(account, compared.stream, day)) else {
                continue;
            };
            if differs {
                entry.verdict = Verdict::Contradictory;
            }
            entry.checks.extend(compared.checks.iter().map(|check| Evidence {
                code: check.code.clone(),
                holds: check.expected == check.found,
                document: Some(compared.details),
                line_no: check.line_no,
                expected: Some(check.expected),
                found: Some(check.found),
                currency: check.currency.clone(),
            }));
        }
    }
}

fn simple(code: &str, holds: bool, document: Option<i64>, found: i64) -> Evidence {
    Evidence {
        code: code.to_owned(),
        holds,
        document,
        line_no: None,
        expected: None,
        found: Some(found),
        currency: None,
    }
}

/// The running balance, across rows and across days.
fn from_balances(outcome: &Outcome, breaks: &[Break], certificates: &mut Certificates) {
    let jumps = rows::jumps(breaks);
    for balance in &outcome.balances {
        let key = (balance.account, Stream::Fund, balance.day);
        let Some(entry) = certificates.0.get_mut(&key) else { continue };
        let jump = jumps.get(&(balance.account, balance.day)).copied();
        let (holds, row) = (jump.is_none(), jump.flatten().map(split_line_id));
        if !holds {
            entry.verdict = entry.verdict.max(Verdict::Incomplete);
        }
        entry.checks.push(Evidence {
            code: "balance_unbroken".into(),
            holds,
            document: row.map(|(document, _)| document),
            line_no: row.map(|(_, line_no)| line_no),
            expected: Some(balance.opening_minor),
            found: Some(balance.closing_minor),
            currency: None,
        });
    }
}

/// The balance that the channel told beside its lists. Where it is not what the rows make it, no
/// day since the balance before is complete, and no sale of them: they stand in the same list.
fn from_spans(facts: &Facts, certificates: &mut Certificates) {
    for span in &facts.spans {
        let holds = span.told_minor == span.found_minor;
        let currency = (span.currency != Currency::CNY).then(|| span.currency.to_string());
        for (day, stream) in (span.days.0..=span.days.1)
            .flat_map(|day| [Stream::Fund, Stream::Trade].map(|stream| (day, stream)))
        {
            let Some(entry) = certificates.0.get_mut(&(span.account, stream, day)) else {
                continue;
            };
            if !holds {
                entry.verdict = entry.verdict.max(Verdict::Incomplete);
            }
            if stream == Stream::Fund || !holds {
                entry.checks.push(Evidence {
                    code: "balance_told".into(),
                    holds,
                    document: Some(span.document),
                    line_no: None,
                    expected: Some(span.told_minor),
                    found: Some(span.found_minor),
                    currency: currency.clone(),
                });
            }
        }
    }
}

/// Days without a file: proven empty when the balance runs on unbroken over them (fund) and the
/// fund bill shows no trade (trade); otherwise their bill is missing.
fn fill_gaps(
    facts: &Facts,
    outcome: &Outcome,
    breaks: &[Break],
    stream: Stream,
    certificates: &mut Certificates,
) {
    let jumps = rows::jumps(breaks);
    let absent: HashSet<(usize, i32)> = breaks
        .iter()
        .filter(|b| b.kind == BreakKind::MissingInTradeBill)
        .map(|b| (b.account, b.day))
        .collect();
    let mut days: BTreeMap<usize, BTreeSet<i32>> = BTreeMap::new();
    for (account, _, day) in certificates.0.keys().filter(|(_, s, _)| *s == stream) {
        days.entry(*account).or_default().insert(*day);
    }
    let traded: HashSet<(usize, i32)> = outcome.unread_trade_days.iter().copied().collect();
    for (account, known) in days {
        let (Some(first), Some(last)) = (known.first(), known.last()) else { continue };
        for day in *first..=*last {
            if known.contains(&day) {
                continue;
            }
            // A balance that runs on proves a day without a bill; where none does, the channel
            // has to say so.
            let channel = facts.accounts[account].scope.channel;
            let listed =
                matches!(channel, Channel::UnionPay | Channel::Stripe | Channel::Defined(_));
            let (code, proven) = match stream {
                _ if listed => ("channel_says_none", facts.asked.contains(&(account, day))),
                Stream::Fund => ("no_row_balance_unbroken", !jumps.contains_key(&(account, day))),
                _ => {
                    let fund_known = facts.known(Stream::Fund, account, day)
                        || !jumps.contains_key(&(account, day));
                    let quiet =
                        !absent.contains(&(account, day)) && !traded.contains(&(account, day));
                    ("no_trade_in_fund_bill", fund_known && quiet)
                }
            };
            let verdict = if proven { Verdict::Complete } else { Verdict::Incomplete };
            let checks = vec![simple(code, proven, None, 0)];
            certificates.0.insert((account, stream, day), Certificate { verdict, checks });
        }
    }
}

const CERTIFICATE: TableSpec =
    TableSpec::new("certificate", &["account_id", "stream", "day", "verdict", "checks", "digest"]);

pub(super) fn store(
    loader: &mut Loader<'_>,
    facts: &Facts,
    certificates: &Certificates,
) -> Result<(), Error> {
    let mut kept =
        Kept::read(loader, "select account_id, stream, day, digest from certificate", |row| {
            let stream = Stream::from_code(row.text(1)?).map_or("", Stream::code);
            Ok(((row.int(0)?, stream, row.int(2)?), row.int(3)?))
        })?;
    for ((account, stream, day), certificate) in &certificates.0 {
        let checks = serde_json::to_string(&certificate.checks).unwrap_or_default();
        let key = (facts.accounts[*account].id, stream.code(), i64::from(*day));
        let said = [Cell::Text(certificate.verdict.code()), Cell::Text(&checks)];
        let digest = digest_of(&said);
        match kept.find(&key, digest) {
            Found::Same => continue,
            Found::Other => forget(loader, key)?,
            Found::New => {}
        }
        let [verdict, checks] = said;
        let (account, stream, day) = (Cell::Int(key.0), Cell::Text(key.1), Cell::Int(key.2));
        let row = [account, stream, day, verdict, checks, Cell::Int(digest)];
        loader.insert(&CERTIFICATE, &row)?;
    }
    for key in kept.leftovers() {
        forget(loader, key)?;
    }
    Ok(())
}

fn forget(loader: &mut Loader<'_>, (account, stream, day): (i64, &str, i64)) -> Result<(), Error> {
    loader.execute(
        "delete from certificate where account_id = $1 and stream = $2 and day = $3",
        &[Cell::Int(account), Cell::Text(stream), Cell::Int(day)],
    )?;
    Ok(())
}
