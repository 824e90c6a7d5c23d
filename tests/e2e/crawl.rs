//! Every figure of the demo company's pages is opened in the real window: it leads to rows that add
//! up to it, and on to a line of a file.

use crate::driver::{Window, open_demo};
use crate::{LATER, SOON};
use anyhow::{Context, Result, ensure};
use backoffice::practice_shop::DEMO_PASSPHRASE;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

const SCRIPT: &str = include_str!("crawl.js");
/// Lists up to this long are added up row by row; the core's sum stands for longer ones.
const ROWS: u32 = 300;

/// Rows of a list that are opened one by one, where a page says so.
const ROWS_OPENED: u32 = 6;

/// Pages whose every figure is opened, and whether their rows are opened as well. Two payouts come
/// on top, and the report of an import by itself.
const PAGES: [(&str, bool); 30] = [
    ("#/home", false),
    ("#/payouts", false),
    ("#/breaks", false),
    ("#/bank", false),
    ("#/orders", false),
    ("#/orders?owed=1", false),
    ("#/transactions", true),
    ("#/transactions?source=payments", false),
    ("#/transactions?source=fund", true),
    ("#/transactions?kind=refund&sort=smallest", true),
    ("#/ledger", false),
    ("#/ledger?to=2026-03-31", false),
    ("#/ledger?account=assets:balance&to=2026-03-31", true),
    ("#/calendar", false),
    ("#/calendar?month=2026-03", false),
    ("#/reports", false),
    ("#/reports?clock=ordered", false),
    ("#/reports?clock=booked&grain=month", false),
    ("#/reports?clock=settled", false),
    ("#/reports?clock=in_bank", false),
    ("#/reports?grain=hour&from=2026-04-14&to=2026-04-14", false),
    ("#/reports?tab=bridge", false),
    ("#/reports?tab=bridge&clock=ordered&second=paid", false),
    ("#/reports?tab=rates", false),
    ("#/reports?tab=heat", false),
    ("#/statements", false),
    ("#/companies", false),
    ("#/collect", false),
    ("#/till", false),
    ("#/channels", false),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_every_page_leads_to_rows_that_add_up_to_it() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let window = open_demo(folder.path()).await?;
    let told = crawl(&window).await;
    if told.is_err() {
        window.picture("crawl-failed").await?;
    }
    window.close().await?;
    told
}

async fn crawl(window: &Window) -> Result<()> {
    window.see("input[type=password]", SOON).await?;
    window.type_into("input[type=password]", &format!("{DEMO_PASSPHRASE}\u{e007}")).await?;
    window.see("[data-node=bank]", LATER).await?;
    collect(window).await?;
    let mut crawled = Crawled { window, followed: json!([]), kinds: json!([]), seen: [0; 5] };
    let mut problems = Vec::new();
    for (page, rows) in PAGES {
        problems.extend(crawled.page(page, rows, false).await?);
    }
    for payout in payouts(window).await? {
        problems.extend(crawled.page(&payout, false, true).await?);
    }
    problems.extend(crawled.page(&order(window).await?, false, false).await?);
    let [figures, opened, sums, lines, counts] = crawled.seen;
    eprintln!(
        "{figures} figures, {opened} opened, {sums} sums added up, {lines} lines read, \
         {counts} counts compared"
    );
    ensure!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    ensure!(figures > 2000 && opened > 800 && sums > 250 && lines > 60, "too little was opened");
    Ok(())
}

/// Money is taken at the make-believe counter, so that its page has amounts.
async fn collect(window: &Window) -> Result<()> {
    window.keys("gq").await?;
    window.see("main .desk button.primary", SOON).await?;
    window.click("main .desk button.primary").await?;
    window.see("main form .amount", LATER).await?;
    window.type_into("main form .amount", "12.34\u{e007}").await?;
    window.see("[data-collection=paid]", LATER).await?;
    window.see("main [data-part=paid]", SOON).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_of_an_import_report_opens_as_many_rows_of_its_file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let shop = folder.path().join("shop");
    backoffice::practice_shop::write(&shop, &crate::season(3, 5, 6))?;
    make_unreadable(&shop)?;
    let window = Window::open(&folder.path().join("book.suanpan"), folder.path()).await?;
    let told = report(&window, &shop).await;
    if told.is_err() {
        window.picture("report-failed").await?;
    }
    window.close().await?;
    told
}

async fn report(window: &Window, shop: &Path) -> Result<()> {
    crate::make_book(window).await?;
    crate::import(window, shop).await?;
    let mut crawled = Crawled { window, followed: json!([]), kinds: json!([]), seen: [0; 5] };
    let problems = crawled.page("#/import", false, false).await?;
    let [_, _, sums, lines, counts] = crawled.seen;
    eprintln!("{sums} sums added up, {lines} lines read, {counts} counts compared");
    ensure!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    ensure!(counts > 30 && sums > 10 && lines > 1, "too little was opened");
    Ok(())
}

/// Spoils the time of one row of a trade bill, so that it is set aside.
fn make_unreadable(shop: &Path) -> Result<()> {
    let bills = crate::files_ending(&shop.join("wechat"), "csv");
    let spoilt = bills.iter().filter_map(|path| {
        let text = std::fs::read_to_string(path).ok()?;
        let row = text.lines().nth(2).filter(|row| row.contains("`20"))?;
        let broken = row.replacen("`20", "`2O", 1);
        Some((path, text.replacen(row, &broken, 1)))
    });
    let (path, text) = spoilt.min().context("the shop has no bill with two rows")?;
    Ok(std::fs::write(path, text)?)
}

/// The newest payouts, among them the golden one and one with a question.
async fn payouts(window: &Window) -> Result<Vec<String>> {
    window.script("location.hash = '#/payouts'").await?;
    window.see("main [role=gridcell] a", SOON).await?;
    let found = window
        .script(
            "return [...document.querySelectorAll('main [role=row] [data-part=paid] a')] \
             .slice(0, 2).map((link) => link.getAttribute('href'))",
        )
        .await?;
    let found = found.as_array().context("no payouts")?;
    Ok(found.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The newest order, as its row opens it.
async fn order(window: &Window) -> Result<String> {
    const ROW: &str = "main [role=grid] .all [role=row]";
    window.script("location.hash = '#/orders'").await?;
    window.see(ROW, SOON).await?;
    let open = format!(
        "document.querySelector('{ROW}').dispatchEvent(new MouseEvent('dblclick', \
         {{ bubbles: true }}))"
    );
    window.script(&open).await?;
    window.see("[data-order=total]", SOON).await?;
    let address = window.script("return location.hash").await?;
    address.as_str().map(str::to_owned).context("an order has an address")
}

/// What was opened so far.
struct Crawled<'a> {
    window: &'a Window,
    followed: Value,
    kinds: Value,
    seen: [u64; 5],
}

impl Crawled<'_> {
    /// Opens every figure of a page, and of each of its tabs; what is wrong with some.
    async fn page(&mut self, hash: &str, rows: bool, tabs: bool) -> Result<Vec<String>> {
        let begun = Instant::now();
        let asked = json!({
            "hash": hash, "followed": self.followed, "kinds": self.kinds, "rows": ROWS,
            "rowsOpened": if rows { ROWS_OPENED } else { 0 },
            "tabs": tabs,
        });
        let script = SCRIPT.replacen("ASKED", &asked.to_string(), 1);
        let mut told = self.window.script_async(&script).await?;
        for (count, name) in
            self.seen.iter_mut().zip(["figures", "opened", "sums", "lines", "counts"])
        {
            *count += told["seen"][name].as_u64().unwrap_or_default();
        }
        self.followed = told["followed"].take();
        self.kinds = told["kinds"].take();
        eprintln!("{hash}: {} in {:?}", told["seen"], begun.elapsed());
        let problems = told["problems"].as_array().context("the crawl says nothing")?;
        Ok(problems.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}
