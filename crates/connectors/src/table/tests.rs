use super::*;
use crate::bill::{Balances, Row, TableTarget};
use domain::{BankLine, Channel, OrderStatus, parse_channel_time};
use proptest::prelude::*;

const ORDERS: &str = include_str!("../../fixtures/table/orders.csv");

const REFUNDS: &str = include_str!("../../fixtures/table/refunds.csv");

const BANK: &str = include_str!("../../fixtures/table/bank.csv");

type Read = (Closing, Vec<Row>);

fn read_with(text: &[u8], mapping: &Mapping) -> Result<Read, FileProblem> {
    let mut rows = Vec::new();
    let mut source = text;
    let closing = read(&mut source, mapping, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok((closing, rows))
}

fn look(text: &[u8]) -> Preview {
    let mut source = text;
    preview(&mut source, &ReadOptions::default()).unwrap()
}

/// Previews, checks the confidence, reads by the suggestion.
fn read_suggested(text: &[u8], confidence: Confidence) -> (Suggestion, Read) {
    let seen = look(text);
    let suggestion = seen.suggestion.expect("a suggestion");
    assert_eq!(suggestion.confidence, confidence, "{:?}", suggestion.mapping);
    let read = read_with(text, &suggestion.mapping).unwrap();
    (suggestion, read)
}

fn bank_lines(rows: &[Row]) -> Vec<BankLine> {
    rows.iter()
        .map(|row| match &row.fact {
            Ok(Fact::Bank(line)) => line.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn problem_codes(rows: &[Row]) -> Vec<(u32, &'static str)> {
    let bad = |row: &Row| row.fact.as_ref().err().map(|problem| (row.line_no, problem.code));
    rows.iter().filter_map(bad).collect()
}

#[test]
fn our_own_tables_are_read_without_a_question() {
    let (_, (closing, rows)) = read_suggested(ORDERS.as_bytes(), Confidence::Certain);
    assert_eq!(closing.rows_read, 3);
    let Ok(Fact::Order(order)) = &rows[0].fact else { panic!("{:?}", rows[0]) };
    assert_eq!(order.merchant_order_id, "SO1");
    assert_eq!(order.amount_minor, 123_405);
    assert_eq!(order.status, OrderStatus::Paid);
    assert_eq!(order.channel, Some(Channel::WechatPay));
    assert_eq!(order.goods, "茶,\"红\"");
    assert_eq!(Some(order.ordered_at_ms), parse_channel_time("2026-04-14 23:50:01"));
    let Ok(Fact::Order(closed)) = &rows[1].fact else { panic!("{:?}", rows[1]) };
    assert_eq!((closed.status, closed.paid_at_ms), (OrderStatus::Closed, None));
    assert_eq!(closed.closed_at_ms, parse_channel_time("2026-04-15 08:15:00"));
    let Ok(Fact::Order(cash)) = &rows[2].fact else { panic!("{:?}", rows[2]) };
    assert_eq!(cash.channel, None);
    assert_eq!(cash.extra, [("支付渠道".to_string(), "现金".to_string())]);

    let (_, (_, rows)) = read_suggested(REFUNDS.as_bytes(), Confidence::Certain);
    let Ok(Fact::Refund(refund)) = &rows[0].fact else { panic!("{:?}", rows[0]) };
    assert_eq!((refund.merchant_refund_id.as_str(), refund.amount_minor), ("RF1", 3405));
    assert_eq!(refund.status_text, "已退款");

    let (_, (closing, rows)) = read_suggested(BANK.as_bytes(), Confidence::Certain);
    let lines = bank_lines(&rows);
    assert_eq!(lines[0].amount_minor, 100_000);
    assert_eq!(lines[1].amount_minor, -25_050);
    assert_eq!(lines[0].memo, "0415_1900000109");
    assert_eq!(lines[0].bank_ref, "B1");
    assert_eq!(lines[0].booked_at_ms, parse_channel_time("2026-04-15 05:10:00"));
    assert_eq!(closing.account_no.as_deref(), Some("6222020000001234567"));
    assert_eq!(closing.balances, Balances::yuan(Some((200_000, 274_950))));
    assert!(closing.checks.iter().all(crate::bill::Check::holds));
    assert_eq!(closing.checks[0].code, "running_balance");
}

#[test]
fn a_header_with_one_more_column_is_no_longer_certain() {
    let text = ORDERS.replacen("订单号", "备注,订单号", 1).replace("\nSO", "\nx,SO");
    let (_, (closing, rows)) = read_suggested(text.as_bytes(), Confidence::Likely);
    assert_eq!(closing.unknown_columns, ["备注"]);
    let Ok(Fact::Order(order)) = &rows[0].fact else { panic!("{:?}", rows[0]) };
    assert_eq!(order.extra, [("备注".to_string(), "x".to_string())]);
}

#[test]
fn an_icbc_statement_in_gbk_with_preamble_and_footer_is_read() {
    let text = include_str!("../../fixtures/table/icbc-business.csv");
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    let seen = look(&bytes);
    assert_eq!(seen.encoding, TextEncoding::Gb18030);
    let (suggestion, (closing, rows)) = read_suggested(&bytes, Confidence::Likely);
    assert_eq!(suggestion.mapping.name, "icbc_business");
    let lines = bank_lines(&rows);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].amount_minor, 1_234_567);
    assert_eq!(lines[0].memo, "跨行转账 0415_1900000109");
    assert_eq!(lines[0].counterparty, "财付通支付科技有限公司");
    assert_eq!(lines[1].memo, "转账 货款 附言");
    assert_eq!(rows[0].line_no, 4);
    assert_eq!(closing.balances, Balances::yuan(Some((1_000_000, 2_034_567))));
    assert!(closing.checks[0].holds());
}

#[test]
fn a_cmb_statement_newest_first_with_its_account_above_is_read() {
    let text = include_str!("../../fixtures/table/cmb-personal.csv");
    let (_, (closing, rows)) = read_suggested(text.as_bytes(), Confidence::Likely);
    let lines = bank_lines(&rows);
    assert_eq!(lines[0].amount_minor, -25_050);
    assert_eq!(lines[0].account_no, "6225880100001234");
    assert_eq!(lines[1].memo, "0415_1900000109");
    assert_eq!(closing.balances, Balances::yuan(Some((200_000, 274_950))));
    assert!(closing.checks[0].holds(), "{:?}", closing.checks);
}

#[test]
fn ccb_and_abc_headers_are_suggested() {
    let ccb = include_str!("../../fixtures/table/ccb-business.csv");
    let (suggestion, (_, rows)) = read_suggested(ccb.as_bytes(), Confidence::Likely);
    assert_eq!(suggestion.mapping.name, "ccb_business");
    let line = &bank_lines(&rows)[0];
    assert_eq!((line.amount_minor, line.bank_ref.as_str()), (10_000, "X-1"));
    assert_eq!(line.memo, "支付宝提现 2026041500001");

    let abc = include_str!("../../fixtures/table/abc-personal.csv");
    let (suggestion, (closing, rows)) = read_suggested(abc.as_bytes(), Confidence::Likely);
    assert_eq!(suggestion.mapping.name, "abc_personal");
    let lines = bank_lines(&rows);
    assert_eq!(lines[0].memo, "0415_1900000109 转存");
    assert_eq!(lines[1].amount_minor, -4000);
    assert!(closing.checks[0].holds());
}

#[test]
fn an_english_statement_with_decimal_commas_and_day_first_dates_is_suggested() {
    let text = "Date;Description;Amount;Balance;Currency\n\
        15/04/2026;STRIPE PAYOUT;1.234,56;2.234,56;EUR\n\
        16/04/2026;Rent;-1.000,00;1.234,56;EUR\n";
    let (suggestion, (closing, rows)) = read_suggested(text.as_bytes(), Confidence::Likely);
    assert_eq!(suggestion.mapping.number.point, ',');
    let lines = bank_lines(&rows);
    assert_eq!(lines[0].amount_minor, 123_456);
    assert_eq!(lines[0].booked_on.to_string(), "2026-04-15");
    assert_eq!(lines[0].currency.code(), "EUR");
    assert!(closing.checks[0].holds());
    let ambiguous = "Date,Description,Amount\n04/05/2026,a,-1.00\n05/06/2026,b,2.00\n";
    let seen = look(ambiguous.as_bytes());
    assert!(seen.suggestion.unwrap().notes.contains(&Note::DayOrMonthFirst));
}

#[test]
fn a_direction_word_gives_the_sign() {
    let text = "交易日期,借贷标志,交易金额,账户余额,对方户名,摘要\n\
        2026-04-15,贷,100.00,100.00,财付通,x\n\
        2026-04-15,借,40.00,60.00,某某,y\n\
        2026-04-15,冲,1.00,61.00,某某,z\n";
    let (suggestion, (_, rows)) = read_suggested(text.as_bytes(), Confidence::Likely);
    assert!(suggestion.notes.contains(&Note::UnknownDirectionWords));
    assert_eq!(bank_lines(&rows[..2])[1].amount_minor, -4000);
    assert_eq!(problem_codes(&rows), [(4, "unknown_direction")]);
}

#[test]
fn a_type_column_without_directions_leaves_the_sign_to_the_amount() {
    let text = "Type,Completed Date,Description,Amount,Currency,Balance\n\
        TRANSFER,2026-04-15 10:00:00,Rent,-40.00,CNY,60.00\n\
        TOPUP,2026-04-16 10:00:00,Sale,40.00,CNY,100.00\n";
    let (suggestion, (closing, rows)) = read_suggested(text.as_bytes(), Confidence::Likely);
    assert_eq!(suggestion.mapping.amount, AmountStyle::Signed);
    let lines = bank_lines(&rows);
    assert_eq!(lines[0].amount_minor, -4000);
    assert_eq!(lines[0].extra, [("Type".to_string(), "TRANSFER".to_string())]);
    assert!(closing.checks[0].holds());
}

#[test]
fn shopify_and_woocommerce_exports_are_suggested() {
    let shopify = include_str!("../../fixtures/table/shopify-orders.csv");
    let (suggestion, (closing, rows)) = read_suggested(shopify.as_bytes(), Confidence::Likely);
    assert_eq!(suggestion.mapping.name, "shopify_orders");
    assert_eq!(closing.rows_read, 1);
    let Ok(Fact::Order(order)) = &rows[0].fact else { panic!("{:?}", rows[0]) };
    assert_eq!(order.merchant_order_id, "#1001");
    assert_eq!(order.paid_at_ms, parse_channel_time("2026-04-15 10:00:00"));
    assert_eq!(order.channel, Some(Channel::Alipay));

    let woo = include_str!("../../fixtures/table/woocommerce-orders.csv");
    let (_, (_, rows)) = read_suggested(woo.as_bytes(), Confidence::Likely);
    let Ok(Fact::Order(order)) = &rows[0].fact else { panic!("{:?}", rows[0]) };
    assert_eq!((order.amount_minor, order.status), (5550, OrderStatus::Paid));
    assert_eq!(order.channel, Some(Channel::WechatPay));
}

#[test]
fn a_bad_row_is_handed_on_with_its_reason() {
    let text = format!(
        "{ORDERS}SO4,2026-02-30 00:00:00,,,已支付,1.00,CNY,微信支付,,\r\n\
         SO5,2026-04-15 10:00:00,,,已支付,1.005,CNY,微信支付,,\r\n\
         SO6,2026-04-15 10:00:00,,,已支付,-1.00,CNY,微信支付,,\r\n\
         ,2026-04-15 10:00:00,,,已支付,1.00,CNY,微信支付,,\r\n\
         SO7,2026-04-15 10:00:00,,,已支付,1,000.00,CNY,微信支付,,\r\n\
         SO8,2026-04-15 10:00:00\r\n"
    );
    let (_, (closing, rows)) = read_suggested(text.as_bytes(), Confidence::Certain);
    assert_eq!(closing.rows_read, 9);
    assert_eq!(
        problem_codes(&rows),
        [
            (5, "bad_time"),
            (6, "too_precise"),
            (7, "negative_amount"),
            (8, "missing_value"),
            (9, "bad_currency"),
            (10, "too_few_columns"),
        ]
    );
    let Err(problem) = &rows[3].fact else { panic!() };
    assert_eq!(problem.detail, "下单时间: 2026-02-30 00:00:00");
    assert_eq!(problem.raw, "SO4,2026-02-30 00:00:00,,,已支付,1.00,CNY,微信支付,,");
    let mapping = look(ORDERS.as_bytes()).suggestion.unwrap().mapping;
    let headers: Vec<String> =
        look(ORDERS.as_bytes()).columns.into_iter().map(|column| column.header).collect();
    let mended = problem.raw.replace("02-30", "02-28");
    assert!(matches!(replay(&mapping, &headers, &mended, ""), Ok(Fact::Order(_))));
}

#[test]
fn a_gap_in_the_balance_column_is_named_by_its_line() {
    let text =
        format!("{BANK}6222020000001234567,2026-04-17,09:00:00,,5.00,2755.50,x,y,B4,CNY\r\n");
    let (_, (closing, _)) = read_suggested(text.as_bytes(), Confidence::Certain);
    let check = &closing.checks[0];
    assert_eq!((check.expected, check.found, check.line_no), (275_550, 275_450, Some(4)));
}

#[test]
fn a_remembered_mapping_is_found_again_by_its_headers() {
    let strange = "甲,乙,丙\n2026-04-15,1.00,x\n";
    let mut mapping = Mapping::new(TableTarget::Bank);
    mapping.columns.insert("甲".into(), Field::BookedOn);
    mapping.columns.insert("乙".into(), Field::Amount);
    let known = vec![(fingerprint(&["丙 ", "乙", "甲"]), mapping.clone())];
    let mut source = strange.as_bytes();
    let options = ReadOptions { known, ..ReadOptions::default() };
    let seen = preview(&mut source, &options).unwrap();
    assert_eq!(seen.suggestion.as_ref().unwrap().confidence, Confidence::Certain);
    assert_eq!(seen.rows.len(), 1);
    let json = serde_json::to_string(&mapping).unwrap();
    assert_eq!(serde_json::from_str::<Mapping>(&json).unwrap(), mapping);
    let small = r#"{"target":"bank","columns":{"甲":"booked_on","乙":"amount"}}"#;
    assert_eq!(serde_json::from_str::<Mapping>(small).unwrap(), mapping);
    assert_ne!(fingerprint(&["甲", "乙"]), fingerprint(&["甲乙"]));
}

#[test]
fn a_missing_column_is_named_and_an_incomplete_mapping_refused() {
    let mapping = look(ORDERS.as_bytes()).suggestion.unwrap().mapping;
    let without = ORDERS.replace("应付金额", "别的");
    match read_with(without.as_bytes(), &mapping) {
        Err(FileProblem::MissingColumn { column }) => assert_eq!(column, "应付金额"),
        other => panic!("{other:?}"),
    }
    let empty = Mapping::new(TableTarget::Orders);
    let refused = read_with(ORDERS.as_bytes(), &empty);
    assert!(matches!(refused, Err(FileProblem::NeedsMapping)));
}

#[test]
fn a_table_cut_in_the_middle_of_a_row_is_refused() {
    let mapping = look(ORDERS.as_bytes()).suggestion.unwrap().mapping;
    let cut = &ORDERS.as_bytes()[..ORDERS.len() - 40];
    let refused = read_with(cut, &mapping);
    assert!(matches!(refused, Err(FileProblem::Truncated { .. } | FileProblem::Encoding { .. })));
}

#[test]
fn a_cancelled_import_stops() {
    let mapping = look(ORDERS.as_bytes()).suggestion.unwrap().mapping;
    let mut source = ORDERS.as_bytes();
    let stopped = read(&mut source, &mapping, &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(FileProblem::Stopped)));
}

proptest! {
    #[test]
    fn any_bytes_are_a_table_or_a_problem(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut source = bytes.as_slice();
        let _ = preview(&mut source, &ReadOptions::default());
        let mapping = look(BANK.as_bytes()).suggestion.unwrap().mapping;
        let _ = read_with(&bytes, &mapping);
    }

    #[test]
    fn any_rows_under_a_known_header_are_rows_or_problems(body in "[0-9,.\"\n一-十:\\-=+ ]{0,300}") {
        for start in [ORDERS, REFUNDS, BANK] {
            let mapping = look(start.as_bytes()).suggestion.unwrap().mapping;
            let text = format!("{start}{body}\n");
            if let Ok((closing, rows)) = read_with(text.as_bytes(), &mapping) {
                prop_assert_eq!(closing.rows_read, rows.len() as u64);
            }
            let mut source = text.as_bytes();
            let _ = preview(&mut source, &ReadOptions::default());
        }
    }
}

/// Run with `--release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn a_million_orders_are_read_in_a_couple_of_seconds() {
    let mut text = String::from(ORDERS.lines().next().unwrap());
    text.push_str("\r\n");
    for n in 0..1_000_000u32 {
        use std::fmt::Write;
        let (day, hour, minute) = (1 + n % 28, n % 24, n % 60);
        writeln!(
            text,
            "SO{n:012},2026-04-{day:02} {hour:02}:{minute:02}:01,2026-04-{day:02} \
             {hour:02}:{minute:02}:31,,已支付,{}.{:02},CNY,微信支付,红茶礼盒 250g,o{n:027}\r",
            n % 5000,
            n % 100
        )
        .unwrap();
    }
    let mapping = look(text.as_bytes()).suggestion.unwrap().mapping;
    let begun = std::time::Instant::now();
    let mut source = text.as_bytes();
    let mut sum = 0i64;
    let closing = read(&mut source, &mapping, &mut |row| {
        if let Ok(Fact::Order(order)) = row.fact {
            sum += order.amount_minor;
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    let took = begun.elapsed();
    println!("{} rows, {} MB in {took:?}", closing.rows_read, text.len() >> 20);
    assert_eq!(closing.rows_read, 1_000_000);
    assert_eq!(closing.totals[0].1, 0);
    assert!(took.as_secs() < 10, "{took:?}");
}
