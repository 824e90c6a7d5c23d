//! `till …`: money taken by hand, the day's count, and what is kept beside a record.

use crate::args::{By, CashArgs, Common, SaidArgs, TillTask};
use crate::import::now_ms;
use crate::output::{Output, free, write_file};
use crate::problem::{Exit, Problem};
use crate::show::{Table, amount, bare_amount, date, safe, time};
use crate::unlock;
use backoffice::decisions::Actor;
use backoffice::statements::Format;
use backoffice::till::{
    ATTACHMENT_BYTES, Act, CardBalance, CardMove, Drawer, RecordFilter, SheetOf, Tender,
    TillRecord, Wanted, attach, attachment, attachments, card_moves, cards, drawers, find, list,
    make_day_sheet, record, settle, typed_amount, typed_moment,
};
use backoffice::{BusinessDate, Error, Office, collect, os_user};
use serde_json::json;
use std::io::Read;
use std::path::{Path, PathBuf};

const CNY: &str = "CNY";

/// Does one of the commands about the till.
///
/// # Errors
/// What opening the book and the use case can say.
pub fn run(common: &Common, task: &TillTask, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    // What was kept and not booked when the program died.
    settle(office.book())?;
    if let Some((wanted, said)) = wanted(task)? {
        return recorded(&office, &wanted, said, output);
    }
    match task {
        TillTask::List { tender, till, from, to, order, limit } => {
            let filter = RecordFilter {
                tender: tender.as_deref().and_then(Tender::from_code),
                account: till.clone(),
                from: *from,
                to: *to,
                order: order.clone(),
                limit: *limit,
            };
            rows(&list(&mut office.reader()?, &filter)?, output)
        }
        TillTask::Attach { of, files, by } => {
            let kept = keep(&office, of, files, by)?;
            match output.json {
                true => output.value(&json!({ "attachments": kept }))?,
                false => show(&office, of, output)?,
            }
            Ok(Exit::Fine)
        }
        TillTask::Attachment { id, out, force } => {
            let (kept, bytes) = attachment(&mut office.reader()?, *id)?;
            let path = out.display().to_string();
            let failed = |source| Error::File { path: path.clone(), source };
            write_file(out, *force, |to| Ok(to.write_all(&bytes).map_err(failed)?))?;
            match output.json {
                true => output.value(&json!(kept))?,
                false => output.say("cli.till.say.saved", &[("name", &path)])?,
            }
            Ok(Exit::Fine)
        }
        TillTask::Moves { card_no } => {
            moves(card_no, &card_moves(&mut office.reader()?, card_no)?, output)
        }
        TillTask::Sheet { out, day, till, force } => {
            let day = day.unwrap_or_else(|| BusinessDate::of_ms(now_ms()));
            let of = SheetOf { day, till: till.clone() };
            sheet(&office, &of, out, *force, output)
        }
        TillTask::Show { of } => show(&office, of, output).map(|()| Exit::Fine),
        _ => in_hand(&office, output),
    }
}

/// What a command wants recorded; `None` for one that only looks.
fn wanted(task: &TillTask) -> Result<Option<(Wanted, &SaidArgs)>, Problem> {
    let minor = |text: &str| typed_amount(text).map(Some);
    let mut facts: Vec<(&str, String)> = Vec::new();
    let (act, amount, tender, of, said) = match task {
        TillTask::Receive { amount, tender, said } => {
            (Act::Receipt, minor(amount)?, Some(tender), "", said)
        }
        TillTask::Card { card_no, amount, tender, said } => {
            facts.push(("card", card_no.clone()));
            (Act::Card, minor(amount)?, Some(tender), "", said)
        }
        TillTask::Breakage { card_no, amount, said } => {
            facts.push(("card", card_no.clone()));
            let amount = amount.as_deref().map(typed_amount).transpose()?;
            (Act::Breakage, amount, None, "", said)
        }
        TillTask::Refund { of, amount, tender, refund_id, said } => {
            facts.push(("refund_id", refund_id.clone().unwrap_or_default()));
            let amount = amount.as_deref().map(typed_amount).transpose()?;
            (Act::Refund, amount, tender.as_ref(), of.as_str(), said)
        }
        TillTask::Float(CashArgs { amount, said }) => (Act::Float, minor(amount)?, None, "", said),
        TillTask::Take(CashArgs { amount, said }) => (Act::Take, minor(amount)?, None, "", said),
        TillTask::Drop(CashArgs { amount, said }) => (Act::Drop, minor(amount)?, None, "", said),
        TillTask::Cheque { step, of, said } => {
            let act = if step == "bounce" { Act::Bounce } else { Act::Deposit };
            (act, None, None, of.as_str(), said)
        }
        TillTask::Batch { batch_no, fee, said } => {
            facts.push(("batch", batch_no.clone()));
            if let Some(fee) = fee {
                facts.push(("fee_minor", typed_amount(fee)?.to_string()));
            }
            (Act::Batch, None, None, "", said)
        }
        TillTask::Count { notes, sum, said } => {
            facts.push(("notes", notes.join(" ")));
            let sum = sum.as_deref().map(typed_amount).transpose()?;
            (Act::Count, sum, None, "", said)
        }
        TillTask::Reverse { of, said } => (Act::Reversal, None, None, of.as_str(), said),
        _ => return Ok(None),
    };
    let mut wanted = with(act, said)?;
    wanted.amount_minor = amount;
    wanted.tender = tender.and_then(|code| Tender::from_code(code));
    of.clone_into(&mut wanted.of);
    wanted.facts.extend(facts.into_iter().map(|(name, text)| (name.to_owned(), text)));
    Ok(Some((wanted, said)))
}

fn with(act: Act, said: &SaidArgs) -> Result<Wanted, Problem> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let named = [
        ("payer", &said.payer),
        ("bank", &said.bank),
        ("bank_ref", &said.bank_ref),
        ("cheque_no", &said.cheque_no),
        ("due", &said.due),
        ("batch", &said.batch),
        ("last4", &said.last4),
        ("authorization", &said.authorization),
        ("reference", &said.reference),
        ("card", &said.card),
        ("note", &said.note),
    ];
    let facts =
        named.iter().filter_map(|(name, text)| Some(((*name).to_owned(), (*text).clone()?)));
    let nonce = match &said.nonce {
        Some(nonce) => nonce.clone(),
        None => collect::fresh_nonce()?,
    };
    Ok(Wanted {
        account: text(&said.till),
        at_ms: said.at.as_deref().map(typed_moment).transpose()?,
        order: text(&said.order),
        reason: text(&said.reason),
        facts: facts.collect(),
        ..Wanted::new(&nonce, act)
    })
}

fn recorded(
    office: &Office,
    wanted: &Wanted,
    said: &SaidArgs,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let who = said.by.by.clone().unwrap_or_else(os_user);
    let number = record(office.book(), wanted, &Actor { name: &who, at_ms: now_ms() })?;
    keep(office, &number, &said.attach, &said.by)?;
    show(office, &number, output)?;
    Ok(Exit::Fine)
}

fn keep(
    office: &Office,
    number: &str,
    files: &[PathBuf],
    by: &By,
) -> Result<Vec<backoffice::till::Attachment>, Problem> {
    let who = by.by.clone().unwrap_or_else(os_user);
    let actor = Actor { name: &who, at_ms: now_ms() };
    let each = |path: &PathBuf| {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(attach(office.book(), number, &name, &read(path)?, &actor)?)
    };
    files.iter().map(each).collect()
}

/// A file, and no more of it than can be kept.
fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let failed = |source| Error::File { path: path.display().to_string(), source };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(ATTACHMENT_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn show(office: &Office, number: &str, output: &mut Output) -> Result<(), Problem> {
    let mut reader = office.reader()?;
    let found = find(&mut reader, number)?;
    let kept = attachments(&mut reader, number)?;
    if output.json {
        return output.value(&json!({ "record": found, "attachments": kept }));
    }
    let word = |key: String| output.word(&key);
    let (act, tender) =
        (word(format!("till.act.{}", found.act.code())), word(tender_key(found.tender)));
    let (state, sum) =
        (word(format!("till.state.{}", found.state.code())), amount(found.amount_minor, CNY));
    let values = [
        ("number", found.number.as_str()),
        ("act", &act),
        ("tender", &tender),
        ("amount", &sum),
        ("state", &state),
    ];
    output.say("cli.till.say.one", &values)?;
    if let Some(count) = &found.counted {
        let sums = [count.expected_minor, count.counted_minor, count.over_minor];
        let [expected, counted, over] = sums.map(|minor| amount(minor, CNY));
        let values = [("expected", expected.as_str()), ("counted", &counted), ("over", &over)];
        output.say("cli.till.say.count", &values)?;
    }
    let named = [("order", &found.order), ("of", &found.of), ("reason", &found.reason)];
    let facts = found.facts.iter().map(|(name, text)| (name.as_str(), text));
    for (name, text) in named.into_iter().chain(facts) {
        let key = format!("till.fact.{name}");
        if !text.is_empty() && messages::lookup(output.lang, &key).is_some() {
            output.line(&safe(&format!("  {}: {text}", output.word(&key))))?;
        }
    }
    if let Some(day) = found.bank_day {
        output.say("cli.till.say.bank", &[("day", &date(day))])?;
    }
    if let Some((document, line)) = found.in_file {
        let (document, line) = (document.to_string(), line.to_string());
        output.say("cli.till.say.file", &[("document", &document), ("line", &line)])?;
    }
    for each in &kept {
        let (id, size) = (each.id.to_string(), each.size_bytes.to_string());
        let values = [("id", id.as_str()), ("name", &each.name), ("size", &size)];
        output.say("cli.till.say.attachment", &values)?;
    }
    Ok(())
}

fn sheet(
    office: &Office,
    of: &SheetOf,
    out: &Path,
    force: bool,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let path = out.display().to_string();
    let format = Format::from_path(out).ok_or_else(|| Problem::usage("bad_ending", &path))?;
    free(out, force)?;
    let company = office.company()?;
    let bytes = make_day_sheet(&mut office.reader()?, of, output.lang, &company, format)?;
    write_file(out, force, |file| Ok(file.write_all(&bytes)?))?;
    let (day, size) = (of.day.to_string(), bytes.len().to_string());
    match output.json {
        true => output.value(&json!({
            "path": path, "format": format.code(), "day": day, "till": of.till,
            "bytes": bytes.len()
        }))?,
        false => output.say("cli.statement", &[("path", &path), ("bytes", &size)])?,
    }
    Ok(Exit::Fine)
}

fn tender_key(tender: Tender) -> String {
    format!("statement.channel.{}", tender.code())
}

fn rows(found: &[TillRecord], output: &mut Output) -> Result<Exit, Problem> {
    if output.json {
        output.value(&json!({ "records": found }))?;
        return Ok(Exit::Fine);
    }
    let columns = ["number", "at", "kind", "channel", "till", ">amount", "status", "order", "by"];
    let mut table = Table::new(output, &columns);
    for row in found {
        table.row([
            row.number.clone(),
            time(row.at_ms),
            output.word(&format!("till.act.{}", row.act.code())),
            output.word(&tender_key(row.tender)),
            row.account.clone(),
            bare_amount(row.amount_minor, CNY),
            output.word(&format!("till.state.{}", row.state.code())),
            row.order.clone(),
            row.made_by.clone(),
        ]);
    }
    table.show(output)?;
    crate::lists::tail(found.len(), None, output)?;
    Ok(Exit::Fine)
}

fn moves(card: &str, found: &[CardMove], output: &mut Output) -> Result<Exit, Problem> {
    if output.json {
        let balance = found.first().map_or(0, |each| each.balance_minor);
        output.value(&json!({ "card": card, "balance_minor": balance, "moves": found }))?;
        return Ok(Exit::Fine);
    }
    let columns = ["number", "at", "kind", ">amount", ">balance", "order"];
    let mut table = Table::new(output, &columns);
    for row in found {
        table.row([
            row.number.clone(),
            time(row.at_ms),
            output.word(&format!("till.act.{}", row.act.code())),
            bare_amount(row.amount_minor, CNY),
            bare_amount(row.balance_minor, CNY),
            row.order.clone(),
        ]);
    }
    table.show(output)?;
    Ok(Exit::Fine)
}

fn in_hand(office: &Office, output: &mut Output) -> Result<Exit, Problem> {
    let mut reader = office.reader()?;
    let (held, owed) = (drawers(&mut reader)?, cards(&mut reader)?);
    if output.json {
        output.value(&json!({ "in_hand": held, "cards": owed }))?;
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(output, &["channel", "till", ">amount", ">rows", "counted"]);
    for Drawer { tender, account, in_hand_minor, records, counted_at_ms } in held {
        table.row([
            output.word(&tender_key(tender)),
            account,
            bare_amount(in_hand_minor, CNY),
            records.to_string(),
            counted_at_ms.map(time).unwrap_or_default(),
        ]);
    }
    table.show(output)?;
    let mut table = Table::new(output, &["card", ">amount", "at"]);
    for CardBalance { card, balance_minor, last_ms } in owed {
        table.row([card, bare_amount(balance_minor, CNY), time(last_ms)]);
    }
    table.show(output)?;
    Ok(Exit::Fine)
}
