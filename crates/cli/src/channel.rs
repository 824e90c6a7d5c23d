//! `channel …` and `sync`: the same use cases as the window's Channels pages.

use crate::args::{ChannelTask, Common, NetArgs, SyncArgs};
use crate::channel_card;
use crate::import::{Meter, now_ms, stop_on_ctrl_c};
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::show::safe;
use crate::unlock;
use backoffice::channels::{
    self, Business, Checked, Connection, ConnectionKind, Fed, Route, Setup, StreamDays, SyncReport,
    SyncRequest, Trouble, coverage_of,
};
use backoffice::decisions::Actor;
use backoffice::dto::{
    CheckedKeysView, ConnectionKindView, ConnectionSyncView, ConnectionView, CoverageView,
    DefinedChannelView, SyncView,
};
use backoffice::import::{Progress, Watch};
use backoffice::{BusinessDate, ChannelNames, Error, Office, Period, Secret, channel_names};
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Does one of the commands about connections.
///
/// # Errors
/// What opening the book and the use case can say.
pub fn run(common: &Common, task: &ChannelTask, output: &mut Output) -> Result<Exit, Problem> {
    match task {
        ChannelTask::Kinds => return kinds(output),
        ChannelTask::Defined { sample, name, named } => {
            let names = match (name, named) {
                (None, false) => ChannelNames::default(),
                (name, _) => names_in(&unlock::open(common, output)?, name.as_deref())?,
            };
            return defined(sample.as_deref(), &names, output);
        }
        _ => {}
    }
    let office = unlock::open(common, output)?;
    match task {
        ChannelTask::Kinds | ChannelTask::Defined { .. } | ChannelTask::List => {}
        ChannelTask::Add { file, pfx, name, from, test, by, net } => {
            let setup = read_setup(file, pfx.as_deref(), output)?;
            if *test {
                let checked = channels::try_keys(&setup, &request(net), &now_ms)?;
                if !checked.is_fine() {
                    return say_checked(checked, output);
                }
            }
            let by = by.by.clone().unwrap_or_else(backoffice::os_user);
            let actor = Actor { name: &by, at_ms: now_ms() };
            let from = from.map(BusinessDate::days);
            let name = name.as_deref().unwrap_or_default();
            let id = channels::add(office.book(), &setup, name, from, &actor)?;
            return one(&office, id, output);
        }
        ChannelTask::Test { id, net } => {
            let checked = channels::check(office.book(), *id, &request(net), &now_ms)?;
            return say_checked(checked, output);
        }
        ChannelTask::Keys { id, file, pfx, by } => {
            let setup = read_setup(file, pfx.as_deref(), output)?;
            let by = by.by.clone().unwrap_or_else(backoffice::os_user);
            let actor = Actor { name: &by, at_ms: now_ms() };
            channels::renew(office.book(), *id, &setup, &actor)?;
            return one(&office, *id, output);
        }
        ChannelTask::UseKeys { id, keys } => {
            channels::use_keys(office.book(), *id, *keys)?;
            return one(&office, *id, output);
        }
        ChannelTask::RetireKeys { id, keys } => {
            channels::retire_keys(office.book(), *id, *keys)?;
            return one(&office, *id, output);
        }
        ChannelTask::Health => return channel_card::health(&office, output),
        ChannelTask::Seat(task) => return crate::seat::run(&office, task, output),
        ChannelTask::Days { id } => return days(&office, *id, output),
        ChannelTask::Rename { id, name } => {
            channels::rename(office.book(), *id, name)?;
            return one(&office, *id, output);
        }
        ChannelTask::Pause { id } | ChannelTask::Resume { id } => {
            let paused = matches!(task, ChannelTask::Pause { .. });
            channels::pause(office.book(), *id, paused)?;
            return one(&office, *id, output);
        }
        ChannelTask::Remove { id } => channels::remove(office.book(), *id)?,
    }
    list(&office, output)
}

/// A set-up file, and the key file beside it; what was read of them is wiped.
fn read_setup(path: &Path, pfx: Option<&Path>, output: &Output) -> Result<Setup, Problem> {
    let failed = |source| Error::File { path: path.display().to_string(), source };
    let mut text = String::new();
    match path.to_str() {
        Some("-") => std::io::stdin().read_to_string(&mut text).map_err(failed)?,
        _ => std::fs::File::open(path)
            .and_then(|mut file| file.read_to_string(&mut text))
            .map_err(failed)?,
    };
    let text = Secret::new(text);
    let Some(path) = pfx else { return Ok(Setup::parse(&text)?) };
    let failed = |source| Error::File { path: path.display().to_string(), source };
    let file = Secret::new(std::fs::read(path).map_err(failed)?);
    Ok(Setup::parse_with_key_file(&text, &file, &unlock::pfx_password(output)?)?)
}

/// How calls leave the house, as the options say.
pub fn request(net: &NetArgs) -> SyncRequest {
    let route = match (&net.proxy, net.direct) {
        (Some(address), _) => Route::Proxy(address.clone()),
        (None, true) => Route::Direct,
        (None, false) => Route::System,
    };
    SyncRequest { route, ..SyncRequest::default() }
}

fn kinds(output: &mut Output) -> Result<Exit, Problem> {
    let kinds = ConnectionKind::ALL.map(ConnectionKindView::from);
    if output.json {
        output.value(&json!({ "kinds": kinds }))?;
        return Ok(Exit::Fine);
    }
    for kind in &kinds {
        let name = output.channel(&kind.code);
        output.line(&format!("{}  {name}  {}", kind.code, kind.base))?;
        for field in &kind.fields {
            let name = output.word(&format!("channels.field.{}", field.name));
            let mark = match (field.needed, field.secret) {
                _ if !field.instead.is_empty() => output.word("channels.field_instead"),
                (_, true) => output.word("channels.field_secret"),
                (true, false) => String::new(),
                (false, false) => output.word("channels.field_optional"),
            };
            output.line(&format!("    {}  {name}  {mark}", field.name))?;
        }
    }
    Ok(Exit::Fine)
}

/// The names given in a book, after giving one more.
fn names_in(office: &Office, name: Option<&[String]>) -> Result<ChannelNames, Problem> {
    if let Some([code, name]) = name {
        office.name_channel(code, name)?;
    }
    Ok(channel_names(&mut office.reader()?)?)
}

fn defined(
    sample: Option<&str>,
    names: &ChannelNames,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let known = DefinedChannelView::all(names);
    if let Some(code) = sample {
        let found = known.iter().find(|channel| channel.code == code);
        let text = found.and_then(|channel| channel.sample.as_deref());
        let text = text.ok_or_else(|| Error::NotFound { what: "sample", id: code.to_owned() })?;
        output.bytes(text.as_bytes())?;
        return Ok(Exit::Fine);
    }
    if output.json {
        let channels: Vec<Value> = known
            .iter()
            .map(|channel| {
                json!({
                    "code": channel.code, "name": channel.name, "family": channel.family,
                    "promised_days": channel.promised_days, "refund_days": channel.refund_days,
                    "returns_fees": channel.returns_fees, "payers": channel.payers,
                    "closed": channel.closed, "confirmed": channel.confirmed,
                    "sample": channel.sample,
                })
            })
            .collect();
        output.value(&json!({ "channels": channels }))?;
        return Ok(Exit::Fine);
    }
    for channel in &known {
        let state = if channel.closed { "closed" } else { "to_confirm" };
        let values = [
            ("code", channel.code.as_str()),
            ("name", &safe(&names.of(output.lang, &channel.code))),
            ("family", &output.word(&format!("channels.family.{}", channel.family))),
            ("days", &channel.promised_days.map_or_else(String::new, |days| days.to_string())),
            ("state", &output.word(&format!("channels.defined.{state}"))),
        ];
        output.say("cli.channel.defined.row", &values)?;
    }
    Ok(Exit::Fine)
}

/// A connection as text shows it, as JSON tells it, and what its channel's money did.
type Shown = (ConnectionView, Value, Option<Business>);

fn views(office: &Office) -> Result<Vec<Shown>, Problem> {
    let mut reader = office.reader()?;
    let now_ms = now_ms();
    let businesses = channels::businesses(&mut reader, now_ms)?;
    let next = channels::asking(&mut reader, now_ms)?;
    let mut views = Vec::new();
    for (connection, view) in ConnectionView::all(office.book(), now_ms)? {
        let days = coverage_of(&mut reader, &connection, now_ms)?;
        let mut json = connection_json(&connection, &view, &days);
        let business = businesses.iter().find(|one| one.channel == connection.kind.channel());
        json["business"] = business.map_or(Value::Null, channel_card::json_of);
        let next = next.iter().find(|next| next.connection == connection.id);
        json["next_at_ms"] = next.map_or(Value::Null, |next| next.at_ms.into());
        views.push((view, json, business.cloned()));
    }
    Ok(views)
}

fn connection_json(
    of: &Connection,
    view: &ConnectionView,
    (days, troubles): &(Vec<StreamDays>, Vec<Trouble>),
) -> Value {
    let keys = view.keys.iter().filter_map(|shown| {
        let keys = of.credentials.iter().find(|keys| keys.id == shown.id)?;
        Some(json!({ "id": keys.id, "state": shown.state, "added_at_ms": keys.added_at_ms,
            "added_by": keys.added_by, "until_ms": keys.until_ms }))
    });
    let streams = view.streams.iter().zip(days).map(|(stream, days)| {
        let mut told = json!({ "stream": stream.stream, "proven_until": stream.proven_until,
            "whole": stream.whole, "missing": stream.missing, "wrong": stream.wrong,
            "at_edge": stream.at_edge, "lost": stream.lost });
        channel_card::asks_json(days, &mut told);
        told
    });
    let troubles = troubles.iter().map(|trouble| {
        json!({ "stream": trouble.stream, "date": BusinessDate::of_ms(trouble.from_ms).to_string(),
            "code": trouble.code, "detail": trouble.detail, "tries": trouble.tries,
            "tried_at_ms": trouble.tried_at_ms, "next_at_ms": trouble.next_at_ms })
    });
    json!({
        "id": of.id, "kind": of.kind.code(), "account_no": of.account_no, "name": of.name,
        "base": of.base, "from": view.from_date, "paused": of.paused,
        "added_at_ms": of.added_at_ms, "added_by": of.added_by,
        "checked_at_ms": of.checked_at_ms, "check_code": of.check_code,
        "their_until_ms": of.their_until_ms,
        "keys": keys.collect::<Vec<_>>(), "streams": streams.collect::<Vec<_>>(),
        "proven_until": view.proven_until, "offline": view.offline, "keys_here": view.keys_here,
        "troubles": troubles.collect::<Vec<_>>(),
    })
}

fn list(office: &Office, output: &mut Output) -> Result<Exit, Problem> {
    let views = views(office)?;
    let mut others = channels::businesses(&mut office.reader()?, now_ms())?;
    others.retain(|business| business.fed != Fed::Network);
    if output.json {
        let told: Vec<&Value> = views.iter().map(|(_, json, _)| json).collect();
        let others: Vec<Value> = others.iter().map(channel_card::json_of).collect();
        output.value(&json!({ "connections": told, "channels": others }))?;
    } else {
        if views.is_empty() {
            output.say("cli.channel.say.none", &[])?;
        }
        for (view, _, business) in &views {
            say_connection(view, business.as_ref(), output)?;
        }
        for business in &others {
            let name = output.channel(business.channel.code());
            let fed = output.word(&format!("channels.fed.{}", business.fed.code()));
            output.say("cli.channel.card.other", &[("name", &safe(&name)), ("fed", &fed)])?;
            channel_card::say(business, output)?;
        }
    }
    let fine =
        views.iter().all(|(view, ..)| view.check_code.is_empty() && view.troubles.is_empty());
    Ok(if fine { Exit::Fine } else { Exit::Attention })
}

fn one(office: &Office, id: i64, output: &mut Output) -> Result<Exit, Problem> {
    let view = views(office)?.into_iter().find(|(view, ..)| view.id == id);
    if let Some((view, told, business)) = view {
        match output.json {
            true => output.value(&json!({ "connection": told }))?,
            false => say_connection(&view, business.as_ref(), output)?,
        }
    }
    Ok(Exit::Fine)
}

fn say_connection(
    view: &ConnectionView,
    business: Option<&Business>,
    output: &mut Output,
) -> Result<(), Problem> {
    let kind = output.channel(&view.kind);
    let state = match (view.paused, view.check_code.as_str(), &view.checked_at) {
        (true, ..) => output.word("cli.channel.say.paused"),
        (_, "", Some(at)) => output.fill("cli.channel.say.checked", &[("at", at)]),
        (_, "", None) => output.word("cli.channel.say.unchecked"),
        (_, code, _) => trouble(code, "", output),
    };
    let id = view.id.to_string();
    let until = match &view.proven_until {
        Some(day) => output.fill("cli.channel.say.proven_until", &[("day", day)]),
        None => output.word("cli.channel.say.proven_none"),
    };
    let values = [
        ("id", id.as_str()),
        ("kind", &kind),
        ("name", &safe(&view.name)),
        ("account", &view.account_no),
        ("state", &state),
        ("until", &until),
    ];
    output.say("cli.channel.say.row", &values)?;
    // One set needs no line of its own.
    for keys in view.keys.iter().filter(|_| view.keys.len() > 1) {
        let until = keys.until.as_deref().unwrap_or("–");
        let state = output.word(&format!("cli.channel.say.keys_{}", keys.state));
        let values = [("id", keys.id.to_string()), ("state", state), ("until", until.to_owned())];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        output.say("cli.channel.say.keys_row", &values)?;
    }
    for trouble_view in view.troubles.iter().take(5) {
        let stream = output.word(&format!("channels.stream.{}", trouble_view.stream));
        let what = trouble(&trouble_view.code, &trouble_view.detail, output);
        let values = [
            ("day", trouble_view.date.as_str()),
            ("stream", &stream),
            ("what", &what),
            ("next", &trouble_view.next_at),
        ];
        output.say("cli.channel.say.trouble_row", &values)?;
    }
    if let Some(more) = view.troubles.len().checked_sub(5).filter(|more| *more > 0) {
        output.say("cli.channel.say.trouble_more", &[("count", &more.to_string())])?;
    }
    business.map_or(Ok(()), |business| channel_card::say(business, output))
}

/// What is wrong, in words, with the channel's own code behind it.
fn trouble(code: &str, detail: &str, output: &Output) -> String {
    let said = output.word(&format!("channels.trouble.{code}"));
    if detail.is_empty() { said } else { format!("{said} ({})", safe(detail)) }
}

fn say_checked(checked: Checked, output: &mut Output) -> Result<Exit, Problem> {
    let skew_ms = checked.skew_ms;
    let view = CheckedKeysView::from(checked);
    let exit = if view.fine { Exit::Fine } else { Exit::Attention };
    if output.json {
        let fine = view.fine;
        output.value(&json!({ "fine": fine, "code": view.code, "detail": view.detail,
            "says": view.says, "skew_ms": skew_ms, "streams": streams_json(&view) }))?;
        return Ok(exit);
    }
    if view.fine {
        output.say("cli.channel.say.fine", &[])?;
    } else {
        let said = trouble(&view.code, &view.detail, output);
        output.line(&said)?;
        output.say(&format!("channels.trouble.{}.next", view.code), &[])?;
        for stream in view.streams.iter().filter(|_| view.streams.len() > 1) {
            let name = output.word(&format!("channels.stream.{}", stream.stream));
            let said = match stream.code.as_str() {
                "" => output.word("cli.channel.say.stream_fine"),
                code => trouble(code, "", output),
            };
            output.line(&format!("    {name}  {said}"))?;
        }
        if !view.says.is_empty() {
            output.say("cli.channel.say.says", &[("text", &safe(&view.says))])?;
        }
    }
    if view.clock_off_s != 0 {
        output.say("cli.channel.say.clock_off", &[("seconds", &view.clock_off_s.to_string())])?;
    }
    Ok(exit)
}

fn streams_json(view: &CheckedKeysView) -> Vec<Value> {
    let told = view.streams.iter();
    told.map(|one| json!({ "stream": one.stream, "code": one.code })).collect()
}

fn days(office: &Office, id: i64, output: &mut Output) -> Result<Exit, Problem> {
    let mut reader = office.reader()?;
    let connection = channels::connection(&mut reader, id)?;
    let (streams, _) = coverage_of(&mut reader, &connection, now_ms())?;
    let streams: Vec<CoverageView> = streams.into_iter().map(CoverageView::from).collect();
    if output.json {
        output.value(&json!({ "streams": streams }))?;
        return Ok(Exit::Fine);
    }
    for stream in &streams {
        let name = output.word(&format!("channels.stream.{}", stream.stream));
        output.line(&name)?;
        // Runs of equal days, so that a quiet year is one line.
        for run in stream.days.chunk_by(|one, next| one.state == next.state) {
            if let [first, .., last] | [first @ last] = run {
                let state = output.word(&format!("channels.day.{}", first.state));
                let span = match first.date == last.date {
                    true => first.date.clone(),
                    false => format!("{} … {}", first.date, last.date),
                };
                output.line(&format!("    {span}  {state}"))?;
            }
        }
    }
    Ok(Exit::Fine)
}

/// Fetches what is not proven to be here yet, and books it.
///
/// # Errors
/// What opening the book and the sync as a whole can say.
pub fn sync(common: &Common, args: &SyncArgs, output: &mut Output) -> Result<Exit, Problem> {
    let again = again(args)?;
    let office = unlock::open(common, output)?;
    let cancel = stop_on_ctrl_c();
    if args.watch {
        let ended = crate::watching::watch(&office, args, &cancel, output);
        office.close();
        return ended;
    }
    let connections = args.connections.clone();
    let request = SyncRequest { connections, force: args.force, again, ..asked(args) };
    let report = once(&office, &request, &cancel, output)?;
    let view = say_report(&office, &report, output)?;
    office.close();
    Ok(match (view.stopped, view.is_fine()) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Fine,
        (false, false) => Exit::Attention,
    })
}

/// The days of `--again`.
fn again(args: &SyncArgs) -> Result<Option<Period>, Problem> {
    let Some([from, to]) = args.again.as_deref() else { return Ok(None) };
    if from > to {
        return Err(Problem::usage("days_reversed", format!("{from} > {to}")));
    }
    Ok(Some(Period { from: *from, until: to.plus_days(1) }))
}

/// How a sync goes, as its options say.
pub fn asked(args: &SyncArgs) -> SyncRequest {
    let request = request(&args.net);
    if args.anyway { request } else { request.minding_the_line() }
}

/// One sync, with its progress on standard error.
pub fn once(
    office: &Office,
    request: &SyncRequest,
    cancel: &AtomicBool,
    output: &Output,
) -> Result<SyncReport, Problem> {
    let mut meter = Meter::new(output);
    let mut show = |at: &Progress| meter.show(at);
    let mut watch = Watch { progress: &mut show, cancel };
    let done = channels::sync(office.book(), request, &now_ms, &mut watch);
    meter.clear();
    Ok(done?)
}

/// Tells what came of a sync.
pub fn say_report(
    office: &Office,
    report: &SyncReport,
    output: &mut Output,
) -> Result<SyncView, Problem> {
    let view = SyncView::from(report);
    if output.json {
        output.value(&json!({ "connections": report.connections, "rows_new": view.rows_new,
            "quarantined": view.quarantined, "files_wrong": view.files_wrong,
            "stopped": view.stopped }))?;
        return Ok(view);
    }
    let names = channels::list(&mut office.reader()?)?;
    for done in &view.connections {
        let name = names.iter().find(|found| found.id == done.connection);
        say_synced(done, name.map_or("", |found| &found.name), output)?;
    }
    let values = [("rows", view.rows_new.to_string()), ("aside", view.quarantined.to_string())];
    let values = values.each_ref().map(|(key, value)| (*key, value.as_str()));
    output.say("cli.channel.say.synced", &values)?;
    Ok(view)
}

fn say_synced(done: &ConnectionSyncView, name: &str, output: &mut Output) -> Result<(), Problem> {
    let counts = [done.files, done.empty, done.not_yet, done.failed].map(|count| count.to_string());
    let values = [
        ("name", name),
        ("files", counts[0].as_str()),
        ("empty", &counts[1]),
        ("not_yet", &counts[2]),
        ("failed", &counts[3]),
    ];
    output.say("cli.channel.say.synced_row", &values)?;
    if !done.trouble.is_empty() {
        let said = trouble(&done.trouble, &done.detail, output);
        let next = output.word(&format!("channels.trouble.{}.next", done.trouble));
        output.line(&format!("    {said} {next}"))?;
    }
    if done.other_signs {
        let [said, next] =
            ["", ".next"].map(|tail| output.word(&format!("channels.trouble.other_signs{tail}")));
        output.line(&format!("    {said} {next}"))?;
    }
    if done.clock_off_s != 0 {
        output.say("cli.channel.say.clock_off", &[("seconds", &done.clock_off_s.to_string())])?;
    }
    Ok(())
}
