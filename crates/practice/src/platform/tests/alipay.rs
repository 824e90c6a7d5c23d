//! Alipay's side of the platform.

use super::{Bench, Got, HOUR, NOON, bench, keys};
use crate::files::write;
use crate::options::{Options, Plant};
use crate::platform::{Action, AlipayKeys, BillFault, BillTwist, Fault};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

impl Bench {
    fn params(&self, method: &str, biz: &Value) -> BTreeMap<&'static str, String> {
        let at = crate::platform::clock::plain(self.now_ms());
        BTreeMap::from([
            ("app_id", self.field("alipay", "app_id")),
            ("biz_content", biz.to_string()),
            ("charset", "utf-8".into()),
            ("format", "JSON".into()),
            ("method", method.into()),
            ("sign_type", "RSA2".into()),
            ("timestamp", at),
            ("version", "1.0".into()),
        ])
    }

    /// Signs, lets `change` spoil what was signed, and sends.
    fn post(
        &self,
        mut params: BTreeMap<&'static str, String>,
        change: impl FnOnce(&mut BTreeMap<&'static str, String>),
    ) -> Option<Got> {
        let pairs: Vec<String> = params.iter().map(|(k, v)| format!("{k}={v}")).collect();
        params.insert("sign", self.signer("alipay").sign(pairs.join("&").as_bytes()));
        change(&mut params);
        let encode =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let form: Vec<String> = params.iter().map(|(k, v)| format!("{k}={}", encode(v))).collect();
        let headers = [("Content-Type", "application/x-www-form-urlencoded".to_owned())];
        self.send("POST", "/gateway.do", &headers, &form.join("&"))
    }

    fn alipay(&self, method: &str, biz: Value) -> Value {
        let got = self.post(self.params(method, &biz), |_| {}).expect("an answer comes");
        got.json()[format!("{}_response", method.replace('.', "_"))].clone()
    }
}

/// The value as it was transmitted, and its signature.
fn parts(got: &Got) -> (String, String) {
    let text = got.text();
    let from = text.find("_response\":").unwrap() + "_response\":".len();
    let tail = text.find(",\"alipay_cert_sn\"").or_else(|| text.find(",\"sign\"")).unwrap();
    let sign = got.json()["sign"].as_str().unwrap().to_owned();
    (text[from..tail].to_owned(), sign)
}

const BILL: &str = "alipay.data.dataservice.bill.downloadurl.query";

fn ask(day: &str, kind: &str) -> Value {
    json!({ "bill_type": kind, "bill_date": day })
}

#[test]
fn a_call_whose_parameters_were_changed_after_signing_is_refused_unsigned() {
    let bench = bench(|_| {});
    let params = bench.params(BILL, &ask("2026-01-20", "trade"));
    for name in ["biz_content", "timestamp", "method", "charset"] {
        let got = bench.post(params.clone(), |params| {
            let value = params.get_mut(name).unwrap();
            *value = match name {
                "method" => "alipay.trade.query".into(),
                "timestamp" => value.replace("2026", "2025"),
                "charset" => "UTF-8".into(),
                _ => value.replace("20", "21"),
            };
        });
        let body = got.unwrap().json();
        let said = body.as_object().unwrap().values().next().unwrap()["sub_code"].clone();
        assert_eq!(said, "isv.invalid-signature", "{name}");
        assert!(body.get("sign").is_none());
    }
    let stranger = bench.post(params, |params| drop(params.insert("app_id", "1".into())));
    assert!(stranger.unwrap().text().contains("isv.invalid-app-id"));
}

#[test]
fn an_answer_is_signed_over_the_bytes_that_were_sent() {
    let bench = bench(|_| {});
    let made = json!({ "out_trade_no": "A1", "total_amount": "25.50", "subject": "拿铁 & {贝果}" });
    let got = bench.post(bench.params("alipay.trade.precreate", &made), |_| {}).unwrap();
    let (value, sign) = parts(&got);
    assert!(value.contains(r"https:\/\/qr.alipay.com\/"), "{value}");
    let key = bench.field("alipay", "alipay_public_key_pem");
    assert!(keys::verifies(&key, value.as_bytes(), &sign));
    for action in [Action::WrongSignature, Action::OtherKey] {
        bench.platform.fault(Fault { on: "precreate".into(), skip: 0, times: 1, action });
        let got = bench.post(bench.params("alipay.trade.precreate", &made), |_| {}).unwrap();
        let (value, sign) = parts(&got);
        assert!(!keys::verifies(&key, value.as_bytes(), &sign));
    }
}

#[test]
fn every_archive_is_the_shops_file_byte_for_byte() {
    let bench = bench(|_| {});
    let dir = tempfile::tempdir().unwrap();
    let shop = Options { days: 12, size: 4, planted: Plant::None, ..Options::default() };
    write(dir.path(), &shop).unwrap();
    for (day, kind) in (15..=26).flat_map(|day| ["trade", "signcustomer"].map(|k| (day, k))) {
        let offer = bench.alipay(BILL, ask(&format!("2026-01-{day}"), kind));
        let name = format!("alipay/{kind}/20882112345678900156_202601{day}.csv.zip");
        match std::fs::read(dir.path().join(&name)) {
            Ok(bytes) => {
                let url = offer["bill_download_url"].as_str().unwrap();
                let target = url.strip_prefix(bench.platform.base()).unwrap();
                assert!(bench.send("GET", target, &[], "").unwrap().body == bytes, "{name}");
            }
            Err(_) => assert_eq!(offer["sub_code"], "BILL_NOT_EXIST", "{name}"),
        }
    }
}

#[test]
fn an_archive_is_there_from_nine_on_the_next_day_and_its_link_for_half_a_minute() {
    let bench = bench(|_| {});
    let last = || bench.alipay(BILL, ask("2026-01-26", "trade"));
    bench.clock.store(NOON - 3 * HOUR - 1000, Ordering::SeqCst);
    assert_eq!(last()["sub_code"], "BILL_NOT_EXIST");
    bench.later(1000);
    let offer = last();
    let url = offer["bill_download_url"].as_str().unwrap();
    let target = url.strip_prefix(bench.platform.base()).unwrap();
    bench.later(29_000);
    assert_eq!(bench.send("GET", target, &[], "").unwrap().status, 200);
    bench.later(1000);
    assert_eq!(bench.send("GET", target, &[], "").unwrap().status, 403);
    let late = BillFault {
        channel: "alipay".into(),
        stream: "trade".into(),
        day: "2026-01-26".into(),
        from_ms: 0,
        until_ms: i64::MAX,
        twist: BillTwist::Late,
    };
    bench.platform.bill(late);
    assert_eq!(last()["sub_code"], "BILL_NOT_EXIST");
}

#[test]
fn the_number_of_a_refund_decides_whether_money_moves_again() {
    let bench = bench(|_| {});
    let made = json!({ "out_trade_no": "A1", "total_amount": "100", "subject": "礼盒" });
    bench.alipay("alipay.trade.precreate", made);
    let query = || bench.alipay("alipay.trade.query", json!({ "out_trade_no": "A1" }));
    assert_eq!(query()["sub_code"], "ACQ.TRADE_NOT_EXIST", "nobody has scanned it");
    assert!(bench.platform.pay("alipay", "A1"));
    assert_eq!(query()["trade_status"], "TRADE_SUCCESS");
    let refund = |number: &str, amount: &str| {
        let asked = json!({
            "out_trade_no": "A1", "refund_amount": amount, "out_request_no": number,
        });
        bench.alipay("alipay.trade.refund", asked)
    };
    let said = |body: &Value| {
        (body["fund_change"].clone(), body["refund_fee"].as_str().unwrap_or("").to_owned())
    };
    assert_eq!(said(&refund("R-1", "40.00")), (json!("Y"), "40.00".into()));
    assert_eq!(said(&refund("R-1", "40.00")), (json!("N"), "40.00".into()));
    assert_eq!(refund("R-1", "40.01")["sub_code"], "ACQ.DISCORDANT_REPEAT_REQUEST");
    assert_eq!(refund("R-2", "60.01")["sub_code"], "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
    assert_eq!(said(&refund("R-2", "60.00")), (json!("Y"), "100.00".into()));
    assert_eq!(query()["trade_status"], "TRADE_CLOSED");
    let ask = |number: &str| {
        let asked = json!({ "out_trade_no": "A1", "out_request_no": number });
        bench.alipay("alipay.trade.fastpay.refund.query", asked)
    };
    assert_eq!(ask("R-1")["refund_amount"], "40.00");
    assert_eq!(ask("R-9"), json!({ "code": "10000", "msg": "Success" }));
}

#[test]
fn the_account_log_ends_with_the_balance_it_names() {
    let bench = bench(|_| {});
    let asked = json!({ "start_time": "2026-01-15 00:00:00", "end_time": "2026-01-27 12:00:00" });
    let log = bench.alipay("alipay.data.bill.accountlog.query", asked);
    let rows = log["detail_list"].as_array().unwrap();
    assert_eq!(log["total_size"], rows.len().to_string());
    let balance = bench.alipay("alipay.data.bill.balance.query", json!({}));
    assert_eq!(rows.last().unwrap()["balance"], balance["total_amount"]);
}

#[test]
fn in_certificate_mode_both_sides_name_their_certificates() {
    let bench = bench(|s| s.alipay_keys = AlipayKeys::Certificates);
    let biz = json!({ "bill_type": "trade", "bill_date": "2026-01-20" });
    let bare = bench.post(bench.params(BILL, &biz), |_| {}).unwrap();
    assert!(bare.text().contains("isv.missing-app-cert-sn"));
    let mut params = bench.params(BILL, &biz);
    let name = crate::platform::alipay::name;
    params.insert("app_cert_sn", name("alipay-shop").into());
    params.insert("alipay_root_cert_sn", name("alipay-root").into());
    let got = bench.post(params.clone(), |_| {}).unwrap();
    assert_eq!(got.json()["alipay_cert_sn"], name("alipay"));
    bench.platform.rotate("alipay");
    let got = bench.post(params, |_| {}).unwrap();
    assert_eq!(got.json()["alipay_cert_sn"], name("alipay-next"));
}

#[test]
fn what_is_sealed_both_ways_opens_with_the_content_key() {
    let bench = bench(|s| s.alipay_sealed = true);
    let plain = bench.params("alipay.trade.query", &json!({ "out_trade_no": "A1" }));
    let refused = bench.post(plain.clone(), |_| {}).unwrap();
    assert!(refused.text().contains("isv.decryption-error-missing-encrypt-type"));
    let mut sealed = plain;
    let key: [u8; 16] = std::array::from_fn(|n| n as u8);
    let content = keys::seal_cbc(&key, sealed["biz_content"].as_bytes());
    sealed.insert("biz_content", content);
    sealed.insert("encrypt_type", "AES".into());
    let (value, sign) = parts(&bench.post(sealed, |_| {}).unwrap());
    let public = bench.field("alipay", "alipay_public_key_pem");
    assert!(keys::verifies(&public, value.as_bytes(), &sign), "the quotes are signed as well");
    let opened = keys::open_cbc(&key, value.trim_matches('"')).unwrap();
    assert!(String::from_utf8(opened).unwrap().contains("ACQ.TRADE_NOT_EXIST"));
}
