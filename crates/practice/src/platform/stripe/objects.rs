//! Objects as JSON, as far as they have happened.

use super::season::{Charge, Dispute, Facts, Payout, Refund, Txn};
use serde_json::{Value, json};

/// Content of a payout is known so long after it was made, seconds.
const RECONCILED_S: i64 = 3600;

/// The season and what was done over the protocol, at a moment.
pub(super) struct View<'a> {
    pub parts: [&'a Facts; 2],
    /// Unix seconds.
    pub now_s: i64,
}

impl View<'_> {
    fn all<'f, T: 'f>(
        &'f self,
        of: impl Fn(&'f Facts) -> &'f Vec<T>,
        created: impl Fn(&T) -> i64,
    ) -> impl Iterator<Item = &'f T> {
        let lists = self.parts.map(of);
        lists.into_iter().flatten().filter(move |item| created(item) <= self.now_s)
    }

    /// Objects of a list, newest first; `None` for a list Stripe does not have.
    pub(super) fn list(&self, kind: &str) -> Option<Vec<Value>> {
        let mut items: Vec<Value> = match kind {
            "charges" => self.all(|f| &f.charges, |c| c.created).map(|c| self.charge(c)).collect(),
            "refunds" => self.all(|f| &f.refunds, |r| r.created).map(refund).collect(),
            "disputes" => {
                self.all(|f| &f.disputes, |d| d.created).map(|d| self.dispute(d)).collect()
            }
            "balance_transactions" => {
                self.all(|f| &f.txns, |t| t.created).map(|t| self.txn(t)).collect()
            }
            "payouts" => self.all(|f| &f.payouts, |p| p.created).map(|p| self.payout(p)).collect(),
            _ => return None,
        };
        items.reverse();
        Some(items)
    }

    /// Any object by its id.
    pub(super) fn object(&self, id: &str) -> Option<Value> {
        let prefix = id.split('_').next().unwrap_or_default();
        match prefix {
            "ch" => self.find_charge(id).map(|charge| self.charge(charge)),
            "re" => self.all(|f| &f.refunds, |r| r.created).find(|r| r.id == id).map(refund),
            "du" => {
                let mut all = self.all(|f| &f.disputes, |d| d.created);
                all.find(|d| d.id == id).map(|d| self.dispute(d))
            }
            "txn" => {
                let mut all = self.all(|f| &f.txns, |t| t.created);
                all.find(|t| t.id == id).map(|t| self.txn(t))
            }
            "po" => {
                let mut all = self.all(|f| &f.payouts, |p| p.created);
                all.find(|p| p.id == id).map(|p| self.payout(p))
            }
            _ => None,
        }
    }

    pub(super) fn find_charge(&self, id: &str) -> Option<&Charge> {
        self.all(|f| &f.charges, |c| c.created).find(|c| c.id == id || c.intent == id)
    }

    /// What was given back of a charge.
    pub(super) fn given_back(&self, charge: &str) -> i64 {
        let refunds = self.all(|f| &f.refunds, |r| r.created);
        refunds.filter(|refund| refund.charge == charge).map(|refund| refund.amount).sum()
    }

    pub(super) fn is_disputed(&self, charge: &str) -> bool {
        self.all(|f| &f.disputes, |d| d.created).any(|dispute| dispute.charge == charge)
    }

    /// The balance: what is available, and what is not yet.
    pub(super) fn balance(&self) -> Value {
        let (mut available, mut pending) = (0, 0);
        for txn in self.all(|f| &f.txns, |t| t.created).filter(|txn| txn.currency == "usd") {
            // A payout leaves at once, whenever it arrives.
            let is_here = txn.available_on <= self.now_s || txn.kind == "payout";
            let side = if is_here { &mut available } else { &mut pending };
            *side += txn.amount - txn.fee;
        }
        let entry = |amount: i64| {
            let kinds = json!({ "card": amount });
            json!([{ "amount": amount, "currency": "usd", "source_types": kinds }])
        };
        json!({
            "object": "balance", "livemode": false, "available": entry(available),
            "pending": entry(pending),
        })
    }

    fn charge(&self, charge: &Charge) -> Value {
        let back = self.given_back(&charge.id);
        json!({
            "id": charge.id, "object": "charge", "livemode": false, "created": charge.created,
            "amount": charge.amount, "amount_captured": charge.amount, "amount_refunded": back,
            "currency": charge.currency, "balance_transaction": charge.txn, "captured": true,
            "paid": true, "refunded": back == charge.amount,
            "disputed": self.is_disputed(&charge.id), "status": "succeeded",
            "payment_intent": charge.intent, "customer": null, "payment_method": null,
            "payment_method_details": { "type": "card", "card": {
                "brand": "visa", "last4": "4242", "funding": "credit", "country": "US",
                "network": "visa", "exp_month": 12, "exp_year": 2034,
            } },
            "billing_details": { "address": null, "email": null, "name": null, "phone": null },
            "description": charge.description, "metadata": charge.metadata,
            "failure_code": null, "failure_message": null, "failure_balance_transaction": null,
            "application_fee": null, "application_fee_amount": null, "transfer_group": null,
            "receipt_email": null, "receipt_number": null, "receipt_url": null,
            "statement_descriptor": null, "fraud_details": {}, "review": null, "shipping": null,
            "outcome": { "network_status": "approved_by_network", "type": "authorized",
                "reason": null, "risk_level": "normal", "risk_score": 12,
                "seller_message": "Payment complete." },
        })
    }

    fn dispute(&self, dispute: &Dispute) -> Value {
        let txns = self.all(|f| &f.txns, |t| t.created).filter(|txn| txn.id == dispute.txn);
        json!({
            "id": dispute.id, "object": "dispute", "livemode": false, "created": dispute.created,
            "amount": dispute.amount, "currency": "usd", "charge": dispute.charge,
            "payment_intent": dispute.intent, "status": "lost", "reason": "fraudulent",
            "balance_transactions": txns.map(|txn| self.txn(txn)).collect::<Vec<_>>(),
            "is_charge_refundable": false, "metadata": {},
            "evidence_details": { "due_by": null, "has_evidence": false, "past_due": false,
                "submission_count": 0 },
        })
    }

    fn txn(&self, txn: &Txn) -> Value {
        let details = match txn.fee {
            0 => json!([]),
            fee => json!([{
                "amount": fee, "application": null, "currency": txn.currency,
                "description": "Stripe processing fees", "type": "stripe_fee",
            }]),
        };
        let status = if txn.available_on <= self.now_s { "available" } else { "pending" };
        json!({
            "id": txn.id, "object": "balance_transaction", "amount": txn.amount,
            "available_on": txn.available_on, "balance_type": "payments", "created": txn.created,
            "currency": txn.currency, "description": txn.description, "exchange_rate": null,
            "fee": txn.fee, "fee_details": details, "net": txn.amount - txn.fee,
            "reporting_category": txn.category, "source": txn.source, "status": status,
            "type": txn.kind,
        })
    }

    /// Ids of the moves in a payout, once Stripe has worked them out.
    pub(super) fn members(&self, payout: &str) -> Vec<String> {
        let all = self.all(|f| &f.txns, |t| t.created);
        let known = |txn: &&Txn| txn.payout.as_deref() == Some(payout);
        all.filter(known).map(|txn| txn.id.clone()).collect()
    }

    fn payout(&self, payout: &Payout) -> Value {
        let arrived = payout.arrives <= self.now_s;
        let done = payout.created + RECONCILED_S <= self.now_s;
        json!({
            "id": payout.id, "object": "payout", "livemode": false, "created": payout.created,
            "amount": payout.amount, "currency": "usd", "arrival_date": payout.arrives,
            "automatic": true, "status": if arrived { "paid" } else { "in_transit" },
            "balance_transaction": payout.txn, "failure_balance_transaction": null,
            "failure_code": null, "failure_message": null,
            "reconciliation_status": if done { "completed" } else { "in_progress" },
            "method": "standard", "type": "bank_account", "source_type": "card",
            "destination": "ba_1PracticeShop0001", "statement_descriptor": null,
            "description": "STRIPE PAYOUT", "metadata": {}, "original_payout": null,
            "reversed_by": null, "application_fee": null, "application_fee_amount": null,
            "payout_method": null,
            "trace_id": { "status": "supported", "value": payout.created.to_string() },
        })
    }
}

pub(super) fn refund(refund: &Refund) -> Value {
    json!({
        "id": refund.id, "object": "refund", "created": refund.created, "amount": refund.amount,
        "currency": refund.currency, "charge": refund.charge, "payment_intent": refund.intent,
        "status": "succeeded", "balance_transaction": refund.txn, "reason": refund.reason,
        "metadata": refund.metadata, "failure_reason": null, "failure_balance_transaction": null,
        "receipt_number": null, "source_transfer_reversal": null, "transfer_reversal": null,
        "destination_details": { "type": "card", "card": {
            "type": "refund", "reference_status": "pending", "reference_type":
            "acquirer_reference_number" } },
    })
}
