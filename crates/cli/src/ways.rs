//! `book unlock-methods add|remove|passphrase|new-code` and `book settings`.

use crate::args::{Common, SettingsArgs, UnlockTask};
use crate::book::{method_words, unlock_codes};
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::unlock;
use backoffice::{FeeSigns, UnlockMethod};
use serde_json::json;

/// Changes a way into the book and lists what opens it now.
///
/// # Errors
/// What opening the book and changing its key file can say.
pub fn change(common: &Common, task: &UnlockTask, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let mut code = None;
    match task {
        UnlockTask::Add { .. } => office.add_keyring()?,
        UnlockTask::Remove { way } => office.remove_way(match way.as_str() {
            "keyring" => UnlockMethod::Keyring,
            "passphrase" => UnlockMethod::Passphrase,
            _ => UnlockMethod::RecoveryCode,
        })?,
        UnlockTask::Passphrase => {
            let typed = unlock::changed_passphrase(unlock::place(common)?, output)?;
            office.set_passphrase(&typed)?;
        }
        UnlockTask::NewCode => code = Some(office.renew_recovery_code()?),
    }
    let methods = unlock_codes(&office.ways());
    if output.json {
        output.value(&json!({ "unlock_methods": methods, "recovery_code": code }))?;
        return Ok(Exit::Fine);
    }
    if let Some(code) = code {
        output.line(&format!("    {code}"))?;
        output.say("cli.book.code_hint", &[])?;
    }
    let words = method_words(&methods, output);
    output.line(&words)?;
    Ok(Exit::Fine)
}

/// Shows the small settings of a book, after changing those that are named.
///
/// # Errors
/// What opening and writing can say.
pub fn settings(
    common: &Common,
    args: &SettingsArgs,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    if let Some(signs) = args.fee_signs.as_deref().map(fee_signs) {
        office.set_fee_signs(signs)?;
    }
    if let Some(wanted) = &args.fetch_by_itself {
        office.set_fetches_itself(wanted == "yes")?;
    }
    if let Some(wanted) = &args.fetch_metered {
        office.set_fetches_metered(wanted == "yes")?;
    }
    let (fetches, metered) = (office.fetches_itself()?, office.fetches_metered()?);
    let code = match office.fee_signs()? {
        FeeSigns::AsPrinted => "as_printed",
        FeeSigns::ByKind => "by_kind",
    };
    if output.json {
        output.value(&json!({ "fee_signs": code, "fetch_by_itself": fetches,
            "fetch_metered": metered }))?;
    } else {
        let rule = output.word(&format!("settings.fee_signs.{code}"));
        output.say("cli.settings.fee_signs", &[("rule", &rule)])?;
        let code = if fetches { "yes" } else { "no" };
        let wanted = output.word(&format!("cli.channel.fetches.{code}"));
        output.say("cli.channel.fetches", &[("wanted", &wanted)])?;
        let code = if metered { "yes" } else { "no" };
        let wanted = output.word(&format!("cli.channel.metered.{code}"));
        output.say("cli.channel.metered", &[("wanted", &wanted)])?;
    }
    Ok(Exit::Fine)
}

/// The rule of a code that the parser has checked.
pub fn fee_signs(code: &str) -> FeeSigns {
    if code == "as_printed" { FeeSigns::AsPrinted } else { FeeSigns::ByKind }
}
