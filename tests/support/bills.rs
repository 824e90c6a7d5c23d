//! Small bills written by hand, for suites about single lines.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A payment of an Alipay bill of 5 March 2026: its number, amount and fee in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Makes the trade number.
    pub no: u32,
    /// What the buyer paid.
    pub minor: i64,
    /// What the channel took.
    pub fee: i64,
}

/// Yuan with two decimals.
pub fn yuan(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", minor.abs() / 100, minor.abs() % 100)
}

fn trade_no(sale: &Sale) -> String {
    format!("20260305220014000105{:08}", sale.no)
}

fn head(title: &str, list: &str) -> String {
    format!(
        "#{title}\r\n#账号：[20882112345678900156]\r\n\
         #起始日期：[2026年03月05日 00:00:00]   终止日期：[2026年03月06日 00:00:00]\r\n\
         #-----------------------------------------{list}列表----------------------------------------\r\n"
    )
}

fn time(sale: &Sale) -> String {
    format!("2026-03-05 {:02}:{:02}:11", 8 + sale.no / 60 % 12, sale.no % 60)
}

/// The business details, exported at `hour` of the next day.
pub fn alipay_trade(sales: &[Sale], hour: u32) -> String {
    let mut text = head("支付宝业务明细查询", "业务明细");
    text += "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,\
             终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,\
             支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,\
             卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注\r\n";
    for sale in sales {
        let (no, at, paid) = (trade_no(sale), time(sale), yuan(sale.minor));
        let _ = write!(
            text,
            "{no}\t,R{no}\t,交易,拿铁,{at},{at},S001\t,城东店\t,\t,\t,*小明\t,{paid},{paid},\
             0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,{},0.00,\r\n",
            yuan(-sale.fee)
        );
    }
    let total: i64 = sales.iter().map(|sale| sale.minor).sum();
    let _ = write!(
        text,
        "#-----------------------------------------业务明细列表结束------------------------------------\r\n\
         #交易合计：{}笔，商家实收共{}元，商家优惠共0.00元\r\n\
         #退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元\r\n\
         #导出时间：[2026年03月06日 {hour:02}:46:49]\r\n",
        sales.len(),
        yuan(total)
    );
    text
}

/// The account details, exported at `hour` of the next day; the balance before was 1000.00.
pub fn alipay_account(sales: &[Sale], hour: u32) -> String {
    let mut text = head("支付宝账务明细查询", "账务明细");
    text += "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,\
             支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注\r\n";
    let (mut balance, mut taken, mut came) = (100_000, 0, 0);
    for sale in sales {
        let (no, at) = (trade_no(sale), time(sale));
        balance += sale.minor;
        came += sale.minor;
        let _ = write!(
            text,
            "A{no}1\t,{no}\t,R{no}\t,拿铁,{at},*小明\t,{},0.00,{},支付宝,在线支付,\r\n",
            yuan(sale.minor),
            yuan(balance)
        );
        balance -= sale.fee;
        taken += sale.fee;
        let _ = write!(
            text,
            "A{no}2\t,{no}\t,{no}\t,,{at},支付宝\t,0.00,{},{},支付宝,收费,服务费[{no}]\r\n",
            yuan(-sale.fee),
            yuan(balance)
        );
    }
    let _ = write!(
        text,
        "#-----------------------------------------账务明细列表结束------------------------------------\r\n\
         #支出合计：{0}笔，共{1}元\r\n#收入合计：{0}笔，共{2}元\r\n\
         #导出时间：[2026年03月06日 {hour:02}:50:12]\r\n",
        sales.len(),
        yuan(-taken),
        yuan(came)
    );
    text
}

/// The business summary; `fee_sign` -1 prints fees as what the merchant gave.
pub fn alipay_trade_summary(sales: &[Sale], fee_sign: i64) -> String {
    let mut text = head("支付宝业务汇总查询", "业务汇总");
    text += "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,\
             支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）\r\n";
    let total: i64 = sales.iter().map(|sale| sale.minor).sum();
    let fees: i64 = fee_sign * sales.iter().map(|sale| sale.fee).sum::<i64>();
    for first in ["S001\t,城东店\t", "合计,"] {
        let _ = write!(
            text,
            "{first},{},0,{},{},0.00,0.00,0.00,{},0.00,{}\r\n",
            sales.len(),
            yuan(total),
            yuan(total),
            yuan(fees),
            yuan(total + fees)
        );
    }
    text += "#----------------------------------------业务汇总列表结束-------------------------------------\r\n\
             #导出时间：[2026年03月06日 05:46:49]\r\n";
    text
}

/// An OFX statement of these days (`20260305`), with lines of a day, an amount and a memo.
pub fn ofx((from, until): (&str, &str), lines: &[(&str, i64, &str)]) -> String {
    let rows: String = lines
        .iter()
        .map(|(day, minor, memo)| {
            let amount = yuan(*minor);
            format!("<STMTTRN><DTPOSTED>{day}<TRNAMT>{amount}<MEMO>{memo}</STMTTRN>\r\n")
        })
        .collect();
    format!(
        "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nENCODING:UTF-8\r\n\r\n<OFX>\
         <BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>CNY\r\n<BANKACCTFROM><BANKID>I\
         <ACCTID>62220001<ACCTTYPE>CHECKING</BANKACCTFROM>\r\n\
         <BANKTRANLIST><DTSTART>{from}<DTEND>{until}\r\n{rows}</BANKTRANLIST></STMTRS>\
         </STMTTRNRS></BANKMSGSRSV1></OFX>\r\n"
    )
}

/// Writes a file of this text.
///
/// # Panics
/// When it cannot be written.
pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("the file can be written");
    path
}

/// A WeChat Pay trade bill of 5 March 2026, all rows.
pub fn wechat_trade(sales: &[Sale]) -> String {
    let mut text = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,\
                    用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,\
                    商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,\
                    费率,订单金额,申请退款金额,费率备注\r\n"
        .to_owned();
    for sale in sales {
        let (no, at, paid) = (trade_no(sale), time(sale), yuan(sale.minor));
        let _ = write!(
            text,
            "`{at},`wx1,`1900000109,`0,`,`42{no},`R{no},`u1,`NATIVE,`SUCCESS,`OTHERS,`CNY,`{paid},\
             `0.00,`0,`0,`0.00,`0.00,`,`,`拿铁,`,`{}000,`0.60%,`{paid},`0.00,`\r\n",
            yuan(sale.fee)
        );
    }
    let paid = yuan(sales.iter().map(|sale| sale.minor).sum());
    let fees = yuan(sales.iter().map(|sale| sale.fee).sum());
    let _ = write!(
        text,
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n\
         `{},`{paid},`0.00,`0.00,`{fees}000,`{paid},`0.00\r\n",
        sales.len()
    );
    text
}
