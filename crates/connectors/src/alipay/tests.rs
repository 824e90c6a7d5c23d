use super::*;
use crate::bill::{Balances, Check, Fact, FileKind, Row};
use crate::open::{Entry, Options, open_bytes, read_entry};
use domain::{
    BalanceKind, BalanceTransaction, SettlementKind, SettlementLine, format_channel_time,
};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::ops::ControlFlow;

const TRADE_ZIP: &[u8] = include_bytes!("../../fixtures/alipay/trade.csv.zip");
const ACCOUNT_ZIP: &[u8] = include_bytes!("../../fixtures/alipay/signcustomer.csv.zip");

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    entry.reader().unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn text_of(zip: &[u8], index: usize) -> String {
    let entries = open_bytes("x", zip).unwrap();
    GB18030.decode(&bytes_of(&entries[index])).0.into_owned()
}

fn gbk(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

type Outcome = Result<(Closing, Vec<Row>), FileProblem>;

fn read(bytes: &[u8]) -> Outcome {
    read_with(bytes, &Options::default())
}

fn read_with(bytes: &[u8], options: &Options) -> Outcome {
    let mut rows = Vec::new();
    let entries = open_bytes("x", bytes)?;
    let mut closing = read_entry(&entries[0], options, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    // They tell the bytes apart, and are tried with the marks.
    closing.marks.clear();
    Ok((closing, rows))
}

fn lines(rows: &[Row]) -> Vec<&SettlementLine> {
    rows.iter()
        .map(|row| match &row.fact {
            Ok(Fact::Settlement(line)) => line,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn moves(rows: &[Row]) -> Vec<&BalanceTransaction> {
    rows.iter()
        .map(|row| match &row.fact {
            Ok(Fact::Balance(row)) => row,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn total(closing: &Closing, name: &str) -> i64 {
    closing.totals.iter().find(|(known, _)| known == name).unwrap().1
}

fn all_hold(closing: &Closing) {
    let broken: Vec<_> = closing.checks.iter().filter(|check| !check.holds()).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn the_golden_archives_are_the_published_ones() {
    for (zip, zip_digest, inside) in [
        (
            TRADE_ZIP,
            "ec857e2127e45df0cd83afb49664e21fd88a92ba4e276b4b62e41663fb3a547d",
            [
                (
                    "20882112345678900156_20260305_业务明细.csv",
                    FileKind::AlipayTrade,
                    "feb29c2fd3d47c5d2f39ec05e723b37d9649354e7ea729e336b92e06f041363b",
                ),
                (
                    "20882112345678900156_20260305_业务明细(汇总).csv",
                    FileKind::AlipayTradeSummary,
                    "467664d07d68e8cb849df354f66ce77145961396f860d5a834e632963d9fec87",
                ),
            ],
        ),
        (
            ACCOUNT_ZIP,
            "67acb53a6c023066d8dd7d7c5270a892874a3e31c8c953bc8b37095200226030",
            [
                (
                    "20882112345678900156_20260305_账务明细.csv",
                    FileKind::AlipayAccount,
                    "44a9d705838a0329c2b843b15f09429c7d2aa13d1e02c14f5ef8ac1aff3b6c26",
                ),
                (
                    "20882112345678900156_20260305_账务汇总.csv",
                    FileKind::AlipayAccountSummary,
                    "33042e843b65cd653aaab26a3b08eb8c34a2dfbf2c0a80ac71354c5746c67a53",
                ),
            ],
        ),
    ] {
        assert_eq!(digest(zip), zip_digest);
        let entries = open_bytes("bill.zip", zip).unwrap();
        assert_eq!(entries.len(), 2);
        for (entry, (name, kind, content)) in entries.iter().zip(inside) {
            assert_eq!(entry.name, name);
            assert_eq!(entry.kind.as_ref().unwrap(), &kind);
            // Twice: an entry can be read again from its start.
            assert_eq!(digest(&bytes_of(entry)), content);
            assert_eq!(digest(&bytes_of(entry)), content);
        }
    }
}

#[test]
fn every_figure_of_the_business_details_is_read() {
    let (closing, rows) = read(TRADE_ZIP).unwrap();
    all_hold(&closing);
    let lines = lines(&rows);
    let figures: Vec<_> = lines
        .iter()
        .map(|l| (l.kind, l.order_amount_minor, l.settled_minor, l.subsidy_minor, l.fee_minor))
        .collect();
    assert_eq!(
        figures,
        [
            (SettlementKind::Payment, 2550, 2550, 0, -15),
            (SettlementKind::Payment, 10000, 10000, 500, -60),
            (SettlementKind::Payment, 990, 890, 0, -5),
            (SettlementKind::Refund, -4000, -4000, 0, 24),
            (SettlementKind::Refund, -1200, -1200, 0, 7),
        ]
    );
    assert_eq!(lines[0].merchant_no, "20882112345678900156");
    assert_eq!(lines[0].goods, "拿铁 & 贝果");
    assert_eq!(lines[0].payer, "*小明(159****5620)");
    assert_eq!(lines[0].note, "S001 | 城东店");
    assert_eq!(format_channel_time(lines[3].at_ms), "2026-03-05 15:40:02");
    assert_eq!(format_channel_time(lines[3].ordered_at_ms.unwrap()), "2026-03-05 10:02:40");
    assert_eq!(lines[3].merchant_refund_id, "RF20260305000124-1");
    assert_eq!(lines[3].channel_payment_id, "2026030522001400010500000002");
    assert_eq!(lines[4].note, "S001 | 城东店 | 七天无理由");
    assert!(lines[2].extra.contains(&("券名称".into(), "满9减1".into())));
    assert_eq!(rows[0].line_no, 6);
    let codes: Vec<_> = closing.checks.iter().map(|c| (c.code.as_str(), c.expected)).collect();
    assert_eq!(
        codes,
        [
            ("count:交易合计", 3),
            ("sum:交易合计/商家实收", 13440),
            ("sum:交易合计/商家优惠", 100),
            ("count:退款合计", 2),
            ("sum:退款合计/商家实收", -5200),
            ("sum:退款合计/商家优惠", 0),
            ("row_count", 5),
        ]
    );
    assert_eq!(closing.account_no.as_deref(), Some("20882112345678900156"));
    assert_eq!(
        closing.days.map(|(a, b)| (a.to_string(), b.to_string())),
        Some(("2026-03-05".into(), "2026-03-05".into()))
    );
    assert!(closing.days_announced);
    assert_eq!((total(&closing, "net"), total(&closing, "net_as_printed")), (8191, 8191));
}

#[test]
fn details_agree_with_the_summaries_beside_them() {
    for (zip, expected) in [(TRADE_ZIP, 8), (ACCOUNT_ZIP, 5)] {
        let entries = open_bytes("x", zip).unwrap();
        let options = Options::default();
        let mut sink = |_| ControlFlow::Continue(());
        let details = read_entry(&entries[0], &options, &mut sink).unwrap();
        let summary = read_entry(&entries[1], &options, &mut sink).unwrap();
        all_hold(&summary);
        let checks = compare(&details, &summary);
        assert_eq!(checks.len(), expected, "{checks:?}");
        assert!(checks.iter().all(Check::holds), "{checks:?}");
        assert_eq!(summary.rows_read, 0);
    }
    let summary = open_bytes("x", TRADE_ZIP).unwrap();
    let closing =
        read_entry(&summary[1], &Options::default(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((total(&closing, "net"), total(&closing, "all_fees")), (8191, -49));
}

#[test]
fn a_file_with_unsigned_fees_is_read_by_the_effect_of_its_rows() {
    let bill = text_of(TRADE_ZIP, 0).replace(",-0.15,", ",0.15,").replace(",-0.60,", ",0.60,");
    let (closing, rows) = read(&gbk(&bill)).unwrap();
    assert_eq!(lines(&rows).iter().map(|l| l.fee_minor).sum::<i64>(), -49);
    assert_eq!((total(&closing, "net"), total(&closing, "net_as_printed")), (8191, 8341));
    let options = Options { fee_signs: FeeSigns::AsPrinted, ..Options::default() };
    let (_, rows) = read_with(&gbk(&bill), &options).unwrap();
    assert_eq!(lines(&rows)[0].fee_minor, 15);
}

#[test]
fn wider_layouts_are_read_by_name_and_a_printed_net_settles_the_fee_sign() {
    let bill = "#支付宝业务明细查询\n#账号：[20882112345678900156]\n\
        #起始日期：[2026年03月05日 00:00:00]   终止日期：[2026年03月06日 00:00:00]\n#---业务明细列表---\n\
        支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,订单金额(元),商家实收(元),集分宝抵扣（元）,\
        服务费（元）,实收净额（元）,商户识别号,交易方式,备注,花呗分期手续费,花呗分期数\n\
        2026030522001400010500000001\t,A1\t,交易\t,茶,2026/3/5 9:31,2026/3/5 9:31,\
        10,10.0,0.00,0.06,10.06,\
        2088211234567890,无线支付,,0.00,3\n\
        #---业务明细列表结束---\n#交易合计：1笔，商家实收共10.00元，商家优惠共0.00元\n\
        #退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元\n#导出时间：[2026年03月06日 05:46:49]";
    let (closing, rows) = read(&gbk(bill)).unwrap();
    all_hold(&closing);
    let line = lines(&rows)[0];
    assert_eq!((line.settled_minor, line.fee_minor, line.scene.as_str()), (1000, 6, "无线支付"));
    assert_eq!(format_channel_time(line.at_ms), "2026-03-05 09:31:00");
    assert!(line.extra.contains(&("花呗分期数".into(), "3".into())));
    assert!(closing.unknown_columns.is_empty());
    let (closing, _) = read(&gbk(&bill.replace(",0.06,10.06,", ",0.06,9.94,"))).unwrap();
    all_hold(&closing);
    assert_eq!(total(&closing, "fees"), -6);
}

#[test]
fn commas_in_goods_and_remark_are_joined_again() {
    let bill = text_of(TRADE_ZIP, 0)
        .replace("拿铁 & 贝果", "拿铁, 大杯,热 & 贝果")
        .replace("七天无理由", "七天,无,理由");
    let (closing, rows) = read(&gbk(&bill)).unwrap();
    all_hold(&closing);
    let lines = lines(&rows);
    assert_eq!(lines[0].goods, "拿铁, 大杯,热 & 贝果");
    assert!(lines[4].note.ends_with("七天,无,理由"));
    let bill = text_of(ACCOUNT_ZIP, 0)
        .replace("礼盒A,", "礼盒,A,")
        .replace("服务费[2026030522001400010500000001]", "服务费,[2026030522001400010500000001]");
    let (closing, rows) = read(&gbk(&bill)).unwrap();
    all_hold(&closing);
    assert_eq!(moves(&rows)[1].remark, "服务费,[2026030522001400010500000001]");
    assert!(moves(&rows)[2].extra.contains(&("商品名称".into(), "礼盒,A".into())));
}

#[test]
fn every_figure_of_the_account_details_is_read() {
    use BalanceKind::{Payment, PaymentFee, Payout, Refund, RefundFee};
    let (closing, rows) = read(ACCOUNT_ZIP).unwrap();
    all_hold(&closing);
    let moves = moves(&rows);
    let figures: Vec<_> =
        moves.iter().map(|m| (m.kind, m.amount_minor, m.balance_after_minor.unwrap())).collect();
    assert_eq!(
        figures,
        [
            (Payment, 2550, 102_550),
            (PaymentFee, -15, 102_535),
            (Payment, 10000, 112_535),
            (PaymentFee, -60, 112_475),
            (Payment, 890, 113_365),
            (PaymentFee, -5, 113_360),
            (Refund, -4000, 109_360),
            (RefundFee, 24, 109_384),
            (Refund, -1200, 108_184),
            (RefundFee, 7, 108_191),
            (Payout, -100_000, 8_191),
        ]
    );
    for row in &moves[..10] {
        assert_eq!(row.payment_ref.len(), 28, "{row:?}");
    }
    assert_eq!(moves[6].merchant_ref, "RF20260305000124-1");
    assert_eq!(moves[7].merchant_ref, "RF20260305000124-1");
    assert!(moves[6].extra.contains(&("商户订单号".into(), "R20260305000124".into())));
    assert_eq!(moves[10].payment_ref, "");
    assert_eq!(moves[10].channel_ref, "20260305110070001502560000012345");
    assert_eq!(moves[10].counterparty, "中国工商银行(1234)");
    assert_eq!(moves[0].ledger_ref, "2026030500032000000000001");
    assert_eq!(closing.balances, Balances::yuan(Some((100_000, 8_191))));
    assert_eq!((total(&closing, "in_amount"), total(&closing, "out_amount")), (13_471, -105_280));
    assert_eq!(total(&closing, "unknown_kinds"), 0);
}

#[test]
fn all_three_column_orders_of_the_account_bill_give_the_same_rows() {
    let rows = |header: &str, row: &str| {
        let bill = format!(
            "#支付宝账务明细查询\n#账号：[20882112345678900156],,,\n#起始日期：[2026年03月05日 00:00:00]   \
             终止日期：[2026年03月06日 00:00:00],,,\n#---账务明细列表---,,,\n{header}\n{row}\n\
             #----------------------------------------账务明细列表结束\
             -------------------------------------,,,\n\
             #支出合计：1笔，共0.15元\n#收入合计：0笔，共0.00元\n#导出时间：[2026年03月06日 05:50:12]\n"
        );
        let (closing, rows) = read(&gbk(&bill)).unwrap();
        all_hold(&closing);
        let mut row = moves(&rows)[0].clone();
        row.extra.clear();
        row.kind_text.clear();
        row
    };
    let classic = rows(
        "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注",
        "L1 ,2026030522001400010500000001\t,R1\t,茶,2026-03-05 09:31:11,\
         *明 ,0.00,-0.15,9.85,支付宝,收费,服务费[2026030522001400010500000001]",
    );
    let newer = rows(
        "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,\
         收入金额(+元),支出金额(-元),账户余额(元),交易渠道,业务类型,备注,\
         业务基础订单号,业务订单号,业务账单来源,业务描述",
        "L1,2026030522001400010500000001,R1,茶,2026-03-05 09:31:11,\
         *明,,0.15,9.85,支付宝,收费,服务费[2026030522001400010500000001],\
         2026030522001400010500000001,,当面付,0030003|技术费",
    );
    let other = rows(
        "账务流水号,业务流水号,商品名称,发生时间,收入金额（＋元）,支出金额（－元）,账户余额（元）,交易渠道,业务类型,备注,商户订单号,对方账号",
        "L1,2026030522001400010500000001,茶,2026/3/5 9:31:11,\
         0.00,-0.15,9.85,支付宝,收费,服务费[2026030522001400010500000001],R1,*明",
    );
    assert_eq!(classic, newer);
    assert_eq!(classic, other);
    assert_eq!((classic.kind, classic.amount_minor), (BalanceKind::PaymentFee, -15));
    assert_eq!(classic.payment_ref, "2026030522001400010500000001");
}

#[test]
fn every_expected_word_has_its_kind() {
    let table = kinds::table();
    let kind = |code: &str, word: &str, remark: &str, amount_minor: i64, of_payment: bool| {
        let name = "";
        table.kind(&crate::kinds::Words { code, name, word, remark, amount_minor, of_payment })
    };
    for (word, remark, amount, of_payment, expected) in [
        ("在线支付", "", 1, true, BalanceKind::Payment),
        ("收费", "服务费[2026030522001400010500000001]", -1, true, BalanceKind::PaymentFee),
        ("收费", "技术服务费", -1, false, BalanceKind::AccountCharge),
        ("交易退款", "", -1, true, BalanceKind::Refund),
        ("退费", "", 1, true, BalanceKind::RefundFee),
        ("提现", "T+1到账", -1, false, BalanceKind::Payout),
        ("其它", "提现退回", 1, false, BalanceKind::PayoutReturned),
        ("其它", "活动奖励", 1, false, BalanceKind::Unknown),
        ("充值", "", 1, false, BalanceKind::TopUp),
        ("转账", "货款", -1, false, BalanceKind::TransferOut),
        ("分账", "", -1, true, BalanceKind::SplitPaid),
        ("分账退回", "", 1, true, BalanceKind::SplitReturned),
        ("冻结", "", -1, false, BalanceKind::Frozen),
        ("解冻", "", 1, false, BalanceKind::Unfrozen),
    ] {
        assert_eq!(kind("", word, remark, amount, of_payment), expected, "{word} {remark}");
    }
    assert_eq!(kind("0020011", "新名字", "", -1, true), BalanceKind::Refund);
    assert_eq!(kind("9999999", "新名字", "", -1, true), BalanceKind::Unknown);
}

#[test]
fn a_bill_cut_anywhere_never_passes_with_other_figures() {
    for (zip, index) in [(TRADE_ZIP, 0), (TRADE_ZIP, 1), (ACCOUNT_ZIP, 0), (ACCOUNT_ZIP, 1)] {
        let whole = bytes_of(&open_bytes("x", zip).unwrap()[index]);
        let expected = read(&whole).unwrap();
        for cut in 0..whole.len() {
            if let Ok(mut found) = read(&whole[..cut]) {
                // The last line says when the file was made: lost, it is absent, never another.
                if found.0.issued_at_ms.is_none() {
                    found.0.issued_at_ms = expected.0.issued_at_ms;
                }
                assert_eq!(found, expected, "cut at {cut} of {}", whole.len());
            }
        }
    }
}

#[test]
fn an_archive_cut_anywhere_never_panics() {
    for cut in 0..ACCOUNT_ZIP.len() {
        if let Ok(entries) = open_bytes("x", &ACCOUNT_ZIP[..cut]) {
            for entry in &entries {
                let _ = read_entry(entry, &Options::default(), &mut |_| ControlFlow::Continue(()));
            }
        }
    }
}

#[test]
fn bytes_that_are_not_gb18030_are_refused_with_their_line() {
    let mut bytes = bytes_of(&open_bytes("x", TRADE_ZIP).unwrap()[0]);
    let row = bytes.windows(4).position(|window| window == b"0001").unwrap();
    let at = row + bytes[row..].iter().position(|byte| !byte.is_ascii()).unwrap();
    bytes[at] = 0xFF;
    let problem = read(&bytes).unwrap_err();
    assert!(
        matches!(problem, FileProblem::Encoding { line_no: 6, encoding: "GB18030" }),
        "{problem:?}"
    );
}

#[test]
fn a_file_saved_again_as_utf_8_is_still_read() {
    let text = text_of(TRADE_ZIP, 0);
    let expected = read(TRADE_ZIP).unwrap();
    assert_eq!(read(text.as_bytes()).unwrap(), expected);
    assert_eq!(
        read(format!("\u{FEFF}{}", text.replace("\r\n", "\n")).as_bytes()).unwrap(),
        expected
    );
}
