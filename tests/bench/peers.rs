//! The others: the same rows through bare rusqlite, the same join in DuckDB.

use anyhow::Result;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use store::bulk::{Cell, Reader};

const TABLES: [(&str, usize); 3] =
    [("settlement_line", 24), ("balance_transaction", 16), ("shop_order", 14)];

/// Inserts the book's settlement lines, balance transactions and orders into a bare encrypted database: prepared
/// statement, one transaction, 64 MB cache, three indexes. Reading them out of the book is measured
/// alone and taken off.
pub fn raw_insert(book: &store::Book) -> Result<(u64, Duration)> {
    let dir = tempfile::tempdir()?;
    let db = rusqlite::Connection::open(dir.path().join("raw.db"))?;
    db.execute_batch(
        "pragma key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\"; \
         pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536;",
    )?;
    let mut reader = Reader::open(book)?;
    let start = Instant::now();
    for (table, _) in TABLES {
        let mut sum = 0;
        reader.query(&format!("select * from {table}"), &[], |row| {
            sum ^= row.int(0)?;
            Ok(())
        })?;
    }
    let reading = start.elapsed();
    let start = Instant::now();
    db.execute_batch("begin immediate")?;
    let mut rows = 0;
    for (table, columns) in TABLES {
        let names: Vec<String> = (0..columns).map(|n| format!("c{n}")).collect();
        db.execute_batch(&format!("create table {table} ({})", names.join(",")))?;
        for indexed in ["c1, c0", "c5", "c6"] {
            let name = indexed.replace(", ", "_");
            db.execute_batch(&format!("create index {table}_{name} on {table} ({indexed})"))?;
        }
        let places: Vec<String> = (1..=columns).map(|n| format!("?{n}")).collect();
        let mut insert =
            db.prepare(&format!("insert into {table} values ({})", places.join(",")))?;
        let mut failure = None;
        reader.query(&format!("select * from {table}"), &[], |row| {
            rows += 1;
            for column in 0..columns {
                let cell: Cell<'_> = row.cell(column)?;
                if let Err(error) = insert.raw_bind_parameter(column + 1, cell) {
                    failure = Some(error);
                }
            }
            failure = failure.take().or(insert.raw_execute().err());
            Ok(())
        })?;
        if let Some(error) = failure {
            return Err(error.into());
        }
    }
    db.execute_batch("commit")?;
    Ok((rows, start.elapsed().saturating_sub(reading)))
}

/// Rows of the WeChat bills and of the order files.
#[derive(Debug, PartialEq, Eq)]
pub struct Joined {
    /// Trade-bill rows.
    pub trade: u64,
    /// Fund-bill rows.
    pub fund: u64,
    /// Orders.
    pub orders: u64,
}

/// The same rows as the book has them.
pub fn joined_here(book: &store::Book) -> Result<Joined> {
    let mut reader = Reader::open(book)?;
    let mut count = |lines: &str| -> Result<u64> {
        let mut rows = 0;
        reader.query(
            &format!(
                "select count(*) from {lines} l join document d on d.id = l.id / 4294967296 \
                 where d.kind like 'wechat%' or d.stream = 'orders'"
            ),
            &[],
            |row| {
                rows = row.int(0)?.unsigned_abs();
                Ok(())
            },
        )?;
        Ok(rows)
    };
    let trade = count("settlement_line")?;
    Ok(Joined { trade, fund: count("balance_transaction")?, orders: count("shop_order")? })
}

/// Orders ⋈ trade bills ⋈ fund bills in DuckDB, straight from the files; `None` when it is not
/// installed. Every row is read: the bills' cells are split at `,` and backtick, which also sets
/// the summaries at the end apart. A bill downloaded twice, ` (1)`, is left out as the book does.
pub fn duckdb(shop: &Path) -> Result<Option<(Duration, Joined)>> {
    const SCRIPT: &str = r#"
import sys, time
try:
    import duckdb
except ImportError:
    sys.exit(9)
shop = sys.argv[1]
db = duckdb.connect()
db.execute('set enable_progress_bar = false')
start = time.perf_counter()
def bill(kind, width):
    columns = ', '.join(f"'c{n}': 'varchar'" for n in range(width))
    return f"""(select * from read_csv('{shop}/wechat/{kind}', header=false, skip=1, delim=',`',
        quote='', escape='', auto_detect=false, null_padding=true, strict_mode=false,
        columns={{{columns}}}) where c0 like '`____-%')"""
print(*db.execute(f"""
with t as (select c5 p, c6 o, c14 r, cast(c12 as decimal(18,2)) a from {bill('*All????-??-??.csv', 27)}),
     f as (select c1 p, c4 k, cast(c6 as decimal(18,2)) a from {bill('*Basic????-??-??.csv', 11)}),
     o as (select "订单号" o, cast("应付金额" as decimal(18,2)) a
             from read_csv('{shop}/shop/orders-*.csv', header=true, all_varchar=true)),
     m as (select count(*), count(o.o), count(f.p), sum(t.a), sum(f.a), sum(o.a) from t
             left join o on o.o = t.o
             left join f on f.k in ('交易', '退款')
               and f.p = case when t.r = '0' then t.p else t.r end)
select (select count(*) from t), (select count(*) from f), (select count(*) from o) from m
""").fetchone())
print(time.perf_counter() - start)
"#;
    let python = Command::new("python3").args(["-c", SCRIPT]).arg(shop).output();
    let Ok(output) = python else { return Ok(None) };
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let words: Vec<&str> = said.split_whitespace().collect();
    let [trade, fund, orders, seconds] = words[..] else { anyhow::bail!("DuckDB said {said}") };
    let joined = Joined { trade: trade.parse()?, fund: fund.parse()?, orders: orders.parse()? };
    Ok(Some((Duration::from_secs_f64(seconds.parse()?), joined)))
}

/// Every balance of the journal from hledger; `None` when it is not installed.
pub fn hledger(journal: &Path) -> Result<Option<(Duration, usize)>> {
    let start = Instant::now();
    let asked = ["balance", "--flat", "-N", "-E", "-O", "csv", "-f"];
    let Ok(output) = Command::new("hledger").args(asked).arg(journal).output() else {
        return Ok(None);
    };
    let took = start.elapsed();
    let errors = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "hledger: {errors}");
    Ok(Some((took, String::from_utf8_lossy(&output.stdout).lines().count() - 1)))
}
