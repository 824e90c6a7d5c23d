//! A sync as people start it: set up, tried, killed in its middle, begun again; and no secret left
//! lying about.

mod desk;
#[path = "sync/ended.rs"]
mod ended;

use desk::Desk;
use practice::platform::{Action, Fault, Platform, Settings, Setup};
use practice::{Options, Plant};
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAYS: u32 = 6;
/// Kills in the suite; `SUANPAN_TRIES` says more.
const KILLS: u32 = 12;

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// A shop whose last day was three days ago, so that every bill is there at any hour.
fn platform() -> (Platform, Options) {
    let today = now_ms().div_euclid(86_400_000);
    let epoch = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    let from = epoch + chrono::Days::new(u64::try_from(today).unwrap() - u64::from(DAYS) - 2);
    let options = Options { days: DAYS, size: 6, from, planted: Plant::None, ..Options::default() };
    let settings = Settings::new(options.clone(), Arc::new(now_ms));
    (Platform::start(settings).unwrap(), options)
}

fn connect(desk: &Desk, platform: &Platform, options: &Options) {
    for setup in platform.setups() {
        if !matches!(setup.channel, "wechat_pay" | "alipay") {
            continue;
        }
        let file = format!("{}.json", setup.channel);
        std::fs::write(desk.path(&file), setup.to_json()).unwrap();
        let from = options.from.to_string();
        desk.run(&["channel", "add", "--file", &file, "--from", &from, "--test", "--direct"])
            .ends(0);
        std::fs::remove_file(desk.path(&file)).unwrap();
    }
}

fn state_of(desk: &Desk) -> Value {
    desk.json(&["state-hash"])
}

fn secrets(setups: &[Setup]) -> Vec<String> {
    let mut secrets = Vec::new();
    for setup in setups {
        for name in ["private_key_pem", "api_v3_key", "aes_key", "secret_key"] {
            let Some(value) = setup.fields.get(name) else { continue };
            // A line of a key file is as good as the whole.
            secrets.extend(value.lines().filter(|l| l.len() >= 32).take(3).map(str::to_owned));
        }
    }
    secrets
}

fn last_day(options: &Options) -> chrono::NaiveDate {
    options.from + chrono::Days::new(u64::from(DAYS) - 1)
}

/// Everything that is given out of a book, opened where it is packed.
fn exports(desk: &Desk, from: chrono::NaiveDate, to: chrono::NaiveDate) -> Vec<Vec<u8>> {
    let (from, to) = (from.to_string(), to.to_string());
    let mut texts = Vec::new();
    for file in ["s.pdf", "s.xlsx", "s.csv"] {
        desk.run(&["statement", "--from", &from, "--to", &to, "--out", file]).ends(0);
    }
    desk.run(&["export", "journal", "--out", "j.journal"]).ends(0);
    for file in ["t.csv", "t.xlsx"] {
        desk.run(&["transactions", "--out", file]).ends(0);
    }
    for file in ["s.pdf", "s.xlsx", "t.xlsx"] {
        let text = unpacked(&std::fs::read(desk.path(file)).unwrap());
        let known: &[u8] = if file == "s.pdf" { b"BT" } else { b"sheetData" };
        assert!(text.windows(known.len()).any(|window| window == known), "{file} is opened");
        texts.push(text);
    }
    texts
}

/// What is packed in a workbook or a PDF, one piece after the other.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    let number = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    for at in 0..bytes.len() {
        // A piece ends where its own marks say; what follows is not looked at.
        if bytes[at..].starts_with(b"PK\x03\x04") && at + 30 <= bytes.len() {
            let data = at + 30 + number(at + 26) + number(at + 28);
            let rest = bytes.get(data..).unwrap_or_default();
            let _ = flate2::read::DeflateDecoder::new(rest).read_to_end(&mut all);
        } else if bytes[at..].starts_with(b"stream\n") {
            let _ = flate2::read::ZlibDecoder::new(&bytes[at + 7..]).read_to_end(&mut all);
        }
    }
    all
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn a_sync_that_is_killed_anywhere_goes_on_to_the_same_books_and_no_secret_lies_about() {
    let (platform, options) = platform();
    let whole = Desk::with_book();
    connect(&whole, &platform, &options);
    let done = whole.json(&["sync", "--direct"]);
    assert_eq!(done["connections"].as_array().map(Vec::len), Some(2));
    assert!(done["rows_new"].as_i64() > Some(0), "{done}");
    let list = whole.json(&["channel", "list"]);
    let last = last_day(&options);
    for connection in list["connections"].as_array().unwrap() {
        let proven = connection["proven_until"].as_str().unwrap();
        assert!(proven >= last.to_string().as_str(), "{connection}");
    }
    let state = state_of(&whole);
    let begun = std::time::Instant::now();
    whole.json(&["sync", "--direct", "--force"]);
    assert_eq!(state_of(&whole), state, "nothing new comes twice");
    let length = begun.elapsed().max(Duration::from_millis(200));

    let tries = std::env::var("SUANPAN_TRIES").ok().and_then(|text| text.parse().ok());
    let kills: u32 = tries.unwrap_or(KILLS);
    let desk = Desk::with_book();
    connect(&desk, &platform, &options);
    let mut said = Vec::new();
    for kill in 0..kills {
        let mut child = desk.command(&["sync", "--direct", "--force"]).spawn().unwrap();
        std::thread::sleep(length * (kill % 12 + 1) / 8);
        // It may be over: then there was nothing left to lose.
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        said.extend([output.stdout, output.stderr]);
    }
    let last = desk.run(&["sync", "--direct", "--force"]).ends(0);
    assert_eq!(state_of(&desk), state, "after {kills} kills");
    desk.run(&["verify"]).ends(0);

    let secrets = secrets(&platform.setups());
    assert!(secrets.len() >= 6, "there is something to look for");
    let list = desk.run(&["channel", "list", "--json"]);
    said.extend([last.out, last.err, list.out].map(String::into_bytes));
    said.extend(exports(&desk, options.from, last_day(&options)));
    let mut found = Vec::new();
    files(desk.folder.path(), &mut found);
    said.extend(found.iter().map(|path| std::fs::read(path).unwrap()));
    for text in &said {
        for secret in &secrets {
            let secret = secret.as_bytes();
            assert!(!text.windows(secret.len()).any(|window| window == secret));
        }
    }
}

#[test]
fn keys_that_do_not_work_are_not_kept_and_what_is_wrong_is_said() {
    let (platform, _) = platform();
    let desk = Desk::with_book();
    let mut setup = platform.setup("wechat_pay").unwrap();
    setup.fields.insert("serial_no", "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C".to_owned());
    std::fs::write(desk.path("wrong.json"), setup.to_json()).unwrap();
    let add = ["channel", "add", "--file", "wrong.json", "--test", "--direct", "--json"];
    let checked: Value = serde_json::from_str(&desk.run(&add).ends(3).out).unwrap();
    assert_eq!((&checked["fine"], &checked["code"]), (&false.into(), &"serial_differs".into()));
    assert_eq!(desk.json(&["channel", "list"])["connections"], Value::Array(Vec::new()));

    std::fs::write(desk.path("wrong.json"), "{\"channel\":\"wechat_pay\",\"fields\":{}}").unwrap();
    assert_eq!(desk.run(&add).ends(2).error_code(), "bad_input");
}

#[test]
fn unionpay_is_connected_by_the_key_file_it_hands_out_and_syncs() {
    const FILE: &[u8] = include_bytes!("../../connectors/fixtures/pfx/legacy.pfx");
    let (platform, options) = platform();
    let desk = Desk::with_book();
    let mut setup = platform.setup("union_pay").unwrap();
    setup.fields.remove("sign_cert_pem");
    setup.fields.remove("private_key_pem");
    std::fs::write(desk.path("union_pay.json"), setup.to_json()).unwrap();
    std::fs::write(desk.path("acp_sign.pfx"), FILE).unwrap();
    let from = options.from.to_string();
    let add = |password: Option<&str>| {
        let mut command = desk.command(&[
            "channel",
            "add",
            "--file",
            "union_pay.json",
            "--pfx",
            "acp_sign.pfx",
            "--from",
            &from,
            "--test",
            "--direct",
            "--json",
        ]);
        if let Some(password) = password {
            command.env("SUANPAN_PFX_PASSWORD", password);
        }
        desk::Said::of(command.output().unwrap())
    };
    assert_eq!(add(None).ends(1).error_code(), "key_file_password_needed");
    let wrong = add(Some("CANARY")).ends(1);
    assert_eq!(wrong.error_code(), "key_file_password");
    assert!(!wrong.err.contains("CANARY"), "{wrong:#?}");
    let made: Value = serde_json::from_str(&add(Some("000000")).ends(0).out).unwrap();
    // The practice shop's certificate.
    assert_eq!(made["connection"]["keys"][0]["until_ms"], 2_524_521_600_000_i64);
    let done = desk.json(&["sync", "--direct"]);
    assert_eq!(done["connections"][0]["trouble"], "", "{done}");
}

#[test]
fn a_channel_of_the_shops_own_is_given_a_name_and_lists_say_it() {
    let desk = Desk::with_book();
    let name = |list: &Value| {
        let channels = list["channels"].as_array().unwrap();
        channels.iter().find(|found| found["code"] == "own_2").unwrap()["name"].clone()
    };
    assert_eq!(name(&desk.json(&["channel", "defined"])), Value::Null);
    let given = desk.json(&["channel", "defined", "--name", "own_2", "饭卡"]);
    assert_eq!(name(&given), "饭卡");
    assert_eq!(name(&desk.json(&["channel", "defined", "--named"])), "饭卡");
    assert_eq!(name(&desk.json(&["channel", "defined"])), Value::Null, "without the book");
    let said = desk.run(&["channel", "defined", "--named"]).ends(0).out;
    assert!(said.contains("own_2  饭卡") && said.contains("own_1  Own channel 1"), "{said}");
    let wrong = ["channel", "defined", "--name", "lakala", "饭卡", "--json"];
    assert_eq!(desk.run(&wrong).ends(2).error_code(), "bad_input");
}

#[test]
fn a_watch_fetches_what_is_due_says_when_it_is_next_and_ends_cleanly() {
    let (platform, options) = platform();
    let desk = Desk::with_book();
    connect(&desk, &platform, &options);
    let mut child = desk.command(&["sync", "--watch", "--direct"]).spawn().unwrap();
    let out = child.stdout.take().unwrap();
    let mut said = Vec::new();
    for line in std::io::BufRead::lines(std::io::BufReader::new(out)) {
        said.push(line.unwrap());
        // Rows of both connections, what was booked, when it is next.
        if said.len() == 4 {
            stop(&child);
        }
    }
    let ended = child.wait().unwrap();
    assert!(ended.success(), "{ended:?} {said:#?}");
    assert_eq!(said.len(), 4, "{said:#?}");
    assert!(said[3].starts_with("Asked next: "), "{said:#?}");
    let state = state_of(&desk);
    desk.json(&["sync", "--direct", "--force"]);
    assert_eq!(state_of(&desk), state, "the watch had fetched everything");
    let listed = desk.json(&["channel", "list"]);
    for connection in listed["connections"].as_array().unwrap() {
        assert!(connection["next_at_ms"].as_i64() > Some(now_ms()), "{connection}");
        assert_eq!(connection["offline"], false);
    }
}

/// What Ctrl+C in a terminal sends.
fn stop(child: &std::process::Child) {
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

#[test]
fn what_was_booked_when_a_sync_was_killed_is_judged_by_the_next_though_it_books_nothing() {
    let (platform, options) = platform();
    // Alipay never answers: WeChat Pay's bills are committed meanwhile, and judged by nobody.
    let hangs = || {
        platform.clear();
        let action = Action::Delay { ms: 120_000 };
        platform.fault(Fault { on: "/gateway.do".into(), skip: 0, times: u32::MAX, action });
    };
    let refuses = || {
        platform.clear();
        let action = Action::StatusBefore { status: 503 };
        platform.fault(Fault { on: "/gateway.do".into(), skip: 0, times: u32::MAX, action });
    };
    let whole = Desk::with_book();
    connect(&whole, &platform, &options);
    refuses();
    whole.run(&["sync", "--direct", "--force"]).ends(3);
    let state = state_of(&whole);

    let desk = Desk::with_book();
    platform.clear();
    connect(&desk, &platform, &options);
    hangs();
    let before = platform.calls().len();
    let mut child = desk.command(&["sync", "--direct", "--force"]).spawn().unwrap();
    // Until nothing more is asked of WeChat Pay, and what came had its time to be booked.
    let asked = || {
        let bills = |call: &&practice::platform::Call| call.label.contains("/v3/bill");
        platform.calls().iter().skip(before).filter(bills).count()
    };
    let (mut seen, mut since) = (0, std::time::Instant::now());
    while seen < usize::try_from(DAYS * 4).unwrap() || since.elapsed() < Duration::from_secs(3) {
        assert!(child.try_wait().unwrap().is_none(), "it waits for Alipay");
        std::thread::sleep(Duration::from_millis(20));
        if asked() > seen {
            (seen, since) = (asked(), std::time::Instant::now());
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let killed = state_of(&desk);
    assert_eq!(killed["state_hash"], state["state_hash"], "everything was booked");
    assert_ne!(killed["derived_hash"], state["derived_hash"], "and not judged");
    refuses();
    desk.run(&["sync", "--direct", "--force"]).ends(3);
    assert_eq!(state_of(&desk), state);
}

#[test]
fn a_statement_says_which_bills_were_not_read_again_and_a_sync_reads_them() {
    let (platform, options) = platform();
    let desk = Desk::with_book();
    connect(&desk, &platform, &options);
    desk.json(&["sync", "--direct"]);
    let (from, today) = (options.from.to_string(), options.from + chrono::Days::new(90));
    let made = |out: &str, to: chrono::NaiveDate| {
        let to = to.to_string();
        desk.json(&["statement", "--from", &from, "--to", &to, "--out", out])
    };
    // Everything was read just now, after the last bill that can be there.
    assert_eq!(made("a.csv", today)["not_read_again"], Value::Array(Vec::new()));
    assert!(desk.json(&["statement", "list"])["statements"].is_array());
    let day = |after| (options.from + chrono::Days::new(after)).to_string();
    let again = desk.json(&["sync", "--direct", "--again", &day(0), &day(3)]);
    for done in again["connections"].as_array().unwrap() {
        assert_eq!((&done["asked"], &done["failed"]), (&0.into(), &0.into()), "{done}");
    }
    let wrong = desk.run(&["sync", "--again", &day(3), &day(0), "--json"]).ends(2);
    assert_eq!(wrong.error_code(), "days_reversed");
}
