//! Slips recorded by hand and the acquirer's file of the same sales, on both databases: one sale,
//! whichever was told first.

use crate::defined::{settled, table, written};
use crate::till::{Shop, about, paid};
use backoffice::orders::story;
use backoffice::proof::derived_hash;
use backoffice::reconciliation::reconcile;
use backoffice::till::{Act, RecordState, Tender, TillProblem, Wanted};
use support::{BOTH, Kind, breaks, import_paths, payouts, reader};

/// What the acquirer says of 2026-03-05: two slips of T1, one sale that nobody recorded.
const ROWS: [&str; 3] = [
    "8222,T1,2026-03-05 12:00:40,603050000001,622202******1234,借记卡,消费,100.00,0.50,99.50",
    "8222,T1,2026-03-05 12:30:00,603050000002,622575******8899,贷记卡,消费,200.00,1.20,198.80",
    "8222,T2,2026-03-05 18:00:00,603050000003,622202******1234,借记卡,消费,100.00,0.50,99.50",
];
/// 99.50 + 198.80 + 99.50.
const BANK: &str = "6222,2026-03-06,09:00:00,,397.80,397.80,拉卡拉支付股份有限公司,清算款,B1,CNY";

fn slip(nonce: &str, amount: i64, last4: &str) -> Wanted {
    let facts = [("batch", "000123"), ("last4", last4)];
    Wanted { account: "T1".to_owned(), ..paid(nonce, Tender::PosSlip, amount, &facts) }
}

fn batch(nonce: &str) -> Wanted {
    let mut batch = Wanted { account: "T1".to_owned(), ..Wanted::new(nonce, Act::Batch) };
    batch.facts.insert("batch".to_owned(), "000123".to_owned());
    batch
}

fn reads_file(shop: &Shop, rows: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    settled(shop.book(), &written(folder.path(), "lakala.csv", &table(rows)));
}

/// Kinds and effects of what is open, without what is only carried.
fn open(shop: &Shop) -> Vec<(String, i64)> {
    let all = || -> Vec<(String, i64)> {
        let rows = breaks(shop.book()).into_iter().filter(|row| row.kind != "cut_off");
        rows.map(|row| (row.kind, row.effect_minor)).collect()
    };
    let going_on = all();
    let hash = derived_hash(&mut reader(shop.book())).expect("a hash");
    reconcile(shop.book()).expect("the book can be reconciled");
    assert_eq!(going_on, all(), "a run from the beginning finds the same");
    assert_eq!(hash, derived_hash(&mut reader(shop.book())).expect("a hash"));
    shop.holds();
    going_on
}

fn nothing(shop: &Shop) {
    let found = open(shop);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_sale_on_a_slip_and_in_the_acquirers_file_is_booked_once_whichever_came_first() {
    for kind in BOTH {
        for file_first in [false, true] {
            let shop = Shop::new(kind);
            if file_first {
                reads_file(&shop, &ROWS);
            }
            let one = shop.does(&slip("a", 10_000, "1234"));
            let two = shop.does(&slip("b", 20_000, "8899"));
            if !file_first {
                assert_eq!(shop.on("revenues:sales:pos_slip:T1"), -30_000);
                reads_file(&shop, &ROWS);
            }
            assert_eq!(shop.on("revenues:sales:pos_slip:T1"), 0, "file first: {file_first}");
            assert_eq!(shop.on("assets:till:pos_slip:T1"), 0);
            assert_eq!(shop.on("revenues:sales:lakala:8222"), -40_000);
            assert_eq!(shop.in_hand(Tender::PosSlip), 0);
            assert_eq!(shop.state(&one), RecordState::InFile);
            let (document, line) = shop.of(&two).in_file.expect("its row");
            let home = backoffice::evidence::evidence(&mut reader(shop.book()), document, line);
            assert_eq!(home.expect("a row").text, ROWS[1]);
            // What a file holds is not taken back by hand.
            assert_eq!(shop.refuses(&about("x", Act::Reversal, &one)), TillProblem::InFile);
            nothing(&shop);
        }
    }
}

#[test]
fn a_batch_that_was_sent_gives_way_to_the_file_and_its_money_is_found_once() {
    for kind in BOTH {
        let shop = Shop::new(kind);
        shop.does(&slip("a", 10_000, "1234"));
        let left = shop.does(&slip("b", 5_000, "7777"));
        let sent = shop.does(&batch("c"));
        assert_eq!(shop.on("assets:in_transit:pos_slip"), 15_000);
        shop.reads_statement(&[BANK]);
        reads_file(&shop, &ROWS);
        assert_eq!(shop.state(&sent), RecordState::InFile);
        assert_eq!(shop.on("assets:in_transit:pos_slip"), 0);
        assert_eq!(shop.on("assets:in_transit:lakala"), 0, "the bank paid the whole day");
        assert_eq!(payouts(shop.book()).len(), 1);
        // The slip that the file does not hold is in the shop's hands, and it is said.
        assert_eq!(shop.state(&left), RecordState::InHand);
        assert_eq!(shop.in_hand(Tender::PosSlip), 5_000);
        assert_eq!(open(&shop), [("missing_in_trade_bill".to_owned(), -5_000)]);
        let found = breaks(shop.book()).remove(0);
        assert_eq!(found.records, [format!("fund:{left}")]);
        // It was recorded on the wrong terminal: taken back, nothing is left to say.
        shop.does(&about("x", Act::Reversal, &left));
        nothing(&shop);
        assert_eq!(
            shop.on("revenues:sales:pos_slip:T1") + shop.on("revenues:sales_refunds:pos_slip:T1"),
            0
        );
    }
}

#[test]
fn equal_sales_are_told_apart_by_number_terminal_and_card() {
    let row = |terminal: &str, at: &str, number: &str, card: &str| {
        format!(
            "8222,{terminal},2026-03-05 {at},{number},622202******{card},借记卡,消费,100.00,0.50,99.50"
        )
    };
    let rows = [
        row("T1", "12:01:30", "603050000011", "1234"),
        row("T1", "12:01:10", "603050000012", "1234"),
        row("T1", "12:02:30", "603050000013", "5555"),
        row("T2", "12:03:30", "603050000014", "5555"),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    for kind in BOTH {
        let shop = Shop::new(kind);
        let mut named = slip("a", 10_000, "1234");
        named.facts.insert("reference".to_owned(), "603050000012".to_owned());
        let named = shop.does(&named);
        let equal = shop.does(&slip("b", 10_000, "1234"));
        let other = shop.does(&slip("c", 10_000, "5555"));
        let elsewhere =
            shop.does(&Wanted { account: "T2".to_owned(), ..slip("d", 10_000, "5555") });
        // A fifth sale of that amount is in no file.
        let fifth = shop.does(&slip("e", 10_000, "1234"));
        reads_file(&shop, &rows);
        let line = |number: &str| shop.of(number).in_file.map(|(_, line)| line);
        assert_eq!(line(&named), Some(3));
        assert_eq!(line(&equal), Some(2));
        assert_eq!(line(&other), Some(4));
        assert_eq!(line(&elsewhere), Some(5));
        assert_eq!(line(&fifth), None);
        assert_eq!(open(&shop), [("missing_in_trade_bill".to_owned(), -10_000)]);
    }
}

#[test]
fn what_was_given_back_on_the_terminal_is_given_back_once() {
    let back =
        "8222,T1,2026-03-05 12:40:00,603050000009,622202******1234,借记卡,退货,-30.00,0.00,-30.00";
    for kind in BOTH {
        let shop = Shop::new(kind);
        let sale = shop.does(&slip("a", 10_000, "1234"));
        reads_file(&shop, &ROWS[..1]);
        let refund =
            shop.does(&Wanted { amount_minor: Some(3_000), ..about("r", Act::Refund, &sale) });
        assert_eq!(shop.on("revenues:sales_refunds:pos_slip:T1"), 3_000);
        assert_eq!(open(&shop), [("missing_in_trade_bill".to_owned(), 3_000)]);
        // The day's file is made anew, with the refund.
        reads_file(&shop, &[ROWS[0], back]);
        assert_eq!(shop.state(&refund), RecordState::InFile);
        assert_eq!(shop.on("revenues:sales_refunds:pos_slip:T1"), 0);
        assert_eq!(shop.on("revenues:sales_refunds:lakala:8222"), 3_000);
        assert_eq!(shop.in_hand(Tender::PosSlip), 0);
        nothing(&shop);
    }
}

#[test]
fn an_acquirers_row_is_of_the_order_that_its_slip_names() {
    let orders = "订单号,下单时间,支付时间,关闭时间,状态,应付金额,币种,支付渠道,商品,买家\n\
         5001,2026-03-05 11:50:00,2026-03-05 12:00:00,,已支付,120.00,CNY,现金,拿铁,顾客1\n";
    for kind in BOTH {
        let shop = Shop::new(kind);
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path(), "orders.csv", orders);
        import_paths(shop.book(), &[path]);
        let named = |wanted: Wanted| Wanted { order: "5001".to_owned(), ..wanted };
        shop.does(&named(slip("a", 10_000, "1234")));
        shop.does(&named(crate::till::cash("b", 2_000)));
        shop.does(&slip("c", 20_000, "8899"));
        reads_file(&shop, &ROWS[..2]);
        // Paid once, in two parts; who paid the other had no order.
        nothing(&shop);
        let told = story(&mut reader(shop.book()), "5001").expect("the order");
        assert_eq!((told.orders[0].payments, told.orders[0].paid_minor), (2, 12_000));
        let by: Vec<&str> =
            told.steps.iter().filter(|s| s.what == "paid").map(|s| s.by.as_str()).collect();
        assert_eq!(by, ["lakala", "cash"]);
    }
}

#[test]
fn a_slip_of_a_day_or_a_terminal_that_no_file_speaks_of_stands() {
    let shop = Shop::new(Kind::Sqlite);
    let mut early = slip("a", 10_000, "1234");
    early.at_ms = Some(crate::till::NOON_MS - 86_400_000);
    let early = shop.does(&early);
    let mut other = slip("b", 10_000, "4321");
    other.account = "T9".to_owned();
    let other = shop.does(&other);
    reads_file(&shop, &ROWS);
    assert_eq!(shop.state(&early), RecordState::InHand);
    assert_eq!(shop.state(&other), RecordState::InHand);
    nothing(&shop);
}
