//! Which row breaks a day: a row that one bill has and the other has not, that the two tell
//! differently, or after which the balance does not go on.

use super::{Certificate, Certificates, Evidence, Verdict, simple};
use domain::Stream;
use domain::reconcile::{Break, BreakKind, Record};
use std::collections::{BTreeMap, HashMap};
use store::pack::split_line_id;

/// Which bill a break speaks against, and the code of the check.
fn against(found: &Break) -> Option<(Stream, &'static str)> {
    Some(match (found.kind, found.field) {
        (BreakKind::MissingInTradeBill, _) => (Stream::Trade, "row_only_in_fund_bill"),
        (BreakKind::MissingInFundBill, "fund_row") => (Stream::Fund, "row_only_in_trade_bill"),
        (BreakKind::AmountMismatch, "fund_amount") => (Stream::Trade, "row_amount_differs"),
        (BreakKind::FeeMismatch, "fund_fee") => (Stream::Trade, "row_fee_differs"),
        _ => return None,
    })
}

/// True for what makes a row the likely one, once its bill is known not to hold.
fn is_suspect(found: &Break) -> bool {
    use BreakKind::{
        AmountMismatch, CurrencyMismatch, FeeMismatch, FeeNotReturned, RefundAmountMismatch,
        RoundingDifference,
    };
    matches!(
        found.kind,
        AmountMismatch
            | CurrencyMismatch
            | FeeMismatch
            | FeeNotReturned
            | RefundAmountMismatch
            | RoundingDifference
    )
}

/// The bill line a break is about, if it is about one.
fn line_of(found: &Break) -> Option<i64> {
    found.records.iter().find_map(|record| match record {
        Record::Payment(id) | Record::Refund(id) | Record::Fund(id) | Record::FundRow(id) => {
            Some(*id)
        }
        _ => None,
    })
}

/// Jumps of a running balance by account and day, with the row after them.
pub(super) fn jumps(breaks: &[Break]) -> HashMap<(usize, i32), Option<i64>> {
    let mut jumps = HashMap::new();
    for found in breaks.iter().filter(|b| b.field == "balance") {
        if found.kind != BreakKind::MissingInFundBill {
            continue;
        }
        let row = found.records.iter().find_map(|record| match record {
            Record::Fund(id) => Some(*id),
            _ => None,
        });
        // Without a place in the fund bill, the other bill has the row.
        let row = row.or_else(|| line_of(found));
        let entry: &mut Option<i64> = jumps.entry((found.account, found.day)).or_insert(row);
        *entry = match (*entry, row) {
            (Some(known), Some(row)) => Some(known.min(row)),
            (known, row) => known.or(row),
        };
    }
    jumps
}

/// Names the rows of days that do not hold; a day that a row is missing from does not.
pub(super) fn from_breaks(breaks: &[Break], certificates: &mut Certificates) {
    // How many rows of a kind, and the first of them.
    let mut rows: BTreeMap<(usize, Stream, i32, &str), (i64, i64)> = BTreeMap::new();
    let mut suspects: BTreeMap<(usize, i32), i64> = BTreeMap::new();
    for found in breaks {
        let Some(line) = line_of(found) else { continue };
        if let Some((stream, code)) = against(found) {
            let key = (found.account, stream, found.day, code);
            let (count, first) = rows.entry(key).or_insert((0, line));
            (*count, *first) = (*count + 1, line.min(*first));
        } else if is_suspect(found) {
            let first = suspects.entry((found.account, found.day)).or_insert(line);
            *first = line.min(*first);
        }
    }
    for ((account, stream, day, code), (count, first)) in rows {
        let Some(entry) = certificates.0.get_mut(&(account, stream, day)) else { continue };
        entry.verdict = entry.verdict.max(Verdict::Incomplete);
        entry.checks.push(named(code, count, first));
    }
    for ((account, day), first) in suspects {
        let Some(entry) = certificates.0.get_mut(&(account, Stream::Trade, day)) else { continue };
        if is_red(entry) && !entry.checks.iter().any(|c| !c.holds && c.line_no.is_some()) {
            entry.checks.push(named("row_suspect", 1, first));
        }
    }
}

fn is_red(entry: &Certificate) -> bool {
    entry.verdict >= Verdict::Incomplete
}

fn named(code: &str, count: i64, line: i64) -> Evidence {
    let (document, line_no) = split_line_id(line);
    Evidence { line_no: Some(line_no), ..simple(code, false, Some(document), count) }
}
