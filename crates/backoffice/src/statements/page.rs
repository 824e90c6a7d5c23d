//! A statement as a page of the window shows it.

use super::{Subject, paid_in, statement};
use crate::dto::{
    StatementLine, StatementNote, StatementPart, StatementPayout, StatementView, money,
};
use crate::error::Error;
use documents::{Line, Note, PayoutRow, StatementKind};
use domain::format_channel_time;
use messages::Lang;
use store::bulk::Reader;

/// Transactions that a page shows until it is printed; the files hold all of them.
const LINES_SHOWN: usize = 200;

/// What the statement says, with its first transactions, or with all of them where `whole`.
///
/// # Errors
/// As [`super::make`].
pub fn page(
    reader: &mut Reader,
    subject: &Subject,
    lang: Lang,
    company: &str,
    whole: bool,
) -> Result<StatementView, Error> {
    let said = statement(reader, subject, lang, company)?;
    let currency = said.currency.code();
    let shown = if whole { said.lines.len() } else { LINES_SHOWN };
    let mut view = StatementView {
        company: said.company.name.clone(),
        number: None,
        days: None,
        channel: None,
        left_on: None,
        arrived_on: None,
        total: money(said.total_minor, currency),
        total_words: documents::in_words(said.total_minor, said.currency, lang),
        lang: lang.code().to_owned(),
        parts: said
            .components
            .iter()
            .map(|part| StatementPart {
                name: part.component.code().to_owned(),
                amount: money(part.amount_minor, currency),
                rows: i64::from(part.rows),
            })
            .collect(),
        payouts: said.payouts.iter().map(|row| payout(row, currency)).collect(),
        lines: said.lines.iter().take(shown).map(|row| line(row, currency)).collect(),
        line_count: said.lines.len() as i64,
        notes: said.notes.iter().map(|row| note(row, currency)).collect(),
        clock: said.clock.code().to_owned(),
        zone: said.zone.name(),
        verdict: match said.completeness.verdict {
            documents::Verdict::Complete => "complete",
            documents::Verdict::Waiting => "waiting",
            documents::Verdict::Incomplete => "incomplete",
            documents::Verdict::Contradictory => "contradictory",
        }
        .to_owned(),
        content_hash: crate::import::hex(&documents::content_hash(&said)),
        state_hash: said.source.state_hash.clone(),
        early: Vec::new(),
        currencies: match subject {
            Subject::Payout(_) => Vec::new(),
            Subject::Period { period, channel, .. } => {
                paid_in(reader, *period, *channel)?.into_iter().map(|sum| sum.currency).collect()
            }
        },
    };
    match &said.kind {
        StatementKind::Payout(head) => {
            view.number = Some(head.number.clone());
            view.channel = Some(head.channel.code().to_owned());
            view.left_on = Some(head.left_on.to_string());
            view.arrived_on = head.arrival.as_ref().map(|found| found.booked_on.to_string());
        }
        StatementKind::Period { period, channel, .. } => {
            let last = period.until.plus_days(-1);
            view.days = Some((period.from.to_string(), last.to_string()));
            view.channel = channel.map(|channel| channel.code().to_owned());
        }
    }
    Ok(view)
}

fn payout(row: &PayoutRow, currency: &str) -> StatementPayout {
    StatementPayout {
        date: row.left_on.to_string(),
        channel: row.channel.code().to_owned(),
        number: row.number.clone(),
        arrived: row.arrived_on.map(|day| day.to_string()),
        amount: money(row.amount_minor, currency),
        unexplained: money(row.unexplained_minor, currency),
    }
}

fn note(row: &Note, currency: &str) -> StatementNote {
    StatementNote {
        code: row.code.clone(),
        record: row.record.clone(),
        detail: row.detail.clone(),
        effect: row.effect_minor.map(|minor| money(minor, currency)),
    }
}

fn line(row: &Line, currency: &str) -> StatementLine {
    let number = if row.order_no.is_empty() { &row.channel_no } else { &row.order_no };
    StatementLine {
        at: format_channel_time(row.at_ms),
        kind: row.kind.code().to_owned(),
        number: number.clone(),
        goods: row.goods.clone(),
        gross: money(row.gross_minor, currency),
        fee: money(row.fee_minor, currency),
        net: money(row.net_minor, currency),
        evidence: format!("{}:{}", row.evidence_file, row.evidence_line),
    }
}
