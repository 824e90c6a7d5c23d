//! `transactions`, `transaction`, `views`: rows of trade bills and moves of balances.

use crate::args::{Common, TransactionsArgs, ViewTask};
use crate::json::{self, List};
use crate::lists::{pages, tail};
use crate::output::{Output, free, write_file};
use crate::payouts::part_name;
use crate::problem::{Exit, Problem};
use crate::show::{Table, amount, bare_amount, date, time};
use crate::{tenders, unlock};
use backoffice::dto::TransactionQuery;
use backoffice::transactions::{
    Column, Selection, Source, TableFormat, TransactionFilter, detail, list_balance_rows,
    list_transactions, totals, write_table,
};
use backoffice::views::{View, list_views, remove_view, save_view};
use backoffice::{Error, Office, Reader};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The list that views of transactions are saved for.
const LIST: &str = "transactions";

/// Columns of a file, unless others are asked for.
const COLUMNS: [Column; 8] = [
    Column::Time,
    Column::Channel,
    Column::Kind,
    Column::Status,
    Column::Order,
    Column::Payment,
    Column::Amount,
    Column::Fee,
];

/// Transactions, newest first unless told otherwise.
///
/// # Errors
/// What opening, reading and writing a file can say.
pub fn transactions(
    common: &Common,
    args: &TransactionsArgs,
    output: &mut Output,
) -> Result<Exit, Problem> {
    if let Some(out) = &args.out {
        free(out, args.force)?;
    }
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let asked = asked(&mut reader, args)?;
    let query = query_of(&asked);
    let filter = query.filter()?;
    let source = Source::from_code(&query.source).unwrap_or_default();
    if let Some(name) = &args.save_view {
        let view = View { name: name.clone(), body: Value::Object(asked.clone()).to_string() };
        save_view(&office, LIST, &view)?;
    }
    if let Some(out) = &args.out {
        return export(&mut reader, (source, &filter), (args, &asked), out, output);
    }
    if args.sums {
        return sums(&mut reader, source, &filter, output);
    }
    match source {
        Source::Trade => trade(&mut reader, &filter, args, output),
        Source::Fund => fund(&mut reader, &filter, args, output),
    }
}

/// Payments: the same list, of payments only, with what concerns them in text.
///
/// # Errors
/// As [`transactions`].
pub fn payments(
    common: &Common,
    args: TransactionsArgs,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let (source, kind) = (Some("trade".to_owned()), Some("payment".to_owned()));
    let args = TransactionsArgs { source, kind, ..args };
    if output.json || args.sums || args.out.is_some() || args.save_view.is_some() {
        return transactions(common, &args, output);
    }
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let filter = query_of(&asked(&mut reader, &args)?).filter()?;
    let read = |cursor: Option<&str>, limit| list_transactions(&mut reader, &filter, cursor, limit);
    let columns = [
        "day",
        "channel",
        "scene",
        "bank_word",
        "order",
        "payment",
        ">gross",
        ">refunded",
        "goods",
    ];
    let mut table = Table::new(output, &columns);
    let next = pages(&args.page, false, read, |row| {
        let back = match row.back_minor {
            0 => String::new(),
            minor => amount(minor, &row.currency),
        };
        table.row([
            date(row.day),
            output.channel(&row.channel),
            row.scene,
            row.paying_bank,
            row.order_id,
            row.payment_id,
            amount(row.settled_minor, &row.currency),
            back,
            row.goods,
        ]);
        Ok(())
    })?;
    let rows = table.len();
    table.show(output)?;
    tail(rows, next.as_deref(), output)?;
    Ok(Exit::Fine)
}

/// What a saved view of a list says; nothing without a name.
///
/// # Errors
/// `not_found`.
pub fn saved(
    reader: &mut Reader,
    list: &str,
    name: Option<&str>,
) -> Result<Map<String, Value>, Problem> {
    let Some(name) = name else { return Ok(Map::new()) };
    let found = list_views(reader, list)?.into_iter().find(|view| view.name == name);
    let view = found.ok_or_else(|| Error::NotFound { what: "view", id: name.to_owned() })?;
    Ok(serde_json::from_str(&view.body).unwrap_or_default())
}

/// What the options say, over what the saved view says.
fn asked(reader: &mut Reader, args: &TransactionsArgs) -> Result<Map<String, Value>, Problem> {
    let mut asked = saved(reader, LIST, args.view.as_deref())?;
    let days = &args.days;
    for (field, value) in [
        ("source", args.source.clone()),
        ("sort", args.order.sort.clone()),
        ("channel", args.channel.clone()),
        ("kind", args.kind.clone()),
        ("status", args.status.clone()),
        ("from", days.from.map(|day| day.to_string())),
        ("to", days.to.map(|day| day.to_string())),
        ("least", args.least.clone()),
        ("most", args.most.clone()),
        ("number", args.number.clone()),
        ("scene", args.scene.clone()),
        ("bank", args.bank.clone()),
        ("back", args.back.clone()),
    ] {
        if let Some(value) = value {
            asked.insert(field.to_owned(), value.into());
        }
    }
    Ok(asked)
}

fn query_of(asked: &Map<String, Value>) -> TransactionQuery {
    let text = |field: &str| asked.get(field).and_then(Value::as_str).map(str::to_owned);
    TransactionQuery {
        source: text("source").unwrap_or_else(|| "trade".to_owned()),
        sort: text("sort").unwrap_or_else(|| "newest".to_owned()),
        channel: text("channel"),
        kind: text("kind"),
        status: text("status"),
        from: text("from"),
        to: text("to"),
        least: text("least"),
        most: text("most"),
        number: text("number"),
        scene: text("scene"),
        bank: text("bank"),
        back: text("back"),
    }
}

fn trade(
    reader: &mut Reader,
    filter: &TransactionFilter,
    args: &TransactionsArgs,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let read = |cursor: Option<&str>, limit| list_transactions(reader, filter, cursor, limit);
    if output.json {
        let mut list = List::begin("transactions", output)?;
        let next = pages(&args.page, true, read, |row| list.row(&json::transaction(&row), output))?;
        list.end(next.as_deref(), output)?;
        return Ok(Exit::Fine);
    }
    let columns =
        ["day", "channel", "kind", "status", "order", "payment", ">gross", ">fee", "goods"];
    let mut table = Table::new(output, &columns);
    let next = pages(&args.page, false, read, |row| {
        table.row([
            date(row.day),
            output.channel(&row.channel),
            output.word(&format!("lists.kind.{}", row.kind)),
            output.word(&format!("lists.status.{}", row.status)),
            row.order_id,
            row.payment_id,
            amount(row.settled_minor, &row.currency),
            amount(row.fee_minor, &row.currency),
            row.goods,
        ]);
        Ok(())
    })?;
    let rows = table.len();
    table.show(output)?;
    tail(rows, next.as_deref(), output)?;
    Ok(Exit::Fine)
}

fn fund(
    reader: &mut Reader,
    filter: &TransactionFilter,
    args: &TransactionsArgs,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let read = |cursor: Option<&str>, limit| list_balance_rows(reader, filter, cursor, limit);
    if output.json {
        let mut list = List::begin("transactions", output)?;
        let next = pages(&args.page, true, read, |row| list.row(&json::balance_row(&row), output))?;
        list.end(next.as_deref(), output)?;
        return Ok(Exit::Fine);
    }
    let columns = ["day", "channel", "kind", "words", "payment", ">amount", ">balance"];
    let mut table = Table::new(output, &columns);
    let next = pages(&args.page, false, read, |row| {
        table.row([
            date(row.day),
            output.channel(&row.channel),
            output.word(&format!("lists.kind.{}", row.kind)),
            row.kind_text,
            row.payment_id,
            amount(row.amount_minor, &row.currency),
            row.balance_minor.map_or_else(String::new, |minor| amount(minor, &row.currency)),
        ]);
        Ok(())
    })?;
    let rows = table.len();
    table.show(output)?;
    tail(rows, next.as_deref(), output)?;
    Ok(Exit::Fine)
}

fn sums(
    reader: &mut Reader,
    source: Source,
    filter: &TransactionFilter,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let found = totals(reader, source, filter)?;
    if output.json {
        output.value(&json!({ "source": source.code(), "sums": found }))?;
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(output, &["currency", ">count", ">amount", ">fee"]);
    for sum in &found {
        table.row([
            sum.currency.clone(),
            sum.count.to_string(),
            bare_amount(sum.amount_minor, &sum.currency),
            bare_amount(sum.fee_minor, &sum.currency),
        ]);
    }
    table.show(output)?;
    tail(found.len(), None, output)?;
    Ok(Exit::Fine)
}

fn export(
    reader: &mut Reader,
    list: (Source, &TransactionFilter),
    (args, asked): (&TransactionsArgs, &Map<String, Value>),
    out: &Path,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let path = out.display().to_string();
    let ending = out.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let format = match ending.as_deref() {
        Some("csv") => TableFormat::Csv,
        Some("xlsx") => TableFormat::Xlsx,
        _ => return Err(Problem::usage("bad_ending", &path)),
    };
    let viewed = asked.get("columns").and_then(Value::as_str).unwrap_or_default();
    let named: Vec<&str> = match args.columns.is_empty() {
        true => viewed.split(',').filter(|name| !name.is_empty()).collect(),
        false => args.columns.iter().map(String::as_str).collect(),
    };
    let column = |name: &&str| {
        let unknown = || Error::BadInput { field: "columns", reason: (*name).to_owned() };
        Column::from_code(name).ok_or_else(unknown)
    };
    let mut columns = named.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    if columns.is_empty() {
        columns = COLUMNS.to_vec();
    }
    let shape = (format, output.lang);
    let rows = write_file(out, args.force, |file| {
        Ok(write_table(reader, list, &Selection::All, &columns, shape, file)?)
    })?;
    if output.json {
        output.value(&json!({ "path": path, "rows": rows }))?;
    } else {
        output.say("cli.listed", &[("path", &path), ("rows", &rows.to_string())])?;
    }
    Ok(Exit::Fine)
}

/// One transaction with the order, the payment and the payout around it.
///
/// # Errors
/// What opening and reading can say.
pub fn transaction(common: &Common, id: i64, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let found = detail(&mut office.reader()?, id)?;
    if output.json {
        let fund = found.fund.iter().map(|(row, payout)| {
            let mut row = json::balance_row(row);
            row["payout"] = json!(payout);
            row
        });
        output.value(&json!({
            "id": id,
            "file": found.file_name,
            "orders": found.orders,
            "trade": found.trade.iter().map(json::transaction).collect::<Vec<_>>(),
            "fund": fund.collect::<Vec<_>>(),
            "postings": found.postings,
            "fee_parts": found.fee_parts.iter().cloned().collect::<BTreeMap<_, _>>(),
            "paid": tenders::paid_json(&found.paid),
        }))?;
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(output, &["day", "where", "kind", ">amount", "evidence", "payout"]);
    let place = |document: i64, line: u32| format!("{document}:{line}");
    for order in &found.orders {
        table.row([
            time(order.ordered_at_ms),
            output.word("statement.channel.shop"),
            order.status_text.clone(),
            amount(order.amount_minor, &order.currency),
            place(order.document, order.line_no),
            String::new(),
        ]);
    }
    for row in &found.trade {
        table.row([
            time(row.at_ms),
            output.word("lists.source.trade"),
            output.word(&format!("lists.kind.{}", row.kind)),
            amount(row.settled_minor, &row.currency),
            place(row.document, row.line_no),
            String::new(),
        ]);
    }
    for (row, payout) in &found.fund {
        table.row([
            time(row.at_ms),
            output.word("lists.source.fund"),
            row.kind_text.clone(),
            amount(row.amount_minor, &row.currency),
            place(row.document, row.line_no),
            payout.clone().unwrap_or_default(),
        ]);
    }
    table.show(output)?;
    let mut table = Table::new(output, &["account", ">amount"]);
    for leg in &found.postings {
        table.row([leg.account.clone(), amount(leg.amount_minor, &leg.currency)]);
    }
    output.line("")?;
    table.show(output)?;
    for (name, minor) in &found.fee_parts {
        let values =
            [("name", part_name(name, output)), ("amount", amount(*minor, &found.fee_currency))];
        let values = values.each_ref().map(|(key, value)| (*key, value.as_str()));
        output.say("cli.payout.fee_part", &values)?;
    }
    tenders::say_paid(&found.paid, &found.fee_currency, output)?;
    Ok(Exit::Fine)
}

/// Saved views of a list.
///
/// # Errors
/// What opening, reading and writing can say.
pub fn views(common: &Common, task: &ViewTask, output: &mut Output) -> Result<Exit, Problem> {
    let office: Office = unlock::open(common, output)?;
    let list = match task {
        ViewTask::List { of } => of,
        ViewTask::Remove { name, of } => {
            remove_view(&office, of, name)?;
            of
        }
    };
    let found = list_views(&mut office.reader()?, list)?;
    if output.json {
        let rows = found.iter().map(|view| {
            let body: Value = serde_json::from_str(&view.body).unwrap_or_default();
            json!({ "name": view.name, "view": body })
        });
        output.value(&json!({ "views": rows.collect::<Vec<_>>() }))?;
        return Ok(Exit::Fine);
    }
    for view in &found {
        output.line(&crate::show::safe(&format!("{}  {}", view.name, view.body)))?;
    }
    tail(found.len(), None, output)?;
    Ok(Exit::Fine)
}
