//! A row of Stripe's balance as the books have it: a move of the balance, and a trade.

use super::WireRow;
use crate::cells;
use domain::{BalanceKind, BalanceTransaction, BusinessDate, Currency, FeePart};
use domain::{SettlementKind, SettlementLine, SettlementStatus};
use serde_json::Value;

/// Seconds of a day.
const DAY_S: i64 = 86_400;
/// Names under which shops note their order number at Stripe, the usual ones first.
const ORDER_NAMES: &[&str] = &[
    "order_id",
    "order_no",
    "order_number",
    "orderCode",
    "order_code",
    "merchant_order_id",
    "out_trade_no",
    "order",
    "orderId",
];

/// A row with its amounts in our minor units, signed by effect.
pub(super) struct Moved {
    pub row: WireRow,
    pub kind: BalanceKind,
    pub at_ms: i64,
    pub gross: i64,
    pub fee: i64,
    pub net: i64,
    pub fee_parts: Vec<FeePart>,
}

impl Moved {
    pub fn source(&self) -> &str {
        id_of(&self.row.source)
    }

    /// The payment that it is, or belongs to.
    fn payment(&self) -> &str {
        match self.kind {
            BalanceKind::Payment => self.source(),
            _ => id_of(&self.row.source["charge"]),
        }
    }

    fn order(&self) -> String {
        let noted = |name: &&str| match &self.row.source["metadata"][*name] {
            Value::String(text) => Some(cells::text(text)),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let mut names = ORDER_NAMES.iter().filter_map(noted);
        names.find(|text| !text.is_empty()).unwrap_or_default()
    }

    fn words(&self) -> String {
        let WireRow { kind, reporting_category: category, .. } = &self.row;
        let words = match category.is_empty() || category == kind {
            true => kind.clone(),
            false => format!("{category}/{kind}"),
        };
        cells::text(&words).chars().take(100).collect()
    }

    fn description(&self) -> String {
        cells::text(self.row.description.as_deref().unwrap_or_default())
    }

    /// The parts of the fee, and what the buyer saw, where that is of another currency.
    fn extra(&self) -> Vec<(String, String)> {
        let mut extra: Vec<_> = self.fee_parts.iter().map(FeePart::column).collect();
        let source = &self.row.source;
        let seen = source["currency"].as_str().zip(source["amount"].as_i64());
        let foreign = |currency: &str| !currency.eq_ignore_ascii_case(&self.row.currency);
        if let Some((currency, amount)) = seen.filter(|(currency, _)| foreign(currency)) {
            extra.push(("source_currency".to_owned(), cells::text(currency)));
            extra.push(("source_amount".to_owned(), amount.to_string()));
        }
        extra
    }

    /// The day Stripe expects a payout at the bank: a date at midnight UTC, never shifted.
    fn arrives_on(&self) -> Option<BusinessDate> {
        let arrival_s = self.row.source["arrival_date"].as_i64();
        let arrival_s = arrival_s.filter(|_| self.kind == BalanceKind::Payout)?;
        i32::try_from(arrival_s.div_euclid(DAY_S)).ok().map(BusinessDate::from_days)
    }

    pub fn balance(&self, of: Option<(String, i64)>) -> BalanceTransaction {
        let (payout_ref, payout_at_ms) = of.unzip();
        let by_schedule = self.row.source["automatic"].as_bool() == Some(true);
        BalanceTransaction {
            at_ms: self.at_ms,
            kind: self.kind,
            kind_text: self.words(),
            channel_ref: self.source().to_owned(),
            ledger_ref: self.row.id.clone(),
            merchant_ref: self.order(),
            payment_ref: self.payment().to_owned(),
            payout_ref: payout_ref.unwrap_or_default(),
            payout_at_ms,
            arrives_on: self.arrives_on(),
            amount_minor: self.net,
            fee_minor: Some(self.fee),
            balance_after_minor: None,
            remark_total_minor: None,
            remark_fee_minor: None,
            submitter: if by_schedule { "system" } else { "" }.to_owned(),
            counterparty: String::new(),
            remark: self.description(),
            extra: self.extra(),
        }
    }

    pub fn settlement(&self, account: &str, currency: Currency) -> Option<SettlementLine> {
        let kind = match (self.kind, self.row.reporting_category.as_str()) {
            (BalanceKind::Payment, _) => SettlementKind::Payment,
            (BalanceKind::Refund, "refund" | "") => SettlementKind::Refund,
            (BalanceKind::Refund, _) => SettlementKind::Revoked,
            _ => return None,
        };
        let refund = kind != SettlementKind::Payment;
        let own = if refund { self.source().to_owned() } else { String::new() };
        let source = &self.row.source;
        let word = source["status"].as_str().filter(|_| refund).map(cells::text);
        let method = &source["payment_method_details"];
        let scene = method["type"].as_str().map(cells::text).unwrap_or_default();
        let card = [&method["card"]["brand"], &method["card"]["last4"]];
        let card = card.into_iter().filter_map(Value::as_str).map(cells::text);
        Some(SettlementLine {
            kind,
            at_ms: self.at_ms,
            ordered_at_ms: None,
            refunded_at_ms: None,
            merchant_no: account.to_owned(),
            channel_payment_id: self.payment().to_owned(),
            merchant_order_id: self.order(),
            channel_refund_id: own.clone(),
            merchant_refund_id: own,
            currency,
            order_amount_minor: self.gross,
            settled_minor: self.gross,
            subsidy_minor: 0,
            fee_minor: self.fee,
            fee_rate_ppm: None,
            status: word.as_deref().map_or(SettlementStatus::Succeeded, status),
            status_text: word.unwrap_or_default(),
            scene,
            paying_bank: card.collect::<Vec<_>>().join(" "),
            payer: text_at(&source["billing_details"]["email"]),
            goods: self.description(),
            note: String::new(),
            extra: self.extra(),
        })
    }
}

fn status(word: &str) -> SettlementStatus {
    match word {
        "succeeded" => SettlementStatus::Succeeded,
        "pending" => SettlementStatus::Pending,
        "requires_action" => SettlementStatus::Abnormal,
        "failed" | "canceled" => SettlementStatus::Failed,
        _ => SettlementStatus::Unknown,
    }
}

fn text_at(value: &Value) -> String {
    value.as_str().map(cells::text).unwrap_or_default()
}

/// The id of a field that is an id or the object of that id; empty for neither.
pub(super) fn id_of(value: &Value) -> &str {
    value.as_str().or_else(|| value["id"].as_str()).unwrap_or_default()
}

pub(super) fn is_payout(source: &Value) -> bool {
    source["object"].as_str() == Some("payout") || id_of(source).starts_with("po_")
}
