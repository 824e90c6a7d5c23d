//! `payouts`, `payout ID`.

use crate::args::{Common, PayoutArgs, PayoutsArgs};
use crate::json::{self, List as JsonList};
use crate::lists::{pages, tail, value_text};
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::run::channel;
use crate::show::{Table, amount, amounts, date, maybe_date, safe};
use crate::tables::to_file;
use crate::unlock;
use backoffice::Reader;
use backoffice::fees::{FeeCheck, check_fees};
use backoffice::lists::BreakRow;
use backoffice::payouts::{
    ComponentRow, Payout, PayoutFilter, PayoutLine, list_payouts, payout, payout_fee_parts,
    payout_lines, payout_totals,
};
use backoffice::statements::payout_breaks;
use backoffice::tables::List;
use serde_json::{Value, json};

/// The list of payouts, newest first unless told otherwise.
///
/// # Errors
/// What opening and reading can say.
pub fn list(common: &Common, args: &PayoutsArgs, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let filter = PayoutFilter {
        channel: channel(args.channel.as_deref()),
        from_day: args.days.first_day(),
        until_day: args.days.end_day(),
        open_only: args.unexplained,
        currency: None,
        sort: args.order.sort(),
    };
    let whole = List::Payouts(filter.clone());
    if let Some(exit) = to_file(&mut reader, &whole, &args.file, output)? {
        return Ok(exit);
    }
    let read = |cursor: Option<&str>, limit| list_payouts(&mut reader, &filter, cursor, limit);
    if output.json {
        let mut components = office.reader()?;
        let mut list = JsonList::begin("payouts", output)?;
        let next = pages(&args.page, true, read, |row| {
            list.row(&json::payout(&payout(&mut components, &row.id)?), output)
        })?;
        list.end(next.as_deref(), output)?;
        return Ok(Exit::Fine);
    }
    let mut table = Table::new(
        output,
        &["left", "channel", "number", ">sales", ">taken", ">paid", ">open", "bank", "verdict"],
    );
    let next = pages(&args.page, false, read, |row| {
        table.row([
            date(row.day),
            output.channel(&row.channel),
            row.number.clone(),
            amount(row.gross_minor, &row.currency),
            amount(row.taken_off_minor(), &row.currency),
            amount(row.amount_minor, &row.currency),
            amount(row.unexplained_minor, &row.currency),
            maybe_date(row.bank_day),
            output.word(&format!("cli.verdict.{}", row.verdict)),
        ]);
        Ok(())
    })?;
    let rows = table.len();
    table.show(output)?;
    if rows > 0 {
        let totals = payout_totals(&mut reader, &filter)?;
        let values = [
            ("count", totals.count.to_string()),
            ("paid", amounts(&totals.paid)),
            ("open", amounts(&totals.unexplained)),
        ];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        output.say("cli.payouts.total", &values)?;
    }
    tail(rows, next.as_deref(), output)?;
    Ok(Exit::Fine)
}

/// One payout; attention when something of it is unexplained.
///
/// # Errors
/// What opening and reading can say.
pub fn one(common: &Common, args: &PayoutArgs, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    let mut reader = office.reader()?;
    let found = payout(&mut reader, &args.id)?;
    let parts = payout_fee_parts(&mut reader, &found)?;
    let breaks = payout_breaks(&mut reader, &found)?;
    let lines = match args.lines || args.component.is_some() {
        true => Some(read_lines(&mut reader, &found, args.component.as_deref())?),
        false => None,
    };
    let fees = args.fees.then(|| check_fees(&mut reader, &found.row.id)).transpose()?;
    if output.json {
        let mut answer = answer(&found, &breaks, lines.as_deref(), output);
        let parts = parts.iter().map(|part| (part.name.clone(), json!(part.amount_minor)));
        answer["fee_parts"] = parts.collect::<serde_json::Map<_, _>>().into();
        if let Some(fees) = &fees {
            answer["fees"] = fee_check(fees);
        }
        output.value(&answer)?;
    } else {
        show(&found, &parts, &breaks, lines.as_deref(), output)?;
        if let Some(fees) = &fees {
            show_fees(fees, output)?;
        }
    }
    Ok(if found.row.unexplained_minor == 0 { Exit::Fine } else { Exit::Attention })
}

fn fee_check(check: &FeeCheck) -> Value {
    let mut value = json!(check);
    value["difference_minor"] = json!(check.difference_minor());
    for (level, check) in value["levels"].as_array_mut().into_iter().flatten().zip(&check.levels) {
        level["difference_minor"] = json!(check.difference_minor());
    }
    value["by_rounding_minor"] = json!(check.by_rounding_minor());
    value
}

fn show_fees(check: &FeeCheck, output: &mut Output) -> Result<(), Problem> {
    let shown = |minor| amount(minor, &check.currency);
    let (charged, recomputed) = (shown(check.charged_minor), shown(check.recomputed_minor));
    let (total, rounding) = (shown(check.on_total_minor), shown(check.by_rounding_minor()));
    let (back, due) = (shown(check.returned_minor), shown(check.returned_expected_minor));
    let values = [
        ("charged", charged.as_str()),
        ("recomputed", &recomputed),
        ("total", &total),
        ("rounding", &rounding),
        ("back", &back),
        ("due", &due),
    ];
    output.say("cli.payout.fee_check", &values)?;
    if let (Some(rate), true) = (check.rate_ppm, check.fixed_minor != 0) {
        let rate = format!("{}.{:02}", rate / 10_000, rate % 10_000 / 100);
        let values = [("rate", rate.as_str()), ("fixed", &shown(check.fixed_minor))];
        output.say("cli.payout.fee_price", &values)?;
    }
    for (name, minor) in &check.parts {
        let values = [("name", part_name(name, output)), ("amount", shown(*minor))];
        let values = values.each_ref().map(|(key, value)| (*key, value.as_str()));
        output.say("cli.payout.fee_part", &values)?;
    }
    for level in &check.levels {
        let percent = |ppm: i64| format!("{}.{:02}%", ppm / 10_000, ppm % 10_000 / 100);
        let rate = level.rate_ppm.map(percent);
        let rate = rate.unwrap_or_else(|| output.word("ui.fees.level.no_rate"));
        let difference = level.difference_minor().map_or_else(|| "–".to_owned(), shown);
        let values = [
            ("name", safe(&level.text)),
            ("kept", shown(level.charged_minor)),
            ("effective", percent(level.effective_ppm)),
            ("rate", rate),
            ("difference", difference),
        ];
        let values = values.each_ref().map(|(key, value)| (*key, value.as_str()));
        output.say("cli.payout.fee_level", &values)?;
    }
    Ok(())
}

/// The name of a part of a fee; the channel's own word where there is none.
pub fn part_name(name: &str, output: &Output) -> String {
    let key = format!("ui.fees.part.{name}");
    let known = messages::lookup(output.lang, &key);
    known.map_or_else(|| safe(name), str::to_owned)
}

fn read_lines(
    reader: &mut Reader,
    payout: &Payout,
    component: Option<&str>,
) -> Result<Vec<PayoutLine>, Problem> {
    let mut lines = Vec::new();
    let mut cursor = None;
    loop {
        let page = payout_lines(reader, &payout.row.id, component, cursor.as_deref(), 500)?;
        lines.extend(page.rows);
        cursor = page.next;
        if cursor.is_none() {
            return Ok(lines);
        }
    }
}

fn answer(
    payout: &Payout,
    breaks: &[BreakRow],
    lines: Option<&[PayoutLine]>,
    output: &Output,
) -> Value {
    let currency = &payout.row.currency;
    let mut value = json::payout(payout);
    value["rows"] = payout
        .components
        .iter()
        .map(|part| (part.name.clone(), json!(part.rows)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    value["bank_lines"] = payout
        .bank
        .iter()
        .map(|line| {
            json!({
                "date": date(line.day),
                "account_no": line.account_no,
                "amount_minor": line.amount_minor,
                "currency": currency,
                "memo": line.memo,
            })
        })
        .collect();
    value["breaks"] = breaks.iter().map(|row| json::break_row(row, output.lang)).collect();
    if let Some(lines) = lines {
        value["lines"] = lines.iter().map(|line| json::payout_line(line, currency)).collect();
    }
    value
}

fn show(
    payout: &Payout,
    parts: &[ComponentRow],
    breaks: &[BreakRow],
    lines: Option<&[PayoutLine]>,
    output: &mut Output,
) -> Result<(), Problem> {
    let row = &payout.row;
    let channel = output.channel(&row.channel);
    output.line(&format!("{channel} {} {}", safe(&row.account_no), safe(&row.number)))?;
    let bank = match payout.bank.last() {
        Some(line) => format!("{} {}", maybe_date(row.bank_day), safe(&line.memo)),
        None => output.word("cli.payout.not_in_bank"),
    };
    output.say("cli.payout.left", &[("date", &date(row.day))])?;
    output.say("cli.payout.bank", &[("bank", &bank)])?;
    let verdict = output.word(&format!("statement.verdict.{}", row.verdict));
    output.say("cli.payout.verdict", &[("verdict", &verdict)])?;
    output.line("")?;
    let mut table = Table::new(output, &["component", ">amount", ">rows"]);
    for part in &payout.components {
        table.row([
            output.word(&format!("statement.component.{}", part.name)),
            amount(part.amount_minor, &row.currency),
            part.rows.to_string(),
        ]);
        let told = if part.name == "fees" { parts } else { &[] };
        for part in told {
            table.row([
                format!("  {}", part_name(&part.name, output)),
                amount(part.amount_minor, &row.currency),
                part.rows.to_string(),
            ]);
        }
    }
    table.row([
        output.word("cli.col.paid"),
        amount(row.amount_minor, &row.currency),
        String::new(),
    ]);
    table.show(output)?;
    if !breaks.is_empty() {
        output.line("")?;
        let mut table =
            Table::new(output, &["day", "what", "record", "expected", "found", ">effect"]);
        for found in breaks {
            table.row([
                date(found.day),
                output.word(&format!("break.{}", found.kind)),
                found.records.first().cloned().unwrap_or_default(),
                value_text(&found.expected, &found.field, &found.currency),
                value_text(&found.found, &found.field, &found.currency),
                amount(found.effect_minor, &found.currency),
            ]);
        }
        table.show(output)?;
    }
    if let Some(lines) = lines {
        output.line("")?;
        let columns = ["component", "words", ">amount", "order", "number", "goods", "evidence"];
        let mut table = Table::new(output, &columns);
        for line in lines {
            table.row([
                output.word(&format!("statement.component.{}", line.component)),
                line.kind_text.clone(),
                amount(line.amount_minor, &row.currency),
                line.order_id.clone(),
                line.channel_ref.clone(),
                line.goods.clone(),
                format!("{}:{}", line.document, line.line_no),
            ]);
        }
        table.show(output)?;
    }
    Ok(())
}
