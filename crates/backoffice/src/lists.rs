//! Lists over the book: breaks, certificates, the money map.

use crate::decisions::Asks;
use crate::error::Error;
use crate::numbers;
use crate::order::Sort;
use crate::page::{Page, entered};
use crate::sums::{self, Sum};
use domain::reconcile::{BreakKind, BreakState};
use domain::{BusinessDate, Channel};
use serde::Serialize;
use store::bulk::{Cell, Reader, RowView};
use store::pack::split_line_id;

/// A break as stored, with what was decided about it.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BreakRow {
    /// Stable over re-runs.
    pub id: String,
    /// Kind code.
    pub kind: String,
    /// Its records, the primary one first.
    pub records: Vec<String>,
    /// The field that differs.
    pub field: String,
    /// Expected value.
    pub expected: String,
    /// Found value.
    pub found: String,
    /// Money effect, negative: the merchant is short of it.
    pub effect_minor: i64,
    /// Currency of the effect.
    pub currency: String,
    /// Day.
    pub day: i32,
    /// `channel:number` of the account.
    pub account: String,
    /// Which of the merchant's accounts there.
    pub fund_account: String,
    /// Document and line that show it, where one does.
    pub line: Option<(i64, u32)>,
    /// `open`, `explained`, `resolved`, `written_off`.
    pub state: String,
    /// What was decided: `accept`, `write_off`, `carry`, `reopen`, `classify`; `ask` or `claim` of
    /// one that waits for an answer; `changed` or `due` when it no longer holds; empty when nothing
    /// was.
    pub act: String,
    /// Who decided; empty when nobody did.
    pub decided_by: String,
    /// When, UTC ms.
    pub decided_at_ms: Option<i64>,
    /// Why: words of a person, `suggest:<code>` or `class:<code>`.
    pub why: String,
    /// Number of the decision.
    pub decision_id: Option<i64>,
    /// Notes on it.
    pub notes: i64,
    /// The act that usually fits.
    pub suggestion: &'static str,
    /// Days from its day to the last day any file covers, never below 0.
    pub age_days: i32,
}

/// What a list of breaks is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct BreakFilter {
    /// Only this kind.
    pub kind: Option<String>,
    /// Only in this state.
    pub state: Option<BreakState>,
    /// From this day on.
    pub from_day: Option<i32>,
    /// Before this day.
    pub until_day: Option<i32>,
    /// Also what is carried, not an error (`cut_off`).
    pub with_carried: bool,
    /// In which order; by amount means by the money effect.
    pub sort: Sort,
}

const BREAK_COLUMNS: &str = "b.id, b.kind, b.records, b.field, b.expected, b.found, \
    b.effect_minor, b.currency, b.day, a.channel, a.account_no, b.line_id, a.fund_account, \
    b.state, b.act, b.decided_by, b.decided_at_ms, b.why, b.decision_id, b.notes, \
    (select max(to_day) from document)";

fn break_row(row: &RowView<'_>) -> Result<BreakRow, store::StoreError> {
    let kind = row.text(1)?.to_owned();
    let day = row.int(8)? as i32;
    let as_of = row.opt_int(20)?.unwrap_or(0) as i32;
    let account = format!("{}:{}", row.opt_text(9)?.unwrap_or(""), row.opt_text(10)?.unwrap_or(""));
    Ok(BreakRow {
        id: row.text(0)?.to_owned(),
        suggestion: BreakKind::from_code(&kind).map_or("", |kind| kind.suggestion().code()),
        kind,
        records: serde_json::from_str(row.text(2)?).unwrap_or_default(),
        field: row.text(3)?.to_owned(),
        expected: row.text(4)?.to_owned(),
        found: row.text(5)?.to_owned(),
        effect_minor: row.int(6)?,
        currency: row.text(7)?.to_owned(),
        day,
        account,
        fund_account: row.opt_text(12)?.unwrap_or("basic").to_owned(),
        line: row.opt_int(11)?.map(split_line_id),
        state: row.text(13)?.to_owned(),
        act: row.text(14)?.to_owned(),
        decided_by: row.text(15)?.to_owned(),
        decided_at_ms: row.opt_int(16)?,
        why: row.text(17)?.to_owned(),
        decision_id: row.opt_int(18)?,
        notes: row.int(19)?,
        age_days: (as_of - day).max(0),
    })
}

/// Breaks, newest first unless the filter says otherwise, at most `limit`.
///
/// # Errors
/// The database's; [`Error::BadInput`] for a cursor that is none.
pub fn list_breaks(
    reader: &mut Reader,
    filter: &BreakFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<BreakRow>, Error> {
    entered(cursor, limit, |cursor, limit| breaks_behind(reader, filter, cursor, limit))
}

fn breaks_behind(
    reader: &mut Reader,
    filter: &BreakFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<BreakRow>, Error> {
    let (key, id) = filter.sort.place(cursor)?;
    let (behind, order) = filter.sort.walk("b.day", "b.effect_minor", "b.id");
    let mut rows = Vec::new();
    reader.query(
        &format!(
            "select {BREAK_COLUMNS} from break b \
             left join channel_account a on a.id = b.account_id \
             where {behind} and ($3 = '' or b.kind = $3) \
             and b.day >= $4 and b.day < $5 and ($6 = 1 or b.kind <> 'cut_off') \
             and ($7 = '' or b.state = $7) order by {order} limit $8"
        ),
        &[
            Cell::Int(key),
            Cell::Text(&id),
            Cell::Text(filter.kind.as_deref().unwrap_or("")),
            Cell::Int(filter.from_day.map_or(i64::MIN, i64::from)),
            Cell::Int(filter.until_day.map_or(i64::MAX, i64::from)),
            Cell::Int(i64::from(filter.with_carried)),
            Cell::Text(filter.state.map_or("", BreakState::code)),
            Cell::Int(i64::from(limit) + 1),
        ],
        |row| {
            rows.push(break_row(row)?);
            Ok(())
        },
    )?;
    let sort = filter.sort;
    Ok(Page::cut(rows, limit, |row| sort.cursor(row.day, row.effect_minor, row.id.clone())))
}

/// Breaks by id, in the order asked for; without those that the latest run does not find.
///
/// # Errors
/// The database's.
pub fn breaks_by_id(reader: &mut Reader, ids: &[String]) -> Result<Vec<BreakRow>, Error> {
    ids.iter().filter_map(|id| break_by_id(reader, id).transpose()).collect()
}

/// One break; `None` when the latest run does not find it.
pub(crate) fn break_by_id(db: &mut dyn Asks, id: &str) -> Result<Option<BreakRow>, Error> {
    let mut found = None;
    db.ask(
        &format!(
            "select {BREAK_COLUMNS} from break b \
             left join channel_account a on a.id = b.account_id where b.id = $1"
        ),
        &[Cell::Text(id)],
        &mut |row| {
            found = Some(break_row(row)?);
            Ok(())
        },
    )?;
    Ok(found)
}

/// One break with the payout it touches.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BreakDetail {
    /// The row of the list.
    pub row: BreakRow,
    /// Id and number of the payout that holds it, where one does.
    pub payout: Option<(String, String)>,
    /// Name of the file that shows it.
    pub file_name: String,
    /// Words and booking time (UTC ms) of the fund row that shows it.
    pub fund: Option<(String, i64)>,
}

/// One break with the payout it touches.
///
/// # Errors
/// [`Error::NotFound`]; the database's.
pub fn break_detail(reader: &mut Reader, id: &str) -> Result<BreakDetail, Error> {
    let missing = || Error::NotFound { what: "break", id: id.to_owned() };
    let row = break_by_id(reader, id)?.ok_or_else(missing)?;
    let file_name = match row.line {
        Some((document, _)) => crate::payouts::file_name(reader, document)?,
        None => String::new(),
    };
    let line = row.line.map_or(0, |(document, line)| store::pack::line_id(document, line));
    let mut fund = None;
    reader.query(
        "select kind_text, at_ms from balance_transaction where id = $1",
        &[Cell::Int(line)],
        |row| {
            fund = Some((row.text(0)?.to_owned(), row.int(1)?));
            Ok(())
        },
    )?;
    Ok(BreakDetail { payout: payout_of(reader, &row)?, file_name, fund, row })
}

/// By the payout it names, else by the fund row it names or whose payment it names.
fn payout_of(reader: &mut Reader, row: &BreakRow) -> Result<Option<(String, String)>, Error> {
    let named = |prefix: &str| row.records.iter().find_map(|record| record.strip_prefix(prefix));
    let account_no = row.account.split_once(':').map_or("", |(_, number)| number);
    let mut found = None;
    if let Some(number) = named("payout:") {
        reader.query(
            "select p.id, p.number from payout p join channel_account a on a.id = p.account_id \
             where p.number = $1 and a.account_no = $2 order by p.id limit 1",
            &[Cell::Text(number), Cell::Text(account_no)],
            |row| {
                found = Some((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
                Ok(())
            },
        )?;
        return Ok(found);
    }
    let line = row.line.map_or(0, |(document, line)| store::pack::line_id(document, line));
    let payment = named("payment:").unwrap_or("");
    // A named payment, if any, or else the line itself alone.
    let among = match payment {
        "" => "1 = 0".to_owned(),
        number => numbers::among(reader, "b.id", number, numbers::FUND)?,
    };
    let sql = format!(
        "select p.id, p.number from balance_transaction b \
         join document d on d.id = b.id / 4294967296 \
         join payout p on p.account_id = d.account_id \
         and (p.from_day < b.day or (p.from_day = b.day and p.from_id < b.id)) \
         and (p.until_day > b.day or (p.until_day = b.day and p.until_id >= b.id)) \
         where (b.id = $1 or {among} and b.payment_ref = $2) order by b.day, b.id limit 1"
    );
    reader.query(&sql, &[Cell::Int(line), Cell::Text(payment)], |row| {
        found = Some((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
        Ok(())
    })?;
    Ok(found)
}

/// A kind of break with its count and summed effect.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BreakSummary {
    /// Kind code.
    pub kind: String,
    /// How many.
    pub count: i64,
    /// Summed effects, by currency.
    pub effects: Vec<Sum>,
}

/// Breaks by kind, the dearest first; `state` narrows it.
///
/// # Errors
/// The database's.
pub fn break_summary(
    reader: &mut Reader,
    state: Option<BreakState>,
) -> Result<Vec<BreakSummary>, Error> {
    let mut rows: Vec<BreakSummary> = Vec::new();
    // Dear in the yuan first: what other currencies are worth nobody has said.
    reader.query(
        "select kind, count(*), cast(sum(effect_minor) as bigint), currency, \
         sum(cast(sum(case when currency = 'CNY' then abs(effect_minor) else 0 end) as bigint)) \
         over (partition by kind) as dear \
         from break where ($1 = '' or state = $1) group by kind, currency \
         order by dear desc, kind, currency",
        &[Cell::Text(state.map_or("", BreakState::code))],
        |row| {
            let kind = row.text(0)?.to_owned();
            if rows.last().is_none_or(|last| last.kind != kind) {
                rows.push(BreakSummary { kind, count: 0, effects: Vec::new() });
            }
            if let Some(last) = rows.last_mut() {
                last.count += row.int(1)?;
                sums::add(&mut last.effects, row.text(3)?, row.int(2)?);
            }
            Ok(())
        },
    )?;
    Ok(rows)
}

/// A certificate as stored.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct CertificateRow {
    /// Channel code.
    pub channel: String,
    /// The merchant's number there.
    pub account_no: String,
    /// `trade`, `fund`, `bank`.
    pub stream: String,
    /// The day.
    pub day: i32,
    /// `complete`, `waiting`, `incomplete`, `contradictory`.
    pub verdict: String,
    /// Every check with its evidence.
    pub checks: serde_json::Value,
}

impl CertificateRow {
    /// The first row that a failing check names: document, line, and the check's code. A line that
    /// is not as it was received comes before what else does not agree because of it.
    pub fn first_broken(&self) -> Option<(i64, u32, &str)> {
        let checks = self.checks.as_array().into_iter().flatten();
        let named = checks.filter(|check| check["holds"] == false).filter_map(|check| {
            let line = u32::try_from(check["line_no"].as_u64()?).ok()?;
            Some((check["document"].as_i64()?, line, check["code"].as_str()?))
        });
        let received = |code: &str| matches!(code, "copy_differs" | "line_chain");
        named.min_by_key(|(document, line, code)| (!received(code), *document, *line))
    }
}

/// Certificates from one day up to another, by account, stream and day.
///
/// # Errors
/// The database's.
pub fn list_certificates(
    reader: &mut Reader,
    from_day: Option<i32>,
    until_day: Option<i32>,
) -> Result<Vec<CertificateRow>, Error> {
    let mut rows = Vec::new();
    reader.query(
        "select a.channel, a.account_no, c.stream, c.day, c.verdict, c.checks from certificate c \
         join channel_account a on a.id = c.account_id where c.day >= $1 and c.day < $2 \
         order by a.channel, a.account_no, c.stream, c.day",
        &[
            Cell::Int(from_day.map_or(i64::MIN, i64::from)),
            Cell::Int(until_day.map_or(i64::MAX, i64::from)),
        ],
        |row| {
            rows.push(CertificateRow {
                channel: row.text(0)?.to_owned(),
                account_no: row.text(1)?.to_owned(),
                stream: row.text(2)?.to_owned(),
                day: row.int(3)? as i32,
                verdict: row.text(4)?.to_owned(),
                checks: serde_json::from_str(row.text(5)?).unwrap_or_default(),
            });
            Ok(())
        },
    )?;
    Ok(rows)
}

/// Where the merchant's money is, by place.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct MoneyPlace {
    /// `held`, `available`, `pending`, `in_transit`, `bank`; of a shop that takes money by hand
    /// also `till`, `slips`, `cheques`, `transfers`, `remittances`. `unclear`, last, is no place:
    /// what came or went by rows that nobody has named yet, positive when more went.
    pub place: &'static str,
    /// How much, by currency; the yuan is always there.
    pub amounts: Vec<Sum>,
}

/// The money map: the asset accounts of the ledger, summed by place, at the end of `until_day` or
/// now; and what nobody has named yet.
///
/// # Errors
/// The database's.
pub fn money_map(reader: &mut Reader, until_day: Option<i32>) -> Result<Vec<MoneyPlace>, Error> {
    // In the way money takes; the first five, what is frozen and what is unclear are shown to a
    // shop that has such money, or had.
    const PLACES: [(&str, &str); 12] = [
        ("till", "assets:till:cash:"),
        ("slips", "assets:till:pos_slip:"),
        ("cheques", "assets:till:cheque:"),
        ("transfers", "assets:till:bank_transfer:"),
        ("remittances", "assets:till:corporate_remittance:"),
        ("pending", "assets:pending:"),
        ("held", "assets:held:"),
        ("frozen", "assets:frozen:"),
        ("available", "assets:balance:"),
        ("in_transit", "assets:in_transit:"),
        ("bank", "assets:bank:"),
        (UNCLEAR, "equity:suspense:"),
    ];
    let balances = crate::ledger::trial_balance(reader, until_day)?;
    let amounts = |prefix: &str| {
        let mut amounts = vec![sums::nothing()];
        for row in balances.iter().filter(|row| row.account.starts_with(prefix)) {
            sums::add(&mut amounts, &row.currency, row.balance_minor);
        }
        amounts
    };
    let known = |prefix: &str| balances.iter().any(|row| row.account.starts_with(prefix));
    let sometimes = |prefix: &str| {
        prefix.starts_with("assets:till:")
            || matches!(prefix, "equity:suspense:" | "assets:frozen:")
    };
    let shown = PLACES.iter().filter(|(_, prefix)| !sometimes(prefix) || known(prefix));
    let place =
        |(place, prefix): &(&'static str, &str)| MoneyPlace { place, amounts: amounts(prefix) };
    Ok(shown.map(place).collect())
}

/// What came or went and nobody has named: no money the shop has.
pub(crate) const UNCLEAR: &str = "unclear";

/// What the places of a money map add up to, by currency; what is unclear lies in none of them.
pub fn money_total(places: &[MoneyPlace]) -> Vec<Sum> {
    let mut total = vec![sums::nothing()];
    let known = places.iter().filter(|place| place.place != UNCLEAR);
    for sum in known.flat_map(|place| &place.amounts) {
        sums::add(&mut total, &sum.currency, sum.amount_minor);
    }
    total
}

/// What the book covers.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct Extent {
    /// Files.
    pub documents: i64,
    /// First day any file covers.
    pub from: Option<String>,
    /// Last day any file covers.
    pub to: Option<String>,
    /// When the last file was received, UTC ms.
    pub last_import_ms: Option<i64>,
    /// Accounts as `channel:number`.
    pub accounts: Vec<String>,
}

/// What the book covers.
///
/// # Errors
/// The database's.
pub fn extent(reader: &mut Reader) -> Result<Extent, Error> {
    let mut extent = Extent::default();
    let date = |day: Option<i64>| day.map(|day| BusinessDate::from_days(day as i32).to_string());
    // Records of the till and what stands beside them are nobody's files.
    let files = "select count(*), max(received_at_ms) from raw_document \
                 where source not in ('till', 'attachment')";
    reader.query(files, &[], |row| {
        extent.documents = row.int(0)?;
        extent.last_import_ms = row.opt_int(1)?;
        Ok(())
    })?;
    reader.query("select min(from_day), max(to_day) from document", &[], |row| {
        extent.from = date(row.opt_int(0)?);
        extent.to = date(row.opt_int(1)?);
        Ok(())
    })?;
    reader.query(
        "select channel, account_no from channel_account order by channel, account_no, \
         fund_account",
        &[],
        |row| {
            extent.accounts.push(format!("{}:{}", row.text(0)?, row.text(1)?));
            Ok(())
        },
    )?;
    Ok(extent)
}

/// How far the figures of the book can be trusted.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct Freshness {
    /// Last day any file covers.
    pub data_until: Option<i32>,
    /// Every day up to this one is complete, for every account and stream.
    pub final_until: Option<i32>,
    /// The first day that is not.
    pub first_open: Option<i32>,
    /// How many days are not, of any account and stream.
    pub open_days: i64,
    /// Codes of the channels that the book has files of, in the order lists show them.
    pub channels: Vec<&'static str>,
}

/// How far the figures of the book can be trusted: up to the first day that is not complete.
///
/// # Errors
/// The database's.
pub fn freshness(reader: &mut Reader) -> Result<Freshness, Error> {
    let mut found = Freshness::default();
    let day = |day: Option<i64>| day.map(|day| day as i32);
    reader.query("select max(to_day) from document", &[], |row| {
        found.data_until = day(row.opt_int(0)?);
        Ok(())
    })?;
    let mut last = None;
    reader.query(
        "select min(case when verdict = 'complete' then null else day end), \
         count(distinct case when verdict = 'complete' then null else day end), min(day), max(day) \
         from certificate",
        &[],
        |row| {
            found.first_open = day(row.opt_int(0)?);
            found.open_days = row.int(1)?;
            last = day(row.opt_int(2)?).zip(day(row.opt_int(3)?));
            Ok(())
        },
    )?;
    let mut seen = Vec::new();
    reader.query("select distinct channel from channel_account", &[], |row| {
        seen.extend(Channel::from_code(row.text(0)?));
        Ok(())
    })?;
    let shown = Channel::ALL.into_iter().filter(|channel| seen.contains(channel));
    found.channels = shown.filter(|channel| *channel != Channel::Bank).map(Channel::code).collect();
    found.final_until = match (found.first_open, last) {
        (Some(open), Some((first, _))) => (open > first).then(|| open - 1),
        (None, Some((_, last))) => Some(last),
        (_, None) => None,
    };
    Ok(found)
}
