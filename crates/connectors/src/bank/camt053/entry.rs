//! One entry of a camt.053 statement.

use crate::bank::{joined, row_problem};
use crate::bill::RowProblem;
use crate::table::text::shown;
use domain::{BankLine, BusinessDate, Currency, money};

/// Text kept of a batch's payments.
const DETAILS_LIMIT: usize = 4_000;

/// One entry, gathered field by field.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) line_no: u32,
    amount: String,
    currency: String,
    direction: String,
    pub(super) status: String,
    booked: String,
    value: String,
    entry_ref: String,
    servicer_ref: String,
    additional: String,
    reversal: bool,
    batch_count: String,
    pub(super) batch_total: String,
    /// References of the payments inside: the first of each kind, and how many payments.
    pub(super) payments: u32,
    payment_servicer_ref: String,
    payment_id: String,
    end_to_end_id: String,
    debtor: String,
    creditor: String,
    remittance: String,
    /// Amount of the payment being read: its own `Amt`, else `AmtDtls`, which repeats it.
    payment_amount: Option<i64>,
    pub(super) payments_sum: i64,
    pub(super) payments_with_amount: u32,
}

impl Entry {
    /// An empty entry that begins on this line.
    pub(super) fn at(line_no: u32) -> Self {
        Self { line_no, ..Self::default() }
    }

    /// Takes a field by its path below `Ntry`.
    pub(super) fn field(&mut self, path: &[&str], text: &str, currency: &str) {
        // Versions from 08 put the party between the role and its name.
        let first = |slot: &mut String| {
            if slot.is_empty() {
                text.clone_into(slot);
            }
        };
        match path {
            ["Amt"] => {
                self.amount = text.to_string();
                self.currency = currency.to_string();
            }
            ["CdtDbtInd"] => self.direction = text.to_string(),
            ["RvslInd"] => self.reversal = text == "true" || text == "1",
            ["Sts"] | ["Sts", "Cd"] => first(&mut self.status),
            ["BookgDt", "Dt" | "DtTm"] => self.booked = text.to_string(),
            ["ValDt", "Dt" | "DtTm"] => self.value = text.to_string(),
            ["NtryRef"] => self.entry_ref = text.to_string(),
            ["AcctSvcrRef"] => self.servicer_ref = text.to_string(),
            ["AddtlNtryInf"] => self.additional = text.to_string(),
            ["NtryDtls", "Btch", "NbOfTxs"] => self.batch_count = text.to_string(),
            ["NtryDtls", "Btch", "TtlAmt"] => self.batch_total = text.to_string(),
            ["NtryDtls", "TxDtls", inside @ ..] => self.payment_field(inside, text, currency),
            _ => {}
        }
    }

    fn payment_field(&mut self, path: &[&str], text: &str, currency: &str) {
        let first = |slot: &mut String| {
            if slot.is_empty() && text != "NOTPROVIDED" {
                text.clone_into(slot);
            }
        };
        match path {
            ["Refs", "AcctSvcrRef"] => first(&mut self.payment_servicer_ref),
            ["Refs", "TxId"] => first(&mut self.payment_id),
            ["Refs", "EndToEndId"] => first(&mut self.end_to_end_id),
            ["RltdPties", "Dbtr", "Nm"] | ["RltdPties", "Dbtr", "Pty", "Nm"] => {
                first(&mut self.debtor);
            }
            ["RltdPties", "Cdtr", "Nm"] | ["RltdPties", "Cdtr", "Pty", "Nm"] => {
                first(&mut self.creditor);
            }
            ["RmtInf", "Ustrd"] | ["RmtInf", "Strd", "CdtrRefInf", "Ref"]
                if self.remittance.len() < DETAILS_LIMIT =>
            {
                self.remittance = joined(&[&self.remittance, text]);
            }
            ["Amt"] | ["AmtDtls", "TxAmt", "Amt"] if currency == self.currency => {
                let decimals = Currency::from_code(currency).map_or(2, |c| c.decimals());
                let minor = money::parse_minor(text, decimals).ok();
                if path.len() == 1 || self.payment_amount.is_none() {
                    self.payment_amount = minor;
                }
            }
            [] => {
                if let Some(minor) = self.payment_amount.take() {
                    self.payments_sum = self.payments_sum.saturating_add(minor);
                    self.payments_with_amount += 1;
                }
            }
            _ => {}
        }
    }

    pub(super) fn bank_line(
        &self,
        account_no: &str,
        account_currency: &str,
    ) -> Result<BankLine, RowProblem> {
        let fail = |code, name: &str, value: &str| Err(row_problem(code, name, value, &self.raw()));
        let code = if self.currency.is_empty() { account_currency } else { &self.currency };
        let Ok(currency) = Currency::from_code(code) else {
            return fail("bad_currency", "Ccy", code);
        };
        let sign = match self.direction.as_str() {
            "CRDT" => 1,
            "DBIT" => -1,
            other => return fail("unknown_direction", "CdtDbtInd", other),
        };
        let amount = match money::parse_minor(&self.amount, currency.decimals()) {
            Ok(minor) if minor >= 0 => sign * minor,
            _ => return fail("bad_amount", "Amt", &self.amount),
        };
        let printed = if self.booked.is_empty() { &self.value } else { &self.booked };
        let Some(booked_on) = day(printed) else {
            return fail("bad_time", "BookgDt", printed);
        };
        let counterparty = if sign > 0 { &self.debtor } else { &self.creditor };
        Ok(BankLine {
            account_no: account_no.to_string(),
            booked_on,
            booked_at_ms: instant(printed),
            currency,
            amount_minor: amount,
            balance_after_minor: None,
            bank_ref: self.bank_ref().to_string(),
            counterparty: counterparty.clone(),
            memo: shown(&joined(&[&self.remittance, &self.additional]), DETAILS_LIMIT),
            extra: self.extra(),
        })
    }

    /// The bank's own number. A payment's counts only when the entry is that one payment, and
    /// `NtryRef` only when it is longer than a running number, which repeats in every statement.
    fn bank_ref(&self) -> &str {
        let single = self.payments == 1;
        let candidates = [
            (&self.servicer_ref, true),
            (&self.payment_servicer_ref, single),
            (&self.payment_id, single),
            (&self.entry_ref, self.entry_ref.len() > 6),
        ];
        candidates
            .into_iter()
            .find(|(text, usable)| *usable && !text.is_empty())
            .map_or("", |(text, _)| text.as_str())
    }

    fn extra(&self) -> Vec<(String, String)> {
        let payments = if self.payments > 1 { self.payments.to_string() } else { String::new() };
        let reversal = if self.reversal { "true" } else { "" };
        let value = if self.value == self.booked { "" } else { self.value.as_str() };
        let all = [
            ("end_to_end_id", self.end_to_end_id.as_str()),
            ("entry_reference", self.entry_ref.as_str()),
            ("batch_count", self.batch_count.as_str()),
            ("payments", payments.as_str()),
            ("reversal", reversal),
            ("value_date", value),
        ];
        let filled = all.into_iter().filter(|(_, value)| !value.is_empty());
        filled.map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    /// Takes the fields of [`Self::raw`] from what a person wrote; the others stay.
    pub(super) fn mend(&mut self, text: &str) {
        const KEYS: [&str; 5] = ["Amt=", "CdtDbtInd=", "BookgDt=", "AcctSvcrRef=", "NtryRef="];
        let value = |key: &str| {
            let rest = &text[text.find(key)? + key.len()..];
            let end = KEYS.iter().filter_map(|next| rest.find(&format!(" {next}"))).min();
            Some(rest[..end.unwrap_or(rest.len())].trim().to_string())
        };
        if let Some(amount) = value("Amt=") {
            let (currency, amount) = amount.rsplit_once(' ').unwrap_or(("", &amount));
            self.currency = currency.trim().to_string();
            self.amount = amount.to_string();
        }
        let fields = [
            (&mut self.direction, "CdtDbtInd="),
            (&mut self.booked, "BookgDt="),
            (&mut self.servicer_ref, "AcctSvcrRef="),
            (&mut self.entry_ref, "NtryRef="),
        ];
        for (field, key) in fields {
            if let Some(value) = value(key) {
                *field = value;
            }
        }
    }

    fn raw(&self) -> String {
        format!(
            "Amt={} {} CdtDbtInd={} BookgDt={} AcctSvcrRef={} NtryRef={}",
            self.currency,
            self.amount,
            self.direction,
            self.booked,
            self.servicer_ref,
            self.entry_ref
        )
    }
}

/// The day of a date or a date and time, as printed.
pub(super) fn day(text: &str) -> Option<BusinessDate> {
    BusinessDate::parse(text.get(..10)?)
}

/// The instant of a date and time that names its zone.
fn instant(text: &str) -> Option<i64> {
    let (_, clock) = text.split_once('T')?;
    let zone_at = clock.find(['Z', '+', '-'])?;
    let (clock, zone) = clock.split_at(zone_at);
    let time_ms = crate::table::time_of_day(clock)?;
    let (offset_minutes, rest) = crate::table::zone(zone)?;
    let start = i64::from(day(text)?.days()) * 86_400_000;
    rest.is_empty().then(|| start + time_ms - i64::from(offset_minutes) * 60_000)
}
