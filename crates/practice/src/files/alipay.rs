//! Alipay's business details and what both its bills share.

use super::zip::Zip;
use crate::model::TradeLine;
use crate::time::civil;
use crate::time::{compact_date, push_at, push_padded, push_yuan, yuan};
use std::io::{self, Seek, Write};

const COLUMNS: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,\
终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,\
券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";
const SUMMARY: &str = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,\
支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）";
const SURNAMES: [&str; 6] = ["明", "丽", "强", "芳", "伟", "静"];

/// `2026年03月05日 00:00:00`.
fn long_date(day: i32) -> String {
    let (year, month, date) = civil(day);
    format!("{year}年{month:02}月{date:02}日 00:00:00")
}

/// The four comment lines above the column header.
pub(super) fn head(title: &str, list: &str, from: i32, until: i32) -> String {
    format!(
        "#支付宝{title}查询\r\n#账号：[{}]\r\n#起始日期：[{}]   终止日期：[{}]\r\n\
         #-----------------------------------------{list}列表\
         ----------------------------------------\r\n",
        crate::ALIPAY_ACCOUNT,
        long_date(from),
        long_date(until),
    )
}

/// `#…列表结束…` with the number of dashes before and after.
pub(super) fn end_mark(list: &str, before: usize, after: usize) -> String {
    format!("#{}{list}列表结束{}\r\n", "-".repeat(before), "-".repeat(after))
}

/// The hour of the morning at which bills are made, and that at which a wrong one was.
pub(super) const HOUR: &str = "05";
pub(super) const EARLY: &str = "04";

/// `#导出时间：[2026年03月06日 05:46:49]`.
pub(super) fn exported(until: i32, clock: &str) -> String {
    format!("#导出时间：[{}]\r\n", long_date(until).replace("00:00:00", clock))
}

/// Name of a file or entry: account, day or month or both ends, and what it is.
pub(super) fn name(from: i32, until: i32, what: &str) -> String {
    let (start, last) = (compact_date(from), compact_date(until - 1));
    let days = match (from == until - 1, start[..6] == last[..6]) {
        (true, _) => start,
        (_, true) => start[..6].into(),
        _ => format!("{start}_{last}"),
    };
    format!("{}_{days}{what}", crate::ALIPAY_ACCOUNT)
}

/// A masked buyer: `*明(159****5620)`.
pub(super) fn push_buyer(out: &mut String, buyer: u32) {
    out.push('*');
    out.push_str(SURNAMES[buyer as usize % SURNAMES.len()]);
    out.push_str("(159****");
    push_padded(out, u64::from(buyer), 4);
    out.push(')');
}

#[derive(Default)]
struct Side {
    rows: i64,
    ordered: i64,
    settled: i64,
    platform: i64,
    own: i64,
    fees: i64,
}

/// The ZIP of business details: the detail entry first, the summary after it.
pub(super) struct TradeFile<W: Write + Seek> {
    zip: Zip<W>,
    from: i32,
    until: i32,
    /// When it was made.
    hour: &'static str,
    line: String,
    sales: Side,
    refunds: Side,
}

impl<W: Write + Seek> TradeFile<W> {
    pub(super) fn new(out: W, from: i32, until: i32) -> io::Result<Self> {
        let mut zip = Zip::new(out, until);
        zip.start(&name(from, until, "_业务明细.csv"))?;
        zip.text(&head("业务明细", "业务明细", from, until))?;
        zip.text(&format!("{COLUMNS}\r\n"))?;
        let (sales, refunds) = (Side::default(), Side::default());
        let line = String::with_capacity(512);
        Ok(Self { zip, from, until, hour: HOUR, line, sales, refunds })
    }

    /// Made at this hour of the morning.
    pub(super) fn made_at(self, hour: &'static str) -> Self {
        Self { hour, ..self }
    }

    pub(super) fn line(&mut self, line: &TradeLine) -> io::Result<()> {
        if line.hidden {
            return Ok(());
        }
        let sign = if line.refund.is_some() { -1 } else { 1 };
        let side = if line.refund.is_some() { &mut self.refunds } else { &mut self.sales };
        let own = line.order_amount - line.settled;
        side.rows += 1;
        side.ordered += sign * line.order_amount;
        side.settled += sign * line.settled;
        side.own += sign * own;
        side.fees -= sign * line.fee;
        let out = &mut self.line;
        out.clear();
        out.push_str(&line.payment_id);
        out.push_str("\t,");
        out.push_str(&line.order_id);
        out.push_str("\t,");
        out.push_str(if line.refund.is_some() { "退款," } else { "交易," });
        out.push_str(line.goods);
        out.push(',');
        push_at(out, line.created);
        out.push(',');
        push_at(out, line.at);
        out.push_str(",S001\t,城东店\t,\t,\t,");
        push_buyer(out, line.buyer);
        out.push('\t');
        for minor in [
            sign * line.order_amount,
            sign * line.settled,
            sign * line.subsidy,
            0,
            0,
            sign * own,
            0,
        ] {
            out.push(',');
            push_yuan(out, minor);
        }
        out.push_str(",,0.00\t,0.00,");
        if let Some(part) = &line.refund {
            out.push_str(&part.merchant_id);
        }
        out.push_str("\t,");
        push_yuan(out, -sign * line.fee);
        out.push_str(",0.00,\r\n");
        self.zip.text(&self.line)
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        let (sales, refunds) = (&self.sales, &self.refunds);
        let mut foot = end_mark("业务明细", 41, 36);
        foot += &format!(
            "#交易合计：{}笔，商家实收共{}元，商家优惠共{}元\r\n",
            sales.rows,
            yuan(sales.settled),
            yuan(sales.own),
        );
        foot += &format!(
            "#退款合计：{}笔，商家实收退款共{}元，商家优惠退款共{}元\r\n",
            refunds.rows,
            yuan(refunds.settled),
            yuan(refunds.own),
        );
        foot += &exported(self.until, &format!("{}:46:49", self.hour));
        self.zip.text(&foot)?;
        self.zip.end()?;
        self.zip.start(&name(self.from, self.until, "_业务明细(汇总).csv"))?;
        let settled = sales.settled + refunds.settled;
        let fees = sales.fees + refunds.fees;
        let values = format!(
            "{},{},{},{},{},{},0.00,{},0.00,{}",
            sales.rows,
            refunds.rows,
            yuan(sales.ordered + refunds.ordered),
            yuan(settled),
            yuan(sales.platform + refunds.platform),
            yuan(sales.own + refunds.own),
            yuan(fees),
            yuan(settled + fees),
        );
        let mut text = head("业务汇总", "业务汇总", self.from, self.until);
        text += &format!("{SUMMARY}\r\nS001\t,城东店\t,{values}\r\n合计,,{values}\r\n");
        text += &end_mark("业务汇总", 40, 37);
        text += &exported(self.until, &format!("{}:46:49", self.hour));
        self.zip.text(&text)?;
        self.zip.end()?;
        self.zip.finish()
    }
}
