//! The program as people and scripts meet it: its answers, its exit codes, its files.

mod desk;

use desk::{Desk, Said};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Source: the layout of WeChat Pay's trade and fund bills, two days of one merchant.
const BILLS: [(&str, &str); 4] = [
    ("trade.csv", include_str!("../../connectors/fixtures/wechat_pay/trade_all.csv")),
    ("refunds.csv", include_str!("../../connectors/fixtures/wechat_pay/trade_refund.csv")),
    ("fund-1.csv", include_str!("../../connectors/fixtures/wechat_pay/fund_basic_1.csv")),
    ("fund-2.csv", include_str!("../../connectors/fixtures/wechat_pay/fund_basic_2.csv")),
];
const PAYOUT: &str = "2026010214000000000000001";

/// A new book with two days of bills.
fn with_bills() -> Desk {
    let desk = Desk::with_book();
    write_bills(&desk);
    desk.run(&["import", "bills"]).ends(0);
    desk
}

fn write_bills(desk: &Desk) {
    std::fs::create_dir(desk.path("bills")).unwrap();
    for (name, text) in BILLS {
        std::fs::write(desk.path("bills").join(name), text).unwrap();
    }
}

#[test]
fn a_new_book_shows_its_recovery_code_once_and_the_code_opens_it() {
    let desk = Desk::empty();
    let made = desk.json(&["book", "new", "--company", "某某咖啡"]);
    let code = made["recovery_code"].as_str().unwrap();
    assert_eq!(code.split('-').count(), 6, "{code}");
    let mut by_code = desk.command(&["book", "info", "--recovery-code", code]);
    let said = Said::of(by_code.env_remove("SUANPAN_PASSPHRASE").output().unwrap()).ends(0);
    assert!(said.out.contains("某某咖啡") && !said.out.contains(code), "{said:?}");
    assert_eq!(desk.run(&["book", "new", "--company", "B", "--json"]).error_code(), "book_exists");
}

#[test]
fn a_wrong_passphrase_and_a_missing_one_are_told_apart() {
    let desk = Desk::with_book();
    let mut wrong = desk.command(&["payouts", "--json"]);
    let said = Said::of(wrong.env("SUANPAN_PASSPHRASE", "battery staple").output().unwrap());
    assert_eq!(said.ends(1).error_code(), "book_wrong_key");
    let mut none = desk.command(&["payouts", "--json"]);
    let said = Said::of(none.env_remove("SUANPAN_PASSPHRASE").output().unwrap());
    assert_eq!(said.ends(1).error_code(), "passphrase_needed");
}

#[test]
fn two_days_of_bills_explain_their_payout_to_the_last_fen() {
    let desk = with_bills();
    let list = desk.json(&["payouts"]);
    let payout = &list["payouts"][0];
    assert_eq!(list["payouts"].as_array().unwrap().len(), 1);
    assert_eq!(payout["amount_minor"], 3181);
    assert_eq!(payout["unexplained_minor"], 0);
    let parts = payout["components"].as_object().unwrap();
    let sum: i64 = parts.values().map(|part| part.as_i64().unwrap()).sum();
    assert_eq!(sum, 3181);
    let shown = desk.run(&["payout", PAYOUT, "--lines", "--lang", "zh"]).ends(0).out;
    assert!(shown.contains("31.81") && shown.contains("未解释"), "{shown}");
    let listed = desk.run(&["payouts"]).ends(0).out;
    assert!(listed.contains("31.81") && listed.contains(PAYOUT), "{listed}");
}

#[test]
fn the_same_bills_again_book_nothing_and_change_no_hash() {
    let desk = with_bills();
    let before = desk.json(&["state-hash"]);
    let again = desk.json(&["import", "bills"]);
    for file in again["files"].as_array().unwrap() {
        assert_eq!((&file["state"], &file["rows_new"]), (&"known".into(), &0.into()), "{file}");
    }
    assert_eq!(desk.json(&["state-hash"]), before);
    desk.run(&["verify"]).ends(0);
}

#[test]
fn a_stranger_among_the_bills_is_refused_and_its_neighbours_are_booked() {
    let desk = Desk::with_book();
    write_bills(&desk);
    std::fs::write(desk.path("bills").join("letter.pdf"), "%PDF-1.7 dear merchant").unwrap();
    let said = desk.run(&["import", "bills", "--json"]).ends(3);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    let files = report["files"].as_array().unwrap();
    let refused: Vec<&Value> = files.iter().filter(|f| f["state"] == "refused").collect();
    assert_eq!(refused.len(), 1, "{report}");
    assert_eq!(refused[0]["reason"], "unknown_file:pdf");
    assert_eq!(files.len() - 1, BILLS.len());
    let text = desk.run(&["import", "bills/letter.pdf", "--lang", "zh"]).ends(3).out;
    assert!(text.contains("拒收") && text.contains("PDF"), "{text}");
}

#[test]
fn a_file_is_never_written_over_unasked() {
    let desk = with_bills();
    for (name, start) in [("s.pdf", &b"%PDF"[..]), ("s.xlsx", b"PK"), ("s.csv", b"\xEF\xBB\xBF")] {
        let make = ["statement", "--payout", PAYOUT, "--out", name, "--json"];
        desk.run(&make).ends(0);
        assert!(std::fs::read(desk.path(name)).unwrap().starts_with(start), "{name}");
        assert_eq!(desk.run(&make).ends(1).error_code(), "file_exists");
        let first = std::fs::read(desk.path(name)).unwrap();
        desk.run(&["statement", "--payout", PAYOUT, "--out", name, "--force"]).ends(0);
        assert_eq!(std::fs::read(desk.path(name)).unwrap(), first, "{name}: same data, same bytes");
    }
    let span = ["--from", "2026-01-01", "--to", "2026-01-31", "--out", "m.csv"];
    desk.run(&[&["statement"], &span[..]].concat()).ends(0);
    let left = std::fs::read_dir(desk.folder.path()).unwrap();
    let parts = left
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".part"));
    assert_eq!(parts.count(), 0);
}

#[test]
fn the_journal_goes_to_a_file_or_to_standard_output() {
    let desk = with_bills();
    desk.run(&["export", "journal", "--format", "hledger", "--out", "shop.journal"]).ends(0);
    let file = std::fs::read_to_string(desk.path("shop.journal")).unwrap();
    let piped = desk.run(&["export", "journal", "--out", "-"]).ends(0).out;
    assert_eq!(file, piped);
    assert!(file.contains("revenues:sales:wechat_pay:1900000109"), "{file}");
}

#[test]
fn completions_exist_for_the_usual_shells() {
    let desk = Desk::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = desk.run(&["completions", shell]).ends(0).out;
        assert!(script.contains("trial-balance"), "{shell}");
    }
}

#[test]
fn a_command_line_that_cannot_be_read_ends_with_two() {
    let desk = Desk::empty();
    for args in [
        &["payout"][..],
        &["wages"],
        &["payouts", "--channel", "paypal"],
        &["payouts", "--from", "2026-02-30"],
        &["payouts", "--all", "--limit", "3"],
        &["statement", "--out", "s.pdf"],
        &["statement", "--payout", "1", "--from", "2026-01-01", "--out", "s.pdf"],
    ] {
        let said = desk.run(&[args, &["--json"]].concat()).ends(2);
        assert_eq!(said.error_code(), "usage", "{args:?}");
    }
    let reversed = ["--from", "2026-02-01", "--to", "2026-01-01", "--out", "s.pdf", "--json"];
    let said = desk.run(&[&["statement"], &reversed[..]].concat()).ends(2);
    assert_eq!(said.error_code(), "days_reversed");
    let said = desk.run(&["statement", "--payout", "1", "--out", "s.doc", "--json"]).ends(2);
    assert_eq!(said.error_code(), "bad_ending");
    let mut nameless = desk.command(&["payouts", "--json"]);
    let said = Said::of(nameless.env_remove("SUANPAN_BOOK").output().unwrap()).ends(2);
    assert_eq!(said.error_code(), "book_needed");
    let zh = desk.run(&["wages", "--lang", "zh"]).ends(2).err;
    assert!(zh.starts_with("suanpan: ") && zh.contains("怎么办"), "{zh}");
}

#[test]
fn an_unknown_payout_is_said_in_words_with_what_to_do() {
    let desk = Desk::with_book();
    let said = desk.run(&["payout", "404"]).ends(1);
    let lines: Vec<&str> = said.err.lines().collect();
    assert!(lines[0].starts_with("suanpan: ") && lines[0].contains("404"), "{said:?}");
    assert_eq!(lines[1], "Money: not moved.");
    assert!(lines[2].starts_with("What to do: "), "{said:?}");
}

#[test]
fn help_is_in_the_readers_language() {
    let desk = Desk::empty();
    assert!(desk.run(&["--help"]).ends(0).out.contains("Usage: suanpan"));
    let mut zh = desk.command(&["import", "--help"]);
    let said = Said::of(zh.env("LANG", "zh_CN.UTF-8").output().unwrap()).ends(0);
    assert!(said.out.contains("用法：suanpan import"), "{said:?}");
    let mut en = desk.command(&["import", "--help", "--lang", "en"]);
    let said = Said::of(en.env("LANG", "zh_CN.UTF-8").output().unwrap()).ends(0);
    assert!(said.out.contains("Usage: suanpan import"), "{said:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let desk = with_bills();
    let mut command = desk.command(&["completions", "bash"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let said = Said::of(child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

#[test]
fn the_practice_platform_listens_until_it_is_told_to_stop() {
    let desk = Desk::empty();
    let serve = ["practice", "serve", "--out", "platform", "--days", "3", "--size", "3", "--json"];
    let mut child = desk.command(&serve).stdout(Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    while !text.ends_with("\n}\n") && out.read_line(&mut text).unwrap() > 0 {}
    let said: Value = serde_json::from_str(&text).unwrap();
    let promised = manual().into_iter().find(|(name, _)| name == "practice serve").unwrap();
    same_shape("practice serve", &promised.1, &said);
    for path in said["setups"].as_array().unwrap() {
        let file = std::fs::read(desk.path(path.as_str().unwrap())).unwrap();
        let setup: Value = serde_json::from_slice(&file).unwrap();
        assert_eq!(setup["base"], said["base"]);
    }
    assert!(desk.path("platform/files/truth.json").is_file());
    let taken = said["base"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    let second = desk.run(&["practice", "serve", "--port", &taken]);
    assert_eq!(second.code, 1, "{second:?}");
    let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_practice_shop_is_the_same_twice_and_the_demo_is_made_once() {
    let desk = Desk::empty();
    for out in ["a", "b"] {
        let write =
            ["practice", "write", "--out", out, "--seed", "7", "--days", "10", "--size", "5"];
        desk.run(&write).ends(0);
    }
    let truth = |out: &str| std::fs::read(desk.path(out).join("truth.json")).unwrap();
    assert_eq!(truth("a"), truth("b"));
    desk.run(&["demo"]).ends(0);
    let place = desk.path(".local/share/suanpan/demo.suanpan");
    let again = desk.json(&["demo"]);
    assert_eq!(
        (&again["made"], &again["place"]),
        (&false.into(), &place.display().to_string().into())
    );
    let mut payouts = desk.command(&["payouts", "--json"]);
    payouts.env("SUANPAN_BOOK", &place).env("SUANPAN_PASSPHRASE", "suanpan-demo");
    let list: Value = serde_json::from_slice(&payouts.output().unwrap().stdout).unwrap();
    assert!(list["payouts"].as_array().unwrap().len() > 100, "JSON gives every payout");
    let mut page = desk.command(&["payouts", "--json", "--limit", "7"]);
    page.env("SUANPAN_BOOK", &place).env("SUANPAN_PASSPHRASE", "suanpan-demo");
    let page: Value = serde_json::from_slice(&page.output().unwrap().stdout).unwrap();
    assert_eq!(page["payouts"].as_array().unwrap().len(), 7);
    assert_eq!(page["payouts"][6], list["payouts"][6]);
    let next = page["next"].as_str().unwrap();
    let mut rest = desk.command(&["payouts", "--json", "--cursor", next]);
    rest.env("SUANPAN_BOOK", &place).env("SUANPAN_PASSPHRASE", "suanpan-demo");
    let rest: Value = serde_json::from_slice(&rest.output().unwrap().stdout).unwrap();
    assert_eq!(rest["payouts"][0], list["payouts"][7]);
}

/// Maps whose keys depend on the data.
const OPEN_MAPS: [&str; 6] = ["components", "rows", "breaks", "body", "view", "parts"];

#[test]
fn a_statement_given_out_is_known_again_and_a_changed_one_is_told() {
    let desk = Desk::with_book();
    write_bills(&desk);
    desk.json(&["import", "bills"]);
    for file in ["s.pdf", "s.xlsx", "s.csv"] {
        desk.json(&["statement", "--payout", PAYOUT, "--out", file]);
        assert_eq!(desk.json(&["statement", "verify", file])["verdict"], "genuine");
    }
    let text = std::fs::read_to_string(desk.path("s.csv")).unwrap();
    std::fs::write(desk.path("t.csv"), text.replacen(".", ",", 1)).unwrap();
    assert_eq!(desk.json(&["statement", "verify", "t.csv"])["verdict"], "altered");
    std::fs::write(desk.path("u.csv"), "a,b\n1,2\n").unwrap();
    assert_eq!(desk.json(&["statement", "verify", "u.csv"])["verdict"], "unknown");
    assert_eq!(desk.json(&["statement", "list"])["statements"].as_array().unwrap().len(), 3);
}

#[test]
fn every_json_answer_has_the_shape_that_the_manual_promises() {
    let desk = Desk::empty();
    write_bills(&desk);
    std::fs::write(
        desk.path("bank.csv"),
        "账号,交易日期,交易时间,借方金额,贷方金额,余额,对方户名,摘要,流水号,币种\r\n\
         6222020200012348812,2026-01-03,09:00:00,,30.81,30.81,财付通支付科技有限公司,\
         0102_1900000109,B1,CNY\r\n",
    )
    .unwrap();
    let bad = BILLS[2].1.replace("`10.00,`10.00,", "`1x.00,`10.00,");
    std::fs::write(desk.path("bad.csv"), bad).unwrap();
    let fund = ["evidence", "1:2"];
    let statement = ["statement", "--payout", PAYOUT, "--out", "s.pdf"];
    let journal = ["export", "journal", "--out", "j"];
    let practice = ["practice", "write", "--out", "p", "--days", "5", "--size", "3"];
    let all_short = ["decide", "accept", "--kind", "payout_short", "--by", "Li"];
    let preview = ["decide", "accept", "--kind", "payout_short", "--preview"];
    let rule = ["decide", "always", "--kind", "payout_short", "--act", "accept", "--preview"];
    let days = ["--from", "2026-01-01", "--to", "2026-01-02"];
    let report = |name| [&["report", name], &days[..]].concat();
    let [series, bridge, rates, heat] = ["series", "bridge", "rates", "heat"].map(report);
    let figure = [&["report", "rows", "rate:orders_paid:all"], &days[..]].concat();
    let calls: [(&str, &[&str]); 56] = [
        ("book new", &["book", "new", "--company", "某某咖啡"]),
        ("book unlock-methods", &["book", "unlock-methods"]),
        ("import", &["import", "bad.csv", "bills", "bank.csv"]),
        ("book info", &["book", "info"]),
        ("certificates", &["certificates"]),
        ("payouts", &["payouts"]),
        ("payouts", &["payouts", "--sort", "smallest"]),
        ("payout", &["payout", PAYOUT, "--lines"]),
        ("transactions", &["transactions", "--kind", "refund", "--save-view", "refunds"]),
        ("transactions", &["transactions", "--sort", "largest", "--least", "0.01"]),
        ("transactions --source fund", &["transactions", "--source", "fund"]),
        ("transactions --sums", &["transactions", "--sums"]),
        ("transactions --out", &["transactions", "--view", "refunds", "--out", "t.xlsx"]),
        ("orders", &["orders", "--sort", "largest", "--save-view", "large"]),
        ("orders", &["orders", "--view", "large"]),
        ("orders --sums", &["orders", "--sums"]),
        ("collect list", &["collect", "list"]),
        ("channel list", &["channel", "list"]),
        ("channel health", &["channel", "health"]),
        ("tenders", &["tenders"]),
        ("tenders --used", &["tenders", "--used"]),
        ("views list", &["views", "list"]),
        ("views list", &["views", "list", "--of", "orders"]),
        ("accounts", &["accounts"]),
        ("entries", &["entries", "assets:balance"]),
        ("bank accounts", &["bank", "accounts"]),
        ("bank lines", &["bank", "lines", "--sort", "largest"]),
        ("report series", &series),
        ("report bridge", &bridge),
        ("report rates", &rates),
        ("report heat", &heat),
        ("report rows", &figure),
        ("chart", &["chart", "waterfall", PAYOUT, "--out", "w.svg"]),
        ("file-rows", &["file-rows", "1"]),
        ("search", &["search", "拿铁", "10"]),
        ("breaks", &["breaks", "--sort", "oldest"]),
        ("decide preview", &preview),
        ("decide always preview", &rule),
        ("decide", &all_short),
        ("decide log", &["decide", "log"]),
        ("decide undo", &["decide", "undo"]),
        ("review", &["review", PAYOUT]),
        ("reconcile", &["reconcile"]),
        ("trial-balance", &["trial-balance"]),
        ("statement", &statement),
        ("statement list", &["statement", "list"]),
        ("quarantine list", &["quarantine", "list"]),
        ("revision list", &["revision", "list"]),
        ("book settings", &["book", "settings"]),
        ("book unlock-methods new-code", &["book", "unlock-methods", "new-code"]),
        ("export journal", &journal),
        ("evidence", &fund),
        ("state-hash", &["state-hash"]),
        ("verify", &["verify"]),
        ("practice write", &practice),
        ("demo", &["demo", "--at", "demo.suanpan"]),
    ];
    let manual = manual();
    for (name, args) in calls {
        let promised = manual.iter().find(|(known, _)| known == name);
        let promised = promised.unwrap_or_else(|| panic!("docs/cli.md says nothing of {name}"));
        same_shape(name, &promised.1, &desk.json(args));
    }
    let first = &desk.json(&["transactions"])["transactions"][0]["id"];
    let promised = manual.iter().find(|(known, _)| known == "transaction").unwrap();
    same_shape("transaction", &promised.1, &desk.json(&["transaction", &first.to_string()]));
    let promised = manual.iter().find(|(known, _)| known == "order").unwrap();
    let number = desk.json(&["orders"])["orders"][0]["order_id"].clone();
    let number = number.as_str().unwrap().to_owned();
    same_shape("order", &promised.1, &desk.json(&["order", &number]));
    desk.json(&[&rule[..6], &["--up-to", "100000"]].concat());
    let promised = manual.iter().find(|(known, _)| known == "decide rules").unwrap();
    same_shape("decide rules", &promised.1, &desk.json(&["decide", "rules"]));
    // Last, since what is recorded now stands before everything else.
    let paid = ["till", "receive", "128.50", "--order", "5001", "--payer", "李四"];
    let promised = manual.iter().find(|(known, _)| known == "till show").unwrap();
    let recorded = desk.json(&paid);
    same_shape("till show", &promised.1, &recorded);
    let number = recorded["record"]["number"].as_str().unwrap().to_owned();
    assert_eq!(desk.json(&["till", "show", &number])["record"], recorded["record"]);
}

#[test]
fn the_demos_question_is_answered_once_for_all_and_the_answer_taken_back() {
    let desk = Desk::empty();
    desk.run(&["demo", "--at", "shop.suanpan"]).ends(0);
    let json = |args: &[&str]| {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        let mut command = desk.command(&args);
        let said = Said::of(command.env("SUANPAN_PASSPHRASE", "suanpan-demo").output().unwrap());
        assert!([0, 3].contains(&said.code), "{args:?}: {said:?}");
        serde_json::from_str::<Value>(&said.out).unwrap()
    };
    let open = json(&["breaks", "--state", "open", "--kind", "unknown_row"]);
    let first = &open["breaks"][0];
    assert_eq!(
        (&first["effect_minor"], &first["suggestion"]),
        (&(-100).into(), &"classify".into())
    );
    let id = first["id"].as_str().unwrap();
    let preview = json(&["decide", "classify", id, "--always", "--preview"]);
    let promised = manual().into_iter().find(|(name, _)| name == "decide classify preview");
    same_shape("decide classify preview", &promised.unwrap().1, &preview);
    assert_eq!((&preview["rows_now"], &preview["rows_history"]), (&1.into(), &11.into()));
    let payout = preview["payouts"][0]["id"].as_str().unwrap();
    assert_eq!(json(&["payout", payout])["unexplained_minor"], -100);
    let before = json(&["state-hash"])["derived_hash"].clone();
    let done = json(&["decide", "classify", id, "--always", "--by", "Li"]);
    assert_eq!((&done["breaks"], &done["payouts_changed"]), (&12.into(), &preview["payout_count"]));
    let explained = json(&["payout", payout]);
    assert_eq!(explained["unexplained_minor"], 0);
    assert_eq!(explained["components"]["account_charges"], -100);
    assert_eq!(json(&["reconcile"])["payouts"].as_i64().map(|n| n > 0), Some(true));
    let kept = json(&["breaks", "--state", "resolved"]);
    assert_eq!(kept["breaks"].as_array().unwrap().len(), 12);
    assert_eq!(kept["breaks"][0]["decided_by"], "Li");
    json(&["decide", "undo"]);
    assert_eq!(json(&["state-hash"])["derived_hash"], before);
}

/// The examples of `docs/cli.md`, by the name behind their fence.
fn manual() -> Vec<(String, Value)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let text = std::fs::read_to_string(path).unwrap();
    let blocks = text.split("```json ").skip(1).map(|rest| {
        let (name, rest) = rest.split_once('\n').unwrap();
        let (body, _) = rest.split_once("```").unwrap();
        let value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name.to_owned(), value)
    });
    blocks.collect()
}

#[track_caller]
fn same_shape(at: &str, promised: &Value, found: &Value) {
    match (promised, found) {
        (Value::Object(promised), Value::Object(found)) => {
            let open = OPEN_MAPS.iter().any(|name| at.ends_with(&format!(".{name}")));
            if open {
                return;
            }
            let keys = |map: &serde_json::Map<String, Value>| -> Vec<String> {
                map.keys().cloned().collect()
            };
            assert_eq!(keys(promised), keys(found), "{at}");
            for (key, value) in promised {
                same_shape(&format!("{at}.{key}"), value, &found[key]);
            }
        }
        (Value::Array(promised), Value::Array(found)) => {
            if let (Some(promised), Some(found)) = (promised.first(), found.first()) {
                same_shape(&format!("{at}[]"), promised, found);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (promised, found) => {
            let same = std::mem::discriminant(promised) == std::mem::discriminant(found);
            assert!(same, "{at}: {promised} is promised, {found} was found");
        }
    }
}
