//! `reconcile`, `trial-balance`, `export journal`, `state-hash`, `verify`.

use crate::args::Common;
use crate::import::{Meter, stop_on_ctrl_c};
use crate::output::{Output, write_file};
use crate::problem::{Exit, Problem};
use crate::show::{Table, bare_amount};
use crate::unlock;
use backoffice::ledger::{AccountBalance, write_journal};
use backoffice::proof::{Finding, all_hold};
use backoffice::reconciliation::reconcile_watched;
use backoffice::{BusinessDate, Error, Steps, ledger, proof};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Compares everything again; attention when a payout is unexplained.
///
/// # Errors
/// What opening and the run can say.
pub fn reconcile(common: &Common, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let summary = watched(output, |steps| reconcile_watched(office.book(), steps))?;
    if output.json {
        output.value(&json!({
            "as_of": summary.as_of.map(|day| day.to_string()),
            "matched": summary.matched,
            "payouts": summary.payouts,
            "unexplained": summary.unexplained,
            "breaks": summary.breaks,
        }))?;
    } else {
        let values = [
            ("day", summary.as_of.map_or_else(|| "–".to_owned(), |day| day.to_string())),
            ("matched", summary.matched.to_string()),
            ("payouts", summary.payouts.to_string()),
            ("open", summary.unexplained.to_string()),
        ];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        output.say("cli.reconciled", &values)?;
        let mut table = Table::new(output, &["what", ">count"]);
        for (kind, count) in &summary.breaks {
            table.row([output.word(&format!("break.{kind}")), count.to_string()]);
        }
        table.show(output)?;
    }
    Ok(if summary.unexplained == 0 { Exit::Fine } else { Exit::Attention })
}

/// Shows how far work is; the first Ctrl-C stops it.
fn watched<T>(
    output: &Output,
    work: impl FnOnce(&mut Steps<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let cancel = stop_on_ctrl_c();
    let mut meter = Meter::new(output);
    let mut tell = |done, total| meter.steps(done, total);
    let done = work(&mut Steps::new(&mut tell, &cancel));
    meter.clear();
    done
}

/// Accounts with their sums; each currency's debits equal its credits.
///
/// # Errors
/// What opening and reading can say.
pub fn trial_balance(
    common: &Common,
    until: Option<BusinessDate>,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let rows = ledger::trial_balance(&mut office.reader()?, until.map(BusinessDate::days))?;
    let sums = sums(&rows);
    if output.json {
        let accounts: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "account": row.account,
                    "currency": row.currency,
                    "debit_minor": row.debit_minor,
                    "credit_minor": row.credit_minor,
                    "balance_minor": row.balance_minor,
                    "postings": row.postings,
                })
            })
            .collect();
        let totals: Vec<Value> = sums
            .iter()
            .map(|(currency, (debit, credit))| {
                json!({ "currency": currency, "debit_minor": debit, "credit_minor": credit })
            })
            .collect();
        output.value(&json!({
            "until": until.map(|day| day.to_string()),
            "accounts": accounts,
            "totals": totals,
        }))?;
        return Ok(Exit::Fine);
    }
    let mut table =
        Table::new(output, &["account", "currency", ">debit", ">credit", ">balance", ">rows"]);
    for row in &rows {
        let shown = |minor| bare_amount(minor, &row.currency);
        table.row([
            row.account.clone(),
            row.currency.clone(),
            shown(row.debit_minor),
            shown(row.credit_minor),
            shown(row.balance_minor),
            row.postings.to_string(),
        ]);
    }
    for (currency, (debit, credit)) in &sums {
        table.row([
            output.word("cli.total"),
            (*currency).to_owned(),
            bare_amount(*debit, currency),
            bare_amount(*credit, currency),
            bare_amount(debit - credit, currency),
            String::new(),
        ]);
    }
    table.show(output)?;
    crate::lists::tail(rows.len(), None, output)?;
    Ok(Exit::Fine)
}

fn sums(rows: &[AccountBalance]) -> BTreeMap<&str, (i64, i64)> {
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(&row.currency).or_default();
        sum.0 += row.debit_minor;
        sum.1 += row.credit_minor;
    }
    sums
}

/// Writes every ledger entry as an hledger journal.
///
/// # Errors
/// What opening, reading and writing the file can say.
pub fn journal(
    common: &Common,
    out: &Path,
    force: bool,
    output: &mut Output,
) -> Result<Exit, Problem> {
    if out == Path::new("-") {
        let office = unlock::open(common, output)?;
        write_journal(&mut office.reader()?, output.writer())?;
        return Ok(Exit::Fine);
    }
    crate::output::free(out, force)?;
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let entries = write_file(out, force, |file| Ok(write_journal(&mut reader, file)?))?;
    let path = out.display().to_string();
    if output.json {
        output.value(&json!({ "path": path, "format": "hledger", "entries": entries }))?;
    } else {
        output.say("cli.journal", &[("path", &path), ("entries", &entries.to_string())])?;
    }
    Ok(Exit::Fine)
}

/// One hash over everything booked.
///
/// # Errors
/// What opening and reading can say.
pub fn state_hash(common: &Common, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let hash = proof::state_hash(&mut office.reader()?)?;
    let derived = proof::derived_hash(&mut office.reader()?)?;
    match output.json {
        true => output.value(&json!({ "state_hash": hash, "derived_hash": derived }))?,
        false => output.line(&hash)?,
    }
    Ok(Exit::Fine)
}

/// Checks the file and everything derived; attention when something does not hold.
///
/// # Errors
/// What opening and reading can say; a check that fails is an answer.
pub fn verify(common: &Common, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let mut findings = vec![Finding { check: "file", looked_at: 1, wrong: office.check_file()? }];
    let mut reader = office.reader()?;
    findings.extend(watched(output, |steps| proof::verify_watched(&mut reader, steps))?);
    let holds = all_hold(&findings);
    if output.json {
        let rows: Vec<Value> = findings
            .iter()
            .map(|found| {
                json!({
                    "check": found.check,
                    "looked_at": found.looked_at,
                    "holds": found.wrong.is_empty(),
                    "wrong": found.wrong,
                })
            })
            .collect();
        output.value(&json!({ "holds": holds, "findings": rows }))?;
    } else {
        for found in &findings {
            let key = if found.wrong.is_empty() { "cli.verify.holds" } else { "cli.verify.wrong" };
            let what = output.word(&format!("cli.verify.{}", found.check));
            output.say(key, &[("what", &what), ("count", &found.looked_at.to_string())])?;
            for wrong in &found.wrong {
                output.line(&format!("    {}", crate::show::safe(wrong)))?;
            }
        }
    }
    Ok(if holds { Exit::Fine } else { Exit::Attention })
}
