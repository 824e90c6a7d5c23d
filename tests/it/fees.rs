//! The fees of payouts, computed again from trade-bill rows.

use backoffice::fees::check_fees;
use support::bills::{Sale, alipay_account, alipay_trade, write, yuan};
use support::{BOTH, import_paths, new_book, payouts, reader};

const SALE: Sale = Sale { no: 1, minor: 10_000, fee: 60 };
const TRADE_NO: &str = "2026030522001400010500000001";

/// Two refunds of 10.00 each, with 0.06 of the fee back, on the one sale.
fn trade() -> String {
    let refund = |number: &str, at: &str| {
        format!(
            "{TRADE_NO}\t,R{TRADE_NO}\t,退款,拿铁,{at},{at},S001\t,城东店\t,\t,\t,*小明\t,-10.00,\
             -10.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,{number}\t,0.06,0.00,\r\n"
        )
    };
    let rows = refund("RF1", "2026-03-05 12:00:00") + &refund("RF2", "2026-03-05 14:00:00");
    with_rows(&alipay_trade(&[SALE], 5), &rows)
}

/// The same refunds, each in a payout of its own.
fn account() -> String {
    let mut balance = 100_000 + SALE.minor - SALE.fee;
    let mut row = |number: &str, event: &str, at: &str, amount: i64, word: &str| {
        balance += amount;
        let (income, expense) = if amount > 0 { (amount, 0) } else { (0, amount) };
        format!(
            "{number}\t,{event}\t,R{TRADE_NO}\t,拿铁,2026-03-05 {at},*小明\t,{},{},{},支付宝,{word},\r\n",
            yuan(income),
            yuan(expense),
            yuan(balance)
        )
    };
    let rows = [
        row("A11", TRADE_NO, "12:00:00", -1000, "交易退款"),
        row("A12", "P1", "13:00:00", -50_000, "提现"),
        row("A13", TRADE_NO, "14:00:00", -1000, "交易退款"),
        row("A14", "P2", "15:00:00", -20_000, "提现"),
    ];
    with_rows(&alipay_account(&[SALE], 5), &rows.concat())
}

/// The bill with these rows behind its own.
fn with_rows(bill: &str, rows: &str) -> String {
    let (head, foot) = bill.rsplit_once("#--").expect("a bill ends its list");
    format!("{head}{rows}#--{foot}")
}

#[test]
fn of_two_equal_refunds_of_an_order_each_counts_in_the_payout_that_holds_it() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let test = new_book(kind);
        let files = [
            write(folder.path(), "trade.csv", &trade()),
            write(folder.path(), "account.csv", &account()),
        ];
        let report = import_paths(&test.book, &files);
        assert!(report.files.iter().all(|file| file.quarantined == 0), "{report:?}");
        let mut ids: Vec<String> = payouts(&test.book).into_iter().map(|p| p.row.id).collect();
        ids.sort();
        assert_eq!(ids.len(), 2);
        for (id, payments) in ids.iter().zip([1, 0]) {
            let check = check_fees(&mut reader(&test.book), id).expect("the fees can be checked");
            assert_eq!((check.payments, check.refunds), (payments, 1), "{id}");
            assert_eq!(check.returned_minor, 6, "{id}: one refund's fee");
        }
    }
}
