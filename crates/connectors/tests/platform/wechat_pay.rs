//! WeChat Pay.

use super::notices::{Heard, Listener};
use super::{Bench, NOON, bench, doubtful, unknown, unsigned, yuan};
use connectors::error::{CallError, Doubt};
use connectors::http::{Effect, HttpRequest};
use connectors::keys::{GcmKey, VerifyKey};
use connectors::wechat_pay::api::bill::{self, BillKind, BillOffer};
use connectors::wechat_pay::api::callback::{self, Callback, Event};
use connectors::wechat_pay::api::order::{self, NativeOrder, OrderNo, TradeState};
use connectors::wechat_pay::api::refund::{self, AbnormalTarget, RefundInstruction, RefundState};
use connectors::wechat_pay::api::sign::{Stamp, sign};
use connectors::wechat_pay::api::verify::{Trust, Verifier};
use connectors::wechat_pay::api::{Account, certificates};
use domain::{BusinessDate, Channel};
use practice::platform::{Action, WechatKeys};

struct Shop {
    bench: Bench,
    account: Account,
    trust: Trust,
    notify_url: String,
}

/// Where nobody is called.
const NOWHERE: &str = "https://example.com/n";

fn shop() -> Shop {
    let bench = bench(Channel::WechatPay, |_| {});
    let fields = bench.setup().fields;
    let mut trust = Trust::default();
    let key = VerifyKey::parse(&fields["public_key_pem"]).expect("a public key");
    trust.add_public_key(&fields["public_key_id"], key);
    Shop { account: account(&bench), bench, trust, notify_url: NOWHERE.into() }
}

fn account(bench: &Bench) -> Account {
    let fields = bench.setup().fields;
    Account {
        mchid: fields["mchid"].clone(),
        appid: fields["appid"].clone(),
        serial_no: fields["serial_no"].clone(),
        public_key_id: fields.get("public_key_id").cloned(),
        base: bench.base(),
        bill_hosts: Vec::new(),
        language: "zh-CN",
    }
}

impl Shop {
    fn verifier(&self) -> Verifier<'_> {
        Verifier { trust: &self.trust, now_s: self.bench.now_ms() / 1000 }
    }

    fn signed(&self, request: HttpRequest) -> Result<HttpRequest, CallError> {
        let stamp = Stamp::fresh(self.bench.now_ms() / 1000).expect("random bytes");
        sign(request, &self.account, &self.bench.key(), &stamp)
    }

    fn create(&self, number: &str, fen: i64) -> Result<String, CallError> {
        let order = NativeOrder {
            out_trade_no: number.into(),
            description: "拿铁 大杯".into(),
            total: yuan(fen),
            notify_url: self.notify_url.clone(),
            expires_at_ms: Some(self.bench.now_ms() + 600_000),
            attach: Some("counter-1".into()),
            device_id: Some("T1".into()),
            client_ip: Some("127.0.0.1".into()),
        };
        let request = order::create(&self.account, &order, self.bench.now_ms())?;
        self.bench.call(self.signed(request), |a| order::read_create(&self.verifier(), a))
    }

    fn query(&self, number: &str) -> Result<Option<order::OrderReport>, CallError> {
        let no = OrderNo::Ours(number);
        let request = order::query(&self.account, no)?;
        let read = |a: &_| order::read_query(&self.verifier(), &self.account, no, a);
        self.bench.call(self.signed(request), read)
    }

    fn close(&self, number: &str) -> Result<(), CallError> {
        let request = order::close(&self.account, number)?;
        self.bench.call(self.signed(request), |a| order::read_close(&self.verifier(), a))
    }

    fn refund(
        &self,
        order: &str,
        ours: &str,
        fen: i64,
        total: i64,
    ) -> Result<RefundState, CallError> {
        let asked = RefundInstruction {
            payment: OrderNo::Ours(order),
            out_refund_no: ours,
            amount: yuan(fen),
            order_total: yuan(total),
            reason: Some("少发一件"),
            notify_url: Some(&self.notify_url),
            funds_account: None,
        };
        let request = refund::create(&self.account, &asked)?;
        let read = |a: &_| refund::read_create(&self.verifier(), &asked, a);
        self.bench.call(self.signed(request), read).map(|report| report.state)
    }

    fn query_refund(&self, ours: &str) -> Result<Option<refund::RefundReport>, CallError> {
        let request = refund::query(&self.account, ours)?;
        let read = |a: &_| refund::read_query(&self.verifier(), ours, a);
        self.bench.call(self.signed(request), read)
    }

    fn bill(&self, day: &str, kind: BillKind) -> Result<BillOffer, CallError> {
        let day = BusinessDate::parse(day).expect("a day");
        let request = bill::request(&self.account, day, kind);
        let read = |a: &_| bill::read_request(&self.verifier(), &self.account, a);
        self.bench.call(self.signed(request), read)
    }
}

#[test]
fn an_order_goes_from_its_code_to_a_refund_and_back_out_of_an_abnormal_one() {
    let shop = shop();
    assert_eq!(shop.query("ORDER0001").unwrap(), None);
    assert!(shop.create("ORDER0001", 1000).unwrap().starts_with("weixin://"));
    assert_eq!(shop.query("ORDER0001").unwrap().unwrap().state, TradeState::Unpaid);
    assert!(shop.bench.platform.pay("wechat_pay", "ORDER0001"));
    let paid = shop.query("ORDER0001").unwrap().unwrap();
    assert!(paid.state.is_paid() && paid.total == Some(yuan(1000)), "{paid:?}");
    assert_eq!(shop.refund("ORDER0001", "R1", 300, 1000).unwrap(), RefundState::Pending);
    assert!(shop.bench.platform.decide_refund("wechat_pay", "R1", "ABNORMAL"));
    let stuck = shop.query_refund("R1").unwrap().unwrap();
    assert_eq!(stuck.state, RefundState::RequiresAction);
    let target = AbnormalTarget::UserCard {
        bank_type: "ICBC_DEBIT".into(),
        bank_account: "6222020200012348812".into(),
        real_name: "李明".into(),
    };
    let (id, now_s) = (stuck.refund_id.as_str(), NOON / 1000);
    let request =
        refund::settle_abnormal(&shop.account, id, "R1", &target, &shop.trust, now_s).unwrap();
    let read = |a: &_| refund::read_abnormal(&shop.verifier(), "R1", a);
    shop.bench.call(shop.signed(request), read).unwrap();
    shop.bench.later(3000);
    assert_eq!(shop.query_refund("R1").unwrap().unwrap().state, RefundState::Succeeded);
    assert_eq!(shop.query_refund("R2").unwrap(), None);
    let over = shop.refund("ORDER0001", "R2", 701, 1000).unwrap_err();
    assert_eq!(over.class(), "rejected", "{over:?}");
    shop.create("ORDER0002", 500).unwrap();
    shop.close("ORDER0002").unwrap();
    assert_eq!(shop.query("ORDER0002").unwrap().unwrap().state, TradeState::Closed);
}

#[test]
fn every_sale_and_refund_of_the_season_is_known_by_its_number() {
    let shop = shop();
    let season = practice::generate(&practice::Options {
        days: 12,
        size: 4,
        planted: practice::Plant::None,
        ..practice::Options::default()
    });
    let mut seen = 0;
    for line in season.flat_map(|day| day.wechat.trade) {
        seen += 1;
        match &line.refund {
            None => {
                let report = shop.query(&line.order_id).unwrap().unwrap();
                assert_eq!(report.transaction_id.as_deref(), Some(&*line.payment_id));
                assert_eq!(report.total, Some(yuan(line.order_amount)));
                assert!(report.state.is_paid());
            }
            Some(part) => {
                let report = shop.query_refund(&part.merchant_id).unwrap().unwrap();
                assert_eq!(report.refund_id, part.channel_id);
                assert_eq!(report.amount, yuan(line.order_amount));
                assert_eq!(report.fee_returned, Some(yuan(line.fee)));
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn bills_come_whole_and_empty_accounts_say_so() {
    let shop = shop();
    for kind in BillKind::DAILY {
        match shop.bill("2026-01-20", kind).unwrap() {
            BillOffer::Ready(ticket) => {
                let request = shop.signed(bill::download(&ticket));
                let plain = shop.bench.call(request, |a| bill::read_download(&ticket, a)).unwrap();
                assert!(plain.starts_with("\u{feff}".as_bytes()));
            }
            other => {
                assert_eq!(other, BillOffer::Empty);
                assert!(!matches!(kind, BillKind::Trade(_)));
            }
        }
    }
    shop.bench.later(-3 * 3_600_000);
    let day = BillKind::Trade(connectors::bill::TradeRows::All);
    assert_eq!(shop.bill("2026-01-26", day).unwrap(), BillOffer::NotYet, "at nine");
}

#[test]
fn certificates_are_fetched_and_fetched_again_when_they_change() {
    let bench = bench(Channel::WechatPay, |s| s.wechat_keys = WechatKeys::Certificates);
    let key = GcmKey::parse(&bench.setup().fields["api_v3_key"].as_str().into()).unwrap();
    let (account, trust, notify_url) = (account(&bench), Trust::default(), NOWHERE.into());
    let mut shop = Shop { account, bench, trust, notify_url };
    for expected in [1, 2] {
        let request = shop.signed(certificates::request(&shop.account));
        let read = |a: &_| certificates::read(&shop.trust, NOON / 1000, &key, a);
        let found = shop.bench.call(request, read).unwrap();
        assert_eq!(found.len(), expected);
        for found in found {
            assert!(shop.trust.add_certificate(&found.serial_no, &found.certificate));
        }
        assert_eq!(shop.query("ORDER0099").unwrap(), None);
        shop.create(&format!("ORDER000{expected}"), 1000).unwrap();
        shop.bench.platform.rotate("wechat_pay");
        let stranger = shop.create(&format!("ORDER001{expected}"), 1000);
        assert_eq!(stranger.is_err(), expected == 1, "an unknown key is not believed");
    }
}

#[test]
fn every_fault_of_a_refund_ends_in_doubt_and_a_repeat_never_gives_back_twice() {
    let shop = shop();
    let all = doubtful().into_iter().chain(unsigned().into_iter().map(|action| (action, true)));
    let all = all.chain([(Action::SignatureProbe, true)]);
    for (n, (action, was_done)) in all.enumerate() {
        let (order, ours) = (format!("ORDER{n:04}"), format!("R{n}"));
        shop.create(&order, 1000).unwrap();
        assert!(shop.bench.platform.pay("wechat_pay", &order));
        shop.bench.break_next(action.clone());
        let done = shop.refund(&order, &ours, 600, 1000);
        unknown(&action, Effect::Changes, &done);
        assert_eq!(shop.query_refund(&ours).unwrap().is_some(), was_done, "{action:?}");
        shop.refund(&order, &ours, 600, 1000).unwrap();
        let twice = shop.refund(&order, &format!("{ours}x"), 401, 1000);
        assert!(twice.is_err(), "{action:?}: only 400 are left");
        shop.refund(&order, &format!("{ours}y"), 400, 1000).unwrap();
    }
}

#[test]
fn every_fault_of_a_question_ends_in_doubt_that_moves_no_money() {
    let shop = shop();
    shop.create("ORDER0001", 1000).unwrap();
    let kind = BillKind::Fund(domain::FundAccount::Basic);
    let all = doubtful().into_iter().map(|(action, _)| action).chain(unsigned());
    for action in all {
        shop.bench.break_next(action.clone());
        unknown(&action, Effect::Reads, &shop.query("ORDER0001"));
        shop.bench.break_next(action.clone());
        unknown(&action, Effect::Reads, &shop.bill("2026-01-20", kind));
    }
    shop.bench.break_next(Action::Slow { piece: 100, wait_ms: 1 });
    assert!(shop.query("ORDER0001").unwrap().is_some(), "slow is not wrong");
    shop.bench.break_next(Action::Skew { ms: 400_000 });
    let skewed = shop.query("ORDER0001").unwrap_err();
    assert_eq!(skewed.class(), "rejected", "{skewed:?}");
    let code = "NOT_ENOUGH".to_owned();
    shop.bench.platform.pay("wechat_pay", "ORDER0001");
    shop.bench.break_next(Action::Refuse { status: 403, code, message: "余额不足".into() });
    let poor = shop.refund("ORDER0001", "R1", 1, 1000).unwrap_err();
    assert_eq!((poor.class(), poor.act()), ("rejected", connectors::error::Act::TopUp));
}

/// A shop whose orders and refunds name somebody on this computer, and who that is.
fn told_shop() -> (Shop, Listener) {
    let (mut shop, listener) = (shop(), Listener::new());
    shop.notify_url.clone_from(&listener.url);
    (shop, listener)
}

impl Shop {
    fn read(&self, heard: &Heard) -> Result<Callback, CallError> {
        let key = &self.bench.setup().fields["api_v3_key"];
        let key = GcmKey::parse(&key.as_str().into()).expect("a key");
        let header = |name: &str| heard.header(name);
        callback::read(&self.verifier(), &self.account, &key, header, &heard.body)
    }

    fn paid(&self, number: &str) {
        self.create(number, 1000).unwrap();
        assert!(self.bench.platform.pay("wechat_pay", number));
    }
}

#[test]
fn a_payment_and_its_refund_are_told_of_sealed_and_signed() {
    let (shop, listener) = told_shop();
    shop.paid("ORDER0001");
    let told = shop.read(&listener.only(1)).unwrap();
    assert_eq!(told.created_at_ms, NOON);
    let Event::Paid(paid) = &told.event else { panic!("{told:?}") };
    assert_eq!((paid.out_trade_no.as_str(), paid.total), ("ORDER0001", Some(yuan(1000))));
    assert!(paid.state.is_paid());
    assert_eq!(**paid, shop.query("ORDER0001").unwrap().unwrap(), "what a query says");

    shop.refund("ORDER0001", "R1", 300, 1000).unwrap();
    shop.bench.later(2_999);
    shop.bench.told(1);
    shop.bench.later(1);
    let told = shop.read(&listener.only(2)).unwrap();
    let Event::Refund(back) = &told.event else { panic!("{told:?}") };
    assert_eq!((back.out_refund_no.as_str(), back.amount), ("R1", yuan(300)));
    assert_eq!(back.state, RefundState::Succeeded);
    assert_eq!(Some(&back.transaction_id), paid.transaction_id.as_ref());

    // What comes to a halt, and what is done after all.
    shop.refund("ORDER0001", "R2", 300, 1000).unwrap();
    assert!(shop.bench.platform.decide_refund("wechat_pay", "R2", "ABNORMAL"));
    let told = shop.read(&listener.only(3)).unwrap();
    let Event::Refund(stuck) = &told.event else { panic!("{told:?}") };
    assert_eq!(stuck.state, RefundState::RequiresAction);
    assert!(shop.bench.platform.decide_refund("wechat_pay", "R2", "CLOSED"));
    let told = shop.read(&listener.only(4)).unwrap();
    let Event::Refund(closed) = &told.event else { panic!("{told:?}") };
    assert_eq!(closed.state, RefundState::Canceled);
}

#[test]
fn a_callback_is_refused_unless_it_is_signed_now_and_is_one_event_however_often_it_comes() {
    let (shop, listener) = told_shop();
    shop.bench.break_notices(1, Action::Twice);
    shop.paid("ORDER0001");
    let twice = listener.wait(2);
    let [first, second] = [0, 1].map(|at| shop.read(&twice[at]).unwrap());
    assert_eq!(first, second, "one event");
    let signatures = [0, 1].map(|at| twice[at].header("Wechatpay-Signature").map(str::to_owned));
    assert_ne!(signatures[0], signatures[1], "signed anew");

    let wrong = [
        Action::Skew { ms: -301_000 },
        Action::Skew { ms: 301_000 },
        Action::WrongSignature,
        Action::Unsigned,
        Action::OtherKey,
        Action::ExpiredCertificate,
        Action::SignatureProbe,
        Action::Flip { bit: 333 },
    ];
    for (n, action) in wrong.into_iter().enumerate() {
        shop.bench.break_notices(1, action.clone());
        shop.paid(&format!("ORDER1{n:03}"));
        let error = shop.read(&listener.only(3 + n)).expect_err("it is refused");
        let stale = matches!(&error, CallError::OutcomeUnknown { doubt: Doubt::Stale { .. }, .. });
        assert_eq!(stale, matches!(action, Action::Skew { .. }), "{action:?}: {error:?}");
        unknown::<Callback>(&action, Effect::Reads, &Err(error));
    }
    shop.bench.break_notices(1, Action::Skew { ms: -299_000 });
    shop.paid("ORDER0002");
    assert!(shop.read(&listener.only(11)).is_ok(), "within five minutes");
}

#[test]
fn a_callback_that_nobody_takes_comes_fifteen_times_more_within_a_day() {
    let (shop, listener) = told_shop();
    listener.answers("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    shop.paid("ORDER0001");
    let hours = [1, 3, 3, 3, 6, 6].map(|hours| hours * 3600);
    let short = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800];
    shop.bench.comes_again(&[&short[..], &hours].concat());
    let all = listener.wait(16);
    assert!(all.iter().all(|heard| heard.body == all[0].body), "the same event");
    // Once it is taken, it comes no more; one that was lost on the way comes again.
    shop.bench.break_notices(1, Action::ResetBefore);
    shop.paid("ORDER0002");
    shop.bench.told(17);
    listener.answers("HTTP/1.1 204 No Content\r\n\r\n");
    shop.bench.later(15_000);
    assert!(shop.read(&listener.only(17)).is_ok());
    shop.bench.later(86_400_000);
    shop.bench.told(18);
}
