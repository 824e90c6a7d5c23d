//! How payments were made, as far as files say: from what, confirmed how, in terms, through whom.

use crate::defined::written;
use backoffice::fees::check_fees;
use backoffice::import::{FileState, ImportOptions};
use backoffice::orders::story;
use backoffice::payouts::{PayoutFilter, list_payouts};
use backoffice::proof::{all_hold, verify};
use backoffice::tenders::sources;
use backoffice::transactions::{TransactionFilter, detail, list_transactions};
use connectors::shops::archive::{FORMAT, Head, Kept, VERSION, write};
use connectors::shops::{Platform, Terms};
use connectors::table::Mapping;
use domain::Channel;
use domain::paid::{Confirm, Instalments};
use store::Book;
use support::{BOTH, import_paths, import_with, new_book, reader};

const HEADER: &str = "商户编号,交易时间,易宝流水号,商户订单号,支付方式,渠道订单号,交易类型,交易金额,\
    手续费,渠道手续费,结算金额,交易场景";

/// A sale through an aggregator: 0.38 % of it, of which the wallet keeps 0.20 %; `wrong` fen more.
fn sale(no: i64, wallet: &str, fen: i64, wrong: i64) -> String {
    let of = |ppm: i64| (fen * ppm + 500_000) / 1_000_000;
    let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
    let (fee, kept) = (of(3_800), of(2_000) + wrong);
    format!(
        "10012345678,2026-03-02 09:{:02}:00,YP{no},SO{no},{wallet},4200{no},支付,{},{},{},{},扫码",
        no % 60,
        yuan(fen),
        yuan(fee),
        yuan(kept),
        yuan(fen - fee)
    )
}

fn import_settled(book: &Book, text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), "yeepay.csv", text);
    let mapping: Mapping = serde_json::from_value(serde_json::json!({
        "target": "settlements", "channel": "yeepay", "kind_words": { "支付": "payment" },
        "columns": { "商户编号": "account_no", "交易时间": "traded_at", "易宝流水号": "trade_no",
            "商户订单号": "order_id", "支付方式": "underlying", "渠道订单号": "underlying_no",
            "交易类型": "kind", "交易金额": "amount", "手续费": "fee",
            "渠道手续费": "underlying_fee", "结算金额": "net", "交易场景": "scene" },
    }))
    .expect("a mapping");
    let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
    let report = import_with(book, &[path], &options);
    assert!(report.files.iter().all(|f| f.state == FileState::Booked), "{report:#?}");
}

#[test]
fn an_aggregators_payment_keeps_the_wallet_its_number_and_its_fee_and_both_levels_are_checked() {
    for kind in BOTH {
        let test = new_book(kind);
        let mut rows: Vec<String> =
            (1..=24).map(|no| sale(no, "微信支付", no * 1_731 + 5_000, 0)).collect();
        rows.push(sale(25, "微信支付", 90_000, 7));
        rows.push(sale(26, "月光宝盒", 4_000, 0));
        import_settled(&test.book, &format!("{HEADER}\n{}\n", rows.join("\n")));
        let mut reader = reader(&test.book);
        let list = list_transactions(&mut reader, &TransactionFilter::default(), None, 100)
            .expect("a list")
            .rows;
        let row = |no: &str| list.iter().find(|row| row.order_id == no).expect("the sale");
        assert_eq!(row("SO1").source, Some("wechat_pay"));
        assert_eq!(row("SO1").confirm, Some("qr"));
        let odd = row("SO26");
        assert_eq!((odd.source, odd.paying_bank.as_str()), (Some("other"), "月光宝盒"));
        let found = detail(&mut reader, row("SO1").id).expect("the sale").paid;
        let wallet = found.underlying.expect("the wallet");
        assert_eq!((wallet.channel, wallet.number.as_str()), (Some(Channel::WechatPay), "42001"));
        assert_eq!(wallet.fee_minor, Some(-13));

        let payout = list_payouts(&mut reader, &PayoutFilter::default(), None, 1).expect("payouts");
        let check = check_fees(&mut reader, &payout.rows[0].id).expect("the fees");
        let named: Vec<(&str, Option<&str>, u64)> =
            check.levels.iter().map(|l| (l.text.as_str(), l.channel, l.payments)).collect();
        assert_eq!(named, [("微信支付", Some("wechat_pay"), 25), ("月光宝盒", None, 1)]);
        let level = &check.levels[0];
        assert_eq!((level.rate_ppm, level.odd), (Some(2_000), 1));
        assert_eq!(level.difference_minor(), Some(-7), "seven fen too much, by one row");
        assert_eq!(check.levels[1].rate_ppm, None, "one row shows no rate");
        assert_eq!(check.levels.iter().map(|l| l.difference_minor()).nth(1), Some(None));
        let both: i64 = check.levels.iter().map(|l| l.charged_minor + l.aggregator_minor).sum();
        assert_eq!(both, check.charged_minor, "the two levels make the whole fee");
        assert_eq!(check.parts.values().sum::<i64>(), check.charged_minor);
        assert_eq!((check.beside_minor, check.difference_minor()), (0, 0));

        let said = sources(&mut reader).expect("the texts");
        let said: Vec<(&str, i64, &str)> =
            said.iter().map(|s| (s.text.as_str(), s.rows, s.tender.code)).collect();
        assert_eq!(said, [("微信支付", 25, "wechat_pay"), ("月光宝盒", 1, "other")]);
        assert!(all_hold(&verify(&mut reader).expect("the book can be read")));
    }
}

#[test]
fn a_wallets_rate_is_learned_from_the_days_around_a_payout_alone() {
    let test = new_book(BOTH[0]);
    let wallet = "微信支付";
    let on = |day: &str, row: String| row.replace("2026-03-02", day);
    // Too few on each day itself: what is around has to tell, and only that.
    let mut rows = vec![sale(1, wallet, 9_000, 0)];
    rows.extend((2..=22).map(|no| on("2026-02-14", sale(no, wallet, no * 1_731 + 5_000, 0))));
    rows.push(on("2026-02-15", sale(30, wallet, 9_000, 0)));
    rows.push(on("2026-03-30", sale(31, wallet, 9_000, 0)));
    import_settled(&test.book, &format!("{HEADER}\n{}\n", rows.join("\n")));
    let mut reader = reader(&test.book);
    let payouts = list_payouts(&mut reader, &PayoutFilter::default(), None, 9).expect("payouts");
    let mut rates: Vec<(u64, Option<i64>)> = Vec::new();
    for payout in payouts.rows.iter().rev() {
        let check = check_fees(&mut reader, &payout.id).expect("the fees");
        rates.push((check.levels[0].payments, check.levels[0].rate_ppm));
    }
    let [seen, unseen] = [Some(2_000), None];
    // 14 February, the day after it, 2 March (16 days later), 30 March.
    assert_eq!(rates, [(21, seen), (1, seen), (1, unseen), (1, unseen)]);
}

/// Two sales in three terms of Huabei: of the first the price of the terms is in the row's own sum.
const HUABEI: &str = "#支付宝业务明细查询\n#账号：[20882112345678900156]\n\
    #起始日期：[2026年03月05日 00:00:00]   终止日期：[2026年03月06日 00:00:00]\n\
    #---业务明细列表---\n\
    支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,订单金额(元),商家实收(元),\
    集分宝抵扣（元）,服务费（元）,实收净额（元）,商户识别号,交易方式,备注,花呗分期手续费,花呗分期数\n\
    2026030522001400010500000001\t,A1\t,交易\t,茶,2026/3/5 9:31,2026/3/5 9:31,100.00,100.00,0.00,\
    -0.60,97.10,2088211234567890,无线支付,,2.30,3\n\
    2026030522001400010500000002\t,A2\t,交易\t,茶,2026/3/5 9:32,2026/3/5 9:32,100.00,100.00,0.00,\
    -0.60,99.40,2088211234567890,刷脸支付,,2.30,3\n\
    #---业务明细列表结束---\n#交易合计：2笔，商家实收共200.00元，商家优惠共0.00元\n\
    #退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元\n\
    #导出时间：[2026年03月06日 05:46:49]";

#[test]
fn instalments_are_told_and_who_bears_them_only_where_the_rows_sum_proves_it() {
    for kind in BOTH {
        let (test, folder) = (new_book(kind), tempfile::tempdir().expect("a folder"));
        let path = folder.path().join("20882112345678900156_20260305_业务明细.csv");
        let (bytes, ..) = encoding_rs::GB18030.encode(HUABEI);
        std::fs::write(&path, bytes).expect("the file can be written");
        let report = import_paths(&test.book, &[path]);
        assert!(report.files.iter().all(|file| file.is_whole()), "{report:#?}");
        let mut reader = reader(&test.book);
        let list = list_transactions(&mut reader, &TransactionFilter::default(), None, 10)
            .expect("a list")
            .rows;
        let of = |no: &str| list.iter().find(|row| row.order_id == no).expect("the sale").id;
        let fee = |no: &str| list.iter().find(|row| row.order_id == no).map(|row| row.fee_minor);
        let borne = detail(&mut reader, of("A1")).expect("the sale");
        let terms = Instalments { terms: 3, fee_minor: Some(230), borne_by_shop: true };
        assert_eq!((borne.paid.instalments, fee("A1")), (Some(terms.clone()), Some(-290)));
        let parts = [("instalment_fee".to_owned(), -230), ("service_fee".to_owned(), -60)];
        assert_eq!(borne.fee_parts, parts);
        assert_eq!(borne.paid.confirm, None, "the bill does not say how");
        let unsaid = detail(&mut reader, of("A2")).expect("the sale");
        let terms = Instalments { borne_by_shop: false, ..terms };
        assert_eq!((unsaid.paid.instalments, fee("A2")), (Some(terms), Some(-60)));
        assert_eq!(unsaid.paid.confirm, Some(Confirm::Face));
        assert!(all_hold(&verify(&mut reader).expect("the book can be read")));
    }
}

#[test]
fn what_is_taken_bit_by_bit_and_each_parcel_stand_in_the_orders_timeline() {
    let order = serde_json::json!({
        "id": "order_1", "display_id": 77, "status": "pending", "currency_code": "cny",
        "created_at": "2026-03-05T02:00:00.000Z", "total": 30,
        "payment_status": "captured", "fulfillment_status": "delivered",
        "payment_collections": [{ "payments": [{
            "id": "pay_1", "provider_id": "pp_card", "amount": 30, "captures": [
                { "id": "cap_1", "amount": 10, "created_at": "2026-03-05T03:00:00.000Z" },
                { "id": "cap_2", "amount": 20, "created_at": "2026-03-06T03:00:00.000Z" } ] }] }],
        "fulfillments": [
            { "id": "ful_1", "shipped_at": "2026-03-05T05:00:00.000Z",
              "delivered_at": "2026-03-07T05:00:00.000Z",
              "labels": [{ "tracking_number": "SF1" }] },
            { "id": "ful_2", "labels": [] } ],
    });
    let head = Head {
        format: FORMAT.to_owned(),
        version: VERSION,
        platform: "medusa".to_owned(),
        shop: "shop.example".to_owned(),
        fetched_at_ms: 1_773_000_000_000,
        from_ms: None,
        until_ms: None,
        terms: Terms::default(),
    };
    let kept = [Kept { order: order.to_string(), refunds: String::new() }];
    for kind in BOTH {
        let (test, folder) = (new_book(kind), tempfile::tempdir().expect("a folder"));
        let path = folder.path().join("shop_orders.jsonl");
        std::fs::write(&path, write(Platform::Medusa, &head, &kept, &[])).expect("a file");
        let report = import_paths(&test.book, &[path]);
        assert!(report.files.iter().all(|file| file.is_whole()), "{report:#?}");
        let told = story(&mut reader(&test.book), "77").expect("the order");
        let steps: Vec<(&str, &str, &str, Option<i64>)> = told
            .steps
            .iter()
            .map(|s| (s.what, s.words.as_str(), s.number.as_str(), s.amount_minor))
            .filter(|(what, ..)| ["captured", "shipped"].contains(what))
            .collect();
        assert_eq!(
            steps,
            [
                ("captured", "pp_card", "", Some(1_000)),
                ("shipped", "shipped", "SF1", None),
                ("captured", "pp_card", "", Some(2_000)),
                ("shipped", "delivered", "SF1", None),
            ],
            "a parcel without a time is in no line of time"
        );
        assert!(told.steps.iter().all(|step| step.document == 1 && step.line_no == 2));
    }
}

#[test]
fn the_dictionary_names_only_files_that_the_import_knows() {
    use connectors::bill::{FileKind, TableTarget, TradeRows};
    let day = domain::BusinessDate::from_days(20_000);
    let (channel, currency) = (Channel::WechatPay, domain::Currency::CNY);
    let known = [
        FileKind::WechatTrade { rows: TradeRows::All, old_layout: false },
        FileKind::WechatFund,
        FileKind::AlipayTrade,
        FileKind::AlipayAccount,
        FileKind::UnionPayTrade { day },
        FileKind::UnionPayClearing { day },
        FileKind::StripeTrade { currency },
        FileKind::StripeBalance { currency },
        FileKind::TillTrade { channel },
        FileKind::TillMoves { channel },
        FileKind::Table { target: Some(TableTarget::Settlements) },
    ];
    let known: Vec<&str> = known.iter().map(FileKind::code).collect();
    for tender in domain::tender::TENDERS {
        assert!(tender.files.iter().all(|file| known.contains(file)), "{}", tender.code);
        let channel = tender.channel().is_some();
        assert!(channel != tender.files.is_empty(), "{}: a channel has files", tender.code);
    }
}
