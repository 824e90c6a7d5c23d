//! `accounts`, `entries`, `bank`, `report`: figures and what they are made of.

use crate::args::{BankTask, Common, EntriesArgs, PageArgs, ReportTask, SpanArgs};
use crate::json::List;
use crate::lists::{pages, tail};
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::run::channel;
use crate::show::{Table, amount, bare_amount, date};
use crate::tables::to_file;
use crate::unlock;
use backoffice::bank::{BankEntry, BankFilter, bank_accounts, bank_sums, list_bank_lines};
use backoffice::dto::ReportQuery;
use backoffice::entries::{Entry, Figure, Side, account_tree, entries as list_entries, figure};
use backoffice::reports::{self, Behind, BehindRow, Span, rows_behind};
use backoffice::tables;
use backoffice::{BusinessDate, Currency, Reader};
use serde_json::{Value, json};

/// Accounts as a tree, with the sums of everything below.
///
/// # Errors
/// What opening and reading can say.
pub fn accounts(
    common: &Common,
    until: Option<BusinessDate>,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let rows = account_tree(&mut office.reader()?, until.map(BusinessDate::days))?;
    if output.json {
        let until = until.map(|day| day.to_string());
        output.value(&json!({ "until": until, "accounts": rows }))?;
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(output, &["account", ">debit", ">credit", ">balance", ">rows"]);
    for row in &rows {
        let name = row.account.rsplit(':').next().unwrap_or_default();
        table.row([
            format!("{}{name}", "  ".repeat(row.depth)),
            amount(row.debit_minor, &row.currency),
            amount(row.credit_minor, &row.currency),
            amount(row.balance_minor, &row.currency),
            row.postings.to_string(),
        ]);
    }
    table.show(output)?;
    tail(rows.len(), None, output)?;
    Ok(Exit::Fine)
}

/// The postings behind a figure of the ledger, newest first.
///
/// # Errors
/// What opening and reading can say.
pub fn entries(common: &Common, args: &EntriesArgs, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let asked = Figure {
        account: args.account.clone(),
        from_day: args.days.first_day(),
        until_day: args.days.end_day(),
        side: Side::from_code(&args.side).unwrap_or_default(),
    };
    let sums = figure(&mut reader, &asked)?;
    let read = |cursor: Option<&str>, limit| list_entries(&mut reader, &asked, cursor, limit);
    if output.json {
        output.bytes(format!("{{\"sums\": {},\n", json!(sums)).as_bytes())?;
        let mut list = List::within("entries", output)?;
        let next = pages(&args.page, true, read, |row| list.row(&entry(&row), output))?;
        list.end(next.as_deref(), output)?;
        return Ok(Exit::Fine);
    }
    let columns = ["day", "account", "number", "words", ">amount", ">balance", "evidence"];
    let mut table = Table::new(output, &columns);
    let next = pages(&args.page, false, read, |row| {
        let line = row.line.map(|(document, line)| format!("{document}:{line}"));
        table.row([
            date(row.day),
            row.account,
            row.number,
            row.text,
            amount(row.amount_minor, &row.currency),
            row.balance_minor.map_or_else(String::new, |minor| amount(minor, &row.currency)),
            line.unwrap_or_default(),
        ]);
        Ok(())
    })?;
    let rows = table.len();
    table.show(output)?;
    for sum in &sums {
        let (debit, credit) = (sum.debit_minor, sum.credit_minor);
        let shown = |minor| amount(minor, &sum.currency);
        let values = [
            ("amount", &*shown(sum.amount_minor)),
            ("debit", &shown(debit)),
            ("credit", &shown(credit)),
        ];
        output.say("cli.figure", &values)?;
    }
    tail(rows, next.as_deref(), output)?;
    Ok(Exit::Fine)
}

fn entry(row: &Entry) -> Value {
    json!({
        "id": row.id,
        "day": date(row.day),
        "at_ms": row.at_ms,
        "stream": row.stream,
        "account": row.account,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "against": row.against,
        "balance_minor": row.balance_minor,
        "text": row.text,
        "number": row.number,
        "document": row.line.map(|(document, _)| document),
        "line": row.line.map(|(_, line)| line),
    })
}

/// Bank accounts, and the lines of their statements.
///
/// # Errors
/// What opening and reading can say.
pub fn bank(common: &Common, task: &BankTask, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let BankTask::Lines(args) = task else { return all_accounts(&mut reader, output) };
    let filter = BankFilter {
        account_no: args.account_no.clone(),
        from_day: args.days.first_day(),
        until_day: args.days.end_day(),
        state: args.state.clone(),
        channel: args.channel.clone(),
        way: args.way.clone(),
        sort: args.order.sort(),
    };
    let whole = tables::List::Bank(filter.clone());
    if let Some(exit) = to_file(&mut reader, &whole, &args.file, output)? {
        return Ok(exit);
    }
    if args.sums {
        return lines_sums(&mut reader, &filter, output);
    }
    let read = |cursor: Option<&str>, limit| list_bank_lines(&mut reader, &filter, cursor, limit);
    if output.json {
        let mut list = List::begin("lines", output)?;
        let next = pages(&args.page, true, read, |row| list.row(&bank_line(&row), output))?;
        list.end(next.as_deref(), output)?;
        return Ok(Exit::Fine);
    }
    let columns = ["day", "account", ">amount", ">balance", "words", "status", "payout"];
    let mut table = Table::new(output, &columns);
    let next = pages(&args.page, false, read, |row| {
        let payouts: Vec<&str> = row.payouts.iter().map(|payout| payout.number.as_str()).collect();
        table.row([
            date(row.day),
            row.account_no.clone(),
            amount(row.amount_minor, &row.currency),
            row.balance_minor.map_or_else(String::new, |minor| amount(minor, &row.currency)),
            format!("{} {}", row.counterparty, row.memo),
            output.word(&format!("cli.bank.state.{}", row.state)),
            payouts.join(", "),
        ]);
        Ok(())
    })?;
    let rows = table.len();
    table.show(output)?;
    tail(rows, next.as_deref(), output)?;
    Ok(Exit::Fine)
}

/// What the lines add up to.
fn lines_sums(
    reader: &mut Reader,
    filter: &BankFilter,
    output: &mut Output,
) -> Result<Exit, Problem> {
    let sums = bank_sums(reader, filter)?;
    if output.json {
        output.value(&json!({ "sums": sums }))?;
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(output, &["currency", ">count", ">amount"]);
    for sum in &sums {
        table.row([
            sum.currency.clone(),
            sum.count.to_string(),
            bare_amount(sum.amount_minor, &sum.currency),
        ]);
    }
    table.show(output)?;
    Ok(Exit::Fine)
}

fn bank_line(row: &BankEntry) -> Value {
    json!({
        "id": row.id,
        "day": date(row.day),
        "account_no": row.account_no,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "balance_minor": row.balance_minor,
        "bank_ref": row.bank_ref,
        "counterparty": row.counterparty,
        "memo": row.memo,
        "state": row.state,
        "channel": row.channel,
        "payouts": row.payouts,
        "document": row.document,
        "line": row.line_no,
    })
}

fn all_accounts(reader: &mut Reader, output: &mut Output) -> Result<Exit, Problem> {
    let rows = bank_accounts(reader)?;
    if output.json {
        let rows = rows.iter().map(|row| {
            json!({
                "account_no": row.account_no,
                "currency": row.currency,
                "lines": row.lines,
                "from": date(row.from_day),
                "to": date(row.to_day),
                "in_minor": row.in_minor,
                "out_minor": row.out_minor,
                "closing_minor": row.closing_minor,
            })
        });
        output.value(&json!({ "accounts": rows.collect::<Vec<_>>() }))?;
        return Ok(Exit::Fine);
    }
    let mut table =
        Table::new(output, &["account", ">rows", "from", "to", ">in", ">out", ">balance"]);
    for row in &rows {
        let shown = |minor| amount(minor, &row.currency);
        table.row([
            row.account_no.clone(),
            row.lines.to_string(),
            date(row.from_day),
            date(row.to_day),
            shown(row.in_minor),
            shown(row.out_minor),
            row.closing_minor.map_or_else(String::new, shown),
        ]);
    }
    table.show(output)?;
    tail(rows.len(), None, output)?;
    Ok(Exit::Fine)
}

/// Reports: a series by one clock, the bridge between two, rates, the hours people pay at.
///
/// # Errors
/// What opening and reading can say; `days_reversed`.
pub fn report(common: &Common, task: &ReportTask, output: &mut Output) -> Result<Exit, Problem> {
    let (ReportTask::Series { span, .. }
    | ReportTask::Bridge { span, .. }
    | ReportTask::Rates { span }
    | ReportTask::Heat { span }
    | ReportTask::Rows { span, .. }) = task;
    let span = days(span)?;
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    match task {
        ReportTask::Series { clock, grain, .. } => series(&mut reader, clock, grain, span, output),
        ReportTask::Bridge { from_clock, to_clock, .. } => {
            bridge(&mut reader, from_clock, to_clock, span, output)
        }
        ReportTask::Rates { .. } => rates(&mut reader, span, output),
        ReportTask::Heat { .. } => heat(&mut reader, span, output),
        ReportTask::Rows { figure, page, .. } => rows(&mut reader, figure, span, page, output),
    }?;
    Ok(Exit::Fine)
}

/// The days and channel of a report, as its options say them.
///
/// # Errors
/// `days_reversed`.
pub fn days(span: &SpanArgs) -> Result<Span, Problem> {
    if span.to < span.from {
        return Err(Problem::usage("days_reversed", format!("{} > {}", span.from, span.to)));
    }
    let until = span.to.plus_days(1).days();
    let currency = span.currency.unwrap_or(Currency::CNY);
    let channel = channel(span.channel.as_deref());
    Ok(Span { from: span.from.days(), until, channel, currency })
}

/// The rows behind a figure, and what they add up to.
fn rows(
    reader: &mut Reader,
    figure: &str,
    span: Span,
    page: &PageArgs,
    output: &mut Output,
) -> Result<(), Problem> {
    let what = Behind::from_code(figure)?;
    let (mut count, mut sum) = (0, 0);
    let read = |cursor: Option<&str>, limit| {
        let found = rows_behind(reader, what, span, cursor, limit)?;
        (count, sum) = (found.count, found.sum_minor);
        Ok(found.page)
    };
    let currency = span.currency.code().to_owned();
    let mut found: Vec<BehindRow> = Vec::new();
    let next = pages(page, output.json, read, |row| {
        found.push(row);
        Ok(())
    })?;
    if output.json {
        return output.value(&json!({
            "count": count, "sum_minor": sum, "currency": currency, "rows": found, "next": next,
        }));
    }
    let mut table = Table::new(output, &["day", "number", "words", ">amount", "evidence"]);
    for row in &found {
        let evidence = || format!("{}:{}", row.document, row.line_no);
        table.row([
            date(row.day),
            row.number.clone(),
            row.text.clone(),
            amount(row.amount_minor, &currency),
            row.payout.clone().unwrap_or_else(evidence),
        ]);
    }
    table.show(output)?;
    tail(found.len(), next.as_deref(), output)
}

fn series(
    reader: &mut Reader,
    clock: &str,
    grain: &str,
    span: Span,
    output: &mut Output,
) -> Result<(), Problem> {
    let (clock, grain) = (ReportQuery::clock(clock)?, ReportQuery::grain(grain)?);
    let found = reports::series(reader, clock, grain, span)?;
    if output.json {
        let step = |step: &reports::Step| {
            let parts: serde_json::Map<String, Value> = found
                .parts
                .iter()
                .zip(&step.parts)
                .map(|(name, minor)| ((*name).to_owned(), json!(minor)))
                .collect();
            json!({
                "name": step.name,
                "from": date(step.from_day),
                "to": date(step.until_day - 1),
                "count": step.count,
                "parts": parts,
                "net_minor": step.net_minor,
            })
        };
        let steps: Vec<Value> = found.steps.iter().map(step).collect();
        return output.value(&json!({
            "clock": found.clock,
            "grain": found.grain,
            "currency": found.currency,
            "steps": steps,
            "total": step(&found.total),
        }));
    }
    output.say(
        "cli.report.clock",
        &[("clock", &output.word(&format!("reports.clock.{}", found.clock)))],
    )?;
    let mut table = Table::new(output, &["step", ">count", ">net"]);
    for step in found.steps.iter().chain([&found.total]) {
        let name = if step.name.is_empty() { output.word("cli.total") } else { step.name.clone() };
        table.row([name, step.count.to_string(), amount(step.net_minor, &found.currency)]);
    }
    table.show(output)
}

fn bridge(
    reader: &mut Reader,
    from: &str,
    to: &str,
    span: Span,
    output: &mut Output,
) -> Result<(), Problem> {
    let (from, to) = (ReportQuery::clock(from)?, ReportQuery::clock(to)?);
    let found = reports::bridge(reader, from, to, span)?;
    if output.json {
        let lines = found.lines.iter().map(|line| {
            json!({
                "name": line.name,
                "toward": line.toward,
                "amount_minor": line.amount_minor,
                "account": line.account,
                "at_day": line.at_day.map(date),
            })
        });
        return output.value(&json!({
            "from_clock": found.from,
            "to_clock": found.to,
            "currency": found.currency,
            "from_minor": found.from_minor,
            "to_minor": found.to_minor,
            "lines": lines.collect::<Vec<_>>(),
        }));
    }
    let mut table = Table::new(output, &["what", ">amount"]);
    let clock = |output: &Output, code: &str| output.word(&format!("reports.clock.{code}"));
    table.row([clock(output, found.from), amount(found.from_minor, &found.currency)]);
    for line in &found.lines {
        let name = output.word(&format!("reports.line.{}", line.name));
        table.row([format!("  {name}"), amount(line.amount_minor, &found.currency)]);
    }
    table.row([clock(output, found.to), amount(found.to_minor, &found.currency)]);
    table.show(output)
}

fn rates(reader: &mut Reader, span: Span, output: &mut Output) -> Result<(), Problem> {
    let found = reports::rates(reader, span)?;
    if output.json {
        return output.value(&json!({ "rates": found }));
    }
    let mut table = Table::new(output, &["what", ">found", ">of", ">rate"]);
    for rate in &found {
        let shown = rate.ppm.map(|ppm| format!("{}.{:02} %", ppm / 10_000, ppm % 10_000 / 100));
        table.row([
            output.word(&format!("reports.rate.{}", rate.name)),
            rate.numerator.to_string(),
            rate.denominator.to_string(),
            shown.unwrap_or_else(|| output.word("reports.no_data")),
        ]);
    }
    table.show(output)
}

fn heat(reader: &mut Reader, span: Span, output: &mut Output) -> Result<(), Problem> {
    let found = reports::heat(reader, span)?;
    if output.json {
        return output.value(&json!({ "currency": span.currency.code(), "cells": found }));
    }
    let mut table = Table::new(output, &["weekday", "hour", ">count", ">amount"]);
    for cell in found.iter().filter(|cell| cell.count > 0) {
        table.row([
            output.word(&format!("reports.weekday.{}", cell.weekday)),
            format!("{:02}:00", cell.hour),
            cell.count.to_string(),
            amount(cell.amount_minor, span.currency.code()),
        ]);
    }
    table.show(output)
}
