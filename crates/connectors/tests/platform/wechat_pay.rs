//! WeChat Pay.

use super::{Bench, NOON, bench, doubtful, unknown, unsigned, yuan};
use connectors::error::CallError;
use connectors::http::{Effect, HttpRequest};
use connectors::keys::{GcmKey, VerifyKey};
use connectors::wechat_pay::api::bill::{self, BillKind, BillOffer};
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
}

fn shop() -> Shop {
    let bench = bench(Channel::WechatPay, |_| {});
    let fields = bench.setup().fields;
    let mut trust = Trust::default();
    let key = VerifyKey::parse(&fields["public_key_pem"]).expect("a public key");
    trust.add_public_key(&fields["public_key_id"], key);
    Shop { account: account(&bench), bench, trust }
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
            notify_url: "https://example.com/n".into(),
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
            notify_url: None,
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
    let mut shop = Shop { account: account(&bench), bench, trust: Trust::default() };
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
