//! Rows of a table of settlements: what was sold, what the channel kept, what it owes.
//!
//! Acquirers print amounts of refunds with or without a minus, and fees by what they are, not by
//! which way they go. The row's own net decides; a row whose parts do not add up is set aside.

use super::convert::{Cell, Plan};
use super::mapping::{Field, normal};
use csv::StringRecord;
use domain::paid::{AGGREGATOR_FEE, UNDERLYING_FEE, UNDERLYING_NO};
use domain::{BalanceKind, BalanceTransaction, Currency, FeePart};
use domain::{SettlementKind, SettlementLine, SettlementStatus};

/// A row as it is printed, amounts signed by effect on the merchant.
pub(super) struct Settled {
    kind: SettlementKind,
    at_ms: i64,
    account_no: String,
    trade_no: String,
    original_no: String,
    order_id: String,
    refund_id: String,
    gross_minor: i64,
    fee_minor: i64,
    /// Word of the kind, as printed.
    word: String,
    status_text: String,
    underlying: String,
    scene: String,
    payer: String,
    goods: String,
    note: String,
    extra: Vec<(String, String)>,
}

impl Plan<'_> {
    /// The row of a record; `above` is the account's number found above the header.
    pub(super) fn settled(&self, record: &StringRecord, above: &str) -> Cell<Settled> {
        let currency = self.currency_of(record)?;
        if currency != Currency::CNY {
            return Err(self.problem("bad_currency", Field::Currency, currency.code()));
        }
        let at_ms = self
            .at_ms(record, Field::TradedAt)?
            .ok_or_else(|| self.problem("missing_value", Field::TradedAt, ""))?;
        let amount = self
            .amount(record, Field::Amount, currency)?
            .ok_or_else(|| self.problem("missing_value", Field::Amount, ""))?;
        let kind = self.kind(record, amount)?;
        let refund = kind == SettlementKind::Refund;
        if amount < 0 && !refund {
            let value = self.first(record, Field::Amount);
            return Err(self.problem("negative_amount", Field::Amount, value));
        }
        let gross_minor = if refund { -amount.abs() } else { amount };
        let joined = |fields: &[Field]| {
            let texts = fields.iter().map(|field| self.text(record, *field));
            texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
        };
        let fee_minor = self.fee(record, gross_minor, refund)?;
        Ok(Settled {
            kind,
            at_ms,
            account_no: self.account(record, above)?,
            trade_no: self.needed_text(record, Field::TradeNo)?,
            original_no: self.number_text(record, Field::OriginalNo)?,
            order_id: self.number_text(record, Field::OrderId)?,
            refund_id: self.number_text(record, Field::RefundId)?,
            gross_minor,
            fee_minor,
            word: self.text(record, Field::Kind),
            status_text: self.text(record, Field::Status),
            underlying: self.text(record, Field::Underlying),
            scene: self.text(record, Field::Scene),
            payer: self.text(record, Field::Buyer),
            goods: self.text(record, Field::Goods),
            note: joined(&[Field::Terminal, Field::UnderlyingNo, Field::Memo]),
            extra: self.two_level(record, fee_minor)?,
        })
    }

    /// Further columns, with the number and the fee at the wallet behind an aggregator.
    fn two_level(&self, record: &StringRecord, fee_minor: i64) -> Cell<Vec<(String, String)>> {
        let mut extra = self.extra(record);
        let number = self.number_text(record, Field::UnderlyingNo)?;
        if !number.is_empty() {
            extra.push((UNDERLYING_NO.to_owned(), number));
        }
        if let Some(printed) = self.amount(record, Field::UnderlyingFee, Currency::CNY)? {
            // It goes the way the whole fee goes.
            let kept = if fee_minor > 0 { printed.abs() } else { -printed.abs() };
            let part = |name: &str, amount_minor| FeePart { name: name.to_owned(), amount_minor };
            let parts = [part(UNDERLYING_FEE, kept), part(AGGREGATOR_FEE, fee_minor - kept)];
            extra.extend(parts.iter().map(FeePart::column));
        }
        Ok(extra)
    }

    /// By its word; where the table has no such column, by the sign of the amount.
    fn kind(&self, record: &StringRecord, amount: i64) -> Cell<SettlementKind> {
        if self.has(Field::Kind) {
            let word = self.first(record, Field::Kind);
            let known = self.kind_words.get(&normal(word));
            return known.copied().ok_or_else(|| self.problem("unknown_kind", Field::Kind, word));
        }
        Ok(if amount < 0 { SettlementKind::Refund } else { SettlementKind::Payment })
    }

    /// The fee by effect: taken (−) or given back (+).
    fn fee(&self, record: &StringRecord, gross: i64, refund: bool) -> Cell<i64> {
        let printed = self.amount(record, Field::Fee, Currency::CNY)?;
        let net = self.amount(record, Field::Net, Currency::CNY)?;
        // A refund's net may be printed without its minus.
        let net = net.map(|net| if refund && net > 0 { -net } else { net });
        match (printed.map(i64::abs), net) {
            (Some(fee), Some(net)) => [-fee, fee]
                .into_iter()
                .find(|fee| gross + fee == net)
                .ok_or_else(|| self.problem("bad_net", Field::Net, self.first(record, Field::Net))),
            (None, Some(net)) => Ok(net - gross),
            (Some(fee), None) if !refund => Ok(-fee),
            (Some(0), None) => Ok(0),
            (Some(_), None) => {
                let value = self.first(record, Field::Fee);
                Err(self.problem("fee_either_way", Field::Fee, value))
            }
            (None, None) => Err(self.problem("missing_value", Field::Fee, "")),
        }
    }
}

impl Settled {
    /// The sale a row is, or gives back.
    fn payment(&self) -> String {
        match self.kind {
            SettlementKind::Payment => self.trade_no.clone(),
            _ => self.original_no.clone(),
        }
    }

    pub(super) fn line(self) -> SettlementLine {
        let paid = self.kind == SettlementKind::Payment;
        SettlementLine {
            channel_payment_id: self.payment(),
            kind: self.kind,
            at_ms: self.at_ms,
            ordered_at_ms: None,
            refunded_at_ms: None,
            merchant_no: self.account_no,
            merchant_order_id: self.order_id,
            channel_refund_id: if paid { String::new() } else { self.trade_no },
            merchant_refund_id: self.refund_id,
            currency: Currency::CNY,
            order_amount_minor: self.gross_minor,
            settled_minor: self.gross_minor,
            subsidy_minor: 0,
            fee_minor: self.fee_minor,
            fee_rate_ppm: None,
            status: SettlementStatus::Succeeded,
            status_text: self.status_text,
            scene: self.scene,
            paying_bank: self.underlying,
            payer: self.payer,
            goods: self.goods,
            note: self.note,
            extra: self.extra,
        }
    }

    pub(super) fn moved(self) -> BalanceTransaction {
        let paid = self.kind == SettlementKind::Payment;
        BalanceTransaction {
            at_ms: self.at_ms,
            kind: if paid { BalanceKind::Payment } else { BalanceKind::Refund },
            kind_text: self.word.clone(),
            payment_ref: self.payment(),
            channel_ref: self.trade_no.clone(),
            ledger_ref: self.trade_no,
            merchant_ref: if paid { self.order_id } else { self.refund_id },
            payout_ref: String::new(),
            payout_at_ms: None,
            arrives_on: None,
            amount_minor: self.gross_minor + self.fee_minor,
            fee_minor: Some(self.fee_minor),
            balance_after_minor: None,
            remark_total_minor: None,
            remark_fee_minor: None,
            submitter: String::new(),
            counterparty: self.underlying,
            remark: self.note,
            extra: Vec::new(),
        }
    }
}

/// The payment of a day's net: it stands in no row, it is what the rows of the day add up to.
pub(super) fn payment(
    day: domain::BusinessDate,
    account_no: &str,
    net_minor: i64,
) -> BalanceTransaction {
    let number = format!("{}-{account_no}", day.to_string().replace('-', ""));
    BalanceTransaction {
        at_ms: day.start_ms() + 24 * 3_600_000 - 1,
        kind: BalanceKind::Payout,
        kind_text: "清算净额".to_owned(),
        channel_ref: number.trim_end_matches('-').to_owned(),
        ledger_ref: number,
        merchant_ref: String::new(),
        payment_ref: String::new(),
        payout_ref: String::new(),
        payout_at_ms: None,
        arrives_on: None,
        amount_minor: -net_minor,
        fee_minor: None,
        balance_after_minor: None,
        remark_total_minor: None,
        remark_fee_minor: None,
        submitter: "system".to_owned(),
        counterparty: String::new(),
        remark: String::new(),
        extra: Vec::new(),
    }
}
