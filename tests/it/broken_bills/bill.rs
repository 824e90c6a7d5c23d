//! A bill as lines of text, and what can be done to them.

use super::seed::Seed;
use std::io::Read;
use std::path::Path;

/// Which bill of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Trade,
    Fund,
    /// Control totals beside the details.
    Summary,
}

/// A bill of one day.
#[derive(Clone)]
pub struct Bill {
    pub name: String,
    pub channel: &'static str,
    pub part: Part,
    pub lines: Vec<String>,
    gbk: bool,
}

impl Bill {
    /// Every bill in a folder; the entries of an archive by themselves.
    pub fn all_in(folder: &Path) -> Vec<Self> {
        let mut paths: Vec<_> = std::fs::read_dir(folder)
            .expect("the folder can be read")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        let mut bills = Vec::new();
        for path in paths {
            if path.is_dir() {
                bills.extend(Self::all_in(&path));
                continue;
            }
            let shown =
                |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
            // Alipay's two archives of a day have one name.
            let name = format!("{}-{}", shown(folder), shown(&path));
            let bytes = std::fs::read(&path).expect("a file");
            if !name.ends_with(".zip") {
                let text = String::from_utf8(bytes).expect("UTF-8");
                bills.push(Self::of(name, text, false));
                continue;
            }
            let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
            for index in 0..zip.len() {
                let mut packed = Vec::new();
                zip.by_index(index).expect("an entry").read_to_end(&mut packed).expect("bytes");
                let text = encoding_rs::GB18030.decode(&packed).0.into_owned();
                bills.push(Self::of(format!("{name}.{index}.csv"), text, true));
            }
        }
        bills
    }

    fn of(name: String, text: String, gbk: bool) -> Self {
        let part = if text.contains("汇总查询") || text.contains("业务汇总") {
            Part::Summary
        } else if text.contains("账务") || text.contains("资金流水") {
            Part::Fund
        } else {
            Part::Trade
        };
        let lines = text.split_inclusive('\n').map(str::to_owned).collect();
        let channel = if gbk { "alipay" } else { "wechat_pay" };
        Self { name, channel, part, lines, gbk }
    }

    pub fn write(&self, folder: &Path) {
        let text = self.lines.concat();
        let bytes = match self.gbk {
            true => encoding_rs::GB18030.encode(&text).0.into_owned(),
            false => text.into_bytes(),
        };
        std::fs::write(folder.join(&self.name), bytes).expect("the folder can be written");
    }

    /// Where the rows stand, from 0.
    pub fn rows(&self) -> Vec<usize> {
        if self.part == Part::Summary {
            return Vec::new();
        }
        let header = self.header();
        let end = self.lines.iter().skip(header + 1).position(|line| {
            line.starts_with('#')
                || line.starts_with("总交易单数")
                || line.starts_with("资金流水总笔数")
        });
        let end = end.map_or(self.lines.len(), |after| header + 1 + after);
        (header + 1..end).collect()
    }

    fn header(&self) -> usize {
        let first = ["交易时间", "记账时间", "支付宝交易号", "账务流水号"];
        let is_header = |line: &String| {
            first.iter().any(|name| line.trim_start_matches('\u{feff}').starts_with(name))
        };
        self.lines.iter().position(is_header).expect("a header")
    }

    /// True where the order of rows says something: a balance runs through them.
    pub fn is_ordered(&self) -> bool {
        self.part == Part::Fund
    }

    /// Columns that are tried: those that a total, a balance, the other bill or the row's own
    /// arithmetic holds.
    pub fn columns(&self) -> &'static [&'static str] {
        match (self.channel, self.part) {
            ("wechat_pay", Part::Trade) => &[
                "微信订单号",
                "交易状态",
                "应结订单金额",
                "微信退款单号",
                "退款金额",
                "充值券退款金额",
                "手续费",
                "订单金额",
                "申请退款金额",
            ],
            ("wechat_pay", _) => &["微信支付业务单号", "收支类型", "收支金额(元)", "账户结余(元)"],
            (_, Part::Trade) => &[
                "支付宝交易号",
                "业务类型",
                "订单金额（元）",
                "商家实收（元）",
                "商家优惠（元）",
                "服务费（元）",
            ],
            _ => &["收入金额（+元）", "支出金额（-元）", "账户余额（元）"],
        }
    }

    /// The cells of a line: where each stands in it.
    fn cells(&self, line: &str) -> Vec<(usize, usize)> {
        let between = if self.channel == "wechat_pay" { ",`" } else { "," };
        let body = line.trim_end_matches(['\r', '\n']);
        let mut from = usize::from(body.starts_with('`'));
        let mut cells = Vec::new();
        for (at, _) in body.match_indices(between) {
            cells.push((from, at));
            from = at + between.len();
        }
        cells.push((from, body.len()));
        cells
    }

    fn column(&self, name: &str) -> Option<usize> {
        let header = self.lines[self.header()].trim_start_matches('\u{feff}').trim_end();
        header.split(',').position(|known| known.trim() == name)
    }

    fn cell(&self, line: usize, name: &str) -> Option<&str> {
        let (from, to) = *self.cells(&self.lines[line]).get(self.column(name)?)?;
        Some(self.lines[line][from..to].trim())
    }

    /// True for rows of one second, between which the channel keeps no order (Alipay).
    pub fn same_second(&self, line: usize, other: usize) -> bool {
        self.channel == "alipay" && self.cell(line, "发生时间") == self.cell(other, "发生时间")
    }

    /// Every number in a row that another bill may have too.
    pub fn numbers(&self, line: usize) -> Vec<String> {
        let Some(text) = self.lines.get(line) else { return Vec::new() };
        let cells = self.cells(text).into_iter().map(|(from, to)| text[from..to].trim());
        let plain =
            |cell: &&str| cell.len() > 15 && cell.bytes().all(|b| b.is_ascii_alphanumeric());
        cells.filter(plain).map(str::to_owned).collect()
    }

    /// Changes a cell; false where it holds nothing that could be changed.
    pub fn change(&mut self, line: usize, column: &str, seed: &mut Seed) -> bool {
        let Some(old) = self.cell(line, column).map(str::to_owned) else { return false };
        let refund = self.cell(line, "交易状态").is_some_and(|state| state != "SUCCESS");
        let trade = self
            .cell(line, "业务类型")
            .is_none_or(|kind| ["交易", "退款", "在线支付", "交易退款"].contains(&kind));
        let new = match column {
            "微信订单号" | "微信支付业务单号" | "支付宝交易号" | "微信退款单号" =>
            {
                if old.len() < 9 || !trade {
                    return false;
                }
                // The original payment's number on a refund's row is held by nothing else.
                if refund && column == "微信订单号" || !refund && column == "微信退款单号"
                {
                    return false;
                }
                let at = 8 + seed.below(old.len() - 8);
                let digit = old.as_bytes()[at];
                let other = if digit == b'7' { '3' } else { '7' };
                format!("{}{other}{}", &old[..at], &old[at + 1..])
            }
            "交易状态" if refund => "SUCCESS".to_owned(),
            "交易状态" => "REFUND".to_owned(),
            "业务类型" if old == "交易" => "退款".to_owned(),
            "业务类型" => "交易".to_owned(),
            "收支类型" if old == "收入" => "支出".to_owned(),
            "收支类型" => "收入".to_owned(),
            _ => match amount(&old, seed) {
                Some(new) => new,
                None => return false,
            },
        };
        let (from, to) = self.cells(&self.lines[line])[self.column(column).expect("it is there")];
        let cell = self.lines[line][from..to].replacen(old.as_str(), &new, 1);
        self.lines[line].replace_range(from..to, &cell);
        old != new
    }
}

/// An amount that is some fen more or less, of the same sign.
fn amount(old: &str, seed: &mut Seed) -> Option<String> {
    let digits: String = old.chars().filter(char::is_ascii_digit).collect();
    let places = old.split_once('.').map_or(0, |(_, places)| places.len());
    let unit = 10_i64.checked_pow(u32::try_from(places.checked_sub(2)?).ok()?)?;
    let size: i64 = digits.parse().ok()?;
    let more = (1 + i64::try_from(seed.below(900)).ok()?) * unit;
    let size = if seed.below(2) == 0 && size > more { size - more } else { size + more };
    let scale = 10_i64.checked_pow(u32::try_from(places).ok()?)?;
    let sign = if old.starts_with('-') { "-" } else { "" };
    Some(format!("{sign}{}.{:0places$}", size / scale, size % scale))
}

/// Lines of a bill, from 1, that have a number.
pub fn rows_with(bill: &Bill, number: &str) -> Vec<(String, u32)> {
    let has = |line: &usize| bill.lines[*line].contains(number);
    let lines = bill.rows().into_iter().filter(has);
    lines.map(|line| (bill.name.clone(), u32::try_from(line + 1).expect("short"))).collect()
}
