//! The ledger as people read it: trial balance, and every entry as an hledger journal.

use crate::error::Error;
use domain::ledger::{LedgerEntry, Scope, post_balance, post_bank, post_settlement};
use domain::ledger::{RULE_BOOK_VERSION, SettlementAmounts};
use domain::money::minor_to_major;
use domain::{BalanceKind, BankLine, BusinessDate, Channel, Currency};
use serde::Serialize;
use std::collections::HashMap;
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
    rows.sort_by(|a, b| (&a.account, &a.currency).cmp(&(&b.account, &b.currency)));
    Ok(rows)
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
/// Entries of the trade bills come first, then fund bills, then bank lines, each by day; hledger
/// sorts by date itself. Each names the line that caused it.
///
/// # Errors
/// The database's; [`Error::File`] when `out` cannot be written.
pub fn write_journal(reader: &mut Reader, out: &mut dyn Write) -> Result<u64, Error> {
    let scopes = scopes(reader)?;
    let mut journal = Journal { out, scopes: &scopes, entries: 0, failure: None };
    journal.line(&format!("; Suanpan journal, rule book {RULE_BOOK_VERSION}"));
    journal.line("commodity 1000.00 CNY");
    reader.query(
        "select id, day, payment_id, kind, currency, order_minor, settled_minor, fee_minor \
         from settlement_line l \
         where not exists (select 1 from superseded s where s.line_id = l.id) order by day, id",
        &[],
        |row| journal.settlement(row),
    )?;
    reader.query(
        "select id, day, channel_ref, kind, amount_minor, kind_text from balance_transaction l \
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
        let entry = post_balance(kind, row.int(4)?, Currency::CNY);
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

fn currency(code: &str) -> Currency {
    Currency::from_code(code).unwrap_or(Currency::CNY)
}
