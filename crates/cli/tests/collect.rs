//! Money at the counter from a terminal: paid, never paid, given up, asked for later.

mod desk;

use desk::Desk;
use practice::Options;
use practice::platform::{Action, Fault, Platform, Settings};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

fn platform(pays_after_ms: Option<i64>) -> Platform {
    let options = Options { days: 2, size: 2, ..Options::default() };
    let mut settings = Settings::new(options, Arc::new(now_ms));
    settings.pays_after_ms = pays_after_ms;
    Platform::start(settings).unwrap()
}

fn counter(platform: &Platform) -> Desk {
    let desk = Desk::with_book();
    for channel in ["wechat_pay", "alipay"] {
        let file = format!("{channel}.json");
        std::fs::write(desk.path(&file), platform.setup(channel).unwrap().to_json()).unwrap();
        desk.run(&["channel", "add", "--file", &file]).ends(0);
    }
    desk
}

#[test]
fn a_buyer_pays_while_the_terminal_waits() {
    let platform = platform(Some(500));
    let desk = counter(&platform);
    for channel in ["wechat_pay", "alipay"] {
        let svg = format!("{channel}.svg");
        let args = ["collect", "new", "28.50", "--channel", channel, "--note", "拿铁", "--direct"];
        let said = desk.run(&[&args[..], &["--qr", &svg]].concat()).ends(0);
        assert!(said.out.contains('█') || said.out.contains('▀'), "{said:#?}");
        assert!(std::fs::read_to_string(desk.path(&svg)).unwrap().contains("<svg"));
    }
    let listed = desk.json(&["collect", "list"]);
    let rows = listed["collections"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!((&row["state"], &row["amount_minor"]), (&"paid".into(), &2850.into()));
        assert_eq!(row["note"], "拿铁");
    }
}

#[test]
fn what_nobody_pays_is_closed_when_the_time_is_over() {
    let platform = platform(None);
    let desk = counter(&platform);
    let args = ["collect", "new", "1", "--channel", "wechat_pay", "--give-up-after", "1"];
    desk.run(&[&args[..], &["--direct"]].concat()).ends(3);
    let row = desk.json(&["collect", "list"])["collections"][0].clone();
    assert_eq!(row["state"], "closed");
    let order = row["order_id"].as_str().unwrap();
    assert!(!platform.pay("wechat_pay", order), "nobody can pay it any more");
}

#[test]
fn what_was_left_open_is_asked_for_later_and_may_be_closed() {
    let platform = platform(None);
    let desk = counter(&platform);
    let new = ["collect", "new", "12", "--channel", "wechat_pay", "--no-wait", "--direct"];
    let begun = desk.json(&new);
    assert_eq!(begun["state"], "waiting");
    assert!(platform.pay("wechat_pay", begun["order_id"].as_str().unwrap()));
    let open = desk.json(&["collect", "ask", "--direct"]);
    assert_eq!(open["collections"][0]["state"], "paid");
    // An answer that was lost leaves one order and a code all the same.
    let on = "transactions/native".to_owned();
    platform.fault(Fault { on, skip: 0, times: 1, action: Action::ResetAfter });
    let begun = desk.json(&new);
    assert_eq!(begun["state"], "waiting");
    let id = begun["id"].to_string();
    assert_eq!(desk.json(&["collect", "close", &id, "--direct"])["state"], "closed");
    assert_eq!(desk.json(&["collect", "list", "--open"])["collections"], serde_json::json!([]));
}

#[test]
fn what_no_channel_takes_is_refused_before_anything_is_kept() {
    let platform = platform(None);
    let desk = counter(&platform);
    let said = desk.run(&["collect", "new", "nothing", "--channel", "alipay", "--json"]).ends(2);
    assert_eq!(said.error_code(), "bad_input");
    let said = desk.run(&["collect", "new", "5", "--json"]).ends(2);
    assert_eq!(said.error_code(), "bad_input", "two connections could take it");
    assert_eq!(desk.json(&["collect", "list"])["collections"], serde_json::json!([]));
}
