//! `book new|info|unlock-methods`.

use crate::args::Common;
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::show::{amounts, safe};
use crate::unlock;
use backoffice::payouts::{PayoutFilter, PayoutTotals, payout_totals};
use backoffice::sums::{Sum, first};
use backoffice::{Office, UnlockMethod, lists};
use serde_json::{Value, json};

/// Makes a book and shows the recovery code, once.
///
/// # Errors
/// What making one can say.
pub fn new(
    common: &Common,
    company: &str,
    keyring: bool,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let place = unlock::place(common)?;
    let passphrase = unlock::new_passphrase(place, output)?;
    let made = Office::create(place, company, passphrase, keyring)?;
    let shown = made.office.place();
    let company = made.office.company()?;
    made.office.close();
    if output.json {
        output.value(&json!({
            "place": shown,
            "company": company,
            "recovery_code": made.recovery_code,
            "recovery_code_hint": output.word("cli.book.code_hint"),
        }))?;
        return Ok(Exit::Fine);
    }
    output.say("cli.book.made", &[("place", &shown), ("company", &safe(&company))])?;
    if let Some(code) = made.recovery_code {
        output.line("")?;
        output.line(&format!("    {code}"))?;
        output.line("")?;
        output.say("cli.book.code_hint", &[])?;
        output.say("cli.book.keys_hint", &[("place", &shown)])?;
    }
    output.say("cli.book.next", &[])?;
    Ok(Exit::Fine)
}

/// What the book covers and where the money is.
///
/// # Errors
/// What opening and reading can say.
pub fn info(common: &Common, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let company = office.company()?;
    let extent = lists::extent(&mut reader)?;
    let places = lists::money_map(&mut reader, None)?;
    let payouts = payout_totals(&mut reader, &PayoutFilter::default())?.count;
    let open = PayoutFilter { open_only: true, ..PayoutFilter::default() };
    let PayoutTotals { count: open, unexplained, .. } = payout_totals(&mut reader, &open)?;
    let methods = unlock_codes(&Office::unlock_methods(unlock::place(common)?)?);
    if output.json {
        let places: Vec<Value> = places
            .iter()
            .flat_map(|found| found.amounts.iter().map(|sum| (found.place, sum)))
            .map(|(place, sum)| {
                json!({
                    "place": place,
                    "amount_minor": sum.amount_minor,
                    "currency": sum.currency,
                })
            })
            .collect();
        let Sum { currency, amount_minor } = first(&unexplained);
        output.value(&json!({
            "place": office.place(),
            "company": company,
            "unlock_methods": methods,
            "documents": extent.documents,
            "from": extent.from,
            "to": extent.to,
            "last_import_ms": extent.last_import_ms,
            "accounts": extent.accounts,
            "payouts": payouts,
            "unexplained_payouts": open,
            "unexplained_minor": amount_minor,
            "currency": currency,
            "unexplained": unexplained,
            "money": places,
        }))?;
        return Ok(Exit::Fine);
    }
    output.line(&safe(&company))?;
    let none = || "–".to_owned();
    output.say("cli.info.place", &[("place", &office.place())])?;
    output.say("cli.info.unlock", &[("methods", &method_words(&methods, output))])?;
    output.say(
        "cli.info.extent",
        &[
            ("documents", &extent.documents.to_string()),
            ("from", &extent.from.unwrap_or_else(none)),
            ("to", &extent.to.unwrap_or_else(none)),
        ],
    )?;
    for account in &extent.accounts {
        output.line(&format!("  {}", safe(account)))?;
    }
    let counts = [
        ("payouts", payouts.to_string()),
        ("open", open.to_string()),
        ("amount", amounts(&unexplained)),
    ];
    output
        .say("cli.info.payouts", &counts.each_ref().map(|(name, value)| (*name, value.as_str())))?;
    for place in &places {
        let name = output.word(&format!("cli.place.{}", place.place));
        output.line(&format!("  {name}  {}", amounts(&place.amounts)))?;
    }
    Ok(Exit::Fine)
}

/// What opens the book, read without opening it.
///
/// # Errors
/// What reading the key file can say.
pub fn unlock_methods(common: &Common, output: &mut Output) -> Result<Exit, Problem> {
    let place = unlock::place(common)?;
    let methods = unlock_codes(&Office::unlock_methods(place)?);
    if output.json {
        output.value(&json!({ "unlock_methods": methods }))?;
    } else {
        let words = method_words(&methods, output);
        output.line(&words)?;
    }
    Ok(Exit::Fine)
}

/// Codes of the ways in.
pub fn unlock_codes(methods: &[UnlockMethod]) -> Vec<&'static str> {
    let code = |method: &UnlockMethod| match method {
        UnlockMethod::Passphrase => "passphrase",
        UnlockMethod::RecoveryCode => "recovery_code",
        UnlockMethod::Keyring => "keyring",
    };
    methods.iter().map(code).collect()
}

/// The ways in, in words.
pub fn method_words(methods: &[&'static str], output: &Output) -> String {
    if methods.is_empty() {
        return output.word("cli.unlock.server");
    }
    let words: Vec<String> =
        methods.iter().map(|method| output.word(&format!("cli.unlock.{method}"))).collect();
    words.join(" · ")
}
