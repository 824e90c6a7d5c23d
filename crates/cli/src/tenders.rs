//! `tenders`: the dictionary of ways to pay, and how a payment was made.

use crate::args::{Common, TendersArgs};
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::show::{Table, amount, safe};
use crate::unlock;
use backoffice::dto::TenderView;
use backoffice::tenders::{Paid, Source, source_of, sources};
use backoffice::{Channel, ChannelNames, Error, channel_names};
use serde_json::{Value, json};

/// Answers about the dictionary.
///
/// # Errors
/// What opening the book can say, where one is asked for.
pub fn run(common: &Common, args: &TendersArgs, output: &mut Output) -> Result<Exit, Problem> {
    if let Some(text) = &args.text {
        return meaning(text, args.channel.as_deref(), output);
    }
    if !args.used {
        return dictionary(&TenderView::all(&ChannelNames::default()), output);
    }
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    output.call_channels(channel_names(&mut reader)?);
    let found = sources(&mut reader)?;
    if output.json {
        let told: Vec<Value> = found.iter().map(source_json).collect();
        output.value(&json!({ "sources": told }))?;
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(output, &["channel", "source_text", ">rows", "tender"]);
    for source in &found {
        table.row([
            output.channel(source.channel.code()),
            source.text.clone(),
            source.rows.to_string(),
            output.word(&format!("tender.{}", source.tender.code)),
        ]);
    }
    table.show(output)?;
    Ok(Exit::Fine)
}

fn source_json(source: &Source) -> Value {
    json!({ "channel": source.channel.code(), "text": source.text, "rows": source.rows,
        "tender": source.tender.code })
}

/// What a text means: at a channel, or anywhere.
fn meaning(text: &str, channel: Option<&str>, output: &mut Output) -> Result<Exit, Problem> {
    let channel = match channel {
        // A shop's own system has no words for it that others have not.
        None => Channel::Shop,
        Some(code) => Channel::from_code(code)
            .ok_or_else(|| Error::NotFound { what: "channel", id: code.to_owned() })?,
    };
    let code = source_of(channel, text).map(|tender| tender.code);
    if output.json {
        output.value(&json!({ "text": text, "tender": code }))?;
        return Ok(Exit::Fine);
    }
    let name = code.map_or_else(|| "–".to_owned(), |code| output.word(&format!("tender.{code}")));
    output.say("cli.tenders.means", &[("text", &safe(text)), ("name", &name)])?;
    Ok(Exit::Fine)
}

fn dictionary(known: &[TenderView], output: &mut Output) -> Result<Exit, Problem> {
    if output.json {
        let told = known.iter().map(|tender| {
            json!({
                "code": tender.code, "name": name_of(&tender.code), "family": tender.kind,
                "holder": tender.holder, "arrives": tender.arrives,
                "promised_days": tender.promised_days, "fee": tender.fee,
                "returns_fee": tender.returns_fee, "refund_days": tender.refund_days,
                "refund_route": tender.back, "files": tender.files, "account": tender.account,
                "aliases": tender.aliases, "unconfirmed": tender.unconfirmed,
            })
        });
        let told: Vec<Value> = told.collect();
        output.value(&json!({ "tenders": told }))?;
        return Ok(Exit::Fine);
    }
    let columns = ["code", "name", "tender_kind", "holder", "arrives", "fee", "unconfirmed"];
    let mut table = Table::new(output, &columns);
    for tender in known {
        let word = |field: &str, value: &str| output.word(&format!("tender.{field}.{value}"));
        let waiting: Vec<String> =
            tender.unconfirmed.iter().map(|field| word("field", field)).collect();
        table.row([
            tender.code.clone(),
            output.word(&format!("tender.{}", tender.code)),
            word("kind", &tender.kind),
            word("holder", &tender.holder),
            word("arrives", &tender.arrives),
            word("fee", &tender.fee),
            waiting.join(" · "),
        ]);
    }
    table.show(output)?;
    Ok(Exit::Fine)
}

/// Both names of a tender.
fn name_of(code: &str) -> Value {
    let name = |lang| backoffice::words(lang, &format!("tender.{code}"));
    json!({ "zh": name(backoffice::Lang::Zh), "en": name(backoffice::Lang::En) })
}

/// How a payment was made; what its row does not say is null.
pub fn paid_json(paid: &Paid) -> Value {
    let terms = paid.instalments.as_ref().map(|told| {
        json!({ "terms": told.terms, "fee_minor": told.fee_minor,
            "borne_by": told.borne_by_shop.then_some("shop") })
    });
    let behind = paid.underlying.as_ref().map(|wallet| {
        json!({ "channel": wallet.channel.map(Channel::code), "text": wallet.text,
            "number": wallet.number, "fee_minor": wallet.fee_minor })
    });
    json!({ "source": paid.source.map(|source| source.code),
        "confirm": paid.confirm.map(|confirm| confirm.code()), "instalments": terms,
        "underlying": behind })
}

/// The same in words, a line each.
///
/// # Errors
/// Standard output's.
pub fn say_paid(paid: &Paid, currency: &str, output: &mut Output) -> Result<(), Problem> {
    if let Some(source) = paid.source {
        let name = output.word(&format!("tender.{}", source.code));
        output.say("cli.transaction.source", &[("name", &name)])?;
    }
    if let Some(confirm) = paid.confirm {
        let how = output.word(&format!("tender.confirm.{}", confirm.code()));
        output.say("cli.transaction.confirm", &[("how", &how)])?;
    }
    if let Some(told) = &paid.instalments {
        let fee = told.fee_minor.map_or_else(|| "–".to_owned(), |fee| amount(fee, currency));
        let who = if told.borne_by_shop { "shop" } else { "unsaid" };
        let who = output.word(&format!("tender.terms.{who}"));
        let values = [("terms", &*told.terms.to_string()), ("fee", &fee), ("who", &who)];
        output.say("cli.transaction.terms", &values)?;
    }
    if let Some(wallet) = &paid.underlying {
        let fee = wallet.fee_minor.map_or_else(|| "–".to_owned(), |fee| amount(fee, currency));
        let values = [("text", &*safe(&wallet.text)), ("number", &wallet.number), ("fee", &fee)];
        output.say("cli.transaction.underlying", &values)?;
    }
    Ok(())
}
