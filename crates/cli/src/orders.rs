//! `orders`, `order NUMBER`.

use crate::args::{Common, OrdersArgs};
use crate::json::List as JsonList;
use crate::lists::{pages, tail};
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::show::{Table, amount, bare_amount, date, time};
use crate::tables::to_file;
use crate::transactions::saved;
use crate::unlock;
use backoffice::Reader;
use backoffice::dto::OrderQuery;
use backoffice::orders::{OrderRow, OrderStory, Step, list_orders, story};
use backoffice::tables::{List, list_sums};
use backoffice::views::{View, save_view};
use serde_json::{Map, Value, json};

/// The list that views of orders are saved for.
const LIST: &str = "orders";

/// Orders, newest first unless told otherwise.
///
/// # Errors
/// What opening, reading and writing a file can say.
pub fn list(common: &Common, args: &OrdersArgs, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let asked = asked(&mut reader, args)?;
    let filter = query_of(&asked).filter()?;
    if let Some(name) = &args.save_view {
        let view = View { name: name.clone(), body: Value::Object(asked).to_string() };
        save_view(&office, LIST, &view)?;
    }
    let whole = List::Orders(filter.clone());
    if let Some(exit) = to_file(&mut reader, &whole, &args.file, output)? {
        return Ok(exit);
    }
    if args.sums {
        return sums(&list_sums(&mut reader, &whole, None)?, output);
    }
    let read = |cursor: Option<&str>, limit| list_orders(&mut reader, &filter, cursor, limit);
    if output.json {
        let mut list = JsonList::begin("orders", output)?;
        let next = pages(&args.page, true, read, |row| list.row(&order(&row), output))?;
        list.end(next.as_deref(), output)?;
        return Ok(Exit::Fine);
    }
    let columns = [
        "day",
        "order",
        "source",
        "status",
        "channel",
        ">gross",
        ">paid",
        ">refunded",
        "owed",
        "goods",
    ];
    let mut table = Table::new(output, &columns);
    let next = pages(&args.page, false, read, |row| {
        let money = |minor| amount(minor, &row.currency);
        let mut status = row
            .status
            .map_or_else(String::new, |code| output.word(&format!("orders.status.{code}")));
        if row.gone_at_ms.is_some() {
            status = format!("{status} ({})", output.word("orders.gone"));
        }
        let owed = row.owed.as_ref();
        table.row([
            date(row.day),
            row.order_id.clone(),
            output.word(&format!("orders.source.{}", row.known_from())),
            status,
            channel(&row.channel, output),
            money(row.amount_minor),
            if row.payments > 0 { money(row.paid_minor) } else { String::new() },
            if row.refunded_minor != 0 { money(row.refunded_minor) } else { String::new() },
            owed.map_or_else(String::new, |owed| output.word(&format!("break.{}", owed.kind))),
            row.goods,
        ]);
        Ok(())
    })?;
    let rows = table.len();
    table.show(output)?;
    tail(rows, next.as_deref(), output)?;
    Ok(Exit::Fine)
}

/// What the options say, over what the saved view says.
fn asked(reader: &mut Reader, args: &OrdersArgs) -> Result<Map<String, Value>, Problem> {
    let mut asked = saved(reader, LIST, args.view.as_deref())?;
    for (field, value) in [
        ("source", args.source.clone()),
        ("status", args.status.clone()),
        ("channel", args.channel.clone()),
        ("from", args.days.from.map(|day| day.to_string())),
        ("to", args.days.to.map(|day| day.to_string())),
        ("least", args.least.clone()),
        ("most", args.most.clone()),
        ("number", args.number.clone()),
        ("owed", args.owed.then(|| "1".to_owned())),
        ("sort", args.order.sort.clone()),
    ] {
        if let Some(value) = value {
            asked.insert(field.to_owned(), value.into());
        }
    }
    Ok(asked)
}

/// The window keeps the views of this list as well, every value as text.
fn query_of(asked: &Map<String, Value>) -> OrderQuery {
    let text = |field: &str| asked.get(field).and_then(Value::as_str).map(str::to_owned);
    OrderQuery {
        source: text("source"),
        status: text("status"),
        channel: text("channel"),
        from: text("from"),
        to: text("to"),
        least: text("least"),
        most: text("most"),
        number: text("number"),
        owed: text("owed").as_deref() == Some("1"),
        sort: text("sort").unwrap_or_else(|| "newest".to_owned()),
    }
}

fn channel(code: &str, output: &Output) -> String {
    if code.is_empty() { String::new() } else { output.channel(code) }
}

fn sums(found: &[backoffice::tables::TableSum], output: &mut Output) -> Result<Exit, Problem> {
    if output.json {
        output.value(&json!({ "sums": found }))?;
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(output, &["currency", ">count", ">amount"]);
    for sum in found {
        let amount = bare_amount(sum.amount_minor, &sum.currency);
        table.row([sum.currency.clone(), sum.count.to_string(), amount]);
    }
    table.show(output)?;
    tail(found.len(), None, output)?;
    Ok(Exit::Fine)
}

fn order(row: &OrderRow) -> Value {
    let mut value = json!(row);
    value["day"] = json!(date(row.day));
    value["line"] = value["line_no"].take();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("line_no");
    }
    value
}

fn step(step: &Step) -> Value {
    let mut value = json!(step);
    value["day"] = json!(date(step.day));
    value["line"] = value["line_no"].take();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("line_no");
    }
    value
}

/// One order with its goods and every step of its money.
///
/// # Errors
/// `not_found`; what opening and reading can say.
pub fn one(common: &Common, number: &str, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let found = story(&mut office.reader()?, number.trim())?;
    if output.json {
        output.value(&json!({
            "orders": found.orders.iter().map(order).collect::<Vec<_>>(),
            "goods": found.goods,
            "steps": found.steps.iter().map(step).collect::<Vec<_>>(),
            "breaks": found.breaks,
        }))?;
        return Ok(Exit::Fine);
    }
    show(&found, output)?;
    Ok(Exit::Fine)
}

fn show(found: &OrderStory, output: &mut Output) -> Result<(), Problem> {
    for line in &found.goods {
        let count = line.ordered.map_or_else(String::new, |count| format!(" × {count}"));
        output.line(&crate::show::safe(&format!("{}{count}", line.name)))?;
    }
    let mut table = Table::new(
        output,
        &["at", "clock", "what", "where", "number", "words", ">amount", "evidence"],
    );
    for step in &found.steps {
        let what = output.word(&format!("orders.step.{}", step.what));
        let what = match step.kind {
            Some(kind) => format!("{what}: {}", output.word(&format!("lists.kind.{kind}"))),
            None => what,
        };
        table.row([
            step.at_ms.map_or_else(|| date(step.day), time),
            output.word(&format!("orders.clock.{}", step.clock)),
            what,
            output.channel(&step.by),
            step.number.clone(),
            step.words.clone(),
            step.amount_minor.map_or_else(String::new, |minor| amount(minor, &step.currency)),
            format!("{}:{}", step.document, step.line_no),
        ]);
    }
    output.line("")?;
    table.show(output)?;
    for found in &found.breaks {
        output.line("")?;
        output.line(&format!(
            "{}  {}  {}",
            output.word(&format!("break.{}", found.kind)),
            amount(found.effect_minor, &found.currency),
            found.id
        ))?;
    }
    Ok(())
}
