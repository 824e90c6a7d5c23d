//! Measures the bill readers against the floor: the csv crate cutting the same bytes into cells.
//!
//! `cargo run --release -p suanpan-connectors --example bill_speed [rows]` (default 1,000,000).
//! Prints milliseconds and the ratio of one run; absolute times do not carry over.

use connectors::{Options, read_entry};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::time::Instant;

const HEADER: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,\
    交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,\
    充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n";

fn main() {
    let rows: u64 = std::env::args()
        .nth(1)
        .and_then(|text| text.replace('_', "").parse().ok())
        .unwrap_or(1_000_000);
    let folder = std::env::temp_dir().join(format!("suanpan-bill-speed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    for (name, bytes) in [("wechat trade", wechat(rows)), ("alipay account", alipay(rows))] {
        measure(name, &folder.join("bill.csv"), &bytes, rows);
    }
    let _ = std::fs::remove_dir_all(&folder);
}

fn measure(name: &str, path: &std::path::Path, bytes: &[u8], rows: u64) {
    std::fs::write(path, bytes).expect("the temporary folder can be written");
    let started = Instant::now();
    let mut cells = 0u64;
    let mut floor = csv::ReaderBuilder::new().flexible(true).quoting(false).from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    while floor.read_byte_record(&mut record).expect("memory can be read") {
        cells += record.len() as u64;
    }
    let floor_ms = started.elapsed().as_millis().max(1);
    let started = Instant::now();
    let entries = connectors::open(path).expect("the file was just written");
    let mut good = 0u64;
    let closing = read_entry(&entries[0], &Options::default(), &mut |row| {
        good += u64::from(row.fact.is_ok());
        ControlFlow::Continue(())
    });
    let closing = closing.expect("the bill is whole");
    assert!(closing.checks.iter().all(|check| check.holds()), "{:?}", closing.checks);
    assert_eq!((good, closing.rows_read), (rows, rows));
    let ours_ms = started.elapsed().as_millis();
    println!(
        "{name}: {rows} rows, {} MB, {cells} cells; csv cells {floor_ms} ms, \
         typed rows {ours_ms} ms, ratio {}.{:02}",
        bytes.len() / 1_000_000,
        ours_ms / floor_ms,
        ours_ms * 100 / floor_ms % 100,
    );
}

fn wechat(rows: u64) -> Vec<u8> {
    let mut bill = format!("\u{FEFF}{HEADER}");
    for n in 0..rows {
        let (minute, second) = (n / 60 % 60, n % 60);
        let _ = write!(
            bill,
            "`2026-01-01 10:{minute:02}:{second:02},`wxd678efh567hg6787,`1900000109,`0,`,\
             `42000000002026010100{n:08},`SHOP20260101{n:010},`oSandboxUser000000000{n:07},`NATIVE,\
             `SUCCESS,`ICBC_DEBIT,`CNY,`25.00,`0.00,`0,`0,`0.00,`0.00,`,`,`拿铁\\ 大杯 少冰,`counter-1,\
             `0.15000,`0.60%,`25.00,`0.00,`\r\n"
        );
    }
    let _ = write!(
        bill,
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n\
         `{rows},`{yuan}.00,`0.00,`0.00,`{}.{:02}000,`{yuan}.00,`0.00\r\n",
        rows * 15 / 100,
        rows * 15 % 100,
        yuan = rows * 25,
    );
    bill.into_bytes()
}

fn alipay(rows: u64) -> Vec<u8> {
    let mut bill = String::from(
        "#支付宝账务明细查询\r\n#账号：[20882112345678900156]\r\n\
         #起始日期：[2026年03月05日 00:00:00]   终止日期：[2026年03月06日 00:00:00]\r\n\
         #----------账务明细列表----------\r\n\
         账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,\
         账户余额（元）,交易渠道,业务类型,备注,业务基础订单号,业务订单号,业务账单来源,业务描述\r\n",
    );
    for n in 0..rows {
        let (minute, second) = (n / 60 % 60, n % 60);
        let _ = write!(
            bill,
            "202603050003{n:013}\t,20260305220014000105{n:08}\t,R20260305{n:08}\t,拿铁 & 贝果,\
             2026-03-05 09:{minute:02}:{second:02},*小明(159****5620)\t,\
             25.50,0.00,{}.{:02},支付宝,在线支付,,\
             20260305220014000105{n:08}\t,M{{20260305220014000105{n:08}}}\t,\
             当面付,0010001|交易收款-交易收款\r\n",
            (n + 1) * 2550 / 100,
            (n + 1) * 2550 % 100,
        );
    }
    let _ = write!(
        bill,
        "#-----------------------------------------账务明细列表结束------------------------------------\r\n\
         #支出合计：0笔，共0.00元\r\n#收入合计：{rows}笔，共{}.{:02}元\r\n#导出时间：[2026年03月06日 05:50:12]\r\n",
        rows * 2550 / 100,
        rows * 2550 % 100,
    );
    encoding_rs::GB18030.encode(&bill).0.into_owned()
}
