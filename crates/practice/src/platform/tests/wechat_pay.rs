//! WeChat Pay's side of the platform.

use super::{Bench, Got, HOUR, NOON, bench, keys};
use crate::files::write;
use crate::options::{Options, Plant};
use crate::platform::{
    Action, BillFault, BillTwist, Fault, Platform, Settings, WechatKeys, wechat_pay::APIV3_KEY,
};
use flate2::read::GzDecoder;
use serde_json::json;
use std::io::Read;
use std::sync::Arc;

const BILL: &str = "/v3/bill/tradebill?bill_date=2026-01-20&bill_type=ALL&tar_type=GZIP";

impl Bench {
    fn wechat(&self, method: &str, target: &str, body: &str) -> Got {
        self.wechat_with(method, target, body, |_| {}).expect("an answer comes")
    }

    /// Signs and sends; `change` spoils the signed parts before they go out.
    fn wechat_with(
        &self,
        method: &str,
        target: &str,
        body: &str,
        change: impl FnOnce(&mut [String; 4]),
    ) -> Option<Got> {
        let seconds = (self.now_ms() / 1000).to_string();
        let message = format!("{method}\n{target}\n{seconds}\nN0NCE\n{body}\n");
        let signature = self.signer("wechat_pay").sign(message.as_bytes());
        let mut parts = [target.to_owned(), body.to_owned(), seconds, signature];
        change(&mut parts);
        let [target, body, seconds, signature] = parts;
        let authorization = format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"N0NCE\",signature=\"{signature}\",\
             timestamp=\"{seconds}\",serial_no=\"{}\"",
            self.field("wechat_pay", "mchid"),
            self.field("wechat_pay", "serial_no"),
        );
        let headers = [
            ("Authorization", authorization),
            ("Accept", "application/json".into()),
            ("User-Agent", "test".into()),
        ];
        self.send(method, &target, &headers, &body)
    }

    fn holds(&self, got: &Got) -> bool {
        let part = |name: &str| got.header(name).unwrap_or_default().to_owned();
        let message = format!(
            "{}\n{}\n{}\n",
            part("Wechatpay-Timestamp"),
            part("Wechatpay-Nonce"),
            got.text()
        );
        let key = self.field("wechat_pay", "public_key_pem");
        keys::verifies(&key, message.as_bytes(), &part("Wechatpay-Signature"))
    }

    fn fetch(&self, offer: &Got) -> Got {
        let url = offer.json()["download_url"].as_str().unwrap().to_owned();
        let target = url.strip_prefix(self.platform.base()).unwrap().to_owned();
        self.wechat("GET", &target, "")
    }
}

fn order(number: &str, total: i64) -> String {
    json!({
        "appid": "wxd678efh567hg6787", "mchid": "1900000109", "description": "拿铁",
        "out_trade_no": number, "notify_url": "https://example.com/n", "amount": {"total": total},
    })
    .to_string()
}

fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(body).read_to_end(&mut plain).unwrap();
    plain
}

#[test]
fn a_call_whose_signed_bytes_were_changed_is_refused() {
    let bench = bench(|_| {});
    assert_eq!(bench.wechat("GET", BILL, "").status, 200);
    let spoil: [fn(&mut [String; 4]); 4] = [
        |parts| parts[0] = parts[0].replace("01-20", "01-21"),
        |parts| parts[1].push(' '),
        |parts| parts[2] = (parts[2].parse::<i64>().unwrap() + 1).to_string(),
        |parts| parts[3] = parts[3].replacen('A', "B", 1) + "=",
    ];
    for change in spoil {
        let got = bench.wechat_with("GET", BILL, "", change).unwrap();
        assert_eq!((got.status, got.json()["code"].as_str()), (401, Some("SIGN_ERROR")));
    }
}

#[test]
fn a_call_more_than_five_minutes_from_the_channels_clock_is_refused() {
    let bench = bench(|_| {});
    for (ms, status) in [(299_000, 200), (-299_000, 200), (301_000, 401), (-301_000, 401)] {
        let got = bench.wechat_with("GET", BILL, "", |_| bench.later(ms)).unwrap();
        assert_eq!(got.status, status, "{ms}");
        bench.later(-ms);
    }
}

#[test]
fn answers_are_signed_refusals_and_files_are_not() {
    let bench = bench(|_| {});
    let offer = bench.wechat("GET", BILL, "");
    assert!(bench.holds(&offer));
    assert_eq!(offer.header("Date"), Some("Tue, 27 Jan 2026 04:00:00 GMT"));
    let file = bench.fetch(&offer);
    let missing = bench.wechat("GET", "/v3/refund/domestic/refunds/RF1", "");
    assert_eq!((file.status, missing.status), (200, 404));
    for got in [file, missing] {
        assert_eq!(got.header("Wechatpay-Signature"), None);
    }
}

#[test]
fn every_bill_is_the_shops_file_byte_for_byte() {
    let bench = bench(|_| {});
    let dir = tempfile::tempdir().unwrap();
    let shop = Options { days: 12, size: 4, planted: Plant::None, ..Options::default() };
    write(dir.path(), &shop).unwrap();
    let files = [("tradebill", "All"), ("fundflowbill", "Basic")];
    for (day, (path, name)) in (15..=26).flat_map(|day| files.map(|file| (day, file))) {
        let target = format!("/v3/bill/{path}?bill_date=2026-01-{day}&tar_type=GZIP");
        let offer = bench.wechat("GET", &target, "");
        let file = dir.path().join(format!("wechat/1900000109{name}2026-01-{day}.csv"));
        match std::fs::read(&file) {
            Ok(bytes) => {
                let plain = unpacked(&bench.fetch(&offer).body);
                assert!(plain == bytes, "{file:?}");
                assert_eq!(offer.json()["hash_value"], keys::sha1(&bytes));
            }
            Err(_) => assert_eq!(offer.json()["code"], "NO_STATEMENT_EXIST", "{file:?}"),
        }
    }
    for account in ["OPERATION", "FEES"] {
        let target = format!("/v3/bill/fundflowbill?bill_date=2026-01-20&account_type={account}");
        assert_eq!(bench.wechat("GET", &target, "").json()["code"], "NO_STATEMENT_EXIST");
    }
}

#[test]
fn a_bill_is_there_from_ten_on_the_next_day_for_three_months() {
    let bench = bench(|_| {});
    let last = BILL.replace("01-20", "01-26");
    let code = |at: i64| {
        bench.clock.store(at, std::sync::atomic::Ordering::SeqCst);
        bench.wechat("GET", &last, "").json()["code"].as_str().unwrap_or("200").to_owned()
    };
    let midnight = NOON - 12 * HOUR;
    assert_eq!(code(midnight - 1), "INVALID_REQUEST", "today");
    assert_eq!(code(midnight), "STATEMENT_CREATING");
    assert_eq!(code(midnight + 10 * HOUR - 1), "STATEMENT_CREATING");
    assert_eq!(code(midnight + 10 * HOUR), "200");
    assert_eq!(code(midnight + 89 * 24 * HOUR), "200", "three months later");
    assert_eq!(code(midnight + 90 * 24 * HOUR), "INVALID_REQUEST");
}

#[test]
fn a_link_runs_out_after_five_minutes() {
    let bench = bench(|_| {});
    let offer = bench.wechat("GET", BILL, "");
    bench.later(299_000);
    assert_eq!(bench.fetch(&offer).status, 200);
    bench.later(2_000);
    assert_eq!(bench.fetch(&offer).json()["code"], "INVALID_REQUEST");
}

#[test]
fn certificates_open_with_the_shared_key_and_a_new_one_joins_when_keys_change() {
    let bench = bench(|s| s.wechat_keys = WechatKeys::Certificates);
    let list = |bench: &Bench| {
        let got = bench.wechat("GET", "/v3/certificates", "");
        let all = got.json()["data"].as_array().unwrap().clone();
        (got.header("Wechatpay-Serial").unwrap().to_owned(), all)
    };
    let (before, one) = list(&bench);
    assert_eq!(one.len(), 1);
    assert_eq!(one[0]["serial_no"], before);
    assert!(bench.platform.rotate("wechat_pay"));
    let (after, two) = list(&bench);
    assert_eq!((two.len(), two[1]["serial_no"].as_str()), (2, Some(&*after)));
    let sealed = &two[1]["encrypt_certificate"];
    let plain = include_str!("../../../keys/wechat-next.pem");
    let nonce = sealed["nonce"].as_str().unwrap();
    let again = keys::seal_gcm(APIV3_KEY.as_bytes(), nonce, "certificate", plain.as_bytes());
    assert_eq!(sealed["ciphertext"], again);
}

#[test]
fn an_order_is_made_paid_and_given_back() {
    let bench = bench(|_| {});
    let query = "/v3/pay/transactions/out-trade-no/TEST0001?mchid=1900000109";
    assert_eq!(bench.wechat("GET", query, "").json()["code"], "ORDER_NOT_EXIST");
    let create = "/v3/pay/transactions/native";
    let made = bench.wechat("POST", create, &order("TEST0001", 1000));
    assert!(made.json()["code_url"].as_str().unwrap().starts_with("weixin://"), "{made:?}");
    assert_eq!(bench.wechat("POST", create, &order("TEST0001", 1000)).status, 200);
    let other = bench.wechat("POST", create, &order("TEST0001", 1001));
    assert_eq!((other.status, other.json()["code"].as_str()), (403, Some("OUT_TRADE_NO_USED")));
    assert_eq!(bench.wechat("GET", query, "").json()["trade_state"], "NOTPAY");
    assert!(bench.platform.pay("wechat_pay", "TEST0001"));
    assert_eq!(bench.wechat("GET", query, "").json()["trade_state"], "SUCCESS");

    let refunds = "/v3/refund/domestic/refunds";
    let refund = |number: &str, amount: i64| {
        let body = json!({
            "out_trade_no": "TEST0001", "out_refund_no": number,
            "amount": {"refund": amount, "total": 1000, "currency": "CNY"},
        });
        bench.wechat("POST", refunds, &body.to_string())
    };
    assert_eq!(refund("R1", 400).json()["status"], "PROCESSING");
    assert_eq!(refund("R1", 400).json()["status"], "PROCESSING", "the same refund again");
    assert_eq!(refund("R1", 401).status, 400);
    assert_eq!(refund("R2", 601).json()["code"], "INVALID_REQUEST");
    bench.later(3000);
    let state = bench.wechat("GET", &format!("{refunds}/R1"), "");
    assert_eq!(state.json()["status"], "SUCCESS");
    assert_eq!(bench.wechat("GET", query, "").json()["trade_state"], "REFUND");
    assert_eq!(refund("R2", 600).status, 200);
}

#[test]
fn an_order_nobody_pays_is_closed_by_us_or_by_time() {
    let bench = bench(|_| {});
    for number in ["TEST0001", "TEST0002"] {
        bench.wechat("POST", "/v3/pay/transactions/native", &order(number, 1000));
    }
    let close = "/v3/pay/transactions/out-trade-no/TEST0001/close";
    let closed = bench.wechat("POST", close, r#"{"mchid":"1900000109"}"#);
    assert_eq!((closed.status, bench.holds(&closed)), (204, true));
    bench.later(8 * 24 * HOUR);
    for number in ["TEST0001", "TEST0002"] {
        let query = format!("/v3/pay/transactions/out-trade-no/{number}?mchid=1900000109");
        assert_eq!(bench.wechat("GET", &query, "").json()["trade_state"], "CLOSED");
        assert!(!bench.platform.pay("wechat_pay", number));
    }
}

#[test]
fn a_script_breaks_the_calls_it_names_and_no_others() {
    let bench = bench(|_| {});
    let say = |action: Action| {
        bench.platform.clear();
        bench.platform.fault(Fault { on: "tradebill".into(), skip: 0, times: 1, action });
        bench.wechat_with("GET", BILL, "", |_| {})
    };
    for reset in [Action::ResetBefore, Action::ResetAfter] {
        assert!(say(reset).is_none());
    }
    assert_eq!(say(Action::StatusBefore { status: 429 }).unwrap().status, 429);
    assert_eq!(say(Action::StatusAfter { status: 502 }).unwrap().status, 502);
    assert!(say(Action::Html).unwrap().text().contains("<html>"));
    assert_eq!(say(Action::Huge { bytes: 100_000 }).unwrap().body.len(), 100_000);
    assert_eq!(say(Action::Truncated { bytes: 10 }).unwrap().body.len(), 10);
    assert!(!bench.holds(&say(Action::WrongSignature).unwrap()));
    assert!(!bench.holds(&say(Action::OtherKey).unwrap()));
    let probe = say(Action::SignatureProbe).unwrap();
    assert!(probe.header("Wechatpay-Signature").unwrap().starts_with("WECHATPAY/SIGNTEST/"));
    assert_eq!(say(Action::Unsigned).unwrap().header("Wechatpay-Signature"), None);
    let refuse =
        Action::Refuse { status: 403, code: "NO_AUTH".into(), message: "无权限".into() };
    assert_eq!(say(refuse).unwrap().json()["code"], "NO_AUTH");
    assert_eq!(say(Action::Skew { ms: 400_000 }).unwrap().status, 401);
    bench.platform.fault(Fault {
        on: "tradebill".into(),
        skip: 1,
        times: 1,
        action: Action::ResetBefore,
    });
    assert_eq!(bench.wechat("GET", BILL, "").status, 200, "it skips one");
    assert!(bench.wechat_with("GET", BILL, "", |_| {}).is_none());
    assert_eq!(bench.wechat("GET", BILL, "").status, 200, "and acts once");
    let calls = bench.platform.calls();
    assert_eq!(calls.iter().filter(|call| call.fault.is_some()).count(), 14);
}

#[test]
fn bills_are_late_empty_short_and_then_whole_as_the_script_says() {
    let bench = bench(|_| {});
    let whole = unpacked(&bench.fetch(&bench.wechat("GET", BILL, "")).body);
    let twist = |twist: BillTwist| {
        bench.platform.clear();
        bench.platform.bill(BillFault {
            channel: "wechat_pay".into(),
            stream: "trade".into(),
            day: "2026-01-20".into(),
            from_ms: 0,
            until_ms: NOON + HOUR,
            twist,
        });
        bench.wechat("GET", BILL, "")
    };
    assert_eq!(twist(BillTwist::Late).json()["code"], "STATEMENT_CREATING");
    assert_eq!(twist(BillTwist::Empty).json()["code"], "NO_STATEMENT_EXIST");
    let hash = twist(BillTwist::WrongHash).json()["hash_value"].clone();
    assert_ne!(hash, keys::sha1(&whole));
    for wrong in [
        BillTwist::Missing { row: 1 },
        BillTwist::Doubled { row: 1 },
        BillTwist::Reordered,
        BillTwist::Changed { row: 0 },
    ] {
        assert!(unpacked(&bench.fetch(&twist(wrong)).body) != whole, "{wrong:?}");
    }
    bench.later(HOUR);
    assert!(unpacked(&bench.fetch(&bench.wechat("GET", BILL, "")).body) == whole, "amended");
}

#[test]
fn a_file_the_shop_lost_never_comes() {
    let clock: crate::platform::Clock = Arc::new(|| NOON + 70 * 24 * HOUR);
    let platform = Platform::start(Settings::new(Options::default(), clock)).unwrap();
    let world = &platform.world;
    let lost = (0..91).filter(|day| {
        let stream = crate::platform::season::Stream::Fund;
        let day = 20_468 + day;
        let offer = world.season.bill(crate::Channel::Wechat, stream, day, &[], &[]);
        matches!(offer, crate::platform::season::Offer::Lost)
    });
    assert!(lost.count() > 0, "the planted shop loses a fund bill");
}
