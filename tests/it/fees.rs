//! The fees of payouts, computed again from trade-bill rows.

use backoffice::fees::check_fees;
use backoffice::payouts::{payout, payout_fee_parts};
use connectors::stripe::archive::Archive;
use serde_json::{Value, json};
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

/// A day of card sales, each dearer by `step`, at 2.9 % and 30 cents with a tenth of it as tax and
/// a platform's share of a dollar, paid out two days later; of the sale `dear` Stripe's own part is
/// 20 cents too much.
fn card_sales(step: i64, dear: Option<i64>) -> Vec<u8> {
    let (from, created, sent) = (1_772_467_200, 1_772_500_000, 1_772_668_900);
    let row = |id: String, at: i64, amount: i64, fee: i64, kind: &str| {
        json!({
            "id": id, "object": "balance_transaction", "created": at, "amount": amount,
            "fee": fee, "net": amount - fee, "currency": "usd", "type": kind,
            "reporting_category": kind, "description": null, "status": "available",
        })
    };
    let (mut rows, mut paid) = (Vec::new(), 0);
    for n in 0..30 {
        let amount = 1_000 + n * step;
        let own = (amount * 29 + 500) / 1000 + 30 + if dear == Some(n) { 20 } else { 0 };
        let parts = [("stripe_fee", own), ("tax", own / 10), ("application_fee", 100)];
        let fee: i64 = parts.iter().map(|(_, part)| part).sum();
        paid += amount - fee;
        let mut sale = row(format!("txn_{n}"), created + n, amount, fee, "charge");
        sale["source"] = json!({ "id": format!("ch_{n}"), "object": "charge" });
        let part = |(kind, part)| json!({ "amount": part, "currency": "usd", "type": kind });
        sale["fee_details"] = parts.map(part).to_vec().into();
        rows.push(sale);
    }
    let payout = json!({
        "id": "po_1", "object": "payout", "amount": paid, "arrival_date": 1_772_755_200,
        "automatic": true, "balance_transaction": "txn_P", "created": sent, "currency": "usd",
        "reconciliation_status": "completed", "status": "paid",
    });
    let mut left = row("txn_P".to_owned(), sent, -paid, 0, "payout");
    left["source"] = payout.clone();
    rows.push(left);
    let list = |data: Value| json!({ "object": "list", "has_more": false, "data": data });
    let rows = list(rows.into()).to_string();
    let mut archive = Archive::new("acct_1", from, from + 4 * 86_400, from + 4 * 86_400);
    archive.rows(rows.as_bytes()).expect("a list");
    archive.payouts(list(json!([payout])).to_string().as_bytes()).expect("a list");
    archive.payout_rows("po_1", rows.as_bytes()).expect("a list");
    archive.finish().remove(0).bytes
}

#[test]
fn a_card_fee_is_told_in_its_parts_and_only_the_channels_own_price_is_checked() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let test = new_book(kind);
        let file = folder.path().join("stripe.jsonl");
        std::fs::write(&file, card_sales(437, Some(7))).expect("a file");
        let report = import_paths(&test.book, &[file]);
        assert!(report.files.iter().all(|file| file.quarantined == 0), "{report:?}");
        let mut reader = reader(&test.book);
        let found = payout(&mut reader, "po_1").expect("the payout");
        assert_eq!(found.row.unexplained_minor, 0);
        let day = backoffice::BusinessDate::parse("2026-03-06").expect("a day").days();
        assert_eq!(found.row.promised_day, day, "the day that Stripe names");

        let fees = found.components.iter().find(|part| part.name == "fees").expect("fees");
        let parts = payout_fee_parts(&mut reader, &found).expect("parts");
        let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["application_fee", "stripe_fee", "tax"]);
        assert_eq!(parts.iter().map(|part| part.amount_minor).sum::<i64>(), fees.amount_minor);
        assert_eq!(parts[0].amount_minor, -3000);

        let check = check_fees(&mut reader, &found.row.id).expect("the fees can be checked");
        assert_eq!((check.payments, check.rate_ppm, check.fixed_minor), (30, Some(29_000), 30));
        assert_eq!(check.charged_minor, fees.amount_minor);
        assert_eq!(check.parts.values().sum::<i64>(), check.charged_minor);
        assert_eq!(check.beside_minor, parts[0].amount_minor + parts[2].amount_minor);
        assert_eq!(check.difference_minor(), -20);
        assert_eq!(check.odd.len(), 1, "the dear one");
        assert_eq!(check.odd[0].charged_minor - check.odd[0].recomputed_minor, -20);
        let mut dear = Vec::new();
        let sql = "select kind, effect_minor from break where kind = 'fee_mismatch'";
        let read = reader.query(sql, &[], |row| {
            dear.push(row.int(1)?);
            Ok(())
        });
        read.expect("breaks can be read");
        assert_eq!(dear, [-20]);
    }
}

#[test]
fn amounts_that_are_all_alike_teach_no_price() {
    let test = new_book(support::Kind::Sqlite);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("stripe.jsonl");
    // Any rate would fit with some fixed amount.
    std::fs::write(&file, card_sales(0, None)).expect("a file");
    import_paths(&test.book, &[file]);
    let mut terms = Vec::new();
    let sql = "select t.fee_rate_ppm, t.fee_fixed_minor from account_term t \
               join channel_account a on a.id = t.account_id where a.channel = 'stripe'";
    let read = reader(&test.book).query(sql, &[], |row| {
        terms.push((row.opt_int(0)?, row.int(1)?));
        Ok(())
    });
    read.expect("terms can be read");
    assert!(!terms.is_empty() && terms.iter().all(|price| *price == (None, 0)), "{terms:?}");
}
