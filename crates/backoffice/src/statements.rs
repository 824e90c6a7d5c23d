//! Statements: what a payout or a period says, as PDF, XLSX and CSV.

mod issued;
mod page;

pub use page::page;

pub use issued::{
    Issued, Made, Verification, list_issued, make_to_issue, payout_days, record, verify_file,
};

use crate::channel_names::channel_names;
use crate::error::Error;
use crate::lists::{BreakFilter, extent, list_breaks};
use crate::payouts::{
    Payout, PayoutFilter, PayoutLine, list_payouts, payout, payout_lines, payout_totals,
};
use crate::proof::state_hash;
use crate::sums::{Sum, first};
use documents::{
    Arrival, Clock, Company, Completeness, ComponentRow, Line, Note, PayoutHead, PayoutRow, Source,
    Statement, StatementKind, Verdict, Zone,
};
use domain::money::minor_to_major;
use domain::payout::{Component, Components};
use domain::{BalanceKind, BusinessDate, Channel, Currency, Period};
use messages::Lang;
use std::collections::BTreeMap;
use store::bulk::{Cell, Reader};

/// What a statement is about.
#[derive(Clone, Debug)]
pub enum Subject {
    /// One payout, by id or number.
    Payout(String),
    /// Payouts that left in a period, of one channel or of all. A statement is of one currency.
    Period {
        /// The days, half open.
        period: Period,
        /// The channel.
        channel: Option<Channel>,
        /// The currency; `None` is the one that was paid, of several the yuan, else the first.
        currency: Option<Currency>,
    },
}

/// The file a statement becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PDF, A4.
    Pdf,
    /// XLSX.
    Xlsx,
    /// CSV, UTF-8 with BOM.
    Csv,
}

impl Format {
    /// The format a file name asks for.
    pub fn from_path(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "pdf" => Some(Self::Pdf),
            "xlsx" => Some(Self::Xlsx),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// Makes the file: same data, same bytes.
///
/// # Errors
/// [`Error::NotFound`] for an unknown payout; [`Error::Document`] when figures do not add up.
pub fn make(
    reader: &mut Reader,
    subject: &Subject,
    lang: Lang,
    company: &str,
    format: Format,
) -> Result<Vec<u8>, Error> {
    let statement = statement(reader, subject, lang, company)?;
    Ok(match format {
        Format::Pdf => documents::render_pdf(&statement)?,
        Format::Xlsx => documents::render_xlsx(&statement)?,
        Format::Csv => documents::render_csv(&statement)?,
    })
}

/// What the statement says.
///
/// # Errors
/// As [`make`].
pub fn statement(
    reader: &mut Reader,
    subject: &Subject,
    lang: Lang,
    company: &str,
) -> Result<Statement, Error> {
    let About { payouts, currency, others } = about(reader, subject)?;
    let mut components = Components::default();
    let mut lines = Vec::new();
    let mut verdict = Verdict::Complete;
    for payout in &payouts {
        for row in &payout.components {
            if let Some(component) = Component::from_code(&row.name) {
                components.absorb(&one(component, row.amount_minor, row.rows));
            }
        }
        verdict = worse(verdict, &payout.row.verdict);
        lines.extend(statement_lines(reader, payout)?);
    }
    let total_minor = payouts.iter().map(|payout| payout.row.amount_minor).sum();
    let rows = components.listed().map(|(component, amount_minor, rows)| ComponentRow {
        component,
        amount_minor,
        rows,
    });
    let (kind, listed) = match subject {
        Subject::Payout(_) => (StatementKind::Payout(head(&payouts[0])?), Vec::new()),
        Subject::Period { period, channel, .. } => {
            let kind =
                StatementKind::Period { period: *period, channel: *channel, account_no: None };
            let rows = payouts.iter().map(payout_row).collect::<Result<_, _>>()?;
            (kind, rows)
        }
    };
    Ok(Statement {
        lang,
        company: Company { name: company.to_owned(), id_lines: Vec::new() },
        kind,
        clock: Clock::Booked,
        zone: Zone::CHINA,
        currency,
        components: rows.collect(),
        total_minor,
        completeness: Completeness { verdict, note: String::new() },
        payouts: listed,
        lines,
        notes: notes(reader, &payouts, currency, &others)?,
        source: source(reader)?,
        channel_names: given_names(reader)?,
    })
}

/// Names the shop gave to channels of its own.
fn given_names(reader: &mut Reader) -> Result<Vec<(Channel, String)>, Error> {
    let names = channel_names(reader)?;
    let name = |(code, name): (&str, &str)| Some((Channel::from_code(code)?, name.to_owned()));
    Ok(names.all().filter_map(name).collect())
}

fn one(component: Component, amount_minor: i64, rows: i64) -> Components {
    let mut parts = Components::default();
    parts.set(component, amount_minor, u32::try_from(rows).unwrap_or(u32::MAX));
    parts
}

/// What a statement is made of.
struct About {
    /// Oldest first, all of one currency.
    payouts: Vec<Payout>,
    currency: Currency,
    /// What was paid in the same days in other currencies.
    others: Vec<Sum>,
}

fn about(reader: &mut Reader, subject: &Subject) -> Result<About, Error> {
    match subject {
        Subject::Payout(id) => {
            let payout = payout(reader, id)?;
            let currency = crate::ledger::currency(&payout.row.currency);
            Ok(About { payouts: vec![payout], currency, others: Vec::new() })
        }
        Subject::Period { period, channel, currency } => {
            let mut others = paid_in(reader, *period, *channel)?;
            let wanted = currency.map_or_else(|| first(&others).currency, |one| one.to_string());
            let currency = crate::ledger::currency(&wanted);
            others.retain(|sum| sum.currency != wanted);
            let payouts = in_period(reader, filter_of(*period, *channel, Some(currency)))?;
            Ok(About { payouts, currency, others })
        }
    }
}

fn filter_of(period: Period, channel: Option<Channel>, currency: Option<Currency>) -> PayoutFilter {
    PayoutFilter {
        channel,
        from_day: Some(period.from.days()),
        until_day: Some(period.until.days()),
        currency,
        ..PayoutFilter::default()
    }
}

/// What was paid in a period, each currency by itself: one statement each.
fn paid_in(
    reader: &mut Reader,
    period: Period,
    channel: Option<Channel>,
) -> Result<Vec<Sum>, Error> {
    Ok(payout_totals(reader, &filter_of(period, channel, None))?.paid)
}

fn in_period(reader: &mut Reader, filter: PayoutFilter) -> Result<Vec<Payout>, Error> {
    let mut ids = Vec::new();
    let mut cursor = None;
    loop {
        let page = list_payouts(reader, &filter, cursor.as_deref(), 500)?;
        ids.extend(page.rows.into_iter().map(|row| row.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    ids.reverse();
    ids.iter().map(|id| payout(reader, id)).collect()
}

fn worse(verdict: Verdict, code: &str) -> Verdict {
    let rank = |verdict| match verdict {
        Verdict::Complete => 0,
        Verdict::Waiting => 1,
        Verdict::Incomplete => 2,
        Verdict::Contradictory => 3,
    };
    let other = match code {
        "complete" => Verdict::Complete,
        "waiting" => Verdict::Waiting,
        "incomplete" => Verdict::Incomplete,
        _ => Verdict::Contradictory,
    };
    if rank(other) > rank(verdict) { other } else { verdict }
}

fn channel(code: &str) -> Result<Channel, Error> {
    Channel::from_code(code)
        .ok_or_else(|| Error::BadInput { field: "channel", reason: code.to_owned() })
}

fn head(payout: &Payout) -> Result<PayoutHead, Error> {
    let row = &payout.row;
    let arrival = payout.bank.last().zip(row.bank_day).map(|(bank, day)| Arrival {
        booked_on: BusinessDate::from_days(day),
        amount_minor: row.bank_minor.unwrap_or(bank.amount_minor),
        account_tail: tail(&bank.account_no),
    });
    Ok(PayoutHead {
        channel: channel(&row.channel)?,
        account_no: row.account_no.clone(),
        number: row.number.clone(),
        left_on: BusinessDate::from_days(row.day),
        promised_on: Some(BusinessDate::from_days(row.promised_day)),
        arrival,
    })
}

/// The last four characters of an account number; all a page or screen shows of it.
pub(crate) fn tail(account_no: &str) -> String {
    let skip = account_no.chars().count().saturating_sub(4);
    account_no.chars().skip(skip).collect()
}

fn payout_row(payout: &Payout) -> Result<PayoutRow, Error> {
    let row = &payout.row;
    Ok(PayoutRow {
        left_on: BusinessDate::from_days(row.day),
        channel: channel(&row.channel)?,
        account_no: row.account_no.clone(),
        number: row.number.clone(),
        amount_minor: row.amount_minor,
        unexplained_minor: row.unexplained_minor,
        arrived_on: row.bank_day.map(BusinessDate::from_days),
    })
}

/// A payout's rows, one line each: its parts put together again.
fn statement_lines(reader: &mut Reader, payout: &Payout) -> Result<Vec<Line>, Error> {
    let mut lines: Vec<Line> = Vec::new();
    let mut last_id = 0;
    let mut cursor = None;
    loop {
        let page = payout_lines(reader, &payout.row.id, None, cursor.as_deref(), 500)?;
        for part in page.rows {
            let is_fee = matches!(part.component.as_str(), "fees" | "fees_returned");
            let (gross, fee) = match is_fee {
                true => (0, part.amount_minor),
                false => (part.amount_minor, 0),
            };
            if part.id == last_id
                && let Some(line) = lines.last_mut()
            {
                line.gross_minor += gross;
                line.fee_minor += fee;
                line.net_minor += part.amount_minor;
                continue;
            }
            last_id = part.id;
            lines.push(line_of(part, gross, fee));
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(lines);
        }
    }
}

fn line_of(part: PayoutLine, gross_minor: i64, fee_minor: i64) -> Line {
    let kind = match part.component.as_str() {
        "sales" | "merchant_discounts" => BalanceKind::Payment,
        "refunds" => BalanceKind::Refund,
        "fees" => BalanceKind::PaymentFee,
        "fees_returned" => BalanceKind::RefundFee,
        "commission_split" => BalanceKind::SplitPaid,
        "split_returned" => BalanceKind::SplitReturned,
        "held" => BalanceKind::Held,
        "released" => BalanceKind::Released,
        "account_charges" => BalanceKind::AccountCharge,
        "top_ups" => BalanceKind::TopUp,
        "transfers_out" => BalanceKind::TransferOut,
        "payout_fee" => BalanceKind::PayoutFee,
        "adjustments" => BalanceKind::Adjustment,
        _ => BalanceKind::Unknown,
    };
    Line {
        at_ms: part.at_ms,
        kind,
        order_no: part.order_id,
        channel_no: part.channel_ref,
        goods: part.goods,
        gross_minor,
        fee_minor,
        net_minor: part.amount_minor,
        evidence_file: part.file_name,
        evidence_line: part.line_no,
    }
}

/// What was paid in other currencies, and the open differences of the days the payouts cover.
fn notes(
    reader: &mut Reader,
    payouts: &[Payout],
    currency: Currency,
    others: &[Sum],
) -> Result<Vec<Note>, Error> {
    let elsewhere = others.iter().map(|sum| Note {
        code: "other_currency".to_owned(),
        record: String::new(),
        detail: in_its_currency(&sum.currency, sum.amount_minor),
        effect_minor: None,
    });
    let mut by_id = BTreeMap::new();
    for payout in payouts {
        for found in payout_breaks(reader, payout)? {
            by_id.insert((found.effect_minor, found.id.clone()), found);
        }
    }
    let open = by_id.into_values().take(200).map(|found| {
        let own = found.currency == currency.code();
        let mut detail = format!("{}: {} / {}", found.field, found.expected, found.found);
        // The column of effects is of the statement's currency.
        if !own {
            detail += &format!(" ({})", in_its_currency(&found.currency, found.effect_minor));
        }
        Note {
            code: found.kind,
            record: found.records.first().cloned().unwrap_or_default(),
            detail,
            effect_minor: own.then_some(found.effect_minor),
        }
    });
    Ok(elsewhere.chain(open).collect())
}

/// `USD 81.16`: an amount where a statement of another currency names it.
fn in_its_currency(code: &str, minor: i64) -> String {
    format!("{code} {}", minor_to_major(minor, crate::ledger::currency(code).decimals()))
}

/// Breaks of a payout: those that name it, and those of its account on the days it covers.
///
/// # Errors
/// The database's.
pub fn payout_breaks(
    reader: &mut Reader,
    payout: &Payout,
) -> Result<Vec<crate::lists::BreakRow>, Error> {
    let first = match payout.after.0 {
        i32::MIN => payout.until.0,
        day => day.saturating_add(1).min(payout.until.0),
    };
    let filter = BreakFilter {
        from_day: Some(first),
        until_day: Some(payout.row.day + 1),
        ..BreakFilter::default()
    };
    let account = format!("{}:{}", payout.row.channel, payout.row.account_no);
    let own = format!("payout:{}", payout.row.number);
    let page = list_breaks(reader, &filter, None, 1000)?;
    Ok(page
        .rows
        .into_iter()
        .filter(|found| {
            let names_payout = found.records.iter().any(|r| r.starts_with("payout:"));
            found.account == account
                && (!names_payout || found.records.contains(&own))
                && (names_payout || found.day <= payout.until.0)
        })
        .collect())
}

fn source(reader: &mut Reader) -> Result<Source, Error> {
    let extent = extent(reader)?;
    let span = [extent.from, extent.to].map(Option::unwrap_or_default);
    Ok(Source {
        data_version: extent.documents.unsigned_abs(),
        state_hash: state_hash(reader)?,
        generated_from: format!("{} files, {} – {}", extent.documents, span[0], span[1]),
    })
}

/// The company's name as the book keeps it.
///
/// # Errors
/// The database's.
pub fn company_name(reader: &mut Reader) -> Result<String, Error> {
    let mut name = String::new();
    reader.query(
        "select value from book_meta where key = $1",
        &[Cell::Text("company")],
        |row| {
            row.text(0)?.clone_into(&mut name);
            Ok(())
        },
    )?;
    Ok(name)
}
