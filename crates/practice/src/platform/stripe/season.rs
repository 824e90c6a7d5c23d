//! Card sales of the practice shop at Stripe, where they are switched on.
//!
//! They stand beside the shop's other sales and touch neither its files nor its truth.

use crate::options::Options;
use crate::platform::clock::utc_ms;
use crate::rng::Rng;
use crate::time::{At, day_of};
use std::collections::BTreeMap;

pub(super) const DAY_S: i64 = 86_400;
/// Money of a sale is available so many days later.
const DELAY_DAYS: i64 = 2;
/// What a dispute costs.
const DISPUTE_FEE: i64 = 1500;

/// A card payment. Amounts are cents of US dollars; times are Unix seconds.
#[derive(Clone, Debug)]
pub(super) struct Charge {
    pub id: String,
    pub intent: String,
    pub created: i64,
    pub amount: i64,
    pub txn: String,
    pub description: String,
    pub currency: String,
    pub metadata: BTreeMap<String, String>,
}

/// Money back to a card.
#[derive(Clone, Debug)]
pub(super) struct Refund {
    pub id: String,
    pub charge: String,
    pub intent: String,
    pub created: i64,
    pub amount: i64,
    pub txn: String,
    pub reason: Option<String>,
    pub currency: String,
    pub metadata: BTreeMap<String, String>,
}

/// A buyer's bank took it back; lost.
#[derive(Clone, Debug)]
pub(super) struct Dispute {
    pub id: String,
    pub charge: String,
    pub intent: String,
    pub created: i64,
    pub amount: i64,
    pub txn: String,
}

/// A move of the balance.
#[derive(Clone, Debug)]
pub(super) struct Txn {
    pub id: String,
    pub created: i64,
    pub available_on: i64,
    pub amount: i64,
    pub fee: i64,
    pub kind: &'static str,
    pub category: &'static str,
    pub source: Option<String>,
    pub description: String,
    pub currency: String,
    pub payout: Option<String>,
}

/// Money to the bank.
#[derive(Clone, Debug)]
pub(super) struct Payout {
    pub id: String,
    pub created: i64,
    pub arrives: i64,
    pub amount: i64,
    pub txn: String,
}

/// All that is known, each list by time.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub charges: Vec<Charge>,
    pub refunds: Vec<Refund>,
    pub disputes: Vec<Dispute>,
    pub txns: Vec<Txn>,
    pub payouts: Vec<Payout>,
}

/// The season.
#[derive(Debug, Default)]
pub(in crate::platform) struct Season {
    pub(super) facts: Facts,
}

/// What Stripe takes of a sale: 2.9 % and 30 cents, half a cent up.
pub(super) fn fee(amount: i64) -> i64 {
    (amount * 29 + 500) / 1000 + 30
}

pub(super) fn midnight(at: i64) -> i64 {
    at.div_euclid(DAY_S) * DAY_S
}

/// An id with its prefix, in the length they have.
pub(super) fn id(prefix: &str, seq: u64) -> String {
    format!("{prefix}_3Practice{seq:016}")
}

impl Season {
    /// About `a_day` sales a day; one in twelve given back in part or whole, one in sixty
    /// disputed; a fee a week; the balance paid out every day.
    pub(in crate::platform) fn new(options: &Options, a_day: u32) -> Self {
        let mut facts = Facts::default();
        let first = day_of(options.from);
        let mut seq = 0;
        for day in (first..).take(if a_day == 0 { 0 } else { options.days as usize }) {
            let mut rng = Rng::new(options.seed, (day as u64) << 8 | 12);
            for _ in 0..a_day {
                let at = At::new(day, 9 * 3600 + rng.below(12 * 3600));
                facts.sale(utc_ms(at) / 1000, &mut rng, &mut seq);
            }
            if day % 7 == 0 {
                let at = utc_ms(At::new(day, 9 * 3600)) / 1000;
                facts.alone(at, -200, "Radar (weekly)", &mut seq);
            }
        }
        facts.sort();
        let last = first + options.days as i32 + 10;
        for day in first..if a_day == 0 { first } else { last } {
            facts.pay_out(i64::from(day) * DAY_S + 7200, &mut seq);
        }
        facts.sort();
        Self { facts }
    }
}

impl Facts {
    fn sort(&mut self) {
        self.charges.sort_by_key(|charge| charge.created);
        self.refunds.sort_by_key(|refund| refund.created);
        self.disputes.sort_by_key(|dispute| dispute.created);
        self.txns.sort_by_key(|txn| txn.created);
        self.payouts.sort_by_key(|payout| payout.created);
    }

    fn sale(&mut self, at: i64, rng: &mut Rng, seq: &mut u64) {
        *seq += 1;
        let amount = i64::from(rng.between(500, 15_000));
        let sale = charge(at, amount, "usd", &format!("Order {seq}"), *seq);
        let (whole, given, disputed) = (rng.per_mille(500), rng.per_mille(83), rng.per_mille(17));
        let later = at + i64::from(rng.between(1, 6)) * DAY_S;
        if given {
            let back = if whole { amount } else { amount / 3 };
            *seq += 1;
            let refund = refund(later, &sale, back, *seq);
            self.txns.push(refund_txn(&refund));
            self.refunds.push(refund);
        } else if disputed {
            *seq += 1;
            self.dispute(later, &sale, *seq);
        }
        self.txns.push(charge_txn(&sale));
        self.charges.push(sale);
    }

    fn dispute(&mut self, at: i64, sale: &Charge, seq: u64) {
        let dispute = Dispute {
            id: id("du", seq),
            charge: sale.id.clone(),
            intent: sale.intent.clone(),
            created: at,
            amount: sale.amount,
            txn: id("txn", seq),
        };
        self.txns.push(Txn {
            id: dispute.txn.clone(),
            created: at,
            available_on: midnight(at),
            amount: -dispute.amount,
            fee: DISPUTE_FEE,
            kind: "adjustment",
            category: "dispute",
            source: Some(dispute.id.clone()),
            description: format!("Chargeback withdrawal for {}", sale.id),
            currency: sale.currency.clone(),
            payout: None,
        });
        self.disputes.push(dispute);
    }

    fn alone(&mut self, at: i64, amount: i64, description: &str, seq: &mut u64) {
        *seq += 1;
        self.txns.push(Txn {
            id: id("txn", *seq),
            created: at,
            available_on: midnight(at),
            amount,
            fee: 0,
            kind: "stripe_fee",
            category: "fee",
            source: None,
            description: description.to_owned(),
            currency: "usd".into(),
            payout: None,
        });
    }

    /// Sends what is available and not yet sent.
    fn pay_out(&mut self, at: i64, seq: &mut u64) {
        let due =
            |txn: &&mut Txn| txn.payout.is_none() && txn.available_on <= at && txn.created <= at;
        let amount: i64 = self.txns.iter_mut().filter(due).map(|txn| txn.amount - txn.fee).sum();
        // What is owed to Stripe waits for the next sales.
        if amount <= 0 {
            return;
        }
        *seq += 1;
        let payout = Payout {
            id: id("po", *seq),
            created: at,
            arrives: midnight(at) + 2 * DAY_S,
            amount,
            txn: id("txn", *seq),
        };
        for txn in self.txns.iter_mut().filter(due) {
            txn.payout = Some(payout.id.clone());
        }
        self.txns.push(Txn {
            id: payout.txn.clone(),
            created: at,
            available_on: payout.arrives,
            amount: -amount,
            fee: 0,
            kind: "payout",
            category: "payout",
            source: Some(payout.id.clone()),
            description: "STRIPE PAYOUT".into(),
            currency: "usd".into(),
            payout: Some(payout.id.clone()),
        });
        self.payouts.push(payout);
    }
}

pub(super) fn charge(at: i64, amount: i64, currency: &str, about: &str, seq: u64) -> Charge {
    Charge {
        id: id("ch", seq),
        intent: id("pi", seq),
        created: at,
        amount,
        txn: id("txn", seq),
        description: about.to_owned(),
        currency: currency.to_owned(),
        metadata: BTreeMap::new(),
    }
}

pub(super) fn charge_txn(sale: &Charge) -> Txn {
    Txn {
        id: sale.txn.clone(),
        created: sale.created,
        available_on: midnight(sale.created) + DELAY_DAYS * DAY_S,
        amount: sale.amount,
        fee: fee(sale.amount),
        kind: "charge",
        category: "charge",
        source: Some(sale.id.clone()),
        description: sale.description.clone(),
        currency: sale.currency.clone(),
        payout: None,
    }
}

pub(super) fn refund(at: i64, sale: &Charge, amount: i64, seq: u64) -> Refund {
    Refund {
        id: id("re", seq),
        charge: sale.id.clone(),
        intent: sale.intent.clone(),
        created: at,
        amount,
        txn: id("txn", seq),
        reason: None,
        currency: sale.currency.clone(),
        metadata: BTreeMap::new(),
    }
}

pub(super) fn refund_txn(refund: &Refund) -> Txn {
    Txn {
        id: refund.txn.clone(),
        created: refund.created,
        available_on: midnight(refund.created),
        amount: -refund.amount,
        fee: 0,
        kind: "refund",
        category: "refund",
        source: Some(refund.id.clone()),
        description: format!("REFUND FOR CHARGE {}", refund.charge),
        currency: refund.currency.clone(),
        payout: None,
    }
}
