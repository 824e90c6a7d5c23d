//! `make run`: build, create the demo company once, open the window or show the work here.

use crate::pictures;
use crate::places::{PROFILE, Places};
use crate::setup::{self, Purpose};
use crate::steps::{Outcome, Steps, succeed};
use crate::ui;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Builds what is needed and opens the window; without a screen, does the main job in the
/// terminal and leaves a picture of the window, a statement and a workbook in `out/`.
///
/// # Errors
/// The first step that fails, by name.
pub fn run(places: &Places) -> Result<()> {
    let mut steps = Steps::default();
    build(places, &mut steps)?;
    let demo = demo(places, &mut steps, &[])?;
    eprintln!("{}", steps.summary());
    if has_screen() {
        eprintln!("\nOpening the window on the demo company:");
        eprintln!("  {} (passphrase {})", demo.book, demo.passphrase);
        let mut window = Command::new(places.built("suanpan-window"));
        return succeed(window.envs(demo.environment()));
    }
    eprintln!("\nNo screen here (neither DISPLAY nor WAYLAND_DISPLAY): the main job in text.");
    let payout = main_job(places, &demo)?;
    let window = places.built("suanpan-window");
    pictures::two(&window, &demo.environment(), &payout, &places.out)
}

/// Photographs every page of the real window, in each language and in both colours.
///
/// # Errors
/// When something cannot be built, or a page does not paint.
pub fn screenshots(places: &Places) -> Result<()> {
    let mut steps = Steps::default();
    build(places, &mut steps)?;
    // A company of its own: the report of an import is among the pictures, and adds to it.
    let scratch = places.out.join("pictures");
    remove(&scratch)?;
    let (at, bills) = (scratch.join("咖啡馆.suanpan"), scratch.join("一月账单"));
    let demo = demo(places, &mut steps, &["--at", &at.to_string_lossy()])?;
    let mut practice = Command::new(places.built("suanpan"));
    practice.args(["practice", "write", "--days", "12", "--size", "3", "--out"]);
    succeed(practice.arg(&bills).stdout(Stdio::null()))?;
    spoil(&bills)?;
    fill_the_till(places, &demo)?;
    let payout = example_payout(places, &demo)?;
    let (window, out) = (places.built("suanpan-window"), places.out.join("pages"));
    let model = pictures::Model {
        book: Path::new(&demo.book),
        passphrase: &demo.passphrase,
        payout: &payout,
        bills: &bills,
    };
    let taken = pictures::every_page(&window, model, &scratch.join("settings"), &out)?;
    remove(&scratch)?;
    println!("{taken} pictures in {}", out.display());
    pictures::show(&out, &places.root.join("docs/pictures"))
}

/// A row that cannot be read, a file that is no bill and a table that nobody knows, for the report
/// of an import.
fn spoil(bills: &Path) -> Result<()> {
    let found = fs::read_dir(bills.join("wechat")).context("the practice shop has bills")?;
    let mut files: Vec<_> = found.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let spoilt = files.iter().find_map(|path| {
        let text = fs::read_to_string(path).ok()?;
        let row = text.lines().nth(2).filter(|row| row.contains("`20"))?;
        let broken = row.replacen("`20", "`2O", 1);
        Some((path, text.replacen(row, &broken, 1)))
    });
    let (path, text) = spoilt.context("no bill of the practice shop has two rows")?;
    fs::write(path, text)?;
    fs::write(bills.join("提现回单.pdf"), "%PDF-1.4\n")?;
    let table =
        "日期,收款,手续费,流水号\n2026-04-02,128.00,0.77,QB0001\n2026-04-03,39.90,0.24,QB0002\n";
    // What the practice shop knows of itself is for tests; a shop has no such file.
    fs::remove_file(bills.join("truth.json")).context("the practice shop tells its truth")?;
    Ok(fs::write(bills.join("收款明细.csv"), table)?)
}

/// A day at the till: what a picture of it needs.
fn fill_the_till(places: &Places, demo: &Demo) -> Result<()> {
    // The last day of the demo company.
    let day: [(&str, &[&str]); 5] = [
        ("08:30", &["float", "300.00"]),
        ("09:12", &["receive", "68.00", "--order", "T0415-01"]),
        ("11:40", &["receive", "12.50", "--order", "T0415-02"]),
        ("15:05", &["receive", "236.00", "--order", "T0415-03"]),
        ("18:00", &["count", "--sum", "616.50"]),
    ];
    for (at, words) in day {
        let mut command = suanpan(places, demo);
        command.env("USER", pictures::PERSON);
        command.arg("till").args(words).args(["--at", &format!("2026-04-15 {at}")]);
        succeed(command.stdout(Stdio::null()))?;
    }
    Ok(())
}

/// Removes a folder, which may not be there.
fn remove(folder: &Path) -> Result<()> {
    fs::remove_dir_all(folder).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error).with_context(|| format!("cannot remove {}", folder.display())),
    })
}

fn build(places: &Places, steps: &mut Steps) -> Result<()> {
    setup::prepare_in(places, Purpose::Run, steps)?;
    steps.run("interface", || ui::build(places))?;
    let mut cargo = places.cargo();
    cargo.args(["build", "--profile", PROFILE, "-p", "suanpan-cli", "-p", "suanpan-window"]);
    // What `tauri build` adds: the window serves the built interface instead of a dev server.
    cargo.args(["--features", "suanpan-window/custom-protocol"]);
    steps.command("programs (the first build takes minutes)", &mut cargo)
}

/// The demo company's book and the passphrase that everybody may know.
struct Demo {
    book: String,
    passphrase: String,
}

impl Demo {
    /// What both programs read to open it without asking.
    fn environment(&self) -> [(&str, &OsStr); 2] {
        let passphrase = self.passphrase.as_ref();
        [("SUANPAN_BOOK", self.book.as_ref()), ("SUANPAN_PASSPHRASE", passphrase)]
    }
}

/// Makes the demo company on the first call; the terminal program says where it is.
fn demo(places: &Places, steps: &mut Steps, at: &[&str]) -> Result<Demo> {
    let mut answer = Value::Null;
    steps.run("demo company", || {
        let said = Command::new(places.built("suanpan"))
            .args(["demo", "--json"])
            .args(at)
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start suanpan")?;
        answer = serde_json::from_slice(&said.stdout).context("suanpan made no demo company")?;
        Ok(if answer["made"] == true { Outcome::Done } else { Outcome::Fresh })
    })?;
    let field = |name: &str| -> Result<String> {
        let text = answer[name].as_str().with_context(|| format!("the demo has no {name}"))?;
        Ok(text.to_owned())
    };
    Ok(Demo { book: field("place")?, passphrase: field("passphrase")? })
}

fn has_screen() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// The commands a newcomer would type first, each shown before it runs. Returns the id of the
/// payout that was explained.
fn main_job(places: &Places, demo: &Demo) -> Result<String> {
    fs::create_dir_all(&places.out).context("cannot create out/")?;
    let id = example_payout(places, demo)?;
    let show = |title: &str, words: &[&str]| -> Result<()> {
        let mut command = suanpan(places, demo);
        command.args(words);
        let typed = words.join(" ");
        println!("\n# {title}\n$ suanpan {typed}");
        std::io::stdout().flush()?;
        succeed(&mut command)
    };
    show("What was paid out", &["payouts", "--limit", "12"])?;
    show("One payout explained, to the last fen", &["payout", &id])?;
    show("What does not agree, with its reason", &["breaks", "--limit", "12"])?;
    let statement = ["statement", "--payout", &id, "--force", "--out"];
    show("A statement", &[&statement[..], &["out/statement.pdf"]].concat())?;
    show("The same as a workbook", &[&statement[..], &["out/statement.xlsx"]].concat())?;
    Ok(id)
}

/// The terminal program, working on the demo company from the clone's folder.
fn suanpan(places: &Places, demo: &Demo) -> Command {
    let mut command = Command::new(places.built("suanpan"));
    command.current_dir(&places.root).envs(demo.environment());
    command
}

/// The payout whose parts the README shows; the newest one when it is not there.
fn example_payout(places: &Places, demo: &Demo) -> Result<String> {
    const PAID_MINOR: i64 = 34_414;
    let answer = suanpan(places, demo)
        .args(["payouts", "--all", "--json"])
        .stderr(Stdio::inherit())
        .output()
        .context("cannot list the payouts")?;
    if !answer.status.success() {
        bail!(
            "The demo company's book cannot be read. If an older program made it, delete\n  \
             {book}*\nand run make again: a new one is made.",
            book = demo.book
        );
    }
    let list: Value = serde_json::from_slice(&answer.stdout).context("the list of payouts")?;
    let rows = list["payouts"].as_array().context("the list of payouts has no rows")?;
    let known = rows.iter().find(|row| row["amount_minor"] == PAID_MINOR);
    let row = known.or(rows.first()).context("the demo company has no payouts")?;
    Ok(row["id"].as_str().context("a payout without id")?.to_owned())
}
