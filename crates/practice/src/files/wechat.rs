//! WeChat Pay's trade and fund bills.

use crate::goods::{BANKS, SCENES};
use crate::model::{FundKind, FundRow, Hidden, RefundState, TradeLine};
use crate::options::{Layout, TradeBill};
use crate::shop::is_shown;
use crate::time::{At, push_at, push_padded, push_yuan, yuan};
use std::io::{self, Write};

const APP: &str = "wxd678efh567hg6787";
const ALL: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,\
交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,\
退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const SUCCESS: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,\
交易状态,付款银行,货币种类,应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注";
const REFUND: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,\
交易状态,付款银行,货币种类,应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,\
退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const OLD: &str = "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,\
交易状态,付款银行,货币种类,总金额,代金券或立减优惠金额,微信退款单号,商户退款单号,退款金额,\
代金券或立减优惠退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率";
const SUMMARY: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,\
申请退款总金额";
const SUCCESS_SUMMARY: &str = "总交易单数,应结订单总金额,手续费总金额,订单总金额";
const OLD_SUMMARY: &str = "总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额";
const FUND: &str = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),\
账户结余(元),资金变更提交申请人,备注,业务凭证号";
const FUND_SUMMARY: &str = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";

/// A line being put together: every field behind a backtick.
struct Text {
    line: String,
    end: &'static str,
}

impl Text {
    fn new(layout: &Layout) -> Self {
        Self { line: String::with_capacity(512), end: if layout.crlf { "\r\n" } else { "\n" } }
    }

    fn field(&mut self) -> &mut String {
        if !self.line.is_empty() {
            self.line.push(',');
        }
        self.line.push('`');
        &mut self.line
    }

    fn put(&mut self, value: &str) {
        self.field().push_str(value);
    }

    fn money(&mut self, minor: i64) {
        push_yuan(self.field(), minor);
    }

    /// Fees have five decimals.
    fn fee(&mut self, minor: i64) {
        self.money(minor);
        self.line.push_str("000");
    }

    fn at(&mut self, at: At) {
        push_at(self.field(), at);
    }

    fn header(&mut self, out: &mut impl Write, bom: bool, header: &str) -> io::Result<()> {
        if bom {
            out.write_all("\u{feff}".as_bytes())?;
        }
        out.write_all(header.as_bytes())?;
        out.write_all(self.end.as_bytes())
    }

    fn end(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.line.push_str(self.end);
        out.write_all(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

#[derive(Default)]
struct Sums {
    rows: i64,
    settled: i64,
    refunded: i64,
    coupons_back: i64,
    fees: i64,
    ordered: i64,
    asked: i64,
}

/// A trade bill.
pub(super) struct TradeFile<W> {
    out: W,
    bill: TradeBill,
    old: bool,
    bom: bool,
    text: Text,
    sums: Sums,
}

impl<W: Write> TradeFile<W> {
    pub(super) fn new(out: W, bill: TradeBill, layout: &Layout) -> Self {
        let old = layout.wechat_old && bill == TradeBill::All;
        let text = Text::new(layout);
        Self { out, bill, old, bom: layout.bom, text, sums: Sums::default() }
    }

    /// Rows written so far.
    pub(super) fn rows(&self) -> i64 {
        self.sums.rows
    }

    /// True when the bill has such rows.
    pub(super) fn wants(bill: TradeBill, line: &TradeLine) -> bool {
        let fits = match bill {
            TradeBill::All => true,
            TradeBill::Success => line.refund.is_none(),
            TradeBill::Refund => line.refund.is_some(),
        };
        fits && !line.hidden
    }

    /// Writes a row, or passes it over when it is of the other kind or hidden.
    pub(super) fn line(&mut self, line: &TradeLine) -> io::Result<()> {
        if !Self::wants(self.bill, line) {
            return Ok(());
        }
        if self.sums.rows == 0 {
            let header = match self.bill {
                TradeBill::All if self.old => OLD,
                TradeBill::All => ALL,
                TradeBill::Success => SUCCESS,
                TradeBill::Refund => REFUND,
            };
            self.text.header(&mut self.out, self.bom, header)?;
        }
        self.count(line);
        self.first_columns(line);
        if self.bill == TradeBill::Refund {
            self.text.at(line.at);
            match line.refund.as_ref().map(|part| part.state) {
                Some(RefundState::Success) => self.text.at(line.at.plus(3)),
                _ => self.text.put(""),
            }
        }
        if self.bill != TradeBill::Success {
            self.refund_columns(line);
        }
        self.last_columns(line);
        self.text.end(&mut self.out)
    }

    fn count(&mut self, line: &TradeLine) {
        let sums = &mut self.sums;
        sums.rows += 1;
        match line.refund {
            None => {
                sums.settled += line.settled;
                sums.ordered += line.order_amount;
                sums.fees += line.fee;
            }
            Some(_) => {
                sums.refunded += line.settled;
                sums.coupons_back += line.subsidy;
                sums.asked += line.order_amount;
                sums.fees -= line.fee;
            }
        }
    }

    fn first_columns(&mut self, line: &TradeLine) {
        let pays = line.refund.is_none();
        let text = &mut self.text;
        text.at(line.at);
        text.put(APP);
        text.put(crate::WECHAT_MERCHANT);
        text.put("0");
        text.put("");
        text.put(&line.payment_id);
        text.put(&line.order_id);
        text.put("oPractice");
        push_padded(&mut text.line, u64::from(line.buyer), 8);
        text.put(SCENES[line.buyer as usize % SCENES.len()]);
        text.put(if pays { "SUCCESS" } else { "REFUND" });
        text.put(BANKS[line.buyer as usize % BANKS.len()]);
        text.put("CNY");
        text.money(if pays { line.settled } else { 0 });
        text.money(if pays { line.subsidy } else { 0 });
    }

    fn refund_columns(&mut self, line: &TradeLine) {
        let text = &mut self.text;
        match &line.refund {
            None => {
                for value in ["0", "0", "0.00", "0.00", "", ""] {
                    text.put(value);
                }
            }
            Some(part) => {
                text.put(&part.channel_id);
                text.put(&part.merchant_id);
                text.money(line.settled);
                text.money(line.subsidy);
                text.put("ORIGINAL");
                text.put(match part.state {
                    RefundState::Success => "SUCCESS",
                    RefundState::Processing => "PROCESSING",
                    RefundState::Failed => "FAIL",
                });
            }
        }
    }

    fn last_columns(&mut self, line: &TradeLine) {
        let pays = line.refund.is_none();
        let text = &mut self.text;
        text.put(line.goods);
        text.put("counter-1");
        text.fee(if pays || line.fee == 0 { line.fee } else { -line.fee });
        text.put("0.60%");
        if self.old {
            return;
        }
        text.money(if pays { line.order_amount } else { 0 });
        if self.bill != TradeBill::Success {
            text.money(if pays { 0 } else { line.order_amount });
        }
        text.put("");
    }

    /// Writes the summary.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let sums = &self.sums;
        let (header, columns) = match self.bill {
            TradeBill::All if self.old => (OLD_SUMMARY, 4),
            TradeBill::Success => (SUCCESS_SUMMARY, 3),
            _ => (SUMMARY, 6),
        };
        self.text.header(&mut self.out, false, header)?;
        self.text.put(&sums.rows.to_string());
        self.text.money(sums.settled);
        if columns > 3 {
            self.text.money(sums.refunded);
            self.text.money(sums.coupons_back);
        }
        self.text.fee(sums.fees);
        if columns != 4 {
            self.text.money(sums.ordered);
        }
        if columns == 6 {
            self.text.money(sums.asked);
        }
        self.text.end(&mut self.out)?;
        Ok(self.out)
    }
}

/// Business name, type and who asked for it.
fn words(kind: FundKind) -> (&'static str, &'static str, &'static str) {
    const API: &str = "1900000109API";
    const STAFF: &str = "li@1900000109";
    match kind {
        FundKind::Payment => ("交易", "交易", "system"),
        FundKind::PaymentFee => ("交易", "扣除交易手续费", "system"),
        FundKind::Refund => ("退款", "退款", API),
        FundKind::RefundFee => ("退款", "退还交易手续费", API),
        FundKind::RefundClosed => ("退款", "退款关闭", "system"),
        FundKind::SplitPaid => ("分账", "分账", API),
        FundKind::SplitReturned => ("分账", "分账回退", API),
        FundKind::Held => ("冻结", "资金冻结", "system"),
        FundKind::Released => ("冻结", "资金解冻", "system"),
        FundKind::ServiceCharge => ("账户", "技术服务费", "system"),
        FundKind::ToolCharge => ("账户", "工具服务费", "system"),
        FundKind::TopUp => ("充值/提现", "充值", STAFF),
        FundKind::TransferOut => ("企业付款", "企业付款", STAFF),
        FundKind::AutoPayout => ("充值/提现", "自动提现", "system"),
        FundKind::ManualPayout => ("充值/提现", "提现", STAFF),
        FundKind::PayoutReturned => ("充值/提现", "提现退回", "system"),
        FundKind::Adjustment => ("调账", "调账", "system"),
        FundKind::Unknown => ("增值服务", "门店云打印", "system"),
        FundKind::ToolFee => ("账户", "平台工具服务费", "system"),
    }
}

/// A fund bill.
pub(super) struct FundFile<W> {
    out: W,
    bom: bool,
    text: Text,
    started: bool,
    incoming: (i64, i64),
    outgoing: (i64, i64),
}

impl<W: Write> FundFile<W> {
    pub(super) fn new(out: W, layout: &Layout) -> Self {
        let text = Text::new(layout);
        let (started, incoming, outgoing) = (false, (0, 0), (0, 0));
        Self { out, bom: layout.bom, text, started, incoming, outgoing }
    }

    /// Writes a row, or only counts it when it was deleted behind the summary's back.
    pub(super) fn row(&mut self, row: &FundRow) -> io::Result<()> {
        if !self.started {
            self.text.header(&mut self.out, self.bom, FUND)?;
            self.started = true;
        }
        if row.hidden != Hidden::SummaryAdjusted {
            let side = if row.amount > 0 { &mut self.incoming } else { &mut self.outgoing };
            *side = (side.0 + 1, side.1 + row.amount.abs());
        }
        if !is_shown(row) {
            return Ok(());
        }
        let (name, word, who) = words(row.kind);
        let text = &mut self.text;
        text.at(row.at);
        text.put(&row.number);
        text.put(&row.ledger);
        text.put(name);
        text.put(word);
        text.put(if row.amount > 0 { "收入" } else { "支出" });
        text.money(row.amount.abs());
        text.money(row.balance);
        text.put(who);
        let remark = text.field();
        if let Some((total, fee)) = row.remark {
            let sale = matches!(row.kind, FundKind::Payment | FundKind::PaymentFee);
            remark.push_str(if sale { "结算总金额" } else { "退款总金额" });
            push_yuan(remark, total);
            remark.push_str("元;含手续费");
            push_yuan(remark, fee);
            remark.push('元');
        }
        text.put(&row.merchant_ref);
        text.end(&mut self.out)
    }

    /// Writes the summary.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.text.header(&mut self.out, false, FUND_SUMMARY)?;
        let (incoming, outgoing) = (self.incoming, self.outgoing);
        let values = [
            (incoming.0 + outgoing.0).to_string(),
            incoming.0.to_string(),
            yuan(incoming.1),
            outgoing.0.to_string(),
            yuan(outgoing.1),
        ];
        values.iter().for_each(|value| self.text.put(value));
        self.text.end(&mut self.out)?;
        Ok(self.out)
    }
}
