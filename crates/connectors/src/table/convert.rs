//! One record of a table to one fact, by a mapping.

use super::amounts;
use super::dates::{Moment, Pattern, YEAR_FIRST, time_of_day};
use super::mapping::{AccountSource, AmountStyle, Field, Mapping, normal};
use crate::bill::{Fact, RowProblem, TableTarget};
use crate::table::text::shown;
use csv::StringRecord;
use domain::{BankLine, Channel, Currency, Order, OrderStatus, SettlementKind, ShopRefund};
use std::collections::HashMap;

/// What is wrong with one cell; becomes a [`RowProblem`].
pub(crate) struct CellProblem {
    code: &'static str,
    column: String,
    value: String,
}

pub(super) type Cell<T> = Result<T, CellProblem>;

/// A mapping fitted to the headers of one table.
pub(crate) struct Plan<'m> {
    pub(super) mapping: &'m Mapping,
    /// Headers as printed, repeated ones numbered.
    pub(crate) headers: Vec<String>,
    /// Columns of each field, in the table's order.
    columns: Vec<Vec<usize>>,
    extra: Vec<usize>,
    skip_if_empty: Vec<usize>,
    patterns: Vec<Pattern>,
    currency: Currency,
    status_words: HashMap<String, OrderStatus>,
    channel_words: HashMap<String, Option<Channel>>,
    pub(super) kind_words: HashMap<String, SettlementKind>,
    inward: Vec<String>,
    outward: Vec<String>,
    /// Highest mapped column: a shorter record is cut off.
    last_mapped: usize,
}

impl<'m> Plan<'m> {
    /// `headers` are the cells of the header record, cleaned.
    pub(crate) fn new(mapping: &'m Mapping, headers: Vec<String>) -> Self {
        let wanted: HashMap<String, Field> =
            mapping.columns.iter().map(|(name, field)| (normal(name), *field)).collect();
        let empties: Vec<String> = mapping.skip.if_empty.iter().map(|name| normal(name)).collect();
        let mut columns = vec![Vec::new(); Field::COUNT];
        let (mut extra, mut skip_if_empty, mut seen) = (Vec::new(), Vec::new(), HashMap::new());
        for (at, header) in headers.iter().enumerate() {
            let name = normal(header);
            if empties.contains(&name) {
                skip_if_empty.push(at);
            }
            let times = seen.entry(name.clone()).or_insert(0u32);
            *times += 1;
            match wanted.get(&name) {
                // A second column of the same name is not the one that was mapped.
                Some(field) if *times == 1 => columns[*field as usize].push(at),
                _ => extra.push(at),
            }
        }
        let last_mapped = columns.iter().flatten().copied().max().unwrap_or(0);
        let patterns = match mapping.date_formats.as_slice() {
            [] => YEAR_FIRST.iter().filter_map(|pattern| Pattern::new(pattern)).collect(),
            own => own.iter().filter_map(|pattern| Pattern::new(pattern)).collect(),
        };
        let (inward, outward) = match &mapping.amount {
            AmountStyle::Direction { inward, outward } => (
                inward.iter().map(|word| normal(word)).collect(),
                outward.iter().map(|word| normal(word)).collect(),
            ),
            _ => (Vec::new(), Vec::new()),
        };
        Self {
            mapping,
            headers,
            columns,
            extra,
            skip_if_empty,
            patterns,
            currency: Currency::from_code(&mapping.currency).unwrap_or(Currency::CNY),
            status_words: mapping.status_words.iter().map(|(w, s)| (normal(w), *s)).collect(),
            channel_words: mapping.channel_words.iter().map(|(w, c)| (normal(w), *c)).collect(),
            kind_words: mapping.kind_words.iter().map(|(w, k)| (normal(w), *k)).collect(),
            inward,
            outward,
            last_mapped,
        }
    }

    /// Headers no field is mapped to.
    pub(crate) fn unknown_columns(&self) -> Vec<String> {
        self.extra.iter().map(|at| self.headers[*at].clone()).filter(|h| !h.is_empty()).collect()
    }

    /// True for blank rows, footers and rows the mapping says are no facts.
    pub(crate) fn skips(&self, record: &StringRecord) -> bool {
        let Some(first) = record.iter().map(clean).find(|cell| !cell.is_empty()) else {
            return true;
        };
        let footer = |word: &String| match first.strip_prefix(word.as_str()) {
            None => false,
            // `Totalenergies` is a name, `Total:` and `合计金额` are footers.
            Some(rest) => {
                !word.is_ascii() || !rest.starts_with(|c: char| c.is_ascii_alphanumeric())
            }
        };
        self.mapping.skip.starts_with.iter().any(footer)
            || self.skip_if_empty.iter().any(|at| clean(record.get(*at).unwrap_or("")).is_empty())
    }

    /// The fact in a record.
    ///
    /// `account_no` is what was found above the header.
    pub(crate) fn fact(&self, record: &StringRecord, account_no: &str) -> Result<Fact, RowProblem> {
        let fact = self.check_width(record).and_then(|()| match self.mapping.target {
            TableTarget::Bank => self.bank(record, account_no).map(Fact::Bank),
            TableTarget::Orders => self.order(record).map(Fact::Order),
            TableTarget::Refunds => self.refund(record).map(Fact::Refund),
            TableTarget::Settlements => {
                self.settled(record, account_no).map(|row| Fact::Settlement(row.line()))
            }
            TableTarget::Moves => {
                self.settled(record, account_no).map(|row| Fact::Balance(row.moved()))
            }
        });
        fact.map_err(|problem| self.said(problem, record))
    }

    /// A shifted row must not be read: an unquoted comma moves every later cell.
    fn check_width(&self, record: &StringRecord) -> Cell<()> {
        let surplus = record.iter().skip(self.headers.len()).find(|cell| !clean(cell).is_empty());
        let problem = |code, value: String| {
            Err(CellProblem { code, column: self.headers.len().to_string(), value })
        };
        if surplus.is_some() {
            return problem("too_many_columns", record.len().to_string());
        }
        if record.len() <= self.last_mapped {
            return problem("too_few_columns", record.len().to_string());
        }
        Ok(())
    }

    fn bank(&self, record: &StringRecord, account_no: &str) -> Cell<BankLine> {
        let currency = self.currency_of(record)?;
        let booked = self
            .moment(record, Field::BookedOn)?
            .ok_or_else(|| self.problem("missing_value", Field::BookedOn, ""))?;
        let time = self.first(record, Field::BookedTime);
        let booked = match (booked.time_ms, time) {
            (None, time) if !time.is_empty() => {
                let time_ms = match time_of_day(time) {
                    Some(time_ms) => time_ms,
                    // Some banks repeat the day in the time column.
                    None => self
                        .parse_moment(time)
                        .and_then(|moment| moment.time_ms)
                        .ok_or_else(|| self.problem("bad_time", Field::BookedTime, time))?,
                };
                Moment { time_ms: Some(time_ms), ..booked }
            }
            _ => booked,
        };
        Ok(BankLine {
            account_no: self.account(record, account_no)?,
            booked_on: booked.day,
            booked_at_ms: booked.time_ms.map(|_| booked.at_ms(self.mapping.utc_offset_minutes)),
            currency,
            amount_minor: self.signed_amount(record, currency)?,
            balance_after_minor: self.amount(record, Field::Balance, currency)?,
            bank_ref: self.number_text(record, Field::BankRef)?,
            counterparty: self.text(record, Field::Counterparty),
            memo: self.text(record, Field::Memo),
            extra: self.extra(record),
        })
    }

    fn order(&self, record: &StringRecord) -> Cell<Order> {
        let currency = self.currency_of(record)?;
        let paid_at_ms = self.at_ms(record, Field::PaidAt)?;
        let ordered_at_ms = match self.at_ms(record, Field::OrderedAt)? {
            Some(at) => at,
            // A shop that prints only the paid time: an order is made when it is paid.
            None if self.columns[Field::OrderedAt as usize].is_empty() => {
                paid_at_ms.ok_or_else(|| self.problem("missing_value", Field::PaidAt, ""))?
            }
            None => return Err(self.problem("missing_value", Field::OrderedAt, "")),
        };
        let status_text = self.text(record, Field::Status);
        let status = match self.status_words.get(&normal(&status_text)) {
            Some(status) => *status,
            None if !self.columns[Field::Status as usize].is_empty() => OrderStatus::Unknown,
            // Without a status column the paid time is all the table says.
            None if paid_at_ms.is_some() => OrderStatus::Paid,
            None => OrderStatus::Unknown,
        };
        let channel = self.channel_words.get(&normal(self.first(record, Field::Channel)));
        let mut extra = self.extra(record);
        if channel.is_none_or(Option::is_none) {
            // The word is all that says how it was paid: keep it.
            self.keep(record, Field::Channel, &mut extra);
        }
        Ok(Order {
            merchant_order_id: self.needed_text(record, Field::OrderId)?,
            ordered_at_ms,
            paid_at_ms,
            closed_at_ms: self.at_ms(record, Field::ClosedAt)?,
            status,
            status_text,
            currency,
            amount_minor: self.unsigned_amount(record, currency)?,
            channel: channel.copied().flatten(),
            goods: self.text(record, Field::Goods),
            buyer: self.text(record, Field::Buyer),
            extra,
        })
    }

    fn refund(&self, record: &StringRecord) -> Cell<ShopRefund> {
        let currency = self.currency_of(record)?;
        Ok(ShopRefund {
            merchant_refund_id: self.needed_text(record, Field::RefundId)?,
            merchant_order_id: self.needed_text(record, Field::OrderId)?,
            requested_at_ms: self
                .at_ms(record, Field::RequestedAt)?
                .ok_or_else(|| self.problem("missing_value", Field::RequestedAt, ""))?,
            currency,
            amount_minor: self.unsigned_amount(record, currency)?,
            status_text: self.text(record, Field::Status),
            extra: self.extra(record),
        })
    }

    /// The merchant's own number, from where the mapping says it stands.
    pub(super) fn account(&self, record: &StringRecord, above: &str) -> Cell<String> {
        match &self.mapping.account {
            AccountSource::Constant { account_no } => Ok(account_no.clone()),
            AccountSource::Above { .. } => Ok(above.to_string()),
            AccountSource::Column => self.number_text(record, Field::AccountNo),
        }
    }

    /// The same for a row that was read before.
    pub(crate) fn account_of(&self, record: &StringRecord, above: &str) -> String {
        self.account(record, above).unwrap_or_default()
    }

    /// What is said of a row of another account than the rows before it.
    pub(crate) fn stranger(&self, record: &StringRecord, account_no: &str) -> RowProblem {
        self.said(self.problem("other_account", Field::AccountNo, account_no), record)
    }

    fn said(&self, problem: CellProblem, record: &StringRecord) -> RowProblem {
        RowProblem {
            code: problem.code,
            detail: shown(&format!("{}: {}", problem.column, problem.value), 200),
            raw: raw(record),
        }
    }

    /// True when the table has a column of the field.
    pub(super) fn has(&self, field: Field) -> bool {
        !self.columns[field as usize].is_empty()
    }

    /// Which way the money went, and how much.
    fn signed_amount(&self, record: &StringRecord, currency: Currency) -> Cell<i64> {
        let whole = || {
            self.amount(record, Field::Amount, currency)?
                .ok_or_else(|| self.problem("missing_value", Field::Amount, ""))
        };
        match &self.mapping.amount {
            AmountStyle::Signed => whole(),
            AmountStyle::SignedReversed => Ok(-whole()?),
            AmountStyle::Direction { .. } => {
                let word = self.first(record, Field::Direction);
                let normal_word = normal(word);
                if self.inward.contains(&normal_word) {
                    whole()
                } else if self.outward.contains(&normal_word) {
                    // Some banks print the word and the minus sign as well.
                    whole().map(|amount| -amount.abs())
                } else {
                    Err(self.problem("unknown_direction", Field::Direction, word))
                }
            }
            AmountStyle::DebitCredit { debit_is_negative } => {
                let debit = self.amount(record, Field::Debit, currency)?.filter(|a| *a != 0);
                let credit = self.amount(record, Field::Credit, currency)?.filter(|a| *a != 0);
                match (debit, credit) {
                    (Some(left), None) => Ok(if *debit_is_negative { left } else { -left }),
                    (None, Some(arrived)) => Ok(arrived),
                    (None, None) if self.both_blank(record) => {
                        Err(self.problem("missing_value", Field::Debit, ""))
                    }
                    (None, None) => Ok(0),
                    (Some(_), Some(_)) => {
                        let value = self.first(record, Field::Debit);
                        Err(self.problem("two_amounts", Field::Debit, value))
                    }
                }
            }
        }
    }

    fn both_blank(&self, record: &StringRecord) -> bool {
        self.first(record, Field::Debit).is_empty() && self.first(record, Field::Credit).is_empty()
    }

    fn unsigned_amount(&self, record: &StringRecord, currency: Currency) -> Cell<i64> {
        let amount = self
            .amount(record, Field::Amount, currency)?
            .ok_or_else(|| self.problem("missing_value", Field::Amount, ""))?;
        if amount >= 0 {
            return Ok(amount);
        }
        // Refund lists print what left with a minus sign; an order is never negative.
        match (self.mapping.target, &self.mapping.amount) {
            (TableTarget::Refunds, AmountStyle::SignedReversed) => Ok(-amount),
            _ => {
                let value = self.first(record, Field::Amount);
                Err(self.problem("negative_amount", Field::Amount, value))
            }
        }
    }

    pub(super) fn amount(
        &self,
        record: &StringRecord,
        field: Field,
        currency: Currency,
    ) -> Cell<Option<i64>> {
        let text = self.first(record, field);
        if text.is_empty() || matches!(text, "-" | "--" | "—") {
            return Ok(None);
        }
        match amounts::parse(text, &self.mapping.number, currency) {
            Ok(minor) => Ok(Some(minor)),
            Err(domain::MoneyError::TooPrecise(_)) => Err(self.problem("too_precise", field, text)),
            Err(_) => Err(self.problem("bad_amount", field, text)),
        }
    }

    pub(super) fn currency_of(&self, record: &StringRecord) -> Cell<Currency> {
        match self.first(record, Field::Currency) {
            "" => Ok(self.currency),
            "CNY" => Ok(Currency::CNY),
            text => amounts::currency(text)
                .ok_or_else(|| self.problem("bad_currency", Field::Currency, text)),
        }
    }

    pub(super) fn at_ms(&self, record: &StringRecord, field: Field) -> Cell<Option<i64>> {
        let moment = self.moment(record, field)?;
        Ok(moment.map(|moment| moment.at_ms(self.mapping.utc_offset_minutes)))
    }

    fn moment(&self, record: &StringRecord, field: Field) -> Cell<Option<Moment>> {
        let text = self.first(record, field);
        if text.is_empty() || matches!(text, "-" | "--" | "0000-00-00 00:00:00") {
            return Ok(None);
        }
        match self.parse_moment(text) {
            Some(moment) => Ok(Some(moment)),
            None => Err(self.problem("bad_time", field, text)),
        }
    }

    fn parse_moment(&self, text: &str) -> Option<Moment> {
        // Nearly every row of every table; the patterns below would come to the same.
        let fixed = text.len() == 19 && text.as_bytes()[4] == b'-';
        if fixed
            && self.mapping.date_formats.is_empty()
            && let Some(at_ms) = domain::parse_channel_time(text)
        {
            let day = domain::BusinessDate::of_ms(at_ms);
            let time_ms = Some(at_ms - day.start_ms());
            return Some(Moment { day, time_ms, offset_minutes: None });
        }
        self.patterns.iter().find_map(|pattern| pattern.parse(text))
    }

    /// First filled cell of a field, cleaned; empty when there is none.
    pub(super) fn first<'r>(&self, record: &'r StringRecord, field: Field) -> &'r str {
        let cells =
            self.columns[field as usize].iter().map(|at| clean(record.get(*at).unwrap_or("")));
        cells.into_iter().find(|cell| !cell.is_empty()).unwrap_or("")
    }

    /// All filled cells of a field, joined by a space.
    pub(super) fn text(&self, record: &StringRecord, field: Field) -> String {
        let mut text = String::new();
        for at in &self.columns[field as usize] {
            let cell = clean(record.get(*at).unwrap_or(""));
            if !cell.is_empty() {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(cell);
            }
        }
        text
    }

    pub(super) fn needed_text(&self, record: &StringRecord, field: Field) -> Cell<String> {
        let text = self.number_text(record, field)?;
        if text.is_empty() {
            return Err(self.problem("missing_value", field, ""));
        }
        Ok(text)
    }

    /// A number that identifies something; refused when a workbook has dropped its last digits.
    pub(super) fn number_text(&self, record: &StringRecord, field: Field) -> Cell<String> {
        let text = self.first(record, field);
        if text.starts_with(super::xlsx::LOST_DIGITS) {
            return Err(self.problem("number_lost_digits", field, text));
        }
        Ok(text.to_string())
    }

    pub(super) fn extra(&self, record: &StringRecord) -> Vec<(String, String)> {
        let cell = |at: usize| clean(record.get(at).unwrap_or(""));
        self.extra
            .iter()
            .filter(|at| !cell(**at).is_empty())
            .map(|at| (self.headers[*at].clone(), cell(*at).to_string()))
            .collect()
    }

    fn keep(&self, record: &StringRecord, field: Field, extra: &mut Vec<(String, String)>) {
        for at in &self.columns[field as usize] {
            let cell = clean(record.get(*at).unwrap_or(""));
            if !cell.is_empty() {
                extra.push((self.headers[*at].clone(), cell.to_string()));
            }
        }
    }

    pub(super) fn problem(&self, code: &'static str, field: Field, value: &str) -> CellProblem {
        let column = self.columns[field as usize].first();
        let column = column.map_or_else(|| format!("{field:?}"), |at| self.headers[*at].clone());
        CellProblem { code, column, value: value.chars().take(200).collect() }
    }
}

/// A cell without what exporters wrap around it: spaces, tabs, `="…"`, a leading apostrophe or
/// back-tick before a number.
pub(crate) fn clean(cell: &str) -> &str {
    let bytes = cell.as_bytes();
    let plain = match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => {
            first.is_ascii_graphic() && last.is_ascii_graphic() && !b"='`".contains(first)
        }
        _ => return "",
    };
    if plain {
        return cell;
    }
    let edge = |c: char| c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}');
    let cell = cell.trim_matches(edge);
    if let Some(inner) = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return inner.trim_matches(edge);
    }
    match cell.strip_prefix(['\'', '`']) {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => cell,
    }
}

/// The record as one CSV line, at most 4 000 characters.
fn raw(record: &StringRecord) -> String {
    let mut line = String::new();
    for (at, cell) in record.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
        if line.len() > 16_000 {
            break;
        }
    }
    line.chars().take(4_000).collect()
}
