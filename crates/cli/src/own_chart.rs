//! `own-chart`, `trial-balance --own-chart`: the shop's own numbers for the accounts of its book.

use crate::args::{Common, OwnChartArgs};
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::show::{Table, bare_amount};
use crate::unlock;
use backoffice::own_chart::{
    OwnAccount, OwnChart, Standard, by_own_chart, set_own_account, take_standard,
};
use backoffice::{BusinessDate, Error, ledger};
use serde_json::json;

/// Shows the chart, after what was asked to be changed.
///
/// # Errors
/// What opening the book and the use case can say.
pub fn chart(common: &Common, args: &OwnChartArgs, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    if let Some(said) = &args.set {
        let bad = || Error::BadInput { field: "set", reason: said.chars().take(60).collect() };
        let (account, code) =
            said.split_once('=').filter(|said| !said.1.is_empty()).ok_or_else(bad)?;
        let [account, code] = [account, code].map(str::to_owned);
        set_own_account(office.book(), &OwnAccount { account, code, name: args.name.clone() })?;
    }
    if let Some(account) = args.forget.clone() {
        let (code, name) = (String::new(), String::new());
        set_own_account(office.book(), &OwnAccount { account, code, name })?;
    }
    if let Some(standard) = args.standard.as_deref().and_then(Standard::from_code) {
        take_standard(office.book(), standard)?;
    }
    let places = OwnChart::of_book(&mut office.reader()?)?.places();
    if output.json {
        output.value(&json!({ "accounts": places }))?;
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(output, &["account", "code", "name"]);
    for place in places {
        table.row([place.account, place.code, place.name]);
    }
    table.show(output)?;
    Ok(Exit::Fine)
}

/// The trial balance by the shop's own numbers.
///
/// # Errors
/// What opening and reading can say.
pub fn balance(
    common: &Common,
    until: Option<BusinessDate>,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let chart = OwnChart::of_book(&mut reader)?;
    let rows = ledger::trial_balance(&mut reader, until.map(BusinessDate::days))?;
    let rows = by_own_chart(&rows, &chart);
    if output.json {
        let until = until.map(|day| day.to_string());
        output.value(&json!({ "until": until, "accounts": rows }))?;
        return Ok(Exit::Fine);
    }
    let columns = ["code", "name", "currency", ">debit", ">credit", ">balance", ">rows"];
    let mut table = Table::new(output, &columns);
    for row in &rows {
        let shown = |minor| bare_amount(minor, &row.currency);
        table.row([
            row.code.clone(),
            row.name.clone(),
            row.currency.clone(),
            shown(row.debit_minor),
            shown(row.credit_minor),
            shown(row.balance_minor),
            row.postings.to_string(),
        ]);
    }
    table.show(output)?;
    crate::lists::tail(rows.len(), None, output)?;
    Ok(Exit::Fine)
}
