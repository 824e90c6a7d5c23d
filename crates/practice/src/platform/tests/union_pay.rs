//! UnionPay's side of the platform.

use super::{Bench, Got, HOUR, NOON, bench, keys};
use crate::platform::clock::compact;
use crate::platform::{Action, Fault};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::Ordering;

type Fields = BTreeMap<String, String>;

const BACK: &str = "/gateway/api/backTransReq.do";
const QUERY: &str = "/gateway/api/queryTrans.do";

fn hash(fields: &Fields) -> String {
    let pairs: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={v}")).collect();
    keys::sha256(pairs.join("&").as_bytes())
}

impl Bench {
    fn union(&self, path: &str, own: &[(&str, &str)]) -> Fields {
        self.union_with(path, own, |_| {})
    }

    fn union_with(
        &self,
        path: &str,
        own: &[(&str, &str)],
        change: impl FnOnce(&mut Fields),
    ) -> Fields {
        let usual = [
            ("version", "5.1.0"),
            ("encoding", "UTF-8"),
            ("signMethod", "01"),
            ("certId", "69629715588"),
            ("accessType", "0"),
            ("bizType", "000000"),
            ("channelType", "08"),
            ("currencyCode", "156"),
            ("backUrl", "http://www.specialUrl.com"),
            ("merId", "802290058110048"),
        ];
        let all = usual.iter().chain(own);
        let mut fields: Fields = all.map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let now = compact(self.now_ms());
        fields.entry("txnTime".into()).or_insert(now);
        let signature = self.signer("union_pay").sign(hash(&fields).as_bytes());
        fields.insert("signature".into(), signature);
        change(&mut fields);
        let encode =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let form: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", encode(v))).collect();
        split(&self.send("POST", path, &[], &form.join("&")).expect("an answer comes"))
    }
}

/// Fields as transmitted: nothing is decoded.
fn split(got: &Got) -> Fields {
    let text = got.text();
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn holds(fields: &Fields) -> bool {
    let mut signed = fields.clone();
    let Some(signature) = signed.remove("signature") else { return false };
    let public = include_str!("../../../keys/union.public.pem");
    keys::verifies(public, hash(&signed).as_bytes(), &signature)
}

#[test]
fn a_message_that_was_changed_after_signing_is_refused_in_a_signed_answer() {
    let bench = bench(|_| {});
    let own = [("txnType", "00"), ("txnSubType", "00"), ("orderId", "NOSUCH01")];
    let fine = bench.union(QUERY, &own);
    assert_eq!((fine["respCode"].as_str(), holds(&fine)), ("34", true));
    for name in ["orderId", "txnTime", "certId", "merId"] {
        let said = bench.union_with(QUERY, &own, |fields| {
            let value = fields.get_mut(name).unwrap();
            *value = value.replacen(['0', '9'], "1", 1);
        });
        assert_eq!((said["respCode"].as_str(), holds(&said)), ("11", true), "{name}");
    }
    let garbage = bench.send("POST", QUERY, &[], "hello").unwrap();
    assert_eq!(garbage.status, 500);
}

#[test]
fn the_answer_brings_the_certificate_it_is_signed_with() {
    let bench = bench(|_| {});
    let own = [("txnType", "00"), ("txnSubType", "00"), ("orderId", "NOSUCH01")];
    let leaf = |bench: &Bench| bench.union(QUERY, &own)["signPubKeyCert"].clone();
    let pem = include_str!("../../../keys/union.pem").trim_end().replace('\n', "\r\n");
    assert_eq!(leaf(&bench), pem);
    for action in [Action::ExpiredCertificate, Action::ForeignCertificate] {
        bench.platform.fault(Fault { on: "NOSUCH01".into(), skip: 0, times: 1, action });
        assert_ne!(leaf(&bench), pem);
    }
    bench.platform.fault(Fault {
        on: String::new(),
        skip: 0,
        times: 1,
        action: Action::WrongSignature,
    });
    assert!(!holds(&bench.union(QUERY, &own)));
    assert!(bench.platform.rotate("union_pay"));
    assert_ne!(leaf(&bench), pem);
}

#[test]
fn a_sale_by_code_is_paid_given_back_and_never_twice() {
    let bench = bench(|_| {});
    let sale =
        [("txnType", "01"), ("txnSubType", "07"), ("orderId", "SALE0001"), ("txnAmt", "1000")];
    let time = compact(bench.now_ms());
    let made = bench.union(BACK, &sale);
    assert!(made["qrCode"].starts_with("https://qr.95516.com/"));
    assert_eq!(bench.union(BACK, &sale)["respCode"], "12");
    let ask = |order: &str, time: &str| {
        let own = [("txnType", "00"), ("txnSubType", "00"), ("orderId", order), ("txnTime", time)];
        bench.union(QUERY, &own)
    };
    assert_eq!(ask("SALE0001", &time)["origRespCode"], "05");
    assert!(bench.platform.pay("union_pay", "SALE0001"));
    let paid = ask("SALE0001", &time);
    assert_eq!((paid["origRespCode"].as_str(), paid["settleDate"].as_str()), ("00", "0127"));
    assert_eq!(ask("SALE0001", "20260127000000")["respCode"], "34", "another time");
    let give_back = |order: &str, kind: &str, amount: &str| {
        let own = [
            ("txnType", kind),
            ("txnSubType", "00"),
            ("orderId", order),
            ("txnAmt", amount),
            ("origQryId", &paid["queryId"]),
        ];
        bench.union(BACK, &own)["respCode"].clone()
    };
    assert_eq!(give_back("BACK0001", "31", "999"), "36", "a part cannot be cancelled");
    assert_eq!(give_back("BACK0002", "04", "300"), "00");
    assert_eq!(ask("BACK0002", &time)["origRespCode"], "05");
    bench.later(3000);
    assert_eq!(ask("BACK0002", &time)["origRespCode"], "00");
    assert_eq!(give_back("BACK0003", "04", "701"), "36");
    assert_eq!(give_back("BACK0004", "04", "700"), "00");
    assert_eq!(give_back("BACK0005", "04", "1"), "45");
}

#[test]
fn a_sale_is_cancelled_until_eleven_at_night() {
    let bench = bench(|_| {});
    bench.clock.store(NOON + 10 * HOUR + 3_000_000, Ordering::SeqCst);
    let time = compact(bench.now_ms());
    let sale = [
        ("txnType", "01"),
        ("txnSubType", "06"),
        ("orderId", "SALE0001"),
        ("txnAmt", "1000"),
        ("qrNo", "6212345678901234567"),
        ("termId", "T0000001"),
    ];
    assert_eq!(bench.union(BACK, &sale)["respCode"], "00");
    let own =
        [("txnType", "00"), ("txnSubType", "00"), ("orderId", "SALE0001"), ("txnTime", &time)];
    let number = bench.union(QUERY, &own)["queryId"].clone();
    bench.later(HOUR);
    let cancel = [
        ("txnType", "31"),
        ("txnSubType", "00"),
        ("orderId", "BACK0001"),
        ("txnAmt", "1000"),
        ("origQryId", &number),
    ];
    assert_eq!(bench.union(BACK, &cancel)["respCode"], "39", "the next clearing day has begun");
}

#[test]
fn the_file_of_a_clearing_day_holds_its_rows_and_is_there_from_nine() {
    let bench = bench(|settings| settings.union_pay_sales = 5);
    let ask = |day: &str| {
        let own =
            [("txnType", "76"), ("txnSubType", "01"), ("fileType", "00"), ("settleDate", day)];
        bench.union("/", &own)
    };
    let file = ask("0120");
    assert!(holds(&file), "{file:?}");
    assert_eq!(file["fileName"], "802290058110048_20260120.zip");
    let packed = keys::from_base64(&file["fileContent"]).unwrap();
    let mut archive = Vec::new();
    flate2::read::ZlibDecoder::new(packed.as_slice()).read_to_end(&mut archive).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let mut entry = zip.by_index(0).unwrap();
    assert_eq!(entry.name().unwrap(), "INN26012088ZM_802290058110048");
    let mut text = String::new();
    entry.read_to_string(&mut text).unwrap();
    assert!(text.lines().count() >= 4 && text.ends_with("\r\n"));
    for line in text.lines() {
        let signed = |at: usize| -> i64 {
            let amount: i64 = line[at + 1..at + 13].parse().unwrap();
            if &line[at..=at] == "C" { amount } else { -amount }
        };
        assert_eq!((line.len(), signed(509) + signed(166)), (607, signed(180)), "{line}");
    }
    assert_eq!(ask("0101")["respCode"], "98", "before the season");
    let morning = NOON - 3 * HOUR;
    bench.clock.store(morning - 1000, Ordering::SeqCst);
    assert_eq!(ask("0126")["respCode"], "98");
    bench.clock.store(morning, Ordering::SeqCst);
    assert_eq!(ask("0126")["respCode"], "00");
    let untouched = super::bench(|_| {});
    let own = [("txnType", "76"), ("txnSubType", "01"), ("fileType", "00"), ("settleDate", "0120")];
    assert_eq!(untouched.union("/", &own)["respCode"], "98", "off unless asked for");
}
