//! Reading a table by a mapping: finds the header, converts each row, closes with the checks.

use super::balance::RunningBalance;
use super::convert::{Plan, clean};
use super::mapping::{AccountSource, Field, Mapping, normal};
use super::settled;
use crate::bill::{Closing, Fact, FileProblem, Row, Sink, TableTarget};
use csv::StringRecord;
use domain::BusinessDate;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

/// The header of a real table is within its first lines.
pub(crate) const HEADER_WITHIN: usize = 100;

/// The state of a reading.
pub(crate) struct Run<'m> {
    mapping: &'m Mapping,
    plan: Option<Plan<'m>>,
    records: usize,
    account_no: String,
    /// The best header so far: how many needed columns it lacks, and the first of them.
    nearest: Option<(usize, String)>,
    closing: Closing,
    balance: RunningBalance,
    balance_column: bool,
    days: Option<(BusinessDate, BusinessDate)>,
    one_account: Option<Option<String>>,
    skipped: i64,
    bad: i64,
    arrived: i64,
    left: i64,
    /// What the rows of each day come to, where they are read for what they moved.
    nets: BTreeMap<BusinessDate, i64>,
    last: (u32, usize),
}

impl<'m> Run<'m> {
    /// The mapping must pass [`Mapping::check`].
    pub(crate) fn new(mapping: &'m Mapping) -> Self {
        Self {
            mapping,
            plan: None,
            records: 0,
            account_no: String::new(),
            nearest: None,
            closing: Closing::default(),
            balance: RunningBalance::default(),
            balance_column: mapping.columns.values().any(|field| *field == Field::Balance),
            days: None,
            one_account: None,
            skipped: 0,
            bad: 0,
            arrived: 0,
            left: 0,
            nets: BTreeMap::new(),
            last: (0, 0),
        }
    }

    /// Takes the next record.
    pub(crate) fn record(
        &mut self,
        line_no: u32,
        record: &StringRecord,
        sink: Sink<'_>,
    ) -> Result<(), FileProblem> {
        self.last = (line_no, record.len());
        if self.plan.is_none() && !self.open(record)? {
            return Ok(());
        }
        let Some(plan) = &self.plan else { return Ok(()) };
        if plan.skips(record) {
            self.skipped += i64::from(record.iter().any(|cell| !clean(cell).is_empty()));
            return Ok(());
        }
        let settles = matches!(self.mapping.target, TableTarget::Settlements | TableTarget::Moves);
        let mut fact = plan.fact(record, &self.account_no);
        if settles && fact.is_ok() {
            let of_row = plan.account_of(record, &self.account_no);
            let one = self.one_account.get_or_insert_with(|| Some(of_row.clone()));
            if one.as_ref() != Some(&of_row) {
                fact = Err(plan.stranger(record, &of_row));
            }
        }
        self.note(line_no, fact.as_ref().ok());
        self.closing.rows_read += 1;
        match sink(Row { line_no, fact }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(FileProblem::Stopped),
        }
    }

    /// Looks for the header; true when `record` is already a row.
    fn open(&mut self, record: &StringRecord) -> Result<bool, FileProblem> {
        if self.mapping.header_line == 0 {
            let headers = (1..=record.len()).map(|at| format!("#{at}")).collect();
            return self.begin(headers).map(|()| true);
        }
        let headers: Vec<String> = record.iter().map(|cell| clean(cell).to_string()).collect();
        let (lacking, first) = lacking(self.mapping, &headers);
        if lacking == 0 {
            return self.begin(headers).map(|()| false);
        }
        if self.nearest.as_ref().is_none_or(|(fewest, _)| lacking < *fewest) {
            self.nearest = Some((lacking, first));
        }
        if let AccountSource::Above { label } = &self.mapping.account
            && let Some(found) = labelled(record, label)
        {
            self.account_no = found;
        }
        self.records += 1;
        if self.records >= HEADER_WITHIN { Err(self.no_header()) } else { Ok(false) }
    }

    fn begin(&mut self, headers: Vec<String>) -> Result<(), FileProblem> {
        let (lacking, column) = lacking(self.mapping, &headers);
        if lacking > 0 {
            return Err(FileProblem::MissingColumn { column });
        }
        let plan = Plan::new(self.mapping, headers);
        self.closing.unknown_columns = plan.unknown_columns();
        self.plan = Some(plan);
        Ok(())
    }

    fn no_header(&self) -> FileProblem {
        let column = self.nearest.as_ref().map(|(_, column)| column.clone()).unwrap_or_default();
        FileProblem::MissingColumn { column }
    }

    fn note(&mut self, line_no: u32, fact: Option<&Fact>) {
        let day = match fact {
            None => {
                self.bad += 1;
                self.balance.broken();
                return;
            }
            Some(Fact::Bank(line)) => {
                if self.balance_column {
                    self.balance.line(line_no, line);
                }
                let same = self.one_account.get_or_insert_with(|| Some(line.account_no.clone()));
                if same.as_ref().is_some_and(|account_no| *account_no != line.account_no) {
                    *same = None;
                }
                self.total(line.amount_minor);
                line.booked_on
            }
            Some(Fact::Order(order)) => {
                self.total(order.amount_minor);
                BusinessDate::of_ms(order.ordered_at_ms)
            }
            Some(Fact::Refund(refund)) => {
                self.total(-refund.amount_minor);
                BusinessDate::of_ms(refund.requested_at_ms)
            }
            Some(Fact::Settlement(line)) => {
                self.total(line.order_amount_minor);
                BusinessDate::of_ms(line.at_ms)
            }
            Some(Fact::Balance(row)) => {
                self.total(row.amount_minor);
                let day = BusinessDate::of_ms(row.at_ms);
                let net = self.nets.entry(day).or_default();
                *net = net.saturating_add(row.amount_minor);
                day
            }
        };
        self.days = Some(match self.days {
            None => (day, day),
            Some((from, to)) => (from.min(day), to.max(day)),
        });
    }

    fn total(&mut self, amount: i64) {
        if amount >= 0 {
            self.arrived = self.arrived.saturating_add(amount);
        } else {
            self.left = self.left.saturating_add(amount);
        }
    }

    /// What is known after the last record. The payments of days whose rows moved money stand
    /// behind it, one for each day.
    ///
    /// # Errors
    /// [`FileProblem::MissingColumn`] when no header was found, [`FileProblem::Truncated`] when
    /// the last line is cut.
    pub(crate) fn close(
        mut self,
        ends_with_newline: bool,
        sink: Sink<'_>,
    ) -> Result<Closing, FileProblem> {
        let Some(plan) = &self.plan else { return Err(self.no_header()) };
        let (line_no, cells) = self.last;
        if !ends_with_newline && cells < plan.headers.len() && self.closing.rows_read > 0 {
            return Err(FileProblem::Truncated { line_no: line_no.saturating_sub(1) });
        }
        let account_no = self.one_account.clone().flatten().unwrap_or_default();
        let paid = self.nets.iter().filter(|(_, net)| **net != 0);
        for (behind, (day, net)) in (1..).zip(paid) {
            self.closing.rows_read += 1;
            let fact = Ok(Fact::Balance(settled::payment(*day, &account_no, *net)));
            if sink(Row { line_no: line_no.saturating_add(behind), fact }).is_break() {
                return Err(FileProblem::Stopped);
            }
        }
        self.closing.days = self.days;
        if self.balance_column {
            let (checks, balances) = self.balance.close();
            self.closing.checks = checks;
            self.closing.balances = balances;
        }
        self.closing.account_no =
            self.one_account.flatten().filter(|account_no| !account_no.is_empty());
        self.closing.totals = vec![
            ("rows_bad".to_string(), self.bad),
            ("rows_skipped".to_string(), self.skipped),
            ("in".to_string(), self.arrived),
            ("out".to_string(), self.left),
        ];
        Ok(self.closing)
    }
}

/// How many needed columns `headers` lacks, and the name of the first.
fn lacking(mapping: &Mapping, headers: &[String]) -> (usize, String) {
    let present: HashMap<String, ()> = headers.iter().map(|name| (normal(name), ())).collect();
    let mut count = 0;
    let mut first = String::new();
    for group in Field::needed(mapping.target, &mapping.amount) {
        let mut mapped = mapping.columns.iter().filter(|(_, field)| group.contains(field));
        if !mapped.clone().any(|(name, _)| present.contains_key(&normal(name))) {
            if count == 0 {
                first = mapped.next().map(|(name, _)| name.clone()).unwrap_or_default();
            }
            count += 1;
        }
    }
    (count, first)
}

/// The value behind a label above the header: in the same cell or the next filled one.
fn labelled(record: &StringRecord, label: &str) -> Option<String> {
    let mut cells = record.iter().map(clean);
    while let Some(cell) = cells.next() {
        let Some(at) = cell.find(label) else { continue };
        let number = |c: char| c.is_ascii_alphanumeric() || "*-".contains(c);
        // `账号：[一卡通6225…]`: the first run of characters that can be a number.
        let runs = cell[at + label.len()..].split(|c| !number(c));
        let long =
            |run: &&str| run.bytes().filter(|b| b.is_ascii_digit() || *b == b'*').count() > 3;
        if let Some(own) = runs.into_iter().find(long) {
            return Some(own.to_string());
        }
        return cells.find(|cell| !cell.is_empty()).map(str::to_string);
    }
    None
}
