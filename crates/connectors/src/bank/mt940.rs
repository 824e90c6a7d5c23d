//! SWIFT MT940 customer statements.
//!
//! Source: SWIFT Standards, Category 9, MT 940 Customer Statement Message, field formats `:20:`
//! to `:86:`. Banks bend `:86:` at will: subfields `?20`… (the German habit) are read, anything
//! else is kept as free text.

use super::{FIELD_LIMIT, Mended, Said, Statements, joined, row_problem};
use crate::bill::{Closing, FileProblem, RowProblem, Sink};
use crate::table::text::{Decoded, TextEncoding, next_line};
use chrono::NaiveDate;
use domain::{BankLine, BusinessDate, Currency, money};
use std::io::BufRead;

/// Reads all messages of a file.
///
/// - One row per `:61:`, with the `:86:` that follows it.
/// - Booked on the entry date where there is one, else on the value date.
/// - Sign: credit arrived; a reversed debit (`RD`) arrived, a reversed credit (`RC`) left.
/// - Checks `closing_balance` (and `opening_balance` between statements of one account).
///
/// # Errors
/// [`FileProblem::Unknown`] when no statement begins, [`FileProblem::Truncated`] when the last
/// one has no closing balance, and the problems of the text.
pub fn read(reader: &mut dyn BufRead, sink: Sink<'_>) -> Result<Closing, FileProblem> {
    read_with(reader, &Mended::new(), sink)
}

/// As [`read`], with rows in a person's words.
///
/// # Errors
/// As [`read`].
pub fn read_with(
    reader: &mut dyn BufRead,
    mended: &Mended,
    sink: Sink<'_>,
) -> Result<Closing, FileProblem> {
    let mut text = Decoded::new(reader, TextEncoding::Auto)?;
    let mut state = State::new(Statements::new(sink, mended));
    let mut line_no = 0u32;
    while let Some(line) = next_line(&mut text)? {
        line_no = line_no.saturating_add(1);
        state.line(line_no, &line)?;
    }
    state.finish(line_no)
}

/// A `:61:` waiting for its `:86:`.
struct Entry {
    line_no: u32,
    line: Result<BankLine, RowProblem>,
    raw: String,
    details: String,
    /// A person gave the `:86:` too; the file's own is left out.
    whole: bool,
}

struct State<'s> {
    all: Statements<'s>,
    /// Tag, line and text of the field being gathered.
    field: Option<(String, u32, String)>,
    began: bool,
    open: bool,
    account_no: String,
    currency: Currency,
    opening: Option<i64>,
    sum: i64,
    entry: Option<Entry>,
}

impl<'s> State<'s> {
    fn new(all: Statements<'s>) -> Self {
        Self {
            all,
            field: None,
            began: false,
            open: false,
            account_no: String::new(),
            currency: Currency::CNY,
            opening: None,
            sum: 0,
            entry: None,
        }
    }

    fn line(&mut self, line_no: u32, line: &str) -> Result<(), FileProblem> {
        // Envelope blocks may stand before the text block on the same line: `{4:` begins it.
        let line = match line.find("{4:") {
            Some(at) if line.starts_with('{') => &line[at + 3..],
            _ => line,
        };
        if line == "-" || line.starts_with("-}") || line.starts_with('{') {
            return self.end_field();
        }
        if let Some((tag, value)) = tag(line) {
            self.end_field()?;
            self.field = Some((tag.to_string(), line_no, value.to_string()));
        } else if let Some((_, _, text)) = &mut self.field {
            if text.len() + line.len() > FIELD_LIMIT {
                let limit = FIELD_LIMIT as u64;
                return Err(FileProblem::TooLarge { what: "one field", limit });
            }
            text.push('\n');
            text.push_str(line);
        } else if !line.trim().is_empty() && !self.began {
            return Err(FileProblem::Unknown { hint: None });
        }
        Ok(())
    }

    fn end_field(&mut self) -> Result<(), FileProblem> {
        let Some((tag, line_no, text)) = self.field.take() else { return Ok(()) };
        if tag != "86" {
            self.end_entry()?;
        }
        match tag.as_str() {
            "20" => {
                self.began = true;
                if self.open {
                    return Err(FileProblem::Truncated { line_no: line_no.saturating_sub(1) });
                }
            }
            "25" | "25P" => self.account_no = account(&text),
            "60F" | "60M" => {
                // Dated on the day before or on the first day itself; only the closing balance
                // says for certain which day is covered.
                let (_, currency, minor) = balance(&text).ok_or_else(|| bad(&tag, line_no))?;
                self.began = true;
                self.open = true;
                self.currency = currency;
                self.opening = Some(minor);
                self.sum = 0;
            }
            "61" if self.open => self.begin_entry(line_no, text),
            "86" => {
                if let Some(entry) = self.entry.as_mut().filter(|entry| !entry.whole) {
                    if !entry.details.is_empty() {
                        entry.details.push('\n');
                    }
                    entry.details.push_str(&text);
                }
            }
            "62F" | "62M" if self.open => {
                let (day, _, minor) = balance(&text).ok_or_else(|| bad(&tag, line_no))?;
                self.all.day(day);
                let account_no = self.account_no.clone();
                let (currency, opening) = (self.currency, self.opening);
                let said = Said { currency, opening, closing: Some(minor) };
                self.all.statement(&account_no, said, self.sum, line_no);
                self.open = false;
            }
            "61" | "62F" | "62M" => return Err(bad(&tag, line_no)),
            _ => {}
        }
        Ok(())
    }

    fn begin_entry(&mut self, line_no: u32, text: String) {
        let line_no = self.all.place(line_no);
        let mended = self.all.mended(line_no).map(|text| text.trim_start_matches(":61:"));
        let (text, details) = match mended.map(|text| (text, text.split_once(":86:"))) {
            Some((_, Some((text, details)))) => (text.trim_end().to_string(), Some(details)),
            Some((text, None)) => (text.trim_end().to_string(), None),
            None => (text, None),
        };
        let line = self.entry_line(&text);
        if let Ok(line) = &line {
            self.sum = self.sum.saturating_add(line.amount_minor);
        }
        let (whole, details) = (details.is_some(), details.unwrap_or("").trim().to_string());
        self.entry = Some(Entry { line_no, line, raw: format!(":61:{text}"), details, whole });
    }

    fn entry_line(&self, text: &str) -> Result<BankLine, RowProblem> {
        let (first, supplement) = text.split_once('\n').unwrap_or((text, ""));
        let entry = parse_61(first, self.currency)
            .map_err(|code| row_problem(code, ":61:", first, &format!(":61:{text}")))?;
        let mut extra = vec![("transaction_type".to_string(), entry.kind.to_string())];
        let own = entry.customer_ref.trim();
        if !own.is_empty() && own != "NONREF" {
            extra.push(("customer_reference".to_string(), own.to_string()));
        }
        if entry.booked_on != entry.value_on {
            extra.push(("value_date".to_string(), entry.value_on.to_string()));
        }
        if !supplement.trim().is_empty() {
            extra.push(("supplementary_details".to_string(), supplement.replace('\n', " ")));
        }
        Ok(BankLine {
            account_no: self.account_no.clone(),
            booked_on: entry.booked_on,
            booked_at_ms: None,
            currency: self.currency,
            amount_minor: entry.amount_minor,
            balance_after_minor: None,
            // The bank's own number where it gives one; the customer's may repeat.
            bank_ref: entry.bank_ref.trim().to_string(),
            counterparty: String::new(),
            memo: supplement.replace('\n', " ").trim().to_string(),
            extra,
        })
    }

    fn end_entry(&mut self) -> Result<(), FileProblem> {
        let Some(mut entry) = self.entry.take() else { return Ok(()) };
        if let Ok(line) = &mut entry.line {
            apply_details(line, &entry.details);
        }
        if let (Err(problem), false) = (&mut entry.line, entry.details.is_empty()) {
            let raw = format!("{}\n:86:{}", entry.raw, entry.details);
            problem.raw = raw.chars().take(4_000).collect();
        }
        self.all.row(entry.line_no, entry.line)
    }

    fn finish(mut self, line_no: u32) -> Result<Closing, FileProblem> {
        self.end_field()?;
        self.end_entry()?;
        if !self.began {
            return Err(FileProblem::Unknown { hint: None });
        }
        if self.open || self.all.statements == 0 {
            return Err(FileProblem::Truncated { line_no });
        }
        Ok(self.all.close())
    }
}

fn bad(tag: &str, line_no: u32) -> FileProblem {
    FileProblem::Damaged { detail: format!("line {line_no}: field {tag} cannot be read") }
}

/// `:61:rest` → `("61", "rest")`.
fn tag(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix(':')?;
    let (tag, value) = rest.split_once(':')?;
    let plain = tag.len() >= 2
        && tag.len() <= 3
        && tag.bytes().take(2).all(|b| b.is_ascii_digit())
        && tag.bytes().skip(2).all(|b| b.is_ascii_uppercase());
    plain.then_some((tag, value))
}

/// `:25:` is the account alone, or `bank/account`, or `account` and a currency code.
fn account(text: &str) -> String {
    let text = text.lines().next().unwrap_or("").trim();
    let text = text.rsplit('/').next().unwrap_or(text).trim();
    let bare = text.trim_end_matches(|c: char| c.is_ascii_uppercase());
    let digits_before = bare.len() >= 4 && bare.ends_with(|c: char| c.is_ascii_digit());
    if text.len() - bare.len() == 3 && digits_before { bare.to_string() } else { text.to_string() }
}

/// `1234,56`: the comma is the decimal sign, always. Some banks write a point.
fn amount(text: &str, currency: Currency) -> Option<i64> {
    if text.contains(',') && text.contains('.') {
        return None;
    }
    money::parse_minor(&text.replace(',', "."), currency.decimals()).ok()
}

/// `C260430CNY1234,56` → day, currency, signed amount.
fn balance(text: &str) -> Option<(BusinessDate, Currency, i64)> {
    let text = text.trim();
    let sign = match text.get(..1)? {
        "C" => 1,
        "D" => -1,
        _ => return None,
    };
    let day = date6(text.get(1..7)?)?;
    let currency = Currency::from_code(text.get(7..10)?).ok()?;
    let minor = amount(text.get(10..)?, currency).filter(|minor| *minor >= 0)?;
    Some((BusinessDate::from_naive(day), currency, sign * minor))
}

/// `YYMMDD`; the years 80 to 99 are the last century's.
fn date6(text: &str) -> Option<NaiveDate> {
    if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year: i32 = text[..2].parse().ok()?;
    let year = if year >= 80 { 1900 + year } else { 2000 + year };
    NaiveDate::from_ymd_opt(year, text[2..4].parse().ok()?, text[4..].parse().ok()?)
}

/// A statement line's first part.
#[derive(Debug)]
struct Entry61<'t> {
    value_on: BusinessDate,
    booked_on: BusinessDate,
    amount_minor: i64,
    kind: &'t str,
    customer_ref: &'t str,
    bank_ref: &'t str,
}

fn parse_61(text: &str, currency: Currency) -> Result<Entry61<'_>, &'static str> {
    let value_on = text.get(..6).and_then(date6).ok_or("bad_time")?;
    let mut rest = &text[6..];
    let mut booked_on = value_on;
    if rest.len() >= 4 && rest.bytes().take(4).all(|b| b.is_ascii_digit()) {
        booked_on = entry_date(value_on, &rest[..4]).ok_or("bad_time")?;
        rest = &rest[4..];
    }
    let marks = [("RC", -1), ("RD", 1), ("EC", 1), ("ED", -1), ("C", 1), ("D", -1)];
    let (mark, sign) =
        marks.into_iter().find(|(mark, _)| rest.starts_with(mark)).ok_or("unknown_direction")?;
    rest = &rest[mark.len()..];
    // The third letter of the currency may stand before the amount.
    rest = rest.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(rest);
    let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || b",.".contains(b)).count();
    let minor = amount(&rest[..digits], currency).ok_or("bad_amount")?;
    rest = &rest[digits..];
    let kind = rest.get(..4).unwrap_or(rest);
    let references = rest.get(4..).unwrap_or("");
    let (customer_ref, bank_ref) = references.split_once("//").unwrap_or((references, ""));
    Ok(Entry61 {
        value_on: BusinessDate::from_naive(value_on),
        booked_on: BusinessDate::from_naive(booked_on),
        amount_minor: sign * minor,
        kind,
        customer_ref,
        bank_ref,
    })
}

/// The entry date has no year: it is the one nearest to the value date, so that a line booked
/// on 2 January with value 31 December falls into the new year.
fn entry_date(value_on: NaiveDate, text: &str) -> Option<NaiveDate> {
    use chrono::Datelike;
    let (month, day) = (text[..2].parse().ok()?, text[2..].parse().ok()?);
    (value_on.year() - 1..=value_on.year() + 1)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .min_by_key(|date| date.signed_duration_since(value_on).num_days().abs())
}

/// Puts the `:86:` text where it belongs.
fn apply_details(line: &mut BankLine, details: &str) {
    if details.trim().is_empty() {
        return;
    }
    let Some((code, fields)) = subfields(details) else {
        // Continuation lines are cut at 65 characters in the middle of words: only Chinese and
        // digits can be glued blindly, so the break becomes a space.
        let text = details.replace(['\r', '\n'], " ");
        line.counterparty = slash_field(&text, "NAME").unwrap_or_default();
        line.memo = joined(&[&text, &line.memo]);
        return;
    };
    let of = |wanted: &dyn Fn(u8) -> bool| {
        let parts: Vec<&str> =
            fields.iter().filter(|(n, _)| wanted(*n)).map(|(_, text)| text.as_str()).collect();
        parts.concat()
    };
    let purpose = of(&|n| (20..=29).contains(&n) || (60..=63).contains(&n));
    line.memo = joined(&[&purpose, &line.memo]);
    line.counterparty = of(&|n| n == 32 || n == 33).trim().to_string();
    let mut keep = |name: &str, text: String| {
        if !text.trim().is_empty() {
            line.extra.push((name.to_string(), text.trim().to_string()));
        }
    };
    keep("transaction_code", code.to_string());
    keep("posting_text", of(&|n| n == 0));
    keep("counterparty_bank", of(&|n| n == 30));
    keep("counterparty_account", of(&|n| n == 31 || n == 38));
    if line.memo.is_empty() {
        line.memo = of(&|n| n == 0);
    }
}

/// `166?00TEXT?20…`: the code and the subfields; `None` when the text is not of that shape.
fn subfields(details: &str) -> Option<(&str, Vec<(u8, String)>)> {
    let separator = details.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '?' | '>' | '<' | '~' | '^') {
        return None;
    }
    let (code, rest) = details.split_once(separator)?;
    let rest = rest.replace(['\r', '\n'], "");
    let mut fields: Vec<(u8, String)> = Vec::new();
    for part in rest.split(separator) {
        let number = part.get(..2).filter(|n| n.bytes().all(|b| b.is_ascii_digit()));
        match (number.and_then(|n| n.parse::<u8>().ok()), fields.last_mut()) {
            (Some(number), _) => fields.push((number, part[2..].to_string())),
            // The separator may stand in the text itself.
            (None, Some((_, text))) => {
                text.push(separator);
                text.push_str(part);
            }
            (None, None) => return None,
        }
    }
    Some((code, fields))
}

/// `/NAME/Someone/REMI/…` → `Someone`.
fn slash_field(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("/{name}/"))?;
    let value = rest.split('/').next().unwrap_or(rest).trim();
    (!value.is_empty()).then(|| value.to_string())
}
