//! Stripe's side of the platform.

use super::{Bench, Got, HOUR, bench};
use crate::platform::{Action, BillFault, BillTwist, Fault};
use serde_json::Value;
use std::collections::BTreeSet;

impl Bench {
    fn stripe(&self, method: &str, target: &str, key: &str, body: &str) -> Got {
        let secret = self.field("stripe", "secret_key");
        let mut headers = vec![
            ("Authorization", format!("Bearer {secret}")),
            ("Stripe-Version", "2026-10-28.endive".to_owned()),
        ];
        if !key.is_empty() {
            headers.push(("Idempotency-Key", key.to_owned()));
        }
        self.send(method, target, &headers, body).expect("an answer comes")
    }

    fn everything(&self, list: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let after = all.last().map_or(String::new(), |last| {
                format!("&starting_after={}", last["id"].as_str().unwrap())
            });
            let mark = if list.contains('?') { '&' } else { '?' };
            let page = self.stripe("GET", &format!("{list}{mark}limit=7{after}"), "", "").json();
            all.extend(page["data"].as_array().unwrap().iter().cloned());
            if page["has_more"] != true {
                return all;
            }
        }
    }
}

fn cards() -> Bench {
    bench(|settings| settings.stripe_sales = 9)
}

fn net(rows: &[Value]) -> i64 {
    rows.iter().map(|row| row["net"].as_i64().unwrap()).sum()
}

#[test]
fn pages_follow_one_another_without_gap_or_double() {
    let bench = cards();
    let all = bench.everything("/v1/charges");
    let ids: BTreeSet<&str> = all.iter().map(|charge| charge["id"].as_str().unwrap()).collect();
    assert_eq!((all.len(), ids.len()), (108, 108));
    let times: Vec<i64> = all.iter().map(|charge| charge["created"].as_i64().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first");
    let wrong = bench.stripe("GET", "/v1/charges?starting_after=ch_none", "", "");
    assert_eq!(
        (wrong.status, wrong.json()["error"]["param"].clone()),
        (400, "starting_after".into())
    );
    let strange = bench.stripe("GET", "/v1/charges?colour=red", "", "");
    assert_eq!(strange.json()["error"]["code"], "parameter_unknown");
    let since = times[50];
    let some = bench.everything(&format!("/v1/charges?created%5Bgte%5D={since}"));
    assert_eq!(some.len(), times.iter().filter(|time| **time >= since).count());
}

#[test]
fn the_rows_of_every_payout_add_up_to_it_and_all_rows_to_the_balance() {
    let bench = cards();
    let payouts = bench.everything("/v1/payouts");
    assert!(payouts.len() > 8);
    for payout in payouts {
        let id = payout["id"].as_str().unwrap();
        let rows = bench.everything(&format!("/v1/balance_transactions?payout={id}"));
        assert_eq!(net(&rows), 0, "{id}");
        let own = rows.iter().find(|row| row["type"] == "payout").unwrap();
        assert_eq!(own["net"].as_i64().unwrap(), -payout["amount"].as_i64().unwrap());
    }
    let all = bench.everything("/v1/balance_transactions");
    let balance = bench.stripe("GET", "/v1/balance", "", "").json();
    let held = |side: &str| balance[side][0]["amount"].as_i64().unwrap();
    assert_eq!(net(&all), held("available") + held("pending"));
}

#[test]
fn a_refund_is_made_once_for_each_key_for_a_day() {
    let bench = cards();
    let charge = bench
        .everything("/v1/charges")
        .into_iter()
        .find(|charge| charge["amount_refunded"] == 0 && charge["disputed"] == false)
        .unwrap();
    let id = charge["id"].as_str().unwrap();
    let body = format!("charge={id}&amount=100&metadata[order+id]=A%26B");
    let first = bench.stripe("POST", "/v1/refunds", "k1", &body);
    assert_eq!(first.json()["metadata"]["order id"], "A&B");
    let again = bench.stripe("POST", "/v1/refunds", "k1", &body);
    assert_eq!(again.json()["id"], first.json()["id"]);
    assert_eq!(again.header("Idempotent-Replayed"), Some("true"));
    assert_eq!(again.header("Original-Request"), first.header("Request-Id"));
    let other = bench.stripe("POST", "/v1/refunds", "k1", &format!("charge={id}&amount=101"));
    assert_eq!(other.json()["error"]["type"], "idempotency_error");
    let refunded = || {
        let target = format!("/v1/charges/{id}");
        bench.stripe("GET", &target, "", "").json()["amount_refunded"].as_i64().unwrap()
    };
    assert_eq!(refunded(), 100);
    bench.later(25 * HOUR);
    assert_ne!(bench.stripe("POST", "/v1/refunds", "k1", &body).json()["id"], first.json()["id"]);
    assert_eq!(refunded(), 200, "after a day the key is forgotten");
    let over = bench.stripe("POST", "/v1/refunds", "", &format!("charge={id}&amount=99999999"));
    assert_eq!(over.json()["error"]["param"], "amount");
    let action = Action::StatusAfter { status: 500 };
    bench.platform.fault(Fault { on: "/v1/refunds".into(), skip: 0, times: 1, action });
    for _ in 0..2 {
        assert_eq!(bench.stripe("POST", "/v1/refunds", "k2", &body).status, 500);
    }
    assert_eq!(refunded(), 300, "the lost answer's work was done, once");
}

#[test]
fn ids_are_replaced_by_what_they_name_where_asked() {
    let bench = cards();
    let page =
        bench.stripe("GET", "/v1/balance_transactions?type=refund&expand[]=data.source", "", "");
    let row = page.json()["data"][0].clone();
    assert_eq!(row["source"]["object"], "refund");
    let charge = row["source"]["charge"].as_str().unwrap().to_owned();
    let target = format!("/v1/charges/{charge}?expand%5B0%5D=balance_transaction");
    let found = bench.stripe("GET", &target, "", "").json();
    assert_eq!(found["balance_transaction"]["source"], charge);
}

#[test]
fn another_key_and_another_mode_are_told_apart_from_what_is_missing() {
    let bench = cards();
    let none = bench.send("GET", "/v1/balance", &[], "").unwrap();
    let wrong = [("Authorization", "Bearer rk_test_other".to_owned())];
    let wrong = bench.send("GET", "/v1/balance", &wrong, "").unwrap();
    let missing = bench.stripe("GET", "/v1/payouts/po_none", "", "");
    assert_eq!((none.status, wrong.status, missing.status), (401, 401, 404));
    assert_eq!(missing.json()["error"]["code"], "resource_missing");
    assert!(missing.header("Request-Id").is_some());
}

#[test]
fn lists_are_wrong_on_demand_for_a_day_and_for_a_time() {
    let bench = cards();
    let list = "/v1/balance_transactions";
    let all = bench.everything(list);
    let day_of = |item: &Value| {
        let at_ms = item["created"].as_i64().expect("a time") * 1000;
        crate::platform::clock::date(crate::platform::clock::beijing(at_ms).day)
    };
    let day = day_of(&all[all.len() / 2]);
    let rows = all.iter().filter(|item| day_of(item) == day).count();
    assert!(rows > 2, "{rows}");
    let wrong = |twist| {
        bench.platform.clear();
        bench.platform.bill(BillFault {
            channel: "stripe".into(),
            stream: "balance".into(),
            day: day.clone(),
            from_ms: i64::MIN,
            until_ms: i64::MAX,
            twist,
        });
        bench.everything(list)
    };
    assert_eq!(wrong(BillTwist::Missing { row: 1 }).len(), all.len() - 1);
    assert_eq!(wrong(BillTwist::Empty).len(), all.len() - rows);
    let cut = wrong(BillTwist::Cut);
    assert!(cut.len() < all.len() - 1 && cut[..] == all[..cut.len()], "as if that were all");
    let changed = wrong(BillTwist::Changed { row: 0 });
    let other: Vec<_> = changed.iter().zip(&all).filter(|(one, other)| one != other).collect();
    assert_eq!(other.len(), 1);
    assert_eq!(other[0].0["net"].as_i64(), other[0].1["net"].as_i64().map(|net| net + 1));
    let odd = wrong(BillTwist::Contradictory { row: 0 });
    let adds_up = |row: &&Value| {
        let part = |name: &str| row[name].as_i64().expect("an amount");
        part("amount") - part("fee") == part("net")
    };
    assert_eq!(odd.iter().filter(|row| !adds_up(row)).count(), 1);
    bench.platform.clear();
    bench.platform.bill(BillFault {
        channel: "stripe".into(),
        stream: "balance".into(),
        day,
        from_ms: i64::MIN,
        until_ms: i64::MIN + 1,
        twist: BillTwist::Empty,
    });
    assert_eq!(bench.everything(list).len(), all.len(), "it is right again");
}
