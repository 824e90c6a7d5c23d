//! P11: a book on a server beside `copy` of the same rows.

use crate::{beside, first_import, row, timed};
use anyhow::{Context, Result, ensure};
use practice::Options;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use store::Location;
use support::{Kind, PracticeShop, new_book};

/// Tables with the three columns that the floor indexes, as the file book's floor does.
const TABLES: [(&str, [&str; 3]); 3] = [
    ("settlement_line", ["day, id", "payment_id", "order_id"]),
    ("balance_transaction", ["day, id", "channel_ref", "ledger_ref"]),
    ("shop_order", ["day, id", "order_id", "ordered_at_ms"]),
];

/// A tenth of the days: a row costs the same.
pub fn run(options: &Options) -> Result<()> {
    let days = (options.days / 10).max(2);
    let shop = PracticeShop::write(&Options { days, ..options.clone() });
    let test = new_book(Kind::Postgres);
    let (took, rows) = first_import(&test.book, &shop);
    row("P11 first import on PostgreSQL", took, &format!("{rows} rows"));
    let Location::Server(url) = test.book.location() else { return Ok(()) };
    let dir = tempfile::tempdir()?;
    psql(
        url,
        &script(dir.path(), "select 1;", |table, file| format!("\\copy {table} to '{file}'\n")),
    )?;
    let copies =
        script(dir.path(), "begin;", |table, file| format!("\\copy raw_{table} from '{file}'\n"));
    let (copied, floor) = timed(|| psql(url, &format!("{copies}commit;\n")));
    copied?;
    beside("copy of the same rows", floor, took, "goal 1.5");
    Ok(())
}

/// A script over all tables; before a table is copied into, it is made with its indexes.
fn script(dir: &Path, first: &str, copy: impl Fn(&str, &str) -> String) -> String {
    let mut script = format!("{first}\n");
    for (table, indexes) in TABLES {
        if first == "begin;" {
            script.push_str(&format!("create table raw_{table} (like {table});\n"));
            for columns in indexes {
                script.push_str(&format!("create index on raw_{table} ({columns});\n"));
            }
        }
        script.push_str(&copy(table, &dir.join(table).display().to_string()));
    }
    script
}

fn psql(url: &str, script: &str) -> Result<Duration> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), script)?;
    let mut psql = Command::new("psql");
    psql.args(["-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-d", url, "-f"]);
    let (done, took) = timed(|| psql.arg(file.path()).output());
    let done = done.context("psql, which comes with the server")?;
    ensure!(done.status.success(), "psql: {}", String::from_utf8_lossy(&done.stderr));
    Ok(took)
}
