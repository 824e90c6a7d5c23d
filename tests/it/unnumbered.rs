//! Rows that leave a number out: nothing of another row may hang on it.

use backoffice::FundAccount;
use backoffice::decisions::{
    Act, Actor, Classify, Target, WriteOffTerms, classify, decide, history, note_payout, review,
};
use backoffice::import::ImportOptions;
use backoffice::ledger::trial_balance;
use backoffice::proof::{all_hold, verify};
use std::fmt::Write;
use store::Book;
use support::bills::{Sale, alipay_account, alipay_trade, ofx, wechat_trade, write, yuan};
use support::{BOTH, breaks, import_paths, import_with, new_book, payouts, reader};

const LI: Actor<'static> = Actor { name: "Li", at_ms: 1_776_643_920_000 };

fn sale(no: u32) -> Sale {
    Sale { no, minor: 1000 + i64::from(no) * 7, fee: 6 }
}

fn kinds(book: &Book) -> Vec<String> {
    let mut kinds: Vec<String> = breaks(book).into_iter().map(|found| found.kind).collect();
    kinds.sort();
    kinds
}

/// A WeChat fund bill of 5 March 2026 with charges of a word nobody knows and no ledger numbers.
fn unknown_charges(amounts: &[i64]) -> String {
    let mut text =
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),\
                    账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n"
            .to_owned();
    let mut balance = 100_000;
    for (minute, amount) in amounts.iter().enumerate() {
        balance -= amount;
        let _ = write!(
            text,
            "`2026-03-05 10:{minute:02}:00,`,`,`增值服务,`门店云打印,`支出,`{},`{},`system,`,`\r\n",
            yuan(*amount),
            yuan(balance)
        );
    }
    let (count, sum) = (amounts.len(), yuan(amounts.iter().sum()));
    let _ = write!(
        text,
        "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n`{count},`0,`0.00,`{count},`{sum}\r\n"
    );
    text
}

fn classify_first(book: &Book, always: bool) -> u64 {
    let found = breaks(book).into_iter().find(|row| row.effect_minor == -100).expect("a charge");
    let becomes = Some("account_charge".to_owned());
    let wish = Classify { break_id: found.id, becomes, always, reason: String::new() };
    classify(book, LI, &wish).expect("it can be classified").breaks
}

#[test]
fn a_lost_row_without_an_order_number_hides_no_other_break() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let test = new_book(kind);
        let paid = [1, 2, 3, 6].map(sale);
        let booked = alipay_account(&[1, 2, 3, 5].map(sale), 5);
        let nameless = booked.replacen("\t,R2026030522001400010500000005\t,", "\t,\t,", 1);
        assert_ne!(nameless, booked);
        import_paths(
            &test.book,
            &[
                write(folder.path(), "trade.csv", &alipay_trade(&paid, 5)),
                write(folder.path(), "account.csv", &nameless),
            ],
        );
        let kinds = kinds(&test.book);
        for expected in ["missing_in_fund_bill", "missing_in_trade_bill"] {
            assert!(kinds.iter().any(|kind| kind == expected), "{expected} in {kinds:?}");
        }
    }
}

#[test]
fn one_row_without_a_number_is_classified_alone() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let test = new_book(kind);
        let bill = unknown_charges(&[100, 200, 300]);
        import_paths(&test.book, &[write(folder.path(), "fund.csv", &bill)]);
        let open = |book| {
            let unknown = breaks(book).into_iter().filter(|row| row.kind == "unknown_row");
            unknown.filter(|row| row.state == "open").count()
        };
        assert_eq!(open(&test.book), 3);
        assert_eq!(classify_first(&test.book, false), 1);
        assert_eq!(open(&test.book), 2, "the others are as unknown as before");
    }
}

#[test]
fn a_merchant_number_that_comes_later_takes_correcting_entries_along() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let test = new_book(kind);
        let bill = unknown_charges(&[100, 200]);
        import_paths(&test.book, &[write(folder.path(), "fund.csv", &bill)]);
        assert_eq!(classify_first(&test.book, true), 2);
        let trade = wechat_trade(&[sale(1)]);
        import_paths(&test.book, &[write(folder.path(), "trade.csv", &trade)]);
        let rows = trial_balance(&mut reader(&test.book), None).expect("a trial balance");
        let charges: Vec<(&str, i64)> = rows
            .iter()
            .filter(|row| row.account.starts_with("expenses:account_charges:"))
            .map(|row| (row.account.as_str(), row.balance_minor))
            .collect();
        assert_eq!(charges, [("expenses:account_charges:wechat_pay:1900000109", 300)]);
        let findings = verify(&mut reader(&test.book)).expect("a check");
        assert!(all_hold(&findings), "{findings:#?}");
    }
}

#[test]
fn what_was_decided_before_the_merchants_number_came_still_holds_after() {
    let number = "1080001282603050000000000000001";
    let paid = format!("10:01:00,`{number},`,`提现,`提现");
    let bill = unknown_charges(&[100, 2000]);
    let bill = bill.replace("10:01:00,`,`,`增值服务,`门店云打印", &paid);
    let statement = ofx(("20260305", "20260320"), &[("20260318", 700, "interest")]);
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let test = new_book(kind);
        let book = &test.book;
        let files =
            [write(folder.path(), "fund.csv", &bill), write(folder.path(), "bank.ofx", &statement)];
        import_paths(book, &files);
        let first = payouts(book).remove(0).row;
        assert_eq!(first.id, format!("wechat_pay--{number}"), "nobody has named the merchant");
        review(book, LI, &first.id).expect("it can be seen");
        note_payout(book, LI, &first.id, "bank called").expect("a note");
        let of_kind = |kind: &str| {
            let found = breaks(book).into_iter().find(|row| row.kind == kind);
            found.unwrap_or_else(|| panic!("{kind} in {:?}", kinds(book)))
        };
        let (lost, charge) = (of_kind("payout_not_in_bank"), of_kind("unknown_row"));
        let terms = WriteOffTerms { limit_minor: 100_000, account: "expenses:write_offs".into() };
        let act = Act::WriteOff { reason: "small".into(), terms: Some(terms) };
        decide(book, LI, &Target::Ids(vec![lost.id.clone()]), &act).expect("written off");
        let act = Act::Accept { reason: "asked".into() };
        decide(book, LI, &Target::Ids(vec![charge.id.clone()]), &act).expect("accepted");

        let trade = wechat_trade(&[sale(1)]);
        import_paths(book, &[write(folder.path(), "trade.csv", &trade)]);
        let seen = payouts(book).remove(0).row;
        assert_eq!(seen.id, format!("wechat_pay-1900000109-{number}"));
        assert_eq!((seen.reviewed_by.as_str(), seen.notes), ("Li", 1));
        let log = history(&mut reader(book), Some(&format!("payout:{}", seen.id)), 9);
        assert_eq!(log.expect("the log").len(), 2, "both are told under the new number");
        let (lost_now, charge_now) = (of_kind("payout_not_in_bank"), of_kind("unknown_row"));
        assert_ne!(lost_now.id, lost.id);
        assert_eq!((lost_now.state.as_str(), lost_now.why.as_str()), ("written_off", "small"));
        assert_eq!((charge_now.state.as_str(), charge_now.why.as_str()), ("explained", "asked"));
        let rows = trial_balance(&mut reader(book), None).expect("a trial balance");
        let empty = rows.iter().find(|row| row.account.ends_with("wechat_pay:"));
        assert_eq!(
            empty.map(|row| &row.account),
            None,
            "nothing lies on an account without number"
        );
        let sound = || {
            let findings = verify(&mut reader(book)).expect("a check");
            assert!(all_hold(&findings), "{findings:#?}");
        };
        sound();
        let act = Act::Reopen { reason: String::new() };
        decide(book, LI, &Target::Ids(vec![lost_now.id]), &act).expect("opened again");
        assert_eq!(of_kind("payout_not_in_bank").state, "open");
        sound();
    }
}

#[test]
fn payouts_of_one_number_from_two_accounts_of_a_merchant_stay_apart() {
    let payout = |amount: i64| {
        unknown_charges(&[amount]).replace("增值服务,`门店云打印", "提现,`提现").replacen(
            "10:00:00,`,`,",
            "10:00:00,`1080001282603050000000000000001,`,",
            1,
        )
    };
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let test = new_book(kind);
        for (name, fund_account, amount) in [
            ("basic.csv", FundAccount::Basic, 2000),
            ("operation.csv", FundAccount::Operation, 3000),
        ] {
            let file = write(folder.path(), name, &payout(amount));
            let options = ImportOptions {
                account_no: Some("1900000109".into()),
                fund_account: Some(fund_account),
                ..ImportOptions::default()
            };
            let report = import_with(&test.book, &[file], &options);
            assert!(report.files[0].reason.is_none(), "{report:?}");
        }
        let mut found: Vec<(String, i64)> =
            payouts(&test.book).into_iter().map(|p| (p.row.id, p.row.amount_minor)).collect();
        found.sort();
        let number = "1080001282603050000000000000001";
        let id = |account: &str| format!("wechat_pay-1900000109{account}-{number}");
        assert_eq!(found, [(id(""), 2000), (id("-operation"), 3000)]);
        assert!(review(&test.book, LI, number).is_err(), "the number alone says too little");
        review(&test.book, LI, &id("-operation")).expect("the id says which");
    }
}
