//! Slips that the acquirer's file holds too: one sale, told twice.
//!
//! The file counts, since it says what is paid out and what it costs; the slip is kept as evidence,
//! and so is the sending of its batch. Which slip is which row is derived before each
//! reconciliation from what both say, never from the order in which they came: the number of the
//! transaction or its authorization first, then terminal, day, amount and last four of the card.

use super::kept::{Kept, select};
use super::{Act, FIRST};
use crate::error::Error;
use crate::import::Sums;
use crate::revisions::scope;
use domain::ledger::{LedgerEntry, SettlementAmounts, post_balance, post_settlement};
use domain::reconcile::Record;
use domain::{BalanceKind, BusinessDate, Channel, Currency, Family, SettlementKind};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use store::bulk::{Cell, Loader, RowView};
use store::pack::{line_id, settlement_kind, split_line_id};

/// A slip that the acquirer's file of its day does not hold.
pub(crate) struct Unpaired {
    /// Line of the slip's own file.
    pub line: i64,
    /// Account of the terminal.
    pub account: i64,
    pub day: i32,
    /// Signed by its effect.
    pub minor: i64,
}

impl Unpaired {
    /// What it is known by: its own number.
    pub(crate) fn record(&self) -> Record {
        Record::Fund(self.line)
    }
}

/// What slips and the files of acquirers come to together.
#[derive(Default)]
pub(crate) struct Slips {
    /// Rows of acquirers that a slip is of, with the shop's order that the slip names; empty where
    /// it names none.
    pub orders: HashMap<i64, String>,
    pub missing: Vec<Unpaired>,
}

/// A slip that stands, or money given back on its terminal.
struct Slip {
    kept: Kept,
    kind: SettlementKind,
    /// Last four of the card; empty where nobody said.
    last4: String,
    /// Its number and authorization at the acquirer.
    numbers: Vec<String>,
}

/// A row of an acquirer's file.
struct Row {
    id: i64,
    day: i32,
    at_ms: i64,
    kind: SettlementKind,
    minor: i64,
    number: String,
    last4: String,
    /// Words among which the terminal stands.
    words: Vec<String>,
    extra: Vec<String>,
    account: i64,
}

/// An acquirer's account, as far as slips reach.
#[derive(Default)]
struct Acquirer {
    days: Vec<(i32, i32)>,
    words: HashSet<String>,
}

/// Pairs slips with rows, and lets the rows count instead of the slips.
///
/// # Errors
/// The database's.
pub(crate) fn pair(loader: &mut Loader<'_>) -> Result<Slips, Error> {
    let known = known(loader)?;
    if known.is_empty() && !has_acquirer(loader)? {
        return Ok(Slips::default());
    }
    let slips = slips(loader)?;
    let days = slips.iter().map(|slip| day_of(&slip.kept));
    let span = days.clone().min().zip(days.max());
    let (rows, acquirers) = match span {
        Some(span) => rows(loader, span)?,
        None => Default::default(),
    };
    if rows.is_empty() && known.is_empty() {
        return Ok(Slips::default());
    }
    let found = matched(&slips, &rows, &acquirers);
    let mut told = Slips::default();
    let mut wanted: BTreeMap<i64, (Option<i64>, i64)> = BTreeMap::new();
    for (slip, row) in slips.iter().zip(&found) {
        if let Some(row) = row.map(|at| &rows[at]) {
            told.orders.insert(row.id, slip.kept.order.clone());
            wanted.insert(slip.kept.id, (Some(row.id), split_line_id(row.id).0));
        }
    }
    send_batches(loader, &slips, &mut wanted)?;
    apply(loader, &known, &wanted)?;
    for (slip, _) in slips.iter().zip(&found).filter(|(_, row)| row.is_none()) {
        if is_expected(&slip.kept, &acquirers) {
            told.missing.extend(unpaired(loader, slip)?);
        }
    }
    Ok(told)
}

fn day_of(of: &Kept) -> i32 {
    BusinessDate::of_ms(of.at_ms).days()
}

fn slips(loader: &mut Loader<'_>) -> Result<Vec<Slip>, Error> {
    let stands = "t.tender = 'pos_slip' and t.act in ('receipt', 'refund') and not exists \
                  (select 1 from till_record r where r.of_id = t.id and r.act = 'reversal')";
    let mut slips: Vec<Slip> = Vec::new();
    for kept in select(loader, &format!("{stands} order by t.at_ms, t.number"), &[])? {
        let fact = |name: &str| kept.fact(name).trim().to_owned();
        let numbers = [fact("reference"), fact("authorization")];
        slips.push(Slip {
            kind: match kept.act {
                Act::Refund => SettlementKind::Refund,
                _ => SettlementKind::Payment,
            },
            last4: fact("last4"),
            numbers: numbers.into_iter().filter(|number| !number.is_empty()).collect(),
            kept,
        });
    }
    // What is given back goes to the card that paid.
    let cards: HashMap<String, String> =
        slips.iter().map(|slip| (slip.kept.number.clone(), slip.last4.clone())).collect();
    for slip in slips.iter_mut().filter(|slip| slip.last4.is_empty()) {
        slip.last4 = cards.get(slip.kept.fact("of_sale")).cloned().unwrap_or_default();
    }
    Ok(slips)
}

/// True for a channel whose file may hold what a terminal took.
fn is_acquirer(channel: Channel) -> bool {
    let family = channel.definition().map(|known| known.family);
    matches!(family, Some(Family::Terminal | Family::Aggregator | Family::Own))
}

fn has_acquirer(loader: &mut Loader<'_>) -> Result<bool, Error> {
    let mut found = false;
    loader.query("select channel from channel_account", &[], |row| {
        found |= Channel::from_code(row.text(0)?).is_some_and(is_acquirer);
        Ok(())
    })?;
    Ok(found)
}

/// Rows of acquirers' files that speak of these days, in order of time.
fn rows(
    loader: &mut Loader<'_>,
    (first, last): (i32, i32),
) -> Result<(Vec<Row>, BTreeMap<i64, Acquirer>), Error> {
    let mut documents = Vec::new();
    let mut acquirers: BTreeMap<i64, Acquirer> = BTreeMap::new();
    loader.query(
        "select d.id, a.id, a.channel, d.from_day, d.to_day from document d \
         join channel_account a on a.id = d.account_id \
         where d.stream = 'trade' and d.from_day <= $1 and d.to_day >= $2 order by d.id",
        &[Cell::Int(i64::from(last)), Cell::Int(i64::from(first))],
        |row| {
            if Channel::from_code(row.text(2)?).is_some_and(is_acquirer) {
                let account = row.int(1)?;
                documents.push((row.int(0)?, account));
                let days = (row.int(3)? as i32, row.int(4)? as i32);
                acquirers.entry(account).or_default().days.push(days);
            }
            Ok(())
        },
    )?;
    let mut rows = Vec::new();
    for (document, account) in documents {
        loader.query(
            "select s.id, s.day, s.at_ms, s.kind, s.order_minor, s.payment_id, s.refund_id, \
             s.payer, s.note, s.extra from settlement_line s where s.id >= $1 and s.id < $2 \
             and not exists (select 1 from superseded x where x.line_id = s.id)",
            &[Cell::Int(line_id(document, 0)), Cell::Int(line_id(document + 1, 0))],
            |row| {
                rows.push(read_row(row, account)?);
                Ok(())
            },
        )?;
    }
    for row in &rows {
        if let Some(acquirer) = acquirers.get_mut(&row.account) {
            acquirer.words.extend(row.words.iter().cloned());
        }
    }
    rows.sort_by(|a: &Row, b: &Row| (a.at_ms, &a.number, a.id).cmp(&(b.at_ms, &b.number, b.id)));
    Ok((rows, acquirers))
}

fn read_row(row: &RowView<'_>, account: i64) -> Result<Row, store::StoreError> {
    let kind = match settlement_kind(row.int(3)?) {
        Some(SettlementKind::Payment) | None => SettlementKind::Payment,
        Some(_) => SettlementKind::Refund,
    };
    let number = match kind {
        SettlementKind::Payment => row.text(5)?,
        _ => row.text(6)?,
    };
    let extra: BTreeMap<String, String> = serde_json::from_str(row.text(9)?).unwrap_or_default();
    Ok(Row {
        id: row.int(0)?,
        day: row.int(1)? as i32,
        at_ms: row.int(2)?,
        kind,
        minor: row.int(4)?,
        number: number.to_owned(),
        last4: last_four(row.text(7)?),
        words: row.text(8)?.split_whitespace().map(str::to_owned).collect(),
        extra: extra.into_values().collect(),
        account,
    })
}

/// The figures a masked card number ends with; empty where it does not end with four.
fn last_four(text: &str) -> String {
    let figures = text.len().checked_sub(4).and_then(|at| text.get(at..));
    let figures = figures.filter(|end| end.bytes().all(|byte| byte.is_ascii_digit()));
    figures.unwrap_or_default().to_owned()
}

/// Whether a row may be the slip's.
type Fits<'a> = dyn Fn(&Slip, &Row) -> bool + 'a;

/// The row of each slip, by its place; no row is taken twice.
fn matched(
    slips: &[Slip],
    rows: &[Row],
    acquirers: &BTreeMap<i64, Acquirer>,
) -> Vec<Option<usize>> {
    let kind = |kind: SettlementKind| kind == SettlementKind::Payment;
    let mut like: HashMap<(bool, i32, i64), Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        like.entry((kind(row.kind), row.day, row.minor)).or_default().push(at);
    }
    let (mut found, mut taken) = (vec![None; slips.len()], HashSet::new());
    let by_facts = |slip: &Slip, row: &Row| same_facts(slip, row, acquirers.get(&row.account));
    let passes: [&Fits<'_>; 2] = [&same_number, &by_facts];
    for fits in passes {
        for (slip, found) in slips.iter().zip(&mut found) {
            if found.is_some() {
                continue;
            }
            let minor = match slip.kind {
                SettlementKind::Payment => slip.kept.amount_minor,
                _ => -slip.kept.amount_minor,
            };
            let key = (kind(slip.kind), day_of(&slip.kept), minor);
            let mut free = like.get(&key).into_iter().flatten().filter(|at| !taken.contains(*at));
            *found = free.find(|at| fits(slip, &rows[**at])).copied();
            taken.extend(*found);
        }
    }
    found
}

fn same_number(slip: &Slip, row: &Row) -> bool {
    slip.numbers.iter().any(|number| row.number == *number || row.extra.contains(number))
}

/// Nothing that both say differs, and the terminal or the card is the same.
fn same_facts(slip: &Slip, row: &Row, acquirer: Option<&Acquirer>) -> bool {
    let terminal = &slip.kept.account;
    let named = terminal != FIRST && acquirer.is_some_and(|of| of.words.contains(terminal));
    let card = !slip.last4.is_empty() && !row.last4.is_empty();
    (!named || row.words.contains(terminal))
        && (!card || row.last4 == slip.last4)
        && (named || card)
}

/// True when the acquirer of the slip's terminal has a file of its day.
fn is_expected(slip: &Kept, acquirers: &BTreeMap<i64, Acquirer>) -> bool {
    let covers = |of: &&Acquirer| {
        let day = day_of(slip);
        of.days.iter().any(|(from, to)| (*from..=*to).contains(&day))
    };
    let mut covering = acquirers.values().filter(covers);
    match slip.account.as_str() {
        FIRST => acquirers.len() == 1 && covering.next().is_some(),
        terminal => covering.any(|of| of.words.contains(terminal)),
    }
}

fn unpaired(loader: &mut Loader<'_>, slip: &Slip) -> Result<Option<Unpaired>, Error> {
    let mut found = None;
    loader.query(
        "select b.id, d.account_id, b.day, b.amount_minor from till_record t \
         join raw_document r on r.sha256 = t.sha256 join document d on d.raw_document_id = r.id \
         join balance_transaction b on b.id >= d.id * 4294967296 \
         and b.id < (d.id + 1) * 4294967296 where t.id = $1",
        &[Cell::Int(slip.kept.id)],
        |row| {
            found = Some(Unpaired {
                line: row.int(0)?,
                account: row.opt_int(1)?.unwrap_or_default(),
                day: row.int(2)? as i32,
                minor: row.int(3)?,
            });
            Ok(())
        },
    )?;
    Ok(found)
}

/// A batch is settled by the file as soon as the file holds one of its slips: the others are in
/// the shop's hands until a file holds them too.
fn send_batches(
    loader: &mut Loader<'_>,
    slips: &[Slip],
    wanted: &mut BTreeMap<i64, (Option<i64>, i64)>,
) -> Result<(), Error> {
    let stands = "t.act = 'batch' and not exists (select 1 from till_record r \
                  where r.of_id = t.id and r.act = 'reversal') order by t.id";
    let batches = select(loader, stands, &[])?;
    for slip in slips.iter().map(|slip| &slip.kept) {
        let Some((_, document)) = wanted.get(&slip.id).copied() else { continue };
        let sent = batches.iter().find(|batch| {
            batch.id > slip.id
                && batch.account == slip.account
                && batch.fact("batch") == slip.fact("batch")
        });
        if let Some(batch) = sent {
            wanted.entry(batch.id).or_insert((None, document));
        }
    }
    Ok(())
}

fn known(loader: &mut Loader<'_>) -> Result<BTreeMap<i64, Option<i64>>, Error> {
    let mut known = BTreeMap::new();
    loader.query("select record_id, line_id from slip_pair", &[], |row| {
        known.insert(row.int(0)?, row.opt_int(1)?);
        Ok(())
    })?;
    Ok(known)
}

/// Lets the lines of records count or not, and moves the ledger's totals along.
fn apply(
    loader: &mut Loader<'_>,
    known: &BTreeMap<i64, Option<i64>>,
    wanted: &BTreeMap<i64, (Option<i64>, i64)>,
) -> Result<(), Error> {
    let records: BTreeSet<i64> = known.keys().chain(wanted.keys()).copied().collect();
    let mut sums: BTreeMap<i64, Sums> = BTreeMap::new();
    for record in records {
        let (was, now) = (known.get(&record), wanted.get(&record));
        if was.copied() == now.map(|(line, _)| *line) {
            continue;
        }
        let sign = i64::from(was.is_some()) - i64::from(now.is_some());
        for (account, line) in lines_of(loader, record)? {
            if sign != 0 {
                sums.entry(account).or_default().post(line.day, &line.entry, sign);
            }
            let id = Cell::Int(line.id);
            loader.execute("delete from superseded where line_id = $1", &[id])?;
            if let Some((by, document)) = now {
                // A move of the terminal has no row of its own at the acquirer.
                let by = by.filter(|_| line.is_trade).map_or(Cell::Null, Cell::Int);
                loader.execute(
                    "insert into superseded (line_id, by_line_id, by_document_id) \
                     values ($1, $2, $3)",
                    &[Cell::Int(line.id), by, Cell::Int(*document)],
                )?;
            }
        }
        let id = Cell::Int(record);
        loader.execute("delete from slip_pair where record_id = $1", &[id])?;
        if let Some((line, _)) = now {
            let line = line.map_or(Cell::Null, Cell::Int);
            loader.execute(
                "insert into slip_pair (record_id, line_id) values ($1, $2)",
                &[Cell::Int(record), line],
            )?;
        }
    }
    for (account, sums) in sums {
        if let Some(scope) = scope(loader, account)? {
            sums.write(loader, &scope)?;
        }
    }
    Ok(())
}

struct Line {
    id: i64,
    day: i32,
    entry: LedgerEntry,
    is_trade: bool,
}

/// What a record is booked as, with the account of each line.
fn lines_of(loader: &mut Loader<'_>, record: i64) -> Result<Vec<(i64, Line)>, Error> {
    let mut documents = Vec::new();
    loader.query(
        "select d.id, d.account_id from till_record t join raw_document r on r.sha256 = t.sha256 \
         join document d on d.raw_document_id = r.id where t.id = $1 order by d.id",
        &[Cell::Int(record)],
        |row| {
            documents.push((row.int(0)?, row.opt_int(1)?.unwrap_or_default()));
            Ok(())
        },
    )?;
    let mut lines = Vec::new();
    for (document, account) in documents {
        let span = [Cell::Int(line_id(document, 0)), Cell::Int(line_id(document + 1, 0))];
        loader.query(
            "select id, day, kind, order_minor, settled_minor, fee_minor from settlement_line \
             where id >= $1 and id < $2",
            &span,
            |row| {
                let entry = post_settlement(SettlementAmounts {
                    kind: settlement_kind(row.int(2)?).unwrap_or(SettlementKind::Payment),
                    currency: Currency::CNY,
                    order_minor: row.int(3)?,
                    settled_minor: row.int(4)?,
                    fee_minor: row.int(5)?,
                });
                let (id, day) = (row.int(0)?, row.int(1)? as i32);
                lines.push((account, Line { id, day, entry, is_trade: true }));
                Ok(())
            },
        )?;
        loader.query(
            "select id, day, kind, amount_minor, fee_minor from balance_transaction \
             where id >= $1 and id < $2",
            &span,
            |row| {
                let kind = BalanceKind::from_number(row.int(2)?).unwrap_or(BalanceKind::Unknown);
                let entry = post_balance(kind, row.int(3)?, row.int(4)?, Currency::CNY);
                let (id, day) = (row.int(0)?, row.int(1)? as i32);
                lines.push((account, Line { id, day, entry, is_trade: false }));
                Ok(())
            },
        )?;
    }
    Ok(lines)
}

/// True for a record that the acquirer's file stands for.
///
/// # Errors
/// The database's.
pub(super) fn is_paired(db: &mut dyn crate::decisions::Asks, record: i64) -> Result<bool, Error> {
    let sql = "select count(*) from slip_pair where record_id = $1";
    Ok(super::kept::sum(db, sql, &[Cell::Int(record)])? > 0)
}

/// Rows of acquirers by the shop's order that their slips name.
///
/// # Errors
/// The database's.
pub(crate) fn rows_by_order(
    reader: &mut store::bulk::Reader,
    wanted: &HashSet<&str>,
) -> Result<HashMap<i64, String>, Error> {
    let mut found = HashMap::new();
    reader.query(
        "select p.line_id, t.order_id from slip_pair p join till_record t on t.id = p.record_id \
         where p.line_id is not null and t.order_id <> ''",
        &[],
        |row| {
            let order = row.text(1)?;
            if let (Some(line), true) = (row.opt_int(0)?, wanted.contains(order)) {
                found.insert(line, order.to_owned());
            }
            Ok(())
        },
    )?;
    Ok(found)
}
