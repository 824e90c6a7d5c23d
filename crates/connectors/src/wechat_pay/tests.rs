use super::*;
use crate::bill::{Balances, Fact, Row};
use domain::{BalanceKind, BalanceTransaction, FundAccount, SettlementKind, SettlementLine};
use domain::{SettlementStatus, format_channel_time};
use std::ops::ControlFlow;

const ALL: &[u8] = include_bytes!("../../fixtures/wechat_pay/trade_all.csv");
const REFUND: &[u8] = include_bytes!("../../fixtures/wechat_pay/trade_refund.csv");
const FUND_1: &[u8] = include_bytes!("../../fixtures/wechat_pay/fund_basic_1.csv");
const FUND_2: &[u8] = include_bytes!("../../fixtures/wechat_pay/fund_basic_2.csv");

type Outcome = Result<(Closing, Vec<Row>), FileProblem>;

fn trade(bytes: &[u8]) -> Outcome {
    let mut rows = Vec::new();
    let mut reader = bytes;
    let closing = trade_bill::read(&mut reader, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok((closing, rows))
}

fn fund(bytes: &[u8]) -> Outcome {
    let mut rows = Vec::new();
    let mut reader = bytes;
    let closing = fund_bill::read(&mut reader, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
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

fn checks(closing: &Closing) -> Vec<(&str, i64, i64)> {
    closing.checks.iter().map(|c| (c.code.as_str(), c.expected, c.found)).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_figure_of_the_all_bill_is_read() {
    let (closing, rows) = trade(ALL).unwrap();
    assert_eq!(rows.iter().map(|row| row.line_no).collect::<Vec<_>>(), [2, 3, 4]);
    let lines = lines(&rows);
    let sale = lines[0];
    assert_eq!(format_channel_time(sale.at_ms), "2026-01-01 10:02:11");
    assert_eq!(sale.kind, SettlementKind::Payment);
    assert_eq!(sale.merchant_no, "1900000109");
    assert_eq!(sale.channel_payment_id, "4200000000202601010000000001");
    assert_eq!(sale.merchant_order_id, "SHOP20260101000001");
    assert_eq!((sale.channel_refund_id.as_str(), sale.merchant_refund_id.as_str()), ("", ""));
    assert_eq!((sale.order_amount_minor, sale.settled_minor, sale.subsidy_minor), (1000, 1000, 0));
    assert_eq!((sale.fee_minor, sale.fee_rate_ppm, sale.net_minor()), (-6, Some(6000), 994));
    assert_eq!((sale.scene.as_str(), sale.paying_bank.as_str()), ("NATIVE", "OTHERS"));
    assert_eq!((sale.payer.as_str(), sale.goods.as_str()), ("oSandboxUser0001", "拿铁\\ 大杯"));
    assert_eq!((sale.note.as_str(), sale.extra.len()), ("counter-1", 0));
    assert_eq!((lines[1].settled_minor, lines[1].fee_minor), (2500, -15));
    let refund = lines[2];
    assert_eq!(refund.kind, SettlementKind::Refund);
    assert_eq!(refund.channel_refund_id, "50300000002026010100000000001");
    assert_eq!(refund.merchant_refund_id, "RF20260101000001");
    assert_eq!(
        (refund.order_amount_minor, refund.settled_minor, refund.fee_minor),
        (-300, -300, 2)
    );
    assert_eq!(
        (refund.status, refund.status_text.as_str()),
        (SettlementStatus::Succeeded, "SUCCESS")
    );
    assert_eq!(refund.extra, [("退款类型".to_string(), "ORIGINAL".to_string())]);
    assert_eq!(
        checks(&closing),
        [
            ("row_count", 3, 3),
            ("sum:应结订单总金额", 3500, 3500),
            ("sum:退款总金额", 300, 300),
            ("sum:充值券退款总金额", 0, 0),
            ("sum:手续费总金额", 19, 19),
            ("sum:订单总金额", 3500, 3500),
            ("sum:申请退款总金额", 300, 300),
        ]
    );
    assert_eq!(closing.account_no.as_deref(), Some("1900000109"));
    assert_eq!(closing.days.unwrap().0.to_string(), "2026-01-01");
    assert_eq!((total(&closing, "fees"), total(&closing, "fees_returned")), (-21, 2));
    assert!(closing.unknown_columns.is_empty());
}

#[test]
fn a_refund_bill_says_when_the_refund_succeeded() {
    let (closing, rows) = trade(REFUND).unwrap();
    let refund = lines(&rows)[0];
    assert_eq!(format_channel_time(refund.at_ms), "2026-01-01 15:20:03");
    assert_eq!(format_channel_time(refund.refunded_at_ms.unwrap()), "2026-01-01 15:20:06");
    assert!(closing.checks.iter().all(Check::holds));
}

#[test]
fn bom_line_ends_and_blank_lines_change_nothing() {
    let plain = text(ALL).trim_start_matches('\u{FEFF}').replace("\r\n", "\n");
    let expected = trade(ALL).unwrap();
    assert_eq!(trade(plain.as_bytes()).unwrap(), expected);
    assert_eq!(trade(plain.trim_end().as_bytes()).unwrap(), expected);
}

#[test]
fn a_payments_bill_reads_its_own_summary_even_in_the_long_form() {
    let header = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,\
                  交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,商品名称,商户数据包,\
                  手续费,费率,订单金额,费率备注";
    let row = "`2026-01-01 10:02:11,`wx1,`1900000109,`0,`T9,`4200000000202601010000000001,`S1,`o1,\
               `NATIVE,`SUCCESS,`OTHERS,`CNY,`9.00,`1.00,`拿铁,`,`0.05000,`0.60%,`10.00,`活动";
    for (names, values) in [
        ("总交易单数,应结订单总金额,手续费总金额,订单总金额", "`1.0,`9.0,`0.05000,`10.00"),
        (
            "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
            "`1,`9.00,`7.00,`0.0,`0.05,`10.00,`7.00",
        ),
    ] {
        let (closing, rows) =
            trade(format!("{header}\n{row}\n{names}\n{values}\n").as_bytes()).unwrap();
        assert!(closing.checks.iter().all(Check::holds), "{:?}", closing.checks);
        assert_eq!(closing.checks.len(), 4);
        let sale = lines(&rows)[0];
        assert_eq!(
            (sale.order_amount_minor, sale.settled_minor, sale.subsidy_minor),
            (1000, 900, 100)
        );
        assert_eq!(sale.note, "T9");
        assert_eq!(sale.extra, [("费率备注".to_string(), "活动".to_string())]);
    }
}

#[test]
fn the_old_layout_is_read_under_all_its_names() {
    for (coupon, returned) in
        [("代金券或立减优惠金额", "代金券或立减优惠退款金额"), ("企业红包金额", "企业红包退款金额")]
    {
        let bill = format!(
            "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,\
             付款银行,货币种类,总金额,{coupon},微信退款单号,商户退款单号,退款金额,{returned},退款类型,\
             退款状态,商品名称,商户数据包,手续费,费率\n\
             `2017-01-01 10:00:00,`wx1,`1900000109,`0,`,`4001,`S1,`o1,\
             `JSAPI,`SUCCESS,`CMB_DEBIT,`CNY,\
             `6.00,`0.00,`0,`0,`0.00,`0.00,`,`,`茶,`,`0.04000,`0.60%\n\
             `2017-01-01 11:00:00,`wx1,`1900000109,`0,`,`4001,`S1,`o1,\
             `JSAPI,`REFUND,`CMB_DEBIT,`CNY,\
             `0.00,`0.00,`2001,`R1,`6.00,`0.00,`ORIGINAL,`PROCESSING,`茶,`,`-0.04000,`0.60%\n\
             总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额\n\
             `2.0,`6.0,`6.0,`0.0,`0.00000\n"
        );
        let (closing, rows) = trade(bill.as_bytes()).unwrap();
        assert!(closing.checks.len() == 5 && closing.checks.iter().all(Check::holds));
        assert!(closing.unknown_columns.is_empty());
        let lines = lines(&rows);
        assert_eq!((lines[0].order_amount_minor, lines[0].settled_minor), (600, 600));
        assert_eq!((lines[1].order_amount_minor, lines[1].settled_minor), (-600, -600));
        assert_eq!(lines[1].status, SettlementStatus::Pending);
    }
}

#[test]
fn stray_commas_and_new_columns_do_not_shift_a_row() {
    let bill = text(ALL)
        .replace("`拿铁\\ 大杯", "`拿铁, 大杯, 热")
        .replace("费率备注\r\n", "费率备注,新列\r\n")
        .replace(",`\r\n", ",`,`新值\r\n");
    let (closing, rows) = trade(bill.as_bytes()).unwrap();
    assert_eq!(closing.unknown_columns, ["新列"]);
    assert!(closing.checks.iter().all(Check::holds));
    let lines = lines(&rows);
    assert_eq!(lines[0].goods, "拿铁, 大杯, 热");
    assert_eq!(lines[0].extra, [("新列".to_string(), "新值".to_string())]);
}

#[test]
fn a_bad_row_is_handed_on_with_its_line_and_the_file_goes_on() {
    let bill = text(ALL).replace("`25.00,`0.00,`0,`0", "`25.0O,`0.00,`0,`0");
    let (closing, rows) = trade(bill.as_bytes()).unwrap();
    let problem = rows[1].fact.as_ref().unwrap_err();
    assert_eq!((problem.code, rows[1].line_no), ("bad_amount", 3));
    assert_eq!(problem.detail, "应结订单金额: 25.0O");
    assert!(problem.raw.starts_with("`2026-01-01 11:40:57"));
    assert_eq!(rows.len(), 3);
    let broken: Vec<_> = closing.checks.iter().filter(|check| !check.holds()).collect();
    assert_eq!(broken.len(), 1);
    assert_eq!((broken[0].code.as_str(), broken[0].found), ("sum:应结订单总金额", 1000));
    let header = text(ALL).trim_start_matches('\u{FEFF}').lines().next().unwrap().to_string();
    let mended = trade_bill::replay(&header, &problem.raw.replace("25.0O", "25.00")).unwrap();
    assert!(matches!(mended, Fact::Settlement(line) if line.settled_minor == 2500));
}

#[test]
fn each_kind_of_broken_row_has_its_code() {
    for (from, to, code) in [
        ("`2026-01-01 11:40:57", "`2026-02-30 11:40:57", "bad_time"),
        ("`2026-01-01 11:40:57", "2026-01-01 11:40:57", "bad_row"),
        ("`NATIVE,`SUCCESS,`ICBC", "`NATIVE,`WAITING,`ICBC", "unknown_state"),
        ("`ICBC_DEBIT,`CNY", "`ICBC_DEBIT,`USD", "bad_currency"),
        ("`ICBC_DEBIT,`CNY", "`ICBC_DEBIT", "too_few_columns"),
        ("`ICBC_DEBIT,`CNY", "`ICBC_DEBIT,`CNY,`CNY", "too_many_columns"),
        ("`0.15000,`0.60%", "`0.15000,`0.60", "bad_rate"),
        ("`4200000000202601010000000002,", "`,", "missing_number"),
    ] {
        let (closing, rows) = trade(text(ALL).replace(from, to).as_bytes()).unwrap();
        assert_eq!(rows[1].fact.as_ref().unwrap_err().code, code, "{to}");
        assert_eq!(closing.rows_read, 3);
    }
}

#[test]
fn a_bill_cut_anywhere_is_refused_or_proves_itself_complete() {
    for (bytes, read) in
        [(ALL, trade as fn(&[u8]) -> Outcome), (REFUND, trade), (FUND_1, fund), (FUND_2, fund)]
    {
        let expected = read(bytes).unwrap();
        for cut in 0..bytes.len() {
            match read(&bytes[..cut]) {
                Err(_) => {}
                // Only the line end or zeros after the point may be missing.
                Ok(found) => assert_eq!(found, expected, "cut at {cut}"),
            }
        }
    }
}

#[test]
fn a_bill_in_another_encoding_is_refused_with_its_line() {
    let (gbk, _, _) = encoding_rs::GBK.encode(std::str::from_utf8(&ALL[3..]).unwrap());
    assert!(matches!(trade(&gbk), Err(FileProblem::Encoding { line_no: 1, encoding: "UTF-8" })));
    let mut late = ALL.to_vec();
    let at = late.windows(6).position(|window| window == "蛋糕".as_bytes()).unwrap();
    late[at] = 0xFF;
    assert!(matches!(trade(&late), Err(FileProblem::Encoding { line_no: 3, .. })));
}

#[test]
fn two_bills_pasted_together_are_refused() {
    let twice = [ALL, ALL].concat();
    assert!(matches!(trade(&twice), Err(FileProblem::Damaged { .. })));
}

#[test]
fn the_reader_stops_when_the_sink_says_so() {
    let mut reader = ALL;
    let stopped = trade_bill::read(&mut reader, &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(FileProblem::Stopped)));
}

#[test]
fn every_figure_of_the_fund_bill_is_read() {
    let (closing, rows) = fund(FUND_1).unwrap();
    let moves = moves(&rows);
    let kinds: Vec<_> = moves.iter().map(|row| (row.kind, row.amount_minor)).collect();
    assert_eq!(
        kinds,
        [
            (BalanceKind::Payment, 1000),
            (BalanceKind::PaymentFee, -6),
            (BalanceKind::Payment, 2500),
            (BalanceKind::PaymentFee, -15),
            (BalanceKind::Refund, -298),
        ]
    );
    let balances: Vec<_> = moves.iter().filter_map(|row| row.balance_after_minor).collect();
    assert_eq!(balances, [1000, 994, 3494, 3479, 3181]);
    assert_eq!(moves[1].payment_ref, "4200000000202601010000000001");
    assert_eq!((moves[1].remark_total_minor, moves[1].remark_fee_minor), (Some(-1000), Some(6)));
    assert_eq!(moves[1].kind_text, "交易/扣除交易手续费");
    let refund = moves[4];
    assert_eq!(refund.channel_ref, "50300000002026010100000000001");
    assert_eq!(refund.payment_ref, "4200000000202601010000000001");
    assert_eq!((refund.remark_total_minor, refund.remark_fee_minor), (Some(-300), Some(2)));
    assert_eq!(
        (refund.merchant_ref.as_str(), refund.submitter.as_str()),
        ("RF20260101000001", "1900000109API")
    );
    assert_eq!(
        checks(&closing),
        [
            ("row_count", 5, 5),
            ("count:收入笔数", 2, 2),
            ("sum:收入金额", 3500, 3500),
            ("count:支出笔数", 3, 3),
            ("sum:支出金额", 319, 319),
            ("running_balance", 3181, 3181),
        ]
    );
    assert_eq!(closing.balances, Balances::yuan(Some((0, 3181))));
    assert_eq!(closing.account_no.as_deref(), Some("1900000109"));
    assert_eq!(closing.fund_account, Some(FundAccount::Basic));
}

#[test]
fn a_payout_row_names_the_merchant_by_its_ledger_number() {
    let (closing, rows) = fund(FUND_2).unwrap();
    let payout = moves(&rows)[0];
    assert_eq!(
        (payout.kind, payout.amount_minor, payout.payment_ref.as_str()),
        (BalanceKind::Payout, -3181, "")
    );
    assert_eq!(closing.account_no.as_deref(), Some("1900000109"));
    assert_eq!(closing.balances, Balances::yuan(Some((3181, 0))));
}

#[test]
fn full_width_brackets_in_the_header_are_the_same_columns() {
    let bill = text(FUND_1).replace("(元)", "（元）");
    let (closing, rows) = fund(bill.as_bytes()).unwrap();
    assert_eq!(rows, fund(FUND_1).unwrap().1);
    assert!(closing.unknown_columns.is_empty() && closing.checks.iter().all(Check::holds));
}

#[test]
fn a_missing_fund_row_is_named_by_the_line_after_it() {
    let bill: String = text(FUND_1)
        .split_inclusive('\n')
        .enumerate()
        .filter(|(index, _)| *index != 2)
        .map(|(_, line)| line)
        .collect();
    let (closing, _) = fund(bill.as_bytes()).unwrap();
    let chain = closing.checks.iter().find(|check| check.code == RUNNING_BALANCE).unwrap();
    assert_eq!((chain.expected, chain.found, chain.line_no), (3494, 3500, Some(3)));
    assert_eq!(total(&closing, "balance_breaks"), 1);
    assert!(closing.checks.iter().any(|check| check.code == "row_count" && !check.holds()));
}

#[test]
fn submitters_that_contradict_each_other_name_no_merchant() {
    let other = text(FUND_1).replacen("`system", "`boss@1900000110", 1);
    assert_eq!(fund(other.as_bytes()).unwrap().0.account_no, None);
    let staff = text(FUND_1).replace("1900000109API", "@1900000109");
    assert_eq!(fund(staff.as_bytes()).unwrap().0.account_no.as_deref(), Some("1900000109"));
}

#[test]
fn the_account_of_a_fund_bill_is_told_by_its_rows() {
    let header = text(FUND_2).lines().next().unwrap().to_string();
    let account = |name: &str, word: &str| {
        let bill = format!(
            "{header}\n`2026-01-02 10:00:00,`1,`2,`{name},`{word},`支出,`1.00,`9.00,`system,`,`\n\
             资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`1,`0,`0.00,`1,`1.00\n"
        );
        let (closing, rows) = fund(bill.as_bytes()).unwrap();
        (closing.fund_account.unwrap(), moves(&rows)[0].kind)
    };
    assert_eq!(account("企业付款", "企业付款"), (FundAccount::Operation, BalanceKind::TransferOut));
    assert_eq!(account("交易", "扣除交易手续费"), (FundAccount::Fees, BalanceKind::PaymentFee));
    assert_eq!(account("充值/提现", "自动提现"), (FundAccount::Basic, BalanceKind::Payout));
    assert_eq!(account("赠险", "保费"), (FundAccount::Basic, BalanceKind::Unknown));
}

#[test]
fn every_expected_word_has_its_kind_and_a_contradicting_one_none() {
    let table = kinds::table();
    let kind = |name: &str, word: &str, amount_minor: i64| {
        table.kind(&crate::kinds::Words { name, word, amount_minor, ..Default::default() })
    };
    for (name, word, amount, expected) in [
        ("交易", "交易", 1, BalanceKind::Payment),
        ("交易", "扣除交易手续费", -1, BalanceKind::PaymentFee),
        ("退款", "退款", -1, BalanceKind::Refund),
        ("退款", "退还交易手续费", 1, BalanceKind::RefundFee),
        ("退款", "退款关闭", 1, BalanceKind::RefundClosed),
        ("充值/提现", "提现", -1, BalanceKind::Payout),
        ("充值/提现", "自动提现", -1, BalanceKind::Payout),
        ("充值/提现", "提现退回", 1, BalanceKind::PayoutReturned),
        ("充值/提现", "充值", 1, BalanceKind::TopUp),
        ("充值/提现", "扫码充值", 1, BalanceKind::TopUp),
        ("分账", "分账", -1, BalanceKind::SplitPaid),
        ("分账", "分账回退", 1, BalanceKind::SplitReturned),
        ("冻结", "资金冻结", -1, BalanceKind::Held),
        ("冻结", "资金解冻", 1, BalanceKind::Released),
        ("账户", "技术服务费", -1, BalanceKind::AccountCharge),
        ("账户", "工具服务费", -1, BalanceKind::AccountCharge),
        ("企业付款", "企业付款", -1, BalanceKind::TransferOut),
        ("调账", "调账", 1, BalanceKind::Adjustment),
        ("交易", "交易", -1, BalanceKind::Unknown),
        ("红包", "红包", -1, BalanceKind::Unknown),
    ] {
        assert_eq!(kind(name, word, amount), expected, "{name}/{word}");
    }
}

#[test]
fn a_book_may_teach_a_word_of_its_own() {
    let mut table = kinds::table();
    table.add(crate::KindRule::word("提现", crate::Flow::Out, BalanceKind::Adjustment));
    let mut kind = None;
    let mut reader = FUND_2;
    fund_bill::read_with(&mut reader, &table, &mut |row| {
        if let Ok(Fact::Balance(row)) = row.fact {
            kind = Some(row.kind);
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(kind, Some(BalanceKind::Adjustment));
}
