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

/// Orders ⋈ trade bills ⋈ fund bills in DuckDB, straight from the files; `None` when it is not
/// installed.
pub fn duckdb(shop: &Path) -> Result<Option<Duration>> {
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
how = "header=true, all_varchar=true, null_padding=true, ignore_errors=true, quote=''"
bill = lambda kind: f"(select * from read_csv('{shop}/wechat/{kind}', {how}))"
bare = lambda column: f"""replace("{column}", '`', '')"""
fen = lambda column: f"cast({bare(column)} as decimal(18,2))"
print(db.execute(f"""
with t as (select {bare('微信订单号')} p, {bare('商户订单号')} o, {bare('微信退款单号')} r,
             {fen('应结订单金额')} a from {bill('*All*')} where "交易时间" like '`%'),
     f as (select {bare('微信支付业务单号')} p, {fen('收支金额(元)')} a from {bill('*Basic*')}
             where "记账时间" like '`%' and "业务类型" in ('`交易', '`退款')),
     o as (select * from read_csv('{shop}/shop/orders-*.csv', header=true, all_varchar=true))
select count(*), count(o."订单号"), count(f.p) from t
  left join o on o."订单号" = t.o
  left join f on f.p = case when t.r = '0' then t.p else t.r end
""").fetchall(), file=sys.stderr)
print(time.perf_counter() - start)
"#;
    let python = Command::new("python3").args(["-c", SCRIPT]).arg(shop).output();
    let Ok(output) = python else { return Ok(None) };
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        return Ok(None);
    }
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout);
    let seconds: f64 = said.lines().last().unwrap_or_default().trim().parse()?;
    Ok(Some(Duration::from_secs_f64(seconds)))
}
