//! Alipay's account details.

use super::alipay::{HOUR, end_mark, exported, head, name, push_buyer};
use super::zip::Zip;
use crate::model::{FundKind, FundRow, Hidden};
use crate::options::{AlipayColumns, Layout};
use crate::shop::is_shown;
use crate::time::{push_at, push_yuan, yuan};
use std::collections::BTreeMap;
use std::io::{self, Seek, Write};

const CLASSIC: &str = "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,\
支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注";
const SHUFFLED: &str = "账务流水号,业务流水号,商品名称,发生时间,收入金额（+元）,支出金额（-元）,\
账户余额（元）,交易渠道,业务类型,备注,商户订单号,对方账号";
const NEWER: &str = ",业务基础订单号,业务订单号,业务账单来源,业务描述";
const SUMMARY: &str = "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）";
const ALIPAY: &str = "支付宝(中国)网络技术有限公司(sys***@alipay.com)";

/// Order of the types in the summary, and the words of the details.
const WORDS: [&str; 13] = [
    "在线支付",
    "收费",
    "交易退款",
    "退费",
    "提现",
    "充值",
    "转账",
    "分账",
    "分账退回",
    "冻结",
    "解冻",
    "其它",
    "商圈推广",
];

fn word(kind: FundKind) -> usize {
    match kind {
        FundKind::Payment => 0,
        FundKind::PaymentFee | FundKind::ServiceCharge | FundKind::ToolCharge => 1,
        FundKind::Refund => 2,
        FundKind::RefundFee => 3,
        FundKind::AutoPayout | FundKind::ManualPayout => 4,
        FundKind::TopUp => 5,
        FundKind::TransferOut => 6,
        FundKind::SplitPaid => 7,
        FundKind::SplitReturned => 8,
        FundKind::Held => 9,
        FundKind::Released => 10,
        FundKind::PayoutReturned | FundKind::RefundClosed | FundKind::Adjustment => 11,
        FundKind::Unknown | FundKind::ToolFee => 12,
    }
}

/// The text columns of a row.
#[derive(Default)]
struct Cells {
    number: String,
    order: String,
    party: String,
    channel: &'static str,
    remark: String,
    base: String,
    events: String,
    product: &'static str,
    description: &'static str,
}

fn cells(row: &FundRow) -> Cells {
    let trade = row.payment_id.clone();
    let of_sale = Cells {
        number: trade.clone(),
        order: trade.clone(),
        party: ALIPAY.into(),
        channel: "支付宝",
        remark: String::new(),
        base: trade.clone(),
        events: format!("M{{{trade}}}"),
        product: "当面付",
        description: "",
    };
    let refund = || format!("M{{{trade}}}|O{{{}}}", row.merchant_ref);
    let buyer = || {
        let mut text = String::new();
        push_buyer(&mut text, row.buyer);
        text
    };
    match row.kind {
        FundKind::Payment => Cells {
            order: row.merchant_ref.clone(),
            party: buyer(),
            description: "0010001|交易收款-交易收款",
            ..of_sale
        },
        FundKind::PaymentFee => {
            Cells {
                remark: format!("服务费[{trade}]"), description: "0030003|技术费", ..of_sale
            }
        }
        FundKind::Refund => Cells {
            order: row.order_id.clone(),
            party: buyer(),
            events: refund(),
            description: "0020011|交易退款-交易退款",
            ..of_sale
        },
        FundKind::RefundFee => Cells {
            order: format!("{trade}-r-{}-", row.merchant_ref),
            remark: format!("服务费退回({trade})"),
            events: refund(),
            description: "0030003|技术费",
            ..of_sale
        },
        FundKind::SplitPaid | FundKind::SplitReturned => Cells {
            order: row.merchant_ref.clone(),
            party: "上海良豆贸易有限公司(ld***@example.com)".into(),
            ..of_sale
        },
        FundKind::Held | FundKind::Released => {
            Cells { number: row.number.clone(), order: row.merchant_ref.clone(), ..of_sale }
        }
        _ => alone(row),
    }
}

/// Rows that belong to no sale.
fn alone(row: &FundRow) -> Cells {
    let number = row.number.clone();
    let base = Cells {
        order: number.clone(),
        number,
        party: ALIPAY.into(),
        channel: "支付宝",
        product: "账户",
        ..Cells::default()
    };
    let bank = |remark: &str| Cells {
        party: "中国工商银行(8812)".into(),
        channel: "网上银行",
        remark: remark.into(),
        product: "账户提现",
        ..Cells { number: base.number.clone(), order: base.order.clone(), ..Cells::default() }
    };
    match row.kind {
        FundKind::AutoPayout | FundKind::ManualPayout => bank("T+1到账"),
        FundKind::PayoutReturned => Cells {
            number: row.merchant_ref.clone(),
            order: row.merchant_ref.clone(),
            ..bank("提现退回")
        },
        FundKind::TopUp => bank("账户充值"),
        FundKind::TransferOut => Cells { remark: "供应商货款".into(), ..base },
        FundKind::ServiceCharge | FundKind::ToolCharge => {
            Cells { order: String::new(), remark: "技术服务费".into(), ..base }
        }
        _ => base,
    }
}

/// The row as the account log tells it, which is not in every word as the file does.
pub(crate) fn log_item(row: &FundRow) -> serde_json::Value {
    let cells = cells(row);
    let mut when = String::new();
    push_at(&mut when, row.at);
    let mut item = serde_json::json!({
        "trans_dt": when,
        "account_log_id": row.ledger,
        "alipay_order_no": cells.number,
        "merchant_order_no": cells.order,
        "trans_amount": yuan(row.amount.abs()),
        "balance": yuan(row.balance),
        "direction": if row.amount > 0 { "收入" } else { "支出" },
        "type": WORDS[word(row.kind)],
        "other_account": cells.party,
        "trans_memo": cells.remark,
        "bill_source": cells.product,
        "biz_nos": cells.events,
        "biz_orig_no": cells.base,
        "biz_desc": cells.description,
    });
    if matches!(row.kind, FundKind::Refund | FundKind::RefundFee) {
        item["merchant_out_refund_no"] = row.merchant_ref.as_str().into();
    }
    item
}

/// The ZIP of account details: the detail entry first, the summary after it.
pub(super) struct AccountFile<W: Write + Seek> {
    zip: Zip<W>,
    from: i32,
    until: i32,
    /// When it was made.
    hour: &'static str,
    columns: AlipayColumns,
    line: String,
    /// By word: rows and sum coming in, rows and sum going out (negative).
    sums: BTreeMap<usize, [i64; 4]>,
}

impl<W: Write + Seek> AccountFile<W> {
    pub(super) fn new(out: W, from: i32, until: i32, layout: &Layout) -> io::Result<Self> {
        let mut zip = Zip::new(out, until);
        zip.start(&name(from, until, "_账务明细.csv"))?;
        zip.text(&head("账务明细", "账务明细", from, until))?;
        let columns = layout.alipay_columns;
        zip.text(match columns {
            AlipayColumns::Shuffled => SHUFFLED,
            _ => CLASSIC,
        })?;
        zip.text(if columns == AlipayColumns::Twelve { "\r\n" } else { NEWER })?;
        if columns != AlipayColumns::Twelve {
            zip.text("\r\n")?;
        }
        let line = String::with_capacity(512);
        Ok(Self { zip, from, until, hour: HOUR, columns, line, sums: BTreeMap::new() })
    }

    /// Made at this hour of the morning.
    pub(super) fn made_at(self, hour: &'static str) -> Self {
        Self { hour, ..self }
    }

    pub(super) fn row(&mut self, row: &FundRow) -> io::Result<()> {
        let word = word(row.kind);
        if row.hidden != Hidden::SummaryAdjusted {
            let sums = self.sums.entry(word).or_default();
            let at = if row.amount > 0 { 0 } else { 2 };
            sums[at] += 1;
            sums[at + 1] += row.amount;
        }
        if !is_shown(row) {
            return Ok(());
        }
        let cells = cells(row);
        self.line.clear();
        let out = &mut self.line;
        out.push_str(&row.ledger);
        out.push_str("\t,");
        out.push_str(&cells.number);
        out.push_str("\t,");
        let shuffled = self.columns == AlipayColumns::Shuffled;
        if !shuffled {
            out.push_str(&cells.order);
            out.push_str("\t,");
        }
        let goods = matches!(row.kind, FundKind::Payment | FundKind::Refund);
        out.push_str(if goods { row.goods } else { "" });
        out.push(',');
        push_at(out, row.at);
        if !shuffled {
            out.push(',');
            out.push_str(&cells.party);
            out.push('\t');
        }
        for minor in [row.amount.max(0), row.amount.min(0), row.balance] {
            out.push(',');
            push_yuan(out, minor);
        }
        for text in [cells.channel, WORDS[word], &cells.remark] {
            out.push(',');
            out.push_str(text);
        }
        if shuffled {
            for text in [&cells.order, &cells.party] {
                out.push(',');
                out.push_str(text);
                out.push('\t');
            }
        }
        if self.columns != AlipayColumns::Twelve {
            for text in [&cells.base, &cells.events] {
                out.push(',');
                out.push_str(text);
                out.push('\t');
            }
            for text in [cells.product, cells.description] {
                out.push(',');
                out.push_str(text);
            }
        }
        out.push_str("\r\n");
        self.zip.text(&self.line)
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        let mut total = [0; 4];
        let mut rows = String::new();
        let mut push = |name: &str, sums: &[i64; 4]| {
            rows += &format!(
                "{name},{},{},{},{},{}\r\n",
                sums[0],
                yuan(sums[1]),
                sums[2],
                yuan(sums[3]),
                yuan(sums[1] + sums[3]),
            );
        };
        for (word, sums) in &self.sums {
            push(WORDS[*word], sums);
            total.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
        }
        push("合计", &total);
        let mut foot = end_mark("账务明细", 41, 36);
        foot += &format!("#支出合计：{}笔，共{}元\r\n", total[2], yuan(total[3]));
        foot += &format!("#收入合计：{}笔，共{}元\r\n", total[0], yuan(total[1]));
        foot += &exported(self.until, &format!("{}:50:12", self.hour));
        self.zip.text(&foot)?;
        self.zip.end()?;
        self.zip.start(&name(self.from, self.until, "_账务汇总.csv"))?;
        let mut text = head("账务汇总", "账务汇总", self.from, self.until);
        text += &format!("{SUMMARY}\r\n{rows}");
        text += &end_mark("账务汇总", 41, 36);
        text += &exported(self.until, &format!("{}:50:12", self.hour));
        self.zip.text(&text)?;
        self.zip.end()?;
        self.zip.finish()
    }
}
