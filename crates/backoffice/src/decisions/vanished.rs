//! Write-offs whose break is gone: a file that came later brought what was missing. The correcting
//! entry still stands, so each of them is a break of its own until somebody takes it back.

use super::log::{Asks, Decision, DecisionKind, Log};
use crate::error::Error;
use domain::ledger::{Role, Scope};
use domain::reconcile::BreakKind;
use domain::{BusinessDate, Channel};
use std::collections::{BTreeMap, BTreeSet};
use store::bulk::{Cell, Loader, TableSpec};

/// The kind of break that such a write-off is.
pub(crate) const KIND: BreakKind = BreakKind::WriteOffWithoutBreak;

/// Standing write-offs by the id of their break; the latest of each, with the sum of all.
pub(crate) fn standing(log: &Log) -> BTreeMap<&str, (&Decision, i64)> {
    let mut found: BTreeMap<&str, (&Decision, i64)> = BTreeMap::new();
    let subjects: BTreeSet<&str> = log
        .holding()
        .filter(|decision| decision.kind == DecisionKind::WriteOff)
        .map(|decision| decision.subject.as_str())
        .collect();
    for subject in subjects {
        let Some(id) = subject.strip_prefix("break:") else { continue };
        for decision in log.standing_write_offs(subject).iter().filter_map(|at| log.get(*at)) {
            let (latest, sum) = found.entry(id).or_insert((decision, 0));
            *latest = decision;
            *sum += decision.body.effect_minor.unwrap_or(0);
        }
    }
    found
}

/// True when the latest run finds this break.
pub(crate) fn is_found(db: &mut dyn Asks, id: &str) -> Result<bool, Error> {
    let mut found = false;
    db.ask(
        "select 1 from break where id = $1 and kind <> $2",
        &[Cell::Text(id), Cell::Text(KIND.code())],
        &mut |_| {
            found = true;
            Ok(())
        },
    )?;
    Ok(found)
}

const BREAK: TableSpec = TableSpec::new(
    "break",
    &[
        "id",
        "kind",
        "records",
        "field",
        "expected",
        "found",
        "effect_minor",
        "currency",
        "day",
        "account_id",
        "reason",
        "source",
        "digest",
    ],
);

/// Writes a break for every write-off without one, under the id that its break had: deciding about
/// it then is deciding about the write-off.
pub(crate) fn stand(loader: &mut Loader<'_>, log: &Log) -> Result<(), Error> {
    loader.execute("delete from break where kind = $1", &[Cell::Text(KIND.code())])?;
    for (id, (decision, sum)) in standing(log) {
        if is_found(loader, id)? {
            continue;
        }
        let account = account(loader, &decision.body.counter)?;
        let records = serde_json::Value::from(vec![format!("decision:{}", decision.id)]);
        let effect = decision.body.effect_minor.unwrap_or(0);
        loader.insert(
            &BREAK,
            &[
                Cell::Text(id),
                Cell::Text(KIND.code()),
                Cell::Text(&records.to_string()),
                Cell::Text("written_off"),
                Cell::Text("0"),
                Cell::Text(&sum.to_string()),
                Cell::Int(effect),
                Cell::Text(&decision.body.currency),
                Cell::Int(i64::from(BusinessDate::of_ms(decision.at_ms).days())),
                Cell::Int(account),
                Cell::Text(KIND.code()),
                // Of no run: the next one knows that it did not find this.
                Cell::Int(0),
                Cell::Int(0),
            ],
        )?;
    }
    Ok(())
}

/// The channel account whose ledger account a write-off clears; 0 where there is none.
fn account(loader: &mut Loader<'_>, counter: &str) -> Result<i64, Error> {
    let mut found = 0;
    loader.query(
        "select id, channel, account_no, fund_account from channel_account order by id desc",
        &[],
        |row| {
            let Some(channel) = Channel::from_code(row.text(1)?) else { return Ok(()) };
            let (account_no, fund_account) = (row.text(2)?.to_owned(), row.text(3)?.to_owned());
            let scope = Scope { channel, account_no, fund_account };
            if [Role::InTransit, Role::Pending].iter().any(|role| scope.account(*role) == counter) {
                found = row.int(0)?;
            }
            Ok(())
        },
    )?;
    Ok(found)
}
