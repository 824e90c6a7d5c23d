//! GnuCash with ten thousand transactions: how long it takes to show them.

use crate::screen::Screen;
use anyhow::{Result, bail};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const TRANSACTIONS: u32 = 10_000;
const STARTS: usize = 3;
const NAME: &str = "ten-thousand.gnucash";

/// Median of a few starts until the window with the book's name is mapped, ms; `None` where GnuCash
/// is not installed.
///
/// # Errors
/// When it is installed and does not come up.
pub fn start(home: &Path) -> Result<Option<u64>> {
    let there = |program| Command::new(program).arg("--version").output().is_ok();
    if !there("gnucash") || !there("xdotool") {
        return Ok(None);
    }
    let book = home.join(NAME);
    std::fs::write(&book, text())?;
    let mut times = Vec::new();
    for _ in 0..=STARTS {
        let mut screen = Screen::default();
        screen.light(home)?;
        let begun = Instant::now();
        let mut program = Command::new("gnucash");
        program.arg(&book).envs(screen.env());
        screen.keep(&mut program)?;
        while !shown(&screen) {
            if begun.elapsed() > Duration::from_secs(120) {
                bail!("GnuCash shows no window of {NAME}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        times.push(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
        drop(screen);
        // Ended without a word, it leaves its lock, and the next start would ask about it.
        for ending in ["LCK", "LNK"] {
            let _ = std::fs::remove_file(format!("{}.{ending}", book.display()));
        }
    }
    // The first start writes its settings.
    let mut later = times.split_off(1);
    later.sort_unstable();
    Ok(later.get(later.len() / 2).copied())
}

fn shown(screen: &Screen) -> bool {
    let mut ask = Command::new("xdotool");
    ask.args(["search", "--onlyvisible", "--name", NAME]).envs(screen.env());
    ask.output().is_ok_and(|told| !told.stdout.is_empty())
}

/// A book as GnuCash writes it, without its compression: two accounts, sales between them.
fn text() -> String {
    let id = |number: u32| format!("{number:032x}");
    let mut out = String::from(HEAD);
    let accounts = [(1, "Root Account", "ROOT", None), (2, "Bank", "BANK", Some(1))];
    for (number, name, kind, above) in accounts.into_iter().chain([(3, "Sales", "INCOME", Some(1))])
    {
        let (guid, above) = (id(number), above.map(id));
        let parent = above.map_or(String::new(), |above| {
            format!("<act:parent type=\"guid\">{above}</act:parent>")
        });
        let money = if kind == "ROOT" { "" } else { MONEY };
        let _ = writeln!(
            out,
            "<gnc:account version=\"2.0.0\"><act:name>{name}</act:name>\
             <act:id type=\"guid\">{guid}</act:id><act:type>{kind}</act:type>{money}{parent}\
             </gnc:account>"
        );
    }
    for number in 0..TRANSACTIONS {
        let (guid, fen) = (id(1_000 + 3 * number), 100 + number % 9_000);
        let (first, second) = (id(1_001 + 3 * number), id(1_002 + 3 * number));
        let day = format!("2026-{:02}-{:02}", 1 + number % 12, 1 + number % 28);
        let split = |id: &str, sign: &str, account: u32| {
            format!(
                "<trn:split><split:id type=\"guid\">{id}</split:id>\
                 <split:reconciled-state>n</split:reconciled-state>\
                 <split:value>{sign}{fen}/100</split:value>\
                 <split:quantity>{sign}{fen}/100</split:quantity>\
                 <split:account type=\"guid\">{:032x}</split:account></trn:split>",
                account
            )
        };
        let _ = writeln!(
            out,
            "<gnc:transaction version=\"2.0.0\"><trn:id type=\"guid\">{guid}</trn:id>\
             <trn:currency><cmdty:space>CURRENCY</cmdty:space><cmdty:id>CNY</cmdty:id>\
             </trn:currency><trn:date-posted><ts:date>{day} 10:59:00 +0000</ts:date>\
             </trn:date-posted><trn:date-entered><ts:date>{day} 10:59:00 +0000</ts:date>\
             </trn:date-entered><trn:description>Order {number}</trn:description>\
             <trn:splits>{}{}</trn:splits></gnc:transaction>",
            split(&first, "", 2),
            split(&second, "-", 3),
        );
    }
    out.push_str("</gnc:book>\n</gnc-v2>\n");
    out
}

const MONEY: &str = "<act:commodity><cmdty:space>CURRENCY</cmdty:space><cmdty:id>CNY</cmdty:id>\
    </act:commodity><act:commodity-scu>100</act:commodity-scu>";

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8" ?>
<gnc-v2 xmlns:gnc="http://www.gnucash.org/XML/gnc" xmlns:act="http://www.gnucash.org/XML/act"
  xmlns:book="http://www.gnucash.org/XML/book" xmlns:cd="http://www.gnucash.org/XML/cd"
  xmlns:cmdty="http://www.gnucash.org/XML/cmdty" xmlns:split="http://www.gnucash.org/XML/split"
  xmlns:trn="http://www.gnucash.org/XML/trn" xmlns:ts="http://www.gnucash.org/XML/ts">
<gnc:count-data cd:type="book">1</gnc:count-data>
<gnc:book version="2.0.0">
<book:id type="guid">000000000000000000000000000000ff</book:id>
"#;
