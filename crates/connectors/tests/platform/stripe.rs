//! Stripe.

use super::notices::{Heard, Listener};
use super::{Bench, bench, doubtful, unknown};
use connectors::error::{CallError, Doubt};
use connectors::http::Effect;
use connectors::stripe::currency::Exponents;
use connectors::stripe::ledger::{self, BalanceRow, Payout};
use connectors::stripe::payments::{self, Charge};
use connectors::stripe::refund::{self, Reason, RefundInstruction, RefundReport, RefundState};
use connectors::stripe::webhook::{self, Event};
use connectors::stripe::{Account, Range};
use domain::{Channel, Money};
use practice::platform::Action;

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

/// A shop with an endpoint on this computer, its secret, and charges to give back.
struct Told {
    shop: Shop,
    listener: Listener,
    secret: &'static str,
    charges: Vec<Charge>,
}

fn told_shop() -> Told {
    let (shop, listener) = (shop(), Listener::new());
    let secret = shop.bench.platform.endpoint(&listener.url).unwrap();
    let mut charges = shop.charges();
    charges.retain(|charge| charge.amount.minor() > 1000 && shop.refunds(&charge.id).is_empty());
    Told { shop, listener, secret, charges }
}

impl Told {
    fn give_back(&mut self, key: &str) {
        let charge = self.charges.pop().unwrap();
        self.shop.refund(&charge, key, 100).unwrap();
    }

    fn read(&self, heard: &Heard) -> Result<Event, CallError> {
        let header = heard.header("Stripe-Signature").unwrap_or_default();
        let now_s = self.shop.bench.now_ms() / 1000;
        let (other, ours) = ("whsec_other".into(), self.secret.into());
        webhook::read(&[&other, &ours], header, &heard.body, now_s, 300)
    }
}

#[test]
fn an_event_is_refused_unless_it_is_signed_now_and_is_one_however_often_it_comes() {
    let mut told = told_shop();
    told.shop.bench.break_notices(1, Action::Twice);
    told.give_back("refund-1");
    let twice = told.listener.wait(2);
    let [first, second] = [0, 1].map(|at| told.read(&twice[at]).unwrap());
    assert_eq!((&first, first.kind.as_str()), (&second, "refund.created"));
    assert!(!first.livemode);
    let wrong = [
        (Action::Skew { ms: -301_000 }, true),
        (Action::Skew { ms: 301_000 }, true),
        (Action::WrongSignature, false),
        (Action::OtherKey, false),
        (Action::Unsigned, false),
        (Action::Flip { bit: 77 }, false),
    ];
    for (n, (action, is_old)) in wrong.into_iter().enumerate() {
        told.shop.bench.break_notices(1, action.clone());
        told.give_back(&format!("wrong-{n}"));
        let error = told.read(&told.listener.only(3 + n)).expect_err("it is refused");
        let stale = matches!(&error, CallError::OutcomeUnknown { doubt: Doubt::Stale { .. }, .. });
        assert_eq!(stale, is_old, "{action:?}: {error:?}");
        unknown::<Event>(&action, Effect::Reads, &Err(error));
    }
}

#[test]
fn an_event_that_nobody_takes_comes_three_times_more_and_a_replay_is_no_event() {
    let mut told = told_shop();
    told.listener.answers("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    let charge = told.charges.pop().unwrap();
    told.shop.refund(&charge, "refund-1", 100).unwrap();
    told.shop.bench.told(1);
    told.shop.refund(&charge, "refund-1", 100).unwrap();
    told.shop.bench.comes_again(&[600, 3600, 10800]);
    let all = told.listener.wait(4);
    assert!(all.iter().all(|heard| heard.body == all[0].body), "the same event");
    let stamps: Vec<_> = all.iter().map(|heard| heard.header("Stripe-Signature")).collect();
    assert!(stamps.windows(2).all(|two| two[0] != two[1]), "signed anew");
}
