//! Stripe.

use super::{Bench, bench, doubtful, unknown};
use connectors::error::CallError;
use connectors::http::Effect;
use connectors::stripe::currency::Exponents;
use connectors::stripe::ledger::{self, BalanceRow, Payout};
use connectors::stripe::payments::{self, Charge};
use connectors::stripe::refund::{self, Reason, RefundInstruction, RefundReport, RefundState};
use connectors::stripe::{Account, Range};
use domain::{Channel, Money};

struct Shop {
    bench: Bench,
    account: Account,
}

fn shop() -> Shop {
    let bench = bench(Channel::Stripe, |settings| settings.stripe_sales = 30);
    let account = Account {
        key: bench.setup().fields["secret_key"].as_str().into(),
        version: Account::VERSION.into(),
        connected: None,
        base: bench.base(),
        exponents: Exponents::default(),
    };
    Shop { bench, account }
}

impl Shop {
    fn charges(&self) -> Vec<Charge> {
        let (mut all, mut range) = (Vec::new(), Range::default());
        loop {
            let request = payments::charges(&self.account, &range);
            let read = |a: &_| payments::read_charges(&self.account, &range, a);
            let page = self.bench.call(request, read).unwrap();
            all.extend(page.items);
            match page.next {
                Some(after) => range.after = Some(after),
                None => return all,
            }
        }
    }

    fn payouts(&self) -> Result<Vec<Payout>, CallError> {
        let range = Range::default();
        let request = ledger::payouts(&self.account, &range);
        let read = |a: &_| ledger::read_payouts(&self.account, &range, a);
        Ok(self.bench.call(request, read)?.items)
    }

    fn rows(&self, payout: &str) -> Vec<BalanceRow> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let range = Range { after: after.clone(), ..Range::default() };
            let request = ledger::list_of_payout(&self.account, payout, after.as_deref());
            let read = |a: &_| ledger::read_list(&self.account, &range, a);
            let page = self.bench.call(request, read).unwrap();
            all.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return all,
            }
        }
    }

    fn refund(&self, charge: &Charge, key: &str, cents: i64) -> Result<RefundReport, CallError> {
        let amount = Money::from_minor(cents, charge.amount.currency()).unwrap();
        let reason = Some(Reason::RequestedByCustomer);
        let asked = RefundInstruction { charge: &charge.id, key, amount, reason };
        let request = refund::create(&self.account, &asked);
        self.bench.call(request, |a| refund::read_create(&self.account, &asked, a))
    }

    fn refunds(&self, charge: &str) -> Vec<RefundReport> {
        let range = Range::default();
        let request = refund::list(&self.account, Some(charge), &range);
        self.bench.call(request, |a| refund::read_list(&self.account, &range, a)).unwrap().items
    }
}

#[test]
fn every_payout_is_explained_by_its_rows() {
    let shop = shop();
    let payouts = shop.payouts().unwrap();
    assert!(payouts.len() > 8);
    for payout in payouts.iter().filter(|payout| payout.itemized) {
        assert_eq!(ledger::unexplained(payout, &shop.rows(&payout.id)), Some(0), "{payout:?}");
    }
    assert_eq!(shop.charges().len(), 360, "all pages");
    let range = Range::default();
    let request = payments::disputes(&shop.account, &range);
    let read = |a: &_| payments::read_disputes(&shop.account, &range, a);
    assert!(!shop.bench.call(request, read).unwrap().items.is_empty());
}

#[test]
fn every_fault_of_a_refund_ends_in_doubt_and_its_key_gives_back_once() {
    let shop = shop();
    let charges = shop.charges();
    let mut untouched = charges
        .iter()
        .filter(|charge| charge.amount.minor() > 1000 && shop.refunds(&charge.id).is_empty());
    for (n, (action, was_done)) in doubtful().into_iter().enumerate() {
        let charge = untouched.next().unwrap();
        let key = format!("refund-{n}");
        shop.bench.break_next(action.clone());
        unknown(&action, Effect::Changes, &shop.refund(charge, &key, 600));
        let known = shop.refunds(&charge.id);
        assert_eq!(known.len(), usize::from(was_done), "{action:?}");
        let again = shop.refund(charge, &key, 600);
        if let Ok(report) = &again {
            assert_eq!(report.state, RefundState::Succeeded);
        }
        assert_eq!(shop.refunds(&charge.id).len(), 1, "{action:?}");
        shop.bench.break_next(action.clone());
        unknown(&action, Effect::Reads, &shop.payouts());
    }
}
