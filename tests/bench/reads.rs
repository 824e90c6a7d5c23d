//! Lists, look-ups, searches and reports, through the whole core, on a book at rest.

use crate::{Times, beside, peers, row, timed};
use anyhow::Result;
use backoffice::payouts::{PayoutFilter, list_payouts};
use backoffice::search::search;
use backoffice::transactions::{
    Sort, Source, Transaction, TransactionFilter, list_balance_rows, list_transactions, totals,
};
use backoffice::{Channel, ledger, minor_to_major, proof};
use store::bulk::Reader;
use support::reader;

/// Searches of each kind.
const ASKED: usize = 60;
/// Hits of each kind that the window asks for.
const HITS: u32 = 6;

/// P4 and P5.
pub fn run(book: &store::Book) -> Result<()> {
    let mut reader = reader(book);
    let (balances, took) = timed(|| ledger::trial_balance(&mut reader, None));
    row("P4 trial balance", took, &format!("{} accounts", balances?.len()));
    let all = PayoutFilter::default();
    let mut lists = Times::default();
    for _ in 0..50 {
        lists.take(|| list_payouts(&mut reader, &all, None, 50))?;
    }
    lists.row("P4 page of 50 payouts, p95", "");
    let (hash, took) = timed(|| proof::state_hash(&mut reader));
    row("state hash", took, &hash?[..12]);
    let samples = pages(&mut reader)?;
    narrowed(&mut reader, &samples)?;
    sums(&mut reader, &samples)?;
    let mut finds = Times::default();
    for line in &samples {
        let number = Some(line.payment_id.clone());
        let filter = TransactionFilter { number, ..TransactionFilter::default() };
        finds.take(|| list_transactions(&mut reader, &filter, None, 50))?;
    }
    finds.row("P5 look-up by number, p95", "");
    searches(&mut reader, &samples)?;
    sizes(&mut reader)
}

/// Pages from the newest on; lines from all over them.
fn pages(reader: &mut Reader) -> Result<Vec<Transaction>> {
    let (mut times, mut cursor, mut samples) = (Times::default(), None, Vec::new());
    let filter = TransactionFilter::default();
    for turn in 0..ASKED * 5 {
        let mut page = times.take(|| list_transactions(reader, &filter, cursor.as_deref(), 50))?;
        if turn % 5 == 0 {
            samples.extend(page.rows.drain(..).find(|line| !line.goods.is_empty()));
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    times.row("P5 page of 50 transactions, p95", "goal 1 ms");
    Ok(samples)
}

/// Pages of narrowed and sorted lists, one after another.
fn narrowed(reader: &mut Reader, samples: &[Transaction]) -> Result<()> {
    let all = TransactionFilter::default;
    let middle = samples.get(samples.len() / 2).map(|line| line.day);
    let kind = |code: &str| Some(code.to_owned());
    let (largest, smallest) = (Sort::Largest, Sort::Smallest);
    let trade = [
        ("oldest first", TransactionFilter { sort: Sort::Oldest, ..all() }),
        ("refunds", TransactionFilter { kind: kind("refund"), ..all() }),
        ("pending", TransactionFilter { status: kind("pending"), ..all() }),
        ("Alipay", TransactionFilter { channel: Some(Channel::Alipay), ..all() }),
        ("largest first", TransactionFilter { sort: largest, ..all() }),
        ("smallest first", TransactionFilter { sort: smallest, ..all() }),
        (
            "payments, smallest first",
            TransactionFilter { kind: kind("payment"), sort: smallest, ..all() },
        ),
        (
            "refunds, largest first",
            TransactionFilter { kind: kind("refund"), sort: largest, ..all() },
        ),
        (
            "a day, largest first",
            TransactionFilter {
                from_day: middle,
                until_day: middle.map(|day| day + 1),
                sort: largest,
                ..all()
            },
        ),
    ];
    for (what, filter) in trade {
        let page = |cursor: Option<&str>| Ok(list_transactions(reader, &filter, cursor, 50)?.next);
        walk(&format!("P5 page of transactions: {what}, p95"), page)?;
    }
    let fund = [
        ("newest first", all()),
        ("payouts", TransactionFilter { kind: kind("payout"), ..all() }),
        ("refunds", TransactionFilter { kind: kind("refund"), ..all() }),
        ("largest first", TransactionFilter { sort: largest, ..all() }),
    ];
    for (what, filter) in fund {
        let page = |cursor: Option<&str>| Ok(list_balance_rows(reader, &filter, cursor, 50)?.next);
        walk(&format!("P5 page of the balance: {what}, p95"), page)?;
    }
    Ok(())
}

/// What a list says that all its rows add up to.
fn sums(reader: &mut Reader, samples: &[Transaction]) -> Result<()> {
    let all = TransactionFilter::default;
    let middle = samples.get(samples.len() / 2).map(|line| line.day);
    let filters = [
        ("all", all()),
        ("refunds", TransactionFilter { kind: Some("refund".to_owned()), ..all() }),
        ("from a day on", TransactionFilter { from_day: middle, ..all() }),
        (
            "10 to 20 yuan",
            TransactionFilter { min_minor: Some(1000), max_minor: Some(2000), ..all() },
        ),
    ];
    for (list, source) in [("transactions", Source::Trade), ("the balance", Source::Fund)] {
        for (what, filter) in &filters {
            let mut times = Times::default();
            for _ in 0..10 {
                times.take(|| totals(reader, source, filter))?;
            }
            times.row(&format!("P5 sums of {list}: {what}, p95"), "");
        }
    }
    Ok(())
}

/// Turns the pages of a list, the first one twenty times.
fn walk(what: &str, mut page: impl FnMut(Option<&str>) -> Result<Option<String>>) -> Result<()> {
    let (mut times, mut cursor) = (Times::default(), None);
    for turn in 0..80 {
        let next = times.take(|| page(cursor.as_deref()))?;
        cursor = next.filter(|_| turn >= 20);
    }
    times.row(what, "goal 1 ms");
    Ok(())
}

fn searches(reader: &mut Reader, samples: &[Transaction]) -> Result<()> {
    let tail = |number: &str, length: usize| number[number.len().saturating_sub(length)..].into();
    let amount = |line: &Transaction| minor_to_major(line.order_minor.abs(), 2);
    let start = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    type Typed<'a> = Box<dyn Fn(usize, &Transaction) -> String + 'a>;
    let kinds: [(&str, &str, Typed<'_>); 9] = [
        ("four digits of a number", "goal 5 ms", Box::new(|_, t| tail(&t.order_id, 4))),
        ("eight digits of a number", "goal 5 ms", Box::new(|_, t| tail(&t.order_id, 8))),
        ("a whole number", "goal 5 ms", Box::new(|_, t| t.payment_id.clone())),
        ("an amount", "goal 5 ms", Box::new(|_, t| amount(t))),
        ("one character", "goal 5 ms", Box::new(|_, t| start(&t.goods, 1))),
        ("goods, whole", "goal 5 ms", Box::new(|_, t| start(&t.goods, 8))),
        ("pinyin initials", "goal 5 ms", Box::new(|_, t| store::search::spell(&t.goods).1)),
        ("absent text", "goal 1 ms", Box::new(|n, _| format!("魑魅{n}"))),
        ("absent number", "goal 1 ms", Box::new(|n, _| format!("X{n:03}9Z99Q"))),
    ];
    for (what, goal, typed) in kinds {
        let (mut times, mut found, mut missed) = (Times::default(), 0, None);
        for (number, line) in samples.iter().enumerate() {
            let typed = typed(number, line);
            let answer = times.take(|| search(reader, &typed, HITS))?;
            match answer.groups.is_empty() {
                true => missed = Some(typed),
                false => found += 1,
            }
        }
        let missed = missed.filter(|_| found > 0).map(|typed| format!(" (not: {typed})"));
        let missed = missed.unwrap_or_default();
        let note = format!("{found} of {} found{missed}; {goal}", samples.len());
        times.row(&format!("P5 search: {what}, p95"), &note);
    }
    Ok(())
}

/// What the index takes beside the tables it serves.
fn sizes(reader: &mut Reader) -> Result<()> {
    let mut size = |condition: &str| -> Result<i64> {
        let mut bytes = 0;
        let sql = format!("select coalesce(sum(pgsize), 0) from dbstat where {condition}");
        reader.query(&sql, &[], |row| {
            bytes = row.int(0)?;
            Ok(())
        })?;
        Ok(bytes)
    };
    let lines = "('settlement_line', 'balance_transaction', 'bank_line', 'shop_order', \
         'shop_refund')";
    let tables = size(&format!("name in {lines}"))?.max(1);
    let all = size("name in ('search_page', 'search_text', 'sqlite_autoindex_search_page_1')")?;
    let mut pages = [0_i64; 5];
    reader.query("select kind, count(*) from search_page group by kind", &[], |row| {
        pages[row.int(0)? as usize] = row.int(1)?;
        Ok(())
    })?;
    let whole = pages.iter().sum::<i64>().max(1);
    let share =
        |pages: i64| format!("{:.1} %", 100.0 * (all * pages / whole) as f64 / tables as f64);
    println!(
        "P5 index beside {} MiB of lines: texts {} (goal 15 %), numbers {}, amounts {}",
        tables >> 20,
        share(pages[1] + pages[2] + pages[3]),
        share(pages[0]),
        share(pages[4])
    );
    Ok(())
}

/// P4: the same trial balance from a text ledger that reads our own exported journal.
pub fn journal(book: &store::Book) -> Result<()> {
    let mut reader = reader(book);
    let (balances, took) = timed(|| ledger::trial_balance(&mut reader, None));
    let accounts = balances?.len();
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("book.journal");
    let entries = ledger::write_journal(&mut reader, &mut std::fs::File::create(&path)?)?;
    row("P4 trial balance, smaller book", took, &format!("{entries} entries"));
    match peers::hledger(&path)? {
        Some((peer, theirs)) => {
            anyhow::ensure!(theirs == accounts, "hledger has {theirs} accounts, we {accounts}");
            beside("hledger on its journal", peer, took, "goal 0.01 of the fastest text ledger");
        }
        None => println!("  hledger is not installed (apt-get install hledger)"),
    }
    Ok(())
}
