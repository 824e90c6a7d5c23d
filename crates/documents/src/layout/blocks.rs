//! The blocks around the drawing: head, summary, small tables, provenance.

use super::table::{LEADING, PLAIN, SIZE, Table, rule};
use super::{GAIN, GREY, INK, LEFT, LOSS, Pages, RIGHT, TINT, WIDTH, bold, style};
use crate::canvas::Align::{Left, Right};
use crate::statement::{PayoutHead, StatementKind, TEMPLATE_VERSION, Verdict};
use crate::words::{
    channel, channel_name, clean, filled, grouped, grouped_signed, in_words, joined, note_kind,
    subject, title, word,
};
use domain::Channel;

/// Company at the left, then the title with what it is about.
pub(super) fn company_head(pages: &mut Pages<'_>) {
    let statement = pages.statement;
    let about = joined(statement.lang, &channel(statement), &subject(statement));
    let company = (statement.company.name.as_str(), &statement.company.id_lines[..]);
    title_head(pages, company, &title(statement), &about);
}

/// Who issues a document, its title and what it is about.
pub(super) fn title_head<D>(
    pages: &mut Pages<'_, D>,
    (name, id_lines): (&str, &[String]),
    title: &str,
    about: &str,
) {
    for line in pages.font.wrap(&clean(name), 12.0, WIDTH, 2) {
        pages.y -= 12.0;
        pages.text(LEFT, pages.y, bold(12.0, INK), &line);
        pages.y -= 3.0;
    }
    for line in id_lines.iter().take(4) {
        pages.y -= 11.0;
        pages.fitted(LEFT, pages.y, WIDTH, style(8.0, GREY), &clean(line));
    }
    pages.y -= 12.0;
    rule(pages);
    pages.y -= 30.0;
    pages.text(LEFT, pages.y, bold(18.0, INK), title);
    pages.y -= 16.0;
    pages.fitted(LEFT, pages.y, WIDTH, style(10.0, GREY), about);
    pages.y -= 16.0;
}

/// The amount, what is unexplained of it, and the facts around it.
pub(super) fn summary(pages: &mut Pages<'_>) {
    const CELL: f32 = 31.0;
    const COLUMNS: usize = 3;
    let statement = pages.statement;
    let facts = facts(pages);
    let width = (WIDTH - 24.0) / COLUMNS as f32;
    let broken: Vec<(String, Vec<String>)> = facts
        .into_iter()
        .map(|(label, value)| (label, pages.font.wrap(&value, 9.0, width - 10.0, 2)))
        .collect();
    let deep = |row: &[(String, Vec<String>)]| row.iter().any(|(_, value)| value.len() > 1);
    let height =
        |row: &[(String, Vec<String>)]| if deep(row) { CELL + LEADING + 1.0 } else { CELL };
    let grid: f32 = broken.chunks(COLUMNS).map(height).sum();
    let said = in_words(statement.total_minor, statement.currency, statement.lang);
    let head = if said.is_some() { 72.0 } else { 58.0 };
    let panel = head + grid + 4.0;
    pages.canvas.fill_rect([LEFT, pages.y - panel, WIDTH, panel], TINT);

    let x = LEFT + 12.0;
    let paid = word(statement.lang, "total.paid");
    pages.text(x, pages.y - 17.0, style(8.0, GREY), &paid);
    let code = statement.currency.code();
    pages.text(x, pages.y - 43.0, style(10.0, GREY), code);
    let after = x + pages.font.width(code, 10.0) + 6.0;
    let amount = grouped(statement.total_minor, pages.decimals());
    pages.text(after, pages.y - 43.0, bold(23.0, INK), &amount);
    verdicts(pages);
    if let Some(said) = said {
        let said = filled(statement.lang, "in_words", &[("amount", &said)]);
        pages.fitted(x, pages.y - 58.0, WIDTH - 24.0, style(9.0, INK), &said);
    }
    pages.y -= head;
    for row in broken.chunks(COLUMNS) {
        for (index, (label, value)) in row.iter().enumerate() {
            let x = x + width * index as f32;
            pages.text(x, pages.y - 9.0, style(7.0, GREY), label);
            for (line, text) in value.iter().enumerate() {
                let y = pages.y - 20.5 - (LEADING + 1.0) * line as f32;
                pages.text(x, y, style(9.0, INK), text);
            }
        }
        pages.y -= height(row);
    }
    pages.y -= 4.0;
}

/// At the right of the amount: is it explained, and is the data complete.
fn verdicts(pages: &mut Pages<'_>) {
    let statement = pages.statement;
    let lang = statement.lang;
    let open = statement.unexplained_minor();
    let (key, ink) = if open == 0 { ("explained", GAIN) } else { ("not_explained", LOSS) };
    let amount = grouped_signed(open, pages.decimals());
    let text = filled(lang, key, &[("amount", &amount)]);
    pages.right(RIGHT - 12.0, pages.y - 18.0, bold(9.5, ink), &text);
    let verdict = statement.completeness.verdict;
    let ink = if verdict == Verdict::Complete { GAIN } else { LOSS };
    let text = word(lang, &format!("verdict.{}", verdict.code()));
    pages.right(RIGHT - 12.0, pages.y - 32.0, style(8.5, ink), &text);
    let note = clean(&statement.completeness.note);
    let note = pages.font.fit(&note, 8.0, WIDTH * 0.56).into_owned();
    pages.right(RIGHT - 12.0, pages.y - 44.0, style(8.0, GREY), &note);
}

/// Label and value, three to a row.
fn facts(pages: &Pages<'_>) -> Vec<(String, String)> {
    let statement = pages.statement;
    let lang = statement.lang;
    let mut facts = match &statement.kind {
        StatementKind::Payout(head) => payout_facts(pages, head),
        StatementKind::Period { account_no, .. } => {
            let account = account_no.as_deref().map_or_else(|| word(lang, "all_accounts"), clean);
            vec![
                (word(lang, "fact.channel"), channel(statement)),
                (word(lang, "fact.account"), account),
                (word(lang, "fact.days"), subject(statement)),
                (word(lang, "fact.payouts"), statement.payouts.len().to_string()),
            ]
        }
    };
    facts.push((word(lang, "fact.lines"), statement.lines.len().to_string()));
    let clock = word(lang, &format!("clock.{}", statement.clock.code()));
    let value = joined(lang, &clock, &statement.zone.name());
    facts.push((word(lang, "fact.clock"), value));
    facts
}

fn payout_facts(pages: &Pages<'_>, head: &PayoutHead) -> Vec<(String, String)> {
    let lang = pages.statement.lang;
    let promised = match head.promised_on {
        Some(day) => day.to_string(),
        None => word(lang, "no_promise"),
    };
    let mut facts = vec![
        (word(lang, "fact.channel"), channel(pages.statement)),
        (word(lang, "fact.account"), clean(&head.account_no)),
        (word(lang, "fact.number"), clean(&head.number)),
        (word(lang, "fact.left_on"), head.left_on.to_string()),
        (word(lang, "fact.promised_on"), promised),
    ];
    let (bank, amount) = match &head.arrival {
        Some(arrival) => {
            let tail = clean(&arrival.account_tail);
            let values = [("date", arrival.booked_on.to_string()), ("tail", tail)];
            let values = [(values[0].0, values[0].1.as_str()), (values[1].0, &values[1].1)];
            let amount = grouped(arrival.amount_minor, pages.decimals());
            (filled(lang, "arrived", &values), amount)
        }
        None => (word(lang, "not_arrived"), "—".to_owned()),
    };
    facts.push((word(lang, "fact.arrived_on"), bank));
    facts.push((word(lang, "fact.bank_amount"), amount));
    let total_minor = pages.statement.total_minor;
    if let Some(arrival) = head.arrival.as_ref().filter(|a| a.amount_minor != total_minor) {
        let difference = grouped_signed(arrival.amount_minor - total_minor, pages.decimals());
        facts.push((word(lang, "fact.bank_difference"), difference));
    }
    facts
}

/// The drawing's figures as a table, with the running total.
pub(super) fn components(pages: &mut Pages<'_>) {
    let statement = pages.statement;
    let lang = statement.lang;
    let table = Table::new(vec![
        (word(lang, "col.component"), 230.0, Left, 1),
        (word(lang, "col.rows"), 80.0, Right, 1),
        (word(lang, "col.amount"), 95.0, Right, 1),
        (word(lang, "col.running"), 95.0, Right, 1),
    ]);
    pages.section(&word(lang, "section.components"), 16.0 + 4.0 * (6.0 + LEADING));
    table.head(pages);
    let mut running = 0;
    let decimals = pages.decimals();
    for row in &statement.components {
        running += row.amount_minor;
        let cells = [
            word(lang, &format!("component.{}", row.component.code())),
            row.rows.to_string(),
            grouped(row.amount_minor, decimals),
            grouped(running, decimals),
        ];
        table.row(pages, &cells, PLAIN);
    }
    let total = grouped(statement.total_minor, decimals);
    table.total(pages, &[word(lang, "total.paid"), String::new(), total.clone(), total]);
}

/// For the whole company: the sums of each channel.
pub(super) fn channels(pages: &mut Pages<'_>) {
    let statement = pages.statement;
    let lang = statement.lang;
    if !matches!(statement.kind, StatementKind::Period { channel: None, .. }) {
        return;
    }
    let table = Table::new(vec![
        (word(lang, "col.channel"), 230.0, Left, 1),
        (word(lang, "col.payouts"), 80.0, Right, 1),
        (word(lang, "col.amount"), 95.0, Right, 1),
        (word(lang, "col.unexplained"), 95.0, Right, 1),
    ]);
    pages.section(&word(lang, "section.channels"), 16.0 + 3.0 * (6.0 + LEADING));
    table.head(pages);
    let decimals = pages.decimals();
    for channel in Channel::ALL {
        let own = statement.payouts.iter().filter(|row| row.channel == channel);
        let (mut count, mut amount, mut open) = (0u64, 0i64, 0i64);
        for row in own {
            count += 1;
            amount += row.amount_minor;
            open += row.unexplained_minor;
        }
        if count > 0 {
            let name = channel_name(statement, channel);
            let cells =
                [name, count.to_string(), grouped(amount, decimals), grouped(open, decimals)];
            table.row(pages, &cells, PLAIN);
        }
    }
    table.total(
        pages,
        &[
            word(lang, "total.paid"),
            statement.payouts.len().to_string(),
            grouped(statement.total_minor, decimals),
            grouped(statement.unexplained_minor(), decimals),
        ],
    );
}

/// The payouts of a period.
pub(super) fn payouts(pages: &mut Pages<'_>) {
    let statement = pages.statement;
    let lang = statement.lang;
    if statement.payouts.is_empty() {
        return;
    }
    let table = Table::new(vec![
        (word(lang, "col.left_on"), 53.0, Left, 1),
        (word(lang, "col.channel"), 58.0, Left, 1),
        (word(lang, "col.account"), 84.0, Left, 2),
        (word(lang, "col.payout_no"), 130.0, Left, 2),
        (word(lang, "col.arrived_on"), 53.0, Left, 1),
        (word(lang, "col.amount"), 66.0, Right, 1),
        (word(lang, "col.unexplained"), 56.0, Right, 1),
    ]);
    let count = statement.payouts.len().to_string();
    let title = filled(lang, "section.payouts", &[("count", &count)]);
    pages.section(&title, 16.0 + 3.0 * (6.0 + LEADING));
    table.head(pages);
    let decimals = pages.decimals();
    for row in &statement.payouts {
        let cells = [
            row.left_on.to_string(),
            channel_name(statement, row.channel),
            clean(&row.account_no),
            clean(&row.number),
            row.arrived_on.map_or_else(|| "—".to_owned(), |day| day.to_string()),
            grouped(row.amount_minor, decimals),
            grouped(row.unexplained_minor, decimals),
        ];
        table.row(pages, &cells, PLAIN);
    }
    let mut sums = vec![String::new(); 7];
    sums[0] = word(lang, "sum");
    sums[5] = grouped(statement.total_minor, decimals);
    sums[6] = grouped(statement.unexplained_minor(), decimals);
    table.total(pages, &sums);
}

/// Open differences and remarks; says so when there are none.
pub(super) fn notes(pages: &mut Pages<'_>) {
    let statement = pages.statement;
    let lang = statement.lang;
    let count = statement.notes.len().to_string();
    let title = filled(lang, "section.notes", &[("count", &count)]);
    pages.section(&title, 16.0 + 2.0 * (6.0 + LEADING));
    if statement.notes.is_empty() {
        let none = word(lang, "no_notes");
        pages.text(LEFT, pages.y - 8.0, style(8.5, INK), &none);
        pages.y -= 14.0;
        return;
    }
    let table = Table::new(vec![
        (word(lang, "col.note"), 108.0, Left, 2),
        (word(lang, "col.record"), 150.0, Left, 3),
        (word(lang, "col.detail"), 176.0, Left, 4),
        (word(lang, "col.effect"), 66.0, Right, 1),
    ]);
    table.head(pages);
    let decimals = pages.decimals();
    for note in &statement.notes {
        let effect =
            note.effect_minor.map_or_else(String::new, |minor| grouped_signed(minor, decimals));
        let cells = [note_kind(lang, note), clean(&note.record), clean(&note.detail), effect];
        table.row(pages, &cells, PLAIN);
    }
}

/// Where the figures come from and how to prove the document.
pub(super) fn provenance(pages: &mut Pages<'_>) {
    let source = &pages.statement.source;
    let lang = pages.statement.lang;
    let mut rows = vec![
        (word(lang, "proof.from"), clean(&source.generated_from)),
        (word(lang, "proof.data_version"), source.data_version.to_string()),
        (word(lang, "proof.state_hash"), clean(&source.state_hash)),
        (word(lang, "proof.content_hash"), pages.hash.clone()),
        (word(lang, "proof.template"), TEMPLATE_VERSION.to_string()),
    ];
    let missing: Vec<String> = pages
        .font
        .missing()
        .map(|(ch, times)| format!("U+{:04X} ×{times}", u32::from(ch)))
        .collect();
    if !missing.is_empty() {
        rows.push((word(lang, "proof.missing"), missing.join(", ")));
    }
    pages.section(&word(lang, "section.proof"), 90.0);
    for (label, value) in rows {
        pages.fitted(LEFT, pages.y - 8.0, 116.0, style(SIZE, GREY), &label);
        for line in pages.font.wrap(&value, SIZE, WIDTH - 124.0, 6) {
            pages.keep(LEADING + 4.0);
            pages.text(LEFT + 124.0, pages.y - 8.0, PLAIN, &line);
            pages.y -= LEADING + 1.5;
        }
    }
    let method = word(lang, "proof.method");
    pages.y -= 3.0;
    for line in pages.font.wrap(&method, SIZE, WIDTH, 3) {
        pages.keep(LEADING + 4.0);
        pages.text(LEFT, pages.y - 8.0, style(SIZE, GREY), &line);
        pages.y -= LEADING + 1.5;
    }
}
