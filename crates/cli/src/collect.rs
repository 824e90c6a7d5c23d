//! `collect …`: taking money at the counter by a code.

use crate::args::{CollectTask, Common, NetArgs};
use crate::channel::request;
use crate::import::{now_ms, stop_on_ctrl_c};
use crate::lists::tail;
use crate::output::{Output, free, write_file};
use crate::problem::{Exit, Problem};
use crate::show::{Table, amount, time};
use crate::unlock;
use backoffice::channels::SyncRequest;
use backoffice::collect::{
    self, Collection, State, Wanted, ask, begin, collected_on, counters, drawing, follow, give_up,
    in_letters, open_collections, typed_amount,
};
use backoffice::{BusinessDate, Error, Office, os_user};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Does one of the commands about collecting.
///
/// # Errors
/// What opening the book and the use case can say.
pub fn run(common: &Common, task: &CollectTask, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    match task {
        CollectTask::New { amount, channel, connection, note, qr, by, net, .. } => {
            if let Some(path) = qr {
                free(path, false)?;
            }
            let connection = match connection {
                Some(id) => *id,
                None => chosen(&office, channel.as_deref())?,
            };
            let wanted = Wanted {
                nonce: collect::fresh_nonce()?,
                connection,
                amount_minor: typed_amount(amount)?,
                note: note.clone(),
            };
            let who = by.by.clone().unwrap_or_else(os_user);
            let begun = begin(office.book(), &wanted, &request(net), &now_ms, &who)?;
            new(&office, &begun, task, output)
        }
        CollectTask::List { day, open } => {
            let mut reader = office.reader()?;
            let found = match open {
                true => open_collections(&mut reader)?,
                false => {
                    let today = BusinessDate::of_ms(now_ms());
                    collected_on(&mut reader, day.unwrap_or(today))?
                }
            };
            list(&found, output)
        }
        CollectTask::Ask { id, net } => asked(&office, *id, net, output),
        CollectTask::Close { id, net } => {
            one(&give_up(office.book(), *id, &request(net), &now_ms)?, output)
        }
    }
}

/// The only connection of the channel asked for, or the only one there is.
fn chosen(office: &Office, channel: Option<&str>) -> Result<i64, Problem> {
    let found = counters(&mut office.reader()?)?;
    let fits = |counter: &&collect::Counter| channel.is_none_or(|code| counter.channel == code);
    let found: Vec<_> = found.iter().filter(fits).collect();
    match found.as_slice() {
        [only] => Ok(only.connection),
        [] => Err(Error::NotFound { what: "connection", id: "collect".to_owned() }.into()),
        _ => {
            let reason =
                "several connections can take it; say --channel or --connection".to_owned();
            Err(Error::BadInput { field: "connection", reason }.into())
        }
    }
}

/// Shows the code, and waits for the buyer.
fn new(
    office: &Office,
    begun: &Collection,
    task: &CollectTask,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let CollectTask::New { qr, no_wait, give_up_after, net, .. } = task else {
        return one(begun, output);
    };
    if let (Some(path), false) = (qr, begun.code.is_empty()) {
        let drawn = drawing(begun)?;
        let failed = |source| Error::File { path: path.display().to_string(), source };
        write_file(path, false, |to| Ok(to.write_all(drawn.as_bytes()).map_err(failed)?))?;
    }
    if !output.json && !begun.code.is_empty() {
        output.line(&in_letters(begun)?)?;
        let shown = amount(begun.amount_minor, &begun.currency);
        output.say("cli.collect.say.scan", &[("amount", &shown), ("number", &begun.order_id)])?;
        output.finish()?;
    }
    if *no_wait || begun.state.is_final() {
        return one(begun, output);
    }
    let stop = stop_on_ctrl_c();
    let until_ms = give_up_after.map(|seconds| begun.made_at_ms + i64::from(seconds) * 1000);
    let net = request(net);
    let mut wait = |ms| std::thread::sleep(Duration::from_millis(ms));
    let found = follow(office.book(), begun.id, &net, &now_ms, &mut wait, &mut |_| {
        stop.load(Ordering::SeqCst) || until_ms.is_some_and(|until_ms| now_ms() >= until_ms)
    })?;
    let found = match found.state.is_final() {
        true => found,
        false => end(office, &found, &net)?,
    };
    one(&found, output)
}

/// Closes what nobody waits for any more, and asks until the channel says so.
fn end(office: &Office, known: &Collection, net: &SyncRequest) -> Result<Collection, Problem> {
    let closing = give_up(office.book(), known.id, net, &now_ms)?;
    let until_ms = now_ms() + 15_000;
    let mut wait = |ms| std::thread::sleep(Duration::from_millis(ms));
    let mut enough = |_: &Collection| now_ms() >= until_ms;
    Ok(follow(office.book(), closing.id, net, &now_ms, &mut wait, &mut enough)?)
}

fn asked(
    office: &Office,
    id: Option<i64>,
    net: &NetArgs,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let net = request(net);
    if let Some(id) = id {
        return one(&ask(office.book(), id, &net, &now_ms)?, output);
    }
    let open = open_collections(&mut office.reader()?)?;
    let mut found = Vec::new();
    for known in open {
        found.push(ask(office.book(), known.id, &net, &now_ms)?);
    }
    list(&found, output)
}

fn collection(of: &Collection) -> Value {
    json!(of)
}

/// Paid ends well; what is refused, closed or still open needs a look.
fn one(found: &Collection, output: &mut Output) -> Result<Exit, Problem> {
    if output.json {
        output.value(&collection(found))?;
    } else {
        let shown = amount(found.amount_minor, &found.currency);
        let state = output.word(&format!("collect.state.{}", found.state.code()));
        let id = found.id.to_string();
        let values = [("id", id.as_str()), ("amount", &shown), ("state", &state)];
        output.say("cli.collect.say.one", &values)?;
        if !found.trouble.is_empty() {
            let key = format!("channels.trouble.{}", found.trouble);
            let own = format!("collect.trouble.{}", found.trouble);
            let known = messages::lookup(output.lang, &own).is_some();
            let word = output.word(if known { &own } else { &key });
            output.line(&crate::show::safe(&format!("{word} {}", found.trouble_detail)))?;
        }
    }
    Ok(if found.state == State::Paid { Exit::Fine } else { Exit::Attention })
}

fn list(found: &[Collection], output: &mut Output) -> Result<Exit, Problem> {
    if output.json {
        let rows: Vec<Value> = found.iter().map(collection).collect();
        output.value(&json!({ "collections": rows }))?;
        return Ok(Exit::Fine);
    }
    let columns = ["id", "at", "channel", "order", "status", ">amount", "words", "payment", "by"];
    let mut table = Table::new(output, &columns);
    for row in found {
        table.row([
            row.id.to_string(),
            time(row.made_at_ms),
            output.channel(&row.channel),
            row.order_id.clone(),
            output.word(&format!("collect.state.{}", row.state.code())),
            amount(row.amount_minor, &row.currency),
            row.note.clone(),
            row.channel_ref.clone(),
            row.made_by.clone(),
        ]);
    }
    table.show(output)?;
    tail(found.len(), None, output)?;
    Ok(Exit::Fine)
}
