//! Terms, balances and payouts of a run, beside those of the run before.

use super::certificates::{Certificates, Verdict};
use super::facts::Facts;
use super::kept::{Found, Kept};
use super::records::{PAYOUT_NUMBER, PayoutIds, store_alias, text};
use crate::error::Error;
use domain::payout::{Component, Components};
use domain::reconcile::{AccountTerms, BankMatch, Outcome, PayoutState, ReconciledPayout};
use domain::{Currency, Stream};
use std::collections::HashMap;
use store::bulk::{Cell, Loader, TableSpec};
use store::pack::digest_of;

const ACCOUNT_TERM: TableSpec =
    TableSpec::new("account_term", &["account_id", "fee_rate_ppm", "fee_fixed_minor"]);

pub(super) fn store_terms(
    loader: &mut Loader<'_>,
    facts: &Facts,
    terms: &[AccountTerms],
) -> Result<(), Error> {
    loader.execute("delete from account_term", &[])?;
    for (account, terms) in facts.accounts.iter().zip(terms) {
        let rate = terms.rate_ppm.map_or(Cell::Null, Cell::Int);
        let cells = [Cell::Int(account.id), rate, Cell::Int(terms.fixed_minor)];
        loader.insert(&ACCOUNT_TERM, &cells)?;
    }
    Ok(())
}

const ACCOUNT_STATE: TableSpec = TableSpec::new(
    "account_state",
    &["account_id", "stream", "day", "opening_minor", "closing_minor", "rows"],
);

/// Stores the balances before and after each day.
pub(super) fn store_balances(
    loader: &mut Loader<'_>,
    facts: &Facts,
    outcome: &Outcome,
) -> Result<(), Error> {
    let mut kept = Kept::read(
        loader,
        "select account_id, day, opening_minor, closing_minor, rows from account_state",
        |row| {
            let said = [row.opt_int(2)?.into(), row.opt_int(3)?.into(), Cell::Int(row.int(4)?)];
            Ok(((row.int(0)?, row.int(1)?), digest_of(&said)))
        },
    )?;
    let forget = |loader: &mut Loader<'_>, (account, day): (i64, i64)| {
        let key = [Cell::Int(account), Cell::Int(day)];
        loader.execute("delete from account_state where account_id = $1 and day = $2", &key)
    };
    for balance in &outcome.balances {
        let key = (facts.accounts[balance.account].id, i64::from(balance.day));
        let said = [
            Cell::Int(balance.opening_minor),
            Cell::Int(balance.closing_minor),
            Cell::Int(i64::from(balance.rows)),
        ];
        match kept.find(&key, digest_of(&said)) {
            Found::Same => continue,
            Found::Other => drop(forget(loader, key)?),
            Found::New => {}
        }
        let [opening, closing, rows] = said;
        let stream = Cell::Text(Stream::Fund.code());
        let row = [Cell::Int(key.0), stream, Cell::Int(key.1), opening, closing, rows];
        loader.insert(&ACCOUNT_STATE, &row)?;
    }
    for key in kept.leftovers() {
        forget(loader, key)?;
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
        "line_ref",
        "digest",
    ],
);

/// A payout's number.
pub(super) struct Label {
    /// As its fund row has it.
    line_ref: String,
    /// The same with a counter behind it where an account has two of one number.
    pub number: String,
}

/// The payouts of the run before.
pub(super) struct Payouts {
    kept: Kept<String>,
    /// Numbers by the fund row that sent it.
    refs: HashMap<i64, String>,
}

impl Payouts {
    pub(super) fn read(loader: &mut Loader<'_>) -> Result<Self, Error> {
        let mut refs = HashMap::new();
        let kept = Kept::read(loader, "select id, digest, line_id, line_ref from payout", |row| {
            refs.insert(row.int(2)?, row.text(3)?.to_owned());
            Ok((row.text(0)?.to_owned(), row.int(1)?))
        })?;
        Ok(Self { kept, refs })
    }

    /// The number of each payout, in order.
    pub(super) fn labels(
        &mut self,
        loader: &mut Loader<'_>,
        payouts: &[ReconciledPayout],
    ) -> Result<Vec<Label>, Error> {
        let mut seen: HashMap<(usize, String), u32> = HashMap::new();
        let mut labels = Vec::with_capacity(payouts.len());
        for payout in payouts {
            let line_ref = match self.refs.remove(&payout.line) {
                Some(known) => known,
                None => text(loader, PAYOUT_NUMBER, payout.line)?,
            };
            let count = seen.entry((payout.account, line_ref.clone())).or_default();
            *count += 1;
            let number = if *count > 1 { format!("{line_ref}-{count}") } else { line_ref.clone() };
            labels.push(Label { line_ref, number });
        }
        Ok(labels)
    }

    /// Stores payouts with their components; those that say what they said are left alone.
    pub(super) fn store<'a>(
        mut self,
        loader: &mut Loader<'_>,
        facts: &Facts,
        found: impl Iterator<Item = (&'a ReconciledPayout, &'a Label, &'a BankMatch)>,
        certificates: &Certificates,
    ) -> Result<(), Error> {
        let (mut ids, mut former) = (PayoutIds::default(), PayoutIds::default());
        let mut parts = Vec::new();
        for (payout, label, bank) in found {
            let account = &facts.accounts[payout.account];
            let number = &label.number;
            let id = ids.next(&account.scope, number);
            if let Some(scope) = account.former() {
                store_alias(loader, &former.next(&scope, number), &id)?;
            }
            let lines: Vec<String> = bank.lines.iter().map(i64::to_string).collect();
            let lines = lines.join(",");
            let first_day = facts.first_day_after(payout.after.0);
            let worst = certificates.worst(payout.account, first_day, payout.until.0);
            let verdict = match payout.waits {
                true => worst.max(Verdict::Waiting),
                // Nobody else keeps a list of what was recorded by hand.
                false if account.scope.channel.is_by_hand() => Verdict::Complete,
                false => worst,
            };
            let state = state(payout, bank);
            let currency = account.scope.currency();
            let mut cells = cells(payout, bank, &currency).to_vec();
            cells.splice(0..0, [Cell::Text(&id), Cell::Int(account.id), Cell::Text(number)]);
            let texts = [&lines, state, verdict.code(), label.line_ref.as_str()];
            cells.extend(texts.map(Cell::Text));
            let digest = digest_of(&[&cells[..], &component_cells(&payout.components)].concat());
            match self.kept.find(&id, digest) {
                Found::Same => continue,
                Found::Other => forget(loader, &id)?,
                Found::New => {}
            }
            cells.push(Cell::Int(digest));
            loader.insert(&PAYOUT, &cells)?;
            parts.push((id, payout.components));
        }
        for (id, components) in &parts {
            store_components(loader, id, components)?;
        }
        for id in self.kept.leftovers() {
            forget(loader, &id)?;
        }
        Ok(())
    }
}

fn state(payout: &ReconciledPayout, bank: &BankMatch) -> &'static str {
    match (payout.state, bank.day) {
        (PayoutState::Returned, _) => "returned",
        (_, Some(_)) => "paid",
        _ => "in_transit",
    }
}

/// The columns from `line_id` to `bank_minor`.
fn cells<'c>(
    payout: &ReconciledPayout,
    bank: &BankMatch,
    currency: &'c Currency,
) -> [Cell<'c>; 14] {
    [
        Cell::Int(payout.line),
        Cell::Int(payout.at_ms),
        Cell::Int(i64::from(payout.day)),
        Cell::Text(currency.code()),
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
    ]
}

const PAYOUT_COMPONENT: TableSpec =
    TableSpec::new("payout_component", &["payout_id", "position", "name", "amount_minor", "rows"]);

fn component_cells(components: &Components) -> Vec<Cell<'static>> {
    let each = |(component, amount_minor, rows): (Component, i64, u32)| {
        [Cell::Int(component as i64), Cell::Int(amount_minor), Cell::Int(i64::from(rows))]
    };
    components.listed().flat_map(each).collect()
}

fn store_components(
    loader: &mut Loader<'_>,
    id: &str,
    components: &Components,
) -> Result<(), Error> {
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
    Ok(())
}

fn forget(loader: &mut Loader<'_>, id: &str) -> Result<(), Error> {
    let key = [Cell::Text(id)];
    loader.execute("delete from payout_component where payout_id = $1", &key)?;
    loader.execute("delete from payout where id = $1", &key)?;
    Ok(())
}
