//! Everything into a folder, one day at a time.

use super::alipay::TradeFile as AlipayTrade;
use super::alipay_account::AccountFile;
use super::bank::{bank_statement, extension};
use super::list::{ORDERS, REFUNDS, push_order, push_refund};
use super::out::Out;
use super::span::{around, compact_label, label};
use super::wechat::{FundFile, TradeFile};
use crate::model::{BankLine, Day};
use crate::options::{Options, Span, TradeBill};
use crate::shop::generate;
use crate::time::day_of;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Files, the truth among them.
    pub files: u64,
    /// Rows of the order list.
    pub orders: u64,
    /// Rows of both channels' trade bills, hidden ones too.
    pub trade_lines: u64,
    /// Rows of both channels' fund bills, hidden ones too.
    pub fund_rows: u64,
    /// Rows of the bank statement.
    pub bank_lines: u64,
    /// Payouts.
    pub payouts: u64,
    /// Problems in the truth, cut-offs among them.
    pub problems: u64,
}

/// Why nothing, or not all, was written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The folder holds something else. Nothing was touched: choose another one.
    #[error("{} is not empty and holds no practice shop", .0.display())]
    NotEmpty(PathBuf),
    /// The options make no sense.
    #[error("{0}")]
    Options(&'static str),
    /// A file could not be written; what is there is incomplete.
    #[error("cannot write the practice shop to {}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

const FOLDERS: [&str; 4] = ["wechat", "alipay", "bank", "shop"];
const TRUTH: &str = "truth.json";

/// Writes the shop's files and its truth into `dir`, which is made when it is not there.
///
/// A folder that an earlier run finished is written anew; any other folder must be empty.
///
/// # Errors
/// [`WriteError`]; after [`WriteError::Io`] the folder has no truth file and must be emptied.
pub fn write(dir: &Path, options: &Options) -> Result<Summary, WriteError> {
    if options.days == 0 || options.size == 0 {
        return Err(WriteError::Options("a shop needs at least one day and one order a day"));
    }
    if options.layout.fund_styles.is_empty() {
        return Err(WriteError::Options("at least one fund style is needed"));
    }
    let failed = |source| WriteError::Io { path: dir.into(), source };
    make_room(dir)?;
    let mut folder = Folder::new(dir, options);
    let mut shop = generate(options);
    for day in shop.by_ref() {
        folder.day(&day).map_err(failed)?;
    }
    folder.finish().map_err(failed)?;
    let truth = shop.truth();
    let mut summary = folder.summary;
    summary.payouts = truth.payouts.len() as u64;
    summary.problems = truth.problems.len() as u64;
    summary.files += 1;
    let text = serde_json::to_string_pretty(&truth).map_err(|e| failed(e.into()))?;
    fs::write(dir.join(TRUTH), text + "\n").map_err(failed)?;
    Ok(summary)
}

/// Makes the folder, or clears what an earlier run left there.
fn make_room(dir: &Path) -> Result<(), WriteError> {
    let failed = |source| WriteError::Io { path: dir.into(), source };
    fs::create_dir_all(dir).map_err(failed)?;
    let names: Vec<_> = fs::read_dir(dir)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.file_name())).collect())
        .map_err(failed)?;
    let ours = |name: &std::ffi::OsString| name == TRUTH || FOLDERS.iter().any(|f| name == f);
    let finished = names.iter().all(ours) && dir.join(TRUTH).is_file();
    if !names.is_empty() && !finished {
        return Err(WriteError::NotEmpty(dir.into()));
    }
    for name in FOLDERS {
        let path = dir.join(name);
        // The truth goes last, so that a folder half cleared is still known as ours.
        if path.is_dir() {
            fs::remove_dir_all(&path).map_err(failed)?;
        }
        fs::create_dir(&path).map_err(failed)?;
    }
    if dir.join(TRUTH).is_file() {
        fs::remove_file(dir.join(TRUTH)).map_err(failed)?;
    }
    Ok(())
}

type ZipOut = BufWriter<File>;

/// The open files.
struct Folder<'a> {
    dir: &'a Path,
    options: &'a Options,
    run: (i32, i32),
    /// Days of the open channel files.
    channel_days: (i32, i32),
    wechat_trade: Vec<(TradeBill, TradeFile<Out>)>,
    wechat_fund: Option<FundFile<Out>>,
    alipay_trade: Option<AlipayTrade<ZipOut>>,
    alipay_account: Option<AccountFile<ZipOut>>,
    month: (i32, i32),
    orders: Option<BufWriter<File>>,
    refunds: Option<BufWriter<File>>,
    bank_days: (i32, i32),
    bank: Vec<BankLine>,
    bank_opening: i64,
    text: String,
    summary: Summary,
}

impl<'a> Folder<'a> {
    fn new(dir: &'a Path, options: &'a Options) -> Self {
        let first = day_of(options.from);
        Self {
            dir,
            options,
            run: (first, first + options.days as i32 - 1),
            channel_days: (0, 0),
            wechat_trade: Vec::new(),
            wechat_fund: None,
            alipay_trade: None,
            alipay_account: None,
            month: (0, 0),
            orders: None,
            refunds: None,
            bank_days: (0, 0),
            bank: Vec::new(),
            bank_opening: 0,
            text: String::new(),
            summary: Summary::default(),
        }
    }

    fn day(&mut self, day: &Day) -> io::Result<()> {
        let span = self.options.layout.span;
        if day.day >= self.channel_days.1 {
            self.close_channels()?;
            self.channel_days = around(day.day, span, self.run);
        }
        if day.day >= self.month.1 {
            self.close_lists()?;
            self.month = around(day.day, Span::Month, self.run);
        }
        if day.day >= self.bank_days.1 {
            self.close_bank()?;
            let span = if span == Span::All { Span::All } else { Span::Month };
            self.bank_days = around(day.day, span, self.run);
        }
        self.summary.orders += day.orders.len() as u64;
        self.summary.trade_lines += (day.wechat.trade.len() + day.alipay.trade.len()) as u64;
        self.summary.fund_rows += (day.wechat.fund.len() + day.alipay.fund.len()) as u64;
        self.summary.bank_lines += day.bank.len() as u64;
        self.wechat(day)?;
        self.alipay(day)?;
        self.lists(day)?;
        if self.bank.is_empty() {
            self.bank_opening = day.bank.first().map_or(0, |line| line.balance - line.amount);
        }
        self.bank.extend(day.bank.iter().cloned());
        if span == Span::Day && day.wechat.twice {
            self.close_channels()?;
            self.copy_downloads()?;
        }
        Ok(())
    }

    fn wechat_path(&self, what: &str) -> PathBuf {
        let layout = &self.options.layout;
        let gz = if layout.gzip { ".gz" } else { "" };
        let days = label(self.channel_days, layout.span);
        let name = format!("{}{what}{days}.csv{gz}", crate::WECHAT_MERCHANT);
        self.dir.join("wechat").join(name)
    }

    fn wechat(&mut self, day: &Day) -> io::Result<()> {
        let layout = &self.options.layout;
        if !day.wechat.trade_missing {
            for bill in &layout.wechat_types {
                let wanted = |line: &&_| TradeFile::<Out>::wants(*bill, line);
                let mut lines = day.wechat.trade.iter().filter(wanted).peekable();
                if lines.peek().is_none() {
                    continue;
                }
                let open = self.wechat_trade.iter().position(|(kind, _)| kind == bill);
                let at = match open {
                    Some(at) => at,
                    None => {
                        let path = self.wechat_path(trade_name(*bill));
                        let out = Out::create(&path, layout.gzip)?;
                        self.summary.files += 1;
                        self.wechat_trade.push((*bill, TradeFile::new(out, *bill, layout)));
                        self.wechat_trade.len() - 1
                    }
                };
                lines.try_for_each(|line| self.wechat_trade[at].1.line(line))?;
            }
        }
        if day.wechat.fund_missing || day.wechat.fund.is_empty() {
            return Ok(());
        }
        if self.wechat_fund.is_none() {
            let out = Out::create(&self.wechat_path("Basic"), layout.gzip)?;
            self.summary.files += 1;
            self.wechat_fund = Some(FundFile::new(out, layout));
        }
        match &mut self.wechat_fund {
            Some(file) => day.wechat.fund.iter().try_for_each(|row| file.row(row)),
            None => Ok(()),
        }
    }

    fn alipay_path(&self, kind: &str) -> io::Result<PathBuf> {
        let folder = self.dir.join("alipay").join(kind);
        fs::create_dir_all(&folder)?;
        let days = compact_label(self.channel_days, self.options.layout.span);
        Ok(folder.join(format!("{}_{days}.csv.zip", crate::ALIPAY_ACCOUNT)))
    }

    fn alipay(&mut self, day: &Day) -> io::Result<()> {
        let (from, until) = self.channel_days;
        let trade = &day.alipay.trade;
        if !day.alipay.trade_missing && trade.iter().any(|line| !line.hidden) {
            if self.alipay_trade.is_none() {
                let out = BufWriter::new(File::create(self.alipay_path("trade")?)?);
                self.summary.files += 1;
                self.alipay_trade = Some(AlipayTrade::new(out, from, until)?);
            }
            if let Some(file) = &mut self.alipay_trade {
                trade.iter().try_for_each(|line| file.line(line))?;
            }
        }
        if day.alipay.fund_missing || day.alipay.fund.is_empty() {
            return Ok(());
        }
        if self.alipay_account.is_none() {
            let out = BufWriter::new(File::create(self.alipay_path("signcustomer")?)?);
            self.summary.files += 1;
            let file = AccountFile::new(out, from, until, &self.options.layout)?;
            self.alipay_account = Some(file);
        }
        match &mut self.alipay_account {
            Some(file) => day.alipay.fund.iter().try_for_each(|row| file.row(row)),
            None => Ok(()),
        }
    }

    fn close_channels(&mut self) -> io::Result<()> {
        for (_, file) in self.wechat_trade.drain(..) {
            file.finish()?.close()?;
        }
        if let Some(file) = self.wechat_fund.take() {
            file.finish()?.close()?;
        }
        if let Some(file) = self.alipay_trade.take() {
            file.finish()?.flush()?;
        }
        if let Some(file) = self.alipay_account.take() {
            file.finish()?.flush()?;
        }
        Ok(())
    }

    /// The same bills downloaded a second time, as a browser names them.
    fn copy_downloads(&mut self) -> io::Result<()> {
        let mut paths = vec![
            self.wechat_path("Basic"),
            self.alipay_path("trade")?,
            self.alipay_path("signcustomer")?,
        ];
        let bills = self.options.layout.wechat_types.iter();
        paths.extend(bills.map(|bill| self.wechat_path(trade_name(*bill))));
        for path in paths.into_iter().filter(|path| path.is_file()) {
            let name = path.to_string_lossy().replacen(".csv", " (1).csv", 1);
            fs::copy(&path, name)?;
            self.summary.files += 1;
        }
        Ok(())
    }

    fn lists(&mut self, day: &Day) -> io::Result<()> {
        let month = label(self.month, Span::Month);
        let open = |name: &str, header: &str| {
            let path = self.dir.join("shop").join(format!("{name}-{month}.csv"));
            let mut out = BufWriter::with_capacity(1 << 16, File::create(path)?);
            out.write_all(header.as_bytes())?;
            io::Result::Ok(out)
        };
        if self.orders.is_none() {
            self.orders = Some(open("orders", ORDERS)?);
            self.refunds = Some(open("refunds", REFUNDS)?);
            self.summary.files += 2;
        }
        self.text.clear();
        day.orders.iter().for_each(|order| push_order(&mut self.text, order));
        if let Some(out) = &mut self.orders {
            out.write_all(self.text.as_bytes())?;
        }
        self.text.clear();
        day.refunds.iter().for_each(|refund| push_refund(&mut self.text, refund));
        match &mut self.refunds {
            Some(out) => out.write_all(self.text.as_bytes()),
            None => Ok(()),
        }
    }

    fn close_lists(&mut self) -> io::Result<()> {
        for mut out in self.orders.take().into_iter().chain(self.refunds.take()) {
            out.flush()?;
        }
        Ok(())
    }

    fn close_bank(&mut self) -> io::Result<()> {
        if self.bank.is_empty() {
            return Ok(());
        }
        let span = if self.options.layout.span == Span::All { Span::All } else { Span::Month };
        let days = label(self.bank_days, span);
        for format in &self.options.layout.bank {
            let bytes = bank_statement(&self.bank, self.bank_opening, self.bank_days, *format);
            let name = format!("{}-{days}.{}", crate::BANK_ACCOUNT, extension(*format));
            fs::write(self.dir.join("bank").join(name), bytes)?;
            self.summary.files += 1;
        }
        self.bank.clear();
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.close_channels()?;
        self.close_lists()?;
        self.close_bank()
    }
}

fn trade_name(bill: TradeBill) -> &'static str {
    match bill {
        TradeBill::All => "All",
        TradeBill::Success => "Success",
        TradeBill::Refund => "Refund",
    }
}
