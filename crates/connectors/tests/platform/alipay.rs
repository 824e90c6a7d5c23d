//! Alipay.

use super::notices::Listener;
use super::{Bench, NOON, bench, doubtful, unknown, yuan};
use connectors::alipay::api::answer::Verifier;
use connectors::alipay::api::bill::{self, BillKind, BillOffer};
use connectors::alipay::api::certificates::{self, Certificates, Trust};
use connectors::alipay::api::gateway::{Caller, Unsigned};
use connectors::alipay::api::ledger::{self, Span};
use connectors::alipay::api::notify::{self, Notice};
use connectors::alipay::api::pay::{self, CancelOutcome, CloseOutcome, PayOutcome, Payment};
use connectors::alipay::api::refund::{self, RefundInstruction, RefundState};
use connectors::alipay::api::{Account, KeyMode, TradeNo};
use connectors::error::CallError;
use connectors::http::{Effect, HttpAnswer};
use connectors::keys::{CbcKey, Certificate, VerifyKey};
use domain::{BusinessDate, Channel};
use practice::platform::{Action, AlipayKeys, Settings};

struct Shop {
    bench: Bench,
    account: Account,
    trust: Trust,
    content_key: Option<CbcKey>,
}

fn shop(change: impl FnOnce(&mut Settings)) -> Shop {
    let bench = bench(Channel::Alipay, change);
    let fields = bench.setup().fields;
    let (mode, trust) = match fields.get("alipay_public_key_pem") {
        Some(key) => {
            let theirs = VerifyKey::parse(key).expect("a key");
            (KeyMode::PublicKey, Trust::PublicKeys(vec![theirs]))
        }
        None => {
            let app = Certificate::parse(&fields["app_cert_pem"]).expect("a certificate");
            let mut known = Certificates::pinned(&fields["root_cert_pem"]);
            assert!(known.add(&fields["alipay_cert_pem"], NOON / 1000), "it leads to the root");
            let root_cert_sn = certificates::root_sn(&fields["root_cert_pem"]);
            let app_cert_sn = app.alipay_sn();
            (KeyMode::Certificates { app_cert_sn, root_cert_sn }, Trust::Certificates(known))
        }
    };
    let account = Account {
        app_id: fields["app_id"].clone(),
        mode,
        base: bench.base(),
        bill_hosts: Vec::new(),
    };
    let key = fields.get("aes_key").cloned();
    let content_key = key.map(|key| CbcKey::parse(&key.as_str().into()).expect("a key"));
    Shop { bench, account, trust, content_key }
}

impl Shop {
    fn caller(&self) -> Caller<'_> {
        let (at_ms, content_key) = (self.bench.now_ms(), self.content_key.as_ref());
        Caller { account: &self.account, at_ms, content_key }
    }

    fn verifier(&self) -> Verifier<'_> {
        let content_key = self.content_key.as_ref();
        Verifier { trust: &self.trust, now_s: self.bench.now_ms() / 1000, content_key }
    }

    fn ask<T>(
        &self,
        request: Result<Unsigned, CallError>,
        read: impl FnOnce(&HttpAnswer) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        self.bench.call(request?.sign(&self.bench.key()), read)
    }

    fn precreate(&self, number: &str, fen: i64) -> Result<String, CallError> {
        let payment = payment(number, fen);
        let request = pay::precreate(&self.caller(), &payment);
        self.ask(request, |a| pay::read_precreate(&self.verifier(), &payment, a))
    }

    fn query(&self, number: &str) -> Result<Option<pay::TradeReport>, CallError> {
        let no = TradeNo::Ours(number);
        self.ask(pay::query(&self.caller(), no), |a| pay::read_query(&self.verifier(), no, a))
    }

    fn refund(&self, trade: &str, ours: &str, fen: i64) -> Result<refund::RefundAnswer, CallError> {
        let asked = RefundInstruction {
            payment: TradeNo::Ours(trade),
            out_request_no: ours,
            amount: yuan(fen),
            reason: Some("少发一件"),
        };
        let request = refund::create(&self.caller(), &asked);
        self.ask(request, |a| refund::read_create(&self.verifier(), &asked, a))
    }

    fn query_refund(&self, trade: &str, ours: &str) -> Result<Option<RefundState>, CallError> {
        let no = TradeNo::Ours(trade);
        let request = refund::query(&self.caller(), no, ours);
        let read = |a: &_| refund::read_query(&self.verifier(), no, ours, a);
        Ok(self.ask(request, read)?.map(|report| report.state))
    }

    fn bill(&self, day: &str, kind: BillKind) -> Result<BillOffer, CallError> {
        let day = BusinessDate::parse(day).expect("a day");
        let request = bill::request(&self.caller(), day, kind);
        self.ask(request, |a| bill::read_request(&self.verifier(), &self.account, a))
    }
}

fn payment(number: &str, fen: i64) -> Payment<'_> {
    Payment {
        out_trade_no: number,
        total: yuan(fen),
        subject: "拿铁 & {贝果}=2",
        product_code: None,
        timeout_minutes: Some(30),
        store_id: Some("S001"),
        terminal_id: None,
        operator_id: None,
        notify_url: None,
    }
}

fn goes_round(shop: &Shop) {
    let verifier = || shop.verifier();
    assert!(shop.precreate("A1", 10_000).unwrap().starts_with("https://qr.alipay.com/"));
    assert_eq!(shop.query("A1").unwrap(), None, "nobody has scanned it");
    assert!(shop.bench.platform.pay("alipay", "A1"));
    assert!(shop.query("A1").unwrap().unwrap().was_paid());
    assert!(shop.refund("A1", "A1-1", 4000).unwrap().moved_now);
    let again = shop.refund("A1", "A1-1", 4000).unwrap();
    assert_eq!((again.moved_now, again.refunded_total), (false, yuan(4000)));
    assert_eq!(shop.query_refund("A1", "A1-1").unwrap(), Some(RefundState::Succeeded));
    assert_eq!(shop.query_refund("A1", "A1-9").unwrap(), None);
    assert_eq!(shop.refund("A1", "A1-2", 6001).unwrap_err().class(), "rejected");

    let by_code = payment("A2", 800);
    let code = "281234567890123456".into();
    let request = pay::pay(&shop.caller(), &by_code, &code);
    let paid = shop.ask(request, |a| pay::read_pay(&verifier(), &by_code, a)).unwrap();
    assert!(matches!(paid, PayOutcome::Paid(_)));
    let no = TradeNo::Ours("A2");
    let request = pay::cancel(&shop.caller(), no);
    let canceled = shop.ask(request, |a| pay::read_cancel(&verifier(), no, a)).unwrap();
    assert_eq!(canceled, CancelOutcome::Refunded);
    shop.precreate("A3", 800).unwrap();
    let no = TradeNo::Ours("A3");
    let request = pay::close(&shop.caller(), no);
    let closed = shop.ask(request, |a| pay::read_close(&verifier(), no, a)).unwrap();
    assert_eq!(closed, CloseOutcome::NeverScanned);

    for kind in BillKind::DAILY {
        let BillOffer::Ready(ticket) = shop.bill("2026-01-20", kind).unwrap() else {
            panic!("there were sales")
        };
        shop.bench.call(Ok(bill::download(&ticket)), bill::read_download).unwrap();
    }
    assert_eq!(shop.bill("2026-01-01", BillKind::Trade).unwrap(), BillOffer::Absent);
    let day_ms = 86_400_000;
    let (from_ms, until_ms) = (NOON - 12 * day_ms, NOON + 1000);
    let span = Span { from_ms, until_ms, page_no: 1, page_size: 2000 };
    let request = ledger::account_log(&shop.caller(), span);
    let log = shop.ask(request, |a| ledger::read_account_log(&verifier(), span, a)).unwrap();
    let request = ledger::balance(&shop.caller());
    let balance = shop.ask(request, |a| ledger::read_balance(&verifier(), a)).unwrap();
    assert_eq!(log.rows.last().and_then(|row| row.balance), Some(balance.total));
}

#[test]
fn everything_goes_round_with_bare_keys_with_certificates_and_sealed() {
    goes_round(&shop(|_| {}));
    goes_round(&shop(|settings| settings.alipay_keys = AlipayKeys::Certificates));
    goes_round(&shop(|settings| settings.alipay_sealed = true));
}

#[test]
fn a_new_certificate_is_fetched_by_its_name_and_believed_by_its_chain() {
    let mut shop = shop(|settings| settings.alipay_keys = AlipayKeys::Certificates);
    shop.precreate("A1", 100).unwrap();
    assert!(shop.bench.platform.rotate("alipay"));
    let error = shop.precreate("A1", 100).unwrap_err();
    assert_eq!(error.act(), connectors::error::Act::FetchKeys, "{error:?}");
    let pem = shop.bench.setup().fields["alipay_cert_pem"].clone();
    let name = Certificate::parse(&pem).unwrap().alipay_sn();
    let Trust::Certificates(known) = shop.trust.clone() else { panic!("in certificate mode") };
    let request = certificates::fetch(&shop.caller(), &name);
    let read = |a: &_| certificates::read_fetch(&known, &name, a, (NOON / 1000, None));
    shop.trust = Trust::Certificates(shop.ask(request, read).unwrap());
    shop.precreate("A1", 100).unwrap();
}

#[test]
fn every_fault_of_a_refund_ends_in_doubt_and_a_repeat_never_gives_back_twice() {
    let shop = shop(|_| {});
    let lost = [Action::WrongSignature, Action::OtherKey, Action::Unsigned];
    let all = doubtful().into_iter().chain(lost.map(|action| (action, true)));
    for (n, (action, was_done)) in all.enumerate() {
        let (trade, ours) = (format!("A{n}"), format!("R{n}"));
        shop.precreate(&trade, 1000).unwrap();
        assert!(shop.bench.platform.pay("alipay", &trade));
        shop.bench.break_next(action.clone());
        unknown(&action, Effect::Changes, &shop.refund(&trade, &ours, 600));
        let known = shop.query_refund(&trade, &ours).unwrap();
        assert_eq!(known.is_some(), was_done, "{action:?}");
        assert_eq!(shop.refund(&trade, &ours, 600).unwrap().moved_now, !was_done);
        assert!(shop.refund(&trade, &format!("{ours}x"), 401).is_err(), "only 400 are left");
        shop.bench.break_next(action.clone());
        unknown(&action, Effect::Reads, &shop.query(&trade));
        shop.bench.break_next(action.clone());
        unknown(&action, Effect::Reads, &shop.bill("2026-01-20", BillKind::Account));
    }
}

impl Shop {
    /// An order that names who is to be told, paid.
    fn paid(&self, number: &str, fen: i64, listener: &Listener) {
        let payment = Payment { notify_url: Some(&listener.url), ..payment(number, fen) };
        let request = pay::precreate(&self.caller(), &payment);
        self.ask(request, |a| pay::read_precreate(&self.verifier(), &payment, a)).unwrap();
        assert!(self.bench.platform.pay("alipay", number));
    }

    fn read(&self, body: &[u8]) -> Result<Notice, CallError> {
        notify::read(&self.trust, &self.account.app_id, body, self.bench.now_ms() / 1000)
    }
}

#[test]
fn a_payment_and_what_is_given_back_of_it_are_told_of_in_both_key_modes() {
    let certificates = |settings: &mut Settings| settings.alipay_keys = AlipayKeys::Certificates;
    let (bare, listener) = (shop(|_| {}), Listener::new());
    tells(&bare, &listener);
    let (by_certificate, listener) = (shop(certificates), Listener::new());
    tells(&by_certificate, &listener);
}

fn tells(shop: &Shop, listener: &Listener) {
    shop.paid("A1", 1000, listener);
    let paid = shop.read(&listener.only(1).body).unwrap();
    let of = |notice: &Notice, names: [&str; 3]| names.map(|n| notice.get(n).map(str::to_owned));
    let said = |texts: [&str; 3]| texts.map(|text| Some(text.to_owned()));
    let names = ["out_trade_no", "total_amount", "trade_status"];
    assert_eq!(of(&paid, names), said(["A1", "10.00", "TRADE_SUCCESS"]));
    assert_eq!(paid.get("subject"), Some("拿铁 & {贝果}=2"));
    assert!(!paid.is_refund());
    // What was given back is told as the sum of it so far, and by its own number.
    let names = ["out_biz_no", "refund_fee", "trade_status"];
    shop.refund("A1", "A1-1", 400).unwrap();
    let part = shop.read(&listener.only(2).body).unwrap();
    assert!(part.is_refund());
    assert_eq!(of(&part, names), said(["A1-1", "4.00", "TRADE_SUCCESS"]));
    shop.refund("A1", "A1-1", 400).unwrap();
    shop.refund("A1", "A1-2", 600).unwrap();
    let rest = shop.read(&listener.only(3).body).unwrap();
    assert_eq!(of(&rest, names), said(["A1-2", "10.00", "TRADE_CLOSED"]));
    let ids = [&paid, &part, &rest].map(|notice| notice.id().map(str::to_owned));
    assert!(ids.iter().all(Option::is_some) && ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
    let error = notify::read(&shop.trust, "2021000000000009", &listener.only(3).body, NOON / 1000);
    assert_eq!(error.expect_err("another app's").class(), "contract");
}

#[test]
fn a_notice_is_refused_unless_it_is_alipays_and_is_one_however_often_and_late_it_comes() {
    let (shop, listener) = (shop(|_| {}), Listener::new());
    shop.bench.break_notices(1, Action::Twice);
    shop.paid("A1", 1000, &listener);
    let twice = listener.wait(2);
    let [first, second] = [0, 1].map(|at| shop.read(&twice[at].body).unwrap());
    assert_eq!(first.id(), second.id());
    let wrong =
        [Action::WrongSignature, Action::Unsigned, Action::OtherKey, Action::Flip { bit: 100 }];
    for (n, action) in wrong.into_iter().enumerate() {
        shop.bench.break_notices(1, action.clone());
        shop.paid(&format!("W{n}"), 1000, &listener);
        unknown(&action, Effect::Reads, &shop.read(&listener.only(3 + n).body));
    }
    // Its signature has no window: an old one is known by its number alone.
    shop.bench.break_notices(1, Action::Skew { ms: -86_400_000 });
    shop.paid("A2", 1000, &listener);
    let old = shop.read(&listener.only(7).body).unwrap();
    assert_eq!(old.get("notify_time"), Some("2026-01-26 12:00:00"));
    assert_eq!(old.get("gmt_payment"), Some("2026-01-27 12:00:00"));
    // Anything but its word is no answer.
    let (shop, listener) = (self::shop(|_| {}), Listener::new());
    listener.answers("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    shop.paid("A1", 1000, &listener);
    shop.bench.comes_again(&[240, 600, 600, 3600, 7200, 21600, 54000]);
    let ids: Vec<_> = (listener.wait(8).iter())
        .map(|heard| shop.read(&heard.body).unwrap().id().map(str::to_owned))
        .collect();
    assert!(ids.iter().all(|id| id.is_some() && *id == ids[0]), "{ids:?}");
}
