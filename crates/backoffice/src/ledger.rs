//! The ledger as people read it: trial balance, and every entry as an hledger journal.

use crate::decisions::{Correction, corrections};
use crate::error::Error;
use crate::own_chart::OwnChart;
use domain::ledger::{LedgerEntry, Role, Scope, post_balance, post_bank, post_settlement};
use domain::ledger::{RULE_BOOK_VERSION, SettlementAmounts};
use domain::money::minor_to_major;
use domain::{BalanceKind, BankLine, BusinessDate, Channel, Currency};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use store::bulk::{Cell, Reader, RowView};
use store::pack::{settlement_kind, split_line_id};

/// One account of the trial balance.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct AccountBalance {
    /// Account name.
    pub account: String,
    /// Currency.
    pub currency: String,
    /// Sum of debits.
    pub debit_minor: i64,
    /// Sum of credits.
    pub credit_minor: i64,
    /// Debits less credits.
    pub balance_minor: i64,
    /// Number of postings.
    pub postings: i64,
}

/// Every account with its debits and credits up to and with `until_day` (all days without one),
/// by name.
///
/// # Errors
/// The database's.
pub fn trial_balance(
    reader: &mut Reader,
    until_day: Option<i32>,
) -> Result<Vec<AccountBalance>, Error> {
    let mut rows = Vec::new();
    reader.query(
        "select a.code, d.currency, cast(sum(d.debit_minor) as bigint), \
         cast(sum(d.credit_minor) as bigint), cast(sum(d.postings) as bigint) \
         from ledger_day d join ledger_account a on a.id = d.account_id where d.day <= $1 \
         group by a.code, d.currency order by a.code, d.currency",
        &[Cell::Int(until_day.map_or(i64::MAX, i64::from))],
        |row| {
            let (debit_minor, credit_minor) = (row.int(2)?, row.int(3)?);
            rows.push(AccountBalance {
                account: row.text(0)?.to_owned(),
                currency: row.text(1)?.to_owned(),
                debit_minor,
                credit_minor,
                balance_minor: debit_minor - credit_minor,
                postings: row.int(4)?,
            });
            Ok(())
        },
    )?;
    for opening in openings(reader)? {
        if until_day.is_none_or(|until| opening.day <= until) {
            let (currency, amount_minor) = (&opening.currency, opening.amount_minor);
            add_opening(&mut rows, &opening.account, currency, amount_minor);
            add_opening(&mut rows, OPENING_ACCOUNT, currency, -amount_minor);
        }
    }
    rows.sort_by(|a, b| (&a.account, &a.currency).cmp(&(&b.account, &b.currency)));
    Ok(rows)
}

/// The other side of what was on an account before the first file.
pub(crate) const OPENING_ACCOUNT: &str = "equity:opening_balances";

/// A balance that was there before the first row of an account.
pub(crate) struct Opening {
    pub account: String,
    pub day: i32,
    pub currency: String,
    pub amount_minor: i64,
    /// The bank's document, where it is one that says so.
    pub document: Option<i64>,
    /// Book id of the channel account.
    pub account_id: i64,
}

/// What the earliest bills and statements show as their opening balance. Derived on each question:
/// an earlier file imported later moves it, whatever came first.
pub(crate) fn openings(reader: &mut Reader) -> Result<Vec<Opening>, Error> {
    let mut openings = Vec::new();
    reader.query(
        "select a.channel, a.account_no, a.fund_account, s.day, s.opening_minor, a.id, \
         cast(null as bigint), a.currency \
         from account_state s join channel_account a on a.id = s.account_id \
         where s.day = (select min(f.day) from account_state f \
         where f.account_id = s.account_id) and s.opening_minor <> 0 order by a.id",
        &[],
        |row| openings_row(row, &mut openings),
    )?;
    reader.query(
        "select a.channel, a.account_no, a.fund_account, d.from_day, b.opening_minor, a.id, d.id, \
         b.currency from document d join channel_account a on a.id = d.account_id \
         join document_balance b on b.document_id = d.id \
         where d.stream = 'bank' order by d.from_day, d.id, b.currency",
        &[],
        |row| openings_row(row, &mut openings),
    )?;
    // Of several statements of a bank account, the first one's opening is the account's, in each
    // of its currencies.
    let mut seen = std::collections::HashSet::new();
    openings.retain(|opening| seen.insert((opening.account.clone(), opening.currency.clone())));
    for opening in openings.iter_mut().filter(|opening| opening.document.is_some()) {
        opening.amount_minor -= moved_before(reader, opening)?;
    }
    openings.retain(|opening| opening.amount_minor != 0);
    Ok(openings)
}

/// What lines of files that show no balance moved before the first statement that shows one: they
/// are in its opening balance.
fn moved_before(reader: &mut Reader, opening: &Opening) -> Result<i64, Error> {
    let mut moved = 0;
    reader.query(
        "select cast(coalesce(sum(b.amount_minor), 0) as bigint) from bank_line b \
         join document d on d.id = b.id / 4294967296 \
         where b.day < $1 and d.account_id = $2 and b.currency = $3",
        &[
            Cell::Int(i64::from(opening.day)),
            Cell::Int(opening.account_id),
            Cell::Text(&opening.currency),
        ],
        |row| {
            moved = row.int(0)?;
            Ok(())
        },
    )?;
    Ok(moved)
}

fn openings_row(row: &RowView<'_>, openings: &mut Vec<Opening>) -> Result<(), store::StoreError> {
    let Some(channel) = Channel::from_code(row.text(0)?) else { return Ok(()) };
    let account_no = row.text(1)?.to_owned();
    let scope = Scope { channel, account_no, fund_account: row.text(2)?.to_owned() };
    let role = if channel == Channel::Bank { Role::Bank } else { Role::Balance };
    openings.push(Opening {
        account: scope.account(role),
        day: row.opt_int(3)?.unwrap_or(0) as i32,
        amount_minor: row.int(4)?,
        account_id: row.int(5)?,
        document: row.opt_int(6)?,
        currency: row.text(7)?.to_owned(),
    });
    Ok(())
}

fn add_opening(rows: &mut Vec<AccountBalance>, account: &str, currency: &str, amount_minor: i64) {
    let (debit, credit) = (amount_minor.max(0), (-amount_minor).max(0));
    let known = rows.iter_mut().find(|row| row.account == account && row.currency == currency);
    let row = match known {
        Some(row) => row,
        None => {
            rows.push(AccountBalance {
                account: account.to_owned(),
                currency: currency.to_owned(),
                debit_minor: 0,
                credit_minor: 0,
                balance_minor: 0,
                postings: 0,
            });
            let last = rows.len() - 1;
            &mut rows[last]
        }
    };
    row.debit_minor += debit;
    row.credit_minor += credit;
    row.balance_minor += amount_minor;
    row.postings += 1;
}

/// The accounts of documents, by document id.
pub(crate) fn scopes(reader: &mut Reader) -> Result<HashMap<i64, Scope>, Error> {
    let mut scopes = HashMap::new();
    reader.query(
        "select d.id, a.channel, a.account_no, a.fund_account from document d \
         join channel_account a on a.id = d.account_id",
        &[],
        |row| {
            if let Some(channel) = Channel::from_code(row.text(1)?) {
                let account_no = row.text(2)?.to_owned();
                let fund_account = row.text(3)?.to_owned();
                scopes.insert(row.int(0)?, Scope { channel, account_no, fund_account });
            }
            Ok(())
        },
    )?;
    Ok(scopes)
}

/// Writes every entry of the book as an hledger journal; returns how many.
///
/// Entries of the trade bills come first, then fund bills, then bank lines, then what decisions
/// correct, each by day; hledger sorts by date itself. Each names the line or decision that caused
/// it. Where the shop has a chart of its own, each account is declared with its number there.
///
/// # Errors
/// The database's; [`Error::File`] when `out` cannot be written.
pub fn write_journal(reader: &mut Reader, out: &mut dyn Write) -> Result<u64, Error> {
    let scopes = scopes(reader)?;
    let openings = openings(reader)?;
    let currencies = crate::reports::currencies(reader)?;
    let chart = OwnChart::of_book(reader)?;
    let accounts = if chart.is_empty() { Vec::new() } else { trial_balance(reader, None)? };
    let accounts: BTreeSet<String> = accounts.into_iter().map(|row| row.account).collect();
    let mut journal = Journal { out, scopes: &scopes, entries: 0, failure: None };
    journal.line(&format!("; Suanpan journal, rule book {RULE_BOOK_VERSION}"));
    for code in &currencies {
        let thousand = match currency(code).decimals() {
            // hledger wants the decimal mark even where nothing follows it.
            0 => "1000.".to_owned(),
            decimals => minor_to_major(1_000 * 10_i64.pow(decimals), decimals),
        };
        journal.line(&format!("commodity {thousand} {code}"));
    }
    for account in accounts {
        let own = chart.of(&account).map(|own| format!("  ; code:{}, {}", own.code, own.name));
        journal.line(&format!("account {account}{}", own.unwrap_or_default()));
    }
    for Opening { account, day, currency: code, amount_minor, .. } in openings {
        let date = BusinessDate::from_days(day);
        let amount = minor_to_major(amount_minor, currency(&code).decimals());
        journal.line(&format!("\n{date} * opening balance"));
        journal.line(&format!("    {account}  {amount} {code}"));
        journal.line(&format!("    {OPENING_ACCOUNT}"));
        journal.entries += 1;
    }
    reader.query(
        "select id, day, payment_id, kind, currency, order_minor, settled_minor, fee_minor \
         from settlement_line l \
         where not exists (select 1 from superseded s where s.line_id = l.id) order by day, id",
        &[],
        |row| journal.settlement(row),
    )?;
    reader.query(
        "select id, day, channel_ref, kind, amount_minor, kind_text, fee_minor \
         from balance_transaction l \
         where not exists (select 1 from superseded s where s.line_id = l.id) order by day, id",
        &[],
        |row| journal.balance(row),
    )?;
    reader.query(
        "select id, day, bank_ref, currency, amount_minor, counterparty, memo from bank_line l \
         order by day, id",
        &[],
        |row| journal.bank(row),
    )?;
    for entry in corrections::stored(reader)? {
        journal.correction(&entry);
    }
    match journal.failure {
        None => Ok(journal.entries),
        Some(source) => Err(Error::File { path: "journal".to_owned(), source }),
    }
}

struct Journal<'a> {
    out: &'a mut dyn Write,
    scopes: &'a HashMap<i64, Scope>,
    entries: u64,
    failure: Option<std::io::Error>,
}

impl Journal<'_> {
    fn line(&mut self, text: &str) {
        if self.failure.is_none() {
            self.failure = writeln!(self.out, "{text}").err();
        }
    }

    fn correction(&mut self, entry: &Correction) {
        let date = BusinessDate::from_days(entry.day);
        let line = entry.line_id.map(split_line_id);
        let line = line.map(|(document, line)| format!(", document:{document}, line:{line}"));
        let cause = match entry.decision_id {
            0 => "met".to_owned(),
            decision => format!("decision:{decision}"),
        };
        let cause = format!("{cause}{}", line.unwrap_or_default());
        self.entries += 1;
        self.line(&format!("\n{date} * correcting entry  ; {cause}"));
        let decimals = currency(&entry.currency).decimals();
        let amount = minor_to_major(entry.amount_minor, decimals);
        self.line(&format!("    {}  {amount} {}", entry.debit, entry.currency));
        self.line(&format!("    {}  -{amount} {}", entry.credit, entry.currency));
    }

    fn settlement(&mut self, row: &RowView<'_>) -> Result<(), store::StoreError> {
        let currency = currency(row.text(4)?);
        let kind = settlement_kind(row.int(3)?).unwrap_or(domain::SettlementKind::Payment);
        let entry = post_settlement(SettlementAmounts {
            kind,
            currency,
            order_minor: row.int(5)?,
            settled_minor: row.int(6)?,
            fee_minor: row.int(7)?,
        });
        self.entry(row, &entry, row.text(2)?)
    }

    fn balance(&mut self, row: &RowView<'_>) -> Result<(), store::StoreError> {
        let kind = BalanceKind::from_number(row.int(3)?).unwrap_or(BalanceKind::Unknown);
        let scope = self.scopes.get(&split_line_id(row.int(0)?).0);
        let currency = scope.map_or(Currency::CNY, Scope::currency);
        let entry = post_balance(kind, row.int(4)?, row.int(6)?, currency);
        let text = format!("{} {}", row.text(5)?, row.text(2)?);
        self.entry(row, &entry, &text)
    }

    fn bank(&mut self, row: &RowView<'_>) -> Result<(), store::StoreError> {
        let line = BankLine {
            account_no: String::new(),
            booked_on: BusinessDate::from_days(row.int(1)? as i32),
            booked_at_ms: None,
            currency: currency(row.text(3)?),
            amount_minor: row.int(4)?,
            balance_after_minor: None,
            bank_ref: String::new(),
            counterparty: row.text(5)?.to_owned(),
            memo: row.text(6)?.to_owned(),
            extra: Vec::new(),
        };
        let text = format!("{} {}", row.text(2)?, line.memo);
        self.entry(row, &post_bank(&line), &text)
    }

    fn entry(
        &mut self,
        row: &RowView<'_>,
        entry: &LedgerEntry,
        text: &str,
    ) -> Result<(), store::StoreError> {
        let (id, day) = (row.int(0)?, row.int(1)?);
        let (document, line_no) = split_line_id(id);
        let scopes = self.scopes;
        let Some(scope) = scopes.get(&document) else { return Ok(()) };
        if entry.legs().next().is_none() {
            return Ok(());
        }
        self.entries += 1;
        let date = BusinessDate::from_days(day as i32);
        let text = description(text);
        self.line(&format!("\n{date} * {text}  ; document:{document}, line:{line_no}"));
        let decimals = entry.currency.decimals();
        for leg in entry.legs() {
            let amount = minor_to_major(leg.amount_minor, decimals);
            self.line(&format!("    {}  {} {}", leg.account(scope), amount, entry.currency));
        }
        Ok(())
    }
}

/// A description that cannot end the line or begin a comment.
fn description(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() || c == ';' || c == '|' { ' ' } else { c })
        .take(120)
        .collect();
    clean.trim().to_owned()
}

pub(crate) fn currency(code: &str) -> Currency {
    Currency::from_code(code).unwrap_or(Currency::CNY)
}
