//! Alipay's summaries against the details of the same account and days, in whatever order and
//! files they came.

use crate::error::Error;
use crate::reconciliation::StoredCheck;
use connectors::alipay::{compare, trade::ODD_FEE};
use connectors::bill::Closing;
use domain::Stream;
use std::collections::BTreeMap;
use store::bulk::Loader;

/// Details and their summary, compared.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub stream: Stream,
    pub account: i64,
    pub days: (i32, i32),
    /// The details; the first part where they are in several.
    pub details: i64,
    /// The summary.
    pub summary: i64,
    pub checks: Vec<StoredCheck>,
}

/// The documents of an export, and their totals together.
type Export = (Vec<i64>, BTreeMap<String, i64>);

/// Documents of one account, stream and span.
#[derive(Default)]
struct Side {
    /// By mark and archive: the parts of one export add up.
    exports: BTreeMap<(i64, i64), Export>,
}

impl Side {
    /// The latest export. Of equal marks the one with the higher totals, whichever came first.
    fn latest(&self) -> Option<&Export> {
        let mark = self.exports.keys().next_back()?.0;
        let same = self.exports.range((mark, i64::MIN)..);
        same.map(|(_, export)| export).max_by(|a, b| a.1.cmp(&b.1))
    }
}

/// Compares every summary with the details of its account and days.
///
/// # Errors
/// The database's.
pub(crate) fn compared(loader: &mut Loader<'_>) -> Result<Vec<Compared>, Error> {
    let mut sides: BTreeMap<(Stream, i64, (i32, i32)), [Side; 2]> = BTreeMap::new();
    loader.query(
        "select id, kind, stream, account_id, from_day, to_day, coalesce(issued_at_ms, 0), \
         raw_document_id, totals from document where kind in ('alipay_trade', \
         'alipay_trade_summary', 'alipay_account', 'alipay_account_summary') \
         and account_id is not null and from_day is not null and to_day is not null order by id",
        &[],
        |row| {
            let Some(stream) = Stream::from_code(row.text(2)?) else { return Ok(()) };
            let days = (row.opt_int(4)?.unwrap_or(0) as i32, row.opt_int(5)?.unwrap_or(0) as i32);
            let key = (stream, row.opt_int(3)?.unwrap_or_default(), days);
            let side = usize::from(row.text(1)?.ends_with("_summary"));
            let totals: BTreeMap<String, i64> =
                serde_json::from_str(row.text(8)?).unwrap_or_default();
            let export = (row.int(6)?, row.int(7)?);
            let (ids, sums) =
                sides.entry(key).or_default()[side].exports.entry(export).or_default();
            ids.push(row.int(0)?);
            for (name, value) in totals {
                *sums.entry(name).or_default() += value;
            }
            Ok(())
        },
    )?;
    let mut found = Vec::new();
    for ((stream, account, days), [details, summary]) in sides {
        let (Some(details), Some(summary)) = (details.latest(), summary.latest()) else { continue };
        let (Some(one), Some(other)) = (details.0.first(), summary.0.first()) else { continue };
        let mut checks = checks(&details.1, &summary.1);
        if details.0.len() == 1 {
            name_odd_fee(&details.1, &mut checks);
        }
        found.push(Compared { stream, account, days, details: *one, summary: *other, checks });
    }
    Ok(found)
}

/// Names the row whose fee parts from the rate of most by what the fees are off, or by a fen of
/// rounding more or less.
fn name_odd_fee(details: &BTreeMap<String, i64>, checks: &mut [StoredCheck]) {
    let fees = checks.iter_mut().find(|c| c.code == "summary:all_fees" && c.expected != c.found);
    let Some(fees) = fees else { return };
    let off = fees.found.saturating_sub(fees.expected);
    let near = [off, off.saturating_add(1), off.saturating_sub(1)];
    let line = near.iter().find_map(|off| details.get(&format!("{ODD_FEE}{off}")));
    fees.line_no = line.and_then(|line| u32::try_from(*line).ok());
}

/// Both sides' common totals; and, when only the fee signs as printed would agree, that they do.
fn checks(details: &BTreeMap<String, i64>, summary: &BTreeMap<String, i64>) -> Vec<StoredCheck> {
    let closing = |totals: &BTreeMap<String, i64>| Closing {
        totals: totals.clone().into_iter().collect(),
        ..Closing::default()
    };
    let mut checks: Vec<StoredCheck> = compare(&closing(details), &closing(summary))
        .iter()
        .map(|check| StoredCheck { line_no: None, ..check.into() })
        .collect();
    let differs = checks.iter().any(|c| c.code == "summary:net" && c.expected != c.found);
    let (printed, net) = (details.get("net_as_printed"), summary.get("net"));
    if let (true, Some(printed), Some(net)) = (differs, printed, net)
        && printed == net
    {
        let code = "summary:net_as_printed".to_owned();
        let (expected, found) = (*net, *printed);
        checks.push(StoredCheck { code, currency: None, expected, found, line_no: None });
    }
    checks
}
